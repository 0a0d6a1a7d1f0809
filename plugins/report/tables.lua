-- Programmes set as tables: columns of a fixed width, between bars, or between tabs, under a line that names them.

local clock = require "report.clock"
local forms = require "report.forms"
local labels = require "report.labels"
local crowd = require "report.crowd"

local M = {}

local find, sub = string.find, string.sub

local function trim(s) return (s:gsub("^%s+", ""):gsub("%s+$", "")) end

-- Cells of S: { text, first column } by bars, tabs, or runs of two blanks.
local function cells_of(s)
  local out = {}
  if find(s, "|", 1, true) then
    for cell in s:gsub("^|", ""):gsub("|$", ""):gmatch "[^|]*" do out[#out + 1] = { trim(cell) } end
    return out, "|"
  elseif find(s, "\t", 1, true) then
    for cell in s:gmatch "[^\t]*" do out[#out + 1] = { trim(cell) } end
    return out, "\t"
  end
  local at = 1
  while true do
    local a = find(s, "%S", at)
    if not a then break end
    local b = find(s, "%s%s", a) or #s + 1
    out[#out + 1] = { trim(sub(s, a, b - 1)), a }
    at = b + 1
  end
  return out, " "
end

-- Whether line I names columns: what each holds.
local function header(L, i)
  local s = L:get(i)
  if not find(s, "[|\t]") and not find(s, "  ", 1, true) then return nil end
  s = sub(L.text, L:start(i), L.e[i])
  if #s > 300 then return nil end
  local cells, sep = cells_of(s)
  if #cells < 3 then return nil end
  local columns, known = {}, 0
  for k, cell in ipairs(cells) do
    local field = labels.read(cell[1] .. ":")
    columns[k] = { field = field, from = cell[2] }
    if field then known = known + 1 end
  end
  if known < 3 or known < #cells - 1 then return nil end
  return columns, sep
end

local function row_cells(L, i, columns, sep)
  local s = sub(L.text, L:start(i), L.e[i])
  local out = {}
  if sep ~= " " then
    for k, cell in ipairs((cells_of(s))) do out[k] = cell[1] end
    return out
  end
  for k, column in ipairs(columns) do
    local stop = columns[k + 1] and columns[k + 1].from - 1 or #s
    local from = column.from
    -- A cell that reaches across the border of its column: the row was not set with this table.
    if from > 1 and find(sub(s, from - 1, from - 1), "%S") and find(sub(s, from, from), "%S") then return nil end
    out[k] = trim(sub(s, from, stop))
  end
  return out
end

-- What the table whose columns line I names is called: the short line right above, where that is no day and no time.
local function caption(L, post, i)
  local j = i - 1
  local w = j >= post.body and L:length(j) <= 80 and L:words(j)
  if w and w.rule then
    j = j - 1
    w = j >= post.body and L:length(j) <= 80 and L:words(j)
  end
  if not w or w.rule or w.time or w.mark == "bullet" or L.gap[j] == 0 and j > post.body or find(w.text, "[.!?,;]$")
    or clock.day(w.text) or clock.date(w.text) then return nil end
  for word in w.text:lower():gmatch "%a+" do
    if word == "programme" or word == "program" or word == "schedule" or word == "agenda" or word == "timetable" then return nil end
  end
  return (w.text:gsub("%s*:$", ""))
end

local function item_of(i, columns, cells, ctx, post)
  local item = { people = {}, form = "table", line = i, last = i, strength = 3, gap = 0, inside = true }
  for k, column in ipairs(columns) do
    local value = cells[k] or ""
    if value ~= "" and not labels.open(value) then
      if column.field == "title" then item.title = forms.title(value)
      elseif column.field == "people" then
        item.people = crowd.read(value:gsub(",$", ""), ctx, { loose = true, comma = post.comma }) or {}
      elseif column.field == "room" then item.room = value
      elseif column.field == "building" then item.building = value
      elseif column.field == "session" then item.session = value
      elseif column.field == "time" or column.field == "date" then
        local date, from, to = clock.when(value, post.event and post.event.year)
        item.date, item.from, item.to = item.date or date, item.from or from, item.to or to
      end
    end
  end
  return item
end

local function finish(item)
  local session
  item.title, item.kind, item.kind_as_written, session = forms.read(item.title)
  item.session = item.session or session
  item.why, item.confidence = "a row of a table whose columns are named", #item.people > 0 and 0.95 or 0.6
end

-- Talks in the tables of POST; the table stays in the post's own text.
function M.find(L, post, ctx)
  local found = {}
  local i = post.body
  while i <= post.last do
    local columns, sep = nil, nil
    if L:length(i) <= 300 then columns, sep = header(L, i) end
    if not columns then
      i = i + 1
    else
      post.taken[i] = true
      local called = caption(L, post, i)
      i = i + 1
      local rows, last = {}, nil
      while i <= post.last and L.gap[i] == 0 and L:length(i) <= 400 do
        post.taken[i] = true
        local rule = find(L:get(i), "^[-=|+:%s]+$")
        local cells = not rule and row_cells(L, i, columns, sep)
        if cells then
          local item = item_of(i, columns, cells, ctx, post)
          if item.title then
            rows[#rows + 1], last = item, item
          elseif last and not item.from then
            -- An empty title: the row above goes on.
            for _, p in ipairs(item.people) do last.people[#last.people + 1] = p end
            last.last = i
          end
        end
        i = i + 1
      end
      for _, item in ipairs(rows) do
        if #item.people > 0 then
          finish(item)
          item.session = item.session or called
          item.at, item.from_byte, item.to_byte = L.s[item.line], L.s[item.line], L.e[item.last]
          item.day = post.date
          found[#found + 1] = item
        end
      end
      if #found > 0 then post.programme = true end
    end
  end
  return found
end

return M
