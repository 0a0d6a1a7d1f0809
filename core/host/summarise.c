/* summarise.c - notes to summarisers, spans to sentences.
 *
 * A summariser only names byte ranges; the text of a summary is always cut from the note by the host, so no summary can say what its source does not.
 * The notes of a talk are summarised under the talk's title. A talk whose notes hold no text is its abstract: spans are of that, and name no note.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "host/export.h"
#include "host/store_work.h"

enum { SUMMARISE_TARGETS = 1000 };

struct summarising {
    struct store_task task; /* fetches the notes */
    struct request *rq;
};

struct summary_run {
    struct host *host;
    struct request *rq;
    struct arena arena;
    struct contribution *method;
    struct value notes; /* [{target, note}] */
    size_t at, behind;  /* those of the call that runs: [at, behind) */
    struct value results, what, args;
    bool explain;
};

static void next_notes(struct summary_run *run);

static void end(struct summary_run *run, const struct err *err) {
    if (err)
        request_fail(run->rq, err);
    else
        request_answer(run->rq, &run->results);
    arena_release(&run->arena);
    mem_free(run);
}

/* One sentence of the result, or an error when the summariser invented the range. */
static int add_sentence(struct summary_run *run, const struct value *note, const struct value *s, struct value *list,
                        struct err *err) {
    struct arena *a = &run->arena;
    const struct value *body = value_get(note, "body");
    int64_t from = value_toint(value_get(s, "start"), -1), to = value_toint(value_get(s, "end"), -1);
    bool inside = value_is(body, VALUE_STR) && from >= 0 && to > from && to <= (int64_t)body->len;
    if (!inside || text_utf8_valid(body->s + from, (size_t)(to - from)) != (size_t)(to - from))
        return err_set(err, E_PLUGIN, "summariser '%s' named a range that is not in the note", run->method->name);
    if (a->used > JOB_BYTES)
        return err_set(err, E_PLUGIN, "summariser '%s' returns more than %d MiB", run->method->name, JOB_BYTES >> 20);
    struct value out = value_map(a, 4), where = value_map(a, 4);
    value_set(a, &where, "note", *value_get(note, "id"));
    value_set(a, &where, "rev", *value_get(note, "rev"));
    value_set(a, &where, "byte_start", value_int(from));
    value_set(a, &where, "byte_end", value_int(to));
    value_set(a, &out, "text", value_strn(a, body->s + from, (size_t)(to - from)));
    value_set(a, &out, "score", value_copy(a, value_get(s, "score")));
    if (run->explain)
        value_set(a, &out, "terms", value_copy(a, value_get(s, "terms")));
    value_set(a, &out, "span", where);
    value_push(a, list, out);
    return 0;
}

/* The result of the note at AT of the call, from the sentences of all of them. */
static int add_result(struct summary_run *run, size_t at, const struct value *list, struct err *err) {
    struct arena *a = &run->arena;
    const struct value *item = value_at(&run->notes, run->at + at);
    struct value out = value_map(a, 3), sentences = value_array(a, 8);
    int rc = 0;
    for (size_t i = 0; !rc && value_is(list, VALUE_ARRAY) && i < list->len; i++) {
        const struct value *s = value_at(list, i);
        if (value_toint(value_get(s, "at"), 0) == (int64_t)at + 1)
            rc = add_sentence(run, value_get(item, "note"), s, &sentences, err);
    }
    value_set(a, &out, "target", *value_get(item, "target"));
    value_set(a, &out, "method", value_lit(run->method->name));
    value_set(a, &out, "sentences", sentences);
    value_push(a, &run->results, out);
    return rc;
}

static void summarised(void *ctx, const struct value *result, const struct err *err) {
    struct summary_run *run = ctx;
    struct err own;
    err_init(&own);
    if (err) {
        end(run, err);
        return;
    }
    int rc = 0;
    for (size_t i = 0; !rc && i < run->behind - run->at; i++)
        rc = add_result(run, i, value_get(result, "sentences"), &own);
    run->at = run->behind;
    if (rc)
        end(run, &own);
    else
        next_notes(run);
    err_release(&own);
}

/* Waking a compartment takes as long as condensing a short note: several go together, a long one alone. */
static struct value together(struct summary_run *run) {
    enum { NOTES = 32, BYTES = 64 * 1024 };
    struct value notes = value_array(&run->arena, NOTES);
    size_t bytes = 0;
    for (run->behind = run->at; run->behind < run->notes.len && run->behind - run->at < NOTES; run->behind++) {
        const struct value *note = value_get(value_at(&run->notes, run->behind), "note");
        bytes += value_get(note, "body")->len;
        if (bytes > BYTES && run->behind > run->at)
            break;
        value_push(&run->arena, &notes, *note);
    }
    return notes;
}

static void next_notes(struct summary_run *run) {
    if (run->at == run->notes.len || !run->rq->job) {
        end(run, NULL);
        return;
    }
    run->what = value_map(&run->arena, 5);
    value_set(&run->arena, &run->what, "kind", value_lit("summariser"));
    value_set(&run->arena, &run->what, "name", value_lit(run->method->name));
    value_set(&run->arena, &run->what, "what", value_lit("summarise"));
    value_set(&run->arena, &run->what, "args", run->args);
    value_set(&run->arena, &run->what, "notes", together(run));
    call_start(run->host, run->rq->job, run->method->plugin, &run->what, CALL_COMMAND_MS, summarised, run);
}

/* ---- the notes of the targets ---------------------------------------------------------------------------------------- */

/* {target, note}; TITLE: of the talk that NOTE is about, or nil. */
static void add_pair(struct store_task *t, const struct value *target, struct value *note, const struct value *title) {
    struct value pair = value_map(&t->arena, 2);
    if (value_is(title, VALUE_STR))
        value_set(&t->arena, note, "title", *title);
    value_set(&t->arena, &pair, "target", *target);
    value_set(&t->arena, &pair, "note", *note);
    value_push(&t->arena, &t->result, pair);
}

static int add_note(struct store_task *t, struct reader *r, const struct value *target, const struct value *title,
                    const char *id_text) {
    struct uuid id;
    struct value note;
    struct get_options o = {.body = true};
    if (!uuid_parse(id_text, strlen(id_text), &id))
        return 0;
    if (t->arena.used > JOB_BYTES / 2) {
        err_set(&t->err, E_USAGE, "these are more than %d MiB of notes", JOB_BYTES >> 21);
        return err_hint(&t->err, "name fewer");
    }
    int rc = read_get(r, &id, &o, &t->arena, &note, &t->err);
    if (rc || !value_is(value_get(&note, "body"), VALUE_STR))
        return rc;
    add_pair(t, target, &note, title);
    return 0;
}

/* Has one of the notes that were added from FROM on any text? */
static bool has_text(const struct store_task *t, size_t from) {
    for (size_t i = from; i < t->result.len; i++) {
        const struct value *body = value_get(value_get(value_at(&t->result, i), "note"), "body");
        if (strspn(body->s, " \t\r\n") < body->len)
            return true;
    }
    return false;
}

/* In place of the notes from FROM on. */
static void add_abstract(struct store_task *t, const struct value *talk, size_t from) {
    const struct value *abstract = value_get(talk, "abstract");
    if (!value_is(abstract, VALUE_STR) || !abstract->len)
        return;
    t->result.len = (uint32_t)from;
    struct value note = value_map(&t->arena, 4);
    value_set(&t->arena, &note, "rev", *value_get(talk, "rev"));
    value_set(&t->arena, &note, "body", *abstract);
    add_pair(t, value_get(talk, "id"), &note, value_get(talk, "title"));
}

/* What is asked of a target before its notes are read. */
static struct value target_fields(struct arena *a) {
    static const char *const names[] = {"title", "notes", "abstract", "rev"};
    struct value list = value_array(a, 4);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        value_push(a, &list, value_lit(names[i]));
    return list;
}

static int fetch_target(struct store_task *t, struct reader *r, const char *text) {
    struct uuid id;
    enum entity entity;
    struct value object, fields = target_fields(&t->arena);
    struct get_options o = {.body = true, .fields = &fields};
    int rc = read_resolve_id(r, text, &id, &entity, &t->err);
    if (!rc)
        rc = read_get(r, &id, &o, &t->arena, &object, &t->err);
    if (rc)
        return rc;
    if (entity == ENTITY_NOTE)
        return add_note(t, r, value_get(&object, "id"), &value_nil, value_cstr(value_get(&object, "id"), ""));
    if (entity != ENTITY_TALK)
        return err_set(&t->err, E_USAGE, "cannot summarise a '%s'; name a talk or a note", entity_name(entity));
    const struct value *notes = value_get(&object, "notes");
    size_t before = t->result.len;
    for (size_t i = 0; !rc && value_is(notes, VALUE_ARRAY) && i < notes->len; i++)
        rc = add_note(t, r, value_get(&object, "id"), value_get(&object, "title"), value_cstr(value_at(notes, i), ""));
    if (!rc && !has_text(t, before))
        add_abstract(t, &object, before);
    return rc;
}

static int fetch(struct store_task *t, struct reader *r) {
    const struct summarising *w = (struct summarising *)t;
    const struct value *targets = value_get(w->rq->params, "targets");
    int rc = 0;
    t->result = value_array(&t->arena, targets->len);
    for (size_t i = 0; !rc && i < targets->len; i++)
        rc = fetch_target(t, r, value_cstr(value_at(targets, i), ""));
    return rc;
}

static void fetched(struct store_task *t) {
    struct summarising *w = (struct summarising *)t;
    struct request *rq = w->rq;
    if (t->err.code != E_OK) {
        request_fail(rq, &t->err);
        return;
    }
    const char *with = value_cstr(value_get(rq->params, "with"), "gist");
    struct summary_run *run = mem_alloc(sizeof *run);
    arena_init(&run->arena);
    run->host = rq->host;
    run->rq = rq;
    run->notes = value_copy(&run->arena, &t->result);
    run->results = value_array(&run->arena, run->notes.len);
    run->explain = value_tobool(value_get(rq->params, "explain"), false);
    run->args = value_map(&run->arena, 4);
    const struct value *extra = value_get(rq->params, "args");
    for (size_t i = 0; value_is(extra, VALUE_MAP) && i < extra->len; i++)
        if (value_is(&extra->pairs[i].key, VALUE_STR))
            value_set(&run->arena, &run->args, extra->pairs[i].key.s, extra->pairs[i].val);
    value_set(&run->arena, &run->args, "sentences", *value_get(rq->params, "sentences"));
    value_set(&run->arena, &run->args, "explain", value_bool(run->explain));
    struct err err;
    err_init(&err);
    run->method = registry_find(rq->host->registry, "summariser", with);
    int rc = run->method ? registry_usable(run->method, &err)
                         : registry_unknown(rq->host->registry, "summariser", with, &err);
    if (rc)
        end(run, &err);
    else
        next_notes(run);
    err_release(&err);
}

void summarise_run(struct request *rq) {
    const struct value *targets = value_get(rq->params, "targets");
    if (!value_is(targets, VALUE_ARRAY) || targets->len > SUMMARISE_TARGETS) {
        request_failf(rq, E_USAGE, "'targets' wants a list of at most %d ids", SUMMARISE_TARGETS);
        return;
    }
    struct summarising *w = (struct summarising *)store_task_new(rq->host, sizeof *w);
    w->rq = rq;
    w->task.read = fetch;
    w->task.done = fetched;
    store_task_run(&w->task);
}
