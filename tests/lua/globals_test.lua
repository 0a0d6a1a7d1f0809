--- What plugins find in the language, and what they do not.

local test = require "testing"
local lectern = require "lectern"

local looped = { pcall(require, "globals_test") }

local allowed = {
  _G = true, _VERSION = true, assert = true, coroutine = true, error = true, getmetatable = true, ipairs = true, load = true,
  math = true, next = true, pairs = true, pcall = true, print = true, rawequal = true, rawget = true, rawlen = true,
  rawset = true, require = true, select = true, setmetatable = true, string = true, table = true, tonumber = true,
  tostring = true, type = true, utf8 = true, xpcall = true,
}
local libraries = {
  string = "byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper",
  table = "concat insert move pack remove sort unpack",
  math = "abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad random randomseed"
    .. " sin sqrt tan tointeger type ult",
  utf8 = "char charpattern codepoint codes len offset",
  coroutine = "close create isyieldable resume running status wrap yield",
}

test("globals are those of the list, no more and no fewer", function()
  for name in pairs(_G) do test.ok(allowed[name], "global that is not allowed: " .. tostring(name)) end
  for name in pairs(allowed) do test.ok(_G[name] ~= nil, "global that is missing: " .. name) end
end)

test("so are the fields of the libraries", function()
  for library, names in pairs(libraries) do
    local wanted = {}
    for name in names:gmatch "%S+" do
      wanted[name] = true
      test.ok(_G[library][name] ~= nil, library .. "." .. name .. " is missing")
    end
    for name in pairs(_G[library]) do test.ok(wanted[name], library .. "." .. name .. " is not allowed") end
  end
end)

test("there is no way to the host's files, processes or interpreter", function()
  for _, name in ipairs { "os", "io", "package", "debug", "collectgarbage", "dofile", "loadfile", "warn" } do
    test.equal(_G[name], nil)
    test.fails("no module", require, name)
  end
  test.equal(string.dump, nil)
  test.equal(("x").dump, nil)
end)

test("load takes text only, whatever it is told", function()
  for _, mode in ipairs { "b", "bt", "t" } do
    local f, why = load("\27Lua\84\0", "x", mode)
    test.ok(f == nil and why:find "binary chunk", why)
  end
  test.equal(load("return 1 + 1")(), 2)
  test.equal(load("return x", "name", "t", { x = 5 })(), 5)
  test.equal(load("return x", "name", "t", nil) ~= nil, true)
  local pieces, i = { "return ", "4", "2" }, 0
  test.equal(load(function() i = i + 1 return pieces[i] end)(), 42)
  local f, why = load "return ="
  test.ok(f == nil and why:find "unexpected symbol")
  test.fails("must return a string", load, function() return {} end)
end)

test("a chunk of more than 1 MiB is refused", function()
  test.fails("too large", load, (" "):rep(1024 * 1024 + 1))
  test.fails("too large", load, function() return (" "):rep(300000) end)
end)

test("rep, format, concat, move and unpack are bounded", function()
  test.equal(("ab"):rep(3, "-"), "ab-ab-ab")
  test.equal({ ("x"):rep(0), ("x"):rep(-1), (""):rep(math.maxinteger), (""):rep(1 << 62, "") }, { "", "", "", "" })
  test.fails("too large", string.rep, "x", 1 << 40)
  test.fails("too large", string.rep, "", 1 << 62, "x")
  test.fails("too large", string.rep, "xx", math.maxinteger)
  test.fails("range is too large", table.move, {}, 1, 10 ^ 10 // 1 | 0, 2)
  test.fails("range is too large", table.move, {}, math.mininteger, math.maxinteger, 1)
  test.fails("range is too large", table.concat, {}, "", 1, 1 << 60)
  test.fails("too many results", table.unpack, {}, 1, 10 ^ 8 // 1 | 0)
  test.equal(table.concat({ 1, 2, 3 }, ","), "1,2,3")
  test.equal(table.concat({ 1, 2, 3 }, ",", 2), "2,3")
  test.equal(table.move({ 1, 2, 3 }, 1, 3, 2), { 1, 1, 2, 3 })
  test.equal(#table.concat(table.move({}, 1, 0, 1)), 0)
end)

test("tables that lie about their length do not make C count", function()
  local liar = setmetatable({}, { __len = function() return 1 << 60 end })
  for _, name in ipairs { "insert", "remove", "concat", "unpack", "sort" } do
    test.fails("too long", table[name], liar, 1, 1)
  end
  local honest = setmetatable({ 1, 2 }, { __len = function() return 2 end })
  test.equal({ table.unpack(honest) }, { 1, 2 })
end)

test("no address is shown", function()
  for _, value in ipairs { {}, print, coroutine.create(print), setmetatable({}, {}), function() end } do
    test.ok(not tostring(value):find "0x", tostring(value))
    test.ok(not ("%s"):format(value):find "0x")
  end
  test.equal({ tostring(lectern.null), tostring(nil), tostring(1), tostring(true) }, { "null", "nil", "1", "true" })
  test.fails("%p is not available", string.format, "%p", {})
  test.fails("%p is not available", string.format, "%5d %-10p", 1, {})
  test.equal(("%s %5.1f %d %q %% %s"):format("a", 1.25, 3, "x", true), 'a   1.2 3 "x" % true')
  test.equal(("%-5s|"):format(setmetatable({}, { __tostring = function() return "ab" end })), "ab   |")
  test.equal(tostring(setmetatable({}, { __name = "thing" })), "thing")
  test.equal(tostring(setmetatable({}, { __name = 5 })), "table")
  test.fails("(no value)", string.format, "%s")
end)

test("no finalizers", function()
  test.fails("__gc is not available", setmetatable, {}, { __gc = print })
  test.fails("__gc is not available", setmetatable, {}, { __gc = true })
  test.equal(getmetatable(setmetatable({}, { x = 1 })).x, 1)
end)

test("the metatable of strings is locked", function()
  test.equal(getmetatable "", false)
  test.fails("table expected", setmetatable, "", {})
  test.equal(("x"):upper(), "X")
end)

test("classes of lectern are locked", function()
  local _, err = pcall(lectern.fail, "x")
  test.equal(getmetatable(err), false)
  test.equal(getmetatable(lectern), false)
  test.fails("cannot change a protected metatable", setmetatable, err, {})
end)

test("random numbers are the same in the same run", function()
  math.randomseed()
  local a, b = math.random(1000000), math.random(1000000)
  math.randomseed()
  test.equal({ math.random(1000000), math.random(1000000) }, { a, b })
  math.randomseed(7)
  local c = math.random(1000000)
  math.randomseed(7)
  test.equal(math.random(1000000), c)
end)

test("require gives one module once and knows its name", function()
  test.ok(require "lectern" == require "lectern")
  test.ok(require "testing" == test)
  test.ok(not looped[1] and looped[2].message:find "requires itself")
  for _, name in ipairs { "", "../testing", "/etc/passwd", "testing.lua", "lectern/init", "lectern._none" } do
    test.fails("no module", require, name)
  end
  test.fails("string expected", require, {})
end)

test("print is not confused by odd names and long texts", function()
  local odd, long = setmetatable({}, { __name = {} }), ("x"):rep(3000)
  lectern.call "test.clear"
  print(odd, long, odd, long, odd, long, odd)
  test.equal(test.told("log")[1][3], ("table\t%s\ttable\t%s\ttable\t%s\ttable"):format(long, long, long):sub(1, 8192))
  test.equal(("%s|%s|%s"):format(odd, long, odd), "table|" .. long .. "|table")
end)

test("print does not fail on anything", function()
  lectern.call "test.clear"
  print(nil, print, {}, 1.5, "\255\0")
  test.equal(#test.told "log", 1)
end)

return test.done()
