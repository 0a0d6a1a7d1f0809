/* render_format.c - templates like `{short}\t{title}`.
 *
 * A template is compiled once to a list of pieces, text or path, so that a wrong field is told before any line is
 * written, and each object then costs one walk over the pieces.
 */
#include <string.h>

#include "base/text.h"
#include "host/render_priv.h"

enum { TEMPLATE_MAX = 4096, STEPS_MAX = 8, SHOWN_MAX = 60 };

struct piece {
    const char *s; /* text, or a path */
    size_t n;
    bool is_path;
    bool keeps_lines; /* body and abstract */
};

struct render_template {
    struct piece *pieces;
    size_t n;
};

/* ---- does the path lead anywhere? ------------------------------------------------------------------------------- */
struct names {
    const char **v;
    size_t n;
};

static void add_names(struct arena *a, struct names *names, const struct shape *s) {
    const char **more = arena_alloc(a, (names->n + s->nfields) * sizeof *more + 1);
    if (names->n) {
        memcpy(more, names->v, names->n * sizeof *more);
    }
    for (size_t i = 0; i < s->nfields; i++) {
        more[names->n + i] = s->fields[i].name;
    }
    names->v = more;
    names->n += s->nfields;
}

static int unknown_field(struct arena *a, const struct shape *s, const char *name, struct err *err) {
    struct names names = {0};
    for (size_t i = 0; i < s->nentities; i++) {
        add_names(a, &names, s->entities[i]);
    }
    add_names(a, &names, s);
    const char *near = strlen(name) <= SHOWN_MAX ? text_nearest(name, names.v, names.n) : NULL;
    return err_set(err, E_USAGE, "unknown field '%.*s' in the format%s%s%s",
                   (int)text_utf8_cut(name, strlen(name), SHOWN_MAX), name, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
}

static bool has_fields(const struct shape *s) {
    return s->kind == SHAPE_RECORD || s->kind == SHAPE_OBJECT;
}

/* The shapes NAME may have: one, or one of each entity. Appended to NEXT. */
static size_t step(const struct shape *s, const char *name, const struct shape **next, size_t n) {
    const struct shape *const *records = s->kind == SHAPE_OBJECT ? s->entities : &s;
    for (size_t i = 0; i < (s->kind == SHAPE_OBJECT ? s->nentities : 1); i++) {
        const struct shape_field *f = shape_field(records[i], name);
        if (f) {
            next[n++] = f->shape;
        }
    }
    return n;
}

static const struct shape *unwrap(const struct shape *s) {
    while (s->kind == SHAPE_LIST) {
        s = s->item;
    }
    return s;
}

static bool is_open(const struct shape *s) {
    return s->kind == SHAPE_ANY || s->kind == SHAPE_MAP || s->open;
}

/* PATH[0..N): at least one of the shapes it may come to must have each step. */
static int check_path(struct arena *a, const struct shape *item, const char *path, size_t n, struct err *err) {
    const struct shape *now[64] = {item}; /* entities are fewer, and only the outermost shape has several */
    size_t count = 1;
    for (size_t at = 0; at < n;) {
        size_t len = strcspn(path + at, ".");
        len = len < n - at ? len : n - at;
        const char *name = arena_dup(a, path + at, len);
        const struct shape *next[64], *known = NULL;
        size_t found = 0;
        for (size_t i = 0; i < count; i++) {
            const struct shape *s = unwrap(now[i]);
            if (is_open(s)) {
                return 0;
            }
            known = has_fields(s) ? s : known;
            found = has_fields(s) && found < 32 ? step(s, name, next, found) : found;
        }
        if (found == 0) {
            return known ? unknown_field(a, known, name, err)
                         : err_set(err, E_USAGE, "unknown field '%.*s' in the format",
                                   (int)(n < SHOWN_MAX ? n : SHOWN_MAX), path);
        }
        memcpy(now, next, found * sizeof *next);
        count = found;
        at += len + 1;
    }
    return 0;
}

/* ---- compiling -------------------------------------------------------------------------------------------------- */
struct compiler {
    struct arena *a;
    const char *at;
    const struct shape *item; /* NULL: any path */
    struct render_template *t;
    struct buf text; /* literal text not yet a piece */
    struct err *err;
};

static void end_text(struct compiler *c) {
    if (c->text.len) {
        c->t->pieces[c->t->n++] = (struct piece){.s = arena_dup(c->a, c->text.data, c->text.len), .n = c->text.len};
        buf_clear(&c->text);
    }
}

static int read_escape(struct compiler *c) {
    static const char letters[] = "tnr0\\{}", meant[] = "\t\n\r\0\\{}";
    const char *letter = *c->at ? strchr(letters, *c->at) : NULL;
    if (!letter) {
        return err_set(c->err, E_USAGE, "unknown escape '\\%.1s' in the format; there are \\t \\n \\r \\0 \\\\ \\{ \\}",
                       *c->at > 0x20 && *c->at < 0x7f ? c->at : "");
    }
    buf_addc(&c->text, meant[letter - letters]);
    c->at++;
    return 0;
}

static bool is_path(const char *s, size_t n) {
    size_t steps = 1;
    for (size_t i = 0; i < n; i++) {
        bool letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9');
        bool edge = i == 0 || i + 1 == n || s[i - 1] == '.';
        if (!letter && s[i] != '_' && s[i] != '-' && (s[i] != '.' || edge)) {
            return false;
        }
        steps += s[i] == '.';
    }
    return n > 0 && steps <= STEPS_MAX;
}

static bool ends_with(const char *s, size_t n, const char *name) {
    size_t len = strlen(name);
    return n >= len && memcmp(s + n - len, name, len) == 0 && (n == len || s[n - len - 1] == '.');
}

static int read_path(struct compiler *c) {
    size_t n = strcspn(c->at, "}");
    if (!c->at[n]) {
        return err_set(c->err, E_USAGE, "a '{' in the format is not closed; write \\{ for the character itself");
    }
    if (!is_path(c->at, n)) {
        return err_set(c->err, E_USAGE, "'{%.*s}' in the format is no field; write \\{ for the character itself",
                       (int)text_utf8_cut(c->at, n, SHOWN_MAX), c->at);
    }
    int rc = c->item ? check_path(c->a, c->item, c->at, n, c->err) : 0;
    if (rc < 0) {
        return rc;
    }
    end_text(c);
    c->t->pieces[c->t->n++] = (struct piece){
        .s = arena_dup(c->a, c->at, n),
        .n = n,
        .is_path = true,
        .keeps_lines = ends_with(c->at, n, "body") || ends_with(c->at, n, "abstract"),
    };
    c->at += n + 1;
    return 0;
}

int render_template_parse(struct arena *a, const char *text, const struct shape *item,
                          const struct render_template **out, struct err *err) {
    size_t n = strlen(text);
    struct render_template *t = arena_zalloc(a, sizeof *t);
    *out = t;
    if (n > TEMPLATE_MAX || text_utf8_valid(text, n) != n) {
        return err_set(err, E_USAGE, "the format must be at most %d bytes of UTF-8", TEMPLATE_MAX);
    }
    struct compiler c = {.a = a, .at = text, .item = item, .t = t, .text = BUF_INIT, .err = err};
    t->pieces = arena_alloc(a, (n + 1) * sizeof *t->pieces);
    int rc = 0;
    while (rc == 0 && *c.at) {
        char now = *c.at++;
        if (now == '\\') {
            rc = read_escape(&c);
        } else if (now == '{') {
            rc = read_path(&c);
        } else {
            buf_addc(&c.text, now);
        }
    }
    end_text(&c);
    buf_release(&c.text);
    return rc;
}

/* ---- applying --------------------------------------------------------------------------------------------------- */
static void put_path(struct buf *out, const struct piece *p, const struct value *v, bool terminal) {
    struct buf raw = BUF_INIT;
    cell_steps(&raw, v, p->s, p->n);
    for (size_t i = 0; i < raw.len && !p->keeps_lines; i++) {
        bool breaks = raw.data[i] == '\n' || raw.data[i] == '\t' || raw.data[i] == '\r' || raw.data[i] == '\0';
        raw.data[i] = breaks ? ' ' : raw.data[i];
    }
    if (terminal) {
        text_safe(out, raw.data, raw.len, true);
    } else {
        buf_add(out, raw.data, raw.len);
    }
    buf_release(&raw);
}

void render_template_apply(struct buf *out, const struct render_template *t, const struct value *v, bool terminal) {
    for (size_t i = 0; i < t->n; i++) {
        const struct piece *p = &t->pieces[i];
        if (p->is_path) {
            put_path(out, p, v, terminal);
        } else {
            buf_add(out, p->s, p->n);
        }
    }
}

int render_format(struct buf *out, const char *text, const struct shape *shape, const struct value *list, char end,
                  bool terminal, struct err *err) {
    struct arena a = ARENA_INIT;
    const struct render_template *t;
    const struct shape *item = shape && shape->kind == SHAPE_LIST ? shape->item : shape;
    item = item && has_fields(item) ? item : NULL;
    int rc = render_template_parse(&a, text, item, &t, err);
    bool many = list->kind == VALUE_ARRAY;
    for (uint32_t i = 0; rc == 0 && i < (many ? list->len : list->kind == VALUE_NIL ? 0 : 1); i++) {
        render_template_apply(out, t, many ? &list->items[i] : list, terminal);
        buf_addc(out, end);
    }
    arena_release(&a);
    return rc;
}
