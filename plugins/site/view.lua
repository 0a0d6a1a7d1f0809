-- Small pieces of pages that several kinds of them share: dates, links to things, lists of talks and notes.

local html = require("lectern").html

local M = {}

local label = html.label

local months = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
  "December" }

local function date_words(when)
  local y, m, d = when:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)"
  if y and months[tonumber(m)] then return ("%d %s %s"):format(tonumber(d), months[tonumber(m)], y) end
  y, m = when:match "^(%d%d%d%d)%-(%d%d)$"
  if y and months[tonumber(m)] then return months[tonumber(m)] .. " " .. y end
  return when:match "^%d%d%d%d$"
end

-- "2018-10-15T11:00" as <time>.
function M.time(when)
  local words = date_words(when)
  if not words then return label(when) end
  local clock = when:match "^[%d-]+T(%d%d:%d%d)"
  return ('<time datetime="%s">%s%s</time>'):format(html.escape(when), words, clock and ", " .. clock or "")
end

-- The days of an event: "14 November 2025 to 15 November 2025".
function M.days(first, last)
  if not first then return nil end
  return M.time(first) .. (last and last ~= first and " to " .. M.time(last) or "")
end

function M.link(root, item, text)
  local words = text or label(item.called or item.title or item.name)
  return item.file and ('<a href="%s%s">%s</a>'):format(root, item.file, words) or words
end

function M.counted(n, one, many) return ("%d %s"):format(n, n == 1 and one or many) end

-- A talk or note in a list: its title, who, and what else is not said around it.
function M.entry(root, item, options)
  options = options or {}
  local out = { M.link(root, item) }
  if item.kind and item.kind ~= "talk" and item.kind ~= "note" then
    out[#out + 1] = ' <span class="kind">' .. label(item.kind) .. "</span>"
  end
  for _, award in ipairs(item.awards or {}) do
    out[#out + 1] = ' <span class="award">' .. label(type(award) == "table" and award.name or award) .. "</span>"
  end
  local sub = {}
  if item.who and not options.no_who then sub[#sub + 1] = label(item.who) end
  if item.event and not options.no_event then sub[#sub + 1] = label(item.event.called) end
  if item.room and options.room then sub[#sub + 1] = label(item.room) end
  if #sub > 0 then out[#out + 1] = '<span class="sub">' .. table.concat(sub, " · ") .. "</span>" end
  return table.concat(out)
end

function M.entries(out, root, items, options)
  if #items == 0 then return end
  out:write '<ul class="entries">\n'
  for _, item in ipairs(items) do out:write("<li>", M.entry(root, item, options), "</li>\n") end
  out:write "</ul>\n"
end

function M.tags(root, names, plan)
  if not names or #names == 0 then return "" end
  local out = {}
  for _, name in ipairs(names) do
    local tag = plan.tag_of[name]
    if tag then out[#out + 1] = "<li>" .. M.link(root, tag, "#" .. label(name)) .. "</li>" end
  end
  return #out > 0 and '<ul class="tags" aria-label="Tags">\n' .. table.concat(out, "\n") .. "\n</ul>\n" or ""
end

-- "kicker", "meta": the parts that there are, with dots between.
function M.line(class, parts)
  return #parts > 0 and '<p class="' .. class .. '">' .. table.concat(parts, " · ") .. "</p>\n" or ""
end

-- A list of terms and what they are, from { term, html } pairs.
function M.facts(pairs_)
  if #pairs_ == 0 then return "" end
  local out = { '<dl class="facts">\n' }
  for _, pair in ipairs(pairs_) do out[#out + 1] = "<dt>" .. pair[1] .. "</dt><dd>" .. pair[2] .. "</dd>\n" end
  out[#out + 1] = "</dl>\n"
  return table.concat(out)
end

-- Where the text came from: the file's name alone, for where it lay is nobody's business.
function M.sources(facts, objects)
  local seen, out = {}, {}
  for _, object in ipairs(objects) do
    for _, source in ipairs(object.sources or {}) do
      local words = label(source.path:match "[^/\\]+$" or source.path)
      if source.line_start then
        words = words .. (source.line_end and source.line_end ~= source.line_start
          and (", lines %d–%d"):format(source.line_start, source.line_end) or (", line %d"):format(source.line_start))
      end
      if not seen[words] then out[#out + 1], seen[words] = words, true end
    end
  end
  if #out > 0 then facts[#facts + 1] = { "Source", table.concat(out, "<br>\n") } end
end

-- What else was written down with something: front matter that has no place of its own.
function M.fields(facts, fields)
  local keys = {}
  for key, value in pairs(fields or {}) do
    if type(key) == "string" and key ~= "time" and (type(value) == "string" or type(value) == "number") then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do facts[#facts + 1] = { label(key), label(tostring(fields[key])) } end
end

-- A language tag for lang="", or nothing.
function M.lang(lang)
  return type(lang) == "string" and #lang < 20 and lang:find "^%a%a%a?[%w-]*$" and ' lang="' .. lang .. '"' or ""
end

-- Links of a note or talk that its text does not show.
function M.links(list, text)
  local out = {}
  for _, link in ipairs(list or {}) do
    local url = html.address(link.url)
    if url and not text:find(url, 1, true) then
      out[#out + 1] = ('<li><a href="%s">%s</a></li>\n'):format(url, link.text and label(link.text, link.url) or url)
    end
  end
  return #out > 0 and "<ul>\n" .. table.concat(out) .. "</ul>\n" or nil
end

return M
