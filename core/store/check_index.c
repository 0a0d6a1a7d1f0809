/* check_index.c - is the search index what it would be if it were built anew?
 *
 * The one idea: building it anew would be a write. The index keeps the number of words of each column of each
 * document, so the documents are read and their words counted again with the index's own tokenizer; and for some
 * documents a word is looked up.
 */
#include <string.h>

#include "store/query_priv.h"
#include "store/read_priv.h"

enum { COLUMNS = 4, LOOKED_UP = 256, WORD_BYTES = 64 };

struct recount {
    fts5_tokenizer api;
    Fts5Tokenizer *made;
    int64_t words;
    char longest[WORD_BYTES];
    size_t longest_len;
    const char *text;
};

static int count_word(void *context, int flags, const char *token, int n, int start, int end) {
    struct recount *c = context;
    (void)token, (void)n;
    size_t len = (size_t)(end - start);
    c->words += !(flags & FTS5_TOKEN_COLOCATED);
    if (len > c->longest_len && len < WORD_BYTES) {
        memcpy(c->longest, c->text + start, len);
        c->longest[len] = '\0';
        c->longest_len = len;
    }
    return SQLITE_OK;
}

static int64_t count_words(struct recount *c, const char *text, size_t n) {
    c->words = 0;
    c->text = text;
    c->api.xTokenize(c->made, c, FTS5_TOKENIZE_DOCUMENT, text, (int)n, count_word);
    return c->words;
}

/* FTS5's varint: seven bits a byte, most significant first, the last byte without the high bit. */
static bool read_varint(const unsigned char **p, const unsigned char *end, int64_t *out) {
    uint64_t v = 0;
    for (int i = 0; i < 9 && *p < end; i++) {
        unsigned char c = *(*p)++;
        v = v << 7 | (c & 0x7f);
        if (!(c & 0x80)) {
            *out = (int64_t)v;
            return true;
        }
    }
    return false;
}

static bool same_sizes(struct recount *c, sqlite3_stmt *st) {
    size_t n;
    const unsigned char *p = col_blob(st, 1, &n);
    const unsigned char *end = p + n;
    for (int i = 0; i < COLUMNS; i++) {
        size_t len;
        int64_t kept;
        if (!read_varint(&p, end, &kept)) {
            return false;
        }
        const char *text = col_text(st, 2 + i, &len);
        if (count_words(c, text, len) != kept) {
            return false;
        }
    }
    return true;
}

/* Is WORD found in document N? */
static int is_found(struct reader *r, int64_t n, const char *word, bool *found, struct err *err) {
    struct query q = {.node = QUERY_WORD, .text = word};
    struct buf match = BUF_INIT;
    query_match(&match, &q);
    sqlite3_stmt *st = db_sql(&r->db, "SELECT 1 FROM fts WHERE fts MATCH ?1 AND rowid = ?2", err);
    int rc = -(int)(st ? E_OK : err->code);
    if (st) {
        bind_text(st, 1, match.data, match.len);
        bind_int(st, 2, n);
        rc = db_step(&r->db, st, err);
        *found = rc == 1;
    }
    db_done(&r->db, st);
    buf_release(&match);
    return rc < 0 ? rc : 0;
}

static int compare_documents(struct reader *r, struct recount *c, int64_t *checked, int64_t *bad, int64_t *example,
                             struct err *err) {
    sqlite3_stmt *st = db_sql(
        &r->db,
        "SELECT d.n, z.sz, d.title, d.speakers, d.tags, d.body FROM doc d LEFT JOIN fts_docsize z ON z.id = d.n", err);
    if (!st) {
        return -(int)err->code;
    }
    int rc;
    while ((rc = db_step(&r->db, st, err)) == 1) {
        c->longest_len = 0;
        bool good = !col_null(st, 1) && same_sizes(c, st);
        int64_t n = col_int(st, 0);
        rc = reading_stopped(r, err);
        if (!rc && good && c->longest_len && *checked < LOOKED_UP) {
            rc = is_found(r, n, c->longest, &good, err);
        }
        if (rc) {
            break;
        }
        ++*checked;
        *bad += !good;
        *example = good || *example ? *example : n;
    }
    db_done(&r->db, st);
    return rc;
}

int check_index(struct reader *r, bool *ok, struct buf *detail, struct err *err) {
    struct recount c = {.longest_len = 0};
    int64_t checked = 0;
    int64_t bad = 0;
    int64_t example = 0;
    int64_t rows = 0;
    *ok = false;
    if (!query_tokenizer(&r->db, &c.api, &c.made)) {
        buf_adds(detail, "the tokenizer is missing");
        return 0;
    }
    int rc = compare_documents(r, &c, &checked, &bad, &example, err);
    c.api.xDelete(c.made);
    rc = rc ? rc : db_int(&r->db, "SELECT count(*) FROM fts_docsize", 0, &rows, err);
    *ok = bad == 0 && rows == checked;
    if (*ok) {
        buf_addf(detail, "%lld documents", (long long)checked);
    } else if (bad) {
        buf_addf(detail, "%lld of %lld documents are not indexed as they are, the first is n %lld", (long long)bad,
                 (long long)checked, (long long)example);
    } else {
        buf_addf(detail, "%lld documents, but %lld are indexed", (long long)checked, (long long)rows);
    }
    return rc;
}
