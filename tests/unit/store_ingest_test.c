/* Importing: identity, what is made and filled, importing again, partition of the text, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_source.h"

/* 0        10        20        30        40        50        60
 * # Trip\n Intro.\n ## A\n Text a.\n ## B\n Text b.\n */
static const char trip[] = "# Trip\nIntro.\n## A\nText a.\n## B\nText b.\n";
static const char trip_records[] =
    "[{type:'note', key:'file', title:'Trip', kind:'post', span:[1,2], event:'SOSP 2017', why:'the rest'},"
    " {type:'note', key:'p1', title:'A', span:[3,4], part_of:'file', ord:1, tags:['x']},"
    " {type:'talk', title:'A', speakers:['Ann'], event:'SOSP 2017', note:'p1', span:[3,4], why:'heading', "
    "confidence:0.9},"
    " {type:'note', key:'p2', title:'B', span:[5,6], part_of:'file', ord:2},"
    " {type:'talk', title:'B', speakers:['Bo','Ann'], event:'SOSP 2017', note:'p2', span:[5,6]}]";
static const struct source trip_source = {.path = "/t/trip.md", .text = trip, .records = trip_records};

/* ---- the first time ----------------------------------------------------------------------------------------------- */

static void a_report_of_many_talks(void **state) {
    struct sample *s = *state;
    struct value r = source_import(s, &trip_source);
    assert_string_equal(source_status(&r), "made");
    assert_string_equal(source_items(s, &r), "note made Trip|note made A|talk made A|note made B|talk made B");
    assert_int_equal(value_toint(value_get(&r, "made"), 0), 5);
    const struct value *item = value_at(value_get(&r, "items"), 2);
    assert_int_equal(value_toint(value_get(item, "line_start"), 0), 3);
    assert_int_equal(value_toint(value_get(item, "line_end"), 0), 4);
    assert_true(value_eqs(value_get(item, "why"), "heading"));
    assert_true(value_tofloat(value_get(item, "confidence"), 0) == 0.9);
    const char *post = source_item_id(&r, 0);
    const char *note = source_item_id(&r, 1);
    const char *talk = source_item_id(&r, 2);
    assert_string_equal(sample_field(s, post, "body"), "# Trip\nIntro.\n");
    assert_string_equal(sample_field(s, note, "body"), "## A\nText a.\n");
    assert_string_equal(sample_field(s, note, "part_of"), post);
    assert_string_equal(sample_titles(s, "person", NULL), "Ann|Bo");
    assert_string_equal(sample_titles(s, "event", NULL), "sosp-2017");
    struct value v = sample_get(s, talk, (struct get_options){0});
    const struct value *source = value_at(value_get(&v, "sources"), 0);
    assert_int_equal(value_toint(value_get(source, "byte_start"), -1), 14);
    assert_int_equal(value_toint(value_get(source, "byte_end"), -1), 27);
    assert_int_equal(value_toint(value_get(source, "line_start"), -1), 3);
    assert_string_equal(sample_json(s, value_get(&v, "notes")), arena_printf(&s->arena, "[\"%s\"]", note));
    assert_string_equal(sample_found(s, "text bo"), "B");
    assert_string_equal(sample_found(s, "intro"), "Trip");
    source_reads(s, "/t/trip.md", trip);
}

static void bodies_are_slices_and_gaps_are_kept(void **state) {
    struct sample *s = *state;
    static const char text[] = "---\nfront: matter\n---\n\n  Body of it.  \n\nbetween\nSecond body\ntail \xc3\xa9\n";
    struct source src = {.path = "/t/gaps.md",
                         .text = text,
                         .records = "[{type:'note', title:'One', bytes:[0,41], body_bytes:[23,39]}, {type:'note', "
                                    "title:'Two', span:[8,8], body:'Second body\\n'},"
                                    " {type:'note', title:'Made up', span:[9,9], body:'not in the text'}]"};
    struct value r = source_import(s, &src);
    assert_string_equal(sample_field(s, source_item_id(&r, 0), "body"), "  Body of it.  \n");
    assert_string_equal(sample_field(s, source_item_id(&r, 1), "body"), "Second body\n");
    assert_string_equal(sample_field(s, source_item_id(&r, 2), "body"), "not in the text");
    source_reads(s, "/t/gaps.md", text);
}

static void large_gaps_are_deflated_and_come_back(void **state) {
    struct sample *s = *state;
    struct buf text = BUF_INIT;
    for (int i = 0; i < 4000; i++) {
        buf_addf(&text, "line %d that no note wants\n", i);
    }
    struct source src = {
        .path = "/t/large.txt", .text = text.data, .records = "[{type:'note', title:'N', span:[7,8]}]"};
    source_import(s, &src);
    source_reads(s, "/t/large.txt", text.data);
    struct source none = {.path = "/t/none.txt", .text = text.data + 1};
    struct value r = source_import(s, &none);
    assert_string_equal(source_status(&r), "made");
    source_reads(s, "/t/none.txt", text.data + 1);
    struct source empty = {.path = "/t/empty.txt", .text = ""};
    source_import(s, &empty);
    source_reads(s, "/t/empty.txt", "");
    buf_release(&text);
}

static void an_event_given_fills_what_states_none(void **state) {
    struct sample *s = *state;
    struct source src = {
        .path = "/t/e.md",
        .text = "a\nb\nc\n",
        .event = "'FOSDEM 2020'",
        .records =
            "[{type:'talk', title:'Without'}, {type:'talk', title:'With', event:'OSDI 2020', span:[2,2]},"
            " {type:'talk', title:'With too', event:'OSDI 2020', span:[3,3]}, {type:'note', title:'Loose', body:'x'}]"};
    struct value r = source_import(s, &src);
    assert_string_equal(sample_titles(s, "talk", "event:fosdem-2020"), "Without");
    assert_string_equal(sample_titles(s, "talk", "event:osdi-2020"), "With|With too");
    assert_string_equal(sample_titles(s, "note", "event:fosdem-2020"), "Loose");
    assert_string_equal(source_warnings(s, &r),
                        "the source says it is of 'OSDI 2020', not of the event given; the source was believed");
    assert_int_equal(value_toint(value_get(value_at(value_get(&r, "warnings"), 0), "line"), 0), 2);
}

static void events_have_records_of_their_own(void **state) {
    struct sample *s = *state;
    struct source src = {
        .path = "/t/p.md",
        .text = "POPL\n",
        .records = "[{type:'event', name:'POPL', year:2018, place:'Los Angeles', start:'2018-01-07', span:[1,1]},"
                   " {type:'event', name:'PLMW', year:2018, parent:'POPL 2018'}, {type:'talk', title:'T', event:'PLMW "
                   "2018'}]"};
    struct value r = source_import(s, &src);
    assert_string_equal(source_items(s, &r), "event made POPL|event made PLMW|talk made T");
    assert_string_equal(sample_field(s, source_item_id(&r, 0), "place"), "Los Angeles");
    assert_string_equal(sample_field(s, source_item_id(&r, 1), "parent"), source_item_id(&r, 0));
    struct source more = {.path = "/t/q.md",
                          .text = "POPL!\n",
                          .records = "[{type:'event', name:'POPL', year:2018, place:'San Diego', url:'https://popl'}]"};
    r = source_import(s, &more);
    assert_string_equal(source_items(s, &r), "event updated POPL");
    assert_string_equal(source_warnings(s, &r),
                        "event 'popl-2018': place is 'Los Angeles' here and 'San Diego' in the source");
    struct value page = sample_find(s, &(struct find){.type = "event", .limit = -1});
    const char *id = value_cstr(value_get(value_at(value_get(&page, "items"), 0), "id"), "");
    assert_string_equal(sample_field(s, id, "url"), "https://popl");
    assert_string_equal(sample_field(s, id, "place"), "Los Angeles");
}

/* ---- identity ----------------------------------------------------------------------------------------------------- */

static void two_sources_about_one_talk(void **state) {
    struct sample *s = *state;
    struct source one = {.path = "/t/1",
                         .text = "a\n",
                         .records = "[{type:'talk', title:'Fast paths', speakers:['Ann','Bo'], event:'SOSP 2017', "
                                    "room:'1', start:'2017-10-29', tags:['a']}]"};
    struct source two = {.path = "/t/2",
                         .text = "b\n",
                         .records = "[{type:'talk', title:'Fast Paths!', speakers:[{name:'bo', role:'author', "
                                    "affiliations:['ETH']}, 'Ann'], event:'SOSP\\'17',"
                                    " room:'2', start:'2017-10-29T09:00', abstract:'why', tags:['b']}]"};
    struct value r1 = source_import(s, &one);
    struct value r2 = source_import(s, &two);
    const char *id = sample_only(s, "talk");
    assert_string_equal(source_item_id(&r1, 0), id);
    assert_string_equal(source_item_id(&r2, 0), id);
    assert_string_equal(source_items(s, &r2), "talk updated Fast Paths!");
    assert_string_equal(sample_field(s, id, "title"), "Fast paths");
    assert_string_equal(sample_field(s, id, "room"), "1");
    assert_string_equal(sample_field(s, id, "start"), "2017-10-29T09:00");
    assert_string_equal(sample_field(s, id, "abstract"), "why");
    assert_string_equal(sample_field(s, id, "tags"), "[\"a\",\"b\"]");
    assert_string_equal(source_warnings(s, &r2), "talk 'Fast Paths!': room is '1' here and '2' in the source");
    struct value v = sample_get(s, id, (struct get_options){0});
    assert_int_equal(value_get(&v, "sources")->len, 2);
    const struct value *bo = value_at(value_get(&v, "speakers"), 1);
    assert_true(value_eqs(value_get(bo, "role"), "author"));
    assert_string_equal(sample_json(s, value_get(bo, "affiliations")), "[\"ETH\"]");
    assert_string_equal(sample_titles(s, "person", NULL), "Ann|Bo");
    r2 = source_import(s, &two);
    assert_string_equal(source_status(&r2), "unchanged");
    assert_string_equal(s->run, "");
}

static void what_says_too_little_is_a_talk_of_its_source(void **state) {
    struct sample *s = *state;
    static const char records[] =
        "[{type:'talk', title:'Welcome', event:'SOSP 2017'}, {type:'talk', title:'Q&A', event:'SOSP 2017', span:[1,1]},"
        " {type:'talk', title:'Q&A', event:'SOSP 2017', span:[2,2]}, {type:'talk', title:'Raft', speakers:['Ann']},"
        " {type:'talk', title:'?\?\?', event:'SOSP 2017', speakers:['Ann']}]";
    struct source one = {.path = "/t/1", .text = "a\nb\n", .records = records};
    struct source two = {.path = "/t/2", .text = "b\na\n", .records = records};
    source_import(s, &one);
    source_import(s, &two);
    assert_string_equal(sample_titles(s, "talk", NULL), "Welcome|Q&A|Q&A|Raft|?\?\?|Welcome|Q&A|Q&A|Raft|?\?\?");
}

static void a_guid_is_the_talk_whatever_its_title(void **state) {
    struct sample *s = *state;
    struct source src = {
        .path = "/t/frab.json", .text = "1\n", .records = "[{type:'talk', guid:'g-1', title:'Old', event:'C 2001'}]"};
    struct value r = source_import(s, &src);
    const char *id = source_item_id(&r, 0);
    src.text = "2\n";
    src.records = "[{type:'talk', guid:'g-1', title:'Entirely new', event:'D 2002', speakers:['Ann']}]";
    r = source_import(s, &src);
    assert_string_equal(source_items(s, &r), "talk updated Entirely new");
    assert_string_equal(sample_only(s, "talk"), id);
    assert_string_equal(sample_field(s, id, "title"), "Entirely new");
}

static void a_talk_that_stands_twice_is_one(void **state) {
    struct sample *s = *state;
    struct source src = {
        .path = "/t/1",
        .text = "a\nb\n",
        .records = "[{type:'talk', title:'T', event:'E 2001', span:[1,1], note:'n1'}, {type:'talk', title:'T', "
                   "event:'E 2001', span:[2,2], room:'5', note:'n2'},"
                   " {type:'note', key:'n1', title:'x', span:[1,1]}, {type:'note', key:'n2', title:'y', span:[2,2]}]"};
    struct value r = source_import(s, &src);
    const char *id = sample_only(s, "talk");
    assert_string_equal(sample_field(s, id, "room"), "5");
    assert_string_equal(source_warnings(s, &r), "talk 'T' stands twice in this source; it was taken as one");
    struct value v = sample_get(s, id, (struct get_options){0});
    assert_int_equal(value_get(&v, "notes")->len, 2);
    assert_int_equal(value_get(&v, "sources")->len, 1);
    r = source_import(s, &src);
    assert_string_equal(source_status(&r), "unchanged");
}

static void a_copy_shares_nothing(void **state) {
    struct sample *s = *state;
    struct source copy = trip_source;
    copy.copy = true;
    source_import(s, &trip_source);
    struct value r = source_import(s, &copy);
    assert_string_equal(source_status(&r), "made");
    assert_string_equal(sample_titles(s, "talk", NULL), "A|B|A|B");
    r = source_import(s, &trip_source); /* the first one is still what the path means */
    assert_string_equal(source_status(&r), "unchanged");
}

static void standard_input_is_known_by_its_bytes(void **state) {
    struct sample *s = *state;
    struct source a = {.path = "-", .text = "a\n", .records = "[{type:'note', title:'N', span:[1,1]}]"};
    struct source b = {.path = "-", .text = "b\n", .records = "[{type:'note', title:'N', span:[1,1]}]"};
    source_import(s, &a);
    struct value r = source_import(s, &b);
    assert_string_equal(source_status(&r), "made");
    assert_string_equal(sample_titles(s, "note", NULL), "N|N");
    r = source_import(s, &a);
    assert_string_equal(source_status(&r), "unchanged");
}

static void a_file_that_moved_is_the_same_source(void **state) {
    struct sample *s = *state;
    char from[96];
    char to[96];
    snprintf(from, sizeof from, "%s/from.md", s->folder);
    snprintf(to, sizeof to, "%s/to.md", s->folder);
    struct source src = {.path = from, .text = trip, .records = trip_records};
    struct value r = source_import(s, &src);
    const char *note = source_item_id(&r, 1);
    src.path = to; /* nothing is at FROM */
    r = source_import(s, &src);
    assert_string_equal(source_status(&r), "moved");
    assert_string_equal(sample_titles(s, "source", NULL), to);
    source_reads(s, to, trip);
    FILE *f = fopen(to, "w"); /* now it is there: the same bytes elsewhere are another file */
    assert_non_null(f);
    fclose(f);
    src.path = from;
    r = source_import(s, &src);
    assert_string_equal(source_status(&r), "made");
    assert_string_not_equal(source_item_id(&r, 1), note);
    assert_string_equal(sample_titles(s, "talk", NULL), "A|B"); /* the talks are the same ones */
    unlink(to);
}

/* ---- refusing ----------------------------------------------------------------------------------------------------- */

static void bad(struct sample *s, const char *records, const char *part) {
    struct store_run run = {.command = "import"};
    struct source src = {.path = "/t/bad", .text = "one\ntwo \xc3\xa9\nthree\n", .records = records};
    struct value report;
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    int rc = source_ingest(s, &src, &report);
    if (rc != -(int)E_DATA || !strstr(s->err.message, part)) {
        fail_msg("%s: got %d '%s', wanted '%s'", records, rc, s->err.message, part);
    }
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    assert_string_equal(s->run, "");
}

static void bad_records_are_named(void **state) {
    struct sample *s = *state;
    bad(s, "'x'", "a list of records");
    bad(s, "['x']", "record 1: a record is a map");
    bad(s, "[{type:'party'}]", "record 1: field 'type' cannot be 'party'");
    bad(s, "[{type:'note', title:'N', span:[1,1]}, {type:'note', span:[2,2]}]",
        "record 2 (line 2): a note wants a title");
    bad(s, "[{type:'note', title:' . '}]", "a note wants a title");
    bad(s, "[{type:'note', title:'N', bdy:'x', span:[3,3]}]", "record 1 (line 3): a note has no 'bdy'");
    assert_string_equal(s->err.hint, "did you mean 'body'?");
    bad(s, "[{type:'note', title:'N', span:[0,1]}]", "field 'span' wants lines from 1 to 3");
    bad(s, "[{type:'note', title:'N', span:[1,4]}]", "field 'span' wants lines from 1 to 3");
    bad(s, "[{type:'note', title:'N', span:[2,1]}]", "the first not after the second");
    bad(s, "[{type:'note', title:'N', bytes:[0,99]}]", "ends at byte 99 of a text of 17");
    bad(s, "[{type:'note', title:'N', bytes:[0,9]}]", "cuts a character in two");
    bad(s, "[{type:'note', title:'N', bytes:[0,4], body_bytes:[2,6]}]", "reaches out of the part");
    bad(s, "[{type:'note', title:'N', body:'x', body_bytes:[2,6]}]", "exclude each other");
    bad(s, "[{type:'note', title:'N', span:[1,2]}, {type:'note', title:'M', span:[2,3]}]",
        "record 2 (line 2): it owns bytes of the source that record 1");
    bad(s, "[{type:'note', key:'k', title:'N'}, {type:'note', key:'k', title:'M'}]",
        "record 2: key 'k' is that of record 1");
    bad(s, "[{type:'note', title:'N', part_of:'later'}, {type:'note', key:'later', title:'M'}]",
        "names no earlier note");
    bad(s, "[{type:'talk', title:'T', note:'none'}]", "field 'note' is the key of no note");
    bad(s, "[{type:'talk', title:'T', kind:'keynot'}]", "field 'kind' cannot be 'keynot'");
    bad(s, "[{type:'talk', title:'T', start:'soon'}]", "field 'start' is no time");
    bad(s, "[{type:'talk', title:'T', speakers:[{nam:'A'}]}]", "a person has no 'nam'");
    bad(s, "[{type:'talk', title:'T', speakers:[{name:'A', role:'x'}]}]", "field 'role' cannot be 'x'");
    bad(s, "[{type:'talk', title:'T', speakers:['']}]", "a person wants a name");
    bad(s, "[{type:'talk', title:'T', event:{year:2017}}]", "an event wants a name");
    bad(s, "[{type:'talk', title:'T', event:{name:'E', yaer:2017}}]", "an event has no 'yaer'");
    bad(s, "[{type:'talk', title:'T', event:'00000000-0000-4000-8000-000000000000'}]", "record 1: there is no event");
    bad(s, "[{type:'talk', title:'T', awards:[{event:'E'}]}]", "an award wants a name");
    bad(s, "[{type:'talk', title:'T', slug:'x'}]", "a talk has no 'slug'");
    bad(s, "[{type:'talk', title:'T', confidence:2}]", "from 0 to 1");
    bad(s, "[{type:'talk', title:'bad \\xff'}]", "not valid UTF-8");
    bad(s, "[{type:'event', year:2017}]", "record 1: an event wants a name");
    char longer[1200];
    memset(longer, 'x', sizeof longer);
    bad(s, arena_printf(&s->arena, "[{type:'talk', title:'%.1100s'}]", longer), "field 'title' is too long");
    assert_string_equal(sample_titles(s, "note", NULL), "");
    assert_string_equal(sample_titles(s, "event", NULL), "");
    assert_string_equal(sample_titles(s, "source", NULL), "");
}

static void a_refused_source_leaves_the_others_whole(void **state) {
    struct sample *s = *state;
    struct store_run run = {.command = "import"};
    struct source good = {
        .path = "/t/good",
        .text = "g\n",
        .records =
            "[{type:'note', title:'Good', span:[1,1]}, {type:'talk', title:'T', event:'E 2001', speakers:['Ann']}]"};
    struct source checked = {
        .path = "/t/bad1", .text = "b\n", .records = "[{type:'note', title:'Bad'}, {type:'talk'}]"};
    /* what only the store can judge, after something was written */
    struct source judged = {
        .path = "/t/bad2",
        .text = "b\n",
        .records =
            "[{type:'event', name:'Half', year:2001}, {type:'talk', title:'T', event:'E 2001', speakers:['Ann'], "
            "room:'1'},"
            " {type:'talk', title:'U', speakers:[{id:'00000000-0000-4000-8000-000000000000'}], event:'Half 2001'}]"};
    struct source last = {
        .path = "/t/last",
        .text = "l\n",
        .records =
            "[{type:'note', title:'Last', span:[1,1]}, {type:'talk', title:'V', event:'E 2001', speakers:['Bo']}]"};
    struct value report;
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    sample_must(s, source_ingest(s, &good, &report), "good");
    assert_int_equal(source_ingest(s, &checked, &report), -(int)E_DATA);
    assert_int_equal(source_ingest(s, &judged, &report), -(int)E_DATA);
    assert_non_null(strstr(s->err.message, "record 3: there is no person"));
    sample_must(s, source_ingest(s, &last, &report), "last");
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    assert_string_equal(sample_titles(s, "note", NULL), "Good|Last");
    assert_string_equal(sample_titles(s, "talk", NULL), "T|V");
    assert_string_equal(sample_titles(s, "event", NULL), "e-2001");
    assert_string_equal(sample_titles(s, "source", NULL), "/t/good|/t/last");
    assert_string_equal(sample_found(s, "good"), "Good");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SOUND(a_report_of_many_talks),
        SOUND(bodies_are_slices_and_gaps_are_kept),
        SOUND(large_gaps_are_deflated_and_come_back),
        SOUND(an_event_given_fills_what_states_none),
        SOUND(events_have_records_of_their_own),
        SOUND(two_sources_about_one_talk),
        SOUND(what_says_too_little_is_a_talk_of_its_source),
        SOUND(a_guid_is_the_talk_whatever_its_title),
        SOUND(a_talk_that_stands_twice_is_one),
        SOUND(a_copy_shares_nothing),
        SOUND(standard_input_is_known_by_its_bytes),
        SOUND(a_file_that_moved_is_the_same_source),
        SOUND(bad_records_are_named),
        SOUND(a_refused_source_leaves_the_others_whole),
    };
    return cmocka_run_group_tests_name("store ingest", tests, NULL, NULL);
}
