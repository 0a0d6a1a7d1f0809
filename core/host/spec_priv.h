/* spec_priv.h - between the files that read specs: keys of untrusted maps, each with its type and bound.
 *
 * All return 0, or -E_PLUGIN after spec_refuse has said which contribution is wrong, and where. A key that is absent
 * leaves *OUT as it was.
 */
#ifndef LECTERN_HOST_SPEC_PRIV_H
#define LECTERN_HOST_SPEC_PRIV_H

#include "host/spec.h"

struct spec_reader {
    struct arena *a;
    const char *plugin;
    const char *kind;
    const char *name;
    const struct value *map; /* the contribution, for file and line */
    struct err *err;
};

int spec_refuse(const struct spec_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
int spec_read_text(const struct spec_reader *r, const struct value *map, const char *key, size_t max, const char **out);
int spec_read_bool(const struct spec_reader *r, const struct value *map, const char *key, bool *out);
int spec_read_number(const struct spec_reader *r, const struct value *map, const char *key, bool *has, double *out);
int spec_read_texts(const struct spec_reader *r, const struct value *map, const char *key, size_t max,
                    const char *const **out, size_t *n);
/* "; did you mean 'x'?" or "". */
const char *spec_near(struct arena *a, const char *word, const char *const *names, size_t n);

/* spec_args.c: the arguments, and whether they go together. */
int spec_read_args(const struct spec_reader *r, const struct arg_spec **out, size_t *n);

#endif
