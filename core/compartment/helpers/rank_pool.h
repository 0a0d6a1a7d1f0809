/* rank_pool.h - arrays that grow, and tables of things known by a hash, in the memory of a Lua userdata.
 *
 * The blocks are user values of the userdata they belong to: they count against the plugin's memory, go with their
 * owner, and running out is an ordinary Lua error that leaves nothing behind. Pointers into a pool hold until the next
 * push. Words are known by 64 bits of hash alone: two that fall together would only be counted together.
 */
#ifndef LECTERN_COMPARTMENT_RANK_POOL_H
#define LECTERN_COMPARTMENT_RANK_POOL_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool {
    void *data;
    size_t count, cap;
};
/* Room for COUNT zeroed items of SIZE bytes behind the last one; returns the first. OWNER: index of the userdata; SLOT:
 * which of its user values holds the block. Raises where there is no memory. */
void *pool_push(lua_State *L, int owner, int slot, struct pool *p, size_t count, size_t size);

/* Items are structs of STRIDE bytes that begin with their uint64_t hash. Takes two user values: SLOT and the next. */
struct hashed {
    struct pool items, places;
    size_t stride;
};
enum { HASHED_NONE = UINT32_MAX };
/* The number of the item with HASH, or HASHED_NONE. */
uint32_t hashed_find(const struct hashed *h, uint64_t hash);
/* The same; a new item, zero but for its hash, where there is none. */
uint32_t hashed_add(lua_State *L, int owner, int slot, struct hashed *h, uint64_t hash);

#endif
