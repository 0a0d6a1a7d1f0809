/* digest.h - SHA-256 (FIPS 180-4) and UUIDs (RFC 9562), over nettle. */
#ifndef LECTERN_BASE_DIGEST_H
#define LECTERN_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, UUID_BYTES = 16, UUID_TEXT = 36 };

struct uuid {
    uint8_t b[UUID_BYTES];
};

void sha256(const void *p, size_t n, uint8_t out[SHA256_BYTES]);
/* 2 * N hex digits and a NUL. */
void hex_encode(const uint8_t *p, size_t n, char *out);
/* Number of leading hex digits of S turned into bytes of OUT (two each), or -1 at a bad digit or odd count. */
int hex_decode(const char *s, size_t n, uint8_t *out, size_t max);

struct uuid uuid4(void);                                                 /* random (getrandom) */
struct uuid uuid5(const struct uuid *space, const void *name, size_t n); /* name-based, SHA-1 */
extern const struct uuid uuid_space_lectern;                             /* our namespace for derived keys */
void uuid_text(const struct uuid *id, char out[UUID_TEXT + 1]);          /* 8-4-4-4-12, lower case */
bool uuid_parse(const char *s, size_t n, struct uuid *out);              /* 36 characters, or 32 digits */
bool uuid_equal(const struct uuid *a, const struct uuid *b);

#endif
