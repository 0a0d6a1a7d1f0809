/* yaml_order.h - the order and lines of a mapping's keys, kept beside the table. */
#ifndef LECTERN_COMPARTMENT_YAML_ORDER_H
#define LECTERN_COMPARTMENT_YAML_ORDER_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

void order_open(lua_State *L);
/* Push a new order. An order is a list of keys and, by key, their lines. */
void order_new(lua_State *L);
void order_add(lua_State *L, int order, int key, size_t line);
/* Pop the order on top: it is that of the table at index MAPPING from now on. */
void order_keep(lua_State *L, int mapping);
/* Push the keys of the table at MAPPING: as they were written; keys added since come behind, sorted. */
void order_push_keys(lua_State *L, int mapping);
bool order_known(lua_State *L, int mapping); /* it was read as a mapping, even if it is empty */

int order_keys(lua_State *L); /* yaml.keys(mapping) -> [key] */
int order_line(lua_State *L); /* yaml.line(mapping, key) -> line | nil */

#endif
