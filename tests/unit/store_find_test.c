/* Lists: what a query finds for each type, sorting, pages that neither repeat nor skip. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_sample.h"

/* Three conferences, a workshop report that covers two talks, a mention, something in CJK. */
static void fill(struct sample *s) {
    char text[600];
    const char *raft =
        sample_put(s, "talk",
                   "{title:'Scaling Raft', event:'SOSP 2017', session:'Consensus', kind:'talk', "
                   "speakers:[{name:'Diego Ongaro', affiliations:['Stanford University']}], tags:['consensus'], "
                   "slides_url:'http://s', start:'2017-10-29T09:00'}");
    const char *paxos =
        sample_put(s, "talk",
                   "{title:'Paxos made live', event:'PODC 2007', kind:'keynote', speakers:['Tushar Chandra'], "
                   "abstract:'Building databases', lang:'en-US', start:'2007-08-12', awards:['Best Paper']}");
    sample_put(
        s, "talk",
        "{title:'C++ for o\\'neil', event:{name:'CppCon', year:2019}, speakers:['Bjarne Stroustrup'], lang:'en', "
        "fields:{mood:'bright day', seats:42}}");
    sample_put(s, "talk", "{title:'Mentioned elsewhere', event:'SOSP 2017', kind:'mention'}");
    sample_put(s, "talk",
               "{title:'\xe5\x88\x86\xe5\xb8\x83\xe5\xbc\x8f\xe7\xb3\xbb\xe7\xbb\x9f\xe5\x85\xa5\xe9\x97\xa8', "
               "event:'QCon 2018', lang:'zh'}");
    snprintf(text, sizeof text,
             "{title:'Notes on Raft', body:'Leader election and log replication.', talks:['%s'], author:'Ann Lee', "
             "tags:['mine'], questions:[{q:'Why?', a:'Because.'}]}",
             raft);
    sample_put(s, "note", text);
    snprintf(text, sizeof text,
             "{title:'Trip report', kind:'post', body:'Everything about databases and elections.', talks:['%s','%s']}",
             raft, paxos);
    sample_put(s, "note", text);
    sample_put(s, "note", "{title:'Loose', body:'snowman \xe2\x98\x83 and ++ signs', event:'SOSP 2017', lang:'de'}");
}

static const struct {
    const char *type, *query, *found;
} cases[] = {
    {"talk", "",
     "Scaling Raft|Paxos made live|C++ for "
     "o'neil|\xe5\x88\x86\xe5\xb8\x83\xe5\xbc\x8f\xe7\xb3\xbb\xe7\xbb\x9f\xe5\x85\xa5\xe9\x97\xa8"},
    {"talk", "election", "Scaling Raft|Paxos made live"}, /* stemmed; by their notes */
    {"talk", "leader election", "Scaling Raft"},
    {"talk", "\"log replication\"", "Scaling Raft"},
    {"talk", "\"replication log\"", ""},
    {"talk", "elect*", "Scaling Raft|Paxos made live"},
    {"talk", "leader OR stroustrup", "Scaling Raft|C++ for o'neil"},
    {"talk", "election -leader", "Paxos made live"},
    {"talk", "NOT election",
     "C++ for o'neil|\xe5\x88\x86\xe5\xb8\x83\xe5\xbc\x8f\xe7\xb3\xbb\xe7\xbb\x9f\xe5\x85\xa5\xe9\x97\xa8"},
    {"talk", "(leader OR speaker:chandra) raft", "Scaling Raft|Paxos made live"}, /* the report has both titles */
    {"talk", "speaker:ongaro", "Scaling Raft"},
    {"talk", "speaker:\"diego ongaro\"", "Scaling Raft"},
    {"talk", "speaker:ongar", ""},
    {"talk", "speaker:ongar*", "Scaling Raft"},
    {"talk", "speaker:/^(diego|tushar)/", "Scaling Raft|Paxos made live"},
    {"talk", "-speaker:*", "\xe5\x88\x86\xe5\xb8\x83\xe5\xbc\x8f\xe7\xb3\xbb\xe7\xbb\x9f\xe5\x85\xa5\xe9\x97\xa8"},
    {"talk", "title:raft", "Scaling Raft"}, /* not its sibling in the report */
    {"talk", "title:scale", "Scaling Raft"},
    {"talk", "title:\"made live\"", "Paxos made live"},
    {"talk", "title:/^C\\+\\+/", "C++ for o'neil"},
    {"talk", "event:sosp-2017", "Scaling Raft"},
    {"talk", "event:\"SOSP 2017\"", "Scaling Raft"},
    {"talk", "event:SOSP", "Scaling Raft"},
    {"talk", "event:sos*", "Scaling Raft"},
    {"talk", "event:/con$/",
     "C++ for o'neil|\xe5\x88\x86\xe5\xb8\x83\xe5\xbc\x8f\xe7\xb3\xbb\xe7\xbb\x9f\xe5\x85\xa5\xe9\x97\xa8"},
    {"talk", "event:nothing", ""},
    {"talk", "kind:keynote", "Paxos made live"},
    {"talk", "is:keynote", "Paxos made live"},
    {"talk", "kind:mention", "Mentioned elsewhere"},
    {"talk", "tag:consensus", "Scaling Raft"},
    {"talk", "tag:MINE", "Scaling Raft"}, /* by its note, in any case */
    {"talk", "tag:con*", "Scaling Raft"},
    {"talk", "author:lee", "Scaling Raft"},
    {"talk", "session:consensus", "Scaling Raft"},
    {"talk", "affiliation:stanford", "Scaling Raft"},
    {"talk", "award:best", "Paxos made live"},
    {"talk", "lang:en", "Paxos made live|C++ for o'neil"},
    {"talk", "-lang:en",
     "Scaling Raft|\xe5\x88\x86\xe5\xb8\x83\xe5\xbc\x8f\xe7\xb3\xbb\xe7\xbb\x9f\xe5\x85\xa5\xe9\x97\xa8"},
    {"talk", "year:2017", "Scaling Raft"},
    {"talk", "year:2017..2018",
     "Scaling Raft|\xe5\x88\x86\xe5\xb8\x83\xe5\xbc\x8f\xe7\xb3\xbb\xe7\xbb\x9f\xe5\x85\xa5\xe9\x97\xa8"},
    {"talk", "year:..2010", "Paxos made live"},
    {"talk", "year:2019..", "C++ for o'neil"},
    {"talk", "year:200*", "Paxos made live"},
    {"talk", "date:2017-10", "Scaling Raft"},
    {"talk", "date:2017-10-29T09:00", "Scaling Raft"},
    {"talk", "date:2017-11..",
     "C++ for o'neil|\xe5\x88\x86\xe5\xb8\x83\xe5\xbc\x8f\xe7\xb3\xbb\xe7\xbb\x9f\xe5\x85\xa5\xe9\x97\xa8"},
    {"talk", "date:2007..2017-10-28", "Paxos made live"},
    {"talk", "date:..2007-08-12", "Paxos made live"},
    {"talk", "words:>8", "Scaling Raft"},
    {"talk", "words:5..6", "Paxos made live"},
    {"talk", "words:>=10", "Scaling Raft"},
    {"talk", "field.mood:day", "C++ for o'neil"},
    {"talk", "field.MOOD:\"bright day\"", "C++ for o'neil"},
    {"talk", "field.mood:br*", "C++ for o'neil"},
    {"talk", "field.seats:42", "C++ for o'neil"},
    {"talk", "field.mood:*", "C++ for o'neil"},
    {"talk", "field.none:*", ""},
    {"talk", "created:2026-01-01 raft", "Scaling Raft|Paxos made live"},
    {"talk", "created:..2025", ""},
    {"talk", "has:slides", "Scaling Raft"},
    {"talk", "has:abstract", "Paxos made live"},
    {"talk", "has:notes", "Scaling Raft|Paxos made live"},
    {"talk", "has:question", "Scaling Raft"},
    {"talk", "c++", "C++ for o'neil"},
    {"talk", "o'neil", "C++ for o'neil"},
    {"talk", "\xe7\xb3\xbb\xe7\xbb\x9f",
     "\xe5\x88\x86\xe5\xb8\x83\xe5\xbc\x8f\xe7\xb3\xbb\xe7\xbb\x9f\xe5\x85\xa5\xe9\x97\xa8"},
    {"talk", "title:\xe7\xb3\xbb\xe7\xbb\x9f",
     "\xe5\x88\x86\xe5\xb8\x83\xe5\xbc\x8f\xe7\xb3\xbb\xe7\xbb\x9f\xe5\x85\xa5\xe9\x97\xa8"},
    {"talk", "raft ++ \xf0\x9f\x98\x80",
     "Scaling Raft|Paxos made live"}, /* what is no word does not count beside words */
    {"talk", "id:zzz", ""},
    {"talk", "type:talk raft leader", "Scaling Raft"},
    {"talk", "type:note", ""},
    {"note", "", "Notes on Raft|Trip report|Loose"},
    {"note", "raft", "Notes on Raft|Trip report"},
    {"note", "speaker:ongaro", "Notes on Raft|Trip report"},
    {"note", "event:sosp", "Notes on Raft|Trip report|Loose"},
    {"note", "author:ann", "Notes on Raft"},
    {"note", "kind:post", "Trip report"},
    {"note", "\xe2\x98\x83", "Loose"}, /* alone it is looked for as it stands */
    {"note", "++", "Loose"},
    {"note", "\xe2\x98\x83 OR leader", "Notes on Raft"},
    {"note", "body:snowman", "Loose"},
    {"note", "lang:de", "Loose"},
    {"note", "words:5", "Notes on Raft|Trip report"},
    {"note", "words:<4", "Loose"},
    {"note", "date:2017", "Notes on Raft|Trip report|Loose"},
    {"note", "has:talk", "Notes on Raft|Trip report"},
    {"event", "", "sosp-2017|podc-2007|cppcon-2019|qcon-2018"},
    {"event", "sosp", "sosp-2017"},
    {"event", "year:2015..2018", "sosp-2017|qcon-2018"},
    {"event", "speaker:ongaro", "sosp-2017"},
    {"event", "date:2018..", "cppcon-2019|qcon-2018"},
    {"event", "updated:2026", "sosp-2017|podc-2007|cppcon-2019|qcon-2018"},
    {"event", "title:podc", "podc-2007"},
    {"person", "", "Diego Ongaro|Tushar Chandra|Bjarne Stroustrup|Ann Lee"},
    {"person", "ann", "Ann Lee"},
    {"person", "stanford", ""},
    {"person", "affiliation:stanford", "Diego Ongaro"},
    {"person", "event:podc", "Tushar Chandra"},
    {"session", "", "Consensus"},
    {"session", "event:sosp", "Consensus"},
    {"session", "nothing", ""},
    {"tag", "", "consensus|mine"},
    {"tag", "con", "consensus"},
    {"tag", "speaker:ongaro", "consensus"},
};

static void queries_find(void **state) {
    struct sample *s = *state;
    fill(s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *found = sample_titles(s, cases[i].type, cases[i].query);
        if (strcmp(found, cases[i].found) != 0) {
            fail_msg("%s %s\n  finds  %s\n  wanted %s", cases[i].type, cases[i].query, found, cases[i].found);
        }
    }
}

static void filters_join_the_query(void **state) {
    struct sample *s = *state;
    fill(s);
    struct value event;
    struct uuid id;
    sample_must(s, read_resolve_event(s->reader, "sosp-2017", &s->arena, &event, &s->err), "event");
    const char *text = value_cstr(value_get(&event, "id"), "");
    uuid_parse(text, strlen(text), &id);
    static const struct {
        const char *type, *kind, *found, *field;
    } wanted[] = {
        {"talk", NULL, "Scaling Raft", "title"},  {"talk", "mention", "Mentioned elsewhere", "title"},
        {"talk", "keynote", "", "title"},         {"note", NULL, "Notes on Raft|Trip report|Loose", "title"},
        {"note", "post", "Trip report", "title"}, {"event", NULL, "sosp-2017", "slug"},
        {"person", NULL, "Diego Ongaro", "name"}, {"session", NULL, "Consensus", "name"},
        {"tag", NULL, "consensus", "name"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct find f = {.type = wanted[i].type, .kind = wanted[i].kind, .event = &id, .limit = -1};
        struct value page = sample_find(s, &f);
        assert_string_equal(sample_list(s, value_get(&page, "items"), wanted[i].field), wanted[i].found);
    }
    struct find f = {.type = "tag", .limit = -1};
    struct value page = sample_find(s, &f);
    assert_string_equal(sample_json(s, value_at(value_get(&page, "items"), 0)),
                        "{\"type\":\"tag\",\"id\":null,\"short\":null,\"created\":null,\"updated\":null,\"name\":"
                        "\"consensus\",\"count\":1}");
}

static void wrong_wishes_are_usage(void **state) {
    struct sample *s = *state;
    struct value v;
    struct find f = {.type = "tlak", .limit = -1};
    assert_int_equal(read_find(s->reader, &f, &s->arena, &v, &s->err), -E_USAGE);
    f = (struct find){.type = "event", .kind = "keynote", .limit = -1};
    assert_int_equal(read_find(s->reader, &f, &s->arena, &v, &s->err), -E_USAGE);
    f = (struct find){.type = "talk", .sort = "tilte", .limit = -1};
    assert_int_equal(read_find(s->reader, &f, &s->arena, &v, &s->err), -E_USAGE);
    assert_string_equal(s->err.message, "a talk cannot be sorted by 'tilte'; did you mean 'title'?");
    f.sort = "title:down";
    assert_int_equal(read_find(s->reader, &f, &s->arena, &v, &s->err), -E_USAGE);
    f.sort = "1;drop";
    assert_int_equal(read_find(s->reader, &f, &s->arena, &v, &s->err), -E_USAGE);
    f = (struct find){.type = "talk", .after = "zzz", .limit = -1};
    assert_true(read_find(s->reader, &f, &s->arena, &v, &s->err) < 0);
}

/* An object as keys, one behind the other. */
static const char *keys_of(struct sample *s, const struct value *object) {
    struct buf out = BUF_INIT;
    for (uint32_t i = 0; i < object->len; i++) {
        buf_addf(&out, "%s%s", i ? " " : "", object->pairs[i].key.s);
    }
    const char *text = arena_strdup(&s->arena, out.data);
    buf_release(&out);
    return text;
}

static void only_fields_that_are_asked_for(void **state) {
    struct sample *s = *state;
    fill(s);
    struct value names = value_array(&s->arena, 4);
    value_push(&s->arena, &names, value_lit("title"));
    value_push(&s->arena, &names, value_lit("speakers"));
    value_push(&s->arena, &names, value_lit("words"));
    struct find f = {.type = "talk", .limit = -1, .body = true, .fields = &names};
    struct value page = sample_find(s, &f);
    f.fields = NULL;
    struct value whole = sample_find(s, &f);
    const struct value *items = value_get(&page, "items");
    assert_true(items->len > 1);
    assert_int_equal(items->len, value_get(&whole, "items")->len);
    for (uint32_t i = 0; i < items->len; i++) {
        const struct value *one = value_at(items, i), *all = value_at(value_get(&whole, "items"), i);
        assert_string_equal(keys_of(s, one), "id title speakers words");
        for (uint32_t k = 0; k < one->len; k++) {
            assert_string_equal(sample_json(s, &one->pairs[k].val),
                                sample_json(s, value_get(all, one->pairs[k].key.s)));
        }
    }
    value_push(&s->arena, &names, value_lit("title_"));
    f.fields = &names;
    struct value v;
    assert_int_equal(read_find(s->reader, &f, &s->arena, &v, &s->err), -E_USAGE);
    assert_string_equal(s->err.message, "a talk has no field 'title_'");
    /* The next page begins behind the last id, which is always there. */
    err_release(&s->err);
    names.len = 0;
    f.limit = 1;
    page = sample_find(s, &f);
    assert_string_equal(keys_of(s, value_at(value_get(&page, "items"), 0)), "id");
    assert_true(value_is(value_get(&page, "after"), VALUE_STR));
}

enum { MANY = 600 };

static void fill_many(struct sample *s, char ids[MANY][UUID_TEXT + 1]) {
    struct store_run run = {.command = "test", .started_ms = clock_now_ms()};
    struct value done = value_array(&s->arena, 0);
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    for (int i = 0; i < MANY; i++) {
        char text[200];
        snprintf(text, sizeof text, "{title:'T%d', body:'%.*s', ord:%d, event:'E%d 20%02d'}", (i * 7919) % 50, i % 40,
                 "word word word word word word word word word", i % 13, i % 5, i % 5 + 10);
        const char *at = text;
        struct value body = values_read(&s->arena, &at);
        struct op op = {.kind = OP_PUT, .entity = ENTITY_NOTE, .id = uuid4(), .base_rev = -1, .body = &body};
        uuid_text(&op.id, ids[i]);
        sample_must(s, store_apply(s->store, &op, 1, &s->arena, &done, &s->err), "apply");
    }
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
}

/* All pages of F: each object once, and in order as COMPARE says (0: equal is fine). */
static void walk_pages(struct sample *s, struct find f, size_t wanted) {
    size_t count = 0;
    static char seen[MANY + 8][UUID_TEXT + 1];
    for (int pages = 0; pages < 1000; pages++) {
        struct value page = sample_find(s, &f);
        const struct value *items = value_get(&page, "items");
        for (uint32_t i = 0; i < items->len; i++) {
            const char *id = value_cstr(value_get(value_at(items, i), "id"), "");
            for (size_t k = 0; k < count; k++) {
                assert_string_not_equal(seen[k], id);
            }
            strcpy(seen[count++], id);
        }
        f.after = value_cstr(value_get(&page, "after"), NULL);
        if (!f.after) {
            break;
        }
        assert_true(items->len > 0);
    }
    assert_int_equal(count, wanted);
}

static void pages_join(void **state) {
    struct sample *s = *state;
    static char ids[MANY][UUID_TEXT + 1];
    fill_many(s, ids);
    static const char *const sorts[] = {NULL,           "title",    "title:desc", "words",     "words:desc",
                                        "ord",          "ord:desc", "year",       "year:desc", "created",
                                        "updated:desc", "kind",     "name"};
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        walk_pages(s, (struct find){.type = "note", .sort = sorts[i], .limit = -1}, MANY);
        walk_pages(s, (struct find){.type = "note", .sort = sorts[i], .limit = 97}, MANY);
    }
    walk_pages(
        s, (struct find){.type = "note", .sort = "words:desc", .limit = 100, .body = true, .query = "word OR NOT word"},
        MANY);
    struct find f = {.type = "note", .sort = "words:desc", .limit = 3};
    struct value page = sample_find(s, &f);
    assert_int_equal(value_get(&page, "items")->len, 3);
    assert_int_equal(value_get(value_at(value_get(&page, "items"), 0), "words")->i, 8);
    f.limit = 0;
    page = sample_find(s, &f);
    assert_int_equal(value_get(&page, "items")->len, 0);
}

static void ids_come_in_their_order(void **state) {
    struct sample *s = *state;
    static char texts[MANY][UUID_TEXT + 1];
    static struct uuid ids[MANY * 2];
    fill_many(s, texts);
    for (int i = 0; i < MANY; i++) {
        uuid_parse(texts[MANY - 1 - i], UUID_TEXT, &ids[2 * i]);
        ids[2 * i + 1] = i % 2 ? uuid4() : ids[2 * i]; /* one that is not there, or one twice */
    }
    struct find f = {.type = "note", .ids = ids, .nids = MANY * 2, .limit = -1};
    size_t count = 0;
    for (;;) {
        struct value page = sample_find(s, &f);
        const struct value *items = value_get(&page, "items");
        for (uint32_t i = 0; i < items->len; i++, count++) {
            size_t at = count / 3 * 2 + (count % 3 == 2);
            assert_string_equal(value_cstr(value_get(value_at(items, i), "id"), ""), texts[MANY - 1 - at]);
        }
        f.after = value_cstr(value_get(&page, "after"), NULL);
        if (!f.after) {
            break;
        }
    }
    assert_int_equal(count, MANY + MANY / 2);
    f = (struct find){.type = "note", .ids = ids, .nids = MANY * 2, .limit = -1, .query = "title:T7"};
    struct value page = sample_find(s, &f);
    assert_int_equal(value_get(&page, "items")->len, 2 * MANY / 50); /* all of them are among those given twice */
    f.type = "talk";
    page = sample_find(s, &f);
    assert_int_equal(value_get(&page, "items")->len, 0);
}

static void a_page_of_bodies_is_bounded(void **state) {
    struct sample *s = *state;
    struct buf text = BUF_INIT;
    for (int i = 0; i < 20; i++) {
        buf_clear(&text);
        buf_addf(&text, "{title:'B%d', body:'", i);
        buf_pad(&text, 'x', 20000);
        buf_adds(&text, "'}");
        sample_put(s, "note", text.data);
    }
    struct find f = {.type = "note", .limit = -1, .body = true};
    size_t pages = 0, items = 0;
    do {
        struct value page = sample_find(s, &f);
        const struct value *list = value_get(&page, "items");
        assert_in_range(list->len, 1, 4);
        items += list->len;
        pages++;
        f.after = value_cstr(value_get(&page, "after"), NULL);
    } while (f.after);
    assert_int_equal(items, 20);
    assert_in_range(pages, 5, 7);
    buf_release(&text);
}

static void interrupted_is_cancelled(void **state) {
    struct sample *s = *state;
    struct value v;
    struct find f = {.type = "note", .limit = -1};
    reader_interrupt(s->reader);
    assert_int_equal(read_find(s->reader, &f, &s->arena, &v, &s->err), -E_CANCELLED);
    store_reader_give(s->reader);
    s->reader = store_reader_take(s->store);
    assert_int_equal(read_find(s->reader, &f, &s->arena, &v, &s->err), 0);
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
        TEST(queries_find),
        TEST(filters_join_the_query),
        TEST(only_fields_that_are_asked_for),
        TEST(wrong_wishes_are_usage),
        TEST(pages_join),
        TEST(ids_come_in_their_order),
        TEST(a_page_of_bodies_is_bounded),
        TEST(interrupted_is_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
