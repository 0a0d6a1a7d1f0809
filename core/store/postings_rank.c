/* postings_rank.c - the best documents from lists in memory.
 *
 * The one idea: lists are in the order of n, so AND walks along the shortest and skips in the others, and OR merges; for
 * each document that matches, the score is added up in the order and with the very operations of a scan, so that both
 * agree to the last bit, and so does the order of equal ones.
 */
#include "store/postings_priv.h"

enum { LEAVES = 16 };

struct operands {
    size_t count;
    bool any; /* OR */
    struct postings *lists[LEAVES];
    size_t at[LEAVES];
    double idf[LEAVES];
    double average;
    const double *weights;
};

/* As a scan adds them up, occurrence by occurrence: the last bit counts where scores are equal. */
static double weighed(const double *weights, const struct posting *p) {
    double seen = 0.0;
    for (int i = 0; i < RANK_COLUMNS; i++) {
        for (int k = 0; k < p->seen[i]; k++) {
            seen += weights[i];
        }
    }
    return seen;
}

/* The first place of LIST from AT on whose n is not below N: in growing steps, then by halves. */
static size_t skip_to(const struct postings *list, size_t at, uint32_t n) {
    size_t low = at;
    size_t high = at;
    for (size_t step = 1; high < list->count && list->list[high].n < n; step *= 2) {
        low = high + 1;
        high += step;
    }
    high = high < list->count ? high : list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->list[middle].n < n) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void offer(struct operands *o, uint32_t n, struct rank_top *top) {
    double score = 0.0;
    size_t found = 0;
    for (size_t i = 0; i < o->count; i++) {
        const struct postings *l = o->lists[i];
        if (o->at[i] < l->count && l->list[o->at[i]].n == n) {
            const struct posting *p = &l->list[o->at[i]];
            score += rank_share(o->idf[i], weighed(o->weights, p), p->length, o->average);
            found++;
        }
    }
    if (o->any || found == o->count) {
        rank_offer(top, score, n);
    }
}

static void rank_all(struct operands *o, struct rank_top *top) {
    size_t lead = 0;
    for (size_t i = 1; i < o->count; i++) {
        lead = o->lists[i]->count < o->lists[lead]->count ? i : lead;
    }
    const struct postings *l = o->lists[lead];
    for (size_t k = 0; k < l->count; k++) {
        for (size_t i = 0; i < o->count; i++) {
            o->at[i] = i == lead ? k : skip_to(o->lists[i], o->at[i], l->list[k].n);
        }
        offer(o, l->list[k].n, top);
    }
}

static void rank_any(struct operands *o, struct rank_top *top) {
    for (;;) {
        uint64_t next = UINT64_MAX;
        for (size_t i = 0; i < o->count; i++) {
            bool more = o->at[i] < o->lists[i]->count;
            next = more && o->lists[i]->list[o->at[i]].n < next ? o->lists[i]->list[o->at[i]].n : next;
        }
        if (next == UINT64_MAX) {
            return;
        }
        offer(o, (uint32_t)next, top);
        for (size_t i = 0; i < o->count; i++) {
            o->at[i] += o->at[i] < o->lists[i]->count && o->lists[i]->list[o->at[i]].n == next;
        }
    }
}

/* The words of Q, which are joined by NODE alone; false where that is not so, or there are too many. */
static bool flat(const struct query *q, enum query_node node, const struct query **leaves, size_t *count) {
    if (q->node == node && (node == QUERY_AND || node == QUERY_OR)) {
        return flat(q->left, node, leaves, count) && flat(q->right, node, leaves, count);
    }
    if (q->node == QUERY_AND || q->node == QUERY_OR || *count == LEAVES) {
        return false;
    }
    leaves[(*count)++] = q;
    return true;
}

static int take_lists(struct postings_cache *c, struct db *db, const struct query **leaves, size_t count,
                      const struct index_state *state, struct operands *o, struct err *err) {
    int rc = 0;
    bool all = true;
    for (size_t i = 0; i < count && !rc; i++) {
        struct buf expression = BUF_INIT;
        query_match(&expression, leaves[i]);
        rc = postings_of(c, db, expression.data, state->stamp, &o->lists[i], err);
        buf_release(&expression);
        all = all && o->lists[i];
        o->idf[i] = o->lists[i] ? rank_idf(state->rows, (int64_t)o->lists[i]->count) : 0.0;
    }
    o->count = count;
    return rc ? rc : all;
}

int postings_rank(struct postings_cache *c, struct db *db, const struct query_sql *qs,
                  const double weights[RANK_COLUMNS], struct rank_top *top, struct err *err) {
    const struct query *leaves[LEAVES];
    size_t count = 0;
    struct index_state state;
    struct operands o = {.weights = weights};
    if (!query_is_plain(qs) || !qs->tree || !flat(qs->tree, qs->tree->node, leaves, &count)) {
        return 0;
    }
    int rc = index_state_read(db, &state, err);
    if (rc) {
        return rc;
    }
    rc = take_lists(c, db, leaves, count, &state, &o, err);
    if (rc == 1 && count > 0 && o.lists[0]) {
        o.any = qs->tree->node == QUERY_OR;
        o.average = state.rows > 0 && state.tokens > 0 ? (double)state.tokens / (double)state.rows : 1.0;
        (o.any ? rank_any : rank_all)(&o, top);
        rank_sort(top);
    }
    for (size_t i = 0; i < count; i++) {
        if (o.lists[i]) {
            postings_give_back(c, o.lists[i]);
        }
    }
    return rc;
}
