/* SHA-256 and UUIDs against published values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"

static void sha_is(const void *p, size_t n, const char *expected) {
    uint8_t out[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    sha256(p, n, out);
    hex_encode(out, sizeof out, hex);
    assert_string_equal(hex, expected);
}

/* FIPS 180-4 examples. */
static void sha256_of_known_texts(void **state) {
    (void)state;
    sha_is("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha_is(NULL, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha_is("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    char *million = mem_alloc(1000000);
    memset(million, 'a', 1000000);
    sha_is(million, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    mem_free(million);
}

static void hex_goes_both_ways(void **state) {
    (void)state;
    uint8_t out[4];
    char hex[9];
    assert_int_equal(hex_decode("00fFaB10", 8, out, 4), 4);
    assert_memory_equal(out, "\x00\xff\xab\x10", 4);
    hex_encode(out, 4, hex);
    assert_string_equal(hex, "00ffab10");
    hex_encode(out, 0, hex);
    assert_string_equal(hex, "");
    assert_int_equal(hex_decode("", 0, out, 4), 0);
    assert_int_equal(hex_decode("abc", 3, out, 4), -1);
    assert_int_equal(hex_decode("0011223344", 10, out, 4), -1);
    const char *bad[] = {"0g", "g0", " 1", "0x", "\xff\xff", "@A", "`a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(hex_decode(bad[i], 2, out, 4), -1);
    }
}

/* The name-based example of RFC 9562, A.4. */
static void uuid5_of_a_known_name(void **state) {
    (void)state;
    struct uuid dns;
    char text[UUID_TEXT + 1];
    assert_true(uuid_parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8", 36, &dns));
    struct uuid id = uuid5(&dns, "www.example.com", 15);
    uuid_text(&id, text);
    assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    struct uuid empty = uuid5(&uuid_space_lectern, NULL, 0);
    struct uuid again = uuid5(&uuid_space_lectern, "", 0);
    assert_true(uuid_equal(&empty, &again));
    assert_false(uuid_equal(&empty, &id));
}

static void uuid4_is_random_and_marked(void **state) {
    (void)state;
    struct uuid last = uuid4();
    for (int i = 0; i < 1000; i++) {
        struct uuid id = uuid4();
        assert_int_equal(id.b[6] >> 4, 4);
        assert_int_equal(id.b[8] >> 6, 2);
        assert_false(uuid_equal(&id, &last));
        last = id;
    }
}

static void uuids_are_read_and_written(void **state) {
    (void)state;
    static const char *const bad[] = {"6ba7b810-9dad-11d1-80b4-00c04fd430c",   "6ba7b810-9dad-11d1-80b4-00c04fd430c8a",
                                      "6ba7b8109-dad-11d1-80b4-00c04fd430c8",  "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
                                      "6ba7b810 9dad 11d1 80b4 00c04fd430c8",  "",
                                      "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"};
    struct uuid a;
    struct uuid b;
    char text[UUID_TEXT + 1];
    assert_true(uuid_parse("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", 36, &a));
    assert_true(uuid_parse("6ba7b8109dad11d180b400c04fd430c8", 32, &b));
    assert_true(uuid_equal(&a, &b));
    uuid_text(&a, text);
    assert_string_equal(text, "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct uuid untouched = a;
        assert_false(uuid_parse(bad[i], strlen(bad[i]), &untouched));
        assert_true(uuid_equal(&untouched, &a));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_known_texts),      cmocka_unit_test(hex_goes_both_ways),
        cmocka_unit_test(uuid5_of_a_known_name),      cmocka_unit_test(uuid4_is_random_and_marked),
        cmocka_unit_test(uuids_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
