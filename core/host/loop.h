/* loop.h - the host's event loop: timers, work off the loop, signals. Hides libuv from the rest of the host.
 *
 * One thread runs everything that is not inside a `work` function; no locks are needed above this line. Callbacks get the
 * ctx they were given. Work is queued in lanes so that slow files or a long write never take the readers' threads.
 */
#ifndef LECTERN_HOST_LOOP_H
#define LECTERN_HOST_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
typedef void loop_fn(void *ctx);

struct loop *loop_new(void);
/* Everything must be closed; runs the remaining close callbacks. */
void loop_free(struct loop *l);
void loop_run(struct loop *l); /* until loop_stop */
void loop_stop(struct loop *l);
void *loop_handle(struct loop *l); /* the uv_loop_t, for conn.c and process.c only */

struct timer;
struct timer *timer_new(struct loop *l, loop_fn *fn, void *ctx);
void timer_start(struct timer *t, uint64_t ms); /* once, MS from now; restarts a running one */
void timer_stop(struct timer *t);
void timer_free(struct timer *t); /* NULL is fine; freed by the loop later */

enum lane { LANE_READ, LANE_WRITE, LANE_FILE, LANE_COUNT }; /* at most 4, 1 and 2 at a time */
/* Run WORK(ctx) on a pool thread, then DONE(ctx) on the loop. FIFO within a lane. */
void loop_work(struct loop *l, enum lane lane, loop_fn *work, loop_fn *done, void *ctx);
bool loop_working(const struct loop *l); /* anything queued or running */

/* FN(ctx) just before the loop next waits; once. */
struct later {
    loop_fn *fn;
    void *ctx;
    struct later *next;
    bool queued;
};
void loop_later(struct loop *l, struct later *later);
void loop_later_cancel(struct loop *l, struct later *later);

/* SIGTERM and SIGINT call FN; SIGPIPE and SIGXFSZ are ignored. */
void loop_on_terminate(struct loop *l, loop_fn *fn, void *ctx);

#endif
