-- Talks that are only listed: items such as "- [[Title]] by [[Person]]" or "<doc:Title>" below a heading that says
-- talks, and rows of tables with a column for titles and one for speakers.

local dates = require "markdown.dates"
local headings = require "markdown.headings"
local people = require "markdown.people"

local M = {}

local nouns = { talk = "talk", talks = "talk", session = "talk", sessions = "talk", presentations = "talk",
  keynote = "keynote",
  keynotes = "keynote", workshop = "tutorial", workshops = "tutorial", tutorials = "tutorial", lightning = "lightning",
  papers = "paper", posters = "poster", panels = "panel", demos = "demo", lectures = "talk" }
local loose = { schedule = true, program = true, programme = true, agenda = true, lineup = true, ["line-up"] = true,
  speakers = true }

-- "Previous talks" -> kind, true; "Schedule" -> nil, false (names are needed then); nothing else.
local function listing(title)
  local low, kind, open = title:lower(), nil, false
  if #low > 60 then return nil end
  for word in low:gmatch "[%a-]+" do
    if nouns[word] and (not kind or kind == "talk") then kind = nouns[word] end
    open = open or loose[word] or false
  end
  if kind then return kind, true end
  if open then return "talk", false end
end

local function each_item(text, block)
  local items, open = {}, nil
  local at = block.start
  local line = block.first
  for raw in (text:sub(block.start + 1, block.stop)):gmatch "([^\n]*)\n?" do
    local indent, body = raw:match "^(%s*)[-*+]%s+(.*)$"
    if not indent then indent, body = raw:match "^(%s*)%d+[.)]%s+(.*)$" end
    if indent and #indent <= 1 then
      open = { text = body:gsub("\r$", ""), start = at, stop = at + #raw + 1, first = line, last = line }
      items[#items + 1] = open
    elseif open and raw ~= "" then
      if not indent and not open.more and raw:find "^%s+%S" then open.text = open.text .. " "
        .. raw:match "^%s*(.-)%s*$"
      else open.more = true end
      open.stop, open.last = at + #raw + 1, line
    end
    at, line = at + #raw + 1, line + 1
    if at >= block.stop then break end
  end
  for _, item in ipairs(items) do item.stop = math.min(item.stop, block.stop) end
  return items
end

-- "Title-With-Dashes" of a documentation link.
local function from_slug(s)
  return (s:gsub("%-+", function(d) return d == "-" and " " or d end))
end

local function wikinames(text)
  local found = {}
  local rest = text:gsub("%[%[([^%[%]]+)%]%]", function(inner)
    found[#found + 1] = { name = inner:match "|(.+)$" or inner }
    return ""
  end)
  if rest:gsub("%f[%a]and%f[%A]", ""):find "[%w\x80-\xff]" then return nil end
  return found[1] and found or nil
end

local function speakers_of(text, labelled)
  text = text:gsub("^[%s,:–—-]+", ""):gsub("%s+$", "")
  -- "by Nora Fynn: eviction without regret"
  local head = text:match "^(.-[^%d]):%s" or text:match "^(.-)%s+[–—-]%s"
  if head and #head <= 80 then text = head end
  local by = text:match "^by%s+(.+)$"
  local names = (by and wikinames(by)) or people.parse(people.plain(by or text), { labelled = by ~= nil or labelled })
  if names then return names end
  local inner = text:match "^%((.+)%)$"
  return inner and people.parse(people.plain(inner), {}) or nil
end

-- One item -> { title, people?, url?, linked?, ... } or nil.
local function item_of(text)
  if #text > 500 then return nil end
  local from, to, rest = dates.clock(text)
  if from and rest then text = rest:gsub("^[%s:|–—-]+", "") else from, to = nil, nil end
  local title, tail, url
  local doc, after = text:match "^<doc:([^<>]+)>(.*)$"
  if doc then title, tail = from_slug(doc), after end
  if not title then
    local inner
    inner, after = text:match "^%[%[([^%[%]]+)%]%](.*)$"
    if inner then title, tail = inner:match "|(.+)$" or inner, after end
  end
  if not title then
    title, url, after = text:match "^%**%[([^%[%]]+)%]%(%s*<?([^()%s<>]*)>?%)%**(.*)$"
    tail = after
  end
  local linked = title ~= nil
  if not title then
    title, after = text:match "^%*%*([^*]+)%*%*(.*)$"
    -- "**Keynote**: Title - Name"
    if title and headings.is_label(title) then
      title, text = nil, title .. after
    end
    tail = after
  end
  if title then
    local names = speakers_of(tail)
    if not names and not linked and tail:find "%w" then return nil end
    if linked and not names and tail:find "%w" and #tail > 120 then return nil end
    return { title = people.plain(title), people = names, url = url and url:find "^https?://" and url
      or nil, linked = linked,
      from = from, to = to, internal = doc or text:find "^%[%[" or url and not url:find "^%a+://" }
  end
  -- [Reference] links stand for their words; a box in front says only whether it was seen.
  text = text:gsub("^%[[ xX]%]%s+", ""):gsub("%[([^%[%]]+)%]", "%1")
  local h = headings.read(people.plain(text))
  local e = h.embedded
  if e and not h.stop then
    return { title = e.title, people = e.people, from = from, to = to, form = e.form, kind = h.kind }
  end
  return nil
end

local function listed(section, block, kind, exact, text, out)
  local items = each_item(text, block)
  local good, with_people, linked = {}, 0, 0
  for _, item in ipairs(items) do
    local found = item_of(item.text)
    if found and not headings.is_break(found.title) then
      good[#good + 1] = { item = item, found = found }
      if found.people then with_people = with_people + 1 end
      if found.linked then linked = linked + 1 end
    end
  end
  if #items < 2 and with_people == 0 or #good * 10 < #items * 6 then return end
  if with_people == 0 and not (exact and linked == #good) then return end
  if with_people * 2 < #good and not exact then return end
  for _, g in ipairs(good) do
    local f = g.found
    out[#out + 1] = {
      title = headings.clean(f.title), people = f.people, url = f.url, kind = f.kind or kind or "talk", from = f.from,
      to = f.to,
      kind_as_written = kind ~= "talk" and section.title or nil, start = g.item.start, stop = g.item.stop,
      line = g.item.first,
      section_title = section.title, why = "item of the list under '" .. section.title .. "'",
      confidence = f.people and 0.85 or f.internal and 0.7 or 0.6,
    }
  end
end

local columns = {
  title = "title", talk = "title", ["talk title"] = "title", topic = "title", presentation = "title", what = "title",
  ["session title"] = "title", paper = "title", name = "name", speaker = "people", speakers = "people",
  presenter = "people",
  presenters = "people", who = "people", by = "people", author = "people", authors = "people", lecturer = "people",
  ["speaker(s)"] = "people", time = "time", when = "time", start = "time", slot = "time", date = "time", room = "room",
  where = "room", location = "room", stage = "room", hall = "room", track = "track", slides = "slides",
  ["talk slides"] = "slides",
  video = "video", recording = "video", affiliation = "affiliation", company = "affiliation",
  organisation = "affiliation",
  session = "session", type = "kind", kind = "kind", format = "kind", link = "url", url = "url",
}

local function cells_of(line)
  line = line:gsub("^%s*|", ""):gsub("|%s*$", ""):gsub("\\|", "\1"):gsub("%[%[([^%[%]|]*)|", "[[%1\2")
  local cells = {}
  for cell in (line .. "|"):gmatch "([^|]*)|" do
    cells[#cells + 1] = cell:gsub("^%s+", ""):gsub("%s+$", ""):gsub("\1", "|"):gsub("\2", "|")
  end
  return cells
end

local function url_in(cell) return cell and cell:match "https?://[^%s<>)%]\"]+" end

local function row_talk(cells, map, context)
  local function cell(what) return map[what] and cells[map[what]] or "" end
  local title = people.plain(cell "title")
  local h = title ~= "" and headings.read(title)
  if not h or h.stop or title:find "^[%-–—?]*$" then return nil end
  local found = people.parse(people.plain(cell "people"), { labelled = true })
  if not found and (cell "people"):find("[[", 1, true) then found = wikinames(cell "people") end
  local name = h.title
  if not found and h.embedded and not map.people then
    found, name = h.embedded.people, headings.clean(h.embedded.title)
  end
  if not found and not map.people and not map.time then return nil end
  if found and #found == 1 and cell "affiliation" ~= "" then
    found[1].affiliations = { people.plain(cell "affiliation") }
  end
  local from, to = dates.clock(people.plain(cell "time"))
  local date = not from and dates.range(people.plain(cell "time"), context.year) or nil
  return {
    title = name, people = found, kind = h.kind or "talk", kind_as_written = h.kind_as_written, from = from, to = to, date = date,
    room = cell "room" ~= "" and people.plain(cell "room") or nil, url = url_in(cell "title") or url_in(cell "url"),
    slides_url = url_in(cell "slides"), video_url = url_in(cell "video"),
    track = cell "track" ~= "" and people.plain(cell "track") or nil,
    session = cell "session" ~= "" and map.title ~= map.session and people.plain(cell "session") or nil,
  }
end

-- A pipe table in a paragraph: rows that are talks.
local function tabled(section, block, text, context, out)
  local lines, at = {}, block.start
  for raw in (text:sub(block.start + 1, block.stop)):gmatch "([^\n]*)\n?" do
    lines[#lines + 1] = { text = raw:gsub("\r$", ""), start = at, stop = math.min(at + #raw + 1, block.stop) }
    at = at + #raw + 1
    if at >= block.stop then break end
  end
  local head
  for i = 2, math.min(#lines, 4) do
    if lines[i].text:find "^%s*|?%s*:?%-+:?%s*|[%s|:%-]*$" then head = i - 1 break end
  end
  if not head then return end
  local map = {}
  for i, cell in ipairs(cells_of(lines[head].text)) do
    local what = columns[people.plain(cell):lower()]
    if what and not map[what] then map[what] = i end
  end
  if not map.title and map.session and (map.people or map.time) then map.title = map.session end
  if not map.title and map.name and map.people then map.title = map.name end
  if not map.people and map.name and map.title ~= map.name then map.people = map.name end
  if not map.title or not (map.people or map.time and (context.conference or listing(section.title))) then return end
  for i = head + 2, #lines do
    local talk = #lines[i].text < 2000 and row_talk(cells_of(lines[i].text), map, context)
    if talk then
      talk.start, talk.stop, talk.line = lines[i].start, lines[i].stop, block.first + i - 1
      talk.section_title = section.title
      talk.why = "row of the table" .. (section.title ~= "" and " under '" .. section.title .. "'" or "")
      talk.confidence = talk.people and 0.85 or 0.6
      talk.day = section.head and section.head.day and section or nil
      out[#out + 1] = talk
    end
  end
end

-- Talks listed in SECTIONS that are in no talk's passage, in order of the text.
function M.find(root, all, text, context)
  local out = {}
  local function read(s)
    local kind, exact = listing(s.title)
    for _, b in ipairs(s.blocks) do
      if b.type == "list" and kind then listed(s, b, kind, exact, text, out)
      elseif b.type == "paragraph" and b.last > b.first and text:find("|", b.start + 1, true) then
        tabled(s, b, text, context, out)
      end
    end
  end
  local function inside_talk(s)
    while s and s ~= root do
      if s.talk then return true end
      s = s.parent
    end
    return false
  end
  read(root)
  for _, s in ipairs(all) do if not inside_talk(s) then read(s) end end
  table.sort(out, function(a, b) return a.start < b.start end)
  return out
end

return M
