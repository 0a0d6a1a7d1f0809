/* text.h - UTF-8, charsets, what is safe on a terminal, and how near two words are.
 *
 * Everything inside lectern is UTF-8. Input is decoded once, at the door, by BOM, then a declared charset, then UTF-8,
 * then Windows-1252; the door says which it was and whether bytes had to be replaced.
 */
#ifndef LECTERN_BASE_TEXT_H
#define LECTERN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Length of the longest valid UTF-8 prefix of S[0..N), N when all is valid (RFC 3629: no surrogates, no overlong). */
size_t text_utf8_valid(const char *s, size_t n);
/* Code point at S (N > 0 bytes left) and its length in *LEN; U+FFFD and 1 where it is not UTF-8. */
uint32_t text_utf8_next(const char *s, size_t n, size_t *len);
size_t text_utf8_put(char out[4], uint32_t cp);            /* bytes written, 1-4 */
size_t text_utf8_cut(const char *s, size_t n, size_t max); /* largest length <= MAX that ends at a character */
size_t text_utf8_length(const char *s, size_t n);          /* code points */
size_t text_width(const char *s, size_t n);                /* terminal columns: 0 combining, 2 wide (UAX #11) */

enum text_charset { TEXT_UTF8, TEXT_UTF16LE, TEXT_UTF16BE, TEXT_LATIN1, TEXT_CP1252 };
const char *text_charset_name(enum text_charset c); /* "utf-8", "utf-16le", "windows-1252", ... */
/* 0 and *OUT, or -1 where NAME ("ISO-8859-1", "cp1252", ...; any case) is not one that text_decode knows. */
int text_charset_of(const char *name, size_t n, enum text_charset *out);

struct text_decoded {
    enum text_charset charset;
    size_t bom;      /* bytes of BOM dropped */
    bool guessed;    /* neither BOM, declaration nor UTF-8: fell back to Windows-1252 */
    size_t replaced; /* undecodable units replaced by U+FFFD */
    bool binary;     /* looks like no text at all (NUL bytes outside UTF-16, or control noise): nothing was decoded */
};
/* Decode N raw bytes into OUT (appended); it never holds a NUL. A declared charset is looked for in the first 1024
 * bytes (XML encoding=, HTML <meta charset=, Content-Type: lines, Emacs/Vim coding:). Damaged UTF-8, with more good
 * sequences than bad bytes, stays UTF-8, the bad bytes replaced; what is called Latin-1 and has bytes 80-9F is
 * Windows-1252. The caller may skip the copy where text_is_plain_utf8. */
void text_decode(struct buf *out, const char *p, size_t n, struct text_decoded *how);
bool text_is_plain_utf8(const char *p, size_t n); /* valid UTF-8, no BOM, no NUL, no declared other charset */

/* A C0 control (newline and tab too), DEL, a C1 control or a bidi control (U+2028-202E, 2066-2069, 200E/F, 061C). */
bool text_is_control(uint32_t cp);
/* Append S with everything that could move a terminal's hand made visible: C0 but \n and \t, DEL, C1, bidi controls
 * as \xNN or \u{NNNN}; bad UTF-8 as U+FFFD. \r\n counts as \n. KEEP_NEWLINES false: \n and \t become a space. */
void text_safe(struct buf *out, const char *s, size_t n, bool keep_newlines);

/* Case-folded key for comparing titles and names: lower case (ASCII, Latin-1 Supplement, Latin Extended-A, Greek,
 * Cyrillic), diacritics dropped, full-width forms narrow, white space and punctuation runs (quotes, full stops) to one
 * space, trimmed; + and # stay after a letter or digit (C, C++, C#). Appended to OUT; nothing is, where S has neither
 * letters nor digits: two such titles are not the same title. */
void text_key(struct buf *out, const char *s, size_t n);
/* The letters of S folded like those of a key; marks are dropped, all else stays as it is: for looking for one text
 * inside another. Appended to OUT. */
void text_fold(struct buf *out, const char *s, size_t n);
/* "Scaling Raft, again" -> "scaling-raft-again", "What's C++?" -> "whats-cplusplus": ASCII letters, digits, single
 * hyphens, at most MAX bytes (cut between words where that keeps half), never empty ("x" then). For slugs and names. */
void text_slug(struct buf *out, const char *s, size_t n, size_t max);

/* Damerau-Levenshtein distance in characters (optimal string alignment), case-blind for ASCII; LIMIT + 1 where it is
 * more than LIMIT. Beyond 128 characters words are only equal or different. */
unsigned text_distance(const char *a, const char *b, unsigned limit);
/* Nearest of NAMES[0..N) to WORD for "did you mean": at most a third of its length away, else one it is a prefix of,
 * else (from 3 characters on) one it is in; the first of equally near ones; NULL when none is near. */
const char *text_nearest(const char *word, const char *const *names, size_t n);

/* Runs of letters and digits, apostrophes inside included; each CJK character is one. */
size_t text_count_words(const char *s, size_t n);

#endif
