/* ingest_report.c - what became of a source, item by item, and why.
 *
 * The one idea: the steps before leave bits and counts in the records; words are made here, once, at the end. What was
 * made by a first import needs none.
 */
#include "store/ingest_priv.h"

enum { OUTCOMES = SKIPPED + 1 };
static const char *const outcome_names[OUTCOMES] = {"made", "updated", "merged", "unchanged", "conflicted", "skipped"};

/* ---- reasons ----------------------------------------------------------------------------------------------------- */

/* The names of the fields in BITS, behind WORDS. */
static void add_fields(struct buf *out, const char *words, uint64_t bits) {
    const char *gap = "";
    if (!bits) {
        return;
    }
    buf_addf(out, "%s%s: ", out->len ? "; " : "", words);
    for (int f = 0; f < F_COUNT; f++) {
        if (bits >> f & 1) {
            buf_addf(out, "%s%s", gap, f == F_ORD ? "place" : fields[f].name);
            gap = ", ";
        }
    }
}

static void add_blocks(struct buf *out, const char *words, size_t n) {
    if (n) {
        buf_addf(out, " (%zu block%s %s)", n, n == 1 ? "" : "s", words);
    }
}

/* BACK: it came out of the trash with its source. */
static void add_reason(const struct ingestion *g, const struct record *r, struct buf *out) {
    uint64_t taken = r->took & ~r->joined;
    if (r->matched) {
        buf_adds(out, r->matched);
    }
    switch (r->outcome) {
    case MADE:
        buf_addf(out, "%s%s", out->len ? "; " : "", g->revived ? "back with its source" : "new in the source");
        return;
    case SKIPPED:
        buf_addf(out, "%s%s", out->len ? "; " : "", "deleted here, stays deleted");
        return;
    default:
        break;
    }
    add_fields(out, "changed here and upstream, yours stands", r->clashed);
    if (r->clashed >> F_BODY & 1) {
        add_blocks(out, "in conflict", r->blocks_clashed);
    }
    add_fields(out, "changed here and upstream, merged", r->joined & ~r->clashed);
    add_blocks(out, "of theirs", (r->joined & ~r->clashed) >> F_BODY & 1 ? r->blocks_taken : 0);
    add_fields(out, "changed upstream", taken);
    add_fields(out, "changed here, left", r->kept & ~r->clashed & ~r->joined);
    if (!out->len) {
        buf_adds(out, r->outcome == UNCHANGED ? "nothing new" : "told by another source, too");
    }
}

static struct value reason_of(struct ingestion *g, const struct record *r) {
    struct buf out = BUF_INIT;
    if (g->known && r->type != ENTITY_EVENT) {
        add_reason(g, r, &out);
    }
    struct value v = out.len ? value_strn(g->out, out.data, out.len) : value_nil;
    buf_release(&out);
    return v;
}

/* ---- items ------------------------------------------------------------------------------------------------------- */

static struct value line_of(int64_t line) {
    return line > 0 ? value_int(line) : value_nil;
}

static struct value report_item(struct ingestion *g, const struct record *r) {
    struct value item = value_map(g->out, 10);
    char id[UUID_TEXT + 1];
    const struct value *title = image_get(&r->form, r->type == ENTITY_EVENT ? F_NAME : F_TITLE);
    const char *kind = value_cstr(image_get(&r->form, F_KIND), r->type == ENTITY_EVENT ? NULL : entity_name(r->type));
    uuid_text(&r->row.id, id);
    value_set(g->out, &item, "type", value_lit(entity_name(r->type)));
    value_set(g->out, &item, "kind", value_str(g->out, kind));
    value_set(g->out, &item, "id", value_str(g->out, id));
    value_set(g->out, &item, "title", value_strn(g->out, value_cstr(title, ""), title->len));
    value_set(g->out, &item, "status", value_lit(outcome_names[r->outcome]));
    value_set(g->out, &item, "line_start", line_of(r->line_start));
    value_set(g->out, &item, "line_end", line_of(r->line_end));
    value_set(g->out, &item, "why", value_str(g->out, r->why));
    value_set(g->out, &item, "confidence", value_float(r->confidence));
    value_set(g->out, &item, "reason", reason_of(g, r));
    return item;
}

static bool is_gone(const struct origin *o) {
    return !o->renewed && !o->pruned && o->state == ORIGIN_LIVE;
}

/* What the source does not hold any more. */
static int gone_item(struct ingestion *g, const struct origin *o, struct value *items, struct err *err) {
    struct value item = value_map(g->out, 10);
    struct entity_row row;
    struct value title;
    char id[UUID_TEXT + 1];
    int rc = entity_by_n(g->s, o->n, &row, err);
    if (rc < 1 || row.deleted) {
        return rc < 0 ? rc : 0;
    }
    rc = entity_title(g->s, &row, g->out, &title, err);
    uuid_text(&row.id, id);
    value_set(g->out, &item, "type", value_lit(entity_name(row.type)));
    value_set(g->out, &item, "kind", value_lit(entity_name(row.type)));
    value_set(g->out, &item, "id", value_str(g->out, id));
    value_set(g->out, &item, "title", title);
    value_set(g->out, &item, "status", value_lit("orphaned"));
    value_set(g->out, &item, "line_start", value_nil);
    value_set(g->out, &item, "line_end", value_nil);
    value_set(g->out, &item, "why", value_nil);
    value_set(g->out, &item, "confidence", value_nil);
    value_set(g->out, &item, "reason", value_lit("no longer in the source, kept"));
    value_push(g->out, items, item);
    return rc;
}

static int add_gone(struct ingestion *g, int64_t *gone, struct value *items, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < g->norigins && !rc; i++) {
        if (is_gone(&g->origins[i])) {
            ++*gone;
            rc = gone_item(g, &g->origins[i], items, err);
        }
    }
    if (*gone) {
        ingest_warn(g, 0, "%lld thing%s imported from here before %s no longer in the source; kept", (long long)*gone,
                    *gone == 1 ? "" : "s", *gone == 1 ? "is" : "are");
    }
    return rc;
}

static int count_origins(struct ingestion *g, int64_t *count, struct err *err) {
    sqlite3_stmt *st = db_sql(&g->s->db, "SELECT count(*) FROM origin WHERE source = ?1 AND state = 0", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, g->source.n);
    int rc = db_step(&g->s->db, st, err);
    *count = rc == 1 ? col_int(st, 0) : 0;
    db_done(&g->s->db, st);
    return rc < 0 ? rc : 0;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static const char *source_status(const struct ingestion *g, const int64_t counts[OUTCOMES]) {
    if (!g->known) {
        return "made";
    }
    if (counts[CONFLICTED]) {
        return "conflicted";
    }
    return counts[MADE] || counts[UPDATED] || counts[MERGED] ? "updated" : g->moved ? "moved" : "unchanged";
}

int ingest_report(struct ingestion *g, struct value *report, struct err *err) {
    struct arena *out = g->out;
    int64_t counts[OUTCOMES] = {0};
    int64_t gone = 0;
    struct value items = value_array(out, (uint32_t)g->count);
    int rc = g->same_bytes ? count_origins(g, &counts[UNCHANGED], err) : 0;
    for (size_t i = 0; i < g->count && !g->same_bytes; i++) {
        counts[g->records[i].outcome]++;
        value_push(out, &items, report_item(g, &g->records[i]));
    }
    rc = rc || g->same_bytes ? rc : add_gone(g, &gone, &items, err);
    const char *status = source_status(g, counts);
    counts[UPDATED] += counts[MERGED]; /* merging is a way of updating */
    *report = value_map(out, 12);
    value_set(out, report, "path", value_str(out, g->in->path));
    value_set(out, report, "importer", value_str(out, g->in->importer));
    value_set(out, report, "status", value_lit(status));
    for (int i = 0; i < OUTCOMES; i++) {
        value_set(out, report, outcome_names[i], value_int(counts[i]));
    }
    value_set(out, report, "orphaned", value_int(gone));
    value_set(out, report, "warnings", g->warnings);
    value_set(out, report, "error", value_nil);
    value_set(out, report, "items", items);
    return rc;
}
