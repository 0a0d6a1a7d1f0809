/* json_read.c - one JSON document into a value.
 *
 * The one idea: descent with a bound on depth, and nothing is guessed: what RFC 8259 does not allow is an error with the
 * column. Whole numbers that fit are ints, all others floats. Strings must be UTF-8; a lone surrogate is an error.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

struct reading {
    struct arena *arena;
    const char *start, *at, *end;
    const char *wrong; /* what is wrong at AT, or NULL */
    struct buf text;
    unsigned depth;
    size_t items;
};

static bool read_any(struct reading *r, struct value *out);

static bool wrong(struct reading *r, const char *what) {
    r->wrong = r->wrong ? r->wrong : what;
    return false;
}

static void skip_space(struct reading *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) {
        r->at++;
    }
}

static bool next_is(struct reading *r, char c) {
    skip_space(r);
    bool is = r->at < r->end && *r->at == c;
    r->at += is;
    return is;
}

/* ---- strings ----------------------------------------------------------------------------------------------------- */

static bool read_unit(struct reading *r, uint32_t *unit) {
    uint8_t bytes[2];
    if (r->end - r->at < 4 || hex_decode(r->at, 4, bytes, sizeof bytes) != 2) {
        return wrong(r, "four hex digits are missing");
    }
    *unit = (uint32_t)bytes[0] << 8 | bytes[1];
    r->at += 4;
    return true;
}

static bool read_character(struct reading *r) {
    uint32_t high;
    uint32_t low = 0;
    char utf8[4];
    if (!read_unit(r, &high)) {
        return false;
    }
    if (high >= 0xdc00 && high <= 0xdfff) {
        return wrong(r, "half a surrogate pair");
    }
    if (high >= 0xd800 && high <= 0xdbff) {
        if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u') {
            return wrong(r, "half a surrogate pair");
        }
        r->at += 2;
        if (!read_unit(r, &low) || low < 0xdc00 || low > 0xdfff) {
            return wrong(r, "half a surrogate pair");
        }
        high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
    buf_add(&r->text, utf8, text_utf8_put(utf8, high));
    return true;
}

static bool read_escape(struct reading *r) {
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->end ? *r->at++ : '\0';
    const char *at = c ? strchr(from, c) : NULL;
    if (c == 'u') {
        return read_character(r);
    }
    if (!at) {
        return wrong(r, "no such escape");
    }
    buf_addc(&r->text, to[at - from]);
    return true;
}

static bool read_string(struct reading *r, struct value *out) {
    buf_clear(&r->text);
    while (r->at < r->end && *r->at != '"') {
        const char *run = r->at;
        while (r->at < r->end && *r->at != '"' && *r->at != '\\' && (unsigned char)*r->at >= 0x20) {
            r->at++;
        }
        buf_add(&r->text, run, (size_t)(r->at - run));
        if (r->at < r->end && (unsigned char)*r->at < 0x20) {
            return wrong(r, "a control character in a string");
        }
        if (r->at < r->end && *r->at == '\\') {
            r->at++;
            if (!read_escape(r)) {
                return false;
            }
        }
    }
    if (r->at == r->end) {
        return wrong(r, "a string without its end");
    }
    r->at++;
    if (text_utf8_valid(r->text.data, r->text.len) != r->text.len) {
        return wrong(r, "text that is not UTF-8");
    }
    *out = value_strn(r->arena, r->text.data, r->text.len);
    return true;
}

/* ---- numbers and names ------------------------------------------------------------------------------------------- */

static size_t digits(struct reading *r) {
    const char *start = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        r->at++;
    }
    return (size_t)(r->at - start);
}

static bool read_number(struct reading *r, struct value *out) {
    char copy[64];
    const char *start = r->at;
    bool whole = true;
    r->at += *r->at == '-';
    const char *first = r->at;
    size_t n = digits(r);
    if (!n || (n > 1 && *first == '0')) {
        return wrong(r, "no number");
    }
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        whole = false;
        if (!digits(r)) {
            return wrong(r, "no number");
        }
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        r->at++;
        whole = false;
        r->at += r->at < r->end && (*r->at == '+' || *r->at == '-');
        if (!digits(r)) {
            return wrong(r, "no number");
        }
    }
    size_t len = (size_t)(r->at - start);
    if (len >= sizeof copy) {
        return wrong(r, "a number that is too long");
    }
    memcpy(copy, start, len);
    copy[len] = '\0';
    errno = 0;
    long long i = whole ? strtoll(copy, NULL, 10) : 0;
    *out = whole && !errno ? value_int(i) : value_float(strtod(copy, NULL));
    return out->kind == VALUE_INT || isfinite(out->f) || wrong(r, "a number that is too large");
}

static bool read_name(struct reading *r, struct value *out) {
    static const struct {
        const char *name;
        struct value value;
    } names[] = {{"true", {.kind = VALUE_BOOL, .b = true}}, {"false", {.kind = VALUE_BOOL}}, {"null", {VALUE_NIL}}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i].name);
        if ((size_t)(r->end - r->at) >= n && memcmp(r->at, names[i].name, n) == 0) {
            r->at += n;
            *out = names[i].value;
            return true;
        }
    }
    return wrong(r, "no JSON value");
}

/* ---- lists and maps ---------------------------------------------------------------------------------------------- */

static bool read_list(struct reading *r, struct value *out) {
    *out = value_array(r->arena, 0);
    if (next_is(r, ']')) {
        return true;
    }
    do {
        struct value item = value_nil;
        if (!read_any(r, &item)) {
            return false;
        }
        value_push(r->arena, out, item);
    } while (next_is(r, ','));
    return next_is(r, ']') || wrong(r, "',' or ']' is missing");
}

/* Without a look for the same key before: a map of many keys is read in linear time, and the first of them counts. */
static void add_pair(struct reading *r, struct value *map, struct value key, struct value val) {
    if (map->len == map->cap) {
        uint32_t cap = map->cap ? 2 * map->cap : 8;
        struct pair *pairs = arena_alloc(r->arena, cap * sizeof *pairs);
        if (map->len) {
            memcpy(pairs, map->pairs, map->len * sizeof *pairs);
        }
        map->pairs = pairs;
        map->cap = cap;
    }
    map->pairs[map->len++] = (struct pair){.key = key, .val = val};
}

static bool read_map(struct reading *r, struct value *out) {
    *out = value_map(r->arena, 0);
    if (next_is(r, '}')) {
        return true;
    }
    do {
        struct value key = value_nil;
        struct value val = value_nil;
        if (!next_is(r, '"')) {
            return wrong(r, "a key is missing");
        }
        if (!read_string(r, &key)) {
            return false;
        }
        if (!next_is(r, ':')) {
            return wrong(r, "':' is missing");
        }
        if (!read_any(r, &val)) {
            return false;
        }
        add_pair(r, out, key, val);
    } while (next_is(r, ','));
    return next_is(r, '}') || wrong(r, "',' or '}' is missing");
}

static bool read_any(struct reading *r, struct value *out) {
    bool ok;
    skip_space(r);
    if (r->at == r->end) {
        return wrong(r, "it ends too early");
    }
    if (r->depth == JSON_DEPTH) {
        return wrong(r, "it is nested too deeply");
    }
    if (r->items++ == JSON_ITEMS) {
        return wrong(r, "it holds too many values");
    }
    r->depth++;
    if (next_is(r, '"')) {
        ok = read_string(r, out);
    } else if (next_is(r, '[')) {
        ok = read_list(r, out);
    } else if (next_is(r, '{')) {
        ok = read_map(r, out);
    } else if (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')) {
        ok = read_number(r, out);
    } else {
        ok = read_name(r, out);
    }
    r->depth--;
    return ok;
}

int json_read(struct arena *a, const char *s, size_t n, struct value *out, struct err *err) {
    struct reading r = {.arena = a, .start = s, .at = s, .end = s + n, .text = BUF_INIT};
    *out = value_nil;
    bool ok = read_any(&r, out);
    skip_space(&r);
    if (ok && r.at != r.end) {
        ok = wrong(&r, "something follows the value");
    }
    buf_release(&r.text);
    return ok ? 0 : err_set(err, E_DATA, "no JSON: %s at byte %zu", r.wrong, (size_t)(r.at - r.start) + 1);
}
