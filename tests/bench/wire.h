/* wire.h - one blocking end of a MessagePack-RPC connection, for programs that measure the other end.
 *
 * A message in OUT is sent by wire_flush; wire_take returns the next one that comes, valid until the next is taken.
 * Whatever breaks the connection ends the program with a line.
 */
#ifndef LECTERN_TESTS_BENCH_WIRE_H
#define LECTERN_TESTS_BENCH_WIRE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/msgpack.h"

struct wire {
    int fd;
    struct msgpack_stream in;
    struct arena arena;
    struct value message;
    struct buf out;
    int64_t next_id;
};

static inline void wire_init(struct wire *w, int fd) {
    *w = (struct wire){.fd = fd, .next_id = 1};
    msgpack_stream_init(&w->in, &msgpack_limits_default);
    arena_init(&w->arena);
    buf_init(&w->out);
}

static inline void wire_release(struct wire *w) {
    msgpack_stream_release(&w->in);
    arena_release(&w->arena);
    buf_release(&w->out);
}

static inline void wire_fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(70);
}

static inline void wire_flush(struct wire *w) {
    for (size_t sent = 0; sent < w->out.len;) {
        ssize_t n = send(w->fd, w->out.data + sent, w->out.len - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            wire_fail("the other side closed its end while we wrote");
        sent += n > 0 ? (size_t)n : 0;
    }
    buf_clear(&w->out);
}

static inline struct rpc wire_take(struct wire *w) {
    static char bytes[64 * 1024];
    struct err err;
    struct rpc r;
    err_init(&err);
    for (;;) {
        arena_clear(&w->arena);
        int rc = msgpack_stream_next(&w->in, &w->arena, &w->message, &err);
        if (rc < 0 || (rc == 1 && rpc_parse(&w->message, &r, &err)))
            wire_fail(err.message);
        if (rc == 1)
            return r;
        ssize_t n = recv(w->fd, bytes, sizeof bytes, 0);
        if (n == 0)
            wire_fail("the other side closed its end");
        if (n > 0)
            msgpack_stream_feed(&w->in, bytes, (size_t)n);
        else if (errno != EINTR)
            wire_fail("cannot read from the other side");
    }
}

/* Connected to the Unix socket PATH, or -1. */
static inline int wire_connect(const char *path) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof to.sun_path)
        wire_fail("the socket's path is too long");
    strcpy(to.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static inline void wire_put(struct buf *out, const char *s) {
    msgpack_write_str(out, s, strlen(s));
}

#endif
