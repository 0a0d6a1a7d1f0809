/* The query language: any text parses, and this is how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/query.h"
#include "store/regex.h"

/* The tree of TEXT as query_print shows it; the caller's. */
static char *parsed(const char *text, size_t n) {
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    query_print(&out, query_parse(&a, text, n));
    arena_release(&a);
    return buf_take(&out);
}

static const struct {
    const char *text, *tree;
} cases[] = {
    /* words, prefixes, phrases */
    {"", "(all)"},
    {" \t\n", "(all)"},
    {"*", "(all)"},
    {"raft", "(word \"raft\")"},
    {"raft paxos", "(and (word \"raft\") (word \"paxos\"))"},
    {"raft AND paxos zab", "(and (word \"raft\") (word \"paxos\") (word \"zab\"))"},
    {"sched*", "(prefix \"sched\")"},
    {"sched**", "(prefix \"sched\")"},
    {"\"operating systems\" x", "(and (phrase \"operating systems\") (word \"x\"))"},
    {"\"a b\"*", "(and (phrase \"a b\") (word \"*\"))"},
    {"a\xc2\xa0"
     "b\xe3\x80\x80"
     "c",
     "(and (word \"a\") (word \"b\") (word \"c\"))"},
    /* operators */
    {"a OR b c", "(or (word \"a\") (and (word \"b\") (word \"c\")))"},
    {"a b OR c", "(or (and (word \"a\") (word \"b\")) (word \"c\"))"},
    {"(a OR b) c", "(and (or (word \"a\") (word \"b\")) (word \"c\"))"},
    {"a -b", "(and (word \"a\") (not (word \"b\")))"},
    {"NOT a", "(not (word \"a\"))"},
    {"NOT NOT a", "(word \"a\")"},
    {"NOT -a", "(word \"a\")"},
    {"-(a OR b)", "(not (or (word \"a\") (word \"b\")))"},
    {"-\"a b\"", "(not (phrase \"a b\"))"},
    {"-title:x", "(not (field title \"x\"))"},
    {"and or not", "(and (word \"and\") (word \"or\") (word \"not\"))"},
    /* what does not parse is words */
    {"AND", "(word \"AND\")"},
    {"OR", "(word \"OR\")"},
    {"NOT", "(word \"NOT\")"},
    {"a OR", "(and (word \"a\") (word \"OR\"))"},
    {"a AND", "(and (word \"a\") (word \"AND\"))"},
    {"a NOT", "(and (word \"a\") (word \"NOT\"))"},
    {"a AND NOT", "(and (word \"a\") (word \"NOT\"))"},
    {"OR a", "(and (word \"OR\") (word \"a\"))"},
    {"a OR OR b", "(or (word \"a\") (and (word \"OR\") (word \"b\")))"},
    {"(a AND) b", "(and (word \"a\") (word \"AND\") (word \"b\"))"},
    {"ORACLE NOTE", "(and (word \"ORACLE\") (word \"NOTE\"))"},
    {"\"unclosed a", "(and (word \"\\\"unclosed\") (word \"a\"))"},
    {"5\" disk", "(and (word \"5\\\"\") (word \"disk\"))"},
    {"\"a\" \"b", "(and (phrase \"a\") (word \"\\\"b\"))"},
    {"(", "(word \"(\")"},
    {"()", "(word \"()\")"},
    {")", "(word \")\")"},
    {"a) b", "(and (word \"a)\") (word \"b\"))"},
    {"(a b", "(and (word \"a\") (word \"b\"))"},
    {"((a)", "(word \"a\")"},
    {"printf(3) x", "(and (word \"printf(3)\") (word \"x\"))"},
    {"(f(x) y)", "(and (word \"f(x)\") (word \"y\"))"},
    {"C++", "(word \"C++\")"},
    {"o'neil", "(word \"o'neil\")"},
    {"a-b", "(word \"a-b\")"},
    {"-> - -- --x", "(and (word \"->\") (word \"-\") (word \"--\") (word \"--x\"))"},
    {"http://x/y?z", "(word \"http://x/y?z\")"},
    {"bogus:x", "(word \"bogus:x\")"},
    {"title:", "(word \"title:\")"},
    {"title: x", "(and (word \"title:\") (word \"x\"))"},
    {"(title:)", "(word \"title:\")"},
    {"a\xff"
     "b",
     "(word \"a\xef\xbf\xbd"
     "b\")"},
    /* fields */
    {"speaker:ousterhout", "(field speaker \"ousterhout\")"},
    {"Speaker:Ousterhout", "(field speaker \"Ousterhout\")"},
    {"event:\"SOSP 2017\" raft", "(and (field event \"SOSP 2017\") (word \"raft\"))"},
    {"event:\"SOSP 2017", "(and (field event \"\\\"SOSP\") (word \"2017\"))"},
    {"speaker:ous*", "(field speaker \"ous\"*)"},
    {"speaker:*", "(field speaker \"\"*)"},
    {"title:/^on .*s$/ x", "(and (field title /^on .*s$/) (word \"x\"))"},
    {"title:/a\\/b/", "(field title /a\\/b/)"},
    {"path:/home/me/notes", "(field path \"/home/me/notes\")"},
    {"title:/unclosed x", "(and (field title \"/unclosed\") (word \"x\"))"},
    {"field.mood:bright", "(field field.mood \"bright\")"},
    {"field.a-b:\"x y\" z", "(and (field field.a-b \"x y\") (word \"z\"))"},
    {"field.:x field:x", "(and (word \"field.:x\") (word \"field:x\"))"},
    {"title.x:y", "(word \"title.x:y\")"},
    {"words:>500", "(field words \">500\")"},
    {"date:2014..2017", "(field date \"2014..2017\")"},
    {"title://", "(field title \"//\")"},
    {"(tag:a OR tag:b)", "(or (field tag \"a\") (field tag \"b\"))"},
    {"/a b/", "(and (word \"/a\") (word \"b/\"))"},
};

static void parses_as(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *tree = parsed(cases[i].text, strlen(cases[i].text));
        if (strcmp(tree, cases[i].tree) != 0) {
            fail_msg("%s\n  gives  %s\n  wanted %s", cases[i].text, tree, cases[i].tree);
        }
        mem_free(tree);
    }
}

static void nul_is_white_space(void **state) {
    (void)state;
    char *tree = parsed("a\0b", 3);
    assert_string_equal(tree, "(and (word \"a\") (word \"b\"))");
    mem_free(tree);
    tree = parsed(NULL, 0);
    assert_string_equal(tree, "(all)");
    mem_free(tree);
}

static void columns_point_into_the_text(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    const struct query *q = query_parse(&a, "  a NOT title:b", 15);
    assert_int_equal(q->left->column, 2);
    assert_int_equal(q->right->column, 4);
    assert_int_equal(q->right->left->column, 8);
    arena_release(&a);
}

static size_t count_of(const char *s, const char *what) {
    size_t n = 0;
    for (const char *p = s; (p = strstr(p, what)) != NULL; p++) {
        n++;
    }
    return n;
}

static void terms_and_depth_are_bounded(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    for (int i = 0; i < 1000; i++) {
        buf_addf(&b, "w%d %s", i, i % 3 ? "OR " : "");
    }
    char *tree = parsed(b.data, b.len);
    assert_int_equal(count_of(tree, "(word "), 256);
    mem_free(tree);

    buf_clear(&b);
    buf_pad(&b, '(', 200);
    buf_adds(&b, "a b");
    buf_pad(&b, ')', 200);
    tree = parsed(b.data, b.len);
    assert_int_equal(count_of(tree, "(word "), 3); /* the third is what is left of the parentheses */
    mem_free(tree);

    buf_clear(&b);
    for (int i = 0; i < 100000; i++) {
        buf_adds(&b, "(NOT ");
    }
    tree = parsed(b.data, b.len);
    assert_true(strlen(tree) < 8000);
    mem_free(tree);
    buf_release(&b);
}

/* Text of every kind of nuisance; also run over a store in store_search_test.c. */
static void any_text_parses(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "(", ")", "\"",     "-",        "AND", "OR",   "NOT",          " ",  " ",  " ",     "*", "/", "\\",
        ":", "a", "title:", "speaker:", "'",   "\xff", "\xe4\xb8\xad", "++", "\t", "NEAR(", "{", "^", "0"};
    srandom(7);
    for (int i = 0; i < 100000; i++) {
        struct buf b = BUF_INIT;
        for (long n = random() % 20; n > 0; n--) {
            buf_adds(&b, pieces[(size_t)random() % (sizeof pieces / sizeof *pieces)]);
        }
        char *tree = parsed(b.data, b.len);
        assert_int_equal(tree[0], '(');
        mem_free(tree);
        buf_release(&b);
    }
}

static const struct {
    const char *pattern, *text;
    int matches; /* -1: no regex we know */
} regexes[] = {
    {"abc", "xxABCxx", 1},
    {"^abc", "xabc", 0},
    {"a|b|c", "xxc", 1},
    {"^(a|bc)*$", "abcabca", 1},
    {"^(a|bc)*$", "abcb", 0},
    {"a{3}", "aab", 0},
    {"a{2,3}b", "aaab", 1},
    {"^a{0}b$", "b", 1},
    {"(a|b)?c", "c", 1},
    {"[a-c]+d", "xxabcd", 1},
    {"[^a-z]", "abc", 0},
    {"\\d{4}", "in 2017", 1},
    {"\\bfoo\\b", "a foo b", 1},
    {"\\bfoo\\b", "afoo", 0},
    {"\\Boo", "foo", 1},
    {"(", "x", -1},
    {"a)", "a)", 1},
    {"*a", "a", -1},
    {"[a", "a", -1},
    {"a\\", "a", -1},
    {"(a*)*b", "aaaaaaaaaaaaaaaaaac", 0},
    {"\xc3\xa9", "\xc3\x89", 1},
    {"[]a]", "]", 1},
    {"(?:x|y)z", "yz", 1},
    {"a{,3}", "a{,3}", 1},
    {"^$", "", 1},
    {"$", "abc", 1},
    {"^.{2}$", "\xe6\x97\xa5\xe6\x9c\xac", 1},
    {"[A-Z]", "q", 1},
    {"(a|b)+?(c|d|)e$", "abce", 1},
    {"\\S+@\\S+", "me@x", 1},
    {"[\\s\\d]x", "5x", 1},
    {"\\W", "a", 0},
    {"|a", "", 1},
    {"a{201}", "a", -1},
    {"a{3,2}", "a", -1},
    {"((((a{200}){200}){200}){200})", "a", -1},
    {"((((){200}){200}){200}){200}", "a", -1},
    {"a.c", "a\nc", 0},
};

static void regexes_match(void **state) {
    (void)state;
    static struct regex re;
    for (size_t i = 0; i < sizeof regexes / sizeof *regexes; i++) {
        const char *p = regexes[i].pattern;
        int got = !regex_compile(&re, p, strlen(p)) ? -1 : regex_search(&re, regexes[i].text, strlen(regexes[i].text));
        if (got != regexes[i].matches) {
            fail_msg("/%s/ on '%s' gives %d", p, regexes[i].text, got);
        }
    }
}

static void any_regex_ends(void **state) {
    (void)state;
    static const char *const pieces[] = {"(", ")", "[", "]", "*", "+",  "?",   "{2,9}", "{100}",
                                         "|", "a", ".", "^", "$", "\\", "\\w", "-",     "(?:"};
    static struct regex re;
    srandom(11);
    for (int i = 0; i < 50000; i++) {
        struct buf b = BUF_INIT;
        for (long n = random() % 24; n > 0; n--) {
            buf_adds(&b, pieces[(size_t)random() % (sizeof pieces / sizeof *pieces)]);
        }
        if (regex_compile(&re, b.data, b.len)) {
            regex_search(&re, "aaaa-b \xc3\xa9 aaaaaaaaaaaaaaaaaaaaaaaaaa", 34);
        }
        buf_release(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_as),
        cmocka_unit_test(nul_is_white_space),
        cmocka_unit_test(columns_point_into_the_text),
        cmocka_unit_test(terms_and_depth_are_bounded),
        cmocka_unit_test(any_text_parses),
        cmocka_unit_test(regexes_match),
        cmocka_unit_test(any_regex_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
