/* purge.c - what is in the trash gone for good: its texts, its fields, and what they were before.
 *
 * The one idea: the row stays as a stone without a name, so that what was deleted stays deleted when its file is
 * imported again; everything that could be read is overwritten. Where the text of a source repeats it, blanks stand in
 * its place: the rest of the source keeps its places. What was purged is not undone, nor are earlier runs about it.
 */
#include <stdlib.h>
#include <string.h>

#include "store/attach_priv.h"
#include "store/keys_priv.h"
#include "store/read_priv.h"
#include "store/sync_priv.h"

#define LIST_BITS (~UINT64_C(0) >> (64 - F_COUNT))

static int run_on(struct store *s, const char *literal, int64_t n, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, literal, err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    return db_run(&s->db, st, err);
}

/* What it was before, and what was typed to make it so. */
static int forget_history(struct store *s, int64_t n, struct err *err) {
    int rc = run_on(s,
                    "UPDATE t_run SET args = NULL WHERE command NOT LIKE 'import%' AND n IN (SELECT run FROM journal "
                    "WHERE n = ?1)",
                    n, err);
    return rc ? rc : run_on(s, "UPDATE journal SET before = NULL WHERE n = ?1", n, err);
}

/* ---- the text of a source ---------------------------------------------------------------------------------------- */

struct span {
    int64_t start, end;
};

static int by_start(const void *a, const void *b) {
    const struct span *x = a;
    const struct span *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

/* Where the bodies of SOURCE stand that are not N's; and N's own span in *OWN. */
static int load_spans(struct store *s, int64_t source, int64_t n, struct arena *a, struct span **out, size_t *count,
                      struct span *own, struct err *err) {
    size_t cap = 16;
    int rc;
    *count = 0;
    *own = (struct span){0, 0};
    *out = arena_alloc(a, cap * sizeof **out);
    sqlite3_stmt *st = db_sql(&s->db,
                              "SELECT n, coalesce(byte_start, body_start), coalesce(byte_end, body_end), body_start, "
                              "body_end FROM origin WHERE source = ?1 AND (n = ?2 OR body_start IS NOT NULL)",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, source);
    bind_int(st, 2, n);
    while ((rc = db_step(&s->db, st, err)) == 1) {
        if (col_int(st, 0) == n) {
            *own = (struct span){col_int(st, 1), col_int(st, 2)};
            continue;
        }
        if (*count == cap) {
            struct span *more = arena_alloc(a, 2 * cap * sizeof *more);
            memcpy(more, *out, cap * sizeof *more);
            *out = more;
            cap *= 2;
        }
        (*out)[(*count)++] = (struct span){col_int(st, 3), col_int(st, 4)};
    }
    db_done(&s->db, st);
    qsort(*out, *count, sizeof **out, by_start);
    return rc;
}

static void blank(struct buf *text, struct span own) {
    for (int64_t i = own.start < 0 ? 0 : own.start; i < own.end && (size_t)i < text->len; i++) {
        char *c = &text->data[i];
        *c = *c == '\n' ? '\n' : ' ';
    }
}

static int save_gaps(struct store *s, int64_t source, int64_t n, const struct buf *gaps, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "UPDATE t_source SET gaps_bytes = ?2, gaps = ?3 WHERE n = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, source);
    bind_int(st, 2, (int64_t)gaps->len);
    if (gaps->len) {
        bind_blob(st, 3, gaps->data, gaps->len);
    }
    int rc = db_run(&s->db, st, err);
    st = rc ? NULL
            : db_sql(&s->db,
                     "UPDATE origin SET state = 2, body_start = NULL, body_end = NULL WHERE source = ?1 AND n = ?2",
                     err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, source);
    bind_int(st, 2, n);
    return db_run(&s->db, st, err);
}

/* Source N says nothing any more of what NOTE said. */
static int redact(struct store *s, int64_t source, const struct entity_row *note, struct arena *a, struct err *err) {
    struct entity_row row;
    struct buf text = BUF_INIT;
    struct buf gaps = BUF_INIT;
    struct span *bodies;
    struct span own;
    size_t count;
    size_t at = 0;
    int rc = source_assemble(&s->db, source, &text, err);
    rc = rc ? rc : load_spans(s, source, note->n, a, &bodies, &count, &own, err);
    if (!rc) {
        if (note->type == ENTITY_NOTE) {
            blank(&text, own);
        }
        for (size_t i = 0; i < count; i++) {
            buf_add(&gaps, text.data + at, (size_t)bodies[i].start - at);
            at = (size_t)bodies[i].end;
        }
        if (text.len > at) {
            buf_add(&gaps, text.data + at, text.len - at);
        }
        rc = save_gaps(s, source, note->n, &gaps, err);
    }
    rc = rc ? rc : run_on(s, "UPDATE journal SET before = NULL WHERE n = ?1", source, err);
    rc = rc ? rc : entity_by_n(s, source, &row, err);
    rc = rc < 0 ? rc : change_mark(s, &row, JOURNAL_PURGE, err);
    buf_release(&text);
    buf_release(&gaps);
    return rc;
}

static int redact_all(struct store *s, const struct entity_row *row, struct arena *a, struct err *err) {
    struct value sources = value_array(a, 2);
    int rc;
    sqlite3_stmt *st = db_sql(&s->db, "SELECT source FROM origin WHERE n = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, row->n);
    while ((rc = db_step(&s->db, st, err)) == 1) {
        value_push(a, &sources, value_int(col_int(st, 0)));
    }
    db_done(&s->db, st);
    for (uint32_t i = 0; i < sources.len && !rc; i++) {
        rc = redact(s, sources.items[i].i, row, a, err);
    }
    return rc;
}

/* ---- the thing itself -------------------------------------------------------------------------------------------- */

static void bare(enum entity type, int64_t n, struct arena *a, struct image *im) {
    static const enum field_id texts[] = {F_TITLE, F_NAME, F_PATH, F_IMPORTER, F_VERSION, F_ENCODING};
    static const enum field_id numbers[] = {F_BYTES, F_BOM, F_TEXT_BYTES, F_IMPORTED, F_COPY, F_GAPS_BYTES};
    *im = (struct image){0};
    for (int f = 0; f < F_COUNT; f++) {
        image_set(im, (enum field_id)f, value_nil);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        image_set(im, texts[i], value_lit(""));
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        image_set(im, numbers[i], value_int(0));
    }
    image_set(im, F_KIND, value_lit(type == ENTITY_TALK ? "talk" : "note"));
    image_set(im, F_SHA256, value_bin(a, "", 0));
    image_set(im, F_SLUG, value_strf(a, "purged-%lld", (long long)n));
}

static int empty_text(struct store *s, const struct entity_row *row, struct image *im, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "DELETE FROM note_rev WHERE k BETWEEN ?1 AND ?2", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, rev_key(row->n, 0));
    bind_int(st, 2, rev_key(row->n, (1 << REV_BITS) - 1));
    int rc = db_run(&s->db, st, err);
    st = rc ? NULL : db_sql(&s->db, "INSERT INTO note_rev(k, body) VALUES(?1, '')", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, rev_key(row->n, row->rev));
    image_set(im, F_BODY, value_int(row->rev));
    return db_run(&s->db, st, err);
}

static int may_go(struct store *s, const struct entity_row *row, struct arena *a, struct err *err) {
    struct value title;
    int64_t still = 0;
    if (!row->deleted) {
        err_set(err, E_USAGE, "only what is in the trash can be purged");
        return err_hint(err, "lectern delete puts it there");
    }
    bool referred = row->type == ENTITY_EVENT || row->type == ENTITY_SESSION || row->type == ENTITY_PERSON;
    int rc = referred ? undo_needed(s, row, &still, err) : 0;
    rc = rc || !still ? rc : entity_title(s, row, a, &title, err);
    return rc || !still ? rc
                        : err_set(err, E_BUSY, "%s '%.60s' is still named by what is not in the trash",
                                  entity_name(row->type), value_cstr(&title, ""));
}

int sync_purge(struct store *s, const struct op *op, struct entity_row *row, struct arena *a, struct value *done,
               struct err *err) {
    struct image im;
    (void)op;
    int rc = may_go(s, row, a, err);
    rc = rc ? rc : done_add(s, row, JOURNAL_PURGE, a, done, err); /* while it has a name */
    rc = rc ? rc : db_exec(&s->db, "PRAGMA secure_delete = ON", err);
    rc = rc ? rc : redact_all(s, row, a, err);
    rc = rc ? rc : change_mark(s, row, JOURNAL_PURGE, err);
    rc = rc ? rc : forget_history(s, row->n, err);
    rc = rc ? rc : run_on(s, "DELETE FROM conflict WHERE n = ?1", row->n, err);
    rc = rc ? rc : attach_forget(s, row->n, err);
    bare(row->type, row->n, a, &im);
    rc = rc || row->type != ENTITY_NOTE ? rc : empty_text(s, row, &im, err);
    rc = rc || row->type != ENTITY_SOURCE ? rc : keys_drop_hash(s, row->n, err);
    rc = rc ? rc : image_update(&s->db, row->type, row->n, &im, LIST_BITS, 0, err);
    s->txn.purged = s->txn.purged || !rc;
    return rc;
}

/* A word that is taken out of the index stays in its older segments until they are merged with the newer ones. */
int purge_words(struct store *s, struct err *err) {
    return db_exec(&s->db, "INSERT INTO fts(fts) VALUES('optimize')", err);
}

void purge_sweep(struct store *s) {
    sqlite3_exec(s->db.handle, "VACUUM", NULL, NULL, NULL);
    sqlite3_wal_checkpoint_v2(s->db.handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}
