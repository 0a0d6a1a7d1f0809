/* rank_language.h - what a language's words say about sentences: stop words, and phrases that are cues.
 *
 * Built once from a table of Lua and never changed. A cue is a class of phrases. A phrase is a row of elements: an
 * element is one or more words with | between them; "word*" matches what begins so, "*word" what ends so; "~" stands
 * for up to three words of the list `fillers` (adverbs); "^" before the first element holds it to the beginning of the
 * sentence.
 */
#ifndef LECTERN_COMPARTMENT_RANK_LANGUAGE_H
#define LECTERN_COMPARTMENT_RANK_LANGUAGE_H

#include "compartment/helpers/rank_pool.h"
#include "compartment/helpers/rank_tokens.h"

#define RANK_LANGUAGE "lectern.rank.language"

enum { LANGUAGE_CUES = 48, LANGUAGE_SETS = 256, LANGUAGE_NAME = 24 };

/* The sets of words that a word is in. */
struct membership {
    uint64_t bits[LANGUAGE_SETS / 64];
};

enum cue_role {
    CUE_SCORE,  /* counts: a feature of the sentence */
    CUE_REJECT, /* the sentence is never chosen */
    CUE_KEY,    /* neither, where a colon stands behind the phrase: "Speaker: ..." */
    CUE_VERB,   /* half a sentence with it says something */
    CUE_WEAK,   /* so does an item of a list */
};
struct cue {
    char name[LANGUAGE_NAME];
    enum cue_role role;
    unsigned max; /* so many are as good as more; the feature is count / max */
    bool once;    /* counts in the first sentence that has it only */
};
struct phrase {
    uint32_t cue, first_set; /* phrases are in the order of their first set */
    bool anchored;
    uint8_t count;
    uint16_t sets[12]; /* PHRASE_FILLERS: up to three words of that set */
};
enum { PHRASE_FILLERS = 0, PHRASE_MOST = 12 };

struct language {
    struct hashed words, heads; /* exact words; beginnings of words */
    struct pool tails, phrases;
    uint32_t head_lengths;            /* bit n: some beginnings have n bytes */
    uint32_t from[LANGUAGE_SETS + 1]; /* the phrases that begin with set n: [from[n], from[n + 1]) */
    struct cue cues[LANGUAGE_CUES];
    size_t ncues;
};

/* rank.language{ stop = "a an ...", fillers = "also *ly", cues = { { name =, role =, max =, once =, phrase, ... } } } */
int language_new(lua_State *L);
/* What the word TEXT belongs to; *STOP: it is a stop word. */
struct membership language_look_up(const struct language *g, const struct token *word, bool *stop);
static inline bool membership_has(const struct membership *m, unsigned set) {
    return (m->bits[set / 64] >> (set % 64)) & 1;
}

#endif
