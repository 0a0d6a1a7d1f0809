/* driver.c - runs Lua tests inside a real, sealed compartment and prints TAP.
 *
 *     driver PROGRAM FILE...
 *
 * PROGRAM is lectern-compartment. Each FILE is a plugin's main file: it registers a command `run` (testing.lua does) that answers [{name, ok, message}]. The plugin's questions to the host are
 * answered by a fake that remembers what it was told; tests ask it through lectern.call with names that begin with
 * "test.".
 */
#include "testhost.h"

enum { SECONDS = 120, ITEMS_PAGE = 256, KEPT_MAX = 4096 };

/* What the fake knows. */
struct fake {
    struct arena arena; /* as long as one test file */
    struct value state; /* of state.get and state.set */
    struct value told;  /* [{method, params}] since test.clear */
    const char *source; /* of source.read */
    size_t source_len;
    unsigned stdin_pieces;
    struct testhost_answer nested[8]; /* calls that tests made into their own compartment */
    int64_t nested_for[8];            /* the request that waits for each */
};

static const struct value *param(const struct value *params, const char *name) {
    return value_get(value_at(params, 1), name);
}

static void tell(struct fake *f, const char *method, const struct value *params) {
    struct value entry = value_map(&f->arena, 2);
    value_set(&f->arena, &entry, "method", value_str(&f->arena, method));
    value_set(&f->arena, &entry, "params", value_copy(&f->arena, params));
    if (f->told.len < KEPT_MAX) {
        value_push(&f->arena, &f->told, entry);
    }
}

/* notes.find: `query` is how many objects there are. */
static struct value find_page(struct arena *a, const struct value *params) {
    int64_t total = strtoll(value_cstr(param(params, "query"), "3"), NULL, 10);
    int64_t from = strtoll(value_cstr(param(params, "after"), "0"), NULL, 10);
    int64_t limit = value_toint(param(params, "limit"), total);
    struct value items = value_array(a, ITEMS_PAGE), page = value_map(a, 2);
    int64_t i = from;
    for (; i < total && i - from < ITEMS_PAGE && i - from < limit; i++) {
        struct value item = value_map(a, 4);
        value_set(a, &item, "id", value_strf(a, "id-%05d", (int)i + 1));
        value_set(a, &item, "type", value_str(a, value_cstr(param(params, "type"), "note")));
        value_set(a, &item, "rev", value_int(i));
        value_push(a, &items, item);
    }
    value_set(a, &page, "items", items);
    if (i < total) {
        value_set(a, &page, "after", value_strf(a, "%d", (int)i));
    }
    return page;
}

/* Calls of tests, by name after "test.". Returns as a testhost_serve. */
static int serve_test(struct fake *f, struct testhost *h, struct arena *a, int64_t id, const char *name,
                      const struct value *args, struct value *result, struct err *err) {
    if (strcmp(name, "told") == 0) {
        *result = f->told;
    } else if (strcmp(name, "clear") == 0) {
        f->told = value_array(&f->arena, 0);
        f->stdin_pieces = 0;
    } else if (strcmp(name, "echo") == 0) {
        *result = *args;
    } else if (strcmp(name, "source") == 0) {
        struct value kept = value_copy(&f->arena, value_get(args, "text"));
        f->source = value_cstr(&kept, "");
        f->source_len = kept.len;
    } else if (strcmp(name, "call") == 0) {
        for (unsigned i = 0; i < 8; i++) {
            if (!f->nested_for[i]) {
                f->nested_for[i] = id;
                testhost_ask(h, "call", args, &f->nested[i]);
                return 1;
            }
        }
        return err_set(err, E_BUSY, "too many nested calls");
    } else if (strcmp(name, "fail") == 0) {
        return err_set(err, err_code_of(value_cstr(value_get(args, "code"), "E_DATA"), 6), "%s",
                       value_cstr(value_get(args, "message"), "failed"));
    } else {
        return err_set(err, E_NOTFOUND, "no test call '%s'", name);
    }
    (void)a;
    return 0;
}

static int serve_call(struct fake *f, struct testhost *h, struct arena *a, int64_t id, const struct value *params,
                      struct value *result, struct err *err) {
    const char *name = value_cstr(param(params, "name"), "");
    if (strncmp(name, "test.", 5) == 0) {
        return serve_test(f, h, a, id, name + 5, param(params, "args"), result, err);
    }
    return err_set(err, E_USAGE, "unknown command '%s'", name);
}

static int serve_notes(struct arena *a, const char *verb, const struct value *params, struct value *result,
                       struct err *err) {
    *result = value_map(a, 2);
    if (strcmp(verb, "find") == 0) {
        *result = find_page(a, params);
    } else if (strcmp(verb, "get") == 0) {
        const char *id = value_cstr(param(params, "id"), "");
        if (strcmp(id, "missing") == 0) {
            *result = value_nil;
        } else {
            value_set(a, result, "id", value_str(a, id));
        }
    } else if (strcmp(verb, "put") == 0) {
        value_set(a, result, "id", value_str(a, value_cstr(param(params, "id"), "new-id")));
    } else if (strcmp(verb, "event") == 0) {
        return err_set(err, E_NOTFOUND, "unknown event '%s'", value_cstr(param(params, "text"), ""));
    } else if (strcmp(verb, "target") == 0) {
        value_set(a, result, "items", value_array(a, 1));
    } else if (strcmp(verb, "search") == 0) {
        *result = value_array(a, 1);
    } else if (strcmp(verb, "sql") == 0) {
        value_set(a, result, "rows", value_array(a, 1));
        value_set(a, result, "columns", value_array(a, 1));
    } else {
        *result = value_nil;
    }
    return 0;
}

static int serve_stdin(struct fake *f, struct arena *a, struct value *result) {
    if (f->stdin_pieces < 3) {
        *result = value_strf(a, "piece %u\n", ++f->stdin_pieces);
    }
    return 0;
}

static int serve_source(struct fake *f, struct arena *a, const struct value *params, struct value *result) {
    size_t offset = (size_t)value_toint(param(params, "offset"), 0);
    size_t bytes = (size_t)value_toint(param(params, "bytes"), 0);
    offset = offset > f->source_len ? f->source_len : offset;
    bytes = bytes > f->source_len - offset ? f->source_len - offset : bytes;
    *result = value_strn(a, f->source + offset, bytes);
    return 0;
}

static int serve(void *ctx, struct testhost *h, struct arena *a, int64_t id, const char *method,
                 const struct value *params, struct value *result, struct err *err) {
    struct fake *f = ctx;
    if (strcmp(method, "call") == 0) {
        return serve_call(f, h, a, id, params, result, err);
    }
    tell(f, method, value_at(params, 1));
    if (strncmp(method, "notes.", 6) == 0) {
        return serve_notes(a, method + 6, params, result, err);
    }
    if (strcmp(method, "state.get") == 0) {
        *result = *value_get(&f->state, value_cstr(param(params, "key"), ""));
    } else if (strcmp(method, "state.set") == 0) {
        value_set(&f->arena, &f->state, arena_strdup(&f->arena, value_cstr(param(params, "key"), "")),
                  value_copy(&f->arena, param(params, "value")));
    } else if (strcmp(method, "job.ask") == 0) {
        *result = *param(params, "default");
    } else if (strcmp(method, "job.edit") == 0) {
        *result = value_strf(a, "%s (edited)", value_cstr(param(params, "text"), ""));
    } else if (strcmp(method, "job.stdin") == 0) {
        return serve_stdin(f, a, result);
    } else if (strcmp(method, "source.read") == 0) {
        return serve_source(f, a, params, result);
    } else if (strncmp(method, "host.", 5) == 0) {
        return err_set(err, E_DENIED, "'%s' is not granted", method);
    }
    return 0;
}

static void notice(void *ctx, const char *method, const struct value *params) {
    tell(ctx, method, params);
    if (getenv("VERBOSE") && strcmp(method, "log") == 0) {
        fprintf(stderr, "# %s: %s\n", value_cstr(value_at(params, 1), ""), value_cstr(value_at(params, 2), ""));
    }
}

/* Hand on what nested calls gave: {value} or {error, report}. */
static void finish_nested(struct fake *f, struct testhost *h) {
    for (unsigned i = 0; i < 8; i++) {
        struct testhost_answer *answer = &f->nested[i];
        if (!f->nested_for[i] || !answer->done) {
            continue;
        }
        struct value result = value_map(&answer->arena, 2);
        if (answer->error.kind == VALUE_NIL) {
            value_set(&answer->arena, &result, "value", answer->result);
        } else {
            value_set(&answer->arena, &result, "error", answer->error);
            value_set(&answer->arena, &result, "report", answer->result);
        }
        testhost_reply(h, f->nested_for[i], &result, NULL);
        testhost_release(answer);
        f->nested_for[i] = 0;
    }
}

static bool wait_for(struct fake *f, struct testhost *h, struct testhost_answer *answer) {
    for (int turn = 0; turn < SECONDS * 100 && !h->gone && !answer->done; turn++) {
        testhost_wait(h, answer, 10);
        finish_nested(f, h);
    }
    return answer->done;
}

static struct value load_params(struct arena *a, const char *file) {
    struct buf path = BUF_INIT;
    struct value params = value_map(a, 8), chunks = value_map(a, 2), options = value_map(a, 1);
    value_set(a, &params, "plugin", value_lit("test"));
    const char *base = path_base(file);
    size_t stem;
    path_extension(base, &stem);
    const char *module = arena_dup(a, base, stem);
    buf_add(&path, file, (size_t)(base - file));
    buf_addc(&path, '.');
    value_set(a, &params, "files", testhost_sources(a, path.data));
    value_set(a, &params, "main", value_str(a, module));
    value_set(a, &chunks, module, value_str(a, file));
    value_set(a, &params, "chunks", chunks);
    value_set(a, &options, "seed", value_int(42));
    value_set(a, &params, "options", options);
    buf_release(&path);
    return params;
}

static void print_failure(const char *what, const struct testhost_answer *answer) {
    printf("# %s: %s\n# at %s\n%s", what, value_cstr(&answer->error, "no answer"),
           value_cstr(value_get(&answer->result, "at"), "?"), value_cstr(value_get(&answer->result, "trace"), ""));
}

static bool ask(struct fake *f, struct testhost *h, const char *method, const struct value *params,
                struct testhost_answer *answer) {
    testhost_ask(h, method, params, answer);
    bool ok = wait_for(f, h, answer) && answer->error.kind == VALUE_NIL;
    if (!ok) {
        print_failure(method, answer);
    }
    return ok;
}

/* Prints one line a test; returns how many, and counts failures. */
static int print_results(const char *file, const struct value *results, int number, int *failed) {
    for (uint32_t i = 0; i < results->len; i++) {
        const struct value *r = value_at(results, i);
        bool ok = value_tobool(value_get(r, "ok"), false);
        printf("%sok %d - %s: %s\n", ok ? "" : "not ", ++number, path_base(file),
               value_cstr(value_get(r, "name"), "?"));
        if (!ok) {
            ++*failed;
            printf("# %s\n", value_cstr(value_get(r, "message"), ""));
        }
    }
    return number;
}

static int run_file(const char *program, const char *file, int number, int *failed) {
    struct fake f = {.arena = ARENA_INIT};
    f.state = value_map(&f.arena, 4);
    f.told = value_array(&f.arena, 16);
    struct testhost_options options = {
        .program = program, .helpers = getenv("HELPERS"), .serve = serve, .notice = notice, .ctx = &f};
    struct testhost h;
    struct testhost_answer loaded = {0}, ran = {0};
    bool ok = testhost_start(&h, &options);
    if (!ok) {
        printf("# the compartment did not start: %s\n", h.failed);
    }
    struct value params = load_params(&f.arena, file), call = value_map(&f.arena, 3);
    value_set(&f.arena, &call, "kind", value_lit("command"));
    value_set(&f.arena, &call, "name", value_lit("run"));
    ok = ok && ask(&f, &h, "load", &params, &loaded) && ask(&f, &h, "call", &call, &ran);
    int before = number;
    if (ok) {
        number = print_results(file, value_get(&ran.result, "value"), number, failed);
    }
    int status = testhost_stop(&h, NULL);
    if (!ok || number == before || status != 0) {
        printf("not ok %d - %s: runs to its end (status %d)\n", ++number, path_base(file), status);
        ++*failed;
    }
    testhost_release(&loaded);
    testhost_release(&ran);
    arena_release(&f.arena);
    return number;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: %s PROGRAM FILE...\n", argv[0]);
        return 64;
    }
    int number = 0, failed = 0;
    for (int i = 2; i < argc; i++) {
        number = run_file(argv[1], argv[i], number, &failed);
        fflush(stdout);
    }
    printf("1..%d\n", number);
    return failed ? 1 : 0;
}
