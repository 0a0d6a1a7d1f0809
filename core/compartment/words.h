/* words.h - words of UTF-8 text, and whether a character is a letter and of which case. */
#ifndef LECTERN_COMPARTMENT_WORDS_H
#define LECTERN_COMPARTMENT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORD_BYTES_MAX = 256 }; /* a longer run is cut into several words */

/* Start with {0}. Bytes [start, end). */
struct word {
    size_t start, end;
};
/* The next word of S[0..N): letters and digits, with single apostrophes, hyphens, or dots between digits inside. A CJK
 * character is a word. False at the end. */
bool words_next(const char *s, size_t n, struct word *w);
/* S[0..N) in lower case (Latin, Greek, Cyrillic) into OUT, which has room for N bytes; returns the length, N at most.
 * */
size_t words_fold(const char *s, size_t n, char *out);

bool words_is_letter(uint32_t cp); /* digits too, as in \w */
bool words_is_cjk(uint32_t cp);
bool words_is_lower(uint32_t cp);
bool words_is_upper(uint32_t cp);

#endif
