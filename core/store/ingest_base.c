/* ingest_base.c - what a source said last time about an entity, field by field.
 *
 * The one idea: that is not stored, it is found: the journal is walked back from now to the last change of each field
 * that this source made; what others changed since is taken back on the way. Where what the source said did not become
 * ours, the table conflict has it. A change the source made of one field says nothing of the others.
 */
#include <string.h>

#include "base/msgpack.h"
#include "store/ingest_priv.h"

#define BIT(f) (UINT64_C(1) << (f))

struct step {
    bool ours, by_hand, cancelled;
    enum journal_op op;
    int64_t run, prev;
    struct image before;
};

/* Runs that were undone and the runs that undid them cancel out: it is as if they had not been. */
static int read_step(struct ingestion *g, const struct record *r, int64_t seq, struct step *step, struct err *err) {
    struct value before = value_nil;
    sqlite3_stmt *st = db_sql(&g->s->db,
                              "SELECT j.source, j.prev, j.before, r.undone IS NOT NULL OR r.undoes IS NOT NULL, j.op, "
                              "j.run FROM journal j LEFT JOIN t_run r ON r.n = j.run WHERE j.seq = ?1",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, seq);
    int rc = db_step(&g->s->db, st, err);
    if (rc == 1) {
        step->cancelled = col_int(st, 3);
        step->ours = col_int(st, 0) == g->source.n;
        step->by_hand = col_null(st, 0);
        step->prev = col_int(st, 1);
        step->op = (enum journal_op)col_int(st, 4);
        step->run = col_int(st, 5);
        rc = col_msgpack(&g->s->db, st, 2, g->a, &before, err);
    }
    db_done(&g->s->db, st);
    image_unpack(r->type, &before, &step->before);
    return rc;
}

/* What stands in the table conflict since that run was said by the source, in a later row rather than an earlier. */
static int add_said(struct ingestion *g, const struct record *r, int64_t run, struct base *base, struct err *err) {
    uint64_t known = base->known;
    int rc;
    sqlite3_stmt *st =
        db_sql(&g->s->db, "SELECT theirs FROM conflict WHERE n = ?1 AND source = ?2 AND run = ?3 ORDER BY id", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, r->row.n);
    bind_int(st, 2, g->source.n);
    bind_int(st, 3, run);
    while ((rc = db_step(&g->s->db, st, err)) == 1) {
        struct value theirs;
        struct image im;
        rc = col_msgpack(&g->s->db, st, 0, g->a, &theirs, err);
        image_unpack(r->type, &theirs, &im);
        for (int f = 0; f < F_COUNT && !rc; f++) {
            if (image_has(&im, (enum field_id)f) && !(known & BIT(f))) {
                image_set(&base->im, (enum field_id)f, im.v[f]);
                base->known |= BIT(f);
                base->by_hand |= BIT(f);
            }
        }
        if (rc) {
            break;
        }
    }
    db_done(&g->s->db, st);
    return rc;
}

/* What the field was before somebody else changed it; older rows come later and win. */
static void take_back(const struct step *step, struct base *base) {
    for (int f = 0; f < F_COUNT; f++) {
        if (image_has(&step->before, (enum field_id)f) && !(base->known & BIT(f))) {
            image_set(&base->im, (enum field_id)f, step->before.v[f]);
            base->by_hand |= step->by_hand ? BIT(f) : 0;
        }
    }
}

int base_load(struct ingestion *g, const struct record *r, uint64_t wanted, struct base *base, struct err *err) {
    struct step *step = arena_alloc(g->a, sizeof *step);
    int rc = 0;
    for (int64_t seq = r->row.seq; seq && !rc && (base->known & wanted) != wanted; seq = step->prev) {
        *step = (struct step){.prev = 0};
        rc = read_step(g, r, seq, step, err);
        if (rc || step->cancelled) {
            continue;
        }
        if (step->ours && step->op == JOURNAL_MAKE) {
            return 0;
        }
        if (step->ours) { /* what did not become ours, and what did */
            rc = add_said(g, r, step->run, base, err);
            base->known |= step->before.present;
        } else {
            take_back(step, base);
        }
    }
    return rc;
}
