/* output.c - copying what the host sends.
 *
 * The one idea: one place writes to the terminal, so that the progress line, the pager and unfinished lines cannot get
 * in each other's way. Knows nothing of what the bytes say.
 */
#include "client/output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/say.h"
#include "client/signals.h"

enum { PIECE_BYTES = 64 * 1024, ACK_BYTES = 32 * 1024 };

void output_init(struct output *o, struct link *link, const struct terminal *terminal) {
    *o = (struct output){.link = link, .terminal = terminal};
    const char *term = terminal->tty[STDERR_FILENO] ? getenv("TERM") : NULL;
    progress_init(&o->progress, term && strcmp(term, "dumb") != 0);
    pager_init(&o->pager);
}

void output_release(struct output *o) {
    pager_release(&o->pager);
    progress_release(&o->progress);
}

bool output_interrupted(struct output *o) {
    if (signals_interrupts() == 0) {
        return false;
    }
    link_cancel(o->link, signals_terminated() ? "terminated" : "interrupt");
    return signals_terminated() || signals_interrupts() > 1;
}

/* Descriptors may be non-blocking because of somebody else who shares them. Once a signal came, the next one ends the
 * process or interrupts poll by itself. */
static void wait_writable(int fd) {
    struct pollfd fds[2] = {{.fd = fd, .events = POLLOUT},
                            {.fd = signals_interrupts() ? -1 : signals_fd(), .events = POLLIN}};
    poll(fds, 2, -1);
}

/* All N bytes; 0, or the errno that stopped it. Being told to leave counts as a reader that is gone. */
static int write_all(struct output *o, int fd, const char *p, size_t n) {
    while (n > 0) {
        ssize_t written = write(fd, p, n);
        if (written >= 0) {
            p += written;
            n -= (size_t)written;
        } else if (errno == EAGAIN) {
            wait_writable(fd);
        } else if (errno != EINTR) {
            return errno;
        }
        if (signals_interrupts() && output_interrupted(o)) {
            return EPIPE;
        }
    }
    return 0;
}

static void acknowledge(struct output *o, size_t n) {
    o->unacked += n;
    if (o->unacked < ACK_BYTES) {
        return;
    }
    rpc_write_notification(&o->link->out, "ack");
    msgpack_write_array(&o->link->out, 1);
    msgpack_write_int(&o->link->out, (int64_t)o->unacked);
    o->unacked = 0;
    link_flush(o->link);
}

static void stdout_gone(struct output *o) {
    o->closed = true;
    link_cancel(o->link, "output closed");
}

static void stdout_failed(struct output *o, int error) {
    if (error == EPIPE) {
        stdout_gone(o);
        return;
    }
    o->failed = true;
    progress_erase(&o->progress);
    say_warning("cannot write output: %s", strerror(error));
    link_cancel(o->link, "output failed");
}

static void put_plain(struct output *o, int fd, const char *p, size_t n) {
    if (o->terminal->tty[fd]) {
        progress_erase(&o->progress);
        progress_passed(&o->progress, p[n - 1]);
    }
    int error = write_all(o, fd, p, n);
    if (error && fd == STDOUT_FILENO) {
        stdout_failed(o, error);
    }
}

/* True when there was no pager after all and the output went to the terminal. */
static bool finish_pager(struct output *o) {
    if (!pager_finish(&o->pager)) {
        return false;
    }
    struct buf kept = o->pager.kept;
    buf_init(&o->pager.kept);
    if (kept.len > 0) {
        put_plain(o, STDOUT_FILENO, kept.data, kept.len);
    }
    buf_release(&kept);
    return true;
}

static void put_paged(struct output *o, const char *p, size_t n) {
    pager_fed(&o->pager, p, n);
    if (write_all(o, o->pager.fd, p, n) != 0) {
        output_pager_left(o);
    }
}

void output_pager_left(struct output *o) {
    if (!finish_pager(o)) {
        stdout_gone(o);
    }
}

/* Once a pager shows stdout, messages on the same screen are part of what it shows. */
static bool paged(struct output *o, int fd) {
    if (fd == STDOUT_FILENO) {
        return pager_start(&o->pager);
    }
    return o->pager.pid != 0 && o->terminal->tty[STDERR_FILENO];
}

static void put_piece(struct output *o, int fd, const char *p, size_t n) {
    if (fd == STDOUT_FILENO && (o->closed || o->failed)) {
        return;
    }
    if (paged(o, fd)) {
        progress_erase(&o->progress);
        put_paged(o, p, n);
    } else {
        put_plain(o, fd, p, n);
    }
}

void output_put(struct output *o, int fd, const char *p, size_t n) {
    while (n > 0) {
        size_t piece = n < PIECE_BYTES ? n : PIECE_BYTES;
        put_piece(o, fd, p, piece);
        acknowledge(o, piece);
        p += piece;
        n -= piece;
    }
}

void output_page(struct output *o) {
    o->pager.wanted = o->terminal->tty[STDOUT_FILENO] && o->pager.pid == 0;
}

void output_yield(struct output *o) {
    progress_erase(&o->progress);
    finish_pager(o);
}
