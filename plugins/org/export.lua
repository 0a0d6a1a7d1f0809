-- Headings, properties and timestamps around the bodies, which org.body turns from Markdown into Org.

local lectern = require "lectern"
local body = require "org.body"
local escape = require "org.escape"

local M = {}

local programme = lectern.programme
local concat, line_of = table.concat, lectern.text.line

local WEEKDAYS <const> = { [0] = "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }

-- ---- timestamps -----------------------------------------------------------------------------------------------------

local function date(at)
  return ("%04d-%02d-%02d "):format(programme.date(at.day)) .. WEEKDAYS[at.weekday]
end

local function clock(at) return ("%02d:%02d"):format(at.minute // 60, at.minute % 60) end

-- "<2024-05-03 Fri 10:00-10:30>", with the zone behind it where one is stated: Org knows none.
local function stamp(talk)
  local from, to = programme.moment(talk.start), programme.moment(talk["end"])
  if not from then return nil end
  local zone = talk.start:match "T.*([+-]%d%d:?%d%d)$" or talk.start:match "T.*(Z)$"
  local behind = zone and (" (%s)"):format(zone == "Z" and "UTC" or zone) or ""
  local first = from.minute and ("%s %s"):format(date(from), clock(from)) or date(from)
  if to and to.day == from.day and from.minute and to.minute and to.minute > from.minute then
    return ("<%s-%s>%s"):format(first, clock(to), behind)
  end
  if to and to.day > from.day then
    return ("<%s>--<%s>%s"):format(first, to.minute and ("%s %s"):format(date(to), clock(to)) or date(to), behind)
  end
  return ("<%s>%s"):format(first, behind)
end

-- ---- headings -------------------------------------------------------------------------------------------------------

-- Letters, digits, _ and @ are all that a tag may have.
local function tags_of(tags)
  local out, seen = {}, {}
  for _, tag in ipairs(tags or {}) do
    local word = line_of(tag):gsub("[\0-\47\58-\63\91-\94\96\123-\127]+", "_"):gsub("\xe2[\x80-\xbb][\x80-\xbf]", "_")
    if word:find "[^_]" and not seen[word] then out[#out + 1], seen[word] = word, true end
  end
  return out[1] and " :" .. concat(out, ":") .. ":" or ""
end

local function drawer(rows)
  local out = { ":PROPERTIES:" }
  for _, row in ipairs(rows) do
    local value = row[2] ~= nil and line_of(tostring(row[2])) or ""
    if value ~= "" then out[#out + 1] = (":%-10s %s"):format(row[1] .. ":", value) end
  end
  out[#out + 1] = ":END:\n"
  return concat(out, "\n")
end

local function who(talk)
  local out = {}
  for i, s in ipairs(talk.speakers or {}) do
    local firms = concat(s.affiliations or {}, ", ")
    local more = s.role and s.role ~= "speaker" and (firms ~= "" and firms .. "; " .. s.role or s.role) or firms
    out[i] = more ~= "" and ("%s (%s)"):format(s.name, more) or s.name
  end
  return concat(out, "; ")
end

local function named(list, key)
  local out = {}
  for i, item in ipairs(list or {}) do out[i] = item[key] end
  return concat(out, "; ")
end

local function event_name(event)
  return event.year and ("%s %d"):format(event.name, event.year) or event.name
end

local function heading(out, level, title, tags)
  out:write(("*"):rep(level), " ", escape.heading(title), tags or "", "\n")
end

local function event_heading(out, event)
  if not event then return heading(out, 1, "Notes") end
  local all = lectern.events.get(event.id) or event
  heading(out, 1, event_name(event))
  local dates = programme.moment(all.start) and { start = all.start:sub(1, 10), ["end"] = all["end"] and all["end"]:sub(1, 10) }
  out:write(drawer { { "ID", event.id }, { "SLUG", event.slug }, { "FULL_NAME", all.full_name }, { "PLACE", all.place },
    { "URL", all.url } }, dates and stamp(dates) .. "\n" or "")
end

-- ---- entries --------------------------------------------------------------------------------------------------------

local function note_body(out, note, talk, level)
  local source = programme.body(note, talk)
  note.body = nil -- memory: both may be long
  if body.write(function(s) out:write(s) end, source, level) then out:write "\n" end
end

local function talk_entry(out, entry, level)
  local talk = entry.talk
  heading(out, level, talk.title, tags_of(talk.tags))
  local place = talk.room and talk.building and talk.room .. ", " .. talk.building or talk.room or talk.building
  out:write(drawer {
    { "ID", talk.id }, { "KIND", talk.kind ~= "talk" and (talk.kind_as_written or talk.kind) or nil },
    { "SPEAKERS", who(talk) }, { "LOCATION", place }, { "AWARDS", named(talk.awards, "name") }, { "URL", talk.url },
    { "SLIDES", talk.slides_url }, { "VIDEO", talk.video_url },
    { "DATE", not programme.moment(talk.start) and talk.start or nil }, { "LANGUAGE", talk.lang },
  })
  local when = stamp(talk)
  if when then out:write(when, "\n") end
  if talk.abstract and talk.abstract ~= "" then
    local text = body.of(talk.abstract, nil)
    if text ~= "" then out:write("#+begin_abstract\n", text, "#+end_abstract\n") end
  end
  for i, note in ipairs(entry.notes) do
    if i > 1 then heading(out, level + 1, note.title or "Notes") end
    note_body(out, note, talk, i > 1 and level + 1 or level)
  end
end

local function note_entry(out, note, level)
  heading(out, level, note.title or "Untitled", tags_of(note.tags))
  out:write(drawer { { "ID", note.id }, { "KIND", note.kind ~= "note" and note.kind or nil },
    { "AUTHOR", note.author and note.author.name } })
  note_body(out, note, nil, level)
end

-- Blocks of strangers are not run, and neither TeX nor single underscores mean anything.
local HEAD <const> = [[
#+OPTIONS: ^:{} tex:nil toc:2 num:nil
#+PROPERTY: header-args :eval never
]]

function M.export(notes, out, args, job)
  local event, session = false, nil
  out:write("#+TITLE: ", line_of(args.title or "Talk notes"), "\n", HEAD, "\n")
  for entry in programme.entries(notes, out, job) do
    local id = entry.event and entry.event.id
    if id ~= event then
      event, session = id, nil
      event_heading(out, entry.event)
    end
    if entry.session ~= session then
      session = entry.session
      if session then heading(out, 2, session) end
    end
    local level = session and 3 or 2
    if entry.talk then talk_entry(out, entry, level) else note_entry(out, entry.notes[1], level) end
  end
end

return M
