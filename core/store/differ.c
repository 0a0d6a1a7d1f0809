/* differ.c - two revisions of one thing side by side: fields by name, texts as a unified diff.
 *
 * The one idea: both are loaded as the objects of the contract, so what a person compares is what a person sees.
 */
#include <string.h>

#include "base/diff.h"
#include "base/json.h"
#include "store/objects_priv.h"
#include "store/read_priv.h"
#include "store/sync_priv.h"

enum { CONTEXT_LINES = 3 };

/* What changes by itself, or is no field of the thing. */
static bool is_left_out(const char *name) {
    static const char *const out[] = {"type",  "id",      "short",   "created", "updated", "rev",
                                      "words", "sources", "deleted", "notes",   "marks"};
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        if (strcmp(out[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void add_text(const struct value *from, const struct value *to, struct buf *out) {
    diff_unified(out, value_cstr(from, ""), value_is(from, VALUE_STR) ? from->len : 0, value_cstr(to, ""),
                 value_is(to, VALUE_STR) ? to->len : 0, CONTEXT_LINES);
}

static void compare(const struct value *from, const struct value *to, struct arena *a, struct value *list,
                    struct buf *text) {
    for (uint32_t i = 0; i < to->len; i++) {
        const char *name = value_cstr(&to->pairs[i].key, "");
        const struct value *was = value_get(from, name);
        const struct value *is = &to->pairs[i].val;
        if (is_left_out(name) || value_equal(was, is)) {
            continue;
        }
        if (strcmp(name, "body") == 0 || strcmp(name, "abstract") == 0) {
            add_text(was, is, text);
            continue;
        }
        struct value field = value_map(a, 3);
        value_set(a, &field, "field", value_str(a, name));
        value_set(a, &field, "from", *was);
        value_set(a, &field, "to", *is);
        value_push(a, list, field);
    }
}

int object_diff(struct db *db, int64_t n, int64_t from, int64_t to, struct arena *a, struct value *out,
                struct err *err) {
    static const char *const kept[] = {"type", "id", "short"};
    struct value old;
    struct value new;
    struct value list = value_array(a, 4);
    struct buf text = BUF_INIT;
    *out = value_nil;
    int rc = object_load(db, n, &(struct get_options){.body = true, .rev = from, .deleted = true}, a, &old, err);
    rc = rc ? rc : object_load(db, n, &(struct get_options){.body = true, .rev = to, .deleted = true}, a, &new, err);
    if (rc || value_is(&new, VALUE_NIL)) {
        return rc;
    }
    compare(&old, &new, a, &list, &text);
    const struct value *title = value_get(&new, "title");
    *out = value_map(a, 8);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        value_set(a, out, kept[i], *value_get(&new, kept[i]));
    }
    value_set(a, out, "title", value_is(title, VALUE_NIL) ? *value_get(&new, "name") : *title);
    value_set(a, out, "from", value_int(from));
    value_set(a, out, "to", to ? value_int(to) : *value_get(&new, "rev"));
    value_set(a, out, "fields", list);
    value_set(a, out, "text", value_strn(a, text.len ? text.data : "", text.len));
    buf_release(&text);
    return 0;
}

static void put_value(struct buf *out, char sign, const char *name, const struct value *v) {
    buf_addf(out, "%c%s: ", sign, name);
    if (value_is(v, VALUE_STR)) {
        buf_add(out, v->s, v->len);
    } else if (!value_is(v, VALUE_NIL)) {
        json_write(out, v);
    }
    buf_addc(out, '\n');
}

void differ_text(const struct value *diff, struct buf *out) {
    const struct value *list = value_get(diff, "fields");
    const struct value *text = value_get(diff, "text");
    for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list->len; i++) {
        const char *name = value_cstr(value_get(&list->items[i], "field"), "");
        put_value(out, '-', name, value_get(&list->items[i], "from"));
        put_value(out, '+', name, value_get(&list->items[i], "to"));
    }
    if (value_is(text, VALUE_STR)) {
        buf_add(out, text->s, text->len);
    }
}

int read_diff(struct reader *r, const struct uuid *id, int64_t from, int64_t to, struct arena *a, struct value *out,
              struct err *err) {
    int64_t n = 0;
    *out = value_nil;
    int rc = reading_begin(r, err);
    rc = rc ? rc : reading_entity(r, id, &n, NULL, err);
    rc = rc == 1 ? object_diff(&r->db, n, from, to, a, out, err) : rc;
    reading_end(r);
    return rc;
}
