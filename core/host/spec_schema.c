/* spec_schema.c - a spec told to programs: the describe entry and the JSON Schema of the arguments.
 *
 * Both are derived from the spec alone, so that what a program reads and what the host accepts are one thing.
 */
#include "host/spec.h"

#include "base/buf.h"

const char *spec_type_text(struct arena *a, const struct arg_spec *arg) {
    static const char *const modes[] = {"read", "write", "folder", "edit"};
    if (arg->type == ARG_LIST) {
        return arena_printf(a, "list(%s)", spec_type_text(a, arg->item));
    }
    if (arg->type == ARG_PATH) {
        return arena_printf(a, "path(%s)", modes[arg->mode]);
    }
    if (arg->type != ARG_ENUM) {
        return spec_type_name(arg->type);
    }
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < arg->nchoices; i++) {
        buf_adds(&text, i ? "|" : "enum(");
        buf_adds(&text, arg->choices[i]);
    }
    buf_addc(&text, ')');
    char *copy = arena_dup(a, text.data, text.len);
    buf_release(&text);
    return copy;
}

static struct value describe_arg(struct arena *a, const struct arg_spec *arg) {
    struct value v = value_map(a, 6);
    value_set(a, &v, "name", value_lit(arg->name));
    value_set(a, &v, "type", value_lit(spec_type_text(a, arg)));
    value_set(a, &v, "doc", value_lit(arg->doc));
    value_set(a, &v, "default", arg->fallback);
    value_set(a, &v, "required", value_bool(arg->required));
    value_set(a, &v, "flag", value_bool(arg->flag));
    return v;
}

struct value spec_describe(struct arena *a, const struct command_spec *spec, const char *version) {
    struct value args = value_array(a, (uint32_t)spec->nargs);
    for (size_t i = 0; i < spec->nargs; i++) {
        value_push(a, &args, describe_arg(a, &spec->args[i]));
    }
    struct value v = value_map(a, 11);
    value_set(a, &v, "kind", value_lit(spec->kind));
    value_set(a, &v, "name", value_lit(spec->name));
    value_set(a, &v, "doc", value_lit(spec->doc));
    value_set(a, &v, "plugin", value_lit(spec->plugin));
    value_set(a, &v, "version", value_lit(version));
    value_set(a, &v, "file", value_lit(*spec->file ? spec->file : NULL));
    value_set(a, &v, "line", spec->line ? value_int(spec->line) : value_nil);
    value_set(a, &v, "args", args);
    value_set(a, &v, "returns", value_lit(spec->returns->text));
    value_set(a, &v, "schema", spec_json_schema(a, spec));
    value_set(a, &v, "advice", value_array(a, 0));
    return v;
}

/* ---- JSON Schema ------------------------------------------------------------------------------------------------ */
static void set_text(struct arena *a, struct value *map, const char *key, const char *text) {
    value_set(a, map, key, value_lit(text));
}

static struct value strings(struct arena *a, const char *const *texts, size_t n) {
    struct value list = value_array(a, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        value_push(a, &list, value_lit(texts[i]));
    }
    return list;
}

static void set_limits(struct arena *a, struct value *map, const struct arg_spec *arg, const char *min,
                       const char *max) {
    bool whole = arg->type != ARG_NUMBER;
    if (arg->has_min) {
        value_set(a, map, min, whole ? value_int((int64_t)arg->min) : value_float(arg->min));
    }
    if (arg->has_max) {
        value_set(a, map, max, whole ? value_int((int64_t)arg->max) : value_float(arg->max));
    }
}

static struct value string_list(struct arena *a) {
    struct value item = value_map(a, 1);
    set_text(a, &item, "type", "string");
    struct value list = value_map(a, 2);
    set_text(a, &list, "type", "array");
    value_set(a, &list, "items", item);
    return list;
}

static void tagedit_schema(struct arena *a, struct value *map) {
    struct value fields = value_map(a, 2);
    value_set(a, &fields, "add", string_list(a));
    value_set(a, &fields, "remove", string_list(a));
    set_text(a, map, "type", "object");
    value_set(a, map, "properties", fields);
    value_set(a, map, "additionalProperties", value_bool(false));
}

static struct value arg_schema(struct arena *a, const struct arg_spec *arg);

static void type_schema(struct arena *a, struct value *map, const struct arg_spec *arg) {
    static const char *const date = "^\\d{4}(-\\d{2}(-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2})?.*)?)?)?$";
    switch (arg->type) {
    case ARG_INT:
    case ARG_DURATION:
        set_text(a, map, "type", "integer");
        set_limits(a, map, arg, "minimum", "maximum");
        break;
    case ARG_NUMBER:
        set_text(a, map, "type", "number");
        set_limits(a, map, arg, "minimum", "maximum");
        break;
    case ARG_BOOL:
        set_text(a, map, "type", "boolean");
        break;
    case ARG_TAGEDIT:
        tagedit_schema(a, map);
        break;
    case ARG_LIST:
        set_text(a, map, "type", "array");
        value_set(a, map, "items", arg_schema(a, arg->item));
        set_limits(a, map, arg, "minItems", "maxItems");
        break;
    default:
        set_text(a, map, "type", "string");
        break;
    }
    if (arg->type == ARG_ENUM) {
        value_set(a, map, "enum", strings(a, arg->choices, arg->nchoices));
    } else if (arg->type == ARG_DATE) {
        set_text(a, map, "pattern", date);
    }
}

/* What the type alone does not say; a person's own words come first. */
static const char *description(struct arena *a, const struct arg_spec *arg) {
    static const char *const notes[] = {
        [ARG_PATH] = "a path",
        [ARG_DATE] = "YYYY[-MM[-DD[THH:MM]]]",
        [ARG_DURATION] = "milliseconds",
        [ARG_EVENT] = "id, slug, name and year, or unique name of an event",
        [ARG_TALK] = "id or unique id prefix of a talk",
        [ARG_NOTE] = "id or unique id prefix of a note",
        [ARG_PERSON] = "id or name of a person",
        [ARG_QUERY] = "query text",
        [ARG_LIST] = NULL,
    };
    const char *note = arg->type < ARG_LIST ? notes[arg->type] : NULL;
    if (!*arg->doc || !note) {
        return *arg->doc ? arg->doc : note;
    }
    return arena_printf(a, "%s (%s)", arg->doc, note);
}

static struct value arg_schema(struct arena *a, const struct arg_spec *arg) {
    struct value map = value_map(a, 4);
    type_schema(a, &map, arg);
    const char *text = description(a, arg);
    if (text) {
        set_text(a, &map, "description", text);
    }
    if (arg->fallback.kind != VALUE_NIL) {
        value_set(a, &map, "default", arg->fallback);
    }
    return map;
}

struct value spec_json_schema(struct arena *a, const struct command_spec *spec) {
    struct value fields = value_map(a, (uint32_t)spec->nargs);
    struct value required = value_array(a, 0);
    for (size_t i = 0; i < spec->nargs; i++) {
        const struct arg_spec *arg = &spec->args[i];
        value_set(a, &fields, arg->name, arg_schema(a, arg));
        if (arg->required) {
            value_push(a, &required, value_lit(arg->name));
        }
    }
    struct value schema = value_map(a, 5);
    set_text(a, &schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
    set_text(a, &schema, "type", "object");
    value_set(a, &schema, "properties", fields);
    value_set(a, &schema, "required", required);
    value_set(a, &schema, "additionalProperties", value_bool(false));
    return schema;
}
