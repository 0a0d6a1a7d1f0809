/* attach_priv.h - the content of files that notes have: each once, by its SHA-256. Inside core/store only.
 *
 * A note's field "attachments" lists maps. One with a "sha256" (hex) names content that is in t_attachment, and the
 * table attached says so. attached only grows until the note is purged: older revisions can be gone back to.
 */
#ifndef LECTERN_STORE_ATTACH_PRIV_H
#define LECTERN_STORE_ATTACH_PRIV_H

#include "store/ingest_priv.h"

/* Note N has what LIST names, nil or the field. Content that came with the source that is being imported is put in; what
 * is neither there nor came is -E_DATA. */
int attach_save(struct store *s, int64_t n, const struct value *list, struct err *err);
/* N is purged: content that nobody else has or had is gone. */
int attach_forget(struct store *s, int64_t n, struct err *err);
/* Files that a record names ("file") and that did not come with it: what the note has under that name stays, and what
 * it has not is dropped. With --attach a note that names none has none. */
int attach_settle(struct ingestion *g, const struct record *r, struct image *im, struct err *err);
/* Does N have all content that MAP, the fields of a note, names? */
int attach_complete(struct db *db, int64_t n, const struct value *map, bool *all, struct err *err);
/* LIST without what N has not. */
int attach_there(struct db *db, int64_t n, const struct value *list, struct arena *a, struct value *out,
                 struct err *err);

#endif
