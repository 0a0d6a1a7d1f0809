/* api_write.c - primitives that change notes: each is resolved on a pool thread, then collected by the job. */
#include <string.h>

#include "base/mem.h"
#include "host/api_notes_priv.h"

static void collected(struct store_task *t) {
    struct resolving *w = (struct resolving *)t;
    struct request *rq = w->rd.rq;
    if (t->err.code != E_OK) {
        request_fail(rq, &t->err);
        return;
    }
    if (!rq->job) {
        request_answer(rq, &value_nil);
        return;
    }
    struct job *root = job_root(rq->job);
    struct value *body = arena_alloc(&root->arena, sizeof *body);
    *body = w->step.op.body ? value_copy(&root->arena, w->step.op.body) : value_nil;
    w->step.op.body = body;
    if (job_add_step(root, &w->step, &t->err)) {
        request_fail(rq, &t->err);
        return;
    }
    struct value result = value_map(&t->arena, 1);
    char id[UUID_TEXT + 1];
    uuid_text(&w->step.op.id, id);
    value_set(&t->arena, &result, "id", value_lit(id));
    request_answer(rq, w->answer_id ? &result : &value_nil);
}

static int resolve_target(struct reading *rd, struct reader *r, struct value *out) {
    struct resolving *w = (struct resolving *)rd;
    (void)out;
    return notes_resolve(rd, r, notes_param(rd, "id"), &w->step.op.id, &w->step.op.entity);
}

struct resolving *notes_step(struct request *rq, enum op_kind kind) {
    struct resolving *w = (struct resolving *)store_task_new(rq->host, sizeof *w);
    w->rd.rq = rq;
    w->rd.fn = resolve_target;
    w->rd.task.read = notes_read_run;
    w->rd.task.done = collected;
    w->step.op.kind = kind;
    w->step.op.base_rev = value_toint(value_get(rq->params, "base_rev"), -1);
    return w;
}

void notes_collect(struct resolving *w) {
    const char *text = value_cstr(value_get(w->rd.rq->params, "id"), "");
    struct job *root = job_root(w->rd.rq->job);
    struct uuid id;
    if (uuid_parse(text, strlen(text), &id) &&
        notes_changed_by(root, &id)) { /* made by this job: the store does not know it yet */
        for (size_t i = 0; i < root->nsteps; i++)
            if (!root->steps[i].is_undo && uuid_equal(&root->steps[i].op.id, &id))
                w->step.op.entity = root->steps[i].op.entity;
        w->step.op.id = id;
        store_task_skip(&w->rd.task);
        return;
    }
    store_task_run(&w->rd.task);
}

static void notes_put(struct request *rq) {
    const struct value *fields = value_get(rq->params, "fields"), *id = value_get(rq->params, "id");
    enum entity entity;
    if (!value_is(fields, VALUE_MAP)) {
        request_failf(rq, E_USAGE, "'fields' wants a table of fields");
        return;
    }
    if (!value_is(id, VALUE_NIL)) {
        struct resolving *w = notes_step(rq, OP_PUT);
        w->step.op.body = fields;
        w->answer_id = true;
        notes_collect(w);
        return;
    }
    const char *type = param_text(rq, "type", true);
    if (!type)
        return;
    if (entity_of(type, &entity) || entity == ENTITY_SOURCE) {
        request_failf(rq, E_USAGE, "cannot make a '%s'; types are note, talk, event, session and person", type);
        return;
    }
    struct resolving *w = notes_step(rq, OP_PUT);
    w->step.op.entity = entity;
    w->step.op.id = uuid4();
    w->step.op.body = fields;
    w->answer_id = true;
    store_task_skip(&w->rd.task);
}

static void notes_tag(struct request *rq) {
    struct resolving *w = notes_step(rq, OP_TAG);
    w->step.op.body = rq->params;
    notes_collect(w);
}

static void notes_delete(struct request *rq) {
    notes_collect(notes_step(rq, OP_DELETE));
}

static void notes_restore(struct request *rq) {
    notes_collect(notes_step(rq, OP_RESTORE));
}

static void notes_undo(struct request *rq) {
    struct job *root = job_root(rq->job);
    const char *run = value_cstr(value_get(rq->params, "run"), "");
    struct step step = {.is_undo = true, .undo = arena_strdup(&root->arena, run)};
    struct err err;
    err_init(&err);
    if (job_add_step(root, &step, &err))
        request_fail(rq, &err);
    else
        request_answer(rq, &value_nil);
}

const struct primitive api_write[] = {
    {"notes.put", "notes.write", JOB_EFFECT, notes_put, "{type, id?, base_rev?, fields}", "{id}",
     "make or change; applied when the command returns"},
    {"notes.tag", "notes.write", JOB_EFFECT, notes_tag, "{id, add?, remove?}", "nil",
     "change tags; applied when the command returns"},
    {"notes.delete", "notes.write", JOB_EFFECT, notes_delete, "{id, base_rev?}", "nil",
     "to the trash, when the command returns"},
    {"notes.restore", "notes.write", JOB_EFFECT, notes_restore, "{id}", "nil",
     "out of the trash, when the command returns"},
    {"notes.undo", "notes.write", JOB_EFFECT, notes_undo, "{run?}", "nil",
     "take a whole run back, when the command returns"},
};
const size_t api_write_count = sizeof api_write / sizeof *api_write;
