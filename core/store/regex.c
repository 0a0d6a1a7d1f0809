/* regex.c - a Thompson machine: all states a text can be in are followed at once.
 *
 * The one idea: a pattern is compiled to at most REGEX_MAX_CODE instructions, and each character of the text advances a
 * set of them, so the cost is text times program, never more. A counted repetition compiles its operand again from the
 * pattern; a budget of steps keeps nested counts from multiplying. It knows nothing of SQL.
 */
#include "store/regex.h"

#include <string.h>

#include "base/text.h"

enum { MAX_DEPTH = 32, MAX_COUNT = 200, MAX_STEPS = 20000, UNBOUNDED = -1 };
enum op { OP_CHAR, OP_ANY, OP_CLASS, OP_SPLIT, OP_JUMP, OP_BEGIN, OP_END, OP_BOUNDARY, OP_MATCH };

/* ---- characters ------------------------------------------------------------------------------------------------ */

static uint32_t fold(uint32_t cp) {
    if ((cp >= 'A' && cp <= 'Z') || (cp >= 0xc0 && cp <= 0xde && cp != 0xd7) || (cp >= 0x391 && cp <= 0x3a9) ||
        (cp >= 0x410 && cp <= 0x42f)) {
        return cp + 0x20;
    }
    if (cp >= 0x400 && cp <= 0x40f) {
        return cp + 0x50;
    }
    bool even_capitals = (cp >= 0x100 && cp <= 0x137) || (cp >= 0x14a && cp <= 0x177) || (cp >= 0x460 && cp <= 0x481);
    if (even_capitals) {
        return cp | 1;
    }
    bool odd_capitals = (cp >= 0x139 && cp <= 0x148) || (cp >= 0x179 && cp <= 0x17e);
    return odd_capitals && (cp & 1) ? cp + 1 : cp;
}

static bool is_digit(uint32_t cp) {
    return cp >= '0' && cp <= '9';
}

static bool is_word(uint32_t cp) {
    return is_digit(cp) || cp == '_' || (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') ||
           (cp >= 0xc0 && cp != 0xd7 && cp != 0xf7 && !(cp >= 0x2000 && cp <= 0x206f));
}

static bool is_space(uint32_t cp) {
    return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0xa0 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x3000;
}

/* ---- compiling ------------------------------------------------------------------------------------------------- */

struct compiler {
    struct regex *re;
    const char *s;
    size_t n;
    size_t at;
    int groups; /* open ones: a ')' outside any is a character */
    int depth;  /* of recursion */
    int steps;
    bool failed;
};

static bool fail(struct compiler *c) {
    c->failed = true;
    c->at = c->n;
    return false;
}

static bool more(const struct compiler *c) {
    return !c->failed && c->at < c->n;
}

static bool next_is(const struct compiler *c, char ch) {
    return more(c) && c->s[c->at] == ch;
}

static bool accept(struct compiler *c, char ch) {
    if (!next_is(c, ch)) {
        return false;
    }
    c->at++;
    return true;
}

static uint32_t take(struct compiler *c) {
    if (!more(c)) {
        fail(c);
        return 0;
    }
    size_t len;
    uint32_t cp = text_utf8_next(c->s + c->at, c->n - c->at, &len);
    c->at += len;
    return cp;
}

static struct regex_op *emit(struct compiler *c, enum op op) {
    if (c->re->len >= REGEX_MAX_CODE - 1) { /* the last one is left for OP_MATCH */
        fail(c);
        return &c->re->code[REGEX_MAX_CODE - 1];
    }
    struct regex_op *made = &c->re->code[c->re->len++];
    *made = (struct regex_op){.op = (uint8_t)op};
    return made;
}

static void add_range(struct compiler *c, uint32_t low, uint32_t high) {
    if (c->re->nranges >= REGEX_MAX_RANGES || low > high) {
        fail(c);
        return;
    }
    c->re->ranges[c->re->nranges++] = (struct regex_range){low, high};
}

/* \d \w \s are ranges with marks no character has, so that they fit among the others. */
enum { MARK_DIGIT = 0x200000, MARK_WORD, MARK_SPACE, MARK_NOT = 0x10 };

static uint32_t mark_of(uint32_t cp) {
    switch (cp) {
    case 'd':
        return MARK_DIGIT;
    case 'w':
        return MARK_WORD;
    case 's':
        return MARK_SPACE;
    case 'D':
        return MARK_DIGIT | MARK_NOT;
    case 'W':
        return MARK_WORD | MARK_NOT;
    case 'S':
        return MARK_SPACE | MARK_NOT;
    default:
        return 0;
    }
}

static uint32_t escaped(uint32_t cp) {
    return cp == 'n' ? '\n' : cp == 't' ? '\t' : cp;
}

static void class_item(struct compiler *c) {
    uint32_t low = take(c);
    if (low == '\\') {
        low = take(c);
        uint32_t mark = mark_of(low);
        if (mark) {
            add_range(c, mark, mark);
            return;
        }
        low = escaped(low);
    }
    uint32_t high = low;
    if (next_is(c, '-') && c->at + 1 < c->n && c->s[c->at + 1] != ']') {
        c->at++;
        high = take(c);
        high = high == '\\' ? escaped(take(c)) : high;
    }
    add_range(c, low, high);
}

static void class(struct compiler *c) {
    struct regex_op *op = emit(c, OP_CLASS);
    op->x = c->re->nranges;
    op->negated = accept(c, '^');
    do {
        class_item(c);
    } while (more(c) && !next_is(c, ']'));
    if (!accept(c, ']')) {
        fail(c);
    }
    op->y = (uint16_t)(c->re->nranges - op->x);
}

static void escape(struct compiler *c) {
    uint32_t cp = take(c);
    if (cp == 'b' || cp == 'B') {
        emit(c, OP_BOUNDARY)->negated = cp == 'B';
        return;
    }
    uint32_t mark = mark_of(cp);
    if (mark) {
        struct regex_op *op = emit(c, OP_CLASS);
        op->x = c->re->nranges;
        op->y = 1;
        add_range(c, mark, mark);
        return;
    }
    emit(c, OP_CHAR)->cp = fold(escaped(cp));
}

static void alternatives(struct compiler *c);

static void group(struct compiler *c) {
    if (++c->depth > MAX_DEPTH) {
        fail(c);
    }
    if (next_is(c, '?')) {
        c->at++;
        if (!accept(c, ':')) {
            fail(c);
        }
    }
    c->groups++;
    alternatives(c);
    c->groups--;
    if (!accept(c, ')')) {
        fail(c);
    }
    c->depth--;
}

static void atom(struct compiler *c) {
    if (++c->steps > MAX_STEPS) {
        fail(c);
        return;
    }
    uint32_t cp = take(c);
    switch (cp) {
    case '(':
        group(c);
        break;
    case '[':
        class(c);
        break;
    case '\\':
        escape(c);
        break;
    case '.':
        emit(c, OP_ANY);
        break;
    case '^':
        emit(c, OP_BEGIN);
        break;
    case '$':
        emit(c, OP_END);
        break;
    case '*':
    case '+':
    case '?':
        fail(c);
        break;
    default:
        emit(c, OP_CHAR)->cp = fold(cp);
    }
}

static int count(struct compiler *c) {
    int n = 0;
    while (more(c) && is_digit((unsigned char)c->s[c->at]) && n <= MAX_COUNT) {
        n = n * 10 + (c->s[c->at++] - '0');
    }
    return n;
}

/* The repetition after an atom as least and most; a brace that is no count is a character. */
static void repetition(struct compiler *c, int *least, int *most) {
    *least = *most = 1;
    if (accept(c, '*')) {
        *least = 0;
        *most = UNBOUNDED;
    } else if (accept(c, '+')) {
        *most = UNBOUNDED;
    } else if (accept(c, '?')) {
        *least = 0;
    } else if (next_is(c, '{') && c->at + 1 < c->n && is_digit((unsigned char)c->s[c->at + 1])) {
        c->at++;
        *least = *most = count(c);
        if (accept(c, ',')) {
            *most = next_is(c, '}') ? UNBOUNDED : count(c);
        }
        if (!accept(c, '}') || *least > MAX_COUNT || *most > MAX_COUNT || (*most != UNBOUNDED && *most < *least)) {
            fail(c);
        }
    }
    accept(c, '?'); /* lazy or greedy: whether there is a match is the same */
}

static void atom_again(struct compiler *c, size_t start) {
    size_t at = c->at;
    c->at = start;
    atom(c);
    if (!c->failed) {
        c->at = at;
    }
}

static void optional(struct compiler *c, size_t start, bool loop) {
    uint16_t split = c->re->len;
    emit(c, OP_SPLIT)->x = (uint16_t)(split + 1);
    atom_again(c, start);
    if (loop) {
        emit(c, OP_JUMP)->x = split;
    }
    c->re->code[split].y = c->re->len;
}

static void repeated(struct compiler *c) {
    size_t start = c->at;
    uint16_t code = c->re->len;
    uint16_t ranges = c->re->nranges;
    atom(c);
    int least, most;
    repetition(c, &least, &most);
    if (least == 1 && most == 1) {
        return;
    }
    c->re->len = code;
    c->re->nranges = ranges;
    for (int i = 0; i < least && !c->failed; i++) {
        atom_again(c, start);
    }
    if (most == UNBOUNDED) {
        optional(c, start, true);
    }
    for (int i = least; i < most && !c->failed; i++) {
        optional(c, start, false);
    }
}

static void sequence(struct compiler *c) {
    while (more(c) && !next_is(c, '|') && !(c->groups > 0 && next_is(c, ')'))) {
        repeated(c);
    }
}

/* A split goes before the left side: what is there moves down by one. */
static void make_room(struct compiler *c, uint16_t at) {
    emit(c, OP_JUMP);
    if (c->failed) {
        return;
    }
    struct regex_op *code = c->re->code;
    memmove(code + at + 1, code + at, (size_t)(c->re->len - at - 1) * sizeof *code);
    for (uint16_t i = (uint16_t)(at + 1); i < c->re->len; i++) {
        if (code[i].op == OP_SPLIT || code[i].op == OP_JUMP) {
            code[i].x = (uint16_t)(code[i].x + (code[i].x >= at));
            code[i].y = (uint16_t)(code[i].y + (code[i].y >= at));
        }
    }
}

static void alternatives(struct compiler *c) {
    uint16_t start = c->re->len;
    sequence(c);
    if (!accept(c, '|')) {
        return;
    }
    make_room(c, start);
    uint16_t jump = c->re->len;
    emit(c, OP_JUMP);
    if (c->failed) {
        return;
    }
    c->re->code[start] = (struct regex_op){.op = OP_SPLIT, .x = (uint16_t)(start + 1), .y = c->re->len};
    if (++c->depth > MAX_DEPTH) {
        fail(c);
    }
    alternatives(c);
    c->depth--;
    c->re->code[jump].x = c->re->len;
}

bool regex_compile(struct regex *re, const char *pattern, size_t n) {
    struct compiler c = {.re = re, .s = pattern, .n = n};
    re->len = re->nranges = 0;
    alternatives(&c);
    re->code[re->len++] = (struct regex_op){.op = OP_MATCH};
    return !c.failed && c.at == n;
}

/* ---- matching -------------------------------------------------------------------------------------------------- */

/* The states reached, each once, in the order found. */
struct states {
    uint16_t n;
    uint16_t list[REGEX_MAX_CODE];
    bool has[REGEX_MAX_CODE];
};

struct position {
    bool begin, end, boundary;
};

static void clear_states(struct states *set) {
    for (uint16_t i = 0; i < set->n; i++) {
        set->has[set->list[i]] = false;
    }
    set->n = 0;
}

static void add_state(struct states *set, uint16_t state) {
    if (!set->has[state]) {
        set->has[state] = true;
        set->list[set->n++] = state;
    }
}

/* Add what is reached from the listed states without reading a character; true when the match is among it. */
static bool close_states(const struct regex *re, struct states *set, struct position at) {
    for (uint16_t i = 0; i < set->n; i++) {
        uint16_t state = set->list[i];
        const struct regex_op *op = &re->code[state];
        uint16_t next = (uint16_t)(state + 1);
        switch (op->op) {
        case OP_MATCH:
            return true;
        case OP_SPLIT:
            add_state(set, op->x);
            add_state(set, op->y);
            break;
        case OP_JUMP:
            add_state(set, op->x);
            break;
        case OP_BEGIN:
        case OP_END:
            if (op->op == OP_BEGIN ? at.begin : at.end) {
                add_state(set, next);
            }
            break;
        case OP_BOUNDARY:
            if (at.boundary != (bool)op->negated) {
                add_state(set, next);
            }
            break;
        default:
            break;
        }
    }
    return false;
}

static bool in_mark(uint32_t mark, uint32_t cp) {
    uint32_t what = mark & ~(uint32_t)MARK_NOT;
    bool is = what == MARK_DIGIT ? is_digit(cp) : what == MARK_WORD ? is_word(cp) : is_space(cp);
    return is != ((mark & MARK_NOT) != 0);
}

static bool in_class(const struct regex *re, const struct regex_op *op, uint32_t cp) {
    uint32_t low = fold(cp);
    uint32_t high = low >= 'a' && low <= 'z' ? low - 0x20 : cp;
    for (uint16_t i = op->x; i < op->x + op->y; i++) {
        const struct regex_range *r = &re->ranges[i];
        bool in = r->low >= MARK_DIGIT ? in_mark(r->low, cp)
                                       : (cp >= r->low && cp <= r->high) || (low >= r->low && low <= r->high) ||
                                             (high >= r->low && high <= r->high);
        if (in) {
            return !op->negated;
        }
    }
    return op->negated;
}

static bool reads(const struct regex *re, const struct regex_op *op, uint32_t cp) {
    switch (op->op) {
    case OP_CHAR:
        return op->cp == fold(cp);
    case OP_ANY:
        return cp != '\n';
    case OP_CLASS:
        return in_class(re, op, cp);
    default:
        return false;
    }
}

static void advance(const struct regex *re, const struct states *from, struct states *to, uint32_t cp) {
    clear_states(to);
    for (uint16_t i = 0; i < from->n; i++) {
        uint16_t state = from->list[i];
        if (reads(re, &re->code[state], cp)) {
            add_state(to, (uint16_t)(state + 1));
        }
    }
}

bool regex_search(const struct regex *re, const char *s, size_t n) {
    struct states sets[2] = {{.n = 0}, {.n = 0}};
    struct states *now = &sets[0];
    struct states *next = &sets[1];
    uint32_t before = 0;
    for (size_t at = 0, len = 0;; at += len) {
        uint32_t cp = at < n ? text_utf8_next(s + at, n - at, &len) : 0;
        struct position here = {at == 0, at == n, is_word(before) != is_word(cp)};
        add_state(now, 0);
        if (close_states(re, now, here)) {
            return true;
        }
        if (at == n) {
            return false;
        }
        advance(re, now, next, cp);
        struct states *swap = now;
        now = next;
        next = swap;
        before = cp;
    }
}
