/* value.h - the one in-memory form of messages, arguments, objects and results.
 *
 * A value is a small tagged union; strings, items and pairs live in an arena that the maker names, and a value never
 * owns anything. Values are immutable once shared; the map and array builders below are for the one who makes them.
 * Maps keep the order of insertion (it is the order of the JSON fields). Text is UTF-8 unless the kind is VALUE_BIN.
 */
#ifndef LECTERN_BASE_VALUE_H
#define LECTERN_BASE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum value_kind {
    VALUE_NIL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STR,
    VALUE_BIN,
    VALUE_ARRAY,
    VALUE_MAP,
};

struct value {
    uint8_t kind;
    uint32_t len; /* bytes, items or pairs */
    uint32_t cap; /* of items or pairs; builders only */
    union {
        bool b;
        int64_t i;
        double f;
        const char *s; /* NUL-terminated beyond len */
        struct value *items;
        struct pair *pairs;
    };
};

struct pair {
    struct value key; /* VALUE_STR in everything we make; anything in what we read */
    struct value val;
};

extern const struct value value_nil; /* {VALUE_NIL} */

struct value value_bool(bool b);
struct value value_int(int64_t i);
struct value value_float(double f);
struct value value_strn(struct arena *a, const char *s, size_t n); /* copies */
struct value value_str(struct arena *a, const char *s);            /* copies; NULL gives nil */
struct value value_strf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct value value_lit(const char *s);                            /* borrows a string that outlives the value */
struct value value_litn(const char *s, size_t n);                 /* same; must be NUL-terminated at n */
struct value value_bin(struct arena *a, const void *p, size_t n); /* copies */

struct value value_array(struct arena *a, uint32_t cap);
struct value value_map(struct arena *a, uint32_t cap);
/* Append; returns the slot, valid until the next append. */
struct value *value_push(struct arena *a, struct value *array, struct value item);
/* Append or replace KEY (borrowed: literals or arena strings). */
void value_set(struct arena *a, struct value *map, const char *key, struct value val);

/* Reading. All accept any kind: a miss gives nil, the default or false, never a crash. */
const struct value *value_get(const struct value *map, const char *key); /* never NULL; &value_nil when absent */
const struct value *value_at(const struct value *array, size_t i);       /* same */
bool value_is(const struct value *v, enum value_kind kind);
bool value_truthy(const struct value *v);                            /* not nil and not false */
const char *value_cstr(const struct value *v, const char *fallback); /* VALUE_STR only */
int64_t value_toint(const struct value *v, int64_t fallback);        /* ints, and floats that are whole */
double value_tofloat(const struct value *v, double fallback);
bool value_tobool(const struct value *v, bool fallback);
bool value_eqs(const struct value *v, const char *s);            /* a string equal to S */
bool value_equal(const struct value *a, const struct value *b);  /* deep; maps compare in any order */
struct value value_copy(struct arena *a, const struct value *v); /* deep copy into A */
const char *value_kind_name(enum value_kind kind);               /* "map", "string", ... for messages */

#endif
