/* ingest_merge.c - what a record means for the entity it is about: made, changed, kept, or in conflict.
 *
 * The one idea: three ways, field by field. BASE is what this source said last time, MINE what is here now, THEIRS
 * what it says today. Untouched here: theirs is taken. Untouched there: mine stays. Both: mine stays and theirs is
 * kept in a conflict. BASE is not stored: it is found by walking the journal back to the last change this source made.
 */
#include <string.h>

#include "base/msgpack.h"
#include "store/ingest_priv.h"

#define BIT(f) (UINT64_C(1) << (f))

struct base {
    struct image im;  /* fields changed since this source spoke last, as they were then */
    uint64_t by_hand; /* those that people changed, not other sources */
};

/* ---- base -------------------------------------------------------------------------------------------------------- */

static void add_before(const struct record *r, const struct value *before, bool by_hand, struct base *base) {
    struct image im;
    image_unpack(r->type, before, &im);
    for (int f = 0; f < F_COUNT; f++) {
        if (image_has(&im, (enum field_id)f)) { /* older rows come later and win */
            image_set(&base->im, (enum field_id)f, im.v[f]);
            base->by_hand |= by_hand ? BIT(f) : 0;
        }
    }
}

/* Runs that were undone and the runs that undid them cancel out: it is as if they had not been. */
static int walk_journal(struct ingestion *g, const struct record *r, struct base *base, struct err *err) {
    int64_t seq = r->row.seq;
    while (seq) {
        struct value before;
        sqlite3_stmt *st = db_sql(&g->s->db,
                                  "SELECT j.source, j.prev, j.before, r.undone IS NOT NULL OR r.undoes IS NOT NULL "
                                  "FROM journal j "
                                  "LEFT JOIN t_run r ON r.n = j.run WHERE j.seq = ?1",
                                  err);
        if (!st) {
            return -(int)err->code;
        }
        bind_int(st, 1, seq);
        int rc = db_step(&g->s->db, st, err);
        bool cancelled = rc == 1 && col_int(st, 3);
        bool ours = rc == 1 && !cancelled && col_int(st, 0) == g->source.n;
        bool by_hand = rc == 1 && col_null(st, 0);
        seq = rc == 1 ? col_int(st, 1) : 0;
        rc = rc == 1 ? col_msgpack(&g->s->db, st, 2, g->a, &before, err) : rc;
        db_done(&g->s->db, st);
        if (rc < 0 || ours) {
            return rc < 0 ? rc : 0;
        }
        if (!cancelled) {
            add_before(r, &before, by_hand, base);
        }
    }
    return 0;
}

/* What was in conflict was theirs already: that is what they said last. */
static int add_conflict(struct ingestion *g, const struct record *r, struct base *base, struct err *err) {
    struct value theirs = value_nil;
    sqlite3_stmt *st = db_sql(&g->s->db,
                              "SELECT theirs FROM conflict WHERE n = ?1 AND source = ?2 AND resolved IS NULL "
                              "ORDER BY id DESC LIMIT 1",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, r->row.n);
    bind_int(st, 2, g->source.n);
    int rc = db_step(&g->s->db, st, err);
    rc = rc == 1 ? col_msgpack(&g->s->db, st, 0, g->a, &theirs, err) : rc;
    db_done(&g->s->db, st);
    if (!rc) {
        add_before(r, &theirs, true, base);
    }
    return rc;
}

/* ---- texts ------------------------------------------------------------------------------------------------------- */

/* Does revision REV of the record's note read TEXT? Never where REV is 0. */
static int reads(struct ingestion *g, const struct record *r, int64_t rev, const char *text, size_t text_len,
                 bool *same, struct err *err) {
    size_t len;
    *same = false;
    sqlite3_stmt *st = rev ? db_sql(&g->s->db, "SELECT body FROM note_rev WHERE k = ?1", err) : NULL;
    if (!st) {
        return rev ? -(int)err->code : 0;
    }
    bind_int(st, 1, rev_key(r->row.n, rev));
    int rc = db_step(&g->s->db, st, err);
    const char *stored = rc == 1 ? col_text(st, 0, &len) : NULL;
    *same = stored && len == text_len && memcmp(stored, text, len) == 0;
    db_done(&g->s->db, st);
    return rc < 0 ? rc : 0;
}

/* What the source row will say about the body must be true to the byte. */
static int check_base(struct ingestion *g, struct record *r, struct err *err) {
    bool same = true;
    if (r->type != ENTITY_NOTE) {
        r->base_rev = r->row.rev;
        return 0;
    }
    int rc = r->has_body
                 ? reads(g, r, r->base_rev, g->in->text + r->body_start, r->body_end - r->body_start, &same, err)
                 : 0;
    r->has_body = r->has_body && same;
    return rc;
}

/* ---- three ways -------------------------------------------------------------------------------------------------- */

struct verdict {
    struct image take;
    struct image theirs;      /* in conflict, without a body */
    const struct value *body; /* theirs, in conflict */
};

/* Do two revisions read the same? */
static int same_text(struct ingestion *g, const struct record *r, int64_t rev, int64_t other, bool *same,
                     struct err *err) {
    struct value text = value_nil;
    *same = rev == other;
    sqlite3_stmt *st = *same ? NULL : db_sql(&g->s->db, "SELECT body FROM note_rev WHERE k = ?1", err);
    if (!st) {
        return *same ? 0 : -(int)err->code;
    }
    bind_int(st, 1, rev_key(r->row.n, rev));
    int rc = db_step(&g->s->db, st, err);
    if (rc == 1) {
        text = col_value(st, 0, g->a);
    }
    db_done(&g->s->db, st);
    return rc == 1 && value_is(&text, VALUE_STR) ? reads(g, r, other, text.s, text.len, same, err) : rc;
}

static int judge_body(struct ingestion *g, struct record *r, const struct image *mine, const struct value *theirs,
                      struct verdict *v, struct err *err) {
    int64_t mine_rev = image_get(mine, F_BODY)->i;
    int64_t base_rev = r->origin->rev;
    const char *text = value_is(theirs, VALUE_STR) ? theirs->s : "";
    bool as_mine;
    bool as_base;
    int rc = reads(g, r, mine_rev, text, theirs->len, &as_mine, err);
    rc = rc ? rc : reads(g, r, base_rev, text, theirs->len, &as_base, err);
    if (rc) {
        return rc;
    }
    r->base_rev = as_mine ? mine_rev : base_rev;
    if (as_mine || as_base) {
        return 0;
    }
    bool untouched;
    rc = same_text(g, r, mine_rev, base_rev, &untouched, err);
    if (!rc && untouched) {
        image_set(&v->take, F_BODY, *theirs);
    } else if (!rc) {
        v->body = theirs;
    }
    return rc;
}

static void judge_field(struct ingestion *g, const struct record *r, enum field_id f, const struct value *mine,
                        const struct value *theirs, const struct base *base, struct verdict *v) {
    const struct value *was = image_has(&base->im, f) ? &base->im.v[f] : mine;
    if (value_equal(theirs, mine) || value_equal(theirs, was)) {
        return;
    }
    if (value_equal(mine, was)) {
        image_set(&v->take, f, *theirs);
    } else if (f == F_TAGS || f == F_TALKS) {
        image_set(&v->take, f, fill_sets(g->a, mine, theirs, was));
    } else if (base->by_hand & BIT(f)) {
        image_set(&v->theirs, f, *theirs);
    } else {
        fill_contradiction(g, r, f, mine, theirs);
    }
}

static int judge(struct ingestion *g, struct record *r, const struct image *im, struct verdict *v, struct err *err) {
    struct image mine;
    struct base *base = arena_zalloc(g->a, sizeof *base);
    int rc = image_load(&g->s->db, r->type, r->row.n, g->a, &mine, err);
    rc = rc ? rc : walk_journal(g, r, base, err);
    rc = rc ? rc : add_conflict(g, r, base, err);
    for (int f = 0; f < F_COUNT && !rc; f++) {
        if (!image_has(im, (enum field_id)f)) {
            continue;
        }
        if (f == F_BODY) {
            rc = judge_body(g, r, &mine, &im->v[f], v, err);
        } else {
            judge_field(g, r, (enum field_id)f, image_get(&mine, (enum field_id)f), &im->v[f], base, v);
        }
    }
    return rc;
}

/* ---- conflicts --------------------------------------------------------------------------------------------------- */

/* Newer words of the same source settle older conflicts with it. */
static int settle(struct ingestion *g, const struct record *r, struct err *err) {
    sqlite3_stmt *st =
        db_sql(&g->s->db, "UPDATE conflict SET resolved = ?3 WHERE n = ?1 AND source = ?2 AND resolved IS NULL", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, r->row.n);
    bind_int(st, 2, g->source.n);
    bind_int(st, 3, g->s->txn.at);
    return db_run(&g->s->db, st, err);
}

static int record_conflict(struct ingestion *g, struct record *r, const struct verdict *v, struct err *err) {
    struct buf theirs = BUF_INIT;
    int64_t run;
    int64_t mine_rev = r->row.rev;
    int rc = change_conflict(g->s, &r->row, v->body, err);
    rc = rc ? rc : txn_run(g->s, &run, err);
    sqlite3_stmt *st = rc ? NULL
                          : db_sql(&g->s->db,
                                   "INSERT INTO conflict(n, source, run, at, mine_rev, theirs_rev, theirs) "
                                   "VALUES(?1,?2,?3,?4,?5,?6,?7)",
                                   err);
    if (!st) {
        return -(int)err->code;
    }
    image_pack(&v->theirs, v->theirs.present, &theirs);
    bind_int(st, 1, r->row.n);
    bind_int(st, 2, g->source.n);
    bind_int(st, 3, run);
    bind_int(st, 4, g->s->txn.at);
    bind_int(st, 5, mine_rev);
    bind_int_or_null(st, 6, v->body ? r->row.rev : 0);
    bind_blob(st, 7, theirs.data, theirs.len);
    rc = db_run(&g->s->db, st, err);
    buf_release(&theirs);
    if (v->body) {
        r->base_rev = r->row.rev;
    }
    return rc;
}

static int three_ways(struct ingestion *g, struct record *r, const struct image *im, struct err *err) {
    struct verdict *v = arena_zalloc(g->a, sizeof *v);
    uint64_t changed = 0;
    r->base_rev = r->origin->rev;
    int rc = judge(g, r, im, v, err);
    rc = rc ? rc : settle(g, r, err);
    if (!rc && v->take.present) {
        rc = change_fields(g->s, &r->row, &v->take, JOURNAL_UPDATE, &changed, err);
    }
    if (changed & BIT(F_BODY)) {
        r->base_rev = r->row.rev;
    }
    r->outcome = changed ? UPDATED : UNCHANGED;
    if (!rc && (v->theirs.present || v->body)) {
        rc = record_conflict(g, r, v, err);
        r->outcome = CONFLICTED;
    }
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
    return rc ? rc : check_base(g, r, err);
}
