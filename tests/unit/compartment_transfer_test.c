/* compartment_transfer_test.c - Lua values to MessagePack and back, checked against base's own reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/msgpack.h"
#include "compartment/transfer.h"
#include "compartment/vm.h"

static void ignore(void *ctx) {
    (void)ctx;
}

static int make_vm(void **state) {
    struct vm *vm = vm_new(64 << 20, ignore);
    transfer_open_batch(vm->L);
    lua_setglobal(vm->L, "batch");
    transfer_push_null(vm->L);
    lua_setglobal(vm->L, "null");
    *state = vm;
    return 0;
}

static int free_vm(void **state) {
    vm_free(*state);
    return 0;
}

/* Push what the Lua expression gives. */
static void push(lua_State *L, const char *expression) {
    lua_settop(L, 0);
    lua_pushfstring(L, "return %s", expression);
    assert_int_equal(luaL_loadstring(L, lua_tostring(L, -1)), LUA_OK);
    assert_int_equal(lua_pcall(L, 0, 1, 0), LUA_OK);
    lua_replace(L, 1);
}

/* The expression's value, encoded, read by base and written as JSON. */
static void encodes(lua_State *L, const char *expression, const char *json) {
    struct buf out = BUF_INIT, text = BUF_INIT;
    struct arena a = ARENA_INIT;
    struct value v;
    struct err err;
    err_init(&err);
    push(L, expression);
    if (!transfer_write(L, -1, &out, "value")) {
        fail_msg("%s: %s", expression, lua_tostring(L, -1));
    }
    assert_int_equal(msgpack_read(&a, out.data, out.len, &msgpack_limits_default, &v, &err), 0);
    json_write(&text, &v);
    assert_string_equal(text.data, json);
    buf_release(&text);
    buf_release(&out);
    arena_release(&a);
}

static void refuses(lua_State *L, const char *expression, const char *message) {
    struct buf out = BUF_INIT;
    buf_adds(&out, "before");
    push(L, expression);
    assert_false(transfer_write(L, -1, &out, "value"));
    assert_string_equal(lua_tostring(L, -1), message);
    assert_string_equal(out.data, "before");
    assert_int_equal(out.len, 6);
    buf_release(&out);
}

static void test_values(void **state) {
    lua_State *L = ((struct vm *)*state)->L;
    encodes(L, "nil", "null");
    encodes(L, "null", "null");
    encodes(L, "true", "true");
    encodes(L, "-5", "-5");
    encodes(L, "1 << 62", "4611686018427387904");
    encodes(L, "1.5", "1.5");
    encodes(L, "'text'", "\"text\"");
    encodes(L, "'\\255'", "\"/w==\""); /* bin */
    encodes(L, "{}", "[]");
    encodes(L, "{1, {2}, 'x'}", "[1,[2],\"x\"]");
    encodes(L, "{b = 1, a = 2, ab = 3}", "{\"a\":2,\"ab\":3,\"b\":1}");
    encodes(L, "{a = null, list = {null, 1}}", "{\"a\":null,\"list\":[null,1]}");
    encodes(L, "setmetatable({x = 1}, {__pairs = error, __index = error})", "{\"x\":1}");
}

static void test_refusals(void **state) {
    lua_State *L = ((struct vm *)*state)->L;
    refuses(L, "print or error", "value: a function cannot leave the compartment");
    refuses(L, "{a = {1, {error}}}", "value.a[2][1]: a function cannot leave the compartment");
    refuses(L, "{1, nil, 3}", "value: is a list with holes (nil); lectern.null can stand there");
    refuses(L, "{1, x = 2}", "value: mixes list items and named fields");
    refuses(L, "{[1.5] = 1}", "value: has a key that is neither a string nor an integer");
    refuses(L, "{[true] = 1}", "value: has a key that is neither a string nor an integer");
    refuses(L, "{co = coroutine.create(error)}", "value.co: a coroutine cannot leave the compartment");
}

static void test_nesting(void **state) {
    lua_State *L = ((struct vm *)*state)->L;
    push(L, "(function() local t = {} for i = 2, 24 do t = {t} end return t end)()");
    struct buf out = BUF_INIT;
    assert_true(transfer_write(L, -1, &out, "value"));
    buf_release(&out);
    push(L, "(function() local t = {} t.t = t return t end)()");
    assert_false(transfer_write(L, -1, &out, "value"));
    assert_non_null(strstr(lua_tostring(L, -1), "does it contain itself?"));
    buf_release(&out);
}

static void test_many_keys(void **state) {
    lua_State *L = ((struct vm *)*state)->L;
    push(L, "(function() local t = {} for i = 1, 5000 do t['k' .. i] = i end return t end)()");
    struct buf out = BUF_INIT, again = BUF_INIT;
    assert_true(transfer_write(L, -1, &out, "value"));
    push(L, "(function() local t = {} for i = 5000, 1, -1 do t['k' .. i] = i end return t end)()");
    assert_true(transfer_write(L, -1, &again, "value"));
    assert_int_equal(out.len, again.len);
    assert_memory_equal(out.data, again.data, out.len); /* the order of keys is not the order of insertion */
    assert_int_equal(lua_gettop(L), 1);
    buf_release(&out);
    buf_release(&again);
}

static void test_maps_by_force(void **state) {
    lua_State *L = ((struct vm *)*state)->L;
    struct buf out = BUF_INIT;
    push(L, "{}");
    assert_true(transfer_write_map(L, -1, &out, "params"));
    assert_memory_equal(out.data, "\x80", 1);
    push(L, "nil");
    assert_true(transfer_write_map(L, -1, &out, "params"));
    assert_memory_equal(out.data + 1, "\x80", 1);
    push(L, "{1}");
    assert_false(transfer_write_map(L, -1, &out, "params"));
    assert_string_equal(lua_tostring(L, -1), "params: must have named fields only");
    buf_release(&out);
}

static void test_batch(void **state) {
    lua_State *L = ((struct vm *)*state)->L;
    encodes(L, "(function() local b = batch() b:add(1) b:add({a = 'x'}) return {items = b, n = b:count()} end)()",
            "{\"items\":[1,{\"a\":\"x\"}],\"n\":2}");
    encodes(L, "(function() local b = batch() b:add(1) b:clear() return b end)()", "[]");
    encodes(L, "(function() local b = batch() local ok = pcall(b.add, b, error) return {ok, b} end)()", "[false,[]]");
}

static void test_reading(void **state) {
    lua_State *L = ((struct vm *)*state)->L;
    struct buf in = BUF_INIT, out = BUF_INIT;
    push(L, "{list = {1, null, 'x', {}}, map = {a = 1.5, b = null}, [7] = true and nil, flag = true}");
    assert_true(transfer_write(L, -1, &in, "value"));
    struct unpack u = unpack_bytes(in.data, in.len);
    transfer_read(L, &u);
    assert_ptr_equal(u.at, u.end);
    lua_setglobal(L, "got");
    push(L, "got.list[2] == null and #got.list == 4 and got.map.a == 1.5 and got.map.b == nil and got.flag");
    assert_true(lua_toboolean(L, -1));
    buf_release(&in);
    buf_release(&out);
}

static int read_noise(lua_State *L) {
    struct unpack *u = lua_touserdata(L, 1);
    transfer_read(L, u);
    return 0;
}

static void test_reading_noise(void **state) {
    lua_State *L = ((struct vm *)*state)->L;
    srand(2);
    for (int round = 0; round < 5000; round++) {
        unsigned char noise[64];
        for (size_t i = 0; i < sizeof noise; i++) {
            noise[i] = (unsigned char)rand();
        }
        struct unpack u = unpack_bytes(noise, sizeof noise);
        lua_settop(L, 0);
        lua_pushcfunction(L, read_noise);
        lua_pushlightuserdata(L, &u);
        lua_pcall(L, 1, 0, 0);
    }
    struct buf deep = BUF_INIT;
    buf_pad(&deep, '\x91', 10000);
    struct unpack u = unpack_bytes(deep.data, deep.len);
    lua_pushcfunction(L, read_noise);
    lua_pushlightuserdata(L, &u);
    assert_int_not_equal(lua_pcall(L, 1, 0, 0), LUA_OK);
    buf_release(&deep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, make_vm, free_vm),
        cmocka_unit_test_setup_teardown(test_refusals, make_vm, free_vm),
        cmocka_unit_test_setup_teardown(test_nesting, make_vm, free_vm),
        cmocka_unit_test_setup_teardown(test_many_keys, make_vm, free_vm),
        cmocka_unit_test_setup_teardown(test_maps_by_force, make_vm, free_vm),
        cmocka_unit_test_setup_teardown(test_batch, make_vm, free_vm),
        cmocka_unit_test_setup_teardown(test_reading, make_vm, free_vm),
        cmocka_unit_test_setup_teardown(test_reading_noise, make_vm, free_vm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
