-- The frame around each page, from the template site/page.html: filled in, split where the page's own text goes.

local lectern = require "lectern"
local html = lectern.html

local M = {}

local Frame = {}
Frame.__index = Frame

local places = {
  { "events.html", "Events" }, { "talks.html", "Talks" }, { "people.html", "People" }, { "tags.html", "Tags" },
  { "notes.html", "Notes" }, { "search.html", "Search" },
}

-- The template as text and names of gaps in turn.
local function compile(name)
  local text = lectern.host.template(name)
  local parts, from = {}, 1
  for before, gap, after in text:gmatch "()%{%{(%l+)%}%}()" do
    parts[#parts + 1], parts[#parts + 2] = text:sub(from, before - 1), gap
    from = after
  end
  parts[#parts + 1] = text:sub(from)
  return parts
end

function M.new(out, values)
  local parts = compile "site/page.html"
  local main
  for i = 2, #parts, 2 do
    if parts[i] == "main" then main = i end
  end
  if not main then
    lectern.fail("the template site/page.html has no {{main}}", { code = "E_CONFIG",
      hint = "share/lectern/templates/site/page.html is the shipped one" })
  end
  return setmetatable({ out = out, parts = parts, main = main, values = values }, Frame)
end

local made = {} -- by where the page is; pages that the navigation does not lead to have it in common

local function navigation(root, file)
  local items, at = {}, root
  for _, place in ipairs(places) do
    if place[1] == file then at = file end
  end
  if made[at] then return made[at] end
  for i, place in ipairs(places) do
    items[i] = ('<li><a href="%s%s"%s>%s</a></li>\n'):format(root, place[1], place[1] == file and ' aria-current="page"' or "",
      place[2])
  end
  made[at] = table.concat(items)
  return made[at]
end

function Frame:fill(first, last, page)
  for i = first, last do
    local gap = i % 2 == 0 and self.parts[i]
    self.out:write(not gap and self.parts[i] or page[gap] or self.values[gap] or "")
  end
end

-- Begin the page FILE. OPTIONS: title, description (text), scripts (addresses) of it. Returns what leads back to the top.
function Frame:open(file, options)
  local root = file:find("/", 1, true) and "../" or ""
  local title = options.title and html.label(options.title)
  local head = {}
  for i, script in ipairs(options.scripts or {}) do head[i] = ('<script src="%s%s" defer></script>\n'):format(root, script) end
  self.page = {
    root = root, head = table.concat(head), scripts = options.scripts and "'self' file:" or "'none'",
    title = title and title .. " · " .. self.values.site or self.values.site,
    description = html.label(options.description or options.title, "Talk notes"), nav = navigation(root, file),
  }
  self.out:file(file)
  self:fill(1, self.main - 1, self.page)
  return root
end

function Frame:close()
  self:fill(self.main + 1, #self.parts, self.page)
end

-- A template whose text is the inside of a page, or a file as it is.
function M.text(name) return lectern.host.template("site/" .. name) end

return M
