-- Posts: which stretches of a source are posts, with title, author, date and event.
--
-- A post is introduced by a title and a byline ("Posted by ..."); a source without bylines is one post.

local clock = require "report.clock"
local events = require "report.events"
local names = require "report.names"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

-- What stands before an author's name, and whether it says so anywhere or only close to the top.
local bylines <const> = { { "^posted%s+by:?%s+", true }, { "^posted%s+on%s+.-%s+by%s+", true }, { "^published%s+by%s+", true },
  { "^submitted%s+by%s+", true }, { "^posted:?%s+.-%s+by%s+", true }, { "^blogged%s+by%s+", true }, { "^post%s+by%s+", true },
  { "^written%s+by%s+" }, { "^reported%s+by%s+" }, { "^report%s+by%s+" }, { "^trip%s+report%s+by%s+" }, { "^notes%s+by%s+" },
  { "^notes%s+taken%s+by%s+" }, { "^author:%s+" }, { "^from:%s+" }, { "^by%s+" }, { "^reporter:%s+" }, { "^scribe:%s+" }, { "^blogger:%s+" } }

-- "Jo Doe on 3 May 2015 at 10:00 in Travel | 2 comments" -> name, date.
local function author_of(rest)
  local name = match(rest, "^(.-)%s+[Oo]n%s+%u?%l*,?%s*%u?%l*%.?%s*%d") or match(rest, "^(.-)%s*[|\u{b7}<,(].*$") or match(rest, "^(.-)%s+at%s+%d") or rest
  name = name:gsub("%s+%-+%s+.*$", ""):gsub("%s+\u{2013}.*$", ""):gsub("[%s.,;:]+$", "")
  local date = clock.date(sub(rest, #name + 1))
  if name == "" or #name > 60 or select(2, name:gsub("%S+", "")) > 5 then return nil end
  return name, date
end

-- The byline LINE is: author, date, whether it is one wherever it stands.
local function byline(s)
  if #s > 160 then return nil end
  local low = lower(s)
  for _, p in ipairs(bylines) do
    local _, stop = find(low, p[1])
    if stop then
      local name, date = author_of(sub(s, stop + 1))
      if not name then return nil end
      if not p[2] and not find(name, "^%S+$") and names.person(name) == 0 then return nil end
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
  return #s <= 200 and (find(low, "^filed under") or find(low, "^tagged%s*:?%s") or find(low, "^posted in%s") or find(low, "^%d+ comments?$")
    or find(low, "^no comments") or find(low, "^leave a comment") or find(low, "^permalink") or find(low, "^share this")) ~= nil
end

-- Every byline of L that introduces a post: { title line, byline line, author, date }.
local function introductions(L)
  local found = {}
  for i = 1, L.n do
    if L:length(i) <= 160 then
      local author, date, anywhere = byline(L:get(i))
      if author and (anywhere or i <= 4) then
        local title = i > 1 and L:length(i - 1) <= 200 and titled(L:get(i - 1)) and i - 1 or nil
        if title or i == 1 then
          found[#found + 1] = { title = title or i, by = i, author = author, date = date }
          if not anywhere then break end
        end
      end
    end
  end
  return found
end

local function clean(s)
  s = s:gsub("^#+%s+", ""):gsub("^==+%s*(.-)%s*==+$", "%1"):gsub("^%*+(.-)%*+$", "%1")
  return (s:gsub("^[Ss]ubject:%s*", ""):gsub("^[Tt]itle:%s*", ""))
end

local months_only <const> = "^%a+%s+%d%d?,?%s+%d%d%d%d$"

-- The lines of one post: from line FIRST to line LAST of L, the by-line known or not.
local function describe(L, intro, first, last, stem)
  local post = { first = first, last = last, author = intro and intro.author, date = intro and intro.date, body = first }
  local top = L:get(first)
  if intro then
    post.title_line = intro.title < intro.by and intro.title or nil
    post.body = intro.by + 1
    post.byline = intro.by
  elseif L:length(first) <= 160 and titled(top) and not find(top, "[.!]%s+%u") and not find(top, "^>>") and not find(top, "[%l]%.$") then
    post.title_line, post.body = first, first + 1
  end
  if post.title_line then
    local s = clean(L:get(post.title_line))
    post.title = s
  else
    post.title = stem
    post.untitled = true
  end
  -- A rule under the title, or a date alone, belong to the head.
  while post.body <= last and L:length(post.body) <= 100 do
    local s = L:get(post.body)
    if find(s, "^[-=~*_#]+$") and #s >= 3 then post.body = post.body + 1
    elseif find(s, months_only) and clock.date(s) then
      post.date = post.date or clock.date(s)
      post.body = post.body + 1
    else
      break
    end
  end
  return post
end

-- The text of the first lines below the head, at most BYTES.
local function opening(L, post, bytes)
  if post.body > post.last then return "" end
  return sub(L.text, L.s[post.body], math.min(L.e[post.last], L.s[post.body] + bytes))
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
    if events.is_called(post.title, lead) or events.sounds(post.title) and select(2, post.title:gsub("%S+", "")) <= 8 then
      local near = events.of_text(lead)
      local year = near and find(lower(lead), lower(post.title) .. " " .. near.year, 1, true) and near.year or nil
      return { name = post.title, year = year }
    end
  end
  return events.of_text(lead)
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
  for _, post in ipairs(list) do post.event = event_of(L, post) end
  return list
end

return M
