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

local LONG <const> = 64 * 1024 -- bytes of a text that is written a piece at a time: escaped, it may be six times as long

-- What is written gathers in w, and leaves with w.out.
local function put(w, s)
  w[#w + 1] = s
end

local function flush(w)
  w.out:write(concat(w))
  for i = #w, 1, -1 do w[i] = nil end
end

local function text(w, s)
  put(w, '"')
  for from = 1, #s, LONG do
    if from > 1 then flush(w) end
    put(w, (gsub(#s <= LONG and s or s:sub(from, from + LONG - 1), '[%c"\\\x7f]', escaped)))
  end
  put(w, '"')
end

local function number(n)
  if math.type(n) == "integer" then return format("%d", n) end
  if n ~= n or n == math.huge or n == -math.huge then return "null" end
  return (format("%.14g", n))
end

local value

local function array(w, t, name)
  for i = 1, #t do
    put(w, i == 1 and "[" or ",")
    value(w, t[i], name)
  end
  put(w, "]")
end

local function object(w, t, kind)
  local seen, first = {}, true
  local function field(key, v)
    put(w, first and "{" or ",")
    first = false
    text(w, key)
    put(w, ":")
    value(w, v, key)
  end
  for _, key in ipairs(order[kind] or {}) do
    seen[key] = true
    if t[key] ~= nil or always[kind] then field(key, t[key]) end
  end
  local rest = {}
  for key in next, t do
    if not seen[key] then rest[#rest + 1] = tostring(key) end
  end
  table.sort(rest)
  for _, key in ipairs(rest) do
    local v = t[key]
    if v == nil then v = t[math.tointeger(key) or key] end
    field(key, v)
  end
  put(w, first and "{}" or "}")
end

-- V as JSON; NAME is the field it stands in, which tells empty lists from empty maps.
function value(w, v, name)
  local kind = type(v)
  if kind == "string" then text(w, v)
  elseif kind == "number" then put(w, number(v))
  elseif kind == "boolean" then put(w, tostring(v))
  elseif v == nil and lists[name] then put(w, "[]")
  elseif v == nil and maps[name] then put(w, "{}")
  elseif kind ~= "table" or v == lectern.null then put(w, "null")
  elseif v[1] ~= nil then array(w, v, name)
  elseif next(v) == nil then put(w, maps[name] and "{}" or "[]")
  else object(w, v, children[name]) end
end

lectern.exporter "json" {
  doc = "One JSON array: notes with their bodies, and talks.",
  extension = "json",
  args = {
    { "only", type = "string", required = false, flag = true, doc = "the object with this id alone, not in an array" },
  },
  export = function(notes, out, args)
    local seen, count, w = {}, 0, { out = out }
    local function write(o)
      if seen[o.id] or args.only and o.id ~= args.only then return end
      seen[o.id], count = true, count + 1
      if not args.only then out:write(count == 1 and "[\n" or ",\n") end
      object(w, o, o.type)
      flush(w)
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
