/* keep_priv.h - what the parts of keeping share: copies by pages, the last step that replaces a store, names of tables.
 * Inside core/store only. */
#ifndef LECTERN_STORE_KEEP_PRIV_H
#define LECTERN_STORE_KEEP_PRIV_H

#include "store/db_priv.h"
#include "store/keep.h"

/* ---- store.c ----------------------------------------------------------------------------------------------------- */
/* A new, empty store of that schema at PATH, which must not exist. */
int store_make_file(const char *path, int schema, struct err *err);
/* Make PATH's folder entry durable; a file system that cannot is not worth failing for. */
void store_sync_folder(const char *path);

/* ---- heed.c ------------------------------------------------------------------------------------------------------ */
int keep_stopped(struct err *err); /* -E_CANCELLED once it is to be given up, else 0 */
/* Wait until something can be read from FD, or it is to be given up. */
int keep_wait(int fd, struct err *err);
/* db_open, and statements end with -E_CANCELLED once it is to be given up. */
int keep_connect(struct db *db, const char *path, int flags, int cache_kib, struct err *err);

/* ---- backup.c ---------------------------------------------------------------------------------------------------- */
/* Open a store by its path for reading, without making it. -E_INPUT where there is none. */
int keep_open(struct db *db, const char *path, int flags, struct err *err);
/* All pages of FROM, as they are at one moment, into a new file TO: one file, no log beside it. Damaged pages are copied
 * like others. */
int keep_copy(struct db *from, const char *to, struct err *err);
/* Sync TEMP and rename it over FILE. */
int keep_publish(const char *temp, const char *file, struct err *err);
/* Every invariant of the store in FILE. 0, or -E_DATA with the first that does not hold; *COUNT how many were looked at. */
int keep_verify(const char *file, int64_t *count, struct err *err);
/* A copy beside the store before its schema changes: PATH.schema-N. */
int keep_before_migration(struct db *db, int version, struct err *err);
/* PATH.WHAT-20260101T120000Z, not there yet. */
void keep_aside_name(struct buf *out, const char *path, const char *what);
/* PATH.WHAT-PID */
void keep_temp_name(struct buf *out, const char *path, const char *what);
void keep_unlink(const char *path); /* with its log */

/* ---- replace.c --------------------------------------------------------------------------------------------------- */
struct replacing {
    const char *path; /* the store */
    const char *from; /* a checked store of the newest schema, one file */
    const char *what; /* the old one is kept as PATH.WHAT-TIME; NULL: it must be empty, and is not kept */
    bool alone;
    struct buf kept; /* where the old one is, "" for nowhere */
};
/* By one transaction where the old store can be opened, else, ALONE, by renaming. */
int keep_replace(struct replacing *r, struct err *err);

/* ---- tables.c ---------------------------------------------------------------------------------------------------- */
enum { TABLE_COLUMNS_MAX = 32, TABLES_MAX = 64 };
enum column_kind { COLUMN_ANY, COLUMN_INT, COLUMN_TEXT, COLUMN_BLOB, COLUMN_REAL };
struct table_column {
    const char *name;
    enum column_kind kind;
    bool required;
};
struct table_info {
    const char *name;
    bool rowid;        /* has one: else its primary key is its order */
    const char *order; /* SQL of the order of its rows */
    struct table_column columns[TABLE_COLUMNS_MAX];
    size_t ncolumns;
};
/* The plain tables of the schema, by name: no views, no index, nothing of SQLite's. */
int tables_read(struct db *db, struct arena *a, struct table_info *out, size_t *n, struct err *err);
const struct table_info *tables_find(const struct table_info *tables, size_t n, const char *name);
/* Make the search index anew from what it indexes. */
int tables_reindex(struct db *db, struct err *err);

#endif
