/* loop.c - libuv waits, tasks run.
 *
 * The one idea: one turn of the loop takes what the host sent, gives each ready task one slice and sends what came of
 * it in one write. The only file that includes <uv.h>.
 */
#include "compartment/loop.h"

#include <fcntl.h>
#include <uv.h>

#include "base/mem.h"

struct loop {
    uv_loop_t uv;
    uv_poll_t poll;
    uv_timer_t timer;
    struct link *link;
    struct tasks *tasks;
    int events;   /* polled for */
    bool resting; /* nothing happened for a while, and the heap was cleared up */
};

static void on_socket(uv_poll_t *handle, int status, int events) {
    struct loop *l = handle->data;
    if (status < 0 || events & (UV_READABLE | UV_DISCONNECT)) {
        link_read(l->link);
    }
}

/* Ends the wait, also where it was due before the waiting began; tasks_wake looks who it was for. */
static void on_timer(uv_timer_t *timer) {
    uv_stop(timer->loop);
}

struct loop *loop_new(struct link *link, struct tasks *tasks) {
    struct loop *l = mem_alloc(sizeof *l);
    l->link = link;
    l->tasks = tasks;
    if (uv_loop_init(&l->uv) != 0) {
        mem_free(l);
        return NULL;
    }
    uv_timer_init(&l->uv, &l->timer);
    if (uv_poll_init(&l->uv, &l->poll, link->fd) != 0) {
        loop_free(l);
        return NULL;
    }
    l->poll.data = l;
    fcntl(link->fd, F_SETFL, fcntl(link->fd, F_GETFL) & ~O_NONBLOCK); /* uv_poll_init made it so */
    return l;
}

static void poll_for(struct loop *l, int events) {
    if (events != l->events) {
        l->events = events;
        uv_poll_start(&l->poll, events, on_socket);
    }
}

/* Wait for whatever comes first: a message, room to send, a sleeper's time. */
static void wait_in_uv(struct loop *l, bool sent, int sleep_ms) {
    poll_for(l, UV_READABLE | (sent ? 0 : UV_WRITABLE));
    if (sleep_ms >= 0) {
        uv_update_time(&l->uv);
        uv_timer_start(&l->timer, on_timer, (uint64_t)sleep_ms, 0);
    }
    uv_run(&l->uv, UV_RUN_ONCE);
    uv_timer_stop(&l->timer);
}

/* Wait for the host alone: one system call. After a while without work there is time to clear up. */
static void wait_for_host(struct loop *l) {
    if (l->resting) {
        link_wait(l->link, -1);
        l->resting = false;
    } else if (!link_read_or_wait(l->link)) {
        link_rest(l->link);
        tasks_rest(l->tasks);
        l->resting = true;
    }
}

void loop_run(struct loop *l) {
    while (!l->link->closed) {
        bool sent = link_flush(l->link);
        int sleep_ms = tasks_wake(l->tasks);
        if (tasks_ready(l->tasks)) {
            link_read(l->link);
        } else if (sent && sleep_ms < 0) {
            wait_for_host(l);
        } else {
            wait_in_uv(l, sent, sleep_ms);
        }
        tasks_run(l->tasks);
    }
}

void loop_free(struct loop *l) {
    uv_close((uv_handle_t *)&l->timer, NULL);
    if (l->poll.data) {
        uv_close((uv_handle_t *)&l->poll, NULL);
    }
    uv_run(&l->uv, UV_RUN_DEFAULT);
    uv_loop_close(&l->uv);
    mem_free(l);
}
