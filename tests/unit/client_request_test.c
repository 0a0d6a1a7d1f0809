/* What hello and run look like on the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/msgpack.h"
#include "base/version.h"
#include "client/request.h"

static void tells_what_the_host_needs(void **state) {
    (void)state;
    const struct {
        const char *entry;
        bool told;
    } cases[] = {
        {"TZ=", true},     {"LANG=C", true},         {"LC_ALL=C=D", true},      {"HOME=/", true},
        {"XDG_X=1", true}, {"LECTERN_STORE", false}, {"LECTERN_STORE=a", true}, {"LECTERN=a", false},
        {"TZX=1", false},  {"T=1", false},           {"AWS_SECRET=1", false},   {"=x", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = 0;
        if (request_tells(cases[i].entry, &n) != cases[i].told) {
            fail_msg("'%s'", cases[i].entry);
        }
        if (cases[i].told) {
            assert_int_equal(cases[i].entry[n], '=');
        }
    }
}

static void huge_variables_stay_here(void **state) {
    (void)state;
    size_t n;
    char *entry = malloc(100 * 1000);
    assert_non_null(entry);
    memset(entry, 'x', 100 * 1000);
    memcpy(entry, "PATH=", 5);
    entry[100 * 1000 - 1] = '\0';
    assert_false(request_tells(entry, &n));
    free(entry);
}

/* The next message of S as (method, first parameter). */
static const struct value *next(struct msgpack_stream *s, struct arena *a, int64_t id, const char *method) {
    struct value *v = arena_alloc(a, sizeof *v);
    struct rpc r;
    assert_int_equal(msgpack_stream_next(s, a, v, NULL), 1);
    assert_int_equal(rpc_parse(v, &r, NULL), 0);
    assert_int_equal(r.type, RPC_REQUEST);
    assert_int_equal(r.id, id);
    assert_string_equal(r.method, method);
    assert_int_equal(r.params->len, 1);
    return value_at(r.params, 0);
}

static void hello_and_run_decode(void **state) {
    (void)state;
    char *argv[] = {(char *)"list", (char *)"", (char *)"\xff"};
    const struct terminal t = {.tty = {true, false, true}, .fd = -1};
    const struct request request = {3, argv, "/somewhere", &t, true};
    struct buf out = BUF_INIT;
    setenv("COLUMNS", "99", 1);
    setenv("LECTERN_X", "a=b", 1);
    umask(027);
    request_hello(&out);
    request_run(&out, &request);
    struct msgpack_stream s;
    struct arena a = ARENA_INIT;
    msgpack_stream_init(&s, &msgpack_limits_default);
    msgpack_stream_feed(&s, out.data, out.len);
    const struct value *hello = next(&s, &a, REQUEST_HELLO, "lectern.hello");
    assert_int_equal(value_toint(value_get(hello, "protocol"), 0), LECTERN_PROTOCOL);
    assert_true(value_eqs(value_get(hello, "role"), "cli"));
    assert_true(value_eqs(value_get(hello, "version"), LECTERN_VERSION));
    const struct value *run = next(&s, &a, REQUEST_RUN, "run");
    assert_int_equal(value_get(run, "argv")->len, 3);
    assert_true(value_eqs(value_at(value_get(run, "argv"), 1), ""));
    assert_true(value_eqs(value_at(value_get(run, "argv"), 2), "\xff"));
    assert_true(value_eqs(value_get(run, "cwd"), "/somewhere"));
    assert_int_equal(value_toint(value_get(run, "umask"), -1), 027);
    assert_int_equal(value_toint(value_get(run, "width"), -1), 99);
    assert_true(value_tobool(value_at(value_get(run, "tty"), 0), false));
    assert_false(value_tobool(value_at(value_get(run, "tty"), 1), true));
    assert_true(value_tobool(value_get(run, "private"), false));
    assert_true(value_eqs(value_get(value_get(run, "env"), "LECTERN_X"), "a=b"));
    struct value more;
    assert_int_equal(msgpack_stream_next(&s, &a, &more, NULL), 0);
    msgpack_stream_release(&s);
    arena_release(&a);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_the_host_needs),
        cmocka_unit_test(huge_variables_stay_here),
        cmocka_unit_test(hello_and_run_decode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
