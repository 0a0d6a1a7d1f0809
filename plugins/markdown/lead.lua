-- The lines right below a heading: who speaks, when, where, which links. Reading stops at the first line that is text.

local dates = require "markdown.dates"
local people = require "markdown.people"

local M = {}

local meta = {
  slides = "slides_url", slide = "slides_url", deck = "slides_url", ["slide deck"] = "slides_url", video = "video_url",
  recording = "video_url", youtube = "video_url", ["talk video"] = "video_url", room = "room", location = "room",
  where = "room",
  track = "track", time = "time", when = "time", date = "time", start = "time", day = "time", duration = "duration",
  level = "level",
  link = "url", url = "url", website = "url", ["talk link"] = "url", abstract = "url", page = "url", title = "title",
  topic = "topic", company = "affiliation", affiliation = "affiliation", organisation = "affiliation",
  organization = "affiliation",
  session = "session", event = "event", conference = "event", tags = "tags", twitter = "twitter", bio = "bio",
  length = "duration",
}

local kinds = {
  talk = "talk", session = "talk", keynote = "keynote", workshop = "tutorial", tutorial = "tutorial", panel = "panel",
  ["lightning talk"] = "lightning", poster = "poster", demo = "demo", paper = "paper", lecture = "talk",
  presentation = "talk",
}
M.kinds = kinds

local function set(into, key, value)
  if into[key] == nil then into[key] = value end
end

local function url_in(line) return line:match "https?://[^%s<>)%]\"]+" end

local function read_time(into, text)
  local date, last = dates.range(text)
  if not date then date = dates.numeric(text) end
  if date then set(into, "date", date) if last ~= date then set(into, "last_date", last) end end
  for word in (" " .. text):gmatch "[%s,|(@](%d[%d:.h]*[^,|]*)" do
    local from, to = dates.clock(word)
    if from then set(into, "from", from) set(into, "to", to) break end
  end
end

-- "Key: value" with a key that is known. True where it was one.
local function keyed(into, line, plain)
  local key, value = plain:match "^([%a][%a() ]-)%s*:%s*(.+)$"
  local what = key and meta[key:lower()]
  if not what then return false end
  if what == "time" then read_time(into, value)
  elseif what:find "url$" then
    local url = url_in(line)
    if not url then return key:lower() ~= "abstract" end
    set(into, what, url)
  elseif what == "tags" then set(into, "tags", value)
  else set(into, what, value) end
  return true
end

-- A line that names people, however it is dressed. Returns true, or nil.
local function named(into, raw, plain, options, how)
  local role, rest = people.labelled(plain)
  local found, handle
  if role then
    found, handle = people.parse(rest, { labelled = true, comma = options.comma })
    -- "by jennz0r": somebody speaks although the text does not say who.
    if not found and not handle and #rest <= 40 and not rest:find "%s%S+%s%S+%s" then into.as_written = rest end
    if not found and not handle and not into.as_written then return nil end
  else
    local inner = plain:match "^%((.+)%)$" or plain:match "^[–—-]+%s*(.+)$"
    found, handle = people.parse(inner or plain, options)
    if not found and not (handle and plain:find "^@%S+$") then return nil end
  end
  local emphasised = raw:find "^%s*[*_]" ~= nil
  into.people, into.handle = found, handle
  into.role = role ~= "speaker" and role or nil
  into.byline = role ~= nil and (plain:lower():find "^by " ~= nil or role == "author"
    or plain:lower():find "^with " ~= nil)
  if role then into.strength, into.how = found and 1 or 0.75, "line '"
    .. plain:sub(1, #plain - #rest):gsub("[:%s]+$", "") .. "' below"
  elseif emphasised then into.strength, into.how = 0.9, "speaker in an emphasised line below"
  elseif how then into.strength, into.how = 0.55, how
  elseif not found then into.strength, into.how = 0.6, "handle below"
  elseif found[1].affiliations or found[1].handle or #found > 1 then into.strength, into.how = 0.85,
    "speaker line below"
  else into.strength, into.how, into.weak = 0.6, "name in a line of its own below", true end
  return true
end

-- "**Ana Lima** ([video](https://...))": links with a meaning of their own are taken out of a line.
local function without_links(into, raw)
  if not raw:find("](", 1, true) or #raw > 600 then return raw end
  return (raw:gsub("%(?%[([^%[%]]+)%]%(([^()%s]+)%)%)?", function(label, url)
    local what = meta[people.plain(label):lower()]
    if what and what:find "_url$" and url:find "^https?://" then
      set(into, what, url)
      return ""
    end
  end))
end

-- One line; returns "meta", "people", "skip" or nil for text.
local function line_kind(into, raw, options)
  local alone_link = raw:find "^%s*%[[^%[%]]*%]%([^()%s]*%)%s*$"
  if not alone_link then raw = without_links(into, raw) end
  local plain = people.plain(raw)
  -- Stars, hearts and rules say nothing here.
  if #plain < 60 and not plain:find "[%w]" and plain:find "^[\xe2\xef\xf0]" then return "skip" end
  if plain == "" or plain:find "^<!%-%-" then return "skip" end
  if #plain > 300 then return nil end
  local alone = plain:match "^<?(https?://%S-)>?$"
  if alone or raw:find "^%s*%[[^%[%]]*%]%([^()%s]*%)%s*$" then
    local url = alone or url_in(raw)
    local low = raw:lower()
    if url then
      set(into, low:find "slide" and "slides_url" or (low:find "youtu" or low:find "vimeo" or low:find "video"
        or low:find "recording")
        and "video_url" or "url", url)
    end
    return "meta"
  end
  if not into.people and not into.as_written then
    local label = plain:match "^(%a[%a()]*)%s*:?$"
    if label and people.label(label) and label:lower() ~= "by" and label:lower() ~= "with" then
      into.label = people.label(label)
      return "skip"
    end
    if named(into, raw, plain, options) then return "people" end
  else
    local role, rest = people.labelled(plain)
    if role and #plain < 200 and (plain:find(":", 1, true) or raw:find "^%s*[*_]") then
      -- A second line of people: the moderator below the panelists.
      for _, p in ipairs(into.people and people.parse(rest, { labelled = true, comma = options.comma }) or {}) do
        p.role = role ~= "speaker" and role or nil
        into.people[#into.people + 1] = p
      end
      return "meta"
    end
  end
  if keyed(into, raw, plain) then return "meta" end
  local from, to, rest = dates.clock(plain)
  if from and (rest or ""):find "^[%s,|–—-]*[%w ]*$" and #(rest or "") < 30 then
    set(into, "from", from) set(into, "to", to)
    local room = rest and rest:match "(%f[%a][Rr]oom%s+%w+)"
    if room then set(into, "room", room) end
    return "meta"
  end
  local word, minutes = plain:match "^(%a[%a ]-)%s*%((%d+)%s*%a+%)$"
  if not word then word = plain:match "^(%a[%a ]*)$" end
  if word and kinds[word:lower()] then
    set(into, "kind", kinds[word:lower()])
    set(into, "kind_as_written", word)
    if minutes then set(into, "duration", minutes .. " min") end
    return "meta"
  end
  if plain:find "^[Rr]oom%s+%w+$" or plain:find "^[Hh]all%s+%w+$" or plain:find "^[Ss]tage%s+%w+$" then
    set(into, "room", plain)
    return "meta"
  end
  local first, last, a, b = dates.range(plain)
  if first and a <= 12 and #plain - b <= 2 then
    set(into, "date", first)
    if last ~= first then set(into, "last_date", last) end
    return "meta"
  end
  if plain:find "^%b()$" then return "skip" end
  return nil
end

local function directives(into, block)
  for name, value in block:gmatch '@(%a+)%("([^"]*)"%)' do
    if name == "TitleHeading" then
      into.kind_as_written, into.kind = value, kinds[value:lower()]
      into.directive = into.kind and value or nil
    end
  end
end

local function each_line(text, from, to)
  return text:sub(from + 1, to):gmatch "([^\r\n]+)\r?\n?"
end

local function read_paragraph(into, block, options)
  local unknown, seen = 0, 0
  local before = into.people
  for raw in each_line(options.text, block.start, block.stop) do
    local what = line_kind(into, raw, options)
    if what == "meta" then seen = seen + 1 end
    if not what then
      unknown = unknown + 1
      -- "Portrait photo of ..." above a name: one such line is forgiven where the paragraph is all short lines.
      if unknown > 1 or #raw > 70 or into.people then
        if into.people ~= before and into.weak and seen == 0 and unknown > 0 and #raw > 70 then
          into.people, into.strength, into.how, into.weak = nil, nil, nil, nil
        end
        return false
      end
    end
  end
  if unknown > 0 and into.people ~= before and seen == 0 and block.last > block.first then
    into.people, into.strength, into.how, into.weak = nil, nil, nil, nil
  end
  return unknown == 0
end

-- Items that each begin with a name, below a line that is only a label: "Speakers", then "- Ana Lima, who ...".
local function read_people(into, block, options, role)
  local found = {}
  for raw in each_line(options.text, block.start, block.stop) do
    local item = raw:match "^%s?[-*+]%s+(.+)$" or raw:match "^%s?%d+[.)]%s+(.+)$"
    if item then
      local plain = people.plain(item)
      local name = plain:match "^([^,(]+)" or plain
      local one = people.parse(#plain <= 80 and plain or name, { comma = "affiliation" }) or people.parse(name, {})
      if not one then return end
      for _, p in ipairs(one) do found[#found + 1] = p end
    end
  end
  if #found == 0 then return end
  into.people, into.strength, into.how = found, 0.95, "list of speakers below"
  into.role = role ~= "speaker" and role or nil
end

-- The first items of a list: "- Speaker: Ana Lima", or the speaker alone as the very first one.
local function read_list(into, block, options)
  if into.label and not into.people then
    read_people(into, block, options, into.label)
    return
  end
  local count = 0
  for raw in each_line(options.text, block.start, block.stop) do
    local item = raw:match "^%s?%s?%s?[-*+]%s+(.+)$" or raw:match "^%s?%s?%s?%d+[.)]%s+(.+)$"
    if item then
      count = count + 1
      local plain = people.plain(item)
      local role = people.labelled(plain)
      if not into.people and role and #plain < 160 and plain:find ":" then
        named(into, item, plain, options)
      elseif not into.people and count == 1 and not into.as_written and #plain < 100 then
        named(into, item, plain, options, "name as first item below")
      elseif not keyed(into, item, plain) and count > 1 then
        return
      end
      if count >= 6 then return end
    end
  end
end

local function read_quote(into, block, options)
  for raw in each_line(options.text, block.start, block.stop) do
    local plain = people.plain((raw:gsub("^[%s>]+", "")))
    if people.labelled(plain) and plain:find ":" and not into.people then named(into, raw, plain, options)
    elseif not into.people and block.first == block.last and #plain < 120
      and named(into, "", plain, options, "speaker in a quote below") then
      into.strength = (into.people and (into.people[1].affiliations or #into.people > 1)) and 0.8 or 0.55
      return
    elseif not keyed(into, raw, plain) then return end
  end
end

-- BLOCKS (those right below a heading) -> what they say. options: { text, comma? }
function M.read(blocks, options)
  local into = {}
  for i = 1, math.min(#blocks, 6) do
    local b = blocks[i]
    local slice = options.text:sub(b.start + 1, math.min(b.stop, b.start + 400))
    if b.type == "paragraph" and slice:find "^%s*@%a+%s*[({]" then
      directives(into, slice)
    elseif b.type == "paragraph" then
      if not read_paragraph(into, b, options) then break end
    elseif b.type ~= "html_block" or not slice:find "^%s*<!%-%-" then
      if b.type == "list" then read_list(into, b, options) elseif b.type == "block_quote" then read_quote(into, b,
        options) end
      break
    end
  end
  return into
end

return M
