--- What summarisers share: a note read into sentences with features, and the best of them picked.
---
---     require "lectern.rank"                    -- the helper, at the top of the plugin's file
---     local doc = lectern.summary.read(note)
---     return lectern.summary.pick(doc, doc:lexrank(), 3)
---
--- Headings, data about the talk, rows, lone links, apologies and bare points are read too but are never picked; where a
--- note has nothing else, the longer of its points are.

---@class lectern.summary
local summary = {}

local SAME <const> = 0.7 -- two sentences whose cosine is larger say the same

local rank, language

local function english()
  rank = rank or require "lectern.rank"
  language = language or rank.language(require "lectern._english")
  return language
end

--- The body of a note as a document of lectern.rank. OPTIONS: about, words to look for; title, in place of the note's.
---@param note { body: string?, title: string? }
---@param options { about: string?, title: string? }?
---@return lectern.rank.document
function summary.read(note, options)
  local english_words = english()
  return rank.read(note.body or "", english_words, {
    title = options and options.title or note.title, about = options and options.about,
  })
end

--- Chosen lines, to ask how near another comes to them: lines:closest(text) -> cosine, lines:add(text).
---@return lectern.rank.lines
function summary.lines()
  local english_words = english()
  return rank.lines(english_words)
end

local FEW <const> = 12 -- so many are found one by one; who wants more has them all sorted

-- An iterator over the usable sentences, best first; of equal ones the earlier.
local function ordered(doc, scores)
  local left, n, given = {}, 0, 0
  for i = 1, doc:count() do
    if scores[i] and doc:usable(i) then
      n = n + 1
      left[n] = i
    end
  end
  local function better(a, b)
    local x, y = scores[a], scores[b]
    return x > y or x == y and a < b
  end
  return function()
    given = given + 1
    if given == FEW then
      table.sort(left, better)
    elseif given < FEW and n > 0 then
      local best = 1
      for k = 2, n do
        if scores[left[k]] > scores[left[best]] then best = k end
      end
      n = n - 1
      return table.remove(left, best)
    end
    return left[given - FEW + 1]
  end
end

--- The COUNT best sentences in the order of the text, as a summariser returns them; none says what a better one said.
--- SCORES: a number for each sentence, false for one that is not to be had.
---@param doc lectern.rank.document
---@param body string what was read
---@param scores (number|false)[]
---@param count integer
---@return { span: integer[], score: number, index: integer }[]
function summary.pick(doc, body, scores, count)
  local picked, lines = {}, nil
  for i in ordered(doc, scores) do
    local first, last = doc:span(i)
    local text = count > 1 and body:sub(first + 1, last)
    lines = lines or count > 1 and summary.lines()
    if not lines or #picked == 0 or lines:closest(text) < SAME then
      picked[#picked + 1] = { span = { first, last }, score = scores[i], index = i }
      if #picked >= count then
        break
      end
      if lines then
        lines:add(text)
      end
    end
  end
  table.sort(picked, function(a, b) return a.index < b.index end)
  return picked
end

--- What each feature added to the score of sentence I: its value times its weight, where that is not 0.
---@param doc lectern.rank.document
---@param i integer
---@param weights table<string, number>
---@return table<string, number>
function summary.terms(doc, i, weights)
  local terms = {}
  for name, value in pairs(doc:features(i)) do
    local weight = weights[name]
    if weight and weight ~= 0 then
      terms[name] = value * weight
    end
  end
  return terms
end

return summary
