/* tokenizer.c - the tokenizer of the search index: English words by their stems, words of other languages as they are.
 *
 * The one idea: FTS5 does not tell its tokenizer which document a text is of, so the text says it itself: the view
 * `doc` puts TOKENIZER_PLAIN before each text of a note in another language than English. A query may mean either, so
 * a word in it stands for its stem and for itself at the same place. The words themselves are those of FTS5's own
 * unicode61, accents removed, and the stems those of its porter; nothing here knows of letters.
 */
#include <string.h>

#include "base/mem.h"
#include "store/functions_priv.h"
#include "store/query_priv.h"

struct Fts5Tokenizer {
    fts5_tokenizer words, stems;
    Fts5Tokenizer *plain, *stemmed;
};

/* A query on its way through: each stem is followed by the word it is of, where the two differ. */
struct passing {
    const struct Fts5Tokenizer *t;
    const char *text;
    int flags;
    const char *stem;
    int stem_len, start, end;
    void *context;
    int (*token)(void *, int, const char *, int, int, int);
};

static int pass_word(void *context, int flags, const char *token, int n, int start, int end) {
    struct passing *p = context;
    (void)flags, (void)start, (void)end;
    bool same = n == p->stem_len && memcmp(token, p->stem, (size_t)n) == 0;
    return same ? SQLITE_OK : p->token(p->context, FTS5_TOKEN_COLOCATED, token, n, p->start, p->end);
}

static int pass_stem(void *context, int flags, const char *token, int n, int start, int end) {
    struct passing *p = context;
    int rc = p->token(p->context, flags, token, n, start, end);
    p->stem = token;
    p->stem_len = n;
    p->start = start;
    p->end = end;
    return rc != SQLITE_OK ? rc
                           : p->t->words.xTokenize(p->t->plain, p, p->flags, p->text + start, end - start, pass_word);
}

static int tokenize(struct Fts5Tokenizer *t, void *context, int flags, const char *text, int n,
                    int (*token)(void *, int, const char *, int, int, int)) {
    if (n > 0 && text[0] == TOKENIZER_PLAIN) { /* which is no letter, so places stay what they are */
        return t->words.xTokenize(t->plain, context, flags, text, n, token);
    }
    if (!(flags & FTS5_TOKENIZE_QUERY)) {
        return t->stems.xTokenize(t->stemmed, context, flags, text, n, token);
    }
    struct passing p = {.t = t, .text = text, .flags = flags, .context = context, .token = token};
    return t->stems.xTokenize(t->stemmed, &p, flags, text, n, pass_stem);
}

static void delete (struct Fts5Tokenizer *t) {
    if (t->plain) {
        t->words.xDelete(t->plain);
    }
    if (t->stemmed) {
        t->stems.xDelete(t->stemmed);
    }
    mem_free(t);
}

static int create(void *context, const char **args, int count, struct Fts5Tokenizer **out) {
    static const char *how[] = {"unicode61", "remove_diacritics", "2"};
    fts5_api *api = context;
    void *theirs;
    struct Fts5Tokenizer *t = mem_alloc(sizeof *t);
    (void)args, (void)count;
    *t = (struct Fts5Tokenizer){.plain = NULL};
    int rc = api->xFindTokenizer(api, "unicode61", &theirs, &t->words);
    rc = rc == SQLITE_OK ? t->words.xCreate(theirs, how + 1, 2, &t->plain) : rc;
    rc = rc == SQLITE_OK ? api->xFindTokenizer(api, "porter", &theirs, &t->stems) : rc;
    rc = rc == SQLITE_OK ? t->stems.xCreate(theirs, how, 3, &t->stemmed) : rc;
    if (rc != SQLITE_OK) {
        delete (t);
        return rc;
    }
    *out = t;
    return SQLITE_OK;
}

int functions_add_tokenizer(fts5_api *api) {
    fts5_tokenizer ours = {.xCreate = create, .xDelete = delete, .xTokenize = tokenize};
    return api->xCreateTokenizer(api, "lectern", api, &ours, NULL);
}
