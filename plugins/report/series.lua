-- Series: several talks in one line, behind what they are: "Lightning talks: Title by Ana Lima; Title by Bo Ek".

local again = require "report.again"
local forms = require "report.forms"
local kinds = require "report.kinds"

local M = {}

local find, sub = string.find, string.sub

local MOST <const> = 30

-- The pieces of S between semicolons, and the byte each begins at.
local function pieces(s)
  local list, from = {}, 1
  while #list < MOST do
    local stop = find(s, ";", from, true) or #s + 1
    local at = find(s, "%S", from) or stop
    local text = sub(s, at, stop - 1):gsub("[%s.]+$", ""):gsub("^and%s+", function(word)
      at = at + #word
      return ""
    end)
    if text == "" then break end
    list[#list + 1] = { text, at }
    if stop > #s then return list end
    from = stop + 1
  end
end

local function talks_of(L, i, w, ctx)
  local rest, kind, written = kinds.kind(w.text)
  local list = kind and find(rest, ";", 1, true) and pieces(rest)
  if not list or #list < 2 then return nil end
  local base, out, form, sep = w.at + #w.text - #rest, {}, nil, nil
  for k, piece in ipairs(list) do
    local _, best = forms.one_line(piece[1], ctx)
    form, sep = form or best and best.form, sep or best and best.sep
    if form and (not best or best.form ~= form) then best = again.believed(piece[1], form, sep, ctx, {}) end
    if not best then return nil end
    best.line, best.last, best.gap, best.w, best.at = i, i, k == 1 and L.gap[i] or 0, w, base + piece[2] - 1
    best.kind, best.kind_as_written, best.from = best.kind or kind, best.kind_as_written or written, nil
    best.why, best.confidence = ("one of %d talks in a line"):format(#list), 0.85
    if k > 1 then best.inside, best.from_byte, best.to_byte = true, best.at, best.at + #piece[1] - 1 end
    out[k] = best
  end
  return out
end

-- The talks of POST that stand several in a line.
function M.find(L, post, ctx)
  local found = {}
  for i = post.body, post.last do
    local w = not post.taken[i] and L:words(i)
    local list = w and not w.rule and find(w.text, ";", 1, true) and talks_of(L, i, w, ctx)
    for _, item in ipairs(list or {}) do
      found[#found + 1] = item
      post.taken[i] = true
    end
  end
  return found
end

return M
