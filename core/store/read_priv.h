/* read_priv.h - what the parts of the reading side share. Inside core/store only. */
#ifndef LECTERN_STORE_READ_PRIV_H
#define LECTERN_STORE_READ_PRIV_H

#include "store/db_priv.h"

/* All statements between these two see the store as it was at one moment. End also after errors. */
int reading_begin(struct reader *r, struct err *err);
void reading_end(struct reader *r);
/* -E_CANCELLED once reader_interrupt was called, else 0: for loops that step many short statements. */
int reading_stopped(struct reader *r, struct err *err);

/* The entity with this id, in the trash too: 1 and *N, *TYPE (may be NULL), or 0, or negative. */
int reading_entity(struct reader *r, const struct uuid *id, int64_t *n, int *type, struct err *err);

/* source.c: append the decoded text of source N. -E_STORE where its parts do not fit together. */
int source_assemble(struct reader *r, int64_t n, struct buf *out, struct err *err);
/* check.c: can source N be put together again, and is it then what was read? */
bool source_is_sound(struct reader *r, int64_t n);
/* check_values.c: packed columns and texts; how many were seen, how many are wrong, and one of those. */
struct check_walk {
    int64_t seen, bad, first;
};
int check_packed(struct reader *r, struct check_walk *w, struct err *err);
int check_bodies(struct reader *r, struct check_walk *w, struct err *err);
/* check_index.c: does the search index hold what the view doc holds? *OK, and what is wrong in DETAIL. */
int check_index(struct reader *r, bool *ok, struct buf *detail, struct err *err);

/* Digits of an id as typed: at most 32, dashes left out; 0 where TEXT is anything else. */
size_t resolve_digits(const char *text, char digits[2 * UUID_BYTES + 1]);
/* read_resolve_id inside a transaction that is open already. */
int resolve_id(struct reader *r, const char *text, struct uuid *id, enum entity *entity, struct err *err);
/* From the n of a live event to its object. */
int resolve_event_object(struct reader *r, int64_t n, struct arena *a, struct value *out, struct err *err);
/* Live events called TEXT, newest year first, at most MAX; *COUNT is how many there are of them. */
enum { RESOLVE_EVENTS = 64 };
int resolve_events(struct reader *r, const char *text, size_t len, int64_t *ns, size_t *count, struct err *err);

#endif
