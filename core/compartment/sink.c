/* sink.c - a buffer that Lua appends to.
 *
 * The one idea: what an exporter writes is copied once here and once into the message; no string is made, hashed or collected on the way.
 */
#include "compartment/sink.h"

#include <lauxlib.h>
#include <string.h>

#include "base/msgpack.h"

#define SINK "lectern.sink"

enum { FIRST_BYTES = 4096 - 64, CHUNK_BYTES = 64 * 1024 - 64 };

/* Nothing is moved when more comes. */
struct chunk {
    struct chunk *next;
    size_t len, cap;
    char data[];
};

struct sink {
    struct chunk *first, *last;
    size_t len;
    size_t most; /* LEN at most; 0: as much as the plugin may have */
    size_t marked;
};

/* By the metatable, which every method has at hand: a name would be looked up. */
static struct sink *to_sink(lua_State *L, int index) {
    struct sink *k = lua_touserdata(L, index);
    if (!k || !lua_getmetatable(L, index)) {
        return NULL;
    }
    bool is = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
    return is ? k : NULL;
}

static struct sink *check_sink(lua_State *L) {
    struct sink *k = to_sink(L, 1);
    return k ? k : luaL_checkudata(L, 1, SINK);
}

/* Like the heap's own blocks, with its habit: garbage goes first, then it is an error. */
static struct chunk *add_chunk(lua_State *L, struct sink *k) {
    void *ud;
    lua_Alloc alloc = lua_getallocf(L, &ud);
    size_t cap = k->first ? CHUNK_BYTES : FIRST_BYTES;
    struct chunk *c = alloc(ud, NULL, 0, sizeof *c + cap);
    if (!c) {
        lua_gc(L, LUA_GCCOLLECT);
        c = alloc(ud, NULL, 0, sizeof *c + cap);
    }
    if (!c) {
        lua_newuserdatauv(L, sizeof *c + cap, 0); /* raises what Lua raises where there is no memory */
        luaL_error(L, "not enough memory");
        return NULL;
    }
    *c = (struct chunk){.cap = cap};
    *(k->last ? &k->last->next : &k->first) = c;
    k->last = c;
    return c;
}

static void drop_first(lua_State *L, struct sink *k) {
    void *ud;
    lua_Alloc alloc = lua_getallocf(L, &ud);
    struct chunk *c = k->first;
    k->first = c->next;
    k->last = k->first ? k->last : NULL;
    alloc(ud, c, sizeof *c + c->cap, 0);
}

static bool has_room(const struct sink *k, size_t n) {
    return !k->most || n <= k->most - k->len;
}

static void add(lua_State *L, struct sink *k, const char *s, size_t n) {
    while (n > 0) {
        bool full = !k->last || k->last->len == k->last->cap;
        struct chunk *c = full ? add_chunk(L, k) : k->last;
        if (!c) {
            return;
        }
        size_t part = n < c->cap - c->len ? n : c->cap - c->len;
        memcpy(c->data + c->len, s, part);
        c->len += part;
        k->len += part;
        s += part;
        n -= part;
    }
}

/* All chunks of OTHER go to the end of K. */
static void move(struct sink *k, struct sink *other) {
    if (other->first) {
        *(k->last ? &k->last->next : &k->first) = other->first;
        k->last = other->last;
        k->len += other->len;
    }
    other->first = other->last = NULL;
    other->len = other->marked = 0;
}

/* sink:add(...) -> length [, i]: append values as tostring writes them, and all that sinks hold, which are empty then; up to
 * the Ith, for which there is no room */
static int sink_add(lua_State *L) {
    struct sink *k = check_sink(L);
    int top = lua_gettop(L);
    for (int i = 2; i <= top; i++) {
        size_t n = 0;
        const char *s = lua_tolstring(L, i, &n);
        struct sink *other = s ? NULL : to_sink(L, i);
        luaL_argcheck(L, other != k, i, "a buffer in itself");
        s = s || other ? s : luaL_tolstring(L, i, &n);
        if (!has_room(k, other ? other->len : n)) {
            lua_pushinteger(L, (lua_Integer)k->len);
            lua_pushinteger(L, i - 1);
            return 2;
        }
        if (other) {
            move(k, other);
        } else {
            add(L, k, s, n);
        }
    }
    lua_pushinteger(L, (lua_Integer)k->len);
    return 1;
}

/* sink:take(other, n): about N bytes from the beginning of OTHER; no more than there is room for */
static int sink_take(lua_State *L) {
    struct sink *k = check_sink(L);
    struct sink *other = to_sink(L, 2);
    lua_Integer n = luaL_checkinteger(L, 3);
    luaL_argcheck(L, other && other != k, 2, "another sink");
    luaL_argcheck(L, n >= 0, 3, "negative");
    size_t taken = 0;
    other->marked = 0;
    while (other->first && taken < (size_t)n && has_room(k, other->first->len)) {
        struct chunk *c = other->first;
        other->first = c->next;
        other->last = other->first ? other->last : NULL;
        other->len -= c->len;
        taken += c->len;
        c->next = NULL;
        *(k->last ? &k->last->next : &k->first) = c;
        k->last = c;
        k->len += c->len;
    }
    lua_pushinteger(L, (lua_Integer)k->len);
    return 1;
}

/* sink:text(from, n) -> text: bytes [from, from + n), fewer at the end */
static int sink_text(lua_State *L) {
    const struct sink *k = check_sink(L);
    lua_Integer first = luaL_checkinteger(L, 2), count = luaL_checkinteger(L, 3);
    luaL_argcheck(L, first >= 0 && (size_t)first <= k->len, 2, "beyond the end");
    luaL_argcheck(L, count >= 0, 3, "negative");
    size_t from = (size_t)first, n = (size_t)count;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (const struct chunk *c = k->first; c && n > 0; c = c->next) {
        size_t skip = from < c->len ? from : c->len;
        size_t part = n < c->len - skip ? n : c->len - skip;
        luaL_addlstring(&b, c->data + skip, part);
        from -= skip;
        n -= part;
    }
    luaL_pushresult(&b);
    return 1;
}

/* sink:mark(n) -> sink: its first N bytes are what it encodes as */
static int sink_mark(lua_State *L) {
    struct sink *k = check_sink(L);
    lua_Integer n = luaL_checkinteger(L, 2);
    luaL_argcheck(L, n >= 0 && (size_t)n <= k->len, 2, "beyond the end");
    k->marked = (size_t)n;
    lua_settop(L, 1);
    return 1;
}

/* sink:drop(): the marked bytes are gone */
static int sink_drop(lua_State *L) {
    struct sink *k = check_sink(L);
    k->len -= k->marked;
    while (k->marked > 0) {
        struct chunk *c = k->first;
        if (k->marked < c->len) {
            c->len -= k->marked;
            memmove(c->data, c->data + k->marked, c->len);
            k->marked = 0;
        } else {
            k->marked -= c->len;
            drop_first(L, k);
        }
    }
    return 0;
}

static int sink_len(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)check_sink(L)->len);
    return 1;
}

static int sink_gc(lua_State *L) {
    struct sink *k = check_sink(L);
    while (k->first) {
        drop_first(L, k);
    }
    k->len = k->marked = 0;
    return 0;
}

/* sink([most]): of at most MOST bytes; without, as much as the plugin may have */
static int sink_new(lua_State *L) {
    lua_Integer most = luaL_optinteger(L, 1, 0);
    luaL_argcheck(L, most >= 0, 1, "negative");
    struct sink *k = lua_newuserdatauv(L, sizeof *k, 0);
    *k = (struct sink){.most = (size_t)most};
    luaL_setmetatable(L, SINK);
    return 1;
}

bool sink_marked(lua_State *L, int index, size_t *n) {
    const struct sink *k = luaL_testudata(L, index, SINK);
    *n = k ? k->marked : 0;
    return k != NULL;
}

void sink_write(lua_State *L, int index, struct buf *out) {
    const struct sink *k = luaL_checkudata(L, index, SINK);
    size_t left = k->marked;
    msgpack_write_bin_head(out, left);
    for (const struct chunk *c = k->first; c && left > 0; c = c->next) {
        size_t part = left < c->len ? left : c->len;
        buf_add(out, c->data, part);
        left -= part;
    }
}

void sink_open(lua_State *L) {
    static const luaL_Reg methods[] = {{"add", sink_add},   {"take", sink_take}, {"text", sink_text},
                                       {"mark", sink_mark}, {"drop", sink_drop}, {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__len", sink_len}, {"__gc", sink_gc}, {NULL, NULL}};
    luaL_newmetatable(L, SINK);
    lua_pushvalue(L, -1);
    luaL_setfuncs(L, meta, 1);
    luaL_newlibtable(L, methods);
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, methods, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    lua_pushcfunction(L, sink_new);
}
