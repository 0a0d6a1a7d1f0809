/* calls.c - calls: where they run, how long they may, how they end.
 *
 * The one idea: a call's clock runs only while its plugin could be running. At the soft limit its coroutine gets an error; what does not
 * heed that is killed, and whoever shared its compartment is asked again elsewhere.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "host/supervisor_priv.h"

enum { LOOK_MS = 100, CPU_SLACK_MS = 3000, CPU_REFRESH_MS = 1000, CPU_FOREVER_MS = 100000000 };

static void stop_clock(struct call *k) {
    if (!k->running_since)
        return;
    k->used_us += clock_mono_us() - k->running_since;
    k->running_since = 0;
}

static void start_clock(struct call *k) {
    if (!k->running_since && !k->waits)
        k->running_since = clock_mono_us();
}

void call_pause(struct call *k) {
    k->waits++;
    stop_clock(k);
}

void call_resume(struct call *k) {
    if (k->waits)
        k->waits--;
    start_clock(k);
}

struct conn *call_conn(const struct call *k) {
    return k->compartment ? k->compartment->conn : NULL;
}

int64_t call_cpu_us(const struct call *k) {
    return k->compartment ? process_cpu_us(k->compartment->process) : 0;
}

/* Requests that are still being worked on elsewhere must find nobody when they come back. */
void call_detach(struct call *k) {
    for (struct request *r = k->requests; r; r = r->next) {
        r->call = NULL;
        r->job = NULL;
    }
    k->requests = NULL;
    k->waits = 0;
}

static void leave(struct call *k) {
    struct compartment *c = k->compartment;
    if (!c)
        return;
    struct call **at = &c->calls;
    while (*at && *at != k)
        at = &(*at)->next_in_compartment;
    if (*at)
        *at = k->next_in_compartment;
    if (c->culprit == k)
        c->culprit = NULL;
    k->compartment = NULL;
    comp_released(c);
}

void call_finish(struct call *k, const struct value *result, const struct err *err) {
    if (k->over)
        return;
    k->over = true;
    stop_clock(k);
    if (k->job)
        k->job->cpu_us += (int64_t)k->used_us;
    call_detach(k);
    leave(k);
    timer_free(k->timer);
    if (k->job) {
        struct call **at = &k->job->calls;
        while (*at && *at != k)
            at = &(*at)->next_in_job;
        if (*at)
            *at = k->next_in_job;
    }
    struct job *late = k->job && k->job->finish_late ? k->job : NULL;
    if (late)
        job_part_ended(late);
    k->done(k->ctx, result, err);
    err_release(&k->cancel_err);
    arena_release(&k->arena);
    mem_free(k);
}

/* A plugin hears of an error as one line. If it passes on what was said of a query, the column is to be seen after all. */
static void restore_column(const struct call *k, struct err *err) {
    const struct err *said = k->job ? &job_root(k->job)->query_err : NULL;
    size_t n = said ? strlen(said->message) : 0;
    if (!said || !said->column || err->code != said->code || strncmp(err->message, said->message, n) != 0)
        return;
    const char *rest = err->message + n;
    if (*rest && (strncmp(rest, "; ", 2) != 0 || strcmp(rest + 2, said->hint) != 0))
        return;
    char plugin[ERR_PLUGIN_MAX], at[ERR_AT_MAX];
    memcpy(plugin, err->plugin, sizeof plugin);
    memcpy(at, err->at, sizeof at);
    err_copy(err, said);
    memcpy(err->plugin, plugin, sizeof plugin);
    memcpy(err->at, at, sizeof at);
}

static void on_reply(void *ctx, const struct value *result, const struct err *err) {
    struct call *k = ctx;
    if (err && err->code == E_PEER_KILLED && !result)
        return; /* the compartment is gone: its exit settles this */
    if (k->compartment && k->compartment->dying && !k->compartment->loaded)
        return; /* likewise; it says why it did not load */
    if (k->cancelled) {
        call_finish(k, NULL, &k->cancel_err);
    } else if (err) {
        struct err full;
        err_init(&full);
        plugin_error(&full, k->plugin->name, result, err);
        restore_column(k, &full);
        call_finish(k, NULL, &full);
        err_release(&full);
    } else {
        call_finish(k, result, NULL);
    }
}

static void on_timer(void *ctx) {
    struct call *k = ctx;
    if (k->cancelled) {
        if (k->compartment)
            comp_kill(k->compartment, k, &k->cancel_err);
        else
            call_finish(k, NULL, &k->cancel_err);
        return;
    }
    uint64_t used = k->used_us + (k->running_since ? clock_mono_us() - k->running_since : 0);
    if (used < k->limit_us) {
        uint64_t left = (k->limit_us - used) / 1000 + 1;
        timer_start(k->timer,
                    k->running_since || left > LOOK_MS ? left : LOOK_MS); /* while its clock stands there is no hurry */
        return;
    }
    struct err why;
    err_init(&why);
    err_set(&why, E_TIMEOUT, "plugin '%s' took longer than %.3g s", k->plugin->name, (double)k->limit_us / 1e6);
    err_hint(&why, "allow more with --timeout, for example --timeout 60s");
    snprintf(why.plugin, sizeof why.plugin, "%s", k->plugin->name);
    call_cancel(k, &why, CALL_GRACE_MS);
    err_release(&why);
}

void call_cancel(struct call *k, const struct err *why, uint64_t grace_ms) {
    if (k->over || k->cancelled)
        return;
    k->cancelled = true;
    err_copy(&k->cancel_err, why);
    if (k->compartment && k->compartment->conn) {
        struct arena a = ARENA_INIT;
        struct value params = value_array(&a, 3);
        value_push(&a, &params, value_int(k->id));
        value_push(&a, &params, value_lit(why->code == E_TIMEOUT ? "deadline" : "cancelled"));
        value_push(&a, &params, value_strf(&a, "%s: %s", err_name(why->code), why->message));
        conn_notify(k->compartment->conn, "cancel", &params);
        arena_release(&a);
    }
    timer_start(k->timer, grace_ms);
}

/* ---- where it runs ---------------------------------------------------------------------------------------------- */

static bool takes_company(const struct compartment *c, const struct call *k, uint64_t now) {
    if (!c->calls)
        return true;
    if (k->alone)
        return false;
    for (struct call *o = c->calls; o; o = o->next_in_compartment)
        if (o->alone || o->cancelled || now - o->started_us > COMPANY_MS * 1000)
            return false;
    return true;
}

static struct compartment *choose(struct supervisor *s, struct call *k, struct err *err) {
    uint64_t now = clock_mono_us();
    struct compartment *best = NULL, *crowded = NULL;
    size_t mine = 0;
    for (struct compartment *c = s->first; c; c = c->next) {
        if (c->dying || c->retired || c->registering || !c->conn)
            continue;
        if (strcmp(c->plugin, k->plugin->name) || strcmp(c->hash, k->plugin->hash))
            continue;
        mine++;
        if (takes_company(c, k, now)) {
            if (!best || (best->calls && !c->calls))
                best = c;
        } else if (!crowded || c->last_used < crowded->last_used) {
            crowded = c;
        }
    }
    if (best)
        return best;
    if (mine < COMPARTMENTS_PER_PLUGIN || k->alone)
        return comp_start(s, k->plugin, false, err);
    return crowded;
}

/* The kernel's own limit, should the host be too busy to look: what K may use on top of what was used so far. Set only where it differs
 * noticeably, and never lowered while another call is under way. */
static void set_cpu_limit(struct compartment *c, const struct call *k) {
    int64_t budget = k->limit_us ? (int64_t)(k->limit_us / 1000) + CALL_GRACE_MS + CPU_SLACK_MS : CPU_FOREVER_MS;
    int64_t until = process_cpu_us(c->process) / 1000 + budget, more = until - c->cpu_until_ms;
    bool alone = c->calls == k && !k->next_in_compartment;
    if (c->cpu_until_ms && more < CPU_REFRESH_MS && (!alone || more > -CPU_REFRESH_MS))
        return;
    c->cpu_until_ms = until;
    process_cpu_limit(c->process, budget);
}

static struct value job_map(struct arena *a, const struct job *job) {
    struct value m = value_map(a, 8);
    const struct job_options *o = &job->options;
    struct value tty = value_array(a, 3);
    for (int i = 0; i < 3; i++)
        value_push(a, &tty, value_bool(o->tty[i]));
    value_set(a, &m, "id", value_strf(a, "%llu", (unsigned long long)job->number));
    value_set(a, &m, "dry_run", value_bool(o->dry_run));
    value_set(a, &m, "width", value_int(o->width));
    value_set(a, &m, "color", value_bool(o->color));
    value_set(a, &m, "tty", tty);
    value_set(a, &m, "cwd", value_lit(o->cwd));
    value_set(a, &m, "interactive", value_bool(o->interactive));
    return m;
}

static void fail_later(void *ctx) {
    struct call *k = ctx;
    call_finish(k, NULL, &k->cancel_err);
}

static void finish_soon(struct call *k, const struct err *err) {
    if (!k->cancelled)
        err_copy(&k->cancel_err, err);
    k->cancelled = true;
    timer_free(k->timer);
    k->timer = timer_new(k->host->loop, fail_later, k);
    timer_start(k->timer, 0);
}

void call_dispatch(struct call *k) {
    struct err err;
    err_init(&err);
    struct compartment *c = choose(k->host->supervisor, k, &err);
    if (!c) {
        finish_soon(k, &err);
        err_release(&err);
        return;
    }
    timer_stop(c->idle);
    k->compartment = c;
    k->next_in_compartment = c->calls;
    c->calls = k;
    c->ncalls++;
    k->started_us = clock_mono_us();
    k->used_us = 0;
    k->running_since = k->started_us;
    set_cpu_limit(c, k);
    if (k->limit_us)
        timer_start(k->timer, k->limit_us / 1000 + 1);
    k->id = conn_request(c->conn, "call", k->params, on_reply, k);
}

struct call *call_start(struct host *h, struct job *job, struct plugin *plugin, const struct value *what,
                        int64_t limit_ms, call_done *done, void *ctx) {
    struct call *k = mem_alloc(sizeof *k);
    if (limit_ms > CPU_FOREVER_MS)
        limit_ms = CPU_FOREVER_MS;
    *k = (struct call){
        .host = h, .job = job, .plugin = plugin, .limit_us = (uint64_t)limit_ms * 1000, .done = done, .ctx = ctx};
    arena_init(&k->arena);
    err_init(&k->cancel_err);
    struct value *params = arena_alloc(&k->arena, sizeof *params), map = value_map(&k->arena, what->len + 1);
    for (uint32_t i = 0; i < what->len; i++)
        value_set(&k->arena, &map, what->pairs[i].key.s, what->pairs[i].val);
    value_set(&k->arena, &map, "job", job_map(&k->arena, job));
    *params = value_array(&k->arena, 1);
    value_push(&k->arena, params, map);
    k->params = params;
    k->timer = timer_new(h->loop, on_timer, k);
    k->next_in_job = job->calls;
    job->calls = k;
    call_dispatch(k);
    return k;
}
