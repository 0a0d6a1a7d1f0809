/* Alignment, large and small allocations side by side, and what clearing keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/arena.h"

static void many_sizes_do_not_overlap(void **state) {
    (void)state;
    enum { COUNT = 3000 };
    struct arena a = ARENA_INIT;
    static unsigned char *p[COUNT];
    static size_t size[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        size[i] = i % 97 == 0 ? 300000 : i * 7919 % 700;
        p[i] = arena_alloc(&a, size[i]);
        assert_int_equal((uintptr_t)p[i] % 16, 0);
        memset(p[i], (int)(i & 0xff), size[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < size[i]; k += 61) {
            assert_int_equal(p[i][k], i & 0xff);
        }
    }
    arena_release(&a);
    assert_null(a.head);
    assert_int_equal(a.used, 0);
}

static void used_counts_what_was_handed_out(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    arena_alloc(&a, 1);
    assert_int_equal(a.used, 16);
    arena_alloc(&a, 0);
    assert_int_equal(a.used, 32);
    arena_alloc(&a, 1 << 20);
    assert_int_equal(a.used, 32 + (1 << 20));
    arena_release(&a);
}

static void zero_size_gives_distinct_pointers(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    assert_ptr_not_equal(arena_alloc(&a, 0), arena_alloc(&a, 0));
    arena_release(&a);
}

static void clearing_keeps_a_block(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    void *first = arena_alloc(&a, 100);
    arena_clear(&a);
    assert_int_equal(a.used, 0);
    assert_ptr_equal(arena_alloc(&a, 100), first);
    for (int i = 0; i < 100000; i++) {
        arena_alloc(&a, 100);
    }
    arena_alloc(&a, 10 << 20);
    struct arena_block *largest = a.head;
    arena_clear(&a);
    assert_ptr_equal(a.head, largest);
    arena_release(&a);
}

static void clearing_frees_a_lone_large_block(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    arena_alloc(&a, 5 << 20);
    arena_clear(&a);
    assert_null(a.head);
    arena_clear(&a);
    memset(arena_alloc(&a, 10), 1, 10);
    arena_release(&a);
}

static void zalloc_zeroes_reused_memory(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    memset(arena_alloc(&a, 4000), 0xff, 4000);
    arena_clear(&a);
    const char *p = arena_zalloc(&a, 2000);
    for (size_t i = 0; i < 2000; i++) {
        assert_int_equal(p[i], 0);
    }
    arena_release(&a);
}

static void copies_text(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    assert_string_equal(arena_strdup(&a, "caf\xc3\xa9"), "caf\xc3\xa9");
    assert_memory_equal(arena_dup(&a, "a\0b", 3), "a\0b", 4);
    assert_string_equal(arena_dup(&a, NULL, 0), "");
    assert_string_equal(arena_printf(&a, "%s-%d", "x", 42), "x-42");
    char *wide = arena_printf(&a, "%20000d", 1);
    assert_int_equal(strlen(wide), 20000);
    arena_release(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_sizes_do_not_overlap),
        cmocka_unit_test(used_counts_what_was_handed_out),
        cmocka_unit_test(zero_size_gives_distinct_pointers),
        cmocka_unit_test(clearing_keeps_a_block),
        cmocka_unit_test(clearing_frees_a_lone_large_block),
        cmocka_unit_test(zalloc_zeroes_reused_memory),
        cmocka_unit_test(copies_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
