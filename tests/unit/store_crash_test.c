/* kill -9 at any moment, and disks without room: what was acknowledged is there, whole, and nothing is damaged; a store that does not sync fails this.
 *
 * A child commits without end and says after each commit which one it was; the parent kills it at a random moment, opens the
 * store and looks at everything that was said. LECTERN_CRASHES sets how often (default 20).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "store/store_priv.h"
#include "store_folder.h"
#include "store_numbered.h"
#include "store_soundness.h"

enum { CRASHES = 20, CONTROL_CRASHES = 60 };

struct crash {
    char folder[64];
    char path[96];
    struct err err;
    struct arena arena;
};

static int set_up(void **state) {
    struct crash *c = mem_alloc(sizeof *c);
    err_init(&c->err);
    arena_init(&c->arena);
    folder_make(c->folder, false);
    snprintf(c->path, sizeof c->path, "%s/notes.db", c->folder);
    srand((unsigned)time(NULL));
    *state = c;
    return 0;
}

static void remove_store(struct crash *c) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char path[128];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s%s", c->path, ends[i]);
        unlink(path);
    }
}

static int tear_down(void **state) {
    struct crash *c = *state;
    remove_store(c);
    assert_int_equal(rmdir(c->folder), 0);
    err_release(&c->err);
    arena_release(&c->arena);
    mem_free(c);
    return 0;
}

static struct store *open_store(struct crash *c, bool unsafe) {
    struct store *s;
    struct store_options o = {.create = true, .migrate = true, .unsafe = unsafe};
    return store_open(c->path, &o, &s, &c->err) ? NULL : s;
}

/* ---- the child ------------------------------------------------------------------------------------------------------ */

static bool import_one(struct crash *c, struct store *s, int i) {
    return numbered_import(s, i, 1, &c->arena, &c->err) == 0;
}

/* Commits numbers FIRST, FIRST + 1 ... until it is killed. */
static void child(struct crash *c, int first, bool unsafe, int out) {
    struct store *s = open_store(c, unsafe);
    for (int i = first; s; i++) {
        if (!import_one(c, s, i) || write(out, &i, sizeof i) != sizeof i) {
            break;
        }
        arena_clear(&c->arena);
    }
    _exit(1);
}

/* ---- the parent ----------------------------------------------------------------------------------------------------- */

/* Start a child, kill it some milliseconds after its first commit. The last number it acknowledged, FIRST - 1 for none. */
static int crash_once(struct crash *c, int first, bool unsafe) {
    int fds[2];
    int last = first - 1;
    int i;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(fds[0]);
        child(c, first, unsafe, fds[1]);
    }
    close(fds[1]);
    if (read(fds[0], &i, sizeof i) == sizeof i) {
        last = i;
    }
    usleep((useconds_t)(2000 + rand() % 28000));
    kill(pid, SIGKILL);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status)); /* it never stopped of itself */
    while (read(fds[0], &i, sizeof i) == sizeof i) {
        last = i;
    }
    close(fds[0]);
    return last;
}

static bool ok_says(struct crash *c, struct store *s, const char *pragma) {
    struct err no;
    err_init(&no);
    sqlite3_stmt *st = db_prepare(&s->db, pragma, &no);
    bool ok = st && db_step(&s->db, st, &no) == 1 && strcmp(col_text(st, 0, NULL), "ok") == 0;
    db_finish(st);
    (void)c;
    return ok;
}

/* Everything up to LAST is there and reads as it was written; nothing is half there. */
static bool everything_is_there(struct crash *c, int last) {
    struct buf body = BUF_INIT;
    struct store *s = open_store(c, false);
    bool ok = s && ok_says(c, s, "PRAGMA integrity_check") &&
              db_exec(&s->db, "INSERT INTO fts(fts, rank) VALUES('integrity-check', 1)", &c->err) == 0;
    struct reader *r = ok ? store_reader_take(s) : NULL;
    for (int i = 1; i <= last && ok; i++) {
        char query[64];
        struct value page;
        snprintf(query, sizeof query, "title:\"note %d\"", i);
        struct find f = {.type = "note", .query = query, .limit = 300, .body = true};
        numbered_text(i, 1, &body);
        ok = read_find(r, &f, &c->arena, &page, &c->err) == 0;
        const struct value *items = value_get(&page, "items");
        bool found = false;
        for (size_t k = 0; ok && k < items->len; k++) {
            found = found || value_eqs(value_get(value_at(items, k), "body"), body.data);
        }
        ok = ok && found;
        arena_clear(&c->arena);
    }
    struct value checks;
    ok = ok && read_check(r, &c->arena, &checks, &c->err) == 0;
    for (size_t i = 0; ok && i < checks.len; i++) {
        ok = value_tobool(value_get(value_at(&checks, i), "ok"), false);
    }
    if (r) {
        store_reader_give(r);
    }
    store_close(s);
    buf_release(&body);
    return ok;
}

/* The newest number in the store: an acknowledgement may have been lost with the child, a commit not. */
static int newest(struct crash *c) {
    int64_t n = 0;
    struct store *s = open_store(c, false);
    assert_non_null(s);
    assert_int_equal(db_int(&s->db, "SELECT max(cast(substr(title, 6) AS INTEGER)) FROM t_note", 0, &n, &c->err), 0);
    store_close(s);
    return (int)n;
}

static void what_was_acknowledged_is_there_after_a_kill(void **state) {
    struct crash *c = *state;
    const char *text = getenv("LECTERN_CRASHES");
    int crashes = text ? atoi(text) : CRASHES;
    int last = 0;
    int acknowledged = 0;
    for (int i = 0; i < crashes; i++) {
        int told = crash_once(c, last + 1, false);
        acknowledged += told - last;
        assert_true(everything_is_there(c, told));
        last = newest(c);
        assert_true(last == told || last == told + 1);
    }
    assert_true(acknowledged >= crashes); /* the loop did work */
}

/* The same loop over a store that neither syncs nor keeps a journal on disk must see damage, or it sees nothing at all. */
static void without_a_journal_this_test_fails(void **state) {
    struct crash *c = *state;
    for (int i = 0; i < CONTROL_CRASHES; i++) {
        int told = crash_once(c, 1, true);
        bool whole = everything_is_there(c, told);
        remove_store(c);
        if (!whole) {
            return;
        }
    }
    fail_msg("%d kills in the middle of unsafe writing did no damage", CONTROL_CRASHES);
}

/* ---- no room ---------------------------------------------------------------------------------------------------------- */

static int64_t count_rows(struct crash *c, struct store *s) {
    int64_t n = -1;
    assert_int_equal(db_int(&s->db, "SELECT count(*) FROM t_note", 0, &n, &c->err), 0);
    return n;
}

/* Import until it fails; the number of those that worked. */
static int import_until_error(struct crash *c, struct store *s, int first, int most) {
    int done = 0;
    while (done < most && import_one(c, s, first + done)) {
        done++;
        arena_clear(&c->arena);
    }
    return done;
}

static void a_full_disk_loses_nothing_and_the_next_call_works(void **state) {
    struct crash *c = *state;
    struct store *s = open_store(c, false);
    char sql[64];
    int64_t pages;
    assert_int_equal(import_until_error(c, s, 1, 5), 5);
    assert_int_equal(db_int(&s->db, "PRAGMA page_count", 0, &pages, &c->err), 0);
    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %d", (int)pages + 12);
    assert_int_equal(db_exec(&s->db, sql, &c->err), 0);
    int more = import_until_error(c, s, 6, 1000);
    assert_true(more < 100);
    assert_int_equal(c->err.code, E_STORE);
    assert_non_null(strstr(c->err.message, "disk full"));
    assert_int_equal(count_rows(c, s), 5 + more);
    assert_int_equal(db_exec(&s->db, "PRAGMA max_page_count = 1000000", &c->err), 0);
    assert_int_equal(import_until_error(c, s, 6 + more, 3), 3);
    store_close(s);
    assert_true(everything_is_there(c, 8 + more));
}

static void a_file_that_may_not_grow_loses_nothing(void **state) {
    struct crash *c = *state;
    int fds[2];
    int done = 0;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit limit = {.rlim_cur = 512 * 1024, .rlim_max = 512 * 1024};
        signal(SIGXFSZ, SIG_IGN);
        struct store *s = open_store(c, false);
        setrlimit(RLIMIT_FSIZE, &limit);
        done = import_until_error(c, s, 1, 10000);
        bool told = c->err.code == E_STORE && c->err.message[0];
        _exit(write(fds[1], &done, sizeof done) == sizeof done && told ? 0 : 1);
    }
    int status;
    assert_int_equal(read(fds[0], &done, sizeof done), sizeof done);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(fds[0]);
    close(fds[1]);
    assert_in_range(done, 1, 9999);
    assert_true(everything_is_there(c, done));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_acknowledged_is_there_after_a_kill, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_journal_this_test_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_loses_nothing_and_the_next_call_works, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_may_not_grow_loses_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("store crash", tests, NULL, NULL);
}
