-- Two well known ways of ranking sentences by how many others are like them. They are here to compare with; gist says
-- more of most notes.

local lectern = require "lectern"
require "lectern.rank"
local t = lectern.types

lectern.plugin { name = "rank", version = "0.1.0", api = 1, doc = "TextRank and LexRank summaries" }

local function by(method)
  return function(note, args)
    local doc = lectern.summary.read(note)
    return lectern.summary.pick(doc, note.body or "", doc[method](doc), args.sentences or 3)
  end
end

local args = { { "sentences", t.int { 3, min = 1, max = 100 }, flag = true, doc = "how many" } }

lectern.summariser "textrank" {
  doc = "Sentences that share words with many others (Mihalcea and Tarau 2004).", args = args, summarise = by "textrank",
}

lectern.summariser "lexrank" {
  doc = "Sentences that are like many others (Erkan and Radev 2004).", args = args, summarise = by "lexrank",
}
