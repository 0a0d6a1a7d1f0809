/* snippet.h - a line of text with the places that matched, cut to fit. */
#ifndef LECTERN_STORE_SNIPPET_H
#define LECTERN_STORE_SNIPPET_H

#include "base/buf.h"
#include "base/value.h"

enum { SNIPPET_BYTES = 320, SNIPPET_RANGES = 32 };

struct snippet_range {
    size_t start, end; /* bytes of the text */
};

struct snippet {
    struct buf text; /* one line of UTF-8, at most about SNIPPET_BYTES */
    size_t count;
    struct snippet_range ranges[SNIPPET_RANGES];
};

/* From text with \x01 and \x02 around what matched: markers out, white space folded, cut at characters around the first
 * match. The caller releases s->text. */
void snippet_marked(struct snippet *s, const char *marked, size_t n);
/* From the whole TEXT: around the first of NEEDLES (of text_fold; NULL-terminated; NULL: none), all of whose places are
 * marked. */
void snippet_around(struct snippet *s, const char *text, size_t n, const char *const *needles);
/* From the whole TEXT: a window that shows what is at AT (the start of one of RANGES; sorted, they may overlap), from the
 * start of a sentence or a word; without ranges from the start. */
void snippet_window(struct snippet *s, const char *text, size_t n, size_t at, const struct snippet_range *ranges,
                    size_t count);
/* [[start, end], ...] */
struct value snippet_matches(const struct snippet *s, struct arena *a);

/* snippet_words.c: the words, phrases and prefixes of a query (AND and OR, what is below NOT and fields left out), to be
 * found in texts as the index finds them: stemmed, without diacritics. NULL where that cannot be made. */
struct db;
struct query;
struct snippet_words;
struct snippet_words *snippet_words_new(struct db *db, const struct query *q);
void snippet_words_free(struct snippet_words *s);
/* The window of TEXT with the most different ones, then the most of them, then the first; false where there are none,
 * then it is the start of the text. The caller releases out->text. */
bool snippet_of_words(struct snippet *out, struct snippet_words *s, const char *text, size_t n);

#endif
