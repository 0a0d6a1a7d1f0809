/* names_priv.h - from what people call things to the things: events, persons, sessions, tags; found, or made.
 *
 * Equal keys (text_key) are the same person or event, aliases included. Lookups of the open transaction are remembered.
 */
#ifndef LECTERN_STORE_NAMES_PRIV_H
#define LECTERN_STORE_NAMES_PRIV_H

#include "base/buf.h"
#include "store/store.h"

/* ---- of use to both sides: text only ----------------------------------------------------------------------------- */
/* "SOSP 2017", "SOSP'17", "2017 SOSP", "SOSP-2017", "SOSP (2017)" -> "SOSP" and 2017; *YEAR is 0 where none is stated.
 * NAME is replaced; it is the whole text where nothing but a year would be left. */
void names_split_event(const char *text, size_t len, struct buf *name, int *year);
/* The key by which names are compared: text_key, or the text itself where it has neither letters nor digits. Replaces
 * OUT. */
void names_key(const char *s, size_t len, struct buf *out);
/* The slug an event gets when no other has it: name and year. Replaces OUT. */
void names_event_slug(const char *name, int year, struct buf *out);

/* ---- writing side: inside a transaction -------------------------------------------------------------------------- */
/* SPEC: a slug, "NAME YEAR" or id, or {"id"} or {"name", "year", ...}: more fields fill what a found event lacks (what
 * contradicts is left, and said in *WARNING, from A, where WARNING is not NULL), and make a new one whole. */
int names_event(struct store *s, const struct value *spec, struct arena *a, int64_t *n, const char **warning,
                struct err *err);
/* A person by name. */
int names_person(struct store *s, const char *name, size_t len, int64_t *n, struct err *err);
/* The session NAME of EVENT (0: of none). */
int names_session(struct store *s, int64_t event, const char *name, size_t len, int64_t *n, struct err *err);
int names_tag(struct store *s, const char *name, size_t len, int64_t *id, struct err *err);
/* A slug that no other event than SELF has: that of NAME and YEAR, with -2, -3 ... where taken. Replaces OUT. */
int names_free_slug(struct store *s, const char *name, int year, int64_t self, struct buf *out, struct err *err);

#endif
