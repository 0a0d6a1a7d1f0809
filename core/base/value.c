/* value.c - tagged unions in an arena.
 *
 * The one idea: reading never fails. Every accessor takes any kind, even NULL, and answers a miss with nil, false or
 * the caller's default, so code that looks into untrusted messages needs no ladder of checks. Depth is bounded by those
 * who make values (msgpack.h), which is why the deep functions here may recurse.
 */
#include "base/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FIRST_ITEMS = 4 };

const struct value value_nil = {.kind = VALUE_NIL};

struct value value_bool(bool b) {
    return (struct value){.kind = VALUE_BOOL, .b = b};
}

struct value value_int(int64_t i) {
    return (struct value){.kind = VALUE_INT, .i = i};
}

struct value value_float(double f) {
    return (struct value){.kind = VALUE_FLOAT, .f = f};
}

/* Inputs are bounded far below this; a longer string is cut rather than given a wrong length. */
static uint32_t length32(size_t n) {
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static struct value text_value(enum value_kind kind, const char *s, size_t n) {
    return (struct value){.kind = (uint8_t)kind, .len = length32(n), .s = s};
}

struct value value_strn(struct arena *a, const char *s, size_t n) {
    return text_value(VALUE_STR, arena_dup(a, s, length32(n)), n);
}

struct value value_str(struct arena *a, const char *s) {
    return s ? value_strn(a, s, strlen(s)) : value_nil;
}

struct value value_strf(struct arena *a, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    char *s = arena_vprintf(a, format, ap);
    va_end(ap);
    return value_lit(s);
}

struct value value_lit(const char *s) {
    return s ? text_value(VALUE_STR, s, strlen(s)) : value_nil;
}

struct value value_litn(const char *s, size_t n) {
    return text_value(VALUE_STR, s, n);
}

struct value value_bin(struct arena *a, const void *p, size_t n) {
    return text_value(VALUE_BIN, arena_dup(a, p, length32(n)), n);
}

struct value value_array(struct arena *a, uint32_t cap) {
    struct value v = {.kind = VALUE_ARRAY, .cap = cap};
    v.items = cap ? arena_alloc(a, cap * sizeof *v.items) : NULL;
    return v;
}

struct value value_map(struct arena *a, uint32_t cap) {
    struct value v = {.kind = VALUE_MAP, .cap = cap};
    v.pairs = cap ? arena_alloc(a, cap * sizeof *v.pairs) : NULL;
    return v;
}

/* Storage for more elements of SIZE bytes each; the old storage stays in the arena, unused. */
static void *grow(struct arena *a, struct value *v, const void *old, size_t size) {
    uint32_t cap = v->cap ? v->cap * 2 : FIRST_ITEMS;
    void *storage = arena_alloc(a, cap * size);
    if (v->len) {
        memcpy(storage, old, v->len * size);
    }
    v->cap = cap;
    return storage;
}

struct value *value_push(struct arena *a, struct value *array, struct value item) {
    if (array->len == array->cap) {
        array->items = grow(a, array, array->items, sizeof *array->items);
    }
    struct value *slot = &array->items[array->len++];
    *slot = item;
    return slot;
}

static struct pair *find_pair(const struct value *map, const char *key, size_t n) {
    for (uint32_t i = 0; i < map->len; i++) {
        const struct value *k = &map->pairs[i].key;
        if (k->kind == VALUE_STR && k->len == n && memcmp(k->s, key, n) == 0) {
            return &map->pairs[i];
        }
    }
    return NULL;
}

void value_set(struct arena *a, struct value *map, const char *key, struct value val) {
    struct pair *pair = find_pair(map, key, strlen(key));
    if (pair) {
        pair->val = val;
        return;
    }
    if (map->len == map->cap) {
        map->pairs = grow(a, map, map->pairs, sizeof *map->pairs);
    }
    map->pairs[map->len++] = (struct pair){.key = value_lit(key), .val = val};
}

bool value_is(const struct value *v, enum value_kind kind) {
    return v && v->kind == kind;
}

const struct value *value_get(const struct value *map, const char *key) {
    if (!value_is(map, VALUE_MAP)) {
        return &value_nil;
    }
    struct pair *pair = find_pair(map, key, strlen(key));
    return pair ? &pair->val : &value_nil;
}

const struct value *value_at(const struct value *array, size_t i) {
    return value_is(array, VALUE_ARRAY) && i < array->len ? &array->items[i] : &value_nil;
}

bool value_truthy(const struct value *v) {
    return v && v->kind != VALUE_NIL && !(v->kind == VALUE_BOOL && !v->b);
}

const char *value_cstr(const struct value *v, const char *fallback) {
    return value_is(v, VALUE_STR) ? v->s : fallback;
}

/* -2^63 is a double, 2^63 is the first above; between them every whole float is an int64_t. */
static bool whole(double f) {
    return f >= -9223372036854775808.0 && f < 9223372036854775808.0 && (double)(int64_t)f == f;
}

int64_t value_toint(const struct value *v, int64_t fallback) {
    if (value_is(v, VALUE_INT)) {
        return v->i;
    }
    return value_is(v, VALUE_FLOAT) && whole(v->f) ? (int64_t)v->f : fallback;
}

double value_tofloat(const struct value *v, double fallback) {
    if (value_is(v, VALUE_FLOAT)) {
        return v->f;
    }
    return value_is(v, VALUE_INT) ? (double)v->i : fallback;
}

bool value_tobool(const struct value *v, bool fallback) {
    return value_is(v, VALUE_BOOL) ? v->b : fallback;
}

bool value_eqs(const struct value *v, const char *s) {
    return value_is(v, VALUE_STR) && v->len == strlen(s) && memcmp(v->s, s, v->len) == 0;
}

static bool same_bytes(const struct value *a, const struct value *b) {
    return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

static bool same_items(const struct value *a, const struct value *b) {
    if (a->len != b->len) {
        return false;
    }
    for (uint32_t i = 0; i < a->len; i++) {
        if (!value_equal(&a->items[i], &b->items[i])) {
            return false;
        }
    }
    return true;
}

/* An order good enough to bring equal keys together: by kind, then by content; container keys only by size. */
static int compare_keys(const struct value *a, const struct value *b) {
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    switch (a->kind) {
    case VALUE_BOOL:
        return (int)a->b - (int)b->b;
    case VALUE_INT:
        return (a->i > b->i) - (a->i < b->i);
    case VALUE_FLOAT:
        return isnan(a->f) || isnan(b->f) ? isnan(a->f) - isnan(b->f) : (a->f > b->f) - (a->f < b->f);
    case VALUE_STR:
    case VALUE_BIN:
        if (a->len == b->len) {
            return memcmp(a->s, b->s, a->len);
        }
        break;
    default:
        break;
    }
    return (a->len > b->len) - (a->len < b->len);
}

static int compare_pairs(const void *a, const void *b) {
    const struct pair *const *x = a;
    const struct pair *const *y = b;
    int order = compare_keys(&(*x)->key, &(*y)->key);
    return order ? order : (*x > *y) - (*x < *y); /* keeps doubled keys in their order */
}

static const struct pair **sorted_pairs(const struct value *map) {
    const struct pair **pairs = mem_array(NULL, map->len, sizeof *pairs);
    for (uint32_t i = 0; i < map->len; i++) {
        pairs[i] = &map->pairs[i];
    }
    qsort(pairs, map->len, sizeof *pairs, compare_pairs);
    return pairs;
}

static bool same_pair(const struct pair *a, const struct pair *b) {
    return value_equal(&a->key, &b->key) && value_equal(&a->val, &b->val);
}

static bool same_key_order(const struct value *a, const struct value *b) {
    for (uint32_t i = 0; i < a->len; i++) {
        if (compare_keys(&a->pairs[i].key, &b->pairs[i].key) != 0) {
            return false;
        }
    }
    return true;
}

static bool same_pairs_in_order(const struct value *a, const struct value *b) {
    for (uint32_t i = 0; i < a->len; i++) {
        if (!same_pair(&a->pairs[i], &b->pairs[i])) {
            return false;
        }
    }
    return true;
}

/* Sorted where the keys differ in order, so that a large map cannot cost its square; and each value is looked into
 * once, so that a deep one cannot cost two to its depth. */
static bool same_pairs(const struct value *a, const struct value *b) {
    if (a->len != b->len) {
        return false;
    }
    if (same_key_order(a, b)) {
        return same_pairs_in_order(a, b);
    }
    const struct pair **x = sorted_pairs(a);
    const struct pair **y = sorted_pairs(b);
    bool same = true;
    for (uint32_t i = 0; same && i < a->len; i++) {
        same = same_pair(x[i], y[i]);
    }
    mem_free(x);
    mem_free(y);
    return same;
}

bool value_equal(const struct value *a, const struct value *b) {
    if (a->kind != b->kind) {
        return false;
    }
    switch ((enum value_kind)a->kind) {
    case VALUE_NIL:
        return true;
    case VALUE_BOOL:
        return a->b == b->b;
    case VALUE_INT:
        return a->i == b->i;
    case VALUE_FLOAT:
        return a->f == b->f || (isnan(a->f) && isnan(b->f));
    case VALUE_STR:
    case VALUE_BIN:
        return same_bytes(a, b);
    case VALUE_ARRAY:
        return same_items(a, b);
    case VALUE_MAP:
        return same_pairs(a, b);
    }
    return false;
}

static struct value copy_array(struct arena *a, const struct value *v) {
    struct value copy = value_array(a, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        copy.items[i] = value_copy(a, &v->items[i]);
    }
    copy.len = v->len;
    return copy;
}

static struct value copy_map(struct arena *a, const struct value *v) {
    struct value copy = value_map(a, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        copy.pairs[i].key = value_copy(a, &v->pairs[i].key);
        copy.pairs[i].val = value_copy(a, &v->pairs[i].val);
    }
    copy.len = v->len;
    return copy;
}

struct value value_copy(struct arena *a, const struct value *v) {
    switch ((enum value_kind)v->kind) {
    case VALUE_STR:
        return value_strn(a, v->s, v->len);
    case VALUE_BIN:
        return value_bin(a, v->s, v->len);
    case VALUE_ARRAY:
        return copy_array(a, v);
    case VALUE_MAP:
        return copy_map(a, v);
    default:
        return *v;
    }
}

const char *value_kind_name(enum value_kind kind) {
    static const char *const names[] = {
        [VALUE_NIL] = "nil",    [VALUE_BOOL] = "boolean", [VALUE_INT] = "integer", [VALUE_FLOAT] = "number",
        [VALUE_STR] = "string", [VALUE_BIN] = "bytes",    [VALUE_ARRAY] = "list",  [VALUE_MAP] = "map",
    };
    return (unsigned)kind <= VALUE_MAP ? names[kind] : "unknown";
}
