/* snippet.c - excerpts with the bytes that matched.
 *
 * The one idea: one pass copies the text, folds white space and notes where markers stood in what was written, so
 * ranges and text cannot disagree; cutting afterwards only shifts them.
 */
#include "store/snippet.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

enum { START = 1, END = 2, BEFORE = 80, ELLIPSIS_BYTES = 3 };
static const char ellipsis[] = "\xe2\x80\xa6";

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void mark_start(struct snippet *s) {
    if (s->count < SNIPPET_RANGES) {
        s->ranges[s->count].start = s->ranges[s->count].end = s->text.len;
    }
}

static void mark_end(struct snippet *s) {
    if (s->count < SNIPPET_RANGES && s->ranges[s->count].start < s->text.len) {
        s->ranges[s->count++].end = s->text.len;
    }
}

static void fold(struct snippet *s, const char *p, size_t n) {
    bool gap = false;
    bool inside = false;
    for (size_t i = 0; i < n; i++) {
        char c = p[i];
        if (is_space(c) || c == '\0') {
            gap = s->text.len > 0;
        } else if (c == END) {
            if (inside) {
                mark_end(s);
            }
            inside = false;
        } else {
            if (gap) {
                buf_addc(&s->text, ' ');
                gap = false;
            }
            if (c == START) {
                mark_start(s);
                inside = true;
            } else {
                buf_addc(&s->text, c);
            }
        }
    }
    if (inside) {
        mark_end(s);
    }
}

/* Keep FROM..TO of the text; ranges outside go, those across an edge are cut. */
static void keep(struct snippet *s, size_t from, size_t to) {
    struct buf cut = BUF_INIT;
    size_t lead = from > 0 ? ELLIPSIS_BYTES : 0;
    buf_adds(&cut, from > 0 ? ellipsis : "");
    buf_add(&cut, s->text.data + from, to - from);
    buf_adds(&cut, to < s->text.len ? ellipsis : "");
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        size_t start = s->ranges[i].start < from ? from : s->ranges[i].start;
        size_t end = s->ranges[i].end > to ? to : s->ranges[i].end;
        if (start < end) {
            s->ranges[count].start = start - from + lead;
            s->ranges[count++].end = end - from + lead;
        }
    }
    s->count = count;
    buf_release(&s->text);
    s->text = cut;
}

static bool inside_character(const char *text, size_t at) {
    return ((unsigned char)text[at] & 0xc0) == 0x80;
}

static void cut(struct snippet *s) {
    if (s->text.len <= SNIPPET_BYTES) {
        return;
    }
    size_t first = s->count > 0 ? s->ranges[0].start : 0;
    size_t from = first > SNIPPET_BYTES / 2 ? first - BEFORE : 0;
    while (from > 0 && from < first && inside_character(s->text.data, from)) {
        from++;
    }
    for (size_t at = from; from > 0 && at < first; at++) { /* better at a word */
        if (s->text.data[at] == ' ') {
            from = at + 1;
            break;
        }
    }
    size_t room = text_utf8_cut(s->text.data + from, s->text.len - from, SNIPPET_BYTES);
    keep(s, from, from + room);
}

void snippet_marked(struct snippet *s, const char *marked, size_t n) {
    *s = (struct snippet){.text = BUF_INIT, .count = 0};
    fold(s, marked, n);
    cut(s);
}

/* Places in FOLDED where one of NEEDLES is, in order, without those that begin in another, as far as a snippet that shows
 * the first one may reach; how many. */
static size_t find_needles(const struct buf *folded, const char *const *needles, struct snippet_range *out) {
    size_t count = 0;
    size_t n = folded->len;
    for (size_t at = 0; count < SNIPPET_RANGES && at < n; at = out[count++].end) {
        n = count == 1 && n - at > SNIPPET_BYTES ? at + SNIPPET_BYTES : n;
        out[count].start = n;
        for (const char *const *needle = needles; needle && *needle; needle++) {
            size_t size = strlen(*needle);
            const char *p = size ? memmem(folded->data + at, n - at, *needle, size) : NULL;
            if (p && (size_t)(p - folded->data) < out[count].start) {
                out[count].start = (size_t)(p - folded->data);
                out[count].end = out[count].start + size;
            }
        }
        if (out[count].start == n) {
            break;
        }
    }
    return count;
}

/* From places in the folded text to places in TEXT, whose characters are folded one by one until the last is found. */
static void unfold(const char *text, size_t n, struct snippet_range *ranges, size_t count) {
    struct buf one = BUF_INIT;
    size_t before = 0; /* folded bytes up to AT */
    size_t next = 0;   /* the range whose end is sought */
    bool started = false;
    for (size_t at = 0, len = 1; next < count; at += len) {
        if (started && (ranges[next].end <= before || at >= n)) {
            ranges[next++].end = at;
            started = false;
        }
        if (at >= n || next == count) {
            break;
        }
        text_utf8_next(text + at, n - at, &len);
        buf_clear(&one);
        text_fold(&one, text + at, len);
        if (!started && ranges[next].start < before + one.len) {
            ranges[next].start = at;
            started = true;
        }
        before += one.len;
    }
    buf_release(&one);
}

/* Bytes that would be taken for markers become blanks. */
static void add_plain(struct buf *out, const char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        buf_addc(out, p[i] == START || p[i] == END ? ' ' : p[i]);
    }
}

/* TEXT from FROM to TO, with markers around RANGES. */
static void mark_ranges(struct buf *marked, const char *text, size_t from, size_t to,
                        const struct snippet_range *ranges, size_t count) {
    size_t done = from;
    buf_adds(marked, from > 0 ? ellipsis : "");
    for (size_t i = 0; i < count && ranges[i].start < to; i++) {
        if (ranges[i].start < done) {
            continue;
        }
        size_t end = ranges[i].end < to ? ranges[i].end : to;
        add_plain(marked, text + done, ranges[i].start - done);
        buf_addc(marked, START);
        add_plain(marked, text + ranges[i].start, end - ranges[i].start);
        buf_addc(marked, END);
        done = end;
    }
    add_plain(marked, text + done, to - done);
}

void snippet_around(struct snippet *s, const char *text, size_t n, const char *const *needles) {
    struct buf marked = BUF_INIT, folded = BUF_INIT;
    struct snippet_range ranges[SNIPPET_RANGES];
    text_fold(&folded, text, n);
    size_t count = find_needles(&folded, needles, ranges);
    unfold(text, n, ranges, count);
    size_t first = count ? ranges[0].start : n;
    size_t from = first < n && first > BEFORE ? first - BEFORE : 0;
    while (from > 0 && from < n && inside_character(text, from)) {
        from++;
    }
    size_t to = from + text_utf8_cut(text + from, n - from, SNIPPET_BYTES);
    mark_ranges(&marked, text, from, to, ranges, count);
    buf_adds(&marked, to < n ? ellipsis : "");
    snippet_marked(s, marked.data, marked.len);
    buf_release(&marked);
    buf_release(&folded);
}

static bool ends_sentence(const char *text, size_t at) {
    return text[at] == '\n' ? text[at - 1] == '\n' : is_space(text[at]) && strchr(".!?", text[at - 1]) != NULL;
}

/* Where a window that shows AT starts: at the start of the text, of a sentence, or of a word. */
static size_t window_start(const char *text, size_t at) {
    size_t from = at > SNIPPET_BYTES / 2 ? at - BEFORE : 0;
    size_t word = 0;
    for (size_t i = from; from > 0 && i < at; i++) {
        if (ends_sentence(text, i)) {
            return i + 1;
        }
        word = word == 0 && is_space(text[i]) ? i + 1 : word;
    }
    from = word ? word : from;
    while (from > 0 && from < at && inside_character(text, from)) {
        from++;
    }
    return from;
}

void snippet_window(struct snippet *s, const char *text, size_t n, size_t at, const struct snippet_range *ranges,
                    size_t count) {
    struct buf marked = BUF_INIT;
    size_t from = window_start(text, at);
    size_t to = from + text_utf8_cut(text + from, n - from, SNIPPET_BYTES - 2 * ELLIPSIS_BYTES);
    mark_ranges(&marked, text, from, to, ranges, count);
    buf_adds(&marked, to < n ? ellipsis : "");
    snippet_marked(s, marked.data, marked.len);
    buf_release(&marked);
}

struct value snippet_matches(const struct snippet *s, struct arena *a) {
    struct value list = value_array(a, (uint32_t)s->count);
    for (size_t i = 0; i < s->count; i++) {
        struct value range = value_array(a, 2);
        value_push(a, &range, value_int((int64_t)s->ranges[i].start));
        value_push(a, &range, value_int((int64_t)s->ranges[i].end));
        value_push(a, &list, range);
    }
    return list;
}
