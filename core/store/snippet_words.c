/* snippet_words.c - where a query's words are in a text, and the stretch of it that shows most of them.
 *
 * The one idea: the text goes once through the index's own tokenizer, stemmer and all, and its words are compared with
 * those of the query, so that what is marked is what the index matched, without asking the index again. The best window
 * has the most different words of the query, then the most of them, then comes first.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/query_priv.h"
#include "store/snippet.h"

enum { PATTERNS = 32, WORDS = 96, SPANS = 2048, WORD_BYTES = 64, WINDOW = SNIPPET_BYTES * 2 / 3 };

/* A word, a phrase or a prefix: so many words in a row; the last may be the start of one. */
struct pattern {
    size_t first, count;
    bool prefix;
    size_t reached; /* words of it that the text has just had */
    size_t began;   /* where in the text the first of those is */
};

struct span {
    size_t start, end;
    int pattern;
};

struct words {
    struct pattern patterns[PATTERNS];
    size_t npatterns;
    struct {
        char text[2][WORD_BYTES]; /* its stem and itself: either will do */
        size_t len[2];
    } words[WORDS];
    size_t nwords;
    struct span spans[SPANS];
    size_t nspans;
};

struct snippet_words {
    fts5_tokenizer tokenizer;
    Fts5Tokenizer *made;
    struct words w;
};

/* ---- the query --------------------------------------------------------------------------------------------------- */

static int add_word(void *context, int flags, const char *token, int n, int start, int end) {
    struct words *w = context;
    bool itself = flags & FTS5_TOKEN_COLOCATED;
    (void)start, (void)end;
    if (w->nwords == (itself ? 0 : WORDS)) {
        return SQLITE_DONE;
    }
    size_t len = (size_t)n < WORD_BYTES ? (size_t)n : WORD_BYTES;
    w->nwords += !itself;
    w->patterns[w->npatterns].count += !itself;
    for (int i = itself; i < 2; i++) {
        memcpy(w->words[w->nwords - 1].text[i], token, len);
        w->words[w->nwords - 1].len[i] = len;
    }
    return SQLITE_OK;
}

static void add_pattern(struct snippet_words *s, const struct query *q) {
    struct words *w = &s->w;
    if (w->npatterns == PATTERNS) {
        return;
    }
    struct pattern *p = &w->patterns[w->npatterns];
    *p = (struct pattern){.first = w->nwords, .prefix = q->node == QUERY_PREFIX};
    int flags = FTS5_TOKENIZE_QUERY | (p->prefix ? FTS5_TOKENIZE_PREFIX : 0);
    s->tokenizer.xTokenize(s->made, w, flags, q->text, (int)strnlen(q->text, 1 << 20), add_word);
    w->npatterns += p->count > 0;
}

static void add_patterns(struct snippet_words *s, const struct query *q) {
    switch (q->node) {
    case QUERY_AND:
    case QUERY_OR:
        add_patterns(s, q->left);
        add_patterns(s, q->right);
        break;
    case QUERY_WORD:
    case QUERY_PHRASE:
    case QUERY_PREFIX:
        add_pattern(s, q);
        break;
    default:
        break;
    }
}

struct snippet_words *snippet_words_new(struct db *db, const struct query *q) {
    struct snippet_words *s = mem_alloc(sizeof *s);
    if (!query_tokenizer(db, &s->tokenizer, &s->made)) {
        mem_free(s);
        return NULL;
    }
    add_patterns(s, q);
    return s;
}

void snippet_words_free(struct snippet_words *s) {
    if (s) {
        s->tokenizer.xDelete(s->made);
        mem_free(s);
    }
}

/* ---- the text ---------------------------------------------------------------------------------------------------- */

static bool fits(const struct words *w, const struct pattern *p, size_t at, const char *token, size_t n) {
    bool prefix = p->prefix && at + 1 == p->count;
    for (int i = 0; i < 2; i++) {
        size_t len = w->words[p->first + at].len[i];
        if ((prefix ? n >= len : n == len) && memcmp(token, w->words[p->first + at].text[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static int match_word(void *context, int flags, const char *token, int n, int start, int end) {
    struct words *w = context;
    if (flags & FTS5_TOKEN_COLOCATED) {
        return SQLITE_OK;
    }
    size_t len = (size_t)n < WORD_BYTES ? (size_t)n : WORD_BYTES;
    for (size_t i = 0; i < w->npatterns; i++) {
        struct pattern *p = &w->patterns[i];
        bool goes_on = p->reached > 0 && fits(w, p, p->reached, token, len);
        if (!goes_on) {
            p->reached = 0;
            p->began = (size_t)start;
        }
        if (goes_on || fits(w, p, 0, token, len)) {
            p->reached++;
        }
        if (p->reached == p->count) {
            p->reached = 0;
            if (w->nspans == SPANS) {
                return SQLITE_DONE;
            }
            w->spans[w->nspans++] = (struct span){p->began, (size_t)end, (int)i};
        }
    }
    return SQLITE_OK;
}

static int by_start(const void *x, const void *y) {
    const struct span *a = x;
    const struct span *b = y;
    return a->start != b->start ? (a->start > b->start) - (a->start < b->start) : (a->end < b->end) - (a->end > b->end);
}

/* The span at which the window that shows the most starts. */
static size_t best_span(const struct words *w) {
    size_t inside[PATTERNS] = {0};
    size_t best = 0;
    size_t different = 0;
    size_t most = 0;
    for (size_t first = 0, behind = 0; first < w->nspans; first++) {
        for (; behind < w->nspans && w->spans[behind].start <= w->spans[first].start + WINDOW; behind++) {
            different += inside[w->spans[behind].pattern]++ == 0;
        }
        size_t value = different * SPANS + (behind - first);
        if (value > most) {
            most = value;
            best = first;
        }
        different -= --inside[w->spans[first].pattern] == 0;
    }
    return best;
}

bool snippet_of_words(struct snippet *out, struct snippet_words *s, const char *text, size_t n) {
    struct words *w = &s->w;
    struct snippet_range ranges[SPANS];
    w->nspans = 0;
    for (size_t i = 0; i < w->npatterns; i++) {
        w->patterns[i].reached = 0;
    }
    s->tokenizer.xTokenize(s->made, w, FTS5_TOKENIZE_DOCUMENT, text, (int)(n < INT32_MAX ? n : INT32_MAX), match_word);
    size_t mark = n && text[0] == TOKENIZER_PLAIN; /* is not shown */
    qsort(w->spans, w->nspans, sizeof w->spans[0], by_start);
    for (size_t i = 0; i < w->nspans; i++) {
        ranges[i] = (struct snippet_range){w->spans[i].start - mark, w->spans[i].end - mark};
    }
    snippet_window(out, text + mark, n - mark, w->nspans ? ranges[best_span(w)].start : 0, ranges, w->nspans);
    return w->nspans > 0;
}
