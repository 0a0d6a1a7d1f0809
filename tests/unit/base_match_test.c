/* Keys, slugs, distances, suggestions and word counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static void key_is(const char *s, const char *expected) {
    struct buf out = BUF_INIT;
    buf_adds(&out, "> ");
    text_key(&out, s, strlen(s));
    assert_string_equal(out.data + 2, expected);
    buf_release(&out);
}

static void keys(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"  Scaling   Raft, again. ", "scaling raft again"},
        {"Don\xe2\x80\x99t \xe2\x80\x9cpanic\xe2\x80\x9d!", "don t panic"},
        {"Don't \"panic\"", "don t panic"},
        {"\xc3\x89"
         "cole na\xc3\xafve",
         "ecole naive"},
        {"e\xcc\x81"
         "cole",
         "ecole"}, /* decomposed */
        {"Dvo\xc5\x99\xc3\xa1k \xc5\x81\xc3\xb3"
         "d\xc5\xba",
         "dvorak lodz"},
        {"Stra\xc3\x9f"
         "e \xc3\x86sop \xc5\x92uvre \xc3\x9eor",
         "strasse aesop oeuvre thor"},
        {"Nguy\xe1\xbb\x85n Ph\xc3\xba Tr\xe1\xbb\x8dng", "nguyen phu trong"},
        {"\xce\x91\xce\x88\xce\xa3 \xcf\x8c\xcf\x82", "\xce\xb1\xce\xb5\xcf\x83 \xce\xbf\xcf\x83"}, /* Greek */
        {"\xd0\x9c\xd0\x9e\xd0\xa1\xd0\x9a\xd0\x92\xd0\x90 \xd1\x91\xd0\xb6",
         "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0 \xd0\xb5\xd0\xb6"}, /* Cyrillic */
        {"\xd0\x84\xd0\x86 \xd2\x90", "\xd1\x94\xd1\x96 \xd2\x91"},            /* Ukrainian */
        {"C vs. C++ vs. C# vs. F#", "c vs c++ vs c# vs f#"},
        {"# 1 + 1 #", "1 1"},
        {"co\xc2\xad"
         "operate\xe2\x80\x8b!",
         "cooperate"},                                                /* soft hyphen, zero-width space */
        {"\xef\xbc\xac\xef\xbd\x89\xef\xbd\x93\xef\xbd\x90", "lisp"}, /* full-width */
        {"o\xef\xac\x83"
         "ce",
         "office"},                                                                                    /* ligature */
        {"\xe6\x97\xa5\xe6\x9c\xac\xe3\x80\x82\xe8\xaa\x9e", "\xe6\x97\xa5\xe6\x9c\xac \xe8\xaa\x9e"}, /* CJK */
        {"???", ""},
        {"", ""},
        {"a\xff"
         "b",
         "a b"},
        {"Node.js \xe2\x80\x94 10 \xc3\x97 faster", "node js 10 faster"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        key_is(rows[i][0], rows[i][1]);
    }
}

/* A key is its own key, so keys can be compared and stored. */
static void keys_are_stable(void **state) {
    (void)state;
    struct buf once = BUF_INIT;
    struct buf twice = BUF_INIT;
    for (uint32_t cp = 1; cp < 0x30000; cp++) {
        char s[12] = "a";
        buf_clear(&once);
        buf_clear(&twice);
        size_t n = 1 + text_utf8_put(s + 1, cp);
        s[n++] = 'b';
        text_key(&once, s, n);
        text_key(&twice, once.data, once.len);
        assert_string_equal(once.data, twice.data);
    }
    buf_release(&once);
    buf_release(&twice);
}

static void slugs(void **state) {
    (void)state;
    static const struct {
        const char *s;
        size_t max;
        const char *expected;
    } rows[] = {
        {"Scaling Raft, again", 64, "scaling-raft-again"},
        {"SOSP'17", 64, "sosp-17"},
        {"What's new? Rust\xe2\x80\x99s edition", 64, "whats-new-rusts-edition"},
        {"Modern C++ and C#", 64, "modern-cplusplus-and-csharp"},
        {"Caf\xc3\xa9 M\xc3\xbcnchen", 64, "cafe-munchen"},
        {"---a---b---", 64, "a-b"},
        {"../../etc/passwd", 64, "etc-passwd"},
        {"\xe6\x97\xa5\xe6\x9c\xac", 64, "x"},
        {"\xe6\x97\xa5 2017 \xe6\x9c\xac", 64, "2017"},
        {"???", 64, "x"},
        {"", 64, "x"},
        {"scaling raft again", 12, "scaling-raft"},
        {"scaling raft again", 14, "scaling-raft"},
        {"scaling raft again", 11, "scaling"},
        {"scaling raft again", 8, "scaling"},
        {"scaling raft again", 5, "scali"},
        {"scaling", 0, "x"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = BUF_INIT;
        buf_adds(&out, "2017-");
        text_slug(&out, rows[i].s, strlen(rows[i].s), rows[i].max);
        assert_string_equal(out.data + 5, rows[i].expected);
        buf_release(&out);
    }
}

static void distances(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        unsigned limit, d;
    } rows[] = {
        {"", "", 3, 0},
        {"import", "import", 3, 0},
        {"import", "imprt", 3, 1},
        {"import", "imoprt", 3, 1},
        {"sunday", "monday", 3, 2},
        {"kitten", "sitting", 3, 3},
        {"kitten", "sitting", 2, 3},
        {"abc", "", 2, 3},
        {"", "abc", 3, 3},
        {"IMPORT", "import", 3, 0},
        {"ca", "abc", 5, 3},
        {"caf\xc3\xa9", "cafe", 3, 1},
        {"a", "b", 0, 1},
        {"abcd", "badc", 9, 2},
        {"abcdef", "fedcba", 2, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(text_distance(rows[i].a, rows[i].b, rows[i].limit), rows[i].d);
        assert_int_equal(text_distance(rows[i].b, rows[i].a, rows[i].limit), rows[i].d);
    }
    char *large = mem_alloc(1000001);
    memset(large, 'a', 1000000);
    assert_int_equal(text_distance(large, large, 5), 0);
    assert_int_equal(text_distance(large, "a", 5), 6);
    assert_int_equal(text_distance(large, large + 1, 5), 6);
    mem_free(large);
}

static void suggestions(void **state) {
    (void)state;
    static const char *const names[] = {"import", "export", "list", "show", "search", "summarise", "sosp-2017", "tag"};
    static const char *const rows[][2] = {
        {"imprt", "import"},
        {"exprot", "export"},
        {"lsit", "list"},
        {"sum", "summarise"},
        {"sosp-2107", "sosp-2017"},
        {"2017", "sosp-2017"},
        {"SHOW", "show"},
        {"serch", "search"},
        {"zzz", NULL},
        {"", NULL},
        {"x", NULL},
        {"s", "show"},
        {"tga", "tag"},
        {"osp-20", "sosp-2017"},
        {"ow", NULL},
        {"completely-different-word", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = text_nearest(rows[i][0], names, sizeof names / sizeof *names);
        if (rows[i][1]) {
            assert_non_null(got);
            assert_string_equal(got, rows[i][1]);
        } else {
            assert_null(got);
        }
    }
    assert_null(text_nearest("import", NULL, 0));
}

static void word_counts(void **state) {
    (void)state;
    static const struct {
        const char *s;
        size_t words;
    } rows[] = {
        {"", 0},
        {"one two  three\n", 3},
        {"don't can\xe2\x80\x99t 'quoted'", 3},
        {"state-of-the-art", 4},
        {"caf\xc3\xa9 na\xc3\xafve", 2},
        {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e and kanji", 5},
        {"abc\xe6\x97\xa5"
         "def",
         3},
        {"\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0 42", 2},
        {"... --- !!! \xe2\x80\x94 \xf0\x9f\x8e\xa4", 0},
        {"e\xcc\x81tude", 1},
        {"\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4 \xeb\xa7\x90", 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(text_count_words(rows[i].s, strlen(rows[i].s)), rows[i].words);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),      cmocka_unit_test(keys_are_stable), cmocka_unit_test(slugs),
        cmocka_unit_test(distances), cmocka_unit_test(suggestions),     cmocka_unit_test(word_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
