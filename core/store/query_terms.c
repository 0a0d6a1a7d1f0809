/* query_terms.c - what the search index makes of a term, and terms as its expressions.
 *
 * The one idea: FTS5 never sees user text but quoted, and never a text in which its tokenizer finds no word: such a
 * phrase would match nothing and take the whole expression with it. The tokenizer itself is asked, so that its tables
 * and ours cannot differ.
 */
#include <string.h>

#include "base/text.h"
#include "store/query_priv.h"

/* ---- words ----------------------------------------------------------------------------------------------------- */

static fts5_api *api_of(struct db *db) {
    struct err ignored;
    fts5_api *api = NULL;
    err_init(&ignored);
    sqlite3_stmt *st = db_sql(db, "SELECT fts5(?1)", &ignored);
    if (st && sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL) == SQLITE_OK) {
        db_step(db, st, &ignored);
    }
    db_done(db, st);
    err_release(&ignored);
    return api;
}

static int count_token(void *context, int flags, const char *token, int n, int start, int end) {
    (void)flags, (void)token, (void)n, (void)start, (void)end;
    *(bool *)context = true;
    return SQLITE_DONE;
}

bool query_tokenizer(struct db *db, fts5_tokenizer *tokenizer, Fts5Tokenizer **made) {
    void *context;
    fts5_api *api = api_of(db);
    return api && api->xFindTokenizer(api, "lectern", &context, tokenizer) == SQLITE_OK &&
           tokenizer->xCreate(context, NULL, 0, made) == SQLITE_OK;
}

static bool tokenizer_finds(struct db *db, const char *text) {
    bool found = false;
    fts5_tokenizer tokenizer;
    Fts5Tokenizer *made;
    if (!query_tokenizer(db, &tokenizer, &made)) {
        return false;
    }
    tokenizer.xTokenize(made, &found, FTS5_TOKENIZE_QUERY, text, (int)strnlen(text, INT32_MAX), count_token);
    tokenizer.xDelete(made);
    return found;
}

bool query_has_token(struct db *db, const char *text) {
    for (const char *p = text; *p; p++) {
        if ((*p >= '0' && *p <= '9') || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')) {
            return true;
        }
    }
    return tokenizer_finds(db, text);
}

/* Scripts written without spaces between words, and Hangul, whose particles stick to the word. */
bool query_is_unspaced(uint32_t cp) {
    static const uint32_t ranges[][2] = {
        {0xe00, 0xeff},   {0x1000, 0x109f}, {0x1100, 0x11ff}, {0x1780, 0x17ff},   {0x3005, 0x3007},
        {0x3040, 0x30ff}, {0x3130, 0x318f}, {0x31f0, 0x31ff}, {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
        {0xac00, 0xd7af}, {0xf900, 0xfaff}, {0xff66, 0xff9f}, {0x20000, 0x3fffd},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (cp >= ranges[i][0] && cp <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

bool query_is_run(const char *text) {
    size_t n = strlen(text);
    for (size_t at = 0, len; at < n; at += len) {
        if (query_is_unspaced(text_utf8_next(text + at, n - at, &len))) {
            return true;
        }
    }
    return false;
}

/* ---- expressions ----------------------------------------------------------------------------------------------- */

static void add_quoted(struct buf *out, const char *text) {
    buf_addc(out, '"');
    for (; *text; text++) {
        if (*text == '"') {
            buf_addc(out, '"');
        }
        buf_addc(out, *text);
    }
    buf_addc(out, '"');
}

/* Operands of one operator in a row, in one pair of parentheses: FTS5's parser has a small stack. */
static void add_operands(struct buf *out, const struct query *q, enum query_node node) {
    if (q->node != node) {
        query_match(out, q);
        return;
    }
    add_operands(out, q->left, node);
    buf_adds(out, node == QUERY_AND ? " AND " : " OR ");
    add_operands(out, q->right, node);
}

void query_match(struct buf *out, const struct query *q) {
    switch (q->node) {
    case QUERY_AND:
    case QUERY_OR:
        buf_addc(out, '(');
        add_operands(out, q, q->node);
        buf_addc(out, ')');
        return;
    case QUERY_PREFIX:
        add_quoted(out, q->text);
        buf_adds(out, " *");
        return;
    default:
        add_quoted(out, q->text);
    }
}
