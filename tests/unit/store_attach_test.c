/* Files that notes have: kept once, for as long as a revision may need them, checked, carried through a dump, mended, and
 * gone with the last note that had them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/db_priv.h"
#include "store/keep.h"
#include "store_source.h"

static const char *hex_of(struct sample *s, const char *content) {
    uint8_t sha[SHA256_BYTES];
    char *hex = arena_alloc(&s->arena, 2 * SHA256_BYTES + 1);
    sha256(content, strlen(content), sha);
    hex_encode(sha, sizeof sha, hex);
    return hex;
}

/* {name:NAME, sha256:...} as a record names what came with it. */
static const char *named(struct sample *s, const char *name, const char *content) {
    return arena_printf(&s->arena, "{name:'%s', mime:'image/png', bytes:%zu, sha256:'%s'}", name, strlen(content),
                        hex_of(s, content));
}

/* Import the note at PATH with these ATTACHMENTS, text; of CONTENTS, NULL at the end, each came with it. */
static int attach_try(struct sample *s, const char *path, const char *attachments, const char *const *contents,
                      struct value *report) {
    struct store_run run = {.command = "import", .plugin_cpu_us = -1, .store_us = -1, .waiting_us = -1};
    struct ingest_file files[8];
    struct value records =
        sample_text(s, arena_printf(&s->arena, "[{type:'note', key:'n', title:'%s', span:[1,1]%s%s}]", path,
                                    attachments ? ", attachments:" : "", attachments ? attachments : ""));
    struct value no_event = value_nil;
    const char *text = arena_printf(&s->arena, "text of %s\n", path); /* else it would be a file that was moved */
    struct ingest in = {.path = path,
                        .importer = "plain",
                        .importer_version = "1",
                        .raw_bytes = (int64_t)strlen(text),
                        .encoding = "utf-8",
                        .text = text,
                        .text_len = strlen(text),
                        .records = &records,
                        .event = &no_event,
                        .attach = contents != NULL,
                        .files = files};
    for (; contents && contents[in.nfiles]; in.nfiles++) {
        const char *c = contents[in.nfiles];
        files[in.nfiles] = (struct ingest_file){.data = c, .len = strlen(c)};
        sha256(c, strlen(c), files[in.nfiles].sha256);
    }
    sha256(in.text, in.text_len, in.sha256);
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    int rc = store_ingest(s->store, &in, &s->arena, report, &s->err);
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    return rc;
}

static struct value attach(struct sample *s, const char *path, const char *attachments, const char *const *contents) {
    struct value report;
    sample_must(s, attach_try(s, path, attachments, contents, &report), "ingest");
    return report;
}

#define CONTENTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NOTHING ((const char *const[]){NULL})

static int64_t number(struct sample *s, const char *sql) {
    int64_t n = -1;
    sqlite3_stmt *st = NULL;
    sqlite3 *h;
    assert_int_equal(sqlite3_open_v2(s->path, &h, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(h);
    return n;
}

static int64_t contents(struct sample *s) {
    return number(s, "SELECT count(*) FROM t_attachment");
}

static const char *note_at(struct sample *s, const char *path) {
    struct find f = {.type = "note", .limit = -1, .deleted = false};
    struct value page = sample_find(s, &f);
    const struct value *items = value_get(&page, "items");
    for (size_t i = 0; i < items->len; i++) {
        if (value_eqs(value_get(value_at(items, i), "title"), path)) {
            return value_cstr(value_get(value_at(items, i), "id"), NULL);
        }
    }
    fail_msg("no note '%s'", path);
    return NULL;
}

static const char *names_of(struct sample *s, const char *path) {
    struct value note = sample_get(s, note_at(s, path), (struct get_options){.body = true});
    return sample_list(s, value_get(&note, "attachments"), "name");
}

static void reads(struct sample *s, const char *content) {
    struct value part;
    sample_must(s, read_attachment(s->reader, hex_of(s, content), 0, 1 << 20, &s->arena, &part, &s->err), "content");
    const struct value *bytes = value_get(&part, "bytes");
    assert_int_equal(bytes->len, strlen(content));
    assert_memory_equal(bytes->s, content, bytes->len);
    assert_int_equal(value_toint(value_get(&part, "total"), -1), (int64_t)strlen(content));
}

/* ---- importing ----------------------------------------------------------------------------------------------------------- */

static void the_same_content_is_kept_once(void **state) {
    struct sample *s = *state;
    attach(s, "/a", arena_printf(&s->arena, "[%s]", named(s, "x.png", "one")), CONTENTS("one"));
    attach(s, "/b", arena_printf(&s->arena, "[%s, %s]", named(s, "y.png", "one"), named(s, "z.png", "two")),
           CONTENTS("one", "two", "nobody named me"));
    assert_int_equal(contents(s), 2);
    assert_int_equal(number(s, "SELECT count(*) FROM attached"), 3);
    assert_string_equal(names_of(s, "/b"), "y.png|z.png");
    reads(s, "one");
    reads(s, "two");
    assert_sound(s);
}

static void importing_again_writes_nothing(void **state) {
    struct sample *s = *state;
    const char *list = arena_printf(&s->arena, "[%s]", named(s, "x.png", "one"));
    attach(s, "/a", list, CONTENTS("one"));
    struct value report = attach(s, "/a", list, CONTENTS("one"));
    assert_string_equal(source_status(&report), "unchanged");
    assert_string_equal(s->run, "");
}

static void another_picture_under_the_name_is_an_update_that_is_undone(void **state) {
    struct sample *s = *state;
    attach(s, "/a", arena_printf(&s->arena, "[%s]", named(s, "x.png", "one")), CONTENTS("one"));
    struct value report = attach(s, "/a", arena_printf(&s->arena, "[%s]", named(s, "x.png", "two")), CONTENTS("two"));
    assert_string_equal(source_status(&report), "updated");
    assert_int_equal(contents(s), 2); /* one can go back */
    struct value done;
    sample_undo(s, NULL, &done);
    struct value note = sample_get(s, note_at(s, "/a"), (struct get_options){.body = true});
    assert_true(value_eqs(value_get(value_at(value_get(&note, "attachments"), 0), "sha256"), hex_of(s, "one")));
    assert_sound(s);
}

/* What could not be read this time stays as it was; what is not named any more goes. */
static void a_file_that_went_away_stays_here(void **state) {
    struct sample *s = *state;
    attach(s, "/a", arena_printf(&s->arena, "[%s, %s]", named(s, "x.png", "one"), named(s, "y.png", "two")),
           CONTENTS("one", "two"));
    attach(s, "/a", "[{file:'x.png'}, {file:'never.png'}]", NOTHING);
    assert_string_equal(names_of(s, "/a"), "x.png");
    attach(s, "/a", NULL, NOTHING);
    assert_string_equal(names_of(s, "/a"), "");
    assert_sound(s);
}

/* Without looking for files nothing is said of them. */
static void who_does_not_look_takes_nothing_away(void **state) {
    struct sample *s = *state;
    attach(s, "/a", arena_printf(&s->arena, "[%s]", named(s, "x.png", "one")), CONTENTS("one"));
    struct source src = {.path = "/a",
                         .text = "other\n",
                         .records = "[{type:'note', key:'n', title:'/a', span:[1,1], attachments:[{file:'x.png'}]}]"};
    source_import(s, &src);
    assert_string_equal(names_of(s, "/a"), "x.png");
    src.text = "again\n";
    src.records = "[{type:'note', key:'n', title:'/a', span:[1,1]}]";
    source_import(s, &src);
    assert_string_equal(names_of(s, "/a"), "x.png");
}

static void content_that_nobody_has_is_refused(void **state) {
    struct sample *s = *state;
    struct value report;
    const char *list = arena_printf(&s->arena, "[%s]", named(s, "x.png", "one"));
    assert_int_equal(attach_try(s, "/a", list, CONTENTS("another"), &report), -(int)E_DATA);
    assert_non_null(strstr(s->err.message, "'x.png'"));
    assert_int_equal(number(s, "SELECT count(*) FROM entity"), 0);
    assert_int_equal(contents(s), 0);
}

/* Both sides changed the list: mine stays, and what they say can be taken later, with its content. */
static void a_conflict_keeps_their_content(void **state) {
    struct sample *s = *state;
    attach(s, "/a", arena_printf(&s->arena, "[%s]", named(s, "x.png", "one")), CONTENTS("one"));
    const char *id = note_at(s, "/a");
    sample_change(s, "note", id, "{attachments:[{name:'mine'}]}");
    attach(s, "/a", arena_printf(&s->arena, "[%s]", named(s, "x.png", "two")), CONTENTS("two"));
    assert_string_equal(names_of(s, "/a"), "mine");
    sample_do(s, OP_RESOLVE, "note", id, "{take:'theirs'}");
    assert_string_equal(names_of(s, "/a"), "x.png");
    reads(s, "two");
    assert_sound(s);
}

/* ---- going --------------------------------------------------------------------------------------------------------------- */

static void purging_the_last_note_takes_the_content_along(void **state) {
    struct sample *s = *state;
    attach(s, "/a", arena_printf(&s->arena, "[%s, %s]", named(s, "x.png", "one"), named(s, "y.png", "two")),
           CONTENTS("one", "two"));
    attach(s, "/b", arena_printf(&s->arena, "[%s]", named(s, "x.png", "one")), CONTENTS("one"));
    const char *first = note_at(s, "/a");
    const char *second = note_at(s, "/b");
    sample_do(s, OP_DELETE, "note", first, NULL);
    assert_int_equal(contents(s), 2);
    sample_do(s, OP_PURGE, "note", first, NULL);
    assert_int_equal(contents(s), 1);
    assert_sound(s);
    sample_do(s, OP_DELETE, "note", second, NULL);
    sample_do(s, OP_PURGE, "note", second, NULL);
    assert_int_equal(contents(s), 0);
    assert_sound(s);
}

/* ---- keeping ------------------------------------------------------------------------------------------------------------- */

static int collect(void *ctx, const void *p, size_t n, struct err *err) {
    (void)err;
    buf_add(ctx, p, n);
    return 0;
}

static void a_dump_carries_them(void **state) {
    struct sample *s = *state;
    struct buf dump = BUF_INIT;
    struct buf again = BUF_INIT;
    int64_t rows;
    struct value report;
    char path[128];
    char store[128];
    attach(s, "/a", arena_printf(&s->arena, "[%s]", named(s, "x.png", "one \x01\xff")), CONTENTS("one \x01\xff"));
    sample_must(s, keep_dump(s->path, collect, &dump, &rows, &s->err), "dump");
    snprintf(path, sizeof path, "%s/dump", s->folder);
    snprintf(store, sizeof store, "%s/loaded.db", s->folder);
    FILE *f = fopen(path, "w+");
    assert_int_equal(fwrite(dump.data, 1, dump.len, f), dump.len);
    rewind(f);
    sample_must(s, keep_load(store, fileno(f), "dump", &s->arena, &report, &s->err), "load");
    sample_must(s, keep_dump(store, collect, &again, &rows, &s->err), "dump again");
    assert_string_equal(dump.data, again.data);
    fclose(f);
    unlink(path);
    unlink(store);
    buf_release(&dump);
    buf_release(&again);
}

static void write_sql(struct sample *s, const char *sql) {
    sqlite3 *h;
    store_reader_give(s->reader);
    store_close(s->store);
    assert_int_equal(sqlite3_open(s->path, &h), SQLITE_OK);
    if (sqlite3_exec(h, sql, NULL, NULL, NULL)) {
        fail_msg("%s", sqlite3_errmsg(h));
    }
    sqlite3_close(h);
    struct store_options o = {.migrate = true, .unsafe = true};
    sample_must(s, store_open(s->path, &o, &s->store, &s->err), "open");
    s->reader = store_reader_take(s->store);
}

/* The names of the checks that fail, joined by "|". */
static const char *failing(struct sample *s) {
    struct value checks;
    struct buf b = BUF_INIT;
    sample_must(s, read_check(s->reader, &s->arena, &checks, &s->err), "check");
    for (size_t i = 0; i < checks.len; i++) {
        if (!value_tobool(value_get(value_at(&checks, i), "ok"), false)) {
            buf_addf(&b, "%s%s", b.len ? "|" : "", value_cstr(value_get(value_at(&checks, i), "check"), ""));
        }
    }
    const char *text = arena_dup(&s->arena, b.data, b.len);
    buf_release(&b);
    return text;
}

static void repair(struct sample *s, const char *lost) {
    struct value report;
    store_reader_give(s->reader);
    store_close(s->store);
    sample_must(s, keep_repair(s->path, true, &s->arena, &report, &s->err), "repair");
    assert_non_null(strstr(sample_json(s, value_get(&report, "lost")), lost));
    unlink(value_cstr(value_get(&report, "kept"), ""));
    struct store_options o = {.migrate = true, .unsafe = true};
    sample_must(s, store_open(s->path, &o, &s->store, &s->err), "open");
    s->reader = store_reader_take(s->store);
}

/* Each kind of damage: seen by its check, mended, and nothing else is lost. */
static void damage_is_seen_and_mended(void **state) {
    static const struct {
        const char *sql, *seen, *lost, *left;
    } damages[] = {
        {"UPDATE t_attachment SET content = x'00' WHERE k = 1", "attachments", "1 attachments were damaged", "y.png"},
        {"DELETE FROM t_attachment WHERE k = 1", "attached|packed", "1 notes had attachments", "y.png"},
        {"DELETE FROM attached WHERE attachment = 2", "attached|packed", "1 attachments were damaged", "x.png"},
        {"INSERT INTO attached VALUES(99, 1)", "attached", "", "x.png|y.png"},
    };
    struct sample *s = *state;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        attach(s, "/a", arena_printf(&s->arena, "[%s, %s]", named(s, "x.png", "one"), named(s, "y.png", "two")),
               CONTENTS("one", "two"));
        assert_string_equal(failing(s), "");
        write_sql(s, damages[i].sql);
        assert_string_equal(failing(s), damages[i].seen);
        repair(s, damages[i].lost);
        assert_string_equal(failing(s), "");
        assert_string_equal(names_of(s, "/a"), damages[i].left);
        sample_close(s);
        sample_open(s);
    }
}

#define ATTACHES(f) cmocka_unit_test_setup_teardown(f, sound_set_up, sound_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        ATTACHES(the_same_content_is_kept_once),
        ATTACHES(importing_again_writes_nothing),
        ATTACHES(another_picture_under_the_name_is_an_update_that_is_undone),
        ATTACHES(a_file_that_went_away_stays_here),
        ATTACHES(who_does_not_look_takes_nothing_away),
        ATTACHES(content_that_nobody_has_is_refused),
        ATTACHES(a_conflict_keeps_their_content),
        ATTACHES(purging_the_last_note_takes_the_content_along),
        ATTACHES(a_dump_carries_them),
        ATTACHES(damage_is_seen_and_mended),
    };
    return cmocka_run_group_tests_name("store attach", tests, NULL, NULL);
}
