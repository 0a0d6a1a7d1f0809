/* buf.h - a growable run of bytes, always NUL-terminated after its length.
 *
 * `struct buf b = BUF_INIT;` is a valid empty buffer; buf_release returns it to that state. data is never NULL.
 */
#ifndef LECTERN_BASE_BUF_H
#define LECTERN_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
    char *data;
    size_t len;
    size_t cap; /* 0: data is the shared empty string */
};
extern char buf_empty[1];
#define BUF_INIT                                                                                                       \
    { buf_empty, 0, 0 }

void buf_init(struct buf *b);
void buf_release(struct buf *b);
void buf_clear(struct buf *b);                        /* length 0, storage kept */
void buf_reserve(struct buf *b, size_t extra);        /* room for EXTRA more bytes */
void buf_add(struct buf *b, const void *p, size_t n); /* P must not point into B */
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
void buf_pad(struct buf *b, char c, size_t n);
void buf_drop(struct buf *b, size_t n); /* remove N bytes from the front */
char *buf_take(struct buf *b);          /* the bytes become the caller's (mem_free); b is empty again */

#endif
