-- Links that have lost their target: the page they were on had an address under a word, the text has the word alone, or
-- nothing where a name stood. Only what is evident.

local marks = require "report.marks"

local M = {}

local find, lower, sub = string.find, string.lower, string.sub

-- The end of a line that promises an address and has none.
local ends <const> = { "%f[%a]via$", "%f[%a]behind$", "%f[%a]linked from$", "%f[%a]available at$",
  "%f[%a]available from$", "%f[%a]found at$", "%f[%a]see$",
  "%f[%a]online at$", "%f[%a]slides at$", "%f[%a]code at$", "%f[%a]here: ?$", "%f[%a]read more at$",
    "%f[%a]details at$", "%f[%a]published at$" }

-- Words under which a link stood, or what is left around one.
local words <const> = { "%f[%a]see the list [^.]-%f[%a]here%.", "%f[%a]click here", "%f[%a]can be found here",
  "%f[%a]available here", "%f[%a]online %.", "%f[%a]found %.", "%f[%a]read it here", "%f[%a]slides here",
    "%f[%a]video here", "%f[%a]is here%." }

-- "Title [Paper] [Slides]": words in brackets that a page had put under links.
local function anchored(s)
  for inside, behind in s:gmatch "%[([%a ,;|/&+]+)%]()" do
    if marks.is_anchor(inside) and not find(s, "^[%(:%[]", behind) then return true end
  end
  return false
end

-- "See the for the list", "the photos .": a word is gone from the middle of a sentence.
local function gap(low)
  return find(low, "the for", 1, true) ~= nil and (find(low, "%f[%a]see the for%f[%A]") or find(low, "%f[%a]on the for%f[%A]")
      or find(low, "%f[%a]see also the for%f[%A]") or find(low, "%f[%a]the for the%f[%A]")) ~= nil
    or find(low, "at the of", 1, true) ~= nil and find(low, "%f[%a]at the of%f[%A]") ~= nil or find(low, "%l%l %.$", -4) ~= nil
end

-- A sentence that has lost its first word: ". is a project ...".
local function beheaded(s)
  local a = find(s, "[%l%)][.!?] is an? %l")
  return a ~= nil
end

-- Whether S tells of a lost link; LAST that it is the end of a paragraph.
local function evident(s, last)
  local low = lower(s)
  if last and find(low, "[%l:]%s?$") then
    for _, p in ipairs(ends) do if find(low, p) then return true end end
  end
  if find(s, "[", 1, true) and anchored(s) or gap(low) then return true end
  if find(low, "here", 1, true) or find(low, " .", 1, true) then
    for _, p in ipairs(words) do if find(low, p) then return true end end
  end
  return find(s, " is a", 1, true) ~= nil and beheaded(s)
end

-- A line of names between bars, as a page's own navigation has: "One | Two | Three".
local function navigation(s)
  if #s > 160 or find(s, "%d%d:%d%d") or find(s, "^|") then return false end
  local bars = 0
  for _ in s:gmatch " | " do bars = bars + 1 end
  return bars >= 2
end

-- Lost links of POST: the bytes they stand at, and what is shown for them.
function M.find(L, post)
  local list = {}
  for i = post.body, post.last do
    local length = L:length(i)
    if length <= 4000 then
      local s = L:get(i)
      local last = i == post.last or L.gap[i + 1] > 0
      if evident(s, last) or i <= post.body + 2 and navigation(s) then
        local shown = length > 80 and sub(s, -80):gsub("^[\x80-\xbf]+", "") or s
        list[#list + 1] = { at = L.s[i] - 1, line = i, value = { text = shown, lost = true } }
      end
    end
  end
  return list
end

return M
