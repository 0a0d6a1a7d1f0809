-- Which event a text speaks of: "CodeStock 2016", "Notes from SOSP'17 - Day 2", a folder called 2026-ARCtic.
-- The short name is kept without its year, as the contract wants it; the year only as stated.

local dates = require "markdown.dates"

local M = {}

local function year_of(digits)
  local y = tonumber(digits)
  return y and y >= 1970 and y <= 2069 and y or nil
end

local wrappers = {
  "^[Nn]otes%s+from%s+", "^[Nn]otes%s+on%s+", "^[Nn]otes%s+for%s+", "^[Nn]otes:?%s+", "^[Tt]rip [Rr]eport:?%s+",
  "^[Cc]onference [Nn]otes:?%s+", "^[Pp]rogram[me]*%s*[–—:-]+%s*", "^[Ss]chedule%s*[–—:-]+%s*", "^[Tt]alks%s+at%s+",
  "^[Tt]he%s+",
}
local tails = {
  "%s*[–—:|,-]*%s*[Tt]rip [Rr]eport$", "%s*[–—:|,-]*%s*[Cc]onference [Nn]otes$", "%s*[–—:|,-]*%s*[Tt]alk [Nn]otes$",
  "%s*[–—:|,-]*%s*[Nn]otes$", "%s*[–—:|,-]*%s*[Tt]alks$", "%s*[–—:|,-]*%s*[Pp]rogram[me]*$",
  "%s*[–—:|,-]*%s*[Ss]chedule$",
}

-- "X - Day 2", "X: Session 3", "X (March 9-11)" -> X, and what stood behind.
local function cut_tail(text)
  local name, part = text:match "^(.-)%s*[–—:|,(-]+%s*([Dd]ay%s+%w+.*)$"
  if not name then name, part = text:match "^(.-)%s*[–—:|,(-]+%s*([Ss]ession%s+%w+.*)$" end
  if not name then name, part = text:match "^(.-)%s*[–—:|,(-]+%s*([Tt]rack%s+%w+.*)$" end
  if not name then name, part = text:match "^(.-)%s+([Dd]ay%s+%w+)$" end
  if name and name ~= "" then return name, (part:gsub("%)$", "")) end
  return text
end

local function plausible(name)
  if #name < 2 or #name > 60 or name:find "[?=<>`\"]" or name:find "%.%s" or not name:find "%a" then return false end
  if name:find "^%l" and not name:find "[%d:]" then return false end
  local words = select(2, name:gsub("%S+", ""))
  return words <= 7
end

local conferencing = { "conf", "con$", "con%f[%A]", "summit", "fest", "days?$", "camp", "meetup", "symposium",
  "workshop",
  "forum", "congress", "colloqui", "seminar", "%f[%a]talks" }

-- Whether NAME sounds like a conference's.
function M.sounds(name)
  local low = name:lower()
  for _, p in ipairs(conferencing) do if low:find(p) then return true end end
  return false
end

-- Whether NAME holds a date or another year; a number that a word ends with is part of the name, unless it is a year.
local function dated(name)
  for at, digits in name:gmatch "()(%d%d%d%d+)" do
    if #digits > 4 or year_of(digits) or not name:find("^%a", at - 1) or at == 1 then return true end
  end
  return false
end

-- TEXT -> { name, year?, part?, start?, end? }, or nil. Only with a year, unless LOOSE and the text names a part ("Day
-- 1").
function M.parse(text, loose)
  if #text > 120 then return nil end
  local first, last, from = dates.range(text)
  if first and from > 4 then
    text = text:sub(1, from - 1):gsub("[%s,;(–—-]+$", "")
    -- "Weekly sync 2024-03-04" is a meeting; a name with a date is an event only where it sounds like one.
    local again = M.parse(text) or M.sounds(text) and M.parse(text .. " " .. first:sub(1, 4))
    if again then again.start, again["end"] = first, last end
    return again
  end
  text = text:gsub("^%s+", ""):gsub("%s+$", ""):gsub("%s*[|,–—-]*%s*%d%d?[./]%d%d?[./]%d%d%d%d$", "")
  local part
  text, part = cut_tail(text)
  for _, w in ipairs(tails) do text = text:gsub(w, "") end
  local before = text
  for _, w in ipairs(wrappers) do text = text:gsub(w, "") end
  local noted = before ~= text
  local name, digits = text:match "^(.-)%s*[,(]?%s*'?(%d%d%d%d)%)?$"
  if not name then digits, name = text:match "^(%d%d%d%d)%s*[–—:|-]?%s*(.+)$" end
  if not name then
    name, digits = text:match "^(.-)%s*'(%d%d)$"
    if not name then name, digits = text:match "^(.-)%s*’(%d%d)$" end
    digits = digits and (tonumber(digits) < 70 and "20" or "19") .. digits
  end
  local year = name and year_of(digits)
  name = year and name:gsub("[%s,:(–—-]+$", "") or text
  -- "What I learned at KubeCon 2019" is about an event and not its name.
  local about_it = year and (name:match "%l%s+at%s+(%u.*)$" or name:match "%l%s+from%s+(%u.*)$")
  name = about_it or name
  if not plausible(name) or dated(name) then return nil end
  if year then
    return { name = name, year = year, part = part, noted = noted and not about_it, loose = about_it ~= nil }
  end
  if loose and part then return { name = name, part = part } end
end

-- "EmacsConf 2021: How Emacs ..." -> event, rest
function M.prefix(title)
  local head, rest = title:match "^([^:]+):%s*(.+)$"
  if not head or #head > 50 then return nil end
  local event = head:find "%d%d%d%d$" and M.parse(head)
  if event and not event.part and select(2, event.name:gsub("%S+", "")) <= 4 then return event, rest end
end

local small = { of = true, ["in"] = true, the = true, ["and"] = true, ["for"] = true, on = true, at = true }

-- "djangocon-us" -> "Djangocon US"; the spelling of the text wins where it has one.
local function spelled(tokens, text)
  local plain = table.concat(tokens, " ")
  local at = text and #text < 200000 and text:lower():find(plain:lower(), 1, true)
  local found = at and text:sub(at, at + #plain - 1)
  if found and found:find "%u" then return found end
  local words = {}
  for i, token in ipairs(tokens) do
    if token:find "%u" then words[i] = token
    elseif small[token] then words[i] = token
    elseif #token <= 3 then words[i] = token:upper()
    else words[i] = token:sub(1, 1):upper() .. token:sub(2) end
  end
  return table.concat(words, " ")
end

local function tokens_of(slug)
  local tokens = {}
  for token in slug:gmatch "[^%s_.-]+" do tokens[#tokens + 1] = token end
  return tokens
end

local about = {
  day = true, notes = true, talks = true, session = true, talk = true, conference = true, report = true, trip = true,
  program = true, programme = true, schedule = true, index = true, readme = true, keynote = true, keynotes = true,
}

-- Words that follow the year in a name mean the event itself: none, a number, "day1", "notes".
local function only_about(tokens, from)
  for i = from, #tokens do
    local word = tokens[i]:lower():gsub("%d+$", "")
    if word ~= "" and not about[word] then return false end
  end
  return true
end

local function words_in(text)
  local set = {}
  for w in text:lower():gmatch "[%w\x80-\xff]+" do set[w] = true end
  return set
end

-- The event of one path part such as "sosp-2017", "2026-ARCtic", "djangocon-us-2016-lucky" (whose last words must then
-- be those of TITLE). TEXT helps with the spelling.
function M.slug(slug, title, text)
  local tokens = tokens_of(slug)
  for i, token in ipairs(tokens) do
    local year = #token == 4 and token:find "^%d+$" and year_of(token)
    if not year then
      local word, glued = token:match "^(%a+)(%d%d%d%d)$"
      year = glued and year_of(glued)
      if year then tokens[i] = word table.insert(tokens, i + 1, glued) i = i + 1 end
    end
    if year and (i > 1 or #tokens > 1) then
      local name
      local rest_from = i + 1
      if i == 1 then
        -- 2026-ARCtic; but not 2026-02-10-standup.
        if tokens[2]:find "^%d" then return nil end
        name, rest_from = { table.unpack(tokens, 2) }, #tokens + 1
      else
        name = { table.unpack(tokens, 1, i - 1) }
      end
      while #name > 0 and about[name[#name]:lower()] do name[#name] = nil end
      if #name == 0 or #name > 6 or not table.concat(name):find "%a" then return nil end
      local sure = only_about(tokens, rest_from)
      if not sure then
        local seen = title and words_in(title)
        if not seen then return nil end
        for k = rest_from, #tokens do
          if not seen[tokens[k]:lower()] then return nil end
        end
      end
      return { name = spelled(name, text), year = year, guessed = true }
    end
  end
end

-- The event that the place of a file tells: folders from the inside out ("conf/2016/djangocon-us/lucky.md"), then its
-- own name. PATH may be nil.
function M.path(path, stem, title, text)
  local folders = {}
  for part in (path or ""):gsub("[^/]*$", ""):gmatch "[^/]+" do folders[#folders + 1] = part end
  for i = #folders, math.max(1, #folders - 2), -1 do
    local event = M.slug(folders[i], nil, text)
    if event then return event, "folder '" .. folders[i] .. "'" end
    local above = folders[i - 1]
    if above and above:find "^%d%d%d%d$" and year_of(above) and folders[i]:find "%a" and not about[folders[i]:lower()]
      and #folders[i] <= 40 and not folders[i]:find "^%d" then
      return { name = spelled(tokens_of(folders[i]), text), year = year_of(above), guessed = true },
        "folder '" .. above .. "/" .. folders[i] .. "'"
    end
  end
  local event = M.slug(stem, title, text)
  if event then return event, "file name" end
end

-- The year that file name or folder state for an event that the text names without one.
function M.year_for(name, path, stem)
  local wanted = table.concat(tokens_of(name:lower()), "")
  for part in ((path or ""):gsub("[^/]*$", "") .. "/" .. stem):gmatch "[^/]+" do
    local squeezed = table.concat(tokens_of(part:lower()), "")
    local at, stop = squeezed:find(wanted, 1, true)
    local digits = at and (squeezed:match("^(%d%d%d%d)", stop + 1) or squeezed:sub(1, at - 1):match "(%d%d%d%d)$")
    if digits and year_of(digits) then return year_of(digits) end
  end
end

return M
