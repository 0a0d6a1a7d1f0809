--- Works as BibTeX entries: what is stated about them and nothing else, every text escaped for LaTeX, UTF-8 kept.
---
---     local keys = lectern.bibtex.keys()
---     out:write(lectern.bibtex.entry({ title = "Counting Hail", authors = { "Dora Vik" }, year = 2015 }, keys))
---
--- BibTeX counts braces even behind a backslash, so those of a text are written as \textbraceleft{}, and each entry is
--- balanced whatever a title holds.

local lectern = require "lectern"
local text = lectern.text

---@class lectern.bibtex
local bibtex = {}

local KEY_WORD <const> = 24 -- bytes of a key's word at most

local function set(words)
  local out = {}
  for word in words:gmatch "%S+" do out[word] = true end
  return out
end

local specials = {
  ["\\"] = "\\textbackslash{}", ["~"] = "\\textasciitilde{}", ["^"] = "\\textasciicircum{}",
  ["{"] = "\\textbraceleft{}", ["}"] = "\\textbraceright{}",
  ["%"] = "\\%", ["&"] = "\\&", ["$"] = "\\$", ["#"] = "\\#", ["_"] = "\\_",
}

--- Text for a field: one line, nothing in it means anything to TeX.
---@param s string
---@return string
function bibtex.escape(s)
  return (text.line(s):gsub("[\\~^{}%%&$#_]", specials))
end

--- A line outside of entries, which BibTeX passes over.
---@param s string
---@return string
function bibtex.comment(s)
  return "% " .. text.line(s):gsub("@", "(at)") .. "\n"
end

-- ---- names ----------------------------------------------------------------------------------------------------------

local particles = set "van von der den de del della di da dos das du la le ter ten zu zur af av el al bin ibn"
local juniors = set "jr jr. sr sr. ii iii iv"
local bodies = set [[team group inc inc. ltd ltd. gmbh ag corp corp. llc university institute foundation project labs lab
  laboratory laboratories committee community company consortium society association collective council department
  collaboration others contributors developers staff crew]]

-- Is NAME that of a body, or anything else that has no family name?
local function indivisible(name)
  if not name:find " " or name:find "[,&/@%d(){}]" or name:find "^[Tt]he " or particles[name:match "^%S+"] then return true end
  for word in name:lower():gmatch "%S+" do
    if bodies[word] or word == "and" then return true end
  end
  return false
end

--- The parts of a person's name: family, given and a "Jr."; nil for single words and for bodies.
---@param name string
---@return string? family, string? given, string? junior
function bibtex.family(name)
  name = text.line(name)
  if indivisible(name) then return nil end
  local words, junior = {}, nil
  for word in name:gmatch "%S+" do words[#words + 1] = word end
  if #words > 2 and juniors[words[#words]:lower()] then junior = table.remove(words) end
  local at = #words
  for i = #words - 1, 2, -1 do
    if not particles[words[i]] then break end
    at = i
  end
  return table.concat(words, " ", at), table.concat(words, " ", 1, at - 1), junior
end

--- "Lima, Ana"; "{Ida}" and "{The Fjord Team}" where there is no family name to tell.
---@param name string
---@return string
function bibtex.name(name)
  local family, given, junior = bibtex.family(name)
  if not family then return "{" .. bibtex.escape(name) .. "}" end
  return bibtex.escape(family) .. (junior and ", " .. bibtex.escape(junior) or "") .. ", " .. bibtex.escape(given)
end

-- ---- keys -----------------------------------------------------------------------------------------------------------

local dull = set "a an the on of in for to and at by with from how why what is are your our my do does can we i its it"

-- Letters and digits of S; nothing where it is written in letters that have no ASCII ones.
local function slug(s)
  return text.key(s):find "[%l%d]" and (text.slug(s):gsub("-", "")) or ""
end

-- The first word of TITLE that says something.
local function word_of(title)
  local first
  title = title:sub(1, 400)
  if slug(title) == "" then return "" end
  for word in (text.slug(title) .. "-"):gmatch "([^-]+)-" do
    first = first or word
    if not dull[word] then return word:sub(1, KEY_WORD) end
  end
  return first and first:sub(1, KEY_WORD) or ""
end

-- 1 -> "a", 26 -> "z", 27 -> "aa"
local function letters(n)
  local out = ""
  while n > 0 do
    out = string.char(97 + (n - 1) % 26) .. out
    n = (n - 1) // 26
  end
  return out
end

--- What gives each work a key of its own, such as vik2015counting: a second one of that name is vik2015countinga.
---@return fun(work: table): string
function bibtex.keys()
  local used, last = {}, {}
  return function(work)
    local who = work.authors and work.authors[1]
    local name = who and (bibtex.family(who) or who):match "%S+$" or work.event or ""
    local stem = slug(name):sub(1, KEY_WORD) .. (work.year or "") .. word_of(work.title)
    if not stem:find "^%l" then stem = "work" .. stem end
    local key, n = stem, last[stem] or 0
    while used[key] do
      n = n + 1
      key = stem .. letters(n)
    end
    used[key], last[stem] = true, n
    return key
  end
end

-- ---- entries --------------------------------------------------------------------------------------------------------

local months = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" }

-- Events whose talks nobody prints: a talk there is not "in proceedings".
local gatherings = set "meetup meetups seminar seminars colloquium lunch podcast lecture lectures workgroup hangout webinar"

--- Is EVENT (a name) one that has proceedings, or might?
---@param event string
---@return boolean
function bibtex.conference(event)
  for word in event:lower():gmatch "%a+" do
    if gatherings[word] then return false end
  end
  return not event:lower():find "user group"
end

local function address(url)
  if not url or not url:find "^[Hh][Tt][Tt][Pp][Ss]?://[^%c]+$" then return nil end
  return (url:gsub("[%s{}\\\"<>^`|]", function(c) return ("%%%02X"):format(c:byte()) end))
end

---@class lectern.bibtex.work what is not stated is nil
---@field title string
---@field authors string[]? full names
---@field event string? where it was given or published
---@field series string? the short name beside a long EVENT
---@field place string?
---@field year integer?
---@field month integer? 1 to 12
---@field url string? http or https
---@field abstract string?
---@field keywords string[]?
---@field language string?
---@field note string?

--- WORK as an entry under a key from KEYS.
---@param work lectern.bibtex.work
---@param keys fun(work: table): string
---@return string
function bibtex.entry(work, keys)
  local fields, names = {}, {}
  local function field(name, value)
    if value and value ~= "" then fields[#fields + 1] = ("  %s = {%s}"):format(name, value) end
  end
  local function texts(name, value) field(name, value and bibtex.escape(value)) end
  local printed = work.event and bibtex.conference(work.event)
  for i, name in ipairs(work.authors or {}) do names[i] = bibtex.name(name) end
  field("title", "{" .. bibtex.escape(work.title) .. "}")
  field("author", table.concat(names, " and "))
  texts(printed and "booktitle" or "howpublished", work.event)
  if printed then texts("series", work.series) end
  texts("address", work.place)
  field("year", work.year and tostring(work.year))
  if months[work.month] then fields[#fields + 1] = "  month = " .. months[work.month] end
  field("url", address(work.url))
  texts("note", work.note)
  texts("language", work.language)
  texts("keywords", work.keywords and table.concat(work.keywords, ", "))
  texts("abstract", work.abstract)
  return ("@%s{%s,\n%s\n}\n"):format(printed and "inproceedings" or "misc", keys(work), table.concat(fields, ",\n"))
end

return bibtex
