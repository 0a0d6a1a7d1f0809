-- A JSON reader for the tests: json.read(text) -> value. null is json.null, objects and arrays are tables; bad text is an error.

local json = { null = setmetatable({}, { __tostring = function() return "null" end }) }

local escapes <const> = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }
local words <const> = { ["true"] = true, ["false"] = false, null = json.null }

local value

local function fail(at, what) error(("bad JSON at byte %d: %s"):format(at, what), 0) end

local function skip(s, at) return s:find("[^ \t\r\n]", at) or #s + 1 end

local function code(s, at)
  local hex = s:match("^%x%x%x%x", at) or fail(at, "escape")
  return tonumber(hex, 16)
end

local function text(s, at)
  local parts, from = {}, at + 1
  while true do
    local stop = s:find('["\\]', from) or fail(at, "open string")
    parts[#parts + 1] = s:sub(from, stop - 1)
    if s:byte(stop) == 34 then return table.concat(parts), stop + 1 end
    local c = s:sub(stop + 1, stop + 1)
    from = stop + 2
    if c == "u" then
      local u = code(s, from)
      from = from + 4
      if u >= 0xd800 and u < 0xdc00 and s:sub(from, from + 1) == "\\u" then
        u = 0x10000 + (u - 0xd800) * 1024 + code(s, from + 2) - 0xdc00
        from = from + 6
      end
      parts[#parts + 1] = utf8.char(u)
    else
      parts[#parts + 1] = escapes[c] or fail(stop, "escape")
    end
  end
end

local function list(s, at)
  local out = {}
  at = skip(s, at + 1)
  if s:sub(at, at) == "]" then return out, at + 1 end
  while true do
    out[#out + 1], at = value(s, at)
    at = skip(s, at)
    local c = s:sub(at, at)
    if c == "]" then return out, at + 1 end
    if c ~= "," then fail(at, "comma expected") end
    at = at + 1
  end
end

local function object(s, at)
  local out = {}
  at = skip(s, at + 1)
  if s:sub(at, at) == "}" then return out, at + 1 end
  while true do
    local key
    key, at = text(s, skip(s, at))
    at = skip(s, at)
    if s:sub(at, at) ~= ":" then fail(at, "colon expected") end
    out[key], at = value(s, at + 1)
    at = skip(s, at)
    local c = s:sub(at, at)
    if c == "}" then return out, at + 1 end
    if c ~= "," then fail(at, "comma expected") end
    at = skip(s, at + 1)
  end
end

function value(s, at)
  at = skip(s, at)
  local c = s:sub(at, at)
  if c == '"' then return text(s, at) end
  if c == "{" then return object(s, at) end
  if c == "[" then return list(s, at) end
  local word = s:match("^%l+", at)
  if word and words[word] ~= nil then return words[word], at + #word end
  local number = s:match("^-?%d[%d.eE+-]*", at)
  if number then return tonumber(number) or fail(at, "number"), at + #number end
  return fail(at, "value expected")
end

function json.read(s)
  local v, at = value(s, 1)
  if skip(s, at) <= #s then fail(at, "more than one value") end
  return v
end

return json
