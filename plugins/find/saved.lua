-- Saved queries: state of this plugin, which the store reads where a query says query:NAME.

local lectern = require "lectern"

local M = {}

local INDEX <const> = "names"

local function names()
  local list = lectern.state.get(INDEX)
  return type(list) == "table" and list or {}
end

local function place(list, name)
  for i, one in ipairs(list) do if one == name then return i end end
end

local function refuse(message, hint, code)
  lectern.fail(message, { code = code or "E_USAGE", hint = hint })
end

function M.save(args, job)
  local name, query = args.name, args.query
  if not name:find "^[%w][%w_.-]*$" or #name > 64 then
    refuse(("'%s' is no name for a query"):format(name), "letters, digits, dots, dashes and underscores, at most 64")
  end
  if #query > 2000 then refuse("the query is too long to be saved", "at most 2000 bytes") end
  lectern.notes.find { query = query, limit = 1 } -- what is wrong with it is said now
  if not job.dry_run then
    local list = names()
    if not place(list, name) then
      list[#list + 1] = name
      table.sort(list)
    end
    lectern.state.set("query." .. name, query)
    lectern.state.set(INDEX, list)
  end
  return { name = name, query = query }
end

function M.list()
  local out = {}
  for _, name in ipairs(names()) do
    local query = lectern.state.get("query." .. name)
    if query then out[#out + 1] = { name = name, query = query } end
  end
  return out
end

function M.remove(args, job)
  local list = names()
  local at = place(list, args.name)
  local query = lectern.state.get("query." .. args.name)
  if not at or not query then
    refuse(("no query is saved as '%s'"):format(args.name), "lectern query list shows them", "E_NOTFOUND")
  end
  if not job.dry_run then
    table.remove(list, at)
    lectern.state.set(INDEX, list)
    lectern.state.set("query." .. args.name, nil)
  end
  return { name = args.name, query = query }
end

return M
