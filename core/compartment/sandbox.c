/* sandbox.c - the seal.
 *
 * The one idea: two layers that each suffice. seccomp takes away the system calls that open, connect, start or signal;
 * Landlock takes away the objects they would reach. What is missing is said, never passed over.
 */
#include "compartment/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compartment/seccomp.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

enum {
    OPEN_FILES = 16,
    STACK_MIB = 8,
    ADDRESS_BASE_MIB = 256, /* room beside the Lua heap: programs, libraries, buffers, a helper's trees */
    ADDRESS_FACTOR = 4,
};

const char *sandbox_level_name(enum sandbox_level level) {
    return level == SANDBOX_FULL ? "full" : level == SANDBOX_REDUCED ? "reduced" : "none";
}

/* ---- descriptors ----------------------------------------------------------------------------------------------- */

int sandbox_descriptors(int fd, struct err *err) {
    if (fd != SANDBOX_FD && dup2(fd, SANDBOX_FD) < 0) {
        return err_set(err, E_USAGE, "descriptor %d is not open", fd);
    }
    if (fcntl(SANDBOX_FD, F_GETFD) < 0) {
        return err_set(err, E_USAGE, "descriptor %d is not open", fd);
    }
    int null = open("/dev/null", O_RDWR);
    if (null < 0) {
        return err_set(err, E_UNAVAILABLE, "cannot open '/dev/null': %s", strerror(errno));
    }
    dup2(null, 0);
    dup2(null, 1);
#ifndef LECTERN_SANITIZE
    dup2(null, 2);
#endif
    syscall(SYS_close_range, SANDBOX_FD + 1, ~0u, 0);
    return 0;
}

int sandbox_follow_parent(struct err *err) {
    pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* Died before the prctl: its socket is closed too, but then nobody reads the reason. */
    return getppid() == parent ? 0 : err_set(err, E_UNAVAILABLE, "the host is gone");
}

/* ---- limits ---------------------------------------------------------------------------------------------------- */

static void limit(int what, rlim_t value) {
    struct rlimit r = {value, value};
    setrlimit((__rlimit_resource_t)what, &r);
}

/* RLIMIT_CPU is the host's: it raises the soft limit before each call. */
static void set_limits(size_t memory_mib) {
#ifndef LECTERN_SANITIZE
    limit(RLIMIT_AS, (rlim_t)(ADDRESS_BASE_MIB + ADDRESS_FACTOR * memory_mib) << 20);
#else
    (void)memory_mib;
#endif
    limit(RLIMIT_NOFILE, OPEN_FILES);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_STACK, (rlim_t)STACK_MIB << 20);
}

/* ---- Landlock -------------------------------------------------------------------------------------------------- */

/* Newer than the headers this may be built with: struct landlock_ruleset_attr as of ABI 6. */
struct ruleset {
    uint64_t files, tcp, scopes;
};

enum {
    FILES_ABI_1 = (1 << 13) - 1,
    FILES_REFER = 1 << 13,
    FILES_TRUNCATE = 1 << 14,
    FILES_IOCTL_DEV = 1 << 15,
    TCP_BIND_CONNECT = 3,
    SCOPES_ABSTRACT_SOCKET_SIGNAL = 3,
    ABI_REFER = 2,
    ABI_TRUNCATE = 3,
    ABI_TCP = 4,
    ABI_IOCTL_DEV = 5,
    ABI_SCOPES = 6,
};

/* Handle everything this kernel knows and allow nothing. Returns the ABI. */
static int restrict_objects(struct err *err) {
    const struct ruleset *none = NULL;
    long abi = syscall(SYS_landlock_create_ruleset, none, 0, 1);
    if (abi < 1) {
        return err_set(err, E_UNAVAILABLE, "this kernel has no Landlock (%s)", strerror(errno));
    }
    struct ruleset r = {
        .files = FILES_ABI_1 | (abi >= ABI_REFER ? FILES_REFER : 0) | (abi >= ABI_TRUNCATE ? FILES_TRUNCATE : 0) |
                 (abi >= ABI_IOCTL_DEV ? FILES_IOCTL_DEV : 0),
        .tcp = abi >= ABI_TCP ? TCP_BIND_CONNECT : 0,
        .scopes = abi >= ABI_SCOPES ? SCOPES_ABSTRACT_SOCKET_SIGNAL : 0,
    };
    int fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof r, 0);
    if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) != 0) {
        return err_set(err, E_UNAVAILABLE, "Landlock refused (%s)", strerror(errno));
    }
    close(fd);
    return (int)abi;
}

int sandbox_seal(size_t memory_mib, enum sandbox_level *level, struct err *err) {
    set_limits(memory_mib);
    prctl(PR_SET_DUMPABLE, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return err_set(err, E_UNAVAILABLE, "this kernel cannot give up privileges (%s)", strerror(errno));
    }
    bool mdwe = prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0;
    int abi = restrict_objects(err);
    int rc = abi < 0 ? abi : seccomp_install(err);
    if (rc == 0) {
        *level = mdwe && abi >= ABI_SCOPES ? SANDBOX_FULL : SANDBOX_REDUCED;
    }
    return rc;
}
