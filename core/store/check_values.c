/* check_values.c - what is inside the columns: packed maps can be unpacked, texts are UTF-8 and as long as they say.
 *
 * The one idea: SQL cannot see into these, so each is read as the store itself would read it.
 */
#include <string.h>

#include "base/text.h"
#include "store/attach_priv.h"
#include "store/read_priv.h"

/* What is packed; n first. What belongs to no entity gives 0. */
static const char *const packed[] = {
    "SELECT n, extra FROM t_note WHERE extra IS NOT NULL",    "SELECT n, extra FROM t_talk WHERE extra IS NOT NULL",
    "SELECT n, extra FROM t_event WHERE extra IS NOT NULL",   "SELECT n, extra FROM t_session WHERE extra IS NOT NULL",
    "SELECT n, extra FROM t_person WHERE extra IS NOT NULL",  "SELECT n, theirs FROM conflict WHERE theirs IS NOT NULL",
    "SELECT 0, args FROM t_run WHERE args IS NOT NULL",       "SELECT 0, value FROM state",
    "SELECT n, before FROM journal WHERE before IS NOT NULL",
};

static void count(struct check_walk *w, int64_t n, bool good) {
    w->seen++;
    w->bad += !good;
    w->first = good || w->first ? w->first : n;
}

/* A text that the journal goes back to must be there. */
static int body_is_there(struct reader *r, int64_t n, const struct value *map, bool *good, struct err *err) {
    const struct value *body = value_get(map, "body");
    if (!value_is(body, VALUE_INT)) {
        return 0;
    }
    sqlite3_stmt *st = db_sql(&r->db, "SELECT 1 FROM note_rev WHERE k = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, rev_key(n, body->i));
    int rc = db_step(&r->db, st, err);
    *good = rc == 1;
    db_done(&r->db, st);
    return rc < 0 ? rc : 0;
}

static int walk_packed(struct reader *r, const char *sql, struct arena *a, struct check_walk *w, struct err *err) {
    sqlite3_stmt *st = db_sql(&r->db, sql, err);
    int rc = st ? 0 : -(int)err->code;
    while (st && !rc && (rc = db_step(&r->db, st, err)) == 1) {
        struct value v;
        struct err unreadable;
        err_init(&unreadable);
        bool good = col_msgpack(&r->db, st, 1, a, &v, &unreadable) == 0;
        err_release(&unreadable);
        rc = reading_stopped(r, err);
        int64_t n = col_int(st, 0);
        rc = rc || !good ? rc : body_is_there(r, n, &v, &good, err);
        rc = rc || !good || !n ? rc : attach_complete(&r->db, n, &v, &good, err);
        count(w, col_int(st, 0), good);
        arena_clear(a);
    }
    db_done(&r->db, st);
    return rc;
}

int check_packed(struct reader *r, struct check_walk *w, struct err *err) {
    struct arena a = ARENA_INIT;
    int rc = 0;
    for (size_t i = 0; i < sizeof packed / sizeof *packed && !rc; i++) {
        rc = walk_packed(r, packed[i], &a, w, err);
    }
    arena_release(&a);
    return rc;
}

int check_attachments(struct reader *r, struct check_walk *w, struct err *err) {
    sqlite3_stmt *st = db_sql(&r->db,
                              "SELECT (SELECT min(n) FROM attached WHERE attachment = k), sha256, content FROM "
                              "t_attachment",
                              err);
    int rc = st ? 0 : -(int)err->code;
    while (st && !rc && (rc = db_step(&r->db, st, err)) == 1) {
        uint8_t sha[SHA256_BYTES];
        size_t known;
        size_t len;
        const void *stated = col_blob(st, 1, &known);
        const void *content = col_blob(st, 2, &len);
        sha256(content, len, sha);
        count(w, col_int(st, 0), known == sizeof sha && memcmp(stated, sha, sizeof sha) == 0);
        rc = reading_stopped(r, err);
    }
    db_done(&r->db, st);
    return rc;
}

int check_bodies(struct reader *r, struct check_walk *w, struct err *err) {
    sqlite3_stmt *st =
        db_sql(&r->db,
               "SELECT k.k >> 20, k.body, t.words FROM note_rev k LEFT JOIN t_note t ON t.n = k.k >> 20 AND "
               "t.body_rev = k.k & 1048575",
               err);
    int rc = st ? 0 : -(int)err->code;
    while (st && !rc && (rc = db_step(&r->db, st, err)) == 1) {
        size_t len;
        const char *body = col_text(st, 1, &len);
        bool good = text_utf8_valid(body, len) == len;
        good = good && (col_null(st, 2) || col_int(st, 2) == (int64_t)text_count_words(body, len));
        count(w, col_int(st, 0), good);
        rc = reading_stopped(r, err);
    }
    db_done(&r->db, st);
    return rc;
}
