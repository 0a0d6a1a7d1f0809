-- Front matter that says itself which talks a file holds: the key `talks`, a list. An entry with `passage` names the
-- first line of the text that is about it, one with `same_passage` is told of in that of the entry before it; one of kind
-- `note` is text about no talk. The exporter writes this where the
-- structure of the text alone would not give back what the store knows.

local front = require "markdown.front"
local headings = require "markdown.headings"
local inline = require "markdown.inline"
local told = require "markdown.told"

local M = {}

-- Byte (0-based) where LINE stands as a whole line of BODY, at or behind AT.
local function find_line(body, line, at)
  if body:sub(at + 1, at + #line) == line and (body:find("^\r?\n", at + #line + 1) or at + #line >= #body)
    and (at == 0 or body:sub(at, at) == "\n") then
    return at
  end
  local from = at + 1
  while true do
    local a, b = body:find("\n" .. line, from, true)
    if not a then return nil end
    if b >= #body or body:find("^\r?\n", b + 1) then return a end
    from = b
  end
end

-- Places of all entries with a passage, in order; nil and the line that is missing.
local function places(body, entries)
  local at, out = 0, {}
  for i, entry in ipairs(entries) do
    local line = type(entry) == "table" and type(entry.passage) == "string" and entry.passage
    if line then
      local start = find_line(body, line, at)
      if not start then return nil, line end
      out[#out + 1] = { start = start, entry = entry, index = i }
      at = start + math.max(1, #line)
    end
  end
  for i, place in ipairs(out) do place.stop = out[i + 1] and out[i + 1].start or #body end
  return out
end

local function talk_of(c, entry, event)
  local copy = {}
  for k, v in next, entry do if k ~= "passage" and k ~= "same_passage" then copy[k] = v end end
  local meta = front.read(copy)
  local talk = c.front_talk(meta, "listed in front matter", 1)
  talk.type = "talk"
  if not talk.event and copy.event == nil then talk.event = event end
  return talk
end

-- The records of a file that lists its talks. False where the list does not fit the text.
function M.import(c)
  local entries, body, at = c.data.talks, c.body, c.body_at
  for _, entry in ipairs(entries) do
    if type(entry) ~= "table" or type(entry.title) ~= "string" then return false end
  end
  local parts, missing = places(body, entries)
  if not parts then
    c.job:warn(("front matter names a passage that is not there: '%s'"):format(missing))
    return false
  end
  local known = {}
  for i, entry in ipairs(entries) do known[i] = entry.passage and told.take(entry) or nil end
  local event = c.meta.event
  local intro = parts[1] and parts[1].start or #body
  local tags, links, questions, files = inline.scan(body:sub(1, intro), c.definitions)
  c.job:emit(told.fill({
    type = "note", key = "file", title = c.title, kind = c.data.kind or "post", bytes = { 0, at + intro },
    body_bytes = { at, at + intro }, author = c.author_of(c.meta), event = event, lang = c.language(c.meta, c.source),
    tags = front.merged(c.meta.tags, tags), links = links, questions = questions, attachments = files,
    fields = c.note_fields(c.meta, c.data),
    why = "the file outside its talks",
  }, c.known))
  for ord, part in ipairs(parts) do
    local entry, key = part.entry, "part" .. ord
    local own, own_links, own_questions, own_files = inline.scan(body:sub(part.start + 1, part.stop), c.definitions)
    local plain = entry.kind == "note"
    c.job:emit(told.fill({
      type = "note", key = key, title = plain and entry.title or entry.note_title or headings.clean(entry.title), kind = "note",
      bytes = { at + part.start, at + part.stop }, part_of = "file", ord = ord, event = event,
      tags = plain and front.merged(entry.tags and front.tags_of(entry.tags), own) or own, links = own_links,
      questions = own_questions, attachments = own_files, why = plain and "text between talks" or "passage of a talk",
    }, known[part.index]))
    local i = part.index
    while not plain or i > part.index do
      local talk = talk_of(c, entries[i], event)
      talk.note, talk.bytes, talk.tags = key, { at + part.start, at + part.stop }, front.merged(talk.tags, own)
      c.job:emit(talk)
      i = i + 1
      if not entries[i] or not entries[i].same_passage then break end
    end
  end
  for _, entry in ipairs(entries) do
    if not entry.passage and not entry.same_passage then
      local talk = talk_of(c, entry, event)
      talk.note, talk.bytes = "file", { 0, #c.text }
      c.job:emit(talk)
    end
  end
  return true
end

return M
