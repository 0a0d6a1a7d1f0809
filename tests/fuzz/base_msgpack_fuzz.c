/* Bytes from a peer: what reads at once reads in pieces too, and what was read can be written and read again. */
#include <string.h>

#include "base/json.h"
#include "base/msgpack.h"
#include "fuzz.h"

static const struct msgpack_limits limits = {.bytes = 1 << 16, .elements = 1 << 12, .depth = 32};

/* The first value of P, fed in pieces of STEP bytes: msgpack_stream_next's answer. */
static int stream(struct arena *a, const uint8_t *p, size_t n, size_t step, struct value *v) {
    struct msgpack_stream s;
    msgpack_stream_init(&s, &limits);
    int rc = 0;
    for (size_t at = 0; at < n && rc == 0; at += step) {
        msgpack_stream_feed(&s, p + at, step < n - at ? step : n - at);
        rc = msgpack_stream_next(&s, a, v, NULL);
    }
    msgpack_stream_release(&s);
    return rc;
}

static void again(struct arena *a, const struct value *v) {
    struct buf once = BUF_INIT, twice = BUF_INIT;
    struct value back;
    msgpack_write(&once, v);
    must(msgpack_read(a, once.data, once.len, &limits, &back, NULL) == 0);
    msgpack_write(&twice, &back);
    must(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    buf_clear(&once);
    json_write(&once, v);
    buf_release(&once);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) {
    struct arena a = ARENA_INIT;
    struct value v, streamed;
    struct rpc r;
    if (n > 0 && n < limits.bytes) {
        int whole = msgpack_read(&a, p, n, &limits, &v, NULL);
        int pieces = stream(&a, p, n, 1 + n / 7, &streamed);
        must(whole < 0 || pieces == 1);
        if (whole == 0) {
            again(&a, &v);
            rpc_parse(&v, &r, NULL);
        }
    }
    arena_release(&a);
    return 0;
}
