/* transfer.h - Lua values to and from MessagePack, without anything between the two.
 *
 * A table whose keys are 1..n is an array, also when it is empty; one whose keys are strings or other integers is a
 * map, its keys in order, so that the same table always gives the same bytes. A table with holes or with both kinds
 * of keys is an error, as are functions, coroutines and tables nested deeper than TRANSFER_DEPTH. Text is str where
 * it is UTF-8 and bin where it is not. lectern.null, the light userdata NULL, stands for nil where nil itself cannot
 * stand.
 */
#ifndef LECTERN_COMPARTMENT_TRANSFER_H
#define LECTERN_COMPARTMENT_TRANSFER_H

#include <lua.h>
#include <stdbool.h>

#include "base/buf.h"
#include "compartment/unpack.h"

enum { TRANSFER_DEPTH = 24, TRANSFER_BYTES_MAX = 16 * 1024 * 1024, TRANSFER_READ_DEPTH = 32 };

/* Append the value at INDEX. On failure OUT is as it was, false is returned and a message is pushed that begins with
 * WHAT: "result.items[3]: a function cannot leave the compartment". */
bool transfer_write(lua_State *L, int index, struct buf *out, const char *what);
/* The same for a table that is a map even when it is empty; nil is an empty map. */
bool transfer_write_map(lua_State *L, int index, struct buf *out, const char *what);

/* Take back what was appended since OUT was LEN bytes long. */
void transfer_undo(struct buf *out, size_t len);

/* Push the next value; raises when it is no MessagePack. In arrays nil becomes lectern.null; in maps it is left out. */
void transfer_read(lua_State *L, struct unpack *u);

void transfer_push_null(lua_State *L);
int transfer_is_null(lua_State *L, int index);

/* ---- batches: values encoded when they are added, sent together later ------------------------------------------- */

/* A userdata that encodes as the array of what was added. */
void transfer_open_batch(lua_State *L); /* pushes the function that makes one */

#endif
