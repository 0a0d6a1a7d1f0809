/* conn.h - one MessagePack-RPC connection: to a client, an editor, or a compartment. And the listening socket.
 *
 * Both sides may ask. Requests we sent are in our own id table: an answer to an id that is not in it (late, forged) is
 * dropped. Output is gathered and written once per turn of the loop; a peer that leaves more than CONN_HIGH unread is not read from
 * until it has caught up. A peer that breaks the framing rules or the limits is dropped.
 */
#ifndef LECTERN_HOST_CONN_H
#define LECTERN_HOST_CONN_H

#include "base/err.h"
#include "base/msgpack.h"
#include "base/value.h"
#include "host/loop.h"

struct conn;

/* Values handed to callbacks live until the callback returns. */
struct conn_ops {
    void (*request)(void *ctx, int64_t id, const char *method, const struct value *params);
    void (*notification)(void *ctx, const char *method, const struct value *params);
    /* The connection is gone, WHY says so (code E_OK: the other side closed it). All own requests were answered with
     * E_PEER_KILLED before. The conn may not be used any more. Not called after conn_close. */
    void (*closed)(void *ctx, const struct err *why);
    void (*drained)(void *ctx); /* output fell below CONN_LOW; may be NULL */
};
enum { CONN_HIGH = 4 * 1024 * 1024, CONN_LOW = 1024 * 1024 };

/* ERR is NULL on success. A failed compartment call may carry a RESULT too (the error as a map). */
typedef void conn_reply(void *ctx, const struct value *result, const struct err *err);

/* Takes over FD (a stream socket), whatever happens. NULL and ERR when it cannot be used. */
struct conn *conn_new(struct loop *l, int fd, const struct msgpack_limits *limits, const struct conn_ops *ops,
                      void *ctx, struct err *err);
/* Close now: no callback of any kind follows; unanswered own requests are dropped. Safe inside a callback. */
void conn_close(struct conn *c);
/* Write what is gathered, then close as above. */
void conn_finish(struct conn *c);

/* Inside a callback: the message it is about, with all values handed out, belongs to A, an empty arena, from now on. */
void conn_keep(struct conn *c, struct arena *a);

/* PARAMS is an array. Returns the id. */
int64_t conn_request(struct conn *c, const char *method, const struct value *params, conn_reply *reply, void *ctx);
void conn_forget(struct conn *c, int64_t id); /* its reply will not be called */
void conn_notify(struct conn *c, const char *method, const struct value *params);
void conn_answer(struct conn *c, int64_t id, const struct value *result);
/* The same, but nobody is woken for it: it goes with what is sent next, or with conn_flush. */
void conn_answer_lazily(struct conn *c, int64_t id, const struct value *result);
void conn_fail(struct conn *c, int64_t id, const struct err *err);
size_t conn_pending(const struct conn *c); /* bytes gathered or written but not yet taken by the kernel */
void conn_flush(struct conn *c);           /* write now instead of before the next wait */

/* Listen on the Unix socket PATH (its folder is checked by the caller). ARRIVED must conn_accept whoever comes. */
struct listener;
struct listener *listener_new(struct loop *l, const char *path, void (*arrived)(void *ctx, struct listener *l),
                              void *ctx, struct err *err);
/* NULL and ERR when it is somebody else's (its uid is not ours), or gone again. */
struct conn *conn_accept(struct listener *l, const struct msgpack_limits *limits, const struct conn_ops *ops, void *ctx,
                         struct err *err);
void listener_free(struct listener *s); /* closes and unlinks; NULL is fine */

#endif
