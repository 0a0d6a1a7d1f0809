/* transfer.c - Lua values as bytes.
 *
 * The one idea: nothing raises while C memory is held. Encoding goes down with return codes and builds the path of the
 * culprit on its way back up. Raw access throughout: no metamethod runs in here.
 */
#include "compartment/transfer.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/msgpack.h"
#include "base/text.h"
#include "compartment/sink.h"

#define BATCH "lectern.batch"

struct batch {
    struct buf items; /* encoded one after another */
    uint32_t count;
};

struct encoder {
    lua_State *L;
    struct buf *out;
    size_t limit; /* length of out that may not be exceeded */
    const char *problem;
    char path[200]; /* of the culprit, built from its end */
    size_t path_at;
};

static int encode(struct encoder *e, int index, unsigned depth, bool as_map);

void transfer_push_null(lua_State *L) {
    lua_pushlightuserdata(L, NULL);
}

int transfer_is_null(lua_State *L, int index) {
    return lua_islightuserdata(L, index) && lua_touserdata(L, index) == NULL;
}

/* ---- encoding -------------------------------------------------------------------------------------------------- */

static int fail(struct encoder *e, const char *problem) {
    e->problem = problem;
    return -1;
}

static int path_add(struct encoder *e, const char *piece) {
    size_t n = strlen(piece);
    if (n < e->path_at) {
        e->path_at -= n;
        memcpy(e->path + e->path_at, piece, n);
    }
    return -1;
}

static int path_name(struct encoder *e, const char *name) {
    char piece[48];
    snprintf(piece, sizeof piece, ".%.40s", name);
    return path_add(e, piece);
}

static int path_item(struct encoder *e, lua_Integer i) {
    char piece[32];
    snprintf(piece, sizeof piece, "[%lld]", (long long)i);
    return path_add(e, piece);
}

static int encode_string(struct encoder *e, int index) {
    size_t n;
    const char *s = lua_tolstring(e->L, index, &n);
    if (n > e->limit || e->out->len > e->limit - n) {
        return fail(e, "too large to leave the compartment (16 MiB)");
    }
    if (text_utf8_valid(s, n) == n) {
        msgpack_write_str(e->out, s, n);
    } else {
        msgpack_write_bin(e->out, s, n);
    }
    return 0;
}

static int encode_array(struct encoder *e, int t, lua_Integer count, unsigned depth) {
    msgpack_write_array(e->out, (uint32_t)count);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(e->L, t, i);
        if (encode(e, lua_gettop(e->L), depth + 1, false) != 0) {
            return path_item(e, i);
        }
        lua_pop(e->L, 1);
    }
    return 0;
}

/* What a table's keys are like. */
struct census {
    lua_Integer integers, strings, others, largest;
};

static struct census count_keys(lua_State *L, int t) {
    struct census c = {0};
    lua_pushnil(L);
    while (lua_next(L, t)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            c.strings++;
        } else if (lua_isinteger(L, -1)) {
            lua_Integer i = lua_tointeger(L, -1);
            c.integers++;
            c.largest = i < 1 ? LUA_MAXINTEGER : i > c.largest ? i : c.largest;
        } else {
            c.others++;
        }
    }
    return c;
}

struct key {
    const char *text; /* NULL: an integer */
    size_t len;
    lua_Integer number;
    int slot; /* where on the Lua stack */
};

static int compare_keys(const void *a, const void *b) {
    const struct key *x = a;
    const struct key *y = b;
    if (!x->text || !y->text) {
        return (x->number > y->number) - (x->number < y->number);
    }
    int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void sort_keys(struct key *keys, size_t n) {
    if (n > 24) {
        qsort(keys, n, sizeof *keys, compare_keys);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        struct key k = keys[i];
        size_t at = i;
        for (; at > 0 && compare_keys(&keys[at - 1], &k) > 0; at--) {
            keys[at] = keys[at - 1];
        }
        keys[at] = k;
    }
}

/* Leaves every key on the stack: a key that lies there is looked up without making its string again. */
static void collect_keys(lua_State *L, int t, struct key *keys) {
    size_t n = 0;
    lua_pushnil(L);
    while (lua_next(L, t)) {
        lua_pop(L, 1);
        struct key *k = &keys[n++];
        *k = (struct key){.slot = lua_gettop(L)};
        if (lua_type(L, -1) == LUA_TSTRING) {
            k->text = lua_tolstring(L, -1, &k->len);
        } else {
            k->number = lua_tointeger(L, -1);
        }
        lua_pushvalue(L, -1);
    }
}

static int encode_pairs(struct encoder *e, int t, const struct key *keys, size_t n, unsigned depth) {
    for (size_t i = 0; i < n; i++) {
        const struct key *k = &keys[i];
        if (k->text) {
            msgpack_write_str(e->out, k->text, k->len);
        } else {
            msgpack_write_int(e->out, k->number);
        }
        lua_pushvalue(e->L, k->slot);
        lua_rawget(e->L, t);
        if (encode(e, lua_gettop(e->L), depth + 1, false) != 0) {
            return k->text ? path_name(e, k->text) : path_item(e, k->number);
        }
        lua_pop(e->L, 1);
    }
    return 0;
}

enum { KEYS_ON_STACK = 32 };

static int encode_map(struct encoder *e, int t, size_t n, unsigned depth) {
    struct key few[KEYS_ON_STACK] = {0};
    if (n > INT32_MAX / 2 || !lua_checkstack(e->L, (int)n + 8)) {
        return fail(e, "has too many fields to leave the compartment");
    }
    struct key *keys = n > KEYS_ON_STACK ? mem_array(NULL, n, sizeof *keys) : few;
    int top = lua_gettop(e->L);
    collect_keys(e->L, t, keys);
    sort_keys(keys, n);
    msgpack_write_map(e->out, (uint32_t)n);
    int rc = encode_pairs(e, t, keys, n, depth);
    lua_settop(e->L, top);
    if (keys != few) {
        mem_free(keys);
    }
    return rc;
}

static int encode_table(struct encoder *e, int t, unsigned depth, bool as_map) {
    if (depth >= TRANSFER_DEPTH) {
        return fail(e, "is nested too deeply (24 levels); does it contain itself?");
    }
    if (!lua_checkstack(e->L, 8)) {
        return fail(e, "is nested too deeply");
    }
    struct census c = count_keys(e->L, t);
    if (c.others) {
        return fail(e, "has a key that is neither a string nor an integer");
    }
    if (c.integers && c.strings) {
        return fail(e, "mixes list items and named fields");
    }
    if (!c.strings && c.largest == c.integers && !as_map) {
        return encode_array(e, t, c.integers, depth);
    }
    if (c.integers && as_map) {
        return fail(e, "must have named fields only");
    }
    if (c.integers && c.largest <= 2 * c.integers) {
        return fail(e, "is a list with holes (nil); lectern.null can stand there");
    }
    return encode_map(e, t, (size_t)(c.strings + c.integers), depth);
}

static int encode_userdata(struct encoder *e, int index) {
    size_t n;
    struct batch *b = luaL_testudata(e->L, index, BATCH);
    bool sink = !b && sink_marked(e->L, index, &n);
    if (!b && !sink) {
        return fail(e, "an object of lectern cannot leave the compartment");
    }
    n = b ? b->items.len : n;
    if (n > e->limit || e->out->len > e->limit - n) {
        return fail(e, "too large to leave the compartment (16 MiB)");
    }
    if (sink) {
        sink_write(e->L, index, e->out);
        return 0;
    }
    msgpack_write_array(e->out, b->count);
    buf_add(e->out, b->items.data, b->items.len);
    return 0;
}

static int encode(struct encoder *e, int index, unsigned depth, bool as_map) {
    if (e->out->len > e->limit) {
        return fail(e, "too large to leave the compartment (16 MiB)");
    }
    switch (lua_type(e->L, index)) {
    case LUA_TNIL:
        msgpack_write_nil(e->out);
        return 0;
    case LUA_TBOOLEAN:
        msgpack_write_bool(e->out, lua_toboolean(e->L, index) != 0);
        return 0;
    case LUA_TNUMBER:
        if (lua_isinteger(e->L, index)) {
            msgpack_write_int(e->out, lua_tointeger(e->L, index));
        } else {
            msgpack_write_float(e->out, lua_tonumber(e->L, index));
        }
        return 0;
    case LUA_TSTRING:
        return encode_string(e, index);
    case LUA_TTABLE:
        return encode_table(e, index, depth, as_map);
    case LUA_TLIGHTUSERDATA:
        msgpack_write_nil(e->out);
        return 0;
    case LUA_TUSERDATA:
        return encode_userdata(e, index);
    case LUA_TFUNCTION:
        return fail(e, "a function cannot leave the compartment");
    default:
        return fail(e, "a coroutine cannot leave the compartment");
    }
}

void transfer_undo(struct buf *out, size_t len) {
    if (len < out->len) {
        out->len = len;
        out->data[len] = '\0';
    }
}

static bool encode_whole(lua_State *L, int index, struct buf *out, const char *what, bool as_map) {
    struct encoder e = {.L = L, .out = out, .limit = out->len + TRANSFER_BYTES_MAX, .path_at = sizeof e.path - 1};
    size_t start = out->len;
    int top = lua_gettop(L);
    if (encode(&e, lua_absindex(L, index), 0, as_map) == 0) {
        return true;
    }
    transfer_undo(out, start);
    lua_settop(L, top);
    lua_pushfstring(L, "%s%s: %s", what, e.path + e.path_at, e.problem);
    return false;
}

bool transfer_write(lua_State *L, int index, struct buf *out, const char *what) {
    return encode_whole(L, index, out, what, false);
}

bool transfer_write_map(lua_State *L, int index, struct buf *out, const char *what) {
    if (lua_isnoneornil(L, index)) {
        msgpack_write_map(out, 0);
        return true;
    }
    return encode_whole(L, index, out, what, true);
}

/* ---- batches --------------------------------------------------------------------------------------------------- */

static struct batch *check_batch(lua_State *L) {
    return luaL_checkudata(L, 1, BATCH);
}

/* batch:add(value) -> count, bytes */
static int batch_add(lua_State *L) {
    struct batch *b = check_batch(L);
    luaL_checkany(L, 2);
    if (!transfer_write(L, 2, &b->items, "item")) {
        return lua_error(L);
    }
    b->count++;
    lua_pushinteger(L, b->count);
    lua_pushinteger(L, (lua_Integer)b->items.len);
    return 2;
}

static int batch_clear(lua_State *L) {
    struct batch *b = check_batch(L);
    buf_clear(&b->items);
    b->count = 0;
    return 0;
}

static int batch_count(lua_State *L) {
    lua_pushinteger(L, check_batch(L)->count);
    return 1;
}

static int batch_gc(lua_State *L) {
    buf_release(&check_batch(L)->items);
    return 0;
}

static int batch_new(lua_State *L) {
    struct batch *b = lua_newuserdatauv(L, sizeof *b, 0);
    buf_init(&b->items);
    b->count = 0;
    luaL_setmetatable(L, BATCH);
    return 1;
}

void transfer_open_batch(lua_State *L) {
    static const luaL_Reg methods[] = {
        {"add", batch_add}, {"clear", batch_clear}, {"count", batch_count}, {NULL, NULL}};
    luaL_newmetatable(L, BATCH);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, batch_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    lua_pushcfunction(L, batch_new);
}
