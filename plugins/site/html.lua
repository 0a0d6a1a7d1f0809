-- Text by strangers as HTML: escaped, or rendered as Markdown and then gone through, so that nothing is loaded from elsewhere,
-- links lead to http(s) only, headings follow each other in order and tables are tables.

local markdown = require "lectern.markdown"

local M = {}

local find, gsub, sub, byte, concat = string.find, string.gsub, string.sub, string.byte, table.concat
local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

-- Without what no page and no feed may hold: controls, marks that turn the direction of the text behind them, characters that
-- XML has not.
function M.clean(s)
  if not find(s, "[%z\1-\8\11-\31\127\xc2\xe2\xef]") then return s end -- nearly always: one look at each byte
  s = gsub(s, "[%z\1-\8\11-\31\127]", "")
  s = gsub(s, "\xe2\x80[\xaa-\xae]", "")
  s = gsub(s, "\xe2\x81[\xa6-\xa9]", "")
  s = gsub(s, "\xc2[\x80-\x9f]", "")
  return (gsub(s, "\xef\xbf[\xbe\xbf]", ""))
end
local clean = M.clean

-- For content and for attributes in quotes, in HTML and in XML.
function M.escape(s)
  if not find(s, "[%z\1-\8\11-\31\127\xc2\xe2\xef&<>\"']") then return s end
  return (gsub(clean(s), "[&<>\"']", escapes))
end
local escape = M.escape

-- A title or name: one line, never empty.
function M.label(s, otherwise)
  if s and s ~= "" and not find(s, "[%c\127\xc2\xe2\xef&<>\"']") and not find(s, "  ", 1, true) and byte(s) ~= 32
    and byte(s, -1) ~= 32 then
    return s
  end
  s = s and gsub(clean(s), "%s+", " ") or ""
  s = gsub(gsub(s, "^ ", ""), " $", "")
  return s == "" and escape(otherwise or "Untitled") or (gsub(s, "[&<>\"']", escapes))
end

-- An http(s) address, escaped, or nil.
function M.address(url)
  if type(url) ~= "string" or #url > 4096 or not find(url, "^[hH][tT][tT][pP][sS]?://[^/%s]") or find(url, "[%c%s]") then
    return nil
  end
  url = gsub(url, '["<>\\^`{|}]', function(c) return ("%%%02X"):format(byte(c)) end)
  return escape(url)
end

-- ---- what the renderer of Markdown wrote -----------------------------------------------------------------------------

-- HTML with CHANGE applied to what stands outside of <code>.
function M.outside_code(html, change)
  if not find(html, "<code", 1, true) then return change(html) end
  local out, from = {}, 1
  while true do
    local a = find(html, "<code", from, true)
    local b = a and find(html, "</code>", a, true)
    if not b then break end
    out[#out + 1], out[#out + 2] = change(sub(html, from, a - 1)), sub(html, a, b + 6)
    from = b + 7
  end
  out[#out + 1] = change(sub(html, from))
  return concat(out)
end

-- Headings from level BASE on, each at most one deeper than the one it stands below.
local function headings(html, base)
  if not find(html, "<h", 1, true) then return html end
  local above = {}
  local function level(n)
    while #above > 0 and above[#above] >= n do above[#above] = nil end
    above[#above + 1] = n
    return math.min(6, base + #above - 1)
  end
  return (gsub(html, "<h([1-6])>(.-)</h%1>", function(n, inner)
    local l = level(tonumber(n))
    return ("<h%d>%s</h%d>"):format(l, inner, l)
  end))
end

-- Pictures are shown where FILE, a function, says where they are; else what they show, with a link where none is around it.
local function pictures(html, file)
  if not find(html, "<img", 1, true) then return html end
  local inside = false
  return (gsub(html, "<(/?%a+)([^>]*)>", function(name, rest)
    if name == "a" then inside = true elseif name == "/a" then inside = false end
    if name ~= "img" then return nil end
    local src, alt = rest:match 'src="([^"]*)"', rest:match 'alt="([^"]*)"'
    local place = file and src and file(src, true)
    if place then return ('<img src="%s" alt="%s">'):format(place, alt or "") end
    local text = alt and alt ~= "" and alt or "picture"
    return not inside and src and find(src, "^https?://") and ('<a href="%s">%s</a>'):format(src, text) or text
  end))
end

-- Links that lead to nothing a page elsewhere could open are their words alone.
local function links(html, file)
  if not find(html, '<a href="', 1, true) then return html end
  local out, n, from = {}, 0, 1
  while true do
    local a, b = find(html, '<a href="', from, true)
    if not a then break end
    local quote = find(html, '"', b + 1, true)
    local shut = find(html, ">", quote, true)
    local stop = find(html, "</a>", shut, true)
    local url = sub(html, b + 1, quote - 1)
    out[n + 1] = sub(html, from, a - 1)
    local place = file and file(url, false)
    url = place or url
    if place or find(url, "^[hH][tT][tT][pP][sS]?://") then
      out[n + 2], n = '<a href="' .. url .. '">' .. sub(html, shut + 1, stop + 3), n + 2
    else
      out[n + 2], n = sub(html, shut + 1, stop - 1), n + 2
    end
    from = stop + 4
  end
  out[n + 1] = sub(html, from)
  return concat(out)
end

local boxes = { ["[ ] "] = "☐ ", ["[x] "] = "☑ ", ["[X] "] = "☑ " }

local function extended(html)
  html = gsub(html, "<li>(%[[ xX]%] )", function(box) return "<li>" .. boxes[box] end)
  return M.outside_code(html, function(part) return (gsub(part, "~~([^~<>\n]+)~~", "<del>%1</del>")) end)
end

local function rendered(text, base, file)
  local html = links(pictures(markdown.html(text, { safe = true }), file), file)
  if find(html, "<!-- raw HTML omitted -->", 1, true) then html = gsub(html, "<!%-%- raw HTML omitted %-%->\n?", "") end
  if find(html, "\nA:", 1, true) or find(html, "\nQ:", 1, true) then
    html = M.outside_code(html, function(part) return (gsub(part, "([^>\n])\n([QA]:)", "%1<br>\n%2")) end)
  end
  if find(html, "<li>[", 1, true) or find(html, "~~", 1, true) then html = extended(html) end
  return headings(html, base)
end

-- ---- tables ---------------------------------------------------------------------------------------------------------

local function cells_of(line, file)
  line = gsub(gsub(gsub(line, "^%s*|", ""), "|%s*$", ""), "\\|", "\1")
  local cells = {}
  for cell in (line .. "|"):gmatch "([^|]*)|" do
    cell = gsub(gsub(gsub(cell, "^%s+", ""), "%s+$", ""), "\1", "|")
    local html = cell == "" and "" or rendered(cell, 6, file)
    cells[#cells + 1] = html:match "^<p>(.*)</p>%s*$" or escape(cell)
  end
  return cells
end

local function table_html(lines, file)
  local head = cells_of(lines[1], file)
  local out = { '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>\n<thead><tr>' }
  for _, cell in ipairs(head) do out[#out + 1] = '<th scope="col">' .. cell .. "</th>" end
  out[#out + 1] = "</tr></thead>\n<tbody>\n"
  for i = 3, #lines do
    out[#out + 1] = "<tr>"
    local cells = cells_of(lines[i], file)
    for k = 1, #head do out[#out + 1] = "<td>" .. (cells[k] or "") .. "</td>" end
    for k = #head + 1, #cells do out[#out + 1] = "<td>" .. cells[k] .. "</td>" end
    out[#out + 1] = "</tr>\n"
  end
  out[#out + 1] = "</tbody>\n</table></div>\n"
  return concat(out)
end

-- A text with pipe tables: pieces of Markdown and tables in turn.
local function with_tables(body, base, file)
  local out, text, rows, fence, held = {}, {}, nil, nil, nil
  local function flush()
    if #text > 0 then out[#out + 1] = rendered(concat(text, "\n") .. "\n", base, file) end
    text = {}
  end
  local function close()
    if rows then
      out[#out + 1] = table_html(rows, file)
      rows = nil
    end
  end
  for line in (body .. "\n"):gmatch "([^\n]*)\n" do
    line = gsub(line, "\r$", "")
    local mark = line:match "^%s*(```)" or line:match "^%s*(~~~)"
    if mark and (not fence or fence == mark) then fence = not fence and mark or nil end
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

-- Markdown as HTML, its headings from level BASE on. FILE(url, shown): where a file is that the text shows or links to, or nil.
function M.markdown(body, base, file)
  body = clean(body)
  if find(body, "|", 1, true) and find(body, "\n%s*|?%s*:?%-%-") then return headings(with_tables(body, base, file), base) end
  return rendered(body, base, file)
end

-- ---- HTML as text ---------------------------------------------------------------------------------------------------

local named = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }

-- At most N bytes of S, cut between characters.
function M.cut(s, n)
  if #s <= n then return s end
  while n > 0 and byte(s, n + 1) & 0xc0 == 0x80 do n = n - 1 end
  return sub(s, 1, n)
end

-- The text of HTML that we made, about LIMIT bytes of it.
function M.text(html, limit)
  local s = gsub(M.cut(html, limit + limit // 4 + 300), "<[^>]*>", " ")
  s = gsub(gsub(s, "<[^>]*$", ""), "&[^;]*$", "")
  if find(s, "&", 1, true) then s = gsub(s, "&(#?%w+);", named) end
  s = gsub(gsub(s, "%s+", " "), "^ ", "")
  s = gsub(gsub(s, " ([.,;:!?)])", "%1"), " $", "")
  return M.cut(s, limit)
end

return M
