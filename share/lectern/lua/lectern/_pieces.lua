-- Long texts cut into pieces that can be read one by one, and long lines into stretches: programme.each_piece.

local lectern = require "lectern"

local PIECE <const> = 64 * 1024
local LONG <const> = 1024 * 1024 -- bytes of a line whose tree would take more memory than there is

-- Where a stretch of BODY from FROM on may end, at LAST or before: behind white space, else inside of a word.
local function stretch_end(body, from, last)
  local window = body:sub(from, last)
  local at = window:match "^.*()%s" or window:match "^.*%w%w%w()%w%w%w%w%w%w%w"
  if at then return from + at - 1 end
  while last > from and body:find("^[\x80-\xbf]", last + 1) do last = last - 1 end
  return last
end

-- The line of BODY between FROM and STOP in stretches: each with its number, and whether it is the last.
local function stretches(body, from, stop)
  local part = 0
  return function()
    local last = from + PIECE < stop and stretch_end(body, from, from + PIECE - 1) or stop
    local piece = body:sub(from, last)
    from, part = last + 1, part + 1
    return piece, part, last == stop
  end
end

return function(body, cut)
  local from, fence, lines, stretch = 1, nil, lectern.text.lines(body), nil
  local function rest()
    local piece = from and (from == 1 and body or from <= #body and body:sub(from)) or nil
    from = nil
    return piece
  end
  if #body <= PIECE then return rest end
  local function next_stretch()
    local piece, part, last = stretch()
    if last then stretch = nil end
    return piece, part, last
  end
  return function()
    if stretch then return next_stretch() end
    if not from then return nil end
    for line, at in lines do
      if cut and #line > LONG then
        local before = at + 1 > from and body:sub(from, at)
        stretch = stretches(body, at + 1, at + #line)
        from = body:match("^\r?\n?()", at + 1 + #line)
        if before then return before end
        return next_stretch()
      end
      local size = at + 1 - from
      local mark = line:match "^ ? ? ?(```)" or line:match "^ ? ? ?(~~~)"
      local blank = not fence and size >= PIECE and not line:find "%S"
      if mark and (not fence or fence == mark) then fence = not fence and mark or nil end
      if blank or size >= 2 * PIECE then
        local piece = body:sub(from, at)
        from = at + 1
        return piece
      end
    end
    return rest()
  end
end
