/* sentences.h - sentences of plain text and Markdown, as bytes.
 *
 * Linear in the text. A sentence ends at . ! ? … or a CJK full stop, with the quotes and brackets behind it, unless
 * what stands there is an abbreviation, an initial, a number or in the middle of something; and at the end of its block
 * (prose.h), stop or no stop.
 */
#ifndef LECTERN_COMPARTMENT_SENTENCES_H
#define LECTERN_COMPARTMENT_SENTENCES_H

#include "compartment/prose.h"

struct sentences {
    struct prose prose;
    struct block block; /* what is left of the current one */
    bool begun;         /* some of it was a sentence already */
};
struct sentence {
    size_t start, end;
    enum block_kind kind; /* of the block it is in */
    bool whole;           /* it is all of that block */
};

void sentences_init(struct sentences *it, const char *s, size_t n);
bool sentences_next(struct sentences *it, struct sentence *out);

#endif
