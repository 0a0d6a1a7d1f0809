--- Text by strangers as HTML: what is escaped, what is dropped, what Markdown becomes, and what HTML says.

local test = require "testing"
local lectern = require "lectern"
require "lectern.markdown"
local html = lectern.html

test("escape and clean", function()
  test.equal(html.escape [[a < b & c > "d" 'e']], "a &lt; b &amp; c &gt; &quot;d&quot; &#39;e&#39;")
  test.equal(html.escape "plain é 漢 “x”\tand\nlines", "plain é 漢 “x”\tand\nlines")
  test.equal(html.clean "a\0b\27[1mc\127\u{9b}d\u{202e}e\u{2066}f\u{fffe}\u{ffff}<", "ab[1mcdef<")
  -- Neighbours of what is dropped stay, and so do characters that are cut off.
  test.equal(html.clean "\u{a0}\u{2029}\u{202f}\u{2065}\u{206a}\u{fffd}", "\u{a0}\u{2029}\u{202f}\u{2065}\u{206a}\u{fffd}")
  test.equal({ html.clean "\xe2\x80", html.clean "\xe2", html.clean "\xc2", html.clean "\xef\xbf" }, { "\xe2\x80", "\xe2", "\xc2", "\xef\xbf" })
  for _, s in ipairs { "", "x", "a'b", ("x"):rep(7) .. "\1", ("&"):rep(5000) } do
    test.equal(html.escape(s), (s:gsub("\1", ""):gsub("&", "&amp;"):gsub("'", "&#39;")))
  end
end)

test("labels are one line and never empty", function()
  test.equal(html.label "  a \n\t b  ", "a b")
  test.equal(html.label "a\1 \2b", "a b")
  test.equal({ html.label "", html.label(nil), html.label " \n", html.label("\u{202e}", "<none>") },
    { "Untitled", "Untitled", "Untitled", "&lt;none&gt;" })
  test.equal({ html.label "a b", html.label "a  b", html.label "<b>" }, { "a b", "a b", "&lt;b&gt;" })
end)

test("addresses are http(s)", function()
  test.equal(html.address 'https://e.example/a?b=1&c="d"', "https://e.example/a?b=1&amp;c=%22d%22")
  for _, bad in ipairs { "javascript:alert(1)", "http://", "https://a b", "//x", ("http://x/"):rep(1000) } do test.equal(html.address(bad), nil) end
end)

test("strings of JavaScript that no HTML ends", function()
  test.equal(html.script 'a"b\\c\n</script>&\u{2028}\t\1', [["a\"b\\c\n\u003c/script\u003e\u0026  "]])
  test.equal({ html.script(nil), html.script "" }, { '""', '""' })
end)

test("what HTML says", function()
  test.equal(html.text("<h2>A &amp; b</h2>\n<p>c <em>d</em>, e</p>\n", 100), "A & b c d, e")
  test.equal(html.text("<p>1 &lt; 2 &#39;x&#39; &quot;y&quot; &nbsp;</p>", 100), [[1 < 2 'x' "y" &nbsp;]])
  test.equal(html.text("<p>éé</p>", 3), "é")
  test.equal({ html.text("", 5), html.text("<p>", 5), html.text("a<b", 5), html.text("a &am", 9), html.text("abc", 0) }, { "", "", "a", "a", "" })
end)

local function body(text) return html.markdown(text, { base = 3, abroad = true, dialogue = true }) end

test("headings follow each other", function()
  test.equal(body "# a\n\n### b\n\n# c\n\n## d\n", "<h3>a</h3>\n<h4>b</h4>\n<h3>c</h3>\n<h4>d</h4>\n")
  test.equal(html.markdown("# a\n\n## b\n\n### c\n", { below = 3 }), "<h4>a</h4>\n<h4>b</h4>\n<h5>c</h5>\n")
  -- The same with a table between them, where the text is rendered in pieces.
  test.ok(body("# a\n\n### b\n\n|x|y|\n|---|---|\n|1|2|\n\n### c\n"):find("</table></div>\n<h4>c</h4>", 1, true))
end)

test("nothing is loaded and nothing runs", function()
  local out = body '![cat](https://e.example/c.png) ![dog](d.png)\n\n<script>x</script>\n\n[a](javascript:x) [b](mailto:c@d) [e](https://f.example)\n'
  test.equal(out, '<p><a href="https://e.example/c.png">cat</a> dog</p>\n<p>a b <a href="https://f.example">e</a></p>\n')
  test.ok(html.markdown("[b](mailto:c@d)\n", {}):find("mailto:c@d", 1, true))
end)

test("tables, tasks, crossed out words, dialogues", function()
  local out = body "| a | b |\n| --- | --- |\n| `1\\|2` | <x> |\n"
  test.ok(out:find('<th scope="col">a</th>', 1, true) and out:find("<td><code>1|2</code></td>", 1, true))
  test.equal(body "- [ ] a\n- [x] ~~b~~\n", "<ul>\n<li>☐ a</li>\n<li>☑ <del>b</del></li>\n</ul>\n")
  test.equal(body "`~~a~~`\n", "<p><code>~~a~~</code></p>\n")
  test.equal(body "Q: why?\nA: so.\n", "<p>Q: why?<br>\nA: so.</p>\n")
end)

test("long texts come in pieces", function()
  local count, bytes = 0, 0
  for piece in html.pieces(("A *line* of words.\n\n"):rep(20000), {}) do
    count, bytes = count + 1, bytes + #piece
  end
  test.ok(count > 4, count)
  test.equal(bytes, #"<p>A <em>line</em> of words.</p>\n" * 20000)
  local all = {}
  for piece in html.pieces("# a\n\n" .. ("<word> "):rep(200000), {}) do all[#all + 1] = piece end
  test.ok(#all == 1 and all[1]:find("^<pre class=\"long\"># a\n\n&lt;word&gt; "), all[1]:sub(1, 60))
end)

return test.done()
