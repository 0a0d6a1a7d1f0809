-- From one text to records: posts, and inside each the talks and papers with the passages that are about them.

local emit = require "report.emit"
local labels = require "report.labels"
local layout = require "report.layout"
local lines = require "report.lines"
local names = require "report.names"
local posts = require "report.posts"
local sections = require "report.sections"
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

-- Everything that POST reports.
local function analyse(L, post, ctx)
  post.taken = {}
  layout.prepare(L, post)
  local items = tables.find(L, post, ctx)
  append(items, labels.find(L, post, ctx))
  take(post, items)
  local more = layout.find(L, post, ctx)
  layout.groups(L, post, more)
  append(items, more)
  table.sort(items, by_line)
  post.items = items
  sections.find(L, post)
end

function M.import(source, job)
  local text = source:text()
  local L = lines.read(text, 1, #text)
  local head = #text > VOCABULARY and text:sub(1, VOCABULARY) or text
  local ctx = { vocabulary = names.vocabulary(head), initials = names.legend(head:sub(1, 65536)) }
  local list = posts.find(L, source.stem)
  for _, post in ipairs(list) do analyse(L, post, ctx) end
  emit.all(source, job, L, list)
end

function M.detect(source)
  local head = source:head(4096)
  if head:find "[Pp]osted by " then return 90, "a byline" end
  return 20, "text"
end

return M
