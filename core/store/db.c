/* db.c - a SQLite connection with its statements, and SQLite's errors in our words.
 *
 * The one idea: a statement is found by the address of its SQL in a fixed hash table, so asking for it costs a few
 * nanoseconds once it is prepared. Knows nothing of tables or of what is stored.
 */
#include "store/db_priv.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/msgpack.h"
#include "store/functions_priv.h"

enum {
    BUSY_MS = 5000,
    JOURNAL_MAX = 8 * 1024 * 1024,
    LENGTH_MAX = 64 * 1024 * 1024,
    SQL_MAX = 256 * 1024,
    EXPR_DEPTH_MAX = 400
};

static void set_limits(sqlite3 *h) {
    sqlite3_limit(h, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
    sqlite3_limit(h, SQLITE_LIMIT_SQL_LENGTH, SQL_MAX);
    sqlite3_limit(h, SQLITE_LIMIT_EXPR_DEPTH, EXPR_DEPTH_MAX);
    sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(h, SQLITE_LIMIT_TRIGGER_DEPTH, 10);
    sqlite3_limit(h, SQLITE_LIMIT_WORKER_THREADS, 0);
}

static void configure(struct db *db) {
    set_limits(db->handle);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    functions_add(db->handle);
}

/* In a folder where no log may be made, and without a log, a store can be read as it stands and never written. */
static bool is_sealed(const char *path) {
    struct buf name = BUF_INIT;
    buf_addf(&name, "%s-wal", path);
    bool sealed = access(name.data, F_OK) != 0;
    buf_clear(&name);
    buf_add(&name, path, (size_t)(strrchr(path, '/') - path) + 1);
    sealed = sealed && access(name.data, W_OK) != 0;
    buf_release(&name);
    return sealed;
}

static int open_sealed(struct db *db, int flags) {
    struct buf uri = BUF_INIT;
    buf_adds(&uri, "file:");
    for (const char *c = db->path; *c; c++) {
        buf_addf(&uri, strchr("%?#", *c) ? "%%%02x" : "%c", (unsigned char)*c);
    }
    buf_adds(&uri, "?immutable=1");
    int rc = sqlite3_open_v2(uri.data, &db->handle, flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    buf_release(&uri);
    return rc;
}

static int connect_file(struct db *db, struct err *err) {
    if (db->path[0] != '/') {
        return err_set(err, E_INTERNAL, "store path '%s' is not absolute", db->path);
    }
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int rc =
        is_sealed(db->path) ? open_sealed(db, flags) : sqlite3_open_v2(db->path, &db->handle, db->flags | flags, NULL);
    if (rc == SQLITE_OK) {
        configure(db);
    } else {
        rc = db_error(db, rc, err);
        db_close(db);
    }
    return rc;
}

int db_open(struct db *db, const char *path, int flags, int cache_kib, struct err *err) {
    *db = (struct db){.path = path, .flags = flags, .cache_kib = cache_kib};
    atomic_init(&db->interrupted, false);
    return connect_file(db, err);
}

int db_ready(struct db *db, struct err *err) {
    char sql[96];
    if (!db->handle) {
        int rc = connect_file(db, err);
        if (rc) {
            return rc;
        }
    }
    if (!db->tuned) {
        /* These read the whole schema, so a connection that is only opened does without. */
        const char *mode = db->flags & SQLITE_OPEN_READWRITE ? "synchronous = FULL" : "query_only = ON";
        snprintf(sql, sizeof sql, "PRAGMA %s; PRAGMA cache_size = -%d", mode, db->cache_kib);
        int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
        if (rc != SQLITE_OK) {
            return db_error(db, rc, err);
        }
        db->tuned = true;
    }
    return 0;
}

void db_close(struct db *db) {
    for (size_t i = 0; i < DB_STATEMENTS; i++) {
        sqlite3_finalize(db->slots[i].st);
    }
    memset(db->slots, 0, sizeof db->slots);
    memset(db->by_statement, 0, sizeof db->by_statement);
    sqlite3_close_v2(db->handle);
    db->handle = NULL;
    db->tuned = false;
}

/* ---- errors ------------------------------------------------------------------------------------------------------ */

static int error_busy(struct db *db, struct err *err) {
    err_set(err, E_BUSY, "store '%s' is busy: another program is writing to it", db->path);
    return err_hint(err, "try again");
}

static int error_full(struct db *db, struct err *err) {
    err_set(err, E_STORE, "disk full: cannot write store '%s'", db->path);
    return err_hint(err, "make room and try again; nothing of this was kept, everything before is safe");
}

static int error_readonly(struct db *db, struct err *err) {
    err_set(err, E_STORE, "store '%s' is read only", db->path);
    return err_hint(err, "check the permissions of the file and its folder");
}

static int error_damaged(struct db *db, struct err *err) {
    err_set(err, E_STORE, "store '%s' is damaged: %s", db->path, sqlite3_errmsg(db->handle));
    return err_hint(err, "keep a copy of it and restore a backup");
}

static int error_io(struct db *db, int code, struct err *err) {
    err_set(err, E_STORE, "cannot read or write store '%s': %s (%d)", db->path, sqlite3_errmsg(db->handle), code);
    return err_hint(err, "check the disk and its free space; everything acknowledged before is safe");
}

int db_error(struct db *db, int code, struct err *err) {
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_busy(db, err);
    case SQLITE_FULL:
        return error_full(db, err);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return error_readonly(db, err);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return error_damaged(db, err);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return error_io(db, code, err);
    case SQLITE_INTERRUPT:
        return err_set(err, E_CANCELLED, "interrupted");
    case SQLITE_NOMEM:
        return err_set(err, E_STORE, "out of memory in the store");
    case SQLITE_CONSTRAINT:
        return err_set(err, E_USAGE, "something else has that already: %s", sqlite3_errmsg(db->handle));
    case SQLITE_TOOBIG:
        return err_set(err, E_DATA, "a value is too large for the store (limit %d MiB)", LENGTH_MAX / 1024 / 1024);
    default:
        return err_set(err, E_INTERNAL, "store: %s (%d)", sqlite3_errmsg(db->handle), code);
    }
}

/* ---- statements -------------------------------------------------------------------------------------------------- */

static size_t hash_address(const void *p) {
    uint64_t h = (uint64_t)(uintptr_t)p * 0x9e3779b97f4a7c15u;
    return (size_t)(h >> 40) % DB_STATEMENTS;
}

/* The slot of LITERAL, or the free one where it would be. The table is larger than the number of statements. */
static struct db_slot *slot_of(struct db *db, const char *literal) {
    size_t at = hash_address(literal);
    for (size_t tries = 0; tries < DB_STATEMENTS; tries++) {
        struct db_slot *slot = &db->slots[(at + tries) % DB_STATEMENTS];
        if (slot->sql == literal || !slot->sql) {
            return slot;
        }
    }
    return NULL;
}

/* The way back from a statement to its slot, a second table in the same manner; NULL where it has none. */
static struct db_slot *slot_with(struct db *db, const sqlite3_stmt *st) {
    size_t at = hash_address(st);
    for (size_t tries = 0; tries < DB_STATEMENTS; tries++) {
        struct db_slot *slot = db->by_statement[(at + tries) % DB_STATEMENTS];
        if (!slot || slot->st == st) {
            return slot;
        }
    }
    return NULL;
}

static void remember(struct db *db, struct db_slot *slot) {
    size_t at = hash_address(slot->st);
    while (db->by_statement[at]) {
        at = (at + 1) % DB_STATEMENTS;
    }
    db->by_statement[at] = slot;
}

static sqlite3_stmt *prepare(struct db *db, const char *sql, unsigned flags, struct err *err) {
    sqlite3_stmt *st = NULL;
    if (db_ready(db, err)) {
        return NULL;
    }
    int rc = sqlite3_prepare_v3(db->handle, sql, -1, flags, &st, NULL);
    if (rc != SQLITE_OK) {
        db_error(db, rc, err);
        sqlite3_finalize(st);
        return NULL;
    }
    return st;
}

sqlite3_stmt *db_sql(struct db *db, const char *literal, struct err *err) {
    struct db_slot *slot = slot_of(db, literal);
    if (!slot || slot->busy) {
        return prepare(db, literal, 0, err);
    }
    if (!slot->st) {
        slot->st = prepare(db, literal, SQLITE_PREPARE_PERSISTENT, err);
        if (!slot->st) {
            return NULL;
        }
        slot->sql = literal;
        remember(db, slot);
    }
    slot->busy = true;
    return slot->st;
}

void db_done(struct db *db, sqlite3_stmt *st) {
    if (!st) {
        return;
    }
    struct db_slot *slot = slot_with(db, st);
    if (!slot) {
        sqlite3_finalize(st);
        return;
    }
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    slot->busy = false;
}

sqlite3_stmt *db_prepare(struct db *db, const char *sql, struct err *err) {
    return prepare(db, sql, 0, err);
}

void db_finish(sqlite3_stmt *st) {
    sqlite3_finalize(st);
}

/* Out of memory or disk, SQLite takes a transaction back in the middle of it, and it may do so over a statement that only
 * reads and whose end nobody asks about. What is written then would stand alone. */
static int taken_back(struct db *db, struct err *err) {
    return err_set(err, E_STORE, "store '%s' took the change back: out of memory or disk", db->path);
}

int db_step(struct db *db, sqlite3_stmt *st, struct err *err) {
    if (db->within && sqlite3_get_autocommit(db->handle) && !sqlite3_stmt_readonly(st)) {
        return taken_back(db, err);
    }
    if (atomic_load_explicit(&db->interrupted, memory_order_relaxed)) {
        return err_set(err, E_CANCELLED, "interrupted");
    }
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        return 1;
    }
    return rc == SQLITE_DONE ? 0 : db_error(db, rc, err);
}

int db_run(struct db *db, sqlite3_stmt *st, struct err *err) {
    int rc;
    do {
        rc = db_step(db, st, err);
    } while (rc == 1);
    db_done(db, st);
    return rc;
}

int db_run_with(struct db *db, const char *literal, int64_t first, int64_t second, struct err *err) {
    sqlite3_stmt *st = db_sql(db, literal, err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, first);
    bind_int_or_null(st, 2, second);
    return db_run(db, st, err);
}

int db_exec(struct db *db, const char *sql, struct err *err) {
    if (db->within && sqlite3_get_autocommit(db->handle)) {
        return taken_back(db, err);
    }
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : db_error(db, rc, err);
}

int db_int(struct db *db, const char *literal, int64_t fallback, int64_t *out, struct err *err) {
    *out = fallback;
    sqlite3_stmt *st = db_sql(db, literal, err);
    if (!st) {
        return -(int)err->code;
    }
    int rc = db_step(db, st, err);
    if (rc == 1 && !col_null(st, 0)) {
        *out = col_int(st, 0);
    }
    db_done(db, st);
    return rc < 0 ? rc : 0;
}

/* ---- values going in --------------------------------------------------------------------------------------------- */

void bind_int(sqlite3_stmt *st, int i, int64_t v) {
    sqlite3_bind_int64(st, i, v);
}

void bind_int_or_null(sqlite3_stmt *st, int i, int64_t v) {
    if (v) {
        sqlite3_bind_int64(st, i, v);
    } else {
        sqlite3_bind_null(st, i);
    }
}

void bind_real(sqlite3_stmt *st, int i, double v) {
    sqlite3_bind_double(st, i, v);
}

void bind_text(sqlite3_stmt *st, int i, const char *s, size_t len) {
    sqlite3_bind_text64(st, i, s, len, SQLITE_STATIC, SQLITE_UTF8);
}

void bind_str(sqlite3_stmt *st, int i, const char *s) {
    sqlite3_bind_text(st, i, s, -1, SQLITE_STATIC);
}

void bind_blob(sqlite3_stmt *st, int i, const void *p, size_t len) {
    sqlite3_bind_blob64(st, i, p, len, SQLITE_STATIC);
}

void bind_uuid(sqlite3_stmt *st, int i, const struct uuid *id) {
    sqlite3_bind_blob(st, i, id->b, UUID_BYTES, SQLITE_STATIC);
}

/* ---- values coming out ------------------------------------------------------------------------------------------- */

int64_t col_int(sqlite3_stmt *st, int i) {
    return sqlite3_column_int64(st, i);
}

const char *col_text(sqlite3_stmt *st, int i, size_t *len) {
    const char *s = (const char *)sqlite3_column_text(st, i);
    if (len) {
        *len = s ? (size_t)sqlite3_column_bytes(st, i) : 0;
    }
    return s ? s : "";
}

const void *col_blob(sqlite3_stmt *st, int i, size_t *len) {
    const void *p = sqlite3_column_blob(st, i);
    *len = p ? (size_t)sqlite3_column_bytes(st, i) : 0;
    return p ? p : "";
}

bool col_null(sqlite3_stmt *st, int i) {
    return sqlite3_column_type(st, i) == SQLITE_NULL;
}

bool col_uuid(sqlite3_stmt *st, int i, struct uuid *out) {
    size_t len;
    const void *p = col_blob(st, i, &len);
    memset(out, 0, sizeof *out);
    if (len == UUID_BYTES) {
        memcpy(out->b, p, UUID_BYTES);
    }
    return len == UUID_BYTES;
}

struct value col_value(sqlite3_stmt *st, int i, struct arena *a) {
    size_t len;
    switch (sqlite3_column_type(st, i)) {
    case SQLITE_INTEGER:
        return value_int(col_int(st, i));
    case SQLITE_FLOAT:
        return value_float(sqlite3_column_double(st, i));
    case SQLITE_TEXT: {
        const char *s = col_text(st, i, &len);
        return value_strn(a, s, len);
    }
    case SQLITE_BLOB: {
        const void *p = col_blob(st, i, &len);
        return value_bin(a, p, len);
    }
    default:
        return value_nil;
    }
}

int col_msgpack(struct db *db, sqlite3_stmt *st, int i, struct arena *a, struct value *out, struct err *err) {
    struct msgpack_limits limits = msgpack_limits_default;
    size_t len;
    *out = value_nil;
    if (col_null(st, i)) {
        return 0;
    }
    limits.bytes = LENGTH_MAX;
    const void *p = col_blob(st, i, &len);
    if (msgpack_read(a, p, len, &limits, out, err)) {
        return err_set(err, E_STORE, "store '%s' is damaged: a packed column cannot be read", db->path);
    }
    return 0;
}
