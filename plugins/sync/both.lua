-- Both sides of a conflict as one document for an editor: fields in front matter, theirs as a comment above yours, then the
-- text with both sides between marks; and what the person made of it.

local lectern = require "lectern"
local yaml = require "lectern.yaml"

local M = {}

local function text_of_person(s)
  local more = s.role and s.role ~= "speaker" or s.affiliations and s.affiliations[1]
  return more and { name = s.name, role = s.role, affiliations = s.affiliations } or s.name
end

-- A value as people write it.
local function written(field, value)
  if value == nil or value == lectern.null then return "" end
  if field == "event" or field == "parent" then
    return value.name and (value.year and ("%s %d"):format(value.name, value.year) or value.name) or value
  end
  if field == "author" then return value.name or value end
  if field == "speakers" or field == "people" then
    local list = {}
    for i, s in ipairs(value) do list[i] = text_of_person(s) end
    return list
  end
  return value
end

-- { { field, mine, theirs } } of all conflicts, each field once, the newest words last.
local function fields_of(list)
  local fields, at = {}, {}
  for _, c in ipairs(list) do
    for _, f in ipairs(c.fields) do
      local i = at[f.field] or #fields + 1
      at[f.field], fields[i] = i, f
    end
  end
  return fields
end

local function has_marks(text)
  return ("\n" .. text):find("\n<<<<<<< mine", 1, true) or ("\n" .. text):find("\n>>>>>>> theirs", 1, true)
end

local function commented(field, value)
  return (yaml.emit({ [field] = written(field, value) }, { field }):gsub("[^\n]+", "# theirs: %0"))
end

-- LIST, the conflicts of OBJECT, as a document; nil where there is nothing to edit.
function M.document(object, list)
  local fields, body = fields_of(list), object.type == "note" and object.body or nil
  for _, c in ipairs(list) do
    if c.marked and c.marked ~= lectern.null then body = c.marked end
  end
  if body and not has_marks(body) then body = nil end
  local out = {}
  for _, f in ipairs(fields) do
    out[#out + 1] = commented(f.field, f.theirs) .. yaml.emit({ [f.field] = written(f.field, f.mine) }, { f.field })
  end
  local front = #out > 0 and "---\n" .. table.concat(out) .. "---\n" or ""
  return #out + (body and 1 or 0) > 0 and front .. (body or "") or nil, fields, body ~= nil
end

local function front_of(text)
  local raw, at = text:match "^%-%-%-[ \t]*\r?\n(.-)\n?%-%-%-[ \t]*\r?\n?()"
  if not raw then
    lectern.fail("the part between the --- lines is gone", { code = "E_DATA", hint = "nothing was decided; the same again" })
  end
  local data, message, line = yaml.parse(raw)
  if data == nil and not raw:find "[^%s#]" then data = {} end
  if type(data) ~= "table" then
    lectern.fail("the part between the --- lines is not right: " .. tostring(message or "no list of names and values"),
      { code = "E_DATA", hint = line and ("line %d"):format(line + 1) or nil })
  end
  return data, at
end

-- What TEXT, as BEFORE came back from the editor, makes of FIELDS and, where it WAS_TEXT, of the body: fields to put.
function M.decided(before, text, fields, was_text)
  local put = {}
  local at = 1
  if #fields > 0 then
    local was = front_of(before)
    local data, behind = front_of(text)
    at = behind
    local known = {}
    for _, f in ipairs(fields) do
      known[f.field] = true
      local value = data[f.field]
      if value == nil or value == "" then value = lectern.null end
      if not lectern.equal(value, was[f.field] == "" and lectern.null or was[f.field]) then put[f.field] = value end
    end
    for key in pairs(data) do
      if not known[key] then
        lectern.fail(("'%s' is not in conflict"):format(tostring(key)), { code = "E_DATA",
          hint = "lectern edit changes other fields" })
      end
    end
  end
  if was_text then
    put.body = text:sub(at)
    if has_marks(put.body) then
      lectern.fail("there are still marks of a conflict in the text", { code = "E_DATA",
        hint = "take out the lines that begin with <<<<<<<, ======= and >>>>>>>" })
    end
  end
  return put
end

return M
