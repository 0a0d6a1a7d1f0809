-- Cards: what an importer found in one source, as posts and items whose fields are short texts that a person can read and change.
--
-- The one idea: a card is text on both sides. A field that reads as it did is left as the importer gave it, whatever it is made
-- of; only what a person wrote anew is taken apart (values.lua). Knows records and lines, not plans.

local M = {}

-- Fields with one text each, in the order in which plans have them; then those that may stand several times.
M.SINGLE = { "event", "session", "start", "end", "time", "room", "building", "url", "slides_url", "video_url" }
M.ROLES = { "speaker", "author", "presenter", "organiser", "panelist" }
M.KINDS = { "talk", "keynote", "tutorial", "paper", "mention", "panel", "poster", "lightning", "demo", "discussion", "other" }
M.POSTS = { "post", "note", "programme", "digest", "scratch" }
M.NONE = "-" -- as the event of an item in a post that has one

local sub, find, byte = string.sub, string.find, string.byte

--- S in one line with single blanks, without what a terminal or an editor would obey.
function M.line(s)
  s = tostring(s):gsub("\xC2[\x80-\x9F]", " "):gsub("\xE2\x80[\xA8-\xAE]", " "):gsub("\xE2\x81[\xA6-\xA9]", " ")
  s = s:gsub("[%s%c]+", " ")
  return sub(s, byte(s, 1) == 32 and 2 or 1, byte(s, -1) == 32 and -2 or -1)
end

-- What lectern.null and nothing have in common.
local function given(v) return type(v) == "string" and v or type(v) == "number" and tostring(v) or nil end

function M.event_text(event)
  if type(event) == "string" then return M.line(event) end
  if type(event) ~= "table" or not given(event.name) then return nil end
  return M.line(event.name .. (given(event.year) and " " .. math.tointeger(event.year) or ""))
end

local function person_text(p)
  if type(p) == "string" then return M.line(p) end
  local where = type(p.affiliations) == "table" and #p.affiliations > 0 and " (" .. table.concat(p.affiliations, "; ") .. ")"
  return M.line((p.name or "") .. (where or ""))
end

local function people_of(list)
  local out = {}
  for i, p in ipairs(type(list) == "table" and list or {}) do
    out[i] = (type(p) == "table" and given(p.role) or "speaker") .. ": " .. person_text(p)
  end
  return out
end

local function awards_of(list)
  local out = {}
  for i, award in ipairs(type(list) == "table" and list or {}) do
    local name = type(award) == "table" and award.name or award
    local person = type(award) == "table" and award.person
    if type(person) == "table" then person = person.name end
    out[i] = M.line(tostring(name) .. (given(person) and " (" .. person .. ")" or ""))
  end
  return out
end

-- ---- lines ----------------------------------------------------------------------------------------------------

local Source = {}
Source.__index = Source

-- Where lines start, 0-based. Texts of old machines end theirs by a carriage return.
local function line_starts(text)
  local mark = find(text, "\n", 1, true) and "\n" or "\r"
  local starts, n, at = { 0 }, 1, 0
  while true do
    at = find(text, mark, at + 1, true)
    if not at or at >= #text then return starts, n end
    n = n + 1
    starts[n] = at
  end
end

--- The line, from 1, that byte AT (0-based) is on.
function Source:line_at(at)
  local low, high = 1, self.lines
  while low < high do
    local middle = (low + high + 1) // 2
    if self.starts[middle] <= at then low = middle else high = middle - 1 end
  end
  return low
end

--- The bytes of whole lines, 0-based and half-open.
function Source:span(first, last) return self.starts[first], self.starts[last + 1] or #self.text end

function Source:line(n)
  local from, to = self:span(n, n)
  return sub(self.text, from + 1, to)
end

function Source:blank(from, to) return from >= to or not find(sub(self.text, from + 1, to), "%S") end

--- The lines of the bytes FROM to TO without blank ones at their ends.
function Source:lines_of(from, to)
  local first = find(self.text, "%S", from + 1)
  if not first or first > to then return self:line_at(from), self:line_at(math.max(from, to - 1)) end
  local last = to
  while last > first and find(sub(self.text, last, last), "%s") do last = last - 1 end
  return self:line_at(first - 1), self:line_at(last - 1)
end

--- What of the source RECORD is about, as bytes; nothing where it does not say.
function Source:range(record)
  local bytes, span = record.bytes, record.span
  if type(bytes) == "table" and bytes[1] then return bytes[1], bytes[2] end
  if type(span) == "table" and self.starts[span[1]] then return self:span(span[1], math.min(span[2], self.lines)) end
end

-- ---- cards ----------------------------------------------------------------------------------------------------

-- The note without part_of that NOTE belongs to.
local function root_of(note, by_key)
  for _ = 1, 64 do
    local above = given(note.part_of) and by_key[note.part_of]
    if not above then return note end
    note = above
  end
  return note
end

local function post_card(self, note)
  local card = { kind = given(note.kind) or "note", title = M.line(note.title or ""), event = M.event_text(note.event),
    author = given(note.author) and M.line(note.author), award = {} }
  if card.author == "" then card.author = nil end
  local from, to = self:range(note)
  return { record = note, card = card, from = from or 0, to = to or 0 }
end

local function item_card(self, record, post)
  local card = { kind = given(record.kind) or "talk", title = M.line(record.title or ""), people = people_of(record.speakers),
    award = awards_of(record.awards) }
  for _, key in ipairs(M.SINGLE) do
    local value = given(record[key])
    if value and key ~= "event" then card[key] = M.line(value) end
  end
  card.time = type(record.fields) == "table" and given(record.fields.time) and M.line(record.fields.time) or nil
  local above = post and post.card.event
  card.event = M.event_text(record.event)
  if card.event == above then card.event = nil elseif above and not card.event then card.event = M.NONE end
  local from, to = self:range(record)
  if from then card.first, card.last = self:lines_of(from, to) end
  return { record = record, card = card, from = from, to = to, post = post, proposal = record.type == "proposal" }
end

-- The post that byte AT lies in.
function Source:post_at(at)
  local low, high = 0, #self.posts
  while low < high do
    local middle = (low + high + 1) // 2
    if self.posts[middle].low <= at then low = middle else high = middle - 1 end
  end
  local post = self.posts[low]
  return post and at < math.max(post.high, post.low + 1) and post or nil
end

local function place_posts(self, by_key)
  self.posts, self.post_of = {}, {}
  for _, record in ipairs(self.records) do
    if record.type == "note" then
      local root = root_of(record, by_key)
      local post = self.post_of[root]
      if root == record then
        post = post_card(self, record)
        self.posts[#self.posts + 1] = post
        self.post_of[record] = post
        post.low, post.high = post.from, post.to
      elseif post then
        self.post_of[record] = post
        local from, to = self:range(record)
        post.low, post.high = math.min(post.low, from or post.low), math.max(post.high, to or post.high)
      end
    end
  end
  table.sort(self.posts, function(a, b) return a.low < b.low end)
end

-- Awards of persons are told as events of their own; they belong to the post that they stand in.
local function place_awards(self)
  for _, record in ipairs(self.records) do
    local from = record.type == "event" and record.awards and self:range(record)
    local post = from and self:post_at(from)
    if post and M.event_text(record) == post.card.event and not post.event_record then
      post.event_record, post.card.award = record, awards_of(record.awards)
    end
  end
end

--- HELD is what the host gives of one source: text, records, sha256, version.
function M.read(held)
  local self = setmetatable({ text = held.text, records = held.records, items = {} }, Source)
  self.starts, self.lines = line_starts(self.text)
  local by_key = {}
  for _, record in ipairs(self.records) do
    if record.type == "note" and given(record.key) then by_key[record.key] = record end
  end
  self.by_key = by_key
  place_posts(self, by_key)
  place_awards(self)
  for order, record in ipairs(self.records) do
    if record.type == "talk" or record.type == "proposal" then
      local from = self:range(record)
      local note = given(record.note) and by_key[record.note]
      local item = item_card(self, record, note and self.post_of[note] or from and self:post_at(from))
      item.note, item.order = note, order
      self.items[#self.items + 1] = item
    end
  end
  table.sort(self.items, function(a, b)
    if (a.from or 0) ~= (b.from or 0) then return (a.from or 0) < (b.from or 0) end
    return a.order < b.order
  end)
  for i, post in ipairs(self.posts) do post.n = i end
  for i, item in ipairs(self.items) do item.n = i end
  return self
end

return M
