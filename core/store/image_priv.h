/* image_priv.h - an entity's fields as they are stored, for saving, comparing and taking back.
 *
 * An image holds the fields that are present, in image form, which is also the form of journal.before (there as a
 * MessagePack map from field name to value, nil where the field was empty):
 *
 *     text, times, numbers           as in the contract
 *     event session author part_of parent     n of the entity (int)
 *     body                           its body_rev (int): the text is note_rev[rev_key(n, body_rev)]
 *     talks                          array of n, ascending
 *     tags                           array of t_tag.id, ascending
 *     speakers people                array of [person n, role or nil, affiliations (one a line) or nil]
 *     awards                         array of [name, event n or nil, talk n or nil, person n or nil]
 *     aliases                        array of strings
 *     affiliations                   string, one a line
 *     fields links questions attachments   as in the contract, nil where empty
 *     origins (of a source)          array of the rows of origin: arrays of its columns after `source`, in order
 *
 * Empty lists, empty maps and empty texts are nil, so that two images compare field by field.
 */
#ifndef LECTERN_STORE_IMAGE_PRIV_H
#define LECTERN_STORE_IMAGE_PRIV_H

#include "store/db_priv.h"
#include "store/fields_priv.h"

struct image {
    uint64_t present;        /* bit field_id */
    struct value v[F_COUNT]; /* valid where present */
};
static inline bool image_has(const struct image *im, enum field_id f) {
    return im->present >> f & 1;
}
static inline void image_set(struct image *im, enum field_id f, struct value v) {
    im->present |= UINT64_C(1) << f;
    im->v[f] = v;
}
/* The value, nil where absent. */
const struct value *image_get(const struct image *im, enum field_id f);

/* Everything about N. 0, or -E_STORE where there is no such row. */
int image_load(struct db *db, enum entity type, int64_t n, struct arena *a, struct image *im, struct err *err);
/* Write the rows of a new entity N, or overwrite those of an old one: IM is complete. Lists are rewritten where
 * CHANGED (bits) says so. BODY is an int here: the text is in note_rev already. WORDS: of a note's body; -1 in an
 * update: as before. */
int image_insert(struct db *db, enum entity type, int64_t n, const struct image *im, int64_t words, struct err *err);
int image_update(struct db *db, enum entity type, int64_t n, const struct image *im, uint64_t changed, int64_t words,
                 struct err *err);
/* As the map that the journal keeps; and back. Unknown names are left out: an older program wrote them. */
void image_pack(const struct image *im, uint64_t which, struct buf *out);
void image_unpack(enum entity type, const struct value *map, struct image *im);

#endif
