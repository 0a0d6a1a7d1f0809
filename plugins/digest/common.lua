-- What the commands share: queries as people type them, names of events and people, nothing found.

local lectern = require "lectern"

local M = {}

-- "a or b" as people type it; the query language knows OR. Quoted text stays.
function M.query(text)
  if not text then return nil end
  local parts = {}
  for plain, quoted in (text .. '""'):gmatch '([^"]*)("[^"]*")' do
    parts[#parts + 1] = plain:gsub("(%s)or(%s)", "%1OR%2") .. quoted
  end
  return (table.concat(parts):gsub('""$', ""))
end

-- The words of a query that a sentence may have: no fields, no operators.
function M.words(text)
  local words = {}
  for word in (text or ""):gmatch '[^%s()"]+' do
    if not word:find ":" and not word:find "^%-" and not ({ ["or"] = 1, OR = 1, AND = 1, NOT = 1 })[word] then
      words[#words + 1] = word
    end
  end
  return #words > 0 and table.concat(words, " ") or nil
end

function M.event_name(event)
  if not event then return nil end
  return event.year and ("%s %d"):format(event.name, event.year) or event.name
end

-- By year, then in the order in which they came; what has no year or no event comes last.
function M.by_year(list, event_of)
  local place = {}
  for i, item in ipairs(list) do place[item] = i end
  local function key(item)
    local event = event_of(item)
    return event and (event.year or 9998) or 9999
  end
  table.sort(list, function(a, b)
    local x, y = key(a), key(b)
    return x < y or x == y and place[a] < place[b]
  end)
  return list
end

function M.names(people)
  local names = {}
  for i, person in ipairs(people or {}) do names[i] = person.name end
  return names
end

-- The event that a query is nothing but the name of, without saying that it means one.
local function event_named(query)
  local ok, event = pcall(lectern.notes.event, query)
  return ok and event or nil
end

-- Nothing matched: status 1, and on a terminal the way out.
function M.nothing(job, value, what, args)
  job:exit(1)
  if not job.tty[2] then return value end
  local where = args.query and (" for '%s'"):format(args.query) or ""
  local event = args.query and not args.event and event_named(args.query)
  if event then
    return value, ("no %s%s; event:%s asks for those of %s"):format(what, where, event.slug, M.event_name(event))
  end
  return value, ("no %s%s; lectern list shows what there is"):format(what, where)
end

-- TEXT without line ends.
function M.line(text) return lectern.text.squeeze(text) end

return M
