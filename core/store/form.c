/* form.c - checks of single fields: kinds, lengths, UTF-8, times, choices, nesting.
 *
 * The one idea: what passes here can be stored as it is; what does not is refused with the field's name and what it
 * wants. Lists of references keep their shape (names or maps) and are walked again by those who look the names up.
 */
#include "store/form_priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"

bool form_is_plain(enum field_kind kind) {
    switch (kind) {
    case FIELD_EVENT:
    case FIELD_SESSION:
    case FIELD_PERSON:
    case FIELD_NOTE:
    case FIELD_TALKS:
    case FIELD_PEOPLE:
    case FIELD_AWARDS:
    case FIELD_TAGS:
    case FIELD_OWN:
        return false;
    default:
        return true;
    }
}

bool form_is_text(const char *s, size_t len) {
    return !memchr(s, '\0', len) && text_utf8_valid(s, len) == len;
}

static int wants(struct err *err, const char *name, const char *what, const struct value *in) {
    return err_set(err, E_USAGE, "field '%s' wants %s, not %s", name, what, value_kind_name(in->kind));
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct value form_line(struct arena *a, const char *s, size_t len) {
    bool clean = true;
    while (len && is_space(s[0])) {
        s++, len--;
    }
    while (len && is_space(s[len - 1])) {
        len--;
    }
    for (size_t i = 0; i < len && clean; i++) {
        clean = !is_space(s[i]) || (s[i] == ' ' && s[i + 1] != ' ');
    }
    char *copy = arena_dup(a, s, len);
    if (clean) {
        return value_litn(copy, len);
    }
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_space(s[i])) {
            copy[out++] = s[i];
        } else if (copy[out - 1] != ' ') {
            copy[out++] = ' ';
        }
    }
    copy[out] = '\0';
    return value_litn(copy, out);
}

/* "Foo." -> "Foo"; "U.S." and "and so on..." stay. */
static void drop_full_stop(struct value *line) {
    if (!line->len || line->s[line->len - 1] != '.') {
        return;
    }
    for (size_t i = line->len - 1; i-- > 0 && line->s[i] != ' ';) {
        if (line->s[i] == '.') {
            return;
        }
    }
    ((char *)(uintptr_t)line->s)[--line->len] = '\0'; /* form_line made the copy */
}

static int check_text(const char *name, const struct value *in, size_t max, struct err *err) {
    if (!value_is(in, VALUE_STR)) {
        return wants(err, name, "text", in);
    }
    if (in->len > max) {
        return err_set(err, E_USAGE, "field '%s' is too long: %u bytes, at most %zu", name, in->len, max);
    }
    return form_is_text(in->s, in->len) ? 0 : err_set(err, E_USAGE, "field '%s' is not valid UTF-8 text", name);
}

static int line(const char *name, const struct value *in, struct arena *a, struct value *out, struct err *err) {
    int rc = check_text(name, in, 8 * FIELD_LINE_MAX, err);
    if (rc) {
        return rc;
    }
    *out = form_line(a, in->s, in->len);
    if (out->len > FIELD_LINE_MAX) {
        return err_set(err, E_USAGE, "field '%s' is too long: %u bytes, at most %d", name, out->len, FIELD_LINE_MAX);
    }
    return 0;
}

static int long_text(const char *name, const struct value *in, struct value *out, struct err *err) {
    int rc = check_text(name, in, FIELD_TEXT_MAX, err);
    *out = rc ? value_nil : *in;
    return rc;
}

static int civil_time(const char *name, const struct value *in, struct arena *a, struct value *out, struct err *err) {
    char normal[CLOCK_TEXT];
    if (!value_is(in, VALUE_STR)) {
        return wants(err, name, "a time as text", in);
    }
    if (!clock_parse_civil(in->s, in->len, normal)) {
        err_set(err, E_USAGE, "field '%s' is no time: '%.60s'", name, in->s);
        return err_hint(err, "write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHH:MM, with an offset where it is stated");
    }
    *out = value_str(a, normal);
    return 0;
}

static int choice(const char *name, const char *const *choices, const struct value *in, struct value *out,
                  struct err *err) {
    size_t count = 0;
    if (!value_is(in, VALUE_STR)) {
        return wants(err, name, "a word", in);
    }
    for (; choices && choices[count]; count++) {
        if (value_eqs(in, choices[count])) {
            *out = value_lit(choices[count]);
            return 0;
        }
    }
    const char *near = count ? text_nearest(in->s, choices, count) : NULL;
    err_set(err, E_USAGE, "field '%s' cannot be '%.60s'", name, in->s);
    return err_hint(err, "did you mean '%s'?", near ? near : count ? choices[0] : "");
}

static int slug(const char *name, const struct value *in, struct value *out, struct err *err) {
    bool good = value_is(in, VALUE_STR) && in->len > 0 && in->len <= 64 && in->s[0] != '-' && in->s[in->len - 1] != '-';
    for (size_t i = 0; good && i < in->len; i++) {
        char c = in->s[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    if (!good) {
        err_set(err, E_USAGE, "field '%s' wants small letters, digits and single hyphens", name);
        return err_hint(err, "like sosp-2017");
    }
    *out = *in;
    return 0;
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

static int number(const char *name, const struct value *in, struct value *out, struct err *err) {
    int64_t n = value_toint(in, INT64_MIN);
    if (n == INT64_MIN) {
        return wants(err, name, "a whole number", in);
    }
    *out = value_int(n);
    return 0;
}

static int year(const char *name, const struct value *in, struct value *out, struct err *err) {
    int64_t n = value_toint(in, 0);
    if (value_is(in, VALUE_STR) && in->len == 4 && strspn(in->s, "0123456789") == 4) {
        n = (in->s[0] - '0') * 1000 + (in->s[1] - '0') * 100 + (in->s[2] - '0') * 10 + (in->s[3] - '0');
    }
    if (n < 1000 || n > 9999) {
        return err_set(err, E_USAGE, "field '%s' wants a year of four digits", name);
    }
    *out = value_int(n);
    return 0;
}

/* ---- lists and maps ---------------------------------------------------------------------------------------------- */

/* Everything inside is text or plain data, keys are text, nothing is deeper than it may be. */
static int check_deep(const char *name, const struct value *v, int depth, struct err *err) {
    int rc = 0;
    if (depth > FIELD_DEPTH_MAX) {
        return err_set(err, E_USAGE, "field '%s' is nested deeper than %d", name, FIELD_DEPTH_MAX);
    }
    if (v->kind == VALUE_STR && !form_is_text(v->s, v->len)) {
        return err_set(err, E_USAGE, "field '%s' holds text that is not valid UTF-8", name);
    }
    for (size_t i = 0; v->kind == VALUE_ARRAY && i < v->len && !rc; i++) {
        rc = check_deep(name, &v->items[i], depth + 1, err);
    }
    for (size_t i = 0; v->kind == VALUE_MAP && i < v->len && !rc; i++) {
        rc = value_is(&v->pairs[i].key, VALUE_STR) ? check_deep(name, &v->pairs[i].key, depth + 1, err)
                                                   : wants(err, name, "names as keys", &v->pairs[i].key);
        rc = rc ? rc : check_deep(name, &v->pairs[i].val, depth + 1, err);
    }
    return rc;
}

static bool empty_list(const struct value *v) {
    return (v->kind == VALUE_ARRAY || v->kind == VALUE_MAP) && v->len == 0;
}

static int map(const char *name, const struct value *in, struct value *out, struct err *err) {
    if (!value_is(in, VALUE_MAP) && !empty_list(in)) {
        return wants(err, name, "a map", in);
    }
    *out = in->len ? *in : value_nil;
    return check_deep(name, in, 1, err);
}

static int check_list(const char *name, const struct value *in, struct err *err) {
    if (!value_is(in, VALUE_ARRAY) && !empty_list(in)) {
        return wants(err, name, "a list", in);
    }
    if (in->len > FIELD_LIST_MAX) {
        return err_set(err, E_USAGE, "field '%s' has too many entries: %u, at most %d", name, in->len, FIELD_LIST_MAX);
    }
    return check_deep(name, in, 1, err);
}

/* Where an entry may be one text or a map, the text stands for the map with this key alone. */
static const char *short_key(const char *name) {
    return strcmp(name, "links") == 0 ? "url" : strcmp(name, "questions") == 0 ? "q" : "name";
}

static int maps(const char *name, const struct value *in, struct arena *a, struct value *out, struct err *err) {
    int rc = check_list(name, in, err);
    struct value list = value_array(a, in->len);
    for (size_t i = 0; !rc && i < in->len; i++) {
        const struct value *entry = &in->items[i];
        struct value made = *entry;
        if (value_is(entry, VALUE_STR)) {
            made = value_map(a, 1);
            value_set(a, &made, short_key(name), *entry);
        } else if (!value_is(entry, VALUE_MAP)) {
            rc = wants(err, name, "a list of maps or texts", entry);
        }
        value_push(a, &list, made);
    }
    *out = list.len ? list : value_nil;
    return rc;
}

static int names(const char *name, const struct value *in, struct arena *a, struct value *out, struct err *err) {
    struct value one;
    int rc = check_list(name, in, err);
    struct value list = value_array(a, in->len);
    for (size_t i = 0; !rc && i < in->len; i++) {
        rc = line(name, &in->items[i], a, &one, err);
        if (!rc && one.len) {
            value_push(a, &list, one);
        }
    }
    *out = list.len ? list : value_nil;
    return rc;
}

/* Names, or maps that say more. */
static int names_or_maps(const char *name, const struct value *in, struct value *out, struct err *err) {
    int rc = check_list(name, in, err);
    for (size_t i = 0; !rc && i < in->len; i++) {
        const struct value *entry = &in->items[i];
        if (value_is(entry, VALUE_STR)) {
            rc = check_text(name, entry, FIELD_LINE_MAX, err);
        } else if (!value_is(entry, VALUE_MAP)) {
            rc = wants(err, name, "a list of names or maps", entry);
        }
    }
    *out = in->len ? *in : value_nil;
    return rc;
}

static int reference(const char *name, const struct value *in, struct arena *a, struct value *out, struct err *err) {
    if (value_is(in, VALUE_MAP)) {
        return map(name, in, out, err);
    }
    int rc = value_is(in, VALUE_STR) ? line(name, in, a, out, err) : wants(err, name, "a name, an id or a map", in);
    if (!rc && !out->len) {
        *out = value_nil;
    }
    return rc;
}

/* ---- the door ---------------------------------------------------------------------------------------------------- */

static int dispatch(enum field_kind kind, const char *name, const char *const *choices, const struct value *in,
                    struct arena *a, struct value *out, struct err *err) {
    switch (kind) {
    case FIELD_LINE:
    case FIELD_TITLE:
        return line(name, in, a, out, err);
    case FIELD_TEXT:
        return long_text(name, in, out, err);
    case FIELD_TIME:
        return civil_time(name, in, a, out, err);
    case FIELD_INT:
        return number(name, in, out, err);
    case FIELD_YEAR:
        return year(name, in, out, err);
    case FIELD_ENUM:
        return choice(name, choices, in, out, err);
    case FIELD_SLUG:
        return slug(name, in, out, err);
    case FIELD_NAMES:
    case FIELD_TALKS:
    case FIELD_TAGS:
        return names(name, in, a, out, err);
    case FIELD_PEOPLE:
    case FIELD_AWARDS:
        return names_or_maps(name, in, out, err);
    case FIELD_MAP:
        return map(name, in, out, err);
    case FIELD_MAPS:
        return maps(name, in, a, out, err);
    case FIELD_EVENT:
    case FIELD_SESSION:
    case FIELD_PERSON:
    case FIELD_NOTE:
        return reference(name, in, a, out, err);
    default:
        return err_set(err, E_USAGE, "field '%s' is set by the store alone", name);
    }
}

int form_kind(enum field_kind kind, const char *name, const char *const *choices, const struct value *in,
              struct arena *a, struct value *out, struct err *err) {
    *out = value_nil;
    if (value_is(in, VALUE_NIL)) {
        return 0;
    }
    int rc = dispatch(kind, name, choices, in, a, out, err);
    if (!rc && kind == FIELD_TITLE) {
        drop_full_stop(out);
    }
    if (!rc && value_is(out, VALUE_STR) && out->len == 0) {
        *out = value_nil;
    }
    return rc;
}

/* "affiliations" of a person are kept as lines. */
static struct value joined(struct arena *a, const struct value *list) {
    struct buf lines = BUF_INIT;
    if (!value_is(list, VALUE_ARRAY)) {
        return value_nil;
    }
    for (size_t i = 0; i < list->len; i++) {
        buf_addf(&lines, "%s%s", i ? "\n" : "", list->items[i].s);
    }
    struct value text = value_strn(a, lines.data, lines.len);
    buf_release(&lines);
    return text;
}

int form_value(enum entity entity, enum field_id f, const struct value *in, struct arena *a, struct value *out,
               struct err *err) {
    int rc = form_kind(fields[f].kind, fields[f].name, field_choices(entity), in, a, out, err);
    if (!rc && f == F_AFFILIATIONS) {
        *out = joined(a, out);
    }
    return rc;
}
