/* link.c - bytes in, messages out.
 *
 * The one idea: a message is looked at where it arrived. Only its end is searched for (unpack_scan, which never looks
 * at a byte twice) and its head read; whoever needs the body longer copies it. Knows nothing of Lua or of tasks.
 */
#include "compartment/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    READ_BYTES = 32 * 1024,
    KEPT_STORAGE = 512 * 1024, /* of an empty buffer: a page for an exporter */
    KEPT_AT_REST = 64 * 1024,
    UNSENT_MAX = 1024 * 1024,
};

void link_init(struct link *l, int fd, link_handler *handler, void *ctx) {
    *l = (struct link){.fd = fd, .handler = handler, .ctx = ctx};
    buf_init(&l->in);
    buf_init(&l->out);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    struct timeval rest = {.tv_usec = LINK_REST_MS * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &rest, sizeof rest); /* of reads that may wait at all */
}

void link_release(struct link *l) {
    buf_release(&l->in);
    buf_release(&l->out);
}

static void empty(struct buf *b, size_t kept) {
    if (b->cap > kept) {
        buf_release(b);
    } else {
        buf_clear(b);
    }
}

/* [type, id, method, params], [type, id, error, result] or [type, method, params] */
static bool read_message_head(struct unpack *u, struct message *m) {
    struct unpack_token t;
    if (unpack_next(u, &t) != UNPACK_OK || t.kind != UNPACK_ARRAY || t.len < 3 || t.len > 4) {
        return false;
    }
    uint32_t count = t.len;
    if (unpack_next(u, &t) != UNPACK_OK || t.kind != UNPACK_INT || t.i < RPC_REQUEST || t.i > RPC_NOTIFICATION) {
        return false;
    }
    *m = (struct message){.type = (enum rpc_type)t.i};
    if (count != (m->type == RPC_NOTIFICATION ? 3u : 4u)) {
        return false;
    }
    if (m->type != RPC_NOTIFICATION) {
        if (unpack_next(u, &t) != UNPACK_OK || t.kind != UNPACK_INT) {
            return false;
        }
        m->id = t.i;
    }
    if (m->type != RPC_RESPONSE) {
        if (unpack_next(u, &t) != UNPACK_OK || t.kind != UNPACK_STR) {
            return false;
        }
        m->method = t.s;
        m->method_len = t.len;
    }
    m->body = *u;
    return true;
}

static void handle_complete(struct link *l) {
    size_t at = 0;
    while (!l->closed && at < l->in.len) {
        const char *start = l->in.data + at;
        enum unpack_result got = unpack_scan(&l->scan, start, l->in.len - at);
        if (got == UNPACK_MORE && l->scan.at + l->scan.skip <= LINK_MESSAGE_MAX) {
            break;
        }
        struct message m;
        struct unpack u = unpack_bytes(start, l->scan.at);
        if (got != UNPACK_OK || !read_message_head(&u, &m)) {
            l->closed = true;
            return;
        }
        at += l->scan.at;
        l->scan = (struct unpack_scan){0};
        l->handler(l->ctx, &m);
    }
    if (at == l->in.len) {
        empty(&l->in, KEPT_STORAGE);
    } else {
        buf_drop(&l->in, at);
    }
}

/* False when the wait was over before anything came. */
static bool read_some(struct link *l, int flags) {
    if (l->closed) {
        return true;
    }
    size_t room = l->scan.skip > READ_BYTES ? (size_t)l->scan.skip : READ_BYTES;
    buf_reserve(&l->in, room < LINK_MESSAGE_MAX ? room : LINK_MESSAGE_MAX);
    ssize_t n = recv(l->fd, l->in.data + l->in.len, l->in.cap - l->in.len - 1, flags);
    if (n > 0) {
        l->in.len += (size_t)n;
        l->in.data[l->in.len] = '\0';
        handle_complete(l);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        l->closed = true;
    }
    return n >= 0 || errno != EAGAIN;
}

void link_read(struct link *l) {
    read_some(l, MSG_DONTWAIT);
}

bool link_read_or_wait(struct link *l) {
    return read_some(l, 0);
}

bool link_flush(struct link *l) {
    while (l->sent < l->out.len && !l->closed) {
        ssize_t n = send(l->fd, l->out.data + l->sent, l->out.len - l->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n >= 0) {
            l->sent += (size_t)n;
        } else if (errno == EAGAIN) {
            return false;
        } else if (errno != EINTR) {
            l->closed = true;
        }
    }
    l->sent = 0;
    empty(&l->out, KEPT_STORAGE);
    return true;
}

static void poll_link(struct link *l, short events, int ms) {
    struct pollfd p = {.fd = l->fd, .events = events};
    if (poll(&p, 1, ms) < 0 && errno != EINTR) {
        l->closed = true;
    }
    if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
        link_read(l);
    }
}

void link_wait(struct link *l, int ms) {
    while (!link_flush(l)) {
        poll_link(l, POLLIN | POLLOUT, -1);
    }
    if (!l->closed) {
        poll_link(l, POLLIN, ms);
    }
}

void link_settle(struct link *l) {
    while (l->out.len - l->sent > UNSENT_MAX && !link_flush(l)) {
        poll_link(l, POLLIN | POLLOUT, -1);
    }
}

void link_rest(struct link *l) {
    if (l->in.len == 0) {
        empty(&l->in, KEPT_AT_REST);
    }
    if (l->out.len == 0) {
        empty(&l->out, KEPT_AT_REST);
    }
}
