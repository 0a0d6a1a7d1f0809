/* memory.c - malloc with a count and a cap.
 *
 * The one idea: the difference between a heap that is full of garbage and one that is full of data is how much was
 * handed out between two refusals. Knows nothing of Lua but the shape of its allocator function.
 */
#include "compartment/memory.h"

#include <stdbool.h>
#include <stdlib.h>

/* A refusal counts when less than this part of the cap was handed out since the one before. */
enum { PROGRESS_PART = 16 };

void memory_init(struct memory *m, size_t limit, void (*spent)(void *ctx), void *ctx) {
    *m = (struct memory){.limit = limit, .spent = spent, .ctx = ctx, .grown = limit};
}

void memory_forgive(struct memory *m) {
    m->strikes = 0;
    m->errors = 0;
    m->grown = m->limit;
}

static void *refuse(struct memory *m) {
    m->strikes = m->grown < m->limit / PROGRESS_PART ? m->strikes + 1 : 1;
    m->errors += m->grown == 0;
    m->grown = 0;
    if ((m->strikes == MEMORY_STRIKES || m->errors == MEMORY_ERRORS) && m->spent) {
        m->spent(m->ctx);
    }
    return NULL;
}

static bool over_limit(const struct memory *m, size_t growth) {
    return m->limit && (growth > m->limit || m->used > m->limit - growth);
}

static void *resize(struct memory *m, void *p, size_t old_size, size_t new_size) {
    bool grows = new_size > old_size;
    if (grows && over_limit(m, new_size - old_size)) {
        return refuse(m);
    }
    void *q = realloc(p, new_size);
    if (!q) {
        return grows ? refuse(m) : p;
    }
    if (grows) {
        m->grown += new_size - old_size;
    }
    m->used = m->used - old_size + new_size;
    m->live += p == NULL;
    m->peak = m->used > m->peak ? m->used : m->peak;
    return q;
}

void *memory_alloc(void *ud, void *p, size_t old_size, size_t new_size) {
    struct memory *m = ud;
    if (new_size > 0) {
        return resize(m, p, p ? old_size : 0, new_size);
    }
    if (p) {
        m->used -= old_size;
        m->live--;
        free(p);
    }
    return NULL;
}
