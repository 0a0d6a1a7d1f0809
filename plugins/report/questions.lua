-- Questions with their answers: "Q: ... A: ...", with the asker where one is named.

local marks = require "report.marks"
local names = require "report.names"

local M = {}

local find, match, lower = string.find, string.match, string.lower

local asks <const> = { q = true, question = true, frage = true, pregunta = true, p = true, f = true }
local answers <const> = { a = true, answer = true, antwort = true, respuesta = true, r = true }

-- "Q (HB): text" -> word, who or nil, text.
local function label(s)
  local first = match(s, "^[%[(*]*(%a+)")
  local low = first and lower(first)
  if not low or not asks[low] and not answers[low] and not find(s, "^%**%a+%s*%(") then return nil end
  local word, who, rest = match(s, "^%**(%a+)%s*%(([^()]+)%)%s*[:.]%**%s*(.+)$")
  if word then return lower(word), who, rest end
  -- "[Q] ...", "Question from Ana Lima: ...", "Q - Ana Lima (Fjord): ..."
  word, rest = match(s, "^[%[(](%a)[%])]:?%s+(.+)$")
  if word and (asks[lower(word)] or answers[lower(word)]) then return lower(word), nil, rest end
  word, who, rest = match(s, "^%**(%a+)%s+[fb][ry]o?m?%s+(%u[^:]+):%**%s+(.+)$")
  if not word then word, who, rest = match(s, "^%**(%a+)%s*[-,]%s+(%u[^:]+):%**%s+(.+)$") end
  if word and #who <= 80 and (asks[lower(word)] or answers[lower(word)]) then return lower(word), who, rest end
  word, rest = match(s, "^%**(%a+)%d*%s*[:.]%**%s+(.+)$")
  if word and (asks[lower(word)] or answers[lower(word)]) then return lower(word), nil, rest end
end

local function resolve(who, ctx)
  if not who then return nil end
  who = who:gsub("^%s+", ""):gsub("%s+$", "")
  if ctx.initials and ctx.initials[who] then return ctx.initials[who] end
  -- "Ana Lima, Fjord", "Ana Lima (Fjord)"
  local name = match(who, "^([^,(;]-)%s*[,(;]") or match(who, "^(.-)%s+from%s+%u") or match(who, "^(.-)%s+at%s+%u")
  if name and names.person(name, ctx) > 0 then return name end
  if find(who, "^@") or names.person(who, ctx) > 0 or find(who, "^%u%a+$") then return who end
end

-- One line "Q: ...? A: ...".
local function both(rest)
  local q, word, a = match(rest, "^(.-%?)%s+%**(%a+)%s*[:.]%**%s+(.+)$")
  if q and answers[lower(word)] then return q, a end
end

-- 'Somebody asked "...?" and got the answer that ...': told in prose.
local function told(s)
  local at = find(s, "asked", 1, true)
  local q, a, b = marks.quotation(s, at)
  if not q or #q > 300 or not find(q, "%?$") or not find(s:sub(at, a - 1), "^asked,?:?%s*$") then return nil end
  local rest = s:sub(b + 1, b + 400)
  local answer = match(rest, "^,? and [%l%s]-answer[%l%s]- (.-[.!)])%s")
    or match(rest, "^,? and [%l%s]-answer[%l%s]- (.+)$")
    or match(rest, "^[%s.]*The answer was:? (.-%.)")
  if answer then return { q = q, a = answer }, a end
end

local answering <const> = { "^[Ss]?[Hh]e said", "^[Tt]hey said", "^[Ss]?[Hh]e replied", "^[Ss]?[Hh]e answered",
  "^[Tt]he answer", "^[Aa]nswer:", "^[Tt]hey replied", "^[Tt]hey answered", "^[Tt]he speaker said",
  "^[Tt]he authors said", "^[Ss]?[Hh]e thinks", "^[Tt]he reply" }

-- "Ana Lima (Fjord) asked whether ...? She said ...": who asked, the question, the answer; NEXT is the line below.
local function asked_by(s, below, ctx)
  local who, at = match(s, "^(%u[^.?!:;\"]-) asked,?:? ()")
  if not who or #who > 80 then return nil end
  local name = match(who, "^(.-)%s*%([^()]*%)$") or match(who, "^(.-),? from %u.*$") or who
  if names.person(name, ctx) == 0 then return nil end
  local q, rest = match(s, "^(.-%?)%s*(.*)$", at)
  if not q then q, rest = match(s, "^(.-%.)%s+(.*)$", at) end
  q, rest = q or s:sub(at), rest or ""
  if rest == "" and below then rest = below end
  for _, p in ipairs(answering) do
    if find(rest, p) then return { q = q, a = rest, asker = name } end
  end
end

-- Questions of POST with the bytes they stand at.
function M.find(L, post, ctx)
  local list, i = {}, post.body
  while i <= post.last do
    local s = L:length(i) <= 2000 and L:get(i) or ""
    s = marks.unbullet(s)
    local word, who, rest = label(s)
    if word and asks[word] and rest then
      local from, first = i, L.s[i]
      -- "Q: Ana Lima (Fjord): what about ...?"
      local named, asked = match(rest, "^(%u[^:?.]-):%s+(.+)$")
      if not who and named and #named <= 80 and names.person((named:gsub("[,%s]*%([^()]*%)$", ""):gsub(",.*$", "")),
        ctx) > 0 then who, rest = named, asked end
      local q, a = both(rest)
      if not q then
        q = rest
        local j = i + 1
        while j <= post.last and j - i <= 12 and L:length(j) <= 2000 do
          local line = marks.unbullet(L:get(j))
          local w, _, r = label(line)
          if w and answers[w] then
            a, i = r, j
            local k = j + 1
            while k <= post.last and L.gap[k] == 0 and L:length(k) <= 2000 and not label(marks.unbullet(L:get(k)))
              and k - j <= 12
              and L:indent(k) >= L:indent(j) and marks.unbullet(L:get(k)) == L:get(k) do
              a = a .. " " .. L:get(k)
              i, k = k, k + 1
            end
            break
          elseif w or L.gap[j] > 1 then
            break
          end
          if L.gap[j] == 0 then q = q .. " " .. line else break end
          j = j + 1
        end
      end
      if a then list[#list + 1] = { at = first - 1, line = from, value = { q = q, a = a, asker = resolve(who,
        ctx) } } end
    end
    if not word and find(s, "asked", 1, true) then
      local value, at = told(s)
      if not value then
        local below = i < post.last and L.gap[i + 1] == 0 and L:length(i + 1) <= 2000 and L:get(i + 1) or nil
        value, at = asked_by(s, below, ctx), find(L:get(i), s, 1, true)
      end
      if value then list[#list + 1] = { at = L.s[i] + at - 2, line = i, value = value } end
    end
    i = i + 1
  end
  return list
end

return M
