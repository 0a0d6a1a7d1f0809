-- Commands that only read: conflicts and differences, as lines for people.

local lectern = require "lectern"
local style = lectern.style

local M = {}

local function text_of(value)
  if value == nil or value == lectern.null then return "(nothing)" end
  if type(value) ~= "table" then return tostring(value) end
  if value.name then return value.year and ("%s %d"):format(value.name, value.year) or value.name end
  local parts = {}
  for i, item in ipairs(value) do parts[i] = text_of(item) end
  if parts[1] then return table.concat(parts, ", ") end
  local keys = {}
  for key in next, value do keys[#keys + 1] = tostring(key) end
  table.sort(keys)
  for i, key in ipairs(keys) do parts[i] = key .. " " .. text_of(value[key]) end
  return parts[1] and table.concat(parts, ", ") or "(nothing)"
end

local function short_path(path, job)
  local cwd = job.cwd .. "/"
  return path and (path:sub(1, #cwd) == cwd and path:sub(#cwd + 1) or path) or "a source that is gone"
end

-- TEXT, a line each, behind LABEL.
local function put_side(out, label, text, dressed)
  local first = true
  for line in (text .. "\n"):gmatch "(.-)\n" do
    if line ~= "" or first then out[#out + 1] = "  " .. dressed((first and label or (" "):rep(#label)) .. line) end
    first = false
  end
end

local function plain(text) return text end

-- One conflict as lines.
local function page(out, c, job)
  out[#out + 1] = style.bold(c.title or "(no title)") .. style.dim(("  %s, %s"):format(c.short, short_path(c.path, job)))
  for _, f in ipairs(c.fields) do
    put_side(out, "yours:    ", ("%s: %s"):format(f.field, text_of(f.mine)), plain)
    put_side(out, "upstream: ", ("%s: %s"):format(f.field, text_of(f.theirs)), style.warn)
  end
  for _, b in ipairs(c.blocks) do
    out[#out + 1] = style.dim(("  line %d"):format(b.line))
    put_side(out, "yours:    ", b.mine ~= "" and b.mine or "(taken out)", plain)
    put_side(out, "upstream: ", b.theirs ~= "" and b.theirs or "(taken out)", style.warn)
  end
  if #c.fields == 0 and #c.blocks == 0 then
    out[#out + 1] = "  nothing clashes any more; resolve --mine says so"
  end
end

function M.conflicts(args, job)
  local id = args.id
  if id then
    local object = lectern.notes.get(id)
    if not object then lectern.fail(("there is nothing with the id '%s'"):format(id), { code = "E_NOTFOUND" }) end
    id = object.id
  end
  local list = lectern.notes.conflicts(id)
  for _, c in ipairs(list) do c.marked = nil end
  if #list == 0 then return list, job.tty[2] and "no conflicts" or nil end
  local out = {}
  for i, c in ipairs(list) do
    if i > 1 then out[#out + 1] = "" end
    page(out, c, job)
  end
  out[#out + 1] = ""
  out[#out + 1] = style.dim "decide: lectern resolve ID --mine | --theirs | --edit"
  return list, table.concat(out, "\n") .. "\n"
end

local dress = {
  ["+"] = style.ok, ["-"] = style.warn, ["@"] = style.accent,
}

-- A diff as diff(1) writes it; fields first.
local function lines_of(d)
  local out = {
    style.bold(("--- %s %s, revision %d"):format(d.type, d.short, d.from)),
    style.bold(("+++ %s %s, revision %d"):format(d.type, d.short, d.to)),
  }
  for _, f in ipairs(d.fields) do
    out[#out + 1] = dress["-"](("-%s: %s"):format(f.field, text_of(f.from)))
    out[#out + 1] = dress["+"](("+%s: %s"):format(f.field, text_of(f.to)))
  end
  for line in d.text:gmatch "(.-)\n" do
    local how = dress[line:sub(1, 1)]
    out[#out + 1] = how and how(line) or line
  end
  return out
end

-- The revision before the last one that changed anything that can be seen.
local function last_change(object)
  for _, entry in ipairs(lectern.notes.history(object.id)) do
    if entry.op ~= "resolve" and #entry.changed > 0 then return math.max(1, entry.rev - 1) end
  end
  return 1
end

function M.diff(args, job)
  local object = lectern.notes.get(args.id, { deleted = true })
  if not object then lectern.fail(("there is nothing with the id '%s'"):format(args.id), { code = "E_NOTFOUND" }) end
  local revs = args.rev or {}
  if #revs > 2 then lectern.fail("a diff is between two revisions", { code = "E_USAGE" }) end
  local from, to = revs[1] or last_change(object), revs[2]
  local d = lectern.notes.diff(object.id, from, to)
  if #d.fields == 0 and d.text == "" then
    return d, job.tty[2] and ("nothing differs between revisions %d and %d"):format(d.from, d.to) or ""
  end
  return d, table.concat(lines_of(d), "\n") .. "\n"
end

return M
