/* query.h - the query language: any text at all is a query.
 *
 *     query   := or
 *     or      := and { "OR" and }
 *     and     := unary { ["AND"] unary }              bare words are joined by AND
 *     unary   := ("NOT" | "-") unary | primary
 *     primary := "(" or ")" | FIELD ":" value | value
 *     value   := word | word"*" | "*"word["*"] | "quoted phrase" | "/regex/" (fields only)
 *
 * What does not parse (an unclosed quote, a stray parenthesis, an operator without operand, an unknown field) is taken
 * as words; parsing has no errors. A value that its field cannot have (year:soon, has:nothing, title:/(/) is an error
 * when the query is asked, with its column. "*" alone is everything, FIELD:* whatever has one. FIELD is one of a table
 * (query_fields.c); words are never handed to SQLite's own query syntax except quoted. The tree compiles to one SQL
 * condition with bound values; user text never becomes SQL.
 */
#ifndef LECTERN_STORE_QUERY_H
#define LECTERN_STORE_QUERY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/value.h"

enum query_node {
    QUERY_ALL,
    QUERY_WORD,
    QUERY_PREFIX,
    QUERY_INSIDE, /* *text*: anywhere, inside of words too */
    QUERY_PHRASE,
    QUERY_REGEX, /* only below QUERY_FIELD */
    QUERY_FIELD,
    QUERY_AND,
    QUERY_OR,
    QUERY_NOT,
};

struct query {
    enum query_node node;
    const char *
        text; /* word, prefix and inside without '*', phrase, regex without slashes, or value of a field; valid UTF-8 */
    const char *field;         /* QUERY_FIELD: canonical name; "field.NAME" for one that a source brought along */
    const struct query *left;  /* AND, OR, NOT; FIELD: its value as WORD, PREFIX, INSIDE, PHRASE or REGEX */
    const struct query *right; /* AND, OR */
    const char *source;        /* the whole text that it stands in, and its byte there, for messages */
    size_t column;
};
/* Never fails; depth and number of terms are bounded (what exceeds 64 levels or 256 terms becomes plain words, then
 * is dropped). */
const struct query *query_parse(struct arena *a, const char *text, size_t n);
/* One line that shows how a query was understood: (and (word "a") (field speaker "b")). For tests and --explain. */
void query_print(struct buf *out, const struct query *q);

#endif
