--- Is a registration well formed? Says which field is not, where, and what was probably meant.
---
--- The host checks again what it gets; here the plugin's author is told at the line of the registration. Fills the
--- description that the host keeps from the specification that the plugin gave.

local _, host = ...
local types = require "lectern.types"

local check = {}

local function refuse(...)
  error(host.error("E_PLUGIN", string.format(...)), 0)
end

local function suggestion(word, valid)
  local near = host.nearest(tostring(word), valid)
  return near and ("; did you mean '%s'?"):format(near) or ""
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

-- ---- fields -------------------------------------------------------------------------------------------------

local function is_list_of_strings(value)
  if type(value) ~= "table" or #value == 0 and next(value) ~= nil then
    return false
  end
  for key, item in pairs(value) do
    if math.type(key) ~= "integer" or type(item) ~= "string" then
      return false
    end
  end
  return true
end

local kinds_of_field = {
  string = function(value) return type(value) == "string" end,
  boolean = function(value) return type(value) == "boolean" end,
  integer = function(value) return math.type(value) == "integer" end,
  ["function"] = function(value) return type(value) == "function" end,
  table = function(value) return type(value) == "table" end,
  ["list of strings"] = is_list_of_strings,
}

local function with_article(kind)
  return (kind:find "^[aeiou]" and "an " or "a ") .. kind
end

--- Check SPEC against FIELDS (name -> kind, "!" behind it: required) and refuse what is not in them.
local function check_fields(what, spec, fields)
  if type(spec) ~= "table" then
    refuse("%s needs a table, not a %s", what, type(spec))
  end
  for _, name in ipairs(sorted_keys(fields)) do
    local kind, required = fields[name]:match "^([%a ]+)(!?)$"
    local value = spec[name]
    if value == nil then
      if required == "!" then
        refuse("%s needs '%s'", what, name)
      end
    elseif not kinds_of_field[kind](value) then
      refuse("%s: '%s' must be %s, not a %s", what, name, with_article(kind), type(value))
    end
  end
  for name in pairs(spec) do
    if not fields[name] then
      refuse("%s has no '%s'%s", what, tostring(name), suggestion(name, sorted_keys(fields)))
    end
  end
end

local function check_doc(what, doc)
  if doc:find "^%s*$" then
    refuse("%s needs a 'doc' that says something", what)
  end
end

-- ---- lectern.plugin -----------------------------------------------------------------------------------------

local PLUGIN <const> = {
  name = "string", version = "string", api = "integer!", doc = "string!", needs = "list of strings",
}

function check.plugin(plugin_name, spec)
  local what = "lectern.plugin"
  check_fields(what, spec, PLUGIN)
  check_doc(what, spec.doc)
  if spec.name and spec.name ~= plugin_name then
    refuse("plugin calls itself '%s', but its file says '%s'; both must be the same", spec.name, plugin_name)
  end
  if spec.api ~= 1 then
    refuse("plugin is for api %d; this lectern has api 1", spec.api)
  end
  return { name = plugin_name, version = spec.version or "", api = spec.api, doc = spec.doc, needs = spec.needs or {} }
end

-- ---- arguments ----------------------------------------------------------------------------------------------

local ENTRY <const> = { doc = "string", flag = "boolean", short = "string", required = "boolean" }
local ENTRY_NAMES <const> = { "doc", "default", "flag", "short", "required", "type" }
local OF_TYPE <const> = { min = true, max = true, mode = true, choices = true, item = true }

local function type_of(what, given)
  if given == nil then
    return { type = "string" }
  end
  if type(given) == "function" then -- t.int without a call
    given = given()
  elseif type(given) == "string" then
    local name = types[given] and given
    given = { type = name }
  end
  if type(given) ~= "table" or type(given.type) ~= "string" then
    refuse("%s: its type must come from lectern.types, such as t.int()", what)
  end
  return given
end

local function check_number(what, type_given, value)
  if type_given.type == "int" and math.type(value) ~= "integer" or type(value) ~= "number" then
    refuse("%s: its default must be %s", what, type_given.type == "int" and "an integer" or "a number")
  end
  if type_given.min and value < type_given.min or type_given.max and value > type_given.max then
    refuse("%s: its default %s is outside of its range", what, value)
  end
end

local defaults = {
  int = check_number,
  number = check_number,
  bool = function(what, _, value)
    if type(value) ~= "boolean" then refuse("%s: its default must be true or false", what) end
  end,
  enum = function(what, type_given, value)
    for _, choice in ipairs(type_given.choices) do
      if choice == value then return end
    end
    local meant = suggestion(value, type_given.choices)
    refuse("%s: its default '%s' is none of its choices%s", what, tostring(value), meant)
  end,
  list = function(what, _, value)
    if type(value) ~= "table" then refuse("%s: its default must be a list", what) end
  end,
  tagedit = function(what, _, value)
    if type(value) ~= "table" then refuse("%s: its default must be a list", what) end
  end,
}

local function check_default(what, type_given, value)
  local checker = defaults[type_given.type]
  if checker then
    checker(what, type_given, value)
  elseif type(value) ~= "string" then
    refuse("%s: its default must be a string", what)
  end
end

local MODES <const> = { "read", "write", "folder", "edit" }

local function check_type(what, given)
  if given.type == "enum" and not is_list_of_strings(given.choices) then
    refuse("%s: its choices must be strings", what)
  end
  if given.mode ~= nil then
    local known = false
    for _, mode in ipairs(MODES) do known = known or mode == given.mode end
    if not known then
      refuse("%s: there is no path mode '%s'%s", what, tostring(given.mode), suggestion(given.mode, MODES))
    end
  end
  for _, bound in ipairs { "min", "max" } do
    if given[bound] ~= nil and type(given[bound]) ~= "number" then
      refuse("%s: '%s' must be a number", what, bound)
    end
  end
end

--- One argument as the host takes it: the entry's own options on top of its type.
local function argument(owner, name, given, options)
  if given == nil then
    given = options.type
  end
  local named_type = type(given) == "string" -- then its options stand beside it
  if type(name) ~= "string" or not name:find "^[a-z][a-z0-9-]*$" then
    refuse("%s: '%s' is no name for an argument; use lower case letters, digits and hyphens", owner, tostring(name))
  end
  local what = ("%s, argument '%s'"):format(owner, name)
  local kind = type_of(what, given)
  local arg = { name = name }
  for key, value in pairs(kind) do
    arg[key] = value
  end
  for key, value in pairs(options) do
    if type(key) == "string" then
      if key ~= "default" and key ~= "type" and not ENTRY[key] and not (named_type and OF_TYPE[key]) then
        refuse("%s has no '%s'%s", what, key, suggestion(key, ENTRY_NAMES))
      end
      if ENTRY[key] and not kinds_of_field[ENTRY[key]](value) then
        refuse("%s: '%s' must be %s", what, key, with_article(ENTRY[key]))
      end
      if key ~= "type" then
        arg[key] = value
      end
    end
  end
  check_type(what, arg)
  if arg.short and not arg.short:find "^%w$" then
    refuse("%s: 'short' must be one letter or digit", what)
  end
  if arg.default ~= nil then
    check_default(what, arg, arg.default)
  end
  return arg
end

--- { {name, type, ...}, ... } in order, or { name = type } for options.
local function arguments(owner, given)
  local args, seen = {}, {}
  if given == nil then
    return args
  end
  if type(given) ~= "table" then
    refuse("%s: 'args' must be a list", owner)
  end
  local function add(arg)
    if seen[arg.name] then
      refuse("%s: argument '%s' is declared twice", owner, arg.name)
    end
    seen[arg.name] = true
    args[#args + 1] = arg
  end
  if #given == 0 then
    for _, name in ipairs(sorted_keys(given)) do
      add(argument(owner, name, given[name], { flag = true }))
    end
    return args
  end
  for i, entry in ipairs(given) do
    if type(entry) ~= "table" or entry[3] ~= nil then
      refuse("%s: argument %d must be { name, type, options... }", owner, i)
    end
    add(argument(owner, entry[1], entry[2], entry))
  end
  for key in pairs(given) do
    if type(key) == "string" then
      refuse("%s: '%s' stands beside a list of arguments; write { \"%s\", type }", owner, key, key)
    end
  end
  return args
end

-- ---- contributions ------------------------------------------------------------------------------------------

local COMMON <const> = { doc = "string!", args = "table" }
local function with_common(fields)
  for name, kind in pairs(COMMON) do
    fields[name] = kind
  end
  return fields
end

local FIELDS <const> = {
  command = with_common {
    returns = "string", columns = "list of strings", pager = "boolean", writes = "boolean", hidden = "boolean",
    examples = "list of strings", aliases = "list of strings", options_of = "string", run = "function!",
  },
  importer = with_common { match = "table", detect = "function", import = "function!" },
  summariser = with_common { summarise = "function!" },
  exporter = with_common {
    extension = "string!", many = "boolean", examples = "list of strings", reads = "table", export = "function!",
  },
}

local READS <const> = { note = "list of strings", talk = "list of strings" }
local MATCH <const> = { extensions = "list of strings", names = "list of strings" }

local COPIED <const> = {
  "doc", "returns", "columns", "pager", "writes", "hidden", "examples", "aliases", "options_of", "extension",
  "many",
}

local function extensions(list)
  local lower = {}
  for i, extension in ipairs(list or {}) do
    lower[i] = extension:lower():gsub("^%.", "")
  end
  return lower
end

--- Check SPEC for ENTRY (kind, name, file, line) and fill ENTRY in.
function check.contribution(entry, spec)
  local name_pattern = entry.kind == "command" and "^[a-z][a-z0-9.-]*$" or "^[a-z][a-z0-9-]*$"
  if type(entry.name) ~= "string" or not entry.name:find(name_pattern) or entry.name:find "%.%." then
    refuse("'%s' is no name for a %s; use lower case letters, digits and hyphens", tostring(entry.name), entry.kind)
  end
  local what = ("%s '%s'"):format(entry.kind, entry.name)
  check_fields(what, spec, FIELDS[entry.kind])
  check_doc(what, spec.doc)
  if entry.kind == "command" and spec.returns == nil then
    refuse("%s needs 'returns': what it gives back, such as \"talk[]\", \"text\" or \"nil\"", what)
  end
  for _, name in ipairs(COPIED) do
    entry[name] = spec[name]
  end
  entry.args = arguments(what, spec.args)
  if entry.kind == "exporter" then
    check_fields(what .. ", reads", spec.reads or {}, READS)
  end
  if entry.kind == "importer" then
    check_fields(what .. ", match", spec.match or {}, MATCH)
    entry.extensions = extensions(spec.match and spec.match.extensions)
    entry.names = spec.match and spec.match.names or {}
    entry.detect = spec.detect ~= nil
    if #entry.extensions == 0 and #entry.names == 0 and not spec.detect then
      refuse("%s would match nothing; give it match = { extensions = { ... } } or detect", what)
    end
  end
end

return check
