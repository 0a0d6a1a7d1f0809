-- Text that means to Org what it says and nothing else: no emphasis, link, timestamp, macro, footnote, tag or heading
-- that nobody wrote. Where Org has a name for a character that is used (\slash{}), else \zwnj{} between two.

local lectern = require "lectern"

local M = {}

local ENTITIES <const> = {
  ["*"] = "\\ast{}", ["/"] = "\\slash{}", ["_"] = "\\under{}", ["="] = "\\equal{}", ["~"] = "\\tilde{}", ["+"] = "\\plus{}",
}

-- May stand before the mark that opens an emphasis, and behind the one that closes it; "" is the text's edge.
local function opens_after(c) return c == "" or c:find "[%s%-%(%{'\"]" ~= nil end
local function closes_before(c) return c == "" or c:find "[%s%-%.,:;!%?'\"%)%}%]\\%[]" ~= nil end
M.opens_after, M.closes_before = opens_after, closes_before

-- Marks that would begin an emphasis which ends somewhere behind them; OPEN: S goes on, so that any may end there.
local function without_emphasis(s, open)
  if not s:find "[*/_=~+]" then return s end
  local closing = {}
  for at, mark in s:gmatch "()([*/_=~+])" do
    if at > 1 and not s:find("^%s", at - 1) and closes_before(s:sub(at + 1, at + 1)) then closing[mark] = at end
  end
  return (s:gsub("()([*/_=~+])", function(at, mark)
    local last = open and #s + 2 or closing[mark]
    if last and last > at + 1 and opens_after(s:sub(at - 1, at - 1)) and (at == #s or s:find("^%S", at + 1)) then
      return ENTITIES[mark]
    end
  end))
end

-- Every text node goes through here. Line ends stay. OPEN: what stands behind S in its line is not known.
function M.text(s, open)
  s = lectern.text.clean(s)
  if s:find "[*/_=~+]" then s = without_emphasis(s, open) end
  if not s:find "[%[{@<:^_]" then return s end
  -- [[Title]] and [[Title|words]], as notes link each other.
  s = s:gsub("%[%[([^%[%]|\n]+)|?([^%[%]\n]*)%]%]", function(title, words) return words ~= "" and words or title end)
  s = s:gsub("%[%[", "[\\zwnj{}["):gsub("%[fn:", "[\\zwnj{}fn:"):gsub("%[cite", "[\\zwnj{}cite")
    :gsub("{{{", "{\\zwnj{}{\\zwnj{}{"):gsub("@@", "@\\zwnj{}@"):gsub("<([%w<%%])", "\\lt{}%1")
  -- Code that would be run or shown as run, and addresses that do something.
  s = s:gsub("src_(%w)", "src\\under{}%1"):gsub("call_(%w)", "call\\under{}%1"):gsub("_{", "\\under{}{"):gsub("%^{", "\\asciicirc{}{")
  return (s:gsub("%f[%w](elisp):", "%1\\colon{}"):gsub("%f[%w](shell):", "%1\\colon{}"):gsub("%f[%w](file):", "%1\\colon{}"))
end

-- Does LINE begin as something other than a paragraph does?
local function special(line)
  local first = line:match "^%s*(.)"
  if not first or not first:find "[*#|:%-+%%%dCDS]" then return false end
  return line:find "^%*+%s" or line:find "^%s+%*%s" or line:find "^%*+$" or line:find "^%s*#[%s+]" or line:find "^%s*#$"
    or line:find "^%s*|" or line:find "^%s*:%s" or line:find "^%s*:$" or line:find "^%s*:[%w_-]+:"
    or line:find "^%s*[-+]%s" or line:find "^%s*[-+]$" or line:find "^%s*%d+[.)]%s" or line:find "^%s*%d+[.)]$"
    or line:find "^%s*%-%-%-%-%-" or line:find "^%%%%%(" or line:find "^%s*CLOCK:" or line:find "^%s*DEADLINE:"
    or line:find "^%s*SCHEDULED:" or line:find "^%s*CLOSED:"
end

-- A paragraph none of whose lines is anything else.
function M.paragraph(s)
  if not s:find "\n" then return special(s) and "\\zwnj{}" .. s or s end
  local out = {}
  for line in lectern.text.lines(s) do out[#out + 1] = special(line) and "\\zwnj{}" .. line or line end
  return table.concat(out, "\n")
end

-- States of tasks, the first in two pieces for a reader of the tree who looks for what is unfinished.
local KEYWORDS <const> = { ["TO" .. "DO"] = true, DONE = true, COMMENT = true, NEXT = true, WAITING = true, CANCELLED = true }

-- A heading from what is Org already.
function M.heading_of(s)
  s = lectern.text.squeeze(s)
  if s == "" then return "\\nbsp{}" end
  if KEYWORDS[s:match "^%S+"] or s:find "^%[#." then s = "\\zwnj{}" .. s end
  -- ":a:" at its end would be tags.
  local before, tags = s:match "^(.-)%s*(:[%w_@#%%:\x80-\xff]+:)$"
  if tags and (before == "" or s:sub(#before + 1, #before + 1) == " ") then s = before .. "\\nbsp{}" .. tags end
  return s
end

-- A heading from a title.
function M.heading(title)
  return M.heading_of(M.text(lectern.text.line(title)))
end

return M
