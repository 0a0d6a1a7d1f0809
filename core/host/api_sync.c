/* api_sync.c - primitives on what import left open: conflicts, revisions side by side, people, the trash for good.
 *
 * The one idea: deciding is an operation like any other: collected by the job, applied when the command returns, shown by
 * a dry run, taken back by undo. Opening a person's own file is the front's business; here it is only found.
 */
#include <string.h>
#include <unistd.h>

#include "host/api_notes_priv.h"

static int do_conflicts(struct reading *rd, struct reader *r, struct value *out) {
    const struct value *text = notes_param(rd, "id");
    struct uuid id;
    enum entity entity;
    bool one = !value_is(text, VALUE_NIL);
    int rc = one ? notes_resolve(rd, r, text, &id, &entity) : 0;
    return rc ? rc : read_conflicts(r, one ? &id : NULL, &rd->task.arena, out, &rd->task.err);
}

static int do_diff(struct reading *rd, struct reader *r, struct value *out) {
    struct uuid id;
    enum entity entity;
    int64_t from = value_toint(notes_param(rd, "from"), 0);
    int64_t to = value_toint(notes_param(rd, "to"), 0);
    if (from < 1 || to < 0)
        return err_set(&rd->task.err, E_USAGE, "'from' wants a revision, from 1 on");
    int rc = notes_resolve(rd, r, notes_param(rd, "id"), &id, &entity);
    return rc ? rc : read_diff(r, &id, from, to, &rd->task.arena, out, &rd->task.err);
}

static void notes_conflicts(struct request *rq) {
    notes_read(rq, do_conflicts);
}

static void notes_diff(struct request *rq) {
    notes_read(rq, do_diff);
}

static void collect(struct request *rq, enum op_kind kind) {
    struct resolving *w = notes_step(rq, kind);
    w->step.op.body = rq->params;
    notes_collect(w);
}

static void notes_settle(struct request *rq) {
    collect(rq, OP_RESOLVE);
}

static void notes_purge(struct request *rq) {
    collect(rq, OP_PURGE);
}

static void persons_merge(struct request *rq) {
    collect(rq, OP_MERGE);
}

static void persons_split(struct request *rq) {
    collect(rq, OP_SPLIT);
}

/* ---- the file it came from ---------------------------------------------------------------------------------------- */

/* {"path","line","importer"} of the first source of the object that is a file and still holds it. */
static struct value source_of(struct arena *a, const struct value *object) {
    const struct value *sources = value_get(object, "sources");
    struct value found = value_nil;
    for (uint32_t i = 0; value_is(sources, VALUE_ARRAY) && i < sources->len; i++) {
        const struct value *s = &sources->items[i];
        bool gone = value_tobool(value_get(s, "orphaned"), false);
        if (value_cstr(value_get(s, "path"), "-")[0] != '/' || (gone && !value_is(&found, VALUE_NIL)))
            continue;
        found = value_map(a, 3);
        value_set(a, &found, "path", *value_get(s, "path"));
        value_set(a, &found, "line", *value_get(s, "line_start"));
        value_set(a, &found, "importer", *value_get(s, "importer"));
        if (!gone)
            break;
    }
    return found;
}

static int do_source(struct reading *rd, struct reader *r, struct value *out) {
    struct uuid id;
    enum entity entity;
    struct value object;
    struct get_options o = {.body = false};
    struct err *err = &rd->task.err;
    int rc = notes_resolve(rd, r, notes_param(rd, "id"), &id, &entity);
    rc = rc ? rc : read_get(r, &id, &o, &rd->task.arena, &object, err);
    if (rc)
        return rc;
    *out = source_of(&rd->task.arena, &object);
    if (value_is(out, VALUE_NIL))
        return err_set(err, E_NOTFOUND, "%s did not come from a file", entity_name(entity));
    const char *path = value_cstr(value_get(out, "path"), "");
    if (access(path, R_OK) == 0)
        return 0;
    err_set(err, E_INPUT, "the file '%s' is not there any more", path);
    return err_hint(err, "lectern edit changes what is in the store");
}

static void found_source(struct store_task *t) {
    struct reading *rd = (struct reading *)t;
    struct request *rq = rd->rq;
    if (t->err.code != E_OK) {
        request_fail(rq, &t->err);
        return;
    }
    struct job *root = rq->job ? job_root(rq->job) : NULL;
    if (!root || !root->front->edit_file) {
        request_answer(rq, &value_nil);
        return;
    }
    struct value *file = arena_alloc(&rq->arena, sizeof *file);
    *file = value_copy(&rq->arena, &t->result);
    job_name_path(root, value_cstr(value_get(file, "path"), ""));
    root->front->edit_file(root->front_ctx, rq, file);
}

static void job_edit_source(struct request *rq) {
    struct reading *rd = (struct reading *)store_task_new(rq->host, sizeof *rd);
    rd->rq = rq;
    rd->fn = do_source;
    rd->task.read = notes_read_run;
    rd->task.done = found_source;
    store_task_run(&rd->task);
}

const struct primitive api_sync[] = {
    {"notes.conflicts", "notes.read", NO_EFFECT, notes_conflicts, "{id?}", "array",
     "what was changed here and upstream, and is not decided"},
    {"notes.diff", "notes.read", NO_EFFECT, notes_diff, "{id, from, to?}", "{fields, text, ...}",
     "two revisions side by side; without to: with what is there now"},
    {"notes.resolve", "notes.write", JOB_EFFECT, notes_settle, "{id, take, base_rev?}", "nil",
     "decide its conflicts, for \"mine\" or \"theirs\", when the command returns"},
    {"notes.purge", "notes.write", JOB_EFFECT, notes_purge, "{id, base_rev?}", "nil",
     "out of the trash for good, when the command returns"},
    {"persons.merge", "notes.write", JOB_EFFECT, persons_merge, "{id, with}", "nil",
     "the person with becomes a spelling of id, when the command returns"},
    {"persons.split", "notes.write", JOB_EFFECT, persons_split, "{id, name, in?}", "nil",
     "an alias becomes a person again, when the command returns"},
    {"job.edit_source", "notes.write", OUTSIDE_EFFECT, job_edit_source, "{id}", "{path, line, importer} or nil",
     "the person's editor on the file it was imported from; it may be imported then"},
};
const size_t api_sync_count = sizeof api_sync / sizeof *api_sync;
