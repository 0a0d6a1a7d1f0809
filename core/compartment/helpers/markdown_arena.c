/* markdown_arena.c - cmark's allocator, a bump pointer in userdata.
 *
 * The one idea: nothing is freed before everything is, so an allocation is an addition; only the newest one grows and
 * shrinks in place, which is what cmark's string buffers do.
 */
#include "compartment/helpers/markdown_arena.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

enum {
    FIRST_BLOCK = 24 * 1024,
    REUSED_MAX = 512 * 1024,
    BLOCK_MAX = 1024 * 1024,
    ALIGN = 8,
    BLOCKS = 1 /* user value */
};

struct block {
    size_t used, size; /* of data */
    unsigned char data[];
};

/* Before each allocation. */
struct header {
    size_t size;
};

static struct {
    lua_State *L;
    int owner; /* stack index of the userdata whose first value is the newest block */
    struct block *block;
    size_t limit; /* of one allocation */
    size_t next;  /* size of the next block */
} arena;

void arena_enter(lua_State *L, int owner, size_t limit) {
    arena.L = L;
    arena.owner = owner;
    arena.limit = limit;
    arena.next = FIRST_BLOCK;
    arena.block = lua_getiuservalue(L, owner, BLOCKS) == LUA_TUSERDATA ? lua_touserdata(L, -1) : NULL;
    lua_pop(L, 1);
}

void arena_rewind(lua_State *L, int owner) {
    struct block *b = lua_getiuservalue(L, owner, BLOCKS) == LUA_TUSERDATA ? lua_touserdata(L, -1) : NULL;
    if (b && b->size <= REUSED_MAX) {
        b->used = 0;
        lua_pushnil(L);
        lua_setiuservalue(L, -2, 1);
    } else if (b) {
        lua_pushnil(L);
        lua_setiuservalue(L, owner, BLOCKS);
    }
    lua_pop(L, 1);
}

/* Raises where there is no memory: the plugin's cap holds here too. */
static void add_block(size_t need) {
    lua_State *L = arena.L;
    size_t size = need > arena.next ? need : arena.next;
    arena.next = arena.next * 2 < BLOCK_MAX ? arena.next * 2 : BLOCK_MAX;
    struct block *b = lua_newuserdatauv(L, sizeof *b + size, 1);
    b->used = 0;
    b->size = size;
    lua_getiuservalue(L, arena.owner, BLOCKS);
    lua_setiuservalue(L, -2, 1);
    lua_setiuservalue(L, arena.owner, BLOCKS);
    arena.block = b;
}

static struct header *header_of(void *p) {
    return (struct header *)((unsigned char *)p - sizeof(struct header));
}

static size_t rounded(size_t n) {
    return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static bool is_last(const void *p, size_t size) {
    return arena.block && (const unsigned char *)p + size == arena.block->data + arena.block->used;
}

void *arena_take(size_t size) {
    if (size > arena.limit) {
        luaL_error(arena.L, "markdown: the result would be larger than 64 MiB");
    }
    size = rounded(size ? size : 1);
    size_t need = size + sizeof(struct header);
    if (!arena.block || arena.block->size - arena.block->used < need) {
        add_block(need);
    }
    struct header *h = (struct header *)(arena.block->data + arena.block->used);
    h->size = size;
    arena.block->used += need;
    return h + 1;
}

static void *arena_calloc(size_t count, size_t size) {
    void *p = arena_take(count * size); /* cmark asks for single structures and strings of known size */
    memset(p, 0, count * size);
    return p;
}

static void *arena_realloc(void *p, size_t size) {
    if (!p) {
        return arena_take(size);
    }
    size_t old = header_of(p)->size;
    if (size <= old) {
        return p;
    }
    size_t more = rounded(size) - old;
    if (is_last(p, old) && arena.block->size - arena.block->used >= more && size <= arena.limit) {
        arena.block->used += more;
        header_of(p)->size = old + more;
        return p;
    }
    void *q = arena_take(size);
    memcpy(q, p, old);
    return q;
}

static void arena_free(void *p) {
    if (p && is_last(p, header_of(p)->size)) {
        arena.block->used -= header_of(p)->size + sizeof(struct header);
    }
}

cmark_mem arena_memory = {arena_calloc, arena_realloc, arena_free};
