/* sql.c - one SELECT of a stranger: read only, over views, for a limited time and a limited result.
 *
 * The one idea: the connection is made small for the duration (authorizer, limits, a clock that ticks every few
 * thousand instructions) and is the store's own again afterwards. Whatever goes wrong is the asker's mistake and is
 * said in SQLite's words.
 */
#include <string.h>

#include "base/clock.h"
#include "store/objects_priv.h"
#include "store/read_priv.h"
#include "store/sql_priv.h"

enum { ROWS_MAX = 100000, BYTES_MAX = 16 * 1024 * 1024, TICK = 2000 };

static const struct {
    int id, value;
} limits[] = {
    {SQLITE_LIMIT_SQL_LENGTH, 64 * 1024}, {SQLITE_LIMIT_EXPR_DEPTH, 100},          {SQLITE_LIMIT_COMPOUND_SELECT, 50},
    {SQLITE_LIMIT_VDBE_OP, 50000},        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256}, {SQLITE_LIMIT_LENGTH, BYTES_MAX},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 1000},
};
enum { LIMITS = sizeof limits / sizeof *limits };

struct clock_watch {
    struct db *db;
    uint64_t end_us;
    bool late;
};

struct asker {
    struct reader *r;
    struct arena *arena;
    struct sql_guard guard;
    struct clock_watch watch;
    int saved[LIMITS];
    struct err *err;
};

static int tick(void *context) {
    struct clock_watch *w = context;
    w->late = clock_mono_us() > w->end_us;
    return w->late || atomic_load_explicit(&w->db->interrupted, memory_order_relaxed);
}

/* ---- the connection made small, and itself again --------------------------------------------------------------- */

static int schema_names(struct asker *k) {
    const char **names;
    size_t count = 0;
    size_t cap = 512;
    /* Table-valued functions are set up when first used, by what looks like CREATE TABLE: the authorizer would
     * refuse that. */
    sqlite3_stmt *st = db_sql(&k->r->db,
                              "SELECT name FROM sqlite_schema WHERE name NOT IN (SELECT value FROM json_each('[]') "
                              "UNION SELECT value FROM json_tree('[]'))",
                              k->err);
    if (!st) {
        return -(int)k->err->code;
    }
    names = arena_alloc(k->arena, cap * sizeof *names);
    int rc;
    while ((rc = db_step(&k->r->db, st, k->err)) == 1 && count < cap - 1) {
        names[count++] = arena_strdup(k->arena, col_text(st, 0, NULL));
    }
    names[count] = NULL;
    db_done(&k->r->db, st);
    k->guard.tables = names;
    return rc == 1 ? err_set(k->err, E_INTERNAL, "the schema has too many names") : rc;
}

static void confine(struct asker *k, int64_t ms) {
    sqlite3 *h = k->r->db.handle;
    k->watch = (struct clock_watch){.db = &k->r->db, .end_us = clock_mono_us() + (uint64_t)(ms > 0 ? ms : 0) * 1000};
    for (int i = 0; i < LIMITS; i++) {
        k->saved[i] = sqlite3_limit(h, limits[i].id, limits[i].value);
    }
    sqlite3_set_authorizer(h, sql_authorize, &k->guard);
    sqlite3_progress_handler(h, TICK, tick, &k->watch);
}

static void release(struct asker *k) {
    sqlite3 *h = k->r->db.handle;
    sqlite3_progress_handler(h, 0, NULL, NULL);
    sqlite3_set_authorizer(h, NULL, NULL);
    for (int i = 0; i < LIMITS; i++) {
        sqlite3_limit(h, limits[i].id, k->saved[i]);
    }
}

/* ---- errors ---------------------------------------------------------------------------------------------------- */

static int with_views(struct asker *k) {
    struct buf list = BUF_INIT;
    for (const char *const *view = sql_views; *view; view++) {
        buf_addf(&list, "%s%s", list.len ? ", " : "", *view);
    }
    int rc = err_hint(k->err, "there are the views %s", list.data);
    buf_release(&list);
    return rc;
}

static int sql_error(struct asker *k, int code, int64_t ms) {
    sqlite3 *h = k->r->db.handle;
    const char *message = sqlite3_errmsg(h);
    switch (code & 0xff) {
    case SQLITE_INTERRUPT:
        return k->watch.late ? err_set(k->err, E_TIMEOUT, "the query took longer than %lld ms", (long long)ms)
                             : err_set(k->err, E_CANCELLED, "interrupted");
    case SQLITE_AUTH:
        err_set(k->err, E_USAGE, "not allowed in a query: '%s'", k->guard.denied);
        return with_views(k);
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        err_set(k->err, E_USAGE, "%s", message);
        return strncmp(message, "no such table", 13) == 0 ? with_views(k) : -(int)E_USAGE;
    default:
        return db_error(&k->r->db, code, k->err);
    }
}

/* ---- the statement --------------------------------------------------------------------------------------------- */

static int prepare(struct asker *k, const char *sql, int64_t ms, sqlite3_stmt **st) {
    sqlite3 *h = k->r->db.handle;
    sqlite3_stmt *second = NULL;
    const char *tail;
    if (sql_shadows_view(sql)) {
        return err_set(k->err, E_USAGE,
                       "a common table expression cannot have the name of a view; give it another one");
    }
    int rc = sqlite3_prepare_v3(h, sql, -1, 0, st, &tail);
    if (rc != SQLITE_OK) {
        return sql_error(k, rc, ms);
    }
    if (!*st) {
        return err_set(k->err, E_USAGE, "there is no SQL in the query");
    }
    if (!sqlite3_stmt_readonly(*st) || sqlite3_stmt_isexplain(*st) || sqlite3_column_count(*st) == 0) {
        return err_set(k->err, E_USAGE, "only SELECT, WITH and VALUES can be run");
    }
    rc = sqlite3_prepare_v3(h, tail, -1, 0, &second, NULL);
    bool more = rc != SQLITE_OK || second;
    sqlite3_finalize(second);
    return more ? err_set(k->err, E_USAGE, "one statement at a time: '%s' is too much", tail) : 0;
}

static int bind_args(struct asker *k, sqlite3_stmt *st, const struct value *args) {
    size_t given = value_is(args, VALUE_ARRAY) ? args->len : 0;
    int wanted = sqlite3_bind_parameter_count(st);
    if (given != (size_t)wanted) {
        return err_set(k->err, E_USAGE, "the query has %d parameters, %zu values are given", wanted, given);
    }
    for (int i = 1; i <= wanted; i++) {
        const struct value *v = value_at(args, (size_t)i - 1);
        switch ((enum value_kind)v->kind) {
        case VALUE_NIL:
            bind_text(st, i, NULL, 0);
            break;
        case VALUE_BOOL:
            bind_int(st, i, v->b);
            break;
        case VALUE_INT:
            bind_int(st, i, v->i);
            break;
        case VALUE_FLOAT:
            bind_real(st, i, v->f);
            break;
        case VALUE_STR:
            bind_text(st, i, v->s, v->len);
            break;
        case VALUE_BIN:
            bind_blob(st, i, v->s, v->len);
            break;
        default:
            return err_set(k->err, E_USAGE, "parameter %d is a %s; numbers, strings, booleans and nil can be given", i,
                           value_kind_name((enum value_kind)v->kind));
        }
    }
    return 0;
}

/* Column names as keys; a second "n" is "n:2". */
static const char **column_names(struct asker *k, sqlite3_stmt *st, int columns) {
    const char **names = arena_alloc(k->arena, (size_t)columns * sizeof *names);
    for (int i = 0; i < columns; i++) {
        const char *name = sqlite3_column_name(st, i);
        int same = 1;
        for (int j = 0; j < i; j++) {
            same += strcmp(sqlite3_column_name(st, j), name) == 0;
        }
        names[i] = same > 1 ? arena_printf(k->arena, "%s:%d", name, same) : arena_strdup(k->arena, name);
    }
    return names;
}

static struct value make_row(struct asker *k, sqlite3_stmt *st, const char *const *names, int columns) {
    struct value row = value_map(k->arena, (uint32_t)columns);
    for (int i = 0; i < columns; i++) {
        row.pairs[i] = (struct pair){.key = value_lit(names[i]), .val = col_value(st, i, k->arena)};
    }
    row.len = (uint32_t)columns;
    return row;
}

static int take_rows(struct asker *k, sqlite3_stmt *st, int64_t ms, struct value *rows) {
    int columns = sqlite3_column_count(st);
    const char **names = column_names(k, st, columns);
    size_t bytes = 0;
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct value row = make_row(k, st, names, columns);
        bytes += object_bytes(&row);
        if (rows->len >= ROWS_MAX || bytes > BYTES_MAX) {
            err_set(k->err, E_USAGE, "the result is too large: more than %d rows or %d MiB", ROWS_MAX,
                    BYTES_MAX / 1024 / 1024);
            return err_hint(k->err, "add LIMIT, or name fewer columns");
        }
        value_push(k->arena, rows, row);
    }
    return rc == SQLITE_DONE ? 0 : sql_error(k, rc, ms);
}

int read_sql(struct reader *r, const char *sql, const struct value *args, int64_t ms, struct arena *a,
             struct value *rows, struct err *err) {
    struct asker k = {.r = r, .arena = a, .err = err};
    sqlite3_stmt *st = NULL;
    *rows = value_array(a, 0);
    int rc = reading_stopped(r, err);
    rc = rc ? rc : schema_names(&k);
    if (rc) {
        return rc;
    }
    confine(&k, ms);
    rc = prepare(&k, sql, ms, &st);
    rc = rc ? rc : bind_args(&k, st, args);
    rc = rc ? rc : take_rows(&k, st, ms, rows);
    sqlite3_finalize(st);
    release(&k);
    return rc;
}
