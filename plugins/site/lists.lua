-- Pages that list: the front page, events, talks, people, tags, notes; and the pages of one event, person or tag.

local html = require("lectern").html
local view = require "site.view"

local M = {}

local label, counted = html.label, view.counted

local FRONT <const> = 12 -- events and notes on the front page

-- ---- one event ------------------------------------------------------------------------------------------------------

local function awards_of(site, root, event)
  local out = {}
  for _, award in ipairs(event.awards or {}) do
    local talk = award.talk and site.plan.talk_of[type(award.talk) == "table" and award.talk.id or award.talk]
    local person = award.person and award.person.name
      and view.link(root, site.plan.person_of[award.person.id] or {}, label(award.person.name))
    local whom = person or talk and view.link(root, talk)
    out[#out + 1] = "<li>" .. label(award.name) .. (whom and ": " .. whom or "") .. "</li>\n"
  end
  return #out > 0 and "<section>\n<h2>Awards</h2>\n<ul>\n" .. table.concat(out) .. "</ul>\n</section>\n" or ""
end

local function days_of(event)
  local days, last = 0, nil
  for _, talk in ipairs(event.talks) do
    if talk.day and talk.day ~= last then days, last = days + 1, talk.day end
  end
  return days, last
end

local function line_of(root, event, talk)
  local entry = view.entry(root, talk, { no_event = true, room = true })
  if not event.timed then return "<li>" .. entry .. "</li>\n" end
  local clock = talk.clock and ("<time>%s</time> "):format(talk.clock) or ""
  return "<li>" .. clock .. "<div>" .. entry .. "</div></li>\n"
end

-- Talks in order, under their day where there are several, and their session.
local function programme(out, root, event, days)
  local day, session, open
  local function close()
    if open then out:write(open, "\n") end
    open = nil
  end
  local function begin(talk)
    out:write(talk.session and "<section>\n<h3>" .. label(talk.session) .. "</h3>\n" or "", '<ul class="entries',
      event.timed and " timed" or "", '">\n')
    open, session = talk.session and "</ul>\n</section>" or "</ul>", talk.session
  end
  if days < 2 then out:write "<h2>Talks</h2>\n" end
  for _, talk in ipairs(event.talks) do
    if days > 1 and (talk.day or "") ~= day then
      close()
      day = talk.day or ""
      out:write("<h2>", talk.day and view.time(talk.day) or "Day not known", "</h2>\n")
    end
    if talk.session ~= session then close() end
    if not open then begin(talk) end
    out:write(line_of(root, event, talk))
  end
  close()
end

local function event_page(site, event)
  local out = site.out
  local root = site.frame:open(event.file, { title = event.called, description = "Talks and notes: " .. event.called })
  out:write("<h1>", label(event.called), "</h1>\n")
  if event.full_name then out:write('<p class="lead">', label(event.full_name), "</p>\n") end
  local days, day = days_of(event)
  local meta = { view.days(event.start or days == 1 and day or nil, event.stop) }
  if event.place then meta[#meta + 1] = label(event.place) end
  if #event.talks > 0 then meta[#meta + 1] = counted(#event.talks, "talk", "talks") end
  local url = html.address(event.url)
  if url then meta[#meta + 1] = ('<a href="%s">Page</a>'):format(url) end
  out:write(view.line("meta", meta))
  event.timed = false
  for _, talk in ipairs(event.talks) do event.timed = event.timed or talk.clock ~= nil end
  if #event.talks > 0 then programme(out, root, event, days) end
  out:write(awards_of(site, root, event))
  if #event.notes > 0 then
    out:write "<section>\n<h2>Notes and reports</h2>\n"
    view.entries(out, root, event.notes, { no_event = true })
    out:write "</section>\n"
  end
  if #event.mentions > 0 then
    out:write '<section>\n<h2>Mentioned</h2>\n<p class="hint">Works of this event that notes elsewhere speak of.</p>\n'
    view.entries(out, root, event.mentions, { no_event = true })
    out:write "</section>\n"
  end
  site.frame:close()
end

-- ---- one person, one tag --------------------------------------------------------------------------------------------

local function newest_first(items)
  local list = table.move(items, 1, #items, 1, {})
  table.sort(list, function(a, b)
    local x, y = a.start or a.event and a.event.when or "", b.start or b.event and b.event.when or ""
    if x ~= y then return x > y end
    return a.n < b.n or a.n == b.n and a.id < b.id
  end)
  return list
end

local function listed(site, root, title, items, options)
  if #items == 0 then return end
  site.out:write("<section>\n<h2>", title, "</h2>\n")
  view.entries(site.out, root, items, options)
  site.out:write "</section>\n"
end

-- Whether PERSON gave every talk alone: then the name need not be said again.
local function alone(person)
  for _, talk in ipairs(person.talks) do
    if talk.who ~= person.name then return false end
  end
  return true
end

local function person_page(site, person)
  local root = site.frame:open(person.file, { title = person.name, description = "Talks by " .. person.name })
  site.out:write("<h1>", label(person.name), "</h1>\n")
  local firms = {}
  for i, firm in ipairs(person.firms or {}) do firms[i] = label(firm) end
  site.out:write(view.line("meta", firms))
  if person.awards then
    local out = {}
    for i, award in ipairs(person.awards) do
      local event = award.event and site.plan.event_of[award.event.id]
      out[i] = "<li>" .. label(award.name) .. (event and ", " .. view.link(root, event) or "") .. "</li>"
    end
    site.out:write('<ul class="awards" aria-label="Awards">', table.concat(out), "</ul>\n")
  end
  listed(site, root, "Talks", newest_first(person.talks), { no_who = alone(person) })
  listed(site, root, "Posts and notes", person.notes or {}, { no_who = true })
  site.frame:close()
end

local function tag_page(site, tag)
  local root = site.frame:open(tag.file, { title = "#" .. tag.name, description = "Talks and notes tagged " .. tag.name })
  site.out:write("<h1>#", label(tag.name), '</h1>\n<p class="meta">', counted(#tag.items, "entry", "entries"), "</p>\n")
  view.entries(site.out, root, newest_first(tag.items))
  site.frame:close()
end

-- ---- lists of everything --------------------------------------------------------------------------------------------

-- ITEMS, sorted, under their first letters.
local function alphabet(out, items, write)
  local groups, order = {}, {}
  for _, item in ipairs(items) do
    local first = item.letter
    if not groups[first] then groups[first], order[#order + 1] = {}, first end
    table.insert(groups[first], item)
  end
  local function id(first) return first:find "%w" and first or first == "?" and "none" or "other" end
  local function shown(first) return first == "0" and "0–9" or first:upper() end
  if #items > 40 then
    out:write '<ul class="letters" aria-label="First letters">\n'
    for _, first in ipairs(order) do out:write('<li><a href="#l-', id(first), '">', shown(first), "</a></li>\n") end
    out:write "</ul>\n"
  end
  for _, first in ipairs(order) do
    if #items > 40 then out:write('<h2 id="l-', id(first), '">', shown(first), "</h2>\n") end
    write(groups[first])
  end
end

local function heading(site, file, title, about)
  local root = site.frame:open(file, { title = title })
  site.out:write("<h1>", title, "</h1>\n", about and '<p class="meta">' .. about .. "</p>\n" or "")
  return root
end

local function nothing(site, list, what)
  if #list == 0 then site.out:write('<p class="hint">There are no ', what, " here.</p>\n") end
end

local function event_line(root, event)
  local sub = {}
  if event.place then sub[1] = label(event.place) end
  if event.start then sub[#sub + 1] = view.days(event.start, event.stop) end
  if #event.talks > 0 then sub[#sub + 1] = counted(#event.talks, "talk", "talks") end
  if #event.notes > 0 then sub[#sub + 1] = counted(#event.notes, "note", "notes") end
  if #event.mentions > 0 and #event.talks == 0 then sub[#sub + 1] = counted(#event.mentions, "mention", "mentions") end
  return "<li>" .. view.link(root, event) .. (#sub > 0 and '<span class="sub">' .. table.concat(sub, " · ") .. "</span>" or "") .. "</li>\n"
end

local function events_page(site)
  local plan, out = site.plan, site.out
  local root = heading(site, "events.html", "Events", counted(#plan.events, "event", "events"))
  nothing(site, plan.events, "events")
  local year, open = nil, false
  for _, event in ipairs(plan.events) do
    local own = event.when:match "^%d%d%d%d" or "Year not known"
    if own ~= year then
      out:write(open and "</ul>\n" or "", "<h2>", own, '</h2>\n<ul class="entries">\n')
      year, open = own, true
    end
    out:write(event_line(root, event))
  end
  if open then out:write "</ul>\n" end
  site.frame:close()
end

local function talks_page(site)
  local plan, out = site.plan, site.out
  local root = heading(site, "talks.html", "Talks", counted(#plan.talks, "talk", "talks"))
  nothing(site, plan.talks, "talks")
  alphabet(out, plan.talks, function(group) view.entries(out, root, group) end)
  if #plan.mentions > 0 then
    out:write "<h2>Mentioned, event not known</h2>\n"
    view.entries(out, root, plan.mentions)
  end
  site.frame:close()
end

local function names_list(site, root, count)
  return function(group)
    site.out:write '<ul class="names">\n'
    for _, item in ipairs(group) do
      local n = count(item)
      site.out:write("<li>", view.link(root, item), n > 1 and ' <span class="count">' .. n .. "</span>" or "", "</li>\n")
    end
    site.out:write "</ul>\n"
  end
end

local function people_page(site)
  local list = {}
  for _, person in ipairs(site.plan.people) do
    if person.file then list[#list + 1] = person end
  end
  local root = heading(site, "people.html", "People", counted(#list, "person", "people"))
  nothing(site, list, "people")
  alphabet(site.out, list, names_list(site, root, function(p) return #p.talks + #(p.notes or {}) end))
  site.frame:close()
end

local function tags_page(site)
  local root = heading(site, "tags.html", "Tags", #site.plan.tags > 0 and counted(#site.plan.tags, "tag", "tags") or nil)
  nothing(site, site.plan.tags, "tags")
  alphabet(site.out, site.plan.tags, names_list(site, root, function(t) return #t.items end))
  site.frame:close()
end

local function notes_page(site)
  local root = heading(site, "notes.html", "Notes", counted(#site.plan.posts, "post, report or loose note", "posts, reports and loose notes"))
  nothing(site, site.plan.posts, "notes besides those of talks")
  view.entries(site.out, root, newest_first(site.plan.posts))
  site.frame:close()
end

local form = [[
<form class="search" action="search.html" method="get" role="search">
<label for="q">Search talks, people and notes</label>
<div class="field"><input type="search" id="q" name="q" autocomplete="off"><button type="submit">Search</button></div>
</form>
]]

local function front_page(site)
  local plan, out = site.plan, site.out
  local root = site.frame:open("index.html", { description = site.values.plain })
  out:write("<h1>", site.values.site, '</h1>\n<p class="meta">', site.values.counts, "</p>\n", form)
  local shown = {}
  for _, event in ipairs(plan.events) do
    if #shown < FRONT and #event.talks + #event.notes > 0 then shown[#shown + 1] = event end
  end
  if #shown > 0 then
    out:write '<section>\n<h2>Recent events</h2>\n<ul class="entries">\n'
    for _, event in ipairs(shown) do out:write(event_line(root, event)) end
    out:write "</ul>\n"
    if #plan.events > #shown then out:write('<p><a href="events.html">All ', #plan.events, " events</a></p>\n") end
    out:write "</section>\n"
  end
  local posts = newest_first(plan.posts)
  listed(site, root, "Notes and reports", table.move(posts, 1, math.min(#posts, FRONT), 1, {}))
  local often = table.move(plan.tags, 1, #plan.tags, 1, {})
  table.sort(often, function(a, b)
    if #a.items ~= #b.items then return #a.items > #b.items end
    return a.name < b.name
  end)
  local names = {}
  for i = 1, math.min(#often, 24) do names[i] = often[i].name end
  if #names > 0 then out:write("<section>\n<h2>Tags</h2>\n", view.tags(root, names, plan), "</section>\n") end
  site.frame:close()
end

function M.write(site, step)
  front_page(site)
  events_page(site)
  talks_page(site)
  people_page(site)
  tags_page(site)
  notes_page(site)
  for _, event in ipairs(site.plan.events) do step(event_page, event) end
  for _, person in ipairs(site.plan.people) do
    if person.file then step(person_page, person) end
  end
  for _, tag in ipairs(site.plan.tags) do step(tag_page, tag) end
end

return M
