/* form_priv.h - one field as people and importers write it, checked and brought into image form.
 *
 * Pure: no store. References (events, persons, talks, tags ...) are checked for their shape alone; apply.c resolves
 * them. Errors are -E_USAGE and name the field.
 */
#ifndef LECTERN_STORE_FORM_PRIV_H
#define LECTERN_STORE_FORM_PRIV_H

#include "base/err.h"
#include "store/fields_priv.h"

/* True where form_value does all the work; references need apply.c. */
bool form_is_plain(enum field_kind kind);
/* IN (any kind) as field F of ENTITY. *OUT, in A or borrowed from IN, is nil where it is empty. For references *OUT is
 * IN, with strings trimmed, once its shape is right. */
int form_value(enum entity entity, enum field_id f, const struct value *in, struct arena *a, struct value *out,
               struct err *err);
/* The same for a record of its own words: NAME is for messages. */
int form_kind(enum field_kind kind, const char *name, const char *const *choices, const struct value *in,
              struct arena *a, struct value *out, struct err *err);
/* UTF-8 without NUL. */
bool form_is_text(const char *s, size_t len);
/* S trimmed and its runs of white space made one space each, in A; the very bytes where nothing is to be done. */
struct value form_line(struct arena *a, const char *s, size_t len);

#endif
