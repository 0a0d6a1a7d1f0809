-- Records: the bytes of the source divided among notes, and talks with the passages that are about them.
--
-- A post's note owns what stands before its first item; each item has a note of its own, part of the post; so has text
-- between items that belongs to none.

local marks = require "report.marks"
local posts = require "report.posts"

local M = {}

local LISTED <const> = 4000 -- of people, questions, links in one note
local DOUBTS <const> = 50   -- told for one post
local PROPOSED <const> = 1000

local function when(item, post)
  local date = item.date or item.day
  if date and date:find "^%-%-" then
    local year = post.event and post.event.year
    date = year and year .. date:sub(2) or nil
  end
  if not date then return nil, nil end
  if not item.from then return date end
  return date .. "T" .. item.from, item.to and date .. "T" .. item.to or nil
end

local function speakers(item)
  if not item.people or #item.people == 0 then return nil end
  local out = {}
  for i, p in ipairs(item.people) do
    out[i] = { name = p.name, role = p.role, affiliations = #p.affiliations > 0 and p.affiliations or nil }
  end
  return out
end

local function nonempty(t) return t and next(t) ~= nil and t or nil end

local function talk_record(item, post, from, to, key)
  local start, stop = when(item, post)
  local fields = {}
  if item.from and not start then fields.time = item.to and item.from .. "-" .. item.to or item.from end
  if item.as_written then fields.speaker_as_written = item.as_written end
  local event = item.event
  if event == nil then event = post.event end
  return {
    type = "talk", title = item.title, kind = item.kind or post.kind_of_items or "talk",
      kind_as_written = item.kind_as_written,
    speakers = speakers(item), event = event and { name = event.name, year = event.year, full_name = event.full_name, parent = event.parent }
      or nil, session = item.session,
    start = start, ["end"] = stop, room = item.room, building = item.building, awards = nonempty(item.awards),
      note = key, bytes = { from, to },
    fields = nonempty(fields), why = item.why, confidence = item.confidence,
  }
end

local function first_line(text, from, to, fallback)
  local line = text:match("%S[^\r\n]*", from + 1)
  if not line or from >= to then return fallback end
  if #line > 100 then
    line = marks.cut(line, 100):gsub("%s+%S*$", "")
    line = line ~= "" and line .. " ..." or fallback
  end
  return line
end

-- The stretches of POST in order: { start, stop, item? }, 0-based half-open; the first is the post's own.
local function stretches(L, post)
  local cuts = { { start = post.start } }
  for _, item in ipairs(post.items) do
    if not item.inside then
      local head = item.heading or item.line
      cuts[#cuts + 1] = { start = L:start(head) - 1, item = item }
    end
  end
  for _, line in ipairs(post.cuts or {}) do cuts[#cuts + 1] = { start = L:start(line) - 1 } end
  table.sort(cuts, function(a, b) return a.start < b.start end)
  local out = {}
  for _, cut in ipairs(cuts) do
    local last = out[#out]
    if last and cut.start == last.start then last.item = last.item or cut.item else out[#out + 1] = cut end
  end
  for i, s in ipairs(out) do s.stop = out[i + 1] and out[i + 1].start or post.stop end
  return out
end

local function note_kind(post)
  if post.programme then return "programme" end
  local reported = 0
  for _, item in ipairs(post.items) do if item.kind ~= "mention" then reported = reported + 1 end end
  return (post.author or post.event or reported > 1) and "post" or "note"
end

local function by_place(a, b) return a.at < b.at end

-- A reader of LIST, sorted by place: each call gives the values before byte TO that were not given yet.
local function values_of(list)
  local sorted = table.move(list or {}, 1, #(list or {}), 1, {})
  table.sort(sorted, by_place)
  local i = 1
  return function(to)
    local out
    while sorted[i] and sorted[i].at < to do
      out = out or {}
      if #out < LISTED then out[#out + 1] = sorted[i].value end
      i = i + 1
    end
    return out
  end
end

-- Awards of persons are the event's.
local function emit_prizes(job, post)
  if not post.event or not post.prizes then return end
  local awards, from, to = {}, nil, 0
  for i, prize in ipairs(post.prizes) do
    awards[i] = { name = prize.name, person = prize.person }
    from, to = math.min(from or prize.from, prize.from), math.max(to, prize.to)
  end
  job:emit {
    type = "event", name = post.event.name, year = post.event.year, awards = awards, bytes = { from, to },
      why = "awards told in this post",
  }
end

local function passage_why(title) return "passage of '" .. marks.cut(title, 60) .. "'" end

-- What may be talks is told, and proposed to whoever plans the import: each up to the next, or to the end of its passage.
local function emit_doubts(job, L, post)
  local doubts = post.doubts or {}
  if not doubts[1] then return end
  for i = 1, math.min(#doubts, DOUBTS) do
    job:warn(("may be a talk, kept as text: '%s'"):format(marks.cut(doubts[i].title, 100)), { line = doubts[i].number })
  end
  local sorted = table.move(doubts, 1, #doubts, 1, {})
  table.sort(sorted, function(a, b) return a.line < b.line end)
  local parts, at = stretches(L, post), 1
  for i = 1, math.min(#sorted, PROPOSED) do
    local from, after = L:start(sorted[i].line) - 1, sorted[i + 1]
    while parts[at + 1] and parts[at].stop <= from do at = at + 1 end
    local to = math.min(parts[at].stop, after and L:start(after.line) - 1 or post.stop)
    local talk = parts[at].item and L:start(parts[at].item.line) - 1
    if talk and talk > from then to = math.min(to, talk) end
    if from < to and from >= parts[at].start and parts[at].start ~= from then
      local record = talk_record(sorted[i], post, from, to)
      record.type = "proposal"
      job:emit(record)
    end
  end
end

local function emit_post(job, L, post, key)
  local event = post.event and { name = post.event.name, year = post.event.year, full_name = post.event.full_name }
    or nil
  local questions, people, links = values_of(post.questions), values_of(post.people), values_of(post.links)
  local inner = {}
  for _, item in ipairs(post.items) do if item.inside then inner[#inner + 1] = { at = item.at - 1,
    value = item } end end
  local inside = values_of(inner)
  for ord, part in ipairs(stretches(L, post)) do
    local own, item = ord == 1, part.item
    local name = own and key or key .. "." .. (ord - 1)
    job:emit {
      type = "note", key = name, title = own and not (item and post.untitled) and post.title or item and item.title
        or first_line(L.text, part.start, part.stop, post.title),
      kind = own and note_kind(post) or "note", bytes = { part.start, part.stop }, part_of = not own and key or nil,
        ord = not own and ord - 1 or nil,
      author = own and post.author or nil, event = event, questions = questions(part.stop), people = people(part.stop),
        links = links(part.stop),
      why = own and post.why or item and passage_why(item.title) or "text between talks",
      confidence = own and post.confidence or item and item.confidence or nil,
    }
    if item then job:emit(talk_record(item, post, L:start(item.line) - 1, part.stop, name)) end
    for _, other in ipairs(inside(part.stop) or {}) do
      job:emit(talk_record(other, post, other.from_byte - 1, other.to_byte, other.kind ~= "mention" and name or nil))
    end
  end
  emit_prizes(job, post)
  emit_doubts(job, L, post)
end

function M.all(source, job, L, list)
  local text = L.text
  if #list == 0 then
    if #text > 0 then
      job:emit { type = "note", key = "post1", title = source.stem ~= "" and source.stem or "untitled",
        bytes = { 0, #text }, why = "the whole file" }
    end
    return
  end
  for i, post in ipairs(list) do
    post.start = i == 1 and 0 or L:start(post.first) - 1
    post.stop = list[i + 1] and L:start(list[i + 1].first) - 1 or #text
    post.why = post.author and "a title and a byline" or #list == 1 and "the whole file"
      or "text before the first byline"
    emit_post(job, L, post, "post" .. i)
  end
end

M.is_footer = posts.is_footer

return M
