/* text_key.c - text folded for comparing, naming and counting.
 *
 * The one idea: every code point is one of four things, part of a word, a mark that belongs to the letter before it, a
 * CJK character that is a word alone, or a separator; keys, slugs and counts differ only in what they do with each.
 * Latin letters fold to ASCII by two strings indexed by code point; Greek and Cyrillic by their regular layout and a
 * short list of exceptions. Made from Unicode 14 character data.
 */
#include <string.h>

#include "base/text.h"
#include "base/text_priv.h"

/* Punctuation, symbols, separators, controls and private use above ASCII. */
static const struct text_range separators[] = {
    {0x0080, 0x00a9},   {0x00ab, 0x00b1},   {0x00b4, 0x00b4},   {0x00b6, 0x00b8},   {0x00bb, 0x00bb},
    {0x00bf, 0x00bf},   {0x00d7, 0x00d7},   {0x00f7, 0x00f7},   {0x02c2, 0x02c5},   {0x02d2, 0x02df},
    {0x02e5, 0x02eb},   {0x02ed, 0x02ed},   {0x02ef, 0x02ff},   {0x0375, 0x0375},   {0x037e, 0x037e},
    {0x0384, 0x0385},   {0x0387, 0x0387},   {0x03f6, 0x03f6},   {0x0482, 0x0482},   {0x055a, 0x055f},
    {0x0589, 0x058f},   {0x05be, 0x05be},   {0x05c0, 0x05c0},   {0x05c3, 0x05c3},   {0x05c6, 0x05c6},
    {0x05f3, 0x060f},   {0x061b, 0x061f},   {0x066a, 0x066d},   {0x06d4, 0x06d4},   {0x06dd, 0x06de},
    {0x06e9, 0x06e9},   {0x06fd, 0x06fe},   {0x0700, 0x070f},   {0x07f6, 0x07f9},   {0x07fe, 0x07ff},
    {0x0830, 0x083e},   {0x085e, 0x085e},   {0x0888, 0x0888},   {0x0890, 0x0891},   {0x08e2, 0x08e2},
    {0x0964, 0x0965},   {0x0970, 0x0970},   {0x09f2, 0x09f3},   {0x09fa, 0x09fb},   {0x09fd, 0x09fd},
    {0x0a76, 0x0a76},   {0x0af0, 0x0af1},   {0x0b70, 0x0b70},   {0x0bf3, 0x0bfa},   {0x0c77, 0x0c77},
    {0x0c7f, 0x0c7f},   {0x0c84, 0x0c84},   {0x0d4f, 0x0d4f},   {0x0d79, 0x0d79},   {0x0df4, 0x0df4},
    {0x0e3f, 0x0e3f},   {0x0e4f, 0x0e4f},   {0x0e5a, 0x0e5b},   {0x0f01, 0x0f17},   {0x0f1a, 0x0f1f},
    {0x0f34, 0x0f34},   {0x0f36, 0x0f36},   {0x0f38, 0x0f38},   {0x0f3a, 0x0f3d},   {0x0f85, 0x0f85},
    {0x0fbe, 0x0fc5},   {0x0fc7, 0x0fda},   {0x104a, 0x104f},   {0x109e, 0x109f},   {0x10fb, 0x10fb},
    {0x1360, 0x1368},   {0x1390, 0x1399},   {0x1400, 0x1400},   {0x166d, 0x166e},   {0x1680, 0x1680},
    {0x169b, 0x169c},   {0x16eb, 0x16ed},   {0x1735, 0x1736},   {0x17d4, 0x17d6},   {0x17d8, 0x17db},
    {0x1800, 0x180a},   {0x180e, 0x180e},   {0x1940, 0x1945},   {0x19de, 0x19ff},   {0x1a1e, 0x1a1f},
    {0x1aa0, 0x1aa6},   {0x1aa8, 0x1aad},   {0x1b5a, 0x1b6a},   {0x1b74, 0x1b7e},   {0x1bfc, 0x1bff},
    {0x1c3b, 0x1c3f},   {0x1c7e, 0x1c7f},   {0x1cc0, 0x1cc7},   {0x1cd3, 0x1cd3},   {0x1fbd, 0x1fbd},
    {0x1fbf, 0x1fc1},   {0x1fcd, 0x1fcf},   {0x1fdd, 0x1fdf},   {0x1fed, 0x1fef},   {0x1ffd, 0x206f},
    {0x207a, 0x207e},   {0x208a, 0x208e},   {0x20a0, 0x20c0},   {0x2100, 0x2101},   {0x2103, 0x2106},
    {0x2108, 0x2109},   {0x2114, 0x2114},   {0x2116, 0x2118},   {0x211e, 0x2123},   {0x2125, 0x2125},
    {0x2127, 0x2127},   {0x2129, 0x2129},   {0x212e, 0x212e},   {0x213a, 0x213b},   {0x2140, 0x2144},
    {0x214a, 0x214d},   {0x214f, 0x214f},   {0x218a, 0x244a},   {0x249c, 0x24e9},   {0x2500, 0x2775},
    {0x2794, 0x2bff},   {0x2ce5, 0x2cea},   {0x2cf9, 0x2cfc},   {0x2cfe, 0x2cff},   {0x2d70, 0x2d70},
    {0x2e00, 0x2e2e},   {0x2e30, 0x3004},   {0x3008, 0x3020},   {0x3030, 0x3030},   {0x3036, 0x3037},
    {0x303d, 0x303f},   {0x309b, 0x309c},   {0x30a0, 0x30a0},   {0x30fb, 0x30fb},   {0x3190, 0x3191},
    {0x3196, 0x319f},   {0x31c0, 0x31e3},   {0x3200, 0x321e},   {0x322a, 0x3247},   {0x3250, 0x3250},
    {0x3260, 0x327f},   {0x328a, 0x32b0},   {0x32c0, 0x33ff},   {0x4dc0, 0x4dff},   {0xa490, 0xa4c6},
    {0xa4fe, 0xa4ff},   {0xa60d, 0xa60f},   {0xa673, 0xa673},   {0xa67e, 0xa67e},   {0xa6f2, 0xa716},
    {0xa720, 0xa721},   {0xa789, 0xa78a},   {0xa828, 0xa82b},   {0xa836, 0xa839},   {0xa874, 0xa877},
    {0xa8ce, 0xa8cf},   {0xa8f8, 0xa8fa},   {0xa8fc, 0xa8fc},   {0xa92e, 0xa92f},   {0xa95f, 0xa95f},
    {0xa9c1, 0xa9cd},   {0xa9de, 0xa9df},   {0xaa5c, 0xaa5f},   {0xaa77, 0xaa79},   {0xaade, 0xaadf},
    {0xaaf0, 0xaaf1},   {0xab5b, 0xab5b},   {0xab6a, 0xab6b},   {0xabeb, 0xabeb},   {0xe000, 0xf8ff},
    {0xfb29, 0xfb29},   {0xfbb2, 0xfbc2},   {0xfd3e, 0xfd4f},   {0xfdcf, 0xfdcf},   {0xfdfc, 0xfdff},
    {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},   {0xfeff, 0xff0f},   {0xff1a, 0xff20},   {0xff3b, 0xff40},
    {0xff5b, 0xff65},   {0xffe0, 0xfffd},   {0x10100, 0x10102}, {0x10137, 0x1013f}, {0x10179, 0x10189},
    {0x1018c, 0x101fc}, {0x1039f, 0x1039f}, {0x103d0, 0x103d0}, {0x1056f, 0x1056f}, {0x10857, 0x10857},
    {0x10877, 0x10878}, {0x1091f, 0x1091f}, {0x1093f, 0x1093f}, {0x10a50, 0x10a58}, {0x10a7f, 0x10a7f},
    {0x10ac8, 0x10ac8}, {0x10af0, 0x10af6}, {0x10b39, 0x10b3f}, {0x10b99, 0x10b9c}, {0x10ead, 0x10ead},
    {0x10f55, 0x10f59}, {0x10f86, 0x10f89}, {0x11047, 0x1104d}, {0x110bb, 0x110c1}, {0x110cd, 0x110cd},
    {0x11140, 0x11143}, {0x11174, 0x11175}, {0x111c5, 0x111c8}, {0x111cd, 0x111cd}, {0x111db, 0x111db},
    {0x111dd, 0x111df}, {0x11238, 0x1123d}, {0x112a9, 0x112a9}, {0x1144b, 0x1144f}, {0x1145a, 0x1145d},
    {0x114c6, 0x114c6}, {0x115c1, 0x115d7}, {0x11641, 0x11643}, {0x11660, 0x1166c}, {0x116b9, 0x116b9},
    {0x1173c, 0x1173f}, {0x1183b, 0x1183b}, {0x11944, 0x11946}, {0x119e2, 0x119e2}, {0x11a3f, 0x11a46},
    {0x11a9a, 0x11a9c}, {0x11a9e, 0x11aa2}, {0x11c41, 0x11c45}, {0x11c70, 0x11c71}, {0x11ef7, 0x11ef8},
    {0x11fd5, 0x11fff}, {0x12470, 0x12474}, {0x12ff1, 0x12ff2}, {0x13430, 0x13438}, {0x16a6e, 0x16a6f},
    {0x16af5, 0x16af5}, {0x16b37, 0x16b3f}, {0x16b44, 0x16b45}, {0x16e97, 0x16e9a}, {0x16fe2, 0x16fe2},
    {0x1bc9c, 0x1bc9c}, {0x1bc9f, 0x1bca3}, {0x1cf50, 0x1d164}, {0x1d16a, 0x1d16c}, {0x1d173, 0x1d17a},
    {0x1d183, 0x1d184}, {0x1d18c, 0x1d1a9}, {0x1d1ae, 0x1d241}, {0x1d245, 0x1d245}, {0x1d300, 0x1d356},
    {0x1d6c1, 0x1d6c1}, {0x1d6db, 0x1d6db}, {0x1d6fb, 0x1d6fb}, {0x1d715, 0x1d715}, {0x1d735, 0x1d735},
    {0x1d74f, 0x1d74f}, {0x1d76f, 0x1d76f}, {0x1d789, 0x1d789}, {0x1d7a9, 0x1d7a9}, {0x1d7c3, 0x1d7c3},
    {0x1d800, 0x1d9ff}, {0x1da37, 0x1da3a}, {0x1da6d, 0x1da74}, {0x1da76, 0x1da83}, {0x1da85, 0x1da8b},
    {0x1e14f, 0x1e14f}, {0x1e2ff, 0x1e2ff}, {0x1e95e, 0x1e95f}, {0x1ecac, 0x1ecac}, {0x1ecb0, 0x1ecb0},
    {0x1ed2e, 0x1ed2e}, {0x1eef0, 0x1f0f5}, {0x1f10d, 0x1fbca}, {0xe0001, 0xe007f}, {0xf0000, 0x10fffd},
};

/* Base letters of U+00C0-U+024F and U+1E00-U+1EFF; a space keeps the letter, an asterisk stands for two (below). */
static const char latin[] =
    "aaaaaa*ceeeeiiiidnooooo ouuuuy**aaaaaa*ceeeeiiiidnooooo ouuuuy*yaaaaaaccccccccddddeeeeeeeeeegggggggg"
    "hhhhiiiiiiiiii**jjkkkllllllllllnnnnnnnnnoooooo**rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs b      "
    "  d   ee ff     kk      oo             uu  yy                        aaiioouuuuuuuuuueaaaa    ggkkoo"
    "oo  j   gg  nnaa  ooaaaaeeeeiiiioooorrrruuuusstt  hh      aaeeooooooooyy                            ";
static const char latin_additional[] =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssss"
    "ssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy s  * aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeee"
    "iiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy      ";
_Static_assert(sizeof latin == 0x250 - 0xc0 + 1, "one letter for each code point");
_Static_assert(sizeof latin_additional == 0x1f00 - 0x1e00 + 1, "one letter for each code point");

struct expansion {
    uint32_t cp;
    const char *text;
};

static const struct expansion expansions[] = {
    {0xc6, "ae"},   {0xe6, "ae"},    {0xde, "th"},    {0xfe, "th"},   {0xdf, "ss"},   {0x132, "ij"},
    {0x133, "ij"},  {0x152, "oe"},   {0x153, "oe"},   {0x1e9e, "ss"}, {0xfb00, "ff"}, {0xfb01, "fi"},
    {0xfb02, "fl"}, {0xfb03, "ffi"}, {0xfb04, "ffl"}, {0xfb05, "st"}, {0xfb06, "st"},
};

/* Greek and Cyrillic letters with marks of their own, to lower case without; capitals before, as these are. */
static const uint16_t exceptions[][2] = {
    {0x386, 0x3b1}, {0x388, 0x3b5}, {0x389, 0x3b7}, {0x38a, 0x3b9}, {0x38c, 0x3bf}, {0x38e, 0x3c5}, {0x38f, 0x3c9},
    {0x390, 0x3b9}, {0x3aa, 0x3b9}, {0x3ab, 0x3c5}, {0x3ac, 0x3b1}, {0x3ad, 0x3b5}, {0x3ae, 0x3b7}, {0x3af, 0x3b9},
    {0x3b0, 0x3c5}, {0x3c2, 0x3c3}, {0x3ca, 0x3b9}, {0x3cb, 0x3c5}, {0x3cc, 0x3bf}, {0x3cd, 0x3c5}, {0x3ce, 0x3c9},
    {0x400, 0x435}, {0x401, 0x435}, {0x403, 0x433}, {0x407, 0x456}, {0x40c, 0x43a}, {0x40d, 0x438}, {0x40e, 0x443},
    {0x419, 0x438}, {0x439, 0x438}, {0x450, 0x435}, {0x451, 0x435}, {0x453, 0x433}, {0x457, 0x456}, {0x45c, 0x43a},
    {0x45d, 0x438}, {0x45e, 0x443},
};

enum word_class { SEPARATOR, WORD, MARK, IDEOGRAPH };

static bool is_separator(uint32_t cp) {
    return cp == 0xfffd || text_in_ranges(cp, separators, sizeof separators / sizeof *separators);
}

static bool is_cjk(uint32_t cp) {
    return (cp >= 0x3040 && cp <= 0x30ff && cp != 0x30fb) || (cp >= 0x31f0 && cp <= 0x31ff) ||
           (cp >= 0x3400 && cp <= 0x4dbf) || (cp >= 0x4e00 && cp <= 0x9fff) || (cp >= 0xf900 && cp <= 0xfaff) ||
           (cp >= 0x20000 && cp <= 0x3fffd);
}

/* Combining accents, and what is there but never seen: soft hyphen, zero-width characters, variation selectors. */
static bool is_mark(uint32_t cp) {
    return (cp >= 0x300 && cp <= 0x36f) || cp == 0xad || (cp >= 0x200b && cp <= 0x200d) || cp == 0x2060 ||
           (cp >= 0xfe00 && cp <= 0xfe0f) || cp == 0xfeff;
}

static bool ascii_word(uint32_t cp) {
    return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
}

static enum word_class class_of(uint32_t cp) {
    if (cp < 0x80) {
        return ascii_word(cp) ? WORD : SEPARATOR;
    }
    if (is_mark(cp)) {
        return MARK;
    }
    if (is_separator(cp)) {
        return SEPARATOR;
    }
    return is_cjk(cp) ? IDEOGRAPH : WORD;
}

/* ---- folding --------------------------------------------------------------------------------------------------- */

static void add_expansion(struct buf *out, uint32_t cp) {
    for (size_t i = 0; i < sizeof expansions / sizeof *expansions; i++) {
        if (expansions[i].cp == cp) {
            buf_adds(out, expansions[i].text);
        }
    }
}

static char latin_letter(uint32_t cp) {
    if (cp >= 0xc0 && cp < 0x250) {
        return latin[cp - 0xc0];
    }
    return cp >= 0x1e00 && cp < 0x1f00 ? latin_additional[cp - 0x1e00] : cp >= 0xfb00 && cp <= 0xfb06 ? '*' : ' ';
}

static uint32_t fold_cyrillic(uint32_t cp) {
    if (cp < 0x430) {
        return cp < 0x410 ? cp + 0x50 : cp + 0x20;
    }
    if (cp < 0x460) {
        return cp;
    }
    if (cp == 0x4c0) {
        return 0x4cf;
    }
    bool odd_capitals = cp > 0x4c0 && cp < 0x4cf;
    return (cp & 1) == (odd_capitals ? 1u : 0u) ? cp + 1 : cp;
}

static uint32_t fold_letter(uint32_t cp) {
    if (cp == 0xb5) { /* the micro sign is a mu */
        return 0x3bc;
    }
    if (cp < 0x386 || cp > 0x52f) {
        return cp;
    }
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        if (exceptions[i][0] == cp) {
            return exceptions[i][1];
        }
    }
    if (cp < 0x400) {
        return cp >= 0x391 && cp <= 0x3a9 && cp != 0x3a2 ? cp + 0x20 : cp; /* 3A2 would be a second capital sigma */
    }
    return fold_cyrillic(cp);
}

static void add_folded(struct buf *out, uint32_t cp) {
    char letter = latin_letter(cp);
    if (cp >= 'A' && cp <= 'Z') {
        buf_addc(out, (char)(cp | 0x20));
    } else if (cp < 0x80) {
        buf_addc(out, (char)cp);
    } else if (letter == '*') {
        add_expansion(out, cp);
    } else if (letter != ' ') {
        buf_addc(out, letter);
    } else {
        char bytes[4];
        buf_add(out, bytes, text_utf8_put(bytes, fold_letter(cp)));
    }
}

/* Full-width forms are ASCII drawn wide. */
static uint32_t narrow(uint32_t cp) {
    return cp >= 0xff01 && cp <= 0xff5e ? cp - 0xfee0 : cp;
}

void text_key(struct buf *out, const char *s, size_t n) {
    bool started = false;
    bool gap = false;
    for (size_t i = 0; i < n;) {
        size_t len;
        uint32_t cp = narrow(text_utf8_next(s + i, n - i, &len));
        i += len;
        enum word_class class = class_of(cp);
        bool suffix = (cp == '+' || cp == '#') && started && !gap; /* C, C++ and C# are three languages */
        if (class == SEPARATOR && !suffix) {
            gap = true;
        } else if (class != MARK) {
            if (gap && started) {
                buf_addc(out, ' ');
            }
            add_folded(out, cp);
            started = true;
            gap = false;
        }
    }
}

/* Most text is ASCII: in runs of it only capitals change. */
static size_t fold_ascii(struct buf *out, const char *s, size_t n) {
    size_t len = 0;
    while (len < n && (unsigned char)s[len] < 0x80) {
        len++;
    }
    size_t at = out->len;
    buf_add(out, s, len);
    for (size_t i = at; i < out->len; i++) {
        unsigned char c = (unsigned char)out->data[i];
        out->data[i] = (char)(c | (unsigned)(c >= 'A' && c <= 'Z') << 5);
    }
    return len;
}

void text_fold(struct buf *out, const char *s, size_t n) {
    for (size_t i = fold_ascii(out, s, n); i < n;) {
        size_t len;
        uint32_t cp = narrow(text_utf8_next(s + i, n - i, &len));
        if (!is_mark(cp)) {
            add_folded(out, cp);
        }
        i += len;
        i += fold_ascii(out, s + i, n - i);
    }
}

/* ---- slugs ----------------------------------------------------------------------------------------------------- */

static bool is_apostrophe(uint32_t cp) {
    return cp == '\'' || cp == 0x2019;
}

static bool letter_at(const char *s, size_t n) {
    size_t len;
    uint32_t cp = n > 0 ? text_utf8_next(s, n, &len) : 0;
    return class_of(cp) == WORD && !(cp >= '0' && cp <= '9');
}

/* S without the apostrophes inside words: "what's new" is named whats-new, but SOSP'17 sosp-17. */
static void drop_apostrophes(struct buf *out, const char *s, size_t n) {
    bool after_letter = false;
    for (size_t i = 0; i < n;) {
        size_t len;
        uint32_t cp = text_utf8_next(s + i, n - i, &len);
        if (!(is_apostrophe(cp) && after_letter && letter_at(s + i + len, n - i - len))) {
            buf_add(out, s + i, len);
        }
        after_letter = letter_at(s + i, n - i);
        i += len;
    }
}

static void add_slug_byte(struct buf *out, size_t start, char c) {
    if (ascii_word((unsigned char)c)) {
        buf_addc(out, c);
    } else if (c == '+') {
        buf_adds(out, "plus");
    } else if (c == '#') {
        buf_adds(out, "sharp");
    } else if (out->len > start && out->data[out->len - 1] != '-') {
        buf_addc(out, '-');
    }
}

/* At most MAX bytes from START on, cut between words where that keeps half. */
static void cut_slug(struct buf *out, size_t start, size_t max) {
    size_t end = out->len;
    if (end - start > max) {
        end = start + max;
        size_t hyphen = end;
        while (hyphen > start + max / 2 && out->data[hyphen] != '-') {
            hyphen--;
        }
        end = out->data[hyphen] == '-' ? hyphen : end;
    }
    while (end > start && out->data[end - 1] == '-') {
        end--;
    }
    out->len = end;
    if (out->cap) {
        out->data[end] = '\0';
    }
}

void text_slug(struct buf *out, const char *s, size_t n, size_t max) {
    struct buf plain = BUF_INIT;
    struct buf key = BUF_INIT;
    size_t start = out->len;
    drop_apostrophes(&plain, s, n);
    text_key(&key, plain.data, plain.len);
    for (size_t i = 0; i < key.len; i++) {
        add_slug_byte(out, start, key.data[i]);
    }
    cut_slug(out, start, max);
    if (out->len == start) {
        buf_addc(out, 'x');
    }
    buf_release(&plain);
    buf_release(&key);
}

/* ---- counting -------------------------------------------------------------------------------------------------- */

size_t text_count_words(const char *s, size_t n) {
    static const uint64_t ascii_words[2] = {UINT64_C(0x03ff000000000000),
                                            UINT64_C(0x07fffffe07fffffe)}; /* 0-9, A-Z, a-z */
    size_t words = 0;
    unsigned inside = 0;
    for (size_t i = 0; i < n;) {
        size_t len;
        unsigned char c;
        for (; i < n && (c = (unsigned char)s[i]) < 0x80 && c != '\'';
             i++) { /* most of it, and counted on every save */
            unsigned word = ascii_words[c >> 6] >> (c & 63) & 1;
            words += word & ~inside;
            inside = word;
        }
        if (i == n) {
            break;
        }
        uint32_t cp = text_utf8_next(s + i, n - i, &len);
        enum word_class class = class_of(cp);
        i += len;
        if (class == WORD || class == IDEOGRAPH) {
            words += class == IDEOGRAPH || !inside;
            inside = class == WORD;
        } else if (class == SEPARATOR && !(inside && is_apostrophe(cp) && letter_at(s + i, n - i))) {
            inside = 0;
        }
    }
    return words;
}
