--- What exporters share: BibTeX, clean text, times, bodies without what their heading says, long bodies in pieces.

local test = require "testing"
local lectern = require "lectern"
local bibtex, programme, text = lectern.bibtex, lectern.programme, lectern.text

test("names for BibTeX", function()
  local cases = {
    { "Ana Lima", "Lima, Ana" }, { "Ida", "{Ida}" }, { "Ludwig van Beethoven", "van Beethoven, Ludwig" },
    { "Anna de la Cruz", "de la Cruz, Anna" }, { "Bo Ek Jr.", "Ek, Jr., Bo" }, { "J. R. Hale", "Hale, J. R." },
    { "The Rust Team", "{The Rust Team}" }, { "Fjord Labs", "{Fjord Labs}" }, { "van der Berg", "{van der Berg}" },
    { "Lima, Ana", "{Lima, Ana}" }, { "Ana and Bo", "{Ana and Bo}" }, { "王小明", "{王小明}" }, { "R2 D2", "{R2 D2}" },
    { "A{b} C", "{A\\textbraceleft{}b\\textbraceright{} C}" }, { " Zoë   Ünal ", "Ünal, Zoë" },
  }
  for _, case in ipairs(cases) do test.equal(bibtex.name(case[1]), case[2], case[1]) end
end)

test("text for TeX is balanced and means nothing", function()
  test.equal(bibtex.escape "50% & $1 #2 a_b ~ ^ \\x", "50\\% \\& \\$1 \\#2 a\\_b \\textasciitilde{} \\textasciicircum{} \\textbackslash{}x")
  test.equal(bibtex.escape "} a\n{", "\\textbraceright{} a \\textbraceleft{}")
  test.equal(bibtex.comment "x @misc{y,\n z}", "% x (at)misc{y, z}\n")
end)

test("keys are each given once", function()
  local keys = bibtex.keys()
  local function key(who, year, title) return keys { authors = { who }, year = year, title = title } end
  test.equal(key("Dora Vik", 2015, "The Counting of Hail"), "vik2015counting")
  test.equal(key("Otto Vik", 2015, "Counting"), "vik2015countinga")
  test.equal(key("Eva Vik", 2015, "Counting A"), "vik2015countingb")
  -- A key of its own that looks like one with a letter.
  test.equal(key("Eva Vik", 2016, "Countinga"), "vik2016countinga")
  test.equal(key("Eva Vik", 2016, "Counting"), "vik2016counting")
  test.equal(key("Eva Vik", 2016, "Counting"), "vik2016countingb")
  test.equal(key("Eva de Vik", nil, "On the of"), "vikon")
  test.equal(keys { title = "2020" }, "work2020")
  test.equal(keys { title = "王", authors = { "王" } }, "work")
  local seen = {}
  for _ = 1, 2000 do
    local k = key("A B", 1, "c")
    test.ok(not seen[k], k)
    seen[k] = true
  end
end)

test("an entry says what is stated", function()
  local entry = bibtex.entry({ title = "T", authors = {}, event = "Mosel Meetup", year = 2020, url = "javascript:x" }, bibtex.keys())
  test.equal(entry, "@misc{moselmeetup2020t,\n  title = {{T}},\n  howpublished = {Mosel Meetup},\n  year = {2020}\n}\n")
  test.equal(bibtex.entry({ title = "T", url = "https://e.example/{a}" }, bibtex.keys()),
    "@misc{t,\n  title = {{T}},\n  url = {https://e.example/%7Ba%7D}\n}\n")
end)

test("clean text", function()
  test.equal(text.clean "a\0b\27[1mc\127\u{9b}d\u{202e}e\u{2066}f\u{feff}\tg", "ab[1mcdef\tg")
  test.equal(text.clean "a\r\nb\rc\fd\u{85}e\u{2028}f", "a\nb\nc\nd\ne\nf")
  test.equal(text.clean "é 漢 — “x” €", "é 漢 — “x” €")
  test.equal(text.line " a\r\n\tb \u{2029} c ", "a b c")
end)

test("times", function()
  test.equal(programme.moment "2018", nil)
  test.equal(programme.moment "2018-02-29", nil)
  test.equal(programme.moment(nil), nil)
  for _, case in ipairs {
    { "2000-02-29", 2 }, { "1970-01-01", 4 }, { "2024-05-03", 5 }, { "1900-03-01", 4 }, { "2026-11-22", 0 }, { "2400-12-31", 0 },
  } do
    local at = programme.moment(case[1])
    test.equal(at.weekday, case[2], case[1])
    test.equal(("%04d-%02d-%02d"):format(programme.date(at.day)), case[1])
    test.equal(at.minute, nil)
  end
  local at = programme.moment "2018-10-15T11:05+05:30"
  test.equal(at.minute, 665)
  test.equal(at.zone, 330)
  test.equal(programme.moment("2018-10-15T11:05-08:00").zone, -480)
  test.equal(programme.moment("2018-10-15T11:05:07Z").zone, 0)
  test.equal(programme.moment("2018-10-15T11:05").zone, nil)
  -- Each day of eight hundred years is one behind the day before.
  local last = programme.moment("1899-12-31").day
  for y = 1900, 2300 do
    for m = 1, 12 do
      local first = programme.moment(("%d-%02d-01"):format(y, m)).day
      local py, pm, pd = programme.date(first - 1)
      test.ok(first > last and pm == (m + 10) % 12 + 1 and pd >= 28 and py == (m == 1 and y - 1 or y), y .. "-" .. m)
      last = first
    end
  end
end)

test("bodies without what their heading says", function()
  local talk = { title = "Clocks", speakers = { { name = "Ana Lima", affiliations = { "Fjord" } } }, slides_url = "https://e.example/s" }
  local function body(s, kind) return programme.body({ body = s, title = "N", kind = kind }, talk) end
  test.equal(body "# Clocks\n\nText.\n", "Text.\n")
  test.equal(body "## 3. clocks!\n\n**Ana Lima (Fjord)**\n\n[Slides](https://e.example/s)\n\nText.\n", "Text.\n")
  test.equal(body "Clocks\n\nText.\n", "Text.\n")
  test.equal(body "Clocks.\nText.\n", "Text.\n")
  test.equal(body "Clocks. Text.\n", "Clocks. Text.\n")
  test.equal(body "# Clocks\n\nAna Lima said that clocks are wrong, and went on to say much more about them.\n",
    "Ana Lima said that clocks are wrong, and went on to say much more about them.\n")
  test.equal(body "# Other\n\nText.\n", "# Other\n\nText.\n")
  test.equal(body "Ana Lima (Fjord) - Clocks\n\nText.\n", body "Clocks\n\nText.\n")
  test.equal(body "Clocks, by Ana Lima\n\nText.\n", body "Clocks\n\nText.\n")
  test.equal(body "10:30 Ana Lima - Clocks\n\nText.\n", "10:30 Ana Lima - Clocks\n\nText.\n")
  test.equal(programme.body { body = "N\n\nPosted by Mira Toll\n\nText.\n", title = "N", author = { name = "Mira Toll" } }, "Text.\n")
  test.equal(programme.body { body = "N\n\nPosted by Otto\n\nText.\n", title = "N", author = { name = "Mira Toll" } }, "Posted by Otto\n\nText.\n")
  test.equal(body "    code\n", "    code\n")
  test.equal(body "# Clocks\n\n    code\n", "    code\n")
  test.equal(body "", "")
  test.equal(programme.body { body = "Intro.\n\n## Day 1\n\n### Session\n", title = "N", kind = "post" }, "Intro.\n\n")
end)

test("long bodies in pieces", function()
  test.equal(#programme.pieces "short", 1)
  local paragraph = ("word "):rep(200) .. "\n\n"
  local fence = "```\n" .. ("x\n\n"):rep(20000) .. "```\n\n"
  local body = paragraph:rep(100) .. fence .. paragraph:rep(300)
  local pieces = programme.pieces(body)
  test.equal(table.concat(pieces), body)
  test.ok(#pieces > 3, "pieces")
  for _, piece in ipairs(pieces) do
    local _, marks = piece:gsub("```", "")
    test.ok(marks % 2 == 0 and #piece <= 160 * 1024, "a fence is in one piece")
  end
  -- One line is one piece; lines without an empty one are cut between them.
  test.equal(#programme.pieces(("x"):rep(500000)), 1)
  for _, piece in ipairs(programme.pieces(("y\n"):rep(300000))) do test.ok(#piece <= 129 * 1024, "size") end
end)

test("a line without end comes in stretches where that is wished", function()
  local MB <const> = 1024 * 1024
  local lines = { { "word ", "%s$" }, { "abcdefghijklmn,", "%w%w$" }, { "word漢字,", nil }, { "\u{301}", nil }, { "__", nil } }
  for _, case in ipairs(lines) do
    local long = case[1]:rep(MB // #case[1] + 1)
    for _, around in ipairs { { "", "" }, { "Before.\n\n# Head\n", "\nBehind.\n" }, { "a\r\n", "\r\nb" }, { "", "\n" .. long } } do
      local body = around[1] .. long .. around[2]
      local got, numbers, ends = {}, 0, 0
      for piece, part, last in programme.each_piece(body, true) do
        got[#got + 1] = piece
        test.ok(#piece <= 128 * 1024 and utf8.len(piece), "a stretch")
        numbers = part == 1 and 1 or part and numbers + 1 or 0
        test.equal(part, part and numbers, "numbers")
        ends = ends + (last and 1 or 0)
        if part and not last and case[2] then test.ok(piece:find(case[2]), "ends " .. piece:sub(-9)) end
      end
      test.equal(ends, around[2] == "\n" .. long and 2 or 1, "lines")
      test.ok(table.concat(got) == around[1] .. long .. around[2]:gsub("^\r?\n", ""), "all of it")
      test.ok(#programme.pieces(body) <= 2, "not wished")
    end
  end
end)

return test.done()
