-- The sentences that say most: a sum of features of each sentence, each times its weight. What the features are is in
-- README.md, what they are worth in weights.lua.

local lectern = require "lectern"
require "lectern.rank"
local t = lectern.types

lectern.plugin { name = "gist", version = "0.1.0", api = 1, doc = "The sentences that say most" }

lectern.summariser "gist" {
  doc = "The sentences that say most, by position, phrases, title, length and what the others say.",
  args = {
    { "sentences", t.int { 3, min = 1, max = 100 }, flag = true, doc = "how many" },
    { "about", t.string(), flag = true, doc = "words that a sentence should have" },
  },
  summarise = function(note, args)
    local weights = require "gist.weights"
    local doc = lectern.summary.read(note, { about = args.about })
    local picked = lectern.summary.pick(doc, note.body or "", doc:scores(weights), args.sentences or 3)
    if args.explain then
      for _, sentence in ipairs(picked) do
        sentence.terms = lectern.summary.terms(doc, sentence.index, weights)
      end
    end
    return picked
  end,
}
