--- Where an exporter writes.

local _, host = ...

local BUFFER <const> = 128 * 1024
local MOST <const> = 1024 * 1024 -- of one message

---@class lectern.out
---@field folder boolean a folder of files is written: out:file names each; else one file or standard output
---@field query string? what was asked for
local Out = {}
Out.__index = Out
Out.__name = "lectern.out"
Out.__metatable = false

local private = setmetatable({}, { __mode = "k" })

function Out.new(params)
  local out = setmetatable({ folder = params.folder == true, query = params.query }, Out)
  -- sink: what was written and is not sent; its first bytes are whole files (names, sizes), then comes the file that is
  -- open from `start` on, under `name` where the host has not heard of it.
  private[out] = { sink = host.sink(MOST), bytes = 0, start = 0, names = {}, sizes = {} }
  return out
end

-- What a page says once for all: talks and events by id.
local function talks_of(note, page)
  local events, by_id, talks = page.events, page.talks, {}
  local ids = note.talks
  note.event = events[note.event]
  for i = 1, ids and #ids or 0 do
    local talk = by_id[ids[i]]
    if talk then
      talks[#talks + 1] = talk
      talk.event = events[talk.event] or talk.event
    end
  end
  return talks
end

-- The pages of the host, one asked for ahead: it reads and sends while the exporter works. A note that fills a page alone is
-- large enough to be the only one in memory.
local function pages(reads)
  local asked
  return function()
    local page
    if asked then
      page, asked = host.answer(asked), nil
    else
      page = host.request("export.next", reads)
    end
    if page and #page.items > 1 then
      asked = host.ask("export.next", reads)
    end
    return page
  end
end

--- The notes to export, each with its talks: those of LIST, else the pages that the host gives, where notes and talks of one
--- event share its table.
---@param list table[]?
---@param reads { note: string[]?, talk: string[]? }? the fields that are wanted; nil: all
---@return fun(): table?, table[]?
function Out.notes(list, reads)
  local page, items, i = nil, list or {}, 0
  local next_page = not list and pages(reads or {})
  return function()
    i = i + 1
    while items and items[i] == nil do
      page, i = next_page and next_page(), 1
      items = page and page.items
    end
    if items then
      return items[i], page and talks_of(items[i], page) or {}
    end
  end
end

-- What was sent last has arrived, or its failure is raised.
local function settle(state)
  local asked = state.asked
  if asked then
    state.asked = nil
    host.answer(asked)
  end
end

-- The first N bytes leave with METHOD; the host takes them in while the next are made.
local function send(state, n, method, params)
  settle(state)
  params.bytes = state.sink:mark(n)
  state.bytes = state.bytes - n
  state.asked = host.ask(method, params)
  state.sink:drop()
end

-- Small files that are complete go to the host together: a folder of thousands would otherwise take two questions each.
local function send_whole(state)
  if #state.names > 0 then
    local n, names, sizes = state.start, state.names, state.sizes
    state.names, state.sizes, state.start = {}, {}, 0
    send(state, n, "out.files", { names = names, sizes = sizes })
  end
end

local function flush(state)
  send_whole(state)
  if state.name then
    local name = state.name
    state.name = nil
    host.request("out.file", { name = name })
  end
  if state.bytes > 0 then
    send(state, state.bytes, "out.write", {})
  end
end

-- A string that is longer than a message.
local function write_long(out, s)
  for from = 1, #s, BUFFER do
    out:write(s:sub(from, from + BUFFER - 1))
  end
end

-- A buffer that is; nothing of OUT is unsent.
local function write_buffer(state, buffer)
  while #buffer > 0 do
    state.bytes = state.sink:take(buffer, BUFFER)
    flush(state)
  end
end

-- There was no room for the Ith of what was to be written.
local function go_on(out, i, ...)
  local state, piece = private[out], select(i, ...)
  flush(state)
  if type(piece) == "userdata" then
    write_buffer(state, piece)
  else
    write_long(out, tostring(piece))
  end
  return out:write(select(i + 1, ...))
end

---@class lectern.buffer
---@field add fun(self: lectern.buffer, ...: string|number|lectern.buffer) append; a buffer is empty afterwards
---@field text fun(self: lectern.buffer, from: integer, n: integer): string N bytes from byte FROM on, the first is 0

--- A place for text that is written further down: it grows by buffer:add(...), #buffer is its bytes, out:write(buffer) writes
--- it and leaves it empty. Far cheaper to keep than as many strings; it counts against the plugin's memory.
---@return lectern.buffer
function Out:buffer() return host.sink() end

--- Append to the file that is open.
---@param ... string|number|lectern.buffer
function Out:write(...)
  local state = private[self]
  local bytes, full = state.sink:add(...)
  state.bytes = bytes
  if full then
    return go_on(self, full, ...)
  end
  if bytes >= BUFFER then
    flush(state)
  end
end

--- Go on in another file of the folder; only exporters with `many`.
---@param name string relative, "talks/raft.html"
function Out:file(name)
  local state = private[self]
  if state.name then
    local n = #state.names + 1
    state.names[n], state.sizes[n] = state.name, state.bytes - state.start
    state.start = state.bytes
    if state.bytes >= BUFFER then
      send_whole(state)
    end
  else
    flush(state)
  end
  state.name = name
end

--- Put the content of attachments into files of the folder, and go on after them with out:file.
---@param files table<string, string> names, relative, and the "sha256" of a note's attachments
function Out:attach(files)
  local names = {}
  for name in pairs(files) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    self:file(name)
    for piece in require("lectern.notes").content(files[name]) do
      self:write(piece)
    end
  end
end

--- For the runtime.
function Out:finish()
  flush(private[self])
  settle(private[self])
end

return Out
