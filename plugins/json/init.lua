-- Notes and talks as one JSON array of the contract's objects, bodies included.

local lectern = require "lectern"

lectern.plugin {
  name = "json", version = "0.1.0", api = 1, doc = "Notes and talks as JSON", needs = { "notes.read" },
}

local format, gsub, concat = string.format, string.gsub, table.concat

-- Fields in the contract's order; what the store adds later comes behind them by name.
local order = {
  talk = [[
  type id short created updated kind kind_as_written title event session speakers awards start end room building
  url slides_url video_url abstract lang tags fields links notes words rev sources
]],
  note = [[
  type id short created updated kind title author event talks part_of ord body lang words tags fields links
  questions people attachments rev sources
]],
  event = "id slug name year", person = "id name", speaker = "id name role affiliations", question = "q a asker",
  source = "id path importer byte_start byte_end line_start line_end encoding",
}
local children = { event = "event", author = "person", speakers = "speaker", questions = "question",
  sources = "source" }
-- What is a list, or a map, also when it is empty.
local lists = {}
for name in ("speakers awards tags links notes sources talks questions people attachments affiliations"):gmatch "%S+" do
  lists[name] = true
end
local maps = { fields = true }
local always = { talk = true, note = true, event = true, person = true, speaker = true, question = true, source = true }

for kind, names in pairs(order) do
  local list = {}
  for name in names:gmatch "%S+" do list[#list + 1] = name end
  order[kind] = list
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t" }

local function escaped(c) return escapes[c] or format("\\u%04x", c:byte()) end

local function text(s)
  return '"' .. gsub(s, '[%c"\\\x7f]', escaped) .. '"'
end

local function number(n)
  if math.type(n) == "integer" then return format("%d", n) end
  if n ~= n or n == math.huge or n == -math.huge then return "null" end
  return (format("%.14g", n))
end

local value

local function array(t, name)
  local out = {}
  for i = 1, #t do out[i] = value(t[i], name) end
  return "[" .. concat(out, ",") .. "]"
end

local function object(t, kind)
  local out, seen = {}, {}
  for _, key in ipairs(order[kind] or {}) do
    seen[key] = true
    if t[key] ~= nil or always[kind] then out[#out + 1] = text(key) .. ":" .. value(t[key], key) end
  end
  local rest = {}
  for key in next, t do
    if not seen[key] then rest[#rest + 1] = tostring(key) end
  end
  table.sort(rest)
  for _, key in ipairs(rest) do
    local v = t[key]
    if v == nil then v = t[math.tointeger(key) or key] end
    out[#out + 1] = text(key) .. ":" .. value(v, key)
  end
  return "{" .. concat(out, ",") .. "}"
end

-- V as JSON; NAME is the field it stands in, which tells empty lists from empty maps.
function value(v, name)
  local kind = type(v)
  if kind == "string" then return text(v) end
  if kind == "number" then return number(v) end
  if kind == "boolean" then return tostring(v) end
  if v == nil and lists[name] then return "[]" end
  if v == nil and maps[name] then return "{}" end
  if kind ~= "table" or v == lectern.null then return "null" end
  if v[1] ~= nil then return array(v, name) end
  if next(v) == nil then return maps[name] and "{}" or "[]" end
  return object(v, children[name])
end

lectern.exporter "json" {
  doc = "One JSON array: notes with their bodies, and talks.",
  extension = "json",
  args = {
    { "only", type = "string", required = false, flag = true, doc = "the object with this id alone, not in an array" },
  },
  export = function(notes, out, args)
    local seen, count = {}, 0
    local function write(o)
      if seen[o.id] or args.only and o.id ~= args.only then return end
      seen[o.id], count = true, count + 1
      if not args.only then out:write(count == 1 and "[\n" or ",\n") end
      out:write(object(o, o.type))
    end
    for note, talks in notes do
      write(note)
      for _, talk in ipairs(talks or {}) do write(talk) end
    end
    -- All notes have brought their talks, unless only some were asked for.
    for talk in lectern.talks.each { query = out.query or "-has:note", body = true } do write(talk) end
    if not args.only then out:write(count == 0 and "[" or "\n", "]") end
    out:write "\n"
  end,
}
