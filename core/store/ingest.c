/* ingest.c - one source from records to rows, in order, and what became of each.
 *
 * The one idea: look first, write after. Everything is checked and matched before the first row is written: events,
 * then talks, then the notes about them, then the source that says where it all came from. A savepoint makes it whole
 * or absent.
 */
#include <string.h>

#include "store/attach_priv.h"
#include "store/form_priv.h"
#include "store/names_priv.h"
#include "store/refs_priv.h"

/* What is wrong with a record's references is the record's fault. */
static int blame(const struct record *r, int rc, struct err *err) {
    return rc == -(int)E_USAGE || rc == -(int)E_NOTFOUND ? ingest_refuse(r, err) : rc;
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

/* Awards that the record tells are added to those the event has; two reports may tell the same. */
static int add_awards(struct ingestion *g, struct record *r, struct err *err) {
    struct image old;
    struct image fill = {0};
    struct value told;
    uint64_t changed;
    int rc = refs_field(g->s, F_AWARDS, &r->form.v[F_AWARDS], r->row.n, g->a, &told, NULL, err);
    rc = rc ? rc : image_load(&g->s->db, ENTITY_EVENT, r->row.n, g->a, &old, err);
    if (rc || !value_is(&told, VALUE_ARRAY)) {
        return rc;
    }
    const struct value *had = image_get(&old, F_AWARDS);
    uint32_t known = value_is(had, VALUE_ARRAY) ? had->len : 0;
    struct value all = value_array(g->a, known + told.len);
    for (uint32_t i = 0; i < known; i++) {
        value_push(g->a, &all, had->items[i]);
    }
    for (uint32_t i = 0; i < told.len; i++) {
        uint32_t k = 0;
        while (k < all.len && !value_equal(&all.items[k], &told.items[i])) {
            k++;
        }
        if (k == all.len) {
            value_push(g->a, &all, told.items[i]);
        }
    }
    image_set(&fill, F_AWARDS, all);
    return all.len > known ? change_fields(g->s, &r->row, &fill, JOURNAL_UPDATE, &changed, err) : 0;
}

static int take_event(struct ingestion *g, struct record *r, struct err *err) {
    const char *warning = NULL;
    int64_t operations = g->s->txn.operations;
    int64_t n;
    int rc = names_event(g->s, r->raw, g->a, &n, &warning, err);
    rc = rc ? rc : entity_by_n(g->s, n, &r->row, err);
    if (rc >= 0 && image_has(&r->form, F_AWARDS)) {
        rc = add_awards(g, r, err);
    }
    if (rc < 0) {
        return blame(r, rc, err);
    }
    if (warning) {
        ingest_warn(g, r->line_start, "%s", warning);
    }
    bool changed = g->s->txn.operations > operations;
    r->outcome = !changed ? UNCHANGED : r->row.rev == 1 ? MADE : UPDATED;
    return 0;
}

static void warn_other_event(struct ingestion *g, const struct record *r, int64_t stated, int64_t given) {
    int64_t told[2] = {stated, given};
    int64_t seen;
    if (stated == given || cache_get(&g->seen, -1, told, sizeof told, &seen)) {
        return;
    }
    cache_put(&g->seen, g->a, -1, told, sizeof told, 1);
    const struct value *name = image_get(&r->form, F_EVENT);
    name = value_is(name, VALUE_MAP) ? value_get(name, "name") : name;
    ingest_warn(g, r->line_start, "the source says it is of '%s', not of the event given; the source was believed",
                value_cstr(name, "another event"));
}

/* The event a talk or note is of: as it states, else as was given for the whole source. */
static int resolve_event(struct ingestion *g, struct record *r, struct err *err) {
    const struct value *stated = image_get(&r->form, F_EVENT);
    const char *warning = NULL;
    int64_t given = 0;
    int rc = 0;
    if (r->clear >> F_EVENT & 1) {
        return 0;
    }
    if (g->in->event && !value_is(g->in->event, VALUE_NIL)) {
        rc = names_event(g->s, g->in->event, g->a, &given, NULL, err);
    }
    if (!rc && value_is(stated, VALUE_NIL)) {
        r->event = given;
    } else if (!rc) {
        rc = blame(r, names_event(g->s, stated, g->a, &r->event, &warning, err), err);
    }
    if (!rc && given && r->event) {
        warn_other_event(g, r, r->event, given);
    }
    if (warning) {
        ingest_warn(g, r->line_start, "%s", warning);
    }
    return rc;
}

/* ---- a record in image form -------------------------------------------------------------------------------------- */

static int to_image(struct ingestion *g, struct record *r, struct image *im, struct err *err) {
    int rc = 0;
    *im = (struct image){0};
    for (int f = 0; f < F_COUNT && !rc; f++) {
        struct value v;
        if (!image_has(&r->form, (enum field_id)f) || f == F_EVENT) {
            continue;
        }
        rc = refs_field(g->s, (enum field_id)f, &r->form.v[f], r->event, g->a, &v, NULL, err);
        image_set(im, (enum field_id)f, v);
    }
    for (int f = 0; f < F_COUNT && !rc; f++) {
        if (r->clear >> f & 1 && !image_has(im, (enum field_id)f)) {
            image_set(im, (enum field_id)f, value_nil);
        }
    }
    if (!rc && !r->row.n && !image_has(im, F_KIND)) {
        image_set(im, F_KIND, value_lit(r->type == ENTITY_TALK ? "talk" : "note"));
    }
    return blame(r, rc, err);
}

static int take_talk(struct ingestion *g, struct record *r, struct err *err) {
    struct image *im = arena_alloc(g->a, sizeof *im);
    int rc = to_image(g, r, im, err);
    if (rc) {
        return rc;
    }
    if (r->event) {
        image_set(im, F_EVENT, value_int(r->event));
    }
    if (r->twin) {
        r->row = r->twin->row;
        ingest_warn(g, r->line_start, "talk '%s' stands twice in this source; it was taken as one",
                    value_cstr(image_get(&r->form, F_TITLE), ""));
    }
    rc = merge_record(g, r, im, err);
    if (r->twin) {
        r->twin->row = r->row;
        r->twin->base_rev = r->row.rev;
    }
    return rc;
}

/* ---- notes ------------------------------------------------------------------------------------------------------- */

/* Which notes the talks name: for each note its talks, found by key. */
struct link {
    int64_t talk, event;
    struct link *next;
};

static void add_link(struct ingestion *g, struct cache *links, const struct record *talk) {
    struct link *link = arena_alloc(g->a, sizeof *link);
    int64_t head = 0;
    if (!talk->note) {
        return;
    }
    cache_get(links, 0, talk->note, strlen(talk->note), &head);
    *link = (struct link){.talk = talk->row.n, .event = talk->event, .next = (struct link *)(intptr_t)head};
    cache_put(links, g->a, 0, talk->note, strlen(talk->note), (int64_t)(intptr_t)link);
}

static void link_talks(struct ingestion *g, const struct record *r, const struct cache *links, struct image *im) {
    int64_t head = 0;
    struct value talks = value_array(g->a, 2);
    int64_t event = r->event;
    if (r->key) {
        cache_get(links, 0, r->key, strlen(r->key), &head);
    }
    for (const struct link *l = (const struct link *)(intptr_t)head; l; l = l->next) {
        value_push(g->a, &talks, value_int(l->talk));
        event = l->event == event ? 0 : event; /* the talk says it already */
    }
    image_set(im, F_TALKS, refs_sorted(talks));
    bool stated = image_has(&r->form, F_EVENT);
    if (event && (stated || !head)) {
        image_set(im, F_EVENT, value_int(event));
    }
}

static void link_part_of(const struct ingestion *g, const struct record *r, const struct cache *keys,
                         struct image *im) {
    int64_t at;
    if (r->part_of && cache_get(keys, 0, r->part_of, strlen(r->part_of), &at)) {
        image_set(im, F_PART_OF, value_int(g->records[at].row.n));
    }
}

static int take_note(struct ingestion *g, struct record *r, const struct cache *links, struct cache *keys,
                     struct err *err) {
    struct image *im = arena_alloc(g->a, sizeof *im);
    int rc = to_image(g, r, im, err);
    if (rc) {
        return rc;
    }
    link_talks(g, r, links, im);
    link_part_of(g, r, keys, im);
    rc = attach_settle(g, r, im, err);
    rc = rc ? rc : merge_record(g, r, im, err);
    if (r->key) {
        cache_put(keys, g->a, 0, r->key, strlen(r->key), r - g->records);
    }
    return rc;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static int take_records(struct ingestion *g, struct err *err) {
    struct cache links = {0};
    struct cache keys = {0};
    int rc = match_talks(g, err);
    for (size_t i = 0; i < g->count && !rc; i++) {
        if (g->records[i].type == ENTITY_TALK) {
            rc = take_talk(g, &g->records[i], err);
            add_link(g, &links, &g->records[i]);
        }
    }
    for (size_t i = 0; i < g->count && !rc; i++) {
        if (g->records[i].type == ENTITY_NOTE) {
            rc = take_note(g, &g->records[i], &links, &keys, err);
        }
    }
    return rc;
}

/* The event that was given was there already, and so were the files that are linked to: then neither is there anything to say about the source. */
static bool nothing_new(const struct ingestion *g) {
    bool same = g->only_more && !g->moved;
    for (size_t i = 0; i < g->count && same; i++) {
        same = g->records[i].outcome == UNCHANGED || g->records[i].outcome == SKIPPED;
    }
    return same;
}

static int look_and_take(struct ingestion *g, struct err *err) {
    int rc = source_load_origins(g, err);
    if (!rc && !g->source.n) {
        rc = txn_next_n(g->s, &g->source.n, err);
    }
    g->s->txn.source = g->source.n;
    for (size_t i = 0; i < g->count && !rc; i++) {
        struct record *r = &g->records[i];
        match_print(r);
        rc = r->type == ENTITY_EVENT ? take_event(g, r, err) : 0;
    }
    for (size_t i = 0; i < g->count && !rc; i++) {
        rc = g->records[i].type == ENTITY_EVENT ? 0 : resolve_event(g, &g->records[i], err);
    }
    rc = rc ? rc : match_notes(g, err);
    rc = rc ? rc : take_records(g, err);
    rc = rc || !g->in->corrected ? rc : prune_origins(g, err);
    return rc ? rc : source_save(g, err);
}

/* ---- the door ---------------------------------------------------------------------------------------------------- */

static int check_call(const struct ingest *in, struct err *err) {
    if (!in->path || !in->path[0] || !form_is_text(in->path, strlen(in->path)) || !in->importer ||
        !in->importer_version || !in->encoding || !in->text || !in->records) {
        return err_set(err, E_INTERNAL, "an ingest lacks what it must have");
    }
    return 0;
}

static int write_source(struct ingestion *g, struct value *report, struct err *err) {
    int rc = g->same_bytes ? source_save(g, err) : look_and_take(g, err);
    rc = rc ? rc : ingest_report(g, report, err);
    g->s->txn.source = 0;
    return rc;
}

/* A savepoint copies each page that is changed: a quarter of the work. Where nothing can be refused any more it is
 * left out, and an error (of the disk, then) takes the whole transaction back, which is whole or absent too. */
static int write_whole(struct ingestion *g, struct value *report, struct err *err) {
    struct txn_mark mark;
    if (!g->risky) {
        int rc = write_source(g, report, err);
        if (rc) {
            txn_abandon(g->s);
        }
        return rc;
    }
    int rc = txn_savepoint(g->s, &mark, err);
    if (rc) {
        return rc;
    }
    rc = write_source(g, report, err);
    if (!rc && !nothing_new(g)) {
        return txn_release(g->s, err);
    }
    txn_back_to(g->s, &mark); /* nobody took the event that was given: it was made for nothing */
    return rc;
}

/* What a command line gave as the event of all is not the importer's, and not checked by it. */
static bool given_is_risky(const struct ingest *in) {
    return in->attach || (in->event && !value_is(in->event, VALUE_NIL));
}

int store_ingest(struct store *s, const struct ingest *in, struct arena *a, struct value *report, struct err *err) {
    struct ingestion g = {.s = s, .in = in, .a = &s->scratch, .out = a};
    *report = value_nil;
    g.warnings = value_array(a, 0);
    int rc = txn_need(s, err);
    rc = rc ? rc : check_call(in, err);
    rc = rc ? rc : source_find(&g, err);
    if (!rc && g.same_bytes && !g.moved) {
        rc = ingest_report(&g, report, err);
    } else if (!rc) {
        g.risky = given_is_risky(in);
        s->txn.ingest = in;
        rc = ingest_check(&g, err);
        rc = rc ? rc : write_whole(&g, report, err);
    }
    s->txn.ingest = NULL;
    arena_clear(&s->scratch);
    return rc;
}
