-- Compares what an import found with a list made by hand, and says what is missing, what is too much and what differs.
--
-- usage: lua5.4 tests/cases/report/score.lua KEY FOLDER TEXT [MINIMUMS]
--   KEY       the list made by hand (NAME.json)
--   FOLDER    talks.json, mentions.json, notes.json: what `lectern list` printed after the import
--   TEXT      the file that was imported
--   MINIMUMS  a table of the least scores, a line each: NAME, then NUMBERS in percent (see minimums.tsv)
-- Prints a row of scores and a line for each fault; status 1 where a score is below its minimum. With BESIDE set, first each thing
-- of the list beside what was found for it.

local here <const> = arg[0]:match "^(.*)/" or "."
local json = dofile(here .. "/json.lua")

local function read(path)
  local handle = assert(io.open(path, "rb"))
  local text = handle:read "a"
  handle:close()
  return text
end

local function given(v) return v ~= nil and v ~= json.null and v or nil end

local fold = dofile(here .. "/fold.lua")

local function same_name(a, b)
  a, b = fold(a), fold(b)
  return a == b or a:sub(1, #b + 1) == b .. ":" or b:sub(1, #a + 1) == a .. ":"
end

local key, folder, source = json.read(read(arg[1])), arg[2], read(arg[3])
local talks, notes = json.read(read(folder .. "/talks.json")), json.read(read(folder .. "/notes.json"))
for _, m in ipairs(json.read(read(folder .. "/mentions.json"))) do talks[#talks + 1] = m end

local row, faults = {}, {}
local function fault(line, ...) faults[#faults + 1] = ("  %-9s %s"):format(line and "line " .. line or "",
  (string.format(...))) end

local function line_of(thing)
  local from = given(thing.sources) and thing.sources[1]
  return from and given(from.line_start)
end

-- Pairs of WANT and HAVE that FITS, each once, the nearest lines first; what is left of both.
local function pair(want, have, fits)
  local pairs_, free, lost = {}, {}, {}
  for _, h in ipairs(have) do free[h] = true end
  for _, w in ipairs(want) do
    local best
    for _, h in ipairs(have) do
      if free[h] and fits(w, h) then
        local far = math.abs((line_of(h) or 0) - (given(w.line) or 0))
        if not best or far < best[1] then best = { far, h } end
      end
    end
    if best then
      free[best[2]] = nil
      pairs_[#pairs_ + 1] = { w, best[2] }
    else
      lost[#lost + 1] = w
    end
  end
  local extra = {}
  for _, h in ipairs(have) do if free[h] then extra[#extra + 1] = h end end
  return pairs_, lost, extra
end

local function excused(list, item, fits)
  for _, w in ipairs(given(list) or {}) do if fits(w, item) then return true end end
  return false
end

local function cut(text, columns)
  text = text:gsub("%s+", " ")
  local at = utf8.offset(text, columns + 1)
  text = at and text:sub(1, at - 1) or text
  return text .. (" "):rep(columns - utf8.len(text))
end

local function beside(what, w, by_hand, found)
  print(("%-9s %5s  %s  %s"):format(what, given(w.line) or "", cut(by_hand, 52), cut(found, 52)))
end

-- Recall and precision of one class of things; WHAT names the columns.
local function class(what, want, have, fits, name, maybe)
  local matched, lost, extra = pair(want, have, fits)
  local wrong = {}
  for _, h in ipairs(extra) do if not excused(maybe, h, fits) then wrong[#wrong + 1] = h end end
  for _, w in ipairs(lost) do fault(given(w.line), "%s missing: %s", what, name(w)) end
  for _, h in ipairs(wrong) do fault(line_of(h), "%s too much: %s", what, name(h)) end
  if os.getenv "BESIDE" and what ~= "people" then
    for _, p in ipairs(matched) do beside(what, p[1], name(p[1]), name(p[2])) end
    for _, w in ipairs(lost) do beside(what, w, name(w), "-") end
    for _, h in ipairs(wrong) do beside(what, {}, "-", name(h)) end
  end
  local recall = #want == 0 and 1 or #matched / #want
  local precision = #matched + #wrong == 0 and 1 or #matched / (#matched + #wrong)
  row[#row + 1] = { what .. " R", recall }
  row[#row + 1] = { what .. " P", precision }
  return matched
end

-- Share of PAIRS whose values agree.
local function exact(what, matched, want, have)
  local good, all = 0, 0
  for _, p in ipairs(matched) do
    local w, h = want(p[1]), have(p[2])
    if w ~= nil then
      all = all + 1
      if w == h then good = good + 1 else fault(given(p[1].line), "%s of '%s': %s, not %s", what, p[1].title, h, w) end
    end
  end
  row[#row + 1] = { what, all == 0 and 1 or good / all }
end

local function title(x) return given(x.title) or "?" end
local function by_title(w, h) return same_name(title(w), title(h)) end

local function event_text(x)
  local e = given(x.event)
  if not e then return "none" end
  return fold(e.name) .. (given(e.year) and (" %d"):format(e.year) or "")
end

local function people_text(x)
  local list = {}
  for _, s in ipairs(given(x.speakers) or {}) do list[#list + 1] = fold(s.name) end
  return table.concat(list, "; ")
end

local function affiliations_text(x)
  local list = {}
  for _, s in ipairs(given(x.speakers) or {}) do
    local own = {}
    for _, a in ipairs(given(s.affiliations) or {}) do own[#own + 1] = fold(a) end
    list[#list + 1] = fold(s.name) .. " (" .. table.concat(own, ", ") .. ")"
  end
  return table.concat(list, "; ")
end

local function field(name)
  return function(x)
    local v = given(x[name])
    return v and fold(tostring(v)) or "none"
  end
end

-- Talks, papers and mentions by kind.
local have = { talks = {}, papers = {}, mentions = {} }
for _, t in ipairs(talks) do
  local list = t.kind == "paper" and have.papers or t.kind == "mention" and have.mentions or have.talks
  list[#list + 1] = t
end

local function note_kind(n) return (n.kind == "post" or n.kind == "programme") and not given(n.part_of) end
local posts = {}
for _, n in ipairs(notes) do if note_kind(n) then posts[#posts + 1] = n end end

local post_pairs = class("posts", key.posts, posts, by_title, title)
exact("authors", post_pairs, field "author", function(n) return given(n.author) and fold(n.author.name) or "none" end)
exact("post events", post_pairs, event_text, event_text)

local given_talks = class("talks", key.talks, have.talks, by_title, title, key.talks_maybe)
local papers = class("papers", key.papers, have.papers, by_title, title, key.papers_maybe)
local mentions = class("mentions", key.mentions, have.mentions, by_title, title, key.mentions_maybe)

local items = {}
for _, list in ipairs { given_talks, papers, mentions } do for _, p in ipairs(list) do items[#items + 1] = p end end
exact("kind", items, field "kind", field "kind")
exact("speakers", items, people_text, people_text)
exact("affiliations", items, affiliations_text, affiliations_text)
exact("session", items, field "session", field "session")
exact("event", items, event_text, event_text)
exact("start", items, field "start", field "start")
exact("room", items, field "room", field "room")
exact("building", items, field "building", field "building")

-- Awards: of talks, and of events to persons.
local function award_text(name, talk, person) return fold(name) .. " | " .. (talk and fold(talk) or "") .. " | " ..
  (person and fold(person) or "") end
local function awards_found()
  local list, seen = {}, {}
  local function add(name, talk, person)
    local text = award_text(name, talk, person)
    if not seen[text] then
      seen[text] = true
      list[#list + 1] = { name = name, talk = talk, person = person }
    end
  end
  for _, t in ipairs(talks) do
    for _, a in ipairs(given(t.awards) or {}) do add(a.name or a, t.title, nil) end
  end
  local ok, events = pcall(function() return json.read(read(folder .. "/events.json")) end)
  for _, e in ipairs(ok and events or {}) do
    for _, a in ipairs(given(e.awards) or {}) do
      local talk = given(a.talk)
      local person = given(a.person)
      if not talk then add(a.name, nil, type(person) == "table" and person.name or person) end
    end
  end
  return list
end
class("awards", given(key.awards) or {}, awards_found(), function(w, h)
  local same = fold(w.name):find(fold(h.name), 1, true) or fold(h.name):find(fold(w.name), 1, true)
  local function agree(a, b) return not given(a) and not given(b) or given(a) and given(b) and same_name(a, b) end
  return same and agree(w.talk, h.talk) and agree(w.person, h.person)
end, function(a) return award_text(a.name, given(a.talk), given(a.person)) end, key.awards_maybe)

-- People in any role, questions, lost links.
local function people_found()
  local list, seen = {}, {}
  local function add(name)
    if not seen[fold(name)] then
      seen[fold(name)] = true
      list[#list + 1] = { name = name }
    end
  end
  for _, t in ipairs(talks) do for _, s in ipairs(given(t.speakers) or {}) do add(s.name) end end
  for _, n in ipairs(notes) do
    for _, p in ipairs(given(n.people) or {}) do add(p.name) end
  end
  return list
end
local function names(list)
  local out = {}
  for i, name in ipairs(given(list) or {}) do out[i] = { name = name } end
  return out
end
-- A handle signs a post and is nobody's name.
class("people", names(key.people), people_found(), function(w, h) return fold(w.name) == fold(h.name) end,
  function(p) return p.name end,
  names(key.people_maybe))

local function lines_in(text, first) return select(2, text:sub(1, first):gsub("\n", "")) + 1 end
local function question_rows()
  local list = {}
  for _, n in ipairs(notes) do
    for _, q in ipairs(given(n.questions) or {}) do
      local at = n.sources[1].byte_start
      local from = source:find(q.q:sub(1, 30), at + 1, true)
      list[#list + 1] = { line = from and lines_in(source, from) or 0, text = q.q, asker = given(q.asker),
        sources = { { line_start = from and lines_in(source, from) } } }
    end
  end
  return list
end
local function asker(q)
  local a = given(q.asker)
  return a and fold(type(a) == "table" and a.name or a) or "none"
end
local function near(w, h) return math.abs(w.line - h.line) <= 1 end
local questions = class("questions", given(key.questions) or {}, question_rows(), near,
  function(q) return given(q.text) or "line " .. q.line end,
  key.questions_maybe)
for _, p in ipairs(questions) do p[1].title = "question in line " .. p[1].line end
exact("askers", questions, asker, asker)

local function lost_links()
  local list = {}
  for _, n in ipairs(notes) do
    for _, l in ipairs(given(n.links) or {}) do
      if given(l.lost) then list[#list + 1] = { line = l.line, sources = { { line_start = l.line } } } end
    end
  end
  return list
end
local function as_lines(list)
  local out = {}
  for i, line in ipairs(given(list) or {}) do out[i] = { line = line } end
  return out
end
class("lost links", as_lines(key.dead_links), lost_links(), function(w, h) return w.line == h.line end,
  function(l) return "line " .. l.line end,
  as_lines(key.dead_links_maybe))

-- Minimums: columns of the table by name, percent.
local least = {}
local base = arg[1]:match "([^/]+)%.json$"
if arg[4] then
  local header
  for line in io.lines(arg[4]) do
    local cells = {}
    for cell in (line .. "\t"):gmatch "([^\t]*)\t" do cells[#cells + 1] = cell end
    local comment = line:find "^#"
    if not comment and not header then header = cells
    elseif not comment and ( cells[1] == base or cells[1] == "*" and not next(least)) then
      for i = 2, #header do least[header[i]] = tonumber(cells[i]) end
    end
  end
end

local low = 0
local out = {}
for _, c in ipairs(row) do
  local percent = c[2] * 100
  local short = least[c[1]] and percent + 1e-9 < least[c[1]]
  if short then low = low + 1 end
  out[#out + 1] = ("%s %s%s"):format(c[1], percent == 100 and "100" or ("%.1f"):format(percent), short
    and " (least " .. least[c[1]] .. ")" or "")
end
print(base .. ": " .. table.concat(out, ", "))
for _, f in ipairs(faults) do print(f) end
os.exit(low == 0)
