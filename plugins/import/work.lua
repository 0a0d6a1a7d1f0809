-- Work: the ways of an import. Plain; plain with corrections that are remembered; writing a plan; obeying one.
--
-- The one idea: where nothing is to be corrected the host does it all. Else the host gives the records back ("held"), they are changed here, and a
-- second round in the same run takes them as they are then; the bytes are pinned by their hash in between.

local lectern = require "lectern"
local recipe = require "import.recipe"

local M = {}

local COUNTS <const> = { "made", "updated", "unchanged", "conflicted" }

-- ---- rounds ---------------------------------------------------------------------------------------------------

local function round(options, extra)
  local params = {
    paths = options.paths, stdin = options.stdin, with = options.with, event = options.event, explain = options.explain,
    copy = options.copy, attach = options.attach,
  }
  for key, value in pairs(extra) do params[key] = value end
  return lectern.import(params)
end

local function add_warnings(source, more)
  local all = table.move(source.warnings, 1, #source.warnings, 1, {})
  source.warnings = table.move(more, 1, #more, #all + 1, all)
end

-- What became of SOURCES, in numbers.
local function count(sources)
  local totals = { sources = #sources, made = 0, updated = 0, unchanged = 0, conflicted = 0, skipped = 0, failed = 0 }
  for _, source in ipairs(sources) do
    for _, key in ipairs(COUNTS) do totals[key] = totals[key] + (source[key] or 0) end
    if totals[source.status] and (source.status == "skipped" or source.status == "failed") then
      totals[source.status] = totals[source.status] + 1
    end
  end
  return totals
end

-- What became of the sources in REPORT that were held, one after the other as they are given back: EACH(source, held) returns the
-- records, the recipe's name, warnings; or nil, to leave the source out. ASKED: what the host was asked for beside the options.
local function settle(options, report, asked, each)
  local at, once = {}, {}
  for _, source in ipairs(report.sources) do -- named twice is meant once
    if not at[source.path] then
      once[#once + 1] = source
      at[source.path] = #once
    end
  end
  report.sources = once
  local before = report.left_out and count(once) -- the host counts those that it does not list, too
  local waiting = once
  while true do
    local given, paths, again, stdin, more = {}, {}, {}, nil, nil
    for _, source in ipairs(waiting) do
      if source.status == "held" then
        local held = source.held
        source.held = nil
        if type(held) == "table" then
          local records, name, warnings = each(source, held)
          if records then
            given[source.path] = { sha256 = held.sha256, importer = source.importer, recipe = name, records = records }
            if source.path == "-" then stdin = options.stdin else paths[#paths + 1] = source.path end
            source.later = warnings
          end
        else
          if source.path == "-" then more = options.stdin else again[#again + 1] = source.path end
        end
      end
    end
    if next(given) then
      local second = round(options, { paths = paths, stdin = stdin, sources = given })
      report.run = second.run or report.run
      for _, source in ipairs(second.sources) do
        local first = report.sources[at[source.path]]
        add_warnings(source, first.warnings)
        add_warnings(source, first.later or {})
        source.corrections = first.corrections
        report.sources[at[source.path]] = source
      end
    end
    if #again == 0 and not more then break end
    waiting = round(options, { paths = again, stdin = more or false, hold = asked.hold, sources = asked.sources,
      moved = asked.moved }).sources
    for _, source in ipairs(waiting) do report.sources[at[source.path]] = source end
  end
  local totals = count(report.sources)
  for key, n in next, before or {} do totals[key] = report.totals[key] - n + totals[key] end
  report.totals = totals
  return report
end

-- ---- corrections that are remembered ---------------------------------------------------------------------------

-- The records of SOURCE with what is remembered for it; warnings for what finds no place.
local function remembered(source, entry)
  local warnings = {}
  local function warn(text) warnings[#warnings + 1] = { message = text } end
  local changes = recipe.changes(source, recipe.get(entry.id), warn)
  local records = require("import.apply").records(source, changes, function(change, _, message)
    if not (change and change.refused) then warn("a correction was left out: " .. message) end
  end)
  return records, changes, warnings
end

local function below(path, roots)
  for _, root in ipairs(roots) do
    if path == root or path:sub(1, #root + 1) == root .. "/" or root == "/" then return true end
  end
  return false
end

-- What is remembered, by the bytes that were corrected: the file may have moved since.
local function by_hash(active)
  local moved
  for path, entry in pairs(active) do
    if entry.sha256 then
      moved = moved or {}
      moved[entry.sha256] = path
    end
  end
  return moved
end

local function plain(options, job)
  local active = options.recipe and recipe.active() or {}
  if next(active) == nil then return round(options, {}) end
  local asked = { moved = by_hash(active) }
  for path, entry in pairs(active) do
    if path == "-" and options.stdin or below(path, options.paths) then
      asked.sources = asked.sources or {}
      asked.sources[path] = { recipe = entry.id }
    end
  end
  local followed = {}
  local report = settle(options, round(options, asked), asked, function(source, held)
    local was = active[source.path] and source.path or held.moved
    local entry = active[was]
    local found = require("import.cards").read(held)
    local records, changes, warnings = remembered(found, entry)
    source.corrections = #changes
    followed[#followed + 1] = { from = was, to = source.path, sha256 = held.sha256 }
    return records, entry.id, warnings
  end)
  if not job.dry_run and not options.copy then recipe.follow(followed) end
  return report
end

-- ---- writing a plan -------------------------------------------------------------------------------------------

-- The items of FOUND as a plan shows them after CHANGES, with those that were added, in order.
local function shown(found, changes)
  local changes_of, post_changes, items = {}, {}, {}
  local view = require("import.changes").view
  for _, change in ipairs(changes) do
    if change.item then changes_of[change.item] = change end
    if change.post then post_changes[change.post] = change end
    if change.add and not change.refused then
      items[#items + 1] = { on = true, view = view({}, change.set), from = found:span(change.set.lines[1], change.set.lines[1]) }
    end
  end
  for _, post in ipairs(found.posts) do post.view = view(post.card, post_changes[post.n] and post_changes[post.n].set) end
  for _, item in ipairs(found.items) do
    local change = changes_of[item.n]
    if change and change.refused then change = nil end
    item.on = not item.proposal and not (change and change.off) or change ~= nil and change.on == true
    item.view = view(item.card, change and change.set)
    items[#items + 1] = item
  end
  for i, item in ipairs(items) do item.place = i end
  table.sort(items, function(a, b)
    if (a.from or 0) ~= (b.from or 0) then return (a.from or 0) < (b.from or 0) end
    return a.place < b.place
  end)
  return items
end

local function save(options, job, text)
  if options.plan == "-" then return end
  local saved, err = pcall(job.save, job, options.plan, text, { replace = options.force })
  if saved then return end
  if type(err) == "table" and err.code == "E_OUTPUT" and tostring(err.message):find("is there already", 1, true) then
    lectern.fail(err.message, { code = "E_OUTPUT", hint = "import --plan without --dry-run obeys it; --force writes it anew" })
  end
  error(err, 0)
end

local function write_plan(options, job)
  local plan = require "import.plan"
  local out, sizes, planned = plan.begin(), 0, false
  local active = options.recipe and recipe.active() or {}
  local asked = { hold = true, moved = by_hash(active) }
  local report = round(options, asked)
  settle(options, report, asked, function(source, held)
    local found = require("import.cards").read(held)
    local records, changes, warnings = nil, {}, {}
    local entry = active[source.path] or active[held.moved or ""]
    if entry then records, changes, warnings = remembered(found, entry) end
    local at = { path = source.path, importer = source.importer, version = held.version, sha256 = held.sha256 }
    local first = #out
    planned = true
    plan.write_source(out, at, found, shown(found, changes))
    for i = first + 1, #out do sizes = sizes + #out[i] + 1 end
    if sizes > plan.BYTES then
      lectern.fail(("the plan would have more than %d MiB"):format(plan.BYTES // 1048576), { code = "E_USAGE",
        hint = "write plans for fewer files at once" })
    end
    source.corrections = #changes > 0 and #changes or nil
    return records or require("import.apply").records(found, {}, error), entry and entry.id, warnings
  end)
  if not planned then return report end -- why not is said for each source
  local text = table.concat(out, "\n") .. "\n"
  save(options, job, text)
  report.plan = options.plan == "-" and text or options.plan
  if options.plan == "-" then return report, text end
  return report
end

-- ---- obeying a plan -------------------------------------------------------------------------------------------

local function read_plan(options, job, fail)
  local text
  if options.plan == "-" then
    text = job:stdin()
  else
    local got, bytes = pcall(job.read, job, options.plan)
    if not got then
      if type(bytes) == "table" and bytes.code == "E_INPUT" then
        lectern.fail(bytes.message, { code = "E_INPUT", hint = "write it first: lectern import --dry-run --plan FILE PATH" })
      end
      error(bytes, 0)
    end
    text = bytes
  end
  return require("import.plan").read(text, fail)
end

-- The sources of the plan that are meant: all, or those that the paths name.
local function meant(options, sources)
  if not options.named then return sources end
  local out, asked = {}, {}
  for _, source in ipairs(sources) do
    for _, path in ipairs(options.paths) do
      if below(source.path, { path }) then
        out[#out + 1], asked[path] = source, true
        break
      end
    end
    if source.path == "-" and options.from_stdin then out[#out + 1] = source end
  end
  for _, path in ipairs(options.paths) do
    if not asked[path] then
      lectern.fail(("'%s' is not in the plan '%s'"):format(path, options.plan), { code = "E_USAGE",
        hint = "the plan names its sources by their whole paths, behind 'source'" })
    end
  end
  return out
end

-- What the host is asked for: each source of the plan as it was when the plan was written, by the importer that read it.
local function wished(sources, options, fail)
  local wishes, planned, paths = {}, {}, {}
  for _, source in ipairs(sources) do
    if source.path == "-" and not options.from_stdin then
      fail(source.line, "its source was standard input; give it again: lectern import --plan FILE - < SOURCE")
    end
    wishes[source.path] = { sha256 = source.sha256, importer = source.importer:match "^%S+", hold = true }
    planned[source.path] = source
    if source.path ~= "-" then paths[#paths + 1] = source.path end
  end
  return wishes, planned, paths
end

-- The sources, held; what is wrong with one of them is told with its line of the plan.
local function first_round(options, wishes, planned, fail)
  local went, report = pcall(round, options, { hold = true, sources = wishes })
  if not went then
    local message = type(report) == "table" and tostring(report.message) or ""
    for _, source in pairs(planned) do -- an importer that is none
      if message:find("'" .. source.importer:match "^%S+" .. "'", 1, true) then fail(source.at.importer or source.line, message) end
    end
    error(report, 0)
  end
  for _, source in ipairs(report.sources) do
    local err, line = type(source.error) == "table" and source.error, planned[source.path] and planned[source.path].line
    if err and err.code == "E_DATA" and tostring(err.message):find("has changed", 1, true) then
      fail(line, ("'%s' has changed since this plan was written"):format(source.path),
        { hint = "write another: lectern import --dry-run --plan NEW PATH; what an earlier plan corrected is in it" })
    elseif err then
      fail(line or 1, err.message, { code = err.code, hint = err.hint })
    end
  end
  return report
end

local function obey(options, job)
  local name = options.plan == "-" and "the plan" or options.plan
  if below(name, { job.cwd }) and #job.cwd > 1 then name = name:sub(#job.cwd + 2) end
  if options.plan == "-" and options.from_stdin then
    lectern.fail("standard input cannot be the plan and a source at once", { code = "E_USAGE" })
  end
  local function fail(line, message, more)
    lectern.fail(("%s:%d: %s"):format(name, line, message), { code = more and more.code or "E_DATA", hint = more and more.hint })
  end
  local wishes, planned, paths = wished(meant(options, read_plan(options, job, fail)), options, fail)
  options.paths, options.with = paths, nil
  options.stdin = options.from_stdin and job:stdin() or nil
  local report = first_round(options, wishes, planned, fail)
  local active, keeping = recipe.active(), {}
  settle(options, report, { hold = true, sources = wishes }, function(source, held)
    local written = planned[source.path]
    if written.importer ~= source.importer .. " " .. held.version then
      fail(written.at.importer or written.line, ("written for importer '%s', this is '%s %s'; write the plan again")
        :format(written.importer, source.importer, held.version))
    end
    local found = require("import.cards").read(held)
    local changes = require("import.changes").between(found, written, fail)
    local kept = recipe.of(found, changes)
    local records = require("import.apply").records(found, changes, function(_, line, message) fail(line or written.line, message) end)
    local id = recipe.name(source.path, kept, active, #keeping)
    keeping[#keeping + 1] = { path = source.path, id = id, changes = kept, sha256 = held.sha256 }
    source.corrections = #changes
    return records, id
  end)
  if job.dry_run or options.copy then return report end
  local failed, done = {}, {}
  for _, source in ipairs(report.sources) do failed[source.path] = source.status == "failed" end
  for _, one in ipairs(keeping) do if not failed[one.path] then done[#done + 1] = one end end
  recipe.keep(done, report.run, active)
  return report
end

-- ---- the door -------------------------------------------------------------------------------------------------

function M.run(options, job)
  if options.plan and not (job.dry_run and options.named) then return obey(options, job) end
  options.stdin = options.from_stdin and job:stdin() or nil
  if options.plan then return write_plan(options, job) end
  return plain(options, job)
end

--- What is remembered, for `recipes`.
function M.recipes(paths)
  local out = {}
  for path, entry in pairs(recipe.active()) do
    if #paths == 0 or below(path, paths) then
      local changes = {}
      for i, kept in ipairs(recipe.get(entry.id)) do changes[i] = recipe.describe(kept) end
      out[#out + 1] = { path = path, corrections = #changes, made = lectern.date(entry.at), run = entry.run or nil, changes = changes }
    end
  end
  table.sort(out, function(a, b) return a.path < b.path end)
  return out
end

function M.forget(paths, job)
  local active = recipe.active()
  local out, all = {}, {}
  for path, entry in pairs(active) do
    if below(path, paths) then
      out[#out + 1] = { path = path, forgotten = entry.count }
      all[#all + 1] = path
    end
  end
  table.sort(out, function(a, b) return a.path < b.path end)
  for _, path in ipairs(paths) do
    local known = false
    for _, one in ipairs(out) do known = known or below(one.path, { path }) end
    if not known then
      lectern.fail(("no corrections are remembered for '%s'"):format(path), { code = "E_NOTFOUND", hint = "lectern recipes lists them" })
    end
  end
  if not job.dry_run then recipe.forget(all) end
  return out
end

return M
