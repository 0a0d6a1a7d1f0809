/* options.h - options that a command borrows: those of the exporter that its first argument names are its own too.
 *
 * A command says so by `options_of = KIND` (a kind of contribution): `export csv --columns title` reads --columns by what the exporter csv declared. The values
 * come to the command under their names, beside its own. An option that the command has itself is not borrowed; arguments of the other that are no options are
 * options here.
 */
#ifndef LECTERN_HOST_OPTIONS_H
#define LECTERN_HOST_OPTIONS_H

#include "host/registry.h"

/* The spec to read WORDS (after the command's name) by: SPEC itself where COMMAND borrows nothing or the words name nothing to borrow from; else one in A. */
const struct command_spec *options_for_words(struct registry *r, struct arena *a, const struct contribution *command,
                                             const struct command_spec *spec, const char *const *words, size_t n);
/* The same where the arguments came as a map. */
const struct command_spec *options_for_values(struct registry *r, struct arena *a, const struct contribution *command,
                                              const struct command_spec *spec, const struct value *map);

#endif
