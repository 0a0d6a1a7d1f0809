/* lines.h - where lines begin: from bytes to line numbers and back.
 *
 * A line ends with \n, \r\n or a \r alone, as Markdown has it. Lines count from 1, bytes from 0. The text is not kept.
 */
#ifndef LECTERN_COMPARTMENT_LINES_H
#define LECTERN_COMPARTMENT_LINES_H

#include <stddef.h>
#include <stdint.h>

/* Length of the line that begins at S[0..N), without its end; *NEXT gets where the next one begins (N at the end). */
size_t lines_length(const char *s, size_t n, size_t *next);
/* How many lines S[0..N) has; text after the last end counts as one. */
size_t lines_count(const char *s, size_t n);
/* STARTS[0..lines_count) gets the first byte of each line. */
void lines_index(const char *s, size_t n, uint32_t *starts);
/* The 1-based line that BYTE is on, by COUNT starts (at least one). */
size_t lines_at(const uint32_t *starts, size_t count, size_t byte);

#endif
