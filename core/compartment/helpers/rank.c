/* rank.c - lectern.rank: sentences of a text as rows of numbers, for those who choose among them.
 *
 * The one idea: reading, comparing and iterating are here, because they go over every word; which phrases matter and
 * what a feature is worth comes from Lua.
 */
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "compartment/helpers/rank_doc.h"
#include "compartment/helpers/rank_graph.h"
#include "compartment/helpers/rank_lines.h"

int luaopen_lectern_rank(lua_State *L);

static struct rank_doc *check(lua_State *L) {
    return luaL_checkudata(L, 1, RANK_DOC);
}

static const struct rank_sentence *check_sentence(lua_State *L, const struct rank_doc *d, int arg) {
    lua_Integer i = luaL_checkinteger(L, arg);
    luaL_argcheck(L, i >= 1 && (size_t)i <= d->sentences.count, arg, "no such sentence");
    return doc_sentence(d, (size_t)i - 1);
}

/* doc:count() -> how many sentences */
static int doc_count(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)check(L)->sentences.count);
    return 1;
}

/* doc:span(i) -> first byte, byte behind the last; 0-based */
static int doc_span(lua_State *L) {
    const struct rank_sentence *s = check_sentence(L, check(L), 2);
    lua_pushinteger(L, (lua_Integer)s->start);
    lua_pushinteger(L, (lua_Integer)s->end);
    return 2;
}

/* doc:words(i) -> how many words */
static int doc_words(lua_State *L) {
    lua_pushinteger(L, check_sentence(L, check(L), 2)->count);
    return 1;
}

/* doc:usable(i) -> whether it may be chosen */
static int doc_usable(lua_State *L) {
    lua_pushboolean(L, check_sentence(L, check(L), 2)->role == ROLE_USABLE);
    return 1;
}

static const char *feature_name(const struct rank_doc *d, size_t i) {
    return i < FEATURES ? feature_names[i] : d->language->cues[i - FEATURES].name;
}

/* doc:features(i) -> { name = value }, those that are not 0 */
static int doc_features_of(lua_State *L) {
    const struct rank_doc *d = check(L);
    check_sentence(L, d, 2);
    const double *values = doc_features(d, (size_t)lua_tointeger(L, 2) - 1);
    lua_newtable(L);
    for (size_t i = 0; i < d->nfeatures; i++) {
        if (values[i] > 0) {
            lua_pushnumber(L, values[i]);
            lua_setfield(L, -2, feature_name(d, i));
        }
    }
    return 1;
}

/* The numbers of the table at ARG by feature; a name that is none is an error. */
static void read_weights(lua_State *L, const struct rank_doc *d, int arg, double *weights) {
    size_t known = 0, given = 0;
    luaL_checktype(L, arg, LUA_TTABLE);
    for (size_t i = 0; i < d->nfeatures; i++) {
        weights[i] = 0;
        if (lua_getfield(L, arg, feature_name(d, i)) != LUA_TNIL) {
            weights[i] = luaL_checknumber(L, -1);
            known++;
        }
        lua_pop(L, 1);
    }
    for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) {
        given++;
    }
    luaL_argcheck(L, given == known, arg, "has a weight for what is no feature");
}

/* doc:scores(weights) -> the weighted sum of the features of each sentence; false where it may not be chosen */
static int doc_scores(lua_State *L) {
    const struct rank_doc *d = check(L);
    double weights[FEATURES + LANGUAGE_CUES];
    read_weights(L, d, 2, weights);
    lua_createtable(L, (int)d->sentences.count, 0);
    for (size_t i = 0; i < d->sentences.count; i++) {
        const double *values = doc_features(d, i);
        double score = 0;
        for (size_t f = 0; f < d->nfeatures; f++) {
            score += values[f] * weights[f];
        }
        if (doc_sentence(d, i)->role == ROLE_USABLE) {
            lua_pushnumber(L, score);
        } else {
            lua_pushboolean(L, false);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static void open_class(lua_State *L, const char *name, const luaL_Reg *methods) {
    luaL_newmetatable(L, name);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

int luaopen_lectern_rank(lua_State *L) {
    static const luaL_Reg doc[] = {
        {"count", doc_count},       {"span", doc_span},           {"words", doc_words},
        {"usable", doc_usable},     {"scores", doc_scores},       {"features", doc_features_of},
        {"lexrank", graph_lexrank}, {"textrank", graph_textrank}, {NULL, NULL}};
    static const luaL_Reg lines[] = {{"closest", lines_closest}, {"add", lines_add}, {NULL, NULL}};
    static const luaL_Reg none[] = {{NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"language", language_new}, {"read", doc_read}, {"lines", lines_new}, {NULL, NULL}};
    open_class(L, RANK_DOC, doc);
    open_class(L, RANK_LINES, lines);
    open_class(L, RANK_LANGUAGE, none);
    luaL_newlib(L, functions);
    return 1;
}
