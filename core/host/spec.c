/* spec.c - contributions of an untrusted compartment to specs that everybody else may trust.
 *
 * One pass over the map: each key is read by a function that knows its type and its bound, then the arguments are
 * checked against each other (spec_args.c). Nothing is repaired; the first thing wrong refuses the contribution. Must
 * not know the registry.
 */
#include "host/spec.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "host/args_value.h"
#include "host/spec_priv.h"

int spec_refuse(const struct spec_reader *r, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    const char *what = arena_vprintf(r->a, format, ap);
    va_end(ap);
    int rc = err_set(r->err, E_PLUGIN, "%s '%s': %s", r->kind, r->name, what);
    if (r->err) {
        const struct value *file = value_get(r->map, "file");
        const char *safe = file->kind == VALUE_STR ? args_quote(r->a, file->s, file->len) : "";
        int64_t line = value_toint(value_get(r->map, "line"), 0);
        snprintf(r->err->plugin, sizeof r->err->plugin, "%s", r->plugin);
        snprintf(r->err->at, sizeof r->err->at, line > 0 ? "%s:%" PRId64 : "%s", safe, line);
    }
    return rc;
}

const char *spec_near(struct arena *a, const char *word, const char *const *names, size_t n) {
    const char *near = strlen(word) <= SPEC_NAME_MAX ? text_nearest(word, names, n) : NULL;
    return near ? arena_printf(a, "; did you mean '%s'?", near) : "";
}

/* ---- keys of a map ---------------------------------------------------------------------------------------------- */
int spec_read_text(const struct spec_reader *r, const struct value *map, const char *key, size_t max,
                   const char **out) {
    const struct value *v = value_get(map, key);
    if (v->kind == VALUE_NIL) {
        return 0;
    }
    if (v->kind != VALUE_STR || strlen(v->s) != v->len || text_utf8_valid(v->s, v->len) != v->len) {
        return spec_refuse(r, "'%s' must be text", key);
    }
    if (v->len > max) {
        return spec_refuse(r, "'%s' has %u bytes; at most %zu", key, v->len, max);
    }
    *out = arena_dup(r->a, v->s, v->len);
    return 0;
}

int spec_read_bool(const struct spec_reader *r, const struct value *map, const char *key, bool *out) {
    const struct value *v = value_get(map, key);
    if (v->kind == VALUE_NIL) {
        return 0;
    }
    *out = value_tobool(v, false);
    return v->kind == VALUE_BOOL ? 0 : spec_refuse(r, "'%s' must be true or false", key);
}

int spec_read_number(const struct spec_reader *r, const struct value *map, const char *key, bool *has, double *out) {
    const struct value *v = value_get(map, key);
    if (v->kind == VALUE_NIL) {
        return 0;
    }
    *has = true;
    *out = value_tofloat(v, NAN);
    return isfinite(*out) ? 0 : spec_refuse(r, "'%s' must be a number", key);
}

/* A list of texts; an empty table may come as an empty map. */
int spec_read_texts(const struct spec_reader *r, const struct value *map, const char *key, size_t max,
                    const char *const **out, size_t *n) {
    const struct value *v = value_get(map, key);
    if (v->kind == VALUE_NIL || (v->kind == VALUE_MAP && v->len == 0)) {
        return 0;
    }
    if (v->kind != VALUE_ARRAY || v->len > SPEC_LIST_MAX) {
        return spec_refuse(r, "'%s' must be a list of at most %d texts", key, SPEC_LIST_MAX);
    }
    const char **texts = arena_alloc(r->a, v->len * sizeof *texts + 1);
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value *item = &v->items[i];
        bool ok = item->kind == VALUE_STR && item->len > 0 && item->len <= max && strlen(item->s) == item->len;
        if (!ok || text_utf8_valid(item->s, item->len) != item->len) {
            return spec_refuse(r, "'%s' must be a list of texts of at most %zu bytes", key, max);
        }
        texts[i] = arena_dup(r->a, item->s, item->len);
    }
    *out = texts;
    *n = v->len;
    return 0;
}

/* ---- names ------------------------------------------------------------------------------------------------------ */
static bool name_part_ok(const char *s, size_t n) {
    return n > 0 && s[0] >= 'a' && s[0] <= 'z' && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") >= n;
}

bool spec_name_ok(const char *name, bool dots) {
    if (strlen(name) > SPEC_NAME_MAX) {
        return false;
    }
    for (const char *part = name;;) {
        size_t n = dots ? strcspn(part, ".") : strlen(part);
        if (!name_part_ok(part, n)) {
            return false;
        }
        if (!part[n]) {
            return true;
        }
        part += n + 1;
    }
}

bool spec_reserved(const char *name) {
    static const char *const names[] = {"json",     "jsonl",   "quiet",   "verbose", "no-daemon", "timeout", "color",
                                        "no-pager", "dry-run", "version", "help",    "store",     "config"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

const char *spec_type_name(enum arg_type type) {
#define X(id, name, word) [id] = name,
    static const char *const names[] = {SPEC_TYPES(X)};
#undef X
    return names[type];
}

const struct arg_spec *spec_arg(const struct command_spec *spec, const char *name) {
    for (size_t i = 0; i < spec->nargs; i++) {
        if (strcmp(spec->args[i].name, name) == 0) {
            return &spec->args[i];
        }
    }
    return NULL;
}

const struct arg_spec *spec_letter(const struct command_spec *spec, char letter) {
    for (size_t i = 0; letter && i < spec->nargs; i++) {
        if (spec->args[i].letter == letter) {
            return &spec->args[i];
        }
    }
    return NULL;
}

/* ---- the contribution ------------------------------------------------------------------------------------------- */
static int read_identity(struct spec_reader *r, struct command_spec *spec) {
    static const char *const kinds[] = {"command", "importer", "summariser", "exporter"};
    enum { KINDS = sizeof kinds / sizeof kinds[0] };
    const char *kind = value_cstr(value_get(r->map, "kind"), "");
    const struct value *name = value_get(r->map, "name");
    for (int i = 0; i < KINDS; i++) {
        spec->kind = strcmp(kinds[i], kind) == 0 ? kinds[i] : spec->kind;
    }
    r->name = name->kind == VALUE_STR ? args_quote(r->a, name->s, name->len) : "?";
    if (!spec->kind) {
        return spec_refuse(r, "unknown kind '%s'%s", args_quote(r->a, kind, strlen(kind)),
                           spec_near(r->a, kind, kinds, KINDS));
    }
    r->kind = spec->kind;
    int rc = spec_read_text(r, r->map, "name", 4 * SPEC_NAME_MAX, &spec->name);
    if (rc < 0 || (spec->name && spec_name_ok(spec->name, true))) {
        return rc;
    }
    return spec_refuse(r, "a name is needed, made of a-z, 0-9 and '-', in parts joined by dots");
}

static int read_aliases(const struct spec_reader *r, struct command_spec *spec) {
    int rc = spec_read_texts(r, r->map, "aliases", SPEC_NAME_MAX, &spec->aliases, &spec->naliases);
    for (size_t i = 0; rc == 0 && i < spec->naliases; i++) {
        if (!spec_name_ok(spec->aliases[i], true) || strcmp(spec->aliases[i], spec->name) == 0) {
            rc = spec_refuse(r, "the alias '%s' is no further name",
                             args_quote(r->a, spec->aliases[i], strlen(spec->aliases[i])));
        }
    }
    return rc;
}

static int read_returns(const struct spec_reader *r, struct command_spec *spec) {
    const char *text = "nil";
    int rc = spec_read_text(r, r->map, "returns", SHAPE_TEXT_MAX, &text);
    if (rc < 0) {
        return rc;
    }
    struct err why;
    err_init(&why);
    rc = shape_parse(r->a, text, &spec->returns, &why);
    return rc < 0 ? spec_refuse(r, "%s", why.message) : 0;
}

static int read_place(const struct spec_reader *r, struct command_spec *spec) {
    bool has = false;
    double line = 0;
    int rc = spec_read_text(r, r->map, "file", 4096, &spec->file);
    rc = rc < 0 ? rc : spec_read_number(r, r->map, "line", &has, &line);
    spec->line = line > 0 && line < 1e9 ? (int)line : 0;
    return rc;
}

static int read_words(const struct spec_reader *r, struct command_spec *spec) {
    int rc = spec_read_text(r, r->map, "doc", SPEC_DOC_MAX, &spec->doc);
    if (rc == 0 && !*spec->doc) {
        return spec_refuse(r, "'doc' is missing: one line that says what it does");
    }
    rc = rc < 0 ? rc : spec_read_texts(r, r->map, "columns", 128, &spec->columns, &spec->ncolumns);
    rc = rc < 0 ? rc : spec_read_texts(r, r->map, "examples", 512, &spec->examples, &spec->nexamples);
    rc = rc < 0 ? rc : spec_read_bool(r, r->map, "pager", &spec->pager);
    rc = rc < 0 ? rc : spec_read_bool(r, r->map, "writes", &spec->writes);
    return rc < 0 ? rc : spec_read_bool(r, r->map, "hidden", &spec->hidden);
}

int spec_parse(struct arena *a, const char *plugin, const struct value *contribution, const struct command_spec **out,
               struct err *err) {
    struct command_spec *spec = arena_zalloc(a, sizeof *spec);
    struct spec_reader r = {
        .a = a, .plugin = plugin, .kind = "contribution", .name = "?", .map = contribution, .err = err};
    spec->plugin = arena_strdup(a, plugin);
    spec->doc = spec->file = "";
    int rc = contribution->kind == VALUE_MAP ? read_identity(&r, spec) : spec_refuse(&r, "must be a map");
    rc = rc < 0 ? rc : read_place(&r, spec);
    rc = rc < 0 ? rc : read_words(&r, spec);
    rc = rc < 0 ? rc : read_aliases(&r, spec);
    rc = rc < 0 ? rc : spec_read_args(&r, &spec->args, &spec->nargs);
    rc = rc < 0 ? rc : read_returns(&r, spec);
    *out = spec;
    return rc;
}
