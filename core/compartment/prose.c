/* prose.c - lines into blocks.
 *
 * The one idea: each line is classified by how it begins, and a paragraph is read ahead once to learn how wide it was
 * wrapped. Every line is looked at a bounded number of times.
 */
#include "compartment/prose.h"

#include <string.h>

#include "base/text.h"
#include "compartment/lines.h"
#include "compartment/words.h"

enum {
    WRAP_MIN = 45,     /* nobody wraps text narrower than this */
    FULL_PERCENT = 85, /* a line filled so far was probably wrapped, not ended */
    NUMBER_DIGITS = 3, /* of a list item; four are a year */
    LABEL_MAX = 12,
    LABEL_NAME_MAX = 60,
};

enum line_kind {
    LINE_BLANK,
    LINE_RULE,
    LINE_FENCE,
    LINE_HEADING,
    LINE_ITEM,
    LINE_NUMBERED,
    LINE_LABEL,
    LINE_ROW,
    LINE_TEXT
};

struct line {
    size_t start, end, next; /* of the line; end is before its line end and trailing white space */
    size_t body;             /* first byte after indent and markers */
    enum line_kind kind;
    unsigned long number; /* LINE_NUMBERED */
    unsigned quotes;      /* > before it */
};

static bool blank(char c) {
    return c == ' ' || c == '\t';
}

static bool one_of(char c, const char *set) {
    return c && strchr(set, c);
}

static size_t skip_blanks(const char *s, size_t at, size_t end) {
    while (at < end && blank(s[at])) {
        at++;
    }
    return at;
}

/* ---- kinds of lines -------------------------------------------------------------------------------------------- */

/* Three or more of one of - = * _ ~ + #, with blanks between, and nothing else. */
static bool is_rule(const char *s, size_t at, size_t end) {
    char mark = s[at];
    size_t count = 0;
    if (!one_of(mark, "-=*_~+#")) {
        return false;
    }
    for (; at < end; at++) {
        if (s[at] == mark) {
            count++;
        } else if (!blank(s[at])) {
            return false;
        }
    }
    return count >= 3 || (count == 2 && (mark == '-' || mark == '='));
}

static bool is_fence(const char *s, size_t at, size_t end) {
    return end - at >= 3 && (s[at] == '`' || s[at] == '~') && s[at + 1] == s[at] && s[at + 2] == s[at];
}

static size_t heading_marks(const char *s, size_t at, size_t end) {
    size_t marks = 0;
    while (marks < 7 && at + marks < end && s[at + marks] == '#') {
        marks++;
    }
    return marks >= 1 && marks <= 6 && at + marks < end && blank(s[at + marks]) ? marks : 0;
}

/* Length of a bullet at S: a character of ASCII, one of • ◦ ‣ ▪ ● ○ – —, two hyphens or an arrow. */
static size_t bullet(const char *s, size_t n) {
    static const char *const wide[] = {"\u2022", "\u25e6", "\u2023", "\u25aa", "\u25cf", "\u25cb", "\u2013", "\u2014"};
    if (n >= 2 && (*s == '-' || *s == '=') && (s[1] == '>' || (*s == '-' && s[1] == '-'))) {
        return 2;
    }
    if (*s == '-' || *s == '*' || *s == '+') {
        return 1;
    }
    for (size_t i = 0; (unsigned char)*s == 0xe2 && i < sizeof wide / sizeof *wide; i++) {
        if (n >= 3 && memcmp(s, wide[i], 3) == 0) {
            return 3;
        }
    }
    return 0;
}

/* Letters that number at S: one, or a small Roman number. */
static size_t number_letters(const char *s, size_t n) {
    size_t roman = 0;
    while (roman < n && roman < 4 && one_of(s[roman], "ivx")) {
        roman++;
    }
    return roman ? roman : n > 0 && *s >= 'a' && *s <= 'z';
}

/* "12." "12)" "(12)" "12/" "a)" "ii)": its length, or 0. */
static size_t number_mark(const char *s, size_t n, unsigned long *number) {
    size_t at = n > 0 && *s == '(';
    size_t digits = 0;
    *number = 0;
    while (at + digits < n && digits <= NUMBER_DIGITS && s[at + digits] >= '0' && s[at + digits] <= '9') {
        *number = *number * 10 + (unsigned long)(s[at + digits++] - '0');
    }
    size_t letters = digits == 0 ? number_letters(s + at, n - at) : 0;
    if ((digits == 0 && letters == 0) || digits > NUMBER_DIGITS) {
        return 0;
    }
    size_t close = at + digits + letters;
    if (close >= n || !(s[close] == ')' || (one_of(s[close], "./") && digits && at == 0))) {
        return 0;
    }
    *number = letters == 1 && s[at] != 'i' ? (unsigned long)(s[at] - 'a' + 1) : letters ? 1 : *number;
    return close + 1;
}

/* What may stand behind "Q" at AT for it to be a label: a number and a colon, somebody's name in brackets and a colon, a
 * dash between blanks. */
static bool label_ends(const char *s, size_t at, size_t n) {
    size_t colon = at;
    while (colon < n && colon - at < LABEL_MAX && s[colon] >= '0' && s[colon] <= '9') {
        colon++;
    }
    if (colon + 2 < n && s[colon] == ' ' && s[colon + 1] == '(') {
        while (colon < n && colon - at < LABEL_NAME_MAX && s[colon] != ')') {
            colon++;
        }
        colon++;
    }
    return (colon < n && s[colon] == ':') || (n - at >= 3 && memcmp(s + at, " - ", 3) == 0);
}

/* "Q:", "A:", "Q3:", "Q (Name):", "Q - ", "Question:", "Answer:", also in bold. */
static bool is_label(const char *s, size_t n) {
    static const char *const words[] = {"question", "answer", "q", "a"};
    size_t at = 0;
    while (at < n && s[at] == '*') {
        at++;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]);
        if (n - at <= len || strncasecmp(s + at, words[i], len) != 0 || (len == 1 && s[at] >= 'a')) {
            continue;
        }
        if (label_ends(s, at + len, n)) {
            return true;
        }
    }
    return false;
}

/* "Q. Why?" and, where that came before, "A. Because": a lone "A." is an initial. */
static bool is_short_label(const char *s, size_t n, bool asked) {
    return n > 3 && (*s == 'Q' || (*s == 'A' && asked)) && s[1] == '.' && s[2] == ' ';
}

static void classify_marker(const char *s, bool asked, struct line *l) {
    size_t at = l->body, n = l->end - at;
    size_t mark = bullet(s + at, n);
    l->kind = LINE_ITEM;
    if (!mark) {
        mark = number_mark(s + at, n, &l->number);
        l->kind = LINE_NUMBERED;
    }
    if (!mark || (mark < n && !blank(s[at + mark]))) {
        bool label = is_label(s + at, n) || is_short_label(s + at, n, asked);
        l->kind = label ? LINE_LABEL : s[at] == '|' ? LINE_ROW : LINE_TEXT;
        return;
    }
    l->body = skip_blanks(s, at + mark, l->end);
    if (l->end - l->body >= 4 && s[l->body] == '[' && one_of(s[l->body + 1], " xX") && s[l->body + 2] == ']') {
        l->body = skip_blanks(s, l->body + 3, l->end);
    }
}

static struct line read_line(const struct prose *p, size_t at) {
    const char *s = p->s;
    size_t next;
    struct line l = {.start = at, .end = at + lines_length(s + at, p->n - at, &next)};
    l.next = at + next;
    while (l.end > at && blank(s[l.end - 1])) {
        l.end--;
    }
    l.body = skip_blanks(s, at, l.end);
    while (l.body < l.end && s[l.body] == '>') {
        l.quotes++;
        l.body = skip_blanks(s, l.body + 1, l.end);
    }
    size_t marks;
    if (l.body == l.end) {
        l.kind = LINE_BLANK;
    } else if (is_rule(s, l.body, l.end)) {
        l.kind = LINE_RULE;
    } else if (is_fence(s, l.body, l.end)) {
        l.kind = LINE_FENCE;
    } else if ((marks = heading_marks(s, l.body, l.end)) > 0) {
        l.kind = LINE_HEADING;
        l.body = skip_blanks(s, l.body + marks, l.end);
    } else {
        classify_marker(s, p->asked, &l);
    }
    return l;
}

/* ---- paragraphs ------------------------------------------------------------------------------------------------ */

static size_t characters(const char *s, size_t start, size_t end) {
    size_t count = 0;
    for (size_t i = start; i < end; i++) {
        count += ((unsigned char)s[i] & 0xc0) != 0x80;
    }
    return count;
}

static bool ends_open(const char *s, const struct line *l) {
    return one_of(s[l->end - 1], ",;-(/&+");
}

static bool begins_anew(const char *s, const struct line *l) {
    size_t width, at = l->body;
    while (at < l->end && one_of(s[at], "\"'([*_")) {
        at++;
    }
    uint32_t cp = at < l->end ? text_utf8_next(s + at, l->end - at, &width) : 0;
    return !words_is_lower(cp) && words_is_letter(cp);
}

/* A line ends in the middle of something and the next one continues it in lower case. */
static bool goes_on(const char *s, const struct line *a, const struct line *b) {
    return !one_of(s[a->end - 1], ".!?:)\"") && !begins_anew(s, b);
}

/* May LINE go on the block that BEFORE is in? Quoted text may go on without its marks. */
static bool continues(const char *s, const struct line *before, const struct line *line, bool in_list) {
    if (line->quotes != before->quotes && !(line->quotes == 0 && goes_on(s, before, line))) {
        return false;
    }
    if (line->kind == LINE_NUMBERED) {
        return !in_list && line->number != 1; /* "... in Section\n3. That is ..." */
    }
    return line->kind == LINE_TEXT;
}

/* Learn how far the paragraph that begins with FIRST goes and how wide it is. */
static void read_ahead(struct prose *p, const struct line *first) {
    struct line before = *first;
    bool in_list = first->kind == LINE_ITEM || first->kind == LINE_NUMBERED;
    p->width = characters(p->s, first->start, first->end);
    while (before.next < p->n) {
        struct line line = read_line(p, before.next);
        if (!continues(p->s, &before, &line, in_list)) {
            break;
        }
        size_t width = characters(p->s, line.start, line.end);
        p->width = width > p->width ? width : p->width;
        before = line;
    }
    p->paragraph_end = before.next;
}

/* Most of its longer words, and at least three, begin with capitals: what it says is not said on in lower case below. */
static bool is_title(const char *s, const struct line *l) {
    enum { LONGER = 4, LEAST = 3 };
    size_t words = 0, capitals = 0;
    for (size_t at = l->body; at < l->end;) {
        size_t from = at = skip_blanks(s, at, l->end);
        while (at < l->end && !blank(s[at])) {
            at++;
        }
        if (at - from >= LONGER) {
            words++;
            capitals += s[from] >= 'A' && s[from] <= 'Z';
        }
    }
    return capitals >= LEAST && capitals * 10 >= words * 8;
}

/* Is the line end between A and B meant as an end? */
static bool broken(const struct prose *p, const struct line *a, const struct line *b) {
    bool title = is_title(p->s, a), anew = begins_anew(p->s, b);
    bool ends = one_of(p->s[a->end - 1], ".!?") || title;
    if (ends_open(p->s, a) || (!ends && !anew)) {
        return false;
    }
    if (p->width < WRAP_MIN || (title && !anew)) {
        return true;
    }
    size_t word = b->body;
    while (word < b->end && !blank(p->s[word])) {
        word++;
    }
    size_t filled = characters(p->s, a->start, a->end);
    return filled + 1 + characters(p->s, b->body, word) <= p->width && filled * 100 < p->width * FULL_PERCENT;
}

/* ---- the walk -------------------------------------------------------------------------------------------------- */

/* Go behind a fenced block; a fence that nothing closes is text. */
static bool skip_fenced(struct prose *p, const struct line *open) {
    char mark = p->s[open->body];
    bool *none = &p->no_fence[mark == '~'];
    for (size_t at = open->next; !*none && at < p->n;) {
        struct line line = read_line(p, at);
        if (line.kind == LINE_FENCE && p->s[line.body] == mark) {
            p->at = line.next;
            return true;
        }
        at = line.next;
    }
    *none = true;
    return false;
}

static size_t trim_marks(const char *s, size_t start, size_t end) {
    size_t at = end;
    while (at > start && s[at - 1] == '#') {
        at--;
    }
    if (at < end && at > start && blank(s[at - 1])) {
        end = at;
        while (end > start && blank(s[end - 1])) {
            end--;
        }
    }
    return end;
}

static enum block_kind block_kind(enum line_kind kind) {
    bool item = kind == LINE_ITEM || kind == LINE_NUMBERED;
    return item ? BLOCK_ITEM : kind == LINE_LABEL ? BLOCK_LABEL : BLOCK_TEXT;
}

/* A line of - or = right below NEXT_AT makes a heading of what is above it. */
static bool underlined(const struct prose *p, size_t next_at) {
    if (next_at >= p->n) {
        return false;
    }
    struct line line = read_line(p, next_at);
    return line.kind == LINE_RULE && one_of(p->s[line.body], "-=") &&
           !memchr(p->s + line.body, ' ', line.end - line.body);
}

static void gather(struct prose *p, struct line line, struct block *b) {
    if (line.start >= p->paragraph_end) {
        p->kind = block_kind(line.kind);
        p->asked = p->asked || (line.kind == LINE_LABEL && p->s[line.body] == 'Q' && p->s[line.body + 1] == '.');
        read_ahead(p, &line);
    }
    size_t first = line.start;
    *b = (struct block){line.body, line.end, p->kind};
    while (line.next < p->paragraph_end) {
        struct line next = read_line(p, line.next);
        if (broken(p, &line, &next)) {
            break;
        }
        line = next;
        b->end = line.end;
    }
    p->at = line.next;
    if (p->kind == BLOCK_TEXT && first == line.start && underlined(p, line.next)) {
        b->kind = BLOCK_HEADING;
    }
}

bool prose_next(struct prose *p, struct block *b) {
    while (p->at < p->n) {
        struct line line = read_line(p, p->at);
        bool in_paragraph = line.start < p->paragraph_end;
        p->at = line.next;
        if (!in_paragraph &&
            (line.kind == LINE_BLANK || line.kind == LINE_RULE || (line.kind == LINE_FENCE && skip_fenced(p, &line)))) {
            continue;
        }
        if (!in_paragraph && (line.kind == LINE_HEADING || line.kind == LINE_ROW)) {
            *b = (struct block){line.body, trim_marks(p->s, line.body, line.end), BLOCK_ROW};
            b->kind = line.kind == LINE_HEADING ? BLOCK_HEADING : BLOCK_ROW;
        } else {
            gather(p, line, b);
        }
        if (b->start < b->end) {
            return true;
        }
    }
    return false;
}
