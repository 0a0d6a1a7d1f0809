/* daemon.h - `lectern daemon run` and `lectern daemon start`: the two commands that cannot be left to a host. */
#ifndef LECTERN_CLIENT_DAEMON_H
#define LECTERN_CLIENT_DAEMON_H

#include "base/err.h"
#include "client/words.h"

/* Become lecternd. Returns only when that failed. */
int daemon_run(const struct words *w, struct err *err);
/* Start lecternd in the background and wait until it answers at its socket, at most ten seconds; says so on stdout
 * unless quiet. One that runs already is as good. Its own messages go to STATE/NAME.log, where NAME is that of its
 * socket; they are shown on stderr when it ends before it answers. 0, a negative code, or the exit status of a lecternd
 * that said itself what is wrong. */
int daemon_start(const struct words *w, struct err *err);

#endif
