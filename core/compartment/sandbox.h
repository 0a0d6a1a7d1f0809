/* sandbox.h - giving up every right but the socket to the host.
 *
 * In this order: descriptors, limits, no new privileges, Landlock (files, TCP, signals and abstract sockets), seccomp
 * (seccomp.h). Nothing of it needs root, and root gets no exception. After sandbox_seal nothing can be opened, loaded,
 * started or connected to.
 */
#ifndef LECTERN_COMPARTMENT_SANDBOX_H
#define LECTERN_COMPARTMENT_SANDBOX_H

#include <stddef.h>

#include "base/err.h"

enum { SANDBOX_FD = 3 }; /* where the socket is afterwards */

/* Keep FD as SANDBOX_FD, close every other descriptor, and let 0, 1 and 2 lead nowhere (2 is kept where
 * LECTERN_SANITIZE is defined: reports go there). */
int sandbox_descriptors(int fd, struct err *err);
/* Die with the parent; 0, or -E_UNAVAILABLE when it is gone already. */
int sandbox_follow_parent(struct err *err);

enum sandbox_level {
    SANDBOX_NONE,
    SANDBOX_REDUCED, /* files, programs and sockets are out of reach; the kernel lacks some of the second layer */
    SANDBOX_FULL,
};
const char *sandbox_level_name(enum sandbox_level level);
/* Seal the process for a plugin with MEMORY_MIB of Lua memory. -E_UNAVAILABLE where the kernel has no Landlock or no
 * seccomp. */
int sandbox_seal(size_t memory_mib, enum sandbox_level *level, struct err *err);

#endif
