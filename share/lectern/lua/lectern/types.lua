--- Types of arguments: plain data that the host understands, { type = "int", default = 10, min = 1 }.
---
--- Each takes a table: its first item is the default, other fields are options. `t.enum` takes its choices as items.

local _, host = ...

---@class lectern.type
---@field type string
---@field default any
---@field min number?
---@field max number?
---@field choices string[]?
---@field mode string?
---@field item lectern.type?

---@class lectern.types
---@field string fun(options: table?): lectern.type
---@field int fun(options: table?): lectern.type
---@field number fun(options: table?): lectern.type
---@field bool fun(options: table?): lectern.type
---@field date fun(options: table?): lectern.type
---@field duration fun(options: table?): lectern.type
---@field event fun(options: table?): lectern.type
---@field talk fun(options: table?): lectern.type
---@field note fun(options: table?): lectern.type
---@field person fun(options: table?): lectern.type
---@field query fun(options: table?): lectern.type
---@field tagedit fun(options: table?): lectern.type
---@field path fun(options: table?): lectern.type
local types = {}

local NAMES <const> = {
  "string", "int", "number", "bool", "enum", "path", "date", "duration", "event", "talk", "note", "person", "query",
  "tagedit", "list",
}

local function refuse(why)
  error(host.error("E_PLUGIN", why), 0)
end

local OPTIONS = { default = true, doc = true, required = true }
local EXTRA = {
  int = { min = true, max = true },
  number = { min = true, max = true },
  path = { mode = true },
  list = { min = true, max = true },
}

--- Copy the named options of GIVEN into TYPE, refusing what the type does not have.
local function take_options(made, name, given)
  local extra = EXTRA[name] or {}
  for key, value in pairs(given) do
    if type(key) == "string" then
      if not (OPTIONS[key] or extra[key]) then
        local valid = {}
        for option in pairs(OPTIONS) do valid[#valid + 1] = option end
        for option in pairs(extra) do valid[#valid + 1] = option end
        local near = host.nearest(key, valid)
        refuse(("type %s has no option '%s'%s"):format(name, key, near and ("; did you mean '%s'?"):format(near) or ""))
      end
      made[key] = value
    end
  end
  return made
end

local function table_or_default(name, given)
  if given == nil then
    return {}
  end
  if type(given) ~= "table" then
    return { given } -- t.int(10) reads as well as t.int { 10 }
  end
  if given.type then
    refuse(("type %s takes options, not another type"):format(name))
  end
  return given
end

for _, name in ipairs(NAMES) do
  types[name] = function(given)
    given = table_or_default(name, given)
    local made = { type = name }
    if given[1] ~= nil then
      made.default = given[1]
    end
    if given[2] ~= nil then
      refuse(("type %s takes one default; options have names"):format(name))
    end
    return take_options(made, name, given)
  end
end

--- One of some words: t.enum { "asc", "desc", default = "asc" }.
---@param given table
---@return lectern.type
function types.enum(given)
  if type(given) ~= "table" or #given == 0 then
    refuse "type enum needs its choices: t.enum { \"a\", \"b\" }"
  end
  return take_options({ type = "enum", choices = table.move(given, 1, #given, 1, {}) }, "enum", given)
end

--- Several of one type: t.list(t.path { mode = "read" }).
---@param item lectern.type
---@param options table?
---@return lectern.type
function types.list(item, options)
  if type(item) == "function" then
    item = item()
  end
  if type(item) ~= "table" or not item.type then
    refuse "type list needs the type of its items: t.list(t.path())"
  end
  return take_options({ type = "list", item = item }, "list", options or {})
end

return setmetatable(types, {
  __index = function(_, name)
    local near = host.nearest(tostring(name), NAMES)
    refuse(("there is no type '%s'%s"):format(tostring(name), near and ("; did you mean '%s'?"):format(near) or ""))
  end,
  __metatable = false,
})
