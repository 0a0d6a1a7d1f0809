/* main.c - the shell command `lectern`: sends what was typed to a host and does for it what needs a terminal.
 *
 * The one idea: it starts and ends faster than anything it could decide, so it decides nothing. What a command means,
 * what it prints and how it ends is the host's to say; the few words it acts on itself are in words.h.
 */
#include "base/version.h"
#include "client/daemon.h"
#include "client/run.h"
#include "client/say.h"

/* With --json, starting answers with the status of what was started: the same words under another command. */
static int show_status(const struct words *w) {
    static char json[] = "--json", daemon[] = "daemon", status[] = "status", store[] = "--store", config[] = "--config";
    char *all[8] = {json};
    int n = 1;
    if (w->store) {
        all[n++] = store;
        all[n++] = (char *)w->store;
    }
    if (w->config) {
        all[n++] = config;
        all[n++] = (char *)w->config;
    }
    all[n++] = daemon;
    all[n++] = status;
    const struct words status_words = {.count = n, .all = all, .store = w->store, .config = w->config};
    return run_words(&status_words);
}

static int start_daemon(const struct words *w) {
    struct err err;
    err_init(&err);
    int rc = daemon_start(w, &err);
    int status = rc < 0 ? say_error(&err) : rc;
    err_release(&err);
    return status == 0 && w->json ? show_status(w) : status;
}

static int become_daemon(const struct words *w) {
    struct err err;
    err_init(&err);
    daemon_run(w, &err);
    int status = say_error(&err);
    err_release(&err);
    return status;
}

static int carry_out(const struct words *w) {
    switch (w->who) {
    case WORDS_VERSION:
        return say_result("lectern %s", LECTERN_VERSION);
    case WORDS_DAEMON_RUN:
        return become_daemon(w);
    case WORDS_DAEMON_START:
        return start_daemon(w);
    case WORDS_DAEMON_STOP:
    case WORDS_HOST:
        return run_words(w);
    }
    return 70;
}

int main(int argc, char **argv) {
    struct words w;
    words_read(&w, argc, argv);
    int status = carry_out(&w);
    words_release(&w);
    return status;
}
