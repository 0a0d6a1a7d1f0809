-- The first sentences of a note: what most writers say first. Headings, metadata, code, tables and lone links are no
-- sentences.

local lectern = require "lectern"
require "lectern.rank"
local t = lectern.types

lectern.plugin { name = "lead", version = "0.2.0", api = 1, doc = "The first sentences as summary" }

lectern.summariser "lead" {
  doc = "The first sentences, without headings and data.",
  args = { { "sentences", t.int { 3, min = 1, max = 100 }, flag = true, doc = "how many" } },
  summarise = function(note, args)
    local doc = lectern.summary.read(note)
    local picked, wanted = {}, args.sentences or 3
    for i = 1, doc:count() do
      if doc:usable(i) then
        picked[#picked + 1] = { span = { doc:span(i) }, score = 1 / (#picked + 1) }
        if #picked == wanted then break end
      end
    end
    return picked
  end,
}
