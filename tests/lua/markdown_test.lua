--- lectern.markdown: positions, whole-document answers, walking, rendering.

local test = require "testing"
local markdown = require "lectern.markdown"

local SAMPLE <const> = [[
# Trip report

First paragraph with a [link](http://example.org "The title")
and a second line, `code` and *emphasis*.

## Talks ##

- one
- two [a](/a)

> quoted [b](/b)
>   text, a [c](/c) too

Setext
======

```lua
local x = 1
```

<div>raw</div>

![picture](p.png) and <http://auto.example>
]]

local function slice(text, node)
  return text:sub(node.start_byte + 1, node.end_byte)
end

test("headings have text, level, lines and bytes", function()
  local doc = markdown.parse(SAMPLE)
  local got = {}
  for i, h in ipairs(doc:headings()) do
    got[i] = { h.level, h.text, h.start_line, h.end_line, slice(SAMPLE, h) }
  end
  test.equal(got, {
    { 1, "Trip report", 1, 1, "# Trip report" },
    { 2, "Talks", 6, 6, "## Talks ##" },
    { 1, "Setext", 14, 15, "Setext\n======" },
  })
end)

test("content_byte is where a section's text begins", function()
  local h = markdown.parse(SAMPLE):headings()
  test.equal(SAMPLE:sub(h[1].content_byte + 1, h[1].content_byte + 6), "\nFirst")
  test.equal(SAMPLE:sub(h[3].content_byte + 1, h[3].content_byte + 4), "\n```")
end)

test("links are found exactly, also in later lines of quotes", function()
  local got = {}
  for i, l in ipairs(markdown.parse(SAMPLE):links()) do
    got[i] = { l.url, l.text, l.image, l.start_line, l.start_byte and slice(SAMPLE, l) or "?" }
  end
  test.equal(got, {
    { "http://example.org", "link", false, 3, '[link](http://example.org "The title")' },
    { "/a", "a", false, 9, "[a](/a)" },
    { "/b", "b", false, 11, "[b](/b)" },
    { "/c", "c", false, 12, "[c](/c)" },
    { "p.png", "picture", true, 23, "![picture](p.png)" },
    { "http://auto.example", "http://auto.example", false, 23, "<http://auto.example>" },
  })
end)

test("blocks are the top level, without the blank lines behind lists", function()
  local got = {}
  for i, b in ipairs(markdown.parse(SAMPLE):blocks()) do
    got[i] = { b.type, b.start_line, b.end_line }
  end
  test.equal(got, {
    { "heading", 1, 1 }, { "paragraph", 3, 4 }, { "heading", 6, 6 }, { "list", 8, 9 }, { "block_quote", 11, 12 },
    { "heading", 14, 15 }, { "code_block", 17, 19 }, { "html_block", 21, 21 }, { "paragraph", 23, 23 },
  })
end)

test("blocks of a text as whole lines", function()
  local list = markdown.blocks(SAMPLE)[4]
  test.equal(list, { type = "list", first = 8, last = 9, start = list.start, stop = list.stop })
  test.equal(SAMPLE:sub(list.start + 1, list.stop), "- one\n- two [a](/a)\n")
  test.equal(markdown.blocks(SAMPLE)[3].text, "Talks")
end)

test("bytes of blocks are those of the text, for every kind of line end", function()
  for _, newline in ipairs { "\n", "\r\n", "\r" } do
    local text = SAMPLE:gsub("\n", newline)
    for _, b in ipairs(markdown.parse(text):blocks()) do
      local piece = slice(text, b)
      test.ok(not piece:find "^%s" and not piece:find "%s$", "block with white space at its end: " .. b.type)
      test.ok(b.start_byte == 0 or text:sub(b.start_byte, b.start_byte):find "[\r\n]", "block that begins inside a line")
    end
  end
end)

test("walk calls handlers in order and skips children of false", function()
  local seen = {}
  markdown.parse(SAMPLE):walk {
    heading = function(node) seen[#seen + 1] = "h" .. node.level end,
    block_quote = function() return false end,
    link = function(node) seen[#seen + 1] = node.url end,
    code_block = function(node) seen[#seen + 1] = node.info .. ":" .. node.literal end,
  }
  test.equal(seen, { "h1", "http://example.org", "h2", "/a", "h1", "lua:local x = 1\n", "http://auto.example" })
end)

test("handlers of walk may suspend", function()
  local co = coroutine.wrap(function()
    markdown.parse("# a\n\n# b\n"):walk { heading = function(node) coroutine.yield(node.text) end }
  end)
  test.equal({ co(), co(), (co()) }, { "a", "b" })
end)

test("walk refuses what is no type", function()
  test.fails("headin", function() markdown.parse("x"):walk { headin = function() end } end)
end)

test("nodes have the fields they should", function()
  local doc = markdown.parse(SAMPLE)
  local count, list = 0, nil
  for node in doc:nodes() do
    count = count + 1
    if node.type == "list" then
      list = node
    end
  end
  test.ok(count > 30)
  test.equal({ list.list, list.tight, list.start, #list.children }, { "bullet", true, nil, 2 })
  test.equal({ list.children[2].type, list.children[2].text, list.parent.type }, { "item", "two a", "document" })
  test.equal(list.next.type, "block_quote")
  test.ok(list == doc:root().children[4])
  test.fails("no 'colour'", function() return list.colour end)
end)

test("a node keeps its document alive", function()
  local node = markdown.parse("# kept\n").root(markdown.parse("# kept\n")).children[1]
  for _ = 1, 200 do markdown.parse(SAMPLE) end
  test.equal(node.text, "kept")
end)

test("html is safe unless asked otherwise", function()
  local doc = markdown.parse "<script>x</script>\n\n[a](javascript:x) <b>b</b>\n"
  local html = doc:render "html"
  test.ok(not html:find "script>" and not html:find "javascript" and not html:find "<b>")
  test.ok(doc:render("html", { safe = false }):find("<script>", 1, true))
  test.equal(markdown.html "# a\n", "<h1>a</h1>\n")
end)

test("commonmark, xml and text", function()
  local doc = markdown.parse "# A\n\n- one\n- two\n\nlast *line*\nhere\n"
  test.equal(doc:render "commonmark", "# A\n\n  - one\n  - two\n\nlast *line*\nhere\n")
  test.ok(doc:render("xml"):find("<heading level=\"1\">", 1, true))
  test.equal(doc:render "text", "A\n\n- one\n- two\n\nlast line here\n")
  test.fails("invalid option", function() doc:render "pdf" end)
end)

test("empty and odd texts parse", function()
  for _, text in ipairs { "", "\n", "\r", "\0", "#", "[", "\255\254", ("> "):rep(500) .. "x", ("*"):rep(2000), ("- "):rep(300) } do
    local doc = markdown.parse(text)
    doc:headings()
    doc:links()
    doc:blocks()
    doc:render "html"
    doc:render "text"
  end
end)

test("a text that is too large is refused", function()
  local large = ("x"):rep(16 * 1024 * 1024) .. "y"
  test.fails("larger than 16 MiB", markdown.parse, large)
end)

return test.done()
