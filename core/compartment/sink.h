/* sink.h - bytes on their way out of a compartment, gathered without making strings of them.
 *
 * A userdata of the runtime (host.sink). It holds at most SINK_BYTES, which do not count against the plugin's cap, and encodes as bin: the first bytes of
 * it, as many as were marked, so that one sink serves several messages.
 */
#ifndef LECTERN_COMPARTMENT_SINK_H
#define LECTERN_COMPARTMENT_SINK_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

enum { SINK_BYTES = 1024 * 1024 };

void sink_open(lua_State *L); /* pushes the function that makes one */
/* Is the value at INDEX a sink? Then its marked bytes, valid until it changes. */
bool sink_marked(lua_State *L, int index, const char **bytes, size_t *n);

#endif
