/* ledger.c - the ring of runs that only read. */
#include "host/ledger.h"

#include "base/clock.h"
#include "base/mem.h"
#include "host/job.h"
#include "host/store_work.h"

enum { RING = 256, FLUSH_MS = 5000, FULL_BYTES = 4 * 1024 * 1024 };

struct ledger {
    struct host *host;
    struct arena arena;
    struct value runs;
    struct timer *timer;
    bool flushing;
};

struct flushing {
    struct store_task task;
    struct ledger *ledger;
    loop_fn *done;
    void *done_ctx;
};

static void on_timer(void *ctx) {
    ledger_flush(ctx, NULL, NULL);
}

struct ledger *ledger_new(struct host *h) {
    struct ledger *l = mem_alloc(sizeof *l);
    l->host = h;
    arena_init(&l->arena);
    l->runs = value_array(&l->arena, 16);
    l->timer = timer_new(h->loop, on_timer, l);
    return l;
}

void ledger_note(struct ledger *l, struct job *job, const struct err *err) {
    /* A private host ends with its command: writing that somebody looked would cost more than the look. And that somebody
     * asked for help makes no store. */
    if (!l->host->daemon || !store_door_open(l->host->door) || job->parent || job->run_id[0] || job->options.dry_run ||
        l->runs.len >= RING)
        return;
    struct arena *a = &l->arena;
    struct value run = value_map(a, 8);
    char at[CLOCK_TEXT];
    clock_rfc3339(job->started_ms, at);
    value_set(a, &run, "command", value_str(a, job->spec->name));
    value_set(a, &run, "plugin", value_str(a, job->command->plugin->name));
    value_set(a, &run, "plugin_hash", value_str(a, job->command->plugin->hash));
    value_set(a, &run, "args", value_copy(a, &job->args));
    value_set(a, &run, "started", value_str(a, at));
    value_set(a, &run, "started_ms", value_int(job->started_ms));
    value_set(a, &run, "duration_ms", value_int((int64_t)(clock_mono_us() - job->started_us) / 1000));
    value_set(a, &run, "status", value_int(err ? err_status(err->code) : 0));
    value_set(a, &run, "plugin_cpu_us", value_int(job->cpu_us));
    value_set(a, &run, "store_us", value_int(job->store_us));
    value_push(a, &l->runs, run);
    if (l->flushing)
        return;
    if (a->used > FULL_BYTES)
        ledger_flush(l, NULL, NULL);
    else if (l->runs.len == 1)
        timer_start(l->timer, FLUSH_MS);
}

static int write_runs(struct store_task *t, struct store *s) {
    return store_record_runs(s, &t->result, &t->err);
}

static void written(struct store_task *t) {
    struct flushing *f = (struct flushing *)t;
    f->ledger->flushing = false;
    if (t->err.code != E_OK)
        log_write(LOG_WARN, "host", "the ledger was not written: %s", t->err.message);
    if (f->ledger->runs.len && !f->ledger->host->stopping)
        timer_start(f->ledger->timer, FLUSH_MS);
    if (f->done)
        f->done(f->done_ctx);
}

void ledger_flush(struct ledger *l, loop_fn *done, void *ctx) {
    if (!l->runs.len || l->flushing) {
        if (done)
            done(ctx);
        return;
    }
    struct flushing *f = (struct flushing *)store_task_new(l->host, sizeof *f);
    f->ledger = l;
    f->done = done;
    f->done_ctx = ctx;
    f->task.result = value_copy(&f->task.arena, &l->runs);
    f->task.write = write_runs;
    f->task.done = written;
    l->flushing = true;
    arena_clear(&l->arena);
    l->runs = value_array(&l->arena, 16);
    store_task_run(&f->task);
}

void ledger_free(struct ledger *l) {
    if (!l)
        return;
    timer_free(l->timer);
    arena_release(&l->arena);
    mem_free(l);
}
