--- What an importer reads: one file or stream, decoded to UTF-8.

local _, host = ...

local TEXT_MAX <const> = 16 * 1024 * 1024
local CHUNK <const> = 256 * 1024

---@class lectern.source
---@field name string base name
---@field stem string name without its extension
---@field extension string without the dot, lower case
---@field path string
---@field folder string name of its folder
---@field bytes integer length of the decoded text
---@field encoding string what it was decoded from
---@field lines_count integer
local Source = {}

local private = setmetatable({}, { __mode = "k" })

local meta = { __name = "lectern.source", __metatable = false }

-- Known only when somebody asks.
local computed = {
  lines_count = function(self)
    return host.count_lines(self:text())
  end,
}

function meta.__index(self, name)
  if computed[name] then
    local value = computed[name](self)
    rawset(self, name, value)
    return value
  end
  return Source[name]
end

---@return lectern.source
function Source.new(given)
  local name = given.name or "-"
  local stem, extension = name:match "^(.+)%.([^.]*)$"
  local text = given.text or ""
  local source = setmetatable({
    name = name,
    stem = given.stem or stem or name,
    extension = (given.extension or extension or ""):lower(),
    path = given.path or name,
    folder = given.folder or "",
    lines_count = given.lines,
    bytes = given.bytes or #text,
    encoding = given.encoding or "utf-8",
  }, meta)
  private[source] = { text = text }
  return source
end

--- About COUNT bytes from OFFSET: whole characters, from what came with the call where that has them.
local function slice(source, offset, count)
  local text = private[source].text
  if offset < #text then
    return host.slice(text, offset, count)
  end
  return host.request("source.read", { offset = offset, bytes = count }) or ""
end

--- The whole text.
---@return string
function Source:text()
  local state = private[self]
  if #state.text >= self.bytes then
    return state.text
  end
  if self.bytes > TEXT_MAX then
    error(host.error("E_DATA", ("'%s' is larger than 16 MiB, the most that is read as one text; split it"):format(self.name)), 0)
  end
  local pieces = {}
  for piece in self:chunks(CHUNK) do
    pieces[#pieces + 1] = piece
  end
  state.text = table.concat(pieces)
  return state.text
end

--- About the first N bytes, whole characters.
---@param n integer
---@return string
function Source:head(n)
  return slice(self, 0, math.min(n, self.bytes))
end

--- Iterate over pieces of about N bytes: piece, its first byte.
---@param n integer?
---@return fun(): string?, integer?
function Source:chunks(n)
  local at = 0
  return function()
    if at >= self.bytes then
      return nil
    end
    local piece = slice(self, at, math.min(n or CHUNK, self.bytes - at))
    if piece == "" then
      return nil
    end
    local start = at
    at = at + #piece
    return piece, start
  end
end

--- Iterate over lines, without their ends: line, its first byte.
---@return fun(): string?, integer?
function Source:lines()
  return host.lines(self:text())
end

--- The 1-based line that byte BYTE (0-based) is on.
---@param byte integer
---@return integer
function Source:line_at(byte)
  local state = private[self]
  state.index = state.index or host.line_index(self:text())
  return state.index:line(byte)
end

--- First byte of the 1-based line LINE, and the byte after its last.
---@param line integer
---@return integer, integer
function Source:line_span(line)
  local state = private[self]
  state.index = state.index or host.line_index(self:text())
  return state.index:span(line)
end

return Source
