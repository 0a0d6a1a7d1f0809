-- Blocks: paragraphs, list points and headings of a post, for reading prose.
--
-- A block's flat text has the bytes of the source with line ends and quoting marks turned to blanks, so that what is
-- found
-- in it has its place in the source.

local layout = require "report.layout"
local words = require "report.words"

local M = {}

local find, sub, lower = string.find, string.sub, string.lower

-- Blocks of the lines from FIRST to LAST: { first, last, gap, mark }. Lines in HEADS are blocks of their own.
function M.read(L, first, last, heads)
  local list, current, announced = {}, nil, false
  for i = first, last do
    local w = L:length(i) <= 400 and layout.words_of(L, i) or nil
    local mark = w and w.mark or ""
    if heads and (heads[i] or heads[i - 1]) then announced = true end
    local starts = not current or announced or L.gap[i] > 0 or mark ~= "" and (mark ~= "number" or current.mark ~= ""
      or L.gap[i] > 0)
    if starts then
      current = { first = i, last = i, gap = i == first and 3 or announced and 1 or L.gap[i], mark = mark, rule = w
        and w.rule }
      list[#list + 1] = current
    else
      current.last = i
    end
    -- "Some papers that caught my eye:" announces what follows.
    announced = w ~= nil and mark == "" and find(w.text, ":$") ~= nil
  end
  return list
end

-- The blocks of POST's body, read once for all who ask.
function M.of(L, post)
  post.blocks = post.blocks or M.read(L, post.body, post.last)
  return post.blocks
end

-- S with the lines joined that go on in lower case, of the same length: ends and quoting marks there become blanks.
function M.flatten(s)
  return (s:gsub("\n([> \t]*)(%l)", function(lead, c) return " " .. (" "):rep(#lead) .. c end))
end

-- The flat text of block B, at most MOST bytes, and the byte of the source before it.
function M.flat(L, b, most)
  local from = L.s[b.first]
  local to = L.e[b.last]
  if most and to - from + 1 > most then to = from + most - 1 end
  local s = sub(L.text, from, to)
  if b.last > b.first then
    s = s:gsub("\n[> \t]*", function(lead) return (" "):rep(#lead) end):gsub("\r", " ")
  end
  return s, from - 1
end

-- How many of the words of S that count are capitalised, and how many count.
function M.capitals(s)
  local count, capital = 0, 0
  for w in s:gmatch "[%w\x80-\xff'\u{2019}.-]+" do
    if find(w, "[%a\x80-\xff]") and not (words.small[lower(w)] and count > 0 and not find(w, "^%u")) then
      count = count + 1
      if find(w, "%u") or find(w, "^%d") or find(w, "^\xc3[\x80-\x9e]") then capital = capital + 1 end
    end
  end
  return capital, count
end

-- Whether S is written like a title: most words capitalised, three at least.
function M.title_case(s)
  local capital, count = M.capitals(s)
  return count >= 3 and capital >= count * 0.7 and find(s, "%l") ~= nil
end

-- Whether block B is a heading: one short line between blank lines that is no sentence.
function M.is_heading(L, b, following, before)
  if b.first ~= b.last or b.gap == 0 or following and following.gap == 0 or L:length(b.first) > 80 then return false end
  local w = layout.words_of(L, b.first)
  if not w or w.rule or w.mark == "bullet" or w.time then return false end
  if w.mark == "number" then
    -- "2. Isolation": a heading where points do not follow each other.
    if not following or following.mark == "number" or before and before.mark == "number" then return false end
  elseif w.mark ~= "" then
    return true, w.text
  end
  if find(w.text, "[.,;:!?]$") and not find(w.text, "%.%.%.$") then return false end
  local capital, count = M.capitals(w.text)
  local is = count >= 1 and count <= 8 and find(w.text, "^[%u\xc3]") ~= nil and (capital * 2 > count or count <= 3)
  return is, w.text
end

return M
