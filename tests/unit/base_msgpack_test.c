/* Encodings against the specification, limits, and hostile bytes: cut, random, deep, lying and in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msgpack.h"

#define BYTES(text) (text), sizeof(text) - 1

struct scalar {
    struct value v;
    const char *bytes;
    size_t n;
};

#define INT(number)                                                                                                    \
    { .kind = VALUE_INT, .i = (number) }

static const struct scalar scalars[] = {
    {{.kind = VALUE_NIL}, BYTES("\xc0")},
    {{.kind = VALUE_BOOL, .b = false}, BYTES("\xc2")},
    {{.kind = VALUE_BOOL, .b = true}, BYTES("\xc3")},
    {INT(0), BYTES("\x00")},
    {INT(127), BYTES("\x7f")},
    {INT(128), BYTES("\xcc\x80")},
    {INT(255), BYTES("\xcc\xff")},
    {INT(256), BYTES("\xcd\x01\x00")},
    {INT(65536), BYTES("\xce\x00\x01\x00\x00")},
    {INT(4294967296), BYTES("\xcf\x00\x00\x00\x01\x00\x00\x00\x00")},
    {INT(INT64_MAX), BYTES("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff")},
    {INT(-1), BYTES("\xff")},
    {INT(-32), BYTES("\xe0")},
    {INT(-33), BYTES("\xd0\xdf")},
    {INT(-128), BYTES("\xd0\x80")},
    {INT(-129), BYTES("\xd1\xff\x7f")},
    {INT(-32769), BYTES("\xd2\xff\xff\x7f\xff")},
    {INT(-2147483649), BYTES("\xd3\xff\xff\xff\xff\x7f\xff\xff\xff")},
    {INT(INT64_MIN), BYTES("\xd3\x80\x00\x00\x00\x00\x00\x00\x00")},
    {{.kind = VALUE_FLOAT, .f = 0.5}, BYTES("\xca\x3f\x00\x00\x00")},
    {{.kind = VALUE_FLOAT, .f = 0.1}, BYTES("\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a")},
    {{.kind = VALUE_STR, .len = 0, .s = ""}, BYTES("\xa0")},
    {{.kind = VALUE_STR, .len = 3, .s = "a\0b"},
     BYTES("\xa3"
           "a\0b")},
    {{.kind = VALUE_BIN, .len = 2, .s = "hi"}, BYTES("\xc4\x02hi")},
    {{.kind = VALUE_ARRAY, .len = 0}, BYTES("\x90")},
    {{.kind = VALUE_MAP, .len = 0}, BYTES("\x80")},
};
enum { SCALARS = sizeof scalars / sizeof *scalars };

static int read_bytes(struct arena *a, const void *p, size_t n, struct value *v) {
    struct err e;
    err_init(&e);
    int rc = msgpack_read(a, p, n, &msgpack_limits_default, v, &e);
    assert_int_equal(rc == 0, e.code == E_OK);
    err_release(&e);
    return rc;
}

static void scalars_are_encoded_as_specified(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < SCALARS; i++) {
        struct value v;
        buf_clear(&out);
        msgpack_write(&out, &scalars[i].v);
        assert_int_equal(out.len, scalars[i].n);
        assert_memory_equal(out.data, scalars[i].bytes, out.len);
        assert_int_equal(read_bytes(&a, out.data, out.len, &v), 0);
        assert_true(value_equal(&v, &scalars[i].v));
    }
    buf_release(&out);
    arena_release(&a);
}

/* Every power of two with its neighbours, on both sides of zero: the size of the form changes at some of them. */
static void integers_of_all_sizes_come_back(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 5, 9};
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    for (unsigned power = 0; power < 63; power++) {
        for (int64_t near = -3; near <= 3; near++) {
            for (int64_t sign = -1; sign <= 1; sign += 2) {
                struct value v;
                int64_t i = sign * ((INT64_C(1) << power) + near);
                buf_clear(&out);
                msgpack_write_int(&out, i);
                assert_int_equal(read_bytes(&a, out.data, out.len, &v), 0);
                assert_true(v.i == i);
                size_t form = i >= -32 && i <= 127                         ? 0
                              : i >= INT8_MIN && i <= UINT8_MAX            ? 1
                              : i >= INT16_MIN && i <= UINT16_MAX          ? 2
                              : i >= INT32_MIN && i <= (int64_t)UINT32_MAX ? 3
                                                                           : 4;
                assert_int_equal(out.len, sizes[form]);
            }
        }
    }
    buf_release(&out);
    arena_release(&a);
}

static void containers_of_border_sizes_come_back(void **state) {
    (void)state;
    static const uint32_t sizes[] = {0, 15, 16, 65535, 65536};
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct value v;
        buf_clear(&out);
        msgpack_write_array(&out, 2);
        msgpack_write_array(&out, sizes[i]);
        buf_pad(&out, '\x05', sizes[i]);
        msgpack_write_map(&out, sizes[i]);
        buf_pad(&out, '\x05', 2 * (size_t)sizes[i]);
        assert_int_equal(read_bytes(&a, out.data, out.len, &v), 0);
        assert_int_equal(value_at(&v, 0)->len, sizes[i]);
        assert_int_equal(value_at(&v, 1)->len, sizes[i]);
    }
    buf_release(&out);
    arena_release(&a);
}

/* Others may use longer forms than needed. */
static void longer_forms_are_read(void **state) {
    (void)state;
    static const struct scalar rows[] = {
        {INT(1), BYTES("\xcc\x01")},
        {INT(1), BYTES("\xcf\0\0\0\0\0\0\0\x01")},
        {INT(5), BYTES("\xd0\x05")},
        {INT(5), BYTES("\xd3\0\0\0\0\0\0\0\x05")},
        {INT(-1), BYTES("\xd1\xff\xff")},
        {INT(-1), BYTES("\xd3\xff\xff\xff\xff\xff\xff\xff\xff")},
        {{.kind = VALUE_STR, .len = 1, .s = "x"}, BYTES("\xd9\x01x")},
        {{.kind = VALUE_STR, .len = 1, .s = "x"}, BYTES("\xda\x00\x01x")},
        {{.kind = VALUE_STR, .len = 1, .s = "x"}, BYTES("\xdb\x00\x00\x00\x01x")},
        {{.kind = VALUE_BIN, .len = 1, .s = "x"}, BYTES("\xc6\x00\x00\x00\x01x")},
        {{.kind = VALUE_ARRAY, .len = 0}, BYTES("\xdd\x00\x00\x00\x00")},
        {{.kind = VALUE_MAP, .len = 0}, BYTES("\xde\x00\x00")},
        {{.kind = VALUE_FLOAT, .f = 1.0}, BYTES("\xcb\x3f\xf0\0\0\0\0\0\0")},
    };
    struct arena a = ARENA_INIT;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct value v;
        assert_int_equal(read_bytes(&a, rows[i].bytes, rows[i].n, &v), 0);
        assert_true(value_equal(&v, &rows[i].v));
    }
    arena_release(&a);
}

static void floats_keep_their_bits(void **state) {
    (void)state;
    static const double rows[] = {0.0, -0.0, 1e308, 5e-324, 3.4028234663852886e38, 1e39, 1.0 / 3};
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    struct value v;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_clear(&out);
        msgpack_write_float(&out, rows[i]);
        assert_int_equal(read_bytes(&a, out.data, out.len, &v), 0);
        assert_memory_equal(&v.f, &rows[i], sizeof v.f);
    }
    const double odd[] = {(double)INFINITY, -(double)INFINITY, (double)NAN};
    for (size_t i = 0; i < 3; i++) {
        buf_clear(&out);
        msgpack_write_float(&out, odd[i]);
        assert_int_equal(read_bytes(&a, out.data, out.len, &v), 0);
        assert_true(isnan(odd[i]) ? isnan(v.f) : v.f == odd[i]);
    }
    buf_release(&out);
    arena_release(&a);
}

/* Strings of every length around the borders of the heads. */
static void strings_of_border_lengths(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 31, 32, 255, 256, 65535, 65536, 100000};
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    char *text = mem_alloc(100001);
    memset(text, 'x', 100000);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct value v;
        buf_clear(&out);
        msgpack_write_array(&out, 2);
        msgpack_write_str(&out, text, lengths[i]);
        msgpack_write_bin(&out, text, lengths[i]);
        assert_int_equal(read_bytes(&a, out.data, out.len, &v), 0);
        assert_int_equal(value_at(&v, 0)->len, lengths[i]);
        assert_int_equal(value_at(&v, 0)->s[lengths[i]], '\0');
        assert_memory_equal(value_at(&v, 1)->s, text, lengths[i]);
        assert_int_equal(value_at(&v, 1)->kind, VALUE_BIN);
    }
    mem_free(text);
    buf_release(&out);
    arena_release(&a);
}

/* A message with everything in it. */
static struct value sample(struct arena *a) {
    struct value m = value_map(a, 0);
    struct value list = value_array(a, 0);
    for (size_t i = 0; i < SCALARS; i++) {
        value_push(a, &list, scalars[i].v);
    }
    struct value inner = value_map(a, 0);
    value_set(a, &inner, "list", list);
    value_set(a, &inner, "title", value_lit("Scaling Raft, again: \xe2\x80\x9cwhy\xe2\x80\x9d"));
    value_set(a, &m, "method", value_lit("run"));
    value_set(a, &m, "inner", inner);
    value_set(a, &m, "again", inner);
    value_push(a, &list, value_float(0.1));
    value_set(a, &m, "long", value_str(a, arena_printf(a, "%300s", "padded")));
    value_set(a, &m, "last", list);
    return m;
}

static void nested_values_come_back(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    struct value v;
    struct value m = sample(&a);
    msgpack_write(&out, &m);
    assert_int_equal(read_bytes(&a, out.data, out.len, &v), 0);
    assert_true(value_equal(&m, &v));
    assert_string_equal(v.pairs[1].key.s, "inner");
    buf_release(&out);
    arena_release(&a);
}

static void keys_of_any_kind(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct value v;
    assert_int_equal(read_bytes(&a,
                                BYTES("\x83\x01\xa1"
                                      "a\x92\x01\x02\xc0\xc0\x81\xc3\xc2"),
                                &v),
                     0);
    assert_int_equal(v.len, 3);
    assert_int_equal(v.pairs[0].key.i, 1);
    assert_int_equal(v.pairs[1].key.kind, VALUE_ARRAY);
    assert_int_equal(v.pairs[2].val.kind, VALUE_MAP);
    arena_release(&a);
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    struct value v;
    struct value m = sample(&a);
    msgpack_write(&out, &m);
    for (size_t n = 0; n < out.len; n++) {
        char *exact = mem_alloc(n); /* so that one byte too far is seen */
        memcpy(exact, out.data, n);
        assert_int_equal(read_bytes(&a, exact, n, &v), -E_DATA);
        mem_free(exact);
    }
    buf_addc(&out, '\x01');
    assert_int_equal(read_bytes(&a, out.data, out.len, &v), -E_DATA);
    buf_release(&out);
    arena_release(&a);
}

static void what_lectern_does_not_use_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = {
        {BYTES("\xc1")},                                 /* never used */
        {BYTES("\xcf\x80\0\0\0\0\0\0\0")},               /* 2^63 */
        {BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff")}, /* 2^64 - 1 */
        {BYTES("\xd4\x01x")},                            /* fixext 1 */
        {BYTES("\xd8\x01xxxxxxxxxxxxxxxx")},             /* fixext 16 */
        {BYTES("\xc7\x01\x01x")},                        /* ext 8 */
        {BYTES("\xc7\x00\x01")},                         /* ext 8, empty */
        {BYTES("\xc8\x00\x01\x01x")},                    /* ext 16 */
        {BYTES("\xc9\x00\x00\x00\x01\x01x")},            /* ext 32 */
        {BYTES("\x92\x01\xc1")},
        {BYTES("")},
    };
    struct arena a = ARENA_INIT;
    struct value v;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(read_bytes(&a, rows[i].bytes, rows[i].n, &v), -E_DATA);
    }
    arena_release(&a);
}

/* The head alone must be enough to refuse: nothing more needs to come, nothing is allocated for it. */
static void lying_heads_are_refused_at_once(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = {
        {BYTES("\xdd\xff\xff\xff\xff")},     /* 2^32 - 1 items */
        {BYTES("\xdf\xff\xff\xff\xff")},     /* as many pairs */
        {BYTES("\xdb\xff\xff\xff\xff")},     /* a string of 4 GiB */
        {BYTES("\xc6\x10\x00\x00\x00")},     /* 256 MiB of bytes */
        {BYTES("\xdd\x00\x0f\x42\x40\x92")}, /* a million items, then two more */
        {BYTES("\xdf\x00\x07\xa1\x21")},     /* 500001 pairs */
    };
    struct arena a = ARENA_INIT;
    struct value v;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct msgpack_stream s;
        msgpack_stream_init(&s, &msgpack_limits_default);
        msgpack_stream_feed(&s, rows[i].bytes, rows[i].n);
        assert_int_equal(msgpack_stream_next(&s, &a, &v, NULL), -E_DATA);
        assert_int_equal(msgpack_stream_next(&s, &a, &v, NULL), -E_DATA);
        msgpack_stream_feed(&s, "\x01", 1);
        assert_int_equal(msgpack_stream_next(&s, &a, &v, NULL), -E_DATA);
        msgpack_stream_release(&s);
    }
    assert_int_equal(a.used, 0);
    arena_release(&a);
}

static int read_limited(const struct msgpack_limits *limits, const void *p, size_t n) {
    struct arena a = ARENA_INIT;
    struct value v;
    int rc = msgpack_read(&a, p, n, limits, &v, NULL);
    arena_release(&a);
    return rc;
}

static void limits_are_exact(void **state) {
    (void)state;
    const struct msgpack_limits limits = {.bytes = 10, .elements = 5, .depth = 2};
    assert_int_equal(read_limited(&limits, BYTES("\xa9xxxxxxxxx")), 0);
    assert_int_equal(read_limited(&limits, BYTES("\xaaxxxxxxxxxx")), -E_DATA);
    assert_int_equal(read_limited(&limits, BYTES("\x94\x01\x01\x01\x01")), 0);
    assert_int_equal(read_limited(&limits, BYTES("\x95\x01\x01\x01\x01\x01")), -E_DATA);
    assert_int_equal(read_limited(&limits, BYTES("\x82\x01\x01\x01\x01")), 0);
    assert_int_equal(read_limited(&limits, BYTES("\x81\x01\x92\x01\x01")), 0);
    assert_int_equal(read_limited(&limits, BYTES("\x81\x01\x93\x01\x01\x01")), -E_DATA);
    assert_int_equal(read_limited(&limits, BYTES("\x91\x91\x01")), 0);
    assert_int_equal(read_limited(&limits, BYTES("\x91\x91\x90")), -E_DATA);
    const struct msgpack_limits flat = {.bytes = 10, .elements = 5, .depth = 0};
    assert_int_equal(read_limited(&flat, BYTES("\x01")), 0);
    assert_int_equal(read_limited(&flat, BYTES("\x90")), -E_DATA);
}

/* A million open brackets cost as many bytes as the depth limit. */
static void deep_nesting_is_refused(void **state) {
    (void)state;
    char *deep = mem_alloc(1000000);
    memset(deep, '\x91', 1000000);
    struct msgpack_limits limits = msgpack_limits_default;
    assert_int_equal(read_limited(&limits, deep, 1000000), -E_DATA);
    deep[32] = '\x01';
    assert_int_equal(read_limited(&limits, deep, 33), 0);
    limits.depth = 200000; /* where depth is allowed, it takes no stack of ours */
    memset(deep, '\x91', 1000);
    deep[100000] = '\xc0';
    memset(deep, '\x91', 100000);
    assert_int_equal(read_limited(&limits, deep, 100001), 0);
    mem_free(deep);
}

static void stream_takes_bytes_one_by_one(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct arena got = ARENA_INIT;
    struct buf out = BUF_INIT;
    struct msgpack_stream s;
    struct value m = sample(&a);
    msgpack_write(&out, &m);
    msgpack_stream_init(&s, &msgpack_limits_default);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < out.len; i++) {
            struct value v;
            msgpack_stream_feed(&s, out.data + i, 1);
            int rc = msgpack_stream_next(&s, &got, &v, NULL);
            assert_int_equal(rc, i + 1 == out.len);
            if (rc == 1) {
                assert_true(value_equal(&v, &m));
            }
        }
    }
    msgpack_stream_release(&s);
    buf_release(&out);
    arena_release(&got);
    arena_release(&a);
}

static void stream_takes_many_at_once(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    struct msgpack_stream s;
    struct value v;
    for (int i = 0; i < 1000; i++) {
        msgpack_write_int(&out, i);
        msgpack_write_array(&out, 1);
        msgpack_write_str(&out, "text", (size_t)i % 5);
    }
    msgpack_stream_init(&s, &msgpack_limits_default);
    size_t fed = 0;
    int values = 0;
    for (size_t step = 1; fed < out.len; step = step % 37 + 1) {
        size_t n = step < out.len - fed ? step : out.len - fed;
        msgpack_stream_feed(&s, out.data + fed, n);
        fed += n;
        while (msgpack_stream_next(&s, &a, &v, NULL) == 1) {
            assert_int_equal(values % 2 ? value_at(&v, 0)->len : (size_t)v.i, values / 2 % (values % 2 ? 5 : 1000));
            values++;
        }
        assert_true(s.in.cap < 4096); /* what was taken is not kept */
    }
    assert_int_equal(values, 2000);
    msgpack_stream_release(&s);
    buf_release(&out);
    arena_release(&a);
}

/* 4 MB of small values in small pieces: were each piece a reason to look at all again, this would take minutes. */
static void large_messages_in_pieces_are_read_once(void **state) {
    (void)state;
    enum { COUNT = 800000, PIECE = 256 };
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    struct msgpack_stream s;
    struct value v;
    msgpack_write_array(&out, COUNT);
    for (int i = 0; i < COUNT; i++) {
        msgpack_write_int(&out, 100000 + i);
    }
    uint64_t start = clock_mono_us();
    msgpack_stream_init(&s, &msgpack_limits_default);
    int rc = 0;
    for (size_t at = 0; at < out.len; at += PIECE) {
        msgpack_stream_feed(&s, out.data + at, out.len - at < PIECE ? out.len - at : PIECE);
        rc = msgpack_stream_next(&s, &a, &v, NULL);
    }
    assert_int_equal(rc, 1);
    assert_int_equal(v.len, COUNT);
    assert_int_equal(value_at(&v, COUNT - 1)->i, 100000 + COUNT - 1);
    assert_true(clock_mono_us() - start < 20 * 1000 * 1000);
    msgpack_stream_feed(&s, "\x01", 1);
    assert_true(s.in.cap < 1024 * 1024); /* the storage of the large message is given back */
    msgpack_stream_release(&s);
    buf_release(&out);
    arena_release(&a);
}

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Whatever comes, the stream says value, more or no; what it calls a value can be written and read again. */
static void survives(const char *p, size_t n, uint32_t *seed) {
    const struct msgpack_limits limits = {.bytes = 4096, .elements = 500, .depth = 8};
    struct arena a = ARENA_INIT;
    struct buf again = BUF_INIT;
    struct msgpack_stream s;
    struct value v;
    struct value w;
    msgpack_stream_init(&s, &limits);
    for (size_t at = 0; at < n;) {
        size_t step = next_random(seed) % 20 + 1;
        step = step < n - at ? step : n - at;
        msgpack_stream_feed(&s, p + at, step);
        at += step;
        int rc;
        while ((rc = msgpack_stream_next(&s, &a, &v, NULL)) == 1) {
            buf_clear(&again);
            msgpack_write(&again, &v);
            assert_int_equal(msgpack_read(&a, again.data, again.len, &msgpack_limits_default, &w, NULL), 0);
            assert_true(value_equal(&v, &w));
        }
        assert_true(rc == 0 || rc == -E_DATA);
    }
    msgpack_stream_release(&s);
    buf_release(&again);
    arena_release(&a);
}

static void random_bytes_do_no_harm(void **state) {
    (void)state;
    uint32_t seed = 20260301;
    for (int round = 0; round < 5000; round++) {
        char bytes[300];
        size_t n = next_random(&seed) % sizeof bytes;
        for (size_t i = 0; i < n; i++) {
            bytes[i] = (char)next_random(&seed);
        }
        survives(bytes, n, &seed);
    }
}

static void flipped_bytes_do_no_harm(void **state) {
    (void)state;
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT;
    struct value m = sample(&a);
    uint32_t seed = 7;
    msgpack_write(&out, &m);
    for (int round = 0; round < 5000; round++) {
        size_t at = next_random(&seed) % out.len;
        char kept = out.data[at];
        out.data[at] = (char)next_random(&seed);
        survives(out.data, out.len, &seed);
        out.data[at] = kept;
    }
    buf_release(&out);
    arena_release(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_encoded_as_specified),
        cmocka_unit_test(integers_of_all_sizes_come_back),
        cmocka_unit_test(containers_of_border_sizes_come_back),
        cmocka_unit_test(longer_forms_are_read),
        cmocka_unit_test(floats_keep_their_bits),
        cmocka_unit_test(strings_of_border_lengths),
        cmocka_unit_test(nested_values_come_back),
        cmocka_unit_test(keys_of_any_kind),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(what_lectern_does_not_use_is_refused),
        cmocka_unit_test(lying_heads_are_refused_at_once),
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(stream_takes_bytes_one_by_one),
        cmocka_unit_test(stream_takes_many_at_once),
        cmocka_unit_test(large_messages_in_pieces_are_read_once),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(flipped_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
