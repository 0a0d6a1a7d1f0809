-- Papers: what a post reports on that has no speaker's line, under the name by which the post calls it.
--
-- Two ways of writing: a list of titles, each with a comment; and prose (prose.lua), where a paragraph introduces a paper
-- by a phrase. A phrase alone convinces only where the post is about papers.

local blocks = require "report.blocks"
local forms = require "report.forms"
local layout = require "report.layout"
local prose = require "report.prose"
local words = require "report.words"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

-- How often POST speaks of papers.
function M.count(L, post)
  local s = lower(sub(L.text, L.s[post.first], math.min(L.e[post.last], L.s[post.first] + 200000)))
  local n = 0
  for _ in s:gmatch "%f[%a]papers?%f[%A]" do n = n + 1 end
  if find(s, "submissions", 1, true) and find(s, "accepted", 1, true) then n = n + 1 end
  return n
end

-- Two words with capitals: a title only beside longer ones.
local function short_title(s)
  return find(s, "^%u[%w'-]+ %u[%w'-]+[?!]?$") ~= nil or find(s, "^%u[%w'-]+ %l%l?%l? %u[%w'-]+[?!]?$") ~= nil
end

-- The title with which block B begins, whether its comment is in the same line or below, and how much it is a title.
local function commented(L, b)
  if b.mark == "bullet" or b.mark == "hash" then return nil end
  local w = layout.words_of(L, b.first)
  local s
  if w then s = w.text
  elseif L:length(b.first) < 2000 then s = L:get(b.first) else return nil end
  local at = s:match "()%.%s+%l" or s:match "()%.%s+%-+%s+" or s:match "()%s+%-+%s+%l"
  if at and at > 8 and at <= 200 then
    local title = forms.title(sub(s, 1, at - 1))
    if title and not find(title, "%.%s") then
      if blocks.title_case(title) then return title, "same line", 1 end
      if short_title(title) then return title, "same line", 0 end
    end
  end
  if w and #s <= 200 and b.last > b.first then
    local title = forms.title_line(s)
    -- The first line of a paragraph that is wrapped.
    local last = match(s, "(%l+)$")
    if last and words.small[last] or find(s, '.["\u{201c}]%u') or find(s, '^["\u{201c}]') and not find(s, '["\x9d].?$') then
      return nil
    end
    if title and (blocks.title_case(title) or find(title, "^%u%u[%u%d-]+:%s")) then return title, "below", 1 end
    if title and short_title(title) then return title, "below", 0 end
  end
end

local function by_titles(L, post, list)
  local found, rest, long = {}, 0, 0
  for _, b in ipairs(list) do
    local title, how, sure = commented(L, b)
    if title then
      long = long + sure
      local w = layout.words_of(L, b.first)
      local at = find(L.text, title, L.s[b.first], true) or L.s[b.first]
      found[#found + 1] = { form = "title-comment", line = b.first, last = b.first, block = b, title = title,
        people = {}, at = at, w = w, how = how }
    elseif b.gap > 0 then
      rest = rest + 1
    end
  end
  if not post.event and M.count(L, post) == 0 then return {} end
  if #found < 3 or long < 2 or long * 2 < #found or #found < rest * 0.75 then return {} end
  local talks = find(lower(post.title), "talk", 1, true) and not find(lower(post.title), "paper", 1, true)
  for _, item in ipairs(found) do
    item.kind = talks and "talk" or "paper"
    item.why = ("a title with a comment %s, like %d places of this post"):format(item.how == "below" and "below it"
      or "behind it", #found)
    item.confidence = #found >= 5 and 0.9 or 0.8
  end
  return found
end

-- Papers in POST, which has no talks in a layout of its own.
function M.find(L, post, ctx)
  local list = blocks.of(L, post)
  local found = by_titles(L, post, list)
  if #found > 0 then return found end
  local papers = M.count(L, post)
  post.papers = papers
  local sure
  found, sure = prose.find(L, post, list, ctx)
  local out = {}
  local topical = (papers >= 3 or sure >= 2 or sure >= 1 and #found >= 2 and papers >= 1) and (post.event or papers >= 2)
  for _, item in ipairs(found) do
    if item.kind ~= "paper" then
      item.confidence = 0.7
      out[#out + 1] = item
    elseif topical and (item.strength >= 1.5 or papers >= 1) then
      item.confidence = item.strength >= 2 and 0.85 or 0.7
      out[#out + 1] = item
    elseif item.strength >= 2 and (post.event or papers >= 1) then
      item.confidence = 0.7
      out[#out + 1] = item
    end
  end
  if #out == 0 then post.cuts = nil end
  return out
end

return M
