-- Many talks at once: condensed, and what else their notes hold - key phrases, questions, people, works to read. What a
-- command does is in the files beside this one.

local lectern = require "lectern"
require "lectern.rank"
local t = lectern.types

lectern.plugin {
  name = "digest", version = "0.1.0", api = 1, doc = "Digests, key phrases, questions, people, reading lists",
  needs = { "notes.read" },
}

local function later(module)
  return function(args, job) return require("digest." .. module)(args, job) end
end

local query = { "query", t.query(), required = false, doc = "words and fields, such as tag:storage; or joins alternatives" }
local event = { "event", t.event(), flag = true, short = "e", doc = "only what belongs to this event" }

lectern.command "digest" {
  doc = "Condense many talks, each to a line or two of what was written about it, by event and session.",
  args = {
    query, event,
    { "words", t.int { min = 10 }, flag = true,
      doc = "at most so many words in all, headings included; without, 400 or a line for each talk" },
    { "with", t.string { "gist" }, flag = true, doc = "the summariser that chooses lines" },
    { "format", t.enum { "text", "markdown" }, flag = true, doc = "how to write it" },
  },
  returns = "digest", pager = true,
  examples = { "digest -e sosp-2017", "digest 'unikernel or capability'", "digest tag:storage --words 300 --format markdown" },
  run = later "digest",
}

lectern.command "keyphrases" {
  doc = "The phrases that a talk or note is about.",
  args = {
    { "target", t.query(), doc = "an id, - for ids on standard input, or words to look for" },
    { "limit", t.int { 10, min = 1, max = 100 }, flag = true, short = "n", doc = "at most so many" },
  },
  returns = "map[]",
  examples = { "keyphrases 1a2b3c4d", "keyphrases -n 5 file systems" },
  run = later "phrases",
}

lectern.command "questions" {
  doc = "Questions that were asked, with their answers.",
  args = { query, event, { "open", t.bool(), flag = true, doc = "only those without an answer" } },
  returns = "map[]", pager = true,
  examples = { "questions", "questions -e sosp-2017", "questions tag:storage --open" },
  run = later "questions",
}

lectern.command "people" {
  doc = "Who spoke, wrote or was mentioned, with their talks.",
  args = { { "event", t.event(), required = false, doc = "only people of this event" } },
  returns = "map[]", pager = true,
  examples = { "people", "people sosp-2017" },
  run = later "people",
}

lectern.command "reading-list" {
  doc = "Works that notes report on or mention: what is stated about them, and no more.",
  args = {
    query, event,
    { "format", t.enum { "text", "bibtex" }, flag = true, doc = "how to write it" },
  },
  returns = "map[]", pager = true,
  examples = { "reading-list", "reading-list -e sosp-2017", "reading-list storage --format bibtex" },
  run = later "reading",
}
