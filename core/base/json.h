/* json.h - values to JSON (RFC 8259), UTF-8 out whatever came in; and JSON to values.
 *
 * Bytes that are not UTF-8 become U+FFFD; VALUE_BIN is written as base64; NaN and infinities as null; floats always
 * have a point or an exponent. Controls that a terminal would act on (text_is_control) are escaped. Keys that are no
 * strings are written as text.
 */
#ifndef LECTERN_BASE_JSON_H
#define LECTERN_BASE_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"

void json_write(struct buf *out, const struct value *v);        /* compact, one line */
void json_write_pretty(struct buf *out, const struct value *v); /* two spaces, a newline at the end */
void json_write_str(struct buf *out, const char *s, size_t n);

enum { JSON_DEPTH = 64, JSON_ITEMS = 1000000 };
/* The one document in the N bytes at S, nothing before or after it but space. -E_DATA, naming the byte, where it is none,
 * is nested deeper than JSON_DEPTH or holds more than JSON_ITEMS values. Of equal keys value_get finds the first. */
int json_read(struct arena *a, const char *s, size_t n, struct value *out, struct err *err);

#endif
