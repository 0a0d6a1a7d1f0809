/* merge.h - three texts become one: what both made of a common base.
 *
 * Texts are compared by paragraph first (a block: lines without a blank one between), then, where both changed the same
 * block, by line. What only one side changed is taken from it, what both changed alike is taken once. A block that both
 * changed, each in its own way and in the same lines, is a clash: the side that is preferred stands in the result, whole,
 * and the clash is told.
 */
#ifndef LECTERN_BASE_MERGE_H
#define LECTERN_BASE_MERGE_H

#include "base/diff.h"

struct text {
    const char *s;
    size_t len;
};

struct merge_clash {
    struct text base, mine, theirs; /* borrowed from the three texts */
    size_t at, len;                 /* where it stands in the result, in bytes */
};

enum merge_prefer {
    MERGE_MINE,
    MERGE_THEIRS,
    MERGE_BOTH, /* both sides between lines of marks, for an editor: <<<<<<< mine, =======, >>>>>>> theirs */
};

struct merged {
    struct buf text;           /* the caller's: buf_release */
    size_t taken;              /* changes that are theirs alone */
    struct merge_clash *clash; /* in the arena */
    size_t clashes;
};
/* Time and memory are those of diff.h. */
void merge_texts(struct text base, struct text mine, struct text theirs, enum merge_prefer prefer, struct arena *a,
                 struct merged *out);
/* Does S hold a line that begins with a mark of MERGE_BOTH? */
bool merge_has_marks(const char *s, size_t len);

#endif
