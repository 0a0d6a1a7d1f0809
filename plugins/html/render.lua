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

-- The body of NOTE into TO. Where it is long it is not needed afterwards, and may be most of the memory there is.
local function add_body(to, note, talk, file)
  local body = body_of(note, talk)
  local how = file and { safe = true, below = options.below, file = file } or options
  if #body <= 64 * 1024 then
    to:text(html.markdown(body, how))
    return
  end
  note.body = nil
  for piece in html.pieces(body, how) do to:text(piece) end
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

local times, count = {}, 0 -- many talks begin on one day

-- "2018-10-15T11:00" as <time>.
local function time(when)
  local known = times[when]
  if not known then
    if count == 1000 then times, count = {}, 0 end
    known, count = time_of(when), count + 1
    times[when] = known
  end
  return known
end

function M.event_name(event)
  return event.year and ("%s %d"):format(event.name, event.year) or event.name
end

local function add_speakers(b, speakers)
  for i, s in ipairs(speakers) do
    b:add(i == 1 and '<p class="by">' or ", ", escape(s.name))
    local more = s.affiliations and concat(s.affiliations, "; ") or ""
    if s.role and s.role ~= "speaker" then more = more == "" and s.role or more .. ", " .. s.role end
    if more ~= "" then b:add(" <span>(", escape(more), ")</span>") end
  end
  if speakers[1] then b:add "</p>\n" end
end

-- The tags that BODY does not show itself.
local function add_tags(b, list, body)
  local any = false
  for _, tag in ipairs(list) do
    if not body or not find(body, "#" .. tag, 1, true) then
      b:add(any and " <span>#" or '<p class="tags"><span>#', escape(tag), "</span>")
      any = true
    end
  end
  if any then b:add "</p>\n" end
end

local function marked(object, mark)
  if not object or not object.marks then return false end
  for _, own in ipairs(object.marks) do
    if own == mark then return true end
  end
  return false
end

-- What was changed here and in its source, and is not decided.
local function add_conflict(b, object, other)
  if marked(object, "conflict") or marked(other, "conflict") then
    b:add '<p class="conflict">Changed here and in its source; not decided yet.</p>\n'
  end
end

-- One more fact in the line about an article; ANY: there was one before.
local function add_fact(b, any, ...)
  b:add(any and " · " or '<p class="meta">', ...)
  return true
end

local function add_link(b, any, url, word)
  if not url or not find(url, "^https?://") then return any end
  return add_fact(b, any, '<a href="', escape(url), '">', word, "</a>")
end

local function add_kind(b, kind, usual)
  return kind ~= nil and kind ~= usual and add_fact(b, false, '<span class="kind">', escape(kind), "</span>")
end

-- TITLE is HTML here.
local function open(b, id, title, lang)
  b:add('<article id="', id)
  if lang then b:add('" lang="', escape(lang)) end
  b:add('">\n<h3><a href="#', id, '">', title, "</a></h3>\n")
end

local function close(b, tags, body)
  if tags and tags[1] then add_tags(b, tags, body) end
  b:add "</article>\n"
end

-- A talk with the note about it (or nil) as an article, into TO (html.pieces). ID is its anchor, TITLE its title as HTML;
-- FILE as for lectern.html.markdown, or nil.
function M.talk(to, talk, note, id, title, file)
  local b, abstract, note_body = to.buffer, talk.abstract, note and note.body
  open(b, id, title, talk.lang)
  if talk.speakers then add_speakers(b, talk.speakers) end
  local any = add_kind(b, talk.kind, "talk")
  any = talk.start and add_fact(b, any, time(talk.start)) or any
  any = talk.room and add_fact(b, any, escape(talk.room)) or any
  any = add_link(b, any, talk.url, "page")
  any = add_link(b, any, talk.slides_url, "slides")
  any = add_link(b, any, talk.video_url, "video")
  if any then b:add "</p>\n" end
  add_conflict(b, talk, note)
  if abstract and abstract ~= "" then
    b:add '<div class="abstract">\n'
    to:text(to_html(abstract))
    to.buffer:add "</div>\n"
  end
  if note then add_body(to, note, talk, file) end
  close(to.buffer, talk.tags, note_body)
end

-- A note about no talk, in the same way.
function M.note(to, note, id, title, file)
  local b, body = to.buffer, note.body
  open(b, id, title, note.lang)
  local any = add_kind(b, note.kind, "note")
  any = note.author and add_fact(b, any, escape(note.author.name)) or any
  if any then b:add "</p>\n" end
  add_conflict(b, note)
  add_body(to, note, nil, file)
  close(to.buffer, note.tags, body)
end

return M
