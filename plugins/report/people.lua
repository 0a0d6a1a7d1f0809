-- People whom a post mentions in any role: authors, chairs, those who are quoted, thanked or asked. A run of
-- capitalised
-- words is a person where it has a name's shape and the words around it speak of a person.

local blocks = require "report.blocks"
local marks = require "report.marks"
local names = require "report.names"
local words = require "report.words"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

local LONG <const> = 20000

-- Words before a person.
local before <const> = { "%f[%a]by%s+$", "%f[%a]thanks to%s+$", "%f[%a]congratulations to%s+$",
  "%f[%a]congratulations also to%s+$", "thanks also to%s+$",
  "%f[%a]like%s+$", "%f[%a]including%s+$", "%f[%a]from%s+$", "%f[%a]with%s+$", "%f[%a]of%s+$", "%f[%a]to%s+$",
    "%f[%a]and%s+$", "%f[%a]prof%.?%s+$", "%f[%a]dr%.?%s+$",
  "%f[%a]professor%s+$", "%f[%a]advisor%s+$", "%f[%a]supervisor%s+$", "%f[%a]chairs?%s+were%s+$", "%f[%a]our own%s+$",
    "%f[%a]colleague%s+$", "%f[%a]friend%s+$", "~%s*$",
  "%f[%a]chairs?:%s*$", "%f[%a]chaired by%s+$", "%f[%a]since%s+$", "%f[%a]erhielt%s+$", "leitung:%s*$",
    "%f[%a]moderator:%s*$", "%f[%a]mit%s+$", "%f[%a]von%s+$",
  "%f[%a]moder\u{f3}%s+$", "%f[%a]in which%s+$", "%f[%a]asked%s+$", "%f[%a]as%s+$", "%f[%a]met%s+$", "%f[%a]which%s+$",
    "%f[%a]that%s+$", "%f[%a]where%s+$", "%f[%a]thank%s+$", "%f[%a]thanks%s+$", "%f[%a]kudos to%s+$",
  "%f[%a]silence for%s+$", "%f[%a]applause for%s+$", "%f[%a]particular,?%s+$", "%f[%a]especially%s+$",
  "%f[%a]namely%s+$", "%f[%a]chairs?%s+is%s+$", "%f[%a]chairs?%s+was%s+$", "%f[%a]chairs?%s+are%s+$",
  "%f[%a]chairs?,%s+$", "%f[%a]chairman,%s+$", "%f[%a]organi[sz]ers?,%s+$", "%f[%a]organi[sz]ers?%s+is%s+$",
  "%f[%a]organi[sz]ers?%s+was%s+$", "%f[%a]between%s+$", "%f[%a]host,%s+$", "%f[%a]colleagues?,?%s+$",
  "%f[%a]students?,?%s+$", "%f[%a]co%-authors?,?%s+$", "%f[%a]moderated by%s+$", "%f[%a]organi[sz]ed by%s+$",
  "%f[%a]saw%s+$", "%f[%a]invited%s+$", "%f[%a]joined%s+$", "%f[%a]told%s+$" }

local verbs = {}
for v in ([[won has gave gives said says showed shows asked asks presented presents explained explains argued argues took takes
told tells wrote writes spoke speaks opened opens closed closes talked talks demonstrated demonstrates described
describes started starts was is will had made makes cried missed got came did does thinks thought kept built led leads
joined mentioned pointed noted suggested proposed chaired moderated answered replied received wants
were are retired died taught teaches argue organised organized founded visited ran runs worked works moved agreed
disagreed complained introduced welcomed thanked invited helped convinced suspects believes promised remarked
wondered objected confirmed admitted concluded reported claimed claims reminded chairs moderates hosted
commented worried doubted joked]]):gmatch "%S+" do
  verbs[v] = true
end

-- How much the words around S[a..b] speak of a person.
local function context(s, a, b)
  local left, right = lower(sub(s, math.max(1, a - 30), a - 1)), sub(s, b + 1, b + 30)
  if find(left, "universi[%a\x80-\xff]+ o?f? ?$") or find(left, "univ%.? of $") or find(left, "institut%a* of $")
    or find(left, "college of $") or find(left, "school of $") or find(left, "college $") then return false end
  -- "Ana Lima from Fjord Labs talked": the labs do not.
  local worker = find(left, " from $") and match(sub(s, math.max(1, a - 80), a - 1), "(%u%S* %S+) from $")
  if worker and names.person(worker) > 0 then return false end
  local verb = match(right, "^%s+(%l+)")
  if verb and verbs[verb] then return true end
  verb = match(sub(s, b + 1, b + 80), "^%s+%b()%s+(%l+)")
  if verb and verbs[verb] then return true end
  verb = match(sub(s, b + 1, b + 80), "^,? from %u[%w\x80-\xff&.' -]- (%l%l+)%f[%A]")
  if verb and verbs[verb] then return true end
  if find(right, "^['\u{2019}]+s%s+%l") or find(right, "^,? et al") or find(right,
    "^%s+and%s+%u%S+%s+%u%S+") then return true end
  if find(right, "^, who%f[%A]") or find(right, "^, now%f[%A]") or find(right, "^, whom%f[%A]")
    or find(right, "^, whose%f[%A]") or find(right, "^, formerly%f[%A]") then return true end
  if match(right, "^ from %u%S* (%l+)") and verbs[match(right, "^ from %u%S* (%l+)")] then return true end
  if find(left, "%f[%a]in%s+$") or find(left, "%f[%a]at%s+$") or find(left, "%f[%a]the%s+$")
    or find(left, "%f[%a]in the%s+$") then return false end
  for _, p in ipairs(before) do if find(left, p) then return true end end
  return false
end

-- The stretches of S that are titles in quotes: no person is looked for in there.
local function titles_in(s, first, last)
  local list, from = { { first, last } }, last + 1
  while #list < 200 do
    local q, a, b, at = marks.quotation(s, from)
    if not q then break end
    if #q <= 200 and (blocks.title_case(q) or find(q, "^%u[%w-]*: %u")) then list[#list + 1] = { a, b } end
    from = (#q <= 200 and b or at) + 1
  end
  return list
end

-- Persons in the flat text S of whom it speaks as persons, but for bytes FIRST to LAST, a title: f(name, byte).
local function scan(s, first, last, ctx, f)
  local titles, i = nil, 1
  names.each(s, ctx, function(name, from, stop)
    if not context(s, from, stop) then return end
    titles = titles or titles_in(s, first, last)
    while titles[i] and titles[i][2] < from do i = i + 1 end
    if not (titles[i] and titles[i][1] <= from) then f(name, from) end
  end)
end

-- A quotation's author: "..." - Name, "..." ~ Name.
local function credited(s, ctx, f)
  local from = 1
  while true do
    local stop = find(s, '["\x9d]', from)
    if not stop then break end
    from = stop + 1
    local quote = sub(s, stop, stop) == '"' or sub(s, stop - 2, stop) == "\u{201d}"
    local at, name
    for _, dash in ipairs(quote and { "[-~]+", "\u{2013}", "\u{2014}" } or {}) do
      at, name = match(s, "^%s*" .. dash .. "%s*()(%u[%a\x80-\xff'. -]+)", from)
      if at then break end
    end
    name = name and name:gsub("[%s.-]+$", "")
    if name and (names.person(name, ctx) > 0 or find(name, "^%u%l+$") and #name > 3
      and not ctx.vocabulary[lower(name)]) then f(name, at) end
  end
  for at, name in s:gmatch "%f[%a]idea from ()(%l%l+ %l%l+)" do
    if not words.never[match(name, "^%l+")] and not words.small[match(name, "^%l+")]
      and not words.small[match(name, "%l+$")]
      and not words.never[match(name, "%l+$")] then
      f(name, at)
    end
  end
end

-- The people of POST besides its speakers: { at, value = { name } } for the notes they stand in.
function M.find(L, post, ctx)
  local list, seen = {}, {}
  local function add(base)
    return function(name, at)
      local key = lower(name)
      if not seen[key] and #list < 2000 then
        seen[key] = true
        list[#list + 1] = { at = base + at - 1, value = { name = name } }
      end
    end
  end
  if post.author and names.person(post.author, ctx) > 0 and post.byline then
    seen[lower(post.author)] = true
    list[1] = { at = L.s[post.byline] - 1, value = { name = post.author, role = "author" } }
  end
  local heads, titles = {}, {}
  for _, item in ipairs(post.items) do
    -- Speakers are told with their talk.
    for _, p in ipairs(item.people or {}) do seen[lower(p.name)] = true end
    if item.line and item.form ~= "prose" then titles[item.line] = item end
    if item.line and (#item.people > 0 or item.form == "title-comment") then for i = item.line, item.last do heads[i] = true end end
  end
  for _, q in ipairs(post.questions or {}) do
    local who = q.value.asker
    if who and names.person(who, ctx) > 0 then add(0)(who, q.at + 1) end
  end
  for _, prize in ipairs(post.prizes or {}) do add(0)(prize.person, prize.at) end
  if post.sender and names.person(post.sender) > 0 then list[#list + 1] = { at = L.s[post.first] - 1,
    value = { name = post.sender } } end
  for _, b in ipairs(next(heads) and blocks.read(L, post.body, post.last, heads) or blocks.of(L, post)) do
    local s, base = blocks.flat(L, b, LONG)
    local item = titles[b.first]
    local first = item and item.at - base or 1
    local entry = item and item.labels and b.last <= item.last
    if not entry and find(s, "%u") then scan(s, first, item and first + #item.title - 1 or 0, ctx, add(base)) end
    credited(s, ctx, add(base))
  end
  return list
end

return M
