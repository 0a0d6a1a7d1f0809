/* peers.h - whoever is on the other end of a socket: the shell client, an editor, a script.
 *
 * Any peer may call commands by name (lectern.call). The shell client says hello and run; everything a person sees of a run passes session.c.
 */
#ifndef LECTERN_HOST_PEERS_H
#define LECTERN_HOST_PEERS_H

#include "host/conn.h"
#include "host/host.h"

struct session;

struct peer {
    struct host *host;
    struct conn *conn;
    struct later greeting;   /* hello is answered, whether or not a run follows at once */
    bool stranger;           /* of another version: may run nothing */
    struct session *session; /* of a `run` in progress, or NULL */
    struct peer_call *calls; /* lectern.call in progress */
    unsigned ncalls;
    struct peer *prev, *next;
};

struct peers *peers_new(struct host *h);
void peers_free(struct peers *p);
/* A new connection. A private host serves this one and ends with it. */
void peers_add(struct peers *p, int fd);
void peers_accept(struct peers *p, struct listener *l); /* somebody at the daemon's socket */
void peer_drop(struct peer *peer);                      /* close it */
bool peers_busy(const struct peers *p);                 /* somebody was not told everything yet */

/* session.c: the request `run`. The session answers it by itself. */
void session_start(struct peer *peer, int64_t id, const struct value *params);
void session_ack(struct session *s, const struct value *params);
/* May free S. */
void session_cancel(struct session *s, const char *reason); /* "output closed": nobody reads any more, end quietly */
void session_orphan(struct session *s);                     /* its peer is gone: cancel, say nothing */

#endif
