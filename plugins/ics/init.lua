-- Talks as a calendar (RFC 5545): an event for each talk whose day is known.

local lectern = require "lectern"

lectern.plugin {
  name = "ics", version = "0.1.0", api = 1, doc = "Talks as a calendar", needs = { "notes.read" },
}

local programme = lectern.programme
local concat, moment = table.concat, programme.moment

local LINE <const> = 75 -- octets of a line, its end not counted

-- ---- lines ----------------------------------------------------------------------------------------------------------

-- A line of any length in pieces of 75 octets, no character in two of them; those behind the first begin with a blank.
local function folded(line)
  if #line <= LINE then return line .. "\r\n" end
  local out, from, room = {}, 1, LINE
  while #line - from + 1 > room do
    local stop = from + room
    while stop > from + 1 and line:byte(stop) & 0xC0 == 0x80 do stop = stop - 1 end
    out[#out + 1] = line:sub(from, stop - 1)
    from, room = stop, LINE - 1
  end
  out[#out + 1] = line:sub(from)
  return concat(out, "\r\n ") .. "\r\n"
end

local escapes = { ["\\"] = "\\\\", [";"] = "\\;", [","] = "\\,", ["\n"] = "\\n" }

local function escaped(s)
  return (lectern.text.clean(s):gsub("\t", " "):gsub("[\\;,\n]", escapes))
end

-- ---- times ----------------------------------------------------------------------------------------------------------

local function date_text(day) return ("%04d%02d%02d"):format(programme.date(day)) end

-- A property's name with its parameter, and the value: a date; a time that is the same wherever one reads it; or UTC where
-- a zone is stated.
local function dated(name, at)
  if not at.minute then return name .. ";VALUE=DATE:" .. date_text(at.day) end
  local minute = at.minute - (at.zone or 0)
  local day = at.day + minute // 1440
  minute = minute % 1440
  return ("%s:%sT%02d%02d%02d%s"):format(name, date_text(day), minute // 60, minute % 60, at.second, at.zone and "Z" or "")
end

local function order(at) return at.day * 1440 + (at.minute or 0) - (at.zone or 0) end

-- The end, where it says something: of the same form as the start and behind it. That of a date is the day after.
local function ended(from, to)
  if not to or (from.minute == nil) ~= (to.minute == nil) or (from.zone == nil) ~= (to.zone == nil) then return nil end
  if order(to) <= order(from) then return nil end
  return dated("DTEND", from.minute and to or { day = to.day + 1 })
end

-- "2026-11-22T08:19:09.123Z" -> "20261122T081909Z"
local function stamp(instant)
  return (instant or ""):match "^[^.Z]*":gsub("[-:]", "") .. "Z"
end

-- ---- a talk ---------------------------------------------------------------------------------------------------------

local function address(url)
  if not url or not url:find "^[Hh][Tt][Tt][Pp][Ss]?://%S+$" then return nil end
  return (url:gsub('[%c"<>\\^`{|}]', function(c) return ("%%%02X"):format(c:byte()) end))
end

local function who(talk)
  local out = {}
  for i, s in ipairs(talk.speakers or {}) do
    local firms = concat(s.affiliations or {}, "; ")
    out[i] = s.name .. (firms ~= "" and " (" .. firms .. ")" or "")
  end
  return out[1] and concat(out, ", ")
end

local function event_name(event)
  return event and (event.year and ("%s %d"):format(event.name, event.year) or event.name)
end

local function description(talk)
  local parts, head = {}, {}
  for _, part in ipairs { who(talk) or false, event_name(talk.event) or false, talk.session or false } do
    if part then head[#head + 1] = part end
  end
  if head[1] then parts[1] = concat(head, "\n") end
  if talk.abstract and talk.abstract ~= "" then parts[#parts + 1] = lectern.text.trim(talk.abstract) end
  for _, key in ipairs { "slides_url", "video_url" } do
    local url = address(talk[key])
    if url then parts[#parts + 1] = (key == "slides_url" and "Slides: " or "Video: ") .. url end
  end
  return parts[1] and concat(parts, "\n\n")
end

local function place(talk)
  local parts = {}
  for _, part in ipairs { talk.room or false, talk.building or false } do
    if part and part ~= "" then parts[#parts + 1] = part end
  end
  return parts[1] and concat(parts, ", ")
end

local function put(out, talk, from)
  local function line(text) out:write(folded(text)) end
  local function text(name, value) if value and value ~= "" then line(name .. ":" .. escaped(value)) end end
  line "BEGIN:VEVENT"
  line("UID:" .. talk.id)
  line("DTSTAMP:" .. stamp(talk.updated))
  line("LAST-MODIFIED:" .. stamp(talk.updated))
  line(("SEQUENCE:%d"):format((talk.rev or 1) - 1))
  line(dated("DTSTART", from))
  local last = ended(from, moment(talk["end"]))
  if last then line(last) end
  local title = lectern.text.line(talk.title)
  text("SUMMARY", title ~= "" and title or "Untitled")
  text("LOCATION", place(talk))
  text("DESCRIPTION", description(talk))
  local tags = {}
  for i, tag in ipairs(talk.tags or {}) do tags[i] = escaped(tag) end
  if tags[1] then line("CATEGORIES:" .. concat(tags, ",")) end
  local url = address(talk.url) or address(talk.slides_url) or address(talk.video_url)
  if url then line("URL:" .. url) end
  line "END:VEVENT"
end

local function export(notes, out, _, job)
  local left_out = 0
  out:write("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//lectern//talks//EN\r\nCALSCALE:GREGORIAN\r\n")
  for talk in programme.talks(notes, out, job) do
    local from = moment(talk.start)
    if from then put(out, talk, from) else left_out = left_out + 1 end
  end
  out:write "END:VCALENDAR\r\n"
  if left_out > 0 then
    job:warn(left_out == 1 and "1 talk without a day is left out" or ("%d talks without a day are left out"):format(left_out))
  end
end

lectern.exporter "ics" {
  doc = "A calendar with an event for each talk whose day is known.",
  reads = lectern.programme.reads,
  extension = "ics",
  examples = { "export ics -o talks.ics", "export ics event:sosp-2017 -o sosp.ics" },
  export = export,
}
