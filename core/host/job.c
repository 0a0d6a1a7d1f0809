/* job.c - the life of one invocation, from the call to the commit.
 *
 * The one idea: a plugin only ever describes changes; the job applies them, all or none, when the command has come back. It knows
 * nothing of terminals (the front does) nor of processes (the supervisor does).
 */
#include "host/job.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"
#include "host/filler.h"
#include "host/ledger.h"
#include "host/store_work.h"

/* Reruns: a dozen clients that append to one note at once are all served (two reruns were measured not to be enough). */
enum { CLASH_RERUNS = 24, CLASH_MS = 4000 };

struct jobs {
    struct host *host;
    struct job *first;
    size_t count;
    uint64_t next_number;
};

struct jobs *jobs_new(struct host *h) {
    struct jobs *j = mem_alloc(sizeof *j);
    j->host = h;
    j->next_number = 1;
    return j;
}

void jobs_free(struct jobs *j) {
    mem_free(j);
}

size_t jobs_count(const struct jobs *j) {
    return j->count;
}

struct job *jobs_first(const struct jobs *j) {
    return j->first;
}

struct job *job_root(struct job *job) {
    while (job->parent)
        job = job->parent;
    return job;
}

static void begin_call(struct job *job);

static void job_free(struct job *job) {
    struct jobs *all = job->host->jobs;
    if (job->prev)
        job->prev->next = job->next;
    else
        all->first = job->next;
    if (job->next)
        job->next->prev = job->prev;
    all->count--;
    if (!all->count)
        filler_rest(job->host->filler);
    loop_later_cancel(job->host->loop, &job->settle);
    if (job->parent) {
        job->parent->children--;
        job_part_ended(job->parent);
    }
    err_release(&job->cancel_err);
    err_release(&job->query_err);
    mem_free(job->steps);
    arena_release(&job->arena);
    mem_free(job);
}

static bool busy(const struct job *job) {
    return job->applying || job->pipeline || job->children || job->calls;
}

static void finish_with(struct job *job, const struct value *value, const char *text, int exit, const struct err *err) {
    struct err own;
    err_init(&own);
    if (job->ending)
        return;
    if (busy(job)) { /* parts of it are still under way: they are told to end, and it ends after them */
        if (job->finish_late)
            return;
        job->finish_late = true;
        if (!err)
            err_set(&own, E_INTERNAL, "command '%s' returned before what it started had ended", job->spec->name);
        job_cancel(job, err ? err : &own);
        if (job->cancel_err.code == E_OK || err)
            err_copy(&job->cancel_err, err ? err : &own);
        return;
    }
    job->ending = true;
    struct job_result result = {.value = value ? value : &value_nil, .text = text, .err = err, .exit = exit};
    ledger_note(job->host->ledger, job, err);
    job->done(job->ctx, job, &result);
    job_free(job);
}

static void finish(struct job *job, const struct err *err) {
    finish_with(job, NULL, NULL, 0, err);
}

static void settle_late(void *ctx) {
    struct job *job = ctx;
    struct err why;
    if (!job->finish_late || busy(job))
        return;
    err_init(&why);
    err_copy(&why, &job->cancel_err);
    finish(job, &why);
    err_release(&why);
}

void job_part_ended(struct job *job) {
    if (job->finish_late)
        loop_later(job->host->loop, &job->settle);
}

/* ---- applying --------------------------------------------------------------------------------------------------- */

struct applying {
    struct store_task task;
    struct job *job;
    job_applied *done;
    void *done_ctx;
    struct store_run run;
    struct step *steps; /* the job's no more */
    size_t nsteps;
    bool dry_run, more;
    char run_id[UUID_TEXT + 1];
};

static int apply_steps(struct applying *ap, struct store *s, struct value *done) {
    struct store_task *t = &ap->task;
    struct op *ops = arena_alloc(&t->arena, (ap->nsteps + 1) * sizeof *ops);
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; i < ap->nsteps && !rc; i++) {
        if (!ap->steps[i].is_undo) {
            ops[n++] = ap->steps[i].op;
            continue;
        }
        if (n)
            rc = store_apply(s, ops, n, &t->arena, done, &t->err);
        n = 0;
        const char *run = ap->steps[i].undo;
        if (!rc)
            rc = store_undo(s, *run ? run : NULL, &t->arena, done, &t->err);
    }
    if (!rc && n)
        rc = store_apply(s, ops, n, &t->arena, done, &t->err);
    return rc;
}

static int apply_write(struct store_task *t, struct store *s) {
    struct applying *ap = (struct applying *)t;
    t->result = value_array(&t->arena, (uint32_t)ap->nsteps);
    int rc = ap->more ? store_begin_more(s, ap->run_id, &t->err) : store_begin(s, &ap->run, &t->err);
    if (rc)
        return rc;
    rc = apply_steps(ap, s, &t->result);
    if (rc || ap->dry_run)
        store_rollback(s);
    else
        rc = store_commit(s, &ap->run, ap->run_id, &t->err);
    return rc;
}

/* A clash of revisions is known at once; a store that others hold is waited for, and then trying again is the person's choice. */
static bool based_on_revisions(const struct applying *ap) {
    for (size_t i = 0; i < ap->nsteps; i++)
        if (!ap->steps[i].is_undo && ap->steps[i].op.base_rev >= 0)
            return true;
    return false;
}

static void applied(struct store_task *t) {
    struct applying *ap = (struct applying *)t;
    struct job *job = ap->job;
    job->store_us += (int64_t)t->took_us;
    if (t->err.code == E_OK) {
        for (size_t i = 0; i < t->result.len; i++)
            value_push(&job->arena, &job->operations, value_copy(&job->arena, value_at(&t->result, i)));
        if (ap->run_id[0])
            memcpy(job->run_id, ap->run_id, sizeof job->run_id);
        job->wrote |= ap->run_id[0] != '\0';
    }
    job->clashed = t->took_us < CLASH_MS * 1000 && based_on_revisions(ap);
    mem_free(ap->steps);
    job->applying = false;
    job_part_ended(job);
    ap->done(ap->done_ctx, t->err.code == E_OK ? NULL : &t->err);
}

struct store_run job_run_record(const struct job *job) {
    return (struct store_run){
        .command = job->spec->name,
        .plugin = job->command->plugin->name,
        .plugin_hash = job->command->plugin->hash,
        .args = &job->args,
        .started_ms = job->started_ms,
        .plugin_cpu_us = job->cpu_us,
        .store_us = job->store_us,
        .waiting_us = -1,
    };
}

void job_apply(struct job *job, job_applied *done, void *ctx) {
    if (!job->nsteps) {
        done(ctx, NULL);
        return;
    }
    struct applying *ap = (struct applying *)store_task_new(job->host, sizeof *ap);
    job->applying = true;
    ap->job = job;
    ap->done = done;
    ap->done_ctx = ctx;
    ap->steps = job->steps;
    ap->nsteps = job->nsteps;
    job->steps = NULL; /* what is asked for meanwhile is for the next time */
    job->nsteps = job->steps_cap = 0;
    ap->dry_run = job->options.dry_run;
    ap->more = job->run_id[0] != '\0';
    memcpy(ap->run_id, job->run_id, sizeof ap->run_id);
    ap->run = job_run_record(job);
    ap->task.write = apply_write;
    ap->task.done = applied;
    store_task_run(&ap->task);
}

struct value job_report(struct job *job, struct arena *a) {
    job = job_root(job);
    struct value report = value_map(a, 2);
    value_set(a, &report, "run", job->run_id[0] ? value_str(a, job->run_id) : value_nil);
    value_set(a, &report, "operations",
              job->operations.kind == VALUE_ARRAY ? value_copy(a, &job->operations) : value_array(a, 0));
    return report;
}

int job_add_step(struct job *job, const struct step *step, struct err *err) {
    job = job_root(job);
    if (job->nsteps == JOB_STEPS || job->arena.used > JOB_BYTES) {
        err_set(err, E_PLUGIN, "command '%s' collects more than %d changes or %d MiB", job->spec->name, JOB_STEPS,
                JOB_BYTES >> 20);
        return err_hint(err, "apply what there is with job:commit() now and then");
    }
    if (job->nsteps == job->steps_cap)
        job->steps =
            mem_array(job->steps, job->steps_cap = job->steps_cap ? 2 * job->steps_cap : 16, sizeof *job->steps);
    job->steps[job->nsteps++] = *step;
    return 0;
}

/* ---- the command's answer --------------------------------------------------------------------------------------- */

/* {"run","operations"} where the command declared one; else what it returned, checked. */
static int shape_result(struct job *job, const struct value *raw, struct value *out, struct err *err) {
    const struct value *given = value_get(raw, "value");
    const struct shape *shape = job->spec->returns;
    struct value own;
    if (job->emitted.kind == VALUE_ARRAY && value_is(given, VALUE_NIL))
        given = &job->emitted;
    if (shape->name && !strcmp(shape->name, "run_report")) {
        own = job_report(job, &job->arena);
        given = &own;
    }
    if (value_is(given, VALUE_NIL) && shape->kind == SHAPE_LIST) {
        own = value_array(&job->arena, 0);
        given = &own;
    }
    if (!shape_check(shape, given, &job->arena, out, err))
        return 0;
    err_prefix(err, "command '%s'", job->spec->name);
    return -(int)err->code;
}

static void settle(struct job *job, const struct value *raw) {
    struct err err;
    struct value out;
    err_init(&err);
    const char *text = value_cstr(value_get(raw, "text"), NULL);
    int rc = shape_result(job, raw, &out, &err);
    int64_t exit = value_toint(value_get(raw, "exit"), 0);
    if (rc)
        finish(job, &err);
    else
        finish_with(job, &out, text, exit > 0 && exit < 256 ? (int)exit : 0, NULL);
    err_release(&err);
}

struct settling {
    struct job *job;
    const struct value *raw;
};

static void after_apply(void *ctx, const struct err *err) {
    struct settling *s = ctx;
    struct job *job = s->job;
    if (!err) {
        settle(job, s->raw);
    } else if (err->code == E_BUSY && job->clashed && !job->effects && job->reruns < CLASH_RERUNS && !job->wrote &&
               !job->cancelled) {
        job->reruns++;
        begin_call(job);
    } else {
        finish(job, err);
    }
}

static void command_done(void *ctx, const struct value *result, const struct err *err) {
    struct job *job = ctx;
    job->main_call = NULL;
    if (err) {
        finish(job, err);
        return;
    }
    struct value *raw = arena_alloc(&job->arena, sizeof *raw);
    *raw = value_copy(&job->arena, result);
    if (job->parent || !job->nsteps) {
        settle(job, raw);
        return;
    }
    struct settling *s = arena_alloc(&job->arena, sizeof *s);
    *s = (struct settling){job, raw};
    job_apply(job, after_apply, s);
}

static void begin_call(struct job *job) {
    struct arena *a = &job->arena;
    struct value what = value_map(a, 4);
    job->nsteps = job->parent ? job->nsteps : 0;
    value_set(a, &what, "kind", value_lit("command"));
    value_set(a, &what, "name", value_lit(job->spec->name));
    value_set(a, &what, "what", value_lit("run"));
    value_set(a, &what, "args", job->args);
    int64_t limit = job->options.timeout_ms ? job->options.timeout_ms : CALL_COMMAND_MS;
    if (!job->host->daemon && plugin_may(job->command->plugin, "notes.read"))
        store_door_ahead(job->host);
    job->main_call = call_start(job->host, job, job->command->plugin, &what, limit, command_done, job);
}

struct job *job_start(struct host *h, struct contribution *command, const struct args *args,
                      const struct job_options *options, const struct front *front, void *front_ctx, struct job *parent,
                      job_done *done, void *ctx) {
    struct job *job = mem_alloc(sizeof *job);
    struct jobs *all = h->jobs;
    arena_init(&job->arena);
    err_init(&job->cancel_err);
    err_init(&job->query_err);
    job->host = h;
    job->number = all->next_number++;
    job->command = command;
    job->spec = command->spec;
    job->args = value_copy(&job->arena, &args->map);
    job->parent = parent;
    job->front = front;
    job->front_ctx = front_ctx;
    job->options = *options;
    job->options.cwd = arena_strdup(&job->arena, options->cwd ? options->cwd : "/");
    job->npaths = args->npaths;
    job->paths = arena_alloc(&job->arena, (args->npaths + 1) * sizeof *job->paths);
    for (size_t i = 0; i < args->npaths; i++)
        job->paths[i] = (struct job_path){arena_strdup(&job->arena, args->paths[i].path), args->paths[i].mode};
    job->operations = value_array(&job->arena, 0);
    job->started_ms = clock_now_ms();
    job->started_us = clock_mono_us();
    job->done = done;
    job->ctx = ctx;
    job->settle = (struct later){.fn = settle_late, .ctx = job};
    job->next = all->first;
    if (all->first)
        all->first->prev = job;
    all->first = job;
    all->count++;
    if (parent)
        parent->children++;
    begin_call(job);
    return job;
}

void job_cancel(struct job *job, const struct err *why) {
    if (job->cancelled || job->ending)
        return;
    job->cancelled = true;
    err_copy(&job->cancel_err, why);
    for (struct job *j = job->host->jobs->first; j; j = j->next)
        if (j->parent == job)
            job_cancel(j, why);
    if (job->pipeline_cancel)
        job->pipeline_cancel(job);
    for (struct call *k = job->calls; k; k = k->next_in_job)
        call_cancel(k, why, CANCEL_GRACE_MS);
}

static bool is_clean(const char *path) {
    struct buf clean = BUF_INIT;
    path_absolute(&clean, "/", path);
    bool same = *path == '/' && !strcmp(clean.data, path);
    buf_release(&clean);
    return same;
}

const char *job_path_named(const struct job *job, const char *path, enum path_mode mode) {
    if (!is_clean(path))
        return NULL; /* "NAMED/../other" is not below NAMED */
    for (; job; job = job->parent)
        for (size_t i = 0; i < job->npaths; i++) {
            const struct job_path *p = &job->paths[i];
            bool fits = p->mode == mode || (mode == PATH_READ && p->mode == PATH_FOLDER);
            bool edits = p->mode == PATH_EDIT && mode != PATH_FOLDER && !strcmp(p->path, path);
            if (edits || (fits && path_within(p->path, path)))
                return p->path;
        }
    return NULL;
}

void job_name_path(struct job *job, const char *path) {
    struct job_path *more = arena_alloc(&job->arena, (job->npaths + 1) * sizeof *more);
    memcpy(more, job->paths, job->npaths * sizeof *more);
    more[job->npaths++] = (struct job_path){arena_strdup(&job->arena, path), PATH_READ};
    job->paths = more;
}

bool job_may_path(const struct job *job, const char *path, enum path_mode mode) {
    return job_path_named(job, path, mode) != NULL;
}

struct value jobs_status(struct jobs *j, struct arena *a) {
    struct value list = value_array(a, 4);
    for (struct job *job = j->first; job; job = job->next) {
        struct value one = value_map(a, 4);
        char at[CLOCK_TEXT];
        clock_rfc3339(job->started_ms, at);
        value_set(a, &one, "id", value_strf(a, "%llu", (unsigned long long)job->number));
        value_set(a, &one, "command", value_str(a, job->spec->name));
        value_set(a, &one, "started", value_str(a, at));
        bool waiting = job->main_call && !job->main_call->running_since;
        value_set(a, &one, "state", value_lit(job->cancelled ? "cancelling" : waiting ? "waiting" : "running"));
        value_push(a, &list, one);
    }
    return list;
}
