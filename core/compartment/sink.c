/* sink.c - a buffer that Lua appends to.
 *
 * The one idea: what an exporter writes is copied once here and once into the message; no string is made, hashed or collected on the way.
 */
#include "compartment/sink.h"

#include <lauxlib.h>

#include "base/buf.h"

#define SINK "lectern.sink"

struct sink {
    struct buf bytes;
    size_t marked;
};

static struct sink *check_sink(lua_State *L) {
    return luaL_checkudata(L, 1, SINK);
}

/* sink:add(...) -> length [, i]: append values as tostring writes them, up to the Ith, for which there is no room */
static int sink_add(lua_State *L) {
    struct sink *k = check_sink(L);
    int top = lua_gettop(L);
    for (int i = 2; i <= top; i++) {
        size_t n;
        const char *s = lua_isstring(L, i) ? lua_tolstring(L, i, &n) : luaL_tolstring(L, i, &n);
        if (n > SINK_BYTES - k->bytes.len) {
            lua_pushinteger(L, (lua_Integer)k->bytes.len);
            lua_pushinteger(L, i - 1);
            return 2;
        }
        buf_add(&k->bytes, s, n);
    }
    lua_pushinteger(L, (lua_Integer)k->bytes.len);
    return 1;
}

/* sink:mark(n) -> sink: its first N bytes are what it encodes as */
static int sink_mark(lua_State *L) {
    struct sink *k = check_sink(L);
    lua_Integer n = luaL_checkinteger(L, 2);
    luaL_argcheck(L, n >= 0 && (size_t)n <= k->bytes.len, 2, "beyond the end");
    k->marked = (size_t)n;
    lua_settop(L, 1);
    return 1;
}

/* sink:drop(): the marked bytes are gone */
static int sink_drop(lua_State *L) {
    struct sink *k = check_sink(L);
    buf_drop(&k->bytes, k->marked);
    k->marked = 0;
    return 0;
}

static int sink_gc(lua_State *L) {
    buf_release(&check_sink(L)->bytes);
    return 0;
}

static int sink_new(lua_State *L) {
    struct sink *k = lua_newuserdatauv(L, sizeof *k, 0);
    buf_init(&k->bytes);
    k->marked = 0;
    luaL_setmetatable(L, SINK);
    return 1;
}

bool sink_marked(lua_State *L, int index, const char **bytes, size_t *n) {
    const struct sink *k = luaL_testudata(L, index, SINK);
    if (!k) {
        return false;
    }
    *bytes = k->bytes.data;
    *n = k->marked;
    return true;
}

void sink_open(lua_State *L) {
    static const luaL_Reg methods[] = {{"add", sink_add}, {"mark", sink_mark}, {"drop", sink_drop}, {NULL, NULL}};
    luaL_newmetatable(L, SINK);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, sink_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    lua_pushcfunction(L, sink_new);
}
