-- Marks around words: dashes, bullets, quotation marks. They are several bytes long, so they are cut as wholes, never
-- by a
-- class of bytes, which would cut letters in two.

local M = {}

local find, match, sub = string.find, string.match, string.sub

local dashes <const> = { ["\u{2013}"] = true, ["\u{2014}"] = true, ["\u{2015}"] = true, ["\u{b7}"] = true }

-- S without blanks, commas, stops, colons and dashes at its beginning.
function M.head(s)
  while true do
    local rest = match(s, "^[%s,.:;|)-]+(.*)$") or s
    if dashes[sub(rest, 1, 3)] then rest = sub(rest, 4) elseif dashes[sub(rest, 1, 2)] then rest = sub(rest, 3) end
    if rest == s then return s end
    s = rest
  end
end

-- S without blanks, commas, colons, opening brackets and dashes at its end. Stops stay.
function M.tail(s)
  while true do
    local stop = #s
    while stop > 0 and find(sub(s, stop, stop), "[%s,:;|(-]") do stop = stop - 1 end
    if dashes[sub(s, stop - 2, stop)] then stop = stop - 3 elseif dashes[sub(s, stop - 1, stop)] then stop =
      stop - 2 end
    if stop == #s then return s end
    s = sub(s, 1, stop)
  end
end

-- S without a bullet before it.
function M.unbullet(s)
  while true do
    local rest = match(s, "^[-*%s]+(.*)$") or s
    if sub(rest, 1, 3) == "\u{2022}" then rest = sub(rest, 4) end
    if rest == s then return s end
    s = rest
  end
end

local anchors = {}
for word in ([[pdf paper papers slides slide video videos code link links abstract preprint arxiv artifact artefact poster website
web site github doi html bib bibtex audio recording talk notes demo data dataset full text blog project page source report]])
  :gmatch "%S+" do
  anchors[word] = true
end

-- Whether S holds nothing but the words that pages put under a link: "Paper, Slides", "PDF".
function M.is_anchor(s)
  local count = 0
  for word in s:gmatch "[^%s,;|/&]+" do
    if not anchors[word:lower()] and word ~= "and" and word ~= "+" then return false end
    count = count + 1
  end
  return count > 0 and count <= 8
end

-- The last byte of S before the links in brackets that it ends with ("Title [Paper] [Slides]"); nil where it has none.
function M.before_anchors(s)
  local stop
  while true do
    local head, inside = match(s, "^(.-)%s*%[([%a ,;|/&+]+)%]$")
    if not head then head, inside = match(s, "^(.-)%s*%(([%a ,;|/&+]+)%)$") end
    if not head or head == "" or not M.is_anchor(inside) then return stop end
    stop, s = #head, head
  end
end

-- At most COUNT bytes of S, whole characters.
function M.cut(s, count)
  if #s <= count then return s end
  return (sub(s, 1, count):gsub("[\xc0-\xff][\x80-\xbf]*$", ""))
end

local quotes <const> = { { '"', '"' }, { "\u{201c}", "\u{201d}" }, { "\u{201e}", "\u{201c}" }, { "\u{ab}", "\u{bb}" } }

-- The first quotation in S from byte AT: what it says, first and last byte with the marks, first byte without.
function M.quotation(s, at)
  local best
  for _, q in ipairs(quotes) do
    local a = find(s, q[1], at, true)
    local b = a and find(s, q[2], a + #q[1], true)
    if b and (not best or a < best[2]) then best = { sub(s, a + #q[1], b - 1), a, b + #q[2] - 1, a + #q[1] } end
  end
  if best then return table.unpack(best) end
end

-- What S ends with in quotation marks, and its first byte.
function M.quoted_end(s)
  for _, q in ipairs(quotes) do
    if #s > #q[1] + #q[2] and sub(s, -#q[2]) == q[2] then
      local body, from, at = sub(s, 1, -#q[2] - 1), 1, nil
      while true do
        local a, b = find(body, q[1], from, true)
        if not a then break end
        at, from = b + 1, b + 1
      end
      if at and at <= #body then return sub(body, at), at end
    end
  end
end

return M
