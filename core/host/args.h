/* args.h - from what a person typed to a map of typed arguments: the syntax phase, without store or files.
 *
 * In order: args_globals takes the global options in front, args_command finds the command's name, args_parse reads the
 * rest by the command's spec. Programs that call a command with values use args_from_value, which checks the same.
 *
 *     size_t used;
 *     args_globals(words, n, &globals, &used, err);           words += used, n -= used
 *     spec = args_command(words, n, lookup, ctx, &used);      NULL: args_unknown_command says so
 *     args_parse(&arena, spec, words + used, n - used, cwd, &globals, &args, err);
 *
 * GNU syntax: `--opt=value`, `--opt value`, `-n5`, `-n 5`, bools `--flag`, `--no-flag` and grouped letters; options and
 * positionals mix; `--` ends the options; nothing may be abbreviated. A `-word` that is no declared option is a
 * positional where the next positional is a query or a tag edit, and so is a negative number where it is a number.
 *
 * Values: int, number, bool as such; string, enum, event, talk, note, person as text (the last four are resolved by the
 * caller, see refs); date in the contract's form; duration as milliseconds; path absolute and clean, "-" kept; query as
 * one line of text; tagedit as {"add":[..],"remove":[..]}; list as an array. What was not given and has no default is
 * not in the map.
 *
 * Everything is linear in the words and bounded: ARGS_WORDS_MAX words, ARGS_BYTES_MAX bytes. Errors are -E_USAGE with
 * the usage line as hint.
 */
#ifndef LECTERN_HOST_ARGS_H
#define LECTERN_HOST_ARGS_H

#include <stdint.h>

#include "host/spec.h"

enum { ARGS_WORDS_MAX = 65536, ARGS_BYTES_MAX = 4 * 1024 * 1024 };

enum args_color { ARGS_COLOR_AUTO, ARGS_COLOR_ALWAYS, ARGS_COLOR_NEVER };

struct args_globals {
    const char *store;  /* as typed, borrowed from the words; NULL: not given */
    const char *config; /* same */
    int64_t timeout_ms; /* -1: not given */
    enum args_color color;
    bool json, jsonl, quiet, verbose, no_daemon, no_pager, dry_run, version, help;
};

/* Something that only the store can tell: the text in *SLOT names an event, talk, note or person, or is a query
 * (whose words may be ids or files). SLOT lies in the argument map and may be replaced by what was found. */
struct args_ref {
    const struct arg_spec *arg; /* as declared; of a list, the list */
    enum arg_type type;         /* ARG_EVENT, ARG_TALK, ARG_NOTE, ARG_PERSON, ARG_QUERY */
    struct value *slot;
    const struct value *words; /* ARG_QUERY: array of the words as typed (of one, when it came as a value); else NULL */
};

/* A path that was named, not one that a default filled in: what the job may be granted. Never "-". */
struct args_path {
    const struct arg_spec *arg;
    enum path_mode mode;
    const char *path; /* absolute and clean */
};

struct args {
    struct value map; /* argument name -> value, in the order of the spec */
    struct args_ref *refs;
    size_t nrefs;
    struct args_path *paths;
    size_t npaths;
};

/* Strings or bytes of ARGV (an array value) as words in A; NULs and wrong kinds are refused (-E_USAGE). */
int args_words(struct arena *a, const struct value *argv, const char *const **words, size_t *n, struct err *err);

/* Fill *G (initialised here) from the options in front; *USED gets the number of words they took. */
int args_globals(const char *const *words, size_t n, struct args_globals *g, size_t *used, struct err *err);

/* The command whose name takes most of the first words: `a b` and `a.b` both name "a.b". NULL: none; *USED is then
 * 0. */
typedef const struct command_spec *args_lookup(void *ctx, const char *name);
const struct command_spec *args_command(const char *const *words, size_t n, args_lookup *lookup, void *ctx,
                                        size_t *used);
/* "unknown command 'serach'; did you mean 'search'?". NAMES are those of all commands. Returns -E_USAGE. */
int args_unknown_command(const char *const *words, size_t n, const char *const *names, size_t nnames, struct err *err);

/* Parse the words after the command's name. --json --jsonl --dry-run -q --quiet -h --help are also taken here, into
 * *G; after --help nothing more is checked and *OUT is empty. CWD is absolute. Results live in A and borrow from
 * SPEC. */
int args_parse(struct arena *a, const struct command_spec *spec, const char *const *words, size_t n, const char *cwd,
               struct args_globals *g, struct args *out, struct err *err);

/* The same from a map of typed values (RPC, nested calls). nil and an empty array count as an empty map; nil fields
 * as absent. Text is taken for dates, durations ("5m"; a number is milliseconds), tagedits ("+x -y" or an array of
 * such), and one value for a list of one. Unknown names are errors with a suggestion. */
int args_from_value(struct arena *a, const struct command_spec *spec, const struct value *map, const char *cwd,
                    struct args *out, struct err *err);

#endif
