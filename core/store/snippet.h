/* snippet.h - a line of text with the places that matched, cut to fit. */
#ifndef LECTERN_STORE_SNIPPET_H
#define LECTERN_STORE_SNIPPET_H

#include "base/buf.h"
#include "base/value.h"

enum { SNIPPET_BYTES = 320, SNIPPET_RANGES = 32 };

struct snippet {
    struct buf text; /* one line of UTF-8, at most about SNIPPET_BYTES */
    size_t count;
    struct {
        size_t start, end; /* bytes of text */
    } ranges[SNIPPET_RANGES];
};

/* From text with \x01 and \x02 around what matched: markers out, white space folded, cut at characters around the first
 * match. The caller releases s->text. */
void snippet_marked(struct snippet *s, const char *marked, size_t n);
/* From the whole TEXT: around the first of NEEDLES (NULL-terminated; NULL: none), all of whose places are marked. */
void snippet_around(struct snippet *s, const char *text, size_t n, const char *const *needles);
/* [[start, end], ...] */
struct value snippet_matches(const struct snippet *s, struct arena *a);

#endif
