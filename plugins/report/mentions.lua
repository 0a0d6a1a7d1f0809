-- Mentions: works that are only named inside the text about something else, with the event they are from where that is
-- stated: "the Meet'15 paper Name", "Name (Meet'17)", the "Name" from Meet 2014.

local blocks = require "report.blocks"
local events = require "report.events"
local marks = require "report.marks"
local crowd = require "report.crowd"
local names = require "report.names"
local words = require "report.words"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

local LONG <const> = 20000

-- What stands at the end of S in quotes: text, first byte in S.
local function quoted_end(s)
  local q, at = marks.quoted_end(s)
  if q and #q <= 150 then return q, at end
end

-- The name that S ends with: its last words with capitals, but for the first word of a sentence.
local function name_end(s)
  local at, name = match(s, "()%f[%w\x80-\xff]([%u\xc3][%w\x80-\xff+./-]*[%w\x80-\xff+])$")
  if not name or #name < 2 or find(name, "\xe2", 1, true) or words.small[lower(name)] then return nil end
  while true do
    local from, word = match(sub(s, 1, at - 1), "()%f[%w](%u[%w-]+) $")
    if not from or from == 1 or words.small[lower(word)] or find(sub(s, 1, from - 1), "[.!?:]%s+$") then break end
    at = from
  end
  name = sub(s, at)
  if find(name, " ", 1, true) and names.person(name) == 1 then return nil end
  return name, at
end

local publishes <const> = { "%f[%a]from%s+$", "%f[%a]at%s+$", "%f[%a]in%s+$", "%f[%a]of%s+$", ",%s+de%s+$",
  "%f[%a]de%s+$", "%f[%a]von%s+$", ",%s+von%s+$", ",%s+$" }

-- The work named left of the event that begins at byte A of S: title, byte.
local function named_left(s, a)
  local before = sub(s, math.max(1, a - 200), a - 1)
  local offset = math.max(1, a - 200) - 1
  local head = match(before, "^(.-)%s*[%(%[]%s*$")
  if head then
    local q, at = quoted_end(head)
    if q then return q, offset + at end
    -- "the Fjord runtime (Meet'15)", "the "Title" study (Meet 2015)"
    local noun = match(head, "%s(%l+)$")
    if noun and (words.works[noun] or words.works[noun:gsub("s$", "")]) then head = sub(head, 1, -#noun - 2):gsub("%s+$",
      "") end
    q, at = quoted_end(head)
    if q then return q, offset + at end
    -- The short name of a meeting behind its full one.
    local run = events.trailing(head)
    if run and events.sounds(run) then return nil end
    q, at = name_end(head)
    if q then return q, offset + at, "bracket" end
    return nil
  end
  for _, p in ipairs(publishes) do
    local cut = find(before, p)
    if cut then
      head = sub(before, 1, cut - 1):gsub("[%s,]+$", ""):gsub("%s+paper$", ""):gsub("%s+talk$", ""):gsub("%s+work$", "")
      local q, at = quoted_end(head)
      if q then return q, offset + at end
      if find(p, "from") or find(p, "de%%s") or find(p, "von") then
        q, at = name_end(head)
        -- "Greetings from X 2016": the first word of a sentence is a name only where it looks like one.
        local first = at and (at == 1 and offset == 0 or find(sub(head, 1, at - 1), "[.!?:]%s+$") ~= nil)
        if q and (not first or find(q, "%l%u") or find(q, "^%u%u")) then return q, offset + at end
      end
    end
  end
  -- read "Title" which somebody recommended (seen at EVENT)
  if find(before, "[%(]%s*[%l%s]*%f[%a]at%s+$") or find(before, "%f[%a]seen at%s+$") then
    local last, from = nil, 1
    while true do
      local q, qa, qb = match(before, '()"([^"]+)"()', from)
      if not q then break end
      last = { qa, q }
      from = qb
    end
    if last then return last[1], offset + last[2] end
  end
end

-- The work named right of an event: "the Meet'15 paper Name".
local function named_right(s, b)
  local at, rest = match(s, "^%s+papers?%s+()(.*)", b + 1)
  if not at then at, rest = match(s, "^%s+work%s+()(.*)", b + 1) end
  if not at then at, rest = match(s, "^%s+system%s+()(.*)", b + 1) end
  if not at then return nil end
  local q, first, _, inside = marks.quotation(rest, 1)
  if first == 1 and #q <= 150 then return q, at + inside - 1 end
  q = match(rest, "^([%u][%w\x80-\xff+./-]*[%w\x80-\xff+])")
  if q and not words.small[lower(q)] then return q, at end
end

local function squeeze(s) return (s:gsub("%s+", " "):gsub("[.,;:]$", "")) end

local function same_event(a, b) return a and b and lower(a.name) == lower(b.name) and a.year == b.year end

local function add(list, seen, title, at, base, to, event, why, confidence)
  title = squeeze(title)
  local key = lower(title)
  if seen[key] or #title < 2 then return end
  seen[key] = true
  list[#list + 1] = { form = "mention", kind = "mention", title = title, people = {}, event = event, at = base + at,
    from_byte = base + at, to_byte = base + to,
    inside = true, why = why, confidence = confidence }
end

-- Works named without an event: "their own older Name", "the test-of-time award went to Name".
local bare <const> = { "own older ", "their earlier ", "own earlier ", "own previous ", "of%-time award went to ",
  "of%-time award goes to ", "of%-time award for " }

local function in_text(s, base, post, list, seen)
  local from = 1
  while true do
    local name, year, a, b = events.next(s, from)
    if not name then break end
    from = b + 1
    if a then
      local title, at, how = named_left(s, a)
      if not title then title, at = named_right(s, b) end
      local own = same_event({ name = name, year = year }, post.event)
      if title and not (own and how ~= "bracket") and lower(title) ~= lower(name) then
        local stop = math.max(b, at + #title)
        add(list, seen, title, at, base, stop, { name = name, year = year }, "named with its event", 0.9)
      end
    end
  end
  for _, p in ipairs(bare) do
    local a, b, name = find(s, p .. "([%u][%w+-]+)%f[^%w+-]")
    if a and names.person(name .. " X") == 0 and not find(s, "^ %u", b + 1) then
      add(list, seen, name, b - #name + 1, base, b, false, "a work named beside another", 0.6)
    end
  end
end

-- "this paper by Ana Lima and Bo Ek, "Title"".
local function authored(s, base, ctx, list, seen)
  for at, stop in s:gmatch "%f[%a]paper by ()%u[^.\"]*()" do
    local q, first, last = marks.quotation(s, at)
    local who = q and first <= stop + 3 and first - at <= 120 and #q <= 150
      and crowd.read(marks.tail(s:sub(at, first - 1)), ctx)
    if who then
      local before = #list
      add(list, seen, q, at, base, last, false, "a paper named with its authors", 0.8)
      if #list > before then list[#list].people = who end
    end
  end
end

-- Mentions in POST, whose items are known: no item is a mention too.
function M.find(L, post, ctx)
  local list, seen = {}, {}
  for _, item in ipairs(post.items) do
    seen[lower(item.title)] = true
    local short = match(item.title, "^(.-):%s")
    if short then seen[lower(short)] = true end
  end
  for _, b in ipairs(blocks.of(L, post)) do
    local s, base = blocks.flat(L, b, LONG)
    if find(s, "paper by ", 1, true) then authored(s, base, ctx, list, seen) end
    if find(s, "%d%d") or find(s, "older ") or find(s, "earlier ") or find(s, "of-time", 1, true) then in_text(s, base,
      post, list, seen) end
  end
  return list
end

return M
