-- Crowds: several people in one line, with where they work: "Ana Lima (Fjord), Bo Ek and Cy Orr (Basalt)",
-- "Ana Lima, Fjord Labs; Bo Ek, Basalt & Sons".
--
-- The one idea: the line is cut at commas and "and", and each piece is a person, an organisation of the person before
-- it, or the end of all hope that the line is about people.

local names = require "report.names"
local words = require "report.words"

local M = {}

local byte, find, match, sub, lower = string.byte, string.find, string.match, string.sub, string.lower
local has_word, trim = names.has_word, names.trim

local MOST <const> = 40      -- people in one line
local LONGEST <const> = 1500 -- bytes of one
local HEAD <const> = 240     -- bytes of a person with where they work

local joints <const> = { ["and"] = true, ["&"] = true, und = true, et = true, y = true, e = true, ["+"] = true,
  ["/"] = true, with = true }

-- S cut at commas, semicolons and "and" outside parentheses: { text, sep } pieces; at most MOST where it is given.
local function pieces(s, most)
  local out, depth, from, sep, i = {}, 0, 1, "", 1
  local function cut(stop, separator, behind)
    out[#out + 1] = { text = trim(sub(s, from, stop)), sep = sep, at = from }
    from, sep, i = behind, separator, behind
  end
  while true do
    i = find(s, "[,;()%[%] ]", i)
    if most and out[most] then return out end
    if not i then break end
    local c = byte(s, i)
    if c == 40 or c == 91 then depth = depth + 1
    elseif c == 41 or c == 93 then depth = depth > 0 and depth - 1 or 0 end
    if depth == 0 and c == 44 then cut(i - 1, ",", i + 1)
    elseif depth == 0 and c == 59 then cut(i - 1, ";", i + 1)
    elseif depth == 0 and c == 32 then
      local word, behind = match(s, "^(%S%S?%S?%S?) ()", i + 1)
      if word and joints[word] then cut(i - 1, "and", behind) else i = i + 1 end
    else
      i = i + 1
    end
  end
  cut(#s, "", #s + 1)
  return out
end

local function without_honorific(s)
  local head, rest = match(s, "^(%S+)%s+(.+)$")
  while head and words.honorifics[lower(head)] do
    s = rest
    head, rest = match(s, "^(%S+)%s+(.+)$")
  end
  return s
end

-- One piece, "Name", "Name (Org)", "Name from Org", "Name @ Org": a person with affiliations and how surely, or nil.
local function one(s, ctx, loose, lead)
  local who = { affiliations = {} }
  if ctx and ctx.initials and ctx.initials[s] then
    who.name, who.written = ctx.initials[s], s
    return who, 1.5
  end
  if find(s, "^@[%w_.-]+$") then
    who.name = s
    return who, 0.4
  end
  -- "Hai (Paul) Liu"
  local given, nick, family = match(s, "^(%S+) %((%u%l+)%) (%u.*)$")
  if given and not find(family, "[()]") and names.person(given .. " " .. family, ctx) >= 0.7 and names.person(nick ..
    " " ..
    family, ctx) >= 0.7 then
    who.name = s
    return who, 1
  end
  local name, inside, tail = match(s, "^([^()%[%]]-)%s*[(%[]([^()%[%]]*)[)%]]%s*(.*)$")
  if name then
    if tail ~= "" and not find(tail, "^@") then return nil end
    who.bracket = true
    inside = inside:gsub("^[Bb]oth%s+", ""):gsub("^[Aa]ll%s+", "")
    names.affiliations(inside, who.affiliations)
  else
    name = s
  end
  local head, org = match(name, "^(.-)%s+@%s*(%u.*)$")
  if not head then head, org = match(name, "^(.-)%s+from%s+(.+)$") end
  if not head then head, org = match(name, "^(.-)%s+of%s+(%u.+)$") end
  if not head then head, org = match(name, "^(.-)%s+at%s+(%u.+)$") end
  if head and #head <= 60 and (lead or names.person(without_honorific(trim(head)), ctx, true) > 0)
    and names.organisation(org) and not find(org, "%l%l%l%l%l%. ") and not find(org, "%u%u%. ") then
    name, who.bracket = head, true
    names.affiliations(org, who.affiliations)
  end
  name = without_honorific(trim(name:gsub("%s+@[%w_.]+$", "")))
  local sure = names.person(name, ctx, loose or who.bracket and #who.affiliations > 0)
  if sure == 0 and lead then
    -- "Old Ana Lima": a word of the language before a name that is one without it.
    local word, rest = match(name, "^(%S+)%s+(.+)$")
    if word and names.capital(word) and (words.never[lower(word)] or words.small[lower(word)])
      and names.person(rest, ctx) == 1 then name, sure = rest, 0.7 end
  end
  if sure == 0 then return nil end
  who.name = name
  return who, sure
end

-- "A, B, C and D": up to which of PARTS all are names, where "and" says that they are a list; else 0.
local function joined_names(parts, ctx)
  local last = 0
  for i, piece in ipairs(parts) do
    local text = piece.text:gsub("^and%s+", "")
    if text ~= "" and names.person(text, ctx) < 0.7 then break end
    if i > 1 and text ~= "" and (piece.sep == "and" or text ~= piece.text) then last = i end
    if i == #parts and i > 2 and (last == 0 or last == i) then last = i end
  end
  return last > 2 and last or 0
end

local function take_person(c, who, sure, sep)
  if sure < c.weakest then c.weakest = sure end
  c.brackets = c.brackets or who.bracket and #who.affiliations > 0
  who.sep = #c.list > 0 and sep or ""
  c.list[#c.list + 1] = who
end

-- "Lima & Partners": the firm whose name began in the piece before goes on behind the "and".
local function take_firm(c, last, piece, i)
  local text = piece.text
  local at = find(c.s, text, piece.at, true)
  local from = last.org_text
  local whole = at and from and match(sub(c.s, 1, at + #text - 1), ".*()" .. from:gsub("%p", "%%%0"))
  if not whole or not names.organisation(text) then return false end
  local firm = names.affiliations(sub(c.s, whole, at + #text - 1))
  last.affiliations[#last.affiliations] = firm[#firm] or last.affiliations[#last.affiliations]
  last.org_piece = i
  return true
end

-- An organisation, or what the person is, behind a name.
local function take_affiliation(c, last, text, sep, i)
  local role, suffix = has_word(text, words.roles), words.suffixes[lower(text)]
  if names.organisation(text) or suffix or role and #names.affiliations(text) > 0 then
    if last.bracket and #last.affiliations > 0 and sep == "," and not role and not suffix then return false end
    local before = #last.affiliations
    names.affiliations(text, last.affiliations)
    if #last.affiliations > before then
      last.org_piece, last.org_text = i, text
      c.orgs = true
    end
    return true
  end
  return role and #text < 60
end

-- A name of an unusual shape among names with organisations, with one of its own in brackets.
local function unusual(text)
  local name, inside = match(text, "^([^()%d:;?!]+)%s+%(([^()]+)%)$")
  if not name or #name > 50 or not names.organisation((match(inside, "^[^,;]+"))) then return nil end
  local count = 0
  for word in name:gmatch "%S+" do
    if not names.capital(word) and not words.particles[word] then return nil end
    count = count + 1
  end
  if count > 5 or count < 2 then return nil end
  local who = { name = name, affiliations = names.affiliations(inside), bracket = true }
  return who, 0.7
end

-- "Jr.", "III (Fjord)": a name that goes on behind a comma.
local function take_suffix(last, text)
  local suffix, inside = match(text, "^(%a+%.?)%s*%(([^()]+)%)$")
  suffix = suffix or text
  if not words.generation[lower(suffix)] or #last.affiliations > 0 then return false end
  last.name = last.name .. ", " .. suffix
  if inside then
    last.bracket = true
    names.affiliations(inside, last.affiliations)
  end
  return true
end

local function take(c, piece, i, ctx, options)
  local text, sep, last = piece.text, piece.sep, c.list[#c.list]
  if text == "" then return true end
  if sep == "," and find(text, "^and%s+") then text, sep = text:gsub("^and%s+", ""), "and" end
  text = text:gsub("^[Bb]oth%s+", ""):gsub("^[Aa]ll%s+", "")
  local who, sure = one(text, ctx, options.loose, options.lead and i == 1)
  if not who and last and find(text, "(", 1, true) then who, sure = unusual(text) end
  if who and last and sep == "," and options.comma == "org" and i > c.authors and #who.affiliations == 0
    and not find(c.s, "(", 1, true) then
    who = nil
  end
  if who then
    take_person(c, who, sure, sep)
    return true
  end
  if not last then return false end
  if take_suffix(last, text) then return true end
  if sep == "and" and last.org_piece == i - 1 then return take_firm(c, last, piece, i) end
  if sep == "and" and #last.affiliations == 0 and not last.bracket then return false end
  return take_affiliation(c, last, text, sep, i)
end

-- "A, B and C (Org)", "A, B (Org), C (Org)": what follows the last of several is said of those before it that have none
-- of their own.
local function share(list)
  for i = #list, 2, -1 do
    local j = i - 1
    while (list[i].sep == "and" or list[j + 1].sep ~= ";") and #list[i].affiliations > 0 and j >= 1 and #list[j].affiliations == 0
      and not list[j].bracket do
      list[j].affiliations = { table.unpack(list[i].affiliations) }
      j = j - 1
    end
  end
end

-- Quick refusals: what is no list of people at first sight.
local function hopeless(s, ctx)
  local initials = ctx and ctx.initials and find(s, "^%u%u")
  return #s < 4 and not initials or #s > LONGEST or find(s, "[?!]") or find(s, "://", 1, true) or find(s, "^%l%l")
    or find(s, " %l%l%l+ %l%l+ %l%l%l+")
end

local behind_name <const> = { from = true, of = true, at = true, ["d'"] = true }

-- Whether S begins with one word and a word of the language: no list of people, then.
local function begins_badly(s, ctx)
  local first, second = match(s, "^(%S+) (%l[%l']*)")
  return first ~= nil and not (ctx and ctx.initials) and not find(first, "[,;)%]]$") and not words.particles[second]
    and not joints[second] and not behind_name[second] and not find(second, "'") and not words.particles[lower(first)]
end

-- TEXT -> { { name, affiliations } ... }, strength: 1 for names alone, 2 where an affiliation follows behind a comma, 3
-- in brackets; nil where it does not read like a list of people. Options: loose (a label says that names follow), lead
-- (a word of the language may stand before the first name), comma = "org" or "people" where the text has shown what a
-- comma means.
function M.read(s, ctx, options)
  options = options or {}
  if not find(s, "[%s@]") and not (ctx and ctx.initials) or begins_badly(s, ctx) then return nil end
  if not find(s, "[Jj]oint") and not find(s, "moder", 1, true) and hopeless(s, ctx) then return nil end
  s = trim(s):gsub(";%s*moder\u{f3}%s+", "; "):gsub(";%s*moderat[eo][rd]%a*:?%s+b?y?%s*", "; ")
  s = s:gsub("[;,]%s*%(?[Jj]oint%s+w?o?r?k?%s*with%s+", "; "):gsub("%s+%([Jj]oint%s+w?o?r?k?%s*with%s+(.-)%)", "; %1")
  s = s:gsub(",?%s+et al%.?%f[^%w.]", "")
  s = s:gsub("[.]$", function()
    return (find(s, "%u%.$") or words.shortened[lower(match(s, "(%a+)%.$") or "")]) and "." or ""
  end)
  if hopeless(s, ctx) then return nil end
  -- Most texts are told by what they begin with.
  local head = pieces(sub(s, 1, HEAD), 1)[1].text:gsub("^[Bb]oth%s+", ""):gsub("^[Aa]ll%s+", "")
  if #head >= HEAD or head ~= "" and not one(head, ctx, options.loose, options.lead) then return nil end
  local parts = pieces(s)
  local c = { s = s, list = {}, weakest = 1, authors = joined_names(parts, ctx) }
  for i, piece in ipairs(parts) do
    if not take(c, piece, i, ctx, options) then return nil end
  end
  if #c.list == 0 or #c.list > MOST then return nil end
  share(c.list)
  local out = {}
  for i, who in ipairs(c.list) do out[i] = { name = who.name, affiliations = who.affiliations } end
  local strength = c.brackets and 3 or c.orgs and 2 or #out > 1 and 1.5 or 1
  return out, c.weakest < 1 and strength - 0.5 or strength
end

return M
