/* api_calls.c - the bodies of the host's two requests: load a plugin, call into it.
 *
 * The one idea: C decodes the parameters, the runtime's module "lectern._entry" decides what they mean, C encodes
 * what it returns. Both run inside a task and may be interrupted anywhere.
 */
#include <lauxlib.h>

#include "compartment/api.h"
#include "compartment/globals.h"
#include "compartment/modules.h"
#include "compartment/tasks.h"
#include "compartment/transfer.h"

#define ENTRY "lectern.entry"

/* Push the first parameter of the host's request. */
static void push_params(lua_State *L) {
    struct task *t = vm_of(L)->current;
    struct unpack u = unpack_bytes(t->in.data, t->in.len);
    struct unpack_token params;
    if (unpack_next(&u, &params) != UNPACK_OK || params.kind != UNPACK_ARRAY || params.len < 1) {
        luaL_error(L, "request of the host has no parameters");
    }
    transfer_read(L, &u);
    luaL_checktype(L, -1, LUA_TTABLE);
}

static lua_Integer integer_field(lua_State *L, int index, const char *table, const char *name) {
    lua_Integer i = 0;
    if (lua_getfield(L, index, table) == LUA_TTABLE) {
        lua_getfield(L, -1, name);
        i = lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return i;
}

/* ---- load ------------------------------------------------------------------------------------------------------ */

/* The runtime's entry is on the stack after the params: let it run the plugin. A load is never suspended, so that a
 * call that was sent right after it finds the plugin there. */
static int run_entry(lua_State *L) {
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_getfield(L, -1, "call");
    lua_setfield(L, LUA_REGISTRYINDEX, ENTRY);
    lua_getfield(L, -1, "load");
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    vm_of(L)->loading = false;
    modules_required_helpers(L);
    lua_setfield(L, -2, "helpers");
    task_answer(L, -1);
    return 0;
}

static void apply_limits(lua_State *L, struct vm *vm) {
    lua_Integer mib = integer_field(L, 1, "limits", "memory");
    if (mib > 0 && mib <= 4096) {
        vm->memory.limit = (size_t)mib << 20;
    }
    lua_Integer ms = integer_field(L, 1, "limits", "deadline_ms");
    vm->current->limit_us = ms > 0 ? (uint64_t)ms * 1000 : 0;
}

int api_load(lua_State *L) {
    struct vm *vm = vm_of(L);
    push_params(L);
    if (lua_getfield(L, LUA_REGISTRYINDEX, ENTRY) != LUA_TNIL) {
        return fault_raise(L, "E_USAGE", "this compartment has a plugin already");
    }
    lua_pop(L, 1);
    apply_limits(L, vm);
    globals_seed(L, integer_field(L, 1, "options", "seed"));
    modules_install(L, 1);
    vm->loading = true;
    lua_getglobal(L, "require");
    lua_pushliteral(L, "lectern._entry");
    lua_call(L, 1, 1);
    return run_entry(L);
}

/* ---- call ------------------------------------------------------------------------------------------------------ */

static int call_ended(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    task_answer(L, -1);
    return 0;
}

int api_call(lua_State *L) {
    struct vm *vm = vm_of(L);
    push_params(L);
    if (vm->loading || lua_getfield(L, LUA_REGISTRYINDEX, ENTRY) == LUA_TNIL) {
        return fault_raise(L, "E_USAGE", "no plugin was loaded");
    }
    lua_Integer ms = integer_field(L, 1, "job", "deadline_ms");
    vm->current->limit_us = ms > 0 ? (uint64_t)ms * 1000 : 0;
    lua_pushvalue(L, 1);
    lua_callk(L, 1, 1, 0, call_ended);
    return call_ended(L, LUA_OK, 0);
}
