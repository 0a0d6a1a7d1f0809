-- The Atom feed: the talks and notes that changed last. Ids are those of the store, times those of the last change, so that the
-- same store always gives the same feed.

local html = require("lectern").html
local names = require "site.names"

local M = {}

M.ENTRIES = 40
M.BYTES = 500 -- of text for each

-- The items that the feed will hold.
function M.choose(plan)
  local list = {}
  for _, item in ipairs(plan.talks) do list[#list + 1] = item end
  for _, item in ipairs(plan.posts) do list[#list + 1] = item end
  table.sort(list, function(a, b)
    if a.updated ~= b.updated then return a.updated > b.updated end
    local x, y = a.start or a.event and a.event.when or "", b.start or b.event and b.event.when or ""
    if x ~= y then return x > y end
    return a.id < b.id
  end)
  return table.move(list, 1, math.min(#list, M.ENTRIES), 1, {})
end

local function entry(out, base, item)
  out:write("<entry>\n<id>urn:uuid:", item.id:lower(), "</id>\n<title>", html.label(item.title), "</title>\n<updated>", item.updated,
    '</updated>\n<link rel="alternate" type="text/html" href="', base, item.file, '"/>\n')
  if item.who then out:write("<author><name>", html.label(item.who), "</name></author>\n") end
  local event = item.event
  if event then
    out:write('<category term="', html.label(event.slug or event.name), '" label="', html.label(event.called), '"/>\n')
  end
  out:write("<summary>", html.escape(item.summary or ""), "</summary>\n</entry>\n")
end

-- BASE: the address of the site with a slash at its end, or "" where nobody said it.
function M.write(site, list, base)
  local out, title = site.out, site.values.site
  out:file "feed.xml"
  out:write('<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">\n<id>urn:uuid:',
    names.uuid("lectern site\0" .. title .. "\0" .. base), "</id>\n<title>", title, "</title>\n<updated>",
    site.plan.changed ~= "" and site.plan.changed or "1970-01-01T00:00:00Z", "</updated>\n<author><name>", title,
    '</name></author>\n<link rel="alternate" type="text/html" href="', base, 'index.html"/>\n<link rel="self" type="application/atom+xml" href="',
    base, 'feed.xml"/>\n<generator>lectern</generator>\n')
  for _, item in ipairs(list) do entry(out, base, item) end
  out:write "</feed>\n"
end

return M
