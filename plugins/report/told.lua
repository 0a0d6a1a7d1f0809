-- Talks that a sentence tells of: who spoke, and the title in quotes: 'Ana Lima (Fjord) presented "Title"', 'Next up was Bo Ek
-- with "Title"', 'The panel "Title" had Ana Lima and Cy Orr on stage'.

local crowd = require "report.crowd"
local marks = require "report.marks"
local names = require "report.names"
local words = require "report.words"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

-- What works and people do in the sentences of reports.
local verbs = {}
for v in ([[is are was were propose proposes present presents introduce introduces aim aims verify verifies take takes move moves
learn learns show shows ask asks trace traces provide provides try tries use uses achieve achieves extend extends
focus focuses describe describes argue argues build builds offer offers let lets make makes run runs tackle tackles
address addresses claim claims explore explores implement implements enable enables detect detects check checks
replace replaces measure measures solve solves find finds keep keeps turn turns add adds allow allows give gives
append appends get gets reduce reduces improve improves combine combines store stores work works does do target
targets leverage leverages exploit exploits avoid avoids bring brings come comes go goes look looks generate generates
schedule schedules support supports eliminate eliminates demonstrate demonstrates won wins treats treat assumes assume
splits split]]):gmatch "%S+" do
  verbs[v] = true
end

M.verbs = verbs

local telling <const> = { "talk", "keynote", "presented", "presentation", "titled", "entitled", "spoke", "lecture",
  "tutorial", "gave ", "called", "next up", "next was ", "then came", "followed by" }

-- The person in S who speaks: { name, affiliations }, what stands right behind the name counts as where they work.
local function speaker_in(s, ctx)
  local found
  names.each(s, ctx, function(name, at)
    if found then return end
    found = { name = name, affiliations = {} }
    local rest = sub(s, at + #name)
    local org = match(rest, "^%s*%(([^()]+)%)") or match(rest, "^,? from ([%u][%w\x80-\xff&. -]-)%f[,;:]")
    if not org then
      -- "Ana Lima of the University of Fjord spoke": up to the verb.
      local of = match(rest, "^,? of ([%u][%w\x80-\xff&. -]-) %l%l%l+ed?%f[%A]") or match(rest,
        "^,? of t?h?e? ?(%u[%w\x80-\xff&. -]-) s?[pgt][oa][kvl][ek]e?[dn]?%f[%A]")
      org = of
    end
    if not org then
      local run = match(rest, "^,? from (%u[%w\x80-\xff&.-]*[%u%w\x80-\xff&. -]*)")
      org = run and (match(run, "^(%u[%w\x80-\xff&.-]*%s%u[%w\x80-\xff&.-]*%s%u[%w\x80-\xff&.-]*)")
        or match(run, "^(%u[%w\x80-\xff&.-]*%s%u[%w\x80-\xff&.-]*)")
        or match(run, "^(%u[%w\x80-\xff&.-]*)"))
    end
    if org and names.organisation(org) then names.affiliations(org, found.affiliations) end
  end)
  return found
end

-- HEAD as a list of people, what stands before it at the start of a sentence left out: "Then", "After the break", "In the
-- afternoon,", "The keynote by".
local function people_of(head, ctx)
  if #head > 300 then return nil end
  local list = crowd.read(head, ctx)
  for _, p in ipairs { "^%u%l+%s[%l%s]-(%u.*)$", "^%u%l*%s%l[^,]*,%s+(%u.*)$", "^%u%l+,%s+(%u.*)$", "%f[%a]by%s+(%u.*)$" } do
    local rest = not list and match(head, p)
    local word = rest and match(head, "^%a+")
    if rest and (words.small[lower(word)] or words.never[lower(word)]) then list = crowd.read(rest, ctx) end
  end
  return list
end

-- The people whom BEFORE, which ends with what they do ("presented", "gave a talk called"), names as a list.
local function speakers_in(before, ctx)
  local announced = match(before, "[Nn]ext,? up,? w?i?a?s (%u.-),? with $") or match(before, "[Nn]ext w?i?a?s (%u.-),? with $")
    or match(before, "[Tt]hen came (%u.-),? with $") or match(before, "[Ff]ollowed by (%u.-),? with $")
  if announced then return people_of(announced, ctx) end
  local from = 1
  for _ = 1, 6 do
    local stop, word, behind = match(before, "()%s(%l+)()", from)
    if not stop or stop > 300 then return nil end
    if verbs[word] or find(word, "%l%led$") or word == "gave" or word == "spoke" then
      local who = people_of(sub(before, 1, stop - 1), ctx)
      if who then return who end
    end
    from = behind
  end
end

local function kind_told(low)
  return find(low, "keynote", 1, true) and "keynote" or find(low, "tutorial", 1, true) and "tutorial" or "talk"
end

-- 'Ana Lima (Fjord) presented "Title"', '... a keynote titled "Title"', '"Title" was presented by Ana Lima'.
function M.read(s, ctx, papers)
  local q, a, b, at = marks.quotation(s, 1)
  if not q or #q > 200 or not find(q, "^[%u%d\xc3\xc2]") or #q < 3 then return nil end
  local before, after = sub(s, 1, a - 1), sub(s, b + 1)
  local low = lower(before)
  -- 'The panel "Title" had Ana Lima and Bo Ek on stage', 'a panel, "Title", with ...'
  local table_ = find(low, "panel,? $") and (match(after, "^,? had (%u.-)%f[%l]on%s") or match(after, "^,? with (%u[^.]-)[.;]?$")
    or match(after, "^,? with (%u[^.]-)%.%s") or match(after, "^,? featured (%u[^.]-)[.;]?$"))
  local seated = table_ and #table_ <= 300 and crowd.read(table_, ctx)
  if seated then return q, at, "a panel named in quotes, and who sat on it", 2, "panel", seated end
  local says = false
  for _, word in ipairs(telling) do says = says or find(low, word, 1, true) ~= nil end
  local list = says and not find(low, "paper", 1, true) and speakers_in(before, ctx)
  if list then return q, at, "somebody who speaks, and a title in quotes", 2, kind_told(low), list end
  local who = says and not find(low, "paper", 1, true) and speaker_in(before, ctx)
  local by = match(after, "^,? w?a?s? ?presented by (.+)$") or match(after, "^,? w?a?s? ?given by (.+)$")
    or match(after, "^,? a talk by (.+)$")
    or says and match(after, "^,? by (.+)$")
  if not who and by then
    -- Up to a full stop that is not an initial's.
    local stop = match(by, "[^%s.][^%s.]()%.%s")
    local name = stop and sub(by, 1, stop - 1) or match(by, "^(.-)[.;]$") or by
    list = #name <= 200 and crowd.read(name, ctx)
    if list then return q, at, "a title in quotes, and who gave it", 2, kind_told(low), list end
    name = match(by, "^([^.;]+)")
    who = name and speaker_in(name, ctx)
  end
  if not who and find(before, "^In $") and papers < 2 then
    -- 'In "Title", Ana Lima (Fjord) showed ...'
    local actor = match(after, "^, (%u.+)$")
    list = actor and find(sub(after, 1, 160), " %l+ed%f[%A]") and speakers_in(sub(actor, 1, 200), ctx)
    if list then return q, at, "a title in quotes, and who gave it", 2, kind_told(low), list end
    who = actor and find(sub(after, 1, 160), " %l+ed%f[%A]") and speaker_in(sub(actor, 1, 120), ctx) or nil
    if who and find(actor, who.name, 1, true) > 12 then who = nil end
  end
  if not who then return nil end
  return q, at, "somebody who speaks, and a title in quotes", 2, kind_told(low), { who }
end

return M
