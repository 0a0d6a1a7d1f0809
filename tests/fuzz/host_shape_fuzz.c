/* Declared results: any text is refused or a shape, and any value is refused by it or comes out in its form. */
#include <string.h>

#include "base/buf.h"
#include "base/msgpack.h"
#include "fuzz.h"
#include "host/shape.h"

static const struct msgpack_limits limits = {.bytes = 1 << 16, .elements = 1 << 12, .depth = 32};

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) {
    struct arena a = ARENA_INIT;
    const uint8_t *end = memchr(p, '\n', n);
    size_t length = end ? (size_t)(end - p) : n;
    const struct shape *shape;
    struct value v, complete, again;
    if (shape_parse(&a, arena_dup(&a, (const char *)p, length), &shape, NULL) == 0 && end &&
        msgpack_read(&a, end + 1, n - length - 1, &limits, &v, NULL) == 0 &&
        shape_check(shape, &v, &a, &complete, NULL) == 0) {
        must(shape_check(shape, &complete, &a, &again, NULL) == 0);
    }
    arena_release(&a);
    return 0;
}
