/* limit_store.h - the smallest store that could do lectern's job: one table, and an index over it with lectern's
 * tokenizer.
 *
 * Durable as lectern's is: write-ahead log, synchronous=FULL, checkpoints as rare as in its import. Whatever fails
 * ends the program with a line.
 */
#ifndef LECTERN_TESTS_BENCH_LIMIT_STORE_H
#define LECTERN_TESTS_BENCH_LIMIT_STORE_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

struct limit_note {
    const char *path; /* ends with NUL; the others have lengths */
    const char *title, *speaker, *event, *date, *tags, *body;
    int title_len, speaker_len, event_len, date_len, tags_len, body_len;
};

struct limit_inserts {
    sqlite3_stmt *row, *index;
};

static inline void limit_fail(sqlite3 *db, const char *what) {
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    exit(74);
}

static inline sqlite3_stmt *limit_prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) != SQLITE_OK)
        limit_fail(db, sql);
    return s;
}

static inline void limit_step(sqlite3 *db, sqlite3_stmt *s) {
    int rc = sqlite3_step(s);
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        limit_fail(db, sqlite3_sql(s));
    sqlite3_reset(s);
}

/* A new store at PATH, which must not exist. */
static inline sqlite3 *limit_open(const char *path) {
    static const char setup[] =
        "pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536; pragma wal_autocheckpoint = "
        "8000;"
        "create table note(id integer primary key, path, title, speaker, event, date, tags, body);"
        "create virtual table found using fts5(title, speaker, event, tags, body, content = 'note', content_rowid = "
        "'id',"
        " tokenize = 'porter unicode61 remove_diacritics 2');";
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, setup, NULL, NULL, NULL) != SQLITE_OK)
        limit_fail(db, path);
    return db;
}

static inline struct limit_inserts limit_prepare_inserts(sqlite3 *db) {
    return (struct limit_inserts){
        .row = limit_prepare(
            db, "insert into note(title, speaker, event, tags, body, path, date) values(?, ?, ?, ?, ?, ?, ?)"),
        .index =
            limit_prepare(db, "insert into found(title, speaker, event, tags, body, rowid) values(?, ?, ?, ?, ?, ?)"),
    };
}

/* Within a transaction of the caller's. */
static inline void limit_insert(sqlite3 *db, struct limit_inserts *to, const struct limit_note *n) {
    sqlite3_stmt *both[] = {to->row, to->index};
    for (int i = 0; i < 2; i++) {
        sqlite3_bind_text(both[i], 1, n->title, n->title_len, SQLITE_STATIC);
        sqlite3_bind_text(both[i], 2, n->speaker, n->speaker_len, SQLITE_STATIC);
        sqlite3_bind_text(both[i], 3, n->event, n->event_len, SQLITE_STATIC);
        sqlite3_bind_text(both[i], 4, n->tags, n->tags_len, SQLITE_STATIC);
        sqlite3_bind_text(both[i], 5, n->body, n->body_len, SQLITE_STATIC);
    }
    sqlite3_bind_text(to->row, 6, n->path, -1, SQLITE_STATIC);
    sqlite3_bind_text(to->row, 7, n->date, n->date_len, SQLITE_STATIC);
    limit_step(db, to->row);
    sqlite3_bind_int64(to->index, 6, sqlite3_last_insert_rowid(db));
    limit_step(db, to->index);
}

#endif
