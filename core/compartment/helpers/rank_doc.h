/* rank_doc.h - a text read for ranking: its sentences, what each is, the features of each.
 *
 * A feature is a number, mostly from 0 to 1; what it is worth is not known here. Reading takes time linear in the text.
 */
#ifndef LECTERN_COMPARTMENT_RANK_DOC_H
#define LECTERN_COMPARTMENT_RANK_DOC_H

#include "compartment/helpers/rank_language.h"
#include "compartment/sentences.h"

#define RANK_DOC "lectern.rank.document"

enum line_role {
    ROLE_NONE,     /* a heading, data, a row, an apology: never chosen, and no part of what the text is about */
    ROLE_FRAGMENT, /* words without a verb: chosen only where a text has nothing else */
    ROLE_ASKED,    /* a question with its label, or an answer: the same, but it counts for what the text is about */
    ROLE_USABLE,
};

enum feature {
    FEATURE_FIRST,    /* it is the first usable one */
    FEATURE_POSITION, /* 0 for the first usable one, 1 for the last */
    FEATURE_COVER,    /* share of the title's words that it has */
    FEATURE_SHARE,    /* words it has from the title, by the root of its length */
    FEATURE_BIGRAMS,  /* share of the title's pairs of words that it has */
    FEATURE_CENTRAL,  /* how much of it the other sentences say too, 1 for the one that has most */
    FEATURE_SHORT,    /* 1 for no words, 0 from 12 on */
    FEATURE_LONG,     /* 0 up to 35 words, 1 for 70, 2 at most */
    FEATURE_HALF,     /* it ends without a stop */
    FEATURE_ITEM,     /* it is in a list */
    FEATURE_ASKS,     /* it ends with a question mark */
    FEATURE_ABOUT,    /* share of the words of `about` that it has */
    FEATURES          /* the cues of the language follow */
};
extern const char *const feature_names[FEATURES];

struct rank_sentence {
    size_t start, end;
    uint32_t first, count; /* its tokens */
    uint32_t content;      /* how many of them are no stop words */
    enum block_kind kind;
    bool whole; /* it is its whole block */
    enum line_role role;
};
/* How a token is written. */
enum { WRITTEN_UPPER = 1, WRITTEN_COLON = 2 }; /* begins with a capital; a colon stands behind it */
struct rank_token {
    uint32_t form;
    uint32_t written;
};
struct rank_form {
    uint64_t hash;
    struct membership sets;
    uint32_t stem;
    bool stop;
};
struct rank_stem {
    uint64_t hash;
    uint32_t df;   /* sentences that have it */
    uint32_t seen; /* scratch: the number of the last sentence that had it, one up */
    bool in_title, in_about;
    double weight; /* its idf */
    double sum;    /* scratch of sums over sentences */
};

struct rank_doc {
    const char *text; /* held by a user value */
    size_t n;
    const struct language *language;
    struct pool sentences, tokens, features;
    struct hashed forms, stems;
    size_t title_words;
    size_t nfeatures; /* of each sentence */
};
enum {
    DOC_TEXT = 1,
    DOC_LANGUAGE,
    DOC_SENTENCES,
    DOC_TOKENS,
    DOC_FEATURES,
    DOC_FORMS,
    DOC_FORM_PLACES,
    DOC_STEMS,
    DOC_STEM_PLACES,
    DOC_TITLE,
    DOC_SCRATCH,
    DOC_VALUES = DOC_SCRATCH
};

/* rank.read(text, language, { title =, about = }) -> document */
int doc_read(lua_State *L);

static inline struct rank_sentence *doc_sentence(const struct rank_doc *d, size_t i) {
    return &((struct rank_sentence *)d->sentences.data)[i];
}
static inline const struct rank_token *doc_token(const struct rank_doc *d, size_t token) {
    return &((const struct rank_token *)d->tokens.data)[token];
}
static inline const struct rank_form *doc_form(const struct rank_doc *d, size_t token) {
    return &((const struct rank_form *)d->forms.items.data)[doc_token(d, token)->form];
}
static inline struct rank_stem *doc_stem(const struct rank_doc *d, size_t token) {
    return &((struct rank_stem *)d->stems.items.data)[doc_form(d, token)->stem];
}
static inline double *doc_features(const struct rank_doc *d, size_t i) {
    return &((double *)d->features.data)[i * d->nfeatures];
}
/* Is it one of those that make up what the text is about? */
static inline bool doc_live(const struct rank_sentence *s) {
    return s->role != ROLE_NONE;
}

#endif
