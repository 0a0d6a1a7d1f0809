/* store_work.c - carries reads and writes to the pool and their results back.
 *
 * The one idea: the loop thread never touches SQLite. The store is opened lazily on a pool thread, so a command that needs none pays nothing.
 */
#include "host/store_work.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/read.h"

struct store_door {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* of the two below */
    unsigned using;         /* tasks that have the store */
    bool shut;
    struct store *_Atomic store; /* the loop's thread asks whether it is there */
};

struct store_door *store_door_new(void) {
    struct store_door *d = mem_alloc(sizeof *d);
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->changed, NULL);
    return d;
}

void store_door_free(struct store_door *d) {
    if (!d)
        return;
    store_close(d->store);
    pthread_cond_destroy(&d->changed);
    pthread_mutex_destroy(&d->lock);
    mem_free(d);
}

void store_door_shut(struct store_door *d) {
    pthread_mutex_lock(&d->lock);
    d->shut = true;
    while (d->using)
        pthread_cond_wait(&d->changed, &d->lock);
    store_close(d->store);
    d->store = NULL;
    pthread_mutex_unlock(&d->lock);
}

void store_door_reopen(struct store_door *d) {
    pthread_mutex_lock(&d->lock);
    d->shut = false;
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->lock);
}

static void give_back(struct store_door *d) {
    pthread_mutex_lock(&d->lock);
    d->using --;
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->lock);
}

bool store_door_open(const struct store_door *d) {
    return d->store != NULL;
}

void store_door_relax(struct store_door *d) {
    struct store *s = d->store;
    if (s)
        store_relax(s);
}

/* The first reader reads the schema before anybody else gets in: two of them at once would both read it. */
static struct store *the_store(struct host *h, bool create, struct err *err) {
    struct store_door *d = h->door;
    pthread_mutex_lock(&d->lock);
    while (d->shut)
        pthread_cond_wait(&d->changed, &d->lock);
    if (!d->store) {
        struct store_options o = {.create = create, .migrate = h->owns_lock || !h->daemon, .unsafe = h->unsafe_journal};
        struct store *opened = NULL;
        if (!store_open(h->place.store, &o, &opened, err)) {
            struct reader *first = store_reader_take(opened);
            struct err later; /* whoever reads will meet it again */
            err_init(&later);
            read_ready(first, &later);
            err_release(&later);
            store_reader_give(first);
        }
        d->store = opened;
    }
    struct store *s = d->store;
    d->using += s != NULL;
    pthread_mutex_unlock(&d->lock);
    return s;
}

static void work(void *ctx) {
    struct store_task *t = ctx;
    uint64_t start = clock_mono_us();
    struct store *s = the_store(t->host, !t->ahead, &t->err);
    if (s && t->ahead)
        give_back(t->host->door);
    if (!s || t->ahead)
        return;
    int rc;
    if (t->write) {
        rc = t->write(t, s);
    } else {
        t->reading = store_reader_take(s);
        rc = t->read(t, t->reading);
        store_reader_give(t->reading);
        t->reading = NULL;
    }
    give_back(t->host->door);
    if (rc && t->err.code == E_OK)
        err_set(&t->err, E_INTERNAL, "the store failed without saying why (%d)", rc);
    if (!rc)
        t->err.code = E_OK;
    t->took_us = clock_mono_us() - start;
}

static void done(void *ctx) {
    struct store_task *t = ctx;
    t->done(t);
    err_release(&t->err);
    arena_release(&t->arena);
    mem_free(t);
}

struct store_task *store_task_new(struct host *h, size_t size) {
    struct store_task *t = mem_alloc(size);
    t->host = h;
    arena_init(&t->arena);
    err_init(&t->err);
    return t;
}

void store_task_skip(struct store_task *t) {
    done(t);
}

static void opened(struct store_task *t) {
    (void)t; /* what went wrong is said to whoever needs the store */
}

void store_door_ahead(struct host *h) {
    if (store_door_open(h->door))
        return;
    struct store_task *t = store_task_new(h, sizeof *t);
    t->ahead = true;
    t->done = opened;
    store_task_run(t);
}

void store_task_run(struct store_task *t) {
    loop_work(t->host->loop, t->write ? LANE_WRITE : LANE_READ, work, done, t);
}
