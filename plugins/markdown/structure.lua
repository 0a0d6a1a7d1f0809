-- Files that do not say in front matter what they are: their sections are read, talks found in them, and the text
-- divided so that every byte belongs to one note: the file's own, or that of the passage it stands in.

local dates = require "markdown.dates"
local events = require "markdown.events"
local front = require "markdown.front"
local headings = require "markdown.headings"
local inline = require "markdown.inline"
local lead = require "markdown.lead"
local lists = require "markdown.lists"
local outline = require "markdown.outline"
local passages = require "markdown.passages"
local people = require "markdown.people"
local talks = require "markdown.talks"
local told = require "markdown.told"

local M = {}

-- The short lines below the event's heading: "July 15 - 16, 2016", then a place.
local function event_facts(event, blocks, body)
  local found, expecting
  for i = 1, math.min(#blocks, 3) do
    local b = blocks[i]
    if b.type ~= "paragraph" and b.type ~= "list" or b.stop - b.start > 600 then break end
    for raw in body:sub(b.start + 1, b.stop):gmatch "[^\r\n]+" do
      local line = people.plain((raw:gsub("^%s*[-*+]%s+", "")))
      local first, last, from, to = dates.range(line, event.year)
      if first and not found and from <= 12 then
        found = true
        -- "Session 2" or "Day 1" of an event: the date is that of the part.
        if event.part then event.part_date = first else event.start, event["end"] = event.start or first, event["end"]
          or last end
        local rest = line:sub(to + 1):gsub("^[%s,;:@–—-]+", ""):gsub("^in%s+", ""):gsub("^at%s+", "")
        if rest ~= "" and #rest <= 60 and rest:find "^%u" then event.place = event.place
          or rest else expecting = rest == "" end
      elseif expecting and #line <= 60 and line:find "^[%u\xc3]" and not line:find "[:?!]" and not line:find "%.$" then
        event.place, expecting = event.place or line, false
      elseif line:find "^https?://%S+$" then
        event.url = event.url or line
      end
    end
  end
end

local function looks_like_conference(event, body)
  return event.part ~= nil or event.noted or events.sounds(event.name) or talks.vocabulary(body)
end

-- The event the file is about, from front matter, the first heading or the path; the section that named it.
local function event_of(c, root)
  local meta, source = c.meta, c.source
  if meta and meta.event then
    local e = type(meta.event) == "table" and meta.event or events.parse(meta.event) or { name = meta.event }
    -- The text may say when and where: below its first heading, if that is the event too.
    local first = root.children[1]
    local same = first and events.parse(first.title, true)
    if same and same.name:lower() == e.name:lower() and (same.year or e.year) == e.year then
      e.part = e.part or same.part
      event_facts(e, first.blocks, c.body)
      return e, "front matter", first, looks_like_conference(same, c.body), true
    end
    return e, "front matter", nil, nil, true
  end
  if meta and meta.no_event then return nil end
  local first = root.children[1]
  local title = meta and meta.title or first and first.title
  local slug = title and title:find "%w[-_]%d%d%d%d" and not title:find "[|:]"
  local event = title and (events.parse(title, true) or slug and events.slug(title, nil, c.body))
  if event and first and #root.children <= 2 or event and meta and meta.title then
    if not event.year then event.year = events.year_for(event.name, source.path, source.stem) end
    local section = first and (first.title == title or events.parse(first.title, true)) and first or nil
    if section then event_facts(event, section.blocks, c.body) else event_facts(event, root.blocks, c.body) end
    local conference = looks_like_conference(event, c.body)
    return event, "heading '" .. title .. "'", section, conference and not event.loose, conference
  end
  local prefix = title and events.prefix(title)
  if prefix then return prefix, "title", nil, nil, true end
  local placed, where = events.path(source.path, source.stem, title, c.body)
  if placed then
    local day = first and outline.is_day(first.title)
    return placed, where, nil, day, day or c.meta and (c.meta.kind or c.meta.asked) or talks.vocabulary(c.body)
  end
end

local function event_value(event)
  return event and { name = event.name, year = event.year } or nil
end

local function emit_event(c, event, why, section)
  if not event or not (event.start or event.place or event.url) then return end
  local stop = section and (section.children[1] and section.children[1].start or section.stop) or #c.body
  c.job:emit {
    type = "event", name = event.name, year = event.year, start = event.start, ["end"] = event["end"],
    place = event.place,
    url = event.url, bytes = { c.body_at + (section and section.start or 0), c.body_at + stop },
    why = "event named by the " .. why,
  }
end

-- A text inside a fence whose own title is this file's: its author and date are those of the talk.
local function embedded_document(c, root, all, title)
  local function read(s)
    for _, b in ipairs(s.blocks) do
      if b.type == "code_block" then
        local head = c.body:sub(b.start + 1, math.min(b.stop, b.start + 1000))
        local own = head:match "#%+TITLE:%s*([^\r\n]+)" or head:match "#%+title:%s*([^\r\n]+)"
        if own and headings.clean(own):lower() == title:lower() then
          local author = head:match "#%+AUTHOR:%s*([^\r\n]+)" or head:match "#%+author:%s*([^\r\n]+)"
          local date = head:match "#%+DATE:%s*<?([^\r\n>]+)" or head:match "#%+date:%s*<?([^\r\n>]+)"
          author = author and author:gsub("%s*%(https?://[^()]*%)", ""):gsub("%s*<[^<>]*>", "")
          return author and people.parse(author, { labelled = true }), date and dates.stamp(date)
        end
      end
    end
  end
  for _, s in ipairs { root, table.unpack(all) } do
    local who, date = read(s)
    if who or date then return who, date end
  end
end

local function speakers_of(found, role)
  if not found then return nil end
  local out = {}
  for i, p in ipairs(found) do
    local as = p.role or role
    out[i] = (p.affiliations or as) and { name = p.name, role = as, affiliations = p.affiliations } or p.name
  end
  return out
end

-- Date of a day's heading; one that contradicts the event's own dates is told and not believed.
local function day_date(c, day, event)
  if day.date ~= nil then return day.date or nil end
  local function fits(date)
    return event and event.start and date >= event.start and date <= (event["end"] or event.start)
  end
  local date = dates.range(day.title, event and event.year) or dates.numeric(day.title, fits)
  if not date then
    local y, m, d = day.title:match "^(%d%d%d%d)(%d%d)(%d%d)$"
    date = y and dates.range(y .. "-" .. m .. "-" .. d) or nil
  end
  if date and event and event.start and not fits(date) then
    c.job:warn(("'%s' lies outside the event's dates (%s to %s): not used"):format(day.title, event.start,
      event["end"] or event.start), { line = c.source:line_at(c.body_at + day.start) })
    date = nil
  end
  day.date = date or false
  return date
end

local function when(date, clock)
  if date and clock then return date .. "T" .. clock end
  return date
end

-- The event that the line with SPEAKERS ends with.
local function event_behind(speakers)
  local last = speakers and speakers[#speakers]
  return last and last.event
end

-- What talks.find or lists.find made, as a record.
local function record(c, t, event)
  local l = t.lead or t
  local fields = {}
  local date = t.date or l.date or t.day and day_date(c, t.day, event) or event and event.part_date
    or event and event.start and event.start == event["end"] and event.start or nil
  if t.from and not date then fields.time = t.to and t.from .. "-" .. t.to or t.from end
  if t.slot then fields.slot = t.slot end
  for _, key in ipairs { "duration", "level", "track", "topic" } do fields[key] = l[key] end
  if not t.people and (t.handle or t.as_written) then fields.speaker_as_written = t.handle or t.as_written end
  local own = l.event and events.parse(l.event) or event_behind(t.people)
  if l.affiliation and t.people and #t.people == 1 and not t.people[1].affiliations then
    t.people[1].affiliations = { l.affiliation }
  end
  return {
    type = "talk", title = t.title, kind = t.kind, kind_as_written = t.kind_as_written,
    speakers = speakers_of(t.people, t.role), event = event_value(own or event),
    session = t.session or l.session or event and event.part and event.part:find "^[Ss]ession" and event.part or nil,
    start = when(date, t.from), ["end"] = t.to and date and when(date, t.to) or nil, room = l.room, url = l.url,
    slides_url = l.slides_url, video_url = l.video_url, fields = next(fields) and fields or nil,
    why = t.why, confidence = t.confidence, tags = type(l.tags) == "string" and front.tags_of(l.tags) or nil,
  }
end

local function only_headings(section_blocks)
  for _, b in ipairs(section_blocks) do
    if b.type ~= "thematic_break" and b.type ~= "html_block" then return false end
  end
  return true
end

-- Whether one talk is all the file is about: it begins with the first heading, or nothing but headings and the event's
-- date and place stand outside it.
local function covers(talk, root, all, context)
  local s = talk.section
  if s == all[1] and #root.blocks == 0 then return true end
  if s == all[1] and talk.start < 400 then return true end
  if not only_headings(root.blocks) then return false end
  for _, other in ipairs(all) do
    local inside = other.start >= s.start and other.start < s.stop
    if not inside and not only_headings(other.blocks) and other ~= context.event_section then return false end
  end
  return true
end

local function blank(s) return not s:find "%S" end

-- The text between talks: { start, stop, section }, in order; blank stretches go to the talk before.
local function gaps(found, body, all)
  local out = {}
  for i, t in ipairs(found) do
    local next_start = found[i + 1] and found[i + 1].start or #body
    if t.stop < next_start then
      if blank(body:sub(t.stop + 1, next_start)) then
        t.stop = next_start
      else
        local section
        for _, s in ipairs(all) do
          if s.start >= t.stop and s.start < next_start then section = s break end
        end
        out[#out + 1] = { start = t.stop, stop = next_start, section = section, gap = true }
      end
    end
  end
  return out
end

local function first_line(text, fallback)
  for line in text:gmatch "[^\r\n]+" do
    local plain = people.plain((line:gsub("^[%s>#*+-]+", "")))
    if plain:find "%w" or plain:find "[\x80-\xff]" then
      return #plain <= 100 and plain or plain:sub(1, 100):gsub("[\x80-\xff]*$", ""):gsub("%s+%S*$", "") .. " ..."
    end
  end
  return fallback
end

local function emit_passage(c, key, title, from, to, ord, event, why)
  local tags, links, questions, files = inline.scan(c.body:sub(from + 1, to), c.definitions)
  c.job:emit {
    type = "note", key = key, title = title, kind = "note", bytes = { c.body_at + from, c.body_at + to },
    part_of = "file",
    ord = ord, event = event_value(event), tags = tags, links = links, questions = questions,
    attachments = files, why = why,
  }
  return tags
end

-- A file of several talks, or of one beside other text.
local function emit_post(c, found, listed, all, event, context)
  local body, at = c.body, c.body_at
  local intro = found[1] and found[1].start or #body
  local tags, links, questions, files = inline.scan(body:sub(1, intro), c.definitions)
  local author = c.meta and c.author_of(c.meta)
  local named = context.title_section and context.title_section.lead and context.title_section.lead.people
  if not author and named and found[1] then author = named[1].name end
  local kind = c.meta and c.meta.note_kind
  c.job:emit(told.fill({
    type = "note", key = "file", title = c.title, kind = kind or (found[1] and "post" or "programme"),
    bytes = { 0, at + intro },
    body_bytes = at > 0 and not c.broken and { at, at + intro } or nil, author = author, event = event_value(event),
    lang = c.language(c.meta, c.source), tags = c.meta and c.meta.tags and front.merged(c.meta.tags, tags) or tags,
    links = links,
    questions = questions, attachments = files, fields = c.note_fields(c.meta, c.data), why = found[1] and "the file outside its talks"
      or "the whole file",
  }, c.known))
  local parts = gaps(found, body, all)
  for _, t in ipairs(found) do parts[#parts + 1] = t end
  table.sort(parts, function(a, b) return a.start < b.start end)
  for i, part in ipairs(parts) do
    local key = "part" .. i
    if part.gap then
      local title = part.section and part.section.title ~= "" and part.section.title
        or first_line(body:sub(part.start + 1, part.stop), c.title)
      emit_passage(c, key, title, part.start, part.stop, i, event, "text between talks")
    else
      local own = emit_passage(c, key, part.title, part.start, part.stop, i, event, "passage of a talk")
      local talk = record(c, part, event)
      talk.note, talk.bytes, talk.tags = key, { at + part.start, at + part.stop }, front.merged(talk.tags, own)
      c.job:emit(talk)
    end
  end
  for _, t in ipairs(listed) do
    local talk = record(c, t, event)
    talk.bytes = { at + t.start, at + t.stop }
    c.job:emit(talk)
  end
end

-- One talk that is the file.
local function emit_one(c, t, event)
  local talk = record(c, t, event)
  local meta = c.meta
  if meta then
    talk.title = meta.title and headings.clean(meta.title) or talk.title
    talk.speakers = talk.speakers or meta.authors
    for _, key in ipairs { "start", "end", "room", "building", "session", "url", "slides_url", "video_url", "abstract",
      "kind_as_written" } do
      if meta[key] then talk[key] = meta[key] end
    end
    if meta.kind then talk.kind = meta.kind end
    talk.tags = front.merged(meta.tags, talk.tags)
    for k, v in next, meta.fields do
      talk.fields = talk.fields or {}
      if talk.fields[k] == nil then talk.fields[k] = v end
    end
  end
  talk.lang = c.language(meta, c.source)
  c.emit_single(c.job, c.text, c.body_at, talk, {
    title = talk.title, kind = "note", event = talk.event, lang = talk.lang, why = "the whole file",
    author = meta and talk.speakers ~= meta.authors and c.author_of(meta) or nil,
  }, c.broken, c.known)
end

-- Front matter says talk but not who: the first lines, the first heading, or a document inside a fence may.
local function complete_from_text(c, root, all, talk)
  local options = { text = c.body }
  local l = lead.read(root.blocks, options)
  local first = root.children[1]
  if not l.people and first then
    local below = lead.read(first.blocks, options)
    if below.people and not below.weak then l = below end
  end
  local who, date = l.people, nil
  if not who then who, date = embedded_document(c, root, all, talk.title) end
  talk.speakers = talk.speakers or speakers_of(who, l.role) or c.meta.authors
  talk.start = talk.start or date
  talk.url, talk.slides_url, talk.video_url = talk.url or l.url, talk.slides_url or l.slides_url,
  talk.video_url or l.video_url
end

local function emit_front(c, root, all, event, why, confidence)
  local talk = c.front_talk(c.meta, why, confidence)
  talk.lang = talk.lang or c.language(nil, c.source)
  complete_from_text(c, root, all, talk)
  talk.event = talk.event or event_value(event)
  c.emit_single(c.job, c.text, c.body_at, talk, {
    title = c.meta.note_title or talk.title, kind = c.meta.note_kind or "note", event = talk.event, lang = talk.lang,
    why = "the whole file", author = talk.speakers ~= c.meta.authors and c.author_of(c.meta) or nil,
  }, c.broken, c.known)
end

local function emit_plain(c, event)
  c.emit_single(c.job, c.text, c.body_at, nil, {
    title = c.title, kind = c.meta and c.meta.note_kind or "note", event = event_value(event),
    lang = c.language(c.meta, c.source), author = c.author_of(c.meta),
    tags = c.meta and c.meta.tags, fields = c.note_fields(c.meta, c.data), why = "the whole file; no talk in it",
  }, c.broken, c.known)
end

-- Listed talks that have a passage of their own are the same talks.
local function without_doubles(listed, found)
  local seen, out = {}, {}
  for _, t in ipairs(found) do seen[t.title:lower()] = true end
  for _, t in ipairs(listed) do
    local key = t.title:lower()
    if not seen[key] then seen[key] = true out[#out + 1] = t end
  end
  return out
end

local session_words = { "talk", "session", "speaker", "schedule", "program", "abstract", "slides", "youtu", "vimeo" }

-- A file in an event's folder: one heading, and below it the address of a session or a recording.
local function whole_talk(c, root, all)
  local first = all[1]
  if not first or first ~= root.children[1] or #root.blocks > 0 or not first.lead or first.head.stop
    or first.head.group then
    return nil
  end
  local l = first.lead
  local url = l.url or l.video_url or l.slides_url
  local low = url and url:lower() or ""
  for _, word in ipairs(session_words) do
    if low:find(word, 1, true) then
      return {
        title = first.head.title, kind = first.head.kind or "talk", lead = l, confidence = 0.55,
        why = "file in an event's folder, with the address of a session", start = 0, stop = #c.body,
      }
    end
  end
end

-- Whether what was found tells nothing about the sections beside it: nothing, guesses, or a keynote that says so
-- itself.
local function unsure(found)
  for _, t in ipairs(found) do
    if t.confidence > 0.5 and t.kind ~= "keynote" then return false end
  end
  return true
end

function M.import(c)
  c.body = c.body_at > 0 and c.text:sub(c.body_at + 1) or c.text
  c.definitions = inline.definitions(c.body)
  local root, all = outline.build(c.body)
  local first = all[1]
  c.title = c.meta and c.meta.title or first and first.title ~= "" and headings.clean(first.title)
    or first_line(c.body, c.source.stem) or c.source.stem
  if c.data and type(c.data.talks) == "table" and c.data.talks[1] then
    c.meta.talks = true
    if passages.import(c) then return end
    c.meta.talks = nil
  end
  if c.meta and not c.meta.title and (c.meta.speakers or c.meta.kind) then c.meta.title = c.title end
  local event, named_by, section, conference, believed = event_of(c, root)
  local says, why, confidence = c.says_talk(c.meta, c.body)
  if says then
    emit_event(c, event, named_by, section)
    return emit_front(c, root, all, event, why, confidence)
  end
  local context = {
    text = c.body, event_section = section, event_heading = conference, promote = true,
    placed = event ~= nil,
  }
  local found, listed = {}, {}
  if says == nil then
    found = talks.find(root, all, context)
    listed = without_doubles(lists.find(root, all, c.body, { conference = conference, year = event and event.year }),
      found)
    if #listed == 0 and unsure(found) then found = talks.infer(root, all, context) end
  end
  if #found + #listed > 0 or believed then emit_event(c, event, named_by, section) end
  if #found == 1 and #listed == 0 and covers(found[1], root, all, context) then return emit_one(c, found[1], event) end
  if #found > 0 or #listed > 0 then return emit_post(c, found, listed, all, event, context) end
  -- No talk in the text, but front matter or the title speak of one.
  local prefixed = c.meta and c.meta.title and events.prefix(c.meta.title)
  if c.meta and c.meta.title and says == nil and not c.meta.note_kind and (c.meta.event
    and not events.parse(c.meta.title) or prefixed and talks.vocabulary(c.body)) then
    return emit_front(c, root, all, event, "front matter names an event", prefixed and 0.75 or 0.8)
  end
  if says == nil and not (c.meta and c.meta.note_kind) and named_by and named_by:find "^folder"
    and whole_talk(c, root, all) then
    return emit_one(c, whole_talk(c, root, all), event)
  end
  emit_plain(c, believed and event or nil)
end

return M
