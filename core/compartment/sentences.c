/* sentences.c - where a stop is the end of a sentence.
 *
 * The one idea: a stop is decided by the token before it and the first letter after it. Abbreviations that never end a
 * sentence, those that may, initials and numbers are told apart; where it stays open, a following word that sentences
 * like to begin with decides.
 */
#include "compartment/sentences.h"

#include <string.h>

#include "base/text.h"
#include "compartment/words.h"

/* Sentences do not end with these. */
static const char *const never[] = {
    "adj",  "alg",  "app",  "approx", "appx", "assoc", "bzw", "ca",  "cf",  "ch",  "chap",  "col",  "cor",
    "def",  "dept", "ed",   "eds",    "eg",   "eq",    "eqn", "eqs", "esp", "ex",  "fig",   "figs", "gen",
    "gov",  "hon",  "hrsg", "ie",     "lem",  "mt",    "nr",  "nos", "p",   "par", "pp",    "prop", "ref",
    "refs", "resp", "rev",  "sec",    "secs", "sect",  "sen", "st",  "tab", "thm", "trans", "univ", "v",
    "ver",  "viz",  "vol",  "vols",   "vs",   "z.b",   "d.h", "u.a", "e.g", "i.e", "w.r.t", "s.t",
};
/* Nor with these, in this case; "ms" is a unit. */
static const char *const titles[] = {"Mr", "Mrs", "Ms", "Dr", "Prof", "Herr", "Mme", "Mlle", "Hr", "Fr"};
/* These may; then the next word decides. */
static const char *const sometimes[] = {
    "al",  "a.k.a", "apr", "aug", "bros", "co",  "corp", "dec", "est",  "feb", "inc",  "jan", "jr",   "jul",
    "jun", "ltd",   "mar", "max", "min",  "mon", "nov",  "oct", "ph.d", "sep", "sept", "sr",  "incl", "excl",
};
/* Words that sentences begin with, more than names do. */
static const char *const starters[] = {
    "a",       "after",   "all",   "also",  "although", "an",    "and",    "another", "as",    "at",    "because",
    "before",  "both",    "but",   "by",    "each",     "even",  "every",  "finally", "first", "for",   "from",
    "given",   "he",      "hence", "her",   "here",     "his",   "how",    "however", "i",     "if",    "in",
    "instead", "it",      "its",   "last",  "later",    "many",  "more",   "most",    "my",    "next",  "no",
    "not",     "now",     "of",    "on",    "once",     "one",   "only",   "or",      "other", "our",   "overall",
    "second",  "several", "she",   "since", "so",       "some",  "still",  "such",    "that",  "the",   "their",
    "then",    "there",   "these", "they",  "this",     "those", "though", "thus",    "to",    "today", "two",
    "under",   "until",   "using", "we",    "what",     "when",  "where",  "whether", "which", "while", "who",
    "why",     "with",    "yes",   "yet",   "you",      "your",
};
enum { WORD_MAX = 12 }; /* longer than any of these */
#define COUNT(list) (sizeof(list) / sizeof *(list))

void sentences_init(struct sentences *it, const char *s, size_t n) {
    *it = (struct sentences){.prose = {.s = s, .n = n}};
}

static bool one_of(char c, const char *set) {
    return c && strchr(set, c);
}

static bool space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

static bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool listed(const char *const *list, size_t count, const char *word, size_t n) {
    char first = n > 0 && n < WORD_MAX ? (char)(*word | 0x20) : '\0';
    for (size_t i = 0; first && i < count; i++) {
        if (*list[i] == first && strncasecmp(list[i], word, n) == 0 && list[i][n] == '\0') {
            return true;
        }
    }
    return false;
}

static bool begins_with(const char *s, size_t at, size_t end, const char *piece) {
    size_t n = strlen(piece);
    return end - at >= n && memcmp(s + at, piece, n) == 0;
}

/* Length of the first of PIECES, none of them ASCII, at S[at, end), or 0. */
static size_t any_of(const char *s, size_t at, size_t end, const char *const *pieces, size_t count) {
    if (at >= end || (unsigned char)s[at] < 0x80) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (begins_with(s, at, end, pieces[i])) {
            return strlen(pieces[i]);
        }
    }
    return 0;
}

/* ---- around a stop --------------------------------------------------------------------------------------------- */

static size_t skip_space(const char *s, size_t at, size_t end) {
    while (at < end && space(s[at])) {
        at++;
    }
    return at;
}

/* Quotes, brackets and emphasis that belong to what ended, and the number of a footnote: [3], [^note]. */
static size_t skip_closing(const char *s, size_t at, size_t end) {
    static const char *const wide[] = {"\u201d", "\u2019", "\u00bb", "\u203a", "\u300d", "\u300f", "\uff09", "\u3011"};
    for (;;) {
        size_t n = at < end && one_of(s[at], "\"')]}*_`") ? 1 : any_of(s, at, end, wide, COUNT(wide));
        if (n == 0 && at + 2 < end && s[at] == '[' && (s[at + 1] == '^' || digit(s[at + 1]))) {
            size_t close = at + 2;
            while (close < end && close - at < 16 && (letter(s[close]) || digit(s[close]) || s[close] == ',')) {
                close++;
            }
            n = close < end && s[close] == ']' ? close + 1 - at : 0;
        }
        if (n == 0) {
            return at;
        }
        at += n;
    }
}

static size_t skip_opening(const char *s, size_t at, size_t end) {
    static const char *const wide[] = {"\u201c", "\u2018", "\u00ab", "\u201e", "\u2039", "\u00bf", "\u00a1"};
    for (;;) {
        size_t n = at < end && one_of(s[at], "\"'([{*_`<") ? 1 : any_of(s, at, end, wide, COUNT(wide));
        if (n == 0) {
            return at;
        }
        at += n;
    }
}

/* Is a bracket open at AT, as far as can be seen from there? */
static bool in_brackets(const char *s, size_t at) {
    enum { FAR = 200 };
    for (size_t i = at; i > 0 && at - i < FAR && s[i - 1] != '\n' && s[i - 1] != ')'; i--) {
        if (s[i - 1] == '(') {
            return true;
        }
    }
    return false;
}

/* A smiley at AT, alone between spaces or close behind a word: its length, or 0. */
static size_t smiley(const char *s, size_t at, size_t end) {
    if (end - at < 2 || !one_of(s[at], ":;8=")) {
        return 0;
    }
    if (at > 0 && !space(s[at - 1]) && (!letter(s[at - 1]) || s[at] != ':' || s[at + 1] != ')' || in_brackets(s, at))) {
        return 0;
    }
    size_t mouth = at + 1 + one_of(s[at + 1], "-o^'");
    if (mouth >= end || !one_of(s[mouth], ")(DPp/\\|*3]")) {
        return 0;
    }
    return mouth + 1 == end || space(s[mouth + 1]) || one_of(s[mouth + 1], ".,!?)") ? mouth + 1 - at : 0;
}

/* What comes after a possible end. */
struct after {
    size_t at;      /* first byte that is no space; the end of the block where there is none */
    uint32_t first; /* first character behind opening marks; 0 at the end */
    bool starter;
};

static struct after look_after(const char *s, size_t at, size_t end) {
    struct after a = {.at = skip_space(s, at, end)};
    size_t word = skip_opening(s, a.at, end), width;
    if (word >= end) {
        return a;
    }
    a.first = text_utf8_next(s + word, end - word, &width);
    size_t stop = word;
    while (stop < end && letter(s[stop])) {
        stop++;
    }
    a.starter = listed(starters, COUNT(starters), s + word, stop - word);
    return a;
}

/* The token that ends before AT, without opening marks; it does not reach back over START. */
static size_t token_start(const char *s, size_t at, size_t start) {
    enum { TOKEN_MAX = 64 };
    size_t from = at;
    while (from > start && at - from < TOKEN_MAX && !space(s[from - 1])) {
        from--;
    }
    return skip_opening(s, from, at);
}

/* ---- decisions ------------------------------------------------------------------------------------------------- */

/* One or two letters at a time with dots between them: U.S, e.g, Ph.D, J.R, A.-M; what is longer is the name of a
 * file or a place in the network. */
static bool dotted(const char *s, size_t n) {
    size_t run = 0;
    bool dot = false;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '.' || (s[i] == '-' && dot)) {
            dot = true;
            run = 0;
        } else if (!letter(s[i]) || ++run > 2) {
            return false;
        }
    }
    return dot;
}

static bool is_title(const char *token, size_t n) {
    for (size_t i = 0; i < COUNT(titles); i++) {
        if (strlen(titles[i]) == n && memcmp(titles[i], token, n) == 0) {
            return true;
        }
    }
    return false;
}

/* "5 min", "3.5 ms": what stands behind a number is a unit, not an abbreviation. */
static bool is_unit(const char *s, size_t start, size_t from) {
    return from > start + 1 && s[from - 1] == ' ' && digit(s[from - 2]) && s[from] >= 'a';
}

static bool all_digits(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!digit(s[i])) {
            return false;
        }
    }
    return n > 0;
}

/* "it was slow. then it got fast": people who write notes do without capitals. A word that is no abbreviation stands
 * before, and one that sentences begin with behind. */
static bool ends_in_lower_case(const char *token, size_t n, const struct after *a) {
    enum { WORD = 4 };
    for (size_t i = 0; i < n; i++) {
        if (token[i] < 'a' || token[i] > 'z') {
            return false;
        }
    }
    return a->starter && n >= WORD && !listed(never, COUNT(never), token, n) &&
           !listed(sometimes, COUNT(sometimes), token, n);
}

/* Is the full stop at AT, behind the token from FROM, an end? The block begins at START. */
static bool full_stop_ends(const char *s, size_t start, size_t from, size_t at, const struct after *a) {
    for (size_t i = from; i < at; i++) {
        from = s[i] == '/' && i + 1 < at ? i + 1 : from;
    }
    const char *token = s + from;
    size_t n = at - from;
    bool next_is_digit = a->first >= '0' && a->first <= '9';
    if (words_is_lower(a->first)) {
        return ends_in_lower_case(token, n, a);
    }
    if (is_unit(s, start, from) && !(n == 2 && strncasecmp(token, "vs", n) == 0)) {
        return true;
    }
    if (listed(never, COUNT(never), token, n) || is_title(token, n)) {
        return false;
    }
    if (n == 1 && letter(*token) && *token <= 'Z') {
        return a->starter || (*token == 'I' && !next_is_digit && from > start + 1 && one_of(s[from - 2], "dt"));
    }
    if ((n == 2 && strncasecmp(token, "no", n) == 0) || (n == 3 && strncasecmp(token, "art", n) == 0)) {
        return !next_is_digit;
    }
    if (dotted(token, n) || listed(sometimes, COUNT(sometimes), token, n)) {
        return a->starter;
    }
    return !(all_digits(token, n) && n <= 3 && from == start); /* "1. Introduction" */
}

static bool ellipsis(const char *s, size_t at, size_t end) {
    return begins_with(s, at, end, "...") || begins_with(s, at, end, "\u2026");
}

/* Does the run of stops [at, stop) end a sentence, given what comes after it and its closing marks? */
static bool run_ends(const char *s, size_t start, size_t at, size_t stop, size_t end, const struct after *a) {
    if (a->first == 0) {
        return true;
    }
    if (ellipsis(s, at, end)) {
        return words_is_upper(a->first);
    }
    if (stop - at == 1 && s[at] == '.') {
        return full_stop_ends(s, start, token_start(s, at, start), at, a);
    }
    return !words_is_lower(a->first);
}

static size_t stop_length(const char *s, size_t at, size_t end) {
    if (one_of(s[at], ".!?")) {
        return 1;
    }
    return (unsigned char)s[at] == 0xe2 && begins_with(s, at, end, "\u2026") ? 3 : 0;
}

/* CJK stops need no space behind them. */
static size_t cjk_stop_length(const char *s, size_t at, size_t end) {
    static const char *const stops[] = {"\u3002", "\uff01", "\uff1f", "\uff61"};
    unsigned char byte = (unsigned char)s[at];
    return byte == 0xe3 || byte == 0xef ? any_of(s, at, end, stops, COUNT(stops)) : 0;
}

/* "in 2019.The day": the space behind the stop is missing. A word that sentences begin with follows, in upper case, and
 * a word or a year in lower case stands before, no name and no file. */
static bool glued(const char *s, size_t start, size_t at, size_t end) {
    size_t from = at, word = at + 1, stop = word;
    while (from > start && at - from < WORD_MAX && ((s[from - 1] >= 'a' && s[from - 1] <= 'z') || digit(s[from - 1]))) {
        from--;
    }
    while (stop < end && stop - word < WORD_MAX && letter(s[stop])) {
        stop++;
    }
    return s[at] == '.' && at - from >= 3 && (from == start || space(s[from - 1])) && stop > word && s[word] >= 'A' &&
           s[word] <= 'Z' && (stop == end || space(s[stop])) &&
           listed(starters, COUNT(starters), s + word, stop - word);
}

/* Where the sentence ends that has its stop at AT; 0 when it goes on. *NEXT: where to look on in that case. */
static size_t end_at_stop(const char *s, size_t start, size_t at, size_t end, size_t *next) {
    size_t stop = at, n;
    while (stop < end && (n = stop_length(s, stop, end)) > 0) {
        stop += n;
    }
    size_t close = skip_closing(s, stop, end);
    *next = close;
    if (close < end && !space(s[close])) {
        return glued(s, start, at, end) ? at + 1 : 0;
    }
    struct after a = look_after(s, close, end);
    size_t face = a.at < end ? smiley(s, a.at, end) : 0;
    if (face) {
        struct after behind = look_after(s, a.at + face, end);
        bool ends = run_ends(s, start, at, stop, end, &behind);
        *next = a.at + face;
        return ends ? a.at + face : 0;
    }
    return run_ends(s, start, at, stop, end, &a) ? close : 0;
}

static size_t end_at_smiley(const char *s, size_t at, size_t end, size_t *next) {
    size_t face = smiley(s, at, end);
    if (!face) {
        return 0;
    }
    *next = at + face;
    struct after a = look_after(s, at + face, end);
    return a.first == 0 || words_is_upper(a.first) ? at + face : 0;
}

static size_t end_at_cjk(const char *s, size_t at, size_t end) {
    size_t n, stop = at;
    while (stop < end && (n = cjk_stop_length(s, stop, end)) > 0) {
        stop += n;
    }
    return stop > at ? skip_closing(s, stop, end) : 0;
}

/* "[I got lost here] Then": words in square brackets that begin something and are followed by a new beginning are a
 * sentence of their own; references and links are not. 0 where it is none. */
static size_t end_of_aside(const char *s, size_t start, size_t end) {
    enum { ASIDE_MAX = 120 };
    size_t at = start + 1;
    bool words = false;
    while (at < end && at - start < ASIDE_MAX && s[at] != ']' && s[at] != '[') {
        words = words || (space(s[at]) && letter(s[at - 1]));
        at++;
    }
    if (at + 1 >= end || s[at] != ']' || !words || !space(s[at + 1])) {
        return 0;
    }
    struct after a = look_after(s, at + 1, end);
    return words_is_upper(a.first) ? at + 1 : 0;
}

/* Where the sentence that begins at START ends, END at the latest. LABEL: it may begin with "A.", which is no stop. */
static size_t sentence_end(const char *s, size_t start, size_t end, bool label) {
    size_t aside = s[start] == '[' ? end_of_aside(s, start, end) : 0;
    if (aside) {
        return aside;
    }
    for (size_t at = start + (label && end - start > 2 && s[start + 1] == '.' ? 2 : 0); at < end;) {
        size_t next = at + 1, stop = 0;
        unsigned char byte = (unsigned char)s[at];
        if (byte == '.' || byte == '!' || byte == '?' || byte == 0xe2) {
            stop = stop_length(s, at, end) ? end_at_stop(s, start, at, end, &next) : 0;
        } else if (byte == 0xe3 || byte == 0xef) {
            stop = end_at_cjk(s, at, end);
        } else if (byte == ':' || byte == ';' || byte == '8' || byte == '=') {
            stop = end_at_smiley(s, at, end, &next);
        }
        if (stop) {
            return stop;
        }
        at = next > at ? next : at + 1;
    }
    return end;
}

static bool says_something(const char *s, size_t start, size_t end) {
    for (size_t at = start, width; at < end; at += width) {
        if (words_is_letter(text_utf8_next(s + at, end - at, &width))) {
            return true;
        }
    }
    return false;
}

/* White space, and a dash between what was said and what is added to it. */
static size_t skip_between(const char *s, size_t at, size_t end, bool begun) {
    static const char *const dashes[] = {"\u2013", "\u2014"};
    at = skip_space(s, at, end);
    size_t dash = !begun || at >= end ? 0 : s[at] == '-' ? 1 : any_of(s, at, end, dashes, COUNT(dashes));
    return dash && at + dash < end && space(s[at + dash]) ? skip_space(s, at + dash, end) : at;
}

bool sentences_next(struct sentences *it, struct sentence *out) {
    const char *s = it->prose.s;
    for (;;) {
        it->block.start = skip_between(s, it->block.start, it->block.end, it->begun);
        if (it->block.start >= it->block.end) {
            if (!prose_next(&it->prose, &it->block)) {
                return false;
            }
            it->begun = false;
        }
        *out = (struct sentence){.start = it->block.start, .kind = it->block.kind};
        out->end = sentence_end(s, out->start, it->block.end, out->kind == BLOCK_LABEL && !it->begun);
        out->whole = !it->begun && out->end == it->block.end;
        it->begun = true;
        it->block.start = out->end;
        if (says_something(s, out->start, out->end)) {
            return true;
        }
    }
}
