-- Awards: of the talks and papers of a post, and of persons.

local names = require "report.names"
local text = require "lectern.text"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

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
    "community award",
  "preis f\u{fc}r den besten vortrag", "nachwuchspreis", "publikumspreis", "best%-paper%-preis",
    "premio a la mejor ponencia", "premio al mejor art\u{ed}culo",
  "premio del p\u{fa}blico", "prix du meilleur %l+",
}

local kinds <const> = { "paper", "talk", "presentation", "poster", "demo", "artifact", "artefact", "choice",
  "audience", "student", "dissertation", "thesis", "time",
  "competition", "prize", "preis", "premio", "prix", "vortrag", "ponencia", "mention", "influential", "community" }

local function plausible(name)
  for _, k in ipairs(kinds) do if find(name, k, 1, true) then return true end end
  return false
end

-- Every award named in S: { name (as written), first byte, last byte }, the longest where several begin together.
local function named(s)
  local low = lower(s)
  local found = {}
  if not (find(low, "best", 1, true) or find(low, "award", 1, true) or find(low, "competition", 1, true)
    or find(low, "pr[eiä][imx]", 1) or find(low, "mention", 1, true)
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

-- The person whom sentence S says to have won: before the award ("X won the ...") or behind it ("went to X").
local function winner(s, a, b, ctx)
  local before, after = sub(s, 1, a - 1), sub(s, b + 1)
  local who = match(after, "^:%s+([^.;,]+)") or match(after, "^%s+went to%s+([%u\xc3][^.;,]-)%s+for%s")
    or match(after, "^%s+went to%s+([^.;,]+)")
    or match(after, "^%s+goes to%s+([^.;,]+)") or match(after, "^%s+erhielt%s+([^.;,]+)")
      or match(after, "^%s+was won by%s+([^.;,]+)")
    or match(after, "^%s+to%s+([^.;,]+)") or match(after, "^%s+for%s+(%u[^.;,]+)")
  if who then
    who = match(who, "^(.-)%s+for%s") or who
    who = who:gsub("%s+$", "")
    if names.person(who, ctx) > 0 then return who end
    if find(after, "^%s+g?w?[oe][en][st]s? to") then return nil, who end
  end
  local verb = find(before, "%f[%a]won%f[%A]") or find(before, "%f[%a]took first place")
    or find(before, "%f[%a]received") or find(before, "%f[%a]gets%f[%A]")
    or find(before, "%f[%a]got%f[%A]") or find(before, "%f[%a]was awarded") or find(before, "%f[%a]wins%f[%A]")
      or find(before, "%f[%a]takes home")
  if verb then
    local head = sub(before, 1, verb - 1):gsub("%s+$", ""):gsub("^%d+[/.)]%s*", "")
    local list = {}
    for w in head:gmatch "%S+" do list[#list + 1] = w end
    for n = 4, 2, -1 do
      if #list >= n then
        local cand = table.concat(list, " ", #list - n + 1)
        if names.person(cand, ctx) == 1 then return cand end
      end
    end
  end
end

-- Whether the award is spoken of as somebody else's, or not at all given.
local function denied(s, a)
  local before = lower(sub(s, math.max(1, a - 40), a - 1))
  return find(before, "not the $") or find(before, "no $") or find(before, "my vote") or find(before, "should have")
    or find(before, "deserve")
end

local function give(item, name, event)
  item.awards = item.awards or {}
  for _, a in ipairs(item.awards) do if lower(a.name) == lower(name) then return end end
  item.awards[#item.awards + 1] = { name = name, event = event and { name = event.name, year = event.year } or nil }
end

-- The item of POST, or the work mentioned in it, that sentence S names; nil where it names none.
local function item_named(post, s)
  local low = lower(s)
  for _, item in ipairs(post.works) do
    local t = lower(item.title)
    if #t >= 4 and find(low, t, 1, true) then return item end
    local short = match(t, "^(.-):%s")
    if short and #short >= 4 and find(low, short, 1, true) then return item end
  end
end

-- Reads the text S, a passage of ITEM (or of none), whose first byte is BASE + 1.
function M.read(s, base, item, post, ctx)
  if #named(s) == 0 and not find(lower(s), "winner", 1, true) then return end
  for _, span in ipairs(text.sentences(s)) do
    local sentence = sub(s, span[1] + 1, span[2])
    if #sentence <= 600 then
      for _, f in ipairs(named(sentence)) do
        local who, work = winner(sentence, f[2], f[3], ctx)
        if who then
          post.prizes = post.prizes or {}
          post.prizes[#post.prizes + 1] = { name = singular(f[1]), person = who, at = base + span[1] + f[2],
            from = base + span[1], to = base + span[2] }
        elseif not denied(sentence, f[2]) then
          local of = work and item_named(post, work) or item_named(post, sentence) or item
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
