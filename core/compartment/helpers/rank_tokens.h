/* rank_tokens.h - the words that ranking counts: runs of letters or digits, in lower case, and their stems. */
#ifndef LECTERN_COMPARTMENT_RANK_TOKENS_H
#define LECTERN_COMPARTMENT_RANK_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compartment/words.h"

struct tokens {
    const char *s;
    size_t n;
    struct word word; /* the one being taken apart: "peer-to-peer" is three tokens */
    size_t at;
};
struct token {
    size_t start, end;         /* bytes of the text */
    char text[WORD_BYTES_MAX]; /* in lower case */
    size_t len;
    uint64_t hash; /* of that */
};
/* Start with {.s, .n}. */
bool tokens_next(struct tokens *it, struct token *out);

enum { HASH_START = 0x25 };
static inline uint64_t hash_add(uint64_t hash, unsigned char byte) {
    return (hash ^ byte) * 0x100000001b3u;
} /* one more byte; begin with HASH_START */
uint64_t hash_bytes(const char *s, size_t n);
/* The hash of the stem of a word in lower case: English endings of nouns and verbs are dropped, other words stay. */
uint64_t hash_stem(const char *s, size_t n);

#endif
