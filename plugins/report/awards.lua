-- Awards: of the talks and papers of a post, and of persons.

local crowd = require "report.crowd"
local forms = require "report.forms"
local kinds_of = require "report.kinds"
local marks = require "report.marks"
local names = require "report.names"
local text = require "lectern.text"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

local ASKED <const> = 1000 -- sentences of one post that may name what has won
local MOST <const> = 2000  -- works among which that is looked for

-- What an award is called, in lower case. The award is what matches; the longest match at a place counts.
local called <const> = {
  "runner%-up for the [%l' -]- award", "best %l+ papers?", "best papers?", "best student paper award",
    "best student papers?", "best paper awards?",
  "best %l+ award", "best talk award", "best talk", "best presentation award", "best presentation", "best posters?",
    "best demo", "best artifact award",
  "distinguished %l+ award", "distinguished papers?", "people's choice award", "people\u{2019}s choice award",
    "audience award", "audience choice award",
  "test[- ]of[- ]time award", "%l+ dissertation award", "student research competition", "student poster competition",
    "%l+ %l+ competition",
  "honou?rable mention", "most influential paper award", "jury prize", "audience prize", "%l+ paper award",
    "community award", "outstanding %l+ award", "best %l+ presentations?",
  "best %l+ talks?", "best %l+ posters?", "best artifacts?", "best artefacts?", "best student paper", "%l+ prize",
  "preis f\u{fc}r den besten vortrag", "nachwuchspreis", "publikumspreis", "best%-paper%-preis",
    "premio a la mejor ponencia", "premio al mejor art\u{ed}culo",
  "premio del p\u{fa}blico", "prix du meilleur %l+",
}

local kinds <const> = { "paper", "talk", "presentation", "poster", "demo", "artifact", "artefact", "choice",
  "audience", "student", "dissertation", "thesis", "time",
  "competition", "prize", "preis", "premio", "prix", "vortrag", "ponencia", "mention", "influential", "community", "reviewer",
  "speaker" }

-- Words before "award" and "prize" that are no part of what it is called.
local plain = {}
for word in ("the this that a an another other our their first second third big same no any"):gmatch "%S+" do
  plain[word] = true
end

local function plausible(name)
  if plain[match(name, "^%l+") or ""] then return false end
  for _, k in ipairs(kinds) do if find(name, k, 1, true) then return true end end
  return false
end

-- Every award named in S: { name (as written), first byte, last byte }, the longest where several begin together.
local function named(s)
  local low = lower(s)
  local found = {}
  if not (find(low, "best", 1, true) or find(low, "prize", 1, true) or find(low, "award", 1, true)
    or find(low, "competition", 1, true) or find(low, "pr[eiä][imx]", 1) or find(low, "mention", 1, true)
    or find(low, "distinguished", 1, true)) then
    return found
  end
  for _, p in ipairs(called) do
    local from = 1
    while true do
      local a, b = find(low, p, from)
      if not a then break end
      from = b + 1
      if (a == 1 or not find(sub(low, a - 1, a - 1), "[%w]")) and not find(low, "^[%l]", b + 1)
        and plausible(sub(low, a, b)) then
        found[#found + 1] = { sub(s, a, b), a, b }
      end
    end
  end
  table.sort(found, function(x, y) if x[2] ~= y[2] then return x[2] < y[2] end return x[3] > y[3] end)
  local out, stop = {}, 0
  for _, f in ipairs(found) do
    if f[2] > stop then
      out[#out + 1] = f
      stop = f[3]
    end
  end
  return out
end

local function singular(name)
  name = name:gsub("%s+", " ")
  return (name:gsub("papers$", "paper"):gsub("posters$", "poster"):gsub("awards$", "award"))
end

local behind <const> = { "^:%s+([^.;,]+)", "^%s+went to%s+([%u\xc3][^.;,]-)%s+for%s", "^%s+went to%s+([^.;,]+)",
  "^%s+goes to%s+([^.;,]+)", "^%s+erhielt%s+([^.;,]+)", "^%s+was won by%s+([^.;,]+)", "^%s+went jointly to%s+([^.;,]+)",
  "^%s+w?i?a?s given to%s+([^.;,]+)", "^%s+w?i?a?s awarded to%s+([^.;,]+)", "^%s+w?i?a?s presented to%s+([^.;,]+)",
  "^%s+to%s+([^.;,]+)", "^%s+for%s+(%u[^.;,]+)" }

-- The persons whom sentence S says to have won, before the award ("X won the ...") or behind it ("went to X"), or nil; and
-- what is named where they would be.
local function winners(s, a, b, ctx)
  local before, after = sub(s, 1, a - 1), sub(s, b + 1)
  local who
  for _, p in ipairs(behind) do
    who = match(after, p)
    if who then break end
  end
  if who then
    who = match(who, "^(.-)%s+for%s") or who
    who = who:gsub("%s+$", "")
    if names.person(who, ctx) > 0 then return { who } end
    local list = find(who, " ", 1, true) and not find(who, '["\u{201c}]') and crowd.read(who, ctx)
    if list then
      for i, person in ipairs(list) do list[i] = person.name end
      return list
    end
    if find(after, "^[%s%l]* to%s") then return nil, who end
  end
  local verb = find(before, "%f[%a]won%f[%A]") or find(before, "%f[%a]took first place")
    or find(before, "%f[%a]received") or find(before, "%f[%a]gets%f[%A]")
    or find(before, "%f[%a]got%f[%A]") or find(before, "%f[%a]was awarded") or find(before, "%f[%a]wins%f[%A]")
      or find(before, "%f[%a]takes home")
  if verb then
    local head = sub(before, 1, verb - 1):gsub("%s+$", ""):gsub("^%d+[/.)]%s*", "")
    head = head:gsub("[%s,]+who$", ""):gsub("[%s,]+who%s+%l+$", ""):gsub("%s*%([^()]*%)$", "")
    local list = {}
    for w in head:gmatch "%S+" do list[#list + 1] = w end
    for n = 4, 2, -1 do
      if #list >= n then
        local cand = table.concat(list, " ", #list - n + 1)
        if names.person(cand, ctx) == 1 then return { cand } end
      end
    end
  end
end

-- Whether the award is spoken of as somebody else's, or not at all given.
local function denied(s, a, b)
  local before, name = lower(sub(s, math.max(1, a - 40), a - 1)), lower(sub(s, a, b))
  local low = lower(s)
  -- "The best talk, for me, was ...": praise, where nothing is won.
  if not find(name, "award", 1, true) and not find(name, "prize", 1, true)
    and (find(name, "talk", 1, true) or find(name, "presentation", 1, true) or find(name, "demo", 1, true)) then
    if find(low, "%f[%a]for me%f[%A]") or find(low, "%f[%a]my%f[%A]") or find(low, "%f[%a]i %l") then return true end
  end
  return find(before, "not the $") or find(before, "no $") or find(before, "my vote") or find(before, "should have")
    or find(before, "deserve")
end

local function give(item, name, event)
  item.awards = item.awards or {}
  for _, a in ipairs(item.awards) do if lower(a.name) == lower(name) then return end end
  item.awards[#item.awards + 1] = { name = name, event = event and { name = event.name, year = event.year } or nil }
end

-- The item of POST, or the work mentioned in it, that sentence S names nearest to byte NEAR; nil where it names none.
local function item_named(post, s, near)
  local low, best, far = lower(s), nil, nil
  post.asked = (post.asked or 0) + 1
  if post.asked > ASKED then return nil end
  for _, item in ipairs(post.works) do
    if not item.low then item.low, item.low_short = lower(item.title), match(lower(item.title), "^(.-):%s") end
    local t, short = item.low, item.low_short
    local at = #t >= 4 and find(low, t, 1, true) or short and #short >= 4 and find(low, short, 1, true)
    local distance = at and math.abs(at - (near or 1))
    if at and (not far or distance < far) then best, far = item, distance end
  end
  return best
end

-- A work that is named with its award only: a mention.
local function named_work(post, title, at, from, to)
  if #post.works > MOST then return nil end
  local work = { form = "mention", kind = "mention", title = title, people = {}, event = post.event, at = at,
    from_byte = from, to_byte = to, inside = true, why = "named with its award", confidence = 0.7 }
  post.works[#post.works + 1] = work
  post.named = post.named or {}
  post.named[#post.named + 1] = work
  return work
end

local function reward(post, name, who, at, from, to)
  post.prizes = post.prizes or {}
  post.prizes[#post.prizes + 1] = { name = singular(name), person = who, at = at, from = from, to = to }
end

local function called_award(name)
  return kinds_of.is_award(name) and (plausible(lower(name)) or find(lower(name), "award$") ~= nil)
end

-- "Best paper: "Title"", "Outstanding reviewer: Ana Lima (Fjord)": a line of a list. Whether it was one.
local function listed(post, line, base, ctx)
  local label, at = match(line, "^%W*(%u[%w\x80-\xff' -]-)%s*:%s+()")
  if not label then label, at = match(line, "^%W*(%u[%w\x80-\xff' ]-)%s+%-+%s+()") end
  if not label then label, at = match(line, "^%W*(%u[%w\x80-\xff' ]-)%s+\u{2013}%s+()") end
  if not label or not called_award(label) then return false end
  local rest = sub(line, at)
  local q, _, last, inside = marks.quotation(rest, 1)
  -- More sentences behind it: no line of a list.
  if find(rest, "[.\"]%s+%u%l", last or 1) then return false end
  local event = post.event and { name = post.event.name, year = post.event.year }
  local of = item_named(post, rest)
  if not of and q and inside <= 4 and #q >= 3 and #q <= 200 then
    of = named_work(post, forms.title(q) or q, base + at + inside - 1, base + 1, base + #line)
  end
  if of then
    give(of, singular(label), event)
    return true
  end
  local who = crowd.read((rest:gsub("[%s.]+$", "")), ctx)
  for _, person in ipairs(who or {}) do reward(post, label, person.name, base + at, base, base + #line) end
  return who ~= nil
end

-- The text S without the lines that list awards, which are read; of the same length.
local function without_lists(post, s, base, ctx)
  local out, from = {}, 1
  while from <= #s do
    local stop = find(s, "\n", from, true) or #s + 1
    local line = sub(s, from, stop - 1)
    if #line <= 300 and listed(post, line, base + from - 1, ctx) then line = (" "):rep(#line) end
    out[#out + 1] = line
    from = stop + 1
  end
  return table.concat(out, "\n")
end

-- Reads the text S, a passage of ITEM (or of none), whose first byte is BASE + 1.
function M.read(s, base, item, post, ctx)
  if #named(s) == 0 and not find(lower(s), "winner", 1, true) then return end
  s = without_lists(post, s, base, ctx)
  for _, span in ipairs(text.sentences(s)) do
    local sentence = sub(s, span[1] + 1, span[2])
    if #sentence <= 600 then
      for _, f in ipairs(named(sentence)) do
        local who, work = winners(sentence, f[2], f[3], ctx)
        for _, name in ipairs(who or {}) do
          reward(post, f[1], name, base + span[1] + f[2], base + span[1], base + span[2])
        end
        if not who and not denied(sentence, f[2], f[3]) then
          local of = work and item_named(post, work) or item_named(post, sentence, f[2])
          local q, _, last, inside = marks.quotation(work and sentence or "", f[3])
          if not of and q and inside - f[3] <= 40 and #q <= 200 and find(q, "^%u") then
            of = named_work(post, forms.title(q) or q, base + span[1] + inside, base + span[1] + f[2],
              base + span[1] + last)
          end
          -- Given to something that is no item: nobody else has won it.
          if not (work and find(work, "^%u[%w-]*$")) then of = of or item end
          if of then give(of, singular(f[1]), post.event) end
        end
      end
      if item and find(lower(sentence), "other award winner", 1, true) then
        for _, other in ipairs(post.items) do
          if other ~= item and other.awards then give(item_named(post, sentence) or item, other.awards[1].name,
            post.event) break end
        end
      end
    end
  end
end

return M
