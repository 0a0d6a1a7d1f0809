/* rank_graph.c - power iteration.
 *
 * The one idea: LexRank's table of cosines is a product of the rows of tf-idf with themselves, so a step of the
 * iteration goes over the rows twice and the table is never made: linear in the text. TextRank's is no such product.
 */
#include "compartment/helpers/rank_graph.h"

#include <lauxlib.h>
#include <math.h>

enum { STEPS_MAX = 100 };
static const double damping = 0.85, settled = 1e-7;

/* Memory that lives as long as its userdata on the stack; zeroed. */
static void *take(lua_State *L, size_t count, size_t size) {
    size_t bytes = (count ? count : 1) * size;
    char *p = lua_newuserdatauv(L, bytes, 0);
    for (size_t i = 0; i < bytes; i++) {
        p[i] = 0;
    }
    return p;
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

static void spread_pairs(const struct walk *w, void *edges, double *reached) {
    const float *table = edges;
    for (size_t i = 0; i < w->n; i++) {
        double sum = 0;
        for (size_t j = 0; j < w->n; j++) {
            sum += (double)table[i * w->n + j] * w->flow[j];
        }
        reached[i] = sum;
    }
}

/* How many different words the sentences A and B share; those of A bear MARK. */
static unsigned shared(const struct rank_doc *d, const struct rank_sentence *b, uint32_t mark) {
    unsigned count = 0;
    for (size_t t = b->first; t < b->first + b->count; t++) {
        struct rank_stem *stem = doc_stem(d, t);
        if (stem->seen == mark && !doc_form(d, t)->stop) {
            count++;
            stem->seen = mark - 1; /* once for each pair */
        }
    }
    for (size_t t = b->first; t < b->first + b->count && count; t++) {
        struct rank_stem *stem = doc_stem(d, t);
        stem->seen = stem->seen == mark - 1 ? mark : stem->seen;
    }
    return count;
}

static void fill_pairs(const struct walk *w, float *table, double *out) {
    for (size_t i = 0; i < w->n; i++) {
        const struct rank_sentence *a = doc_sentence(w->d, w->nodes[i]);
        uint32_t mark = 2 * (uint32_t)i + 2;
        for (size_t t = a->first; t < a->first + a->count; t++) {
            doc_stem(w->d, t)->seen = mark;
        }
        for (size_t j = i + 1; a->content > 1 && j < w->n; j++) {
            const struct rank_sentence *b = doc_sentence(w->d, w->nodes[j]);
            unsigned common = b->content > 1 ? shared(w->d, b, mark) : 0;
            double weight = common ? common / (log((double)a->content) + log((double)b->content)) : 0;
            table[i * w->n + j] = table[j * w->n + i] = (float)weight;
            out[i] += weight;
            out[j] += weight;
        }
    }
}

int graph_textrank(lua_State *L) {
    struct walk w = begin(L, TEXTRANK_SENTENCES);
    float *table = take(L, w.n * w.n, sizeof *table);
    double *out = take(L, w.n, sizeof *out);
    for (size_t i = 0; i < w.d->stems.items.count; i++) {
        ((struct rank_stem *)w.d->stems.items.data)[i].seen = 0;
    }
    fill_pairs(&w, table, out);
    w.out = out;
    return iterate(L, &w, spread_pairs, table);
}

/* ---- LexRank --------------------------------------------------------------------------------------------------- */

/* Rows of tf-idf of length 1, one value for each token; a word that comes twice has two values, which add up. */
struct rows {
    double *values; /* by token */
    double *sum;    /* by stem */
    const bool *empty;
};

/* REACHED[j] = sum over i of cosine(i, j) FLOW[i], without i = j. */
static void spread_rows(const struct walk *w, void *edges, double *reached) {
    const struct rows *rows = edges;
    const struct rank_doc *d = w->d;
    for (size_t i = 0; i < d->stems.items.count; i++) {
        rows->sum[i] = 0;
    }
    for (size_t i = 0; i < w->n; i++) {
        const struct rank_sentence *s = doc_sentence(d, w->nodes[i]);
        for (size_t t = s->first; t < s->first + s->count; t++) {
            rows->sum[doc_form(d, t)->stem] += rows->values[t] * w->flow[i];
        }
    }
    for (size_t i = 0; i < w->n; i++) {
        const struct rank_sentence *s = doc_sentence(d, w->nodes[i]);
        double value = rows->empty[i] ? 0 : -w->flow[i];
        for (size_t t = s->first; t < s->first + s->count; t++) {
            value += rows->values[t] * rows->sum[doc_form(d, t)->stem];
        }
        reached[i] = fmax(0, value);
    }
}

/* The values of the row of S; false where it has none. */
static bool fill_row(const struct rank_doc *d, const struct rank_sentence *s, double *values) {
    double squares = 0;
    for (size_t t = s->first; t < s->first + s->count; t++) {
        doc_stem(d, t)->sum = 0;
    }
    for (size_t t = s->first; t < s->first + s->count; t++) {
        struct rank_stem *stem = doc_stem(d, t);
        values[t] = doc_form(d, t)->stop ? 0 : stem->weight;
        squares += values[t] * values[t] + 2 * values[t] * stem->sum;
        stem->sum += values[t];
    }
    for (size_t t = s->first; squares > 0 && t < s->first + s->count; t++) {
        values[t] /= sqrt(squares);
    }
    return squares > 0;
}

int graph_lexrank(lua_State *L) {
    struct walk w = begin(L, SIZE_MAX);
    bool *empty = take(L, w.n, sizeof *empty);
    struct rows rows = {.values = take(L, w.d->tokens.count, sizeof(double)),
                        .sum = take(L, w.d->stems.items.count, sizeof(double)),
                        .empty = empty};
    double *out = take(L, w.n, sizeof *out);
    for (size_t i = 0; i < w.n; i++) {
        empty[i] = !fill_row(w.d, doc_sentence(w.d, w.nodes[i]), rows.values);
        w.flow[i] = 1;
    }
    spread_rows(&w, &rows, out);
    w.out = out;
    return iterate(L, &w, spread_rows, &rows);
}
