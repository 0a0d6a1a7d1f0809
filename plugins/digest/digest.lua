-- The command digest: collect lines for each talk, choose within the budget, group.

local lectern = require "lectern"
local common = require "digest.common"
local view = require "digest.view"

local WORDS <const> = 400      -- without --words
local SAME <const> = 0.7       -- lines with a larger cosine say the same
local CANDIDATES <const> = 6   -- of each talk
local LINES <const> = 3        -- of each talk, at most
local LEAST_SHARE <const> = 14 -- words for each talk; with less, not every talk gets a line
local WORTH <const> = -0.5     -- the score of a further line that is better left out
local MARK <const> = 1         -- what Markdown puts before a line, a head, a heading
local BATCH <const> = 200      -- talks in one question to the host

-- As `wc -w` counts, so that everybody can check.
local function count_words(text)
  local n = 0
  for _ in text:gmatch "%S+" do n = n + 1 end
  return n
end

-- ---- talks and their lines ------------------------------------------------------------------------------------------

-- What is condensed: talks that match, or, where none does, notes.
local function units_of(args)
  local query, event = common.query(args.query), args.event and (args.event.id or args.event)
  local units = lectern.notes.find { type = "talk", query = query, event = event }
  if #units > 0 then return units end
  return lectern.notes.find { type = "note", query = query, event = event }
end

-- { id = { { text, span, score, words }, ... best first } }
local function lines_of(units, args)
  local lines, about = {}, common.words(args.query)
  for from = 1, #units, BATCH do
    local ids = {}
    for i = from, math.min(from + BATCH - 1, #units) do ids[#ids + 1] = units[i].id end
    for _, summary in ipairs(lectern.summarise { targets = ids, with = args.with, sentences = CANDIDATES, args = { about = about } }) do
      local list = lines[summary.target] or {}
      lines[summary.target] = list
      for _, s in ipairs(summary.sentences) do
        list[#list + 1] = { text = s.text, span = s.span, score = s.score or 0, words = count_words(s.text), ord = #list }
      end
    end
  end
  for _, list in pairs(lines) do
    table.sort(list, function(a, b) return a.score > b.score or a.score == b.score and a.ord < b.ord end)
  end
  return lines
end

-- ---- choosing -------------------------------------------------------------------------------------------------------

local Choice = {}
Choice.__index = Choice

-- What a unit costs beside its lines: its head, and those of its groups where it is the first in them.
function Choice:cost_of_heads(unit)
  local cost = unit.chosen[1] and 0 or unit.head_words
  for _, heading in ipairs(unit.headings) do
    if not self.shown[heading] then cost = cost + heading.words end
  end
  return cost
end

-- Take LINE for UNIT if the budget has room for it and no line says the same.
function Choice:take(unit, line)
  local cost = line.words + MARK + self:cost_of_heads(unit)
  if self.used + cost > self.budget or self.lines:closest(line.text) >= SAME then return false end
  self.lines:add(line.text)
  self.used = self.used + cost
  for _, heading in ipairs(unit.headings) do self.shown[heading] = true end
  unit.chosen[#unit.chosen + 1] = line
  line.taken = true
  return true
end

-- The best line that fits, of at most MOST words.
function Choice:best(unit, most)
  for _, line in ipairs(unit.lines) do
    if not line.taken and line.words <= most and self:take(unit, line) then return true end
  end
  return false
end

-- So many words each line may have when all units get one; more than the best lines want when the budget is large.
local function share(units, budget)
  local heads, seen = 0, {}
  for _, unit in ipairs(units) do
    heads = heads + unit.head_words + MARK
    for _, heading in ipairs(unit.headings) do
      if not seen[heading] then heads = heads + heading.words end
      seen[heading] = true
    end
  end
  return (budget - heads) / math.max(1, #units)
end

-- What won something, then the best lines, first.
local function by_worth(units)
  local list = table.move(units, 1, #units, 1, {})
  local function worth(unit)
    return (#(unit.object.awards or {}) > 0 and 100 or 0) + (unit.lines[1] and unit.lines[1].score or -100)
  end
  table.sort(list, function(a, b)
    local x, y = worth(a), worth(b)
    return x > y or x == y and a.ord < b.ord
  end)
  return list
end

-- First a line for every unit: the best of those that leave room for the others, else a shorter one. Where the budget is
-- too small for all of them, those most worth it.
local function first_lines(choice, units)
  local wanted = 0
  local each = share(units, choice.budget)
  for _, unit in ipairs(units) do wanted = wanted + (unit.lines[1] and unit.lines[1].words or 0) end
  local most = wanted <= each * #units and math.huge or each >= LEAST_SHARE and each * 1.2 or LEAST_SHARE * 2
  if each < LEAST_SHARE then units = by_worth(units) end
  for _, unit in ipairs(units) do choice:best(unit, most) end
  if most == math.huge then return end
  for _, unit in ipairs(units) do
    if #unit.chosen == 0 then
      table.sort(unit.lines, function(a, b) return a.words < b.words or a.words == b.words and a.ord < b.ord end)
      choice:best(unit, math.huge)
    end
  end
end

-- Has every unit a line that could have one? Else none gets a second.
local function all_have_one(units)
  for _, unit in ipairs(units) do if unit.lines[1] and #unit.chosen == 0 then return false end end
  return true
end

-- Then further lines, the best of all units first, a round at a time; only those that have something for them.
local function further_lines(choice, units)
  for round = 2, LINES do
    local rest = {}
    for _, unit in ipairs(units) do
      for _, line in ipairs(unit.lines) do
        if not line.taken and line.score > WORTH and #unit.chosen == round - 1 then rest[#rest + 1] = { unit = unit, line = line } end
      end
    end
    table.sort(rest, function(a, b)
      local x, y = a.line, b.line
      if x.score ~= y.score then return x.score > y.score end
      if a.unit ~= b.unit then return a.unit.ord < b.unit.ord end
      return x.ord < y.ord
    end)
    for _, item in ipairs(rest) do
      if #item.unit.chosen == round - 1 then choice:take(item.unit, item.line) end
    end
  end
end

-- ---- the whole ------------------------------------------------------------------------------------------------------

local function title_of(args)
  local event = common.event_name(args.event)
  if args.query and event then return ("%s: %s"):format(event, args.query) end
  return event or args.query or "All talks"
end

-- The words of a digest that has the best line of every unit: the least of one without --words.
local function least(units)
  local sum, seen = 0, {}
  for _, unit in ipairs(units) do
    sum = sum + unit.head_words + MARK + (unit.lines[1] and unit.lines[1].words or 0)
    for _, heading in ipairs(unit.headings) do
      if not seen[heading] then sum = sum + heading.words end
      seen[heading] = true
    end
  end
  return sum
end

-- One group for each event and session, in order. GROUPS of units: { event, session, units }.
local function grouped(objects, lines)
  local groups, by_key, units, heading_of = {}, {}, {}, {}
  common.by_year(objects, function(object) return object.event end)
  local years = view.years(objects)
  for i, object in ipairs(objects) do
    local unit = { object = object, lines = lines[object.id] or {}, chosen = {}, ord = i }
    local key = (object.event and object.event.id or "") .. "\0" .. (object.session or "")
    local group = by_key[key]
    if not group then
      group = { event = object.event, session = object.session, units = {} }
      group.headings = view.headings(group, years, heading_of)
      for _, heading in ipairs(group.headings) do heading.words = count_words(heading.text) + MARK end
      groups[#groups + 1], by_key[key] = group, group
    end
    unit.headings, unit.head_words = group.headings, count_words(view.head(object)) + MARK
    group.units[#group.units + 1], units[i] = unit, unit
  end
  return groups, units
end

local function result_of(title, groups)
  local result = { title = title, words = 0, groups = {} }
  for _, group in ipairs(groups) do
    local lines = {}
    for _, unit in ipairs(group.units) do
      table.sort(unit.chosen, function(a, b)
        local x, y = a.span, b.span
        if x.note ~= y.note then return a.score > b.score end
        return x.byte_start < y.byte_start
      end)
      for _, line in ipairs(unit.chosen) do
        local object, awards = unit.object, {}
        for i, award in ipairs(object.awards or {}) do awards[i] = award.name end
        lines[#lines + 1] = {
          talk = object.type == "talk" and object.id or lectern.null, title = object.title, speakers = common.names(object.speakers),
          awards = awards, text = line.text, span = line.span,
        }
        result.words = result.words + line.words
      end
    end
    if #lines > 0 then
      result.groups[#result.groups + 1] = { event = group.event or lectern.null, session = group.session or lectern.null, lines = lines }
    end
  end
  return result
end

return function(args, job)
  local title = title_of(args)
  local objects = units_of(args)
  local function nothing(what)
    local value, text = common.nothing(job, { title = title, words = 0, groups = {} }, what, args)
    return value, text or ""
  end
  if #objects == 0 then return nothing "talks" end
  local groups, units = grouped(objects, lines_of(objects, args))
  local budget = (args.words or math.max(WORDS, least(units))) - (args.words and count_words(title) + MARK or 0)
  local choice = setmetatable({ budget = budget, used = 0, lines = lectern.summary.lines(), shown = {} }, Choice)
  first_lines(choice, units)
  if all_have_one(units) then further_lines(choice, units) end
  local result = result_of(title, groups)
  -- With a budget that is too small for any line there is still the title.
  if #result.groups == 0 and not args.words then return nothing "sentences" end
  return result, view.render(title, groups, args.format, job)
end
