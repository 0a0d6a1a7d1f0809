/* main.c - lecternd: puts a host together, as a daemon on a socket or privately on one descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/version.h"
#include "host/conn.h"
#include "host/job.h"
#include "host/filler.h"
#include "host/ledger.h"
#include "host/peers.h"
#include "host/registry.h"
#include "host/store_work.h"
#include "host/supervisor.h"

enum { ANSWER_MS = 20, CLIENT_GRACE_MS = 2000, WORK_GRACE_MS = 10000 };

struct options {
    bool daemon, no_sandbox, unsafe_journal;
    int private_fd;
    const char *store, *config;
};

static const char usage[] = "usage: lecternd --daemon [--store FILE] [--config DIR] [--no-sandbox]\n"
                            "       lecternd --private FD [--store FILE] [--config DIR] [--no-sandbox]\n"
                            "The host of lectern. Start it with: lectern daemon start\n";

static int parse(int argc, char **argv, struct options *o, struct err *err) {
    *o = (struct options){.private_fd = -1};
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (!strcmp(argv[i], "--daemon"))
            o->daemon = true;
        else if (!strcmp(argv[i], "--no-sandbox"))
            o->no_sandbox = true;
        else if (!strcmp(argv[i], "--unsafe-journal"))
            o->unsafe_journal = true; /* tests: show that damage can be seen */
        else if (!strcmp(argv[i], "--private") && more)
            o->private_fd = atoi(argv[++i]);
        else if (!strcmp(argv[i], "--store") && more)
            o->store = argv[++i];
        else if (!strcmp(argv[i], "--config") && more)
            o->config = argv[++i];
        else if (!strcmp(argv[i], "--version"))
            return printf("lecternd %s\n", LECTERN_VERSION), 1;
        else if (!strcmp(argv[i], "--help"))
            return fputs(usage, stdout), 1;
        else
            return err_set(err, E_USAGE, "unknown argument '%s'; lecternd --help", argv[i]);
    }
    if (o->daemon == (o->private_fd >= 0))
        return err_set(err, E_USAGE, "say --daemon or --private FD; lecternd --help");
    return 0;
}

/* The runtime folder: ours, a real folder, closed to others. */
static int runtime_folder(const char *path, struct err *err) {
    struct stat st;
    int rc = path_mkdirs(path, 0700, err);
    if (rc)
        return rc;
    if (lstat(path, &st) || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
        return err_set(err, E_CONFIG, "the runtime folder '%s' is not ours", path);
    if ((st.st_mode & 077) && chmod(path, 0700))
        return err_set(err, E_CONFIG, "cannot close the runtime folder '%s' to others", path);
    return 0;
}

/* The lock decides who is the daemon; only its holder may remove a stale socket. Returns the descriptor, kept until the end. */
static int take_lock(struct host *h, struct err *err) {
    struct buf path = BUF_INIT;
    char pid[32] = "";
    buf_addf(&path, "%s.lock", h->place.socket);
    int fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        err_set(err, E_CONFIG, "cannot open '%s': %s", path.data, strerror(errno));
    } else if (flock(fd, LOCK_EX | LOCK_NB)) {
        ssize_t n = read(fd, pid, sizeof pid - 1);
        err_set(err, E_BUSY, "a daemon is running already (pid %.*s)", n > 0 ? (int)strcspn(pid, "\n") : 1,
                n > 0 ? pid : "?");
        close(fd);
        fd = -1;
    } else {
        int n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
        if (ftruncate(fd, 0) || write(fd, pid, (size_t)n) != n)
            log_write(LOG_WARN, "host", "cannot write '%s'", path.data);
    }
    buf_release(&path);
    return fd;
}

static void arrived(void *ctx, struct listener *l) {
    struct host *h = ctx;
    peers_accept(h->peers, l);
}

static void drained(void *ctx) {
    struct host *h = ctx;
    loop_stop(h->loop);
}

/* Jobs were told to end; when they have, and have told their clients, write the ledger and leave. Clients get a moment; work that hangs on a
 * file that never comes gets a longer one, and is then left where it is: what the store acknowledged is safe. */
static void try_to_leave(void *ctx) {
    struct host *h = ctx;
    uint64_t waited = clock_mono_us() / 1000 - h->leaving_ms;
    if (waited > WORK_GRACE_MS) {
        log_write(LOG_ERROR, "host", "left with work under way that did not end");
        _exit(err_status(E_INTERNAL));
    }
    if (jobs_count(h->jobs) || loop_working(h->loop) ||
        (h->daemon && waited < CLIENT_GRACE_MS && peers_busy(h->peers))) {
        timer_start(h->leaving, 5);
        return;
    }
    ledger_flush(h->ledger, drained, h);
}

/* Only the holder of the lock may touch the socket; once it let go, another daemon may start. */
static void let_go(struct host *h) {
    if (h->lock < 0)
        return;
    unlink(h->place.socket);
    close(h->lock);
    h->lock = -1;
}

/* Whoever comes from now on finds no daemon. */
static void begin_to_leave(struct host *h, loop_fn *next, uint64_t ms) {
    h->stopping = true;
    listener_free(h->listener);
    h->listener = NULL;
    let_go(h);
    timer_free(h->leaving);
    h->leaving_ms = clock_mono_us() / 1000;
    h->leaving = timer_new(h->loop, next, h);
    timer_start(h->leaving, ms);
}

static void end_jobs(void *ctx) {
    struct host *h = ctx;
    struct err err;
    err_init(&err);
    err_set(&err, E_CANCELLED, "the host is ending");
    for (struct job *job = jobs_first(h->jobs); job; job = job->next)
        job_cancel(job, &err);
    begin_to_leave(h, try_to_leave, 0);
}

void host_stop(struct host *h) {
    if (!h->stopping)
        end_jobs(h);
}

void host_stop_soon(struct host *h) {
    if (!h->stopping)
        begin_to_leave(h, end_jobs, ANSWER_MS);
}

static void terminate(void *ctx) {
    host_stop(ctx);
}

static void build(struct host *h) {
    h->loop = loop_new();
    h->started_ms = clock_now_ms();
    h->door = store_door_new();
    h->jobs = jobs_new(h);
    h->ledger = ledger_new(h);
    h->filler = filler_new(h);
    h->supervisor = supervisor_new(h);
    h->registry = registry_new(h);
    h->peers = peers_new(h);
    loop_on_terminate(h->loop, terminate, h);
}

#if defined(LECTERN_SANITIZE) || defined(LECTERN_COVERAGE)
static void take_apart(struct host *h) {
    peers_free(h->peers);
    supervisor_free(h->supervisor);
    registry_free(h->registry);
    filler_free(h->filler);
    ledger_free(h->ledger);
    jobs_free(h->jobs);
    timer_free(h->leaving);
    loop_free(h->loop);
    store_door_free(h->door);
    place_release(&h->place);
    place_tree_release(&h->tree);
}
#endif

/* The store is closed by its rules; the rest the kernel takes faster than we could give it back, the compartments too:
 * they die with us. A sanitizer wants to see that everything could be freed, and gcov to write what it counted. */
static void leave(struct host *h, int status) {
#if defined(LECTERN_SANITIZE) || defined(LECTERN_COVERAGE)
    take_apart(h);
    exit(status);
#else
    store_door_free(h->door);
    fflush(NULL);
    _exit(status);
#endif
}

static void ready(void *ctx) {
    (void)ctx;
}

static int serve(struct host *h, const struct options *o, struct err *err) {
    int rc = 0;
    if (o->daemon) {
        rc = runtime_folder(h->place.runtime, err);
        if (!rc && (h->lock = take_lock(h, err)) < 0)
            rc = -(int)err->code;
        h->owns_lock = !rc;
        if (!rc)
            unlink(h->place.socket);
        if (!rc && !(h->listener = listener_new(h->loop, h->place.socket, arrived, h, err)))
            rc = -(int)err->code;
        if (!rc)
            registry_refresh(h->registry, ready, NULL);
    } else {
        peers_add(h->peers, o->private_fd);
    }
    if (!rc)
        loop_run(h->loop);
    listener_free(h->listener);
    let_go(h);
    return rc;
}

int main(int argc, char **argv) {
    struct options o;
    struct err err;
    struct host h = {.lock = -1};
    char cwd[4096];
    err_init(&err);
    umask(077);
    int rc = parse(argc, argv, &o, &err);
    if (rc > 0)
        return 0;
    if (!rc)
        rc = place_tree_find(&h.tree, &err);
    if (!rc && !getcwd(cwd, sizeof cwd))
        snprintf(cwd, sizeof cwd, "/");
    if (!rc)
        rc = place_find(&h.place, place_getenv, NULL, cwd, o.store, o.config, &err);
    if (!rc) {
        setenv("UV_THREADPOOL_SIZE", o.daemon ? "8" : "3", 1);
        h.daemon = o.daemon;
        h.no_sandbox = o.no_sandbox;
        h.unsafe_journal = o.unsafe_journal;
        h.plugin_path = place_getenv(NULL, "LECTERN_PLUGIN_PATH");
        build(&h);
        rc = serve(&h, &o, &err);
    }
    if (rc)
        fprintf(stderr, "lecternd: %s%s%s\n", err.message, err.hint[0] ? "; " : "", err.hint);
    int status = rc ? err_status(err.code) : 0;
    err_release(&err);
    if (h.loop)
        leave(&h, status);
    return status;
}
