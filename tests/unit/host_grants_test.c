/* Who may do what: lines of text, bound to names and contents, and what happens to plugins that want more. */
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
static char config[300], shipped[300];
static struct plugin plugins[4], *all[4];
static size_t n;

static int start(void **state) {
    int rc = enter(state);
    snprintf(config, sizeof config, "%s/k", home);
    snprintf(shipped, sizeof shipped, "%s/grants", home);
    place.config = config;
    tree.grants = shipped;
    n = 0;
    return rc;
}

static int done(void **state) {
    arena_release(&a);
    return leave(state);
}

/* A plugin whose hash is LETTER all over; NEEDS are words. */
static struct plugin *add(const char *name, enum plugin_home where, char letter, const char *needs) {
    struct plugin *p = &plugins[n];
    struct value *info = arena_zalloc(&a, sizeof *info), list = value_array(&a, 4);
    *p = (struct plugin){
        .name = name, .home = where, .contributions = &value_nil, .helpers = &value_nil, .granted = &value_nil};
    err_init(&p->err);
    memset(p->hash, letter, PLUGIN_HASH_TEXT);
    char *save = NULL;
    for (char *w = strtok_r(arena_strdup(&a, needs), " ", &save); w; w = strtok_r(NULL, " ", &save))
        value_push(&a, &list, value_str(&a, w));
    *info = value_map(&a, 1);
    value_set(&a, info, "needs", list);
    p->info = info;
    all[n++] = p;
    return p;
}

static void apply(void) {
    for (size_t i = 0; i < n; i++) {
        plugins[i].granted = &value_nil;
        if (plugins[i].state == PLUGIN_HELD)
            plugins[i].state = PLUGIN_OK;
        err_init(&plugins[i].err);
    }
    grants_apply(all, n, &a, &place, &tree);
}

static void line(const char *name, char letter, const char *rest) {
    char hash[PLUGIN_HASH_TEXT + 1] = "";
    memset(hash, letter, PLUGIN_HASH_TEXT);
    FILE *f = fopen("k/grants", "a");
    fprintf(f, "%s %s%s%s\n", name, hash, *rest ? " " : "", rest);
    fclose(f);
}

static void shipped_grants_are_for_bundled_plugins(void **state) {
    (void)state;
    put("grants", "# comment\n\nnotes notes.read notes.write # and why\nother eval\n");
    struct plugin *ours = add("notes", HOME_BUNDLED, 'a', "notes.read notes.write"),
                  *theirs = add("notes", HOME_DATA, 'a', "notes.read");
    apply();
    assert_int_equal(ours->state, PLUGIN_OK);
    assert_true(plugin_may(ours, "notes.write"));
    assert_false(plugin_may(ours, "eval"));
    assert_false(plugin_may(ours, "why"));
    assert_int_equal(theirs->state, PLUGIN_HELD);
    assert_false(plugin_may(theirs, "notes.read"));
}

static void a_bundled_plugin_that_is_shadowed_inherits_nothing(void **state) {
    (void)state;
    put("grants", "notes notes.write\n");
    struct plugin *ours = add("notes", HOME_BUNDLED, 'a', "");
    ours->state = PLUGIN_SHADOWED;
    apply();
    assert_false(plugin_may(ours, "notes.write"));
}

static void grants_are_bound_to_contents(void **state) {
    (void)state;
    put("k/grants", "# head\n");
    line("mine", 'a', "notes.read");
    line("theirs", 'a', "notes.read");
    line("notes", 'c', "eval");
    struct plugin *mine = add("mine", HOME_CONFIG, 'b', "notes.read"),
                  *theirs = add("theirs", HOME_DATA, 'b', "notes.read");
    struct plugin *bundled = add("notes", HOME_BUNDLED, 'c', "");
    apply();
    assert_int_equal(mine->state, PLUGIN_OK); /* where a person works, a change keeps what it has */
    assert_int_equal(theirs->state, PLUGIN_HELD);
    assert_int_equal(theirs->err.code, E_DENIED);
    assert_non_null(strstr(theirs->err.message, "notes.read"));
    assert_non_null(strstr(theirs->err.hint, "plugin grant theirs"));
    assert_false(plugin_may(bundled, "eval"));
    memset(theirs->hash, 'a', PLUGIN_HASH_TEXT);
    apply();
    assert_int_equal(theirs->state, PLUGIN_OK);
    assert_true(plugin_may(theirs, "notes.read"));
}

static void new_needs_are_held_and_named(void **state) {
    (void)state;
    put("k/grants", "");
    line("mine", 'a', "notes.read");
    struct plugin *p = add("mine", HOME_CONFIG, 'a', "notes.read notes.write eval");
    apply();
    assert_int_equal(p->state, PLUGIN_HELD);
    assert_non_null(strstr(p->err.message, "notes.write, eval"));
    assert_null(strstr(p->err.message, "notes.read"));
}

static void the_user_may_everything(void **state) {
    (void)state;
    struct plugin *p = add("user", HOME_USER, 'a', "eval host.admin");
    apply();
    assert_int_equal(p->state, PLUGIN_OK);
    assert_true(plugin_may(p, "whatever"));
}

static void what_was_refused_stays_refused(void **state) {
    (void)state;
    struct plugin *p = add("bad", HOME_DATA, 'a', "eval");
    p->state = PLUGIN_REFUSED;
    apply();
    assert_int_equal(p->state, PLUGIN_REFUSED);
}

static void granting_adds_one_line(void **state) {
    (void)state;
    struct err err;
    struct plugin *p = add("mine", HOME_DATA, 'a', "notes.read notes.write"),
                  *minor = add("min", HOME_DATA, 'b', "eval");
    err_init(&err);
    apply();
    assert_int_equal(p->state, PLUGIN_HELD);
    assert_int_equal(grants_add(p, &place, &err), 0);
    assert_int_equal(grants_add(minor, &place, &err), 0);
    apply();
    assert_int_equal(p->state, PLUGIN_OK);
    assert_int_equal(minor->state, PLUGIN_OK);
    memset(p->hash, 'd', PLUGIN_HASH_TEXT); /* it changed: the new grant replaces the old one, the others stay */
    assert_int_equal(grants_add(p, &place, &err), 0);
    apply();
    assert_int_equal(p->state, PLUGIN_OK);
    assert_int_equal(minor->state, PLUGIN_OK);
    const char *text = get("k/grants");
    assert_non_null(strstr(text, "# what each plugin may do"));
    const char *first = strstr(text, "\nmine ");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\nmine "));
    struct stat st;
    assert_int_equal(stat("k/grants", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void what_cannot_be_read_is_not_replaced(void **state) {
    (void)state;
    struct err err;
    struct plugin *p = add("mine", HOME_DATA, 'a', "eval");
    err_init(&err);
    put("k/grants", "others line\n");
    assert_int_equal(truncate("k/grants", 2 * 1024 * 1024), 0);
    assert_int_not_equal(grants_add(p, &place, &err), 0);
    assert_int_equal(err.code, E_CONFIG);
    assert_int_equal(strncmp(get("k/grants"), "others line\n", 12), 0);
    apply();
    assert_int_equal(p->state, PLUGIN_HELD);
}

/* Any text there is: at worst no grant. */
static void lines_that_are_none(void **state) {
    (void)state;
    struct plugin *p = add("mine", HOME_CONFIG, 'a', "eval");
    static const char *const texts[] = {
        "mine", "mine \n", "\n\n \t \n", "#mine x eval\n", "mine x # eval\n", "x mine eval\n", "mine eval\n", "eval"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put("k/grants", texts[i]);
        put("grants", texts[i]);
        apply();
        assert_int_equal(p->state, PLUGIN_HELD);
    }
    struct buf many = BUF_INIT;
    buf_adds(&many, "mine x");
    for (int i = 0; i < 1000; i++)
        buf_addf(&many, " cap%d", i);
    put("k/grants", many.data);
    buf_release(&many);
    apply();
    assert_true(plugin_may(p, "cap0"));
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, start, done)
    const struct CMUnitTest tests[] = {
        T(shipped_grants_are_for_bundled_plugins),
        T(a_bundled_plugin_that_is_shadowed_inherits_nothing),
        T(grants_are_bound_to_contents),
        T(new_needs_are_held_and_named),
        T(the_user_may_everything),
        T(what_was_refused_stays_refused),
        T(granting_adds_one_line),
        T(what_cannot_be_read_is_not_replaced),
        T(lines_that_are_none),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
