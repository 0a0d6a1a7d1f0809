/* args_priv.h - between the files that read arguments: the global options, and the argument map once all values are
 * known. */
#ifndef LECTERN_HOST_ARGS_PRIV_H
#define LECTERN_HOST_ARGS_PRIV_H

#include "host/args.h"
#include "host/args_value.h"

struct args_global {
    const char *name;  /* without dashes */
    char letter;       /* or 0 */
    const char *value; /* what its value is called; NULL: takes none */
    bool after;        /* also after the command */
};
/* NULL: no global option is called NAME[0..N), or has this LETTER. */
const struct args_global *args_global_find(const char *name, size_t n);
const struct args_global *args_global_letter(char letter);
/* Note OPTION in *G; VALUE only where it takes one. */
int args_global_set(struct args_globals *g, const struct args_global *option, const char *value, struct err *err);

/* What is known of one argument of the spec, index by index. */
struct args_slot {
    struct value value;
    struct value words; /* array; ARG_QUERY, as typed */
    bool given;         /* named by the caller, not by a default */
};
/* Fill in defaults, refuse what is missing, and make map, refs and paths of OUT. */
int args_finish(const struct args_reader *r, const struct command_spec *spec, struct args_slot *slots, struct args *out,
                struct err *err);

#endif
