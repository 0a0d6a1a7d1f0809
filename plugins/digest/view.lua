-- A digest as a page: on a terminal, as plain text, as Markdown.

local lectern = require "lectern"
local common = require "digest.common"
local style, text = lectern.style, lectern.text

local M = {}

-- What stands before the lines of a talk: its title, who spoke, what it won.
function M.head(object)
  local parts = { common.line(object.title or "(no title)") }
  local names = common.names(object.speakers)
  if #names > 4 then names = { names[1], names[2], names[3], "et al." } end
  if #names > 0 then parts[#parts + 1] = table.concat(names, ", ") end
  for _, award in ipairs(object.awards or {}) do parts[#parts + 1] = award.name end
  return table.concat(parts, " · ")
end

-- Whether OBJECTS are of several years, events: then each is headed by them.
function M.years(objects)
  local years, events, count = {}, {}, { years = 0, events = 0 }
  for _, object in ipairs(objects) do
    local year, event = object.event and object.event.year or "", object.event and object.event.id or ""
    if not years[year] then count.years, years[year] = count.years + 1, true end
    if not events[event] then count.events, events[event] = count.events + 1, true end
  end
  return count
end

-- The headings above GROUP, outermost first; the same heading is the same table. KNOWN keeps them.
function M.headings(group, count, known)
  local headings, path = {}, ""
  local function add(level, words)
    path = path .. "\0" .. words
    known[path] = known[path] or { level = level, text = words }
    headings[#headings + 1] = known[path]
  end
  if count.years > 1 then add(2, group.event and group.event.year and tostring(group.event.year) or "Without a year") end
  if count.events > 1 then add(count.years > 1 and 3 or 2, common.event_name(group.event) or "Without an event") end
  if group.session then add(2 + #headings, common.line(group.session)) end
  return headings
end

-- ---- writers --------------------------------------------------------------------------------------------------------

local function markdown_safe(line) return (line:gsub("[*_`%[%]<]", "\\%0")) end

local markdown = {
  title = function(out, title) out[#out + 1] = "# " .. markdown_safe(title) end,
  heading = function(out, heading)
    out[#out + 1] = ""
    out[#out + 1] = ("#"):rep(heading.level) .. " " .. markdown_safe(heading.text)
    out[#out + 1] = ""
  end,
  talk = function(out, unit)
    if out[#out]:find "^#" then out[#out + 1] = "" end
    local title, rest = M.head(unit.object):match "^(.-)( · .*)$"
    out[#out + 1] = ("- **%s**%s"):format(markdown_safe(title or M.head(unit.object)), markdown_safe(rest or ""))
    for _, line in ipairs(unit.chosen) do out[#out + 1] = "  - " .. common.line(line.text) end
  end,
}

-- The words of TEXT in lines of WIDTH columns, those after the first behind INDENT. 0: one line.
local function wrapped(words, width, first, indent)
  if width == 0 then return first .. words end
  local lines = text.wrap(words, math.max(20, width - #indent))
  return first .. lines:gsub("\n", "\n" .. indent)
end

local function plain(width)
  return {
    title = function(out, title) out[#out + 1] = style.bold(title) end,
    heading = function(out, heading)
      out[#out + 1] = ""
      out[#out + 1] = style.bold(heading.text)
    end,
    talk = function(out, unit)
      out[#out + 1] = ""
      local head = wrapped(M.head(unit.object), width, "", "")
      local title, rest = head:match "^(.-)( · .*)$"
      out[#out + 1] = style.accent(title or head) .. (rest and style.dim(rest) or "") .. style.dim("  " .. unit.object.short)
      for _, line in ipairs(unit.chosen) do
        out[#out + 1] = wrapped(common.line(line.text), width, "  ", "  ")
      end
    end,
  }
end

-- Talks without a line keep their names where there is room for everything; in a budget they are left out.
function M.render(title, groups, format, job)
  local out, shown = {}, {}
  local writer = format == "markdown" and markdown or plain(job.tty[2] and math.min(job.width, 100) or 0)
  writer.title(out, title)
  for _, group in ipairs(groups) do
    for _, unit in ipairs(group.units) do
      if #unit.chosen > 0 then
        for _, heading in ipairs(group.headings) do
          if not shown[heading] then writer.heading(out, heading) end
          shown[heading] = true
        end
        writer.talk(out, unit)
      end
    end
  end
  return (table.concat(out, "\n"):gsub("\n\n\n+", "\n\n")) .. "\n"
end

return M
