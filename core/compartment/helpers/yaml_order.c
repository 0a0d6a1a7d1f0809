/* yaml_order.c - what a Lua table does not keep.
 *
 * The one idea: a weak table from mappings to their orders, so that a mapping is a plain table and its order goes
 * with it.
 */
#include "compartment/helpers/yaml_order.h"

#include <lauxlib.h>
#include <stdbool.h>

#define ORDERS "lectern.yaml.orders"

void order_open(lua_State *L) {
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, ORDERS);
}

void order_new(lua_State *L) {
    lua_newtable(L);
}

void order_add(lua_State *L, int order, int key, size_t line) {
    lua_pushvalue(L, key);
    lua_rawseti(L, order, (lua_Integer)lua_rawlen(L, order) + 1);
    lua_pushvalue(L, key);
    lua_pushinteger(L, (lua_Integer)line);
    lua_rawset(L, order);
}

void order_keep(lua_State *L, int mapping) {
    lua_getfield(L, LUA_REGISTRYINDEX, ORDERS);
    lua_pushvalue(L, mapping);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 2);
}

/* Push the order of the table at MAPPING, or nil. */
static int push_order(lua_State *L, int mapping) {
    mapping = lua_absindex(L, mapping);
    lua_getfield(L, LUA_REGISTRYINDEX, ORDERS);
    lua_pushvalue(L, mapping);
    int type = lua_rawget(L, -2);
    lua_remove(L, -2);
    return type;
}

/* Sort the list on top of the stack, of strings. */
static void sort_list(lua_State *L) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    int list = lua_absindex(L, -1);
    for (lua_Integer gap = n / 2; gap > 0; gap /= 2) { /* shell sort: few keys, no comparator of the plugin */
        for (lua_Integer i = gap + 1; i <= n; i++) {
            lua_rawgeti(L, list, i);
            lua_Integer at = i;
            for (; at > gap; at -= gap) {
                lua_rawgeti(L, list, at - gap);
                if (!lua_compare(L, -2, -1, LUA_OPLT)) {
                    lua_pop(L, 1);
                    break;
                }
                lua_rawseti(L, list, at);
            }
            lua_rawseti(L, list, at);
        }
    }
}

/* Push the string keys of MAPPING that are not in the table at KNOWN, sorted. */
static void push_other_keys(lua_State *L, int mapping, int known) {
    lua_newtable(L);
    lua_Integer n = 0;
    lua_pushnil(L);
    while (lua_next(L, mapping)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        bool is_new = lua_type(L, -1) == LUA_TSTRING && lua_rawget(L, known) == LUA_TNIL;
        lua_pop(L, 1);
        if (is_new) {
            lua_pushvalue(L, -1);
            lua_rawseti(L, -3, ++n);
        }
    }
    sort_list(L);
}

/* Push those keys of the order at ORDER that the table at MAPPING still has. */
static void push_kept_keys(lua_State *L, int mapping, int order) {
    lua_newtable(L);
    lua_Integer n = 0;
    for (lua_Integer i = 1; lua_rawgeti(L, order, i) == LUA_TSTRING; i++) {
        lua_pushvalue(L, -1);
        if (lua_rawget(L, mapping) == LUA_TNIL) {
            lua_pop(L, 2);
            continue;
        }
        lua_pop(L, 1);
        lua_rawseti(L, -2, ++n);
    }
    lua_pop(L, 1);
}

void order_push_keys(lua_State *L, int mapping) {
    mapping = lua_absindex(L, mapping);
    luaL_checkstack(L, 12, "yaml");
    if (push_order(L, mapping) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
    }
    int order = lua_gettop(L);
    push_kept_keys(L, mapping, order);
    push_other_keys(L, mapping, order);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -2), more = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= more; i++) {
        lua_rawgeti(L, -1, i);
        lua_rawseti(L, -3, n + i);
    }
    lua_pop(L, 1);
    lua_remove(L, order);
}

int order_keys(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    order_push_keys(L, 1);
    return 1;
}

int order_line(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkstring(L, 2);
    if (push_order(L, 1) == LUA_TTABLE) {
        lua_pushvalue(L, 2);
        lua_rawget(L, -2);
    }
    return 1;
}

bool order_known(lua_State *L, int mapping) {
    bool known = push_order(L, mapping) == LUA_TTABLE;
    lua_pop(L, 1);
    return known;
}
