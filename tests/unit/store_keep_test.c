/* Keeping a store: backups while others write, restoring, dumps that come back byte for byte and refuse what is not sound,
 * stores and dumps of every released schema, and repair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/path.h"
#include "store/functions_priv.h"
#include "store/keep_priv.h"
#include "store_commands.h"
#include "store_disk.h"

static int set_up(void **state) {
    struct bench *b = mem_alloc(sizeof *b);
    clock_freeze(1767225600000);
    bench_init(b);
    assert_int_equal(bench_open(b), 0);
    assert_int_equal(bench_fill(b), 0);
    for (b->n = 0; b->n < 12; b->n++) {
        assert_int_equal(commands[b->n].run(b), 0);
    }
    *state = b;
    return 0;
}

static int tear_down(void **state) {
    struct bench *b = *state;
    bench_end(b);
    mem_free(b);
    clock_freeze(-1);
    return 0;
}

static char *file_in(struct bench *b, const char *name) {
    return arena_printf(&b->arena, "%s/%s", b->folder, name);
}

static void must(struct bench *b, int rc) {
    if (rc) {
        fail_msg("%s (%s)", b->err.message, b->err.hint);
    }
}

static void dump_into(struct bench *b, const char *path, struct buf *out) {
    int64_t rows;
    buf_clear(out);
    must(b, keep_dump(path, bench_collect, out, &rows, &b->err));
}

static int load_text(struct bench *b, const char *store, const char *text, size_t n) {
    struct value report;
    char *file = file_in(b, "load.jsonl");
    int fd = open(file, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, text, n), (ssize_t)n);
    lseek(fd, 0, SEEK_SET);
    err_release(&b->err);
    int rc = keep_load(store, fd, "d.jsonl", &b->arena, &report, &b->err);
    close(fd);
    return rc;
}

/* ---- backups ------------------------------------------------------------------------------------------------------------- */

struct writer {
    struct bench *b;
    atomic_bool stop;
    int done;
};

static void *write_on(void *ctx) {
    struct writer *w = ctx;
    while (!atomic_load(&w->stop) && bench_import(w->b, 1000 + w->done, 1) == 0) {
        w->done++;
    }
    return NULL;
}

/* Each backup is a moment of the store: as many sources as had been acknowledged at some time between start and end. */
static void backups_are_made_while_writing_goes_on(void **state) {
    struct bench *b = *state;
    struct writer w = {.b = b};
    struct arena own = ARENA_INIT;
    struct err err;
    struct value report;
    pthread_t thread;
    char *file = file_in(b, "backup.db");
    char *store = arena_strdup(&own, b->path);
    int64_t last = 0;
    err_init(&err);
    file = arena_strdup(&own, file);
    assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
    for (int i = 0; i < 8; i++) {
        struct db db;
        int64_t n = -1;
        if (keep_backup(store, file, &own, &report, &err)) {
            fail_msg("%s", err.message);
        }
        assert_int_equal(keep_open(&db, file, SQLITE_OPEN_READONLY, &err), 0);
        assert_int_equal(db_int(&db, "SELECT count(*) FROM t_source", 0, &n, &err), 0);
        assert_true(n >= last);
        last = n;
        db_close(&db);
    }
    atomic_store(&w.stop, true);
    pthread_join(thread, NULL);
    assert_true(w.done > 8);
    assert_true(last > 5);
    printf("# 8 backups beside %d imports\n", w.done);
    assert_true(bench_sound(b));
    arena_release(&own);
    err_release(&err);
}

static void a_backup_comes_back_and_the_old_store_is_kept(void **state) {
    struct bench *b = *state;
    struct value report;
    char *file = file_in(b, "backup.db");
    must(b, keep_backup(b->path, file, &b->arena, &report, &b->err));
    uint64_t then = bench_state(b);
    must(b, do_edit(b));
    uint64_t now = bench_state(b);
    assert_true(then != now);
    store_changed_elsewhere(b->s);
    must(b, keep_restore(b->path, file, false, &b->arena, &report, &b->err)); /* beside open connections */
    assert_true(bench_state(b) == then);
    assert_true(store_changed_elsewhere(b->s));
    must(b, do_find(b));
    must(b, do_tag(b)); /* they go on with the new content */
    assert_true(bench_sound(b));
    struct bench old = {.arena = ARENA_INIT};
    err_init(&old.err);
    snprintf(old.path, sizeof old.path, "%s", value_cstr(value_get(&report, "kept"), ""));
    assert_true(bench_state(&old) == now);
    arena_release(&old.arena);
}

static void what_is_no_backup_is_refused(void **state) {
    struct bench *b = *state;
    struct value report;
    char *file = file_in(b, "text.txt");
    uint64_t then = bench_state(b);
    assert_int_equal(path_write_atomic(file, "hello", 5, 0600, &b->err), 0);
    assert_int_equal(keep_restore(b->path, file, true, &b->arena, &report, &b->err), -(int)E_DATA);
    assert_int_equal(keep_restore(b->path, file_in(b, "none"), true, &b->arena, &report, &b->err), -(int)E_INPUT);
    assert_int_equal(keep_restore(b->path, b->path, true, &b->arena, &report, &b->err), -(int)E_USAGE);
    assert_int_equal(keep_backup(b->path, file, &b->arena, &report, &b->err), -(int)E_OUTPUT);
    assert_int_equal(keep_backup(b->path, b->path, &b->arena, &report, &b->err), -(int)E_USAGE);
    must(b, keep_backup(b->path, file_in(b, "new.db"), &b->arena, &report, &b->err));
    struct db db;
    assert_int_equal(keep_open(&db, file_in(b, "new.db"), SQLITE_OPEN_READWRITE, &b->err), 0);
    assert_int_equal(db_exec(&db, "PRAGMA user_version = 9999", &b->err), 0);
    db_close(&db);
    assert_int_equal(keep_restore(b->path, file_in(b, "new.db"), true, &b->arena, &report, &b->err), -(int)E_CONFIG);
    assert_true(bench_state(b) == then);
}

/* ---- dumps --------------------------------------------------------------------------------------------------------------- */

static void a_dump_comes_back_byte_for_byte(void **state) {
    struct bench *b = *state;
    struct buf one = BUF_INIT;
    struct buf two = BUF_INIT;
    char *second = file_in(b, "second.db");
    dump_into(b, b->path, &one);
    assert_non_null(strstr(one.data, "\"table\":\"state\""));
    assert_non_null(strstr(one.data, "\"table\":\"journal\""));
    must(b, load_text(b, second, one.data, one.len));
    dump_into(b, second, &two);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    int64_t checks;
    must(b, keep_verify(second, &checks, &b->err));
    assert_int_equal(load_text(b, second, one.data, one.len), -(int)E_USAGE); /* not empty any more */
    buf_release(&one);
    buf_release(&two);
}

static void refused_dump(struct bench *b, const char *text, size_t n, const char *part) {
    char *file = file_in(b, "third.db");
    assert_int_equal(load_text(b, file, text, n), -(int)E_DATA);
    if (!strstr(b->err.message, part)) {
        fail_msg("'%s' does not say '%s'", b->err.message, part);
    }
    assert_int_not_equal(access(file, F_OK), 0); /* nothing is left behind */
}

#define HEAD "{\"lectern\":\"dump\",\"format\":1,\"schema\":1}\n"
static void lines_of_strangers_are_refused_by_number(void **state) {
    struct bench *b = *state;
    static const char *const rows[][2] = {
        {"", "d.jsonl:1: this is no dump"},
        {"hello\n", "d.jsonl:1: no JSON"},
        {"{}\n", "d.jsonl:1: this is no dump"},
        {HEAD, "d.jsonl:2: the dump ends here without its end"},
        {HEAD "[]\n", "d.jsonl:2: not a JSON object"},
        {HEAD "{\"end\":true,\"rows\":1}\n", "another number of rows"},
        {HEAD "{\"end\":true,\"rows\":0}\n{}\n", "d.jsonl:3: something follows the end"},
        {HEAD "{\"table\":\"sqlite_schema\",\"row\":{}}\n", "there is no table 'sqlite_schema'"},
        {HEAD "{\"table\":\"fts_data\",\"row\":{}}\n", "there is no table 'fts_data'"},
        {HEAD "{\"table\":\"t_tag\",\"row\":{\"id\":1,\"nme\":\"x\"}}\n", "'t_tag' has no column 'nme'"},
        {HEAD "{\"table\":\"t_tag\",\"row\":{\"id\":1}}\n", "'name' is missing"},
        {HEAD "{\"table\":\"t_tag\",\"row\":{\"id\":\"1\",\"name\":\"x\"}}\n", "'id' cannot be a string"},
        {HEAD "{\"table\":\"t_tag\",\"row\":{\"id\":1,\"name\":{\"hex\":\"0g\"}}}\n", "hex digits"},
        {HEAD "{\"table\":\"t_tag\",\"row\":{\"id\":1,\"name\":\"x\"}}\n{\"table\":\"t_tag\",\"row\":{\"id\":1,"
              "\"name\":\"y\"}}\n",
         "d.jsonl:3: something else has that already"},
        {HEAD "{\"table\":\"tagging\",\"row\":{\"n\":1,\"tag\":1}}\n{\"end\":true,\"rows\":1}\n",
         "tags: 1 without a name, or on nothing"},
        {HEAD "{\"table\":\"state\",\"row\":{\"plugin\":\"p\",\"key\":\"k\",\"value\":{\"hex\":\"c1\"}}}\n{\"end\":"
              "true,\"rows\":1}\n",
         "packed: 1 of 1 cannot be unpacked"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        refused_dump(b, rows[i][0], strlen(rows[i][0]), rows[i][1]);
    }
}

/* A dump with bytes changed at random is refused, or is another sound store; it never does harm. */
static void noise_in_a_dump_does_no_harm(void **state) {
    struct bench *b = *state;
    struct buf one = BUF_INIT;
    unsigned seed = 7;
    int loaded = 0;
    uint64_t then = bench_state(b);
    dump_into(b, b->path, &one);
    char *copy = mem_alloc(one.len);
    for (int i = 0; i < 150; i++) {
        size_t n = one.len;
        int64_t checks;
        memcpy(copy, one.data, n);
        for (int k = rand_r(&seed) % 4; k >= 0; k--) {
            copy[(size_t)rand_r(&seed) % n] = (char)(rand_r(&seed) % 4 ? ' ' + rand_r(&seed) % 90 : rand_r(&seed));
        }
        char *file = file_in(b, "noise.db");
        int rc = load_text(b, file, copy, i % 10 == 9 ? (size_t)rand_r(&seed) % n : n);
        assert_true(rc == 0 || rc == -(int)E_DATA || rc == -(int)E_CONFIG);
        assert_true(rc == 0 || b->err.message[0]);
        if (rc == 0) {
            loaded++;
            must(b, keep_verify(file, &checks, &b->err));
        }
        keep_unlink(file);
        arena_clear(&b->arena);
    }
    printf("# 150 noisy dumps: %d were sound all the same\n", loaded);
    assert_true(loaded < 150);
    assert_true(bench_state(b) == then);
    mem_free(copy);
    buf_release(&one);
}

/* ---- released schemas ---------------------------------------------------------------------------------------------------- */

static bool readable(const char *path) {
    return access(path, R_OK) == 0;
}

/* tests/unit/schema_N.sql and .jsonl: a store and its dump as they were when schema N was released. 0: not frozen. */
static char *released(struct bench *b, int schema, const char *form) {
    char *name = arena_printf(&b->arena, "tests/unit/schema_%d.%s", schema, form);
    return readable(name) ? name : NULL;
}

static void make_released(struct bench *b, const char *file, const char *path) {
    struct buf sql = BUF_INIT;
    sqlite3 *h;
    must(b, path_read(file, &sql, 1 << 24, &b->err));
    assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
    assert_int_equal(functions_add(h), SQLITE_OK); /* the search index cuts words in a way of its own */
    if (sqlite3_exec(h, sql.data, NULL, NULL, NULL)) {
        fail_msg("%s: %s", file, sqlite3_errmsg(h));
    }
    sqlite3_close(h);
    buf_release(&sql);
}

static int64_t asked(struct bench *b, const char *path, const char *sql) {
    struct db db;
    int64_t n = -1;
    must(b, keep_open(&db, path, SQLITE_OPEN_READONLY, &b->err));
    must(b, db_int(&db, sql, -1, &n, &b->err));
    db_close(&db);
    return n;
}

/* One that is older is copied before it is changed, whole and as it was. */
static void the_copy_is_the_old_one(struct bench *b, const char *path, int schema) {
    static const char texts[] = "SELECT total(length(body)) FROM note_rev";
    char *copy = arena_printf(&b->arena, "%s.schema-%d", path, schema);
    assert_int_equal(readable(copy), schema < store_schema());
    if (schema < store_schema()) {
        assert_int_equal(asked(b, copy, "PRAGMA user_version"), schema);
        assert_true(asked(b, copy, texts) > 0);
        assert_int_equal(asked(b, copy, texts), asked(b, path, texts));
    }
}

/* Brought up to date or loaded from its dump: the same store, sound, and found by its words. */
static void stores_of_every_released_schema_are_brought_up_to_date(void **state) {
    struct bench *b = *state;
    int found = 0;
    for (int schema = 1; schema <= store_schema(); schema++) {
        struct bench old = {.arena = ARENA_INIT};
        struct buf opened = BUF_INIT;
        struct buf loaded = BUF_INIT;
        struct buf dump = BUF_INIT;
        struct value v;
        char *text = released(b, schema, "sql");
        char *lines = released(b, schema, "jsonl");
        if (!text) {
            continue; /* not released yet */
        }
        found++;
        err_init(&old.err);
        snprintf(old.path, sizeof old.path, "%.60s/old-%d.db", b->folder, schema);
        make_released(b, text, old.path);
        assert_int_equal(bench_open(&old), 0);
        assert_true(bench_sound(&old));
        the_copy_is_the_old_one(b, old.path, schema);
        must(&old, read_search(old.r, "crystal", 5, &old.arena, &v, &old.err));
        assert_int_equal(v.len, schema == 1 ? 1 : 2);
        must(&old, read_conflicts(old.r, NULL, &old.arena, &v, &old.err));
        assert_int_equal(v.len, 1);
        bench_close(&old);
        dump_into(b, old.path, &opened);
        char *file = arena_printf(&b->arena, "%s/beside-%d.db", b->folder, schema);
        must(b, path_read(lines, &dump, 1 << 24, &b->err));
        must(b, load_text(b, file, dump.data, dump.len));
        dump_into(b, file, &loaded);
        assert_string_equal(opened.data, loaded.data);
        arena_release(&old.arena);
        buf_release(&opened);
        buf_release(&loaded);
        buf_release(&dump);
    }
    assert_int_equal(found, 3);
}

/* What was done before the schema changed, a tag and a merging of two people here, is taken back after it. */
static void runs_of_an_older_schema_are_undone(void **state) {
    struct bench *b = *state;
    struct bench old = {.arena = ARENA_INIT};
    struct store_run run = {.command = "undo", .started_ms = 1};
    struct value done;
    char id[UUID_TEXT + 1];
    err_init(&old.err);
    snprintf(old.path, sizeof old.path, "%.60s/undone.db", b->folder);
    make_released(b, released(b, 2, "sql"), old.path);
    assert_int_equal(bench_open(&old), 0);
    int64_t before = asked(b, old.path, "SELECT count(*) FROM tagging");
    must(&old, store_begin(old.s, &run, &old.err));
    must(&old, store_undo(old.s, "2dded962-1f61-4eb0-8fd7-875e267fd76d", &old.arena, &done, &old.err));
    must(&old, store_undo(old.s, "b35ec34e-ffbe-4fce-81e3-0aa91f32661f", &old.arena, &done, &old.err));
    must(&old, store_commit(old.s, &run, id, &old.err));
    assert_true(bench_sound(&old));
    assert_int_equal(asked(b, old.path, "SELECT count(*) FROM tagging"), before - 1);
    assert_int_equal(asked(b, old.path, "SELECT count(*) FROM person WHERE name = 'M. Lindt'"), 1);
    bench_close(&old);
    arena_release(&old.arena);
}

static void dumps_of_every_released_schema_can_be_loaded(void **state) {
    struct bench *b = *state;
    for (int schema = 1; schema <= store_schema(); schema++) {
        struct buf text = BUF_INIT;
        struct buf again = BUF_INIT;
        char *name = released(b, schema, "jsonl");
        char *file = arena_printf(&b->arena, "%s/loaded-%d.db", b->folder, schema);
        if (!name) {
            continue;
        }
        must(b, path_read(name, &text, 1 << 24, &b->err));
        must(b, load_text(b, file, text.data, text.len));
        dump_into(b, file, &again);
        if (schema == store_schema()) {
            assert_int_equal(text.len, again.len);
            assert_memory_equal(text.data, again.data, text.len);
        }
        buf_release(&text);
        buf_release(&again);
    }
}

static void a_copy_is_made_before_the_schema_changes(void **state) {
    struct bench *b = *state;
    struct bench copy = {.arena = ARENA_INIT};
    err_init(&copy.err);
    must(b, keep_before_migration(&b->s->db, 1, &b->err));
    snprintf(copy.path, sizeof copy.path, "%.80s.schema-1", b->path);
    assert_true(bench_state(&copy) == bench_state(b));
    arena_release(&copy.arena);
}

/* ---- given up ------------------------------------------------------------------------------------------------------------ */

static atomic_bool enough;

static void *soon(void *ctx) {
    usleep(*(useconds_t *)ctx);
    atomic_store(&enough, true);
    return NULL;
}

static int entries(const char *folder) {
    int n = 0;
    DIR *d = opendir(folder);
    while (readdir(d)) {
        n++;
    }
    closedir(d);
    return n;
}

/* Whenever it is stopped: all of it was done, or nothing, and no file is left beside. */
static void whatever_is_given_up_leaves_nothing(void **state) {
    struct bench *b = *state;
    struct value report;
    struct buf dump = BUF_INIT;
    char *backup = file_in(b, "backup.db");
    char *loaded = file_in(b, "loaded.db");
    int stopped = 0;
    int done = 0;
    for (int i = 300; i < 360; i++) {
        must(b, bench_import(b, i, 1));
    }
    dump_into(b, b->path, &dump);
    uint64_t took = clock_mono_us();
    must(b, load_text(b, loaded, dump.data, dump.len)); /* leaves its input, which stays */
    took = clock_mono_us() - took;
    keep_unlink(loaded);
    uint64_t then = bench_state(b);
    int before = entries(b->folder);
    for (useconds_t i = 0; i < 60; i++) {
        pthread_t thread;
        useconds_t wait = i < 50 ? (useconds_t)(i * took / 50) : (useconds_t)took * 20;
        atomic_store(&enough, i == 0);
        assert_int_equal(pthread_create(&thread, NULL, soon, &wait), 0);
        keep_heed(&enough);
        int rc = i % 2 ? keep_backup(b->path, backup, &b->arena, &report, &b->err)
                       : load_text(b, loaded, dump.data, dump.len);
        keep_heed(NULL);
        pthread_join(thread, NULL);
        assert_true(rc == 0 || rc == -(int)E_CANCELLED);
        stopped += rc != 0;
        done += rc == 0;
        assert_int_equal(readable(i % 2 ? backup : loaded), rc == 0);
        keep_unlink(backup);
        keep_unlink(loaded);
        assert_int_equal(entries(b->folder), before);
        err_release(&b->err);
    }
    assert_true(stopped > 3 && done > 3);
    assert_true(bench_state(b) == then);
    buf_release(&dump);
}

/* ---- repair -------------------------------------------------------------------------------------------------------------- */

/* Overwrite page NO; the log is in the file by then. */
static void break_page(struct bench *b, int64_t no) {
    char nothing[8192] = {0};
    bench_close(b);
    int fd = open(b->path, O_WRONLY);
    assert_int_equal(pwrite(fd, nothing, sizeof nothing, (no - 1) * 8192), sizeof nothing);
    close(fd);
}

static int64_t page_of(struct bench *b, const char *table) {
    int64_t no = 0;
    sqlite3_stmt *st = db_prepare(&b->s->db, "SELECT rootpage FROM sqlite_schema WHERE name = ?1", &b->err);
    bind_str(st, 1, table);
    assert_int_equal(db_step(&b->s->db, st, &b->err), 1);
    no = col_int(st, 0);
    db_finish(st);
    return no;
}

/* The root of the texts is gone, but not its leaves: each text is found again by looking at every page. */
static void texts_are_found_without_their_tree(void **state) {
    struct bench *b = *state;
    struct value report;
    int64_t before = 0;
    int64_t after = -1;
    for (int i = 300; i < 340; i++) { /* more than a page of them */
        must(b, bench_import(b, i, 1));
    }
    must(b, db_int(&b->s->db, "SELECT total(length(body)) FROM note_rev", 0, &before, &b->err));
    break_page(b, page_of(b, "note_rev"));
    must(b, keep_repair(b->path, true, &b->arena, &report, &b->err));
    assert_true(value_tobool(value_get(&report, "repaired"), false));
    assert_true(readable(value_cstr(value_get(&report, "kept"), "")));
    assert_int_equal(bench_open(b), 0);
    must(b, db_int(&b->s->db, "SELECT total(length(body)) FROM note_rev", 0, &after, &b->err));
    assert_int_equal(before, after);
    assert_true(bench_sound(b));
}

/* Rows that stand in the wrong order are seen in passing, but not found by their number. */
static void sources_out_of_order_are_repaired(void **state) {
    struct bench *b = *state;
    struct value report;
    unsigned char page[8192];
    unsigned char cell[2];
    off_t at = (page_of(b, "t_source") - 1) * (off_t)sizeof page;
    bench_close(b);
    int fd = open(b->path, O_RDWR);
    assert_int_equal(pread(fd, page, sizeof page, at), sizeof page);
    assert_int_equal(page[0], 0x0d); /* a leaf */
    int cells = page[3] << 8 | page[4];
    assert_true(cells > 2);
    unsigned char *last = page + 8 + 2 * (cells - 1);
    memcpy(cell, page + 8, 2);
    memcpy(page + 8, last, 2);
    memcpy(last, cell, 2);
    assert_int_equal(pwrite(fd, page, sizeof page, at), sizeof page);
    close(fd);
    must(b, keep_repair(b->path, true, &b->arena, &report, &b->err));
    assert_true(value_tobool(value_get(&report, "repaired"), false));
    assert_int_equal(bench_open(b), 0);
    assert_true(bench_sound(b));
}

/* A backup put by hand where the store was is no log-writing store yet; it can be replaced all the same. */
static void a_backup_in_the_place_of_the_store_is_repaired(void **state) {
    struct bench *b = *state;
    struct value report;
    sqlite3 *h;
    bench_close(b);
    assert_int_equal(sqlite3_open(b->path, &h), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h, "PRAGMA journal_mode = DELETE; DELETE FROM t_run", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(h);
    must(b, keep_repair(b->path, true, &b->arena, &report, &b->err));
    assert_true(value_tobool(value_get(&report, "repaired"), false));
    assert_int_equal(bench_open(b), 0);
    assert_true(bench_sound(b));
}

static void a_sound_store_is_not_repaired(void **state) {
    struct bench *b = *state;
    struct value report;
    uint64_t then = bench_state(b);
    must(b, keep_repair(b->path, true, &b->arena, &report, &b->err));
    assert_false(value_tobool(value_get(&report, "repaired"), true));
    assert_true(bench_state(b) == then);
}

/* A backup is no backup when what was copied is damaged. */
static void a_damaged_store_gives_no_backup(void **state) {
    struct bench *b = *state;
    struct value report;
    break_page(b, page_of(b, "journal"));
    assert_int_equal(keep_backup(b->path, file_in(b, "backup.db"), &b->arena, &report, &b->err), -(int)E_STORE);
    assert_non_null(strstr(b->err.hint, "doctor --repair"));
    assert_false(readable(file_in(b, "backup.db")));
}

#define KEEPS(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        KEEPS(backups_are_made_while_writing_goes_on),
        KEEPS(a_backup_comes_back_and_the_old_store_is_kept),
        KEEPS(what_is_no_backup_is_refused),
        KEEPS(a_dump_comes_back_byte_for_byte),
        KEEPS(lines_of_strangers_are_refused_by_number),
        KEEPS(noise_in_a_dump_does_no_harm),
        KEEPS(stores_of_every_released_schema_are_brought_up_to_date),
        KEEPS(runs_of_an_older_schema_are_undone),
        KEEPS(dumps_of_every_released_schema_can_be_loaded),
        KEEPS(a_copy_is_made_before_the_schema_changes),
        KEEPS(whatever_is_given_up_leaves_nothing),
        KEEPS(texts_are_found_without_their_tree),
        KEEPS(sources_out_of_order_are_repaired),
        KEEPS(a_backup_in_the_place_of_the_store_is_repaired),
        KEEPS(a_sound_store_is_not_repaired),
        KEEPS(a_damaged_store_gives_no_backup),
    };
    return cmocka_run_group_tests_name("store keep", tests, NULL, NULL);
}
