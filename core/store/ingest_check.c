/* ingest_check.c - an importer's records, taken apart and refused whole where one is not what it may be.
 *
 * The one idea: after this file everything about a record is known to be well-formed and inside the text, so nothing
 * behind it looks at raw values again. A refusal names the record, its line and the field. No store.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/form_priv.h"
#include "store/ingest_priv.h"

enum { RECORDS_MAX = 200000 };

/* Words of a record that are no fields of the entity. */
enum word { W_TYPE, W_KEY, W_GUID, W_NOTE, W_SPAN, W_BYTES, W_BODY_BYTES, W_WHY, W_CONFIDENCE, W_CLEAR, W_COUNT };
struct word_rule {
    const char *name;
    unsigned entities;
};
#define NOTE (1u << ENTITY_NOTE)
#define TALK (1u << ENTITY_TALK)
#define EVENT (1u << ENTITY_EVENT)
static const struct word_rule words[W_COUNT] = {
    [W_TYPE] = {"type", NOTE | TALK | EVENT},
    [W_KEY] = {"key", NOTE | TALK | EVENT},
    [W_GUID] = {"guid", TALK},
    [W_NOTE] = {"note", TALK},
    [W_SPAN] = {"span", NOTE | TALK | EVENT},
    [W_BYTES] = {"bytes", NOTE | TALK | EVENT},
    [W_BODY_BYTES] = {"body_bytes", NOTE},
    [W_WHY] = {"why", NOTE | TALK | EVENT},
    [W_CONFIDENCE] = {"confidence", NOTE | TALK | EVENT},
    [W_CLEAR] = {"clear", NOTE | TALK},
};

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* Texts of old machines end their lines by a carriage return alone. */
static void find_lines(struct ingestion *g) {
    const char *text = g->in->text;
    size_t len = g->in->text_len;
    size_t count = 1;
    char end = memchr(text, '\n', len) ? '\n' : '\r';
    for (const char *p = text; p && (p = memchr(p, end, len - (size_t)(p - text))) != NULL; p++) {
        count++;
    }
    g->lines = arena_alloc(g->a, count * sizeof *g->lines);
    g->nlines = 0;
    g->lines[g->nlines++] = 0;
    for (const char *p = text; p && (p = memchr(p, end, len - (size_t)(p - text))) != NULL; p++) {
        g->lines[g->nlines++] = (size_t)(p - text) + 1;
    }
    if (g->nlines > 1 && g->lines[g->nlines - 1] == len) { /* the last newline ends a line, it starts none */
        g->nlines--;
    }
}

int64_t ingest_line(const struct ingestion *g, size_t at) {
    size_t low = 0;
    size_t high = g->nlines;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (g->lines[middle] <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (int64_t)low + 1;
}

void ingest_warn(struct ingestion *g, int64_t line, const char *format, ...) {
    struct value warning = value_map(g->out, 2);
    va_list ap;
    va_start(ap, format);
    value_set(g->out, &warning, "message", value_lit(arena_vprintf(g->out, format, ap)));
    va_end(ap);
    value_set(g->out, &warning, "line", line > 0 ? value_int(line) : value_nil);
    value_push(g->out, &g->warnings, warning);
}

/* ---- refusing ---------------------------------------------------------------------------------------------------- */

int ingest_refuse(const struct record *r, struct err *err) {
    err->code = E_DATA;
    if (r->line_start > 0) {
        err_prefix(err, "record %zu (line %lld)", r->number, (long long)r->line_start);
    } else {
        err_prefix(err, "record %zu", r->number);
    }
    return -(int)E_DATA;
}

static int refuse_unknown(const struct record *r, const char *name, struct err *err) {
    const char *names[F_COUNT + W_COUNT];
    size_t count = 0;
    for (int f = 0; f < F_COUNT; f++) {
        if ((fields[f].entities >> r->type & 1) && fields[f].kind != FIELD_OWN) {
            names[count++] = fields[f].name;
        }
    }
    for (int w = 0; w < W_COUNT; w++) {
        if (words[w].entities >> r->type & 1) {
            names[count++] = words[w].name;
        }
    }
    const char *near = text_nearest(name, names, count);
    err_set(err, E_DATA, "%s has no '%.60s'", entity_a(r->type), name);
    if (near) {
        err_hint(err, "did you mean '%s'?", near);
    }
    return ingest_refuse(r, err);
}

/* ---- single words ------------------------------------------------------------------------------------------------ */

static int read_name(struct ingestion *g, const struct value *v, const char *name, const char **out, struct err *err) {
    struct value line;
    int rc = form_kind(FIELD_LINE, name, NULL, v, g->a, &line, err);
    *out = rc ? NULL : value_cstr(&line, NULL);
    return rc;
}

/* A pair of whole numbers, FIRST <= SECOND. */
static int read_pair(const struct value *v, const char *name, int64_t *first, int64_t *second, struct err *err) {
    if (!value_is(v, VALUE_ARRAY) || v->len != 2) {
        return err_set(err, E_DATA, "field '%s' wants two numbers", name);
    }
    *first = value_toint(&v->items[0], -1);
    *second = value_toint(&v->items[1], -1);
    if (*first < 0 || *second < *first) {
        return err_set(err, E_DATA, "field '%s' wants two numbers, the first not after the second", name);
    }
    return 0;
}

static bool at_character(const struct ingest *in, size_t at) {
    return at == in->text_len || ((unsigned char)in->text[at] & 0xc0) != 0x80;
}

static int read_bytes(const struct ingest *in, const struct value *v, const char *name, size_t *start, size_t *end,
                      struct err *err) {
    int64_t first = 0;
    int64_t second = 0;
    int rc = read_pair(v, name, &first, &second, err);
    if (!rc && (uint64_t)second > in->text_len) {
        rc = err_set(err, E_DATA, "field '%s' ends at byte %lld of a text of %zu", name, (long long)second,
                     in->text_len);
    }
    if (!rc && (!at_character(in, (size_t)first) || !at_character(in, (size_t)second))) {
        rc = err_set(err, E_DATA, "field '%s' cuts a character in two", name);
    }
    *start = rc ? 0 : (size_t)first;
    *end = rc ? 0 : (size_t)second;
    return rc;
}

static int read_span(const struct ingestion *g, const struct value *v, struct record *r, struct err *err) {
    int64_t first = 0;
    int64_t last = 0;
    int rc = read_pair(v, "span", &first, &last, err);
    if (!rc && (first < 1 || (size_t)last > g->nlines)) {
        rc = err_set(err, E_DATA, "field 'span' wants lines from 1 to %zu, not %lld to %lld", g->nlines,
                     (long long)first, (long long)last);
    }
    if (!rc) {
        r->start = g->lines[first - 1];
        r->end = (size_t)last < g->nlines ? g->lines[last] : g->in->text_len;
        r->has_span = true;
    }
    return rc;
}

static int read_confidence(const struct value *v, struct record *r, struct err *err) {
    r->confidence = value_tofloat(v, -1);
    return r->confidence >= 0 && r->confidence <= 1
               ? 0
               : err_set(err, E_DATA, "field 'confidence' wants a number from 0 to 1");
}

/* Fields that are known to be empty; one that is only absent says nothing. */
static int read_clear(const struct value *v, struct record *r, struct err *err) {
    for (size_t i = 0; value_is(v, VALUE_ARRAY) && i < v->len; i++) {
        enum field_id f;
        if (field_of(r->type, value_cstr(&v->items[i], ""), &f) || fields[f].kind == FIELD_OWN || f == F_TITLE ||
            f == F_BODY) {
            return err_set(err, E_DATA, "field 'clear' names no field that may be empty: '%.60s'",
                           value_cstr(&v->items[i], ""));
        }
        r->clear |= UINT64_C(1) << f;
    }
    return value_is(v, VALUE_ARRAY) ? 0 : err_set(err, E_DATA, "field 'clear' wants a list of names");
}

static int read_word(struct ingestion *g, struct record *r, enum word w, const struct value *v, struct err *err) {
    const char *name = words[w].name;
    int rc = 0;
    switch (w) {
    case W_KEY:
        return read_name(g, v, name, &r->key, err);
    case W_GUID:
        return read_name(g, v, name, &r->guid, err);
    case W_NOTE:
        return read_name(g, v, name, &r->note, err);
    case W_WHY:
        return read_name(g, v, name, &r->why, err);
    case W_SPAN:
        return r->has_span ? 0 : read_span(g, v, r, err);
    case W_BYTES:
        rc = read_bytes(g->in, v, name, &r->start, &r->end, err);
        r->has_span = !rc;
        return rc;
    case W_BODY_BYTES:
        rc = read_bytes(g->in, v, name, &r->body_start, &r->body_end, err);
        r->has_body = !rc;
        return rc;
    case W_CONFIDENCE:
        return read_confidence(v, r, err);
    case W_CLEAR:
        return read_clear(v, r, err);
    default:
        return 0;
    }
}

static int word_of(enum entity type, const char *name) {
    for (int w = 0; w < W_COUNT; w++) {
        if ((words[w].entities >> type & 1) && strcmp(words[w].name, name) == 0) {
            return w;
        }
    }
    return -1;
}

/* ---- one record -------------------------------------------------------------------------------------------------- */

static int read_field(struct ingestion *g, struct record *r, const char *name, const struct value *v, struct err *err) {
    enum field_id f;
    struct value checked;
    if (field_of(r->type, name, &f) || fields[f].kind == FIELD_OWN || f == F_SLUG || f == F_TALKS) {
        return refuse_unknown(r, name, err);
    }
    if (f == F_PART_OF) {
        return read_name(g, v, name, &r->part_of, err);
    }
    int rc = form_value(r->type, f, v, g->a, &checked, err);
    if (!rc && !value_is(&checked, VALUE_NIL)) {
        image_set(&r->form, f, checked);
    }
    return rc;
}

static int read_type(struct record *r, struct err *err) {
    const struct value *type = value_get(r->raw, "type");
    if (!value_is(r->raw, VALUE_MAP)) {
        return err_set(err, E_DATA, "a record is a map, not %s", value_kind_name(r->raw->kind));
    }
    if (!value_is(type, VALUE_STR) || entity_of(type->s, &r->type) || r->type > ENTITY_EVENT) {
        err_set(err, E_DATA, "field 'type' cannot be '%.60s'", value_cstr(type, ""));
        return err_hint(err, "it is note, talk or event");
    }
    return 0;
}

/* Where it stands, before anything else can be wrong with it. */
static int read_place(struct ingestion *g, struct record *r, struct err *err) {
    const struct value *bytes = value_get(r->raw, "bytes");
    const struct value *span = value_get(r->raw, "span");
    int rc = 0;
    if (!value_is(bytes, VALUE_NIL)) {
        rc = read_word(g, r, W_BYTES, bytes, err);
    } else if (!value_is(span, VALUE_NIL)) {
        rc = read_span(g, span, r, err);
    }
    if (r->has_span) {
        r->line_start = ingest_line(g, r->start);
        r->line_end = ingest_line(g, r->end > r->start ? r->end - 1 : r->start);
    }
    return rc;
}

static int read_pairs(struct ingestion *g, struct record *r, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < r->raw->len && !rc; i++) {
        const struct pair *p = &r->raw->pairs[i];
        if (!value_is(&p->key, VALUE_STR) || !form_is_text(p->key.s, p->key.len)) {
            return err_set(err, E_DATA, "its fields want names");
        }
        int w = word_of(r->type, p->key.s);
        if (value_is(&p->val, VALUE_NIL) || w == W_TYPE || w == W_BYTES || w == W_SPAN) {
            continue;
        }
        rc = w >= 0 ? read_word(g, r, (enum word)w, &p->val, err) : read_field(g, r, p->key.s, &p->val, err);
    }
    return rc;
}

/* A body that was given as text is a slice all the same when it stands in the span as it is. */
static void find_body(struct ingestion *g, struct record *r, const struct value *body) {
    const char *from = g->in->text + r->start;
    const char *at = r->has_span && body->len ? memmem(from, r->end - r->start, body->s, body->len) : NULL;
    if (at) {
        r->has_body = true;
        r->body_start = (size_t)(at - g->in->text);
        r->body_end = r->body_start + body->len;
    }
}

static int read_body(struct ingestion *g, struct record *r, struct err *err) {
    const struct value *body = image_get(&r->form, F_BODY);
    if (value_is(body, VALUE_STR)) {
        if (r->has_body) {
            return err_set(err, E_DATA, "fields 'body' and 'body_bytes' exclude each other");
        }
        find_body(g, r, body);
        return 0;
    }
    if (!r->has_body && r->has_span) {
        r->has_body = true;
        r->body_start = r->start;
        r->body_end = r->end;
    }
    if (r->has_body && !r->has_span) {
        r->has_span = true;
        r->start = r->body_start;
        r->end = r->body_end;
        r->line_start = ingest_line(g, r->start);
        r->line_end = ingest_line(g, r->end > r->start ? r->end - 1 : r->start);
    }
    if (r->has_body && (r->body_start < r->start || r->body_end > r->end)) {
        return err_set(err, E_DATA, "field 'body_bytes' reaches out of the part of the source that the note owns");
    }
    if (r->body_end - r->body_start > FIELD_TEXT_MAX) {
        return err_set(err, E_DATA, "the body is larger than %d MiB", FIELD_TEXT_MAX / 1024 / 1024);
    }
    if (r->has_body) { /* borrowed from the text, so without a NUL behind it: used by its length alone */
        struct value slice = {.kind = VALUE_STR, .len = (uint32_t)(r->body_end - r->body_start)};
        slice.s = g->in->text + r->body_start;
        image_set(&r->form, F_BODY, slice);
    }
    return 0;
}

static int check_needed(const struct record *r, struct err *err) {
    enum field_id needed = r->type == ENTITY_EVENT ? F_NAME : F_TITLE;
    if (!image_has(&r->form, needed)) {
        return err_set(err, E_DATA, "%s wants a %s", entity_a(r->type), fields[needed].name);
    }
    return 0;
}

static int read_record(struct ingestion *g, struct record *r, struct err *err) {
    int rc = read_type(r, err);
    r->confidence = 1;
    rc = rc ? rc : read_place(g, r, err);
    rc = rc ? rc : read_pairs(g, r, err);
    rc = rc || r->type != ENTITY_NOTE ? rc : read_body(g, r, err);
    rc = rc ? rc : check_needed(r, err);
    rc = rc ? rc : ingest_check_refs(g, r, err);
    return rc ? ingest_refuse(r, err) : 0;
}

/* ---- between records --------------------------------------------------------------------------------------------- */

static int by_start(const void *a, const void *b) {
    const struct record *x = *(const struct record *const *)a;
    const struct record *y = *(const struct record *const *)b;
    return x->start != y->start ? (x->start > y->start) - (x->start < y->start) : (x->end > y->end) - (x->end < y->end);
}

static int check_overlap(struct ingestion *g, struct err *err) {
    const struct record **notes = arena_alloc(g->a, (g->count + 1) * sizeof *notes);
    size_t count = 0;
    for (size_t i = 0; i < g->count; i++) {
        if (g->records[i].type == ENTITY_NOTE && g->records[i].has_span) {
            notes[count++] = &g->records[i];
        }
    }
    qsort(notes, count, sizeof *notes, by_start);
    for (size_t i = 1; i < count; i++) {
        if (notes[i]->start < notes[i - 1]->end) {
            const struct record *later = notes[i]->number > notes[i - 1]->number ? notes[i] : notes[i - 1];
            const struct record *earlier = later == notes[i] ? notes[i - 1] : notes[i];
            err_set(err, E_DATA, "it owns bytes of the source that record %zu owns already", earlier->number);
            return ingest_refuse(later, err);
        }
    }
    return 0;
}

static int check_keys(struct ingestion *g, struct err *err) {
    struct cache keys = {0};
    int64_t other;
    for (size_t i = 0; i < g->count; i++) {
        struct record *r = &g->records[i];
        if (r->key && cache_get(&keys, (int)r->type, r->key, strlen(r->key), &other)) {
            err_set(err, E_DATA, "key '%.60s' is that of record %lld", r->key, (long long)other);
            return ingest_refuse(r, err);
        }
        if (r->part_of && !cache_get(&keys, ENTITY_NOTE, r->part_of, strlen(r->part_of), &other)) {
            err_set(err, E_DATA, "field 'part_of' names no earlier note: '%.60s'", r->part_of);
            return ingest_refuse(r, err);
        }
        if (r->key) {
            cache_put(&keys, g->a, (int)r->type, r->key, strlen(r->key), (int64_t)r->number);
        }
    }
    for (size_t i = 0; i < g->count; i++) {
        struct record *r = &g->records[i];
        if (r->note && !cache_get(&keys, ENTITY_NOTE, r->note, strlen(r->note), &other)) {
            err_set(err, E_DATA, "field 'note' is the key of no note: '%.60s'", r->note);
            return ingest_refuse(r, err);
        }
    }
    return 0;
}

int ingest_check(struct ingestion *g, struct err *err) {
    const struct value *list = g->in->records;
    if (!form_is_text(g->in->text, g->in->text_len)) {
        return err_set(err, E_DATA, "the decoded text is not valid UTF-8");
    }
    if (!value_is(list, VALUE_ARRAY) && !value_is(list, VALUE_NIL) && list->len) {
        return err_set(err, E_DATA, "an importer gives a list of records, not %s", value_kind_name(list->kind));
    }
    if (list->len > RECORDS_MAX) {
        return err_set(err, E_DATA, "one source gives %u records, at most %d are taken", list->len, RECORDS_MAX);
    }
    g->count = value_is(list, VALUE_ARRAY) ? list->len : 0;
    g->records = arena_zalloc(g->a, (g->count + 1) * sizeof *g->records);
    find_lines(g);
    for (size_t i = 0; i < g->count; i++) {
        g->records[i].number = i + 1;
        g->records[i].raw = &list->items[i];
        int rc = read_record(g, &g->records[i], err);
        if (rc) {
            return rc;
        }
    }
    int rc = check_overlap(g, err);
    return rc ? rc : check_keys(g, err);
}
