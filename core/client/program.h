/* program.h - running somebody else's terminal program, such as an editor.
 *
 * The program gets the terminal: its own process group in the foreground, and /dev/tty in the place of a standard
 * descriptor that is no terminal (an editor in a pipeline). The person's Ctrl-C and Ctrl-Z are the program's; when it
 * stops itself, the client stops too, so that the shell shows one job. Afterwards the terminal is ours again, set as
 * before. Without a terminal the program runs all the same, with our descriptors.
 */
#ifndef LECTERN_CLIENT_PROGRAM_H
#define LECTERN_CLIENT_PROGRAM_H

#include "base/err.h"
#include "client/terminal.h"

/* Run ARGV (NULL-terminated, found by PATH) in the folder CWD and wait. *STATUS: its exit status, or 128 + signal.
 * -E_UNAVAILABLE where it cannot be started. */
int program_run(char *const argv[], const char *cwd, struct terminal *t, int *status, struct err *err);

#endif
