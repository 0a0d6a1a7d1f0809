/* Undo: a run taken back whole, refused where others built on it, and taken back itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_soundness.h"

/* Everything there is to say about ID but how often and when it changed. */
static const char *content(struct sample *s, const char *id) {
    struct value v = sample_get(s, id, (struct get_options){.body = true});
    struct value kept = value_map(&s->arena, 40);
    for (size_t i = 0; v.kind == VALUE_MAP && i < v.len; i++) {
        if (!value_eqs(&v.pairs[i].key, "rev") && !value_eqs(&v.pairs[i].key, "updated")) {
            value_set(&s->arena, &kept, v.pairs[i].key.s, v.pairs[i].val);
        }
    }
    return sample_json(s, &kept);
}

static void making_is_undone_and_redone(void **state) {
    struct sample *s = *state;
    struct value done;
    const char *talk =
        sample_put(s, "talk", "{title:'Raft', speakers:['Ann'], event:'SOSP 2017', session:'S1', tags:['x']}");
    const char *made = sample_last_run(s);
    const char *before = content(s, talk);
    const char *undone = sample_undo(s, NULL, &done);
    assert_false(sample_live(s, talk));
    assert_string_equal(sample_titles(s, "person", NULL), "");
    assert_string_equal(sample_titles(s, "event", NULL), "");
    assert_string_equal(sample_titles(s, "session", NULL), "");
    assert_string_equal(sample_found(s, "raft"), "");
    assert_int_equal(done.len, 4);
    assert_true(value_eqs(value_get(value_at(&done, 0), "op"), "delete"));
    sample_undo(s, undone, &done);
    assert_string_equal(content(s, talk), before);
    assert_string_equal(sample_found(s, "raft"), "Raft");
    assert_string_equal(sample_titles(s, "person", NULL), "Ann");
    sample_undo(s, made, NULL); /* and once more */
    assert_false(sample_live(s, talk));
}

static void every_kind_of_change_is_undone(void **state) {
    struct sample *s = *state;
    const char *other = sample_put(s, "talk", "{title:'Other'}");
    char text[512];
    const char *note = sample_put(s, "note",
                                  "{title:'N', body:'old body', tags:['a','b'], author:'Ann', event:'E 2001', "
                                  "lang:'en', fields:{x:1}, links:['https://a'],"
                                  " questions:[{q:'why', a:'because'}], people:['Bo']}");
    const char *before = content(s, note);
    snprintf(text, sizeof text,
             "{title:'M', body:'new body', tags:['c'], author:'Cy', event:null, lang:null, fields:{y:2}, links:[], "
             "questions:[],"
             " people:[], talks:['%s'], kind:'post', ord:4}",
             other);
    sample_change(s, "note", note, text);
    const char *change = sample_last_run(s);
    const char *after = content(s, note);
    assert_string_not_equal(before, after);
    const char *undone = sample_undo(s, change, NULL);
    assert_string_equal(content(s, note), before);
    assert_string_equal(sample_found(s, "old"), "N");
    assert_string_equal(sample_found(s, "new"), "");
    sample_undo(s, undone, NULL);
    assert_string_equal(content(s, note), after);
    assert_string_equal(sample_found(s, "new"), "Other");
}

static void talks_events_and_persons_are_undone(void **state) {
    struct sample *s = *state;
    const char *talk = sample_put(
        s, "talk", "{title:'T', speakers:['Ann'], event:'E 2001', awards:['Best'], start:'2001-02-03', abstract:'a'}");
    const char *before_talk = content(s, talk);
    sample_change(s, "talk", talk,
                  "{title:'U', speakers:[{name:'Ann', role:'author', affiliations:['X']}, 'Bo'], event:'F 2002', "
                  "awards:[], start:null, abstract:null, session:'S', kind:'paper'}");
    sample_undo(s, NULL, NULL);
    assert_string_equal(content(s, talk), before_talk);
    const char *event = sample_only(s, "event");
    const char *before_event = content(s, event);
    sample_change(
        s, "event", event,
        "{name:'G', slug:'gee', aliases:['Gee whizz'], full_name:'Great', year:2003, place:'Here', awards:['Prize']}");
    sample_undo(s, NULL, NULL);
    assert_string_equal(content(s, event), before_event);
    sample_put(s, "talk", "{title:'V', event:'E 2001'}"); /* found by its old name again */
    assert_string_equal(sample_titles(s, "event", NULL), "e-2001");
    const char *person = sample_only(s, "person");
    const char *before_person = content(s, person);
    sample_change(s, "person", person, "{name:'Bob', aliases:['B'], affiliations:['Y']}");
    assert_string_equal(sample_found(s, "bob"), "T");
    sample_undo(s, NULL, NULL);
    assert_string_equal(content(s, person), before_person);
    assert_string_equal(sample_found(s, "ann"), "T");
}

static void trash_and_tags_are_undone(void **state) {
    struct sample *s = *state;
    const char *note = sample_put(s, "note", "{title:'N', body:'x', tags:['a']}");
    sample_do(s, OP_TAG, "note", note, "{add:['b'], remove:['a']}");
    sample_undo(s, NULL, NULL);
    assert_string_equal(sample_field(s, note, "tags"), "[\"a\"]");
    sample_do(s, OP_DELETE, "note", note, NULL);
    const char *gone = sample_undo(s, NULL, NULL);
    assert_true(sample_live(s, note));
    sample_undo(s, gone, NULL);
    assert_false(sample_live(s, note));
    sample_do(s, OP_RESTORE, "note", note, NULL);
    sample_undo(s, NULL, NULL);
    assert_false(sample_live(s, note));
}

static void undo_steps_back_run_by_run(void **state) {
    struct sample *s = *state;
    const char *note = sample_put(s, "note", "{title:'1'}");
    sample_change(s, "note", note, "{title:'2'}");
    sample_change(s, "note", note, "{title:'3'}");
    sample_undo(s, NULL, NULL);
    assert_string_equal(sample_field(s, note, "title"), "2");
    sample_undo(s, NULL, NULL);
    assert_string_equal(sample_field(s, note, "title"), "1");
    sample_undo(s, NULL, NULL);
    assert_false(sample_live(s, note));
    sample_undo_refused(s, NULL, E_NOTFOUND, "nothing to undo");
}

static void what_others_built_on_is_refused(void **state) {
    struct sample *s = *state;
    char wanted[128];
    const char *note = sample_put(s, "note", "{title:'1', body:'b'}");
    sample_change(s, "note", note, "{title:'2'}");
    const char *second = sample_last_run(s);
    sample_change(s, "note", note, "{body:'c'}");
    const char *third = sample_last_run(s);
    snprintf(wanted, sizeof wanted, "note %.8s was changed since, by run %.8s", note, third);
    sample_undo_refused(s, second, E_BUSY, wanted);
    snprintf(wanted, sizeof wanted, "undo that one first: lectern undo %.8s", third);
    assert_string_equal(s->err.hint, wanted);
    const char *undone = sample_undo(s, third, NULL);
    sample_undo(s, second, NULL); /* out of the way now */
    assert_string_equal(sample_field(s, note, "title"), "1");
    sample_undo_refused(s, undone, E_BUSY, "was changed since"); /* it stands on what is gone */
    sample_undo_refused(s, second, E_USAGE, "was undone already");
}

static void runs_are_named_by_prefix(void **state) {
    struct sample *s = *state;
    char prefix[9];
    sample_put(s, "note", "{title:'1'}");
    snprintf(prefix, sizeof prefix, "%.8s", s->run);
    sample_undo_refused(s, "zz", E_USAGE, "is no id of a run");
    sample_undo_refused(s, "0123", E_USAGE, "is no id of a run");
    sample_undo_refused(s, "00000000-0000-4000-8000-000000000000", E_NOTFOUND, "there is no run");
    sample_undo(s, prefix, NULL);
    assert_string_equal(sample_titles(s, "note", NULL), "");
}

static void what_is_still_needed_stays(void **state) {
    struct sample *s = *state;
    sample_put(s, "talk", "{title:'A', speakers:['Ann'], event:'E 2001'}");
    const char *first = sample_last_run(s);
    sample_put(s, "talk", "{title:'B', speakers:['Ann'], event:'E 2001'}");
    sample_undo(s, first, NULL);
    assert_string_equal(sample_titles(s, "talk", NULL), "B");
    assert_string_equal(sample_titles(s, "person", NULL), "Ann");
    assert_string_equal(sample_titles(s, "event", NULL), "e-2001");
}

static void several_changes_of_one_thing_in_one_run(void **state) {
    struct sample *s = *state;
    const char *note = sample_put(s, "note", "{title:'0', body:'zero', tags:['a']}");
    const char *before = content(s, note);
    struct store_run run = {.command = "test"};
    struct value one = sample_text(s, "{title:'1', body:'one'}");
    struct value two = sample_text(s, "{title:'2', body:'two'}");
    struct value tag = sample_text(s, "{add:['b']}");
    struct value done = value_array(&s->arena, 0);
    struct op ops[4] = {{.kind = OP_PUT, .base_rev = -1, .body = &one},
                        {.kind = OP_TAG, .base_rev = -1, .body = &tag},
                        {.kind = OP_PUT, .base_rev = -1, .body = &two},
                        {.kind = OP_DELETE, .base_rev = -1}};
    for (int i = 0; i < 4; i++) {
        assert_true(uuid_parse(note, strlen(note), &ops[i].id));
    }
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    sample_must(s, store_apply(s->store, ops, 4, &s->arena, &done, &s->err), "apply");
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    assert_int_equal(done.len, 4);
    sample_undo(s, NULL, &done);
    assert_string_equal(content(s, note), before);
    assert_int_equal(done.len, 1); /* told once */
}

static void undo_of_a_long_chain_ends_where_it_began(void **state) {
    struct sample *s = *state;
    const char *note = sample_put(s, "note", "{title:'N', body:'body'}");
    const char *texts[6];
    texts[0] = content(s, note);
    sample_change(s, "note", note, "{body:'other'}");
    texts[1] = content(s, note);
    const char *run = sample_last_run(s);
    for (int i = 0; i < 9; i++) {
        run = sample_undo(s, run, NULL);
        assert_string_equal(content(s, note), texts[i % 2]);
    }
}

static void runs_say_that_they_were_undone(void **state) {
    struct sample *s = *state;
    struct value runs;
    sample_put(s, "note", "{title:'N'}");
    const char *undone = sample_undo(s, NULL, NULL);
    sample_must(s, read_runs(s->reader, 10, &s->arena, &runs, &s->err), "runs");
    assert_int_equal(runs.len, 2);
    assert_false(value_tobool(value_get(value_at(&runs, 0), "undone"), true));
    assert_true(value_tobool(value_get(value_at(&runs, 1), "undone"), false));
    sample_undo(s, undone, NULL);
    sample_must(s, read_runs(s->reader, 10, &s->arena, &runs, &s->err), "runs");
    assert_false(value_tobool(value_get(value_at(&runs, 2), "undone"), true));
    assert_true(value_tobool(value_get(value_at(&runs, 1), "undone"), false));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SOUND(making_is_undone_and_redone),
        SOUND(every_kind_of_change_is_undone),
        SOUND(talks_events_and_persons_are_undone),
        SOUND(trash_and_tags_are_undone),
        SOUND(undo_steps_back_run_by_run),
        SOUND(what_others_built_on_is_refused),
        SOUND(runs_are_named_by_prefix),
        SOUND(what_is_still_needed_stays),
        SOUND(several_changes_of_one_thing_in_one_run),
        SOUND(undo_of_a_long_chain_ends_where_it_began),
        SOUND(runs_say_that_they_were_undone),
    };
    return cmocka_run_group_tests_name("store undo", tests, NULL, NULL);
}
