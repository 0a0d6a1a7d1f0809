/* globals.h - the names a plugin finds: an allow-list, with the library functions that could hang or leak made safe.
 *
 * What is not listed in globals.c does not exist: no os, io, package, debug, collectgarbage, dofile, loadfile, warn,
 * string.dump. `print` and `require` are added by those who implement them.
 */
#ifndef LECTERN_COMPARTMENT_GLOBALS_H
#define LECTERN_COMPARTMENT_GLOBALS_H

#include <lua.h>
#include <stddef.h>

enum { LOAD_BYTES_MAX = 1024 * 1024, REP_BYTES_MAX = 16 * 1024 * 1024, RANGE_MAX = 1000 * 1000 };

void globals_open(lua_State *L);
/* As luaL_tolstring, but without an address in the result. */
const char *globals_tostring(lua_State *L, int index, size_t *n);
/* Start math.random anew. */
void globals_seed(lua_State *L, lua_Integer seed);

#endif
