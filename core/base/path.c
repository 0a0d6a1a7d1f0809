/* path.c - names of files, and files that stay where they are allowed to be.
 *
 * The one idea: a path from a plugin is only ever resolved by the kernel beneath a folder that is already open, in one
 * call, so there is no moment between looking and opening. Names are cleaned by text alone; who needs the truth about
 * links asks for the real path (place.c).
 */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

enum { READ_STEP = 64 * 1024, TRIES = 16 };

/* ---- names ----------------------------------------------------------------------------------------------------- */

void path_join(struct buf *out, const char *dir, const char *name) {
    buf_clear(out);
    if (name[0] != '/') {
        buf_adds(out, dir);
        if (out->len > 0 && out->data[out->len - 1] != '/') {
            buf_addc(out, '/');
        }
    }
    buf_adds(out, name);
}

static void drop_last(struct buf *out) {
    while (out->len > 0 && out->data[out->len - 1] != '/') {
        out->len--;
    }
    out->len -= out->len > 0;
    out->data[out->len] = '\0';
}

/* Append the components of PATH to OUT, which holds "" or an absolute path without a slash at its end. */
static void add_components(struct buf *out, const char *path) {
    while (*path) {
        size_t n = strcspn(path, "/");
        if (n == 2 && path[0] == '.' && path[1] == '.') {
            if (out->len > 0) {
                drop_last(out);
            }
        } else if (n > 0 && !(n == 1 && path[0] == '.')) {
            buf_addc(out, '/');
            buf_add(out, path, n);
        }
        path += n;
        path += *path == '/';
    }
}

void path_absolute(struct buf *out, const char *cwd, const char *path) {
    struct buf clean = BUF_INIT;
    if (path[0] != '/') {
        add_components(&clean, cwd);
    }
    add_components(&clean, path);
    if (clean.len == 0) {
        buf_addc(&clean, '/');
    }
    buf_clear(out); /* only now: CWD or PATH may be OUT's own bytes */
    buf_add(out, clean.data, clean.len);
    buf_release(&clean);
}

const char *path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *path_extension(const char *path, size_t *stem) {
    const char *base = path_base(path);
    const char *dot = strrchr(base, '.');
    if (!dot || dot == base || strcmp(base, "..") == 0) { /* ".profile" is a name, not an extension */
        *stem = strlen(base);
        return "";
    }
    *stem = (size_t)(dot - base);
    return dot + 1;
}

bool path_within(const char *root, const char *path) {
    size_t n = strlen(root);
    if (n == 1 && root[0] == '/') {
        return path[0] == '/';
    }
    return strncmp(root, path, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* ---- opening --------------------------------------------------------------------------------------------------- */

static int refuse_open(const char *name, int error, struct err *err) {
    switch (error) {
    case EXDEV:
    case ELOOP:
        err_set(err, E_DENIED, "'%s' leads out of its folder or through a link", name);
        err_hint(err, "name the file itself, beneath the folder that was granted");
        return -E_DENIED;
    case ENOSYS:
        return err_set(err, E_DENIED, "cannot confine '%s' to its folder: the kernel has no openat2", name);
    default:
        return err_set(err, E_INPUT, "cannot open '%s': %s", name, strerrordesc_np(error));
    }
}

/* What FD must be: a regular file, or a pipe where that is fine. Closes it and says so when it is not. */
static int check_kind(int fd, const char *name, bool pipe_ok, struct err *err) {
    struct stat st;
    if (fstat(fd, &st) != 0) {
        int error = errno;
        close(fd);
        return err_set(err, E_INPUT, "cannot look at '%s': %s", name, strerrordesc_np(error));
    }
    if (S_ISREG(st.st_mode) || (pipe_ok && S_ISFIFO(st.st_mode))) {
        return fd;
    }
    close(fd);
    return err_set(err, E_INPUT, "'%s' is %s, not a file", name,
                   S_ISDIR(st.st_mode)    ? "a folder"
                   : S_ISFIFO(st.st_mode) ? "a pipe"
                   : S_ISSOCK(st.st_mode) ? "a socket"
                                          : "a device");
}

/* O_NONBLOCK only served to open a pipe or device without waiting for it. */
static int make_blocking(int fd, int wanted_flags) {
    if (fd >= 0 && !(wanted_flags & O_NONBLOCK)) {
        int flags = fcntl(fd, F_GETFL);
        fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    }
    return fd;
}

int path_open_beneath(int rootfd, const char *rel, int flags, mode_t mode, struct err *err) {
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK),
        .mode = flags & O_CREAT ? mode & 07777 : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;
    for (int i = 0; i < TRIES; i++) { /* EAGAIN: something was renamed while the kernel looked */
        fd = syscall(SYS_openat2, rootfd, rel, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) {
            break;
        }
    }
    if (fd < 0) {
        return refuse_open(rel, errno, err);
    }
    return make_blocking(check_kind((int)fd, rel, false, err), flags);
}

/* A named pipe must be opened waiting for its writer; everything else must not be waited for. */
static int open_flags(const char *path, bool pipe_ok) {
    struct stat st;
    bool waits = pipe_ok && stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
    return O_RDONLY | O_CLOEXEC | O_NOCTTY | (waits ? 0 : O_NONBLOCK);
}

int path_open_named(const char *path, bool pipe_ok, struct err *err) {
    int fd;
    do {
        fd = open(path, open_flags(path, pipe_ok));
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        return err_set(err, E_INPUT, "cannot open '%s': %s", path, strerrordesc_np(errno));
    }
    return make_blocking(check_kind(fd, path, pipe_ok, err), 0);
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* Room for all of a file of known size at once, and one byte to see its end with. */
static size_t first_step(int fd, size_t max) {
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0) {
        return READ_STEP;
    }
    size_t size = (size_t)st.st_size;
    return (size < max ? size : max) + 1;
}

int path_read_fd(int fd, struct buf *out, size_t max, struct err *err) {
    size_t start = out->len;
    size_t step = first_step(fd, max);
    for (;;) {
        buf_reserve(out, step);
        ssize_t got = read(fd, out->data + out->len, step);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return err_set(err, E_INPUT, "cannot read: %s", strerrordesc_np(errno));
        }
        if (got == 0) {
            return 0;
        }
        out->len += (size_t)got;
        out->data[out->len] = '\0';
        if (out->len - start > max) {
            return err_set(err, E_DATA, "larger than %zu bytes", max);
        }
        step = out->cap - out->len > 1 ? out->cap - out->len - 1 : READ_STEP;
    }
}

int path_read(const char *path, struct buf *out, size_t max, struct err *err) {
    int fd = path_open_named(path, true, err);
    if (fd < 0) {
        return fd;
    }
    int rc = path_read_fd(fd, out, max, err);
    if (rc != 0) {
        err_prefix(err, "'%s'", path);
    }
    close(fd);
    return rc;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static int write_whole(int fd, const char *p, size_t n) {
    while (n > 0) {
        ssize_t written = write(fd, p, n);
        if (written < 0 && errno != EINTR) {
            return -1;
        }
        p += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

/* A new file beside PATH, hidden and named at random; its name goes to NAME. */
static int create_beside(const char *path, struct buf *name) {
    const char *base = path_base(path);
    for (int i = 0; i < TRIES; i++) {
        uint64_t random;
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
            return -1;
        }
        buf_clear(name);
        buf_add(name, path, (size_t)(base - path));
        buf_addf(name, ".%.64s.%016llx", base, (unsigned long long)random);
        int fd = open(name->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    return -1;
}

/* The rename is only sure to outlive a power cut once the folder itself is on disk. */
static int sync_folder_of(const char *path) {
    const char *base = path_base(path);
    struct buf dir = BUF_INIT;
    buf_add(&dir, path, (size_t)(base - path));
    int fd = open(dir.len ? dir.data : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    buf_release(&dir);
    if (fd < 0) {
        return -1;
    }
    int rc = fsync(fd);
    if (rc != 0 && (errno == EINVAL || errno == ENOTSUP)) { /* some file systems sync folders by themselves */
        rc = 0;
    }
    int error = errno;
    close(fd);
    errno = error;
    return rc;
}

static int fill(int fd, const void *p, size_t n, mode_t mode) {
    int rc = write_whole(fd, p, n) != 0 || fchmod(fd, mode) != 0 || fsync(fd) != 0 ? -1 : 0;
    int error = errno;
    if (close(fd) != 0 && rc == 0) {
        return -1;
    }
    errno = error;
    return rc;
}

int path_write_atomic(const char *path, const void *p, size_t n, mode_t mode, struct err *err) {
    struct buf temp = BUF_INIT;
    int rc = 0;
    int fd = create_beside(path, &temp);
    if (fd < 0) {
        rc = err_set(err, E_OUTPUT, "cannot write beside '%s': %s", path, strerrordesc_np(errno));
    } else if (fill(fd, p, n, mode) != 0 || rename(temp.data, path) != 0) {
        rc = err_set(err, E_OUTPUT, "cannot write '%s': %s", path, strerrordesc_np(errno));
        unlink(temp.data);
    } else if (sync_folder_of(path) != 0) {
        rc = err_set(err, E_OUTPUT, "cannot sync the folder of '%s': %s", path, strerrordesc_np(errno));
    }
    buf_release(&temp);
    return rc;
}

static int make_folder(const char *path, mode_t mode) {
    struct stat st;
    if (mkdir(path, mode) == 0) {
        return 0;
    }
    int error = errno;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        return 0;
    }
    errno = error;
    return -1;
}

int path_mkdirs(const char *path, mode_t mode, struct err *err) {
    char *copy = mem_strdup(path);
    int rc = 0;
    for (char *slash = copy; rc == 0 && slash;) {
        slash = strchr(slash + 1, '/');
        if (slash) {
            *slash = '\0';
        }
        if (copy[0] && make_folder(copy, mode) != 0) {
            rc = err_set(err, E_OUTPUT, "cannot make the folder '%s': %s", copy, strerrordesc_np(errno));
        }
        if (slash) {
            *slash = '/';
        }
    }
    mem_free(copy);
    return rc;
}
