/* modules.h - `require` in a compartment: the plugin's files, the runtime, the C helpers, and nothing else.
 *
 * Sources come from the host in one message; there are no files to look in. Runtime modules are called with the table
 * of primitives as a second argument, plugin files are not. A helper must be required while the plugin's top level
 * runs: which ones were decides what later compartments of the plugin load at their start.
 */
#ifndef LECTERN_COMPARTMENT_MODULES_H
#define LECTERN_COMPARTMENT_MODULES_H

#include <lua.h>

enum { HELPERS_MAX = 16 };

struct helper {
    char name[32]; /* "markdown" of lectern.markdown */
    lua_CFunction open;
};

/* Sets the global `require`. The table of primitives is on top of the stack and popped. */
void modules_open(lua_State *L);
void modules_add_helper(lua_State *L, const struct helper *h);
/* Take sources from the `load` message at INDEX: its fields files and chunks. */
void modules_install(lua_State *L, int index);
/* Push the array of helpers required so far. */
void modules_required_helpers(lua_State *L);

#endif
