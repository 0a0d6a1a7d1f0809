/* shape_parse.c - the text of a shape to a tree.
 *
 * Recursive descent over at most SHAPE_TEXT_MAX bytes and SHAPE_DEPTH_MAX levels. A name is replaced by its tree from
 * the table in shape_names.c, parsed by the same code. Knows nothing of values; checking is in shape.c.
 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "host/shape.h"

struct parser {
    struct arena *a;
    const struct shape **known; /* trees of the table's names, made at their first use */
    const char *text;
    const char *at;
    struct err *err;
};

static const struct {
    const char *name;
    enum shape_kind kind;
} builtins[] = {
    {"nil", SHAPE_NIL},   {"any", SHAPE_ANY},           {"value", SHAPE_ANY},     {"string", SHAPE_STRING},
    {"text", SHAPE_TEXT}, {"markdown", SHAPE_MARKDOWN}, {"int", SHAPE_INT},       {"number", SHAPE_NUMBER},
    {"bool", SHAPE_BOOL}, {"map", SHAPE_MAP},           {"object", SHAPE_OBJECT},
};
enum { BUILTINS = sizeof builtins / sizeof builtins[0], TEXT_SHOWN = 80 };

static struct shape *parse_shape(struct parser *p, unsigned depth);

static int fail(struct parser *p, const char *what) {
    size_t cut = text_utf8_cut(p->text, strlen(p->text), TEXT_SHOWN);
    return err_set(p->err, E_PLUGIN, "bad shape '%.*s': %s at column %zu", (int)cut, p->text, what,
                   text_utf8_length(p->text, (size_t)(p->at - p->text)) + 1);
}

static struct shape *failed(struct parser *p, const char *what) {
    fail(p, what);
    return NULL;
}

static void skip_space(struct parser *p) {
    p->at += strspn(p->at, " ");
}

static bool take(struct parser *p, char c) {
    skip_space(p);
    if (*p->at != c) {
        return false;
    }
    p->at++;
    return true;
}

static struct shape *make(struct parser *p, enum shape_kind kind) {
    struct shape *s = arena_zalloc(p->a, sizeof *s);
    s->kind = kind;
    return s;
}

static const char *take_name(struct parser *p) {
    skip_space(p);
    size_t n = strspn(p->at, "abcdefghijklmnopqrstuvwxyz_0123456789");
    const char *name = n ? arena_dup(p->a, p->at, n) : NULL;
    p->at += n;
    return name;
}

static int unknown_name(struct parser *p, const char *name) {
    const char **names = arena_alloc(p->a, (BUILTINS + shape_names_count) * sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < BUILTINS; i++) {
        names[n++] = builtins[i].name;
    }
    for (size_t i = 0; i < shape_names_count; i++) {
        names[n++] = shape_names[i].name;
    }
    const char *near = text_nearest(name, names, n);
    return err_set(p->err, E_PLUGIN, "unknown shape '%.*s'%s%s%s", TEXT_SHOWN, name, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
}

/* A copy of the top alone: suffixes change it, and a text of many names must not cost a tree for each. */
static struct shape *from_table(struct parser *p, const struct shape_name *entry, unsigned depth) {
    const struct shape **known = &p->known[entry - shape_names];
    if (!*known) {
        struct parser inner = {.a = p->a, .known = p->known, .text = entry->text, .at = entry->text, .err = p->err};
        struct shape *s = parse_shape(&inner, depth);
        if (!s) {
            return NULL;
        }
        s->name = entry->name;
        *known = s;
    }
    struct shape *copy = make(p, (*known)->kind);
    *copy = **known;
    return copy;
}

static struct shape *parse_object(struct parser *p, unsigned depth) {
    struct shape *s = make(p, SHAPE_OBJECT);
    const struct shape **entities = arena_alloc(p->a, shape_names_count * sizeof *entities);
    for (size_t i = 0; i < shape_names_count; i++) {
        if (!shape_names[i].entity) {
            continue;
        }
        entities[s->nentities] = from_table(p, &shape_names[i], depth + 1);
        if (!entities[s->nentities++]) {
            return NULL;
        }
    }
    s->entities = entities;
    return s;
}

static struct shape *parse_named(struct parser *p, unsigned depth) {
    const char *name = take_name(p);
    if (!name) {
        return failed(p, *p->at ? "no shape starts" : "a shape is missing");
    }
    for (size_t i = 0; i < BUILTINS; i++) {
        if (strcmp(builtins[i].name, name) == 0) {
            return builtins[i].kind == SHAPE_OBJECT ? parse_object(p, depth) : make(p, builtins[i].kind);
        }
    }
    for (size_t i = 0; i < shape_names_count; i++) {
        if (strcmp(shape_names[i].name, name) == 0) {
            return from_table(p, &shape_names[i], depth);
        }
    }
    unknown_name(p, name);
    return NULL;
}

static struct shape *parse_literal(struct parser *p) {
    size_t n = strcspn(p->at, "\"");
    if (p->at[n] != '"') {
        return failed(p, "a quote is not closed");
    }
    struct shape *s = make(p, SHAPE_LITERAL);
    s->name = arena_dup(p->a, p->at, n);
    p->at += n + 1;
    return s;
}

/* The fields found so far, as a list: their number is not known before the brace closes. */
struct link {
    struct shape_field field;
    struct link *next;
};

static int parse_field(struct parser *p, struct shape_field *f, unsigned depth) {
    f->name = take_name(p);
    if (!f->name) {
        return fail(p, "a field or '}' is missing");
    }
    f->optional = take(p, '!');
    if (!take(p, ':')) {
        return fail(p, "':' is missing after a field's name");
    }
    f->shape = parse_shape(p, depth);
    return f->shape ? 0 : -E_PLUGIN;
}

static bool is_doubled(const struct link *fields, const char *name) {
    for (; fields; fields = fields->next) {
        if (strcmp(fields->field.name, name) == 0) {
            return true;
        }
    }
    return false;
}

static struct shape *parse_record(struct parser *p, unsigned depth) {
    struct shape *s = make(p, SHAPE_RECORD);
    struct link *fields = NULL; /* last first */
    while (!take(p, '}')) {
        if (strncmp(p->at, "...", 3) == 0) {
            p->at += 3;
            s->open = true;
            break;
        }
        struct link *link = arena_alloc(p->a, sizeof *link);
        if (parse_field(p, &link->field, depth + 1) < 0) {
            return NULL;
        }
        if (is_doubled(fields, link->field.name)) {
            return failed(p, "a field comes twice");
        }
        link->next = fields;
        fields = link;
        s->nfields++;
        take(p, ',');
    }
    if (s->open && !take(p, '}')) {
        return failed(p, "'}' is missing after '...'");
    }
    struct shape_field *array = arena_alloc(p->a, s->nfields * sizeof *array + 1);
    for (size_t i = s->nfields; i > 0 && fields; i--, fields = fields->next) {
        array[i - 1] = fields->field;
    }
    s->fields = array;
    return s;
}

static struct shape *parse_suffixes(struct parser *p, struct shape *s, unsigned depth) {
    for (;;) {
        if (take(p, '?')) {
            s->nullable = true;
        } else if (take(p, '[')) {
            if (!take(p, ']')) {
                return failed(p, "']' is missing");
            }
            if (++depth > SHAPE_DEPTH_MAX) {
                return failed(p, "too deep");
            }
            struct shape *list = make(p, SHAPE_LIST);
            list->item = s;
            s = list;
        } else {
            return s;
        }
    }
}

static struct shape *parse_shape(struct parser *p, unsigned depth) {
    if (depth > SHAPE_DEPTH_MAX) {
        return failed(p, "too deep");
    }
    struct shape *s = take(p, '{') ? parse_record(p, depth) : take(p, '"') ? parse_literal(p) : parse_named(p, depth);
    return s ? parse_suffixes(p, s, depth) : NULL;
}

int shape_parse(struct arena *a, const char *text, const struct shape **out, struct err *err) {
    size_t n = strlen(text);
    if (n > SHAPE_TEXT_MAX) {
        return err_set(err, E_PLUGIN, "bad shape: %zu bytes; at most %d", n, SHAPE_TEXT_MAX);
    }
    struct buf safe = BUF_INIT;
    text_safe(&safe, text, n, false);
    const char *copy = arena_dup(a, safe.data, safe.len);
    buf_release(&safe);
    struct parser p = {.a = a, .text = copy, .at = copy, .err = err};
    p.known = arena_zalloc(a, shape_names_count * sizeof *p.known);
    struct shape *s = parse_shape(&p, 0);
    skip_space(&p);
    if (!s || *p.at) {
        return s ? fail(&p, "something is left over") : -E_PLUGIN;
    }
    s->text = copy;
    *out = s;
    return 0;
}

const struct shape *shape_of(struct arena *a, const char *text) {
    static const struct shape any = {.kind = SHAPE_ANY, .text = "any"};
    const struct shape *s = NULL;
    return shape_parse(a, text, &s, NULL) == 0 ? s : &any;
}

const struct shape_field *shape_field(const struct shape *shape, const char *name) {
    for (size_t i = 0; i < shape->nfields; i++) {
        if (strcmp(shape->fields[i].name, name) == 0) {
            return &shape->fields[i];
        }
    }
    return NULL;
}

const struct shape *shape_entity(const struct shape *object, const char *type) {
    for (size_t i = 0; i < object->nentities; i++) {
        if (strcmp(object->entities[i]->name, type) == 0) {
            return object->entities[i];
        }
    }
    return NULL;
}
