-- From one Markdown text to records: a note that owns the file, a note for each passage about a talk, and the talks.
-- A file whose front matter names speakers is one talk and is never parsed further: that is the fast path.

local events = require "markdown.events"
local front = require "markdown.front"
local headings = require "markdown.headings"
local inline = require "markdown.inline"
local mentions = require "markdown.mentions"
local structure = require "markdown.structure"
local told = require "markdown.told"

local M = {}

local find, sub = string.find, string.sub

local function language(meta, source)
  return meta and meta.lang or source.stem:match "%.(%l%l)$"
end

local function nonempty(t) return t and next(t) ~= nil and t or nil end

-- Everything in front matter that a note without talk cannot hold elsewhere.
local function note_fields(meta, data)
  if not data then return nil end
  local fields = {}
  local held = { title = true, tags = true, tag = true, event = meta.event ~= nil, conference = meta.event ~= nil,
    lang = true, language = true, talks = meta.talks, author = true, authors = true, kind = meta.note_kind ~= nil }
  for key, value in next, data do
    if not held[key] and value ~= front.null and value ~= "" then fields[key] = value end
  end
  if meta.authors and #meta.authors > 1 then fields.authors = data.authors or data.author end
  return nonempty(fields)
end

local function author_of(meta)
  local a = meta and meta.authors and meta.authors[1]
  return type(a) == "table" and a.name or a
end

local function emit_single(job, text, body_at, talk, note, broken, known)
  local tags, links, questions, files = inline.scan(body_at > 0 and sub(text, body_at + 1) or text)
  note.type, note.key, note.bytes = "note", "note", { 0, #text }
  if body_at > 0 and not broken then note.body_bytes = { body_at, #text } end
  note.links, note.questions, note.attachments = links, questions, files
  if talk then
    note.tags = tags
    talk.type, talk.note, talk.bytes = "talk", "note", { 0, #text }
    talk.tags = front.merged(talk.tags, tags)
  else
    note.tags = front.merged(note.tags, tags)
  end
  job:emit(told.fill(note, known))
  if talk then job:emit(talk) end
end

-- A talk as front matter tells it.
local function front_talk(meta, why, confidence)
  return {
    title = headings.clean(meta.title), kind = meta.kind or "talk",
    kind_as_written = meta.kind_as_written,
    speakers = meta.speakers, event = meta.event, session = meta.session, start = meta.start, ["end"] = meta["end"],
    room = meta.room, building = meta.building, url = meta.url, slides_url = meta.slides_url,
    video_url = meta.video_url,
    abstract = meta.abstract, awards = meta.awards, tags = meta.tags, fields = nonempty(meta.fields), lang = meta.lang,
    why = why,
    confidence = confidence,
  }
end

-- Does front matter alone say that this file is one talk? true, false, or nil where the text has to tell.
local function says_talk(meta, body)
  if not meta or not meta.title then return nil end
  if meta.note_kind and not meta.speakers and not meta.kind then
    if meta.note_kind == "post" or meta.note_kind == "programme" then return nil end
    return false
  end
  if meta.speakers then return true, "front matter names speakers", 1 end
  if headings.is_break(meta.title) then return false end
  if meta.asked and not meta.abstract and #body < 40 then return false end
  if meta.kind then return true, "front matter says '" .. (meta.kind_as_written or meta.kind) .. "'", 0.95 end
  for _, tag in ipairs(meta.tags or {}) do
    if tag == "talk" or tag == "talks" then return true, "tagged '" .. tag .. "' in front matter", 0.8 end
  end
  if meta.abstract and (meta.video_url or meta.slides_url or meta.event) then
    return true, "front matter holds an abstract", 0.85
  end
  return nil
end

function M.import(source, _, job)
  local text = source:text()
  local body_at, raw, kind = front.split(text)
  local meta, data, broken, known
  if raw then
    local message, line
    data, message, line = front.parse(raw, kind)
    if data then
      local listed = data.mentions and mentions.take(data)
      if listed then
        mentions.emit(job, listed, body_at, front_talk)
        if next(data) == nil and not find(text, "%S", body_at + 1) then return end
      end
      known = told.take(data)
      meta = front.read(data)
    else
      -- Unreadable front matter is text like any other: nothing is lost.
      job:warn(message, { line = line })
      broken = true
    end
  end
  if meta and meta.speakers and meta.title and type(data.talks) ~= "table" then
    local talk = front_talk(meta, "front matter names speakers", 1)
    talk.lang = talk.lang or language(nil, source)
    if not talk.event and not meta.no_event then
      local event, where = events.path(source.path, source.stem, talk.title)
      if event then
        talk.event, talk.confidence = { name = event.name, year = event.year }, 0.9
        talk.why = talk.why .. "; event from the " .. where
      end
    end
    return emit_single(job, text, body_at, talk, {
      title = meta.note_title or talk.title, kind = meta.note_kind or "note", event = talk.event, lang = talk.lang,
      author = author_of(meta), why = "the whole file",
    }, nil, known)
  end
  return structure.import {
    source = source, job = job, text = text, body_at = body_at, meta = meta, data = data, broken = broken, known = known,
    says_talk = says_talk,
    front_talk = front_talk, emit_single = emit_single, note_fields = note_fields, author_of = author_of,
    language = language,
  }
end

-- How much NAME and the first bytes look like Markdown: score and reason.
function M.detect(source)
  local head = source:head(1024)
  if front.split(head .. "\n") > 0 or find(head, "^%-%-%-[ \t]*\r?\n[%w_]+:") then return 90, "front matter" end
  if find(head, "^#+ ") or find(head, "\n#+ ") then return 80, "headings" end
  if source.extension == "md" or source.extension == "markdown" then return 60, "named ." .. source.extension end
  if find(head, "\n[-*] ") or find(head, "](", 1, true) then return 30, "lists or links" end
  return 5, "text"
end

return M
