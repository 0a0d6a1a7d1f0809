/* spec.h - what a contribution declared about itself: its arguments, what it returns, its words of help.
 *
 * A compartment registers contributions as maps; spec_parse turns one into a `struct command_spec` or refuses it with
 * one line that names the contribution and its file:line. The map comes from an untrusted process: everything is
 * checked here once (kinds, lengths, names, defaults), so that parsing, help and rendering may trust the result.
 *
 *     { kind, name, doc, args = [ { name, type, doc, default, min, max, choices, mode, flag, short, required, item } ],
 *       returns, columns, pager, writes, hidden, aliases, examples, file, line }
 *
 * Other keys of a contribution (match, extension, many ...) are for those who run it and are not looked at; an unknown
 * key of an argument is an error with a suggestion. Everything lives in the arena given; strings are UTF-8.
 *
 * Rules. Command names are [a-z][a-z0-9-]* parts joined by dots, argument names one such part. Arguments without `flag`
 * are positional, in order. Only the last positional may be a list or a query (a query takes all remaining words); a
 * tagedit takes all +x and -y words that follow. A positional without default is required unless it says required =
 * false; a flag is required only when it says so. Required after optional is refused, as are doubled names and shorts
 * and the names of the global options.
 */
#ifndef LECTERN_HOST_SPEC_H
#define LECTERN_HOST_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/value.h"
#include "host/shape.h"

/* name; the word that stands for a value in usage lines */
#define SPEC_TYPES(X)                                                                                                  \
    X(ARG_STRING, "string", "TEXT")                                                                                    \
    X(ARG_INT, "int", "N")                                                                                             \
    X(ARG_NUMBER, "number", "N")                                                                                       \
    X(ARG_BOOL, "bool", "yes|no")                                                                                      \
    X(ARG_ENUM, "enum", "WORD")                                                                                        \
    X(ARG_PATH, "path", "PATH")                                                                                        \
    X(ARG_DATE, "date", "DATE")                                                                                        \
    X(ARG_DURATION, "duration", "DURATION")                                                                            \
    X(ARG_EVENT, "event", "EVENT")                                                                                     \
    X(ARG_TALK, "talk", "TALK")                                                                                        \
    X(ARG_NOTE, "note", "NOTE")                                                                                        \
    X(ARG_PERSON, "person", "PERSON")                                                                                  \
    X(ARG_QUERY, "query", "QUERY")                                                                                     \
    X(ARG_TAGEDIT, "tagedit", "+TAG|-TAG")                                                                             \
    X(ARG_LIST, "list", "LIST")

enum arg_type {
#define X(id, name, word) id,
    SPEC_TYPES(X)
#undef X
};

/* PATH_EDIT: the one file that was named, read and written. */
enum path_mode { PATH_READ, PATH_WRITE, PATH_FOLDER, PATH_EDIT };

struct arg_spec {
    const char *name;
    const char *doc; /* one line or a few; "" where none */
    enum arg_type type;
    const struct arg_spec *item; /* ARG_LIST: of what (no list, query, tagedit, bool), with our name; else NULL */
    bool flag;                   /* an option, not a positional */
    char letter;                 /* short option, or 0 */
    bool required;
    struct value fallback; /* the default, a valid value of the type; nil: none */
    bool has_min, has_max; /* int and number: of the value; list: of the count */
    double min, max;
    const char *const *choices; /* ARG_ENUM: at least one */
    size_t nchoices;
    enum path_mode mode; /* ARG_PATH */
};

struct command_spec {
    const char *kind; /* "command", "importer", "summariser", "exporter" */
    const char *name;
    const char *doc;
    const char *plugin;
    const struct arg_spec *args; /* in the order of help, prompts and positions */
    size_t nargs;
    const struct shape *returns; /* never NULL; nil where nothing was declared */
    const char *const *columns;  /* default columns of a table, paths like "event.slug"; NULL: those of the shape */
    size_t ncolumns;
    const char *const *aliases; /* further names of a command */
    size_t naliases;
    const char *const *examples; /* command lines without "lectern" in front */
    size_t nexamples;
    bool pager, writes, hidden;
    const char *file; /* "" where unknown */
    int line;         /* 0 where unknown */
};

enum { SPEC_ARGS_MAX = 64, SPEC_NAME_MAX = 64, SPEC_DOC_MAX = 8192, SPEC_LIST_MAX = 64 };

/* Check CONTRIBUTION, which PLUGIN registered, and copy it into A. 0, or -E_PLUGIN: one line that names the
 * contribution, with err->plugin and err->at ("file:line") set. */
int spec_parse(struct arena *a, const char *plugin, const struct value *contribution, const struct command_spec **out,
               struct err *err);

/* NULL where there is none. A letter is asked for with spec_letter. */
const struct arg_spec *spec_arg(const struct command_spec *spec, const char *name);
const struct arg_spec *spec_letter(const struct command_spec *spec, char letter);

const char *spec_type_name(enum arg_type type);
/* "int", "enum(a|b)", "path(read)", "list(path(read))": for describe and help; in A. */
const char *spec_type_text(struct arena *a, const struct arg_spec *arg);

/* The contract's describe entry: {"kind","name","doc","plugin","version","file","line","args","returns","schema",
 * "advice"}; advice is [] and for the caller to fill. VERSION may be NULL. */
struct value spec_describe(struct arena *a, const struct command_spec *spec, const char *version);
/* JSON Schema (draft 2020-12) of the arguments map. */
struct value spec_json_schema(struct arena *a, const struct command_spec *spec);

/* True when NAME is [a-z][a-z0-9-]* of at most SPEC_NAME_MAX bytes; with DOTS, such parts joined by single dots. */
bool spec_name_ok(const char *name, bool dots);
/* True when NAME is a global option's ("json", "store" ...) without its dashes. */
bool spec_reserved(const char *name);

#endif
