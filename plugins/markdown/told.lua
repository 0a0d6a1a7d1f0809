-- What is known of a note that importing its text again would not find: questions with their answers in forms of other
-- importers, who asked where the text has only initials, people who are spoken of. Front matter says it under the keys
-- `questions` (a list of maps with `q`, `a`, `asker`) and `people_mentioned` (a list of names).

local lectern = require "lectern"
local front = require "markdown.front"
local inline = require "markdown.inline"

local M = {}

local null = front.null

local function given(v) return v ~= null and v or nil end

local function listed(questions)
  local out = {}
  for i, q in ipairs(questions or {}) do out[i] = { q = q.q, a = given(q.a), asker = given(q.asker) } end
  return out[1] and out or "none"
end

-- The people whom NOTE names in its text; who wrote it is told elsewhere.
local function mentioned(note)
  local out = {}
  for _, p in ipairs(note.people or {}) do
    local role = given(p.role)
    if role ~= "author" then out[#out + 1] = role and { name = p.name, role = role } or p.name end
  end
  return out[1] and out or nil
end

-- Whether the text of NOTE alone gives back all of it.
function M.in_text(note)
  local _, _, questions = inline.scan(note.body)
  return mentioned(note) == nil and lectern.equal(listed(note.questions), listed(questions))
end

-- Tells it of NOTE with PUT(key, value).
function M.put(put, note)
  local _, _, questions = inline.scan(note.body)
  local own = listed(note.questions)
  if not lectern.equal(own, listed(questions)) then put("questions", own) end
  put("people_mentioned", mentioned(note))
end

local function text_of(v) return type(v) == "string" and v:find "%S" and v or nil end

local function questions_of(value)
  if value == "none" then return {} end
  if type(value) ~= "table" or not value[1] then return nil end
  local out = {}
  for i, q in ipairs(value) do
    if type(q) ~= "table" or not text_of(q.q) then return nil end
    out[i] = { q = q.q, a = text_of(q.a), asker = text_of(q.asker) }
  end
  return out
end

local function people_of(value)
  if type(value) ~= "table" or not value[1] then return nil end
  local out = {}
  for i, p in ipairs(value) do
    local name = type(p) == "table" and text_of(p.name) or text_of(p)
    if not name then return nil end
    out[i] = { name = name, role = type(p) == "table" and text_of(p.role) or nil }
  end
  return out
end

-- What DATA, a map of front matter, says, taken out of it: { questions?, people? }. What has another form stays.
function M.take(data)
  local told = { questions = questions_of(data.questions), people = people_of(data.people_mentioned) }
  if told.questions then data.questions = nil end
  if told.people then data.people_mentioned = nil end
  return told
end

-- NOTE, a record, with what was TOLD of it.
function M.fill(note, told)
  if told then
    note.questions = told.questions or note.questions
    note.people = told.people or note.people
  end
  return note
end

return M
