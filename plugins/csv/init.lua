-- Talks as comma-separated values, one row each: RFC 4180 with lines that end in CR LF. No cell is a formula for a
-- spreadsheet, whatever somebody called a talk.

local lectern = require "lectern"
local t = lectern.types

lectern.plugin {
  name = "csv", version = "0.1.0", api = 1, doc = "Talks as a table for spreadsheets", needs = { "notes.read" },
}

local concat = table.concat

local function listed(list, key)
  local out = {}
  for i, item in ipairs(list or {}) do out[i] = key and item[key] or item end
  return concat(out, "; ")
end

-- Of all speakers, each once.
local function affiliations(talk)
  local out, seen = {}, {}
  for _, speaker in ipairs(talk.speakers or {}) do
    for _, firm in ipairs(speaker.affiliations or {}) do
      if not seen[firm] then out[#out + 1], seen[firm] = firm, true end
    end
  end
  return concat(out, "; ")
end

local function of_event(key)
  return function(talk) return talk.event and talk.event[key] end
end

local function as_it_is(key)
  return function(talk) return talk[key] end
end

-- The columns there are, in their order; those with a third part come only when they are asked for.
local COLUMNS <const> = {
  { "id", as_it_is "id" }, { "event", of_event "name" }, { "year", of_event "year" }, { "session", as_it_is "session" },
  { "start", as_it_is "start" }, { "end", as_it_is "end" }, { "room", as_it_is "room" },
  { "building", as_it_is "building" }, { "kind", as_it_is "kind" }, { "title", as_it_is "title" },
  { "speakers", function(talk) return listed(talk.speakers, "name") end }, { "affiliations", affiliations },
  { "awards", function(talk) return listed(talk.awards, "name") end },
  { "tags", function(talk) return listed(talk.tags) end }, { "url", as_it_is "url" },
  { "slides_url", as_it_is "slides_url" }, { "video_url", as_it_is "video_url" },
  { "abstract", as_it_is "abstract" },
  { "short", as_it_is "short", true }, { "slug", of_event "slug", true }, { "lang", as_it_is "lang", true },
  { "words", as_it_is "words", true }, { "created", as_it_is "created", true }, { "updated", as_it_is "updated", true },
  { "sources", function(talk) return listed(talk.sources, "path") end, true },
}

-- "a, b" and { "a", "b" } -> columns
local function chosen(names)
  local out, known, by_name = {}, {}, {}
  for i, column in ipairs(COLUMNS) do
    known[i], by_name[column[1]] = column[1], column
    if not names and not column[3] then out[#out + 1] = column end
  end
  for _, list in ipairs(names or {}) do
    for name in list:gmatch "[^,]+" do
      name = lectern.text.trim(name)
      if not by_name[name] then
        local near = lectern.text.nearest(name, known)
        lectern.fail(("csv has no column '%s'%s"):format(name, near and ("; did you mean '%s'?"):format(near) or ""), {
          code = "E_USAGE", hint = "columns: " .. concat(known, ", ") })
      end
      out[#out + 1] = by_name[name]
    end
  end
  if #out == 0 then lectern.fail("--columns names no column", { code = "E_USAGE" }) end
  return out
end

-- What a spreadsheet takes for the beginning of a formula, in both widths; blanks before it are passed over, and so are
-- those outside of ASCII.
local formulas <const> = { ["="] = true, ["+"] = true, ["-"] = true, ["@"] = true, ["＝"] = true, ["＋"] = true,
  ["－"] = true, ["＠"] = true }
local blanks <const> = { [" "] = true, ["\n"] = true, ["\u{A0}"] = true, ["\u{3000}"] = true, ["\u{FEFF}"] = true,
  ["\u{200B}"] = true, ["\u{200C}"] = true, ["\u{200D}"] = true, ["\u{2060}"] = true, ["\u{1680}"] = true,
  ["\u{202F}"] = true, ["\u{205F}"] = true, ["\u{AD}"] = true }
for code = 0x2000, 0x200A do blanks[utf8.char(code)] = true end

local function dangerous(s)
  if s:find "^[\t\r]" then return true end
  for char in s:gmatch "[\0-\x7f\xc2-\xf4][\x80-\xbf]*" do
    if char == "\t" or char == "\r" or formulas[char] then return true end
    if not blanks[char] then return false end
  end
  return false
end

local function cell(value)
  if value == nil or value == lectern.null then return "" end
  if type(value) == "number" then return ("%d"):format(value) end
  -- Looked at as it came and as it is written: what is taken out may hide what is behind it.
  local raw = tostring(value)
  local s = lectern.text.clean(raw)
  if dangerous(s) or dangerous(raw) then s = "'" .. s end
  if s:find '[",\r\n]' or s:find "^%s" or s:find "%s$" then return '"' .. s:gsub('"', '""') .. '"' end
  return s
end

local function export(notes, out, args, job)
  local columns, row = chosen(args.columns), {}
  for i, column in ipairs(columns) do row[i] = column[1] end
  out:write(args.bom and "\u{FEFF}" or "", concat(row, ","), "\r\n")
  for talk in lectern.programme.talks(notes, out, job) do
    for i, column in ipairs(columns) do row[i] = cell(column[2](talk)) end
    out:write(concat(row, ","), "\r\n")
  end
end

lectern.exporter "csv" {
  doc = "A table with a row for each talk, safe to open in a spreadsheet.",
  reads = lectern.programme.reads,
  extension = "csv",
  args = {
    { "columns", t.list(t.string()), flag = true, required = false, doc = "which, in this order: title,speakers,start ..." },
    { "bom", t.bool(), flag = true, doc = "begin with a byte order mark, which older spreadsheets need for UTF-8" },
  },
  examples = { "export csv -o talks.csv", "export csv event:sosp-2017 --columns start,room,title,speakers", "export csv --bom -o talks.csv" },
  export = export,
}
