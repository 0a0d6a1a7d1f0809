/* args_value.c - one value of one argument.
 *
 * Two ways in, text and values, that meet as early as they can: what a value may also be written as (a date, a
 * duration, tags) goes through the reading of text. Messages name the argument as the person writes it. Must not know
 * options, positions, or the store: text that names an event or a note stays text.
 */
#include "host/args_value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"

enum { QUOTE_BYTES = 60, PATH_BYTES = 4095, TAG_BYTES = 200 };

const char *args_quote(struct arena *a, const char *s, size_t n) {
    struct buf safe = BUF_INIT;
    size_t cut = text_utf8_cut(s, n, QUOTE_BYTES);
    text_safe(&safe, s, cut, false);
    if (cut < n) {
        buf_adds(&safe, "...");
    }
    char *quoted = arena_dup(a, safe.data, safe.len);
    buf_release(&safe);
    return quoted;
}

const char *args_label(struct arena *a, const struct arg_spec *arg) {
    char *label = arena_printf(a, arg->flag ? "--%s" : "%s", arg->name);
    for (char *p = label; *p && !arg->flag; p++) {
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    }
    return label;
}

static int wants(const struct args_reader *r, const struct arg_spec *arg, const char *what, const char *got,
                 struct err *err) {
    return err_set(err, E_USAGE, "'%s %s' wants %s, not %s", r->command, args_label(r->a, arg), what, got);
}

static int wants_text(const struct args_reader *r, const struct arg_spec *arg, const char *what, const char *text,
                      struct err *err) {
    const char *got = arena_printf(r->a, "'%s'", args_quote(r->a, text, strlen(text)));
    return wants(r, arg, what, got, err);
}

/* ---- numbers ---------------------------------------------------------------------------------------------------- */
static int check_range(const struct args_reader *r, const struct arg_spec *arg, double n, struct err *err) {
    const char *got = arena_printf(r->a, "%.15g", n);
    if (arg->has_min && n < arg->min) {
        return wants(r, arg, arena_printf(r->a, "at least %.15g", arg->min), got, err);
    }
    if (arg->has_max && n > arg->max) {
        return wants(r, arg, arena_printf(r->a, "at most %.15g", arg->max), got, err);
    }
    return 0;
}

int args_value_count(const struct args_reader *r, const struct arg_spec *arg, size_t n, struct err *err) {
    double count = (double)n;
    if (arg->has_min && count < arg->min) {
        return wants(r, arg, arena_printf(r->a, "at least %.15g values", arg->min), arena_printf(r->a, "%zu", n), err);
    }
    if (arg->has_max && count > arg->max) {
        return wants(r, arg, arena_printf(r->a, "at most %.15g values", arg->max), arena_printf(r->a, "%zu", n), err);
    }
    return 0;
}

static int text_int(const struct args_reader *r, const struct arg_spec *arg, const char *text, struct value *out,
                    struct err *err) {
    const char *digits = text + (*text == '-' || *text == '+');
    if (!*digits || digits[strspn(digits, "0123456789")]) {
        return wants_text(r, arg, "a whole number", text, err);
    }
    errno = 0;
    *out = value_int(strtoll(text, NULL, 10));
    return errno ? wants_text(r, arg, "a smaller number", text, err) : check_range(r, arg, (double)out->i, err);
}

static int text_number(const struct args_reader *r, const struct arg_spec *arg, const char *text, struct value *out,
                       struct err *err) {
    char *end;
    *out = value_float(strtod(text, &end));
    bool plain = *text && !text[strspn(text, "0123456789+-.eE")];
    if (!plain || *end || !isfinite(out->f)) {
        return wants_text(r, arg, "a number", text, err);
    }
    return check_range(r, arg, out->f, err);
}

static int text_bool(const struct args_reader *r, const struct arg_spec *arg, const char *text, struct value *out,
                     struct err *err) {
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], text) == 0) {
            *out = value_bool(i % 2);
            return 0;
        }
    }
    return wants_text(r, arg, "yes or no", text, err);
}

/* ---- words ------------------------------------------------------------------------------------------------------ */
static int text_enum(const struct args_reader *r, const struct arg_spec *arg, const char *text, struct value *out,
                     struct err *err) {
    struct buf all = BUF_INIT;
    for (size_t i = 0; i < arg->nchoices; i++) {
        if (strcmp(arg->choices[i], text) == 0) {
            *out = value_str(r->a, text);
            buf_release(&all);
            return 0;
        }
        buf_adds(&all, i ? ", " : arg->nchoices > 1 ? "one of " : "");
        buf_adds(&all, arg->choices[i]);
    }
    const char *near = strlen(text) <= SPEC_NAME_MAX ? text_nearest(text, arg->choices, arg->nchoices) : NULL;
    const char *got = arena_printf(r->a, "'%s'%s%s%s", args_quote(r->a, text, strlen(text)),
                                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    int rc = wants(r, arg, all.data, got, err);
    buf_release(&all);
    return rc;
}

static int text_path(const struct args_reader *r, const struct arg_spec *arg, const char *text, struct value *out,
                     struct err *err) {
    if (!*text || strlen(text) > PATH_BYTES) {
        return wants_text(r, arg, "a path", text, err);
    }
    if (!r->cwd || strcmp(text, "-") == 0) {
        *out = value_str(r->a, text);
        return 0;
    }
    struct buf path = BUF_INIT;
    path_absolute(&path, r->cwd, text);
    *out = value_strn(r->a, path.data, path.len);
    buf_release(&path);
    return 0;
}

static int text_date(const struct args_reader *r, const struct arg_spec *arg, const char *text, struct value *out,
                     struct err *err) {
    char date[CLOCK_TEXT];
    if (!clock_parse_civil(text, strlen(text), date)) {
        return wants_text(r, arg, "a date (YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHH:MM)", text, err);
    }
    *out = value_str(r->a, date);
    return 0;
}

static int text_duration(const struct args_reader *r, const struct arg_spec *arg, const char *text, struct value *out,
                         struct err *err) {
    int64_t ms = 0;
    if (!clock_parse_duration(text, strlen(text), &ms)) {
        return wants_text(r, arg, "a duration like 90s, 5m, 2h or 1d", text, err);
    }
    *out = value_int(ms);
    return 0;
}

/* ---- tags ------------------------------------------------------------------------------------------------------- */
struct value args_value_tagedit(struct arena *a) {
    struct value edit = value_map(a, 2);
    value_set(a, &edit, "add", value_array(a, 0));
    value_set(a, &edit, "remove", value_array(a, 0));
    return edit;
}

int args_value_tag(const struct args_reader *r, const struct arg_spec *arg, const char *word, struct value *edit,
                   struct err *err) {
    bool sign = *word == '+' || *word == '-';
    size_t n = sign ? strlen(word + 1) : 0;
    bool plain = n > 0 && n <= TAG_BYTES && !word[1 + strcspn(word + 1, " \t\n,")];
    if (!plain || text_utf8_valid(word, n + 1) != n + 1) {
        return wants_text(r, arg, "+tag or -tag", word, err);
    }
    struct value *list = &edit->pairs[*word == '+' ? 0 : 1].val;
    value_push(r->a, list, value_str(r->a, word + 1));
    return 0;
}

static int text_tagedit(const struct args_reader *r, const struct arg_spec *arg, const char *text, struct value *out,
                        struct err *err) {
    *out = args_value_tagedit(r->a);
    int rc = text[strspn(text, " ")] ? 0 : wants_text(r, arg, "+tag or -tag", text, err);
    for (const char *p = text + strspn(text, " "); rc == 0 && *p;) {
        size_t n = strcspn(p, " ");
        rc = args_value_tag(r, arg, arena_dup(r->a, p, n), out, err);
        p += n;
        p += strspn(p, " ");
    }
    return rc;
}

/* ---- text to a value -------------------------------------------------------------------------------------------- */
int args_value_text(const struct args_reader *r, const struct arg_spec *arg, const char *text, struct value *out,
                    struct err *err) {
    if (arg->type != ARG_PATH && text_utf8_valid(text, strlen(text)) != strlen(text)) {
        return wants_text(r, arg, "UTF-8 text", text, err);
    }
    switch (arg->type) {
    case ARG_INT:
        return text_int(r, arg, text, out, err);
    case ARG_NUMBER:
        return text_number(r, arg, text, out, err);
    case ARG_BOOL:
        return text_bool(r, arg, text, out, err);
    case ARG_ENUM:
        return text_enum(r, arg, text, out, err);
    case ARG_PATH:
        return text_path(r, arg, text, out, err);
    case ARG_DATE:
        return text_date(r, arg, text, out, err);
    case ARG_DURATION:
        return text_duration(r, arg, text, out, err);
    case ARG_TAGEDIT:
        return text_tagedit(r, arg, text, out, err);
    case ARG_EVENT:
    case ARG_TALK:
    case ARG_NOTE:
    case ARG_PERSON:
        if (!*text) {
            return wants_text(r, arg, "a name or an id", text, err);
        }
        break;
    case ARG_STRING:
    case ARG_QUERY:
    case ARG_LIST:
        break;
    }
    *out = value_str(r->a, text);
    return 0;
}

/* ---- a value to a value ----------------------------------------------------------------------------------------- */
static const char *called(const struct value *v) {
    static const char *const names[] = {
        [VALUE_NIL] = "nothing", [VALUE_BOOL] = "true or false", [VALUE_INT] = "a number", [VALUE_FLOAT] = "a number",
        [VALUE_STR] = "text",    [VALUE_BIN] = "bytes",          [VALUE_ARRAY] = "a list", [VALUE_MAP] = "a map",
    };
    return v->kind <= VALUE_MAP ? names[v->kind] : "that";
}

static int wrong_kind(const struct args_reader *r, const struct arg_spec *arg, const struct value *v, struct err *err) {
    static const char *const words[] = {
        [ARG_STRING] = "text",        [ARG_INT] = "a whole number",   [ARG_NUMBER] = "a number",
        [ARG_BOOL] = "true or false", [ARG_ENUM] = "a word",          [ARG_PATH] = "a path",
        [ARG_DATE] = "a date",        [ARG_DURATION] = "a duration",  [ARG_EVENT] = "an event",
        [ARG_TALK] = "a talk",        [ARG_NOTE] = "a note",          [ARG_PERSON] = "a person",
        [ARG_QUERY] = "query text",   [ARG_TAGEDIT] = "+tag or -tag", [ARG_LIST] = "a list",
    };
    return wants(r, arg, words[arg->type], called(v), err);
}

static int typed_text(const struct args_reader *r, const struct arg_spec *arg, const struct value *v, struct value *out,
                      struct err *err) {
    if (v->kind != VALUE_STR && v->kind != VALUE_BIN) {
        return wrong_kind(r, arg, v, err);
    }
    const char *text = arena_dup(r->a, v->s, v->len);
    bool whole = strlen(text) == v->len;
    if (whole) {
        return args_value_text(r, arg, text, out, err);
    }
    /* NUL is a character like any other in plain text, and in nothing else. */
    if (arg->type != ARG_STRING || text_utf8_valid(v->s, v->len) != v->len) {
        return wants_text(r, arg, "text without NUL", text, err);
    }
    *out = value_strn(r->a, v->s, v->len);
    return 0;
}

static int typed_number(const struct args_reader *r, const struct arg_spec *arg, const struct value *v,
                        struct value *out, struct err *err) {
    if (v->kind != VALUE_INT && v->kind != VALUE_FLOAT) {
        return wrong_kind(r, arg, v, err);
    }
    double number = value_tofloat(v, 0);
    int64_t whole = value_toint(v, INT64_MIN);
    if (!isfinite(number) || (arg->type != ARG_NUMBER && whole == INT64_MIN)) {
        return wants(r, arg, arg->type == ARG_NUMBER ? "a number" : "a whole number",
                     arena_printf(r->a, "%.15g", number), err);
    }
    *out = arg->type == ARG_NUMBER ? value_float(number) : value_int(whole);
    if (arg->type == ARG_DURATION) {
        return whole < 0 ? wants(r, arg, "milliseconds of 0 or more", arena_printf(r->a, "%.15g", number), err) : 0;
    }
    return check_range(r, arg, number, err);
}

/* An object in place of its id. */
static int typed_entity(const struct args_reader *r, const struct arg_spec *arg, const struct value *v,
                        struct value *out, struct err *err) {
    const struct value *id = value_get(v, "id");
    return typed_text(r, arg, v->kind == VALUE_MAP && id->kind == VALUE_STR ? id : v, out, err);
}

static int typed_query(const struct args_reader *r, const struct arg_spec *arg, const struct value *v,
                       struct value *out, struct err *err) {
    if (v->kind != VALUE_ARRAY) {
        return typed_text(r, arg, v, out, err);
    }
    struct buf words = BUF_INIT;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < v->len; i++) {
        struct value word = value_nil;
        rc = typed_text(r, arg, &v->items[i], &word, err);
        if (rc == 0) {
            buf_adds(&words, i ? " " : "");
            buf_adds(&words, word.s);
        }
    }
    *out = value_strn(r->a, words.data, words.len);
    buf_release(&words);
    return rc;
}

static int typed_tags(const struct args_reader *r, const struct arg_spec *arg, const struct value *list,
                      const char *sign, struct value *out, struct err *err) {
    int rc = list->kind == VALUE_NIL || list->kind == VALUE_ARRAY ? 0 : wrong_kind(r, arg, list, err);
    for (uint32_t i = 0; rc == 0 && list->kind == VALUE_ARRAY && i < list->len; i++) {
        const struct value *item = &list->items[i];
        rc = item->kind == VALUE_STR && strlen(item->s) == item->len
                 ? args_value_tag(r, arg, arena_printf(r->a, "%s%s", sign, item->s), out, err)
                 : wrong_kind(r, arg, item, err);
    }
    return rc;
}

static int typed_tagedit(const struct args_reader *r, const struct arg_spec *arg, const struct value *v,
                         struct value *out, struct err *err) {
    if (v->kind == VALUE_STR) {
        return typed_text(r, arg, v, out, err);
    }
    *out = args_value_tagedit(r->a);
    if (v->kind == VALUE_MAP) {
        int rc = typed_tags(r, arg, value_get(v, "add"), "+", out, err);
        return rc < 0 ? rc : typed_tags(r, arg, value_get(v, "remove"), "-", out, err);
    }
    return v->kind == VALUE_ARRAY ? typed_tags(r, arg, v, "", out, err) : wrong_kind(r, arg, v, err);
}

static int typed_list(const struct args_reader *r, const struct arg_spec *arg, const struct value *v, struct value *out,
                      struct err *err) {
    bool empty = v->kind == VALUE_MAP && v->len == 0;
    const struct value *items = v->kind == VALUE_ARRAY ? v->items : v;
    uint32_t n = v->kind == VALUE_ARRAY ? v->len : empty ? 0 : 1;
    *out = value_array(r->a, n);
    for (uint32_t i = 0; i < n; i++) {
        struct value item = value_nil;
        int rc = args_value_typed(r, arg->item, &items[i], &item, err);
        if (rc < 0) {
            return rc;
        }
        value_push(r->a, out, item);
    }
    return args_value_count(r, arg, n, err);
}

int args_value_typed(const struct args_reader *r, const struct arg_spec *arg, const struct value *v, struct value *out,
                     struct err *err) {
    switch (arg->type) {
    case ARG_INT:
    case ARG_NUMBER:
        return typed_number(r, arg, v, out, err);
    case ARG_DURATION:
        return v->kind == VALUE_STR ? typed_text(r, arg, v, out, err) : typed_number(r, arg, v, out, err);
    case ARG_BOOL:
        *out = *v;
        return v->kind == VALUE_BOOL ? 0 : wrong_kind(r, arg, v, err);
    case ARG_EVENT:
    case ARG_TALK:
    case ARG_NOTE:
    case ARG_PERSON:
        return typed_entity(r, arg, v, out, err);
    case ARG_QUERY:
        return typed_query(r, arg, v, out, err);
    case ARG_TAGEDIT:
        return typed_tagedit(r, arg, v, out, err);
    case ARG_LIST:
        return typed_list(r, arg, v, out, err);
    case ARG_STRING:
    case ARG_ENUM:
    case ARG_PATH:
    case ARG_DATE:
        break;
    }
    return typed_text(r, arg, v, out, err);
}

/* Defaults were checked when they were declared; only where "." is was not known then. */
struct value args_value_default(const struct args_reader *r, const struct arg_spec *arg) {
    const struct arg_spec *leaf = arg->type == ARG_LIST ? arg->item : arg;
    struct value out;
    if (leaf->type != ARG_PATH || arg->fallback.kind == VALUE_NIL ||
        args_value_typed(r, arg, &arg->fallback, &out, NULL) < 0) {
        return arg->fallback;
    }
    return out;
}
