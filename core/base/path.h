/* path.h - paths, and files that stay where they are allowed to be.
 *
 * Roots are folders or files a person named; everything opened for a plugin is opened beneath a root, by openat2 with
 * RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS, and must be a regular file.
 */
#ifndef LECTERN_BASE_PATH_H
#define LECTERN_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* DIR/NAME into OUT (replaced); NAME alone when absolute. */
void path_join(struct buf *out, const char *dir, const char *name);
/* Absolute and lexically clean (no "//", ".", ".."), relative to CWD. Replaces OUT. */
void path_absolute(struct buf *out, const char *cwd, const char *path);
const char *path_base(const char *path); /* after the last slash; borrowed */
/* Stem and extension of the base name: "a/b.tar.gz" -> stem "b.tar" length in *STEM, returns "gz"; "" where none. */
const char *path_extension(const char *path, size_t *stem);
/* True when PATH is ROOT or lies beneath it (both absolute and clean). */
bool path_within(const char *root, const char *path);

/* Open REL beneath the folder ROOTFD without following any link; a regular file, or -E_INPUT / -E_DENIED. FLAGS and
 * MODE are open(2)'s; the descriptor is close-on-exec. */
int path_open_beneath(int rootfd, const char *rel, int flags, mode_t mode, struct err *err);
/* Open a file a person named: links are followed once, here, because they named it; must be regular (or a pipe when
 * PIPE_OK). Returns the descriptor or -E_INPUT with a message that names it. */
int path_open_named(const char *path, bool pipe_ok, struct err *err);
/* Read FD to its end into OUT (appended); more than MAX bytes is -E_DATA, a failed read -E_INPUT. The message of
 * path_read_fd does not name the file (err_prefix), that of path_read does. */
int path_read_fd(int fd, struct buf *out, size_t max, struct err *err);
int path_read(const char *path, struct buf *out, size_t max, struct err *err);
/* Write beside PATH and rename over it, fsynced; MODE is what the file gets, whatever the umask. 0, -E_OUTPUT. */
int path_write_atomic(const char *path, const void *p, size_t n, mode_t mode, struct err *err);
/* Make the folder PATH and those above it that are missing, with MODE and the umask. 0, -E_OUTPUT. */
int path_mkdirs(const char *path, mode_t mode, struct err *err);

#endif
