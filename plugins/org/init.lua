-- Notes and talks as an Org file: headings by event, session and talk, with properties and timestamps.

local lectern = require "lectern"
require "lectern.markdown"

lectern.plugin {
  name = "org", version = "0.1.0", api = 1, doc = "Notes and talks for Org mode", needs = { "notes.read" },
}

lectern.exporter "org" {
  doc = "One Org file: events, sessions and talks as headings, with properties, timestamps and tags.",
  extension = "org",
  args = { { "title", type = "string", flag = true, required = false, doc = "the title of the file" } },
  examples = { "export org -o talks.org", "export org event:sosp-2017 -o sosp.org" },
  export = function(notes, out, args, job) return require("org.export").export(notes, out, args, job) end,
}
