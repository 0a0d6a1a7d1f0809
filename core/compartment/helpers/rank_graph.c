/* rank_graph.c - power iteration.
 *
 * The one idea: LexRank's table of cosines is a product of the rows of tf-idf with themselves, so a step of the
 * iteration goes over the rows twice and the table is never made: linear in the text. TextRank's is no such product:
 * there the edges are kept.
 */
#include "compartment/helpers/rank_graph.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

enum { STEPS_MAX = 100 };
static const double damping = 0.85, settled = 1e-6;

/* Memory that lives as long as its userdata on the stack; zeroed. */
static void *take(lua_State *L, size_t count, size_t size) {
    size_t bytes = (count ? count : 1) * size;
    return memset(lua_newuserdatauv(L, bytes, 0), 0, bytes);
}

struct walk {
    const struct rank_doc *d;
    size_t n;              /* sentences that take part */
    const uint32_t *nodes; /* their numbers */
    double *rank, *flow;   /* flow: rank by what goes out, what each edge multiplies */
    const double *out;     /* sum of the edges of each */
};

/* What reaches each node when each sends FLOW along its edges. */
typedef void spread_fn(const struct walk *w, void *edges, double *reached);

/* Push the list of ranks by sentence. */
static int iterate(lua_State *L, struct walk *w, spread_fn *spread, void *edges) {
    double *reached = take(L, w->n, sizeof *reached), moved = 1;
    for (size_t i = 0; i < w->n; i++) {
        w->rank[i] = 1.0 / (double)w->n;
    }
    for (int step = 0; step < STEPS_MAX && moved > settled; step++) {
        double lost = 0;
        for (size_t i = 0; i < w->n; i++) {
            w->flow[i] = w->out[i] > 1e-9 ? w->rank[i] / w->out[i] : 0;
            lost += w->out[i] > 1e-9 ? 0 : w->rank[i];
        }
        spread(w, edges, reached);
        moved = 0;
        for (size_t i = 0; i < w->n; i++) {
            double now = (1 - damping + damping * lost) / (double)w->n + damping * reached[i];
            moved += fabs(now - w->rank[i]);
            w->rank[i] = now;
        }
    }
    lua_createtable(L, (int)w->d->sentences.count, 0);
    for (size_t i = 0, node = 0; i < w->d->sentences.count; i++) {
        bool in = node < w->n && w->nodes[node] == i;
        lua_pushnumber(L, in ? w->rank[node] : 0);
        node += in;
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static struct walk begin(lua_State *L, size_t most) {
    struct walk w = {.d = luaL_checkudata(L, 1, RANK_DOC)};
    uint32_t *nodes = take(L, w.d->sentences.count, sizeof *nodes);
    for (size_t i = 0; i < w.d->sentences.count && w.n < most; i++) {
        if (doc_live(doc_sentence(w.d, i))) {
            nodes[w.n++] = (uint32_t)i;
        }
    }
    w.nodes = nodes;
    w.rank = take(L, w.n, sizeof *w.rank);
    w.flow = take(L, w.n, sizeof *w.flow);
    return w;
}

/* ---- TextRank -------------------------------------------------------------------------------------------------- */

struct edge {
    uint32_t to; /* behind the one it is kept with */
    float weight;
};
/* The edges of node i: [first[i], first[i + 1]). */
struct edges {
    struct pool pool;
    size_t *first;
};

static void spread_edges(const struct walk *w, void *from, double *reached) {
    const struct edges *edges = from;
    const struct edge *list = edges->pool.data;
    for (size_t i = 0; i < w->n; i++) {
        reached[i] = 0;
    }
    for (size_t i = 0; i < w->n; i++) {
        double sum = 0, flow = w->flow[i];
        for (size_t e = edges->first[i]; e < edges->first[i + 1]; e++) {
            sum += (double)list[e].weight * w->flow[list[e].to];
            reached[list[e].to] += (double)list[e].weight * flow;
        }
        reached[i] += sum;
    }
}

/* The different words of each node that are no stop words, in one array: those of node i are [first[i], first[i + 1]). */
struct word_lists {
    uint32_t *words, *marks; /* marks: by stem */
    size_t *first;
    double *logs; /* of the number of words, repeated ones too */
};

static struct word_lists list_words(lua_State *L, const struct walk *w) {
    const struct rank_doc *d = w->d;
    struct word_lists l = {.words = take(L, d->tokens.count, sizeof *l.words),
                           .marks = take(L, d->stems.items.count, sizeof *l.marks),
                           .first = take(L, w->n + 1, sizeof *l.first),
                           .logs = take(L, w->n, sizeof *l.logs)};
    size_t count = 0;
    for (size_t i = 0; i < w->n; i++) {
        const struct rank_sentence *s = doc_sentence(d, w->nodes[i]);
        l.first[i] = count;
        l.logs[i] = s->content > 1 ? log((double)s->content) : 0;
        for (size_t t = s->first; t < s->first + s->count; t++) {
            uint32_t stem = doc_form(d, t)->stem;
            if (!doc_form(d, t)->stop && l.marks[stem] != i + 1) {
                l.marks[stem] = (uint32_t)i + 1;
                l.words[count++] = stem;
            }
        }
    }
    l.first[w->n] = count;
    return l;
}

/* How many words of node J bear MARK. */
static unsigned shared(const struct word_lists *l, size_t j, uint32_t mark) {
    unsigned count = 0;
    for (size_t k = l->first[j]; k < l->first[j + 1]; k++) {
        count += l->marks[l->words[k]] == mark;
    }
    return count;
}

static void connect(lua_State *L, const struct walk *w, const struct word_lists *l, struct edges *edges, double *out) {
    int owner = lua_gettop(L);
    for (size_t i = 0; i < w->n; i++) {
        uint32_t mark = UINT32_MAX - (uint32_t)i;
        edges->first[i] = edges->pool.count;
        for (size_t k = l->first[i]; k < l->first[i + 1]; k++) {
            l->marks[l->words[k]] = mark;
        }
        for (size_t j = i + 1; l->logs[i] > 0 && j < w->n; j++) {
            unsigned common = l->logs[j] > 0 ? shared(l, j, mark) : 0;
            if (common) {
                double weight = common / (l->logs[i] + l->logs[j]);
                struct edge *e = pool_push(L, owner, 1, &edges->pool, 1, sizeof *e);
                *e = (struct edge){(uint32_t)j, (float)weight};
                out[i] += weight;
                out[j] += weight;
            }
        }
    }
    edges->first[w->n] = edges->pool.count;
}

int graph_textrank(lua_State *L) {
    struct walk w = begin(L, TEXTRANK_SENTENCES);
    struct word_lists words = list_words(L, &w);
    double *out = take(L, w.n, sizeof *out);
    struct edges edges = {.first = take(L, w.n + 1, sizeof *edges.first)};
    lua_newuserdatauv(L, 0, 1); /* holds the pool */
    connect(L, &w, &words, &edges, out);
    w.out = out;
    return iterate(L, &w, spread_edges, &edges);
}

/* ---- LexRank --------------------------------------------------------------------------------------------------- */

/* Rows of tf-idf of length 1: for node i the stems [first[i], first[i + 1]) and their values. A word that comes twice has
 * two values, which add up. */
struct rows {
    struct cell {
        uint32_t stem;
        double value;
    } * cells;
    size_t *first;
    double *sum; /* by stem */
};

/* REACHED[j] = sum over i of cosine(i, j) FLOW[i], without i = j. */
static void spread_rows(const struct walk *w, void *edges, double *reached) {
    const struct rows *rows = edges;
    memset(rows->sum, 0, w->d->stems.items.count * sizeof *rows->sum);
    for (size_t i = 0; i < w->n; i++) {
        double flow = w->flow[i];
        for (size_t k = rows->first[i]; k < rows->first[i + 1]; k++) {
            rows->sum[rows->cells[k].stem] += rows->cells[k].value * flow;
        }
    }
    for (size_t i = 0; i < w->n; i++) {
        double value = rows->first[i] < rows->first[i + 1] ? -w->flow[i] : 0;
        for (size_t k = rows->first[i]; k < rows->first[i + 1]; k++) {
            value += rows->cells[k].value * rows->sum[rows->cells[k].stem];
        }
        reached[i] = fmax(0, value);
    }
}

/* The cells of the row of S at CELLS; how many they are. */
static size_t fill_row(const struct rank_doc *d, const struct rank_sentence *s, struct cell *cells) {
    double squares = 0;
    size_t count = 0;
    for (size_t t = s->first; t < s->first + s->count; t++) {
        doc_stem(d, t)->sum = 0;
    }
    for (size_t t = s->first; t < s->first + s->count; t++) {
        struct rank_stem *stem = doc_stem(d, t);
        if (!doc_form(d, t)->stop && stem->weight > 0) {
            squares += stem->weight * stem->weight + 2 * stem->weight * stem->sum;
            stem->sum += stem->weight;
            cells[count++] = (struct cell){doc_form(d, t)->stem, stem->weight};
        }
    }
    for (size_t k = 0; k < count; k++) {
        cells[k].value /= sqrt(squares);
    }
    return count;
}

int graph_lexrank(lua_State *L) {
    struct walk w = begin(L, SIZE_MAX);
    struct rows rows = {.cells = take(L, w.d->tokens.count, sizeof *rows.cells),
                        .first = take(L, w.n + 1, sizeof *rows.first),
                        .sum = take(L, w.d->stems.items.count, sizeof *rows.sum)};
    double *out = take(L, w.n, sizeof *out);
    for (size_t i = 0; i < w.n; i++) {
        rows.first[i + 1] = rows.first[i] + fill_row(w.d, doc_sentence(w.d, w.nodes[i]), rows.cells + rows.first[i]);
        w.flow[i] = 1;
    }
    spread_rows(&w, &rows, out);
    w.out = out;
    return iterate(L, &w, spread_rows, &rows);
}
