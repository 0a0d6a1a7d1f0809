-- Front matter: the block of data before a note's text, and what its keys mean to us.
-- Whatever has no meaning here is kept, as it was read, in `fields`.

local yaml = require "lectern.yaml"
local dates = require "markdown.dates"
local people_in = require "markdown.people"

local M = {}

local find, sub, byte = string.find, string.sub, string.byte

-- Where the text begins behind front matter: offset (0-based) and the front matter itself with its kind, or 0.
function M.split(text)
  local fence = sub(text, 1, 3)
  if fence ~= "---" and fence ~= "+++" then return 0 end
  local _, open = find(text, "^[ \t]*\r?\n", 4)
  if not open then return 0 end
  local at = open
  while true do
    -- A line that is the fence again (or "..." in YAML); found by its first bytes, checked whole.
    local a = find(text, "\n" .. fence, at, true)
    local b = fence == "---" and find(text, "\n...", at, true) or nil
    if b and (not a or b < a) then a = b end
    if not a then return 0 end
    local _, stop = find(text, "^[ \t]*\r?\n", a + 4)
    if not stop and find(text, "^[ \t]*\r?$", a + 4) then stop = #text end
    if stop then return stop, sub(text, open + 1, a), fence == "---" and "yaml" or "toml" end
    at = a + 3
  end
end

-- TOML as Hugo's front matter uses it: flat `key = value` with strings, dates and one-line arrays. nil where it is
-- more.
function M.toml(text)
  local data = {}
  local function scalar(s)
    local quoted = s:match '^"(.*)"$' or s:match "^'(.*)'$"
    if quoted then return (quoted:gsub('\\"', '"'):gsub("\\\\", "\\")) end
    if s:find "^[%w%-:.+]+$" then return s end
  end
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    line = line:gsub("\r$", ""):gsub("^%s+", ""):gsub("%s+$", "")
    if line ~= "" and not line:find "^#" then
      local key, value = line:match "^([%w_-]+)%s*=%s*(.+)$"
      if not key or data[key] ~= nil then return nil end
      local list = value:match "^%[(.*)%]$"
      if list then
        local items = {}
        for item in (list .. ","):gmatch "%s*([^,]-)%s*," do
          if item ~= "" then items[#items + 1] = scalar(item) end
        end
        data[key] = items
      else
        data[key] = scalar(value)
      end
      if data[key] == nil then return nil end
    end
  end
  return data
end

-- Parse: data table, or nil and a message with its line in the file.
function M.parse(raw, kind)
  if kind == "toml" then
    local data = M.toml(raw)
    if not data then return nil, "front matter: this TOML is more than `key = value`", 1 end
    return data
  end
  local data, message, line = yaml.parse(raw)
  if data == nil then return nil, "front matter: " .. tostring(message), (line or 1) + 1 end
  if type(data) ~= "table" or data[1] ~= nil then return nil, "front matter: not a mapping of names to values", 2 end
  return data
end

local entities = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'", nbsp = " ", ["#39"] = "'", ["#039"] = "'" }

-- A one-line string without HTML entities; nil for anything else and for nothing.
local function line_of(v)
  if type(v) ~= "string" then return nil end
  if find(v, "&", 1, true) then
    v = v:gsub("&(#?%w+);", function(name)
      local code = name:match "^#(%d+)$"
      return entities[name] or (code and tonumber(code) < 0x110000 and utf8.char(tonumber(code))) or nil
    end)
  end
  if find(v, "\n", 1, true) or find(v, "\r", 1, true) then v = v:gsub("%s*[\r\n]+%s*", " ") end
  local first, last = byte(v, 1), byte(v, -1)
  if first == 32 or last == 32 then v = v:gsub("^%s+", ""):gsub("%s+$", "") end
  return v ~= "" and v or nil
end
M.line_of = line_of

-- "[[Person]]" and "[[note|Person]]" are names too.
local function unlinked(v)
  if byte(v) ~= 91 then return v end
  local inner = v:match "^%[%[(.-)%]%]$"
  return inner and (inner:match "|(.+)$" or inner) or v
end

local name_keys = { "name", "title", "full_name", "fullname" }
local place_keys = { "affiliation", "affiliations", "company", "organisation", "organization", "org", "institution",
  "employer" }

local function list_of(v)
  if type(v) ~= "table" then return { v } end
  if v[1] ~= nil or next(v) == nil then return v end
  return { v }
end

-- Speakers from a string, a list of strings or a list of maps. Second result: whether something was left out of them.
local function people_of(value, role)
  local people, more = {}, false
  for _, item in ipairs(list_of(value)) do
    if type(item) == "table" then
      local person
      for _, k in ipairs(name_keys) do person = person or line_of(item[k]) end
      if person then
        local affiliations = {}
        for _, k in ipairs(place_keys) do
          for _, a in ipairs(list_of(item[k])) do affiliations[#affiliations + 1] = line_of(a) end
        end
        local own = line_of(item.role)
        for k in pairs(item) do
          if k ~= "name" and k ~= "role" and k ~= "affiliation" and k ~= "affiliations" and k ~= "company" then
            more = true
          end
        end
        people[#people + 1] = { name = unlinked(person), role = own or role,
          affiliations = affiliations[1] and affiliations or nil }
      end
    else
      local text = line_of(item)
      if text and (find(text, "[,(&;@|]") or find(text, " and ", 1, true)) then
        local parsed = people_in.parse(people_in.plain(text), { labelled = true })
        for _, p in ipairs(parsed or { { name = unlinked(text) } }) do
          people[#people + 1] = { name = p.name, role = role, affiliations = p.affiliations }
          more = more or p.event ~= nil
        end
      elseif text then
        people[#people + 1] = role and { name = unlinked(text), role = role } or unlinked(text)
      end
    end
  end
  return people, more
end

-- "a, b", "#a #b" or a list -> tags
local function tags_of(value)
  local tags, seen = {}, {}
  local function add(tag)
    tag = line_of(tag)
    if tag and byte(tag) == 35 then tag = sub(tag, 2) end
    if tag and tag ~= "" and not seen[tag] then seen[tag] = true tags[#tags + 1] = tag end
  end
  for _, item in ipairs(list_of(value)) do
    if type(item) == "string" and find(item, ",", 1, true) then
      for part in item:gmatch "[^,]+" do add(part) end
    elseif type(item) == "string" and find(item, "^#%S+%s+#") then
      for part in item:gmatch "%S+" do add(part) end
    else
      add(item)
    end
  end
  return tags
end
M.tags_of = tags_of

-- Kinds of notes, which say that a file is no talk by itself.
local note_kinds = { note = true, post = true, programme = true, digest = true, scratch = true }

local kinds = {
  talk = "talk", presentation = "talk", keynote = "keynote", tutorial = "tutorial", workshop = "tutorial",
  paper = "paper",
  panel = "panel", poster = "poster", lightning = "lightning", ["lightning talk"] = "lightning",
  ["lightning-talk"] = "lightning",
  demo = "demo", discussion = "discussion", bof = "discussion", mention = "mention", other = "other", talks = "talk",
  keynotes = "keynote", tutorials = "tutorial", workshops = "tutorial", lightning_talk = "lightning",
  conference_talk = "talk",
  ["conference-talk"] = "talk", ["conference talk"] = "talk", ["talk-note"] = "talk", ["talk-notes"] = "talk",
  vlog = nil,
}
M.kinds = kinds

local function stamp(field)
  return function(out, v, key)
    local text = line_of(v)
    local when = text and dates.stamp(text)
    if not when then return false end
    if out[field] then return false end
    out[field] = when
    return key == "date" and "date" or true
  end
end

local function text_to(field)
  return function(out, v)
    local text = line_of(v)
    if not text or out[field] then return false end
    out[field] = text
    return true
  end
end

local function url_to(field)
  return function(out, v)
    local text = line_of(v)
    if not text or out[field] or not find(text, "^%a[%w+.-]*://") then return false end
    out[field] = text
    return true
  end
end

local function speakers_as(role)
  return function(out, v, key)
    if v == M.null then out.asked = true return true end
    out.asked = true
    -- One key names them; another one stays as it was written.
    if out.speakers and role ~= "panelist" then return false end
    local people, more = people_of(v, role)
    if people[1] == nil then return type(v) == "table" and next(v) == nil end
    out.speakers = out.speakers or {}
    for _, p in ipairs(people) do out.speakers[#out.speakers + 1] = p end
    if more then out.fields[key] = v end
    return true
  end
end

local function event_key(out, v)
  -- `event:` with nothing behind it: there is none, whatever file or folder are called.
  if v == M.null then
    out.no_event = true
    return true
  end
  if type(v) == "table" then
    local name = line_of(v.name)
    if not name then return false end
    local event = {}
    for _, k in ipairs { "name", "year", "full_name", "start", "end", "place", "url" } do event[k] = line_of(v[k]) end
    event.year = tonumber(event.year)
    out.event = event
    return true
  end
  local text = line_of(v)
  if not text or out.event then return false end
  out.event = find(text, "[[", 1, true) and unlinked(text) or text
  return true
end

local function kind_key(out, v, key)
  local text = line_of(v)
  if key == "kind" and note_kinds[text] then
    out.note_kind = text
    return true
  end
  local kind = text and kinds[text:lower()]
  if not kind or out.kind then return false end
  out.kind = kind
  if text:lower() ~= kind then out.kind_as_written = text end
  return key ~= "layout" and key ~= "category"
end

-- What keys mean, in the order of their say where two compete: f(out, value, key) -> true where it is wholly taken.
local known = {
  { "title", text_to "title" },
  { "event conference conf meetup", event_key },
  { "year", function(out, v)
    local y = tonumber(line_of(v) or "")
    if not y or y < 1900 or y > 2199 then return false end
    out.year = y
    return true
  end },
  { "speaker speakers presenter presenters speaker_name lecturer", speakers_as() },
  { "panelists", speakers_as "panelist" },
  { "author authors", function(out, v)
    if out.authors then return false end
    out.authors = people_of(v)
    return out.authors[1] ~= nil
  end },
  { "start start_date starts start_time date", stamp "start" },
  { "end end_date ends end_time", stamp "end" },
  { "session", text_to "session" }, { "room", text_to "room" }, { "building", text_to "building" },
  { "url link source website", url_to "url" },
  { "video_url video media recording youtube", url_to "video_url" },
  { "slides_url slides deck presentation", url_to "slides_url" },
  { "lang language", text_to "lang" },
  { "abstract", function(out, v)
    if type(v) ~= "string" or v == "" then return false end
    out.abstract = v
    return true
  end },
  { "kind type category format layout", kind_key },
  { "kind_as_written", text_to "kind_as_written" },
  { "note_title", text_to "note_title" }, { "note_kind", text_to "note_kind" },
  { "awards", function(out, v)
    local awards = {}
    for i, name in ipairs(list_of(v)) do awards[i] = { name = line_of(name) } end
    out.awards = awards[1] and awards or nil
    return out.awards ~= nil
  end },
  { "tags tag keywords", function(out, v)
    if out.tags then return false end
    out.tags = tags_of(v)
    return true
  end },
}
local meaning, rank, ranks = {}, {}, 0
for _, row in ipairs(known) do
  for key in row[1]:gmatch "%S+" do
    ranks = ranks + 1
    meaning[key], rank[key] = row[2], ranks
  end
end

-- Keys in small letters; a second spelling of a key stays as it is.
local function lowered(data)
  for key in next, data do
    -- A key that means something as it is needs no look.
    if not meaning[key] and type(key) == "string" and find(key, "%u") then
      local low = {}
      for k, v in next, data do if not find(k, "%u") then low[k] = v end end
      for k, v in next, data do
        local small = k:lower()
        if low[small] == nil and meaning[small] then low[small] = v elseif find(k, "%u") then low[k] = v end
      end
      return low
    end
  end
  return data
end

-- DATA -> { title?, event?, speakers?, ..., fields = {} }. `asked` is true where a speaker key was there, even empty.
function M.read(data)
  local fields, taken, null = {}, {}, M.null
  local out = { fields = fields }
  data = lowered(data)
  -- The few keys that mean something, by rank.
  local keys, n = {}, 0
  for key in next, data do
    local r = rank[key]
    if r then
      local i = n
      while i > 0 and rank[keys[i]] > r do keys[i + 1], i = keys[i], i - 1 end
      keys[i + 1], n = key, n + 1
    end
  end
  for i = 1, n do
    local key = keys[i]
    local done = meaning[key](out, data[key], key)
    taken[key] = done
    if done == "date" then out.dated = true end
  end
  for key, value in next, data do
    if not taken[key] and value ~= null and value ~= "" and fields[key] == nil then fields[key] = value end
  end
  if out.year then
    if type(out.event) == "string" and not find(out.event, "%d%d%d%d") then
      out.event = { name = out.event, year = out.year }
    elseif type(out.event) == "table" then
      out.event.year = out.event.year or out.year
    elseif not out.event then
      fields.year = data.year
    end
  end
  return out
end

-- The tags of A and B, each once; nil where there is none.
function M.merged(a, b)
  if not a then return b end
  if not b then return a end
  local out, seen = {}, {}
  for _, list in ipairs { a, b } do
    for _, tag in ipairs(list) do
      if not seen[tag] then seen[tag] = true out[#out + 1] = tag end
    end
  end
  return out
end

M.null = require("lectern").null

return M
