/* Operations: what they change, what they refuse, what they tell, and that rows, journal and index go together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_soundness.h"

/* One operation in a transaction of its own, which must fail like this. */
static void refused(struct sample *s, enum op_kind kind, enum entity entity, const char *id, int64_t base_rev,
                    const char *text, enum err_code code, const char *part) {
    struct store_run run = {.command = "test"};
    struct value body = text ? sample_text(s, text) : value_nil;
    struct value done = value_array(&s->arena, 0);
    struct op op = {.kind = kind, .entity = entity, .id = uuid4(), .base_rev = base_rev, .body = &body};
    if (id) {
        assert_true(uuid_parse(id, strlen(id), &op.id));
    }
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    int rc = store_apply(s->store, &op, 1, &s->arena, &done, &s->err);
    store_rollback(s->store);
    if (rc != -(int)code || !strstr(s->err.message, part)) {
        fail_msg("%s: got %d %s: '%s' (%s), wanted %s: '%s'", text ? text : "-", rc, err_name(s->err.code),
                 s->err.message, s->err.hint, err_name(code), part);
    }
}

static void hint_is(struct sample *s, const char *hint) {
    assert_string_equal(s->err.hint, hint);
}

/* ---- putting ------------------------------------------------------------------------------------------------------ */

static void every_field_of_a_talk_comes_back(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "talk",
                                "{title:'  Fast   Paths. ', kind:'keynote', kind_as_written:'Keynote speech', "
                                "event:{name:'SOSP', year:2017, place:'Shanghai'},"
                                " session:'Opening', start:'2017-10-29 09:00', end:'2017-10-29T10:00', room:'Hall 1', "
                                "building:'North', url:'https://x/1',"
                                " slides_url:'https://x/s', video_url:'https://x/v', abstract:'What is fast?', "
                                "lang:'en', tags:['#kernel','net','Kernel'],"
                                " speakers:['Ann Lee', {name:'Bo Chen', role:'author', affiliations:['ETH','MIT']}], "
                                "awards:['Best Paper', {name:'ToT', event:'SOSP 2017'}],"
                                " fields:{track:'A', n:3}, links:['https://y', {url:'https://z', title:'Z'}]}");
    struct value v = sample_get(s, id, (struct get_options){.body = true});
    assert_string_equal(sample_field(s, id, "title"), "Fast Paths");
    assert_string_equal(sample_field(s, id, "kind"), "keynote");
    assert_string_equal(sample_field(s, id, "session"), "Opening");
    assert_string_equal(sample_field(s, id, "start"), "2017-10-29T09:00");
    assert_string_equal(sample_field(s, id, "tags"), "[\"kernel\",\"net\"]");
    assert_string_equal(sample_field(s, id, "abstract"), "What is fast?");
    assert_string_equal(value_cstr(value_get(value_get(&v, "event"), "slug"), ""), "sosp-2017");
    const struct value *speakers = value_get(&v, "speakers");
    assert_int_equal(speakers->len, 2);
    assert_true(value_eqs(value_get(value_at(speakers, 1), "role"), "author"));
    assert_string_equal(sample_json(s, value_get(value_at(speakers, 1), "affiliations")), "[\"ETH\",\"MIT\"]");
    assert_int_equal(value_get(&v, "awards")->len, 2);
    assert_int_equal(value_toint(value_get(value_get(&v, "fields"), "n"), 0), 3);
    assert_int_equal(value_get(&v, "links")->len, 2);
    assert_int_equal(value_toint(value_get(&v, "rev"), 0), 1);
    struct value event = sample_get(s, sample_only(s, "event"), (struct get_options){0});
    assert_true(value_eqs(value_get(&event, "place"), "Shanghai"));
}

static void nil_clears_and_absent_keeps(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(
        s, "talk", "{title:'T', room:'1', url:'u', tags:['a'], speakers:['Ann'], fields:{x:1}, event:'E 2001'}");
    sample_change(s, "talk", id, "{room:null, tags:[], speakers:null, fields:{}, event:null}");
    assert_string_equal(sample_field(s, id, "room"), "null");
    assert_string_equal(sample_field(s, id, "url"), "u");
    assert_string_equal(sample_field(s, id, "tags"), "[]");
    assert_string_equal(sample_field(s, id, "speakers"), "[]");
    assert_string_equal(sample_field(s, id, "fields"), "{}");
    assert_string_equal(sample_field(s, id, "event"), "null");
    assert_string_equal(sample_field(s, id, "rev"), "2");
}

static void what_changes_nothing_leaves_no_trace(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "note", "{title:'N', body:'one two', tags:['a','b']}");
    sample_change(s, "note", id, "{title:'N.', body:'one two', tags:['B','A'], kind:'note'}");
    assert_string_equal(s->run, "");
    assert_string_equal(sample_field(s, id, "rev"), "1");
    sample_do(s, OP_TAG, "note", id, "{add:['a'], remove:['zzz']}");
    assert_string_equal(s->run, "");
    sample_do(s, OP_RESTORE, "note", id, NULL);
    assert_string_equal(s->run, "");
    sample_change(s, "note", id, "{body:'one two three'}");
    assert_int_equal(strlen(s->run), UUID_TEXT);
    assert_string_equal(sample_field(s, id, "rev"), "2");
    assert_string_equal(sample_field(s, id, "words"), "3");
}

static void revisions_of_a_body_stay(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "note", "{title:'N', body:'first'}");
    sample_change(s, "note", id, "{title:'M'}");
    sample_change(s, "note", id, "{body:'third'}");
    struct value v = sample_get(s, id, (struct get_options){.body = true, .rev = 2});
    assert_true(value_eqs(value_get(&v, "body"), "first"));
    assert_true(value_eqs(value_get(&v, "title"), "M"));
    v = sample_get(s, id, (struct get_options){.body = true, .rev = 1});
    assert_true(value_eqs(value_get(&v, "title"), "N"));
    assert_string_equal(sample_field(s, id, "body"), "third");
}

static void wrong_fields_are_named(void **state) {
    struct sample *s = *state;
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{titel:'x'}", E_USAGE, "a talk has no field 'titel'");
    hint_is(s, "did you mean 'title'?");
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{}", E_USAGE, "a talk wants a title");
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{title:'  '}", E_USAGE, "a talk wants a title");
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{title:'x', kind:'keynoet'}", E_USAGE,
            "field 'kind' cannot be 'keynoet'");
    hint_is(s, "did you mean 'keynote'?");
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{title:'x', start:'tomorrow'}", E_USAGE, "field 'start' is no time");
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{title:5}", E_USAGE, "field 'title' wants text, not int");
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{title:'x', rev:7}", E_USAGE, "cannot be set");
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{title:'x', tags:'a'}", E_USAGE, "field 'tags' wants a list");
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{title:'x', speakers:[{role:'author'}]}", E_USAGE,
            "a person wants a name");
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{title:'x', speakers:[{name:'A', role:'singer'}]}", E_USAGE,
            "field 'role' cannot be");
    refused(s, OP_PUT, ENTITY_TALK, NULL, -1, "{title:'bad \\xff utf'}", E_USAGE, "not valid UTF-8");
    refused(s, OP_PUT, ENTITY_EVENT, NULL, -1, "{name:'E', slug:'No Slug'}", E_USAGE, "field 'slug' wants");
    refused(s, OP_PUT, ENTITY_EVENT, NULL, -1, "{name:'E', year:17}", E_USAGE, "year of four digits");
    refused(s, OP_PUT, ENTITY_NOTE, NULL, -1, "{title:'x', talks:['nonsense']}", E_USAGE, "named by its id");
    refused(s, OP_PUT, ENTITY_NOTE, NULL, -1, "{talks:['00000000-0000-4000-8000-000000000000']}", E_NOTFOUND,
            "there is no talk");
    refused(s, OP_PUT, ENTITY_NOTE, NULL, -1, "{event:'00000000-0000-4000-8000-000000000000'}", E_NOTFOUND,
            "there is no event");
    refused(s, OP_PUT, ENTITY_SOURCE, NULL, -1, "{path:'x'}", E_USAGE, "made by importing");
    refused(s, OP_PUT, ENTITY_NOTE, NULL, -1, "'text'", E_USAGE, "wants a map of fields");
}

static void deep_values_are_refused(void **state) {
    struct sample *s = *state;
    struct value v = value_int(1);
    for (int i = 0; i < 40; i++) {
        struct value outer = value_map(&s->arena, 1);
        value_set(&s->arena, &outer, "in", v);
        v = outer;
    }
    struct value body = value_map(&s->arena, 2);
    struct value done = value_array(&s->arena, 0);
    struct store_run run = {.command = "test"};
    value_set(&s->arena, &body, "fields", v);
    struct op op = {.kind = OP_PUT, .entity = ENTITY_NOTE, .id = uuid4(), .base_rev = -1, .body = &body};
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    assert_int_equal(store_apply(s->store, &op, 1, &s->arena, &done, &s->err), -(int)E_USAGE);
    assert_non_null(strstr(s->err.message, "nested deeper than 24"));
    store_rollback(s->store);
}

static void clash_of_revisions_is_told_with_both(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "note", "{title:'N', body:'a'}");
    char wanted[128];
    sample_change(s, "note", id, "{body:'b'}");
    sample_change(s, "note", id, "{body:'c'}");
    snprintf(wanted, sizeof wanted, "note %.8s was changed meanwhile (revision 3, yours is 2)", id);
    refused(s, OP_PUT, ENTITY_NOTE, id, 2, "{body:'d'}", E_BUSY, wanted);
    refused(s, OP_DELETE, ENTITY_NOTE, id, 1, NULL, E_BUSY, "was changed meanwhile");
    refused(s, OP_PUT, ENTITY_TALK, id, -1, "{title:'d'}", E_USAGE, "is a note, not a talk");
    refused(s, OP_PUT, ENTITY_NOTE, NULL, 4, "{title:'d'}", E_NOTFOUND, "there is no note");
    refused(s, OP_DELETE, ENTITY_NOTE, NULL, -1, NULL, E_NOTFOUND, "there is no note");
    assert_string_equal(sample_field(s, id, "body"), "c");
}

/* ---- names -------------------------------------------------------------------------------------------------------- */

static void equal_keys_are_the_same_person(void **state) {
    struct sample *s = *state;
    sample_put(s, "talk", "{title:'A', speakers:['Jos\xc3\xa9 P\xc3\xa9rez']}");
    sample_put(s, "talk", "{title:'B', speakers:['  jose  PEREZ ']}");
    const char *id = sample_only(s, "person");
    assert_string_equal(sample_field(s, id, "name"), "Jos\xc3\xa9 P\xc3\xa9rez");
    sample_change(s, "person", id, "{aliases:['Pepe P.']}");
    sample_put(s, "note", "{title:'C', author:'pepe p'}");
    assert_string_equal(sample_only(s, "person"), id);
    assert_string_equal(sample_field(s, id, "aliases"), "[\"Pepe P.\"]");
}

static void one_event_by_any_of_its_names(void **state) {
    struct sample *s = *state;
    static const char *const ways[] = {"{title:'T', event:'SOSP 2017'}",
                                       "{title:'T', event:'sosp-2017'}",
                                       "{title:'T', event:'SOSP\\'17'}",
                                       "{title:'T', event:'SOSP \xe2\x80\x99"
                                       "17'}",
                                       "{title:'T', event:'2017 SOSP'}",
                                       "{title:'T', event:'SOSP (2017)'}",
                                       "{title:'T', event:{name:'SOSP', year:2017}}",
                                       "{title:'T', event:{name:'SOSP 2017'}}",
                                       "{title:'T', event:'sosp2017'}"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        sample_put(s, "talk", ways[i]);
    }
    const char *id = sample_only(s, "event");
    assert_string_equal(sample_field(s, id, "name"), "SOSP");
    assert_string_equal(sample_field(s, id, "year"), "2017");
    assert_string_equal(sample_field(s, id, "talks"), "9");
    sample_change(s, "event", id, "{full_name:'Symposium on Operating Systems Principles', aliases:['26th SOSP']}");
    sample_put(s, "talk", "{title:'T', event:'Symposium on Operating Systems Principles 2017'}");
    sample_put(s, "talk", "{title:'T', event:'26th SOSP'}");
    assert_string_equal(sample_only(s, "event"), id);
}

static void another_year_is_another_event_and_none_is_guessed(void **state) {
    struct sample *s = *state;
    sample_put(s, "talk", "{title:'T', event:'SOSP 2017'}");
    sample_put(s, "talk", "{title:'T', event:'SOSP 2019'}");
    sample_put(s, "talk", "{title:'T', event:'SOSP'}");
    assert_string_equal(sample_titles(s, "event", NULL), "sosp-2017|sosp-2019|sosp");
    sample_put(s, "event", "{name:'SOSP', year:2017}"); /* said outright: another one of that name */
    assert_string_equal(sample_titles(s, "event", NULL), "sosp-2017|sosp-2019|sosp|sosp-2017-2");
    refused(s, OP_PUT, ENTITY_EVENT, NULL, -1, "{name:'X', slug:'sosp-2017'}", E_USAGE, "is taken by another event");
}

static void events_nest_but_not_in_themselves(void **state) {
    struct sample *s = *state;
    const char *popl = sample_put(s, "event", "{name:'POPL', year:2018}");
    const char *plmw = sample_put(s, "event", "{name:'PLMW', year:2018, parent:'POPL 2018'}");
    assert_string_equal(sample_field(s, plmw, "parent"), popl);
    refused(s, OP_PUT, ENTITY_EVENT, popl, -1, "{parent:'PLMW 2018'}", E_USAGE, "cannot be part of itself");
    refused(s, OP_PUT, ENTITY_EVENT, popl, -1, "{name:null}", E_USAGE, "an event wants a name");
}

/* ---- the index follows -------------------------------------------------------------------------------------------- */

static void search_follows_every_change(void **state) {
    struct sample *s = *state;
    const char *talk = sample_put(
        s, "talk", "{title:'Zebra stripes', speakers:['Ada Quux'], tags:['animals'], abstract:'about hooves'}");
    assert_string_equal(sample_found(s, "zebra"), "Zebra stripes");
    assert_string_equal(sample_found(s, "hooves"), "Zebra stripes");
    const char *note = sample_put(s, "note", "{title:'Mine', body:'gallop and trot'}");
    assert_string_equal(sample_found(s, "gallop"), "Mine");
    char link[96];
    snprintf(link, sizeof link, "{talks:['%s']}", talk);
    sample_change(s, "note", note, link);
    assert_string_equal(sample_found(s, "gallop"), "Zebra stripes"); /* one talk, one note: shown as the talk */
    assert_string_equal(sample_found(s, "quux"), "Zebra stripes");
    assert_string_equal(sample_found(s, "hooves gallop"), "Zebra stripes");
    sample_change(s, "talk", talk, "{abstract:'about paws'}");
    assert_string_equal(sample_found(s, "hooves"), "");
    assert_string_equal(sample_found(s, "paws gallop"), "Zebra stripes");
    sample_change(s, "talk", talk, "{title:'Okapi', tags:['rare']}");
    assert_string_equal(sample_found(s, "zebra"), "");
    assert_string_equal(sample_found(s, "okapi gallop"), "Okapi");
    assert_string_equal(sample_found(s, "rare trot"), "Okapi");
    sample_change(s, "person", sample_only(s, "person"), "{name:'Ada Renamed'}");
    assert_string_equal(sample_found(s, "quux"), "");
    assert_string_equal(sample_found(s, "renamed"), "Okapi");
    sample_do(s, OP_DELETE, "note", note, NULL);
    assert_string_equal(sample_found(s, "gallop"), "");
    assert_string_equal(sample_found(s, "paws"), "Okapi"); /* without a note the talk is its own document again */
    sample_do(s, OP_RESTORE, "note", note, NULL);
    assert_string_equal(sample_found(s, "gallop"), "Okapi");
    sample_do(s, OP_DELETE, "talk", talk, NULL);
    assert_string_equal(sample_found(s, "gallop"), "Mine");
    assert_string_equal(sample_found(s, "okapi"), "");
}

static void tags_are_added_and_removed(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "note", "{title:'N', body:'x', tags:['a','b']}");
    sample_do(s, OP_TAG, "note", id, "{add:['c','#B'], remove:['a']}");
    assert_string_equal(sample_field(s, id, "tags"), "[\"b\",\"c\"]");
    refused(s, OP_TAG, ENTITY_EVENT, sample_put(s, "event", "{name:'E'}"), -1, "{add:['x']}", E_USAGE,
            "an event has no tags");
}

static void the_trash_keeps_and_gives_back(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "note", "{title:'N', body:'x'}");
    sample_do(s, OP_DELETE, "note", id, NULL);
    struct value v = sample_get(s, id, (struct get_options){0});
    assert_true(value_is(&v, VALUE_NIL));
    refused(s, OP_PUT, ENTITY_NOTE, id, -1, "{body:'y'}", E_NOTFOUND, "is in the trash");
    sample_do(s, OP_DELETE, "note", id, NULL);
    assert_string_equal(s->run, "");
    sample_do(s, OP_RESTORE, "note", id, NULL);
    assert_string_equal(sample_field(s, id, "body"), "x");
    assert_string_equal(sample_field(s, id, "rev"), "3");
}

static void a_trashed_name_comes_back_when_it_is_used(void **state) {
    struct sample *s = *state;
    sample_put(s, "talk", "{title:'A', speakers:['Ann'], event:'E 2001'}");
    const char *person = sample_only(s, "person");
    const char *event = sample_only(s, "event");
    sample_do(s, OP_DELETE, "person", person, NULL);
    sample_do(s, OP_DELETE, "event", event, NULL);
    sample_put(s, "talk", "{title:'B', speakers:['Ann'], event:'E 2001'}");
    assert_string_equal(sample_only(s, "person"), person);
    assert_string_equal(sample_only(s, "event"), event);
}

/* ---- transactions ------------------------------------------------------------------------------------------------- */

static void done_tells_what_changed_and_a_failure_takes_all_back(void **state) {
    struct sample *s = *state;
    struct store_run run = {.command = "test"};
    struct value one = sample_text(s, "{title:'One', event:'E 2001'}");
    struct value two = sample_text(s, "{title:'Two', tags:['t']}");
    struct value bad = sample_text(s, "{title:'Bad', kind:'nothing'}");
    struct value done = value_array(&s->arena, 0);
    struct op ops[] = {
        {.kind = OP_PUT, .entity = ENTITY_TALK, .id = uuid4(), .base_rev = -1, .body = &one},
        {.kind = OP_PUT, .entity = ENTITY_NOTE, .id = uuid4(), .base_rev = -1, .body = &two},
        {.kind = OP_PUT, .entity = ENTITY_NOTE, .id = uuid4(), .base_rev = -1, .body = &bad},
    };
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    assert_int_equal(store_apply(s->store, ops, 3, &s->arena, &done, &s->err), -(int)E_USAGE);
    store_rollback(s->store);
    assert_string_equal(sample_titles(s, "talk", NULL), "");
    assert_string_equal(sample_titles(s, "event", NULL), "");
    done = value_array(&s->arena, 0);
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    sample_must(s, store_apply(s->store, ops, 2, &s->arena, &done, &s->err), "apply");
    sample_must(s, store_apply(s->store, ops, 1, &s->arena, &done, &s->err), "apply again");
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    char wanted[256];
    char ids[2][UUID_TEXT + 1];
    uuid_text(&ops[0].id, ids[0]);
    uuid_text(&ops[1].id, ids[1]);
    snprintf(wanted, sizeof wanted,
             "[{\"op\":\"make\",\"type\":\"talk\",\"id\":\"%s\",\"title\":\"One\"},{\"op\":\"make\",\"type\":\"note\","
             "\"id\":\"%s\",\"title\":\"Two\"}]",
             ids[0], ids[1]);
    assert_string_equal(sample_json(s, &done), wanted);
}

static void peeking_sees_what_is_not_committed(void **state) {
    struct sample *s = *state;
    struct store_run run = {.command = "test"};
    struct value body = sample_text(s, "{title:'Soon', body:'now'}");
    struct value done = value_array(&s->arena, 0);
    struct value v;
    struct op op = {.kind = OP_PUT, .entity = ENTITY_NOTE, .id = uuid4(), .base_rev = -1, .body = &body};
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    sample_must(s, store_apply(s->store, &op, 1, &s->arena, &done, &s->err), "apply");
    sample_must(s, store_peek(s->store, &op.id, &(struct get_options){.body = true}, &s->arena, &v, &s->err), "peek");
    assert_true(value_eqs(value_get(&v, "body"), "now"));
    sample_must(s, read_get(s->reader, &op.id, &(struct get_options){0}, &s->arena, &v, &s->err), "get");
    assert_true(value_is(&v, VALUE_NIL));
    store_rollback(s->store);
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    sample_must(s, store_peek(s->store, &op.id, &(struct get_options){0}, &s->arena, &v, &s->err), "peek");
    assert_true(value_is(&v, VALUE_NIL));
    store_rollback(s->store);
}

static void a_run_goes_on_over_transactions(void **state) {
    struct sample *s = *state;
    struct value args = sample_text(s, "{path:['a']}");
    struct store_run run = {.command = "import",
                            .plugin = "markdown",
                            .plugin_hash = "00ff",
                            .args = &args,
                            .started_ms = clock_now_ms(),
                            .plugin_cpu_us = 5,
                            .store_us = 6,
                            .waiting_us = -1};
    char first[UUID_TEXT + 1];
    char again[UUID_TEXT + 1];
    for (int i = 0; i < 3; i++) {
        struct value body = sample_text(s, "{title:'N'}");
        struct value done = value_array(&s->arena, 0);
        struct op op = {.kind = OP_PUT, .entity = ENTITY_NOTE, .id = uuid4(), .base_rev = -1, .body = &body};
        sample_must(s, i ? store_begin_more(s->store, first, &s->err) : store_begin(s->store, &run, &s->err), "begin");
        sample_must(s, store_apply(s->store, &op, 1, &s->arena, &done, &s->err), "apply");
        sample_must(s, store_commit(s->store, &run, i ? again : first, &s->err), "commit");
        assert_true(i == 0 || strcmp(first, again) == 0);
    }
    struct value runs;
    sample_must(s, read_runs(s->reader, 10, &s->arena, &runs, &s->err), "runs");
    assert_int_equal(runs.len, 1);
    assert_int_equal(value_toint(value_get(value_at(&runs, 0), "operations"), 0), 3);
    assert_true(value_eqs(value_get(value_at(&runs, 0), "command"), "import"));
    assert_int_equal(store_begin_more(s->store, "00000000-0000-4000-8000-000000000000", &s->err), -(int)E_NOTFOUND);
    sample_must(s, store_begin(s->store, &run, &s->err), "begin after a failed begin");
    assert_int_equal(store_begin(s->store, &run, &s->err), -(int)E_INTERNAL);
    sample_must(s, store_commit(s->store, &run, again, &s->err), "empty commit");
    assert_string_equal(again, "");
    struct value done = value_array(&s->arena, 0);
    assert_int_equal(store_apply(s->store, NULL, 0, &s->arena, &done, &s->err), -(int)E_INTERNAL);
}

static void history_tells_every_revision(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "note", "{title:'N', body:'a'}");
    struct uuid u;
    struct value h;
    sample_change(s, "note", id, "{body:'bb', title:'M'}");
    sample_do(s, OP_TAG, "note", id, "{add:['t']}");
    sample_do(s, OP_DELETE, "note", id, NULL);
    assert_true(uuid_parse(id, strlen(id), &u));
    sample_must(s, read_history(s->reader, &u, &s->arena, &h, &s->err), "history");
    assert_string_equal(sample_list(s, &h, "op"), "delete|tag|update|make");
    assert_string_equal(sample_json(s, value_get(value_at(&h, 2), "changed")), "[\"title\",\"body\"]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SOUND(every_field_of_a_talk_comes_back),
        SOUND(nil_clears_and_absent_keeps),
        SOUND(what_changes_nothing_leaves_no_trace),
        SOUND(revisions_of_a_body_stay),
        SOUND(wrong_fields_are_named),
        SOUND(deep_values_are_refused),
        SOUND(clash_of_revisions_is_told_with_both),
        SOUND(equal_keys_are_the_same_person),
        SOUND(one_event_by_any_of_its_names),
        SOUND(another_year_is_another_event_and_none_is_guessed),
        SOUND(events_nest_but_not_in_themselves),
        SOUND(search_follows_every_change),
        SOUND(tags_are_added_and_removed),
        SOUND(the_trash_keeps_and_gives_back),
        SOUND(a_trashed_name_comes_back_when_it_is_used),
        SOUND(done_tells_what_changed_and_a_failure_takes_all_back),
        SOUND(peeking_sees_what_is_not_committed),
        SOUND(a_run_goes_on_over_transactions),
        SOUND(history_tells_every_revision),
    };
    return cmocka_run_group_tests_name("store apply", tests, NULL, NULL);
}
