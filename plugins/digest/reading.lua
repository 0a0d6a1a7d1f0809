-- The command reading-list: papers reported on and works mentioned. Nothing is completed: what is not stated stays out,
-- and a work of which only the name is known is listed as that.

local lectern = require "lectern"
local common = require "digest.common"
local style, text = lectern.style, lectern.text

local function found_works(args)
  local works, query = {}, common.query(args.query)
  for _, kind in ipairs { "paper", "mention" } do
    for work in lectern.talks.each { kind = kind, query = query, event = args.event and args.event.id } do works[#works + 1] = work end
  end
  return common.by_year(works, function(work) return work.event end)
end

-- Calls f for the notes with these ids, each once.
local function each_note(ids, f)
  local list, seen = {}, {}
  for _, id in ipairs(ids) do
    if not seen[id] then list[#list + 1], seen[id] = id, true end
  end
  for from = 1, #list, 200 do
    for note in lectern.notes.each { type = "note", ids = table.move(list, from, math.min(#list, from + 199), 1, {}) } do f(note) end
  end
end

-- What to call the notes that name WORKS: a passage is called by the post that it is part of. { note id = title }
local function note_titles(works)
  local ids, titles, wholes, parents = {}, {}, {}, {}
  for _, work in ipairs(works) do table.move(work.notes, 1, #work.notes, #ids + 1, ids) end
  each_note(ids, function(note)
    titles[note.id] = note.title
    if note.part_of then wholes[#wholes + 1], parents[note.id] = note.part_of, note.part_of end
  end)
  local names = {}
  each_note(wholes, function(note) names[note.id] = note.title end)
  for id, parent in pairs(parents) do titles[id] = names[parent] or titles[id] end
  return titles
end

-- What is known of a work. Resolved: somebody could find it by more than its name.
local function entry(work, titles)
  local notes, event = {}, work.event
  for i, id in ipairs(work.notes) do notes[i] = { id = id, title = titles[id] or lectern.null } end
  return {
    id = work.id, title = work.title, kind = work.kind, authors = common.names(work.speakers), event = event and event.name or lectern.null,
    year = event and event.year or lectern.null, url = work.url or lectern.null, notes = notes,
    resolved = work.url ~= nil or #work.speakers > 0 or event ~= nil and event.year ~= nil,
  }
end

-- ---- text -----------------------------------------------------------------------------------------------------------

local function stated(value) return value ~= lectern.null and value or nil end

-- Does the title of NOTE say where WORK was named?
local function named(note, work) return stated(note.title) and note.title ~= work.title end

local function page(list, job)
  local out, width, open = {}, job.tty[2] and math.min(job.width, 100) or 0, {}
  local function put(work)
    local parts = {}
    if #work.authors > 0 then parts[#parts + 1] = table.concat(work.authors, ", ") end
    if stated(work.event) then
      parts.event = work.event .. (stated(work.year) and " " .. work.year or "")
      parts[#parts + 1] = parts.event
    end
    if stated(work.url) then parts[#parts + 1] = work.url end
    local line = common.line(work.title) .. (#parts > 0 and " · " .. table.concat(parts, " · ") or "")
    out[#out + 1] = width > 0 and text.wrap(line, width):gsub("\n", "\n  ") or line
    for _, note in ipairs(work.notes) do
      -- A report that is called what its event is called was said already.
      if named(note, work) and note.title ~= parts.event then out[#out + 1] = style.dim("  in " .. common.line(note.title)) end
    end
  end
  for _, work in ipairs(list) do
    if work.resolved then put(work) else open[#open + 1] = work end
  end
  if #open > 0 then
    if #out > 0 then out[#out + 1] = "" end
    out[#out + 1] = style.bold "Only named, not yet found"
    for _, work in ipairs(open) do put(work) end
  end
  return table.concat(out, "\n") .. "\n"
end

-- ---- BibTeX ---------------------------------------------------------------------------------------------------------

local function bibtex(list)
  local out, keys, open = {}, lectern.bibtex.keys(), {}
  for _, work in ipairs(list) do
    if work.resolved then
      out[#out + 1] = lectern.bibtex.entry({
        title = work.title, authors = work.authors, event = stated(work.event), year = stated(work.year),
        url = stated(work.url),
      }, keys)
    else
      local note = work.notes[1] and named(work.notes[1], work) and common.line(work.notes[1].title)
      open[#open + 1] = lectern.bibtex.comment(("only named: %s%s"):format(work.title, note and " (in " .. note .. ")" or ""))
    end
  end
  if #open > 0 then out[#out + 1] = table.concat(open) end
  return table.concat(out, "\n")
end

return function(args, job)
  local works = found_works(args)
  local titles, list = note_titles(works), {}
  for i, work in ipairs(works) do list[i] = entry(work, titles) end
  if #list == 0 then return common.nothing(job, list, "works", args) end
  return list, args.format == "bibtex" and bibtex(list) or page(list, job)
end
