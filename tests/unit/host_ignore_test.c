/* .gitignore as gitignore(5) has it: what each rule means, alone and with those of other folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "host/ignore.h"
#include "host_folder.h"

/* Paths end with a slash where they are folders. */
static const struct {
    const char *rules, *path;
    bool ignored;
} cases[] = {
    {"", "a.md", false},
    {"# a.md\n", "a.md", false},
    {"\n\n\na.md\n", "a.md", true},
    {"a.md", "a.md", true}, /* no newline at the end */
    {"a.md\r\nb.md\r\n", "a.md", true},
    {"\xEF\xBB\xBF"
     "a.md\n",
     "a.md", true},
    {"a.md\n", "x/y/a.md", true},
    {"a.md\n", "xa.md", false},
    {"*.md\n", "x/a.md", true},
    {"*.md\n", "a.md.txt", false},
    {"a?c\n", "abc", true},
    {"a?c\n", "ac", false},
    {"[ab].md\n", "b.md", true},
    {"[!ab].md\n", "b.md", false},
    {"[!ab].md\n", "c.md", true},
    {"[[:digit:]]*\n", "2021.md", true},
    {"\\*.md\n", "*.md", true},
    {"\\*.md\n", "a.md", false},
    {"\\#a\n", "#a", true},
    {"\\!a\n", "!a", true},
    {"!a\n", "!a", false},
    {"a \n", "a", true},    /* blanks at the end do not count */
    {"a\\ \n", "a ", true}, /* unless quoted */
    {"a\\ \n", "a", false},
    {" a\n", " a", true},
    {"/a.md\n", "a.md", true},
    {"/a.md\n", "x/a.md", false},
    {"x/a.md\n", "x/a.md", true},
    {"x/a.md\n", "y/x/a.md", false},
    {"/x/*.md\n", "x/a.md", true},
    {"/x/*.md\n", "x/y/a.md", false}, /* a star does not cross a slash */
    {"x/*\n", "x/a", true},
    {"x/*\n", "x/a/b", false},
    {"build/\n", "build/", true},
    {"build/\n", "build", false}, /* a file */
    {"build/\n", "x/build/", true},
    {"/build/\n", "x/build/", false},
    {"x/build/\n", "x/build/", true},
    {"**/a\n", "a", true},
    {"**/a\n", "x/y/a", true},
    {"**/a/b\n", "x/a/b", true},
    {"**/a/b\n", "a/b", true},
    {"**/a/b\n", "b", false},
    {"x/**\n", "x/a", true},
    {"x/**\n", "x/a/b/c", true},
    {"x/**\n", "x/", false},
    {"x/**\n", "y/x/a", false},
    {"x*/**\n", "y/x/a", false},
    {"a/**/b\n", "a/b", true},
    {"a/**/b\n", "a/x/b", true},
    {"a/**/b\n", "a/x/y/b", true},
    {"a/**/b\n", "a/x/y/c", false},
    {"a/**/b\n", "x/a/b", false},
    {"a/**/b/**/c\n", "a/b/x/b/y/c", true},
    {"a/**/b/**/c\n", "a/x/c", false},
    {"a/**/**/b\n", "a/b", true},
    {"a**b\n", "axxb", true}, /* elsewhere two stars are one */
    {"**\n", "x/y", true},
    {"*.md\n!a.md\n", "a.md", false}, /* the last that fits decides */
    {"*.md\n!a.md\n", "b.md", true},
    {"!a.md\n*.md\n", "a.md", true},
    {"*\n!*/\n!*.md\n", "x/", false},
    {"*\n!*/\n!*.md\n", "x/a.md", false},
    {"*\n!*/\n!*.md\n", "x/a.txt", true},
    {"caf\xc3\xa9\n", "caf\xc3\xa9", true},
    {"/\n", "a", false},
    {"!\n", "a", false},
    {"//\n", "a", false},
};

static struct arena a = ARENA_INIT;

static int done(void **state) {
    arena_release(&a);
    return leave(state);
}

static const struct ignore *read_rules(const char *folder, const struct ignore *above) {
    int fd = open(*folder ? folder : ".", O_RDONLY | O_DIRECTORY);
    const struct ignore *g = ignore_read(&a, above, fd, folder);
    close(fd);
    return g;
}

static bool ignored(const struct ignore *g, const char *path) {
    size_t n = strlen(path);
    bool folder = n && path[n - 1] == '/';
    return ignore_match(g, arena_dup(&a, path, folder ? n - 1 : n), folder);
}

static void rules_of_one_folder(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(".gitignore", cases[i].rules);
        if (ignored(read_rules("", NULL), cases[i].path) != cases[i].ignored)
            fail_msg("rules '%s', path '%s': want %d", cases[i].rules, cases[i].path, cases[i].ignored);
    }
}

static void rules_below_are_asked_first(void **state) {
    (void)state;
    put(".gitignore", "*.md\n/sub/b.txt\n");
    put("sub/.gitignore", "!keep.md\n/own.txt\n");
    const struct ignore *root = read_rules("", NULL), *sub = read_rules("sub", root);
    assert_true(ignored(sub, "sub/a.md"));
    assert_false(ignored(sub, "sub/keep.md"));
    assert_true(ignored(root, "keep.md"));
    assert_true(ignored(sub, "sub/b.txt"));
    assert_true(ignored(sub, "sub/own.txt"));
    assert_false(ignored(sub, "sub/deep/own.txt"));
    assert_false(ignored(root, "own.txt"));
    put("plain/x", "");
    assert_ptr_equal(read_rules("plain", root), root); /* no rules of its own */
}

/* A list of rules is a file like others: links are not followed, pipes do not hang, too much of it is none. */
static void odd_files(void **state) {
    (void)state;
    put("rules", "*\n");
    assert_int_equal(symlink("rules", ".gitignore"), 0);
    assert_null(read_rules("", NULL));
    unlink(".gitignore");
    assert_int_equal(mkfifo(".gitignore", 0600), 0);
    assert_false(ignored(read_rules("", NULL), "a"));
    unlink(".gitignore");
    assert_int_equal(mkdir(".gitignore", 0700), 0);
    assert_null(read_rules("", NULL));
    rmdir(".gitignore");
    FILE *f = fopen(".gitignore", "w");
    for (int i = 0; i < 100000; i++)
        fputs("*.md\n", f);
    fclose(f);
    assert_null(read_rules("", NULL));
}

/* What would take the age of the universe to try in every way. */
static void patterns_made_to_be_slow(void **state) {
    (void)state;
    struct buf rules = BUF_INIT, path = BUF_INIT;
    for (int i = 0; i < 60; i++)
        buf_adds(&rules, "**/a/");
    buf_adds(&rules, "b\n");
    for (int i = 0; i < 50; i++)
        buf_adds(&rules, "**/");
    buf_adds(&rules, "b\n");
    for (int i = 0; i < 80; i++)
        buf_adds(&rules, "*a");
    buf_adds(&rules, "b\n");
    for (int i = 0; i < 80; i++)
        buf_adds(&rules, "x/");
    buf_adds(&rules, "b\n");
    put(".gitignore", rules.data);
    const struct ignore *g = read_rules("", NULL);
    for (int i = 0; i < 60; i++)
        buf_adds(&path, "a/");
    buf_pad(&path, 'a', 200);
    uint64_t start = clock_mono_us();
    for (int i = 0; i < 100; i++)
        assert_false(ignored(g, path.data));
    assert_true(clock_mono_us() - start < 2000000);
    buf_release(&rules);
    buf_release(&path);
}

/* A rule costs what it says, not what there might be. */
static void many_small_lists_are_small(void **state) {
    (void)state;
    put(".gitignore", "a\n");
    size_t before = a.used;
    for (int i = 0; i < 100; i++)
        read_rules("", NULL);
    assert_true(a.used - before < 100 * 1024);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rules_of_one_folder, enter, done),
        cmocka_unit_test_setup_teardown(rules_below_are_asked_first, enter, done),
        cmocka_unit_test_setup_teardown(odd_files, enter, done),
        cmocka_unit_test_setup_teardown(patterns_made_to_be_slow, enter, done),
        cmocka_unit_test_setup_teardown(many_small_lists_are_small, enter, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
