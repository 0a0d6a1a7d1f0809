/* compartment_unpack_test.c - MessagePack read in place: every form, cut anywhere, in pieces, and noise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/msgpack.h"
#include "compartment/unpack.h"

static void test_integers(void **state) {
    (void)state;
    static const int64_t numbers[] = {0,
                                      1,
                                      127,
                                      128,
                                      255,
                                      256,
                                      65535,
                                      65536,
                                      -1,
                                      -32,
                                      -33,
                                      -128,
                                      -129,
                                      -32768,
                                      -32769,
                                      INT32_MAX,
                                      INT32_MIN,
                                      UINT32_MAX,
                                      (int64_t)UINT32_MAX + 1,
                                      INT64_MAX,
                                      INT64_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct buf b = BUF_INIT;
        msgpack_write_int(&b, numbers[i]);
        struct unpack u = unpack_bytes(b.data, b.len);
        struct unpack_token t;
        assert_int_equal(unpack_next(&u, &t), UNPACK_OK);
        assert_int_equal(t.kind, UNPACK_INT);
        assert_true(t.i == numbers[i]);
        assert_ptr_equal(u.at, u.end);
        buf_release(&b);
    }
}

static void check_string(size_t n) {
    struct buf text = BUF_INIT, b = BUF_INIT;
    buf_pad(&text, 'x', n);
    msgpack_write_str(&b, text.data, text.len);
    msgpack_write_bin(&b, text.data, text.len);
    struct unpack u = unpack_bytes(b.data, b.len);
    for (int i = 0; i < 2; i++) {
        struct unpack_token t;
        assert_int_equal(unpack_next(&u, &t), UNPACK_OK);
        assert_int_equal(t.kind, UNPACK_STR);
        assert_int_equal(t.len, n);
        assert_memory_equal(t.s, text.data, n);
    }
    assert_ptr_equal(u.at, u.end);
    buf_release(&text);
    buf_release(&b);
}

static void test_strings(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 31, 32, 255, 256, 65535, 65536, 200000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_string(sizes[i]);
    }
}

static void test_the_rest(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    msgpack_write_nil(&b);
    msgpack_write_bool(&b, true);
    msgpack_write_bool(&b, false);
    msgpack_write_float(&b, 1.5);
    msgpack_write_float(&b, 0.1);
    msgpack_write_array(&b, 3);
    msgpack_write_array(&b, 70000);
    msgpack_write_map(&b, 15);
    msgpack_write_map(&b, 16);
    struct unpack u = unpack_bytes(b.data, b.len);
    struct unpack_token t[9];
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(unpack_next(&u, &t[i]), UNPACK_OK);
    }
    assert_int_equal(t[0].kind, UNPACK_NIL);
    assert_true(t[1].kind == UNPACK_BOOL && t[1].b);
    assert_true(t[2].kind == UNPACK_BOOL && !t[2].b);
    assert_true(t[3].kind == UNPACK_FLOAT && t[3].f == 1.5);
    assert_true(t[4].kind == UNPACK_FLOAT && t[4].f == 0.1);
    assert_true(t[5].kind == UNPACK_ARRAY && t[5].len == 3);
    assert_true(t[6].kind == UNPACK_ARRAY && t[6].len == 70000);
    assert_true(t[7].kind == UNPACK_MAP && t[7].len == 15);
    assert_true(t[8].kind == UNPACK_MAP && t[8].len == 16);
    assert_int_equal(unpack_next(&u, &t[0]), UNPACK_MORE);
    buf_release(&b);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "\xc1",      "\xc7\x01\x05x", "\xc8\x00\x01\x05x",        "\xc9\x00\x00\x00\x01\x05x",
        "\xd4\x01x", "\xd5\x01xx",    "\xd8\x01xxxxxxxxxxxxxxxx", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct unpack u = unpack_bytes(bad[i], 18);
        struct unpack_token t;
        struct unpack_scan scan = {0};
        assert_int_equal(unpack_next(&u, &t), UNPACK_BAD);
        assert_int_equal(unpack_scan(&scan, bad[i], 1 + (i == 7 ? 8 : 0)), UNPACK_BAD);
    }
}

/* [0, 7, "call", [{"a": [1, 2.5, nil, "text"], "b": {}}]] and something behind it */
static size_t write_message(struct buf *b) {
    rpc_write_request(b, 7, "call");
    msgpack_write_array(b, 1);
    msgpack_write_map(b, 2);
    msgpack_write_str(b, "a", 1);
    msgpack_write_array(b, 4);
    msgpack_write_int(b, 1);
    msgpack_write_float(b, 2.1);
    msgpack_write_nil(b);
    msgpack_write_str(b, "text", 4);
    msgpack_write_str(b, "b", 1);
    msgpack_write_map(b, 0);
    size_t n = b->len;
    msgpack_write_int(b, 1000);
    return n;
}

static void test_cut_anywhere(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    size_t n = write_message(&b);
    for (size_t cut = 0; cut < n; cut++) {
        struct unpack_scan scan = {0};
        struct unpack u = unpack_bytes(b.data, cut);
        assert_int_equal(unpack_scan(&scan, b.data, cut), UNPACK_MORE);
        assert_int_equal(unpack_skip(&u), UNPACK_MORE);
        assert_int_equal(unpack_scan(&scan, b.data, b.len), UNPACK_OK);
        assert_int_equal(scan.at, n);
    }
    buf_release(&b);
}

static void test_byte_by_byte(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    size_t n = write_message(&b);
    struct unpack_scan scan = {0};
    for (size_t have = 0; have < n; have++) {
        assert_int_equal(unpack_scan(&scan, b.data, have), UNPACK_MORE);
    }
    assert_int_equal(unpack_scan(&scan, b.data, n), UNPACK_OK);
    assert_int_equal(scan.at, n);
    buf_release(&b);
}

static void test_empty_array_is_whole(void **state) {
    (void)state;
    struct unpack_scan scan = {0};
    assert_int_equal(unpack_scan(&scan, "\x90", 1), UNPACK_OK);
    assert_int_equal(scan.at, 1);
}

/* Arrays that promise four billion items each: nothing is allocated for a promise, and the count does not wrap. */
static void test_promises(void **state) {
    (void)state;
    struct buf b = BUF_INIT;
    for (int i = 0; i < 1000; i++) {
        buf_add(&b, "\xdd\xff\xff\xff\xff", 5);
    }
    struct unpack_scan scan = {0};
    assert_int_equal(unpack_scan(&scan, b.data, b.len), UNPACK_MORE);
    assert_true(scan.left > UINT32_MAX);
    buf_release(&b);
}

static void test_noise(void **state) {
    (void)state;
    srand(1);
    for (int round = 0; round < 20000; round++) {
        unsigned char noise[64];
        size_t n = (size_t)rand() % sizeof noise;
        for (size_t i = 0; i < n; i++) {
            noise[i] = (unsigned char)rand();
        }
        struct unpack_scan scan = {0};
        if (unpack_scan(&scan, noise, n) == UNPACK_OK) {
            assert_in_range(scan.at, 1, n);
        }
        struct unpack u = unpack_bytes(noise, n);
        struct unpack_token t;
        while (unpack_next(&u, &t) == UNPACK_OK) {
            assert_true(u.at <= u.end);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_the_rest),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_promises),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_empty_array_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
