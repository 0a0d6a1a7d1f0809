/* probe.c - how long a host takes to answer on one open connection.
 *
 *     probe [-n TIMES] [-s SECONDS] [-i MICROSECONDS] SOCKET hello
 *     probe [...] SOCKET call COMMAND [NAME=VALUE...]      lectern.call, as an editor would
 *     probe [...] SOCKET run WORD...                       run, as the shell client would
 *
 * Asks TIMES times (1000), or for SECONDS, one request in flight, waiting MICROSECONDS between two. Prints,
 * separated by tabs: answers, p50, p99 and longest in microseconds, and how many answers were errors; the first
 * error goes to stderr.
 */
#include <stdbool.h>

#include "figures.h"
#include "wire.h"

enum { MOST = 1000 * 1000 };

static struct wire host;
static const char *cwd = "/";
static char *const *words; /* method and what it takes */
static bool complained;

static bool is_integer(const char *s) {
    s += *s == '-';
    return *s && strspn(s, "0123456789") == strlen(s);
}

static void put_hello(struct buf *out, int64_t id) {
    rpc_write_request(out, id, "lectern.hello");
    msgpack_write_array(out, 1);
    msgpack_write_map(out, 1);
    wire_put(out, "role");
    wire_put(out, "rpc");
}

static void put_call(struct buf *out, int64_t id) {
    uint32_t n = 0;
    while (words[2 + n])
        n++;
    rpc_write_request(out, id, "lectern.call");
    msgpack_write_array(out, 2);
    wire_put(out, words[1]);
    msgpack_write_map(out, n);
    for (uint32_t i = 0; i < n; i++) {
        const char *equals = strchrnul(words[2 + i], '='), *value = *equals ? equals + 1 : "";
        msgpack_write_str(out, words[2 + i], (size_t)(equals - words[2 + i]));
        if (is_integer(value))
            msgpack_write_int(out, atoll(value));
        else
            wire_put(out, value);
    }
}

static void put_run(struct buf *out, int64_t id) {
    uint32_t n = 0;
    while (words[1 + n])
        n++;
    rpc_write_request(out, id, "run");
    msgpack_write_array(out, 1);
    msgpack_write_map(out, 7);
    wire_put(out, "argv");
    msgpack_write_array(out, n);
    for (uint32_t i = 0; i < n; i++)
        wire_put(out, words[1 + i]);
    wire_put(out, "cwd");
    wire_put(out, cwd);
    wire_put(out, "umask");
    msgpack_write_int(out, 022);
    wire_put(out, "env");
    msgpack_write_map(out, 0);
    wire_put(out, "tty");
    msgpack_write_array(out, 3);
    for (int i = 0; i < 3; i++)
        msgpack_write_bool(out, false);
    wire_put(out, "width");
    msgpack_write_int(out, 80);
    wire_put(out, "private");
    msgpack_write_bool(out, false);
}

static void acknowledge(const struct rpc *r) {
    const struct value *bytes = value_at(r->params, 1);
    if (strcmp(r->method, "out"))
        return;
    rpc_write_notification(&host.out, "ack");
    msgpack_write_array(&host.out, 1);
    msgpack_write_int(&host.out, bytes->len);
}

static bool failed(const struct rpc *r) {
    const char *text = value_cstr(r->error, NULL);
    int64_t status = value_toint(value_get(r->result, "exit"), 0);
    if (!text && (strcmp(words[0], "run") || !status))
        return false;
    if (!complained)
        fprintf(stderr, "probe: %s %s: %s\n", words[0], words[1] ? words[1] : "", text ? text : "failed");
    complained = true;
    return true;
}

/* Asks once; whether the answer is an error. */
static bool ask(void) {
    int64_t id = host.next_id++;
    if (!strcmp(words[0], "hello"))
        put_hello(&host.out, id);
    else if (!strcmp(words[0], "call"))
        put_call(&host.out, id);
    else
        put_run(&host.out, id);
    wire_flush(&host);
    for (;;) {
        struct rpc r = wire_take(&host);
        if (r.type == RPC_RESPONSE && r.id == id)
            return failed(&r);
        if (r.type == RPC_NOTIFICATION)
            acknowledge(&r);
    }
}

static int usage(void) {
    fputs("usage: probe [-n TIMES] [-s SECONDS] [-i MICROSECONDS] SOCKET hello | call COMMAND [NAME=VALUE...] | run "
          "WORD...\n",
          stderr);
    return 64;
}

int main(int argc, char **argv) {
    size_t times = 1000, errors = 0, n = 0;
    double seconds = 0;
    useconds_t pause = 0;
    for (int o; (o = getopt(argc, argv, "+n:s:i:")) != -1;) {
        if (o == 'n')
            times = (size_t)atol(optarg);
        else if (o == 's')
            seconds = atof(optarg), times = MOST;
        else if (o == 'i')
            pause = (useconds_t)atol(optarg);
        else
            return usage();
    }
    words = argv + optind + 1;
    if (argc < optind + 2 || times < 1 || times > MOST)
        return usage();
    if (strcmp(words[0], "hello") && (!words[1] || (strcmp(words[0], "call") && strcmp(words[0], "run"))))
        return usage();
    int fd = wire_connect(argv[optind]);
    if (fd < 0) {
        perror(argv[optind]);
        return 69;
    }
    wire_init(&host, fd);
    double *took = values_new(times), end = now_us() + seconds * 1e6;
    while (n < times && (seconds <= 0 || now_us() < end)) {
        double start = now_us();
        errors += ask();
        took[n++] = now_us() - start;
        if (pause)
            usleep(pause);
    }
    double p50 = median(took, n), p99 = quantile(took, n, 0.99);
    printf("%zu\t%.1f\t%.1f\t%.1f\t%zu\n", n, p50, p99, took[n - 1], errors);
    free(took);
    wire_release(&host);
    return 0;
}
