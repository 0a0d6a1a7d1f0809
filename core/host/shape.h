/* shape.h - what a command says it returns, and the check that it does.
 *
 * A tiny language: the plugin declares `returns = "talk[]"`, the host checks each returned value against it, fills in
 * what is missing (null, [], {}), and orders the fields as the contract does.
 *
 *     shape   := base { "[]" | "?" }               list of; may be null
 *     base    := "nil" | "any" | "value" | "string" | "text" | "markdown" | "int" | "number" | "bool"
 *              | "map"                             any fields
 *              | "object"                          any entity, told apart by its "type"
 *              | NAME                              one of the table in shape_names.c: talk, note, event, run_report ...
 *              | '"' literal '"'                   exactly this string; filled in when absent
 *              | "{" { field } ["..."] "}"         a record; "...": other fields pass, after these; commas may separate
 *     field   := name ["!"] ":" shape              "!": left out when absent, in place of null
 *
 * "text" and "markdown" are strings for people; "value" is "any". Shapes are immutable and live in the arena given.
 */
#ifndef LECTERN_HOST_SHAPE_H
#define LECTERN_HOST_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/value.h"

enum shape_kind {
    SHAPE_NIL,
    SHAPE_ANY,
    SHAPE_STRING,
    SHAPE_TEXT,
    SHAPE_MARKDOWN,
    SHAPE_INT,
    SHAPE_NUMBER,
    SHAPE_BOOL,
    SHAPE_MAP,
    SHAPE_LITERAL,
    SHAPE_LIST,
    SHAPE_RECORD,
    SHAPE_OBJECT,
};

struct shape;
struct shape_field {
    const char *name;
    const struct shape *shape;
    bool optional; /* stays absent when absent */
};

struct shape {
    enum shape_kind kind;
    bool nullable;
    const char *name;                 /* the table's name ("talk") or NULL; SHAPE_LITERAL: the string */
    const char *text;                 /* as declared, for messages; set on the outermost shape of a shape_parse */
    const struct shape *item;         /* SHAPE_LIST */
    const struct shape_field *fields; /* SHAPE_RECORD */
    size_t nfields;
    bool open;                           /* SHAPE_RECORD: other fields may follow */
    const struct shape *const *entities; /* SHAPE_OBJECT: the records it may be, each with a literal "type" */
    size_t nentities;
};

enum { SHAPE_TEXT_MAX = 4096, SHAPE_DEPTH_MAX = 24 };

/* TEXT into A; white space between the parts does not matter. 0, or -E_PLUGIN with the column and the nearest name. */
int shape_parse(struct arena *a, const char *text, const struct shape **out, struct err *err);
/* Never fails: for text that we wrote ourselves; "any" where it is wrong after all. */
const struct shape *shape_of(struct arena *a, const char *text);

/* Check V; *OUT gets a complete, ordered copy in A (strings are copied too). Strings must be UTF-8, nesting is at most
 * SHAPE_DEPTH_MAX, an unknown field is an error, an empty list is taken for an empty map and the other way round.
 * 0, or -E_PLUGIN: "returns talk[]: [3].speakers[0].role: expected a string, got a number". */
int shape_check(const struct shape *shape, const struct value *v, struct arena *a, struct value *out, struct err *err);

/* The field NAME of a record; NULL where it has none or SHAPE is no record. */
const struct shape_field *shape_field(const struct shape *shape, const char *name);
/* Which of its entities OBJECT (a SHAPE_OBJECT) gives to this "type"; NULL: none. */
const struct shape *shape_entity(const struct shape *object, const char *type);

/* ---- the table of names (shape_names.c) ---- */
struct shape_name {
    const char *name;
    const char *text; /* in the language above */
    bool entity;      /* one of "object" */
};
extern const struct shape_name shape_names[];
extern const size_t shape_names_count;

#endif
