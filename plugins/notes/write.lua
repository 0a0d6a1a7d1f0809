-- Commands that write. Each returns nothing: the host applies what was asked for, and says what was done and how to
-- undo it.

local lectern = require "lectern"
local document = require "notes.document"
local targets = require "notes.targets"

local M = {}

local function usage(message, hint) lectern.fail(message, { code = "E_USAGE", hint = hint }) end

-- An event argument arrives resolved: { id, slug, name, year }.
local function slug_of(event) return type(event) == "table" and (event.slug or event.id) or event end

local function event_title(event)
  return event.year and ("%s %d"):format(event.name, event.year) or event.name
end

-- ---- capture --------------------------------------------------------------------------------------------------------

-- Today's scratch note of this talk, of this event, or of nothing in particular.
local function scratch(title, event, talk_id)
  for note in lectern.notes.each {
    type = "note", kind = "scratch", query = ('title:"%s"'):format((title:gsub('"', ""))), event = event and event.id,
    body = true,
  } do
    local about = (note.talks or {})[1]
    if note.title == title and about == talk_id and (note.event and note.event.id) == (event and event.id
      or note.event and talk_id and note.event.id) then
      return note
    end
  end
end

local function appended(body, text, is_line)
  if body ~= "" and body:sub(-1) ~= "\n" then body = body .. "\n" end
  if is_line then return body .. "- " .. text .. "\n" end
  if body ~= "" then body = body .. "\n" end
  return body .. text .. (text:sub(-1) == "\n" and "" or "\n")
end

function M.note(args, job)
  local words = table.concat(args.text, " ")
  local from_stdin = words == "-"
  local text = from_stdin and (job:stdin() or "") or words
  if not text:find "%S" then
    usage("there is nothing to note", "lectern note 'a line', or text on standard input with -")
  end
  local talk = args.talk and lectern.notes.get(args.talk)
  local today = lectern.date()
  local title = talk and ("%s, %s"):format(talk.title, today) or args.event
    and ("%s, %s"):format(event_title(args.event), today) or today
  local note = scratch(title, not talk and args.event or nil, talk and talk.id)
  local is_line = not from_stdin and not text:find "\n"
  local id
  if note then
    id = lectern.notes.update(note, { body = appended(note.body or "", text, is_line) })
  else
    id = lectern.notes.put {
      type = "note", kind = "scratch", title = title, body = appended("", text, is_line), event = slug_of(args.event),
      talks = talk and { talk.id } or nil,
    }
  end
  if job.dry_run then return nil end
  return nil, note and note.short or id:sub(1, 8)
end

-- ---- new and edit ---------------------------------------------------------------------------------------------------

function M.new(args, job)
  local talk = args.talk and lectern.notes.get(args.talk)
  local text
  if args.from then
    text = job:stdin() or ""
  else
    local blank = document.blank(talk, args.event)
    text = job:edit(blank, "note.md")
    if text == blank then return nil, "nothing written, nothing kept" end
  end
  if not text:find "%S" then return nil, "nothing written, nothing kept" end
  local page = document.parse(text)
  local event = page.event or slug_of(args.event)
  local talk_id = talk and talk.id
  if not talk_id and page.speakers and page.title then
    talk_id = lectern.talks.put { title = page.title, speakers = page.speakers, event = event, tags = page.tags,
      kind = page.kind }
  end
  lectern.notes.put {
    type = "note", kind = "note", title = page.title or document.title_of(page.body) or lectern.date(),
    body = page.body,
    event = event, tags = not talk_id and page.tags or nil, talks = talk_id and { talk_id } or nil,
  }
  return nil
end

-- The file OBJECT came from, in the editor, and what that changed brought over.
local function edit_source(object, job)
  local id = object.id
  if object.type == "talk" and not (object.sources or {})[1] and (object.notes or {})[1] then id = object.notes[1] end
  local file = job:edit_source(id)
  if not file then usage("there is no terminal to edit in", "edit the file, then lectern import it") end
  local report = lectern.import { paths = { file.path }, with = file.importer }
  local source = report.sources[1]
  if source.status == "failed" then
    lectern.fail(source.error.message, { code = source.error.code, hint = "the file is as you saved it; lectern import "
      .. "brings it over once it is right" })
  end
  if source.status == "unchanged" then return nil, "nothing changed" end
  local parts = {}
  for _, what in ipairs { "made", "updated", "conflicted", "orphaned" } do
    local n = source[what] or 0
    if n > 0 then parts[#parts + 1] = ("%d %s"):format(n, what) end
  end
  local undo = report.run and ("\nundo: lectern undo %s"):format(report.run:sub(1, 8)) or ""
  return nil, file.path .. ": " .. table.concat(parts, ", ") .. undo
end

function M.edit(args, job)
  local object = targets.one(args.id, job)
  if args.source then return edit_source(object, job) end
  local note
  if object.type == "talk" and #(object.notes or {}) == 1 then
    note = lectern.notes.get(object.notes[1], { body = true })
  elseif object.type == "note" then
    note = object
  end
  local before = document.of(object, note)
  local after = job:edit(before, (object.short or "note") .. ".md")
  if after == before then return nil, "nothing changed" end
  local changes, body = document.changes(object, document.parse(before), document.parse(after))
  if note == object and body ~= note.body then changes.body = body end
  if next(changes) then lectern.notes.update(object, changes, object.rev) end
  if note and note ~= object and body ~= note.body then
    lectern.notes.update(note, { body = body }, note.rev)
  elseif not note and object.type == "talk" and body:find "%S" then
    lectern.notes.put { type = "note", title = object.title, body = body, talks = { object.id },
      event = object.event and object.event.slug }
  end
  return nil
end

-- ---- tags, trash, undo ----------------------------------------------------------------------------------------------

function M.tag(args, job)
  local add, remove = args.change.add or {}, args.change.remove or {}
  if #add + #remove == 0 then usage("no tag to add or remove", "lectern tag +read-again -todo -- ID") end
  for _, object in ipairs(targets.all(args.target, job)) do
    if object.type == "talk" or object.type == "note" then lectern.notes.tag(object, add, remove) end
  end
  return nil
end

-- What goes with OBJECT: the notes that are about this talk alone, the parts of a post and their talks.
local function with_what_belongs(object, into, seen)
  if seen[object.id] then return end
  seen[object.id] = true
  into[#into + 1] = object
  if object.type == "talk" then
    for _, id in ipairs(object.notes or {}) do
      local note = lectern.notes.get(id)
      if note and #(note.talks or {}) == 1 then with_what_belongs(note, into, seen) end
    end
  elseif object.type == "note" then
    for _, id in ipairs(object.talks or {}) do
      local talk = lectern.notes.get(id)
      if talk and #(talk.notes or {}) == 1 then with_what_belongs(talk, into, seen) end
    end
    local parts = lectern.notes.sql(
      "SELECT p.id AS id FROM note p JOIN note f ON p.part_of = f.n WHERE f.id = ?", object.id)
    for _, row in ipairs(parts) do
      local part = lectern.notes.get(row.id)
      if part then with_what_belongs(part, into, seen) end
    end
  end
end

function M.delete(args, job)
  local found = targets.all(args.target, job)
  local doomed, seen = {}, {}
  for _, object in ipairs(found) do with_what_belongs(object, doomed, seen) end
  if #found > 1 and not args.yes and not job.dry_run then
    local answer = job:ask {
      text = ("delete %d objects, the first is '%s'?"):format(#doomed, doomed[1].title or doomed[1].name
        or doomed[1].id),
      choices = { "yes", "no" }, default = "no",
    }
    if answer == nil then usage(("this deletes %d objects"):format(#doomed), "--yes deletes without a question") end
    if answer ~= "yes" then return nil, "nothing deleted" end
  end
  for _, object in ipairs(doomed) do lectern.notes.delete(object) end
  return nil
end

function M.restore(args)
  lectern.notes.restore(lectern.notes.get(args.id, { deleted = true }) or args.id)
  return nil
end

function M.undo(args)
  lectern.notes.undo(args.run)
  return nil
end

return M
