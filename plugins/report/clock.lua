-- Times and dates as programmes and notes write them: "10:00 - 10:30", "9.30am", "Sunday October 27, 2019", "3 May",
-- "2019-10-27".
-- Results are conference times, YYYY[-MM[-DD[THH:MM]]]; what is ambiguous stays unread.

local M = {}

local find, match, sub = string.find, string.match, string.sub

local months = {}
for i, names in ipairs { "jan january januar enero janvier", "feb february februar febrero février",
  "mar march märz marzo mars", "apr april abril avril", "may mai mayo", "jun june juni junio juin",
  "jul july juli julio juillet", "aug august agosto août", "sep sept september septiembre septembre",
    "oct october okt oktober octubre octobre", "nov november noviembre novembre",
    "dec december dez dezember diciembre décembre" } do
  for name in names:gmatch "%S+" do months[name] = i end
end

local lengths <const> = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function iso(y, m, d)
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  if not (m and d) or m < 1 or m > 12 or d < 1 or d > lengths[m] then return nil end
  if not y then return ("--%02d-%02d"):format(m, d) end
  if y < 1900 or y > 2199 then return nil end
  return ("%04d-%02d-%02d"):format(y, m, d)
end

local function month(word) return word and months[word:lower():gsub("%.$", "")] end

local weekdays <const> = { monday = true, tuesday = true, wednesday = true, thursday = true, friday = true,
  saturday = true, sunday = true,
  montag = true, dienstag = true, mittwoch = true, donnerstag = true, freitag = true, samstag = true, sonntag = true,
    lunes = true,
  martes = true, ["miércoles"] = true, jueves = true, viernes = true, ["sábado"] = true, domingo = true, lundi = true,
    mardi = true,
  mercredi = true, jeudi = true, vendredi = true, samedi = true, dimanche = true, mon = true, tue = true, tues = true,
    wed = true, thu = true, thur = true, thurs = true, fri = true, sat = true, sun = true }
M.weekdays = weekdays

-- A day written in S (short): "YYYY-MM-DD", or "--MM-DD" where no year is stated; YEAR serves then. Its first and last
-- byte.
function M.date(s, year)
  if #s > 300 or not find(s, "%d") then return nil end
  local from, y, m, d, to = match(s, "()%f[%d](%d%d%d%d)[-/.](%d%d?)[-/.](%d%d?)%f[%D]()")
  if from and iso(y, m, d) then return iso(y, m, d), from, to - 1 end
  -- "27 October 2019", "27th of October, 2019"
  for a, day, word, b in s:gmatch "()%f[%d](%d%d?)%a?%a?%.?%s+([%a\x80-\xff][%a\x80-\xff]+)%.?()" do
    local rest = b
    if word == "of" or word == "de" then
      word, rest = match(s, "^%s+(%a%a%a+)%.?()", b)
    end
    local mm = month(word)
    if mm then
      local yy, e = match(s, "^,?%s*d?e?l?%s*(%d%d%d%d)%f[%D]()", rest)
      local value = iso(yy or year, mm, day)
      if value then return value, a, (e or rest) - 1 end
    end
  end
  -- "October 27, 2019", "Oct. 27th"
  for a, word, day, b in s:gmatch "()%f[%a](%a%a%a+)%.?%s+(%d%d?)%f[%D]()" do
    local mm = month(word)
    if mm then
      local tail = match(s, "^%a%a()", b) or b
      local yy, e = match(s, "^,?%s*(%d%d%d%d)%f[%D]()", tail)
      local value = iso(yy or year, mm, day)
      if value then return value, a, (e or tail) - 1 end
    end
  end
  local a, d2, m2, y2, e2 = match(s, "()%f[%d](%d%d?)%.(%d%d?)%.(%d%d%d%d)()")
  if a and iso(y2, m2, d2) then return iso(y2, m2, d2), a, e2 - 1 end
  return nil
end

local function fit(hour, minute, half)
  hour, minute = tonumber(hour), tonumber(minute)
  half = half and half:lower()
  if half == "p" and hour < 12 then hour = hour + 12 end
  if half == "a" and hour == 12 then hour = 0 end
  return hour <= 23 and minute <= 59 and ("%02d:%02d"):format(hour, minute) or nil
end

-- One clock time at byte AT of S: hour, minute, half ("a", "p" or nil), byte behind it.
local function one(s, at)
  local h, m, ap, e = match(s, "^(%d%d?)[:.h](%d%d)%s*([AaPp])%.?[Mm]%.?()", at)
  if not h then h, m, e = match(s, "^(%d%d?)[:.h](%d%d)%f[%D]()", at) end
  if not h then
    h, ap, e = match(s, "^(%d%d?)%s*([AaPp])%.?[Mm]%f[%A]%.?()", at)
    m = "00"
  end
  if not h and find(s, "^%d%d%d%d%f[%D]", at) then
    h, m, e = match(s, "^([012]%d)([0-5]%d)[hH]?()", at)
    if h and not find(s, "^%s*[-\xe2]%s*%-?[012]%d[0-5]%d", e) and not find(s, "^[hH]", e - 1) then h = nil end
  end
  if not h then return nil end
  return h, m, ap, e
end

-- Clock times at byte AT of S, "10:00", "[10:00 - 10:30]", "1:30 pm - 5 pm": from, to or nil, byte behind.
function M.times(s, at)
  local h, m, ap, e = one(s, at)
  if not h then return nil end
  local sep = match(s, "^%s*%-+%s*()", e) or match(s, "^%s*\u{2013}%s*()", e) or match(s, "^%s*\u{2014}%s*()", e)
    or match(s, "^%s+to%s+()", e)
    or match(s, "^%s+until%s+()", e)
  local h2, m2, ap2, e2
  if sep then h2, m2, ap2, e2 = one(s, sep) end
  if h2 then
    local to = fit(h2, m2, ap2)
    local from = fit(h, m, ap or (ap2 and tonumber(h) <= tonumber(h2) and tonumber(h2) ~= 12 and ap2 or nil))
    if from and to then return from, to, e2 end
  end
  local from = fit(h, m, ap)
  return from, nil, e
end

-- A time that leads the words at byte AT: { from, to }, and the byte of the words behind it and its separator.
function M.leading(s, at)
  local open = match(s, "^[%[(]()", at)
  if not find(s, "^%d", open or at) then return nil end
  local from, to, e = M.times(s, open or at)
  if not from then return nil end
  local after
  if open then after = match(s, "^%s*[%])]()", e) else after = e end
  if not after then return nil end
  local behind = match(s, "^%s*[:|,]%s*()", after) or match(s, "^%s*%-+%s+()", after) or match(s, "^%s*\u{2013}%s*()",
    after)
    or match(s, "^%s*\u{2014}%s*()", after) or match(s, "^%s+()", after)
  if not behind or behind > #s then return nil end
  return { from, to }, behind
end

-- All that S says about when: date, from, to.
function M.when(s, year)
  local date, _, stop = M.date(s, year)
  local from, to
  local at = stop and stop + 1 or 1
  local function scan(first, last)
    local p = first
    while p <= last do
      p = find(s, "%d", p)
      if not p or p > last then return nil end
      if p == 1 or not find(sub(s, p - 1, p - 1), "[%w.:]") then
        local a, b, e = M.times(s, p)
        if a and e then return a, b end
      end
      p = match(s, "^%d+()", p)
    end
  end
  if #s <= 300 then
    from, to = scan(at, #s)
    if not from and at > 1 then from, to = scan(1, at - 1) end
  end
  return date, from, to
end

-- Whether S is the heading of a day: "Day 2 (Tuesday, 10 April 2018)", "Saturday". The date is nil where none is
-- stated.
function M.day(s, year)
  if #s > 80 or find(s, "%l[.!?]%s+%u") then return false end
  local low = s:lower():gsub("^%p+%s*", "")
  local first = match(low, "^[%a\x80-\xff]+")
  local numbered = match(low, "^day%s+%w+") or match(low, "^tag%s+%w+") or match(low, "^d[ií]a%s+%w+")
    or match(low, "^jour%s+%w+")
    or match(low, "^first day") or match(low, "^second day") or match(low, "^third day") or match(low, "^last day")
  local date, a, b = M.date(s, year)
  local rest = date and (sub(s, 1, a - 1) .. sub(s, b + 1)):gsub("[%s%p]+", " ") or nil
  if numbered or first and weekdays[first] then
    local words = select(2, s:gsub("%S+", ""))
    if date or words <= 4 then return true, date end
    return false
  end
  if date and #rest <= 12 then return true, date end
  return false
end

function M.is_month(word) return month(word) ~= nil end

return M
