/* supervisor.c - compartments as processes: spawn, load, reuse, retire, kill.
 *
 * The one idea: a compartment is cattle. What it was asked is kept until it has answered, so that an innocent call can be asked again elsewhere when
 * its compartment had to die. calls.c holds the calls' side; this file knows processes.
 */
#include "host/supervisor_priv.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"
#include "host/import.h"
#include "host/job.h"
#include "host/store_work.h"

struct supervisor *supervisor_new(struct host *h) {
    struct supervisor *s = mem_alloc(sizeof *s);
    s->host = h;
    snprintf(s->sandbox, sizeof s->sandbox, "full");
    return s;
}

static void comp_free(struct compartment *c) {
    struct compartment **at = &c->sup->first;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    c->sup->count--;
    conn_close(c->conn);
    process_free(c->process);
    timer_free(c->idle);
    err_release(&c->death);
    arena_release(&c->arena);
    mem_free(c);
}

void supervisor_free(struct supervisor *s) {
    struct err ending;
    if (!s)
        return;
    err_init(&ending);
    err_set(&ending, E_CANCELLED, "the host is ending");
    for (struct compartment *c = s->first; c;
         c = c->next) { /* who waits for a registration is told, so that nothing is left over */
        call_done *reply = c->reply;
        c->reply = NULL;
        if (reply)
            reply(c->reply_ctx, NULL, &ending);
    }
    while (s->first)
        comp_free(s->first);
    mem_free(s);
}

/* ---- the end of a compartment ----------------------------------------------------------------------------------- */

static void describe_death(struct compartment *c, int status, int sig, struct err *err) {
    if (c->death.code != E_OK)
        err_copy(err, &c->death);
    else if (sig == SIGXCPU)
        err_set(err, E_TIMEOUT, "plugin '%s' used more processor time than it may", c->plugin);
    else if (sig == SIGSYS)
        err_set(err, E_PLUGIN, "plugin '%s' tried what the sandbox forbids and was ended", c->plugin);
    else if (sig)
        err_set(err, E_PLUGIN, "plugin '%s' crashed (%s)", c->plugin, strsignal(sig));
    else
        err_set(err, E_PLUGIN, "plugin '%s' ended with status %d", c->plugin, status);
    snprintf(err->plugin, sizeof err->plugin, "%s", c->plugin);
}

/* Which of its calls may be to blame: the one it was killed for, else those that were running. */
static size_t count_suspects(const struct compartment *c) {
    size_t n = 0;
    for (struct call *k = c->calls; k; k = k->next_in_compartment)
        n += !k->cancelled && k->running_since;
    return n;
}

static void settle_calls(struct compartment *c, const struct err *why) {
    struct call *k = c->calls, *next;
    bool unfit = !c->loaded && !c->blamed; /* it never could run any call */
    size_t suspects = unfit || c->blamed ? 0 : count_suspects(c);
    struct call *culprit = c->culprit;
    c->calls = NULL;
    c->culprit = NULL;
    for (; k; k = next) {
        next = k->next_in_compartment;
        k->next_in_compartment = NULL;
        k->compartment = NULL;
        call_detach(k);
        bool suspect = suspects && k->running_since && !k->cancelled;
        bool guilty = k == culprit || unfit || (suspect && (suspects == 1 || k->alone));
        if (k->cancelled || guilty) {
            call_finish(k, NULL, k->cancelled ? &k->cancel_err : why);
        } else if (!k->effects && !k->rerun) {
            k->rerun = true;
            k->alone = suspect;
            call_dispatch(k);
        } else {
            struct err gone;
            err_init(&gone);
            err_set(&gone, E_PEER_KILLED, "ended because another call of plugin '%s' had to be killed: %s", c->plugin,
                    why->message);
            call_finish(k, NULL, &gone);
            err_release(&gone);
        }
    }
}

/* Both its process and its last words have arrived. */
static void ended(struct compartment *c) {
    struct err why;
    err_init(&why);
    describe_death(c, c->exit_status, c->exit_signal, &why);
    if (c->reply) {
        call_done *reply = c->reply;
        c->reply = NULL;
        reply(c->reply_ctx, NULL, &why);
    }
    settle_calls(c, &why);
    err_release(&why);
    comp_free(c);
}

static void on_process_exit(void *ctx, int status, int sig) {
    struct compartment *c = ctx;
    c->dying = c->exited = true;
    c->exit_status = status;
    c->exit_signal = sig;
    if (!c->conn)
        ended(c); /* else when what it still sent has been read */
}

void comp_kill(struct compartment *c, struct call *culprit, const struct err *why) {
    if (c->dying)
        return;
    c->dying = true;
    c->culprit = culprit;
    c->blamed = culprit != NULL;
    err_copy(&c->death, why);
    process_kill(c->process);
}

static void on_conn_closed(void *ctx, const struct err *why) {
    struct compartment *c = ctx;
    c->conn = NULL;
    if (why->code != E_OK && c->death.code == E_OK)
        err_set(&c->death, E_PLUGIN, "plugin '%s' answered with garbage: %s", c->plugin, why->message);
    c->dying = true;
    if (c->exited)
        ended(c);
    else
        process_kill(c->process); /* if it crashed by itself, that is what its exit reports */
}

/* ---- the start -------------------------------------------------------------------------------------------------- */

static struct call *find_call(struct compartment *c, const struct value *params) {
    int64_t id = value_toint(value_at(params, 0), -1);
    struct call *k = c->calls;
    while (k && k->id != id)
        k = k->next_in_compartment;
    return k;
}

static void on_request(void *ctx, int64_t id, const char *method, const struct value *params) {
    struct compartment *c = ctx;
    struct call *k = find_call(c, params);
    if (c->dying)
        return; /* nobody is there to answer */
    if (k && !k->over) {
        api_request(k, id, method, params);
        return;
    }
    struct err err;
    err_init(&err);
    err_set(&err, E_DENIED, "'%s' outside of a call", method);
    if (c->conn)
        conn_fail(c->conn, id, &err);
    err_release(&err);
}

/* What it says may fill neither a terminal nor memory: the rest is passed over, which is said once. */
static const char *within_limits(const struct value *said, unsigned *lines, size_t *bytes) {
    if (*lines > LOG_LINES)
        return NULL;
    ++*lines;
    *bytes += value_is(said, VALUE_STR) ? said->len : 0;
    if (*lines <= LOG_LINES && *bytes <= LOG_BYTES)
        return value_cstr(said, "");
    *lines = LOG_LINES + 1;
    return "it says more than is shown";
}

static void on_log(struct compartment *c, struct call *k, const struct value *params) {
    enum log_level level = LOG_INFO;
    log_level_of(value_cstr(value_at(params, 1), "info"), &level);
    const char *text =
        within_limits(value_at(params, 2), k ? &k->log_lines : &c->log_lines, k ? &k->log_bytes : &c->log_bytes);
    if (!text)
        return;
    if (k && k->source && level == LOG_WARN)
        import_warn(k, text, value_toint(value_at(params, 3), 0));
    else if (k && k->job && k->job->front->say)
        k->job->front->say(k->job->front_ctx, level, c->plugin, text);
    else
        log_write(level, c->plugin, "%s", text);
}

static void on_notification(void *ctx, const char *method, const struct value *params) {
    struct compartment *c = ctx;
    struct call *k = find_call(c, params);
    if (!strcmp(method, "log")) {
        on_log(c, k, params);
    } else if (!strcmp(method, "progress")) {
        if (k && k->job && k->job->front->progress)
            k->job->front->progress(k->job->front_ctx, value_tofloat(value_at(params, 1), 0),
                                    value_tofloat(value_at(params, 2), 0), value_cstr(value_at(params, 3), ""));
    } else if (!strcmp(method, "ready")) {
        const char *sandbox = value_cstr(value_get(value_at(params, 0), "sandbox"), "full");
        if (!strcmp(sandbox, "none") || (!strcmp(sandbox, "reduced") && strcmp(c->sup->sandbox, "none")))
            snprintf(c->sup->sandbox, sizeof c->sup->sandbox, "%s", sandbox);
    } else if (!strcmp(method, "failed")) {
        err_set(&c->death, E_UNAVAILABLE, "%s", value_cstr(value_at(params, 0), "the sandbox could not be set up"));
    }
}

static const struct conn_ops ops = {
    .request = on_request,
    .notification = on_notification,
    .closed = on_conn_closed,
};

static char *helpers_text(struct arena *a, const struct plugin *p) {
    char *text = arena_strdup(a, "");
    for (size_t i = 0; i < p->helpers->len && value_is(p->helpers, VALUE_ARRAY); i++)
        text = arena_printf(a, "%s%s%s", text, i ? "," : "", value_cstr(value_at(p->helpers, i), ""));
    return text;
}

/* A registering run may require any: what it did require is loaded from then on. */
static char *every_helper(struct arena *a, const char *folder) {
    struct dirent **list;
    char *text = arena_strdup(a, "");
    int n = scandir(folder, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        size_t stem;
        if (!strcmp(path_extension(list[i]->d_name, &stem), "so"))
            text = arena_printf(a, "%s%s%.*s", text, *text ? "," : "", (int)stem, list[i]->d_name);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    return text;
}

/* Importers and exporters hold whole documents; the others do with half. */
static int memory_mib(const struct plugin *p, bool registering) {
    for (size_t i = 0; !registering && i < p->contributions->len && value_is(p->contributions, VALUE_ARRAY); i++) {
        const struct value *kind = value_get(value_at(p->contributions, i), "kind");
        if (value_eqs(kind, "importer") || value_eqs(kind, "exporter"))
            return 128;
    }
    return 64;
}

static void pass(struct arena *a, char **env, size_t *n, const char *name) {
    const char *v = getenv(name);
    if (v)
        env[(*n)++] = arena_printf(a, "%s=%s", name, v);
}

static struct process *spawn(struct compartment *c, const struct plugin *p, int *fd, struct err *err) {
    struct host *h = c->sup->host;
    struct arena a = ARENA_INIT;
    char *env[6], *memory = arena_printf(&a, "%d", memory_mib(p, c->registering));
    size_t n = 0;
    pass(&a, env, &n, "LECTERN_GCSTORM");
    pass(&a, env, &n, "ASAN_OPTIONS");
    pass(&a, env, &n, "UBSAN_OPTIONS");
    env[n] = NULL;
    char *helpers = c->registering ? every_helper(&a, h->tree.modules) : helpers_text(&a, p);
    char *argv[14] = {arena_printf(&a, "%s/lectern-compartment", h->tree.bin),
                      arena_strdup(&a, "--fd"),
                      arena_strdup(&a, "3"),
                      arena_strdup(&a, "--plugin"),
                      arena_strdup(&a, p->name),
                      arena_strdup(&a, "--memory"),
                      memory,
                      arena_strdup(&a, "--modules"),
                      h->tree.modules};
    size_t k = 9;
    if (*helpers) {
        argv[k++] = arena_strdup(&a, "--helpers");
        argv[k++] = helpers;
    }
    if (h->no_sandbox)
        argv[k++] = arena_strdup(&a, "--no-sandbox");
    bool keep_stderr = false;
#ifdef LECTERN_SANITIZE
    keep_stderr = true;
#endif
    struct process *process = process_spawn(h->loop, argv, env, keep_stderr, fd, on_process_exit, c, err);
    arena_release(&a);
    return process;
}

/* The top level ran, for the registry: hand over what it registered; this compartment has done its work. */
static void registered(struct compartment *c, const struct value *result, const struct err *err) {
    call_done *reply = c->reply;
    c->reply = NULL;
    c->dying = true;
    process_kill(c->process);
    reply(c->reply_ctx, result, err);
}

/* A start names what it registers; the registry has the rest, checked, from the same files. */
static bool as_expected(const struct value *said, const struct value *expected) {
    static const char *const named[] = {"kind", "name", "doc"};
    if (!value_is(said, VALUE_ARRAY) || !value_is(expected, VALUE_ARRAY) || said->len != expected->len)
        return false;
    for (size_t i = 0; i < said->len; i++)
        for (size_t k = 0; k < sizeof named / sizeof *named; k++)
            if (!value_equal(value_get(value_at(said, i), named[k]), value_get(value_at(expected, i), named[k])))
                return false;
    return true;
}

static void on_loaded(void *ctx, const struct value *result, const struct err *err) {
    struct compartment *c = ctx;
    if (c->dying || (err && err->code == E_PEER_KILLED && !result))
        return; /* its exit says what happened */
    struct err own;
    err_init(&own);
    if (err) {
        plugin_error(&own, c->plugin, result, err);
    } else if (!c->registering && !as_expected(value_get(result, "contributions"), c->expected)) {
        err_set(&own, E_PLUGIN, "plugin '%s' registers something else than before with the same files", c->plugin);
        err_hint(&own, "its top level must not depend on anything but its files");
    }
    if (c->registering)
        registered(c, err ? NULL : result, err ? &own : NULL);
    else if (own.code != E_OK)
        comp_kill(c, NULL, &own);
    else
        c->loaded = true;
    err_release(&own);
}

static void on_idle(void *ctx) {
    struct compartment *c = ctx;
    if (c->calls || c->dying)
        return;
    if (c->registering)
        err_set(&c->death, E_TIMEOUT, "plugin '%s' took longer than 5 s to register", c->plugin);
    else if (!strcmp(c->plugin, "user") && !c->retired)
        return;
    c->dying = true;
    if (c->sup->count == 1)
        store_door_relax(c->sup->host->door); /* the last one: nobody asks for anything */
    process_kill(c->process);
}

struct compartment *comp_start(struct supervisor *s, const struct plugin *p, bool registering, struct err *err) {
    struct compartment *c = mem_alloc(sizeof *c);
    c->sup = s;
    c->registering = registering;
    arena_init(&c->arena);
    err_init(&c->death);
    c->plugin = arena_strdup(&c->arena, p->name);
    memcpy(c->hash, p->hash, sizeof c->hash);
    c->idle = timer_new(s->host->loop, on_idle, c);
    c->next = s->first;
    s->first = c;
    s->count++;
    int fd = -1;
    struct value load;
    int rc = load_message(p, registering, &c->arena, &load, err);
    if (!rc) {
        c->process = spawn(c, p, &fd, err);
        rc = c->process ? 0 : -(int)err->code;
    }
    if (!rc)
        c->conn = conn_new(s->host->loop, fd, &msgpack_limits_default, &ops, c, err);
    if (!c->conn) {
        comp_free(c);
        return NULL;
    }
    conn_request(c->conn, "load", &load, on_loaded, c);
    conn_flush(c->conn);
    arena_clear(&c->arena); /* the sources were sent; keep only what lives on */
    c->plugin = arena_strdup(&c->arena, p->name);
    struct value *expected = arena_alloc(&c->arena, sizeof *expected);
    *expected = value_copy(&c->arena, p->contributions);
    c->expected = expected;
    return c;
}

void comp_released(struct compartment *c) {
    if (c->calls || c->dying)
        return;
    struct supervisor *s = c->sup;
    c->last_used = clock_mono_us();
    timer_start(c->idle, c->retired ? 0 : RETIRE_MS);
    size_t idle = 0;
    struct compartment *oldest = NULL;
    for (struct compartment *o = s->first; o; o = o->next) {
        if (o->calls || o->dying || o->registering || !strcmp(o->plugin, "user"))
            continue;
        idle++;
        if (!oldest || o->last_used < oldest->last_used)
            oldest = o;
    }
    if (idle > COMPARTMENTS_IDLE && oldest)
        timer_start(oldest->idle, 0);
}

void supervisor_register(struct supervisor *s, struct plugin *plugin, call_done *reply, void *ctx) {
    struct err err;
    err_init(&err);
    struct compartment *c = comp_start(s, plugin, true, &err);
    if (c) {
        c->reply = reply;
        c->reply_ctx = ctx;
        timer_start(c->idle, CALL_COMMAND_MS + CALL_GRACE_MS);
    } else {
        reply(ctx, NULL, &err);
    }
    err_release(&err);
}

void supervisor_retire(struct supervisor *s, const char *plugin) {
    for (struct compartment *c = s->first; c; c = c->next) {
        if (strcmp(c->plugin, plugin) || c->dying || c->registering)
            continue;
        c->retired = true;
        if (!c->calls)
            timer_start(c->idle, 0);
    }
}

const char *supervisor_sandbox(const struct supervisor *s) {
    return s->sandbox;
}

struct value supervisor_status(struct supervisor *s, struct arena *a) {
    struct value list = value_array(a, 8);
    for (struct compartment *c = s->first; c; c = c->next) {
        struct value one = value_map(a, 8);
        int64_t queue = 0;
        for (struct call *k = c->calls; k; k = k->next_in_compartment)
            queue++;
        value_set(a, &one, "plugin", value_str(a, c->plugin));
        value_set(a, &one, "pid", value_int(process_pid(c->process)));
        value_set(a, &one, "state", value_lit(c->dying ? "ending" : !c->loaded ? "loading" : queue ? "busy" : "idle"));
        value_set(a, &one, "calls", value_int((int64_t)c->ncalls));
        value_set(a, &one, "cpu_ms", value_int(process_cpu_us(c->process) / 1000));
        value_set(a, &one, "rss_kb", value_int(process_rss_kb(c->process)));
        value_set(a, &one, "queue", value_int(queue));
        value_push(a, &list, one);
    }
    return list;
}
