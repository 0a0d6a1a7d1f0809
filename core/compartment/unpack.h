/* unpack.h - MessagePack read in place, token by token, without making anything.
 *
 * The host's messages go from the socket's buffer straight to Lua values; base/msgpack.h would build a tree between the
 * two. The bytes read are borrowed. Extension types and integers above INT64_MAX are refused, as everywhere in lectern.
 */
#ifndef LECTERN_COMPARTMENT_UNPACK_H
#define LECTERN_COMPARTMENT_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unpack {
    const unsigned char *at, *end;
};

enum unpack_kind {
    UNPACK_NIL,
    UNPACK_BOOL,
    UNPACK_INT,
    UNPACK_FLOAT,
    UNPACK_STR, /* bin too: Lua has one kind of string */
    UNPACK_ARRAY,
    UNPACK_MAP,
};

struct unpack_token {
    enum unpack_kind kind;
    uint32_t len; /* bytes of a string, items of an array, pairs of a map */
    union {
        bool b;
        int64_t i;
        double f;
        const char *s; /* borrowed, not terminated */
    };
};

enum unpack_result { UNPACK_OK, UNPACK_MORE, UNPACK_BAD };

struct unpack unpack_bytes(const void *p, size_t n);
/* The next token; a string must be there as a whole. On UNPACK_MORE nothing was read. */
enum unpack_result unpack_next(struct unpack *u, struct unpack_token *t);
/* Pass over one value of any depth. */
enum unpack_result unpack_skip(struct unpack *u);

/* Where a value that arrives in pieces ends. Start with {0}; AT counts bytes from the value's beginning. */
struct unpack_scan {
    size_t at;
    uint64_t left; /* values that still have to come; 0 before the first call and when the value is whole */
    uint64_t skip; /* bytes of a string that have not come */
};
/* P[0..N) begins where the value begins. UNPACK_OK: it is scan->at bytes long. */
enum unpack_result unpack_scan(struct unpack_scan *scan, const void *p, size_t n);

#endif
