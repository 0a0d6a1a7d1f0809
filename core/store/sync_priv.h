/* sync_priv.h - operations that decide what import left open or could not know. Inside core/store only.
 *
 *     conflict.c   what was changed here and upstream
 *     people.c     two spellings of one person, one name of two
 *     purge.c      what is in the trash, for good
 *     differ.c     two revisions side by side
 */
#ifndef LECTERN_STORE_SYNC_PRIV_H
#define LECTERN_STORE_SYNC_PRIV_H

#include "store/store_priv.h"

/* As store_apply does them: checked against ROW already; told in DONE. See enum op_kind. */
int sync_resolve(struct store *s, const struct op *op, struct entity_row *row, struct arena *a, struct value *done,
                 struct err *err);
int sync_merge_person(struct store *s, const struct op *op, struct entity_row *row, struct arena *a, struct value *done,
                      struct err *err);
int sync_split_person(struct store *s, const struct op *op, struct entity_row *row, struct arena *a, struct value *done,
                      struct err *err);
int sync_purge(struct store *s, const struct op *op, struct entity_row *row, struct arena *a, struct value *done,
               struct err *err);
/* Revisions FROM and TO (0: as it is now) of N: see read_diff. */
int object_diff(struct db *db, int64_t n, int64_t from, int64_t to, struct arena *a, struct value *out,
                struct err *err);
/* What object_diff found, for a person to read: a line for each field, then the text. */
void differ_text(const struct value *diff, struct buf *out);

/* Before and after the commit of what was purged: the words of it leave the search index, then the file is written anew,
 * so that no page holds what it held before. A disk without room for that keeps the old pages until the next purge. */
int purge_words(struct store *s, struct err *err);
void purge_sweep(struct store *s);

#endif
