/* text_match.c - how near two words are, for "did you mean".
 *
 * The one idea: names are short. Anything longer than a line is only ever equal or different, so the work and the stack
 * are bounded whatever a peer sends.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { LONGEST_WORD = 128, SUBSTRING_FROM = 3 };

struct word {
    uint32_t cp[LONGEST_WORD];
    size_t n;
};

static uint32_t lower(uint32_t cp) {
    return cp >= 'A' && cp <= 'Z' ? cp | 0x20 : cp;
}

/* False when S is longer than words are. */
static bool split(const char *s, struct word *word) {
    size_t bytes = strnlen(s, 4 * LONGEST_WORD + 1);
    word->n = 0;
    for (size_t i = 0; i < bytes;) {
        size_t len;
        if (word->n == LONGEST_WORD) {
            return false;
        }
        word->cp[word->n++] = lower(text_utf8_next(s + i, bytes - i, &len));
        i += len;
    }
    return bytes <= 4 * (size_t)LONGEST_WORD;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* One row of the distance table, from the two before it; the least entry of the row is returned. */
static unsigned fill_row(const struct word *a, const struct word *b, size_t i, unsigned row[3][LONGEST_WORD + 1]) {
    unsigned *now = row[i % 3];
    const unsigned *before = row[(i + 2) % 3];
    const unsigned *earlier = row[(i + 1) % 3];
    now[0] = (unsigned)i;
    unsigned best = now[0];
    for (size_t j = 1; j <= b->n; j++) {
        bool same = a->cp[i - 1] == b->cp[j - 1];
        unsigned cost = least(before[j - 1] + !same, least(before[j], now[j - 1]) + 1);
        if (i > 1 && j > 1 && a->cp[i - 1] == b->cp[j - 2] && a->cp[i - 2] == b->cp[j - 1]) {
            cost = least(cost, earlier[j - 2] + 1);
        }
        now[j] = cost;
        best = least(best, cost);
    }
    return best;
}

static unsigned distance(const struct word *a, const struct word *b, unsigned limit) {
    unsigned row[3][LONGEST_WORD + 1];
    size_t gap = a->n > b->n ? a->n - b->n : b->n - a->n;
    if (gap > limit) {
        return limit + 1;
    }
    for (size_t j = 0; j <= b->n; j++) {
        row[0][j] = (unsigned)j;
    }
    unsigned last_best = 0;
    for (size_t i = 1; i <= a->n; i++) {
        unsigned best = fill_row(a, b, i, row);
        if (best > limit && last_best > limit) { /* a transposition reaches back two rows */
            return limit + 1;
        }
        last_best = best;
    }
    return least(row[a->n % 3][b->n], limit + 1);
}

unsigned text_distance(const char *a, const char *b, unsigned limit) {
    struct word x;
    struct word y;
    if (limit > 2 * LONGEST_WORD) {
        limit = 2 * LONGEST_WORD;
    }
    if (!split(a, &x) || !split(b, &y)) {
        return strcmp(a, b) == 0 ? 0 : limit + 1;
    }
    return distance(&x, &y, limit);
}

static bool contains(const struct word *in, const struct word *word, bool at_start) {
    for (size_t i = 0; i + word->n <= in->n; i++) {
        if (memcmp(in->cp + i, word->cp, word->n * sizeof *word->cp) == 0) {
            return true;
        }
        if (at_start) {
            break;
        }
    }
    return false;
}

enum { FAR = 1000 };

/* Smaller is nearer: by distance, a prefix before others at the same; then prefixes, then substrings. */
static unsigned rank(const struct word *word, const struct word *name) {
    unsigned limit = (unsigned)(word->n / 3);
    unsigned d = distance(word, name, limit);
    bool prefix = contains(name, word, true);
    if (d <= limit) {
        return 2 * d + !prefix;
    }
    if (prefix) {
        return FAR - 2;
    }
    return word->n >= SUBSTRING_FROM && contains(name, word, false) ? FAR - 1 : FAR;
}

const char *text_nearest(const char *word, const char *const *names, size_t n) {
    struct word wanted;
    struct word name;
    const char *nearest = NULL;
    unsigned best = FAR;
    if (!split(word, &wanted) || wanted.n == 0) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned r = split(names[i], &name) ? rank(&wanted, &name) : FAR;
        if (r < best) {
            best = r;
            nearest = names[i];
        }
    }
    return nearest;
}
