-- Finding by what is near: related talks and notes, who points here, saved queries, and the query language in words.

local lectern = require "lectern"
local t = lectern.types

lectern.plugin {
  name = "find", version = "0.1.0", api = 1, doc = "Related talks, backlinks, saved queries",
  needs = { "notes.read" },
}

local function later(module, name)
  return function(args, job) return require("find." .. module)[name](args, job) end
end

local language = [[
What can be asked for, wherever a query is taken: list, search, export ...

  raft paxos: both words, in any form (scaling finds scaled), accents or not;
    a note that says lang: de, or any language but English, has them as written
  raft OR paxos: one or the other; (raft OR paxos) lease groups; AND is implied
  -raft, NOT raft: not this
  "leader election": these words in a row
  sched*: words that start so
  *chedul*: anywhere, inside of words too, in any case, accents or not
  speaker:lovelace: a field; also "several words", name*, * for any, /regex/
  year:2015..2017: a range, also 2015.. and ..2017, year:201*
  date:2017-10..2018: when it was; created: and updated: are of your store
  words:>500: numbers, >500 >=500 <500 <=500 100..500
  has:slides: what there is: note body question award slides video url abstract
    tag session author source conflict link attachment part orphaned
  field.mood:bright: a field that only this source had
  query:unread: what 'lectern query save unread ...' saved

Fields: title body speaker author person affiliation event series session
place room type kind tag award year date words lang source path importer id
created updated has is field.NAME query

All else is looked for as it stands: C++, o'neil, a-b, a quote that is never
closed, an emoji; Chinese, Japanese, Thai and the like inside of their lines. The best hits have rare words, often, in titles
before names before tags before text (search --weights 10,6,4,1), in short
texts; of equal ones the newer comes first.
]]

local id = { "id", t.string(), doc = "its id" }
local limit = { "limit", t.int { 10, min = 1, max = 100 }, flag = true, short = "n", doc = "at most so many" }

lectern.command "related" {
  doc = "What is near to a talk or note, and why: telling words, people, tags, the same event.",
  args = { id, limit },
  returns = "related[]", pager = true,
  examples = { "related 1a2b3c4d", "related 1a2b3c4d -n 3 --json" },
  run = later("near", "related"),
}

lectern.command "backlinks" {
  doc = "Notes that point to a talk, note, event or person: by its id, its address, its file or [[its name]].",
  args = {
    id, limit,
    { "mentions", t.bool(), flag = true, doc = "also where it is only named, without a link" },
  },
  returns = "backlink[]", pager = true,
  examples = { "backlinks 1a2b3c4d", "backlinks 1a2b3c4d --mentions" },
  run = later("near", "backlinks"),
}

lectern.command "query" {
  doc = "The query language.\n\n" .. language,
  args = {}, returns = "text", pager = true,
  run = function() return language end,
}

local name = { "name", t.string(), doc = "a word" }

lectern.command "query.save" {
  doc = "Give a query a name; query:NAME then stands for it in any other.",
  args = { name, { "query", t.query(), doc = "words and fields" } },
  returns = "saved_query",
  examples = { "query save unread 'tag:unread -kind:mention'", "list query:unread event:sosp-2017" },
  run = later("saved", "save"),
}

lectern.command "query.list" {
  doc = "The saved queries.",
  args = {}, returns = "saved_query[]",
  run = later("saved", "list"),
}

lectern.command "query.remove" {
  doc = "Forget a saved query.",
  args = { name }, returns = "saved_query",
  run = later("saved", "remove"),
}
