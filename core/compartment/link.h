/* link.h - the one socket of a compartment: MessagePack-RPC with the host.
 *
 * Messages are handed over as they complete, as bytes in place; what is sent is appended to OUT and leaves with the
 * next link_flush. Only what is named so waits.
 */
#ifndef LECTERN_COMPARTMENT_LINK_H
#define LECTERN_COMPARTMENT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/msgpack.h"
#include "compartment/unpack.h"

enum { LINK_MESSAGE_MAX = 64 * 1024 * 1024, LINK_REST_MS = 200 };

struct message {
    enum rpc_type type;
    int64_t id;         /* request, response */
    const char *method; /* request, notification; not terminated */
    size_t method_len;
    struct unpack body; /* the params array; of a response: the error, then the result. Valid inside the handler only */
};
typedef void link_handler(void *ctx, const struct message *m);

struct link {
    int fd;
    bool closed; /* the host is gone, or broke the rules */
    struct buf in;
    struct unpack_scan scan;
    struct buf out;
    size_t sent; /* of out */
    link_handler *handler;
    void *ctx;
};

void link_init(struct link *l, int fd, link_handler *handler, void *ctx); /* FD is borrowed, and blocking */
void link_release(struct link *l);
/* Read what is there, once, and handle what is complete. Never blocks. */
void link_read(struct link *l);
/* The same, but waits until something is there; LINK_REST_MS at most, then false. */
bool link_read_or_wait(struct link *l);
/* Send what can be sent; true when nothing is left. */
bool link_flush(struct link *l);
/* Send everything and wait until something was read, MS milliseconds at most (-1: for ever). */
void link_wait(struct link *l, int ms);
/* Bound what is unsent: waits for the host where there is too much. Call after appending. */
void link_settle(struct link *l);
/* Nothing is to do for now: give back what only large messages need. */
void link_rest(struct link *l);

#endif
