/* say.h - what the client itself has to tell a person: one line, one write. */
#ifndef LECTERN_CLIENT_SAY_H
#define LECTERN_CLIENT_SAY_H

#include "base/err.h"

/* "lectern: MESSAGE; HINT" on stderr. Returns the exit status of the error. */
int say_error(const struct err *err);
/* "lectern: TEXT" on stderr. */
void say_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* TEXT and a newline on stdout; 0, or the exit status where stdout cannot be written. */
int say_result(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
