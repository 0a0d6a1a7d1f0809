/* Values as text and JSON: pages of each kind, terminals kept safe, templates, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "host/render.h"
#include "host_values.h"

static struct arena a = ARENA_INIT;
static struct buf out = BUF_INIT;

static int clear(void **state) {
    (void)state;
    arena_release(&a);
    buf_release(&out);
    return 0;
}

static const char *render(const char *shape, const char *text, const struct render_options *o) {
    const struct shape *s = shape_of(&a, shape);
    struct value in = values_of(&a, text), v;
    struct err err;
    err_init(&err);
    if (shape_check(s, &in, &a, &v, &err) < 0) {
        fail_msg("%s", err.message);
    }
    buf_clear(&out);
    render_value(&out, s, &v, o);
    return out.data;
}

static const struct render_options on_pipe = {0};
static const struct render_options on_terminal = {.terminal = true, .width = 60};

#define TALKS                                                                                                          \
    "[{short:'1a2b3c4d', title:'Scaling consensus to ten thousand nodes', start:'2017-10-29T09:00', "                  \
    "event:{slug:'sosp-2017', year:2017}, speakers:[{name:'Ann Bee', affiliations:[ETH]},{name:'Cy Dee', "             \
    "role:author}]},"                                                                                                  \
    "{short:'2a2b3c4d', title:'T', event:{slug:'eurosys-2018', year:2018}}]"

static void a_table_on_a_pipe(void **state) {
    (void)state;
    assert_string_equal(render("talk[]", TALKS, &on_pipe),
                        "1a2b3c4d  2017-10-29  sosp-2017     Scaling consensus to ten thousand nodes  Ann Bee, Cy Dee\n"
                        "2a2b3c4d  2018        eurosys-2018  T\n");
    assert_string_equal(render("talk[]", "[]", &on_pipe), "");
}

static void a_table_on_a_terminal(void **state) {
    (void)state;
    assert_string_equal(render("talk[]", TALKS, &on_terminal),
                        "id        date        event        title          speakers\n"
                        "1a2b3c4d  2017-10-29  sosp-2017    Scaling cons\xe2\x80\xa6  Ann Bee,\xe2\x80\xa6\n"
                        "2a2b3c4d  2018        eurosys-20\xe2\x80\xa6  T\n");
    struct render_options o = on_terminal;
    o.color = true;
    o.continued = true;
    assert_non_null(strstr(render("talk[]", TALKS, &o), "1a2b3c4d  2017"));
    assert_null(strstr(out.data, "speakers"));
}

static void columns_may_be_chosen(void **state) {
    (void)state;
    static const char *const columns[] = {"title", "who=speakers.affiliations", "event.year", "id=short:3"};
    struct render_options o = {.columns = columns, .ncolumns = 4};
    assert_string_equal(render("talk[]", TALKS, &o), "Scaling consensus to ten thousand nodes  ETH  2017  1a2\n"
                                                     "T                                             2018  2a2\n");
}

static void rows_without_a_shape(void **state) {
    (void)state;
    assert_string_equal(render("any", "[{a:1, 'count(*)':3.5},{a:22, 'b=c':true, 'x.y':z}]", &on_pipe),
                        " 1  3.5\n22       yes  z\n");
    struct render_options o = on_terminal;
    assert_string_equal(render("any", "[{a:1, '\\e[1m':2}]", &o), "a  \\x1b[1m\n1        2\n");
    assert_string_equal(render("{x:int y:string?}[]", "[{x:1,y:a},{x:10}]", &on_pipe), " 1  a\n10\n");
    assert_string_equal(render("any", "[1, x, [1,2], {a:1}, null, true]", &on_pipe),
                        "1\nx\n[1,2]\n{\"a\":1}\n\ntrue\n");
    assert_string_equal(render("string[]", "['a\nb',c]", &on_pipe), "a\nb\nc\n");
    assert_string_equal(render("object[]", "[{type:tag, name:x, count:3}]", &on_pipe), "x  3\n");
    assert_string_equal(render("object[]", "[{type:event, short:a, slug:s},{type:talk, short:b, title:T}]", &on_pipe),
                        "a  event  s\nb  talk   T\n");
}

static void one_object(void **state) {
    (void)state;
    assert_string_equal(
        render(
            "talk",
            "{id:'1a2b3c4d-0', short:'1a2b3c4d', title:'A title of some length that does not fit on a single line',"
            "speakers:[{name:Ann, affiliations:[ETH,X]},{name:Cy, role:author}], tags:[a,b], rev:3,"
            "fields:{mood:good, deep:{x:1}}, sources:[{path:'/n/t', line_start:3, line_end:9}], abstract:'We\nsay.'}",
            &on_terminal),
        "id             1a2b3c4d\n"
        "title          A title of some length that does not fit on a\n"
        "               single line\n"
        "speakers       Ann (ETH, X), Cy (author)\n"
        "tags           a, b\n"
        "fields.mood    good\n"
        "fields.deep.x  1\n"
        "sources        /n/t:3-9\n"
        "\n"
        "abstract\n"
        "We\n"
        "say.\n");
    assert_string_equal(render("note", "{title:T, body:'text\n', questions:[{q:Why, a:Because, asker:Ann}]}", &on_pipe),
                        "title  T\n\ntext\n\nquestions\n  Q (Ann): Why\n  A: Because\n");
    assert_string_equal(render("status", "{running:true, pid:1, jobs:[{id:j1, command:import}]}", &on_pipe),
                        "running  yes\npid      1\n\njobs\n  j1  import\n");
    assert_string_equal(render("any", "{a:[1,2], b:{c:x}}", &on_pipe), "a    1, 2\nb.c  x\n");
}

static void text_is_itself(void **state) {
    (void)state;
    assert_string_equal(render("text", "'a \\e[31mb'", &on_pipe), "a \x1b[31mb\n");
    assert_string_equal(render("text", "'a\n'", &on_pipe), "a\n");
    assert_string_equal(render("text", "''", &on_pipe), "");
    assert_string_equal(render("markdown", "'a \\e[31mb\\e[2J'", &on_terminal), "a b\\x1b[2J\n");
    assert_string_equal(render("nil", "null", &on_pipe), "");
    assert_string_equal(render("int", "5", &on_pipe), "5\n");
    assert_string_equal(render("bool", "true", &on_pipe), "true\n");
}

static void json_is_the_contracts(void **state) {
    (void)state;
    struct render_options o = {.format = RENDER_JSON};
    assert_string_equal(render("nil", "null", &o), "null\n");
    assert_string_equal(render("int[]", "[1,2]", &o), "[1,2]\n");
    assert_string_equal(render("text", "'a\\e'", &o), "\"a\\u001b\"\n");
    o.terminal = true;
    assert_string_equal(render("int[]", "[1]", &o), "[\n  1\n]\n");
    o = (struct render_options){.format = RENDER_JSONL, .terminal = true};
    assert_string_equal(render("int[]", "[1,2]", &o), "1\n2\n");
    assert_string_equal(render("map", "{a:1}", &o), "{\"a\":1}\n");
    assert_string_equal(render("nil", "null", &o), "");
}

static void run_reports(void **state) {
    (void)state;
    const char *one =
        "{run:'9f3c2a1b-11', operations:[{op:make, type:talk, id:'1a2b3c4d-2', title:T},{op:tag, type:note}]}";
    assert_string_equal(render("run_report", one, &on_terminal),
                        "made talk \"T\"  1a2b3c4d\nchanged tags of note\nundo: lectern undo 9f3c2a1b\n");
    assert_string_equal(render("run_report", one, &on_pipe), "made talk \"T\"  1a2b3c4d\nchanged tags of note\n");
    assert_string_equal(render("run_report", "{operations:[{op:delete, type:talk}]}", &on_terminal),
                        "would delete talk\n");
    assert_string_equal(render("run_report", "{}", &on_terminal), "nothing to change\n");
    assert_string_equal(render("run_report", "{}", &on_pipe), "");
    struct buf many = BUF_INIT;
    buf_adds(&many, "{run:'9f3c2a1b-11', operations:[");
    for (int i = 0; i < 500; i++) {
        buf_addf(&many, "{op:make, type:%s}", i % 5 ? "talk" : "note");
    }
    buf_adds(&many, "{op:update, type:event}]}");
    assert_string_equal(render("run_report", many.data, &on_pipe), "made 100 notes\nmade 400 talks\nchanged 1 event\n");
    buf_release(&many);
    struct value v = values_of(&a, one);
    buf_clear(&out);
    render_run_report(&out, &v, true, &on_terminal);
    assert_string_equal(out.data, "would make talk \"T\"  1a2b3c4d\nwould change tags of note\n");
}

static void other_reports(void **state) {
    (void)state;
    assert_string_equal(
        render("import_report",
               "{run:'9f3c2a1b-1', sources:[{path:'/n/a', status:made, made:12, updated:1, warnings:[{message:odd, "
               "line:3}],"
               "items:[{type:talk, title:T, line_start:1, line_end:20, why:heading, confidence:0.9}]},"
               "{path:'/n/b', status:failed, error:{message:'not UTF-8'}},{path:c, status:unchanged, unchanged:3}]}",
               &on_pipe),
        "/n/a: 12 made, 1 updated\n"
        "  warning, line 3: odd\n"
        "  1  20  talk    T    0.9  heading\n"
        "/n/b: failed: not UTF-8\n"
        "c: unchanged\n"
        "3 sources: 12 made, 1 updated, 3 unchanged, 1 failed\n");
    assert_string_equal(render("export_report", "{files:[{path:'o.md', bytes:12}]}", &on_pipe),
                        "wrote o.md (12 bytes)\n");
    assert_string_equal(render("export_report", "{text:'# T'}", &on_pipe), "# T\n");
    assert_string_equal(render("summary[]", "[{target:x, sentences:[{text:'One.'},{text:'Two.'}]}]", &on_pipe),
                        "One. Two.\n");
    assert_string_equal(
        render("summary[]", "[{target:{title:X}, sentences:[{text:'One.', score:0.5, why:cue}]},{target:y}]", &on_pipe),
        "X\n 0.500  One.\n        cue\n\ny\n");
    assert_string_equal(
        render("digest", "{title:D, groups:[{event:{slug:s}, session:A, lines:[{text:'One.'}]}]}", &on_pipe),
        "D\n\ns, A\n- One.\n");
}

static void hits(void **state) {
    (void)state;
    struct render_options o = {.terminal = true, .width = 40, .color = true};
    const char *hit = "[{id:x, short:'1a2b3c4d', title:'On Raft', event:{slug:s}, snippet:'the raft protocol\nis a "
                      "consensus algorithm, so',"
                      "matches:[[4,8],[23,32],[-1,3],[30,99],[5,5]]}]";
    assert_string_equal(render("hit[]", hit, &o), "1a2b3c4d  \x1b[1mOn Raft (s)\x1b[0m\n"
                                                  "    the \x1b[1mraft\x1b[0m protocol is a \x1b[1mconsensus\x1b[0m\n"
                                                  "    algorithm, so\n");
    assert_string_equal(render("hit[]", hit, &on_pipe),
                        "1a2b3c4d  On Raft (s)\n    the raft protocol is a consensus algorithm, so\n");
}

static void styled_text(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool color;
        const char *expected;
    } cases[] = {
        {"a\tb\nc", true, "a\tb\nc"},
        {"\x1b[1mb\x1b[0m", true, "\x1b[1mb\x1b[0m"},
        {"\x1b[1mb\x1b[m", true, "\x1b[1mb\x1b[m"},
        {"\x1b[1mb", true, "\x1b[1mb\x1b[0m"},
        {"\x1b[32mb\x1b[0m", false, "b"},
        {"\x1b[8mb", true, "\\x1b[8mb"},
        {"\x1b[1;7mb", true, "\\x1b[1;7mb"},
        {"\x1b[38;5;12mb\x1b[0m", true, "\\x1b[38;5;12mb\x1b[0m"},
        {"\x1b[2Jb", true, "\\x1b[2Jb"},
        {"\x1b]0;t\x07", true, "\\x1b]0;t\\x07"},
        {"\x1b", true, "\\x1b"},
        {"\x1b[", false, "\\x1b["},
        {"\x1b[1111111111111111111111111111111111m", true, "\\x1b[1111111111111111111111111111111111m"},
        {"\x1b[?25h", true, "\\x1b[?25h"},
        {"", true, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        buf_clear(&out);
        render_text(&out, cases[i].text, strlen(cases[i].text), cases[i].color);
        assert_string_equal(out.data, cases[i].expected);
    }
}

static void errors(void **state) {
    (void)state;
    struct err err;
    err_init(&err);
    err_set(&err, E_USAGE, "unknown event 'x\x1b[2J'");
    err_hint(&err, "usage: lectern list");
    snprintf(err.at, sizeof err.at, "init.lua:3");
    buf_clear(&out);
    render_error(&out, &err, false, false, false);
    assert_string_equal(out.data, "lectern: unknown event 'x\\x1b[2J'\n  usage: lectern list\n");
    buf_clear(&out);
    render_error(&out, &err, false, true, false);
    assert_non_null(strstr(out.data, "  at init.lua:3\n"));
    err_set(&err, E_PLUGIN, "it broke");
    snprintf(err.plugin, sizeof err.plugin, "captions");
    snprintf(err.at, sizeof err.at, "init.lua:3");
    err.trace = mem_strdup("stack traceback:\n\tinit.lua:3");
    buf_clear(&out);
    render_error(&out, &err, true, false, false);
    assert_string_equal(out.data, "\x1b[1;31mlectern:\x1b[0m it broke\n  in plugin 'captions', init.lua:3\n"
                                  "  stack traceback:\n  \tinit.lua:3\n");
    buf_clear(&out);
    render_error_json(&out, &err);
    assert_string_equal(out.data, "{\"error\":{\"code\":\"E_PLUGIN\",\"message\":\"it broke\",\"hint\":null,"
                                  "\"plugin\":\"captions\",\"at\":\"init.lua:3\"}}\n");
    err_release(&err);
}

static void a_column_is_marked_on_a_terminal(void **state) {
    (void)state;
    struct err err;
    err_init(&err);
    err_set(&err, E_USAGE, "'y' is wrong");
    err_hint(&err, "write x");
    err.trace = mem_strdup("\xe6\x9d\xb1 \x1b y z");
    err.column = 5;
    buf_clear(&out);
    render_error(&out, &err, false, false, false);
    assert_string_equal(out.data, "lectern: 'y' is wrong\n  write x\n");
    buf_clear(&out);
    render_error(&out, &err, false, false, true);
    assert_string_equal(out.data, "lectern: 'y' is wrong\n  \xe6\x9d\xb1 \\x1b y z\n          ^\n  write x\n");
    buf_clear(&out);
    render_error_json(&out, &err);
    assert_non_null(strstr(out.data, "\"column\":5"));
    mem_free(err.trace);
    struct buf text = BUF_INIT;
    buf_pad(&text, 'a', 500);
    buf_adds(&text, "y");
    buf_pad(&text, 'b', 500);
    err.trace = buf_take(&text);
    err.column = 501;
    buf_clear(&out);
    render_error(&out, &err, false, false, true);
    assert_non_null(strstr(out.data, "\n  ...aaa"));
    assert_non_null(strstr(out.data, "bb...\n"));
    const char *line = strstr(out.data, "  ...");
    const char *mark = strstr(out.data, "^\n");
    assert_true(line && mark && line[(mark - strchr(line, '\n')) - 1] == 'y');
    err.column = 100000; /* behind the end */
    buf_clear(&out);
    render_error(&out, &err, false, false, true);
    assert_non_null(strstr(out.data, "^\n"));
    err_release(&err);
}

static void templates(void **state) {
    (void)state;
    struct value v = values_of(&a, TALKS);
    const struct shape *talks = shape_of(&a, "talk[]");
    struct err err;
    err_init(&err);
    assert_int_equal(render_format(&out, "{short}\\t{event.slug}\\t\\{{speakers}\\}", talks, &v, '\n', false, &err), 0);
    assert_string_equal(out.data, "1a2b3c4d\tsosp-2017\t{Ann Bee, Cy Dee}\n2a2b3c4d\teurosys-2018\t{}\n");
    buf_clear(&out);
    assert_int_equal(render_format(&out, "{speakers.affiliations}{fields.any.thing}", talks, &v, '\0', false, &err), 0);
    assert_int_equal(out.len, 5);
    assert_memory_equal(out.data, "ETH\0\0", 5);
    buf_clear(&out);
    v = values_of(&a, "{title:'a\nb\\e[1m', body:'c\nd'}");
    assert_int_equal(render_format(&out, "{title}|{body}", shape_of(&a, "note"), &v, '\n', true, &err), 0);
    assert_string_equal(out.data, "a b\\x1b[1m|c\nd\n");
    buf_clear(&out);
    assert_int_equal(render_format(&out, "{slug}{title}", shape_of(&a, "object[]"), &value_nil, '\n', false, &err), 0);
    assert_int_equal(render_format(&out, "{anything}", NULL, &value_nil, '\n', false, &err), 0);
    assert_string_equal(out.data, "");
}

static void wrong_templates(void **state) {
    (void)state;
    static const struct {
        const char *shape, *text, *says;
    } cases[] = {
        {"talk[]", "{titel}", "unknown field 'titel' in the format; did you mean 'title'?"},
        {"talk[]", "{event.slgu}", "unknown field 'slgu' in the format; did you mean 'slug'?"},
        {"talk[]", "{title.x}", "unknown field 'title.x' in the format"},
        {"object[]", "{snippet}", "unknown field 'snippet' in the format"},
        {"object[]", "{event.slgu}", "did you mean 'slug'?"},
        {"note", "{questions.mood}", NULL}, /* an open record */
        {"talk[]", "{title", "is not closed"},
        {"talk[]", "{}", "is no field"},
        {"talk[]", "{.title}", "is no field"},
        {"talk[]", "{a..b}", "is no field"},
        {"talk[]", "{ti tle}", "is no field"},
        {"talk[]", "\\x", "unknown escape '\\x'"},
        {"talk[]", "\\", "unknown escape"},
        {"talk[]", "\xff", "UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err;
        err_init(&err);
        int rc = render_format(&out, cases[i].text, shape_of(&a, cases[i].shape), &value_nil, '\n', false, &err);
        if (cases[i].says ? rc != -E_USAGE || !strstr(err.message, cases[i].says) : rc != 0) {
            fail_msg("%s: %d %s", cases[i].text, rc, err.message);
        }
    }
}

/* ---- anything at all -------------------------------------------------------------------------------------------- */
static struct value any_value(uint32_t *seed, int depth) {
    static const char *const words[] = {
        "title", "\x1b[2J", "\xe2\x80\xae", "a\nb\tc", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
        "body",  "1.5",     "type",         "talk",    "a longer text of several words in one"};
    *seed = *seed * 1664525 + 1013904223;
    uint32_t r = *seed >> 12;
    switch (r % (depth > 3 ? 6 : 9)) {
    case 0:
        return value_nil;
    case 1:
        return value_bool(r & 8);
    case 2:
        return value_int(r);
    case 3:
        return value_float((double)r / 7);
    case 4:
    case 5:
        return value_lit(words[(r >> 3) % 10]);
    case 6: {
        struct value list = value_array(&a, 0);
        for (uint32_t n = (r >> 3) % 5; n > 0; n--) {
            value_push(&a, &list, any_value(seed, depth + 1));
        }
        return list;
    }
    default: {
        struct value map = value_map(&a, 0);
        for (uint32_t n = (r >> 3) % 5; n > 0; n--) {
            *seed = *seed * 1664525 + 1013904223;
            value_set(&a, &map, words[(*seed >> 16) % 10], any_value(seed, depth + 1));
        }
        return map;
    }
    }
}

/* No control character but newline and tab, no override of direction, and only whole SGR sequences. */
static void assert_harmless(const char *s, size_t n, bool color) {
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\x1b' && color) {
            size_t end = i + 2 + strspn(s + i + 2, "0123456789;");
            assert_true(s[i + 1] == '[' && s[end] == 'm');
            i = end;
        }
        assert_true((unsigned char)s[i] >= 0x20 || s[i] == '\n' || s[i] == '\t');
        assert_true(s[i] != 0x7f);
    }
    assert_null(strstr(s, "\xe2\x80\xae"));
    assert_int_equal(text_utf8_valid(s, n), n);
}

static void anything_is_harmless_on_a_terminal(void **state) {
    (void)state;
    uint32_t seed = 11;
    for (int i = 0; i < 20000; i++) {
        const char *name = i % 2 ? "any" : shape_names[(size_t)i / 2 % shape_names_count].name;
        const struct shape *s = shape_of(&a, i % 3 ? name : arena_printf(&a, "%s[]", name));
        struct value in = any_value(&seed, 0), v;
        struct render_options o = {
            .terminal = i & 1, .color = i & 2, .width = seed % 200, .format = i % 7 ? RENDER_TEXT : RENDER_JSON};
        /* Also what shape_check would refuse: rendering must not depend on it for its safety. */
        const struct value *shown = shape_check(s, &in, &a, &v, NULL) == 0 || s->kind == SHAPE_ANY ? &v : NULL;
        if (shown) {
            buf_clear(&out);
            render_value(&out, s, shown, &o);
            if (o.terminal) {
                assert_harmless(out.data, out.len, o.color);
            }
        }
        buf_clear(&out);
        render_format(&out, "{title}{body}{type.talk}", NULL, &in, '\n', true, NULL);
        assert_harmless(out.data, out.len, false);
        arena_clear(&a);
    }
}

/* Wide tables and long cells cost what they show. */
static void large_tables_are_linear(void **state) {
    (void)state;
    size_t n = 200000;
    char *text = arena_zalloc(&a, n + 1);
    memset(text, 'x', n);
    struct value rows = value_array(&a, 2000);
    for (int i = 0; i < 2000; i++) {
        struct value row = value_map(&a, 2);
        value_set(&a, &row, "a", value_litn(i ? "y" : text, i ? 1 : n));
        value_set(&a, &row, "b", value_int(i));
        value_push(&a, &rows, row);
    }
    const struct shape *any = shape_of(&a, "any");
    render_value(&out, any, &rows, &on_pipe);
    assert_true(out.len < n + 2000 * 100);
    buf_clear(&out);
    render_value(&out, any, &rows, &on_terminal);
    assert_true(out.len < 2000 * 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_table_on_a_pipe, clear),
        cmocka_unit_test_teardown(a_table_on_a_terminal, clear),
        cmocka_unit_test_teardown(columns_may_be_chosen, clear),
        cmocka_unit_test_teardown(rows_without_a_shape, clear),
        cmocka_unit_test_teardown(one_object, clear),
        cmocka_unit_test_teardown(text_is_itself, clear),
        cmocka_unit_test_teardown(json_is_the_contracts, clear),
        cmocka_unit_test_teardown(run_reports, clear),
        cmocka_unit_test_teardown(other_reports, clear),
        cmocka_unit_test_teardown(hits, clear),
        cmocka_unit_test_teardown(styled_text, clear),
        cmocka_unit_test_teardown(errors, clear),
        cmocka_unit_test_teardown(a_column_is_marked_on_a_terminal, clear),
        cmocka_unit_test_teardown(templates, clear),
        cmocka_unit_test_teardown(wrong_templates, clear),
        cmocka_unit_test_teardown(anything_is_harmless_on_a_terminal, clear),
        cmocka_unit_test_teardown(large_tables_are_linear, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
