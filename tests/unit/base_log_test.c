/* The form of a line, the threshold, and text that tries to write lines of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static int ends[2];

static int open_pipe(void **state) {
    (void)state;
    clock_freeze(1772357400123);
    log_threshold(LOG_WARN);
    return pipe(ends);
}

static int close_pipe(void **state) {
    (void)state;
    log_to(-1);
    clock_freeze(-1);
    close(ends[0]);
    return close(ends[1]);
}

/* What was written so far. */
static const char *written(void) {
    static char text[4096];
    write(ends[1], "|", 1) == 1 ? (void)0 : abort();
    ssize_t n = read(ends[0], text, sizeof text - 1);
    assert_true(n > 0);
    text[n - 1] = '\0';
    return text;
}

static void lines(void **state) {
    (void)state;
    log_to(ends[1]);
    log_write(LOG_WARN, "host", "plugin '%s' is %s", "captions", "slow");
    log_write(LOG_INFO, "host", "not at this level");
    log_write(LOG_ERROR, "store", "disk full");
    assert_string_equal(written(), "2026-03-01T09:30:00Z warn host: plugin 'captions' is slow\n"
                                   "2026-03-01T09:30:00Z error store: disk full\n");
}

static void text_cannot_forge_lines(void **state) {
    (void)state;
    log_to(ends[1]);
    log_write(LOG_ERROR, "plug\nin", "%s", "a\n2026 error host: forged\x1b[2J\r");
    assert_string_equal(written(), "2026-03-01T09:30:00Z error plug in: a 2026 error host: forged\\x1b[2J\\x0d\n");
}

static void threshold(void **state) {
    (void)state;
    log_to(ends[1]);
    log_threshold(LOG_DEBUG);
    log_write(LOG_DEBUG, "x", "seen");
    log_threshold(LOG_ERROR);
    log_write(LOG_WARN, "x", "unseen");
    log_to(-1);
    log_write(LOG_ERROR, "x", "dropped");
    assert_string_equal(written(), "2026-03-01T09:30:00Z debug x: seen\n");
}

static void levels_have_names(void **state) {
    (void)state;
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++) {
        enum log_level level;
        assert_int_equal(log_level_of(log_level_name((enum log_level)i), &level), 0);
        assert_int_equal(level, i);
    }
    enum log_level level = LOG_INFO;
    assert_int_equal(log_level_of("loud", &level), -1);
    assert_int_equal(level, LOG_INFO);
}

static void a_gone_reader_is_no_trouble(void **state) {
    (void)state;
    log_to(9999);
    log_write(LOG_ERROR, "x", "nobody hears this");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(text_cannot_forge_lines, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(threshold, open_pipe, close_pipe),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test_setup_teardown(a_gone_reader_is_no_trouble, open_pipe, close_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
