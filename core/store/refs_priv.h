/* refs_priv.h - a whole body in contract form brought into image form, references looked up or made. */
#ifndef LECTERN_STORE_REFS_PRIV_H
#define LECTERN_STORE_REFS_PRIV_H

#include "store/store_priv.h"

/* BODY (a map) as fields of TYPE into IM, which keeps what it has. ROW: the entity that is changed, NULL for a new one
 * (then what must be there is checked and defaults are filled in). Values live in A or are borrowed from BODY. An
 * event that says otherwise than the store gives *WARNING where that is not NULL. -E_USAGE with the nearest field;
 * -E_NOTFOUND. */
int refs_body(struct store *s, enum entity type, const struct entity_row *row, const struct value *body,
              struct arena *a, struct image *im, const char **warning, struct err *err);
/* One field, checked by form_value already. EVENT: whose session is meant. */
int refs_field(struct store *s, enum field_id f, const struct value *v, int64_t event, struct arena *a,
               struct value *out, const char **warning, struct err *err);
/* Tag names to sorted ids without repetition; nil where none. */
int refs_tags(struct store *s, const struct value *names, struct arena *a, struct value *out, struct err *err);
/* Ascending, each once; ITEMS are ints. Nil where empty. */
struct value refs_sorted(struct value items);

#endif
