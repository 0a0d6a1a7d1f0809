/* names_text.c - the text side of names: keys, event names with their year, slugs. Pure; both sides of the store use
 * it. */
#include <string.h>

#include "base/text.h"
#include "store/names_priv.h"

enum { SLUG_MAX = 48 };

void names_key(const char *s, size_t len, struct buf *out) {
    buf_clear(out);
    text_key(out, s, len);
    if (!out->len) {
        buf_add(out, s, len);
    }
}

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

/* Four digits at S that read as a year of our time, not part of a longer number. */
static int year_at(const char *text, size_t len, size_t at) {
    if (at + 4 > len || (at + 4 < len && digit(text[at + 4])) || (at > 0 && digit(text[at - 1]))) {
        return 0;
    }
    for (size_t i = at; i < at + 4; i++) {
        if (!digit(text[i])) {
            return 0;
        }
    }
    int year = (text[at] - '0') * 1000 + (text[at + 1] - '0') * 100 + (text[at + 2] - '0') * 10 + (text[at + 3] - '0');
    return year >= 1900 && year < 2100 ? year : 0;
}

static bool trimmed(char c) {
    return (c != '\0' && strchr(" \t\r\n-,:;()[]/", c)) || c == '_';
}

/* Where the last four digits of TEXT[0..LEN) are, closing brackets left aside; LEN where there are none. */
static size_t year_at_end(const char *text, size_t len, int *year) {
    size_t end = len;
    while (end && trimmed(text[end - 1])) {
        end--;
    }
    *year = end >= 4 ? year_at(text, end, end - 4) : 0;
    return *year ? end - 4 : len;
}

/* "'17" or its typographic sisters at the end. */
static size_t short_year_at_end(const char *text, size_t len, int *year) {
    static const char *const marks[] = {"'", "\xe2\x80\x99", "\xe2\x80\x98", "`", "\xc2\xb4"};
    if (len < 3 || !digit(text[len - 1]) || !digit(text[len - 2])) {
        return len;
    }
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]);
        if (len >= n + 2 && memcmp(text + len - 2 - n, marks[i], n) == 0) {
            int two = (text[len - 2] - '0') * 10 + (text[len - 1] - '0');
            *year = two < 70 ? 2000 + two : 1900 + two;
            return len - 2 - n;
        }
    }
    return len;
}

void names_split_event(const char *text, size_t len, struct buf *name, int *year) {
    size_t start = 0;
    *year = 0;
    while (len && trimmed(text[len - 1]) && text[len - 1] != ')' && text[len - 1] != ']') {
        len--;
    }
    size_t end = year_at_end(text, len, year);
    if (!*year) {
        end = short_year_at_end(text, len, year);
    }
    if (!*year && (*year = year_at(text, len, 0)) != 0) {
        start = 4;
        end = len;
    }
    while (start < end && trimmed(text[start]) && (*year || text[start] == ' ')) {
        start++;
    }
    while (*year && end > start && trimmed(text[end - 1])) {
        end--;
    }
    buf_clear(name);
    if (start == end) { /* nothing but a year: that is its name */
        *year = 0;
        buf_add(name, text, len);
    } else {
        buf_add(name, text + start, end - start);
    }
}

void names_event_slug(const char *name, int year, struct buf *out) {
    buf_clear(out);
    text_slug(out, name, strlen(name), SLUG_MAX);
    if (year) {
        buf_addf(out, "-%d", year);
    }
}
