-- Keeping the store: checks, backups, dumps, and the doctor.

local lectern = require "lectern"
local doctor = require "store.doctor"
local t = lectern.types

lectern.plugin {
  name = "store", version = "0.1.0", api = 1, doc = "Check, back up, dump and repair the store",
  needs = { "notes.read", "host.read", "store.keep" },
}

local function bytes_text(n)
  local units = { "bytes", "KiB", "MiB", "GiB" }
  local unit = 1
  while n >= 10240 and unit < #units do n, unit = n / 1024, unit + 1 end
  return ("%d %s"):format(math.floor(n + 0.5), units[unit])
end

-- The person's yes; nobody to ask is a no, with the way out.
local function sure(job, text, yes)
  if yes or job.dry_run then return end
  local answer = job:ask { text = text, choices = { "yes", "no" }, default = "no" }
  if answer ~= "yes" then
    lectern.fail("not done", { code = answer == nil and "E_USAGE" or "E_CANCELLED",
      hint = answer == nil and "--yes does it without a question" or nil })
  end
end

lectern.command "check" {
  doc = "Look at every invariant of the store, and print what was looked at.",
  args = {}, returns = "{check:string ok:bool detail:string}[]", columns = { "ok", "check", "detail" },
  run = function(_, job)
    local checks = lectern.store.check()
    local lines = doctor.check_lines(checks)
    for _, check in ipairs(checks) do
      if not check.ok then job:exit(1) end
    end
    return checks, table.concat(lines, "\n")
  end,
}

lectern.command "backup.create" {
  doc = "Copy the store to a file while work goes on; the copy is checked before it counts.",
  args = { { "file", t.path { mode = "write" }, doc = "where to; an older backup there is replaced" } },
  returns = "{path:string? bytes:int? schema:int? checks:int?}",
  examples = { "backup create ~/notes-2026.db" },
  run = function(args, job)
    if job.dry_run then return {}, ("would copy the store to %s"):format(args.file) end
    local made = lectern.store.backup(args.file)
    return made, ("%s: %s, %d checks hold\nback again: lectern backup restore %s")
      :format(made.path, bytes_text(made.bytes), made.checks, made.path)
  end,
}

lectern.command "backup.restore" {
  doc = "Make the store what a backup holds; the store as it was is kept aside.",
  args = { { "file", t.path { mode = "read" }, doc = "a backup" },
    { "yes", t.bool(), flag = true, doc = "do not ask" } },
  returns = "{path:string? from:string? kept:string?}", writes = true,
  run = function(args, job)
    local facts = lectern.store.facts()
    if facts.exists then
      sure(job, ("Replace %s (%s) by %s? It is kept beside.")
        :format(facts.path, bytes_text(facts.bytes), args.file), args.yes)
    end
    if job.dry_run then return {}, ("would replace %s by %s"):format(facts.path, args.file) end
    local done = lectern.store.restore(args.file)
    return done, ("%s is now what %s holds%s"):format(done.path, done.from,
      done.kept and "\nas it was: " .. done.kept or "")
  end,
}

lectern.command "dump" {
  doc = "Everything in the store as JSON lines: every revision, the journal, sources, runs, what plugins remember.",
  args = { { "file", t.path { mode = "write" }, required = false, doc = "where to; standard output without" } },
  returns = "text",
  examples = { "dump notes.jsonl", "dump | gzip > notes.jsonl.gz" },
  run = function(args, job)
    local file = args.file ~= "-" and args.file or nil
    if job.dry_run then return "" end
    local done = lectern.store.dump(file)
    return file and ("%s: %d rows\n"):format(done.path, done.rows) or ""
  end,
}

lectern.command "load" {
  doc = "Fill an empty store from a dump; nothing is loaded unless all of it is sound.",
  args = { { "file", t.path { mode = "read" }, doc = "a dump, or - for standard input" } },
  returns = "{rows:int? schema:int? checks:int?}", writes = true,
  examples = { "--store new.db load notes.jsonl" },
  run = function(args, job)
    if job.dry_run then return {}, ("would load %s"):format(args.file) end
    local done = lectern.store.load(args.file)
    return done, ("loaded %d rows, %d checks hold"):format(done.rows, done.checks)
  end,
}

lectern.command "doctor" {
  doc = "Whether all is well: sandbox, store, plugins, daemon; and what to do where it is not.",
  args = { { "repair", t.bool(), flag = true, doc = "save what can be read of a damaged store into a new one" },
    { "yes", t.bool(), flag = true, doc = "do not ask" } },
  returns = "{what:string ok:bool detail:string todo:string?}[]", columns = { "ok", "what", "detail", "todo" },
  run = function(args, job)
    local repaired
    if args.repair then
      sure(job, "Save what can be read into a new store? The damaged one is kept beside.", args.yes)
      if job.dry_run then return {}, "would look whether the store is damaged, and repair it" end
      repaired = lectern.store.repair()
    end
    local findings = doctor.examine(repaired)
    for _, finding in ipairs(findings) do
      if not finding.ok then job:exit(1) end
    end
    return findings, doctor.text(findings)
  end,
}
