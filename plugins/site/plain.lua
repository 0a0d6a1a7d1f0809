-- Plain text as HTML: paragraphs, lists, underlined headings, quoted lines and addresses, recognised by how the lines lie. Every
-- word of the text is on the page in its order; only the marks of the layout become layout.

local lectern = require "lectern"
local html = lectern.html

local M = {}

local escape = html.escape
-- A line of at least so many bytes without its indent was wrapped: the next one goes on with its sentence.
local FULL <const> = 52
local MOST <const> = 4000 -- lines of one block

local function linked(s)
  if not s:find("://", 1, true) then return escape(s) end
  local out, from = {}, 1
  while true do
    local a, b = s:find("https?://[^%s<>\"]+", from)
    if not a then break end
    while s:sub(b, b):find "[.,;:!?)'%]]" and b > a + 8 do b = b - 1 end
    local url = html.address(s:sub(a, b))
    out[#out + 1] = escape(s:sub(from, a - 1))
    out[#out + 1] = url and ('<a href="%s">%s</a>'):format(url, url) or escape(s:sub(a, b))
    from = b + 1
  end
  out[#out + 1] = escape(s:sub(from))
  return table.concat(out)
end

-- The indent of LINE, its bullet if it has one, and the rest.
local function parts(line)
  local blank, rest = line:match "^([ \t]*)(.*)$"
  local indent = #blank:gsub("\t", "    ")
  local mark, text = rest:match "^([-*+])%s+(%S.*)$"
  if not mark then mark, text = rest:match "^(•)%s*(%S.*)$" end
  if not mark then
    local number, more = rest:match "^(%(?%d%d?[.)])%s+(%S.*)$"
    if number then mark, text = number, more end
  end
  return indent, mark, text or rest
end

local function starts_anew(text)
  return text:find "^[QA]%s*[:.]" or text:find "^%u%a?%a?%a?:" or text:find "^%d%d?:%d%d" or text:find "^%-%-"
end

-- LINES as the inside of a paragraph: joined where they were wrapped (those of an item of a list always were), else each on its own.
local function joined(lines, wrapped)
  local out, before = {}, 0
  for i, line in ipairs(lines) do
    local text = lectern.text.trim(line)
    if i > 1 then out[#out + 1] = (wrapped or before >= FULL) and not starts_anew(text) and "\n" or "<br>\n" end
    out[#out + 1], before = linked(text), #text
  end
  return table.concat(out)
end

local function is_rule(line) return line:find "^%s*[=%-_~*]+%s*$" and #line:gsub("%s", "") >= 3 end

-- Items of a list with how deep each is: { indent, number?, lines }.
local function items_of(lines)
  local items = {}
  for _, line in ipairs(lines) do
    local indent, mark, text = parts(line)
    if mark then
      items[#items + 1] = { indent = indent, number = mark:match "%d+", lines = { text } }
    elseif #items == 0 then
      return nil
    else
      table.insert(items[#items].lines, text)
    end
  end
  return items
end

local function list(items)
  local out, open = {}, {}
  for _, item in ipairs(items) do
    while #open > 0 and open[#open].indent > item.indent do
      out[#out + 1] = "</li>\n</" .. table.remove(open).tag .. ">\n"
    end
    if #open == 0 or open[#open].indent < item.indent and #open < 6 then
      local tag = item.number and "ol" or "ul"
      out[#out + 1] = "<" .. tag .. ">\n"
      open[#open + 1] = { indent = item.indent, tag = tag }
    else
      out[#out + 1] = "</li>\n"
    end
    local value = open[#open].tag == "ol" and item.number and ' value="' .. item.number .. '"' or ""
    out[#out + 1] = "<li" .. value .. ">" .. joined(item.lines, true)
  end
  while #open > 0 do out[#out + 1] = "</li>\n</" .. table.remove(open).tag .. ">\n" end
  return table.concat(out)
end

local block

local function quoted(lines)
  local inner = {}
  for i, line in ipairs(lines) do
    inner[i] = line:match "^%s*>%s?(.*)$"
    if not inner[i] then return nil end
  end
  return inner
end

-- Whether a block of one line reads as a heading of what FOLLOWS it: short, begins with a capital, ends without a stop.
local function is_heading(lines, follows)
  local line = #lines == 1 and lectern.text.trim(lines[1])
  return line and #line <= 48 and (line:find "^%u" or line:find "^\xc3[\x80-\x9e]") and not line:find "[.!?,;:]$" and not line:find ": "
    and not line:find "^%u:" and follows
end

-- Of headings in a row only the last has text below it; each is one. A block below must be long enough to want a heading.
local function head_lines(pieces)
  local heads, below = {}, false
  for i = #pieces, 1, -1 do
    heads[i] = is_heading(pieces[i], below)
    local bytes = 0
    for _, line in ipairs(pieces[i]) do bytes = bytes + #line end
    below = heads[i] or bytes >= 80
  end
  return heads
end

local function split(lines)
  local pieces, from = {}, nil
  for i = 1, #lines + 1 do
    local empty = not lines[i] or not lines[i]:find "%S"
    if not empty and not from then from = i end
    if from and (empty or i - from >= MOST) then
      pieces[#pieces + 1] = table.move(lines, from, i - 1, 1, {})
      from = not empty and i or nil
    end
  end
  return pieces
end

local function blocks(lines, base, depth)
  local out, pieces = {}, split(lines)
  local heads = head_lines(pieces)
  for i, one in ipairs(pieces) do
    out[i] = heads[i] and ("<h%d>%s</h%d>\n"):format(base, linked(lectern.text.trim(one[1])), base) or block(one, base, depth)
  end
  return table.concat(out)
end

function block(lines, base, depth)
  local inner = depth < 8 and quoted(lines)
  if inner then return "<blockquote>\n" .. blocks(inner, base, depth + 1) .. "</blockquote>\n" end
  if #lines == 1 and is_rule(lines[1]) then return "<hr>\n" end
  if #lines >= 2 and lines[2]:find "^%s*[=%-~]+%s*$" and is_rule(lines[2]) and #lines[1] < 160 then
    local head = ("<h%d>%s</h%d>\n"):format(base, escape(lines[1]:gsub("^%s+", "")), base)
    return head .. (lines[3] and block({ table.unpack(lines, 3) }, base, depth) or "")
  end
  local first
  for i, line in ipairs(lines) do
    local _, mark = parts(line)
    if mark then
      first = i
      break
    end
  end
  if not first then return "<p>" .. joined(lines) .. "</p>\n" end
  local head = first > 1 and "<p>" .. joined({ table.unpack(lines, 1, first - 1) }) .. "</p>\n" or ""
  return head .. list(items_of { table.unpack(lines, first) })
end

-- BODY as HTML, its headings at level BASE.
function M.html(body, base)
  local lines = {}
  for line in (html.clean((body:gsub("\r\n?", "\n"))) .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  return blocks(lines, base, 0)
end

return M
