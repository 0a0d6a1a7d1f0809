/* api.c - the door through which compartments ask the host for things.
 *
 * Identity comes from the socket: the call a request names must be open in the compartment that asks, and the rights are those of that
 * call's plugin, never of anything in the message.
 */
#include "host/api.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static const struct primitive *find_primitive(const char *name) {
    static const struct {
        const struct primitive *rows;
        const size_t *n;
    } tables[] = {{api_notes, &api_notes_count}, {api_write, &api_write_count},         {api_job, &api_job_count},
                  {api_host, &api_host_count},   {api_pipelines, &api_pipelines_count}, {api_sync, &api_sync_count},
                  {api_store, &api_store_count}};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (size_t i = 0; i < *tables[t].n; i++)
            if (!strcmp(tables[t].rows[i].name, name))
                return &tables[t].rows[i];
    return NULL;
}

static void unlink_request(struct request *rq) {
    if (!rq->call)
        return;
    struct request **at = &rq->call->requests;
    while (*at && *at != rq)
        at = &(*at)->next;
    if (*at)
        *at = rq->next;
}

static void request_free(struct request *rq) {
    arena_release(&rq->arena);
    mem_free(rq);
}

void request_answer(struct request *rq, const struct value *result) {
    if (rq->then) {
        rq->then(rq->then_ctx, result, NULL);
        request_free(rq);
        return;
    }
    struct call *call = rq->call;
    struct conn *conn = call ? call_conn(call) : NULL;
    if (conn)
        conn_answer(conn, rq->id, result);
    unlink_request(rq);
    if (call)
        call_resume(call);
    request_free(rq);
}

void request_fail(struct request *rq, const struct err *err) {
    if (rq->then) {
        rq->then(rq->then_ctx, NULL, err);
        request_free(rq);
        return;
    }
    struct call *call = rq->call;
    struct conn *conn = call ? call_conn(call) : NULL;
    if (err->column && rq->job)
        err_copy(&job_root(rq->job)->query_err, err);
    if (conn)
        conn_fail(conn, rq->id, err);
    unlink_request(rq);
    if (call)
        call_resume(call);
    request_free(rq);
}

int request_failf(struct request *rq, enum err_code code, const char *format, ...) {
    struct err err;
    char text[ERR_MESSAGE_MAX];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    err_init(&err);
    int rc = err_set(&err, code, "%s", text);
    request_fail(rq, &err);
    return rc;
}

const char *param_text(struct request *rq, const char *name, bool required) {
    const struct value *v = value_get(rq->params, name);
    if (value_is(v, VALUE_STR))
        return v->s;
    if (!required && value_is(v, VALUE_NIL))
        return NULL;
    request_failf(rq, E_USAGE, "'%s' wants a string, not %s", name, value_kind_name(v->kind));
    return NULL;
}

void api_request(struct call *call, int64_t id, const char *method, const struct value *params) {
    struct request *rq = mem_alloc(sizeof *rq);
    *rq = (struct request){.host = call->host, .call = call, .job = call->job, .id = id, .next = call->requests};
    conn_keep(call_conn(call), &rq->arena);
    rq->params = value_at(params, 1);
    call->requests = rq;
    call_pause(call);
    const struct primitive *p = find_primitive(method);
    if (!p) {
        request_failf(rq, E_USAGE, "unknown primitive '%s'", method);
    } else if (call->waits > REQUESTS_OPEN) {
        request_failf(rq, E_PLUGIN, "more than %d requests at a time", REQUESTS_OPEN);
    } else if (!call->job) {
        request_failf(rq, E_DENIED, "'%s' while registering: a plugin's top level may only register", method);
    } else if (p->needs && !plugin_may(call->plugin, p->needs)) {
        request_failf(rq, E_DENIED, "plugin '%s' may not use '%s': it holds no grant '%s'", call->plugin->name, method,
                      p->needs);
    } else {
        call->effects |= p->effect != NO_EFFECT;
        for (struct job *j = call->job; j; j = j->parent)
            j->effects |= p->effect == OUTSIDE_EFFECT;
        p->run(rq);
    }
}
