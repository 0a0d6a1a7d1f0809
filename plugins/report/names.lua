-- Who: is this a person's name, and which people with which affiliations does a line list?
--
-- The one idea: no list of names. A name is told by its shape, by words that are never part of one, and by the text
-- itself: a word that the text also writes in lower case is rather a word than a name.

local words = require "report.words"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

local function trim(s) return (s:gsub("^[%s,;]+", ""):gsub("[%s,;]+$", "")) end

-- True where S starts with a capital letter: ASCII, Latin with marks, Greek, Cyrillic.
local function capital(s)
  local a, b = s:byte(1, 2)
  if not a then return false end
  if a < 0x80 then return a >= 65 and a <= 90 end
  if a == 0xc3 then return b ~= nil and b <= 0x9e end
  if a == 0xc4 or a == 0xc5 or a == 0xc6 or a == 0xc7 or a == 0xc8 then return b ~= nil end
  if a == 0xce then return b ~= nil and b >= 0x86 and b <= 0xab end
  return a == 0xd0 and b ~= nil and b <= 0xaf
end
M.capital = capital

local inner <const> = { "^Mc%u", "^Mac%u", "^De%u", "^La%u", "^Le%u", "^Di%u", "^Da%u", "^Van%u", "^Von%u", "^Fitz%u",
  "^O['\x27]%u",
  "^D['\x27]%u", "^Al%u", "^El%u" }

-- A capital inside a word is a product, unless it follows a name's usual prefix or a hyphen.
local function product(token)
  if find(token, "%d") then return true end
  for part in token:gmatch "[^-]+" do
    if find(part, "%l%u") or find(part, "%u%u%l") then
      local usual = false
      for _, p in ipairs(inner) do usual = usual or find(part, p) and not find(part, "%l%u", 5) end
      if not usual then return true end
    end
  end
  return false
end

local endings <const> = { "tion$", "tions$", "sion$", "ness$", "ology$", "ical$", "able$", "ible$", "isms?$", "ized$",
  "ised$",
  "ware$", "izing$", "ising$", "ating$", "ility$", "icity$", "ality$", "ivity$", "ement$", "ements$", "ative$" }

local function wordy(low)
  if #low < 6 then return false end
  for _, p in ipairs(endings) do if find(low, p) then return true end end
  return false
end

-- Of what kind a word in a name's place is: "name", "weak" (also a word of the text or of the language), "initial",
-- "particle", "shout" (all capitals), or nil.
local function told_kind(token, ctx)
  local low = lower(token)
  if words.particles[low] then return "particle" end
  -- "d'Arc": a particle that has run into the name.
  if find(token, "^[dl]'%u%l") or find(token, "^[dl]\u{2019}%u%l") then return "name" end
  if find(token, "^%u%.?$") or find(token, "^%u%.%-?%u%.$") or find(token, "^%u%.%u%.%u%.$") then return "initial" end
  if not capital(token) or find(token, "[^%a'\x80-\xff.-]") then return nil end
  if find(token, "\xe2", 1, true) and find(token:gsub("\u{2019}", ""), "\xe2", 1, true) then return nil end
  if find(token, "%.$") then
    if #token > 4 then return nil end
    token = sub(token, 1, -2)
    low = lower(token)
  end
  if find(token, "%.") then return nil end
  if words.never[low] then return nil end
  if find(token, "^%u%u+$") then return not words.schools[low] and "shout" or nil end
  if product(token) or find(token, "['-]$") then return nil end
  if find(low, "'s$") or find(low, "\u{2019}s$") then return nil end
  if wordy(low) then return "weak" end
  return ctx and ctx.vocabulary[low] and "weak" or "name"
end

local REMEMBERED <const> = 20000

-- The same, remembered for the text: its words are asked for again and again.
local function kind_of(token, ctx)
  if not ctx then return told_kind(token) end
  local known = ctx.kinds
  if not known or known.count >= REMEMBERED then
    known = { count = 0, of = {} }
    ctx.kinds = known
  end
  local kind = known.of[token]
  if kind == nil then
    kind = told_kind(token, ctx) or false
    known.of[token], known.count = kind, known.count + 1
  end
  return kind
end

-- How surely S is one person's name: 0 (no), else up to 1. Two words at least; LOOSE also takes names made of words.
function M.person(s, ctx, loose)
  if #s < 4 or #s > 60 or find(s, "[%d:?!\"/=`<>#|&@;%[%]{}()_,*+~\\]") or find(s, "...", 1, true)
    or find(s, "%s%-") then return 0 end
  local names, weak, shouts, initials, particles, count, last, first = 0, 0, 0, 0, 0, 0, nil, nil
  for token in s:gmatch "%S+" do
    local kind = kind_of(token, ctx)
    -- "Rani Das": a particle with a capital at the end is a family's name.
    if kind == "particle" and count > 0 and capital(token) and find(s, token, #s - #token + 1,
      true) then kind = "name" end
    if not kind and count > 0 and words.surnames[lower(token)] and capital(token) and find(s, token, #s - #token + 1,
      true) then kind = "weak" end
    -- "Ben Ek": some particles are given names where a name begins with them.
    if kind == "particle" and count == 0 and (token == "Ben" or token == "Al" or token == "Van") then kind = "name" end
    if not kind then return 0 end
    count, last, first = count + 1, kind, first or kind
    if kind == "name" then names = names + 1
    elseif kind == "weak" then weak = weak + 1
    elseif kind == "shout" then shouts = shouts + 1
    elseif kind == "particle" then particles = particles + 1
    elseif kind == "initial" then initials = initials + 1 end
  end
  if count < 2 or count - particles > 5 or count > 8 or last == "particle" then return 0 end
  if shouts > 0 then
    if names + weak > 0 then return shouts == 1 and names == 1 and (find(s, "^%u%u %u%l") or find(s, " %u%u%u+$"))
      and 0.6 or 0 end
    return count >= 2 and count <= 3 and not find(s, "^%u%u%u? %u%u%u?$") and not (ctx and ctx.shouting) and 0.5 or 0
  end
  if names + weak == 0 or last == "initial" and names == 0 then return 0 end
  if last == "initial" and not find(s, "%.$") then return 0 end
  if names == 0 then return loose and 0.4 or 0 end
  if names + weak < 2 and initials == 0 then return 0 end
  if first == "particle" and names < 2 then return 0 end
  return weak == 0 and 1 or 0.7
end

M.product = product

-- Two-letter countries and states behind a university are part of its name.
local function place(s) return find(s, "^%u%u$") or find(s, "^U%.?S%.?A?%.?$") or find(s, "^UK$") or find(s, "^EU$") end

-- Whether one of the words of S is in LIST.
local function has_word(s, list)
  for w in s:gmatch "[%w\x80-\xff.-]+" do if list[lower(w)] then return true end end
  return false
end

M.has_word, M.trim = has_word, trim

-- "University of X" and "Y": one affiliation where Y is plain, two where Y is an organisation by itself.
local function continues(before, piece)
  if place(piece) then return true end
  if not find(before, "[Uu]niversit") and not find(before, "^Univ") and not find(before, "[Ii]nstitut")
    and not find(before, "[Cc]ollege") then
    return false
  end
  if has_word(piece, words.organisation) or find(piece, "^%u%u+$") or product((match(piece, "^%S+")
    or "")) then return false end
  return select(2, piece:gsub("%S+", "")) <= 3 and before:find " of " ~= nil
end

-- What S, found behind a name, says of where the person works: a list, empty for a job, a date, a handle.
function M.affiliations(s, list)
  list = list or {}
  s = trim(s)
  local spelt = s:gsub("%f[%a](%u%l%l?%l?)%.%s", "%1 ") -- "Univ. of Fjord"
  if #s > 160 or find(s, "^@%S+$") or find(s, "://", 1, true) or find(s, "[?!]$") or find(spelt, "%.%s")
    or find(s, "%d%d:%d%d") then return list end
  for piece in (s .. ";"):gmatch "([^;]*);" do
    for part in (piece .. ","):gmatch "([^,]*)," do
      part = trim(part)
      local low = lower(part)
      local at = match(part, "^%l[%l%s-]- at (%u.*)$") or match(part, "^.- at (%u.*)$") or match(part, "^.- @ ?(%u.*)$")
      local plain = not at and has_word(part, words.roles) and match(part, "^.- at (%S+)$")
      if plain and product(plain) then at = plain end
      if has_word(part, words.roles) then
        at = at or match(part, "^.- of (%u.*)$") or match(part, "^.- for (%u.*)$")
        if at and has_word(at, words.roles) then at = nil end
        part = at or ""
      else
        part = match(part, "^at (.+)$") or match(part, "^from (.+)$") or match(part, "^of (.+)$")
          or match(part, "^@ ?(%u.*)$") or part
      end
      part = trim(part)
      if part == "" or words.suffixes[low] or find(part, "^%d+$") or find(low, "^he/") or find(low, "^she/")
        or find(low, "^they/")
        or find(part, "%d%d%d%d%-%d%d") or not find(part, "[%a\x80-\xff]") then
        part = ""
      end
      if part ~= "" then
        local before = list[#list]
        if before and continues(before, part) then list[#list] = before .. ", " .. part
        else list[#list + 1] = part end
      end
    end
  end
  return list
end

-- Whether S reads like an organisation: short, begins with a capital or is written in a product's way.
local function organisation(s)
  if s == "" or #s > 80 or find(s, "[?!:]") or find(s, "%.$") and not find(s, "Inc%.$") and not find(s, "Co%.$")
    and not find(s, "Ltd%.$")
    and not find(s, "Corp%.$") then
    return false
  end
  local count, small, first = 0, 0, nil
  for w in s:gmatch "%S+" do
    first = first or w
    count = count + 1
    local joins = w == "of" or w == "and" or w == "&" or w == "the" or w == "for" or w == "in" or w == "at"
      or w == "de" or w == "-"
      or w == "/" or w == "+" or w == "\u{2013}" or words.particles[lower(w)] or w == "für" or w == "et"
    if not joins and not capital(w) and not find(w, "^%d") and not product(w)
      and not find(w, "%.%l+$") then small = small + 1 end
  end
  if count > 9 or small > 1 or small == count and not find(s, "%.%l%l+$") then return false end
  return small == 0 or count >= 3
end
M.organisation = organisation

-- Whether S names a company of people where a speaker would stand: "Workshop organisers".
function M.group(s)
  if #s > 60 or not capital(s) then return false end
  local count, last = 0, nil
  for w in s:gmatch "%S+" do count, last = count + 1, lower(w) end
  return count <= 4 and words.group[last] == true
end

-- The run of capitalised words that begins at byte AT of S: its last byte, how many they are.
local function run_of(s, at)
  local stop, count = nil, 0
  local p = at
  while count < 5 do
    local w, e = match(s, "^([%a\x80-\xff][%w\x80-\xff'.-]*)()", p)
    if not w then break end
    local particle = words.particles[w] and count > 0
    if not particle and not capital(w) and not (count > 0 and find(w, "^[dl]'%u%l")) then break end
    local clean = w:gsub("'s$", ""):gsub("\u{2019}s$", "")
    if clean ~= w then return p + #clean - 1, count + 1 end
    clean = w:gsub("%.$", "")
    if not particle then
      count = count + 1
      stop = p + #(#clean > 1 and clean or w) - 1
      if clean ~= w and #clean > 2 then break end
    end
    local nextp = match(s, "^ ()", e)
    if not nextp then break end
    p = nextp
  end
  return stop, count
end

-- Persons by the shape of their names in the flat text S: f(name, first byte, last byte).
function M.each(s, ctx, f)
  local at = 1
  while true do
    local a = find(s, "%f[%w\x80-\xff][%u\xc3\xc4\xc5][%w\x80-\xff'.-]* [%a\x80-\xff]", at)
    if not a then return end
    local stop, count = run_of(s, a)
    local moved = false
    if stop and count >= 2 then
      -- A capital at the start of a sentence may belong to the sentence, not to the name.
      local from = a
      for _ = 1, 2 do
        local name = sub(s, from, stop)
        local honour = match(name, "^(%S+) ")
        if honour and words.honorifics[lower(honour)] then
          from = from + #honour + 1
          name = sub(s, from, stop)
        end
        if M.person(name, ctx) == 1 then
          f(name, from, stop)
          at, moved = stop + 1, true
          break
        end
        local behind = match(s, "^%S+ ()", from)
        if not behind or behind > stop then break end
        from = behind
      end
    end
    if not moved then at = match(s, "^%S+()", a) or a + 1 end
  end
end

-- "HB = Hanne Bruun, TS = ...": initials that TEXT resolves, or nil.
function M.legend(text)
  local map, count = {}, 0
  for short, name in text:gmatch "%f[%w](%u%u%u?%u?)%s*[=:]%s*(%u[^,;=\n()]+)" do
    name = trim(name)
    if M.person(name) > 0 and sub(name, 1, 1) == sub(short, 1, 1) then
      map[short], count = name, count + 1
    end
  end
  return count >= 2 and map or nil
end

-- The words that TEXT writes in lower case, those of addresses left out ("ana.lima@fjord.example", "@analima").
function M.vocabulary(text, into)
  into = into or {}
  local count = 0
  for at, w, behind in text:gmatch "()%f[%w\x80-\xff](%l[%l\x80-\xff]+)()" do
    if not into[w] and not find(text, "^[@._]%w", behind) and (at == 1 or not find(text, "^[@._/]", at - 1)) then
      into[w] = true
      count = count + 1
      if count > 60000 then break end
    end
  end
  return into
end

return M
