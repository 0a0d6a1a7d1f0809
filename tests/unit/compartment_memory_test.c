/* compartment_memory_test.c - the allocator of the Lua heap: counting, the cap, and when it is reached for good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdbool.h>

#include "compartment/memory.h"
#include "compartment/vm.h"

static int spent;

static void on_spent(void *ctx) {
    assert_ptr_equal(ctx, &spent);
    spent++;
}

static struct memory make(size_t limit) {
    struct memory m;
    spent = 0;
    memory_init(&m, limit, on_spent, &spent);
    return m;
}

static void test_counts(void **state) {
    (void)state;
    struct memory m = make(1000);
    void *a = memory_alloc(&m, NULL, 5, 100); /* without a block, the old size is a type */
    void *b = memory_alloc(&m, NULL, 0, 200);
    assert_int_equal(m.used, 300);
    assert_int_equal(m.live, 2);
    a = memory_alloc(&m, a, 100, 400);
    assert_int_equal(m.used, 600);
    assert_int_equal(m.peak, 600);
    assert_null(memory_alloc(&m, a, 400, 0));
    assert_null(memory_alloc(&m, b, 200, 0));
    assert_null(memory_alloc(&m, NULL, 0, 0));
    assert_int_equal(m.used, 0);
    assert_int_equal(m.live, 0);
}

static void test_cap(void **state) {
    (void)state;
    struct memory m = make(1000);
    void *a = memory_alloc(&m, NULL, 0, 900);
    assert_null(memory_alloc(&m, NULL, 0, 101));
    assert_null(memory_alloc(&m, a, 900, 1001));
    assert_null(memory_alloc(&m, NULL, 0, SIZE_MAX));
    void *b = memory_alloc(&m, NULL, 0, 100);
    assert_non_null(b);
    assert_int_equal(m.used, 1000);
    memory_alloc(&m, a, 900, 0);
    memory_alloc(&m, b, 100, 0);
}

static void test_shrink_is_never_refused(void **state) {
    (void)state;
    struct memory m = make(1000);
    void *a = memory_alloc(&m, NULL, 0, 1000);
    m.limit = 10; /* lowered below what is in use */
    a = memory_alloc(&m, a, 1000, 500);
    assert_non_null(a);
    assert_null(memory_alloc(&m, a, 500, 501));
    memory_alloc(&m, a, 500, 0);
}

/* A collection finds one byte each time: too little to live on. */
static void test_strikes_in_short_order(void **state) {
    (void)state;
    struct memory m = make(1000);
    void *a = memory_alloc(&m, NULL, 0, 999);
    for (int i = 0; i < MEMORY_STRIKES; i++) {
        assert_int_equal(spent, 0);
        void *b = memory_alloc(&m, NULL, 0, 1);
        assert_null(memory_alloc(&m, NULL, 0, 1));
        memory_alloc(&m, b, 1, 0);
    }
    assert_int_equal(spent, 1);
    memory_forgive(&m);
    assert_null(memory_alloc(&m, NULL, 0, 2));
    assert_int_equal(spent, 1);
    memory_alloc(&m, a, 999, 0);
}

/* Filled to the cap, given up, filled again: each time an error that somebody caught. */
static void test_errors_that_are_caught(void **state) {
    (void)state;
    struct memory m = make(1000);
    for (int i = 0; i < MEMORY_ERRORS; i++) {
        assert_int_equal(spent, 0);
        void *a = memory_alloc(&m, NULL, 0, 950);
        assert_null(memory_alloc(&m, NULL, 0, 100));
        assert_null(memory_alloc(&m, NULL, 0, 100));
        memory_alloc(&m, a, 950, 0);
    }
    assert_int_equal(spent, 1);
}

/* A heap full of garbage: each collection makes room, so no refusal is one too many. */
static void test_progress_is_no_strike(void **state) {
    (void)state;
    struct memory m = make(1000);
    for (int i = 0; i < 100; i++) {
        void *a = memory_alloc(&m, NULL, 0, 950);
        assert_null(memory_alloc(&m, NULL, 0, 100));
        memory_alloc(&m, a, 950, 0);
    }
    assert_int_equal(spent, 0);
}

static void test_no_limit(void **state) {
    (void)state;
    struct memory m = make(0);
    void *a = memory_alloc(&m, NULL, 0, 1 << 24);
    assert_non_null(a);
    memory_alloc(&m, a, 1 << 24, 0);
    assert_int_equal(m.live, 0);
}

static void ignore(void *ctx) {
    (void)ctx;
}

static void test_a_closed_state_leaves_nothing(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct vm *vm = vm_new(64 << 20, ignore);
        assert_non_null(vm);
        assert_true(vm->memory.live > 100 && vm->memory.used > 10000);
        assert_ptr_equal(vm_of(lua_newthread(vm->L)), vm);
        vm_free(vm); /* aborts in a sanitizer build when something is left */
    }
}

static void put_garbage(struct vm *vm, int kib) {
    static const char text[1024];
    for (int i = 0; i < kib; i++) {
        lua_pushlstring(vm->L, text, sizeof text);
        lua_pop(vm->L, 1);
    }
}

/* What is refused without a collection, as Lua's buffers are, finds room: between two slices at the latest. */
static void test_a_heap_that_is_nearly_full_is_collected(void **state) {
    (void)state;
    struct vm *vm = vm_new(8 << 20, ignore);
    lua_gc(vm->L, LUA_GCSTOP);
    put_garbage(vm, 5 << 10);
    vm_pace(vm);
    assert_true(vm->memory.used > 5 << 20);
    for (int i = 0; i < 3; i++) {
        put_garbage(vm, i == 0 ? 2 << 10 : 7 << 10);
        vm_pace(vm);
        assert_true(vm->memory.used < 1 << 20);
    }
    vm_free(vm);
}

/* What lives fills it: a collection each time would find nothing. */
static void test_a_heap_full_of_what_lives_is_left_alone(void **state) {
    (void)state;
    struct vm *vm = vm_new(8 << 20, ignore);
    lua_gc(vm->L, LUA_GCSTOP);
    lua_newuserdatauv(vm->L, 7 << 20, 0);
    vm_pace(vm);
    size_t before = vm->memory.used;
    put_garbage(vm, 100);
    vm_pace(vm);
    assert_true(vm->memory.used > before);
    vm_free(vm);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_shrink_is_never_refused),
        cmocka_unit_test(test_strikes_in_short_order),
        cmocka_unit_test(test_errors_that_are_caught),
        cmocka_unit_test(test_progress_is_no_strike),
        cmocka_unit_test(test_no_limit),
        cmocka_unit_test(test_a_closed_state_leaves_nothing),
        cmocka_unit_test(test_a_heap_that_is_nearly_full_is_collected),
        cmocka_unit_test(test_a_heap_full_of_what_lives_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
