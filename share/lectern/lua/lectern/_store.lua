--- lectern.store: the store as a file: checked, copied, dumped, brought back.

local _, host = ...

---@class lectern.store
local store = {}

--- Every invariant of the store.
---@return { check: string, ok: boolean, detail: string }[]
function store.check()
  return host.question("store.check", {})
end

--- Size, schema and room, without reading it through.
---@return table
function store.facts()
  return host.question("store.facts", {})
end

--- A checked copy, written while writing goes on.
---@param path string a file that the person named
function store.backup(path)
  return host.question("store.backup", { path = path })
end

--- The store becomes what a backup holds; the old one is kept aside.
---@param path string
function store.restore(path)
  return host.question("store.restore", { path = path })
end

--- Everything as JSON lines; without a path on standard output.
---@param path string?
function store.dump(path)
  return host.question("store.dump", { path = path })
end

--- A dump into an empty store; without a path from standard input.
---@param path string?
function store.load(path)
  return host.question("store.load", { path = path })
end

--- What can be read of a damaged store into a new one.
function store.repair()
  return host.question("store.repair", {})
end

return store
