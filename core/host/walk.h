/* walk.h - the files below what a person named, in a fixed order, without following links, .gitignore honoured.
 *
 * Runs on a pool thread. Hidden files and folders are passed over, as are links, sockets and devices.
 */
#ifndef LECTERN_HOST_WALK_H
#define LECTERN_HOST_WALK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum { WALK_DEPTH = 64, WALK_FILES = 2000000 };

struct walk_file {
    const char *path;  /* absolute, as the file system has it */
    const char *shown; /* the same as UTF-8: what people see and the store keeps */
    const char *rel;   /* beneath the root; NULL: named directly */
    int root;          /* index into walk.roots, or -1 */
    bool named;
    struct err *err; /* it could not even be looked at; else NULL */
};

struct walk {
    struct arena arena;
    struct walk_file *files;
    size_t n, cap;
    int *roots; /* descriptors of the folders named */
    size_t nroots;
    atomic_bool stop; /* set by any thread: look no further */
};

void walk_init(struct walk *w);
void walk_release(struct walk *w); /* closes the roots */
/* Add PATH (absolute): a file as it is, a folder with what is in it, recursively, sorted by name. What is wrong with it becomes an entry with err. */
void walk_add(struct walk *w, const char *path);

#endif
