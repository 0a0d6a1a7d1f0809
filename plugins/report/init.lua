-- Trip reports, programmes and live notes in plain text: posts, talks, papers, people and questions, told by layout and
-- language. The text is divided among notes; nothing of it is changed.

local lectern = require "lectern"
local report = require "report.report"

lectern.plugin { name = "report", version = "0.1.0", api = 1,
  doc = "Trip reports, programmes and live notes in plain text", needs = {} }

lectern.importer "report" {
  doc = "Plain text: posts with talks and papers, programmes, live notes, transcripts",
  match = { extensions = { "txt", "text" } },
  detect = function(source) return report.detect(source) end,
  import = function(source, args, job) return report.import(source, job) end,
}
