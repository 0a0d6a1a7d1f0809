/* vm.c - making and ending the Lua state.
 *
 * The one idea: a vm is found from any coroutine by one load, because Lua copies the main thread's extra space into
 * each new one. A panic is the end of the process: nothing here can go on without a working state.
 */
#include "compartment/vm.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "compartment/globals.h"

static const uintptr_t flag_bits = THREAD_TASK | THREAD_HELD | THREAD_SPENT;

static uintptr_t *extra(lua_State *L) {
    return lua_getextraspace(L);
}

struct vm *vm_of(lua_State *L) {
    return (struct vm *)(*extra(L) & ~flag_bits);
}

bool vm_flag(lua_State *L, uintptr_t flag) {
    return (*extra(L) & flag) != 0;
}

void vm_set_flag(lua_State *L, uintptr_t flag, bool on) {
    *extra(L) = on ? *extra(L) | flag : *extra(L) & ~flag;
}

bool vm_can_yield(const struct vm *vm, lua_State *L) {
    return vm->outer_yieldable && lua_isyieldable(L);
}

/* Everything of a plugin runs protected; what comes here is out of memory before or between tasks. */
static int on_panic(lua_State *L) {
    const char *text = lua_tostring(L, -1);
    dprintf(STDERR_FILENO, "lectern-compartment: %s\n", text ? text : "error outside of any task");
    _exit(70);
}

/* For tests: collect all the time, so that a value nobody holds is gone at once. */
static void tune_collector(lua_State *L) {
    lua_gc(L, LUA_GCINC, 140, 0, 0);
    if (getenv("LECTERN_GCSTORM")) {
        lua_gc(L, LUA_GCINC, 1, 1000, 6);
    }
}

struct vm *vm_new(size_t limit, void (*spent)(void *ctx)) {
    struct vm *vm = mem_alloc(sizeof *vm);
    memory_init(&vm->memory, limit, spent, vm);
    vm->L = lua_newstate(memory_alloc, &vm->memory);
    if (!vm->L) {
        mem_free(vm);
        return NULL;
    }
    lua_atpanic(vm->L, on_panic);
    *extra(vm->L) = (uintptr_t)vm;
    tune_collector(vm->L);
    globals_open(vm->L);
    return vm;
}

void vm_free(struct vm *vm) {
    lua_close(vm->L);
#ifdef LECTERN_SANITIZE
    if (vm->memory.live || vm->memory.used) {
        dprintf(STDERR_FILENO, "lectern-compartment: %zu allocations of the Lua heap are left\n", vm->memory.live);
        abort();
    }
#endif
    mem_free(vm);
}
