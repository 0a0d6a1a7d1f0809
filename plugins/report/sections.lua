-- What stands around the talks of a post: sessions, days, and where the text about the last talk ends.
--
-- A session's heading stands directly above a talk and looks like the other session headings of the post; a heading
-- with
-- text below it belongs to the talk it stands in.

local blocks = require "report.blocks"
local clock = require "report.clock"
local kinds_of = require "report.kinds"
local layout = require "report.layout"
local marks = require "report.marks"
local posts = require "report.posts"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

local chairs <const> = { "^session chair", "^chair", "^moderat", "^sitzungsleitung", "^leitung", "^modera%f[%A]",
  "^chaired by", "^host:", "^summari[sz]ed by", "^reported by", "^scribe", "^notes by", "^presided" }

local function is_chair(s)
  local low = lower(s)
  for _, p in ipairs(chairs) do if find(low, p) then return true end end
  return false
end

-- How a line is set apart: "#", "=", "-" (ruled), "caps", "", and how deep.
local function look(L, i)
  local w = layout.words_of(L, i)
  if not w then return "", 0 end
  if w.mark == "hash" then return "#", #match(w.sign, "^#+") end
  if w.mark == "equals" then return "==", #w.sign end
  local below = i < L.n and L.gap[i + 1] == 0 and layout.words_of(L, i + 1)
  if below and below.rule then return sub(below.text, 1, 1), 1 end
  if w.mark ~= "bullet" and find(w.sign, "[*_]") then return "bold", 1 end
  if #w.text >= 4 and find(w.text, "%u%u%u") and not find(w.text, "%l") then return "caps", 1 end
  return "", 0
end
M.look = look

local session_words <const> = { "session", "track", "block", "sitzung", "sesi\u{f3}n", "teil", "part" }

local function says_session(s)
  local low = lower(s)
  for _, word in ipairs(session_words) do
    if find(low, "^" .. word .. "%f[%A]") or find(low, "%f[%a]" .. word .. "$") or find(low, "%f[%a]" .. word ..
      ":") then return true end
  end
  return false
end

-- The name in a session's heading: without its chair and a colon at the end.
local function name_of(s)
  s = s:gsub("^[Ss]ession:%s*", ""):gsub("^[Tt]rack:%s*", ""):gsub("%s+%-%-?%s+[Cc]haired by.*$", "")
  local chair = match(s, "()[Cc]hair:?%s") or match(s, "()[Cc]haired by%s")
  if chair and chair > 4 and marks.tail(sub(s, 1, chair - 1)) ~= sub(s, 1, chair - 1):gsub("%s+$", "") then s = sub(s,
    1, chair - 1) end
  return marks.tail(s)
end

local series <const> = { "^posters?$", "^poster sessions?$", "^posters and demos$", "^demos?$", "^demos and posters$",
  "^demonstrations$", "^lightning talks?$", "^lightning round$", "^lightning session$", "^works?[- ]in[- ]progress$",
  "^works?[- ]in[- ]progress session$", "^works?[- ]in[- ]progress talks$", "^wips?$", "^wip session$", "^wip talks$",
  "^birds[- ]of[- ]a[- ]feather$", "^birds[- ]of[- ]a[- ]feather sessions?$", "^bofs?$", "^bof sessions?$", "^keynotes$",
  "^invited talks$", "^panels$", "^tutorials$", "^short papers$", "^short talks$", "^full papers$", "^long talks$",
  "^industry track$", "^industry session$", "^industrial track$", "^research track$", "^student session$",
  "^student talks$", "^doctoral symposium$", "^rump session$", "^flash talks$", "^contributed talks$",
  "^main track$", "^main conference$", "^technical sessions$", "^technical session$" }

-- Whether S names a series of talks, as a heading does: "Posters", "Lightning talks".
local function is_series(s)
  local low = lower(s):gsub("^the%s+", ""):gsub("%s*:$", "")
  for _, p in ipairs(series) do if find(low, p) then return true end end
  return false
end

-- Headings of POST with text between them and the first talk below: line -> whether it is a line of a timetable.
local function apart_of(L, post)
  local apart, heads = {}, {}
  for _, item in ipairs(post.items) do for i = item.line, item.last do heads[i] = true end end
  for i = post.body, post.last do
    local w = not heads[i] and L:length(i) <= 90 and layout.words_of(L, i)
    if w and not w.rule and w.mark ~= "bullet" and not find(w.text, "[.!?,;]$") then
      local open = L.gap[i] > 0 or i == post.body
      local alone = open and (i == post.last or L.gap[i + 1] > 0)
      if w.time and w.time[2] and open then
        if says_session(w.text) or is_series(w.text) or kinds_of.is_break(w.text) then apart[i] = "timed" end
      elseif not w.time and alone and (is_series(w.text) or find(lower(w.text), "^session%s+%w+%s*[:.-]%s*%a")
        or find(lower(w.text), "^session%s+%d+$")) then
        apart[i] = "alone"
      end
    end
  end
  return apart
end

-- Lines of POST that are headings of days: line -> date or false.
local function days_of(L, post)
  local days = {}
  local year = post.event and post.event.year
  local heads = {}
  for _, item in ipairs(post.items) do for i = item.line, item.last do heads[i] = true end end
  for i = post.body, post.last do
    local w = not heads[i] and L:length(i) <= 80 and layout.words_of(L, i)
    if w and not w.rule and w.mark ~= "bullet" and not w.time then
      local is, date = clock.day(w.text, year)
      if is and (L.gap[i] > 0 or i == post.body or L:indent(i) == 0) then days[i] = date or false end
    end
  end
  return days
end

-- The heading right above ITEM, where there is one: its line, and how much it looks like one.
local function heading_above(L, post, item, floor, days)
  local i = item.line - 1
  local steps = 0
  while i > floor and steps < 5 do
    local w = layout.words_of(L, i)
    if not w then return nil end
    if w.rule or is_chair(w.text) then
      i, steps = i - 1, steps + 1
    elseif days[i] ~= nil then
      return nil
    else
      break
    end
  end
  if i <= floor or steps >= 5 then return nil end
  local w = layout.words_of(L, i)
  if not w or post.parts[i] or L:slot(i) or #w.text > 90 or not find(w.text, "[%a\x80-\xff]") or find(w.text, "^%[.*%]$") then return nil end
  if w.time and not (says_session(w.text) or kinds_of.is_kind(w.text)) then return nil end
  local low = lower(w.text)
  if layout.is_template(post, w.text) and not says_session(w.text) and not kinds_of.is_kind(w.text) and not is_series(w.text) then
    return nil
  end
  if find(low, "accepted papers", 1, true) or find(low, "^programme?%f[%A]") or find(low, "^schedule%f[%A]")
    or find(low, "^agenda%f[%A]") or find(low, "^technical programme?$") then return nil end
  local kind, depth = look(L, i)
  local mine, my_depth = look(L, item.line)
  local strong = w.time ~= nil or says_session(w.text) or find(w.text, "[Cc]haired by") or kind ~= ""
    and (kind ~= mine or depth < my_depth)
    or L:indent(i) < L:indent(item.line) or item.line - i > 1 and is_chair(layout.words_of(L, i + 1).text)
  if w.mark == "bullet" and L:indent(i) >= L:indent(item.line) then return nil end
  if find(w.text, "[\"\u{201c}\u{201d}]$") or find(w.text, "%.%s+%u%l") then return nil end
  if not strong and (find(w.text, "[.!?,;]$") or w.mark ~= "" or L.gap[i] == 0 or L.gap[i + 1] == 0) then return nil end
  if strong and find(w.text, "[%l][.!,;]$") then return nil end
  if not strong then
    -- "Things I liked:" is a remark; a session is called by few words or by capitals.
    local capital, count = blocks.capitals(w.text)
    if count > 3 and capital * 2 <= count or find(w.text, "%f[%w]I%f[^%w']") then return nil end
  end
  return i, strong, kind, depth
end

local function deeper(L, item, s)
  local kind, depth = look(L, item.line)
  if s.kind ~= "" and kind == s.kind and depth <= s.depth then return false end
  return L:indent(item.line) >= s.indent and (s.strict and L:indent(item.line) > s.indent or not s.strict)
end

local kinds <const> = { lightning = "lightning", poster = "poster", demo = "demo", keynote = "keynote",
  tutorial = "tutorial", ["birds of a feather"] = "discussion", ["birds-of-a-feather"] = "discussion", bof = "discussion" }

-- The session that the heading in line I begins; nil for a break, which ends one.
local function begin(L, i, timed)
  local w = layout.words_of(L, i)
  if timed and kinds_of.is_break(w.text) or find(lower(w.text), "^main conference") then return nil end
  local kind, depth = look(L, i)
  return { name = name_of(w.text), kind = kind, depth = depth, indent = L:indent(i), strict = false, timed = timed,
    apart = true }
end

-- The heading of ITEM says what it is and not what the talks below are: "Opening keynote".
local function names_kind(L, item, i)
  local w = layout.words_of(L, i)
  local kind, several = kinds_of.is_kind(w.text)
  if not kind or is_series(w.text) or several or kind == "lightning" or kind == "poster" or kind == "demo" then return false end
  if not item.kind then item.kind, item.kind_as_written = kind, w.text end
  if w.time and not item.from then item.from, item.to = w.time[1], w.time[2] end
  item.heading = i
  return true
end

local function apply(L, post, items, heads, days, apart)
  local session, day
  local at = post.body
  for _, item in ipairs(items) do
    for i = at, item.line do
      if apart[i] == "alone" or apart[i] and (apart[i] == "timed" and (not session or session.timed
        or not kinds_of.is_break(layout.words_of(L, i).text))) then
        session = begin(L, i, apart[i] == "timed")
      end
      if post.parts[i] then session = nil end
      if days[i] ~= nil then
        day = days[i] or nil
        if session and not session.strict then session = nil end
      end
    end
    at = item.line + 1
    local h = heads[item]
    if h and names_kind(L, item, h.line) then
      session = nil
    elseif h and apart[h.line] then
      item.heading = h.line
    elseif h then
      local w = layout.words_of(L, h.line)
      local indent = L:indent(h.line)
      session = { name = name_of(w.text), kind = h.kind, depth = h.depth, indent = indent,
        strict = indent < L:indent(item.line) }
      item.heading = h.line
    elseif session and not session.apart and not deeper(L, item, session) then
      session = nil
    end
    item.day = day or item.day
    if session then
      item.session = item.session or session.name
      for word, kind in next, kinds do
        if not item.kind and find(lower(session.name), word, 1, true) then item.kind = kind end
      end
    end
  end
end

-- Lines at which a talk's text ends although no talk begins: footers, and headings set like the talks' own.
local function cuts_of(L, post, items, days, apart)
  local cuts = {}
  local first = items[1]
  if not first then return cuts end
  local heads = {}
  for _, item in ipairs(items) do for i = item.heading or item.line, item.last do heads[i] = true end end
  local kind, depth = look(L, first.line)
  local indent = L:indent(first.line)
  for i = first.last + 1, post.last do
    if not heads[i] and L:length(i) <= 200 then
      local k, d = look(L, i)
      local outer = apart[i] or post.parts[i] or L:indent(i) < indent and L.gap[i] > 0 or kind ~= "" and k == kind and d <= depth or days[i] ~= nil
      if outer or posts.is_footer(L:get(i)) then cuts[#cuts + 1] = i end
    end
  end
  return cuts
end

-- A line that is nothing but a time says when the talk below it is given, where there is one before the next such line.
local function slots(L, post, items)
  local at = 1
  local slot, first, count = nil, nil, 0
  local function close()
    if slot and count == 1 and not first.from then first.from, first.to = slot[1], slot[2] end
  end
  for i = post.body, post.last do
    local time = not post.taken[i] and L:slot(i)
    if time then
      close()
      slot, first, count = time, nil, 0
    end
    while items[at] and items[at].line == i do
      first, count, at = first or items[at], count + 1, at + 1
    end
    while items[at] and items[at].line < i do at = at + 1 end
  end
  close()
end

-- Fills in sessions and days of POST's items.
function M.find(L, post)
  local items = post.items
  local days = days_of(L, post)
  local heads, weak = {}, 0
  local floor = post.body - 1
  for _, item in ipairs(items) do
    local line, sure, kind, depth = heading_above(L, post, item, floor, days)
    if line then
      heads[item] = { line = line, sure = sure, kind = kind, depth = depth }
      if not sure then weak = weak + 1 end
    end
    floor = math.max(floor, item.last)
  end
  for item, h in next, heads do
    if not h.sure and weak < 2 then heads[item] = nil end
  end
  local apart = apart_of(L, post)
  apply(L, post, items, heads, days, apart)
  post.days = days
  slots(L, post, items)
  post.cuts = cuts_of(L, post, items, days, apart)
end

return M
