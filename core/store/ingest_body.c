/* ingest_body.c - the body of a note three ways: the imported text before, ours, the imported text now.
 *
 * The one idea: the base of a merge is the text this source gave last, kept to the byte in note_rev; the merge itself is
 * in base/merge.h. A clash that was open before is open still while the three texts it came from clash.
 */
#include <string.h>

#include "base/merge.h"
#include "store/ingest_priv.h"

/* The text of revision REV of the record's note, in the arena; empty where there is none. */
static int load_text(struct ingestion *g, const struct record *r, int64_t rev, struct text *out, struct err *err) {
    size_t len;
    *out = (struct text){"", 0};
    sqlite3_stmt *st = rev ? db_sql(&g->s->db, "SELECT body FROM note_rev WHERE k = ?1", err) : NULL;
    if (!st) {
        return rev ? -(int)err->code : 0;
    }
    bind_int(st, 1, rev_key(r->row.n, rev));
    int rc = db_step(&g->s->db, st, err);
    if (rc == 1) {
        const char *text = col_text(st, 0, &len);
        *out = (struct text){arena_dup(g->a, text, len), len};
    }
    db_done(&g->s->db, st);
    return rc < 0 ? rc : 0;
}

static bool same_text(struct text a, struct text b) {
    return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

/* What the source row will say about the body must be true to the byte. */
int body_check(struct ingestion *g, struct record *r, struct err *err) {
    struct text stored;
    if (r->type != ENTITY_NOTE) {
        r->base_rev = r->row.rev;
        return 0;
    }
    if (!r->has_body) {
        return 0;
    }
    int rc = load_text(g, r, r->base_rev, &stored, err);
    struct text said = {g->in->text + r->body_start, r->body_end - r->body_start};
    r->has_body = !rc && r->base_rev && same_text(stored, said);
    return rc;
}

static struct value as_value(struct arena *a, const struct buf *b) {
    return value_strn(a, b->len ? b->data : "", b->len);
}

static void merge_three(struct ingestion *g, struct text base, struct text mine, struct text theirs,
                        struct body_verdict *v) {
    struct merged m;
    merge_texts(base, mine, theirs, MERGE_MINE, g->a, &m);
    v->keep = true; /* the next import is based on it, whatever becomes of it here */
    v->taken = m.taken;
    v->clashes = m.clashes;
    v->open = v->fresh = m.clashes > 0;
    v->result = as_value(g->a, &m.text);
    v->take = !same_text((struct text){v->result.s, v->result.len}, mine);
    buf_release(&m.text);
}

/* Do they clash still, from where an older conflict began? The count goes from there, where it tells no less. */
static int still_clashes(struct ingestion *g, const struct record *r, int64_t base_rev, struct text mine,
                         struct text theirs, struct body_verdict *v, struct err *err) {
    struct text base;
    struct merged m;
    int rc = load_text(g, r, base_rev, &base, err);
    if (!rc) {
        merge_texts(base, mine, theirs, MERGE_MINE, g->a, &m);
        v->open |= m.clashes > 0;
        v->clash_base = m.clashes >= v->clashes ? base_rev : v->clash_base;
        buf_release(&m.text);
    }
    return rc;
}

int body_judge(struct ingestion *g, struct record *r, int64_t mine_rev, int64_t clash_base, const struct value *said,
               struct body_verdict *v, struct err *err) {
    struct text theirs = value_is(said, VALUE_STR) ? (struct text){said->s, said->len} : (struct text){"", 0};
    struct text mine;
    struct text base;
    int64_t base_rev = r->origin->rev;
    *v = (struct body_verdict){.theirs = *said, .clash_base = base_rev};
    int rc = load_text(g, r, mine_rev, &mine, err);
    rc = rc ? rc : load_text(g, r, base_rev, &base, err);
    if (rc) {
        return rc;
    }
    if (same_text(theirs, mine)) {
        r->base_rev = mine_rev;
        return 0;
    }
    if (same_text(theirs, base)) {
        v->kept = true;
        v->open = clash_base != 0;
        v->clash_base = clash_base;
        return 0;
    }
    if (same_text(mine, base)) {
        v->take = true;
        v->result = *said;
        return 0;
    }
    merge_three(g, base, mine, theirs, v);
    struct text result = {v->result.s, v->result.len};
    return clash_base ? still_clashes(g, r, clash_base, result, theirs, v, err) : 0;
}
