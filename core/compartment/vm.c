/* vm.c - making and ending the Lua state.
 *
 * The one idea: a vm is found from any coroutine by one load, because Lua copies the main thread's extra space into
 * each new one. A panic is the end of the process: nothing here can go on without a working state.
 */
#include "compartment/vm.h"

#include <lauxlib.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "compartment/globals.h"

enum {
    SLACK_BYTES = 4 * 1024 * 1024,
    PAUSE_MIN = 200, /* percent of what lives */
    PAUSE_MAX = 1000,
    REST_BYTES = 64 * 1024, /* not worth a collection */
};

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
static void tune_collector(struct vm *vm) {
    vm->storm = getenv("LECTERN_GCSTORM") != NULL;
    if (vm->storm) {
        lua_gc(vm->L, LUA_GCINC, 1, 1000, 6);
    }
}

/* Nearly full: over three quarters of the cap, and not just by what was there when it was last so. */
static void pack(struct vm *vm) {
    const struct memory *m = &vm->memory;
    if (m->limit && m->used > m->limit / 4 * 3 && m->used > vm->packed + m->limit / 16) {
        lua_gc(vm->L, LUA_GCCOLLECT);
        vm->packed = m->used;
    } else if (m->used < vm->packed) {
        vm->packed = m->used;
    }
}

/* A small heap may hold a few MiB of garbage: marking what lives costs the same however much dies, so it pays to do it
 * seldom while there is work. A large one grows by its own size at most, as is Lua's habit. */
void vm_pace(struct vm *vm) {
    pack(vm);
    size_t used = vm->memory.used;
    vm->live = used < vm->used || !vm->live ? used : vm->live;
    vm->used = used;
    size_t percent = 100 + 100 * (size_t)SLACK_BYTES / (vm->live + 1);
    percent = percent < PAUSE_MIN ? PAUSE_MIN : percent > PAUSE_MAX ? PAUSE_MAX : percent;
    if (!vm->storm) {
        lua_gc(vm->L, LUA_GCSETPAUSE, (int)percent);
    }
}

void vm_rest(struct vm *vm) {
    if (vm->memory.peak > vm->rested + REST_BYTES) {
        lua_gc(vm->L, LUA_GCCOLLECT);
        malloc_trim(0);
        vm->memory.peak = vm->rested = vm->live = vm->used = vm->memory.used;
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
    tune_collector(vm);
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
