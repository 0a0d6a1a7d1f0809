--- lectern.rank and lectern.summary: what may be chosen, what is counted, ranks worked out by hand, and that it is linear.

local test = require "testing"
local lectern = require "lectern"
local rank = require "lectern.rank"
local summary = lectern.summary

local plain = rank.language { stop = "the a of is" }

local function near(got, wanted, what)
  test.ok(math.abs(got - wanted) < 1e-4, ("%s: got %s, wanted %s"):format(what, got, wanted))
end

-- ---- what may be chosen ---------------------------------------------------------------------------------------------

local function usable(text, title)
  local doc, got = summary.read { body = text, title = title }, {}
  for i = 1, doc:count() do
    local first, last = doc:span(i)
    if doc:usable(i) then got[#got + 1] = text:sub(first + 1, last) end
  end
  return got
end

-- { what it is about, text, what may be chosen ... }
local cases = {
  { "prose", "The cache was the problem. It took a week.", "The cache was the problem.", "It took a week." },
  { "a heading", "# The cache is full\n\nThe cache was the problem.", "The cache was the problem." },
  { "an underlined heading", "The cache is full\n-----\nThe cache was the problem.", "The cache was the problem." },
  { "a heading that lost its marks", "Resource Management\n\nThe cache was the problem.", "The cache was the problem." },
  { "a title with a stop", "A High Performance File System for Main Memory.\nseems solid to me, and fast.", "seems solid to me, and fast." },
  { "a name and a firm", "Michael Scherer, Red Hat\n\nThe cache was the problem.", "The cache was the problem." },
  { "a byline with a title", "Nate Foster (Cornell University) - You and what your graduate research is\n\nThe cache was the problem.",
    "The cache was the problem." },
  { "bold alone", "**The cache is full of things.**\n\nThe cache was the problem.", "The cache was the problem." },
  { "who posted it", "Posted by Jon Smith on a very sunny Monday.\n\nThe cache was the problem.\n\nFiled under: Caches No Comments",
    "The cache was the problem." },
  { "an apology", "[I got lost here] The cache was the problem. Sorry, I missed the beginning. I didn't follow the rest of it.",
    "The cache was the problem." },
  { "packets may get lost", "Two of three packets were lost on the way.", "Two of three packets were lost on the way." },
  { "data", "Date: Sunday October 27, 2019 in the hall.\nSpeaker: Ada Byron of the Analytical Society.\n\nThe cache was the problem.",
    "The cache was the problem." },
  { "a colon that is no key", "Demo: it builds the same project once for Unix.", "Demo: it builds the same project once for Unix." },
  { "questions and answers", "The cache was the problem.\n\nQ: Was it the large one?\nA: It was the small one.", "The cache was the problem." },
  { "bare points", "- Raft\n- Database migrations\n- git for operating system binaries\n- The cache was the problem", "The cache was the problem" },
  { "points that say something", "- Avoid locks in the kernel\n- E2e automation is hard", "Avoid locks in the kernel", "E2e automation is hard" },
  { "nothing but points", "- Raft\n- logs, leaders and clocks in data centers", "logs, leaders and clocks in data centers" },
  { "nothing but short points", "- Raft\n- Paxos\n- logs and leaders" },
  { "a lead-in", "They say the following:\n\n- The cache was the problem.", "The cache was the problem." },
  { "rows, links, images, tags", "| The cache was | the problem. |\n\n[The whole paper is here](https://x.org/a)\n\n![It is a big picture](a.png)\n\n"
    .. "https://x.org/the/cache/was/it\n\n#cache #is #the #problem\n\nThe cache was the problem.", "The cache was the problem." },
  { "code", "cache = new_cache(1, 2);\n\n// it is the cache that we want\n\nThe cache was the problem.", "The cache was the problem." },
  { "lines of notes", "Configuration is about managing those inputs over time\n\nEmerging patterns of infrastructure code",
    "Configuration is about managing those inputs over time" },
  { "short sentences", "It works. Yes. The cache was the problem.", "The cache was the problem." },
  { "a smiley", "We can not prove that at all :)", "We can not prove that at all :)" },
  { "a text without stops", ("words and "):rep(100) .. "words.\n\nThe cache was the problem.", "The cache was the problem." },
  { "nothing", "" },
}

for _, case in ipairs(cases) do
  test("may be chosen: " .. case[1], function()
    test.equal(usable(case[2]), table.move(case, 3, #case, 1, {}))
  end)
end

test("a first line of title, people and place is no sentence, a sentence about the title is one", function()
  local said = "The cache was the problem."
  for line, title in pairs {
    ["09:30 Keynote: Forty years of disks / Ignatius Obuya / Great Hall"] = "Forty years of disks",
    ["Eero Laine - What the firmware told me"] = "What the firmware told me",
    ["15:30 Panel: Is it too late? / Ada Oslo, Bo Ek"] = "Is it too late?",
    ["\u{2022} \u{201c}A small cloud\u{201d}, Mette Bo (Barn)"] = "A small cloud",
  } do
    test.equal(usable(line .. "\n" .. said, title), { said }, line)
  end
  for text, title in pairs {
    ["Withy verifies code that is made\nat run time, and does it well."] = "Withy",
    ["Tarn, from a group in Callan, takes\nthe other side of this."] = "Tarn",
    ["\"Loess\" asks which structures survive without a log."] = "Loess",
    ["It was a small cloud, they said, and\nthey laughed at it a lot."] = "a small cloud",
    ["Small clouds are what he spoke about at length today."] = "Small cloud",
  } do
    test.equal(usable(text, title), { text }, text)
  end
end)

test("the title is not chosen again", function()
  test.equal(usable("The cache was the problem.\n\nIt took us a week.", "The cache was the problem"), { "It took us a week." })
end)

-- ---- features -------------------------------------------------------------------------------------------------------

local function features(language, text, options)
  local doc, list = rank.read(text, language, options), {}
  for i = 1, doc:count() do list[i] = doc:features(i) end
  return list, doc
end

test("phrases: words, beginnings, endings, fillers, the beginning of a sentence", function()
  local language = rank.language {
    fillers = "*ly then", cues = {
      { name = "offer", "we|i ~ propos*|present*" }, { name = "starts", "^we" }, { name = "ings", max = 2, "*ing" },
      { name = "once", once = true, "propose" },
    },
  }
  local got = features(language, "We then really propose logs. Today we now propose logs. I presented caching and logging and being.")
  test.equal({ got[1].offer, got[1].starts, got[1].ings, got[1].once }, { 1.0, 1.0, nil, 1.0 })
  test.equal({ got[2].offer, got[2].starts, got[2].once }, {})
  test.equal({ got[3].offer, got[3].starts, got[3].ings }, { 1.0, nil, 1.0 })
  near(features(language, "She was caching all of it.")[1].ings, 0.5, "one of two")
end)

test("a language says what is wrong with it", function()
  test.fails("unknown role 'nose'", rank.language, { cues = { { name = "x", role = "nose", "a" } } })
  test.fails("does not begin with a word", rank.language, { cues = { { name = "x", "~ a" } } })
  test.fails("does not begin with a word", rank.language, { cues = { { name = "x", "" } } })
  test.fails("more than 12 elements", rank.language, { cues = { { name = "x", ("a "):rep(13) } } })
  test.fails("too long", rank.language, { cues = { { name = ("x"):rep(40), "a" } } })
  local many = {}
  for i = 1, 300 do many[i] = "w" .. i end
  many.name = "x"
  test.fails("different elements", rank.language, { cues = { many } })
  test.fails("language", rank.read, "text", {})
end)

test("title, length, stops and lists are counted", function()
  local text = "The large caches of clocks. Something else is here now.\n\n- The clock is right?"
  local got = features(plain, text, { title = "Large cache clocks", about = "clock" })
  near(got[1].cover, 1, "cover") -- large, cache, clock
  near(got[1].share, 3 / math.sqrt(1 + 3), "share")
  near(got[1].bigrams, 1 / 2, "bigrams") -- large cache
  near(got[1].about, 1, "about")
  near(got[1].short, (12 - 5) / 12, "short")
  test.equal({ got[1].half, got[1].item, got[1].asks, got[2].cover }, {})
  test.equal({ got[3].half, got[3].item, got[3].asks }, { nil, 1.0, 1.0 })
end)

test("scores are sums of weights times features; what is no feature is refused", function()
  local language = rank.language { cues = { { name = "good", "good" } } }
  local doc = rank.read("It is a good one. It is a bad one.", language)
  local scores = doc:scores { good = 3, first = 0.5 }
  test.equal(scores, { 3.5, 0.0 })
  test.fails("no feature", doc.scores, doc, { goods = 1 })
  test.fails("no such sentence", doc.span, doc, 3)
end)

-- ---- ranks worked out by hand ---------------------------------------------------------------------------------------

-- A path: the second shares a word with the first and one with the third, which share none. With damping d = 0.85 and
-- equal edges, end = (1 - d) / 3 + d middle / 2 and middle = (1 - d) / 3 + 2 d end: middle = 0.135 / 0.2775.
local path <const> = "Alpha gamma delta is. Alpha beta omega is. Beta kappa sigma is."
local middle <const>, outer <const> = 0.135 / 0.2775, (1 - 0.135 / 0.2775) / 2

for _, method in ipairs { "textrank", "lexrank" } do
  test(method .. " of a path", function()
    local doc = rank.read(path, plain)
    local ranks = doc[method](doc)
    near(ranks[1], outer, "first")
    near(ranks[2], middle, "second")
    near(ranks[3], outer, "third")
  end)

  test(method .. " of strangers, of one, of none", function()
    local doc = rank.read("Alpha beta gamma is. Delta kappa sigma is.", plain)
    local ranks = doc[method](doc)
    near(ranks[1], 0.5, "first")
    near(ranks[2], 0.5, "second")
    doc = rank.read("Alpha beta gamma is.", plain)
    near(doc[method](doc)[1], 1, "alone")
    doc = rank.read("", plain)
    test.equal(doc[method](doc), {})
  end)
end

test("textrank weighs by the logs of lengths", function()
  -- The first shares two words with the second (4 and 4 words) and one with the third (4 and 2): edges of
  -- 2 / (log 4 + log 4) and 1 / (log 4 + log 2), 0.7213 and 0.4809.
  local doc = rank.read("Alpha beta gamma delta. Alpha beta kappa sigma. Gamma omega is of the.", plain)
  local ranks = doc:textrank()
  local a, b = 2 / (2 * math.log(4)), 1 / (math.log(4) + math.log(2))
  near(ranks[1], 0.135 / 0.2775, "first") -- all that the others have goes to it, whatever their edges weigh
  near(ranks[2], 0.05 + 0.85 * ranks[1] * a / (a + b), "second")
  near(ranks[3], 0.05 + 0.85 * ranks[1] * b / (a + b), "third")
end)

test("centrality is the cosine with all others together", function()
  -- cosines: 1-2 and 2-3 the same, 1-3 none: the second has twice as much.
  local got = features(plain, path)
  near(got[2].central, 1, "second")
  near(got[1].central, 0.5, "first")
end)

-- ---- lines ----------------------------------------------------------------------------------------------------------

test("lines know how near another comes", function()
  local lines = rank.lines(plain)
  test.equal({ lines:closest "Alpha beta." }, { 0.0, 0 })
  lines:add "Alpha beta."
  lines:add "Gamma delta kappa."
  near(lines:closest "alpha BETA", 1, "the same")
  near(lines:closest "Alphas, betas!", 1, "the same stems")
  near(lines:closest "Alpha gamma", 0.5, "one of two, and one of two")
  test.equal({ lines:closest "Gamma" }, { 1 / math.sqrt(3), 2 })
  -- Stop words count as they are written, not as stems: 3 of 4 words are the same.
  lines:add "The alpha of the sigma"
  near(lines:closest "the a of the", (2 * 2 + 1 + 0) / math.sqrt(6) / math.sqrt(7), "the same frame")
end)

test("picking keeps the order of the text and says nothing twice", function()
  local body = "The cache was the problem. A dog barked at night. The cache was the problem here."
  local doc = summary.read { body = body }
  local picked, texts = summary.pick(doc, body, { 1, 2, 3 }, 3), {}
  for i, s in ipairs(picked) do texts[i] = body:sub(s.span[1] + 1, s.span[2]) end
  test.equal(texts, { "A dog barked at night.", "The cache was the problem here." })
  test.equal(#summary.pick(doc, body, { 1, false, 3 }, 1), 1)
  test.equal(summary.pick(summary.read { body = "" }, "", {}, 3), {})
end)

-- ---- hostile --------------------------------------------------------------------------------------------------------

local hostile = { "a b c d. ", "word ", "The same sentence again and again. ", "x\n\n", "- item of list\n", "we propose we propose ", "\255\254. ",
  "()[]{}*_ ", "漢字かな", "http://x.org/a.b ", "**a** b: c. " }

-- What takes the square of its length would not be done with these before the driver's time is up.
test("reading and lexrank of long texts of any kind are done", function()
  for _, piece in ipairs(hostile) do
    local s = piece:rep(160000 // #piece)
    local doc = summary.read { body = s, title = piece }
    doc:scores { cover = 1 }
    test.ok(#doc:lexrank() <= #s, piece)
  end
end)

test("textrank looks at the first sentences of a long text", function()
  local doc = rank.read(("The same words again here. "):rep(6000), plain)
  local ranks = doc:textrank()
  test.equal({ #ranks, ranks[2001] }, { 6000, 0.0 })
end)

return test.done()
