/* ingest_match.c - identity: which entity a record is about, and the id of one that nobody has seen before.
 *
 * The one idea: an id is derived (uuid5) from what makes the thing what it is. A talk is its guid, else its event,
 * title and speakers; where these say too little (no event; a bare "Welcome"), the source is part of it. A note is its
 * source and its key. So a talk that two sources report is one talk, and importing again finds what importing made.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/ingest_priv.h"
#include "store/names_priv.h"

enum { SPACE_ORDINAL = 1, SPACE_TALK, SPACE_ORIGIN, SPACE_GUID, TRIES = 1000 };

/* ---- fingerprint of a record ------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9fb21c651e98df25u;
    return h ^ (h >> 29);
}

static uint64_t hash_bytes(uint64_t h, const char *s, size_t len) {
    uint64_t word;
    h = mix(h, len);
    for (; len >= 8; s += 8, len -= 8) {
        memcpy(&word, s, 8);
        h = mix(h, word);
    }
    word = 0;
    memcpy(&word, s, len);
    return mix(h, word);
}

/* The order of pairs in a map says nothing: an importer's tables have none. */
static uint64_t hash_value(uint64_t h, const struct value *v) {
    uint64_t sum = 0;
    h = mix(h, v->kind);
    switch (v->kind) {
    case VALUE_STR:
    case VALUE_BIN:
        return hash_bytes(h, v->s, v->len);
    case VALUE_ARRAY:
        for (size_t i = 0; i < v->len; i++) {
            h = hash_value(h, &v->items[i]);
        }
        return mix(h, v->len);
    case VALUE_MAP:
        for (size_t i = 0; i < v->len; i++) {
            sum += hash_value(hash_value(7, &v->pairs[i].key), &v->pairs[i].val);
        }
        return mix(h, sum);
    case VALUE_BOOL:
        return mix(h, v->b);
    case VALUE_NIL:
        return h;
    default:
        return mix(h, (uint64_t)v->i);
    }
}

void match_print(struct record *r) {
    uint64_t h = mix(0, r->type);
    for (int f = 0; f < F_COUNT; f++) {
        if (image_has(&r->form, (enum field_id)f)) {
            h = hash_value(mix(h, (uint64_t)f), &r->form.v[f]);
        }
    }
    h = r->clear ? mix(h, r->clear) : h;
    h = r->note ? hash_bytes(h, r->note, strlen(r->note)) : mix(h, 1);
    h = r->part_of ? hash_bytes(h, r->part_of, strlen(r->part_of)) : mix(h, 2);
    r->print = h & INT64_MAX;
}

/* ---- derived ids ------------------------------------------------------------------------------------------------- */

/* How often these bytes were asked for before. */
static int64_t ordinal(struct ingestion *g, const struct buf *key) {
    int64_t count = 0;
    cache_get(&g->seen, SPACE_ORDINAL, key->data, key->len, &count);
    cache_put(&g->seen, g->a, SPACE_ORDINAL, key->data, key->len, count + 1);
    return count;
}

static void add_ordinal(struct ingestion *g, struct buf *key) {
    int64_t n = ordinal(g, key);
    if (n) {
        buf_addf(key, "#%lld", (long long)n);
    }
}

/* Nobody has ID; else one that follows from it and is free. A new source shares its ids with nobody. */
static int free_id(struct ingestion *g, struct uuid *id, struct err *err) {
    struct entity_row row;
    for (int i = 0; g->known && i < TRIES; i++) {
        int rc = entity_by_id(g->s, id, &row, err);
        if (rc <= 0) {
            return rc;
        }
        *id = uuid5(&uuid_space_lectern, id->b, UUID_BYTES);
    }
    return 0;
}

static void note_id(struct ingestion *g, struct record *r) {
    struct buf key = BUF_INIT;
    struct buf title = BUF_INIT;
    buf_adds(&key, r->key ? "note:key:" : "note:title:");
    if (r->key) {
        buf_adds(&key, r->key);
    } else {
        const struct value *text = image_get(&r->form, F_TITLE);
        names_key(text->s, text->len, &title);
        buf_add(&key, title.data, title.len);
        add_ordinal(g, &key);
    }
    r->id = uuid5(&g->source.id, key.data, key.len);
    buf_release(&title);
    buf_release(&key);
}

/* ---- notes ------------------------------------------------------------------------------------------------------- */

int match_to(struct ingestion *g, struct record *r, struct origin *o, struct err *err) {
    int rc = entity_by_n(g->s, o->n, &r->row, err);
    if (rc == 1) {
        r->origin = o;
        r->id = r->row.id;
        o->taken = true;
    }
    return rc < 0 ? rc : 0;
}

/* What a record and an origin must share: what they say, and in the first pass the key too. */
static void print_key(struct buf *out, int64_t print, const char *key, bool with_key) {
    buf_clear(out);
    buf_add(out, &print, sizeof print);
    if (with_key) {
        buf_adds(out, key ? key : "");
    }
}

/* What says the very same as before is the same, wherever it stands now. */
static int match_by_print(struct ingestion *g, enum entity type, bool with_key, struct err *err) {
    struct pool pool = {0};
    struct buf key = BUF_INIT;
    int rc = 0;
    for (size_t i = g->norigins; i-- > 0;) {
        struct origin *o = &g->origins[i];
        if (!o->taken && o->type == type) {
            print_key(&key, o->print, o->key, with_key);
            pool_add(g, &pool, key.data, key.len, o);
        }
    }
    for (size_t i = 0; i < g->count && !rc; i++) {
        struct record *r = &g->records[i];
        if (r->type == type && !r->row.n && !r->twin) {
            print_key(&key, (int64_t)r->print, r->key, with_key);
            struct origin *o = pool_take(g, &pool, key.data, key.len);
            rc = o ? match_to(g, r, o, err) : 0;
        }
    }
    buf_release(&key);
    return rc;
}

int match_notes(struct ingestion *g, struct err *err) {
    int rc = 0;
    if (g->known) {
        rc = match_by_print(g, ENTITY_NOTE, true, err);
        rc = rc ? rc : match_by_print(g, ENTITY_NOTE, false, err);
        rc = rc ? rc : rename_notes(g, err);
    }
    for (size_t i = 0; i < g->count && !rc; i++) {
        struct record *r = &g->records[i];
        if (r->type == ENTITY_NOTE && !r->origin) {
            note_id(g, r);
            rc = free_id(g, &r->id, err);
        }
    }
    return rc;
}

/* ---- talks ------------------------------------------------------------------------------------------------------- */

/* Titles that hundreds of talks have. */
static bool is_generic(const char *key, size_t len) {
    static const char *const generic[] = {
        "announcements",
        "ask me anything",
        "award ceremony",
        "awards",
        "banquet",
        "break",
        "breakfast",
        "business meeting",
        "closing",
        "closing remarks",
        "closing session",
        "coffee",
        "coffee break",
        "conference dinner",
        "demo",
        "demos",
        "demo session",
        "dinner",
        "discussion",
        "doors open",
        "introduction",
        "intro",
        "invited talk",
        "keynote",
        "keynotes",
        "keynote address",
        "lightning talk",
        "lightning talks",
        "lunch",
        "lunch break",
        "networking",
        "opening",
        "opening ceremony",
        "opening keynote",
        "opening remarks",
        "opening session",
        "panel",
        "panel discussion",
        "plenary",
        "poster",
        "posters",
        "poster session",
        "q a",
        "q and a",
        "qa",
        "questions",
        "questions and answers",
        "reception",
        "registration",
        "session",
        "social",
        "social event",
        "summary",
        "talk",
        "tba",
        "tbd",
        "tutorial",
        "unconference",
        "untitled",
        "welcome",
        "welcome and introduction",
        "welcome reception",
        "workshop",
        "wrap up",
    };
    while (len && (key[len - 1] == ' ' || (key[len - 1] >= '0' && key[len - 1] <= '9'))) {
        len--;
    }
    for (size_t i = 0; i < sizeof generic / sizeof *generic; i++) {
        if (strlen(generic[i]) == len && memcmp(generic[i], key, len) == 0) {
            return true;
        }
    }
    return len == 0;
}

static int compare_strings(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_speakers(struct ingestion *g, const struct value *list, struct buf *key) {
    struct buf one = BUF_INIT;
    size_t n = value_is(list, VALUE_ARRAY) ? list->len : 0;
    const char **keys = arena_alloc(g->a, (n + 1) * sizeof *keys);
    for (size_t i = 0; i < n; i++) {
        const struct value *v = &list->items[i];
        const struct value *name = value_is(v, VALUE_MAP) ? value_get(v, "name") : v;
        names_key(value_cstr(name, ""), value_is(name, VALUE_STR) ? name->len : 0, &one);
        keys[i] = arena_dup(g->a, one.data, one.len);
    }
    qsort(keys, n, sizeof *keys, compare_strings);
    for (size_t i = 0; i < n; i++) {
        buf_addc(key, '\n');
        buf_adds(key, keys[i]);
    }
    buf_release(&one);
}

/* What makes this talk what it is; *OWN where the source has to be part of it. */
static int talk_key(struct ingestion *g, const struct record *r, struct buf *key, bool *own, struct err *err) {
    struct entity_row event = {0};
    struct buf title = BUF_INIT;
    const struct value *text = image_get(&r->form, F_TITLE);
    const struct value *speakers = image_get(&r->form, F_SPEAKERS);
    if (r->guid) {
        buf_addf(key, "guid:%s:%s", g->in->importer, r->guid);
        *own = g->in->copy;
        return 0;
    }
    int rc = r->event ? entity_by_n(g->s, r->event, &event, err) : 0;
    text_key(&title, text->s, text->len);
    *own =
        g->in->copy || !r->event || !title.len || (value_is(speakers, VALUE_NIL) && is_generic(title.data, title.len));
    buf_adds(key, "talk:");
    buf_add(key, event.id.b, r->event ? UUID_BYTES : 0);
    buf_add(key, title.len ? title.data : text->s, title.len ? title.len : text->len);
    add_speakers(g, speakers, key);
    buf_release(&title);
    return rc < 0 ? rc : 0;
}

/* By n, and talks by the id that the source gave them last. */
static void index_origins(struct ingestion *g) {
    int64_t at;
    if (cache_get(&g->seen, SPACE_ORIGIN, "", 0, &at)) {
        return;
    }
    cache_put(&g->seen, g->a, SPACE_ORIGIN, "", 0, 0);
    for (size_t i = 0; i < g->norigins; i++) {
        const struct origin *o = &g->origins[i];
        cache_put(&g->seen, g->a, SPACE_ORIGIN, &o->n, sizeof o->n, (int64_t)i);
        if (o->type == ENTITY_TALK && o->key && !cache_get(&g->seen, SPACE_GUID, o->key, strlen(o->key), &at)) {
            cache_put(&g->seen, g->a, SPACE_GUID, o->key, strlen(o->key), (int64_t)i);
        }
    }
}

static struct origin *origin_of_guid(struct ingestion *g, const char *guid) {
    int64_t at;
    if (!guid || !g->norigins) {
        return NULL;
    }
    index_origins(g);
    return cache_get(&g->seen, SPACE_GUID, guid, strlen(guid), &at) ? &g->origins[at] : NULL;
}

static struct origin *origin_with(struct ingestion *g, int64_t n) {
    int64_t at;
    if (!g->norigins) {
        return NULL;
    }
    index_origins(g);
    return cache_get(&g->seen, SPACE_ORIGIN, &n, sizeof n, &at) ? &g->origins[at] : NULL;
}

/* Two records of one source with the same id of the source are the same talk where they are called alike. */
static bool called_alike(const struct record *a, const struct record *b) {
    struct buf x = BUF_INIT;
    struct buf y = BUF_INIT;
    const struct value *old = image_get(&a->form, F_TITLE);
    const struct value *new = image_get(&b->form, F_TITLE);
    text_key(&x, value_cstr(old, ""), value_is(old, VALUE_STR) ? old->len : 0);
    text_key(&y, value_cstr(new, ""), value_is(new, VALUE_STR) ? new->len : 0);
    bool alike = x.len == y.len && (!x.len || memcmp(x.data, y.data, x.len) == 0);
    buf_release(&x);
    buf_release(&y);
    return alike;
}

static void add_title(const struct record *r, struct buf *key) {
    const struct value *title = image_get(&r->form, F_TITLE);
    buf_addc(key, '\n');
    text_key(key, value_cstr(title, ""), value_is(title, VALUE_STR) ? title->len : 0);
}

/* Sets r->id, or r->twin where an earlier record is the same talk. */
static int derive_id(struct ingestion *g, struct record *r, bool *own, struct err *err) {
    struct buf key = BUF_INIT;
    int64_t at;
    int rc = talk_key(g, r, &key, own, err);
    if (*own) {
        add_ordinal(g, &key);
    }
    for (int tries = 0; tries < 2 && !rc; tries++) {
        r->id = uuid5(*own ? &g->source.id : &uuid_space_lectern, key.data, key.len);
        if (!cache_get(&g->seen, SPACE_TALK, r->id.b, UUID_BYTES, &at)) {
            cache_put(&g->seen, g->a, SPACE_TALK, r->id.b, UUID_BYTES, r - g->records);
            break;
        }
        if (!r->guid || tries || called_alike(&g->records[at], r)) {
            r->twin = &g->records[at];
            break;
        }
        add_title(r, &key);
    }
    buf_release(&key);
    return rc;
}

static int by_identity(struct ingestion *g, struct record *r, struct err *err) {
    bool own = false;
    bool sure = true;
    int rc = derive_id(g, r, &own, err);
    if (rc || r->twin || (own && !g->known)) {
        return rc;
    }
    struct origin *o = origin_of_guid(g, r->guid);
    o = o && o->taken ? NULL : o;
    rc = o ? entity_by_n(g->s, o->n, &r->row, err) : entity_by_id(g->s, &r->id, &r->row, err);
    o = o || rc != 1 ? o : origin_with(g, r->row.n);
    if (!o || rc < 0) {
        return rc < 0 ? rc : 0;
    }
    sure = !o->taken; /* another record of this source is that already */
    rc = r->guid && sure ? rename_confirm(g, r, o, &sure, err) : 0;
    if (!rc && sure) {
        r->origin = o;
        o->taken = true;
    } else if (!rc) {
        r->guess = o;
        r->row = (struct entity_row){0};
    }
    return rc;
}

/* What no record turned out to be keeps its id. */
static int fresh_ids(struct ingestion *g, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < g->count && !rc; i++) {
        struct record *r = &g->records[i];
        rc = r->guess && !r->row.n ? free_id(g, &r->id, err) : 0;
    }
    return rc;
}

int match_talks(struct ingestion *g, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < g->count && !rc; i++) {
        if (g->records[i].type == ENTITY_TALK) {
            rc = by_identity(g, &g->records[i], err);
        }
    }
    rc = rc || !g->known ? rc : rename_unconfirmed(g, err);
    rc = rc || !g->known ? rc : match_by_print(g, ENTITY_TALK, false, err);
    rc = rc || !g->known ? rc : rename_talks(g, err);
    return rc || !g->known ? rc : fresh_ids(g, err);
}
