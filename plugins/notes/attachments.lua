-- Files that notes have: listed, and written out.

local lectern = require "lectern"
local targets = require "notes.targets"

local M = {}

local function rows_of(note)
  local rows = {}
  for _, entry in ipairs(note.attachments or {}) do
    if entry.sha256 then
      rows[#rows + 1] = { note = note.id, short = note.short, name = entry.name, mime = entry.mime, bytes = entry.bytes,
        sha256 = entry.sha256 }
    end
  end
  return rows
end

-- The notes that TARGET means, those of talks among them; all that have attachments without.
local function notes_of(target, job)
  if not target then return lectern.notes.each { type = "note", query = "has:attachment" } end
  local list, seen = {}, {}
  local function add(id)
    local note = not seen[id] and lectern.notes.get(id)
    seen[id] = true
    if note then list[#list + 1] = note end
  end
  for _, object in ipairs(targets.all(target, job)) do
    if object.type == "note" then add(object.id) end
    for _, id in ipairs(object.type == "talk" and object.notes or {}) do add(id) end
  end
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

function M.list(args, job)
  local rows = {}
  for note in notes_of(args.target, job) do table.move(rows_of(note), 1, #rows_of(note), #rows + 1, rows) end
  return rows
end

function M.save(args, job)
  local note = lectern.notes.get(args.id)
  if not note then lectern.fail(("no note '%s'"):format(args.id), { code = "E_NOTFOUND" }) end
  local names = {}
  for _, row in ipairs(rows_of(note)) do
    names[#names + 1] = row.name
    if row.name == args.name or row.sha256 == args.name then
      local pieces = {}
      for piece in lectern.notes.content(row.sha256) do pieces[#pieces + 1] = piece end
      job:save(args.file, table.concat(pieces), { replace = args.force })
      return row
    end
  end
  lectern.fail(("note %s has no attachment '%s'"):format(note.short, args.name), { code = "E_NOTFOUND",
    hint = #names > 0 and "it has " .. table.concat(names, ", ") or "import --attach brings in what a note links to" })
end

return M
