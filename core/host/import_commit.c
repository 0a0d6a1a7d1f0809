/* import_commit.c - groups of whole sources into the store, and the report of what became of each.
 *
 * One group is one transaction; within it each source is a savepoint. A source is reported after its group's commit, never before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "host/import_priv.h"

struct writing {
    struct store_task task;
    struct import *import;
    struct import_source *list;
    struct store_run run;
    char run_id[UUID_TEXT + 1];
    bool dry_run, copy, attach, bulk;
    struct value event;
};

const char *import_version(const struct contribution *importer) {
    const char *version = plugin_version(importer->plugin);
    return *version ? version : importer->plugin->hash;
}

static void ingest_one(struct writing *w, struct store *s, struct import_source *src) {
    struct import_files files = {.n = 0};
    bool attach = w->attach && strcmp(src->file->shown, "-") != 0; /* what comes from standard input lies nowhere */
    if (attach)
        import_attach(src, &files);
    struct ingest in = {
        .path = src->file->shown,
        .importer = src->importer->name,
        .importer_version = import_source_version(src, src->importer),
        .raw_bytes = (int64_t)src->raw.len,
        .stamp = src->stamp,
        .encoding = src->encoding,
        .bom = src->bom,
        .text = src->text,
        .text_len = src->len,
        .records = &src->records,
        .event = &w->event,
        .copy = w->copy,
        .attach = attach,
        .files = files.list,
        .nfiles = files.n,
        .corrected = src->corrected,
    };
    memcpy(in.sha256, src->sha256, sizeof in.sha256);
    store_ingest(s, &in, &src->arena, &src->report, &src->err);
    import_files_release(&files);
}

static int write_group(struct store_task *t, struct store *s) {
    struct writing *w = (struct writing *)t;
    store_bulk(s, w->bulk);
    int rc = w->run_id[0] ? store_begin_more(s, w->run_id, &t->err) : store_begin(s, &w->run, &t->err);
    if (rc)
        return rc;
    for (struct import_source *src = w->list; src && !rc; src = src->next) {
        ingest_one(w, s, src);
        if (src->err.code == E_STORE || src->err.code == E_BUSY) {
            err_copy(&t->err, &src->err);
            rc = -(int)src->err.code;
        }
    }
    if (rc || w->dry_run) {
        store_rollback(s);
        return rc;
    }
    return store_commit(s, &w->run, w->run_id, &t->err);
}

static void group_written(struct store_task *t) {
    struct writing *w = (struct writing *)t;
    struct import *im = w->import;
    im->writing = false;
    im->job->store_us += (int64_t)t->took_us;
    if (t->err.code != E_OK) {
        if (im->fatal.code == E_OK)
            err_copy(&im->fatal, &t->err);
    } else if (w->run_id[0]) {
        struct job *root = job_root(im->job);
        memcpy(im->run_id, w->run_id, sizeof im->run_id);
        memcpy(root->run_id, w->run_id, sizeof root->run_id);
        root->wrote = true;
    }
    if (import_group_full(im))
        import_flush(im); /* it is written while these are reported */
    for (struct import_source *s = w->list, *next; s; s = next) {
        next = s->next;
        if (t->err.code == E_OK)
            import_report_one(im, s);
        else
            import_source_free(s);
    }
    import_advance(im);
}

static int by_file(const void *a, const void *b) {
    const struct import_source *const *x = a, *const *y = b;
    return ((*x)->file > (*y)->file) - ((*x)->file < (*y)->file);
}

/* The group in the order of the files: they were read side by side, and what is made of them is listed as it was made. */
static struct import_source *in_order(struct import_source *group) {
    struct import_source **all = NULL;
    size_t n = 0, cap = 0;
    for (struct import_source *s = group; s; s = s->next) {
        if (n == cap)
            all = mem_array(all, cap = cap ? 2 * cap : 64, sizeof *all);
        all[n++] = s;
    }
    qsort(all, n, sizeof *all, by_file);
    for (size_t i = 0; i < n; i++)
        all[i]->next = i + 1 < n ? all[i + 1] : NULL;
    group = all[0];
    mem_free(all);
    return group;
}

bool import_group_full(const struct import *im) {
    return im->group_bytes >= IMPORT_GROUP_BYTES || im->group_records >= IMPORT_GROUP_LEAST;
}

static bool is_bulk(const struct import *im) {
    return im->walk.n > 200;
}

void import_flush(struct import *im) {
    if (!im->group || im->writing || im->fatal.code != E_OK)
        return;
    im->timer_due = false;
    struct writing *w = (struct writing *)store_task_new(im->host, sizeof *w);
    const struct job *root = job_root(im->job);
    w->import = im;
    w->list = in_order(im->group);
    w->dry_run = root->options.dry_run;
    w->copy = im->copy;
    w->attach = im->attach;
    w->bulk = is_bulk(im);
    w->event = im->event;
    memcpy(w->run_id, im->run_id, sizeof w->run_id);
    w->run = job_run_record(root);
    im->group = NULL;
    im->group_last = &im->group;
    im->group_bytes = im->group_records = 0;
    im->writing = true;
    w->task.write = write_group;
    w->task.done = group_written;
    store_task_run(&w->task);
}

static int calm_down(struct store_task *t, struct store *s) {
    (void)t;
    store_bulk(s, false);
    return 0;
}

static void calmed(struct store_task *t) {
    (void)t;
}

void import_end_bulk(struct import *im) {
    if (!im->host->daemon || !im->run_id[0] || !is_bulk(im))
        return; /* a private host ends */
    struct store_task *t = store_task_new(im->host, sizeof *t);
    t->write = calm_down;
    t->done = calmed;
    store_task_run(t);
}

void import_group_add(struct import *im, struct import_source *s) {
    s->next = NULL;
    *im->group_last = s;
    im->group_last = &s->next;
    im->group_bytes += s->len;
    im->group_records += s->records.len;
    if (import_group_full(im))
        import_flush(im);
    else if (im->group == s)
        timer_start(im->timer, IMPORT_GROUP_MS);
}

/* ---- the report ---------------------------------------------------------------------------------------------------- */

static const char *const total_names[7] = {"sources",    "made",    "updated", "unchanged",
                                           "conflicted", "skipped", "failed"};

static struct value error_value(struct arena *a, const struct err *err) {
    struct value e = value_map(a, 5);
    value_set(a, &e, "code", value_lit(err_name(err->code)));
    value_set(a, &e, "message", value_str(a, err->message));
    value_set(a, &e, "hint", err->hint[0] ? value_str(a, err->hint) : value_nil);
    value_set(a, &e, "plugin", err->plugin[0] ? value_str(a, err->plugin) : value_nil);
    value_set(a, &e, "at", err->at[0] ? value_str(a, err->at) : value_nil);
    return e;
}

static const char *status_of(const struct import_source *s) {
    if (s->err.code != E_OK)
        return "failed";
    if (!s->ncandidates)
        return "skipped";
    if (s->known)
        return "unchanged";
    if (import_is_held(s))
        return "held";
    return value_cstr(value_get(&s->report, "status"), "made");
}

static void add_numbers(struct import *im, struct arena *a, struct value *out, const struct import_source *s) {
    for (int i = 1; i <= 4; i++) {
        int64_t n = s->err.code == E_OK ? value_toint(value_get(&s->report, total_names[i]), 0) : 0;
        value_set(a, out, total_names[i], value_int(n));
        im->totals[i] += n;
    }
    static const char *const more[] = {"merged", "orphaned"}; /* of the updated; and what is gone upstream */
    for (int i = 0; i < 2; i++)
        value_set(a, out, more[i], value_int(value_toint(value_get(&s->report, more[i]), 0)));
}

/* A report of a hundred thousand sources that went well is of use to nobody, and no message: they are counted. */
static bool is_left_out(const struct import *im, const struct import_source *s, bool holds) {
    const struct value *more = value_get(&s->report, "warnings");
    bool warned = s->warnings.len || (value_is(more, VALUE_ARRAY) && more->len);
    bool fine =
        s->err.code == E_OK && s->ncandidates && !warned && !value_toint(value_get(&s->report, "conflicted"), 0);
    return im->walk.n > im->listed_most && !holds && (fine || im->listed >= im->listed_most);
}

void import_report_one(struct import *im, struct import_source *s) {
    bool holds = s->err.code == E_OK && !s->known && s->ncandidates && import_is_held(s);
    struct value held = holds ? import_held(s) : value_nil; /* may fail it */
    bool left_out = is_left_out(im, s, holds);
    struct arena *a = left_out ? &s->arena : &im->arena;
    struct value out = value_map(a, 12), warnings = value_copy(a, &s->warnings);
    const char *status = status_of(s);
    const struct value *more = value_get(&s->report, "warnings"), *items = value_get(&s->report, "items");
    for (size_t i = 0; value_is(more, VALUE_ARRAY) && i < more->len; i++)
        value_push(a, &warnings, value_copy(a, value_at(more, i)));
    value_set(a, &out, "path", value_str(a, s->file->shown));
    value_set(a, &out, "importer",
              s->known      ? value_str(a, s->last.importer)
              : s->importer ? value_str(a, s->importer->name)
                            : value_nil);
    value_set(a, &out, "status", value_str(a, status));
    add_numbers(im, a, &out, s);
    value_set(a, &out, "warnings", warnings);
    value_set(a, &out, "error", s->err.code == E_OK ? value_nil : error_value(a, &s->err));
    if (im->explain)
        value_set(a, &out, "items", value_is(items, VALUE_ARRAY) ? value_copy(a, items) : value_array(a, 0));
    if (holds)
        value_set(a, &out, "held", held);
    im->totals[0]++;
    if (!strcmp(status, "skipped"))
        im->totals[5]++;
    if (!strcmp(status, "failed"))
        im->totals[6]++;
    if (!left_out) {
        im->reports[s->file - im->walk.files] = out;
        im->listed++;
    }
    im->done++;
    if (im->job->front->progress && (im->done % 16 == 0 || im->done == im->walk.n))
        im->job->front->progress(im->job->front_ctx, (double)im->done, (double)im->walk.n, s->file->shown);
    import_source_free(s);
}
