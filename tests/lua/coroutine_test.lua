--- Coroutines, interruption and waiting: generators that ask the host, slices, what cannot wait, what stays as in Lua.

local test = require "testing"
local lectern = require "lectern"

local function echo(value)
  return lectern.call("test.echo", { value = value }).value
end

test("a generator may ask the host", function()
  local generate = coroutine.wrap(function()
    for i = 1, 3 do coroutine.yield(echo(i) * 10) end
  end)
  local got = {}
  for value in generate do got[#got + 1] = value end
  test.equal(got, { 10, 20, 30 })
end)

test("generators in generators may ask the host", function()
  local function deep(n)
    if n == 0 then
      return echo "deep"
    end
    local co = coroutine.create(function() return deep(n - 1) end)
    local ok, value = coroutine.resume(co)
    test.ok(ok)
    test.equal(coroutine.status(co), "dead")
    return value
  end
  test.equal(deep(20), "deep")
end)

test("values pass through resume and yield as ever", function()
  local co = coroutine.create(function(a, b)
    local c, d = coroutine.yield(a + b, nil, "x")
    return c, d, nil
  end)
  test.equal(table.pack(coroutine.resume(co, 1, 2)), { n = 4, true, 3, nil, "x" })
  test.equal(table.pack(coroutine.resume(co, nil, "d")), { n = 4, true, nil, "d", nil })
  test.equal(table.pack(coroutine.resume(co)), { n = 2, false, "cannot resume dead coroutine" })
end)

test("long loops inside generators are interrupted and go on", function()
  local function spin(ms)
    local start, turns = lectern.now(), 0
    while lectern.now() - start < ms do turns = turns + 1 end
    return turns
  end
  local co = coroutine.wrap(function()
    local inner = coroutine.wrap(function()
      coroutine.yield(spin(40))
      return spin(40)
    end)
    test.ok(inner() > 0)
    coroutine.yield "middle"
    return inner()
  end)
  test.equal(co(), "middle")
  test.ok(co() > 0)
end)

test("errors in coroutines come out as they went in", function()
  local object = { "object" }
  local co = coroutine.create(function() error(object) end)
  local ok, err = coroutine.resume(co)
  test.ok(not ok and err == object)
  test.fails("boo", coroutine.wrap(function() error "boo" end))
  local wrapped = coroutine.wrap(function() lectern.notes.event "x" end)
  local failed = test.fails("unknown event 'x'", wrapped)
  test.equal(failed.code, "E_NOTFOUND")
  test.fails("dead coroutine", wrapped)
end)

test("status, running, isyieldable", function()
  local co
  co = coroutine.create(function()
    test.equal(coroutine.status(co), "running")
    test.ok(coroutine.isyieldable())
    local running, main = coroutine.running()
    test.ok(running == co and not main)
    coroutine.wrap(function() test.equal(coroutine.status(co), "normal") end)()
    coroutine.yield()
  end)
  test.equal(coroutine.status(co), "suspended")
  test.ok(coroutine.resume(co))
  test.equal(coroutine.status(co), "suspended")
  local _, main = coroutine.running()
  test.ok(main and not coroutine.isyieldable())
end)

test("the task itself is no coroutine of the plugin", function()
  test.fails("outside a coroutine", coroutine.yield)
  local me = coroutine.running()
  local ok, why = coroutine.resume(me)
  test.ok(not ok and why == "cannot resume non-suspended coroutine")
  coroutine.wrap(function()
    test.equal(coroutine.status(me), "normal")
    test.fails("cannot close a normal coroutine", coroutine.close, me)
  end)()
end)

test("close runs what is to be closed", function()
  local closed = {}
  local function closing(name, fail)
    return setmetatable({}, { __close = function() closed[#closed + 1] = name if fail then error(fail) end end })
  end
  local co = coroutine.create(function()
    local _ <close> = closing "a"
    local _ <close> = closing "b"
    coroutine.yield()
  end)
  coroutine.resume(co)
  test.equal(table.pack(coroutine.close(co)), { n = 1, true })
  test.equal(closed, { "b", "a" })
  test.equal(coroutine.status(co), "dead")
  co = coroutine.create(function()
    local _ <close> = closing("c", "closing failed")
    coroutine.yield()
  end)
  coroutine.resume(co)
  local ok, why = coroutine.close(co)
  test.ok(not ok and why:find "closing failed")
  test.ok(coroutine.close(coroutine.create(print)))
end)

test("wrap closes variables on error", function()
  local closed
  local f = coroutine.wrap(function()
    local _ <close> = setmetatable({}, { __close = function(_, err) closed = err end })
    error("boo", 0)
  end)
  test.fails("boo", f)
  test.equal(closed, "boo")
end)

test("a __close that asks the host may do so where it can wait, and where it cannot", function()
  do
    local _ <close> = setmetatable({}, { __close = function() lectern.state.set("c", echo(1)) end })
  end
  test.equal(lectern.state.get "c", 1)
  local co = coroutine.create(function()
    local _ <close> = setmetatable({}, { __close = function() lectern.state.set("c", 2) end })
    coroutine.yield()
  end)
  coroutine.resume(co)
  test.ok(coroutine.close(co))
  test.equal(lectern.state.get "c", 2)
end)

test("short requests work inside sort, gsub and metamethods", function()
  local list = { 3, 1, 2 }
  table.sort(list, function(a, b) return lectern.state.get "none" == nil and a < b end)
  test.equal(list, { 1, 2, 3 })
  test.equal((("abc"):gsub(".", function(c) return lectern.notes.get(c).id:upper() end)), "ABC")
  local object = setmetatable({}, { __tostring = function() return lectern.notes.get("x").id end })
  test.equal(tostring(object), "x")
end)

test("questions do not, and say why", function()
  local function ask_in(run)
    return test.fails("cannot wait here: inside table.sort, string.gsub", run)
  end
  ask_in(function() table.sort({ 1, 2 }, function() lectern.call("test.echo", {}) end) end)
  ask_in(function() ("a"):gsub("a", function() lectern.sleep(1) end) end)
  ask_in(function()
    table.sort({ 1, 2 }, function() return coroutine.wrap(function() return lectern.call("test.echo", {}) end)() end)
  end)
end)

test("coroutines inside sort work as ever", function()
  local list = { 2, 3, 1 }
  table.sort(list, function(a, b)
    local co = coroutine.wrap(function() coroutine.yield(1) return a < b end)
    co()
    return co()
  end)
  test.equal(list, { 1, 2, 3 })
end)

test("pcall and xpcall work across waiting", function()
  local ok, value = pcall(function() return echo "in pcall" end)
  test.equal({ ok, value }, { true, "in pcall" })
  ok, value = xpcall(function() echo(1) error "boo" end, function(err) return "handled " .. err:match "boo" end)
  test.equal({ ok, value }, { false, "handled boo" })
  test.fails("bad argument #2 to 'xpcall'", xpcall, print)
  test.equal(table.pack(xpcall(function(...) return select("#", ...), ... end, print, 1, nil)), { n = 4, true, 2, 1, nil })
end)

test("iterators with four values close", function()
  local closed = false
  local function each()
    return function(_, i) return i < 3 and i + echo(1) or nil end, nil, 0,
      setmetatable({}, { __close = function() closed = true end })
  end
  local sum = 0
  for i in each() do sum = sum + i end
  test.equal({ sum, closed }, { 6, true })
end)

test("two calls take turns, and a long one does not hold up a short one", function()
  local start = lectern.now()
  local co = coroutine.wrap(function()
    return test.call { kind = "eval", code = "(function() local n = 0 for i = 1, 2e7 do n = n + i end return n end)()" }
  end)
  test.ok(co().value.value > 0)
  test.ok(lectern.now() - start < 20000)
end)

-- The same work, with and without interruption, must give the same result.
local function churn(n)
  local sum, list = 0, {}
  for i = 1, n do
    local s = ("%d:%s"):format(i, ("x"):rep(i % 7))
    list[#list + 1] = s:gsub("x", function(c) return c .. i % 10 end)
    local ok, err = pcall(function() if i % 3 == 0 then error { i } end return i end)
    sum = sum + (ok and err or err[1])
    if i % 50 == 0 then
      table.sort(list, function(a, b) return a > b end)
      sum = sum + #list[1]
      list = {}
    end
    for v in coroutine.wrap(function() for k = 1, 3 do coroutine.yield(k) end end) do sum = sum + v end
    local object = setmetatable({ i }, { __index = function(_, k) return k end, __close = function() sum = sum + 1 end })
    do
      local _ <close> = object
      sum = sum + object[5]
    end
  end
  return sum
end

test("interrupted work gives the same result as short work", function()
  local pieces, n = 0, 200
  local expected = churn(n)
  local start = lectern.now()
  while lectern.now() - start < 600 do
    test.equal(churn(n), expected)
    pieces = pieces + 1
  end
  test.ok(pieces > 0)
  test.equal(churn(5000), churn(5000))
end)

return test.done()
