/* supervisor_priv.h - what supervisor.c (processes), calls.c (calls) and load.c (what is sent first) share. */
#ifndef LECTERN_HOST_SUPERVISOR_PRIV_H
#define LECTERN_HOST_SUPERVISOR_PRIV_H

#include "host/api.h"
#include "host/process.h"
#include "host/supervisor.h"

struct compartment {
    struct supervisor *sup;
    struct arena arena;
    const char *plugin;
    char hash[PLUGIN_HASH_TEXT + 1];
    const struct value *expected; /* contributions that the registry promised */
    struct process *process;
    struct conn *conn; /* NULL once closed */
    struct call *calls;
    size_t ncalls; /* served so far */
    bool registering, loaded, dying, retired, exited;
    int exit_status, exit_signal;
    bool blamed;          /* it is killed because of one call: the others are innocent */
    struct call *culprit; /* that one, while it is here */
    struct err death;     /* why it is being killed; E_OK: it died by itself */
    struct timer *idle;
    uint64_t last_used;
    int64_t cpu_until_ms; /* processor time at which the kernel ends it; 0: not set yet */
    unsigned log_lines;   /* said outside of calls */
    size_t log_bytes;
    call_done *reply; /* of a registration */
    void *reply_ctx;
    struct compartment *next;
};

struct supervisor {
    struct host *host;
    struct compartment *first;
    size_t count;
    char sandbox[16];
};

struct compartment *comp_start(struct supervisor *s, const struct plugin *p, bool registering, struct err *err);
void comp_kill(struct compartment *c, struct call *culprit, const struct err *why);
void comp_released(struct compartment *c); /* a call left it */

void call_dispatch(struct call *k); /* give it a compartment and send it */
void call_detach(struct call *k);   /* its open requests will not be answered */
void call_finish(struct call *k, const struct value *result, const struct err *err);

/* The params of `load`: [{plugin, main, files, chunks, limits, options}]. Checks that the files are still those of the registry. */
int load_message(const struct plugin *p, bool registering, struct arena *a, struct value *params, struct err *err);
/* A failed request's error and its map {message, code, hint, at, trace} as one err. */
void plugin_error(struct err *out, const char *plugin, const struct value *detail, const struct err *err);

#endif
