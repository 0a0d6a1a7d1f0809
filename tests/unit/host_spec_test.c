/* What a contribution may declare, and each thing that it may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "host/spec.h"
#include "host_values.h"

static struct arena a = ARENA_INIT;

static int clear(void **state) {
    (void)state;
    arena_release(&a);
    return 0;
}

static int parse(const char *text, const struct command_spec **spec, struct err *err) {
    struct value v = values_of(&a, text);
    err_init(err);
    return spec_parse(&a, "captions", &v, spec, err);
}

static const struct command_spec *good(const char *text) {
    const struct command_spec *spec;
    struct err err;
    int rc = parse(text, &spec, &err);
    if (rc < 0) {
        print_message("%s\n", err.message);
    }
    assert_int_equal(rc, 0);
    return spec;
}

static void everything_is_read(void **state) {
    (void)state;
    const struct command_spec *s =
        good("{kind:command, name:'captions.longest', doc:'Talks with the longest captions', file:'init.lua', line:12, "
             "match:{},"
             " returns:'talk[]', columns:['title','event.slug'], pager:true, writes:false, hidden:true, aliases:['cl'],"
             " examples:['captions longest sosp-2017'], args:["
             "  {name:event, type:event, required:false, doc:'whose'},"
             "  {name:limit, type:int, default:10, min:1, flag:true, short:'n'},"
             "  {name:out, type:path, mode:write, flag:true, default:'.'},"
             "  {name:kind, type:enum, choices:[a,b], flag:true},"
             "  {name:files, type:list, item:{type:path, mode:folder}, required:false, max:3}]}");
    assert_string_equal(s->kind, "command");
    assert_string_equal(s->name, "captions.longest");
    assert_string_equal(s->plugin, "captions");
    assert_string_equal(s->file, "init.lua");
    assert_int_equal(s->line, 12);
    assert_true(s->pager && !s->writes && s->hidden);
    assert_int_equal(s->returns->kind, SHAPE_LIST);
    assert_string_equal(s->returns->text, "talk[]");
    assert_int_equal(s->ncolumns, 2);
    assert_string_equal(s->columns[1], "event.slug");
    assert_string_equal(s->aliases[0], "cl");
    assert_int_equal(s->nexamples, 1);
    assert_int_equal(s->nargs, 5);
    assert_false(s->args[0].required);
    assert_int_equal(s->args[1].fallback.i, 10);
    assert_true(s->args[1].has_min && !s->args[1].has_max && s->args[1].min == 1);
    assert_int_equal(s->args[1].letter, 'n');
    assert_int_equal(s->args[2].mode, PATH_WRITE);
    assert_string_equal(s->args[2].fallback.s, ".");
    assert_int_equal(s->args[3].nchoices, 2);
    assert_int_equal(s->args[4].item->mode, PATH_FOLDER);
    assert_ptr_equal(spec_arg(s, "limit"), &s->args[1]);
    assert_ptr_equal(spec_letter(s, 'n'), &s->args[1]);
    assert_null(spec_arg(s, "lim"));
    assert_null(spec_letter(s, 0));
}

static void silence_means_something(void **state) {
    (void)state;
    const struct command_spec *s =
        good("{kind:command, name:x, doc:'d', args:["
             "{name:a, type:string}, {name:b, type:int, default:3},"
             "{name:c, type:string, flag:true}, {name:d, type:bool, flag:true, required:true}]}");
    assert_int_equal(s->returns->kind, SHAPE_NIL);
    assert_true(s->args[0].required);
    assert_false(s->args[1].required);
    assert_false(s->args[2].required);
    assert_true(s->args[3].required);
    assert_int_equal(good("{kind:importer, name:srt, doc:'d', args:{}}")->nargs, 0);
}

static const struct {
    const char *text, *says;
} refused[] = {
    {"{name:x, doc:d}", "unknown kind ''"},
    {"{kind:comand, name:x, doc:d}", "did you mean 'command'?"},
    {"{kind:command, doc:d}", "a name is needed"},
    {"{kind:command, name:'Foo', doc:d}", "command 'Foo': a name is needed"},
    {"{kind:command, name:'a..b', doc:d}", "a name is needed"},
    {"{kind:command, name:'a.', doc:d}", "a name is needed"},
    {"{kind:command, name:'\\e[31mred', doc:d}", "command '\\x1b[31mred'"},
    {"{kind:command, name:x}", "'doc' is missing"},
    {"{kind:command, name:x, doc:''}", "'doc' is missing"},
    {"{kind:command, name:x, doc:7}", "'doc' must be text"},
    {"{kind:command, name:x, doc:'\\xff'}", "'doc' must be text"},
    {"{kind:command, name:x, doc:d, pager:1}", "'pager' must be true or false"},
    {"{kind:command, name:x, doc:d, columns:'a'}", "'columns' must be a list"},
    {"{kind:command, name:x, doc:d, columns:[1]}", "'columns' must be a list of texts"},
    {"{kind:command, name:x, doc:d, returns:'tlak[]'}", "unknown shape 'tlak'; did you mean 'talk'?"},
    {"{kind:command, name:x, doc:d, aliases:['X']}", "the alias 'X' is no further name"},
    {"{kind:command, name:x, doc:d, aliases:['x']}", "the alias 'x' is no further name"},
    {"{kind:command, name:x, doc:d, args:7}", "'args' must be a list"},
    {"{kind:command, name:x, doc:d, args:[7]}", "an argument must be a map"},
    {"{kind:command, name:x, doc:d, args:[{type:int}]}", "an argument has no name"},
    {"{kind:command, name:x, doc:d, args:[{name:'a.b', type:int}]}", "the argument name 'a.b'"},
    {"{kind:command, name:x, doc:d, args:[{name:a_b, type:int}]}", "the argument name 'a_b'"},
    {"{kind:command, name:x, doc:d, args:[{name:a}]}", "argument 'a' has no type"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:itn}]}", "unknown type 'itn'; did you mean 'int'?"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, defualt:3}]}", "did you mean 'default'?"},
    {"{kind:command, name:x, doc:d, args:[{name:json, type:bool, flag:true}]}", "the name of a global option"},
    {"{kind:command, name:x, doc:d, args:[{name:store, type:path}]}", "the name of a global option"},
    {"{kind:command, name:x, doc:d, args:[{name:pager, type:bool, flag:true}]}", "--no-pager is a global option"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, short:n}]}", "'short' is for flags"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, flag:true, short:nn}]}", "one letter or digit"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, flag:true, short:q}]}", "-q is a global option"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, mode:read}]}", "'mode' is for paths"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:path, mode:rw}]}", "'mode' is \"read\""},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:string, min:1}]}", "'min' and 'max' are for"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, min:1.5}]}", "must be whole numbers"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, min:3, max:2}]}", "'min' is above 'max'"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, min:low}]}", "'min' must be a number"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:enum}]}", "an enum needs its 'choices'"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, choices:[b]}]}", "'choices' are for enum"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:enum, choices:[b], default:c}]}", "wants b, not 'c'"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, default:'3'}]}", "wants a whole number, not text"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, default:0, min:1}]}", "wants at least 1, not 0"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, default:1, required:true}]}", "cannot be required"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:list}]}", "needs its 'item'"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, item:int}]}", "needs its 'item'"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:list, item:7}]}", "a type must be a map"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:list, item:[1,2]}]}", "a type must be a map"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:list, item:query}]}", "there is no list of query"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:list, item:{type:list, item:int}}]}",
     "there is no list of list"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int}, {name:a, type:int}]}", "two arguments are called 'a'"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, flag:true, short:n}, {name:b, type:int, flag:true, "
     "short:n}]}",
     "'a' and 'b' are both -n"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:bool, flag:true}, {name:no-a, type:int, flag:true}]}",
     "would answer to the same option"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:list, item:int}, {name:b, type:int}]}",
     "takes all that follows"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:query}, {name:b, type:int}]}", "takes all that follows"},
    {"{kind:command, name:x, doc:d, args:[{name:a, type:int, default:1}, {name:b, type:int}]}",
     "'b' is required, so it cannot come after 'a'"},
};

static void wrong_ones_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const struct command_spec *spec;
        struct err err;
        int rc = parse(refused[i].text, &spec, &err);
        if (rc != -E_PLUGIN || !strstr(err.message, refused[i].says)) {
            fail_msg("%s: %d, '%s' in place of '%s'", refused[i].text, rc, err.message, refused[i].says);
        }
        assert_string_equal(err.plugin, "captions");
        assert_null(strchr(err.message, '\n'));
    }
}

static void the_place_is_told(void **state) {
    (void)state;
    const struct command_spec *spec;
    struct err err;
    parse("{kind:command, name:x, file:'a/init.lua', line:7}", &spec, &err);
    assert_string_equal(err.at, "a/init.lua:7");
    parse("{kind:command, name:x, file:'a\\n\\e[1m', line:-7}", &spec, &err);
    assert_null(strpbrk(err.at, "\n\x1b"));
    parse("7", &spec, &err);
    assert_string_equal(err.at, "");
}

/* Any value at all in any place: refused or read, never a crash. */
static struct value any_value(uint32_t *seed, int depth) {
    static const char *const words[] = {"command", "name", "int", "list", "path", "a", "\xff", "", "true", "query"};
    *seed = *seed * 1664525 + 1013904223;
    switch ((*seed >> 16) % (depth > 3 ? 5 : 8)) {
    case 0:
        return value_nil;
    case 1:
        return value_bool(*seed & 1);
    case 2:
        return value_int((int64_t)(int32_t)*seed);
    case 3:
        return value_float(1e300);
    case 4:
        return value_lit(words[(*seed >> 8) % 10]);
    case 5: {
        struct value list = value_array(&a, 0);
        for (uint32_t n = (*seed >> 4) % 4; n > 0; n--) {
            value_push(&a, &list, any_value(seed, depth + 1));
        }
        return list;
    }
    default: {
        static const char *const keys[] = {"name", "type", "doc",   "default",  "min",  "max",
                                           "mode", "flag", "short", "required", "item", "choices"};
        struct value map = value_map(&a, 0);
        for (uint32_t n = (*seed >> 4) % 6; n > 0; n--) {
            const char *key = keys[(*seed >> 10) % 12];
            value_set(&a, &map, key, any_value(seed, depth + 1));
        }
        return map;
    }
    }
}

static void noise_is_survived(void **state) {
    (void)state;
    uint32_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        struct value v = values_of(&a, "{kind:command, name:x, doc:d}");
        struct value args = value_array(&a, 2);
        value_push(&a, &args, any_value(&seed, 1));
        value_push(&a, &args, any_value(&seed, 1));
        value_set(&a, &v, i % 3 ? "args" : "returns", i % 3 ? args : any_value(&seed, 1));
        value_set(&a, &v, "columns", i % 5 ? value_nil : any_value(&seed, 1));
        const struct command_spec *spec;
        struct err err;
        err_init(&err);
        if (spec_parse(&a, "p", &v, &spec, &err) == 0) {
            struct buf text = BUF_INIT;
            struct value all = spec_describe(&a, spec, "1.0");
            json_write(&text, &all);
            assert_true(text.len > 0);
            buf_release(&text);
        }
        arena_clear(&a);
    }
}

static void schema_says_what_is_accepted(void **state) {
    (void)state;
    const struct command_spec *s =
        good("{kind:command, name:x, doc:d, args:[{name:limit, type:int, min:1, max:9, doc:'most'},"
             "{name:kind, type:enum, choices:[a,b], default:a}, {name:tags, type:tagedit, flag:true},"
             "{name:files, type:list, item:path, required:false, min:1}]}");
    struct value schema = spec_json_schema(&a, s);
    struct buf text = BUF_INIT;
    json_write(&text, &schema);
    assert_string_equal(
        text.data,
        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",\"properties\":{"
        "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,\"description\":\"most\"},"
        "\"kind\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"],\"default\":\"a\"},"
        "\"tags\":{\"type\":\"object\",\"properties\":{\"add\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
        "\"remove\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}},\"additionalProperties\":false},"
        "\"files\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"description\":\"a path\"},\"minItems\":1}},"
        "\"required\":[\"limit\"],\"additionalProperties\":false}");
    buf_release(&text);
}

static void describe_has_the_contracts_fields(void **state) {
    (void)state;
    const struct command_spec *s = good("{kind:command, name:x, doc:d, returns:'talk[]', file:'i.lua', line:3,"
                                        "args:[{name:files, type:list, item:{type:path, mode:write}}]}");
    struct value v = spec_describe(&a, s, "1.2");
    struct value out;
    struct err err;
    err_init(&err);
    assert_int_equal(shape_check(shape_of(&a, "describe"), &v, &a, &out, &err), 0);
    assert_true(value_equal(&v, &out));
    assert_true(value_eqs(value_get(value_at(value_get(&v, "args"), 0), "type"), "list(path(write))"));
    assert_true(value_eqs(value_get(&v, "returns"), "talk[]"));
    assert_true(value_eqs(value_get(&v, "version"), "1.2"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(everything_is_read, clear),
        cmocka_unit_test_teardown(silence_means_something, clear),
        cmocka_unit_test_teardown(wrong_ones_are_refused, clear),
        cmocka_unit_test_teardown(the_place_is_told, clear),
        cmocka_unit_test_teardown(noise_is_survived, clear),
        cmocka_unit_test_teardown(schema_says_what_is_accepted, clear),
        cmocka_unit_test_teardown(describe_has_the_contracts_fields, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
