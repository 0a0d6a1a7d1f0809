-- Notes as Markdown files: front matter, then the text as it is. A post is put together from its parts. Importing the
-- files into an empty store gives the same notes, talks, fields and tags.

local lectern = require "lectern"
local yaml = require "lectern.yaml"
local events = require "markdown.events"
local importer = require "markdown.import"
local mentions = require "markdown.mentions"
local people = require "markdown.people"
local inline = require "markdown.inline"
local attachments = require "lectern.attachments"
local told = require "markdown.told"

local M = {}

local null = lectern.null

local function event_text(event)
  if not event then return nil end
  return event.year and ("%s %d"):format(event.name, event.year) or event.name
end

local function filled(t) return type(t) == "table" and next(t) ~= nil end

-- "Ana Lima (Fjord Labs)" where the importer reads it as just that person with just these affiliations.
local function in_one_line(s)
  if not filled(s.affiliations) then return s.name end
  local line = ("%s (%s)"):format(s.name, table.concat(s.affiliations, "; "))
  local read = people.parse(people.plain(line), { labelled = true })
  local one = read and #read == 1 and read[1]
  local firms = one and one.affiliations
  if not one or one.name ~= s.name or not firms or #firms ~= #s.affiliations then return nil end
  for i, firm in ipairs(firms) do if firm ~= s.affiliations[i] then return nil end end
  return line
end

-- Speakers as front matter: names, or maps where there is more to say.
local function speakers_of(speakers)
  local out = {}
  for i, s in ipairs(speakers or {}) do
    local role = s.role ~= "speaker" and s.role or nil
    local alone = not filled(s.affiliations) and (s.name:find "[,(&;@|%[]" or s.name:find " and ")
    local line = not role and not alone and in_one_line(s)
    out[i] = line or { name = s.name, role = role, affiliations = filled(s.affiliations) and s.affiliations or nil }
  end
  return out[1] and out or nil
end

local function without(tags, own)
  local skip, out = {}, {}
  for _, tag in ipairs(own or {}) do skip[tag] = true end
  for _, tag in ipairs(tags or {}) do if not skip[tag] then out[#out + 1] = tag end end
  return out[1] and out or nil
end

-- Front matter with its keys in order.
local function page()
  local data, order = {}, {}
  return data, order, function(key, value)
    if value ~= nil and value ~= "" and data[key] == nil then
      data[key] = value
      order[#order + 1] = key
    end
  end
end

local function put_fields(put, fields)
  local keys = {}
  for key in next, fields or {} do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do put(key, fields[key]) end
end

local function put_talk(put, talk, own_tags)
  put("title", talk.title)
  if talk.kind ~= "talk" then put("kind", talk.kind) end
  if talk.kind_as_written ~= talk.kind then put("kind_as_written", talk.kind_as_written) end
  put("speakers", speakers_of(talk.speakers))
  put("event", event_text(talk.event) or null)
  put("session", talk.session)
  if talk.start and #talk.start > 10 or talk["end"] then put("start", talk.start) else put("date", talk.start) end
  put("end", talk["end"])
  put("room", talk.room)
  put("building", talk.building)
  put("url", talk.url)
  put("slides_url", talk.slides_url)
  put("video_url", talk.video_url)
  put("lang", talk.lang)
  put("tags", without(talk.tags, own_tags))
  put("abstract", talk.abstract)
  local awards = {}
  for i, award in ipairs(talk.awards or {}) do awards[i] = award.name end
  put("awards", awards[1] and awards or nil)
  put_fields(put, talk.fields)
end

-- What waits for a decision is said where an importer reads over it.
local function marks(objects)
  local lines = {}
  for _, object in ipairs(objects) do
    for _, mark in ipairs(object.marks or {}) do
      if mark == "conflict" then
        lines[#lines + 1] = ("# conflict: changed here and in its source, see lectern conflicts %s\n"):format(object.short)
      end
    end
  end
  return table.concat(lines)
end

local function document(data, order, body, objects)
  return "---\n" .. yaml.emit(data, order) .. marks(objects or {}) .. "---\n" .. body
end

-- A note about one talk and nothing else.
local function of_talk(note, talk)
  local own = inline.scan(note.body)
  local data, order, put = page()
  put_talk(put, talk, own)
  put("author", note.author and note.author.name)
  if note.title ~= talk.title then put("note_title", note.title) end
  if note.kind ~= "note" then put("note_kind", note.kind) end
  told.put(put, note)
  put_fields(put, note.fields)
  -- A talk needs a sign that it is one.
  if not data.speakers and not data.kind then put("kind", talk.kind) end
  return document(data, order, note.body, { note, talk })
end

local function put_note(put, note, kind)
  put("title", note.title)
  put("kind", kind)
  put("author", note.author and note.author.name)
  put("event", event_text(note.event) or null)
  put("lang", note.lang)
  put("tags", without(note.tags, (inline.scan(note.body))))
  told.put(put, note)
  put_fields(put, note.fields)
end

local function of_note(note)
  local data, order, put = page()
  put_note(put, note, note.kind)
  return document(data, order, note.body, { note })
end

-- ---- posts ----------------------------------------------------------------------------------------------------------

-- What the importer makes of TEXT, by order of the passages: { { title, talk } }, and talks without passage.
local function as_imported(text, stem)
  local records = {}
  local job = { emit = function(_, r) records[#records + 1] = r end, warn = function() end, log = function() end }
  local source = { path = stem .. ".md", stem = stem, name = stem .. ".md", extension = "md", folder = "",
    bytes = #text }
  function source.text() return text end
  function source.line_at() return 1 end
  importer.import(source, {}, job)
  local parts, by_key, root = {}, {}, nil
  for _, r in ipairs(records) do
    if r.type == "note" and r.part_of then
      by_key[r.key] = { title = r.title, start = r.bytes[1], stop = r.bytes[2] }
      parts[#parts + 1] = by_key[r.key]
    elseif r.type == "note" then root = r
    elseif r.type == "talk" and by_key[r.note] then by_key[r.note].talk = r end
  end
  return parts, root
end

local function names(speakers)
  local out = {}
  for i, s in ipairs(speakers or {}) do
    local firms = type(s) == "table" and s.affiliations and table.concat(s.affiliations, ";") or ""
    local role = type(s) == "table" and s.role or "speaker"
    out[i] = (type(s) == "table" and s.name or s) .. "\1" .. firms .. "\1" .. role
  end
  return table.concat(out, "\2")
end

local function same_set(a, b)
  local set, n = {}, 0
  for _, v in ipairs(a or {}) do set[v] = true end
  for _, v in ipairs(b or {}) do if not set[v] then return false end n = n + 1 end
  return n == #(a or {})
end

local function same_fields(a, b)
  for k, v in next, a or {} do if (b or {})[k] ~= v then return false end end
  for k in next, b or {} do if (a or {})[k] == nil then return false end end
  return true
end

local function same_event(a, b)
  return (a and a.name) == (b and b.name) and (a and a.year) == (b and b.year)
end

local function same_talk(kept, made)
  for _, key in ipairs { "title", "kind", "session", "start", "end", "room", "building", "url", "slides_url",
    "video_url", "abstract" } do
    if kept[key] ~= made[key] then return false end
  end
  local event = made.event
  if type(event) == "string" then event = events.parse(event) or { name = event } end
  return names(kept.speakers) == names(made.speakers) and same_event(kept.event, event)
    and same_set(kept.tags, made.tags)
    and same_fields(kept.fields, made.fields) and not filled(kept.awards)
end

-- Whether importing TEXT gives PARTS back.
local function structure_suffices(text, stem, parts, offset)
  local made = as_imported(text, stem)
  if #made ~= #parts then return false end
  local at = offset
  for i, part in ipairs(parts) do
    local m = made[i]
    if m.start ~= at or m.title ~= part.note.title or (m.talk ~= nil) ~= (part.talk ~= nil) then return false end
    if part.talk and not same_talk(part.talk, m.talk) or part.more or not told.in_text(part.note) then return false end
    at = at + #part.note.body
  end
  return true
end

local function first_line(body) return body:match "^([^\r\n]*)" end

local function listed(parts, extra)
  local talks = {}
  for _, part in ipairs(parts) do
    local data, _, put = page()
    put("passage", first_line(part.note.body))
    if part.talk then
      put_talk(put, part.talk, (inline.scan(part.note.body)))
      if part.note.title ~= part.talk.title then put("note_title", part.note.title) end
    else
      put("title", part.note.title)
      put("kind", "note")
      put("tags", without(part.note.tags, (inline.scan(part.note.body))))
    end
    told.put(put, part.note)
    talks[#talks + 1] = data
    -- More talks that the same passage is about.
    for _, talk in ipairs(part.more or {}) do
      local other, _, put_more = page()
      put_more("same_passage", "true")
      put_talk(put_more, talk, (inline.scan(part.note.body)))
      talks[#talks + 1] = other
    end
  end
  for _, talk in ipairs(extra) do
    local data, _, put = page()
    put_talk(put, talk)
    talks[#talks + 1] = data
  end
  return talks
end

-- A post: NOTE, its PARTS ({ note, talk }), and the TALKS that belong to the note itself.
local function of_post(note, parts, talks, stem)
  local data, order, put = page()
  put_note(put, note, note.kind)
  local pieces, objects = { note.body }, { note }
  for i, part in ipairs(parts) do
    pieces[i + 1] = part.note.body
    objects[#objects + 1] = part.note
    objects[#objects + 1] = part.talk
    for _, talk in ipairs(part.more or {}) do objects[#objects + 1] = talk end
  end
  table.move(talks, 1, #talks, #objects + 1, objects)
  local body = table.concat(pieces)
  local text = document(data, order, body, objects)
  if #talks == 0 and structure_suffices(text, stem, parts, #text - #body + #note.body) then return text end
  put("talks", listed(parts, talks))
  return document(data, order, body, objects)
end

-- ---- the export -----------------------------------------------------------------------------------------------------

local function parts_of(note)
  local rows = lectern.notes.sql(
    "SELECT p.id AS id FROM note p JOIN note f ON p.part_of = f.n WHERE f.id = ? ORDER BY p.ord", note.id)
  local ids = {}
  for i, row in ipairs(rows) do ids[i] = row.id end
  if #ids == 0 then return {} end
  local by_id, talk_ids = {}, {}
  for part in lectern.notes.each { type = "note", ids = ids, body = true } do
    by_id[part.id] = { note = part }
    for _, id in ipairs(part.talks or {}) do talk_ids[#talk_ids + 1] = id end
  end
  local talks = {}
  if #talk_ids > 0 then
    for talk in lectern.talks.each { ids = talk_ids, body = true } do talks[talk.id] = talk end
  end
  local parts = {}
  for _, id in ipairs(ids) do
    local part = by_id[id]
    if part then
      for i, known in ipairs(part.note.talks or {}) do
        if i == 1 then
          part.talk = talks[known]
        else
          part.more = part.more or {}
          part.more[#part.more + 1] = talks[known]
        end
      end
      parts[#parts + 1] = part
    end
  end
  return parts
end

local function talks_of(note, given)
  if given then return given end
  local talks = {}
  if #(note.talks or {}) > 0 then
    for talk in lectern.talks.each { ids = note.talks, body = true } do talks[#talks + 1] = talk end
  end
  return talks
end

-- A path below the folder: EVENT/TITLE.md, each once.
local function file_name(used, note)
  local slug = lectern.text.slug(note.title or "")
  if slug == "" then slug = "note" end
  local folder = note.event and (note.event.slug or lectern.text.slug(event_text(note.event))) or nil
  local name = (folder and folder .. "/" or "") .. slug:sub(1, 80)
  if used[name] then name = name .. "-" .. (note.short or note.id:sub(1, 8)) end
  used[name] = true
  return name
end

-- ---- files beside the notes -----------------------------------------------------------------------------------------

-- Where the attachments of OBJECTS lie when their note is STEM.md: { path = sha256 }, and the names of those that cannot
-- lie where the text says, because others do or it would be outside.
local function places(taken, stem, objects)
  local found, homeless = {}, {}
  for _, object in ipairs(objects) do
    for _, entry in ipairs(object.attachments or {}) do
      local path = entry.sha256 and entry.name and attachments.beside(stem:match "^(.*)/[^/]*$" or "", entry.name)
      local other = path and (taken[path] or found[path])
      if path and (not other or other == entry.sha256) then found[path] = entry.sha256
      elseif entry.sha256 and entry.name then homeless[#homeless + 1] = entry.name end
    end
  end
  return found, homeless
end

-- Below a folder of its own a note has room for what it could not have beside others.
local function settled(taken, used, stem, objects)
  local found, homeless = places(taken, stem, objects)
  local own = stem .. "/" .. stem:match "[^/]*$"
  if #homeless == 0 or used[own] then return stem, found, homeless end
  local there, left = places(taken, own, objects)
  if #left >= #homeless then return stem, found, homeless end
  used[own] = true
  return own, there, left
end

local function write_files(out, taken, found, homeless, stem, job)
  for path, sha256 in pairs(found) do
    if taken[path] then found[path] = nil else taken[path] = sha256 end
  end
  out:attach(found)
  for _, name in ipairs(homeless) do job:warn(("%s.md: there is no place for its attachment '%s'"):format(stem, name)) end
end

local MENTIONS <const> = 128 * 1024 -- bytes of one file of mentions, about

-- Works that are only mentioned belong to no note: they stand in the front matter of files of their own.
local function write_mentions(query, used, start)
  local list, bytes, n = {}, 0, 0
  local function flush()
    if #list == 0 then return end
    local name
    repeat
      n = n + 1
      name = n == 1 and "mentions" or "mentions-" .. n
    until not used[name]
    used[name] = true
    start(name, document({ mentions = list }, { "mentions" }, ""))
    list, bytes = {}, 0
  end
  mentions.each(query, function(talk)
    local data, _, put = page()
    local event = talk.event
    if event and event.name:find "%d" then put("event", { name = event.name, year = event.year and tostring(event.year) }) end
    put_talk(put, talk)
    if talk.kind == "mention" then data.kind = nil else data.kind = talk.kind end
    list[#list + 1] = data
    bytes = bytes + #talk.title + #(talk.abstract or "") + 200
    if bytes >= MENTIONS then flush() end
  end)
  flush()
end

function M.export(notes, out, job)
  local folder = out.folder
  local used, taken, roots, orphans, count = {}, {}, {}, {}, 0
  local function start(name)
    if folder then out:file(name .. ".md") elseif count > 0 then out:write "\n" end
    count = count + 1
  end
  local function write(note, given)
    local stem, found, homeless = file_name(used, note), nil, nil
    local talks = talks_of(note, given)
    local parts = (note.kind == "post" or note.kind == "programme") and parts_of(note) or {}
    local objects = { note }
    for i, part in ipairs(parts) do
      roots[part.note.id] = true
      objects[i + 1] = part.note
    end
    if folder then stem, found, homeless = settled(taken, used, stem, objects) end
    start(stem)
    local text
    if #parts > 0 or #talks > 1 then text = of_post(note, parts, talks, stem:match "[^/]*$")
    elseif #talks == 1 then text = of_talk(note, talks[1])
    else text = of_note(note) end
    out:write(text)
    if found then write_files(out, taken, found, homeless, stem, job) end
  end
  for note, talks in notes do
    if note.part_of then orphans[#orphans + 1] = note.id else write(note, talks) end
  end
  -- Parts that were asked for without the post they belong to.
  local alone = {}
  for _, id in ipairs(orphans) do if not roots[id] then alone[#alone + 1] = id end end
  for at = 1, #alone, 200 do
    local ids = table.move(alone, at, math.min(at + 199, #alone), 1, {})
    for note in lectern.notes.each { type = "note", ids = ids, body = true } do write(note) end
  end
  write_mentions(out.query, used, function(name, text)
    start(name)
    out:write(text)
  end)
end

return M
