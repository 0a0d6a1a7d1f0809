/* spec_args.c - the arguments of a contribution: each alone, then all together.
 *
 * An argument is refused when a key does not belong to its type, so that nothing an author wrote is silently without
 * effect. Defaults are read by the same code that reads what callers pass. Must not know what a command does.
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "host/args_value.h"
#include "host/spec_priv.h"

/* ---- one argument ----------------------------------------------------------------------------------------------- */
static int check_arg_keys(const struct spec_reader *r, const struct value *v) {
    static const char *const keys[] = {"name",    "type", "doc",  "default", "min",      "max",
                                       "choices", "mode", "flag", "short",   "required", "item"};
    enum { KEYS = sizeof keys / sizeof keys[0] };
    for (uint32_t i = 0; v->kind == VALUE_MAP && i < v->len; i++) {
        const char *key = value_cstr(&v->pairs[i].key, "");
        size_t k = 0;
        while (k < KEYS && strcmp(keys[k], key) != 0) {
            k++;
        }
        if (k == KEYS) {
            return spec_refuse(r, "an argument has the unknown key '%s'%s", args_quote(r->a, key, strlen(key)),
                               spec_near(r->a, key, keys, KEYS));
        }
    }
    return 0;
}

static int read_name(const struct spec_reader *r, const struct value *v, struct arg_spec *arg) {
    int rc = spec_read_text(r, v, "name", 4 * SPEC_NAME_MAX, &arg->name);
    if (rc < 0) {
        return rc;
    }
    if (!arg->name) {
        return spec_refuse(r, "an argument has no name");
    }
    if (!spec_name_ok(arg->name, false)) {
        return spec_refuse(r, "the argument name '%s' is not made of a-z, 0-9 and '-'",
                           args_quote(r->a, arg->name, strlen(arg->name)));
    }
    return spec_reserved(arg->name) ? spec_refuse(r, "argument '%s' has the name of a global option", arg->name) : 0;
}

static int read_type(const struct spec_reader *r, const struct value *v, struct arg_spec *arg) {
#define X(id, name, word) name,
    static const char *const types[] = {SPEC_TYPES(X)};
#undef X
    enum { TYPES = sizeof types / sizeof types[0] };
    const char *type = NULL;
    int rc = spec_read_text(r, v, "type", 4 * SPEC_NAME_MAX, &type);
    if (rc < 0) {
        return rc;
    }
    for (int i = 0; type && i < TYPES; i++) {
        if (strcmp(types[i], type) == 0) {
            arg->type = (enum arg_type)i;
            return 0;
        }
    }
    return type ? spec_refuse(r, "argument '%s' has the unknown type '%s'%s", arg->name,
                              args_quote(r->a, type, strlen(type)), spec_near(r->a, type, types, TYPES))
                : spec_refuse(r, "argument '%s' has no type", arg->name);
}

static int read_mode(const struct spec_reader *r, const struct value *v, struct arg_spec *arg) {
    static const char *const modes[] = {"read", "write", "folder", "edit"};
    const struct value *mode = value_get(v, "mode");
    if (mode->kind == VALUE_NIL) {
        return 0;
    }
    for (int i = 0; arg->type == ARG_PATH && i < 4; i++) {
        if (value_eqs(mode, modes[i])) {
            arg->mode = (enum path_mode)i;
            return 0;
        }
    }
    return arg->type == ARG_PATH
               ? spec_refuse(r, "argument '%s': 'mode' is \"read\", \"write\", \"folder\" or \"edit\"", arg->name)
               : spec_refuse(r, "argument '%s': 'mode' is for paths", arg->name);
}

/* Exact as a double and as an integer. */
static bool countable(double n) {
    return n == trunc(n) && fabs(n) <= 9007199254740992.0;
}

static int read_limits(const struct spec_reader *r, const struct value *v, struct arg_spec *arg) {
    int rc = spec_read_number(r, v, "min", &arg->has_min, &arg->min);
    rc = rc < 0 ? rc : spec_read_number(r, v, "max", &arg->has_max, &arg->max);
    if (rc < 0 || (!arg->has_min && !arg->has_max)) {
        return rc;
    }
    if (arg->type != ARG_INT && arg->type != ARG_NUMBER && arg->type != ARG_LIST) {
        return spec_refuse(r, "argument '%s': 'min' and 'max' are for int, number and list", arg->name);
    }
    if (arg->type != ARG_NUMBER && !(countable(arg->min) && countable(arg->max))) {
        return spec_refuse(r, "argument '%s': 'min' and 'max' must be whole numbers", arg->name);
    }
    bool crossed = arg->has_min && arg->has_max && arg->min > arg->max;
    return crossed ? spec_refuse(r, "argument '%s': 'min' is above 'max'", arg->name) : 0;
}

static int read_choices(const struct spec_reader *r, const struct value *v, struct arg_spec *arg) {
    int rc = spec_read_texts(r, v, "choices", SPEC_NAME_MAX, &arg->choices, &arg->nchoices);
    if (rc < 0) {
        return rc;
    }
    if ((arg->type == ARG_ENUM) == (arg->nchoices > 0)) {
        return 0;
    }
    return arg->type == ARG_ENUM ? spec_refuse(r, "argument '%s': an enum needs its 'choices'", arg->name)
                                 : spec_refuse(r, "argument '%s': 'choices' are for enum", arg->name);
}

static int read_type_and_more(const struct spec_reader *r, const struct value *v, struct arg_spec *arg) {
    int rc =
        v->kind == VALUE_MAP ? read_type(r, v, arg) : spec_refuse(r, "argument '%s': a type must be a map", arg->name);
    rc = rc < 0 ? rc : read_mode(r, v, arg);
    rc = rc < 0 ? rc : read_limits(r, v, arg);
    return rc < 0 ? rc : read_choices(r, v, arg);
}

/* `item` is a type like { type = "path", mode = "read" }, or only its name. */
static int read_item(const struct spec_reader *r, const struct value *v, struct arg_spec *arg) {
    const struct value *item = value_get(v, "item");
    if ((arg->type == ARG_LIST) != (item->kind != VALUE_NIL)) {
        return spec_refuse(r, "argument '%s': a list, and only a list, needs its 'item'", arg->name);
    }
    if (arg->type != ARG_LIST) {
        return 0;
    }
    struct value map = *item;
    if (item->kind == VALUE_STR) {
        map = value_map(r->a, 1);
        value_set(r->a, &map, "type", *item);
    }
    struct arg_spec *inner = arena_zalloc(r->a, sizeof *inner);
    inner->name = arg->name;
    inner->doc = "";
    int rc = check_arg_keys(r, &map);
    rc = rc < 0 ? rc : read_type_and_more(r, &map, inner);
    if (rc < 0) {
        return rc;
    }
    switch (inner->type) {
    case ARG_LIST:
    case ARG_QUERY:
    case ARG_TAGEDIT:
    case ARG_BOOL:
        return spec_refuse(r, "argument '%s': there is no list of %s", arg->name, spec_type_name(inner->type));
    default:
        arg->item = inner;
        return 0;
    }
}

static int read_letter(const struct spec_reader *r, const struct value *v, struct arg_spec *arg) {
    const char *text = NULL;
    int rc = spec_read_text(r, v, "short", 8, &text);
    if (rc < 0 || !text) {
        return rc;
    }
    bool letter = strlen(text) == 1 && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') ||
                                        (text[0] >= '0' && text[0] <= '9'));
    if (!letter) {
        return spec_refuse(r, "argument '%s': 'short' is one letter or digit", arg->name);
    }
    if (strchr("hqvV", text[0])) {
        return spec_refuse(r, "argument '%s': -%s is a global option", arg->name, text);
    }
    arg->letter = text[0];
    return arg->flag ? 0 : spec_refuse(r, "argument '%s': 'short' is for flags", arg->name);
}

static int read_default(const struct spec_reader *r, const struct value *v, struct arg_spec *arg) {
    const struct value *given = value_get(v, "default");
    arg->required = !arg->flag && given->kind == VALUE_NIL;
    bool said = value_get(v, "required")->kind != VALUE_NIL;
    int rc = spec_read_bool(r, v, "required", &arg->required);
    if (rc < 0 || given->kind == VALUE_NIL) {
        return rc;
    }
    if (said && arg->required) {
        return spec_refuse(r, "argument '%s' has a default, so it cannot be required", arg->name);
    }
    struct args_reader values = {.a = r->a, .command = r->name, .cwd = NULL};
    struct err why;
    err_init(&why);
    if (args_value_typed(&values, arg, given, &arg->fallback, &why) < 0) {
        return spec_refuse(r, "the default of argument '%s': %s", arg->name, why.message);
    }
    return 0;
}

static int read_arg(const struct spec_reader *r, const struct value *v, struct arg_spec *arg) {
    if (v->kind != VALUE_MAP) {
        return spec_refuse(r, "an argument must be a map, not a %s", value_kind_name((enum value_kind)v->kind));
    }
    arg->doc = "";
    int rc = check_arg_keys(r, v);
    rc = rc < 0 ? rc : read_name(r, v, arg);
    rc = rc < 0 ? rc : spec_read_text(r, v, "doc", SPEC_DOC_MAX, &arg->doc);
    rc = rc < 0 ? rc : read_type_and_more(r, v, arg);
    rc = rc < 0 ? rc : read_item(r, v, arg);
    rc = rc < 0 ? rc : spec_read_bool(r, v, "flag", &arg->flag);
    rc = rc < 0 ? rc : read_letter(r, v, arg);
    return rc < 0 ? rc : read_default(r, v, arg);
}

/* ---- all arguments together ------------------------------------------------------------------------------------- */
static int check_positionals(const struct spec_reader *r, const struct arg_spec *args, size_t n) {
    const struct arg_spec *optional = NULL, *rest = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct arg_spec *arg = &args[i];
        if (arg->flag) {
            continue;
        }
        if (rest) {
            return spec_refuse(r, "'%s' takes all that follows, so '%s' cannot come after it", rest->name, arg->name);
        }
        if (optional && arg->required) {
            return spec_refuse(r, "'%s' is required, so it cannot come after '%s', which is not", arg->name,
                               optional->name);
        }
        rest = arg->type == ARG_LIST || arg->type == ARG_QUERY ? arg : NULL;
        optional = arg->required ? optional : arg;
    }
    return 0;
}

static bool negates(const struct arg_spec *a, const struct arg_spec *b) {
    return a->flag && a->type == ARG_BOOL && strncmp(b->name, "no-", 3) == 0 && strcmp(b->name + 3, a->name) == 0;
}

static int check_pair(const struct spec_reader *r, const struct arg_spec *a, const struct arg_spec *b) {
    if (strcmp(a->name, b->name) == 0) {
        return spec_refuse(r, "two arguments are called '%s'", a->name);
    }
    if (negates(a, b) || negates(b, a)) {
        return spec_refuse(r, "'%s' and '%s' would answer to the same option", a->name, b->name);
    }
    if (a->letter && a->letter == b->letter) {
        return spec_refuse(r, "'%s' and '%s' are both -%c", a->name, b->name, a->letter);
    }
    return 0;
}

static int check_names(const struct spec_reader *r, const struct arg_spec *args, size_t n) {
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (args[i].flag && args[i].type == ARG_BOOL && spec_reserved(arena_printf(r->a, "no-%s", args[i].name))) {
            return spec_refuse(r, "--no-%s is a global option", args[i].name);
        }
        for (size_t j = 0; rc == 0 && j < i; j++) {
            rc = check_pair(r, &args[j], &args[i]);
        }
    }
    return rc;
}

int spec_read_args(const struct spec_reader *r, const struct arg_spec **out, size_t *n) {
    const struct value *list = value_get(r->map, "args");
    if (list->kind == VALUE_NIL || (list->kind == VALUE_MAP && list->len == 0)) {
        return 0;
    }
    if (list->kind != VALUE_ARRAY || list->len > SPEC_ARGS_MAX) {
        return spec_refuse(r, "'args' must be a list of at most %d arguments", SPEC_ARGS_MAX);
    }
    struct arg_spec *args = arena_zalloc(r->a, list->len * sizeof *args + 1);
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < list->len; i++) {
        rc = read_arg(r, &list->items[i], &args[i]);
    }
    rc = rc < 0 ? rc : check_names(r, args, list->len);
    *out = args;
    *n = list->len;
    return rc < 0 ? rc : check_positionals(r, args, list->len);
}
