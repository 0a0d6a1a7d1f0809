/* heed.c - long work on a store that somebody may not want any more.
 *
 * The one idea: who asked for the work says beforehand, for its thread, where to look; connections of keeping look there
 * every few thousand steps, and loops beside them each time round.
 */
#include <poll.h>

#include "store/keep_priv.h"

enum { STEPS = 20000, WAIT_MS = 100 };

static _Thread_local const atomic_bool *heeded;

void keep_heed(const atomic_bool *stop) {
    heeded = stop;
}

int keep_stopped(struct err *err) {
    return heeded && atomic_load(heeded) ? err_set(err, E_CANCELLED, "cancelled; nothing was changed") : 0;
}

int keep_wait(int fd, struct err *err) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int rc = 0;
    while (heeded && !rc && poll(&p, 1, WAIT_MS) <= 0) {
        rc = keep_stopped(err);
    }
    return rc;
}

static int look(void *ctx) {
    return atomic_load((const atomic_bool *)ctx);
}

int keep_connect(struct db *db, const char *path, int flags, int cache_kib, struct err *err) {
    int rc = db_open(db, path, flags, cache_kib, err);
    if (!rc && heeded && db->handle) {
        sqlite3_progress_handler(db->handle, STEPS, look, (void *)(uintptr_t)heeded);
    }
    return rc;
}
