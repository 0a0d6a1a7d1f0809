/* txn.c - one transaction at a time on the writing side, and the run it belongs to.
 *
 * The one idea: nothing is written for a run until it changes something. Numbers (n, seq, run) are counted here in
 * memory while the write lock is held, and the row of the run is written once, at the end. Knows nothing of entities.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msgpack.h"
#include "store/keys_priv.h"
#include "store/sync_priv.h"

enum { UNSAFE_WAIT_US = 5000 };

int txn_need(struct store *s, struct err *err) {
    if (!s->txn.open) {
        return err_set(err, E_INTERNAL, "no transaction is open");
    }
    if (sqlite3_get_autocommit(s->db.handle)) {
        err_set(err, E_STORE, "an error before this one has taken the whole transaction back");
        return err_hint(err, "nothing of it was kept; run it again");
    }
    return 0;
}

static int begin(struct store *s, struct err *err) {
    if (s->txn.open) {
        return err_set(err, E_INTERNAL, "a transaction is open already");
    }
    sqlite3_stmt *st = db_sql(&s->db, "BEGIN IMMEDIATE", err);
    int rc = st ? db_run(&s->db, st, err) : -(int)err->code;
    if (rc) {
        return rc;
    }
    s->txn.open = true;
    s->db.within = true;
    s->txn.at = clock_now_ms();
    return 0;
}

/* Forget the transaction, whatever became of it. */
static void end(struct store *s) {
    struct arena arena = s->txn.arena;
    s->db.within = false;
    mem_free(s->txn.touched);
    arena_clear(&arena);
    s->txn = (struct txn){.arena = arena};
}

int store_begin(struct store *s, const struct store_run *run, struct err *err) {
    (void)run;
    return begin(s, err);
}

static int find_run(struct store *s, const char *run_id, struct err *err) {
    struct uuid id;
    if (!uuid_parse(run_id, strlen(run_id), &id)) {
        return err_set(err, E_INTERNAL, "'%s' is no id of a run", run_id);
    }
    sqlite3_stmt *st = db_sql(&s->db, "SELECT n FROM t_run WHERE id = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_uuid(st, 1, &id);
    int rc = db_step(&s->db, st, err);
    s->txn.run = rc == 1 ? col_int(st, 0) : 0;
    s->txn.run_id = id;
    s->txn.run_exists = true;
    db_done(&s->db, st);
    if (rc == 0) {
        rc = err_set(err, E_NOTFOUND, "there is no run '%s' to go on with", run_id);
    }
    return rc < 0 ? rc : 0;
}

int store_begin_more(struct store *s, const char *run_id, struct err *err) {
    int rc = begin(s, err);
    if (!rc) {
        rc = find_run(s, run_id, err);
        if (rc) {
            store_rollback(s);
        }
    }
    return rc;
}

void store_rollback(struct store *s) {
    if (s->txn.open && !sqlite3_get_autocommit(s->db.handle)) {
        sqlite3_exec(s->db.handle, "ROLLBACK", NULL, NULL, NULL);
    }
    end(s);
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

int txn_next_n(struct store *s, int64_t *n, struct err *err) {
    if (!s->txn.next_n) {
        int64_t newest;
        int rc = db_int(&s->db, "SELECT max(n) FROM entity", 0, &newest, err);
        if (rc) {
            return rc;
        }
        s->txn.next_n = newest + 1;
        s->txn.first_n = s->txn.first_n ? s->txn.first_n : s->txn.next_n;
    }
    *n = s->txn.next_n++;
    return 0;
}

int txn_next_seq(struct store *s, int64_t *seq, struct err *err) {
    if (!s->txn.next_seq) {
        int64_t newest;
        int rc = db_int(&s->db, "SELECT max(seq) FROM journal", 0, &newest, err);
        if (rc) {
            return rc;
        }
        s->txn.next_seq = newest + 1;
    }
    *seq = s->txn.next_seq++;
    s->txn.operations++;
    s->txn.dirty = true;
    return 0;
}

int txn_run(struct store *s, int64_t *run, struct err *err) {
    if (!s->txn.run) {
        int64_t newest;
        int rc = db_int(&s->db, "SELECT max(n) FROM t_run", 0, &newest, err);
        if (rc) {
            return rc;
        }
        s->txn.run = newest + 1;
        s->txn.run_id = uuid4();
    }
    *run = s->txn.run;
    return 0;
}

/* ---- savepoint --------------------------------------------------------------------------------------------------- */

int txn_savepoint(struct store *s, struct txn_mark *mark, struct err *err) {
    int rc = txn_need(s, err);
    sqlite3_stmt *st = rc ? NULL : db_sql(&s->db, "SAVEPOINT part", err);
    if (!st) {
        return -(int)err->code;
    }
    *mark = (struct txn_mark){.touched = s->txn.ntouched, .operations = s->txn.operations, .dirty = s->txn.dirty};
    return db_run(&s->db, st, err);
}

int txn_release(struct store *s, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "RELEASE part", err);
    return st ? db_run(&s->db, st, err) : -(int)err->code;
}

void txn_abandon(struct store *s) {
    if (!sqlite3_get_autocommit(s->db.handle)) {
        sqlite3_exec(s->db.handle, "ROLLBACK", NULL, NULL, NULL);
    }
}

void txn_back_to(struct store *s, const struct txn_mark *mark) {
    if (!sqlite3_get_autocommit(s->db.handle)) {
        sqlite3_exec(s->db.handle, "ROLLBACK TO part; RELEASE part", NULL, NULL, NULL);
    }
    index_forget(s, mark->touched);
    cache_drop(&s->txn.names);
    s->txn.next_n = 0;
    s->txn.next_seq = 0;
    s->txn.operations = mark->operations;
    s->txn.dirty = mark->dirty;
    s->txn.source = 0;
}

/* ---- the end, and the row of the run ----------------------------------------------------------------------------- */

static void bind_unless_negative(sqlite3_stmt *st, int i, int64_t v) {
    if (v >= 0) {
        bind_int(st, i, v);
    }
}

static void bind_times(sqlite3_stmt *st, int first, const struct store_run *run, int64_t duration_ms) {
    bind_unless_negative(st, first, duration_ms);
    bind_unless_negative(st, first + 1, run->plugin_cpu_us);
    bind_unless_negative(st, first + 2, run->store_us);
    bind_unless_negative(st, first + 3, run->waiting_us);
}

static int64_t run_started(const struct store_run *run, int64_t at) {
    return run->started_ms > 0 ? run->started_ms : at;
}

static int insert_run(struct store *s, const struct store_run *run, struct err *err) {
    struct buf args = BUF_INIT;
    sqlite3_stmt *st = db_sql(&s->db,
                              "INSERT INTO t_run(n, id, command, plugin, plugin_hash, args, started, duration_ms, "
                              "plugin_cpu_us, "
                              "store_us, waiting_us, status, operations, undoes) "
                              "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,'done',?12,?13)",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    int64_t started = run_started(run, s->txn.at);
    bind_int(st, 1, s->txn.run);
    bind_uuid(st, 2, &s->txn.run_id);
    bind_str(st, 3, run->command ? run->command : "");
    bind_str(st, 4, run->plugin);
    bind_str(st, 5, run->plugin_hash);
    if (run->args && value_is(run->args, VALUE_MAP)) {
        msgpack_write(&args, run->args);
        bind_blob(st, 6, args.data, args.len);
    }
    bind_int(st, 7, started);
    bind_times(st, 8, run, clock_now_ms() - started);
    bind_int(st, 12, s->txn.operations);
    bind_int_or_null(st, 13, s->txn.undoes);
    int rc = db_run(&s->db, st, err);
    buf_release(&args);
    return rc;
}

static int update_run(struct store *s, const struct store_run *run, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db,
                              "UPDATE t_run SET duration_ms = ?2 - started, plugin_cpu_us = ?3, store_us = ?4, "
                              "waiting_us = ?5, "
                              "operations = operations + ?6 WHERE n = ?1",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, s->txn.run);
    bind_times(st, 2, run, clock_now_ms());
    bind_int(st, 6, s->txn.operations);
    return db_run(&s->db, st, err);
}

/* Only in an unsafe store: what is changed goes into the file and what indexes it does not yet, so that a kill now is
 * seen. */
static void tempt_fate(struct store *s) {
    sqlite3_db_cacheflush(s->db.handle);
    usleep(UNSAFE_WAIT_US);
}

static int finish(struct store *s, const struct store_run *run, struct err *err) {
    if (s->unsafe) {
        tempt_fate(s);
    }
    struct postings_watch watch;
    index_watch(s, &watch);
    int rc = index_flush(s, err);
    rc = rc ? rc : keys_settle(s, err);
    rc = rc || !s->txn.purged ? rc : purge_words(s, err);
    if (!rc && s->txn.operations) {
        rc = s->txn.run_exists ? update_run(s, run, err) : insert_run(s, run, err);
    }
    sqlite3_stmt *st = rc ? NULL : db_sql(&s->db, "COMMIT", err);
    if (!rc) {
        rc = st ? db_run(&s->db, st, err) : -(int)err->code;
    }
    if (!rc) {
        postings_publish(s->postings, &s->db, &watch);
    }
    if (!rc && s->txn.purged) {
        purge_sweep(s);
    }
    return rc;
}

int store_commit(struct store *s, const struct store_run *run, char run_id[UUID_TEXT + 1], struct err *err) {
    run_id[0] = '\0';
    int rc = txn_need(s, err);
    if (!rc && s->txn.dirty) {
        bool wrote = s->txn.operations > 0;
        struct uuid id = s->txn.run_id;
        rc = finish(s, run, err);
        if (!rc && wrote) {
            uuid_text(&id, run_id);
        }
    }
    store_rollback(s); /* of a failed or an empty one; nothing after COMMIT */
    return rc;
}

/* ---- runs that only read ----------------------------------------------------------------------------------------- */

static int64_t run_instant(const struct value *v, int64_t fallback) {
    int64_t ms;
    if (value_is(v, VALUE_STR) && clock_parse_rfc3339(v->s, v->len, &ms)) {
        return ms;
    }
    return value_toint(v, fallback);
}

static int record_run(struct store *s, const struct value *run, struct err *err) {
    struct uuid id;
    const struct value *given = value_get(run, "id");
    if (!value_is(given, VALUE_STR) || !uuid_parse(given->s, given->len, &id)) {
        id = uuid4();
    }
    sqlite3_stmt *st = db_sql(&s->db,
                              "INSERT OR IGNORE INTO t_run(id, command, plugin, started, duration_ms, status, "
                              "operations) "
                              "VALUES(?1,?2,?3,?4,?5,?6,0)",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_uuid(st, 1, &id);
    bind_str(st, 2, value_cstr(value_get(run, "command"), ""));
    bind_str(st, 3, value_cstr(value_get(run, "plugin"), NULL));
    bind_int(st, 4, run_instant(value_get(run, "started"), s->txn.at));
    bind_unless_negative(st, 5, value_toint(value_get(run, "duration_ms"), -1));
    bind_str(st, 6, value_cstr(value_get(run, "status"), "done"));
    return db_run(&s->db, st, err);
}

int store_record_runs(struct store *s, const struct value *runs, struct err *err) {
    struct store_run none = {0};
    char id[UUID_TEXT + 1];
    int rc = begin(s, err);
    for (size_t i = 0; !rc && value_is(runs, VALUE_ARRAY) && i < runs->len; i++) {
        rc = record_run(s, value_at(runs, i), err);
        s->txn.dirty = true;
    }
    if (rc) {
        store_rollback(s);
        return rc;
    }
    return store_commit(s, &none, id, err);
}
