--- What tests/lua/*_test.lua are written with: named tests, a few comparisons, the fake host's memory.
---
---     local test = require "testing"
---     test("adds", function() test.equal(1 + 1, 2) end)
---     return test.done()

local lectern = require "lectern"

local testing = { tests = {} }

local function show(value, depth)
  if type(value) == "string" then
    return ("%q"):format(value)
  end
  if type(value) ~= "table" or (depth or 0) > 4 then
    return tostring(value)
  end
  local keys, out = {}, {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    local item = show(value[key], (depth or 0) + 1)
    out[#out + 1] = math.type(key) == "integer" and item or ("%s = %s"):format(tostring(key), item)
  end
  return "{ " .. table.concat(out, ", ") .. " }"
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

testing.show, testing.same = show, same

function testing.equal(got, wanted, what)
  if not same(got, wanted) then
    error(("%sgot %s, wanted %s"):format(what and what .. ": " or "", show(got), show(wanted)), 2)
  end
end

function testing.ok(value, what)
  if not value then
    error(what or "is not true", 2)
  end
end

--- RUN must fail with a message that contains TEXT (plain); returns the error.
function testing.fails(text, run, ...)
  local ok, err = pcall(run, ...)
  if ok then
    error("did not fail with: " .. text, 2)
  end
  local message = type(err) == "table" and err.message or tostring(err)
  if not message:find(text, 1, true) then
    error(("failed with %q, wanted %q"):format(message, text), 2)
  end
  return err
end

--- What the fake host was told since the last call of this, by method.
function testing.told(method)
  local found = {}
  for _, entry in ipairs(lectern.call("test.told")) do
    if method == nil or entry.method == method then
      found[#found + 1] = method and entry.params or entry
    end
  end
  lectern.call("test.clear")
  return found
end

--- Call into this plugin as the host does: { value = } or { error =, report = }.
function testing.call(params)
  return lectern.call("test.call", params)
end

function testing.done()
  lectern.command "run" {
    doc = "Run the tests of this file",
    returns = "any",
    run = function()
      local results = {}
      for i, t in ipairs(testing.tests) do
        local ok, err = xpcall(t.run, function(e)
          return type(e) == "table" and (e.at or "") .. ": " .. tostring(e.message) or tostring(e)
        end)
        results[i] = { name = t.name, ok = ok, message = not ok and tostring(err) or nil }
      end
      return results
    end,
  }
end

return setmetatable(testing, {
  __call = function(_, name, run)
    testing.tests[#testing.tests + 1] = { name = name, run = run }
  end,
})
