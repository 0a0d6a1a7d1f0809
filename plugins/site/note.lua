-- The page of a note that is not the text of one talk: a post, a programme, a trip report, a loose note. What was cut from it
-- stands in its place: talks as links, other passages with their text.

local html = require("lectern").html
local body = require "site.body"
local talk_page = require "site.talk"
local view = require "site.view"

local M = {}

local label = html.label

local function head(root, item, note)
  local top, meta = {}, {}
  if item.event then top[1] = view.link(root, item.event) end
  if note.kind and note.kind ~= "note" then top[#top + 1] = '<span class="kind">' .. label(note.kind) .. "</span>" end
  if item.author then meta[1] = "by " .. view.link(root, item.author) end
  return view.line("kicker", top) .. '<h1 dir="auto">' .. label(item.title) .. "</h1>\n" .. view.line("meta", meta)
end

-- A passage with its text. Returns its words for the search.
local function passage(site, root, part, note)
  local inner = body.html(note, { root = root, plan = site.plan, base = 2 })
  site.out:write('<section class="passage" id="n-', part.id:sub(1, 8), '" aria-label="', label(part.title, "Passage"), '">\n',
    '<div class="body" dir="auto">\n', inner, "</div>\n</section>\n")
  return inner
end

-- What was cut from the post, in its order. FULL: texts of the passages by id.
local function parts(site, root, item, full)
  local run = {}
  local function flush()
    view.entries(site.out, root, run, { no_event = true })
    run = {}
  end
  for _, part in ipairs(item.parts or {}) do
    if part.inline then
      flush()
      local words = passage(site, root, part, full[part.id] or {})
      site:remember(part, words, item)
    else
      run[#run + 1] = part
    end
  end
  flush()
end

-- Talks that the note is about as a whole.
local function about(site, root, item)
  local list = {}
  for _, id in ipairs(item.about or {}) do
    local talk = site.plan.talk_of[id]
    if talk and talk.file then list[#list + 1] = talk end
  end
  if #list == 0 then return end
  site.out:write("<section>\n<h2>Talks</h2>\n")
  view.entries(site.out, root, list, { no_event = true, room = true })
  site.out:write "</section>\n"
end

-- ITEM of the plan, NOTE as the store has it, FULL the passages that stand on its page.
function M.write(site, item, note, full)
  local root = site.frame:open(item.file, {
    title = item.title or "Untitled", description = item.who and (item.title or "Untitled") .. ", by " .. item.who or item.title,
  })
  local writer = note.author and { speakers = { { name = note.author.name } } } or nil
  local inner = body.html(note, { root = root, plan = site.plan, base = 2, title = item.title or "", talk = writer })
  site.out:write("<article", view.lang(note.lang), ">\n", head(root, item, note), '<div class="body" dir="auto">\n', inner, "</div>\n")
  parts(site, root, item, full)
  about(site, root, item)
  local asked = #(note.questions or {}) > 0 and body.questions(note, inner) or ""
  if asked ~= "" then site.out:write("<section>\n<h2>Questions</h2>\n", asked, "</section>\n") end
  local links = view.links(note.links, inner)
  if links then site.out:write("<section>\n<h2>Links</h2>\n", links, "</section>\n") end
  local facts = {}
  local post = item.part_of and site.plan.note_of[item.part_of]
  if post and post.page then facts[1] = { "Part of", view.link(root, post) } end
  local named = talk_page.people(site, root, { note })
  if named then facts[#facts + 1] = { "People", named } end
  view.fields(facts, note.fields)
  view.sources(facts, { note })
  site.out:write(view.tags(root, note.tags, site.plan), view.facts(facts), "</article>\n")
  site.frame:close()
  site:remember(item, inner)
end

return M
