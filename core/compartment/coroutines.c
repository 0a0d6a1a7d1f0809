/* coroutines.c - resume, wrap and close that let the scheduler's yields through.
 *
 * The one idea: a yield is either the plugin's, for whoever resumed the coroutine, or the scheduler's (vm->outward);
 * then the resumer yields too, holding the coroutine, and resumes it again when its own turn comes.
 */
#include "compartment/coroutines.h"

#include <lauxlib.h>

#include "compartment/slice.h"
#include "compartment/tasks.h"
#include "compartment/vm.h"

enum { CLOSING_MAX = 100 };
enum { KIND_RESUME, KIND_WRAP };

static lua_State *check_coroutine(lua_State *L) {
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co, 1, "coroutine");
    return co;
}

static const char *status_of(lua_State *L, lua_State *co) {
    lua_Debug ar;
    if (L == co) {
        return "running";
    }
    if (vm_flag(co, THREAD_TASK) || vm_flag(co, THREAD_HELD)) {
        return "normal";
    }
    switch (lua_status(co)) {
    case LUA_YIELD:
        return "suspended";
    case LUA_OK:
        if (lua_getstack(co, 0, &ar)) {
            return "normal";
        }
        return lua_gettop(co) == 0 ? "dead" : "suspended";
    default:
        return "dead";
    }
}

/* ---- resume and wrap ------------------------------------------------------------------------------------------- */

static int run(struct vm *vm, lua_State *L, lua_State *co, int nargs, int *results) {
    bool outer = vm->outer_yieldable;
    vm->outer_yieldable = vm_can_yield(vm, L);
    lua_State *before = slice_switch(co);
    int status = lua_resume(co, L, nargs, results);
    slice_switch(before);
    vm->outer_yieldable = outer;
    return status;
}

/* Runs what a coroutine left to close, without a chance to suspend; its status, with the error on its stack. */
static int close_thread(struct vm *vm, lua_State *co) {
    bool outer = vm->outer_yieldable;
    vm->outer_yieldable = false;
    vm->closing++;
    lua_State *before = slice_switch(co);
    int status = lua_resetthread(co);
    slice_switch(before);
    vm->closing--;
    vm->outer_yieldable = outer;
    return status;
}

static int failed_wrap(struct vm *vm, lua_State *L, lua_State *co) {
    if (lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD && vm->closing < CLOSING_MAX) {
        close_thread(vm, co);
        task_check(L);
    }
    lua_xmove(co, L, 1);
    return lua_error(L);
}

static int failed_resume(lua_State *L, lua_State *co) {
    lua_pushboolean(L, 0);
    lua_xmove(co, L, 1);
    return 2;
}

static int held_again(lua_State *L, int status, lua_KContext kind);

/* Resume CO, which has NARGS values on its stack, and hand on what it gives. */
static int resume(lua_State *L, lua_State *co, int nargs, lua_KContext kind) {
    struct vm *vm = vm_of(L);
    int results = 0;
    int status = run(vm, L, co, nargs, &results);
    if (status == LUA_YIELD && vm->outward) {
        lua_pop(co, results);
        vm_set_flag(co, THREAD_HELD, true);
        return lua_yieldk(L, 0, kind, held_again);
    }
    if (status != LUA_OK && status != LUA_YIELD) {
        if (vm->current && vm->current->doomed) {
            vm_set_flag(co, THREAD_SPENT, true);
            task_check(L);
        }
        return kind == KIND_WRAP ? failed_wrap(vm, L, co) : failed_resume(L, co);
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(co, results);
        return luaL_error(L, "too many results to resume");
    }
    if (kind == KIND_RESUME) {
        lua_pushboolean(L, 1);
    }
    lua_xmove(co, L, results);
    return results + (kind == KIND_RESUME);
}

static int held_again(lua_State *L, int status, lua_KContext kind) {
    (void)status;
    lua_State *co = kind == KIND_WRAP ? lua_tothread(L, lua_upvalueindex(1)) : lua_tothread(L, 1);
    vm_set_flag(co, THREAD_HELD, false);
    task_check(L);
    return resume(L, co, 0, kind);
}

/* Why CO cannot be resumed with NARGS values; NULL when it can. */
static const char *refusal(lua_State *L, lua_State *co, int nargs) {
    if (vm_flag(co, THREAD_HELD)) {
        return "cannot resume a coroutine that waits for the host";
    }
    if (vm_flag(co, THREAD_TASK)) {
        return "cannot resume non-suspended coroutine";
    }
    if (lua_status(co) == LUA_OK && status_of(L, co)[0] == 'd') {
        return "cannot resume dead coroutine";
    }
    return lua_checkstack(co, nargs) ? NULL : "too many arguments to resume";
}

/* coroutine.resume(co, ...) -> true, ... | false, error */
static int thread_resume(lua_State *L) {
    lua_State *co = check_coroutine(L);
    int nargs = lua_gettop(L) - 1;
    const char *no = refusal(L, co, nargs);
    if (no) {
        lua_pushboolean(L, 0);
        lua_pushstring(L, no);
        return 2;
    }
    lua_xmove(L, co, nargs);
    return resume(L, co, nargs, KIND_RESUME);
}

static int wrapped(lua_State *L) {
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int nargs = lua_gettop(L);
    const char *no = refusal(L, co, nargs);
    if (no) {
        return luaL_error(L, "%s", no);
    }
    lua_xmove(L, co, nargs);
    return resume(L, co, nargs, KIND_WRAP);
}

/* ---- the rest -------------------------------------------------------------------------------------------------- */

/* coroutine.create(f) -> co */
static int thread_create(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

/* coroutine.wrap(f) -> function */
static int thread_wrap(lua_State *L) {
    thread_create(L);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

/* coroutine.yield(...) */
static int thread_yield(lua_State *L) {
    if (vm_flag(L, THREAD_TASK)) {
        return luaL_error(L, "attempt to yield from outside a coroutine");
    }
    return lua_yield(L, lua_gettop(L));
}

/* coroutine.status(co) -> "running" | "suspended" | "normal" | "dead" */
static int thread_status(lua_State *L) {
    lua_pushstring(L, status_of(L, check_coroutine(L)));
    return 1;
}

/* coroutine.running() -> co, is the main one */
static int thread_running(lua_State *L) {
    lua_pushthread(L);
    lua_pushboolean(L, vm_flag(L, THREAD_TASK));
    return 2;
}

/* coroutine.isyieldable([co]) -> boolean */
static int thread_isyieldable(lua_State *L) {
    lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    lua_pushboolean(L, !vm_flag(co, THREAD_TASK) && lua_isyieldable(co));
    return 1;
}

/* coroutine.close(co) -> true | false, error */
static int thread_close(lua_State *L) {
    lua_State *co = check_coroutine(L);
    struct vm *vm = vm_of(L);
    const char *status = status_of(L, co);
    if (*status != 's' && *status != 'd') {
        return luaL_error(L, "cannot close a %s coroutine", status);
    }
    if (vm->closing >= CLOSING_MAX) {
        return luaL_error(L, "coroutines close each other too deeply");
    }
    task_check(L);
    if (vm_flag(co, THREAD_SPENT) || close_thread(vm, co) == LUA_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    task_check(L);
    return failed_resume(L, co);
}

int coroutines_open(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"create", thread_create}, {"resume", thread_resume},           {"wrap", thread_wrap},
        {"yield", thread_yield},   {"status", thread_status},           {"running", thread_running},
        {"close", thread_close},   {"isyieldable", thread_isyieldable}, {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
