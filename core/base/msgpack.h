/* msgpack.h - values to and from MessagePack, and the framing of MessagePack-RPC.
 *
 * msgpack.c is the only file that includes <mpack.h>. Reading is streaming and bounded while it reads: total bytes,
 * number of elements and depth are checked before anything is allocated for them, so a hostile peer costs at most the
 * limits.
 * MessagePack: https://github.com/msgpack/msgpack/blob/master/spec.md; ext types are refused, as are integers above
 * INT64_MAX.
 */
#ifndef LECTERN_BASE_MSGPACK_H
#define LECTERN_BASE_MSGPACK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"

struct msgpack_limits {
    size_t bytes;    /* of one message */
    size_t elements; /* values in one message, keys included */
    unsigned depth;  /* nesting */
};
extern const struct msgpack_limits msgpack_limits_default; /* 20 MiB, 1 M elements, depth 32 */

/* Append the encoding of V to OUT. */
void msgpack_write(struct buf *out, const struct value *v);
/* Pieces, for those who encode without making values first. */
void msgpack_write_nil(struct buf *out);
void msgpack_write_bool(struct buf *out, bool b);
void msgpack_write_int(struct buf *out, int64_t i);
void msgpack_write_float(struct buf *out, double f);
void msgpack_write_str(struct buf *out, const char *s, size_t n);
void msgpack_write_bin(struct buf *out, const void *p, size_t n);
void msgpack_write_bin_head(struct buf *out, size_t n); /* N bytes have to follow */
void msgpack_write_array(struct buf *out, uint32_t n);
void msgpack_write_map(struct buf *out, uint32_t n);

/* A whole value in memory. 0 or -E_DATA; trailing bytes are an error. Strings are copied into A. */
int msgpack_read(struct arena *a, const void *p, size_t n, const struct msgpack_limits *limits, struct value *v,
                 struct err *err);

/* A stream of values from a peer. Feed bytes as they come, take values as they complete:
 *     msgpack_stream_feed(&s, p, n);
 *     while ((rc = msgpack_stream_next(&s, &arena, &v, err)) == 1) handle(v);
 * Partly read values are kept by the stream, in bytes, until complete. */
struct msgpack_stream {
    struct buf in;
    size_t at;                 /* consumed */
    struct msgpack_scan *scan; /* how far the current value is known to be well-formed */
    struct msgpack_limits limits;
};
void msgpack_stream_init(struct msgpack_stream *s, const struct msgpack_limits *limits);
void msgpack_stream_release(struct msgpack_stream *s);
void msgpack_stream_feed(struct msgpack_stream *s, const void *p, size_t n);
/* 1: *V holds the next value, in A (cleared by the caller when done with it); 0: more bytes needed; -E_DATA: the peer
 * broke the rules, drop it (every later call says so again). */
int msgpack_stream_next(struct msgpack_stream *s, struct arena *a, struct value *v, struct err *err);

/* ---- MessagePack-RPC ------------------------------------------------------------------------------------------- */
enum rpc_type { RPC_REQUEST = 0, RPC_RESPONSE = 1, RPC_NOTIFICATION = 2 };
struct rpc {
    enum rpc_type type;
    int64_t id;                 /* request, response */
    const char *method;         /* request, notification; borrowed from the value */
    const struct value *params; /* array; request, notification */
    const struct value *error;  /* response; nil when it succeeded, else a string "E_CODE: message" */
    const struct value *result; /* response */
};
/* 0 or -E_DATA. Borrows from V. */
int rpc_parse(const struct value *v, struct rpc *r, struct err *err);
/* Append the head of a message; the caller then appends exactly one value: the params array (request, notification)
 * or the result (response; rpc_write_error appends the whole failed response). */
void rpc_write_request(struct buf *out, int64_t id, const char *method);
void rpc_write_notification(struct buf *out, const char *method);
void rpc_write_result(struct buf *out, int64_t id);
void rpc_write_error(struct buf *out, int64_t id, const struct err *err);
/* "E_CODE: message[; hint]" back into an err, the hint staying in the message. Anything else is E_INTERNAL with what
 * text there is. */
void rpc_error_to_err(const struct value *error, struct err *err);

#endif
