/* merge.c - diff3 (Khanna, Kunal, Pierce: "A Formal Investigation of Diff3", 2007), once over blocks, then over the
 * lines of a block that both sides changed.
 *
 * The one idea: a piece of the base that both sides still have is firm ground; what lies between two such pieces is
 * looked at as a whole. A block is cut without its last newline, which belongs to the blank lines behind it: so a
 * paragraph put behind the last one does not change the last one.
 */
#include "base/merge.h"

#include <string.h>

#define MARK_MINE "<<<<<<< mine"
#define MARK_MIDDLE "======="
#define MARK_THEIRS ">>>>>>> theirs"

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static size_t line_length(const char *s, const char *end) {
    const char *stop = memchr(s, '\n', (size_t)(end - s));
    return stop ? (size_t)(stop - s) + 1 : (size_t)(end - s);
}

static bool is_blank(const char *s, size_t len) {
    while (len && (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n')) {
        s++, len--;
    }
    return !len;
}

/* The block at S, without its last newline; 0 where S stands at a blank line. */
static size_t block_length(const char *s, const char *end) {
    const char *p = s;
    while (p < end && !is_blank(p, line_length(p, end))) {
        p += line_length(p, end);
    }
    return (size_t)(p - s) - (p > s && p[-1] == '\n');
}

/* The newline of the block before it, and the blank lines. */
static size_t space_length(const char *s, const char *end) {
    const char *p = s;
    while (p < end && is_blank(p, line_length(p, end))) {
        p += line_length(p, end);
    }
    return (size_t)(p - s);
}

static struct pieces cut_blocks(struct interner *in, struct text t) {
    struct pieces all = {0};
    const char *s = t.s;
    const char *end = t.s + t.len;
    size_t most = 1;
    for (const char *p = s; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++) {
        most++;
    }
    all.at = arena_alloc(in->arena, (2 * most + 1) * sizeof *all.at);
    for (bool space = false; s < end; space = !space) {
        size_t len = space ? space_length(s, end) : block_length(s, end);
        if (len) {
            all.at[all.n++] = (struct piece){s, len, intern(in, s, len)};
            s += len;
        }
    }
    return all;
}

/* ---- three ways -------------------------------------------------------------------------------------------------- */

enum side { BASE, MINE, THEIRS, SIDES };

struct merging {
    struct arena *arena;
    enum merge_prefer prefer;
    struct merged *out;
    bool by_line;
};

struct chunk {
    size_t from[SIDES], to[SIDES];
};

static bool same(const struct pieces *x, size_t from, size_t to, const struct pieces *y, size_t at, size_t end) {
    if (to - from != end - at) {
        return false;
    }
    for (; from < to; from++, at++) {
        if (x->at[from].id != y->at[at].id) {
            return false;
        }
    }
    return true;
}

static struct text text_of(const struct pieces *all, size_t from, size_t to) {
    if (from == to) {
        return (struct text){"", 0};
    }
    const struct piece *last = &all->at[to - 1];
    return (struct text){all->at[from].s, (size_t)(last->s + last->len - all->at[from].s)};
}

static void put_marked(struct buf *out, struct text mine, struct text theirs) {
    const struct text sides[] = {mine, theirs};
    buf_adds(out, MARK_MINE "\n");
    for (int i = 0; i < 2; i++) {
        buf_add(out, sides[i].s, sides[i].len);
        if (sides[i].len && sides[i].s[sides[i].len - 1] != '\n') {
            buf_addc(out, '\n');
        }
        buf_adds(out, i ? MARK_THEIRS : MARK_MIDDLE "\n");
    }
}

static void put_clash(struct merging *m, struct text base, struct text mine, struct text theirs) {
    struct merged *out = m->out;
    struct text shown = m->prefer == MERGE_THEIRS ? theirs : mine;
    size_t at = out->text.len;
    if (m->prefer == MERGE_BOTH) {
        put_marked(&out->text, mine, theirs);
    } else {
        buf_add(&out->text, shown.s, shown.len);
    }
    if (!(out->clashes & (out->clashes - 1))) { /* full at each power of two */
        struct merge_clash *more = arena_alloc(m->arena, (2 * out->clashes + 1) * sizeof *more);
        if (out->clashes) {
            memcpy(more, out->clash, out->clashes * sizeof *more);
        }
        out->clash = more;
    }
    out->clash[out->clashes++] = (struct merge_clash){base, mine, theirs, at, out->text.len - at};
}

static bool merge_pieces(struct merging *m, const struct pieces side[SIDES]);

/* The same block by line: all of it goes in, or, where lines clash, nothing. */
static bool merge_lines(struct merging *m, const struct text side[SIDES]) {
    struct merged lines = {.text = BUF_INIT};
    struct merging by_line = {.arena = m->arena, .prefer = m->prefer, .out = &lines, .by_line = true};
    struct interner in = {.arena = m->arena};
    struct pieces cut[SIDES];
    for (int i = 0; i < SIDES; i++) {
        cut[i] = diff_lines(&in, side[i].s, side[i].len);
    }
    bool clean = merge_pieces(&by_line, cut);
    if (clean) {
        buf_add(&m->out->text, lines.text.data, lines.text.len);
        m->out->taken += lines.taken;
    }
    buf_release(&lines.text);
    return clean;
}

/* SIDE only put blocks behind or before the part of the base that OTHER changed: both can be done. */
static bool merge_beside(struct merging *m, const struct pieces piece[SIDES], const struct chunk *c, enum side side,
                         enum side other) {
    size_t n = c->to[BASE] - c->from[BASE];
    size_t from = c->from[side];
    size_t to = c->to[side];
    if (!n || to - from <= n) {
        return false;
    }
    bool behind = same(&piece[BASE], c->from[BASE], c->to[BASE], &piece[side], from, from + n);
    bool before = !behind && same(&piece[BASE], c->from[BASE], c->to[BASE], &piece[side], to - n, to);
    struct text put = behind ? text_of(&piece[side], from + n, to) : text_of(&piece[side], from, to - n);
    struct text changed = text_of(&piece[other], c->from[other], c->to[other]);
    if (before || behind) {
        buf_add(&m->out->text, before ? put.s : changed.s, before ? put.len : changed.len);
        buf_add(&m->out->text, before ? changed.s : put.s, before ? changed.len : put.len);
        m->out->taken++;
    }
    return before || behind;
}

/* False: by line, and both sides changed it. */
static bool merge_chunk(struct merging *m, const struct pieces side[SIDES], const struct chunk *c) {
    struct text text[SIDES];
    for (int i = 0; i < SIDES; i++) {
        text[i] = text_of(&side[i], c->from[i], c->to[i]);
    }
    bool i_did = !same(&side[BASE], c->from[BASE], c->to[BASE], &side[MINE], c->from[MINE], c->to[MINE]);
    bool they_did = !same(&side[BASE], c->from[BASE], c->to[BASE], &side[THEIRS], c->from[THEIRS], c->to[THEIRS]);
    bool alike = same(&side[MINE], c->from[MINE], c->to[MINE], &side[THEIRS], c->from[THEIRS], c->to[THEIRS]);
    if (!they_did || alike) {
        buf_add(&m->out->text, text[MINE].s, text[MINE].len);
    } else if (!i_did) {
        buf_add(&m->out->text, text[THEIRS].s, text[THEIRS].len);
        m->out->taken++;
    } else if (m->by_line) {
        return false;
    } else if (!merge_beside(m, side, c, MINE, THEIRS) && !merge_beside(m, side, c, THEIRS, MINE) &&
               !merge_lines(m, text)) {
        put_clash(m, text[BASE], text[MINE], text[THEIRS]);
    }
    return true;
}

static bool merge_pieces(struct merging *m, const struct pieces side[SIDES]) {
    const int64_t *mine = diff_match(m->arena, &side[BASE], &side[MINE]);
    const int64_t *theirs = diff_match(m->arena, &side[BASE], &side[THEIRS]);
    struct chunk c = {{0}, {0}};
    for (;;) {
        size_t o = c.from[BASE];
        while (o < side[BASE].n && (mine[o] == DIFF_NONE || theirs[o] == DIFF_NONE)) {
            o++;
        }
        bool end = o == side[BASE].n;
        c.to[BASE] = o;
        c.to[MINE] = end ? side[MINE].n : (size_t)mine[o];
        c.to[THEIRS] = end ? side[THEIRS].n : (size_t)theirs[o];
        if (!merge_chunk(m, side, &c)) {
            return false;
        }
        if (end) {
            return true;
        }
        buf_add(&m->out->text, side[BASE].at[o].s, side[BASE].at[o].len); /* firm ground */
        c = (struct chunk){.from = {o + 1, (size_t)mine[o] + 1, (size_t)theirs[o] + 1}};
    }
}

void merge_texts(struct text base, struct text mine, struct text theirs, enum merge_prefer prefer, struct arena *a,
                 struct merged *out) {
    struct merging m = {.arena = a, .prefer = prefer, .out = out};
    struct interner in = {.arena = a};
    *out = (struct merged){.text = BUF_INIT};
    struct pieces side[SIDES] = {cut_blocks(&in, base), cut_blocks(&in, mine), cut_blocks(&in, theirs)};
    merge_pieces(&m, side);
}

bool merge_has_marks(const char *s, size_t len) {
    static const char *const marks[] = {MARK_MINE, MARK_THEIRS};
    for (const char *end = s + len; s < end; s += line_length(s, end)) {
        size_t n = line_length(s, end);
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            if (n >= strlen(marks[i]) && memcmp(s, marks[i], strlen(marks[i])) == 0) {
                return true;
            }
        }
    }
    return false;
}
