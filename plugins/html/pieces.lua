-- What a page holds of an event until it is written. Text that may link to other articles waits for their titles; the rest goes
-- into one buffer after the other.

local find = string.find

local Pieces = {}
Pieces.__index = Pieces

-- OUT: what is written to, in the end. buffer: where HTML goes that links nowhere.
function Pieces.new(out)
  local buffer = out:buffer()
  return setmetatable({ buffer = buffer, list = { buffer }, closed = 0, out = out }, Pieces)
end

-- HTML of a text by people.
function Pieces:text(html)
  if not find(html, "[[", 1, true) then
    self.buffer:add(html)
    return
  end
  local list = self.list
  self.closed = self.closed + #self.buffer + #html
  self.buffer = self.out:buffer()
  list[#list + 1] = html
  list[#list + 1] = self.buffer
end

function Pieces:bytes() return self.closed + #self.buffer end

-- All of it, with CHANGE applied to what may have links; nothing is held afterwards.
function Pieces:write(change)
  local list = self.list
  for i = 1, #list do self.out:write(type(list[i]) == "string" and change(list[i]) or list[i]) end
  self.list, self.buffer = nil, nil
end

return Pieces
