--- Calls into a plugin and out of it: commands, importers, summarisers, exporters, eval; errors; the host's answers.

local test = require "testing"
local lectern = require "lectern"
local t = lectern.types

-- ---- what is called -----------------------------------------------------------------------------------------

lectern.command "give" {
  doc = "Returns what it is told to", returns = "any", args = { { "what", t.string() } },
  run = function(args, job)
    local what = args.what
    if what == "nil" then return nil end
    if what == "false" then return false end
    if what == "text" then return { 1 }, "for people" end
    if what == "exit" then job:exit(1) return "no" end
    if what == "function" then return { items = { 1, 2, { run = print } } } end
    if what == "holes" then return { 1, nil, 3 } end
    if what == "mixed" then return { 1, x = 2 } end
    if what == "deep" then
      local deep = {}
      for _ = 1, 30 do deep = { deep } end
      return deep
    end
    if what == "cycle" then
      local cycle = {}
      cycle.cycle = cycle
      return cycle
    end
    if what == "large" then return ("x"):rep(16 * 1024 * 1024) .. "yz" end
    if what == "null" then return { a = lectern.null, list = { 1, lectern.null } } end
    if what == "years" then return { [2017] = "a", [2014] = "b" } end
    if what == "bytes" then return "\255" end
    if what == "job" then return { job.id, job.width, job.color, job.cwd, job.interactive, job.tty } end
  end,
}

lectern.command "break" {
  doc = "Fails as it is told to", returns = "nil", args = { { "how", t.string() } },
  run = function(args)
    local how = args.how
    if how == "string" then error "it broke" end
    if how == "level" then error("it broke", 2) end
    if how == "bare" then error("it broke", 0) end
    if how == "nil" then error(nil) end
    if how == "table" then error { code = "E_DATA", message = "bad data", hint = "look at it" } end
    if how == "odd" then error {} end
    if how == "tostring" then error(setmetatable({}, { __tostring = function() return "I am odd" end })) end
    if how == "bad tostring" then error(setmetatable({}, { __tostring = function() error "no" end })) end
    if how == "function" then error(print) end
    if how == "fail" then lectern.fail("no talk on this day", { code = "E_NOTFOUND", hint = "see list", at = "notes.txt:3" }) end
    if how == "claims" then lectern.fail("mine", { code = "E_INTERNAL" }) end
    if how == "huge" then error(("long "):rep(100000)) end
    if how == "host" then lectern.notes.event "sosp-2107" end
    if how == "index" then return args.none.y end
    if how == "arithmetic" then return {} + 1 end
    if how == "coroutine" then coroutine.wrap(function() error "inside" end)() end
    if how == "close" then
      local _ <close> = setmetatable({}, { __close = function() lectern.state.set("closed", true) end })
      error "with close"
    end
  end,
}

lectern.importer "lines" {
  doc = "A note for each line", match = { extensions = { "lines" } },
  detect = function(source)
    return source:head(4) == "LINE" and 80, "begins with LINE"
  end,
  import = function(source, args, job)
    for line, at in source:lines() do
      job:emit { type = "note", title = line, bytes = { at, at + #line }, why = "line" }
    end
    if args.returned then
      return { type = "note", title = "returned", why = "returned" }
    end
  end,
}

lectern.importer "look" {
  doc = "Says what the source is like", match = { extensions = { "look" } },
  import = function(source, _, job)
    job:emit {
      name = source.name, stem = source.stem, extension = source.extension, folder = source.folder, bytes = source.bytes,
      lines = source.lines_count, line = source:line_at(7), span = { source:line_span(2) }, head = source:head(3),
      length = #source:text(),
    }
  end,
}

lectern.summariser "first" {
  doc = "The first sentence",
  summarise = function(note, args)
    return { { span = lectern.text.sentences(note.body)[1], score = args.score, terms = { "a" } } }
  end,
}

lectern.exporter "titles" {
  doc = "Titles", extension = "txt",
  export = function(notes, out)
    for note, talks in notes do
      out:write(note.title, ":", #talks, "\n")
    end
    out:file "more.txt"
    out:write "end"
  end,
}

local function command(name, args)
  return test.call { kind = "command", name = name, args = args, job = { id = "j1", width = 100, color = true } }
end

local function give(what)
  return command("give", { what = what })
end

local function broken(how)
  local answer = command("break", { how = how })
  test.ok(answer.error, "did not fail")
  return answer.error, answer.report
end

-- ---- commands -----------------------------------------------------------------------------------------------

test("a command's value, text and exit status", function()
  test.equal(give("text").value, { value = { 1 }, text = "for people" })
  test.equal(give("exit").value, { value = "no", exit = 1 })
  test.equal(give("false").value, { value = false })
  test.equal(give("nil").value, {})
end)

test("the job is as the host said, with defaults", function()
  test.equal(give("job").value.value, { "j1", 100, true, "/", false, { false, false, false } })
end)

test("null, integer keys and bytes come through", function()
  test.equal(give("null").value.value, { list = { 1, lectern.null } })
  test.equal(give("years").value.value, { [2017] = "a", [2014] = "b" })
  test.equal(give("bytes").value.value, "\255")
end)

local unsendable = {
  { "function", "result.value.items[3].run: a function cannot leave" }, { "holes", "result.value: is a list with holes" },
  { "mixed", "mixes list items and named fields" }, { "deep", "nested too deeply" }, { "cycle", "does it contain itself?" },
  { "large", "too large to leave" },
}
for _, case in ipairs(unsendable) do
  test("cannot be returned: " .. case[1], function()
    local answer = give(case[1])
    test.ok(answer.error and answer.error:find(case[2], 1, true), test.show(answer))
  end)
end

test("a command that is not there", function()
  local answer = command("none")
  test.ok(answer.error:find "plugin 'test' has no command 'none'", answer.error)
  test.ok(test.call({ kind = "frobnicate" }).error:find "E_USAGE: unknown kind of call")
end)

-- ---- errors -------------------------------------------------------------------------------------------------

-- { how, error string, message, code, hint, whether `at` is in this file }
local errors = {
  { "string", "it broke", "E_PLUGIN", "", true },
  { "level", "it broke", "E_PLUGIN", "", true },
  { "bare", "it broke", "E_PLUGIN", "", true },
  { "nil", "a nil was raised as an error, without a message", "E_PLUGIN", "", true },
  { "table", "bad data", "E_DATA", "look at it", true },
  { "odd", "a table was raised as an error, without a message", "E_PLUGIN", "", true },
  { "tostring", "I am odd", "E_PLUGIN", "", true },
  { "bad tostring", "an error that cannot say what it is", "E_PLUGIN", "", true },
  { "function", "a function was raised as an error, without a message", "E_PLUGIN", "", true },
  { "fail", "no talk on this day", "E_NOTFOUND", "see list", false },
  { "claims", "mine", "E_PLUGIN", "", true },
  { "host", "unknown event 'sosp-2107'", "E_NOTFOUND", "", true },
  { "index", "attempt to index a nil value (field 'none')", "E_PLUGIN", "", true },
  { "arithmetic", "attempt to perform arithmetic on a table value", "E_PLUGIN", "", true },
  { "coroutine", "inside", "E_PLUGIN", "", true },
}
for _, case in ipairs(errors) do
  test("error: " .. case[1], function()
    local text, report = broken(case[1])
    test.equal(text, case[3] .. ": " .. case[2])
    test.equal({ report.message, report.code, report.hint }, { case[2], case[3], case[4] })
    if case[5] then
      test.ok(report.at:find "^tests/lua/runtime_test.lua:%d+$", report.at)
      test.ok(report.trace:find "runtime_test.lua:%d+ in ", report.trace)
    else
      test.equal(report.at, "notes.txt:3")
    end
  end)
end

test("a huge message is cut", function()
  local text, report = broken "huge"
  test.ok(#text <= 4096 and #report.message <= 4096)
end)

test("variables are closed when a command fails, and may ask the host", function()
  broken "close"
  test.equal(lectern.state.get "closed", true)
end)

test("an error of the host has a code, and is text where text is wanted", function()
  local ok, err = pcall(lectern.call, "test.fail", { code = "E_DATA", message = "no good" })
  test.equal({ ok, err.code, err.message }, { false, "E_DATA", "no good" })
  test.ok(tostring(err):find "runtime_test.lua:%d+: no good$")
  test.ok(("so: " .. err):find "no good")
end)

-- ---- importers, summarisers, exporters ----------------------------------------------------------------------

local function import(name, source, what, args)
  return test.call { kind = "importer", name = name, what = what or "import", source = source, args = args }
end

test("detect gives a score and a reason", function()
  test.equal(import("lines", { name = "a.x", text = "LINE 1" }, "detect").value, { score = 80, why = "begins with LINE" })
  test.equal(import("lines", { name = "a.x", text = "no" }, "detect").value, { score = 0, why = "begins with LINE" })
  test.equal(import("look", { name = "a.x", text = "no" }, "detect").value, { score = 0, why = "" })
end)

test("records come with the answer", function()
  local records = import("lines", { name = "a.lines", text = "one\ntwo" }, "import", { returned = true }).value.records
  test.equal(#records, 3)
  test.equal(records[2], { type = "note", title = "two", bytes = { 4, 7 }, why = "line" })
  test.equal(records[3].title, "returned")
end)

test("many records go out in groups before the end", function()
  lectern.call "test.clear"
  local lines = {}
  for i = 1, 1000 do lines[i] = "line " .. i end
  local answer = import("lines", { name = "a.lines", text = table.concat(lines, "\n") })
  local emitted = 0
  for _, params in ipairs(test.told "job.emit") do emitted = emitted + #params.items end
  test.equal(emitted + #answer.value.records, 1000)
  test.ok(emitted > 0)
end)

test("a source says what it is", function()
  local record = import("look", { name = "Trip.Report.LOOK", path = "/x/Trip.Report.LOOK", folder = "x", text = "ab\r\ncdé\nf" }).value.records[1]
  test.equal(record, {
    name = "Trip.Report.LOOK", stem = "Trip.Report", extension = "look", folder = "x", bytes = 10, lines = 3, line = 2,
    span = { 4, 9 }, head = "ab\r", length = 10,
  })
end)

test("a large source is read piece by piece", function()
  local whole = ("0123456789\n"):rep(100000)
  lectern.call("test.source", { text = whole })
  local record = import("look", { name = "x", bytes = #whole, text = whole:sub(1, 1000) }).value.records[1]
  test.equal({ record.length, record.lines }, { #whole, 100000 })
  local answer = import("look", { name = "big", bytes = 17 * 1024 * 1024, text = "x" })
  test.ok(answer.error:find "E_DATA: 'big' is larger than 16 MiB", answer.error)
end)

test("a summariser's spans name their note", function()
  local note = { id = "n1", body = "One. Two." }
  test.equal(test.call({ kind = "summariser", name = "first", what = "summarise", note = note, args = { score = 2 } }).value, {
    sentences = { { note = "n1", start = 0, ["end"] = 4, score = 2, terms = { "a" } } },
  })
end)

test("an exporter gets notes and writes files", function()
  lectern.call "test.clear"
  local notes = { { id = "1", title = "A", talks = {} }, { id = "2", title = "B" } }
  local answer = test.call { kind = "exporter", name = "titles", what = "export", notes = notes }
  test.equal(answer, {})
  test.equal(test.told "out.write", { { bytes = "A:0\nB:0\n" }, { bytes = "end" } })
end)

-- ---- eval ---------------------------------------------------------------------------------------------------

local function eval(code)
  return test.call { kind = "eval", name = "eval", what = "run", code = code }
end

test("eval takes expressions and statements", function()
  test.equal(eval("1 + 1").value, { value = 2, text = "2" })
  test.equal(eval("local x = 3; return x, 'y'").value, { value = 3, text = '3\t"y"' })
  test.equal(eval("'plain'").value, { value = "plain", text = "plain" })
  test.equal(eval("nil").value, { text = "nil" })
  test.equal(eval("local x = 1").value, {})
  test.equal(eval("x_global = 5").value, {})
  test.equal(eval("x_global").value.value, 5)
  test.equal(eval("{ print, a = { 1 } }").value.value, { ["1"] = "function", a = { 1 } })
  test.equal(eval("{ b = 1, a = { 'x' } }").value.text, '{ a = { "x" }, b = 1 }')
end)

test("eval says where it failed", function()
  local answer = eval "local x = = 1"
  test.ok(answer.error:find "^E_USAGE: line 1: unexpected symbol near '='", answer.error)
  test.ok(eval("error 'x'").error:find "^E_PLUGIN: x", eval("error 'x'").error)
  test.ok(eval("lectern.nots").error:find "lectern has no 'nots'")
end)

-- ---- asking the host ----------------------------------------------------------------------------------------

test("find brings all pages, each one after the other", function()
  test.equal(#lectern.notes.find { query = "1000" }, 1000)
  test.equal(#lectern.talks.find { query = "1000", limit = 300 }, 300)
  local count, last = 0, nil
  for note in lectern.notes.each "600" do
    count, last = count + 1, note.id
  end
  test.equal({ count, last }, { 600, "id-00600" })
  test.equal(#lectern.notes.find { query = "0" }, 0)
  test.equal(lectern.talks.find("1")[1].type, "talk")
  test.fails("find has no 'limt'; did you mean 'limit'?", lectern.notes.find, { limt = 1 })
end)

test("put, update, tag and the rest say what they should", function()
  lectern.call "test.clear"
  test.equal(lectern.notes.put { type = "talk", title = "T", url = lectern.null }, "new-id")
  test.equal(lectern.talks.update("t1", { title = "U" }, 3), "t1")
  test.equal(lectern.notes.update({ id = "n1", type = "note", rev = 7 }, { body = "" }), "n1")
  lectern.notes.tag("n1", "a", { "b" })
  lectern.notes.delete { id = "n1" }
  test.equal(lectern.notes.get "missing", nil)
  test.equal(lectern.notes.get("n1", { body = true }).id, "n1")
  lectern.notes.sql("select ?, ?", 1, nil)
  test.equal(test.told(), {
    { method = "notes.put", params = { type = "talk", fields = { title = "T" } } },
    { method = "notes.put", params = { type = "talk", id = "t1", base_rev = 3, fields = { title = "U" } } },
    { method = "notes.put", params = { type = "note", id = "n1", base_rev = 7, fields = { body = "" } } },
    { method = "notes.tag", params = { id = "n1", add = { "a" }, remove = { "b" } } },
    { method = "notes.delete", params = { id = "n1" } },
    { method = "notes.get", params = { id = "missing" } },
    { method = "notes.get", params = { id = "n1", body = true } },
    { method = "notes.sql", params = { sql = "select ?, ?", args = { 1, lectern.null } } },
  })
end)

test("state is kept and forgotten", function()
  lectern.state.set("k", { 1, 2, { x = true } })
  test.equal(lectern.state.get "k", { 1, 2, { x = true } })
  lectern.state.set("k", nil)
  test.equal(lectern.state.get "k", nil)
end)

lectern.command "talkative" {
  doc = "Uses all of job", returns = "text",
  run = function(_, job)
    job:write "first "
    job:write(2)
    local answer = job:ask { text = "Sure?", choices = { "yes", "no" }, default = "no" }
    job:progress(1, 3, "one")
    job:log("info", "a", 1, nil)
    job:warn("odd", { line = 4 })
    print("printed", nil, {})
    local edited = job:edit("text", "name.md")
    local one = job:stdin(5)
    local all = job:stdin()
    job:commit()
    job:emit { 1 }
    job:write " last"
    return { answer, edited, one, all }
  end,
}

test("the job's ways to people", function()
  lectern.call "test.clear"
  local answer = command "talkative"
  test.equal(answer.value.value, { "no", "text (edited)", "piece 1\n", "piece 2\npiece 3\n" })
  local methods = {}
  for i, entry in ipairs(test.told()) do
    methods[i] = entry.method .. (entry.params.text and " " .. entry.params.text or entry.params[3] and " " .. tostring(entry.params[3]) or "")
  end
  test.equal(methods, {
    "job.write first 2", "job.ask Sure?", "progress 3.0", "log a 1 nil", "log odd", "log printed\tnil\ttable",
    "job.edit text", "job.stdin", "job.stdin", "job.stdin", "job.stdin", "job.commit", "job.emit", "job.write  last",
  })
end)

test("style is for terminals only", function()
  local style = require "lectern.style"
  test.equal(style.bold "x", "x")
  test.equal(test.call({ kind = "eval", code = "require('lectern').style.bold('x')", job = { color = true } }).value.value, "\27[1mx\27[0m")
end)

test("time is the host's", function()
  test.ok(lectern.now() > 1700000000000)
  test.ok(lectern.date():find "^%d%d%d%d%-%d%d%-%d%d$")
  test.equal(lectern.date(0), "1970-01-01")
  local start = lectern.now()
  lectern.sleep(0.02)
  test.ok(lectern.now() - start >= 20)
end)

test("values are equal by what they hold", function()
  local function talk() return { title = "A", speakers = { "Ana", { name = "Ole", role = "chair" } }, none = lectern.null } end
  local null, nan = lectern.null, 0 / 0
  for _, pair in ipairs { { nil, nil }, { false, false }, { null, null }, { 1, 1.0 }, { "", "" }, { {}, {} }, { { 1, 2 }, { 1, 2 } },
    { talk(), talk() }, { { a = false }, { a = false } } } do
    test.ok(lectern.equal(pair[1], pair[2]) == true, test.show(pair))
  end
  local function other(change)
    local made = talk()
    change(made)
    return made
  end
  for _, pair in ipairs { { nil, false }, { nil, null }, { null, {} }, { "1", 1 }, { "a", "A" }, { { 1, 2 }, { 2, 1 } }, { { 1 }, { 1, 2 } },
    { {}, { a = false } }, { nan, nan }, { talk(), other(function(o) o.none = nil end) }, { talk(), other(function(o) o.more = {} end) },
    { talk(), other(function(o) o.speakers[2].role = "panel" end) }, { talk(), other(function(o) o.speakers[2] = "Ole" end) } } do
    test.ok(lectern.equal(pair[1], pair[2]) == false, test.show(pair))
    test.ok(lectern.equal(pair[2], pair[1]) == false, test.show(pair))
  end
end)

return test.done()
