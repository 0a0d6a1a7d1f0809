/* rank_role.c - from form to role.
 *
 * The one idea: a reader wants sentences; headings, names, data and bare points look like sentences to whoever only
 * counts words. What they look like is decided here by stops, capitals, lines and marks; words that tell (verbs, data
 * keys, apologies) come from the language.
 */
#include "compartment/helpers/rank_role.h"

#include <string.h>

enum {
    WORDS_MIN = 4,      /* fewer say nothing alone */
    LINE_WORDS_MIN = 5, /* of a line without a stop */
    WORDS_MAX = 120,    /* no sentence of anybody's; somebody did without stops */
    ITEM_WORDS = 10,    /* an item of so many says something, verb or not */
};

static bool one_of(char c, const char *set) {
    return c && strchr(set, c);
}

static bool space(char c) {
    return one_of(c, " \t\r\n");
}

/* ---- the end --------------------------------------------------------------------------------------------------- */

static size_t without_closing(const char *s, size_t start, size_t end) {
    while (end > start && (one_of(s[end - 1], "\"')]}*_`") || space(s[end - 1]))) {
        end--;
    }
    if (end > start + 3 && memcmp(s + end - 3, "\u201d", 3) == 0) {
        return without_closing(s, start, end - 3);
    }
    return end;
}

/* Where the text ends before the smiley it ends with; END where there is none. */
static size_t without_smiley(const char *s, size_t start, size_t end) {
    if (end >= start + 2 && one_of(s[end - 1], ")(DP") && one_of(s[end - 2], ":;-")) {
        return end - 2 - (s[end - 2] == '-' && end - 3 > start && one_of(s[end - 3], ":;"));
    }
    return end;
}

static bool wide_stop(const char *s, size_t start, size_t end, const char *const *stops, size_t count) {
    for (size_t i = 0; end >= start + 3 && i < count; i++) {
        if (memcmp(s + end - 3, stops[i], 3) == 0) {
            return true;
        }
    }
    return false;
}

bool role_stops(const char *s, size_t start, size_t end) {
    static const char *const stops[] = {"\u3002", "\uff01", "\uff1f", "\uff61", "\u2026"};
    size_t face = without_smiley(s, start, end);
    end = without_closing(s, start, end);
    return face < end || (end > start && one_of(s[end - 1], ".!?")) || wide_stop(s, start, end, stops, 5);
}

bool role_asks(const char *s, size_t start, size_t end) {
    static const char *const marks[] = {"\uff1f"};
    end = without_closing(s, start, without_smiley(s, start, end));
    return end > start && (s[end - 1] == '?' || wide_stop(s, start, end, marks, 1));
}

/* ---- forms that say nothing ------------------------------------------------------------------------------------ */

/* The line that S is in begins like markup: HTML, an image, a directive. */
static bool is_markup(const char *s, size_t n) {
    return n > 1 && ((*s == '<' && (one_of(s[1], "/!") || (s[1] >= 'a' && s[1] <= 'z'))) ||
                     (*s == '!' && s[1] == '[') || (*s == '@' && memchr(s, '(', n)));
}

static bool is_address(const char *s, size_t n) {
    bool web = (n > 7 && memcmp(s, "http", 4) == 0) || (n > 8 && memcmp(s, "<http", 5) == 0);
    return web && !memchr(s, ' ', n) && !memchr(s, '\n', n);
}

/* [words](address) and nothing else */
static bool is_link(const char *s, size_t n) {
    const char *close = n > 4 && *s == '[' && s[n - 1] == ')' ? memchr(s, ']', n) : NULL;
    return close && close[1] == '(' && !memchr(close, ' ', n - (size_t)(close - s));
}

/* A whole line of emphasis is a heading or a name. */
static bool is_bold(const char *s, size_t n) {
    return n > 4 && ((*s == '*' && s[1] == '*' && s[n - 1] == '*' && s[n - 2] == '*') ||
                     (*s == '_' && s[1] == '_' && s[n - 1] == '_' && s[n - 2] == '_'));
}

static bool code_mark(char c) {
    switch (c) {
    case '{':
    case '}':
    case ';':
    case '=':
    case '<':
    case '>':
    case '$':
    case '\\':
    case '|':
        return true;
    default:
        return false;
    }
}

static bool is_code(const char *s, size_t n) {
    size_t marks = 0;
    for (size_t i = 0; i < n; i++) {
        marks += code_mark(s[i]);
    }
    return one_of(s[n - 1], ";{}") || marks * 12 > n || (n > 1 && *s == '/' && s[1] == '/');
}

/* #words at the end of a note */
static bool is_tags(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool begins = !space(s[i]) && (i == 0 || space(s[i - 1]));
        if (begins && s[i] != '#') {
            return false;
        }
    }
    return true;
}

/* PERCENT of its words but the first begin with capitals: a title, a name. */
static bool is_title_case(const struct rank_doc *d, const struct rank_sentence *s, size_t percent) {
    size_t words = 0, upper = 0;
    for (size_t i = s->first + 1; i < s->first + s->count; i++) {
        if (!doc_form(d, i)->stop) {
            words++;
            upper += doc_token(d, i)->written & WRITTEN_UPPER;
        }
    }
    return words > 0 && upper * 100 >= words * percent;
}

/* "Name (Firm) - Title" */
static bool is_byline(const char *s, size_t n) {
    for (size_t i = 0; i + 4 < n; i++) {
        if (s[i] == ')' && s[i + 1] == ' ' && (one_of(s[i + 2], "-:") || memcmp(s + i + 2, "\u2013", 3) == 0)) {
            return true;
        }
    }
    return false;
}

/* ---- the line of the title -------------------------------------------------------------------------------------- */

static bool plain_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Is the title, which begins at AT, set apart from what stands before it in its line? */
static bool apart_before(const char *line, size_t at) {
    while (at > 0 && one_of(line[at - 1], " \t\"'([*_")) {
        at--;
    }
    /* of wide characters only dashes, bullets and quotes */
    return at == 0 || (at >= 3 && line[at - 3] == '\xe2') ||
           (!plain_letter(line[at - 1]) && !((unsigned char)line[at - 1] & 0x80));
}

/* And, ending before AT, from what stands behind it? What follows a comma may be a sentence that goes on. */
static bool apart_behind(const char *line, size_t at, size_t n, bool one_word) {
    while (at < n && one_of(line[at], " \t\"')]*_")) {
        at++;
    }
    bool plain =
        at < n && (plain_letter(line[at]) || (line[at] >= '0' && line[at] <= '9') || (one_word && line[at] == ','));
    return !plain && (at == n || (unsigned char)line[at] < 0x80 || line[at] == '\xe2');
}

size_t role_behind_title(const char *s, size_t n, const char *title, size_t title_len) {
    enum { LINE_MAX_BYTES = 400 };
    size_t start = 0;
    while (start < n && space(s[start])) {
        start++;
    }
    const char *line = s + start, *end = memchr(line, '\n', n - start);
    size_t len = end ? (size_t)(end - line) : n - start;
    const char *at = title_len > 0 && len <= LINE_MAX_BYTES ? memmem(line, len, title, title_len) : NULL;
    if (!at || !apart_before(line, (size_t)(at - line))) {
        return 0;
    }
    size_t behind = (size_t)(at - line) + title_len, next = start + len + (end != NULL);
    bool prose = role_stops(line, behind, len) || (next < n && s[next] >= 'a' && s[next] <= 'z');
    return !prose && apart_behind(line, behind, len, !memchr(title, ' ', title_len)) ? next : 0;
}

/* ---- roles ----------------------------------------------------------------------------------------------------- */

static enum line_role role_without_stop(const struct rank_doc *d, const struct rank_sentence *s,
                                        const struct role_hints *h) {
    const char *text = d->text + s->start;
    size_t n = s->end - s->start;
    if (s->kind == BLOCK_ITEM) {
        bool says = h->verb || (s->count >= LINE_WORDS_MIN && h->weak) || s->count >= ITEM_WORDS;
        return says ? ROLE_USABLE : ROLE_FRAGMENT;
    }
    if (!s->whole) {
        return ROLE_USABLE; /* the end of a paragraph that was left open */
    }
    bool line = !memchr(text, '\n', n);
    if (line && (is_title_case(d, s, 60) || is_byline(text, n) || !h->verb || s->count < LINE_WORDS_MIN)) {
        return ROLE_NONE;
    }
    return ROLE_USABLE;
}

enum line_role role_of(const struct rank_doc *d, const struct rank_sentence *s, const struct role_hints *h) {
    const char *text = d->text + s->start;
    size_t n = s->end - s->start;
    if (s->kind == BLOCK_HEADING || s->kind == BLOCK_ROW || h->rejected || text[n - 1] == ':' || is_markup(text, n) ||
        is_address(text, n) || is_link(text, n) || is_tags(text, n) || is_code(text, n) ||
        (s->whole && is_bold(text, n))) {
        return ROLE_NONE;
    }
    if (s->kind == BLOCK_LABEL) {
        return ROLE_ASKED;
    }
    if (s->count > WORDS_MAX) {
        return ROLE_FRAGMENT;
    }
    if (s->count < WORDS_MIN) {
        return s->kind == BLOCK_ITEM && s->count > 1 ? ROLE_FRAGMENT : ROLE_NONE;
    }
    if (!role_stops(d->text, s->start, s->end)) {
        return role_without_stop(d, s, h);
    }
    /* A title may end with a stop. */
    bool title = s->kind == BLOCK_TEXT && !h->verb && !memchr(text, '\n', n) && is_title_case(d, s, 80);
    return title ? ROLE_NONE : ROLE_USABLE;
}
