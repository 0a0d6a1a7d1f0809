/* daemon.c - starting a daemon and knowing that it has started.
 *
 * The one idea: a daemon has started when it answers hello at its socket, whoever started it; two that start at once
 * therefore both succeed, with the same process id.
 */
#include "client/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "client/launch.h"
#include "client/link.h"
#include "client/request.h"
#include "client/say.h"

enum { ANSWER_MS = 5000, START_MS = 10 * 1000, FIRST_STEP_MS = 2, LONGEST_STEP_MS = 50, MOST_LOG = 64 * 1024 };

int daemon_run(const struct words *w, struct err *err) {
    return launch_exec(w, err);
}

/* ---- is one there ---------------------------------------------------------------------------------------------- */

static int read_hello(struct link *l, struct err *err) {
    struct rpc m;
    for (;;) {
        int rc = link_next(l, &m, err);
        if (rc < 0) {
            return rc;
        }
        if (rc == 1 && m.type == RPC_RESPONSE && m.id == REQUEST_HELLO) {
            if (m.error->kind == VALUE_NIL) {
                return 1;
            }
            rpc_error_to_err(m.error, err);
            err_hint(err, "restart the daemon: lectern daemon stop");
            return -(int)err->code;
        }
        struct pollfd fd = {.fd = l->fd, .events = POLLIN};
        if (rc == 0 && (poll(&fd, 1, ANSWER_MS) <= 0 || !link_fill(l))) {
            return err_set(err, E_UNAVAILABLE, "the daemon (pid %d) does not answer", (int)l->peer);
        }
    }
}

/* 1: a daemon answers, as *PID; 0: nobody is there; negative: somebody is there who is of no use. */
static int find_daemon(const struct place *p, pid_t *pid, struct err *err) {
    struct link l;
    link_init(&l);
    int rc = link_connect(&l, p, err);
    if (rc == 1) {
        request_hello(&l.out);
        link_flush(&l);
        rc = read_hello(&l, err);
        *pid = l.peer;
    }
    link_release(&l, NULL);
    return rc;
}

/* ---- starting one ---------------------------------------------------------------------------------------------- */

static void log_path(struct buf *out, const struct place *p) {
    path_join(out, p->state, path_base(p->socket));
    const char *suffix = strrchr(out->data, '.');
    out->len = suffix ? (size_t)(suffix - out->data) : out->len;
    buf_adds(out, ".log");
}

static int open_log(const char *path, const struct place *p, struct err *err) {
    int rc = path_mkdirs(p->state, 0700, err);
    if (rc != 0) {
        return rc;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd >= 0 ? fd : err_set(err, E_OUTPUT, "cannot write the daemon's log '%s': %s", path, strerror(errno));
}

static void show_log(int fd) {
    char bytes[4096];
    off_t at = 0;
    ssize_t n;
    while (at < MOST_LOG && (n = pread(fd, bytes, sizeof bytes, at)) > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, (size_t)n);
        (void)written;
        at += n;
    }
}

static int ended_early(int log, int status, struct err *err) {
    if (WIFSIGNALED(status)) {
        return err_set(err, E_UNAVAILABLE, "lecternd was killed by signal %d before it answered", WTERMSIG(status));
    }
    show_log(log);
    say_warning("lecternd ended with status %d before it answered", WEXITSTATUS(status));
    return WEXITSTATUS(status) ? WEXITSTATUS(status) : err_status(E_UNAVAILABLE);
}

/* Waits a step for STARTED to end. 1 when it ended for a reason of its own; one that found another at its place (75) is
 * no longer waited for, but that other is. */
static int ended(pid_t *started, int step, int *status) {
    if (*started == 0) {
        poll(NULL, 0, step);
        return 0;
    }
    if (!launch_wait(*started, step, status)) {
        return 0;
    }
    bool found_another = WIFEXITED(*status) && WEXITSTATUS(*status) == err_status(E_BUSY);
    *started = 0;
    return !found_another;
}

static int await(const struct place *p, int log, pid_t started, pid_t *pid, struct err *err) {
    uint64_t end = clock_mono_us() + START_MS * 1000ull;
    for (int step = FIRST_STEP_MS; clock_mono_us() < end; step = step < LONGEST_STEP_MS ? step * 2 : step) {
        int status;
        if (ended(&started, step, &status)) {
            return ended_early(log, status, err);
        }
        int rc = find_daemon(p, pid, err);
        if (rc != 0) {
            return rc < 0 ? rc : 0;
        }
    }
    err_set(err, E_BUSY, "lecternd has not answered within %d s", START_MS / 1000);
    return err_hint(err, "it may still come up: lectern daemon status");
}

static int start(const struct words *w, const struct place *p, pid_t *pid, struct err *err) {
    struct buf path = BUF_INIT;
    log_path(&path, p);
    int log = open_log(path.data, p, err);
    int rc = log;
    if (log >= 0) {
        pid_t started;
        rc = launch_daemon(w, p->store, p->config, log, &started, err);
        rc = rc == 0 ? await(p, log, started, pid, err) : rc;
        if (rc < 0) {
            show_log(log);
        }
        close(log);
    }
    buf_release(&path);
    return rc;
}

static int find_or_start(const struct words *w, const struct place *p, struct err *err) {
    pid_t pid = 0;
    int rc = find_daemon(p, &pid, err);
    bool was_there = rc == 1;
    if (rc >= 0) {
        rc = was_there ? 0 : start(w, p, &pid, err);
    }
    if (rc != 0 || w->quiet || w->json) {
        return rc;
    }
    return say_result(was_there ? "lectern runs already (pid %d)" : "lecternd started (pid %d)", (int)pid);
}

int daemon_start(const struct words *w, struct err *err) {
    char cwd[PATH_MAX];
    struct place p = {0};
    int rc = place_find(&p, place_getenv, NULL, getcwd(cwd, sizeof cwd) ? cwd : "/", w->store, w->config, err);
    if (rc != 0) {
        return rc;
    }
    rc = find_or_start(w, &p, err);
    place_release(&p);
    return rc;
}
