/* yaml_emit.h - tables to YAML that yaml.parse reads back as the same tables. */
#ifndef LECTERN_COMPARTMENT_YAML_EMIT_H
#define LECTERN_COMPARTMENT_YAML_EMIT_H

#include <lua.h>

void emit_open(lua_State *L); /* makes the class */
int emit_table(lua_State *L); /* yaml.emit(table [, order]) -> text */

#endif
