/* ingest_merge.c - what a record means for the entity it is about: made, changed, kept, or in conflict.
 *
 * The one idea: three ways, field by field, the body block by block. BASE is what this source said last time, MINE what
 * is here now, THEIRS what it says today. Untouched here: theirs is taken. Untouched there: mine stays. Both: mine stays
 * and theirs is kept in a conflict, which stays open until somebody decides, or upstream says what is here.
 */
#include <string.h>

#include "base/msgpack.h"
#include "store/attach_priv.h"

#define BIT(f) (UINT64_C(1) << (f))

struct verdict {
    struct image take;
    struct image open; /* theirs, in conflict with mine */
    struct image said; /* theirs where it is new and was not simply taken: the base of the next import */
    struct body_verdict body;
    bool fresh; /* something of OPEN is new */
};

/* What was in conflict with this source when it came. */
struct standing {
    struct value ids; /* of the rows; nil where there are none */
    struct image theirs;
    int64_t base_rev, theirs_rev; /* of a body, or 0 */
};

static int load_standing(struct ingestion *g, const struct record *r, struct standing *old, struct err *err) {
    int rc;
    *old = (struct standing){.ids = value_nil};
    sqlite3_stmt *st = db_sql(&g->s->db,
                              "SELECT id, theirs, base_rev, theirs_rev FROM conflict WHERE n = ?1 AND source = ?2 AND "
                              "resolved IS NULL ORDER BY id",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, r->row.n);
    bind_int(st, 2, g->source.n);
    while ((rc = db_step(&g->s->db, st, err)) == 1) {
        struct value theirs;
        struct image im;
        rc = col_msgpack(&g->s->db, st, 1, g->a, &theirs, err);
        if (rc) {
            break;
        }
        image_unpack(r->type, &theirs, &im);
        for (int f = 0; f < F_COUNT; f++) {
            if (image_has(&im, (enum field_id)f)) {
                image_set(&old->theirs, (enum field_id)f, im.v[f]);
            }
        }
        old->ids = value_is(&old->ids, VALUE_ARRAY) ? old->ids : value_array(g->a, 1);
        value_push(g->a, &old->ids, value_int(col_int(st, 0)));
        old->base_rev = col_null(st, 3) ? old->base_rev : col_int(st, 2);
        old->theirs_rev = col_null(st, 3) ? old->theirs_rev : col_int(st, 3);
    }
    db_done(&g->s->db, st);
    return rc;
}

/* ---- three ways -------------------------------------------------------------------------------------------------- */

static void judge_field(struct ingestion *g, struct record *r, enum field_id f, const struct value *mine,
                        const struct value *theirs, const struct base *base, struct verdict *v) {
    const struct value *was = image_has(&base->im, f) ? &base->im.v[f] : mine;
    if (value_equal(theirs, was)) {
        r->kept |= value_equal(mine, was) ? 0 : BIT(f);
        return;
    }
    if (value_equal(mine, was)) {
        image_set(&v->take, f, *theirs);
        return;
    }
    image_set(&v->said, f, *theirs);
    if (value_equal(theirs, mine)) {
        return;
    }
    if (f == F_TAGS || f == F_TALKS) {
        image_set(&v->take, f, fill_sets(g->a, mine, theirs, was));
        r->joined |= BIT(f);
    } else if (base->by_hand & BIT(f)) {
        image_set(&v->open, f, *theirs);
        v->fresh = true;
    } else {
        fill_contradiction(g, r, f, mine, theirs);
    }
}

/* What was open before and is not decided by what they say now stays open. */
static void carry_fields(const struct standing *old, const struct image *mine, const struct image *im,
                         struct verdict *v) {
    for (int i = 0; i < F_COUNT; i++) {
        enum field_id f = (enum field_id)i;
        if (image_has(&old->theirs, f) && image_has(im, f) && !image_has(&v->open, f) && !image_has(&v->take, f) &&
            !value_equal(image_get(mine, f), &im->v[f])) {
            image_set(&v->open, f, im->v[f]);
        }
    }
}

static int judge(struct ingestion *g, struct record *r, const struct image *im, const struct standing *old,
                 struct verdict *v, struct err *err) {
    struct image mine;
    struct base *base = arena_zalloc(g->a, sizeof *base);
    int rc = image_load(&g->s->db, r->type, r->row.n, g->a, &mine, err);
    rc = rc ? rc : base_load(g, r, im->present & ~BIT(F_BODY), base, err);
    for (int f = 0; f < F_COUNT && !rc; f++) {
        if (image_has(im, (enum field_id)f) && f != F_BODY) {
            judge_field(g, r, (enum field_id)f, image_get(&mine, (enum field_id)f), &im->v[f], base, v);
        }
    }
    carry_fields(old, &mine, im, v);
    if (!rc && image_has(im, F_BODY)) {
        int64_t mine_rev = image_get(&mine, F_BODY)->i;
        rc = body_judge(g, r, mine_rev, old->theirs_rev ? old->base_rev : 0, &im->v[F_BODY], &v->body, err);
        v->fresh |= v->body.fresh;
    } else if (!rc && old->theirs_rev) { /* nothing is said of the body: it stays as it was */
        v->body.open = true;
    }
    return rc;
}

/* ---- conflicts --------------------------------------------------------------------------------------------------- */

/* A row of the table: what they say, open or only to be remembered. */
static int keep_theirs(struct ingestion *g, struct record *r, const struct image *theirs, const struct body_verdict *b,
                       int64_t mine_rev, int64_t text_rev, bool open, struct err *err) {
    struct buf packed = BUF_INIT;
    int64_t run;
    int rc = txn_run(g->s, &run, err);
    sqlite3_stmt *st = rc ? NULL
                          : db_sql(&g->s->db,
                                   "INSERT INTO conflict(n, source, run, at, mine_rev, theirs_rev, theirs, resolved, "
                                   "base_rev) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)",
                                   err);
    if (!st) {
        return -(int)err->code;
    }
    image_pack(theirs, theirs->present, &packed);
    bind_int(st, 1, r->row.n);
    bind_int(st, 2, g->source.n);
    bind_int(st, 3, run);
    bind_int(st, 4, g->s->txn.at);
    bind_int(st, 5, mine_rev);
    if (open && b->open) {
        bind_int(st, 6, text_rev);
        bind_int_or_null(st, 9, b->clash_base);
    }
    bind_blob(st, 7, packed.data, packed.len);
    if (!open) {
        bind_int(st, 8, 0);
    }
    rc = db_run(&g->s->db, st, err);
    buf_release(&packed);
    return rc ? rc : attach_save(g->s, r->row.n, image_get(theirs, F_ATTACHMENTS), err);
}

/* Do the rows of the table say already what V says is open? */
static bool stands(const struct standing *old, const struct verdict *v) {
    if (v->fresh || old->theirs.present != v->open.present || (old->theirs_rev != 0) != v->body.open) {
        return false;
    }
    for (int f = 0; f < F_COUNT; f++) {
        if (image_has(&v->open, (enum field_id)f) && !value_equal(&old->theirs.v[f], &v->open.v[f])) {
            return false;
        }
    }
    return true;
}

/* Newer words of the same source take the place of older conflicts with it. */
static int write_conflicts(struct ingestion *g, struct record *r, const struct standing *old, const struct verdict *v,
                           struct err *err) {
    bool replace = !stands(old, v);
    bool open = replace && (v->open.present || v->body.open);
    bool remember = v->said.present || v->body.keep;
    int64_t mine_rev = r->row.rev;
    int64_t text_rev = old->theirs_rev;
    int rc = 0;
    if (replace && value_is(&old->ids, VALUE_ARRAY)) {
        rc = change_resolve(g->s, &r->row, &old->ids, true, err);
    }
    if (!rc && (open || remember)) {
        rc = change_theirs(g->s, &r->row, v->body.keep ? &v->body.theirs : NULL, open && v->fresh, err);
    }
    if (!rc && v->body.keep) {
        text_rev = r->base_rev = r->row.rev;
    }
    if (!rc && open) {
        rc = keep_theirs(g, r, &v->open, &v->body, mine_rev, text_rev ? text_rev : r->base_rev, true, err);
    }
    return rc || !v->said.present ? rc : keep_theirs(g, r, &v->said, &v->body, mine_rev, 0, false, err);
}

static int three_ways(struct ingestion *g, struct record *r, const struct image *im, struct err *err) {
    struct verdict *v = arena_zalloc(g->a, sizeof *v);
    struct standing *old = arena_zalloc(g->a, sizeof *old);
    uint64_t changed = 0;
    r->base_rev = r->origin->rev;
    int rc = load_standing(g, r, old, err);
    rc = rc ? rc : judge(g, r, im, old, v, err);
    rc = rc ? rc : write_conflicts(g, r, old, v, err);
    if (!rc && v->body.take) {
        image_set(&v->take, F_BODY, v->body.result);
    }
    if (!rc && v->take.present) {
        rc = change_fields(g->s, &r->row, &v->take, JOURNAL_UPDATE, &changed, err);
    }
    if (changed & BIT(F_BODY) && !v->body.keep) {
        r->base_rev = r->row.rev;
    }
    r->took = changed;
    r->clashed = v->fresh ? v->open.present | (v->body.open ? BIT(F_BODY) : 0) : 0;
    r->blocks_taken = v->body.taken;
    r->blocks_clashed = v->body.clashes;
    r->kept |= v->body.kept ? BIT(F_BODY) : 0;
    r->joined |= v->body.keep && v->body.take ? BIT(F_BODY) : 0;
    r->outcome = v->fresh ? CONFLICTED : changed & r->joined ? MERGED : changed ? UPDATED : UNCHANGED;
    return rc;
}

/* ---- other cases ------------------------------------------------------------------------------------------------- */

static int fill(struct ingestion *g, struct record *r, const struct image *im, struct err *err) {
    struct image mine;
    struct image take = {0};
    uint64_t changed = 0;
    int rc = image_load(&g->s->db, r->type, r->row.n, g->a, &mine, err);
    if (!rc) {
        fill_image(g, r, &mine, im, &take);
        rc = take.present ? change_fields(g->s, &r->row, &take, JOURNAL_UPDATE, &changed, err) : 0;
    }
    r->outcome = changed ? UPDATED : UNCHANGED;
    return rc;
}

/* An event that was given for the whole source is for what has none: the record leaves it out where there is one. */
static int keep_event(struct ingestion *g, const struct record *r, struct image *im, struct err *err) {
    struct image mine;
    if (image_has(&r->form, F_EVENT) || !image_has(im, F_EVENT) || r->clear & BIT(F_EVENT)) {
        return 0;
    }
    int rc = image_load(&g->s->db, r->type, r->row.n, g->a, &mine, err);
    if (!rc && !value_is(image_get(&mine, F_EVENT), VALUE_NIL)) {
        im->present &= ~BIT(F_EVENT);
    }
    return rc;
}

/* Nothing new upstream; but another talk of the source may be linked to the note now, or an event was given. */
static int unchanged(struct ingestion *g, struct record *r, const struct image *im, struct err *err) {
    struct image links = {0};
    struct image mine;
    uint64_t changed = 0;
    r->outcome = UNCHANGED;
    r->base_rev = r->origin->rev;
    bool talks = r->type == ENTITY_NOTE && !value_is(image_get(im, F_TALKS), VALUE_NIL);
    bool event = !image_has(&r->form, F_EVENT) && image_has(im, F_EVENT);
    if (!talks && !event) {
        return 0;
    }
    int rc = image_load(&g->s->db, r->type, r->row.n, g->a, &mine, err);
    if (talks) {
        image_set(&links, F_TALKS, fill_sets(g->a, image_get(&mine, F_TALKS), image_get(im, F_TALKS), &value_nil));
    }
    if (event) {
        image_set(&links, F_EVENT, *image_get(im, F_EVENT));
    }
    rc = rc ? rc : change_fields(g->s, &r->row, &links, JOURNAL_UPDATE, &changed, err);
    r->outcome = changed ? UPDATED : UNCHANGED;
    return rc;
}

/* In the trash: it went there with its whole source, or because the source was corrected, and comes back with it; or
 * somebody put it there and it stays. */
static int from_trash(struct ingestion *g, struct record *r, bool *back, struct err *err) {
    int64_t run = 0;
    sqlite3_stmt *st = db_sql(&g->s->db, "SELECT run, source FROM journal WHERE seq = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, r->row.seq);
    int rc = db_step(&g->s->db, st, err);
    run = rc == 1 ? col_int(st, 0) : 0;
    bool ours = rc == 1 && !col_null(st, 1) && col_int(st, 1) == g->source.n;
    db_done(&g->s->db, st);
    *back = rc == 1 && (ours || (g->revived && run == g->trashed_seq_run));
    if (rc < 0 || *back) {
        return rc < 0 ? rc : change_trash(g->s, &r->row, false, err);
    }
    r->outcome = SKIPPED;
    r->base_rev = r->origin ? r->origin->rev : 0;
    return 0;
}

static int merge_found(struct ingestion *g, struct record *r, struct image *im, struct err *err) {
    bool back = false;
    int rc = r->row.deleted ? from_trash(g, r, &back, err) : 0;
    if (rc || (r->row.deleted && !back)) {
        return rc;
    }
    rc = keep_event(g, r, im, err);
    if (rc) {
        return rc;
    }
    if (!r->origin || r->twin) {
        rc = fill(g, r, im, err);
    } else if (r->origin->print == (int64_t)r->print) {
        rc = unchanged(g, r, im, err);
    } else {
        rc = three_ways(g, r, im, err);
    }
    r->outcome = back && r->outcome != CONFLICTED ? MADE : r->outcome;
    return rc;
}

int merge_record(struct ingestion *g, struct record *r, struct image *im, struct err *err) {
    if (!r->row.n) {
        r->outcome = MADE;
        int rc = change_make(g->s, r->type, &r->id, im, &r->row, err);
        r->base_rev = r->row.rev;
        return rc;
    }
    int rc = merge_found(g, r, im, err);
    if (r->origin) {
        r->origin->renewed = true;
    }
    return rc ? rc : body_check(g, r, err);
}
