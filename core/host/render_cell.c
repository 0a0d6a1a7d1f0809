/* render_cell.c - any value as a few words on one line: what stands in a table's cell or after a label.
 *
 * An object is told by its name, a list by its items. Nothing is cut or made harmless here; the caller knows the width
 * and the terminal. Depth is bounded by those who checked the value.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "host/render_priv.h"

const struct value *cell_name(const struct value *object) {
    static const char *const names[] = {"title", "slug", "name", "path", "text", "q", "message", "id"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct value *v = value_get(object, names[i]);
        if (v->kind == VALUE_STR && v->len > 0) {
            return v;
        }
    }
    return &value_nil;
}

bool cell_empty(const struct value *v) {
    switch (v->kind) {
    case VALUE_NIL:
        return true;
    case VALUE_STR:
    case VALUE_ARRAY:
    case VALUE_MAP:
        return v->len == 0;
    default:
        return false;
    }
}

/* "path:12-40" for the origin of something. */
static void add_lines(struct buf *out, const struct value *object) {
    const struct value *first = value_get(object, "line_start");
    const struct value *last = value_get(object, "line_end");
    if (first->kind == VALUE_INT) {
        buf_addf(out, ":%" PRId64, first->i);
    }
    if (first->kind == VALUE_INT && last->kind == VALUE_INT && last->i != first->i) {
        buf_addf(out, "-%" PRId64, last->i);
    }
}

static void add_fields(struct buf *out, const struct value *map) {
    bool any = false;
    for (uint32_t i = 0; i < map->len; i++) {
        const struct pair *pair = &map->pairs[i];
        if (pair->key.kind == VALUE_STR && !cell_empty(&pair->val)) {
            buf_adds(out, any ? ", " : "");
            buf_add(out, pair->key.s, pair->key.len);
            buf_adds(out, ": ");
            cell_value(out, &pair->val);
            any = true;
        }
    }
}

static void add_object(struct buf *out, const struct value *v) {
    const struct value *name = cell_name(v);
    if (name->kind == VALUE_NIL) {
        add_fields(out, v);
        return;
    }
    buf_add(out, name->s, name->len);
    add_lines(out, v);
}

static void add_list(struct buf *out, const struct value *v) {
    for (uint32_t i = 0; i < v->len; i++) {
        buf_adds(out, i ? ", " : "");
        cell_value(out, &v->items[i]);
    }
}

void cell_value(struct buf *out, const struct value *v) {
    switch ((enum value_kind)v->kind) {
    case VALUE_NIL:
        break;
    case VALUE_BOOL:
        buf_adds(out, v->b ? "yes" : "no");
        break;
    case VALUE_INT:
        buf_addf(out, "%" PRId64, v->i);
        break;
    case VALUE_FLOAT:
        buf_addf(out, "%.6g", v->f);
        break;
    case VALUE_STR:
    case VALUE_BIN:
        buf_add(out, v->s, v->len);
        break;
    case VALUE_ARRAY:
        add_list(out, v);
        break;
    case VALUE_MAP:
        add_object(out, v);
        break;
    }
}

static const struct value *step_into(const struct value *map, const char *name, size_t n) {
    for (uint32_t i = 0; map->kind == VALUE_MAP && i < map->len; i++) {
        const struct value *key = &map->pairs[i].key;
        if (key->kind == VALUE_STR && key->len == n && memcmp(key->s, name, n) == 0) {
            return &map->pairs[i].val;
        }
    }
    return &value_nil;
}

void cell_steps(struct buf *out, const struct value *v, const char *path, size_t n) {
    if (n == 0) {
        cell_value(out, v);
        return;
    }
    if (v->kind == VALUE_ARRAY) {
        size_t from = out->len;
        for (uint32_t i = 0; i < v->len; i++) {
            size_t before = out->len;
            buf_adds(out, before > from ? ", " : "");
            size_t start = out->len;
            cell_steps(out, &v->items[i], path, n);
            if (out->len == start) {
                out->data[out->len = before] = '\0';
            }
        }
        return;
    }
    const char *dot = memchr(path, '.', n);
    size_t step = dot ? (size_t)(dot - path) : n;
    size_t used = dot ? step + 1 : n;
    cell_steps(out, step_into(v, path, step), path + used, n - used);
}

/* At most as many characters of what was added since FROM. */
static void shorten(struct buf *out, size_t from, size_t characters) {
    size_t at = from;
    for (; characters > 0 && at < out->len; characters--) {
        size_t n;
        text_utf8_next(out->data + at, out->len - at, &n);
        at += n;
    }
    out->data[out->len = at] = '\0';
}

void cell_path(struct buf *out, const struct value *v, const char *path) {
    size_t from = out->len;
    while (*path && out->len == from) {
        size_t n = strcspn(path, "|");
        const char *colon = memchr(path, ':', n);
        cell_steps(out, v, path, colon ? (size_t)(colon - path) : n);
        if (colon) {
            shorten(out, from, strtoul(colon + 1, NULL, 10));
        }
        path += path[n] ? n + 1 : n;
    }
}
