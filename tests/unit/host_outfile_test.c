/* Files and folders that appear whole or not at all, and never in place of what is not ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>

#include "host/outfile.h"
#include "host_folder.h"

static struct err err;

static struct outfile *start(const char *name, bool folder, unsigned mask) {
    char path[600];
    snprintf(path, sizeof path, "%s/%s", home, name);
    err_init(&err);
    return outfile_new(path, folder, mask, &err);
}

static unsigned mode_of(const char *path) {
    struct stat st;
    return stat(path, &st) ? 0 : st.st_mode & 0777;
}

static void a_file_appears_at_the_commit(void **state) {
    (void)state;
    put("out.md", "old");
    struct outfile *o = start("out.md", false, 027);
    assert_non_null(o);
    assert_int_equal(outfile_write(o, "new ", 4, &err), 0);
    assert_int_equal(outfile_write(o, "text", 4, &err), 0);
    assert_string_equal(get("out.md"), "old");
    assert_int_equal(outfile_commit(o, &err), 0);
    outfile_free(o);
    assert_string_equal(get("out.md"), "new text");
    assert_int_equal(mode_of("out.md"), 0640);
    assert_int_equal(count_parts("."), 0);
}

static void what_is_not_committed_leaves_nothing(void **state) {
    (void)state;
    put("out.md", "old");
    struct outfile *o = start("out.md", false, 022);
    assert_int_equal(outfile_write(o, "new", 3, &err), 0);
    outfile_free(o);
    assert_string_equal(get("out.md"), "old");
    o = start("site", true, 022);
    assert_int_equal(outfile_next(o, "a/b.html", &err), 0);
    outfile_free(o);
    assert_int_not_equal(access("site", F_OK), 0);
    assert_int_equal(count_parts("."), 0);
}

static void a_folder_appears_whole(void **state) {
    (void)state;
    struct outfile *o = start("site/", true, 022);
    assert_non_null(o);
    assert_int_equal(outfile_next(o, "index.html", &err), 0);
    assert_int_equal(outfile_write(o, "one", 3, &err), 0);
    assert_int_equal(outfile_next(o, "a/b/c/d.html", &err), 0);
    assert_int_equal(outfile_write(o, "two", 3, &err), 0);
    assert_int_equal(outfile_next(o, "a/b/e.html", &err), 0);
    assert_int_not_equal(access("site", F_OK), 0);
    assert_int_equal(outfile_commit(o, &err), 0);
    outfile_free(o);
    assert_string_equal(get("site/index.html"), "one");
    assert_string_equal(get("site/a/b/c/d.html"), "two");
    assert_string_equal(get("site/a/b/e.html"), "");
    assert_int_equal(mode_of("site"), 0755);
    assert_int_equal(mode_of("site/a/b"), 0755);
    assert_int_equal(mode_of("site/a/b/c/d.html"), 0644);
    /* ours: the next export takes its place, with nothing of the old one left */
    o = start("site", true, 022);
    assert_int_equal(outfile_next(o, "other.html", &err), 0);
    assert_int_equal(outfile_commit(o, &err), 0);
    outfile_free(o);
    assert_int_equal(access("site/other.html", F_OK), 0);
    assert_int_not_equal(access("site/index.html", F_OK), 0);
    assert_int_equal(count_parts("."), 0);
}

static void what_is_not_ours_stays(void **state) {
    (void)state;
    put("theirs/letter.txt", "dear");
    assert_null(start("theirs", true, 022));
    assert_int_equal(err.code, E_OUTPUT);
    assert_non_null(strstr(err.message, "was not made by lectern"));
    assert_null(start("theirs", false, 022));
    assert_non_null(strstr(err.message, "is a folder"));
    put("plain", "text");
    assert_null(start("plain", true, 022));
    assert_non_null(strstr(err.message, "is no folder"));
    assert_int_equal(symlink("theirs", "link"), 0);
    assert_null(start("link", true, 022));
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_null(start("pipe", false, 022));
    assert_null(start("none/at/all.md", false, 022));
    assert_int_equal(err.code, E_OUTPUT);
    assert_string_equal(get("theirs/letter.txt"), "dear");
    assert_string_equal(get("plain"), "text");
    assert_int_equal(count_parts("."), 0);
}

static void an_empty_folder_stays_until_the_commit(void **state) {
    (void)state;
    assert_int_equal(mkdir("empty", 0700), 0);
    struct outfile *o = start("empty", true, 022);
    assert_non_null(o);
    outfile_free(o);
    assert_int_equal(access("empty", F_OK), 0);
    o = start("empty", true, 022);
    put("empty/letter.txt", "dear"); /* meanwhile the person put something there */
    assert_int_not_equal(outfile_commit(o, &err), 0);
    outfile_free(o);
    assert_string_equal(get("empty/letter.txt"), "dear");
    assert_int_equal(count_parts("."), 0);
}

static void names_stay_inside(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "/",
                                      "/etc/passwd",
                                      "..",
                                      "../x",
                                      "a/../x",
                                      "a/..",
                                      "./x",
                                      "a//b",
                                      "a/",
                                      ".hidden",
                                      "a/.b",
                                      ".lectern-export",
                                      "a/b/c/d/e",
                                      "a\nb",
                                      "a\x1b[31m",
                                      "\xff",
                                      "a\xe2\x80\xae"
                                      "b"};
    static const char *const good[] = {"a", "a b.md", "a/b/c/d", "caf\xc3\xa9.md", "a..b", "-x"};
    char longest[258];
    memset(longest, 'x', sizeof longest);
    longest[256] = '\0';
    assert_false(outfile_good_name(longest));
    longest[255] = '\0';
    assert_true(outfile_good_name(longest));
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(outfile_good_name(good[i]));
    struct outfile *o = start("site", true, 022);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err_init(&err);
        assert_int_equal(outfile_next(o, bad[i], &err), -E_PLUGIN);
    }
    outfile_free(o);
}

static void mistakes_of_an_exporter(void **state) {
    (void)state;
    struct outfile *o = start("one.md", false, 022);
    assert_int_equal(outfile_next(o, "two.md", &err), -E_PLUGIN);
    outfile_free(o);
    o = start("site", true, 022);
    assert_int_equal(outfile_write(o, "x", 1, &err), -E_PLUGIN);
    assert_int_equal(outfile_next(o, "a", &err), 0);
    assert_int_equal(outfile_next(o, "a", &err), -E_PLUGIN);
    assert_non_null(strstr(err.message, "twice"));
    assert_int_equal(outfile_next(o, "a/b", &err), -E_OUTPUT); /* a is a file */
    assert_int_equal(outfile_next(o, "b", &err), 0);
    assert_int_equal(outfile_commit(o, &err), 0);
    outfile_free(o);
    outfile_free(NULL);
}

static void devices_are_never_replaced(void **state) {
    (void)state;
    struct stat st;
    err_init(&err);
    assert_null(outfile_new("/dev/full", false, 022, &err));
    assert_int_equal(err.code, E_OUTPUT);
    assert_int_equal(stat("/dev/full", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
}

static void a_write_that_fails_is_an_error(void **state) {
    (void)state;
    struct rlimit was, small = {1000, RLIM_INFINITY};
    char text[4000] = {0};
    getrlimit(RLIMIT_FSIZE, &was);
    small.rlim_max = was.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    struct outfile *o = start("big.md", false, 022);
    setrlimit(RLIMIT_FSIZE, &small);
    int rc = outfile_write(o, text, sizeof text, &err);
    setrlimit(RLIMIT_FSIZE, &was);
    assert_int_equal(rc, -E_OUTPUT);
    outfile_free(o);
    assert_int_not_equal(access("big.md", F_OK), 0);
    assert_int_equal(count_parts("."), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_appears_at_the_commit, enter, leave),
        cmocka_unit_test_setup_teardown(what_is_not_committed_leaves_nothing, enter, leave),
        cmocka_unit_test_setup_teardown(a_folder_appears_whole, enter, leave),
        cmocka_unit_test_setup_teardown(what_is_not_ours_stays, enter, leave),
        cmocka_unit_test_setup_teardown(an_empty_folder_stays_until_the_commit, enter, leave),
        cmocka_unit_test_setup_teardown(names_stay_inside, enter, leave),
        cmocka_unit_test_setup_teardown(mistakes_of_an_exporter, enter, leave),
        cmocka_unit_test_setup_teardown(devices_are_never_replaced, enter, leave),
        cmocka_unit_test_setup_teardown(a_write_that_fails_is_an_error, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
