-- Talks, papers and works that are mentioned as a BibTeX file.

local lectern = require "lectern"

lectern.plugin {
  name = "bibtex", version = "0.1.0", api = 1, doc = "Talks and papers as BibTeX", needs = { "notes.read" },
}

local URLS <const> = { "url", "slides_url", "video_url" }
local PLAIN <const> = { talk = true, paper = true, mention = true, other = true }

-- Those who gave it or wrote it: who organised it did neither.
local function authors_of(talk)
  local names = {}
  for _, speaker in ipairs(talk.speakers or {}) do
    if speaker.role ~= "organiser" then names[#names + 1] = speaker.name end
  end
  return names
end

local function note_of(talk)
  local parts = {}
  if not PLAIN[talk.kind] then parts[1] = talk.kind_as_written or talk.kind:gsub("^%l", string.upper) end
  for _, award in ipairs(talk.awards or {}) do parts[#parts + 1] = award.name end
  return parts[1] and table.concat(parts, "; ") or nil
end

local function work_of(talk, event)
  local start = talk.start or ""
  local work = {
    title = talk.title, authors = authors_of(talk), note = note_of(talk), abstract = talk.abstract, language = talk.lang,
    keywords = talk.tags and talk.tags[1] and talk.tags or nil,
    year = event and event.year or tonumber(start:match "^%d%d%d%d"), month = tonumber(start:match "^%d%d%d%d%-(%d%d)"),
  }
  for _, key in ipairs(URLS) do work.url = work.url or talk[key] end
  if event then
    work.event, work.place = event.full_name or event.name, event.place
    work.series = event.full_name and event.full_name ~= event.name and event.name or nil
  end
  return work
end

-- Nothing but the name is known: nobody could find it by that.
local function only_named(talk, work)
  return talk.kind == "mention" and not work.authors[1] and not work.year and not work.url and not work.event
end

local function export(notes, out, _, job)
  local keys, events, count = lectern.bibtex.keys(), {}, 0
  local function event_of(talk)
    local id = talk.event and talk.event.id
    if id and not events[id] then events[id] = lectern.events.get(id) or talk.event end
    return id and events[id]
  end
  for talk in lectern.programme.talks(notes, out, job, { mentions = true }) do
    local work = work_of(talk, event_of(talk))
    if count > 0 then out:write "\n" end
    count = count + 1
    out:write(only_named(talk, work) and lectern.bibtex.comment("only named: " .. talk.title)
      or lectern.bibtex.entry(work, keys))
  end
end

lectern.exporter "bibtex" {
  doc = "A BibTeX file: an entry for each talk, paper and work mentioned, with what is stated about it.",
  reads = lectern.programme.reads,
  extension = "bib",
  examples = { "export bibtex -o talks.bib", "export bibtex event:sosp-2017", "export bibtex kind:mention" },
  export = export,
}
