/* change.c - one entity made, changed, trashed or taken out of the trash: the only place that writes entities.
 *
 * The one idea: rows, journal and the list of touched documents change together here, so whoever goes through this file
 * cannot forget one of them. It takes images; where they come from (people, importers, the journal) it does not know.
 */
#include <string.h>

#include "base/msgpack.h"
#include "base/text.h"
#include "store/attach_priv.h"
#include "store/keys_priv.h"

#define BIT(f) (UINT64_C(1) << (f))

/* Fields by which a document of the index changes. */
static uint64_t document_fields(enum entity type) {
    switch (type) {
    case ENTITY_NOTE:
        return BIT(F_TITLE) | BIT(F_BODY) | BIT(F_TAGS) | BIT(F_TALKS) | BIT(F_LANG);
    case ENTITY_TALK:
        return BIT(F_TITLE) | BIT(F_SPEAKERS) | BIT(F_TAGS) | BIT(F_ABSTRACT) | BIT(F_LANG);
    case ENTITY_PERSON:
        return BIT(F_NAME);
    default:
        return 0;
    }
}

/* ---- entity rows ------------------------------------------------------------------------------------------------- */

static int read_entity(struct db *db, sqlite3_stmt *st, struct entity_row *row, struct err *err) {
    int rc = db_step(db, st, err);
    if (rc == 1) {
        row->n = col_int(st, 0);
        col_uuid(st, 1, &row->id);
        row->type = (enum entity)col_int(st, 2);
        row->rev = col_int(st, 3);
        row->seq = col_int(st, 4);
        row->created = col_int(st, 5);
        row->updated = col_int(st, 6);
        row->deleted = col_int(st, 7);
        if ((unsigned)row->type >= ENTITY_COUNT) {
            rc = err_set(err, E_STORE, "store '%s' is damaged: an entity has no known type", db->path);
        }
    }
    db_done(db, st);
    return rc;
}

int entity_by_id(struct store *s, const struct uuid *id, struct entity_row *row, struct err *err) {
    static const char sql[] = KEYS_BY_ID("e.n, e.id, e.type, e.rev, e.seq, e.created, e.updated, e.deleted");
    sqlite3_stmt *st = db_sql(&s->db, sql, err);
    if (!st) {
        return -(int)err->code;
    }
    keys_bind_id(st, id);
    return read_entity(&s->db, st, row, err);
}

int entity_by_n(struct store *s, int64_t n, struct entity_row *row, struct err *err) {
    sqlite3_stmt *st =
        db_sql(&s->db, "SELECT n, id, type, rev, seq, created, updated, deleted FROM entity WHERE n = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    return read_entity(&s->db, st, row, err);
}

static int insert_entity(struct store *s, const struct entity_row *row, struct err *err) {
    sqlite3_stmt *st =
        db_sql(&s->db, "INSERT INTO entity(n, id, type, rev, seq, created, updated) VALUES(?1,?2,?3,?4,?5,?6,?7)", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, row->n);
    bind_uuid(st, 2, &row->id);
    bind_int(st, 3, row->type);
    bind_int(st, 4, row->rev);
    bind_int(st, 5, row->seq);
    bind_int(st, 6, row->created);
    bind_int(st, 7, row->updated);
    int rc = db_run(&s->db, st, err);
    return rc ? rc : keys_add_id(s, &row->id, row->n, err);
}

static int update_entity(struct store *s, const struct entity_row *row, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "UPDATE entity SET rev=?2, seq=?3, updated=?4, deleted=?5 WHERE n = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, row->n);
    bind_int(st, 2, row->rev);
    bind_int(st, 3, row->seq);
    bind_int(st, 4, row->updated);
    bind_int_or_null(st, 5, row->deleted);
    return db_run(&s->db, st, err);
}

/* ---- journal and revisions --------------------------------------------------------------------------------------- */

/* Append the row for a change that made ROW what it is now; sets row->seq. BEFORE may be NULL. */
static int journal_add(struct store *s, struct entity_row *row, enum journal_op op, const struct buf *before,
                       struct err *err) {
    int64_t run;
    int64_t seq;
    int rc = txn_run(s, &run, err);
    rc = rc ? rc : txn_next_seq(s, &seq, err);
    sqlite3_stmt *st = rc ? NULL
                          : db_sql(&s->db,
                                   "INSERT INTO journal(seq, run, n, op, rev, at, source, prev, before) "
                                   "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)",
                                   err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, seq);
    bind_int(st, 2, run);
    bind_int(st, 3, row->n);
    bind_int(st, 4, op);
    bind_int(st, 5, row->rev);
    bind_int(st, 6, s->txn.at);
    bind_int_or_null(st, 7, s->txn.source);
    bind_int_or_null(st, 8, row->seq);
    if (before) {
        bind_blob(st, 9, before->data, before->len);
    }
    row->seq = seq;
    row->updated = s->txn.at;
    return db_run(&s->db, st, err);
}

static int store_text(struct store *s, const struct entity_row *row, const struct value *body, struct err *err) {
    if (row->rev >= INT64_C(1) << REV_BITS) {
        return err_set(err, E_STORE, "a note cannot have more than %d revisions", 1 << REV_BITS);
    }
    sqlite3_stmt *st = db_sql(&s->db, "INSERT INTO note_rev(k, body) VALUES(?1,?2)", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, rev_key(row->n, row->rev));
    bind_text(st, 2, value_is(body, VALUE_STR) ? body->s : "", value_is(body, VALUE_STR) ? body->len : 0);
    return db_run(&s->db, st, err);
}

/* Does revision REV of note N read TEXT? *WORDS counts those of the stored text where TEXT is NULL. */
static int compare_text(struct store *s, int64_t n, int64_t rev, const struct value *text, bool *same, int64_t *words,
                        struct err *err) {
    size_t len;
    sqlite3_stmt *st = db_sql(&s->db, "SELECT body FROM note_rev WHERE k = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, rev_key(n, rev));
    int rc = db_step(&s->db, st, err);
    const char *stored = rc == 1 ? col_text(st, 0, &len) : "";
    if (rc == 0) {
        rc = err_set(err, E_STORE, "store '%s' is damaged: the text of a revision is missing", s->path);
    } else if (rc == 1 && text) {
        *same = len == text->len && memcmp(stored, text->s, len) == 0;
    } else if (rc == 1) {
        *words = (int64_t)text_count_words(stored, len);
    }
    db_done(&s->db, st);
    return rc < 0 ? rc : 0;
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

static int touch_talks(struct store *s, const struct value *talks, struct err *err) {
    int rc = 0;
    for (size_t i = 0; !rc && value_is(talks, VALUE_ARRAY) && i < talks->len; i++) {
        rc = index_touch_n(s, value_at(talks, i)->i, err);
    }
    return rc;
}

static int touch_new(struct store *s, enum entity type, int64_t n, const struct image *im, struct err *err) {
    if (type != ENTITY_NOTE && type != ENTITY_TALK) {
        return 0;
    }
    const struct value *talks = image_get(im, F_TALKS);
    int rc = index_touch_n(s, n, err);
    rc = rc || type == ENTITY_TALK ? rc : touch_talks(s, talks, err);
    for (size_t i = 0; !rc && value_is(talks, VALUE_ARRAY) && i < talks->len; i++) {
        index_cover(s, talks->items[i].i);
    }
    return rc;
}

int change_make(struct store *s, enum entity type, const struct uuid *id, const struct image *im,
                struct entity_row *row, struct err *err) {
    struct image whole = *im;
    int64_t words = 0;
    int rc = row->n ? 0 : txn_next_n(s, &row->n, err);
    if (rc) {
        return rc;
    }
    *row = (struct entity_row){.n = row->n, .id = *id, .type = type, .rev = 1, .created = s->txn.at};
    rc = touch_new(s, type, row->n, im, err);
    rc = rc ? rc : journal_add(s, row, JOURNAL_MAKE, NULL, err);
    rc = rc ? rc : insert_entity(s, row, err);
    if (!rc && type == ENTITY_NOTE) {
        const struct value *body = image_get(im, F_BODY);
        rc = store_text(s, row, body, err);
        words = value_is(body, VALUE_STR) ? (int64_t)text_count_words(body->s, body->len) : 0;
        image_set(&whole, F_BODY, value_int(row->rev));
    }
    rc = rc ? rc : image_insert(&s->db, type, row->n, &whole, words, err);
    rc = rc || type != ENTITY_SOURCE ? rc : keys_add_hash(s, row->n, err);
    return rc ? rc : attach_save(s, row->n, image_get(im, F_ATTACHMENTS), err);
}

/* ---- changing ---------------------------------------------------------------------------------------------------- */

/* Which of the fields of IM differ from OLD. */
static int compare(struct store *s, const struct entity_row *row, const struct image *old, const struct image *im,
                   uint64_t *changed, struct err *err) {
    *changed = 0;
    for (int f = 0; f < F_COUNT; f++) {
        bool same = true;
        if (!image_has(im, (enum field_id)f)) {
            continue;
        }
        if (f == F_BODY && !value_is(&im->v[f], VALUE_INT)) {
            struct value text = value_is(&im->v[f], VALUE_STR) ? im->v[f] : value_lit("");
            int rc = compare_text(s, row->n, image_get(old, F_BODY)->i, &text, &same, NULL, err);
            if (rc) {
                return rc;
            }
        } else {
            same = value_equal(image_get(old, (enum field_id)f), &im->v[f]);
        }
        *changed |= same ? 0 : BIT(f);
    }
    return 0;
}

static int new_body(struct store *s, const struct entity_row *row, struct image *whole, int64_t *words,
                    struct err *err) {
    struct value body = *image_get(whole, F_BODY);
    if (value_is(&body, VALUE_INT)) {
        return compare_text(s, row->n, body.i, NULL, NULL, words, err);
    }
    image_set(whole, F_BODY, value_int(row->rev));
    *words = value_is(&body, VALUE_STR) ? (int64_t)text_count_words(body.s, body.len) : 0;
    return store_text(s, row, &body, err);
}

static int touch_changed(struct store *s, const struct entity_row *row, const struct image *im, uint64_t changed,
                         struct err *err) {
    if (!(changed & document_fields(row->type))) {
        return 0;
    }
    int rc = index_touch(s, row, err);
    return rc || !(changed & BIT(F_TALKS)) ? rc : touch_talks(s, image_get(im, F_TALKS), err);
}

static int save_change(struct store *s, struct entity_row *row, const struct image *old, const struct image *im,
                       enum journal_op op, uint64_t changed, struct err *err) {
    struct image whole = *old;
    struct buf before = BUF_INIT;
    int64_t words = -1;
    for (int f = 0; f < F_COUNT; f++) {
        if (changed >> f & 1) {
            image_set(&whole, (enum field_id)f, im->v[f]);
        }
    }
    int rc = touch_changed(s, row, im, changed, err);
    row->rev++;
    image_pack(old, changed, &before);
    rc = rc ? rc : journal_add(s, row, op, &before, err);
    rc = rc ? rc : update_entity(s, row, err);
    if (!rc && changed & BIT(F_BODY)) {
        rc = new_body(s, row, &whole, &words, err);
    }
    rc = rc || !(changed & BIT(F_SHA256)) ? rc : keys_drop_hash(s, row->n, err);
    rc = rc ? rc : image_update(&s->db, row->type, row->n, &whole, changed, words, err);
    rc = rc || !(changed & BIT(F_SHA256)) ? rc : keys_add_hash(s, row->n, err);
    rc = rc || !(changed & BIT(F_ATTACHMENTS)) ? rc : attach_save(s, row->n, image_get(&whole, F_ATTACHMENTS), err);
    buf_release(&before);
    return rc;
}

/* What names meant in this transaction may have changed with an event, session or person. */
static void forget_names(struct store *s, enum entity type) {
    if (type == ENTITY_EVENT || type == ENTITY_SESSION || type == ENTITY_PERSON) {
        cache_drop(&s->txn.names);
    }
}

int change_fields(struct store *s, struct entity_row *row, const struct image *im, enum journal_op op,
                  uint64_t *changed, struct err *err) {
    struct arena a = ARENA_INIT;
    struct image old;
    *changed = 0;
    int rc = image_load(&s->db, row->type, row->n, &a, &old, err);
    rc = rc ? rc : compare(s, row, &old, im, changed, err);
    if (!rc && *changed) {
        forget_names(s, row->type);
        rc = save_change(s, row, &old, im, op, *changed, err);
    }
    arena_release(&a);
    return rc;
}

int change_trash(struct store *s, struct entity_row *row, bool trash, struct err *err) {
    if ((row->deleted != 0) == trash) {
        return 0;
    }
    forget_names(s, row->type);
    int rc = index_touch(s, row, err);
    row->rev++;
    row->deleted = trash ? s->txn.at : 0;
    rc = rc ? rc : journal_add(s, row, trash ? JOURNAL_DELETE : JOURNAL_RESTORE, NULL, err);
    return rc ? rc : update_entity(s, row, err);
}

int change_mark(struct store *s, struct entity_row *row, enum journal_op op, struct err *err) {
    row->rev++;
    int rc = journal_add(s, row, op, NULL, err);
    return rc ? rc : update_entity(s, row, err);
}

int change_theirs(struct store *s, struct entity_row *row, const struct value *theirs, bool open, struct err *err) {
    int rc = change_mark(s, row, open ? JOURNAL_CONFLICT : JOURNAL_UPSTREAM, err);
    if (!rc && theirs && row->type == ENTITY_NOTE) {
        rc = store_text(s, row, theirs, err);
    }
    return rc;
}

static int mark_conflict(struct store *s, int64_t id, bool settled, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "UPDATE conflict SET resolved = ?2 WHERE id = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, id);
    bind_int_or_null(st, 2, settled ? s->txn.at : 0);
    return db_run(&s->db, st, err);
}

int change_resolve(struct store *s, struct entity_row *row, const struct value *ids, bool settle, struct err *err) {
    const char *name = settle ? "settled" : "reopened";
    struct buf before = BUF_INIT;
    int rc = 0;
    msgpack_write_map(&before, 1);
    msgpack_write_str(&before, name, strlen(name));
    msgpack_write(&before, ids);
    row->rev++;
    rc = journal_add(s, row, JOURNAL_RESOLVE, &before, err);
    rc = rc ? rc : update_entity(s, row, err);
    for (uint32_t i = 0; i < ids->len && !rc; i++) {
        rc = mark_conflict(s, ids->items[i].i, settle, err);
    }
    buf_release(&before);
    return rc;
}
