/* Messages are one safe line whatever they quote; codes, names and statuses agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

static void set_returns_the_negative_code(void **state) {
    (void)state;
    struct err e;
    err_init(&e);
    assert_int_equal(err_set(&e, E_USAGE, "unknown event '%s'", "sosp-2107"), -E_USAGE);
    assert_int_equal(e.code, E_USAGE);
    assert_string_equal(e.message, "unknown event 'sosp-2107'");
    assert_int_equal(err_hint(&e, "did you mean '%s'?", "sosp-2017"), -E_USAGE);
    assert_string_equal(e.hint, "did you mean 'sosp-2017'?");
    err_prefix(&e, "line %d", 3);
    assert_string_equal(e.message, "line 3: unknown event 'sosp-2107'");
    assert_int_equal(err_set(&e, E_BUSY, "again"), -E_BUSY);
    assert_string_equal(e.hint, "");
    err_release(&e);
    assert_int_equal(e.code, E_OK);
}

static void null_is_allowed(void **state) {
    (void)state;
    assert_int_equal(err_set(NULL, E_DATA, "x"), -E_DATA);
    assert_int_equal(err_hint(NULL, "x"), -E_INTERNAL);
    err_prefix(NULL, "x");
}

static void messages_are_one_safe_line(void **state) {
    (void)state;
    struct err e;
    err_init(&e);
    err_set(&e, E_DATA, "bad '%s'", "a\x1b[2J\nb\xff");
    assert_string_equal(e.message, "bad 'a\\x1b[2J b\xef\xbf\xbd'");
    err_set(&e, E_DATA, "again: %s", e.message);
    assert_string_equal(e.message, "again: bad 'a\\x1b[2J b\xef\xbf\xbd'");
    err_release(&e);
}

static void long_messages_are_cut_at_a_character(void **state) {
    (void)state;
    struct err e;
    char text[4 * ERR_MESSAGE_MAX];
    err_init(&e);
    for (size_t lead = 0; lead < 4; lead++) {
        memset(text, 'x', lead);
        for (size_t i = lead; i + 4 < sizeof text; i += 4) {
            memcpy(text + i, "\xf0\x9f\x8e\xa4", 5);
        }
        err_set(&e, E_DATA, "%s", text);
        size_t n = strlen(e.message);
        assert_true(n > ERR_MESSAGE_MAX - 5 && n < ERR_MESSAGE_MAX);
        assert_int_equal(text_utf8_valid(e.message, n), n);
        err_hint(&e, "%s", text);
        assert_true(strlen(e.hint) < ERR_HINT_MAX);
    }
    err_release(&e);
}

static void copies_own_their_trace(void **state) {
    (void)state;
    struct err a;
    struct err b;
    err_init(&a);
    err_init(&b);
    err_set(&a, E_PLUGIN, "boom");
    a.trace = mem_strdup("stack traceback:");
    b.trace = mem_strdup("old");
    err_copy(&b, &a);
    assert_string_equal(b.trace, "stack traceback:");
    assert_ptr_not_equal(a.trace, b.trace);
    err_copy(&b, &b);
    err_set(&a, E_OK, "fine");
    assert_null(a.trace);
    assert_string_equal(b.message, "boom");
    err_release(&a);
    err_release(&b);
}

static void codes_names_and_statuses_agree(void **state) {
    (void)state;
    static const struct {
        enum err_code code;
        int status;
        const char *name;
    } rows[] = {
#define X(code, status, text) {code, status, text},
        LECTERN_ERRORS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(err_status(rows[i].code), rows[i].status);
        assert_string_equal(err_name(rows[i].code), rows[i].name);
        assert_int_equal(err_code_of(rows[i].name, strlen(rows[i].name)), rows[i].code);
    }
    assert_int_equal(err_status(E_DENIED), 77);
    assert_int_equal(err_code_of("E_NOPE", 6), E_INTERNAL);
    assert_int_equal(err_code_of("E_USAGE: x", 7), E_USAGE);
    assert_int_equal(err_code_of("E_USAGE", 6), E_INTERNAL);
    assert_int_equal(err_status((enum err_code)99), 70);
    assert_string_equal(err_name((enum err_code)99), "E_INTERNAL");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_returns_the_negative_code), cmocka_unit_test(null_is_allowed),
        cmocka_unit_test(messages_are_one_safe_line),    cmocka_unit_test(long_messages_are_cut_at_a_character),
        cmocka_unit_test(copies_own_their_trace),        cmocka_unit_test(codes_names_and_statuses_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
