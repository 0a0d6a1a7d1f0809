-- The page of a talk: who, when and where at the top, then the abstract, the notes people took, questions, and at the end the
-- facts one looks up.

local html = require("lectern").html
local body = require "site.body"
local view = require "site.view"

local M = {}

local label = html.label

local function about(s)
  local more = {}
  if s.role and s.role ~= "speaker" then more[1] = label(s.role) end
  for _, firm in ipairs(s.affiliations or {}) do more[#more + 1] = label(firm) end
  return table.concat(more, ", ")
end

-- Names, each with where it is from; that is said once for neighbours from the same place.
local function speakers(site, root, talk)
  local list, out = talk.speakers or {}, {}
  for i, s in ipairs(list) do
    local more = about(s)
    local said = more == "" or list[i + 1] and about(list[i + 1]) == more
    out[i] = view.link(root, site.plan.person_of[s.id] or {}, label(s.name))
      .. (said and "" or ' <span class="firm">(' .. more .. ")</span>")
  end
  return #out > 0 and '<p class="by">' .. table.concat(out, ", ") .. "</p>\n" or ""
end

local function kicker(root, item, talk)
  local parts = {}
  if item.event then parts[1] = view.link(root, item.event) end
  if talk.session and talk.session:lower() ~= talk.kind then parts[#parts + 1] = label(talk.session) end
  if talk.kind and talk.kind ~= "talk" then parts[#parts + 1] = '<span class="kind">' .. label(talk.kind) .. "</span>" end
  return view.line("kicker", parts)
end

local function meta(item, talk)
  local parts = {}
  if talk.start then parts[1] = view.time(talk.start) .. (talk["end"] and " to " .. view.time(talk["end"]) or "") end
  if item.time and not (talk.start and talk.start:find("T", 1, true)) then parts[#parts + 1] = label(item.time) end
  if talk.room then parts[#parts + 1] = label(talk.room) end
  if talk.building then parts[#parts + 1] = label(talk.building) end
  for _, link in ipairs { { talk.url, "Page" }, { talk.slides_url, "Slides" }, { talk.video_url, "Video" } } do
    local url = html.address(link[1])
    if url then parts[#parts + 1] = ('<a href="%s">%s</a>'):format(url, link[2]) end
  end
  return view.line("meta", parts)
end

local function awards(talk)
  if not talk.awards or #talk.awards == 0 then return "" end
  local out = {}
  for i, award in ipairs(talk.awards) do out[i] = "<li>" .. label(award.name) .. "</li>" end
  return '<ul class="awards" aria-label="Awards">' .. table.concat(out) .. "</ul>\n"
end

local function section(title, inner)
  return inner ~= "" and "<section>\n<h2>" .. title .. "</h2>\n" .. inner .. "</section>\n" or ""
end

-- Posts that this talk is a part of, or that are about it and others.
local function seen_in(root, item)
  local out, seen = {}, {}
  for _, note in ipairs(item.seen_in or {}) do
    if note.page and not seen[note] then
      out[#out + 1], seen[note] = view.link(root, note) .. (note.who and " by " .. label(note.who) or ""), true
    end
  end
  return #out > 0 and table.concat(out, "<br>\n") or nil
end

local function people(site, root, notes)
  local out, seen = {}, {}
  for _, note in ipairs(notes) do
    for _, person in ipairs(note.people or {}) do
      if not seen[person.id] and person.role ~= "author" then
        seen[person.id] = true
        out[#out + 1] = view.link(root, site.plan.person_of[person.id] or {}, label(person.name))
          .. (person.role and person.role ~= "mentioned" and " (" .. label(person.role) .. ")" or "")
      end
    end
  end
  return #out > 0 and table.concat(out, ", ") or nil
end
M.people = people

local function pager(root, item)
  if not item.before and not item.after then return "" end
  local function way(class, word, talk)
    return talk and ('<a class="%s" rel="%s" href="%s%s"><small>%s</small> %s</a>\n'):format(class, class, root, talk.file, word,
      label(talk.title)) or ""
  end
  return '<nav class="pager" aria-label="Talks before and after">\n' .. way("prev", "Before it", item.before)
    .. way("next", "After it", item.after) .. "</nav>\n"
end

-- The text of the page under its head: abstract, notes, questions, links.
local function text(site, root, item, talk, notes)
  local options = { root = root, plan = site.plan, base = 3, title = item.title, talk = talk }
  local abstract = body.abstract(talk, { root = root, plan = site.plan, base = 3 })
  local shown, questions = {}, {}
  for i, note in ipairs(notes) do
    local who = #notes > 1 and note.author and '<p class="hint">' .. label(note.author.name) .. "</p>\n" or ""
    local inner = body.html(note, options)
    shown[i] = inner ~= "" and who .. '<div class="body" dir="auto"' .. view.lang(note.lang) .. ">\n" .. inner .. "</div>\n" or ""
    if #(note.questions or {}) > 0 then questions[#questions + 1] = body.questions(note, shown[i]) end
  end
  local all = table.concat(shown)
  local links, shown_above = {}, all .. abstract .. meta(item, talk)
  for _, object in ipairs { talk, table.unpack(notes) } do links[#links + 1] = view.links(object.links, shown_above) end
  return section("Abstract", abstract ~= "" and '<div class="abstract" dir="auto">\n' .. abstract .. "</div>\n" or "")
    .. section("Notes", all) .. section("Questions", table.concat(questions)) .. section("Links", table.concat(links)),
    abstract .. all
end

-- ITEM of the plan, TALK as the store has it with its abstract, its NOTES with their texts.
function M.write(site, item, talk, notes)
  local out = site.out
  local root = site.frame:open(item.file, {
    title = item.title, description = item.who and item.title .. ". " .. item.who or item.title,
  })
  local inner, words = text(site, root, item, talk, notes)
  local facts = {}
  local seen = seen_in(root, item)
  if seen then facts[#facts + 1] = { "Told in", seen } end
  local named = people(site, root, notes)
  if named then facts[#facts + 1] = { "People", named } end
  view.fields(facts, talk.fields)
  view.sources(facts, { talk, table.unpack(notes) })
  local tags, known = {}, {}
  for _, object in ipairs { talk, table.unpack(notes) } do
    for _, tag in ipairs(object.tags or {}) do
      if not known[tag] then tags[#tags + 1], known[tag] = tag, true end
    end
  end
  out:write("<article", view.lang(talk.lang), ">\n", kicker(root, item, talk), '<h1 dir="auto">', label(item.title), "</h1>\n",
    speakers(site, root, talk), meta(item, talk), awards(talk), inner,
    inner == "" and '<p class="hint">Nobody wrote down more than this.</p>\n' or "",
    view.tags(root, tags, site.plan), view.facts(facts), "</article>\n", pager(root, item))
  site.frame:close()
  site:remember(item, words)
end

return M
