/* tasks.h - what a compartment does at the same time: one coroutine for each open call.
 *
 * A task runs in slices of about 10 ms, in turn with the others. It is suspended while it waits for the host or sleeps.
 * One that is doomed (cancelled, out of time, out of memory) is never resumed: nothing of the plugin can catch that,
 * and no handler and no __close runs. Where it cannot be suspended (in a comparator, a gsub callback) every further
 * instruction raises an error until it can.
 *
 * A task's own time counts while it runs or could run, not while it waits.
 */
#ifndef LECTERN_COMPARTMENT_TASKS_H
#define LECTERN_COMPARTMENT_TASKS_H

#include "compartment/fault.h"
#include "compartment/vm.h"

enum { TASKS_MAX = 256, AHEAD_MAX = 4 };

/* A question that its task did not wait for yet. */
struct ahead {
    int64_t id; /* 0: none */
    bool here;  /* IN holds the response */
    struct buf in;
};

enum task_state {
    TASK_FREE,
    TASK_READY,
    TASK_RUNNING,
    TASK_WAITING,  /* for the host's response number waits_for */
    TASK_SLEEPING, /* until wake_us */
};

struct task {
    struct task *next; /* in the queue of the ready ones */
    lua_State *L;      /* kept and used again when a task ends well */
    int anchor;        /* of L in the registry */
    unsigned slot;     /* index in the table of tasks */
    enum task_state state;
    lua_CFunction body;
    int64_t call; /* id of the host's request: what the task's own requests name, and where its answer goes */
    int64_t waits_for;
    uint64_t wake_us;
    struct buf in; /* bytes of the call's params, then of the last response */
    struct ahead ahead[AHEAD_MAX];
    uint64_t limit_us; /* of its own time; 0: none */
    uint64_t used_us, since_us;
    unsigned lines;  /* logged so far */
    size_t logged;   /* bytes likewise */
    bool overflowed; /* was told in this slice that its calls are nested too deeply */
    bool doomed;
    struct fault doom;
    struct fault fault; /* what ended it */
};

struct tasks *tasks_new(struct vm *vm);
void tasks_free(struct tasks *t);

/* Start a task for the host's request CALL. BODY runs in its coroutine with no arguments; what it returns is ignored,
 * it answers the host itself with task_answer. PARAMS are copied. Answers E_BUSY by itself where there are too many. */
void tasks_start(struct tasks *t, int64_t call, lua_CFunction body, struct unpack params);
/* The host answered: wake the task that waits for it. Unknown ids are dropped. */
void tasks_response(struct tasks *t, int64_t id, struct unpack body);
/* The host wants the call ended. */
void tasks_cancel(struct tasks *t, int64_t call, const char *code, const char *message);

/* Give each ready task one slice. */
void tasks_run(struct tasks *t);
bool tasks_ready(const struct tasks *t);
/* Milliseconds until the next sleeper wakes, -1 for none; wakes those that are due. */
int tasks_wake(struct tasks *t);
/* Nothing is to do for now: clear up. */
void tasks_rest(struct tasks *t);

/* ---- from inside a task ---------------------------------------------------------------------------------------- */

/* Number the request that the current task is about to send. */
int64_t task_number(struct vm *vm);
/* Room for one more question of T that it goes on without, or NULL. */
struct ahead *task_ahead(struct task *t);
/* The question ID that T asked ahead is settled now: false where there is none; *HERE: its response is in t->in. Else T
 * has to wait for it. */
bool task_settle(struct task *t, int64_t id, bool *here);
/* Suspend the current task until its response is there or its sleep is over, then go on with K (which returns the
 * results to Lua). Where L cannot yield, waits on the spot. `return task_wait(L, k);` */
int task_wait(lua_State *L, lua_KFunction k);
int task_sleep(lua_State *L, uint64_t us, lua_KFunction k);
/* Raise the task's doom, if it has one. */
void task_check(lua_State *L);
/* Encode the value at INDEX as the answer to the call; raises where it cannot be encoded. */
void task_answer(lua_State *L, int index);
/* End the current task: no memory. For the allocator; calls no Lua API that could allocate. */
void tasks_out_of_memory(struct vm *vm);

#endif
