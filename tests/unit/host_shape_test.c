/* The language of shapes, and what checking does to a value: fill, order, refuse with the path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/json.h"
#include "host/shape.h"
#include "host_values.h"

static struct arena a = ARENA_INIT;

static int clear(void **state) {
    (void)state;
    arena_release(&a);
    return 0;
}

static const struct {
    const char *text, *says;
} wrong_shapes[] = {
    {"", "a shape is missing at column 1"},
    {"tlak[]", "unknown shape 'tlak'; did you mean 'talk'?"},
    {"xyzzyxyzzy", "unknown shape 'xyzzyxyzzy'"},
    {"talk[", "']' is missing at column 6"},
    {"talk]", "something is left over at column 5"},
    {"talk talk", "something is left over at column 6"},
    {"{a}", "':' is missing after a field's name at column 3"},
    {"{a:int", "a field or '}' is missing at column 7"},
    {"{a:int a:int}", "a field comes twice"},
    {"{a:int ..}", "a field or '}' is missing at column 8"},
    {"{... a:int}", "'}' is missing after '...' at column 6"},
    {"{a:}", "no shape starts at column 4"},
    {"\"x", "a quote is not closed"},
    {"Talk", "no shape starts at column 1"},
    {"\x1b[31m", "bad shape '\\x1b[31m'"},
    {"int[][][][][][][][][][][][][][][][][][][][][][][][][]", "too deep"},
    {"{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:{a:int}}}}}}}}}}}}}}}}}}}}}}}}}}",
     "too deep"},
};

static void wrong_shapes_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrong_shapes / sizeof wrong_shapes[0]; i++) {
        const struct shape *s;
        struct err err;
        err_init(&err);
        int rc = shape_parse(&a, wrong_shapes[i].text, &s, &err);
        if (rc != -E_PLUGIN || !strstr(err.message, wrong_shapes[i].says)) {
            fail_msg("%s: %d '%s' in place of '%s'", wrong_shapes[i].text, rc, err.message, wrong_shapes[i].says);
        }
    }
    char *text = arena_zalloc(&a, SHAPE_TEXT_MAX + 2);
    memset(text, 'a', SHAPE_TEXT_MAX + 1);
    const struct shape *s;
    assert_int_equal(shape_parse(&a, text, &s, NULL), -E_PLUGIN);
}

/* Each name of the table parses, and a shape of many names does not cost a tree for each. */
static void the_table_parses(void **state) {
    (void)state;
    size_t entities = 0;
    for (size_t i = 0; i < shape_names_count; i++) {
        const struct shape *s;
        struct err err;
        err_init(&err);
        if (shape_parse(&a, shape_names[i].name, &s, &err) < 0) {
            fail_msg("%s: %s", shape_names[i].name, err.message);
        }
        assert_int_equal(s->kind, SHAPE_RECORD);
        assert_string_equal(s->name, shape_names[i].name);
        assert_string_equal(s->text, shape_names[i].name);
        entities += shape_names[i].entity;
        assert_int_equal(shape_names[i].entity,
                         shape_field(s, "type") && shape_field(s, "type")->shape->kind == SHAPE_LITERAL);
    }
    const struct shape *object = shape_of(&a, "object");
    assert_int_equal(object->nentities, entities);
    assert_string_equal(shape_entity(object, "talk")->name, "talk");
    assert_null(shape_entity(object, "hit"));
    struct arena many = ARENA_INIT;
    shape_of(&many, "{a:object b:object c:object d:object e:object f:object g:talk[] h:talk? i:note j:object[]}");
    assert_true(many.used < 100000);
    arena_release(&many);
    assert_int_equal(shape_of(&a, "nonsense!")->kind, SHAPE_ANY);
}

/* A name's own tree must not take the suffix of one of its uses. */
static void suffixes_belong_to_one_use(void **state) {
    (void)state;
    const struct shape *s = shape_of(&a, "{a:talk? b:talk c : string?[ ]?, d!:\"x\"}");
    assert_true(s->fields[0].shape->nullable);
    assert_false(s->fields[1].shape->nullable);
    assert_int_equal(s->fields[2].shape->kind, SHAPE_LIST);
    assert_true(s->fields[2].shape->nullable);
    assert_true(s->fields[2].shape->item->nullable);
    assert_true(s->fields[3].optional);
    assert_false(s->fields[2].optional);
}

static const struct {
    const char *shape, *in, *out, *says;
} cases[] = {
    {"nil", "null", "null", NULL},
    {"nil", "1", NULL, "returns nil: expected nothing, got a number"},
    {"string", "x", "\"x\"", NULL},
    {"string", "null", NULL, "returns string: expected a string, got nothing"},
    {"string?", "null", "null", NULL},
    {"string", "'\\xff'", NULL, "returns string: not valid UTF-8 at byte 0"},
    {"text", "{}", NULL, "expected a string, got a map"},
    {"int", "3", "3", NULL},
    {"int", "3.0", "3", NULL},
    {"int", "0.0", "0", NULL},
    {"int", "3.5", NULL, "expected a whole number, got 3.5"},
    {"int", "1e300", NULL, "expected a whole number, got 1e+300"},
    {"int", "true", NULL, "expected a whole number, got a boolean"},
    {"number", "3", "3", NULL},
    {"number", "0.5", "0.5", NULL},
    {"number", "x", NULL, "expected a number, got a string"},
    {"bool", "true", "true", NULL},
    {"bool", "1", NULL, "expected a boolean, got a number"},
    {"map", "null", "{}", NULL},
    {"map", "[]", "{}", NULL},
    {"map", "{a:[1,{b:x}]}", "{\"a\":[1,{\"b\":\"x\"}]}", NULL},
    {"map", "[1]", NULL, "expected a map, got a list"},
    {"any", "{a:'\\xff'}", NULL, "returns any: a: not valid UTF-8"},
    {"value", "[1,[2,[3]]]", "[1,[2,[3]]]", NULL},
    {"\"x\"", "null", "\"x\"", NULL},
    {"\"x\"", "y", NULL, "expected 'x', got 'y'"},
    {"int[]", "null", "[]", NULL},
    {"int[]", "{}", "[]", NULL},
    {"int[]", "[1,2]", "[1,2]", NULL},
    {"int[]", "[1,x]", NULL, "returns int[]: [1]: expected a whole number, got a string"},
    {"int[]?", "null", "null", NULL},
    {"int?[]", "[1,null]", "[1,null]", NULL},
    {"int[]", "[1,null]", NULL, "[1]: expected a whole number, got nothing"},
    {"{a:int b:string? c:int[] d!:int}", "{b:x, a:1}", "{\"a\":1,\"b\":\"x\",\"c\":[]}", NULL},
    {"{a:int b:string? c:int[] d!:int}", "{d:2, a:1}", "{\"a\":1,\"b\":null,\"c\":[],\"d\":2}", NULL},
    {"{a:int}", "{}", NULL, "a: expected a whole number, got nothing"},
    {"{a:int?}", "[]", "{\"a\":null}", NULL},
    {"{a:int? ...}", "{z:[1], y:{b:x}, a:1}", "{\"a\":1,\"z\":[1],\"y\":{\"b\":\"x\"}}", NULL},
    {"{a:int? ...}", "{z:'\\xff'}", NULL, "z: not valid UTF-8"},
    {"{...}", "{z:1}", "{\"z\":1}", NULL},
    {"{title:int?}", "{titel:1}", NULL, "unknown field 'titel'; did you mean 'title'?"},
    {"{a:int?}", "{'\\e[31m':1}", NULL, "unknown field '"},
    {"{a:int?}", "[1]", NULL, "expected a map, got a list"},
    {"run_report", "{operations:[{op:made, title:T}]}",
     "{\"run\":null,\"operations\":[{\"op\":\"made\",\"type\":null,\"id\":null,\"title\":\"T\"}]}", NULL},
    {"tag[]", "[{name:x, count:3}]",
     "[{\"type\":\"tag\",\"id\":null,\"short\":null,\"created\":null,\"updated\":null,\"name\":\"x\",\"count\":3}]",
     NULL},
    {"talk[]", "[{},{},{},{speakers:[{name:A, role:7}]}]", NULL,
     "returns talk[]: [3].speakers[0].role: expected a string, got a number"},
    {"talk", "{type:note}", NULL, "returns talk: type: expected 'talk', got 'note'"},
    {"object[]", "[{type:tag, name:x, count:1},{type:event, slug:s}]", "[{\"type\":\"tag\"", NULL},
    {"object", "{type:tlak}", NULL, "unknown type 'tlak'; did you mean 'talk'?"},
    {"object", "{name:x}", NULL, "an object needs a 'type'"},
    {"object", "[]", NULL, "expected a map, got a list"},
    {"hit[]", "[{id:x, matches:[[0,3]]}]", "[{\"id\":\"x\"", NULL},
};

static void values_are_checked_and_completed(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct shape *s;
        struct value in = values_of(&a, cases[i].in), out;
        struct err err;
        struct buf text = BUF_INIT;
        err_init(&err);
        assert_int_equal(shape_parse(&a, cases[i].shape, &s, &err), 0);
        int rc = shape_check(s, &in, &a, &out, &err);
        json_write(&text, &out);
        bool right = cases[i].out ? rc == 0 && strncmp(text.data, cases[i].out, strlen(cases[i].out)) == 0
                                  : rc == -E_PLUGIN && strstr(err.message, cases[i].says);
        if (!right) {
            fail_msg("%s of %s: %d %s %s", cases[i].shape, cases[i].in, rc, text.data, err.message);
        }
        buf_release(&text);
    }
}

/* The order of a talk's fields is the contract's; lists leave body and abstract out. */
static void a_talk_has_its_fields(void **state) {
    (void)state;
    static const char *const wanted[] = {
        "type",   "id",       "short",   "created",    "updated",   "kind",  "kind_as_written",
        "title",  "event",    "session", "speakers",   "awards",    "start", "end",
        "room",   "building", "url",     "slides_url", "video_url", "lang",  "tags",
        "fields", "links",    "notes",   "words",      "rev",       "marks", "sources"};
    struct value in = values_of(&a, "{title:T}"), out;
    assert_int_equal(shape_check(shape_of(&a, "talk"), &in, &a, &out, NULL), 0);
    assert_int_equal(out.len, sizeof wanted / sizeof wanted[0]);
    for (uint32_t i = 0; i < out.len; i++) {
        assert_string_equal(out.pairs[i].key.s, wanted[i]);
    }
    in = values_of(&a, "{abstract:A, title:T}");
    assert_int_equal(shape_check(shape_of(&a, "talk"), &in, &a, &out, NULL), 0);
    assert_true(value_eqs(value_get(&out, "abstract"), "A"));
}

static void odd_keys(void **state) {
    (void)state;
    struct value in = value_map(&a, 2), out;
    in.pairs[0] = (struct pair){value_int(5), value_bool(true)};
    in.len = 1;
    assert_int_equal(shape_check(shape_of(&a, "any"), &in, &a, &out, NULL), 0);
    assert_true(value_tobool(value_get(&out, "5"), false));
    assert_int_equal(shape_check(shape_of(&a, "{a:int?}"), &in, &a, &out, NULL), -E_PLUGIN);
    in.pairs[0].key = value_bool(true);
    assert_int_equal(shape_check(shape_of(&a, "any"), &in, &a, &out, NULL), -E_PLUGIN);
    in.pairs[0] = in.pairs[1] = (struct pair){value_lit("a"), value_int(1)};
    in.len = 2;
    assert_int_equal(shape_check(shape_of(&a, "{a:int}"), &in, &a, &out, NULL), -E_PLUGIN);
    in.pairs[1].key = value_litn("a\0b", 3);
    assert_int_equal(shape_check(shape_of(&a, "{a:int}"), &in, &a, &out, NULL), -E_PLUGIN);
    in = value_float(NAN);
    assert_int_equal(shape_check(shape_of(&a, "number"), &in, &a, &out, NULL), -E_PLUGIN);
    in = value_bin(&a, "abc", 3);
    assert_int_equal(shape_check(shape_of(&a, "string"), &in, &a, &out, NULL), 0);
    assert_int_equal(out.kind, VALUE_STR);
}

static void nesting_is_bounded(void **state) {
    (void)state;
    for (int depth = SHAPE_DEPTH_MAX; depth <= SHAPE_DEPTH_MAX + 1; depth++) {
        struct value v = value_int(1), out;
        for (int i = 0; i < depth; i++) {
            struct value list = value_array(&a, 1);
            value_push(&a, &list, v);
            v = list;
        }
        struct err err;
        err_init(&err);
        int rc = shape_check(shape_of(&a, "any"), &v, &a, &out, &err);
        assert_int_equal(rc, depth > SHAPE_DEPTH_MAX ? -E_PLUGIN : 0);
        assert_true(depth <= SHAPE_DEPTH_MAX || strstr(err.message, "nested more than 24 deep"));
    }
}

/* A field with a name of any length in a path of any depth still gives a message of one line. */
static void paths_are_bounded(void **state) {
    (void)state;
    char *name = arena_zalloc(&a, 100001);
    memset(name, 'n', 100000);
    struct value v = value_lit("\xff"), out;
    for (int i = 0; i < 20; i++) {
        struct value map = value_map(&a, 1);
        value_set(&a, &map, name, v);
        v = map;
    }
    struct err err;
    err_init(&err);
    assert_int_equal(shape_check(shape_of(&a, "any"), &v, &a, &out, &err), -E_PLUGIN);
    assert_non_null(strstr(err.message, "not valid UTF-8"));
}

static struct value any_value(uint32_t *seed, int depth) {
    static const char *const words[] = {"type", "talk", "note", "event", "title", "\xc3", "", "tags", "speakers", "id"};
    *seed = *seed * 1664525 + 1013904223;
    uint32_t r = *seed >> 12;
    switch (r % (depth > 4 ? 5 : 8)) {
    case 0:
        return value_nil;
    case 1:
        return value_bool(r & 8);
    case 2:
        return value_int(r);
    case 3:
        return value_float((double)r / 7);
    case 4:
        return value_lit(words[(r >> 3) % 10]);
    case 5: {
        struct value list = value_array(&a, 0);
        for (uint32_t n = (r >> 3) % 4; n > 0; n--) {
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

/* What was checked once is checked again to itself. */
static void checking_is_idempotent(void **state) {
    (void)state;
    uint32_t seed = 3;
    size_t passed = 0;
    for (int i = 0; i < 20000; i++) {
        const struct shape *s = i % 4 == 0   ? shape_of(&a, "object[]")
                                : i % 4 == 1 ? shape_of(&a, "any")
                                : i % 4 == 2 ? shape_of(&a, "talk?")
                                             : shape_of(&a, shape_names[(size_t)i / 4 % shape_names_count].name);
        struct value v = any_value(&seed, 0), once, twice;
        struct err err;
        err_init(&err);
        if (shape_check(s, &v, &a, &once, &err) == 0) {
            assert_int_equal(shape_check(s, &once, &a, &twice, &err), 0);
            assert_true(value_equal(&once, &twice));
            passed++;
        } else {
            assert_true(strncmp(err.message, "returns ", 8) == 0 && !strchr(err.message, '\n'));
        }
        arena_clear(&a);
    }
    assert_true(passed > 2000);
}

static void random_shapes_are_survived(void **state) {
    (void)state;
    static const char *const pieces[] = {"{", "}", "[]",    "?", "a:", "b!:",    "int", "talk",
                                         " ", ",", "\"x\"", "[", ":",  "object", "\xff"};
    uint32_t seed = 5;
    for (int i = 0; i < 20000; i++) {
        char text[64] = "";
        for (int j = 0; j < 8; j++) {
            seed = seed * 1664525 + 1013904223;
            strcat(text, pieces[(seed >> 16) % 15]);
        }
        const struct shape *s;
        struct err err;
        err_init(&err);
        if (shape_parse(&a, text, &s, &err) == 0) {
            struct value out;
            shape_check(s, &value_nil, &a, &out, NULL);
        }
        arena_clear(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(wrong_shapes_are_refused, clear),
        cmocka_unit_test_teardown(the_table_parses, clear),
        cmocka_unit_test_teardown(suffixes_belong_to_one_use, clear),
        cmocka_unit_test_teardown(values_are_checked_and_completed, clear),
        cmocka_unit_test_teardown(a_talk_has_its_fields, clear),
        cmocka_unit_test_teardown(odd_keys, clear),
        cmocka_unit_test_teardown(nesting_is_bounded, clear),
        cmocka_unit_test_teardown(paths_are_bounded, clear),
        cmocka_unit_test_teardown(checking_is_idempotent, clear),
        cmocka_unit_test_teardown(random_shapes_are_survived, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
