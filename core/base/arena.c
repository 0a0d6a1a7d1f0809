/* arena.c - blocks that are handed out from the front and freed all at once.
 *
 * The one idea: blocks double from 8 KiB to 1 MiB, so small arenas stay small and large ones need few calls. What does
 * not fit a fraction of a block gets one of its own, queued behind the open block so that the rest of that is not lost.
 * Under AddressSanitizer, bytes not handed out are poisoned: an overrun inside an arena is then seen like any other.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum { ALIGNMENT = 16, FIRST_BLOCK = 8 * 1024, LARGEST_BLOCK = 1024 * 1024 };

struct arena_block {
    struct arena_block *next; /* older blocks, and blocks of their own */
    size_t size;              /* usable bytes */
    size_t used;
    size_t own; /* 1: holds a single large allocation */
};
_Static_assert(sizeof(struct arena_block) % ALIGNMENT == 0, "the bytes after a block's head must be aligned");

static char *block_bytes(struct arena_block *block) {
    return (char *)(block + 1);
}

void arena_init(struct arena *a) {
    a->head = NULL;
    a->used = 0;
}

static void free_block(struct arena_block *block) {
    ASAN_UNPOISON_MEMORY_REGION(block_bytes(block), block->size);
    mem_free(block);
}

static void free_blocks(struct arena_block *block) {
    while (block) {
        struct arena_block *next = block->next;
        free_block(block);
        block = next;
    }
}

void arena_release(struct arena *a) {
    free_blocks(a->head);
    arena_init(a);
}

void arena_clear(struct arena *a) {
    struct arena_block *kept = a->head;
    if (!kept || kept->own) {
        arena_release(a);
        return;
    }
    free_blocks(kept->next);
    kept->next = NULL;
    kept->used = 0;
    a->used = 0;
    ASAN_POISON_MEMORY_REGION(block_bytes(kept), kept->size);
}

static struct arena_block *new_block(size_t size) {
    struct arena_block *block = mem_realloc(NULL, sizeof *block + size);
    *block = (struct arena_block){.next = NULL, .size = size, .used = 0, .own = 0};
    ASAN_POISON_MEMORY_REGION(block_bytes(block), size);
    return block;
}

static size_t next_block_size(const struct arena *a) {
    if (!a->head || a->head->own) {
        return FIRST_BLOCK;
    }
    return a->head->size >= LARGEST_BLOCK ? LARGEST_BLOCK : a->head->size * 2;
}

/* A block for one allocation goes behind the open one; the first block of an arena has nothing to go behind. */
static struct arena_block *add_own_block(struct arena *a, size_t n) {
    struct arena_block *block = new_block(n);
    block->own = 1;
    if (a->head) {
        block->next = a->head->next;
        a->head->next = block;
    } else {
        a->head = block;
    }
    return block;
}

static struct arena_block *add_block(struct arena *a, size_t n) {
    size_t size = next_block_size(a);
    if (n > size / 4) {
        return add_own_block(a, n);
    }
    struct arena_block *block = new_block(size);
    block->next = a->head;
    a->head = block;
    return block;
}

void *arena_alloc(struct arena *a, size_t n) {
    if (n > SIZE_MAX / 2) {
        return mem_realloc(NULL, n); /* ends the process: no such size exists */
    }
    size_t rounded = n ? (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1) : ALIGNMENT;
    struct arena_block *block = a->head;
    if (!block || block->size - block->used < rounded) {
        block = add_block(a, rounded);
    }
    char *p = block_bytes(block) + block->used;
    block->used += rounded;
    a->used += rounded;
    ASAN_UNPOISON_MEMORY_REGION(p, n);
    return p;
}

void *arena_zalloc(struct arena *a, size_t n) {
    return memset(arena_alloc(a, n), 0, n);
}

char *arena_dup(struct arena *a, const char *s, size_t n) {
    char *copy = arena_alloc(a, n + 1);
    if (n) {
        memcpy(copy, s, n);
    }
    copy[n] = '\0';
    return copy;
}

char *arena_strdup(struct arena *a, const char *s) {
    return arena_dup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    char *text = arena_vprintf(a, format, ap);
    va_end(ap);
    return text;
}

char *arena_vprintf(struct arena *a, const char *format, va_list ap) {
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, ap);
    size_t len = n > 0 ? (size_t)n : 0;
    char *text = arena_alloc(a, len + 1);
    text[0] = '\0';
    vsnprintf(text, len + 1, format, again);
    va_end(again);
    return text;
}
