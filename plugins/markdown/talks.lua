-- Which sections of a text are talks. Evidence first (a label, a speaker line, a time, names in the heading), then
-- company: sections beside talks, written the same way, are talks too. Nothing here knows a title, a speaker or an
-- event.

local dates = require "markdown.dates"
local headings = require "markdown.headings"
local lead = require "markdown.lead"
local outline = require "markdown.outline"
local people = require "markdown.people"

local M = {}

local words = { "talk", "keynote", "speaker", "conference", "slides", "workshop", "session", "presentation", "abstract",
  "audience", "q&a", "meetup", "summit", "symposium", "lecture", "conf" }

-- Whether TEXT speaks of talks at all: company for evidence that is weak alone.
local function vocabulary(text)
  local low = text:sub(1, 200000):lower()
  for _, w in ipairs(words) do if low:find(w, 1, true) then return true end end
  return false
end

-- "Name, Firm" in most speaker lines means that what follows the comma is no second person.
local function comma_style(all, text)
  local firms, names = 0, 0
  for _, s in ipairs(all) do
    local b = s.blocks[1]
    if b and b.type == "paragraph" and b.first == b.last and b.stop - b.start < 120 then
      local line = people.plain(text:sub(b.start + 1, b.stop))
      local left, right = line:match "^([^,()]+),%s*([^,()]+)$"
      if left and people.is_name(left) then
        if people.is_name(right) then names = names + 1 else firms = firms + 1 end
      end
    end
  end
  return firms > names and "affiliation" or nil
end

-- A heading with nothing but a name or a handle as the first thing below another: "# Title" over "## Speaker".
local function name_below(section, options)
  local child = section.children[1]
  if not child or #section.blocks > 1 then return end
  if #section.blocks == 1 and not options.text:find("^%s*[@<%[h]", section.blocks[1].start + 1) then return end
  local function named(s)
    local role, rest = people.labelled(s.title)
    local found, handle = people.parse(rest or s.title, { labelled = role ~= nil, comma = options.comma })
    return found, handle, role
  end
  local found, handle, role = named(child)
  if not found and not (handle and child.title:find "^@%S+$") then return end
  -- Two of them are a list of people.
  local second = section.children[2]
  if second and not role and named(second) then return end
  child.taken = true
  local into = lead.read(child.blocks, { text = options.text, comma = options.comma })
  if into.people then into = {} end
  into.people, into.handle, into.strength = found, handle, found and 0.9 or 0.7
  into.how = "name in the heading below"
  into.date = into.date or dates.range(child.title)
  -- Nobody writes handle, firm or date behind a mere name.
  into.sure = role ~= nil or found ~= nil and (found[1].handle or found[1].affiliations or into.date) ~= nil
  return into
end

-- Forms of names inside headings are believed alone ("by", "quoted", a pipe) or when their siblings have the same.
local sure = { by = 0.8, quoted = 0.85, pipe = 0.8 }

local function settle_embedded(section)
  local count, total, firsts, lasts = {}, 0, 0, 0
  for _, s in ipairs(section.children) do
    local e = s.head.embedded
    if not s.head.stop and not s.head.group then total = total + 1 end
    if e then count[e.form] = (count[e.form] or 0) + 1 end
    if e and e.order == "first" then firsts = firsts + 1 elseif e and e.order == "last" then lasts = lasts + 1 end
  end
  for _, s in ipairs(section.children) do
    local e = s.head.embedded
    if e and e.order == "either" and firsts > lasts then e.people, e.title = e.other.people, e.other.title end
    if e and not s.lead.people then
      local n = count[e.form]
      s.embedded = sure[e.form] or n >= 2 and n * 2 >= total and 0.8
        or (s.head.label or s.head.start or section.head.plural) and 0.7 or nil
      if s.embedded then s.lead.people, s.lead.role = e.people, nil end
    end
  end
end

-- How much speaks for SECTION being a talk by itself: 0..1 and the reason.
local function evidence(s)
  local h, l = s.head, s.lead
  if s.taken or h.stop or h.day or s.holds then return 0 end
  if l.directive then return 0.9, "marked as " .. l.directive end
  local best, why = 0, nil
  local function offer(strength, reason)
    if strength and strength > best then best, why = strength, reason end
  end
  -- "by Ana Lima" stands below books and essays too.
  local strength = l.strength and l.byline and math.min(l.strength, 0.65) or l.strength
  if strength and not (h.group and not h.bare) then offer(strength, l.how) end
  if s.embedded then offer(s.embedded, "speaker in the heading") end
  if h.named then offer(0.85, "speaker in the heading") end
  if h.label and not h.bare and not h.group then offer(0.75, "labelled '" .. h.kind_as_written .. "'") end
  if h.bare and h.kind == "keynote" and (#s.blocks > 0) then offer(0.5, "a keynote without title") end
  if h.start and not h.group then offer(0.65, "time in the heading") end
  if (l.video_url or l.slides_url) and not h.group and s.parent.level > 0 then
    offer(0.65, "recording or slides below")
  end
  if l.kind and l.kind_as_written and best > 0 then offer(best + 0.1, why) end
  if best > 0 and l.people and h.label then best = math.max(best, 0.95) end
  return best, why
end

-- One bare name below one heading among several that have none says who does something there, not who speaks.
local function lonely(s)
  local weak, sure_ones, plain = nil, 0, 0
  for _, c in ipairs(s.children) do
    if c.evidence >= 0.5 and c.lead.weak and not c.head.label then
      if weak then return end
      weak = c
    elseif c.evidence >= 0.5 then sure_ones = sure_ones + 1
    elseif not c.head.stop and not c.taken then plain = plain + 1 end
  end
  if weak and sure_ones == 0 and plain > 0 and weak ~= s.children[1] then weak.evidence = 0 end
end

local function has_text(s)
  if #s.blocks > 0 then return true end
  for _, c in ipairs(s.children) do if has_text(c) then return true end end
  return false
end

-- Number of talks with good evidence below SECTION, and of weak ones.
local function below(s)
  local strong, weak = 0, 0
  for _, c in ipairs(s.children) do
    local e = c.evidence
    if e >= 0.7 then strong = strong + 1 elseif e >= 0.5 then weak = weak + 1 end
    local a, b = below(c)
    strong, weak = strong + a, weak + b
  end
  return strong, weak
end

local function mark(s, why, confidence)
  s.talk, s.why, s.confidence = true, why, confidence
end

-- Sections beside talks: those with text that are written like them.
local function company(s)
  local talks, marked, others, levels = 0, 0, {}, {}
  for _, c in ipairs(s.children) do if c.talk then levels[c.level] = true end end
  for _, c in ipairs(s.children) do
    if c.talk then
      talks = talks + 1
      if c.embedded or c.head.label then marked = marked + 1 end
    elseif levels[c.level] and not c.gathers and not c.head.stop and not c.head.group and not c.taken
      and has_text(c) then others[#others + 1] = c end
  end
  -- Where the others say so in their headings ("Session 2: ...", "... - Ana Lima"), one that does not is no talk.
  if talks >= 2 and talks >= #others and marked * 2 <= talks then
    for _, c in ipairs(others) do mark(c, "stands beside talks", 0.6) end
  end
end

local function visit(s)
  local strong, weak = below(s)
  local own = s.evidence
  local plural = s.head.group and not s.head.bare
  local is_talk
  if own <= 0 then is_talk = false
  elseif strong + weak == 0 then is_talk = true
  elseif plural then is_talk = false
  elseif own >= 0.85 then is_talk = strong < 2
  else is_talk = strong == 0 and weak < 2 end
  if s.head.bare and (strong >= 1 or weak >= 2) and own < 0.7 then is_talk = false end
  if is_talk then
    mark(s, s.reason, own)
  elseif strong + weak > 0 then
    s.gathers = true
    for _, c in ipairs(s.children) do visit(c) end
    company(s)
  end
end

-- Notes of a conference whose writer named no speaker: sections right below the event, a day or a group. Asked for only
-- where find found nothing that is sure.
function M.infer(root, all, context)
  local conference = context.event_heading
  for _, s in ipairs(all) do conference = conference or s.head.day or s.holds end
  if not conference then return M.collect(root, context) end
  local found = {}
  local function walk(s)
    local holds = s == root or s == context.event_section or s.head.group or s.holds
    if not holds then return end
    for _, c in ipairs(s.children) do
      if c == context.event_section or c.holds or c.head.group and not c.head.bare then walk(c)
      elseif not c.head.stop and not c.taken and has_text(c) then found[#found + 1] = c end
    end
  end
  walk(root)
  -- Of several levels the one with most headings is that of the talks.
  local levels, best = {}, nil
  for _, s in ipairs(found) do levels[s.level] = (levels[s.level] or 0) + 1 end
  for level, n in next, levels do
    if not best or n > levels[best] or n == levels[best] and level < best then best = level end
  end
  local same = {}
  for _, s in ipairs(found) do if s.level == best then same[#same + 1] = s end end
  found = same
  if #found >= 2 then
    for _, s in ipairs(found) do mark(s, "section of conference notes", 0.5) end
  end
  return M.collect(root, context)
end

-- The nearest heading above that names a session: not a day, not the document's title, not "Notes".
local function session_of(s, context)
  local p = s.parent
  while p and p.level > 0 do
    if p.holds then return p.head.raw, p end
    if p ~= context.event_section and p ~= context.title_section and not p.head.day and not p.head.stop then
      local h = p.head
      if not h.group or h.plural or h.bare then return h.title, p end
      if h.raw:lower():find "^track" or h.raw:lower():find "^session" then return h.raw, p end
    end
    p = p.parent
  end
end

local function day_of(s)
  local p = s.parent
  while p and p.level > 0 do
    if p.head.day then return p end
    p = p.parent
  end
end

local function describe(s, context)
  local h, l = s.head, s.lead
  local session, group = session_of(s, context)
  local kind, written = h.kind, h.kind_as_written
  if l.kind then kind, written = l.kind, l.kind_as_written end
  if (not kind or kind == "talk") and group then
    local k, w = headings.group_kind(group.head)
    if k then kind, written = k, w end
  end
  local title = h.title
  if s.embedded then title = headings.clean(h.embedded.title) end
  if h.bare and l.title then title = headings.clean(l.title) end
  local where = ("heading level %d"):format(math.floor(s.level))
  if s.bold then where = "bold line" end
  if s.parent and s.parent.level > 0 then where = where .. " under '" .. s.parent.title .. "'" end
  local slot = h.label and h.number and h.label or nil
  return {
    section = s, title = title, kind = kind or "talk", kind_as_written = written, people = l.people or h.named,
    role = l.role,
    handle = l.handle or h.handle, as_written = l.as_written, lead = l, session = session, slot = slot, day = day_of(s),
    from = h.start or l.from, to = h["end"] or l.to, start = s.start, stop = s.stop, line = s.line,
    why = where .. (s.why and ", " .. s.why or ""), confidence = s.confidence,
  }
end

-- The talks marked below ROOT, in order.
local function collect(root, context)
  local talks = {}
  local function walk(s)
    for _, c in ipairs(s.children) do
      if c.talk then talks[#talks + 1] = describe(c, context) else walk(c) end
    end
  end
  walk(root)
  return talks
end
M.collect = collect

-- ROOT and ALL from outline.build -> talks in order. context: { text, event_section?, event_heading?, title_section?,
-- placed? }.
function M.find(root, all, context)
  local options = { text = context.text, comma = comma_style(all, context.text) }
  local function read(s)
    s.head = s.head or headings.read(s.title, options)
    s.lead = lead.read(s.blocks, options)
  end
  root.head, root.lead, root.evidence = { title = "", raw = "" }, {}, 0
  for _, s in ipairs(all) do read(s) end
  if context.promote then
    local open = {}
    for _, s in ipairs(all) do
      local plain_children = true
      for _, c in ipairs(s.children) do plain_children = plain_children and c.head.stop ~= nil end
      if (s.head.day or s == context.event_section) and plain_children then open[#open + 1] = s end
    end
    outline.promote(open, context.text, all)
    for _, s in ipairs(all) do if not s.head then read(s) end end
  end
  for _, s in ipairs(all) do
    if not s.lead.people and not s.lead.as_written and not s.bold then
      local into = name_below(s, options)
      if into then s.lead = into end
    end
  end
  -- "Session II: Users" over a whole file is a session that holds talks, not one of them.
  local top = #root.children == 1 and root.children[1]
  if top and top.head.label and top.head.label:lower():find "^session" and not top.lead.people then
    local inner = 0
    for _, c in ipairs(top.children) do if not c.head.stop and not c.head.group then inner = inner + 1 end end
    top.holds = inner >= 2
  end
  settle_embedded(root)
  for _, s in ipairs(all) do settle_embedded(s) end
  for _, s in ipairs(all) do s.evidence, s.reason = evidence(s) end
  -- One bare name in a file that never speaks of talks is somebody's name and no more.
  for _, s in ipairs(all) do lonely(s) end
  local speaks = context.placed or vocabulary(context.text)
  if not speaks then
    for _, s in ipairs(all) do
      if s.evidence < 0.7 or s.lead.how == "name in the heading below" and not s.lead.sure then s.evidence = 0 end
    end
  end
  local first = root.children[1]
  if context.event_section == nil and #root.children == 1 and first and #first.children > 0 then
    context.title_section = first
  end
  for _, s in ipairs(root.children) do visit(s) end
  company(root)
  return collect(root, context)
end

M.vocabulary = vocabulary

return M
