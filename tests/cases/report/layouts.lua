-- Writes small reports in many layouts, made of one stock of titles, names and organisations, and what each holds; or compares
-- what was found with that. The layouts are those of programmes, blogs, wikis and lists; titles that look like names and names
-- that look like words are in the stock on purpose. The same seed gives the same texts.
--
-- usage: lua5.4 tests/cases/report/layouts.lua write FOLDER SEED            NAME.txt for each layout, and wanted.tsv
--        lua5.4 tests/cases/report/layouts.lua compare FOLDER TALKS LEAST   TALKS: what `lectern list --json` printed after they
--            were imported; prints what is missing, too much or different; status 1 where less than LEAST percent is right

local here <const> = arg[0]:match "^(.*)/" or "."
local command <const>, folder <const> = arg[1], arg[2]

-- ---- the stock ------------------------------------------------------------------------------------------------------

local TITLES <const> = [[
Bit Rot at Scale
Crash Cart
Grace under Pressure
Cold Start Blues
Memory Lane Revisited
Who Watches the Watchers?
Silent Night: Draining a Cluster
The Last Mutex
How to Lose a Leap Second
Towards Honest Benchmarks
Rust in Peace
What Every Librarian Knows about Caching
Filing Cabinets, Reconsidered
Threads, Fibers, and Other Yarn
Undo
Kestrel: A Filesystem for Tape
Fast, Cheap, Correct: Pick Three
Why We Left the Cloud (and Came Back)
Beyond Semaphores
Ten Thousand Tiny Lambdas
A Tale of Two Allocators
From Zero to Pager in 30 Days
Debugging by Candlelight
No Time to Wait
Dark Matter Developers
Open Heart Surgery on a Live Database
C++ for People in a Hurry
On the Virtues of Boredom
Building a compiler with my kids
Understanding tail latency
It's Always DNS
Learning from 1,000 Outages
HTTP/3 in Practice
Proofs You Can Carry
Hash Tables Need No Hope
Mind the Gap
Linear Types by Example
]]

local PEOPLE <const> = [[
Marisa Holm
Tobias Falk
Ng Wei Ling
Oluwaseun Bello
Grace Page
Will Stone
Summer Knight
Jean-Luc Petit
Ana María Restrepo
Søren Bjerregaard
Jiří Vondra
Priya S. Raman
J. T. Halloway
Anneke van der Berg
Mei-Hui Tseng
Robert O'Hara
Lars-Erik Ström
Fatima Zahra Idrissi
Hyun-woo Seo
Akira Tanaka
Li Na
Chidi Anozie
Constance Webb
Iqbal Hossain
Ewa Lis
Delphine Roussel
Gunnar Selvaag
Siobhan McGrath
Dieter Kraus
Zoë Marchetti
Thandeka Moyo-Reid
Nadia El-Amin
Ivo Petkov
Paloma Reyes
]]

local FIRMS <const> = [[
Fjord Labs
University of Upton
TU Graz
Quarrystone
Acme
MIT
Hearth & Co
Redfern University
KTH
Slate Systems
Indus Cloud
ETH Zurich
IIT Bombay
Polar Bank
Institut Polytechnique
Basalt Inc.
Delta Transport Institute
Carrier9
openKelp
Ministry of Maps
]]

local PROSE <const> = [[
It was the best session of the morning and the room was full.
They looked at a year of logs and found that most of the failures had one cause. The fix was four lines long.
I did not follow all of the details, but the graphs were convincing and the demo worked.
A careful study of what happens when a disk is slow rather than dead. Worth reading if you run storage.
Half of the audience seemed to have had the same problem. We talked about it over lunch.
The numbers are impressive: three times faster on half of the machines. I wonder how it would do with our load.
He showed a tool that rewrites the configuration and tells you what it changed.
She argued that we should measure first. Nobody disagreed, and nobody does it.
The main idea is to keep two copies and to compare them only when it is cheap to do so.
]]

local HEADS <const> = [[
Notes from %s
%s trip report
Trip report: %s
Back from %s
%s: what I saw
My notes on %s
%s - programme
Highlights from %s
]]

local OPENINGS <const> = [[
Some notes from last week, mostly so that I can find them again.
I went there with two colleagues. Below is what I saw; errors are mine.
It was my first time and I enjoyed it.
]]

-- ---- the layouts ----------------------------------------------------------------------------------------------------

-- NAME OPTIONS: then lines for each talk, "\n" for line ends. Options: one (speaker), nofirm, shared (one firm for all), plain (no
-- quotation marks in titles), caps. {3: text} stands before each third talk, {first: text} before the first only.
local LAYOUTS <const> = [==[
by-bracket shared: {title} by {shared}\n\n{text}\n
by-bare nofirm: {title} by {names}\n\n{text}\n
dash nofirm: {title} — {list}\n\n{text} {more}\n
person-colon nofirm one: {names}: {title}\n{text}\n
person-dash shared: {shared} - {title}\n{text}\n
title-names nofirm: {title}\n{names}\n\n{text}\n
title-each: {title}\n{each}\n\n{text}\n
title-comma shared: {title}\n{comma}\n\n{text}\n
title-apart: {title}\n\n{semicolons}\n\n{text}\n
hash-names nofirm: ## {title}\n\n*{names}*\n\n{text}\n
hash-by shared: ### {title}\nby {shared}\n\n{text}\n
hash-dash nofirm: ### {title} - {names}\n\n- {text}\n- {more}\n
hash-person nofirm one: ## {names}: {title}\n\n{text}\n
hash-bracket nofirm: ## {title} ({names})\n\n{text}\n
bold shared: **{title}** by {shared}\n\n{text}\n
clock nofirm: {clock} {title} — {list}
clock-prose nofirm: {clock} - {title} - {names}\n\n{text}\n
clock-range: {clock}–{next}\n{title}\n{each}\n
clock-apart: {clock}-{next}\n\n{title}\n\n{semicolons}\n\n{text} {more}\n
clock-above nofirm: {clock}\n{title}\n{list}\n
clock-firm shared: {clock}–{next}: {title}, {shared}
clock-bold nofirm: **{clock}** {title} ({names})\n
clock-person nofirm one: {clock} {names} - {title}
clock-quoted nofirm plain: {clock} {names} "{title}"
clock-room nofirm: {4:Monday, 3 June\n\n}{clock} | {room} | {title} | {list}
clock-below: {clock} {title}\n        {semicolons}\n
star nofirm: * *{title}*. {list}.\n  {text}
points nofirm: - {title} ({names})
points-remark nofirm: - {title} ({names}): {text}
points-person nofirm one: * {names}: {title}
points-comma nofirm one: {first:There were lightning talks in the evening:\n\n}* {title}, {names}
points-stop: • {title}. {each}
points-nested nofirm: - {names} - {title}\n  - {text}\n  - {more}
points-dash nofirm: • {title} — {list}\n    ◦ {text}\n    ◦ {more}
numbered shared: {n}. {title} by {shared}\n{text}\n
numbered-quoted nofirm plain: {n}) "{title}" - {names}\n\n{text}\n
numbered-person shared one: {n}. {shared}: {title}\n\n{text}\n
quoted shared plain: “{title}” by {shared}\n\n{text}\n
quoted-firm shared plain: "{title}" — {comma}\n\n{text}\n
quoted-on shared plain: {shared} on “{title}”\n\n{text}\n
told shared plain: {shared} presented “{title}”. {text}\n
told-in shared plain: In “{title}”, {shared} showed how to do it. {text}\n
told-called shared plain: {shared} gave a talk called “{title}”. {text}\n
told-next nofirm plain: Next up was {names} with “{title}”. {text}\n
told-after nofirm plain: After the break {names} presented “{title}”. {text}\n
told-given nofirm plain: “{title}” was given by {names}. {text}\n
tabs nofirm: {first:Time\tTitle\tSpeaker\tRoom\n}{clock}\t{title}\t{list}\t{room}
tabs-bare nofirm: {clock}\t{title}\t{list}\t{room}
bars nofirm: {first:| Time | Title | Speaker |\n|---|---|---|\n}| {clock} | {title} | {list} |
bars-person: {each} | {title}\n
slashes nofirm: {title} / {list} / {room}
bar nofirm: {title} | {list}\n{text}\n
labels: Title: {title}\nSpeaker: {each}\nAbstract: {text}\n
labels-below shared: {title}\n\nSpeaker: {shared}\nTrack: Blue\nLevel: Beginner\n\n{text}\n
label shared: {title}\nSpeaker: {shared}\n\n{text}\n
label-room nofirm: {title}\nSpeaker: {list} | Room: Blue\n\n{text}\n
presented shared: {title}\nPresented by {shared}\n\n{text}\n
talk shared: Talk {n}: {title}\n{shared}\n\n{text}\n
talk-dash nofirm: Talk: {title} - {names}\n\n{text}\n
sessions: {3:Session 1: Storage\n\n}{title}\n{each}\n\n{text}\n
chairs: {3:Session 1: Storage\nSession Chair: Odette Marchbanks, Lodestone Research\n\n}{title}\n{semicolons}\n\n{text}\n
days nofirm: {4:Day 1\n\n}{title} - {names}\n\n{text}\n
keynotes shared: {4:Keynote: }{title} by {shared}\n\n{text}\n
takeaways shared: {title}\n{comma}\n\n{text}\n\nTakeaways\n\n{more}\n
abstracts shared: {title}\n{shared}\n\nAbstract\n{text} {more}\n
about one: {title}\n\n{semicolons}\n\n{text}\n\nAbout the speaker\n\nLives with two cats.\n
links nofirm: {title} [slides] [video]\n{names}\n\n{text}\n
handles nofirm one: {title} – {names} (@somebody)\n\n{text}\n
firm-below one: {title}\n{names}\n{firm}\n\n{text}\n
roles one: {title}\n{names}, Principal Engineer at {firm}\n\n{text}\n
ruled shared: {title}\n----------\n{shared}\n\n{text}\n
wiki shared: === {title} ===\nSpeaker: {shared}\n\n* {text}\n* {more}\n
indented nofirm: {title} -- {names}\n    {text}\n    {more}\n
capitals shared caps: {title}\n{shared}\n\n{text}\n
person-above shared: {shared}\n{title}\n\n{text}\n
person-firm-above one: {names}, {firm}\n{title}\n{text}\n
list-in-prose nofirm: {first:I went with two colleagues. {text} {more}\n\nTalks that I saw:\n\n}- {title} ({names})
]==]

-- ---- writing --------------------------------------------------------------------------------------------------------

local function lines_of(s)
  local out = {}
  for line in s:gmatch "[^\n]+" do out[#out + 1] = line end
  return out
end

local function deck(s)
  local cards = lines_of(s)
  for i = #cards, 2, -1 do
    local j = math.random(i)
    cards[i], cards[j] = cards[j], cards[i]
  end
  local at = 0
  return function()
    at = at % #cards + 1
    return cards[at]
  end
end

-- "A", "A and B", "A, B and C"
local function joined(list)
  if #list < 2 then return list[1] end
  return table.concat(list, ", ", 1, #list - 1) .. (#list > 2 and ", and " or " and ") .. list[#list]
end

local function clock(i) return ("%02d:%02d"):format((540 + i * 45) // 60, (540 + i * 45) % 60) end

local function crowd(options, person, firm)
  local count = options.one and 1 or ({ 1, 1, 1, 2, 2, 3 })[math.random(6)]
  local people, first = {}, nil
  for k = 1, count do
    people[k] = { name = person(), firm = not options.nofirm and (options.shared and first or firm()) or nil }
    first = people[1].firm
  end
  return people
end

local function words_for(people)
  local names, each, pairs_ = {}, {}, {}
  for k, p in ipairs(people) do
    names[k], each[k] = p.name, ("%s (%s)"):format(p.name, p.firm)
    pairs_[k] = ("%s, %s"):format(p.name, p.firm)
  end
  local firm = people[1].firm or ""
  return { names = joined(names), list = table.concat(names, ", "), each = table.concat(each, ", "), firm = firm,
    semicolons = table.concat(pairs_, "; "), shared = ("%s (%s)"):format(joined(names), firm),
    comma = ("%s, %s"):format(joined(names), firm) }
end

local function filled(template, values) return (template:gsub("{(%a+)}", values)) end

-- TEMPLATE for talk I, without or with what stands before some talks.
local function unfolded(template, i)
  return (template:gsub("^{(%w+):(.*\\n)}", function(when, text)
    local now = when == "first" and i == 1 or tonumber(when) and i % tonumber(when) == 1
    return now and text or ""
  end):gsub("^{(%d):([^{}]*)}", function(when, text) return i % tonumber(when) == 1 and text or "" end))
end

local function name_of_event(k)
  local letters = ""
  for _ = 1, 3 do letters, k = string.char(65 + k % 26) .. letters, k // 26 end
  return "QUAY" .. letters
end

local function write(seed)
  math.randomseed(seed)
  local title, person, firm = deck(TITLES), deck(PEOPLE), deck(FIRMS)
  local prose, head, opening = deck(PROSE), deck(HEADS), deck(OPENINGS)
  local wanted = assert(io.open(folder .. "/wanted.tsv", "w"))
  for number, layout in ipairs(lines_of(LAYOUTS)) do
    local name, said, template = layout:match "^([%w-]+)([%a ]*): (.*)$"
    local options = {}
    for word in said:gmatch "%a+" do options[word] = true end
    local event = name_of_event(number + seed * 1000)
    local out = { head():format(event .. " 2019"), "" }
    if number % 3 > 0 then out[3], out[4] = opening(), "" end
    for i = 1, 7 do
      local people = crowd(options, person, firm)
      local values = words_for(people)
      values.title, values.text, values.more, values.n = title(), prose(), prose(), tostring(i)
      if options.caps then values.title = values.title:upper() end
      values.clock, values.next, values.room = clock(i), clock(i + 1), i % 2 == 0 and "Room 1" or "Hall A"
      out[#out + 1] = filled(unfolded(template, i), values):gsub("\\n", "\n"):gsub("\\t", "\t")
      local list = {}
      for k, p in ipairs(people) do list[k] = p.name .. (p.firm and " (" .. p.firm .. ")" or "") end
      wanted:write(("%s\t%s\t%s\t%s\n"):format(event, name, values.title, table.concat(list, "; ")))
    end
    local handle = assert(io.open(("%s/%s.txt"):format(folder, name), "w"))
    handle:write(table.concat(out, "\n"), "\n")
    handle:close()
  end
  wanted:close()
end

-- ---- comparing ------------------------------------------------------------------------------------------------------

local function fold(s) return (s:lower():gsub("%.$", "")) end

local function found_in(path)
  local json = dofile(here .. "/json.lua")
  local handle = assert(io.open(path, "rb"))
  local talks, found = json.read(handle:read "a"), {}
  handle:close()
  for _, t in ipairs(talks) do
    local people = {}
    for k, s in ipairs(t.speakers) do
      people[k] = s.name .. (s.affiliations[1] and " (" .. table.concat(s.affiliations, ", ") .. ")" or "")
    end
    local event = t.event ~= json.null and t.event and t.event.name or "none"
    found[event] = found[event] or {}
    table.insert(found[event], { title = t.title, people = table.concat(people, "; ") })
  end
  return found
end

local function compare(path, least)
  local found, all, right, exact, extra = found_in(path), 0, 0, 0, 0
  local names = {}
  for line in io.lines(folder .. "/wanted.tsv") do
    local event, name, title, people = line:match "^(.-)\t(.-)\t(.-)\t(.*)$"
    all, names[event] = all + 1, name
    local hit
    for k, t in ipairs(found[event] or {}) do
      if not hit and fold(t.title) == fold(title) then hit = table.remove(found[event], k) end
    end
    if hit then right = right + 1 end
    if hit and hit.people == people then exact = exact + 1
    else print(("%s: '%s' by %s: %s"):format(name, title, people, hit and "found by " .. hit.people or "missing")) end
  end
  for event, list in pairs(found) do
    for _, t in ipairs(list) do
      extra = extra + 1
      print(("%s: '%s' by %s is too much"):format(names[event] or event, t.title, t.people))
    end
  end
  local recall, precision, people = 100 * right / all, 100 * right / (right + extra), 100 * exact / all
  print(("%d talks: recall %.1f, precision %.1f, speakers and organisations %.1f percent"):format(all, recall, precision, people))
  os.exit(math.min(recall, precision, people) >= least)
end

if command == "write" then write(assert(tonumber(arg[3]))) else compare(arg[3], assert(tonumber(arg[4]))) end
