/* objects_values.c - columns to the values that objects have: ids, texts, events, people, instants.
 *
 * The one idea: a column is a value by itself; what it is a field of, and where it stands, objects.c knows.
 */
#include <string.h>

#include "base/clock.h"
#include "store/keys_priv.h"
#include "store/objects_priv.h"

enum { SHORT_DIGITS = 8, SHORT_BYTES = SHORT_DIGITS / 2 };

/* ---- single values --------------------------------------------------------------------------------------------- */

static struct value uuid_value(struct arena *a, const struct uuid *id) {
    char *text = arena_alloc(a, UUID_TEXT + 1);
    uuid_text(id, text);
    return value_litn(text, UUID_TEXT);
}

struct value object_uuid(struct arena *a, sqlite3_stmt *st, int i) {
    struct uuid id;
    return col_uuid(st, i, &id) ? uuid_value(a, &id) : value_nil;
}

struct value object_text(struct arena *a, sqlite3_stmt *st, int i) {
    if (col_null(st, i)) {
        return value_nil;
    }
    size_t len;
    const char *s = col_text(st, i, &len);
    return value_strn(a, s, len);
}

struct value object_lines(struct arena *a, sqlite3_stmt *st, int i) {
    size_t len;
    const char *s = col_text(st, i, &len);
    struct value list = value_array(a, 0);
    for (const char *end = s + len; s < end;) {
        const char *stop = memchr(s, '\n', (size_t)(end - s));
        stop = stop ? stop : end;
        value_push(a, &list, value_strn(a, s, (size_t)(stop - s)));
        s = stop + 1;
    }
    return list;
}

struct value object_event(struct arena *a, sqlite3_stmt *st, int i) {
    if (col_null(st, i)) {
        return value_nil;
    }
    struct value ref = value_map(a, 4);
    value_set(a, &ref, "id", object_uuid(a, st, i));
    value_set(a, &ref, "slug", object_text(a, st, i + 1));
    value_set(a, &ref, "name", object_text(a, st, i + 2));
    value_set(a, &ref, "year", col_value(st, i + 3, a));
    return ref;
}

struct value object_person(struct arena *a, sqlite3_stmt *st, int i) {
    if (col_null(st, i)) {
        return value_nil;
    }
    struct value ref = value_map(a, 2);
    value_set(a, &ref, "id", object_uuid(a, st, i));
    value_set(a, &ref, "name", object_text(a, st, i + 1));
    return ref;
}

struct value object_instant(struct arena *a, int64_t ms) {
    char text[CLOCK_TEXT];
    clock_rfc3339(ms - ((ms % 1000) + 1000) % 1000, text);
    return value_str(a, text);
}

size_t object_bytes(const struct value *v) {
    size_t n = 5;
    switch ((enum value_kind)v->kind) {
    case VALUE_STR:
    case VALUE_BIN:
        return n + v->len;
    case VALUE_ARRAY:
        for (uint32_t i = 0; i < v->len; i++) {
            n += object_bytes(&v->items[i]);
        }
        return n;
    case VALUE_MAP:
        for (uint32_t i = 0; i < v->len; i++) {
            n += object_bytes(&v->pairs[i].key) + object_bytes(&v->pairs[i].val);
        }
        return n;
    default:
        return n;
    }
}

/* ---- short ids ------------------------------------------------------------------------------------------------- */

static unsigned digit(const struct uuid *id, unsigned i) {
    return i % 2 ? id->b[i / 2] & 15u : (unsigned)id->b[i / 2] >> 4;
}

static unsigned common_digits(const struct uuid *a, const struct uuid *b) {
    unsigned n = 0;
    while (n < 2 * UUID_BYTES && digit(a, n) == digit(b, n)) {
        n++;
    }
    return n;
}

/* Length of the text of the first DIGITS digits, hyphens before the digits 8, 12, 16 and 20 included. */
static size_t text_length(unsigned digits) {
    return digits + (digits > 8) + (digits > 12) + (digits > 16) + (digits > 20);
}

int object_short(struct db *db, const struct uuid *id, struct arena *a, struct value *out, struct err *err) {
    struct uuid low = {{0}};
    struct uuid high;
    memcpy(low.b, id->b, SHORT_BYTES);
    memset(high.b, 0xff, sizeof high.b);
    memcpy(high.b, id->b, SHORT_BYTES);
    sqlite3_stmt *st = db_sql(db, KEYS_BY_IDS("e.id"), err);
    if (!st) {
        return -(int)err->code;
    }
    keys_bind_ids(st, &low, &high);
    unsigned digits = SHORT_DIGITS;
    int rc;
    while ((rc = db_step(db, st, err)) == 1) {
        struct uuid other;
        if (col_uuid(st, 0, &other) && !uuid_equal(&other, id)) {
            unsigned common = common_digits(id, &other);
            digits = common + 1 > digits ? common + 1 : digits;
        }
    }
    db_done(db, st);
    char text[UUID_TEXT + 1];
    uuid_text(id, text);
    *out = value_strn(a, text, text_length(digits));
    return rc;
}
