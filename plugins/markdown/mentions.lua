-- Works that are mentioned, and other talks that no note is about: the key `mentions` in front matter, a list of maps with
-- the keys of a talk; `kind` is mention where it says nothing else. A file with nothing but that key makes no note.

local lectern = require "lectern"
local front = require "markdown.front"

local M = {}

-- The list in DATA, taken out of it; nil where there is none, or where its items are something else.
function M.take(data)
  local list = data.mentions
  if type(list) ~= "table" or not list[1] then return nil end
  for _, entry in ipairs(list) do
    if type(entry) ~= "table" or not front.line_of(entry.title) then return nil end
  end
  data.mentions = nil
  return list
end

-- A record for each; STOP is where front matter ends. FRONT_TALK(meta, why, confidence) makes a talk of what was read.
function M.emit(job, list, stop, front_talk)
  for _, entry in ipairs(list) do
    local meta = front.read(entry)
    local talk = front_talk(meta, "mentioned in front matter", 1)
    talk.type, talk.title, talk.kind, talk.bytes = "talk", front.line_of(entry.title), meta.kind or "mention", { 0, stop }
    job:emit(talk)
  end
end

-- Does the text of a Markdown file list TALK? Then it comes back with that text.
local function in_a_text(talk)
  for _, source in ipairs(talk.sources or {}) do
    if source.importer == "markdown" and (source.byte_start or 0) > 0 then return true end
  end
  return false
end

-- Calls F(talk) for talks without notes that match QUERY and stand in no text, mentions first.
function M.each(query, f)
  for talk in lectern.talks.each { query = query, kind = "mention", body = true } do
    if #(talk.notes or {}) == 0 then f(talk) end
  end
  for talk in lectern.talks.each { query = query, body = true } do
    if talk.kind ~= "mention" and #(talk.notes or {}) == 0 and not in_a_text(talk) then f(talk) end
  end
end

return M
