/* Growth, the NUL after the last byte, and the states of an empty buffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static void empty_buffer_is_a_string(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    assert_string_equal(b.data, "");
    buf_clear(&b);
    buf_drop(&b, 3);
    buf_add(&b, NULL, 0);
    buf_pad(&b, 'x', 0);
    assert_int_equal(b.cap, 0);
    buf_release(&b);
    assert_ptr_equal(b.data, buf_empty);
}

static void grows_and_stays_terminated(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    for (int i = 0; i < 10000; i++) {
        buf_addc(&b, (char)('a' + i % 26));
        assert_int_equal(b.data[b.len], '\0');
    }
    assert_int_equal(b.len, 10000);
    assert_true(b.cap < 40000);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(b.data[i], 'a' + i % 26);
    }
    buf_release(&b);
}

static void formats_of_any_length(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    buf_adds(&b, "<");
    for (int width = 0; width < 300; width++) {
        buf_clear(&b);
        buf_adds(&b, "<");
        buf_addf(&b, "%*d>", width, 7);
        assert_int_equal(b.len, (width < 1 ? 1 : width) + 2);
        assert_int_equal(b.data[b.len - 1], '>');
        assert_int_equal(strlen(b.data), b.len);
    }
    buf_release(&b);
}

static void drops_from_the_front(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    buf_adds(&b, "one two three");
    buf_drop(&b, 4);
    assert_string_equal(b.data, "two three");
    buf_drop(&b, 0);
    assert_string_equal(b.data, "two three");
    buf_drop(&b, 1000);
    assert_string_equal(b.data, "");
    assert_int_equal(b.len, 0);
    buf_release(&b);
}

static void keeps_nul_bytes(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    buf_add(&b, "a\0b", 3);
    buf_pad(&b, '\0', 2);
    assert_memory_equal(b.data, "a\0b\0\0", 6);
    assert_int_equal(b.len, 5);
    buf_release(&b);
}

static void reserve_keeps_the_bytes(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    buf_reserve(&b, 0);
    assert_string_equal(b.data, "");
    buf_adds(&b, "kept");
    buf_reserve(&b, 1 << 20);
    assert_true(b.cap > 1 << 20);
    assert_string_equal(b.data, "kept");
    char *before = b.data;
    buf_pad(&b, '.', 1 << 20);
    assert_ptr_equal(before, b.data);
    buf_release(&b);
}

static void taken_bytes_are_the_callers(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    char *nothing = buf_take(&b);
    assert_string_equal(nothing, "");
    buf_adds(&b, "mine");
    char *mine = buf_take(&b);
    assert_string_equal(mine, "mine");
    assert_ptr_equal(b.data, buf_empty);
    assert_int_equal(b.len, 0);
    mem_free(nothing);
    mem_free(mine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_buffer_is_a_string),
        cmocka_unit_test(grows_and_stays_terminated),
        cmocka_unit_test(formats_of_any_length),
        cmocka_unit_test(drops_from_the_front),
        cmocka_unit_test(keeps_nul_bytes),
        cmocka_unit_test(reserve_keeps_the_bytes),
        cmocka_unit_test(taken_bytes_are_the_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
