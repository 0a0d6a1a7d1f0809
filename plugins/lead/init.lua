-- The first sentences of a note: what most writers say first. Headings, metadata, code, tables and lone links are no
-- sentences.

local lectern = require "lectern"
local t = lectern.types

lectern.plugin { name = "lead", version = "0.1.0", api = 1, doc = "The first sentences as summary" }

local meta = {}
for word in ([[speaker speakers presenter presenters author authors by date time when where room location slides video
  recording link url event conference session track level duration tags abstract]]):gmatch "%S+" do
  meta[word] = true
end

-- Whether LINE is structure or data about the talk and not prose.
local function is_prose(line)
  local plain = line:gsub("^[%s>]*", ""):gsub("[*_`]+", "")
  if plain == "" or not plain:find "[%w\x80-\xff]" or line:find "^%s*@%a+%s*[({]" then return false end
  if line:find "^%s*#" or line:find "^%s*|" or line:find "^%s*<%/?%a" or line:find "^%s*<!%-%-"
    or line:find "^%s*!%[" then
    return false
  end
  if plain:find "^https?://%S+$" or plain:find "^%[[^%[%]]*%]%b()$" or plain:find "^@%S+$" then return false end
  local key = plain:match "^[-+]?%s*(%a+):%s"
  if key and meta[key:lower()] then return false end
  -- A whole line in bold is a heading or a name.
  if line:find "^%s*%*%*[^*]+%*%*%s*$" or line:find "^%s*__[^_]+__%s*$" then return false end
  return true
end

-- A short line between blank lines that ends like no sentence: a name, a place, a date.
local function is_label(s)
  local line = s:match "^%s*([^\n]-)%s*$"
  return line ~= nil and #line <= 70 and not line:find "^[-*+>]" and not line:find "^%d+[.)]"
    and not line:find "[.?!:;][\"'*_)]*$" and not line:find "\xe2\x80[\xa6\x9d]$"
end

-- Byte ranges of BODY that hold prose, in order: { { start, end }, ... }, 0-based and half-open.
local function prose(body)
  local ranges, fence, from = {}, nil, nil
  local previous
  local function close(at)
    if from then ranges[#ranges + 1] = { from, at, is_label(body:sub(from + 1, at)) } end
    from = nil
  end
  for line, at in lectern.text.lines(body) do
    local mark = line:match "^%s*(```+)" or line:match "^%s*(~~~+)"
    local keep = false
    if fence then
      if mark and mark:sub(1, 1) == fence:sub(1, 1) and #mark >= #fence then fence = nil end
    elseif mark then
      fence = mark
    elseif line:find "^[=-]+%s*$" and previous then
      -- An underlined heading: the line above was no prose.
      local last = ranges[#ranges]
      if from and from >= previous then from = nil
      elseif from then close(previous)
      elseif last and last[2] > previous then last[2] = previous end
    else
      keep = is_prose(line)
    end
    if keep then
      from = from or at
      previous = at
    else
      close(at)
      previous = nil
    end
  end
  close(#body)
  return ranges
end

-- The sentence without the bullet in front of it.
local function without_bullet(body, first, last)
  local _, stop = body:find("^%s*[-*+]%s+", first + 1)
  if not stop then _, stop = body:find("^%s*%d+[.)]%s+", first + 1) end
  if not stop then _, stop = body:find("^%s+", first + 1) end
  if stop and stop < last then first = stop end
  return first, last
end

local function pick(body, ranges, wanted, labels)
  local picked = {}
  for _, range in ipairs(ranges) do
    if labels or not range[3] then
      for _, s in ipairs(lectern.text.sentences(body:sub(range[1] + 1, range[2]))) do
        local first, last = without_bullet(body, range[1] + s[1], range[1] + s[2])
        -- Tags at the end of a line are no sentence.
        if body:sub(first + 1, last):gsub("#%S+", ""):find "[%w\x80-\xff].*[%w\x80-\xff]" then
          picked[#picked + 1] = { span = { first, last }, score = 1 / (#picked + 1) }
          if #picked == wanted then return picked end
        end
      end
    end
  end
  return picked
end

lectern.summariser "lead" {
  doc = "The first sentences, without headings and data.",
  args = { { "sentences", t.int { 3, min = 1, max = 100 }, flag = true, doc = "how many" } },
  summarise = function(note, args)
    local wanted, body = args.sentences or 3, note.body or ""
    local ranges = prose(body)
    local picked = pick(body, ranges, wanted, false)
    -- A note of nothing but short lines: then they are what there is.
    return #picked > 0 and picked or pick(body, ranges, wanted, true)
  end,
}
