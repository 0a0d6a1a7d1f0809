--- lectern.host: the running instance, asked about itself.

local _, host = ...

---@class lectern.host
local instance = {}

--- Help on NAME, or the overview, as text for WIDTH columns.
---@param name string?
---@param width integer?
---@return string
function instance.help(name, width)
  return host.request("host.help", { name = name, width = width or host.job().width })
end

---@param name string "list", "exporter:html"
---@return table[]
function instance.describe(name)
  return host.request("host.describe", { name = name })
end

---@param word string
---@return table[]
function instance.apropos(word)
  return host.request("host.apropos", { word = word })
end

---@return table[]
function instance.commands()
  return host.request("host.commands", {})
end

---@return table[]
function instance.plugins()
  return host.request("host.plugins", {})
end

---@return table
function instance.status()
  return host.request("host.status", {})
end

--- A template by its name: the person's own where there is one, else the shipped one.
---@param name string
---@return string
function instance.template(name)
  return host.request("host.template", { name = name })
end

--- Grant the plugin NAME what it says it needs.
---@param name string
---@return { name: string, granted: string[] }
function instance.grant(name)
  return host.question("host.grant", { name = name })
end

function instance.stop()
  return host.question("host.stop", {})
end

--- Evaluate Lua in a plugin, "user" without a name.
---@param code string
---@param plugin string?
---@return any
function instance.eval(code, plugin)
  return host.question("host.eval", { code = code, plugin = plugin })
end

return instance
