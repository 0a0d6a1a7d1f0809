/* cache.c - open addressing over 64-bit FNV-1a; grows by moving to a table twice the size in the same arena. */
#include "store/cache_priv.h"

#include <string.h>

static uint64_t hash_of(int space, const void *key, size_t len) {
    const unsigned char *p = key;
    uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)space;
    for (size_t i = 0; i < len; i++) {
        h = (h ^ p[i]) * 0x100000001b3u;
    }
    h ^= h >> 32;
    return h ? h : 1;
}

static struct cache_slot *find(const struct cache *c, uint64_t hash, const void *key, size_t len) {
    for (size_t at = (size_t)hash & (c->cap - 1);; at = (at + 1) & (c->cap - 1)) {
        struct cache_slot *slot = &c->slots[at];
        if (!slot->hash || (slot->hash == hash && slot->len == len && memcmp(slot->key, key, len) == 0)) {
            return slot;
        }
    }
}

bool cache_get(const struct cache *c, int space, const void *key, size_t len, int64_t *val) {
    if (!c->cap) {
        return false;
    }
    const struct cache_slot *slot = find(c, hash_of(space, key, len), key, len);
    if (slot->hash) {
        *val = slot->val;
    }
    return slot->hash != 0;
}

static void grow(struct cache *c, struct arena *a) {
    struct cache bigger = {.cap = c->cap ? c->cap * 2 : 64, .count = c->count};
    bigger.slots = arena_zalloc(a, bigger.cap * sizeof *bigger.slots);
    for (size_t i = 0; i < c->cap; i++) {
        if (c->slots[i].hash) {
            *find(&bigger, c->slots[i].hash, c->slots[i].key, c->slots[i].len) = c->slots[i];
        }
    }
    *c = bigger;
}

void cache_put(struct cache *c, struct arena *a, int space, const void *key, size_t len, int64_t val) {
    if (c->count * 4 >= c->cap * 3) {
        grow(c, a);
    }
    uint64_t hash = hash_of(space, key, len);
    struct cache_slot *slot = find(c, hash, key, len);
    if (!slot->hash) {
        *slot = (struct cache_slot){.hash = hash, .key = arena_dup(a, key, len), .len = len};
        c->count++;
    }
    slot->val = val;
}

void cache_drop(struct cache *c) {
    *c = (struct cache){0};
}
