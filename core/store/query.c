/* query.c - text to a query tree, and a tree to one line.
 *
 * The one idea: the parser cannot fail. It reads tokens straight from the text; whatever does not fit where it stands
 * (an operator without operand, a parenthesis without partner, a quote that is never closed) is read as a word. Groups
 * nest to a bounded depth, terms are counted, and every byte is looked at a bounded number of times.
 * It knows nothing of SQL: what a field means is in query_fields.c.
 */
#include <stdbool.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "store/query_priv.h"

enum { MAX_DEPTH = 64, MAX_TERMS = 256 };

struct parser {
    struct arena *arena;
    const char *s; /* in the arena, NUL-terminated */
    size_t n;
    size_t at;
    size_t last_quote; /* a quote at or after this one is not closed */
    int open;          /* groups around us */
    int terms;
};

enum token { TOKEN_END, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_AND, TOKEN_OR, TOKEN_NOT, TOKEN_MINUS, TOKEN_TERM };

/* Bytes of the white space at AT: ASCII, NUL, no-break and ideographic space; 0 where there is none. */
static size_t space_at(const struct parser *p, size_t at) {
    unsigned char c = (unsigned char)p->s[at];
    if (c <= ' ' || c == 0x7f) {
        return 1;
    }
    if (c < 0x80) {
        return 0;
    }
    size_t len;
    uint32_t cp = text_utf8_next(p->s + at, p->n - at, &len);
    bool space = cp == 0xa0 || cp == 0x3000 || (cp >= 0x2000 && cp <= 0x200b) || cp == 0x2028 || cp == 0x2029;
    return space ? len : 0;
}

static bool closes(const struct parser *p, size_t at) {
    return p->s[at] == ')' && p->open > 0;
}

static bool ends_word(const struct parser *p, size_t at) {
    return at >= p->n || closes(p, at) || space_at(p, at);
}

static bool is_operator(const struct parser *p, const char *name) {
    size_t n = strlen(name);
    return p->n - p->at >= n && memcmp(p->s + p->at, name, n) == 0 && ends_word(p, p->at + n);
}

/* A minus negates what looks like a term; before anything else ("->", "--x", "- ") it is a character. */
static bool negates(const struct parser *p) {
    if (p->s[p->at] != '-' || ends_word(p, p->at + 1)) {
        return false;
    }
    unsigned char c = (unsigned char)p->s[p->at + 1];
    return c >= 0x80 || c == '"' || c == '(' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static enum token peek(struct parser *p) {
    size_t space;
    while (p->at < p->n && (space = space_at(p, p->at)) > 0) {
        p->at += space;
    }
    if (p->at >= p->n) {
        return TOKEN_END;
    }
    if (closes(p, p->at)) {
        return TOKEN_CLOSE;
    }
    if (p->s[p->at] == '(' && p->open < MAX_DEPTH) {
        return TOKEN_OPEN;
    }
    if (negates(p)) {
        return TOKEN_MINUS;
    }
    if (is_operator(p, "AND")) {
        return TOKEN_AND;
    }
    if (is_operator(p, "OR")) {
        return TOKEN_OR;
    }
    return is_operator(p, "NOT") ? TOKEN_NOT : TOKEN_TERM;
}

/* ---- terms ---------------------------------------------------------------------------------------------------- */

static const char *clean_text(struct arena *a, const char *s, size_t n) {
    if (text_utf8_valid(s, n) == n) {
        return arena_dup(a, s, n);
    }
    struct buf clean = BUF_INIT;
    for (size_t at = 0, len; at < n; at += len) {
        char out[4];
        uint32_t cp = text_utf8_next(s + at, n - at, &len);
        buf_add(&clean, out, text_utf8_put(out, cp));
    }
    char *copy = arena_dup(a, clean.data, clean.len);
    buf_release(&clean);
    return copy;
}

static struct query *new_node(struct parser *p, enum query_node node, size_t column) {
    struct query *q = arena_zalloc(p->arena, sizeof *q);
    q->node = node;
    q->source = p->s;
    q->column = column;
    return q;
}

static struct query *new_term(struct parser *p, enum query_node node, size_t start, size_t n, size_t column) {
    struct query *q = new_node(p, node, column);
    q->text = clean_text(p->arena, p->s + start, n);
    return q;
}

/* End of the word at AT. Parentheses that open inside a word close inside it: printf(3), f(x). */
static size_t word_end(const struct parser *p, size_t at) {
    int inside = 0;
    for (; at < p->n && !space_at(p, at); at++) {
        if (p->s[at] == '(') {
            inside++;
        } else if (p->s[at] == ')' && inside > 0) {
            inside--;
        } else if (closes(p, at)) {
            break;
        }
    }
    return at;
}

static struct query *word_or_prefix(struct parser *p, size_t column) {
    size_t start = p->at;
    size_t end = word_end(p, start);
    p->at = end;
    size_t cut = end;
    while (cut > start && p->s[cut - 1] == '*') {
        cut--;
    }
    size_t from = start;
    while (from < cut && p->s[from] == '*') {
        from++;
    }
    if (from > start && from < cut) {
        return new_term(p, QUERY_INSIDE, from, cut - from, column);
    }
    bool prefix = cut < end && cut > start;
    return new_term(p, prefix ? QUERY_PREFIX : QUERY_WORD, start, (prefix ? cut : end) - start, column);
}

static struct query *phrase(struct parser *p, size_t column) {
    if (p->s[p->at] != '"' || p->at >= p->last_quote) {
        return NULL;
    }
    size_t start = p->at + 1;
    const char *close = memchr(p->s + start, '"', p->n - start);
    if (!close) {
        return NULL;
    }
    size_t n = (size_t)(close - p->s) - start;
    p->at = start + n + 1;
    return new_term(p, QUERY_PHRASE, start, n, column);
}

/* /.../ up to the first slash that is not escaped, and only if the word ends there: path:/home/me is no regex. */
static struct query *regex(struct parser *p, size_t column) {
    size_t start = p->at + 1;
    if (p->s[p->at] != '/') {
        return NULL;
    }
    size_t end = start;
    while (end < p->n && p->s[end] != '/' && p->s[end] != '\0') {
        end += p->s[end] == '\\' && end + 1 < p->n ? 2 : 1;
    }
    if (end >= p->n || p->s[end] != '/' || end == start || !ends_word(p, end + 1)) {
        return NULL;
    }
    p->at = end + 1;
    return new_term(p, QUERY_REGEX, start, end - start, column);
}

static struct query *field_value(struct parser *p, size_t column) {
    if (p->s[p->at] == '*' && ends_word(p, p->at + 1)) {
        p->at++;
        return new_term(p, QUERY_PREFIX, p->at, 0, column);
    }
    struct query *q = phrase(p, column);
    q = q ? q : regex(p, column);
    return q ? q : word_or_prefix(p, column);
}

/* The canonical name of the field whose name ends at END; NULL where there is none. */
static const char *field_name(struct parser *p, size_t end) {
    const char *dot = memchr(p->s + p->at, '.', end - p->at);
    size_t n = dot ? (size_t)(dot - p->s) - p->at : end - p->at;
    const struct query_field *known = query_field_of(query_fields, p->s + p->at, n);
    bool named = known && known->flags & QUERY_DOTTED;
    if (!known || named != (dot && dot + 1 < p->s + end)) {
        return NULL;
    }
    return named ? clean_text(p->arena, p->s + p->at, end - p->at) : known->name;
}

/* FIELD:value, or NULL where no known field with a value stands here. */
static struct query *field(struct parser *p) {
    size_t end = p->at;
    while (end < p->n && p->s[end] != ':' && p->s[end] != '"' && p->s[end] != '(' && !ends_word(p, end)) {
        end++;
    }
    if (end >= p->n || p->s[end] != ':' || ends_word(p, end + 1)) {
        return NULL;
    }
    const char *name = field_name(p, end);
    if (!name) {
        return NULL;
    }
    struct query *q = new_node(p, QUERY_FIELD, p->at);
    q->field = name;
    p->at = end + 1;
    q->left = field_value(p, p->at);
    q->text = q->left->text;
    return q;
}

/* NULL when there were enough terms already: the text is read on, so that groups still close. */
static const struct query *term(struct parser *p) {
    size_t column = p->at;
    struct query *q = field(p);
    q = q ? q : phrase(p, column);
    q = q ? q : word_or_prefix(p, column);
    return p->terms++ < MAX_TERMS ? q : NULL;
}

/* ---- trees ---------------------------------------------------------------------------------------------------- */

static const struct query *join(struct parser *p, enum query_node node, const struct query *a, const struct query *b) {
    if (!a || !b) {
        return a ? a : b;
    }
    struct query *q = new_node(p, node, a->column);
    q->left = a;
    q->right = b;
    return q;
}

static const struct query *parse_or(struct parser *p);

static const struct query *group(struct parser *p) {
    size_t start = p->at++;
    p->open++;
    enum token next = peek(p);
    if (next == TOKEN_END || next == TOKEN_CLOSE) { /* "(" or "()": nothing grouped, so it is a word */
        p->at += next == TOKEN_CLOSE;
        p->open--;
        return p->terms++ < MAX_TERMS ? new_term(p, QUERY_WORD, start, p->at - start, start) : NULL;
    }
    const struct query *q = parse_or(p);
    p->at += peek(p) == TOKEN_CLOSE;
    p->open--;
    return q;
}

/* Does anything follow the operator of N bytes here that it could apply to? */
static bool has_operand(struct parser *p, size_t n) {
    size_t at = p->at;
    p->at += n;
    enum token next = peek(p);
    p->at = at;
    return next != TOKEN_END && next != TOKEN_CLOSE;
}

static const struct query *unary(struct parser *p) {
    bool negated = false;
    enum token next = peek(p);
    size_t column = p->at;
    while (next == TOKEN_MINUS || (next == TOKEN_NOT && has_operand(p, 3))) {
        p->at += next == TOKEN_MINUS ? 1 : 3;
        negated = !negated;
        next = peek(p);
    }
    const struct query *q = next == TOKEN_OPEN ? group(p) : term(p);
    if (!q || !negated) {
        return q;
    }
    struct query *not = new_node(p, QUERY_NOT, column);
    not ->left = q;
    return not ;
}

/* Does the conjunction go on here? Steps over its AND; an operator at the end goes on as a word. */
static bool another_factor(struct parser *p) {
    enum token next = peek(p);
    if (next == TOKEN_AND && has_operand(p, 3)) {
        p->at += 3;
        return true;
    }
    return next != TOKEN_END && next != TOKEN_CLOSE && !(next == TOKEN_OR && has_operand(p, 2));
}

static const struct query *parse_and(struct parser *p) {
    const struct query *q = unary(p);
    while (another_factor(p)) {
        q = join(p, QUERY_AND, q, unary(p));
    }
    return q;
}

static const struct query *parse_or(struct parser *p) {
    const struct query *q = parse_and(p);
    while (peek(p) == TOKEN_OR) {
        p->at += 2;
        q = join(p, QUERY_OR, q, parse_and(p));
    }
    return q;
}

const struct query *query_parse(struct arena *a, const char *text, size_t n) {
    struct parser p = {.arena = a, .s = arena_dup(a, text ? text : "", text ? n : 0), .n = text ? n : 0};
    p.last_quote = p.n;
    while (p.last_quote > 0 && p.s[p.last_quote - 1] != '"') {
        p.last_quote--;
    }
    p.last_quote -= p.last_quote > 0;
    const struct query *q = peek(&p) == TOKEN_END ? NULL : parse_or(&p);
    bool everything = !q || (q->node == QUERY_WORD && strcmp(q->text, "*") == 0);
    return everything ? new_node(&p, QUERY_ALL, 0) : q;
}

/* ---- printing ------------------------------------------------------------------------------------------------- */

static void print_text(struct buf *out, const struct query *q) {
    if (q->node == QUERY_REGEX) {
        buf_addf(out, "/%s/", q->text);
        return;
    }
    json_write_str(out, q->text, strlen(q->text));
}

/* Operands of one operator in a row: (and a b c), not (and (and a b) c). */
static void print_operands(struct buf *out, const struct query *q, enum query_node node) {
    if (q->node == node) {
        print_operands(out, q->left, node);
        print_operands(out, q->right, node);
        return;
    }
    buf_addc(out, ' ');
    query_print(out, q);
}

void query_print(struct buf *out, const struct query *q) {
    switch (q->node) {
    case QUERY_ALL:
        buf_adds(out, "(all)");
        return;
    case QUERY_FIELD:
        buf_addf(out, "(field %s %s", q->field, q->left->node == QUERY_INSIDE ? "*" : "");
        print_text(out, q->left);
        buf_adds(out, q->left->node == QUERY_PREFIX || q->left->node == QUERY_INSIDE ? "*" : "");
        break;
    case QUERY_AND:
    case QUERY_OR:
        buf_adds(out, q->node == QUERY_AND ? "(and" : "(or");
        print_operands(out, q, q->node);
        break;
    case QUERY_NOT:
        buf_adds(out, "(not ");
        query_print(out, q->left);
        break;
    case QUERY_WORD:
    case QUERY_PREFIX:
    case QUERY_INSIDE:
    case QUERY_PHRASE:
    case QUERY_REGEX:
        buf_adds(out, q->node == QUERY_PHRASE   ? "(phrase "
                      : q->node == QUERY_PREFIX ? "(prefix "
                      : q->node == QUERY_INSIDE ? "(inside "
                                                : "(word ");
        print_text(out, q);
        break;
    }
    buf_addc(out, ')');
}
