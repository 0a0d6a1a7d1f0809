/* store_commands.h - twenty commands on a store, as tests of its endurance run them: each is whole or absent.
 *
 * bench_open makes or opens a store; bench_fill puts something in; commands[] are what people do. bench_state is the
 * whole content as a digest, bench_sound whether every invariant holds.
 */
#ifndef LECTERN_TESTS_STORE_COMMANDS_H
#define LECTERN_TESTS_STORE_COMMANDS_H

#include <fcntl.h>
#include <unistd.h>

#include "host_values.h"
#include "store_folder.h"
#include "store_numbered.h"
#include "base/clock.h"
#include "base/mem.h"
#include "store/keep.h"
#include "store/store_priv.h"

struct bench {
    char folder[64];
    char path[96];
    struct store *s;
    struct reader *r;
    struct arena arena;
    struct err err;
    int n; /* number of the command, for what it makes */
};

static inline void bench_init(struct bench *b) {
    *b = (struct bench){.arena = ARENA_INIT};
    err_init(&b->err);
    /* In memory where that can be: the disk is played by the tests themselves. */
    folder_make(b->folder, true);
    snprintf(b->path, sizeof b->path, "%s/notes.db", b->folder);
}

static inline int bench_open(struct bench *b) {
    struct store_options o = {.create = true, .migrate = true};
    int rc = store_open(b->path, &o, &b->s, &b->err);
    b->r = rc ? NULL : store_reader_take(b->s);
    return rc;
}

static inline void bench_close(struct bench *b) {
    if (b->s) {
        store_reader_give(b->r);
        store_close(b->s);
    }
    b->s = NULL;
    b->r = NULL;
}

static inline void bench_end(struct bench *b) {
    char command[160];
    bench_close(b);
    snprintf(command, sizeof command, "rm -rf %s", b->folder);
    if (system(command)) {
        abort();
    }
    arena_release(&b->arena);
    err_release(&b->err);
}

static inline struct uuid bench_id(int i) {
    struct uuid id = {.b = {0xbe, 0x9c, 0x40, 0x40, 0, 0, 0x40, 0, 0x80}};
    id.b[14] = (uint8_t)(i >> 8);
    id.b[15] = (uint8_t)i;
    return id;
}

static inline struct value bench_value(struct bench *b, const char *text) {
    const char *at = arena_strdup(&b->arena, text);
    return values_read(&b->arena, &at);
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

static inline int bench_begin(struct bench *b, const struct store_run *run) {
    return store_begin(b->s, run, &b->err);
}

static inline int bench_commit(struct bench *b, const struct store_run *run, int rc) {
    char id[UUID_TEXT + 1];
    if (!rc) {
        rc = store_commit(b->s, run, id, &b->err);
    }
    if (rc) {
        store_rollback(b->s);
    }
    return rc;
}

static inline int bench_op(struct bench *b, enum op_kind kind, enum entity entity, int id, const char *body) {
    struct store_run run = {.command = "op", .plugin_cpu_us = -1, .store_us = -1, .waiting_us = -1};
    struct value v = body ? bench_value(b, body) : value_nil;
    struct value done = value_array(&b->arena, 1);
    struct op op = {.kind = kind, .entity = entity, .id = bench_id(id), .base_rev = -1, .body = &v};
    int rc = bench_begin(b, &run);
    rc = rc ? rc : store_apply(b->s, &op, 1, &b->arena, &done, &b->err);
    return bench_commit(b, &run, rc);
}

static inline int bench_import(struct bench *b, int i, int version) {
    return numbered_import(b->s, i, version, &b->arena, &b->err);
}

static inline int do_make(struct bench *b) {
    return bench_op(b, OP_PUT, ENTITY_NOTE, 100 + b->n, "{title:'made', body:'a body of some words', tags:['red']}");
}
static inline int do_edit(struct bench *b) {
    return bench_op(b, OP_PUT, ENTITY_NOTE, 1,
                    arena_printf(&b->arena, "{body:'edited %d, and longer than before'}", b->n));
}
static inline int do_title(struct bench *b) {
    return bench_op(b, OP_PUT, ENTITY_NOTE, 1, arena_printf(&b->arena, "{title:'title %d'}", b->n));
}
static inline int do_tag(struct bench *b) {
    return bench_op(b, OP_TAG, ENTITY_NOTE, 1, arena_printf(&b->arena, "{add:['tag%d'], remove:['blue']}", b->n));
}
static inline int do_delete(struct bench *b) {
    return bench_op(b, OP_DELETE, ENTITY_NOTE, 2, NULL);
}
static inline int do_restore(struct bench *b) {
    return bench_op(b, OP_RESTORE, ENTITY_NOTE, 3, NULL);
}
static inline int do_talk(struct bench *b) {
    return bench_op(b, OP_PUT, ENTITY_TALK, 200 + b->n,
                    "{title:'a talk', event:'Quay 2025', speakers:['Mara Lindt','Ole Brand']}");
}
static inline int do_event(struct bench *b) {
    return bench_op(b, OP_PUT, ENTITY_EVENT, 5,
                    arena_printf(&b->arena, "{place:'Pier %d', aliases:['Quayside']}", b->n));
}
static inline int do_import(struct bench *b) {
    return bench_import(b, 10 + b->n, 1);
}
static inline int do_import_again(struct bench *b) {
    return bench_import(b, 1, 2 + b->n);
}
static inline int do_undo(struct bench *b) {
    struct store_run run = {.command = "undo", .plugin_cpu_us = -1, .store_us = -1, .waiting_us = -1};
    struct value done = value_array(&b->arena, 1);
    int rc = bench_begin(b, &run);
    rc = rc ? rc : store_undo(b->s, NULL, &b->arena, &done, &b->err);
    return bench_commit(b, &run, rc);
}
static inline int do_state(struct bench *b) {
    struct value v = bench_value(b, "{seen:[1,2,3]}");
    return store_state_set(b->s, "plugin", "key", &v, &b->err);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

static inline int do_find(struct bench *b) {
    struct value v;
    struct find f = {.type = "note", .query = "note", .limit = 20, .body = true};
    return read_find(b->r, &f, &b->arena, &v, &b->err);
}
static inline int do_search(struct bench *b) {
    struct value v;
    return read_search(b->r, "word31 OR other*", 10, &b->arena, &v, &b->err);
}
static inline int do_get(struct bench *b) {
    struct value v;
    struct uuid id = bench_id(1);
    return read_get(b->r, &id, &(struct get_options){.body = true}, &b->arena, &v, &b->err);
}
static inline int do_history(struct bench *b) {
    struct value v;
    struct uuid id = bench_id(1);
    return read_history(b->r, &id, &b->arena, &v, &b->err);
}
static inline int do_sql(struct bench *b) {
    struct value v;
    return read_sql(b->r, "SELECT title FROM note ORDER BY title", &value_nil, 5000, &b->arena, &v, &b->err);
}
static inline int do_check(struct bench *b) {
    struct value v;
    return read_check(b->r, &b->arena, &v, &b->err);
}
static inline int do_backup(struct bench *b) {
    struct value v;
    char file[128];
    snprintf(file, sizeof file, "%s/backup.db", b->folder);
    return keep_backup(b->path, file, &b->arena, &v, &b->err);
}
static inline int bench_swallow(void *ctx, const void *p, size_t n, struct err *err) {
    (void)p, (void)err;
    *(size_t *)ctx += n;
    return 0;
}
static inline int do_dump(struct bench *b) {
    size_t bytes = 0;
    int64_t rows;
    return keep_dump(b->path, bench_swallow, &bytes, &rows, &b->err);
}
/* The index of pieces, to the end: it changes nothing that anybody sees. */
static inline int do_fill(struct bench *b) {
    bool more = true;
    bool alone;
    int rc = 0;
    for (int i = 0; more && i < 100 && !rc; i++) {
        rc = store_fill(b->s, &more, &alone, &b->err);
    }
    return rc;
}

static const struct command {
    const char *name;
    int (*run)(struct bench *b);
    bool writes, runs; /* changes the store; leaves a run */
} commands[] = {
    {"make a note", do_make, true, true},
    {"edit a note", do_edit, true, true},
    {"change a title", do_title, true, true},
    {"tag", do_tag, true, true},
    {"delete", do_delete, true, true},
    {"restore", do_restore, true, true},
    {"make a talk", do_talk, true, true},
    {"change an event", do_event, true, true},
    {"import", do_import, true, true},
    {"import again", do_import_again, true, true},
    {"undo", do_undo, true, true},
    {"plugin state", do_state, true, false},
    {"list", do_find, false, false},
    {"search", do_search, false, false},
    {"show", do_get, false, false},
    {"history", do_history, false, false},
    {"sql", do_sql, false, false},
    {"check", do_check, false, false},
    {"backup", do_backup, false, false},
    {"dump", do_dump, false, false},
    {"fill the index of pieces", do_fill, false, false},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* What the commands above find there. */
static inline int bench_fill(struct bench *b) {
    int rc = 0;
    for (int i = 1; i <= 4 && !rc; i++) {
        rc = bench_op(b, OP_PUT, ENTITY_NOTE, i, "{title:'one of the first', body:'a body', tags:['blue']}");
    }
    rc = rc ? rc : bench_op(b, OP_PUT, ENTITY_EVENT, 5, "{name:'Quay', year:2025}");
    rc = rc ? rc : bench_op(b, OP_DELETE, ENTITY_NOTE, 3, NULL);
    for (int i = 1; i <= 4 && !rc; i++) {
        rc = bench_import(b, i, 1);
    }
    return rc ? rc : do_fill(b);
}

/* ---- looking ----------------------------------------------------------------------------------------------------------- */

static inline int bench_collect(void *ctx, const void *p, size_t n, struct err *err) {
    (void)err;
    buf_add(ctx, p, n);
    return 0;
}

/* Everything that is in the store, as 64 bits; 0: it cannot be read. */
static inline uint64_t bench_state(struct bench *b) {
    struct buf all = BUF_INIT;
    uint8_t sha[SHA256_BYTES];
    uint64_t state = 0;
    int64_t rows;
    if (keep_dump(b->path, bench_collect, &all, &rows, &b->err) == 0) {
        sha256(all.data, all.len, sha);
        memcpy(&state, sha, sizeof state);
    }
    buf_release(&all);
    return state;
}

/* Every invariant of the open store, and SQLite's own look at the index. */
static inline bool bench_sound(struct bench *b) {
    struct arena own = ARENA_INIT;
    struct value checks;
    bool ok = read_check(b->r, &own, &checks, &b->err) == 0;
    for (size_t i = 0; ok && i < checks.len; i++) {
        ok = value_tobool(value_get(value_at(&checks, i), "ok"), false);
        if (!ok) {
            err_set(&b->err, E_STORE, "%s: %s", value_cstr(value_get(value_at(&checks, i), "check"), ""),
                    value_cstr(value_get(value_at(&checks, i), "detail"), ""));
        }
    }
    ok = ok && db_exec(&b->s->db, "INSERT INTO fts(fts, rank) VALUES('integrity-check', 1)", &b->err) == 0;
    arena_release(&own);
    return ok;
}

/* A number from the environment: how often. */
static inline int bench_times(const char *name, int fallback) {
    const char *text = getenv(name);
    return text && atoi(text) > 0 ? atoi(text) : fallback;
}

#endif
