/* render.h - values as a person or a script wants to read them.
 *
 * JSON is the contract's: one document, or one object a line. Text is for people: lists of objects are tables, one
 * object is `field: value` lines, what was written is told in words. On a terminal tables are cut to its width (with an
 * ellipsis), have a header, and everything untrusted is made harmless; on a pipe nothing is cut, there is no header,
 * and text passes byte for byte. Values were checked by shape_check. All functions append to OUT and cannot fail unless
 * they say so.
 */
#ifndef LECTERN_HOST_RENDER_H
#define LECTERN_HOST_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"
#include "host/shape.h"

enum render_format { RENDER_TEXT, RENDER_JSON, RENDER_JSONL };

struct render_options {
    enum render_format format;
    bool terminal; /* the output is one: header, cut to width, harmless text, pretty JSON */
    bool color;
    bool planned;               /* nothing was written: a dry run */
    bool continued;             /* not the first part of a stream: no header */
    size_t width;               /* columns of the terminal; 0: 80 */
    const char *const *columns; /* of tables, or NULL: those of the shape; a path that a value lacks is an empty cell */
    size_t ncolumns;
    const char *cwd; /* paths below it are shown relative to it in text; NULL: absolute */
};

/* V, of SHAPE. RENDER_JSON ends with a newline; nil is "null" there and nothing in text and JSON lines. */
void render_value(struct buf *out, const struct shape *shape, const struct value *v, const struct render_options *o);

/* Text made by a plugin or a file for a terminal: text_safe, but with COLOR the SGR sequences (ESC [ digits and ; m)
 * pass and are ended with a reset if left open; without, they are removed. Newlines and tabs stay. */
void render_text(struct buf *out, const char *text, size_t n, bool color);

/* "lectern: message" and a line for the hint; with JSON the contract's {"error":{...}} document (one line). The
 * place ("plugin NAME, FILE:LINE") and the traceback are told too, in text only with VERBOSE or for a fault
 * (E_PLUGIN, E_INTERNAL, E_PEER_KILLED). On a TERMINAL, what was written is shown with its column marked. */
void render_error(struct buf *out, const struct err *err, bool color, bool verbose, bool terminal);
void render_error_json(struct buf *out, const struct err *err);

/* What a run wrote ({"run","operations"}): a line an operation (counts where they are many), then how to take it
 * back. With DRY_RUN, or without a run, what would be. render_value of the shape "run_report" is this without
 * DRY_RUN. */
void render_run_report(struct buf *out, const struct value *report, bool dry_run, const struct render_options *o);

/* `{short}\t{event.slug}\t{title}`: text, \t \n \r \0 \\ and \{ escapes, fields by path. Lists are joined by ", ",
 * objects stand for their name, null is nothing. */
struct render_template;
/* ITEM is the shape of one object (SHAPE_OBJECT: a field of any entity will do); NULL or a shape without fields: any
 * path is taken. 0, or -E_USAGE: "unknown field 'titel' in the format; did you mean 'title'?". */
int render_template_parse(struct arena *a, const char *text, const struct shape *item,
                          const struct render_template **out, struct err *err);
/* One object, without a line end. Newlines and tabs in values become spaces, except in a field called body or
 * abstract. */
void render_template_apply(struct buf *out, const struct render_template *t, const struct value *v, bool terminal);
/* Every item of LIST (or a single object) ended by END: '\n', or '\0' for -0. */
int render_format(struct buf *out, const char *text, const struct shape *shape, const struct value *list, char end,
                  bool terminal, struct err *err);

#endif
