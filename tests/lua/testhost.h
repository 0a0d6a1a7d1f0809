/* testhost.h - a host of one compartment, small enough to see through: for tests and for measuring.
 *
 * It starts the program, loads a plugin, calls into it, and answers what the plugin asks through a function of the
 * test. Everything is in this header, so that each program of the tests is one file. Plain poll and blocking code.
 */
#ifndef LECTERN_TESTS_TESTHOST_H
#define LECTERN_TESTS_TESTHOST_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msgpack.h"
#include "base/path.h"

#define UNUSED __attribute__((unused))

struct testhost;

/* Answer a request of the compartment: fill RESULT (in A) and return 0, or fill ERR and return its code. Return 1 to
 * answer later, with testhost_reply. */
typedef int testhost_serve(void *ctx, struct testhost *h, struct arena *a, int64_t id, const char *method,
                           const struct value *params, struct value *result, struct err *err);
/* A notification of the compartment. */
typedef void testhost_notice(void *ctx, const char *method, const struct value *params);

struct testhost_options {
    const char *program; /* lectern-compartment */
    const char *helpers; /* "a,b" */
    const char *modules; /* NULL: where the program looks by itself */
    unsigned memory_mib; /* 0: 64 */
    bool no_sandbox;
    testhost_serve *serve;
    testhost_notice *notice;
    void *ctx;
};

/* An answer to one of our requests. */
struct testhost_answer {
    int64_t id;
    bool done;
    struct value error; /* nil when it succeeded */
    struct value result;
    struct arena arena;
};

struct testhost {
    struct testhost_options options;
    pid_t pid;
    int fd;
    struct msgpack_stream in;
    struct buf out;
    int64_t next_id;
    struct testhost_answer *waiting[256];
    bool gone; /* the compartment closed the socket */
    bool ready;
    char sandbox[16]; /* as it said */
    char failed[512]; /* why it did not start, or "" */
    int status;       /* of waitpid, once ended */
};

/* Start it and wait until it says ready or failed; false when it said failed or died. */
UNUSED static bool testhost_start(struct testhost *h, const struct testhost_options *options);
/* Close the socket and wait for the end; *USAGE_US gets its CPU time where not NULL. */
UNUSED static int testhost_stop(struct testhost *h, int64_t *usage_us);
UNUSED static void testhost_kill(struct testhost *h); /* as testhost_stop, by SIGKILL */

/* Ask; ANSWER stays in use until done or testhost_stop. PARAMS is the one parameter. */
UNUSED static void testhost_ask(struct testhost *h, const char *method, const struct value *params,
                                struct testhost_answer *answer);
/* Answer a request that was put off. */
UNUSED static void testhost_reply(struct testhost *h, int64_t id, const struct value *result, const struct err *err);
UNUSED static void testhost_notify(struct testhost *h, const char *method, const struct value *params);
/* Handle messages until ANSWER is done, the compartment is gone, or MS have passed; true when done. ANSWER may be
 * NULL. */
UNUSED static bool testhost_wait(struct testhost *h, struct testhost_answer *answer, int ms);
UNUSED static void testhost_release(struct testhost_answer *answer);

/* Every *.lua of FOLDER as {module: source}. */
UNUSED static struct value testhost_sources(struct arena *a, const char *folder);

/* ---- how ------------------------------------------------------------------------------------------------------- */

static void testhost_priv_exec(const struct testhost_options *o, int fd) {
    char memory[16], number[16];
    const char *argv[16];
    int n = 0;
    snprintf(memory, sizeof memory, "%u", o->memory_mib ? o->memory_mib : 64);
    snprintf(number, sizeof number, "%d", fd);
    argv[n++] = o->program;
    argv[n++] = "--fd";
    argv[n++] = number;
    argv[n++] = "--plugin";
    argv[n++] = "test";
    argv[n++] = "--memory";
    argv[n++] = memory;
    if (o->helpers) {
        argv[n++] = "--helpers";
        argv[n++] = o->helpers;
    }
    if (o->modules) {
        argv[n++] = "--modules";
        argv[n++] = o->modules;
    }
    if (o->no_sandbox) {
        argv[n++] = "--no-sandbox";
    }
    argv[n] = NULL;
    execv(o->program, (char *const *)argv);
    _exit(127);
}

static void testhost_priv_send_all(struct testhost *h) {
    size_t at = 0;
    while (at < h->out.len && !h->gone) {
        ssize_t n = send(h->fd, h->out.data + at, h->out.len - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            at += (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd p = {.fd = h->fd, .events = POLLOUT};
            poll(&p, 1, 1000);
        } else if (errno != EINTR) {
            h->gone = true;
        }
    }
    buf_clear(&h->out);
}

static void testhost_reply(struct testhost *h, int64_t id, const struct value *result, const struct err *err) {
    if (err) {
        rpc_write_error(&h->out, id, err);
    } else {
        rpc_write_result(&h->out, id);
        msgpack_write(&h->out, result);
    }
    testhost_priv_send_all(h);
}

static void testhost_priv_serve(struct testhost *h, struct arena *a, const struct rpc *r) {
    struct value result = value_nil;
    struct err err;
    err_init(&err);
    int rc = h->options.serve ? h->options.serve(h->options.ctx, h, a, r->id, r->method, r->params, &result, &err)
                              : err_set(&err, E_DENIED, "'%s' is not granted", r->method);
    if (rc <= 0) {
        testhost_reply(h, r->id, &result, rc ? &err : NULL);
    }
    err_release(&err);
}

static void testhost_priv_take_notice(struct testhost *h, const struct rpc *r) {
    const struct value *first = value_at(r->params, 0);
    if (strcmp(r->method, "ready") == 0) {
        h->ready = true;
        snprintf(h->sandbox, sizeof h->sandbox, "%s", value_cstr(value_get(first, "sandbox"), ""));
    } else if (strcmp(r->method, "failed") == 0) {
        snprintf(h->failed, sizeof h->failed, "%s", value_cstr(first, "?"));
    } else if (h->options.notice) {
        h->options.notice(h->options.ctx, r->method, r->params);
    }
}

static void testhost_priv_take_answer(struct testhost *h, const struct rpc *r) {
    struct testhost_answer *answer = h->waiting[r->id & 255];
    if (!answer || answer->id != r->id) {
        return;
    }
    answer->error = value_copy(&answer->arena, r->error);
    answer->result = value_copy(&answer->arena, r->result);
    answer->done = true;
    h->waiting[r->id & 255] = NULL;
}

static void testhost_priv_handle(struct testhost *h, struct arena *a, const struct value *v) {
    struct rpc r;
    struct err err;
    err_init(&err);
    if (rpc_parse(v, &r, &err) != 0) {
        fprintf(stderr, "testhost: %s\n", err.message);
        h->gone = true;
    } else if (r.type == RPC_REQUEST) {
        testhost_priv_serve(h, a, &r);
    } else if (r.type == RPC_RESPONSE) {
        testhost_priv_take_answer(h, &r);
    } else {
        testhost_priv_take_notice(h, &r);
    }
    err_release(&err);
}

static void testhost_priv_read_some(struct testhost *h) {
    char bytes[64 * 1024];
    ssize_t n = recv(h->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n <= 0) {
        h->gone = n == 0 || (errno != EAGAIN && errno != EINTR);
        return;
    }
    msgpack_stream_feed(&h->in, bytes, (size_t)n);
    struct arena a = ARENA_INIT;
    struct value v;
    struct err err;
    err_init(&err);
    int rc;
    while ((rc = msgpack_stream_next(&h->in, &a, &v, &err)) == 1) {
        testhost_priv_handle(h, &a, &v);
        arena_clear(&a);
    }
    if (rc < 0) {
        fprintf(stderr, "testhost: %s\n", err.message);
        h->gone = true;
    }
    arena_release(&a);
    err_release(&err);
}

static bool testhost_wait(struct testhost *h, struct testhost_answer *answer, int ms) {
    uint64_t until = clock_mono_us() + (uint64_t)ms * 1000;
    while (!h->gone && !(answer && answer->done)) {
        uint64_t now = clock_mono_us();
        if (now >= until || (!answer && (h->ready || h->failed[0]))) {
            break;
        }
        struct pollfd p = {.fd = h->fd, .events = POLLIN};
        if (poll(&p, 1, (int)((until - now + 999) / 1000)) > 0) {
            testhost_priv_read_some(h);
        }
    }
    return answer ? answer->done : h->ready;
}

static bool testhost_start(struct testhost *h, const struct testhost_options *options) {
    *h = (struct testhost){.options = *options, .next_id = 1};
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        return false;
    }
    h->pid = vfork();
    if (h->pid == 0) {
        fcntl(fds[1], F_SETFD, 0);
        testhost_priv_exec(options, fds[1]);
    }
    close(fds[1]);
    h->fd = fds[0];
    buf_init(&h->out);
    msgpack_stream_init(&h->in, &msgpack_limits_default);
    return testhost_wait(h, NULL, 10000);
}

static int testhost_priv_end(struct testhost *h, int64_t *usage_us) {
    struct rusage usage = {0};
    close(h->fd);
    wait4(h->pid, &h->status, 0, &usage);
    if (usage_us) {
        *usage_us =
            (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    }
    buf_release(&h->out);
    msgpack_stream_release(&h->in);
    return h->status;
}

static int testhost_stop(struct testhost *h, int64_t *usage_us) {
    return testhost_priv_end(h, usage_us);
}

static void testhost_kill(struct testhost *h) {
    kill(h->pid, SIGKILL);
    testhost_priv_end(h, NULL);
}

static void testhost_ask(struct testhost *h, const char *method, const struct value *params,
                         struct testhost_answer *answer) {
    *answer = (struct testhost_answer){.id = h->next_id++, .arena = ARENA_INIT};
    h->waiting[answer->id & 255] = answer;
    rpc_write_request(&h->out, answer->id, method);
    msgpack_write_array(&h->out, 1);
    msgpack_write(&h->out, params);
    testhost_priv_send_all(h);
}

static void testhost_notify(struct testhost *h, const char *method, const struct value *params) {
    rpc_write_notification(&h->out, method);
    msgpack_write(&h->out, params);
    testhost_priv_send_all(h);
}

static void testhost_release(struct testhost_answer *answer) {
    arena_release(&answer->arena);
}

static struct value testhost_sources(struct arena *a, const char *folder) {
    struct value files = value_map(a, 32);
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        size_t stem = 0;
        if (strcmp(path_extension(e->d_name, &stem), "lua") != 0) {
            continue;
        }
        struct buf path = BUF_INIT, source = BUF_INIT;
        struct err err;
        err_init(&err);
        path_join(&path, folder, e->d_name);
        if (path_read(path.data, &source, 1 << 20, &err) != 0) {
            fprintf(stderr, "testhost: %s\n", err.message);
        }
        const char *module = arena_dup(a, e->d_name, stem);
        value_set(a, &files, module, value_strn(a, source.data, source.len));
        buf_release(&path);
        buf_release(&source);
        err_release(&err);
    }
    if (d) {
        closedir(d);
    }
    return files;
}

#endif
