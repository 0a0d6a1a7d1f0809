--- Text, in one pass each: sentences, words, lines, wrapping. All offsets are bytes, 0-based and half-open.
---
--- Patterns of Lua can take quadratic time or worse on hostile input; nothing here does.

local _, host = ...

---@class lectern.text
local text = {}

--- The sentences of a text as {start, end}. Knows abbreviations, initials, numbers, lists, headings and lines that were
--- wrapped by hand.
---@param s string
---@return integer[][]
function text.sentences(s)
  return host.sentences(s)
end

--- The words of a text: runs of letters and digits, an apostrophe or hyphen inside them; each CJK character is one.
---@param s string
---@param lower boolean? fold to lower case
---@return string[]
function text.words(s, lower)
  return host.words(s, lower)
end

--- Iterate over lines without their ends: line, its first byte.
---@param s string
---@return fun(): string?, integer?
function text.lines(s)
  return host.lines(s)
end

--- Without white space at both ends.
---@param s string
---@return string
function text.trim(s)
  local from = s:find "%S"
  if not from then
    return ""
  end
  return s:match(".*%S", from)
end

--- The parts between SEPARATOR, a plain string.
---@param s string
---@param separator string
---@return string[]
function text.split(s, separator)
  if separator == "" then
    error(host.error("E_PLUGIN", "split needs a separator"), 0)
  end
  local parts, n, from = {}, 0, 1
  while true do
    local first, last = s:find(separator, from, true)
    n = n + 1
    if not first then
      parts[n] = s:sub(from)
      return parts
    end
    parts[n] = s:sub(from, first - 1)
    from = last + 1
  end
end

---@param s string
---@param prefix string
---@return boolean
function text.starts(s, prefix)
  return s:sub(1, #prefix) == prefix
end

---@param s string
---@param suffix string
---@return boolean
function text.ends(s, suffix)
  return suffix == "" or s:sub(-#suffix) == suffix
end

--- Runs of white space become one space; none at the ends.
---@param s string
---@return string
function text.squeeze(s)
  return text.trim((s:gsub("%s+", " ")))
end

--- Without what moves a reader's terminal or eyes: no control character but newline and tab, no mark that turns the
--- direction of writing. Every other line end becomes a newline.
---@param s string
---@return string
function text.clean(s)
  if s:find "[%z\1-\8\11-\31\127]" then
    s = s:gsub("\r\n?", "\n"):gsub("[\11\12]", "\n"):gsub("[%z\1-\8\14-\31\127]", "")
  end
  if s:find "[\xc2\xd8\xe2\xef]" then
    s = s:gsub("\xc2\x85", "\n"):gsub("\xe2\x80[\xa8\xa9]", "\n"):gsub("\xc2[\x80-\x9f]", ""):gsub("\xd8\x9c", "")
      :gsub("\xe2\x80[\x8e\x8f\xaa-\xae]", ""):gsub("\xe2\x81[\xa6-\xa9]", ""):gsub("\xef\xbb\xbf", "")
  end
  return s
end

--- One clean line: white space of any kind becomes single spaces.
---@param s string
---@return string
function text.line(s)
  return text.squeeze(text.clean(s))
end

--- Columns on a terminal.
---@param s string
---@return integer
function text.width(s)
  return host.width(s)
end

--- What titles and names are compared by: lower case, no accents, no punctuation.
---@param s string
---@return string
function text.key(s)
  return host.key(s)
end

--- A name for files: ascii letters, digits and hyphens.
---@param s string
---@return string
function text.slug(s)
  return host.slug(s)
end

--- The item of WORDS that was probably meant by WORD, or nil.
---@param word string
---@param words string[]
---@return string?
function text.nearest(word, words)
  return host.nearest(word, words)
end

local function wrap_paragraph(out, paragraph, width, indent)
  local line, columns = {}, 0
  for word in paragraph:gmatch "%S+" do
    local w = host.width(word)
    if columns > 0 and columns + 1 + w > width then
      out[#out + 1] = indent .. table.concat(line, " ")
      line, columns = {}, 0
    end
    line[#line + 1] = word
    columns = columns + w + (columns > 0 and 1 or 0)
  end
  out[#out + 1] = #line > 0 and indent .. table.concat(line, " ") or ""
end

--- Break lines at WIDTH columns; line breaks of the text stay. INDENT goes before each line.
---@param s string
---@param width integer
---@param indent string?
---@return string
function text.wrap(s, width, indent)
  local out = {}
  indent = indent or ""
  local room = math.max(1, width - host.width(indent))
  for line in host.lines(s) do
    wrap_paragraph(out, line, room, indent)
  end
  return table.concat(out, "\n")
end

return text
