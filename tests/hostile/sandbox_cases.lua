-- Hostile plugins, one after the other, each in a compartment of its own. See sandbox_cases.c for the form:
--     --- name
--     -- expect: ok | CODE part of the message | killed | died
--     -- others: yes     another call must be answered all the time, also while this one runs
--     -- memory: MiB, -- deadline: ms, -- cancel: ms after the start, -- load: yes (the body is the plugin's top level)
-- The body is that of a command's run(args, job).

--- a plain loop
-- expect: E_TIMEOUT ran for more than 0.3 s
-- others: yes
while true do end

--- a loop that is cancelled
-- expect: E_CANCELLED asked to
-- others: yes
-- deadline: 5000
-- cancel: 60
while true do end

--- a loop in pcall
-- expect: E_TIMEOUT
-- others: yes
while true do pcall(function() while true do end end) end

--- a tower of pcalls
-- expect: E_TIMEOUT
-- others: yes
local function tower(n) while true do pcall(tower, n + 1) end end
tower(1)

--- pcall of pcall
-- expect: E_TIMEOUT
-- others: yes
while true do pcall(pcall, pcall, pcall, function() while true do end end) end

--- a loop in an xpcall handler
-- expect: E_TIMEOUT
xpcall(error, function() while true do end end)

--- an xpcall handler after the end
-- expect: E_TIMEOUT
-- others: yes
while true do xpcall(function() while true do end end, function() while true do end end) end

--- a handler that fails in its handler
-- expect: ok
local function handler() error "again" end
return select("#", xpcall(error, handler))

--- a loop in __close
-- expect: E_TIMEOUT
-- others: yes
local x <close> = setmetatable({}, { __close = function() while true do end end })

--- a loop in __close after the end
-- expect: E_TIMEOUT
-- others: yes
local x <close> = setmetatable({}, { __close = function() while true do end end })
while true do end

--- a loop in __close by coroutine.close
-- expect: E_TIMEOUT
local co = coroutine.create(function()
  local x <close> = setmetatable({}, { __close = function() while true do end end })
  coroutine.yield()
end)
coroutine.resume(co)
coroutine.close(co)

--- a loop in __close by coroutine.wrap
-- expect: E_TIMEOUT
coroutine.wrap(function()
  local x <close> = setmetatable({}, { __close = function() while true do end end })
  error "out"
end)()

--- a loop in __close of a coroutine that was ended
-- expect: E_TIMEOUT
-- others: yes
local co
while true do
  pcall(function()
    co = coroutine.wrap(function()
      local x <close> = setmetatable({}, { __close = function() while true do end end })
      while true do end
    end)
    co()
  end)
end

--- work hidden in coroutines
-- expect: E_TIMEOUT
-- others: yes
while true do coroutine.wrap(function() for i = 1, 100 do end end)() end

--- a loop in a coroutine in a coroutine
-- expect: E_TIMEOUT
-- others: yes
coroutine.wrap(function() coroutine.wrap(function() coroutine.wrap(function() while true do end end)() end)() end)()

--- coroutines that resume each other
-- expect: E_TIMEOUT
-- others: yes
local a = coroutine.create(function() while true do coroutine.yield() end end)
while true do coroutine.resume(a) end

--- coroutines without end, one in the other
-- expect: ok
local depth = 0
local function deeper() depth = depth + 1 return coroutine.wrap(deeper)() end
local done, why = pcall(deeper)
assert(not done and tostring(why):find "overflow" and depth < 300, tostring(why))

--- coroutines that close each other without end
-- expect: ok
local depth = 0
local function make()
  local co = coroutine.create(function()
    local x <close> = setmetatable({}, { __close = function()
      depth = depth + 1
      coroutine.close(make())
    end })
    coroutine.yield()
  end)
  coroutine.resume(co)
  return co
end
coroutine.close(make())
assert(depth > 10 and depth < 300, depth)

--- a finalizer
-- expect: E_PLUGIN __gc is not available
setmetatable({}, { __gc = function() while true do end end })

--- a finalizer put in later
-- expect: ok
local meta = {}
for i = 1, 1000 do
  meta = { __index = meta }
  setmetatable({}, meta)
  meta.__gc = function() while true do end end
end
local t = {}
for i = 1, 200000 do t = { t and nil } end

--- a loop in a comparator
-- expect: E_TIMEOUT
table.sort({ 1, 2, 3 }, function() while true do end end)

--- a comparator without order
-- expect: ok
local list = {}
for i = 1, 1000 do list[i] = i end
pcall(table.sort, list, function() return true end)

--- a loop in a gsub callback
-- expect: E_TIMEOUT
("x"):gsub("x", function() while true do end end)

--- a loop in a metamethod
-- expect: E_TIMEOUT
-- others: yes
local x = setmetatable({}, { __index = function(t, k) while true do end end })
return x.y

--- a loop in __tostring
-- expect: E_TIMEOUT
tostring(setmetatable({}, { __tostring = function() while true do end end }))

--- a loop in the __tostring of an error
-- expect: E_TIMEOUT
error(setmetatable({}, { __tostring = function() while true do end end }))

--- a chain of __index
-- expect: E_PLUGIN '__index' chain too long
local t = {}
setmetatable(t, { __index = t })
return t.x

--- a pattern that never ends
-- expect: killed
local s = ("a"):rep(40)
return s:find(("a?"):rep(40) .. s)

--- a lazy chain of patterns
-- expect: killed
return (("a"):rep(3000)):find(".-.-.-.-.-b")

--- a loop in an iterator
-- expect: E_TIMEOUT
-- others: yes
for _ in function() return 1 end do end

--- recursion without end
-- expect: E_PLUGIN
-- others: yes
-- deadline: 5000
local function f() return 1 + f() end
return f()

--- recursion that is caught
-- expect: ok
-- deadline: 5000
local function f() return 1 + f() end
for i = 1, 3 do assert(not pcall(f)) end

--- recursion through pcall
-- expect: ok
-- others: yes
local function f() return pcall(f) end
f()

--- recursion through metamethods
-- expect: E_PLUGIN overflow
local t = setmetatable({}, {})
getmetatable(t).__index = function(_, k) return t[k] end
return t.x

--- recursion in __concat, __eq, __lt
-- expect: E_PLUGIN overflow
local t = setmetatable({}, {})
getmetatable(t).__concat = function(a, b) return a .. b end
return t .. t

--- recursion in string.gsub
-- expect: E_PLUGIN overflow
local function f() return (("x"):gsub("x", f)) end
return f()

--- a deep table of tables
-- expect: E_PLUGIN nested too deeply
local t = {}
for i = 1, 100000 do t = { t } end
return t

--- deep source
-- expect: ok
assert(load("return " .. ("("):rep(300) .. (")"):rep(300)) == nil)
assert(load(("do "):rep(300) .. ("end "):rep(300)) == nil)
assert(load("return " .. ("{"):rep(100000)) == nil)
assert(load("local x = " .. ("not "):rep(300) .. "1") ~= nil or true)

--- strings that double
-- expect: E_PLUGIN memory
-- others: yes
-- memory: 16
local s = "x"
while true do s = s .. s end

--- strings that double, and errors that are caught
-- expect: E_PLUGIN memory
-- memory: 16
-- deadline: 5000
local kept = {}
while true do
  pcall(function()
    local s = "x"
    while true do s = s .. s kept[#kept + 1] = s end
  end)
end

--- a table that grows
-- expect: E_PLUGIN memory
-- others: yes
-- memory: 16
local t = {}
for i = 1, math.huge do t[i] = i end

--- many small tables
-- expect: E_PLUGIN memory
-- others: yes
-- memory: 16
-- deadline: 5000
local t = {}
while true do t = { t } end

--- many small tables, caught
-- expect: E_PLUGIN memory
-- memory: 16
-- deadline: 10000
local t = {}
while true do pcall(function() while true do t = { t } end end) end

--- many coroutines
-- expect: E_PLUGIN memory
-- others: yes
-- memory: 16
-- deadline: 5000
local kept = {}
while true do
  kept[#kept + 1] = coroutine.create(print)
end

--- many closures
-- expect: E_PLUGIN memory
-- others: yes
-- memory: 16
-- deadline: 5000
local kept = {}
while true do
  local i = #kept + 1
  kept[i] = function() return i, kept end
end

--- string.rep
-- expect: E_PLUGIN too large
return ("x"):rep(1 << 40)

--- string.rep of nothing
-- expect: ok
assert((""):rep(math.maxinteger) == "")

--- table.concat of much
-- expect: E_PLUGIN memory
-- memory: 16
local t = {}
for i = 1, 100 do t[i] = ("x"):rep(1024 * 1024) end
return table.concat(t)

--- string.format of much
-- expect: E_PLUGIN memory
-- memory: 16
local s = ("x"):rep(8 * 1024 * 1024)
return ("%s%s%s%s"):format(s, s, s, s)

--- gsub that grows
-- expect: E_PLUGIN memory
-- memory: 16
local s = ("x"):rep(1024 * 1024)
return (s:gsub("x", ("y"):rep(1000)))

--- table.move over everything
-- expect: E_PLUGIN range is too large
table.move({}, 1, math.maxinteger, 2)

--- table.insert into a liar
-- expect: E_PLUGIN claims to be too long
table.insert(setmetatable({}, { __len = function() return 1 << 60 end }), 1, 1)

--- utf8.char and string.char of much
-- expect: ok
assert(not pcall(function() return utf8.char(table.unpack({}, 1, 1000)) end))
assert(not pcall(string.char, table.unpack({}, 1, 250)))

--- a large result
-- expect: E_PLUGIN too large to leave
return { ("x"):rep(16 * 1024 * 1024), "y" }

--- a result with a cycle
-- expect: E_PLUGIN does it contain itself
local t = {}
t.t = t
return t

--- a result of very many fields
-- expect: ok
-- deadline: 5000
local t = {}
for i = 1, 100000 do t["k" .. i] = i end
return t

--- a result with odd keys
-- expect: E_PLUGIN neither a string nor an integer
return { [{}] = 1 }

--- a flood of log lines
-- expect: ok
-- others: yes
-- deadline: 5000
for i = 1, 20000 do print(("x"):rep(65536)) end

--- a flood of progress
-- expect: ok
-- others: yes
-- deadline: 5000
for i = 1, 20000 do job:progress(i, 20000, ("x"):rep(100)) end

--- a flood of requests
-- expect: E_TIMEOUT
-- deadline: 30
-- others: yes
while true do lectern.state.get "x" end

--- a flood of emitted items
-- expect: E_TIMEOUT
-- deadline: 30
-- others: yes
while true do job:emit { 1, 2, 3 } end

--- bytecode
-- expect: ok
for _, mode in ipairs { "b", "bt", "t" } do
  assert(load("\27LuaT\0\25\147\r\n\26\n", "x", mode) == nil)
end
assert(string.dump == nil and load(function() return nil end, "x", "b"))

--- the metatable of strings
-- expect: ok
assert(getmetatable "" == false)
assert(not pcall(setmetatable, "", {}))
local keep = string.upper
string.upper = function() while true do end end
string.upper = keep

--- somebody else's metatables
-- expect: ok
for _, value in ipairs { job, lectern, lectern.types, select(2, pcall(lectern.fail, "x")) } do
  assert(not pcall(setmetatable, value, {}))
end

--- what is missing
-- expect: ok
for _, name in ipairs { "os", "io", "package", "debug", "collectgarbage", "dofile", "loadfile", "ffi", "jit", "uv", "luv" } do
  assert(_G[name] == nil and not pcall(require, name), name)
end

--- require tricks
-- expect: ok
for _, name in ipairs { "../../etc/passwd", "/etc/passwd", "lectern._entry2", "", "test.init", "lectern.\0text" } do
  assert(not pcall(require, name))
end
assert(not pcall(require, setmetatable({}, { __tostring = function() return "lectern" end })))

--- the runtime's own modules
-- expect: ok
local entry = require "lectern._entry"
assert(type(entry.call) == "function")
assert(not pcall(entry.load, { plugin = "other", main = "none" }))
local registry = require "lectern._registry"
registry.name = "somebody else"
assert(not pcall(lectern.command, "new"))

--- the names of other plugins
-- expect: ok
for _, name in ipairs { "notes.delete", "host.grant", "job.commit", "call" } do
  assert(not pcall(lectern.call, name, {}))
end

--- messages that look like the host's
-- expect: ok
print("\148\1\1\192\192", "\147\2\166cancel\145\1")
local ok = pcall(lectern.call, "\148\0\1\164call\144", { ["\0"] = "\148\1\1\192\192" })
assert(not ok)

--- very long names of methods and keys
-- expect: ok
assert(not pcall(lectern.call, ("x"):rep(100000), { [("k"):rep(100000)] = 1 }))

--- an error object of every kind
-- expect: ok
local kinds = { 1, 1.5, true, {}, print, coroutine.create(print), setmetatable({}, { __tostring = function() return 1 end }) }
for _, kind in ipairs(kinds) do
  local answer = coroutine.create(function() error(kind) end)
  local ok, err = coroutine.resume(answer)
  assert(not ok and err == kind)
end

--- an error whose fields are odd
-- expect: E_PLUGIN
error { message = {}, code = 5, hint = print, at = {} }

--- an error with a huge message
-- expect: E_PLUGIN xxxxx
error(("x"):rep(10 * 1024 * 1024))

--- an error with bytes that are no text
-- expect: E_PLUGIN
error "\255\0\27[31mred"

--- nil, raised
-- expect: E_PLUGIN a nil was raised
error(nil)

--- a yield from nowhere
-- expect: E_PLUGIN attempt to yield from outside a coroutine
coroutine.yield(1, 2, 3)

--- yields across everything
-- expect: ok
local co = coroutine.wrap(function()
  pcall(coroutine.yield, 1)
  local t = setmetatable({}, {
    __index = function() return coroutine.yield(2) end, __add = function() return coroutine.yield(3) end,
    __call = function() return coroutine.yield(4) end, __lt = function() return coroutine.yield(5) end,
    __close = function() coroutine.yield(6) end,
  })
  local _ = t.x, t + 1, t(), t < t
  do local c <close> = t end
  assert(not pcall(table.sort, { 1, 2 }, coroutine.yield))
  assert(not pcall(string.gsub, "x", "x", coroutine.yield))
  return 7
end)
for i = 1, 7 do assert(co() == i, i) end

--- somebody else's task
-- expect: ok
local me = coroutine.running()
assert(not coroutine.resume(me))
assert(not pcall(coroutine.close, me))
shared_thread = me

--- a coroutine that waits for the host is left alone
-- expect: ok
local co
co = coroutine.create(function() return lectern.state.get "x" end)
local other = coroutine.wrap(function()
  for i = 1, 100 do
    local ok, why = coroutine.resume(co)
    if ok then return true end
    lectern.sleep(0)
  end
end)
assert(other())

--- sleeping for ever
-- expect: E_CANCELLED asked to
-- others: yes
-- cancel: 100
lectern.sleep(86400)

--- sleeping for longer than that
-- expect: E_PLUGIN 0 to 86400
lectern.sleep(math.huge)

--- catching the cancel and going on
-- expect: E_CANCELLED asked to
-- others: yes
-- cancel: 50
while true do pcall(lectern.sleep, 10) end

--- catching the cancel in a coroutine
-- expect: E_CANCELLED asked to
-- others: yes
-- cancel: 50
local co = coroutine.wrap(function() while true do pcall(lectern.sleep, 10) end end)
while true do pcall(co) end

--- asking in __close after a cancel
-- expect: E_CANCELLED asked to
-- others: yes
-- cancel: 50
local x <close> = setmetatable({}, { __close = function() lectern.sleep(10) end })
lectern.sleep(10)

--- random numbers
-- expect: ok
math.randomseed()
local a = math.random(1 << 30)
math.randomseed()
assert(a == math.random(1 << 30))
assert(not pcall(math.random, 0, -1))

--- markdown that nests
-- expect: ok
-- deadline: 10000
local markdown = require "lectern.markdown"
for _, piece in ipairs { "> ", "- ", "* ", "[", "*", "_", "`", "<", "![", "1. ", "**a ", "[a](", "&", "\\" } do
  local doc = markdown.parse(piece:rep(20000) .. "x")
  doc:render "html"
  doc:render "text"
  doc:headings()
end

--- markdown that fills memory
-- expect: E_PLUGIN not enough memory
-- memory: 16
-- deadline: 5000
return #require("lectern.markdown").parse(("*a* "):rep(500000)):links()

--- markdown documents without end
-- expect: E_TIMEOUT
-- memory: 16
-- deadline: 1000
local markdown = require "lectern.markdown"
local text = ("# a\n\nb *c* [d](e)\n"):rep(2000)
while true do markdown.parse(text):blocks() end

--- markdown that is rendered again and again
-- expect: E_TIMEOUT
-- memory: 16
-- deadline: 1000
local doc = require("lectern.markdown").parse(("b *c* [d](e)\n"):rep(2000))
while true do doc:render "html" end

--- a markdown handler that loops
-- expect: E_TIMEOUT
-- others: yes
require("lectern.markdown").parse("# a\n"):walk { heading = function() while true do end end }

--- yaml bombs
-- expect: ok
local yaml = require "lectern.yaml"
assert(not yaml.parse "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")
assert(not yaml.parse(("["):rep(100000)))
assert(not yaml.parse(("{a: "):rep(100000)))
assert(not yaml.parse(("- "):rep(10000)))
assert(yaml.parse(("k%d: v\n"):rep(1)) )
local keys = {}
for i = 1, 20000 do keys[i] = ("key%d: v"):format(i) end
assert(yaml.parse(table.concat(keys, "\n")))

--- sentences of a megabyte of anything
-- expect: ok
-- deadline: 20000
for _, piece in ipairs { ". ", "a. ", "(", "\"", "\n", "\r", " ", "- ", "e.g. ", "\255", "。" } do
  lectern.text.sentences(piece:rep(1000000 // #piece))
end

--- asking at the top level
-- expect: E_PLUGIN its top level may only register
-- load: yes
require("lectern").notes.find {}

--- a loop at the top level
-- expect: E_TIMEOUT
-- load: yes
while true do end

--- memory at the top level
-- expect: E_PLUGIN memory
-- load: yes
-- memory: 16
-- deadline: 5000
local t = {}
while true do t = { t } end

--- a top level that fails
-- expect: E_PLUGIN on purpose
-- load: yes
error "on purpose"

--- a top level that does not parse
-- expect: E_PLUGIN
-- load: yes
this is no Lua

--- half a registration
-- expect: E_PLUGIN has no specification
-- load: yes
require("lectern").command "half"

--- a registration that lies
-- expect: ok
-- load: yes
local lectern = require "lectern"
lectern.command "ping" { doc = "x", returns = "any", run = function() return "pong" end }
lectern.command "attack" { doc = ("x"):rep(100000), returns = "any", run = function() end }
