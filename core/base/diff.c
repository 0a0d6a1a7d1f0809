/* diff.c - longest common subsequences, nearly: good ones in nearly linear time.
 *
 * The method: what both begin and end with is taken off; of the rest, pieces that stand once in either text are
 * anchors, and the longest ascending chain of them holds (Cohen's patience diff: O(n log n)); between anchors the
 * greedy algorithm of Myers ("An O(ND) Difference Algorithm and Its Variations", 1986) finds the shortest script, for
 * at most EDITS_MAX edits a gap, so that a gap costs O(length * EDITS_MAX). A gap that needs more is all different.
 */
#include "base/diff.h"

#include <string.h>

enum { EDITS_MAX = 200, SLOTS_MIN = 64 };
#define NOWHERE (INT64_MIN / 4)

/* ---- numbers for pieces ------------------------------------------------------------------------------------------ */

struct intern_slot {
    const char *s;
    size_t len;
    uint64_t hash;
    uint32_t id; /* from 1; 0: free */
};

static uint64_t hash_bytes(const char *s, size_t len) {
    uint64_t h = 0xcbf29ce484222325u ^ len;
    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
    }
    return h ^ (h >> 29);
}

static struct intern_slot *slot_of(struct intern_slot *slots, size_t nslots, const char *s, size_t len, uint64_t hash) {
    size_t at = hash & (nslots - 1);
    while (slots[at].id && (slots[at].hash != hash || slots[at].len != len || memcmp(slots[at].s, s, len) != 0)) {
        at = (at + 1) & (nslots - 1);
    }
    return &slots[at];
}

static void grow(struct interner *in) {
    size_t n = in->nslots ? 2 * in->nslots : SLOTS_MIN;
    struct intern_slot *slots = arena_zalloc(in->arena, n * sizeof *slots);
    for (size_t i = 0; i < in->nslots; i++) {
        const struct intern_slot *old = &in->slots[i];
        if (old->id) {
            *slot_of(slots, n, old->s, old->len, old->hash) = *old;
        }
    }
    in->slots = slots;
    in->nslots = n;
}

uint32_t intern(struct interner *in, const char *s, size_t len) {
    if (2 * in->count >= in->nslots) {
        grow(in);
    }
    uint64_t hash = hash_bytes(s, len);
    struct intern_slot *slot = slot_of(in->slots, in->nslots, s, len, hash);
    if (!slot->id) {
        *slot = (struct intern_slot){.s = s, .len = len, .hash = hash, .id = (uint32_t)++in->count};
    }
    return slot->id;
}

struct pieces diff_lines(struct interner *in, const char *text, size_t len) {
    struct pieces all = {0};
    const char *end = text + len;
    size_t n = 1;
    for (const char *p = text; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++) {
        n++;
    }
    all.at = arena_alloc(in->arena, n * sizeof *all.at);
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop + 1 : end;
        size_t size = (size_t)(stop - text);
        all.at[all.n++] = (struct piece){text, size, intern(in, text, size)};
        text = stop;
    }
    return all;
}

/* ---- matching ---------------------------------------------------------------------------------------------------- */

struct matching {
    struct arena *arena;
    const struct piece *x, *y;
    int64_t *match; /* of x */
};

struct gap {
    size_t x0, x1, y0, y1;
};

static void trim(struct matching *m, struct gap *g) {
    while (g->x0 < g->x1 && g->y0 < g->y1 && m->x[g->x0].id == m->y[g->y0].id) {
        m->match[g->x0++] = (int64_t)g->y0++;
    }
    while (g->x0 < g->x1 && g->y0 < g->y1 && m->x[g->x1 - 1].id == m->y[g->y1 - 1].id) {
        m->match[--g->x1] = (int64_t)--g->y1;
    }
}

/* Follow the script of D edits back from the end; TRACE[d] holds the furthest x of each diagonal after d edits. */
static void walk_back(struct matching *m, const struct gap *g, int64_t **trace, int64_t d) {
    int64_t x = (int64_t)(g->x1 - g->x0);
    int64_t y = (int64_t)(g->y1 - g->y0);
    for (; d > 0; d--) {
        const int64_t *before = trace[d - 1] + d;
        int64_t k = x - y;
        bool down = k == -d || (k != d && before[k - 1] < before[k + 1]);
        int64_t from = down ? k + 1 : k - 1;
        int64_t start = down ? before[from] : before[from] + 1;
        for (; x > start; x--, y--) {
            m->match[g->x0 + (size_t)x - 1] = (int64_t)g->y0 + y - 1;
        }
        x = before[from];
        y = x - from;
    }
    for (; x > 0; x--, y--) {
        m->match[g->x0 + (size_t)x - 1] = (int64_t)g->y0 + y - 1;
    }
}

/* One round of Myers: V, whose middle is diagonal 0, gets what D edits reach. True when that is the end. */
static bool reach(const struct matching *m, const struct gap *g, int64_t d, int64_t *v) {
    int64_t nx = (int64_t)(g->x1 - g->x0);
    int64_t ny = (int64_t)(g->y1 - g->y0);
    for (int64_t k = -d; k <= d; k += 2) {
        int64_t x = d == 0 ? 0 : k == -d || (k != d && v[k - 1] < v[k + 1]) ? v[k + 1] : v[k - 1] + 1;
        int64_t y = x - k;
        if (x > nx || y > ny) {
            v[k] = NOWHERE;
            continue;
        }
        while (x >= 0 && y >= 0 && x < nx && y < ny && m->x[g->x0 + (size_t)x].id == m->y[g->y0 + (size_t)y].id) {
            x++, y++;
        }
        v[k] = x;
        if (x == nx && y == ny) {
            return true;
        }
    }
    return false;
}

static void shortest(struct matching *m, const struct gap *g) {
    struct arena own = ARENA_INIT;
    int64_t *trace[EDITS_MAX + 1];
    if (g->x0 == g->x1 || g->y0 == g->y1) {
        return;
    }
    int64_t *v = arena_zalloc(&own, (2 * EDITS_MAX + 3) * sizeof *v);
    int64_t *middle = v + EDITS_MAX + 1;
    for (int64_t d = 0; d <= EDITS_MAX; d++) {
        bool done = reach(m, g, d, middle);
        trace[d] = arena_alloc(&own, (size_t)(2 * d + 3) * sizeof *v);
        memcpy(trace[d], middle - d - 1, (size_t)(2 * d + 3) * sizeof *v);
        if (done) {
            walk_back(m, g, trace, d);
            break;
        }
    }
    arena_release(&own);
}

/* ---- anchors ----------------------------------------------------------------------------------------------------- */

struct anchor {
    size_t x, y;
    int64_t before; /* the one before it in the longest chain that ends here, or -1 */
};

struct seen {
    size_t in_x, in_y, x, y;
};

/* Pieces that stand once in either part, in the order of X. */
static size_t find_anchors(struct matching *m, const struct gap *g, struct arena *a, struct anchor **out) {
    uint32_t most = 0;
    size_t n = 0;
    for (size_t i = g->x0; i < g->x1; i++) {
        most = m->x[i].id > most ? m->x[i].id : most;
    }
    struct seen *seen = arena_zalloc(a, ((size_t)most + 1) * sizeof *seen);
    for (size_t i = g->x0; i < g->x1; i++) {
        seen[m->x[i].id].in_x++;
    }
    for (size_t i = g->y0; i < g->y1; i++) {
        if (m->y[i].id <= most) {
            seen[m->y[i].id].in_y++;
            seen[m->y[i].id].y = i;
        }
    }
    struct anchor *all = arena_alloc(a, (g->x1 - g->x0 + 1) * sizeof *all);
    for (size_t i = g->x0; i < g->x1; i++) {
        const struct seen *s = &seen[m->x[i].id];
        if (s->in_x == 1 && s->in_y == 1) {
            all[n++] = (struct anchor){.x = i, .y = s->y, .before = -1};
        }
    }
    *out = all;
    return n;
}

/* The longest chain of ALL with ascending y: its last member, or -1. */
static int64_t longest_chain(struct anchor *all, size_t n, struct arena *a) {
    size_t *ends = arena_alloc(a, (n + 1) * sizeof *ends); /* of the chains of length 1, 2, ... with the least y */
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        size_t low = 0;
        size_t high = count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (all[ends[middle]].y < all[i].y) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        all[i].before = low ? (int64_t)ends[low - 1] : -1;
        ends[low] = i;
        count = low == count ? count + 1 : count;
    }
    return count ? (int64_t)ends[count - 1] : -1;
}

const int64_t *diff_match(struct arena *a, const struct pieces *x, const struct pieces *y) {
    struct matching m = {.arena = a, .x = x->at, .y = y->at};
    struct gap whole = {0, x->n, 0, y->n};
    struct arena own = ARENA_INIT;
    struct anchor *all;
    m.match = arena_alloc(a, (x->n + 1) * sizeof *m.match);
    for (size_t i = 0; i < x->n; i++) {
        m.match[i] = DIFF_NONE;
    }
    trim(&m, &whole);
    size_t n = whole.x0 < whole.x1 && whole.y0 < whole.y1 ? find_anchors(&m, &whole, &own, &all) : 0;
    /* From the last anchor to the first: each bounds the gap behind it. */
    for (int64_t i = n ? longest_chain(all, n, &own) : -1; i >= 0; i = all[i].before) {
        struct gap behind = {all[i].x, whole.x1, all[i].y, whole.y1};
        trim(&m, &behind);
        shortest(&m, &behind);
        whole.x1 = all[i].x;
        whole.y1 = all[i].y;
    }
    trim(&m, &whole);
    shortest(&m, &whole);
    arena_release(&own);
    return m.match;
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

struct hunk {
    size_t x0, x1, y0, y1;
};

static void put_line(struct buf *out, char sign, const struct piece *p) {
    buf_addc(out, sign);
    buf_add(out, p->s, p->len);
    if (!p->len || p->s[p->len - 1] != '\n') {
        buf_adds(out, "\n\\ No newline at end of file\n");
    }
}

static void put_range(struct buf *out, char sign, size_t from, size_t to) {
    buf_addf(out, " %c%zu", sign, to > from ? from + 1 : from);
    if (to - from != 1) {
        buf_addf(out, ",%zu", to - from);
    }
}

static void put_hunk(struct buf *out, const struct hunk *h, const struct pieces *x, const struct pieces *y,
                     const int64_t *match) {
    size_t at = h->y0;
    buf_adds(out, "@@");
    put_range(out, '-', h->x0, h->x1);
    put_range(out, '+', h->y0, h->y1);
    buf_adds(out, " @@\n");
    for (size_t i = h->x0; i < h->x1; i++) {
        if (match[i] == DIFF_NONE) {
            put_line(out, '-', &x->at[i]);
            continue;
        }
        while (at < (size_t)match[i]) {
            put_line(out, '+', &y->at[at++]);
        }
        put_line(out, ' ', &x->at[i]);
        at++;
    }
    while (at < h->y1) {
        put_line(out, '+', &y->at[at++]);
    }
}

/* The next change from X0, Y0 on: lines of X that are gone, then lines of Y that are new. False at the end. */
static bool next_change(const struct pieces *x, const struct pieces *y, const int64_t *match, struct hunk *h) {
    while (h->x0 < x->n && match[h->x0] == (int64_t)h->y0) {
        h->x0++, h->y0++;
    }
    h->x1 = h->x0;
    while (h->x1 < x->n && match[h->x1] == DIFF_NONE) {
        h->x1++;
    }
    h->y1 = h->x1 < x->n ? (size_t)match[h->x1] : y->n;
    return h->x1 > h->x0 || h->y1 > h->y0;
}

void diff_unified(struct buf *out, const char *old, size_t old_len, const char *new, size_t new_len, size_t context) {
    struct arena a = ARENA_INIT;
    struct interner in = {.arena = &a};
    struct pieces x = diff_lines(&in, old, old_len);
    struct pieces y = diff_lines(&in, new, new_len);
    const int64_t *match = diff_match(&a, &x, &y);
    struct hunk change = {0, 0, 0, 0};
    bool more = next_change(&x, &y, match, &change);
    while (more) {
        size_t before = change.x0 < context ? change.x0 : context;
        struct hunk h = {change.x0 - before, change.x1, change.y0 - before, change.y1};
        do { /* changes whose surroundings touch are one hunk */
            h.x1 = change.x1;
            h.y1 = change.y1;
            change = (struct hunk){.x0 = change.x1, .y0 = change.y1};
            more = next_change(&x, &y, match, &change);
        } while (more && change.x0 - h.x1 <= 2 * context);
        size_t after = x.n - h.x1 < context ? x.n - h.x1 : context;
        h.x1 += after;
        h.y1 += after;
        put_hunk(out, &h, &x, &y, match);
    }
    arena_release(&a);
}
