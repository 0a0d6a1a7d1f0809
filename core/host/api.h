/* api.h - the host primitives that compartments may ask for.
 *
 * A request names the call it belongs to, which must be open in that compartment; its plugin must hold what the table says the method needs. The call's
 * clock stands until the request is answered. Parameters are untrusted.
 */
#ifndef LECTERN_HOST_API_H
#define LECTERN_HOST_API_H

#include "host/job.h"

enum { REQUESTS_OPEN = 64, LOG_LINES = 1000, LOG_BYTES = 256 * 1024 }; /* of one call */

/* RESULT or ERR, the other is NULL. */
typedef void request_then(void *ctx, const struct value *result, const struct err *err);

struct request {
    struct host *host;
    struct call *call; /* NULL: the call ended meanwhile; answering is then a no-op */
    struct job *job;   /* NULL likewise */
    int64_t id;
    struct arena arena;
    const struct value *params; /* a map */
    struct request *next;       /* of the call */
    request_then *then;         /* the host asks itself: the answer goes here, not to a compartment */
    void *then_ctx;
};

/* What a primitive leaves behind. After any of it a call cannot be run again in another compartment; after an outside one the command cannot
 * be run again at all. */
enum effect {
    NO_EFFECT,
    OUTSIDE_EFFECT, /* shown, asked, committed */
    JOB_EFFECT,     /* collected by the job or a part of it */
};

/* One row of the table of primitives. */
struct primitive {
    const char *name;
    const char *needs; /* capability, or NULL */
    enum effect effect;
    void (*run)(struct request *rq);
    const char *params, *result, *doc; /* for people: the reference is made from these rows */
};
const struct primitive *api_table(size_t *n);

/* A request from a compartment. PARAMS [call, map]. */
void api_request(struct call *call, int64_t id, const char *method, const struct value *params);

/* Exactly one of these ends a request; it is freed. */
void request_answer(struct request *rq, const struct value *result);
void request_fail(struct request *rq, const struct err *err);
int request_failf(struct request *rq, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Parameters, checked: NULL / false and the request has failed already when the kind is wrong. */
const char *param_text(struct request *rq, const char *name, bool required);

/* The tables of each file. */
extern const struct primitive api_notes[], api_write[], api_job[], api_host[], api_pipelines[], api_sync[], api_store[];
extern const size_t api_notes_count, api_write_count, api_job_count, api_host_count, api_pipelines_count,
    api_sync_count, api_store_count;

#endif
