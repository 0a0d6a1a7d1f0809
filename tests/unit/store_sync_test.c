/* Sync, not copy: bodies merged by block, conflicts shown and decided, what a person typed under many imports, people
 * merged and split, the trash purged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_source.h"

/* One note that is the whole file. MORE: further fields of its record. */
static struct value import_text(struct sample *s, const char *text, const char *more) {
    struct source src = {.path = "/t/n", .text = text};
    size_t lines = 0;
    for (const char *p = text; *p; p++) {
        lines += *p == '\n';
    }
    src.records = arena_printf(&s->arena, "[{type:'note', key:'n', title:'N', span:[1,%zu]%s}]", lines, more);
    struct value report = source_import(s, &src);
    source_reads(s, "/t/n", text);
    return report;
}

static struct value import_talk(struct sample *s, const char *text, const char *fields) {
    struct source src = {.path = "/t/t", .text = text};
    src.records = arena_printf(&s->arena, "[{type:'talk', guid:'g', title:'T', event:'E 2001'%s}]", fields);
    return source_import(s, &src);
}

static struct value item(const struct value *report, size_t i) {
    return *value_at(value_get(report, "items"), i);
}

static const char *reason(const struct value *report, size_t i) {
    struct value v = item(report, i);
    return value_cstr(value_get(&v, "reason"), "-");
}

static struct value conflicts(struct sample *s) {
    struct value v;
    sample_must(s, read_conflicts(s->reader, NULL, &s->arena, &v, &s->err), "conflicts");
    return v;
}

static void decide(struct sample *s, const char *type, const char *id, const char *side) {
    sample_do(s, OP_RESOLVE, type, id, arena_printf(&s->arena, "{take:'%s'}", side));
}

static void refused(struct sample *s, enum op_kind kind, const char *type, const char *id, const char *text,
                    enum err_code code, const char *part) {
    struct store_run run = {.command = "test"};
    struct value done = value_array(&s->arena, 0);
    struct value body = text ? sample_text(s, text) : value_nil;
    struct op op = {.kind = kind, .base_rev = -1, .body = &body};
    assert_int_equal(entity_of(type, &op.entity), 0);
    assert_true(uuid_parse(id, strlen(id), &op.id));
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    int rc = store_apply(s->store, &op, 1, &s->arena, &done, &s->err);
    store_rollback(s->store);
    if (rc != -(int)code || !strstr(s->err.message, part)) {
        fail_msg("got %d '%s', wanted %s '%s'", rc, s->err.message, err_name(code), part);
    }
}

#define ABC(a, b, c) "# N\n\n" a "\n\n" b "\n\n" c "\n"

/* ---- bodies ------------------------------------------------------------------------------------------------------ */

static void blocks_that_one_side_changed_are_merged(void **state) {
    struct sample *s = *state;
    struct value r = import_text(s, ABC("alpha", "beta", "gamma"), "");
    const char *note = source_item_id(&r, 0);
    sample_change(s, "note", note, "{body:'# N\\n\\nalpha\\n\\nMINE\\n\\ngamma\\n'}");
    r = import_text(s, ABC("alpha", "beta", "THEIRS"), "");
    assert_string_equal(source_items(s, &r), "note merged N");
    assert_string_equal(reason(&r, 0), "changed here and upstream, merged: body (1 block of theirs)");
    assert_int_equal(value_toint(value_get(&r, "updated"), 0), 1);
    assert_int_equal(value_toint(value_get(&r, "merged"), 0), 1);
    assert_string_equal(sample_field(s, note, "body"), ABC("alpha", "MINE", "THEIRS"));
    r = import_text(s, ABC("alpha", "beta", "THEIRS"), "");
    assert_string_equal(source_status(&r), "unchanged");
    r = import_text(s, ABC("ALPHA", "beta", "THEIRS"), "");
    assert_string_equal(sample_field(s, note, "body"), ABC("ALPHA", "MINE", "THEIRS"));
    assert_int_equal(conflicts(s).len, 0);
    assert_string_equal(sample_found(s, "mine theirs alpha"), "N");
    sample_undo(s, NULL, NULL);
    assert_string_equal(sample_field(s, note, "body"), ABC("alpha", "MINE", "THEIRS"));
    r = import_text(s, ABC("ALPHA", "beta", "THEIRS"), "");
    assert_string_equal(sample_field(s, note, "body"), ABC("ALPHA", "MINE", "THEIRS"));
}

static void a_block_both_changed_stays_mine_and_theirs_is_kept(void **state) {
    struct sample *s = *state;
    struct value r = import_text(s, ABC("alpha", "beta", "gamma"), "");
    const char *note = source_item_id(&r, 0);
    sample_change(s, "note", note, "{body:'# N\\n\\nalpha\\n\\nMINE\\n\\ngamma\\n'}");
    r = import_text(s, ABC("alpha", "THEIRS", "GAMMA"), "");
    assert_string_equal(source_items(s, &r), "note conflicted N");
    assert_string_equal(reason(&r, 0), "changed here and upstream, yours stands: body (1 block in conflict)");
    assert_string_equal(sample_field(s, note, "body"), ABC("alpha", "MINE", "GAMMA"));
    struct value open = conflicts(s);
    assert_int_equal(open.len, 1);
    const struct value *block = value_at(value_get(value_at(&open, 0), "blocks"), 0);
    assert_string_equal(sample_json(s, block),
                        "{\"line\":5,\"base\":\"beta\",\"mine\":\"MINE\",\"theirs\":\"THEIRS\"}");
    r = import_text(s, ABC("ALPHA", "THEIRS", "GAMMA"), ""); /* something else: the conflict stands as it was */
    assert_string_equal(source_items(s, &r), "note merged N");
    assert_int_equal(conflicts(s).len, 1);
    r = import_text(s, ABC("ALPHA", "THEIRS 2", "GAMMA"), "");
    assert_string_equal(source_items(s, &r), "note conflicted N");
    open = conflicts(s);
    assert_int_equal(open.len, 1);
    block = value_at(value_get(value_at(&open, 0), "blocks"), 0);
    assert_string_equal(value_cstr(value_get(block, "theirs"), ""), "THEIRS 2");
    r = import_text(s, ABC("ALPHA", "MINE", "GAMMA"), ""); /* upstream agrees: nothing is left to decide */
    assert_int_equal(conflicts(s).len, 0);
    sample_undo(s, NULL, NULL);
    assert_int_equal(conflicts(s).len, 1);
}

static void a_conflict_is_decided_and_that_is_taken_back(void **state) {
    struct sample *s = *state;
    struct value r = import_text(s, ABC("alpha", "beta", "gamma"), "");
    const char *note = source_item_id(&r, 0);
    sample_change(s, "note", note, "{body:'# N\\n\\nalpha\\n\\nMINE\\n\\ngamma\\n', title:'My title'}");
    import_text(s, ABC("alpha", "THEIRS", "gamma"), ", lang:'en'");
    decide(s, "note", note, "theirs");
    assert_string_equal(sample_field(s, note, "body"), ABC("alpha", "THEIRS", "gamma"));
    assert_int_equal(conflicts(s).len, 0);
    const char *undone = sample_undo(s, NULL, NULL);
    assert_int_equal(conflicts(s).len, 1);
    assert_string_equal(sample_field(s, note, "body"), ABC("alpha", "MINE", "gamma"));
    sample_undo(s, undone, NULL);
    assert_int_equal(conflicts(s).len, 0);
    assert_string_equal(sample_field(s, note, "body"), ABC("alpha", "THEIRS", "gamma"));
    sample_undo(s, NULL, NULL);
    decide(s, "note", note, "mine");
    assert_string_equal(sample_field(s, note, "body"), ABC("alpha", "MINE", "gamma"));
    r = import_text(s, ABC("alpha", "THEIRS", "GAMMA"), ", lang:'en'"); /* decided is decided */
    assert_int_equal(conflicts(s).len, 0);
    assert_string_equal(sample_field(s, note, "body"), ABC("alpha", "MINE", "GAMMA"));
    assert_string_equal(sample_field(s, note, "title"), "My title");
    refused(s, OP_RESOLVE, "note", note, "{take:'mine'}", E_NOTFOUND, "no conflict");
    refused(s, OP_RESOLVE, "note", note, "{take:'yours'}", E_USAGE, "'take'");
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

static void what_i_wrote_survives_any_number_of_imports(void **state) {
    struct sample *s = *state;
    struct value r = import_talk(s, "1\n", ", room:'1', url:'u1', tags:['a','b']");
    const char *talk = source_item_id(&r, 0);
    sample_change(s, "talk", talk, "{title:'Mine', tags:['a','mine']}");
    for (int i = 2; i < 6; i++) {
        const char *text = arena_printf(&s->arena, "%d\n", i);
        r = import_talk(s, text, arena_printf(&s->arena, ", room:'%d', url:'u%d', tags:['a','b','t%d']", i, i, i));
        assert_string_equal(sample_field(s, talk, "title"), "Mine");
        assert_string_equal(sample_field(s, talk, "url"), arena_printf(&s->arena, "u%d", i));
        assert_string_equal(sample_field(s, talk, "tags"), arena_printf(&s->arena, "[\"a\",\"mine\",\"t%d\"]", i));
    }
    assert_int_equal(conflicts(s).len, 0);
}

static void a_decided_field_stays_decided(void **state) {
    struct sample *s = *state;
    struct value r = import_talk(s, "1\n", ", room:'1', url:'u1'");
    const char *talk = source_item_id(&r, 0);
    sample_change(s, "talk", talk, "{room:'mine'}");
    import_talk(s, "2\n", ", room:'2', url:'u1'");
    struct value open = conflicts(s);
    const struct value *one = value_at(&open, 0);
    assert_string_equal(sample_json(s, value_get(one, "fields")),
                        "[{\"field\":\"room\",\"mine\":\"mine\",\"theirs\":\"2\"}]");
    r = import_talk(s, "3\n", ", room:'2', url:'u3'");
    assert_int_equal(conflicts(s).len, 1); /* nobody has decided yet */
    decide(s, "talk", talk, "mine");
    r = import_talk(s, "4\n", ", room:'2', url:'u4'");
    assert_string_equal(sample_field(s, talk, "room"), "mine");
    assert_string_equal(source_items(s, &r), "talk updated T");
    assert_string_equal(reason(&r, 0), "changed upstream: url; changed here, left: room");
    r = import_talk(s, "5\n", ", room:'5', url:'u4'");
    assert_string_equal(source_items(s, &r), "talk conflicted T");
    decide(s, "talk", talk, "theirs");
    assert_string_equal(sample_field(s, talk, "room"), "5");
    r = import_talk(s, "6\n", ", room:'6', url:'u4'"); /* theirs was taken: theirs it is */
    assert_string_equal(source_items(s, &r), "talk updated T");
    assert_string_equal(sample_field(s, talk, "room"), "6");
}

static void a_stale_change_is_refused_with_what_was_changed(void **state) {
    struct sample *s = *state;
    struct value r = import_text(s, ABC("alpha", "beta", "gamma"), "");
    const char *note = source_item_id(&r, 0);
    sample_change(s, "note", note, "{body:'# N\\n\\nalpha\\n\\nMINE\\n\\ngamma\\n', title:'M'}");
    struct store_run run = {.command = "test"};
    struct value done = value_array(&s->arena, 0);
    struct value body = sample_text(s, "{title:'Late'}");
    struct op op = {.kind = OP_PUT, .entity = ENTITY_NOTE, .base_rev = 1, .body = &body};
    assert_true(uuid_parse(note, strlen(note), &op.id));
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    assert_int_equal(store_apply(s->store, &op, 1, &s->arena, &done, &s->err), -(int)E_BUSY);
    store_rollback(s->store);
    assert_non_null(strstr(s->err.message, "revision 2, yours is 1"));
    assert_non_null(strstr(s->err.hint, "lectern diff "));
    assert_string_equal(s->err.trace, "-title: N\n+title: M\n@@ -2,6 +2,6 @@\n \n alpha\n \n-beta\n+MINE\n \n gamma\n");
    err_release(&s->err);
    struct value diff;
    sample_must(s, read_diff(s->reader, &op.id, 1, 2, &s->arena, &diff, &s->err), "diff");
    assert_string_equal(sample_json(s, value_get(&diff, "fields")),
                        "[{\"field\":\"title\",\"from\":\"N\",\"to\":\"M\"}]");
    assert_int_equal(read_diff(s->reader, &op.id, 1, 9, &s->arena, &diff, &s->err), -(int)E_NOTFOUND);
}

/* ---- identity ---------------------------------------------------------------------------------------------------- */

static struct value import_two(struct sample *s, const char *text, const char *records) {
    struct source src = {.path = "/t/two", .text = text, .records = records};
    return source_import(s, &src);
}

static void an_id_of_the_source_is_confirmed_by_the_title(void **state) {
    struct sample *s = *state;
    struct value r = import_two(s, "1\n",
                                "[{type:'talk', guid:'1', title:'Clocks that lie', event:'E 2001', room:'x'},"
                                " {type:'talk', guid:'2', title:'Queues are promises', event:'E 2001', room:'y'}]");
    const char *clocks = source_item_id(&r, 0);
    const char *queues = source_item_id(&r, 1);
    sample_change(s, "talk", clocks, "{tags:['mine']}");
    r = import_two(s, "2\n",
                   "[{type:'talk', guid:'2', title:'Clocks that lie', event:'E 2001', room:'z'},"
                   " {type:'talk', guid:'1', title:'Queues are promises', event:'E 2001', room:'y'}]");
    assert_string_equal(source_item_id(&r, 0), clocks); /* the slots were swapped, not the talks */
    assert_string_equal(source_item_id(&r, 1), queues);
    assert_string_equal(sample_field(s, clocks, "room"), "z");
    assert_string_equal(sample_field(s, clocks, "tags"), "[\"mine\"]");
    r = import_two(s, "3\n",
                   "[{type:'talk', guid:'2', title:'Clocks, renamed wholly', event:'E 2001', room:'z'},"
                   " {type:'talk', guid:'1', title:'Queues are promises', event:'E 2001', room:'y'}]");
    assert_string_equal(sample_titles(s, "talk", NULL), "Clocks, renamed wholly|Queues are promises");
}

static void an_id_that_two_talks_have_makes_two(void **state) {
    struct sample *s = *state;
    struct value r = import_two(s, "1\n",
                                "[{type:'talk', guid:'7', title:'Morning', event:'E 2001'},"
                                " {type:'talk', guid:'7', title:'Something else', event:'E 2001'}]");
    assert_string_equal(source_items(s, &r), "talk made Morning|talk made Something else");
    r = import_two(s, "2\n",
                   "[{type:'talk', guid:'7', title:'Morning', event:'E 2001', room:'1'},"
                   " {type:'talk', guid:'7', title:'Something else', event:'E 2001'}]");
    assert_string_equal(source_items(s, &r), "talk updated Morning|talk unchanged Something else");
}

#define P1 "a first passage of some words\nthat goes on for a line\n"
#define P2 "another passage, of other words\nand it goes on as well, longer than the first\n"

static void a_part_that_was_split_is_the_larger_piece(void **state) {
    struct sample *s = *state;
    struct value r = import_two(s, P1 P2, "[{type:'note', key:'all', title:'Whole', span:[1,4]}]");
    const char *whole = source_item_id(&r, 0);
    r = import_two(s, P1 P2, "[{type:'note', key:'all', title:'Whole', span:[1,4]}]");
    r = import_two(s, P1 "\n" P2,
                   "[{type:'note', key:'x', title:'Beginning', span:[1,3]},"
                   " {type:'note', key:'y', title:'The end of it', span:[4,5]}]");
    assert_string_equal(source_item_id(&r, 1), whole);
    assert_string_equal(source_items(s, &r), "note made Beginning|note updated The end of it");
    assert_string_equal(reason(&r, 1), "known by its text; changed upstream: title, body");
    source_reads(s, "/t/two", P1 "\n" P2);
}

#define P3 "the last words of it\n"
/* One part of P1 to P3, in which somebody changes MINE; then it is split upstream, and the larger piece is the old one. */
static const char *split_after(struct sample *s, const char *mine, struct value *report) {
    struct value r = import_two(s, P1 "\n" P2 "\n" P3, "[{type:'note', key:'all', title:'Whole', span:[1,7]}]");
    const char *whole = source_item_id(&r, 0);
    sample_change(s, "note", whole, arena_printf(&s->arena, "{body:'%s'}", mine));
    *report = import_two(s, P1 "\n\n" P2 "\n" P3,
                         "[{type:'note', key:'x', title:'Beginning', span:[1,4]},"
                         " {type:'note', key:'y', title:'The end of it', span:[5,8]}]");
    assert_string_equal(source_item_id(report, 1), whole);
    return whole;
}

#define Q1 "a first passage of some words\\nthat goes on for a line\\n"
#define Q2 "another passage, of other words\\nand it goes on as well, longer than the first\\n"

/* What was typed into the piece that stays is in it, and the other piece is not in it any more. */
static void a_split_part_keeps_what_was_typed_into_it(void **state) {
    struct sample *s = *state;
    struct value r;
    const char *whole = split_after(s, Q1 "\\n" Q2 "\\nthe last words of it, MINE\\n", &r);
    assert_string_equal(source_items(s, &r), "note made Beginning|note merged The end of it");
    assert_string_equal(sample_field(s, whole, "body"), P2 "\nthe last words of it, MINE\n");
    assert_int_equal(conflicts(s).len, 0);
}

/* What was typed into the piece that became a part of its own clashes with its going: nobody throws it away. */
static void what_was_typed_into_the_piece_that_left_is_in_conflict(void **state) {
    struct sample *s = *state;
    struct value r;
    const char *whole =
        split_after(s, "a first passage, MINE\\nthat goes on for a line\\n\\n" Q2 "\\nthe last words of it\\n", &r);
    assert_string_equal(source_items(s, &r), "note made Beginning|note conflicted The end of it");
    assert_non_null(strstr(sample_field(s, whole, "body"), "a first passage, MINE"));
    assert_non_null(strstr(sample_field(s, source_item_id(&r, 0), "body"), "a first passage of some words"));
    assert_int_equal(conflicts(s).len, 1);
    decide(s, "note", whole, "theirs");
    assert_null(strstr(sample_field(s, whole, "body"), "MINE"));
    sample_undo(s, NULL, NULL);
    assert_non_null(strstr(sample_field(s, whole, "body"), "a first passage, MINE"));
}

static void parts_that_were_joined_are_the_larger_of_them(void **state) {
    struct sample *s = *state;
    struct value r = import_two(s, P1 P2,
                                "[{type:'note', key:'x', title:'Beginning', span:[1,2]},"
                                " {type:'note', key:'y', title:'The end of it', span:[3,4]}]");
    const char *large = source_item_id(&r, 1);
    const char *small = source_item_id(&r, 0);
    sample_change(s, "note", small, "{body:'what I wrote'}");
    r = import_two(s, P1 P2 "more\n", "[{type:'note', key:'z', title:'Everything', span:[1,5]}]");
    assert_string_equal(source_item_id(&r, 0), large);
    assert_string_equal(source_items(s, &r), "note updated Everything|note orphaned Beginning");
    assert_string_equal(reason(&r, 1), "no longer in the source, kept");
    assert_string_equal(sample_field(s, small, "body"), "what I wrote");
    assert_int_equal(value_toint(value_get(&r, "orphaned"), 0), 1);
}

/* ---- people ------------------------------------------------------------------------------------------------------ */

static const char *person(struct sample *s, const char *name) {
    struct find f = {.type = "person", .limit = -1};
    struct value page = sample_find(s, &f);
    const struct value *items = value_get(&page, "items");
    for (size_t i = 0; i < items->len; i++) {
        if (value_eqs(value_get(value_at(items, i), "name"), name)) {
            return value_cstr(value_get(value_at(items, i), "id"), "");
        }
    }
    fail_msg("there is no person '%s'", name);
    return "";
}

static const char *speakers(struct sample *s, const char *talk) {
    struct value v = sample_get(s, talk, (struct get_options){0});
    return sample_list(s, value_get(&v, "speakers"), "name");
}

static void two_spellings_become_one_person_and_two_again(void **state) {
    struct sample *s = *state;
    const char *a =
        sample_put(s, "talk", "{title:'A', speakers:['Barbara Liskov'], awards:[{name:'Best', person:'B. Liskov'}]}");
    const char *b = sample_put(s, "talk", "{title:'B', speakers:['B. Liskov','Ann']}");
    const char *c = sample_put(s, "talk", "{title:'C', speakers:['B. Liskov','Barbara Liskov']}");
    const char *note = sample_put(s, "note", "{title:'N', body:'x', author:'B. Liskov'}");
    const char *full = person(s, "Barbara Liskov");
    const char *initial = person(s, "B. Liskov");
    refused(s, OP_MERGE, "person", full, arena_printf(&s->arena, "{with:'%s'}", full), E_USAGE, "one person already");
    sample_do(s, OP_MERGE, "person", full, arena_printf(&s->arena, "{with:'%s'}", initial));
    const char *merging = sample_last_run(s);
    assert_string_equal(speakers(s, b), "Barbara Liskov|Ann");
    assert_string_equal(speakers(s, c), "Barbara Liskov");
    assert_string_equal(sample_titles(s, "talk", "speaker:barbara"), "A|B|C");
    assert_string_equal(sample_field(s, full, "aliases"), "[\"B. Liskov\"]");
    assert_false(sample_live(s, initial));
    sample_put(s, "talk", "{title:'D', speakers:['B. Liskov']}"); /* known by now */
    assert_string_equal(sample_titles(s, "person", NULL), "Barbara Liskov|Ann");
    refused(s, OP_SPLIT, "person", full, "{name:'Bob'}", E_NOTFOUND, "no other name");
    sample_do(s, OP_SPLIT, "person", full, "{name:'B. Liskov'}");
    assert_string_equal(speakers(s, b), "B. Liskov|Ann");
    assert_string_equal(speakers(s, a), "Barbara Liskov");
    assert_string_equal(speakers(s, c), "Barbara Liskov|B. Liskov");
    assert_true(sample_live(s, initial));
    assert_string_equal(sample_field(s, note, "author"),
                        arena_printf(&s->arena, "{\"id\":\"%s\",\"name\":\"B. Liskov\"}", initial));
    sample_undo(s, NULL, NULL);
    assert_string_equal(speakers(s, b), "Barbara Liskov|Ann");
    sample_undo(s, NULL, NULL); /* talk D */
    sample_undo(s, merging, NULL);
    assert_string_equal(speakers(s, b), "B. Liskov|Ann");
    assert_string_equal(speakers(s, c), "B. Liskov|Barbara Liskov");
    assert_string_equal(sample_field(s, full, "aliases"), "[]");
}

/* ---- purging ----------------------------------------------------------------------------------------------------- */

/* Does TEXT stand in the store's files? */
static bool in_the_file(struct sample *s, const char *text) {
    static const char *const ends[] = {"", "-wal"};
    static char all[1 << 24];
    for (size_t k = 0; k < 2; k++) {
        FILE *f = fopen(arena_printf(&s->arena, "%s%s", s->path, ends[k]), "rb");
        size_t n = f ? fread(all, 1, sizeof all, f) : 0;
        if (f) {
            fclose(f);
        }
        if (n && memmem(all, n, text, strlen(text))) {
            return true;
        }
    }
    return false;
}

static void what_is_purged_is_gone_and_stays_deleted(void **state) {
    struct sample *s = *state;
    struct source src = {
        .path = "/t/two",
        .text = "keep this\nforget xyzzy\n",
        .records =
            "[{type:'note', key:'a', title:'Keep', span:[1,1]}, {type:'note', key:'b', title:'Plugh', span:[2,2]}]"};
    struct value r = source_import(s, &src);
    const char *imported = sample_last_run(s);
    const char *note = source_item_id(&r, 1);
    sample_change(s, "note", note, "{body:'xyzzy again', tags:['t']}");
    assert_true(in_the_file(s, "xyzzy"));
    refused(s, OP_PURGE, "note", note, NULL, E_USAGE, "in the trash");
    sample_do(s, OP_DELETE, "note", note, NULL);
    sample_do(s, OP_PURGE, "note", note, NULL);
    const char *purge = sample_last_run(s);
    source_reads(s, "/t/two", "keep this\n            \n");
    sample_undo_refused(s, purge, E_USAGE, "cannot be brought back");
    sample_undo_refused(s, imported, E_BUSY, "changed since");
    assert_string_equal(sample_field(s, note, "title"), "");
    struct uuid id;
    struct value rows;
    assert_true(uuid_parse(note, strlen(note), &id));
    sample_must(s, read_history(s->reader, &id, &s->arena, &rows, &s->err), "history");
    assert_string_equal(sample_list(s, &rows, "op"), "purge|delete|update|make");
    src.text = "keep this too\nforget xyzzy\n";
    r = source_import(s, &src);
    assert_string_equal(source_items(s, &r), "note updated Keep|note skipped Plugh");
    assert_false(sample_live(s, note));
}

static void what_others_name_is_not_purged(void **state) {
    struct sample *s = *state;
    sample_put(s, "talk", "{title:'A', speakers:['Ann']}");
    const char *ann = person(s, "Ann");
    sample_do(s, OP_DELETE, "person", ann, NULL);
    refused(s, OP_PURGE, "person", ann, NULL, E_BUSY, "still named");
    const char *bo = sample_put(s, "person", "{name:'Bo', aliases:['B']}");
    sample_do(s, OP_DELETE, "person", bo, NULL);
    sample_do(s, OP_PURGE, "person", bo, NULL);
    sample_put(s, "talk", "{title:'B', speakers:['Bo']}");
    assert_string_equal(sample_titles(s, "person", NULL), "Bo");
    const char *talk = sample_put(s, "talk", "{title:'C', abstract:'xyzzy', event:'E 2001'}");
    sample_do(s, OP_DELETE, "talk", talk, NULL);
    sample_do(s, OP_PURGE, "talk", talk, NULL);
    struct source src = {
        .path = "/t/gone", .text = "x\n", .records = "[{type:'note', key:'a', title:'Keep', span:[1,1]}]"};
    source_import(s, &src);
    struct find f = {.type = "source", .limit = -1};
    struct value page = sample_find(s, &f);
    const char *source = value_cstr(value_get(value_at(value_get(&page, "items"), 0), "id"), "");
    sample_do(s, OP_DELETE, "source", source, NULL);
    sample_do(s, OP_PURGE, "source", source, NULL);
    struct value r = source_import(s, &src); /* nothing is known of it */
    assert_string_equal(source_status(&r), "made");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SOUND(blocks_that_one_side_changed_are_merged),
        SOUND(a_block_both_changed_stays_mine_and_theirs_is_kept),
        SOUND(a_conflict_is_decided_and_that_is_taken_back),
        SOUND(what_i_wrote_survives_any_number_of_imports),
        SOUND(a_decided_field_stays_decided),
        SOUND(a_stale_change_is_refused_with_what_was_changed),
        SOUND(an_id_of_the_source_is_confirmed_by_the_title),
        SOUND(an_id_that_two_talks_have_makes_two),
        SOUND(a_part_that_was_split_is_the_larger_piece),
        SOUND(a_split_part_keeps_what_was_typed_into_it),
        SOUND(what_was_typed_into_the_piece_that_left_is_in_conflict),
        SOUND(parts_that_were_joined_are_the_larger_of_them),
        SOUND(two_spellings_become_one_person_and_two_again),
        SOUND(what_is_purged_is_gone_and_stays_deleted),
        SOUND(what_others_name_is_not_purged),
    };
    return cmocka_run_group_tests_name("store sync", tests, NULL, NULL);
}
