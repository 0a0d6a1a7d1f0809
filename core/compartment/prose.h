/* prose.h - where running text is: paragraphs, list items, headings of plain text and Markdown.
 *
 * A block is a stretch of bytes within which sentences may run over line ends; nothing runs over the end of a block.
 * Markers (bullets, numbers, #, >) at its beginning are not part of it. Rules, underlines and fenced code are in no
 * block. In a paragraph a line end is a break where the line was left short and the next one begins anew.
 */
#ifndef LECTERN_COMPARTMENT_PROSE_H
#define LECTERN_COMPARTMENT_PROSE_H

#include <stdbool.h>
#include <stddef.h>

/* Start with {.s, .n}; the rest is the walk's own. */
enum block_kind {
    BLOCK_TEXT,
    BLOCK_ITEM,    /* of a list, with a bullet or a number */
    BLOCK_LABEL,   /* of a question or an answer: "Q: ..." */
    BLOCK_ROW,     /* of a table */
    BLOCK_HEADING, /* by marks or an underline */
};

struct prose {
    const char *s;
    size_t n;
    size_t at;            /* next line to look at */
    size_t paragraph_end; /* of the paragraph that AT is in; AT when in none */
    size_t width;         /* of its longest line */
    enum block_kind kind; /* of that paragraph */
    bool no_fence[2];     /* no line closes a fence of ` or ~ any more */
    bool asked;           /* there was a "Q." */
};

struct block {
    size_t start, end; /* bytes; never empty, no white space at either end */
    enum block_kind kind;
};

bool prose_next(struct prose *p, struct block *b);

#endif
