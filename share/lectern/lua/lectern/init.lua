--- The module that plugins require: registering contributions, asking the host, failing well.
---
--- Everything here is about declarations and small calls; notes, text, style and types are modules of their own that
--- load when they are first used.

local _, host = ...
local registry = require "lectern._registry"

---@class lectern
---@field types lectern.types
---@field notes lectern.notes
---@field talks lectern.entities
---@field events lectern.entities
---@field persons lectern.entities
---@field state lectern.state
---@field host lectern.host
---@field store lectern.store
---@field text lectern.text
---@field style lectern.style
---@field summary lectern.summary
---@field programme lectern.programme
---@field bibtex lectern.bibtex
---@field html lectern.html
local lectern = {
  --- Stands for "no value" where nil cannot: in lists, and to clear a field.
  null = host.null,
  --- The API level of this host.
  api = 1,
}

--- Raise an error on behalf of the plugin.
---@param why string
local function refuse(why)
  error(host.error("E_PLUGIN", why), 0)
end

-- ---- registering --------------------------------------------------------------------------------------------

---@class lectern.plugin_spec
---@field name string the name of the file or folder
---@field version string?
---@field api integer the API level the plugin was written for
---@field doc string one line: what it is
---@field needs string[]? capabilities, such as "notes.read"

--- Say what this plugin is. Optional for plugins of one file.
---@param spec lectern.plugin_spec
function lectern.plugin(spec)
  registry.set_plugin(spec)
end

--- A function that takes a name and returns a function that takes the specification.
---@param kind string
local function registrar(kind)
  return function(name)
    local file, line = host.where()
    local open = registry.begin(kind, name, file, line)
    return function(spec)
      registry.complete(open, spec)
    end
  end
end

---@class lectern.command_spec
---@field doc string
---@field args table[]|table<string, lectern.type>|nil
---@field returns string? what it returns: "talk[]", "text", "{ name: string }"
---@field columns string[]? columns of the table on a terminal
---@field pager boolean?
---@field writes boolean?
---@field hidden boolean?
---@field examples string[]?
---@field aliases string[]?
---@field options_of string? a kind of contribution: the options of the one that the first argument names are options too
---@field run fun(args: table, job: lectern.job): any, string?

--- Register a command: `lectern.command "words.count" { doc = ..., run = function(args, job) ... end }`
---@type fun(name: string): fun(spec: lectern.command_spec)
lectern.command = registrar "command"

---@class lectern.importer_spec
---@field doc string
---@field args table[]|table<string, lectern.type>|nil
---@field match { extensions: string[]?, names: string[]? }
---@field detect (fun(source: lectern.source): integer|false|nil, string?)?
---@field import fun(source: lectern.source, args: table, job: lectern.job): table?

--- Register an importer: `lectern.importer "srt" { doc = ..., match = { extensions = { "srt" } }, import = ... }`
---@type fun(name: string): fun(spec: lectern.importer_spec)
lectern.importer = registrar "importer"

---@class lectern.picked one sentence of a summary
---@field span integer[] bytes of the note's body, 0-based and half-open
---@field score number?
---@field terms string[]?

---@class lectern.summariser_spec
---@field doc string
---@field args table[]|table<string, lectern.type>|nil
---@field summarise fun(note: table, args: table, job: lectern.job): lectern.picked[]

--- Register a summariser: it picks sentences of a note's body.
---@type fun(name: string): fun(spec: lectern.summariser_spec)
lectern.summariser = registrar "summariser"

---@class lectern.exporter_spec
---@field doc string
---@field extension string
---@field args table[]|table<string, lectern.type>|nil
---@field many boolean? writes a folder of files
---@field examples string[]?
---@field export fun(notes: fun(): table?, out: lectern.out, args: table, job: lectern.job)

--- Register an exporter: it gets an iterator over notes and writes. Notes and talks of one event may share its table.
---@type fun(name: string): fun(spec: lectern.exporter_spec)
lectern.exporter = registrar "exporter"

for _, name in ipairs { "on", "filter", "advise", "option", "every", "watch", "health" } do
  lectern[name] = function()
    refuse(("lectern.%s is not in api 1.0"):format(name))
  end
end

-- ---- small calls --------------------------------------------------------------------------------------------

--- End the call with an error that people can act on.
---@param message string lower case, what first: "no talk on this day"
---@param details { code: string?, hint: string?, at: string? }?
function lectern.fail(message, details)
  details = details or {}
  local err = host.error(details.code or "E_PLUGIN", tostring(message), details.hint)
  err.at = details.at or err.at
  error(err, 0)
end

--- Suspend for a while; other calls of the plugin go on.
---@param seconds number
function lectern.sleep(seconds)
  local job = host.job()
  if job then
    job:flush()
  end
  host.sleep(seconds)
end

--- Milliseconds since 1970, UTC.
---@return integer
function lectern.now()
  return host.now()
end

--- "2026-03-01", UTC; today without an argument.
---@param ms integer?
---@return string
function lectern.date(ms)
  return host.date(ms)
end

--- Whether two values say the same: tables by what is in them, at any depth, everything else as `==` does. For plain
--- data such as the store and front matter give; a table that holds itself is none.
---@param a any
---@param b any
---@return boolean
function lectern.equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in next, a do
    if not lectern.equal(value, b[key]) then
      return false
    end
  end
  for key in next, b do
    if a[key] == nil then
      return false
    end
  end
  return true
end

--- Call another command inside this job; its writes are committed with ours.
---@param name string
---@param args table?
---@return any
function lectern.call(name, args)
  return host.question("call", { name = name, args = args or {} })
end

--- Import files, as `lectern import` does.
---@param options { paths: string[], with: string?, event: string?, explain: boolean?, copy: boolean?, attach: boolean? }
---@return table report
function lectern.import(options)
  return host.question("import.run", options)
end

--- Export notes, as `lectern export` does.
---@param options { format: string, query: string?, output: string?, args: table? }
---@return { files: table[], text: string? }
function lectern.export(options)
  return host.question("export.run", options)
end

--- Summarise notes or talks by their ids.
---@param options { targets: string[], with: string?, sentences: integer?, explain: boolean? }
---@return table[]
function lectern.summarise(options)
  return host.question("summarise.run", options)
end

-- ---- the rest, when it is used ------------------------------------------------------------------------------

local parts = {
  types = "lectern.types", text = "lectern.text", summary = "lectern.summary", style = "lectern.style", notes = "lectern.notes",
  attachments = "lectern.attachments", programme = "lectern.programme", html = "lectern.html", bibtex = "lectern.bibtex", host = "lectern._host",
  store = "lectern._store",
}
local from_notes = { talks = true, events = true, persons = true, state = true }

local names = { "talks", "events", "persons", "state" }
for name in pairs(parts) do
  names[#names + 1] = name
end
for name in pairs(lectern) do
  names[#names + 1] = name
end

return setmetatable(lectern, {
  __index = function(_, name)
    local value
    if parts[name] then
      value = require(parts[name])
    elseif from_notes[name] then
      value = require("lectern._entities")[name]
    else
      local near = host.nearest(tostring(name), names)
      local meant = near and ("; did you mean 'lectern.%s'?"):format(near) or ""
      refuse(("lectern has no '%s'%s"):format(tostring(name), meant))
    end
    rawset(lectern, name, value)
    return value
  end,
  __newindex = function(_, name)
    refuse(("lectern.%s cannot be set"):format(tostring(name)))
  end,
  __metatable = false,
})
