-- Deciding what an import left open, and looking back: conflicts, revisions side by side, people, the trash for good.
-- What a command does is in decide.lua and look.lua.

local lectern = require "lectern"
require "lectern.yaml"
local t = lectern.types

lectern.plugin {
  name = "sync", version = "0.1.0", api = 1, doc = "Conflicts with sources, revisions side by side, people, purging",
  needs = { "notes.read", "notes.write" },
}

local function later(module, name)
  return function(args, job) return require("sync." .. module)[name](args, job) end
end

lectern.command "conflicts" {
  doc = "What was changed here and in its source, and waits for a decision.",
  args = { { "id", t.string(), required = false, doc = "only those of this note or talk" } },
  returns = "conflict[]", pager = true,
  examples = { "conflicts", "conflicts 1a2b3c4d", "conflicts --json | jq length" },
  run = later("look", "conflicts"),
}

lectern.command "resolve" {
  doc = "Decide the conflicts of a note or talk: yours, theirs, or both in your editor.",
  args = {
    { "id", t.string(), doc = "its id, see lectern conflicts" },
    { "mine", t.bool(), flag = true, doc = "leave it as it is here" },
    { "theirs", t.bool(), flag = true, doc = "take what the source says, where the two clash" },
    { "edit", t.bool(), flag = true, doc = "write what it shall be: both sides of each field and of the text" },
  },
  returns = "run_report", writes = true,
  examples = { "resolve 1a2b3c4d --mine", "resolve 1a2b3c4d --theirs", "resolve 1a2b3c4d --edit" },
  run = later("decide", "resolve"),
}

lectern.command "diff" {
  doc = "What changed: lately, since a revision, or between two.",
  args = {
    { "id", t.string(), doc = "id of a note, talk, event or person" },
    { "rev", t.list(t.int { min = 1 }), flag = true, required = false,
      doc = "a revision, see lectern history; twice: from, to" },
  },
  returns = "diff", pager = true,
  examples = { "diff 1a2b3c4d", "diff 1a2b3c4d --rev 2", "diff 1a2b3c4d --rev 2 --rev 5" },
  run = later("look", "diff"),
}

lectern.command "person.merge" {
  doc = "Two spellings are one person: the second becomes another name of the first.",
  args = { { "person", t.string(), doc = "who it is: an id or a name" }, { "other", t.string(), doc = "the other spelling" } },
  returns = "run_report", writes = true,
  examples = { "person merge 'Barbara Liskov' 'B. Liskov'" },
  run = later("decide", "merge"),
}

lectern.command "person.split" {
  doc = "A name was another person's after all: it becomes one again, with what was theirs before a merge.",
  args = {
    { "person", t.string(), doc = "who has the names: an id or a name" },
    { "within", t.query(), flag = true, required = false, doc = "talks that are the other's, too" },
    { "names", t.list(t.string(), { min = 1 }), doc = "other names of that person, see lectern show" },
  },
  returns = "run_report", writes = true,
  examples = { "person split 'Barbara Liskov' 'B. Liskov'" },
  run = later("decide", "split"),
}

lectern.command "purge" {
  doc = "Empty the trash, or take some things out of it, for good: this cannot be undone.",
  args = {
    { "yes", t.bool(), flag = true, doc = "do not ask" },
    { "ids", t.list(t.string(), { min = 0 }), required = false, doc = "only these" },
  },
  returns = "run_report", writes = true,
  examples = { "purge --dry-run", "purge 1a2b3c4d", "purge --yes" },
  run = later("decide", "purge"),
}
