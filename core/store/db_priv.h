/* db_priv.h - one SQLite connection as the store uses it, and what both halves of the store agree on.
 *
 * The tables are in schema.c, with every column explained: it is the other half of this header. <sqlite3.h> is
 * included in this folder only.
 *
 * A `struct db` is one connection with a fixed table of statements: each is prepared when first wanted and kept. A
 * statement is named by its SQL, a string literal that lives as long as the program (its address is the key, so write
 * it once, as `static const char SQL[]` or a literal at one place):
 *
 *     struct sqlite3_stmt *st = db_sql(db, "SELECT title FROM t_note WHERE n = ?1", err);
 *     if (!st) return -(int)err->code;
 *     bind_int(st, 1, n);
 *     while ((rc = db_step(db, st, err)) == 1) use(col_text(st, 0, &len));
 *     db_done(st);                              also after errors; a statement must be done before it is used again
 *
 * A statement in use (recursion) is not given out a second time: db_sql then prepares a fresh one, which db_done
 * frees. SQL made at run time uses db_prepare / db_finish. Text is bound without a copy: it must live until db_done.
 */
#ifndef LECTERN_STORE_DB_PRIV_H
#define LECTERN_STORE_DB_PRIV_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "store/read.h"

enum { DB_STATEMENTS = 256 };

struct db_slot {
    const char *sql;
    sqlite3_stmt *st;
    bool busy;
};

struct db {
    sqlite3 *handle;  /* NULL until the first statement of a connection that could not be opened at once */
    const char *path; /* borrowed from the store */
    int flags;        /* of sqlite3_open_v2 */
    int cache_kib;    /* page cache */
    bool within;      /* a transaction of ours: nothing is written that SQLite would commit by itself */
    bool tuned;       /* cache_kib was told to SQLite, which reads the whole schema for it */
    struct db_slot slots[DB_STATEMENTS];
    struct db_slot *by_statement[DB_STATEMENTS];
    atomic_bool interrupted; /* set by reader_interrupt until the reader is given back */
};

/* One reading connection (read only). objects.c and the rest of the reading side get at `db` alone. */
struct reader {
    struct db db;
    struct store *store;
    bool taken;
};

/* ---- db.c -------------------------------------------------------------------------------------------------------- */
/* Open PATH (absolute; never taken as a URI). FLAGS are sqlite3_open_v2's. Limits, DEFENSIVE, busy timeout are set.
 * After a failure DB is usable all the same: each use tries to open it again. */
int db_open(struct db *db, const char *path, int flags, int cache_kib, struct err *err);
int db_ready(struct db *db, struct err *err); /* open and tuned; for those who need the handle itself */
void db_close(struct db *db);
/* NULL and ERR filled when it cannot be prepared. Busy until db_done. */
sqlite3_stmt *db_sql(struct db *db, const char *literal, struct err *err);
void db_done(struct db *db, sqlite3_stmt *st);                             /* reset, unbind, give back; NULL is fine */
sqlite3_stmt *db_prepare(struct db *db, const char *sql, struct err *err); /* for SQL made at run time */
void db_finish(sqlite3_stmt *st);                                          /* of db_prepare; NULL is fine */
int db_step(struct db *db, sqlite3_stmt *st, struct err *err);             /* 1 a row, 0 the end, or negative */
/* Step to the end, then db_done: for statements that give no rows. */
int db_run(struct db *db, sqlite3_stmt *st, struct err *err);
/* db_sql and db_run in one, with ?1 and ?2; a SECOND of 0 is NULL. */
int db_run_with(struct db *db, const char *literal, int64_t first, int64_t second, struct err *err);
int db_exec(struct db *db, const char *sql, struct err *err); /* fixed text, several statements allowed, not kept */
/* One integer: first column of the first row, FALLBACK where there is none or it is NULL. Nothing bound. */
int db_int(struct db *db, const char *literal, int64_t fallback, int64_t *out, struct err *err);
/* Turn SQLite's last error into ERR: busy, full, damaged, read only, interrupted ... Returns the negative code. */
int db_error(struct db *db, int code, struct err *err);

void bind_int(sqlite3_stmt *st, int i, int64_t v);
void bind_int_or_null(sqlite3_stmt *st, int i, int64_t v); /* 0 binds NULL: an n is never 0 */
void bind_real(sqlite3_stmt *st, int i, double v);
void bind_text(sqlite3_stmt *st, int i, const char *s, size_t len); /* S NULL binds NULL */
void bind_str(sqlite3_stmt *st, int i, const char *s);              /* NUL-terminated, NULL binds NULL */
void bind_blob(sqlite3_stmt *st, int i, const void *p, size_t len); /* P NULL binds NULL */
void bind_uuid(sqlite3_stmt *st, int i, const struct uuid *id);
/* Columns; borrowed until the next step. Never NULL pointers: "" for SQL NULL. */
int64_t col_int(sqlite3_stmt *st, int i);
const char *col_text(sqlite3_stmt *st, int i, size_t *len); /* LEN may be NULL */
const void *col_blob(sqlite3_stmt *st, int i, size_t *len);
bool col_null(sqlite3_stmt *st, int i);
bool col_uuid(sqlite3_stmt *st, int i, struct uuid *out);         /* false where it is not 16 bytes */
struct value col_value(sqlite3_stmt *st, int i, struct arena *a); /* NULL -> nil, blob -> bin */
/* A MessagePack column: *OUT is nil for SQL NULL; -E_STORE where it is damaged. */
int col_msgpack(struct db *db, sqlite3_stmt *st, int i, struct arena *a, struct value *out, struct err *err);

/* ---- schema.c ---------------------------------------------------------------------------------------------------- */
enum { SCHEMA_APPLICATION_ID = 0x4c454354 };                      /* "LECT" */
int schema_version(struct db *db, int *version, struct err *err); /* 0: an empty file */
/* Make the tables or bring them up to date, inside one exclusive transaction. */
int schema_migrate(struct db *db, struct err *err);
int schema_migrate_to(struct db *db, int to, struct err *err); /* the same, to an older schema: for loading old dumps */

/* ---- numbers that are written into the file: never renumber ------------------------------------------------------ */
/* entity.type is enum entity (store.h): note 0, talk 1, event 2, session 3, person 4, source 5. */
enum journal_op {
    JOURNAL_MAKE,
    JOURNAL_UPDATE,
    JOURNAL_DELETE,
    JOURNAL_RESTORE,
    JOURNAL_TAG,
    JOURNAL_CONFLICT, /* theirs is kept beside, in the table conflict: open */
    JOURNAL_UPSTREAM, /* the same, but there is nothing to decide: only what they said is remembered */
    JOURNAL_RESOLVE,  /* before: {"settled":[conflict ids]} or {"reopened":[...]} */
    JOURNAL_PURGE,    /* the only row of what was purged */
};
const char *journal_op_name(enum journal_op op);      /* "make" "update" "delete" "restore" "tag" "conflict" ... */
enum name_kind { NAME_MAIN, NAME_FULL, NAME_ALIAS };  /* event_name.kind, person_name.kind */
enum { ORIGIN_LIVE, ORIGIN_ORPHANED, ORIGIN_PURGED }; /* origin.state */
/* note_rev.k of revision REV of note N. */
enum { REV_BITS = 20 };
static inline int64_t rev_key(int64_t n, int64_t rev) {
    return n << REV_BITS | rev;
}

/* ---- reading side, used by store_peek ------------------------------------------------------------------------------
 * objects_priv.h (objects.c) provides
 *     int object_load(struct db *db, int64_t n, const struct get_options *o, struct arena *a, struct value *out,
 *                     struct err *err);
 * *OUT nil where there is none (or it is in the trash and o->deleted is false).
 *
 * ---- writing side, of use to the reading side -----------------------------------------------------------------------
 * names_priv.h (names.c) provides what turns text into keys, so that both sides agree:
 *     names_split_event(): "SOSP 2017", "SOSP'17", "2017 SOSP" -> name "SOSP", year 2017 */

#endif
