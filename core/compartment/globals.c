/* globals.c - Lua's libraries, cut down and guarded.
 *
 * The one idea: a guard runs in the frame of the library function it guards, looks at the arguments and then calls it
 * in place, so a guard costs a few nanoseconds and copies nothing of the library. Guards bound what C does between
 * two Lua instructions: inside it no hook fires.
 */
#include "compartment/globals.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "compartment/coroutines.h"
#include "compartment/tasks.h"
#include "compartment/vm.h"

/* The library function this guard stands before, called with the arguments as they are. It must have no upvalues. */
static int call_guarded(lua_State *L) {
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* ---- base ------------------------------------------------------------------------------------------------------ */

/* Does Lua's own text of the value at INDEX hold an address? Pushes nothing. */
static bool shows_address(lua_State *L, int index) {
    int type = lua_type(L, index);
    if (type < LUA_TLIGHTUSERDATA || type == LUA_TNUMBER || type == LUA_TSTRING) {
        return false;
    }
    bool has_own = luaL_getmetafield(L, index, "__tostring") != LUA_TNIL;
    lua_pop(L, has_own);
    return !has_own;
}

const char *globals_tostring(lua_State *L, int index, size_t *n) {
    index = lua_absindex(L, index);
    if (!shows_address(L, index)) {
        return luaL_tolstring(L, index, n);
    }
    if (lua_islightuserdata(L, index)) {
        lua_pushliteral(L, "null");
        return lua_tolstring(L, -1, n);
    }
    int type = luaL_getmetafield(L, index, "__name");
    if (type != LUA_TSTRING) {
        lua_pop(L, type != LUA_TNIL); /* a name that is no text */
        lua_pushstring(L, luaL_typename(L, index));
    }
    return lua_tolstring(L, -1, n);
}

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    globals_tostring(L, 1, NULL);
    return 1;
}

static int base_setmetatable(lua_State *L) {
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL) {
            return luaL_error(L, "__gc is not available in plugins; use a <close> variable");
        }
        lua_pop(L, 1);
    }
    return call_guarded(L);
}

static int guarded_handler(lua_State *L) {
    struct task *t = vm_of(L)->current;
    if (t && t->doomed) {
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

/* xpcall(f, handler, ...): the handler does not run once the task is doomed. */
static int base_xpcall(lua_State *L) {
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, guarded_handler, 1);
    lua_replace(L, 2);
    return call_guarded(L);
}

/* The pieces of a load function, as one string on top of the stack. */
static void read_pieces(lua_State *L) {
    luaL_Buffer b;
    size_t total = 0;
    luaL_buffinit(L, &b);
    for (;;) {
        lua_pushvalue(L, 1);
        lua_call(L, 0, 1);
        size_t n = 0;
        if (!lua_isnil(L, -1) && !lua_isstring(L, -1)) {
            luaL_error(L, "reader function must return a string");
        }
        lua_tolstring(L, -1, &n);
        total += n;
        if (n == 0 || total > LOAD_BYTES_MAX) {
            break;
        }
        luaL_addvalue(&b);
    }
    lua_pop(L, 1);
    luaL_pushresult(&b);
    if (total > LOAD_BYTES_MAX) {
        luaL_error(L, "chunk is too large (1 MiB at most)");
    }
}

/* load(chunk [, name [, mode [, env]]]): text only, whatever the mode says. */
static int base_load(lua_State *L) {
    lua_settop(L, lua_gettop(L) < 4 ? 3 : 4);
    bool has_env = lua_gettop(L) == 4;
    const char *name = luaL_optstring(L, 2, lua_isstring(L, 1) ? lua_tostring(L, 1) : "=(load)");
    if (!lua_isstring(L, 1)) {
        luaL_checktype(L, 1, LUA_TFUNCTION);
        read_pieces(L);
        lua_replace(L, 1);
    }
    size_t n;
    const char *s = lua_tolstring(L, 1, &n);
    if (n > LOAD_BYTES_MAX) {
        return luaL_error(L, "chunk is too large (1 MiB at most)");
    }
    if (luaL_loadbufferx(L, s, n, name, "t") != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (has_env) {
        lua_pushvalue(L, 4);
        if (!lua_setupvalue(L, -2, 1)) {
            lua_pop(L, 1);
        }
    }
    return 1;
}

/* ---- string ---------------------------------------------------------------------------------------------------- */

/* Fill OUT with N bytes: the first SEED bytes are there, the rest repeats them. */
static void repeat_bytes(char *out, size_t seed, size_t n) {
    for (size_t done = seed; done < n; done *= 2) {
        memcpy(out + done, out, done < n - done ? done : n - done);
    }
}

/* string.rep(s, n [, sep]): in place of the library's, which copies byte by byte where S is one byte. */
static int string_rep(lua_State *L) {
    size_t n, sep;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_Integer count = luaL_checkinteger(L, 2);
    const char *between = luaL_optlstring(L, 3, "", &sep);
    if (count <= 0 || n + sep == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if ((lua_Unsigned)count > REP_BYTES_MAX / (n + sep)) {
        return luaL_error(L, "resulting string too large (16 MiB at most)");
    }
    size_t total = (size_t)count * (n + sep) - sep;
    luaL_Buffer b;
    char *out = luaL_buffinitsize(L, &b, total + sep);
    memcpy(out, s, n);
    memcpy(out + n, between, sep);
    repeat_bytes(out, n + sep, total);
    luaL_pushresultsize(&b, total);
    return 1;
}

/* %s shows no addresses, %p does not exist. */
static int string_format(lua_State *L) {
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    const char *end = s + n;
    int arg = 1;
    while ((s = memchr(s, '%', (size_t)(end - s))) != NULL) {
        s += 1 + strspn(s + 1, "-+ #0123456789.");
        if (s >= end) {
            break;
        }
        if (*s == '%') {
            s++;
            continue;
        }
        arg++;
        if (*s == 'p') {
            return luaL_error(L, "string.format: %%p is not available in plugins");
        }
        if (*s == 's' && !lua_isnone(L, arg) && !lua_isstring(L, arg)) {
            globals_tostring(L, arg, NULL);
            lua_replace(L, arg);
        }
    }
    return call_guarded(L);
}

/* ---- table ----------------------------------------------------------------------------------------------------- */

/* A table that lies about its length makes the library count in C. */
static void check_length(lua_State *L) {
    if (lua_istable(L, 1) && luaL_getmetafield(L, 1, "__len") != LUA_TNIL) {
        lua_pop(L, 1);
        if (luaL_len(L, 1) > RANGE_MAX) {
            luaL_error(L, "table claims to be too long");
        }
    }
}

static void check_range(lua_State *L, lua_Integer from, lua_Integer to) {
    lua_Unsigned count = to < from ? 0 : (lua_Unsigned)to - (lua_Unsigned)from;
    if (count > RANGE_MAX && count > lua_rawlen(L, 1)) {
        luaL_error(L, "range is too large");
    }
}

static int table_by_length(lua_State *L) {
    check_length(L);
    return call_guarded(L);
}

static int table_concat(lua_State *L) {
    check_length(L);
    if (lua_istable(L, 1)) {
        lua_Integer to = lua_isnoneornil(L, 4) ? (lua_Integer)lua_rawlen(L, 1) : luaL_checkinteger(L, 4);
        check_range(L, luaL_optinteger(L, 3, 1), to);
    }
    return call_guarded(L);
}

static int table_move(lua_State *L) {
    luaL_checkany(L, 1);
    if (lua_istable(L, 1)) {
        check_range(L, luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
    }
    return call_guarded(L);
}

static int table_unpack(lua_State *L) {
    check_length(L);
    return call_guarded(L);
}

/* ---- math ------------------------------------------------------------------------------------------------------ */

/* The library's own needs its own upvalue: it is called, not entered. */
static int math_randomseed(lua_State *L) {
    if (lua_isnone(L, 1)) {
        lua_pushinteger(L, vm_of(L)->seed);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 0);
    return 0;
}

void globals_seed(lua_State *L, lua_Integer seed) {
    vm_of(L)->seed = seed;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, LUA_MATHLIBNAME);
    lua_getfield(L, -1, "randomseed");
    lua_pushinteger(L, seed);
    lua_call(L, 1, 0);
    lua_pop(L, 2);
}

/* ---- the lists ------------------------------------------------------------------------------------------------- */

struct library {
    const char *name;
    lua_CFunction open;
    const char *allowed; /* names, each between spaces */
    luaL_Reg guards[8];
};

static const struct library libraries[] = {
    {"_G",
     luaopen_base,
     " _G _VERSION assert error getmetatable ipairs load next pairs pcall rawequal rawget rawlen rawset select"
     " setmetatable tonumber tostring type xpcall ",
     {{"tostring", base_tostring}, {"setmetatable", base_setmetatable}, {"xpcall", base_xpcall}, {"load", base_load}}},
    {"string",
     luaopen_string,
     " byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper ",
     {{"rep", string_rep}, {"format", string_format}}},
    {"table",
     luaopen_table,
     " concat insert move pack remove sort unpack ",
     {{"insert", table_by_length},
      {"remove", table_by_length},
      {"sort", table_by_length},
      {"concat", table_concat},
      {"move", table_move},
      {"unpack", table_unpack}}},
    {"math",
     luaopen_math,
     " abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad random"
     " randomseed sin sqrt tan tointeger type ult ",
     {{"randomseed", math_randomseed}}},
    {"utf8", luaopen_utf8, " char charpattern codepoint codes len offset ", {{NULL, NULL}}},
    {"coroutine", coroutines_open, " close create isyieldable resume running status wrap yield ", {{NULL, NULL}}},
};
enum { LIBRARIES = sizeof libraries / sizeof *libraries };

static bool listed(const char *list, const char *name) {
    size_t n = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at++) {
        if (at[-1] == ' ' && at[n] == ' ') {
            return true;
        }
    }
    return false;
}

/* Take everything that is not listed out of the table on top of the stack. */
static void prune(lua_State *L, const char *list) {
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        if (!listed(list, lua_tostring(L, -1))) {
            lua_pushvalue(L, -1);
            lua_pushnil(L);
            lua_rawset(L, -4);
        }
    }
}

static void guard(lua_State *L, const luaL_Reg *guards) {
    for (const luaL_Reg *g = guards; g->name; g++) {
        lua_getfield(L, -1, g->name);
        lua_pushcclosure(L, g->func, 1);
        lua_setfield(L, -2, g->name);
    }
}

/* ("").x finds string.x, and nobody changes that for others or looks behind it. */
static void lock_strings(lua_State *L) {
    lua_pushliteral(L, "");
    if (lua_getmetatable(L, -1)) {
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

void globals_open(lua_State *L) {
    for (size_t i = 0; i < LIBRARIES; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].open, i > 0);
        prune(L, libraries[i].allowed);
        guard(L, libraries[i].guards);
        lua_pop(L, 1);
    }
    lock_strings(L);
    globals_seed(L, 0);
}
