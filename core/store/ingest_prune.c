/* ingest_prune.c - what a source no longer gives because a person corrected what it gives.
 *
 * The one idea: the text is the same and so is its importer, so what is gone was never there: it goes to the trash, in the run of the correction,
 * and undoing that brings it back. What people changed since, or another source told of too, is theirs and stays.
 */
#include "store/ingest_priv.h"

/* Did anybody but this source write ROW? Runs that were undone and those that undid them do not count. */
static int is_of_others(struct ingestion *g, const struct entity_row *row, bool *yes, struct err *err) {
    int64_t seq = row->seq;
    int rc = 0;
    *yes = false;
    while (seq && !*yes && rc >= 0) {
        sqlite3_stmt *st =
            db_sql(&g->s->db,
                   "SELECT j.prev, j.source IS ?2 OR r.undone IS NOT NULL OR r.undoes IS NOT NULL FROM journal j "
                   "LEFT JOIN t_run r ON r.n = j.run WHERE j.seq = ?1",
                   err);
        if (!st) {
            return -(int)err->code;
        }
        bind_int(st, 1, seq);
        bind_int(st, 2, g->source.n);
        rc = db_step(&g->s->db, st, err);
        seq = rc == 1 ? col_int(st, 0) : 0;
        *yes = rc == 1 && !col_int(st, 1);
        db_done(&g->s->db, st);
    }
    return rc < 0 ? rc : 0;
}

static int told_elsewhere(struct ingestion *g, const struct entity_row *row, bool *yes, struct err *err) {
    sqlite3_stmt *st =
        db_sql(&g->s->db,
               "SELECT 1 FROM origin o JOIN entity e ON e.n = o.source AND e.deleted IS NULL WHERE o.n = ?1 AND "
               "o.source <> ?2 AND o.state = 0 LIMIT 1",
               err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, row->n);
    bind_int(st, 2, g->source.n);
    int rc = db_step(&g->s->db, st, err);
    *yes = rc == 1;
    db_done(&g->s->db, st);
    return rc < 0 ? rc : 0;
}

static int prune_one(struct ingestion *g, struct origin *o, struct err *err) {
    struct entity_row row;
    bool others = false;
    int rc = entity_by_n(g->s, o->n, &row, err);
    if (rc < 1 || row.deleted) {
        return rc < 0 ? rc : 0;
    }
    rc = is_of_others(g, &row, &others, err);
    rc = rc || others ? rc : told_elsewhere(g, &row, &others, err);
    if (rc || others) {
        return rc;
    }
    o->pruned = true;
    return change_trash(g->s, &row, true, err);
}

int prune_origins(struct ingestion *g, struct err *err) {
    int rc = 0;
    size_t pruned = 0;
    for (size_t i = 0; i < g->norigins && !rc; i++) {
        struct origin *o = &g->origins[i];
        if (!o->renewed && o->state == ORIGIN_LIVE) {
            rc = prune_one(g, o, err);
            pruned += o->pruned;
        }
    }
    if (pruned) {
        ingest_warn(g, 0, "%zu thing%s that %s taken out of the plan went to the trash", pruned, pruned == 1 ? "" : "s",
                    pruned == 1 ? "was" : "were");
    }
    return rc;
}
