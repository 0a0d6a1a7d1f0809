-- What a heading says by itself: "Session 3: Title", "10:30 Title - Ana Lima", "Keynotes", "Coffee break", "Key
-- takeaways".

local dates = require "markdown.dates"
local outline = require "markdown.outline"
local people = require "markdown.people"

local M = {}

local function set(text, separator)
  local s = {}
  for word in text:gmatch("[^" .. (separator or "%s") .. "]+") do
    word = word:gsub("^%s+", ""):gsub("%s+$", "")
    if word ~= "" then s[word] = true end
  end
  return s
end

-- Label -> kind of talk. What follows a label is a title.
local labels = {}
for kind, names in pairs {
  talk = "talk, presentation, session, speech, lecture, seminar, slot, invited talk, plenary, plenary talk, "
    .. "contributed talk",
  keynote = "keynote, opening keynote, closing keynote, morning keynote, afternoon keynote, keynote talk, "
    .. "keynote address",
  tutorial = "tutorial, workshop, training, masterclass, master class, hands-on, hands-on lab, codelab",
  lightning = "lightning talk, lightning, ignite",
  panel = "panel, panel discussion", paper = "paper", poster = "poster", demo = "demo, demonstration",
  discussion = "bof, birds of a feather, fireside chat, ama, round table, roundtable, open space",
} do
  for name in names:gmatch "[^,]+" do labels[name:gsub("^%s+", "")] = kind end
end

local plurals = {
  talks = "talk", presentations = "talk", sessions = "talk", lectures = "talk", keynotes = "keynote",
  tutorials = "tutorial",
  workshops = "tutorial", trainings = "tutorial", ["lightning talks"] = "lightning", panels = "panel", papers = "paper",
  posters = "poster", demos = "demo", demonstrations = "demo", ["invited talks"] = "talk", bofs = "discussion",
}

-- Headings that gather others and say nothing more.
local groups = set([[notes, talk notes, session notes, conference notes, my notes, schedule, program, programme, agenda,
  morning, afternoon, evening, main stage, main track, main conference, conference, lineup, line-up, talks and notes]], ",")

local breaks = set [[breakfast lunch break breaks coffee tea dinner brunch snack snacks registration check-in checkin
  social party reception intermission networking afterparty raffle doors open opening closing welcome remarks ceremony
  words drinks banquet pause morning afternoon evening short long time session hour and & + / lunchtime photo group
  hallway track announcements housekeeping wrap-up day start end event]]
local break_cores = set [[breakfast lunch break breaks coffee tea dinner brunch snack snacks registration check-in checkin
  social party reception intermission networking afterparty raffle doors opening closing welcome banquet drinks pause
  lunchtime photo hallway announcements housekeeping wrap-up]]

-- Headings inside a talk or beside talks, never the title of one.
local generic = set([[
  abstract, notes, summary, tl;dr, tldr, intro, introduction, background, overview, outline, agenda, key takeaways,
  takeaways, takeaway, key points, main points, links, link, resources, references, further reading, see also,
  questions, question, q&a, qa, q & a, questions and answers, questions & answers, conclusion, conclusions,
  wrap-up, wrap up, misc, miscellaneous, other notes, other, todo, to do, todos, action items, actions, follow up,
  follow-up, follow ups, follow-ups, feedback, thoughts, my thoughts, final thoughts, random thoughts,
  random remarks, remarks, impressions, about, about me, about the speaker, bio, biography, speaker, speakers,
  slides, video, recording, tools, books, reading list, look into, things to look up, quotes, ideas, feeds,
  contact, license, licence, credits, acknowledgements, contents, table of contents, index, logistics, travel,
  venue, hotel, hotels, highlights, general notes, general, sponsors, people, people met, tech to check,
  announcements, recap, history, basics, motivation, example, examples, results, methods, method, setup,
  installation, usage, discussion, details, description, schedule, timetable, more links, next steps, lessons,
  lessons learned, learnings, what i learned, preface, prologue, epilogue, appendix, organisers, organizers,
  attendees, comments, updates, changelog, metadata, transcript, demo, demos, code, topics, problem, problems,
  solution, solutions, pros, cons, pros and cons, future work, related work, evaluation, design, implementation,
  limitations, get involved, code of conduct, food, weather, hallway track, overall, overall impressions,
  general impressions, open questions
]], ",")

local skipped = { "^skipped", "^skip ", "^missed", "^did not attend", "^didn't attend", "^cancelled", "^canceled",
  "^no session",
  "^%(skipped", "^not attended" }

-- "Breakfast", "Coffee break", "Lunch & networking": a slot in which nobody talks.
function M.is_break(title)
  local low = title:lower():gsub("[%[%]().,:!*_–—-]+%f[%s\0]", " ")
  local core = false
  for word in low:gmatch "%S+" do
    if break_cores[word] then core = true
    elseif not breaks[word] and not word:find "^%d+$" and not word:find "^[\xf0\xe2]" then return false end
  end
  return core
end

function M.is_skipped(title)
  local low = title:lower()
  for _, p in ipairs(skipped) do if low:find(p) then return true end end
  return false
end

local function is_generic(title)
  local low = title:lower():gsub("%s*[:.!?]+$", ""):gsub("^[%d.)]+%s+", ""):gsub("^the ", "")
  return generic[low] or low:find "^what i " ~= nil or low:find "^things i " ~= nil or low:find "^my " ~= nil
    or low:find "^overall" ~= nil or low:find "^general " ~= nil or low:find "^talk list" ~= nil
      or low:find "^watch list" ~= nil
    or low:find "^list of " ~= nil or low:find " attended$" ~= nil or low:find "^room%s+%w+$" ~= nil
      or low:find "^table of contents" ~= nil or low:find "^about the " ~= nil
end

-- "Session 4 - rest", "[Keynote] rest", "Keynote by rest" -> kind, label as written, number, rest.
local function label_of(title)
  local left, rest = title:match "^%s*[%[(]([%a -]+)[%])]%s*(.+)$"
  if left and labels[left:lower()] then return labels[left:lower()], left, nil, rest end
  for _, pattern in ipairs { "^([^:|]-)%s*:%s*(.*)$", "^([^|]-)%s+[–—-]+%s+(.*)$", "^(.-)%s*|%s*(.*)$" } do
    left, rest = title:match(pattern)
    if left and #left <= 40 then
      local word, number = left:match "^(.-)%s*#?(%d+%a?)$"
      if not word then word, number = left:match "^(.-)%s+([IVX]+)$" end
      word = word or left
      local kind = labels[word:lower()]
      if kind then return kind, left, number, rest end
    end
  end
  left, rest = title:match "^(%a[%a -]-)%s+by%s+(.+)$"
  if not left then left, rest = title:match "^(%a[%a -]-)%s+with%s+(.+)$" end
  if left and labels[left:lower()] then return labels[left:lower()], left, nil, rest, "by" end
  local word, number = title:match "^(.-)%s*#?(%d+%a?)$"
  if not word or not labels[word:lower()] then word, number = title, nil end
  if labels[word:lower()] then return labels[word:lower()], title, number, "" end
end

local function unquoted(s)
  return s:match '^"([^"]+)"$' or s:match "^“([^”]+)”$" or s:match "^‘([^’]+)’$"
end

-- Whether WORD alone says what follows: "Keynote", "Session 3".
function M.is_label(word)
  return labels[word:lower()] ~= nil or labels[word:lower():gsub("%s*%d+$", "")] ~= nil
end

-- A title as the contract wants it: no mark-up, no quotes around it, no final full stop.
function M.clean(title)
  if title:find "[%c ][%c ]" or title:find "^[%c ]" or title:find "[%c ]$" or title:find("\n", 1, true) then
    title = title:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
  end
  local first = title:byte()
  if first == 34 or first == 0xe2 then title = unquoted(title) or title end
  if title:byte(-1) == 46 and title:find "[^.]%.$" and not title:find "%f[%w]%u%.$" and not title:find "%.%a%.$" then
    title = title:sub(1, -2)
  end
  return title
end

-- Names inside a heading: { form, people, title }. Forms that are sure: "by", "quoted"; the others need company.
local function embedded(title, options)
  local segments = {}
  if title:find("|", 1, true) then
    for s in title:gmatch "[^|]+" do segments[#segments + 1] = s:gsub("^%s+", ""):gsub("%s+$", "") end
    local first = people.parse(segments[1], options)
    local last = #segments >= 2 and people.parse(segments[#segments], options)
    -- "Sorting Algorithms | Jenn Marsh": either could be a name; the headings beside it decide.
    local both = first and last and #segments == 2
    if both then
      return { form = "pipe", people = last, title = segments[1], order = "either",
        other = { people = first, title = segments[2] } }
    end
    if first and #segments >= 2 then
      local chosen = #segments
      for i = 2, #segments do if unquoted(segments[i]) then chosen = i end end
      for i = 2, #segments do
        local s = segments[i]
        if i ~= chosen and not s:find "^@" and not s:find "^%l[%w_]*$" then
          local firm = people.affiliation(s)
          first[1].affiliations = first[1].affiliations or firm and { firm } or nil
        end
      end
      return { form = unquoted(segments[chosen]) and "quoted" or "pipe", people = first, title = segments[chosen],
        order = "first" }
    end
    if last then
      return { form = "pipe", people = last, title = table.concat(segments, " | ", 1, #segments - 1), order = "last" }
    end
  end
  local head, tail = title:match "^(.+)%s+by%s+(.+)$"
  local found = head and people.parse(tail, options)
  if found then return { form = "by", people = found, title = head } end
  head, tail = title:match "^(.-)%s*%(([^()]+)%)$"
  found = head and head ~= "" and not people.is_name(head) and people.parse(tail, options)
  if found then return { form = "paren", people = found, title = head } end
  head, tail = title:match '^(.-)%s*[:,–—|-]*%s*(["“].+["”])$'
  found = head and head ~= "" and people.parse(head, options)
  if found then return { form = "quoted", people = found, title = unquoted(tail) or tail } end
  for _, dash in ipairs { " – ", " — ", " - ", " -- " } do
    local at, stop = nil, 0
    repeat
      local a, b = title:find(dash, stop + 1, true)
      if a then at, stop = a, b end
    until not a
    if at then
      found = people.parse(title:sub(stop + 1), options)
      if found and at > 1 then return { form = "dash", people = found, title = title:sub(1, at - 1) } end
      local first = title:find(dash, 1, true)
      found = people.parse(title:sub(1, first - 1), options)
      if found then return { form = "first", people = found, title = title:sub(first + #dash) } end
    end
  end
  head, tail = title:match "^([^:]+):%s+(.+)$"
  found = head and #head <= 60 and people.parse(head, options)
  if found then return { form = "first", people = found, title = tail } end
end

-- TITLE (plain text of a heading) -> what it says:
-- { title, kind?, label?, number?, rest_is_name?, named?, start?, end?, handle?, group?, plural?, day?, stop? }
function M.read(title, options)
  local h = { raw = title, title = title }
  -- No title is that long; what follows would be slow on it.
  if #title > 300 then
    h.stop, h.title = "long", M.clean(title:sub(1, 300))
    return h
  end
  if outline.is_day(title) then h.day, h.group = true, true end
  local from, to, rest = dates.clock(title)
  if from and rest then
    h.start, h["end"] = from, to
    title = rest:gsub("^[%s:|–—-]+", "")
  end
  -- "Title (9:45am)"
  local cut, clock = title:match "^(.-)%s*%(~?(%d%d?[:.]?%d?%d?%s*[AaPp][Mm])%)$"
  if cut and cut ~= "" and not h.start then
    h.start = dates.clock(clock)
    if h.start then title = cut end
  end
  local without = title:gsub("^%d+[.)]%s+", ""):gsub("^%u[.)]%s+", ""):gsub("^#%d+:?%s+", "")
  if without ~= "" then title = without end
  local low = title:lower():gsub("%s*:$", "")
  h.plural = plurals[low] or plurals[low:match "^%a+ (%a+)$" or ""] or plurals[low:match "^%a+ (%a+ %a+)$" or ""]
  h.group = h.group or groups[low] or h.plural ~= nil or low:find "^track%s+%w+$" ~= nil
    or low:find "^session%s+%w+$" ~= nil
  if M.is_break(title) then h.stop = "break" elseif M.is_skipped(title) then h.stop = "skipped"
  elseif is_generic(title) then h.stop = "generic" end
  local kind, label, number, tail, by = label_of(title)
  if kind then
    h.kind, h.label, h.number, h.kind_as_written = kind, label, number, label:gsub("%s*#?%d+%a?$", "")
    if tail == "" then
      h.title, h.bare, h.stop = label, true, h.stop ~= "generic" and h.stop or nil
    else
      local low_tail = tail:lower()
      if M.is_break(tail) then h.stop = "break" elseif M.is_skipped(tail) then h.stop = "skipped" end
      h.plural = h.plural or plurals[low_tail]
      if plurals[low_tail] then h.group = true end
      title, h.title = tail, tail
      local named = (kind == "keynote" or by) and people.parse(tail, options)
      if named then h.named, h.title = named, label end
    end
  end
  if not h.bare and not h.named and not h.group then
    local handle = title:match "%s(@[%w_]+)$"
    if handle then h.handle, title = handle, title:gsub("%s+@[%w_]+$", "") end
    local suffix = title:match "%s*[%[(]([%a -]+)[%])]$"
    if suffix and labels[suffix:lower()] then
      h.kind, h.kind_as_written = h.kind or labels[suffix:lower()], h.kind_as_written or suffix
      title = title:gsub("%s*[%[(][%a -]+[%])]$", "")
    end
    h.title = title
    h.embedded = embedded(title, options)
  end
  h.title = M.clean(h.title)
  return h
end

-- Kind of the talks gathered under a heading: "Keynotes", "Keynote", "Lightning talks" -> kind and the words for it.
function M.group_kind(h)
  if h.plural and h.plural ~= "talk" then return h.plural, h.raw end
  if h.bare and h.kind ~= "talk" then return h.kind, h.label end
end

M.plurals = plurals

return M
