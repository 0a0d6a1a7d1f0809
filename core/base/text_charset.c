/* text_charset.c - raw bytes to UTF-8, once, at the door.
 *
 * The one idea: what the bytes say about themselves is asked in a fixed order (byte order mark, declared charset, valid
 * UTF-8, Windows-1252), and the answer is reported with the text. Everything is decoded by tables here: the code runs
 * in places where the C library may not load converters.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { DECLARATION_WINDOW = 1024, SAMPLE = 8 * 1024, NAME_MAX_BYTES = 40, REPLACEMENT = 0xfffd };

/* Windows-1252 0x80-0x9f; 0 where nothing is assigned. */
static const uint16_t cp1252_upper[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

const char *text_charset_name(enum text_charset c) {
    static const char *const names[] = {
        [TEXT_UTF8] = "utf-8",        [TEXT_UTF16LE] = "utf-16le",    [TEXT_UTF16BE] = "utf-16be",
        [TEXT_LATIN1] = "iso-8859-1", [TEXT_CP1252] = "windows-1252",
    };
    return (unsigned)c <= TEXT_CP1252 ? names[c] : "unknown";
}

struct charset_alias {
    const char *name; /* letters and digits only, lower case */
    enum text_charset charset;
};

static const struct charset_alias aliases[] = {
    {"utf8", TEXT_UTF8},          {"utf8emacs", TEXT_UTF8}, {"utf8withsignature", TEXT_UTF8},
    {"unicode11utf8", TEXT_UTF8}, {"ascii", TEXT_UTF8},     {"usascii", TEXT_UTF8},
    {"latin1", TEXT_LATIN1},      {"l1", TEXT_LATIN1},      {"iso88591", TEXT_LATIN1},
    {"isolatin1", TEXT_LATIN1},   {"cp819", TEXT_LATIN1},   {"windows1252", TEXT_CP1252},
    {"cp1252", TEXT_CP1252},      {"xcp1252", TEXT_CP1252}, {"win1252", TEXT_CP1252},
    {"ansi", TEXT_CP1252},        {"utf16", TEXT_UTF16LE},  {"utf16le", TEXT_UTF16LE},
    {"ucs2", TEXT_UTF16LE},       {"ucs2le", TEXT_UTF16LE}, {"unicode", TEXT_UTF16LE},
    {"utf16be", TEXT_UTF16BE},    {"ucs2be", TEXT_UTF16BE},
};

/* Emacs says how lines end in the same name: utf-8-unix. */
static size_t without_line_ending(const char *name, size_t n) {
    static const char *const endings[] = {"-unix", "-dos", "-mac"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t len = strlen(endings[i]);
        if (n > len && strncasecmp(name + n - len, endings[i], len) == 0) {
            return n - len;
        }
    }
    return n;
}

int text_charset_of(const char *name, size_t n, enum text_charset *out) {
    char key[NAME_MAX_BYTES];
    size_t len = 0;
    n = without_line_ending(name, n);
    for (size_t i = 0; i < n; i++) {
        if (isalnum((unsigned char)name[i])) {
            if (len + 1 >= sizeof key) {
                return -1;
            }
            key[len++] = (char)tolower((unsigned char)name[i]);
        }
    }
    key[len] = '\0';
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (strcmp(aliases[i].name, key) == 0) {
            *out = aliases[i].charset;
            return 0;
        }
    }
    return -1;
}

/* ---- what a file declares -------------------------------------------------------------------------------------- */

struct slice {
    const char *s;
    size_t n;
};

static size_t find(struct slice in, const char *word) {
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= in.n; i++) {
        if ((in.s[i] | 0x20) == (word[0] | 0x20) && strncasecmp(in.s + i, word, len) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool has(struct slice in, const char *word) {
    return find(in, word) != SIZE_MAX;
}

static struct slice from(struct slice in, size_t at) {
    return (struct slice){in.s + at, in.n - at};
}

static bool skip_one(struct slice *in, const char *set) {
    if (in->n == 0 || !strchr(set, in->s[0]) || in->s[0] == '\0') {
        return false;
    }
    *in = from(*in, 1);
    return true;
}

static void skip_spaces(struct slice *in) {
    while (skip_one(in, " \t\r\n")) {
    }
}

/* A charset name after WORD and one of ASSIGN, quoted or not, in IN. */
static bool named_after(struct slice in, const char *word, const char *assign, enum text_charset *out) {
    size_t at = find(in, word);
    if (at == SIZE_MAX) {
        return false;
    }
    in = from(in, at + strlen(word));
    skip_spaces(&in);
    if (!skip_one(&in, assign)) {
        return false;
    }
    skip_spaces(&in);
    skip_one(&in, "\"'");
    size_t len = 0;
    while (len < in.n && (isalnum((unsigned char)in.s[len]) || (in.s[len] && strchr("-_.:", in.s[len])))) {
        len++;
    }
    return len > 0 && text_charset_of(in.s, len, out) == 0;
}

static struct slice until(struct slice in, const char *end) {
    size_t at = find(in, end);
    return at == SIZE_MAX ? in : (struct slice){in.s, at};
}

static bool declared_in_xml(struct slice in, enum text_charset *out) {
    skip_spaces(&in);
    return in.n >= 5 && strncasecmp(in.s, "<?xml", 5) == 0 && named_after(until(in, "?>"), "encoding", "=", out);
}

/* Only inside a tag: a talk about charsets says charset= in its text. */
static bool declared_in_html(struct slice in, enum text_charset *out) {
    for (size_t at; (at = find(in, "<meta")) != SIZE_MAX;) {
        in = from(in, at + 5);
        if (named_after(until(in, ">"), "charset", "=", out)) {
            return true;
        }
    }
    return false;
}

static bool declared_in_line(struct slice line, unsigned number, enum text_charset *out) {
    bool emacs = number < 2 && (has(line, "-*-") || (line.n > 0 && line.s[0] && strchr("#;%/", line.s[0])));
    if (emacs && named_after(line, "coding", ":=", out)) {
        return true;
    }
    return has(line, "vim:") && (named_after(line, "fileencoding", "=", out) || named_after(line, "fenc", "=", out));
}

/* A header of a letter or web page, with the lines that it goes on in. */
static bool declared_in_header(struct slice in, enum text_charset *out) {
    static const char name[] = "content-type:";
    size_t len = sizeof name - 1;
    if (in.n < len || strncasecmp(in.s, name, len) != 0) {
        return false;
    }
    size_t end = until(in, "\n").n;
    while (end + 1 < in.n && (in.s[end + 1] == ' ' || in.s[end + 1] == '\t')) {
        end += 1 + until(from(in, end + 1), "\n").n;
    }
    return named_after((struct slice){in.s, end}, "charset", "=", out);
}

static bool declared_in_lines(struct slice in, enum text_charset *out) {
    for (unsigned number = 0; in.n > 0; number++) {
        struct slice line = until(in, "\n");
        if (declared_in_line(line, number, out) || declared_in_header(in, out)) {
            return true;
        }
        in = from(in, line.n < in.n ? line.n + 1 : in.n);
    }
    return false;
}

/* A declaration that we could read byte by byte cannot be right when it says UTF-16. */
static bool declared(const char *p, size_t n, enum text_charset *out) {
    struct slice in = {p, n < DECLARATION_WINDOW ? n : DECLARATION_WINDOW};
    bool found = declared_in_xml(in, out) || declared_in_html(in, out) || declared_in_lines(in, out);
    return found && *out != TEXT_UTF16LE && *out != TEXT_UTF16BE;
}

/* ---- what the bytes look like ---------------------------------------------------------------------------------- */

static size_t bom_of(const char *p, size_t n, enum text_charset *out) {
    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        *out = TEXT_UTF8;
        return 3;
    }
    if (n >= 2 && memcmp(p, "\xff\xfe", 2) == 0) {
        *out = TEXT_UTF16LE;
        return 2;
    }
    if (n >= 2 && memcmp(p, "\xfe\xff", 2) == 0) {
        *out = TEXT_UTF16BE;
        return 2;
    }
    return 0;
}

static bool is_noise(uint32_t c) {
    return c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b);
}

/* Text that is mostly ASCII has a NUL in every other byte of its UTF-16, and none in the others. */
static bool looks_utf16(const char *p, size_t n, enum text_charset *out) {
    size_t sample = n < SAMPLE ? n : SAMPLE;
    size_t pairs = sample / 2;
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < pairs * 2; i++) {
        zeros[i % 2] += p[i] == '\0';
    }
    size_t many = zeros[0] > zeros[1] ? zeros[0] : zeros[1];
    size_t few = zeros[0] > zeros[1] ? zeros[1] : zeros[0];
    if (n % 2 != 0 || pairs < 2 || many * 10 < pairs * 4 || few * 50 > pairs) {
        return false;
    }
    *out = zeros[1] > zeros[0] ? TEXT_UTF16LE : TEXT_UTF16BE;
    return true;
}

static uint32_t utf16_unit(const char *p, enum text_charset charset) {
    unsigned char a = (unsigned char)p[0];
    unsigned char b = (unsigned char)p[1];
    return charset == TEXT_UTF16LE ? (uint32_t)(b << 8 | a) : (uint32_t)(a << 8 | b);
}

static bool noisy(size_t noise, size_t seen) {
    return noise * 10 > seen;
}

static bool binary_utf16(const char *p, size_t n, enum text_charset charset) {
    size_t noise = 0;
    size_t seen = 0;
    for (size_t i = 0; i + 1 < n && i < SAMPLE; i += 2, seen++) {
        noise += is_noise(utf16_unit(p + i, charset));
    }
    return noisy(noise, seen);
}

static bool binary_bytes(const char *p, size_t n) {
    if (n && memchr(p, '\0', n)) {
        return true;
    }
    size_t noise = 0;
    size_t sample = n < SAMPLE ? n : SAMPLE;
    for (size_t i = 0; i < sample; i++) {
        noise += is_noise((unsigned char)p[i]);
    }
    return noisy(noise, sample);
}

/* Damaged UTF-8 is told from Windows-1252 by its sequences: these hardly ever arise by chance. */
static bool mostly_utf8(const char *p, size_t n) {
    size_t good = 0;
    size_t bad = 0;
    for (size_t i = 0; i < n;) {
        size_t len;
        text_utf8_next(p + i, n - i, &len);
        good += len > 1;
        bad += len == 1 && (unsigned char)p[i] >= 0x80;
        i += len;
    }
    return good > bad;
}

static bool has_c1(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (((unsigned char)p[i] & 0xe0) == 0x80) {
            return true;
        }
    }
    return false;
}

/* ---- decoding -------------------------------------------------------------------------------------------------- */

static void add_character(struct buf *out, uint32_t cp) {
    char bytes[4];
    buf_add(out, bytes, text_utf8_put(bytes, cp));
}

static void add_replacement(struct buf *out, struct text_decoded *how) {
    add_character(out, REPLACEMENT);
    how->replaced++;
}

static void decode_utf8(struct buf *out, const char *p, size_t n, struct text_decoded *how) {
    while (n > 0) {
        size_t good = text_utf8_valid(p, n);
        buf_add(out, p, good);
        p += good;
        n -= good;
        if (n > 0) {
            add_replacement(out, how);
            p++;
            n--;
        }
    }
}

static void decode_bytes(struct buf *out, const char *p, size_t n, struct text_decoded *how) {
    for (size_t i = 0; i < n;) {
        size_t run = i;
        while (run < n && (unsigned char)p[run] < 0x80) {
            run++;
        }
        buf_add(out, p + i, run - i);
        for (i = run; i < n && (unsigned char)p[i] >= 0x80; i++) {
            unsigned char c = (unsigned char)p[i];
            uint32_t cp = c < 0xa0 && how->charset == TEXT_CP1252 ? cp1252_upper[c - 0x80] : c;
            if (cp) {
                add_character(out, cp);
            } else {
                add_replacement(out, how);
            }
        }
    }
}

static bool is_high(uint32_t unit) {
    return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(uint32_t unit) {
    return unit >= 0xdc00 && unit < 0xe000;
}

static void decode_utf16(struct buf *out, const char *p, size_t n, struct text_decoded *how) {
    size_t i = 0;
    while (i + 1 < n) {
        uint32_t unit = utf16_unit(p + i, how->charset);
        i += 2;
        uint32_t low = is_high(unit) && i + 1 < n ? utf16_unit(p + i, how->charset) : 0;
        if (is_low(low)) {
            add_character(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
            i += 2;
        } else if (unit == 0 || is_high(unit) || is_low(unit)) {
            add_replacement(out, how);
        } else {
            add_character(out, unit);
        }
    }
    if (i < n) {
        add_replacement(out, how);
    }
}

static bool is_utf16(enum text_charset charset) {
    return charset == TEXT_UTF16LE || charset == TEXT_UTF16BE;
}

static void choose(const char *p, size_t n, struct text_decoded *how) {
    how->bom = bom_of(p, n, &how->charset);
    if (how->bom > 0 || looks_utf16(p, n, &how->charset)) {
        return;
    }
    if (declared(p, n, &how->charset)) {
        /* C1 controls are in nobody's notes: what calls itself Latin-1 and has them is Windows-1252 */
        if (how->charset == TEXT_LATIN1 && has_c1(p, n)) {
            how->charset = TEXT_CP1252;
        }
        return;
    }
    how->guessed = text_utf8_valid(p, n) < n && !mostly_utf8(p, n);
    how->charset = how->guessed ? TEXT_CP1252 : TEXT_UTF8;
}

void text_decode(struct buf *out, const char *p, size_t n, struct text_decoded *how) {
    *how = (struct text_decoded){.charset = TEXT_UTF8};
    choose(p, n, how);
    p += how->bom;
    n -= how->bom;
    how->binary = is_utf16(how->charset) ? binary_utf16(p, n, how->charset) : binary_bytes(p, n);
    if (how->binary) {
        return;
    }
    buf_reserve(out, n);
    if (how->charset == TEXT_UTF8) {
        decode_utf8(out, p, n, how);
    } else if (is_utf16(how->charset)) {
        decode_utf16(out, p, n, how);
    } else {
        decode_bytes(out, p, n, how);
    }
}

bool text_is_plain_utf8(const char *p, size_t n) {
    enum text_charset charset;
    if (n == 0) {
        return true;
    }
    return !memchr(p, '\0', n) && text_utf8_valid(p, n) == n && bom_of(p, n, &charset) == 0 &&
           (!declared(p, n, &charset) || charset == TEXT_UTF8);
}
