-- The running instance itself: the daemon, the plugins, and Lua evaluated in one of them.

local lectern = require "lectern"
local t = lectern.types

lectern.plugin {
  name = "host", version = "0.1.0", api = 1, doc = "The daemon, plugins, eval",
  -- The notes are for eval: where the person has no init.lua, what is typed runs here.
  needs = { "host.read", "host.admin", "eval", "notes.read", "notes.write", "store.query" },
}

lectern.command "daemon.status" {
  doc = "Whether a daemon runs for this store, and what it is doing.",
  args = {}, returns = "status",
  run = function(_, job)
    local status = lectern.host.status()
    if status.running then return status end
    job:exit(1)
    return status, "no daemon runs for " .. (status.store or "this store")
      .. "; lectern works without one, and faster with it:"
      .. " lectern daemon start"
  end,
}

-- The shell command does these two itself, before there is a host to ask: they are here to be found and described.
local function by_the_shell() lectern.fail("only the shell command can start a daemon", { code = "E_USAGE" }) end

lectern.command "daemon.start" {
  doc = "Start a daemon in the background; commands then answer in about a millisecond.",
  args = {}, returns = "status", run = by_the_shell,
}

lectern.command "daemon.run" {
  doc = "Be the daemon, in the foreground, until stopped: for service managers.",
  args = {}, returns = "nil", run = by_the_shell,
}

lectern.command "daemon.stop" {
  doc = "End the daemon when its jobs are done.",
  args = {}, returns = "{pid:int?}",
  run = function()
    local pid = lectern.host.stop()
    return { pid = pid }, pid and ("stopped the daemon (pid %d)"):format(pid) or "stopped the daemon"
  end,
}

lectern.command "plugins" {
  doc = "Every plugin found: its state, what it adds, what it may do.",
  args = {}, returns = "plugin[]", columns = { "name", "version", "state", "doc" },
  run = function() return lectern.host.plugins() end,
}

-- What a plugin asks for, in plain words; the strongest right first.
local rights = {
  { "eval", "evaluate Lua in other plugins" }, { "host.admin", "stop the daemon and grant rights" },
  { "exec=", "run the program %s" }, { "net=", "talk to %s" }, { "fs.write=", "write files below %s" },
  { "fs.read=", "read files below %s" }, { "notes.write", "change your notes" },
  { "store.query", "ask the store in SQL" },
  { "store.keep", "back up, replace and repair the store" },
  { "notes.read", "read your notes" }, { "env=", "read the environment variable %s" },
  { "listen", "accept connections" },
  { "advise=", "change what %s does" }, { "events=", "offer the hook %s" }, { "host.read", "see plugins and jobs" },
}

local function in_words(need)
  for rank, row in ipairs(rights) do
    if need == row[1] then return row[2], rank end
    if row[1]:sub(-1) == "=" and need:sub(1, #row[1]) == row[1] then
      return row[2]:format(need:sub(#row[1] + 1)), rank
    end
  end
  return need, 0
end

local function find_plugin(name)
  for _, plugin in ipairs(lectern.host.plugins()) do
    if plugin.name == name and plugin.state ~= "shadowed" then return plugin end
  end
end

lectern.command "plugin.grant" {
  doc = "Let a plugin do what it says it needs; asks first.",
  args = { { "name", t.string(), doc = "the plugin, see lectern plugins" },
    { "yes", t.bool(), flag = true, doc = "do not ask" } },
  returns = "{name:string granted:string[]}",
  examples = { "plugin grant captions" },
  run = function(args, job)
    local plugin = find_plugin(args.name)
    local needs = plugin and plugin.needs or {}
    if plugin and #needs > 0 and not args.yes and not job.dry_run then
      local rows = {}
      for i, need in ipairs(needs) do
        local words, rank = in_words(need)
        rows[i] = { text = ("  %-24s %s"):format(need, words), rank = rank }
      end
      table.sort(rows, function(a, b) return a.rank < b.rank end)
      local lines = { ("%s (%s) wants to:"):format(plugin.name, plugin.path) }
      for _, row in ipairs(rows) do lines[#lines + 1] = row.text end
      lines[#lines + 1] = "Grant this?"
      local answer = job:ask { text = table.concat(lines, "\n"), choices = { "yes", "no" }, default = "no" }
      if answer ~= "yes" then
        lectern.fail(("not granted to '%s'"):format(args.name), { code = "E_DENIED",
          hint = answer == nil and "--yes grants without a question" or nil })
      end
    end
    local granted = lectern.host.grant(args.name)
    local list = table.concat(granted.granted or {}, " ")
    return granted, ("%s may now: %s"):format(granted.name, list ~= "" and list
      or "nothing beyond what every plugin may")
  end,
}

lectern.command "eval" {
  doc = "Evaluate Lua in your own init.lua, or in another plugin; an expression's value is printed.",
  args = {
    { "in", t.string(), flag = true, doc = "the plugin to evaluate in" },
    { "file", t.path { mode = "read" }, flag = true, doc = "take the code from a file" },
    { "code", t.list(t.string()), required = false, doc = "Lua, or - for standard input" },
  },
  returns = "any",
  examples = { "eval '1 + 1'", "eval 'lectern.talks.find { limit = 3 }'", "eval - < script.lua" },
  run = function(args, job)
    local code = args.code and table.concat(args.code, " ")
    if args.file then
      code = job:read(args.file)
    elseif code == "-" then
      code = job:stdin() or ""
    end
    if not code or code == "" then
      lectern.fail("nothing to evaluate", { code = "E_USAGE", hint = "lectern eval '1 + 1'" })
    end
    return lectern.host.eval(code, args["in"])
  end,
}
