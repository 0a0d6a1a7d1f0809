/* filler.c - work for idle daemons: steps of store_fill, with pauses.
 *
 * The one idea: whether there is time is asked before each step, so nothing has to be stopped; a step is short enough to
 * be waited for. What goes wrong is no news to anybody: searches do not need this, and the next idle time tries again.
 */
#include "host/filler.h"

#include "base/mem.h"
#include "host/job.h"
#include "host/store_work.h"

enum { REST_MS = 3000, LEAST_PAUSE_MS = 20 };

struct filler {
    struct host *host;
    struct timer *timer;
    bool working;
};

struct filling {
    struct store_task task;
    struct filler *filler;
    bool more, alone;
};

static int fill(struct store_task *t, struct store *s) {
    struct filling *filling = (struct filling *)t;
    return store_fill(s, &filling->more, &filling->alone, &t->err);
}

static void filled(struct store_task *t) {
    struct filling *filling = (struct filling *)t;
    struct filler *f = filling->filler;
    struct host *h = f->host;
    f->working = false;
    if (t->err.code != E_OK) {
        log_write(LOG_INFO, "host", "pieces of texts were not indexed: %s", t->err.message);
    } else if (filling->more && !h->stopping && !jobs_count(h->jobs)) {
        uint64_t pause = t->took_us / 1000 + LEAST_PAUSE_MS;
        timer_start(f->timer, filling->alone ? pause : REST_MS);
    }
}

static void on_timer(void *ctx) {
    struct filler *f = ctx;
    struct host *h = f->host;
    if (f->working || h->stopping || jobs_count(h->jobs) || !store_door_open(h->door))
        return;
    struct filling *filling = (struct filling *)store_task_new(h, sizeof *filling);
    filling->filler = f;
    filling->task.write = fill;
    filling->task.done = filled;
    f->working = true;
    store_task_run(&filling->task);
}

struct filler *filler_new(struct host *h) {
    struct filler *f = mem_alloc(sizeof *f);
    f->host = h;
    f->timer = timer_new(h->loop, on_timer, f);
    return f;
}

void filler_rest(struct filler *f) {
    if (f && f->host->daemon && !f->host->stopping)
        timer_start(f->timer, REST_MS);
}

void filler_free(struct filler *f) {
    if (!f)
        return;
    timer_free(f->timer);
    mem_free(f);
}
