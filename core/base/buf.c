/* buf.c - growable bytes.
 *
 * The one idea: storage doubles, and the byte after the last is always NUL, so that any buffer is also a C string.
 * An empty buffer owns nothing and points at a shared empty string that nobody writes to.
 */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { FIRST_CAPACITY = 64 };

char buf_empty[1] = "";

void buf_init(struct buf *b) {
    b->data = buf_empty;
    b->len = 0;
    b->cap = 0;
}

void buf_release(struct buf *b) {
    if (b->cap) {
        mem_free(b->data);
    }
    buf_init(b);
}

void buf_clear(struct buf *b) {
    b->len = 0;
    if (b->cap) {
        b->data[0] = '\0';
    }
}

static size_t grown_capacity(size_t cap, size_t need) {
    size_t next = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (next < FIRST_CAPACITY) {
        next = FIRST_CAPACITY;
    }
    return next < need ? need : next;
}

void buf_reserve(struct buf *b, size_t extra) {
    size_t need;
    if (__builtin_add_overflow(b->len, extra, &need) || need == SIZE_MAX) {
        need = SIZE_MAX - 1; /* no machine has this much: mem_realloc says so and ends the process */
    }
    need++;
    if (need <= b->cap) {
        return;
    }
    size_t cap = grown_capacity(b->cap, need);
    b->data = mem_realloc(b->cap ? b->data : NULL, cap);
    b->cap = cap;
    b->data[b->len] = '\0';
}

void buf_add(struct buf *b, const void *p, size_t n) {
    if (n == 0) {
        return;
    }
    buf_reserve(b, n);
    memcpy(b->data + b->len, p, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s) {
    buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c) {
    buf_reserve(b, 1);
    b->data[b->len++] = c;
    b->data[b->len] = '\0';
}

void buf_addf(struct buf *b, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    buf_vaddf(b, format, ap);
    va_end(ap);
}

void buf_vaddf(struct buf *b, const char *format, va_list ap) {
    va_list again;
    va_copy(again, ap);
    buf_reserve(b, FIRST_CAPACITY);
    size_t room = b->cap - b->len;
    int n = vsnprintf(b->data + b->len, room, format, ap);
    if (n > 0 && (size_t)n >= room) {
        buf_reserve(b, (size_t)n);
        vsnprintf(b->data + b->len, b->cap - b->len, format, again);
    }
    va_end(again);
    b->len += n > 0 ? (size_t)n : 0;
    b->data[b->len] = '\0';
}

void buf_pad(struct buf *b, char c, size_t n) {
    if (n == 0) {
        return;
    }
    buf_reserve(b, n);
    memset(b->data + b->len, c, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_drop(struct buf *b, size_t n) {
    if (n >= b->len) {
        buf_clear(b);
    } else if (n > 0) {
        b->len -= n;
        memmove(b->data, b->data + n, b->len + 1);
    }
}

char *buf_take(struct buf *b) {
    char *bytes = b->cap ? b->data : mem_alloc(1);
    buf_init(b);
    return bytes;
}
