-- What stands inside a passage: #tags, links, [[wikilinks]], questions with their answers. Each scan starts from a
-- plain search for the bytes that could begin one, so that text without any costs next to nothing; code (fences, spans,
-- indented lines) is looked at only when there is a candidate.

local attachments = require "lectern.attachments"

local M = {}

local find, sub, byte, match = string.find, string.sub, string.byte, string.match
local max, min = math.max, math.min

-- Whether only blanks and quote marks stand before AT in its line.
local function starts_line(text, at)
  local line = sub(text, max(1, at - 80), at - 1)
  return at == 1 or find(line, "\n[ \t>]*$") ~= nil or at <= 4 and find(line, "^[ \t]*$") ~= nil
end

-- Ranges of fenced code and code spans, in order: { from, to, from, to, ... } (1-based, inclusive).
local function code_ranges(text)
  local ranges, n, at = {}, 0, 1
  local tilde = find(text, "~~~", 1, true)
  while true do
    local a = find(text, "`", at, true)
    if tilde and (not a or tilde < a) then
      local _, stop, fence = find(text, "^(~~~+)[^\n]*\n", tilde)
      local starts = tilde == 1 or find(sub(text, max(1, tilde - 4), tilde - 1), "\n *$")
      if stop and starts then
        local _, close = find(text, "\n *" .. fence .. "~*[ \t]*\r?\n", stop - 1)
        close = close or #text
        ranges[n + 1], ranges[n + 2], n, at = tilde, close, n + 2, close + 1
        tilde = find(text, "~~~", close + 1, true)
      else
        tilde = find(text, "~~~", tilde + 3, true)
      end
      goto continue
    end
    if not a then return ranges end
    do
      local _, run_end = find(text, "^`+", a)
      local width = run_end - a + 1
      if width >= 3 and starts_line(text, a) and not find(text, "^[^\n]*`", run_end + 1) then
        local fence = ("`"):rep(width)
        local close, stop = run_end
        repeat
          close, stop = find(text, "\n[ \t>]*" .. fence .. "`*[ \t]*\r?\n?", close)
        until not close or stop == #text or byte(text, stop) == 10
        stop = close and stop or #text
        ranges[n + 1], ranges[n + 2], n, at = a, stop, n + 2, stop + 1
      else
        -- A span ends at a run of the same width before the next blank line.
        local from, stop = run_end + 1, nil
        local blank = min(find(text, "\n[ \t]*\r?\n", from) or #text + 1, from + 4096)
        while not stop do
          local b = find(text, "`", from, true)
          if not b or b > blank then break end
          local _, e = find(text, "^`+", b)
          if e - b + 1 == width then stop = e else from = e + 1 end
        end
        if stop then ranges[n + 1], ranges[n + 2], n = a, stop, n + 2 end
        at = (stop or run_end) + 1
      end
    end
    ::continue::
  end
end

local function never() return false end

-- A function that tells whether byte AT lies in code; the ranges are made when it is first asked.
local function in_code(text)
  if not find(text, "`", 1, true) and not find(text, "~~~", 1, true) then return never end
  local ranges, i
  return function(at)
    if not ranges then ranges, i = code_ranges(text), 1 end
    if i > 1 and ranges[i - 1] >= at then i = 1 end
    while ranges[i + 1] and ranges[i + 1] < at do i = i + 2 end
    return ranges[i] ~= nil and ranges[i] <= at
  end
end

local function hex_colour(tag)
  return (#tag == 3 or #tag == 6 or #tag == 8) and not find(tag, "%X")
    and (find(tag, "%d") ~= nil or find(tag, "^(%x)%1+$") ~= nil)
end

local function scan_tags(text, tags, seen, code)
  local at = find(text, "#", 1, true)
  while at do
    local nxt = byte(text, at + 1)
    -- A letter or a byte of a letter beyond ASCII has to follow; "# Title", "#1" and "##" are no tags.
    if nxt and (nxt >= 97 and nxt <= 122 or nxt >= 65 and nxt <= 90 or nxt >= 0xc3) then
      local before = at > 1 and byte(text, at - 1) or 10
      if before == 32 or before == 10 or before == 9 or before == 40 and byte(text, at - 2) ~= 93 or before == 44
        or before == 13 then
        local tag = match(text, "^[%w_/\x80-\xff-]+", at + 1):gsub("[-/]+$", "")
        -- No-break space, curly quotes, dashes and the like end a tag.
        local stop = find(tag, "\xe2\x80", 1, true) or find(tag, "\xe3\x80", 1, true) or find(tag, "\xc2\xa0", 1, true)
          or find(tag, "\xef\xbc", 1, true)
        if stop then tag = sub(tag, 1, stop - 1) end
        local line = sub(text, max(1, at - 200), at - 1)
        local indented = find(line, "\n    [ \t]*$") or find(line, "\n\t[ \t]*$")
        if tag ~= "" and not seen[tag] and not hex_colour(tag) and not indented and not code(at) then
          seen[tag] = true
          tags[#tags + 1] = tag
        end
      end
    end
    at = find(text, "#", at + 1, true)
  end
end

local function add_link(links, seen, link)
  local key = link.url or "[[" .. link.target
  if not seen[key] and #links < 500 then
    seen[key] = true
    links[#links + 1] = link
  end
end

local function plain_text(s)
  s = s:gsub("[*`]", ""):gsub("%s+", " ")
  return s ~= "" and s or nil
end

local function scan_wikilinks(text, links, seen, code)
  local at = find(text, "[[", 1, true)
  while at do
    local inner = match(text, "^%[%[([^%[%]\n]+)%]%]", at)
    if inner and byte(text, at - 1) ~= 33 and not code(at) then
      local target, alias = match(inner, "^([^|]*)|(.*)$")
      target = (target or inner):gsub("^%s+", ""):gsub("%s+$", "")
      if target ~= "" then add_link(links, seen, { target = target, text = alias or target }) end
    end
    at = find(text, "[[", at + 2, true)
  end
end

-- [text](url): from "](" the text is looked for backwards within the line's last 300 bytes.
local function scan_inline_links(text, links, seen, code)
  local at, tried = find(text, "](", 1, true), 0
  while at and tried < 5000 do
    tried = tried + 1
    local window = sub(text, at, at + 400)
    local url = match(window, "^%]%(%s*<?([^%s<>()]*%b()[^%s<>()]*)") or match(window, "^%]%(%s*<?([^%s<>)]*)")
    local open, floor = at - 1, max(0, at - 300)
    local c = byte(text, open)
    while open > floor and c ~= 91 and c ~= 93 do
      open = open - 1
      c = byte(text, open)
    end
    if open > floor and c == 91 and not code(at) then
      local label = sub(text, open + 1, at - 1)
      if url == "" and find(label, "^https?://%S+$") then url = label end
      -- Neither images nor places in the same text.
      if url ~= "" and byte(text, open - 1) ~= 33 and byte(url) ~= 35 then
        add_link(links, seen, { url = url, text = plain_text(label) })
      end
    end
    at = find(text, "](", at + 2, true)
  end
end

local function scan_bare_links(text, links, seen, code)
  local at = find(text, "://", 1, true)
  while at do
    local scheme = match(sub(text, max(1, at - 8), at - 1), "%a+$")
    local low = scheme and scheme:lower()
    if low == "http" or low == "https" or low == "ftp" or low == "gemini" then
      local from = at - #scheme
      local before = byte(text, from - 1)
      if before ~= 40 or byte(text, from - 2) ~= 93 then
        local url = match(sub(text, from, from + 2000), "^[^%s<>\"`|%[%]\x00-\x1f]+"):gsub("[.,;:!?'*_]+$", "")
        if not find(url, "(", 1, true) then url = url:gsub("%).*$", "") end
        if #url > #scheme + 3 and not code(from) then add_link(links, seen, { url = url }) end
        at = max(at, from + #url - 3)
      end
    end
    at = find(text, "://", at + 3, true)
  end
end

-- "Q: why? A: because", "**Question (Ana Lima):** ..." at the start of a line, bullets and quotes aside.
local function question_line(line)
  local body = line:gsub("^[%s>]*[-*+]?%s*", "", 1)
  local flat = body:gsub("^[*_]+", ""):gsub("^(%a+)[*_]+", "%1", 1)
  local what, rest = match(flat, "^([QA])%d*%s*[:.)][*_]*%s+(.*)$")
  local asker
  if not what then
    what, asker, rest = match(flat, "^([QA])%s*%(([^()]+)%)%s*[:.]?[*_]*:?%s*(.*)$")
  end
  if not what then
    what, asker, rest = match(flat, "^([QA]) from ([^:]+):[*_]*%s+(.*)$")
  end
  if not what then
    what, rest = match(flat, "^(Question)%s*%d*:[*_]*%s+(.*)$")
    if not what then what, rest = match(flat, "^(Answer)%s*%d*:[*_]*%s+(.*)$") end
  end
  if not what then return nil end
  return what:sub(1, 1), rest, asker
end

local function scan_questions(text, code)
  if not (find(text, "Q:", 1, true) or find(text, "Q.", 1, true) or find(text, "Q*", 1, true) or find(text, "Q (", 1, true)
    or find(text, "Q from ", 1, true) or find(text, "Question", 1, true) or find(text, "Q1", 1, true)) then
    return nil
  end
  local list, open, at = {}, nil, 1
  local function close()
    if open and open.q ~= "" then
      -- Question and answer in one line.
      local q, a = match(open.q, "^(.-)%s+[*_]*A[*_]*:[*_]*%s+(.+)$")
      if not q then q, a = match(open.q, "^(.-)%s+Answer:%s+(.+)$") end
      -- "Question: how? It depends."
      if not q and not open.a then q, a = match(open.q, "^([^?]+%?)%s+([^?]+)$") end
      if q and not open.a then open.q, open.a = q, a end
      list[#list + 1] = open
    end
    open = nil
  end
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local what, rest, asker
    if #line < 2000 and find(line, "[QA]") and not code(at) then what, rest, asker = question_line(line:gsub("\r$", "")) end
    if what == "Q" then
      close()
      open = { q = rest, asker = asker }
    elseif what == "A" and open then
      open.a = open.a and open.a .. " " .. rest or rest
    elseif open then
      local more = match(line, "^%s*(.-)%s*$")
      if more == "" or find(more, "^[#>*+~`-]") or find(more, "^%d+[.)]") then
        if more ~= "" or open.a then close() end
      elseif open.a then open.a = open.a .. " " .. more
      else open.q = open.q .. " " .. more end
    end
    at = at + #line + 1
    if #list >= 200 then break end
  end
  close()
  return list[1] and list or nil
end

-- ---- files beside the text ------------------------------------------------------------------------------------------

-- What these name are notes of their own, or pages.
local texts = {}
for name in ("md markdown mdx txt text org rst adoc html htm php"):gmatch "%S+" do texts[name] = true end

local function add_file(files, seen, url, picture)
  local name = attachments.name(url)
  local extension = name and match(name, "%.(%w+)$")
  if not name or seen[name] or #files >= 200 or not picture and (not extension or texts[extension:lower()]) then return end
  seen[name] = true
  files[#files + 1] = { file = name }
end

local function label_of(s) return (s:gsub("%s+", " "):lower()) end

-- "[knot]: fig/knot.png" anywhere in TEXT: label -> address; nil where there is none. Of two the first counts.
function M.definitions(text)
  if not find(text, "]:", 1, true) then return nil end
  local found, code, at, tried = {}, in_code(text), find(text, "]:", 1, true), 0
  while at and tried < 20000 do
    tried = tried + 1
    local from = max(1, at - 300)
    local before = (from == 1 and "\n" or "") .. sub(text, from, at - 1)
    local label = match(before, "\n ? ? ?%[([^%[%]\r\n]+)$")
    local rest = label and sub(text, at + 2, at + 1002)
    local url = rest and (match(rest, "^[ \t]*<([^<>\r\n]+)>") or match(rest, "^[ \t]*([^%s<>]+)"))
    label = url and label_of(label)
    if url and not found[label] and byte(label) ~= 94 and not code(at) then found[label] = url end
    at = find(text, "]:", at + 2, true)
  end
  return next(found) and found or nil
end

-- Links by a label that DEFINITIONS knows: "![x][knot]", "![knot][]", "![knot]", "[slides][talk]".
local function scan_references(text, definitions, code, add)
  for open, label, at, ref in text:gmatch "(!?)%[([^%[%]\n]*)%]()%[([^%[%]\n]*)%]" do
    local url = definitions[label_of(ref ~= "" and ref or label)]
    if url and not code(at) then add(url, open == "!") end
  end
  for label, at in text:gmatch "!%[([^%[%]\n]+)%]()" do
    local behind = byte(text, at)
    local url = behind ~= 40 and behind ~= 91 and definitions[label_of(label)]
    if url and not code(at) then add(url, true) end
  end
end

-- Pictures, and links to what is no text: "![x](a.png)", "![[a.png|300]]", "<img src='a.png'>", "[slides](talk.pdf)".
local function scan_files(text, definitions, code)
  local files, seen = {}, {}
  for open, label, at, url in text:gmatch "(!?)%[([^%[%]\n]*)%]()%(%s*<?([^%s<>()]+)" do
    if not code(at) and label then add_file(files, seen, url, open == "!") end
  end
  for url, at in text:gmatch "!%[%[([^%[%]|\n]+)()" do
    if not code(at) then add_file(files, seen, url, find(url, "%.%w+$") ~= nil and not find(url, "%.md$")) end
  end
  for at, url in text:gmatch "<img%f[%s]()[^<>]-%ssrc=[\"']([^\"'<>]+)" do
    if not code(at) then add_file(files, seen, url, true) end
  end
  if definitions then
    scan_references(text, definitions, code, function(url, picture) add_file(files, seen, url, picture) end)
  end
  return files[1] and files or nil
end

-- PASSAGE -> tags, links, questions, attachments; each nil where there is none. DEFINITIONS are those of the whole text, if the
-- passage is not all of it.
function M.scan(text, definitions)
  local tags, links, seen, code = {}, {}, {}, in_code(text)
  if find(text, "#", 1, true) then scan_tags(text, tags, {}, code) end
  if find(text, "](", 1, true) then scan_inline_links(text, links, seen, code) end
  if find(text, "[[", 1, true) then scan_wikilinks(text, links, seen, code) end
  if find(text, "://", 1, true) then scan_bare_links(text, links, seen, code) end
  definitions = find(text, "[", 1, true) and (definitions or M.definitions(text)) or nil
  local files = (definitions or find(text, "](", 1, true) or find(text, "![[", 1, true) or find(text, "<img", 1, true))
    and scan_files(text, definitions, code)
  return tags[1] and tags or nil, links[1] and links or nil, scan_questions(text, code), files or nil
end

return M
