/* index.c - the search index follows the notes: once a transaction, for what was touched.
 *
 * The one idea: the view `doc` says what each document reads. Before a change the old text of every document it may
 * alter is put aside; at the end the documents are read again, and where they differ the old text is taken out of the
 * index (FTS5 wants it word for word) and the new one put in. A document made in this transaction has no old text. The
 * index of pieces (grams.c) is told of the same changes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/grams_priv.h"
#include "store/store_priv.h"

const char index_select_doc[] = "SELECT title, speakers, tags, body FROM doc WHERE n = ?1";

static int remember_old(struct store *s, struct touched *t, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, index_select_doc, err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, t->n);
    int rc = db_step(&s->db, st, err);
    t->indexed = rc == 1;
    for (int i = 0; rc == 1 && i < 4; i++) {
        size_t len;
        const char *text = col_text(st, i, &len);
        t->text[i] = value_strn(&s->txn.arena, text, len);
    }
    db_done(&s->db, st);
    return rc < 0 ? rc : 0;
}

static struct touched *add_touched(struct txn *t, int64_t n) {
    if (t->ntouched == t->touched_cap) {
        t->touched_cap = t->touched_cap ? t->touched_cap * 2 : 64;
        t->touched = mem_array(t->touched, t->touched_cap, sizeof *t->touched);
    }
    struct touched *new = &t->touched[t->ntouched];
    cache_put(&t->touched_at, &t->arena, 0, &n, sizeof n, (int64_t)t->ntouched);
    t->ntouched++;
    *new = (struct touched){.n = n};
    return new;
}

int index_touch_n(struct store *s, int64_t n, struct err *err) {
    struct txn *t = &s->txn;
    int64_t at;
    if (cache_get(&t->touched_at, 0, &n, sizeof n, &at) && at >= 0) {
        t->touched[at].covered = false;
        return 0;
    }
    struct touched *new = add_touched(t, n);
    return t->first_n && n >= t->first_n ? 0 : remember_old(s, new, err);
}

void index_cover(struct store *s, int64_t n) {
    struct txn *t = &s->txn;
    int64_t at;
    if (cache_get(&t->touched_at, 0, &n, sizeof n, &at) && at >= 0) {
        t->touched[at].covered = !t->touched[at].indexed;
    }
}

/* Touch every n that LITERAL gives for ?1 = N. */
static int touch_each(struct store *s, const char *literal, int64_t n, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, literal, err);
    int rc;
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    while ((rc = db_step(&s->db, st, err)) == 1) {
        int failed = index_touch_n(s, col_int(st, 0), err);
        if (failed) {
            rc = failed;
            break;
        }
    }
    db_done(&s->db, st);
    return rc;
}

int index_touch(struct store *s, const struct entity_row *row, struct err *err) {
    int rc = 0;
    switch (row->type) {
    case ENTITY_NOTE:
        rc = index_touch_n(s, row->n, err);
        return rc ? rc : touch_each(s, "SELECT talk FROM note_talk WHERE note = ?1", row->n, err);
    case ENTITY_TALK:
        rc = index_touch_n(s, row->n, err);
        return rc ? rc : touch_each(s, "SELECT note FROM note_talk WHERE talk = ?1", row->n, err);
    case ENTITY_PERSON:
        return touch_each(s,
                          "SELECT n FROM t_appearance WHERE person = ?1 UNION "
                          "SELECT x.note FROM t_appearance a JOIN note_talk x ON x.talk = a.n WHERE a.person = ?1",
                          row->n, err);
    default:
        return 0;
    }
}

/* ---- at the end -------------------------------------------------------------------------------------------------- */

/* Row by row with bound values: an INSERT that selects would make FTS5 write a segment for each document. */
static int put_in(struct store *s, int64_t n, sqlite3_stmt *doc, struct err *err) {
    sqlite3_stmt *st =
        db_sql(&s->db, "INSERT INTO fts(rowid, title, speakers, tags, body) VALUES(?1,?2,?3,?4,?5)", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    for (int i = 0; i < 4; i++) {
        size_t len;
        const char *text = col_text(doc, i, &len);
        bind_text(st, i + 2, text, len);
    }
    return db_run(&s->db, st, err);
}

static int take_out(struct store *s, const struct touched *t, struct err *err) {
    sqlite3_stmt *st =
        db_sql(&s->db, "INSERT INTO fts(fts, rowid, title, speakers, tags, body) VALUES('delete',?1,?2,?3,?4,?5)", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, t->n);
    for (int i = 0; i < 4; i++) {
        bind_text(st, i + 2, t->text[i].s, t->text[i].len);
    }
    return db_run(&s->db, st, err);
}

static bool same_as_before(const struct touched *t, sqlite3_stmt *doc) {
    for (int i = 0; i < 4; i++) {
        size_t len;
        const char *text = col_text(doc, i, &len);
        if (len != t->text[i].len || memcmp(text, t->text[i].s, len) != 0) {
            return false;
        }
    }
    return true;
}

static int flush_one(struct store *s, const struct touched *t, struct err *err) {
    sqlite3_stmt *doc = db_sql(&s->db, index_select_doc, err);
    if (!doc) {
        return -(int)err->code;
    }
    bind_int(doc, 1, t->n);
    int found = db_step(&s->db, doc, err);
    int rc = found < 0 ? found : 0;
    bool same = t->indexed && found == 1 && same_as_before(t, doc);
    if (!rc && t->indexed && !same) {
        rc = take_out(s, t, err);
    }
    if (!rc && found == 1 && !same) {
        rc = put_in(s, t->n, doc, err);
    }
    rc = rc || same ? rc : grams_change(s, t, doc, found == 1, err);
    db_done(&s->db, doc);
    return rc;
}

static int by_n(const void *a, const void *b) {
    int64_t x = ((const struct touched *)a)->n;
    int64_t y = ((const struct touched *)b)->n;
    return (x > y) - (x < y);
}

void index_watch(struct store *s, struct postings_watch *w) {
    struct txn *t = &s->txn;
    w->on = false;
    if (t->ntouched <= POSTINGS_CHANGED) {
        postings_watch(s->postings, &s->db, w);
        w->count = t->ntouched;
        for (size_t i = 0; i < w->count; i++) {
            w->ns[i] = t->touched[i].n;
        }
    }
}

/* In ascending order: FTS5 writes a segment each time a rowid goes back. */
int index_flush(struct store *s, struct err *err) {
    int rc = 0;
    if (s->txn.ntouched) {
        qsort(s->txn.touched, s->txn.ntouched, sizeof *s->txn.touched, by_n);
    }
    for (size_t i = 0; i < s->txn.ntouched && !rc; i++) {
        rc = s->txn.touched[i].covered ? 0 : flush_one(s, &s->txn.touched[i], err);
    }
    s->txn.ntouched = 0;
    cache_drop(&s->txn.touched_at);
    return rc;
}

void index_forget(struct store *s, size_t mark) {
    struct txn *t = &s->txn;
    for (size_t i = mark; i < t->ntouched; i++) {
        cache_put(&t->touched_at, &t->arena, 0, &t->touched[i].n, sizeof t->touched[i].n, -1);
    }
    t->ntouched = mark < t->ntouched ? mark : t->ntouched;
    for (size_t i = 0; i < t->ntouched; i++) { /* by a note that may be gone now */
        t->touched[i].covered = false;
    }
}
