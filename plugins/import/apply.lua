-- Apply: records as an importer gave them, with the changes of a person made to them.
--
-- The one idea: a record that no change touches is passed on as it came; one that does is copied first. Which note owns which bytes
-- is another's question (owners.lua).

local cards = require "import.cards"
local owners = require "import.owners"
local values = require "import.values"

local M = {}

local function copy(record)
  local out = {}
  for key, value in pairs(record) do out[key] = value end
  return out
end

local Work = {}
Work.__index = Work

-- What is wrong with CHANGE. In a plan this does not return; what was remembered is left out and told.
function Work:refuse(change, key, message)
  self.fail(change, change.at and change.at[key] or change.line, message)
  change.refused = true
end

-- ---- fields ---------------------------------------------------------------------------------------------------

-- The field KEY is empty: one that is only absent would say nothing.
local function clear(record, key)
  record[key] = nil
  record.clear = table.move(record.clear or {}, 1, #(record.clear or {}), 1, {})
  table.insert(record.clear, key)
end

local function set_people(self, record, change, list)
  local out = {}
  for i, text in ipairs(list) do
    local person, why = values.person(text)
    if not person then return self:refuse(change, i, ("'%s' %s"):format(text, why)) end
    out[i] = person
  end
  if out[1] then record.speakers = out else clear(record, "speakers") end
end

local function set_awards(record, list, of_event)
  local out = {}
  for i, text in ipairs(list) do out[i] = values.award(text, of_event) end
  if out[1] then record.awards = out elseif of_event then record.awards = nil else clear(record, "awards") end
end

local function set_time(record, text)
  record.fields = copy(record.fields or {})
  record.fields.time = text or nil
  if next(record.fields) == nil then clear(record, "fields") end
end

local function set_single(self, record, change, key, text)
  if key == "time" then return set_time(record, text) end
  if not text or key == "event" and text == cards.NONE then
    clear(record, key)
    return
  end
  local value, why = values.single(key, text)
  if value == nil then return self:refuse(change, key, ("'%s': '%s' %s"):format(key, text, why)) end
  record[key] = value
end

local function by_hand(set)
  local names = {}
  for key in pairs(set) do names[#names + 1] = key end
  table.sort(names)
  return table.concat(names, ", ")
end

-- Give RECORD what CHANGE says; lines are settled later.
function Work:set_fields(record, change)
  for key, value in pairs(change.set) do
    if key == "people" then set_people(self, record, change, value)
    elseif key == "award" then set_awards(record, value)
    elseif key == "title" or key == "kind" then record[key] = value
    elseif key ~= "lines" then set_single(self, record, change, key, value) end
  end
  if change.set.kind and record.kind_as_written then clear(record, "kind_as_written") end
  local had = type(record.why) == "string" and not change.add and "; " .. record.why or ""
  record.why = change.add and "added by hand" or
    (change.on and "taken by hand" or "corrected by hand") .. (next(change.set) and " (" .. by_hand(change.set) .. ")" or "") .. had
  record.confidence = 1
end

-- ---- posts ----------------------------------------------------------------------------------------------------

-- The event of a post is that of all in it which had the same.
local function change_event(self, post, text)
  local old, new = post.card.event, text and values.event(text) or nil
  for i, record in ipairs(self.records) do
    local from = self.source:range(record)
    local mine = record.type == "note" and self.source.post_of[self.original[record] or record] == post
    if not mine and record.type ~= "note" then mine = from and from >= post.low and from < post.high end
    local has = record.type == "event" and cards.event_text(record) or cards.event_text(record.event)
    if mine and has == old and not (record.type == "event" and not new) and not (record.type == "talk" and self.set_event[record]) then
      local out = self:own(i)
      if record.type == "event" then out.name, out.year, out.full_name = new.name, new.year, nil
      elseif new then out.event = new
      else clear(out, "event") end
    end
  end
end

local function change_post(self, change)
  local post, set = self.source.posts[change.post], change.set
  local record = self:own(self.index[post.record])
  if set.title then record.title = set.title end
  if set.kind then record.kind = set.kind end
  if set.author then record.author = set.author elseif set.author == false then clear(record, "author") end
  record.why = ("corrected by hand (%s)%s"):format(by_hand(set), type(record.why) == "string" and "; " .. record.why or "")
  if set.event ~= nil then change_event(self, post, set.event) end
  if not set.award then return end
  if post.event_record then
    local i = self.index[post.event_record]
    set_awards(self:own(i), set.award, true)
    if not set.award[1] then self.gone[i] = true end
  elseif set.award[1] and cards.event_text(record.event) then
    local event = type(record.event) == "table" and record.event or values.event(record.event)
    local told = { type = "event", name = event.name, year = event.year, bytes = { post.from, post.to }, why = "added by hand" }
    set_awards(told, set.award, true)
    self.records[#self.records + 1] = told
  else
    self:refuse(change, "award", "an award of a person is its event's, and the post has no event")
  end
end

-- The record at I as one that may be changed.
function Work:own(i)
  local record = self.records[i]
  if not self.original[record] then
    local out = copy(record)
    self.original[out] = record
    self.records[i] = out
  end
  return self.records[i]
end

-- ---- all of it ------------------------------------------------------------------------------------------------

local function change_items(self, changes, own)
  for _, change in ipairs(changes) do
    local item = change.item and self.source.items[change.item]
    local i = item and self.index[item.record]
    if change.off then
      self.gone[i] = true
      self.off[item] = true
      local note = own[item]
      if note then
        local out = self:own(self.index[note])
        out.title, out.why, out.confidence = owners.first_line(self.source, self.source:range(note)), "text; its item was taken out by hand", nil
        self.untitled[note] = true
        if out.title == "" then out.title = cards.line(note.title or "text") end
      end
    elseif item then
      local record = self:own(i)
      self:set_fields(record, change)
      local note = own[item]
      if note and change.set.title and note.title == item.record.title then self:own(self.index[note]).title = change.set.title end
      if change.set.event ~= nil then self.set_event[record] = true end
      if change.on then record.type = "talk" end
      self.changed[item] = change
    elseif change.add then
      local record = { type = "talk" }
      self:set_fields(record, change)
      change.record = record
      if change.set.event then self.set_event[record] = true end
      self.records[#self.records + 1] = record
    end
  end
end

-- What is new in a post is of its event, where the person did not say otherwise.
local function give_events(self, changes)
  for _, change in ipairs(changes) do
    local record = change.record
    local from = record and record.bytes and record.bytes[1]
    local post = from and self.source:post_at(from)
    if post and change.set.event == nil then record.event = self.records[self.index[post.record]].event end
  end
end

--- The records of SOURCE with CHANGES. FAIL(change, line, message): for a plan it does not return; where it does the change is
--- left out.
function M.records(source, changes, fail)
  local self = setmetatable({ source = source, fail = fail, records = table.move(source.records, 1, #source.records, 1, {}),
    count = #source.records, index = {}, original = {}, gone = {}, off = {}, changed = {}, claims = {}, blanks = {},
    untitled = {}, set_event = {} }, Work)
  for i, record in ipairs(source.records) do
    self.index[record] = i
    if record.type == "proposal" then self.gone[i] = true end
  end
  local own = owners.passages(source)
  change_items(self, changes, own)
  for _, change in ipairs(changes) do
    if change.on then self.gone[self.index[source.items[change.item].record]] = nil end
    if change.post then change_post(self, change) end
  end
  owners.settle(self, changes, own)
  give_events(self, changes)
  local dropped, out = {}, {}
  for _, change in ipairs(changes) do if change.refused and change.record then dropped[change.record] = true end end
  for i, record in ipairs(self.records) do
    if not self.gone[i] and not dropped[record] then out[#out + 1] = record end
  end
  return out
end

return M
