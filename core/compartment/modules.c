/* modules.c - finding modules: the runtime in the program, a plugin's files in tables that the host filled.
 *
 * The one idea: the first place that knows a name wins, in the order loaded, helper, runtime, plugin file; so no file
 * of a plugin can stand in for a part of lectern. Modules run as ordinary Lua: they can be interrupted.
 */
#include "compartment/modules.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "compartment/fault.h"
#include "compartment/runtime.h"
#include "compartment/vm.h"

/* The table of tables in the registry. */
#define MODULES "lectern.modules"
enum { NAMES_MAX = 128 };
enum { LOADED = 1, HELPERS, FILES, CHUNKS, PRIMITIVES, REQUIRED, TABLES = REQUIRED };

static int under_way; /* its address marks a module whose top level has not ended */

static void push_table(lua_State *L, int which) {
    lua_getfield(L, LUA_REGISTRYINDEX, MODULES);
    lua_rawgeti(L, -1, which);
    lua_remove(L, -2);
}

/* Push TABLE[name], name at index 1. */
static int lookup(lua_State *L, int which) {
    push_table(L, which);
    lua_pushvalue(L, 1);
    int type = lua_rawget(L, -2);
    lua_remove(L, -2);
    return type;
}

/* loaded[name] = value on top, which stays. */
static void remember(lua_State *L) {
    push_table(L, LOADED);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static int module_ran(lua_State *L) {
    if (lua_isnil(L, -1)) {
        lua_pushboolean(L, 1);
    }
    remember(L);
    return 1;
}

/* Call the chunk on top of the stack with the module's name and, in the runtime, the primitives. */
static int run_chunk(lua_State *L, bool of_runtime) {
    lua_pushlightuserdata(L, &under_way);
    remember(L);
    lua_pop(L, 1);
    lua_pushvalue(L, 1);
    if (of_runtime) {
        push_table(L, PRIMITIVES);
    }
    lua_call(L, 1 + of_runtime, 1); /* cannot be suspended: nobody may find the module half made */
    return module_ran(L);
}

static const struct runtime_module *find_runtime(const char *name) {
    for (const struct runtime_module *m = runtime_modules; m->name; m++) {
        if (strcmp(m->name, name) == 0) {
            return m;
        }
    }
    return NULL;
}

static int run_runtime(lua_State *L, const struct runtime_module *m) {
    const char *chunk_name = lua_pushfstring(L, "=%s", m->name);
    if (luaL_loadbufferx(L, (const char *)m->bytes, m->len, chunk_name, "b") != LUA_OK) {
        return lua_error(L);
    }
    return run_chunk(L, true);
}

/* A plugin file, its source on top of the stack, is called by the path that people know it by. */
static int run_file(lua_State *L) {
    size_t n;
    const char *source = lua_tolstring(L, -1, &n);
    const char *path = lookup(L, CHUNKS) == LUA_TSTRING ? lua_tostring(L, -1) : lua_tostring(L, 1);
    const char *chunk_name = lua_pushfstring(L, "@%s", path);
    if (luaL_loadbufferx(L, source, n, chunk_name, "t") != LUA_OK) {
        return lua_error(L);
    }
    return run_chunk(L, false);
}

static int open_helper(lua_State *L) {
    if (!vm_of(L)->loading) {
        return fault_raise(L, "E_PLUGIN",
                           "'%s' was not required when the plugin was loaded; require it at the top of the file",
                           lua_tostring(L, 1));
    }
    push_table(L, REQUIRED);
    lua_pushstring(L, lua_tostring(L, 1) + strlen("lectern."));
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 1);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return module_ran(L);
}

static void add_names(lua_State *L, int which, const char *names[NAMES_MAX], size_t *n) {
    push_table(L, which);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        if (*n < NAMES_MAX) {
            names[(*n)++] = lua_tostring(L, -1); /* the table keeps it */
        }
    }
    lua_pop(L, 1);
}

static const char *nearest_module(lua_State *L, const char *name) {
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (const struct runtime_module *m = runtime_modules; m->name && n < NAMES_MAX; m++) {
        names[n++] = m->name;
    }
    add_names(L, HELPERS, names, &n);
    add_names(L, FILES, names, &n);
    return text_nearest(name, names, n);
}

static int not_found(lua_State *L) {
    const char *name = lua_tostring(L, 1);
    const char *near = nearest_module(L, name);
    if (near) {
        return fault_raise(L, "E_PLUGIN", "no module '%s'; did you mean '%s'?", name, near);
    }
    if (strncmp(name, "lectern.", 8) == 0) {
        return fault_raise(L, "E_PLUGIN",
                           "no module '%s' here; a helper has to be required at the top of the plugin's file", name);
    }
    return fault_raise(L, "E_PLUGIN", "no module '%s' among the files of the plugin; system modules are not available",
                       name);
}

/* require(name) */
static int require(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    if (lookup(L, LOADED) != LUA_TNIL) {
        if (lua_touserdata(L, -1) == &under_way) {
            return fault_raise(L, "E_PLUGIN", "module '%s' requires itself, or failed when it was first required",
                               lua_tostring(L, 1));
        }
        return 1;
    }
    lua_pop(L, 1);
    if (lookup(L, HELPERS) != LUA_TNIL) {
        return open_helper(L);
    }
    lua_pop(L, 1);
    const struct runtime_module *m = find_runtime(lua_tostring(L, 1));
    if (m) {
        return run_runtime(L, m);
    }
    if (lookup(L, FILES) == LUA_TSTRING) {
        return run_file(L);
    }
    return not_found(L);
}

void modules_open(lua_State *L) {
    lua_createtable(L, TABLES, 0);
    for (int i = 1; i <= TABLES; i++) {
        lua_newtable(L);
        lua_rawseti(L, -2, i);
    }
    lua_insert(L, -2);
    lua_rawseti(L, -2, PRIMITIVES);
    lua_setfield(L, LUA_REGISTRYINDEX, MODULES);
    lua_pushcfunction(L, require);
    lua_setglobal(L, "require");
}

void modules_add_helper(lua_State *L, const struct helper *h) {
    push_table(L, HELPERS);
    lua_pushfstring(L, "lectern.%s", h->name);
    lua_pushcfunction(L, h->open);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

void modules_install(lua_State *L, int index) {
    static const struct {
        const char *field;
        int which;
    } fields[] = {{"files", FILES}, {"chunks", CHUNKS}};
    index = lua_absindex(L, index);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (lua_getfield(L, index, fields[i].field) == LUA_TTABLE) {
            lua_getfield(L, LUA_REGISTRYINDEX, MODULES);
            lua_insert(L, -2);
            lua_rawseti(L, -2, fields[i].which);
        }
        lua_pop(L, 1);
    }
}

void modules_required_helpers(lua_State *L) {
    push_table(L, REQUIRED);
}
