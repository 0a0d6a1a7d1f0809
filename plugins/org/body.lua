-- Markdown to Org, from the tree that lectern.markdown makes. Headings of a body stand below that of its talk.

local lectern = require "lectern"
local markdown = require "lectern.markdown"
local escape = require "org.escape"

local M = {}

local concat = table.concat

local DEPTH <const> = 12 -- of lists and emphasis; what is deeper stands as deep as that

-- ---- inside of paragraphs -------------------------------------------------------------------------------------------

local MARKS <const> = { emph = "/", strong = "*" }
local inlines

local function last_char(out)
  local s = out[#out]
  return s and s:sub(-1) or ""
end

-- The first character of what follows NODE in its paragraph: what a mark is closed before.
local function char_after(nodes, i)
  local node = nodes[i + 1]
  if not node then return "" end
  local kind = node.type
  if kind == "text" then return node.literal:sub(1, 1) end
  return (kind == "softbreak" or kind == "linebreak") and "\n" or "x"
end

local function marked(out, nodes, i, mark, inner)
  local fits = inner ~= "" and not inner:find "^%s" and not inner:find "%s$" and not inner:find("\n.*\n")
    and escape.opens_after(last_char(out)) and escape.closes_before(char_after(nodes, i))
  out[#out + 1] = fits and mark .. inner .. mark or inner
end

-- `code` between = or ~, whichever it does not hold; as mere text where neither would do.
local function code(out, nodes, i, literal)
  literal = lectern.text.line(literal)
  local mark = not literal:find("=", 1, true) and "=" or not literal:find("~", 1, true) and "~"
  if not mark or literal == "" or not escape.opens_after(last_char(out)) or not escape.closes_before(char_after(nodes, i)) then
    out[#out + 1] = escape.text(literal)
  else
    out[#out + 1] = mark .. literal .. mark
  end
end

local function address(url)
  if not url:find "^[Hh][Tt][Tt][Pp][Ss]?://" and not url:find "^[Mm][Aa][Ii][Ll][Tt][Oo]:" then return nil end
  url = lectern.text.clean(url):gsub("[%s\\]", function(c) return ("%%%02X"):format(c:byte()) end)
  return (url:gsub("[%[%]]", "\\%0"))
end

local function link(out, node, depth)
  local url = address(node.url or "")
  local words = lectern.text.squeeze(inlines(node.children, depth + 1))
  if not url then
    out[#out + 1] = words
  elseif words == "" or lectern.text.line(node.text) == node.url then
    out[#out + 1] = "[[" .. url .. "]]"
  else
    -- Two brackets would end it.
    out[#out + 1] = "[[" .. url .. "][" .. words:gsub("%]", "]\\zwnj{}"):gsub("%[%[", "[\\zwnj{}[") .. "]]"
  end
end

-- NODES of a paragraph as Org.
function inlines(nodes, depth)
  local out, run = {}, {}
  local function flush()
    if run[1] then out[#out + 1], run = escape.text(concat(run)), {} end
  end
  for i, node in ipairs(nodes) do
    local kind = node.type
    if kind == "text" then
      run[#run + 1] = node.literal
    elseif kind == "softbreak" then
      run[#run + 1] = "\n"
    else
      flush()
      if kind == "linebreak" then out[#out + 1] = "\\\\\n"
      elseif kind == "code" then code(out, nodes, i, node.literal)
      elseif depth > DEPTH then out[#out + 1] = escape.text(node.text)
      elseif MARKS[kind] then marked(out, nodes, i, MARKS[kind], inlines(node.children, depth + 1))
      elseif kind == "link" or kind == "image" then link(out, node, depth)
      elseif kind == "html_inline" then
        if node.literal:lower():find "^<br" then out[#out + 1] = "\\\\\n" end
      else out[#out + 1] = inlines(node.children, depth + 1) end
    end
  end
  flush()
  return concat(out)
end

-- ---- blocks ---------------------------------------------------------------------------------------------------------

-- What is written goes to w.out, each line behind w.indent.
local function put(w, text)
  if w.indent ~= "" then text = w.indent .. text:gsub("\n(%f[^\n])", "\n" .. w.indent .. "%1") end
  w.out[#w.out + 1] = text .. "\n"
end

local function blank(w)
  local last = w.out[#w.out]
  if last and last ~= "\n" and not w.after_mark then w.out[#w.out + 1] = "\n" end
end

local function cells(line)
  local out = {}
  line = line:gsub("^%s*|", ""):gsub("|%s*$", ""):gsub("\\|", "\1")
  for cell in (line .. "|"):gmatch "([^|]*)|" do
    cell = lectern.text.trim(cell):gsub("\1", "|")
    local first = cell ~= "" and markdown.parse(cell):root().children[1]
    cell = first and first.type == "paragraph" and inlines(first.children, 0) or escape.text(cell)
    out[#out + 1] = lectern.text.squeeze(cell):gsub("|", "\\vert{}")
  end
  return out
end

-- The lines of a pipe table in NODE, a paragraph; nil where it is none.
local function table_lines(w, node)
  local first, last = node.start_line, node.end_line
  if last - first < 1 or not w.line(first):find("|", 1, true) then return nil end
  local rule = w.line(first + 1)
  if not rule:find "^%s*|?%s*:?%-+:?%s*|?[%s|:%-]*$" or not rule:find("|", 1, true) then return nil end
  local rows = {}
  for i = first, last do
    if i ~= first + 1 then rows[#rows + 1] = w.line(i) end
  end
  return rows
end

local function table_block(w, rows)
  local grid, widths = {}, {}
  for r, row in ipairs(rows) do
    grid[r] = cells(row)
    for c, cell in ipairs(grid[r]) do widths[c] = math.max(widths[c] or 1, lectern.text.width(cell)) end
  end
  for r, row in ipairs(grid) do
    local out = {}
    for c = 1, math.min(#widths, 100) do
      local cell = row[c] or ""
      out[c] = cell .. (" "):rep(math.min(widths[c], 60) - lectern.text.width(cell))
    end
    put(w, "| " .. concat(out, " | ") .. " |")
    if r == 1 then
      for c = 1, #out do out[c] = ("-"):rep(math.min(widths[c], 60) + 2) end
      put(w, "|" .. concat(out, "+") .. "|")
    end
  end
end

-- Lines that Org would read in a block stand behind a comma there.
local function block(w, name, language, text)
  text = lectern.text.clean(text):gsub("\n+$", "")
  local lines = {}
  for line in lectern.text.lines(text) do
    lines[#lines + 1] = line:gsub("^(%s*,*)(%*)", "%1,%2"):gsub("^(%s*,*)(#%+)", "%1,%2")
  end
  put(w, "#+begin_" .. name .. (language and " " .. language or ""))
  if lines[1] then put(w, concat(lines, "\n")) end
  put(w, "#+end_" .. name)
end

local blocks

local function list(w, node, depth)
  local number = node.list == "ordered" and (node.start or 1) or nil
  local tight, indent = node.tight, w.indent
  for i, item in ipairs(node.children) do
    local mark = number and ("%d. "):format(number + i - 1) or "- "
    if number and i == 1 and number ~= 1 then mark = ("%d. [@%d] "):format(number, number) end
    if i > 1 and not tight then blank(w) end
    local at = #w.out + 1
    w.indent, w.after_mark = depth <= DEPTH and indent .. (" "):rep(number and 3 or 2) or indent, true
    blocks(w, item.children, depth + 1)
    w.after_mark = false
    local first = w.out[at]
    -- The mark stands in the place of the first line's indent; a block there begins on a line of its own.
    if not first then
      w.out[at] = indent .. mark:gsub(" $", "") .. "\n"
    elseif first:find "^%s*#%+" or first:find "^%s*|" then
      table.insert(w.out, at, indent .. mark:gsub(" $", "") .. "\n")
    else
      w.out[at] = indent .. mark .. first:sub(#w.indent + 1)
    end
    w.indent = indent
  end
end

local function paragraph(w, node)
  local rows = table_lines(w, node)
  if rows then return table_block(w, rows) end
  local text = inlines(node.children, 0):gsub("\n[ \t]+", "\n")
  if text:find "%S" then put(w, escape.paragraph(text)) end
end

local function heading(w, node)
  local text = lectern.text.squeeze(inlines(node.children, 0))
  if w.level and w.indent == "" and not w.quoted then
    put(w, ("*"):rep(math.min(w.level + node.level - w.least + 1, 30)) .. " " .. escape.heading_of(text))
  elseif text ~= "" then
    put(w, escape.paragraph(text))
  end
end

local function quote(w, node, depth)
  if w.quoted then return blocks(w, node.children, depth + 1) end
  put(w, "#+begin_quote")
  w.quoted = true
  blocks(w, node.children, depth + 1)
  w.quoted = false
  put(w, "#+end_quote")
end

local kinds = {
  paragraph = paragraph, heading = heading, block_quote = quote, list = list,
  code_block = function(w, node)
    local language = (node.info or ""):match "^[%w_+#.-]+"
    block(w, language and "src" or "example", language, node.literal)
  end,
  html_block = function(w, node) block(w, "src", "html", node.literal) end,
  thematic_break = function(w) put(w, "-----") end,
}

function blocks(w, nodes, depth)
  for i, node in ipairs(nodes) do
    if i > 1 and node.type ~= "list" or i > 1 and depth == 0 then blank(w) end
    if depth > 2 * DEPTH and node.type ~= "paragraph" then
      put(w, escape.paragraph(escape.text(lectern.text.squeeze(node.text))))
    else
      kinds[node.type](w, node, depth)
    end
    w.after_mark = false
  end
end

local function lines_of(text)
  local index
  return function(number)
    if not index then
      index = {}
      for line in lectern.text.lines(text) do index[#index + 1] = line end
    end
    return index[number] or ""
  end
end

-- A STRETCH of a line that is too long to be read as Markdown, as Org; BEFORE: the one before it, nil where the line begins.
local function of_stretch(stretch, before)
  local s = escape.text(stretch, true):gsub("\n", " ")
  if not before then return escape.paragraph(s) end
  -- A word that had to be cut: nothing is made of its halves that neither is.
  local whole = before:find "%s$" or before:find "[%w\x80-\xff]$" and s:find "^[%w\x80-\xff]"
  return whole and s or "\\zwnj{}" .. s
end

-- Calls WRITE with TEXT as Org, a piece at a time; its headings are below LEVEL stars. Without LEVEL (inside of a block) they
-- are lines. Whether there was anything to write.
function M.write(write, text, level)
  local begun, before = false, nil
  local w = { out = {}, indent = "", level = level, least = 6, quoted = level == nil }
  local function put_piece(s)
    write((begun and "\n" or "") .. s)
    begun = true
  end
  for piece, stretch, last in lectern.programme.each_piece(text, true) do
    if stretch then
      local s = of_stretch(piece, stretch > 1 and before or nil) .. (last and "\n" or "")
      if stretch == 1 then put_piece(s) else write(s) end
      before = piece
    else
      local root = markdown.parse(piece):root().children
      for _, node in ipairs(root) do
        if node.type == "heading" then w.least = math.min(w.least, node.level) end
      end
      w.line = lines_of(piece)
      blocks(w, root, 0)
      if w.out[1] then
        put_piece(concat(w.out))
        w.out = {}
      end
    end
  end
  return begun
end

-- The same in one string.
function M.of(text, level)
  local out = {}
  M.write(function(s) out[#out + 1] = s end, text, level)
  return concat(out)
end

return M
