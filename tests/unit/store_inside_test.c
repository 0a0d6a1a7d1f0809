/* What stands inside of words and in scripts without spaces is found, the same however far the index of pieces is filled
 * and whatever changed since; and the languages of the index of words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "store/grams_priv.h"
#include "store/keep.h"
#include "store/store_priv.h"
#include "store_sample.h"
#include "store_soundness.h"

static void fill(struct sample *s) {
    bool more = true;
    bool alone = false;
    for (int i = 0; more && i < 1000; i++) {
        sample_must(s, store_fill(s->store, &more, &alone, &s->err), "fill");
    }
    assert_false(more);
}

static int64_t upto(struct sample *s) {
    int64_t n = -1;
    sample_must(s, db_int(&s->store->db, "SELECT n FROM grams_upto", -1, &n, &s->err), "upto");
    return n;
}

/* ---- any text, anywhere ------------------------------------------------------------------------------------------ */

static const char *const syllables[] = {
    "lec",
    "tern",
    "OLL",
    "ec",
    "t",
    "\xc3\xa4m",
    "ss",
    "\xc3\x9f",
    "gr\xc3\xbc",
    "C++",
    "o'n",
    " ",
    "  ",
    "-",
    "42",
    "\xe6\x9d\xb1\xe4\xba\xac",
    "\xe4\xba\xac",
    "\xe4\xbc\x9a\xe8\xad\xb0",
    "\xe3\x81\xae",
    "\xe0\xb8\x9b\xe0\xb8\xa3",
    "\xed\x95\x9c\xea\xb5\xad",
    "\xf0\x9f\x98\x80",
    "\xce\xa3",
    "\xef\xbc\xa1",
    "e\xcc\x81",
    "x",
    ".",
    "The",
    "the",
};

static const char *syllable(void) {
    return syllables[(size_t)random() % (sizeof syllables / sizeof *syllables)];
}

static const char *random_text(struct sample *s, long most) {
    struct buf b = BUF_INIT;
    for (long k = random() % most + 1; k > 0; k--) {
        buf_adds(&b, syllable());
    }
    for (size_t i = 0; i < b.len; i++) { /* what would end a string of the test's own notation */
        b.data[i] = b.data[i] == '\'' ? 'q' : b.data[i];
    }
    const char *text = arena_dup(&s->arena, b.data, b.len);
    buf_release(&b);
    return text;
}

static const char *random_body(struct sample *s, int number) {
    return arena_printf(&s->arena, "{title:'T%d %s', body:'%s', tags:['t%ld'], lang:%s}", number, random_text(s, 3),
                        random_text(s, 30), random() % 5, random() % 3 ? "null" : "'ja'");
}

static bool is_inside(const struct buf *needle, sqlite3_stmt *doc) {
    bool found = false;
    for (int i = 0; i < 4 && !found; i++) {
        struct buf folded = BUF_INIT;
        size_t n;
        const char *text = col_text(doc, i, &n);
        text_fold(&folded, text, n);
        found = needle->len && folded.len && memmem(folded.data, folded.len, needle->data, needle->len);
        buf_release(&folded);
    }
    return found;
}

/* Titles of the documents with TEXT, newest first, as somebody finds them who reads them all. */
static const char *naive(struct sample *s, const char *text) {
    struct buf needle = BUF_INIT, out = BUF_INIT;
    sqlite3_stmt *st =
        db_prepare(&s->reader->db, "SELECT title, speakers, tags, body, n FROM doc ORDER BY n DESC", &s->err);
    assert_non_null(st);
    text_fold(&needle, text, strlen(text));
    while (db_step(&s->reader->db, st, &s->err) == 1) {
        if (is_inside(&needle, st)) {
            const char *title = col_text(st, 0, NULL);
            buf_addf(&out, "%s%s", out.len ? "|" : "", title + (*title == 2));
        }
    }
    db_finish(st);
    const char *titles = arena_dup(&s->arena, out.data ? out.data : "", out.len);
    buf_release(&needle);
    buf_release(&out);
    return titles;
}

static const char *found(struct sample *s, const char *query) {
    struct value hits;
    sample_must(s, read_search(s->reader, query, 1000, &s->arena, &hits, &s->err), query);
    return sample_list(s, &hits, "title");
}

/* Stars and blanks end what is looked for; in quotes a blank does not. */
static void compare(struct sample *s, int rounds, size_t *hits) {
    for (int i = 0; i < rounds; i++) {
        char *text = arena_strdup(&s->arena, random_text(s, 4));
        for (char *p = text; *p; p++) {
            *p = *p == ' ' || *p == '-' ? 'e' : *p;
        }
        const char *query = arena_printf(&s->arena, "*%s*", text);
        const char *wanted = naive(s, text);
        const char *got = found(s, query);
        if (strcmp(got, wanted) != 0) {
            fail_msg("%s, up to %lld: found '%s', not '%s'", query, (long long)upto(s), got, wanted);
        }
        *hits += *wanted != '\0';
    }
}

static void the_same_is_found_however_far_it_is_filled(void **state) {
    struct sample *s = *state;
    const char *ids[120];
    int count = 0;
    size_t hits = 0;
    srandom(11);
    for (int round = 0; round < 12; round++) {
        for (int k = 0; k < 10; k++, count++) {
            ids[count] = sample_put(s, "note", random_body(s, count));
        }
        for (int k = 0; k < 6; k++) {
            int at = (int)(random() % count);
            sample_do(s, OP_RESTORE, "note", ids[at], NULL);
            switch (random() % 4) {
            case 0:
                sample_do(s, OP_DELETE, "note", ids[at], NULL);
                break;
            case 1:
                sample_do(s, OP_TAG, "note", ids[at], "{add:['lectern'], remove:['t1']}");
                break;
            case 2:
                sample_undo(s, sample_last_run(s), NULL);
                break;
            default:
                sample_change(s, "note", ids[at], random_body(s, at));
            }
        }
        compare(s, 30, &hits);
        if (round % 3 == 1) {
            fill(s);
            assert_true(upto(s) > 0);
            compare(s, 30, &hits);
        }
        assert_sound(s);
        arena_clear(&s->arena);
        for (int i = 0; i < count; i++) { /* ids were in the arena */
            sqlite3_stmt *st = db_prepare(&s->reader->db,
                                          "SELECT id FROM entity WHERE type = 0 ORDER BY n LIMIT 1 OFFSET ?1", &s->err);
            struct uuid id;
            bind_int(st, 1, i);
            assert_int_equal(db_step(&s->reader->db, st, &s->err), 1);
            assert_true(col_uuid(st, 0, &id));
            db_finish(st);
            char *text = arena_alloc(&s->arena, UUID_TEXT + 1);
            uuid_text(&id, text);
            ids[i] = text;
        }
    }
    assert_true(hits > 100);
}

static void talks_and_notes_find_each_other(void **state) {
    struct sample *s = *state;
    char text[300];
    for (int filled = 0; filled < 2; filled++) {
        const char *talk = sample_put(s, "talk",
                                      "{title:'\xe6\x9d\xb1\xe4\xba\xac\xe4\xbc\x9a\xe8\xad\xb0', "
                                      "speakers:['Ada Lovelace'], abstract:'recollected'}");
        snprintf(text, sizeof text, "{title:'N%d', body:'what the defenestration meant', talks:['%s']}", filled, talk);
        sample_put(s, "note", text);
        sample_put(s, "talk", "{title:'Alone', abstract:'undefenestrated'}");
        if (filled) {
            fill(s);
        }
        assert_non_null(strstr(sample_titles(s, "talk", "*enestrat*"), "\xe6\x9d\xb1"));
        assert_non_null(strstr(sample_titles(s, "talk", "*enestrat*"), "Alone"));
        assert_non_null(strstr(sample_titles(s, "note", "*LOVEL*"), "N"));
        assert_non_null(strstr(sample_titles(s, "note", "\xe4\xba\xac\xe4\xbc\x9a"), "N"));
        assert_string_equal(sample_titles(s, "note", "*ovelac* -*enestrat*"), "");
        assert_string_equal(sample_titles(s, "note", "body:*ovelac*"), "");
        assert_non_null(strstr(sample_titles(s, "note", "body:*estrati* title:*\xe4\xba\xac*"), "N"));
        assert_string_equal(sample_titles(s, "person", "*ovel*"), "Ada Lovelace");
        assert_non_null(strstr(sample_titles(s, "talk", "speaker:*ovel*"), "\xe6\x9d\xb1"));
        assert_non_null(strstr(found(s, "defenestration *ecollecte*"), "\xe6\x9d\xb1"));
        assert_sound(s);
    }
}

static void a_snippet_shows_what_is_inside(void **state) {
    struct sample *s = *state;
    sample_put(s, "note", "{title:'A', lang:'de', body:'Wir haben viele \xc3\x84mter in den H\xc3\xa4usern gesehen'}");
    struct value hits = sample_search(s, "*AUSER*");
    assert_int_equal(hits.len, 1);
    const struct value *hit = value_at(&hits, 0);
    assert_string_equal(value_cstr(value_get(hit, "snippet"), ""),
                        "Wir haben viele \xc3\x84mter in den H\xc3\xa4usern gesehen");
    assert_string_equal(sample_json(s, value_get(hit, "matches")), "[[31,37]]");
    hits = sample_search(s, "\xc3\x84mter");
    assert_string_equal(value_cstr(value_get(value_at(&hits, 0), "snippet"), ""),
                        "Wir haben viele \xc3\x84mter in den H\xc3\xa4usern gesehen");
    assert_string_equal(sample_json(s, value_get(value_at(&hits, 0), "matches")), "[[16,22]]");
}

/* The control: an index of pieces that lacks some, or has too many, is no sound one. */
static void damage_to_the_pieces_is_seen(void **state) {
    struct sample *s = *state;
    static const char *const damage[] = {
        "INSERT INTO grams(grams, rowid, text) VALUES('delete', 1, (SELECT term FROM temp.pieces WHERE doc = 2 LIMIT "
        "1))",
        "INSERT INTO grams(rowid, text) VALUES(2, 'aaaaa')",
        "INSERT INTO grams(grams) VALUES('delete-all')",
        "UPDATE grams_upto SET n = 1",
    };
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        struct value checks;
        bool ok = true;
        sample_put(s, "note", "{title:'A', body:'some words'}");
        sample_put(s, "note", "{title:'B', body:'words'}");
        fill(s);
        assert_sound(s);
        sample_must(s,
                    db_exec(&s->store->db,
                            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.pieces USING fts5vocab(main, grams, row)",
                            &s->err),
                    "pieces");
        sample_must(s, db_exec(&s->store->db, damage[i], &s->err), damage[i]);
        sample_must(s, read_check(s->reader, &s->arena, &checks, &s->err), "check");
        for (uint32_t k = 0; k < checks.len; k++) {
            bool pieces = value_eqs(value_get(value_at(&checks, k), "check"), "pieces");
            ok = pieces ? value_tobool(value_get(value_at(&checks, k), "ok"), true) : ok;
        }
        assert_false(ok);
        sample_close(s);
        sample_open(s);
    }
}

static int collect(void *ctx, const void *p, size_t n, struct err *err) {
    (void)err;
    buf_add(ctx, p, n);
    return 0;
}

static void a_dump_knows_nothing_of_pieces(void **state) {
    struct sample *s = *state;
    struct buf before = BUF_INIT, after = BUF_INIT;
    int64_t rows;
    sample_put(s, "note", "{title:'A', body:'recollection'}");
    sample_must(s, keep_dump(s->path, collect, &before, &rows, &s->err), "dump");
    fill(s);
    assert_true(upto(s) > 0);
    sample_must(s, keep_dump(s->path, collect, &after, &rows, &s->err), "dump");
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.data, after.data, after.len);
    assert_null(strstr(after.data, "grams"));
    buf_release(&before);
    buf_release(&after);
}

static void others_are_not_disturbed(void **state) {
    struct sample *s = *state;
    bool more, alone;
    struct store_options o = {.unsafe = false};
    struct store *other;
    sample_put(s, "note", "{title:'A', body:'recollection'}");
    sample_must(s, store_fill(s->store, &more, &alone, &s->err), "first look");
    assert_true(more && !alone);
    sample_must(s, store_open(s->path, &o, &other, &s->err), "another");
    sample_must(s, store_state_set(other, "p", "k", &(struct value){.kind = VALUE_INT, .i = 1}, &s->err), "write");
    store_close(other);
    sample_must(s, store_fill(s->store, &more, &alone, &s->err), "they wrote");
    assert_true(more && !alone);
    assert_int_equal(upto(s), 0);
    sample_must(s, store_fill(s->store, &more, &alone, &s->err), "nobody did");
    assert_true(!more && alone);
    assert_true(upto(s) > 0);
}

/* ---- languages --------------------------------------------------------------------------------------------------- */

static void english_alone_is_stemmed(void **state) {
    struct sample *s = *state;
    sample_put(s, "note", "{title:'E', body:'collections of meetings'}");
    sample_put(s, "note", "{title:'G', lang:'de', body:'Sammlungen und meetings, general'}");
    sample_put(s, "note", "{title:'B', lang:'en-GB', body:'a meeting'}");
    sample_put(s, "talk", "{title:'F', lang:'fr', abstract:'les meetings'}");
    assert_string_equal(found(s, "meeting"), "B|E");
    assert_string_equal(found(s, "collection"), "E");
    assert_string_equal(found(s, "sammlung"), "");
    assert_string_equal(found(s, "SAMMLUNGEN"), "G");
    assert_string_equal(found(s, "generally"), "");
    assert_string_equal(found(s, "sammlung*"), "G");
    assert_string_equal(found(s, "\"und meetings\""), "G");
    assert_string_equal(found(s, "body:meetings -lang:de title:f"), "F");
    struct value hits = sample_search(s, "meetings");
    assert_int_equal(hits.len, 4);
    for (uint32_t i = 0; i < hits.len; i++) { /* and it is marked in all */
        assert_int_equal(value_get(value_at(&hits, i), "matches")->len, 1);
    }
    assert_sound(s);
}

static void a_note_changes_its_language(void **state) {
    struct sample *s = *state;
    const char *id = sample_put(s, "note", "{title:'A', body:'running houses'}");
    assert_string_equal(found(s, "house"), "A");
    sample_change(s, "note", id, "{lang:'nl'}");
    assert_string_equal(found(s, "house"), "");
    assert_string_equal(found(s, "houses"), "A");
    assert_sound(s);
    sample_change(s, "note", id, "{lang:null}");
    assert_string_equal(found(s, "house"), "A");
    assert_sound(s);
}

static void near_words_know_languages(void **state) {
    struct sample *s = *state;
    struct value better;
    sample_put(s, "note", "{title:'A', lang:'de', body:'Sammlungen'}");
    sample_must(s, read_suggest(s->reader, "samlungen", &s->arena, &better, &s->err), "suggest");
    assert_string_equal(value_cstr(&better, ""), "sammlungen");
    sample_must(s, read_suggest(s->reader, "sammlungen", &s->arena, &better, &s->err), "suggest");
    assert_true(value_is(&better, VALUE_NIL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SOUND(the_same_is_found_however_far_it_is_filled),
        SOUND(talks_and_notes_find_each_other),
        SOUND(a_snippet_shows_what_is_inside),
        SOUND(damage_to_the_pieces_is_seen),
        SOUND(a_dump_knows_nothing_of_pieces),
        SOUND(others_are_not_disturbed),
        SOUND(english_alone_is_stemmed),
        SOUND(a_note_changes_its_language),
        SOUND(near_words_know_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
