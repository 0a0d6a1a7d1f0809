/* shape.c - checking what a command returned, and completing it.
 *
 * One walk over shape and value together that makes a fresh value: fields in the order of the shape, gaps filled, every
 * string known to be UTF-8. The path to the current place is a chain of stack frames, read only when something is
 * wrong. Must not know where values come from or how they are shown.
 */
#include "host/shape.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

struct check {
    struct arena *a;
    const char *declared;
    struct err *err;
};

/* One step of the path: a field, or an index where FIELD is NULL. */
struct step {
    const struct step *up;
    const char *field;
    size_t index;
    unsigned depth;
};

enum { PATH_MAX_BYTES = 300, NAME_MAX_BYTES = 60 };

static int check(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                 struct value *out);

/* ---- messages --------------------------------------------------------------------------------------------------- */
static void write_path(struct buf *out, const struct step *at) {
    if (!at->up) {
        return;
    }
    write_path(out, at->up);
    if (at->field) {
        buf_adds(out, at->up->up ? "." : "");
        text_safe(out, at->field, text_utf8_cut(at->field, strlen(at->field), NAME_MAX_BYTES), false);
    } else {
        buf_addf(out, "[%zu]", at->index);
    }
}

static int wrong(const struct check *c, const struct step *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int wrong(const struct check *c, const struct step *at, const char *format, ...) {
    struct buf path = BUF_INIT, what = BUF_INIT;
    write_path(&path, at);
    va_list ap;
    va_start(ap, format);
    buf_vaddf(&what, format, ap);
    va_end(ap);
    path.data[text_utf8_cut(path.data, path.len, PATH_MAX_BYTES)] = '\0';
    int rc =
        err_set(c->err, E_PLUGIN, "returns %.120s: %s%s%s", c->declared, path.data, path.len ? ": " : "", what.data);
    buf_release(&path);
    buf_release(&what);
    return rc;
}

static const char *called(const struct value *v) {
    static const char *const names[] = {
        [VALUE_NIL] = "nothing",  [VALUE_BOOL] = "a boolean", [VALUE_INT] = "a number", [VALUE_FLOAT] = "a number",
        [VALUE_STR] = "a string", [VALUE_BIN] = "bytes",      [VALUE_ARRAY] = "a list", [VALUE_MAP] = "a map",
    };
    return v->kind <= VALUE_MAP ? names[v->kind] : "something else";
}

static const char *wanted(const struct shape *s) {
    static const char *const names[] = {
        [SHAPE_NIL] = "nothing",      [SHAPE_ANY] = "a value",       [SHAPE_STRING] = "a string",
        [SHAPE_TEXT] = "a string",    [SHAPE_MARKDOWN] = "a string", [SHAPE_INT] = "a whole number",
        [SHAPE_NUMBER] = "a number",  [SHAPE_BOOL] = "a boolean",    [SHAPE_MAP] = "a map",
        [SHAPE_LITERAL] = "a string", [SHAPE_LIST] = "a list",       [SHAPE_RECORD] = "a map",
        [SHAPE_OBJECT] = "a map",
    };
    return names[s->kind];
}

static int mismatch(const struct check *c, const struct shape *s, const struct value *v, const struct step *at) {
    return wrong(c, at, "expected %s, got %s", wanted(s), called(v));
}

static int did_you_mean(const struct check *c, const struct step *at, const char *what, const char *word,
                        const char *const *names, size_t n) {
    size_t cut = text_utf8_cut(word, strlen(word), NAME_MAX_BYTES);
    const char *near = strlen(word) <= NAME_MAX_BYTES ? text_nearest(word, names, n) : NULL;
    return wrong(c, at, "unknown %s '%.*s'%s%s%s", what, (int)cut, word, near ? "; did you mean '" : "",
                 near ? near : "", near ? "'?" : "");
}

/* ---- leaves ----------------------------------------------------------------------------------------------------- */
static int check_string(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                        struct value *out) {
    if (v->kind != VALUE_STR && v->kind != VALUE_BIN) {
        return mismatch(c, s, v, at);
    }
    size_t valid = text_utf8_valid(v->s, v->len);
    if (valid < v->len) {
        return wrong(c, at, "not valid UTF-8 at byte %zu", valid);
    }
    *out = value_strn(c->a, v->s, v->len);
    return 0;
}

static int check_literal(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                         struct value *out) {
    if (v->kind == VALUE_STR && !value_eqs(v, s->name)) {
        size_t cut = text_utf8_cut(v->s, v->len, NAME_MAX_BYTES);
        return wrong(c, at, "expected '%s', got '%.*s'", s->name, (int)cut, v->s);
    }
    *out = value_str(c->a, s->name);
    return v->kind == VALUE_STR ? 0 : mismatch(c, s, v, at);
}

static int check_number(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                        struct value *out) {
    bool number = v->kind == VALUE_INT || v->kind == VALUE_FLOAT;
    if (!number || (v->kind == VALUE_FLOAT && !isfinite(v->f))) {
        return number ? wrong(c, at, "expected a finite number") : mismatch(c, s, v, at);
    }
    *out = *v;
    if (s->kind == SHAPE_INT && v->kind == VALUE_FLOAT) {
        *out = value_int(value_toint(v, 0));
        return out->i != 0 || v->f == 0 ? 0 : wrong(c, at, "expected a whole number, got %g", v->f);
    }
    return 0;
}

/* ---- anything --------------------------------------------------------------------------------------------------- */
static int check_any(const struct check *c, const struct value *v, const struct step *at, struct value *out);

static int any_list(const struct check *c, const struct value *v, const struct step *at, struct value *out) {
    *out = value_array(c->a, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        struct step here = {.up = at, .index = i, .depth = at->depth + 1};
        struct value item = value_nil;
        int rc = check_any(c, &v->items[i], &here, &item);
        if (rc < 0) {
            return rc;
        }
        value_push(c->a, out, item);
    }
    return 0;
}

/* Lua's {[5] = true} is a map whose key is a number: JSON wants text. */
static int any_key(const struct check *c, const struct value *key, const struct step *at, struct value *out) {
    static const struct shape string = {.kind = SHAPE_STRING};
    if (key->kind == VALUE_INT) {
        *out = value_strf(c->a, "%" PRId64, key->i);
        return 0;
    }
    if (key->kind != VALUE_STR) {
        return wrong(c, at, "a map's keys must be strings, not %s", called(key));
    }
    return check_string(c, &string, key, at, out);
}

static int any_map(const struct check *c, const struct value *v, const struct step *at, struct value *out) {
    *out = value_map(c->a, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        struct pair *pair = &out->pairs[i];
        int rc = any_key(c, &v->pairs[i].key, at, &pair->key);
        if (rc < 0) {
            return rc;
        }
        struct step here = {.up = at, .field = pair->key.s, .depth = at->depth + 1};
        rc = check_any(c, &v->pairs[i].val, &here, &pair->val);
        if (rc < 0) {
            return rc;
        }
        out->len = i + 1;
    }
    return 0;
}

static int check_any(const struct check *c, const struct value *v, const struct step *at, struct value *out) {
    static const struct shape string = {.kind = SHAPE_STRING};
    if (at->depth > SHAPE_DEPTH_MAX) {
        return wrong(c, at, "nested more than %d deep", SHAPE_DEPTH_MAX);
    }
    switch ((enum value_kind)v->kind) {
    case VALUE_STR:
    case VALUE_BIN:
        return check_string(c, &string, v, at, out);
    case VALUE_ARRAY:
        return any_list(c, v, at, out);
    case VALUE_MAP:
        return any_map(c, v, at, out);
    default:
        *out = *v;
        return 0;
    }
}

static int check_map(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                     struct value *out) {
    if (v->kind == VALUE_ARRAY && v->len == 0) {
        *out = value_map(c->a, 0);
        return 0;
    }
    return v->kind == VALUE_MAP ? any_map(c, v, at, out) : mismatch(c, s, v, at);
}

/* ---- lists and records ------------------------------------------------------------------------------------------ */
static int check_list(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                      struct value *out) {
    bool empty_map = v->kind == VALUE_MAP && v->len == 0;
    if (v->kind != VALUE_ARRAY && !empty_map) {
        return mismatch(c, s, v, at);
    }
    *out = value_array(c->a, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        struct step here = {.up = at, .index = i, .depth = at->depth + 1};
        struct value item = value_nil;
        int rc = check(c, s->item, &v->items[i], &here, &item);
        if (rc < 0) {
            return rc;
        }
        value_push(c->a, out, item);
    }
    return 0;
}

static int unknown_field(const struct check *c, const struct shape *s, const char *name, const struct step *at) {
    const char **names = arena_alloc(c->a, s->nfields * sizeof *names + 1);
    for (size_t i = 0; i < s->nfields; i++) {
        names[i] = s->fields[i].name;
    }
    return did_you_mean(c, at, "field", name, names, s->nfields);
}

static const struct shape_field *field_of(const struct shape *s, const struct value *key) {
    return strlen(key->s) == key->len ? shape_field(s, key->s) : NULL;
}

/* FOUND[i] gets the value of field i, or stays NULL; *OTHERS says how many fields an open record has beyond its own. */
static int find_fields(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                       const struct value **found, uint32_t *others) {
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value *key = &v->pairs[i].key;
        if (key->kind != VALUE_STR) {
            return wrong(c, at, "a map's keys must be strings, not %s", called(key));
        }
        const struct shape_field *f = field_of(s, key);
        if (!f && !s->open) {
            return unknown_field(c, s, key->s, at);
        }
        if (f && found[f - s->fields]) {
            return wrong(c, at, "field '%s' comes twice", f->name);
        }
        if (f) {
            found[f - s->fields] = &v->pairs[i].val;
        } else {
            ++*others;
        }
    }
    return 0;
}

static int check_field(const struct check *c, const struct shape_field *f, const struct value *v, const struct step *at,
                       struct value *out) {
    struct step here = {.up = at, .field = f->name, .depth = at->depth + 1};
    struct pair *pair = &out->pairs[out->len++];
    pair->key = value_lit(f->name);
    pair->val = value_nil;
    return check(c, f->shape, v, &here, &pair->val);
}

/* What an open record has beyond its own fields, in its order, after them. */
static int check_others(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                        struct value *out) {
    struct value rest = value_map(c->a, v->len), copy;
    for (uint32_t i = 0; i < v->len; i++) {
        if (!field_of(s, &v->pairs[i].key)) {
            rest.pairs[rest.len++] = v->pairs[i];
        }
    }
    int rc = any_map(c, &rest, at, &copy);
    for (uint32_t i = 0; rc == 0 && i < copy.len; i++) {
        out->pairs[out->len++] = copy.pairs[i];
    }
    return rc;
}

static int check_record(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                        struct value *out) {
    bool empty_list = v->kind == VALUE_ARRAY && v->len == 0;
    if (v->kind != VALUE_MAP && !empty_list) {
        return mismatch(c, s, v, at);
    }
    const struct value **found = arena_zalloc(c->a, s->nfields * sizeof *found + 1);
    uint32_t others = 0;
    int rc = empty_list ? 0 : find_fields(c, s, v, at, found, &others);
    *out = value_map(c->a, (uint32_t)s->nfields + others);
    for (size_t i = 0; rc == 0 && i < s->nfields; i++) {
        if (found[i] || !s->fields[i].optional) {
            rc = check_field(c, &s->fields[i], found[i] ? found[i] : &value_nil, at, out);
        }
    }
    return rc < 0 || others == 0 ? rc : check_others(c, s, v, at, out);
}

static int check_object(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                        struct value *out) {
    if (v->kind != VALUE_MAP) {
        return mismatch(c, s, v, at);
    }
    const struct value *type = value_get(v, "type");
    if (type->kind != VALUE_STR) {
        return wrong(c, at, "an object needs a 'type'");
    }
    const struct shape *entity = shape_entity(s, type->s);
    if (entity) {
        return check_record(c, entity, v, at, out);
    }
    const char **names = arena_alloc(c->a, s->nentities * sizeof *names + 1);
    for (size_t i = 0; i < s->nentities; i++) {
        names[i] = s->entities[i]->name;
    }
    return did_you_mean(c, at, "type", type->s, names, s->nentities);
}

/* ---- the walk --------------------------------------------------------------------------------------------------- */
static int fill(const struct check *c, const struct shape *s, const struct step *at, struct value *out) {
    *out = value_nil;
    if (s->nullable || s->kind == SHAPE_NIL || s->kind == SHAPE_ANY) {
        return 0;
    }
    switch (s->kind) {
    case SHAPE_LIST:
        *out = value_array(c->a, 0);
        return 0;
    case SHAPE_MAP:
        *out = value_map(c->a, 0);
        return 0;
    case SHAPE_LITERAL:
        *out = value_str(c->a, s->name);
        return 0;
    default:
        return mismatch(c, s, &value_nil, at);
    }
}

static int check(const struct check *c, const struct shape *s, const struct value *v, const struct step *at,
                 struct value *out) {
    if (v->kind == VALUE_NIL) {
        return fill(c, s, at, out);
    }
    if (at->depth > SHAPE_DEPTH_MAX) {
        return wrong(c, at, "nested more than %d deep", SHAPE_DEPTH_MAX);
    }
    switch (s->kind) {
    case SHAPE_NIL:
        return mismatch(c, s, v, at);
    case SHAPE_ANY:
        return check_any(c, v, at, out);
    case SHAPE_STRING:
    case SHAPE_TEXT:
    case SHAPE_MARKDOWN:
        return check_string(c, s, v, at, out);
    case SHAPE_INT:
    case SHAPE_NUMBER:
        return check_number(c, s, v, at, out);
    case SHAPE_BOOL:
        *out = *v;
        return v->kind == VALUE_BOOL ? 0 : mismatch(c, s, v, at);
    case SHAPE_MAP:
        return check_map(c, s, v, at, out);
    case SHAPE_LITERAL:
        return check_literal(c, s, v, at, out);
    case SHAPE_LIST:
        return check_list(c, s, v, at, out);
    case SHAPE_RECORD:
        return check_record(c, s, v, at, out);
    case SHAPE_OBJECT:
        return check_object(c, s, v, at, out);
    }
    return wrong(c, at, "a shape of no kind");
}

int shape_check(const struct shape *shape, const struct value *v, struct arena *a, struct value *out, struct err *err) {
    struct check c = {.a = a, .declared = shape->text ? shape->text : shape->name ? shape->name : "any", .err = err};
    struct step root = {0};
    *out = value_nil;
    return check(&c, shape, v, &root, out);
}
