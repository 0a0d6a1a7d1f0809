/* image_lists.c - lists of an entity: rows of other tables read as arrays, and arrays written as rows.
 *
 * The one idea: a list is a SELECT that gives rows in order and a DELETE and an INSERT that replace them all; rows are
 * arrays of their columns, or the column itself where there is one. Names by which events and persons are found are
 * derived lists: rewritten from the name, the full name and the aliases whenever one of these changes.
 */
#include "store/image_lists_priv.h"

#include "store/names_priv.h"

#define BIT(f) (UINT64_C(1) << (f))

struct list {
    enum field_id field;
    const char *select; /* ?1: n */
    const char *remove;
    const char *insert; /* ?1: n; ?2: place in the list where ORD; then the columns */
    int columns;
    bool ord;
};

static const struct list lists[] = {
    {F_TALKS, "SELECT talk FROM note_talk WHERE note = ?1", "DELETE FROM note_talk WHERE note = ?1",
     "INSERT OR IGNORE INTO note_talk(note, talk) VALUES(?1,?2)", 1, false},
    {F_TAGS, "SELECT tag FROM tagging WHERE n = ?1", "DELETE FROM tagging WHERE n = ?1",
     "INSERT OR IGNORE INTO tagging(n, tag) VALUES(?1,?2)", 1, false},
    {F_SPEAKERS, "SELECT person, role, affiliations FROM t_appearance WHERE n = ?1",
     "DELETE FROM t_appearance WHERE n = ?1",
     "INSERT INTO t_appearance(n, ord, person, role, affiliations) VALUES(?1,?2,?3,?4,?5)", 3, true},
    {F_PEOPLE, "SELECT person, role, affiliations FROM t_appearance WHERE n = ?1",
     "DELETE FROM t_appearance WHERE n = ?1",
     "INSERT INTO t_appearance(n, ord, person, role, affiliations) VALUES(?1,?2,?3,?4,?5)", 3, true},
    {F_AWARDS, "SELECT name, event, talk, person FROM award WHERE owner = ?1", "DELETE FROM award WHERE owner = ?1",
     "INSERT INTO award(owner, ord, name, event, talk, person) VALUES(?1,?2,?3,?4,?5,?6)", 4, true},
    {F_ORIGINS,
     "SELECT n, state, rev, byte_start, byte_end, line_start, line_end, body_start, body_end, print, key FROM origin "
     "WHERE source = ?1",
     "DELETE FROM origin WHERE source = ?1",
     "INSERT INTO origin(source, n, state, rev, byte_start, byte_end, line_start, line_end, body_start, body_end, "
     "print, key) "
     "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
     11, false},
};
enum { LISTS = sizeof lists / sizeof *lists };

/* Events and persons keep their names alike. */
struct names_table {
    const char *aliases; /* SELECT */
    const char *remove;
    const char *insert; /* key, n, kind, ord, name */
};
static const struct names_table event_names = {
    "SELECT name FROM event_name WHERE event = ?1 AND kind = 2 ORDER BY ord", "DELETE FROM event_name WHERE event = ?1",
    "INSERT OR IGNORE INTO event_name(key, event, kind, ord, name) VALUES(?1,?2,?3,?4,?5)"};
static const struct names_table person_names = {
    "SELECT name FROM person_name WHERE person = ?1 AND kind = 2 ORDER BY ord",
    "DELETE FROM person_name WHERE person = ?1",
    "INSERT OR IGNORE INTO person_name(key, person, kind, ord, name) VALUES(?1,?2,?3,?4,?5)"};

/* ---- loading ----------------------------------------------------------------------------------------------------- */

static struct value row_value(sqlite3_stmt *st, int columns, struct arena *a) {
    if (columns == 1) {
        return col_value(st, 0, a);
    }
    struct value row = value_array(a, (uint32_t)columns);
    for (int i = 0; i < columns; i++) {
        value_push(a, &row, col_value(st, i, a));
    }
    return row;
}

static int load_list(struct db *db, const char *sql, int columns, int64_t n, struct arena *a, struct value *out,
                     struct err *err) {
    sqlite3_stmt *st = db_sql(db, sql, err);
    struct value rows = value_array(a, 0);
    int rc;
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    while ((rc = db_step(db, st, err)) == 1) {
        value_push(a, &rows, row_value(st, columns, a));
    }
    db_done(db, st);
    *out = rows.len ? rows : value_nil;
    return rc;
}

int lists_load(struct db *db, uint64_t which, enum entity type, int64_t n, struct arena *a, struct image *im,
               struct err *err) {
    struct value v;
    int rc = 0;
    for (size_t i = 0; i < LISTS && !rc; i++) {
        if (which & BIT(lists[i].field)) {
            rc = load_list(db, lists[i].select, lists[i].columns, n, a, &v, err);
            image_set(im, lists[i].field, v);
        }
    }
    if (!rc && which & BIT(F_ALIASES)) {
        rc = load_list(db, type == ENTITY_EVENT ? event_names.aliases : person_names.aliases, 1, n, a, &v, err);
        image_set(im, F_ALIASES, v);
    }
    return rc;
}

/* ---- saving ------------------------------------------------------------------------------------------------------ */

static void bind_item(sqlite3_stmt *st, int i, const struct value *v) {
    if (v->kind == VALUE_INT) {
        bind_int(st, i, v->i);
    } else if (v->kind == VALUE_STR) {
        bind_text(st, i, v->s, v->len);
    }
}

static int remove_rows(struct db *db, const char *sql, int64_t n, struct err *err) {
    sqlite3_stmt *st = db_sql(db, sql, err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    return db_run(db, st, err);
}

static int insert_row(struct db *db, const struct list *l, int64_t n, size_t ord, const struct value *row,
                      struct err *err) {
    sqlite3_stmt *st = db_sql(db, l->insert, err);
    int at = 1;
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, at++, n);
    if (l->ord) {
        bind_int(st, at++, (int64_t)ord);
    }
    for (int i = 0; i < l->columns; i++) {
        bind_item(st, at++, l->columns == 1 ? row : value_at(row, (size_t)i));
    }
    return db_run(db, st, err);
}

static int save_list(struct db *db, const struct list *l, int64_t n, const struct value *rows, bool fresh,
                     struct err *err) {
    int rc = fresh ? 0 : remove_rows(db, l->remove, n, err);
    for (size_t i = 0; !rc && value_is(rows, VALUE_ARRAY) && i < rows->len; i++) {
        rc = insert_row(db, l, n, i, value_at(rows, i), err);
    }
    return rc;
}

static int save_name(struct db *db, const struct names_table *t, int64_t n, enum name_kind kind, size_t ord,
                     const struct value *name, struct err *err) {
    struct buf key = BUF_INIT;
    if (!value_is(name, VALUE_STR)) {
        return 0;
    }
    names_key(name->s, name->len, &key);
    sqlite3_stmt *st = db_sql(db, t->insert, err);
    int rc = -(int)err->code;
    if (st) {
        bind_text(st, 1, key.data, key.len);
        bind_int(st, 2, n);
        bind_int(st, 3, kind);
        bind_int(st, 4, (int64_t)ord);
        bind_text(st, 5, name->s, name->len);
        rc = db_run(db, st, err);
    }
    buf_release(&key);
    return rc;
}

static int save_names(struct db *db, const struct names_table *t, int64_t n, const struct image *im, bool fresh,
                      struct err *err) {
    const struct value *aliases = image_get(im, F_ALIASES);
    int rc = fresh ? 0 : remove_rows(db, t->remove, n, err);
    if (!rc) {
        rc = save_name(db, t, n, NAME_MAIN, 0, image_get(im, F_NAME), err);
    }
    if (!rc) {
        rc = save_name(db, t, n, NAME_FULL, 0, image_get(im, F_FULL_NAME), err);
    }
    for (size_t i = 0; !rc && value_is(aliases, VALUE_ARRAY) && i < aliases->len; i++) {
        rc = save_name(db, t, n, NAME_ALIAS, i, value_at(aliases, i), err);
    }
    return rc;
}

int lists_save(struct db *db, enum entity type, int64_t n, const struct image *im, uint64_t changed, bool fresh,
               struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < LISTS && !rc; i++) {
        if (changed & BIT(lists[i].field)) {
            rc = save_list(db, &lists[i], n, image_get(im, lists[i].field), fresh, err);
        }
    }
    if (!rc && changed & (BIT(F_NAME) | BIT(F_FULL_NAME) | BIT(F_ALIASES))) {
        if (type == ENTITY_EVENT) {
            rc = save_names(db, &event_names, n, im, fresh, err);
        } else if (type == ENTITY_PERSON) {
            rc = save_names(db, &person_names, n, im, fresh, err);
        }
    }
    return rc;
}
