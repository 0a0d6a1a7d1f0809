-- Papers: what a post reports on that has no speaker's line, under the name by which the post calls it.
--
-- Two ways of writing: a list of titles, each with a comment; and prose, where a paragraph introduces a paper by a
-- phrase
-- ("The paper ...", "the next one, ...", "... is a system that"). A phrase alone convinces only where the post is about
-- papers.

local blocks = require "report.blocks"
local clock = require "report.clock"
local forms = require "report.forms"
local layout = require "report.layout"
local marks = require "report.marks"
local names = require "report.names"
local text = require "lectern.text"
local words = require "report.words"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

local HEAD <const> = 700

-- How often POST speaks of papers.
function M.count(L, post)
  local s = lower(sub(L.text, L.s[post.first], math.min(L.e[post.last], L.s[post.first] + 200000)))
  local n = 0
  for _ in s:gmatch "%f[%a]papers?%f[%A]" do n = n + 1 end
  if find(s, "submissions", 1, true) and find(s, "accepted", 1, true) then n = n + 1 end
  return n
end

local generic <const> = { "other", "more", "conclusion", "impression", "misc", "people", "thought", "summary", "intro",
  "award", "overview", "final", "travel",
  "social", "closing", "highlights", "last words", "take home", "take away", "next year" }

local function session_heading(s)
  local low = lower(s)
  for _, w in ipairs(generic) do if find(low, w, 1, true) then return nil end end
  return s
end

-- ---- titles with comments
-- ------------------------------------------------------------------------------------------------

-- Two words with capitals: a title only beside longer ones.
local function short_title(s) return find(s, "^%u[%w'-]+ %u[%w'-]+[?!]?$") ~= nil end

-- The title with which block B begins, whether its comment is in the same line or below, and how much it is a title.
local function commented(L, b)
  if b.mark == "bullet" or b.mark == "hash" then return nil end
  local w = layout.words_of(L, b.first)
  local s
  if w then s = w.text
  elseif L:length(b.first) < 2000 then s = L:get(b.first) else return nil end
  local at = s:match "()%.%s+%l" or s:match "()%.%s+%-+%s+" or s:match "()%s+%-+%s+%l"
  if at and at > 8 and at <= 200 then
    local title = forms.title(sub(s, 1, at - 1))
    if title and not find(title, "%.%s") then
      if blocks.title_case(title) then return title, "same line", 1 end
      if short_title(title) then return title, "same line", 0 end
    end
  end
  if w and #s <= 200 and b.last > b.first then
    local title = forms.title_line(s)
    if title and (blocks.title_case(title) or find(title, "^%u%u[%u%d-]+:%s")) then return title, "below", 1 end
    if title and short_title(title) then return title, "below", 0 end
  end
end

local function by_titles(L, post, list)
  local found, rest, long = {}, 0, 0
  for _, b in ipairs(list) do
    local title, how, sure = commented(L, b)
    if title then
      long = long + sure
      local w = layout.words_of(L, b.first)
      local at = find(L.text, title, L.s[b.first], true) or L.s[b.first]
      found[#found + 1] = { form = "title-comment", line = b.first, last = b.first, block = b, title = title,
        people = {}, at = at, w = w, how = how }
    elseif b.gap > 0 then
      rest = rest + 1
    end
  end
  if not post.event and M.count(L, post) == 0 then return {} end
  if #found < 3 or long < 2 or long * 2 < #found or #found < rest * 0.75 then return {} end
  local talks = find(lower(post.title), "talk", 1, true) and not find(lower(post.title), "paper", 1, true)
  for _, item in ipairs(found) do
    item.kind = talks and "talk" or "paper"
    item.why = ("a title with a comment %s, like %d places of this post"):format(item.how == "below" and "below it"
      or "behind it", #found)
    item.confidence = #found >= 5 and 0.9 or 0.8
  end
  return found
end

-- ---- prose
-- ---------------------------------------------------------------------------------------------------------------

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

-- Whether WORD does something to NAME, which is a system's name beyond doubt where it has a capital inside.
local function acts(name, word)
  if verbs[word] then return word ~= "was" and word ~= "were" or find(name, "%l%u") or find(name, "%u%u") end
  return (find(name, "%l%u") or find(name, "^%u%u")) and find(word, "%l%ls$") ~= nil and not words.small[word]
end

local nouns = {}
for n in ([[system systems scheduler paper framework store protocol algorithm tool compiler language work approach project
database engine kernel library platform architecture model network file hypervisor runtime debugger analyser analyzer
prototype design method technique]]):gmatch "%S+" do
  nouns[n] = true
end

local NAME <const> = "(%u[%w\x80-\xff+./-]*[%w\x80-\xff+])"

-- Whether NAME can be what a paper is called: not the event, not a word of the text.
local function eligible(name, post, ctx)
  local low = lower(name)
  if #name < 3 or find(name, "\xe2", 1, true) or words.small[low] or find(name, "^%d") then return false end
  if ctx.vocabulary[low] and not find(name, "%u%u") then return false end
  if post.event and find(lower(post.event.name), low, 1, true) then return false end
  return true
end

-- Phrases before a name: "the next paper NAME", "Then came NAME". The name ends the pattern.
local leads <const> = {
  "^[Tt]he next paper,?:? " .. NAME, "[Tt]he %l+ paper,?:? " .. NAME, "^[Tt]he paper,? " .. NAME, "^[Ff]irst came " ..
    NAME, "^[Tt]hen came " .. NAME,
  "^[Nn]ext came " .. NAME, "^[Nn]ext up:? " .. NAME, "^[Nn]ext up was " .. NAME, "^[Nn]ext up is " .. NAME,
    "^[Ff]irst up:? " .. NAME, "^[Ff]irst up was " .. NAME, "^[Nn]ext was " .. NAME, "^[Ff]inally,? " .. NAME .. ",",
    "^[Ll]ast one:? " .. NAME, "^[Ll]ast came " .. NAME,
  "^[Aa]nother paper,? " .. NAME, "presented " .. NAME .. ",", "introduced " .. NAME .. ",", "award for " .. NAME,
    "^[Nn]ext:? " .. NAME, "^[Tt]he %l+ one,? " .. NAME .. ",",
}

-- What sentence S introduces at its start by a bare name: name, byte, reason, strength.
local function bare(s, post, ctx, point)
  for _, p in ipairs(leads) do
    local a, _, name = find(s, p)
    if a and eligible(name, post, ctx) then return name, find(s, name, a, true), "'" ..
      match(sub(s, a), "^%S+%s+%S*") .. " ...' before a name", 2 end
  end
  local name, behind = match(s, "^" .. NAME .. "()")
  if name and eligible(name, post, ctx) then
    local after = sub(s, behind, behind + 60)
    local verb = match(after, "^ (%l+)%f[%A]")
    if verb == "is" and match(after, "^ is an? ") then return name, 1, "'" .. name .. " is a ...'", 1.5 end
    if verb and acts(name, verb) then return name, 1, "a name that does something, at the start", 1 end
    if match(after, "^,? from %u") or match(after, "^,? from the ") or match(after, "^, an? %l")
      or match(after, "^ by %u") then
      return name, 1, "a name and where it comes from", 1
    end
    if point and (match(after, "^%.%s*$") or match(after, "^%. ") or match(after, "^: %l")) then return name, 1,
      "a name, then a comment", 1.5 end
  end
  local the, noun
  the, noun = match(s, "^The " .. NAME .. " (%l+)%f[%A]")
  if the and nouns[noun] and eligible(the, post, ctx) then return the, 5, "'The " .. the .. " " .. noun .. "'", 1 end
  local org, system
  org, system, noun = match(s, "^(%u[%w.]*)['\xe2][\x80\x99]*s " .. NAME .. " (%l+)%f[%A]")
  if org and nouns[noun] and eligible(system, post, ctx) then return system, find(s, system, #org, true),
    "somebody's named " .. noun, 1 end
end

local cues <const> = { "paper", "award", "winner", "study", "work", "publication", "article", "beitrag", "arbeit",
  "trabajo", "art\u{ed}culo" }
local spoken <const> = { { "panel", "panel" }, { "debate", "discussion" }, { "discussion", "discussion" },
  { "keynote", "keynote" } }

-- What sentence S introduces in quotes: title, byte, reason, strength, kind.
local function quoted(s)
  local q, a, b, at = marks.quotation(s, 1)
  if not q or #q > 200 or #q < 3 then return nil end
  local before, after = lower(sub(s, 1, a - 1)), sub(s, b + 1)
  if find(before, "asked") or find(before, "said") or find(before, "says") or find(before, "call")
    or find(before, "question") then return nil end
  if find(q, "[.!]$") and find(q, "%s%l+[.!]$") and not find(before, "paper") then return nil end
  for _, k in ipairs(spoken) do
    if find(before, k[1] .. ",? $") or find(before, k[1] .. ":? $") or find(before, k[1] .. " on $")
      or find(before, k[1] .. " about $") then return q, at, "a " .. k[1] ..
      " named in quotes", 2, k[2] end
  end
  if not find(q, "^[%u%d\xc3]") then return nil end
  for _, cue in ipairs(cues) do
    if find(before, cue, 1, true) and not find(before, "cite") and not find(before, "remind") then
      return q, at, "'" .. cue .. "' before a name in quotes", (cue == "work" or cue == "study") and 1 or 2
    end
  end
  if a <= 2 and (find(after, "^ %l") or find(after, "^:") or find(after, "^, ?%l"))
    and not find(after, "^,? ?h?sh?e said") then
    local verb = match(after, "^ (%l+)")
    if not verb or verbs[verb] or find(after, "^ from %u") or find(after, "^ by %u") then return q, at,
      "a name in quotes at the start", 1 end
  end
end

local telling <const> = { "talk", "keynote", "presented", "presentation", "titled", "entitled", "spoke", "lecture",
  "tutorial", "gave ", "called" }

-- The person in S who speaks: { name, affiliations }, what stands right behind the name counts as where they work.
local function speaker_in(s, ctx)
  local found
  names.each(s, ctx, function(name, at)
    if found then return end
    found = { name = name, affiliations = {} }
    local rest = sub(s, at + #name)
    local org = match(rest, "^%s*%(([^()]+)%)") or match(rest, "^,? from ([%u][%w\x80-\xff&. -]-)%f[,;:]")
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

-- 'Ana Lima (Fjord) presented "Title"', '... a keynote titled "Title"', '"Title" was presented by Ana Lima'.
local function told(s, ctx)
  local q, a, b, at = marks.quotation(s, 1)
  if not q or #q > 200 or not find(q, "^[%u%d\xc3\xc2]") or #q < 5 then return nil end
  local before, after = sub(s, 1, a - 1), sub(s, b + 1)
  local low = lower(before)
  local says = false
  for _, word in ipairs(telling) do says = says or find(low, word, 1, true) ~= nil end
  local who = says and not find(low, "paper", 1, true) and speaker_in(before, ctx)
  local by = match(after, "^,? w?a?s? ?presented by (.+)$") or match(after, "^,? w?a?s? ?given by (.+)$")
    or match(after, "^,? a talk by (.+)$")
    or says and match(after, "^,? by (.+)$")
  if not who and by then
    local name = match(by, "^([^.;]+)")
    who = name and speaker_in(name, ctx)
  end
  if not who and find(before, "^In $") then
    -- 'In "Title", Ana Lima (Fjord) showed ...'
    local actor = match(after, "^, (%u.+)$")
    who = actor and find(sub(after, 1, 160), " %l+ed%f[%A]") and speaker_in(sub(actor, 1, 120), ctx) or nil
    if who and find(actor, who.name, 1, true) > 12 then who = nil end
  end
  if not who then return nil end
  local kind = find(low, "keynote", 1, true) and "keynote" or find(low, "tutorial", 1, true) and "tutorial" or "talk"
  return q, at, "somebody who speaks, and a title in quotes", 2, kind, who
end

-- "in the Privacy session", "The session on verification had": the session that the first sentence of a paragraph
-- names.
local function session_said(s)
  if find(s, "missed") then return nil end
  local name = match(s, "^[Tt]he session on ([%w\x80-\xff -]-) [hwi]a?[sd]%f[%A]")
    or match(s, "session on (%u[%w\x80-\xff -]-)[,.]")
    or match(s, "[Ss]ession was on ([%w\x80-\xff -]-)[,.]") or match(s, "[Ss]ession was about ([%w\x80-\xff -]-)[,.]")
    or match(s, "in the (%u[%w\x80-\xff&-]* ?%u?[%w\x80-\xff&-]*) session")
      or match(s, "^[Tt]he (%u[%w\x80-\xff&-]* ?%u?[%w\x80-\xff&-]*) session")
  if name and #name <= 60 then return name end
end

local function sentences_of(s)
  local list = {}
  for i, span in ipairs(text.sentences(s)) do
    if i > 4 then break end
    list[i] = { sub(s, span[1] + 1, span[2]), span[1] }
  end
  return list
end

-- The paper that block B introduces, or nil.
local function introduction(L, b, post, ctx)
  local s, base = blocks.flat(L, b, HEAD)
  local skip = 0
  local w = layout.words_of(L, b.first)
  if b.mark ~= "" and w then
    skip = w.at - 1 - base
    s = sub(s, skip + 1)
  end
  local first
  for i, sentence in ipairs(sentences_of(s)) do
    first = first or sentence[1]
    local name, at, why, strength, kind, who = told(sentence[1], ctx)
    if not name then name, at, why, strength, kind = quoted(sentence[1]) end
    if not name and (i <= 2 or b.mark == "number") then name, at, why, strength = bare(sentence[1], post, ctx,
      b.mark == "number" and i == 1) end
    if name then
      return { form = "prose", line = b.first, last = b.last, block = b, title = forms.title((name:gsub("%s+", " "))),
        people = { who },
        at = base + skip + sentence[2] + at, why = why, strength = strength, kind = kind or "paper" }, first
    end
  end
  return nil, first
end

local function by_prose(L, post, list, ctx)
  local found, sure = {}, 0
  local session, heading, day, aside
  post.cuts = post.cuts or {}
  for k, b in ipairs(list) do
    -- More than one blank line: a heading was lost there.
    if b.gap >= 2 and k > 1 then session, aside = nil, false end
    local is, name = blocks.is_heading(L, b, list[k + 1], list[k - 1])
    local w = L:length(b.first) <= 80 and layout.words_of(L, b.first)
    local new_day, date
    if w and b.first == b.last then new_day, date = clock.day(w.text, post.event and post.event.year) end
    if new_day then
      session, heading, day = nil, b, date
      post.cuts[#post.cuts + 1] = b.first
    elseif is then
      session, heading = session_heading(name), b
      aside = session == nil
      post.cuts[#post.cuts + 1] = b.first
    else
      local item, first = introduction(L, b, post, ctx)
      local said = first and b.gap > 0 and session_said(first)
      if said then session = said end
      if item and item.title and (not aside or item.strength >= 2) then
        item.session, item.day = session, day
        item.heading = heading and heading.last == b.first - 1 and heading.first or nil
        if item.strength >= 2 then sure = sure + 1 end
        found[#found + 1] = item
      end
      heading = nil
    end
  end
  return found, sure
end

-- Papers in POST, which has no talks in a layout of its own.
function M.find(L, post, ctx)
  local list = blocks.read(L, post.body, post.last)
  local found = by_titles(L, post, list)
  if #found > 0 then return found end
  local papers = M.count(L, post)
  local sure
  found, sure = by_prose(L, post, list, ctx)
  local out = {}
  local topical = (papers >= 3 or sure >= 2) and (post.event or papers >= 2)
  for _, item in ipairs(found) do
    if item.kind ~= "paper" then
      item.confidence = 0.7
      out[#out + 1] = item
    elseif topical and (item.strength >= 1.5 or papers >= 1) then
      item.confidence = item.strength >= 2 and 0.85 or 0.7
      out[#out + 1] = item
    elseif item.strength >= 2 and (post.event or papers >= 1) then
      item.confidence = 0.7
      out[#out + 1] = item
    end
  end
  if #out == 0 then post.cuts = nil end
  return out
end

M.name_pattern = NAME
M.eligible = eligible
M.person = names.person

return M
