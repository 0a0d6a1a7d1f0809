-- From one text to records: posts, and inside each the talks and papers with the passages that are about them.

local emit = require "report.emit"
local labels = require "report.labels"
local layout = require "report.layout"
local lines = require "report.lines"
local names = require "report.names"
local posts = require "report.posts"

local M = {}

local VOCABULARY <const> = 2 * 1024 * 1024

function M.import(source, job)
  local text = source:text()
  local L = lines.read(text, 1, #text)
  local ctx = { vocabulary = names.vocabulary(#text > VOCABULARY and text:sub(1, VOCABULARY) or text) }
  local list = posts.find(L, source.stem)
  for _, post in ipairs(list) do
    post.taken = {}
    local found = labels.find(L, post, ctx)
    for _, item in ipairs(found) do for i = item.line, item.last do post.taken[i] = true end end
    local more = layout.find(L, post, ctx)
    layout.groups(L, post, more)
    for _, item in ipairs(more) do found[#found + 1] = item end
    table.sort(found, function(a, b) return a.line < b.line end)
    post.items = found
  end
  emit.all(source, job, L, list)
end

function M.detect(source)
  local head = source:head(4096)
  if head:find "[Pp]osted by " then return 90, "a byline" end
  return 20, "text"
end

return M
