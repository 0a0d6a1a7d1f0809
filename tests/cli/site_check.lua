-- What must hold of every page of a site in the folder arg[1]; prints what does not, status 1 then.
--
-- Links lead to files and anchors that are there, each page can be reached from the first one, nothing is loaded from elsewhere,
-- no script or style stands in a page, headings follow each other, landmarks, language and the policy are there.

local folder = assert(arg[1], "usage: site_check.lua FOLDER")
local found = 0

local function bad(file, why)
  found = found + 1
  print(file .. ": " .. why)
end

local function read(path)
  local handle = io.open(path, "rb")
  if not handle then return nil end
  local text = handle:read "a"
  handle:close()
  return text
end

local files = {}
local pipe = assert(io.popen(("cd '%s' && find . -type f ! -name .lectern-export | sed 's,^[.]/,,'"):format(folder)))
for name in pipe:lines() do files[name] = read(folder .. "/" .. name) end
pipe:close()

local function unescape(s)
  return (s:gsub("&(#?%w+);", { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }))
end

-- Where HREF leads from FILE: the file and the anchor.
local function target(file, href)
  local path, anchor = href:match "^([^#?]*)[^#]*#?(.*)$"
  if path == "" then return file, anchor end
  local base = file:match "^(.*/)" or ""
  path = base .. path
  while path:find "[^/]+/%.%./" do path = path:gsub("[^/]+/%.%./", "", 1) end
  return path, anchor
end

local ids, links = {}, {}

local function look_at_tag(file, name, rest, state)
  local names = rest:gsub('"[^"]*"', '""')
  if names:find "%son%w+%s*=" or names:find "%sstyle%s*=" then bad(file, "a handler or style in a tag: <" .. name .. rest .. ">") end
  local id = rest:match ' id="([^"]*)"'
  if id and ids[file][id] then bad(file, "two of id " .. id) end
  if id then ids[file][id] = true end
  local level = name:match "^h(%d)$"
  if level then
    level = tonumber(level)
    if level > state.level + 1 then bad(file, ("h%d below h%d"):format(level, state.level)) end
    if level == 1 then state.first = state.first + 1 end
    state.level = level
  end
  if name == "input" and not (id and files[file]:find('<label for="' .. id .. '"', 1, true)) then bad(file, "an input without label") end
  for key, value in rest:gmatch ' (%w+)="([^"]*)"' do
    if key == "href" or key == "src" or key == "action" then
      local href = unescape(value)
      if href:find "^%a[%w+.-]*:" then
        if name ~= "a" or not href:find "^[hH][tT][tT][pP][sS]?://" then bad(file, ("<%s> leads outside: %s"):format(name, href)) end
      elseif href:find "^/" or href:find "\\" then
        bad(file, "an absolute path: " .. href)
      else
        links[#links + 1] = { file = file, href = href }
      end
    end
  end
end

local function look_at(file, text)
  ids[file] = {}
  local state = { level = 0, first = 0 }
  if not text:find "^<!DOCTYPE html>\n<html lang=\"en\">" then bad(file, "does not begin as HTML with a language") end
  if not text:find('http-equiv="Content-Security-Policy" content="default-src \'none\';', 1, true) then bad(file, "no policy") end
  if not text:find('name="viewport"', 1, true) then bad(file, "no viewport") end
  if not text:find "<title>[^<]+</title>" then bad(file, "no title") end
  for _, landmark in ipairs { "<header", "<nav", "<main", "<footer", 'class="skip"' } do
    if not text:find(landmark, 1, true) then bad(file, "no " .. landmark) end
  end
  for inner in text:gmatch "<script[^>]*>(.-)</script>" do
    if inner ~= "" then bad(file, "a script in the page") end
  end
  if text:find "<style" then bad(file, "a style in the page") end
  if text:find "[%z\1-\8\11\12\14-\31\127]" then bad(file, "control characters") end
  if text:find "\xe2\x80[\xaa-\xae]" or text:find "\xe2\x81[\xa6-\xa9]" then bad(file, "marks that turn the direction of text") end
  if not utf8.len(text) then bad(file, "not UTF-8") end
  for name, rest in text:gmatch "<(%a%w*)([^<>]*)>" do look_at_tag(file, name, rest, state) end
  if state.first ~= 1 then bad(file, state.first .. " headings of the first level") end
end

local devices = { con = true, prn = true, aux = true, nul = true }
local seen_lower = {}
for name, text in pairs(files) do
  if not name:find "^[a-z0-9][a-z0-9/-]*%.[a-z]+$" or #name > 100 then bad(name, "no safe name for a file") end
  local stem = name:match "([^/.]*)%.[^/]*$"
  if devices[stem] or stem:find "^com%d$" or stem:find "^lpt%d$" then bad(name, "a device of some systems") end
  if seen_lower[name:lower()] then bad(name, "differs by case alone") end
  seen_lower[name:lower()] = true
  if name:find "%.html$" then look_at(name, text) end
  if name:find "%.css$" and (text:find "url%(" or text:find "@import") then bad(name, "loads something") end
end

local next_of = {}
for _, link in ipairs(links) do
  local file, anchor = target(link.file, link.href)
  if not files[file] then
    bad(link.file, "leads nowhere: " .. link.href)
  elseif anchor ~= "" and not (ids[file] and ids[file][anchor]) then
    bad(link.file, "no such anchor: " .. link.href)
  end
  next_of[link.file] = next_of[link.file] or {}
  table.insert(next_of[link.file], file)
end

local reached, queue = { ["index.html"] = true }, { "index.html" }
while #queue > 0 do
  for _, file in ipairs(next_of[table.remove(queue)] or {}) do
    if not reached[file] then
      reached[file] = true
      queue[#queue + 1] = file
    end
  end
end
for name in pairs(files) do
  if name:find "%.html$" and not reached[name] then bad(name, "cannot be reached from index.html") end
end
if not files["index.html"] then bad("index.html", "is not there") end
os.exit(found == 0)
