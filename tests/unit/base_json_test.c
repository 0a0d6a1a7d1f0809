/* Valid JSON whatever the value holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

static void writes(const struct value *v, const char *expected) {
    struct buf out = BUF_INIT;
    json_write(&out, v);
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void scalars(void **state) {
    (void)state;
    const struct {
        struct value v;
        const char *text;
    } rows[] = {
        {value_nil, "null"},
        {value_bool(true), "true"},
        {value_bool(false), "false"},
        {value_int(0), "0"},
        {value_int(INT64_MIN), "-9223372036854775808"},
        {value_int(INT64_MAX), "9223372036854775807"},
        {value_float(3), "3.0"},
        {value_float(0.1), "0.1"},
        {value_float(-0.0), "-0.0"},
        {value_float(1.0 / 3), "0.3333333333333333"},
        {value_float(0.1 + 0.2), "0.30000000000000004"},
        {value_float(1e21), "1e+21"},
        {value_float(5e-324), "4.94065645841247e-324"},
        {value_float((double)INFINITY), "null"},
        {value_float((double)NAN), "null"},
        {value_lit(""), "\"\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        writes(&rows[i].v, rows[i].text);
    }
}

static void floats_read_back_the_same(void **state) {
    (void)state;
    struct buf out = BUF_INIT;
    uint64_t bits = 88172645463325252;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        struct value v = value_float(0);
        memcpy(&v.f, &bits, sizeof v.f);
        if (!isfinite(v.f)) {
            continue;
        }
        buf_clear(&out);
        json_write(&out, &v);
        assert_true(strtod(out.data, NULL) == v.f);
    }
    buf_release(&out);
}

static void strings(void **state) {
    (void)state;
    static const struct {
        const char *s;
        size_t n;
        const char *text;
    } rows[] = {
        {"plain", 5, "\"plain\""},
        {"\"\\/", 3, "\"\\\"\\\\/\""},
        {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
        {"\0\x01\x1f", 3, "\"\\u0000\\u0001\\u001f\""},
        {"\x7f", 1, "\"\\u007f\""},
        {"caf\xc3\xa9 \xf0\x9f\x8e\xa4", 10, "\"caf\xc3\xa9 \xf0\x9f\x8e\xa4\""},
        {"\xc2\x9b", 2, "\"\\u009b\""},                    /* C1: a terminal would take it for ESC [ */
        {"\xe2\x80\xae", 3, "\"\\u202e\""},                /* right-to-left override */
        {"\xe2\x80\xa8", 3, "\"\\u2028\""},                /* line separator */
        {"a\xff\xc3", 3, "\"a\xef\xbf\xbd\xef\xbf\xbd\""}, /* not UTF-8 */
        {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xef\xbf\xbd", 3, "\"\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct value v = value_litn(rows[i].s, rows[i].n);
        writes(&v, rows[i].text);
    }
}

static void bytes_are_base64(void **state) {
    (void)state;
    static const char *const rows[] = {"\"\"",         "\"Zg==\"",     "\"Zm8=\"",    "\"Zm9v\"",
                                       "\"Zm9vYg==\"", "\"Zm9vYmE=\"", "\"Zm9vYmFy\""};
    struct arena a = ARENA_INIT;
    for (size_t n = 0; n < 7; n++) {
        struct value v = value_bin(&a, "foobar", n);
        writes(&v, rows[n]);
    }
    struct value high = value_bin(&a, "\xff\xfe\xfb", 3);
    writes(&high, "\"//77\"");
    arena_release(&a);
}

static struct value sample(struct arena *a) {
    struct value m = value_map(a, 0);
    struct value list = value_array(a, 0);
    value_push(a, &list, value_int(1));
    value_push(a, &list, value_map(a, 0));
    value_set(a, &m, "list", list);
    value_set(a, &m, "none", value_array(a, 0));
    value_set(a, &m, "t", value_lit("x"));
    return m;
}

static void containers(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    struct value m = sample(&a);
    writes(&m, "{\"list\":[1,{}],\"none\":[],\"t\":\"x\"}");
    json_write_pretty(&out, &m);
    assert_string_equal(out.data, "{\n  \"list\": [\n    1,\n    {}\n  ],\n  \"none\": [],\n  \"t\": \"x\"\n}\n");
    buf_release(&out);
    arena_release(&a);
}

static void odd_keys_become_text(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct value m = value_map(&a, 5);
    struct value keys[] = {value_int(7), value_bool(true), value_nil, sample(&a), value_bin(&a, "f", 1)};
    for (uint32_t i = 0; i < 5; i++) {
        m.pairs[i] = (struct pair){keys[i], value_int(i)};
    }
    m.len = 5;
    writes(&m, "{\"7\":0,\"true\":1,\"null\":2,\"map\":3,\"Zg==\":4}");
    arena_release(&a);
}

static void any_bytes_give_utf8(void **state) {
    (void)state;
    struct buf out = BUF_INIT;
    uint32_t seed = 1;
    for (int round = 0; round < 3000; round++) {
        char bytes[40];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (char)(seed >> 16);
        }
        buf_clear(&out);
        json_write_str(&out, bytes, sizeof bytes);
        assert_int_equal(text_utf8_valid(out.data, out.len), out.len);
        assert_null(memchr(out.data, '\0', out.len));
        assert_null(memchr(out.data, '\n', out.len));
    }
    buf_release(&out);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static void reads(const char *text, const char *again) {
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    struct err err;
    struct value v;
    err_init(&err);
    if (json_read(&a, text, strlen(text), &v, &err)) {
        fail_msg("'%s': %s", text, err.message);
    }
    json_write(&out, &v);
    assert_string_equal(out.data, again);
    buf_release(&out);
    arena_release(&a);
}

static void what_is_json_is_read(void **state) {
    (void)state;
    reads(" null ", "null");
    reads("[1, -0, 9223372036854775807,-9223372036854775808, 9223372036854775808]",
          "[1,0,9223372036854775807,-9223372036854775808,9.223372036854776e+18]");
    reads("[1.5,1e3,-2E-2,0.0]", "[1.5,1000.0,-0.02,0.0]");
    reads("{\"a\":{},\"b\":[],\"c\":[{}],\"\":true}", "{\"a\":{},\"b\":[],\"c\":[{}],\"\":true}");
    reads("\"\\u0041\\u00e9\\u6f22\\ud83d\\ude00\\n\\/\\\\\\\"\"",
          "\"A\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80\\n/\\\\\\\"\"");
    reads("\t\r\n[ true , false ]\n", "[true,false]");
}

static void refuses(const char *text, size_t n, const char *part) {
    struct arena a = ARENA_INIT;
    struct err err;
    struct value v;
    err_init(&err);
    assert_int_equal(json_read(&a, text, n, &v, &err), -(int)E_DATA);
    if (!strstr(err.message, part)) {
        fail_msg("'%s': '%s' does not say '%s'", text, err.message, part);
    }
    arena_release(&a);
}

static void what_is_not_json_is_refused(void **state) {
    static const char *const rows[][2] = {
        {"", "ends too early"},       {"[", "ends too early"},
        {"[1", "',' or ']'"},         {"[1,]", "no JSON value"},
        {"{\"a\" 1}", "':'"},         {"{a:1}", "a key"},
        {"{\"a\":1,}", "a key"},      {"nul", "no JSON value"},
        {"01", "no number"},          {"-", "no number"},
        {"1.", "no number"},          {"1e", "no number"},
        {"1e999", "too large"},       {"\"a", "without its end"},
        {"\"\n\"", "a control"},      {"\"\\x\"", "no such escape"},
        {"\"\\u12\"", "four hex"},    {"\"\\ud800\"", "surrogate"},
        {"\"\\ude00\"", "surrogate"}, {"\"\xff\"", "not UTF-8"},
        {"1 2", "something follows"}, {"[1}", "',' or ']'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        refuses(rows[i][0], strlen(rows[i][0]), rows[i][1]);
    }
    char deep[200];
    memset(deep, '[', sizeof deep);
    refuses(deep, sizeof deep, "nested too deeply");
    size_t n = 2 * ((size_t)JSON_ITEMS + 10);
    char *many = malloc(n);
    many[0] = '[';
    many[1] = '1';
    many[2] = ',';
    for (size_t i = 3; i < n; i++) {
        many[i] = i % 2 ? '1' : ',';
    }
    refuses(many, n, "too many values");
    free(many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars),
        cmocka_unit_test(floats_read_back_the_same),
        cmocka_unit_test(strings),
        cmocka_unit_test(bytes_are_base64),
        cmocka_unit_test(containers),
        cmocka_unit_test(odd_keys_become_text),
        cmocka_unit_test(any_bytes_give_utf8),
        cmocka_unit_test(what_is_json_is_read),
        cmocka_unit_test(what_is_not_json_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
