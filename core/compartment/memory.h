/* memory.h - the allocator of the Lua heap: counted, capped, and firm once the cap is reached.
 *
 * Lua answers a refusal with a full collection and asks again, so one refusal is no failure. A plugin that lives at its
 * cap would collect forever: MEMORY_STRIKES refusals in short order are the end, told through SPENT. So are
 * MEMORY_ERRORS that were raised, for a plugin that catches them and goes on. A shrink is never refused. The cap counts the Lua heap alone; what lectern keeps beside it is bounded by its own limits.
 */
#ifndef LECTERN_COMPARTMENT_MEMORY_H
#define LECTERN_COMPARTMENT_MEMORY_H

#include <stddef.h>

enum { MEMORY_STRIKES = 5, MEMORY_ERRORS = 3 };

struct memory {
    size_t used;  /* bytes handed out and not given back */
    size_t live;  /* allocations likewise: 0 after lua_close */
    size_t peak;  /* most bytes at one time; whoever reads it may set it back to USED */
    size_t limit; /* the cap; 0: none */
    size_t grown; /* bytes handed out since the last refusal */
    unsigned strikes;
    unsigned errors;          /* refusals that the collection did not help */
    void (*spent)(void *ctx); /* the cap is reached for good; called inside an allocation, must not call Lua's API */
    void *ctx;
};

/* LIMIT in bytes. */
void memory_init(struct memory *m, size_t limit, void (*spent)(void *ctx), void *ctx);
/* Forget earlier refusals: what filled the heap is gone. */
void memory_forgive(struct memory *m);
/* A lua_Alloc; UD is the struct memory. */
void *memory_alloc(void *ud, void *p, size_t old_size, size_t new_size);

#endif
