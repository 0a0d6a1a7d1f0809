/* signals.h - Ctrl-C, SIGTERM and SIGHUP as a descriptor to poll; once for each process, because signals are.
 *
 * The first of them is counted and wakes whoever polls signals_fd; a blocking write in progress ends with EINTR. The
 * second ends the process at once with status 130, unless the terminal belongs to somebody who would be left in a bad
 * state (signals_hold). What was ignored when the client started (nohup, `&` in a script) stays ignored. SIGPIPE and
 * SIGXFSZ are ignored, so that a closed or full output is an error of write.
 */
#ifndef LECTERN_CLIENT_SIGNALS_H
#define LECTERN_CLIENT_SIGNALS_H

#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>

void signals_start(void);
int signals_fd(void);          /* readable when a signal came; -1 before signals_start */
int signals_interrupts(void);  /* how many, of all kinds */
bool signals_terminated(void); /* one of them was SIGTERM or SIGHUP */
void signals_drain(void);      /* make signals_fd quiet again */
/* While HELD, a second signal is counted like the first. */
void signals_hold(bool held);
/* Written to stderr when a second signal ends the process; a string literal, or NULL for nothing. */
void signals_last_words(const char *bytes);
/* A started program gets back the default action of what only the client ignores; handlers end at exec anyway. */
void signals_spawn_defaults(posix_spawnattr_t *attr);

#endif
