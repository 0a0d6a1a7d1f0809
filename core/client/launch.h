/* launch.h - starting lecternd, which lies beside this program.
 *
 * Where it is comes from /proc/self/exe alone: no variable and no PATH decides what code runs as the host. Failures are
 * -E_UNAVAILABLE and name the file.
 */
#ifndef LECTERN_CLIENT_LAUNCH_H
#define LECTERN_CLIENT_LAUNCH_H

#include <sys/types.h>

#include "base/err.h"
#include "client/words.h"

/* A host for this command alone: `lecternd --private 3` with the other end of a socketpair as 3, in a session of its
 * own so that Ctrl-C reaches it through the client only. *FD and *PID are the caller's. */
int launch_private(const struct words *w, int *fd, pid_t *pid, struct err *err);
/* Become `lecternd --daemon`, with the words that followed. Returns only when that failed. */
int launch_exec(const struct words *w, struct err *err);
/* `lecternd --daemon` in the background, started from "/" with these absolute places; its stderr goes to LOG. */
int launch_daemon(const struct words *w, const char *store, const char *config, int log, pid_t *pid, struct err *err);
/* Wait for PID to end, at most MS milliseconds, less when a signal comes. 1 and *STATUS of waitpid; 0: still there. */
int launch_wait(pid_t pid, int ms, int *status);

#endif
