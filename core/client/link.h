/* link.h - the connection to the host: finding it, and messages both ways.
 *
 * A daemon that answers at the socket of this store and configuration is used; where none does, a private host is
 * started for this command. The peer is trusted once it is known to run as our own user; what it sends is bounded all
 * the same. Messages to the host are collected in OUT and sent by link_flush; sending never fails visibly, because a
 * host that is gone shows at the next link_fill, after everything it said before.
 */
#ifndef LECTERN_CLIENT_LINK_H
#define LECTERN_CLIENT_LINK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/msgpack.h"
#include "base/place.h"
#include "client/words.h"

struct link {
    int fd;            /* -1: closed */
    pid_t peer;        /* process id of the host */
    bool private_host; /* started by us, and our child */
    bool cancelled;    /* the host was told */
    bool unread;       /* the host closed the connection before it had read all that we sent */
    struct buf out;    /* to be sent: append whole messages */
    struct msgpack_stream in;
    struct arena arena; /* of the message last taken */
    struct value message;
};

void link_init(struct link *l);
/* Connect to the daemon, or start a private host. 0, or -E_UNAVAILABLE, -E_DENIED, -E_CONFIG. */
int link_open(struct link *l, const struct words *w, const char *cwd, struct err *err);
/* The first half of link_open: 1 connected, 0 nobody there, negative: somebody we must not talk to. */
int link_connect(struct link *l, const struct place *p, struct err *err);
/* The second half: a private host. */
int link_start(struct link *l, const struct words *w, struct err *err);
void link_flush(struct link *l);
/* Read once, blocking where there is nothing. False: the host closed the connection. */
bool link_fill(struct link *l);
/* Take the next message that arrived: 1, 0 when there is none, -E_DATA. It lives until the next call. */
int link_next(struct link *l, struct rpc *r, struct err *err);
/* Tell the host to cancel the run, at most once, at once. */
void link_cancel(struct link *l, const char *reason);
/* Hang up. A private host ends when it notices; link_release waits up to two seconds until it has, so that a command
 * leaves no process behind. */
void link_close(struct link *l);
/* *STATUS, where not NULL, becomes the exit status of a private host, -1 where it has none. */
void link_release(struct link *l, int *status);

#endif
