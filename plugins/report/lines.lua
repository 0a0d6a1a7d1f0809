-- Lines: where the lines of a text are that are not blank, and what can be read off one of them alone.
--
-- The one idea: three numbers for each line (start, stop, blank lines before it) in arrays, everything else on demand,
-- so
-- that a text of any size fits. Line I is the text's bytes s[I] .. e[I], 1-based, without white space at its ends.

local clock = require "report.clock"
local marks = require "report.marks"

local M = {}

local find, match, sub, byte = string.find, string.match, string.sub, string.byte

-- Lines beyond this many are kept as text and not read.
M.MOST = 150000
local LONG <const> = 400
local WORDED <const> = 300
local CACHED <const> = 60000

local Lines = {}
Lines.__index = Lines

-- Whether TEXT is (mostly) a quoted mail, whose lines begin with "> ".
local function is_quoted(text)
  local head = sub(text, 1, 65536)
  local all, quoted = 0, 0
  for mark in head:gmatch "\n([> ]?[> ]?)[^\n]" do
    all = all + 1
    if find(mark, ">", 1, true) then quoted = quoted + 1 end
  end
  return quoted >= 5 and quoted * 3 >= all and find(head, "\n> ") ~= nil
end

-- TEXT from byte FROM to byte TO (1-based, inclusive).
function M.read(text, from, to)
  local quoted = is_quoted(text)
  local self = setmetatable({ text = text, s = {}, e = {}, gap = {}, n = 0, from = from, to = to, cache = {},
    cached = 0 }, Lines)
  local s, e, gap = self.s, self.e, self.gap
  local at, n = from, 0
  while at <= to and n < M.MOST do
    local first = find(text, "%S", at)
    if quoted and first and byte(text, first) == 62 then first = find(text, "[^%s>]", first) end
    if not first or first > to then break end
    -- Blank lines since the last one; more than three mean nothing more.
    local blanks, p = n == 0 and 3 or -1, at
    if n > 0 then
      while blanks < 3 do
        p = find(text, "\n", p, true)
        if not p or p > first then break end
        blanks, p = blanks + 1, p + 1
      end
      if blanks < 0 then blanks = 0 end
    end
    local stop = find(text, "\n", first, true) or to + 1
    if stop > to + 1 then stop = to + 1 end
    n = n + 1
    s[n], gap[n] = first, blanks
    local last = stop - 1
    while last > first do
      local b = byte(text, last)
      if b ~= 32 and (b < 9 or b > 13) then break end
      last = last - 1
    end
    e[n] = last
    at = stop
  end
  self.n = n
  -- What stands behind the last line that is read.
  self.unread = n >= M.MOST and find(text, "%S", at) or nil
  if self.unread and self.unread > to then self.unread = nil end
  return self
end

-- How many lines with text in them are not read.
function Lines:left()
  local count, at = 0, self.unread
  while at and at <= self.to do
    count = count + 1
    local stop = find(self.text, "\n", at, true)
    at = stop and find(self.text, "%S", stop)
  end
  return count
end

function Lines:get(i) return sub(self.text, self.s[i], self.e[i]) end
function Lines:length(i) return self.e[i] - self.s[i] + 1 end
function Lines:short(i) return self.e[i] - self.s[i] < LONG end

-- Whether line I begins with a plain word in lower case, as the middle of a paragraph does.
function Lines:running(i)
  local text, at = self.text, self.s[i]
  local b = byte(text, at)
  if b < 97 or b > 122 then return false end
  local stop = find(text, "[^%l]", at)
  local c = stop and byte(text, stop)
  -- "by Ana Lima", "presented by Ana Lima"
  if c == 32 and find(text, "^%l*%s?by:? %u", at) or find(text, "^with:? %u", at) then return false end
  return c == 32 and stop - at > 1 and stop <= self.e[i] or c == 44
end

-- The byte where line I begins, its indentation included.
function Lines:start(i)
  local text, at = self.text, self.s[i]
  while at > self.from and byte(text, at - 1) ~= 10 do at = at - 1 end
  return at
end

-- Columns before line I.
function Lines:indent(i)
  local columns = 0
  for at = self:start(i), self.s[i] - 1 do columns = columns + (byte(self.text, at) == 9 and 4 or 1) end
  return columns
end

local bullets <const> = { "^%-%s+()", "^%*%s+()", "^\u{2022}%s*()", "^\u{2023}%s*()", "^\u{25aa}%s*()",
  "^\u{25cf}%s*()", "^\u{25e6}%s*()",
  "^\u{b7}%s*()", "^\u{2013}%s+()", "^\u{2014}%s+()", "^%+%s+()", "^o%s%s+()", "^>+%s+()", "^\u{bb}%s*()" }
local numbers <const> = { "^%(?%d%d?%d?[.)/:]%s+()", "^%d%d?/%s*()", "^%[%d%d?%]%s*()", "^#%d%d?[.:]?%s+()",
  "^%(%d%d?%)%s*()", "^%(?%l%)%s+()" }

-- Bytes that a mark, a time or emphasis can begin with; those of letters aside.
local opening = {}
for c in ("#=-*+>([_0123456789\xe2\xc2"):gmatch "." do opening[byte(c)] = true end

-- Whether nothing stands before the words of S, as in most lines: it begins with a letter that is no mark ("o  ", "a)").
local function unmarked(s)
  local b, c = byte(s, 1, 2)
  if opening[b] then return false end
  return c ~= 41 and (b ~= 111 or c ~= 32 and c ~= 9)
end

-- What stands before the words of S: mark ("bullet", "number", "hash", "equals", ""), what it looks like, the clock
-- times
-- behind it ({ from, to }), and where the words begin and end in S.
function M.open(s)
  if unmarked(s) then return "", "", nil, 1, #s end
  local at, stop, mark, sign = 1, #s, "", ""
  local hashes, after = match(s, "^(#+)%s+()")
  if hashes then
    at, mark, sign = after, "hash", hashes
    local tail = match(s, "()%s+#+$")
    if tail and tail > at then stop = tail - 1 end
  else
    local equals, from, to = match(s, "^(==+)%s*()[^=].-()%s*==+$")
    if not equals then equals, from, to = match(s, "^(=)%s+()[^=].-()%s+=$") end
    if equals then at, stop, mark, sign = from, to - 1, "equals", equals end
  end
  if mark == "" then
    for _, p in ipairs(bullets) do
      local to = match(s, p)
      if to and to <= #s then at, mark, sign = to, "bullet", sub(s, 1, 1) break end
    end
  end
  if mark == "" or mark == "hash" then
    for _, p in ipairs(numbers) do
      local to = match(sub(s, at, at + 8), p)
      if to and at + to - 1 <= #s then
        at, sign = at + to - 1, sign .. "1"
        if mark == "" then mark = "number" end
        break
      end
    end
  end
  local time, to = clock.leading(s, at)
  if not time and find(s, "^%*%*?%d", at) then
    -- "**10:30** Title"
    local stars, from = match(s, "^(%*+)()", at)
    local a, b, behind = clock.times(s, from)
    local rest = a and sub(s, behind, behind + #stars - 1) == stars and match(s, "^[:%s-]*%s()", behind + #stars)
    if rest and rest <= stop then time, to = { a, b }, rest end
  end
  if time then at = to end
  -- Emphasis around all of it.
  for _, pair in ipairs { "**", "__", "*", "_" } do
    local n = #pair
    if stop - at > 2 * n and sub(s, at, at + n - 1) == pair and sub(s, stop - n + 1, stop) == pair
      and not find(sub(s, at + n, stop - n), pair, 1, true) then
      at, stop, sign = at + n, stop - n, sign .. pair
      break
    end
  end
  return mark, sign, time, at, stop
end

-- What most lines have in common.
local PLAIN <const> = { __index = { mark = "", sign = "", rule = false } }

-- Words of line I behind its marks, false for a long line; those of some thousand lines are kept, because several forms ask.
function Lines:words(i)
  local c = self.cache[i]
  if c == nil then
    if self:length(i) > WORDED then
      c = false
    else
      local s = self:get(i)
      local mark, sign, time, from, to = M.open(s)
      local words = from == 1 and to == #s and s or sub(s, from, to)
      local last = byte(words, -1)
      if last == 93 or last == 41 then words = sub(words, 1, marks.before_anchors(words) or -1) end
      if mark == "" and not time and sign == "" and not M.is_rule(s) then
        c = setmetatable({ text = words, at = self.s[i] + from - 1 }, PLAIN)
      else
        c = { text = words, mark = mark, sign = sign, time = time, at = self.s[i] + from - 1, rule = M.is_rule(s) }
      end
    end
    if self.cached < CACHED then self.cache[i], self.cached = c, self.cached + 1 end
  end
  return c
end

-- The clock times that line I is, where it is nothing else: { from, to }.
function Lines:slot(i)
  if self:length(i) > 40 then return nil end
  local s = self:get(i)
  local at = match(s, "^[%[(]?()%d") or match(s, "^%u%l%l%l?%l?%l?%l?%l?%l?,? ()%d%d?[:.h]%d")
  if not at then return nil end
  local from, to, behind = clock.times(s, at)
  if from and find(s, "^[%s%])h:]*$", behind) then return { from, to } end
end

-- A line of nothing but - = ~ * _ # . , three at least.
function M.is_rule(s)
  return #s >= 3 and not find(s, "^[%w\x80-\xff]") and find(s, "^%p+$") ~= nil and find(s, "^([-=~*_#.+])[-=~*_#.+%s]*$") ~= nil
end

return M
