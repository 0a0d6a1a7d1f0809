-- Notes and talks as web pages that need nothing else: no script, no outside resource. One page, or a folder with an
-- index and a page for each event.

local lectern = require "lectern"
require "lectern.markdown"

lectern.plugin {
  name = "html", version = "0.1.0", api = 1, doc = "Notes and talks as web pages", needs = { "notes.read" },
}

lectern.exporter "html" {
  doc = "One page (or a folder of pages): talks by event and session, readable on a phone, light and dark",
  extension = "html", many = true,
  args = { { "title", type = "string", flag = true, required = false, doc = "the title of the page" } },
  reads = require("html.fields"),
  export = function(notes, out, args, job) return require("html.export").export(notes, out, args, job) end,
}
