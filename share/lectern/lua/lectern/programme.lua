--- Talks and notes in the order in which people read them, for exporters: by event and year, then by day, session and
--- time, else as they stand in their source.
---
---     export = function(notes, out, args, job)
---       for talk in lectern.programme.talks(notes, out, job) do out:write(talk.title, "\n") end
---     end
---
--- The notes are passed through once for their places alone; then talks and bodies come a few at a time, so that memory
--- is needed for the order of all and the text of some.

local lectern = require "lectern"

---@class lectern.programme
local programme = {}

local FEW <const> = 64            -- entries fetched at once
local SOME <const> = 1024 * 1024 -- bytes of bodies, about, held at once
local LAST <const> = "~"         -- sorts behind every date and year

-- ---- places ---------------------------------------------------------------------------------------------------------

--- Whether BODY is nothing but headings, such as those that stand between talks.
---@param body string
---@return boolean
function programme.only_headings(body)
  for line in lectern.text.lines(body) do
    if line:find "%S" and not line:find "^%s*#" then return false end
  end
  return true
end

local function group_of(places, event)
  local key = event and event.id or ""
  local group = places.groups[key]
  if not group then
    group = { event = event, talks = {}, before = {}, after = {},
      key = event and ("%s\0%s\0%s"):format(event.year or LAST, event.name:lower(), event.id) or LAST .. LAST }
    places.groups[key] = group
    places.order[#places.order + 1] = group
  end
  return group
end

local function add_talk(places, talk, bytes)
  local known = places.talks[talk.id]
  if known then
    known.bytes = known.bytes + bytes
    return
  end
  places.count = places.count + 1
  local group = group_of(places, talk.event)
  local start = talk.start or ""
  local place = {
    id = talk.id, start = start, day = start ~= "" and start:sub(1, 10) or LAST, session = talk.session or "",
    rank = places.count, bytes = bytes + #(talk.abstract or ""),
  }
  places.talks[talk.id] = place
  group.talks[#group.talks + 1] = place
end

local function add_note(places, note)
  local body = note.body or ""
  -- A stretch of headings between talks says nothing here: days and sessions stand with the talks.
  if note.part_of and programme.only_headings(body) then return end
  places.count = places.count + 1
  local group = group_of(places, note.event)
  local list = (note.part_of or note.kind == "post" or note.kind == "programme") and group.before or group.after
  list[#list + 1] = { note = note.id, bytes = #body, rank = places.count }
end

-- Where everything stands that is asked for. Mentions only where the query names them, or OPTIONS want them.
local function places_of(notes, out, job, options)
  local places = { groups = {}, order = {}, talks = {}, count = 0 }
  for note, talks in notes do
    local about = false
    for i, talk in ipairs(talks or {}) do
      if talk.kind ~= "mention" or options.mentions then
        add_talk(places, talk, i == 1 and #(note.body or "") or 0)
        about = true
      end
    end
    if not about and options.notes then add_note(places, note) end
    if places.count % 500 == 0 then job:progress(places.count, nil, "reading") end
  end
  local function rest(kind)
    for talk in lectern.talks.each { query = out.query, kind = kind } do
      if not places.talks[talk.id] then add_talk(places, talk, (talk.words or 0) * 7) end
    end
  end
  rest()
  if options.mentions then rest "mention" end
  return places
end

-- ---- order ----------------------------------------------------------------------------------------------------------

-- Sessions of a day by their first talk; talks of a session by time, else as they came.
local function sort_talks(talks)
  table.sort(talks, function(a, b) return a.rank < b.rank end)
  local first = {}
  -- A talk in no session is a slot by itself.
  local function slot(place) return place.day .. "\0" .. (place.session ~= "" and place.session or "\0" .. place.rank) end
  for i, place in ipairs(talks) do
    local start = place.start ~= "" and place.start or LAST
    place.slot = slot(place)
    local known = first[place.slot]
    if not known then
      first[place.slot] = { start = start, rank = i }
    elseif start < known.start then
      known.start = start
    end
  end
  table.sort(talks, function(a, b)
    if a.day ~= b.day then return a.day < b.day end
    if a.slot ~= b.slot then
      local x, y = first[a.slot], first[b.slot]
      if x.start ~= y.start then return x.start < y.start end
      return x.rank < y.rank
    end
    if a.start ~= b.start then return a.start < b.start end
    return a.rank < b.rank
  end)
end

-- Where talks are in the order of their sources, other notes stand among them as they do there; else posts come before
-- the talks and single notes behind.
local function sort_group(group)
  local talks, list = group.talks, {}
  sort_talks(talks)
  local as_written = true
  for i = 2, #talks do as_written = as_written and talks[i - 1].rank < talks[i].rank end
  for _, part in ipairs { group.before, talks, group.after } do table.move(part, 1, #part, #list + 1, list) end
  if not as_written then return list end
  table.sort(list, function(a, b) return a.rank < b.rank end)
  -- A note between two talks of a session is in it.
  local behind
  for i = #list, 1, -1 do
    if list[i].id then behind = list[i] else list[i].behind = behind end
  end
  local before
  for _, place in ipairs(list) do
    if place.id then before = place
    elseif before and place.behind and before.slot == place.behind.slot then place.session = before.session end
  end
  return list
end

-- All places in one list: { id | note, bytes, event, session? }.
local function in_order(places)
  table.sort(places.order, function(a, b) return a.key < b.key end)
  local all = {}
  for _, group in ipairs(places.order) do
    for _, place in ipairs(sort_group(group)) do
      place.event = group.event
      all[#all + 1] = place
    end
  end
  return all
end

-- ---- fetching -------------------------------------------------------------------------------------------------------

local function by_id(entities, ids, options)
  local found = {}
  for from = 1, #ids, 200 do
    options.ids = table.move(ids, from, math.min(from + 199, #ids), 1, {})
    for object in entities.each(options) do found[object.id] = object end
  end
  return found
end

-- The places from FIRST on that are held at once -> entries, the place behind them.
local function fetch(all, first, with_notes, shown)
  local talk_ids, note_ids, bytes, stop = {}, {}, 0, first
  while all[stop] and stop - first < FEW and (stop == first or bytes + all[stop].bytes < SOME) do
    local place = all[stop]
    bytes, stop = bytes + place.bytes, stop + 1
    if place.id then talk_ids[#talk_ids + 1] = place.id else note_ids[#note_ids + 1] = place.note end
  end
  local talks = by_id(lectern.talks, talk_ids, { body = true })
  if with_notes then
    for _, id in ipairs(talk_ids) do
      for _, note in ipairs(talks[id] and talks[id].notes or {}) do
        -- A text about several talks stands with the first of them.
        if not shown[note] then note_ids[#note_ids + 1], shown[note] = note, id end
      end
    end
  end
  local notes = by_id(lectern.notes, note_ids, { type = "note", body = true })
  local entries = {}
  for i = first, stop - 1 do
    local place = all[i]
    local talk = place.id and talks[place.id]
    local session = place.session ~= "" and place.session or nil
    local entry = { event = place.event, talk = talk, session = session, notes = {} }
    for _, id in ipairs(talk and talk.notes or { place.note }) do
      if notes[id] and (not talk or shown[id] == talk.id) then entry.notes[#entry.notes + 1] = notes[id] end
    end
    if talk or entry.notes[1] then entries[#entries + 1] = entry end
  end
  return entries, stop
end

local function iterate(all, with_notes, job)
  local entries, i, at, done, shown = {}, 0, 1, 0, {}
  return function()
    i = i + 1
    while not entries[i] and all[at] do
      entries, at = fetch(all, at, with_notes, shown)
      i = 1
      job:progress(done, #all, "writing")
    end
    done = done + 1
    return entries[i]
  end
end

---@class lectern.programme.entry
---@field event table? the event it belongs to: id, slug, name, year
---@field session string?
---@field talk table? with its abstract; nil: notes about no talk
---@field notes table[] with bodies; each note comes once, with the first of its talks

--- What programme.talks reads of the notes it passes through; an exporter that has no other use for them says so:
--- `reads = lectern.programme.reads`.
programme.reads = {
  note = { "talks" }, talk = { "kind", "event", "start", "session" },
}

--- Everything that was asked for: what an event's posts say as a whole, its talks, its other notes; then the next
--- event; what belongs to no event comes last. Mentions come only where the query names them.
---@param notes fun(): table?, table[]? the exporter's first argument
---@param out lectern.out
---@param job lectern.job
---@return fun(): lectern.programme.entry?
function programme.entries(notes, out, job)
  return iterate(in_order(places_of(notes, out, job, { notes = true })), true, job)
end

--- The talks alone, with their abstracts, those too whose notes were asked for. OPTIONS: mentions, with works that are only
--- mentioned.
---@param notes fun(): table?, table[]?
---@param out lectern.out
---@param job lectern.job
---@param options { mentions: boolean? }?
---@return fun(): table?
function programme.talks(notes, out, job, options)
  options = { mentions = options and options.mentions }
  local next_entry = iterate(in_order(places_of(notes, out, job, options)), false, job)
  return function()
    local entry = next_entry()
    return entry and entry.talk
  end
end

-- ---- bodies ---------------------------------------------------------------------------------------------------------

-- Could keys of LINE and TITLE agree at all? A line in ASCII has each word of the title as it stands; one is looked for.
local function may_say(line, title)
  local word = title:match "%f[%w\128-\255]%w%w%w%w+%f[^%w\128-\255]"
  return not word or line:lower():find(word:lower(), 1, true) or line:find "[\128-\255]"
end

-- Does LINE say TITLE again: the same words, or as a heading these and a few more?
local function says(line, title)
  if title == "" or #line > 300 or not may_say(line, title) then return false end
  local heading = line:match "^#+%s+(.*)$"
  if heading and heading:find(title, 1, true) then return true end
  local key = lectern.text.key(title)
  if key == "" then return false end
  return not heading and lectern.text.key(line) == key or heading and lectern.text.key(heading):find(key, 1, true) ~= nil
end

-- Does LINE say only what the head of TALK says: who its speakers are, or one of its addresses?
local function said_of(line, talk)
  local url = line:match "^%[[^%[%]]*%]%(([^()%s]+)%)$" or line:match "^<?(https?://[^%s<>]+)>?$"
  if url then return url == talk.url or url == talk.slides_url or url == talk.video_url end
  local room = 24
  for _, speaker in ipairs(talk.speakers or {}) do
    if not line:find(speaker.name, 1, true) then return false end
    room = room + #speaker.name + 8
    for _, firm in ipairs(speaker.affiliations or {}) do room = room + #firm + 4 end
  end
  return room > 24 and #line <= room
end

-- Is LINE nothing but the title of TALK, its speakers and where they work?
local function introduces(line, talk)
  if #line > 300 or talk.title == "" or not line:find(talk.title, 1, true) or not (talk.speakers and talk.speakers[1]) then
    return false
  end
  local rest = line
  local function without(part)
    local a, b = rest:find(part, 1, true)
    rest = a and rest:sub(1, a - 1) .. " " .. rest:sub(b + 1) or nil
    return rest ~= nil
  end
  without(talk.title)
  for _, speaker in ipairs(talk.speakers) do
    if not without(speaker.name) then return false end
    for _, firm in ipairs(speaker.affiliations or {}) do
      if rest:find(firm, 1, true) then without(firm) end
    end
  end
  return not rest:gsub("\u{2013}", ""):gsub("\u{2014}", ""):gsub("%f[%w]by%f[%W]", ""):gsub("%f[%w]and%f[%W]", ""):find "[%w\x80-\xff]"
end

-- Does LINE say only who wrote NOTE?
local function byline(line, note)
  local name = note.author and line:match "^[Pp]osted%s+[Bb]y:?%s+(%S.*)$" or line:match "^[Bb]y:?%s+(%S.*)$"
  return name ~= nil and note.author ~= nil and name == note.author.name
end

-- Where the last of BODY up to STOP is that is no white space; 0 where nothing is.
local function last_of(body, stop)
  while stop > 0 do
    local from = math.max(1, stop - 4095)
    local at = body:sub(from, stop):match "^.*()%S"
    if at then return from + at - 1 end
    stop = from - 1
  end
  return 0
end

-- BODY up to the headings that it ends with, where something stands before them.
local function without_last_headings(body)
  local stop = #body
  while true do
    local last = last_of(body, stop)
    local line = last > 0 and body:sub(math.max(1, last - 400), last):match ".*\n(.*)$"
    if not line or not line:find "^#+%s" then break end
    stop = last - #line
  end
  return stop < #body and body:sub(1, stop) or body
end

-- The first line at or behind AT that is not blank, trimmed (nil: none, or too long to be a title), and where it ends.
local function line_at(body, at)
  local from = body:find("%S", at)
  local stop = from and (body:find("\n", from, true) or #body + 1)
  if not from or stop - from >= 1000 then return nil, stop end
  local line = body:sub(from, stop - 1)
  return line:byte(-1) <= 32 and line:gsub("%s+$", "") or line, stop
end

local function without_head(note, talk)
  local body, title = note.body or "", talk and talk.title or note.title or ""
  if note.kind == "post" then body = without_last_headings(body) end
  local line, stop = line_at(body, 1)
  local after
  if not line or not says(line, title) and not (talk and introduces(line, talk)) then return body end
  line, after = line_at(body, stop)
  while line and (talk and said_of(line, talk) or not talk and byline(line, note)) do
    stop = after
    line, after = line_at(body, stop)
  end
  -- Cut once: a body may be as long as there is memory for three.
  local _, blank = body:find("^%s*\n", stop)
  return body:sub((blank or stop - 1) + 1)
end

-- What calls held stays behind them on the stack, and alive, until something else takes its place there: long texts are
-- worth a line of nothing.
local LONG <const>, NOTHING <const> = 64 * 1024, {}
local function forget() return select("#", table.unpack(NOTHING, 1, 200)) end

--- The body of NOTE without what its heading in an export says already: its title, and lines that say only who speaks
--- or where its page is. A post ends before the headings that introduce the talks behind it.
---@param note table
---@param talk table?
---@return string
function programme.body(note, talk)
  local body = without_head(note, talk)
  if #body > LONG then forget() end
  return body
end

--- A long Markdown text in pieces that can be read one by one: cut at empty lines outside of fenced code where that is
--- possible, so that the tree of a note of many megabytes is never held at once. With CUT a line of more than a megabyte
--- is no piece but comes in stretches, which end behind white space where they can: each with its number, from 1 on, and
--- whether it is the last. Together they are the line; Markdown in it is not to be read.
---@param body string
---@param cut boolean?
---@return fun(): string?, integer?, boolean?
function programme.each_piece(body, cut) return require "lectern._pieces"(body, cut) end

--- The same as a list.
---@param body string
---@return string[]
function programme.pieces(body)
  local pieces = {}
  for piece in programme.each_piece(body) do pieces[#pieces + 1] = piece end
  return pieces
end

-- ---- times ----------------------------------------------------------------------------------------------------------

local function days_of(month, year)
  if month == 2 then return (year % 4 == 0 and year % 100 ~= 0 or year % 400 == 0) and 29 or 28 end
  return (month == 4 or month == 6 or month == 9 or month == 11) and 30 or 31
end

-- Years begin in March here, so that the leap day is the last.
local function day_number(y, m, d)
  if m < 3 then y, m = y - 1, m + 12 end
  return 365 * y + y // 4 - y // 100 + y // 400 + (153 * (m - 3) + 2) // 5 + d - 1
end

--- Year, month and day of the month of a day's number (programme.moment).
---@param day integer
---@return integer year, integer month, integer day
function programme.date(day)
  local era = day // 146097
  local of_era = day - era * 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year + year // 4 - year // 100)
  local march = (5 * of_year + 2) // 153
  local month = march < 10 and march + 3 or march - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month, of_year - (153 * march + 2) // 5 + 1
end

---@class lectern.programme.moment
---@field day integer days are numbered one after the other
---@field weekday integer 0 is Sunday
---@field minute integer? of the day; nil: no time is known
---@field second integer
---@field zone integer? minutes east of UTC, where it is stated

--- A talk's start or end, such as "2018-10-15T11:00+02:00"; nil where not even the day is known.
---@param when string?
---@return lectern.programme.moment?
function programme.moment(when)
  local y, m, d, rest = (when or ""):match "^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$"
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  if not y or m < 1 or m > 12 or d < 1 or d > days_of(m, y) then return nil end
  local day = day_number(y, m, d)
  local out = { day = day, weekday = (day + 3) % 7, second = 0 }
  local hour, minute, more = rest:match "^T(%d%d):(%d%d)(.*)$"
  if not hour then return out end
  out.minute = tonumber(hour) * 60 + tonumber(minute)
  out.second = tonumber(more:match "^:(%d%d)") or 0
  local sign, east, minutes = more:match "([+-])(%d%d):?(%d%d)$"
  if more:find "Z$" then out.zone = 0 elseif sign then out.zone = tonumber(sign .. "1") * (east * 60 + minutes) end
  return out
end

return programme
