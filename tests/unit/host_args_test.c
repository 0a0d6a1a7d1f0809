/* Command lines to typed arguments: what each line means, what each wrong one says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "host/args.h"
#include "host_values.h"

static struct arena a = ARENA_INIT;

static int clear(void **state) {
    (void)state;
    arena_release(&a);
    return 0;
}

static const char *const specs[] = {
    "{kind:command, name:list, doc:d, args:[{name:query, type:query, required:false},"
    "{name:type, type:enum, choices:[talk,note,event], default:talk, flag:true}, {name:kind, type:string, flag:true},"
    "{name:sort, type:string, flag:true}, {name:limit, type:int, min:1, flag:true, short:n},"
    "{name:zero, type:bool, flag:true, short:'0'}, {name:open, type:bool, flag:true, short:o, default:true}]}",

    "{kind:command, name:import, doc:d, args:[{name:paths, type:list, item:{type:path, mode:read}},"
    "{name:event, type:event, flag:true, short:e}, {name:explain, type:bool, flag:true},"
    "{name:with, type:list, item:string, flag:true, max:2}]}",

    "{kind:command, name:tag, doc:d, aliases:[label], args:[{name:edits, type:tagedit}, {name:target, type:query}]}",

    "{kind:command, name:set, doc:d, args:[{name:count, type:int}, {name:ratio, type:number, default:0.5},"
    "{name:since, type:date, flag:true}, {name:within, type:duration, default:'5m', flag:true},"
    "{name:out, type:path, mode:write, default:'.', flag:true, short:o}, {name:on, type:bool, flag:true}]}",

    "{kind:command, name:show, doc:d, args:[{name:talk, type:talk}, {name:person, type:person, required:false}]}",
    "{kind:command, name:undo, doc:d}",
    "{kind:command, name:daemon.start, doc:d}",
    "{kind:command, name:daemon.stop, doc:d}",
    "{kind:command, name:plugin, doc:d, args:[{name:name, type:string, required:false}]}",
    "{kind:command, name:plugin.grant, doc:d, args:[{name:name, type:string}]}",
    "{kind:command, name:need, doc:d, args:[{name:key, type:string, flag:true, required:true}]}",
};
enum { SPECS = sizeof specs / sizeof specs[0] };

static const struct command_spec *lookup(void *ctx, const char *name) {
    (void)ctx;
    for (size_t i = 0; i < SPECS; i++) {
        struct value v = values_of(&a, specs[i]);
        const struct command_spec *spec;
        if (value_eqs(value_get(&v, "name"), name)) {
            struct err err;
            err_init(&err);
            if (spec_parse(&a, "core", &v, &spec, &err) < 0) {
                fail_msg("%s", err.message);
            }
            return spec;
        }
    }
    return NULL;
}

/* Words of a line; '_' stands for a space in a word. */
static size_t words_of(const char *line, const char **words) {
    size_t n = 0;
    for (const char *p = line + strspn(line, " "); *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        char *word = arena_dup(&a, p, len);
        for (char *c = word; *c; c++) {
            *c = *c == '_' ? ' ' : *c;
        }
        words[n++] = word;
        p += len;
    }
    return n;
}

static int parse(const char *line, struct args_globals *g, struct args *out, struct err *err) {
    const char *words[64];
    size_t n = words_of(line, words), used, more;
    err_init(err);
    int rc = args_globals(words, n, g, &used, err);
    if (rc < 0) {
        return rc;
    }
    const struct command_spec *spec = args_command(words + used, n - used, lookup, NULL, &more);
    assert_non_null(spec);
    used += more;
    return args_parse(&a, spec, words + used, n - used, "/home/ann", g, out, err);
}

static void expect(const char *line, const char *json) {
    struct args_globals g;
    struct args args;
    struct err err;
    if (parse(line, &g, &args, &err) < 0) {
        fail_msg("%s: %s", line, err.message);
    }
    struct buf text = BUF_INIT;
    json_write(&text, &args.map);
    if (strcmp(text.data, json) != 0) {
        fail_msg("%s:\n  %s in place of\n  %s", line, text.data, json);
    }
    buf_release(&text);
}

static const struct {
    const char *line, *json;
} lines[] = {
    {"list", "{\"type\":\"talk\",\"open\":true}"},
    {"list raft consensus", "{\"query\":\"raft consensus\",\"type\":\"talk\",\"open\":true}"},
    {"list raft -n 5 paxos", "{\"query\":\"raft paxos\",\"type\":\"talk\",\"limit\":5,\"open\":true}"},
    {"list -n5 --sort=start:desc", "{\"type\":\"talk\",\"sort\":\"start:desc\",\"limit\":5,\"open\":true}"},
    {"list -0n5", "{\"type\":\"talk\",\"limit\":5,\"zero\":true,\"open\":true}"},
    {"list -0on 5", "{\"type\":\"talk\",\"limit\":5,\"zero\":true,\"open\":true}"},
    {"list --limit=5 --limit 7", "{\"type\":\"talk\",\"limit\":7,\"open\":true}"},
    {"list --no-open --zero=no", "{\"type\":\"talk\",\"zero\":false,\"open\":false}"},
    {"list --no-open --open", "{\"type\":\"talk\",\"open\":true}"},
    {"list --type note --kind=", "{\"type\":\"note\",\"kind\":\"\",\"open\":true}"},
    {"list --kind --sort", "{\"type\":\"talk\",\"kind\":\"--sort\",\"open\":true}"},
    {"list raft -tutorial", "{\"query\":\"raft -tutorial\",\"type\":\"talk\",\"open\":true}"},
    {"list -- --sort -n 5", "{\"query\":\"--sort -n 5\",\"type\":\"talk\",\"open\":true}"},
    {"list -", "{\"query\":\"-\",\"type\":\"talk\",\"open\":true}"},
    {"list a_b c", "{\"query\":\"a b c\",\"type\":\"talk\",\"open\":true}"},
    {"import notes/a.md - /x/../y", "{\"paths\":[\"/home/ann/notes/a.md\",\"-\",\"/y\"]}"},
    {"import a --with x --with=y -e SOSP_2017 --explain",
     "{\"paths\":[\"/home/ann/a\"],\"event\":\"SOSP 2017\",\"explain\":true,\"with\":[\"x\",\"y\"]}"},
    {"tag +x -y raft", "{\"edits\":{\"add\":[\"x\"],\"remove\":[\"y\"]},\"target\":\"raft\"}"},
    {"tag +x -y -- -raft", "{\"edits\":{\"add\":[\"x\"],\"remove\":[\"y\"]},\"target\":\"-raft\"}"},
    {"tag -- -y -- +z", "{\"edits\":{\"add\":[],\"remove\":[\"y\"]},\"target\":\"+z\"}"},
    {"tag +x -", "{\"edits\":{\"add\":[\"x\"],\"remove\":[]},\"target\":\"-\"}"},
    {"tag -hello +x a -b", "{\"edits\":{\"add\":[\"x\"],\"remove\":[\"hello\"]},\"target\":\"a -b\"}"},
    {"set -5", "{\"count\":-5,\"ratio\":0.5,\"within\":300000,\"out\":\"/home/ann\"}"},
    {"set 3 -.25 --since 2017-03 --out - --within 2h",
     "{\"count\":3,\"ratio\":-0.25,\"since\":\"2017-03\",\"within\":7200000,\"out\":\"-\"}"},
    {"set 1 1e3 -ofile --on=off",
     "{\"count\":1,\"ratio\":1000.0,\"within\":300000,\"out\":\"/home/ann/file\",\"on\":false}"},
    {"undo", "{}"},
    {"daemon start", "{}"},
    {"daemon.stop", "{}"},
    {"plugin grant captions", "{\"name\":\"captions\"}"},
    {"plugin granted", "{\"name\":\"granted\"}"},
    {"plugin", "{}"},
    {"show 1a2b3c", "{\"talk\":\"1a2b3c\"}"},
    {"need --key=", "{\"key\":\"\"}"},
};

static void lines_mean_this(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        expect(lines[i].line, lines[i].json);
    }
}

static const struct {
    const char *line, *says;
} wrong[] = {
    {"list --sotr title", "unknown option '--sotr' of 'list'; did you mean '--sort'?"},
    {"list --sor=title", "unknown option '--sor' of 'list'; did you mean '--sort'?"},
    {"list --dry", "unknown option '--dry' of 'list'; did you mean '--dry-run'?"},
    {"list --limit many", "'list --limit' wants a whole number, not 'many'"},
    {"list -nmany", "'list --limit' wants a whole number, not 'many'"},
    {"list -n", "'list --limit' wants a value"},
    {"list -n 0", "'list --limit' wants at least 1, not 0"},
    {"list -n 99999999999999999999", "'list --limit' wants a smaller number, not '99999999999999999999'"},
    {"list -n 5.0", "'list --limit' wants a whole number, not '5.0'"},
    {"list --type tlak", "'list --type' wants one of talk, note, event, not 'tlak'; did you mean 'talk'?"},
    {"list --zero=perhaps", "'list --zero' wants yes or no, not 'perhaps'"},
    {"list --no-zero=yes", "'list --no-zero' takes no value"},
    {"list --json=yes", "'--json' takes no value"},
    {"list --no-pager", "'--no-pager' goes before the command: lectern --no-pager ... list"},
    {"list --store=x", "'--store' goes before the command"},
    {"import", "'import' needs PATHS"},
    {"import -x", "unknown option '-x' of 'import'"},
    {"import a -e", "'import --event' wants a value"},
    {"import a --event=", "'import --event' wants a name or an id, not ''"},
    {"import a --with x --with y --with z", "'import --with' wants at most 2 values, not 3"},
    {"tag raft", "'tag EDITS' wants +tag or -tag, not 'raft'"},
    {"tag +x", "'tag' needs TARGET"},
    {"tag +a_b x", "'tag EDITS' wants +tag or -tag, not '+a b'"},
    {"set", "'set' needs COUNT"},
    {"set five", "'set COUNT' wants a whole number, not 'five'"},
    {"set -x", "unknown option '-x' of 'set'"},
    {"set 1 2 3", "'set' takes at most 2 arguments; '3' is left over"},
    {"set 1 nan", "'set RATIO' wants a number, not 'nan'"},
    {"set 1 0x10", "'set RATIO' wants a number, not '0x10'"},
    {"set 1 1e999", "'set RATIO' wants a number, not '1e999'"},
    {"set 1 --since tomorrow", "'set --since' wants a date"},
    {"set 1 --within soon", "'set --within' wants a duration like 90s"},
    {"set 1 -o", "'set --out' wants a value"},
    {"set 1 --out=", "'set --out' wants a path, not ''"},
    {"undo it", "'undo' takes no arguments; 'it' is left over"},
    {"show \xff", "'show TALK' wants UTF-8 text"},
    {"need", "'need' needs --key"},
};

static void wrong_lines_say_why(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct args_globals g;
        struct args args;
        struct err err;
        int rc = parse(wrong[i].line, &g, &args, &err);
        if (rc != -E_USAGE || !strstr(err.message, wrong[i].says)) {
            fail_msg("%s: %d, '%s' in place of '%s'", wrong[i].line, rc, err.message, wrong[i].says);
        }
        assert_non_null(strstr(err.hint, "usage: lectern "));
    }
}

static void globals_are_taken_in_front(void **state) {
    (void)state;
    const char *words[32];
    size_t used,
        n = words_of("--store n.db --config=c -qv --no-daemon --timeout 90s --color never --jsonl -- list -n 5", words);
    struct args_globals g;
    struct err err;
    err_init(&err);
    assert_int_equal(args_globals(words, n, &g, &used, &err), 0);
    assert_int_equal(used, 11);
    assert_string_equal(words[used], "list");
    assert_string_equal(g.store, "n.db");
    assert_string_equal(g.config, "c");
    assert_int_equal(g.timeout_ms, 90000);
    assert_int_equal(g.color, ARGS_COLOR_NEVER);
    assert_true(g.quiet && g.verbose && g.no_daemon && g.jsonl);
    assert_false(g.json || g.dry_run || g.help || g.version || g.no_pager);
    assert_int_equal(args_globals(words, 0, &g, &used, &err), 0);
    assert_int_equal(used, 0);
    assert_int_equal(g.timeout_ms, -1);
}

static void wrong_globals_say_why(void **state) {
    (void)state;
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"--jsn", "unknown option '--jsn'; did you mean '--json'?"},
        {"--jso=1", "unknown option '--jso=1'; did you mean '--json'?"},
        {"-qx", "unknown option '-qx'"},
        {"--store", "'--store' wants a file"},
        {"--store=", "'--store' wants a file, not ''"},
        {"--timeout soon", "'--timeout' wants a duration"},
        {"--timeout 0", "'--timeout' wants a duration"},
        {"--color pink", "'--color' wants auto, always or never, not 'pink'"},
        {"--help=me", "'--help' takes no value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *words[8];
        size_t used, n = words_of(cases[i].line, words);
        struct args_globals g;
        struct err err;
        err_init(&err);
        assert_int_equal(args_globals(words, n, &g, &used, &err), -E_USAGE);
        if (!strstr(err.message, cases[i].says)) {
            fail_msg("%s: '%s' in place of '%s'", cases[i].line, err.message, cases[i].says);
        }
    }
}

static void some_globals_also_follow(void **state) {
    (void)state;
    struct args_globals g;
    struct args args;
    struct err err;
    assert_int_equal(parse("-v list --json --dry-run -q raft", &g, &args, &err), 0);
    assert_true(g.json && g.dry_run && g.quiet && g.verbose && !g.help);
    assert_int_equal(parse("import --help", &g, &args, &err), 0);
    assert_true(g.help && args.map.len == 0);
    assert_int_equal(parse("set -h --nonsense", &g, &args, &err), 0);
    assert_true(g.help);
}

static void commands_are_found(void **state) {
    (void)state;
    static const struct {
        const char *line, *name;
        size_t used;
    } cases[] = {
        {"list raft", "list", 1},
        {"plugin grant x", "plugin.grant", 2},
        {"plugin.grant x", "plugin.grant", 1},
        {"plugin x", "plugin", 1},
        {"plugin Grant", "plugin", 1},
        {"daemon", NULL, 0},
        {"daemon start", "daemon.start", 2},
        {"List", NULL, 0},
        {"", NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *words[8];
        size_t used, n = words_of(cases[i].line, words);
        const struct command_spec *spec = args_command(words, n, lookup, NULL, &used);
        assert_int_equal(used, cases[i].used);
        assert_int_equal(spec != NULL, cases[i].name != NULL);
        if (spec) {
            assert_string_equal(spec->name, cases[i].name);
        }
    }
}

static void unknown_commands_say_what_is_near(void **state) {
    (void)state;
    static const char *const names[] = {"list", "search", "daemon.run", "daemon.start", "daemon.stop", "plugin"};
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"serach raft", "unknown command 'serach'; did you mean 'search'?"},
        {"quux", "unknown command 'quux'"},
        {"daemon", "'daemon' is no command by itself; it goes with run, start, stop"},
        {"daemon frobnicate", "it goes with run, start, stop"},
        {"daemon strat", "unknown command 'daemon strat'; did you mean 'daemon.start'?"},
        {"", "no command was named"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *words[8];
        size_t n = words_of(cases[i].line, words);
        struct err err;
        err_init(&err);
        assert_int_equal(args_unknown_command(words, n, names, 6, &err), -E_USAGE);
        if (!strstr(err.message, cases[i].says)) {
            fail_msg("%s: '%s' in place of '%s'", cases[i].line, err.message, cases[i].says);
        }
    }
}

static void refs_and_paths_are_listed(void **state) {
    (void)state;
    struct args_globals g;
    struct args args;
    struct err err;
    assert_int_equal(parse("import a - b -e SOSP", &g, &args, &err), 0);
    assert_int_equal(args.npaths, 2);
    assert_string_equal(args.paths[1].path, "/home/ann/b");
    assert_int_equal(args.paths[1].mode, PATH_READ);
    assert_int_equal(args.nrefs, 1);
    assert_int_equal(args.refs[0].type, ARG_EVENT);
    *args.refs[0].slot = value_int(7); /* what was found takes its place in the map */
    assert_int_equal(value_get(&args.map, "event")->i, 7);
    assert_int_equal(parse("list raft a_b", &g, &args, &err), 0);
    assert_int_equal(args.refs[0].words->len, 2);
    assert_true(value_eqs(value_at(args.refs[0].words, 1), "a b"));
    assert_int_equal(parse("show 1a2b3c4d Ann", &g, &args, &err), 0);
    assert_int_equal(args.nrefs, 2);
    assert_int_equal(args.refs[1].type, ARG_PERSON);
}

static void defaults_grant_nothing(void **state) {
    (void)state;
    struct args_globals g;
    struct args args;
    struct err err;
    assert_int_equal(parse("set 1", &g, &args, &err), 0);
    assert_string_equal(value_cstr(value_get(&args.map, "out"), ""), "/home/ann");
    assert_int_equal(args.npaths, 0);
    assert_int_equal(parse("set 1 -o .", &g, &args, &err), 0);
    assert_int_equal(args.npaths, 1);
    assert_int_equal(args.paths[0].mode, PATH_WRITE);
}

/* ---- values ----------------------------------------------------------------------------------------------------- */
static const struct {
    const char *command, *map, *json, *says;
} values[] = {
    {"list", "null", "{\"type\":\"talk\",\"open\":true}", NULL},
    {"list", "[]", "{\"type\":\"talk\",\"open\":true}", NULL},
    {"list", "{query:'a b', limit:5.0, open:false, sort:null}",
     "{\"query\":\"a b\",\"type\":\"talk\",\"limit\":5,\"open\":false}", NULL},
    {"list", "{query:[a,b]}", "{\"query\":\"a b\",\"type\":\"talk\",\"open\":true}", NULL},
    {"import", "{paths:a, event:{id:'1a2b', slug:'x'}}", "{\"paths\":[\"/home/ann/a\"],\"event\":\"1a2b\"}", NULL},
    {"import", "{paths:['/a']}", "{\"paths\":[\"/a\"]}", NULL},
    {"tag", "{edits:'+x -y', target:t}", "{\"edits\":{\"add\":[\"x\"],\"remove\":[\"y\"]},\"target\":\"t\"}", NULL},
    {"tag", "{edits:['+x'], target:t}", "{\"edits\":{\"add\":[\"x\"],\"remove\":[]},\"target\":\"t\"}", NULL},
    {"tag", "{edits:{add:[x]}, target:t}", "{\"edits\":{\"add\":[\"x\"],\"remove\":[]},\"target\":\"t\"}", NULL},
    {"set", "{count:1, ratio:2, since:'2017-03', within:1500}",
     "{\"count\":1,\"ratio\":2.0,\"since\":\"2017-03\",\"within\":1500,\"out\":\"/home/ann\"}", NULL},
    {"set", "{count:1, within:'2s'}", "{\"count\":1,\"ratio\":0.5,\"within\":2000,\"out\":\"/home/ann\"}", NULL},
    {"list", "7", NULL, "must be a map"},
    {"list", "[1]", NULL, "must be a map"},
    {"list", "{limt:5}", NULL, "unknown argument 'limt' of 'list'; did you mean 'limit'?"},
    {"list", "{limit:'5'}", NULL, "'list --limit' wants a whole number, not text"},
    {"list", "{limit:5.5}", NULL, "'list --limit' wants a whole number, not 5.5"},
    {"list", "{limit:0}", NULL, "'list --limit' wants at least 1, not 0"},
    {"list", "{open:'yes'}", NULL, "'list --open' wants true or false, not text"},
    {"list", "{type:tlak}", NULL, "did you mean 'talk'?"},
    {"list", "{query:{}}", NULL, "'list QUERY' wants query text, not a map"},
    {"import", "{}", NULL, "'import' needs PATHS"},
    {"import", "{paths:[1]}", NULL, "'import PATHS' wants a path, not a number"},
    {"import", "{paths:['a\\x00b']}", NULL, "wants text without NUL"},
    {"import", "{paths:a, with:[a,b,c]}", NULL, "at most 2 values"},
    {"tag", "{edits:'x', target:t}", NULL, "wants +tag or -tag, not 'x'"},
    {"tag", "{edits:{add:x}, target:t}", NULL, "wants +tag or -tag, not text"},
    {"tag", "{edits:[1], target:t}", NULL, "wants +tag or -tag, not a number"},
    {"set", "{count:1, within:-1}", NULL, "milliseconds of 0 or more"},
    {"set", "{count:1, since:2017}", NULL, "wants a date, not a number"},
    {"show", "{talk:'\\xff'}", NULL, "wants UTF-8 text"},
};

static void values_mean_this(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct value map = values_of(&a, values[i].map);
        struct args args;
        struct err err;
        struct buf text = BUF_INIT;
        err_init(&err);
        int rc = args_from_value(&a, lookup(NULL, values[i].command), &map, "/home/ann", &args, &err);
        json_write(&text, &args.map);
        if (values[i].json ? rc != 0 || strcmp(text.data, values[i].json)
                           : rc != -E_USAGE || !strstr(err.message, values[i].says)) {
            fail_msg("%s %s: %s %s", values[i].command, values[i].map, text.data, err.message);
        }
        buf_release(&text);
    }
}

static void words_are_checked(void **state) {
    (void)state;
    const char *const *words;
    size_t n;
    struct err err;
    struct value argv = values_of(&a, "['list', '-n', '5']");
    err_init(&err);
    assert_int_equal(args_words(&a, &argv, &words, &n, &err), 0);
    assert_int_equal(n, 3);
    assert_string_equal(words[2], "5");
    static const char *const bad[] = {"7", "null", "[1]", "['a\\x00b']", "[[]]"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        argv = values_of(&a, bad[i]);
        assert_int_equal(args_words(&a, &argv, &words, &n, &err), -E_USAGE);
        assert_int_equal(n, 0);
    }
}

static void long_lines_are_refused(void **state) {
    (void)state;
    size_t n = ARGS_WORDS_MAX + 1;
    const char **words = mem_array(NULL, n, sizeof *words);
    for (size_t i = 0; i < n; i++) {
        words[i] = "x";
    }
    struct args_globals g = {0};
    struct args args;
    struct err err;
    err_init(&err);
    assert_int_equal(args_parse(&a, lookup(NULL, "list"), words, n, "/", &g, &args, &err), -E_USAGE);
    assert_int_equal(args_parse(&a, lookup(NULL, "list"), words, n - 1, "/", &g, &args, &err), 0);
    mem_free(words);
}

/* Lines made of pieces that mean something: read or refused, and what is read satisfies the same checks as values
 * do. */
static void noise_is_survived(void **state) {
    (void)state;
    static const char *const pieces[] = {"-",  "--",     "-n",   "5",     "--limit", "=",      "x",    "+t",
                                         "-t", "--type", "talk", "--no-", "-0",      "o",      "e",    "--json",
                                         ".",  "/",      "",     "\xff",  "--help",  "\x1b[m", "--x=", "-5"};
    uint32_t seed = 7;
    size_t read = 0;
    for (int i = 0; i < 60000; i++) {
        const char *words[6];
        size_t n = (seed >> 9) % 6;
        for (size_t w = 0; w < n; w++) {
            seed = seed * 1664525 + 1013904223;
            const char *first = pieces[(seed >> 16) % 24], *second = pieces[(seed >> 22) % 24];
            words[w] = arena_printf(&a, "%s%s", first, seed & 0x8000 ? second : "");
        }
        seed = seed * 1664525 + 1013904223;
        struct value v = values_of(&a, specs[(seed >> 16) % 5]);
        const struct command_spec *spec;
        struct args_globals g = {0};
        struct args args, again;
        struct err err;
        err_init(&err);
        assert_int_equal(spec_parse(&a, "p", &v, &spec, &err), 0);
        if (args_parse(&a, spec, words, n, "/", &g, &args, &err) == 0 && !g.help) {
            if (args_from_value(&a, spec, &args.map, "/", &again, &err) < 0) {
                fail_msg("%s", err.message);
            }
            assert_true(value_equal(&args.map, &again.map));
            read++;
        }
        arena_clear(&a);
    }
    assert_true(read > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(lines_mean_this, clear),
        cmocka_unit_test_teardown(wrong_lines_say_why, clear),
        cmocka_unit_test_teardown(globals_are_taken_in_front, clear),
        cmocka_unit_test_teardown(wrong_globals_say_why, clear),
        cmocka_unit_test_teardown(some_globals_also_follow, clear),
        cmocka_unit_test_teardown(commands_are_found, clear),
        cmocka_unit_test_teardown(unknown_commands_say_what_is_near, clear),
        cmocka_unit_test_teardown(refs_and_paths_are_listed, clear),
        cmocka_unit_test_teardown(defaults_grant_nothing, clear),
        cmocka_unit_test_teardown(values_mean_this, clear),
        cmocka_unit_test_teardown(words_are_checked, clear),
        cmocka_unit_test_teardown(long_lines_are_refused, clear),
        cmocka_unit_test_teardown(noise_is_survived, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
