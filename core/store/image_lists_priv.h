/* image_lists_priv.h - the fields of an image that are rows of other tables. For image.c alone. */
#ifndef LECTERN_STORE_IMAGE_LISTS_PRIV_H
#define LECTERN_STORE_IMAGE_LISTS_PRIV_H

#include "store/image_priv.h"

/* Add the lists in WHICH (bits) of N to IM. */
int lists_load(struct db *db, uint64_t which, enum entity type, int64_t n, struct arena *a, struct image *im,
               struct err *err);
/* Write those lists that CHANGED says, and what is derived from the changed fields (names to look things up by). */
int lists_save(struct db *db, enum entity type, int64_t n, const struct image *im, uint64_t changed, bool fresh,
               struct err *err);

#endif
