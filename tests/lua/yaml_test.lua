--- lectern.yaml: every scalar stays text, surprises are refused with their line, what is written reads back.

local test = require "testing"
local lectern = require "lectern"
local yaml = require "lectern.yaml"

local function refused(text)
  local value, message, line = yaml.parse(text)
  test.equal(value, nil)
  return message, line
end

test("scalars stay what was written", function()
  test.equal(yaml.parse "a: NO\nb: 12:30\nc: 010\nd: 1.10\ne: true\nf: 2017-10-28\ng: 'x'\nh: \"\"\n", {
    a = "NO", b = "12:30", c = "010", d = "1.10", e = "true", f = "2017-10-28", g = "x", h = "",
  })
end)

test("nothing is lectern.null, quoted nothing is text", function()
  local got = yaml.parse "a:\nb: ~\nc: null\nd: 'null'\ne: ''\n"
  test.ok(got.a == lectern.null and got.b == lectern.null and got.c == lectern.null)
  test.equal({ got.d, got.e }, { "null", "" })
end)

test("sequences, mappings, flow and block, nested", function()
  test.equal(yaml.parse [[
title: "Raft: a talk"
tags: [consensus, "log, replication"]
speakers:
  - name: Diego
    affiliations: [Stanford]
  - name: John
place: {city: Asilomar, country: USA}
abstract: |
  First line
  second line
folded: >
  one
  two
]], {
    title = "Raft: a talk",
    tags = { "consensus", "log, replication" },
    speakers = { { name = "Diego", affiliations = { "Stanford" } }, { name = "John" } },
    place = { city = "Asilomar", country = "USA" },
    abstract = "First line\nsecond line\n",
    folded = "one two\n",
  })
end)

test("an empty text is an empty table, a list is a list, a scalar is text", function()
  test.equal(yaml.parse "", {})
  test.equal(yaml.parse "# only a comment\n", {})
  test.equal(yaml.parse "- a\n- b\n", { "a", "b" })
  test.equal(yaml.parse "just text", "just text")
end)

test("the order of keys and their lines are known", function()
  local got = yaml.parse "zeta: 1\nalpha: 2\n\nmiddle:\n  y: 1\n  x: 2\n"
  test.equal(yaml.keys(got), { "zeta", "alpha", "middle" })
  test.equal(yaml.keys(got.middle), { "y", "x" })
  test.equal({ yaml.line(got, "alpha"), yaml.line(got.middle, "x"), yaml.line(got, "none") }, { 2, 6 })
  got.alpha, got.new, got.beta = nil, "n", "b"
  test.equal(yaml.keys(got), { "zeta", "middle", "beta", "new" })
  test.equal(yaml.keys { b = 1, a = 2 }, { "a", "b" })
end)

local refusals = {
  { "aliases", "a: &x 1\nb: *x\n", "anchors and aliases", 1 },
  { "an alias alone", "a: 1\nb: *x\n", "", 2 },
  { "a tag", "a: 1\nb: !!int 2\n", "tags are not read", 2 },
  { "an own tag", "a: !python/object x\n", "tags are not read", 1 },
  { "a merge key", "a: 1\n<<: {b: 2}\n", "merge keys", 2 },
  { "a doubled key", "a: 1\nb: 2\na: 3\n", "'a' is there twice", 3 },
  { "a doubled key in flow", "{a: 1,\n a: 2}\n", "'a' is there twice", 2 },
  { "a key that is a list", "? [a]\n: 1\n", "a key must be text", 1 },
  { "two documents", "a: 1\n---\nb: 2\n", "more than one document", 2 },
  { "a directive", "%YAML 1.1\n---\na: 1\n", "directives", 1 },
  { "a tab for indent", "a:\n\tb: 1\n", "", 2 },
  { "an open bracket", "a: [1, 2\n", "", 2 },
  { "an open quote", "a: \"x\n", "", 2 },
  { "what is not UTF-8", "a: \255\n", "is not UTF-8", 1 },
}
for _, case in ipairs(refusals) do
  test("refuses " .. case[1], function()
    local message, line = refused(case[2])
    test.ok(message:find(case[3], 1, true), message)
    test.equal(line, case[4])
  end)
end

test("depth and size are bounded", function()
  test.equal((refused(("["):rep(40) .. ("]"):rep(40))), "is nested too deeply")
  test.ok(yaml.parse(("["):rep(30) .. ("]"):rep(30)))
  test.equal((refused(("# x\n"):rep(300000))), "is larger than 1 MiB")
end)

test("emit writes what people would write", function()
  local text = yaml.emit({
    title = "Raft: in search", tags = { "a", "b" }, year = 2014, draft = false, note = lectern.null, empty = "", word = "null",
    abstract = "one\ntwo\n",
  }, { "title", "year", "tags" })
  test.equal(text, [[
title: 'Raft: in search'
year: 2014
tags: [a, b]
abstract: |
  one
  two
draft: false
empty: ""
note: null
word: "null"
]])
end)

test("emit keeps the order that was read, unknown keys of ORDER are no matter", function()
  local got = yaml.parse "z: 1\na: 2\nm: 3\n"
  test.equal(yaml.emit(got), "z: 1\na: 2\nm: 3\n")
  test.equal(yaml.emit(got, { "m", "none" }), "m: 3\nz: 1\na: 2\n")
end)

test("emit refuses what has no place in YAML", function()
  local loop = {}
  loop.loop = loop
  test.fails("nested too deeply", yaml.emit, loop)
  test.fails("function", yaml.emit, { f = print })
  test.fails("mixes", yaml.emit, { a = { x = 1, [2] = 3, [7] = 1 } })
  test.fails("not UTF-8", yaml.emit, { a = "\255" })
end)

-- Strings that YAML could take for something else.
local awkward = {
  "", " ", "  lead", "trail  ", "-", "- a", "a: b", "a #b", "#", "'", '"', "yes", "No", "null", "~", "0x1F", "1e3", "12:30",
  "[x]", "{x}", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "?", ": ", "a:", "line\n", "\nline", "two\nlines", "\n\n", "tab\tin",
  "\ttab", "trail \nspace", "  lead\nspace", "é ü 漢字", "“quoted”", "\226\128\168", "\1control", "a\r\nb", "---", "...", "--- x",
  "<<", "=", "key: |\n  block", ("long "):rep(60), "emoji 🎤", "\\", "\\n", "a\\", "'single' \"double\"",
}

test("awkward strings read back as they were, as values, items and keys", function()
  for _, s in ipairs(awkward) do
    local text = yaml.emit { value = s, list = { s, s }, [s ~= "<<" and s or "k"] = "v", deep = { { s } } }
    local got, message = yaml.parse(text)
    test.ok(got, ("%q gave %q: %s"):format(s, text, tostring(message)))
    test.equal(got.value, s, text)
    test.equal(got.list, { s, s }, text)
    test.equal(got.deep[1][1], s, text)
    if s ~= "<<" then
      test.equal(got[s], "v", text)
    end
  end
end)

test("random tables read back as they were", function()
  local alphabet = { "a", "b", " ", ":", "-", "#", "'", '"', "\n", "é", "漢", "[", "]", "{", "}", ",", "|", ">", "&", "*", "1", "." }
  local function random_text()
    local pieces = {}
    for i = 1, math.random(0, 12) do pieces[i] = alphabet[math.random(#alphabet)] end
    return table.concat(pieces)
  end
  local function random_value(depth)
    local kind = math.random(depth > 3 and 1 or 3)
    if kind == 1 then
      return random_text()
    end
    local made = {}
    for i = 1, math.random(0, 4) do
      made[kind == 2 and i or "k" .. random_text()] = random_value(depth + 1)
    end
    return made
  end
  for _ = 1, 400 do
    local value = { root = random_value(1) }
    local text = yaml.emit(value)
    local got, message = yaml.parse(text)
    test.ok(got, ("%q: %s"):format(text, tostring(message)))
    test.equal(got, value, text)
  end
end)

return test.done()
