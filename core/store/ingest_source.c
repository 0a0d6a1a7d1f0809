/* ingest_source.c - the source itself: is it known, what came from it before, and keeping it to be read again.
 *
 * The one idea: the decoded text is the bodies of its notes and the gaps between them. Bodies are in note_rev already;
 * the gaps are kept here, deflated when that pays. Both together give the text back byte for byte.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "store/ingest_priv.h"
#include "store/keys_priv.h"

enum { DEFLATE_FROM = 1024, MOVED_TRIES = 64 };

/* ---- is it known ------------------------------------------------------------------------------------------------- */

static bool is_stdin(const struct ingest *in) {
    return strcmp(in->path, "-") == 0;
}

struct seen {
    int64_t n;
    bool same_bytes, same_version, trashed;
    char path[4096];
};

static void read_seen(struct ingestion *g, sqlite3_stmt *st, struct seen *seen) {
    size_t len;
    size_t path_len;
    const void *sha = col_blob(st, 1, &len);
    *seen = (struct seen){.n = col_int(st, 0), .trashed = !col_null(st, 5)};
    seen->same_bytes = len == SHA256_BYTES && memcmp(sha, g->in->sha256, len) == 0;
    seen->same_version = strcmp(col_text(st, 2, NULL), g->in->importer) == 0 &&
                         strcmp(col_text(st, 3, NULL), g->in->importer_version) == 0;
    const char *path = col_text(st, 4, &path_len);
    if (path_len < sizeof seen->path) {
        memcpy(seen->path, path, path_len + 1);
    }
}

/* The newest source at this path, live before trashed. What comes from standard input has no place: only the bytes
 * tell. */
static int find_by_path(struct ingestion *g, struct seen *best, struct err *err) {
    struct seen seen;
    int rc;
    sqlite3_stmt *st = db_sql(&g->s->db,
                              "SELECT t.n, t.sha256, t.importer, t.version, t.path, e.deleted FROM t_source t "
                              "CROSS JOIN entity e ON e.n = t.n WHERE t.path = ?1 AND t.copy = 0",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_str(st, 1, g->in->path);
    while ((rc = db_step(&g->s->db, st, err)) == 1) {
        read_seen(g, st, &seen);
        if ((!is_stdin(g->in) || seen.same_bytes) && (!best->n || best->trashed || !seen.trashed)) {
            *best = seen;
        }
    }
    db_done(&g->s->db, st);
    return rc < 0 ? rc : best->n > 0;
}

/* The same bytes once stood at a path where there is nothing now: the file was moved. */
static int find_moved(struct ingestion *g, struct seen *best, struct err *err) {
    struct seen seen;
    int rc;
    int tries = 0;
    static const char sql[] =
        KEYS_BY_HASH("t.n, t.sha256, t.importer, t.version, t.path, e.deleted", "t.importer = ?4 AND t.copy = 0");
    sqlite3_stmt *st = db_sql(&g->s->db, sql, err);
    if (!st) {
        return -(int)err->code;
    }
    keys_bind_hash(st, g->in->sha256);
    bind_str(st, 4, g->in->importer);
    while ((rc = db_step(&g->s->db, st, err)) == 1 && !best->n && tries++ < MOVED_TRIES) {
        read_seen(g, st, &seen);
        if (!seen.trashed && seen.path[0] == '/' && access(seen.path, F_OK) != 0) {
            *best = seen;
        }
    }
    db_done(&g->s->db, st);
    return rc < 0 ? rc : best->n > 0;
}

/* The run that put ROW into the trash. */
static int trashing_run(struct ingestion *g, const struct entity_row *row, int64_t *run, struct err *err) {
    sqlite3_stmt *st = db_sql(&g->s->db, "SELECT run FROM journal WHERE seq = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, row->seq);
    int rc = db_step(&g->s->db, st, err);
    *run = rc == 1 ? col_int(st, 0) : 0;
    db_done(&g->s->db, st);
    return rc < 0 ? rc : 0;
}

static int source_id(struct ingestion *g, struct err *err) {
    struct entity_row taken;
    struct buf name = BUF_INIT;
    buf_addf(&name, "source:%s", g->in->path);
    if (is_stdin(g->in)) {
        buf_add(&name, g->in->sha256, SHA256_BYTES);
    }
    g->source.id = g->in->copy ? uuid4() : uuid5(&uuid_space_lectern, name.data, name.len);
    buf_release(&name);
    int rc = entity_by_id(g->s, &g->source.id, &taken, err);
    if (rc == 1) { /* the file that was here before has moved on and kept its id */
        g->source.id = uuid4();
    }
    return rc < 0 ? rc : 0;
}

int source_find(struct ingestion *g, struct err *err) {
    struct seen seen = {0};
    int rc = g->in->copy ? 0 : find_by_path(g, &seen, err);
    if (rc == 0 && !g->in->copy && !is_stdin(g->in)) {
        rc = find_moved(g, &seen, err);
        g->moved = rc == 1;
    }
    if (rc < 0) {
        return rc;
    }
    if (rc == 0) {
        return source_id(g, err);
    }
    rc = entity_by_n(g->s, seen.n, &g->source, err);
    g->known = rc == 1;
    g->revived = g->known && g->source.deleted;
    bool same = g->known && !g->revived && seen.same_bytes && seen.same_version;
    g->only_more = same && (g->in->attach || (g->in->event && !value_is(g->in->event, VALUE_NIL)));
    g->same_bytes = same && !g->only_more;
    return rc < 1 || !g->revived ? (rc < 0 ? rc : 0) : trashing_run(g, &g->source, &g->trashed_seq_run, err);
}

/* ---- what came from it before ------------------------------------------------------------------------------------ */

static int64_t col_or(sqlite3_stmt *st, int i, int64_t fallback) {
    return col_null(st, i) ? fallback : col_int(st, i);
}

static void read_origin(struct ingestion *g, sqlite3_stmt *st, struct origin *o) {
    size_t len;
    const char *key = col_text(st, 10, &len);
    *o = (struct origin){
        .n = col_int(st, 0),
        .state = col_int(st, 1),
        .rev = col_int(st, 2),
        .byte_start = col_or(st, 3, -1),
        .byte_end = col_or(st, 4, -1),
        .line_start = col_or(st, 5, -1),
        .line_end = col_or(st, 6, -1),
        .body_start = col_or(st, 7, -1),
        .body_end = col_or(st, 8, -1),
        .print = col_int(st, 9),
        .type = (enum entity)col_int(st, 11),
    };
    o->key = col_null(st, 10) ? NULL : arena_dup(g->a, key, len);
}

int source_load_origins(struct ingestion *g, struct err *err) {
    size_t cap = 16;
    int rc;
    if (!g->known) {
        return 0;
    }
    sqlite3_stmt *st = db_sql(&g->s->db,
                              "SELECT o.n, o.state, o.rev, o.byte_start, o.byte_end, o.line_start, o.line_end, "
                              "o.body_start, "
                              "o.body_end, o.print, o.key, e.type FROM origin o JOIN entity e ON e.n = o.n WHERE "
                              "o.source = ?1",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    g->origins = arena_alloc(g->a, cap * sizeof *g->origins);
    bind_int(st, 1, g->source.n);
    while ((rc = db_step(&g->s->db, st, err)) == 1) {
        if (g->norigins == cap) {
            struct origin *more = arena_alloc(g->a, 2 * cap * sizeof *more);
            memcpy(more, g->origins, cap * sizeof *more);
            g->origins = more;
            cap *= 2;
        }
        read_origin(g, st, &g->origins[g->norigins++]);
    }
    db_done(&g->s->db, st);
    return rc;
}

/* ---- gaps -------------------------------------------------------------------------------------------------------- */

static int by_body(const void *a, const void *b) {
    const struct origin *x = a;
    const struct origin *y = b;
    return (x->body_start > y->body_start) - (x->body_start < y->body_start);
}

/* What of the text lies in no body. BODIES, N of them, are those that do, in any order. */
static void collect_gaps(const struct ingest *in, struct origin *bodies, size_t n, struct buf *gaps) {
    size_t at = 0;
    qsort(bodies, n, sizeof *bodies, by_body);
    for (size_t i = 0; i < n; i++) {
        buf_add(gaps, in->text + at, (size_t)bodies[i].body_start - at);
        at = (size_t)bodies[i].body_end;
    }
    if (in->text_len > at) {
        buf_add(gaps, in->text + at, in->text_len - at);
    }
}

static struct value pack_gaps(struct arena *a, const struct buf *gaps) {
    if (!gaps->len) {
        return value_nil;
    }
    uLongf size = compressBound((uLong)gaps->len);
    if (gaps->len > DEFLATE_FROM) {
        unsigned char *packed = arena_alloc(a, size);
        if (compress2(packed, &size, (const unsigned char *)gaps->data, (uLong)gaps->len, 6) == Z_OK &&
            size < gaps->len) {
            return (struct value){.kind = VALUE_BIN, .len = (uint32_t)size, .s = (const char *)packed};
        }
    }
    return value_bin(a, gaps->data, gaps->len);
}

/* ---- saving ------------------------------------------------------------------------------------------------------ */

static struct value int_or_nil(int64_t v) {
    return v < 0 ? value_nil : value_int(v);
}

static struct value origin_row(struct arena *a, const struct origin *o) {
    struct value row = value_array(a, 11);
    value_push(a, &row, value_int(o->n));
    value_push(a, &row, value_int(o->state));
    value_push(a, &row, value_int(o->rev));
    value_push(a, &row, int_or_nil(o->byte_start));
    value_push(a, &row, int_or_nil(o->byte_end));
    value_push(a, &row, int_or_nil(o->line_start));
    value_push(a, &row, int_or_nil(o->line_end));
    value_push(a, &row, int_or_nil(o->body_start));
    value_push(a, &row, int_or_nil(o->body_end));
    value_push(a, &row, value_int(o->print));
    value_push(a, &row, value_lit(o->key));
    return row;
}

static struct origin origin_of(const struct record *r) {
    bool body = r->has_body && r->base_rev > 0 && r->type == ENTITY_NOTE && r->body_end > r->body_start;
    return (struct origin){
        .n = r->row.n,
        .state = ORIGIN_LIVE,
        .rev = r->base_rev,
        .byte_start = r->has_span ? (int64_t)r->start : -1,
        .byte_end = r->has_span ? (int64_t)r->end : -1,
        .line_start = r->has_span ? r->line_start : -1,
        .line_end = r->has_span ? r->line_end : -1,
        .body_start = body ? (int64_t)r->body_start : -1,
        .body_end = body ? (int64_t)r->body_end : -1,
        .print = (int64_t)r->print,
        .key = r->key ? r->key : r->guid,
        .type = r->type,
    };
}

static int by_n(const void *a, const void *b) {
    const struct origin *x = a;
    const struct origin *y = b;
    return (x->n > y->n) - (x->n < y->n);
}

/* The rows as they are now: one for each entity the records named, and those that are gone upstream, without their
 * text. */
static struct origin *new_origins(struct ingestion *g, size_t *count) {
    struct origin *all = arena_alloc(g->a, (g->count + g->norigins + 1) * sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < g->count; i++) {
        const struct record *r = &g->records[i];
        if (r->type != ENTITY_EVENT && !r->twin) {
            all[n++] = origin_of(r);
        }
    }
    for (size_t i = 0; i < g->norigins; i++) {
        if (!g->origins[i].renewed) {
            all[n] = g->origins[i];
            all[n].state = ORIGIN_ORPHANED;
            all[n].body_start = all[n].body_end = -1;
            n++;
        }
    }
    *count = n;
    return all;
}

static void describe(struct ingestion *g, struct image *im) {
    const struct ingest *in = g->in;
    image_set(im, F_PATH, value_lit(in->path));
    image_set(im, F_IMPORTER, value_lit(in->importer));
    image_set(im, F_VERSION, value_lit(in->importer_version));
    image_set(im, F_SHA256, value_bin(g->a, in->sha256, SHA256_BYTES));
    image_set(im, F_BYTES, value_int(in->raw_bytes));
    image_set(im, F_BOM, value_int((int64_t)in->bom));
    image_set(im, F_ENCODING, value_lit(in->encoding));
    image_set(im, F_TEXT_BYTES, value_int((int64_t)in->text_len));
    image_set(im, F_STAMP, in->stamp ? value_int(in->stamp) : value_nil);
}

static void describe_content(struct ingestion *g, struct image *im) {
    struct buf gaps = BUF_INIT;
    struct value rows;
    size_t count;
    size_t bodies = 0;
    struct origin *all = new_origins(g, &count);
    qsort(all, count, sizeof *all, by_n);
    rows = value_array(g->a, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        value_push(g->a, &rows, origin_row(g->a, &all[i]));
    }
    for (size_t i = 0; i < count; i++) {
        if (all[i].body_start >= 0) {
            all[bodies++] = all[i];
        }
    }
    collect_gaps(g->in, all, bodies, &gaps);
    image_set(im, F_ORIGINS, rows.len ? rows : value_nil);
    image_set(im, F_GAPS_BYTES, value_int((int64_t)gaps.len));
    image_set(im, F_GAPS, pack_gaps(g->a, &gaps));
    buf_release(&gaps);
}

int source_save(struct ingestion *g, struct err *err) {
    struct image im = {0};
    uint64_t changed;
    describe(g, &im);
    if (!(g->same_bytes && g->moved)) {
        describe_content(g, &im);
    }
    if (!g->known) {
        image_set(&im, F_IMPORTED, value_int(g->s->txn.at));
        image_set(&im, F_COPY, value_int(g->in->copy));
        struct uuid id = g->source.id;
        return change_make(g->s, ENTITY_SOURCE, &id, &im, &g->source, err);
    }
    int rc = g->revived ? change_trash(g->s, &g->source, false, err) : 0;
    image_set(&im, F_IMPORTED, value_int(g->s->txn.at));
    return rc ? rc : change_fields(g->s, &g->source, &im, JOURNAL_UPDATE, &changed, err);
}
