-- Notes and talks as plain text, for mails and terminals.

local lectern = require "lectern"
require "lectern.markdown"
local t = lectern.types

lectern.plugin {
  name = "text", version = "0.1.0", api = 1, doc = "Notes and talks as plain text", needs = { "notes.read" },
}

lectern.exporter "text" {
  doc = "Plain text for mails and terminals: lines of a given width, addresses below the text they stand in.",
  extension = "txt",
  args = { { "width", t.int { 72, min = 20, max = 1000 }, flag = true, doc = "columns of a line" } },
  examples = { "export text event:sosp-2017 | mail -s 'SOSP' ana@example.org", "export text --width 60 -o talks.txt" },
  export = function(notes, out, args, job) return require("text.export").export(notes, out, args, job) end,
}
