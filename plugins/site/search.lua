-- The search page and its index: a script that sets an array, because pages opened as files may not fetch anything.

local html = require("lectern").html
local frame = require "site.frame"

local M = {}

local function row(out, first, ...)
  out:write(first and "[" or ",\n[")
  for i = 1, select("#", ...) do out:write(i > 1 and "," or "", html.script((select(i, ...)))) end
  out:write "]"
end

local function tags_by_item(plan)
  local by = {}
  for _, tag in ipairs(plan.tags) do
    for _, item in ipairs(tag.items) do by[item] = by[item] and by[item] .. " " .. tag.name or tag.name end
  end
  return by
end

function M.write(site)
  local out, plan = site.out, site.plan
  local tags, first = tags_by_item(plan), true
  local function add(...)
    row(out, first, ...)
    first = false
  end
  out:file "search-index.js"
  out:write "// title, kind, names, event, tags, address, text\nvar LECTERN_INDEX = [\n"
  for _, event in ipairs(plan.events) do
    add(event.called, "event", "", event.full_name or "", "", event.file, event.place or "")
  end
  for _, person in ipairs(plan.people) do
    if person.file then add(person.name, "person", "", "", "", person.file, table.concat(person.firms or {}, ", ")) end
  end
  for _, list in ipairs { plan.talks, plan.notes } do
    for _, item in ipairs(list) do
      if item.file and (item.title or item.words) then
        local title = item.title or item.inline and item.inline.title or "Untitled"
        add(title, item.kind, item.who, item.event and item.event.called, tags[item], item.file, item.words)
      end
    end
  end
  out:write "\n];\n"
  site.frame:open("search.html", { title = "Search", scripts = { "search-index.js", "search.js" } })
  out:write(frame.text "search.html")
  site.frame:close()
end

return M
