/* host.h - one host: what every part of it may reach.
 *
 * Made in main, handed down, never global. A host serves one (store, configuration) pair: as a daemon on a socket, or privately for one client.
 */
#ifndef LECTERN_HOST_HOST_H
#define LECTERN_HOST_HOST_H

#include <stdbool.h>

#include "base/place.h"
#include "host/loop.h"
#include "store/read.h"
#include "store/store.h"

struct listener;
struct registry;
struct supervisor;
struct ledger;
struct peers;
struct jobs;
struct filler;

struct host {
    struct loop *loop;
    struct place place;
    struct place_tree tree;
    const char *plugin_path; /* LECTERN_PLUGIN_PATH, or NULL */
    bool daemon;             /* else private: ends with its one client */
    bool no_sandbox;         /* --no-sandbox was given */
    bool unsafe_journal;     /* tests only, see store_options */
    bool owns_lock;          /* may migrate, run schedules */
    bool stopping;
    struct timer *leaving; /* host_stop or host_stop_soon was called */
    uint64_t leaving_ms;   /* since then; monotonic */
    int lock;              /* held while it is the daemon; -1: not */
    struct listener *listener;
    int64_t started_ms;
    struct registry *registry;
    struct supervisor *supervisor;
    struct jobs *jobs;
    struct ledger *ledger;
    struct filler *filler;
    struct peers *peers;
    struct store_door *door; /* store_work.c */
};

/* Stop taking work, end jobs and compartments, leave the loop. */
void host_stop(struct host *h);
void host_stop_soon(struct host *h); /* the same after a moment in which answers still go out */

#endif
