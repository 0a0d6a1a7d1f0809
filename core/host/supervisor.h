/* supervisor.h - compartments: started, sealed, reused, retired, killed; and the calls that run in them.
 *
 * A call asks one plugin for one thing: run a command, import a source. It belongs to a job. Its clock runs while the plugin runs or could
 * run, and stands while the plugin waits for the host (call_pause, call_resume). What a plugin cannot do by any means: outlive its deadline by more than
 * CALL_GRACE, or take other calls with it for good: innocent calls that had no effect yet are run once more.
 */
#ifndef LECTERN_HOST_SUPERVISOR_H
#define LECTERN_HOST_SUPERVISOR_H

#include "host/conn.h"
#include "host/host.h"
#include "host/plugin.h"

struct compartment;
struct job;

enum {
    CALL_COMMAND_MS = 5000, /* soft limit of a command */
    CALL_SOURCE_MS = 60000, /* of an importer or exporter, per source */
    CALL_GRACE_MS = 500,    /* from the soft limit to the kill */
    CANCEL_GRACE_MS = 50,   /* from a cancel to the kill */
    COMPANY_MS = 50,        /* a call older than this gets no new company */
    COMPARTMENTS_PER_PLUGIN = 4,
    COMPARTMENTS_IDLE = 8,
    RETIRE_MS = 30000,
};

/* RESULT lives until the callback returns. ERR is complete: plugin, place and traceback. */
typedef void call_done(void *ctx, const struct value *result, const struct err *err);

struct call {
    struct host *host;
    struct job *job; /* NULL: registering */
    struct plugin *plugin;
    struct compartment *compartment; /* NULL: queued or over */
    int64_t id;                      /* of the request in its compartment; what the compartment's own requests carry */
    struct arena arena;
    const struct value *params;                /* kept to run it again */
    uint64_t limit_us, used_us, running_since; /* running_since 0: its clock stands */
    uint64_t started_us;
    unsigned waits; /* open host requests */
    bool effects;   /* asked, wrote, ran or committed something: may not be rerun */
    bool rerun, alone, cancelled, over;
    struct err cancel_err; /* why it is being ended */
    struct timer *timer;   /* soft limit, then the kill */
    call_done *done;
    void *ctx;
    const void *source; /* importers: the struct import_source it reads, import.c's */
    const void *export; /* exporters: the struct export it writes, export.c's */
    unsigned log_lines; /* what it said so far */
    size_t log_bytes;
    struct request *requests; /* open ones, api.c */
    struct call *next_in_job, *next_in_compartment;
};

struct supervisor *supervisor_new(struct host *h);
void supervisor_free(struct supervisor *s); /* ends every compartment */

/* Start a call. WHAT is the map of `call` (ARCHITECTURE.md) without "job"; borrowed until DONE. LIMIT_MS 0: none. Never calls DONE inside.
 * DONE is called exactly once, and the call is freed after it. */
struct call *call_start(struct host *h, struct job *job, struct plugin *plugin, const struct value *what,
                        int64_t limit_ms, call_done *done, void *ctx);
/* End it: an error in its coroutine, and after GRACE_MS the compartment is killed. DONE gets WHY. */
void call_cancel(struct call *c, const struct err *why, uint64_t grace_ms);
void call_pause(struct call *c); /* it waits for the host, a child job or a person */
void call_resume(struct call *c);
struct conn *call_conn(const struct call *c);
int64_t call_cpu_us(const struct call *c); /* of its compartment, so far */

/* Run a plugin's top level so that it registers. REPLY gets the load result or an error. */
void supervisor_register(struct supervisor *s, struct plugin *plugin, call_done *reply, void *ctx);
/* Its files changed or it lost a grant: compartments end when idle, new calls get new ones. */
void supervisor_retire(struct supervisor *s, const char *plugin);
/* The contract's compartments array of `daemon status`. */
struct value supervisor_status(struct supervisor *s, struct arena *a);
const char *supervisor_sandbox(const struct supervisor *s); /* "full", "reduced", "none": the weakest reported */

#endif
