/* job.h - one invocation of a command: its arguments, grants, deadline, operations and result.
 *
 * A job calls its command in a compartment, collects the operations the plugin asks for, and applies them in one transaction when the command has
 * returned (root jobs; a nested job hands its operations to its parent). An error, a kill, a cancel or a dry run writes nothing.
 */
#ifndef LECTERN_HOST_JOB_H
#define LECTERN_HOST_JOB_H

#include "base/log.h"
#include "host/args.h"
#include "host/host.h"
#include "host/registry.h"
#include "host/supervisor.h"

struct request;

/* Who invoked the job: gets what it says before it ends. All run on the loop thread; ctx outlives the job. */
struct front {
    /* Streamed results. The request is answered by the front once there is room for more. */
    void (*emit)(void *ctx, struct request *rq, const struct value *items);
    void (*write)(void *ctx, struct request *rq, const char *text, size_t n);
    void (*say)(void *ctx, enum log_level level, const char *who, const char *text);
    void (*progress)(void *ctx, double done, double total, const char *text);
    /* Questions; the front answers the request itself. NULL: there is nobody to ask, the answer is nil. */
    void (*ask)(void *ctx, struct request *rq);
    void (*edit)(void *ctx, struct request *rq);
    void (*edit_file)(void *ctx, struct request *rq,
                      const struct value *file); /* {path, line?}: theirs; answered with FILE */
    void (*read_stdin)(void *ctx, struct request *rq);
    void (*open)(void *ctx, struct request *rq);
};

struct job_options {
    bool dry_run, verbose, interactive, color;
    bool text; /* a person reads the result: neither JSON nor a value for another plugin */
    bool tty[3];
    int64_t width;
    unsigned umask;
    int64_t timeout_ms; /* 0: the default of commands */
    const char *cwd;
};

struct job_path {
    const char *path; /* absolute, clean */
    enum path_mode mode;
};

/* One thing to do at commit. */
struct step {
    struct op op;
    const char *undo; /* run to undo instead of an operation; "" is the newest */
    bool is_undo;
};

struct job_result {
    const struct value *value; /* checked against the shape */
    const char *text;          /* what the plugin wants people to see, or NULL */
    const struct err *err;     /* NULL on success */
    int exit; /* status that the command gave a result that is there: 1 no hit, 65 bad input ...; else 0 */
};
typedef void job_done(void *ctx, struct job *job, const struct job_result *result);

struct job {
    struct host *host;
    uint64_t number;
    struct arena arena;
    struct contribution *command;
    const struct command_spec *spec;
    struct value args;
    struct job *parent;
    const struct front *front;
    void *front_ctx;
    struct job_options options;
    struct job_path *paths; /* what the person named */
    size_t npaths;
    struct step *steps; /* on the root */
    size_t nsteps, steps_cap;
    struct value emitted; /* nested and RPC jobs: collected */
    struct call *calls;   /* open ones, by next_in_job */
    struct call *main_call;
    unsigned children, reruns;
    bool wrote; /* committed something already */
    bool effects, cancelled, ending;
    bool clashed;               /* the last apply failed over revisions */
    bool applying, finish_late; /* it has ended, but something of it is still under way */
    struct later settle;
    char run_id[UUID_TEXT + 1];
    struct value operations; /* applied, for the result */
    struct err cancel_err;
    struct err query_err; /* on the root: the newest answer that a query is wrong, with its column */
    int64_t started_ms;
    uint64_t started_us;
    int64_t cpu_us, store_us;
    job_done *done;
    void *ctx;
    struct job *prev, *next; /* of the host */
    void *pipeline;          /* import or export in progress, or NULL */
    void (*pipeline_cancel)(struct job *job);
};

struct jobs *jobs_new(struct host *h);
void jobs_free(struct jobs *j);
size_t jobs_count(const struct jobs *j);
struct job *jobs_first(const struct jobs *j);

/* Start a job. ARGS were parsed for the command's spec; they and OPTIONS are copied. DONE is called once, later; the job is freed after it. */
struct job *job_start(struct host *h, struct contribution *command, const struct args *args,
                      const struct job_options *options, const struct front *front, void *front_ctx, struct job *parent,
                      job_done *done, void *ctx);
void job_cancel(struct job *job, const struct err *why);
struct job *job_root(struct job *job);
/* May PATH be opened for this? Yes when it is absolute and clean and the person named it, or a folder above it. */
bool job_may_path(const struct job *job, const char *path, enum path_mode mode);
/* The person had this file in their hands: the job may read it. */
void job_name_path(struct job *job, const char *path);
/* What the person named that allows it; NULL: nothing does. Borrowed from JOB. */
const char *job_path_named(const struct job *job, const char *path, enum path_mode mode);
enum { JOB_BYTES = 128 * 1024 * 1024, JOB_STEPS = 100000 }; /* what one job may collect */
/* Bodies are in the root's arena. -E_PLUGIN where the job has collected too much. */
int job_add_step(struct job *job, const struct step *step, struct err *err);
/* Apply what was collected so far (job:commit, and at the end); not while it is being applied. DONE(ctx) is always called. */
typedef void job_applied(void *ctx, const struct err *err);
void job_apply(struct job *job, job_applied *done, void *ctx);
/* What the store records about the run; borrows from JOB. */
struct store_run job_run_record(const struct job *job);
/* A part of JOB has come to its end: if that was the last thing an ended job waited for, it is freed soon. */
void job_part_ended(struct job *job);
/* {"run","operations"} of what was applied. */
struct value job_report(struct job *job, struct arena *a);
/* The contract's jobs array of `daemon status`. */
struct value jobs_status(struct jobs *j, struct arena *a);

#endif
