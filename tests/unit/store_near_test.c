/* What helps to find: facets, near words, telling words, going on behind a hit, weights, snippets of the best window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_sample.h"

static void fill(struct sample *s) {
    sample_put(s, "talk",
               "{title:'Scheduling storage', event:'SOSP 2017', speakers:['Ann Lee', 'Bo Ek'], tags:['disk'], "
               "abstract:'Schedulers for disks and storage arrays.'}");
    sample_put(s, "talk",
               "{title:'Storage again', event:'SOSP 2017', speakers:['Ann Lee'], abstract:'More about disks.'}");
    sample_put(s, "talk",
               "{title:'Caf\xc3\xa9 culture', event:'OSDI 2018', speakers:['Ida Ro'], tags:['disk','food']}");
    sample_put(s, "note", "{title:'Loose', body:'Consensus and storage, in a note of no talk', lang:'en'}");
}

static const char *facets(struct sample *s, const char *type, const char *query, const char *fields) {
    struct value list;
    struct buf b = BUF_INIT;
    struct find f = {.type = type, .query = query, .limit = -1};
    sample_must(s, read_facets(s->reader, &f, fields, &s->arena, &list, &s->err), fields);
    for (uint32_t i = 0; i < list.len; i++) {
        const struct value *v = value_at(&list, i);
        buf_addf(&b, "%s%s:%s=%lld", i ? " " : "", value_cstr(value_get(v, "field"), ""),
                 value_cstr(value_get(v, "value"), ""), (long long)value_toint(value_get(v, "count"), -1));
    }
    const char *text = arena_dup(&s->arena, b.data, b.len);
    buf_release(&b);
    return text;
}

static void facets_count(void **state) {
    struct sample *s = *state;
    struct value list;
    fill(s);
    assert_string_equal(facets(s, "talk", NULL, "event,year"),
                        "event:sosp-2017=2 event:osdi-2018=1 year:2017=2 year:2018=1");
    assert_string_equal(facets(s, "talk", NULL, "speaker"), "speaker:Ann Lee=2 speaker:Bo Ek=1 speaker:Ida Ro=1");
    assert_string_equal(facets(s, "talk", "disks", "event, tag"),
                        "event:sosp-2017=2 event:osdi-2018=1 tag:disk=2 tag:food=1");
    assert_string_equal(
        facets(s, "talk", "-tag:food (event:sosp OR (year:2018 -(kind:keynote OR -(tag:disk))))", "year"),
        "year:2017=2");
    assert_string_equal(facets(s, "note", NULL, "lang"), "lang:en=1");
    assert_string_equal(facets(s, "talk", "nothing", "event"), "");
    assert_string_equal(facets(s, "talk", NULL, ""), "");
    struct find f = {.type = "talk", .limit = -1};
    assert_int_equal(read_facets(s->reader, &f, "evnt", &s->arena, &list, &s->err), -E_USAGE);
    assert_string_equal(s->err.message, "a talk cannot be counted by 'evnt'; did you mean 'event'?");
    f.query = "year:soon";
    assert_int_equal(read_facets(s->reader, &f, "event", &s->arena, &list, &s->err), -E_USAGE);
}

static void near_words_are_suggested(void **state) {
    struct sample *s = *state;
    static const struct {
        const char *query, *better;
    } cases[] = {
        {"storge", "storage"},
        {"storage", NULL},
        {"consesus storage", "consensus storage"},
        {"(schedling OR disc) -x", "(scheduling OR disk) -x"},
        {"tsorage", "storage"},
        {"xyzzyq", NULL},
        {"ab", NULL},
        {"speaker:storge", NULL},
        {"speaker:lea", "speaker:Lee"},
        {"speaker:\"An Lee\" storage", "speaker:\"Ann Lee\" storage"},
        {"speaker:lee", NULL},
        {"speaker:le*", NULL},
        {"(event:ospd-2018 OR tag:dsik) storge", "(event:osdi-2018 OR tag:disk) storage"},
        {"event:osdi", NULL},
        {"-tag:dsik", NULL},
        {"kind:tlak", "kind:talk"},
        {"session:day", NULL},
        {"title:storge", NULL},
        {"cofe", "caf\xc3\xa9"},
        {"\"unclosed storge", "\"unclosed storage"},
        {"\xff storge", "\xff storage"},
        {"", NULL},
    };
    fill(s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value v;
        sample_must(s, read_suggest(s->reader, cases[i].query, &s->arena, &v, &s->err), cases[i].query);
        const char *got = value_cstr(&v, NULL);
        if ((got == NULL) != (cases[i].better == NULL) || (got && strcmp(got, cases[i].better) != 0)) {
            fail_msg("%s gives %s, wanted %s", cases[i].query, got ? got : "nothing",
                     cases[i].better ? cases[i].better : "nothing");
        }
    }
}

static void telling_words_come_first(void **state) {
    struct sample *s = *state;
    struct value list;
    struct uuid id;
    const char *note = sample_put(s, "note", "{title:'N', body:'the lease expires, the lease renews, the watch ends'}");
    sample_put(s, "note", "{title:'O', body:'the other one, about the lease'}");
    for (int i = 0; i < 20; i++) {
        sample_put(s, "note", "{title:'P', body:'the one and the other watch'}");
    }
    uuid_parse(note, strlen(note), &id);
    sample_must(s, read_terms(s->reader, &id, 2, &s->arena, &list, &s->err), "terms");
    assert_int_equal(list.len, 2);
    assert_string_equal(sample_list(s, &list, "word"), "lease|watch");
    assert_int_equal(value_toint(value_get(value_at(&list, 0), "count"), 0), 2);
    assert_int_equal(value_toint(value_get(value_at(&list, 0), "documents"), 0), 2);
}

/* Pages by the last hit hold each hit once, in the order of one long page. */
static void pages_of_hits(void **state) {
    struct sample *s = *state;
    char text[200];
    const char *talk = sample_put(s, "talk", "{title:'Zebra talk'}");
    for (int i = 0; i < 40; i++) {
        snprintf(text, sizeof text, "{title:'N%d', body:'zebra %.*s', %s%s%s}", i, i % 7 * 6,
                 "word1 word2 word3 word4 word5 word6", i % 5 ? "tags:['" : "talks:['", i % 5 ? "t" : talk, "']");
        sample_put(s, "note", text);
    }
    struct value all, page;
    sample_must(s, read_search(s->reader, "zebra", 100, &s->arena, &all, &s->err), "all");
    assert_int_equal(all.len, 33);
    struct search q = {.query = "zebra", .limit = 4};
    uint32_t at = 0;
    do {
        sample_must(s, read_search_for(s->reader, &q, &s->arena, &page, &s->err), "page");
        for (uint32_t i = 0; i < page.len; i++) {
            q.after = value_cstr(value_get(value_at(&page, i), "id"), "");
            assert_string_equal(q.after, value_cstr(value_get(value_at(&all, at++), "id"), ""));
        }
    } while (page.len);
    assert_int_equal(at, all.len);
    q.after = talk;
    q.query = "nothing";
    assert_int_equal(read_search_for(s->reader, &q, &s->arena, &page, &s->err), -E_USAGE);
}

static void weights_decide(void **state) {
    struct sample *s = *state;
    struct value hits;
    sample_put(s, "note", "{title:'zebra', body:'nothing more'}");
    sample_put(s, "note", "{title:'Other', body:'zebra zebra zebra'}");
    for (int i = 0; i < 8; i++) {
        sample_put(s, "note", "{title:'Horse', body:'nothing more here'}");
    }
    static const double body[] = {0.1, 1.0, 1.0, 10.0};
    struct search q = {.query = "zebra", .limit = 1};
    sample_must(s, read_search_for(s->reader, &q, &s->arena, &hits, &s->err), "search");
    assert_string_equal(sample_list(s, &hits, "title"), "zebra");
    q.weights = body;
    sample_must(s, read_search_for(s->reader, &q, &s->arena, &hits, &s->err), "search");
    assert_string_equal(sample_list(s, &hits, "title"), "Other");
}

static const char *snippet(struct sample *s, const char *query) {
    struct value hits = sample_search(s, query);
    struct buf b = BUF_INIT;
    assert_int_equal(hits.len, 1);
    const struct value *hit = value_at(&hits, 0);
    const char *text = value_cstr(value_get(hit, "snippet"), "");
    const struct value *matches = value_get(hit, "matches");
    for (uint32_t i = 0; i < matches->len; i++) {
        const struct value *range = value_at(matches, i);
        int64_t from = value_toint(value_at(range, 0), 0);
        int64_t to = value_toint(value_at(range, 1), 0);
        buf_addf(&b, "%s%.*s", i ? "|" : "", (int)(to - from), text + from);
    }
    const char *list = arena_dup(&s->arena, b.data, b.len);
    buf_release(&b);
    return list;
}

/* What is marked is what the index matched; the window is where most of it is. */
static void the_best_window_is_shown(void **state) {
    struct sample *s = *state;
    struct buf b = BUF_INIT;
    buf_adds(&b, "{title:'T', body:'A lease at the start. ");
    for (int i = 0; i < 60; i++) {
        buf_adds(&b, "Some filler about nothing at all. ");
    }
    buf_adds(&b, "Here leases and watches\\nmeet: the lease holder watched a caf\xc3\xa9. ");
    for (int i = 0; i < 60; i++) {
        buf_adds(&b, "More filler about the rest. ");
    }
    buf_adds(&b, "A watch at the end.'}");
    sample_put(s, "note", b.data);
    buf_release(&b);
    assert_string_equal(snippet(s, "lease watch"), "leases|watches|lease|watched");
    assert_string_equal(snippet(s, "\"leases and watches\""), "leases and watches");
    assert_string_equal(snippet(s, "watche* OR CAFE"), "watches|watched|caf\xc3\xa9");
    assert_string_equal(snippet(s, "lease"), "leases|lease");
    assert_string_equal(snippet(s, "title:t lease watch"), "leases|watches|lease|watched");
    assert_string_equal(snippet(s, "\"lease holder\" lease"), "leases|lease holder");
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
        TEST(facets_count),  TEST(near_words_are_suggested), TEST(telling_words_come_first),
        TEST(pages_of_hits), TEST(weights_decide),           TEST(the_best_window_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
