-- The everyday commands: finding, reading, writing and taking back. What a command does is in the files beside this
-- one; here is what each is called, takes and returns.

local lectern = require "lectern"
require "lectern.markdown"
require "lectern.yaml"
local t = lectern.types

lectern.plugin {
  name = "notes", version = "0.1.0", api = 1, doc = "List, search, show, write and undo",
  needs = { "notes.read", "notes.write", "store.query" },
}

-- Modules load when a command first runs: listing help needs none of them.
local function later(module, name)
  return function(args, job) return require("notes." .. module)[name](args, job) end
end

local target = { "target", t.query(),
  doc = "an id, - for ids on standard input, a file that was imported, or words to look for" }

lectern.command "list" {
  doc = "List talks, or with --type notes, events, people, sessions, tags or sources.",
  args = {
    { "query", t.query(), required = false, doc = "words and fields, such as speaker:lovelace event:sosp-2017" },
    { "type", t.enum { "talk", "note", "event", "person", "session", "tag", "source", default = "talk" }, flag = true,
      doc = "what to list" },
    { "kind", t.string(), flag = true, doc = "only this kind: keynote, tutorial, mention, post ..." },
    { "sort", t.string(), flag = true, doc = "FIELD or FIELD:desc: title start created updated words year event speaker ..." },
    { "facets", t.string(), flag = true, doc = "count by event,speaker,year,tag ... in place of listing" },
    { "limit", t.int { min = 0 }, flag = true, short = "n", doc = "at most so many" },
    { "after", t.string(), flag = true, doc = "go on behind this id" },
    { "body", t.bool(), flag = true, doc = "with bodies and abstracts (JSON)" },
    { "format", t.string(), flag = true, doc = "one line each, such as '{short}\\t{event.slug}\\t{title}'" },
    { "null", t.bool(), flag = true, short = "0", doc = "end lines of --format with a NUL byte" },
  },
  returns = "object[]", pager = true,
  examples = { "list", "list event:sosp-2017 --sort start", "list --type person", "list --format '{short} {title}'" },
  run = later("read", "list"),
}

lectern.command "search" {
  doc = "Search titles, speakers, tags and text; the best hits first.",
  args = {
    { "query", t.query(), doc = "words, \"phrases\", prefix*, *inside*, fields such as speaker:NAME, OR, NOT; see help query" },
    { "limit", t.int { 10, min = 1 }, flag = true, short = "n", doc = "at most so many hits" },
    { "after", t.string(), flag = true, doc = "go on behind the hit with this id" },
    { "weights", t.string(), flag = true, doc = "what a word counts in titles, speakers, tags, text: 10,6,4,1" },
    { "facets", t.string(), flag = true, doc = "below the hits, what matches counted by event,speaker,year,tag ..." },
  },
  returns = "hit[]", pager = true,
  examples = { "search unikernel", "search 'speaker:madhavapeddy kernel'", "search -n 3 tag:storage" },
  run = later("read", "search"),
}

lectern.command "show" {
  doc = "Show one talk, note, event or person.",
  args = {
    target,
    { "format", t.enum { "text", "markdown", "html", "json" }, flag = true, doc = "how to write it" },
    { "rev", t.int { min = 1 }, flag = true, required = false, doc = "as it was at this revision, see lectern history" },
    { "open", t.bool(), flag = true, doc = "open its address" },
  },
  returns = "object", pager = true,
  examples = { "show 1a2b3c4d", "show 1a2b3c4d --rev 2", "show how emacs made me", "show 1a2b3c4d --format markdown" },
  run = later("read", "show"),
}

lectern.command "summarise" {
  doc = "The sentences that say most about a talk or note.",
  args = {
    target,
    { "with", t.string(), flag = true, doc = "the summariser" },
    { "sentences", t.int { min = 1, max = 100 }, flag = true, doc = "how many" },
    { "explain", t.bool(), flag = true, doc = "with scores and reasons" },
  },
  returns = "summary[]", aliases = { "summarize" },
  examples = { "summarise 1a2b3c4d", "summarise 1a2b3c4d --sentences 5 --with lead" },
  run = later("read", "summarise"),
}

lectern.command "export" {
  doc = "Write notes and talks as Markdown, HTML, a site, Org, plain text, BibTeX, CSV, iCalendar, JSON or whatever an exporter knows.",
  args = {
    { "format", t.string(),
      doc = "the exporter: markdown, html, site, org, text, bibtex, csv, ics, json; its own options go with it (lectern help csv)" },
    { "query", t.query(), required = false, doc = "only what matches" },
    { "output", t.path { mode = "write" }, flag = true, short = "o", doc = "file or folder; standard output without" },
  },
  returns = "export_report", options_of = "exporter",
  examples = { "export markdown -o notes/", "export html event:sosp-2017 -o sosp.html", "export site -o site/ --title 'My talks'",
    "export csv --columns title,speakers,start",
    "export json | jq length" },
  run = later("read", "export"),
}

lectern.command "history" {
  doc = "The revisions of a talk, note, event or person, newest first.",
  args = { { "id", t.string(), doc = "its id" } },
  returns = "history[]",
  run = later("read", "history"),
}

lectern.command "runs" {
  doc = "What was run lately, newest first.",
  args = { { "limit", t.int { 20, min = 1 }, flag = true, short = "n", doc = "at most so many" } },
  returns = "run[]",
  run = later("read", "runs"),
}

local attachment = "note: string short: string name: string mime: string? bytes: int sha256: string"

lectern.command "attachments" {
  doc = "The files that notes have: pictures and what else they link to, brought in by import --attach.",
  args = { { "target", t.query(), required = false, doc = "only those of these notes and talks" } },
  returns = "{ " .. attachment .. " }[]", columns = { "short", "name", "mime", "bytes" },
  examples = { "attachments", "attachments 1a2b3c4d" },
  run = later("attachments", "list"),
}

lectern.command "attachments.save" {
  doc = "Write a file that a note has to a file of yours.",
  args = {
    { "id", t.string(), doc = "the note" },
    { "name", t.string(), doc = "its name there, see lectern attachments" },
    { "file", t.path { mode = "write" }, doc = "where to" },
    { "force", t.bool(), flag = true, doc = "write over what is there" },
  },
  returns = "{ " .. attachment .. " }",
  examples = { "attachments save 1a2b3c4d fig/knot.png knot.png" },
  run = later("attachments", "save"),
}

lectern.command "sql" {
  doc = "Ask the store in SQL, read only: views note, talk, event, person, session, appearance, tag, source, run.",
  args = { { "statement", t.string(), doc = "one SELECT" } },
  returns = "map[]",
  examples = { "sql 'select event, count(*) as talks from talk group by event order by 2 desc'" },
  run = later("read", "sql"),
}

lectern.command "note" {
  doc = "Append a line to today's note, or to that of a talk or an event; - takes text from standard input.",
  args = {
    { "event", t.event(), flag = true, short = "e", doc = "today's note on this event" },
    { "talk", t.talk(), flag = true, doc = "the note on this talk" },
    { "text", t.list(t.string()), doc = "what to note, or -" },
  },
  returns = "run_report", writes = true,
  examples = { "note 'ask about tail latency'", "note -e sosp-2017 'great posters'", "note - < lines.txt" },
  run = later("write", "note"),
}

lectern.command "new" {
  doc = "Write a new note in your editor, or take it from standard input with -.",
  args = {
    { "event", t.event(), flag = true, short = "e", doc = "the event it belongs to" },
    { "talk", t.talk(), flag = true, doc = "the talk it is about" },
    { "from", t.enum { "-" }, required = false, doc = "- for standard input" },
  },
  returns = "run_report", writes = true,
  run = later("write", "new"),
}

lectern.command "edit" {
  doc = "Change a talk, note, event or person in your editor; or the file it came from, which is imported again then.",
  args = {
    { "id", t.string(), doc = "its id" },
    { "source", t.bool(), flag = true, doc = "open the file it was imported from, at its line" },
  },
  returns = "run_report", writes = true,
  examples = { "edit 1a2b3c4d", "edit --source 1a2b3c4d" },
  run = later("write", "edit"),
}

lectern.command "tag" {
  doc = "Add and remove tags.",
  args = { { "change", t.tagedit(), doc = "+tag adds, -tag removes" }, target },
  returns = "run_report", writes = true,
  examples = { "tag +storage -todo -- 1a2b3c4d", "tag +read-again -- event:sosp-2017" },
  run = later("write", "tag"),
}

lectern.command "delete" {
  doc = "Put talks and notes into the trash; lectern undo or restore brings them back.",
  args = { target, { "yes", t.bool(), flag = true, doc = "do not ask" } },
  returns = "run_report", writes = true,
  run = later("write", "delete"),
}

lectern.command "restore" {
  doc = "Take something out of the trash.",
  args = { { "id", t.string(), doc = "its id" } },
  returns = "run_report", writes = true,
  run = later("write", "restore"),
}

lectern.command "undo" {
  doc = "Take back everything a run wrote; the newest run without a name.",
  args = { { "run", t.string(), required = false, doc = "id of the run, see lectern runs" } },
  returns = "run_report", writes = true,
  examples = { "undo", "undo 1a2b3c4d" },
  run = later("write", "undo"),
}
