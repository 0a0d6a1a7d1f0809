/* Objects as the contract wants them: fields, order, relations, short ids, older revisions, the trash; ids and
 * events by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_sample.h"
#include "store/db_priv.h"

static const char *keys_of(struct sample *s, const struct value *object) {
    struct buf b = BUF_INIT;
    for (uint32_t i = 0; i < object->len; i++) {
        buf_addf(&b, "%s%s", i ? " " : "", object->pairs[i].key.s);
    }
    const char *text = arena_dup(&s->arena, b.data, b.len);
    buf_release(&b);
    return text;
}

static void fields_are_the_contracts(void **state) {
    struct sample *s = *state;
    const char *talk = sample_put(s, "talk", "{title:'Raft', event:'SOSP 2017'}");
    const char *note = sample_put(s, "note", "{title:'N', body:'x'}");
    const char *session = sample_put(s, "session", "{name:'Consensus', event:'SOSP 2017'}");
    const char *person = sample_put(s, "person", "{name:'Ann'}");
    struct get_options plain = {.body = false};
    struct get_options body = {.body = true};
    struct value v = sample_get(s, talk, plain);
    assert_string_equal(
        keys_of(s, &v),
        "type id short created updated kind kind_as_written title event session speakers awards start end "
        "room building url slides_url video_url lang tags fields links notes words rev marks sources");
    v = sample_get(s, talk, body);
    assert_string_equal(
        keys_of(s, &v),
        "type id short created updated kind kind_as_written title event session speakers awards start end "
        "room building url slides_url video_url abstract lang tags fields links notes words rev marks sources");
    v = sample_get(s, note, body);
    assert_string_equal(
        keys_of(s, &v),
        "type id short created updated kind title author event talks part_of ord body lang words tags fields "
        "links questions people attachments rev marks sources");
    const char *event = value_cstr(value_get(value_get(&v, "event"), "id"), NULL);
    assert_null(event);
    struct value talk_value = sample_get(s, talk, plain);
    v = sample_get(s, value_cstr(value_get(value_get(&talk_value, "event"), "id"), ""), plain);
    assert_string_equal(
        keys_of(s, &v),
        "type id short created updated slug name full_name series aliases year start end place url parent "
        "awards talks notes fields rev");
    v = sample_get(s, session, plain);
    assert_string_equal(keys_of(s, &v), "type id short created updated name event start end room ord rev");
    v = sample_get(s, person, plain);
    assert_string_equal(keys_of(s, &v), "type id short created updated name aliases affiliations awards talks rev");
}

static void unknown_is_null_and_empty_is_empty(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "talk", "{title:'Bare'}");
    struct value v = sample_get(s, id, (struct get_options){.body = true});
    char wanted[1024];
    snprintf(wanted, sizeof wanted,
             "{\"type\":\"talk\",\"id\":\"%s\",\"short\":\"%.8s\",\"created\":\"2026-01-01T00:00:00Z\",\"updated\":"
             "\"2026-01-01T00:00:00Z\","
             "\"kind\":\"talk\",\"kind_as_written\":null,\"title\":\"Bare\",\"event\":null,\"session\":null,"
             "\"speakers\":[],\"awards\":[],"
             "\"start\":null,\"end\":null,\"room\":null,\"building\":null,\"url\":null,\"slides_url\":null,\"video_"
             "url\":null,"
             "\"abstract\":null,\"lang\":null,\"tags\":[],\"fields\":{},\"links\":[],\"notes\":[],\"words\":0,\"rev\":"
             "1,\"marks\":[],\"sources\":[]}",
             id, id);
    assert_string_equal(sample_json(s, &v), wanted);
}

static void relations_are_filled(void **state) {
    struct sample *s = *state;
    const char *talk = sample_put(
        s, "talk",
        "{title:'Paxos made live', event:{name:'PODC', year:2007}, session:'Practice', tags:['consensus', 'b'], "
        "speakers:[{name:'Tushar Chandra', affiliations:['Google', 'X']}, 'Robert Griesemer'], "
        "fields:{doi:'10.1'}, start:'2007-08-12T09:00', awards:['Best paper']}");
    char text[400];
    snprintf(text, sizeof text,
             "{title:'On Paxos', body:'one two three', talks:['%s'], author:'Ann', tags:['t'], people:[{name:'Bob'}]}",
             talk);
    const char *note = sample_put(s, "note", text);
    snprintf(text, sizeof text, "{title:'Part', body:'four', talks:['%s'], part_of:'%s', ord:2}", talk, note);
    const char *part = sample_put(s, "note", text);
    struct value v = sample_get(s, talk, (struct get_options){.body = false});
    assert_string_equal(value_cstr(value_get(value_get(&v, "event"), "slug"), ""), "podc-2007");
    assert_string_equal(value_cstr(value_get(&v, "session"), ""), "Practice");
    assert_string_equal(sample_list(s, value_get(&v, "speakers"), "name"), "Tushar Chandra|Robert Griesemer");
    const struct value *affiliations = value_get(value_at(value_get(&v, "speakers"), 0), "affiliations");
    assert_string_equal(sample_json(s, affiliations), "[\"Google\",\"X\"]");
    assert_string_equal(sample_json(s, value_get(&v, "tags")), "[\"consensus\",\"b\"]");
    assert_string_equal(sample_json(s, value_get(&v, "fields")), "{\"doi\":\"10.1\"}");
    assert_string_equal(value_cstr(value_get(value_at(value_get(&v, "awards"), 0), "name"), ""), "Best paper");
    assert_int_equal(value_get(&v, "words")->i, 4);
    assert_int_equal(value_get(&v, "notes")->len, 2);
    assert_true(value_eqs(value_at(value_get(&v, "notes"), 0), note));
    v = sample_get(s, note, (struct get_options){.body = true});
    assert_true(value_eqs(value_get(value_get(&v, "author"), "name"), "Ann"));
    assert_true(value_eqs(value_at(value_get(&v, "talks"), 0), talk));
    assert_true(value_eqs(value_get(&v, "body"), "one two three"));
    assert_true(value_eqs(value_get(value_get(&v, "event"), "slug"), "podc-2007")); /* that of its talk */
    assert_string_equal(sample_list(s, value_get(&v, "people"), "name"), "Bob");
    v = sample_get(s, part, (struct get_options){.body = false});
    assert_true(value_eqs(value_get(&v, "part_of"), note));
    struct value event;
    sample_must(s, read_resolve_event(s->reader, "podc-2007", &s->arena, &event, &s->err), "event");
    assert_int_equal(value_get(&event, "talks")->i, 1);
    assert_int_equal(value_get(&event, "notes")->i, 2);
}

static void short_ids_are_unique(void **state) {
    struct sample *s = *state;
    static const char *const ids[] = {"11111111-1111-4111-8111-111111111111", "11111111-1111-4111-8111-111111111112",
                                      "11111111-1222-4111-8111-111111111111", "22222222-1222-4111-8111-111111111111"};
    static const char *const shorts[] = {"11111111-1111-4111-8111-111111111111", "11111111-1111-4111-8111-111111111112",
                                         "11111111-12", "22222222"};
    for (int i = 0; i < 4; i++) {
        sample_change(s, "talk", ids[i], "{title:'T'}");
    }
    for (int i = 0; i < 4; i++) {
        struct value v = sample_get(s, ids[i], (struct get_options){.body = false});
        assert_string_equal(value_cstr(value_get(&v, "short"), ""), shorts[i]);
    }
    struct uuid id;
    enum entity entity;
    assert_int_equal(read_resolve_id(s->reader, "222222", &id, &entity, &s->err), 0);
    assert_int_equal(entity, ENTITY_TALK);
    assert_int_equal(read_resolve_id(s->reader, "11111111-12", &id, &entity, &s->err), 0);
    assert_int_equal(read_resolve_id(s->reader, "1111111112", &id, &entity, &s->err), 0);
    assert_int_equal(read_resolve_id(s->reader, "11111111", &id, &entity, &s->err), -E_USAGE);
    assert_non_null(strstr(s->err.message, "ambiguous"));
    assert_non_null(strstr(s->err.message, "11111111-12 talk 'T'"));
    assert_int_equal(read_resolve_id(s->reader, "22222", &id, &entity, &s->err), -E_USAGE);
    assert_non_null(strstr(s->err.message, "at least 6 digits"));
    assert_int_equal(read_resolve_id(s->reader, "333333", &id, &entity, &s->err), -E_NOTFOUND);
    assert_int_equal(read_resolve_id(s->reader, "raft", &id, &entity, &s->err), -E_NOTFOUND);
    assert_int_equal(read_resolve_id(s->reader, "add", &id, &entity, &s->err), -E_NOTFOUND);
    assert_int_equal(read_resolve_id(s->reader, "", &id, &entity, &s->err), -E_NOTFOUND);
    assert_int_equal(read_resolve_id(s->reader, "11111111-1111-4111-8111-1111111111111", &id, &entity, &s->err),
                     -E_NOTFOUND);
}

static void older_revisions_and_the_trash(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "note", "{title:'First', body:'one', tags:['a'], author:'Ann'}");
    sample_change(s, "note", id, "{title:'Second', body:'one two'}");
    sample_do(s, OP_TAG, "note", id, "{add:['b'], remove:['a']}");
    sample_change(s, "note", id, "{author:'Bob', fields:{x:1}}");
    struct get_options o = {.body = true, .rev = 1};
    struct value v = sample_get(s, id, o);
    assert_true(value_eqs(value_get(&v, "title"), "First"));
    assert_true(value_eqs(value_get(&v, "body"), "one"));
    assert_int_equal(value_get(&v, "words")->i, 1);
    assert_int_equal(value_get(&v, "rev")->i, 1);
    assert_string_equal(sample_json(s, value_get(&v, "tags")), "[\"a\"]");
    assert_true(value_eqs(value_get(value_get(&v, "author"), "name"), "Ann"));
    assert_string_equal(sample_json(s, value_get(&v, "fields")), "{}");
    o.rev = 3;
    v = sample_get(s, id, o);
    assert_true(value_eqs(value_get(&v, "title"), "Second"));
    assert_string_equal(sample_json(s, value_get(&v, "tags")), "[\"b\"]");
    assert_true(value_eqs(value_get(value_get(&v, "author"), "name"), "Ann"));
    struct uuid u;
    uuid_parse(id, strlen(id), &u);
    o.rev = 5;
    assert_int_equal(read_get(s->reader, &u, &o, &s->arena, &v, &s->err), -E_NOTFOUND);

    struct value list;
    sample_must(s, read_history(s->reader, &u, &s->arena, &list, &s->err), "history");
    assert_int_equal(list.len, 4);
    assert_string_equal(sample_list(s, &list, "title"), "Second|Second|Second|First");
    assert_string_equal(sample_list(s, &list, "op"), "update|tag|update|make");
    assert_int_equal(value_get(value_at(&list, 3), "bytes")->i, 3);
    assert_int_equal(value_get(value_at(&list, 0), "bytes")->i, 7);
    assert_string_equal(sample_list(s, &list, "command"), "test|test|test|test");
    assert_string_equal(sample_json(s, value_get(value_at(&list, 1), "changed")), "[\"tags\"]");

    sample_do(s, OP_DELETE, "note", id, NULL);
    v = sample_get(s, id, (struct get_options){.body = false});
    assert_true(value_is(&v, VALUE_NIL));
    v = sample_get(s, id, (struct get_options){.deleted = true});
    assert_true(value_is(value_get(&v, "deleted"), VALUE_STR));
    struct find f = {.type = "note", .limit = -1};
    v = sample_find(s, &f);
    assert_int_equal(value_get(&v, "items")->len, 0);
    f.deleted = true;
    v = sample_find(s, &f);
    assert_int_equal(value_get(&v, "items")->len, 1);
    struct value runs;
    sample_must(s, read_runs(s->reader, 2, &s->arena, &runs, &s->err), "runs");
    assert_int_equal(runs.len, 2);
    assert_string_equal(keys_of(s, value_at(&runs, 0)),
                        "id command plugin started duration_ms status operations undone");
}

static void events_are_found_by_name(void **state) {
    struct sample *s = *state;
    sample_put(s, "event", "{name:'SOSP', year:2015, full_name:'Symposium on Operating Systems Principles'}");
    sample_put(s, "event", "{name:'SOSP', year:2017, aliases:['Shanghai SOSP']}");
    sample_put(s, "event", "{name:'New Directions in Operating Systems', year:2014}");
    static const struct {
        const char *text, *slug;
    } cases[] = {
        {"sosp-2017", "sosp-2017"},
        {"SOSP-2017", "sosp-2017"},
        {"SOSP 2017", "sosp-2017"},
        {"sosp'17", "sosp-2017"},
        {"2015 SOSP", "sosp-2015"},
        {"shanghai sosp", "sosp-2017"},
        {"Symposium on Operating Systems Principles", "sosp-2015"},
        {"New Directions in Operating Systems", "new-directions-in-operating-systems-2014"},
    };
    struct value v;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sample_must(s, read_resolve_event(s->reader, cases[i].text, &s->arena, &v, &s->err), cases[i].text);
        assert_string_equal(value_cstr(value_get(&v, "slug"), ""), cases[i].slug);
    }
    const char *id = value_cstr(value_get(&v, "id"), "");
    sample_must(s, read_resolve_event(s->reader, arena_dup(&s->arena, id, 9), &s->arena, &v, &s->err), "by id");
    assert_int_equal(read_resolve_event(s->reader, "SOSP", &s->arena, &v, &s->err), -E_USAGE);
    assert_non_null(strstr(s->err.message, "sosp-2017, sosp-2015"));
    assert_int_equal(read_resolve_event(s->reader, "sosp-2107", &s->arena, &v, &s->err), -E_NOTFOUND);
    assert_string_equal(s->err.message, "unknown event 'sosp-2107'; did you mean 'sosp-2017'?");
    assert_int_equal(read_resolve_event(s->reader, "", &s->arena, &v, &s->err), -E_NOTFOUND);
    const char *talk = sample_put(s, "talk", "{title:'x'}");
    assert_int_equal(read_resolve_event(s->reader, talk, &s->arena, &v, &s->err), -E_USAGE);
    assert_non_null(strstr(s->err.message, "is no event"));
}

static void the_store_is_sound(void **state) {
    struct sample *s = *state;
    const char *talk = sample_put(s, "talk", "{title:'Raft', event:'SOSP 2017', speakers:['Ann']}");
    char text[200];
    snprintf(text, sizeof text, "{title:'N', body:'caf\xc3\xa9 na\xc3\xafve', talks:['%s'], tags:['t']}", talk);
    const char *note = sample_put(s, "note", text);
    sample_change(s, "note", note, "{body:'changed'}");
    sample_do(s, OP_DELETE, "talk", talk, NULL);
    struct value v;
    sample_must(s, read_check(s->reader, &s->arena, &v, &s->err), "check");
    assert_true(v.len > 10);
    for (uint32_t i = 0; i < v.len; i++) {
        const struct value *c = value_at(&v, i);
        if (!value_tobool(value_get(c, "ok"), false)) {
            fail_msg("%s: %s", value_cstr(value_get(c, "check"), ""), value_cstr(value_get(c, "detail"), ""));
        }
    }
}

/* Do damage behind the store's back; the check of that name has to notice. */
static bool is_noticed(struct sample *s, const char *damage, const char *check) {
    struct reader r = {.store = s->store};
    struct value v;
    sample_must(s, db_open(&r.db, s->path, SQLITE_OPEN_READWRITE, 100, &s->err), "damage");
    sample_must(s, db_exec(&r.db, damage, &s->err), damage);
    sample_must(s, read_check(&r, &s->arena, &v, &s->err), "check");
    bool noticed = false;
    for (uint32_t i = 0; i < v.len; i++) {
        const struct value *c = value_at(&v, i);
        noticed |= value_eqs(value_get(c, "check"), check) && !value_tobool(value_get(c, "ok"), true);
    }
    db_close(&r.db);
    return noticed;
}

static void damage_is_noticed(void **state) {
    static const char *const damages[][2] = {
        {"UPDATE note_rev SET body = body || ' more'", "search"},
        {"UPDATE t_talk SET event = 9999", "references"},
        {"UPDATE tagging SET tag = 9999", "tags"},
        {"DELETE FROM note_rev", "texts"},
        {"DELETE FROM t_person", "entities"},
        {"DELETE FROM entity WHERE type = 1", "rows"},
        {"INSERT INTO note_talk VALUES(9998, 9999)", "talks of notes"},
        {"UPDATE t_appearance SET person = 9999", "appearances"},
        {"UPDATE event_name SET name = 'other'", "names"},
        {"INSERT INTO award(owner, ord, name) VALUES(9999, 0, 'x')", "awards"},
        {"INSERT INTO origin(source, n, state, rev, print) VALUES(9999, 1, 0, 1, 0)", "origins"},
        {"UPDATE journal SET run = 9999", "journal"},
        {"UPDATE journal SET prev = seq + 1 WHERE prev IS NOT NULL", "journal"},
        {"UPDATE entity SET rev = rev + 1", "revisions"},
        {"UPDATE entity SET id = (SELECT id FROM entity WHERE n = 1) WHERE n = 2", "ids"},
        {"DELETE FROM key_recent WHERE k = (SELECT max(k) FROM key_recent)", "keys"},
        {"INSERT INTO key_settled SELECT max(k) FROM key_recent", "keys"},
        {"INSERT INTO key_settled VALUES(lectern_key(x'0102030405', 0, 9999))", "keys"},
        {"INSERT INTO key_settled VALUES(lectern_key(x'0102030405', 1, 1))", "keys"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct sample s;
        sample_open(&s);
        const char *talk = sample_put(&s, "talk", "{title:'Raft', event:'SOSP 2017', speakers:['Ann']}");
        char text[200];
        snprintf(text, sizeof text, "{title:'N', body:'one two', talks:['%s'], tags:['t']}", talk);
        sample_change(&s, "note", sample_put(&s, "note", text), "{title:'M'}");
        if (!is_noticed(&s, damages[i][0], damages[i][1])) {
            fail_msg("'%s' does not notice %s", damages[i][1], damages[i][0]);
        }
        sample_close(&s);
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
        TEST(fields_are_the_contracts), TEST(unknown_is_null_and_empty_is_empty), TEST(relations_are_filled),
        TEST(short_ids_are_unique),     TEST(older_revisions_and_the_trash),      TEST(events_are_found_by_name),
        TEST(the_store_is_sound),       cmocka_unit_test(damage_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
