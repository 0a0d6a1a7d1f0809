/* postings_priv.h - lists of documents in memory, for the words that are asked for most. Inside core/store only.
 *
 * A cache belongs to a store and has a lock of its own; lists are never changed once they are in it. It is bounded
 * whatever the size of the store, and holds nothing that cannot be made again.
 */
#ifndef LECTERN_STORE_POSTINGS_PRIV_H
#define LECTERN_STORE_POSTINGS_PRIV_H

#include "store/rank_priv.h"

struct postings_cache;
struct postings_cache *postings_new(void);
void postings_free(struct postings_cache *c); /* NULL is fine */
void postings_drop(struct postings_cache *c); /* give the memory back */
size_t postings_bytes(struct postings_cache *c);

/* The index as a read transaction sees it. STAMP differs whenever anything in it does. */
struct index_state {
    uint64_t stamp;
    int64_t rows, tokens; /* documents, and words in all of them */
};
int index_state_read(struct db *db, struct index_state *out, struct err *err);

/* The list of EXPRESSION, one word, phrase or prefix, as of STAMP; *OUT is NULL where it is not worth keeping: asked
 * for the first time, or too long. Else the caller gives it back. */
int postings_of(struct postings_cache *c, struct db *db, const char *expression, uint64_t stamp, struct postings **out,
                struct err *err);
void postings_give_back(struct postings_cache *c, struct postings *list);

/* postings_rank.c: the best documents for the expression of QS, where it is words joined by AND alone or by OR alone, there is no other
 * condition, and all their lists are kept or worth making. 1: TOP is filled, best first; 0: a case for rank_scan; or
 * negative. Inside a read transaction. */
int postings_rank(struct postings_cache *c, struct db *db, const struct query_sql *qs,
                  const double weights[RANK_COLUMNS], struct rank_top *top, struct err *err);

/* So that a small change mends lists in place of spoiling them all. Before a commit, in its transaction: watch, then
 * fill ns with the documents that it changes (count, if more than fit). After it: publish. */
enum { POSTINGS_CHANGED = 64 };
struct postings_watch {
    bool on; /* false: nobody cares */
    uint64_t before;
    int64_t version;
    size_t count;
    int64_t ns[POSTINGS_CHANGED];
};
void postings_watch(struct postings_cache *c, struct db *db, struct postings_watch *w);
void postings_publish(struct postings_cache *c, struct db *db, const struct postings_watch *w);

#endif
