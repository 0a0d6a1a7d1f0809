-- Owners: which note has which bytes, after a person has said where items begin and end.
--
-- The one idea: it is settled anew, once, from claims. Items that have a passage of their own claim it, with the lines that they were
-- given; what nobody claims stays with the note that had it, or becomes a note of text. Works on what apply.lua is at: `self` is
-- its work, with records that may be changed after self:own(i).

local cards = require "import.cards"

local M = {}

-- The note of ITEM where it is a passage of its own: the first talk about a part of a post, up to the end of that part.
function M.passages(source)
  local owner = {}
  for _, item in ipairs(source.items) do
    local note = not item.proposal and item.note
    if note and item.from and type(note.part_of) == "string" and not owner[note] then
      local from, to = source:range(note)
      if from and from <= item.from and item.to == to then owner[note] = item end
    end
  end
  local own = {}
  for note, item in pairs(owner) do own[item] = note end
  return own
end

-- The bytes that the lines of CHANGE mean; a passage keeps the heading above its first line.
local function wanted(self, change, note)
  local lines, source = change.set.lines, self.source
  if lines[2] > source.lines then
    return self:refuse(change, "lines", ("lines %d-%d: the source has %d lines"):format(lines[1], lines[2], source.lines))
  end
  local from, to = source:span(lines[1], lines[2])
  local item = change.item and source.items[change.item]
  if item and note and item.card.first == lines[1] then from = source:range(note) end
  return from, to
end

local function letters(s) return s:lower():gsub("[%s%p]+", "") end

-- What was found must stand in the lines that it is said to stand in; what a person wrote need not.
local function check_stands(self, change, from, to)
  local item = self.source.items[change.item]
  if not item or item.proposal then return end
  local text, was = letters(self.source.text:sub(from + 1, to)), letters(self.source.text:sub(item.from + 1, item.to))
  local function check(name)
    local plain = letters(name)
    if plain ~= "" and was:find(plain, 1, true) and not text:find(plain, 1, true) then
      self:refuse(change, "lines", ("'%s' does not stand in lines %d-%d; name lines that hold it, or write it anew")
        :format(name, change.set.lines[1], change.set.lines[2]))
    end
  end
  if not change.set.title then check(item.card.title) end
  if not change.set.people then
    for _, p in ipairs(type(item.record.speakers) == "table" and item.record.speakers or {}) do
      check(type(p) == "table" and tostring(p.name) or tostring(p))
    end
  end
end

local function label(claim)
  return ("'%s'%s"):format(cards.line(claim.record.title or ""), claim.change and claim.change.line and
    " (line " .. claim.change.line .. ")" or "")
end

-- A claim on the bytes FROM to TO for the item with RECORD; NOTE: the passage that it had. ITEM: nil where it was added.
local function claim(self, record, from, to, note, change, item)
  local post = self.source:post_at(from)
  if change and post and to > post.high then
    local _, last = self.source:lines_of(post.low, post.high)
    return self:refuse(change, "lines", ("lines %d-%d reach out of their post, which ends in line %d")
      :format(change.set.lines[1], change.set.lines[2], last))
  end
  self.claims[#self.claims + 1] = { record = record, from = from, to = to, note = note, change = change, post = post,
    order = #self.claims, item = item }
end

-- What begins at AT is another's now.
local function cut(self, c, at)
  c.to = at
  if c.item then
    c.record = self:own(self.index[c.item.record])
    local from = self.source:range(c.record)
    c.record.bytes, c.record.span = { math.min(from or at, at), at }, nil
  end
end

-- How C, which a person gave its lines, lies in ABOVE, which nobody did: "head" where it ends before the words that ABOVE was known by,
-- "tail" where it begins behind them and takes the rest, "cuts" where it takes these words away; nil: inside.
local function lies(source, c, above)
  if not c.change or above.change or not above.item then return nil end
  local known = above.item.from
  if c.to <= known then return "head" end
  if c.from <= known then return "cuts" end
  return source:blank(c.to, above.to) and "tail" or nil
end

-- What lies within another claim is told inside it, but for what takes its head or its tail. Two that cut each other are an error.
local function settle_claims(self)
  table.sort(self.claims, function(a, b)
    if a.from ~= b.from then return a.from < b.from end
    if a.to ~= b.to then return a.to > b.to end
    return a.order < b.order
  end)
  local kept = {}
  for _, c in ipairs(self.claims) do
    local above = kept[#kept]
    local how = above and c.from < above.to and (c.to > above.to and "cuts" or lies(self.source, c, above))
    if how == "cuts" then
      local blame = c.change and c or above.change and above or c
      local other = blame == c and above or c
      local lines = blame.change and blame.change.set and blame.change.set.lines or { self.source:lines_of(blame.from, blame.to) }
      self:refuse(blame.change or {}, "lines", ("lines %d-%d cut through those of %s; untick one, or give each its own")
        :format(lines[1], lines[2], label(other)))
      if blame == c and (not c.note or c.to <= above.to) then goto continue end
      if blame == c then c.from = above.to else cut(self, above, c.from) end
    elseif how == "tail" then
      local to = above.to
      cut(self, above, c.from)
      c.to = to
    elseif how == "head" then
      kept[#kept], above.from, c = c, c.to, above
      above = nil
    end
    if above and c.from < above.to then c.inside = above else kept[#kept + 1] = c end
    ::continue::
  end
  self.kept = kept
end

local function fresh_key(self)
  repeat self.fresh = (self.fresh or 0) + 1 until not self.source.by_key["hand" .. self.fresh]
  return "hand" .. self.fresh
end

-- RANGE for the note record OUT, and of its body where that was a slice.
local function give_range(out, from, to)
  local body = out.body_bytes
  out.span, out.body, out.body_bytes = nil, nil, nil
  out.bytes = { from, to }
  if type(body) == "table" and body[1] < to and body[2] > from then
    out.body_bytes = { math.max(body[1], from), math.min(body[2], to) }
  end
end

function M.first_line(source, from, to)
  local line = cards.line(source.text:sub(from + 1, to):match "%S[^\r\n]*" or "")
  if #line > 100 then line = line:sub(1, (utf8.offset(line, 0, 100) or 100) - 1) .. " ..." end
  return line
end

local function text_note(self, from, to, root)
  local note = { type = "note", key = fresh_key(self), kind = "note", title = M.first_line(self.source, from, to), part_of = root and
    root.record.key or nil, event = root and self.records[self.index[root.record]].event or nil, bytes = { from, to },
    why = "text between talks" }
  if note.title == "" then note.title = root and root.card.title or "text" end
  self.records[#self.records + 1] = note
  return note
end

local LISTS <const> = { "questions", "people", "links", "tags" }

local function hand_over(from, to)
  for _, key in ipairs(LISTS) do
    if type(from[key]) == "table" and #from[key] > 0 then
      local all = table.move(to[key] or {}, 1, #(to[key] or {}), 1, {})
      to[key] = table.move(from[key], 1, #from[key], #all + 1, all)
    end
  end
end

-- The parts of FROM to TO that no claim has. AT: where in the claims to begin to look; they are in order.
local function unclaimed(kept, from, to)
  local low, high = 1, #kept + 1
  while low < high do
    local middle = (low + high) // 2
    if kept[middle].to <= from then low = middle + 1 else high = middle end
  end
  local out, over = {}, kept[low]
  while kept[low] and kept[low].from < to do
    if kept[low].from > from then out[#out + 1] = { from, kept[low].from } end
    from = kept[low].to
    low = low + 1
  end
  if from < to then out[#out + 1] = { from, to } end
  return out, over
end

-- Blank lines before a claim are no note: they go to what stands before them.
local function without_blanks(self, parts)
  local out = {}
  for _, part in ipairs(parts) do
    if self.source:blank(part[1], part[2]) then self.blanks[part[1]] = part[2] else out[#out + 1] = part end
  end
  return out
end

-- The notes that nobody's passage is, each with what is left of it.
local function leave_rest(self, own_note)
  for i = 1, self.count do
    local note = self.source.records[i]
    local from, to = self.source:range(note)
    if note.type == "note" and from and from < to then
      local all, over = unclaimed(self.kept, from, to)
      local whole = all[1] and all[1][1] == from and all[1][2] == to
      if own_note[note] then whole = false end
      if not whole then
        local parts, root = without_blanks(self, all), self.source.post_of[note]
        local first = 1
        if not own_note[note] then
          if parts[1] then
            local out = self:own(i)
            give_range(out, parts[1][1], parts[1][2])
            if self.untitled[note] then out.title = M.first_line(self.source, parts[1][1], parts[1][2]) end
            first = 2
          elseif root and root.record == note then
            give_range(self:own(i), from, from)
            self.blanks[from] = nil
          else
            self.gone[i] = true
            if over and over.note_out then hand_over(note, over.note_out) end
          end
        end
        for p = first, #parts do text_note(self, parts[p][1], parts[p][2], root) end
      end
    end
  end
end

-- Each claim gets its note: the one that its item had, or a new one.
local function give_notes(self)
  for _, c in ipairs(self.kept) do
    local note = c.note and self:own(self.index[c.note])
    if note then
      give_range(note, c.from, c.to)
    else
      note = { type = "note", key = fresh_key(self), kind = "note", part_of = c.post and c.post.record.key or nil,
        event = c.post and self.records[self.index[c.post.record]].event or nil, bytes = { c.from, c.to } }
      self.records[#self.records + 1] = note
    end
    if not c.note or c.change then
      note.title, note.why = c.record.title, "passage of '" .. cards.line(c.record.title) .. "'"
      note.confidence = c.record.confidence
    end
    c.note_out, c.record.note = note, note.key
  end
  for _, c in ipairs(self.claims) do
    if c.inside then
      c.record.note = c.inside.note_out.key
      if c.note then
        self.gone[self.index[c.note]] = true
        hand_over(c.note, c.inside.note_out)
      end
    end
  end
end

-- A talk whose passage has gone, or moved away from it, is linked to the note that its text is in now.
local function link_again(self)
  local notes, by_key = {}, {}
  for i, record in ipairs(self.records) do
    local from, to = self.source:range(record)
    if record.type == "note" and not self.gone[i] and from then
      notes[#notes + 1] = { from, to, record.key }
      by_key[record.key or ""] = notes[#notes]
    end
  end
  table.sort(notes, function(a, b) if a[1] ~= b[1] then return a[1] < b[1] end return a[2] < b[2] end)
  for i, record in ipairs(self.records) do
    local from = record.type == "talk" and not self.gone[i] and record.note and self.source:range(record)
    local note = from and by_key[record.note]
    if from and not (note and note[1] <= from and from < math.max(note[2], note[1] + 1)) then
      local low, high = 0, #notes
      while low < high do
        local middle = (low + high + 1) // 2
        if notes[middle][1] <= from then low = middle else high = middle - 1 end
      end
      self:own(i).note = low > 0 and notes[low][3] or nil
    end
  end
end

-- Blank lines to the note that ends where they begin.
local function give_blanks(self)
  if not next(self.blanks) then return end
  for i, record in ipairs(self.records) do
    local from, to = self.source:range(record)
    local stop = record.type == "note" and not self.gone[i] and from and (from < to or record.part_of == nil) and self.blanks[to]
    if stop then
      local out = self:own(i)
      give_range(out, from, stop)
      self.blanks[to] = nil
    end
  end
end

local function number_parts(self)
  local parts = {}
  for i, record in ipairs(self.records) do
    if record.type == "note" and type(record.part_of) == "string" and not self.gone[i] then
      parts[#parts + 1] = { i, (self.source:range(record)) or 0 }
    end
  end
  table.sort(parts, function(a, b) if a[2] ~= b[2] then return a[2] < b[2] end return a[1] < b[1] end)
  local ord = {}
  for _, part in ipairs(parts) do
    local root = self.records[part[1]].part_of
    ord[root] = (ord[root] or 0) + 1
    if self.records[part[1]].ord ~= ord[root] then self:own(part[1]).ord = ord[root] end
  end
end

-- The claims of everybody; true where who owns what has to be settled anew.
local function make_claims(self, changes, own)
  local anew = false
  for _, item in ipairs(self.source.items) do
    local change, note = self.changed[item], own[item]
    local record = self.records[self.index[item.record]]
    local from, to
    if change and change.set.lines then
      from, to = wanted(self, change, note)
      if from then check_stands(self, change, from, to) end
      if from and not change.refused then record.bytes, record.span = { from, to }, nil else from = nil end
    end
    if change and change.on then
      if not from then from, to = item.from, item.to end
      change.set.lines = change.set.lines or { item.card.first, item.card.last }
      if from then claim(self, record, from, to, nil, change, item) end
      anew = true
    elseif note and not self.off[item] then
      if from then anew = true else from, to = self.source:range(note) end
      claim(self, record, from, to, note, change and change.set.lines and change or nil, item)
    end
  end
  for _, change in ipairs(changes) do
    local from, to
    if change.add then from, to = wanted(self, change) end
    if from then
      change.record.bytes = { from, to }
      claim(self, change.record, from, to, nil, change)
      anew = true
    end
  end
  return anew
end

--- Give everybody what is theirs. OWN: item -> the note that is its passage (passages()).
function M.settle(self, changes, own)
  if not make_claims(self, changes, own) then return end
  settle_claims(self)
  give_notes(self)
  local owned = {}
  for _, c in ipairs(self.claims) do if c.note then owned[c.note] = true end end
  leave_rest(self, owned)
  give_blanks(self)
  link_again(self)
  number_parts(self)
end

return M
