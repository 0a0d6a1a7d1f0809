/* read.c - point reads: one object by id, a plugin's state, what is known of a source.
 *
 * The one idea: whatever takes several statements runs inside one read transaction, so that an answer is never made of
 * two states of the store. Queries are in find.c and search.c.
 */
#include <stdio.h>
#include <string.h>

#include "store/keys_priv.h"
#include "store/objects_priv.h"
#include "store/read_priv.h"

int reading_begin(struct reader *r, struct err *err) {
    int rc = reading_stopped(r, err);
    if (rc) {
        return rc;
    }
    sqlite3_stmt *st = db_sql(&r->db, "BEGIN", err);
    return st ? db_run(&r->db, st, err) : -(int)err->code;
}

void reading_end(struct reader *r) {
    struct err ignored;
    err_init(&ignored);
    if (!sqlite3_get_autocommit(r->db.handle)) {
        sqlite3_stmt *st = db_sql(&r->db, "ROLLBACK", &ignored);
        if (st) {
            db_run(&r->db, st, &ignored);
        }
    }
    err_release(&ignored);
}

int reader_hold(struct reader *r, struct err *err) {
    return reading_begin(r, err);
}

void reader_let_go(struct reader *r) {
    reading_end(r);
}

int reading_stopped(struct reader *r, struct err *err) {
    return atomic_load_explicit(&r->db.interrupted, memory_order_relaxed) ? err_set(err, E_CANCELLED, "interrupted")
                                                                          : 0;
}

int reading_entity(struct reader *r, const struct uuid *id, int64_t *n, int *type, struct err *err) {
    sqlite3_stmt *st = db_sql(&r->db, KEYS_BY_ID("e.n, e.type"), err);
    if (!st) {
        return -(int)err->code;
    }
    keys_bind_id(st, id);
    int rc = db_step(&r->db, st, err);
    if (rc == 1) {
        *n = col_int(st, 0);
        if (type) {
            *type = (int)col_int(st, 1);
        }
    }
    db_done(&r->db, st);
    return rc;
}

int read_get(struct reader *r, const struct uuid *id, const struct get_options *o, struct arena *a, struct value *out,
             struct err *err) {
    *out = value_nil;
    int64_t n = 0;
    int rc = reading_begin(r, err);
    if (!rc) {
        rc = reading_entity(r, id, &n, NULL, err);
    }
    if (rc == 1) {
        rc = object_load(&r->db, n, o, a, out, err);
    }
    reading_end(r);
    return rc;
}

int read_state_get(struct reader *r, const char *plugin, const char *key, struct arena *a, struct value *out,
                   struct err *err) {
    *out = value_nil;
    sqlite3_stmt *st = db_sql(&r->db, "SELECT value FROM state WHERE plugin = ?1 AND key = ?2", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_str(st, 1, plugin);
    bind_str(st, 2, key);
    int rc = db_step(&r->db, st, err);
    if (rc == 1) {
        rc = col_msgpack(&r->db, st, 0, a, out, err);
    }
    db_done(&r->db, st);
    return rc;
}

int read_ready(struct reader *r, struct err *err) {
    return db_sql(&r->db, "SELECT n FROM entity WHERE n = ?1", err) ? 0 : -(int)err->code;
}

/* ST asks with the path as ?1. */
static int known_by(struct reader *r, sqlite3_stmt *st, const char *path, struct source_known *out, struct err *err) {
    bind_str(st, 1, path);
    int rc = db_step(&r->db, st, err);
    if (rc == 1 && col_int(st, 0)) {
        snprintf(out->importer, sizeof out->importer, "%s", col_text(st, 1, NULL));
        snprintf(out->version, sizeof out->version, "%s", col_text(st, 2, NULL));
    }
    db_done(&r->db, st);
    return rc < 0 ? rc : 0;
}

#define KNOWN(SAME, ALSO)                                                                                              \
    "SELECT " SAME ", s.importer, s.version FROM t_source s JOIN entity e ON e.n = s.n WHERE s.path = ?1 AND "         \
    "s.copy = 0 AND e.deleted IS NULL" ALSO " ORDER BY s.n DESC LIMIT 1"

int read_source_known(struct reader *r, const char *path, const uint8_t sha256[SHA256_BYTES], struct source_known *out,
                      struct err *err) {
    *out = (struct source_known){0};
    sqlite3_stmt *st = db_sql(&r->db, KNOWN("s.sha256 = ?2", " AND (?1 <> '-' OR s.sha256 = ?2)"), err);
    if (!st) {
        return -(int)err->code;
    }
    bind_blob(st, 2, sha256, SHA256_BYTES);
    return known_by(r, st, path, out, err);
}

int read_source_stamped(struct reader *r, const char *path, int64_t stamp, struct source_known *out, struct err *err) {
    *out = (struct source_known){0};
    sqlite3_stmt *st = db_sql(&r->db, KNOWN("s.stamp IS ?2", ""), err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 2, stamp);
    return known_by(r, st, path, out, err);
}
