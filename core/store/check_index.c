/* check_index.c - is the search index what it would be if it were built anew?
 *
 * The one idea: building it anew would be a write. So the documents are read and cut into words again with the index's
 * own tokenizer; their number is compared with what the index keeps for each document, and the sum of a hash of every
 * word at its place with the same sum over all that the index holds. For some documents a word is looked up, too.
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
    int64_t n; /* of the document */
    int column;
    uint64_t sum;
};

/* FNV-1a over the word and its place, so that no word can stand in for another, nor at another place. */
static uint64_t place_hash(int64_t n, int64_t column, int64_t at, const char *word, size_t len) {
    uint64_t h = 0xcbf29ce484222325u;
    const int64_t numbers[] = {n, column, at};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        h = (h ^ (uint64_t)numbers[i]) * 0x100000001b3u;
        h ^= h >> 29;
    }
    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)word[i]) * 0x100000001b3u;
    }
    return h ^ h >> 32;
}

static int count_word(void *context, int flags, const char *token, int n, int start, int end) {
    struct recount *c = context;
    size_t len = (size_t)(end - start);
    c->sum += place_hash(c->n, c->column, c->words, token, (size_t)n);
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
        c->column = i;
        if (count_words(c, text, len) != kept) {
            return false;
        }
    }
    return true;
}

int check_finds(struct reader *r, const char *literal, const struct buf *match, int64_t n, bool *found,
                struct err *err) {
    sqlite3_stmt *st = db_sql(&r->db, literal, err);
    if (!st) {
        return -(int)err->code;
    }
    bind_text(st, 1, match->data, match->len);
    bind_int(st, 2, n);
    int rc = db_step(&r->db, st, err);
    *found = rc == 1;
    db_done(&r->db, st);
    return rc < 0 ? rc : 0;
}

/* Is WORD found in document N? */
static int is_found(struct reader *r, int64_t n, const char *word, bool *found, struct err *err) {
    struct query q = {.node = QUERY_WORD, .text = word};
    struct buf match = BUF_INIT;
    query_match(&match, &q);
    int rc = check_finds(r, "SELECT 1 FROM fts WHERE fts MATCH ?1 AND rowid = ?2", &match, n, found, err);
    buf_release(&match);
    return rc;
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
        c->n = col_int(st, 0);
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

static int64_t column_of(const char *name) {
    static const char *const names[COLUMNS] = {"title", "speakers", "tags", "body"};
    for (int i = 0; i < COLUMNS; i++) {
        if (strcmp(name, names[i]) == 0) {
            return i;
        }
    }
    return -1;
}

/* The same sum over what the index holds. The table that shows it is gone with the transaction. */
static int sum_index(struct reader *r, uint64_t *sum, struct err *err) {
    int rc = db_exec(
        &r->db, "PRAGMA query_only = OFF; CREATE VIRTUAL TABLE temp.index_word USING fts5vocab(main, fts, instance)",
        err);
    sqlite3_stmt *st = rc ? NULL : db_prepare(&r->db, "SELECT doc, col, \"offset\", term FROM temp.index_word", err);
    rc = rc ? rc : st ? 0 : -(int)err->code;
    *sum = 0;
    while (st && (rc = db_step(&r->db, st, err)) == 1) {
        size_t len;
        const char *word = col_text(st, 3, &len);
        *sum += place_hash(col_int(st, 0), column_of(col_text(st, 1, NULL)), col_int(st, 2), word, len);
    }
    db_finish(st);
    sqlite3_exec(r->db.handle, "PRAGMA query_only = ON", NULL, NULL, NULL);
    return rc;
}

/* ---- the index's own tokenizer ---------------------------------------------------------------------------------- */

static fts5_api *api_of(struct reader *r, struct err *err) {
    fts5_api *api = NULL;
    sqlite3_stmt *st = db_prepare(&r->db, "SELECT fts5(?1)", err);
    if (st) {
        sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL);
        db_step(&r->db, st, err);
        db_finish(st);
    }
    return api;
}

/* What the table was made with: tokenize='porter unicode61 remove_diacritics 2'. */
static bool tokenize_words(struct reader *r, char *text, size_t size, struct err *err) {
    static const char key[] = "tokenize='";
    sqlite3_stmt *st = db_prepare(&r->db, "SELECT sql FROM sqlite_schema WHERE name = 'fts'", err);
    const char *sql = st && db_step(&r->db, st, err) == 1 ? col_text(st, 0, NULL) : "";
    const char *start = strstr(sql, key);
    size_t n = start ? strcspn(start + strlen(key), "'") : 0;
    bool ok = n > 0 && n < size;
    if (ok) {
        memcpy(text, start + strlen(key), n);
        text[n] = '\0';
    }
    db_finish(st);
    return ok;
}

static bool make_tokenizer(struct reader *r, struct recount *c, struct err *err) {
    char text[128];
    const char *words[16];
    int n = 0;
    char *save = NULL;
    void *context;
    fts5_api *api = api_of(r, err);
    if (!api || !tokenize_words(r, text, sizeof text, err)) {
        return false;
    }
    for (char *w = strtok_r(text, " ", &save); w && n < 16; w = strtok_r(NULL, " ", &save)) {
        words[n++] = w;
    }
    return n && api->xFindTokenizer(api, words[0], &context, &c->api) == SQLITE_OK &&
           c->api.xCreate(context, words + 1, n - 1, &c->made) == SQLITE_OK;
}

int check_index(struct reader *r, bool *ok, struct buf *detail, struct err *err) {
    struct recount c = {.longest_len = 0};
    int64_t checked = 0;
    int64_t bad = 0;
    int64_t example = 0;
    int64_t rows = 0;
    *ok = false;
    if (!make_tokenizer(r, &c, err)) {
        buf_adds(detail, "the tokenizer is missing");
        return err->code == E_OK ? 0 : -(int)err->code;
    }
    int rc = compare_documents(r, &c, &checked, &bad, &example, err);
    c.api.xDelete(c.made);
    rc = rc ? rc : db_int(&r->db, "SELECT count(*) FROM fts_docsize", 0, &rows, err);
    uint64_t sum = c.sum;
    rc = rc || bad || rows != checked ? rc : sum_index(r, &sum, err);
    *ok = bad == 0 && rows == checked && sum == c.sum;
    if (sum != c.sum) {
        buf_addf(detail, "%lld documents, but the index holds other words than they do", (long long)checked);
    } else if (*ok) {
        buf_addf(detail, "%lld documents", (long long)checked);
    } else if (bad) {
        buf_addf(detail, "%lld of %lld documents are not indexed as they are, the first is n %lld", (long long)bad,
                 (long long)checked, (long long)example);
    } else {
        buf_addf(detail, "%lld documents, but %lld are indexed", (long long)checked, (long long)rows);
    }
    return rc;
}
