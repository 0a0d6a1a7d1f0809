-- Nothing invented: the span of each talk, paper or mention holds its title and every name given. Needs no answer key.
--
-- usage: lua5.4 tests/cases/report/spans.lua FOLDER TEXT     FOLDER as for score.lua, TEXT the file that was imported
-- Prints a line for each name that is not where it is said to be; status 1 if there is one.

local here <const> = arg[0]:match "^(.*)/" or "."
local json = dofile(here .. "/json.lua")
local fold = dofile(here .. "/fold.lua")

local function read(path)
  local handle = assert(io.open(path, "rb"))
  local text = handle:read "a"
  handle:close()
  return text
end

local source <const> = read(arg[2])
local faults = 0

local function check(talk)
  local from = talk.sources[1]
  local span = fold(source:sub(from.byte_start + 1, from.byte_end))
  local function must(what)
    if not span:find(fold(what), 1, true) then
      faults = faults + 1
      print(("line %d: '%s' is not in the span of '%s'"):format(from.line_start, what, talk.title))
    end
  end
  must(talk.title)
  for _, speaker in ipairs(talk.speakers) do
    -- Initials stand for a name where the text itself says for which.
    must(source:match("(%u%u%u?%u?)%s*=%s*" .. speaker.name:gsub("%p", "%%%0")) or speaker.name)
    for _, affiliation in ipairs(speaker.affiliations) do must(affiliation) end
  end
end

for _, file in ipairs { "talks.json", "mentions.json" } do
  for _, talk in ipairs(json.read(read(arg[1] .. "/" .. file))) do
    if talk.sources[1] and talk.sources[1] ~= json.null then check(talk) end
  end
end
os.exit(faults == 0)
