--- Values for people: what `lectern eval` shows.

local _, host = ...

local inspect = {}

local DEPTH <const> = 6
local ITEMS <const> = 200

local write

local function sorted(t)
  local keys = {}
  for key in next, t do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    if math.type(a) and math.type(b) then
      return a < b
    end
    return math.type(a) ~= nil and not math.type(b) or (not math.type(b)) and tostring(a) < tostring(b)
  end)
  return keys
end

local function write_key(out, key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then
    out[#out + 1] = key .. " = "
  else
    out[#out + 1] = "["
    write(out, key, DEPTH, {})
    out[#out + 1] = "] = "
  end
end

local function write_table(out, t, depth, seen)
  if seen[t] then
    out[#out + 1] = "(again)"
    return
  end
  if depth >= DEPTH then
    out[#out + 1] = "{...}"
    return
  end
  seen[t] = true
  out[#out + 1] = "{"
  local list = #t
  for i, key in ipairs(sorted(t)) do
    out[#out + 1] = i > 1 and ", " or " "
    if i > ITEMS then
      out[#out + 1] = "..."
      break
    end
    if not (math.type(key) == "integer" and key >= 1 and key <= list) then
      write_key(out, key)
    end
    write(out, rawget(t, key), depth + 1, seen)
  end
  out[#out + 1] = next(t) == nil and "}" or " }"
  seen[t] = nil
end

function write(out, value, depth, seen)
  if type(value) == "table" and not (getmetatable(value) or {}).__tostring then
    write_table(out, value, depth, seen)
  elseif type(value) == "string" then
    out[#out + 1] = (("%q"):format(value):gsub("\\\n", "\\n"))
  else
    out[#out + 1] = tostring(value)
  end
end

--- VALUE as text.
function inspect.text(value)
  local out = {}
  write(out, value, 0, {})
  return table.concat(out)
end

--- All results of a call, as text; a string alone is shown as it is. nil for no result.
function inspect.all(results)
  if results.n == 0 then
    return nil
  end
  if results.n == 1 and type(results[1]) == "string" then
    return results[1]
  end
  local out = {}
  for i = 1, results.n do
    out[i] = inspect.text(results[i])
  end
  return table.concat(out, "\t")
end

local function plain(value, depth)
  local kind = type(value)
  if kind == "function" or kind == "thread" then
    return kind
  end
  if kind == "userdata" then
    return value == host.null and value or "userdata"
  end
  if kind ~= "table" then
    return value
  end
  if depth >= 20 then
    return "..."
  end
  local copy, mixed = {}, #value > 0
  for key, item in next, value do
    local list_item = mixed and math.type(key) == "integer" and key >= 1 and key <= #value
    mixed = mixed and list_item
    copy[key] = plain(item, depth + 1)
  end
  if mixed or #value == 0 and next(copy) == nil then
    return copy
  end
  local map = {}
  for key, item in next, copy do
    map[tostring(key)] = item
  end
  return map
end

--- VALUE in a form that can leave the compartment: functions become words, odd keys become text.
function inspect.plain(value)
  if value == nil then
    return host.null
  end
  return plain(value, 0)
end

return inspect
