/* words.c - what is a word.
 *
 * The one idea: outside of ASCII everything counts as a letter but the blocks of Unicode that hold punctuation and
 * symbols; a handful of ranges says that well enough for counting and comparing words. Case is known for Latin, Greek
 * and Cyrillic, where lower and upper case take the same number of bytes.
 */
#include "compartment/words.h"

#include "base/text.h"

struct span {
    uint32_t first, last;
};

/* Sorted. */
static const struct span symbols[] = {
    {0x80, 0xa9},       {0xab, 0xb4},        {0xb6, 0xb9},     {0xbb, 0xbf},     {0xd7, 0xd7},     {0xf7, 0xf7},
    {0x37e, 0x37e},     {0x387, 0x387},      {0x55a, 0x55f},   {0x589, 0x58f},   {0x5be, 0x5be},   {0x5c0, 0x5c0},
    {0x600, 0x61f},     {0x66a, 0x66d},      {0x6d4, 0x6d4},   {0x964, 0x965},   {0xe3f, 0xe3f},   {0x2000, 0x206f},
    {0x207a, 0x207e},   {0x208a, 0x208e},    {0x20a0, 0x20cf}, {0x2100, 0x2101}, {0x2103, 0x2106}, {0x2108, 0x2109},
    {0x2190, 0x24ff},   {0x2500, 0x2bff},    {0x2e00, 0x2e7f}, {0x3000, 0x3004}, {0x3008, 0x3020}, {0x3030, 0x3030},
    {0x303d, 0x303f},   {0x30a0, 0x30a0},    {0x30fb, 0x30fb}, {0xe000, 0xf8ff}, {0xfe10, 0xfe1f}, {0xfe30, 0xfe6f},
    {0xfeff, 0xfeff},   {0xff01, 0xff0f},    {0xff1a, 0xff20}, {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xfff0, 0xffff},
    {0x1f000, 0x1faff}, {0xe0000, 0x10ffff},
};
static const struct span cjk[] = {
    {0x2e80, 0x2fdf}, {0x3005, 0x3007}, {0x3021, 0x3029}, {0x3040, 0x30ff}, {0x3100, 0x312f},   {0x31f0, 0x31ff},
    {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xf900, 0xfaff}, {0xff66, 0xff9f}, {0x1b000, 0x1b16f}, {0x20000, 0x3ffff},
};

static bool within(const struct span *spans, size_t count, uint32_t cp) {
    size_t lo = 0, hi = count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cp > spans[mid].last) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < count && cp >= spans[lo].first;
}

static bool ascii_letter(uint32_t cp) {
    return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
}

static bool ascii_digit(uint32_t cp) {
    return cp >= '0' && cp <= '9';
}

bool words_is_letter(uint32_t cp) {
    if (cp < 0x80) {
        return ascii_letter(cp) || ascii_digit(cp);
    }
    return !within(symbols, sizeof symbols / sizeof *symbols, cp);
}

bool words_is_cjk(uint32_t cp) {
    return cp >= 0x2e80 && within(cjk, sizeof cjk / sizeof *cjk, cp) && words_is_letter(cp);
}

/* ---- case ------------------------------------------------------------------------------------------------------ */

/* Latin Extended-A goes in pairs, upper case first: even ones first, but for two stretches. */
static uint32_t lower_latin_extended(uint32_t cp) {
    if (cp == 0x130 || cp == 0x131 || cp == 0x138 || cp == 0x149 || cp == 0x17f) {
        return cp;
    }
    if (cp == 0x178) {
        return 0xff;
    }
    bool odd_first = (cp >= 0x139 && cp <= 0x148) || (cp >= 0x179 && cp <= 0x17e);
    return (cp & 1) == (odd_first ? 1u : 0u) ? cp + 1 : cp;
}

static uint32_t lower_greek(uint32_t cp) {
    if (cp >= 0x391 && cp <= 0x3ab && cp != 0x3a2) {
        return cp + 32;
    }
    switch (cp) {
    case 0x386:
        return 0x3ac;
    case 0x388:
    case 0x389:
    case 0x38a:
        return cp + 37;
    case 0x38c:
        return 0x3cc;
    case 0x38e:
    case 0x38f:
        return cp + 63;
    default:
        return cp;
    }
}

static uint32_t lower(uint32_t cp) {
    if (cp < 0x80) {
        return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
    }
    if (cp >= 0xc0 && cp <= 0xde && cp != 0xd7) {
        return cp + 32;
    }
    if (cp >= 0x100 && cp <= 0x17f) {
        return lower_latin_extended(cp);
    }
    if (cp >= 0x386 && cp <= 0x3ab) {
        return lower_greek(cp);
    }
    if (cp >= 0x400 && cp <= 0x42f) {
        return cp < 0x410 ? cp + 80 : cp + 32;
    }
    return cp;
}

bool words_is_upper(uint32_t cp) {
    return lower(cp) != cp;
}

/* A letter of an alphabet with case that is not upper case. */
bool words_is_lower(uint32_t cp) {
    if (cp < 0x80) {
        return cp >= 'a' && cp <= 'z';
    }
    bool cased = (cp >= 0xdf && cp <= 0x24f) || (cp >= 0x386 && cp <= 0x3ce) || (cp >= 0x400 && cp <= 0x52f);
    return cased && cp != 0xf7 && !words_is_upper(cp);
}

size_t words_fold(const char *s, size_t n, char *out) {
    size_t len = 0;
    for (size_t at = 0, width; at < n; at += width) {
        unsigned char byte = (unsigned char)s[at];
        if (byte < 0x80) {
            out[len++] = (char)lower(byte);
            width = 1;
            continue;
        }
        uint32_t cp = text_utf8_next(s + at, n - at, &width);
        if (cp == 0x2019) {
            out[len++] = '\'';
        } else if (cp == 0xfffd && width == 1) {
            out[len++] = s[at];
        } else {
            len += text_utf8_put(out + len, lower(cp));
        }
    }
    return len;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static uint32_t code_at(const char *s, size_t n, size_t at, size_t *width) {
    *width = 1;
    if (at >= n) {
        return 0;
    }
    unsigned char byte = (unsigned char)s[at];
    return byte < 0x80 ? byte : text_utf8_next(s + at, n - at, width);
}

/* Whether the character CP at AT, no letter itself, may stand inside a word: a letter follows it, a digit a dot. */
static bool joins(const char *s, size_t n, size_t at, size_t width, uint32_t cp, uint32_t before) {
    size_t ignored;
    if (cp == '\'' || cp == '-' || cp == 0x2019) {
        uint32_t after = code_at(s, n, at + width, &ignored);
        return words_is_letter(after) && !words_is_cjk(after);
    }
    return cp == '.' && ascii_digit(before) && ascii_digit(code_at(s, n, at + 1, &ignored));
}

/* Where the run of ASCII letters and digits at AT ends, STOP at most. */
static size_t plain_run(const char *s, size_t at, size_t stop) {
    while (at < stop && (unsigned char)s[at] < 0x80 &&
           (ascii_letter((unsigned char)s[at]) || ascii_digit((unsigned char)s[at]))) {
        at++;
    }
    return at;
}

bool words_next(const char *s, size_t n, struct word *w) {
    size_t at = w->end, width;
    uint32_t cp = 0;
    for (; at < n; at += width) {
        cp = code_at(s, n, at, &width);
        if (words_is_letter(cp)) {
            break;
        }
    }
    if (at >= n) {
        return false;
    }
    w->start = at;
    at += width;
    if (words_is_cjk(cp)) {
        w->end = at;
        return true;
    }
    size_t stop = n - w->start < WORD_BYTES_MAX - 4 ? n : w->start + WORD_BYTES_MAX - 4;
    for (uint32_t before = cp; at < stop; at += width, before = cp) {
        size_t run = plain_run(s, at, stop);
        if (run > at) {
            cp = (unsigned char)s[run - 1];
            width = run - at;
            continue;
        }
        cp = code_at(s, n, at, &width);
        bool inside = words_is_letter(cp) ? !words_is_cjk(cp) : joins(s, n, at, width, cp, before);
        if (!inside) {
            break;
        }
    }
    w->end = at;
    return true;
}
