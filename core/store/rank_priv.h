/* rank_priv.h - the best documents for some words, by bm25, exactly. Inside core/store only.
 *
 * The score of a document is that of FTS5's bm25(fts, w0, w1, w2, w3): for each phrase, in the order of the expression,
 * its inverse document frequency times a share that grows with its weighted occurrences and shrinks with the length of
 * the document. Equal scores: the newer document (the larger n) first. There are two ways to the same answer: a scan of
 * the index (rank.c), and lists of the words asked for most, kept in memory (postings_priv.h).
 */
#ifndef LECTERN_STORE_RANK_PRIV_H
#define LECTERN_STORE_RANK_PRIV_H

#include "store/query_priv.h"

enum { RANK_COLUMNS = 4 }; /* title, speakers, tags, body */
extern const double rank_weights[RANK_COLUMNS];

struct ranked {
    double score;
    int64_t n;
};

/* The best WANTED of what was offered: a heap, the worst on top, until rank_sort puts the best first. */
struct rank_top {
    size_t wanted, count;
    struct ranked *best; /* room for WANTED */
};
void rank_offer(struct rank_top *top, double score, int64_t n);
void rank_sort(struct rank_top *top);
bool rank_too_low(const struct rank_top *top, double bound); /* could never be among them */

/* What is the same for all documents of one query. */
double rank_idf(int64_t rows, int64_t hits);
/* What SEEN weighted occurrences of a phrase give in a document of LENGTH words, where AVERAGE is usual. */
double rank_share(double idf, double seen, double length, double average);

/* Scan: the best documents that match QS (its expression and its condition). */
int rank_scan(struct db *db, const struct query_sql *qs, const double weights[RANK_COLUMNS], struct rank_top *top,
              struct err *err);

/* ---- lists ------------------------------------------------------------------------------------------------------- */

/* One document of a list. */
struct posting {
    uint32_t n;
    uint32_t length;            /* words of the document */
    uint8_t seen[RANK_COLUMNS]; /* occurrences by column; lists with more than 255 are not kept */
};

/* A word's documents, by n. Never changed; shared. */
struct postings {
    size_t count, cap;
    int references;
    struct posting list[];
};

/* The list of the documents that EXPRESSION matches, by a scan: *OUT is NULL where it is longer than MAX or a document
 * has a word too often. The caller frees it with mem_free. */
int rank_list(struct db *db, const char *expression, size_t max, struct postings **out, struct err *err);

/* The same of document N alone: 1 and *OUT, 0 where it does not match, or negative. */
int rank_one(struct db *db, const char *expression, int64_t n, struct posting *out, struct err *err);

#endif
