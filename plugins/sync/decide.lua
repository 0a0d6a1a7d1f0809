-- Commands that decide. Each returns nothing: the host applies what was asked for, and says what was done and how to
-- undo it.

local lectern = require "lectern"

local M = {}

local function usage(message, hint) lectern.fail(message, { code = "E_USAGE", hint = hint }) end

local function the(id, deleted)
  local object = lectern.notes.get(id, { body = true, deleted = deleted })
  if not object then lectern.fail(("there is nothing with the id '%s'"):format(id), { code = "E_NOTFOUND" }) end
  return object
end

-- ---- conflicts ------------------------------------------------------------------------------------------------------

-- What the person makes of both sides: fields to put; nil where nothing was changed.
local function edited(object, list, job)
  local both = require "sync.both"
  local document, fields, was_text = both.document(object, list)
  if not document then usage("nothing clashes any more", ("lectern resolve %s --mine"):format(object.short)) end
  local text = job:edit(document, object.short .. ".md")
  if text == nil then usage("there is no terminal to edit in", "--mine or --theirs decides without") end
  if text == document then return nil end
  return both.decided(document, text, fields, was_text)
end

function M.resolve(args, job)
  local ways = (args.mine and 1 or 0) + (args.theirs and 1 or 0) + (args.edit and 1 or 0)
  if ways ~= 1 then usage("whose shall it be?", "one of --mine, --theirs, --edit") end
  local object = the(args.id)
  local list = lectern.notes.conflicts(object.id)
  if #list == 0 then
    lectern.fail(("there is no conflict in '%s'"):format(object.title or object.short), { code = "E_NOTFOUND",
      hint = "lectern conflicts lists them" })
  end
  if not args.edit then
    lectern.notes.resolve(object, args.mine and "mine" or "theirs")
    return nil
  end
  local put = edited(object, list, job)
  if not put then return nil, "nothing decided" end
  lectern.notes.resolve(object, "mine")
  if next(put) ~= nil then lectern.notes.update(object.id, put) end
  return nil
end

-- ---- people ---------------------------------------------------------------------------------------------------------

local function called(person, name)
  if person.name:lower() == name then return true end
  for _, alias in ipairs(person.aliases or {}) do if alias:lower() == name then return true end end
  return false
end

-- Who TEXT means: an id, or a name that one person has.
local function person_of(text)
  local found = {}
  for person in lectern.persons.each { query = ('"%s"'):format((text:gsub('"', ""))) } do
    if called(person, text:lower()) then found[#found + 1] = person end
  end
  if #found == 1 then return found[1] end
  if #found > 1 then
    local ids = {}
    for i, person in ipairs(found) do ids[i] = person.short end
    usage(("several are called '%s'"):format(text), "take an id: " .. table.concat(ids, ", "))
  end
  if not text:find "^%x[%x-]+$" then
    lectern.fail(("nobody is called '%s'"):format(text), { code = "E_NOTFOUND",
      hint = "lectern list --type person lists everybody" })
  end
  return the(text)
end

function M.merge(args)
  local person, other = person_of(args.person), person_of(args.other)
  lectern.persons.merge(person, other)
  return nil
end

function M.split(args)
  local person = person_of(args.person)
  local within = {}
  if args.within then
    for talk in lectern.talks.each { query = args.within } do within[#within + 1] = talk.id end
  end
  for _, name in ipairs(args.names) do lectern.persons.split(person, name, within) end
  return nil
end

-- ---- the trash ------------------------------------------------------------------------------------------------------

local types = { "note", "talk", "source", "session", "event", "person" }

local function in_trash(ids)
  local doomed = {}
  for _, id in ipairs(ids or {}) do
    local object = the(id, true)
    if not object.deleted then
      usage(("'%s' is not in the trash"):format(object.title or object.name or id), "lectern delete puts it there")
    end
    doomed[#doomed + 1] = object
  end
  if ids and ids[1] then return doomed end
  for _, kind in ipairs(types) do
    for object in lectern.notes.each { type = kind, deleted = true } do
      -- What was purged already has no name.
      if (object.title or object.name or object.path or "") ~= "" then doomed[#doomed + 1] = object end
    end
  end
  return doomed
end

local function counted(doomed)
  local counts, parts = {}, {}
  for _, object in ipairs(doomed) do counts[object.type] = (counts[object.type] or 0) + 1 end
  for _, kind in ipairs(types) do
    local n = counts[kind]
    if n then parts[#parts + 1] = n == 1 and "1 " .. kind or ("%d %ss"):format(n, kind) end
  end
  return table.concat(parts, ", ")
end

function M.purge(args, job)
  local doomed = in_trash(args.ids)
  if #doomed == 0 then return nil, "the trash is empty" end
  if not args.yes and not job.dry_run then
    local first = doomed[1].title or doomed[1].name or doomed[1].path
    local answer = job:ask {
      text = ("gone for good: %s, the first is '%s'; with all revisions, conflicts and their text in kept sources. "
        .. "This cannot be undone. Purge?"):format(counted(doomed), first),
      choices = { "yes", "no" }, default = "no",
    }
    if answer == nil then usage(("this purges %s for good"):format(counted(doomed)), "--yes purges without a question") end
    if answer ~= "yes" then return nil, "nothing purged" end
  end
  for _, object in ipairs(doomed) do
    lectern.notes.purge(object)
  end
  return nil
end

return M
