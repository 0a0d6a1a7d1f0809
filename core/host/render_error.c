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

void render_error(struct buf *out, const struct err *err, bool color, bool verbose) {
    buf_adds(out, color ? "\x1b[1;31mlectern:\x1b[0m " : "lectern: ");
    put_safe(out, *err->message ? err->message : err_name(err->code), false);
    buf_addc(out, '\n');
    if (verbose || is_fault(err)) {
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
    struct value document = value_map(&a, 1);
    value_set(&a, &document, "error", inner);
    json_write(out, &document);
    buf_addc(out, '\n');
    arena_release(&a);
}
