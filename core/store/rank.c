/* rank.c - lectern_rank(fts, k): bm25 for those who want the best K documents only.
 *
 * The one idea: bm25 needs the length of each document, which is a lookup in a b-tree and most of its cost. How often
 * the words occur bounds the score from above; where that bound is below the K best seen so far, the length is not
 * looked up, and the document sorts last. The best K come out exactly as bm25(fts, 10, 6, 4, 1) ranks them. Title,
 * speakers, tags, body.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "store/functions_priv.h"

enum { BEST_MAX = 8192 };
static const double weights[] = {10.0, 6.0, 4.0, 1.0};
enum { COLUMNS = sizeof weights / sizeof *weights };
static const double k1 = 1.2, b = 0.75;

/* What one query remembers from document to document. */
struct ranking {
    int phrases;
    double average; /* length of a document */
    double *idf;    /* of each phrase */
    double *seen;   /* weighted occurrences of each phrase in the document at hand */
    int wanted;     /* K; 0: too many to keep */
    int count;
    double *best; /* heap of the COUNT best scores, the least on top */
};

static void free_ranking(void *p) {
    struct ranking *r = p;
    mem_free(r->idf);
    mem_free(r->seen);
    mem_free(r->best);
    mem_free(r);
}

static int count_row(const Fts5ExtensionApi *api, Fts5Context *fts, void *count) {
    (void)api, (void)fts;
    ++*(sqlite3_int64 *)count;
    return SQLITE_OK;
}

static int measure(const Fts5ExtensionApi *api, Fts5Context *fts, struct ranking *r) {
    sqlite3_int64 rows = 0;
    sqlite3_int64 tokens = 0;
    int rc = api->xRowCount(fts, &rows);
    rc = rc == SQLITE_OK ? api->xColumnTotalSize(fts, -1, &tokens) : rc;
    r->average = rows > 0 && tokens > 0 ? (double)tokens / (double)rows : 1.0;
    for (int i = 0; i < r->phrases && rc == SQLITE_OK; i++) {
        sqlite3_int64 hits = 0;
        rc = api->xQueryPhrase(fts, i, &hits, count_row);
        double idf = log(((double)(rows - hits) + 0.5) / ((double)hits + 0.5));
        r->idf[i] = idf > 0.0 ? idf : 1e-6;
    }
    return rc;
}

static int make_ranking(const Fts5ExtensionApi *api, Fts5Context *fts, int wanted, struct ranking **out) {
    struct ranking *r = mem_alloc(sizeof *r);
    r->phrases = api->xPhraseCount(fts);
    r->idf = mem_alloc(((size_t)r->phrases + 1) * sizeof *r->idf);
    r->seen = mem_alloc(((size_t)r->phrases + 1) * sizeof *r->seen);
    r->wanted = wanted > 0 && wanted <= BEST_MAX ? wanted : 0;
    r->best = mem_alloc(((size_t)r->wanted + 1) * sizeof *r->best);
    int rc = measure(api, fts, r);
    if (rc != SQLITE_OK) {
        free_ranking(r);
        return rc;
    }
    *out = r;
    return api->xSetAuxdata(fts, r, free_ranking); /* frees it where it fails, too */
}

/* ---- the best so far ------------------------------------------------------------------------------------------- */

static void sift_down(double *heap, int n) {
    int at = 0;
    for (;;) {
        int child = 2 * at + 1;
        if (child >= n) {
            return;
        }
        child += child + 1 < n && heap[child + 1] < heap[child];
        if (heap[at] <= heap[child]) {
            return;
        }
        double swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

static void keep_best(struct ranking *r, double score) {
    if (r->count < r->wanted) {
        int at = r->count++;
        for (; at > 0 && r->best[(at - 1) / 2] > score; at = (at - 1) / 2) {
            r->best[at] = r->best[(at - 1) / 2];
        }
        r->best[at] = score;
    } else if (r->wanted && score > r->best[0]) {
        r->best[0] = score;
        sift_down(r->best, r->count);
    }
}

static bool too_low(const struct ranking *r, double bound) {
    return r->wanted && r->count == r->wanted && bound < r->best[0];
}

/* ---- one document ---------------------------------------------------------------------------------------------- */

static double score_at(const struct ranking *r, double length) {
    double score = 0.0;
    for (int i = 0; i < r->phrases; i++) {
        score += r->idf[i] * ((r->seen[i] * (k1 + 1.0)) / (r->seen[i] + k1 * (1 - b + b * length / r->average)));
    }
    return score;
}

/* Weighs the occurrences of each phrase, straight from the positions: xInst would first put all of them in order.
 * *LENGTH: how long the document is at least, since the last one in each column has so many words before it. */
static int occurrences(const Fts5ExtensionApi *api, Fts5Context *fts, struct ranking *r, int *length) {
    int used[COLUMNS] = {0};
    int rc = SQLITE_OK;
    for (int i = 0; i < r->phrases && rc == SQLITE_OK; i++) {
        Fts5PhraseIter at;
        int column = -1;
        int offset = -1;
        r->seen[i] = 0.0;
        for (rc = api->xPhraseFirst(fts, i, &at, &column, &offset); rc == SQLITE_OK && column >= 0 && column < COLUMNS;
             api->xPhraseNext(fts, &at, &column, &offset)) {
            r->seen[i] += weights[column];
            used[column] = offset >= used[column] ? offset + 1 : used[column];
        }
    }
    *length = 0;
    for (int i = 0; i < COLUMNS; i++) {
        *length += used[i];
    }
    return rc;
}

static int rank_document(const Fts5ExtensionApi *api, Fts5Context *fts, struct ranking *r, double *out) {
    int length = 0;
    *out = 0.0;
    int rc = occurrences(api, fts, r, &length);
    if (rc != SQLITE_OK || too_low(r, score_at(r, length))) {
        return rc;
    }
    rc = api->xColumnSize(fts, -1, &length);
    *out = score_at(r, length);
    keep_best(r, *out);
    return rc;
}

static void rank_function(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *context, int argc,
                          sqlite3_value **argv) {
    struct ranking *r = api->xGetAuxdata(fts, 0);
    int rc = r ? SQLITE_OK : make_ranking(api, fts, argc > 0 ? sqlite3_value_int(argv[0]) : 0, &r);
    double score = 0.0;
    rc = rc == SQLITE_OK ? rank_document(api, fts, r, &score) : rc;
    if (rc == SQLITE_OK) {
        sqlite3_result_double(context, -score);
    } else {
        sqlite3_result_error_code(context, rc);
    }
}

int functions_add_rank(sqlite3 *handle) {
    fts5_api *api = NULL;
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &st, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL);
        sqlite3_step(st);
    }
    sqlite3_finalize(st);
    return api               ? api->xCreateFunction(api, "lectern_rank", NULL, rank_function, NULL)
           : rc == SQLITE_OK ? SQLITE_ERROR
                             : rc;
}
