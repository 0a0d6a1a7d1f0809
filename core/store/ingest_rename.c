/* ingest_rename.c - what was renamed or rewritten upstream is still the same thing.
 *
 * The one idea: among what nobody has matched on both sides, go from strong signs to weak ones: key and title, title,
 * key with a text that is alike, a text that is alike. Keys alone are not trusted: importers count ("part3"), and what
 * is third may be another passage tomorrow. Weak signs compare all with all, so they are tried on few things only.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/ingest_priv.h"
#include "store/names_priv.h"

enum { PAIRS_MAX = 4096, RECORDS_MAX = 4096, LINES_MAX = 256, LINE_MIN = 8 };

/* ---- pools ------------------------------------------------------------------------------------------------------- */

void pool_add(struct ingestion *g, struct pool *p, const void *key, size_t len, struct origin *o) {
    int64_t head = 0;
    cache_get(&p->heads, 0, key, len, &head);
    o->next = head ? &g->origins[head - 1] : NULL;
    cache_put(&p->heads, g->a, 0, key, len, (o - g->origins) + 1);
}

struct origin *pool_take(struct ingestion *g, struct pool *p, const void *key, size_t len) {
    int64_t head = 0;
    if (!cache_get(&p->heads, 0, key, len, &head) || !head) {
        return NULL;
    }
    struct origin *o = &g->origins[head - 1];
    while (o && o->taken) {
        o = o->next;
    }
    cache_put(&p->heads, g->a, 0, key, len, o && o->next ? (o->next - g->origins) + 1 : 0);
    return o;
}

/* ---- titles ------------------------------------------------------------------------------------------------------ */

static int old_title(struct ingestion *g, const struct origin *o, struct value *title, struct err *err) {
    struct entity_row row = {.n = o->n, .type = o->type};
    return entity_title(g->s, &row, g->a, title, err);
}

static void title_key(const char *key, const struct value *title, bool with_key, struct buf *out) {
    struct buf one = BUF_INIT;
    buf_clear(out);
    if (with_key) {
        buf_adds(out, key ? key : "");
        buf_addc(out, '\n');
    }
    if (value_is(title, VALUE_STR)) {
        names_key(title->s, title->len, &one);
        buf_add(out, one.data, one.len);
    }
    buf_release(&one);
}

static bool open_record(const struct record *r, enum entity type) {
    return r->type == type && !r->row.n && !r->twin;
}

static int by_title(struct ingestion *g, enum entity type, bool with_key, struct err *err) {
    struct pool pool = {0};
    struct buf key = BUF_INIT;
    struct value title;
    int rc = 0;
    for (size_t i = g->norigins; i-- > 0 && !rc;) {
        struct origin *o = &g->origins[i];
        if (!o->taken && o->type == type) {
            rc = old_title(g, o, &title, err);
            title_key(o->key, &title, with_key, &key);
            pool_add(g, &pool, key.data, key.len, o);
        }
    }
    for (size_t i = 0; i < g->count && !rc; i++) {
        struct record *r = &g->records[i];
        if (open_record(r, type)) {
            title_key(r->key, image_get(&r->form, F_TITLE), with_key, &key);
            struct origin *o = pool_take(g, &pool, key.data, key.len);
            rc = o ? match_to(g, r, o, err) : 0;
        }
    }
    buf_release(&key);
    return rc;
}

/* ---- texts ------------------------------------------------------------------------------------------------------- */

struct line {
    uint64_t hash;
    size_t len;
};

struct lines {
    struct line at[LINES_MAX];
    size_t count, bytes;
};

static int compare_lines(const void *a, const void *b) {
    const struct line *x = a;
    const struct line *y = b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* The first lines that say anything, as sorted hashes. */
static void take_lines(const char *s, size_t len, struct lines *out) {
    const char *end = s + len;
    out->count = out->bytes = 0;
    while (s < end && out->count < LINES_MAX) {
        const char *stop = memchr(s, '\n', (size_t)(end - s));
        stop = stop ? stop : end;
        if (stop - s >= LINE_MIN) {
            uint64_t h = 0xcbf29ce484222325u;
            for (const char *p = s; p < stop; p++) {
                h = (h ^ (unsigned char)*p) * 0x100000001b3u;
            }
            out->at[out->count++] = (struct line){h, (size_t)(stop - s)};
            out->bytes += (size_t)(stop - s);
        }
        s = stop + 1;
    }
    qsort(out->at, out->count, sizeof *out->at, compare_lines);
}

/* Bytes of the lines that stand in both, where these are at least half of the shorter one; else 0. */
static size_t alike(const struct lines *a, const struct lines *b) {
    size_t common = 0;
    size_t least = a->bytes < b->bytes ? a->bytes : b->bytes;
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        if (a->at[i].hash == b->at[k].hash) {
            common += a->at[i].len;
            i++, k++;
        } else if (a->at[i].hash < b->at[k].hash) {
            i++;
        } else {
            k++;
        }
    }
    return common * 2 >= least ? common : 0;
}

static int old_lines(struct ingestion *g, const struct origin *o, struct lines *out, struct err *err) {
    sqlite3_stmt *st = db_sql(&g->s->db, "SELECT body FROM note_rev WHERE k = ?1", err);
    size_t len;
    if (!st) {
        return -(int)err->code;
    }
    out->count = 0;
    bind_int(st, 1, rev_key(o->n, o->rev));
    int rc = db_step(&g->s->db, st, err);
    if (rc == 1) {
        const char *text = col_text(st, 0, &len);
        take_lines(text, len, out);
    }
    db_done(&g->s->db, st);
    return rc < 0 ? rc : 0;
}

static int is_alike(struct ingestion *g, const struct record *r, const struct origin *o, size_t *score,
                    struct err *err) {
    struct lines new = {.count = 0};
    struct lines old = {.count = 0};
    const struct value *body = image_get(&r->form, F_BODY);
    int rc = old_lines(g, o, &old, err);
    if (value_is(body, VALUE_STR)) {
        take_lines(body->s, body->len, &new);
    }
    *score = rc ? 0 : alike(&new, &old);
    return rc;
}

/* How many of TYPE: records, origins, and those of either that are still open. */
struct tally {
    size_t records, origins, open_records, open_origins;
};

static struct tally tally(const struct ingestion *g, enum entity type) {
    struct tally t = {0};
    for (size_t i = 0; i < g->count; i++) {
        t.records += g->records[i].type == type;
        t.open_records += open_record(&g->records[i], type);
    }
    for (size_t i = 0; i < g->norigins; i++) {
        t.origins += g->origins[i].type == type;
        t.open_origins += g->origins[i].type == type && !g->origins[i].taken;
    }
    return t;
}

static int by_key(struct ingestion *g, struct err *err) {
    struct pool pool = {0};
    struct tally t = tally(g, ENTITY_NOTE);
    bool only = t.records == 1 && t.origins == 1;
    int rc = 0;
    for (size_t i = 0; i < g->norigins; i++) {
        struct origin *o = &g->origins[i];
        if (!o->taken && o->key && o->type == ENTITY_NOTE) {
            pool_add(g, &pool, o->key, strlen(o->key), o);
        }
    }
    for (size_t i = 0; i < g->count && !rc; i++) {
        struct record *r = &g->records[i];
        struct origin *o = open_record(r, ENTITY_NOTE) && r->key ? pool_take(g, &pool, r->key, strlen(r->key)) : NULL;
        size_t score = only;
        rc = o && !only ? is_alike(g, r, o, &score, err) : 0;
        rc = rc || !o || !score ? rc : match_to(g, r, o, err);
    }
    return rc;
}

/* ---- all with all ------------------------------------------------------------------------------------------------ */

/* How much speaks for R being what came as O; 0: nothing. */
typedef int sign(struct ingestion *g, const struct record *r, const struct origin *o, size_t *score, struct err *err);

struct pair_of {
    size_t score, record, origin;
};

/* The most likely first; among equals in the order of the source. */
static int compare_pairs(const void *a, const void *b) {
    const struct pair_of *x = a;
    const struct pair_of *y = b;
    int by_score = (x->score < y->score) - (x->score > y->score);
    int by_record = (x->record > y->record) - (x->record < y->record);
    return by_score ? by_score : by_record ? by_record : (x->origin > y->origin) - (x->origin < y->origin);
}

static int score_pairs(struct ingestion *g, enum entity type, sign *test, struct pair_of *pairs, size_t *n,
                       struct err *err) {
    int rc = 0;
    *n = 0;
    for (size_t i = 0; i < g->count; i++) {
        for (size_t k = 0; k < g->norigins && open_record(&g->records[i], type) && !rc; k++) {
            const struct origin *o = &g->origins[k];
            size_t score = 0;
            rc = o->taken || o->type != type ? 0 : test(g, &g->records[i], o, &score, err);
            if (score) {
                pairs[(*n)++] = (struct pair_of){score, i, k};
            }
        }
    }
    return rc;
}

static int by_sign(struct ingestion *g, enum entity type, sign *test, const char *how, struct err *err) {
    struct tally t = tally(g, type);
    size_t n;
    if (!t.open_records || g->count > RECORDS_MAX || t.open_origins > PAIRS_MAX / t.open_records) {
        return 0;
    }
    struct pair_of *pairs = arena_alloc(g->a, (t.open_records * t.open_origins + 1) * sizeof *pairs);
    int rc = score_pairs(g, type, test, pairs, &n, err);
    qsort(pairs, n, sizeof *pairs, compare_pairs);
    for (size_t i = 0; i < n && !rc; i++) {
        struct record *r = &g->records[pairs[i].record];
        struct origin *o = &g->origins[pairs[i].origin];
        if (open_record(r, type) && !o->taken) {
            rc = match_to(g, r, o, err);
            r->matched = how;
        }
    }
    return rc;
}

static int near_title(struct ingestion *g, const struct record *r, const struct origin *o, size_t *score,
                      struct err *err) {
    const struct value *new = image_get(&r->form, F_TITLE);
    struct value old;
    int rc = old_title(g, o, &old, err);
    if (!rc && value_is(&old, VALUE_STR)) {
        unsigned limit = (old.len < new->len ? old.len : new->len) / 5;
        unsigned distance = limit ? text_distance(old.s, new->s, limit) : 1;
        *score = distance <= limit ? limit + 1 - distance : 0;
    }
    return rc;
}

/* The note that the record names was about that talk, and about no other that is open. */
static int same_note(struct ingestion *g, const struct record *r, const struct origin *o, size_t *score,
                     struct err *err) {
    const struct record *note = NULL;
    int64_t found;
    for (size_t i = 0; r->note && i < g->count; i++) {
        const struct record *other = &g->records[i];
        if (other->type == ENTITY_NOTE && other->key && strcmp(other->key, r->note) == 0) {
            note = other;
        } else if (other != r && open_record(other, ENTITY_TALK) && other->note && strcmp(other->note, r->note) == 0) {
            return 0;
        }
    }
    if (!note || !note->row.n) {
        return 0;
    }
    sqlite3_stmt *st = db_sql(&g->s->db, "SELECT count(*), max(talk = ?2) FROM note_talk WHERE note = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, note->row.n);
    bind_int(st, 2, o->n);
    int rc = db_step(&g->s->db, st, err);
    found = rc == 1 ? col_int(st, 0) : 0;
    *score = found == 1 && col_int(st, 1) == 1;
    db_done(&g->s->db, st);
    return rc < 0 ? rc : 0;
}

/* ---- ids of the source ------------------------------------------------------------------------------------------- */

static bool same_title(const struct value *old, const struct value *new) {
    struct buf x = BUF_INIT;
    struct buf y = BUF_INIT;
    title_key(NULL, old, false, &x);
    title_key(NULL, new, false, &y);
    bool same = x.len == y.len && memcmp(x.len ? x.data : "", y.len ? y.data : "", x.len) == 0;
    buf_release(&x);
    buf_release(&y);
    return same;
}

int rename_confirm(struct ingestion *g, const struct record *r, const struct origin *o, bool *yes, struct err *err) {
    struct value old;
    size_t score = 0;
    int rc = old_title(g, o, &old, err);
    *yes = !rc && same_title(&old, image_get(&r->form, F_TITLE));
    if (!rc && !*yes) {
        rc = near_title(g, r, o, &score, err);
        *yes = score > 0;
    }
    return rc;
}

/* Talks whose id in the source names a talk with another title: the title first, then the id. */
int rename_unconfirmed(struct ingestion *g, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < g->count && !rc; i++) {
        struct record *r = &g->records[i];
        for (size_t k = 0; k < g->norigins && r->guess && !r->row.n && !rc; k++) {
            struct origin *o = &g->origins[k];
            struct value old = value_nil;
            rc = o->taken || o->type != ENTITY_TALK ? 0 : old_title(g, o, &old, err);
            if (!rc && value_is(&old, VALUE_STR) && same_title(&old, image_get(&r->form, F_TITLE))) {
                rc = match_to(g, r, o, err);
                r->matched = "known by its title, its id in the source was another's";
            }
        }
    }
    for (size_t i = 0; i < g->count && !rc; i++) {
        struct record *r = &g->records[i];
        if (r->guess && !r->row.n && !r->guess->taken) {
            rc = match_to(g, r, r->guess, err);
            r->matched = "renamed upstream";
        }
    }
    return rc;
}

/* ---- the doors --------------------------------------------------------------------------------------------------- */

static bool anything_open(const struct ingestion *g, enum entity type) {
    struct tally t = tally(g, type);
    return t.open_records && t.open_origins;
}

int rename_notes(struct ingestion *g, struct err *err) {
    if (!anything_open(g, ENTITY_NOTE)) {
        return 0;
    }
    int rc = by_title(g, ENTITY_NOTE, true, err);
    rc = rc ? rc : by_title(g, ENTITY_NOTE, false, err);
    rc = rc ? rc : by_key(g, err);
    rc = rc ? rc : by_sign(g, ENTITY_NOTE, near_title, "renamed upstream", err);
    return rc ? rc : by_sign(g, ENTITY_NOTE, is_alike, "known by its text", err);
}

int rename_talks(struct ingestion *g, struct err *err) {
    if (!anything_open(g, ENTITY_TALK)) {
        return 0;
    }
    int rc = by_title(g, ENTITY_TALK, false, err);
    rc = rc ? rc : by_sign(g, ENTITY_TALK, same_note, "known by its note", err);
    return rc ? rc : by_sign(g, ENTITY_TALK, near_title, "renamed upstream", err);
}
