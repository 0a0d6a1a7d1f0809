-- Names of files: made of ascii letters, digits and hyphens alone, the same at each export, different where the case of
-- letters does not count, and none that a system keeps for itself.

local lectern = require "lectern"
local slug = lectern.text.slug

local M = {}

-- FNV-1a, 64 bits.
local function hash(s, seed)
  local h = seed
  for i = 1, #s do h = (h ~ s:byte(i)) * 0x100000001b3 end
  return h ~ (h >> 29)
end

local SEED <const> = 0xcbf29ce484222325

-- Eight letters that stand for S.
function M.short(s) return ("%08x"):format(hash(s, SEED) >> 32) end

-- A UUID that stands for S and nothing else (version 8: made by a rule of our own).
function M.uuid(s)
  local a, b = hash(s, SEED), hash(s .. "\1", SEED ~ 0x5bd1e995)
  return ("%08x-%04x-8%03x-%04x-%012x"):format(a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 48 & 0x3fff | 0x8000,
    b & 0xffffffffffff)
end

-- What Windows takes for devices, whatever follows behind a dot.
local kept = { con = true, prn = true, aux = true, nul = true }
local function reserved(name) return kept[name] or name:find "^com%d$" or name:find "^lpt%d$" end

local Names = {}
Names.__index = Names

function M.new() return setmetatable({ used = {} }, Names) end

local function take(self, path)
  path = path .. ".html"
  if self.used[path] then return nil end
  self.used[path] = true
  return path
end

-- The file in FOLDER of something with an id: "talks/clocks-that-lie-1a2b3c4d.html".
function Names:of(folder, title, id)
  local base = folder .. "/" .. slug(title) .. "-"
  return take(self, base .. id:sub(1, 8):lower()) or take(self, base .. slug(id)) or self:next(base)
end

-- The file of something that has a name of its own ("sosp-2017", a tag). A name that had to be changed gets letters that stand
-- for what it was, so that two of those do not meet.
function Names:called(folder, name)
  local plain = slug(name)
  local base = folder .. "/" .. plain
  if plain == name and not reserved(name) then
    local path = take(self, base)
    if path then return path end
  end
  base = base .. "-" .. M.short(name)
  return take(self, base) or self:next(base .. "-")
end

function Names:next(base)
  for n = 2, math.huge do
    local path = take(self, base .. n)
    if path then return path end
  end
end

return M
