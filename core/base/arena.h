/* arena.h - many small things that die together: one arena per job, message or source.
 *
 * Memory comes from blocks and is freed all at once. Pointers stay valid until arena_release or arena_clear.
 */
#ifndef LECTERN_BASE_ARENA_H
#define LECTERN_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena {
    struct arena_block *head;
    size_t used; /* bytes handed out, for limits */
};
#define ARENA_INIT                                                                                                     \
    { NULL, 0 }

void arena_init(struct arena *a);
void arena_release(struct arena *a);          /* frees every block */
void arena_clear(struct arena *a);            /* forgets everything, keeps one block for reuse */
void *arena_alloc(struct arena *a, size_t n); /* 16-byte aligned, not zeroed */
void *arena_zalloc(struct arena *a, size_t n);
char *arena_dup(struct arena *a, const char *s, size_t n); /* N bytes and a NUL */
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

#endif
