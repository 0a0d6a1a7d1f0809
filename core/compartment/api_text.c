/* api_text.c - text primitives of the runtime: what would be slow or quadratic in Lua.
 *
 * The one idea: offsets are bytes, 0-based and half-open, and everything is one pass over the text.
 */
#include "compartment/api.h"

#include <lauxlib.h>
#include <string.h>

#include "base/text.h"
#include "compartment/lines.h"
#include "compartment/sentences.h"
#include "compartment/words.h"

#define LINE_INDEX "lectern.line_index"

/* ---- pieces ---------------------------------------------------------------------------------------------------- */

/* The nearest of a list of words: host.nearest("lmit", { "limit", "sort" }) */
static int text_nearest_of(lua_State *L) {
    const char *word = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    const char *best = NULL;
    unsigned best_distance = ~0u;
    for (lua_Integer i = 1; lua_rawgeti(L, 2, i) == LUA_TSTRING; i++) {
        const char *candidate = lua_tostring(L, -1);
        if (text_nearest(word, &candidate, 1)) {
            unsigned distance = text_distance(word, candidate, 64);
            if (distance < best_distance) {
                best = candidate;
                best_distance = distance;
            }
        }
        lua_pop(L, 1);
    }
    lua_pushstring(L, best);
    return 1;
}

/* How many bytes from S to take for COUNT of them without cutting a character; at least one character. */
static size_t whole_characters(const char *s, size_t n, size_t count) {
    if (count >= n) {
        return n;
    }
    size_t take = text_utf8_cut(s, n, count);
    if (take == 0 && n > 0) {
        text_utf8_next(s, n, &take);
    }
    return take;
}

static int text_slice(lua_State *L) {
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_Integer offset = luaL_checkinteger(L, 2);
    lua_Integer count = luaL_checkinteger(L, 3);
    luaL_argcheck(L, offset >= 0, 2, "negative");
    luaL_argcheck(L, count >= 0, 3, "negative");
    size_t at = (size_t)offset < n ? (size_t)offset : n;
    lua_pushlstring(L, s + at, count ? whole_characters(s + at, n - at, (size_t)count) : 0);
    return 1;
}

static int text_columns(lua_State *L) {
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_pushinteger(L, (lua_Integer)text_width(s, n));
    return 1;
}

/* Push what FILL makes of the string at 1, which is as long as titles and names are. */
static int text_made(lua_State *L, void (*fill)(struct buf *out, const char *s, size_t n)) {
    enum { MADE_OF_MAX = 4096, MADE_MAX = 3 * MADE_OF_MAX };
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    struct buf out = BUF_INIT;
    char made[MADE_MAX]; /* pushing may raise, and then nothing may be held */
    fill(&out, s, text_utf8_cut(s, n, MADE_OF_MAX));
    size_t len = text_utf8_cut(out.data, out.len, sizeof made);
    memcpy(made, out.data, len);
    buf_release(&out);
    lua_pushlstring(L, made, len);
    return 1;
}

static int text_key_of(lua_State *L) {
    return text_made(L, text_key);
}

static void slug(struct buf *out, const char *s, size_t n) {
    text_slug(out, s, n, 60);
}

static int text_slug_of(lua_State *L) {
    return text_made(L, slug);
}

static int text_is_utf8(lua_State *L) {
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_pushboolean(L, text_utf8_valid(s, n) == n);
    return 1;
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */

static int text_count_lines(lua_State *L) {
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_pushinteger(L, (lua_Integer)lines_count(s, n));
    return 1;
}

/* Upvalues: the text, where the next line begins. */
static int next_line(lua_State *L) {
    size_t n;
    const char *s = lua_tolstring(L, lua_upvalueindex(1), &n);
    size_t at = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    if (at >= n) {
        return 0;
    }
    size_t next;
    size_t length = lines_length(s + at, n - at, &next);
    lua_pushinteger(L, (lua_Integer)(at + next));
    lua_replace(L, lua_upvalueindex(2));
    lua_pushlstring(L, s + at, length);
    lua_pushinteger(L, (lua_Integer)at);
    return 2;
}

static int text_lines(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_line, 2);
    return 1;
}

struct line_index {
    size_t bytes, count;
    uint32_t starts[];
};

static int text_line_index(lua_State *L) {
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    luaL_argcheck(L, n < UINT32_MAX, 1, "too large");
    size_t count = lines_count(s, n);
    struct line_index *index = lua_newuserdatauv(L, sizeof *index + (count + 1) * sizeof *index->starts, 0);
    *index = (struct line_index){.bytes = n, .count = count};
    index->starts[0] = 0;
    lines_index(s, n, index->starts);
    luaL_setmetatable(L, LINE_INDEX);
    return 1;
}

static int index_line(lua_State *L) {
    struct line_index *index = luaL_checkudata(L, 1, LINE_INDEX);
    lua_Integer byte = luaL_checkinteger(L, 2);
    lua_pushinteger(L, (lua_Integer)lines_at(index->starts, index->count, byte < 0 ? 0 : (size_t)byte));
    return 1;
}

static int index_span(lua_State *L) {
    struct line_index *index = luaL_checkudata(L, 1, LINE_INDEX);
    lua_Integer line = luaL_checkinteger(L, 2);
    if (line < 1 || (size_t)line > index->count) {
        return 0;
    }
    size_t end = (size_t)line < index->count ? index->starts[line] : index->bytes;
    lua_pushinteger(L, index->starts[line - 1]);
    lua_pushinteger(L, (lua_Integer)end);
    return 2;
}

static void open_line_index(lua_State *L) {
    static const luaL_Reg methods[] = {{"line", index_line}, {"span", index_span}, {NULL, NULL}};
    luaL_newmetatable(L, LINE_INDEX);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

void api_text_open(lua_State *L) {
    open_line_index(L);
}

/* ---- words and sentences --------------------------------------------------------------------------------------- */

static int text_words(lua_State *L) {
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    bool lower = lua_toboolean(L, 2);
    struct word w = {0};
    char folded[WORD_BYTES_MAX * 2];
    lua_newtable(L);
    for (lua_Integer i = 1; words_next(s, n, &w); i++) {
        size_t len = w.end - w.start;
        if (lower) {
            lua_pushlstring(L, folded, words_fold(s + w.start, len, folded));
        } else {
            lua_pushlstring(L, s + w.start, len);
        }
        lua_rawseti(L, -2, i);
    }
    return 1;
}

static int text_sentences(lua_State *L) {
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    struct sentences it;
    struct sentence span;
    sentences_init(&it, s, n);
    lua_newtable(L);
    for (lua_Integer i = 1; sentences_next(&it, &span); i++) {
        lua_createtable(L, 2, 0);
        lua_pushinteger(L, (lua_Integer)span.start);
        lua_rawseti(L, -2, 1);
        lua_pushinteger(L, (lua_Integer)span.end);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

const struct api_row api_text_rows[] = {
    {"nearest", text_nearest_of, "(word, list) -> word", "the item of the list that was probably meant, or nil"},
    {"slice", text_slice, "(text, offset, count) -> text", "about COUNT bytes, whole characters, at least one"},
    {"width", text_columns, "(text) -> columns", "on a terminal"},
    {"key", text_key_of, "(text) -> text", "folded for comparing titles and names"},
    {"slug", text_slug_of, "(text) -> text", "for file names: ascii, hyphens, 60 bytes at most"},
    {"is_utf8", text_is_utf8, "(text) -> boolean", "whether all of it is valid"},
    {"count_lines", text_count_lines, "(text) -> integer", "how many lines"},
    {"lines", text_lines, "(text) -> iterator", "line without its end, its first byte"},
    {"line_index", text_line_index, "(text) -> index", "index:line(byte), index:span(line)"},
    {"words", text_words, "(text, lower) -> list", "runs of letters and digits"},
    {"sentences", text_sentences, "(text) -> list", "{start, end} of each sentence"},
    {NULL, NULL, NULL, NULL},
};
