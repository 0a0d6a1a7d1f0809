/* Each read, write, sync, open and allocation of SQLite fails in turn, in each of twenty commands. A command that says it
 * worked has worked; one that says it failed has done nothing, or all of it where only the last word of the disk was bad;
 * the next command works, and every invariant holds. A store that is told of no failure (the control) is found out.
 *
 * LECTERN_FAULTS_ALL=1 tries every place, and allocations once for each way through the program that leads to one; else
 * larger and larger steps are taken. LECTERN_FAULTS_ALL=2 tries every allocation, which takes long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <sys/resource.h>

#include "store_commands.h"
#include "store_disk.h"

struct fault_tally {
    long places; /* allocations, in all ways */
    int tries, untouched, said, silent, lost, torn, unsound, stuck;
};

static const char *const kinds[DISK_KINDS] = {"reads", "writes", "syncs", "opens", "allocations"};

static int64_t runs_in(struct bench *b) {
    int64_t n = -1;
    db_int(&b->s->db, "SELECT count(*) FROM t_run", -1, &n, &b->err);
    return n;
}

struct before {
    struct disk_image file;
    uint64_t state;
    int64_t runs;
};

static void put_back(struct bench *b, const struct before *w) {
    char path[128];
    snprintf(path, sizeof path, "%s-wal", b->path);
    unlink(path);
    snprintf(path, sizeof path, "%s-shm", b->path);
    unlink(path);
    image_write(&w->file, b->path);
}

/* No byte of the closed store is another than before: then there is nothing in it to look for. */
static bool untouched(struct bench *b, const struct before *w) {
    struct disk_image now = {0};
    char path[128];
    snprintf(path, sizeof path, "%s-wal", b->path);
    bool log = access(path, F_OK) == 0;
    image_read(&now, b->path);
    bool same = !log && now.len == w->file.len && memcmp(now.data, w->file.data, now.len) == 0;
    mem_free(now.data);
    return same;
}

/* After a failure: what is there, over a disk that works again. */
static void judge(struct bench *b, const struct command *c, const struct before *w, int rc, struct fault_tally *t) {
    bench_close(b);
    err_release(&b->err);
    bool same = untouched(b, w);
    t->untouched += same;
    if (bench_open(b)) {
        t->unsound++;
        return;
    }
    if (!same) {
        same = bench_state(b) == w->state;
        t->torn += !same && c->runs && runs_in(b) != w->runs + 1;
        t->torn += !same && !c->writes;
        t->unsound += !bench_sound(b);
    }
    t->lost += rc == 0 && c->writes && same;
    b->n = 7;
    t->stuck += do_edit(b) != 0;
}

/* One command with the Nth failure of KIND; false where it did not come so far. */
static bool try_one(struct bench *b, const struct command *c, const struct before *w, enum disk_kind kind, long nth,
                    bool for_ever, struct fault_tally *t) {
    put_back(b, w);
    b->n = 1;
    if (bench_open(b) || runs_in(b) < 0) {
        fail_msg("cannot open: %s", b->err.message);
    }
    disk_fail(kind, nth, for_ever);
    int rc = c->run(b);
    bool reached = disk.failed > 0;
    disk_fail(kind, 0, false);
    t->tries += reached;
    t->said += reached && rc != 0;
    t->silent += rc != 0 && !b->err.message[0];
    if (reached) {
        int bad = t->lost + t->torn + t->unsound + t->stuck;
        judge(b, c, w, rc, t);
        if (t->lost + t->torn + t->unsound + t->stuck > bad) {
            printf("# '%s' did not endure failure %ld of %s, and answered %d: %s\n", c->name, nth, kinds[kind], rc,
                   b->err.message);
        }
    }
    bench_close(b);
    err_release(&b->err);
    arena_clear(&b->arena);
    return reached;
}

/* The numbers of those allocations of C that come by ways of their own fail, one after the other. */
static void sweep_ways(struct bench *b, const struct command *c, const struct before *w, struct fault_tally *t) {
    put_back(b, w);
    b->n = 1;
    assert_int_equal(bench_open(b), 0);
    assert_true(runs_in(b) >= 0);
    disk_trace_on();
    assert_int_equal(c->run(b), 0);
    ways.on = false;
    bench_close(b);
    arena_clear(&b->arena);
    t->places += ways.count;
    for (size_t i = 0; i < ways.nfresh; i++) {
        try_one(b, c, w, DISK_ALLOC, ways.fresh[i], false, t);
    }
}

static void sweep(struct bench *b, const struct before *w, enum disk_kind kind, int all, struct fault_tally *t) {
    for (size_t i = 0; all == 1 && kind == DISK_ALLOC && i < COMMANDS; i++) {
        sweep_ways(b, &commands[i], w, t);
    }
    if (all == 1 && kind == DISK_ALLOC) {
        return;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        for (long nth = 1;; nth += all ? 1 : 1 + 2 * nth) {
            bool once = try_one(b, &commands[i], w, kind, nth, false, t);
            if (!once || (kind != DISK_ALLOC && !try_one(b, &commands[i], w, kind, nth, true, t))) {
                break;
            }
        }
    }
}

static void make_before(struct bench *b, struct before *w) {
    clock_freeze(1767225600000);
    bench_init(b);
    assert_int_equal(bench_open(b), 0);
    assert_int_equal(bench_fill(b), 0);
    w->state = bench_state(b);
    w->runs = runs_in(b);
    bench_close(b);
    image_read(&w->file, b->path);
}

static void whatever_fails_is_said_and_nothing_is_torn(void **state) {
    struct bench b;
    struct before w = {0};
    int all = bench_times("LECTERN_FAULTS_ALL", 0);
    (void)state;
    make_before(&b, &w);
    for (int kind = 0; kind < DISK_KINDS; kind++) {
        struct fault_tally t = {0};
        sweep(&b, &w, kind, all, &t);
        printf("# faults %s: %d in %d commands, %d of them touched nothing: %d said so, %d without a word, %d lost, %d "
               "torn, %d unsound, %d stuck\n",
               kinds[kind], t.tries, COMMANDS, t.untouched, t.said, t.silent, t.lost, t.torn, t.unsound, t.stuck);
        if (t.places) {
            printf("# by which %ld allocations come; one of each way failed\n", t.places);
        }
        fflush(stdout);
        assert_true(t.tries > 0);
        assert_int_equal(t.silent + t.lost + t.torn + t.unsound + t.stuck, 0);
    }
    mem_free(w.file.data);
    bench_end(&b);
    clock_freeze(-1);
}

/* A write that fails and is not told: the command says it worked. The same look must see that. */
static void a_disk_that_lies_is_found_out(void **state) {
    struct bench b;
    struct before w = {0};
    struct fault_tally t = {0};
    (void)state;
    make_before(&b, &w);
    put_back(&b, &w);
    assert_int_equal(bench_open(&b), 0);
    b.n = 1;
    assert_int_equal(do_make(&b), 0);
    sqlite3_db_config(b.s->db.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    bench_close(&b);
    put_back(&b, &w); /* nothing of it arrived */
    assert_int_equal(bench_open(&b), 0);
    judge(&b, &commands[0], &w, 0, &t);
    assert_int_equal(t.lost, 1);
    bench_close(&b);
    mem_free(w.file.data);
    bench_end(&b);
    clock_freeze(-1);
}

/* SQLite may take a transaction back over a reading statement whose end nobody asks about (an allocation for its text
 * failed): what is written after that must not stand alone. */
static void a_change_that_was_taken_back_writes_nothing(void **state) {
    struct bench b;
    struct before w = {0};
    struct store_run run = {.command = "op", .plugin_cpu_us = -1, .store_us = -1, .waiting_us = -1};
    char id[UUID_TEXT + 1];
    (void)state;
    make_before(&b, &w);
    assert_int_equal(bench_open(&b), 0);
    assert_int_equal(bench_begin(&b, &run), 0);
    assert_int_equal(sqlite3_exec(b.s->db.handle, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_stmt *st = db_prepare(&b.s->db, "UPDATE t_run SET undone = 99", &b.err);
    assert_int_equal(db_run(&b.s->db, st, &b.err), -(int)E_STORE);
    assert_non_null(strstr(b.err.message, "took the change back"));
    assert_int_equal(db_exec(&b.s->db, "UPDATE t_run SET undone = 99", &b.err), -(int)E_STORE);
    assert_int_equal(store_commit(b.s, &run, id, &b.err), -(int)E_STORE);
    assert_true(bench_state(&b) == w.state);
    assert_true(bench_sound(&b));
    b.n = 3;
    assert_int_equal(do_edit(&b), 0);
    mem_free(w.file.data);
    bench_end(&b);
    clock_freeze(-1);
}

/* ---- a disk without room, a store that may not be written ---------------------------------------------------------------- */

static void fill_up(struct bench *b, const char *word) {
    int done = 0;
    while (done < 5000 && bench_import(b, done + 10, 1) == 0) {
        done++;
        arena_clear(&b->arena);
    }
    assert_true(done < 5000);
    assert_int_equal(b->err.code, E_STORE);
    if (!strstr(b->err.message, word)) {
        fail_msg("'%s' does not say '%s'", b->err.message, word);
    }
    int64_t n = -1;
    assert_int_equal(db_int(&b->s->db, "SELECT count(*) FROM t_source", 0, &n, &b->err), 0);
    assert_int_equal(n, done);
    printf("# %s: %d imports, then '%s'\n", word, done, b->err.message);
}

static void a_small_disk_that_root_fills_up_loses_nothing(void **state) {
    struct bench b;
    (void)state;
    bench_init(&b);
    if (mount("none", b.folder, "tmpfs", 0, "size=3m")) {
        bench_end(&b);
        skip(); /* only root may mount one */
    }
    assert_int_equal(bench_open(&b), 0);
    fill_up(&b, "disk full");
    struct value v = value_nil;
    assert_int_equal(do_search(&b), 0);
    char file[128];
    snprintf(file, sizeof file, "%s/backup.db", b.folder);
    err_release(&b.err);
    assert_int_not_equal(keep_backup(b.path, file, &b.arena, &v, &b.err), 0);
    assert_int_not_equal(access(file, F_OK), 0); /* no half of a backup */
    bench_close(&b);
    char remount[] = "size=64m";
    assert_int_equal(mount("none", b.folder, "tmpfs", MS_REMOUNT, remount), 0);
    assert_int_equal(bench_open(&b), 0);
    assert_true(bench_sound(&b));
    assert_int_equal(bench_import(&b, 9000, 1), 0);
    bench_close(&b);
    assert_int_equal(umount(b.folder), 0);
    bench_end(&b);
}

static void a_store_that_may_not_be_written_can_be_read(void **state) {
    struct bench b;
    int status;
    (void)state;
    bench_init(&b);
    assert_int_equal(bench_open(&b), 0);
    assert_int_equal(bench_fill(&b), 0);
    bench_close(&b);
    pid_t pid = fork(); /* root may write anything */
    if (pid == 0) {
        bool root = geteuid() == 0;
        chmod(b.path, root ? 0444 : 0400);
        chmod(b.folder, root ? 0555 : 0500);
        if (root && (setgid(65534) || setuid(65534))) {
            _exit(9);
        }
        if (bench_open(&b)) {
            fprintf(stderr, "%s\n", b.err.message);
            _exit(1);
        }
        if (do_find(&b) || do_search(&b) || do_get(&b) || do_history(&b)) {
            fprintf(stderr, "%s\n", b.err.message);
            _exit(2);
        }
        bool told = do_edit(&b) == -(int)E_STORE && strstr(b.err.message, "read only");
        fprintf(stderr, "# read only: '%s'\n", b.err.message);
        _exit(told ? 0 : 3);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    chmod(b.folder, 0700);
    assert_int_equal(status, 0);
    bench_end(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_fails_is_said_and_nothing_is_torn),
        cmocka_unit_test(a_disk_that_lies_is_found_out),
        cmocka_unit_test(a_change_that_was_taken_back_writes_nothing),
        cmocka_unit_test(a_small_disk_that_root_fills_up_loses_nothing),
        cmocka_unit_test(a_store_that_may_not_be_written_can_be_read),
    };
    disk_install();
    return cmocka_run_group_tests_name("store fault", tests, NULL, NULL);
}
