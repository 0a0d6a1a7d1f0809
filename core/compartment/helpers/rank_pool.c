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
    if (need > p->cap || !p->data) {
        size_t cap = p->cap ? p->cap : CAP_MIN;
        while (cap < need) {
            cap *= 2;
        }
        void *data = lua_newuserdatauv(L, cap * size, 0);
        if (p->data) {
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

struct place {
    uint32_t item; /* its number, one up; 0: free */
    uint32_t tag;  /* half of its hash, so that most others need not be looked at */
};

static uint64_t hash_of(const struct hashed *h, uint32_t item) {
    uint64_t hash;
    memcpy(&hash, (const char *)h->items.data + (size_t)item * h->stride, sizeof hash);
    return hash;
}

static uint32_t tag_of(uint64_t hash) {
    return (uint32_t)(hash >> 32);
}

/* Where HASH is, or where it would be. */
static struct place *place_of(const struct hashed *h, uint64_t hash) {
    struct place *places = h->places.data;
    size_t mask = h->places.count - 1, at = (size_t)(hash ^ (hash >> 32)) & mask;
    while (places[at].item && (places[at].tag != tag_of(hash) || hash_of(h, places[at].item - 1) != hash)) {
        at = (at + 1) & mask;
    }
    return &places[at];
}

uint32_t hashed_find(const struct hashed *h, uint64_t hash) {
    if (!h->places.count) {
        return HASHED_NONE;
    }
    uint32_t item = place_of(h, hash)->item;
    return item ? item - 1 : (uint32_t)HASHED_NONE;
}

/* A larger table of places. The old one stays whole if there is no memory for it. */
static void spread(lua_State *L, int owner, int slot, struct hashed *h) {
    size_t count = 64;
    while (count < (h->items.count + 1) * 2 || count < h->items.cap) {
        count *= 2;
    }
    struct pool fresh = {0};
    pool_push(L, owner, slot, &fresh, count, sizeof(struct place));
    h->places = fresh;
    for (uint32_t i = 0; i < h->items.count; i++) {
        uint64_t hash = hash_of(h, i);
        *place_of(h, hash) = (struct place){i + 1, tag_of(hash)};
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
    *place_of(h, hash) = (struct place){found + 1, tag_of(hash)};
    return found;
}
