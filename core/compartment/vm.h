/* vm.h - the Lua state of a compartment and what every file of it needs to know about it.
 *
 * One state, one plugin, one thread. Plugin code runs only inside tasks (tasks.h), each a coroutine of its own; the
 * main thread of the state only starts them. Every lua_State of the vm leads back to it through its extra space,
 * whose low bits hold what lectern must remember about that coroutine.
 */
#ifndef LECTERN_COMPARTMENT_VM_H
#define LECTERN_COMPARTMENT_VM_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "compartment/link.h"
#include "compartment/memory.h"

struct task;

struct vm {
    lua_State *L; /* main thread */
    struct memory memory;
    struct link *link;
    struct tasks *tasks;
    struct task *current; /* whose Lua runs now, or NULL */
    bool outward; /* the yield under way is meant for the scheduler and passes through the plugin's coroutines */
    bool outer_yieldable; /* nothing between the task and the running coroutine keeps it from yielding outward */
    bool loading;         /* the plugin's top level runs: it may register, and nothing else */
    unsigned closing;     /* coroutines being closed, one inside the other */
    lua_Integer seed;     /* of math.random: the same run gives the same numbers */
    size_t used;          /* bytes of the heap when it was last looked at */
    size_t live;          /* of those, as far as is known, what is no garbage */
    size_t rested;        /* bytes after the last rest */
    size_t packed;        /* bytes after the last time that the heap was nearly full */
    bool storm;           /* for tests: the collector always runs */
};

/* A new state with only the allowed globals (globals.h). LIMIT in bytes; SPENT as in memory.h. NULL: no memory. */
struct vm *vm_new(size_t limit, void (*spent)(void *ctx));
void vm_free(struct vm *vm); /* with LECTERN_SANITIZE: aborts when the heap is not empty afterwards */

/* A task has ended or waits, perhaps with much more on the heap than when it began: tell the collector how much garbage may gather before it works again.
 * A heap that is nearly full is collected now: what asks for room past Lua's own allocation, as its buffers do, is refused without a collection. */
void vm_pace(struct vm *vm);
/* Nothing is to do: collect everything and give it back. */
void vm_rest(struct vm *vm);

enum {
    THREAD_TASK = 1,  /* the coroutine of a task itself */
    THREAD_HELD = 2,  /* a coroutine of the plugin that waits for the host with its task: nobody may resume it */
    THREAD_SPENT = 4, /* it died with a doomed task: nothing of it runs any more */
};
struct vm *vm_of(lua_State *L);
bool vm_flag(lua_State *L, uintptr_t flag);
void vm_set_flag(lua_State *L, uintptr_t flag, bool on);

/* May what runs on L be suspended up to the scheduler? */
bool vm_can_yield(const struct vm *vm, lua_State *L);

#endif
