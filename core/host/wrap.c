/* wrap.c - breaking and cutting text by terminal columns, in one pass each. */
#include "host/wrap.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

enum { BYTES_PER_COLUMN = 64 };

struct line {
    struct buf *out;
    size_t width, indent, column;
    bool fresh; /* no word on it yet */
};

static bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t';
}

static void break_line(struct line *l) {
    buf_addc(l->out, '\n');
    buf_pad(l->out, ' ', l->indent);
    l->column = l->indent;
    l->fresh = true;
}

static void add_word(struct line *l, const char *s, size_t n) {
    size_t columns = text_width(s, n);
    if (!l->fresh && l->width && l->column + 1 + columns > l->width) {
        break_line(l);
    }
    if (!l->fresh) {
        buf_addc(l->out, ' ');
        l->column++;
    }
    buf_add(l->out, s, n);
    l->column += columns;
    l->fresh = false;
}

/* What follows a newline: does it begin anew? */
static bool begins(const char *s, size_t n) {
    return n > 0 && (*s == ' ' || *s == '-' || *s == '*');
}

static void add_newlines(struct line *l, const char *s, size_t newlines, size_t left) {
    if (newlines > 1) {
        buf_addc(l->out, '\n');
    }
    if (newlines > 1 || (newlines == 1 && begins(s, left))) {
        break_line(l);
        for (; newlines == 1 && left > 0 && *s == ' '; s++, left--) {
            buf_addc(l->out, ' ');
            l->column++;
        }
    }
}

void wrap_text(struct buf *out, const char *s, size_t n, size_t width, size_t indent, size_t column) {
    struct line l = {.out = out, .width = width, .indent = indent, .column = column, .fresh = true};
    while (n > 0 && is_space(s[n - 1])) {
        n--;
    }
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && !is_space(s[end])) {
            end++;
        }
        if (end > i) {
            add_word(&l, s + i, end - i);
        }
        size_t newlines = 0, after = end;
        for (; end < n && is_space(s[end]); end++) {
            newlines += s[end] == '\n';
            after = s[end] == '\n' ? end + 1 : after;
        }
        add_newlines(&l, s + after, newlines, n - after);
        i = end;
    }
}

static void add_folded(struct buf *out, const char *s, size_t n) {
    struct buf safe = BUF_INIT;
    text_safe(&safe, s, n, false);
    const char *p = safe.data;
    for (size_t left = safe.len; left > 0;) {
        const char *space = memchr(p, ' ', left);
        size_t word = space ? (size_t)(space - p) + 1 : left;
        buf_add(out, p, word);
        p += word;
        left -= word;
        for (; space && left > 0 && *p == ' '; p++, left--) {
        }
    }
    buf_release(&safe);
}

/* Largest length of S[0..N) in at most WIDTH columns, ending at a character. */
static size_t fitting(const char *s, size_t n, size_t width) {
    size_t at = 0, columns = 0;
    while (at < n) {
        size_t len;
        text_utf8_next(s + at, n - at, &len);
        columns += text_width(s + at, len);
        if (columns > width) {
            break;
        }
        at += len;
    }
    return at;
}

size_t wrap_cell(struct buf *out, const char *s, size_t n, size_t width) {
    size_t from = out->len;
    /* A cell must not cost more than it shows: what is far beyond its width is not looked at. */
    size_t most = width && n / BYTES_PER_COLUMN > width ? text_utf8_cut(s, n, width * BYTES_PER_COLUMN) : n;
    add_folded(out, s, most);
    size_t columns = text_width(out->data + from, out->len - from);
    if (!width || (columns <= width && most == n)) {
        return columns;
    }
    size_t keep = fitting(out->data + from, out->len - from, width - 1);
    while (keep > 0 && out->data[from + keep - 1] == ' ') {
        keep--;
    }
    out->len = from + keep;
    out->data[out->len] = '\0';
    buf_adds(out, "\xE2\x80\xA6");
    return text_width(out->data + from, out->len - from);
}
