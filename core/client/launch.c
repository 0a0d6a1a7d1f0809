/* launch.c - starting lecternd.
 *
 * The one idea: posix_spawn, which shares memory until exec, so a large client would cost nothing more than a small
 * one, and everything the host must not inherit is closed on exec. Knows nothing of what is said to the host.
 */
#include "client/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "client/signals.h"

static const char daemon_name[] = "lecternd";

struct program {
    char path[PATH_MAX];
};

static int find_program(struct program *p, struct err *err) {
    size_t room = sizeof p->path - sizeof daemon_name;
    ssize_t n = readlink("/proc/self/exe", p->path, room);
    if (n <= 0 || (size_t)n >= room) {
        return err_set(err, E_UNAVAILABLE, "cannot tell where lectern is installed: /proc/self/exe is unreadable");
    }
    p->path[n] = '\0';
    char *slash = strrchr(p->path, '/');
    memcpy(slash ? slash + 1 : p->path, daemon_name, sizeof daemon_name);
    return 0;
}

static int cannot_start(const struct program *p, int error, struct err *err) {
    err_set(err, E_UNAVAILABLE, "cannot start '%s': %s", p->path, strerror(error));
    return err_hint(err, "install lectern again, all of its programs in one folder");
}

enum { MAX_OWN_WORDS = 8, HOST_FD = 3 };
static const char host_fd[] = "3";

/* Argument vector: FIRST two words, --store and --config where given, REST, NULL. Caller frees the array. */
static char **vector(const char *first, const char *second, const char *store, const char *config, char **rest) {
    size_t n = 0;
    for (size_t i = 0; rest && rest[i]; i++) {
        n++;
    }
    char **argv = mem_alloc((n + MAX_OWN_WORDS) * sizeof *argv);
    const char *own[] = {daemon_name, first, second, store ? "--store" : NULL, store, config ? "--config" : NULL,
                         config};
    size_t at = 0;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (own[i]) {
            argv[at++] = (char *)own[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        argv[at++] = rest[i];
    }
    return argv;
}

/* Spawn in a new session with the descriptors below KEEP; ACTIONS say how those above stdout come to be, and are
 * consumed. */
static int spawn(const struct program *p, posix_spawn_file_actions_t *actions, int keep, char **argv, pid_t *pid,
                 struct err *err) {
    posix_spawnattr_t attr;
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
    signals_spawn_defaults(&attr);
    posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(actions, keep);
    int error = posix_spawn(pid, p->path, actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(actions);
    return error ? cannot_start(p, error, err) : 0;
}

int launch_private(const struct words *w, int *fd, pid_t *pid, struct err *err) {
    struct program p;
    int ends[2];
    int rc = find_program(&p, err);
    if (rc != 0) {
        return rc;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return err_set(err, E_UNAVAILABLE, "cannot make a socket: %s", strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], HOST_FD);
    char **argv = vector("--private", host_fd, w->store, w->config, NULL);
    rc = spawn(&p, &actions, HOST_FD + 1, argv, pid, err);
    mem_free(argv);
    close(ends[1]);
    if (rc != 0) {
        close(ends[0]);
        return rc;
    }
    *fd = ends[0];
    return 0;
}

int launch_exec(const struct words *w, struct err *err) {
    struct program p;
    int rc = find_program(&p, err);
    if (rc != 0) {
        return rc;
    }
    char **argv = vector("--daemon", NULL, w->store, w->config, w->rest);
    execv(p.path, argv);
    mem_free(argv);
    return cannot_start(&p, errno, err);
}

int launch_daemon(const struct words *w, const char *store, const char *config, int log, pid_t *pid, struct err *err) {
    struct program p;
    int rc = find_program(&p, err);
    if (rc != 0) {
        return rc;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions, "/");
    char **argv = vector("--daemon", NULL, store, config, w->rest);
    rc = spawn(&p, &actions, STDERR_FILENO + 1, argv, pid, err);
    mem_free(argv);
    return rc;
}

int launch_wait(pid_t pid, int ms, int *status) {
    struct pollfd fds[2] = {{.fd = pidfd_open(pid, 0), .events = POLLIN}, {.fd = signals_fd(), .events = POLLIN}};
    poll(fds, 2, ms);
    if (fds[0].fd >= 0) {
        close(fds[0].fd);
    }
    return waitpid(pid, status, WNOHANG) == pid;
}
