-- The text of a note as HTML: Markdown or plain text, without the lines at its top that say again what the head of the page
-- says, with [[links]] to other pages of the site.

local lectern = require "lectern"
local attachments = require "lectern.attachments"
local plain = require "site.plain"
local html = lectern.html
local text = lectern.text

local M = {}

-- How Markdown is rendered whose headings begin at a level.
local from_level = {}
for level = 1, 6 do from_level[level] = { safe = true, base = level, abroad = true, dialogue = true } end

local function key(s) return " " .. text.key(s) .. " " end

-- Words that stand between a title and names, and say nothing more.
local between = {}
for word in ([[and by with of the from und von mit y e de et par keynote talk talks paper tutorial panel demo discussion lightning
  poster opening closing session speaker speakers presenter prof dr both all posted author verfasst publicado por]]):gmatch "%S+" do
  between[word] = true
end

-- Whether LINE says only the title and the people that are in the head.
local function said(line, head)
  if #line > 400 then return false end
  local rest, hits = key(line), 0
  for _, known in ipairs(head) do
    local from, to = rest:find(known, 1, true)
    if from then rest, hits = rest:sub(1, from) .. rest:sub(to), hits + 1 end
  end
  if hits == 0 then return false end
  for word in rest:gmatch "%S+" do
    if not between[word] and not word:find "^%d+$" then return false end
  end
  return true
end

-- Whether LINE is a link to one of TALK's own addresses, which its head shows.
local function leads_there(line, talk)
  local url = line:match "^%s*%[[^%[%]]*%]%(([^()%s]+)%)%s*$" or line:match "^%s*<?(https?://[^%s<>]+)>?%s*$"
  return url and talk and (url == talk.url or url == talk.slides_url or url == talk.video_url)
end

-- BODY without a last line of #tags, which the page shows below it.
local function without_tags(body, tags)
  local stop = #body + 1
  while stop > 1 and body:byte(stop - 1) <= 32 do stop = stop - 1 end
  local from = stop
  while from > 1 and stop - from <= 400 and body:byte(from - 1) ~= 10 do from = from - 1 end
  local line = body:sub(from, stop - 1)
  if #line > 400 or not line:find "^#[%w_]" then return body end
  local known = {}
  for _, tag in ipairs(tags or {}) do known[tag:lower()] = true end
  for word in line:gmatch "%S+" do
    if not known[word:sub(2):lower()] or word:sub(1, 1) ~= "#" then return body end
  end
  return body:sub(1, from - 1)
end

-- What the head of the page says: the titles, speakers and their firms, as keys, longest first.
local function head_of(talk, title)
  local head = {}
  local function add(s)
    local k = s and key(s)
    if k and #k > 3 then head[#head + 1] = k end
  end
  add(title)
  if talk then
    add(talk.title)
    for _, s in ipairs(talk.speakers or {}) do
      add(s.name)
      for _, firm in ipairs(s.affiliations or {}) do add(firm) end
    end
  end
  table.sort(head, function(a, b) return #a > #b end)
  return head
end

-- BODY without the lines at its top that repeat the head; a line that only names a session goes with them.
local function without_head(body, talk, title)
  local head, from = head_of(talk, title), 1
  local session = talk and talk.session and key(talk.session)
  for _ = 1, 8 do
    local start = body:find("%S", from)
    if not start then break end
    local line_start = start
    while line_start > from and body:sub(line_start - 1, line_start - 1) ~= "\n" do line_start = line_start - 1 end
    local stop = body:find("\n", start, true) or #body
    local line = body:sub(start, stop)
    if line:find "^%s*[=-][=-][=-]+%s*$" and from > 1 then
      from = stop + 1
    elseif #line <= 400 and line:find "%w"
      and (session and key(line) == session or said(line, head) or leads_there(line, talk)) then
      from = stop + 1
    else
      from = line_start
      break
    end
  end
  return body:sub(from)
end

local function is_plain(note)
  local source = note.sources and note.sources[1]
  return source ~= nil and source.importer ~= "markdown" and not source.path:lower():find "%.m[dk][%a]*$"
end

local function linked(out, root, plan)
  if not out:find("[[", 1, true) then return out end
  return html.outside_code(out, function(part)
    return (part:gsub("%[%[([^%[%]|\n<>]+)|?([^%[%]\n<>]*)%]%]", function(target, words)
      local file = plan:titled(target)
      words = words ~= "" and words or target
      return file and ('<a href="%s%s">%s</a>'):format(root, file, words) or words
    end))
  end)
end

-- Words that once were a link and have lost their address, marked as such where they stand.
local function with_lost(out, links)
  for _, link in ipairs(links or {}) do
    local words = link.lost and link.text and html.escape(link.text)
    local from, to = nil, nil
    if words and #words > 3 then from, to = out:find(words, 1, true) end
    local edge = from and out:sub(1, from - 1):match "([<>])[^<>]*$"
    if from and edge ~= "<" then
      out = out:sub(1, from - 1) .. '<span class="lost" title="This was a link; its address is lost">' .. words .. "</span>"
        .. out:sub(to + 1)
    end
  end
  return out
end

-- Where the site has what links in NOTE's text mean; the plan remembers what is to be put there.
local function files_of(note, options)
  if #(note.attachments or {}) == 0 then return nil end
  local meant = attachments.of(note)
  return function(url, shown)
    local entry = meant(url)
    local place = entry and (not shown or attachments.is_picture(entry)) and attachments.place(entry)
    if place then options.plan.attached[place] = entry.sha256 end
    return place and options.root .. place
  end
end

local function how(note, options)
  local file = files_of(note, options)
  if not file then return from_level[options.base] end
  local own = { file = file }
  for name, value in next, from_level[options.base] do own[name] = value end
  return own
end

local LONG <const> = 1536 * 1024 -- bytes of a text whose layout would take more memory than there is

-- NOTE's text for a page at ROOT, headings from level BASE on. TALK (or nil) is what the page is about, TITLE its head.
function M.html(note, options)
  local body = note.body or ""
  if #body > LONG then return '<pre class="long">' .. html.escape(body) .. "</pre>\n" end
  if options.title or options.talk then body = without_head(body, options.talk, options.title) end
  body = without_tags(body, note.tags)
  if not body:find "%S" then return "" end
  local out = is_plain(note) and plain.html(body, options.base) or html.markdown(body, how(note, options))
  return with_lost(linked(out, options.root, options.plan), note.links)
end

function M.abstract(talk, options)
  if not talk.abstract or not talk.abstract:find "%S" then return "" end
  return linked(html.markdown(talk.abstract, from_level[options.base]), options.root, options.plan)
end

-- Questions of a note that its text, as HTML, does not hold word for word: those are read in their place.
function M.questions(note, shown)
  local out = {}
  local flat = html.text(shown, #shown)
  local function missing(s) return s and s ~= "" and not flat:find(text.squeeze(html.clean(s)):sub(1, 80), 1, true) end
  for _, q in ipairs(note.questions or {}) do
    if missing(q.q) or missing(q.a) then
      out[#out + 1] = '<p class="question">' .. html.label(q.q) .. (q.asker and ' <span class="hint">' .. html.label(q.asker)
        .. "</span>" or "") .. '</p>\n<p class="answer">' .. (q.a and html.label(q.a) or '<span class="hint">No answer was written down.</span>')
        .. "</p>\n"
    end
  end
  return table.concat(out)
end

return M
