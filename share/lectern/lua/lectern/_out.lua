--- Where an exporter writes.

local _, host = ...

local BUFFER <const> = 256 * 1024
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
  private[out] = { pieces = {}, bytes = 0, whole = {}, whole_bytes = 0 }
  return out
end

local function talks_of(note, by_id)
  local talks = {}
  for _, id in ipairs(note.talks or {}) do
    talks[#talks + 1] = by_id[id]
  end
  return talks
end

--- The notes to export, each with its talks: those of LIST, else the pages that the host gives.
---@param list table[]?
---@return fun(): table?, table[]?
function Out.notes(list)
  local items, by_id, i = list or {}, {}, 0
  return function()
    i = i + 1
    while items and items[i] == nil do
      local page = not list and host.request("export.next", {}) or nil
      items, by_id, i = page and page.items, page and page.talks or {}, 1
    end
    if items then
      return items[i], talks_of(items[i], by_id)
    end
  end
end

-- Small files that are complete go to the host together: a folder of thousands would otherwise take two questions each.
local function send_whole(state)
  if #state.whole > 0 then
    local files = state.whole
    state.whole, state.whole_bytes = {}, 0
    host.request("out.files", { files = files })
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
    local bytes = table.concat(state.pieces)
    state.pieces, state.bytes = {}, 0
    host.request("out.write", { bytes = bytes })
  end
end

-- All of PIECE but its end, which is returned: one message cannot hold everything.
local function send_long(state, piece)
  flush(state)
  local from = 1
  while #piece - from >= MOST do
    host.request("out.write", { bytes = piece:sub(from, from + MOST - 1) })
    from = from + MOST
  end
  return piece:sub(from)
end

--- Append to the file that is open.
---@param ... string|number
function Out:write(...)
  local state, given = private[self], { ... }
  for i = 1, select("#", ...) do
    local piece = tostring(given[i])
    if #piece > MOST then
      piece = send_long(state, piece)
    end
    state.pieces[#state.pieces + 1] = piece
    state.bytes = state.bytes + #piece
  end
  if state.bytes >= BUFFER then
    flush(state)
  end
end

--- Go on in another file of the folder; only exporters with `many`.
---@param name string relative, "talks/raft.html"
function Out:file(name)
  local state = private[self]
  if state.name then
    state.whole[#state.whole + 1] = { name = state.name, bytes = table.concat(state.pieces) }
    state.whole_bytes = state.whole_bytes + state.bytes
    state.pieces, state.bytes = {}, 0
    if state.whole_bytes >= BUFFER then
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
end

return Out
