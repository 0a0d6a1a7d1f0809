/* The places, from every kind of environment; the same store by whatever name; the tree around a program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/place.h"

/* A list of "NAME=value" ending with NULL. */
struct environment {
    const char *const *list;
};

static const char *listed(void *ctx, const char *name) {
    const struct environment *env = ctx;
    size_t n = strlen(name);
    for (const char *const *at = env->list; *at; at++) {
        if (strncmp(*at, name, n) == 0 && (*at)[n] == '=') {
            return *at + n + 1;
        }
    }
    return NULL;
}

static int find(struct place *p, const char *const *env, const char *cwd, const char *store, const char *config,
                struct err *err) {
    struct environment e = {env};
    return place_find(p, listed, &e, cwd, store, config, err);
}

static void home_alone(void **state) {
    (void)state;
    static const char *const env[] = {"HOME=/nowhere/ada", NULL};
    struct place p;
    assert_int_equal(find(&p, env, "/", NULL, NULL, NULL), 0);
    assert_string_equal(p.store, "/nowhere/ada/.local/share/lectern/notes.db");
    assert_string_equal(p.config, "/nowhere/ada/.config/lectern");
    assert_string_equal(p.data, "/nowhere/ada/.local/share/lectern");
    assert_string_equal(p.cache, "/nowhere/ada/.cache/lectern");
    assert_string_equal(p.state, "/nowhere/ada/.local/state/lectern");
    assert_string_equal(p.runtime, "/nowhere/ada/.local/state/lectern/run");
    assert_int_equal(strlen(p.socket), strlen(p.runtime) + 1 + 12 + 5);
    assert_memory_equal(p.socket, p.runtime, strlen(p.runtime));
    place_release(&p);
    assert_null(p.store);
    place_release(&p);
}

static void base_directories(void **state) {
    (void)state;
    static const char *const env[] = {"XDG_DATA_HOME=/n/data",     "XDG_CONFIG_HOME=/n/config/",
                                      "XDG_CACHE_HOME=/n/cache",   "XDG_STATE_HOME=/n/state",
                                      "XDG_RUNTIME_DIR=/n/run//u", NULL};
    struct place p;
    assert_int_equal(find(&p, env, "/", NULL, NULL, NULL), 0); /* HOME is not needed */
    assert_string_equal(p.store, "/n/data/lectern/notes.db");
    assert_string_equal(p.config, "/n/config/lectern");
    assert_string_equal(p.cache, "/n/cache/lectern");
    assert_string_equal(p.state, "/n/state/lectern");
    assert_string_equal(p.runtime, "/n/run/u/lectern");
    place_release(&p);
}

static void relative_base_directories_are_ignored(void **state) {
    (void)state;
    static const char *const env[] = {"HOME=/n/ada", "XDG_DATA_HOME=data", "XDG_RUNTIME_DIR=run",
                                      "XDG_CACHE_HOME=", NULL};
    struct place p;
    assert_int_equal(find(&p, env, "/w", NULL, NULL, NULL), 0);
    assert_string_equal(p.data, "/n/ada/.local/share/lectern");
    assert_string_equal(p.cache, "/n/ada/.cache/lectern");
    assert_string_equal(p.runtime, "/n/ada/.local/state/lectern/run");
    place_release(&p);
}

static void names_override_the_environment(void **state) {
    (void)state;
    static const char *const env[] = {"HOME=/n/ada", "LECTERN_STORE=env.db", "LECTERN_CONFIG=../env", NULL};
    static const struct {
        const char *store, *config, *expected_store, *expected_config;
    } rows[] = {
        {NULL, NULL, "/w/v/env.db", "/w/env"},
        {"mine.db", NULL, "/w/v/mine.db", "/w/env"},
        {"/n/x/../mine.db", "c/./d/", "/n/mine.db", "/w/v/c/d"},
        {"file:x?mode=ro", NULL, "/w/v/file:x?mode=ro", "/w/env"},
        {":memory:", NULL, "/w/v/:memory:", "/w/env"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct place p;
        assert_int_equal(find(&p, env, "/w/v", rows[i].store, rows[i].config, NULL), 0);
        assert_string_equal(p.store, rows[i].expected_store);
        assert_string_equal(p.config, rows[i].expected_config);
        place_release(&p);
    }
}

static void endless_names_are_only_cleaned(void **state) {
    (void)state;
    static const char *const env[] = {"HOME=/n/ada", NULL};
    struct buf name = BUF_INIT;
    struct place p;
    for (int i = 0; i < 50000; i++) {
        buf_adds(&name, "/tmp/..");
    }
    buf_adds(&name, "/x.db");
    assert_int_equal(find(&p, env, "/", name.data, NULL, NULL), 0);
    assert_string_equal(p.store, "/x.db");
    place_release(&p);
    buf_release(&name);
}

static void failures(void **state) {
    (void)state;
    static const char *const empty[] = {NULL};
    static const char *const home[] = {"HOME=/n/ada", NULL};
    char dir[160];
    snprintf(dir, sizeof dir, "XDG_RUNTIME_DIR=/%0*d", 82, 0);
    const char *fits[] = {"HOME=/n/ada", dir, NULL};
    struct place p;
    struct err e;
    err_init(&e);
    assert_int_equal(find(&p, empty, "/", NULL, NULL, &e), -E_CONFIG);
    assert_string_equal(e.message, "HOME is not set");
    assert_true(strlen(e.hint) > 0);
    assert_null(p.config);
    assert_int_equal(find(&p, empty, "/", NULL, NULL, NULL), -E_CONFIG);
    assert_int_equal(find(&p, home, "/", "", NULL, &e), -E_CONFIG);
    assert_int_equal(find(&p, home, "/", NULL, "", &e), -E_CONFIG);
    assert_int_equal(find(&p, home, "relative", NULL, NULL, &e), -E_CONFIG);
    assert_int_equal(find(&p, fits, "/", NULL, NULL, &e), -E_CONFIG); /* 83 + 8 + 18 is 109 */
    snprintf(dir, sizeof dir, "XDG_RUNTIME_DIR=/%0*d", 80, 0);
    assert_int_equal(find(&p, fits, "/", NULL, NULL, &e), 0); /* 107 fits */
    assert_int_equal(strlen(p.socket), 107);
    place_release(&p);
    err_release(&e);
}

static void socket_of(const char *cwd, const char *store, const char *config, char out[120]) {
    static const char *const env[] = {"HOME=/n/ada", "XDG_RUNTIME_DIR=/n", NULL};
    struct place p;
    assert_int_equal(find(&p, env, cwd, store, config, NULL), 0);
    snprintf(out, 120, "%s", p.socket);
    place_release(&p);
}

static void sockets_tell_hosts_apart(void **state) {
    (void)state;
    char a[120];
    char b[120];
    socket_of("/w", "a.db", "c", a);
    socket_of("/", "/w/./a.db", "/w/c/", b);
    assert_string_equal(a, b);
    socket_of("/w", "b.db", "c", b);
    assert_string_not_equal(a, b);
    socket_of("/w", "a.db", "d", b);
    assert_string_not_equal(a, b);
}

/* ---- with real files ------------------------------------------------------------------------------------------- */

static char home_folder[200];
static char *home;

static int make_home(void **state) {
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(home_folder, sizeof home_folder, "%.150s/lectern-place-XXXXXX", tmp ? tmp : "/tmp");
    home = mkdtemp(home_folder) ? realpath(home_folder, NULL) : NULL;
    return home && chdir(home) == 0 ? 0 : -1;
}

static int remove_home(void **state) {
    (void)state;
    static const char *const files[] = {"real/notes.db",
                                        "real/sub",
                                        "real",
                                        "alias",
                                        "named.db",
                                        "pending.db",
                                        "loop",
                                        "chain",
                                        "tree/share/lectern/lua",
                                        "tree/share/lectern/plugins",
                                        "tree/share/lectern",
                                        "tree/share",
                                        "tree/build/bin/probe",
                                        "tree/build/bin",
                                        "tree/build",
                                        "tree"};
    int rc = chdir(home);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        remove(files[i]);
    }
    rc |= rmdir(home);
    free(home);
    return rc;
}

static void store_is(const char *name, const char *expected) {
    static const char *const env[] = {"HOME=/n/ada", "XDG_RUNTIME_DIR=/n", NULL};
    char whole[300];
    struct place p;
    snprintf(whole, sizeof whole, "%s/%s", home, expected);
    assert_int_equal(find(&p, env, home, name, NULL, NULL), 0);
    assert_string_equal(p.store, whole);
    place_release(&p);
}

static void one_store_by_many_names(void **state) {
    (void)state;
    assert_int_equal(mkdir("real", 0700), 0);
    assert_int_equal(mkdir("real/sub", 0700), 0);
    assert_int_equal(symlink("real", "alias"), 0);
    assert_int_equal(symlink("alias/notes.db", "named.db"), 0);
    assert_int_equal(symlink("real/new.db", "pending.db"), 0);
    assert_int_equal(symlink("pending.db", "chain"), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    for (int made = 0; made < 2; made++) { /* before the file is there, and after */
        store_is("real/notes.db", "real/notes.db");
        store_is("alias/notes.db", "real/notes.db");
        store_is("alias//./notes.db", "real/notes.db");
        store_is("named.db", "real/notes.db");
        assert_int_equal(path_write_atomic("real/notes.db", "", 0, 0600, NULL), 0);
    }
    store_is("pending.db", "real/new.db");
    store_is("chain", "real/new.db");
    store_is("alias/not/yet/x.db", "real/not/yet/x.db");
    store_is("alias/not/../x.db", "real/x.db");
    store_is("alias/sub/../notes.db", "real/notes.db");
    store_is("loop", "loop"); /* SQLite will say what is wrong with it */
}

/* A copy of this program, run from within a made-up tree, prints what it finds there. */
static void tree_is(const char *expected) {
    char out[1000];
    FILE *probe = popen("tree/build/bin/probe --probe", "r");
    assert_non_null(probe);
    size_t n = fread(out, 1, sizeof out - 1, probe);
    out[n] = '\0';
    pclose(probe);
    assert_string_equal(out, expected);
}

static void the_tree_of_a_program(void **state) {
    (void)state;
    struct buf program = BUF_INIT;
    struct buf expected = BUF_INIT;
    assert_int_equal(path_mkdirs("tree/build/bin", 0700, NULL), 0);
    assert_int_equal(path_read("/proc/self/exe", &program, 100 << 20, NULL), 0);
    assert_int_equal(path_write_atomic("tree/build/bin/probe", program.data, program.len, 0700, NULL), 0);
    tree_is("no tree\n");
    assert_int_equal(path_mkdirs("tree/share/lectern/lua", 0700, NULL), 0);
    buf_addf(&expected,
             "%s/tree/build/bin\n%s/tree/build/lib/lectern\n%s/tree/share/lectern\n%s/tree/plugins\n"
             "%s/tree/config/grants\n",
             home, home, home, home, home);
    tree_is(expected.data);
    assert_int_equal(path_mkdirs("tree/share/lectern/plugins", 0700, NULL), 0);
    buf_clear(&expected);
    buf_addf(&expected,
             "%s/tree/build/bin\n%s/tree/build/lib/lectern\n%s/tree/share/lectern\n"
             "%s/tree/share/lectern/plugins\n%s/tree/config/grants\n",
             home, home, home, home, home);
    tree_is(expected.data);
    buf_release(&program);
    buf_release(&expected);
}

static int print_tree(void) {
    struct place_tree t;
    if (place_tree_find(&t, NULL) == 0) {
        printf("%s\n%s\n%s\n%s\n%s\n", t.bin, t.modules, t.share, t.plugins, t.grants);
        place_tree_release(&t);
    } else {
        printf("no tree\n");
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "--probe") == 0) {
        return print_tree();
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(home_alone),
        cmocka_unit_test(base_directories),
        cmocka_unit_test(relative_base_directories_are_ignored),
        cmocka_unit_test(names_override_the_environment),
        cmocka_unit_test(endless_names_are_only_cleaned),
        cmocka_unit_test(failures),
        cmocka_unit_test(sockets_tell_hosts_apart),
        cmocka_unit_test(one_store_by_many_names),
        cmocka_unit_test(the_tree_of_a_program),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
