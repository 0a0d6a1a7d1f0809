-- Bodies and heads as HTML. Everything that comes from notes is escaped here or by the Markdown renderer; raw HTML of a
-- note is not passed through.

local lectern = require "lectern"
local markdown = require "lectern.markdown"

local M = {}

local find, gsub, sub, concat = string.find, string.gsub, string.sub, table.concat
local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

-- Text for content and for attributes in double quotes.
function M.escape(s)
  if not find(s, '[&<>"%c]') then return s end
  return (gsub(gsub(s, "[%z\1-\8\11\12\14-\31\127]", ""), '[&<>"]', escapes))
end
local escape = M.escape

local boxes = { ["[ ] "] = "☐ ", ["[x] "] = "☑ ", ["[X] "] = "☑ " }

-- What people write beyond CommonMark, in the HTML outside code: tasks, crossed out words.
local function extended(html)
  html = gsub(html, "<li>(%[[ xX]%] )", function(box) return "<li>" .. boxes[box] end)
  return M.outside_code(html, function(part) return (gsub(part, "~~([^~<>\n]+)~~", "<del>%1</del>")) end)
end

-- Headings of a body stand below that of its article.
local options <const> = { safe = true, below = 3 }

local WHOLE <const> = 512 * 1024

local function paragraph(line)
  local out = { "<p>" }
  for at = 1, #line, WHOLE do out[#out + 1] = escape(sub(line, at, at + WHOLE - 1)) end
  out[#out + 1] = "</p>\n"
  return concat(out)
end

local to_html
function to_html(text)
  if #text > WHOLE then
    -- A tree of all of it would not fit.
    local out = {}
    for i, piece in ipairs(lectern.programme.pieces(text)) do
      -- A line of that size is a paragraph, and its marks are characters.
      out[i] = #piece <= WHOLE and to_html(piece) or paragraph(piece)
    end
    return concat(out)
  end
  local html = markdown.html(text, options)
  if find(html, "<li>[", 1, true) or find(html, "~~", 1, true) then return extended(html) end
  return html
end

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

-- ---- tables ---------------------------------------------------------------------------------------------------------

local function cells_of(line)
  line = gsub(gsub(gsub(line, "^%s*|", ""), "|%s*$", ""), "\\|", "\1")
  local cells = {}
  for cell in (line .. "|"):gmatch "([^|]*)|" do
    cell = gsub(gsub(gsub(cell, "^%s+", ""), "%s+$", ""), "\1", "|")
    local html = cell == "" and "" or to_html(cell)
    cells[#cells + 1] = html:match "^<p>(.*)</p>%s*$" or escape(cell)
  end
  return cells
end

local function table_html(lines)
  local out = { '<div class="scroll"><table>\n<thead><tr>' }
  for _, cell in ipairs(cells_of(lines[1])) do out[#out + 1] = "<th>" .. cell .. "</th>" end
  out[#out + 1] = "</tr></thead>\n<tbody>\n"
  for i = 3, #lines do
    out[#out + 1] = "<tr>"
    for _, cell in ipairs(cells_of(lines[i])) do out[#out + 1] = "<td>" .. cell .. "</td>" end
    out[#out + 1] = "</tr>\n"
  end
  out[#out + 1] = "</tbody>\n</table></div>\n"
  return concat(out)
end

-- A text with pipe tables: pieces of Markdown and tables in turn.
local function with_tables(body)
  local out, text, rows, fence = {}, {}, nil, nil
  local held
  local function flush()
    if #text > 0 then out[#out + 1] = to_html(concat(text, "\n") .. "\n") end
    text = {}
  end
  local function close()
    if rows then
      out[#out + 1] = table_html(rows)
      rows = nil
    end
  end
  for line in (body .. "\n"):gmatch "([^\n]*)\n" do
    line = line:gsub("\r$", "")
    local mark = line:match "^%s*(```)" or line:match "^%s*(~~~)"
    if mark and (not fence or fence == mark) then fence = not fence and mark or nil end
    local piped = not fence and #line < 4000 and find(line, "|", 1, true)
    if rows and piped then
      rows[#rows + 1] = line
    elseif held and piped and find(line, "^%s*|?%s*:?%-+:?%s*|[%s|:%-]*$") then
      text[#text] = nil
      flush()
      rows = { held, line }
      held = nil
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

local function key(s)
  return gsub(gsub(s:lower(), "[%p%s]+", " "), "^ ", "")
end

-- Where the line at AT (1-based) of BODY, if it has text, says only what TALK's head says: its speakers or one of its addresses.
-- Returns the byte behind it, else nil.
local function said_above(body, at, talk)
  local from = find(body, "%S", at)
  local stop = from and (find(body, "\n", from, true) or #body)
  if not from or stop - from > 300 or not find(body, "^%s*\n", stop + 1) and stop < #body then return nil end
  local line = sub(body, from, stop)
  local url = line:match "^%[[^%[%]]*%]%(([^()%s]+)%)%s*$" or line:match "^<?(https?://[^%s<>]+)>?%s*$"
  if url then return (url == talk.url or url == talk.slides_url or url == talk.video_url) and stop + 1 or nil end
  local room = 24
  for _, s in ipairs(talk.speakers or {}) do
    if not find(line, s.name, 1, true) then return nil end
    room = room + #s.name + 8
    for _, firm in ipairs(s.affiliations or {}) do room = room + #firm + 4 end
  end
  return room > 24 and #line <= room and stop + 1 or nil
end

-- A note's BODY as HTML. Its first heading is left out where it says TITLE again, and so are lines that say what the
-- head of TALK says.
function M.body(body, title, talk)
  if title then
    local at = find(body, "%S") or 1
    if sub(body, at, at) == "#" then
      local heading, stop = body:match("^#+%s+([^\n]*)\n?()", at)
      local same = heading and #heading < 300
        and (find(heading, title, 1, true) or find(key(heading), (key(title):gsub("%s+$", "")), 1, true))
      if same then body = sub(body, stop) end
      local behind = same and talk and said_above(body, 1, talk)
      while behind do
        body = sub(body, behind)
        behind = said_above(body, 1, talk)
      end
    end
  end
  if find(body, "|", 1, true) and find(body, "\n%s*|?%s*:?%-%-") then return with_tables(body) end
  return to_html(body)
end

-- ---- heads ----------------------------------------------------------------------------------------------------------

local months = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December" }

local function time_of(when)
  local y, m, d, rest = when:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$"
  if not y then return escape(when) end
  local words = ("%d %s %s"):format(tonumber(d), months[tonumber(m)] or m, y)
  local clock = rest:match "^T(%d%d:%d%d)"
  return ('<time datetime="%s">%s%s</time>'):format(escape(when), words, clock and ", " .. clock or "")
end

-- The talks of a day follow each other.
local last_when, last_time

-- "2018-10-15T11:00" as <time>.
function M.time(when)
  if when ~= last_when then last_when, last_time = when, time_of(when) end
  return last_time
end

function M.event_name(event)
  return event.year and ("%s %d"):format(event.name, event.year) or event.name
end

function M.speakers(speakers)
  local only = speakers and not speakers[2] and speakers[1]
  if only and not (only.affiliations and only.affiliations[1]) and (only.role or "speaker") == "speaker" then
    return escape(only.name)
  end
  local out = {}
  for i, s in ipairs(speakers or {}) do
    local more = s.affiliations and concat(s.affiliations, "; ") or ""
    if s.role and s.role ~= "speaker" then more = more == "" and s.role or more .. ", " .. s.role end
    out[i] = escape(s.name) .. (more ~= "" and " <span>(" .. escape(more) .. ")</span>" or "")
  end
  return concat(out, ", ")
end

local function link(url, word)
  if not url or not find(url, "^https?://") then return nil end
  return ('<a href="%s">%s</a>'):format(escape(url), word)
end

local function line(class, parts)
  if not parts[1] then return "" end
  return '<p class="' .. class .. '">' .. concat(parts, " · ") .. "</p>\n"
end

-- The tags that BODY does not show itself.
local function tags(list, body)
  if not list or not list[1] then return "" end
  local out = {}
  for _, tag in ipairs(list) do
    if not body or not find(body, "#" .. tag, 1, true) then out[#out + 1] = "<span>#" .. escape(tag) .. "</span>" end
  end
  if not out[1] then return "" end
  return '<p class="tags">' .. concat(out, " ") .. "</p>\n"
end

-- What was changed here and in its source, and is not decided.
local function conflict(...)
  for _, object in ipairs { ... } do
    for _, mark in ipairs(object.marks or {}) do
      if mark == "conflict" then
        return '<p class="conflict">Changed here and in its source; not decided yet.</p>\n'
      end
    end
  end
  return ""
end

local function add(parts, part) if part and part ~= "" then parts[#parts + 1] = part end end

-- TITLE is HTML here.
local function opening(id, title, lang)
  return '<article id="' .. id .. (lang and '" lang="' .. escape(lang) or "") .. '">\n<h3><a href="#' .. id .. '">'
    .. title .. "</a></h3>\n"
end

-- A talk with the note about it (or nil) as an article; ID is its anchor, TITLE its title as HTML. In three pieces, so that a long body is not
-- copied: what stands above the body, the body, what stands below it.
function M.talk(talk, note, id, title)
  local meta = {}
  if talk.kind ~= "talk" and talk.kind then add(meta, '<span class="kind">' .. escape(talk.kind) .. "</span>") end
  add(meta, talk.start and M.time(talk.start))
  add(meta, talk.room and escape(talk.room))
  add(meta, link(talk.url, "page"))
  add(meta, link(talk.slides_url, "slides"))
  add(meta, link(talk.video_url, "video"))
  local who = M.speakers(talk.speakers)
  local abstract = talk.abstract and talk.abstract ~= "" and '<div class="abstract">\n' .. to_html(talk.abstract)
    .. "</div>\n" or ""
  return opening(id, title, talk.lang) .. (who ~= "" and '<p class="by">' .. who .. "</p>\n" or "")
    .. line("meta", meta) .. conflict(talk, note) .. abstract,
    note and M.body(note.body or "", talk.title, talk) or "",
    tags(talk.tags, note and note.body) .. "</article>\n"
end

-- A note about no talk, in the same three pieces.
function M.note(note, id, title)
  local meta = {}
  if note.kind and note.kind ~= "note" then add(meta, '<span class="kind">' .. escape(note.kind) .. "</span>") end
  add(meta, note.author and escape(note.author.name))
  -- Headings at the end of a post's own text introduce the talks that follow it.
  local body = note.kind == "post" and gsub(note.body or "", "\n#+ [^\n]*%s*$", "\n") or note.body or ""
  return opening(id, title, note.lang) .. line("meta", meta) .. conflict(note), M.body(body, note.title),
    tags(note.tags, body) .. "</article>\n"
end

return M
