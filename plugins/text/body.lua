-- Markdown set as plain text: paragraphs wrapped, lists and quotes with their marks, code as it stands, links as numbers.

local lectern = require "lectern"
local markdown = require "lectern.markdown"

local M = {}

local text = lectern.text
local concat = table.concat

local DEPTH <const> = 12 -- of lists and quotes; what is deeper stands as deep as that
local WRAPPED <const> = 40
local LEAST <const> = 16 -- columns that a paragraph has, however deep

-- ---- inside of paragraphs -------------------------------------------------------------------------------------------

local MARKS <const> = { emph = "_", strong = "*", code = "`" }

-- The number of an address, the same one each time.
local function number_of(links, url)
  if not links.seen[url] then
    links[#links + 1] = url
    links.seen[url] = links.first + #links
  end
  return links.seen[url]
end

local function inlines(nodes, links, depth)
  local out = {}
  for _, node in ipairs(nodes) do
    local kind = node.type
    if kind == "text" then
      out[#out + 1] = text.clean(node.literal):gsub("%[%[([^%[%]|\n]+)|?([^%[%]\n]*)%]%]", function(title, words)
        return words ~= "" and words or title
      end)
    elseif kind == "softbreak" then out[#out + 1] = "\n"
    elseif kind == "linebreak" then out[#out + 1] = "\n\n"
    elseif kind == "code" then out[#out + 1] = MARKS.code .. text.line(node.literal) .. MARKS.code
    elseif kind == "html_inline" then
      if node.literal:lower():find "^<br" then out[#out + 1] = "\n\n" end
    elseif depth > DEPTH then out[#out + 1] = text.clean(node.text)
    else
      local inner = inlines(node.children, links, depth + 1)
      local url = (kind == "link" or kind == "image") and text.line(node.url or "")
      local mark = inner:find "%S" and MARKS[kind] or ""
      out[#out + 1] = mark .. inner .. mark
      if url and url:find "^%a[%w+.-]*:" and url ~= inner and url ~= "mailto:" .. inner then
        out[#out + 1] = ("%s[%d]"):format(inner ~= "" and " " or "", number_of(links, url))
      elseif url and inner == "" then
        out[#out + 1] = url
      end
    end
  end
  return concat(out)
end

-- Lines that were wrapped by hand become one; a line end that no wrapping explains stays. Whoever wraps a text ends a line
-- because the next word did not fit into the longest, and not before column 40.
local function unwrapped(s)
  if not s:find("\n", 1, true) then return s end
  local lines, longest = {}, 0
  for line in text.lines(s) do
    line = text.squeeze(line)
    lines[#lines + 1] = line
    longest = math.max(longest, text.width(line))
  end
  local out = {}
  for i, line in ipairs(lines) do
    local next_line = lines[i + 1]
    out[#out + 1] = line
    if next_line and line ~= "" then
      local word = next_line:match "^%S*"
      local meant = next_line == "" or longest < WRAPPED or text.width(line) + 1 + text.width(word) <= longest or next_line:find "^[QA]%d*[:(]"
        or next_line:find "^%u%w*:%s"
      out[#out + 1] = meant and "\n" or " "
    end
  end
  return concat(out)
end

-- ---- blocks ---------------------------------------------------------------------------------------------------------

-- Each line of S to w.out behind w.indent; the first behind w.mark where a list item begins.
local function put(w, s)
  for line in text.lines(s) do
    local before = w.mark or w.indent
    w.mark = nil
    w.out[#w.out + 1] = (before .. line):gsub("%s+$", "") .. "\n"
  end
  if s == "" then w.mark = nil end
end

local function blank(w)
  if w.out[1] and not w.mark then w.out[#w.out + 1] = w.indent:gsub("%s+$", "") .. "\n" end
end

local function room(w) return math.max(LEAST, w.width - text.width(w.indent)) end

local blocks

local function list(w, node, depth)
  local number = node.list == "ordered" and (node.start or 1) or nil
  local indent, tight = w.indent, node.tight
  local widest = number and #("%d. "):format(number + #node.children - 1) or 2
  for i, item in ipairs(node.children) do
    if i > 1 and not tight then blank(w) end
    local mark = number and ("%%-%ds"):format(widest):format(("%d."):format(number + i - 1)) or "- "
    local inside = depth <= DEPTH and indent .. (" "):rep(widest) or indent
    w.mark = (w.mark or indent) .. (depth <= DEPTH and mark or "")
    w.indent = inside
    blocks(w, item.children, depth + 1)
    if w.mark then put(w, "\n") end
    w.indent = indent
  end
end

-- Cells of ROWS below each other; a table that would be too wide stays as it was drawn.
local function aligned(rows, width)
  local grid, widths, total = {}, {}, 0
  for r, row in ipairs(rows) do
    grid[r] = {}
    for cell in (row:gsub("^|", ""):gsub("|$", ""):gsub("\\|", "\1") .. "|"):gmatch "([^|]*)|" do
      cell = text.trim(cell):gsub("\1", "\\|")
      local c = #grid[r] + 1
      grid[r][c] = cell
      if r ~= 2 then widths[c] = math.max(widths[c] or 3, text.width(cell)) end
    end
  end
  for _, columns in ipairs(widths) do total = total + columns + 3 end
  if total + 1 > width then return concat(rows, "\n") end
  local out = {}
  for r, cells in ipairs(grid) do
    for c, columns in ipairs(widths) do
      local cell = r == 2 and ("-"):rep(columns) or cells[c] or ""
      cells[c] = cell .. (" "):rep(columns - text.width(cell))
    end
    out[r] = "| " .. concat(cells, " | ", 1, #widths) .. " |"
  end
  return concat(out, "\n")
end

-- A pipe table in NODE, a paragraph; nil where it is none.
local function table_lines(w, node)
  local first, last = node.start_line, node.end_line
  if last - first < 1 or not w.line(first):find("|", 1, true) then return nil end
  if not w.line(first + 1):find "^%s*|?%s*:?%-+:?%s*|[%s|:%-]*$" then return nil end
  local rows = {}
  for i = first, last do rows[#rows + 1] = text.clean(text.trim(w.line(i))) end
  return aligned(rows, room(w))
end

local kinds = {
  paragraph = function(w, node)
    local rows = table_lines(w, node)
    if rows then return put(w, rows) end
    local s = unwrapped(inlines(node.children, w.links, 0))
    if s:find "%S" then put(w, text.wrap(text.trim(s), room(w))) end
  end,
  heading = function(w, node)
    local s = text.wrap(text.squeeze(inlines(node.children, w.links, 0)), room(w))
    if s == "" then return end
    put(w, s)
    local columns = 0
    for line in text.lines(s) do columns = math.max(columns, text.width(line)) end
    put(w, ("~"):rep(math.min(columns, room(w))))
  end,
  block_quote = function(w, node, depth)
    local indent = w.indent
    if w.mark then put(w, "\n") end
    if depth <= DEPTH then w.indent = indent .. "> " end
    blocks(w, node.children, depth + 1)
    w.indent = indent
  end,
  list = list,
  code_block = function(w, node)
    local indent = w.indent
    if w.mark then put(w, "\n") end
    w.indent = indent .. "    "
    put(w, (text.clean(node.literal):gsub("\n+$", "")))
    w.indent = indent
  end,
  html_block = function(w, node)
    -- What stands between the tags of a stranger's page is all that can be read here.
    local s = text.squeeze(text.clean(node.literal):gsub("<[^<>]*>", " "))
    if s ~= "" then put(w, text.wrap(s, room(w))) end
  end,
  thematic_break = function(w) put(w, "* * *") end,
}

function blocks(w, nodes, depth)
  for i, node in ipairs(nodes) do
    if i > 1 and (node.type ~= "list" or depth == 0 or nodes[i - 1].type ~= "paragraph") then blank(w) end
    if depth > 2 * DEPTH and node.type ~= "paragraph" then
      put(w, text.wrap(text.line(node.text), room(w)))
    else
      kinds[node.type](w, node, depth)
    end
  end
end

local function lines_of(source)
  local index
  return function(number)
    if not index then
      index = {}
      for line in text.lines(source) do index[#index + 1] = line end
    end
    return index[number] or ""
  end
end

-- The words of a line that is too long to be read as Markdown, wrapped: for each stretch of it what is to be written.
local function wrapper(width)
  local columns, glued = 0, false
  return function(stretch, last)
    local out, s = {}, text.clean(stretch)
    local function put_word(word)
      local wide, inside = text.width(word), glued
      glued = false
      if columns > 0 and not inside then
        local fits = columns + 1 + wide <= width
        out[#out + 1] = fits and " " or "\n"
        columns = fits and columns + 1 or 0
      end
      out[#out + 1], columns = word, columns + wide
    end
    glued = glued and not s:find "^%s"
    for word in s:gmatch "%S+" do put_word(word) end
    glued = s:find "%S$" ~= nil or glued and s == ""
    return concat(out) .. (last and columns > 0 and "\n" or "")
  end
end

-- Calls WRITE with SOURCE in lines of WIDTH columns, a piece at a time, an empty line before each. LINKS { seen = {}, first =
-- numbers given before } gets the addresses.
function M.write(write, source, width, links)
  local w = { out = {}, indent = "", width = width, links = links }
  local wrapped
  for piece, stretch, last in lectern.programme.each_piece(source, true) do
    if stretch then
      if stretch == 1 then wrapped = wrapper(width) end
      write((stretch == 1 and "\n" or "") .. wrapped(piece, last))
    else
      w.line = lines_of(piece)
      blocks(w, markdown.parse(piece):root().children, 0)
      if w.out[1] then
        write("\n" .. concat(w.out))
        w.out = {}
      end
    end
  end
end

return M
