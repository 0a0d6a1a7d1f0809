--- What the plugin registered: descriptions for the host, functions for the calls to come.

local _, host = ...

local registry = {
  --- Name of the plugin, as the host knows it.
  name = "",
  --- The host has this registration already, checked, from the same files: only names are needed.
  known = false,
  ---@type table? what lectern.plugin said
  plugin = nil,
  ---@type table[] descriptions, in order
  contributions = {},
}

local found = { command = {}, importer = {}, summariser = {}, exporter = {} } -- by kind and name: specifications
local open = {} ---@type table<table, boolean> registrations whose specification has not come yet

local function refuse(why, at)
  local err = host.error("E_PLUGIN", why)
  err.at = at or err.at
  error(err, 0)
end

local function must_load(what)
  if not host.loading() then
    refuse(("%s was called after the plugin was loaded; register at the top of the file"):format(what))
  end
end

function registry.set_plugin(spec)
  must_load "lectern.plugin"
  if registry.plugin then
    refuse "lectern.plugin was called twice"
  end
  registry.plugin = registry.known and spec or require("lectern._check").plugin(registry.name, spec)
end

--- First half of a registration: its kind and name.
function registry.begin(kind, name, file, line)
  must_load("lectern." .. kind)
  local entry = { kind = kind, name = name, file = file, line = line }
  open[entry] = true
  return entry
end

--- Second half: its specification.
function registry.complete(entry, spec)
  must_load("lectern." .. entry.kind)
  open[entry] = nil
  if registry.known and type(spec) == "table" then
    entry.doc = spec.doc
  else
    require("lectern._check").contribution(entry, spec)
  end
  if found[entry.kind][entry.name] then
    refuse(("%s '%s' is registered twice"):format(entry.kind, entry.name))
  end
  found[entry.kind][entry.name] = spec
  registry.contributions[#registry.contributions + 1] = entry
end

--- The top level has ended: nothing may be half done.
function registry.finish()
  for entry in pairs(open) do
    local at = entry.file and entry.line and entry.file .. ":" .. entry.line
    local kind, name = entry.kind, tostring(entry.name)
    refuse(("%s '%s' has no specification; write lectern.%s \"%s\" { doc = ... }"):format(kind, name, kind, name), at)
  end
  return registry.plugin or { name = registry.name, version = "", api = 1, doc = "", needs = {} }
end

---@param kind string
---@param name string
---@return table specification
function registry.find(kind, name)
  local spec = found[kind][name]
  if not spec then
    refuse(("plugin '%s' has no %s '%s'"):format(registry.name, tostring(kind), tostring(name)))
  end
  return spec
end

return registry
