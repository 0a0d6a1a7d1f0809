/* rank.c - bm25, and the best K documents by a scan of the index.
 *
 * The one idea: bm25 needs the length of each document, which is a lookup in a b-tree and most of its cost. How often
 * the words occur bounds the score from above; where that bound is below the K best seen so far, the length is not
 * looked up. The scan is one statement whose rows never leave it: a function that FTS5 calls for each document offers
 * it to the K best, which come out exactly as bm25 ranks them. Knows nothing of what a document is shown as.
 */
#include "store/rank_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/functions_priv.h"

const double rank_weights[RANK_COLUMNS] = {10.0, 6.0, 4.0, 1.0};
static const double k1 = 1.2, b = 0.75;

/* ---- scores ------------------------------------------------------------------------------------------------------ */

double rank_idf(int64_t rows, int64_t hits) {
    double idf = log(((double)(rows - hits) + 0.5) / ((double)hits + 0.5));
    return idf > 0.0 ? idf : 1e-6;
}

double rank_share(double idf, double seen, double length, double average) {
    return idf * ((seen * (k1 + 1.0)) / (seen + k1 * (1 - b + b * length / average)));
}

/* ---- the best so far --------------------------------------------------------------------------------------------- */

static bool is_worse(const struct ranked *x, const struct ranked *y) {
    return x->score < y->score || (x->score == y->score && x->n < y->n);
}

static void sift_down(struct ranked *heap, size_t n) {
    struct ranked new = heap[0];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && is_worse(&heap[child + 1], &heap[child]);
        if (!is_worse(&heap[child], &new)) {
            break;
        }
        heap[at] = heap[child];
    }
    heap[at] = new;
}

void rank_offer(struct rank_top *top, double score, int64_t n) {
    struct ranked new = {score, n};
    if (top->count < top->wanted) {
        size_t at = top->count++;
        for (; at > 0 && is_worse(&new, &top->best[(at - 1) / 2]); at = (at - 1) / 2) {
            top->best[at] = top->best[(at - 1) / 2];
        }
        top->best[at] = new;
    } else if (top->wanted && is_worse(&top->best[0], &new)) {
        top->best[0] = new;
        sift_down(top->best, top->count);
    }
}

bool rank_too_low(const struct rank_top *top, double bound) {
    return top->count == top->wanted && (!top->wanted || bound < top->best[0].score);
}

static int by_rank(const void *x, const void *y) {
    return is_worse(x, y) - is_worse(y, x);
}

void rank_sort(struct rank_top *top) {
    if (top->count) {
        qsort(top->best, top->count, sizeof *top->best, by_rank);
    }
}

/* ---- a scan ------------------------------------------------------------------------------------------------------ */

static const char pointer_type[] = "lectern_scan";

/* Handed to the function by pointer; no SQL of others can make one. */
struct scan {
    const double *weights;
    struct rank_top *top;   /* or NULL */
    struct postings **list; /* or NULL: grows; freed and NULL where it cannot be kept */
    size_t max;             /* of the list */
    bool refused;           /* there is no such list */
    bool ready;
    int phrases;
    double average; /* length of a document */
    double *idf;    /* of each phrase */
    double *seen;   /* weighted occurrences of each phrase in the document at hand */
};

static int count_row(const Fts5ExtensionApi *api, Fts5Context *fts, void *count) {
    (void)api, (void)fts;
    ++*(sqlite3_int64 *)count;
    return SQLITE_OK;
}

static int measure(const Fts5ExtensionApi *api, Fts5Context *fts, struct scan *s) {
    sqlite3_int64 rows = 0;
    sqlite3_int64 tokens = 0;
    s->phrases = api->xPhraseCount(fts);
    s->idf = mem_alloc(((size_t)s->phrases + 1) * sizeof *s->idf);
    s->seen = mem_alloc(((size_t)s->phrases + 1) * sizeof *s->seen);
    s->ready = true;
    int rc = api->xRowCount(fts, &rows);
    rc = rc == SQLITE_OK ? api->xColumnTotalSize(fts, -1, &tokens) : rc;
    s->average = rows > 0 && tokens > 0 ? (double)tokens / (double)rows : 1.0;
    for (int i = 0; i < s->phrases && rc == SQLITE_OK && s->top; i++) {
        sqlite3_int64 hits = 0;
        rc = api->xQueryPhrase(fts, i, &hits, count_row);
        s->idf[i] = rank_idf(rows, hits);
    }
    return rc;
}

static double score_at(const struct scan *s, double length) {
    double score = 0.0;
    for (int i = 0; i < s->phrases; i++) {
        score += rank_share(s->idf[i], s->seen[i], length, s->average);
    }
    return score;
}

/* Weighs the occurrences of each phrase, straight from the positions: xInst would first put all of them in order.
 * *LENGTH: how long the document is at least, since the last one in each column has so many words before it. */
static int occurrences(const Fts5ExtensionApi *api, Fts5Context *fts, struct scan *s, int *length) {
    int used[RANK_COLUMNS] = {0};
    int rc = SQLITE_OK;
    for (int i = 0; i < s->phrases && rc == SQLITE_OK; i++) {
        Fts5PhraseIter at;
        int column = -1;
        int offset = -1;
        s->seen[i] = 0.0;
        for (rc = api->xPhraseFirst(fts, i, &at, &column, &offset);
             rc == SQLITE_OK && column >= 0 && column < RANK_COLUMNS; api->xPhraseNext(fts, &at, &column, &offset)) {
            s->seen[i] += s->weights[column];
            used[column] = offset >= used[column] ? offset + 1 : used[column];
        }
    }
    *length = 0;
    for (int i = 0; i < RANK_COLUMNS; i++) {
        *length += used[i];
    }
    return rc;
}

static int offer_document(const Fts5ExtensionApi *api, Fts5Context *fts, struct scan *s) {
    int length = 0;
    int rc = occurrences(api, fts, s, &length);
    if (rc != SQLITE_OK || rank_too_low(s->top, score_at(s, length))) {
        return rc;
    }
    rc = api->xColumnSize(fts, -1, &length);
    rank_offer(s->top, score_at(s, length), api->xRowid(fts));
    return rc;
}

static struct postings *room_for_one(struct postings *list) {
    if (!list) {
        list = mem_alloc(sizeof *list + 64 * sizeof list->list[0]);
        list->cap = 64;
    } else if (list->count == list->cap) {
        list->cap *= 2;
        list = mem_realloc(list, sizeof *list + list->cap * sizeof list->list[0]);
    }
    return list;
}

/* One more in the list; false where the list cannot be kept. */
static bool list_document(const Fts5ExtensionApi *api, Fts5Context *fts, struct scan *s, int *rc) {
    struct posting new = {.n = 0};
    Fts5PhraseIter at;
    int column = -1;
    int offset = -1;
    int length = 0;
    sqlite3_int64 n = api->xRowid(fts);
    for (*rc = api->xPhraseFirst(fts, 0, &at, &column, &offset);
         *rc == SQLITE_OK && column >= 0 && column < RANK_COLUMNS; api->xPhraseNext(fts, &at, &column, &offset)) {
        if (new.seen[column] == UINT8_MAX) {
            return false;
        }
        new.seen[column]++;
    }
    *rc = *rc == SQLITE_OK ? api->xColumnSize(fts, -1, &length) : *rc;
    if (*rc != SQLITE_OK || n > UINT32_MAX || (*s->list && (*s->list)->count == s->max)) {
        return false;
    }
    new.n = (uint32_t)n;
    new.length = (uint32_t)length;
    *s->list = room_for_one(*s->list);
    (*s->list)->list[(*s->list)->count++] = new;
    return true;
}

/* lectern_scan(fts, scan): 0 for each document; it goes into the top, or the list, of SCAN. */
static void scan_function(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *context, int argc,
                          sqlite3_value **argv) {
    struct scan *s = argc > 0 ? sqlite3_value_pointer(argv[0], pointer_type) : NULL;
    int rc = SQLITE_OK;
    if (!s) {
        sqlite3_result_error(context, "lectern_scan is not for statements of others", -1);
        return;
    }
    if (!s->ready) {
        rc = measure(api, fts, s);
    }
    if (rc == SQLITE_OK && s->top) {
        rc = offer_document(api, fts, s);
    } else if (rc == SQLITE_OK && !list_document(api, fts, s, &rc)) {
        s->refused = rc == SQLITE_OK;
        mem_free(*s->list);
        *s->list = NULL;
        rc = rc == SQLITE_OK ? SQLITE_ABORT : rc;
    }
    if (rc == SQLITE_OK) {
        sqlite3_result_int(context, 0);
    } else {
        sqlite3_result_error_code(context, rc);
    }
}

int functions_add_rank(fts5_api *api) {
    return api->xCreateFunction(api, pointer_type, NULL, scan_function, NULL);
}

/* ---- statements -------------------------------------------------------------------------------------------------- */

/* The function is never true, so no row leaves the statement; a CASE asks the condition first. */
static const char plain[] = "SELECT 1 FROM fts t WHERE t.fts MATCH ?2 AND lectern_scan(t.fts, ?1)";
static const char among[] =
    "SELECT 1 FROM fts t WHERE t.fts MATCH ?%d AND CASE WHEN %s THEN lectern_scan(t.fts, ?%d) END";

static void release_scan(struct scan *s) {
    mem_free(s->idf);
    mem_free(s->seen);
}

int rank_scan(struct db *db, const struct query_sql *qs, const double weights[RANK_COLUMNS], struct rank_top *top,
              struct err *err) {
    struct scan s = {.weights = weights, .top = top};
    int at = query_is_plain(qs) ? 1 : (int)qs->binds.len + 1;
    struct buf sql = BUF_INIT;
    buf_adds(&sql, qs->with.data);
    buf_addf(&sql, among, at + 1, qs->sql.data, at);
    sqlite3_stmt *st = query_is_plain(qs) ? db_sql(db, plain, err) : db_prepare(db, sql.data, err);
    buf_release(&sql);
    if (!st) {
        return -(int)err->code;
    }
    if (!query_is_plain(qs)) {
        query_bind_all(qs, st);
    }
    sqlite3_bind_pointer(st, at, &s, pointer_type, NULL);
    bind_str(st, at + 1, qs->match);
    int rc = db_step(db, st, err);
    if (query_is_plain(qs)) {
        db_done(db, st);
    } else {
        db_finish(st);
    }
    release_scan(&s);
    rank_sort(top);
    return rc < 0 ? rc : 0;
}

/* The statement LITERAL with SCAN, EXPRESSION and N, if it is not 0. */
static int run_list(struct db *db, const char *literal, struct scan *s, const char *expression, int64_t n,
                    struct err *err) {
    sqlite3_stmt *st = db_sql(db, literal, err);
    if (!st) {
        return -(int)err->code;
    }
    sqlite3_bind_pointer(st, 1, s, pointer_type, NULL);
    bind_str(st, 2, expression);
    if (n) {
        bind_int(st, 3, n);
    }
    int rc = db_step(db, st, err);
    db_done(db, st);
    release_scan(s);
    return rc < 0 ? rc : 0;
}

int rank_list(struct db *db, const char *expression, size_t max, struct postings **out, struct err *err) {
    struct err why;
    struct scan s = {.weights = rank_weights, .list = out, .max = max};
    err_init(&why);
    *out = room_for_one(NULL);
    int rc = run_list(db, plain, &s, expression, 0, &why);
    if (rc && !s.refused) {
        err_copy(err, &why);
        mem_free(*out);
        *out = NULL;
    }
    err_release(&why);
    return s.refused ? 0 : rc;
}

int rank_one(struct db *db, const char *expression, int64_t n, struct posting *out, struct err *err) {
    static const char sql[] = "SELECT 1 FROM fts t WHERE t.fts MATCH ?2 AND t.rowid = ?3 AND lectern_scan(t.fts, ?1)";
    struct postings *list = room_for_one(NULL);
    struct scan s = {.weights = rank_weights, .list = &list, .max = 1};
    int rc = run_list(db, sql, &s, expression, n, err);
    if (!rc && list->count == 1) {
        *out = list->list[0];
        rc = 1;
    }
    mem_free(list);
    return rc;
}
