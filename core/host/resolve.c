/* resolve.c - event names and id prefixes in arguments become what they stand for.
 *
 * One store task for all of them; the first that names nothing, or several things, is the error.
 */
#include "host/resolve.h"

#include <string.h>

#include "host/store_work.h"

struct resolving {
    struct store_task task;
    struct args *args;
    struct value *found; /* one for each ref, in the task's arena */
    struct arena *into;
    resolve_done *done;
    void *ctx;
};

static bool needs_store(const struct args_ref *ref) {
    return ref->type != ARG_QUERY && value_is(ref->slot, VALUE_STR) && strcmp(ref->slot->s, "-") != 0;
}

static int resolve_event(struct resolving *w, struct reader *r, const char *text, struct value *out) {
    struct arena *a = &w->task.arena;
    struct value event;
    int rc = read_resolve_event(r, text, a, &event, &w->task.err);
    if (rc)
        return rc;
    static const char *const fields[] = {"id", "slug", "name", "year"};
    *out = value_map(a, 4);
    for (size_t i = 0; i < 4; i++)
        value_set(a, out, fields[i], *value_get(&event, fields[i]));
    return 0;
}

static int resolve_id(struct resolving *w, struct reader *r, const struct args_ref *ref, struct value *out) {
    static const struct {
        enum arg_type type;
        enum entity entity;
    } wanted[] = {{ARG_TALK, ENTITY_TALK}, {ARG_NOTE, ENTITY_NOTE}, {ARG_PERSON, ENTITY_PERSON}};
    struct uuid id;
    enum entity entity;
    char text[UUID_TEXT + 1];
    int rc = read_resolve_id(r, ref->slot->s, &id, &entity, &w->task.err);
    if (rc)
        return rc;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (wanted[i].type == ref->type && wanted[i].entity != entity)
            return err_set(&w->task.err, E_USAGE, "'%s' is the id of %s %s, not of a %s", ref->slot->s,
                           entity == ENTITY_EVENT ? "an" : "a", entity_name(entity), entity_name(wanted[i].entity));
    uuid_text(&id, text);
    *out = value_str(&w->task.arena, text);
    return 0;
}

static int run(struct store_task *t, struct reader *r) {
    struct resolving *w = (struct resolving *)t;
    int rc = 0;
    for (size_t i = 0; i < w->args->nrefs && !rc; i++) {
        const struct args_ref *ref = &w->args->refs[i];
        if (!needs_store(ref))
            continue;
        rc = ref->type == ARG_EVENT ? resolve_event(w, r, ref->slot->s, &w->found[i])
                                    : resolve_id(w, r, ref, &w->found[i]);
    }
    return rc;
}

static void finished(struct store_task *t) {
    struct resolving *w = (struct resolving *)t;
    for (size_t i = 0; t->err.code == E_OK && i < w->args->nrefs; i++)
        if (needs_store(&w->args->refs[i]))
            *w->args->refs[i].slot = value_copy(w->into, &w->found[i]);
    w->done(w->ctx, t->err.code == E_OK ? NULL : &t->err);
}

void resolve_args(struct host *h, struct arena *a, struct args *args, resolve_done *done, void *ctx) {
    size_t wanted = 0;
    for (size_t i = 0; i < args->nrefs; i++)
        wanted += needs_store(&args->refs[i]);
    if (!wanted) {
        done(ctx, NULL);
        return;
    }
    struct resolving *w = (struct resolving *)store_task_new(h, sizeof *w);
    w->args = args;
    w->found = arena_zalloc(&w->task.arena, args->nrefs * sizeof *w->found);
    w->into = a;
    w->done = done;
    w->ctx = ctx;
    w->task.read = run;
    w->task.done = finished;
    store_task_run(&w->task);
}
