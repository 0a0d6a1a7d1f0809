--- lectern.text: sentences (as data), words, lines, wrapping; and that long texts of any kind are done in time.

local test = require "testing"
local text = require "lectern.text"

local function pieces(s)
  local got = {}
  for i, span in ipairs(text.sentences(s)) do
    got[i] = s:sub(span[1] + 1, span[2])
  end
  return got
end

-- { what it is about, text, sentence, sentence, ... }
local cases = {
  { "plain sentences", "One is here. Two is there! Is three?", "One is here.", "Two is there!", "Is three?" },
  { "nothing", "" },
  { "white space", " \n\t \n" },
  { "no stop at all", "a note without a stop", "a note without a stop" },
  { "one space, two spaces, line ends", "A is one.  B is two.\nC is three.", "A is one.", "B is two.", "C is three." },
  -- abbreviations
  { "e.g.", "Use a log, e.g. Raft does. Fine.", "Use a log, e.g. Raft does.", "Fine." },
  { "i.e.", "Leaders, i.e. Primaries, decide. Next.", "Leaders, i.e. Primaries, decide.", "Next." },
  { "e.g. with a comma", "Some, e.g., Paxos, are hard. Yes.", "Some, e.g., Paxos, are hard.", "Yes." },
  { "etc. inside", "Logs, disks, etc. are slow. So what.", "Logs, disks, etc. are slow.", "So what." },
  { "etc. at the end", "Logs, disks, etc. The rest is fast.", "Logs, disks, etc.", "The rest is fast." },
  { "vs.", "Raft vs. Paxos was the topic. Good.", "Raft vs. Paxos was the topic.", "Good." },
  { "cf.", "It scales (cf. Spanner). Really.", "It scales (cf. Spanner).", "Really." },
  { "Fig.", "As Fig. 2 shows, it grows. Well.", "As Fig. 2 shows, it grows.", "Well." },
  { "Figs. and Sec.", "See Figs. 3 and 4 and Sec. 3.1 for that. Ok.", "See Figs. 3 and 4 and Sec. 3.1 for that.", "Ok." },
  { "Eq.", "By Eq. (3) it holds. Done.", "By Eq. (3) it holds.", "Done." },
  { "et al. and a verb", "Ongaro et al. propose Raft. Nice.", "Ongaro et al. propose Raft.", "Nice." },
  { "et al. and a bracket", "Ongaro et al. [3] propose it. Nice.", "Ongaro et al. [3] propose it.", "Nice." },
  { "et al. at the end", "This is by Ongaro et al. The talk was good.", "This is by Ongaro et al.", "The talk was good." },
  { "Dr. and Prof.", "Dr. Lamport and Prof. Liskov spoke. Then lunch.", "Dr. Lamport and Prof. Liskov spoke.", "Then lunch." },
  { "No. and a number", "It was talk No. 5 today. Yes.", "It was talk No. 5 today.", "Yes." },
  { "no. as a word", "Did it work? No. That was it.", "Did it work?", "No.", "That was it." },
  { "approx.", "It took approx. 3 s. Not bad.", "It took approx. 3 s.", "Not bad." },
  { "Inc. inside", "Cockroach Labs Inc. Engineers said so. Yes.", "Cockroach Labs Inc. Engineers said so.", "Yes." },
  { "Inc. at the end", "He works for Foo Inc. They make bars.", "He works for Foo Inc.", "They make bars." },
  { "months", "It was on Oct. 28 in Shanghai. Warm.", "It was on Oct. 28 in Shanghai.", "Warm." },
  { "U.S.", "The U.S. team won. Then we left.", "The U.S. team won.", "Then we left." },
  { "U.S. at the end", "They are from the U.S. We are not.", "They are from the U.S.", "We are not." },
  { "Ph.D.", "Her Ph.D. Thesis was on logs. Short.", "Her Ph.D. Thesis was on logs.", "Short." },
  { "a.m.", "Talks start at 9 a.m. sharp. Be there.", "Talks start at 9 a.m. sharp.", "Be there." },
  -- initials
  { "an initial", "J. Smith spoke. He was clear.", "J. Smith spoke.", "He was clear." },
  { "two initials", "E. W. Dijkstra would agree. Surely.", "E. W. Dijkstra would agree.", "Surely." },
  { "initials without space", "J.R.R. Tolkien was quoted. Why not.", "J.R.R. Tolkien was quoted.", "Why not." },
  { "an initial in the middle", "Leslie B. Lamport spoke. Good.", "Leslie B. Lamport spoke.", "Good." },
  { "a letter that ends", "We went with plan B. The rest followed.", "We went with plan B.", "The rest followed." },
  -- numbers
  { "versions", "Version 1.2.3 is out. Use it.", "Version 1.2.3 is out.", "Use it." },
  { "a version at the end", "They run 2.6. It is old.", "They run 2.6.", "It is old." },
  { "decimals", "It took 3.5 ms. That is fast.", "It took 3.5 ms.", "That is fast." },
  { "units", "It took 5 sec. That is long, 3 min. Or more.", "It took 5 sec.", "That is long, 3 min.", "Or more." },
  { "years", "It was 2017. Shanghai was warm.", "It was 2017.", "Shanghai was warm." },
  { "money and percent", "It costs $1.50 a day. Or 2.5%. Cheap.", "It costs $1.50 a day.", "Or 2.5%.", "Cheap." },
  { "a numbered heading", "1. Introduction to logs", "Introduction to logs" },
  { "times", "At 10.30 we met. Late.", "At 10.30 we met.", "Late." },
  -- files, addresses, code
  { "file names", "Edit main.c and run.sh first. Then build.", "Edit main.c and run.sh first.", "Then build." },
  { "an address", "See http://example.org/a.b?c=d. It is long.", "See http://example.org/a.b?c=d.", "It is long." },
  { "an address in brackets", "See (https://x.org/y.html). Nice.", "See (https://x.org/y.html).", "Nice." },
  { "mail", "Write to joe.doe@example.com. He answers.", "Write to joe.doe@example.com.", "He answers." },
  { "names with dots", "Node.js and Vue.js were shown. Much.", "Node.js and Vue.js were shown.", "Much." },
  { "code in the middle", "Call `x.y()`. It works.", "Call `x.y()`.", "It works." },
  -- stops
  { "an ellipsis that goes on", "And then ... nothing happened. Ok.", "And then ... nothing happened.", "Ok." },
  { "an ellipsis that ends", "We waited... Then it came.", "We waited...", "Then it came." },
  { "one character of ellipsis", "We waited… Then it came… at last.", "We waited…", "Then it came… at last." },
  { "several marks", "Really?! Yes!!! No??", "Really?!", "Yes!!!", "No??" },
  { "Yahoo!", "We asked Yahoo! and got nothing. Sad.", "We asked Yahoo! and got nothing.", "Sad." },
  { "a stop and lower case", "The f. stop is odd. Yes.", "The f. stop is odd.", "Yes." },
  { "no space after a stop", "One.Two is one word. Yes.", "One.Two is one word.", "Yes." },
  -- quotes and brackets
  { "a quote after the stop", 'He said "Go." Then he left.', 'He said "Go."', "Then he left." },
  { "a stop after the quote", 'He said "go". Then he left.', 'He said "go".', "Then he left." },
  { "curly quotes", "He said “Go.” Then he left.", "He said “Go.”", "Then he left." },
  { "guillemets", "Er sagte «Los.» Dann ging er.", "Er sagte «Los.»", "Dann ging er." },
  { "a question in quotes", '"Why?" he asked. Nobody knew.', '"Why?" he asked.', "Nobody knew." },
  { "brackets", "It works. (Mostly, at least.) We checked.", "It works.", "(Mostly, at least.)", "We checked." },
  { "a stop in brackets inside", "It works (see Fig. 3 there) well. Good.", "It works (see Fig. 3 there) well.", "Good." },
  { "a footnote", "It is proven.[3] We saw it.[^a] Good.", "It is proven.[3]", "We saw it.[^a]", "Good." },
  { "emphasis", "It is **very fast.** We saw it. *Really.* Yes.", "It is **very fast.**", "We saw it.", "*Really.*", "Yes." },
  { "a quote begins", 'It ended. "Why" was asked.', "It ended.", '"Why" was asked.' },
  -- smileys
  { "a smiley inside", "It works (mostly :) and is fast. Good.", "It works (mostly :) and is fast.", "Good." },
  { "a smiley behind a stop", "That was fun. :) Then we ate.", "That was fun. :)", "Then we ate." },
  { "a smiley in place of a stop", "That was fun :) Then we ate.", "That was fun :)", "Then we ate." },
  { "a smiley at the end", "That was fun ;-)", "That was fun ;-)" },
  { "a smiley and lower case", "That was fun :-) and good. Yes.", "That was fun :-) and good.", "Yes." },
  -- lines
  { "hard wrapped", "This sentence is long enough to have been wrapped by an\neditor, and it goes on. Here is\nthe next one.",
    "This sentence is long enough to have been wrapped by an\neditor, and it goes on.", "Here is\nthe next one." },
  { "a name on the next line", "The first talk of the day in the large room was given by\nDiego Ongaro, who made Raft. It was\ngood.",
    "The first talk of the day in the large room was given by\nDiego Ongaro, who made Raft.", "It was\ngood." },
  { "short lines are notes", "Raft is simple\nElections use timeouts\nLogs are replicated",
    "Raft is simple", "Elections use timeouts", "Logs are replicated" },
  { "a short line and lower case", "Raft is simple\nbut elections are not", "Raft is simple\nbut elections are not" },
  { "a title above its text", "Raft consensus\nDiego talked about how logs are replicated and why leaders matter so much.",
    "Raft consensus", "Diego talked about how logs are replicated and why leaders matter so much." },
  { "blank lines", "One line without stop\n\nAnother one\n \nThird", "One line without stop", "Another one", "Third" },
  { "windows line ends", "One line without stop\r\n\r\nAnother. And more.\r\n", "One line without stop", "Another.", "And more." },
  -- headings
  { "headings", "# Raft\nLogs matter. Yes.\n## More ##\nText", "Raft", "Logs matter.", "Yes.", "More", "Text" },
  { "underlined headings", "Raft\n====\nLogs matter\n\nMore\n----\nText", "Raft", "Logs matter", "More", "Text" },
  { "a heading with a stop", "# What is Raft? A talk.\n\nText.", "What is Raft?", "A talk.", "Text." },
  { "rules", "One\n\n---\n\nTwo\n\n* * *\n\nThree", "One", "Two", "Three" },
  -- lists
  { "bullets without stops", "- first point\n- second point\n- third", "first point", "second point", "third" },
  { "bullets with stops", "* First. And more.\n* Second.", "First.", "And more.", "Second." },
  { "a wrapped bullet", "- a point that is long enough to be wrapped somewhere\n  and goes on here\n- next",
    "a point that is long enough to be wrapped somewhere\n  and goes on here", "next" },
  { "nested bullets", "- one\n  - two\n    + three\n", "one", "two", "three" },
  { "numbered", "1. first\n2. second\n10. tenth", "first", "second", "tenth" },
  { "numbered with brackets", "1) first\n(2) second\na) third", "first", "second", "third" },
  { "other bullets", "• one\n– two\n— three\n◦ four", "one", "two", "three", "four" },
  { "a dash list", "Seen:\n- Raft\n- Paxos", "Seen:", "Raft", "Paxos" },
  { "check boxes", "- [ ] open\n- [x] done", "open", "done" },
  { "a number at the start of a wrapped line", "This is discussed at some length in the paper, see Section\n3. That one is long.",
    "This is discussed at some length in the paper, see Section\n3.", "That one is long." },
  { "a list behind text", "We saw three things:\n- one\n- two\n\nThat was it.", "We saw three things:", "one", "two", "That was it." },
  -- questions and answers
  { "Q and A", "Q: Does it scale?\nA: Yes. It does.\nQ: How far?\nA: Far", "Q: Does it scale?", "A: Yes.", "It does.",
    "Q: How far?", "A: Far" },
  { "Q and A without stops", "Q: does it scale\nA: yes it does", "Q: does it scale", "A: yes it does" },
  { "numbered questions", "Q1: why\nA1: because", "Q1: why", "A1: because" },
  { "bold questions", "**Q:** why\n**A:** because", "**Q:** why", "**A:** because" },
  -- notes as people write them
  { "initials with a hyphen", "It is by A.-M. Weber and J.-P. Katoen. Good.", "It is by A.-M. Weber and J.-P. Katoen.", "Good." },
  { "no space before a word that sentences begin with", "It is on 27 October 2019.The day is long.Then it ends.",
    "It is on 27 October 2019.", "The day is long.", "Then it ends." },
  { "file names end sentences", "We like Node.js. Everybody does. See www.foo.com. Done.", "We like Node.js.", "Everybody does.",
    "See www.foo.com.", "Done." },
  { "vs. between numbers", "It took 3.5 vs. 4.5 s. Not bad.", "It took 3.5 vs. 4.5 s.", "Not bad." },
  { "a slash in an abbreviation", "He is at MIT/U.C. Berkeley. They agreed.", "He is at MIT/U.C. Berkeley.", "They agreed." },
  { "an aside in brackets", "[I got lost here] Then came the vote. Ok.", "[I got lost here]", "Then came the vote.", "Ok." },
  { "a reference in brackets", "[3] Shows that it works. Ok.", "[3] Shows that it works.", "Ok." },
  { "a link is no aside", "[The paper](https://x.org) Shows it. Ok.", "[The paper](https://x.org) Shows it.", "Ok." },
  { "a title with a stop and a comment below", "Flash Storage.\nwhat it says on the tin", "Flash Storage.", "what it says on the tin" },
  { "a title without a stop and a comment below",
    "Large Data Center Capacity by Statistical Power\nuses more servers to reduce power, which is clever control theory",
    "Large Data Center Capacity by Statistical Power", "uses more servers to reduce power, which is clever control theory" },
  { "a long comment below a title", "Token Flow in Networks.\nis basically flow control, an idea from the sixties of packet switching, done right",
    "Token Flow in Networks.", "is basically flow control, an idea from the sixties of packet switching, done right" },
  { "an abbreviation at the end of a full line",
    "This line was filled by an editor up to its width, e.g.\nthis one goes on below it and ends somewhere.",
    "This line was filled by an editor up to its width, e.g.\nthis one goes on below it and ends somewhere." },
  { "a question and a short answer", "Why?\nbecause", "Why?", "because" },
  { "Q. and A.", "Q. Does it scale?\nA. Yes. It does.", "Q. Does it scale?", "A. Yes.", "It does." },
  { "an initial at the start of a line", "A. Turing wrote it.\nIt is good.", "A. Turing wrote it.", "It is good." },
  { "somebody asks", "Q (Omar Said): how much\nA (Ada): a lot\nQ - why\nA - because", "Q (Omar Said): how much", "A (Ada): a lot",
    "Q - why", "A - because" },
  { "two hyphens and arrows as bullets", "-- first thing\n-- second thing\n=> so it is\n-> and so on", "first thing", "second thing", "so it is",
    "and so on" },
  { "numbers with slashes", "1/ Heidi won\n2/ there was a debate", "Heidi won", "there was a debate" },
  { "a fraction is no number", "1/2 of them came. Good.", "1/2 of them came.", "Good." },
  { "roman numbers", "i) first\nii) second\n(iv) fourth", "first", "second", "fourth" },
  { "a transcript", ">> Thank you. So I'm Allison and I'm a\nfacilitator here at the school. Good.", "Thank you.",
    "So I'm Allison and I'm a\nfacilitator here at the school.", "Good." },
  { "a smiley without a space", "It was fun:) Then we ate. (It is (mostly:) True.", "It was fun:)", "Then we ate.", "(It is (mostly:) True." },
  { "a dash between sentences", "The Old and the New. - an engaging speaker. — Good.", "The Old and the New.", "an engaging speaker.", "Good." },
  { "no capitals", "it was slow. then it got fast. approx. the same, e.g. the cache. caches win.",
    "it was slow.", "then it got fast. approx. the same, e.g. the cache. caches win." },
  { "half sentences", "seems solid\n\nneat, but niche - saves power\n\n- no time; hard to say, though", "seems solid",
    "neat, but niche - saves power", "no time; hard to say, though" },
  -- quotes of mail and Markdown
  { "quoted text", "> It was good.\n> Really.\n\nI agree.", "It was good.", "Really.", "I agree." },
  { "tables", "| a | b |\n| one. two | three |", "| a | b |", "| one. two | three |" },
  { "fenced code is no text", "Before it.\n```\nx = 1. Y = 2.\n```\nAfter it.", "Before it.", "After it." },
  { "a fence that is open is text", "Before.\n```\ninside. Yes.", "Before.", "```\ninside.", "Yes." },
  -- other scripts
  { "CJK full stops", "今日は良い。明日も良い！本当？はい", "今日は良い。", "明日も良い！", "本当？", "はい" },
  { "CJK quotes", "彼は「行く。」と言った。終わり。", "彼は「行く。」", "と言った。", "終わり。" },
  { "umlauts", "Über allem steht es. Ärger gab es keinen. ähnlich.", "Über allem steht es.", "Ärger gab es keinen. ähnlich." },
  { "Cyrillic", "Это доклад. Он хороший. да.", "Это доклад.", "Он хороший. да." },
  { "accents inside", "C’était bien. État final.", "C’était bien.", "État final." },
  { "Spanish", "Fue bueno. ¿Por qué? ¡Sí!", "Fue bueno.", "¿Por qué?", "¡Sí!" },
  -- oddities
  { "only marks", "... !!! ???" },
  { "a stop alone", "Yes . No . Maybe", "Yes .", "No .", "Maybe" },
  { "bytes that are no text", "a\255. B\0c. D.", "a\255.", "B\0c.", "D." },
  { "a lonely quote", '" He left. She stayed.', '" He left.', "She stayed." },
}

for _, case in ipairs(cases) do
  test("sentences: " .. case[1], function()
    test.equal(pieces(case[2]), table.move(case, 3, #case, 1, {}))
  end)
end

test("spans are in order, do not overlap and lie in the text", function()
  for _, case in ipairs(cases) do
    local at = 0
    for _, span in ipairs(text.sentences(case[2])) do
      test.ok(span[1] >= at and span[2] > span[1] and span[2] <= #case[2], case[1])
      at = span[2]
    end
  end
end)

local hostile = {
  "a. ", ". ", "... ", "((", '"', "\n", "- ", "> ", "# ", "```\n", "~~~\n", ":) ", "A. ", "e.g. ", "1. ", "[1]", ".[1", ". (", "x",
  " ", "\r", "|", "Q: ", "A\n", "a\nB ", "。", "…", "\255", "*", "'", ".\")]}", "no. ", "a.b.c.", "\n\n", "-\n", "=\n", "x\n=\n", "a:) ", "[a b",
    "q.The", "Q (", "ii) ", "-> ", "x.\ny\n",
}
-- What takes the square of its length would not be done with these before the driver's time is up.
test("sentences and words of long texts of any kind are done", function()
  for _, piece in ipairs(hostile) do
    local s = piece:rep(800000 // #piece)
    local spans, words = text.sentences(s), text.words(s)
    test.ok(#spans == 0 or spans[#spans][2] <= #s, piece)
    test.ok(#words <= #s, piece)
  end
end)

test("words are letters and digits, with what joins them", function()
  test.equal(text.words "Don't re-do v1.2.3, C’est peer-to-peer — naïve 2017!", {
    "Don't", "re-do", "v1.2.3", "C’est", "peer-to-peer", "naïve", "2017",
  })
  test.equal(text.words("ÄRGER Łódź ΣΊΓΜΑ Привет C’EST", true), { "ärger", "łódź", "σίγμα", "привет", "c'est" })
  test.equal(text.words "漢字かな mixed 字", { "漢", "字", "か", "な", "mixed", "字" })
  test.equal(text.words "", {})
  test.equal(text.words "-- ' \" ...", {})
  test.equal(#text.words(("x"):rep(1000)), 4)
end)

test("lines come without their ends, with their first byte", function()
  local got = {}
  for line, at in text.lines "a\r\nbc\n\nd\re" do
    got[#got + 1] = { line, at }
  end
  test.equal(got, { { "a", 0 }, { "bc", 3 }, { "", 6 }, { "d", 7 }, { "e", 9 } })
end)

test("trim and squeeze of short and long texts", function()
  test.equal({ text.trim "  a b \n", text.trim "", text.trim " \t", text.trim "a" }, { "a b", "", "", "a" })
  test.equal(text.squeeze "  a \n\t b  ", "a b")
  test.equal(text.trim((" "):rep(400000) .. "x" .. (" "):rep(400000)), "x") -- its square would not be done in time
  test.equal(text.trim((" "):rep(800000)), "")
end)

test("split takes a plain separator", function()
  test.equal(text.split("a.b..c", "."), { "a", "b", "", "c" })
  test.equal(text.split("", ","), { "" })
  test.equal(text.split("a%d", "%d"), { "a", "" })
  test.fails("needs a separator", text.split, "a", "")
end)

test("starts and ends", function()
  test.equal({ text.starts("abc", "ab"), text.starts("abc", ""), text.starts("a", "ab") }, { true, true, false })
  test.equal({ text.ends("abc", "bc"), text.ends("abc", ""), text.ends("c", "bc") }, { true, true, false })
end)

test("wrap counts columns, keeps line breaks and indents", function()
  test.equal(text.wrap("one two three four\n\nfive", 9), "one two\nthree\nfour\n\nfive")
  test.equal(text.wrap("漢字 漢字 漢字", 9), "漢字 漢字\n漢字")
  test.equal(text.wrap("a b c", 4, "> "), "> a\n> b\n> c")
  test.equal(text.wrap("averylongword b", 4), "averylongword\nb")
end)

test("key, slug, width, nearest", function()
  test.equal(text.key "Scaling  Raft, Again.", text.key "scaling raft again")
  test.equal(text.slug "Scaling Raft, again!", "scaling-raft-again")
  test.equal(text.width "漢字ab", 6)
  test.equal({ text.nearest("lmit", { "sort", "limit" }), text.nearest("zzz", { "sort" }) }, { "limit" })
end)

return test.done()
