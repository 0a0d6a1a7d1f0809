/* conn.c - MessagePack-RPC over a uv pipe.
 *
 * The one idea: bytes in become values, values become callbacks; everything out is appended to one buffer that is written before
 * the loop waits. It knows nothing of jobs, plugins or the store.
 */
#include "host/conn.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"

struct pending {
    int64_t id;
    conn_reply *reply;
    void *ctx;
    struct pending *next;
};

enum { PENDING_BUCKETS = 64, READ_CHUNK = 256 * 1024 };

struct conn {
    uv_pipe_t pipe;
    struct loop *loop;
    const struct conn_ops *ops;
    void *ctx;
    struct msgpack_stream in;
    struct arena arena;
    struct buf out;    /* gathered, not handed to uv yet */
    struct buf flying; /* owned by the uv_write in progress */
    uv_write_t write;
    bool writing, closing, finishing;
    bool high; /* the peer does not read: nothing is read from it either until it does */
    struct later later;
    int64_t next_id;
    struct pending *pending[PENDING_BUCKETS];
};

static char read_chunk[READ_CHUNK]; /* the loop thread reads one connection at a time */

static void on_alloc(uv_handle_t *h, size_t want, uv_buf_t *b) {
    (void)h;
    (void)want;
    *b = uv_buf_init(read_chunk, sizeof read_chunk);
}

static void on_closed(uv_handle_t *h) {
    struct conn *c = h->data;
    msgpack_stream_release(&c->in);
    arena_release(&c->arena);
    buf_release(&c->out);
    buf_release(&c->flying);
    mem_free(c);
}

void conn_close(struct conn *c) {
    if (!c || c->closing)
        return;
    c->closing = true;
    loop_later_cancel(c->loop, &c->later);
    for (size_t i = 0; i < PENDING_BUCKETS; i++) {
        while (c->pending[i]) {
            struct pending *p = c->pending[i];
            c->pending[i] = p->next;
            mem_free(p);
        }
    }
    uv_close((uv_handle_t *)&c->pipe, on_closed);
}

/* Answer what we asked for with "it is gone", then tell the owner. */
static void lost(struct conn *c, const struct err *why) {
    if (c->closing)
        return;
    struct err gone;
    err_init(&gone);
    err_set(&gone, E_PEER_KILLED, "the other side ended before it answered");
    for (size_t i = 0; i < PENDING_BUCKETS; i++) {
        while (c->pending[i] && !c->closing) {
            struct pending *p = c->pending[i];
            c->pending[i] = p->next;
            p->reply(p->ctx, NULL, &gone);
            mem_free(p);
        }
    }
    if (c->closing)
        return;
    const struct conn_ops *ops = c->ops;
    void *ctx = c->ctx;
    conn_close(c);
    ops->closed(ctx, why);
}

static void answered(struct conn *c, const struct rpc *r) {
    struct pending **at = &c->pending[(uint64_t)r->id % PENDING_BUCKETS];
    while (*at && (*at)->id != r->id)
        at = &(*at)->next;
    if (!*at)
        return;
    struct pending *p = *at;
    *at = p->next;
    if (value_is(r->error, VALUE_NIL)) {
        p->reply(p->ctx, r->result, NULL);
    } else {
        struct err err;
        err_init(&err);
        rpc_error_to_err(r->error, &err);
        p->reply(p->ctx, r->result, &err);
        err_release(&err);
    }
    mem_free(p);
}

static int dispatch(struct conn *c, const struct value *v, struct err *err) {
    struct rpc r;
    int rc = rpc_parse(v, &r, err);
    if (rc)
        return rc;
    if (r.type == RPC_RESPONSE)
        answered(c, &r);
    else if (r.type == RPC_REQUEST)
        c->ops->request(c->ctx, r.id, r.method, r.params);
    else
        c->ops->notification(c->ctx, r.method, r.params);
    return 0;
}

void conn_keep(struct conn *c, struct arena *a) {
    *a = c->arena;
    arena_init(&c->arena);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b) {
    struct conn *c = s->data;
    struct err err;
    err_init(&err);
    if (n == 0 || c->finishing)
        return;
    if (n < 0) {
        lost(c, &err);
        return;
    }
    msgpack_stream_feed(&c->in, b->base, (size_t)n);
    struct value v;
    int rc = 0;
    while (!c->closing && (rc = msgpack_stream_next(&c->in, &c->arena, &v, &err)) == 1) {
        rc = dispatch(c, &v, &err);
        arena_clear(&c->arena);
        if (rc < 0)
            break;
    }
    if (rc < 0 && !c->closing)
        lost(c, &err);
    err_release(&err);
}

static void flush(void *ctx);

static void on_written(uv_write_t *w, int status) {
    struct conn *c = w->data;
    c->writing = false;
    buf_clear(&c->flying);
    if (c->closing)
        return;
    if (status < 0) {
        struct err err;
        err_init(&err);
        if (c->finishing)
            conn_close(c);
        else
            lost(c, &err);
        return;
    }
    flush(c);
}

static void check_drained(struct conn *c) {
    if (!c->high || conn_pending(c) > CONN_LOW)
        return;
    c->high = false;
    uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
    if (c->ops->drained)
        c->ops->drained(c->ctx);
}

static void flush(void *ctx) {
    struct conn *c = ctx;
    if (c->closing || c->writing)
        return;
    if (c->out.len) {
        uv_buf_t b = uv_buf_init(c->out.data, (unsigned)c->out.len);
        int n = uv_try_write((uv_stream_t *)&c->pipe, &b, 1);
        if (n > 0)
            buf_drop(&c->out, (size_t)n);
    }
    if (c->out.len) {
        struct buf swap = c->flying;
        c->flying = c->out;
        c->out = swap;
        uv_buf_t b = uv_buf_init(c->flying.data, (unsigned)c->flying.len);
        c->writing = true;
        c->write.data = c;
        if (uv_write(&c->write, (uv_stream_t *)&c->pipe, &b, 1, on_written))
            c->writing = false;
    }
    if (c->finishing && !c->writing) {
        conn_close(c);
        return;
    }
    check_drained(c);
}

void conn_flush(struct conn *c) {
    flush(c);
}

static void wrote(struct conn *c) {
    loop_later(c->loop, &c->later);
    if (c->high || conn_pending(c) <= CONN_HIGH)
        return;
    c->high = true;
    uv_read_stop((uv_stream_t *)&c->pipe);
}

static struct conn *unconnected(struct loop *l, const struct msgpack_limits *limits, const struct conn_ops *ops,
                                void *ctx) {
    struct conn *c = mem_alloc(sizeof *c);
    *c = (struct conn){.loop = l, .ops = ops, .ctx = ctx, .next_id = 1};
    uv_pipe_init(loop_handle(l), &c->pipe, 0);
    c->pipe.data = c;
    c->later = (struct later){.fn = flush, .ctx = c};
    msgpack_stream_init(&c->in, limits);
    arena_init(&c->arena);
    buf_init(&c->out);
    buf_init(&c->flying);
    return c;
}

/* RC of what connected it: uv's error, or 0. */
static struct conn *connected(struct conn *c, int rc, struct err *err) {
    if (!rc)
        rc = uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
    if (!rc)
        return c;
    err_set(err, E_INTERNAL, "cannot use a connection: %s", uv_strerror(rc));
    conn_close(c);
    return NULL;
}

struct conn *conn_new(struct loop *l, int fd, const struct msgpack_limits *limits, const struct conn_ops *ops,
                      void *ctx, struct err *err) {
    struct conn *c = unconnected(l, limits, ops, ctx);
    fcntl(fd, F_SETFD, FD_CLOEXEC); /* no compartment may inherit it */
    int rc = uv_pipe_open(&c->pipe, fd);
    if (rc)
        close(fd);
    return connected(c, rc, err);
}

void conn_finish(struct conn *c) {
    if (!c || c->closing)
        return;
    c->finishing = true;
    flush(c);
}

int64_t conn_request(struct conn *c, const char *method, const struct value *params, conn_reply *reply, void *ctx) {
    if (c->closing)
        return 0;
    struct pending *p = mem_alloc(sizeof *p);
    int64_t id = c->next_id++;
    *p = (struct pending){.id = id, .reply = reply, .ctx = ctx, .next = c->pending[id % PENDING_BUCKETS]};
    c->pending[id % PENDING_BUCKETS] = p;
    rpc_write_request(&c->out, id, method);
    msgpack_write(&c->out, params);
    wrote(c);
    return id;
}

void conn_forget(struct conn *c, int64_t id) {
    struct pending **at = &c->pending[(uint64_t)id % PENDING_BUCKETS];
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    if (!*at)
        return;
    struct pending *p = *at;
    *at = p->next;
    mem_free(p);
}

void conn_notify(struct conn *c, const char *method, const struct value *params) {
    if (c->closing)
        return;
    rpc_write_notification(&c->out, method);
    msgpack_write(&c->out, params);
    wrote(c);
}

void conn_answer_lazily(struct conn *c, int64_t id, const struct value *result) {
    if (c->closing)
        return;
    rpc_write_result(&c->out, id);
    msgpack_write(&c->out, result ? result : &value_nil);
}

void conn_answer(struct conn *c, int64_t id, const struct value *result) {
    conn_answer_lazily(c, id, result);
    if (!c->closing)
        wrote(c);
}

void conn_fail(struct conn *c, int64_t id, const struct err *err) {
    if (c->closing)
        return;
    rpc_write_error(&c->out, id, err);
    wrote(c);
}

size_t conn_pending(const struct conn *c) {
    return c->out.len + (c->writing ? c->flying.len : 0);
}

/* ---- listening -------------------------------------------------------------------------------------------------- */

struct listener {
    uv_pipe_t pipe;
    struct loop *loop;
    void (*arrived)(void *ctx, struct listener *l);
    void *ctx;
};

static void dispose(uv_handle_t *h) {
    mem_free(h);
}

static bool same_user(const uv_pipe_t *p) {
    struct ucred who;
    socklen_t n = sizeof who;
    uv_os_fd_t fd;
    return !uv_fileno((const uv_handle_t *)p, &fd) && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
           who.uid == geteuid();
}

struct conn *conn_accept(struct listener *l, const struct msgpack_limits *limits, const struct conn_ops *ops, void *ctx,
                         struct err *err) {
    struct conn *c = unconnected(l->loop, limits, ops, ctx);
    int rc = uv_accept((uv_stream_t *)&l->pipe, (uv_stream_t *)&c->pipe);
    return connected(c, rc ? rc : same_user(&c->pipe) ? 0 : UV_EACCES, err);
}

static void on_connection(uv_stream_t *s, int status) {
    struct listener *l = (struct listener *)s;
    if (status == 0)
        l->arrived(l->ctx, l);
}

struct listener *listener_new(struct loop *l, const char *path, void (*arrived)(void *ctx, struct listener *l),
                              void *ctx, struct err *err) {
    struct listener *s = mem_alloc(sizeof *s);
    s->loop = l;
    s->arrived = arrived;
    s->ctx = ctx;
    uv_pipe_init(loop_handle(l), &s->pipe, 0);
    s->pipe.data = s;
    int rc = uv_pipe_bind(&s->pipe, path);
    if (!rc)
        rc = uv_listen((uv_stream_t *)&s->pipe, 512, on_connection);
    if (!rc)
        return s;
    err_set(err, E_CONFIG, "cannot listen on '%s': %s", path, uv_strerror(rc));
    listener_free(s);
    return NULL;
}

void listener_free(struct listener *s) {
    if (s)
        uv_close((uv_handle_t *)&s->pipe, dispose);
}
