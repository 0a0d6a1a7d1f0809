--- Where the host's requests arrive: load the plugin, call into it.

local _, host = ...
local registry = require "lectern._registry"
local Job = require "lectern._job"

local entry = {}

--- Run the plugin's top level. Answers what it registered; the helpers are added by C.
function entry.load(params)
  registry.name = params.plugin
  registry.known = params.options ~= nil and params.options.known == true
  require(params.main)
  local plugin = registry.finish()
  return { plugin = plugin, contributions = registry.contributions }
end

local calls = {}

local function value_or_null(value)
  if value == nil then
    return host.null
  end
  return value
end

local function new_job(params)
  local job = Job.new(params)
  host.job(job)
  return job
end

function calls.command(params)
  local spec = registry.find("command", params.name)
  local job <close> = new_job(params)
  local value, text = spec.run(params.args or {}, job)
  job:flush()
  return { value = value_or_null(value), text = text, exit = job:status() }
end

local function plural(name, value)
  if type(value) ~= "table" then
    error(host.error("E_PLUGIN", ("%s returned a %s, not a list"):format(name, type(value))), 0)
  end
  return value
end

local function detect(spec, source)
  local score, why = spec.detect(source)
  score = type(score) == "number" and math.max(0, math.min(100, score)) or 0
  return { score = score, why = type(why) == "string" and why or "" }
end

function calls.importer(params)
  local spec = registry.find("importer", params.name)
  local job = new_job(params)
  local source = require("lectern._source").new(params.source or {})
  if params.what == "detect" then
    return spec.detect and detect(spec, source) or { score = 0, why = "" }
  end
  local returned = spec.import(source, params.args or {}, job)
  if type(returned) == "table" then
    for _, record in ipairs(returned.type and { returned } or returned) do
      job:emit(record)
    end
  end
  return { records = job:unsent() }
end

function calls.summariser(params)
  local spec = registry.find("summariser", params.name)
  local job = new_job(params)
  local sentences = {}
  for at, note in ipairs(params.notes or { params.note }) do
    for _, picked in ipairs(plural("summarise", spec.summarise(note, params.args or {}, job))) do
      local span = type(picked) == "table" and picked.span or {}
      sentences[#sentences + 1] = {
        note = note.id, at = params.notes and at, start = span[1] or host.null, ["end"] = span[2] or host.null,
        score = picked.score, terms = picked.terms,
      }
    end
  end
  return { sentences = sentences }
end

function calls.exporter(params)
  local spec = registry.find("exporter", params.name)
  local job <close> = new_job(params)
  local out = require("lectern._out").new(params)
  spec.export(out.notes(params.notes, spec.reads), out, params.args or {}, job)
  out:finish()
  job:flush()
  return host.null
end

--- Evaluate code in the plugin: as an expression first, then as statements.
function calls.eval(params)
  local code = tostring(params.code)
  -- What is typed has `lectern` at hand without asking for it.
  local env = setmetatable({ lectern = require "lectern" }, { __index = _G, __newindex = _G })
  local run = load("return " .. code, "=eval", "t", env) or load(code, "=eval", "t", env)
  if not run then
    local _, why = load(code, "=eval")
    error(host.error("E_USAGE", (tostring(why):gsub("^eval:", "line "))), 0)
  end
  local job <close> = new_job(params)
  local results = table.pack(run(params.args, job))
  job:flush()
  local inspect = require("lectern._inspect")
  return { value = inspect.plain(results[1]), text = inspect.all(results) }
end

function entry.call(params)
  local call = calls[params.kind]
  if not call then
    error(host.error("E_USAGE", ("unknown kind of call '%s'"):format(tostring(params.kind))), 0)
  end
  return call(params)
end

return entry
