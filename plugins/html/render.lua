-- Bodies and heads as HTML. Everything that comes from notes is escaped here or by the Markdown renderer; raw HTML of a
-- note is not passed through.

local lectern = require "lectern"
local html = lectern.html

local M = {}

local find, concat = string.find, table.concat
local escape, body_of = html.escape, lectern.programme.body

-- Headings of a body stand below that of its article.
local options <const> = { safe = true, below = 3 }

local function to_html(text) return html.markdown(text, options) end

-- The body of NOTE as HTML, or an iterator over its pieces where it is long; then it is not needed afterwards, and may be most
-- of the memory there is.
local function html_of(note, talk, file)
  local body = body_of(note, talk)
  local how = file and { safe = true, below = options.below, file = file } or options
  if #body <= 64 * 1024 then return html.markdown(body, how) end
  note.body = nil
  return html.pieces(body, how)
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

local function marked(object, mark)
  for _, own in ipairs(object and object.marks or {}) do
    if own == mark then return true end
  end
  return false
end

-- What was changed here and in its source, and is not decided.
local function conflict(object, other)
  if not marked(object, "conflict") and not marked(other, "conflict") then return "" end
  return '<p class="conflict">Changed here and in its source; not decided yet.</p>\n'
end

local function add(parts, part) if part and part ~= "" then parts[#parts + 1] = part end end

-- TITLE is HTML here.
local function opening(id, title, lang)
  return '<article id="' .. id .. (lang and '" lang="' .. escape(lang) or "") .. '">\n<h3><a href="#' .. id .. '">'
    .. title .. "</a></h3>\n"
end

-- A talk with the note about it (or nil) as an article: where it begins, its body (nil, HTML, or an iterator over pieces), where
-- it ends. ID is its anchor, TITLE its title as HTML; FILE as for lectern.html.markdown, or nil.
function M.talk(talk, note, id, title, file)
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
  local head = opening(id, title, talk.lang) .. (who ~= "" and '<p class="by">' .. who .. "</p>\n" or "")
    .. line("meta", meta) .. conflict(talk, note) .. abstract
  local behind = tags(talk.tags, note and note.body) .. "</article>\n"
  return head, note and html_of(note, talk, file), behind
end

-- A note about no talk, in the same way.
function M.note(note, id, title, file)
  local meta = {}
  if note.kind and note.kind ~= "note" then add(meta, '<span class="kind">' .. escape(note.kind) .. "</span>") end
  add(meta, note.author and escape(note.author.name))
  local head = opening(id, title, note.lang) .. line("meta", meta) .. conflict(note)
  local behind = tags(note.tags, note.body) .. "</article>\n"
  return head, html_of(note, nil, file), behind
end

return M
