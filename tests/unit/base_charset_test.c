/* Which charset a file is taken for, and what comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define BYTES(text) (text), sizeof(text) - 1

static void names_of_charsets(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int charset; /* -1: unknown */
    } rows[] = {
        {"UTF-8", TEXT_UTF8},
        {"utf8", TEXT_UTF8},
        {"utf-8-unix", TEXT_UTF8},
        {"US-ASCII", TEXT_UTF8},
        {"ISO-8859-1", TEXT_LATIN1},
        {"iso_8859-1", TEXT_LATIN1},
        {"latin1", TEXT_LATIN1},
        {"Latin-1-dos", TEXT_LATIN1},
        {"windows-1252", TEXT_CP1252},
        {"CP1252", TEXT_CP1252},
        {"x-cp1252", TEXT_CP1252},
        {"UTF-16", TEXT_UTF16LE},
        {"utf-16be", TEXT_UTF16BE},
        {"UTF-16LE", TEXT_UTF16LE},
        {"iso-8859-15", -1},
        {"shift_jis", -1},
        {"", -1},
        {"koi8-r", -1},
        {"utf-8-utf-8-utf-8-utf-8-utf-8-utf-8-utf-8-utf-8", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum text_charset c;
        int rc = text_charset_of(rows[i].name, strlen(rows[i].name), &c);
        assert_int_equal(rc == 0 ? (int)c : -1, rows[i].charset);
    }
    for (unsigned c = TEXT_UTF8; c <= TEXT_CP1252; c++) {
        enum text_charset back;
        const char *name = text_charset_name((enum text_charset)c);
        assert_int_equal(text_charset_of(name, strlen(name), &back), 0);
        assert_int_equal(back, c);
    }
}

struct row {
    const char *in;
    size_t n;
    enum text_charset charset;
    const char *out; /* NULL: not compared */
};

static void decoded(const struct row *row, struct text_decoded *how) {
    struct buf out = BUF_INIT;
    char *exact = mem_alloc(row->n);
    memcpy(exact, row->in, row->n);
    text_decode(&out, exact, row->n, how);
    assert_int_equal(how->charset, row->charset);
    if (row->out) {
        assert_string_equal(out.data, row->out);
        assert_int_equal(out.len, strlen(row->out));
    }
    assert_int_equal(text_utf8_valid(out.data, out.len), out.len);
    mem_free(exact);
    buf_release(&out);
}

static void byte_order_marks_win(void **state) {
    (void)state;
    static const struct row rows[] = {
        {BYTES("\xef\xbb\xbf"
               "caf\xc3\xa9"),
         TEXT_UTF8, "caf\xc3\xa9"},
        {BYTES("\xff\xfe"
               "a\0\xe9\0\x3c\xd8\xa4\xdf"),
         TEXT_UTF16LE, "a\xc3\xa9\xf0\x9f\x8e\xa4"},
        {BYTES("\xfe\xff\0a\0\xe9\xd8\x3c\xdf\xa4"), TEXT_UTF16BE, "a\xc3\xa9\xf0\x9f\x8e\xa4"},
        {BYTES("\xef\xbb\xbf<?xml version='1.0' encoding='latin1'?>"), TEXT_UTF8,
         "<?xml version='1.0' encoding='latin1'?>"},
        {BYTES("\xff\xfe"), TEXT_UTF16LE, ""},
    };
    static const size_t boms[] = {3, 2, 2, 3, 2};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text_decoded how;
        decoded(&rows[i], &how);
        assert_int_equal(how.bom, boms[i]);
        assert_int_equal(how.replaced, 0);
        assert_false(how.guessed);
        assert_false(how.binary);
        assert_false(text_is_plain_utf8(rows[i].in, rows[i].n));
    }
}

static void declarations_are_heeded(void **state) {
    (void)state;
    static const struct row rows[] = {
        {BYTES("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe9</a>"), TEXT_LATIN1, NULL},
        {BYTES("<?xml version='1.0' encoding = 'windows-1252'?>\x80"), TEXT_CP1252, NULL},
        {BYTES("<html><head><META http-equiv=x content='text/html; charset=iso-8859-1'>\xe9"), TEXT_LATIN1, NULL},
        {BYTES("<html><meta name=x><meta charset=\"latin1\">\xe9"), TEXT_LATIN1, NULL},
        {BYTES("# Notes -*- mode: org; coding: latin-1-unix -*-\n\xe9"), TEXT_LATIN1, NULL},
        {BYTES("line\n; -*- coding: cp1252 -*-\n\xe9"), TEXT_CP1252, NULL},
        {BYTES("text\n% vim: set fileencoding=latin1 :\n\xe9"), TEXT_LATIN1, NULL},
        {BYTES("From: x\nContent-Type: text/plain; charset=\"ISO-8859-1\"\n\n\xe9"), TEXT_LATIN1, NULL},
        {BYTES("Subject: x\nContent-Type: text/plain;\n\tformat=flowed;\n charset=latin1\n\n\xe9"), TEXT_LATIN1, NULL},
        {BYTES("Content-Type: text/plain;\nX: charset=latin1\n\n\xc3\xa9"), TEXT_UTF8, NULL},
        /* called Latin-1, but with curly quotes: Windows-1252 */
        {BYTES("<meta charset=iso-8859-1>\x93q\x94"), TEXT_CP1252,
         "<meta charset=iso-8859-1>\xe2\x80\x9cq\xe2\x80\x9d"},
        /* not declarations: text about charsets, third line, unknown names, UTF-16 read byte by byte */
        {BYTES("we set charset=iso-8859-1 \xc3\xa9"), TEXT_UTF8, NULL},
        {BYTES("a\nb\n-*- coding: latin-1 -*-\n\xc3\xa9"), TEXT_UTF8, NULL},
        {BYTES("# coding is fun: latin-1\n\xc3\xa9"), TEXT_UTF8, NULL},
        {BYTES("<meta charset=shift_jis>\xc3\xa9"), TEXT_UTF8, NULL},
        {BYTES("<?xml version='1.0' encoding='UTF-16'?>\xc3\xa9"), TEXT_UTF8, NULL},
        {BYTES("<meta charset"), TEXT_UTF8, NULL},
        {BYTES("<meta charset="), TEXT_UTF8, NULL},
        {BYTES("-*- coding:"), TEXT_UTF8, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text_decoded how;
        decoded(&rows[i], &how);
        assert_int_equal(how.replaced, 0);
        assert_false(how.guessed);
        bool plain = rows[i].charset == TEXT_UTF8;
        assert_int_equal(text_is_plain_utf8(rows[i].in, rows[i].n), plain);
    }
}

static void bytes_decide_where_nothing_is_declared(void **state) {
    (void)state;
    struct text_decoded how;
    const struct row utf8 = {BYTES("caf\xc3\xa9"), TEXT_UTF8, "caf\xc3\xa9"};
    decoded(&utf8, &how);
    assert_false(how.guessed);
    const struct row windows = {BYTES("IBM Research \x96 Almaden, \x93we\x94 caf\xe9 \x80"), TEXT_CP1252,
                                "IBM Research \xe2\x80\x93 Almaden, \xe2\x80\x9cwe\xe2\x80\x9d caf\xc3\xa9 "
                                "\xe2\x82\xac"};
    decoded(&windows, &how);
    assert_true(how.guessed);
    assert_int_equal(how.replaced, 0);
    const struct row unassigned = {BYTES("a\x81\x8d\x8f\x90\x9d"), TEXT_CP1252, NULL};
    decoded(&unassigned, &how);
    assert_int_equal(how.replaced, 5);
    const struct row damaged = {BYTES("caf\xc3\xa9 na\xc3\xafve \xe2\x80\x9c cut \xe2\x80"), TEXT_UTF8, NULL};
    decoded(&damaged, &how);
    assert_int_equal(how.replaced, 2);
    assert_false(how.guessed);
    const struct row empty = {BYTES(""), TEXT_UTF8, ""};
    decoded(&empty, &how);
    assert_false(how.binary);
    assert_true(text_is_plain_utf8("", 0));
}

static void utf16_without_a_mark(void **state) {
    (void)state;
    struct text_decoded how;
    const struct row little = {BYTES("h\0i\0 \0\xe9\0\n\0"), TEXT_UTF16LE, "hi \xc3\xa9\n"};
    const struct row big = {BYTES("\0h\0i\0 \0\xe9\0\n"), TEXT_UTF16BE, "hi \xc3\xa9\n"};
    decoded(&little, &how);
    assert_int_equal(how.bom, 0);
    assert_false(how.binary);
    decoded(&big, &how);
    assert_false(how.binary);
}

static void broken_utf16_is_replaced(void **state) {
    (void)state;
    static const struct row rows[] = {
        {BYTES("\xff\xfe\x3c\xd8"
               "a\0b\0c\0d\0e\0f\0g\0h\0"),
         TEXT_UTF16LE,
         "\xef\xbf\xbd"
         "abcdefgh"}, /* high alone */
        {BYTES("\xff\xfe"
               "a\0\xa4\xdf"),
         TEXT_UTF16LE, "a\xef\xbf\xbd"}, /* low alone */
        {BYTES("\xff\xfe"
               "a\0b\0c"),
         TEXT_UTF16LE, "ab\xef\xbf\xbd"}, /* odd byte */
        {BYTES("\xff\xfe"
               "a\0\x3c\xd8"),
         TEXT_UTF16LE, "a\xef\xbf\xbd"}, /* cut pair */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text_decoded how;
        decoded(&rows[i], &how);
        assert_int_equal(how.replaced, 1);
    }
}

static void binary_is_told(void **state) {
    (void)state;
    struct text_decoded how;
    struct buf noise = BUF_INIT;
    static const struct row rows[] = {
        {BYTES("\x7f"
               "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0"),
         TEXT_UTF8, ""},
        {BYTES("text with one NUL\0inside of it"), TEXT_UTF8, ""},
        {BYTES("\x01\x02\x03\x04 noise"), TEXT_UTF8, ""},
        {BYTES("\xff\xfe\x01\0\x02\0\x03\0a\0"), TEXT_UTF16LE, ""},
        {BYTES("\x01\0\x02\0\x03\0\x04\0\x05\0\x06\0"), TEXT_UTF16LE, ""}, /* small numbers, 16 bits each */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        decoded(&rows[i], &how);
        assert_true(how.binary);
    }
    const struct row ansi = {BYTES("\x1b[1mbold\x1b[0m\f\ttext\r\n"), TEXT_UTF8, NULL};
    decoded(&ansi, &how);
    assert_false(how.binary);
    buf_pad(&noise, 'a', 9 * 1024); /* beyond the sample nobody counts, but a NUL is seen anywhere */
    buf_pad(&noise, '\x01', 4000);
    const struct row late = {noise.data, noise.len, TEXT_UTF8, NULL};
    decoded(&late, &how);
    assert_false(how.binary);
    noise.data[12000] = '\0';
    decoded(&late, &how);
    assert_true(how.binary);
    buf_release(&noise);
}

static void any_bytes_decode_to_utf8(void **state) {
    (void)state;
    uint32_t seed = 11;
    for (int round = 0; round < 5000; round++) {
        char bytes[64];
        struct text_decoded how;
        struct buf out = BUF_INIT;
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (char)(round % 2 ? seed >> 16 : (seed >> 16 & 0x7f) | (seed >> 28 ? 0x20 : 0x80));
        }
        if (round % 3 == 0) {
            bytes[0] = '\xff';
            bytes[1] = '\xfe';
        }
        text_decode(&out, bytes, sizeof bytes, &how);
        assert_int_equal(text_utf8_valid(out.data, out.len), out.len);
        assert_null(memchr(out.data, '\0', out.len));
        buf_release(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_charsets),       cmocka_unit_test(byte_order_marks_win),
        cmocka_unit_test(declarations_are_heeded), cmocka_unit_test(bytes_decide_where_nothing_is_declared),
        cmocka_unit_test(utf16_without_a_mark),    cmocka_unit_test(broken_utf16_is_replaced),
        cmocka_unit_test(binary_is_told),          cmocka_unit_test(any_bytes_decode_to_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
