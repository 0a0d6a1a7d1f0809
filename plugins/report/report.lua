-- From one text to records: posts, and inside each the talks and papers with the passages that are about them.

local awards = require "report.awards"
local blocks = require "report.blocks"
local clock = require "report.clock"
local emit = require "report.emit"
local events = require "report.events"
local fill = require "report.fill"
local labels = require "report.labels"
local layout = require "report.layout"
local lines = require "report.lines"
local links = require "report.links"
local mentions = require "report.mentions"
local names = require "report.names"
local papers = require "report.papers"
local parts = require "report.parts"
local people = require "report.people"
local posts = require "report.posts"
local prose = require "report.prose"
local questions = require "report.questions"
local sections = require "report.sections"
local series = require "report.series"
local speech = require "report.speech"
local tables = require "report.tables"

local M = {}

local VOCABULARY <const> = 2 * 1024 * 1024

local function by_line(a, b) return a.line < b.line end

local function append(list, more)
  for _, item in ipairs(more) do list[#list + 1] = item end
end

local function take(post, items)
  for _, item in ipairs(items) do for i = item.line, item.last do post.taken[i] = true end end
end

local LONG <const> = 20000
local MOST_ITEMS <const> = 10000 -- of one post; a text that seems to hold more is kept as text from there on
local READ <const> = 200000 -- bytes that tell what a post is about
local WORKS <const> = 1000 -- that an award may be said of

-- Each stretch of the post, item by item, for the awards told in it.
local function read_awards(L, post, ctx)
  local function stretch(from, to, item)
    if from > to then return end
    local stop = L.e[to]
    if stop - L.s[from] > LONG then stop = L.s[from] + LONG end
    awards.read(blocks.flatten(L.text:sub(L.s[from], stop)), L.s[from] - 1, item, post, ctx)
  end
  local cuts = {}
  for _, line in ipairs(post.cuts or {}) do cuts[#cuts + 1] = { line } end
  for _, item in ipairs(post.items) do
    if not (item.inside and item.form == "prose") then cuts[#cuts + 1] = { item.heading or item.line, item } end
  end
  table.sort(cuts, function(a, b) if a[1] ~= b[1] then return a[1] < b[1] end return a[2] == nil and b[2] ~= nil end)
  local at, current = post.body, nil
  for _, cut in ipairs(cuts) do
    stretch(at, cut[1] - 1, current)
    at, current = cut[1], cut[2]
  end
  stretch(at, post.last, current)
end

-- "Moot 2019: Tutorials": what all items of a page are.
local function kind_of_items(title)
  if title:find("tutorial", 1, true) or title:find "[:-]%s*workshops$" then return "tutorial" end
  if title:find "[:-]%s*keynotes$" then return "keynote" end
  if title:find "[:-]%s*posters$" then return "poster" end
  if title:find "[:-]%s*demos$" then return "demo" end
  if title:find "%f[%a]papers%f[%A]" and not title:find("talk", 1, true) then return "paper" end
end

-- The day of a meeting that says of itself to be one day long.
local function only_day(L, post)
  if not post.event or post.body > post.last then return nil end
  local s = L.text:sub(L.s[post.first], math.min(L.e[post.last], L.s[post.first] + 600))
  if not s:find "[Oo]ne[- ]day" and not s:find "1[- ]day" then return nil end
  local date, _, stop = clock.date(s:sub(1, 300))
  if date and not clock.date(s:sub(stop + 1, stop + 300)) then return date end
end

-- "T1: Title", "T2: Title": a letter and a number before most titles of a programme are no part of them.
local function uncode(items)
  local coded, letters = {}, {}
  for _, item in ipairs(items) do
    local letter, rest = item.title:match "^(%u%u?)%d%d?[:.]%s+(%S.*)$"
    if letter then
      coded[#coded + 1] = { item, rest }
      letters[letter] = (letters[letter] or 0) + 1
    end
  end
  if #coded < 2 or #coded < #items * 0.6 then return end
  for _, c in ipairs(coded) do
    local letter = c[1].title:match "^%u%u?"
    if letters[letter] >= 2 then c[1].title = c[2] end
  end
end

-- Everything that POST reports.
local function analyse(job, L, post, ctx)
  post.taken = {}
  post.about = post.event ~= nil or events.vocabulary(L.text:sub(L.s[post.first], math.min(L.e[post.last], L.s[post.first] + READ)))
  post.kind_of_items = kind_of_items(post.title:lower())
  layout.prepare(L, post)
  local items = tables.find(L, post, ctx)
  append(items, labels.find(L, post, ctx))
  take(post, items)
  append(items, series.find(L, post, ctx))
  local whole = #items == 0 and layout.whole(L, post, ctx) or {}
  if whole[1] then
    items = whole
  else
    local more = layout.find(L, post, ctx)
    fill.employers(L, post, more)
    fill.groups(L, post, more)
    append(items, more)
    append(items, prose.talks(L, post, items, ctx))
  end
  table.sort(items, by_line)
  uncode(items)
  if #items > MOST_ITEMS then
    job:warn(("%d of %d items of this post were kept as text: at most %d are taken; split the file"):format(#items - MOST_ITEMS,
      #items, MOST_ITEMS), { line = ctx.line_at(L.s[items[MOST_ITEMS + 1].line] - 1) })
  end
  for i = #items, MOST_ITEMS + 1, -1 do items[i] = nil end
  post.items = items
  local listed = papers.count(L, post) > 0
  for _, item in ipairs(items) do
    local time = item.w and item.w.time or item.above and item.above.time
    if time and not item.from then item.from, item.to = time[1], time[2] end
    -- A title in quotes with its authors, in a report about papers.
    if item.by and listed and not item.kind then item.kind = "paper" end
  end
  local day = only_day(L, post)
  for _, item in ipairs(items) do item.day = item.day or day end
  if #items > 0 then
    parts.find(L, post)
    sections.find(L, post)
  end
  if #items == 0 then post.items = speech.find(L, post, ctx) end
  if #post.items == 0 then
    post.items = papers.find(L, post, ctx)
    table.sort(post.items, by_line)
    parts.find(L, post)
  end
  local mentioned = mentions.find(L, post, ctx)
  post.works = table.move(post.items, 1, math.min(#post.items, WORKS), 1, {})
  append(post.works, mentioned)
  read_awards(L, post, ctx)
  append(post.items, mentioned)
  append(post.items, post.named or {})
  for _, doubt in ipairs(post.doubts or {}) do doubt.number = ctx.line_at(L.s[doubt.line] - 1) end
  post.questions = questions.find(L, post, ctx)
  post.links = links.find(L, post)
  for _, link in ipairs(post.links) do link.value.line = ctx.line_at(link.at) end
  post.people = people.find(L, post, ctx)
  post.blocks, post.templates = nil, nil
end

-- The text with line feeds, byte for byte where it was, and what tells the line of a byte. Old machines end lines by a carriage
-- return alone.
local function text_of(source)
  local text = source:text()
  if text:find("\n", 1, true) or not text:find("\r", 1, true) then
    return text, function(at) return source:line_at(at) end
  end
  text = text:gsub("\r", "\n")
  local starts, at = { 0 }, 0
  return text, function(byte)
    while at and starts[#starts] <= byte do
      at = text:find("\n", at + 1, true)
      if at then starts[#starts + 1] = at end
    end
    local low, high = 1, #starts
    while low < high do
      local middle = (low + high + 1) // 2
      if starts[middle] <= byte then low = middle else high = middle - 1 end
    end
    return low
  end
end

function M.import(source, job)
  local text, line_at = text_of(source)
  local L = lines.read(text, 1, #text)
  if L.unread then
    job:warn(("%d lines were kept as text and not read: at most %d are; split the file"):format(L:left(), lines.MOST),
      { line = line_at(L.unread - 1) })
  end
  local head = #text > VOCABULARY and text:sub(1, VOCABULARY) or text
  local ctx = { vocabulary = names.vocabulary(head), initials = names.legend(head:sub(1, 65536)),
    line_at = line_at }
  local list = posts.find(L, source.stem)
  for _, post in ipairs(list) do analyse(job, L, post, ctx) end
  emit.all(source, job, L, list)
end

function M.detect(source)
  local head = source:head(4096)
  if head:find "[Pp]osted by " then return 90, "a byline" end
  return 20, "text"
end

return M
