-- Commands that only read.

local lectern = require "lectern"
local style, text = lectern.style, lectern.text
local targets = require "notes.targets"

local M = {}

local function usage(message, hint) lectern.fail(message, { code = "E_USAGE", hint = hint }) end

local SCREENFUL <const> = 200

local function is_empty_store()
  return #lectern.notes.find { type = "source", limit = 1 } == 0 and #lectern.notes.find { type = "note",
    limit = 1 } == 0
end

-- What a person sees who asked for something that is not there.
local function nothing(job, what)
  if not job.tty[2] then return nil end
  if is_empty_store() then
    return "Nothing here yet. " .. style.bold "lectern import FOLDER" .. " brings your notes in; "
      .. style.bold "lectern new" .. " writes one."
  end
  return what
end

-- What was asked for is there even when it is unknown.
local function complete(object)
  if object.type == "talk" then object.abstract = object.abstract or lectern.null end
  if object.type == "note" then object.body = object.body or "" end
  return object
end

-- Facets as lines, a heading for each field.
local function facet_lines(list)
  local out, field = {}, nil
  for _, f in ipairs(list) do
    if f.field ~= field then
      field = f.field
      out[#out + 1] = style.bold(field)
    end
    out[#out + 1] = ("%6d  %s"):format(f.count, f.value)
  end
  return table.concat(out, "\n")
end

local function facets(args, type, limit)
  return lectern.notes.facets { by = args.facets, query = args.query, type = type, kind = args.kind, limit = limit }
end

-- What a person may have meant where nothing was found.
local function suggestion(query, job)
  local better = job.tty[2] and query and lectern.notes.suggest(query)
  return better and ("; did you mean %s?"):format(style.bold(better)) or ""
end

function M.list(args, job)
  if args.facets then
    local list = facets(args, args.type, args.limit)
    return list, #list > 0 and facet_lines(list) or nothing(job, "nothing to count")
  end
  local limit = args.limit or (job.tty[2] and not args.format and SCREENFUL or nil)
  if limit == 0 then return {} end
  local count, more = 0, false
  for object in lectern.notes.each {
    type = args.type, query = args.query, kind = args.kind, sort = args.sort, after = args.after, body = args.body,
    limit = limit and not args.limit and limit + 1 or limit,
  } do
    if limit and count >= limit then
      more = true
      break
    end
    count = count + 1
    job:emit(args.body and complete(object) or object)
  end
  if count == 0 then
    return {}, nothing(job, args.query
      and ("no %s matches '%s'"):format(args.type, args.query) .. suggestion(args.query, job)
      or ("no %ss"):format(args.type))
  end
  if more then return {}, style.dim(("the first %d; -n shows more or fewer, words narrow it down"):format(count)) end
  return {}
end

local function weights_of(given)
  if not given then return nil end
  local list = {}
  for word in (given .. ","):gmatch "%s*(.-)%s*," do list[#list + 1] = tonumber(word) or -1 end
  if #list ~= 4 or math.min(table.unpack(list)) < 0 then
    lectern.fail(("'%s' are no weights"):format(given), {
      code = "E_USAGE", hint = "four numbers, for titles, speakers, tags and text: 10,6,4,1",
    })
  end
  return list
end

function M.search(args, job)
  local hits = lectern.notes.search(args.query, {
    limit = args.limit, after = args.after, weights = weights_of(args.weights),
  })
  if #hits == 0 then
    job:exit(1)
    return hits, nothing(job, ("nothing matches '%s'"):format(args.query) .. suggestion(args.query, job))
  end
  if args.facets then
    local counted = facets(args, "talk", 10)
    for _, hit in ipairs(hits) do job:emit(hit) end
    return {}, facet_lines(counted)
  end
  return hits
end

local function address(object)
  return object.url or object.video_url or object.slides_url
end

-- OBJECT as it was.
local function at_revision(object, rev, job)
  if not object.rev then usage(object.type .. "s have no revisions") end
  local old = lectern.notes.get(object.id, { rev = rev, body = true, deleted = true })
  old.notes = old.type == "talk" and {} or old.notes -- they have revisions of their own
  old.marks = old.marks and {}
  return complete(old), require("notes.view").object(old, job, 0)
end

function M.show(args, job)
  local object, more = targets.one(args.target, job)
  if args.rev then return at_revision(object, args.rev, job) end
  if args.open then
    local url = address(object)
    if not url then
      lectern.fail(("'%s' has no address"):format(object.title or object.name), { code = "E_NOTFOUND" })
    end
    job:open(url)
    return object, url
  end
  if args.format and args.format ~= "text" then
    -- An exporter takes notes: those of a talk stand for it. It writes to standard output itself.
    local ids = object.type == "talk" and object.notes or { object.id }
    if #ids == 0 and args.format == "markdown" then return object, require("notes.document").of(object) end
    local query = "id:" .. table.concat(#ids > 0 and ids or { object.id }, " OR id:")
    local only = args.format == "json" and { only = object.id } or nil
    lectern.export { format = args.format, query = query, args = only }
    return object, ""
  end
  local view = require("notes.view").object(object, job, more)
  return complete(object), view
end

function M.summarise(args, job)
  local ids, titles = {}, {}
  for i, object in ipairs(targets.all(args.target, job)) do
    ids[i], titles[object.id] = object.id, object.title
  end
  local list = lectern.summarise {
    targets = ids, with = args.with, sentences = args.sentences, explain = args.explain,
  }
  -- With reasons it is a table of scores, which the host draws.
  return list, not args.explain and require("notes.view").summaries(list, titles, job) or nil
end

-- What is no argument of the command is an option of the exporter.
local own = { format = true, query = true, output = true }

local MANY <const> = 20 -- files are counted rather than listed

function M.export(args, job)
  local options = {}
  for name, value in next, args do if not own[name] then options[name] = value end end
  local report = lectern.export { format = args.format, query = args.query, output = args.output, args = options }
  if #report.files <= MANY then return report end
  local bytes = 0
  for _, file in ipairs(report.files) do bytes = bytes + (file.bytes or 0) end
  return report, ("%s %d files (%d bytes) in %s\n"):format(job.dry_run and "would write" or "wrote", #report.files, bytes, args.output)
end

function M.history(args) return lectern.notes.history(args.id) end

function M.runs(args) return lectern.notes.runs(args.limit) end

local function cell(value)
  if value == nil or value == lectern.null then return "" end
  return (tostring(value):gsub("%s+", " "))
end

-- ROWS below a line with the names of their COLUMNS, each as wide as its widest cell; numbers to the right.
local function as_table(rows, columns)
  local lines = { {} }
  for i, name in ipairs(columns) do lines[1][i] = name end
  for _, row in ipairs(rows) do
    local line = {}
    for i, name in ipairs(columns) do line[i] = cell(row[name]) end
    lines[#lines + 1] = line
  end
  for i, name in ipairs(columns) do
    local width, numbers = 0, true
    for _, line in ipairs(lines) do width = math.max(width, text.width(line[i])) end
    for _, row in ipairs(rows) do numbers = numbers and (row[name] == nil or type(row[name]) == "number") end
    for _, line in ipairs(lines) do
      local space = (" "):rep(width - text.width(line[i]))
      line[i] = numbers and space .. line[i] or i < #columns and line[i] .. space or line[i]
    end
  end
  for n, line in ipairs(lines) do lines[n] = n == 1 and style.dim(table.concat(line, "  ")) or table.concat(line, "  ") end
  return table.concat(lines, "\n")
end

function M.sql(args)
  local rows, columns = lectern.notes.sql(args.statement)
  return rows, #rows > 0 and as_table(rows, columns) or nil
end

return M
