-- Readers of what exporters write, made from the formats' own rules and strict: whatever is not allowed ends them.
--
-- usage: lua5.4 formats.lua csv FILE    cells as ROW:COLUMN:TEXT, line ends as \n     (RFC 4180)
--        lua5.4 formats.lua ics FILE    properties as EVENT:NAME:VALUE, unfolded      (RFC 5545)
--        lua5.4 formats.lua bib FILE    fields as TYPE:KEY:FIELD:VALUE                (btxdoc)

local kind, path = arg[1], arg[2]
local function fail(...) error(string.format(...), 0) end
local file = assert(io.open(path, "rb"))
local text = file:read "a"
file:close()
if not utf8.len(text) then fail("not UTF-8 at byte %d", select(2, utf8.len(text))) end

local function one_line(s) return (s:gsub("\\", "\\\\"):gsub("\r", "\\r"):gsub("\n", "\\n")) end

local readers = {}

function readers.csv()
    local at, row, columns = 1, 0, nil
    if text:sub(1, 3) == "\u{FEFF}" then at = 4 end
    while at <= #text do
        row = row + 1
        local column = 0
        repeat
            column = column + 1
            local value
            if text:sub(at, at) == '"' then
                local pieces = {}
                at = at + 1
                while true do
                    local stop = text:find('"', at, true) or fail("row %d: a quote is open at the end", row)
                    pieces[#pieces + 1] = text:sub(at, stop - 1)
                    at = stop + 1
                    if text:sub(at, at) ~= '"' then break end
                    pieces[#pieces + 1] = '"'
                    at = at + 1
                end
                value = table.concat(pieces)
            else
                value = text:match("^[^,\r\n\"]*", at)
                at = at + #value
            end
            if value:find "[%z\1-\8\11-\31\127]" then fail("row %d: a control character", row) end
            -- What a spreadsheet would run, looked for in another way than the exporter does.
            local bare = value:gsub("^[\32\n]+", ""):gsub("\u{3000}", ""):gsub("\u{A0}", ""):gsub("\u{200B}", "")
            if bare:find "^[=+@\t\r-]" or bare:find "^\xef\xbc[\x9d\x8b\x8d]" or bare:find "^\xef\xbc\xa0" then
                fail("row %d, column %d: a formula: %s", row, column, value)
            end
            print(("%d:%d:%s"):format(row, column, one_line(value)))
            local ended = text:sub(at, at + 1) == "\r\n"
            if not ended and text:sub(at, at) ~= "," then fail("row %d: neither comma nor CR LF at byte %d", row, at) end
            at = at + (ended and 2 or 1)
        until ended
        columns = columns or column
        if column ~= columns then fail("row %d has %d cells and the header %d", row, column, columns) end
    end
end

-- ---- calendars ------------------------------------------------------------------------------------------------------

local ONCE = { "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION", "URL", "SEQUENCE", "LAST-MODIFIED" }
local TEXTS = { SUMMARY = true, LOCATION = true, DESCRIPTION = true, CATEGORIES = true }

local function stamp(s, what)
    local y, m, d, rest = s:match "^(%d%d%d%d)(%d%d)(%d%d)(.*)$"
    if not y or m + 0 < 1 or m + 0 > 12 or d + 0 < 1 or d + 0 > 31 then fail("%s: no date: %s", what, s) end
    if rest == "" then return "date" end
    local h, min, sec, zone = rest:match "^T(%d%d)(%d%d)(%d%d)(Z?)$"
    if not h or h + 0 > 23 or min + 0 > 59 or sec + 0 > 60 then fail("%s: no time: %s", what, s) end
    return zone == "Z" and "utc" or "floating"
end

local function check_event(props, n)
    local seen = {}
    for _, p in ipairs(props) do seen[p.name] = (seen[p.name] or 0) + 1 end
    for _, name in ipairs(ONCE) do
        if (seen[name] or 0) > 1 then fail("event %d: %s twice", n, name) end
    end
    for _, name in ipairs { "UID", "DTSTAMP", "DTSTART", "SUMMARY" } do
        if not seen[name] then fail("event %d: no %s", n, name) end
    end
    local by = {}
    for _, p in ipairs(props) do by[p.name] = p end
    if stamp(by.DTSTAMP.value, "DTSTAMP") ~= "utc" then fail("event %d: DTSTAMP is not UTC", n) end
    for _, name in ipairs { "DTSTART", "DTEND" } do
        local p = by[name]
        if p and (stamp(p.value, name) == "date") ~= (p.params == ";VALUE=DATE") then fail("event %d: %s%s", n, name, p.params) end
    end
    if by.DTEND then
        if stamp(by.DTEND.value, "DTEND") ~= stamp(by.DTSTART.value, "DTSTART") then fail("event %d: two kinds of times", n) end
        if by.DTEND.value <= by.DTSTART.value then fail("event %d: ends before it starts", n) end
    end
    if by.URL and not by.URL.value:find "^https?://[%w%-._~:/?#%[%]@!$&'()*+,;=%%\x80-\xff]+$" then fail("event %d: no URL: %s", n, by.URL.value) end
    return by.UID.value
end

function readers.ics()
    local lines = {}
    if text:sub(-2) ~= "\r\n" then fail "does not end in CR LF" end
    for line in text:gmatch "(.-)\r\n" do
        if #line > 75 then fail("a line of %d octets", #line) end
        if not utf8.len(line) then fail("a character in two lines: %s", line) end
        if line:find "[%z\1-\8\10-\31\127]" then fail("a control character: %s", one_line(line)) end
        if line:sub(1, 1) == " " then lines[#lines] = (lines[#lines] or fail "folded from nothing") .. line:sub(2)
        else lines[#lines + 1] = line end
    end
    local open, events, uids, props = {}, 0, {}, nil
    for i, line in ipairs(lines) do
        local name, params, value = line:match "^([A-Z-]+)([^:]*):(.*)$"
        if not name or (params ~= "" and params ~= ";VALUE=DATE") then fail("no property: %s", line) end
        if i == 1 and line ~= "BEGIN:VCALENDAR" or i == #lines and line ~= "END:VCALENDAR" then fail("outside: %s", line) end
        if name == "BEGIN" then
            open[#open + 1] = value
            if value == "VEVENT" then events, props = events + 1, {} end
        elseif name == "END" then
            if table.remove(open) ~= value then fail("END:%s does not match", value) end
            if value == "VEVENT" then
                local uid = check_event(props, events)
                if uids[uid] then fail("two events have the UID %s", uid) end
                uids[uid], props = true, nil
            end
        else
            if #open == 0 then fail("outside: %s", line) end
            if TEXTS[name] then
                local rest = value:gsub("\\[\\;,nN]", "")
                if rest:find "\\" or name ~= "CATEGORIES" and rest:find "[;,]" or rest:find ";" then fail("not escaped: %s", line) end
            end
            if props then props[#props + 1] = { name = name, params = params, value = value } end
            print(("%d:%s%s:%s"):format(events, name, params, value))
        end
    end
    if #open > 0 then fail("%s is open at the end", open[#open]) end
end

-- ---- BibTeX ---------------------------------------------------------------------------------------------------------

-- What stands between the brace at AT and its partner: braces count, whatever stands before them.
local function braced(at)
    local depth = 0
    for brace, place in text:gmatch("([{}])()", at) do
        depth = depth + (brace == "{" and 1 or -1)
        if depth == 0 then return text:sub(at + 1, place - 2), place end
    end
    fail("the brace at byte %d is open at the end", at)
end

function readers.bib()
    local at, keys = 1, {}
    while true do
        local from = text:find("@", at, true)
        if not from then break end
        local type_, brace, key, stop = text:match("^@(%l+)(){([^%s,{}\"#%%~\\]+),\n()", from)
        if not type_ then fail("no entry: %s", text:sub(from, from + 60)) end
        if keys[key] then fail("two entries have the key %s", key) end
        keys[key] = true
        local _, behind = braced(brace)
        local place = stop
        while text:sub(place, place) ~= "}" do
            local name, after = text:match("^  (%l+) = ()", place)
            if not name then fail("%s: no field: %s", key, text:sub(place, place + 60)) end
            local value
            if text:sub(after, after) == "{" then value, place = braced(after) else value, place = text:match("^(%l%l%l)()", after) end
            if not value or value:find "\n" then fail("%s: no value of %s", key, name) end
            -- Left alone, each of these means something to TeX.
            local rest = value:gsub("\\[%%&$#_]", ""):gsub("\\text%l+{}", "")
            if name ~= "url" and rest:find "[%%&$#_~^\\]" then fail("%s: not escaped: %s", key, value) end
            print(("%s:%s:%s:%s"):format(type_, key, name, value))
            place = text:match("^,?\n()", place) or fail("%s: what is behind %s?", key, name)
        end
        if place ~= behind - 1 then fail("%s ends twice", key) end
        at = behind
    end
end

local ok, why = pcall(readers[kind] or function() fail("no reader of %s", kind) end)
if not ok then
    io.stderr:write(path, ": ", why, "\n")
    os.exit(1)
end
