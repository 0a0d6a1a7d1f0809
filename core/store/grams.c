/* grams.c - which documents may hold a text anywhere: pieces of texts as words of an index of their own.
 *
 * The one idea: the index may say too much and never too little, since what it says is looked into. So a piece is a
 * number of 25 bits, and all that is kept of it is in which documents it is (detail=none). Only what changed is
 * written: the pieces that a document lost are taken out and those that it won put in.
 */
#include "store/grams_priv.h"

#include <malloc.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "store/query_priv.h"
#include "store/read_priv.h"
#include "store/store_priv.h"

enum {
    MATCHED = 24,         /* pieces of a long text that are asked for */
    FILL_DOCUMENTS = 512, /* in one transaction */
    FILL_US = 60000,      /* and no longer, so that whoever wants to write waits for a blink at most */
    NUMBER_BITS = 25,
};

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

void gram_set_release(struct gram_set *g) {
    mem_free(g->places);
    *g = (struct gram_set){.places = NULL};
}

/* Where NUMBER is, or would be. */
static uint32_t *place_of(const struct gram_set *g, uint32_t number) {
    size_t at = (number * 0x9e3779b1u >> 7) & (g->cap - 1);
    while (g->places[at] && g->places[at] != number + 1) {
        at = (at + 1) & (g->cap - 1);
    }
    return &g->places[at];
}

static bool has(const struct gram_set *g, uint32_t number) {
    return g->cap && *place_of(g, number);
}

static void make_room(struct gram_set *g) {
    struct gram_set old = *g;
    if (2 * g->count < g->cap) {
        return;
    }
    g->cap = old.cap ? old.cap * 2 : 1024;
    g->places = mem_alloc(g->cap * sizeof *g->places);
    memset(g->places, 0, g->cap * sizeof *g->places);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.places[i]) {
            *place_of(g, old.places[i] - 1) = old.places[i];
        }
    }
    mem_free(old.places);
}

static uint32_t number_of(uint32_t a, uint32_t b, uint32_t c) {
    uint64_t h = ((uint64_t)a << 42 | (uint64_t)b << 21 | c) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)((h ^ h >> 31) * UINT64_C(0xd6e8feb86659fd93) >> (64 - NUMBER_BITS));
}

static void add_piece(struct gram_set *g, uint32_t number) {
    make_room(g);
    uint32_t *place = place_of(g, number);
    g->count += !*place;
    *place = number + 1;
}

enum kind { BREAK, LETTER, UNSPACED };

static enum kind kind_of(uint32_t cp) {
    if (cp < 0x80) {
        return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z') ? LETTER : BREAK;
    }
    return query_is_unspaced(cp) ? UNSPACED : LETTER;
}

void gram_set_add(struct gram_set *g, const char *text, size_t n) {
    struct buf folded = BUF_INIT;
    uint32_t before = 0, last = 0; /* the two characters before; 0: none of the same kind */
    enum kind was = BREAK;
    text_fold(&folded, text, n);
    for (size_t at = 0, len; at < folded.len; at += len) {
        uint32_t cp = text_utf8_next(folded.data + at, folded.len - at, &len);
        enum kind kind = kind_of(cp);
        before = kind == was ? before : 0;
        last = kind == was ? last : 0;
        if (kind == UNSPACED) {
            add_piece(g, number_of(0, 0, cp));
        }
        if (kind == UNSPACED && last) {
            add_piece(g, number_of(0, last, cp));
        } else if (kind == LETTER && before) {
            add_piece(g, number_of(before, last, cp));
        }
        before = last;
        last = cp;
        was = kind;
    }
    buf_release(&folded);
}

static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

void gram_text(uint32_t number, char out[GRAM_TEXT]) {
    for (int i = GRAM_TEXT - 1; i >= 0; i--, number >>= 5) {
        out[i] = digits[number & 31];
    }
}

uint32_t gram_number(const char *text, size_t n) {
    uint32_t number = 0;
    for (size_t i = 0; i < n && n == GRAM_TEXT; i++) {
        const char *digit = strchr(digits, text[i]);
        if (!digit || !*digit) {
            return UINT32_MAX;
        }
        number = number << 5 | (uint32_t)(digit - digits);
    }
    return n == GRAM_TEXT ? number : UINT32_MAX;
}

static void match_all(struct buf *out, const struct gram_set *g) {
    size_t asked = 0;
    for (size_t i = 0; i < g->cap && asked < MATCHED; i++) {
        char word[GRAM_TEXT];
        if (g->places[i]) {
            gram_text(g->places[i] - 1, word);
            buf_adds(out, asked++ ? " AND " : "");
            buf_add(out, word, sizeof word);
        }
    }
}

void grams_match(struct buf *out, const char *text, size_t n) {
    struct gram_set g = {.places = NULL};
    gram_set_add(&g, text, n);
    match_all(out, &g);
    gram_set_release(&g);
}

/* ---- the index --------------------------------------------------------------------------------------------------- */

/* Append those of SET that are not in OTHER, as words. */
static void add_words(struct buf *out, const struct gram_set *set, const struct gram_set *other) {
    buf_reserve(out, set->count * (GRAM_TEXT + 1));
    for (size_t i = 0; i < set->cap; i++) {
        char word[GRAM_TEXT];
        if (set->places[i] && !has(other, set->places[i] - 1)) {
            gram_text(set->places[i] - 1, word);
            buf_add(out, word, sizeof word);
            buf_addc(out, ' ');
        }
    }
}

static int write_words(struct store *s, const char *literal, int64_t n, const struct buf *words, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, literal, err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    bind_text(st, 2, words->data ? words->data : "", words->len);
    return db_run(&s->db, st, err);
}

/* FTS5 counts its documents: each that goes out is followed by one that comes in, unless it stays out. */
static int write_change(struct store *s, int64_t n, const struct gram_set *old, const struct gram_set *new, bool was,
                        bool is, struct err *err) {
    struct buf lost = BUF_INIT, won = BUF_INIT;
    add_words(&lost, old, new);
    add_words(&won, new, old);
    int rc = 0;
    if (was != is || lost.len || won.len) {
        rc = was ? write_words(s, "INSERT INTO grams(grams, rowid, text) VALUES('delete', ?1, ?2)", n, &lost, err) : 0;
        rc = rc || !is ? rc : write_words(s, "INSERT INTO grams(rowid, text) VALUES(?1, ?2)", n, &won, err);
    }
    buf_release(&lost);
    buf_release(&won);
    return rc;
}

static void add_row(struct gram_set *g, sqlite3_stmt *doc) {
    for (int i = 0; i < RANK_COLUMNS; i++) {
        size_t len;
        const char *text = col_text(doc, i, &len);
        gram_set_add(g, text, len);
    }
}

static int upto(struct store *s, int64_t *n, struct err *err) {
    int rc = s->txn.grams_known ? 0 : db_int(&s->db, "SELECT n FROM grams_upto", 0, &s->txn.grams_upto, err);
    s->txn.grams_known = s->txn.grams_known || !rc;
    *n = s->txn.grams_upto;
    return rc;
}

int grams_change(struct store *s, const struct touched *t, sqlite3_stmt *doc, bool present, struct err *err) {
    struct gram_set old = {.places = NULL}, new = {.places = NULL};
    int64_t filled = 0;
    int rc = upto(s, &filled, err);
    if (rc || t->n > filled) {
        return rc;
    }
    for (int i = 0; t->indexed && i < RANK_COLUMNS; i++) {
        gram_set_add(&old, t->text[i].s, t->text[i].len);
    }
    if (present) {
        add_row(&new, doc);
    }
    rc = write_change(s, t->n, &old, &new, t->indexed, present, err);
    gram_set_release(&old);
    gram_set_release(&new);
    return rc;
}

/* ---- filling ----------------------------------------------------------------------------------------------------- */

static int fill_one(struct store *s, int64_t n, struct err *err) {
    const struct gram_set nothing = {.places = NULL};
    struct gram_set pieces = {.places = NULL};
    sqlite3_stmt *doc = db_sql(&s->db, index_select_doc, err);
    if (!doc) {
        return -(int)err->code;
    }
    bind_int(doc, 1, n);
    int rc = db_step(&s->db, doc, err);
    if (rc == 1) {
        add_row(&pieces, doc);
        rc = write_change(s, n, &nothing, &pieces, false, true, err);
    }
    db_done(&s->db, doc);
    gram_set_release(&pieces);
    return rc < 0 ? rc : 0;
}

static int set_upto(struct store *s, int64_t n, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "UPDATE grams_upto SET n = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    return db_run(&s->db, st, err);
}

/* The next documents; *MORE: these were not the last. */
static int fill_some(struct store *s, bool *more, struct err *err) {
    uint64_t deadline = clock_mono_us() + FILL_US;
    int64_t at = 0;
    int rc = upto(s, &at, err);
    sqlite3_stmt *st = rc ? NULL
                          : db_sql(&s->db,
                                   "SELECT n FROM entity WHERE n > (SELECT n FROM grams_upto) AND type IN (0, 1) "
                                   "ORDER BY n",
                                   err);
    if (!st) {
        return -(int)err->code;
    }
    *more = true;
    for (int i = 0; i < FILL_DOCUMENTS && clock_mono_us() < deadline && *more && !rc; i++) {
        rc = db_step(&s->db, st, err);
        *more = rc == 1;
        at = rc == 1 ? col_int(st, 0) : at;
        rc = rc == 1 ? fill_one(s, at, err) : rc;
    }
    db_done(&s->db, st);
    s->txn.dirty = true;
    return rc ? rc : set_upto(s, at, err);
}

/* Is there more to do, and is nobody else writing? */
static int is_wanted(struct store *s, bool *more, bool *alone, struct err *err) {
    static const char sql[] =
        "SELECT EXISTS (SELECT 1 FROM entity WHERE n > (SELECT n FROM grams_upto) AND type IN (0, 1))";
    int64_t wanted = 0;
    int64_t version = 0;
    int rc = db_int(&s->db, sql, 0, &wanted, err);
    rc = rc ? rc : db_int(&s->db, "PRAGMA data_version", 0, &version, err);
    *more = wanted;
    *alone = version == s->fill_version;
    s->fill_version = version;
    return rc ? rc : *more && *alone;
}

int store_fill(struct store *s, bool *more, bool *alone, struct err *err) {
    struct store_run none = {0};
    char id[UUID_TEXT + 1];
    *more = *alone = false;
    int rc = s->txn.open ? err_set(err, E_INTERNAL, "a transaction is open already") : is_wanted(s, more, alone, err);
    if (rc <= 0) {
        return rc;
    }
    rc = store_begin(s, &none, err);
    rc = rc ? rc : fill_some(s, more, err);
    if (rc) {
        store_rollback(s);
        return rc;
    }
    rc = store_commit(s, &none, id, err);
    if (!*more) {
        sqlite3_db_release_memory(s->db.handle);
        malloc_trim(0);
    }
    return rc;
}

/* ---- check ------------------------------------------------------------------------------------------------------- */

/* Every piece counts as what it is, so that no other can stand in for it. */
static uint64_t weight_of(uint32_t number) {
    uint64_t h = (number + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

enum { LOOKED_UP = 256 };

/* Does the index find document N by all of these? By none it cannot be asked. */
static int is_found(struct reader *r, int64_t n, const struct gram_set *g, bool *found, struct err *err) {
    struct buf match = BUF_INIT;
    match_all(&match, g);
    int rc = match.len
                 ? check_finds(r, "SELECT 1 FROM grams WHERE grams MATCH ?1 AND rowid = ?2", &match, n, found, err)
                 : 0;
    buf_release(&match);
    return rc;
}

/* What the documents give. */
static int sum_documents(struct reader *r, uint64_t *sum, int64_t *count, int64_t *missing, struct err *err) {
    static const char sql[] = "SELECT d.title, d.speakers, d.tags, d.body, d.n FROM doc d WHERE d.n <= (SELECT n FROM "
                              "grams_upto)";
    sqlite3_stmt *st = db_sql(&r->db, sql, err);
    int rc = st ? 0 : -(int)err->code;
    while (st && (rc = db_step(&r->db, st, err)) == 1) {
        struct gram_set g = {.places = NULL};
        bool found = true;
        add_row(&g, st);
        for (size_t i = 0; i < g.cap; i++) {
            *sum += g.places[i] ? weight_of(g.places[i] - 1) : 0;
        }
        rc = reading_stopped(r, err);
        rc = rc || *count >= LOOKED_UP ? rc : is_found(r, col_int(st, 4), &g, &found, err);
        gram_set_release(&g);
        if (rc) {
            break;
        }
        ++*count;
        *missing = found || *missing ? *missing : col_int(st, 4);
    }
    db_done(&r->db, st);
    return rc;
}

/* What the index holds: of each piece, in how many documents it is. */
static int sum_index(struct reader *r, uint64_t *sum, struct err *err) {
    static const char make[] = "PRAGMA query_only = OFF; CREATE VIRTUAL TABLE IF NOT EXISTS temp.gram_word USING "
                               "fts5vocab(main, grams, row); PRAGMA query_only = ON";
    int rc = db_exec(&r->db, make, err);
    sqlite3_stmt *st = rc ? NULL : db_prepare(&r->db, "SELECT term, doc FROM temp.gram_word", err);
    rc = rc ? rc : st ? 0 : -(int)err->code;
    while (st && (rc = db_step(&r->db, st, err)) == 1) {
        size_t len;
        const char *word = col_text(st, 0, &len);
        *sum += weight_of(gram_number(word, len)) * (uint64_t)col_int(st, 1);
    }
    db_finish(st);
    return rc;
}

int grams_check(struct reader *r, bool *ok, struct buf *detail, struct err *err) {
    uint64_t wanted = 0, kept = 0;
    int64_t count = 0, missing = 0;
    int rc = sum_documents(r, &wanted, &count, &missing, err);
    rc = rc ? rc : sum_index(r, &kept, err);
    *ok = !missing && wanted == kept;
    if (missing) {
        buf_addf(detail, "the document of n %lld is not found by its own pieces", (long long)missing);
    } else if (!*ok) {
        buf_addf(detail, "%lld documents, but the index of pieces holds others than theirs", (long long)count);
    } else {
        buf_addf(detail, "pieces of %lld documents", (long long)count);
    }
    return rc;
}
