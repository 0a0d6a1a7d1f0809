/* Opening: what is made, what is refused untouched, how many may be there at once, and what a small state holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/path.h"
#include "store_sample.h"

struct place {
    char folder[64];
    char path[96];
    struct err err;
    struct arena arena;
};

static int set_up(void **state) {
    struct place *p = mem_alloc(sizeof *p);
    err_init(&p->err);
    arena_init(&p->arena);
    folder_make(p->folder, false);
    snprintf(p->path, sizeof p->path, "%s/notes.db", p->folder);
    *state = p;
    return 0;
}

static int tear_down(void **state) {
    struct place *p = *state;
    char command[256];
    snprintf(command, sizeof command, "chmod -R u+w %s; rm -r %s", p->folder, p->folder);
    assert_int_equal(system(command), 0);
    err_release(&p->err);
    arena_release(&p->arena);
    mem_free(p);
    return 0;
}

static struct store *must_open(struct place *p, struct store_options o) {
    struct store *s;
    if (store_open(p->path, &o, &s, &p->err)) {
        fail_msg("%s", p->err.message);
    }
    return s;
}

static void refused(struct place *p, struct store_options o, enum err_code code, const char *part) {
    struct store *s;
    assert_int_equal(store_open(p->path, &o, &s, &p->err), -(int)code);
    assert_null(s);
    if (!strstr(p->err.message, part)) {
        fail_msg("'%s' does not say '%s'", p->err.message, part);
    }
}

static void write_file(const char *path, const void *bytes, size_t n) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

static void read_file(struct place *p, const char *path, struct buf *out) {
    buf_clear(out);
    assert_int_equal(path_read(path, out, 1 << 26, &p->err), 0);
}

/* Put VALUE, big endian, at byte AT of the header. */
static void poke(const char *path, off_t at, uint32_t value) {
    unsigned char b[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16), (unsigned char)(value >> 8),
                          (unsigned char)value};
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, b, sizeof b, at), sizeof b);
    close(fd);
}

static void count_files(const struct place *p, const char *wanted) {
    char command[160];
    char names[256] = "";
    snprintf(command, sizeof command, "ls %s | tr '\\n' ' '", p->folder);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    assert_non_null(fgets(names, sizeof names, f));
    pclose(f);
    assert_string_equal(names, wanted);
}

static void add_note(struct place *p, struct store *s, const char *title) {
    struct store_run run = {.command = "test", .plugin_cpu_us = -1, .store_us = -1, .waiting_us = -1};
    char id[UUID_TEXT + 1];
    struct value done = value_array(&p->arena, 1);
    struct value body = value_map(&p->arena, 2);
    value_set(&p->arena, &body, "title", value_lit(title));
    value_set(&p->arena, &body, "body", value_lit("text"));
    struct op op = {.kind = OP_PUT, .entity = ENTITY_NOTE, .id = uuid4(), .base_rev = -1, .body = &body};
    assert_int_equal(store_begin(s, &run, &p->err), 0);
    assert_int_equal(store_apply(s, &op, 1, &p->arena, &done, &p->err), 0);
    assert_int_equal(store_commit(s, &run, id, &p->err), 0);
    assert_int_equal(strlen(id), UUID_TEXT);
}

static int64_t count_notes(struct place *p, struct store *s) {
    struct reader *r = store_reader_take(s);
    struct find f = {.type = "note", .limit = -1};
    struct value page;
    int rc = read_find(r, &f, &p->arena, &page, &p->err);
    store_reader_give(r);
    if (rc) {
        fail_msg("%s", p->err.message);
    }
    return value_get(&page, "items")->len;
}

/* ---- making ------------------------------------------------------------------------------------------------------- */

static void missing_is_refused_unless_made(void **state) {
    struct place *p = *state;
    refused(p, (struct store_options){.migrate = true}, E_INPUT, "there is no store");
    assert_int_equal(access(p->path, F_OK), -1);
}

static void made_whole_with_folders_and_nothing_else(void **state) {
    struct place *p = *state;
    struct stat st;
    snprintf(p->path, sizeof p->path, "%s/a/b/notes.db", p->folder);
    struct store *s = must_open(p, (struct store_options){.create = true});
    add_note(p, s, "first");
    store_close(s);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    char folder[96];
    snprintf(folder, sizeof folder, "%s/a", p->folder);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    snprintf(p->folder + strlen(p->folder), 8, "/a/b");
    count_files(p, "notes.db ");
    p->folder[strlen(p->folder) - 4] = '\0';
    s = must_open(p, (struct store_options){0});
    assert_int_equal(count_notes(p, s), 1);
    store_close(s);
}

static void empty_file_becomes_a_store(void **state) {
    struct place *p = *state;
    write_file(p->path, "", 0);
    struct store *s = must_open(p, (struct store_options){0});
    add_note(p, s, "x");
    store_close(s);
}

static void name_is_never_a_uri(void **state) {
    struct place *p = *state;
    char cwd[512];
    struct store *s;
    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_int_equal(chdir(p->folder), 0);
    int rc = store_open("file:x.db?mode=memory", &(struct store_options){.create = true}, &s, &p->err);
    assert_int_equal(chdir(cwd), 0);
    assert_int_equal(rc, 0);
    add_note(p, s, "x");
    store_close(s);
    count_files(p, "file:x.db?mode=memory ");
}

/* ---- refusing ----------------------------------------------------------------------------------------------------- */

static void must_stay_untouched(struct place *p, struct store_options o, enum err_code code, const char *part) {
    struct buf before = BUF_INIT;
    struct buf after = BUF_INIT;
    read_file(p, p->path, &before);
    refused(p, o, code, part);
    read_file(p, p->path, &after);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.data, after.data, before.len);
    count_files(p, "notes.db ");
    buf_release(&before);
    buf_release(&after);
}

static void what_is_no_store_is_left_alone(void **state) {
    struct place *p = *state;
    struct store_options all = {.create = true, .migrate = true};
    char text[4096];
    memset(text, 'x', sizeof text);
    write_file(p->path, "short", 5);
    must_stay_untouched(p, all, E_STORE, "is no lectern store");
    write_file(p->path, text, sizeof text);
    must_stay_untouched(p, all, E_STORE, "is no lectern store");
    memcpy(text, "SQLite format 3", 16); /* somebody else's database */
    write_file(p->path, text, sizeof text);
    must_stay_untouched(p, all, E_STORE, "is no lectern store");
    assert_int_equal(unlink(p->path), 0);
    assert_int_equal(mkdir(p->path, 0700), 0);
    refused(p, all, E_STORE, "not a regular file");
}

static void newer_schema_is_refused_with_both_numbers(void **state) {
    struct place *p = *state;
    char wanted[64];
    store_close(must_open(p, (struct store_options){.create = true}));
    poke(p->path, 60, (uint32_t)store_schema() + 41);
    snprintf(wanted, sizeof wanted, "has schema %d, this lectern knows up to %d", store_schema() + 41, store_schema());
    must_stay_untouched(p, (struct store_options){.create = true, .migrate = true}, E_CONFIG, wanted);
}

static void damage_is_an_error_never_a_crash(void **state) {
    struct place *p = *state;
    struct buf whole = BUF_INIT;
    struct store *s = must_open(p, (struct store_options){.create = true});
    for (int i = 0; i < 20; i++) {
        add_note(p, s, "a title");
    }
    store_close(s);
    read_file(p, p->path, &whole);
    srand(7);
    for (int round = 0; round < 60; round++) {
        struct buf bad = BUF_INIT;
        buf_add(&bad, whole.data, whole.len);
        for (int i = 0; i < 40; i++) {
            bad.data[100 + (size_t)rand() % (bad.len - 100)] = (char)rand();
        }
        write_file(p->path, bad.data, round % 3 ? bad.len : bad.len / 2);
        buf_release(&bad);
        if (store_open(p->path, &(struct store_options){.migrate = true}, &s, &p->err) == 0) {
            struct store_run run = {.command = "test"};
            char id[UUID_TEXT + 1];
            struct value body = value_map(&p->arena, 1);
            struct value done = value_array(&p->arena, 1);
            value_set(&p->arena, &body, "title", value_lit("x"));
            struct op op = {.kind = OP_PUT, .entity = ENTITY_NOTE, .id = uuid4(), .base_rev = -1, .body = &body};
            if (store_begin(s, &run, &p->err) == 0) {
                if (store_apply(s, &op, 1, &p->arena, &done, &p->err) == 0) {
                    store_commit(s, &run, id, &p->err);
                } else {
                    store_rollback(s);
                }
            }
            store_close(s);
        }
        char command[256];
        snprintf(command, sizeof command, "rm -f %s-wal %s-shm", p->path, p->path);
        assert_int_equal(system(command), 0);
    }
    buf_release(&whole);
}

static void read_only_says_the_way_out(void **state) {
    struct place *p = *state;
    store_close(must_open(p, (struct store_options){.create = true}));
    if (geteuid() == 0) { /* nothing is read only for root: ask for a folder that cannot be made instead */
        snprintf(p->path, sizeof p->path, "/proc/lectern/notes.db");
        struct store *s;
        assert_int_not_equal(store_open(p->path, &(struct store_options){.create = true}, &s, &p->err), 0);
        assert_string_not_equal(p->err.message, "");
        return;
    }
    assert_int_equal(chmod(p->path, 0400), 0);
    struct store *s = must_open(p, (struct store_options){0});
    struct store_run run = {.command = "test"};
    assert_int_equal(store_begin(s, &run, &p->err), -(int)E_STORE);
    assert_non_null(strstr(p->err.hint, "permissions"));
    store_close(s);
}

/* ---- several at once ---------------------------------------------------------------------------------------------- */

static void two_hosts_take_turns(void **state) {
    struct place *p = *state;
    struct store_run run = {.command = "test"};
    struct store *a = must_open(p, (struct store_options){.create = true});
    struct store *b = must_open(p, (struct store_options){0});
    assert_false(store_changed_elsewhere(a));
    add_note(p, b, "from b");
    assert_true(store_changed_elsewhere(a));
    assert_false(store_changed_elsewhere(a));
    add_note(p, a, "from a");
    assert_false(store_changed_elsewhere(a));
    assert_int_equal(count_notes(p, a), 2);
    assert_int_equal(count_notes(p, b), 2);
    assert_int_equal(store_begin(a, &run, &p->err), 0);
    uint64_t start = clock_mono_us();
    assert_int_equal(store_begin(b, &run, &p->err), -(int)E_BUSY);
    uint64_t waited = clock_mono_us() - start;
    assert_in_range(waited, 4000000, 9000000);
    assert_non_null(strstr(p->err.message, "is busy"));
    store_rollback(a);
    add_note(p, b, "after the wait");
    assert_int_equal(count_notes(p, a), 3);
    store_close(a);
    store_close(b);
}

static void many_make_it_at_once_and_one_store_results(void **state) {
    struct place *p = *state;
    enum { MAKERS = 6 };
    pid_t pids[MAKERS];
    for (int i = 0; i < MAKERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct store *s = must_open(p, (struct store_options){.create = true, .migrate = true});
            add_note(p, s, "one of six");
            store_close(s);
            _exit(0);
        }
    }
    for (int i = 0; i < MAKERS; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    struct store *s = must_open(p, (struct store_options){0});
    assert_int_equal(count_notes(p, s), MAKERS);
    store_close(s);
    count_files(p, "notes.db ");
}

struct waiting {
    struct store *store;
    struct reader *got;
};

static void *take_one(void *arg) {
    struct waiting *w = arg;
    w->got = store_reader_take(w->store);
    return NULL;
}

static void readers_are_lent_and_waited_for(void **state) {
    struct place *p = *state;
    struct store *s = must_open(p, (struct store_options){.create = true});
    struct reader *all[STORE_READERS];
    for (int i = 0; i < STORE_READERS; i++) {
        all[i] = store_reader_take(s);
        assert_non_null(all[i]);
    }
    struct waiting w = {.store = s};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, take_one, &w), 0);
    usleep(20000);
    struct reader *given = all[2];
    store_reader_give(given);
    pthread_join(thread, NULL);
    assert_ptr_equal(w.got, given);
    reader_interrupt(given);
    struct find f = {.type = "note"};
    struct value page;
    assert_int_equal(read_find(given, &f, &p->arena, &page, &p->err), -(int)E_CANCELLED);
    store_reader_give(given);
    given = store_reader_take(s); /* the interruption was for the one who had it */
    assert_int_equal(read_find(given, &f, &p->arena, &page, &p->err), 0);
    store_close(s);
}

/* ---- state -------------------------------------------------------------------------------------------------------- */

static struct value state_of(struct place *p, struct store *s, const char *plugin, const char *key) {
    struct value v;
    struct reader *r = store_reader_take(s);
    assert_int_equal(read_state_get(r, plugin, key, &p->arena, &v, &p->err), 0);
    store_reader_give(r);
    return v;
}

static void state_is_kept_for_each_plugin(void **state) {
    struct place *p = *state;
    struct store *s = must_open(p, (struct store_options){.create = true});
    struct value one = value_int(1);
    struct value two = value_lit("zwei");
    assert_int_equal(store_state_set(s, "a", "k", &one, &p->err), 0);
    assert_int_equal(store_state_set(s, "b", "k", &two, &p->err), 0);
    struct value v = state_of(p, s, "a", "k");
    assert_int_equal(value_toint(&v, 0), 1);
    v = state_of(p, s, "b", "k");
    assert_true(value_eqs(&v, "zwei"));
    assert_int_equal(store_state_set(s, "a", "k", &value_nil, &p->err), 0);
    v = state_of(p, s, "a", "k");
    assert_true(value_is(&v, VALUE_NIL));
    assert_int_equal(store_state_set(s, "a", "", &one, &p->err), -(int)E_USAGE);
    char *large = mem_alloc(9 << 20);
    memset(large, 'x', (9 << 20) - 1);
    struct value big = value_lit(large);
    assert_int_equal(store_state_set(s, "a", "first", &big, &p->err), 0);
    assert_int_equal(store_state_set(s, "a", "second", &big, &p->err), -(int)E_USAGE);
    assert_int_equal(store_state_set(s, "a", "first", &big, &p->err), 0); /* in place of itself */
    assert_int_equal(store_state_set(s, "b", "second", &big, &p->err), 0);
    mem_free(large);
    store_close(s);
}

static void state_joins_an_open_transaction(void **state) {
    struct place *p = *state;
    struct store *s = must_open(p, (struct store_options){.create = true});
    struct store_run run = {.command = "test"};
    struct value one = value_int(1);
    char id[UUID_TEXT + 1];
    assert_int_equal(store_begin(s, &run, &p->err), 0);
    assert_int_equal(store_state_set(s, "a", "k", &one, &p->err), 0);
    store_rollback(s);
    struct value v = state_of(p, s, "a", "k");
    assert_true(value_is(&v, VALUE_NIL));
    assert_int_equal(store_begin(s, &run, &p->err), 0);
    assert_int_equal(store_state_set(s, "a", "k", &one, &p->err), 0);
    assert_int_equal(store_commit(s, &run, id, &p->err), 0);
    assert_string_equal(id, ""); /* no operation, so no run */
    v = state_of(p, s, "a", "k");
    assert_int_equal(value_toint(&v, 0), 1);
    store_close(s);
}

static void runs_that_read_are_recorded(void **state) {
    struct place *p = *state;
    struct store *s = must_open(p, (struct store_options){.create = true});
    const char *text =
        "[{command:'list', plugin:'notes', started:'2026-01-01T00:00:00Z', duration_ms:3, status:'done'},"
        " {command:'show', status:'failed'}]";
    struct value runs = values_read(&p->arena, &text);
    struct value out;
    assert_int_equal(store_record_runs(s, &runs, &p->err), 0);
    struct reader *r = store_reader_take(s);
    assert_int_equal(read_runs(r, 10, &p->arena, &out, &p->err), 0);
    assert_int_equal(out.len, 2);
    assert_true(value_eqs(value_get(value_at(&out, 0), "status"), "failed"));
    assert_int_equal(value_toint(value_get(value_at(&out, 0), "operations"), -1), 0);
    store_reader_give(r);
    store_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(missing_is_refused_unless_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(made_whole_with_folders_and_nothing_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(empty_file_becomes_a_store, set_up, tear_down),
        cmocka_unit_test_setup_teardown(name_is_never_a_uri, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_store_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(newer_schema_is_refused_with_both_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_is_an_error_never_a_crash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(read_only_says_the_way_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_hosts_take_turns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_make_it_at_once_and_one_store_results, set_up, tear_down),
        cmocka_unit_test_setup_teardown(readers_are_lent_and_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(state_is_kept_for_each_plugin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(state_joins_an_open_transaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(runs_that_read_are_recorded, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("store open", tests, NULL, NULL);
}
