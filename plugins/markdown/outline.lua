-- The shape of a Markdown text: its blocks (from the C parser) as a tree of sections by heading. A section: { level,
-- title, line, start, stop, blocks = direct blocks, children, parent, index }. Bytes are 0-based and half-open in the
-- text that was parsed; `stop` is where the next section that is no child begins.

local markdown = require "lectern.markdown"
local text_of = require "lectern.text"

local M = {}

-- "Day 2", "Tuesday", "Day One - 10 May", "2020-10-13": a heading that says when, not what.
function M.is_day(title)
  local low = title:lower()
  if low:find "^day%s*%d" or low:find "^day%s+%a+%s*$" or low:find "^day%s+%a+%s*[%p(]" or low:find "^tag%s+%d" then
    return true
  end
  if low:find "^%d%d%d%d%-?%d%d%-?%d%d$" or low:find "^%d%d?[./]%d%d?[./]%d%d%d%d$" then return true end
  local word = low:match "^(%a+)day%f[%A]"
  return word ~= nil and (" mon tues wednes thurs fri satur sun "):find(" " .. word .. " ", 1, true) ~= nil
    and #title <= 60 and not low:find "keynote" and not low:find "talk"
end

-- Level of headings for the tree: days stand above the headings that follow them even where the writer made them
-- deeper.
local function levels(headings)
  local day
  for i, h in ipairs(headings) do
    h.depth = h.level
    local after = headings[i + 1]
    if M.is_day(h.text) and after and after.level < h.level and not M.is_day(after.text) then
      day = math.min(day or 9, after.level - 0.5)
    end
  end
  if day then
    for _, h in ipairs(headings) do if M.is_day(h.text) then h.depth = math.min(h.depth, day) end end
  end
end

local WHOLE <const> = 512 * 1024
local PIECE <const> = 256 * 1024

-- Where a text that is too long for one tree is cut: at blank lines, or at the end of any line where there is none for long;
-- never in fenced code, which is one leaf however long it is. A line of that size is a paragraph by itself (the true ones).
local function cuts(text)
  local out, from, fence, giant = {}, 0, nil, false
  local function cut(at)
    if at > from then out[#out + 1] = { at, giant } end
    from, giant = at, false
  end
  for line, at in text_of.lines(text) do
    local size = at - from
    if not fence and (giant or #line >= PIECE or size >= PIECE or size >= PIECE // 2 and not line:find "%S") then
      cut(at)
      giant = #line >= PIECE
    end
    local mark = line:match "^ ? ? ?(```)" or line:match "^ ? ? ?(~~~)"
    if mark and (not fence or fence == mark) then fence = not fence and mark or nil end
  end
  cut(#text)
  return out
end

-- The blocks of TEXT; of a long one they are read piece by piece, so that a tree of millions of points is never held.
local function blocks_of(text)
  if #text <= WHOLE then return markdown.blocks(text) end
  local all, from, line = {}, 0, 0
  for _, piece in ipairs(cuts(text)) do
    local to, giant = piece[1], piece[2]
    if giant then
      all[#all + 1] = { type = "paragraph", first = line + 1, last = line + 1, start = from, stop = to }
      line = line + 1
    else
      local s = text:sub(from + 1, to)
      for _, b in ipairs(markdown.blocks(s)) do
        b.first, b.last, b.start, b.stop = b.first + line, b.last + line, b.start + from, b.stop + from
        all[#all + 1] = b
      end
      line = line + select(2, s:gsub("\n", ""))
    end
    from = to
  end
  return all
end

-- TEXT -> root section (level 0) and the sections in order of the text.
function M.build(text)
  local blocks = blocks_of(text)
  local headings = {}
  for _, b in ipairs(blocks) do
    if b.type == "heading" then
      b.text = b.text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
      headings[#headings + 1] = b
    end
  end
  levels(headings)
  local root = { level = 0, depth = 0, title = "", start = 0, stop = #text, line = 1, blocks = {}, children = {} }
  local all, open = {}, root
  for _, b in ipairs(blocks) do
    if b.type ~= "heading" then
      open.blocks[#open.blocks + 1] = b
    else
      while open.depth >= b.depth and open ~= root do
        open.stop, open = b.start, open.parent
      end
      local section = {
        level = b.level, depth = b.depth, title = b.text, line = b.first, start = b.start, stop = #text,
        blocks = {}, children = {}, parent = open, index = #all + 1, heading = b,
      }
      open.children[#open.children + 1] = section
      all[#all + 1] = section
      open = section
    end
  end
  return root, all
end

-- Bold paragraphs ("**C. Industrial learning**") with text behind them, right below SECTION.
local function bold_lines(section, text)
  local found = {}
  for i, b in ipairs(section.blocks) do
    local line = b.type == "paragraph" and b.first == b.last and text:sub(b.start + 1, b.stop)
    local title = line and #line < 200 and line:match "^%s*%*%*([^*]+)%*%*%s*$"
    if title and section.blocks[i + 1] then found[#found + 1] = { at = i, title = title:gsub("%s*:$", "") } end
  end
  return found
end

-- The bold lines below SECTIONS taken for headings, where there are two or more in all: children of their own.
function M.promote(sections, text, all)
  local found, count = {}, 0
  for i, s in ipairs(sections) do
    found[i] = bold_lines(s, text)
    count = count + #found[i]
  end
  if count < 2 then return end
  for i, s in ipairs(sections) do
    if found[i][1] then M.split(s, found[i], all) end
  end
  table.sort(all, function(a, b) return a.start < b.start end)
end

function M.split(section, found, all)
  local old = section.blocks
  section.blocks = { table.unpack(old, 1, found[1].at - 1) }
  local children = {}
  for k, f in ipairs(found) do
    local b = old[f.at]
    local next_block = found[k + 1] and old[found[k + 1].at]
    local after = section.children[1]
    children[k] = {
      level = 7, depth = section.depth + 0.5, title = f.title, line = b.first, start = b.start, bold = true,
      stop = next_block and next_block.start or after and after.start or section.stop,
      blocks = { table.unpack(old, f.at + 1, (found[k + 1] and found[k + 1].at or #old + 1) - 1) },
      children = {}, parent = section, heading = b,
    }
    all[#all + 1] = children[k]
  end
  for _, child in ipairs(section.children) do children[#children + 1] = child end
  section.children = children
end

return M
