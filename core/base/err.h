/* err.h - what went wrong, in one line, with the way out.
 *
 * Every fallible function returns 0 or a negative code and, when it has something to say, takes a last
 * `struct err *`. A message is lower case, says what first, quotes its subject and ends with what to do:
 * "unknown event 'sosp-2107'; did you mean 'sosp-2017'?". The code decides the exit status (CONTRACT).
 */
#ifndef LECTERN_BASE_ERR_H
#define LECTERN_BASE_ERR_H

#include <stddef.h>

/* name, exit status, E_ name */
#define LECTERN_ERRORS(X)                                                                                              \
    X(E_OK, 0, "E_OK")                                                                                                 \
    X(E_NOTFOUND, 1, "E_NOTFOUND")        /* ran, but the answer is no: unknown id, no hit */                          \
    X(E_USAGE, 64, "E_USAGE")             /* unknown name, bad value, ambiguous id */                                  \
    X(E_DATA, 65, "E_DATA")               /* bad input data */                                                         \
    X(E_INPUT, 66, "E_INPUT")             /* input missing or unreadable */                                            \
    X(E_UNAVAILABLE, 69, "E_UNAVAILABLE") /* something needed is not there */                                          \
    X(E_INTERNAL, 70, "E_INTERNAL")       /* our fault */                                                              \
    X(E_PLUGIN, 70, "E_PLUGIN")           /* a plugin raised, lied or crashed */                                       \
    X(E_PEER_KILLED, 70, "E_PEER_KILLED") /* another job's fault took this one with it */                              \
    X(E_OUTPUT, 73, "E_OUTPUT")           /* cannot write output */                                                    \
    X(E_STORE, 74, "E_STORE")             /* store I/O, disk full */                                                   \
    X(E_BUSY, 75, "E_BUSY")               /* try again */                                                              \
    X(E_VERSION, 76, "E_VERSION")         /* client and daemon differ */                                               \
    X(E_DENIED, 77, "E_DENIED")           /* not granted */                                                            \
    X(E_CONFIG, 78, "E_CONFIG")           /* configuration */                                                          \
    X(E_TIMEOUT, 124, "E_TIMEOUT")        /* deadline */                                                               \
    X(E_CANCELLED, 130, "E_CANCELLED")

enum err_code {
#define X(name, status, text) name,
    LECTERN_ERRORS(X)
#undef X
};

enum { ERR_MESSAGE_MAX = 1024, ERR_HINT_MAX = 512, ERR_AT_MAX = 256, ERR_PLUGIN_MAX = 64 };

struct err {
    enum err_code code;
    char message[ERR_MESSAGE_MAX]; /* one line, UTF-8, cut at a character */
    char hint[ERR_HINT_MAX];       /* the way out, or "" */
    char plugin[ERR_PLUGIN_MAX];   /* whose fault, or "" */
    char at[ERR_AT_MAX];           /* "file:line", or "" */
    size_t column;                 /* where in what a person wrote, a character counted from 1; 0: nowhere */
    char *trace; /* for stderr: a traceback, with E_BUSY the diff, with a column what was written; owned
                                      (err_release), or NULL */
};

/* Fill ERR and return -(int)code, so that `return err_set(...)` reads well. Replaces what was there, the trace too.
 * ERR may be NULL; else it was initialised. What the message quotes is made safe for a terminal (text_safe). */
int err_set(struct err *err, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Set the hint; returns -(int)err->code, or -E_INTERNAL where ERR is NULL (return err_set's code where it may be). */
int err_hint(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Put "PREFIX: " before the message. */
void err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
void err_init(struct err *err);
void err_release(struct err *err);                     /* frees the trace, then err_init */
void err_copy(struct err *to, const struct err *from); /* TO was initialised */

int err_status(enum err_code code);       /* exit status */
const char *err_name(enum err_code code); /* "E_USAGE" */
/* The code named by the first N bytes of NAME ("E_USAGE"); E_INTERNAL when unknown. */
enum err_code err_code_of(const char *name, size_t n);

#endif
