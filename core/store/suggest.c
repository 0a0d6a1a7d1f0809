/* suggest.c - words of the index: near ones for words that are nowhere, telling ones for a document.
 *
 * The one idea: the index's vocabulary is a table of stems with the number of their documents (fts5vocab). What is
 * shown is never a stem: one document that has it is read, and the word taken as it stands there. Looking for near
 * words goes from the likely (the same start) to the rest, and ends after a fixed time wherever it is.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "store/objects_priv.h"
#include "store/query_priv.h"
#include "store/read_priv.h"

enum { BUDGET_US = 40000, WORDS_MAX = 8, WORD_BYTES = 64, TERMS_MAX = 100, LOOKED_UP = 160, TEXT_MAX = 512 * 1024 };

struct wordlist {
    struct reader *r;
    struct arena *arena;
    struct err *err;
    fts5_tokenizer tokenizer;
    Fts5Tokenizer *made;
};

/* A reader may write nothing, not even a table of its own; this one is gone with the connection. */
static int open_wordlist(struct wordlist *w) {
    static const char sql[] = "PRAGMA query_only = OFF;"
                              "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, fts, row);"
                              "PRAGMA query_only = ON";
    int rc = db_ready(&w->r->db, w->err);
    rc = rc ? rc : db_exec(&w->r->db, sql, w->err);
    if (!rc && !query_tokenizer(&w->r->db, &w->tokenizer, &w->made)) {
        rc = err_set(w->err, E_INTERNAL, "the index has no tokenizer");
    }
    return rc;
}

static void close_wordlist(struct wordlist *w) {
    if (w->made) {
        w->tokenizer.xDelete(w->made);
    }
}

/* ---- stems ------------------------------------------------------------------------------------------------------- */

struct stem {
    char text[WORD_BYTES], word[WORD_BYTES]; /* and what it is the stem of: so it stands in other languages */
    size_t len, count;
};

static int take_stem(void *context, int flags, const char *token, int n, int start, int end) {
    struct stem *s = context;
    (void)start, (void)end;
    if (flags & FTS5_TOKEN_COLOCATED && s->count == 1 && n > 0 && n < WORD_BYTES) {
        memcpy(s->word, token, (size_t)n);
    }
    if (!(flags & FTS5_TOKEN_COLOCATED) && s->count++ == 0 && n > 0 && n < WORD_BYTES) {
        memcpy(s->text, token, (size_t)n);
        s->len = (size_t)n;
    }
    return SQLITE_OK;
}

/* The stem of TEXT; false where it is not one word. */
static bool stem_of(struct wordlist *w, const char *text, struct stem *s) {
    memset(s, 0, sizeof *s);
    w->tokenizer.xTokenize(w->made, s, FTS5_TOKENIZE_QUERY, text, (int)strnlen(text, 4096), take_stem);
    return s->count == 1 && s->len > 0;
}

/* Documents that have the stem. */
static int documents_with(struct wordlist *w, const char *stem, int64_t *count) {
    sqlite3_stmt *st = db_sql(&w->r->db, "SELECT doc FROM temp.vocabulary WHERE term = ?1", w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_str(st, 1, stem);
    int rc = db_step(&w->r->db, st, w->err);
    *count = rc == 1 ? col_int(st, 0) : 0;
    db_done(&w->r->db, st);
    return rc < 0 ? rc : 0;
}

/* ---- a stem as a word -------------------------------------------------------------------------------------------- */

static const char *small(struct arena *a, const char *s, size_t n) {
    char *word = arena_dup(a, s, n);
    for (char *p = word; *p; p++) {
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    }
    return word;
}

struct sought {
    const char *stem;
    size_t len;
    int start, end; /* in the text; end 0: not yet */
};

static int seek_stem(void *context, int flags, const char *token, int n, int start, int end) {
    struct sought *s = context;
    (void)flags;
    if ((size_t)n == s->len && memcmp(token, s->stem, s->len) == 0) {
        s->start = start;
        s->end = end;
        return SQLITE_DONE;
    }
    return SQLITE_OK;
}

/* The word with this stem as a document has it, in small letters; the stem itself where none can be read. */
static int word_of(struct wordlist *w, const char *stem, const char **out) {
    *out = stem;
    struct sought s = {.stem = stem, .len = strlen(stem)};
    static const char sql[] =
        "SELECT d.title || char(10) || d.speakers || char(10) || d.tags || char(10) || d.body FROM doc d WHERE d.n = "
        "(SELECT rowid FROM fts WHERE fts MATCH ?1 LIMIT 1)";
    sqlite3_stmt *st = db_sql(&w->r->db, sql, w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    struct buf quoted = BUF_INIT;
    buf_addf(&quoted, "\"%s\"", stem); /* a token has no quote in it */
    bind_str(st, 1, quoted.data);
    int rc = db_step(&w->r->db, st, w->err);
    if (rc == 1) {
        size_t n;
        const char *text = col_text(st, 0, &n);
        w->tokenizer.xTokenize(w->made, &s, FTS5_TOKENIZE_DOCUMENT, text, (int)(n < TEXT_MAX ? n : TEXT_MAX),
                               seek_stem);
        if (s.end > s.start) {
            *out = small(w->arena, text + s.start, (size_t)(s.end - s.start));
        }
    }
    db_done(&w->r->db, st);
    buf_release(&quoted);
    return rc < 0 ? rc : 0;
}

/* ---- near words -------------------------------------------------------------------------------------------------- */

struct nearest {
    const char *stem;
    unsigned limit, distance;
    int64_t documents;
    char text[WORD_BYTES];
    uint64_t deadline;
};

static void consider(struct nearest *near, const char *term, size_t n, int64_t documents) {
    size_t len = strlen(near->stem);
    if (n >= WORD_BYTES || n + near->limit < len || n > len + near->limit) {
        return;
    }
    unsigned d = text_distance(near->stem, term, near->limit);
    if (d > near->limit || d == 0 || d > near->distance || (d == near->distance && documents <= near->documents)) {
        return;
    }
    near->distance = d;
    near->documents = documents;
    memcpy(near->text, term, n + 1);
}

/* Terms that start as STEM does in its first N bytes; all where N is 0. */
static int look_among(struct wordlist *w, struct nearest *near, size_t n) {
    static const char sql[] = "SELECT term, doc FROM temp.vocabulary WHERE term >= ?1 AND term < ?2";
    char low[WORD_BYTES] = "", high[WORD_BYTES + 4];
    sqlite3_stmt *st = db_sql(&w->r->db, sql, w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    memcpy(low, near->stem, n);
    snprintf(high, sizeof high, "%s\xf4\x8f\xbf\xbf", low);
    bind_str(st, 1, low);
    bind_str(st, 2, high);
    int rc;
    for (int i = 0; (rc = db_step(&w->r->db, st, w->err)) == 1; i++) {
        size_t len;
        const char *term = col_text(st, 0, &len);
        consider(near, term, len, col_int(st, 1));
        if (i % 64 == 63 && clock_mono_us() > near->deadline) {
            break;
        }
    }
    db_done(&w->r->db, st);
    return rc < 0 ? rc : 0;
}

/* *WORD: the nearest word to Q's that is in the index; NULL where Q's is, or none is near. */
static int nearest_word(struct wordlist *w, const struct query *q, uint64_t deadline, const char **word) {
    struct stem s;
    int64_t documents = 0;
    *word = NULL;
    if (!stem_of(w, q->text, &s) || s.len < 3) {
        return 0;
    }
    int rc = documents_with(w, s.text, &documents);
    rc = rc || documents || !s.word[0] ? rc : documents_with(w, s.word, &documents);
    if (rc || documents) {
        return rc;
    }
    struct nearest near = {.stem = s.text, .limit = s.len < 5 ? 1 : 2, .deadline = deadline};
    near.distance = near.limit;
    for (int n = 2; n >= 0 && !rc && !near.text[0]; n--) {
        rc = n == 2 || clock_mono_us() < deadline ? look_among(w, &near, (size_t)n) : 0;
    }
    return rc || !near.text[0] ? rc : word_of(w, arena_dup(w->arena, near.text, strlen(near.text)), word);
}

static void collect_words(const struct query *q, const struct query **words, size_t *count) {
    if (q->node == QUERY_AND || q->node == QUERY_OR) {
        collect_words(q->left, words, count);
        collect_words(q->right, words, count);
    } else if ((q->node == QUERY_WORD || q->node == QUERY_FIELD) && *count < WORDS_MAX) {
        words[(*count)++] = q;
    }
}

static int suggest(struct wordlist *w, const char *text, struct value *out) {
    const struct query *words[WORDS_MAX];
    size_t count = 0;
    size_t at = 0;
    bool changed = false;
    int rc = 0;
    struct buf better = BUF_INIT;
    uint64_t deadline = clock_mono_us() + BUDGET_US;
    collect_words(query_parse(w->arena, text, strlen(text)), words, &count);
    for (size_t i = 0; i < count && !rc; i++) {
        const char *word;
        bool field = words[i]->node == QUERY_FIELD;
        const struct query *value = field ? words[i]->left : words[i];
        size_t quote = value->node == QUERY_PHRASE;
        size_t n = strlen(value->text);
        rc = field ? suggest_value(w->r, words[i], w->arena, deadline, &word, w->err)
                   : nearest_word(w, words[i], deadline, &word);
        if (!rc && word && strncmp(text + value->column + quote, value->text, n) == 0) {
            buf_add(&better, text + at, value->column - at);
            buf_adds(&better, word);
            at = value->column + n + 2 * quote;
            changed = true;
        }
    }
    buf_adds(&better, text + at);
    *out = changed && !rc ? value_strn(w->arena, better.data, better.len) : value_nil;
    buf_release(&better);
    return rc;
}

int read_suggest(struct reader *r, const char *query, struct arena *a, struct value *out, struct err *err) {
    struct wordlist w = {.r = r, .arena = a, .err = err};
    *out = value_nil;
    int rc = open_wordlist(&w);
    rc = rc ? rc : reading_begin(r, err);
    rc = rc ? rc : suggest(&w, query, out);
    reading_end(r);
    close_wordlist(&w);
    return rc;
}

/* ---- telling words ----------------------------------------------------------------------------------------------- */

struct term {
    const char *stem, *word;
    size_t len;
    int64_t count, documents;
    double weight;
};

struct bag {
    struct arena *arena;
    const char *text;
    struct term *table; /* by hash, CAP places */
    size_t cap, used;
};

static struct term *place_of(struct bag *b, const char *stem, size_t len) {
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)stem[i]) * 0x100000001b3u;
    }
    size_t at = (size_t)(h >> 20) % b->cap;
    while (b->table[at].stem && (b->table[at].len != len || memcmp(b->table[at].stem, stem, len) != 0)) {
        at = (at + 1) % b->cap;
    }
    return &b->table[at];
}

static void grow(struct bag *b) {
    struct bag old = *b;
    b->cap = old.cap ? old.cap * 2 : 512;
    b->table = arena_zalloc(b->arena, b->cap * sizeof *b->table);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.table[i].stem) {
            *place_of(b, old.table[i].stem, old.table[i].len) = old.table[i];
        }
    }
}

static int count_term(void *context, int flags, const char *token, int n, int start, int end) {
    struct bag *b = context;
    if (flags & FTS5_TOKEN_COLOCATED || n < 3 || n >= WORD_BYTES) {
        return SQLITE_OK;
    }
    if (b->used * 2 >= b->cap) {
        grow(b);
    }
    struct term *t = place_of(b, token, (size_t)n);
    if (!t->stem) {
        t->stem = arena_dup(b->arena, token, (size_t)n);
        t->word = small(b->arena, b->text + start, (size_t)(end - start));
        t->len = (size_t)n;
        b->used++;
    }
    t->count++;
    return SQLITE_OK;
}

static int by_count(const void *x, const void *y) {
    const struct term *a = x;
    const struct term *b = y;
    int d = (a->count < b->count) - (a->count > b->count);
    return d ? d : strcmp(a->stem ? a->stem : "", b->stem ? b->stem : "");
}

static int by_weight(const void *x, const void *y) {
    const struct term *a = x;
    const struct term *b = y;
    int d = (a->weight < b->weight) - (a->weight > b->weight);
    return d ? d : strcmp(a->stem, b->stem);
}

/* All documents of N: its own, or for a talk those of its notes. */
static int count_words(struct wordlist *w, int64_t n, struct bag *bag) {
    static const char sql[] =
        "SELECT d.title || char(10) || d.tags || char(10) || d.body FROM doc d WHERE d.n IN (SELECT "
        "?1 UNION SELECT note FROM note_talk WHERE talk = ?1)";
    sqlite3_stmt *st = db_sql(&w->r->db, sql, w->err);
    if (!st || !w->tokenizer.xTokenize) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, n);
    int rc;
    while ((rc = db_step(&w->r->db, st, w->err)) == 1) {
        size_t len;
        bag->text = col_text(st, 0, &len);
        w->tokenizer.xTokenize(w->made, bag, FTS5_TOKENIZE_DOCUMENT, bag->text, (int)(len < TEXT_MAX ? len : TEXT_MAX),
                               count_term);
    }
    db_done(&w->r->db, st);
    return rc;
}

static int weigh(struct wordlist *w, struct bag *bag, size_t *count) {
    int64_t all = 0;
    size_t kept = 0;
    uint64_t deadline = clock_mono_us() + BUDGET_US;
    int rc = db_int(&w->r->db, "SELECT count(*) FROM fts_docsize", 0, &all, w->err);
    for (size_t i = 0; i < bag->cap; i++) {
        if (bag->table[i].stem) {
            bag->table[kept++] = bag->table[i];
        }
    }
    if (kept) {
        qsort(bag->table, kept, sizeof *bag->table, by_count);
    }
    kept = kept < LOOKED_UP ? kept : LOOKED_UP;
    for (size_t i = 0; i < kept && !rc; i++) {
        struct term *t = &bag->table[i];
        if (clock_mono_us() > deadline) { /* to count a word's documents takes as long as there are many */
            kept = i;
            break;
        }
        rc = documents_with(w, t->stem, &t->documents);
        double idf = log(((double)all + 1.0) / ((double)t->documents + 0.5));
        /* What nobody else has tells nothing about what is near. */
        t->weight = t->documents > 1 ? (1.0 + log((double)t->count)) * (idf > 0.0 ? idf : 0.0) : 0.0;
    }
    if (kept && !rc) {
        qsort(bag->table, kept, sizeof *bag->table, by_weight);
    }
    *count = kept;
    return rc;
}

static int telling_words(struct wordlist *w, int64_t n, int64_t limit, struct value *out) {
    struct bag bag = {.arena = w->arena};
    size_t count = 0;
    grow(&bag);
    int rc = count_words(w, n, &bag);
    rc = rc ? rc : weigh(w, &bag, &count);
    for (size_t i = 0; i < count && (int64_t)i < limit && !rc && bag.table[i].weight > 0.0; i++) {
        const struct term *t = &bag.table[i];
        struct value v = value_map(w->arena, 5);
        value_set(w->arena, &v, "word", value_lit(t->word));
        value_set(w->arena, &v, "stem", value_lit(t->stem));
        value_set(w->arena, &v, "count", value_int(t->count));
        value_set(w->arena, &v, "documents", value_int(t->documents));
        value_set(w->arena, &v, "weight", value_float(round(t->weight * 1e3) / 1e3));
        value_push(w->arena, out, v);
    }
    return rc;
}

int read_terms(struct reader *r, const struct uuid *id, int64_t limit, struct arena *a, struct value *out,
               struct err *err) {
    struct wordlist w = {.r = r, .arena = a, .err = err};
    int64_t n = 0;
    *out = value_array(a, 16);
    int rc = open_wordlist(&w);
    rc = rc ? rc : reading_begin(r, err);
    rc = rc ? rc : reading_entity(r, id, &n, NULL, err);
    if (rc == 1) {
        rc = telling_words(&w, n, limit >= 0 && limit < TERMS_MAX ? limit : TERMS_MAX, out);
    }
    reading_end(r);
    close_wordlist(&w);
    return rc;
}
