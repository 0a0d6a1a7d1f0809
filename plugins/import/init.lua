-- The command that brings files in. The host reads the files and writes the store; importers are plugins of their own.

local lectern = require "lectern"
local t = lectern.types

lectern.plugin {
  name = "import", version = "0.1.0", api = 1, doc = "Bring files into the store",
  needs = { "notes.read", "notes.write" },
}

-- An event that is known is meant by its slug; one that nobody knows yet is made when a file needs it.
local function event_of(text)
  local found, event = pcall(lectern.notes.event, text)
  if found then return event.slug end
  if event.code ~= "E_NOTFOUND" then error(event, 0) end
  return text
end

-- 66 where files were missing and nothing else was wrong, else 65; nil where nothing failed.
local function failure(sources)
  local status
  for _, source in ipairs(sources) do
    if source.status == "failed" then
      local missing = type(source.error) == "table" and source.error.code == "E_INPUT"
      status = missing and (status or 66) or 65
    end
  end
  return status
end

lectern.command "import" {
  doc = "Import files and folders; importing again brings over what has changed.",
  args = {
    { "paths", t.list(t.path { mode = "read" }, { min = 1 }), doc = "files, folders, or - for standard input" },
    { "with", t.string(), flag = true, doc = "the importer; found by name and content without" },
    { "event", t.string(), flag = true, short = "e", doc = "the event, where a file states none" },
    { "explain", t.bool(), flag = true, doc = "say what each file gave, and why" },
    { "copy", t.bool(), flag = true, doc = "import as new what is known already" },
  },
  returns = "import_report", writes = true,
  examples = { "import notes/", "import trip-report.md -e 'SOSP 2017'", "import --dry-run --explain notes/",
    "import - < note.md" },
  run = function(args, job)
    local paths, from_stdin = {}, false
    for _, path in ipairs(args.paths) do
      if path == "-" then from_stdin = true else paths[#paths + 1] = path end
    end
    local report = lectern.import {
      paths = paths, stdin = from_stdin and job:stdin() or nil, with = args.with, event = args.event and event_of(args.event),
      explain = args.explain or job.dry_run, copy = args.copy,
    }
    local status = failure(report.sources)
    if status then job:exit(status) end
    return report
  end,
}
