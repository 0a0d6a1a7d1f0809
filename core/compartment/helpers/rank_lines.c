/* rank_lines.c - an inverted index over lines.
 *
 * The one idea: a line is compared with those that share a word with it, and each such word adds its part to all of
 * them at once.
 */
#include "compartment/helpers/rank_lines.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

/* A word of one of two kinds: as written, or as a stem. */
struct line_word {
    uint64_t hash;
    uint32_t last;  /* its last posting, one up; each leads to the one before */
    uint32_t count; /* in the line at hand */
    bool stem;
};
struct posting {
    uint32_t line, count, before;
};
struct chosen {
    double length[2]; /* of the row of counts: written, stems */
    double sum[2];    /* of the line at hand with this one */
};
struct lines {
    const struct language *language;
    struct hashed words;
    struct pool postings, chosen;
    struct pool found; /* numbers of the words of the line at hand, each once */
};
enum {
    LINES_LANGUAGE = 1,
    LINES_WORDS,
    LINES_PLACES,
    LINES_POSTINGS,
    LINES_CHOSEN,
    LINES_FOUND,
    LINES_VALUES = LINES_FOUND
};
static const uint64_t stem_mark = 0x9e3779b97f4a7c15u;

static void count_word(lua_State *L, struct lines *l, uint64_t hash, bool stem) {
    uint32_t at = hashed_add(L, 1, LINES_WORDS, &l->words, hash);
    struct line_word *word = &((struct line_word *)l->words.items.data)[at];
    word->stem = stem;
    if (word->count++ == 0) {
        *(uint32_t *)pool_push(L, 1, LINES_FOUND, &l->found, 1, sizeof at) = at;
    }
}

/* Count the words of the string at 2; LENGTH of both rows. */
static void count_words(lua_State *L, struct lines *l, double length[2]) {
    size_t n;
    const char *s = luaL_checklstring(L, 2, &n);
    struct tokens it = {.s = s, .n = n};
    struct token t;
    while (tokens_next(&it, &t)) {
        bool stop;
        language_look_up(l->language, &t, &stop);
        count_word(L, l, t.hash, false);
        if (!stop) {
            count_word(L, l, hash_stem(t.text, t.len) ^ stem_mark, true);
        }
    }
    length[0] = length[1] = 0;
    for (size_t i = 0; i < l->found.count; i++) {
        const struct line_word *word = &((struct line_word *)l->words.items.data)[((uint32_t *)l->found.data)[i]];
        length[word->stem] += (double)word->count * word->count;
    }
    length[0] = sqrt(length[0]);
    length[1] = sqrt(length[1]);
}

static void forget_counts(struct lines *l) {
    for (size_t i = 0; i < l->found.count; i++) {
        ((struct line_word *)l->words.items.data)[((uint32_t *)l->found.data)[i]].count = 0;
    }
    l->found.count = 0;
}

static void sum_up(struct lines *l) {
    struct chosen *chosen = l->chosen.data;
    const struct posting *postings = l->postings.data;
    for (size_t i = 0; i < l->found.count; i++) {
        const struct line_word *word = &((struct line_word *)l->words.items.data)[((uint32_t *)l->found.data)[i]];
        for (uint32_t at = word->last; at; at = postings[at - 1].before) {
            chosen[postings[at - 1].line].sum[word->stem] += (double)word->count * postings[at - 1].count;
        }
    }
}

static struct lines *check(lua_State *L) {
    return luaL_checkudata(L, 1, RANK_LINES);
}

int lines_closest(lua_State *L) {
    struct lines *l = check(L);
    double length[2], best = 0;
    size_t which = 0;
    forget_counts(l); /* an error may have left some */
    count_words(L, l, length);
    struct chosen *chosen = l->chosen.data;
    for (size_t i = 0; i < l->chosen.count; i++) {
        chosen[i].sum[0] = chosen[i].sum[1] = 0;
    }
    sum_up(l);
    for (size_t i = 0; i < l->chosen.count; i++) {
        for (int kind = 0; kind < 2; kind++) {
            double lengths = length[kind] * chosen[i].length[kind];
            double cosine = lengths > 0 ? chosen[i].sum[kind] / lengths : 0;
            which = cosine > best ? i + 1 : which;
            best = fmax(best, cosine);
        }
    }
    forget_counts(l);
    lua_pushnumber(L, best);
    lua_pushinteger(L, (lua_Integer)which);
    return 2;
}

int lines_add(lua_State *L) {
    struct lines *l = check(L);
    double length[2];
    forget_counts(l);
    count_words(L, l, length);
    struct chosen *line = pool_push(L, 1, LINES_CHOSEN, &l->chosen, 1, sizeof *line);
    memcpy(line->length, length, sizeof length);
    for (size_t i = 0; i < l->found.count; i++) {
        struct posting *p = pool_push(L, 1, LINES_POSTINGS, &l->postings, 1, sizeof *p);
        struct line_word *word = &((struct line_word *)l->words.items.data)[((uint32_t *)l->found.data)[i]];
        *p = (struct posting){(uint32_t)l->chosen.count - 1, word->count, word->last};
        word->last = (uint32_t)l->postings.count;
    }
    forget_counts(l);
    return 0;
}

int lines_new(lua_State *L) {
    const struct language *g = luaL_checkudata(L, 1, RANK_LANGUAGE);
    lua_settop(L, 1);
    struct lines *l = lua_newuserdatauv(L, sizeof *l, LINES_VALUES);
    memset(l, 0, sizeof *l);
    l->language = g;
    l->words.stride = sizeof(struct line_word);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 2, LINES_LANGUAGE);
    luaL_setmetatable(L, RANK_LINES);
    return 1;
}
