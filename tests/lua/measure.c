/* measure.c - what a compartment costs: start, load, warm calls, memory at rest, and Lua run in it.
 *
 *     measure PROGRAM [FILE.lua]
 *
 * FILE registers commands; each whose name begins with "time." is called and timed by the plugin itself (it returns
 * microseconds a turn). Prints one line a figure. CPU is that of the compartment alone.
 */
#include "testhost.h"

#include <sched.h>
#include <time.h>

enum { STARTS = 200, CALLS = 20000, WINDOW = 64 };

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static const char plugin[] =
    "local lectern = require 'lectern'\n"
    "local t = lectern.types\n"
    "lectern.plugin { name = 'test', version = '1', api = 1, doc = 'x' }\n"
    "lectern.command 'nothing' { doc = 'x', args = { { 'n', t.int { 1 } } }, returns = 'any',\n"
    "  run = function(args) return { n = args.n, title = 'a title' } end }\n"
    "lectern.command 'asks' { doc = 'x', returns = 'any',\n"
    "  run = function(args) return lectern.state.get 'k' end }\n";

static struct value load_params(struct arena *a, const char *source) {
    struct value params = value_map(a, 8), files = value_map(a, 1), options = value_map(a, 1);
    value_set(a, &files, "test", value_str(a, source));
    value_set(a, &params, "plugin", value_lit("test"));
    value_set(a, &params, "main", value_lit("test"));
    value_set(a, &params, "files", files);
    value_set(a, &options, "known", value_bool(getenv("KNOWN") != NULL));
    value_set(a, &params, "options", options);
    return params;
}

static struct value call_params(struct arena *a, const char *name) {
    struct value params = value_map(a, 4), args = value_map(a, 1), job = value_map(a, 4);
    value_set(a, &params, "kind", value_lit("command"));
    value_set(a, &params, "name", value_str(a, name));
    value_set(a, &args, "n", value_int(7));
    value_set(a, &params, "args", args);
    value_set(a, &job, "id", value_lit("17"));
    value_set(a, &job, "width", value_int(80));
    value_set(a, &job, "cwd", value_lit("/home/somebody"));
    value_set(a, &params, "job", job);
    return params;
}

static void print_smaps(pid_t pid) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, "Rss:", 4) == 0 || strncmp(line, "Pss:", 4) == 0 ||
            strncmp(line, "Private_Dirty:", 14) == 0 || strncmp(line, "Anonymous:", 10) == 0) {
            fputs(line, stdout);
        }
    }
    if (f) {
        fclose(f);
    }
}

static int64_t cpu_us(pid_t pid) {
    struct timespec t = {0};
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) == 0) {
        clock_gettime(clock, &t);
    }
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int answer_request(void *ctx, struct testhost *h, struct arena *a, int64_t id, const char *method,
                          const struct value *params, struct value *result, struct err *err) {
    (void)ctx, (void)h, (void)a, (void)id, (void)method, (void)params, (void)err;
    *result = value_int(1);
    return 0;
}

static void pin(void) {
    if (getenv("PIN")) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(0, &set);
        sched_setaffinity(0, sizeof set, &set);
    }
}

static void measure_starts(const struct testhost_options *o, const struct value *params) {
    static double ready[STARTS], loaded[STARTS], cpu[STARTS];
    for (int i = 0; i < STARTS; i++) {
        struct testhost h;
        struct testhost_answer answer;
        uint64_t t0 = clock_mono_us();
        if (!testhost_start(&h, o)) {
            printf("does not start: %s\n", h.failed);
            exit(1);
        }
        ready[i] = (double)(clock_mono_us() - t0);
        testhost_ask(&h, "load", params, &answer);
        testhost_wait(&h, &answer, 10000);
        loaded[i] = (double)(clock_mono_us() - t0);
        if (answer.error.kind != VALUE_NIL) {
            printf("load failed: %s\n", value_cstr(&answer.error, ""));
            exit(1);
        }
        cpu[i] = (double)cpu_us(h.pid);
        testhost_release(&answer);
        testhost_stop(&h, NULL);
    }
    qsort(ready, STARTS, sizeof *ready, compare);
    qsort(loaded, STARTS, sizeof *loaded, compare);
    qsort(cpu, STARTS, sizeof *cpu, compare);
    printf("spawn to ready        p50 %7.0f us  p99 %7.0f us\n", ready[STARTS / 2], ready[STARTS * 99 / 100]);
    printf("spawn to loaded       p50 %7.0f us  p99 %7.0f us  (cpu %.0f us)\n", loaded[STARTS / 2],
           loaded[STARTS * 99 / 100], cpu[STARTS / 2]);
}

static void measure_calls(struct testhost *h, struct arena *a, const char *name, int window) {
    static struct testhost_answer answers[WINDOW];
    struct value params = call_params(a, name);
    int64_t cpu = cpu_us(h->pid);
    uint64_t t0 = clock_mono_us();
    for (int i = 0; i < CALLS + window; i++) {
        struct testhost_answer *answer = &answers[i % window];
        if (i >= window) {
            testhost_wait(h, answer, 10000);
            testhost_release(answer);
        }
        if (i < CALLS) {
            testhost_ask(h, "call", &params, answer);
        }
    }
    double us = (double)(clock_mono_us() - t0);
    printf("call %-10s x%-3d wall %6.2f us  cpu %5.2f us\n", name, window, us / CALLS,
           (double)(cpu_us(h->pid) - cpu) / CALLS);
}

static void measure_file(const struct testhost_options *o, const char *file) {
    struct arena a = ARENA_INIT;
    struct buf source = BUF_INIT;
    struct err err;
    err_init(&err);
    if (path_read(file, &source, 1 << 20, &err) != 0) {
        printf("%s\n", err.message);
        exit(1);
    }
    struct value params = load_params(&a, source.data);
    struct testhost h;
    struct testhost_answer loaded, answer;
    testhost_start(&h, o);
    testhost_ask(&h, "load", &params, &loaded);
    testhost_wait(&h, &loaded, 10000);
    if (loaded.error.kind != VALUE_NIL) {
        printf("load: %s (%s)\n", value_cstr(&loaded.error, "?"), value_cstr(value_get(&loaded.result, "at"), ""));
    }
    const struct value *contributions = value_get(&loaded.result, "contributions");
    for (uint32_t i = 0; i < contributions->len; i++) {
        const char *name = value_cstr(value_get(value_at(contributions, i), "name"), "");
        if (strncmp(name, "time.", 5) != 0) {
            continue;
        }
        struct value call = call_params(&a, name);
        testhost_ask(&h, "call", &call, &answer);
        testhost_wait(&h, &answer, 60000);
        printf("%-28s %9.2f us %s\n", name + 5, value_tofloat(value_get(&answer.result, "value"), -1),
               value_cstr(&answer.error, ""));
        testhost_release(&answer);
    }
    testhost_release(&loaded);
    testhost_stop(&h, NULL);
    buf_release(&source);
    arena_release(&a);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s PROGRAM [FILE.lua]\n", argv[0]);
        return 64;
    }
    struct testhost_options o = {.program = argv[1], .helpers = getenv("HELPERS"), .serve = answer_request};
    o.no_sandbox = getenv("NO_SANDBOX") != NULL;
    if (argc > 2) {
        measure_file(&o, argv[2]);
        return 0;
    }
    struct arena a = ARENA_INIT;
    struct value params = load_params(&a, plugin);
    pin();
    measure_starts(&o, &params);
    struct testhost h;
    struct testhost_answer loaded;
    testhost_start(&h, &o);
    testhost_ask(&h, "load", &params, &loaded);
    testhost_wait(&h, &loaded, 10000);
    measure_calls(&h, &a, "nothing", 1);
    measure_calls(&h, &a, "nothing", WINDOW);
    measure_calls(&h, &a, "asks", 1);
    usleep(400000);
    print_smaps(h.pid);
    printf("sandbox: %s\n", h.sandbox);
    testhost_release(&loaded);
    testhost_stop(&h, NULL);
    arena_release(&a);
    return 0;
}
