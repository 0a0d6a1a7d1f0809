-- What the doctor looks at: each finding says what, whether it is well, and what to do where it is not.

local lectern = require "lectern"
local style = require "lectern.style"

local M = {}

function M.check_lines(checks)
  local lines, bad = {}, 0
  for _, check in ipairs(checks) do
    bad = bad + (check.ok and 0 or 1)
    lines[#lines + 1] = ("%s %-16s %s"):format(check.ok and style.ok "ok " or style.warn "BAD", check.check, check.detail)
  end
  lines[#lines + 1] = bad == 0 and ("all %d checks hold"):format(#checks)
    or ("%d of %d checks fail; lectern doctor --repair saves what can be read"):format(bad, #checks)
  return lines
end

local function finding(list, what, ok, detail, todo)
  list[#list + 1] = { what = what, ok = ok, detail = detail, todo = not ok and todo or nil }
end

local function sandbox(list)
  local status = lectern.host.status()
  local kind = status.sandbox
  finding(list, "version", true, ("lectern %s, api %d"):format(status.version, lectern.api))
  finding(list, "sandbox", kind == "full" or kind == "reduced",
    kind == "full" and "plugins run sealed: no files, no network, no programs of their own"
      or kind == "reduced" and "plugins run sealed, but this kernel lacks a part of it"
      or "plugins run without a sandbox",
    "start lectern without --no-sandbox, on a kernel with seccomp and Landlock")
  finding(list, "daemon", true, status.running and ("runs for %d s, pid %d"):format(status.uptime_s, status.pid)
    or "none runs; lectern daemon start makes commands faster")
  return status
end

local function mib(n) return ("%.1f MiB"):format(n / 1048576) end

local ROOM = 64 * 1048576

local function store_file(list)
  local facts = lectern.store.facts()
  if not facts.exists then
    finding(list, "store", true, ("%s is not there yet; the first command that writes makes it"):format(facts.path))
    return false
  end
  finding(list, "store", facts.opens, facts.opens and ("%s, %s, schema %d"):format(facts.path, mib(facts.bytes), facts.schema)
    or tostring(facts.error), "lectern doctor --repair, or lectern backup restore FILE")
  finding(list, "writing", facts.writable, facts.writable and "allowed" or "the store is read only",
    ("give yourself the right to write %s and its folder"):format(facts.path))
  finding(list, "room", facts.free_bytes > ROOM, mib(facts.free_bytes) .. " free where the store is",
    "make room on that disk: changes need it")
  for _, path in ipairs(facts.kept or {}) do finding(list, "kept aside", true, path) end
  return facts.opens
end

local function checks(list)
  local ok, result = pcall(lectern.store.check)
  if not ok then
    finding(list, "checks", false, type(result) == "table" and result.message or tostring(result),
      "lectern doctor --repair, or lectern backup restore FILE")
    return
  end
  local bad = 0
  for _, check in ipairs(result) do
    if not check.ok then
      bad = bad + 1
      finding(list, "check " .. check.check, false, check.detail, "lectern doctor --repair, or lectern backup restore FILE")
    end
  end
  if bad == 0 then finding(list, "checks", true, ("all %d hold"):format(#result)) end
end

local function plugins(list)
  local count = 0
  for _, plugin in ipairs(lectern.host.plugins()) do
    local failed = plugin.state ~= "ok" and plugin.state ~= "shadowed"
    count = count + (failed and 0 or 1)
    if failed then
      local err = plugin.error
      finding(list, "plugin " .. plugin.name, false, type(err) == "string" and err or plugin.state,
        plugin.state == "held" and ("look at it, then: lectern plugin grant %s"):format(plugin.name)
          or ("mend or remove %s"):format(plugin.path))
    end
  end
  finding(list, "plugins", true, ("%d usable"):format(count))
end

local function repair(list, report)
  if not report then return end
  if not report.repaired then
    finding(list, "repair", true, "nothing to repair: every check holds")
    return
  end
  finding(list, "repair", true, ("%d notes saved; the damaged store is kept: %s"):format(report.notes, report.kept))
  for _, lost in ipairs(report.lost or {}) do finding(list, "lost", true, lost) end
end

-- REPAIRED: what a repair just said, or nil.
function M.examine(repaired)
  local list = {}
  sandbox(list)
  repair(list, repaired)
  if store_file(list) then checks(list) end
  plugins(list)
  return list
end

function M.text(findings)
  local lines = {}
  for _, f in ipairs(findings) do
    lines[#lines + 1] = ("%s %-16s %s"):format(f.ok and style.ok "ok " or style.warn "BAD", f.what, f.detail)
    if f.todo then lines[#lines + 1] = "    " .. (" "):rep(16) .. " -> " .. f.todo end
  end
  return table.concat(lines, "\n")
end

return M
