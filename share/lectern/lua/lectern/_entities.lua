--- The tables lectern.notes, .talks, .events, .persons and .state: the store, asked through the host.

local _, host = ...

local entities = {}

local FIND = { "type", "query", "kind", "event", "sort", "limit", "after", "body", "deleted", "ids", "fields" }
local known = {}
for _, name in ipairs(FIND) do
  known[name] = true
end

local function refuse(why)
  error(host.error("E_USAGE", why), 0)
end

local function check_find(options)
  for name in pairs(options) do
    if not known[name] then
      local near = host.nearest(tostring(name), FIND)
      refuse(("find has no '%s'%s"):format(tostring(name), near and ("; did you mean '%s'?"):format(near) or ""))
    end
  end
end

--- Pages of a find, one after the other: items, whether there are more.
local function pages(options, preset)
  options = options or {}
  if type(options) == "string" then
    options = { query = options }
  end
  check_find(options)
  local params = { type = preset }
  for name, value in pairs(options) do
    params[name] = value
  end
  local left = options.limit
  local done = false
  return function()
    if done then
      return nil
    end
    local page = host.request("notes.find", params)
    local items = page and page.items or {}
    if left then
      left = left - #items
      params.limit = left
    end
    params.after = page and page.after
    done = params.after == nil or #items == 0 or (left ~= nil and left <= 0)
    return items
  end
end

local function find(options, preset)
  local all
  for items in pages(options, preset) do
    if all then
      table.move(items, 1, #items, #all + 1, all)
    else
      all = items
    end
  end
  return all or {}
end

local function each(options, preset)
  local next_page = pages(options, preset)
  local items, i = {}, 0
  return function()
    i = i + 1
    while items and items[i] == nil do
      items, i = next_page(), 1
    end
    return items and items[i]
  end
end

local function id_of(thing)
  return type(thing) == "table" and thing.id or thing
end

--- The revision that an object brings along.
local function rev_of(thing)
  return type(thing) == "table" and thing.rev or nil
end

local function put(fields, preset)
  local params = { type = fields.type or preset, id = fields.id, base_rev = fields.base_rev, fields = {} }
  for name, value in pairs(fields) do
    if name ~= "type" and name ~= "id" and name ~= "base_rev" then
      params.fields[name] = value
    end
  end
  return host.request("notes.put", params).id
end

local function update(id, fields, base_rev, preset)
  local params = { type = preset, id = id_of(id), base_rev = base_rev, fields = fields }
  if type(id) == "table" then
    params.type = id.type or preset
    params.base_rev = base_rev or id.rev
  end
  return host.request("notes.put", params).id
end

local function get(id, options)
  options = options or {}
  return host.request("notes.get", {
    id = id_of(id), body = options.body, rev = options.rev, deleted = options.deleted,
  })
end

--- lectern.talks, .events, .persons: what notes has, for one type.
---@class lectern.entities
---@field find fun(options: table|string|nil): table[]
---@field each fun(options: table|string|nil): fun(): table?
---@field get fun(id: string, options: table?): table?
---@field put fun(fields: table): string
---@field update fun(id: string|table, fields: table, base_rev: integer?): string
local function of_type(name)
  return {
    find = function(options) return find(options, name) end,
    each = function(options) return each(options, name) end,
    get = get,
    put = function(fields) return put(fields, name) end,
    update = function(id, fields, base_rev) return update(id, fields, base_rev, name) end,
  }
end

entities.talks = of_type "talk"
entities.events = of_type "event"
entities.persons = of_type "person"

entities.find, entities.each, entities.get, entities.put, entities.update = find, each, get, put, update
entities.id_of, entities.rev_of = id_of, rev_of

--- OTHER becomes a spelling of PERSON: everything that names OTHER names PERSON then, and OTHER goes to the trash.
---@param person string|table
---@param other string|table
function entities.persons.merge(person, other)
  host.request("persons.merge", { id = id_of(person), with = id_of(other), base_rev = rev_of(person) })
end

--- The alias NAME of PERSON becomes a person again, who gets what was theirs before a merge, and the objects WITHIN.
---@param person string|table
---@param name string
---@param within string[]? ids
function entities.persons.split(person, name, within)
  host.request("persons.split", { id = id_of(person), name = name, ["in"] = within })
end

--- What the plugin remembers between calls, and between starts of lectern.
---@class lectern.state
entities.state = {
  ---@param key string
  get = function(key)
    return host.request("state.get", { key = key })
  end,
  ---@param key string
  ---@param value any nil forgets it
  set = function(key, value)
    if value == nil then
      value = host.null
    end
    host.request("state.set", { key = key, value = value })
  end,
}

return entities
