--- Registering: what is accepted, and what the plugin's author is told otherwise.

local test = require "testing"
local lectern = require "lectern"
local t = lectern.types

-- Registrations must happen while the plugin loads, so they are tried here and looked at in tests.
local tried = {}

local function try(name, wanted, run)
  local ok, err = pcall(run)
  tried[#tried + 1] = { name = name, wanted = wanted, ok = ok, err = err }
end

local function run() end
local function command(name, spec)
  lectern.command(name)(spec)
end

-- { name, part of the message, specification }
local refused = {
  { "no doc", "command 'bad' needs 'doc'", { returns = "nil", run = run } },
  { "an empty doc", "needs a 'doc' that says something", { doc = " ", returns = "nil", run = run } },
  { "no run", "needs 'run'", { doc = "x", returns = "nil" } },
  { "no returns", "needs 'returns'", { doc = "x", run = run } },
  { "run is no function", "'run' must be a function, not a string", { doc = "x", returns = "nil", run = "x" } },
  { "an unknown key", "has no 'retuns'; did you mean 'returns'?", { doc = "x", retuns = "nil", returns = "nil", run = run } },
  { "aliases are no list", "'aliases' must be a list of strings", { doc = "x", returns = "nil", run = run, aliases = "y" } },
  { "an unknown type", "no type 'itn'; did you mean 'int'?", { doc = "x", returns = "nil", run = run, args = { { "n", "itn" } } } },
  { "an argument's unknown key", "argument 'n' has no 'flg'; did you mean 'flag'?",
    { doc = "x", returns = "nil", run = run, args = { { "n", t.int(), flg = true } } } },
  { "an argument's name", "'Big Name' is no name for an argument", { doc = "x", returns = "nil", run = run, args = { { "Big Name" } } } },
  { "an argument twice", "argument 'n' is declared twice", { doc = "x", returns = "nil", run = run, args = { { "n" }, { "n" } } } },
  { "a default of the wrong kind", "its default must be an integer",
    { doc = "x", returns = "nil", run = run, args = { { "n", t.int { "ten" } } } } },
  { "a default out of range", "default 0 is outside",
    { doc = "x", returns = "nil", run = run, args = { { "n", t.int { 0, min = 1 } } } } },
  { "a default that is no choice", "none of its choices; did you mean 'desc'?",
    { doc = "x", returns = "nil", run = run, args = { { "o", t.enum { "asc", "desc", default = "dessc" } } } } },
  { "a path mode", "no path mode 'raed'; did you mean 'read'?",
    { doc = "x", returns = "nil", run = run, args = { { "p", t.path { mode = "raed" } } } } },
  { "a short of two letters", "'short' must be one letter",
    { doc = "x", returns = "nil", run = run, args = { { "n", t.int(), flag = true, short = "nn" } } } },
  { "a field beside a list", "'limit' stands beside a list", { doc = "x", returns = "nil", run = run, args = { { "n" }, limit = t.int() } } },
  { "a third item", "argument 1 must be { name, type", { doc = "x", returns = "nil", run = run, args = { { "n", t.int(), 10 } } } },
  { "a type that is none", "must come from lectern.types", { doc = "x", returns = "nil", run = run, args = { { "n", { min = 1 } } } } },
}
for _, case in ipairs(refused) do
  try(case[1], case[2], function() command("bad", case[3]) end)
end
try("a bad name", "'Bad Name' is no name for a command", function() command("Bad Name", { doc = "x", returns = "nil", run = run }) end)
try("no table", "needs a table, not a string", function() command("bad", "x") end)
try("an unknown option of a type", "type int has no option 'mni'; did you mean 'min'?", function() t.int { 1, mni = 2 } end)
try("an enum without choices", "needs its choices", function() t.enum {} end)
try("a list without its item", "needs the type of its items", function() t.list {} end)
try("two defaults", "takes one default", function() t.int { 1, 2 } end)
try("an importer that matches nothing", "would match nothing", function() lectern.importer "none" { doc = "x", import = run } end)
try("match with an unknown key", "match has no 'ext'; did you mean 'extensions'?", function()
  lectern.importer "none" { doc = "x", match = { ext = { "x" } }, import = run }
end)
try("an exporter without extension", "needs 'extension'", function() lectern.exporter "none" { doc = "x", export = run } end)
try("an exporter that reads what is nothing", "reads", function()
  lectern.exporter "none" { doc = "x", extension = "x", reads = { notes = { "title" } }, export = run }
end)
try("plugin without api", "lectern.plugin needs 'api'", function() lectern.plugin { doc = "x" } end)
try("plugin for another api", "is for api 2", function() lectern.plugin { api = 2, doc = "x" } end)
try("plugin with another name", "calls itself 'other'", function() lectern.plugin { name = "other", api = 1, doc = "x" } end)
try("plugin with an unknown key", "has no 'need'; did you mean 'needs'?", function() lectern.plugin { api = 1, doc = "x", need = {} } end)
try("what is not there yet", "lectern.on is not in api 1.0", function() lectern.on("note.saved", run) end)
try("advise", "lectern.advise is not in api 1.0", function() lectern.advise("x", {}) end)
try("an unknown name of lectern", "lectern has no 'nots'; did you mean 'lectern.notes'?", function() return lectern.nots end)
try("setting a name of lectern", "cannot be set", function() lectern.mine = run end)
try("asking while loading", "'notes.get' was called while the plugin was loading; its top level may only register", function()
  lectern.notes.get "x"
end)
try("sleeping while loading", "'sleep' was called while", function() lectern.sleep(1) end)
try("a module that is not there", "no module 'lectern.markdwn'; did you mean 'lectern.markdown'?", function() require "lectern.markdwn" end)
try("a system module", "system modules are not available", function() require "socket" end)
try("a file of the plugin", "did you mean 'testing'?", function() require "testin" end)

-- What is accepted.
lectern.plugin { name = "test", version = "1.2", api = 1, doc = "Tests", needs = { "notes.read" } }
command("good.one", {
  doc = "Good", returns = "text", args = {
    { "event", t.event() }, { "limit", t.int { 10, min = 1 }, flag = true, short = "n", doc = "how many" },
    { "order", "enum", choices = { "asc", "desc" }, default = "asc", flag = true }, { "old", type = "string", flag = true },
    { "paths", t.list(t.path { mode = "read" }) },
  }, aliases = { "g1" }, examples = { "good one sosp" }, run = run,
})
command("good.two", { doc = "Good", returns = "nil", args = { zeta = t.int { 1 }, alpha = t.bool }, run = run })
lectern.importer "good" { doc = "Good", match = { extensions = { ".SRT", "vtt" } }, detect = run, import = run }

for _, case in ipairs(tried) do
  test("refused: " .. case.name, function()
    test.ok(not case.ok, "was accepted")
    local message = type(case.err) == "table" and case.err.message or tostring(case.err)
    test.ok(message:find(case.wanted, 1, true), ("%q instead of %q"):format(message, case.wanted))
    test.ok(type(case.err) == "table" and tostring(case.err.at):find "register_test.lua:%d+$", "has no place: " .. tostring(case.err.at))
  end)
end

test("registering after loading is refused", function()
  test.fails("after the plugin was loaded", function() lectern.command "late" { doc = "x", returns = "nil", run = run } end)
  test.fails("after the plugin was loaded", function() lectern.plugin { api = 1, doc = "x" } end)
end)

return test.done()
