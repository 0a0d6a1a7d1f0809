-- Kinds: what a talk is called in front of its title ("Keynote: ..."), and what is in programmes and is no talk.

local marks = require "report.marks"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

-- What a talk is called in front of its title.
local kinds = {}
for kind, called in next, {
  keynote = "keynote,opening keynote,closing keynote,invited talk,plenary,plenary talk,keynote talk,er\u{f6}ffnungsvortrag,hauptvortrag," ..
    "keynote speech,keynote speaker,keynote lecture,distinguished lecture,invited lecture,opening plenary,closing plenary," ..
    "conferencia inaugural,conf\u{e9}rence invit\u{e9}e,keynote address",
  talk = "talk,vortrag,ponencia,expos\u{e9},short talk,long talk,regular talk,invited,presentation," ..
    "wip,work in progress,work-in-progress,industry talk,experience talk,contributed talk,research talk,vision talk",
  tutorial = "tutorial,workshop,training,taller,hands-on,masterclass",
  panel = "panel,panel discussion,podiumsdiskussion,mesa redonda,table ronde,podium",
  lightning = "lightning talk,lightning,lightning talks,blitzvortrag", demo = "demo,demonstration,live demo",
    poster = "poster",
  discussion = "discussion,debate,diskussion,bof,birds of a feather,fireside chat,open discussion,round table,roundtable,unconference," ..
    "bof session,birds-of-a-feather,breakout,breakout session",
  paper = "paper,short paper,long paper,full paper",
} do
  for word in called:gmatch "[^,]+" do kinds[word] = kind end
end

local ordinals = {}
for word in ("first second third fourth fifth sixth seventh eighth next last final opening closing another best invited short long main " ..
  "afternoon morning evening guest featured"):gmatch "%S+" do
  ordinals[word] = true
end

-- "second talk of the day" -> "talk".
local function ordinal_kind(low)
  local first, rest = match(low, "^(%a+) (%a[%a ]*)$")
  if not first or not ordinals[first] then return nil end
  return kinds[rest] or kinds[match(rest, "^(%a+) of the %a+$") or ""] or kinds[match(rest, "(%a+)$")]
end

-- "Keynote: Title" -> Title, kind, as written.
function M.kind(s)
  local head = sub(s, 1, 60)
  local word, behind = match(head, "^([%a\x80-\xff][%a\x80-\xff -]-)%s?#?%d*%s*[:|]%s*()")
  if not word then word, behind = match(head, "^([%a\x80-\xff][%a\x80-\xff ]-)%s?#?%d*%s+%-+%s+()") end
  if not word then word, behind = match(head, "^([%a][%a ]-)%s?#?%d*%s+\u{2013}%s+()") end
  if not word then word, behind = match(head, "^([%a][%a ]-)%s?#?%d*%s*\u{2014}%s*()") end
  if not word then word, behind = match(head, "^[%[(](%a[%a ]-)[%])]%s*[:-]?%s*()") end
  local kind = word and (kinds[lower(word)] or ordinal_kind(lower(word)))
  if kind and behind <= #s then
    return sub(s, behind), kind, match(marks.tail(sub(s, 1, behind - 1)), "^[%[(]?(.-)[)%]%s]*$")
  end
  return s
end

-- The kind that S is the name of, "Invited talk"; and whether it names several, "Invited talks".
function M.is_kind(s)
  local low = #s <= 40 and lower(s):gsub("%s*:$", "") or ""
  if kinds[low] then return kinds[low], low == "lightning talks" end
  low = low:gsub("s$", "")
  return kinds[low], true
end

local prizes <const> = { "^best%f[%A]", "^outstanding%f[%A]", "^distinguished%f[%A]", "^test[- ]of[- ]time",
  "^honou?rable mention", "^most influential", "^people.*s choice", "^runner%-?up", "^audience", "award$", "prize$" }

-- Whether S is what an award is called: "Best student paper".
function M.is_award(s)
  if #s > 60 or select(2, s:gsub("%S+", "")) > 7 then return false end
  local low = lower(s)
  for _, p in ipairs(prizes) do if find(low, p) then return true end end
  return false
end

local meals <const> = { breakfast = true, lunch = true, dinner = true, reception = true, banquet = true, ["break"] = true,
  refreshments = true }

-- Whether S is a break with food: "Continental breakfast", "Conference dinner", "Break with refreshments".
function M.is_meal(s)
  local low, count = lower(s), select(2, s:gsub("%S+", ""))
  return count <= 3 and meals[match(low, "%f[%a](%l+)$")] or count <= 4 and find(low, "^%l+ with %l+$") ~= nil
    and meals[match(low, "^%l+")] or false
end

-- Breaks and the like are in programmes and are no talks.
local breaks <const> = { "^coffee", "^tea%f[%A]", "^lunch", "^break", "^breakfast", "^registration", "^dinner",
  "^reception", "^social", "^banquet",
  "^welcome$", "^closing$", "^opening$", "^doors", "^end$", "^networking", "^morning break", "^afternoon break",
    "^drinks", "^wrap[- ]?up$", "^posters?$",
  "^poster session", "^opening remarks$", "^closing remarks$", "^q ?& ?a$", "^questions$", "^questions?:?$",
    "^free time", "^excursion",
  "^pause", "^welcome reception", "^closing session", "^business meeting", "^check%-?in" }

function M.is_break(s)
  local low = lower(s)
  if M.is_meal(s) then return true end
  for _, p in ipairs(breaks) do if find(low, p) then return true end end
  return false
end

return M
