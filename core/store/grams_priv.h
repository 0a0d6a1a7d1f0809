/* grams_priv.h - which documents may hold a text anywhere, inside of words too. Inside core/store only.
 *
 * The index `grams` has for each document up to grams_upto.n the pieces of its folded texts (text_fold): of letters and
 * digits every three in a row, of scripts without spaces every two and every one. A document that holds a text has all
 * the pieces of the text; what has them all is looked into to be sure. Documents behind grams_upto.n have no pieces yet
 * and are all looked into, so that what is found is the same however far the index is filled. It is filled while nobody
 * asks for anything (grams_fill); a document that has its pieces keeps them up to date with each change.
 */
#ifndef LECTERN_STORE_GRAMS_PRIV_H
#define LECTERN_STORE_GRAMS_PRIV_H

#include "store/db_priv.h"

struct store;
struct touched;

/* A set of pieces, each as a number of 25 bits that is hardly ever shared. */
struct gram_set {
    uint32_t *places; /* number + 1; 0: free */
    size_t cap, count;
};
void gram_set_release(struct gram_set *g);
void gram_set_add(struct gram_set *g, const char *text, size_t n);
#define GRAM_TEXT 5
void gram_text(uint32_t number, char out[GRAM_TEXT]); /* the piece as a word of the index */
uint32_t gram_number(const char *text, size_t n);     /* and back; UINT32_MAX where it is none */

/* Append an expression for the index that all documents with TEXT match; nothing where it has no pieces. */
void grams_match(struct buf *out, const char *text, size_t n);

/* At the end of a transaction: document T->n was T->text if T->indexed, and is the row of DOC (select_doc) if PRESENT. */
int grams_change(struct store *s, const struct touched *t, sqlite3_stmt *doc, bool present, struct err *err);

/* Number and pieces of the documents that are to have them, for check.c. */
int grams_check(struct reader *r, bool *ok, struct buf *detail, struct err *err);

#endif
