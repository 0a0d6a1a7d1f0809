/* words.h - the little that the client understands of its own command line.
 *
 * The host parses commands. The client reads the leading globals only as far as it takes to find the host, and knows
 * the commands that it must carry out itself because they make a host: `daemon run` and `daemon start`. Whatever it
 * does not understand goes to the host, which says what is wrong with it.
 */
#ifndef LECTERN_CLIENT_WORDS_H
#define LECTERN_CLIENT_WORDS_H

#include <stdbool.h>

enum words_for {
    WORDS_HOST,    /* run by the host */
    WORDS_VERSION, /* `lectern --version` and nothing else */
    WORDS_DAEMON_RUN,
    WORDS_DAEMON_START,
    WORDS_DAEMON_STOP, /* run by the host, unless it speaks another protocol */
};

struct words {
    enum words_for who;
    int count; /* everything after the program's name */
    char **all;
    const char *store;  /* --store as typed, or NULL; borrowed like all of these */
    const char *config; /* --config */
    bool no_daemon;     /* --no-daemon or LECTERN_NO_DAEMON (neither empty nor "0") */
    bool json;          /* --json or --jsonl; read for the daemon commands only */
    bool quiet;
    char **rest; /* WORDS_DAEMON_RUN, _START: what follows, for lecternd; NULL-terminated, the array owned */
};

/* Never fails. ARGV must outlive W. */
void words_read(struct words *w, int argc, char **argv);
void words_release(struct words *w);

#endif
