/* json.c - values to JSON.
 *
 * The one idea: whatever the value holds, the output is valid JSON in UTF-8, and safe to show: what could move a
 * terminal's hand (DEL, C1 and bidi controls) is escaped like the C0 controls are, which no reader of JSON can tell.
 * Plain runs are copied whole. The reader is json_read.c.
 */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool plain(unsigned char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void write_unit(struct buf *out, uint32_t unit) {
    static const char digits[] = "0123456789abcdef";
    char text[6] = {
        '\\', 'u', digits[unit >> 12 & 15], digits[unit >> 8 & 15], digits[unit >> 4 & 15], digits[unit & 15]};
    buf_add(out, text, sizeof text);
}

static void write_ascii(struct buf *out, char c) {
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *at = c ? strchr(from, c) : NULL;
    if (at) {
        buf_addc(out, '\\');
        buf_addc(out, to[at - from]);
    } else {
        write_unit(out, (unsigned char)c);
    }
}

static size_t write_wide(struct buf *out, const char *s, size_t n) {
    size_t len;
    uint32_t cp = text_utf8_next(s, n, &len);
    if (text_is_control(cp) || cp == 0x2028 || cp == 0x2029) {
        write_unit(out, cp);
    } else if (cp == 0xfffd) {
        buf_add(out, "\xef\xbf\xbd", 3);
    } else {
        buf_add(out, s, len);
    }
    return len;
}

void json_write_str(struct buf *out, const char *s, size_t n) {
    buf_reserve(out, n + 2);
    buf_addc(out, '"');
    size_t i = 0;
    while (i < n) {
        size_t run = i;
        while (run < n && plain((unsigned char)s[run])) {
            run++;
        }
        buf_add(out, s + i, run - i);
        i = run;
        if (i < n && (unsigned char)s[i] < 0x80) {
            write_ascii(out, s[i++]);
        } else if (i < n) {
            i += write_wide(out, s + i, n - i);
        }
    }
    buf_addc(out, '"');
}

static void write_base64(struct buf *out, const unsigned char *p, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    buf_reserve(out, n / 3 * 4 + 6);
    buf_addc(out, '"');
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned group = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);
        char text[4] = {digits[group >> 18], digits[group >> 12 & 63], left > 1 ? digits[group >> 6 & 63] : '=',
                        left > 2 ? digits[group & 63] : '='};
        buf_add(out, text, sizeof text);
    }
    buf_addc(out, '"');
}

/* The shortest of 15, 16 or 17 digits that reads back the same; always with a mark of a float. */
static void write_float(struct buf *out, double f) {
    if (!isfinite(f)) {
        buf_adds(out, "null");
        return;
    }
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, f);
        double back = strtod(text, NULL);
        if (!(back < f) && !(back > f)) {
            break;
        }
    }
    buf_adds(out, text);
    if (!strpbrk(text, ".e")) {
        buf_adds(out, ".0");
    }
}

static void write_scalar(struct buf *out, const struct value *v) {
    switch ((enum value_kind)v->kind) {
    case VALUE_BOOL:
        buf_adds(out, v->b ? "true" : "false");
        break;
    case VALUE_INT:
        buf_addf(out, "%" PRId64, v->i);
        break;
    case VALUE_FLOAT:
        write_float(out, v->f);
        break;
    case VALUE_STR:
        json_write_str(out, v->s, v->len);
        break;
    case VALUE_BIN:
        write_base64(out, (const unsigned char *)v->s, v->len);
        break;
    default:
        buf_adds(out, "null");
        break;
    }
}

/* JSON has string keys only: other scalars are written as text, and containers by kind, since quoting them level by
 * level would double their backslashes at each. */
static void write_key(struct buf *out, const struct value *key) {
    if (key->kind == VALUE_STR || key->kind == VALUE_BIN) {
        write_scalar(out, key);
        return;
    }
    buf_addc(out, '"');
    if (key->kind >= VALUE_ARRAY) {
        buf_adds(out, value_kind_name((enum value_kind)key->kind));
    } else {
        write_scalar(out, key);
    }
    buf_addc(out, '"');
}

enum { COMPACT = -1, INDENT = 2 };

static void new_line(struct buf *out, int level) {
    if (level != COMPACT) {
        buf_addc(out, '\n');
        buf_pad(out, ' ', (size_t)level * INDENT);
    }
}

/* LEVEL is the nesting of V's own brackets, or COMPACT. */
static void write_value(struct buf *out, const struct value *v, int level) {
    if (v->kind < VALUE_ARRAY) {
        write_scalar(out, v);
        return;
    }
    bool map = v->kind == VALUE_MAP;
    int inner = level == COMPACT ? COMPACT : level + 1;
    buf_addc(out, map ? '{' : '[');
    for (uint32_t i = 0; i < v->len; i++) {
        if (i > 0) {
            buf_addc(out, ',');
        }
        new_line(out, inner);
        if (map) {
            write_key(out, &v->pairs[i].key);
            buf_adds(out, level == COMPACT ? ":" : ": ");
        }
        write_value(out, map ? &v->pairs[i].val : &v->items[i], inner);
    }
    if (v->len > 0) {
        new_line(out, level);
    }
    buf_addc(out, map ? '}' : ']');
}

void json_write(struct buf *out, const struct value *v) {
    write_value(out, v, COMPACT);
}

void json_write_pretty(struct buf *out, const struct value *v) {
    write_value(out, v, 0);
    buf_addc(out, '\n');
}
