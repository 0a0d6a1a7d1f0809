-- The command people: everybody who spoke, wrote or was mentioned, once, with what they did.

local lectern = require "lectern"
local common = require "digest.common"
local style, text = lectern.style, lectern.text

local People = {}
People.__index = People

function People:of(who)
  local key = who.id or who.name
  local person = self.by_id[key]
  if not person then
    person = { id = who.id, name = who.name, affiliations = {}, roles = {}, talks = {}, awards = {}, mentioned = 0, ord = #self.list }
    self.by_id[key] = person
    self.list[#self.list + 1] = person
  end
  return person
end

local function add_once(list, item)
  for _, known in ipairs(list) do if known == item then return end end
  list[#list + 1] = item
end

function People:add_talk(talk)
  for _, speaker in ipairs(talk.speakers) do
    local person = self:of(speaker)
    add_once(person.roles, speaker.role or "speaker")
    for _, firm in ipairs(speaker.affiliations or {}) do add_once(person.affiliations, firm) end
    if talk.event then self.events[talk.event.slug] = common.event_name(talk.event) end
    person.talks[#person.talks + 1] = { id = talk.id, title = talk.title, event = talk.event and talk.event.slug or lectern.null }
  end
end

function People:add_note(note)
  if note.author then add_once(self:of(note.author).roles, "author of notes") end
  for _, who in ipairs(note.people) do
    local person = self:of(who)
    person.mentioned = person.mentioned + 1
    add_once(person.roles, who.role or "mentioned")
  end
end

function People:add_awards(event)
  for _, award in ipairs(event.awards) do
    local who = award.person
    if who and who ~= lectern.null then
      local person = type(who) == "table" and self:of(who) or self.by_id[who] or self:of { id = who, name = lectern.notes.get(who).name }
      add_once(person.awards, award.name)
    end
  end
end

-- NAMES: what the events of talks are called, by their slugs.
local function page(list, names, job)
  local out, width = {}, job.tty[2] and math.min(job.width, 100) or 0
  for _, person in ipairs(list) do
    local head = style.bold(person.name)
    if #person.affiliations > 0 then head = head .. style.dim(" (" .. table.concat(person.affiliations, "; ") .. ")") end
    local did = {}
    for _, role in ipairs(person.roles) do if role ~= "speaker" then did[#did + 1] = role end end
    for _, award in ipairs(person.awards) do did[#did + 1] = award end
    out[#out + 1] = head .. (#did > 0 and style.dim(" · " .. table.concat(did, ", ")) or "")
    for _, talk in ipairs(person.talks) do
      local line = common.line(talk.title) .. (talk.event ~= lectern.null and (" (%s)"):format(names[talk.event]) or "")
      out[#out + 1] = "  " .. (width > 0 and text.wrap(line, width - 2):gsub("\n", "\n  ") or line)
    end
  end
  return table.concat(out, "\n") .. "\n"
end

return function(args, job)
  local event = args.event and args.event.id
  local people = setmetatable({ by_id = {}, list = {}, events = {} }, People)
  for talk in lectern.talks.each { event = event } do people:add_talk(talk) end
  for note in lectern.notes.each { type = "note", event = event } do people:add_note(note) end
  if event then
    people:add_awards(lectern.notes.get(event))
  else
    for found in lectern.events.each() do people:add_awards(found) end
  end
  local list = people.list
  if #list == 0 then return common.nothing(job, list, "people", args) end
  table.sort(list, function(a, b)
    if #a.talks ~= #b.talks then return #a.talks > #b.talks end
    return a.ord < b.ord
  end)
  for _, person in ipairs(list) do person.ord = nil end
  return list, page(list, people.events, job)
end
