/* rank_pool.c - growing by doubling; open addressing. */
#include "compartment/helpers/rank_pool.h"

#include <lauxlib.h>
#include <string.h>

void *pool_push(lua_State *L, int owner, int slot, struct pool *p, size_t count, size_t size) {
    enum { CAP_MIN = 16, ITEMS_MAX = 1 << 28 };
    size_t need = p->count + count;
    if (need > ITEMS_MAX) {
        luaL_error(L, "the text is too large");
    }
    if (need > p->cap) {
        size_t cap = p->cap ? p->cap : CAP_MIN;
        while (cap < need) {
            cap *= 2;
        }
        void *data = lua_newuserdatauv(L, cap * size, 0);
        if (p->count) {
            memcpy(data, p->data, p->count * size);
        }
        lua_setiuservalue(L, owner, slot);
        p->data = data;
        p->cap = cap;
    }
    char *first = (char *)p->data + p->count * size;
    memset(first, 0, count * size);
    p->count = need;
    return first;
}

static uint64_t hash_of(const struct hashed *h, uint32_t item) {
    uint64_t hash;
    memcpy(&hash, (const char *)h->items.data + (size_t)item * h->stride, sizeof hash);
    return hash;
}

/* Where HASH is, or where it would be. Places hold numbers of items, one up; 0 is free. */
static size_t place_of(const struct hashed *h, uint64_t hash) {
    const uint32_t *places = h->places.data;
    size_t mask = h->places.count - 1, at = (size_t)(hash ^ (hash >> 32)) & mask;
    while (places[at] && hash_of(h, places[at] - 1) != hash) {
        at = (at + 1) & mask;
    }
    return at;
}

uint32_t hashed_find(const struct hashed *h, uint64_t hash) {
    if (!h->places.count) {
        return HASHED_NONE;
    }
    uint32_t place = ((const uint32_t *)h->places.data)[place_of(h, hash)];
    return place ? place - 1 : (uint32_t)HASHED_NONE;
}

static void spread(lua_State *L, int owner, int slot, struct hashed *h) {
    size_t count = h->places.count ? h->places.count * 2 : 64;
    h->places = (struct pool){0};
    pool_push(L, owner, slot, &h->places, count, sizeof(uint32_t));
    for (uint32_t i = 0; i < h->items.count; i++) {
        ((uint32_t *)h->places.data)[place_of(h, hash_of(h, i))] = i + 1;
    }
}

uint32_t hashed_add(lua_State *L, int owner, int slot, struct hashed *h, uint64_t hash) {
    uint32_t found = hashed_find(h, hash);
    if (found != (uint32_t)HASHED_NONE) {
        return found;
    }
    if ((h->items.count + 1) * 2 > h->places.count) {
        spread(L, owner, slot + 1, h);
    }
    void *item = pool_push(L, owner, slot, &h->items, 1, h->stride);
    memcpy(item, &hash, sizeof hash);
    found = (uint32_t)h->items.count - 1;
    ((uint32_t *)h->places.data)[place_of(h, hash)] = found + 1;
    return found;
}
