-- Who speaks: reads a line such as "Ana Lima (Fjord Labs), Bo Ek & Cy Orr" into people with affiliations.
-- It decides by shape alone: capital letters, particles, separators, parentheses; no list of known names.

local dates = require "markdown.dates"
local events = require "markdown.events"

local M = {}

local function set(words)
  local s = {}
  for w in words:gmatch "%S+" do s[w] = true end
  return s
end

local particles = set [[van von der den de del della di da dos das du le la el al bin ibn ten ter zu zum y e af av san st]]

-- Words that no name contains: a line with one of them is a title, a place or a firm.
local never = set [[
a about abstract academy accessible after ag agenda agile airlines akademie algorithm algorithms all an analysis and
answers api app application applications apps architecture are as at audience awards background bad bank basics big
book break build building business can case center centre challenges chapter city client closing cloud code coding
coffee collections college company compiler computing concurrency conference containers convention corp corporation
cost course culture data database databases debugging deep demo department deploy deployment design desktop
developer developers development devops different distributed dive do docker driven dynamic early easy efficient
embedded engine engineering engineers environment errors event events everything example examples experience extreme
fair fast feature features feedback first for foundation framework frameworks from front full functional functions
fundamentals further future game games general getting global gmbh group growth hands hardware has hat hello high
history hochschule hotel how i ideas impact implementation in inc industrial information infrastructure injection
institut institute instituto integration intelligence interface internet intro introduction is issues it its
javascript journey key keynote keynotes lab labor labs lambda language languages last latency launch learned
learning lecture lessons level library life lightning limited limits links linux list live llc load ltd lunch
machine machines main making management manager many media meet meeting memory message messaging methods migration
ministry mobile model models modern module modules more morning most motivation my network networks neural new news
next no not note notes object objects of on one online open opening operations optimisation optimization options or
organization other our over overview own package pain panel part parts pattern patterns people perfect performance
personal plan platform platforms plus policy practice practices predictive press pretty privacy problem problems
process processes product production profiling program programme programming project projects proof protocol public
python quality query questions quick react reading real references registration release reliability remote research
resource resources responsive results review risk role room rule rules running safety sarl scala scale scaling
schedule school science scripting search second secure security self server service services session sessions setup
seven shared side simple site sites slides social society software solution solutions some sorting source space
speaker speakers speed sql stack standards start state static step storage stories strategies strategy structure
structured structures summary summit support swift system systems takeaways talk talks team teams tech technical
technologies technology test testing tests text that the theory things think this three time times tips to tool
tools topic topics total track training transform trends two types under understanding universidad university
università universität université update upper use user users using value versions video view vision visual web
welcome what when where why wireless with work working workshop workshops write writing year you your
]]

-- Words that end names as well as titles ("Selena Small"): allowed last, behind something that is a name for sure.
local seldom = set [[
best bush cook cross day field fields fox good great hall house law little long low old page park party price rice
road short small stone store story street valley wall ward wide wood woods world
]]

-- Titles of people's work: what follows a name but is no affiliation.
local roles = set [[
advocate analyst architect author cdo ceo chair chief cio co-founder cofounder coo consultant cto curator designer dev
developer director dr editor eng engineer evangelist fellow founder freelance freelancer head host instructor journalist
lead leader lecturer maintainer manager md mentor officer organiser organizer owner phd ph.d. postdoc president
principal prof prof. professor programmer researcher scientist senior software specialist sr sr. staff student vp
]]

local suffixes = set "phd ph.d ph.d. md m.d. jr jr. sr sr. ii iii iv esq esq. msc bsc mba"

-- True where S starts with a capital letter: ASCII, Latin with marks, Greek, Cyrillic.
local function capital(s)
  local a, b = s:byte(1, 2)
  if not a then return false end
  if a < 0x80 then return a >= 65 and a <= 90 end
  if a == 0xc3 then return b and b <= 0x9e end
  if a == 0xc4 or a == 0xc5 or a == 0xc6 or a == 0xc7 then return true end
  if a == 0xce then return b and b >= 0x86 and b <= 0xab end
  return a == 0xd0 and b and b <= 0xaf
end

local prefixes = { "^Mc%u", "^Mac%u", "^De%u", "^La%u", "^Le%u", "^Di%u", "^Da%u", "^Van%u", "^Von%u", "^Fitz%u",
  "^O['\x27]%u", "^D['\x27]%u" }

-- A capital inside a word is a product ("JavaScript") unless it follows a name's usual prefix.
local function inner_capital(token)
  if not token:find("%l%u") then return false end
  for _, p in ipairs(prefixes) do
    if token:find(p) and not token:find("%l%u", 5) then return false end
  end
  return true
end

local function name_token(token)
  if particles[token:lower()] then return "particle" end
  if token:find "^%u%.?$" or token:find "^%u%.%-?%u%.$" then return "initial" end
  if not capital(token) or token:find "[^%a'\x80-\xff.%-]" then return nil end
  if token:find "%.$" and #token > 4 then return nil end
  if token:find "^%u%u+$" then return "shout" end
  local low = token:lower()
  if inner_capital(token) or never[low] then return nil end
  return seldom[low] and "seldom" or "name"
end

-- Whether S reads like the name of one person. LABELLED (a label said that a name follows) allows one-word names.
function M.is_name(s, labelled)
  if #s < 2 or #s > 60 or s:find "[%d:?!\"/=`<>#|&@;%[%]{}()_,*+~\\]" or s:find("...", 1, true) then return false end
  local names, shouts, jobs, count, last = 0, 0, 0, 0, nil
  for token in s:gmatch "%S+" do
    local what = name_token(token)
    -- Scripts without capitals: only a label can tell.
    if not what and labelled and token:find "^[\xe0-\xf4]" then what = "name" end
    if not what then return false end
    count, last = count + 1, what
    if roles[token:lower()] then jobs = jobs + 1 end
    if what == "name" or what == "seldom" and names > 0 then names = names + 1
    elseif what == "seldom" and not labelled then return false
    elseif what == "shout" then shouts = shouts + 1 end
  end
  if count > 5 or jobs > 1 or jobs == 1 and (count == 2 or roles[s:match("^%S+"):lower()]) then return false end
  if shouts > 0 then
    -- "ADA KING", "JD Long"; but not "Losant IOT Platform" or "Pipeline AI".
    return names == 0 and count == 2 and not s:find "^%u%u%u? %u%u%u?$"
      or names == 1 and shouts == 1 and count == 2 and s:find "^%u%u %u%l" ~= nil
  end
  if labelled then return names >= 1 or last == "seldom" end
  return names >= 2 or (names == 1 and count >= 2 and s:find "^%u%.%S* " ~= nil)
end

local entities = { amp = "&", lt = "<", gt = ">", quot = '"', nbsp = " ", ["#39"] = "'", apos = "'", rsquo = "’",
  ndash = "–", mdash = "—" }

-- A line without its mark-up: links are their text, emphasis and escapes are gone.
function M.plain(line)
  -- What is longer is no line about people; balanced matches would be slow on it.
  if #line > 1000 then line = line:sub(1, 1000):gsub("[\x80-\xff]+$", "") end
  if not line:find "[%[*_\\<&`]" then return (line:gsub("^%s+", ""):gsub("%s+$", "")) end
  line = line:gsub("!%b[]%b()", "")
  line = line:gsub("%[%[([^%[%]|]*)|?([^%[%]]*)%]%]", function(target, alias) return alias ~= "" and alias
    or target end)
  line = line:gsub("%[([^%[%]]*)%]%(([^()]*)%)", "%1"):gsub("%[([^%[%]]*)%]%b()", "%1")
  line = line:gsub("<br%s*/?>", " "):gsub("<(https?://[^>%s]+)>", "%1"):gsub("</?%a[^<>]*>", "")
  line = line:gsub("\\([%p])", "\1%1")
  line = line:gsub("%*+", function(stars) return #stars <= 3 and "" or stars end)
  line = line:gsub("%f[%w_\x80-\xff]__?([^_]+)__?%f[^%w_\x80-\xff]", "%1"):gsub("`", ""):gsub("\1", "")
  line = line:gsub("&(#?%w+);", function(e) return entities[e] end)
  return (line:gsub("^%s+", ""):gsub("%s+$", ""))
end

local labels = {
  speaker = "speaker", speakers = "speaker", presenter = "presenter", presenters = "presenter",
  ["presented by"] = "presenter",
  by = "speaker", ["talk by"] = "speaker", ["given by"] = "speaker", ["a talk by"] = "speaker",
  ["keynote by"] = "speaker",
  host = "presenter", lecturer = "speaker", instructor = "presenter", instructors = "presenter", who = "speaker",
  panelist = "panelist", panelists = "panelist", panellists = "panelist", panel = "panelist", moderator = "panelist",
  author = "author", authors = "author", ["speaker(s)"] = "speaker", ["presenter(s)"] = "presenter", with = "speaker",
  ["hosted by"] = "presenter", name = "speaker", ["speaker name"] = "speaker", referent = "speaker",
  referentin = "speaker",
  sprecher = "speaker", ponente = "speaker", ponentes = "speaker", orateur = "speaker", vortragender = "speaker",
}

-- The role a label such as "Speakers" stands for, or nil.
function M.label(key) return labels[key:lower()] end

-- "Speakers: A, B" or "by A" -> role, rest.
function M.labelled(line)
  local key, rest = line:match "^([%a][%a() ]-)%s*[:\xef][:\xbc\x9a]*%s*(.+)$"
  if key and labels[key:lower()] then return labels[key:lower()], rest end
  for _, word in ipairs { "presented by ", "talk by ", "a talk by ", "given by ", "keynote by ", "by ", "with " } do
    if #line > #word and line:sub(1, #word):lower() == word then return labels[word:sub(1, -2)], line:sub(#word + 1) end
  end
end

local dashes = { ["-"] = true, ["–"] = true, ["—"] = true }

-- Cuts TEXT at separators that are not in parentheses: { text, sep } pieces, sep being what came before.
local function pieces(text)
  local out, depth, from, sep, i = {}, 0, 1, "", 1
  local function cut(stop, separator, width)
    out[#out + 1] = { text = text:sub(from, stop):gsub("^%s+", ""):gsub("%s+$", ""), sep = sep }
    from, sep = stop + 1 + width, separator
    i = from
  end
  while i <= #text do
    local c = text:sub(i, i)
    if c == "(" then depth = depth + 1 elseif c == ")" then depth = math.max(0, depth - 1) end
    local word = depth == 0 and c == " " and text:match("^ ([%a&+/|•·–—%-\x80-\xbf\xc2\xe2]+) ", i)
    local low = word and word:lower()
    if depth == 0 and (c == "," or c == ";" or c == "|") then cut(i - 1, c, 1)
    elseif word and (low == "and" or low == "und" or low == "et" or word == "&" or word == "+" or word == "/"
      or word == "•" or word == "·") then
      cut(i - 1, "and", #word + 2)
    elseif word and dashes[word] then cut(i - 1, "-", #word + 2)
    else i = i + 1 end
  end
  cut(#text, "", 0)
  return out
end

local function trim(s) return (s:gsub("^[%s,]+", ""):gsub("[%s,]+$", "")) end

local function has_role(s)
  for w in s:gmatch "[%w.%-]+" do if roles[w:lower()] then return true end end
  return false
end

-- What S, found behind a name, is: an affiliation, or nil for a job, a handle, a date.
function M.affiliation(s)
  s = trim(s)
  local at = s:match " at (.+)$" or s:match " @ ?(%S.*)$" or s:match " of (.+)$"
  if has_role(s) then return at and trim((at:gsub("%s*%b()$", ""))) or nil end
  if s:find "^[Ff]ormerly " or s:find "^[Ee]x%-" then return nil end
  s = s:gsub("^at ", ""):gsub("^from ", ""):gsub("^@ ", "")
  if s == "" or #s > 80 or s:find "^@%S+$" or s:find "://" or s:find "%d%d:%d%d" or s:find "^%d+$"
    or s:find "^%d%d?%s+%a+%s+%d%d%d%d$"
    or s:find "%d%d%d%d%-%d%d%-%d%d" or suffixes[s:lower()] or s:lower():find "^he[/ ]" or s:lower():find "^she[/ ]"
      or s:lower():find "^they[/ ]"
    or s:find "%.%s" or s:find "[?!]$" then
    return nil
  end
  return s
end

local function add_affiliation(person, s)
  for part in (s .. ";"):gmatch "([^;/]+)[;/]" do
    part = M.affiliation(part)
    if part and person.affiliations[#person.affiliations] ~= part then
      person.affiliations[#person.affiliations + 1] = part
    end
  end
end

-- One piece: "Ana Lima (Fjord Labs) @ana" -> person or nil, and whether it was only a handle.
local function person_of(s, labelled)
  local person = { affiliations = {} }
  s = s:gsub("%s*%(([^()]*)%)", function(inside)
    inside = trim(inside)
    if inside:find "^@" then
      person.handle = person.handle or inside:match "^@[%w_.]+"
    else
      add_affiliation(person, inside)
      person.bracketed = person.affiliations[1] ~= nil
    end
    return ""
  end)
  s = s:gsub("%s*%f[%w@]@([%w_.]+)%s*$", function(handle) person.handle = person.handle or "@" .. handle return "" end)
  local name, org = s:match "^(.-)%s+@%s*(%u.*)$"
  if not name then name, org = s:match "^(.-),? from (%u.*)$" end
  if not name then name, org = s:match "^(.-) at (%u.*)$" end
  if name and M.is_name(trim(name), labelled) then add_affiliation(person, org) s = name end
  s = trim(s):gsub("[!.]+$", "", labelled and 1 or 0)
  s = s:gsub("^[Dd]r%.? ", ""):gsub("^[Pp]rof%.? ", ""):gsub("^Professor ", "")
  if s == "" and person.handle then return nil, person.handle end
  if not M.is_name(s, labelled) then return nil end
  person.name = s
  return person
end

local seasons = set [[spring summer autumn fall winter early mid late]]

-- The event that S is, which stands last in a line behind PERSON: a name and a year, where the brackets behind the name
-- have said already where the person works. Without them it may be a firm.
local function event_of(person, s)
  if not person.bracketed or not s:find "^%u.*%s['%d\xe2][%d\x80\x99]*$" then return nil end
  if dates.range("1 " .. s) or seasons[s:match("^%a+"):lower()] then return nil end
  local event = events.parse(s)
  local words = event and select(2, event.name:gsub("%S+", ""))
  return event and not event.loose and not event.start and words <= 4 and event or nil
end

-- TEXT (plain, without label) -> array of { name, affiliations, handle?, event? }, or nil where it does not read like people.
-- options: labelled = a label said so; comma = "affiliation" where the file writes "Name, Affiliation".
function M.parse(text, options)
  options = options or {}
  text = trim(text)
  if text == "" or #text > 400 then return nil end
  local people, handles, all = {}, {}, pieces(text)
  for i, piece in ipairs(all) do
    local last = people[#people]
    local event = i > 1 and i == #all and piece.sep == "," and last and event_of(last, piece.text)
    local listed = piece.sep == "" or piece.sep == "and" or piece.sep == ";"
      or piece.sep == "," and options.comma ~= "affiliation"
    local person, handle = person_of(piece.text, options.labelled and (listed or not last))
    if person and last and not listed then
      add_affiliation(last, piece.text)
    elseif person and last and piece.sep == "," and options.labelled and not M.is_name(person.name) then
      -- One word after a comma, even behind a label, is where the person works.
      add_affiliation(last, piece.text)
    elseif person then people[#people + 1] = person
    elseif handle then
      if last then last.handle = last.handle or handle else handles[#handles + 1] = handle end
    elseif not last then
      if not piece.text:find "^@" then return nil end
    elseif piece.sep == "and" and not piece.text:find "^%l" then
      if #piece.text > 60 then return nil end
      add_affiliation(last, piece.text)
    elseif event then
      last.event = event
    elseif M.affiliation(piece.text) then
      if #piece.text > 60 or piece.text:find "^%l+%s%l+%s%l+%s" then return nil end
      add_affiliation(last, piece.text)
    end
  end
  if #people == 0 then return nil, handles[1] end
  for _, p in ipairs(people) do if #p.affiliations == 0 then p.affiliations = nil end end
  return people
end

return M
