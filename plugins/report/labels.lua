-- Entries made of labelled lines: "Title: ...", "Speaker: ...", "Date: ...", "Room: TBA", with the title as a label or
-- as the
-- line above. What a label stands for is data; where labels repeat, what stands around them is their frame.

local clock = require "report.clock"
local forms = require "report.forms"
local kinds = require "report.kinds"
local layout = require "report.layout"
local crowd = require "report.crowd"
local names = require "report.names"

local M = {}

local find, match, lower = string.find, string.match, string.lower

local meaning = {}
for field, keys in next, {
  title = "title,talk,topic,talk title,paper title,paper,titel,título",
  people = "speaker,speakers,speaker(s),presenter,presenters,presenter(s),presented by,by,who,instructor,instructors," ..
    "author,authors,name,names,with,panelists," ..
    "panellists,lecturer,sprecher,referent,ponente,ponentes,tutorial presenters,tutorial speakers,host,hosts,organisers,organizers",
  affiliation = "affiliation,affiliations,company,institution,organisation,organization,from",
  date = "date,day,datum,fecha",
  time = "time,when,start,zeit,hora,slot,date and time,date/time",
  room = "room,where,location,place,raum,saal,sala,hall",
  building = "building,venue,gebäude,edificio",
  session = "session,track",
  kind = "type,kind,format",
  chair = "chair,session chair,moderator,moderated by",
  other = "abstract,summary,duration,level,language,slides,video,url,link,audience,prerequisites,bio,notes",
} do
  for key in keys:gmatch "[^,]+" do meaning[key] = field end
end

local null <const> = { tba = true, tbd = true, tbc = true, ["t.b.a."] = true, ["to be announced"] = true,
  ["to be confirmed"] = true,
  ["to be determined"] = true, ["n/a"] = true, ["-"] = true, ["?"] = true, ["none"] = true, unknown = true,
    ["por confirmar"] = true }

-- Whether S says that something is not known yet.
function M.open(s) return null[lower(s):gsub("[%s.]+$", "")] == true or null[lower(s)] == true end

-- "Room: Blue" -> field, value.
function M.read(s)
  if #s > 300 then return nil end
  local key, value = match(s, "^([%a\x80-\xff][%w\x80-\xff ()/]-)%s*:%s*(.*)$")
  local field = key and #key <= 30 and meaning[lower(key)]
  if field then return field, value, lower(key):gsub("%(?s%)?$", "") end
end

-- Whether the people of field F go on in the next line: a bracket is open, or a comma stands at the
-- end, or BELOW, that line, begins with a bracket.
local function goes_on(f, below)
  local value = f[2]
  return f[1] == "people" and #value < 600 and (find(value, ",$") ~= nil or find(value, "%([^()]*$") ~= nil or find(below, "^%([^()]+%)") ~= nil)
end

-- Lines of consecutive labels in POST: { first, last, fields = { { field, value, line } } }.
local function blocks(L, post)
  local list, current = {}, nil
  for i = post.body, post.last do
    local w = layout.words_of(L, i)
    local field, value, key
    if w and not w.rule then field, value, key = M.read(w.text) end
    if field and (not current or L.gap[i] <= 1) then
      if current and field == "title" and current.title then current = nil end
      -- The label that opened the entry, behind a blank line: the next entry.
      if current and L.gap[i] > 0 and current.fields[1][4] == key and field ~= "session" then current = nil end
      if not current then
        current = { first = i, fields = {} }
        list[#list + 1] = current
      end
      current.last = i
      current.title = current.title or field == "title"
      current.fields[#current.fields + 1] = { field, value, i, key }
    elseif field then
      current = { first = i, last = i, title = field == "title", fields = { { field, value, i, key } } }
      list[#list + 1] = current
    elseif current and w and L.gap[i] == 0 and goes_on(current.fields[#current.fields], w.text) then
      local last = current.fields[#current.fields]
      last[2], current.last = last[2] .. " " .. w.text, i
    elseif current then
      current = nil
    end
  end
  return list
end

local function distinct(block)
  local seen, n = {}, 0
  for _, f in ipairs(block.fields) do
    if not seen[f[1]] and f[1] ~= "other" then seen[f[1]] = true n = n + 1 end
  end
  return n, seen
end

-- The title above a block: the nearest line that is not part of the frame.
local function title_above(L, post, block)
  local i = block.first - 1
  local steps = 0
  while i >= post.body and steps < 3 do
    local w = layout.words_of(L, i)
    if not w then return nil end
    if not w.rule and not layout.is_template(post, w.text) then
      local title = forms.title_line(w.text)
      return title, i, w
    end
    i, steps = i - 1, steps + 1
  end
end

-- The kind that the value of a label names: "Invited keynote".
local function kind_of(s)
  for word in lower(s):gmatch "%a+" do
    local kind = kinds.is_kind(word)
    if kind then return kind, s end
  end
end

-- Adds WHO to the people of ITEM; somebody who is there already gets what is new.
local function add_people(item, who, role)
  for _, p in ipairs(who) do
    local known
    for _, q in ipairs(item.people) do if lower(q.name) == lower(p.name) then known = q end end
    if known then
      known.role = role or known.role
      if #known.affiliations == 0 then known.affiliations = p.affiliations end
    else
      p.role = role
      item.people[#item.people + 1] = p
    end
  end
end

local roles <const> = { author = "author", presenter = "presenter" }

local function fill(item, block, ctx, post)
  for _, f in ipairs(block.fields) do
    local field, value = f[1], f[2]
    local known = value ~= "" and not M.open(value)
    if field == "people" and known then
      local who = crowd.read(value, ctx, { loose = true, comma = post.comma })
      if who then add_people(item, who, roles[f[4] or ""]) else item.as_written = value end
    elseif field == "affiliation" and known and #item.people > 0 then
      for _, p in ipairs(item.people) do
        if #p.affiliations == 0 then names.affiliations(value, p.affiliations) end
      end
    elseif (field == "date" or field == "time") and known then
      local date, from, to = clock.when(value, post.event and post.event.year)
      item.date, item.from, item.to = item.date or date, item.from or from, item.to or to
    elseif field == "chair" and known and find(f[4] or "", "moderat") then
      -- Who moderates a panel is on it.
      local who = crowd.read(value, ctx, { loose = true, comma = post.comma })
      if who then add_people(item, who) end
    elseif field == "room" and known then item.room = item.room or value
    elseif field == "building" and known then item.building = item.building or value
    elseif field == "session" and known then item.session = item.session or value
    elseif field == "kind" and known then item.kind, item.kind_as_written = kind_of(value)
    elseif field == "title" then
      if not item.title and find(f[4] or "", "^paper") then item.kind = item.kind or "paper" end
      item.title = item.title or forms.title(value)
    end
  end
end

-- The people listed below BLOCK under a line such as "Presenters", which names nobody itself.
local function listed_below(L, post, block, item, ctx)
  local i = block.last + 1
  local stop = math.min(post.last, block.last + 6)
  local label
  while i <= stop and not label do
    local w = layout.words_of(L, i)
    local field, value = M.read(w and (w.text:gsub(":$", "") .. ":") or "")
    if w and field == "people" and value == "" then label = i end
    i = i + 1
  end
  while label and i <= post.last and i - label <= 12 and L.gap[i] <= 1 do
    local w = layout.words_of(L, i)
    local who = w and crowd.read(w.text, ctx, { loose = true, comma = post.comma or "org" })
    if not who then break end
    for _, p in ipairs(who) do item.people[#item.people + 1] = p end
    post.taken[i] = true
    i = i + 1
  end
end

-- The only day that the text before the first entry names.
local function only_day(L, post, first)
  local day
  for i = post.first, first - 1 do
    if L:length(i) <= 300 then
      local date = clock.date(L:get(i), post.event and post.event.year)
      if date and day and date ~= day then return nil end
      day = day or date
    end
  end
  return day
end

local function complete(item)
  local title, kind, written, session = forms.read(item.title)
  item.title, item.kind, item.kind_as_written = title, item.kind or kind, item.kind_as_written or written
  item.session = item.session or session
end

-- Entries of POST that are made of labels.
function M.find(L, post, ctx)
  local found = {}
  local list = blocks(L, post)
  local session
  for _, block in ipairs(list) do
    -- "SESSION: Storage", apart from the entry that follows: so are the entries after it.
    local first, second = block.fields[1], block.fields[2]
    local apart = first[1] == "session" and (not second or L.gap[second[3]] > 0)
    if apart then
      session = first[2]
      table.remove(block.fields, 1)
      if second then block.first = second[3] end
    end
    local n, seen = distinct(block)
    local enough = n >= 2 and (seen.title or seen.people or seen.date or seen.time or seen.room)
    if enough or #block.fields >= 2 and seen.title then
      local item = { people = {}, form = "labels", line = block.first, last = block.last, gap = L.gap[block.first] }
      local w = layout.words_of(L, block.first)
      if not seen.title then
        local title, line, above = title_above(L, post, block)
        if title then
          item.title, item.line, w = title, line, above
          item.gap = L.gap[line]
        end
      end
      fill(item, block, ctx, post)
      if #item.people == 0 then listed_below(L, post, block, item, ctx) end
      local above = seen.title and block.first > post.body and layout.words_of(L, block.first - 1)
      local kind = above and kinds.is_kind(above.text)
      if kind then
        item.kind, item.kind_as_written = item.kind or kind, item.kind_as_written or above.text
        item.heading = block.first - 1
      end
      if item.title and not kinds.is_break(item.title) then
        item.w, item.at = w, w.at
        complete(item)
        item.session = item.session or session
        if apart then item.heading = item.heading or first[3] end
        item.labels = true
        item.why = ("%d labelled lines%s"):format(#block.fields, #list > 1 and ", like other entries of this post"
          or "")
        item.confidence = n >= 3 and 0.95 or 0.85
        item.strength = 3
        if item.from and (item.date or item.building) then post.programme = not post.author end
        found[#found + 1] = item
      end
    end
  end
  local day = found[1] and only_day(L, post, found[1].line)
  for _, item in ipairs(found) do
    if not item.date and (item.from or post.kind_of_items == "tutorial") then item.day = day end
  end
  return found
end

return M
