/* Folders to files: which, in what order, and what cannot lead outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/walk.h"
#include "host_folder.h"

static struct walk w;

static void walk(const char *name) {
    char path[600];
    snprintf(path, sizeof path, "%s%s%s", home, *name ? "/" : "", name);
    walk_add(&w, path);
}

/* What was found below home, a line each; errors as "! message without home". */
static const char *found(void) {
    static char text[8192];
    size_t at = 0;
    for (size_t i = 0; i < w.n; i++) {
        const struct walk_file *f = &w.files[i];
        assert_int_equal(strncmp(f->path, home, strlen(home)), 0);
        if (f->rel)
            assert_string_equal(f->rel, f->path + strlen(f->path) - strlen(f->rel));
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s\n", f->err ? "! " : "", f->path + strlen(home) + 1);
    }
    text[at] = '\0';
    return text;
}

static int start(void **state) {
    walk_init(&w);
    return enter(state);
}

static int done(void **state) {
    walk_release(&w);
    return leave(state);
}

static void files_in_order(void **state) {
    (void)state;
    put("in/b.md", "");
    put("in/a.md", "");
    put("in/sub/z.md", "");
    put("in/sub/deep/y.md", "");
    put("in/B.md", "");
    walk("in");
    assert_string_equal(found(), "in/B.md\nin/a.md\nin/b.md\nin/sub/deep/y.md\nin/sub/z.md\n");
    for (size_t i = 0; i < w.n; i++) {
        assert_false(w.files[i].named);
        assert_int_equal(w.files[i].root, 0);
    }
    assert_string_equal(w.files[0].rel, "B.md");
    assert_int_equal(w.nroots, 1);
}

static void named_files_are_taken_as_they_are(void **state) {
    (void)state;
    put(".gitignore", "*\n");
    put(".hidden/.secret.md", "");
    put("a.md", "");
    assert_int_equal(symlink("a.md", "link.md"), 0);
    walk("a.md");
    walk(".hidden/.secret.md");
    walk("link.md");
    assert_string_equal(found(), "a.md\n.hidden/.secret.md\nlink.md\n");
    for (size_t i = 0; i < w.n; i++) {
        assert_true(w.files[i].named);
        assert_null(w.files[i].rel);
        assert_int_equal(w.files[i].root, -1);
    }
}

static void hidden_and_special_ones_are_passed_over(void **state) {
    (void)state;
    put("in/a.md", "");
    put("in/.hidden.md", "");
    put("in/.git/config", "");
    assert_int_equal(mkfifo("in/pipe.md", 0600), 0);
    walk("in");
    assert_string_equal(found(), "in/a.md\n");
}

static void links_are_not_followed(void **state) {
    (void)state;
    put("in/sub/a.md", "");
    put("out/secret.md", "");
    assert_int_equal(symlink("../out/secret.md", "in/file.md"), 0);
    assert_int_equal(symlink("../out", "in/folder"), 0);
    assert_int_equal(symlink("..", "in/sub/loop"), 0);
    assert_int_equal(symlink("self", "in/self"), 0);
    assert_int_equal(symlink("nowhere", "in/dangling"), 0);
    walk("in");
    assert_string_equal(found(), "in/sub/a.md\n");
}

static void a_link_that_was_named_is(void **state) {
    (void)state;
    put("real/a.md", "");
    assert_int_equal(symlink("real", "in"), 0);
    walk("in");
    assert_string_equal(found(), "in/a.md\n");
}

static void gitignore_holds_below(void **state) {
    (void)state;
    put("in/.gitignore", "build/\n*.tmp\n!keep.tmp\n/top.md\n");
    put("in/build/x.md", "");
    put("in/a.tmp", "");
    put("in/keep.tmp", "");
    put("in/top.md", "");
    put("in/sub/top.md", "");
    put("in/sub/build/y.md", "");
    put("in/sub/.gitignore", "only.md\n");
    put("in/sub/only.md", "");
    put("in/other/only.md", "");
    walk("in");
    assert_string_equal(found(), "in/keep.tmp\nin/other/only.md\nin/sub/top.md\n");
}

static void what_is_wrong_is_an_entry(void **state) {
    (void)state;
    assert_int_equal(mkdir("empty", 0700), 0);
    put("a.md", "");
    walk("nowhere.md");
    walk("empty");
    walk("a.md/inside");
    walk("a.md");
    assert_string_equal(found(), "! nowhere.md\n! empty\n! a.md/inside\na.md\n");
    assert_int_equal(w.files[0].err->code, E_INPUT);
    assert_non_null(strstr(w.files[0].err->message, "no such file or folder"));
    assert_non_null(strstr(w.files[1].err->message, "holds no files"));
    assert_null(w.files[3].err);
}

static void the_depth_is_bounded(void **state) {
    (void)state;
    char path[600] = "in";
    for (int i = 0; i < WALK_DEPTH + 10; i++)
        strcat(path, "/d");
    strcat(path, "/deep.md");
    put(path, "");
    put("in/a.md", "");
    walk("in");
    assert_string_equal(found(), "in/a.md\n");
}

static void names_that_are_not_utf8_are_shown_as_text(void **state) {
    (void)state;
    put("in/caf\xe9.md", "");
    walk("in");
    assert_int_equal(w.n, 1);
    assert_string_equal(w.files[0].rel, "caf\xe9.md");
    assert_non_null(strstr(w.files[0].shown, "caf\xef\xbf\xbd.md"));
}

static void told_to_stop_it_looks_no_further(void **state) {
    (void)state;
    put("in/a.md", "");
    put("in/sub/b.md", "");
    atomic_store(&w.stop, true);
    walk("in");
    for (size_t i = 0; i < w.n; i++)
        assert_non_null(w.files[i].err);
}

static void nothing_is_inherited(void **state) {
    (void)state;
    put("in/a.md", "");
    walk("in");
    assert_true(fcntl(w.roots[0], F_GETFD) & FD_CLOEXEC);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_in_order, start, done),
        cmocka_unit_test_setup_teardown(named_files_are_taken_as_they_are, start, done),
        cmocka_unit_test_setup_teardown(hidden_and_special_ones_are_passed_over, start, done),
        cmocka_unit_test_setup_teardown(links_are_not_followed, start, done),
        cmocka_unit_test_setup_teardown(a_link_that_was_named_is, start, done),
        cmocka_unit_test_setup_teardown(gitignore_holds_below, start, done),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_an_entry, start, done),
        cmocka_unit_test_setup_teardown(the_depth_is_bounded, start, done),
        cmocka_unit_test_setup_teardown(names_that_are_not_utf8_are_shown_as_text, start, done),
        cmocka_unit_test_setup_teardown(told_to_stop_it_looks_no_further, start, done),
        cmocka_unit_test_setup_teardown(nothing_is_inherited, start, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
