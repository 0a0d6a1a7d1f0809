/* attach.c - the content of files that notes have.
 *
 * The one idea: content is known by its SHA-256 and kept once, beside the notes; who has it is a row of its own, which
 * stays while an older revision may need it. Names and types are the note's, in its field "attachments".
 */
#include "store/attach_priv.h"

#include <string.h>

#include "store/read_priv.h"

/* True and the hash where ENTRY names content. */
static bool names_content(const struct value *entry, uint8_t sha[SHA256_BYTES]) {
    const struct value *hex = value_is(entry, VALUE_MAP) ? value_get(entry, "sha256") : &value_nil;
    return value_is(hex, VALUE_STR) && hex->len == 2 * SHA256_BYTES &&
           hex_decode(hex->s, hex->len, sha, SHA256_BYTES) == SHA256_BYTES;
}

/* Number of the content, or 0. */
static int find_content(struct db *db, const uint8_t sha[SHA256_BYTES], int64_t *k, struct err *err) {
    sqlite3_stmt *st = db_sql(db, "SELECT k FROM t_attachment WHERE sha256 = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_blob(st, 1, sha, SHA256_BYTES);
    int rc = db_step(db, st, err);
    *k = rc == 1 ? col_int(st, 0) : 0;
    db_done(db, st);
    return rc < 0 ? rc : 0;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static const struct ingest_file *came_with(const struct store *s, const uint8_t sha[SHA256_BYTES]) {
    for (size_t i = 0; s->txn.ingest && i < s->txn.ingest->nfiles; i++) {
        if (memcmp(s->txn.ingest->files[i].sha256, sha, SHA256_BYTES) == 0) {
            return &s->txn.ingest->files[i];
        }
    }
    return NULL;
}

static int put_content(struct store *s, const uint8_t sha[SHA256_BYTES], const struct value *entry, int64_t *k,
                       struct err *err) {
    const struct ingest_file *file = came_with(s, sha);
    if (!file) {
        return err_set(err, E_DATA, "the store does not have the content of attachment '%.200s'",
                       value_cstr(value_get(entry, "name"), ""));
    }
    sqlite3_stmt *st = db_sql(&s->db, "INSERT INTO t_attachment(sha256, content) VALUES(?1, ?2)", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_blob(st, 1, sha, SHA256_BYTES);
    bind_blob(st, 2, file->len ? file->data : "", file->len);
    int rc = db_run(&s->db, st, err);
    *k = sqlite3_last_insert_rowid(s->db.handle);
    return rc;
}

static int attach_one(struct store *s, int64_t n, const struct value *entry, struct err *err) {
    uint8_t sha[SHA256_BYTES];
    int64_t k = 0;
    if (!names_content(entry, sha)) {
        return 0;
    }
    int rc = find_content(&s->db, sha, &k, err);
    rc = rc || k ? rc : put_content(s, sha, entry, &k, err);
    sqlite3_stmt *st = rc ? NULL : db_sql(&s->db, "INSERT OR IGNORE INTO attached(n, attachment) VALUES(?1, ?2)", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    bind_int(st, 2, k);
    return db_run(&s->db, st, err);
}

int attach_save(struct store *s, int64_t n, const struct value *list, struct err *err) {
    int rc = 0;
    for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list->len && !rc; i++) {
        rc = attach_one(s, n, value_at(list, i), err);
    }
    return rc;
}

int attach_forget(struct store *s, int64_t n, struct err *err) {
    static const char *const steps[] = {
        "DELETE FROM t_attachment WHERE k IN (SELECT attachment FROM attached WHERE n = ?1) AND k NOT IN (SELECT "
        "attachment FROM attached WHERE n <> ?1)",
        "DELETE FROM attached WHERE n = ?1",
    };
    int rc = 0;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !rc; i++) {
        sqlite3_stmt *st = db_sql(&s->db, steps[i], err);
        if (!st) {
            return -(int)err->code;
        }
        bind_int(st, 1, n);
        rc = db_run(&s->db, st, err);
    }
    return rc;
}

/* ---- an import --------------------------------------------------------------------------------------------------- */

/* What LIST has under NAME, or NULL. */
static const struct value *called(const struct value *list, const struct value *name) {
    for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list->len; i++) {
        const struct value *entry = value_at(list, i);
        if (value_is(entry, VALUE_MAP) && value_equal(value_get(entry, "name"), name)) {
            return entry;
        }
    }
    return NULL;
}

int attach_settle(struct ingestion *g, const struct record *r, struct image *im, struct err *err) {
    struct image mine = {0};
    struct value kept = value_array(g->a, 4);
    const struct value *list = image_get(im, F_ATTACHMENTS);
    if (!image_has(im, F_ATTACHMENTS)) {
        if (g->in->attach) {
            image_set(im, F_ATTACHMENTS, value_nil);
        }
        return 0;
    }
    int rc = r->row.n ? image_load(&g->s->db, ENTITY_NOTE, r->row.n, g->a, &mine, err) : 0;
    for (uint32_t i = 0; !rc && value_is(list, VALUE_ARRAY) && i < list->len; i++) {
        const struct value *entry = value_at(list, i);
        const struct value *file = value_is(entry, VALUE_MAP) ? value_get(entry, "file") : &value_nil;
        entry = value_is(file, VALUE_STR) ? called(image_get(&mine, F_ATTACHMENTS), file) : entry;
        if (entry) {
            value_push(g->a, &kept, *entry);
        }
    }
    image_set(im, F_ATTACHMENTS, kept.len ? kept : value_nil);
    return rc;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

/* ENTRY names no content, or some that N has. */
static int is_there(struct db *db, int64_t n, const struct value *entry, bool *there, struct err *err) {
    uint8_t sha[SHA256_BYTES];
    *there = true;
    if (!names_content(entry, sha)) {
        return 0;
    }
    sqlite3_stmt *st = db_sql(
        db, "SELECT 1 FROM t_attachment t JOIN attached x ON x.attachment = t.k AND x.n = ?1 WHERE t.sha256 = ?2", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    bind_blob(st, 2, sha, SHA256_BYTES);
    int rc = db_step(db, st, err);
    *there = rc == 1;
    db_done(db, st);
    return rc < 0 ? rc : 0;
}

int attach_there(struct db *db, int64_t n, const struct value *list, struct arena *a, struct value *out,
                 struct err *err) {
    int rc = 0;
    struct value kept = value_array(a, 4);
    for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list->len && !rc; i++) {
        bool there;
        rc = is_there(db, n, value_at(list, i), &there, err);
        if (there) {
            value_push(a, &kept, *value_at(list, i));
        }
    }
    *out = kept.len ? kept : value_nil;
    return rc;
}

int attach_complete(struct db *db, int64_t n, const struct value *map, bool *all, struct err *err) {
    const struct value *list = value_is(map, VALUE_MAP) ? value_get(map, "attachments") : &value_nil;
    int rc = 0;
    *all = true;
    for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list->len && !rc && *all; i++) {
        rc = is_there(db, n, value_at(list, i), all, err);
    }
    return rc;
}

int read_attachment(struct reader *r, const char *sha256, int64_t offset, int64_t bytes, struct arena *a,
                    struct value *out, struct err *err) {
    uint8_t sha[SHA256_BYTES];
    size_t len;
    struct value hex = value_str(a, sha256);
    *out = value_nil;
    if (hex.len != 2 * SHA256_BYTES || hex_decode(hex.s, hex.len, sha, sizeof sha) != SHA256_BYTES || offset < 0) {
        return err_set(err, E_USAGE, "content is named by the 64 hex digits of its SHA-256");
    }
    sqlite3_stmt *st =
        db_sql(&r->db, "SELECT substr(content, ?2 + 1, ?3), length(content) FROM t_attachment WHERE sha256 = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_blob(st, 1, sha, sizeof sha);
    bind_int(st, 2, offset);
    bind_int(st, 3, bytes < 0 ? 0 : bytes);
    int rc = db_step(&r->db, st, err);
    if (rc == 1) {
        const void *p = col_blob(st, 0, &len);
        *out = value_map(a, 2);
        value_set(a, out, "bytes", value_bin(a, p, len));
        value_set(a, out, "total", value_int(col_int(st, 1)));
    }
    db_done(&r->db, st);
    return rc == 0 ? err_set(err, E_NOTFOUND, "the store has no content %.12s", sha256) : rc < 0 ? rc : 0;
}
