/* regex.h - regular expressions for fields of a query, in time linear in the text.
 *
 * The syntax is the common one: . [a-z] [^a-z] \d \w \s \D \W \S \b \B ^ $ ( | ) (?: ) * + ? {m} {m,} {m,n}, and a
 * backslash before anything else for the character itself. Matching is over characters, case-blind, anywhere in the
 * text. There are no captures and no back-references, so every text is read once and nothing can hang. A program has a
 * fixed largest size.
 */
#ifndef LECTERN_STORE_REGEX_H
#define LECTERN_STORE_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGEX_MAX_CODE = 512, REGEX_MAX_RANGES = 256 };

struct regex_op {
    uint8_t op;
    uint8_t negated;
    uint16_t x, y; /* targets of jumps; first range and number of ranges of a class */
    uint32_t cp;
};
struct regex_range {
    uint32_t low, high;
};
struct regex {
    uint16_t len;
    uint16_t nranges;
    struct regex_op code[REGEX_MAX_CODE];
    struct regex_range ranges[REGEX_MAX_RANGES];
};

/* False where PATTERN (UTF-8) is malformed or too large; RE is then unusable. */
bool regex_compile(struct regex *re, const char *pattern, size_t n);
/* Does it match anywhere in S[0..N)? */
bool regex_search(const struct regex *re, const char *s, size_t n);

#endif
