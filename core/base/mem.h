/* mem.h - allocation that does not fail.
 *
 * lectern bounds what input can make it allocate; beyond that, running out of memory is not a state to go on
 * from. These functions end the process with one line and status 70 instead of returning NULL: everything
 * acknowledged is on disk, everything else was never promised. Built with LECTERN_FAULTS, the allocation that
 * LECTERN_OOM_AT counts to (1 is the first) fails, for the out-of-memory tests.
 */
#ifndef LECTERN_BASE_MEM_H
#define LECTERN_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n); /* zeroed */
void *mem_realloc(void *p, size_t n);
void *mem_array(void *p, size_t count, size_t size); /* realloc to COUNT * SIZE, checked; new bytes not zeroed */
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t n);
void mem_free(void *p);

#endif
