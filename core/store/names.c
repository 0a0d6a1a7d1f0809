/* names.c - find or make the thing a name means: events, persons, sessions, tags.
 *
 * The one idea: equal keys are the same thing; what is live comes before what is in the trash, what is older before
 * what is newer; what is only in the trash comes back. Answers are remembered until the transaction ends, because an
 * import asks the same few names thousands of times.
 */
#include <string.h>

#include "base/msgpack.h"
#include "store/form_priv.h"
#include "store/names_priv.h"
#include "store/store_priv.h"

enum { SPACE_PERSON = 2, SPACE_SESSION, SPACE_TAG };

/* Made things get an id that the same name always gives, unless that is taken. */
static int derived_id(struct store *s, const char *what, const void *key, size_t len, struct uuid *id,
                      struct err *err) {
    struct entity_row row;
    struct buf name = BUF_INIT;
    buf_addf(&name, "%s:", what);
    buf_add(&name, key, len);
    *id = uuid5(&uuid_space_lectern, name.data, name.len);
    buf_release(&name);
    int rc = entity_by_id(s, id, &row, err);
    if (rc == 1) {
        *id = uuid4();
    }
    return rc < 0 ? rc : 0;
}

/* The first n of ST that is live, else the first there is, which comes back from the trash; 0 where there is none.
 * Rows are n and deleted. Chosen here: a sort in SQL costs more than the whole search. */
static int first_found(struct store *s, sqlite3_stmt *st, int64_t *n, struct err *err) {
    struct entity_row row;
    int64_t trashed = 0;
    int rc;
    *n = 0;
    while ((rc = db_step(&s->db, st, err)) == 1 && !*n) {
        if (col_null(st, 1)) {
            *n = col_int(st, 0);
        } else if (!trashed) {
            trashed = col_int(st, 0);
        }
    }
    db_done(&s->db, st);
    if (rc < 0 || *n || !trashed) {
        return rc < 0 ? rc : 0;
    }
    *n = trashed;
    rc = entity_by_n(s, trashed, &row, err);
    return rc < 0 ? rc : change_trash(s, &row, false, err);
}

/* ---- persons ----------------------------------------------------------------------------------------------------- */

static int make_person(struct store *s, const char *name, size_t len, const struct buf *key, int64_t *n,
                       struct err *err) {
    struct image im = {0};
    struct entity_row row = {0};
    struct uuid id;
    int rc = derived_id(s, "person", key->data, key->len, &id, err);
    image_set(&im, F_NAME, value_litn(name, len));
    rc = rc ? rc : change_make(s, ENTITY_PERSON, &id, &im, &row, err);
    *n = row.n;
    return rc;
}

int names_person(struct store *s, const char *name, size_t len, int64_t *n, struct err *err) {
    struct buf key = BUF_INIT;
    int rc = 0;
    if (cache_get(&s->txn.names, SPACE_PERSON, name, len, n)) {
        return 0;
    }
    names_key(name, len, &key);
    sqlite3_stmt *st = db_sql(&s->db,
                              "SELECT x.person, e.deleted FROM person_name x CROSS JOIN entity e ON e.n = x.person "
                              "WHERE x.key = ?1",
                              err);
    if (st) {
        bind_text(st, 1, key.data, key.len);
        rc = first_found(s, st, n, err);
        rc = rc || *n ? rc : make_person(s, name, len, &key, n, err);
    } else {
        rc = -(int)err->code;
    }
    if (!rc) {
        cache_put(&s->txn.names, &s->txn.arena, SPACE_PERSON, name, len, *n);
    }
    buf_release(&key);
    return rc;
}

/* ---- sessions ---------------------------------------------------------------------------------------------------- */

static int make_session(struct store *s, int64_t event, const char *name, size_t len, int64_t *n, struct err *err) {
    struct image im = {0};
    struct entity_row row = {0};
    struct entity_row of = {0};
    struct buf key = BUF_INIT;
    struct uuid id;
    int rc = event ? entity_by_n(s, event, &of, err) : 0;
    if (rc < 0) {
        return rc;
    }
    buf_add(&key, of.id.b, sizeof of.id.b);
    buf_add(&key, name, len);
    rc = derived_id(s, "session", key.data, key.len, &id, err);
    image_set(&im, F_NAME, value_litn(name, len));
    image_set(&im, F_EVENT, event ? value_int(event) : value_nil);
    rc = rc ? rc : change_make(s, ENTITY_SESSION, &id, &im, &row, err);
    *n = row.n;
    buf_release(&key);
    return rc;
}

int names_session(struct store *s, int64_t event, const char *name, size_t len, int64_t *n, struct err *err) {
    struct buf key = BUF_INIT;
    int rc;
    buf_addf(&key, "%lld:", (long long)event);
    buf_add(&key, name, len);
    if (cache_get(&s->txn.names, SPACE_SESSION, key.data, key.len, n)) {
        buf_release(&key);
        return 0;
    }
    sqlite3_stmt *st = db_sql(&s->db,
                              "SELECT t.n, e.deleted FROM t_session t CROSS JOIN entity e ON e.n = t.n WHERE t.event "
                              "IS ?1 "
                              "AND t.name = ?2",
                              err);
    if (st) {
        bind_int_or_null(st, 1, event);
        bind_text(st, 2, name, len);
        rc = first_found(s, st, n, err);
        rc = rc || *n ? rc : make_session(s, event, name, len, n, err);
    } else {
        rc = -(int)err->code;
    }
    if (!rc) {
        cache_put(&s->txn.names, &s->txn.arena, SPACE_SESSION, key.data, key.len, *n);
    }
    buf_release(&key);
    return rc;
}

/* ---- tags -------------------------------------------------------------------------------------------------------- */

static int find_tag(struct store *s, const char *name, size_t len, int64_t *id, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "SELECT id FROM t_tag WHERE name = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_text(st, 1, name, len);
    int rc = db_step(&s->db, st, err);
    *id = rc == 1 ? col_int(st, 0) : 0;
    db_done(&s->db, st);
    return rc < 0 ? rc : 0;
}

static int make_tag(struct store *s, const char *name, size_t len, int64_t *id, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "INSERT INTO t_tag(name) VALUES(?1)", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_text(st, 1, name, len);
    int rc = db_run(&s->db, st, err);
    *id = sqlite3_last_insert_rowid(s->db.handle);
    return rc;
}

int names_tag(struct store *s, const char *name, size_t len, int64_t *id, struct err *err) {
    if (cache_get(&s->txn.names, SPACE_TAG, name, len, id)) {
        return 0;
    }
    int rc = find_tag(s, name, len, id, err);
    rc = rc || *id ? rc : make_tag(s, name, len, id, err);
    if (!rc) {
        cache_put(&s->txn.names, &s->txn.arena, SPACE_TAG, name, len, *id);
    }
    return rc;
}
