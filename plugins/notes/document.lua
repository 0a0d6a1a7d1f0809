-- Objects as documents for an editor: front matter with what can be changed, then the text; and back again.

local lectern = require "lectern"
local yaml = require "lectern.yaml"

local M = {}

-- What the editor shows of each type, in this order.
local shown = {
  talk = { "title", "kind", "speakers", "event", "session", "start", "end", "room", "url", "slides_url", "video_url",
    "tags" },
  note = { "title", "event", "tags" },
  event = { "name", "year", "full_name", "series", "start", "end", "place", "url", "aliases" },
  person = { "name", "aliases", "affiliations" },
}
local lists = { tags = true, speakers = true, aliases = true, affiliations = true }

local function event_text(event)
  if not event then return nil end
  return event.year and ("%s %d"):format(event.name, event.year) or event.name
end

-- A speaker as "Ana Lima (Fjord Labs)" or, with another role, as a map.
local function speaker_text(s)
  if s.role and s.role ~= "speaker" then return { name = s.name, role = s.role, affiliations = s.affiliations } end
  if s.affiliations and s.affiliations[1] then return ("%s (%s)"):format(s.name, table.concat(s.affiliations, "; ")) end
  return s.name
end

local function speaker_of(v)
  if type(v) == "table" then return v end
  local name, firms = v:match "^(.-)%s*%((.+)%)$"
  if not name then return { name = v } end
  local affiliations = {}
  for firm in (firms .. ";"):gmatch "%s*([^;]-)%s*;" do affiliations[#affiliations + 1] = firm end
  return { name = name, affiliations = affiliations }
end

local function field_text(object, key)
  local v = object[key]
  if key == "event" then return event_text(v) or "" end
  if key == "speakers" then
    local names = {}
    for i, s in ipairs(v or {}) do names[i] = speaker_text(s) end
    return names
  end
  if lists[key] then return v or {} end
  return v == nil and "" or tostring(v)
end

-- OBJECT, with the body of NOTE where it has one, as a document.
function M.of(object, note)
  local front, order = {}, {}
  for i, key in ipairs(shown[object.type] or {}) do
    front[key], order[i] = field_text(object, key), key
  end
  return "---\n" .. yaml.emit(front, order) .. "---\n" .. (note and note.body or "")
end

-- An empty document for `new`.
function M.blank(talk, event)
  local title = talk and talk.title or ""
  local front = { title = title, event = event_text(talk and talk.event or event) or "", tags = {} }
  if talk then return "---\n" .. yaml.emit(front, { "title", "event", "tags" }) .. "---\n\n" end
  front.speakers = {}
  return "---\n" .. yaml.emit(front, { "title", "speakers", "event", "tags" }) .. "---\n\n"
end

local function scalar(v)
  return type(v) == "string" and v:find "%S" and v or nil
end

local function list(v)
  if type(v) == "string" then
    local out = {}
    for item in (v .. ","):gmatch "%s*([^,]-)%s*," do if item ~= "" then out[#out + 1] = item end end
    return out
  end
  return type(v) == "table" and v or {}
end

-- TEXT -> { body, front = the data as written, title?, event?, tags?, speakers?, kind? }. Bad front matter is refused
-- with its line.
function M.parse(text)
  local raw, at = text:match "^%-%-%-[ \t]*\r?\n(.-)\n?%-%-%-[ \t]*\r?\n()"
  if not raw then return { body = text, front = {} } end
  local data, message, line = yaml.parse(raw)
  if type(data) ~= "table" then
    lectern.fail("the part between the --- lines is not right: " .. tostring(message
      or "not a list of names and values"), {
      code = "E_DATA", hint = line and ("line %d"):format(line + 1) or nil,
    })
  end
  local page = { body = text:sub(at), front = data, title = scalar(data.title), event = scalar(data.event),
    kind = scalar(data.kind) }
  local tags = list(data.tags)
  if tags[1] then page.tags = tags end
  local speakers = {}
  for i, s in ipairs(list(data.speakers or data.speaker)) do speakers[i] = speaker_of(s) end
  if speakers[1] then page.speakers = speakers end
  return page
end

-- The first line of BODY that says something.
function M.title_of(body)
  for line in body:gmatch "[^\r\n]+" do
    local plain = line:gsub("^[%s#>*+-]+", ""):gsub("%s+$", "")
    if plain ~= "" then return #plain <= 80 and plain or plain:sub(1, 80):gsub("[\x80-\xff]*$", "") .. " ..." end
  end
end

-- What AFTER changes on OBJECT compared with BEFORE (both parsed): fields, and the new body.
function M.changes(object, before, after)
  local changes = {}
  for _, key in ipairs(shown[object.type] or {}) do
    local old, new = before.front[key], after.front[key]
    if not lectern.equal(old, new) then
      if key == "speakers" then
        local speakers = {}
        for i, s in ipairs(list(new)) do speakers[i] = speaker_of(s) end
        changes.speakers = speakers
      elseif lists[key] then
        changes[key] = list(new)
      elseif key == "year" then
        changes.year = tonumber(new) or lectern.null
      else
        changes[key] = scalar(new) or lectern.null
      end
    end
  end
  return changes, after.body
end

return M
