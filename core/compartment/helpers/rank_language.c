/* rank_language.c - from a table of phrases to bits on words.
 *
 * The one idea: each distinct element of a phrase is a set with a number; a word is looked up once, becomes the bits of
 * its sets, and matching a phrase is testing bits.
 */
#include "compartment/helpers/rank_language.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { SLOT_WORDS = 1, SLOT_WORD_PLACES, SLOT_HEADS, SLOT_HEAD_PLACES, SLOT_TAILS, SLOT_PHRASES, SLOTS = SLOT_PHRASES };
enum { STOP_SET = LANGUAGE_SETS - 1, HEAD_MAX = 31, TAIL_MAX = 8 };

struct known_word {
    uint64_t hash;
    struct membership sets;
};
struct tail {
    char text[TAIL_MAX];
    uint32_t len, set;
};

/* What language_new works on. Stack: 1 the table, 2 the language, 3 numbers of sets by their text. */
struct making {
    lua_State *L;
    struct language *g;
    unsigned sets;
};
enum { AT_SPEC = 1, AT_LANGUAGE, AT_NUMBERS };

static void mark(struct membership *m, unsigned set) {
    m->bits[set / 64] |= (uint64_t)1 << (set % 64);
}

static void add_tail(struct making *m, const char *word, size_t n, unsigned set) {
    if (n == 0 || n > TAIL_MAX) {
        luaL_error(m->L, "an ending has 1 to %d bytes", TAIL_MAX);
    }
    struct tail *t = pool_push(m->L, AT_LANGUAGE, SLOT_TAILS, &m->g->tails, 1, sizeof *t);
    memcpy(t->text, word, n);
    t->len = (uint32_t)n;
    t->set = set;
}

static void add_word(struct making *m, const char *word, size_t n, unsigned set) {
    bool head = n > 1 && word[n - 1] == '*';
    if (n > 1 && *word == '*') {
        add_tail(m, word + 1, n - 1, set);
        return;
    }
    n -= head;
    if (n > HEAD_MAX) {
        luaL_error(m->L, "'%s' is too long", word);
    }
    struct hashed *table = head ? &m->g->heads : &m->g->words;
    int slot = head ? SLOT_HEADS : SLOT_WORDS;
    uint32_t at = hashed_add(m->L, AT_LANGUAGE, slot, table, hash_bytes(word, n));
    mark(&((struct known_word *)table->items.data)[at].sets, set);
    m->g->head_lengths |= head ? 1u << n : 0;
}

/* Add the words of TEXT between characters of BETWEEN to SET. */
static void add_words(struct making *m, const char *text, size_t n, const char *between, unsigned set) {
    for (size_t at = 0; at < n;) {
        size_t from = at;
        while (at < n && !strchr(between, text[at])) {
            at++;
        }
        if (at > from) {
            add_word(m, text + from, at - from, set);
        }
        at++;
    }
}

/* The number of the set whose words ELEMENT lists. */
static unsigned set_of(struct making *m, const char *element, size_t n) {
    lua_State *L = m->L;
    lua_pushlstring(L, element, n);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, AT_NUMBERS) == LUA_TNUMBER) {
        unsigned set = (unsigned)lua_tointeger(L, -1);
        lua_pop(L, 2);
        return set;
    }
    if (m->sets == STOP_SET) {
        luaL_error(L, "more than %d different elements", STOP_SET);
    }
    unsigned set = m->sets++;
    lua_pop(L, 1);
    lua_pushinteger(L, set);
    lua_rawset(L, AT_NUMBERS);
    add_words(m, element, n, "|", set);
    return set;
}

static void add_phrase(struct making *m, uint32_t cue, const char *text, size_t n) {
    struct phrase p = {.cue = cue, .anchored = n > 0 && *text == '^'};
    for (size_t at = p.anchored; at < n;) {
        size_t from = at;
        while (at < n && text[at] != ' ') {
            at++;
        }
        if (p.count == PHRASE_MOST) {
            luaL_error(m->L, "'%s' has more than %d elements", text, PHRASE_MOST);
        }
        if (at > from) {
            bool fillers = at - from == 1 && text[from] == '~';
            p.sets[p.count++] = (uint16_t)(fillers ? PHRASE_FILLERS : set_of(m, text + from, at - from));
        }
        at++;
    }
    if (p.count == 0 || p.sets[0] == PHRASE_FILLERS) {
        luaL_error(m->L, "'%s' does not begin with a word", text);
    }
    p.first_set = p.sets[0];
    *(struct phrase *)pool_push(m->L, AT_LANGUAGE, SLOT_PHRASES, &m->g->phrases, 1, sizeof p) = p;
}

/* ---- cues ------------------------------------------------------------------------------------------------------ */

static enum cue_role check_role(lua_State *L) {
    static const char *const names[] = {"score", "reject", "key", "verb", "weak", NULL};
    lua_getfield(L, -1, "role");
    const char *role = luaL_optstring(L, -1, "score");
    int i = 0;
    while (names[i] && strcmp(names[i], role) != 0) {
        i++;
    }
    if (!names[i]) {
        luaL_error(L, "unknown role '%s' of a cue", role);
    }
    lua_pop(L, 1);
    return (enum cue_role)i;
}

/* The cue described by the table on top, which is popped. */
static void add_cue(struct making *m) {
    lua_State *L = m->L;
    if (!lua_istable(L, -1) || m->g->ncues == LANGUAGE_CUES) {
        luaL_error(L, "cues are at most %d tables", LANGUAGE_CUES);
    }
    struct cue *c = &m->g->cues[m->g->ncues];
    lua_getfield(L, -1, "name");
    size_t n;
    const char *name = luaL_checklstring(L, -1, &n);
    if (n >= sizeof c->name) {
        luaL_error(L, "the name '%s' is too long", name);
    }
    memcpy(c->name, name, n + 1);
    lua_pop(L, 1);
    c->role = check_role(L);
    lua_getfield(L, -1, "max");
    lua_Integer max = luaL_optinteger(L, -1, 1);
    c->max = max > 0 && max < 100 ? (unsigned)max : 1;
    lua_getfield(L, -2, "once");
    c->once = lua_toboolean(L, -1);
    lua_pop(L, 2);
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
        const char *text = lua_tolstring(L, -1, &n);
        add_phrase(m, (uint32_t)m->g->ncues, text, n);
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
    m->g->ncues++;
}

static int by_first_set(const void *a, const void *b) {
    uint32_t x = ((const struct phrase *)a)->first_set, y = ((const struct phrase *)b)->first_set;
    return (x > y) - (x < y);
}

static void order_phrases(struct language *g) {
    struct phrase *p = g->phrases.data;
    uint32_t at = 0;
    if (g->phrases.count) {
        qsort(p, g->phrases.count, sizeof *p, by_first_set);
    }
    for (uint32_t set = 0; set <= LANGUAGE_SETS; set++) {
        while (at < g->phrases.count && p[at].first_set < set) {
            at++;
        }
        g->from[set] = at;
    }
}

int language_new(lua_State *L) {
    luaL_checktype(L, AT_SPEC, LUA_TTABLE);
    lua_settop(L, AT_SPEC);
    struct language *g = lua_newuserdatauv(L, sizeof *g, SLOTS);
    memset(g, 0, sizeof *g);
    g->words.stride = g->heads.stride = sizeof(struct known_word);
    luaL_setmetatable(L, RANK_LANGUAGE);
    lua_newtable(L);
    struct making m = {.L = L, .g = g, .sets = PHRASE_FILLERS + 1};
    size_t n;
    lua_getfield(L, AT_SPEC, "stop");
    const char *text = luaL_optlstring(L, -1, "", &n);
    add_words(&m, text, n, " \n", STOP_SET);
    lua_getfield(L, AT_SPEC, "fillers");
    text = luaL_optlstring(L, -1, "", &n);
    add_words(&m, text, n, " \n", PHRASE_FILLERS);
    lua_pop(L, 2);
    if (lua_getfield(L, AT_SPEC, "cues") == LUA_TTABLE) {
        for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
            add_cue(&m);
        }
        lua_pop(L, 1);
    }
    order_phrases(g);
    lua_pushvalue(L, AT_LANGUAGE);
    return 1;
}

/* ---- looking up ------------------------------------------------------------------------------------------------ */

static void join(struct membership *m, const struct hashed *table, uint64_t hash) {
    uint32_t at = hashed_find(table, hash);
    if (at == (uint32_t)HASHED_NONE) {
        return;
    }
    const struct known_word *word = &((const struct known_word *)table->items.data)[at];
    for (size_t i = 0; i < sizeof m->bits / sizeof *m->bits; i++) {
        m->bits[i] |= word->sets.bits[i];
    }
}

struct membership language_look_up(const struct language *g, const struct token *word, bool *stop) {
    struct membership m = {{0}};
    uint64_t hash = HASH_START;
    join(&m, &g->words, word->hash);
    for (size_t i = 0; i < word->len && i < HEAD_MAX; i++) {
        hash = hash_add(hash, (unsigned char)word->text[i]);
        if (g->head_lengths >> (i + 1) & 1) {
            join(&m, &g->heads, hash);
        }
    }
    const struct tail *t = g->tails.data;
    for (size_t i = 0; i < g->tails.count; i++) {
        if (word->len > t[i].len + 2 && memcmp(word->text + word->len - t[i].len, t[i].text, t[i].len) == 0) {
            mark(&m, t[i].set);
        }
    }
    *stop = membership_has(&m, STOP_SET);
    return m;
}
