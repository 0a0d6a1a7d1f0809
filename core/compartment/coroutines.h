/* coroutines.h - the table `coroutine` of plugins.
 *
 * It behaves as Lua's own, with one difference that plugins do not see: when the innermost coroutine has to wait (for
 * the host, for its turn), all coroutines around it are suspended with it and resumed with it, so a generator may ask
 * the host and may be interrupted. What died with a doomed task is not closed: none of its code runs again.
 */
#ifndef LECTERN_COMPARTMENT_COROUTINES_H
#define LECTERN_COMPARTMENT_COROUTINES_H

#include <lua.h>

/* Pushes the table. */
int coroutines_open(lua_State *L);

#endif
