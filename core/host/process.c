/* process.c - uv_spawn with the habits that make a kill certain: own process group, SIGKILL, no inherited descriptors. */
#include "host/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"

struct process {
    uv_process_t uv;
    process_exited *exited;
    void *ctx;
    int pid;
    bool freed;
};

static void closed(uv_handle_t *h) {
    mem_free(h->data);
}

static void on_exit(uv_process_t *u, int64_t status, int sig) {
    struct process *p = u->data;
    p->pid = 0;
    if (p->freed)
        uv_close((uv_handle_t *)&p->uv, closed);
    else if (p->exited)
        p->exited(p->ctx, (int)status, sig);
}

struct process *process_spawn(struct loop *l, char *const argv[], char *const env[], bool keep_stderr, int *fd,
                              process_exited *exited, void *ctx, struct err *err) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
        err_set(err, E_UNAVAILABLE, "cannot make a socket for '%s': too many open files?", argv[0]);
        return NULL;
    }
    struct process *p = mem_alloc(sizeof *p);
    uv_stdio_container_t io[4] = {
        {.flags = UV_IGNORE},
        {.flags = UV_IGNORE},
        {.flags = keep_stderr ? UV_INHERIT_FD : UV_IGNORE, .data.fd = 2},
        {.flags = UV_INHERIT_FD, .data.fd = pair[1]},
    };
    uv_process_options_t o = {
        .exit_cb = on_exit,
        .file = argv[0],
        .args = (char **)(uintptr_t)argv,
        .env = (char **)(uintptr_t)env,
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = 4,
        .stdio = io,
    };
    p->exited = exited;
    p->ctx = ctx;
    p->uv.data = p;
    int rc = uv_spawn(loop_handle(l), &p->uv, &o);
    close(pair[1]);
    if (rc) {
        err_set(err, E_UNAVAILABLE, "cannot start '%s': %s", argv[0], uv_strerror(rc));
        close(pair[0]);
        p->freed = true;
        uv_close((uv_handle_t *)&p->uv, closed);
        return NULL;
    }
    p->pid = p->uv.pid;
    *fd = pair[0];
    return p;
}

int process_pid(const struct process *p) {
    return p->pid;
}

void process_kill(struct process *p) {
    if (p && p->pid)
        kill(-p->pid, SIGKILL);
}

int64_t process_cpu_us(const struct process *p) {
    clockid_t clock;
    struct timespec t;
    if (!p->pid || clock_getcpuclockid(p->pid, &clock) || clock_gettime(clock, &t))
        return 0;
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void process_cpu_limit(struct process *p, int64_t budget_ms) {
    struct rlimit now;
    if (!p->pid || prlimit(p->pid, RLIMIT_CPU, NULL, &now))
        return;
    rlim_t most = (rlim_t)((process_cpu_us(p) / 1000 + budget_ms) / 1000 + 1);
    if (now.rlim_max != RLIM_INFINITY && most > now.rlim_max)
        most = now.rlim_max;
    now.rlim_cur = most;
    prlimit(p->pid, RLIMIT_CPU, &now, NULL);
}

long process_rss_kb(const struct process *p) {
    char path[64];
    long pages = 0, resident = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", p->pid);
    FILE *f = p->pid ? fopen(path, "re") : NULL;
    if (!f)
        return 0;
    if (fscanf(f, "%ld %ld", &pages, &resident) != 2)
        resident = 0;
    fclose(f);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

void process_free(struct process *p) {
    if (!p || p->freed)
        return;
    p->freed = true;
    if (p->pid)
        process_kill(p); /* closed when it has ended: else nobody would reap it */
    else
        uv_close((uv_handle_t *)&p->uv, closed);
}
