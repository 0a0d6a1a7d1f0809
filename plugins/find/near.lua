-- What is near to an object: by its telling words, its people, its tags and its event; and what points to it.

local lectern = require "lectern"

local M = {}

local TERMS <const>, CANDIDATES <const> = 12, 40
-- What a shared person, tag, session and event count beside the words, whose best candidate counts 1.
local PERSON <const>, TAG <const>, SESSION <const>, EVENT <const> = 0.5, 0.25, 0.15, 0.1

local function object_of(id)
  local object = lectern.notes.get(id, { body = true })
  if not object then lectern.fail(("there is no '%s'"):format(id), { code = "E_NOTFOUND", hint = "lectern search finds ids" }) end
  return object
end

local function quoted(text) return '"' .. text:gsub('"', " ") .. '"' end

local function set_of(list, key)
  local set = {}
  for _, item in ipairs(list or {}) do set[key and item[key] or item] = true end
  return set
end

-- A note has the people, the event and the session of its one talk.
local function facts(object)
  local talk = object.type == "talk" and object
    or object.type == "note" and #(object.talks or {}) == 1 and lectern.notes.get(object.talks[1]) or nil
  local people = set_of(talk and talk.speakers, "name")
  if object.author then people[object.author.name] = true end
  local event = object.event or talk and talk.event
  local tags = set_of(object.tags)
  for tag in pairs(set_of(talk and talk.tags)) do tags[tag] = true end
  return { people = people, tags = tags, event = event and event.id, session = talk and talk.session }
end

local function text_of(object)
  local parts = { object.title or "", object.body or object.abstract or "" }
  for _, id in ipairs(object.type == "talk" and object.notes or {}) do
    local note = lectern.notes.get(id, { body = true })
    parts[#parts + 1] = note and note.body or ""
  end
  return table.concat(parts, "\n"):lower()
end

local function shared(a, b)
  local list = {}
  for name in pairs(a) do if b[name] then list[#list + 1] = name end end
  table.sort(list)
  return list
end

local function shared_terms(terms, text)
  local list = {}
  for _, term in ipairs(terms) do
    if text:find("%f[%w\x80-\xff]" .. term.stem:gsub("%p", "%%%0")) or text:find(term.word:lower(), 1, true) then
      list[#list + 1] = term.word
    end
  end
  return list
end

-- Hits for the telling words, then for each person: by id, with the score of the words.
local function candidates(terms, known)
  local found, order = {}, {}
  local function add(query, scored)
    for _, hit in ipairs(lectern.notes.search(query, CANDIDATES)) do
      if not found[hit.id] then
        found[hit.id], order[#order + 1] = hit, hit
        if not scored then hit.score = 0 end
      end
    end
  end
  local words = {}
  for i, term in ipairs(terms) do words[i] = quoted(term.word) end
  if #words > 0 then add(table.concat(words, " OR "), true) end
  local names = {}
  for name in pairs(known.people) do names[#names + 1] = "person:" .. quoted(name) end
  table.sort(names)
  if #names > 0 then add(table.concat(names, " OR ", 1, math.min(#names, 20)), false) end
  return order
end

-- Ids that are the object itself: a talk and its notes are one thing.
local function itself(object)
  local ids = { [object.id] = true }
  for _, id in ipairs(object.notes or {}) do ids[id] = true end
  for _, id in ipairs(object.talks or {}) do if object.type == "note" then ids[id] = true end end
  return ids
end

function M.related(args)
  local object = object_of(args.id)
  if object.type ~= "talk" and object.type ~= "note" then
    lectern.fail(("a %s has no text to compare"):format(object.type), { code = "E_USAGE", hint = "give a talk or a note" })
  end
  local own, mine = itself(object), facts(object)
  local terms = lectern.notes.terms(object.id, TERMS)
  local hits = candidates(terms, mine)
  local best = 0
  for _, hit in ipairs(hits) do if not own[hit.id] then best = math.max(best, hit.score) end end
  local out = {}
  for _, hit in ipairs(hits) do
    local other = not own[hit.id] and lectern.notes.get(hit.id, { body = true })
    if other then
      local theirs = facts(other)
      local why = {
        terms = shared_terms(terms, text_of(other)), people = shared(mine.people, theirs.people),
        tags = shared(mine.tags, theirs.tags), event = mine.event ~= nil and mine.event == theirs.event,
        session = mine.session ~= nil and mine.event == theirs.event and mine.session == theirs.session,
      }
      hit.score = (best > 0 and hit.score / best or 0) + PERSON * math.min(#why.people, 2) + TAG * math.min(#why.tags, 2)
        + (why.session and SESSION or 0) + (why.event and EVENT or 0)
      hit.score = math.floor(hit.score * 1000 + 0.5) / 1000
      hit.why, hit.snippet, hit.matches, hit.note = why, nil, nil, nil
      if #why.terms + #why.people + #why.tags > 0 or why.session then out[#out + 1] = hit end
    end
  end
  table.sort(out, function(a, b)
    if a.score ~= b.score then return a.score > b.score end
    return a.id < b.id
  end)
  for i = #out, args.limit + 1, -1 do out[i] = nil end
  return out, #out > 0 and require("find.view").related(out) or nil
end

-- ---- what points here -----------------------------------------------------------------------------------------------

local function file_of(object)
  for _, source in ipairs(object.sources or {}) do
    local name = (source.path or ""):match "([^/]+)$"
    if name and name ~= "-" then return name end
  end
end

-- What stands for OBJECT in a text: { text, how, search } with what to search for to find texts that may have it.
local function handles(object)
  local list, name = {}, object.title or object.name
  local function add(text, how, pattern) if text and #text > 2 then list[#list + 1] = { text = text, how = how, pattern = pattern } end end
  add(object.id, "id")
  add(object.short, "id")
  for _, key in ipairs { "url", "slides_url", "video_url" } do add(object[key], "address") end
  add(object.slug, "id")
  if name then
    add(name, "name", { "[[" .. name .. "]]", "[[" .. name .. "|", "[" .. name .. "](" })
  end
  local file = file_of(object)
  if file then add(file, "file", { "](" .. file, "/" .. file .. ")", "[[" .. file:gsub("%.%w+$", "") .. "]]" }) end
  return list, name
end

-- How TEXT (and the LINKS of its note) point to what the handles stand for; nil where they do not.
local function points(text, links, list)
  for _, handle in ipairs(list) do
    for _, wanted in ipairs(handle.pattern or { handle.text }) do
      if text:find(wanted:lower(), 1, true) then return handle.how end
    end
    for _, link in ipairs(links or {}) do
      local url = type(link) == "table" and (link.url or link.href) or link
      if type(url) == "string" and url == handle.text then return handle.how end
    end
  end
end

function M.backlinks(args)
  local object = object_of(args.id)
  local own = itself(object)
  local list, name = handles(object)
  local words = {}
  for i, handle in ipairs(list) do words[i] = quoted(handle.text) end
  local out = {}
  for _, hit in ipairs(#words > 0 and lectern.notes.search(table.concat(words, " OR "), 300) or {}) do
    local note = not own[hit.id] and lectern.notes.get(hit.note or hit.id, { body = true })
    if note and not own[note.id] then
      local text = (note.body or note.abstract or ""):lower()
      local how = points(text, note.links, list)
      if not how and args.mentions and name and text:gsub("%s+", " "):find(name:lower(), 1, true) then how = "mention" end
      if how then
        hit.how = how
        hit.speakers, hit.score, hit.matches, hit.note = nil, nil, nil, nil
        out[#out + 1] = hit
        if #out == args.limit then break end
      end
    end
  end
  return out
end

return M
