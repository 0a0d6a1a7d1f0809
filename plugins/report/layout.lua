-- Layout: which form the talks of a post have, learnt from the post itself.
--
-- The one idea: every line is read in all forms; forms are then weighed by how often, how strongly and how evenly they
-- occur. Writers keep to one layout inside a post, so the form that wins is believed also where a single line of it is
-- weak, and the others are not.

local again = require "report.again"
local forms = require "report.forms"
local kinds = require "report.kinds"
local names = require "report.names"

local M = {}

local byte, find, sub, lower = string.byte, string.find, string.sub, string.lower

local SHORT <const> = 300

local function words_of(L, i) return L:words(i) end
M.words_of = words_of

-- What a comma behind a name means in this post: counted over "Name, Something" at the ends of lines, where Something
-- cannot be a name, against those where it can.
local function comma_of(L, first, last, ctx)
  local orgs, people = 0, 0
  for i = first, last do
    local w = L:length(i) <= 200 and words_of(L, i)
    if w and find(w.text, ",", 1, true) and not find(w.text, "[.:?!]$") then
      local text = w.text:gsub("%s+[|/]%s+%u%l+:.*$", "")
      local tail = text:match ".* %-%-? (.*)$" or text:match ".* \u{2013} (.*)$"
        or text:match ".* \u{2014} (.*)$" or text:match ".*:%s(.*)$"
        or text:match ".* by (.*)$" or text
      for piece in (tail:gsub(" [/|] ", ";"):gsub("\t", ";") .. ";"):gmatch "([^;]*);" do
        local head, rest = piece:match "^%s*([^,;()]+),%s*([^,;()]+)$"
        local one = head and (head:match ".* and (.*)$" or head)
        if one and names.person(one, ctx) >= 0.7 then
          if names.person(rest, ctx) == 1 then people = people + 1
          elseif names.organisation(rest) then orgs = orgs + 1 end
        end
      end
    end
  end
  return orgs > people and "org" or people > 0 and orgs == 0 and "people" or nil
end

local function group_key(w, form, sep) return form .. " " .. sep .. " " .. w.mark .. w.sign ..
  (w.time and " @" or "") end

local function put(groups, key, c)
  local g = groups[key]
  if not g then
    g = { key = key, form = c.form, list = {}, sum = 0, open = 0 }
    groups[key] = g
    groups[#groups + 1] = g
  end
  g.list[#g.list + 1] = c
  g.sum = g.sum + c.strength
  if c.gap > 0 then g.open = g.open + 1 end
end

-- The talk that a whole text is about: its title is the text's, and the line below names who gives it, and where they
-- work.
function M.whole(L, post, ctx)
  local i = post.title_line
  if not i or post.author or post.event or post.body > post.last or post.body - i > 2 then return {} end
  local w, below = words_of(L, i), words_of(L, post.body)
  local who, strength = nil, 0
  if below then who, strength = forms.people_line(below.text, ctx, { share = true }) end
  if not who or strength < 2 then return {} end
  local title, kind, written, session = forms.read(w.text)
  if not title then return {} end
  local head = lower(sub(L.text, L.s[post.body], L.s[post.body] + 4000))
  if not kind and select(2, head:gsub("this tutorial", "")) + select(2, head:gsub("our tutorial", "")) >= 1 then kind =
    "tutorial" end
  return { { form = "whole", line = i, last = post.body, title = title, kind = kind, kind_as_written = written,
    session = session, people = who, gap = 3, w = w,
    at = w.at, strength = strength, why = "the title of the text, and below it who gives the talk", confidence = 0.8 } }
end

-- Lines that stand in the post several times are the frame of its entries ("Abstract", "Details"), never a title.
local function templates(L, first, last)
  local seen, repeated = {}, {}
  for i = first, last do
    if L:length(i) <= 60 then
      local s = lower(L:get(i)):gsub("%s*:$", "")
      if seen[s] then repeated[s] = true end
      seen[s] = true
    end
  end
  for word in ("abstract details logistics speakers speaker presenters presenter bio biography outline summary overview notes discussion q&a " ..
    "questions references links slides schedule"):gmatch "%S+" do
    repeated[word] = true
  end
  return repeated
end

-- What a post must know before its lines are read.
function M.prepare(L, post) post.templates = templates(L, post.body, post.last) end

function M.is_template(post, s) return post.templates[lower(s):gsub("%s*:$", "")] == true end

-- How many brackets S leaves open.
local function open_brackets(s) return select(2, s:gsub("%(", "")) - select(2, s:gsub("%)", "")) end

-- The words of line I with those below that a bracket goes on in, or stands in alone; the last line read.
local function bracketed(L, i, last)
  local s, k = words_of(L, i).text, i
  if not find(s, "(", 1, true) and (i == last or byte(L.text, L.s[i + 1]) ~= 40) then return nil end
  while k < last and k - i < 3 and L.gap[k + 1] == 0 and #s < 240 do
    local open = open_brackets(s)
    local below = words_of(L, k + 1)
    if not below or below.mark ~= "" or below.rule or below.time then break end
    if open <= 0 and (k > i or not find(below.text, "^%([^()]*%)?$") or find(s, "[.:)]$")) then break end
    s, k = s .. " " .. below.text, k + 1
    if open_brackets(s) <= 0 then return s, k end
  end
end

-- The words of line I, with those it is wrapped to where it opens a quotation or announces one, or leaves a bracket open;
-- the last line read.
local function unwrapped(L, i, last)
  local w = words_of(L, i)
  local s, k = bracketed(L, i, last)
  if s then return s, k end
  local opens = find(w.text, '^["\u{201c}\u{201e}\u{ab}]')
  if not opens and not find(w.text, ":$") then return w.text, i end
  s, k = w.text, i
  while k < last and k - i < 3 and L.gap[k + 1] == 0 and #s < 240 do
    local below = words_of(L, k + 1)
    if not below or below.mark ~= "" or below.rule or below.time then break end
    if not opens and not find(below.text, '^["\u{201c}\u{201e}\u{ab}]') then break end
    s, k = s .. " " .. below.text, k + 1
    if not opens then break end
  end
  return s, k
end

-- Line I where it is longer than words_of reads and looks like a list of authors: its words.
local function authors_line(L, i)
  local length = L:length(i)
  if length <= SHORT or length > 1500 then return nil end
  local s = L:get(i)
  local commas, brackets = select(2, s:gsub(",", "")), select(2, s:gsub("%)", ""))
  if commas < 5 or brackets < 1 and commas < 10 or find(s, "%l%l%l%.%s+%u") and brackets < 3 then return nil end
  return { text = s, mark = "", sign = "", at = L.s[i] }
end

-- Every candidate of every form in the lines first..last of POST.
local function candidates(L, post, ctx, options)
  local groups = {}
  local people = {}
  local marked = {}
  for i = post.body, post.last do
    local w = not L:running(i) and words_of(L, i)
    local long = not w and authors_line(L, i)
    local all = long and forms.people_line(long.text, ctx, options)
    if all then people[i] = { who = all, strength = 3, w = long } end
    if w and w.mark ~= "" then marked[w.mark .. w.sign] = (marked[w.mark .. w.sign] or 0) + 1 end
    -- One word alone is no talk; initials can be a person.
    if w and not w.rule and not post.taken[i] and find(w.text, "[%u@\x80-\xff]") and (ctx.initials
      or find(w.text, "[%s@]") or L:length(i) > 60) then
      local _, best = forms.one_line(w.text, ctx, options)
      local joined, to = unwrapped(L, i, post.last)
      if to > i then
        local _, wide = forms.one_line(sub(joined, 1, 300), ctx, options)
        if wide and (find(wide.form, "quoted") or wide.form == "title-bracket") and (not best or #wide.people > #best.people
          or wide.strength > best.strength) then best = wide else to =
          i end
      end
      if not best and w.mark == "bullet" then best = forms.pair(w.text, ctx) end
      if best and not M.is_template(post, best.title) then
        local above = i > post.body and words_of(L, i - 1)
        local as = above and L.gap[i] == 0 and kinds.is_kind(above.text)
        if as and not best.kind then best.kind, best.kind_as_written, best.above = as, above.text, above end
        best.line, best.last, best.gap, best.w, best.at = i, to, L.gap[i], w, w.at
        put(groups, group_key(w, best.form, best.sep), best)
      end
      local who, strength, label = forms.people_line(w.text, ctx, options)
      if who then people[i] = { who = who, strength = strength, label = label } end
    end
  end
  return groups, people, marked
end

-- Titles and people on lines of their own, in either order.
local function two_lines(L, post, groups, people)
  for i = post.body, post.last do
    local p = people[i]
    local w = p and (p.w or words_of(L, i))
    if p then
      local j = i - 1
      if j >= post.body and words_of(L, j) and words_of(L, j).rule then j = j - 1 end
      -- Two words can look like somebody's name; above a name with an organisation they are its title.
      local plain = j >= post.body and (not people[j] or not people[j].label and (p.label and find(p.label, "%a")
        or p.strength >= 3 and people[j].strength <= 1 and L.gap[j] > 0 and L.gap[i] == 0))
      local before = plain and words_of(L, j) or nil
      local title = before and not before.rule and not post.taken[j] and forms.title_line(before.text)
      if title and not M.is_template(post, title) and (before.mark ~= "bullet" or w.mark ~= before.mark or p.label) then
        local short, kind, written, session = forms.read(title)
        local over = j > post.body and L.gap[j] == 0 and words_of(L, j - 1)
        if not kind and over and kinds.is_kind(over.text) then kind, written = kinds.is_kind(over.text), over.text end
        if not p.label or not forms.leads(p.label) or kind == "panel" or kind == "discussion" then
          put(groups, "title/person " .. before.mark .. " " .. w.mark .. (p.label and " label" or "") ..
            (L.gap[i] > 0 and " |" or ""), {
            form = "title/person", line = j, last = i, title = short, session = session, people = p.who,
              strength = p.strength, gap = L.gap[j],
            inner = L.gap[i], w = before, at = before.at, kind = kind, kind_as_written = written, label = p.label })
        end
      end
      local k = i + 1
      local after = k <= post.last and not people[k] and words_of(L, k)
      title = after and not after.rule and not post.taken[k] and forms.title_line(after.text)
      if title and forms.upright(title) and not M.is_template(post, title) and not p.label
        and (L.gap[i] > 0 or w.mark ~= "") then
        local short, kind, written, session = forms.read(title)
        put(groups, "person/title " .. w.mark .. " " .. after.mark .. (L.gap[k] > 0 and " |" or ""), {
          form = "person/title", line = i, last = k, title = short, session = session, people = p.who,
            strength = p.strength - 0.25,
          gap = L.gap[i], inner = L.gap[k], w = w, at = after.at, kind = kind, kind_as_written = written })
      end
    end
  end
end

local series <const> = { poster = "poster", lightning = "lightning", demo = "demo" }

-- Whether C stands below a heading that says that talks of a kind follow; then that is its session.
local function announced(L, post, c)
  local i = c.line - 1
  while i >= post.body and c.line - i <= 12 do
    local w = words_of(L, i)
    if w and not w.rule and w.mark ~= "bullet" and #w.text <= 60 and not find(w.text, "[.!?]%s") then
      for word, kind in next, series do
        if find(lower(w.text), word, 1, true) then
          c.session, c.kind = w.text:gsub("%s*:$", ""), c.kind or kind
          return true
        end
      end
      return find(lower(w.text), "talks", 1, true) ~= nil
    end
    i = i - 1
  end
end

-- How much a form explains: strength times evenness. Bulleted forms need company; where all points of a post have one form
-- they are a list of talks.
local function weigh(g, marked)
  local n = #g.list
  local open = g.open / n
  local even = math.max(open, 1 - open)
  g.even, g.opens = even, open >= 0.5
  g.mean = g.sum / n
  local score = g.sum * even
  if not g.opens then score = score * 0.8 end
  if g.list[1].w.mark == "bullet" and not find(g.form, "quoted", 1, true) then score = score * (n >= 3 and 0.7
    or 0.3) end
  local alike = marked[g.list[1].w.mark .. g.list[1].w.sign]
  if alike and n >= 4 and n >= alike * 0.8 then score = score * 1.5 end
  if g.list[1].w.mark == "hash" or g.list[1].w.mark == "equals" then score = score * 1.3 end
  if g.list[1].w.time then score = score * 1.3 end
  g.score = score
  return score
end

local function confident(c, g)
  local base = c.strength >= 3 and 0.95 or c.strength >= 2 and 0.9 or c.strength >= 1 and 0.75 or 0.6
  if #g.list >= 3 and base < 0.9 then base = base + 0.1 end
  return base
end

local said <const> = {
  ["person-title"] = "'Name%s - Title' like %d lines of this post",
  ["title-person"] = "'Title - Name%s' like %d lines of this post",
  ["title-by"] = "'Title by Name%s' like %d lines of this post",
  ["title-bracket"] = "'Title (Name%s)' like %d lines of this post",
  ["quoted-person"] = "a title in quotes, then a name%s, like %d lines of this post",
  ["person-quoted"] = "a name%s, then a title in quotes, like %d lines of this post",
  ["title-stop"] = "'Title. Name%s' like %d lines of this post",
  ["title-label"] = "'Title. Speaker: Name%s' like %d lines of this post",
  ["columns"] = "'Title / Name%s / Room' like %d lines of this post",
  ["title/person"] = "a title, and below it a line with a name%s, like %d places of this post",
  ["person/title"] = "a line with a name%s, and a title below it, like %d places of this post",
}

local function why(c, g)
  local org = #c.people > 0 and #c.people[1].affiliations > 0 and " and organisation" or ""
  return said[c.form]:format(org, #g.list)
end

-- Candidates that the learnt forms leave: no line twice, stronger groups first.
local function choose(groups, marked)
  for _, g in ipairs(groups) do weigh(g, marked) end
  table.sort(groups, function(a, b) if a.score ~= b.score then return a.score > b.score end return a.key < b.key end)
  return groups
end

local function claims(taken, c)
  for i = c.line, c.last do if taken[i] then return false end end
  return true
end

-- "Title (Room 2)": where all titles of a timetable end in brackets, these hold the rooms.
local function rooms_in_titles(found)
  local timed, with = 0, 0
  for _, c in ipairs(found) do
    if c.w.time then
      timed = timed + 1
      if c.title:match "^.+%s%([^()]+%)$" then with = with + 1 end
    end
  end
  if with < 2 or with < timed * 0.8 then return end
  for _, c in ipairs(found) do
    local title, room = c.title:match "^(.+)%s%(([^()]+)%)$"
    if c.w.time and title and not c.room then c.title, c.room = forms.title(title), room end
  end
end

-- The talks of POST, in order of their lines; each with line, last, title, people, why, confidence. What was too weak
-- is in
-- post.doubts.
function M.find(L, post, ctx)
  local options = { comma = comma_of(L, post.body, post.last, ctx) }
  post.comma = options.comma
  local groups, people, marked = candidates(L, post, ctx, options)
  two_lines(L, post, groups, people)
  choose(groups, marked)
  local best = groups[1]
  if best then again.read(L, post, ctx, best, people, options) end
  local found, taken = {}, {}
  post.doubts = {}
  if not best then return found end
  -- What a form has to reach: less where the text is about a meeting at all.
  local least = post.event and 2 or post.about and 2.5 or 8
  local second = post.about and 4 or least
  -- Who writes titles above names does not write names above titles.
  local other = best.form == "title/person" and "person/title" or best.form == "person/title" and "title/person"
  for rank, g in ipairs(groups) do
    local learnt = g.form ~= other and ( rank == 1 and g.score >= least
      or rank > 1 and best.score >= least and g.form == best.form and g.score >= 1
      or g.score >= math.max(second, best.score * 0.4))
    local starts = {}
    for _, c in ipairs(g.list) do starts[c.line] = true end
    for _, c in ipairs(g.list) do
      local below = c.last < post.last and L.gap[c.last + 1] == 0 and starts[c.last + 1]
      local set = c.w.mark ~= "" or c.w.time or not g.opens and below
      local plain = c.above and post.about and c.strength >= 2 or post.about and (c.label and find(c.label, "%a")
        or c.kind) and c.strength >= 2 and c.gap > 0
        or find(c.form, "quoted", 1, true) and c.strength >= 2 and announced(L, post, c)
      local fits = plain or learnt and (set or (c.gap > 0) == g.opens or c.strength >= 2)
      if claims(taken, c) then
        if fits then
          for i = c.line, c.last do taken[i] = true end
          c.why, c.confidence, c.group = why(c, g) .. (c.again and ", by its place" or ""), confident(c, g), g
          found[#found + 1] = c
        elseif c.strength >= 2 and c.gap > 0 then
          c.why, c.confidence = why(c, g) .. "; too weak to be one", 0.4
          post.doubts[#post.doubts + 1] = c
        end
      end
    end
  end
  table.sort(found, function(a, b) return a.line < b.line end)
  rooms_in_titles(found)
  post.layout = found[1] and found[1].group
  return found
end

return M
