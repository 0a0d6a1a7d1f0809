-- Values: what a person wrote in a field, taken apart into what records hold.
--
-- Each reader returns the value, or nil and what it wants. Knows neither plans nor sources.

local M = {}

local DATE <const> = "wants YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHH:MM"

function M.event(text)
  local name, year = text:match "^(.-)%s+(%d%d%d%d)$"
  if name and name ~= "" then return { name = name, year = math.tointeger(year) } end
  return { name = text }
end

local function in_month(year, month, day)
  local days = { 31, (year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)) and 29 or 28, 31, 30, 31, 30, 31, 31, 30, 31,
    30, 31 }
  return days[month] and day >= 1 and day <= days[month]
end

function M.date(text)
  local year, rest = text:match "^(%d%d%d%d)(.*)$"
  if not year then return nil, DATE end
  if rest == "" then return text end
  local month, day, clock = rest:match "^%-(%d%d)%-?(%d?%d?)(.*)$"
  if not month or (day ~= "" and not rest:find "^%-%d%d%-%d%d") then return nil, DATE end
  if not in_month(tonumber(year), tonumber(month), tonumber(day ~= "" and day or 1)) then return nil, "is no day of the calendar" end
  if clock == "" then return day == "" and rest:sub(-1) == "-" and nil or text, DATE end
  local hour, minute, zone = clock:match "^[T ](%d%d?):(%d%d)(.*)$"
  local known = hour and (zone == "" or zone == "Z" or zone:find "^[+-]%d%d:%d%d$")
  if day == "" or not known or tonumber(hour) > 23 or tonumber(minute) > 59 then return nil, DATE end
  return ("%s-%s-%sT%02d:%s%s"):format(year, month, day, tonumber(hour), minute, zone)
end

function M.url(text)
  if text:find "^%a[%a%d+.-]*:%S+$" then return text end
  return nil, "wants an address such as https://..."
end

--- "speaker: Ana Lima (Acme; Globex)"
function M.person(text)
  local role, rest = text:match "^(%l+):%s*(.*)$"
  local name, where = rest:match "^(.-)%s*%(([^()]*)%)$"
  local affiliations
  if where and name ~= "" then
    affiliations = {}
    for one in where:gmatch "[^;]+" do
      one = one:match "^%s*(.-)%s*$"
      if one ~= "" then affiliations[#affiliations + 1] = one end
    end
  else
    name = rest
  end
  if not name:find "[^%p%s%d]" then return nil, "wants a name: Ana Lima (Acme)" end
  return { name = name, role = role, affiliations = affiliations and affiliations[1] and affiliations or nil }
end

--- "Best paper (Ana Lima)": of an event; of a talk the whole text is its name.
function M.award(text, of_event)
  local name, person = text:match "^(.-)%s*%(([^()]*)%)$"
  if of_event and name and name ~= "" then return { name = name, person = person } end
  return { name = text }
end

local readers <const> = { event = M.event, start = M.date, ["end"] = M.date, url = M.url, slides_url = M.url, video_url = M.url }

--- The text of the field KEY; any text where nothing more is known of it.
function M.single(key, text)
  local read = readers[key]
  if read then return read(text) end
  return text
end

return M
