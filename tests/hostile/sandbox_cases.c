/* sandbox_cases.c - runs the cases of sandbox_cases.txt, each in a sealed compartment of its own, and prints TAP.
 *
 *     sandbox_cases PROGRAM CASES [NAME]
 *
 * A case has ended as expected when its answer is the one that it names, when the compartment answers another call
 * afterwards, and, with `others`, when it answered others all the time.
 */
#include "../lua/testhost.h"

enum {
    DEADLINE_MS = 300,
    GRACE_MS = 1500, /* then this host kills, as the real one does sooner */
    PING_EVERY_MS = 10,
    PING_MAX_MS = 500, /* slices are 10 ms; the rest is for a loaded machine */
    CASES_MAX = 200,
};

struct test_case {
    const char *name, *expect, *body;
    size_t body_len;
    int memory, deadline, cancel;
    bool others, load;
};

struct outcome {
    char text[600]; /* "ok", "killed", "died ...", or the error string */
    int pings, slowest_ms;
    bool alive;
};

/* ---- reading the cases ----------------------------------------------------------------------------------------- */

static char *next_line(char **at) {
    char *line = *at, *end = strchr(line, '\n');
    *at = end ? end + 1 : line + strlen(line);
    return line;
}

static bool option(const char *line, const char *name, const char **value) {
    size_t n = strlen(name);
    bool is = strncmp(line, "-- ", 3) == 0 && strncmp(line + 3, name, n) == 0 && line[3 + n] == ':';
    *value = is ? line + 3 + n + 2 : NULL;
    return is;
}

static void read_option(struct test_case *c, const char *line) {
    const char *v;
    if (option(line, "expect", &v)) {
        c->expect = mem_strndup(v, strcspn(v, "\n"));
    } else if (option(line, "others", &v)) {
        c->others = strncmp(v, "yes", 3) == 0;
    } else if (option(line, "load", &v)) {
        c->load = strncmp(v, "yes", 3) == 0;
    } else if (option(line, "memory", &v)) {
        c->memory = atoi(v);
    } else if (option(line, "deadline", &v)) {
        c->deadline = atoi(v);
    } else if (option(line, "cancel", &v)) {
        c->cancel = atoi(v);
    }
}

static size_t read_cases(char *text, struct test_case *cases) {
    size_t n = 0;
    for (char *at = text; *at && n <= CASES_MAX;) {
        char *line = next_line(&at);
        if (strncmp(line, "--- ", 4) == 0 && n < CASES_MAX) {
            cases[n] =
                (struct test_case){.name = mem_strndup(line + 4, strcspn(line + 4, "\n")), .deadline = DEADLINE_MS};
            while (strncmp(at, "-- ", 3) == 0) {
                read_option(&cases[n], next_line(&at));
            }
            cases[n++].body = at;
        }
        if (n > 0) {
            cases[n - 1].body_len = (size_t)(at - cases[n - 1].body);
        }
        if (n > 0 && strncmp(at, "--- ", 4) == 0) {
            continue;
        }
    }
    return n;
}

/* ---- running one ----------------------------------------------------------------------------------------------- */

static int serve(void *ctx, struct testhost *h, struct arena *a, int64_t id, const char *method,
                 const struct value *params, struct value *result, struct err *err) {
    (void)ctx, (void)h, (void)a, (void)id, (void)params, (void)result;
    bool known = strncmp(method, "state.", 6) == 0 || strcmp(method, "job.emit") == 0;
    return known ? 0 : err_set(err, E_DENIED, "'%s' is not granted", method);
}

static struct value load_params(struct arena *a, const struct test_case *c) {
    static const char before[] =
        "local lectern = require 'lectern' "
        "lectern.command 'ping' { doc = 'x', returns = 'any', run = function() return 'pong' end } "
        "lectern.command 'attack' { doc = 'x', returns = 'any', run = function(args, job)\n";
    struct buf text = BUF_INIT;
    buf_adds(&text, c->load ? "require 'lectern.markdown' require 'lectern.yaml' "
                            : "require 'lectern.markdown' require 'lectern.yaml' ");
    buf_adds(&text, c->load ? "" : before);
    buf_add(&text, c->body, c->body_len);
    buf_adds(&text, c->load ? "" : "\nend }\n");
    struct value params = value_map(a, 8), files = value_map(a, 1), limits = value_map(a, 2);
    value_set(a, &files, "test", value_strn(a, text.data, text.len));
    value_set(a, &params, "plugin", value_lit("test"));
    value_set(a, &params, "main", value_lit("test"));
    value_set(a, &params, "files", files);
    value_set(a, &limits, "deadline_ms", value_int(c->deadline));
    value_set(a, &params, "limits", limits);
    buf_release(&text);
    return params;
}

static struct value call_params(struct arena *a, const char *name, int deadline) {
    struct value params = value_map(a, 4), job = value_map(a, 1);
    value_set(a, &params, "kind", value_lit("command"));
    value_set(a, &params, "name", value_str(a, name));
    value_set(a, &job, "deadline_ms", value_int(deadline));
    value_set(a, &params, "job", job);
    return params;
}

/* One question to the command ping; false when it is not answered in time. */
static bool ping(struct testhost *h, struct arena *a, struct outcome *o) {
    struct testhost_answer answer;
    struct value params = call_params(a, "ping", 0);
    uint64_t start = clock_mono_us();
    testhost_ask(h, "call", &params, &answer);
    bool done = testhost_wait(h, &answer, PING_MAX_MS * 4) && answer.error.kind == VALUE_NIL;
    int ms = (int)((clock_mono_us() - start) / 1000);
    o->slowest_ms = ms > o->slowest_ms ? ms : o->slowest_ms;
    o->pings += done;
    testhost_release(&answer);
    return done;
}

static void send_cancel(struct testhost *h, struct arena *a, int64_t id) {
    struct value params = value_array(a, 3);
    value_push(a, &params, value_int(id));
    value_push(a, &params, value_lit("cancelled"));
    value_push(a, &params, value_lit("E_CANCELLED: asked to"));
    testhost_notify(h, "cancel", &params);
}

/* Wait for the attack to end, asking others' questions meanwhile. */
static void watch(struct testhost *h, struct arena *a, const struct test_case *c, struct testhost_answer *attack,
                  struct outcome *o) {
    uint64_t start = clock_mono_us();
    bool cancelled = false;
    for (;;) {
        int ms = (int)((clock_mono_us() - start) / 1000);
        if (testhost_wait(h, attack, PING_EVERY_MS) || h->gone || ms > c->deadline + GRACE_MS) {
            return;
        }
        if (c->cancel && ms >= c->cancel && !cancelled) {
            cancelled = true;
            send_cancel(h, a, attack->id);
        }
        if (c->others && !c->load) {
            ping(h, a, o);
        }
    }
}

static void judge(struct testhost *h, const struct testhost_answer *attack, struct outcome *o) {
    if (attack->done && attack->error.kind == VALUE_NIL) {
        snprintf(o->text, sizeof o->text, "ok");
    } else if (attack->done) {
        snprintf(o->text, sizeof o->text, "%s", value_cstr(&attack->error, "?"));
    } else if (h->gone) {
        snprintf(o->text, sizeof o->text, "died");
    } else {
        snprintf(o->text, sizeof o->text, "killed");
    }
}

static void run_case(const struct testhost_options *options, const struct test_case *c, struct outcome *o) {
    struct arena a = ARENA_INIT;
    struct testhost_options mine = *options;
    mine.memory_mib = (unsigned)c->memory;
    struct testhost h;
    struct testhost_answer loaded = {0}, attack = {0};
    if (!testhost_start(&h, &mine)) {
        snprintf(o->text, sizeof o->text, "did not start: %s", h.failed);
        testhost_kill(&h);
        return;
    }
    struct value params = load_params(&a, c);
    testhost_ask(&h, "load", &params, &loaded);
    struct testhost_answer *last = &loaded;
    if (c->load) {
        watch(&h, &a, c, &loaded, o);
    } else if (testhost_wait(&h, &loaded, 5000) && loaded.error.kind == VALUE_NIL) {
        struct value call = call_params(&a, "attack", c->deadline);
        testhost_ask(&h, "call", &call, &attack);
        last = &attack;
        watch(&h, &a, c, &attack, o);
    }
    judge(&h, last, o);
    if (strcmp(o->text, "killed") == 0) {
        testhost_kill(&h);
    } else {
        struct outcome after = {0};
        o->alive = (c->load && loaded.error.kind != VALUE_NIL) || ping(&h, &a, &after);
        testhost_stop(&h, NULL);
    }
    testhost_release(&loaded);
    testhost_release(&attack);
    arena_release(&a);
}

/* ---- judging --------------------------------------------------------------------------------------------------- */

static bool as_expected(const struct test_case *c, const struct outcome *o) {
    size_t code = strcspn(c->expect, " ");
    const char *part = c->expect[code] ? c->expect + code + 1 : "";
    if (strncmp(o->text, c->expect, code) != 0 || !strstr(o->text, part)) {
        return false;
    }
    if (strcmp(o->text, "killed") == 0) {
        return true;
    }
    return o->alive && (!c->others || c->load || o->slowest_ms <= PING_MAX_MS);
}

static void report(int number, const struct test_case *c, const struct outcome *o, bool ok) {
    printf("%sok %d - hostile: %s\n", ok ? "" : "not ", number, c->name);
    if (!ok) {
        printf("# expected: %s\n# got: %s\n# pings %d, slowest %d ms, %s afterwards\n", c->expect, o->text, o->pings,
               o->slowest_ms, o->alive ? "alive" : "not answering");
    }
    fflush(stdout);
}

/* The kernel's own word on the process. */
static bool sealed(pid_t pid) {
    char path[64], line[128];
    int found = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        found += strcmp(line, "Seccomp:\t2\n") == 0 || strcmp(line, "NoNewPrivs:\t1\n") == 0 ||
                 strcmp(line, "Threads:\t1\n") == 0;
    }
    if (f) {
        fclose(f);
    }
    return found == 3;
}

static bool check_seal(const struct testhost_options *options) {
    struct testhost h;
    bool ok = testhost_start(&h, options) && sealed(h.pid) && strcmp(h.sandbox, "none") != 0;
    if (!ok) {
        printf("# sandbox: %s %s\n", h.sandbox, h.failed);
    }
    testhost_stop(&h, NULL);
    return ok;
}

int main(int argc, char **argv) {
    static struct test_case cases[CASES_MAX + 1];
    struct buf text = BUF_INIT;
    struct err err;
    err_init(&err);
    if (argc < 3 || path_read(argv[2], &text, 1 << 20, &err) != 0) {
        fprintf(stderr, "usage: %s PROGRAM CASES [NAME]\n%s\n", argv[0], err.message);
        return 64;
    }
    struct testhost_options options = {.program = argv[1], .helpers = "markdown,yaml", .serve = serve};
    size_t n = read_cases(text.data, cases);
    int number = 0, failed = 0;
    bool ok = check_seal(&options);
    failed += !ok;
    printf("%sok %d - hostile: the kernel says that the process is sealed\n", ok ? "" : "not ", ++number);
    for (size_t i = 0; i < n; i++) {
        if (argc > 3 && !strstr(cases[i].name, argv[3])) {
            continue;
        }
        struct outcome o = {0};
        run_case(&options, &cases[i], &o);
        ok = as_expected(&cases[i], &o);
        failed += !ok;
        report(++number, &cases[i], &o, ok);
    }
    printf("1..%d\n", number);
    buf_release(&text);
    return failed ? 1 : 0;
}
