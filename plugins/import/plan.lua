-- Plans: the text file in which a person reads and corrects what an import would make. Writes it and reads it back.
--
-- The one idea: line by line, a box to tick for each item, `key: text` below it; what is not there is not there. A plan is
-- read as any stranger's file: bounded, and the first thing that is wrong is told with its line and ends it. Whether it
-- fits the source is another's question (changes.lua).

local cards = require "import.cards"

local M = {}

local find, match = string.find, string.match

M.BYTES = 8 * 1024 * 1024
local LINES <const> = 400000
local LONG <const> = 65536
local MARK <const> = "# lectern plan 1"
local SHOWN <const> = 100 -- bytes of the line that an item was read from

local HELP <const> = [[
#
# Nothing is imported yet. Correct this file, then:   lectern import --plan THIS-FILE
#
#   [x] is imported; untick it, or delete it, and its text stays in the post. [ ] may be a talk: tick it if it is one.
#   Change any text behind a colon; delete a line whose text is wrong. lines: first and last line in the source.
#   Merge two items: untick one, and let the lines of the other reach over both. Split one: shorten its lines and add
#   an item for the rest. Add an item: a box without a number, [x] talk: Title, and below it at least lines: 12-20.
#   The number of an item says which one you mean: leave it as it is.
#   Items are: talk keynote tutorial paper mention panel poster lightning demo discussion other. Below them may stand
#   speaker: author: presenter: organiser: panelist: Name (Org; Org), each as often as needed; session: room: building:
#   start: end: YYYY-MM-DDTHH:MM; event: NAME YEAR, or - where it has none; award: url: slides_url: video_url:
]]

-- ---- writing --------------------------------------------------------------------------------------------------

local function put_fields(out, card, lines)
  local function put(key, value)
    if value and value ~= "" then out[#out + 1] = "    " .. key .. ": " .. value end
  end
  if lines and card.first then put("lines", card.first == card.last and tostring(card.first) or card.first .. "-" .. card.last) end
  put("author", card.author)
  for _, person in ipairs(card.people or {}) do out[#out + 1] = "    " .. person end
  for _, key in ipairs(cards.SINGLE) do put(key, card[key]) end
  for _, award in ipairs(card.award or {}) do put("award", award) end
end

local function plain(s) return s:lower():gsub("[%s%p]+", "") end

-- Why it was taken for what it is, and the line that it was read from where that says more than its title.
local function put_reason(out, source, item)
  local record = item.record
  local sure = type(record.confidence) == "number" and ("%.2g "):format(record.confidence) or ""
  if type(record.why) == "string" then out[#out + 1] = "    # " .. sure .. cards.line(record.why) end
  local line = item.from and cards.line(source:line(item.card.first)) or ""
  if plain(line) ~= plain(item.card.title) then
    if #line > SHOWN then line = line:sub(1, (utf8.offset(line, 0, SHOWN) or SHOWN) - 1) .. " ..." end
    out[#out + 1] = "    # | " .. line
  end
end

local function put_item(out, source, item)
  local box = item.on and "[x] " or "[ ] "
  local card = item.view
  out[#out + 1] = box .. (item.n and item.n .. " " or "") .. card.kind .. ": " .. card.title
  put_fields(out, card, true)
  if item.proposal and not item.on then out[#out + 1] = "    # kept as text, too weak to be sure:" end
  if item.record then put_reason(out, source, item) end
  out[#out + 1] = ""
end

local function put_post(out, source, post)
  out[#out + 1] = ("%s %d: %s"):format(post.view.kind, post.n, post.view.title)
  put_fields(out, post.view)
  local first, last = source:lines_of(post.low, post.high)
  out[#out + 1] = ("    # lines %d-%d%s"):format(first, last,
    type(post.record.why) == "string" and ", " .. cards.line(post.record.why) or "")
  out[#out + 1] = ""
end

--- One source: SOURCE as cards.read gives it, its items with `view` (the card as it is shown) and `on`, added ones among them.
--- AT: {path, importer, version, sha256}.
function M.write_source(out, at, source, items)
  out[#out + 1] = "source " .. at.path
  out[#out + 1] = "    importer: " .. at.importer .. " " .. at.version
  out[#out + 1] = "    sha256: " .. at.sha256
  out[#out + 1] = ""
  local i, n = 1, #items
  for _, post in ipairs(source.posts) do
    while i <= n and (items[i].from or 0) < post.low do
      put_item(out, source, items[i])
      i = i + 1
    end
    put_post(out, source, post)
  end
  while i <= n do
    put_item(out, source, items[i])
    i = i + 1
  end
end

function M.begin() return { MARK .. ": what `lectern import` would make of these files", (HELP:gsub("\n$", "")), "" } end

-- ---- reading --------------------------------------------------------------------------------------------------

-- The nearest of WORDS to WORD, for typing errors of one or two letters.
local function nearest(word, words)
  local best, best_far = nil, #word > 3 and 3 or 2
  if #word > 32 then return nil end
  for _, other in ipairs(words) do
    local row = {}
    for j = 0, #other do row[j] = j end
    for i = 1, #word do
      local corner = row[0]
      row[0] = i
      for j = 1, #other do
        local cost = corner + (word:byte(i) == other:byte(j) and 0 or 1)
        corner = row[j]
        row[j] = math.min(cost, row[j] + 1, row[j - 1] + 1)
      end
    end
    if row[#other] < best_far then best, best_far = other, row[#other] end
  end
  return best
end

local ITEM_KEYS <const> = { "lines", "event", "session", "start", "end", "time", "room", "building", "url", "slides_url",
  "video_url", "award", "speaker", "author", "presenter", "organiser", "panelist" }
local POST_KEYS <const> = { "author", "event", "award" }
local SOURCE_KEYS <const> = { "importer", "sha256" }

local function set(list)
  local out = {}
  for _, word in ipairs(list) do out[word] = true end
  return out
end
local roles <const>, kinds <const>, posts <const> = set(cards.ROLES), set(cards.KINDS), set(cards.POSTS)

local Reader = {}
Reader.__index = Reader

-- S as it may stand in a message.
local function quoted(s)
  s = cards.line(s)
  if #s > 60 then s = s:sub(1, (utf8.offset(s, 0, 60) or 60) - 1) .. "..." end
  return "'" .. s .. "'"
end

function Reader:wrong(line, format, ...) self.fail(line, format:format(...)) end

function Reader:unknown(line, what, word, words)
  local near = nearest(word, words)
  self:wrong(line, "unknown %s %s; %s", what, quoted(word), near and "did you mean '" .. near .. "'?"
    or "it may be one of " .. table.concat(words, ", "))
end

function Reader:open(kind, block, line)
  block.line, block.at = line, {}
  self.block, self.kind = block, kind
end

function Reader:source_header(path, line)
  path = cards.line(path)
  if not find(path, "^/") and path ~= "-" then self:wrong(line, "a source is named by its whole path, not %s", quoted(path)) end
  if find(path .. "/", "/%.%.?/") or find(path, "//", 1, true) then
    self:wrong(line, "a path without '.', '..' and '//' is wanted, not %s", quoted(path))
  end
  if self.seen[path] then self:wrong(line, "the source %s stands in line %d already", quoted(path), self.seen[path]) end
  self.seen[path] = line
  local source = { path = path, items = {}, posts = {}, numbers = {} }
  self.sources[#self.sources + 1] = source
  self.source = source
  self:open("source", source, line)
end

function Reader:need_source(line, what)
  if not self.source then self:wrong(line, "%s before the first 'source PATH'", what) end
end

function Reader:item_header(box, number, kind, title, line)
  self:need_source(line, "an item")
  kind = kind:lower()
  if box ~= " " and box ~= "" and box ~= "x" and box ~= "X" then
    self:wrong(line, "a box is [x] or [ ], not %s", quoted("[" .. box .. "]"))
  end
  if not kinds[kind] then self:unknown(line, "kind of item", kind, cards.KINDS) end
  local n = number ~= "" and (#number < 9 and math.tointeger(tonumber(number)) or 0) or nil
  if n and self.source.numbers[n] then
    self:wrong(line, "item %d stands in line %d already; leave out the number of the one that is new", n, self.source.numbers[n])
  end
  if n then self.source.numbers[n] = line end
  local item = { n = n, on = box == "x" or box == "X", card = { kind = kind, title = cards.line(title), people = {}, award = {} } }
  if item.on and item.card.title == "" then self:wrong(line, "the %s has no title", kind) end
  self.source.items[#self.source.items + 1] = item
  self:open("item", item, line)
end

function Reader:post_header(kind, number, title, line)
  self:need_source(line, "a post")
  if not posts[kind] then
    self:unknown(line, "kind of post", kind, cards.POSTS)
  end
  local n = #number < 9 and math.tointeger(tonumber(number)) or 0
  if self.source.posts[n] then self:wrong(line, "post %d stands in line %d already", n, self.source.posts[n].line) end
  local post = { n = n, card = { kind = kind, title = cards.line(title), award = {} } }
  if post.card.title == "" then self:wrong(line, "the %s has no title", kind) end
  self.source.posts[n] = post
  self:open("post", post, line)
end

local function read_lines(self, text, line)
  local first, last = match(text, "^(%d+)%s*%-%s*(%d+)$")
  if not first then
    first = match(text, "^%d+$")
    last = first
  end
  first, last = first and #first < 10 and math.tointeger(tonumber(first)), last and #last < 10 and math.tointeger(tonumber(last))
  if not first or not last or first < 1 then self:wrong(line, "'lines' wants a first and a last line: 12-20, not %s", quoted(text)) end
  if last < first then self:wrong(line, "lines %d-%d end before they begin", first, last) end
  return first, last
end

function Reader:once(key, line)
  local at = self.block.at
  if at[key] then self:wrong(line, "'%s' stands in line %d already", key, at[key]) end
  at[key] = line
end

function Reader:field(key, text, line)
  text = cards.line(text)
  if text == "" then return end
  if not self.kind then self:wrong(line, "'%s' before the first 'source PATH'", key) end
  local valid = self.kind == "item" and ITEM_KEYS or self.kind == "post" and POST_KEYS or SOURCE_KEYS
  local known = false
  for _, word in ipairs(valid) do known = known or word == key end
  if not known then self:unknown(line, "key", key, valid) end
  local card = self.block.card
  if self.kind == "item" and roles[key] then
    card.people[#card.people + 1] = key .. ": " .. text
    self.block.at[#card.people] = line
  elseif key == "award" then
    card.award[#card.award + 1] = text
  else
    self:once(key, line)
    if key == "lines" then card.first, card.last = read_lines(self, text, line)
    elseif self.kind == "source" then self.source[key] = text
    else card[key] = text end
  end
end

function Reader:one(s, line)
  if s == "" or find(s, "^#") then return end
  local box, number, kind, title = match(s, "^%[([^%]]*)%]%s*(%d*)%s*%.?%s*([%a_]+)%s*:%s*(.*)$")
  if box then return self:item_header(match(box, "^%s*(.-)%s*$"), number, kind, title, line) end
  if find(s, "^%[") then self:wrong(line, "an item looks like '[x] 3 talk: Title', not %s", quoted(s)) end
  local path = match(s, "^source:?%s+(.+)$")
  if path then return self:source_header(path, line) end
  local post, n, name = match(s, "^(%l+)%s+(%d+)%s*:%s*(.*)$")
  if post then return self:post_header(post, n, name, line) end
  local key, text = match(s, "^([%a_][%w_]*)%s*:%s*(.*)$")
  if not key then self:wrong(line, "neither an item nor 'key: text': %s", quoted(s)) end
  return self:field(key:lower(), text, line)
end

function Reader:finish()
  if not self.source then self:wrong(1, "it names no source") end
  for _, source in ipairs(self.sources) do
    if not source.importer then self:wrong(source.line, "the source has no 'importer'") end
    if not source.sha256 then self:wrong(source.line, "the source has no 'sha256'") end
    if not find(source.sha256, "^%x+$") or #source.sha256 ~= 64 then
      self:wrong(source.at.sha256, "'sha256' wants 64 hexadecimal digits")
    end
    source.sha256 = source.sha256:lower()
  end
  return self.sources
end

--- Is TEXT a plan, whatever is wrong with it?
function M.is_plan(text) return find(text:sub(1, 64):gsub("^\xEF\xBB\xBF", ""), "^# lectern plan %d") ~= nil end

--- The sources of a plan: {path, importer, sha256, items, posts, line}. FAIL(line, message) does not return.
function M.read(text, fail)
  if #text > M.BYTES then fail(1, ("a plan has at most %d MiB"):format(M.BYTES // 1048576)) end
  if find(text, "\0", 1, true) or not utf8.len(text) then fail(1, "this is no text") end
  if not M.is_plan(text) then fail(1, "this is no plan: a plan begins with '" .. MARK .. "'") end
  local self = setmetatable({ fail = fail, sources = {}, seen = {} }, Reader)
  local n = 0
  for s in (text .. "\n"):gmatch "([^\n]*)\n" do
    n = n + 1
    if n > LINES then fail(n, ("a plan has at most %d lines"):format(LINES)) end
    if #s > LONG then fail(n, ("a line has at most %d bytes"):format(LONG)) end
    if n > 1 then self:one(cards.line(s), n) end
  end
  return self:finish()
end

return M
