/* transfer_read.c - MessagePack as Lua values.
 *
 * The one idea: messages say the same short words again and again, names of fields, of kinds, of one event. Those that
 * were met last are known by their bytes, so that Lua need not look for its own string of them each time.
 */
#include <lauxlib.h>
#include <string.h>

#include "compartment/transfer.h"

enum { WORDS = 256, WORD_BYTES = 32 }; /* no identifiers: each is another */

struct words {
    struct {
        const char *s; /* of the string at the same place of the table beside it */
        size_t len;
    } known[WORDS];
};

struct decoder {
    lua_State *L;
    struct unpack *u;
    struct words *words;
    int table; /* where on the stack */
};

static void push(struct decoder *d, unsigned depth, bool in_array);

static void next_token(struct decoder *d, struct unpack_token *t) {
    if (unpack_next(d->u, t) != UNPACK_OK) {
        luaL_error(d->L, "message from the host is not MessagePack");
    }
}

static size_t place_of(const char *s, size_t len) {
    const unsigned char *p = (const unsigned char *)s;
    size_t sum = len * 31 + p[0] * 7u + p[len - 1] * 13u + p[len / 2] * 3u;
    return sum % WORDS;
}

static void push_word(struct decoder *d, const char *s, size_t len) {
    size_t at = place_of(s, len);
    if (d->words->known[at].len == len && memcmp(d->words->known[at].s, s, len) == 0) {
        lua_rawgeti(d->L, d->table, (lua_Integer)at + 1);
        return;
    }
    d->words->known[at].len = 0;
    const char *own = lua_pushlstring(d->L, s, len);
    lua_pushvalue(d->L, -1);
    lua_rawseti(d->L, d->table, (lua_Integer)at + 1);
    d->words->known[at].s = own;
    d->words->known[at].len = len;
}

static void push_string(struct decoder *d, const struct unpack_token *t) {
    if (t->len > 0 && t->len <= WORD_BYTES) {
        push_word(d, t->s, t->len);
    } else {
        lua_pushlstring(d->L, t->s, t->len);
    }
}

/* Room for what a head announces, but never for more than the bytes that are there could hold. */
static int sized(const struct unpack *u, uint32_t n) {
    size_t left = (size_t)(u->end - u->at);
    return (int)(n < left ? n : left);
}

static void push_array(struct decoder *d, uint32_t n, unsigned depth) {
    lua_createtable(d->L, sized(d->u, n), 0);
    for (uint32_t i = 1; i <= n; i++) {
        push(d, depth + 1, true);
        lua_rawseti(d->L, -2, i);
    }
}

static void push_map(struct decoder *d, uint32_t n, unsigned depth) {
    lua_createtable(d->L, 0, sized(d->u, n));
    for (uint32_t i = 0; i < n; i++) {
        push(d, depth + 1, true);
        push(d, depth + 1, false);
        if (lua_isnil(d->L, -1) || transfer_is_null(d->L, -2)) {
            lua_pop(d->L, 2);
        } else {
            lua_rawset(d->L, -3);
        }
    }
}

static void push(struct decoder *d, unsigned depth, bool in_array) {
    lua_State *L = d->L;
    struct unpack_token t;
    next_token(d, &t);
    if (depth > TRANSFER_READ_DEPTH) {
        luaL_error(L, "message from the host is nested too deeply");
    }
    luaL_checkstack(L, 4, "message from the host");
    switch (t.kind) {
    case UNPACK_NIL:
        if (in_array) {
            transfer_push_null(L);
        } else {
            lua_pushnil(L);
        }
        break;
    case UNPACK_BOOL:
        lua_pushboolean(L, t.b);
        break;
    case UNPACK_INT:
        lua_pushinteger(L, t.i);
        break;
    case UNPACK_FLOAT:
        lua_pushnumber(L, t.f);
        break;
    case UNPACK_STR:
        push_string(d, &t);
        break;
    case UNPACK_ARRAY:
        push_array(d, t.len, depth);
        break;
    case UNPACK_MAP:
        push_map(d, t.len, depth);
        break;
    }
}

/* Push the words of this state and the table that holds their strings. */
static struct words *push_words(lua_State *L) {
    static const char key;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) != LUA_TUSERDATA) {
        lua_pop(L, 1);
        struct words *w = lua_newuserdatauv(L, sizeof *w, 1);
        memset(w, 0, sizeof *w);
        lua_createtable(L, WORDS, 0);
        lua_setiuservalue(L, -2, 1);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
    }
    struct words *w = lua_touserdata(L, -1);
    lua_getiuservalue(L, -1, 1);
    return w;
}

void transfer_read(lua_State *L, struct unpack *u) {
    luaL_checkstack(L, 6, "message from the host");
    struct decoder d = {.L = L, .u = u};
    d.words = push_words(L);
    d.table = lua_gettop(L);
    push(&d, 0, false);
    lua_replace(L, d.table - 1);
    lua_settop(L, d.table - 1);
}
