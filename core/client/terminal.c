/* terminal.c - terminal facts. */
#include "client/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_WIDTH = 80, LARGEST_WIDTH = 10000 };

/* The lowest free descriptor is the closed one, because lower ones were filled before. */
static void fill(int fd) {
    int got = open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_NOCTTY);
    if (got >= 0 && got != fd) {
        close(got);
    }
}

void terminal_init(struct terminal *t) {
    t->fd = -1;
    for (int fd = 0; fd < 3; fd++) {
        t->tty[fd] = isatty(fd);
        if (!t->tty[fd] && errno == EBADF) {
            fill(fd);
        }
    }
}

void terminal_release(struct terminal *t) {
    if (t->fd >= 0) {
        close(t->fd);
    }
    t->fd = -1;
}

static int width_of(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int terminal_width(const struct terminal *t) {
    const char *columns = getenv("COLUMNS");
    int width = columns ? atoi(columns) : 0;
    const int order[] = {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO};
    for (int i = 0; i < 3 && width <= 0; i++) {
        width = t->tty[order[i]] ? width_of(order[i]) : 0;
    }
    if (width <= 0) {
        return DEFAULT_WIDTH;
    }
    return width > LARGEST_WIDTH ? LARGEST_WIDTH : width;
}

int terminal_fd(struct terminal *t) {
    if (t->fd < 0) {
        t->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    return t->fd;
}

bool terminal_foreground(int fd) {
    return tcgetpgrp(fd) == getpgrp();
}
