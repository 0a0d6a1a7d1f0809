/* Search: ranking, what a hit is shown as, snippets, and that no text at all makes SQLite complain or reaches what
 * is hidden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_sample.h"
#include "store/db_priv.h"
#include "store/snippet.h"

static const char *titles(struct sample *s, const char *query) {
    struct value hits = sample_search(s, query);
    return sample_list(s, &hits, "title");
}

static void title_beats_speaker_beats_tag_beats_body(void **state) {
    struct sample *s = *state;
    sample_put(s, "note", "{title:'In the body', body:'zebra once among some other words'}");
    sample_put(s, "note", "{title:'In a tag', body:'one among some other words', tags:['zebra']}");
    sample_put(s, "talk", "{title:'In a name', abstract:'one among some other words', speakers:['Zebra Smith']}");
    sample_put(s, "note", "{title:'The zebra', body:'one among some other words'}");
    for (int i = 0; i < 8; i++) {
        sample_put(s, "note", "{title:'Other', body:'nothing of the kind among these words'}");
    }
    assert_string_equal(titles(s, "zebra"), "The zebra|In a name|In a tag|In the body");
    struct value hits = sample_search(s, "zebra");
    double last = 1e9;
    for (uint32_t i = 0; i < hits.len; i++) {
        double score = value_tofloat(value_get(value_at(&hits, i), "score"), -1);
        assert_true(score > 0 && score <= last);
        last = score;
    }
}

static void ties_are_newest_first(void **state) {
    struct sample *s = *state;
    sample_put(s, "note", "{title:'A', body:'zebra'}");
    sample_put(s, "note", "{title:'B', body:'zebra'}");
    sample_put(s, "note", "{title:'C', body:'zebra'}");
    sample_put(s, "note", "{title:'D', body:'horse'}");
    assert_string_equal(titles(s, "zebra"), "C|B|A");
    assert_string_equal(titles(s, "NOT zebra"), "D");
    assert_string_equal(titles(s, ""), "D|C|B|A");
    struct value hits = sample_search(s, "");
    assert_true(value_tofloat(value_get(value_at(&hits, 0), "score"), -1) == 0.0);
}

static void a_note_of_one_talk_is_shown_as_the_talk(void **state) {
    struct sample *s = *state;
    char text[300];
    const char *one = sample_put(s, "talk", "{title:'One', event:'SOSP 2017', speakers:['Ann']}");
    const char *two = sample_put(s, "talk", "{title:'Two'}");
    const char *ids[5];
    static const char *const bodies[] = {"zebra zebra", "zebra in another note of the same talk"};
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, "{title:'N%d', body:'%s', talks:['%s']}", i, bodies[i], one);
        ids[i] = sample_put(s, "note", text);
    }
    snprintf(text, sizeof text, "{title:'Both', body:'zebra on two talks', talks:['%s','%s']}", one, two);
    ids[2] = sample_put(s, "note", text);
    struct value hits = sample_search(s, "zebra");
    assert_int_equal(hits.len, 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct value *h = value_at(&hits, i);
        bool talk = value_eqs(value_get(h, "type"), "talk");
        assert_true(value_eqs(value_get(h, "id"), talk ? one : ids[2]));
        assert_true(value_eqs(value_get(h, "title"), talk ? "One" : "Both"));
        assert_true(talk ? value_eqs(value_get(h, "note"), ids[0]) : value_eqs(value_get(h, "note"), ids[2]));
        assert_int_equal(value_get(h, "speakers")->len, talk ? 1 : 0);
        assert_true(!talk || value_eqs(value_get(value_get(h, "event"), "slug"), "sosp-2017"));
    }
    hits = sample_search(s, "two");
    assert_string_equal(sample_list(s, &hits, "title"), "Both");
    sample_do(s, OP_DELETE, "talk", two, NULL); /* now the report is about one talk */
    hits = sample_search(s, "zebra");
    assert_string_equal(sample_list(s, &hits, "title"), "One");
    assert_string_equal(titles(s, "zebra type:note"), "");
    assert_string_equal(titles(s, "zebra type:talk"), "One");
    assert_string_equal(titles(s, "zebra event:sosp-2017"), "One");
    assert_string_equal(titles(s, "zebra event:sosp-2015"), "");
    assert_string_equal(titles(s, "speaker:ann OR horse"), "One");
}

static void a_hit_has_the_contracts_fields(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "note", "{title:'Z', body:'A zebra,\\n\\n  two zebras\\tand more.'}");
    struct value hits = sample_search(s, "zebra");
    const struct value *h = value_at(&hits, 0);
    char wanted[600];
    char score[40];
    snprintf(score, sizeof score, "%.10g", value_tofloat(value_get(h, "score"), 0));
    struct buf b = BUF_INIT;
    json_write(&b, value_get(h, "score"));
    snprintf(wanted, sizeof wanted,
             "{\"id\":\"%s\",\"short\":\"%.8s\",\"type\":\"note\",\"kind\":\"note\",\"title\":\"Z\",\"event\":null,"
             "\"speakers\":[],\"score\":%s,"
             "\"snippet\":\"A zebra, two zebras and more.\",\"matches\":[[2,7],[13,19]],\"note\":\"%s\"}",
             id, id, b.data, id);
    assert_string_equal(sample_json(s, h), wanted);
    assert_true(strlen(strchr(b.data, '.')) <= 5);
    buf_release(&b);
}

static void a_snippet_is_cut_at_characters(void **state) {
    (void)state;
    struct buf text = BUF_INIT;
    for (int i = 0; i < 300; i++) {
        buf_adds(&text, "\xe6\x97\xa5");
    }
    buf_adds(&text, " \x01needle\x02 ");
    for (int i = 0; i < 300; i++) {
        buf_adds(&text, "\xe6\x9c\xac");
    }
    struct snippet s;
    snippet_marked(&s, text.data, text.len);
    assert_int_equal(s.count, 1);
    assert_memory_equal(s.text.data + s.ranges[0].start, "needle", 6);
    assert_true(s.text.len <= SNIPPET_BYTES + 6);
    assert_memory_equal(s.text.data, "\xe2\x80\xa6", 3);
    assert_true((s.text.data[3] & 0xc0) != (char)0x80);
    buf_release(&s.text);
    static const char *const needles[] = {"\xe6\x9c\xac", NULL};
    snippet_around(&s, text.data, text.len, needles);
    assert_true(s.count > 1);
    assert_memory_equal(s.text.data + s.ranges[0].start, needles[0], 3);
    buf_release(&s.text);
    snippet_marked(&s, "\x01\x02\x02 a\x01", 6);
    assert_string_equal(s.text.data, "a");
    assert_int_equal(s.count, 0);
    buf_release(&s.text);
    snippet_marked(&s,
                   "a \x01"
                   "b\n\nc",
                   7);
    assert_string_equal(s.text.data, "a b c");
    assert_int_equal(s.ranges[0].end, 5);
    buf_release(&s.text);
    buf_release(&text);
}

static void runs_without_spaces_are_found_inside(void **state) {
    struct sample *s = *state;
    sample_put(
        s, "note",
        "{title:'J', "
        "body:'\xe5\x88\x86\xe6\x95\xa3\xe3\x82\xb7\xe3\x82\xb9\xe3\x83\x86\xe3\x83\xa0\xe5\x85\xa5\xe9\x96\x80'}");
    struct value hits = sample_search(s, "\xe3\x82\xb7\xe3\x82\xb9\xe3\x83\x86\xe3\x83\xa0");
    assert_int_equal(hits.len, 1);
    assert_string_equal(sample_json(s, value_get(value_at(&hits, 0), "matches")), "[[6,18]]");
}

static void limits_hold(void **state) {
    struct sample *s = *state;
    struct value hits;
    for (int i = 0; i < 30; i++) {
        sample_put(s, "note", "{title:'Z', body:'zebra'}");
    }
    sample_must(s, read_search(s->reader, "zebra", 7, &s->arena, &hits, &s->err), "search");
    assert_int_equal(hits.len, 7);
    sample_must(s, read_search(s->reader, "zebra", 0, &s->arena, &hits, &s->err), "search");
    assert_int_equal(hits.len, 0);
    sample_must(s, read_search(s->reader, "zebra", -1, &s->arena, &hits, &s->err), "search");
    assert_int_equal(hits.len, 30);
    sample_must(s, read_search(s->reader, "nothing", 5, &s->arena, &hits, &s->err), "search");
    assert_int_equal(hits.len, 0);
}

/* Many notes of one talk are one hit, and do not push others out. */
static void one_talk_does_not_fill_the_page(void **state) {
    struct sample *s = *state;
    char text[200];
    const char *talk = sample_put(s, "talk", "{title:'Much noted'}");
    for (int i = 0; i < 60; i++) {
        snprintf(text, sizeof text, "{title:'N', body:'zebra zebra zebra', talks:['%s']}", talk);
        sample_put(s, "note", text);
    }
    sample_put(s, "note",
               "{title:'Alone', body:'a zebra among many other words that make it less of a match than the others'}");
    assert_string_equal(titles(s, "zebra"), "Much noted|Alone");
}

/* ---- any text -------------------------------------------------------------------------------------------------- */

static const char *const pieces[] = {
    "(",
    ")",
    "\"",
    "\"",
    "-",
    " AND ",
    " OR ",
    " NOT ",
    " ",
    " ",
    " ",
    "*",
    "/",
    "\\",
    ":",
    ",",
    "^",
    "{",
    "}",
    "[",
    "]",
    "+",
    "++",
    "'",
    "''",
    ";",
    "--",
    "%",
    "_",
    "?",
    "?1",
    "$x",
    "NEAR(",
    "NEAR",
    "rank",
    "fts",
    "title",
    "body",
    "speakers",
    "tags",
    "secret",
    "zebra",
    "title:",
    "speaker:",
    "event:",
    "tag:",
    "body:",
    "year:",
    "id:",
    "kind:",
    "has:",
    "is:",
    "path:",
    "source:",
    "lang:",
    "words:",
    ">",
    "date:",
    "created:",
    "field.a:",
    "field.:",
    "query:",
    "2017-05-01",
    "award:",
    "session:",
    "affiliation:",
    "author:",
    "person:",
    "type:",
    "rowid:",
    "2017",
    "2010..2020",
    "..",
    "sosp",
    "a",
    "0",
    "\xf0\x9f\x98\x80",
    "\xe2\x98\x83",
    "\xe4\xb8\xad\xe6\x96\x87",
    "\xc3\xa9",
    "\xff",
    "\xc3",
    "\xed\xa0\x80",
    "\t",
    "\n",
    "\x01",
    "\xcc\x81",
    "{title}:",
    "- {title}: ",
    "x'00'",
    "/a.*b/",
    "*ebr*",
    "*",
    "**",
    "*\xe4\xb8\xad*",
    "title:*",
    "body:*",
    "speaker:*nn*",
    "event:*os*",
    "/(/",
    "slides",
    "0a1b2c3d",
};

static const char *piece(void) {
    return pieces[(size_t)random() % (sizeof pieces / sizeof *pieces)];
}

/* Groups in groups, with operators between that mean something. */
static void add_nested(struct buf *b, int depth) {
    static const char *const operators[] = {" ", " OR ", " AND ", " -", " NOT "};
    for (long n = 1 + random() % 3; n > 0; n--) {
        buf_adds(b, operators[random() % 5]);
        if (depth > 0 && random() % 4) {
            buf_addc(b, '(');
            add_nested(b, depth - 1);
            buf_addc(b, ')');
        } else {
            buf_adds(b, piece());
        }
        if (b->len > 4000) {
            return;
        }
    }
}

/* A value that its field cannot have is told with its column; nothing else is an error. */
static bool is_value(const struct err *err) {
    return err->code == E_USAGE && strncmp(err->at, "column ", 7) == 0;
}

static void any_text_is_a_query(void **state) {
    struct sample *s = *state;
    char text[300];
    const char *talk = sample_put(
        s, "talk", "{title:'A zebra', event:'SOSP 2017', speakers:['Ann'], tags:['x'], abstract:'text', session:'S'}");
    snprintf(text, sizeof text,
             "{title:'N', body:'zebra \xe4\xb8\xad\xe6\x96\x87 caf\xc3\xa9', talks:['%s'], tags:['y']}", talk);
    sample_put(s, "note", text);
    sample_put(s, "note", "{title:'M', body:'a ++ secret'}");
    static const char *const types[] = {"talk", "note", "event", "person", "session", "tag", "source"};
    long rounds = getenv("LECTERN_FUZZ_ROUNDS") ? atol(getenv("LECTERN_FUZZ_ROUNDS")) : 3000;
    srandom(42);
    for (long i = 0; i < rounds; i++) {
        struct buf b = BUF_INIT;
        struct arena a = ARENA_INIT;
        struct value v;
        for (long n = random() % 16; n >= 0 && i % 8; n--) {
            buf_adds(&b, piece());
        }
        if (i % 8 == 0) {
            add_nested(&b, (int)(random() % 70));
        }
        bool more = i > rounds / 2; /* half of them with an index of pieces */
        for (bool alone; more;) {
            sample_must(s, store_fill(s->store, &more, &alone, &s->err), "fill");
        }
        if (read_search(s->reader, b.data, 5, &a, &v, &s->err) && !is_value(&s->err)) {
            fail_msg("search %s: %s", b.data, s->err.message);
        }
        err_release(&s->err);
        struct find f = {.type = types[(size_t)i % 7], .query = b.data, .limit = 3};
        if (read_find(s->reader, &f, &a, &v, &s->err) && !is_value(&s->err)) {
            fail_msg("find %s %s: %s", f.type, b.data, s->err.message);
        }
        err_release(&s->err);
        arena_release(&a);
        buf_release(&b);
    }
}

static const struct {
    const char *query, *at, *message;
} refused[] = {
    {"raft year:soon", "column 11", "'soon' is no year, at column 11 of the query"},
    {"words:>many", "column 7", "'>many' is no number, at column 7 of the query"},
    {"words:10..", NULL, NULL},
    {"words:..", "column 7", NULL},
    {"words:>=", "column 7", NULL},
    {"a -(date:2014-13x)", "column 10", NULL},
    {"date:2014..", NULL, NULL},
    {"date:..", "column 6", NULL},
    {"has:nothing", "column 5", "'nothing' is nothing that can be had, at column 5 of the query"},
    {"type:tlak", "column 6", "'tlak' is no type, at column 6 of the query"},
    {"title:/(/", "column 7", NULL},
    {"path:/*/", "column 6", NULL},
    {"query:none", "column 7", "'none' is no saved query, at column 7 of the query"},
    {"field.:x", NULL, NULL},
    {"field:x", NULL, NULL},
    {"nofield:year", NULL, NULL},
    {"is:keynote", NULL, NULL},
};

static void impossible_values_are_told_with_their_column(void **state) {
    struct sample *s = *state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct value v;
        struct find f = {.type = "talk", .query = refused[i].query, .limit = 3};
        for (int k = 0; k < 2; k++) {
            int rc = k ? read_find(s->reader, &f, &s->arena, &v, &s->err)
                       : read_search(s->reader, refused[i].query, 5, &s->arena, &v, &s->err);
            if ((rc != 0) != (refused[i].at != NULL) || strcmp(s->err.at, refused[i].at ? refused[i].at : "") != 0 ||
                (refused[i].message && strcmp(s->err.message, refused[i].message) != 0)) {
                fail_msg("%s: %d '%s' at '%s'", refused[i].query, rc, s->err.message, s->err.at);
            }
            err_release(&s->err);
        }
    }
}

/* The deepest and the longest there can be. */
static void large_queries_are_answered(void **state) {
    struct sample *s = *state;
    sample_put(s, "note", "{title:'M', body:'zebra'}");
    static const char *const units[] = {
        "(zebra OR ",
        "(NOT zebra ",
        "(event:a OR ",
        "-(",
        "(speaker:a -",
        "(kind:a OR -(",
        "(title:a OR NOT (",
        "(year:1 OR (source:abcdef01 ",
        "(\xe4\xb8\xad OR (\xe4\xb8\xad ",
        "(affiliation:a OR (has:event ",
        "(person:/a/ OR (type:note ",
        "(body:a -(is:part OR ",
        "(words:>1 OR -(date:2014..2015 ",
        "(field.mood:x OR (updated:2017-05 ",
        "speaker:x OR ",
        "event:x OR ",
        "title:zebra ",
        "zebra ",
        "\xe4\xb8\xad OR ",
        "year:1 OR ",
        "source:abcdef01 OR ",
        "(a (b OR ",
    };
    static const char *const types[] = {"talk", "note", "event", "person", "source"};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        struct buf b = BUF_INIT;
        struct value v;
        for (int i = 0; i < 400; i++) {
            buf_adds(&b, units[u]);
        }
        sample_must(s, read_search(s->reader, b.data, 5, &s->arena, &v, &s->err), units[u]);
        for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
            struct find f = {.type = types[t], .query = b.data, .limit = 3};
            sample_must(s, read_find(s->reader, &f, &s->arena, &v, &s->err), units[u]);
        }
        buf_release(&b);
    }
}

static int open_sample(void **state) {
    static struct sample s;
    sample_open(&s);
    *state = &s;
    return 0;
}

static int close_sample(void **state) {
    sample_close(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_sample, close_sample)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(title_beats_speaker_beats_tag_beats_body),
        TEST(ties_are_newest_first),
        TEST(a_note_of_one_talk_is_shown_as_the_talk),
        TEST(a_hit_has_the_contracts_fields),
        TEST(a_snippet_is_cut_at_characters),
        TEST(runs_without_spaces_are_found_inside),
        TEST(limits_hold),
        TEST(one_talk_does_not_fill_the_page),
        TEST(any_text_is_a_query),
        TEST(impossible_values_are_told_with_their_column),
        TEST(large_queries_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
