/* wrap.h - text for people in lines of a given width.
 *
 * Widths are terminal columns. The text must be harmless already (text_safe); it is never changed, only broken at
 * spaces.
 */
#ifndef LECTERN_HOST_WRAP_H
#define LECTERN_HOST_WRAP_H

#include <stddef.h>

#include "base/buf.h"

/* Append S[0..N) as paragraphs: newlines between words are spaces, except before an empty line and before a line that
 * starts with a space, '-' or '*'. The first line starts at COLUMN (what is there already), the others after INDENT
 * spaces. A word wider than the line stands alone. No newline at the end. WIDTH 0: never broken. */
void wrap_text(struct buf *out, const char *s, size_t n, size_t width, size_t indent, size_t column);

/* The harmless form of S in one line of at most WIDTH columns: cut, with an ellipsis where something was left out.
 * WIDTH 0: all of it. White space is one space. Returns the columns used. */
size_t wrap_cell(struct buf *out, const char *s, size_t n, size_t width);

#endif
