-- Heads of events, sessions and talks around the bodies, which text.body sets.

local lectern = require "lectern"
local body = require "text.body"

local M = {}

local programme, text = lectern.programme, lectern.text
local concat = table.concat

local MONTHS <const> = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December" }
local WEEKDAYS <const> = { [0] = "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" }

local function day_text(at)
  local y, m, d = programme.date(at.day)
  return ("%s, %d %s %d"):format(WEEKDAYS[at.weekday], d, MONTHS[m], y)
end

local function clock(at) return ("%02d:%02d"):format(at.minute // 60, at.minute % 60) end

-- "Friday, 3 May 2024, 10:00-10:30"
local function when(talk)
  local from, to = programme.moment(talk.start), programme.moment(talk["end"])
  if not from then return talk.start end
  local out = day_text(from)
  if from.minute then out = out .. ", " .. clock(from) end
  if to and to.day > from.day then
    out = out .. " - " .. day_text(to) .. (to.minute and ", " .. clock(to) or "")
  elseif to and from.minute and to.minute and to.minute > from.minute then
    out = out .. "-" .. clock(to)
  end
  local zone = talk.start:match "T.*([+-]%d%d:?%d%d)$" or talk.start:match "T.*(Z)$"
  return zone and ("%s (%s)"):format(out, zone == "Z" and "UTC" or zone) or out
end

local function who(talk)
  local out = {}
  for i, s in ipairs(talk.speakers or {}) do
    local firms = concat(s.affiliations or {}, "; ")
    local more = s.role and s.role ~= "speaker" and (firms ~= "" and firms .. ", " .. s.role or s.role) or firms
    out[i] = more ~= "" and ("%s (%s)"):format(s.name, more) or s.name
  end
  return concat(out, ", ")
end

local function event_name(event)
  return event.year and ("%s %d"):format(event.name, event.year) or event.name
end

-- ---- writing --------------------------------------------------------------------------------------------------------

local Page = {}
Page.__index = Page

-- A line of the head, wrapped; nothing where there is nothing to say.
function Page:line(s)
  s = s and text.line(s) or ""
  if s ~= "" then self.out:write(text.wrap(s, self.width), "\n") end
end

-- A title over a rule of MARK, two empty lines before it but for the first.
function Page:title(s, mark)
  self.out:write(self.begun and "\n" or "")
  self.begun = true
  s = text.line(s)
  s = text.wrap(s ~= "" and s or "Untitled", self.width)
  local columns = 0
  for line in text.lines(s) do columns = math.max(columns, text.width(line)) end
  self.out:write(s, "\n", mark:rep(math.max(3, math.min(columns, self.width))), "\n")
end

-- Markdown, and below it the addresses of its links.
function Page:markdown(source)
  local links = { seen = {}, first = self.links }
  body.write(function(s) self.out:write(s) end, source, self.width, links)
  self.links = self.links + #links
  for i, url in ipairs(links) do
    self.out:write(i == 1 and "\n" or "", ("[%d] %s\n"):format(links.first + i, url))
  end
end

function Page:body(note, talk)
  local source = programme.body(note, talk)
  note.body = nil -- memory: both may be long
  self:markdown(source)
end

local function talk_entry(page, entry)
  local talk = entry.talk
  page:title(talk.title, "-")
  page:line(who(talk))
  local place, more = {}, {}
  for _, part in ipairs { when(talk) or false, talk.room or false, talk.building or false } do
    if part then place[#place + 1] = part end
  end
  page:line(concat(place, ", "))
  if talk.kind ~= "talk" then more[1] = (talk.kind_as_written or talk.kind):gsub("^%l", string.upper) end
  for _, award in ipairs(talk.awards or {}) do more[#more + 1] = award.name end
  page:line(concat(more, "; "))
  for _, row in ipairs { { "url", "Page" }, { "slides_url", "Slides" }, { "video_url", "Video" } } do
    if talk[row[1]] then page.out:write(row[2], ": ", text.line(talk[row[1]]), "\n") end
  end
  if talk.abstract then page:markdown(talk.abstract) end
  for i, note in ipairs(entry.notes) do
    if i > 1 then page.out:write("\n", text.wrap(text.line(note.title or "Notes"), page.width), "\n") end
    page:body(note, talk)
  end
end

local function note_entry(page, note)
  page:title(note.title or "Untitled", "-")
  page:line(note.author and note.author.name)
  page:body(note)
end

function M.export(notes, out, args, job)
  local page = setmetatable({ out = out, width = args.width or 72, links = 0, begun = false }, Page)
  local event, session = false, nil
  for entry in programme.entries(notes, out, job) do
    local id = entry.event and entry.event.id
    if id ~= event then
      if event ~= false then out:write "\n" end
      event, session = id, nil
      page:title(entry.event and event_name(entry.event) or "Notes", "=")
    end
    if entry.session ~= session then
      session = entry.session
      if session then page:title("Session: " .. session, ".") end
    end
    if entry.talk then talk_entry(page, entry) else note_entry(page, entry.notes[1]) end
  end
end

return M
