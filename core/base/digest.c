/* digest.c - SHA-256, hexadecimal and UUIDs.
 *
 * The one idea: the arithmetic is nettle's, which uses what the processor has for it; only shapes are made here. Random
 * bytes come from getrandom, which needs no file and works in a sandbox.
 */
#include "base/digest.h"

#include <errno.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

const struct uuid uuid_space_lectern = {
    {0x6c, 0x65, 0x63, 0x74, 0x65, 0x72, 0x4e, 0x6f, 0xa7, 0x65, 0x73, 0x2e, 0x74, 0x61, 0x6c, 0x6b}};

void sha256(const void *p, size_t n, uint8_t out[SHA256_BYTES]) {
    struct sha256_ctx state;
    sha256_init(&state);
    if (n) {
        sha256_update(&state, n, p);
    }
    sha256_digest(&state, SHA256_BYTES, out);
}

void hex_encode(const uint8_t *p, size_t n, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        *out++ = digits[p[i] >> 4];
        *out++ = digits[p[i] & 15];
    }
    *out = '\0';
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int hex_decode(const char *s, size_t n, uint8_t *out, size_t max) {
    if (n % 2 != 0 || n / 2 > max || n > INT32_MAX) {
        return -1;
    }
    for (size_t i = 0; i < n; i += 2) {
        int high = digit_value(s[i]);
        int low = digit_value(s[i + 1]);
        if (high < 0 || low < 0) {
            return -1;
        }
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return (int)(n / 2);
}

static void mark(struct uuid *id, unsigned version) {
    id->b[6] = (uint8_t)((id->b[6] & 0x0f) | version << 4);
    id->b[8] = (uint8_t)((id->b[8] & 0x3f) | 0x80);
}

/* 16 bytes come whole or not at all; a kernel without getrandom is older than anything this runs on. */
struct uuid uuid4(void) {
    struct uuid id;
    while (getrandom(id.b, sizeof id.b, 0) != (ssize_t)sizeof id.b) {
        if (errno != EINTR) {
            static const char last_words[] = "lectern: no random numbers from the kernel\n";
            ssize_t written = write(STDERR_FILENO, last_words, sizeof last_words - 1);
            (void)written;
            _exit(70);
        }
    }
    mark(&id, 4);
    return id;
}

struct uuid uuid5(const struct uuid *space, const void *name, size_t n) {
    struct uuid id;
    struct sha1_ctx state;
    sha1_init(&state);
    sha1_update(&state, sizeof space->b, space->b);
    if (n) {
        sha1_update(&state, n, name);
    }
    sha1_digest(&state, sizeof id.b, id.b);
    mark(&id, 5);
    return id;
}

static bool hyphen_before(size_t byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void uuid_text(const struct uuid *id, char out[UUID_TEXT + 1]) {
    for (size_t i = 0; i < UUID_BYTES; i++) {
        if (hyphen_before(i)) {
            *out++ = '-';
        }
        hex_encode(id->b + i, 1, out);
        out += 2;
    }
}

bool uuid_parse(const char *s, size_t n, struct uuid *out) {
    struct uuid id;
    if (n != UUID_TEXT && n != 2 * UUID_BYTES) {
        return false;
    }
    for (size_t i = 0; i < UUID_BYTES; i++) {
        if (n == UUID_TEXT && hyphen_before(i) && *s++ != '-') {
            return false;
        }
        if (hex_decode(s, 2, &id.b[i], 1) != 1) {
            return false;
        }
        s += 2;
    }
    *out = id;
    return true;
}

bool uuid_equal(const struct uuid *a, const struct uuid *b) {
    return memcmp(a->b, b->b, UUID_BYTES) == 0;
}
