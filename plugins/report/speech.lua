-- Transcripts of one talk: who speaks and about what, from the words of whoever introduces the speaker, or of the
-- speaker.

local forms = require "report.forms"
local names = require "report.names"

local M = {}

local find, match, sub = string.find, string.match, string.sub

local HEAD <const> = 3000

-- Whether the lines of POST are speech: turns that begin with ">>", several times.
local function is_speech(L, post)
  local turns = 0
  for i = post.first, math.min(post.last, post.first + 400) do
    if find(sub(L.text, L.s[i], L.s[i] + 2), "^>>") then turns = turns + 1 end
  end
  return turns >= 3 or turns >= 1 and L.s[post.first] and find(sub(L.text, L.s[post.first], L.s[post.first] + 2),
    "^>>") ~= nil
end

-- What stands between a speaker's name and the title.
local leads <const> = { "^,? presenting[%s,:-]+()", "^,? who will be speaking on the topic of ()",
  "^,? who will be speaking on ()",
  "^,? who will be speaking about ()", "^,? who will be talking about ()", "^,? who is going to talk about ()",
    "^,? who will talk about ()",
  "^,? who is talking about ()", "^,? talking about ()", "^,? speaking about ()", "^,? with ()[\"\u{201c}]",
    "^,? and the talk is called ()", "^,? on ()[\"\u{201c}]" }
-- A talk that is given and then named by a sentence of its own.
local GIVING <const> = "^,? who is giving an? [%l%s]-talk[.!:]%s+()"

local function title_at(s, at)
  local open = match(s, '^()"', at) and '"' or match(s, "^\u{201c}", at)
  if open then
    local close = find(s, open == '"' and '"' or "\u{201d}", at + #open, true)
    return close and sub(s, at + #open, close - 1), at + #open
  end
  local stop = match(s, "()%.%s", at) or match(s, "()%.$", at)
  if stop and stop - at <= 200 then return sub(s, at, stop - 1), at end
end

-- Where the speaker says to work.
local function employer(s, at)
  return match(s, "%f[%a]here at (%u%w+ %u%w+)%f[%W]", at) or match(s, "%f[%a]I work at (%u%w+ the %u%w+)%f[%W]", at)
    or match(s, "%f[%a]I work at (%u%w+)%f[%W]", at) or match(s, "%f[%a]I work for (%u%w+)%f[%W]", at)
end

-- "We have Ana Lima, presenting ..."
local function introduced(s, ctx)
  local found
  names.each(s, ctx, function(name, from, stop)
    if found then return end
    local named = match(sub(s, stop + 1, stop + 80), GIVING)
    local till = named and match(s, "()[.!?]%s", stop + named)
    if till and till - named - stop <= 200 then
      found = { name = name, title = sub(s, stop + named, till), at = stop + named }
      return
    end
    for _, lead in ipairs(leads) do
      local at = match(sub(s, stop + 1, stop + 80), lead)
      local title, where = nil, nil
      if at then title, where = title_at(s, stop + at) end
      if title then
        found = { name = name, title = title, at = where, from = from }
        return
      end
    end
  end)
  return found
end

-- "I'm Ana Lima ... Today we're going to see how ..."
local function by_themselves(s, ctx)
  local at = match(s, "%f[%a]I'm ()%u%l+ %u") or match(s, "%f[%a][Mm]y name is ()%u%l+ %u")
    or match(s, "%f[%a]I am ()%u%l+ %u")
  if not at then return nil end
  local name
  names.each(sub(s, at, at + 60), ctx, function(found, from) name = name or from == 1 and found end)
  if not name then return nil end
  local where = match(s, "[Tt]oday,? we're going to see how ()", at) or match(s,
    "[Tt]oday,? I'm going to talk about ()", at)
    or match(s, "[Tt]oday,? I will talk about ()", at) or match(s, "title of my talk i?s? ?t?o?d?a?y? ?is ()", at)
      or match(s, "my talk is called ()", at)
  local title, from
  if where then title, from = title_at(s, where) end
  return title and { name = name, title = title, at = from }
end

-- The talk that POST is a transcript of, as a list.
function M.find(L, post, ctx)
  if not is_speech(L, post) then return {} end
  local from = L.s[post.first]
  local s = sub(L.text, from, math.min(L.e[post.last], from + HEAD)):gsub("[\r\n]", " ")
  local found = introduced(s, ctx) or by_themselves(s, ctx)
  local title = found and forms.title((found.title:gsub("%s+", " ")))
  if not title then return {} end
  found.org = employer(s, 1)
  return { { form = "speech", line = post.first, last = post.first, title = title,
    people = { { name = found.name, affiliations = { found.org } } },
    at = from + found.at - 1, gap = 3, why = found.org and "a transcript whose speaker says who they are"
      or "a transcript in which a speaker is introduced",
    confidence = 0.6 } }
end

return M
