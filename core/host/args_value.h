/* args_value.h - one value of one declared argument: from text as typed, or from a value as passed. Used by args and
 * spec only.
 *
 * Results live in the arena. Errors are -E_USAGE: "'list --limit' wants a whole number, not 'many'".
 */
#ifndef LECTERN_HOST_ARGS_VALUE_H
#define LECTERN_HOST_ARGS_VALUE_H

#include "base/err.h"
#include "base/value.h"
#include "host/spec.h"

struct args_reader {
    struct arena *a;
    const char *command; /* for messages */
    const char *cwd;     /* paths are made absolute against it; NULL: left as they are */
};

/* TEXT for ARG, which is no list (a list is read item by item with arg->item). */
int args_value_text(const struct args_reader *r, const struct arg_spec *arg, const char *text, struct value *out,
                    struct err *err);
/* V for ARG of any type. */
int args_value_typed(const struct args_reader *r, const struct arg_spec *arg, const struct value *v, struct value *out,
                     struct err *err);
/* What ARG is when it was not given; nil where it has no default. */
struct value args_value_default(const struct args_reader *r, const struct arg_spec *arg);
/* Number of items within the list's limits? 0 or -E_USAGE. */
int args_value_count(const struct args_reader *r, const struct arg_spec *arg, size_t n, struct err *err);

/* Add "+x" or "-x" to the tagedit *EDIT ({"add","remove"}, made by args_value_tagedit). */
struct value args_value_tagedit(struct arena *a);
int args_value_tag(const struct args_reader *r, const struct arg_spec *arg, const char *word, struct value *edit,
                   struct err *err);

/* "--limit" or "QUERY": what a person calls ARG; in A. */
const char *args_label(struct arena *a, const struct arg_spec *arg);
/* S[0..N) harmless and cut for a message; in A. */
const char *args_quote(struct arena *a, const char *s, size_t n);

#endif
