-- Forms: the ways in which one or two lines can introduce a talk. Each reads a line and says which people and which
-- title it
-- would be, and how strongly the line speaks for it. Which form a post really uses is learnt in layout.lua.

local kinds = require "report.kinds"
local marks = require "report.marks"
local crowd = require "report.crowd"
local names = require "report.names"
local words = require "report.words"

local M = {}

local find, match, sub, lower = string.find, string.match, string.sub, string.lower

local quotes <const> = { ['"'] = '"', ["\u{201c}"] = "\u{201d}", ["\u{201e}"] = "\u{201c}", ["\u{ab}"] = "\u{bb}",
  ["''"] = "''", ["``"] = "''" }

-- S without quotation marks around all of it.
function M.unquote(s)
  for open, close in next, quotes do
    if #s > #open + #close and sub(s, 1, #open) == open and sub(s, -#close) == close then
      local inside = sub(s, #open + 1, -#close - 1)
      if not find(inside, open, 1, true) then return inside end
    end
  end
  return s
end

-- The title in S, as a title is kept: no quotes, no full stop; nil where S is none.
function M.title(s)
  s = s:gsub("^%s+", ""):gsub("[%s:]+$", "")
  for _, mark in ipairs { "**", "__", "*", "_" } do
    local inside = #s > 2 * #mark and sub(s, 1, #mark) == mark and sub(s, -#mark) == mark and sub(s, #mark + 1,
      -#mark - 1)
    if inside and not find(inside, mark, 1, true) then s = inside break end
  end
  -- A star behind a title is a footnote's, one before it as well is emphasis.
  if select(2, s:gsub("%*+", "")) == 1 then s = s:gsub("%s*%*+$", "") end
  s = s:gsub("%s*\u{2020}$", "")
  s = M.unquote(s)
  s = s:gsub("%s+$", ""):gsub("%s*[,;:]$", "")
  if find(s, "%.$") and not find(s, "%.%.$") and not find(s, "%.%w+%.$") then s = sub(s, 1, -2) end
  s = M.unquote(s)
  s = s:gsub("%s+$", "")
  if #s < 2 or #s > 250 or not find(s, "%a") and not find(s, "[\xc3-\xdf\xe3-\xf4]") or find(s, "://", 1, true)
    and not find(s, "%s") then return nil end
  return s
end

-- The title in S without what stands before it: title, kind, kind as written, session ("Session 2: Title").
function M.read(s)
  local title = M.title(s)
  if not title then return nil end
  local whole = match(title, "^(.-%S)%s*[%[(][Hh]alf[- ][Dd]ay[^()%[%]]*[%])]$")
    or match(title, "^(.-%S)%s*[%[(][Ff]ull[- ][Dd]ay[^()%[%]]*[%])]$")
  title = whole and M.title(whole) or title
  local session
  local slot, rest = match(title, "^([Ss]ession%s+%w+)%s*[:\u{2013}\u{2014}-]+%s+(.+)$")
  if slot and M.title(rest) then title, session = M.title(rest), slot end
  local as, kind, written = kinds.kind(title)
  if kind and M.title(as) then title = M.title(as) else kind, written = nil, nil end
  return title, kind, written, session
end

local function upright(title)
  if not title then return false end
  if names.capital(title) or find(title, "^[%d{\"'\xe2(#@$_~+!<.]") then return true end
  local first = match(title, "%S+") or ""
  return find(first, "%u") ~= nil or find(first, "%d") ~= nil or find(first, "[_/-]") ~= nil
end
M.upright = upright

-- Words that begin a sentence about somebody rather than a title: "Ana Lima - gives a talk".
local function sentence(title)
  title = title:gsub("%f[%a](%u%l?%l?%l?)%. (%u)", function(short, capital)
    if words.honorifics[lower(short)] or short == "St" or short == "Mt" or short == "No"
      or #short == 1 then return short .. " " .. capital end
  end)
  return find(title, "%.%s+%u%l") ~= nil or find(title, "[.!?]%s+[%l]") ~= nil
end

local dashes <const> = { " -- ", " --- ", " - ", " \u{2013} ", " \u{2014} ", " | ", ": ", "\t", " / ", " \u{b7} ",
  " :: ", "\u{2014}", " => ", " -> " }

-- Where S can be cut between title and people: left, right, what stands between, where that begins and ends.
function M.splits(s)
  local list = {}
  if not find(s, "[-|:\t/=\xc2\xe2]") then return list end
  for _, sep in ipairs(dashes) do
    local from, count = 1, 0
    while count < 4 do
      local a, b = find(s, sep, from, true)
      if not a then break end
      if a > 1 and b < #s then list[#list + 1] = { sub(s, 1, a - 1), sub(s, b + 1), sep, a, b } end
      from, count = b + 1, count + 1
    end
  end
  return list
end

-- Whether S, which stands before a colon, is what somebody does at a meeting: "Program co-chairs", "Session chair".
local function is_office(s)
  local last = match(s, "([%a-]+)%s*$")
  if not last or select(2, s:gsub("%S+", "")) > 4 then return false end
  last = lower(last):gsub("^co%-", "")
  return words.group[last] or words.roles[last] or words.roles[last:gsub("s$", "")] or words.labels[last] or false
end

local function better(best, c) return not best or c.strength > best.strength end

local function add(list, form, sep, title, people, strength, comment, plain)
  local whole = M.title(title)
  if not whole or sentence(whole) or not upright(whole) or words.labels[lower(whole)]
    or kinds.is_award(whole) or kinds.is_meal(whole) then return end
  -- Names with where they work are no title, even where more names follow.
  if find(whole, "(", 1, true) and (select(2, crowd.read(whole, list.ctx)) or 0) >= 3 then return end
  local kind, written, session
  title, kind, written, session = M.read(title)
  if not plain and names.person(title, list.ctx) == 1 then return end
  -- "Then Ana Lima"
  local lead, rest = match(title, "^(%u%l+) (%u.*)$")
  if lead and words.small[lower(lead)] and names.person(rest, list.ctx) == 1 then return end
  list[#list + 1] = { form = form, sep = sep, title = title, people = people, strength = strength, comment = comment,
    kind = kind,
    kind_as_written = written, session = session }
end

local function by_split(list, s, ctx, options)
  local left, right
  for _, c in ipairs(M.splits(s)) do
    if #c[1] <= 160 then
      local who, strength = crowd.read(kinds.kind(c[1]), ctx, options)
      if who then
        local cand = { who, strength + (c[3] == ": " and -0.5 or 0), c }
        if not left or cand[2] > left[2] or cand[2] == left[2] and c[4] < left[3][4] then left = cand end
      end
    end
    if #c[2] <= 160 and not (c[3] == ": " and is_office(c[1])) then
      local who, strength = crowd.read(c[2], ctx, options)
      if who then
        local cand = { who, strength + (c[3] == ": " and -0.5 or 0), c }
        if not right or cand[2] > right[2] then right = cand end
      end
    end
  end
  if left then
    local title = left[3][2]
    local stop = left[3][3] == ": " and #title > 12 and match(title, "()%.%s+%u")
    if stop and stop > 8 then
      -- "Ana Lima: Title. What I thought of it."
      add(list, "person-title", left[3][3] .. ".", sub(title, 1, stop - 1), left[1], left[2], sub(title, stop + 1))
    else
      add(list, "person-title", left[3][3], title, left[1], left[2])
    end
    local last = list[#list]
    local _, kind, written = kinds.kind(left[3][1])
    if last and kind and not last.kind then last.kind, last.kind_as_written = kind, written end
  end
  if right then add(list, "title-person", right[3][3], right[3][1], right[1], right[2]) end
end

-- The people at the start of S, which may go on behind a full stop.
local function leading_people(s, ctx, options)
  local who, strength = crowd.read(s, ctx, options)
  local from = 1
  for _ = 1, 3 do
    if who then break end
    local stop, behind = match(s, "()%.%s+()", from)
    if not stop then break end
    who, strength = crowd.read(sub(s, 1, stop - 1), ctx, options)
    from = behind
  end
  return who, strength, from > 1
end

-- "Title, Ana Lima", a point of a list: weak alone, a layout where all points are like it.
function M.pair(s, ctx)
  local title, name = match(s, "^(.+%S),%s+([^,]+)$")
  if not title or #s > 200 or names.person(name, ctx) < 0.7 or names.person(title, ctx) == 1 then return nil end
  local list = { ctx = ctx }
  add(list, "title-stop", ", pair", title, { { name = name, affiliations = {} } }, 0.75)
  return list[1]
end

local inner_labels <const> = { "[.,;(]%s*[Pp]resenters?:%s+", "[.,;(]%s*[Ss]peakers?:%s+",
  "[.,;(]%s*[Pp]resented by:?%s+", "[.,;(]%s*[Aa]uthors?:%s+",
  "[.,;(]%s*[Gg]iven by:?%s+", "[.,;(]%s*[Vv]ortrag von:?%s+" }

-- "Title. Presenter: Ana Lima (Fjord). What I thought."
local function by_inner_label(list, s, ctx, options)
  for _, p in ipairs(inner_labels) do
    local a, b = find(s, p)
    if a and a > 3 then
      local who, strength = leading_people((sub(s, b + 1):gsub("%)$", function(c) return find(sub(s, b + 1), "(", 1,
        true) and c or "" end)), ctx,
        { loose = true, comma = options and options.comma })
      if who then return add(list, "title-label", "label", sub(s, 1, a - 1), who, strength + 1.5) end
    end
  end
end

local function by_word(list, s, ctx, options)
  for a, b in s:gmatch "()%f[%a][Bb]y%s+()" do
    if a > 3 then
      local who, strength, more = leading_people(sub(s, b), ctx, options)
      if who and more and strength < 2 then who = nil end
      if who then
        local title = marks.tail(sub(s, 1, a - 1))
        for _, verb in ipairs { "presented", "given", "delivered", "a talk", "talk",
          "told" } do title = title:gsub("[,%s]+" .. verb .. "$", "") end
        title = title:gsub('(["\u{201d}])%s+%l[%l%s]*$', "%1")
        -- "The next one will be in Fjord, organised by Ana Lima", 'The keynote, "Title", was given by ...': sentences.
        local last = match(title, "%s(%l+)$")
        -- "Summarized by Bo Ek"
        if not last and find(title, "^%u%l+ed$") then return end
        if last and (find(last, "%led$") or last == "led" or last == "run" or last == "was" or last == "made")
          or find(title, " will be ", 1, true) or find(title, '.["\u{201c}]%u') and not find(title, '^["\u{201c}]') then
          return
        end
        add(list, "title-by", "by", title, who, strength + 0.5)
        return
      end
    end
  end
end

local function by_bracket(list, s, ctx, options)
  local title, inside = match(s, "^(.-)%s*[(%[]([^()%[%]]+)[)%]][%s.:,;\xe2\x80\x93\x94-]*$")
  local rest, _
  if not title then
    title, inside, _, rest = match(s, "^(.-)%s*[(%[]([^()%[%]]+)[)%]]%s*([:.,\xe2\x80\x93\x94-]+)%s+(.+)$")
  end
  if title and title ~= "" and #inside <= 200 then
    inside = inside:gsub("^[Bb]y%s+", ""):gsub("^[Ss]peakers?:%s*", ""):gsub("^[Pp]resented by%s+", "")
      for _, verb in ipairs { "organi[sz]ed", "led", "chaired", "hosted", "given", "moderated", "convened", "run" } do
        inside = inside:gsub("^" .. verb .. "%s+by%s+", "")
      end
    local who, strength = crowd.read(inside, ctx, options)
    if who then add(list, "title-bracket", "(", title, who, strength + 0.5, rest) end
  end
end

local function by_quotes(list, s, ctx, options)
  if not find(s, "[\"'`\xc2\xe2]") then return end
  for open, close in next, quotes do
    if sub(s, 1, #open) == open then
      local b = find(s, close, #open + 1, true)
      if b then
        local behind = marks.head(sub(s, b + #close))
        local by = find(behind, "^[Bb]y%s") ~= nil
        behind = behind:gsub("^[Bb]y%s+", "")
        local kind, rest = match(behind, "^(%l+) with (%u.+)$")
        kind = kind and kinds.is_kind(kind)
        if kind then behind = rest end
        local who, strength = leading_people(behind, ctx, options)
        if not who then
          local inside = match(behind, "^%(([^()]+)%)")
          if inside then who, strength = crowd.read(inside, ctx, options) end
        end
        if who then
          local before = #list
          add(list, "quoted-person", "quote", sub(s, #open + 1, b - 1), who, strength + 1, nil, true)
          if #list > before then list[#list].by, list[#list].kind = by, list[#list].kind or kind end
        end
      end
    else
      local a = find(s, open, 1, true)
      local b = a and find(s, close, a + #open, true)
      if a and b and a > 4 and b > #s - 3 or a and b and find(sub(s, 1, a - 1), ":%s*$") then
        local left = marks.tail(sub(s, 1, a - 1))
          for _, word in ipairs { "on", "about", "with", "presents" } do left = left:gsub("%s+" .. word .. "$", "") end
        local kind, name = match(left, "^(%u[%a ]-) by (.+)$")
        local rest, as, written = kinds.kind(left)
        local who, strength = crowd.read(name or rest, ctx, options)
        if who then
          local before = #list
          add(list, "person-quoted", "quote", sub(s, a + #open, b - 1), who, strength + 1, nil, true)
          if kind and not as then as, written = select(2, kinds.kind(kind .. ": x")) end
          if #list > before and as then
            list[#list].kind, list[#list].kind_as_written = list[#list].kind or as, list[#list].kind_as_written
              or written
          end
        end
      end
    end
  end
end

-- "Title. Ana Lima (Fjord)" and "Title, Ana Lima (Fjord)": only where the people are certain.
local function by_stop(list, s, ctx, options)
  if not find(s, "[.,?!] ") then return end
  for _, sep in ipairs { "%. ()", "[?!] ()", ", ()" } do
    local from = 1
    for _ = 1, 6 do
      local a, b = match(s, "()" .. sep, from)
      if not a then break end
      if a > 3 and #s - b <= 160 then
        local who, strength = crowd.read(sub(s, b), ctx, options)
        if who and strength >= (sep ~= ", ()" and 1 or #s <= 150 and (find(sub(s, b), ",", 1, true) and 1 or 2) or 3) then
          local stop = sep == "[?!] ()" and a or a - 1
          if not find(sub(s, 1, stop), '["\u{201c}]') then
            add(list, "title-stop", sub(sep, -3, -3) .. sep, sub(s, 1, stop), who, strength - 0.5)
          end
          return
        end
      end
      from = b
    end
  end
end

local columns <const> = { " / ", " | ", "\t", " \u{b7} ", " -- ", " \u{2014} ", " \u{2013} ", " :: " }

local places <const> = { "^room%f[%A]", "^hall%f[%A]", "^track%f[%A]", "^stage%f[%A]", "^theat", "^aud", "^salle?%f[%A]",
  "^sala%f[%A]", "^saal%f[%A]", "^raum%f[%A]", "^main%f[%A]", "room$", "hall$", "stage$", "^%u+%-?%.?%d[%w. ()-]*$" }

-- Whether S is what a room is called.
local function is_place(s)
  if #s > 30 then return false end
  local low = lower(s)
  for _, p in ipairs(places) do if find(low, p) or find(s, p) then return true end end
  return false
end

-- "Room / Title / People"
local function room_first(list, parts, sep, ctx, options)
  local room = parts[1]:gsub("^%s+", ""):gsub("%s+$", "")
  local who, strength
  if is_place(room) then who, strength = crowd.read(parts[#parts], ctx, options) end
  local before = #list
  if who then add(list, "columns", sep, table.concat(parts, sep, 2, #parts - 1), who, strength + 0.5) end
  if #list == before then return false end
  list[#list].room = room
  return true
end

-- "Title / People / Room" or "Room / Title / People", between separators of one kind.
local function by_columns(list, s, ctx, options)
  if not find(s, "[-|\t/:\xc2\xe2]") then return nil end
  for _, sep in ipairs(columns) do
    local parts, from = {}, 1
    while #parts < 6 do
      local a, b = find(s, sep, from, true)
      if not a then break end
      parts[#parts + 1] = sub(s, from, a - 1)
      from = b + 1
    end
    parts[#parts + 1] = sub(s, from)
    if #parts >= 3 and #parts <= 5 then
      if room_first(list, parts, sep, ctx, options) then return true end
      for k = #parts - 1, 1, -1 do
        local who, strength = crowd.read(parts[k], ctx, options)
        local title = k == 1 and parts[2] or table.concat(parts, sep, 1, k - 1)
        local room = parts[(k == 1 and 2 or k) + 1]
        if who and room and #room <= 60 then
          local before = #list
          add(list, "columns", sep, title, who, strength + 0.5)
          if #list > before then
            list[#list].room = room:gsub("^%s+", ""):gsub("%s+$", "")
            return true
          end
        end
      end
    end
  end
end

-- All that S, the words of one line, may be.
function M.one_line(s, ctx, options)
  local list = { ctx = ctx }
  if #s > 300 or #s < 8 or not find(s, "%s") or not find(s, "%u") and not find(s, "[\xc3\xce\xd0]") then return list end
  if by_columns(list, s, ctx, options) then return list, list[1] end
  by_split(list, s, ctx, options)
  if find(s, "[.,;(]%s*%a+s? ?b?y?:? ") then by_inner_label(list, s, ctx, options) end
  by_word(list, s, ctx, options)
  if find(s, "[)%]]") then by_bracket(list, s, ctx, options) end
  by_quotes(list, s, ctx, options)
  if #list == 0 then
    local rest, kind, written = kinds.kind(s)
    if kind then
      by_split(list, rest, ctx, options)
      by_quotes(list, rest, ctx, options)
      for _, c in ipairs(list) do c.kind, c.kind_as_written = kind, written end
    end
  end
  if #list == 0 then by_stop(list, s, ctx, options) end
  local best
  for _, c in ipairs(list) do if better(best, c) then best = c end end
  return list, best
end

local labels <const> = { "^by:?%s+", "^speakers?:%s*", "^speakers?%s+%-%s*", "^speakers?%s+\u{2013}%s*",
  "^presenters?:%s*", "^presented by:?%s+", "^talk by:?%s+", "^given by:?%s+",
  "^a talk by%s+", "^keynote by%s+", "^authors?:%s*", "^who:%s*", "^instructors?:%s*", "^panell?ists?:%s*",
    "^with:?%s+", "^\u{2014}%s*",
  "^\u{2013}%s+", "^%-%-?%s*", "^%(by%s+", "^hosts?:%s*", "^lecturers?:%s*", "^~%s*", "^@%s+", "^tutors?:%s*",
    "^organi[sz]ers?:%s*",
  "^participants?:%s*", "^participaron%s+", "^mit:?%s+", "^con:?%s+", "^referent%a*:%s*", "^vortragende%a*:%s*",
    "^ponentes?:%s*", "^teilnehmer%a*:%s*", "^avec:?%s+", "^moderators?:%s*", "^moderated by:?%s+", "^facilitators?:%s*",
  "^discussion leaders?:%s*", "^led by:?%s+" }

-- Labels of those who lead a discussion; above them stands a discussion or a session.
function M.leads(label)
  local low = lower(label)
  return find(low, "^moderat") or find(low, "^facilit") or find(low, "^discuss") or find(low, "^led%f[%A]")
end

local by_letter = {}
for _, p in ipairs(labels) do
  local letter = match(p, "^%^%%?(.)")
  by_letter[letter] = by_letter[letter] or {}
  table.insert(by_letter[letter], p)
end

-- S as a line about people alone: people, strength, label.
function M.people_line(s, ctx, options)
  if #s > 1500 or #s < 4 then return nil end
  local low = lower(sub(s, 1, 40))
  for _, p in ipairs(by_letter[sub(low, 1, 1)] or {}) do
    local _, stop = find(low, p)
    if stop and stop < #s then
      -- "Speaker: Ana Lima | Room: Blue"
      local rest = sub(s, stop + 1):gsub("%s+[|/]%s+%u%l+:.*$", "")
      local who, strength = crowd.read(rest, ctx, { loose = true, comma = options and options.comma, share = options
        and options.share })
      if who then return who, strength + 1.5, sub(s, 1, stop) end
    end
  end
  local inside = match(s, "^%(([^()]+)%)$") or match(s, "^%[([^%[%]]+)%]$")
  if inside then return crowd.read(inside, ctx, options) end
  return crowd.read(s, ctx, { comma = options and options.comma, lead = true })
end

-- Whether S may be the title of a talk that stands on a line of its own.
function M.title_line(s)
  if #s > 220 or find(s, "[,;]$") then return nil end
  local title = M.title(s)
  if not title or sentence(title) or kinds.is_meal(title) then return nil end
  if find(s, "%l%.$") and #s > 120 then return nil end
  return title
end

return M
