--- Text by strangers as HTML, for exporters: escaped, or rendered as Markdown so that nothing is loaded from elsewhere.
---
--- A plugin that renders Markdown requires "lectern.markdown" when it loads.

local lectern, host = require "lectern", select(2, ...)

---@class lectern.html
local html = {}

local find, gsub, sub, byte, concat = string.find, string.gsub, string.sub, string.byte, table.concat

--- Text without what no page and no feed may hold: controls, marks that turn the direction of the text behind them,
--- characters that XML has not.
---@type fun(s: string): string
html.clean = host.html_clean

--- Text for content and for attributes in quotes, in HTML and in XML.
---@type fun(s: string): string
html.escape = host.html_escape

--- A title or name, escaped: one line, never empty.
---@type fun(s: string?, otherwise: string?): string
html.label = host.html_label

--- Text as a string of JavaScript that no HTML around it could end, with its quotes.
---@type fun(s: string?): string
html.script = host.html_script

--- What HTML says that was made here, at most LIMIT bytes of it.
---@type fun(s: string, limit: integer): string
html.text = host.html_text

local escape = html.escape

--- An http(s) address, escaped, or nil.
---@param url any
---@return string?
function html.address(url)
  if type(url) ~= "string" or #url > 4096 or not find(url, "^[hH][tT][tT][pP][sS]?://[^/%s]") or find(url, "[%c%s]") then
    return nil
  end
  url = gsub(url, '["<>\\^`{|}]', function(c) return ("%%%02X"):format(byte(c)) end)
  return escape(url)
end

--- HTML with CHANGE applied to what stands outside of <code>.
---@param s string
---@param change fun(part: string): string
---@return string
function html.outside_code(s, change)
  if not find(s, "<code", 1, true) then
    return change(s)
  end
  local out, from = {}, 1
  while true do
    local a = find(s, "<code", from, true)
    local b = a and find(s, "</code>", a, true)
    if not b then
      break
    end
    out[#out + 1], out[#out + 2] = change(sub(s, from, a - 1)), sub(s, a, b + 6)
    from = b + 7
  end
  out[#out + 1] = change(sub(s, from))
  return concat(out)
end

-- ---- what the renderer of Markdown wrote ----------------------------------------------------------------------------

-- Headings from level BASE on, each at most one deeper than the one it stands below.
local function headings(s, base)
  if not find(s, "<h", 1, true) then
    return s
  end
  local above = {}
  local function level(n)
    while #above > 0 and above[#above] >= n do
      above[#above] = nil
    end
    above[#above + 1] = n
    return math.min(6, base + #above - 1)
  end
  return (gsub(s, "<h([1-6])>(.-)</h%1>", function(n, inner)
    local l = level(tonumber(n))
    return ("<h%d>%s</h%d>"):format(l, inner, l)
  end))
end

-- Pictures are shown where FILE, a function, says where they are; else what they show, with a link where none is around it.
local function pictures(s, file)
  local inside = false
  return (gsub(s, "<(/?%a+)([^>]*)>", function(name, rest)
    if name == "a" then
      inside = true
    elseif name == "/a" then
      inside = false
    end
    if name ~= "img" then
      return nil
    end
    local src, alt = rest:match 'src="([^"]*)"', rest:match 'alt="([^"]*)"'
    local place = file and src and file(src, true)
    if place then
      return ('<img src="%s" alt="%s">'):format(place, alt or "")
    end
    local shown = alt and alt ~= "" and alt or "picture"
    return not inside and src and find(src, "^https?://") and ('<a href="%s">%s</a>'):format(src, shown) or shown
  end))
end

-- Links to files lead to where FILE says that those are; ABROAD: what no page elsewhere could open is its words alone.
local function links(s, file, abroad)
  if not find(s, '<a href="', 1, true) then
    return s
  end
  local out, n, from = {}, 0, 1
  while true do
    local a, b = find(s, '<a href="', from, true)
    if not a then
      break
    end
    local quote = find(s, '"', b + 1, true)
    local shut = find(s, ">", quote, true)
    local stop = find(s, "</a>", shut, true)
    local url = sub(s, b + 1, quote - 1)
    out[n + 1] = sub(s, from, a - 1)
    local place = file and file(url, false)
    url = place or url
    if place or not abroad or find(url, "^[hH][tT][tT][pP][sS]?://") then
      out[n + 2], n = '<a href="' .. url .. '">' .. sub(s, shut + 1, stop + 3), n + 2
    else
      out[n + 2], n = sub(s, shut + 1, stop - 1), n + 2
    end
    from = stop + 4
  end
  out[n + 1] = sub(s, from)
  return concat(out)
end

local boxes = { ["[ ] "] = "☐ ", ["[x] "] = "☑ ", ["[X] "] = "☑ " }

-- What people write beyond CommonMark: tasks, crossed out words.
local function extended(s)
  s = gsub(s, "<li>(%[[ xX]%] )", function(box) return "<li>" .. boxes[box] end)
  return html.outside_code(s, function(part) return (gsub(part, "~~([^~<>\n]+)~~", "<del>%1</del>")) end)
end

local markdown -- a helper, which is there once a plugin has asked for it

-- What a text has no sign of is not looked for in its HTML, where every tag looks a little like it.
local function rendered(text, options)
  markdown = markdown or require "lectern.markdown"
  local s = markdown.html(text, options)
  if find(text, "![", 1, true) then
    s = pictures(s, options.file)
  end
  if options.abroad or options.file then
    s = links(s, options.file, options.abroad)
  end
  if find(text, "<", 1, true) and find(s, "<!-- raw HTML omitted -->", 1, true) then
    s = gsub(s, "<!%-%- raw HTML omitted %-%->\n?", "")
  end
  if options.dialogue and (find(s, "\nA:", 1, true) or find(s, "\nQ:", 1, true)) then
    s = html.outside_code(s, function(part) return (gsub(part, "([^>\n])\n([QA]:)", "%1<br>\n%2")) end)
  end
  if find(text, "[", 1, true) and find(s, "<li>[", 1, true) or find(text, "~~", 1, true) then
    s = extended(s)
  end
  return s
end

-- ---- tables ---------------------------------------------------------------------------------------------------------

local function cells_of(line, options)
  line = gsub(gsub(gsub(line, "^%s*|", ""), "|%s*$", ""), "\\|", "\1")
  local cells = {}
  for cell in (line .. "|"):gmatch "([^|]*)|" do
    cell = gsub(gsub(gsub(cell, "^%s+", ""), "%s+$", ""), "\1", "|")
    local s = cell == "" and "" or rendered(cell, options)
    cells[#cells + 1] = s:match "^<p>(.*)</p>%s*$" or escape(cell)
  end
  return cells
end

local function table_html(lines, options)
  local head = cells_of(lines[1], options)
  local out = { '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>\n<thead><tr>' }
  for _, cell in ipairs(head) do
    out[#out + 1] = '<th scope="col">' .. cell .. "</th>"
  end
  out[#out + 1] = "</tr></thead>\n<tbody>\n"
  for i = 3, #lines do
    out[#out + 1] = "<tr>"
    local cells = cells_of(lines[i], options)
    for k = 1, math.max(#head, #cells) do
      out[#out + 1] = "<td>" .. (cells[k] or "") .. "</td>"
    end
    out[#out + 1] = "</tr>\n"
  end
  out[#out + 1] = "</tbody>\n</table></div>\n"
  return concat(out)
end

-- A text with pipe tables: pieces of Markdown and tables in turn.
local function with_tables(body, options)
  local out, text, rows, fence, held = {}, {}, nil, nil, nil
  local function flush()
    if #text > 0 then
      out[#out + 1] = rendered(concat(text, "\n") .. "\n", options)
    end
    text = {}
  end
  local function close()
    if rows then
      out[#out + 1] = table_html(rows, options)
      rows = nil
    end
  end
  for line in (body .. "\n"):gmatch "([^\n]*)\n" do
    line = gsub(line, "\r$", "")
    local mark = line:match "^%s*(```)" or line:match "^%s*(~~~)"
    if mark and (not fence or fence == mark) then
      fence = not fence and mark or nil
    end
    local piped = not fence and #line < 4000 and find(line, "|", 1, true)
    if rows and piped then
      rows[#rows + 1] = line
    elseif held and piped and find(line, "^%s*|?%s*:?%-+:?%s*|[%s|:%-]*$") then
      text[#text] = nil
      flush()
      rows, held = { held, line }, nil
    else
      close()
      text[#text + 1] = line
      held = piped and line or nil
    end
  end
  close()
  flush()
  return concat(out)
end

---@class lectern.html.options
---@field below integer? headings stand below one of this level
---@field base integer? or: headings from this level on, each at most one deeper than the one it stands below
---@field abroad boolean? links that lead to no http(s) address are their words alone
---@field dialogue boolean? lines that begin with Q: or A: stay lines
---@field file nil|fun(url: string, shown: boolean): string? where a file is that the text shows or links to; URL as in HTML

local LONG <const> = 1024 * 1024 -- bytes of one block whose tree would take more memory than there is

--- Markdown as HTML, a piece at a time where it is long; a block without an empty line in a megabyte stays as it is.
---@param body string
---@param options lectern.html.options
---@return fun(): string?
function html.pieces(body, options)
  local next_piece = lectern.programme.each_piece(body)
  return function()
    local piece = next_piece()
    if not piece or #piece <= LONG then
      return piece and html.markdown(piece, options)
    end
    return '<pre class="long">' .. escape(piece) .. "</pre>\n"
  end
end

--- Markdown as HTML: raw HTML is left out, pictures become links, pipe tables are tables.
---@param body string
---@param options lectern.html.options
---@return string
function html.markdown(body, options)
  body = html.clean(body)
  if find(body, "|", 1, true) and find(body, "\n%s*|?%s*:?%-%-") then
    local plain = { below = options.below, abroad = options.abroad, dialogue = options.dialogue, file = options.file }
    local s = with_tables(body, plain)
    return options.base and headings(s, options.base) or s
  end
  return rendered(body, options)
end

return html
