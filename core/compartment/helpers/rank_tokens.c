/* rank_tokens.c - words taken apart at what joins them; a light stemmer.
 *
 * The one idea: ranking compares words, it does not show them, so a stem need not be a word: "caches", "caching" and
 * "cached" only have to meet. Endings that change the meaning stay.
 */
#include "compartment/helpers/rank_tokens.h"

#include <string.h>

static bool joint(const char *s, size_t at, size_t *width) {
    *width = 1;
    if (s[at] == '-' || s[at] == '\'' || s[at] == '.') {
        return true;
    }
    *width = 3;
    return (unsigned char)s[at] == 0xe2 && (unsigned char)s[at + 1] == 0x80 && (unsigned char)s[at + 2] == 0x99;
}

/* The token at OUT->start, up to END or what joins it to another, as long as it is ASCII; false where it is not. */
static bool read_plain(const char *s, size_t end, struct token *out) {
    size_t at = out->start, len = 0;
    uint64_t hash = HASH_START;
    for (; at < end && s[at] != '-' && s[at] != '\'' && s[at] != '.'; at++) {
        unsigned char c = (unsigned char)s[at];
        if (c >= 0x80) {
            return false;
        }
        c = c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
        out->text[len++] = (char)c;
        hash = hash_add(hash, c);
    }
    out->end = at;
    out->len = len;
    out->hash = hash;
    return true;
}

bool tokens_next(struct tokens *it, struct token *out) {
    size_t width;
    while (it->at < it->word.end && joint(it->s, it->at, &width)) {
        it->at += width;
    }
    if (it->at >= it->word.end) {
        if (!words_next(it->s, it->n, &it->word)) {
            return false;
        }
        it->at = it->word.start;
    }
    out->start = it->at;
    if (read_plain(it->s, it->word.end, out)) {
        it->at = out->end;
        return true;
    }
    while (it->at < it->word.end && !joint(it->s, it->at, &width)) {
        it->at++;
    }
    out->end = it->at;
    out->len = words_fold(it->s + out->start, out->end - out->start, out->text);
    out->hash = hash_bytes(out->text, out->len);
    return true;
}

uint64_t hash_bytes(const char *s, size_t n) {
    uint64_t hash = HASH_START;
    for (size_t i = 0; i < n; i++) {
        hash = hash_add(hash, (unsigned char)s[i]);
    }
    return hash;
}

static bool ends(const char *s, size_t n, const char *ending, size_t least) {
    size_t len = strlen(ending);
    return n >= least + len && memcmp(s + n - len, ending, len) == 0;
}

uint64_t hash_stem(const char *s, size_t n) {
    bool y = ends(s, n, "ies", 2);
    if (y) {
        n -= 3;
    } else if (n > 3 && s[n - 1] == 's' && s[n - 2] != 's' && s[n - 2] != 'u') {
        n--;
    }
    if (!y && ends(s, n, "ing", 4)) {
        n -= 3;
    } else if (!y && ends(s, n, "ed", 4)) {
        n -= 2;
    }
    if (!y && n > 4 && s[n - 1] == 'e') {
        n--;
    }
    uint64_t hash = hash_bytes(s, n);
    return y ? hash_add(hash, 'y') : hash;
}
