/* JSON of strangers: what is read can be written, and reads the same again. */
#include <string.h>

#include "base/json.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct arena a = ARENA_INIT;
    struct buf one = BUF_INIT, two = BUF_INIT;
    struct value v, again;
    struct err err;
    err_init(&err);
    if (json_read(&a, (const char *)data, n, &v, &err) == 0) {
        json_write(&one, &v);
        must(json_read(&a, one.data, one.len, &again, &err) == 0);
        json_write(&two, &again);
        must(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    } else {
        must(err.message[0]);
    }
    buf_release(&one);
    buf_release(&two);
    arena_release(&a);
    err_release(&err);
    return 0;
}
