-- Events: "Meet 2017", "Meet'17", "Notes from the Third Workshop on Things (TWT)". Names are kept without their year; a
-- year is taken only where the text states one.

local marks = require "report.marks"
local names = require "report.names"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

local function year_of(digits)
  local y = tonumber(digits)
  if not y then return nil end
  if #digits == 2 then return (y < 70 and 2000 or 1900) + y end
  return y >= 1950 and y <= 2099 and y or nil
end

local sorts <const> = { "conference", "workshop", "symposium", "summit", "meetup", "meet%-up", "congress",
  "colloquium", "seminar",
  "unconference", "hackathon", "camp%f[%A]", "forum", "%f[%a]days?%f[%A]", "fest%f[%A]", "retreat", "convention",
    "conf%f[%A]" }

-- Whether S speaks of a meeting.
function M.sounds(s)
  local low = lower(s)
  for _, p in ipairs(sorts) do if find(low, p) then return true end end
  return false
end

local heads <const> = { "^[Mm]y%s+", "^[Ss]ome%s+", "^[Ll]ive%s+", "^[Rr]aw%s+", "^[Tt]rip%s+[Rr]eports?%s*",
  "^[Cc]onference%s+[Rr]eports?%s*",
  "^[Rr]eports?%s+", "^[Nn]otes%s+", "^[Ll]iveblog[%a]*%s*", "^[Hh]ighlights%s+", "^[Ii]mpressions%s+",
    "^[Tt]houghts%s+", "^[Rr]ecap%s*",
  "^[Ss]ummary%s+", "^[Tt]alks%s+%f[%l]", "^[Pp]apers%s+%f[%l]", "^[Tt]utorials%s+%f[%l]", "^[Pp]rogramm?e?%s+%f[%l]",
    "^[Ss]chedule%s+%f[%l]",
  "^[Aa]ttending%s+", "^[Vv]isiting%s+", "^[Pp]resenting%s+at%s+", "^[Tt]ravell?ing%s+to%s+", "^[Ll]iveblogging%s+",
  "^[Aa]%s+[Vv]isit%s+to%s+", "^[Tt]rip%s+to%s+", "^[Tt]he%s+[Rr]oad%s+to%s+", "^[Tt]ravel%s+[Rr]eports?%s*",
  "^[%a%s]-[Pp]apers%s+of%s+", "^[%a%s]-[Tt]alks%s+of%s+", "^[Ss]lides%s+from%s+", "^[Bb]ack%s+",
  "^[Dd]ay%s+%w+%s+", "^of%s+", "^from%s+", "^at%s+", "^on%s+", "^for%s+", "^in%s+", "^the%s+", "^The%s+",
  "^%d+%a%a%s+", "^ACM%s+SIGOPS%s+", "^ACM%s+", "^IEEE%s+" }

local sorts_of_text <const> = { "trip report", "travel report", "report", "notes", "recap", "highlights", "liveblog",
  "summary", "impressions" }

-- "Meet trip report" -> "Meet": what kind of text it is stands behind the name in lower case.
local function without_sort(name)
  for _, sort in ipairs(sorts_of_text) do
    local head = match(name, "^(.*%S)%s+" .. sort .. "$")
    if head then return head end
  end
  return name
end

local function strip(name)
  local again = true
  while again do
    again = false
    for _, p in ipairs(heads) do
      local cut = marks.head((name:gsub(p, "", 1)))
      if cut ~= name and find(cut, "%a") then name, again = cut, true end
    end
  end
  return without_sort(marks.tail(marks.head(name)))
end

M.strip = strip

local joining <const> = { of = true, ["in"] = true, on = true, ["for"] = true, ["and"] = true, the = true,
  ["&"] = true, de = true }

-- The run of capitalised words at the end of S: "what I saw at the Linux Storage Summit" -> "Linux Storage Summit".
local function trailing(s)
  local list = {}
  for w in s:gmatch "%S+" do list[#list + 1] = w end
  local from
  for i = #list, 1, -1 do
    local w = list[i]
    if names.capital(w) or find(w, "^%l+%u") or find(w, "^[!%d]") or find(w, "^%l[%l%d]*%.%l+$") then
      from = i
      if find(w, "[:.;,)]$") and i < #list then from = i + 1 break end
    elseif not joining[w] then
      break
    end
  end
  return from and from <= #list and table.concat(list, " ", from) or nil
end

M.trailing = trailing

local function plausible(name)
  if not name or #name < 2 or #name > 80 or not find(name, "%a%a") or find(name, "[?=<>`\"]") then return false end
  local words = select(2, name:gsub("%S+", ""))
  return words <= 9
end

-- "Meet'15", "Meet 2016" in running text at byte FROM: name, year, first byte, last byte. The name is what is written
-- with capitals just before the year.
function M.next(s, from)
  local at = from or 1
  while true do
    local a, digits, b = match(s, "()%f[%d](%d%d%d?%d?)%f[%D]()", at)
    if not a then return nil end
    at = b
    local quote
    if #digits == 2 then
      quote = match(sub(s, 1, a - 1), "()['`]$") or match(sub(s, math.max(1, a - 3), a - 1), "()\u{2019}$") and a - 3
        or match(sub(s, math.max(1, a - 3), a - 1), "()\u{2018}$") and a - 3
    end
    if quote or #digits == 4 and not find(s, "^['\u{2019}]?s%f[%A]", b) then
      local year = year_of(digits)
      local head = sub(s, math.max(1, (quote or a) - 80), (quote or a) - 1)
      local before = head:gsub("[%s@(-]+$", "")
      if year and find(before, "[%w)]$") and #head - #before <= 2 then
        local word = match(before, "([%w\x80-\xff!+./-]+)$")
        if word and names.capital(word) or word and find(word, "%u%u") then
          before = match(before, "[%(%[]([^%(%[]*)$") or before
          local name = trailing(before)
          name = name and strip(name)
          if plausible(name) then
            local start = find(s, name, math.max(1, (quote or a) - 81), true)
            return name, year, start, b - 1, quote ~= nil
          end
        end
      end
    end
  end
end

local function segments(title)
  local list = {}
  local s = title:gsub("%s+[-\u{2013}\u{2014}|]+%s+", "\1"):gsub("%s*\u{2014}%s*", "\1"):gsub(":%s+", "\1")
  for part in s:gmatch "[^\1]+" do list[#list + 1] = part end
  return list
end

-- "Third Workshop on Things (TWT'25)"
local function in_brackets(title)
  local full, short, digits = match(title, "^(.-)%s*%((%u[%w&@-]*)%s?['\xe2]?\x80?\x99?%s?(%d%d%d?%d?)%)")
  local year = full and #digits ~= 3 and year_of(digits)
  if not year then return nil end
  full = strip(full)
  if not M.sounds(full) and select(2, full:gsub("%S+", "")) < 3 then full = nil end
  return { name = short, year = year, full_name = plausible(full) and full or nil }
end

-- What stands before the first year of PART, and its digits; EDGE is what a year begins at.
local function before_year(part, edge)
  for at, digits in part:gmatch("()" .. edge .. "(%d%d%d%d)%f[%D]") do
    local name = year_of(digits) and sub(part, 1, at - 1):gsub("%s*[,(@]?%s*$", "")
    if name then return name ~= "" and name or nil, digits end
  end
end

-- The same in every way a title may write it. A year that stands alone or behind an apostrophe counts more than one that
-- a word ends with, which may be a part of the name.
local function named_before_year(part)
  local name, digits = before_year(part, "%f[%w]")
  if not name then name, digits = match(part, "^(.-)%s*['`](%d%d)%f[%D]") end
  if not name then name, digits = match(part, "^(.-)%s*\u{2019}(%d%d)%f[%D]") end
  if not name then name, digits = before_year(part, "%f[%d]") end
  if not name then digits, name = match(part, "^(%d%d%d%d)%s+(.+)$") end
  if not name then name, digits = match(part, "^(%u%u%u+)%-?(%d%d)%f[%D]") end
  return name, digits
end

-- The event a post's TITLE names: { name, year?, full_name? } or nil.
function M.of_title(title)
  if #title > 200 then return nil end
  local bracketed = in_brackets(title)
  if bracketed then return bracketed end
  for _, part in ipairs(segments(title)) do
    local name, digits = named_before_year(part)
    local year = name and year_of(digits)
    if year then
      name = strip(name)
      if select(2, name:gsub("%S+", "")) > 4 or find(name, "%l%s+at%s+%u") or find(name, "%l%s+from%s+%u")
        or find(name, "%l%s+%l+%s+the%s+%u") then
        name = strip(trailing(name) or name)
      end
      -- "live notes, Parallax 2017": what stands before a comma and has no capital is no part of the name.
      local front, back = match(name, "^(.*),%s*([^,]+)$")
      if front and (not find(front, "%u") or trailing(back) == back) then name = strip(back) end
      if plausible(name) then return { name = name, year = year } end
    end
  end
  -- "MeetUp XIV": a name with a capital inside and a number, without a year.
  local numbered = match(title, "^(%u%w*%u%w*)[ -][IVXL]+%f[^%w]")
  if numbered then return { name = numbered } end
  -- "what I learned at the Spindle retreat": a name, then the sort of meeting in lower case.
  local name, sort = match(title, "%f[%a]at the (%u[%w\x80-\xff]*[%w\x80-\xff ]-) (%l+)%f[%A]")
  if not name then name, sort = match(title, "%f[%a]from the (%u[%w\x80-\xff]*[%w\x80-\xff ]-) (%l+)%f[%A]") end
  if name and M.sounds(sort) and plausible(name) then return { name = name } end
  for _, part in ipairs(segments(title)) do
    local full, short = match(part, "^(.-)%s*%((%u[%w&@'-]*%u[%w'-]*)%)")
    if full and M.sounds(full) then return { name = short, full_name = strip(full) } end
  end
end

local reporting <const> = { "note", "report", "favo[u]?rite", "highlight", "recap", "impression", "day ", "what i",
  "paper", "talk", "summary", "trip", "thoughts",
  "tutorial", "programme", "program", "schedule", "liveblog" }

-- "Moot XVII: my favourites" over a text that speaks of Moot: an event without a year.
function M.of_heading(title, s)
  local list = segments(title)
  if #list < 2 then return nil end
  local name, rest = list[1], lower(table.concat(list, " ", 2))
  local says = false
  for _, p in ipairs(reporting) do says = says or find(rest, p) ~= nil end
  name = strip(name:gsub("%s+[IVXL]+$", ""):gsub("%s+%d+$", ""))
  if not says or not plausible(name) or not names.capital(name) or select(2,
    name:gsub("%S+", "")) > 4 then return nil end
  if find(s, name, 1, true) then return { name = name } end
end

-- The short name that S gives behind FULL, a name in words: "Workshop on Things (WT 2014)" -> "WT", 2014.
function M.abbreviated(full, s)
  local _, b = find(lower(s), lower(full), 1, true)
  if not b then return nil end
  local short, digits = match(sub(s, b + 1, b + 40), "^%s*%((%u[%w&@-]*%u[%w-]*)[\x80-\xff'%s]*(%d*)%)")
  return short, short and year_of(digits)
end

-- The event in the first lines of a text: "Good morning from X 2015 in Y".
function M.of_text(s)
  local name, year = M.next(s)
  if name and not find(name, "^In%f[%A]") then return { name = name, year = year } end
end

local vocabulary <const> = { "talk", "talks", "speaker", "speakers", "session", "sessions", "keynote", "conference",
  "workshop",
  "tutorial", "tutorials", "presenter", "slides", "papers", "paper", "audience", "panel", "posters", "vortrag",
  "tagung", "ponencia", "jornadas", "charla" }

-- Whether TEXT speaks as reports of meetings do: at least three of their words, or one of them several times.
function M.vocabulary(text)
  local low, hits = lower(sub(text, 1, 200000)), 0
  for _, word in ipairs(vocabulary) do
    local at, times = 1, 0
    while times < 3 do
      local a, b = find(low, "%f[%a]" .. word .. "%f[%A]", at)
      if not a then break end
      times, at = times + 1, b + 1
    end
    hits = hits + times
    if hits >= 3 then return true end
  end
  return false
end

-- Whether the first lines of a text call TITLE a conference.
function M.is_called(title, s)
  local a, b = find(lower(s), lower(title), 1, true)
  return a ~= nil and M.sounds(sub(s, b + 1, b + 60)) or a ~= nil and M.sounds(sub(s, math.max(1, a - 30), a - 1))
end

return M
