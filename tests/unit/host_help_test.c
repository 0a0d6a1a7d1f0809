/* Usage lines, help pages and wrapping, as a person sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "host/help.h"
#include "host/wrap.h"
#include "host_values.h"

static struct arena a = ARENA_INIT;
static struct buf out = BUF_INIT;

static int clear(void **state) {
    (void)state;
    arena_release(&a);
    buf_release(&out);
    return 0;
}

static const struct command_spec *spec_of(const char *plugin, const char *text) {
    struct value v = values_of(&a, text);
    const struct command_spec *spec;
    struct err err;
    err_init(&err);
    if (spec_parse(&a, plugin, &v, &spec, &err) < 0) {
        fail_msg("%s", err.message);
    }
    return spec;
}

static const struct {
    const char *spec, *usage;
} usages[] = {
    {"{kind:command, name:undo, doc:d}", "lectern undo"},
    {"{kind:command, name:daemon.start, doc:d}", "lectern daemon start"},
    {"{kind:command, name:x, doc:d, args:[{name:query, type:query, required:false},{name:limit, type:int, flag:true, "
     "short:n},"
     "{name:sort, type:string, flag:true},{name:on, type:bool, flag:true, short:o},{name:off, type:bool, flag:true, "
     "default:true}]}",
     "lectern x [QUERY] [-n N] [--sort TEXT] [-o] [--no-off]"},
    {"{kind:command, name:tag, doc:d, args:[{name:edits, type:tagedit},{name:target, type:query}]}",
     "lectern tag +TAG|-TAG... TARGET"},
    {"{kind:command, name:x, doc:d, args:[{name:how, type:enum, choices:[run,stop]},{name:files, type:list, item:path},"
     "{name:key, type:path, flag:true, required:true}]}",
     "lectern x run|stop FILES... --key PATH"},
    {"{kind:importer, name:srt, doc:d}", "lectern import PATH... --with srt"},
    {"{kind:exporter, name:cards, doc:d, args:[{name:width, type:int, flag:true}]}",
     "lectern export cards [QUERY] [-o PATH] [--width N]"},
    {"{kind:summariser, name:lead, doc:d}", "lectern summarise TARGET... --with lead"},
};

static void usage_lines(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++) {
        buf_clear(&out);
        help_usage(&out, spec_of("core", usages[i].spec));
        assert_string_equal(out.data, usages[i].usage);
    }
}

static void a_page(void **state) {
    (void)state;
    const struct command_spec *spec =
        spec_of("core", "{kind:command, name:list, file:'init.lua', line:12, doc:'Talks that match.\n\nWithout a "
                        "query, all.\n- one\n- two',"
                        "returns:'talk[]', aliases:[ls], examples:['list raft -n 5'], args:["
                        "{name:query, type:query, required:false, doc:'what to look for'},"
                        "{name:type, type:enum, choices:[talk,note,event,person,session,source], default:talk, "
                        "flag:true, doc:'which of the kinds of things that there are'},"
                        "{name:limit, type:int, min:1, max:99, default:20, flag:true, short:n},"
                        "{name:within, type:duration, default:'90m', flag:true},{name:keep, type:string, flag:true, "
                        "required:true, doc:k}]}");
    help_command(&out, spec, 72, false);
    assert_string_equal(out.data, "Usage: lectern list [QUERY] [--type WORD] [-n N] [--within DURATION]\n"
                                  "                    --keep TEXT\n"
                                  "\n"
                                  "Talks that match.\n"
                                  "\n"
                                  "Without a query, all.\n"
                                  "- one\n"
                                  "- two\n"
                                  "\n"
                                  "Arguments\n"
                                  "  QUERY  what to look for\n"
                                  "\n"
                                  "Options\n"
                                  "      --type WORD        which of the kinds of things that there are\n"
                                  "                         (one of talk, note, event, person, session,\n"
                                  "                         source; default talk)\n"
                                  "  -n, --limit N          (at least 1; at most 99; default 20)\n"
                                  "      --within DURATION  (default 90m)\n"
                                  "      --keep TEXT        k (required)\n"
                                  "\n"
                                  "Examples\n"
                                  "  lectern list raft -n 5\n"
                                  "\n"
                                  "More\n"
                                  "  Aliases  ls\n"
                                  "  Returns  talk[]\n"
                                  "  Plugin   core (init.lua:12)\n"
                                  "\n"
                                  "--json, --jsonl, --dry-run, --quiet: see `lectern help`.\n");
}

static void an_overview(void **state) {
    (void)state;
    const struct command_spec *specs[] = {
        spec_of("core", "{kind:command, name:list, doc:'Lists talks. And more.'}"),
        spec_of("captions", "{kind:command, name:captions.longest, doc:'Long ones.'}"),
        spec_of("core", "{kind:command, name:show, doc:'Shows one\nin two lines'}"),
        spec_of("core", "{kind:command, name:secret, doc:d, hidden:true}"),
        spec_of("core", "{kind:importer, name:srt, doc:captions}"),
    };
    help_overview(&out, specs, 5, 80, true);
    const char *head = "\x1b[1mUsage:\x1b[0m lectern [GLOBAL...] COMMAND [ARGS...]\n"
                       "\n\x1b[1mcore\x1b[0m\n"
                       "  list              Lists talks\n"
                       "  show              Shows one\n"
                       "\n\x1b[1mcaptions\x1b[0m\n"
                       "  captions longest  Long ones\n"
                       "\n\x1b[1mGlobal options\x1b[0m\n";
    assert_int_equal(strncmp(out.data, head, strlen(head)), 0);
    assert_non_null(strstr(out.data, "  -q, --quiet "));
    assert_null(strstr(out.data, "secret"));
    assert_null(strstr(out.data, "srt"));
}

/* Every global option that the parser knows is on the page. */
static void globals_are_complete(void **state) {
    (void)state;
    static const char *const names[] = {"json",     "jsonl",   "quiet",   "verbose", "no-daemon", "timeout", "color",
                                        "no-pager", "dry-run", "version", "help",    "store",     "config"};
    help_globals(&out, 80, false);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char option[32];
        snprintf(option, sizeof option, "--%s ", names[i]);
        assert_true(spec_reserved(names[i]));
        assert_non_null(strstr(out.data, option));
    }
}

static void plugins_cannot_move_the_cursor(void **state) {
    (void)state;
    const struct command_spec *spec =
        spec_of("core", "{kind:command, name:x, doc:'a\\e[2Jb\\x07', examples:['\\e]0;x\\x07'], file:'\\e[1m',"
                        "args:[{name:a, type:enum, choices:['\\e[3m'], doc:'\\e[4m'}]}");
    help_command(&out, spec, 80, false);
    assert_null(strpbrk(out.data, "\x1b\x07"));
}

static size_t widest(const char *text) {
    size_t most = 0;
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n"), columns = text_width(p, n);
        most = columns > most ? columns : most;
        p += p[n] ? n + 1 : n;
    }
    return most;
}

static void pages_fit(void **state) {
    (void)state;
    const struct command_spec *spec = spec_of(
        "core",
        "{kind:command, name:x, doc:'Many words that go on for quite a while so that lines have to be broken', args:["
        "{name:a, type:string, flag:true, doc:'Many words that go on for quite a while so that lines have to be "
        "broken'},"
        "{name:a-rather-long-name, type:duration, flag:true, doc:'with words of its own that are long too'}]}");
    for (size_t width = 60; width <= 100; width += 5) {
        buf_clear(&out);
        help_command(&out, spec, width, false);
        assert_in_range(widest(out.data), 40, width);
    }
    help_command(&out, spec, 0, false);
    assert_in_range(widest(out.data), 40, 100);
}

static void wrapped(const char *text, size_t width, size_t indent, const char *expected) {
    buf_clear(&out);
    wrap_text(&out, text, strlen(text), width, indent, 0);
    assert_string_equal(out.data, expected);
}

static void wrapping(void **state) {
    (void)state;
    wrapped("", 10, 0, "");
    wrapped("one two three", 8, 0, "one two\nthree");
    wrapped("one two three", 0, 0, "one two three");
    wrapped("one two three", 7, 2, "one two\n  three");
    wrapped("one\ntwo\n\nthree\n\n", 20, 0, "one two\n\nthree");
    wrapped("a\n- b\n- c\n  d", 20, 0, "a\n- b\n- c\n  d");
    wrapped("abcdefghij k", 4, 0, "abcdefghij\nk");
    wrapped("\xe6\x97\xa5\xe6\x9c\xac \xe6\x97\xa5", 5, 0, "\xe6\x97\xa5\xe6\x9c\xac\n\xe6\x97\xa5");
}

static void cell(const char *text, size_t width, const char *expected) {
    buf_clear(&out);
    size_t columns = wrap_cell(&out, text, strlen(text), width);
    assert_string_equal(out.data, expected);
    assert_int_equal(columns, text_width(out.data, out.len));
    assert_true(width == 0 || columns <= width);
}

static void cells(void **state) {
    (void)state;
    cell("", 5, "");
    cell("hello", 5, "hello");
    cell("hello!", 5, "hell\xe2\x80\xa6");
    cell("ab cd", 4, "ab\xe2\x80\xa6");
    cell("a\n\n b\tc", 0, "a b c");
    cell("\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5\xe2\x80\xa6");
    cell("\xe6\x97\xa5\xe6\x9c\xac", 2, "\xe2\x80\xa6");
    cell("\x1b[1m", 0, "\\x1b[1m");
    cell("x", 1, "x");
    char *tall = arena_zalloc(&a, 40001); /* a letter and twenty thousand marks on it */
    tall[0] = 'e';
    for (size_t i = 1; i + 1 < 40000; i += 2) {
        memcpy(tall + i, "\xcc\x81", 2);
    }
    buf_clear(&out);
    assert_in_range(wrap_cell(&out, tall, strlen(tall), 10), 1, 10);
    assert_true(out.len < 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(usage_lines, clear),
        cmocka_unit_test_teardown(a_page, clear),
        cmocka_unit_test_teardown(an_overview, clear),
        cmocka_unit_test_teardown(globals_are_complete, clear),
        cmocka_unit_test_teardown(plugins_cannot_move_the_cursor, clear),
        cmocka_unit_test_teardown(pages_fit, clear),
        cmocka_unit_test_teardown(wrapping, clear),
        cmocka_unit_test_teardown(cells, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
