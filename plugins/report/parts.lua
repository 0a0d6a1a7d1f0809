-- Parts: meetings inside the meeting that a post reports from. A heading that names a workshop of its own ("Workshop on Things
-- (WT 2016)") begins one; what stands below it was given there, up to the next such heading, a new day, or the main conference.

local clock = require "report.clock"
local events = require "report.events"

local M = {}

local find, match, lower = string.find, string.match, string.lower

-- What S names behind a day: "Monday: Workshop on Things" -> "Workshop on Things".
local function without_day(s)
  local day, rest = match(s, "^([%a\x80-\xff]+)%f[%A][^:\u{2013}\u{2014}-]*[:\u{2013}\u{2014}-]+%s+(.+)$")
  if day and (clock.weekdays[lower(day)] or lower(day) == "day") then return rest, true end
  return s, false
end

local main <const> = { "^the main conference", "^main conference", "^the conference$", "^the conference proper", "^main track$",
  "^conference$", "^hauptkonferenz", "^conf\u{e9}rence principale", "^conferencia principal" }

local function is_main(s, own)
  local low = lower(s)
  for _, p in ipairs(main) do if find(low, p) then return true end end
  return own ~= nil and (low == lower(own.name) or own.year and low == lower(own.name) .. " " .. own.year)
end

-- The meeting that heading S names, where it is one: { name, year?, full_name? }.
local function meeting(s)
  if not events.sounds(s) then return nil end
  local short = match(s, "^[Tt]?h?e? ?(%u[%w-]*%u[%w-]*)%s+[Ww]orkshop$") or match(s, "^[Ww]orkshop:?%s+(%u[%w-]*%u[%w-]*)$")
  if short then return { name = short } end
  local event = events.of_title(s)
  if event and find(event.name, "%u") and #event.name >= 2 then return event end
end

local function is_heading(L, post, i)
  local w = L:length(i) <= 110 and L:words(i)
  if not w or w.rule or w.time or w.mark == "bullet" or w.mark == "number" then return nil end
  if find(w.text, "[.;,!?]$") or w.mark == "" and L.gap[i] == 0 and i > post.body then return nil end
  local below = i < post.last and L:words(i + 1)
  if w.mark == "" and i < post.last and L.gap[i + 1] == 0 and not (below and below.rule) then return nil end
  return w
end

-- Gives the items of POST below such a heading the meeting it names; post.parts has the lines of the headings.
function M.find(L, post)
  post.parts = {}
  local own = post.event
  if not own or #post.items == 0 then return end
  local heads = {}
  for _, item in ipairs(post.items) do
    if item.line then for i = item.line, item.last do heads[i] = item end end
  end
  local current, dated = nil, false
  for i = post.body, post.last do
    local w = not heads[i] and is_heading(L, post, i)
    if w then
      local s, day = without_day(w.text)
      local event = not is_main(s, own) and meeting(s)
      if event and lower(event.name) ~= lower(own.name) then
        event.year = event.year or own.year
        event.parent = { name = own.name, year = own.year }
        current, dated = event, day
        post.parts[i] = true
      elseif event or is_main(s, own) or current and (day or clock.day(w.text)) then
        current = nil
        if event or is_main(s, own) then post.parts[i] = true end
      end
    elseif heads[i] and current and heads[i].line == i and heads[i].event == nil then
      heads[i].event = current
    end
  end
  return dated
end

M.without_day = without_day

return M
