/* Importing again: the same bytes, changes upstream, changes here, both, things gone, moved, renamed, and undo in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_source.h"

/* A file with one talk a heading, as an importer that counts its parts sees it: "## T\nbody\n" each, 2 lines. */
struct part {
    const char *title, *body;
};

static struct source file_of(struct sample *s, const char *path, const struct part *parts, size_t n) {
    struct buf text = BUF_INIT;
    struct buf records = BUF_INIT;
    buf_adds(&text, "# File\n");
    buf_adds(&records, "[{type:'note', key:'file', title:'File', kind:'post', span:[1,1]}");
    for (size_t i = 0; i < n; i++) {
        size_t line = 2 + 2 * i;
        buf_addf(&text, "## %s\n%s\n", parts[i].title, parts[i].body);
        buf_addf(&records, ", {type:'note', key:'part%zu', title:'%s', span:[%zu,%zu], part_of:'file', ord:%zu}", i + 1,
                 parts[i].title, line, line + 1, i + 1);
        buf_addf(
            &records,
            ", {type:'talk', title:'%s', event:'E 2001', speakers:['Speaker of %s'], note:'part%zu', span:[%zu,%zu]}",
            parts[i].title, parts[i].title, i + 1, line, line + 1);
    }
    buf_adds(&records, "]");
    struct source src = {.path = path,
                         .text = arena_dup(&s->arena, text.data, text.len),
                         .records = arena_dup(&s->arena, records.data, records.len)};
    buf_release(&text);
    buf_release(&records);
    return src;
}

static struct value import_parts(struct sample *s, const struct part *parts, size_t n) {
    struct source src = file_of(s, "/t/file.md", parts, n);
    struct value report = source_import(s, &src);
    source_reads(s, "/t/file.md", src.text);
    return report;
}
#define IMPORT(s, ...)                                                                                                 \
    import_parts(s, (const struct part[]){__VA_ARGS__},                                                                \
                 sizeof((const struct part[]){__VA_ARGS__}) / sizeof(struct part))

static const char *note_called(struct sample *s, const char *title) {
    struct find f = {.type = "note", .limit = -1, .deleted = false};
    struct value page = sample_find(s, &f);
    const struct value *items = value_get(&page, "items");
    for (size_t i = 0; i < items->len; i++) {
        if (value_eqs(value_get(value_at(items, i), "title"), title)) {
            return value_cstr(value_get(value_at(items, i), "id"), "");
        }
    }
    fail_msg("there is no note '%s'", title);
    return "";
}

static int64_t count(struct sample *s, const char *sql) {
    struct value rows;
    sample_must(s, read_sql(s->reader, sql, &value_nil, 1000, &s->arena, &rows, &s->err), sql);
    return value_toint(&value_at(&rows, 0)->pairs[0].val, -1);
}

/* ---- nothing new --------------------------------------------------------------------------------------------------- */

static void the_same_bytes_write_nothing(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"}, {"B", "text of b"});
    int64_t runs = count(s, "SELECT count(*) FROM run");
    struct value r = IMPORT(s, {"A", "text of a"}, {"B", "text of b"});
    assert_string_equal(source_status(&r), "unchanged");
    assert_int_equal(value_toint(value_get(&r, "unchanged"), 0), 5);
    assert_string_equal(s->run, "");
    assert_int_equal(count(s, "SELECT count(*) FROM run"), runs);
}

static void my_edit_survives_the_same_bytes(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"});
    const char *note = note_called(s, "A");
    sample_change(s, "note", note, "{body:'mine'}");
    struct value r = IMPORT(s, {"A", "text of a"});
    assert_string_equal(source_status(&r), "unchanged");
    assert_string_equal(sample_field(s, note, "body"), "mine");
}

static void a_newer_importer_looks_again(void **state) {
    struct sample *s = *state;
    static const struct part parts[] = {{"A", "text of a"}};
    struct source src = file_of(s, "/t/file.md", parts, 1);
    source_import(s, &src);
    src.version = "2";
    struct value r = source_import(s, &src);
    assert_string_equal(source_items(s, &r), "note unchanged File|note unchanged A|talk unchanged A");
    assert_string_not_equal(s->run, ""); /* that it was version 2 is remembered */
    r = source_import(s, &src);
    assert_string_equal(s->run, "");
    source_reads(s, "/t/file.md", src.text);
}

/* ---- one side changed ---------------------------------------------------------------------------------------------- */

static void changes_upstream_are_taken(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"}, {"B", "text of b"});
    const char *note = note_called(s, "B");
    struct value r = IMPORT(s, {"A", "text of a"}, {"B", "new text of b"});
    assert_string_equal(source_status(&r), "updated");
    assert_string_equal(source_items(s, &r),
                        "note unchanged File|note unchanged A|talk unchanged A|note updated B|talk unchanged B");
    assert_string_equal(sample_field(s, note, "body"), "## B\nnew text of b\n");
    assert_string_equal(sample_field(s, note, "rev"), "2");
    r = IMPORT(s, {"A", "text of a"}, {"B", "newer text of b"});
    assert_string_equal(sample_field(s, note, "rev"), "3");
    assert_string_equal(sample_found(s, "newer"), "B");
}

static void my_edit_stays_where_upstream_did_not_change(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"}, {"B", "text of b"});
    const char *a = note_called(s, "A");
    sample_change(s, "note", a, "{body:'mine'}");
    struct value r = IMPORT(s, {"A", "text of a"}, {"B", "new text of b"});
    assert_string_equal(source_items(s, &r),
                        "note unchanged File|note unchanged A|talk unchanged A|note updated B|talk unchanged B");
    assert_string_equal(sample_field(s, a, "body"), "mine");
}

static void different_fields_are_both_kept(void **state) {
    struct sample *s = *state;
    struct source src = {
        .path = "/t/n", .text = "old\n", .records = "[{type:'note', key:'n', title:'N', tags:['a','b'], span:[1,1]}]"};
    struct value r = source_import(s, &src);
    const char *note = source_item_id(&r, 0);
    sample_change(s, "note", note, "{title:'My title', tags:['a','mine']}");
    src.text = "new\n";
    src.records = "[{type:'note', key:'n', title:'N', tags:['a','b','theirs'], lang:'en', span:[1,1]}]";
    r = source_import(s, &src);
    assert_string_equal(source_items(s, &r), "note merged N");
    assert_string_equal(sample_field(s, note, "title"), "My title");
    assert_string_equal(sample_field(s, note, "body"), "new\n");
    assert_string_equal(sample_field(s, note, "lang"), "en");
    assert_string_equal(sample_field(s, note, "tags"), "[\"a\",\"mine\",\"theirs\"]");
    source_reads(s, "/t/n", "new\n");
}

/* ---- both sides ---------------------------------------------------------------------------------------------------- */

static void both_changed_keeps_mine_and_theirs_beside(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"});
    const char *note = note_called(s, "A");
    sample_change(s, "note", note, "{body:'mine'}");
    struct value r = IMPORT(s, {"A", "their text"});
    assert_string_equal(source_status(&r), "conflicted");
    assert_int_equal(value_toint(value_get(&r, "conflicted"), 0), 1);
    assert_string_equal(source_items(s, &r), "note unchanged File|note conflicted A|talk unchanged A");
    assert_string_equal(sample_field(s, note, "body"), "mine");
    r = IMPORT(s, {"A", "their text"});
    assert_string_equal(source_status(&r), "unchanged");
    r = IMPORT(s, {"A", "their text, again changed"}); /* still in conflict, now with this */
    assert_string_equal(source_status(&r), "conflicted");
    sample_change(s, "note", note, "{body:'## A\\ntheir text, again changed\\n'}");
    r = IMPORT(s, {"A", "and on"}); /* I took theirs: what follows is theirs alone */
    assert_string_equal(source_status(&r), "updated");
    assert_string_equal(sample_field(s, note, "body"), "## A\nand on\n");
}

static void both_made_the_same_change(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"});
    const char *note = note_called(s, "A");
    sample_change(s, "note", note, "{body:'## A\\nbetter\\n'}");
    struct value r = IMPORT(s, {"A", "better"});
    assert_string_equal(source_items(s, &r), "note unchanged File|note unchanged A|talk unchanged A");
    assert_string_equal(sample_field(s, note, "rev"), "2");
}

static void a_field_in_conflict_keeps_mine(void **state) {
    struct sample *s = *state;
    struct source src = {.path = "/t/t",
                         .text = "1\n",
                         .records = "[{type:'talk', guid:'g', title:'T', event:'E 2001', room:'1', url:'u1'}]"};
    struct value r = source_import(s, &src);
    const char *talk = source_item_id(&r, 0);
    sample_change(s, "talk", talk, "{room:'my room'}");
    src.text = "2\n";
    src.records = "[{type:'talk', guid:'g', title:'T', event:'E 2001', room:'2', url:'u2'}]";
    r = source_import(s, &src);
    assert_string_equal(source_items(s, &r), "talk conflicted T");
    assert_string_equal(sample_field(s, talk, "room"), "my room");
    assert_string_equal(sample_field(s, talk, "url"), "u2");
    src.text = "3\n";
    src.records = "[{type:'talk', guid:'g', title:'T', event:'E 2001', room:'2', url:'u3'}]";
    r = source_import(s, &src); /* the room is what they said last: nothing new about it */
    assert_string_equal(source_items(s, &r), "talk updated T");
    assert_string_equal(sample_field(s, talk, "room"), "my room");
}

static void what_another_source_says_is_a_warning_not_a_conflict(void **state) {
    struct sample *s = *state;
    struct source a = {.path = "/t/a",
                       .text = "a1\n",
                       .records = "[{type:'talk', title:'T', event:'E 2001', speakers:['Ann'], room:'1'}]"};
    struct source b = {.path = "/t/b",
                       .text = "b1\n",
                       .records = "[{type:'talk', title:'T', event:'E 2001', speakers:['Ann'], url:'from b'}]"};
    source_import(s, &a);
    source_import(s, &b);
    const char *talk = sample_only(s, "talk");
    a.text = "a2\n";
    a.records = "[{type:'talk', title:'T', event:'E 2001', speakers:['Ann'], room:'2', url:'from a'}]";
    struct value r = source_import(s, &a);
    assert_string_equal(sample_field(s, talk, "room"), "2"); /* its own word, nobody else's */
    assert_string_equal(sample_field(s, talk, "url"), "from b");
    assert_string_equal(source_warnings(s, &r), "talk 'T': url is 'from b' here and 'from a' in the source");
    assert_string_equal(source_items(s, &r), "talk updated T");
}

/* ---- gone, deleted, moved, renamed ---------------------------------------------------------------------------------- */

static void what_i_deleted_stays_deleted(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"}, {"B", "text of b"});
    const char *note = note_called(s, "A");
    sample_do(s, OP_DELETE, "note", note, NULL);
    struct value r = IMPORT(s, {"A", "other text of a"}, {"B", "text of b"});
    assert_string_equal(source_items(s, &r),
                        "note unchanged File|note skipped A|talk unchanged A|note unchanged B|talk unchanged B");
    assert_int_equal(value_toint(value_get(&r, "skipped"), 0), 1);
    assert_false(sample_live(s, note));
    r = IMPORT(s, {"A", "text of a"}, {"B", "text of b, too"});
    assert_false(sample_live(s, note));
}

static void what_is_gone_upstream_is_kept(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"}, {"B", "text of b"});
    const char *note = note_called(s, "A");
    struct value r = IMPORT(s, {"B", "text of b"});
    assert_string_equal(source_warnings(s, &r), "2 things imported from here before are no longer in the source; kept");
    assert_string_equal(sample_field(s, note, "body"), "## A\ntext of a\n");
    r = IMPORT(s, {"B", "text of b"}, {"A", "text of a"}); /* it is the same when it comes back */
    assert_string_equal(note_called(s, "A"), note);
    assert_string_equal(source_warnings(s, &r), "");
    assert_string_equal(sample_titles(s, "note", NULL), "File|A|B");
    assert_string_equal(sample_titles(s, "talk", NULL), "A|B");
}

static void parts_that_change_places_stay_what_they_are(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"}, {"B", "text of b"}, {"C", "text of c"});
    const char *b = note_called(s, "B");
    struct value r =
        IMPORT(s, {"New", "put before"}, {"C", "text of c"}, {"B", "text of b, changed"}, {"A", "text of a"});
    assert_string_equal(note_called(s, "B"), b);
    assert_string_equal(sample_field(s, b, "body"), "## B\ntext of b, changed\n");
    assert_string_equal(sample_titles(s, "note", NULL), "File|A|B|C|New");
    assert_string_equal(sample_titles(s, "talk", NULL), "A|B|C|New");
    assert_int_equal(value_toint(value_get(&r, "made"), 0), 2);
    assert_string_equal(sample_field(s, b, "ord"), "3");
}

static void what_is_renamed_upstream_stays_the_same_thing(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"Consensus made simple", "a long enough line of text"}, {"Other", "text of other"});
    const char *note = note_called(s, "Consensus made simple");
    struct value page = sample_find(s, &(struct find){.type = "talk", .limit = -1});
    const char *talk = value_cstr(value_get(value_at(value_get(&page, "items"), 0), "id"), "");
    struct value r =
        IMPORT(s, {"Consensus made really easy", "a long enough line of text"}, {"Other", "text of other"});
    assert_string_equal(
        source_items(s, &r),
        "note unchanged File|note updated Consensus made really easy|talk updated Consensus made really easy|"
        "note unchanged Other|talk unchanged Other");
    assert_string_equal(note_called(s, "Consensus made really easy"), note);
    assert_string_equal(sample_field(s, talk, "title"), "Consensus made really easy");
    r = IMPORT(s, {"Wholly different", "and nothing in common with it"}, {"Other", "text of other"});
    assert_string_equal(sample_titles(s, "note", NULL), "File|Consensus made really easy|Other|Wholly different");
}

static void a_file_of_one_note_is_that_note(void **state) {
    struct sample *s = *state;
    struct source src = {
        .path = "/t/one", .text = "some text\n", .records = "[{type:'note', key:'note', title:'One', span:[1,1]}]"};
    struct value r = source_import(s, &src);
    const char *id = source_item_id(&r, 0);
    src.text = "wholly other\n";
    src.records = "[{type:'note', key:'note', title:'Two', span:[1,1]}]";
    r = source_import(s, &src);
    assert_string_equal(source_item_id(&r, 0), id);
    assert_string_equal(sample_field(s, id, "title"), "Two");
}

static void a_new_talk_joins_a_note_that_is_there(void **state) {
    struct sample *s = *state;
    struct source src = {.path = "/t/list",
                         .text = "x\n",
                         .records = "[{type:'note', key:'n', title:'N', body:'x'}, {type:'talk', title:'A', event:'E "
                                    "2001', note:'n', speakers:['Ann']}]"};
    struct value r = source_import(s, &src);
    const char *note = source_item_id(&r, 0);
    src.text = "y\n";
    src.records = "[{type:'note', key:'n', title:'N', body:'x'}, {type:'talk', title:'A', event:'E 2001', note:'n', "
                  "speakers:['Ann']},"
                  " {type:'talk', title:'B', event:'E 2001', note:'n', speakers:['Bo']}]";
    r = source_import(s, &src);
    assert_string_equal(source_items(s, &r), "note updated N|talk unchanged A|talk made B");
    struct value v = sample_get(s, note, (struct get_options){0});
    assert_int_equal(value_get(&v, "talks")->len, 2);
    assert_string_equal(sample_found(s, "bo"), "N");
}

/* ---- and undo ------------------------------------------------------------------------------------------------------- */

static void an_import_undone_can_be_done_again(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"}, {"B", "text of b"});
    const char *note = note_called(s, "A");
    sample_undo(s, NULL, NULL);
    assert_string_equal(sample_titles(s, "note", NULL), "");
    assert_string_equal(sample_titles(s, "source", NULL), "");
    struct value r = IMPORT(s, {"A", "text of a"}, {"B", "text of b"});
    assert_string_equal(source_items(s, &r), "note made File|note made A|talk made A|note made B|talk made B");
    assert_string_equal(note_called(s, "A"), note);
    assert_string_equal(sample_titles(s, "person", NULL), "Speaker of A|Speaker of B");
    sample_do(s, OP_DELETE, "note", note, NULL); /* this was me */
    IMPORT(s, {"A", "text of a!"}, {"B", "text of b"});
    assert_false(sample_live(s, note));
}

static void undoing_an_import_of_changes_restores_the_source(void **state) {
    struct sample *s = *state;
    static const struct part old[] = {{"A", "text of a"}, {"B", "text of b"}};
    struct source src = file_of(s, "/t/file.md", old, 2);
    source_import(s, &src);
    const char *note = note_called(s, "A");
    IMPORT(s, {"A!", "changed"}, {"C", "new"});
    sample_undo(s, NULL, NULL);
    assert_string_equal(sample_titles(s, "note", NULL), "File|A|B");
    assert_string_equal(sample_field(s, note, "body"), "## A\ntext of a\n");
    source_reads(s, "/t/file.md", src.text);
    struct value r = IMPORT(s, {"A!", "changed"}, {"B", "text of b"}); /* untouched by me: taken again */
    assert_string_equal(sample_field(s, note, "title"), "A!");
    assert_string_equal(sample_field(s, note, "body"), "## A!\nchanged\n");
    assert_string_equal(source_status(&r), "updated");
}

static void a_conflict_is_undone_with_its_run(void **state) {
    struct sample *s = *state;
    IMPORT(s, {"A", "text of a"});
    const char *note = note_called(s, "A");
    sample_change(s, "note", note, "{body:'mine'}");
    IMPORT(s, {"A", "theirs"});
    const char *undone = sample_undo(s, NULL, NULL);
    assert_string_equal(sample_field(s, note, "body"), "mine");
    source_reads(s, "/t/file.md", "# File\n## A\ntext of a\n");
    sample_undo(s, undone, NULL);
    source_reads(s, "/t/file.md", "# File\n## A\ntheirs\n");
    struct value r = IMPORT(s, {"A", "theirs"});
    assert_string_equal(source_status(&r), "unchanged");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SOUND(the_same_bytes_write_nothing),
        SOUND(my_edit_survives_the_same_bytes),
        SOUND(a_newer_importer_looks_again),
        SOUND(changes_upstream_are_taken),
        SOUND(my_edit_stays_where_upstream_did_not_change),
        SOUND(different_fields_are_both_kept),
        SOUND(both_changed_keeps_mine_and_theirs_beside),
        SOUND(both_made_the_same_change),
        SOUND(a_field_in_conflict_keeps_mine),
        SOUND(what_another_source_says_is_a_warning_not_a_conflict),
        SOUND(what_i_deleted_stays_deleted),
        SOUND(what_is_gone_upstream_is_kept),
        SOUND(parts_that_change_places_stay_what_they_are),
        SOUND(what_is_renamed_upstream_stays_the_same_thing),
        SOUND(a_file_of_one_note_is_that_note),
        SOUND(a_new_talk_joins_a_note_that_is_there),
        SOUND(an_import_undone_can_be_done_again),
        SOUND(undoing_an_import_of_changes_restores_the_source),
        SOUND(a_conflict_is_undone_with_its_run),
    };
    return cmocka_run_group_tests_name("store again", tests, NULL, NULL);
}
