/* Builders, readers that never fail, deep equality and copies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/value.h"

static void map_keeps_order_and_replaces(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct value m = value_map(&a, 0);
    char key[100][16];
    for (int i = 0; i < 100; i++) {
        snprintf(key[i], sizeof key[i], "k%d", i);
        value_set(&a, &m, key[i], value_int(i));
    }
    value_set(&a, &m, "k50", value_lit("new"));
    assert_int_equal(m.len, 100);
    for (uint32_t i = 0; i < 100; i++) {
        assert_string_equal(m.pairs[i].key.s, key[i]);
    }
    assert_true(value_eqs(value_get(&m, "k50"), "new"));
    assert_int_equal(value_toint(value_get(&m, "k99"), -1), 99);
    arena_release(&a);
}

static void push_returns_the_slot(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct value list = value_array(&a, 2);
    for (int i = 0; i < 1000; i++) {
        struct value *slot = value_push(&a, &list, value_nil);
        *slot = value_int(i);
    }
    assert_int_equal(list.len, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(value_at(&list, i)->i, i);
    }
    arena_release(&a);
}

static void reading_never_fails(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct value all[] = {value_nil,       value_bool(true),  value_int(3),          value_float(2.5),
                          value_lit("s"),  value_litn("", 0), value_bin(&a, "b", 1), value_array(&a, 0),
                          value_map(&a, 0)};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct value *v = &all[i];
        assert_ptr_equal(value_get(v, "x"), &value_nil);
        assert_ptr_equal(value_at(v, 0), &value_nil);
        assert_string_equal(value_cstr(v, "none"), v->kind == VALUE_STR ? v->s : "none");
        assert_int_equal(value_toint(v, -7), v->kind == VALUE_INT ? 3 : -7);
        assert_int_equal(value_tobool(v, false), v->kind == VALUE_BOOL);
        assert_int_equal(value_truthy(v), v->kind != VALUE_NIL);
        assert_true(value_tofloat(v, 9) == (v->kind == VALUE_FLOAT ? 2.5 : v->kind == VALUE_INT ? 3.0 : 9.0));
    }
    assert_ptr_equal(value_get(NULL, "x"), &value_nil);
    assert_ptr_equal(value_at(NULL, 1), &value_nil);
    assert_null(value_cstr(NULL, NULL));
    assert_false(value_truthy(NULL));
    assert_false(value_is(NULL, VALUE_NIL));
    arena_release(&a);
}

static void whole_floats_are_ints(void **state) {
    (void)state;
    static const struct {
        double f;
        int64_t i;
    } rows[] = {
        {3.0, 3},
        {-0.0, 0},
        {2.5, -1},
        {9223372036854775807.0, -1},
        {-9223372036854775808.0, INT64_MIN},
        {9007199254740992.0, 9007199254740992},
        {1e300, -1},
        {(double)INFINITY, -1},
        {(double)NAN, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct value v = value_float(rows[i].f);
        assert_true(value_toint(&v, -1) == rows[i].i);
    }
}

static void strings_with_nul_differ(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct value s = value_strn(&a, "a\0b", 3);
    assert_false(value_eqs(&s, "a"));
    assert_int_equal(s.len, 3);
    assert_int_equal(s.s[3], 0);
    struct value none = value_str(&a, NULL);
    assert_int_equal(none.kind, VALUE_NIL);
    struct value text = value_strf(&a, "%d/%s", 5, "x");
    assert_true(value_eqs(&text, "5/x"));
    assert_int_equal(text.len, 3);
    arena_release(&a);
}

static struct value sample(struct arena *a, bool reversed) {
    struct value m = value_map(a, 0);
    struct value list = value_array(a, 0);
    value_push(a, &list, value_int(1));
    value_push(a, &list, value_float(0.5));
    value_push(a, &list, value_nil);
    const char *keys[] = {"list", "text", "yes"};
    struct value vals[] = {list, value_str(a, "t"), value_bool(true)};
    for (int i = 0; i < 3; i++) {
        int k = reversed ? 2 - i : i;
        value_set(a, &m, keys[k], vals[k]);
    }
    return m;
}

static void equality_is_deep_and_orderless_in_maps(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct value x = sample(&a, false);
    struct value y = sample(&a, true);
    assert_true(value_equal(&x, &y));
    value_get(&y, "list")->items[1].f = 0.25;
    assert_false(value_equal(&x, &y));
    struct value one = value_int(1);
    struct value one_f = value_float(1);
    struct value str = value_lit("x");
    struct value bin = value_bin(&a, "x", 1);
    assert_false(value_equal(&one, &one_f));
    assert_false(value_equal(&str, &bin));
    arena_release(&a);
}

/* Half a million keys in opposite order, and thirty levels that differ at the bottom: neither may take long. */
static void equality_is_quick_where_it_could_be_slow(void **state) {
    (void)state;
    enum { COUNT = 500000 };
    struct arena a = ARENA_INIT;
    struct value up = value_map(&a, COUNT);
    struct value down = value_map(&a, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        up.pairs[i] = (struct pair){value_int(i), value_nil};
        down.pairs[i] = (struct pair){value_int(COUNT - 1 - i), value_nil};
    }
    up.len = down.len = COUNT;
    assert_true(value_equal(&up, &down));
    struct value x = value_int(1);
    struct value y = value_int(2);
    for (int i = 0; i < 30; i++) {
        struct value outer_x = value_map(&a, 2);
        struct value outer_y = value_map(&a, 2);
        outer_x.pairs[0] = (struct pair){x, x};
        outer_y.pairs[0] = (struct pair){y, y};
        outer_x.len = outer_y.len = 1;
        x = outer_x;
        y = outer_y;
    }
    assert_false(value_equal(&x, &y));
    arena_release(&a);
}

static void copies_share_nothing(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct arena b = ARENA_INIT;
    struct value x = sample(&a, false);
    struct value y = value_copy(&b, &x);
    struct value z = sample(&b, false);
    arena_release(&a);
    assert_true(value_equal(&y, &z));
    assert_string_equal(y.pairs[0].key.s, "list");
    arena_release(&b);
}

static void kinds_have_names(void **state) {
    (void)state;
    assert_string_equal(value_kind_name(VALUE_MAP), "map");
    assert_string_equal(value_kind_name(VALUE_STR), "string");
    assert_string_equal(value_kind_name((enum value_kind)77), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_keeps_order_and_replaces),
        cmocka_unit_test(push_returns_the_slot),
        cmocka_unit_test(reading_never_fails),
        cmocka_unit_test(whole_floats_are_ints),
        cmocka_unit_test(strings_with_nul_differ),
        cmocka_unit_test(equality_is_deep_and_orderless_in_maps),
        cmocka_unit_test(equality_is_quick_where_it_could_be_slow),
        cmocka_unit_test(copies_share_nothing),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
