/* api.h - the primitives the Lua runtime is made of: one table, given to runtime modules and to nobody else.
 *
 * Plugins see what share/lectern/lua makes of them. A row is a name, a function, how to call it and what it is for.
 */
#ifndef LECTERN_COMPARTMENT_API_H
#define LECTERN_COMPARTMENT_API_H

#include <lua.h>

struct api_row {
    const char *name;
    lua_CFunction function;
    const char *signature;
    const char *doc;
};
extern const struct api_row api_host_rows[], api_html_rows[], api_text_rows[]; /* each ends with a NULL name */

void api_text_open(lua_State *L); /* the classes that text primitives return */
/* Push the table; sets the global `print`. */
void api_open(lua_State *L);

/* Bodies of the tasks that the host's requests start. */
int api_load(lua_State *L);
int api_call(lua_State *L);

#endif
