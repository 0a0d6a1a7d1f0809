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

/* find.c: the SELECT of the n that F finds, whatever its limit, cursor, order and ids, in SET (appended), with its
 * values and the WITH before it in QS. Inside a read transaction; the caller releases QS, also after errors. */
struct query_sql;
int find_set(struct reader *r, const struct find *f, struct arena *a, struct query_sql *qs, struct buf *set,
             struct err *err);

/* find_sort.c: "FIELD" or "FIELD:desc" as an SQL expression; it stays NULL for the order of creation. */
int find_sort(int type, const char *text, struct arena *a, const char **expression, bool *descending, struct err *err);

/* source.c: append the decoded text of source N. -E_STORE where its parts do not fit together. */
int source_assemble(struct db *db, int64_t n, struct buf *out, struct err *err);
/* check.c: can source N be put together again, and is it then what was read? */
bool source_is_sound(struct reader *r, int64_t n);
/* check_values.c: packed columns and texts; how many were seen, how many are wrong, and one of those. */
struct check_walk {
    int64_t seen, bad, first;
};
int check_packed(struct reader *r, struct check_walk *w, struct err *err);
int check_attachments(struct reader *r, struct check_walk *w, struct err *err);
int check_bodies(struct reader *r, struct check_walk *w, struct err *err);
/* check_index.c: does the search index hold what the view doc holds? *OK, and what is wrong in DETAIL. */
int check_index(struct reader *r, bool *ok, struct buf *detail, struct err *err);
/* check_index.c: does an index find document N by MATCH? LITERAL is a SELECT of it, ?1 the expression, ?2 the rowid. */
int check_finds(struct reader *r, const char *literal, const struct buf *match, int64_t n, bool *found,
                struct err *err);

/* suggest_value.c: *BETTER: the nearest value for the field Q whose own is nowhere, in quotes where it needs them; NULL
 * where it is somewhere, or nothing is near. Inside a read transaction. */
struct query;
int suggest_value(struct reader *r, const struct query *q, struct arena *a, uint64_t deadline, const char **better,
                  struct err *err);

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
