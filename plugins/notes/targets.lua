-- What people mean by TARGET: ids, "-" for ids on standard input, a file that was imported, or words.

local lectern = require "lectern"

local M = {}

local function is_id(word)
  return #word >= 6 and word:find "^%x[%x-]*$" ~= nil
end

local function words_of(text)
  local words = {}
  for word in text:gmatch "%S+" do words[#words + 1] = word end
  return words
end

local function all_ids(words)
  for _, word in ipairs(words) do if not is_id(word) then return false end end
  return #words > 0
end

local function missing(what)
  lectern.fail(("no talk or note '%s'"):format(what), { code = "E_NOTFOUND", hint = "lectern search finds by words" })
end

-- An id that names nothing is an error only where it stands alone: "decade" is a word too.
local function by_ids(words, strict)
  local found = {}
  for _, word in ipairs(words) do
    local ok, object = pcall(lectern.notes.get, word, { body = true })
    if not ok and type(object) == "table" and object.code == "E_USAGE" then error(object, 0) end
    if ok and object then found[#found + 1] = object elseif strict then missing(word) else return nil end
  end
  return found
end

-- "./a" and "../a" as people type them: without the dots, relative to CWD.
local function resolved(path, cwd)
  if not path:find "^%.%.?/" and not path:find "/%.%.?/" then return path end
  local parts = {}
  for part in (path:sub(1, 1) == "/" and path or cwd .. "/" .. path):gmatch "[^/]+" do
    if part == ".." then parts[#parts] = nil elseif part ~= "." then parts[#parts + 1] = part end
  end
  return "/" .. table.concat(parts, "/")
end

-- Notes whose source is the file TEXT.
local function by_file(text, job)
  if not text:find "[/.]" or text:find "%s" then return nil end
  text = resolved(text, job.cwd)
  local found = lectern.notes.find { type = "note", query = ('path:"%s"'):format(text:gsub('"', "")), body = true }
  if #found == 0 then return nil end
  local whole = {}
  for _, note in ipairs(found) do if not note.part_of then whole[#whole + 1] = note end end
  return #whole > 0 and whole or found
end

-- The event that TEXT names in full: "sosp-2017", "SOSP 2017", "SOSP'17".
local function by_event(text)
  if not text:find "%d%d$" and not text:find "^[%w.]+%-[%w-]+$" then return nil end
  local ok, event = pcall(lectern.notes.event, text)
  return ok and event or nil
end

-- Everything TEXT means, with bodies. Fails with E_NOTFOUND where that is nothing.
function M.all(text, job)
  if text == "-" then
    return by_ids(words_of(job:stdin() or ""), true)
  end
  local words = words_of(text)
  if all_ids(words) then
    local found = by_ids(words, #words > 1 or text:find "%d" ~= nil and #text >= 8)
    if found then return found end
  end
  local found = by_file(text, job)
  if found then return found end
  return lectern.notes.target(words)
end

-- The one thing TEXT means: for words the best hit. Second result: how many more hits there are, at least.
function M.one(text, job)
  if text == "-" or all_ids(words_of(text)) or by_file(text, job) then
    local found = M.all(text, job)
    if #found == 0 then missing(text) end
    return found[1], #found - 1
  end
  local event = by_event(text)
  if event then return event, 0 end
  local hits = lectern.notes.search(text, 6)
  if #hits == 0 then
    lectern.fail(("nothing matches '%s'"):format(text), { code = "E_NOTFOUND",
      hint = "fewer words find more; prefix* matches beginnings" })
  end
  return lectern.notes.get(hits[1].id, { body = true }), #hits - 1
end

return M
