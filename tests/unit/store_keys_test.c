/* Ids and hashes are found wherever their keys lie: recent, settled, or moved from one to the other; and what is taken
 * back, written again, purged or repaired leaves each key in one place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/keep.h"
#include "store/keys_priv.h"
#include "store_source.h"

enum { MANY = 200, STEPS = 48 };

static int64_t number(struct sample *s, const char *sql) {
    int64_t n = -1;
    sample_must(s, db_int(&s->reader->db, sql, -1, &n, &s->err), sql);
    return n;
}

static int64_t recent(struct sample *s) {
    return number(s, "SELECT count(*) FROM key_recent");
}

static int64_t settled(struct sample *s) {
    return number(s, "SELECT count(*) FROM key_settled");
}

static struct uuid id_of(const char *text) {
    struct uuid id;
    assert_true(uuid_parse(text, strlen(text), &id));
    return id;
}

/* A note of number N or the next after it, in a transaction that began to count at FIRST (0: there). */
static const char *put_at(struct sample *s, int64_t first, int64_t n, bool keep) {
    struct store_run run = {.command = "test", .started_ms = clock_now_ms()};
    struct value body = sample_text(s, "{title:'N', body:'text'}");
    struct op op = {.kind = OP_PUT, .entity = ENTITY_NOTE, .id = uuid4(), .base_rev = -1, .body = &body};
    struct value done = value_array(&s->arena, 0);
    char *text = arena_alloc(&s->arena, UUID_TEXT + 1);
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    if (n) {
        s->store->txn.next_n = n;
        s->store->txn.first_n = first ? first : n;
    }
    sample_must(s, store_apply(s->store, &op, 1, &s->arena, &done, &s->err), "apply");
    if (keep) {
        sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    } else {
        sample_must(s, keys_settle(s->store, &s->err), "settle");
        store_rollback(s->store);
    }
    uuid_text(&op.id, text);
    return text;
}

/* Every slice has had its turn. */
static const char *settle_all(struct sample *s) {
    return put_at(s, 1, 2 * KEYS_RECENT, true);
}

static void must_find(struct sample *s, const char *text) {
    struct uuid id = id_of(text);
    struct uuid found;
    enum entity type;
    char prefix[13];
    snprintf(prefix, sizeof prefix, "%.8s%.4s", text, text + 9);
    sample_must(s, read_resolve_id(s->reader, prefix, &found, &type, &s->err), prefix);
    assert_true(uuid_equal(&id, &found));
    struct value v = sample_get(s, text, (struct get_options){.body = false});
    assert_true(value_eqs(value_get(&v, "id"), text));
    assert_true(value_get(&v, "short")->len >= 8 && strncmp(value_cstr(value_get(&v, "short"), ""), text, 8) == 0);
}

static void a_small_store_settles_nothing(void **state) {
    struct sample *s = *state;
    const char *note = NULL;
    for (int i = 0; i < 20; i++) {
        note = put_at(s, 0, KEYS_STEP * (i + 1) - 1, true);
    }
    assert_int_equal(settled(s), 0);
    assert_int_equal(recent(s), 20);
    must_find(s, note);
}

/* Beside a list of what must have moved: a key stays recent until the turn of its slice comes, and no longer. */
static void each_slice_settles_in_its_turn(void **state) {
    struct sample *s = *state;
    const char *notes[MANY + STEPS];
    bool moved[MANY + STEPS] = {false};
    for (int i = 0; i < MANY; i++) {
        notes[i] = put_at(s, 0, 0, true);
    }
    for (int step = 0; step < STEPS; step++) {
        int count = MANY + step + 1;
        int64_t moves = 0;
        notes[count - 1] = put_at(s, 0, KEYS_RECENT + (int64_t)KEYS_STEP * (step + 1) - 1, true);
        for (int i = 0; i < count; i++) {
            moved[i] = moved[i] || id_of(notes[i]).b[0] == step;
            moves += moved[i];
        }
        assert_int_equal(settled(s), moves);
        assert_int_equal(recent(s), count - moves);
    }
    for (int i = 0; i < MANY + STEPS; i++) {
        must_find(s, notes[i]);
    }
}

static void all_slices_settle_with_a_large_import(void **state) {
    struct sample *s = *state;
    const char *early = put_at(s, 0, 0, true);
    const char *last = settle_all(s);
    assert_int_equal(recent(s), 0);
    assert_int_equal(settled(s), 2);
    const char *next = put_at(s, 0, 0, true);
    assert_int_equal(recent(s), 1);
    must_find(s, early);
    must_find(s, last);
    must_find(s, next);
}

static void what_is_taken_back_has_not_moved(void **state) {
    struct sample *s = *state;
    const char *note = put_at(s, 0, 0, true);
    put_at(s, 1, 2 * KEYS_RECENT, false);
    assert_int_equal(recent(s), 1);
    assert_int_equal(settled(s), 0);
    must_find(s, note);
}

/* In disorder on both sides, a prefix of several is refused with all of them, in order. */
static void a_prefix_is_looked_for_on_both_sides(void **state) {
    struct sample *s = *state;
    struct uuid id;
    enum entity type;
    static const char *const ids[] = {"abcdef12-0000-4000-8000-000000000003", "abcdef12-0000-4000-8000-000000000001",
                                      "abcdef12-0000-4000-8000-000000000002"};
    sample_change(s, "note", ids[0], "{title:'third', body:'x'}");
    sample_change(s, "note", ids[1], "{title:'first', body:'x'}");
    settle_all(s);
    sample_change(s, "note", ids[2], "{title:'second', body:'x'}");
    assert_int_equal(read_resolve_id(s->reader, "abcdef", &id, &type, &s->err), -(int)E_USAGE);
    const char *first = strstr(s->err.message, "first");
    const char *second = strstr(s->err.message, "second");
    const char *third = strstr(s->err.message, "third");
    assert_true(first && second && third && first < second && second < third);
    err_release(&s->err);
    assert_int_equal(read_resolve_id(s->reader, "abcdee", &id, &type, &s->err), -(int)E_NOTFOUND);
    err_release(&s->err);
    for (int i = 0; i < 3; i++) {
        struct value v = sample_get(s, ids[i], (struct get_options){.body = false});
        assert_string_equal(value_cstr(value_get(&v, "short"), ""), ids[i]); /* none shorter tells them apart */
    }
}

static void sources_are_known_by_settled_hashes(void **state) {
    struct sample *s = *state;
    char from[96];
    char to[96];
    snprintf(from, sizeof from, "%s/from.md", s->folder);
    snprintf(to, sizeof to, "%s/to.md", s->folder);
    struct source src = {.path = from, .text = "one\n", .records = "[{type:'note', title:'N', span:[1,1]}]"};
    source_import(s, &src);
    settle_all(s);
    int64_t keys = settled(s);
    src.text = "two\n";
    source_import(s, &src);
    assert_int_equal(settled(s), keys - 1);
    assert_int_equal(recent(s), 1);
    src.path = to; /* nothing is at FROM */
    struct value r = source_import(s, &src);
    assert_string_equal(source_status(&r), "moved");
    put_at(s, 1, 4 * KEYS_RECENT, true);
    src.path = from;
    r = source_import(s, &src);
    assert_string_equal(source_status(&r), "moved");
    assert_int_equal(recent(s), 0);
}

static void repair_finds_the_keys_again(void **state) {
    struct sample *s = *state;
    struct source src = {.path = "/t/a.md", .text = "one\n", .records = "[{type:'note', title:'N', span:[1,1]}]"};
    struct db db;
    struct value report;
    source_import(s, &src);
    const char *note = settle_all(s);
    const char *twin = put_at(s, 0, 0, true);
    int64_t keys = recent(s) + settled(s);
    store_reader_give(s->reader);
    store_close(s->store);
    sample_must(s, db_open(&db, s->path, SQLITE_OPEN_READWRITE, 100, &s->err), "open");
    sample_must(s,
                db_exec(&db,
                        "DELETE FROM key_settled; UPDATE entity SET id = (SELECT id FROM entity ORDER BY n DESC LIMIT "
                        "1 OFFSET 1) WHERE n = (SELECT max(n) FROM entity)",
                        &s->err),
                "damage");
    db_close(&db);
    sample_must(s, keep_repair(s->path, true, &s->arena, &report, &s->err), "repair");
    assert_true(value_tobool(value_get(&report, "repaired"), false));
    unlink(value_cstr(value_get(&report, "kept"), ""));
    struct store_options o = {.create = false, .migrate = true, .unsafe = true};
    sample_must(s, store_open(s->path, &o, &s->store, &s->err), "open");
    s->reader = store_reader_take(s->store);
    assert_int_equal(recent(s) + settled(s), keys);
    must_find(s, note);
    struct value v = sample_get(s, twin, (struct get_options){.body = false});
    assert_true(value_is(&v, VALUE_NIL)); /* it got an id of its own */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SOUND(a_small_store_settles_nothing),         SOUND(each_slice_settles_in_its_turn),
        SOUND(all_slices_settle_with_a_large_import), SOUND(what_is_taken_back_has_not_moved),
        SOUND(a_prefix_is_looked_for_on_both_sides),  SOUND(sources_are_known_by_settled_hashes),
        SOUND(repair_finds_the_keys_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
