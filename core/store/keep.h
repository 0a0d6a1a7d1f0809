/* keep.h - keeping the store: copies of it, its text form, and what to do when it is damaged.
 *
 * Everything here names the store by its PATH (absolute) and works over connections of its own, so it goes on beside
 * whatever else has the store open, in this host or another; only where that is said must the caller have closed it.
 * Calls block, for seconds on large stores, and are made off the event loop. What replaces a store does it in one
 * transaction, or by one rename, and puts the old one aside first: nothing is ever overwritten without a copy.
 *
 * Reports are maps in the caller's arena. Errors: -E_INPUT what is missing, -E_DATA a file that cannot be used,
 * -E_STORE a damaged store or a disk, -E_CONFIG a newer schema, -E_OUTPUT where the result cannot be written.
 */
#ifndef LECTERN_STORE_KEEP_H
#define LECTERN_STORE_KEEP_H

#include <stdatomic.h>

#include "store/read.h"

/* What this thread does here from now on is given up once *STOP is true: -E_CANCELLED, and nothing is left of it. NULL:
 * nothing gives it up. What has begun to take the place of a store is carried through. */
void keep_heed(const atomic_bool *stop);

/* ---- copies ---------------------------------------------------------------------------------------------------- */
/* Copy the store as it is at one moment to FILE: written beside it, checked, synced, renamed. Writing goes on meanwhile.
 * What stands at FILE gives way only if it is a lectern store, and never the store itself.
 * {"path","bytes","schema","checks":int}. */
int keep_backup(const char *path, const char *file, struct arena *a, struct value *report, struct err *err);
/* Make the store what FILE, a backup, holds. FILE is checked and brought to this schema on a copy before. ALONE: nobody
 * in this process has the store open, so that one which cannot even be opened may be moved aside as a file.
 * {"path","from","kept"}; kept: where the old store is, nil where there was none. */
int keep_restore(const char *path, const char *file, bool alone, struct arena *a, struct value *report,
                 struct err *err);

/* ---- text ------------------------------------------------------------------------------------------------------ */
/* Gets bytes in order; a negative code ends the dump with it. */
typedef int keep_write(void *ctx, const void *p, size_t n, struct err *err);
/* Everything as JSON lines: a head {"lectern":"dump","format":1,"schema":N}, a line {"table","row":{..}} for each row of
 * each table, an end {"end":true,"rows":N}. The search index is left out, being made from the rest, and so are runs that
 * only read. Of equal content the bytes are equal. *ROWS: how many. */
int keep_dump(const char *path, keep_write *write, void *ctx, int64_t *rows, struct err *err);
/* Fill the store from such lines, read from FD and called NAME in messages ("NAME:LINE: what"). They are untrusted: each
 * value is checked, and every invariant before the store is touched. A store with anything in it is refused (-E_USAGE).
 * {"rows","schema","checks"}. */
int keep_load(const char *path, int fd, const char *name, struct arena *a, struct value *report, struct err *err);

/* ---- damage ---------------------------------------------------------------------------------------------------- */
/* What can be told without reading all of it: {"path","exists","bytes","wal_bytes","schema","newest","opens","error",
 * "writable","free_bytes","kept":[path]}. */
int keep_facts(const char *path, struct arena *a, struct value *report, struct err *err);
/* Copy what can be read of a damaged store into a new one, mend what refers to what is lost, check it and put it in the
 * place of the old one, which is kept aside. A store that passes every check is left alone. ALONE as in keep_restore.
 * {"repaired":bool,"kept":path|nil,"found":{table:int},"lost":[str],"notes":int}. */
int keep_repair(const char *path, bool alone, struct arena *a, struct value *report, struct err *err);

#endif
