/* render_error.c - what went wrong, for people and for programs. */
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "host/render.h"

static void put_safe(struct buf *out, const char *s, bool newlines) {
    text_safe(out, s, strlen(s), newlines);
}

static bool is_fault(const struct err *err) {
    return err->code == E_PLUGIN || err->code == E_INTERNAL || err->code == E_PEER_KILLED;
}

/* "  in plugin 'captions', init.lua:12". */
static void put_place(struct buf *out, const struct err *err) {
    if (!*err->plugin && !*err->at) {
        return;
    }
    buf_adds(out, "  ");
    if (*err->plugin) {
        buf_adds(out, "in plugin '");
        put_safe(out, err->plugin, false);
        buf_adds(out, *err->at ? "', " : "'");
    }
    buf_adds(out, *err->plugin ? "" : *err->at ? "at " : "");
    put_safe(out, err->at, false);
    buf_addc(out, '\n');
}

static void put_trace(struct buf *out, const char *trace) {
    for (const char *line = trace; *line;) {
        size_t n = strcspn(line, "\n");
        buf_adds(out, "  ");
        text_safe(out, line, n, true);
        buf_addc(out, '\n');
        line += line[n] ? n + 1 : n;
    }
}

static void put_diff(struct buf *out, const char *text, bool color) {
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        const char *sgr = *line == '+' ? "\x1b[32m" : *line == '-' ? "\x1b[31m" : *line == '@' ? "\x1b[36m" : "";
        buf_adds(out, color ? sgr : "");
        text_safe(out, line, n, true);
        buf_adds(out, color && *sgr ? "\x1b[0m" : "");
        buf_addc(out, '\n');
        line += line[n] ? n + 1 : n;
    }
}

/* What was written, cut so that its column is seen, and below it a mark. */
static void put_column(struct buf *out, const char *text, size_t column) {
    enum { BEFORE = 60, AFTER = 30 };
    struct buf before = BUF_INIT, after = BUF_INIT;
    size_t n = strlen(text);
    size_t at = 0;
    for (size_t seen = 0; at < n && (seen += ((unsigned char)text[at] & 0xc0) != 0x80) < column;) {
        at++;
    }
    size_t from = at > BEFORE ? at - BEFORE : 0;
    while (from > 0 && from < at && ((unsigned char)text[from] & 0xc0) == 0x80) {
        from++;
    }
    buf_adds(&before, from ? "..." : "");
    text_safe(&before, text + from, at - from, false);
    size_t rest = text_utf8_cut(text + at, n - at, AFTER);
    text_safe(&after, text + at, rest, false);
    buf_addf(out, "  %s%s%s\n", before.data ? before.data : "", after.data ? after.data : "",
             at + rest < n ? "..." : "");
    buf_pad(out, ' ', 2 + (before.data ? text_width(before.data, before.len) : 0));
    buf_adds(out, "^\n");
    buf_release(&before);
    buf_release(&after);
}

void render_error(struct buf *out, const struct err *err, bool color, bool verbose, bool terminal) {
    buf_adds(out, color ? "\x1b[1;31mlectern:\x1b[0m " : "lectern: ");
    put_safe(out, *err->message ? err->message : err_name(err->code), false);
    buf_addc(out, '\n');
    if (err->column && err->trace) {
        if (terminal)
            put_column(out, err->trace, err->column);
    } else if (verbose || is_fault(err)) {
        put_place(out, err);
        put_trace(out, err->trace ? err->trace : "");
    } else if (err->code == E_BUSY && err->trace) { /* what was changed meanwhile */
        put_diff(out, err->trace, color);
    }
    if (*err->hint) {
        buf_adds(out, "  ");
        put_safe(out, err->hint, false);
        buf_addc(out, '\n');
    }
}

static struct value text_or_nil(const char *s) {
    return value_lit(*s ? s : NULL);
}

void render_error_json(struct buf *out, const struct err *err) {
    struct arena a = ARENA_INIT;
    struct value inner = value_map(&a, 5);
    value_set(&a, &inner, "code", value_lit(err_name(err->code)));
    value_set(&a, &inner, "message", value_lit(err->message));
    value_set(&a, &inner, "hint", text_or_nil(err->hint));
    value_set(&a, &inner, "plugin", text_or_nil(err->plugin));
    value_set(&a, &inner, "at", text_or_nil(err->at));
    if (err->column) {
        value_set(&a, &inner, "column", value_int((int64_t)err->column));
    }
    struct value document = value_map(&a, 1);
    value_set(&a, &document, "error", inner);
    json_write(out, &document);
    buf_addc(out, '\n');
    arena_release(&a);
}
