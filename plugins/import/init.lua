-- The command that brings files in. The host reads the files and writes the store; importers are plugins of their own.

local lectern = require "lectern"
local t = lectern.types

lectern.plugin {
  name = "import", version = "0.1.0", api = 1, doc = "Bring files into the store",
  needs = { "notes.read", "notes.write" },
}

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
    local report = lectern.import {
      paths = args.paths, with = args.with, event = args.event, explain = args.explain or job.dry_run, copy = args.copy,
    }
    local totals = report.totals or {}
    if (totals.failed or 0) > 0 and job.exit then job:exit(65) end
    return report
  end,
}
