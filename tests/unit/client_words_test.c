/* Leading globals, and the commands that the client carries out itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/words.h"

enum { MOST = 16 };

/* Reads LINE, words separated by spaces ("_" is the empty word), as what follows the program's name. */
struct line {
    char text[256];
    char *argv[MOST + 2];
    struct words w;
};

static struct words *read_line(struct line *l, const char *text) {
    int argc = 1;
    char *save = NULL;
    strncpy(l->text, text, sizeof l->text - 1);
    l->text[sizeof l->text - 1] = '\0';
    l->argv[0] = (char *)"lectern";
    for (char *s = strtok_r(l->text, " ", &save); s && argc <= MOST; s = strtok_r(NULL, " ", &save)) {
        l->argv[argc++] = strcmp(s, "_") == 0 ? (char *)"" : s;
    }
    l->argv[argc] = NULL;
    words_read(&l->w, argc, l->argv);
    return &l->w;
}

struct kind {
    const char *line;
    enum words_for who;
};

static void knows_its_own_commands(void **state) {
    (void)state;
    const struct kind kinds[] = {
        {"", WORDS_HOST},
        {"list", WORDS_HOST},
        {"--version", WORDS_VERSION},
        {"-V", WORDS_VERSION},
        {"-V list", WORDS_HOST},
        {"--json --version", WORDS_HOST},
        {"daemon run", WORDS_DAEMON_RUN},
        {"daemon.run", WORDS_DAEMON_RUN},
        {"-q daemon start", WORDS_DAEMON_START},
        {"-qv --color never --timeout=3s daemon start", WORDS_DAEMON_START},
        {"--store x daemon start", WORDS_DAEMON_START},
        {"--no-daemon --no-pager --dry-run --jsonl --verbose daemon.stop", WORDS_DAEMON_STOP},
        {"daemon status", WORDS_HOST},
        {"daemon", WORDS_HOST},
        {"daemon. run", WORDS_HOST},
        {"daemon running", WORDS_HOST},
        {"note daemon run", WORDS_HOST},
        {"-- daemon run", WORDS_HOST},
        {"--what daemon run", WORDS_HOST},
        {"--colour never daemon run", WORDS_HOST},
        {"--json=yes daemon run", WORDS_HOST},
        {"-x daemon run", WORDS_HOST},
        {"- daemon run", WORDS_HOST},
        {"_ daemon run", WORDS_HOST},
        {"--help daemon run", WORDS_HOST},
        {"-h daemon start", WORDS_HOST},
        {"-qh daemon start", WORDS_HOST},
        {"daemon run --help", WORDS_HOST},
        {"daemon start -h", WORDS_HOST},
        {"daemon start --sandbox off -x", WORDS_DAEMON_START},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct line l;
        if (read_line(&l, kinds[i].line)->who != kinds[i].who) {
            fail_msg("'%s' was taken for %d", kinds[i].line, (int)l.w.who);
        }
        words_release(&l.w);
    }
}

static void finds_the_host(void **state) {
    (void)state;
    struct line l;
    struct words *w = read_line(&l, "--store a.db --config=b --no-daemon list --store c.db");
    assert_string_equal(w->store, "a.db");
    assert_string_equal(w->config, "b");
    assert_true(w->no_daemon);
    assert_int_equal(w->count, 7);
    assert_string_equal(w->all[0], "--store");
    w = read_line(&l, "--store= --store x list");
    assert_string_equal(w->store, "x");
    w = read_line(&l, "list --store x --no-daemon");
    assert_null(w->store);
    assert_false(w->no_daemon);
    w = read_line(&l, "--no-such --store x list");
    assert_null(w->store);
    w = read_line(&l, "--store");
    assert_null(w->store);
}

static void the_environment_can_rule_out_the_daemon(void **state) {
    (void)state;
    const struct {
        const char *value;
        bool off;
    } cases[] = {{"1", true}, {"yes", true}, {"0", false}, {"", false}};
    struct line l;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("LECTERN_NO_DAEMON", cases[i].value, 1);
        assert_int_equal(read_line(&l, "list")->no_daemon, cases[i].off);
    }
    unsetenv("LECTERN_NO_DAEMON");
    assert_false(read_line(&l, "list")->no_daemon);
}

static void the_rest_is_for_lecternd(void **state) {
    (void)state;
    struct line l;
    struct words *w = read_line(&l, "daemon start --json --no-sandbox -q x --quiet --jsonl");
    assert_true(w->json);
    assert_true(w->quiet);
    assert_string_equal(w->rest[0], "--no-sandbox");
    assert_string_equal(w->rest[1], "x");
    assert_null(w->rest[2]);
    words_release(w);
    assert_null(w->rest);
    w = read_line(&l, "daemon run");
    assert_false(w->json);
    assert_null(w->rest[0]);
    words_release(w);
}

static void no_words_at_all(void **state) {
    (void)state;
    struct words w;
    char *none[] = {NULL};
    words_read(&w, 0, none);
    assert_int_equal(w.count, 0);
    assert_int_equal(w.who, WORDS_HOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_its_own_commands),
        cmocka_unit_test(finds_the_host),
        cmocka_unit_test(the_environment_can_rule_out_the_daemon),
        cmocka_unit_test(the_rest_is_for_lecternd),
        cmocka_unit_test(no_words_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
