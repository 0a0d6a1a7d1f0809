/* Instants, conference times and durations, as written and as refused; the frozen clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

/* LECTERN_NOW is read once, with the first question for the time: this test comes first. */
static void the_environment_freezes_the_clock(void **state) {
    (void)state;
    setenv("LECTERN_NOW", "2026-03-01T09:30:00Z", 1);
    assert_true(clock_now_ms() == 1772357400000);
    setenv("LECTERN_NOW", "2027-03-01T09:30:00Z", 1);
    assert_true(clock_now_ms() == 1772357400000);
    unsetenv("LECTERN_NOW");
    clock_freeze(-1);
    assert_true(clock_now_ms() / 1000 - (int64_t)time(NULL) <= 0);
    assert_true((int64_t)time(NULL) - clock_now_ms() / 1000 < 5);
    clock_freeze(42);
    assert_true(clock_now_ms() == 42);
    clock_freeze(-1);
    uint64_t before = clock_mono_us();
    assert_true(clock_mono_us() >= before);
}

static void instants(void **state) {
    (void)state;
    static const struct {
        const char *in;
        int64_t ms;
        const char *out; /* NULL: as it went in */
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0, NULL},
        {"2026-03-01T09:30:00Z", 1772357400000, NULL},
        {"2000-02-29T23:59:59.999Z", 951868799999, NULL},
        {"1969-12-31T23:59:59.500Z", -500, NULL},
        {"0000-01-01T00:00:00Z", -62167219200000, NULL},
        {"9999-12-31T23:59:59.999Z", 253402300799999, NULL},
        {"2026-03-01T09:30:00+01:00", 1772353800000, "2026-03-01T08:30:00Z"},
        {"2026-03-01T00:30:00-05:30", 1772344800000, "2026-03-01T06:00:00Z"},
        {"2026-03-01t09:30:00z", 1772357400000, "2026-03-01T09:30:00Z"},
        {"2026-03-01 09:30:00Z", 1772357400000, "2026-03-01T09:30:00Z"},
        {"2026-03-01T09:30:00.1234567Z", 1772357400123, "2026-03-01T09:30:00.123Z"},
        {"2026-03-01T09:30:00.5Z", 1772357400500, "2026-03-01T09:30:00.500Z"},
        {"2016-12-31T23:59:60Z", 1483228800000, "2017-01-01T00:00:00Z"}, /* a leap second */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[CLOCK_TEXT];
        int64_t ms;
        assert_true(clock_parse_rfc3339(rows[i].in, strlen(rows[i].in), &ms));
        assert_true(ms == rows[i].ms);
        clock_rfc3339(ms, text);
        assert_string_equal(text, rows[i].out ? rows[i].out : rows[i].in);
    }
}

static void bad_instants(void **state) {
    (void)state;
    static const char *const rows[] = {
        "",
        "2026-03-01",
        "2026-03-01T09:30:00",
        "2026-03-01T09:30Z",
        "2026-02-29T09:30:00Z",
        "1900-02-29T09:30:00Z",
        "2026-13-01T09:30:00Z",
        "2026-00-01T09:30:00Z",
        "2026-03-32T09:30:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T09:60:00Z",
        "2026-03-01T09:30:61Z",
        "2026-03-01T09:30:00.Z",
        "2026-03-01T09:30:00Zx",
        "2026-03-01T09:30:00+0100",
        "2026-03-01T09:30:00+24:00",
        "26-03-01T09:30:00Z",
        " 2026-03-01T09:30:00Z",
        "2026-3-1T09:30:00Z",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms;
        assert_false(clock_parse_rfc3339(rows[i], strlen(rows[i]), &ms));
    }
}

/* Our calendar agrees with the C library's on every day of eight centuries. */
static void every_day_agrees(void **state) {
    (void)state;
    for (int64_t day = -146097; day < 146097; day++) {
        time_t seconds = (time_t)(day * 86400 + 43200);
        struct tm tm;
        char expected[CLOCK_TEXT];
        char text[CLOCK_TEXT];
        int64_t ms;
        gmtime_r(&seconds, &tm);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &tm);
        clock_rfc3339((int64_t)seconds * 1000, text);
        assert_string_equal(text, expected);
        assert_true(clock_parse_rfc3339(text, strlen(text), &ms));
        assert_true(ms == (int64_t)seconds * 1000);
    }
}

static void out_of_range_is_clamped(void **state) {
    (void)state;
    char text[CLOCK_TEXT];
    clock_rfc3339(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    clock_rfc3339(INT64_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00Z");
}

static void conference_times(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"2017", "2017"},
        {"2017-10", "2017-10"},
        {"2017-10-28", "2017-10-28"},
        {"2017-10-28T09:00", "2017-10-28T09:00"},
        {"2017-10-28 09:00", "2017-10-28T09:00"},
        {"2017-10-28T09:00:59", "2017-10-28T09:00"},
        {"2017-10-28T09:00Z", "2017-10-28T09:00Z"},
        {"2017-10-28T09:00:00+02:00", "2017-10-28T09:00+02:00"},
        {"2017-10-28 09:00 +0200", "2017-10-28T09:00+02:00"},
        {"2017-10-28 09:00 -03:30", "2017-10-28T09:00-03:30"},
        {"2017-10-28T09:00+00:00", "2017-10-28T09:00Z"},
        {"2016-02-29", "2016-02-29"},
        {"", NULL},
        {"17", NULL},
        {"20171028", NULL},
        {"2017-", NULL},
        {"2017-13", NULL},
        {"2017-00", NULL},
        {"2017-1", NULL},
        {"2017-10-", NULL},
        {"2017-02-29", NULL},
        {"2017-04-31", NULL},
        {"2017-10-28T", NULL},
        {"2017-10-28T9:00", NULL},
        {"2017-10-28T25:00", NULL},
        {"2017-10-28T09:00 ", NULL},
        {"2017-10-28T09:00 CEST", NULL},
        {"2017-10-28T09:00+2", NULL},
        {"2017-10T09:00", NULL},
        {"2017Z", NULL},
        {"0000", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[CLOCK_TEXT];
        bool ok = clock_parse_civil(rows[i][0], strlen(rows[i][0]), out);
        assert_int_equal(ok, rows[i][1] != NULL);
        if (ok) {
            assert_string_equal(out, rows[i][1]);
        }
    }
}

static void durations(void **state) {
    (void)state;
    static const struct {
        const char *s;
        int64_t ms; /* -1: refused */
    } rows[] = {
        {"90s", 90000},
        {"5m", 300000},
        {"2h", 7200000},
        {"1d", 86400000},
        {"1w", 604800000},
        {"250ms", 250},
        {"10", 10000},
        {"0", 0},
        {"007s", 7000},
        {"", -1},
        {"s", -1},
        {"-5s", -1},
        {"5 s", -1},
        {"5x", -1},
        {"5min", -1},
        {"1.5h", -1},
        {"1h30m", -1},
        {"+5", -1},
        {"9223372036854775807ms", INT64_MAX},
        {"9223372036854775808ms", -1},
        {"9223372036854775807", -1},
        {"99999999999999999999999", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = -1;
        bool ok = clock_parse_duration(rows[i].s, strlen(rows[i].s), &ms);
        assert_int_equal(ok, rows[i].ms >= 0);
        assert_true(!ok || ms == rows[i].ms);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_freezes_the_clock),
        cmocka_unit_test(instants),
        cmocka_unit_test(bad_instants),
        cmocka_unit_test(every_day_agrees),
        cmocka_unit_test(out_of_range_is_clamped),
        cmocka_unit_test(conference_times),
        cmocka_unit_test(durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
