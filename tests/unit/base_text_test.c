/* UTF-8 by every rule of RFC 3629, what is safe on a terminal, and columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Every code point goes out and comes back; surrogates and what lies above U+10FFFF do not. */
static void all_code_points_come_back(void **state) {
    (void)state;
    for (uint32_t cp = 0; cp < 0x110100; cp++) {
        char s[4];
        size_t len;
        size_t n = text_utf8_put(s, cp);
        bool exists = cp < 0xd800 || (cp > 0xdfff && cp < 0x110000);
        assert_int_equal(text_utf8_next(s, n, &len), exists ? cp : 0xfffd);
        assert_int_equal(len, n);
        assert_int_equal(text_utf8_valid(s, n), n);
        for (size_t cut = 1; cut < n; cut++) {
            assert_int_equal(text_utf8_valid(s, cut), 0);
        }
    }
}

static void invalid_sequences(void **state) {
    (void)state;
    static const char *const rows[] = {
        "\x80",             /* continuation alone */
        "\xbf",             /* same */
        "\xc0\xaf",         /* overlong slash */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* first surrogate */
        "\xed\xbf\xbf",     /* last surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80", /* same */
        "\xff",
        "\xc3(", /* cut by another character */
        "\xe2\x82(",
        "\xf0\x9f\x8e(",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = strlen(rows[i]);
        size_t len;
        assert_int_equal(text_utf8_valid(rows[i], n), 0);
        assert_int_equal(text_utf8_next(rows[i], n, &len), 0xfffd);
        assert_int_equal(len, 1);
    }
}

/* The fast path takes eight bytes at a time: an error must be found at each place of such a group. */
static void errors_are_found_anywhere(void **state) {
    (void)state;
    char s[64];
    for (size_t at = 0; at < sizeof s; at++) {
        memset(s, 'a', sizeof s);
        s[at] = '\xff';
        assert_int_equal(text_utf8_valid(s, sizeof s), at);
        assert_int_equal(text_utf8_length(s, sizeof s), sizeof s);
    }
    memset(s, 'a', sizeof s);
    assert_int_equal(text_utf8_valid(s, sizeof s), sizeof s);
    assert_int_equal(text_utf8_valid(s, 0), 0);
}

static void cuts_at_characters(void **state) {
    (void)state;
    const char *s = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xa4z"; /* 1 + 2 + 3 + 4 + 1 bytes */
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
    for (size_t max = 0; max < sizeof expected / sizeof *expected; max++) {
        assert_int_equal(text_utf8_cut(s, 11, max), expected[max]);
    }
    assert_int_equal(text_utf8_cut(s, 11, 100), 11);
    assert_int_equal(text_utf8_cut("\x80\x80\x80\x80\x80\x80", 6, 5), 5); /* no characters to spare */
    assert_int_equal(text_utf8_length(s, 11), 5);
}

static void widths(void **state) {
    (void)state;
    static const struct {
        const char *s;
        size_t columns;
    } rows[] = {
        {"", 0},
        {"plain", 5},
        {"caf\xc3\xa9", 4},
        {"cafe\xcc\x81", 4},                         /* combining acute */
        {"\xe6\x97\xa5\xe6\x9c\xac", 4},             /* CJK */
        {"\xed\x95\x9c", 2},                         /* Hangul syllable */
        {"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 2}, /* the same in three jamo */
        {"\xef\xbc\xa1", 2},                         /* full-width A */
        {"\xef\xbd\xb1", 1},                         /* half-width katakana */
        {"\xf0\x9f\x8e\xa4", 2},                     /* microphone */
        {"\xe2\x80\x8b", 0},                         /* zero-width space */
        {"\xc2\xad", 1},                             /* soft hyphen */
        {"\xe2\x80\x99\xe2\x80\x94", 2},             /* quote, dash */
        {"\xd7\xa9\xd6\xb8", 1},                     /* Hebrew letter and point */
        {"\xf0\xa0\x80\x80", 2},                     /* plane 2 */
        {"\xff", 1},                                 /* shown as U+FFFD */
        {"\x1b[", 1},                                /* a control has no column of its own */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(text_width(rows[i].s, strlen(rows[i].s)), rows[i].columns);
    }
}

static void safe(const char *s, size_t n, bool keep, const char *expected) {
    struct buf out = BUF_INIT;
    text_safe(&out, s, n, keep);
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void unsafe_characters_are_shown(void **state) {
    (void)state;
    safe("a\tb\nc", 5, true, "a\tb\nc");
    safe("a\tb\nc", 5, false, "a b c");
    safe("a\r\nb\rc", 6, true, "a\nb\\x0dc");
    safe("a\r\nb", 4, false, "a b");
    safe("\x1b[31mred\x07", 9, true, "\\x1b[31mred\\x07");
    safe("\x7f\0\x08", 3, true, "\\x7f\\x00\\x08");
    safe("\xc2\x9b"
         "2J",
         4, true, "\\x9b2J");
    safe("user\xe2\x80\xaetxt.exe", 14, true, "user\\u{202e}txt.exe");
    safe("\xd8\x9c\xe2\x81\xa6", 5, true, "\\u{061c}\\u{2066}");
    safe("caf\xc3\xa9 \xe6\x97\xa5", 9, true, "caf\xc3\xa9 \xe6\x97\xa5");
    safe("bad\xc3", 4, true, "bad\xef\xbf\xbd");
    safe("\xef\xbf\xbd", 3, true, "\xef\xbf\xbd");
}

/* Safe text holds no control, and is safe already. */
static void safe_is_safe(void **state) {
    (void)state;
    uint32_t seed = 3;
    struct buf once = BUF_INIT;
    struct buf twice = BUF_INIT;
    for (int round = 0; round < 5000; round++) {
        char bytes[30];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (char)(seed >> 16);
        }
        buf_clear(&once);
        buf_clear(&twice);
        text_safe(&once, bytes, sizeof bytes, false);
        for (size_t i = 0, len; i < once.len; i += len) {
            assert_false(text_is_control(text_utf8_next(once.data + i, once.len - i, &len)));
        }
        text_safe(&twice, once.data, once.len, false);
        assert_string_equal(once.data, twice.data);
    }
    buf_release(&once);
    buf_release(&twice);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_code_points_come_back),
        cmocka_unit_test(invalid_sequences),
        cmocka_unit_test(errors_are_found_anywhere),
        cmocka_unit_test(cuts_at_characters),
        cmocka_unit_test(widths),
        cmocka_unit_test(unsafe_characters_are_shown),
        cmocka_unit_test(safe_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
