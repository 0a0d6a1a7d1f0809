/* journal_priv.h - the journal read backwards, from the newest change of an entity to the first. Inside core/store
 * only. */
#ifndef LECTERN_STORE_JOURNAL_PRIV_H
#define LECTERN_STORE_JOURNAL_PRIV_H

#include "store/db_priv.h"

struct journal_row {
    int64_t seq; /* 0: there was none before */
    int64_t run, rev, at, prev;
    enum journal_op op;
    struct value before; /* map of fields as they were before it, in image form; or nil */
};
/* Row->seq is where to start; on return ROW is that row. 1, or 0 at the end, or negative. */
int journal_read(struct db *db, struct journal_row *row, struct arena *a, struct err *err);
/* seq of the newest row about N, 0 where there is none. */
int journal_newest(struct db *db, int64_t n, int64_t *seq, struct err *err);

#endif
