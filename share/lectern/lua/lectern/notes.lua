--- lectern.notes: everything in the store, whatever its type.

local _, host = ...
local entities = require "lectern._entities"

---@class lectern.notes
local notes = {}

--- All objects that match: { query =, type =, kind =, event =, sort =, limit =, body =, deleted =, ids = }. A string
--- is a query. Bodies come only with body = true.
---@param options table|string|nil
---@return table[]
function notes.find(options)
  return entities.find(options)
end

--- The same, one at a time: `for talk in lectern.notes.each { type = "talk" } do`.
---@param options table|string|nil
---@return fun(): table?
function notes.each(options)
  return entities.each(options)
end

--- One object by its id or a unique prefix of it; nil where there is none.
---@param id string
---@param options { body: boolean?, rev: integer?, deleted: boolean? }?
---@return table?
function notes.get(id, options)
  return entities.get(id, options)
end

-- Everything of one type that a person meant by WORDS.
local function targets(words, kind)
  local found, page = {}, {}
  repeat
    page = host.question("notes.target", { words = words, type = kind, after = page.after })
    table.move(page.items, 1, #page.items, #found + 1, found)
  until not page.after
  return found
end

--- What a person meant by TARGET: an id, or query words, which mean the talks that match, or else the notes. Fails
--- where there is nothing.
---@param words string|string[]
---@param kind string? only objects of this type
---@return table[]
function notes.target(words, kind)
  if type(words) == "string" then
    words = { words }
  end
  local found = targets(words, kind or "talk")
  if #found == 0 and not kind then
    found = targets(words, "note")
  end
  if #found == 0 then
    local text = table.concat(words, " ")
    error(host.error("E_NOTFOUND", ("nothing matches '%s'"):format(text), "lectern search " .. text .. " looks everywhere"), 0)
  end
  return found
end

--- The event that TEXT names: an id, a slug, "SOSP 2017", "SOSP'17".
---@param text string
---@return table
function notes.event(text)
  return host.request("notes.event", { text = text })
end

--- Make an object, or replace the fields of one: { type = "note", body = ... } -> its id.
---@param fields table
---@return string id
function notes.put(fields)
  return entities.put(fields, "note")
end

--- Change some fields. BASE_REV is the revision the change is based on; an object brings its own.
---@param id string|table
---@param fields table
---@param base_rev integer?
---@return string id
function notes.update(id, fields, base_rev)
  return entities.update(id, fields, base_rev)
end

local function list(words)
  if words == nil then
    return {}
  end
  return type(words) == "table" and words or { words }
end

--- Add and remove tags.
---@param id string|table
---@param add string[]|string|nil
---@param remove string[]|string|nil
---@param base_rev integer?
function notes.tag(id, add, remove, base_rev)
  host.request("notes.tag", { id = entities.id_of(id), add = list(add), remove = list(remove),
    base_rev = base_rev or entities.rev_of(id) })
end

---@param id string|table
---@param base_rev integer?
function notes.delete(id, base_rev)
  host.request("notes.delete", { id = entities.id_of(id), base_rev = base_rev or entities.rev_of(id) })
end

---@param id string|table
---@param base_rev integer?
function notes.restore(id, base_rev)
  host.request("notes.restore", { id = entities.id_of(id), base_rev = base_rev or entities.rev_of(id) })
end

--- The best hits for a query, with snippets. OPTIONS: a limit, or { limit =, after = the id of a hit to go on behind,
--- weights = { title, speakers, tags, body } }.
---@param query string
---@param options integer|table|nil
---@return table[]
function notes.search(query, options)
  local o = type(options) == "table" and options or { limit = options }
  return host.request("notes.search", { query = query, limit = o.limit or 10, after = o.after, weights = o.weights })
end

--- What a find would give, counted: { by = "event,year", query =, type =, kind =, event =, limit = } ->
--- { { type = "facet", field =, value =, count = }, ... }, the most frequent first.
---@param options table
---@return table[]
function notes.facets(options)
  return host.request("notes.facets", options)
end

--- QUERY with the nearest words there are for words that are nowhere; nil where there is nothing better.
---@param query string
---@return string?
function notes.suggest(query)
  return host.request("notes.suggest", { query = query })
end

--- The words that tell a talk or note from others, best first: { { word =, stem =, count =, documents =, weight = }, ... }.
---@param id string|table
---@param limit integer?
---@return table[]
function notes.terms(id, limit)
  return host.request("notes.terms", { id = entities.id_of(id), limit = limit })
end

--- The content of an attachment, by the "sha256" that a note's attachments give, in pieces:
--- for piece in lectern.notes.content(attachment.sha256) do ... end
---@param sha256 string
---@return fun(): string?
function notes.content(sha256)
  local offset, total = 0, nil
  return function()
    if total and offset >= total then
      return nil
    end
    local part = host.request("notes.attachment", { sha256 = sha256, offset = offset })
    offset, total = offset + #part.bytes, part.total
    return #part.bytes > 0 and part.bytes or nil
  end
end

--- The revisions of an object, newest first.
---@param id string|table
---@return table[]
function notes.history(id)
  return host.request("notes.history", { id = entities.id_of(id) })
end

--- What was changed here and upstream and waits for a decision, of one object or of all.
---@param id string|table|nil
---@return table[]
function notes.conflicts(id)
  return host.request("notes.conflicts", { id = entities.id_of(id) })
end

--- Two revisions side by side: { fields = { { field, from, to } }, text = unified diff, ... }; without TO: with what is
--- there now. Nil where there is no such object.
---@param id string|table
---@param from integer
---@param to integer?
---@return table?
function notes.diff(id, from, to)
  return host.request("notes.diff", { id = entities.id_of(id), from = from, to = to })
end

--- Decide the conflicts of an object: "mine" leaves it as it is, "theirs" takes what the source says.
---@param id string|table
---@param take "mine"|"theirs"
---@param base_rev integer?
function notes.resolve(id, take, base_rev)
  host.request("notes.resolve", { id = entities.id_of(id), take = take, base_rev = base_rev or entities.rev_of(id) })
end

--- Out of the trash for good: texts, fields and history are gone. It stays known as deleted.
---@param id string|table
function notes.purge(id)
  host.request("notes.purge", { id = entities.id_of(id), base_rev = entities.rev_of(id) })
end

--- The newest runs that wrote.
---@param limit integer?
---@return table[]
function notes.runs(limit)
  return host.request("notes.runs", { limit = limit or 10 })
end

--- Undo a run, the newest without an argument.
---@param run string?
---@return { run: string, operations: table[] }
function notes.undo(run)
  return host.request("notes.undo", { run = run })
end

--- Read-only SQL over the documented views; `?` stands for the arguments in turn.
---@param sql string
---@param ... any
---@return table[] rows
---@return string[] columns their names, in order; none where there are no rows
function notes.sql(sql, ...)
  local args = table.pack(...)
  for i = 1, args.n do
    if args[i] == nil then
      args[i] = host.null
    end
  end
  args.n = nil
  local result = host.request("notes.sql", { sql = sql, args = args })
  return result.rows, result.columns
end

return notes
