-- Objects as pages for people: who, when, what at the top, then the text, Markdown made readable.

local lectern = require "lectern"
local style, text = lectern.style, lectern.text

local M = {}

-- ---- Markdown on a terminal -----------------------------------------------------------------------------------------

-- Emphasis, code and links of one line. Width is counted later on the plain words, so styles hold whole words together.
local function inline(line)
  line = line:gsub("%[%[([^%[%]|]+)|?([^%[%]]*)%]%]", function(target, alias) return style.accent(alias ~= "" and alias
    or target) end)
  line = line:gsub("!%[([^%[%]]*)%]%([^()%s]*%)", function(alt) return style.dim("[" .. (alt ~= "" and alt or "image")
    .. "]") end)
  line = line:gsub("%[([^%[%]]+)%]%(([^()%s]*)%)", function(label, url)
    if url == "" or url == label then return style.accent(label) end
    return style.accent(label) .. style.dim(" (" .. url .. ")")
  end)
  line = line:gsub("<(https?://[^<>%s]+)>", "%1")
  line = line:gsub("`([^`]+)`", function(code) return style.accent(code) end)
  line = line:gsub("%*%*([^*]+)%*%*", function(bold) return style.bold(bold) end)
  line = line:gsub("%f[%w*]%*([^*%s][^*]*)%*%f[^%w*]", function(italic) return style.italic(italic) end)
  return (line:gsub("\\([%p])", "%1"))
end

-- Break LINE (maybe styled) at WIDTH columns; the first line begins with FIRST, others with REST.
local function wrapped(line, width, first, rest)
  local out, parts, columns = {}, { first }, text.width(first)
  local fresh = true
  for word in line:gmatch "%S+" do
    local w = text.width((word:gsub("\27%[[%d;]*m", "")))
    if not fresh and width > 0 and columns + 1 + w > width then
      out[#out + 1] = table.concat(parts)
      parts, columns, fresh = { rest }, text.width(rest), true
    end
    if not fresh then parts[#parts + 1] = " " end
    parts[#parts + 1] = word
    columns = columns + w + (fresh and 0 or 1)
    fresh = false
  end
  out[#out + 1] = table.concat(parts)
  return out
end

local function add_all(out, lines) for _, l in ipairs(lines) do out[#out + 1] = l end end

-- Whether LINE, the first of a talk's text, says only what the head says: its speakers or one of its addresses.
local function said_above(line, talk)
  local url = line:match "^%s*%[[^%[%]]*%]%(([^()%s]+)%)%s*$" or line:match "^%s*<?(https?://[^%s<>]+)>?%s*$"
  if url then return url == talk.url or url == talk.slides_url or url == talk.video_url end
  local room = 24
  for _, s in ipairs(talk.speakers or {}) do
    if not line:find(s.name, 1, true) then return false end
    room = room + #s.name + 8
    for _, firm in ipairs(s.affiliations or {}) do room = room + #firm + 4 end
  end
  return room > 24 and #line <= room
end

-- Whether LINE, the first of a text without marks of its own, is TITLE again, alone or with who speaks.
local function says_title(line, title, talk)
  if text.key(line) == text.key(title) then return true end
  local from, to = line:find(title, 1, true)
  if not from or not talk then return false end
  local rest = line:sub(1, from - 1) .. line:sub(to + 1)
  return talk.speakers ~= nil and talk.speakers[1] ~= nil and said_above(rest, talk)
end

-- BODY as lines. TITLE is left out where it is the first heading or line, and so is what the head of TALK says already.
local function rendered(body, width, title, talk)
  local out, paragraph, fence = {}, {}, nil
  local first, headed = true, false
  local function flush()
    local fresh = #out == 0 and talk and #paragraph == 1 and said_above(paragraph[1], talk)
    if #paragraph > 0 and not fresh then
      add_all(out, wrapped(inline(table.concat(paragraph, " ")), width, "", ""))
    end
    paragraph = {}
  end
  for line in text.lines(body) do
    local mark = line:match "^%s*(```+)" or line:match "^%s*(~~~+)"
    local heading = not fence and line:match "^#+%s+(.-)%s*#*%s*$"
    if fence then
      if mark and mark:sub(1, 1) == fence then fence = nil else out[#out + 1] = "    " .. style.dim(line) end
    elseif mark then
      flush()
      fence = mark:sub(1, 1)
    elseif heading then
      flush()
      if not (first and title and text.key(heading):find(text.key(title), 1, true)) then
        if #out > 0 and out[#out] ~= "" then out[#out + 1] = "" end
        out[#out + 1] = style.bold((heading:gsub("[*`]", "")))
      end
      first = false
    elseif not line:find "%S" then
      flush()
      if #out > 0 and out[#out] ~= "" then out[#out + 1] = "" end
    elseif line:find "^%s*[-*+]%s+" or line:find "^%s*%d+[.)]%s+" then
      flush()
      local indent, bullet, rest = line:match "^(%s*)([-*+])%s+(.*)$"
      if not indent then indent, bullet, rest = line:match "^(%s*)(%d+[.)])%s+(.*)$" end
      indent = indent:gsub("\t", "    ")
      if #bullet == 1 then bullet = "•" end
      add_all(out, wrapped(inline(rest), width, indent .. bullet .. " ", indent .. (" "):rep(text.width(bullet) + 1)))
      first = false
    elseif line:find "^%s*>" then
      flush()
      add_all(out, wrapped(inline((line:gsub("^%s*>%s?", ""))), width, style.dim "│ ", style.dim "│ "))
      first = false
    elseif line:find "^%s*[*_]*[QA][*_]*:" then
      flush()
      paragraph[1] = line
    elseif line:find "^%s*|" or line:find "^    " or line:find "^\t" then
      flush()
      out[#out + 1] = line
      first = false
    elseif first and title and says_title(line, title, talk) then
      first, headed = false, true
    elseif headed and line:find "^[-=~]+%s*$" then
      headed = false -- what underlines the title
    else
      paragraph[#paragraph + 1] = line
      if line:find "  $" then flush() end
      first = false
    end
  end
  flush()
  while out[#out] == "" do out[#out] = nil end
  while out[1] == "" do table.remove(out, 1) end
  return out
end

-- ---- heads ----------------------------------------------------------------------------------------------------------

local function event_name(event)
  if not event then return nil end
  return event.year and ("%s %d"):format(event.name, event.year) or event.name
end

local function speaker_names(speakers)
  local names = {}
  for i, s in ipairs(speakers or {}) do
    local name = style.accent(s.name)
    if s.affiliations and s.affiliations[1] then
      name = name .. style.dim(" (" .. table.concat(s.affiliations, "; ") .. ")")
    end
    if s.role and s.role ~= "speaker" then name = name .. style.dim(", " .. s.role) end
    names[i] = name
  end
  return #names > 0 and table.concat(names, ", ") or nil
end

-- "2018-10-15T11:00-05:00" to "15 Oct 2018, 11:00 (-05:00)".
local months = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }
local function date_of(when)
  local y, m, d, rest = when:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$"
  if not y then return when end
  local date = ("%d %s %s"):format(tonumber(d), months[tonumber(m)] or m, y)
  local clock, zone = rest:match "^T(%d%d:%d%d)(.*)$"
  if not clock then return date end
  return date .. ", " .. clock .. (zone ~= "" and " (" .. zone .. ")" or "")
end

local function range_of(from, to)
  if not from then return nil end
  if not to or to == from then return date_of(from) end
  if from:sub(1, 10) == to:sub(1, 10) then return date_of(from) .. "–" .. (to:match "T(%d%d:%d%d)" or "") end
  return date_of(from) .. " – " .. date_of(to)
end

local function joined(...)
  local parts = {}
  for i = 1, select("#", ...) do
    local part = (select(i, ...))
    if part and part ~= "" then parts[#parts + 1] = part end
  end
  return #parts > 0 and table.concat(parts, " · ") or nil
end

local function tags_of(tags)
  return tags and tags[1] and "#" .. table.concat(tags, " #") or nil
end

-- What waits for a decision, and what no source holds any more.
local notices = {
  conflict = "changed here and in its source: lectern conflicts %s",
  orphaned = "no longer in the file it came from",
}
local function marks(out, object)
  for _, mark in ipairs(object.marks or {}) do
    if notices[mark] then out[#out + 1] = style.warn(notices[mark]:format(object.short)) end
  end
end

local function put(out, line, dressed)
  if line then out[#out + 1] = dressed and dressed(line) or line end
end

local function title(out, object, width)
  for _, line in ipairs(wrapped(object.title or object.name or "(no title)", width, "", "")) do
    out[#out + 1] = style.bold(line)
  end
end

-- "fig/knot.png (12 kB)" of each file that NOTE has.
local function files(out, object)
  local names = {}
  for _, entry in ipairs(object.attachments or {}) do
    if entry.name and entry.bytes then names[#names + 1] = ("%s (%d kB)"):format(entry.name, (entry.bytes + 999) // 1000) end
  end
  put(out, #names > 0 and "attached: " .. table.concat(names, ", ") or nil, style.dim)
end

local function with_body(id)
  local ok, note = pcall(lectern.notes.get, id, { body = true })
  return ok and note or nil
end

local function talk(out, object, width)
  title(out, object, width)
  put(out, speaker_names(object.speakers))
  local kind = object.kind ~= "talk" and (object.kind_as_written or object.kind) or nil
  if kind and object.session and object.session:lower():find(kind:lower(), 1, true) then kind = nil end
  local time = range_of(object.start, object["end"])
  put(out, joined(event_name(object.event), object.session, kind, time, object.room), style.dim)
  put(out, joined(tags_of(object.tags), object.short), style.dim)
  marks(out, object)
  for _, key in ipairs { "url", "slides_url", "video_url" } do
    put(out, object[key] and key:gsub("_url$", "") .. ": " .. object[key], style.dim)
  end
  if object.abstract and object.abstract ~= "" then
    out[#out + 1] = ""
    add_all(out, rendered(object.abstract, width))
  end
  for i, id in ipairs(object.notes or {}) do
    local note = with_body(id)
    if note and note.body and note.body:find "%S" then
      marks(out, note)
      files(out, note)
      out[#out + 1] = ""
      if i > 1 and note.title then
        out[#out + 1] = style.bold(note.title) .. style.dim("  " .. note.short)
        out[#out + 1] = ""
      end
      add_all(out, rendered(note.body, width, object.title, object))
    end
  end
end

-- The notes that are parts of POST, in order.
local function parts_of(post)
  local rows = lectern.notes.sql(
    "SELECT p.id AS id FROM note p JOIN note f ON p.part_of = f.n WHERE f.id = ? ORDER BY p.ord", post.id)
  local parts = {}
  for i, row in ipairs(rows) do parts[i] = with_body(row.id) end
  return parts
end

local function note(out, object, width)
  title(out, object, width)
  local kind = object.kind ~= "note" and object.kind or nil
  put(out, joined(object.author and object.author.name, event_name(object.event), kind,
    not (object.sources or {})[1] and object.created and date_of(object.created:sub(1, 10))), style.dim)
  put(out, joined(tags_of(object.tags), object.short), style.dim)
  marks(out, object)
  files(out, object)
  out[#out + 1] = ""
  add_all(out, rendered(object.body or "", width, object.title))
  local ok, parts = pcall(parts_of, object)
  for _, part in ipairs(ok and parts or {}) do
    if out[#out] ~= "" then out[#out + 1] = "" end
    add_all(out, rendered(part.body or "", width))
  end
end

local function event(out, object, width)
  local name = event_name(object)
  title(out, { title = name }, width)
  put(out, object.full_name ~= object.name and object.full_name or nil)
  put(out, joined(range_of(object.start, object["end"]), object.place, object.url), style.dim)
  put(out, joined(("%d talks"):format(object.talks or 0), object.slug, object.short), style.dim)
  local session
  for found in lectern.talks.each { event = object.id } do
    if found.session ~= session or not session and out[#out] ~= "" and found.session then
      session = found.session
      out[#out + 1] = ""
      if session then out[#out + 1] = style.bold(session) end
    elseif out[#out]:find "talks" then
      out[#out + 1] = ""
    end
    local who = speaker_names(found.speakers)
    local line = found.title .. (who and " — " .. who or "")
    add_all(out, wrapped(line, width, style.dim(found.short) .. "  ", (" "):rep(#found.short + 2)))
  end
end

local function person(out, object, width)
  title(out, object, width)
  put(out, joined(table.concat(object.affiliations or {}, "; "), object.short), style.dim)
  out[#out + 1] = ""
  for found in lectern.talks.each { query = ('speaker:"%s"'):format((object.name:gsub('"', ""))) } do
    add_all(out, wrapped(found.title .. (found.event and style.dim(" — " .. event_name(found.event)) or ""), width,
      style.dim(found.short) .. "  ", (" "):rep(#found.short + 2)))
  end
end

local pages = { talk = talk, note = note, event = event, person = person }

-- Summaries ({ target, sentences }) as text: with a heading each where there are several.
function M.summaries(list, titles, job)
  local out, width = {}, job.tty[2] and math.min(job.width, 100) or 0
  for _, summary in ipairs(list) do
    if #list > 1 then
      if #out > 0 then out[#out + 1] = "" end
      out[#out + 1] = style.bold(titles[summary.target] or summary.target)
    end
    local sentences = {}
    for i, s in ipairs(summary.sentences) do sentences[i] = s.text:gsub("%s+", " ") end
    add_all(out, wrapped(inline(table.concat(sentences, " ")), width, "", ""))
  end
  return #out > 0 and table.concat(out, "\n") .. "\n" or nil
end

-- OBJECT as a page; MORE is how many others matched.
function M.object(object, job, more)
  local page = pages[object.type]
  if not page then return nil end
  local out = {}
  local width = job.tty[2] and math.min(job.width, 100) or 0
  page(out, object, width)
  if more and more > 0 and job.tty[2] then
    out[#out + 1] = ""
    local count = more >= 5 and "more match" or ("%d more match"):format(more)
    out[#out + 1] = style.dim(count .. "; lectern search shows them")
  end
  return table.concat(out, "\n") .. "\n"
end

return M
