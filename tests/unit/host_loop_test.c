/* Timers, lanes, what runs before the loop waits, signals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/loop.h"

static struct loop *loop;
static char trail[256]; /* who ran, a letter each */

static void mark(char c) {
    size_t n = strlen(trail);
    if (n + 1 < sizeof trail)
        trail[n] = c, trail[n + 1] = '\0';
}

static int start(void **state) {
    (void)state;
    trail[0] = '\0';
    loop = loop_new();
    return 0;
}

static int done(void **state) {
    (void)state;
    loop_free(loop);
    return 0;
}

static void letter(void *ctx) {
    mark(*(const char *)ctx);
}

static void stop(void *ctx) {
    (void)ctx;
    loop_stop(loop);
}

static void turn_for(uint64_t ms) {
    struct timer *t = timer_new(loop, stop, NULL);
    timer_start(t, ms);
    loop_run(loop);
    timer_free(t);
}

/* ---- timers ------------------------------------------------------------------------------------------------------- */

static void timers_fire_once_and_in_order(void **state) {
    (void)state;
    struct timer *a = timer_new(loop, letter, "a"), *b = timer_new(loop, letter, "b"),
                 *c = timer_new(loop, letter, "c");
    timer_start(b, 20);
    timer_start(a, 5);
    timer_start(c, 10);
    timer_stop(c);
    turn_for(60);
    assert_string_equal(trail, "ab");
    timer_start(a, 200);
    timer_start(a, 5); /* the later start counts */
    turn_for(40);
    assert_string_equal(trail, "aba");
    timer_free(a);
    timer_free(b);
    timer_free(c);
    timer_free(NULL);
    timer_stop(NULL);
}

static void free_in_callback(void *ctx) {
    struct timer **t = ctx;
    mark('f');
    timer_free(*t);
    *t = NULL;
}

static void a_timer_may_be_freed_by_its_own_callback(void **state) {
    (void)state;
    struct timer *t = NULL;
    t = timer_new(loop, free_in_callback, &t);
    timer_start(t, 0);
    turn_for(20);
    assert_string_equal(trail, "f");
    assert_null(t);
}

static void a_freed_timer_does_not_fire(void **state) {
    (void)state;
    struct timer *t = timer_new(loop, letter, "x");
    timer_start(t, 0);
    timer_free(t);
    turn_for(20);
    assert_string_equal(trail, "");
}

/* ---- lanes -------------------------------------------------------------------------------------------------------- */

static atomic_int running, most;
static pthread_t loop_thread;

struct piece {
    int number;
    bool on_pool, on_loop;
};

static int finished[64], nfinished;

static void work(void *ctx) {
    struct piece *p = ctx;
    int now = atomic_fetch_add(&running, 1) + 1, before = atomic_load(&most);
    while (now > before && !atomic_compare_exchange_weak(&most, &before, now))
        continue;
    p->on_pool = !pthread_equal(pthread_self(), loop_thread);
    usleep(2000);
    atomic_fetch_sub(&running, 1);
}

static void worked(void *ctx) {
    struct piece *p = ctx;
    p->on_loop = pthread_equal(pthread_self(), loop_thread);
    finished[nfinished++] = p->number;
    if (!loop_working(loop))
        loop_stop(loop);
}

static int run_lane(enum lane lane) {
    struct piece pieces[24] = {{0}};
    atomic_store(&most, 0);
    nfinished = 0;
    loop_thread = pthread_self();
    assert_false(loop_working(loop));
    for (int i = 0; i < 24; i++) {
        pieces[i].number = i;
        loop_work(loop, lane, work, worked, &pieces[i]);
    }
    assert_true(loop_working(loop));
    loop_run(loop);
    assert_int_equal(nfinished, 24);
    for (int i = 0; i < 24; i++)
        assert_true(pieces[i].on_pool && pieces[i].on_loop);
    return atomic_load(&most);
}

static void lanes_have_their_width(void **state) {
    (void)state;
    assert_int_equal(run_lane(LANE_WRITE), 1);
    for (int i = 0; i < 24; i++)
        assert_int_equal(finished[i], i); /* and one at a time means in order */
    assert_in_range(run_lane(LANE_FILE), 1, 2);
    assert_in_range(run_lane(LANE_READ), 2, 4);
}

static void more(void *ctx) {
    static struct piece last = {.number = 99};
    (void)ctx;
    loop_work(loop, LANE_WRITE, work, worked, &last);
}

static void work_may_be_queued_when_work_is_done(void **state) {
    (void)state;
    struct piece first = {.number = 1};
    nfinished = 0;
    loop_work(loop, LANE_WRITE, work, more, &first);
    loop_run(loop);
    assert_int_equal(nfinished, 1);
    assert_int_equal(finished[0], 99);
}

/* ---- later -------------------------------------------------------------------------------------------------------- */

static struct later again;
static int times;

static void once_more(void *ctx) {
    mark(*(const char *)ctx);
    if (++times < 3)
        loop_later(loop, &again);
}

static void later_runs_once_before_the_loop_waits(void **state) {
    (void)state;
    struct later a = {.fn = letter, .ctx = "a"}, b = {.fn = letter, .ctx = "b"}, c = {.fn = letter, .ctx = "c"};
    loop_later(loop, &a);
    loop_later(loop, &b);
    loop_later(loop, &c);
    loop_later(loop, &a); /* queued already */
    loop_later_cancel(loop, &b);
    loop_later_cancel(loop, &b);
    uint64_t start_us = clock_mono_us();
    turn_for(30);
    assert_true(clock_mono_us() - start_us >= 25000);
    assert_string_equal(trail, "ac");
    loop_later(loop, &b);
    loop_later(loop, &a);
    loop_later_cancel(loop, &a); /* the last of the queue */
    loop_later(loop, &c);
    turn_for(5);
    assert_string_equal(trail, "acbc");
    times = 0;
    again = (struct later){.fn = once_more, .ctx = "x"};
    loop_later(loop, &again);
    turn_for(5);
    assert_string_equal(trail, "acbcxxx");
}

/* ---- signals ------------------------------------------------------------------------------------------------------ */

static void terminated(void *ctx) {
    letter(ctx);
    loop_stop(loop);
}

static void signals_become_calls(void **state) {
    (void)state;
    loop_on_terminate(loop, terminated, "t");
    struct timer *keep = timer_new(loop, stop, NULL);
    timer_start(keep, 2000);
    raise(SIGTERM);
    loop_run(loop);
    raise(SIGINT);
    loop_run(loop);
    raise(SIGPIPE); /* nothing */
    assert_string_equal(trail, "tt");
    timer_free(keep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(timers_fire_once_and_in_order, start, done),
        cmocka_unit_test_setup_teardown(a_timer_may_be_freed_by_its_own_callback, start, done),
        cmocka_unit_test_setup_teardown(a_freed_timer_does_not_fire, start, done),
        cmocka_unit_test_setup_teardown(lanes_have_their_width, start, done),
        cmocka_unit_test_setup_teardown(work_may_be_queued_when_work_is_done, start, done),
        cmocka_unit_test_setup_teardown(later_runs_once_before_the_loop_waits, start, done),
        cmocka_unit_test_setup_teardown(signals_become_calls, start, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
