/* Plugins on disk: which are found, under what name, who shadows whom, and what their hash covers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/plugin.h"
#include "host_folder.h"

static struct arena a = ARENA_INIT;
static struct place place;
static struct place_tree tree;
static struct plugin **all;
static size_t n;
static char config[300], data[300], bundled[300];

static int start(void **state) {
    int rc = enter(state);
    snprintf(config, sizeof config, "%s/k", home);
    snprintf(data, sizeof data, "%s/d", home);
    snprintf(bundled, sizeof bundled, "%s/b", home);
    place.config = config;
    place.data = data;
    tree.plugins = bundled;
    return rc;
}

static int done(void **state) {
    arena_release(&a);
    return leave(state);
}

static void scan(const char *extra) {
    all = plugin_scan(&a, &place, &tree, extra, &n);
}

/* "name:state name:state ..." in order. */
static const char *found(void) {
    static char text[4096];
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "%s%s:%s", i ? " " : "", all[i]->name, plugin_state_name(all[i]->state));
    }
    return text;
}

static void nothing_is_no_error(void **state) {
    (void)state;
    scan(NULL);
    assert_int_equal(n, 0);
    scan(":::/nowhere:");
    assert_int_equal(n, 0);
}

static void found_in_order_the_first_of_a_name_wins(void **state) {
    (void)state;
    char extra[700];
    put("k/init.lua", "");
    put("x/one.lua", "");
    put("y/two/init.lua", "");
    put("y/one.lua", "");
    put("k/plugins/three.lua", "");
    put("k/plugins/two.lua", "");
    put("d/plugins/four.lua", "");
    put("b/one/init.lua", "");
    put("b/five/init.lua", "");
    snprintf(extra, sizeof extra, "%s/x:%s/y", home, home);
    scan(extra);
    assert_string_equal(found(),
                        "user:ok one:ok one:shadowed two:ok three:ok two:shadowed four:ok five:ok one:shadowed");
    assert_int_equal(all[0]->home, HOME_USER);
    assert_int_equal(all[1]->home, HOME_PATH);
    assert_int_equal(all[4]->home, HOME_CONFIG);
    assert_int_equal(all[6]->home, HOME_DATA);
    assert_int_equal(all[7]->home, HOME_BUNDLED);
    assert_ptr_equal(all[2]->shadowed_by, all[1]);
    assert_ptr_equal(all[8]->shadowed_by, all[1]);
}

static void names_that_are_none(void **state) {
    (void)state;
    put("k/plugins/Upper.lua", "");
    put("k/plugins/9lives.lua", "");
    put("k/plugins/with space.lua", "");
    put("k/plugins/under_score.lua", "");
    put("k/plugins/.hidden.lua", "");
    put("k/plugins/note.txt", "");
    put("k/plugins/empty/other.lua", "");
    put("k/plugins/user.lua", ""); /* CONFIG/init.lua alone may be that */
    put("k/plugins/user/init.lua", "");
    put("k/plugins/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.lua", "");
    put("k/plugins/folder.lua/x", "");
    put("k/plugins/fine-2.lua", "");
    assert_int_equal(mkfifo("k/plugins/pipe.lua", 0600), 0);
    assert_int_equal(symlink("nowhere", "k/plugins/gone.lua"), 0);
    scan(NULL);
    assert_string_equal(found(), "fine-2:ok");
}

static void files_of_a_folder_plugin(void **state) {
    (void)state;
    put("k/plugins/big/init.lua", "");
    put("k/plugins/big/cues.lua", "");
    put("k/plugins/big/lib/deep.lua", "");
    put("k/plugins/big/lib/init.lua", "");
    put("k/plugins/big/spec/test.lua", "");
    put("k/plugins/big/.hidden.lua", "");
    put("k/plugins/big/read me.lua", "");
    put("k/plugins/big/notes.txt", "");
    put("k/plugins/big/a/b/c/d/e/f.lua", "");
    assert_int_equal(symlink("/", "k/plugins/big/root"), 0);
    scan(NULL);
    assert_int_equal(n, 1);
    char modules[400] = "";
    for (size_t i = 0; i < all[0]->nfiles; i++)
        strcat(strcat(modules, all[0]->files[i].module), " ");
    assert_string_equal(modules, "big big.cues big.lib.deep big.lib.init ");
    assert_ptr_equal(all[0]->path, all[0]->files[0].path);
    for (int i = 0; i < 2 * PLUGIN_FILES_MAX; i++) {
        char name[64];
        snprintf(name, sizeof name, "k/plugins/big/more%d.lua", i);
        put(name, "");
    }
    scan(NULL);
    assert_int_equal(all[0]->nfiles, PLUGIN_FILES_MAX);
}

static const char *hash_of(struct plugin *p) {
    static char hash[2][PLUGIN_HASH_TEXT + 1];
    static int turn;
    struct value sources;
    turn = !turn;
    assert_int_equal(plugin_read(p, &a, &sources, hash[turn], NULL), 0);
    assert_int_equal(sources.len, p->nfiles);
    return hash[turn];
}

static void the_hash_covers_names_and_contents(void **state) {
    (void)state;
    put("k/plugins/big/init.lua", "return 1");
    put("k/plugins/big/x.lua", "ab");
    scan(NULL);
    char first[PLUGIN_HASH_TEXT + 1];
    snprintf(first, sizeof first, "%s", hash_of(all[0]));
    assert_int_equal(strlen(first), PLUGIN_HASH_TEXT);
    assert_string_equal(hash_of(all[0]), first);
    put("k/plugins/big/x.lua", "ac");
    assert_string_not_equal(hash_of(all[0]), first);
    put("k/plugins/big/x.lua", "ab");
    assert_string_equal(hash_of(all[0]), first);
    rename("k/plugins/big/x.lua", "k/plugins/big/y.lua");
    scan(NULL);
    assert_string_not_equal(hash_of(all[0]), first);
}

static void files_that_cannot_be_read(void **state) {
    (void)state;
    struct value sources;
    struct err err;
    char hash[PLUGIN_HASH_TEXT + 1];
    err_init(&err);
    put("k/plugins/big.lua", "");
    scan(NULL);
    assert_int_equal(truncate("k/plugins/big.lua", PLUGIN_FILE_BYTES), 0);
    assert_int_equal(plugin_read(all[0], &a, &sources, hash, &err), 0);
    assert_int_equal(truncate("k/plugins/big.lua", PLUGIN_FILE_BYTES + 1), 0);
    assert_int_not_equal(plugin_read(all[0], &a, &sources, hash, &err), 0);
    assert_non_null(strstr(err.message, "big.lua"));
    unlink("k/plugins/big.lua");
    assert_int_not_equal(plugin_read(all[0], &a, &sources, hash, &err), 0);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, start, done)
    const struct CMUnitTest tests[] = {
        T(nothing_is_no_error),      T(found_in_order_the_first_of_a_name_wins), T(names_that_are_none),
        T(files_of_a_folder_plugin), T(the_hash_covers_names_and_contents),      T(files_that_cannot_be_read),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
