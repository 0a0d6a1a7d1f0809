/* postings.c - the documents of the words that are asked for most, kept in memory.
 *
 * The one idea: to rank what half of all notes match, FTS5 spends a microsecond a match; over an array it is a few
 * nanoseconds. A word that is asked for a second time gets its array: document, length, occurrences. What FTS5 writes
 * whenever the index changes, its structure record, is the stamp of an array; after a small change of our own the
 * array is mended for those documents, after any other it is made again. All arrays together are bounded, whatever the
 * size of the store. Knows nothing of scores.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/postings_priv.h"

enum {
    BUDGET = 16 * 1024 * 1024, /* bytes of all lists: a word in each of a million documents has room */
    LONGEST = BUDGET / 4 * 3 / (int)sizeof(struct posting),
    ENTRIES = 64,
    ASKED = 256, /* places to remember what was asked for once */
    CHANGES = 32 /* commits that a list can be behind */
};

struct entry {
    char *expression;
    uint64_t stamp;
    uint64_t used;
    struct postings *list;
};

struct asked {
    uint64_t hash;
    bool too_long;
};

struct change {
    uint64_t before, after;
    size_t count;
    int64_t ns[POSTINGS_CHANGED];
};

struct postings_cache {
    pthread_mutex_t lock;
    struct entry entries[ENTRIES];
    struct asked asked[ASKED];
    struct change changes[CHANGES]; /* a ring */
    size_t nchanges;
    size_t bytes;
    uint64_t clock;
};

/* ---- the index as it is ------------------------------------------------------------------------------------------ */

static uint64_t hash_bytes(uint64_t h, const void *p, size_t n) {
    const unsigned char *s = p;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ s[i]) * 0x100000001b3u;
    }
    return h ^ h >> 29;
}

/* FTS5's numbers: seven bits a byte, the highest first, the ninth byte whole. */
static size_t take_number(const unsigned char *p, size_t n, uint64_t *out) {
    *out = 0;
    for (size_t i = 0; i < n && i < 9; i++) {
        if (i == 8) {
            *out = *out << 8 | p[i];
            return 9;
        }
        *out = *out << 7 | (p[i] & 0x7f);
        if (!(p[i] & 0x80)) {
            return i + 1;
        }
    }
    return n;
}

/* Row 1 of fts_data: documents, then words by column. Row 10: the structure, with a count of what was ever written. */
int index_state_read(struct db *db, struct index_state *out, struct err *err) {
    static const char sql[] = "SELECT block FROM fts_data WHERE id IN (1, 10) ORDER BY id";
    sqlite3_stmt *st = db_sql(db, sql, err);
    int rc;
    *out = (struct index_state){.stamp = 0xcbf29ce484222325u};
    if (!st) {
        return -(int)err->code;
    }
    for (int row = 0; (rc = db_step(db, st, err)) == 1; row++) {
        size_t n;
        const unsigned char *p = col_blob(st, 0, &n);
        uint64_t number = 0;
        out->stamp = hash_bytes(out->stamp, p, n);
        for (size_t at = 0, i = 0; row == 0 && at < n; i++) {
            at += take_number(p + at, n - at, &number);
            *(i == 0 ? &out->rows : &out->tokens) += (int64_t)number;
        }
    }
    db_done(db, st);
    return rc;
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static size_t bytes_of(const struct postings *p) {
    return sizeof *p + p->cap * sizeof p->list[0];
}

/* With the lock held. */
static void let_go(struct postings *p) {
    if (p && --p->references == 0) {
        mem_free(p);
    }
}

static void clear_entry(struct postings_cache *c, struct entry *e) {
    if (e->list) {
        c->bytes -= bytes_of(e->list);
        let_go(e->list);
    }
    mem_free(e->expression);
    *e = (struct entry){.expression = NULL};
}

struct postings_cache *postings_new(void) {
    struct postings_cache *c = mem_alloc(sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void postings_drop(struct postings_cache *c) {
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < ENTRIES; i++) {
        clear_entry(c, &c->entries[i]);
    }
    memset(c->asked, 0, sizeof c->asked);
    pthread_mutex_unlock(&c->lock);
}

void postings_free(struct postings_cache *c) {
    if (c) {
        postings_drop(c);
        pthread_mutex_destroy(&c->lock);
        mem_free(c);
    }
}

size_t postings_bytes(struct postings_cache *c) {
    pthread_mutex_lock(&c->lock);
    size_t bytes = c->bytes;
    pthread_mutex_unlock(&c->lock);
    return bytes;
}

static struct entry *entry_of(struct postings_cache *c, const char *expression) {
    for (size_t i = 0; i < ENTRIES; i++) {
        if (c->entries[i].expression && strcmp(c->entries[i].expression, expression) == 0) {
            return &c->entries[i];
        }
    }
    return NULL;
}

/* An empty place, or that of what was not used for longest; room for MORE bytes beside the rest. */
static struct entry *make_room(struct postings_cache *c, size_t more) {
    for (;;) {
        struct entry *empty = NULL, *oldest = NULL;
        for (size_t i = 0; i < ENTRIES; i++) {
            struct entry *e = &c->entries[i];
            empty = e->expression ? empty : e;
            oldest = e->expression && (!oldest || e->used < oldest->used) ? e : oldest;
        }
        if (empty && (c->bytes + more <= BUDGET || !oldest)) {
            return empty;
        }
        clear_entry(c, oldest);
    }
}

/* Keep LIST, whose one reference it takes over, and return it with another. */
static struct postings *keep(struct postings_cache *c, const char *expression, uint64_t stamp, struct postings *list) {
    pthread_mutex_lock(&c->lock);
    struct entry *e = entry_of(c, expression);
    if (e) {
        clear_entry(c, e);
    }
    list->references = 2;
    e = make_room(c, bytes_of(list));
    *e = (struct entry){mem_strdup(expression), stamp, ++c->clock, list};
    c->bytes += bytes_of(list);
    pthread_mutex_unlock(&c->lock);
    return list;
}

void postings_give_back(struct postings_cache *c, struct postings *list) {
    pthread_mutex_lock(&c->lock);
    let_go(list);
    pthread_mutex_unlock(&c->lock);
}

/* ---- changes ----------------------------------------------------------------------------------------------------- */

void postings_watch(struct postings_cache *c, struct db *db, struct postings_watch *w) {
    struct err no;
    struct index_state state = {.stamp = 0};
    err_init(&no);
    w->on = postings_bytes(c) > 0 && db_int(db, "PRAGMA data_version", -1, &w->version, &no) == 0 &&
            index_state_read(db, &state, &no) == 0;
    w->before = state.stamp;
    w->count = 0;
    err_release(&no);
}

void postings_publish(struct postings_cache *c, struct db *db, const struct postings_watch *w) {
    struct err no;
    struct index_state state;
    int64_t version = -1;
    if (!w->on || w->count > POSTINGS_CHANGED) {
        return;
    }
    err_init(&no);
    /* Somebody else's commit in between would go unseen: then nothing is said, and lists are made again. */
    bool ours = index_state_read(db, &state, &no) == 0 && db_int(db, "PRAGMA data_version", -1, &version, &no) == 0 &&
                version == w->version;
    err_release(&no);
    if (!ours) {
        return;
    }
    pthread_mutex_lock(&c->lock);
    struct change *new = &c->changes[c->nchanges++ % CHANGES];
    new->before = w->before;
    new->after = state.stamp;
    new->count = w->count;
    memcpy(new->ns, w->ns, w->count * sizeof w->ns[0]);
    pthread_mutex_unlock(&c->lock);
}

static int by_number(const void *x, const void *y) {
    int64_t a = *(const int64_t *)x;
    int64_t b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

/* The documents that changed between two stamps, in order, each once; false where that is not known. With the lock. */
static bool changed_between(struct postings_cache *c, uint64_t from, uint64_t to, int64_t *ns, size_t *count) {
    size_t n = 0;
    size_t oldest = c->nchanges > CHANGES ? c->nchanges - CHANGES : 0;
    for (size_t i = oldest; i < c->nchanges && from != to; i++) {
        const struct change *x = &c->changes[i % CHANGES];
        if (x->before == from) {
            memcpy(ns + n, x->ns, x->count * sizeof *ns);
            n += x->count;
            from = x->after;
        }
    }
    qsort(ns, n, sizeof *ns, by_number);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || ns[i] != ns[i - 1]) {
            ns[(*count)++] = ns[i];
        }
    }
    return from == to;
}

/* OLD with the documents of NS as they are now. */
static int mend(struct db *db, const char *expression, const struct postings *old, const int64_t *ns, size_t count,
                struct postings **out, struct err *err) {
    struct postings *new = mem_alloc(sizeof *new + (old->count + count) * sizeof new->list[0]);
    size_t at = 0;
    int rc = 0;
    new->cap = old->count + count;
    for (size_t i = 0; i <= count && !rc; i++) {
        for (; at < old->count && (i == count || old->list[at].n < ns[i]); at++) {
            new->list[new->count++] = old->list[at];
        }
        struct posting one;
        at += at < old->count && i < count && old->list[at].n == ns[i];
        rc = i < count ? rank_one(db, expression, ns[i], &one, err) : 0;
        if (rc == 1) {
            new->list[new->count++] = one;
            rc = 0;
        }
    }
    *out = rc ? NULL : new;
    if (rc) {
        mem_free(new);
    }
    return rc;
}

/* ---- a list for an expression ------------------------------------------------------------------------------------ */

/* What is kept of EXPRESSION: *OUT with a reference, up to date or to be mended for NS; NULL where nothing is. */
static void take_kept(struct postings_cache *c, const char *expression, uint64_t stamp, struct postings **out,
                      int64_t *ns, size_t *count) {
    *out = NULL;
    *count = 0;
    pthread_mutex_lock(&c->lock);
    struct entry *e = entry_of(c, expression);
    if (e && (e->stamp == stamp || changed_between(c, e->stamp, stamp, ns, count))) {
        e->used = ++c->clock;
        *out = e->list;
        e->list->references++;
    }
    pthread_mutex_unlock(&c->lock);
}

/* Is it asked for a second time, and not known to be too long? Remembers that it was asked for. */
static bool is_worth_it(struct postings_cache *c, uint64_t hash) {
    struct asked *a = &c->asked[hash % ASKED];
    pthread_mutex_lock(&c->lock);
    bool again = a->hash == hash;
    bool worth = again && !a->too_long;
    if (!again) {
        *a = (struct asked){.hash = hash};
    }
    pthread_mutex_unlock(&c->lock);
    return worth;
}

static void set_too_long(struct postings_cache *c, uint64_t hash) {
    pthread_mutex_lock(&c->lock);
    c->asked[hash % ASKED] = (struct asked){hash, true};
    pthread_mutex_unlock(&c->lock);
}

int postings_of(struct postings_cache *c, struct db *db, const char *expression, uint64_t stamp, struct postings **out,
                struct err *err) {
    int64_t ns[CHANGES * POSTINGS_CHANGED];
    size_t count;
    struct postings *new = NULL;
    uint64_t hash = hash_bytes(0xcbf29ce484222325u, expression, strlen(expression));
    take_kept(c, expression, stamp, out, ns, &count);
    if (*out && !count) {
        return 0;
    }
    if (*out) {
        int rc = mend(db, expression, *out, ns, count, &new, err);
        postings_give_back(c, *out);
        *out = rc ? NULL : keep(c, expression, stamp, new);
        return rc;
    }
    if (!is_worth_it(c, hash)) {
        return 0;
    }
    int rc = rank_list(db, expression, LONGEST, &new, err);
    if (!rc && !new) {
        set_too_long(c, hash);
    }
    *out = new ? keep(c, expression, stamp, new) : NULL;
    return rc;
}
