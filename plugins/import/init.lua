-- The commands that bring files in. The host reads the files and writes the store; importers are plugins of their own; what people
-- correct is here.

local lectern = require "lectern"
local t = lectern.types

lectern.plugin {
  name = "import", version = "0.2.0", api = 1, doc = "Bring files into the store",
  needs = { "files.linked", "files.pinned", "notes.read", "notes.write", "store.query" },
}

-- An event that is known is meant by its slug; one that nobody knows yet is made when a file needs it.
local function event_of(text)
  local found, event = pcall(lectern.notes.event, text)
  if found then return event.slug end
  if event.code ~= "E_NOTFOUND" then error(event, 0) end
  return text
end

-- 66 where files were missing and nothing else was wrong, else 65; nil where nothing failed.
local function failure(report)
  local status = report.totals and (report.totals.failed or 0) > 0 and report.left_out and 65 or nil
  for _, source in ipairs(report.sources) do
    if source.status == "failed" then
      local missing = type(source.error) == "table" and source.error.code == "E_INPUT"
      status = missing and (status or 66) or 65
    end
  end
  return status
end

lectern.command "import" {
  doc = "Import files and folders; importing again brings over what has changed. A plan shows what would be made and can be corrected.",
  args = {
    { "paths", t.list(t.path { mode = "read" }), required = false, doc = "files, folders, or - for standard input" },
    { "with", t.string(), flag = true, doc = "the importer; found by name and content without" },
    { "event", t.string(), flag = true, short = "e", doc = "the event, where a file states none" },
    { "explain", t.bool(), flag = true, doc = "say what each file gave, and why" },
    { "copy", t.bool(), flag = true, doc = "import as new what is known already" },
    { "attach", t.bool(), flag = true,
      doc = "keep the pictures and files that notes link to, from the folder that was named, or that of the named file" },
    { "plan", t.path { mode = "edit" }, flag = true,
      doc = "with --dry-run: write what would be made to this file, to be corrected; without: import what it says" },
    { "force", t.bool(), flag = true, doc = "write the plan over a file that is there" },
    { "recipe", t.bool { true }, flag = true, doc = "the corrections of earlier plans, made again unless --no-recipe" },
  },
  returns = "import_report", writes = true,
  examples = { "import notes/", "import trip-report.md -e 'SOSP 2017'", "import --dry-run --explain notes/",
    "import - < note.md", "import --dry-run --plan trip.plan trip.txt", "import --plan trip.plan",
    "import --attach notes/" },
  run = function(args, job)
    local work = require "import.work"
    local named, paths, from_stdin = args.paths or {}, {}, false
    for _, path in ipairs(named) do
      if path == "-" then from_stdin = true else paths[#paths + 1] = path end
    end
    if #named == 0 and not args.plan then
      lectern.fail("import wants at least one PATH", { code = "E_USAGE", hint = "lectern help import" })
    end
    local options = {
      paths = paths, named = #named > 0, from_stdin = from_stdin, with = args.with, event = args.event and event_of(args.event),
      explain = args.explain or job.dry_run, copy = args.copy, attach = args.attach, plan = args.plan, force = args.force, recipe = args.recipe,
    }
    local report, text = work.run(options, job)
    local status = failure(report)
    if status then job:exit(status) end
    return report, text
  end,
}

lectern.command "recipes" {
  doc = "The corrections that are remembered for files and made again whenever they are imported; all of them, or those of some files.",
  args = { { "paths", t.list(t.path { mode = "read" }), required = false, doc = "the files; all without" } },
  returns = "{ path: string corrections: int made: string? run: string? changes: string[] }[]",
  columns = { "path", "corrections", "made", "changes" },
  examples = { "recipes", "recipes trip.txt" },
  run = function(args) return require("import.work").recipes(args.paths or {}) end,
}

lectern.command "recipes.forget" {
  doc = "Forget the corrections of files; their next import is as if no plan had been.",
  args = { { "paths", t.list(t.path { mode = "read" }, { min = 1 }), doc = "the files" } },
  returns = "{ path: string forgotten: int }[]", writes = true,
  examples = { "recipes forget trip.txt" },
  run = function(args, job) return require("import.work").forget(args.paths, job) end,
}
