-- Articles into pages. They are rendered as they come and kept by event until all are there (or too much is kept: then
-- what is there is written and the events go on below); so a page needs memory for its own HTML only.

local lectern = require "lectern"
local attachments = require "lectern.attachments"
local fields = require "html.fields"
local Pieces = require "html.pieces"
local render = require "html.render"

local M = {}

local fields_of_rest = table.move(fields.talk, 1, #fields.talk, 2, { "notes" })

local KEEP <const> = 48 * 1024 * 1024

local escape, sub = lectern.html.escape, string.sub

-- The template in two halves: before and behind the articles, with everything else filled in.
local function halves(values)
  local template = lectern.host.template "page.html"
  local function fill(part)
    return (part:gsub("{{(%a+)}}", function(name) return values[name] or "" end))
  end
  local before, behind = template:match "^(.-){{main}}(.*)$"
  if not before then
    lectern.fail("the template page.html has no {{main}}", { code = "E_CONFIG",
      hint = "share/lectern/templates/page.html is the shipped one" })
  end
  return fill(before), fill(behind)
end

local INLINE <const> = 16 * 1024 * 1024 -- bytes of pictures in a page that stands alone

local Pages = {}
Pages.__index = Pages

-- OUT: what is written to, in the end.
function Pages.new(out)
  return setmetatable({ out = out, folder = out.folder, groups = {}, order = {}, all = {}, known = {}, titles = {}, anchors = {},
    attached = {}, inline = 0, bytes = 0, uncounted = 0, talks = 0, notes = 0 }, Pages)
end

-- Where the article of a thing is: a name that no other has, and short where that is possible.
local function anchor(self, kind, id)
  local short = sub(id, 1, 8)
  if self.anchors[short] then return kind .. id end
  self.anchors[short] = true
  return kind .. short
end

-- Where the article of a title is, by the title as HTML in lower case. Made when a link is met: most notes have none. Talks are
-- known by their lines in the list of their event.
local function titles_of(self)
  local titles = self.titles
  local function know(title, group, id)
    local key = title:lower()
    titles[key] = titles[key] or { group = group, id = id }
  end
  for _, group in ipairs(self.all) do
    local more = group.toc:text(group.read, #group.toc - group.read)
    for id, title in more:gmatch '<li><a href="#([^"]*)">(.-)</a>' do know(title, group, id) end
    group.read = #group.toc
  end
  for i = 1, #self.known, 3 do know(self.known[i], self.known[i + 1], self.known[i + 2]) end
  self.known = {}
  return titles
end

-- [[Title]] and [[Title|words]] in HTML become links to the article of that title.
local function linked(self, html, group)
  local titles = titles_of(self)
  return lectern.html.outside_code(html, function(part)
    return (part:gsub("%[%[([^%[%]|\n]+)|?([^%[%]\n]*)%]%]", function(target, words)
      words = words ~= "" and words or target
      local place = titles[target:gsub("'", "&#39;"):lower()]
      if not place then return words end
      return ('<a href="%s#%s">%s</a>'):format(place.group ~= group and place.group.file or "", place.id, words)
    end))
  end)
end

-- TITLE is HTML.
function Pages:know(title, group, id)
  local known, n = self.known, #self.known
  known[n + 1], known[n + 2], known[n + 3] = title, group, id
end

-- The group of an event, or of what belongs to none.
function Pages:group(event)
  local key = event and (event.id or event.slug or event.name) or ""
  local group = self.groups[key]
  if not group then
    local name = event and render.event_name(event) or "Notes"
    group = { name = name, slug = event and (event.slug or lectern.text.slug(name))
      or "notes", articles = 0, pieces = Pieces.new(self.out), toc = self.out:buffer(), read = 0, talks = 0, event = event }
    self.groups[key] = group
    self.all[#self.all + 1] = group
    self.order[#self.order + 1] = group
  end
  return group
end

-- Where the page finds what a link in the text means: beside it, or in itself.
local function address(self, entry, shown)
  if self.folder then
    local place = attachments.place(entry)
    if place then self.attached[place] = entry.sha256 end
    return place
  end
  local bytes = shown and (entry.bytes or 0) or INLINE
  if self.inline + bytes >= INLINE then return nil end
  self.inline = self.inline + bytes
  return attachments.inline(entry)
end

-- Where what NOTE's text shows and links to is: a function for the renderer, or nil.
local function files_of(self, note)
  local list = note and note.attachments
  if not list or #list == 0 then return nil end
  local meant = attachments.of(note)
  return function(url, shown)
    local entry = meant(url)
    return entry and (not shown or attachments.is_picture(entry)) and address(self, entry, shown) or nil
  end
end

-- Bytes of what is kept, looked at again after each megabyte of text.
local function count(self, bytes)
  self.uncounted = self.uncounted + bytes
  if self.uncounted < 1024 * 1024 then return end
  self.uncounted, self.bytes = 0, 0
  for _, group in ipairs(self.order) do self.bytes = self.bytes + group.pieces:bytes() end
end

function Pages:talk(talk, note)
  local group = self:group(talk.event)
  if talk.session ~= group.session then
    group.session = talk.session
    if talk.session then group.pieces.buffer:add('<h3 class="session">', escape(talk.session), "</h3>\n") end
  end
  local id = anchor(self, "t-", talk.id)
  local title, who, toc = escape(talk.title), talk.speakers and talk.speakers[1], group.toc
  if who then
    toc:add('<li><a href="#', id, '">', title, "</a> <span>", escape(who.name), talk.speakers[2] and " and others" or "",
      "</span></li>\n")
  else
    toc:add('<li><a href="#', id, '">', title, "</a></li>\n")
  end
  if note and note.title and note.title ~= talk.title then self:know(escape(note.title), group, id) end
  local bytes = (note and note.body and #note.body or 0) + (talk.abstract and #talk.abstract or 0)
  render.talk(group.pieces, talk, note, id, title, files_of(self, note))
  group.articles, group.talks, self.talks = group.articles + 1, group.talks + 1, self.talks + 1
  count(self, bytes)
end

function Pages:note(note)
  -- A stretch of headings between talks says nothing here: days and sessions stand with the talks.
  if note.part_of and lectern.programme.only_headings(note.body or "") then return end
  local group = self:group(note.event)
  local id = anchor(self, "n-", note.id)
  local title = escape(note.title or "Untitled")
  self:know(title, group, id)
  local bytes = note.body and #note.body or 0
  render.note(group.pieces, note, id, title, files_of(self, note))
  group.articles, self.notes = group.articles + 1, self.notes + 1
  count(self, bytes)
end

local function counted(n, one, many) return ("%d %s"):format(n, n == 1 and one or many) end

local function section(self, group, out)
  out:write('<section id="', escape(group.slug), '">\n<h2>', escape(group.name),
    group.talks > 0 and ' <span class="count">' .. counted(group.talks, "talk", "talks") .. "</span>" or "", "</h2>\n")
  if group.talks > 2 then out:write('<ul class="toc">\n', group.toc:text(0, #group.toc), "</ul>\n") end
  group.pieces:write(function(html) return linked(self, html, group) end)
  out:write "</section>\n"
end

local function navigation(items)
  if #items < 2 then return "" end
  return "<nav>\n<ul>\n" .. table.concat(items) .. "</ul>\n</nav>"
end

local function about(pages)
  local parts = {}
  if pages.talks > 0 then parts[1] = counted(pages.talks, "talk", "talks") end
  if pages.notes > 0 then parts[#parts + 1] = counted(pages.notes, "note", "notes") end
  return #parts > 0 and table.concat(parts, ", ") or "Nothing here yet."
end

local function values_of(pages, title, nav)
  return { title = escape(title), about = about(pages), nav = nav, date = lectern.date() }
end

-- Notes of no event come last.
local function sorted(groups)
  local events, others = {}, {}
  for _, group in ipairs(groups) do
    if group.event then events[#events + 1] = group else others[#others + 1] = group end
  end
  table.move(others, 1, #others, #events + 1, events)
  return events
end

local function write_sections(pages, out)
  for _, group in ipairs(pages.order) do section(pages, group, out) end
  pages.groups, pages.order, pages.bytes = {}, {}, 0
end

local function title_of(pages, args)
  if args.title then return args.title end
  local only = #pages.order == 1 and pages.order[1]
  return only and only.event and only.name or "Talk notes"
end

local function one_page(each, out, args)
  local pages, behind = Pages.new(out), nil
  local function head()
    local items = {}
    pages.order = sorted(pages.order)
    for i, group in ipairs(pages.order) do
      items[i] = ('<li><a href="#%s">%s</a> <span class="count">%d</span></li>\n'):format(escape(group.slug),
        escape(group.name), group.articles)
    end
    local before
    before, behind = halves(values_of(pages, title_of(pages, args), navigation(items)))
    out:write(before)
  end
  each(pages, function()
    if pages.bytes < KEEP then return end
    if not behind then head() end
    write_sections(pages, out)
  end)
  if not behind then head() end
  write_sections(pages, out)
  out:write(behind)
end

local function event_page(self, group, all, out)
  local pages = { talks = group.talks, notes = group.articles - group.talks, order = { group } }
  local before, behind = halves(values_of(pages, group.name, '<nav><ul><li><a href="index.html">' .. escape(all)
    .. "</a></li></ul></nav>"))
  out:file(group.file)
  out:write(before)
  section(self, group, out)
  out:write(behind)
end

local function site(each, out, args)
  local pages, used, index = Pages.new(out), {}, {}
  local title = args.title or "Talk notes"
  local function flush()
    for _, group in ipairs(pages.order) do
      local name, n = group.slug, 1
      while used[name] do
        n = n + 1
        name = group.slug .. "-" .. n
      end
      used[name], group.file = true, name .. ".html"
    end
    for _, group in ipairs(pages.order) do
      event_page(pages, group, title, out)
      index[#index + 1] = { name = group.name, file = group.file, talks = group.talks, toc = group.toc }
    end
    pages.groups, pages.order, pages.bytes = {}, {}, 0
  end
  each(pages, function() if pages.bytes >= KEEP then flush() end end)
  flush()
  table.sort(index, function(a, b) return a.name:lower() < b.name:lower() end)
  local before, behind = halves(values_of(pages, title, ""))
  out:file "index.html"
  out:write(before)
  for _, entry in ipairs(index) do
    out:write('<section>\n<h2><a href="', escape(entry.file), '">', escape(entry.name), "</a>",
      entry.talks > 0 and ' <span class="count">' .. counted(entry.talks, "talk", "talks") .. "</span>" or "",
      "</h2>\n")
    if #entry.toc > 0 then
      out:write('<ul class="toc">\n',
        (entry.toc:text(0, #entry.toc):gsub('href="#', 'href="' .. escape(entry.file):gsub("%%", "%%%%") .. "#")), "</ul>\n")
    end
    out:write "</section>\n"
  end
  out:write(behind)
  out:attach(pages.attached)
end

function M.export(notes, out, args)
  local function each(pages, after)
    for note, talks in notes do
      if not talks and #(note.talks or {}) > 0 then
        talks = {}
        for talk in lectern.talks.each { ids = note.talks, body = true, fields = fields.talk } do talks[#talks + 1] = talk end
      end
      local first = talks and talks[1]
      if first then
        for i, talk in ipairs(talks) do
          -- A text about several talks stands with the first of them.
          pages:talk(talk, i == 1 and note or nil)
        end
      else
        pages:note(note)
      end
      after()
    end
    local rest = out.query and "(" .. out.query .. ") -has:note" or "-has:note"
    for talk in lectern.talks.each { query = rest, body = true, fields = fields_of_rest } do
      if #(talk.notes or {}) == 0 then
        pages:talk(talk)
        after()
      end
    end
  end
  if out.folder then site(each, out, args) else one_page(each, out, args) end
end

return M
