/* program.c - handing over the terminal and getting it back.
 *
 * The one idea: the program is put in the foreground before it runs its first instruction, by the spawn itself, so
 * there is no moment in which both of us read the keyboard.
 */
#include "client/program.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "client/signals.h"

struct handover {
    int tty;    /* -1: there is nothing to hand over */
    bool given; /* the program has it now */
    struct termios modes;
    struct sigaction interrupt, quit;
};

/* Only the foreground may give the terminal away. */
static void prepare(struct handover *h, struct terminal *t) {
    h->tty = terminal_fd(t);
    if (h->tty >= 0 && (!terminal_foreground(h->tty) || tcgetattr(h->tty, &h->modes) != 0)) {
        h->tty = -1;
    }
    h->given = h->tty >= 0;
}

/* Ctrl-C without a terminal of our own is meant for the program, as under system(). */
static void ignore_keys(struct handover *h) {
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &ignore, &h->interrupt);
    sigaction(SIGQUIT, &ignore, &h->quit);
}

static void restore_keys(const struct handover *h) {
    sigaction(SIGINT, &h->interrupt, NULL);
    sigaction(SIGQUIT, &h->quit, NULL);
}

static void set_foreground(int tty, pid_t group) {
    sigset_t block, before;
    sigemptyset(&block);
    sigaddset(&block, SIGTTOU);
    sigprocmask(SIG_BLOCK, &block, &before);
    tcsetpgrp(tty, group);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void take_back(struct handover *h) {
    if (h->given) {
        h->given = false;
        set_foreground(h->tty, getpgrp());
        tcsetattr(h->tty, TCSADRAIN, &h->modes);
    }
}

static int spawn(char *const argv[], const char *cwd, const struct handover *h, const struct terminal *t, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    short flags = POSIX_SPAWN_SETSIGDEF;
    signals_spawn_defaults(&attr);
    if (h->tty >= 0) {
        flags |= POSIX_SPAWN_SETPGROUP;
        posix_spawn_file_actions_addtcsetpgrp_np(&actions, h->tty);
    }
    for (int fd = 0; h->tty >= 0 && fd < 3; fd++) {
        if (!t->tty[fd]) {
            posix_spawn_file_actions_adddup2(&actions, h->tty, fd);
        }
    }
    if (cwd && *cwd) {
        posix_spawn_file_actions_addchdir_np(&actions, cwd);
    }
    posix_spawnattr_setflags(&attr, flags);
    int error = posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* The program stopped, by Ctrl-Z: the shell gets the terminal and sees us stopped. When we go on, so does it, in the
 * foreground if that is where we are now. */
static void stop_with(pid_t pid, struct handover *h) {
    struct termios modes;
    bool known = h->given && tcgetattr(h->tty, &modes) == 0;
    take_back(h);
    kill(0, SIGTSTP);
    if (terminal_foreground(h->tty)) {
        h->given = true;
        if (known) {
            tcsetattr(h->tty, TCSADRAIN, &modes);
        }
        set_foreground(h->tty, pid);
    }
    kill(-pid, SIGCONT);
}

/* SIGTERM is passed on: an editor saves what it can, and we wait for it. */
static int wait_for(pid_t pid, struct handover *h) {
    bool passed_on = false;
    for (;;) {
        int status;
        pid_t got = waitpid(pid, &status, h->tty >= 0 ? WUNTRACED : 0);
        if (got < 0 && errno == EINTR) {
            if (signals_terminated() && !passed_on) {
                passed_on = true;
                kill(pid, SIGTERM);
            }
        } else if (got == pid && WIFSTOPPED(status)) {
            stop_with(pid, h);
        } else {
            return got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 128 + (got == pid ? WTERMSIG(status) : 0);
        }
    }
}

int program_run(char *const argv[], const char *cwd, struct terminal *t, int *status, struct err *err) {
    struct handover h;
    pid_t pid;
    prepare(&h, t);
    signals_hold(true);
    int error = spawn(argv, cwd, &h, t, &pid);
    if (error) {
        take_back(&h);
        signals_hold(false);
        return err_set(err, E_UNAVAILABLE, "cannot run '%s': %s", argv[0], strerror(error));
    }
    ignore_keys(&h);
    *status = wait_for(pid, &h);
    take_back(&h);
    restore_keys(&h);
    signals_hold(false);
    return 0;
}
