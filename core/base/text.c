/* text.c - UTF-8: valid, next, cut, count; and text made safe for a terminal.
 *
 * The one idea: nothing here trusts its input. Every walk over bytes goes through text_utf8_next, which always moves on
 * and never reads past the end; runs of ASCII, which is most text, are taken eight bytes at a time.
 * Charsets are in text_charset.c, columns in text_width.c, comparing in text_match.c.
 */
#include "base/text.h"

#include <string.h>

enum { REPLACEMENT = 0xfffd };

static size_t ascii_run(const char *s, size_t n) {
    size_t i = 0;
    uint64_t word;
    for (; n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, s + i, sizeof word);
        if (word & UINT64_C(0x8080808080808080)) {
            break;
        }
    }
    while (i < n && (unsigned char)s[i] < 0x80) {
        i++;
    }
    return i;
}

/* The length a first byte announces, or 0: continuation bytes, overlong C0 and C1, and what lies above U+10FFFF. */
static size_t announced_length(unsigned char c) {
    if (c < 0x80) {
        return 1;
    }
    if (c < 0xc2 || c > 0xf4) {
        return 0;
    }
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static bool in_range(uint32_t cp, size_t len) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return cp >= least[len] && cp <= 0x10ffff && !(cp >= 0xd800 && cp <= 0xdfff);
}

uint32_t text_utf8_next(const char *s, size_t n, size_t *len) {
    unsigned char first = (unsigned char)s[0];
    *len = 1;
    if (first < 0x80) {
        return first;
    }
    size_t want = announced_length(first);
    if (want == 0 || want > n) {
        return REPLACEMENT;
    }
    uint32_t cp = first & (0xffu >> (want + 1));
    for (size_t i = 1; i < want; i++) {
        unsigned char c = (unsigned char)s[i];
        if ((c & 0xc0) != 0x80) {
            return REPLACEMENT;
        }
        cp = cp << 6 | (c & 0x3fu);
    }
    if (!in_range(cp, want)) {
        return REPLACEMENT;
    }
    *len = want;
    return cp;
}

size_t text_utf8_valid(const char *s, size_t n) {
    size_t i = 0;
    for (;;) {
        i += ascii_run(s + i, n - i);
        if (i == n) {
            return n;
        }
        size_t len;
        text_utf8_next(s + i, n - i, &len);
        if (len == 1) { /* a character beyond ASCII has at least two bytes */
            return i;
        }
        i += len;
    }
}

size_t text_utf8_put(char out[4], uint32_t cp) {
    if (!in_range(cp, 0)) {
        cp = REPLACEMENT;
    }
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3f));
        cp >>= 6;
    }
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(marks[len] | cp);
    return len;
}

size_t text_utf8_cut(const char *s, size_t n, size_t max) {
    if (n <= max) {
        return n;
    }
    size_t start = max;
    while (start > 0 && max - start < 3 && ((unsigned char)s[start] & 0xc0) == 0x80) {
        start--;
    }
    size_t len;
    text_utf8_next(s + start, n - start, &len);
    return start + len > max ? start : max; /* a character that lies across the cut is left out */
}

size_t text_utf8_length(const char *s, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n;) {
        size_t run = ascii_run(s + i, n - i);
        count += run;
        i += run;
        if (i < n) {
            size_t len;
            text_utf8_next(s + i, n - i, &len);
            count++;
            i += len;
        }
    }
    return count;
}

/* Marks of direction, and the two characters that end a line and its direction. */
static bool is_bidi_control(uint32_t cp) {
    return (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0x200e || cp == 0x200f ||
           cp == 0x061c;
}

bool text_is_control(uint32_t cp) {
    return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || is_bidi_control(cp);
}

static size_t printable_run(const char *s, size_t n) {
    size_t i = 0;
    while (i < n && s[i] >= 0x20 && s[i] < 0x7f) {
        i++;
    }
    return i;
}

/* One character that is not printable ASCII; returns the bytes it took. */
static size_t add_safe_character(struct buf *out, const char *s, size_t n, bool keep_newlines) {
    size_t len;
    uint32_t cp = text_utf8_next(s, n, &len);
    if (cp == '\r' && n > 1 && s[1] == '\n') {
        cp = '\n';
        len = 2;
    }
    if (cp == '\n' || cp == '\t') {
        buf_addc(out, keep_newlines ? (char)cp : ' ');
    } else if (text_is_control(cp)) {
        buf_addf(out, cp < 0x100 ? "\\x%02x" : "\\u{%04x}", cp);
    } else if (len == 1 && cp == REPLACEMENT) {
        buf_add(out, "\xef\xbf\xbd", 3);
    } else {
        buf_add(out, s, len);
    }
    return len;
}

void text_safe(struct buf *out, const char *s, size_t n, bool keep_newlines) {
    buf_reserve(out, n);
    for (size_t i = 0; i < n;) {
        size_t run = printable_run(s + i, n - i);
        buf_add(out, s + i, run);
        i += run;
        if (i < n) {
            i += add_safe_character(out, s + i, n - i, keep_newlines);
        }
    }
}
