/* options.c - options that a command borrows from the contribution which its first argument names.
 *
 * The one idea: a borrowed option is an option, so both specs become one before anything is read; parsing, help and messages know nothing of it.
 */
#include "host/options.h"

#include <string.h>

static const char *borrows_from(const struct contribution *command) {
    return command ? value_cstr(value_get(command->raw, "options_of"), NULL) : NULL;
}

static const struct arg_spec *first_positional(const struct command_spec *spec) {
    for (size_t i = 0; i < spec->nargs; i++)
        if (!spec->args[i].flag)
            return &spec->args[i];
    return NULL;
}

/* SPEC and behind its arguments those of OTHER. */
static const struct command_spec *joined(struct arena *a, const struct command_spec *spec,
                                         const struct command_spec *other) {
    struct arg_spec *args = arena_alloc(a, (spec->nargs + other->nargs) * sizeof *args + 1);
    struct command_spec *both = arena_alloc(a, sizeof *both);
    if (spec->nargs)
        memcpy(args, spec->args, spec->nargs * sizeof *args);
    *both = *spec;
    both->args = args;
    for (size_t i = 0; i < other->nargs; i++) {
        if (spec_arg(spec, other->args[i].name))
            continue;
        struct arg_spec *arg = &args[both->nargs++];
        *arg = other->args[i];
        if (spec_letter(spec, arg->letter))
            arg->letter = 0;
        arg->flag = true;
    }
    return both;
}

static const struct command_spec *with_options_of(struct registry *r, struct arena *a, const struct command_spec *spec,
                                                  const char *kind, const char *name) {
    struct contribution *c = name ? registry_find(r, kind, name) : NULL;
    const struct command_spec *other = c ? contribution_spec(r, c, NULL) : NULL;
    return other ? joined(a, spec, other) : spec;
}

/* Does the option WORD of SPEC take the word behind it as its value? */
static bool takes_next(const struct command_spec *spec, const char *word) {
    const struct arg_spec *arg = word[1] == '-' ? spec_arg(spec, word + 2)
                                 : word[2]      ? NULL
                                                : spec_letter(spec, word[1]);
    return arg && arg->flag && arg->type != ARG_BOOL;
}

const struct command_spec *options_for_words(struct registry *r, struct arena *a, const struct contribution *command,
                                             const struct command_spec *spec, const char *const *words, size_t n) {
    const char *kind = borrows_from(command);
    if (!kind)
        return spec;
    size_t i = 0;
    while (i < n && words[i][0] == '-' && words[i][1] && strcmp(words[i], "--") != 0)
        i += takes_next(spec, words[i]) ? 2 : 1;
    return with_options_of(r, a, spec, kind, i < n ? words[i] : NULL);
}

const struct command_spec *options_for_values(struct registry *r, struct arena *a, const struct contribution *command,
                                              const struct command_spec *spec, const struct value *map) {
    const char *kind = borrows_from(command);
    const struct arg_spec *first = kind ? first_positional(spec) : NULL;
    return first ? with_options_of(r, a, spec, kind, value_cstr(value_get(map, first->name), NULL)) : spec;
}
