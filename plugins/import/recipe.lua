-- Recipes: corrections that are remembered for a source, and made again each time it is imported.
--
-- The one idea: a correction is kept with what it is about (the title as it was found, the text of its lines), not with numbers: in a
-- file that grew these are found again. A recipe counts while the run that made it is not undone; so undoing that run leaves what
-- was there before, and undoing the undoing brings it back.

local lectern = require "lectern"

local M = {}

local INDEX <const> = "recipes"
local VERSIONS <const> = 8  -- kept for one source: what earlier runs made, should later ones be undone
local LINES <const> = 4096 -- bytes of a line that tell it from others

-- ---- anchors --------------------------------------------------------------------------------------------------

local function letters(s)
  if #s > LINES then s = s:sub(1, LINES) end
  local plain = s:lower():gsub("[%s%p]+", "")
  return plain ~= "" and plain or s:gsub("%s+", "")
end

local function line_key(source, n) return source.starts[n] and letters(source:line(n)) or "" end

-- The last line before N with text in it.
local function line_above(source, n)
  for i = n - 1, math.max(1, n - 8), -1 do
    local key = line_key(source, i)
    if key ~= "" then return key end
  end
  return ""
end

local function lines_anchor(source, lines)
  return { first = line_key(source, lines[1]), last = line_key(source, lines[2]), above = line_above(source, lines[1]), at = lines[1],
    count = lines[2] - lines[1] }
end

--- CHANGES as they are kept: plain data without numbers of this reading.
function M.of(source, changes)
  local list = {}
  for _, change in ipairs(changes) do
    local kept = { off = change.off, on = change.on, add = change.add, set = {} }
    for key, value in pairs(change.set or {}) do kept.set[key] = value end
    if kept.set.lines then
      kept.lines = lines_anchor(source, kept.set.lines)
      kept.set.lines = nil
    end
    local found = change.item and source.items[change.item] or change.post and source.posts[change.post]
    if found then
      local first = found.card.first or source:line_at(found.low or found.from or 0)
      kept.about = { what = change.item and "item" or "post", title = letters(found.card.title), shown = found.card.title,
        kind = found.card.kind, line = line_key(source, first), at = first }
    end
    list[#list + 1] = kept
  end
  return list
end

-- Things of a source by title and line, by title alone, by line alone.
local function catalogue(source, things)
  local by = { both = {}, title = {}, line = {} }
  local function add(map, key, thing)
    map[key] = map[key] or {}
    table.insert(map[key], thing)
  end
  for _, thing in ipairs(things) do
    local first = thing.card.first or source:line_at(thing.low or thing.from or 0)
    local title, line = letters(thing.card.title), line_key(source, first)
    local entry = { thing = thing, first = first }
    add(by.both, title .. "\n" .. line, entry)
    add(by.title, title, entry)
    add(by.line, line, entry)
  end
  return by
end

-- The thing that ABOUT means: nearest to where it was, and each but once.
local function find_thing(by, about)
  for _, list in ipairs { by.both[about.title .. "\n" .. about.line] or {}, by.title[about.title] or {}, by.line[about.line] or {} } do
    local best
    for _, entry in ipairs(list) do
      if not entry.used and (not best or math.abs(entry.first - about.at) < math.abs(best.first - about.at)) then best = entry end
    end
    if best then
      best.used = true
      return best.thing
    end
  end
end

local function lines_by_key(source)
  local map = {}
  for n = 1, source.lines do
    local key = line_key(source, n)
    map[key] = map[key] or {}
    table.insert(map[key], n)
  end
  return map
end

-- Where the lines of ANCHOR are now: the line that follows what it followed, else the nearest.
local function find_lines(source, map, anchor)
  local best, far
  for _, n in ipairs(map[anchor.first] or {}) do
    local d = math.abs(n - anchor.at) + (line_above(source, n) == anchor.above and 0 or source.lines)
    if not far or d < far then best, far = n, d end
  end
  if not best then return nil end
  local stop, off
  for _, n in ipairs(map[anchor.last] or {}) do
    if n >= best and (not off or math.abs(n - best - anchor.count) < off) then stop, off = n, math.abs(n - best - anchor.count) end
  end
  return stop and { best, stop }
end

local function told(kept)
  local title = kept.about and kept.about.shown or kept.set.title or "?"
  return ("a correction of '%s' finds no place any more; it was left out"):format(title)
end

--- The changes that a recipe means in this reading of its source; WARN(text) for each that finds no place.
function M.changes(source, kept_list, warn)
  local items, posts = catalogue(source, source.items), catalogue(source, source.posts)
  local map
  local list = {}
  for _, kept in ipairs(kept_list) do
    local change = { off = kept.off, on = kept.on, add = kept.add, set = {}, recipe = kept }
    for key, value in pairs(kept.set or {}) do change.set[key] = value end
    local lost = false
    if kept.about then
      local thing = find_thing(kept.about.what == "item" and items or posts, kept.about)
      if not thing then lost = true
      elseif kept.about.what == "item" then
        change.item = thing.n
        change.on = thing.proposal and kept.on or nil
        if thing.proposal and not kept.on then lost = not kept.off end
        if thing.proposal and kept.off then goto continue end -- it is left out already
      else
        change.post = thing.n
      end
    end
    if kept.lines and not lost then
      map = map or lines_by_key(source)
      change.set.lines = find_lines(source, map, kept.lines)
      lost = not change.set.lines
    end
    if lost then warn(told(kept)) else list[#list + 1] = change end
    ::continue::
  end
  return list
end

-- ---- what is remembered ---------------------------------------------------------------------------------------
--
-- "recipes": { next = 7, sources = { [path] = { { id = "r6", run = "..." or false, at = ms, count = 3, sha256 = "..." }, newest last } } };
-- the corrections themselves under "recipe:r6". An entry without id says that there are none from then on.

local function index() return lectern.state.get(INDEX) or {} end

-- An empty table comes back as a list.
local function sources_of(all) return type(all.sources) == "table" and all.sources or {} end

local function undone_among(sources)
  local runs, undone = {}, {}
  for _, entries in pairs(sources) do
    for _, entry in ipairs(entries) do if entry.run then runs[#runs + 1] = entry.run end end
  end
  for i = 1, #runs, 100 do
    local some = table.move(runs, i, math.min(i + 99, #runs), 1, {})
    local marks = ("?,"):rep(#some):sub(1, -2)
    for _, row in ipairs(lectern.notes.sql("SELECT id FROM run WHERE undone AND id IN (" .. marks .. ")", table.unpack(some))) do
      undone[row.id] = true
    end
  end
  return undone
end

--- What counts now: path -> { id, run, at, count }.
function M.active()
  local sources = sources_of(index())
  local out = {}
  if next(sources) == nil then return out end
  local undone = undone_among(sources)
  for path, entries in pairs(sources) do
    for i = #entries, 1, -1 do
      local entry = entries[i]
      if not (entry.run and undone[entry.run]) then
        if entry.id then out[path] = entry end
        break
      end
    end
  end
  return out
end

function M.get(id)
  local kept = lectern.state.get("recipe:" .. id)
  return type(kept) == "table" and type(kept.changes) == "table" and kept.changes or {}
end

-- The same but for where it stood: files grow.
local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do if key ~= "at" and not equal(value, b[key]) then return false end end
  for key in pairs(b) do if a[key] == nil then return false end end
  return true
end

--- The name that CHANGES of PATH go by: that of what counts now where they are the same, else a new one; nil where there are none.
function M.name(path, changes, active, taken)
  if #changes == 0 then return nil end
  local now = active[path]
  if now and equal(M.get(now.id), changes) then return now.id end
  return "r" .. (math.tointeger(index().next) or 1) + taken
end

--- Keep what the run RUN (nil: it had nothing to write) made: list of { path, id or nil, changes }.
function M.keep(list, run, active)
  local all = index()
  local sources = sources_of(all)
  local wrote = false
  for _, one in ipairs(list) do
    local now = active[one.path]
    if (now and now.id) ~= one.id then
      local entries = sources[one.path] or {}
      if one.id then
        lectern.state.set("recipe:" .. one.id, { path = one.path, changes = one.changes })
        all.next = math.max(math.tointeger(all.next) or 1, tonumber(one.id:sub(2)) + 1)
      end
      entries[#entries + 1] = { id = one.id or false, run = run or false, at = lectern.now(), count = #one.changes,
        sha256 = one.sha256 }
      while #entries > VERSIONS do
        local old = table.remove(entries, 1)
        if old.id then lectern.state.set("recipe:" .. old.id, nil) end
      end
      sources[one.path] = entries
      wrote = true
    end
  end
  if wrote then lectern.state.set(INDEX, { next = all.next or 1, sources = sources }) end
end

--- The recipes of these sources were used: { from, to, sha256 }, where they were and are, and what bytes they have now.
function M.follow(list)
  local all = index()
  local sources = sources_of(all)
  local changed = false
  for _, one in ipairs(list) do
    local entries = sources[one.from]
    local last = entries and entries[#entries]
    if last and (last.sha256 ~= one.sha256 or one.from ~= one.to) then
      for _, entry in ipairs(entries) do entry.sha256 = one.sha256 end
      sources[one.from] = nil
      sources[one.to] = entries
      changed = true
    end
  end
  if changed then lectern.state.set(INDEX, { next = all.next or 1, sources = sources }) end
end

--- Forget all that is remembered for these paths.
function M.forget(paths)
  local all = index()
  local sources = sources_of(all)
  for _, path in ipairs(paths) do
    for _, entry in ipairs(sources[path] or {}) do
      if entry.id then lectern.state.set("recipe:" .. entry.id, nil) end
    end
    sources[path] = nil
  end
  lectern.state.set(INDEX, { next = all.next or 1, sources = sources })
end

-- ---- in words -------------------------------------------------------------------------------------------------

local function value_text(value)
  if type(value) ~= "table" then return value and tostring(value) or "taken out" end
  return #value > 0 and table.concat(value, ", ") or "none"
end

--- One line about a correction, for people.
function M.describe(kept)
  local about = kept.about and ("'%s'"):format(kept.about.shown) or ("'%s'"):format(kept.set and kept.set.title or "?")
  if kept.off then return about .. " is left out" end
  local words = {}
  for key, value in pairs(kept.set or {}) do
    if not (kept.add and (key == "title" or key == "kind")) then words[#words + 1] = key .. ": " .. value_text(value) end
  end
  if kept.lines then words[#words + 1] = ("%d lines"):format(kept.lines.count + 1) end
  table.sort(words)
  local head = kept.add and about .. " is added" or kept.on and about .. " is taken" or about
  return #words > 0 and head .. ": " .. table.concat(words, "; ") or head
end

return M
