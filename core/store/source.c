/* source.c - a source put together again: the bodies of its notes, and between them the gaps that were kept.
 *
 * The one idea: bodies stand at known places of the text, so one walk in that order takes from the gaps what lies
 * between. Every length is checked against the others; a store that was damaged gives an error, never a wrong text.
 */
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "store/objects_priv.h"
#include "store/read_priv.h"

enum { TEXT_MAX = 64 * 1024 * 1024 };

struct assembly {
    struct db *db;
    int64_t n;
    struct buf *out;
    size_t text_bytes;
    struct buf gaps;
    size_t used; /* of gaps */
    struct err *err;
};

static int damaged(struct assembly *w, const char *what) {
    return err_set(w->err, E_STORE, "store '%s' is damaged: %s of source %lld", w->db->path, what, (long long)w->n);
}

static int unpack_gaps(struct assembly *w, const void *p, size_t n, size_t size) {
    if (size > TEXT_MAX) {
        return damaged(w, "impossible size of the text between the notes");
    }
    buf_reserve(&w->gaps, size);
    if (n == size) {
        buf_add(&w->gaps, p, n);
        return 0;
    }
    uLongf got = (uLongf)size;
    if (!size || uncompress((unsigned char *)w->gaps.data, &got, p, (uLong)n) != Z_OK || got != size) {
        return damaged(w, "cannot unpack the text between the notes");
    }
    w->gaps.len = size;
    w->gaps.data[size] = '\0';
    return 0;
}

/* 1, or 0 where there is no such source. */
static int read_gaps(struct assembly *w) {
    sqlite3_stmt *st = db_sql(w->db, "SELECT text_bytes, gaps_bytes, gaps FROM t_source WHERE n = ?1", w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, w->n);
    int rc = db_step(w->db, st, w->err);
    if (rc == 1) {
        size_t n;
        const void *p = col_blob(st, 2, &n);
        int64_t size = col_int(st, 1);
        w->text_bytes = (size_t)col_int(st, 0);
        int bad =
            size < 0 || w->text_bytes > TEXT_MAX ? damaged(w, "impossible size") : unpack_gaps(w, p, n, (size_t)size);
        rc = bad ? bad : rc;
    }
    db_done(w->db, st);
    return rc;
}

static int add_gap(struct assembly *w, size_t upto) {
    if (upto < w->out->len || upto - w->out->len > w->gaps.len - w->used) {
        return damaged(w, "notes overlap, or text is missing between the notes");
    }
    size_t n = upto - w->out->len;
    buf_add(w->out, w->gaps.data + w->used, n);
    w->used += n;
    return 0;
}

static int add_bodies(struct assembly *w) {
    sqlite3_stmt *st =
        db_sql(w->db,
               "SELECT o.body_start, o.body_end, r.body FROM origin o LEFT JOIN note_rev r ON "
               "r.k = (o.n << 20 | o.rev) WHERE o.source = ?1 AND o.body_start IS NOT NULL ORDER BY o.body_start",
               w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, w->n);
    int rc;
    while ((rc = db_step(w->db, st, w->err)) == 1) {
        size_t len;
        const char *body = col_text(st, 2, &len);
        int64_t start = col_int(st, 0);
        if (start < 0 || start > TEXT_MAX || col_int(st, 1) - start != (int64_t)len) {
            rc = damaged(w, "a note has another length than its place");
            break;
        }
        rc = add_gap(w, (size_t)start);
        if (rc) {
            break;
        }
        buf_add(w->out, body, len);
    }
    db_done(w->db, st);
    return rc;
}

int source_assemble(struct db *db, int64_t n, struct buf *out, struct err *err) {
    struct buf text = BUF_INIT;
    struct assembly w = {.db = db, .n = n, .out = &text, .gaps = BUF_INIT, .err = err};
    int rc = read_gaps(&w);
    rc = rc == 1 ? add_bodies(&w) : rc < 0 ? rc : err_set(err, E_NOTFOUND, "there is no such source");
    rc = rc ? rc : add_gap(&w, w.text_bytes);
    if (!rc && w.used != w.gaps.len) {
        rc = damaged(&w, "text is left over");
    }
    if (!rc) {
        buf_add(out, text.data, text.len);
    }
    buf_release(&w.gaps);
    buf_release(&text);
    return rc;
}

int read_source_text(struct reader *r, const struct uuid *source, struct arena *a, struct value *out, struct err *err) {
    struct buf text = BUF_INIT;
    int64_t n;
    int type = -1;
    *out = value_nil;
    int rc = reading_begin(r, err);
    rc = rc ? rc : reading_entity(r, source, &n, &type, err);
    if (rc == 1) {
        rc =
            type == ENTITY_SOURCE ? source_assemble(&r->db, n, &text, err) : err_set(err, E_USAGE, "that is no source");
    } else if (rc == 0) {
        rc = err_set(err, E_NOTFOUND, "there is no such source");
    }
    reading_end(r);
    if (!rc) {
        *out = value_strn(a, text.data, text.len);
    }
    buf_release(&text);
    return rc;
}
