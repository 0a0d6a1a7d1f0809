/* mem.c - allocation that ends the process instead of returning NULL.
 *
 * The one idea: nobody above has a branch for "no memory", so none of those branches can be wrong. The last words go
 * straight to descriptor 2, because stdio would allocate. Knows nothing of what the memory is for.
 */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef LECTERN_FAULTS
#include <stdatomic.h>

/* Counts down to the allocation that fails; 0 means not read yet, negative means never. */
static _Atomic long long countdown;

static int fault_due(void) {
    if (atomic_load(&countdown) == 0) {
        const char *at = getenv("LECTERN_OOM_AT");
        long long n = at ? atoll(at) : -1;
        atomic_store(&countdown, n > 0 ? n : -1);
    }
    if (atomic_load(&countdown) < 0) {
        return 0;
    }
    return atomic_fetch_sub(&countdown, 1) == 1;
}
#else
static int fault_due(void) {
    return 0;
}
#endif

static _Noreturn void out_of_memory(void) {
    static const char last_words[] = "lectern: out of memory; what was saved before is safe\n";
    ssize_t written = write(STDERR_FILENO, last_words, sizeof last_words - 1);
    (void)written;
    _exit(70);
}

void *mem_alloc(size_t n) {
    void *p = fault_due() ? NULL : calloc(1, n ? n : 1);
    if (!p) {
        out_of_memory();
    }
    return p;
}

void *mem_realloc(void *p, size_t n) {
    void *q = fault_due() ? NULL : realloc(p, n ? n : 1);
    if (!q) {
        out_of_memory();
    }
    return q;
}

void *mem_array(void *p, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        out_of_memory();
    }
    return mem_realloc(p, bytes);
}

char *mem_strdup(const char *s) {
    return mem_strndup(s, strlen(s));
}

char *mem_strndup(const char *s, size_t n) {
    size_t len = strnlen(s, n);
    char *copy = mem_realloc(NULL, len + 1);
    memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

void mem_free(void *p) {
    free(p);
}
