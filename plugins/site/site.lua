-- The whole site: a plan without texts first, then the pages, each written as soon as its texts are here; so memory holds the
-- plan, one batch of texts, and what the search keeps of each text.

local lectern = require "lectern"
local feed = require "site.feed"
local frame = require "site.frame"
local lists = require "site.lists"
local note_page = require "site.note"
local planning = require "site.plan"
local search = require "site.search"
local talk_page = require "site.talk"
local view = require "site.view"
local html = lectern.html

local M = {}

local BATCH <const> = 64

local Site = {}
Site.__index = Site

-- What the search and the feed keep of the text on ITEM's page.
function Site:remember(item, shown)
  item.words = html.text(shown, self.plan.text_bytes)
  if self.in_feed[item] then
    local summary = html.text(shown, feed.BYTES)
    item.summary = #summary > feed.BYTES - 8 and summary:gsub("%s+%S*$", "") .. " …" or summary
  end
end

function Site:step(n)
  self.done = self.done + n
  if self.done % 200 < n then self.job:progress(self.done, self.total, "pages") end
end

-- For a thing that went away while its page was being made: what the plan knows.
local function faint(item) return { title = item.title, kind = item.kind, session = item.session, start = item.start, room = item.room } end

local function talks(self)
  local list = self.plan.talks
  for at = 1, #list, BATCH do
    local batch, ids, note_ids = table.move(list, at, math.min(#list, at + BATCH - 1), 1, {}), {}, {}
    for i, item in ipairs(batch) do
      ids[i] = item.id
      for _, id in ipairs(item.notes or {}) do note_ids[#note_ids + 1] = id end
    end
    local talk_of, note_of = {}, {}
    for talk in planning.by_ids("talk", ids, true) do talk_of[talk.id] = talk end
    for note in planning.by_ids("note", note_ids, true) do note_of[note.id] = note end
    for _, item in ipairs(batch) do
      local notes = {}
      for _, id in ipairs(item.notes or {}) do notes[#notes + 1] = note_of[id] end
      talk_page.write(self, item, talk_of[item.id] or faint(item), notes)
    end
    self:step(#batch)
  end
end

local function posts(self)
  for _, item in ipairs(self.plan.posts) do
    local ids, full = { item.id }, {}
    for _, part in ipairs(item.parts or {}) do
      if part.inline then ids[#ids + 1] = part.id end
    end
    for note in planning.by_ids("note", ids, true) do full[note.id] = note end
    note_page.write(self, item, full[item.id] or faint(item), full)
    self:step(1)
  end
end

local function base_of(url)
  if not url then return "" end
  local base = html.address(url)
  if not base or base:find "[?#]" then
    lectern.fail(("'%s' is no address a site can have"):format(url), { code = "E_USAGE", hint = "such as https://example.org/talks/" })
  end
  return (base:gsub("/*$", "/"))
end

function M.export(out, args, job)
  if not out.folder then
    lectern.fail("a site is a folder of files", { code = "E_USAGE", hint = "lectern export site --output FOLDER" })
  end
  local base = base_of(args.url)
  local plan = planning.make(out.query, job)
  local plain = ("%s, %s and %s"):format(view.counted(#plan.events, "event", "events"), view.counted(#plan.talks, "talk", "talks"),
    view.counted(plan.read, "note", "notes"))
  local values = { site = html.label(args.title, "Talk notes"), counts = plain .. ".", plain = plain,
    changed = plan.changed ~= "" and view.time(plan.changed:sub(1, 10)) or "unknown" }
  local self = setmetatable({ out = out, plan = plan, job = job, values = values, in_feed = {}, done = 0,
    total = #plan.talks + #plan.posts + #plan.events + #plan.people + #plan.tags }, Site)
  self.frame = frame.new(out, values)
  local newest = feed.choose(plan)
  for _, item in ipairs(newest) do self.in_feed[item] = true end
  for _, name in ipairs { "style.css", "search.js", "icon.svg" } do
    out:file(name)
    out:write(frame.text(name))
  end
  lists.write(self, function(page, item)
    page(self, item)
    self:step(1)
  end)
  talks(self)
  posts(self)
  search.write(self)
  feed.write(self, newest, base)
  out:attach(plan.attached)
end

return M
