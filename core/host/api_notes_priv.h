/* api_notes_priv.h - what the primitives on notes share: a read on a pool thread, an operation collected by the job.
 *
 * Inside core/host, for api_notes.c, api_write.c and api_sync.c.
 */
#ifndef LECTERN_HOST_API_NOTES_PRIV_H
#define LECTERN_HOST_API_NOTES_PRIV_H

#include "host/api.h"
#include "host/store_work.h"

struct reading {
    struct store_task task;
    struct request *rq;
    char plugin[64];
    int64_t limit_ms; /* what the person allows, at most 5 s */
    int (*fn)(struct reading *rd, struct reader *r, struct value *out);
    const struct step *steps; /* of the job, for notes.get */
    size_t nsteps;
};
/* FN on a pool thread; what it puts into OUT (in rd->task.arena) answers RQ, or rd->task.err does. */
void notes_read(struct request *rq, int (*fn)(struct reading *, struct reader *, struct value *));
int notes_read_run(struct store_task *t, struct reader *r); /* the task of a reading: calls its fn */
const struct value *notes_param(const struct reading *rd, const char *name);
/* An id or a prefix, as the store knows it; in the trash too. */
int notes_resolve(struct reading *rd, struct reader *r, const struct value *text, struct uuid *id, enum entity *entity);

bool notes_changed_by(const struct job *job, const struct uuid *id); /* the collected operations make or change it */

/* An operation on its way into the job. */
struct resolving {
    struct reading rd;
    struct step step;
    bool answer_id;
};
/* KIND on what the parameter "id" names, based on "base_rev"; set w->step.op.body, then collect: that answers RQ. */
struct resolving *notes_step(struct request *rq, enum op_kind kind);
void notes_collect(struct resolving *w);

#endif
