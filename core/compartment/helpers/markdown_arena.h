/* markdown_arena.h - where cmark's memory is: in Lua userdata, hung from the document it belongs to.
 *
 * So a tree counts against the plugin's memory, goes when its document goes, and running out of memory is an ordinary
 * Lua error that leaves nothing behind. cmark's allocator functions take no context: which userdata they work for is
 * set by arena_enter before each call into cmark. Nothing of Lua runs inside such a call but the allocation itself.
 */
#ifndef LECTERN_COMPARTMENT_MARKDOWN_ARENA_H
#define LECTERN_COMPARTMENT_MARKDOWN_ARENA_H

#include <cmark.h>
#include <lua.h>
#include <stddef.h>

extern cmark_mem arena_memory;

/* From now on allocate for the userdata at OWNER, an absolute index that stays valid; its first user value holds the
 * blocks. LIMIT: of one allocation, in bytes. */
void arena_enter(lua_State *L, int owner, size_t limit);
/* What OWNER's blocks hold is gone; one of ordinary size stays for what comes next. */
void arena_rewind(lua_State *L, int owner);
/* Memory beside cmark's own, not zeroed. Raises where there is none. */
void *arena_take(size_t size);

#endif
