/* loop.c - a thin skin over uv_loop_t.
 *
 * The one idea: everything the host waits for is a timer, a piece of work in a lane, a connection or a child, and each hands its
 * ctx back on the loop thread. `later` runs before the loop waits, which is where connections write what they gathered.
 */
#include "host/loop.h"

#include <signal.h>
#include <uv.h>

#include "base/mem.h"

struct work {
    uv_work_t req;
    struct loop *loop;
    enum lane lane;
    loop_fn *work, *done;
    void *ctx;
    struct work *next;
};

struct queue {
    struct work *first, **last;
    unsigned running, most;
};

struct loop {
    uv_loop_t uv;
    uv_prepare_t prepare;
    uv_idle_t idle; /* keeps the poll from blocking while `later` work is queued */
    uv_signal_t term, intr;
    bool signals;
    loop_fn *on_terminate;
    void *terminate_ctx;
    struct queue lanes[LANE_COUNT];
    struct later *later_first, **later_last;
};

struct timer {
    uv_timer_t uv;
    loop_fn *fn;
    void *ctx;
};

static void run_later(struct loop *l) {
    while (l->later_first) {
        struct later *now = l->later_first;
        l->later_first = now->next;
        if (!l->later_first)
            l->later_last = &l->later_first;
        now->queued = false;
        now->fn(now->ctx);
    }
    uv_idle_stop(&l->idle);
}

static void on_prepare(uv_prepare_t *p) {
    run_later(p->data);
}

static void on_idle(uv_idle_t *i) {
    (void)i;
}

struct loop *loop_new(void) {
    struct loop *l = mem_alloc(sizeof *l);
    static const unsigned most[LANE_COUNT] = {4, 1, 2};
    uv_loop_init(&l->uv);
    uv_prepare_init(&l->uv, &l->prepare);
    uv_idle_init(&l->uv, &l->idle);
    l->prepare.data = l;
    uv_prepare_start(&l->prepare, on_prepare);
    uv_unref((uv_handle_t *)&l->prepare);
    for (int i = 0; i < LANE_COUNT; i++) {
        l->lanes[i].last = &l->lanes[i].first;
        l->lanes[i].most = most[i];
    }
    l->later_last = &l->later_first;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return l;
}

void loop_free(struct loop *l) {
    if (!l)
        return;
    uv_close((uv_handle_t *)&l->prepare, NULL);
    uv_close((uv_handle_t *)&l->idle, NULL);
    if (l->signals) {
        uv_close((uv_handle_t *)&l->term, NULL);
        uv_close((uv_handle_t *)&l->intr, NULL);
    }
    while (uv_run(&l->uv, UV_RUN_DEFAULT))
        continue;
    uv_loop_close(&l->uv);
    mem_free(l);
}

void loop_run(struct loop *l) {
    uv_run(&l->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *l) {
    uv_stop(&l->uv);
}

void *loop_handle(struct loop *l) {
    return &l->uv;
}

static void on_timer(uv_timer_t *u) {
    struct timer *t = u->data;
    t->fn(t->ctx);
}

struct timer *timer_new(struct loop *l, loop_fn *fn, void *ctx) {
    struct timer *t = mem_alloc(sizeof *t);
    uv_timer_init(&l->uv, &t->uv);
    t->uv.data = t;
    t->fn = fn;
    t->ctx = ctx;
    return t;
}

void timer_start(struct timer *t, uint64_t ms) {
    uv_update_time(t->uv.loop);
    uv_timer_start(&t->uv, on_timer, ms, 0);
}

void timer_stop(struct timer *t) {
    if (t)
        uv_timer_stop(&t->uv);
}

static void timer_closed(uv_handle_t *h) {
    mem_free(h->data);
}

void timer_free(struct timer *t) {
    if (t)
        uv_close((uv_handle_t *)&t->uv, timer_closed);
}

static void start_next(struct loop *l, enum lane lane);

static void do_work(uv_work_t *req) {
    struct work *w = req->data;
    w->work(w->ctx);
}

static void work_done(uv_work_t *req, int status) {
    struct work *w = req->data;
    (void)status;
    w->loop->lanes[w->lane].running--;
    start_next(w->loop, w->lane);
    w->done(w->ctx);
    mem_free(w);
}

static void start_next(struct loop *l, enum lane lane) {
    struct queue *q = &l->lanes[lane];
    while (q->first && q->running < q->most) {
        struct work *w = q->first;
        q->first = w->next;
        if (!q->first)
            q->last = &q->first;
        q->running++;
        uv_queue_work(&l->uv, &w->req, do_work, work_done);
    }
}

void loop_work(struct loop *l, enum lane lane, loop_fn *work, loop_fn *done, void *ctx) {
    struct work *w = mem_alloc(sizeof *w);
    *w = (struct work){.loop = l, .lane = lane, .work = work, .done = done, .ctx = ctx};
    w->req.data = w;
    *l->lanes[lane].last = w;
    l->lanes[lane].last = &w->next;
    start_next(l, lane);
}

bool loop_working(const struct loop *l) {
    for (int i = 0; i < LANE_COUNT; i++)
        if (l->lanes[i].first || l->lanes[i].running)
            return true;
    return false;
}

void loop_later(struct loop *l, struct later *later) {
    if (later->queued)
        return;
    later->queued = true;
    later->next = NULL;
    *l->later_last = later;
    l->later_last = &later->next;
    uv_idle_start(&l->idle, on_idle);
}

void loop_later_cancel(struct loop *l, struct later *later) {
    if (!later->queued)
        return;
    struct later **at = &l->later_first;
    while (*at && *at != later)
        at = &(*at)->next;
    if (*at)
        *at = later->next;
    l->later_last = &l->later_first;
    while (*l->later_last)
        l->later_last = &(*l->later_last)->next;
    later->queued = false;
}

static void on_signal(uv_signal_t *s, int number) {
    struct loop *l = s->data;
    (void)number;
    l->on_terminate(l->terminate_ctx);
}

void loop_on_terminate(struct loop *l, loop_fn *fn, void *ctx) {
    l->on_terminate = fn;
    l->terminate_ctx = ctx;
    l->signals = true;
    uv_signal_init(&l->uv, &l->term);
    uv_signal_init(&l->uv, &l->intr);
    l->term.data = l->intr.data = l;
    uv_signal_start(&l->term, on_signal, SIGTERM);
    uv_signal_start(&l->intr, on_signal, SIGINT);
    uv_unref((uv_handle_t *)&l->term);
    uv_unref((uv_handle_t *)&l->intr);
}
