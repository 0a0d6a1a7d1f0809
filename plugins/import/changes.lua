-- Changes: how a plan differs from what was found. A change is plain data:
--
--     { item = 3, off = true }                                    not imported; its text stays
--     { item = 3, set = { title = ..., lines = { 12, 20 } } }     fields as a person wrote them; false: taken out
--     { item = 9, on = true, set = ... }                          a proposal that is a talk
--     { post = 1, set = ... }
--     { add = true, set = ... }                                   an item that was not found
--
-- The one idea: fields are compared as texts, card with card, so a plan that nobody touched has no changes.

local lectern = require "lectern"
local cards = require "import.cards"

local M = {}

-- What differs of the fields KEYS between the card FOUND and the card WRITTEN; nothing where nothing does.
local function differing(found, written, keys)
  local set
  local function differs(key, value)
    set = set or {}
    set[key] = value
  end
  for _, key in ipairs(keys) do
    if found[key] ~= written[key] then differs(key, written[key] or false) end
  end
  for _, key in ipairs { "people", "award" } do
    if not lectern.equal(found[key] or {}, written[key] or {}) then differs(key, written[key]) end
  end
  if written.first and (written.first ~= found.first or written.last ~= found.last) then
    differs("lines", { written.first, written.last })
  end
  return set
end

local ITEM <const> = { "kind", "title", table.unpack(cards.SINGLE) }
local POST <const> = { "kind", "title", "author", "event" }

-- Where a change stands in the plan; for messages, not remembered.
local function placed(change, block)
  change.line, change.at = block.line, block.at
  return change
end

local function of_item(source, written, fail)
  local found = source.items[written.n]
  if not found then
    fail(written.line, ("there is no item %d, the source has %d; leave the number out where an item is new")
      :format(written.n, #source.items))
  end
  if not written.on then
    return not found.proposal and placed({ item = written.n, off = true }, written) or nil
  end
  local set = differing(found.card, written.card, ITEM)
  if not set and not found.proposal then return nil end
  return placed({ item = written.n, on = found.proposal or nil, set = set or {} }, written)
end

local function added(written, fail)
  if not written.on then return nil end
  if not written.card.first then
    fail(written.line, "a new item wants its lines, 'lines: 12-20', below it")
  end
  return placed({ add = true, set = differing({ }, written.card, ITEM) }, written)
end

--- SOURCE: what was found (cards.read). WRITTEN: the same source in the plan. FAIL(line, message) does not return.
function M.between(source, written, fail)
  local list = {}
  for n, post in pairs(written.posts) do
    if not source.posts[n] then
      fail(post.line, ("there is no post %d, the source has %d"):format(n, #source.posts))
    end
  end
  for n, post in ipairs(source.posts) do
    local block = written.posts[n]
    local set = block and differing(post.card, block.card, POST)
    if set then list[#list + 1] = placed({ post = n, set = set }, block) end
  end
  for _, item in ipairs(written.items) do
    list[#list + 1] = item.n and of_item(source, item, fail) or not item.n and added(item, fail) or nil
  end
  for _, item in ipairs(source.items) do
    if not item.proposal and not written.numbers[item.n] then
      list[#list + 1] = { item = item.n, off = true, line = written.line, at = written.at }
    end
  end
  local function place(change)
    return change.post or 0, change.item or 0, change.add and change.set.lines[1] or 0
  end
  table.sort(list, function(a, b)
    local p, i, l = place(a)
    local q, j, m = place(b)
    if p ~= q then return p < q end
    if i ~= j then return i < j end
    if l ~= m then return l < m end
    return a.line < b.line
  end)
  return list
end

--- The card FOUND as it reads after SET.
function M.view(found, set)
  local card = {}
  for key, value in pairs(found) do card[key] = value end
  for key, value in pairs(set or {}) do
    if key == "lines" then card.first, card.last = value[1], value[2] else card[key] = value or nil end
  end
  return card
end

return M
