/* render.c - which way a value is shown.
 *
 * The shape decides: text as it is, lists as tables, reports in words, objects as lines; JSON is the same for all. What
 * comes from plugins and files is made harmless exactly where the output is a terminal. Must not know where output
 * goes.
 */
#include "host/render.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "host/render_priv.h"

size_t render_width(const struct render_options *o) {
    if (!o->terminal) {
        return 0;
    }
    size_t width = o->width ? o->width : RENDER_WIDTH_DEFAULT;
    return width < RENDER_WIDTH_MAX ? width : RENDER_WIDTH_MAX;
}

const char *render_sgr(const struct render_options *o, const char *sgr) {
    return o->color ? sgr : "";
}

void render_count(struct buf *out, size_t n, const char *noun) {
    buf_addf(out, "%zu %s%s", n, noun, n == 1 ? "" : "s");
}

/* ---- text with styles ------------------------------------------------------------------------------------------- */
enum { SGR_MAX = 32 };

/* What lectern.style makes: reset, weight, slant, the six colours that can be read on any ground. Notes may hold sequences, too,
 * and hiding, reversing or blinking is never a style. */
static bool is_style(int code) {
    return code <= 4 || (code >= 31 && code <= 36);
}

/* Length of the SGR sequence at S, or 0 where it is none or sets more than a style. */
static size_t sgr_length(const char *s, size_t n) {
    if (n < 3 || s[0] != '\x1b' || s[1] != '[') {
        return 0;
    }
    int code = 0;
    for (size_t i = 2; i < n && i < SGR_MAX; i++) {
        if (s[i] >= '0' && s[i] <= '9') {
            code = code < 1000 ? code * 10 + s[i] - '0' : code;
        } else if ((s[i] != ';' && s[i] != 'm') || !is_style(code)) {
            return 0;
        } else if (s[i] == 'm') {
            return i + 1;
        } else {
            code = 0;
        }
    }
    return 0;
}

static bool is_reset(const char *s, size_t n) {
    return n == 3 || (n == 4 && s[2] == '0');
}

void render_text(struct buf *out, const char *text, size_t n, bool color) {
    bool open = false;
    for (size_t i = 0; i < n;) {
        const char *escape = memchr(text + i, '\x1b', n - i);
        size_t plain = escape ? (size_t)(escape - text) - i : n - i;
        text_safe(out, text + i, plain, true);
        i += plain;
        size_t sgr = i < n ? sgr_length(text + i, n - i) : 0;
        if (sgr && color) {
            buf_add(out, text + i, sgr);
            open = !is_reset(text + i, sgr);
        } else if (i < n && !sgr) {
            text_safe(out, text + i, sgr = 1, true);
        }
        i += sgr;
    }
    buf_adds(out, open ? "\x1b[0m" : "");
}

static void put_text(struct buf *out, const struct value *v, const struct render_options *o) {
    size_t from = out->len;
    if (o->terminal) {
        render_text(out, v->s, v->len, o->color);
    } else {
        buf_add(out, v->s, v->len);
    }
    if (out->len > from && out->data[out->len - 1] != '\n') {
        buf_addc(out, '\n');
    }
}

/* ---- JSON ------------------------------------------------------------------------------------------------------- */
static void put_json(struct buf *out, const struct value *v, const struct render_options *o) {
    if (o->terminal) {
        json_write_pretty(out, v);
        return;
    }
    json_write(out, v);
    buf_addc(out, '\n');
}

static void put_json_lines(struct buf *out, const struct value *v) {
    for (uint32_t i = 0; v->kind == VALUE_ARRAY && i < v->len; i++) {
        json_write(out, &v->items[i]);
        buf_addc(out, '\n');
    }
    if (v->kind != VALUE_ARRAY && v->kind != VALUE_NIL) {
        json_write(out, v);
        buf_addc(out, '\n');
    }
}

/* ---- text ------------------------------------------------------------------------------------------------------- */
static void put_one(struct buf *out, const struct shape *shape, const struct value *v, const struct render_options *o);

static bool all_maps(const struct value *list) {
    for (uint32_t i = 0; i < list->len; i++) {
        if (list->items[i].kind != VALUE_MAP) {
            return false;
        }
    }
    return list->len > 0;
}

static void put_table(struct buf *out, const struct shape *item, const struct value *v,
                      const struct render_options *o) {
    struct arena a = ARENA_INIT;
    size_t n;
    const char *const *columns = table_columns(&a, item, v, o, &n);
    table_render(out, v, columns, n, 0, o);
    arena_release(&a);
}

static void put_list(struct buf *out, const struct shape *shape, const struct value *v,
                     const struct render_options *o) {
    static const struct shape any = {.kind = SHAPE_ANY};
    const struct shape *item = shape->kind == SHAPE_LIST ? shape->item : &any;
    if (!o->columns && item->name && report_list_render(out, item->name, v, o)) {
        return;
    }
    if (all_maps(v)) {
        put_table(out, item, v, o);
        return;
    }
    for (uint32_t i = 0; i < v->len; i++) {
        size_t before = out->len;
        put_one(out, item, &v->items[i], o);
        buf_adds(out, out->len == before ? "\n" : ""); /* each item has its line, also an empty one */
    }
}

/* A list in a list, or a map among other things: one line, in the one notation that has all of it. */
static void put_compact(struct buf *out, const struct value *v, const struct render_options *o) {
    struct buf line = BUF_INIT;
    if (v->kind == VALUE_ARRAY || v->kind == VALUE_MAP) {
        json_write(&line, v);
    } else if (v->kind == VALUE_BOOL) {
        buf_adds(&line, v->b ? "true" : "false");
    } else {
        cell_value(&line, v);
    }
    struct value text = value_litn(line.data, line.len);
    put_text(out, &text, o);
    buf_release(&line);
}

static void put_one(struct buf *out, const struct shape *shape, const struct value *v, const struct render_options *o) {
    if (v->kind == VALUE_STR) {
        put_text(out, v, o);
    } else if (v->kind == VALUE_MAP && shape->kind != SHAPE_ANY) {
        object_render(out, shape, v, o);
    } else {
        put_compact(out, v, o);
    }
}

static void put_value(struct buf *out, const struct shape *shape, const struct value *v,
                      const struct render_options *o) {
    if (v->kind == VALUE_NIL) {
        return;
    }
    if (v->kind == VALUE_ARRAY) {
        put_list(out, shape, v, o);
    } else if (v->kind == VALUE_MAP && shape->name && report_render(out, shape->name, v, o)) {
        return;
    } else if (v->kind == VALUE_MAP) {
        object_render(out, shape, v, o);
    } else {
        put_one(out, shape, v, o);
    }
}

void render_value(struct buf *out, const struct shape *shape, const struct value *v, const struct render_options *o) {
    switch (o->format) {
    case RENDER_JSON:
        put_json(out, v, o);
        break;
    case RENDER_JSONL:
        put_json_lines(out, v);
        break;
    case RENDER_TEXT:
        put_value(out, shape, v, o);
        break;
    }
}
