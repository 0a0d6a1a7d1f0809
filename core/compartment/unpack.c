/* unpack.c - the MessagePack format, read by its first byte.
 *
 * The one idea: a token is at most nine bytes of head, and a string's bytes are only pointed at. Nothing here allocates
 * or recurses, so a message costs what its bytes cost.
 */
#include "compartment/unpack.h"

#include <string.h>

struct unpack unpack_bytes(const void *p, size_t n) {
    const unsigned char *at = p;
    return (struct unpack){at, at + n};
}

static uint64_t big_endian(const unsigned char *p, unsigned width) {
    uint64_t x = 0;
    for (unsigned i = 0; i < width; i++) {
        x = x << 8 | p[i];
    }
    return x;
}

static double float_of(uint64_t bits, unsigned width) {
    if (width == 8) {
        double d;
        memcpy(&d, &bits, sizeof d);
        return d;
    }
    uint32_t low = (uint32_t)bits;
    float f;
    memcpy(&f, &low, sizeof f);
    return (double)f;
}

/* What a head byte from 0xc0 to 0xdf announces: the kind, and how many bytes of length or number follow it. */
struct head {
    signed char kind; /* -1: refused */
    unsigned char width;
};
static const struct head heads[32] = {
    {UNPACK_NIL, 0}, {-1, 0},         {UNPACK_BOOL, 0}, {UNPACK_BOOL, 0}, {UNPACK_STR, 1},   {UNPACK_STR, 2},
    {UNPACK_STR, 4}, {-1, 0},         {-1, 0},          {-1, 0},          {UNPACK_FLOAT, 4}, {UNPACK_FLOAT, 8},
    {UNPACK_INT, 1}, {UNPACK_INT, 2}, {UNPACK_INT, 4},  {UNPACK_INT, 8},  {UNPACK_INT, 1},   {UNPACK_INT, 2},
    {UNPACK_INT, 4}, {UNPACK_INT, 8}, {-1, 0},          {-1, 0},          {-1, 0},           {-1, 0},
    {-1, 0},         {UNPACK_STR, 1}, {UNPACK_STR, 2},  {UNPACK_STR, 4},  {UNPACK_ARRAY, 2}, {UNPACK_ARRAY, 4},
    {UNPACK_MAP, 2}, {UNPACK_MAP, 4},
};

/* Numbers 0xd0..0xd3 are signed. */
static int64_t sign_extend(uint64_t x, unsigned width) {
    switch (width) {
    case 1:
        return (int8_t)x;
    case 2:
        return (int16_t)x;
    case 4:
        return (int32_t)x;
    default:
        return (int64_t)x;
    }
}

static enum unpack_result short_head(unsigned byte, struct unpack_token *t) {
    if (byte < 0x80 || byte >= 0xe0) {
        *t = (struct unpack_token){.kind = UNPACK_INT, .i = (signed char)byte};
    } else if (byte < 0x90) {
        *t = (struct unpack_token){.kind = UNPACK_MAP, .len = byte & 15};
    } else if (byte < 0xa0) {
        *t = (struct unpack_token){.kind = UNPACK_ARRAY, .len = byte & 15};
    } else {
        *t = (struct unpack_token){.kind = UNPACK_STR, .len = byte & 31};
    }
    return UNPACK_OK;
}

static enum unpack_result number_head(unsigned byte, uint64_t x, unsigned width, struct unpack_token *t) {
    bool is_signed = byte >= 0xd0;
    if (!is_signed && x > INT64_MAX) {
        return UNPACK_BAD;
    }
    t->i = is_signed ? sign_extend(x, width) : (int64_t)x;
    return UNPACK_OK;
}

/* The head at u->at, without a string's bytes; moves past it. */
static enum unpack_result read_head(struct unpack *u, struct unpack_token *t) {
    if (u->at == u->end) {
        return UNPACK_MORE;
    }
    unsigned byte = *u->at;
    if (byte < 0xc0 || byte >= 0xe0) {
        u->at++;
        return short_head(byte, t);
    }
    struct head head = heads[byte - 0xc0];
    if (head.kind < 0) {
        return UNPACK_BAD;
    }
    if ((size_t)(u->end - u->at) < 1u + head.width) {
        return UNPACK_MORE;
    }
    uint64_t x = big_endian(u->at + 1, head.width);
    *t = (struct unpack_token){.kind = (enum unpack_kind)head.kind, .len = (uint32_t)x};
    if (head.kind == UNPACK_BOOL) {
        t->b = byte == 0xc3;
    } else if (head.kind == UNPACK_FLOAT) {
        t->f = float_of(x, head.width);
    } else if (head.kind == UNPACK_INT && number_head(byte, x, head.width, t) != UNPACK_OK) {
        return UNPACK_BAD;
    }
    u->at += 1u + head.width;
    return UNPACK_OK;
}

enum unpack_result unpack_next(struct unpack *u, struct unpack_token *t) {
    const unsigned char *start = u->at;
    enum unpack_result got = read_head(u, t);
    if (got != UNPACK_OK || t->kind != UNPACK_STR) {
        return got;
    }
    if ((size_t)(u->end - u->at) < t->len) {
        u->at = start;
        return UNPACK_MORE;
    }
    t->s = (const char *)u->at;
    u->at += t->len;
    return UNPACK_OK;
}

enum unpack_result unpack_skip(struct unpack *u) {
    struct unpack_scan scan = {0};
    enum unpack_result got = unpack_scan(&scan, u->at, (size_t)(u->end - u->at));
    if (got == UNPACK_OK) {
        u->at += scan.at;
    }
    return got;
}

static uint64_t values_within(const struct unpack_token *t) {
    return t->kind == UNPACK_ARRAY ? t->len : t->kind == UNPACK_MAP ? 2 * (uint64_t)t->len : 0;
}

enum unpack_result unpack_scan(struct unpack_scan *scan, const void *p, size_t n) {
    if (scan->at == 0) {
        scan->left = 1;
    }
    struct unpack u = unpack_bytes((const char *)p + scan->at, n - scan->at);
    for (;;) {
        size_t there = (size_t)(u.end - u.at);
        size_t skipped = scan->skip < there ? (size_t)scan->skip : there;
        u.at += skipped;
        scan->skip -= skipped;
        if (scan->skip > 0 || scan->left == 0) {
            break;
        }
        struct unpack_token t;
        enum unpack_result got = read_head(&u, &t);
        if (got == UNPACK_BAD) {
            return got;
        }
        if (got == UNPACK_MORE) {
            break;
        }
        scan->left += values_within(&t) - 1;
        scan->skip = t.kind == UNPACK_STR ? t.len : 0;
    }
    scan->at = n - (size_t)(u.end - u.at);
    return scan->left == 0 && scan->skip == 0 ? UNPACK_OK : UNPACK_MORE;
}
