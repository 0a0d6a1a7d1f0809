-- Places that a learnt layout leaves open: lines that stand where talks stand in this post and look like something else when
-- read alone. A title can have the shape of a name, an organisation can stand on a line of its own, a group can speak.
--
-- The one idea: once the other talks of the post have shown where titles and names stand, the place says what a line is.

local forms = require "report.forms"
local kinds = require "report.kinds"
local layout = require "report.layout"
local marks = require "report.marks"
local names = require "report.names"
local words = require "report.words"

local M = {}

local find, sub, lower = string.find, string.sub, string.lower

-- "Title", "Ana Lima", "Fjord Labs": where most talks of POST have one more line below the names, and these say nothing of
-- where people work, it says that.
function M.employers(L, post, found)
  local all, with = 0, {}
  local starts = {}
  for _, c in ipairs(found) do starts[c.line] = true end
  for _, c in ipairs(found) do
    local bare = c.form == "title/person" and #c.people > 0
    for _, p in ipairs(c.people) do bare = bare and #p.affiliations == 0 end
    if bare then
      all = all + 1
      local i = c.last + 1
      local w = i <= post.last and L.gap[i] == 0 and not starts[i] and not post.taken[i] and L:words(i)
      if w and w.mark == "" and not w.rule and not w.time and #w.text <= 80 and not layout.is_template(post, w.text)
        and (not find(w.text, "%l%.$") or words.shortened[lower(w.text:match "(%a+)%.$")]) and (names.capital(w.text) or names.product(w.text))
        and not marks.is_anchor(w.text) then
        local list = names.affiliations(w.text)
        if #list > 0 and names.organisation(list[1]) then with[#with + 1] = { c, list, i } end
      end
    end
  end
  if #with < 2 or #with < all * 0.6 then return end
  for _, v in ipairs(with) do
    local c = v[1]
    for _, p in ipairs(c.people) do p.affiliations = { table.unpack(v[2]) } end
    c.last = v[3]
  end
end

-- The title in W, a line of the layout of group G whose people are a group, and who they are: "Workshop organisers -
-- Opening",
-- "Panel: What next? by the organisers".
local function of_group(w, g)
  if g.form == "person-title" or g.form == "title-person" then
    local sep = g.list[1].sep
    local a, b = find(w.text, sep, 1, true)
    if not a then return nil end
    local left, right = sub(w.text, 1, a - 1), sub(w.text, b + 1)
    if g.form == "title-person" then left, right = right, left end
    return names.group(left) and right or nil
  elseif g.form == "title-by" then
    local title, group = w.text:match "^(.-)%s+by%s+(.-)%.?$"
    group = group and group:gsub("^the%s+", ""):gsub("^%l", string.upper)
    return group and names.group(group) and title or nil
  end
end

-- Whether titles of this post carry their kind ("TALK 2: ..."): then one that does is a talk also where nobody is
-- named.
local function carries_kind(w, found)
  local _, kind, written = kinds.kind(w.text)
  if not kind then return nil end
  if find(written, "^%u%u") and not find(written, "%l") then return true end
  for _, c in ipairs(found) do
    if c.kind_as_written and c.gap > 0 and w.mark == c.w.mark then
      return kind ~= "talk" or lower(c.kind_as_written) == lower(written)
    end
  end
end

local function quiet(L, found, i, w, g, title, reason)
  local short, kind, written, session = forms.read(title)
  found[#found + 1] = { form = g.form, line = i, last = i, title = short, session = session, people = {}, w = w,
    at = w.at, gap = L.gap[i],
    group = g, kind = kind, kind_as_written = written, why = reason, confidence = 0.7, strength = 1 }
end

-- Talks in the learnt layout without a person to name.
function M.groups(L, post, found)
  local g = post.layout
  if not g or #g.list < 2 then return end
  local taken = {}
  for _, c in ipairs(found) do for i = c.line, c.last do taken[i] = true end end
  for i = post.body, post.last do
    local w = not taken[i] and not post.taken[i] and L.gap[i] > 0 and layout.words_of(L, i)
    if w and not w.rule then
      local _, kind = kinds.kind(w.text)
      local title = not (kind and g.form == "person-title") and of_group(w, g)
      if title and forms.title(title) and not find(title, "%.%s") and w.mark == g.list[1].w.mark then
        quiet(L, found, i, w, g, title, "the layout of this post, with a group in the speaker's place")
      elseif kind and (g.form == "person-title" and w.mark == g.list[1].w.mark and not find(w.text, "%.%s")) then
        quiet(L, found, i, w, g, w.text, "a title that says what it is, where titles stand in this post")
      elseif #w.text <= 150 and not find(w.text, "[%l]%.$") and carries_kind(w, found) then
        quiet(L, found, i, w, g, w.text, "a title that says what it is, like others of this post")
      end
    end
  end
  table.sort(found, function(a, b) return a.line < b.line end)
end

return M
