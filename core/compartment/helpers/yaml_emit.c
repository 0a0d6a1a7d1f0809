/* yaml_emit.c - writing, over libyaml's emitter.
 *
 * The one idea: libyaml decides what has to be quoted; what would be read back as null, and an empty string, is
 * quoted by us. Keys go out as they came in (yaml_order.h), those of the ORDER argument first. The emitter is a
 * userdata, so that an error of Lua in the middle releases it.
 */
#include "compartment/helpers/yaml_emit.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/text.h"
#include "compartment/helpers/yaml_order.h"

#define EMITTER "lectern.yaml.emitter"

enum { DEPTH_MAX = 32, FLOW_ITEMS = 8, FLOW_BYTES = 60, OUT_MAX = 4 * 1024 * 1024 };

struct emitter {
    yaml_emitter_t yaml;
    bool started;
    struct buf out;
    unsigned depth;
};

static int emitter_gc(lua_State *L) {
    struct emitter *e = luaL_checkudata(L, 1, EMITTER);
    if (e->started) {
        yaml_emitter_delete(&e->yaml);
        buf_release(&e->out);
        e->started = false;
    }
    return 0;
}

static int take_output(void *data, unsigned char *bytes, size_t n) {
    struct emitter *e = data;
    if (e->out.len + n > OUT_MAX) {
        return 0;
    }
    buf_add(&e->out, bytes, n);
    return 1;
}

/* Consumes EVENT, also when it fails. */
static void send(lua_State *L, struct emitter *e, yaml_event_t *event, int made) {
    if (!made || !yaml_emitter_emit(&e->yaml, event)) {
        luaL_error(L, "yaml.emit: %s", made && e->yaml.problem ? e->yaml.problem : "not enough memory");
    }
}

/* ---- scalars --------------------------------------------------------------------------------------------------- */

static bool reads_as_null(const char *s) {
    return !*s || !strcmp(s, "~") || !strcmp(s, "null") || !strcmp(s, "Null") || !strcmp(s, "NULL");
}

static yaml_scalar_style_t style_of(const char *s, size_t n) {
    if (reads_as_null(s) || strlen(s) < n) {
        return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    }
    return memchr(s, '\n', n) ? YAML_LITERAL_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE;
}

static void send_text(lua_State *L, struct emitter *e, const char *s, size_t n, yaml_scalar_style_t style) {
    yaml_event_t event;
    int made = yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)s, (int)n, 1, 1, style);
    send(L, e, &event, made);
}

/* The value on top of the stack, which is no table. */
static void send_scalar(lua_State *L, struct emitter *e) {
    size_t n;
    switch (lua_type(L, -1)) {
    case LUA_TSTRING: {
        const char *s = lua_tolstring(L, -1, &n);
        if (n > OUT_MAX || text_utf8_valid(s, n) < n) {
            luaL_error(L, "yaml.emit: text that is not UTF-8, or too large");
        }
        send_text(L, e, s, n, style_of(s, n));
        return;
    }
    case LUA_TNUMBER:
    case LUA_TBOOLEAN: {
        const char *s = luaL_tolstring(L, -1, &n);
        send_text(L, e, s, n, YAML_PLAIN_SCALAR_STYLE);
        lua_pop(L, 1);
        return;
    }
    case LUA_TLIGHTUSERDATA:
    case LUA_TNIL:
        send_text(L, e, "null", 4, YAML_PLAIN_SCALAR_STYLE);
        return;
    default:
        luaL_error(L, "yaml.emit: a %s cannot be written", luaL_typename(L, -1));
    }
}

/* ---- tables ---------------------------------------------------------------------------------------------------- */

static void send_value(lua_State *L, struct emitter *e);

static bool is_list(lua_State *L) {
    if (lua_rawlen(L, -1) > 0) {
        return true;
    }
    lua_pushnil(L);
    if (lua_next(L, -2)) {
        lua_pop(L, 2);
        return false;
    }
    return !order_known(L, -1);
}

/* Few short words go on one line: [a, b]. */
static bool fits_line(lua_State *L) {
    size_t bytes = 0, n;
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= count && count <= FLOW_ITEMS; i++) {
        bool plain = lua_rawgeti(L, -1, i) == LUA_TSTRING || lua_type(L, -1) == LUA_TNUMBER;
        n = 0;
        bool line = plain && (lua_type(L, -1) == LUA_TNUMBER || !strchr(lua_tolstring(L, -1, &n), '\n'));
        lua_pop(L, 1);
        bytes += n + 2;
        if (!line || bytes > FLOW_BYTES) {
            return false;
        }
    }
    return count <= FLOW_ITEMS;
}

static void send_list(lua_State *L, struct emitter *e) {
    yaml_event_t event;
    yaml_sequence_style_t style = fits_line(L) ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;
    send(L, e, &event, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style));
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        send_value(L, e);
        lua_pop(L, 1);
    }
    send(L, e, &event, yaml_sequence_end_event_initialize(&event));
}

/* The fields of the table below the list of keys on top. */
static void send_pairs(lua_State *L, struct emitter *e) {
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
        send_scalar(L, e);
        lua_rawget(L, -3);
        send_value(L, e);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void check_keys(lua_State *L) {
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING) {
            luaL_error(L, "yaml.emit: a table mixes fields and items");
        }
    }
}

/* Put the keys of the list at 2 that the table on top has before its own keys; leaves the list of keys on top. */
static void push_wanted_keys(lua_State *L, bool outermost) {
    int table = lua_gettop(L);
    order_push_keys(L, table);
    if (!outermost || !lua_istable(L, 2)) {
        return;
    }
    lua_newtable(L); /* result */
    lua_newtable(L); /* seen */
    lua_Integer n = 0;
    for (int source = 0; source < 2; source++) {
        for (lua_Integer i = 1; lua_rawgeti(L, source ? table + 1 : 2, i) == LUA_TSTRING; i++) {
            lua_pushvalue(L, -1);
            bool seen = lua_rawget(L, table + 3) != LUA_TNIL;
            lua_pushvalue(L, -2);
            bool there = lua_rawget(L, table) != LUA_TNIL;
            lua_pop(L, 2);
            if (seen || !there) {
                lua_pop(L, 1);
                continue;
            }
            lua_pushvalue(L, -1);
            lua_pushboolean(L, 1);
            lua_rawset(L, table + 3);
            lua_rawseti(L, table + 2, ++n);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    lua_remove(L, table + 1);
}

static void send_map(lua_State *L, struct emitter *e) {
    yaml_event_t event;
    check_keys(L);
    send(L, e, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
    push_wanted_keys(L, e->depth == 1);
    send_pairs(L, e);
    lua_pop(L, 1);
    send(L, e, &event, yaml_mapping_end_event_initialize(&event));
}

/* The value on top of the stack stays there. */
static void send_value(lua_State *L, struct emitter *e) {
    luaL_checkstack(L, 16, "yaml");
    if (!lua_istable(L, -1)) {
        send_scalar(L, e);
        return;
    }
    if (++e->depth > DEPTH_MAX) {
        luaL_error(L, "yaml.emit: nested too deeply; does a table contain itself?");
    }
    if (is_list(L)) {
        send_list(L, e);
    } else {
        send_map(L, e);
    }
    e->depth--;
}

static struct emitter *new_emitter(lua_State *L) {
    struct emitter *e = lua_newuserdatauv(L, sizeof *e, 0);
    memset(e, 0, sizeof *e);
    buf_init(&e->out);
    luaL_setmetatable(L, EMITTER);
    if (!yaml_emitter_initialize(&e->yaml)) {
        luaL_error(L, "not enough memory");
    }
    e->started = true;
    yaml_emitter_set_output(&e->yaml, take_output, e);
    yaml_emitter_set_unicode(&e->yaml, 1);
    yaml_emitter_set_width(&e->yaml, -1);
    return e;
}

int emit_table(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
    }
    lua_settop(L, 2);
    struct emitter *e = new_emitter(L);
    yaml_event_t event;
    send(L, e, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    send(L, e, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    lua_pushvalue(L, 1);
    send_value(L, e);
    send(L, e, &event, yaml_document_end_event_initialize(&event, 1));
    send(L, e, &event, yaml_stream_end_event_initialize(&event));
    yaml_emitter_flush(&e->yaml);
    lua_pushlstring(L, e->out.data, e->out.len);
    lua_pushcfunction(L, emitter_gc); /* now, not when the collector comes by */
    lua_pushvalue(L, 3);
    lua_call(L, 1, 0);
    return 1;
}

void emit_open(lua_State *L) {
    luaL_newmetatable(L, EMITTER);
    lua_pushcfunction(L, emitter_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
