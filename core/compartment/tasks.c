/* tasks.c - coroutines, their turns and their ends.
 *
 * The one idea: everything that suspends plugin code is a yield that passes outward to the scheduler below, whether a
 * timer, a question to the host or a sleep caused it, and what ends it early is the same yield, never resumed. Knows
 * nothing of what the bodies of tasks do.
 */
#include "compartment/tasks.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msgpack.h"
#include "compartment/slice.h"
#include "compartment/transfer.h"

struct tasks {
    struct vm *vm;
    struct task *all[TASKS_MAX]; /* NULL: never used */
    struct task *first, *last;   /* the ready ones */
    unsigned sleepers;
    int64_t requests; /* numbered so far */
};

enum { SLOT_BITS = 8, CALLS_MAX = 100 * 1000 };
_Static_assert(TASKS_MAX == 1 << SLOT_BITS, "a request's number begins with its task's slot");

/* ---- the queue ------------------------------------------------------------------------------------------------- */

static void make_ready(struct tasks *ts, struct task *t) {
    ts->sleepers -= t->state == TASK_SLEEPING;
    t->state = TASK_READY;
    if (t == ts->vm->current) {
        return; /* it waits on the spot and will look itself */
    }
    t->since_us = clock_mono_us();
    t->next = NULL;
    if (ts->last) {
        ts->last->next = t;
    } else {
        ts->first = t;
    }
    ts->last = t;
}

static struct task *next_ready(struct tasks *ts) {
    struct task *t = ts->first;
    ts->first = t->next;
    if (!ts->first) {
        ts->last = NULL;
    }
    return t;
}

/* ---- doom ------------------------------------------------------------------------------------------------------ */

static void doom(struct task *t, const char *code, const char *message) {
    if (!t->doomed) {
        fault_clear(&t->doom);
        fault_set(&t->doom, code, message, NULL);
        t->doomed = true;
    }
}

/* Count what the task used up since the clock was started, or last asked. */
static void count_time(struct task *t) {
    uint64_t now = clock_mono_us();
    t->used_us += now - t->since_us;
    t->since_us = now;
    if (t->limit_us && t->used_us > t->limit_us) {
        char text[80];
        snprintf(text, sizeof text, "ran for more than %.3g s", (double)t->limit_us / 1e6);
        doom(t, "E_TIMEOUT", text);
    }
}

/* Where L cannot be left, its end is an error that is raised again at each further instruction, until it can. */
static int raise_doom(lua_State *L, struct task *t) {
    slice_interrupt(L);
    fault_locate(L, &t->doom);
    fault_push(L, t->doom.code, t->doom.message.data, t->doom.message.len, NULL);
    return lua_error(L);
}

void task_check(lua_State *L) {
    struct task *t = vm_of(L)->current;
    if (t && t->doomed) {
        raise_doom(L, t);
    }
}

void tasks_out_of_memory(struct vm *vm) {
    if (vm->current) {
        char text[80];
        snprintf(text, sizeof text, "used more than its %zu MiB of memory", vm->memory.limit >> 20);
        doom(vm->current, "E_PLUGIN", text);
        slice_interrupt(NULL);
    }
}

/* The count hook, after a tick: see slice.h. Between two ticks a recursion gets deep, but not so deep that walking its
 * calls would take long. */
static void on_slice(lua_State *L, lua_Debug *ar) {
    struct vm *vm = vm_of(L);
    struct task *t = vm->current;
    bool may_yield = vm_can_yield(vm, L);
    if (t && !t->doomed) {
        if (!may_yield) {
            link_read(vm->link); /* nobody else will look for a cancel meanwhile */
        }
        count_time(t);
    }
    if (t && t->doomed && !may_yield) {
        raise_doom(L, t); /* the hook stays */
    }
    lua_sethook(L, NULL, 0, 0);
    if (t && !t->overflowed && lua_getstack(L, CALLS_MAX, ar)) {
        t->overflowed = true; /* it may be caught: next time the others get their turn */
        luaL_error(L, "stack overflow (more than %d calls)", (int)CALLS_MAX);
    }
    if (t && may_yield) {
        if (t->doomed) {
            fault_locate(L, &t->doom);
        }
        t->overflowed = false;
        vm->outward = true;
        lua_yield(L, 0);
    }
}

/* ---- a task's life --------------------------------------------------------------------------------------------- */

static int on_error(lua_State *L) {
    struct task *t = vm_of(L)->current;
    if (!t->doomed) {
        fault_capture(L, 1, &t->fault);
    }
    return 1;
}

/* Errors that never came to on_error: no memory, or no stack to call it. */
static void fault_of_status(lua_State *L, int status, struct task *t) {
    if (t->fault.message.len) {
        return;
    }
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "error without a message";
    fault_set(&t->fault, "E_PLUGIN", status == LUA_ERRMEM ? "not enough memory" : text, NULL);
}

static int task_ended(lua_State *L, int status, lua_KContext context) {
    (void)context;
    struct vm *vm = vm_of(L);
    struct task *t = vm->current;
    if (status != LUA_OK && status != LUA_YIELD) {
        fault_of_status(L, status, t);
        fault_write(t->doomed ? &t->doom : &t->fault, t->call, &vm->link->out);
    }
    return 0;
}

static int task_main(lua_State *L) {
    struct task *t = vm_of(L)->current;
    lua_settop(L, 0);
    lua_pushcfunction(L, on_error);
    lua_pushcfunction(L, t->body);
    return task_ended(L, lua_pcallk(L, 0, 0, 1, 0, task_ended), 0);
}

static struct task *new_task(struct tasks *ts, unsigned slot) {
    struct task *t = mem_alloc(sizeof *t);
    t->slot = slot;
    t->anchor = LUA_NOREF;
    buf_init(&t->in);
    fault_init(&t->fault);
    fault_init(&t->doom);
    ts->all[slot] = t;
    return t;
}

static struct task *free_task(struct tasks *ts) {
    for (unsigned i = 0; i < TASKS_MAX; i++) {
        if (!ts->all[i]) {
            return new_task(ts, i);
        }
        if (ts->all[i]->state == TASK_FREE) {
            return ts->all[i];
        }
    }
    return NULL;
}

static void drop_thread(struct vm *vm, struct task *t) {
    luaL_unref(vm->L, LUA_REGISTRYINDEX, t->anchor);
    t->anchor = LUA_NOREF;
    t->L = NULL;
}

static int make_thread(lua_State *L) {
    struct task *t = lua_touserdata(L, 1);
    t->L = lua_newthread(L);
    vm_set_flag(t->L, THREAD_TASK, true);
    t->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static bool has_thread(struct vm *vm, struct task *t) {
    if (t->L) {
        return true;
    }
    lua_pushcfunction(vm->L, make_thread);
    lua_pushlightuserdata(vm->L, t);
    if (lua_pcall(vm->L, 1, 0, 0) != LUA_OK) {
        lua_pop(vm->L, 1);
        t->L = NULL;
        return false;
    }
    return true;
}

static void refuse_call(struct vm *vm, int64_t call, const char *why) {
    struct fault f;
    fault_init(&f);
    fault_set(&f, "E_BUSY", why, NULL);
    fault_write(&f, call, &vm->link->out);
    fault_release(&f);
}

void tasks_start(struct tasks *ts, int64_t call, lua_CFunction body, struct unpack params) {
    struct task *t = free_task(ts);
    if (!t || !has_thread(ts->vm, t)) {
        refuse_call(ts->vm, call, t ? "the plugin has no memory left for another call" : "too many calls at once");
        return;
    }
    t->body = body;
    t->call = call;
    t->limit_us = t->used_us = 0;
    t->waits_for = 0;
    t->lines = 0;
    t->logged = 0;
    t->doomed = t->overflowed = false;
    fault_clear(&t->fault);
    buf_clear(&t->in);
    buf_add(&t->in, params.at, (size_t)(params.end - params.at));
    lua_pushcfunction(t->L, task_main);
    make_ready(ts, t);
}

/* What a task kept by its address in the registry (its job) goes with it. */
static void forget(struct vm *vm, struct task *t) {
    lua_pushnil(vm->L);
    lua_rawsetp(vm->L, LUA_REGISTRYINDEX, t);
    if (t->in.cap > 64 * 1024) {
        buf_release(&t->in);
    }
    for (unsigned i = 0; i < AHEAD_MAX; i++) {
        buf_release(&t->ahead[i].in);
        t->ahead[i].id = 0;
    }
    t->state = TASK_FREE;
}

static void finish(struct tasks *ts, struct task *t, int status) {
    struct vm *vm = ts->vm;
    lua_sethook(t->L, NULL, 0, 0);
    if (status == LUA_OK) {
        lua_settop(t->L, 0);
    } else {
        fault_of_status(t->L, status, t);
        fault_write(&t->fault, t->call, &vm->link->out);
        drop_thread(vm, t);
    }
    forget(vm, t);
    memory_forgive(&vm->memory);
    vm_pace(vm);
}

/* The end of a doomed task: its coroutine is left where it stands and never resumed. Unwinding it would run what the
 * plugin put in its way, and a tower of pcalls takes quadratic time to fall. */
static void abandon(struct tasks *ts, struct task *t) {
    struct vm *vm = ts->vm;
    fault_locate(t->L, &t->doom);
    fault_write(&t->doom, t->call, &vm->link->out);
    drop_thread(vm, t);
    forget(vm, t);
    lua_gc(vm->L, LUA_GCCOLLECT);
    memory_forgive(&vm->memory);
}

static void run_slice(struct tasks *ts, struct task *t) {
    struct vm *vm = ts->vm;
    if (t->doomed) {
        abandon(ts, t);
        return;
    }
    vm->current = t;
    vm->outward = false;
    vm->outer_yieldable = true;
    t->state = TASK_RUNNING;
    slice_enter(t->L);
    int results = 0;
    int status = lua_resume(t->L, NULL, 0, &results);
    slice_leave();
    vm->current = NULL;
    count_time(t);
    if (status != LUA_YIELD) {
        finish(ts, t, status);
        return;
    }
    vm_pace(vm);
    if (t->doomed) {
        ts->sleepers -= t->state == TASK_SLEEPING;
        abandon(ts, t);
    } else if (t->state == TASK_RUNNING) {
        make_ready(ts, t);
    }
}

void tasks_run(struct tasks *ts) {
    struct task *last = ts->last;
    while (ts->first) {
        struct task *t = next_ready(ts);
        run_slice(ts, t);
        link_settle(ts->vm->link);
        if (t == last) {
            break;
        }
    }
}

bool tasks_ready(const struct tasks *ts) {
    return ts->first != NULL;
}

void tasks_rest(struct tasks *ts) {
    vm_rest(ts->vm);
}

int tasks_wake(struct tasks *ts) {
    if (!ts->sleepers) {
        return -1;
    }
    uint64_t now = clock_mono_us();
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < TASKS_MAX; i++) {
        struct task *t = ts->all[i];
        if (!t || t->state != TASK_SLEEPING) {
            continue;
        }
        if (t->wake_us <= now) {
            make_ready(ts, t);
        } else if (t->wake_us < next) {
            next = t->wake_us;
        }
    }
    return next == UINT64_MAX ? -1 : (int)((next - now + 999) / 1000);
}

/* ---- what the host says ---------------------------------------------------------------------------------------- */

static struct ahead *find_ahead(struct task *t, int64_t id) {
    for (unsigned i = 0; i < AHEAD_MAX; i++) {
        if (t->ahead[i].id == id) {
            return &t->ahead[i];
        }
    }
    return NULL;
}

void tasks_response(struct tasks *ts, int64_t id, struct unpack body) {
    struct task *t = ts->all[id & (TASKS_MAX - 1)];
    bool waits = t && t->state == TASK_WAITING && t->waits_for == id;
    struct ahead *ahead = t && id && !waits ? find_ahead(t, id) : NULL;
    if (!waits && (!ahead || ahead->here)) {
        return;
    }
    struct buf *in = waits ? &t->in : &ahead->in;
    buf_clear(in);
    buf_add(in, body.at, (size_t)(body.end - body.at));
    if (waits) {
        t->waits_for = 0;
        make_ready(ts, t);
    } else {
        ahead->here = true;
    }
}

void tasks_cancel(struct tasks *ts, int64_t call, const char *code, const char *message) {
    for (unsigned i = 0; i < TASKS_MAX; i++) {
        struct task *t = ts->all[i];
        if (!t || t->state == TASK_FREE || t->call != call) {
            continue;
        }
        doom(t, code, message);
        if (t->state == TASK_WAITING || t->state == TASK_SLEEPING) {
            make_ready(ts, t);
        }
        slice_interrupt(t->L);
        return;
    }
}

/* ---- from inside a task ---------------------------------------------------------------------------------------- */

int64_t task_number(struct vm *vm) {
    return ++vm->tasks->requests << SLOT_BITS | vm->current->slot;
}

struct ahead *task_ahead(struct task *t) {
    return find_ahead(t, 0);
}

bool task_settle(struct task *t, int64_t id, bool *here) {
    struct ahead *ahead = id ? find_ahead(t, id) : NULL;
    if (!ahead) {
        return false;
    }
    *here = ahead->here;
    if (ahead->here) {
        struct buf in = t->in;
        t->in = ahead->in;
        ahead->in = in;
    } else {
        t->waits_for = id;
    }
    ahead->id = 0;
    ahead->here = false;
    return true;
}

/* Where L cannot yield, the process waits: other tasks stand still, which is why only short requests may do it. */
static void wait_here(struct vm *vm, struct task *t) {
    count_time(t);
    while (t->state == TASK_WAITING && !vm->link->closed) {
        link_wait(vm->link, -1);
    }
    t->since_us = clock_mono_us();
    t->state = TASK_RUNNING;
    if (vm->link->closed) {
        doom(t, "E_CANCELLED", "the host is gone");
    }
}

int task_wait(lua_State *L, lua_KFunction k) {
    struct vm *vm = vm_of(L);
    vm->current->state = TASK_WAITING;
    if (vm_can_yield(vm, L)) {
        vm->outward = true;
        return lua_yieldk(L, 0, 0, k);
    }
    wait_here(vm, vm->current);
    return k(L, LUA_OK, 0);
}

int task_sleep(lua_State *L, uint64_t us, lua_KFunction k) {
    struct vm *vm = vm_of(L);
    struct task *t = vm->current;
    t->wake_us = clock_mono_us() + us;
    t->state = TASK_SLEEPING;
    vm->tasks->sleepers++;
    vm->outward = true;
    return lua_yieldk(L, 0, 0, k);
}

void task_answer(lua_State *L, int index) {
    struct vm *vm = vm_of(L);
    struct buf *out = &vm->link->out;
    size_t start = out->len;
    rpc_write_result(out, vm->current->call);
    if (!transfer_write(L, index, out, "result")) {
        transfer_undo(out, start);
        lua_error(L);
    }
}

struct tasks *tasks_new(struct vm *vm) {
    struct tasks *ts = mem_alloc(sizeof *ts);
    ts->vm = vm;
    vm->tasks = ts;
    slice_init(on_slice);
    return ts;
}

void tasks_free(struct tasks *ts) {
    for (unsigned i = 0; i < TASKS_MAX; i++) {
        struct task *t = ts->all[i];
        if (t) {
            buf_release(&t->in);
            for (unsigned k = 0; k < AHEAD_MAX; k++) {
                buf_release(&t->ahead[k].in);
            }
            fault_release(&t->fault);
            fault_release(&t->doom);
            mem_free(t);
        }
    }
    mem_free(ts);
}
