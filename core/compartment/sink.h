/* sink.h - bytes on their way out of a compartment, gathered without making strings of them.
 *
 * A userdata of the runtime (host.sink), and of exporters (out:buffer). What it holds counts against the plugin's cap. It
 * encodes as bin: the first bytes of it, as many as were marked, so that one sink serves several messages.
 */
#ifndef LECTERN_COMPARTMENT_SINK_H
#define LECTERN_COMPARTMENT_SINK_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

void sink_open(lua_State *L); /* pushes the function that makes one */
/* Is the value at INDEX a sink? Then *N of its bytes are marked. */
bool sink_marked(lua_State *L, int index, size_t *n);
/* These bytes as MessagePack, of the sink at INDEX. */
void sink_write(lua_State *L, int index, struct buf *out);

#endif
