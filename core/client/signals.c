/* signals.c - counted interrupts and a wake-up descriptor.
 *
 * The one idea: an eventfd in the poll set closes the gap between looking at the count and going to sleep, and the
 * second signal is handled inside the handler, so that nothing the client may be stuck in can delay it.
 */
#include "client/signals.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const int handled[] = {SIGINT, SIGTERM, SIGHUP};
static const int ignored[] = {SIGPIPE, SIGXFSZ};

static volatile sig_atomic_t interrupts;
static volatile sig_atomic_t terminated;
static volatile sig_atomic_t held;
static const char *volatile last_words;
static int wake_fd = -1;
static sigset_t ignored_before;

static void leave(void) {
    const char *words = last_words;
    if (words) {
        ssize_t n = write(STDERR_FILENO, words, strlen(words));
        (void)n;
    }
    _exit(130);
}

static void on_signal(int sig) {
    int saved = errno;
    if (interrupts > 0 && !held) {
        leave();
    }
    interrupts = interrupts + 1;
    if (sig != SIGINT) {
        terminated = 1;
    }
    uint64_t one = 1;
    ssize_t n = write(wake_fd, &one, sizeof one);
    (void)n;
    errno = saved;
}

static void install(int sig, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    struct sigaction before;
    sigaction(sig, &action, &before);
    if (before.sa_handler == SIG_IGN) {
        sigaddset(&ignored_before, sig);
        if (handler != SIG_IGN) {
            sigaction(sig, &before, NULL);
        }
    }
}

void signals_start(void) {
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    sigemptyset(&ignored_before);
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++) {
        install(handled[i], on_signal);
    }
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        install(ignored[i], SIG_IGN);
    }
}

int signals_fd(void) {
    return wake_fd;
}

int signals_interrupts(void) {
    return interrupts;
}

bool signals_terminated(void) {
    return terminated != 0;
}

void signals_drain(void) {
    uint64_t count;
    ssize_t n = read(wake_fd, &count, sizeof count);
    (void)n;
}

void signals_hold(bool on) {
    held = on;
}

void signals_last_words(const char *bytes) {
    last_words = bytes;
}

void signals_spawn_defaults(posix_spawnattr_t *attr) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; wake_fd >= 0 && i < sizeof ignored / sizeof *ignored; i++) {
        if (!sigismember(&ignored_before, ignored[i])) {
            sigaddset(&set, ignored[i]);
        }
    }
    posix_spawnattr_setsigdefault(attr, &set);
}
