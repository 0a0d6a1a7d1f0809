-- Dates and times as notes write them: "July 15 - 16, 2016", "10-12 Feb 2026", "04/20/2018", "11:40 - 12:40".
-- Results are the contract's local times (YYYY[-MM[-DD[THH:MM]]]); what is ambiguous stays unread.

local M = {}

local months = {}
for i, names in ipairs { "jan january januar enero janvier", "feb february februar febrero", "mar march marz marzo",
  "apr april abril",
  "may mai mayo", "jun june juni junio", "jul july juli julio", "aug august agosto", "sep sept september septiembre",
  "oct october okt oktober octubre", "nov november noviembre", "dec december dez dezember diciembre" } do
  for name in names:gmatch "%S+" do months[name] = i end
end

local lengths = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function iso(y, m, d)
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  if not (y and m and d) or y < 1900 or y > 2199 or m < 1 or m > 12 or d < 1 or d > lengths[m] then return nil end
  return ("%04d-%02d-%02d"):format(y, m, d)
end

local function month(word) return word and months[word:lower():gsub("%.$", "")] end

-- Every "Month D - D" and "D - D Month" in TEXT: first_day, last_day, month, year or nil, first byte, last byte.
local function worded(text)
  -- Dashes of any kind become "-" of three bytes so that positions stay.
  local s = text:gsub("–", " - "):gsub("—", " - ")
  for from, word, d1, to in s:gmatch "()%f[%a](%a%a%a+)%.?%s+(%d%d?)%f[%D]()" do
    local m = month(word)
    if m then
      local tail = s:sub(to)
      local _, n = tail:find "^%a?%a?"
      n = n or 0
      local d2, m2, stop = nil, nil, to + n
      local sep, w, d, e = tail:match("^%s*(%-)%s*(%a*)%.?%s*(%d%d?)()", n + 1)
      if sep and (w == "" or month(w)) and not tail:find("^%s*%-%s*%d%d%d%d", n + 1) then
        d2, m2, stop = d, month(w), to + e - 1
        local _, more = s:find("^%a%a", stop)
        if more then stop = more + 1 end
      end
      local y, e2 = s:match("^,?%s*(%d%d%d%d)()", stop)
      return d1, d2 or d1, m, m2 or m, y, from, (e2 or stop) - 1
    end
  end
  for from, d1, to in s:gmatch "()%f[%d](%d%d?)()" do
    local rest = s:sub(to)
    local w1, d2, w2, e = rest:match "^%a?%a?%.?%s*(%a*)%.?%s*%-%s*(%d%d?)%a?%a?%.?%s+(%a%a%a+)()"
    if d2 and month(w2) and (w1 == "" or month(w1) or #w1 == 2) then
      local y, e2 = s:match("^%.?,?%s*(%d%d%d%d)()", to + e - 1)
      return d1, d2, month(w1) or month(w2), month(w2), y, from, (e2 or to + e - 1) - 1
    end
    w1, e = rest:match "^%a?%a?%.?%s+(%a%a%a+)()"
    if month(w1) then
      local y, e2 = s:match("^%.?,?%s*(%d%d%d%d)()", to + e - 1)
      return d1, d1, month(w1), month(w1), y, from, (e2 or to + e - 1) - 1
    end
  end
end

-- A date or a range of dates in one line: first, last (equal for one day), start byte, end byte of what was read.
-- YEAR serves where the text states none.
function M.range(text, year)
  if #text > 200 then return nil end
  local from, y, m, d, to = text:match "()%f[%d](%d%d%d%d)%-(%d%d)%-(%d%d)()"
  if from then
    local first = iso(y, m, d)
    local y2, m2, d2, to2 = text:sub(to):match "^%s*%S*%s*(%d%d%d%d)%-(%d%d)%-(%d%d)()"
    return first, y2 and iso(y2, m2, d2) or first, from, (y2 and to + to2 - 1 or to) - 1
  end
  local d1, d2, m1, m2, y1, start, stop = worded(text)
  if not d1 then return nil end
  y1 = y1 or year
  if not y1 then return nil end
  local first, last = iso(y1, m1, d1), iso(y1, m2, d2)
  if first and last and first <= last then return first, last, start, stop end
  return first, first, start, stop
end

-- "6/15/2016" or "15.6.2016" -> date, or nil where day and month could be either; FITS(date) may decide.
function M.numeric(text, fits)
  local a, sep, b, y = text:match "%f[%d](%d%d?)([/.])(%d%d?)%2(%d%d%d%d)"
  if not a then return nil end
  local mdy, dmy = iso(y, a, b), iso(y, b, a)
  if sep == "." then return dmy end
  if mdy and dmy and mdy ~= dmy then
    local one, two = fits and fits(mdy), fits and fits(dmy)
    if one and not two then return mdy end
    if two and not one then return dmy end
    return nil
  end
  return mdy or dmy
end

-- "11:40 - 12:40", "9.30am": start "HH:MM", end or nil, rest of the text behind it.
function M.clock(text)
  local h, mi, ap, rest = text:match "^%s*(%d%d?)[:.h](%d%d)%s*([AaPp])%.?[Mm]%.?(.*)$"
  if not h then
    h, mi, rest = text:match "^%s*(%d%d?)[:.h](%d%d)(.*)$"
    ap = ""
  end
  if not h then
    h, ap, rest = text:match "^%s*(%d%d?)%s*([AaPp])[Mm]%f[%A](.*)$"
    mi = "00"
    if not h then return nil end
  end
  local function fit(hour, minute, half)
    hour, minute = tonumber(hour), tonumber(minute)
    if half and half:lower() == "p" and hour < 12 then hour = hour + 12 end
    if half and half:lower() == "a" and hour == 12 then hour = 0 end
    return hour <= 24 and minute <= 59 and ("%02d:%02d"):format(hour, minute) or nil
  end
  local tail = rest:gsub("^%s*–%s*", "-"):gsub("^%s*—%s*", "-"):gsub("^%s*%-%s*", "-"):gsub("^%s*to%s+", "-")
  local h2, m2, ap2, rest2 = tail:match "^%-(%d%d?)[:.h](%d%d)%s*([AaPp])%.?[Mm]%.?(.*)$"
  if not h2 then
    h2, m2, rest2 = tail:match "^%-(%d%d?)[:.h](%d%d)(.*)$"
    ap2 = ""
  end
  if h2 and fit(h2, m2, ap2) then return fit(h, mi, ap ~= "" and ap or ap2), fit(h2, m2, ap2), rest2 end
  return fit(h, mi, ap), nil, rest
end

-- Front matter's "2018-10-15 08:30:00 -0500" -> "2018-10-15T08:30-05:00"; an offset only where one is stated.
function M.stamp(text)
  local y, m, d, rest = text:match "^%s*(%d%d%d%d)%-(%d%d?)%-(%d%d?)(.*)$"
  if not y then
    if text:match "^%d%d%d%d%-?%d?%d?$" then return text end
    return (M.range(text))
  end
  local date = iso(y, m, d)
  if not date then return nil end
  local hh, mm, more = rest:match "^[T ]%s*(%d%d?):(%d%d)(.*)$"
  if not hh or tonumber(hh) > 23 or tonumber(mm) > 59 then return date end
  local zone = more:match "Z%s*$" and "Z" or nil
  local sign, zh, zm = more:match "([+-])(%d%d):?(%d%d)%s*$"
  if sign then zone = sign .. zh .. ":" .. zm end
  return ("%sT%02d:%s%s"):format(date, tonumber(hh), mm, zone or "")
end

return M
