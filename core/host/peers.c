/* peers.c - connections, and the methods any MessagePack-RPC peer may call. */
#include "host/peers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/version.h"
#include "host/job.h"
#include "host/options.h"
#include "host/resolve.h"

enum { CALLS_OPEN = 256 };

struct peers {
    struct host *host;
    struct peer *first;
};

/* One lectern.call: from the name to the value. */
struct peer_call {
    struct host *host;
    struct peer *peer; /* NULL: it left */
    int64_t id;
    struct arena arena;
    struct contribution *command;
    struct args args;
    const struct value *params;
    struct job *job;
    struct peer_call *next;
};

struct peers *peers_new(struct host *h) {
    struct peers *p = mem_alloc(sizeof *p);
    p->host = h;
    return p;
}

static void cancel_job(struct job *job, const char *why) {
    struct err err;
    err_init(&err);
    err_set(&err, E_CANCELLED, "%s", why);
    job_cancel(job, &err);
    err_release(&err);
}

static void forget(struct peer *peer) {
    struct peers *all = peer->host->peers;
    loop_later_cancel(peer->host->loop, &peer->greeting);
    if (peer->prev)
        peer->prev->next = peer->next;
    else
        all->first = peer->next;
    if (peer->next)
        peer->next->prev = peer->prev;
    if (peer->session)
        session_orphan(peer->session);
    for (struct peer_call *c = peer->calls; c; c = c->next) {
        c->peer = NULL;
        if (c->job)
            cancel_job(c->job, "the caller left");
    }
    bool last = !peer->host->daemon;
    struct host *h = peer->host;
    mem_free(peer);
    if (last)
        host_stop(h);
}

void peer_drop(struct peer *peer) {
    conn_close(peer->conn);
    forget(peer);
}

bool peers_busy(const struct peers *p) {
    for (const struct peer *peer = p->first; peer; peer = peer->next)
        if (peer->session || peer->calls || conn_pending(peer->conn))
            return true;
    return false;
}

void peers_free(struct peers *p) {
    if (!p)
        return;
    while (p->first)
        peer_drop(p->first);
    mem_free(p);
}

/* ---- lectern.call ------------------------------------------------------------------------------------------------- */

static void call_free(struct peer_call *c) {
    if (c->peer) {
        struct peer_call **at = &c->peer->calls;
        while (*at && *at != c)
            at = &(*at)->next;
        if (*at)
            *at = c->next;
        c->peer->ncalls--;
    }
    arena_release(&c->arena);
    mem_free(c);
}

static void call_fail(struct peer_call *c, const struct err *err) {
    if (c->peer)
        conn_fail(c->peer->conn, c->id, err);
    call_free(c);
}

static void call_ended(void *ctx, struct job *job, const struct job_result *result) {
    struct peer_call *c = ctx;
    (void)job;
    c->job = NULL;
    if (result->err) {
        call_fail(c, result->err);
        return;
    }
    if (c->peer)
        conn_answer(c->peer->conn, c->id, result->value);
    call_free(c);
}

static const struct front rpc_front = {0};

static void call_resolved(void *ctx, const struct err *err) {
    struct peer_call *c = ctx;
    struct registry *r = c->host->registry;
    struct err own;
    err_init(&own);
    if (!err && c->host->stopping)
        err_set(&own, E_UNAVAILABLE, "the host is ending");
    if (err || own.code != E_OK) {
        call_fail(c, err ? err : &own);
    } else if (!c->peer) {
        call_free(c);
    } else {
        struct job_options options = {.width = 80, .umask = 077, .cwd = "/"};
        c->job = job_start(c->host, c->command, &c->args, &options, &rpc_front, c, NULL, call_ended, c);
    }
    registry_release(r);
}

static void call_start_named(void *ctx) {
    struct peer_call *c = ctx;
    struct err err;
    err_init(&err);
    if (!c->peer) {
        call_free(c);
        return;
    }
    struct registry *r = c->peer->host->registry;
    const char *name = value_cstr(value_at(c->params, 0), NULL);
    const struct command_spec *spec = NULL;
    int rc = name ? 0 : err_set(&err, E_USAGE, "lectern.call wants a command's name first");
    if (!rc && !(c->command = registry_find(r, "command", name)))
        rc = registry_unknown(r, "command", name, &err);
    if (!rc)
        rc = registry_usable(c->command, &err);
    if (!rc && !(spec = contribution_spec(r, c->command, &err)))
        rc = -(int)err.code;
    if (!rc)
        spec = options_for_values(r, &c->arena, c->command, spec, value_at(c->params, 1));
    if (!rc)
        rc = args_from_value(&c->arena, spec, value_at(c->params, 1), "/", &c->args, &err);
    if (rc) {
        call_fail(c, &err);
    } else {
        registry_hold(r); /* the command, until its job is there */
        resolve_args(c->host, &c->arena, &c->args, call_resolved, c);
    }
    err_release(&err);
}

/* Keep what was asked while the registry is brought up to date, then go on with NEXT. */
static void rpc_later(struct peer *peer, int64_t id, const struct value *params, loop_fn *next) {
    if (peer->ncalls == CALLS_OPEN) {
        struct err err;
        err_init(&err);
        err_set(&err, E_BUSY, "more than %d calls at a time on one connection", CALLS_OPEN);
        conn_fail(peer->conn, id, &err);
        return;
    }
    struct peer_call *c = mem_alloc(sizeof *c);
    struct value *copy;
    *c = (struct peer_call){.host = peer->host, .peer = peer, .id = id, .next = peer->calls};
    peer->ncalls++;
    arena_init(&c->arena);
    copy = arena_alloc(&c->arena, sizeof *copy);
    *copy = value_copy(&c->arena, params);
    c->params = copy;
    peer->calls = c;
    registry_refresh(peer->host->registry, next, c);
}

static void rpc_call(struct peer *peer, int64_t id, const struct value *params) {
    rpc_later(peer, id, params, call_start_named);
}

/* ---- lectern.describe ---------------------------------------------------------------------------------------------- */

static void describe_now(void *ctx) {
    struct peer_call *c = ctx;
    if (!c->peer) {
        call_free(c);
        return;
    }
    struct registry *r = c->peer->host->registry;
    struct err err;
    err_init(&err);
    const char *name = value_cstr(value_at(c->params, 0), "");
    struct contribution *found = registry_find(r, NULL, name);
    const struct command_spec *spec = found ? contribution_spec(r, found, &err) : NULL;
    if (!found)
        registry_unknown(r, NULL, name, &err);
    if (!spec) {
        call_fail(c, &err);
    } else {
        struct value list = value_array(&c->arena, 1);
        value_push(&c->arena, &list, spec_describe(&c->arena, spec, plugin_version(found->plugin)));
        conn_answer(c->peer->conn, c->id, &list);
        call_free(c);
    }
    err_release(&err);
}

static void rpc_describe(struct peer *peer, int64_t id, const struct value *params) {
    rpc_later(peer, id, params, describe_now);
}

/* ---- hello, cancel, subscribe -------------------------------------------------------------------------------------- */

static void refuse_version(struct peer *peer, int64_t id, const char *version) {
    struct err err;
    err_init(&err);
    err_set(&err, E_VERSION, "this is lectern %s, the running daemon is %s", version, LECTERN_VERSION);
    err_hint(&err, "restart the daemon: lectern daemon stop");
    conn_fail(peer->conn, id, &err);
    peer->stranger = true;
    err_release(&err);
}

/* A run that came with the hello takes its answer along, which wakes the client once instead of twice. */
static void greet(void *ctx) {
    struct peer *peer = ctx;
    if (!peer->session)
        conn_flush(peer->conn);
}

static void rpc_hello(struct peer *peer, int64_t id, const struct value *params) {
    const struct value *m = value_at(params, 0);
    int64_t protocol = value_toint(value_get(m, "protocol"), LECTERN_PROTOCOL);
    const char *version = value_cstr(value_get(m, "version"), LECTERN_VERSION);
    if (value_eqs(value_get(m, "role"), "cli") && (protocol != LECTERN_PROTOCOL || strcmp(version, LECTERN_VERSION))) {
        refuse_version(peer, id, version);
        return;
    }
    struct arena a = ARENA_INIT;
    struct value r = value_map(&a, 3);
    value_set(&a, &r, "protocol", value_int(LECTERN_PROTOCOL));
    value_set(&a, &r, "version", value_lit(LECTERN_VERSION));
    value_set(&a, &r, "pid", value_int(getpid()));
    conn_answer_lazily(peer->conn, id, &r);
    loop_later(peer->host->loop, &peer->greeting);
    arena_release(&a);
}

static void rpc_cancel(struct peer *peer, int64_t id, const struct value *params) {
    const struct value *v = value_at(params, 0);
    uint64_t number = value_is(v, VALUE_STR) ? strtoull(v->s, NULL, 10) : (uint64_t)value_toint(v, 0);
    for (struct job *job = jobs_first(peer->host->jobs); job; job = job->next) {
        if (job->number != number)
            continue;
        cancel_job(job, "cancelled on request");
        struct value yes = value_bool(true);
        conn_answer(peer->conn, id, &yes);
        return;
    }
    struct err err;
    err_init(&err);
    err_set(&err, E_NOTFOUND, "no job '%llu' is running", (unsigned long long)number);
    conn_fail(peer->conn, id, &err);
}

static void rpc_subscribe(struct peer *peer, int64_t id, const struct value *params) {
    struct err err;
    err_init(&err);
    (void)params;
    err_set(&err, E_UNAVAILABLE, "hooks are not in api 1.0");
    conn_fail(peer->conn, id, &err);
}

static void on_request(void *ctx, int64_t id, const char *method, const struct value *params) {
    static const struct {
        const char *name;
        void (*run)(struct peer *, int64_t, const struct value *);
    } methods[] = {
        {"lectern.hello", rpc_hello},       {"run", session_start},         {"lectern.call", rpc_call},
        {"lectern.describe", rpc_describe}, {"lectern.cancel", rpc_cancel}, {"lectern.subscribe", rpc_subscribe},
    };
    struct peer *peer = ctx;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, method))
            continue;
        methods[i].run(peer, id, params);
        return;
    }
    struct err err;
    err_init(&err);
    err_set(&err, E_USAGE, "unknown method '%s'; call commands with lectern.call(NAME, {args})", method);
    conn_fail(peer->conn, id, &err);
}

static void on_notification(void *ctx, const char *method, const struct value *params) {
    struct peer *peer = ctx;
    if (!peer->session)
        return;
    if (!strcmp(method, "ack"))
        session_ack(peer->session, params);
    else if (!strcmp(method, "cancel"))
        session_cancel(peer->session, value_cstr(value_at(params, 0), ""));
}

static void on_closed(void *ctx, const struct err *why) {
    struct peer *peer = ctx;
    if (why->code != E_OK)
        log_write(LOG_WARN, "host", "dropped a peer: %s", why->message);
    peer->conn = NULL;
    forget(peer);
}

static const struct conn_ops ops = {.request = on_request, .notification = on_notification, .closed = on_closed};

static struct peer *peer_new(struct peers *p) {
    struct peer *peer = mem_alloc(sizeof *peer);
    peer->host = p->host;
    peer->greeting = (struct later){.fn = greet, .ctx = peer};
    return peer;
}

static void add(struct peers *p, struct peer *peer, struct err *err) {
    if (!peer->conn) {
        log_write(LOG_ERROR, "host", "%s", err->message);
        err_release(err);
        mem_free(peer);
        return;
    }
    peer->next = p->first;
    if (p->first)
        p->first->prev = peer;
    p->first = peer;
}

void peers_add(struct peers *p, int fd) {
    struct peer *peer = peer_new(p);
    struct err err;
    err_init(&err);
    peer->conn = conn_new(p->host->loop, fd, &msgpack_limits_default, &ops, peer, &err);
    add(p, peer, &err);
}

void peers_accept(struct peers *p, struct listener *l) {
    struct peer *peer = peer_new(p);
    struct err err;
    err_init(&err);
    peer->conn = conn_accept(l, &msgpack_limits_default, &ops, peer, &err);
    add(p, peer, &err);
}
