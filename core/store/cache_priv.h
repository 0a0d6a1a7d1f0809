/* cache_priv.h - a small map from bytes to a number, kept in an arena of the caller. */
#ifndef LECTERN_STORE_CACHE_PRIV_H
#define LECTERN_STORE_CACHE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct cache_slot {
    uint64_t hash; /* 0: free */
    const char *key;
    size_t len;
    int64_t val;
};
struct cache {
    struct cache_slot *slots;
    size_t cap, count;
};
/* SPACE keeps keys of different kinds apart. */
bool cache_get(const struct cache *c, int space, const void *key, size_t len, int64_t *val);
void cache_put(struct cache *c, struct arena *a, int space, const void *key, size_t len, int64_t val);
/* Forget everything; the storage belongs to the arena. */
void cache_drop(struct cache *c);

#endif
