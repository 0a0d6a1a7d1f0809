/* render_object.c - one object as `label  value` lines, then what needs lines of its own.
 *
 * The order is the object's own. Empty fields are left out, maps are flattened to "fields.key", long text (a body, an
 * abstract) follows below, and lists of unnamed records become small tables. Knows no particular object except by its
 * name.
 */
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "host/render_priv.h"
#include "host/wrap.h"

enum { LABEL_MAX = 24, FLATTEN_MAX = 3 };

enum place { NOWHERE, ON_LINE, FLAT, BELOW };

struct page {
    struct buf *out;
    const struct render_options *o;
    size_t label;  /* columns of the labels */
    bool below;    /* second pass: what has lines of its own */
    size_t nbelow; /* blocks so far */
};

static bool is_question(const struct shape *item) {
    return item->name && strcmp(item->name, "question") == 0;
}

/* Lists of records that go by no name are tables; so are lists of maps that have none. */
static bool is_tabular(const struct shape *s, const struct value *v) {
    if (v->kind != VALUE_ARRAY || v->len == 0 || v->items[0].kind != VALUE_MAP) {
        return false;
    }
    const struct shape *item = s && s->kind == SHAPE_LIST ? s->item : NULL;
    if (item && item->kind == SHAPE_RECORD) {
        return !item->name || is_question(item);
    }
    return cell_name(&v->items[0])->kind == VALUE_NIL;
}

static bool is_long(const char *name, const struct value *v) {
    if (v->kind != VALUE_STR) {
        return false;
    }
    return memchr(v->s, '\n', v->len) || strcmp(name, "body") == 0 || strcmp(name, "abstract") == 0;
}

static enum place place_of(const char *name, const struct shape *s, const struct value *v, bool has_short) {
    if (cell_empty(v) || strcmp(name, "short") == 0) {
        return NOWHERE;
    }
    bool known = s && s->kind == SHAPE_LITERAL; /* the type, which whoever asked knows */
    if (known || (has_short && strcmp(name, "rev") == 0)) {
        return NOWHERE;
    }
    if (is_long(name, v) || is_tabular(s, v)) {
        return BELOW;
    }
    return v->kind == VALUE_MAP && cell_name(v)->kind == VALUE_NIL ? FLAT : ON_LINE;
}

/* ---- cells of particular records -------------------------------------------------------------------------------- */
/* "Ann Bee (ETH, Zurich), C. Dee (organiser)". */
static void add_speaker(struct buf *out, const struct value *v) {
    const char *role = value_cstr(value_get(v, "role"), "speaker");
    size_t start = out->len;
    cell_steps(out, v, "name", 4);
    struct buf more = BUF_INIT;
    cell_steps(&more, v, "affiliations", strlen("affiliations"));
    if (strcmp(role, "speaker") != 0) {
        buf_adds(&more, more.len ? "; " : "");
        buf_adds(&more, role);
    }
    if (more.len && out->len > start) {
        buf_adds(out, " (");
        buf_add(out, more.data, more.len);
        buf_addc(out, ')');
    }
    buf_release(&more);
}

static void add_value(struct buf *out, const struct shape *s, const struct value *v) {
    const char *item = s && s->kind == SHAPE_LIST && s->item->name ? s->item->name : "";
    if (strcmp(item, "speaker") != 0 && strcmp(item, "participant") != 0) {
        cell_value(out, v);
        return;
    }
    for (uint32_t i = 0; i < v->len; i++) {
        buf_adds(out, i ? ", " : "");
        add_speaker(out, &v->items[i]);
    }
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */
static void put_line(const struct page *p, const char *label, const struct shape *s, const struct value *v) {
    struct buf raw = BUF_INIT, safe = BUF_INIT;
    size_t used = wrap_cell(&safe, label, strlen(label), 0);
    buf_adds(p->out, render_sgr(p->o, "\x1b[2m"));
    buf_add(p->out, safe.data, safe.len);
    buf_adds(p->out, render_sgr(p->o, "\x1b[0m"));
    buf_pad(p->out, ' ', used < p->label ? p->label - used + 2 : 2);
    add_value(&raw, s, v);
    buf_clear(&safe);
    text_safe(&safe, raw.data, raw.len, false);
    size_t column = used < p->label ? p->label + 2 : used + 2;
    wrap_text(p->out, safe.data, safe.len, render_width(p->o), p->label + 2, column);
    buf_addc(p->out, '\n');
    buf_release(&raw);
    buf_release(&safe);
}

static void put_paragraph(const struct page *p, const char *label, const char *who, const struct value *text) {
    struct buf line = BUF_INIT;
    if (text->kind == VALUE_STR && text->len > 0) {
        buf_addf(&line, *who ? "%s (" : "%s", label);
        text_safe(&line, who, strlen(who), false);
        buf_adds(&line, *who ? "): " : ": ");
        text_safe(&line, text->s, text->len, false);
        buf_adds(p->out, "  ");
        wrap_text(p->out, line.data, line.len, render_width(p->o), 5, 2);
        buf_addc(p->out, '\n');
    }
    buf_release(&line);
}

static void put_questions(const struct page *p, const struct value *list) {
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *question = &list->items[i];
        put_paragraph(p, "Q", value_cstr(value_get(question, "asker"), ""), value_get(question, "q"));
        put_paragraph(p, "A", "", value_get(question, "a"));
    }
}

static void put_rows(const struct page *p, const struct shape *s, const struct value *v) {
    static const struct shape any = {.kind = SHAPE_ANY};
    const struct shape *item = s && s->kind == SHAPE_LIST ? s->item : &any;
    if (is_question(item)) {
        put_questions(p, v);
        return;
    }
    struct render_options o = *p->o;
    struct arena a = ARENA_INIT;
    size_t n;
    o.columns = NULL;
    const char *const *columns = table_columns(&a, item, v, &o, &n);
    table_render(p->out, v, columns, n, 2, &o);
    arena_release(&a);
}

static void put_below(struct page *p, const char *label, const struct shape *s, const struct value *v) {
    buf_adds(p->out, "\n");
    if (v->kind != VALUE_STR || strcmp(label, "body") != 0 || p->nbelow > 0) {
        buf_adds(p->out, render_sgr(p->o, "\x1b[1m"));
        wrap_cell(p->out, label, strlen(label), LABEL_MAX);
        buf_adds(p->out, render_sgr(p->o, "\x1b[0m"));
        buf_adds(p->out, "\n");
    }
    p->nbelow++;
    if (v->kind == VALUE_STR) {
        static const struct shape text = {.kind = SHAPE_TEXT};
        render_value(p->out, &text, v, p->o);
    } else {
        put_rows(p, s, v);
    }
}

/* Once for the lines, once for what stands below; the first time with P->out NULL only to measure the labels. */
static void put_fields(struct page *p, const char *prefix, const struct shape *shape, const struct value *v,
                       unsigned depth) {
    bool has_short = value_get(v, "short")->kind == VALUE_STR;
    for (uint32_t i = 0; i < v->len; i++) {
        const char *name = value_cstr(&v->pairs[i].key, "?");
        const struct value *field = &v->pairs[i].val;
        const struct shape_field *f = shape && shape->kind == SHAPE_RECORD ? shape_field(shape, name) : NULL;
        const struct shape *s = f ? f->shape : NULL;
        enum place place = place_of(name, s, field, has_short);
        if (has_short && strcmp(name, "id") == 0) {
            field = value_get(v, "short");
        }
        struct arena a = ARENA_INIT;
        const char *label = *prefix ? arena_printf(&a, "%s.%s", prefix, name) : name;
        size_t columns = text_width(label, strlen(label));
        if (place == FLAT && depth < FLATTEN_MAX) {
            put_fields(p, label, s, field, depth + 1);
        } else if (!p->out) {
            p->label =
                place != NOWHERE && place != BELOW && columns > p->label && columns <= LABEL_MAX ? columns : p->label;
        } else if (place == BELOW && p->below) {
            put_below(p, label, s, field);
        } else if ((place == ON_LINE || place == FLAT) && !p->below) {
            put_line(p, label, s, field);
        }
        arena_release(&a);
    }
}

void object_render(struct buf *out, const struct shape *shape, const struct value *v, const struct render_options *o) {
    if (shape->kind == SHAPE_OBJECT) {
        shape = shape_entity(shape, value_cstr(value_get(v, "type"), ""));
    }
    struct page p = {.out = NULL, .o = o};
    put_fields(&p, "", shape, v, 0);
    p.out = out;
    put_fields(&p, "", shape, v, 0);
    p.below = true;
    put_fields(&p, "", shape, v, 0);
}
