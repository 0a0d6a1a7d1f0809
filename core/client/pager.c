/* pager.c - starting, feeding and waiting for the pager.
 *
 * The one idea: whether a shell command exists shows only when it has ended with status 127, having read nothing; so
 * as much as a pipe holds is kept until then.
 */
#include "client/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/signals.h"

enum { PIPE_BYTES = 64 * 1024 };

void pager_init(struct pager *p) {
    *p = (struct pager){.fd = -1};
    buf_init(&p->kept);
}

static const char *command(void) {
    const char *own = getenv("LECTERN_PAGER");
    const char *common = getenv("PAGER");
    const char *term = getenv("TERM");
    bool capable = term && strcmp(term, "dumb") != 0;
    return own ? own : common ? common : capable ? "less" : "";
}

static bool means_none(const char *s) {
    return !*s || strcmp(s, "cat") == 0;
}

static int spawn_reader(pid_t *pid, int from, const char *shell_command) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
    signals_spawn_defaults(&attr);
    bool less = strcmp(shell_command, "less") == 0;
    char *const shell[] = {"sh", "-c", (char *)shell_command, NULL};
    char *const plain[] = {"less", NULL};
    int error = posix_spawnp(pid, less ? "less" : "sh", &actions, &attr, less ? plain : shell, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

bool pager_start(struct pager *p) {
    const char *wanted = p->wanted ? command() : "";
    int ends[2];
    if (!p->wanted) {
        return p->pid != 0;
    }
    p->wanted = false;
    p->kept_all = true;
    buf_clear(&p->kept);
    if (means_none(wanted) || pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    /* quit where one screen is enough, pass colours, leave the text on the screen; the person's own settings win */
    setenv("LESS", "FRX", 0);
    setenv("LV", "-c", 0);
    int error = spawn_reader(&p->pid, ends[0], wanted);
    close(ends[0]);
    if (error) {
        close(ends[1]);
        p->pid = 0;
        return false;
    }
    p->fd = ends[1];
    /* Killing ourselves under a running pager would leave two readers on one keyboard. */
    signals_hold(true);
    return true;
}

void pager_fed(struct pager *p, const char *s, size_t n) {
    if (!p->kept_all) {
        return;
    }
    if (p->kept.len + n > PIPE_BYTES) {
        p->kept_all = false;
        buf_release(&p->kept);
        return;
    }
    buf_add(&p->kept, s, n);
}

bool pager_finish(struct pager *p) {
    if (p->pid == 0) {
        return false;
    }
    close(p->fd);
    p->fd = -1;
    int status = 0;
    do {
        if (signals_terminated()) {
            kill(p->pid, SIGTERM);
        }
    } while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR);
    p->pid = 0;
    signals_hold(false);
    /* what a shell answers when it could not run the command */
    return p->kept_all && WIFEXITED(status) && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127);
}

void pager_release(struct pager *p) {
    pager_finish(p);
    buf_release(&p->kept);
}
