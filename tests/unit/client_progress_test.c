/* What of a progress text fits a line, and when it is due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "client/progress.h"

static void fits(const char *text, size_t columns, const char *expected) {
    struct buf out = BUF_INIT;
    progress_fit(&out, text, strlen(text), columns);
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void cut_to_columns(void **state) {
    (void)state;
    fits("12 of 40", 80, "12 of 40");
    fits("12 of 40", 8, "12 of 40");
    fits("12 of 40", 5, "12 of");
    fits("12 of 40", 0, "");
    fits("", 10, "");
}

static void cut_at_characters(void **state) {
    (void)state;
    fits("caf\xc3\xa9s", 4, "caf\xc3\xa9");
    fits("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 5, "\xe6\x97\xa5\xe6\x9c\xac"); /* two columns each */
    fits("e\xcc\x81x", 1, "e\xcc\x81");                                          /* a combining accent takes none */
}

static void one_safe_line(void **state) {
    (void)state;
    struct buf out = BUF_INIT;
    progress_fit(&out, "a\nb\033[2Jc\rd", 10, 80);
    assert_null(strpbrk(out.data, "\n\r\033"));
    buf_release(&out);
}

static void nothing_is_due_at_once(void **state) {
    (void)state;
    struct progress p;
    progress_init(&p, true);
    assert_int_equal(progress_timeout(&p), -1);
    progress_set(&p, "a", 1);
    assert_in_range(progress_timeout(&p), 50, 101);
    p.last_us -= 200 * 1000;
    assert_int_equal(progress_timeout(&p), 0);
    progress_passed(&p, 'x');
    assert_int_equal(progress_timeout(&p), -1);
    progress_passed(&p, '\n');
    assert_int_equal(progress_timeout(&p), 0);
    progress_set(&p, "", 0);
    assert_int_equal(progress_timeout(&p), -1);
    progress_release(&p);
}

static void without_a_terminal_never(void **state) {
    (void)state;
    struct progress p;
    progress_init(&p, false);
    progress_set(&p, "a", 1);
    assert_int_equal(progress_timeout(&p), -1);
    progress_release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_to_columns),
        cmocka_unit_test(cut_at_characters),
        cmocka_unit_test(one_safe_line),
        cmocka_unit_test(nothing_is_due_at_once),
        cmocka_unit_test(without_a_terminal_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
