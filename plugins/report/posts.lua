-- Posts: which stretches of a source are posts, with title, author, date and event.
--
-- A post is introduced by a title and a byline ("Posted by ..."); a source without bylines is one post.

local clock = require "report.clock"
local crowd = require "report.crowd"
local events = require "report.events"
local names = require "report.names"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

-- What stands before an author's name, and whether it says so anywhere or only close to the top.
local bylines <const> = { { "^posted%s+by:?%s+", true }, { "^posted%s+on%s+.-%s+by%s+", true }, { "^published%s+by%s+",
  true },
  { "^submitted%s+by%s+", true }, { "^posted:?%s+.-%s+by%s+", true }, { "^blogged%s+by%s+", true },
    { "^post%s+by%s+", true },
  { "^publicado%s+por%s+", true }, { "^ver\u{f6}ffentlicht%s+von%s+", true },
  { "^publi\u{e9}%s+par%s+", true }, { "^verfasst%s+von%s+" }, { "^escrito%s+por%s+" }, { "^autor[ai]?n?:%s+" },
    { "^von%s+" }, { "^por%s+" }, { "^written%s+by%s+" }, { "^reported%s+by%s+" }, { "^report%s+by%s+" },
    { "^trip%s+report%s+by%s+" }, { "^notes%s+by%s+" },
  { "^notes%s+taken%s+by%s+" }, { "^author:%s+" }, { "^by%s+" }, { "^reporter:%s+" }, { "^scribe:%s+" },
    { "^blogger:%s+" } }

local initial = {}
for _, p in ipairs(bylines) do
  local letter = match(p[1], "%^(%l)")
  initial[letter] = initial[letter] or {}
  table.insert(initial[letter], p)
end

-- "Jo Doe on 3 May 2015 at 10:00 in Travel | 2 comments" -> name, date.
local function author_of(rest)
  local name = match(rest, "^(.-)%s+[Oo]n%s+%u?%l*,?%s*%u?%l*%.?%s*%d") or match(rest, "^(.-)%s*\u{b7}.*$")
    or match(rest, "^(.-)%s*[|<,(].*$") or match(rest, "^(.-)%s+at%s+%d") or rest
  name = name:gsub("%s+%-+%s+.*$", ""):gsub("%s+\u{2013}.*$", ""):gsub("[%s.,;:]+$", "")
  local date = clock.date(sub(rest, #name + 1))
  if name == "" or #name > 60 or select(2, name:gsub("%S+", "")) > 5 then return nil end
  return name, date
end

-- The byline LINE is: author, date, whether it is one wherever it stands.
local function byline(s)
  local candidates = initial[lower(sub(s, 1, 1))]
  if not candidates then return nil end
  local low = lower(s)
  for _, p in ipairs(candidates) do
    local _, stop = find(low, p[1])
    if stop then
      local name, date = author_of(sub(s, stop + 1))
      if not name then return nil end
      if not p[2] and not find(name, "^%S+$") and names.person(name) == 0 then
        -- Several: the first stands for them.
        local who = crowd.read(name)
        if not who then return nil end
        name = who[1].name
      end
      return name, date or clock.date(s), p[2] == true
    end
  end
end

local function titled(s)
  return #s <= 200 and find(s, "[%w\x80-\xff]") and not find(s, "[;,]$") and not find(lower(s), "^filed under")
end

-- A footer that a blog's page puts below a post.
function M.is_footer(s)
  local low = lower(s)
  return #s <= 200 and (find(low, "^filed under") or find(low, "^tagged%s*:?%s") or find(low, "^posted in%s")
    or find(low, "^%d+ comments?$")
    or find(low, "^no comments") or find(low, "^leave a comment") or find(low, "^permalink")
      or find(low, "^share this")) ~= nil
end

-- Whether lines below line I begin like it: who gives talks, then, and not who writes.
local function repeats(L, i)
  local lead, count = match(lower(L:get(i)), "^%a+%s"), 0
  for k = i + 1, math.min(L.n, i + 400) do
    if L:length(k) <= 160 and lower(sub(L.text, L.s[k], L.s[k] + #lead - 1)) == lead then
      count = count + 1
      if count >= 2 then return true end
    end
  end
  return false
end

-- Every byline of L that introduces a post: { title line, byline line, author, date }.
local function introductions(L)
  local found = {}
  for i = 1, L.n do
    if L:length(i) <= 160 and initial[lower(string.char(string.byte(L.text, L.s[i])))] then
      local author, date, anywhere = byline(L:get(i))
      if author and (anywhere or i <= 4) then
        local title = i > 1 and L:length(i - 1) <= 200 and titled(L:get(i - 1)) and i - 1 or nil
        if (title or i == 1) and (anywhere or i <= 2 or not repeats(L, i)) then
          found[#found + 1] = { title = title or i, by = i, author = author, date = date }
          if not anywhere then break end
        end
      end
    end
  end
  return found
end

local function clean(s)
  s = s:gsub("^#+%s+", ""):gsub("^=+%s*(.-)%s*=+$", "%1"):gsub("^%*+(.-)%*+$", "%1")
  return (s:gsub("^[Ss]ubject:%s*", ""):gsub("^[Tt]itle:%s*", ""))
end

local months_only <const> = "^%a+%s+%d%d?,?%s+%d%d%d%d$"

local head_labels <const> = { author = "author", by = "author", authors = "author", reporter = "author",
  from = "author", scribe = "author", date = "date",
  published = "date", posted = "date", when = "date", updated = "date", to = "", cc = "", subject = "", tags = "",
    tag = "", category = "", categories = "",
  ["reply-to"] = "", ["message-id"] = "", sent = "", location = "place", place = "place", event = "event",
    conference = "event", venue = "place", url = "", link = "" }

-- What belongs to the head of POST below its title: a rule, labelled lines, a line with a date.
local function head_lines(L, post, last)
  local steps = 0
  while post.body <= last and L:length(post.body) <= 120 and steps < 12 do
    local s = L:get(post.body)
    local key, value = match(s, "^%**([%a-]+)%**:%**%s+(.+)$")
    local field = key and head_labels[lower(key)]
    if find(s, "^[-=~*_#]+$") and #s >= 3 then
      post.ruled = true
    elseif field then
      if field == "author" and not post.author then
        local name = author_of(value)
        if name and names.person(name) > 0 then post.author, post.byline = name, post.body end
      elseif field == "date" then
        post.date = post.date or clock.date(value)
      elseif field == "event" then
        post.event_said = value
      end
    elseif #s <= 60 and clock.date(s) and (L.gap[post.body] == 0 or not clock.day(s)) and steps <= 2
      and not find(s, "[.!?]$") then
      post.date = post.date or clock.date(s)
      post.dated_head = true
    elseif find(s, months_only) and clock.date(s) then
      post.date = post.date or clock.date(s)
    elseif steps == 0 and L.gap[post.body] == 0 and #s <= 80 and post.title_line == post.body - 1
      and post.body + 1 <= last and #L:get(post.body + 1) <= 60
      and clock.date(L:get(post.body + 1)) and L.gap[post.body + 1] == 0 then
      post.subtitle = s
    else
      break
    end
    post.body, steps = post.body + 1, steps + 1
  end
end

-- The name that a forwarded report is signed with: alone on the last lines that are quoted.
local function signature(L, first, last)
  for i = last, math.max(first, last - 40), -1 do
    local s = L:length(i) <= 60 and L:get(i) or ""
    local quoted = find(sub(L.text, L:start(i), L.s[i]), ">", 1, true)
    if quoted then return names.person(s) > 0 and s or nil, i end
  end
end

-- The head of a mail: title, author, date, and the line its text begins with.
local function mail_head(L, post, first, last)
  local subject
  local i = first
  while i <= last and i - first < 12 and (i == first or L.gap[i] == 0) do
    local key, value = match(L:get(i), "^(%u[%a-]+):%s*(.*)$")
    if not key then return false end
    key = lower(key)
    if key == "subject" then subject, post.title_line = value, i
    elseif key == "from" then post.author, post.byline = (author_of((value:gsub("%s*<[^>]*>", "")))), i
      post.sender = post.author
    elseif key == "date" then post.date = clock.date(value) end
    i = i + 1
  end
  if not subject or not post.author then return false end
  local forwarded = false
  local cut = subject
  repeat
    local word, rest = match(cut, "^(%a%a%a?):%s*(.+)$")
    local low = word and lower(word)
    local mark = low == "re" or low == "fwd" or low == "fw" or low == "aw" or low == "wg"
    if mark then cut, forwarded = rest, forwarded or low ~= "re" and low ~= "aw" end
  until not mark
  if forwarded then
    local signed, line = signature(L, i, last)
    if signed then post.author, post.byline = signed, line end
  end
  post.title, post.body = cut, i
  return true
end

-- The lines of one post: from line FIRST to line LAST of L, the by-line known or not.
local function describe(L, intro, first, last, stem)
  local post = { first = first, last = last, author = intro and intro.author, date = intro and intro.date,
    body = first }
  local top = L:get(first)
  if not intro and find(top, "^From:%s") and mail_head(L, post, first, last) then return post end
  if intro then
    post.title_line = intro.title < intro.by and intro.title or nil
    post.body = intro.by + 1
    post.byline = intro.by
  elseif L:length(first) <= 160 and titled(top) and not find(top, "[.!]%s+%u") and not find(top, "^>>")
    and not find(top, "[%l]%.$") then
    post.title_line, post.body = first, first + 1
  end
  if post.title_line then
    local s = clean(L:get(post.title_line))
    post.title = s
  else
    post.title = stem
    post.untitled = true
  end
  head_lines(L, post, last)
  return post
end

-- The text of the first lines below the head, at most BYTES.
local function opening(L, post, bytes)
  if post.body > post.last then return "" end
  return sub(L.text, L.s[post.body], math.min(L.e[post.last], L.s[post.body] + bytes))
end

-- "Moot - Day 1" -> "Moot".
local function without_day(title)
  return title:match "^(.-%S)%s*[-:,]+%s*[Dd]ay%s+%w+$" or title:match "^(.-%S)%s*\u{2013}%s*[Dd]ay%s+%w+$" or title
end

local function event_of(L, post)
  local event = not post.untitled and events.of_title(post.title)
  local lead = opening(L, post, 400)
  lead = match(lead, "^(.-)\n%s*\n.-\n%s*\n") or lead
  if event then
    if not event.year then
      local near = events.of_text(lead)
      event.year = near and near.year
    end
    return event
  end
  if not post.untitled and #post.title <= 100 then
    local full = events.strip(post.title)
    local short, said = events.abbreviated(full, lead)
    if short and events.sounds(full) then return { name = short, year = said, full_name = full } end
    if events.is_called(post.title, lead) or events.sounds(post.title) and select(2, post.title:gsub("%S+",
      "")) <= 8 then
      local near = events.of_text(lead)
      local year = near and find(lower(lead), lower(post.title) .. " " .. near.year, 1, true) and near.year or nil
      year = year or post.dated_head and post.date and tonumber(match(post.date, "^%d%d%d%d"))
      return { name = without_day(post.title), year = year }
    end
  end
  local name = not post.untitled and events.strip(post.title)
  if name and name ~= post.title and #name >= 3 and #name <= 60 and events.is_called(name,
    lead) then return { name = name } end
  return not post.untitled and events.of_heading(post.title, lead) or events.of_text(lead)
end

-- A name that stands alone below the title of a report, above its prose, is its author's.
local function lone_author(L, post)
  local i = post.body
  if post.author or not post.event or not post.title_line or i ~= post.title_line + 1 or i >= post.last then return end
  local s = L:length(i) <= 60 and L:get(i) or ""
  if names.person(s) == 1 and L.gap[i + 1] > 0 and L:length(i + 1) >= 80 then
    post.author, post.byline, post.body = s, i, i + 1
  end
end

-- The posts of the text that L are the lines of, in order; each has first and last line, title, author, date, event.
function M.find(L, stem)
  local list = {}
  if L.n == 0 then return list end
  local found = introductions(L)
  local starts = {}
  for _, intro in ipairs(found) do starts[#starts + 1] = math.min(intro.title, intro.by) end
  if #found == 0 then
    list[1] = describe(L, nil, 1, L.n, stem)
  else
    if starts[1] > 1 then
      -- Text before the first post is a post's head when it is short, else a post of its own.
      if L.s[starts[1]] - L.s[1] > 400 then list[1] = describe(L, nil, 1, starts[1] - 1, stem) else starts[1] = 1 end
    end
    for k, intro in ipairs(found) do
      list[#list + 1] = describe(L, intro, starts[k], (starts[k + 1] or L.n + 1) - 1, stem)
    end
  end
  for _, post in ipairs(list) do
    post.event = event_of(L, post)
    lone_author(L, post)
  end
  return list
end

return M
