-- A second look at the lines of a post, once its layout is known: where titles and names stand is then no longer in doubt,
-- and a title that has the shape of a name ("Filing Cabinets, Reconsidered") is told by its place.

local crowd = require "report.crowd"
local forms = require "report.forms"
local kinds = require "report.kinds"
local names = require "report.names"
local words = require "report.words"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower
local trim = names.trim

-- What splits a line of a learnt form: pieces of S as title and people, the likeliest first.
local cuts = {
  ["title-person"] = function(s, sep)
    local list = {}
    for _, c in ipairs(forms.splits(s)) do if c[3] == sep then table.insert(list, 1, { c[1], c[2] }) end end
    return list
  end,
  ["person-title"] = function(s, sep)
    local list = {}
    for _, c in ipairs(forms.splits(s)) do if c[3] == sep then list[#list + 1] = { c[2], c[1] } end end
    return list
  end,
  ["title-by"] = function(s)
    local title, who = match(s, "^(.+%S)%s+by%s+(.+)$")
    if title and find(title, "^%u%l+ed$") then return {} end
    return { title and { title, who } }
  end,
  ["title-bracket"] = function(s)
    local title, who = match(s, "^(.+%S)%s*%(([^()]+)%)[%s.:,;-]*$")
    if not title then
      -- "Title (Ana Lima): what I thought"
      title, who = match(s, "^(.-%S)%s*%(([^()]+)%)%s*:%s")
    end
    return { title and { title, who } }
  end,
  ["columns"] = function(s, sep)
    local parts, from = {}, 1
    while #parts < 6 do
      local a, b = find(s, sep, from, true)
      parts[#parts + 1] = sub(s, from, (a or #s + 1) - 1)
      if not a then break end
      from = b + 1
    end
    local n = #parts
    if n < 3 or n > 5 then return {} end
    return { { table.concat(parts, sep, 1, n - 2), parts[n - 1], parts[n] }, { table.concat(parts, sep, 2, n - 1), parts[n],
      parts[1] } }
  end,
  ["title-stop"] = function(s, sep)
    local list, from = {}, 1
    local asked, who = match(s, "^(.-[?!]) (%u.+)$")
    if asked then list[1] = { asked, who } end
    local p = find(sep, ",", 1, true) and "(), ()" or find(sep, "?", 1, true) and "[?!]() ()" or "()%. ()"
    while #list < 8 do
      local a, b = match(s, p, from)
      if not a then break end
      list[#list + 1] = { sub(s, 1, a - 1), sub(s, b) }
      from = b
    end
    return list
  end,
}

-- S in a place where other lines of the post have FORM with SEP between title and people: it may be a title of any
-- shape and people of unusual names. nil where it cannot be read so.
local function believed(s, form, sep, ctx, options)
  local cut = cuts[form]
  if not cut or #s > 250 or #s < 8 then return nil end
  for _, c in ipairs(cut(s, sep)) do
    local who, strength = crowd.read(c[2], ctx, { loose = true, comma = options.comma })
    local title, kind, written, session = forms.read(c[1])
    if who and title and forms.upright(title) and not words.labels[lower(title)] and not kinds.is_award(title) then
      return { form = form, sep = sep, title = title, people = who, strength = strength, kind = kind,
        kind_as_written = written, session = session, room = c[3] and trim(c[3]) or nil }
    end
  end
end

M.believed = believed

-- Whether group G is enough to go by.
local function firm(g) return #g.list >= 3 or #g.list == 2 and g.mean >= 2 end

local function shape(w) return w.mark .. " " .. w.sign .. (w.time and " @" or "") end

-- The shapes of the lines that G's talks begin with, those that occur by chance left out.
local function shapes(g)
  local count = {}
  for _, c in ipairs(g.list) do
    local key = shape(c.w)
    count[key] = (count[key] or 0) + 1
  end
  for key, n in next, count do if n < #g.list * 0.2 then count[key] = nil end end
  return count
end

local function alike(L, i, w, g, taken)
  if not g.shapes[shape(w)] then return false end
  if w.mark ~= "" or w.time ~= nil or (L.gap[i] > 0) == g.opens then return true end
  -- The first line of a list has a blank line before it, the others have none.
  return not g.opens and i < L.n and L.gap[i + 1] == 0 and taken[i + 1] ~= nil
end

local function claimed(g)
  local lines = {}
  for _, c in ipairs(g.list) do for i = c.line, c.last do lines[i] = c end end
  return lines
end

local function add(g, c)
  c.again = true
  g.list[#g.list + 1] = c
end

-- Lines of the learnt form in one line.
local function one_line(L, post, ctx, g, options)
  local taken = claimed(g)
  for i = post.body, post.last do
    local w = not taken[i] and not post.taken[i] and L:words(i)
    if w and not w.rule and alike(L, i, w, g, taken) then
      local c = believed(w.text, g.form, g.list[1].sep, ctx, options)
      if c then
        c.line, c.last, c.gap, c.w, c.at = i, i, L.gap[i], w, w.at
        add(g, c)
      end
    end
  end
end

local function stopped(s) return find(s, "%l%.$") ~= nil end

-- A sentence above a name, in a post whose titles are none, is no title.
local function without_sentences(g)
  local stops = 0
  for _, c in ipairs(g.list) do if stopped(c.w.text) then stops = stops + 1 end end
  if stops == 0 or stops > #g.list * 0.34 then return end
  local kept = {}
  for _, c in ipairs(g.list) do if not stopped(c.w.text) then kept[#kept + 1] = c end end
  g.list = kept
end

-- Titles that look like people, above people or below them.
local function two_lines(L, post, g, people)
  local model = g.list[1]
  local over = g.form == "title/person"
  local open = model.inner > 0
  local below = L:words(model.last)
  if over then without_sentences(g) end
  local taken = claimed(g)
  for i = post.body + 1, post.last do
    local j = i - 1
    if people[i] and j > post.body and (L:words(j) or {}).rule then j = j - 1 end
    local p, k, n = people[i], j, i -- people, the line of the title, that of the people
    if not over then p, k, n = people[j], i, j end
    local w = people[i] and people[j] and not taken[i] and not taken[j] and not post.taken[j] and L:words(k)
    local first = w and (people[j].w or L:words(j))
    local under = w and (people[i].w or L:words(i))
    if under and first and not w.rule and alike(L, j, first, g, taken) and (L.gap[i] > 0) == open
      and under.mark == (below and below.mark or "") and (p.label ~= nil) == (model.label ~= nil) then
      local title, kind, written, session = forms.read(w.text)
      if title and forms.title_line(w.text) then
        local c = { form = g.form, line = j, last = i, title = title, session = session, people = p.who,
          strength = p.strength, gap = L.gap[j], inner = L.gap[i], w = first, at = w.at, kind = kind,
          kind_as_written = written, label = over and p.label or nil }
        taken[k], taken[n] = c, c
        add(g, c)
      end
    end
  end
end

-- Adds to G, the form that POST's talks have, the lines that belong to it by their place. PEOPLE are the lines that read
-- as people.
function M.read(L, post, ctx, g, people, options)
  if not firm(g) then return end
  g.shapes = shapes(g)
  if g.form == "title/person" or g.form == "person/title" then two_lines(L, post, g, people) else one_line(L, post, ctx, g, options) end
end

return M
