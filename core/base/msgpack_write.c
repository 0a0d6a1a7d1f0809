/* msgpack_write.c - values to MessagePack.
 *
 * The one idea: every encoding is a head of at most nine bytes and a run of bytes that is copied whole, and the head is
 * always the smallest that holds its number. libmpack's writer is not used: it picks a form one size too small for
 * -129, -32769 and most numbers below -2^32, and others then read another number.
 */
#include <string.h>

#include "base/msgpack.h"

enum { LONGEST_HEAD = 9 };

/* A head: CODE and BYTES bytes of VALUE, most significant first. */
static void write_head(struct buf *out, unsigned char code, uint64_t value, size_t bytes) {
    buf_reserve(out, LONGEST_HEAD);
    char *at = out->data + out->len;
    *at++ = (char)code;
    for (size_t left = bytes; left > 0; left--) {
        *at++ = (char)(value >> (8 * (left - 1)));
    }
    *at = '\0';
    out->len += bytes + 1;
}

/* The smallest of the forms CODE (8 bits), CODE + 1 (16), CODE + 2 (32) and CODE + 3 (64) that holds VALUE. */
static void write_sized(struct buf *out, unsigned code, uint64_t value) {
    unsigned form = value <= UINT8_MAX ? 0 : value <= UINT16_MAX ? 1 : value <= UINT32_MAX ? 2 : 3;
    write_head(out, (unsigned char)(code + form), value, (size_t)1 << form);
}

void msgpack_write_nil(struct buf *out) {
    write_head(out, 0xc0, 0, 0);
}

void msgpack_write_bool(struct buf *out, bool b) {
    write_head(out, b ? 0xc3 : 0xc2, 0, 0);
}

static void write_negative(struct buf *out, int64_t i) {
    unsigned form = i >= INT8_MIN ? 0 : i >= INT16_MIN ? 1 : i >= INT32_MIN ? 2 : 3;
    write_head(out, (unsigned char)(0xd0 + form), (uint64_t)i, (size_t)1 << form);
}

void msgpack_write_int(struct buf *out, int64_t i) {
    if (i >= -32 && i <= 127) {
        write_head(out, (unsigned char)i, 0, 0);
    } else if (i < 0) {
        write_negative(out, i);
    } else {
        write_sized(out, 0xcc, (uint64_t)i);
    }
}

void msgpack_write_float(struct buf *out, double f) {
    float narrow = (float)f;
    double widened = narrow;
    uint32_t bits32;
    uint64_t bits64;
    uint64_t widened64;
    memcpy(&bits32, &narrow, sizeof bits32);
    memcpy(&bits64, &f, sizeof bits64);
    memcpy(&widened64, &widened, sizeof widened64);
    if (widened64 == bits64) {
        write_head(out, 0xca, bits32, sizeof bits32);
    } else {
        write_head(out, 0xcb, bits64, sizeof bits64);
    }
}

static uint32_t length32(size_t n) {
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

void msgpack_write_str(struct buf *out, const char *s, size_t n) {
    uint32_t len = length32(n);
    buf_reserve(out, (size_t)len + LONGEST_HEAD);
    if (len < 32) {
        write_head(out, (unsigned char)(0xa0 | len), 0, 0);
    } else {
        write_sized(out, 0xd9, len);
    }
    buf_add(out, s, len);
}

void msgpack_write_bin_head(struct buf *out, size_t n) {
    uint32_t len = length32(n);
    buf_reserve(out, (size_t)len + LONGEST_HEAD);
    write_sized(out, 0xc4, len);
}

void msgpack_write_bin(struct buf *out, const void *p, size_t n) {
    msgpack_write_bin_head(out, n);
    buf_add(out, p, length32(n));
}

/* Containers have a form of their own below 16, and none of 8 bits. */
static void write_count(struct buf *out, unsigned small, unsigned code, uint32_t n) {
    if (n < 16) {
        write_head(out, (unsigned char)(small | n), 0, 0);
    } else if (n <= UINT16_MAX) {
        write_head(out, (unsigned char)code, n, 2);
    } else {
        write_head(out, (unsigned char)(code + 1), n, 4);
    }
}

void msgpack_write_array(struct buf *out, uint32_t n) {
    write_count(out, 0x90, 0xdc, n);
}

void msgpack_write_map(struct buf *out, uint32_t n) {
    write_count(out, 0x80, 0xde, n);
}

static void write_items(struct buf *out, const struct value *v) {
    msgpack_write_array(out, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        msgpack_write(out, &v->items[i]);
    }
}

static void write_pairs(struct buf *out, const struct value *v) {
    msgpack_write_map(out, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        msgpack_write(out, &v->pairs[i].key);
        msgpack_write(out, &v->pairs[i].val);
    }
}

void msgpack_write(struct buf *out, const struct value *v) {
    switch ((enum value_kind)v->kind) {
    case VALUE_NIL:
        msgpack_write_nil(out);
        break;
    case VALUE_BOOL:
        msgpack_write_bool(out, v->b);
        break;
    case VALUE_INT:
        msgpack_write_int(out, v->i);
        break;
    case VALUE_FLOAT:
        msgpack_write_float(out, v->f);
        break;
    case VALUE_STR:
        msgpack_write_str(out, v->s, v->len);
        break;
    case VALUE_BIN:
        msgpack_write_bin(out, v->s, v->len);
        break;
    case VALUE_ARRAY:
        write_items(out, v);
        break;
    case VALUE_MAP:
        write_pairs(out, v);
        break;
    }
}
