/* diff.h - what two texts have in common, line by line, and how they differ for a person to read.
 *
 * A text is cut into pieces (lines here, paragraphs in merge.h); equal pieces get equal numbers, and what is compared
 * are numbers. Time and memory grow with the texts: where they have so little in common that the best answer would be
 * dear, a part of it is given as wholly different, which is true, only less fine.
 */
#ifndef LECTERN_BASE_DIFF_H
#define LECTERN_BASE_DIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

struct piece {
    const char *s; /* borrowed from the text */
    size_t len;
    uint32_t id; /* equal pieces of one interner have equal ids */
};
struct pieces {
    struct piece *at;
    size_t n;
};
/* Gives equal bytes equal numbers, over any number of texts. In an arena: nothing to release. */
struct interner {
    struct arena *arena;
    struct intern_slot *slots;
    size_t nslots, count;
};
uint32_t intern(struct interner *in, const char *s, size_t len);
/* TEXT cut behind each newline. */
struct pieces diff_lines(struct interner *in, const char *text, size_t len);

enum { DIFF_NONE = -1 };
/* MATCH (na long, in A) gets for each piece of A its place in B, or DIFF_NONE; places ascend. */
const int64_t *diff_match(struct arena *a, const struct pieces *x, const struct pieces *y);

/* Append the unified diff of two texts with CONTEXT lines around each change, without the two lines of file names;
 * nothing where they are equal. A last line without newline is marked as diff does. */
void diff_unified(struct buf *out, const char *old, size_t old_len, const char *new, size_t new_len, size_t context);

#endif
