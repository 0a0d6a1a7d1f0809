/* api_notes.c - primitives on notes: reading goes to the store's readers.
 *
 * A read runs on a pool thread with the request's parameters; what it finds is sent as it is. `notes.get` of something the job itself is changing is
 * answered from a transaction that is taken back, so that a job sees its own operations and nobody else does.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "host/api_notes_priv.h"

const struct value *notes_param(const struct reading *rd, const char *name) {
    return value_get(rd->rq->params, name);
}

int notes_read_run(struct store_task *t, struct reader *r) {
    struct reading *rd = (struct reading *)t;
    return rd->fn(rd, r, &t->result);
}

static void read_done(struct store_task *t) {
    struct reading *rd = (struct reading *)t;
    if (rd->rq->job)
        rd->rq->job->store_us += (int64_t)t->took_us;
    if (t->err.code == E_OK)
        request_answer(rd->rq, &t->result);
    else
        request_fail(rd->rq, &t->err);
}

static struct reading *start_reading(struct request *rq, int (*fn)(struct reading *, struct reader *, struct value *)) {
    struct reading *rd = (struct reading *)store_task_new(rq->host, sizeof *rd);
    rd->rq = rq;
    snprintf(rd->plugin, sizeof rd->plugin, "%s", rq->call->plugin->name);
    int64_t allowed = job_root(rq->job)->options.timeout_ms;
    rd->limit_ms = allowed > 0 && allowed < CALL_COMMAND_MS ? allowed : CALL_COMMAND_MS;
    rd->fn = fn;
    rd->task.read = notes_read_run;
    rd->task.done = read_done;
    return rd;
}

void notes_read(struct request *rq, int (*fn)(struct reading *, struct reader *, struct value *)) {
    store_task_run(&start_reading(rq, fn)->task);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

int notes_resolve(struct reading *rd, struct reader *r, const struct value *text, struct uuid *id,
                  enum entity *entity) {
    if (!value_is(text, VALUE_STR))
        return err_set(&rd->task.err, E_USAGE, "an id is a string, not %s", value_kind_name(text->kind));
    return read_resolve_id(r, text->s, id, entity, &rd->task.err);
}

static int find_ids(struct reading *rd, struct find *f) {
    const struct value *ids = notes_param(rd, "ids");
    if (!value_is(ids, VALUE_ARRAY))
        return 0;
    struct uuid *list = arena_alloc(&rd->task.arena, (ids->len + 1) * sizeof *list);
    for (size_t i = 0; i < ids->len; i++) {
        const struct value *v = value_at(ids, i);
        if (!value_is(v, VALUE_STR) || !uuid_parse(v->s, v->len, &list[i]))
            return err_set(&rd->task.err, E_USAGE, "'ids' wants full ids");
    }
    f->ids = list;
    f->nids = ids->len;
    return 0;
}

static int find_of(struct reading *rd, struct reader *r, struct find *f, struct uuid *event) {
    *f = (struct find){
        .type = value_cstr(notes_param(rd, "type"), NULL),
        .query = value_cstr(notes_param(rd, "query"), NULL),
        .kind = value_cstr(notes_param(rd, "kind"), NULL),
        .sort = value_cstr(notes_param(rd, "sort"), NULL),
        .limit = value_toint(notes_param(rd, "limit"), -1),
        .after = value_cstr(notes_param(rd, "after"), NULL),
        .body = value_tobool(notes_param(rd, "body"), false),
        .deleted = value_tobool(notes_param(rd, "deleted"), false),
    };
    if (value_is(notes_param(rd, "fields"), VALUE_ARRAY))
        f->fields = notes_param(rd, "fields");
    const struct value *e = notes_param(rd, "event");
    if (value_is(e, VALUE_MAP))
        e = value_get(e, "id");
    if (value_is(e, VALUE_STR)) {
        struct value found;
        int rc = read_resolve_event(r, e->s, &rd->task.arena, &found, &rd->task.err);
        if (rc)
            return rc;
        const char *id = value_cstr(value_get(&found, "id"), "");
        if (uuid_parse(id, strlen(id), event))
            f->event = event;
    }
    return find_ids(rd, f);
}

static int do_find(struct reading *rd, struct reader *r, struct value *out) {
    struct find f;
    struct uuid event;
    int rc = find_of(rd, r, &f, &event);
    return rc ? rc : read_find(r, &f, &rd->task.arena, out, &rd->task.err);
}

static int do_facets(struct reading *rd, struct reader *r, struct value *out) {
    struct find f;
    struct uuid event;
    int rc = find_of(rd, r, &f, &event);
    return rc ? rc : read_facets(r, &f, value_cstr(notes_param(rd, "by"), ""), &rd->task.arena, out, &rd->task.err);
}

static int do_get(struct reading *rd, struct reader *r, struct value *out) {
    struct get_options o = {
        .body = value_tobool(notes_param(rd, "body"), false),
        .rev = value_toint(notes_param(rd, "rev"), 0),
        .deleted = value_tobool(notes_param(rd, "deleted"), false),
    };
    struct uuid id;
    enum entity entity;
    int rc = notes_resolve(rd, r, notes_param(rd, "id"), &id, &entity);
    return rc ? rc : read_get(r, &id, &o, &rd->task.arena, out, &rd->task.err);
}

static int do_event(struct reading *rd, struct reader *r, struct value *out) {
    const char *text = value_cstr(notes_param(rd, "text"), NULL);
    if (!text)
        return err_set(&rd->task.err, E_USAGE, "'text' wants a string");
    return read_resolve_event(r, text, &rd->task.arena, out, &rd->task.err);
}

static int do_search(struct reading *rd, struct reader *r, struct value *out) {
    double weights[SEARCH_WEIGHTS];
    struct search s = {.query = value_cstr(notes_param(rd, "query"), ""),
                       .limit = value_toint(notes_param(rd, "limit"), 10),
                       .after = value_cstr(notes_param(rd, "after"), NULL)};
    const struct value *list = notes_param(rd, "weights");
    if (value_is(list, VALUE_ARRAY) && list->len) {
        for (uint32_t i = 0; i < SEARCH_WEIGHTS; i++) {
            weights[i] = i < list->len ? value_tofloat(&list->items[i], -1.0) : -1.0;
            if (!(weights[i] >= 0.0 && weights[i] <= 1000.0))
                return err_set(&rd->task.err, E_USAGE, "'weights' wants %d numbers from 0 to 1000", SEARCH_WEIGHTS);
        }
        s.weights = weights;
    }
    return read_search_for(r, &s, &rd->task.arena, out, &rd->task.err);
}

static int do_suggest(struct reading *rd, struct reader *r, struct value *out) {
    return read_suggest(r, value_cstr(notes_param(rd, "query"), ""), &rd->task.arena, out, &rd->task.err);
}

static int do_terms(struct reading *rd, struct reader *r, struct value *out) {
    struct uuid id;
    enum entity entity;
    int rc = notes_resolve(rd, r, notes_param(rd, "id"), &id, &entity);
    return rc ? rc : read_terms(r, &id, value_toint(notes_param(rd, "limit"), 20), &rd->task.arena, out, &rd->task.err);
}

static int do_history(struct reading *rd, struct reader *r, struct value *out) {
    struct uuid id;
    enum entity entity;
    int rc = notes_resolve(rd, r, notes_param(rd, "id"), &id, &entity);
    return rc ? rc : read_history(r, &id, &rd->task.arena, out, &rd->task.err);
}

static int do_runs(struct reading *rd, struct reader *r, struct value *out) {
    return read_runs(r, value_toint(notes_param(rd, "limit"), 20), &rd->task.arena, out, &rd->task.err);
}

static int do_sql(struct reading *rd, struct reader *r, struct value *out) {
    const char *sql = value_cstr(notes_param(rd, "sql"), NULL);
    if (!sql)
        return err_set(&rd->task.err, E_USAGE, "'sql' wants a string");
    struct arena *a = &rd->task.arena;
    struct value rows, columns = value_array(a, 8);
    int rc = read_sql(r, sql, notes_param(rd, "args"), rd->limit_ms, a, &rows, &rd->task.err);
    if (rc)
        return rc;
    for (uint32_t i = 0; rows.len && i < rows.items[0].len; i++)
        value_push(a, &columns, value_lit(rows.items[0].pairs[i].key.s));
    *out = value_map(a, 2); /* Lua's tables have no order: the columns say it */
    value_set(a, out, "rows", rows);
    value_set(a, out, "columns", columns);
    return 0;
}

static int do_state_get(struct reading *rd, struct reader *r, struct value *out) {
    const char *key = value_cstr(notes_param(rd, "key"), NULL);
    if (!key)
        return err_set(&rd->task.err, E_USAGE, "'key' wants a string");
    return read_state_get(r, rd->plugin, key, &rd->task.arena, out, &rd->task.err);
}

static int find_id(struct reading *rd, struct reader *r, const char *text, struct value *object) {
    struct uuid id;
    enum entity entity;
    struct err no;
    struct get_options o = {.body = true};
    *object = value_nil;
    err_init(&no);
    int rc = read_resolve_id(r, text, &id, &entity, &no);
    if (!rc) {
        rc = read_get(r, &id, &o, &rd->task.arena, object, &rd->task.err);
    } else if (rc == -(int)E_USAGE && strlen(text) >= 6) { /* ambiguous; what is shorter is a word or a year */
        err_copy(&rd->task.err, &no);
    } else {
        rc = 0;
    }
    err_release(&no);
    return rc;
}

/* Words a person typed where a target is wanted: one id, or else a query. */
static int do_target(struct reading *rd, struct reader *r, struct value *out) {
    const struct value *words = notes_param(rd, "words");
    struct arena *a = &rd->task.arena;
    struct value items = value_array(a, 1), object = value_nil;
    int rc = 0;
    if (value_is(words, VALUE_ARRAY) && words->len == 1)
        rc = find_id(rd, r, value_cstr(value_at(words, 0), ""), &object);
    if (rc)
        return rc;
    if (!value_is(&object, VALUE_NIL)) {
        value_push(a, &items, object);
        *out = value_map(a, 1);
        value_set(a, out, "items", items);
        return 0;
    }
    struct buf query = BUF_INIT;
    for (size_t i = 0; value_is(words, VALUE_ARRAY) && i < words->len; i++)
        buf_addf(&query, "%s%s", i ? " " : "", value_cstr(value_at(words, i), ""));
    struct find f = {.type = value_cstr(notes_param(rd, "type"), NULL),
                     .query = query.data,
                     .limit = -1,
                     .after = value_cstr(notes_param(rd, "after"), NULL),
                     .body = true};
    rc = read_find(r, &f, a, out, &rd->task.err);
    buf_release(&query);
    return rc;
}

/* ---- a job sees what it is about to write ------------------------------------------------------------------------ */

static int preview_write(struct store_task *t, struct store *s) {
    struct reading *rd = (struct reading *)t;
    struct store_run run = {.command = "preview"};
    struct value done = value_array(&t->arena, 4);
    int rc = store_begin(s, &run, &t->err);
    if (rc)
        return rc;
    for (size_t i = 0; i < rd->nsteps && !rc; i++)
        if (!rd->steps[i].is_undo)
            rc = store_apply(s, &rd->steps[i].op, 1, &t->arena, &done, &t->err);
    struct uuid id;
    const char *text = value_cstr(notes_param(rd, "id"), "");
    if (!rc && uuid_parse(text, strlen(text), &id)) {
        struct get_options o = {.body = value_tobool(notes_param(rd, "body"), false)};
        rc = store_peek(s, &id, &o, &t->arena, &t->result, &t->err);
    }
    store_rollback(s);
    return rc;
}

bool notes_changed_by(const struct job *job, const struct uuid *id) {
    for (size_t i = 0; i < job->nsteps; i++)
        if (!job->steps[i].is_undo && uuid_equal(&job->steps[i].op.id, id))
            return true;
    return false;
}

/* The job may end while the task runs: the task has its own. */
static void copy_steps(struct reading *rd, const struct job *root) {
    struct arena *a = &rd->task.arena;
    struct step *steps = arena_alloc(a, root->nsteps * sizeof *steps);
    for (size_t i = 0; i < root->nsteps; i++) {
        struct value *body = arena_alloc(a, sizeof *body);
        steps[i] = root->steps[i];
        *body = root->steps[i].op.body ? value_copy(a, root->steps[i].op.body) : value_nil;
        steps[i].op.body = body;
    }
    rd->steps = steps;
    rd->nsteps = root->nsteps;
}

static void notes_get(struct request *rq) {
    struct reading *rd = start_reading(rq, do_get);
    struct job *root = job_root(rq->job);
    struct uuid id;
    const char *text = value_cstr(value_get(rq->params, "id"), "");
    if (uuid_parse(text, strlen(text), &id) && notes_changed_by(root, &id)) {
        copy_steps(rd, root);
        rd->task.write = preview_write;
    }
    store_task_run(&rd->task);
}

/* ---- attachments ------------------------------------------------------------------------------------------------- */

enum { ATTACHMENT_PIECE = 1024 * 1024 };

static int do_attachment(struct reading *rd, struct reader *r, struct value *out) {
    int64_t bytes = value_toint(notes_param(rd, "bytes"), ATTACHMENT_PIECE);
    return read_attachment(r, value_cstr(notes_param(rd, "sha256"), ""), value_toint(notes_param(rd, "offset"), 0),
                           bytes < ATTACHMENT_PIECE ? bytes : ATTACHMENT_PIECE, &rd->task.arena, out, &rd->task.err);
}

/* ---- small state ------------------------------------------------------------------------------------------------- */

struct state_set {
    struct store_task task;
    struct request *rq;
    char plugin[64];
};

static int state_write(struct store_task *t, struct store *s) {
    struct state_set *w = (struct state_set *)t;
    const char *key = value_cstr(value_get(w->rq->params, "key"), NULL);
    if (!key || strlen(key) > 256)
        return err_set(&t->err, E_USAGE, "'key' wants a string of at most 256 bytes");
    return store_state_set(s, w->plugin, key, value_get(w->rq->params, "value"), &t->err);
}

static void state_done(struct store_task *t) {
    struct state_set *w = (struct state_set *)t;
    if (t->err.code == E_OK)
        request_answer(w->rq, &value_nil);
    else
        request_fail(w->rq, &t->err);
}

static void state_set(struct request *rq) {
    struct state_set *w = (struct state_set *)store_task_new(rq->host, sizeof *w);
    w->rq = rq;
    snprintf(w->plugin, sizeof w->plugin, "%s", rq->call->plugin->name);
    w->task.write = state_write;
    w->task.done = state_done;
    store_task_run(&w->task);
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

#define READ(name, fn)                                                                                                 \
    static void name(struct request *rq) {                                                                             \
        notes_read(rq, fn);                                                                                            \
    }
READ(notes_find, do_find)
READ(notes_target, do_target)
READ(notes_event, do_event)
READ(notes_search, do_search)
READ(notes_facets, do_facets)
READ(notes_suggest, do_suggest)
READ(notes_terms, do_terms)
READ(notes_attachment, do_attachment)
READ(notes_history, do_history)
READ(notes_runs, do_runs)
READ(notes_sql, do_sql)
READ(state_get, do_state_get)

const struct primitive api_notes[] = {
    {"notes.find", "notes.read", NO_EFFECT, notes_find,
     "{type?, query?, kind?, event?, sort?, limit?, after?, body?, deleted?, ids?, fields?}", "{items, after?}",
     "one page of objects: at most 256 or 64 KiB"},
    {"notes.get", "notes.read", NO_EFFECT, notes_get, "{id, body?, rev?, deleted?}", "object or nil",
     "one object; sees what this job is about to write"},
    {"notes.target", "notes.read", NO_EFFECT, notes_target, "{words, type?, after?}", "{items, after?}",
     "what a person meant: an id, or else one page of what matches as a query"},
    {"notes.event", "notes.read", NO_EFFECT, notes_event, "{text}", "event",
     "an event by id, slug, NAME YEAR or unique name"},
    {"notes.search", "notes.read", NO_EFFECT, notes_search, "{query, limit?, after?, weights?}", "hit[]",
     "best first, with snippets; weights of title, speakers, tags, body"},
    {"notes.facets", "notes.read", NO_EFFECT, notes_facets, "{by, query?, type?, kind?, event?, limit?}", "facet[]",
     "what is found, counted by fields"},
    {"notes.suggest", "notes.read", NO_EFFECT, notes_suggest, "{query}", "string or nil",
     "the query with near words for words that are nowhere"},
    {"notes.attachment", "notes.read", NO_EFFECT, notes_attachment, "{sha256, offset?, bytes?}", "{bytes, total}",
     "content of an attachment, at most a MiB at once"},
    {"notes.terms", "notes.read", NO_EFFECT, notes_terms, "{id, limit?}", "{word, stem, count, documents, weight}[]",
     "the words that tell a talk or note from others"},
    {"notes.history", "notes.read", NO_EFFECT, notes_history, "{id}", "array", "revisions, newest first"},
    {"notes.runs", "notes.read", NO_EFFECT, notes_runs, "{limit?}", "array", "what ran, newest first"},
    {"notes.sql", "store.query", NO_EFFECT, notes_sql, "{sql, args?}", "{rows: map[], columns: str[]}",
     "read-only SQL over the documented views"},
    {"state.get", NULL, NO_EFFECT, state_get, "{key}", "value or nil", "what this plugin kept"},
    {"state.set", NULL, OUTSIDE_EFFECT, state_set, "{key, value}", "nil",
     "keep a small value; nil forgets it; 16 MiB a plugin"},
};
const size_t api_notes_count = sizeof api_notes / sizeof *api_notes;
