-- What the site will hold: everything that is exported, without bodies, with the file each thing gets and what belongs
-- together. Made in one pass over the store; the pages are written from it in a second, so that the texts need not be kept.

local lectern = require "lectern"
local names = require "site.names"
local html = lectern.html

local M = {}

local SEARCH_BYTES <const> = 3 * 1024 * 1024 -- of text in the index of the search, all entries together
local BATCH <const> = 200

local Plan = {}
Plan.__index = Plan

function Plan.new(query)
  return setmetatable({
    attached = {}, -- files of the site: the place of each, and its content
    query = query, names = names.new(), events = {}, talks = {}, notes = {}, people = {}, tags = {}, mentions = {},
    event_of = {}, talk_of = {}, note_of = {}, person_of = {}, tag_of = {}, changed = "",
  }, Plan)
end

local function touched(self, object)
  if object.updated and object.updated > self.changed then self.changed = object.updated end
end

-- ---- single things --------------------------------------------------------------------------------------------------

function Plan:event(ref)
  if not ref then return nil end
  local event = self.event_of[ref.id]
  if not event then
    event = { id = ref.id, slug = ref.slug, name = ref.name, year = ref.year, talks = {}, notes = {}, mentions = {}, awards = {} }
    self.event_of[ref.id] = event
    self.events[#self.events + 1] = event
  end
  return event
end

function Plan:person(ref)
  local person = self.person_of[ref.id]
  if not person then
    person = { id = ref.id, name = ref.name, talks = {} }
    self.person_of[ref.id] = person
    self.people[#self.people + 1] = person
  end
  return person
end

local function tagged(self, item, list)
  for _, name in ipairs(list or {}) do
    local tag = self.tag_of[name]
    if not tag then
      tag = { name = name, items = {} }
      self.tag_of[name] = tag
      self.tags[#self.tags + 1] = tag
    end
    tag.items[#tag.items + 1] = item
  end
end

local function speakers(self, item, talk)
  local who = {}
  for i, s in ipairs(talk.speakers or {}) do
    local person = self:person(s)
    if person.talks[#person.talks] ~= item then person.talks[#person.talks + 1] = item end
    for _, firm in ipairs(s.affiliations or {}) do
      person.firms = person.firms or {}
      if not person.firms[firm] then
        person.firms[firm] = true
        table.insert(person.firms, firm)
      end
    end
    who[i] = s.name
  end
  return #who > 0 and table.concat(who, ", ") or nil
end

local function award_names(list)
  local out = {}
  for i, award in ipairs(list or {}) do out[i] = award.name end
  return #out > 0 and out or nil
end

function Plan:talk(talk)
  if self.talk_of[talk.id] then return end
  touched(self, talk)
  local item = {
    type = "talk", id = talk.id, title = talk.title, kind = talk.kind, session = talk.session, start = talk.start,
    time = talk.fields and type(talk.fields.time) == "string" and talk.fields.time or nil, room = talk.room,
    updated = talk.updated, n = #self.talks, awards = award_names(talk.awards),
    event = self:event(talk.event),
  }
  self.talk_of[talk.id] = item
  -- Of what is only mentioned there is no more to say than its name.
  if talk.kind == "mention" and #(talk.notes or {}) == 0 then
    item.who = award_names(talk.speakers) and table.concat(award_names(talk.speakers), ", ")
    local list = item.event and item.event.mentions or self.mentions
    list[#list + 1] = item
    return
  end
  item.who = speakers(self, item, talk)
  item.file = self.names:of("talks", talk.title, talk.id)
  item.wanted = self.query and talk.notes or nil -- without a query all notes are read anyway
  self.talks[#self.talks + 1] = item
  if item.event then table.insert(item.event.talks, item) end
  tagged(self, item, talk.tags)
end

function Plan:note(note)
  if self.note_of[note.id] then return end
  touched(self, note)
  local item = {
    type = "note", id = note.id, title = note.title, kind = note.kind, event = self:event(note.event), updated = note.updated,
    n = #self.notes, ord = note.ord, part_of = note.part_of, about = note.talks, tags = note.tags,
    author = note.author and self:person(note.author) or nil,
  }
  item.who = item.author and item.author.name
  self.note_of[note.id] = item
  self.notes[#self.notes + 1] = item
end

-- ---- everything -----------------------------------------------------------------------------------------------------

-- What the plan keeps of notes and talks, and what their pages show beside it.
local planned <const> = {
  note = { "title", "kind", "event", "updated", "ord", "part_of", "talks", "tags", "author" },
  talk = { "title", "kind", "event", "updated", "session", "start", "fields", "room", "awards", "notes", "speakers", "tags" },
}
local shown <const> = {
  note = { "title", "kind", "author", "body", "lang", "tags", "fields", "links", "questions", "people", "sources", "attachments" },
  talk = { "title", "kind", "session", "speakers", "awards", "start", "end", "room", "building", "url", "slides_url", "video_url",
    "abstract", "lang", "tags", "fields", "links", "sources" },
}

-- The objects of TYPE with these ids, in batches; BODY: with all that their pages show.
function M.by_ids(what, ids, body)
  local at, inner = 1, nil
  local fields = body and shown[what] or planned[what]
  return function()
    while true do
      local object = inner and inner()
      if object then return object end
      if at > #ids then return nil end
      inner = lectern.notes.each { type = what, ids = table.move(ids, at, math.min(#ids, at + BATCH - 1), 1, {}), body = body, fields = fields }
      at = at + BATCH
    end
  end
end

local function read(self, job)
  for note in lectern.notes.each { type = "note", query = self.query, fields = planned.note } do
    self:note(note)
    if #self.notes % 500 == 0 then job:progress(#self.notes, nil, "notes read") end
  end
  for talk in lectern.talks.each { query = self.query, fields = planned.talk } do
    self:talk(talk)
    if #self.talks % 500 == 0 then job:progress(#self.talks, nil, "talks read") end
  end
  -- A query about one of a talk and its notes means both.
  local missing = {}
  for _, note in ipairs(self.notes) do
    for _, id in ipairs(note.about or {}) do
      if not self.talk_of[id] then missing[#missing + 1] = id end
    end
  end
  for talk in M.by_ids("talk", missing) do self:talk(talk) end
  missing = {}
  for _, talk in ipairs(self.talks) do
    for _, id in ipairs(talk.wanted or {}) do
      if not self.note_of[id] then missing[#missing + 1] = id end
    end
  end
  for note in M.by_ids("note", missing) do self:note(note) end
  for _, talk in ipairs(self.talks) do talk.wanted = nil end
  for talk in lectern.talks.each { query = self.query, kind = "mention", fields = planned.talk } do self:talk(talk) end
end

-- Facts about events and people that talks and notes do not carry.
local function complete(self)
  for event in lectern.events.each {} do
    local known = not self.query and self:event(event) or self.event_of[event.id]
    if known then
      touched(self, event)
      for _, key in ipairs { "full_name", "start", "place", "url" } do known[key] = event[key] end
      known.stop, known.awards, known.updated = event["end"], event.awards or {}, event.updated
    end
  end
  for person in lectern.persons.each { fields = { "name", "awards" } } do
    local known = self.person_of[person.id]
    local awards = person.awards and #person.awards > 0 and person.awards
    if awards and not known and not self.query then known = self:person(person) end
    if awards and known then known.awards = awards end
  end
end

local function add(item, field, value)
  local list = item[field]
  if not list then
    list = {}
    item[field] = list
  end
  list[#list + 1] = value
end

-- The one talk whose text NOTE is, or nil.
local function talk_of(self, note)
  if note.kind ~= "note" then return nil end
  local about
  for _, id in ipairs(note.about or {}) do
    local talk = self.talk_of[id]
    if talk and talk.file then
      if about then return nil end
      about = talk
    end
  end
  return about
end

-- Whether the text of NOTE stands on the page of a talk, of the post it was cut from, or on a page of its own.
local function place(self, note)
  note.talk = talk_of(self, note)
  local post = note.part_of and self.note_of[note.part_of]
  if note.talk then
    add(note.talk, "notes", note.id)
  elseif post and not post.part_of and post.kind ~= "note" and #(note.about or {}) == 0 then
    note.inline = post
  else
    note.page = true
    note.file = self.names:of("notes", note.title or "note", note.id)
  end
end

local function in_parts(a, b)
  local x, y = a.ord or math.maxinteger, b.ord or math.maxinteger
  if x ~= y then return x < y end
  return a.n < b.n
end

-- The page of NOTE known to its talks, event and author.
local function announce(self, note)
  for _, id in ipairs(note.about or {}) do
    local talk = self.talk_of[id]
    if talk and talk.file then add(talk, "seen_in", note) end
  end
  if note.event then table.insert(note.event.notes, note) end
  if note.author then add(note.author, "notes", note) end
end

-- What was cut from a post, in order: the talks, the passages without one.
local function join(self)
  for _, note in ipairs(self.notes) do
    local post = note.part_of and self.note_of[note.part_of]
    if post and post.page and post ~= note then
      add(post, "parts", note)
      if note.inline then note.file = post.file .. "#n-" .. note.id:sub(1, 8) end
      if note.talk then add(note.talk, "seen_in", post) end
    elseif note.inline then
      note.inline, note.page, note.file = nil, true, self.names:of("notes", note.title or "note", note.id)
    end
  end
  for _, note in ipairs(self.notes) do
    if note.parts then
      table.sort(note.parts, in_parts)
      for i, part in ipairs(note.parts) do note.parts[i] = part.talk or part end
    end
  end
end

-- Every note in its place. Those that stand with a talk are that talk's from here on: there may be very many.
local function settle(self)
  for _, note in ipairs(self.notes) do place(self, note) end
  join(self)
  local left = {}
  for _, note in ipairs(self.notes) do
    if note.page then announce(self, note) end
    tagged(self, note.talk or note, note.tags)
    note.tags = nil
    if note.talk then self.note_of[note.id] = nil else left[#left + 1] = note end
  end
  self.read, self.notes = #self.notes, left
end

-- ---- in order -------------------------------------------------------------------------------------------------------

local function by_title(a, b)
  if a.key ~= b.key then return a.key < b.key end
  return a.id < b.id
end

local function letter(k) return k:match "^%l" or k:find "^%d" and "0" or k == "" and "?" or "…" end

local function keyed(list, field)
  for _, item in ipairs(list) do
    item.key = lectern.text.key(item[field] or "")
    item.id = item.id or item[field]
  end
  table.sort(list, by_title)
  for _, item in ipairs(list) do item.letter, item.key = letter(item.key), nil end
end

-- Talks as they were given: by day and time where those are known, else as they came in.
local function in_order(talks)
  table.sort(talks, function(a, b) return a.n < b.n end)
  local day, time = "", ""
  for _, talk in ipairs(talks) do
    local own = talk.start and talk.start:match "^%d%d%d%d%-%d%d%-%d%d" or ""
    if own ~= day then day, time = own, "" end
    talk.day = own ~= "" and own or nil
    talk.clock = talk.start and talk.start:match "T(%d%d:%d%d)" or talk.time and talk.time:match "^%d%d:%d%d"
    time = talk.clock or time
    talk.order = (own ~= "" and own or "9999") .. " " .. time
  end
  table.sort(talks, function(a, b)
    if a.order ~= b.order then return a.order < b.order end
    return a.n < b.n
  end)
  for i, talk in ipairs(talks) do talk.order, talk.before, talk.after = nil, talks[i - 1], talks[i + 1] end
end

local function unique(list)
  local seen, out = {}, {}
  for _, item in ipairs(list) do
    if not seen[item] then out[#out + 1], seen[item] = item, true end
  end
  return out
end

local function arrange(self)
  for _, event in ipairs(self.events) do
    event.file = self.names:called("events", event.slug or lectern.text.slug(event.name))
    event.when = event.start or event.year and tostring(event.year) or ""
    event.called = event.year and ("%s %d"):format(event.name, event.year) or event.name
    event.key = lectern.text.key(event.called)
    in_order(event.talks)
  end
  table.sort(self.events, function(a, b)
    if a.when ~= b.when then return a.when > b.when end
    return by_title(a, b)
  end)
  keyed(self.talks, "title")
  keyed(self.people, "name")
  keyed(self.tags, "name")
  for _, person in ipairs(self.people) do
    if #person.talks > 0 or person.notes or person.awards then
      person.file = self.names:of("people", person.name, person.id)
    end
  end
  for _, tag in ipairs(self.tags) do
    tag.items = unique(tag.items)
    tag.file = self.names:called("tags", tag.name)
  end
end

-- The file of what has this title, for [[Title]]; nil where nothing has.
function Plan:titled(title)
  if not self.by_title then
    self.by_title = {}
    for _, list in ipairs { self.notes, self.events, self.people, self.talks } do
      for _, item in ipairs(list) do
        local name = item.called or item.title or item.name
        if name and item.file then self.by_title[html.label(name):lower()] = item.file end
      end
    end
  end
  return self.by_title[title:gsub("'", "&#39;"):lower()] -- the renderer of Markdown leaves these as they are
end

function M.make(query, job)
  local plan = Plan.new(query)
  read(plan, job)
  complete(plan)
  settle(plan)
  arrange(plan)
  plan.posts = {}
  for _, note in ipairs(plan.notes) do
    if note.page then plan.posts[#plan.posts + 1] = note end
  end
  plan.text_bytes = math.min(20000, math.max(120, SEARCH_BYTES // math.max(1, #plan.talks + #plan.notes)))
  return plan
end

return M
