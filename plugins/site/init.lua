-- Notes and talks as a static site: a page for each event, talk, person, tag and post, a feed, and a search that needs no
-- server.

local lectern = require "lectern"
require "lectern.markdown"

lectern.plugin {
  name = "site", version = "0.1.0", api = 1, doc = "Notes and talks as a small static site", needs = { "notes.read" },
}

lectern.exporter "site" {
  doc = "A folder of pages to put on any web server or to open as files: events, talks, people, tags, posts, search, feed",
  extension = "html", many = true,
  args = {
    { "title", type = "string", flag = true, required = false, doc = "the name of the site" },
    { "url", type = "string", flag = true, required = false, doc = "where the site will be, for the addresses in its feed" },
  },
  export = function(_, out, args, job) return require("site.site").export(out, args, job) end,
}
