/* store_work.h - the store, off the loop: one piece of reading or writing as a task.
 *
 * Fill in a task from store_task_new, run it; READ or WRITE runs on a pool thread (the store is opened there by the first that needs it), DONE on
 * the loop, after which the task is freed with its arena. What crosses threads is the task alone.
 */
#ifndef LECTERN_HOST_STORE_WORK_H
#define LECTERN_HOST_STORE_WORK_H

#include "base/arena.h"
#include "host/host.h"

struct store_task {
    struct host *host;
    struct arena arena; /* the task's; results live here */
    struct err err;     /* code E_OK: it worked */
    struct value result;
    void *ctx; /* the caller's, loop thread only */
    int (*read)(struct store_task *t, struct reader *r);
    int (*write)(struct store_task *t, struct store *s);
    void (*done)(struct store_task *t);
    struct reader *reading; /* while READ runs: for interruption */
    uint64_t took_us;
    bool ahead; /* see store_door_ahead */
};

struct store_task *store_task_new(struct host *h,
                                  size_t size); /* SIZE >= sizeof(struct store_task): embed it first in your own */
void store_task_run(struct store_task *t);
/* No need for the store after all: DONE now, with err E_OK, then freed. */
void store_task_skip(struct store_task *t);

struct store_door *store_door_new(void);
void store_door_free(struct store_door *d); /* closes the store; no task may be running */
bool store_door_open(const struct store_door *d);
void store_door_relax(struct store_door *d); /* nobody asked for a while: see store_relax */
/* From a pool thread, outside any task: wait until no task uses the store, close it, and let nobody in until it is
 * reopened, which the next task does in earnest. For work that replaces the file. */
void store_door_shut(struct store_door *d);
void store_door_reopen(struct store_door *d);
/* Open the store that is about to be needed, if there is one, while its plugin still starts. */
void store_door_ahead(struct host *h);

#endif
