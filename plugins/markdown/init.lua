-- Markdown in and out. The importer finds talks by the structure of a text and divides the text among notes; the
-- exporter writes files from which the importer makes the same notes and talks again.

local lectern = require "lectern"
local importer = require "markdown.import"
local exporter = require "markdown.export"

lectern.plugin {
  name = "markdown", version = "0.1.0", api = 1, doc = "Markdown notes, with or without front matter, in and out",
  needs = { "notes.read", "store.query" },
}

lectern.importer "markdown" {
  doc = "Markdown: one talk a file, many talks a file, programmes and plain notes",
  match = { extensions = { "md", "markdown", "mdown", "mkd", "mkdn", "mdtxt" } },
  detect = function(source) return importer.detect(source) end,
  import = function(source, args, job) return importer.import(source, args, job) end,
}

lectern.exporter "markdown" {
  doc = "Markdown with front matter: a file for each note, posts put together again",
  extension = "md", many = true,
  export = function(notes, out, _, job) return exporter.export(notes, out, job) end,
}
