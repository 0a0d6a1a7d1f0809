-- Checks the answer keys of this folder against the texts they describe: a key with a wrong line, or with a name that
-- is not in its text, would teach the importer to invent.
--
-- usage: lua5.4 tests/cases/report/check_gold.lua [FOLDER [COLLECTION]]
--        prints what is wrong, a line each; status 1 if anything is
--
-- A text is looked for beside its key, then in COLLECTION (default ../shared/corpus); a key whose text is in neither is
-- passed over. Every title must begin in its line and every name stand in the text; white space, case, quotes, hard
-- wraps and `> ` are folded.

local folder <const> = arg[1] or "tests/cases/report"
local collection <const> = arg[2] or "../shared/corpus"
local found, checked, passed_over = 0, 0, 0

local function bad(key, line, why)
  found = found + 1
  print(("%s:%s: %s"):format(key, line, why))
end

local function shell(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local QUOTES <const> = {
  ["\u{2018}"] = "'", ["\u{2019}"] = "'",
  ["\u{201c}"] = '"', ["\u{201d}"] = '"', ["\u{201e}"] = '"',
}

local function fold(text)
  for curly, straight in pairs(QUOTES) do text = text:gsub(curly, straight) end
  return (text:lower():gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

-- A line without the marks of a quoted mail.
local function unquoted(line)
  local rest = line:gsub("\r$", "")
  while rest:find "^>+ ?" do rest = rest:gsub("^>+ ?", "") end
  return rest
end

local function text_of(file)
  for _, path in ipairs { folder .. "/" .. file, collection .. "/" .. file } do
    local handle = io.open(path, "rb")
    if handle then
      local lines = {}
      for line in handle:lines() do lines[#lines + 1] = fold(unquoted(line)) end
      handle:close()
      return lines
    end
  end
end

-- The line and what may follow it when its sentence is wrapped.
local function passage(lines, number)
  return fold(table.concat(lines, " ", number, math.min(number + 5, #lines)))
end

local function begins_in(lines, number, what)
  if number < 1 or number > #lines then return false end
  local at = passage(lines, number):find(fold(what), 1, true)
  return at ~= nil and at <= math.max(#lines[number], 1)
end

-- Rows that jq makes of a key: kind of fact, line, text.
local ROWS <const> = [==[
  def row($kind; $line; $text): [$kind, ($line | tostring), ($text | tostring)] | @tsv;
  def given: .talks + (.talks_maybe // []) + .papers + .mentions;
  def asked: .questions + (.questions_maybe // []);
  row("file"; 0; .file),
  row("posts"; 0; .posts | length),
  ((.people + (.people_maybe // []))[] | row("listed"; 0; .)),
  (given[] | row("item"; .line; .title)),
  (.posts[] | row("head"; .line; .title)),
  (given[] | row("title"; .line; .title)),
  (.posts[] | row("name"; .line; .author // empty)),
  (given[] | row("name"; .line; .session, .room, .building | select(. != null))),
  (given[] | row("post"; .line; .post // empty)),
  (given[] | .line as $line | .speakers[] | row("name", "person"; $line; .name), row("name"; $line; .affiliations[])),
  (.awards[] | row("name"; 0; .name), row("name", "person"; 0; .person // empty), row("given"; 0; .talk // empty)),
  ((.people + (.people_maybe // []))[] | row("name"; 0; .)),
  (asked[] | row("line"; .line; "question"), row("name"; .line; .asker // empty), row("given"; .line; .talk // empty)),
  ((.dead_links + (.dead_links_maybe // []))[] | row("line"; .; "link"))
]==]

local function rows(path)
  local list = {}
  local pipe = assert(io.popen("jq -r " .. shell(ROWS) .. " " .. shell(path) .. " 2>&1"))
  for line in pipe:lines() do
    local kind, number, text = line:match "^(%l+)\t(%d+)\t(.*)$"
    if not kind then bad(path, 0, line) end
    text = (text or line):gsub("\\\\", "\\")
    list[#list + 1] = { kind = kind or "broken", line = tonumber(number or 0), text = text }
  end
  if not pipe:close() then bad(path, 0, "jq cannot read it") end
  return list
end

local function check(path)
  local facts, lines = rows(path), nil
  local listed, items, posts = {}, {}, 0
  for _, fact in ipairs(facts) do
    if fact.kind == "file" then lines = text_of(fact.text) end
    if fact.kind == "listed" then listed[fact.text] = true end
    if fact.kind == "item" then items[fact.text] = true end
    if fact.kind == "posts" then posts = tonumber(fact.text) end
  end
  if not lines then
    passed_over = passed_over + 1
    return
  end
  local whole <const> = fold(table.concat(lines, " "))
  local want = {
    -- A mail has its subject some lines below its first.
    head = function(fact)
      return passage(lines, fact.line):find(fold(fact.text), 1, true) ~= nil, "does not stand at the head"
    end,
    title = function(fact) return begins_in(lines, fact.line, fact.text), "does not begin here" end,
    name = function(fact) return whole:find(fold(fact.text), 1, true) ~= nil, "is not in the text" end,
    person = function(fact) return listed[fact.text], "is not among the people" end,
    given = function(fact) return items[fact.text], "is no title of the list" end,
    line = function(fact) return (lines[fact.line] or "") ~= "", "stands in an empty line" end,
    post = function(fact) return tonumber(fact.text) < posts, "no such post" end,
  }
  for _, fact in ipairs(facts) do
    local test = want[fact.kind]
    if test then
      checked = checked + 1
      local good, why = test(fact)
      if not good then bad(path, fact.line, ("'%s' %s"):format(fact.text, why)) end
    end
  end
end

local pipe = assert(io.popen("ls " .. shell(folder) .. "/*.json"))
for path in pipe:lines() do check(path) end
pipe:close()
print(("%d facts checked, %d keys without their text, %d faults"):format(checked, passed_over, found))
os.exit(found == 0 and checked > 0)
