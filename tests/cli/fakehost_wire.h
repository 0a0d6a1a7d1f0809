/* fakehost_wire.h - the fake host's end of the wire; included by fakehost.c alone.
 *
 * One connection at a time, everything blocking. What answers hello is held in H.first until there is more to say or
 * something to wait for, so that an answer can be one write, as a real host's is.
 */
#ifndef FAKEHOST_WIRE_H
#define FAKEHOST_WIRE_H

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/msgpack.h"

enum { CREDITS = 256 * 1024, PIECE = 32 * 1024, PATIENCE_MS = 20 * 1000 };

static struct {
    int fd;
    struct msgpack_stream in;
    struct arena arena; /* the message last taken */
    struct arena kept;  /* the parameters of run */
    struct value message;
    const struct value *params; /* of run */
    int64_t run_id;
    int64_t next_id;
    struct buf first; /* goes out before the next message, with it */
    size_t unacked, most_unacked;
    const char *cancelled; /* reason */
    const char **words;    /* from the scene's name on */
    size_t count;
} h;

static void transmit(struct buf *out) {
    size_t sent = 0;
    buf_add(&h.first, out->data, out->len);
    while (sent < h.first.len) {
        ssize_t n = send(h.fd, h.first.data + sent, h.first.len - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            _exit(0);
        }
        sent += n > 0 ? (size_t)n : 0;
    }
    buf_clear(&h.first);
    buf_clear(out);
}

/* One message; the process ends with the connection. */
static struct rpc take(void) {
    struct err err;
    struct rpc m;
    err_init(&err);
    for (;;) {
        arena_clear(&h.arena);
        int rc = msgpack_stream_next(&h.in, &h.arena, &h.message, &err);
        if (rc < 0 || (rc == 1 && rpc_parse(&h.message, &m, &err) != 0)) {
            fprintf(stderr, "fakehost: %s\n", err.message);
            _exit(70);
        }
        if (rc == 1) {
            return m;
        }
        if (h.first.len > 0) {
            struct buf nothing = BUF_INIT;
            transmit(&nothing);
        }
        struct pollfd fd = {.fd = h.fd, .events = POLLIN};
        char bytes[64 * 1024];
        ssize_t n = poll(&fd, 1, PATIENCE_MS) == 1 ? read(h.fd, bytes, sizeof bytes) : 0;
        if (n <= 0) {
            _exit(0);
        }
        msgpack_stream_feed(&h.in, bytes, (size_t)n);
    }
}

static void notified(const struct rpc *m) {
    if (strcmp(m->method, "ack") == 0) {
        h.unacked -= (size_t)value_toint(value_at(m->params, 0), 0);
    } else if (strcmp(m->method, "cancel") == 0) {
        h.cancelled = arena_strdup(&h.kept, value_cstr(value_at(m->params, 0), ""));
    }
}

static void take_notification(void) {
    struct rpc m = take();
    if (m.type == RPC_NOTIFICATION) {
        notified(&m);
    }
}

/* Send the request begun in OUT and wait for its response, which is kept until the next message is taken. */
static struct rpc ask_client(struct buf *out, int64_t id) {
    transmit(out);
    for (;;) {
        struct rpc m = take();
        if (m.type == RPC_RESPONSE && m.id == id) {
            return m;
        }
        if (m.type == RPC_NOTIFICATION) {
            notified(&m);
        }
    }
}

static void out(int fd, const void *p, size_t n) {
    struct buf b = BUF_INIT;
    while (h.unacked + n > CREDITS) {
        take_notification();
    }
    rpc_write_notification(&b, "out");
    msgpack_write_array(&b, 2);
    msgpack_write_int(&b, fd);
    msgpack_write_bin(&b, p, n);
    transmit(&b);
    buf_release(&b);
    h.unacked += n;
    h.most_unacked = h.unacked > h.most_unacked ? h.unacked : h.most_unacked;
}

static void outs(int fd, const char *s) {
    out(fd, s, strlen(s));
}

static void notify(const char *method, const char *text) {
    struct buf b = BUF_INIT;
    rpc_write_notification(&b, method);
    msgpack_write_array(&b, text ? 1 : 0);
    if (text) {
        msgpack_write_str(&b, text, strlen(text));
    }
    transmit(&b);
    buf_release(&b);
}

/* Add what answers run with STATUS. */
static void put_exit(struct buf *b, int status) {
    rpc_write_result(b, h.run_id);
    msgpack_write_map(b, 1);
    msgpack_write_str(b, "exit", 4);
    msgpack_write_int(b, status);
}

static void finish(int status) {
    struct buf b = BUF_INIT;
    put_exit(&b, status);
    transmit(&b);
    buf_release(&b);
}

#endif
