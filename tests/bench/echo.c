/* echo.c - the smallest host: starts one compartment, loads one plugin into it and calls it, one call in flight.
 *
 *     echo [-n TIMES] COMPARTMENT
 *     echo [-n TIMES] limit
 *
 * COMPARTMENT is the program. The limit is a process that sends as many bytes as a compartment would, without looking at what it got. Prints, separated by
 * tabs: milliseconds from spawn to loaded; p50, p99 and longest of TIMES (20000) calls in microseconds. Pin it with
 * taskset: on one core a call costs two switches, on two it costs two wakes of a sleeping core.
 */
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "figures.h"
#include "wire.h"

static const char plugin[] =
    "local lectern = require 'lectern'\n"
    "lectern.command 'echo' { doc = 'what it was given', args = { { 'n', lectern.types.int() } },\n"
    "    returns = 'int', run = function(args) return args.n end }\n";

static struct wire peer;

static pid_t start(const char *program) {
    int ends[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;
    char *argv[] = {(char *)program, "--fd", "3", "--plugin", "echo", "--memory", "64", NULL};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        wire_fail("cannot make a socket");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 3);
    if (posix_spawn(&pid, program, &actions, NULL, argv, environ))
        wire_fail("cannot start the compartment");
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    wire_init(&peer, ends[0]);
    return pid;
}

/* What the limit says to everything: the head of a response, an unsigned id, no error, {value = an unsigned number}. */
enum { LIMIT_ID = 3, LIMIT_VALUE = 16 };
static const unsigned char limit_response[] = {0x94, 1,   0xce, 0,   0,   0,    0, 0xc0, 0x81, 0xa5,
                                               'v',  'a', 'l',  'u', 'e', 0xce, 0, 0,    0,    0};

static void put_be32(unsigned char *to, uint32_t n) {
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(n >> (24 - 8 * i));
}

static _Noreturn void answer_blindly(int fd) {
    unsigned char in[4096], out[sizeof limit_response];
    memcpy(out, limit_response, sizeof out);
    for (uint32_t n = 0; recv(fd, in, sizeof in, 0) > 0; n++) {
        put_be32(out + LIMIT_ID, n + 1);
        put_be32(out + LIMIT_VALUE, n);
        if (send(fd, out, sizeof out, MSG_NOSIGNAL) < 0)
            break;
    }
    _exit(0);
}

static pid_t start_limit(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        wire_fail("cannot make a socket");
    pid_t pid = fork();
    if (pid < 0)
        wire_fail("cannot start a process");
    if (pid == 0) {
        close(ends[0]);
        answer_blindly(ends[1]);
    }
    close(ends[1]);
    wire_init(&peer, ends[0]);
    return pid;
}

static void put_load(void) {
    struct arena a = ARENA_INIT;
    struct value params = value_array(&a, 1), m = value_map(&a, 8), files = value_map(&a, 1), chunks = value_map(&a, 1);
    value_set(&a, &files, "echo", value_lit(plugin));
    value_set(&a, &chunks, "echo", value_lit("echo.lua"));
    value_set(&a, &m, "plugin", value_lit("echo"));
    value_set(&a, &m, "main", value_lit("echo"));
    value_set(&a, &m, "files", files);
    value_set(&a, &m, "chunks", chunks);
    value_set(&a, &m, "limits", value_map(&a, 0));
    value_set(&a, &m, "options", value_map(&a, 0));
    value_push(&a, &params, m);
    rpc_write_request(&peer.out, peer.next_id++, "load");
    msgpack_write(&peer.out, &params);
    arena_release(&a);
}

static void put_call(int64_t number) {
    struct arena a = ARENA_INIT;
    struct value params = value_array(&a, 1), m = value_map(&a, 6), args = value_map(&a, 1), job = value_map(&a, 4);
    value_set(&a, &args, "n", value_int(number));
    value_set(&a, &job, "id", value_lit("1"));
    value_set(&a, &job, "dry_run", value_bool(false));
    value_set(&a, &job, "width", value_int(80));
    value_set(&a, &job, "cwd", value_lit("/"));
    value_set(&a, &m, "kind", value_lit("command"));
    value_set(&a, &m, "name", value_lit("echo"));
    value_set(&a, &m, "what", value_lit("run"));
    value_set(&a, &m, "args", args);
    value_set(&a, &m, "job", job);
    value_push(&a, &params, m);
    rpc_write_request(&peer.out, peer.next_id++, "call");
    msgpack_write(&peer.out, &params);
    arena_release(&a);
}

/* Sends what is in the buffer and takes the response to it. */
static struct rpc response(void) {
    wire_flush(&peer);
    for (;;) {
        struct rpc r = wire_take(&peer);
        if (r.type == RPC_NOTIFICATION && !strcmp(r.method, "failed"))
            wire_fail(value_cstr(value_at(r.params, 0), "failed"));
        if (r.type != RPC_RESPONSE)
            continue;
        if (!value_is(r.error, VALUE_NIL))
            wire_fail(value_cstr(r.error, "an error without text"));
        return r;
    }
}

static double call(int64_t number) {
    double start = now_us();
    put_call(number);
    struct rpc r = response();
    double took = now_us() - start;
    if (value_toint(value_get(r.result, "value"), -1) != number)
        wire_fail("the echo is not what was called");
    return took;
}

int main(int argc, char **argv) {
    size_t times = 20000;
    for (int o; (o = getopt(argc, argv, "n:")) != -1;) {
        if (o != 'n')
            return 64;
        times = (size_t)atol(optarg);
    }
    bool limit = argc > optind && !strcmp(argv[optind], "limit");
    if (argc != optind + 1 || times < 1) {
        fputs("usage: echo [-n TIMES] COMPARTMENT | limit\n", stderr);
        return 64;
    }
    double begin = now_us();
    pid_t pid = limit ? start_limit() : start(argv[optind]);
    if (!limit) {
        put_load();
        response();
    }
    double loaded = now_us() - begin;
    double *took = values_new(times);
    size_t warm = times / 10 + 10;
    for (size_t i = 0; i < warm; i++)
        call((int64_t)i);
    for (size_t i = 0; i < times; i++)
        took[i] = call((int64_t)(warm + i));
    double p50 = median(took, times), p99 = quantile(took, times, 0.99);
    printf("%.3f\t%.2f\t%.2f\t%.2f\n", loaded / 1e3, p50, p99, took[times - 1]);
    free(took);
    close(peer.fd);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    wire_release(&peer);
    return 0;
}
