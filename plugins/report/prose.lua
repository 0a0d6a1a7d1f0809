-- Prose: papers and talks that running text introduces by a phrase ("The paper ...", "the next one, ...", "... is a
-- system that") or by a title in quotes ('In "Title", Ana Lima (Fjord) shows ...').
--
-- The one idea: each sentence is asked what it introduces and how strongly it says so; whether a phrase convinces is for
-- papers.lua to decide, which knows the post.

local blocks = require "report.blocks"
local clock = require "report.clock"
local crowd = require "report.crowd"
local forms = require "report.forms"
local layout = require "report.layout"
local marks = require "report.marks"
local names = require "report.names"
local text = require "lectern.text"
local told = require "report.told"
local words = require "report.words"

local M = {}

local verbs <const> = told.verbs

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

local HEAD <const> = 700    -- bytes of a paragraph in which a bare name is introduced
local QUOTED <const> = 6000 -- and in which titles in quotes are looked for
local SENTENCES <const> = 30

local generic <const> = { "other", "more", "conclusion", "impression", "misc", "people", "thought", "summary", "intro",
  "award", "overview", "final", "travel",
  "social", "closing", "highlights", "last words", "take home", "take away", "next year" }

local function session_heading(s)
  local low = lower(s)
  for _, w in ipairs(generic) do if find(low, w, 1, true) then return nil end end
  return s
end

-- Whether WORD does something to NAME, which is a system's name beyond doubt where it has a capital inside.
local function acts(name, word)
  if verbs[word] then return word ~= "was" and word ~= "were" or find(name, "%l%u") or find(name, "%u%u") end
  return (find(name, "%l%u") or find(name, "^%u%u")) and find(word, "%l%ls$") ~= nil and not words.small[word]
end

local nouns <const> = words.works

local NAME <const> = "(%u[%w\x80-\xff+./-]*[%w\x80-\xff+])"

-- The names that POST says to have won something: "the award went to Fjord".
local function awarded(L, post)
  local s = sub(L.text, L.s[post.first], math.min(L.e[post.last], L.s[post.first] + 200000))
  local list = {}
  for _, p in ipairs { "award went to ", "award goes to ", "prize went to ", "prize goes to ", "award for ", "award to ",
    "award was given to ", "award was won by ", "paper went to ", "paper goes to " } do
    for name in s:gmatch(p .. NAME .. "%f[^%w+-]") do list[name] = true end
  end
  return list
end

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
    "^[Nn]ext:? " .. NAME, "^[Tt]he %l+ one,? " .. NAME .. ",", "there was " .. NAME .. ", ", "there is " .. NAME .. ", ",
  "^[Tt]hen there was " .. NAME, "^[Hh]ighlights? was " .. NAME, "[Ff]avou?rite was " .. NAME, "^[Aa]nother was " .. NAME,
  "^I remember " .. NAME .. " from", "^I %l* ?liked " .. NAME .. "[,:]", "^I %l* ?enjoyed " .. NAME .. "[,:]",
}

-- What sentence S introduces at its start by a bare name: name, byte, reason, strength.
local function bare(s, post, ctx, point)
  for _, p in ipairs(leads) do
    local a, _, name = find(s, p)
    -- "First up was Ana Lima": a person is no paper.
    local more = a and match(s, "^ (%u[%w\x80-\xff'-]+)", find(s, name, a, true) + #name)
    if a and not (more and names.person(name .. " " .. more, ctx) > 0) and eligible(name, post, ctx) then return name, find(s, name, a, true), "'" ..
      match(sub(s, a), "^%S+%s+%S*") .. " ...' before a name", 2 end
  end
  local name, behind = match(s, "^" .. NAME .. "()")
  if name and eligible(name, post, ctx) then
    local after = sub(s, behind, behind + 60)
    local verb = match(after, "^ (%l+)%f[%A]")
    if verb == "is" and match(after, "^ is an? ") then return name, 1, "'" .. name .. " is a ...'",
      post.awarded[name] and 2 or 1.5 end
    if verb and acts(name, verb) then return name, 1, "a name that does something, at the start", 1 end
    local from = match(after, "^,? from %u") or match(after, "^,? from the ")
    if from and not find(after, "^,? from [%w\x80-\xff ]+[.!:]") and not words.greetings[lower(name)] or match(after, "^, an? %l")
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

-- Whether Q has the shape of a title beyond doubt: three words with capitals, or a name and what it stands for.
local function solid(q)
  if find(q, "[.,;!]$") or #q < 8 or #q > 200 then return false end
  return blocks.title_case(q) or find(q, "^%u[%w-]*: %u") ~= nil and blocks.title_case(match(q, ": (.*)$") or "")
end

-- Words before a title that say that it is somebody's older work, a book, a saying.
local aside <const> = { "cite[sd]?%f[%A]", "remind", "reminiscent", "similar to", "builds? on", "based on",
  "%f[%a]like $", "compared to", "compared with", "extend", "earlier", "previous", "%f[%a]older", "classic",
  "%f[%a]read $", "%f[%a]reading $", "%f[%a]book", "novel", "%f[%a]film", "%f[%a]song", "motto", "slogan", "quote",
  "%f[%a]sign ", "%f[%a]asked", "%f[%a]said", "%f[%a]says", "question", "t%-?shirt", "went to $", "goes to $",
  "given to $", "%f[%a]won by $" }

local function is_aside(before, after)
  local low = lower(sub(before, -60))
  for _, p in ipairs(aside) do if find(low, p) then return true end end
  return find(after, "^,? ?h?sh?e said") ~= nil or find(after, "^ ?%l* ?%(%u[^()]*%d%d%)") ~= nil
end

-- The people whom S, which follows a title, names as its authors: '", by Ana Lima (Fjord), ...', '" (Ana Lima, Bo Ek)'.
local function authors(before, after, ctx)
  local function read(s)
    if not s or #s > 200 then return nil end
    local name, org = match(s, "^(%u[%a\x80-\xff'-]+) et al%.?,?%s*%(([^()]+)%)$")
    if name then return { { name = name, affiliations = names.affiliations(org) } } end
    s = s:gsub(",?%s+et al%.?", "")
    return (crowd.read(s, ctx))
  end
  local inside = match(after, "^,?%s*%(([^()]+)%)")
  if inside then return read((inside:gsub("^by%s+", ""))) end
  local rest = match(after, "^,?%s*by%s+(%u.*)$")
  if not rest and find(before, "[Ii]n $") then rest = match(after, "^,%s+(%u.*)$") end
  if not rest then return nil end
  local who = read(match(rest, "^(.-%))"))
  local from = 1
  while not who do
    local stop, word, behind = match(rest, "()[%s,]+(%l+)()", from)
    if not stop or stop > 160 then break end
    if verbs[word] or find(word, "%l%led$") then who = read(sub(rest, 1, stop - 1)) end
    from = behind
  end
  return who or read((rest:gsub("[.]%s*$", "")))
end

-- What sentence S introduces by a title in quotes from byte FROM on: title, byte, reason, strength, people, byte behind.
local function titled(s, from, ctx)
  local q, a, b, at = marks.quotation(s, from)
  if not q then return nil end
  local before, after = sub(s, 1, a - 1), sub(s, b + 1)
  if is_aside(before, after) or not find(q, "^[%u%d\xc3-\xc5]") or #q > 200 then return nil, b end
  local who = authors(before, after, ctx)
  if solid(q) or who then
    local verb = match(after, "^,? (%l+)")
    if who then return q, at, "a title in quotes and its authors", 2, who, b end
    if a <= 2 and (find(after, "^,") or find(after, "^ by %u")) or verb and verbs[verb] and find(after, "^ ") then
      return q, at, "a title in quotes that the sentence is about", 2, nil, b
    end
    if find(before, "[Ii]n $") or find(before, "%f[%a]is $") or find(before, "%f[%a]was $")
      or find(before, ", $") and find(after, "^,") or find(before, "present%l* $") or find(before, "propose[sd]? $")
      or find(before, "liked $") or find(before, "enjoyed $") or find(before, ": $") then
      return q, at, "a title in quotes", 2, nil, b
    end
  elseif find(before, "[Tt]he %l+, $") and find(after, "^,") then
    return q, at, "'the first, ...' before a name in quotes", 2, nil, b
  end
  return nil, b
end

-- What sentence S introduces in quotes: title, byte, reason, strength, kind.
local function quoted(s)
  local q, a, b, at = marks.quotation(s, 1)
  if not q or #q > 200 or #q < 3 then return nil end
  local before, after = lower(sub(s, 1, a - 1)), sub(s, b + 1)
  if find(before, "asked") or find(before, "said") or find(before, "says") or find(before, "call")
    or find(before, "question") or find(sub(s, b + 1), "^ ?%l* ?%(%u[^()]*%d%d%)") then return nil end
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
    if i > SENTENCES then break end
    list[i] = { sub(s, span[1] + 1, span[2]), span[1] }
  end
  return list
end

local function item_of(b, base, sentence, name, at, why, strength, kind, who)
  return { form = "prose", line = b.first, last = b.last, block = b, title = forms.title((name:gsub("%s+", " "))),
    people = who or {}, at = base + sentence[2] + at, why = why, strength = strength, kind = kind or "paper",
    from_byte = base + sentence[2] + 1, to_byte = base + sentence[2] + #sentence[1] }
end

-- The first thing that SENTENCE, the I-th of block B, introduces.
local function first_of(sentence, i, b, base, post, ctx)
  local s = sentence[1]
  local name, at, why, strength, kind, who = told.read(s, ctx, post.papers or 0)
  if name then return item_of(b, base, sentence, name, at, why, strength, kind, who) end
  local from = 1
  while from do
    local behind
    name, at, why, strength, who, behind = titled(s, from, ctx)
    if name then return item_of(b, base, sentence, name, at, why, strength, nil, who), behind end
    from = at and at + 1 or nil
  end
  if i > 8 then return nil end
  if i <= 4 then name, at, why, strength, kind = quoted(s) end
  local near = sentence[2] < HEAD
  if not name and near and (i <= 2 or b.mark == "number") then
    name, at, why, strength = bare(s, post, ctx, b.mark == "number" and i == 1)
  elseif not name and near then
    -- Further down a name needs more: "Fjord is a compiler for ...".
    name, at, why, strength = bare(s, post, ctx)
    if name and not (strength >= 2 or find(sub(s, at + #name, at + #name + 40), "^ is an? %l[%l -]*%f[%A]")
      and nouns[match(s, "^ is an? ([%l-]+)", at + #name) or ""]) then name = nil end
  end
  if name then return item_of(b, base, sentence, name, at, why, strength, kind) end
end

-- The papers that block B introduces: the first one's passage is the block, the others stand inside it.
local function introductions(L, b, post, ctx)
  local s, base = blocks.flat(L, b, QUOTED)
  if #s > HEAD and not find(s, '"', 1, true) and not find(s, "\u{201c}", 1, true) then s = sub(s, 1, HEAD) end
  local skip = 0
  local w = layout.words_of(L, b.first)
  if b.mark ~= "" and w then
    skip = w.at - 1 - base
    s = sub(s, skip + 1)
  end
  local list, first = {}, nil
  for i, sentence in ipairs(sentences_of(s)) do
    first = first or sentence[1]
    local item, from = nil, 1
    if #list == 0 then item, from = first_of(sentence, i, b, base + skip, post, ctx) end
    if item and item.title then list[1] = item end
    -- More titles in quotes.
    while from and #list > 0 do
      local name, at, why, strength, who, behind = titled(sentence[1], from, ctx)
      if name and strength >= 2 and #list < 20 then
        local other = item_of(b, base + skip, sentence, name, at, why, strength, nil, who)
        other.inside = true
        if other.title then list[#list + 1] = other end
      end
      local after = behind or at
      from = (name or at) and after and after + 1 or nil
    end
    -- "The second paper, Fjord, ..." in the same paragraph.
    if not item and #list > 0 and #list < 20 and sentence[2] < QUOTED then
      local name, at, why, strength = bare(sentence[1], post, ctx)
      if name and strength >= 2 and find(sub(sentence[1], 1, at), "%f[%a]paper,?:? ") then
        local other = item_of(b, base + skip, sentence, name, at, why, strength)
        other.inside = true
        if other.title then list[#list + 1] = other end
      end
    end
  end
  return list, first
end

local function known(seen, item)
  local low = lower(item.title)
  local short = match(low, "^(.-):%s")
  if seen[low] or short and seen[short] then return true end
  seen[low] = true
  if short then seen[short] = true end
  return false
end

-- Talks that running text tells of in a post which also has a list of talks, or names each in quotes: those before the
-- first of ITEMS, or between them where they are told of in the same way.
function M.talks(L, post, items, ctx)
  local out, seen, heads = {}, {}, {}
  if not items[1] then return out end
  local first, in_quotes = items[1].line, true
  for _, item in ipairs(items) do
    known(seen, item)
    first, in_quotes = math.min(first, item.line), in_quotes and item.w ~= nil and find(item.w.text, '["\u{201c}]') ~= nil
    for i = item.line, item.last do heads[i] = true end
  end
  local few = #items <= 2
  for _, b in ipairs(blocks.read(L, post.body, (in_quotes or few) and post.last or first - 1)) do
    local s, base = blocks.flat(L, b, QUOTED)
    local any = not heads[b.first] and (find(s, '"', 1, true) or find(s, "\u{201c}", 1, true))
    local own = true
    for _, sentence in ipairs(any and sentences_of(s) or {}) do
      local name, at, why, strength, kind, who = told.read(sentence[1], ctx, 0)
      local aside_ = name and find(lower(sentence[1]), "earlier", 1, true)
      local item = name and not aside_ and item_of(b, base, sentence, name, at, why, strength, kind, who)
      if item and item.title and not known(seen, item) then
        item.inside, item.gap, item.confidence = not own or nil, b.gap, 0.7
        own = false
        out[#out + 1] = item
      end
    end
  end
  if few and not in_quotes and #out < 3 then
    for i = #out, 1, -1 do if out[i].line >= first then table.remove(out, i) end end
  end
  return out
end

-- What the blocks in LIST introduce, in order, and how many of them beyond doubt.
function M.find(L, post, list, ctx)
  local found, sure, seen = {}, 0, {}
  local session, heading, day, apart
  post.cuts = post.cuts or {}
  post.awarded = awarded(L, post)
  for k, b in ipairs(list) do
    -- More than one blank line: a heading was lost there.
    if b.gap >= 2 and k > 1 then session, apart = nil, false end
    local is, name = blocks.is_heading(L, b, list[k + 1], list[k - 1])
    local w = L:length(b.first) <= 80 and layout.words_of(L, b.first)
    local new_day, date
    if w and b.first == b.last then new_day, date = clock.day(w.text, post.event and post.event.year) end
    if new_day then
      session, heading, day = nil, b, date
      post.cuts[#post.cuts + 1] = b.first
    elseif is then
      session, heading = session_heading(name), b
      apart = session == nil
      post.cuts[#post.cuts + 1] = b.first
    else
      local items, first = introductions(L, b, post, ctx)
      local said = first and b.gap > 0 and session_said(first)
      if said then session = said end
      local own = true
      for _, item in ipairs(items) do
        if (not apart or item.strength >= 2) and not known(seen, item) then
          item.session, item.day = session, day
          item.inside = not own or nil
          if own then item.heading = heading and heading.last == b.first - 1 and heading.first or nil end
          own = false
          if item.strength >= 2 then sure = sure + 1 end
          found[#found + 1] = item
        end
      end
      heading = nil
    end
  end
  return found, sure
end

return M
