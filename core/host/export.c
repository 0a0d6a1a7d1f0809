/* export.c - the export pipeline: notes to an exporter, its bytes to their place.
 *
 * The exporter's call pulls pages (export.next) and pushes bytes (out.write); each answer is the backpressure of the other side. Nothing is visible
 * before the exporter has returned.
 */
#include "host/export.h"

#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "host/args.h"
#include "host/export_page.h"
#include "host/outfile.h"
#include "host/store_work.h"

struct export {
    struct host *host;
    struct request *rq; /* export.run */
    struct job *job;
    struct contribution *exporter;
    struct arena arena;
    const char *query, *output;            /* output NULL: standard output */
    struct value note_fields, talk_fields; /* what the exporter reads of them; nil: everything */
    const char *after;
    bool asked;              /* for the first page */
    bool ended;              /* there are no more pages */
    bool reading;            /* a page is on its way */
    bool over;               /* the exporter has returned, or failed */
    struct request *waiting; /* for that page */
    struct arena ahead;      /* the page nobody asked for yet, or nil */
    struct value page;
    bool many;
    unsigned mask;        /* the person's umask */
    struct outfile *file; /* made by the first write task */
    struct value files;   /* names and sizes, for the report */
    int64_t bytes;        /* of the current file */
    const char *name;
    struct value what;
    struct err err;
};

static void end_export(struct export *ex);

static struct export *of(struct request *rq) {
    if (rq->call && rq->call->export)
        return (struct export *)(uintptr_t)rq->call->export;
    request_failf(rq, E_DENIED, "only an exporter may do this, while it exports");
    return NULL;
}

/* ---- pages ----------------------------------------------------------------------------------------------------------
 *
 * While the exporter works on a page the next one is read.
 */

struct paging {
    struct store_task task;
    struct export *ex; /* outlives the task: what ends the export waits for it */
    const char *query, *after;
};

static int read_page(struct store_task *t, struct reader *r) {
    struct paging *p = (struct paging *)t;
    struct export_page page = {p->query, p->after, &p->ex->note_fields, &p->ex->talk_fields};
    return export_page_read(r, &page, &t->arena, &t->result, &t->err);
}

static void start_reading(struct export *ex);

static void answer_page(struct export *ex, struct request *rq, const struct value *page) {
    request_answer(rq, page);
    if (!ex->ended && !ex->over)
        start_reading(ex);
}

static void page_read(struct store_task *t) {
    struct paging *p = (struct paging *)t;
    struct export *ex = p->ex;
    struct request *rq = ex->waiting;
    ex->reading = false;
    ex->waiting = NULL;
    if (t->err.code == E_OK) {
        const char *after = value_cstr(value_get(&t->result, "after"), NULL);
        ex->after = after ? arena_strdup(&ex->arena, after) : NULL;
        ex->ended = !after;
        if (rq) {
            answer_page(ex, rq, &t->result);
        } else {
            ex->ahead = t->arena;
            ex->page = t->result;
            arena_init(&t->arena);
        }
    } else if (rq) { /* else whoever asks for the page reads it again, and hears of it */
        request_fail(rq, &t->err);
    }
    if (ex->over && !ex->reading)
        end_export(ex);
}

static void start_reading(struct export *ex) {
    struct paging *p = (struct paging *)store_task_new(ex->host, sizeof *p);
    p->ex = ex;
    p->query = ex->query ? arena_strdup(&p->task.arena, ex->query) : NULL;
    p->after = ex->after ? arena_strdup(&p->task.arena, ex->after) : NULL;
    p->task.read = read_page;
    p->task.done = page_read;
    ex->reading = true;
    store_task_run(&p->task);
}

/* The first question says what of the notes and talks is wanted; pages are read ahead by it. */
static void keep_fields(struct export *ex, const struct value *params) {
    if (ex->asked)
        return;
    ex->asked = true;
    ex->note_fields = value_copy(&ex->arena, value_get(params, "note"));
    ex->talk_fields = value_copy(&ex->arena, value_get(params, "talk"));
}

void export_next(struct request *rq) {
    struct export *ex = of(rq);
    if (!ex)
        return;
    keep_fields(ex, rq->params);
    if (ex->waiting) {
        request_failf(rq, E_PLUGIN, "the page that was asked for first is still on its way");
    } else if (ex->page.kind != VALUE_NIL) {
        struct arena held = ex->ahead;
        struct value page = ex->page;
        arena_init(&ex->ahead);
        ex->page = value_nil;
        answer_page(ex, rq, &page);
        arena_release(&held);
    } else if (ex->ended) {
        request_answer(rq, &value_nil);
    } else {
        ex->waiting = rq;
        if (!ex->reading)
            start_reading(ex);
    }
}

/* ---- bytes ---------------------------------------------------------------------------------------------------------- */

struct writing {
    struct request *rq;
    struct export *ex;
    const char *name; /* start this file, or NULL */
    const struct value *bytes;
    const struct value *names, *sizes; /* or NULL: BYTES are these whole files */
    struct err err;
};

static void do_write(void *ctx) {
    struct writing *w = ctx;
    struct export *ex = w->ex;
    if (!ex->file)
        ex->file = outfile_new(ex->output, ex->many, ex->mask, &w->err);
    if (!ex->file)
        return;
    const char *at = w->names ? w->bytes->s : NULL;
    for (size_t i = 0; w->names && i < w->names->len && w->err.code == E_OK; i++) {
        size_t n = (size_t)value_toint(value_at(w->sizes, i), 0);
        if (!outfile_next(ex->file, value_at(w->names, i)->s, &w->err))
            outfile_write(ex->file, at, n, &w->err);
        at += n;
    }
    if (w->names)
        return;
    if (w->name)
        outfile_next(ex->file, w->name, &w->err);
    else
        outfile_write(ex->file, w->bytes->s, w->bytes->len, &w->err);
}

static void wrote(void *ctx) {
    struct writing *w = ctx;
    struct err err = w->err;
    struct request *rq = w->rq;
    if (err.code == E_OK)
        request_answer(rq, &value_nil);
    else
        request_fail(rq, &err);
}

static void start_write(struct request *rq, struct export *ex, struct writing what) {
    struct writing *w = arena_zalloc(&rq->arena, sizeof *w);
    *w = what;
    w->rq = rq;
    w->ex = ex;
    err_init(&w->err);
    loop_work(rq->host->loop, LANE_WRITE, do_write, wrote, w);
}

static void note_file(struct export *ex) {
    struct value f = value_map(&ex->arena, 2);
    if (!ex->name)
        return;
    value_set(&ex->arena, &f, "path", value_lit(ex->name));
    value_set(&ex->arena, &f, "bytes", value_int(ex->bytes));
    value_push(&ex->arena, &ex->files, f);
    ex->bytes = 0;
    ex->name = NULL;
}

void export_write(struct request *rq) {
    struct export *ex = of(rq);
    if (!ex)
        return;
    const struct value *bytes = value_get(rq->params, "bytes");
    if (!value_is(bytes, VALUE_STR) && !value_is(bytes, VALUE_BIN)) {
        request_failf(rq, E_USAGE, "out:write wants strings");
        return;
    }
    ex->bytes += bytes->len;
    if (ex->job->options.dry_run) {
        request_answer(rq, &value_nil);
    } else if (!ex->output) {
        struct job *root = job_root(ex->job);
        if (root->front->write)
            root->front->write(root->front_ctx, rq, bytes->s, bytes->len);
        else
            request_failf(rq, E_USAGE, "name a file to export to");
    } else {
        start_write(rq, ex, (struct writing){.bytes = bytes});
    }
}

/* Make NAME the current file of the report; false when the request was answered with a refusal. */
static bool name_file(struct request *rq, struct export *ex, const char *name) {
    if (!ex->output || !ex->many) {
        request_failf(rq, E_PLUGIN, "out:file where one file is written; look at out.folder first");
        return false;
    }
    if (!outfile_good_name(name)) {
        request_failf(rq, E_PLUGIN, "'%s' is no name for a file of an export", name);
        return false;
    }
    note_file(ex);
    struct buf path = BUF_INIT;
    path_join(&path, ex->output, name);
    ex->name = arena_strdup(&ex->arena, path.data);
    buf_release(&path);
    return true;
}

void export_file(struct request *rq) {
    struct export *ex = of(rq);
    const char *name = ex ? param_text(rq, "name", true) : NULL;
    if (!name || !name_file(rq, ex, name))
        return;
    if (ex->job->options.dry_run)
        request_answer(rq, &value_nil);
    else
        start_write(rq, ex, (struct writing){.name = name});
}

/* The names and sizes of whole files fit each other and their bytes. */
static bool fit(const struct value *names, const struct value *sizes, const struct value *bytes) {
    if (!value_is(names, VALUE_ARRAY) || !value_is(sizes, VALUE_ARRAY) || names->len != sizes->len)
        return false;
    if (!value_is(bytes, VALUE_STR) && !value_is(bytes, VALUE_BIN))
        return false;
    int64_t left = bytes->len;
    for (size_t i = 0; i < names->len; i++) {
        int64_t size = value_toint(value_at(sizes, i), -1);
        if (!value_is(value_at(names, i), VALUE_STR) || size < 0 || size > left)
            return false;
        left -= size;
    }
    return left == 0;
}

void export_files(struct request *rq) {
    struct export *ex = of(rq);
    if (!ex)
        return;
    const struct value *names = value_get(rq->params, "names"), *sizes = value_get(rq->params, "sizes"),
                       *bytes = value_get(rq->params, "bytes");
    if (!fit(names, sizes, bytes)) {
        request_failf(rq, E_USAGE, "out.files wants names, their sizes, and as many bytes");
        return;
    }
    for (size_t i = 0; i < names->len; i++) {
        if (!name_file(rq, ex, value_at(names, i)->s))
            return;
        ex->bytes = value_toint(value_at(sizes, i), 0);
    }
    if (ex->job->options.dry_run)
        request_answer(rq, &value_nil);
    else
        start_write(rq, ex, (struct writing){.names = names, .sizes = sizes, .bytes = bytes});
}

/* ---- from export.run to its answer ----------------------------------------------------------------------------------- */

static void finish(struct export *ex) {
    struct request *rq = ex->rq;
    ex->job->pipeline = NULL;
    job_part_ended(ex->job);
    if (ex->err.code != E_OK) {
        request_fail(rq, &ex->err);
    } else {
        struct value report = value_map(&ex->arena, 1);
        value_set(&ex->arena, &report, "files", ex->files);
        request_answer(rq, &report);
    }
    outfile_free(ex->file);
    arena_release(&ex->ahead);
    err_release(&ex->err);
    arena_release(&ex->arena);
    mem_free(ex);
}

static void do_commit(void *ctx) {
    struct export *ex = ctx;
    if (!ex->file)
        ex->file = outfile_new(ex->output, ex->many, ex->mask, &ex->err);
    if (ex->file)
        outfile_commit(ex->file, &ex->err);
}

static void committed(void *ctx) {
    finish(ctx);
}

/* Runs after every write that was queued before it: a cancelled exporter may have left one on its way. */
static void do_discard(void *ctx) {
    struct export *ex = ctx;
    outfile_free(ex->file);
    ex->file = NULL;
}

static void exported(void *ctx, const struct value *result, const struct err *err) {
    struct export *ex = ctx;
    (void)result;
    /* The error goes on as one of the plugin that asked: what it was about has to stand in it. */
    if (err && err->code == E_PLUGIN && err->at[0])
        err_set(&ex->err, E_PLUGIN, "exporter '%s' failed: %s (%s)", ex->exporter->name, err->message, err->at);
    else if (err && ex->err.code == E_OK)
        err_copy(&ex->err, err);
    if (ex->output && !ex->many)
        ex->name = ex->output;
    note_file(ex);
    ex->over = true;
    if (!ex->reading)
        end_export(ex);
}

static void end_export(struct export *ex) {
    if (ex->err.code != E_OK)
        loop_work(ex->host->loop, LANE_WRITE, do_discard, committed, ex);
    else if (ex->output && !ex->job->options.dry_run)
        loop_work(ex->host->loop, LANE_WRITE, do_commit, committed, ex);
    else
        finish(ex);
}

/* An exporter that could write a folder writes one file where the output's name ends as its files do. */
static bool names_file(const struct contribution *exporter, const char *output) {
    size_t stem;
    return value_eqs(value_get(exporter->raw, "extension"), path_extension(path_base(output), &stem));
}

void export_run(struct request *rq) {
    struct err err;
    err_init(&err);
    struct registry *r = rq->host->registry;
    const char *format = param_text(rq, "format", true);
    if (!format)
        return;
    const char *output = value_cstr(value_get(rq->params, "output"), NULL);
    struct contribution *exporter = registry_find(r, "exporter", format);
    if (output && !strcmp(output, "-"))
        output = NULL;
    int rc = exporter ? registry_usable(exporter, &err) : registry_unknown(r, "exporter", format, &err);
    bool many = exporter && value_tobool(value_get(exporter->raw, "many"), false);
    if (!rc && rq->job->pipeline)
        rc = err_set(&err, E_USAGE, "an import or export is running in this job already");
    if (!rc && output && !job_may_path(rq->job, output, PATH_WRITE))
        rc = err_set(&err, E_DENIED, "plugin '%s' may not write '%s': nobody named it", rq->call->plugin->name, output);
    bool folder = many && output && !names_file(exporter, output);
    struct args args;
    const struct command_spec *spec = rc ? NULL : contribution_spec(r, exporter, &err);
    if (!rc && !spec)
        rc = -(int)err.code;
    if (!rc)
        rc = args_from_value(&rq->arena, spec, value_get(rq->params, "args"), rq->job->options.cwd, &args, &err);
    if (rc || !exporter) {
        request_fail(rq, &err);
        return;
    }
    struct export *ex = mem_alloc(sizeof *ex);
    arena_init(&ex->arena);
    arena_init(&ex->ahead);
    err_init(&ex->err);
    ex->host = rq->host;
    ex->rq = rq;
    ex->job = rq->job;
    ex->exporter = exporter;
    ex->output = output;
    ex->many = folder;
    ex->mask = rq->job->options.umask;
    ex->query = value_cstr(value_get(rq->params, "query"), NULL);
    ex->note_fields = ex->talk_fields = value_nil;
    ex->files = value_array(&ex->arena, 2);
    ex->job->pipeline = ex;
    rq->call->effects = true;
    ex->what = value_map(&ex->arena, 4);
    value_set(&ex->arena, &ex->what, "kind", value_lit("exporter"));
    value_set(&ex->arena, &ex->what, "name", value_lit(exporter->name));
    value_set(&ex->arena, &ex->what, "what", value_lit("export"));
    value_set(&ex->arena, &ex->what, "args", args.map);
    value_set(&ex->arena, &ex->what, "folder", value_bool(folder));
    value_set(&ex->arena, &ex->what, "query", ex->query ? value_lit(ex->query) : value_nil);
    struct call *call = call_start(rq->host, rq->job, exporter->plugin, &ex->what, CALL_SOURCE_MS, exported, ex);
    call->export = ex;
}
