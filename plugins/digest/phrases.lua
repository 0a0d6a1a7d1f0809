-- The command keyphrases: runs of words between stop words, the best by how often, how early and in what company they
-- come. After RAKE (Rose et al. 2010) and what a title is good for.

local lectern = require "lectern"
local common = require "digest.common"
local style, text = lectern.style, lectern.text

local WORDS_MAX <const> = 4

local stop = {}
for word in (require("lectern._english").stop .. [[ also etc e.g i.e use used uses using one two three first second new like many much make makes
  made get gets got really thing things way ways lot want need needs say says said see know good better best well even still now just
  talk talks slide slides speaker question questions answer yes http https www com org every never always maybe]]):gmatch "%S+" do
  stop[word] = true
end

-- What counts as the same word: plurals do.
local function root(word)
  if #word > 3 and word:find "s$" and not word:find "[su]s$" then return word:sub(1, -2) end
  return word
end

-- Calls f(words) for each run of words without a stop word or a mark between.
local function each_run(sentence, f)
  local run, at = {}, 1
  local function close()
    if #run > 0 then f(run) end
    run = {}
  end
  sentence = sentence:gsub("%[([^%[%]]*)%]%([^()%s]*%)", "%1"):gsub("https?://%S+", " . ")
  for from, word, to in sentence:gmatch "()([%w\x80-\xff][%w\x80-\xff'+#/-]*)()" do
    if sentence:sub(at, from - 1):find "[^%s]" then close() end
    at = to
    local folded = text.words(word, true)
    if stop[table.concat(folded, " ")] or stop[word:lower()] or #word < 2 or word:find "^%d+$" then close() else run[#run + 1] = word end
  end
  close()
end

-- { key = { phrase, words, count, first } }, and how many neighbours each word has.
local function candidates(sentences)
  local found, degree, frequency, n = {}, {}, {}, 0
  for i, sentence in ipairs(sentences) do
    each_run(sentence, function(run)
      if #run > WORDS_MAX then return end
      local roots = {}
      for k, word in ipairs(run) do
        roots[k] = root(word:lower())
        degree[roots[k]] = (degree[roots[k]] or 0) + #run
        frequency[roots[k]] = (frequency[roots[k]] or 0) + 1
      end
      local key = table.concat(roots, " ")
      local item = found[key]
      if not item then
        n = n + 1
        item = { phrase = table.concat(run, " "), roots = roots, count = 0, first = i, ord = n }
        found[key] = item
      end
      item.count = item.count + 1
    end)
  end
  return found, degree, frequency
end

-- The title, then what the text says: names and data only where it says nothing else.
local function sentences_of(note)
  local body, list = note.body or note.abstract or "", { note.title or "" }
  local doc = lectern.summary.read { title = note.title, body = body }
  for i = 1, doc:count() do
    local first, last = doc:span(i)
    if doc:usable(i) then list[#list + 1] = body:sub(first + 1, last) end
  end
  for _, span in ipairs(#list == 1 and text.sentences(body) or {}) do list[#list + 1] = body:sub(span[1] + 1, span[2]) end
  return list
end

local function phrases_of(note, limit)
  local found, degree, frequency = candidates(sentences_of(note))
  local title, list = " " .. text.key(note.title or "") .. " ", {}
  for _, item in pairs(found) do
    local sum = 0
    for _, word in ipairs(item.roots) do sum = sum + degree[word] / frequency[word] * math.log(1 + frequency[word]) end
    local early, length = 1 + 1 / item.first, #item.roots == 1 and 0.6 or #item.roots <= 3 and 1 or 0.8
    item.score = sum / math.sqrt(#item.roots) * math.log(1 + item.count, 2) * early * length
    local in_title = (item.count > 1 or #item.roots > 1) and title:find(" " .. text.key(item.phrase) .. " ", 1, true)
    item.score = item.score * (in_title and 1.5 or 1)
    list[#list + 1] = item
  end
  table.sort(list, function(a, b) return a.score > b.score or a.score == b.score and a.ord < b.ord end)
  local best = {}
  for i = 1, math.min(limit, #list) do
    best[i] = { phrase = list[i].phrase, score = tonumber(("%.3f"):format(list[i].score)), count = list[i].count }
  end
  return best
end

-- A talk's notes as one text under its title.
local function whole(object)
  if object.type ~= "talk" then return object end
  local bodies = {}
  for i, id in ipairs(object.notes) do bodies[i] = lectern.notes.get(id, { body = true }).body end
  return { title = object.title, body = #bodies > 0 and table.concat(bodies, "\n\n") or object.abstract }
end

local function targets(args, job)
  if args.target ~= "-" then return lectern.notes.target { args.target } end
  local list = {}
  for id in (job:stdin() or ""):gmatch "%S+" do
    list[#list + 1] = lectern.notes.get(id, { body = true })
      or lectern.fail(("no talk or note '%s'"):format(id), { code = "E_NOTFOUND", hint = "lectern search finds by words" })
  end
  return list
end

return function(args, job)
  local list, out = {}, {}
  for _, object in ipairs(targets(args, job)) do
    local title = object.title or object.name
    local phrases = phrases_of(whole(object), args.limit)
    list[#list + 1] = { target = object.id, title = title or lectern.null, phrases = phrases }
    out[#out + 1] = style.bold(common.line(title or object.short))
    for _, item in ipairs(phrases) do out[#out + 1] = "  " .. item.phrase end
  end
  if #list == 0 then return common.nothing(job, list, "notes", { query = args.target }) end
  return list, table.concat(out, "\n") .. "\n"
end
