/* import.c - the pace of an import: read ahead a little, keep the importers busy, write in groups, end cleanly.
 *
 * The one idea: import_advance looks at what is in flight and starts whatever may start; every completion calls it again. A source is in exactly one
 * place at any time: with the reader, with an importer, in the group, with the writer, or reported.
 */
#include "host/import.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "host/import_priv.h"

static void start_importer(struct import_source *s);

static void finish(struct import *im) {
    struct request *rq = im->rq;
    import_end_bulk(im);
    while (im->group) {
        struct import_source *s = im->group;
        im->group = s->next;
        import_source_free(s);
    }
    im->job->pipeline = NULL;
    im->job->pipeline_cancel = NULL;
    if (im->job->front->progress)
        im->job->front->progress(im->job->front_ctx, 0, 0, "");
    job_part_ended(im->job);
    if (im->fatal.code != E_OK) {
        request_fail(rq, &im->fatal);
    } else {
        static const char *const names[7] = {"sources",    "made",    "updated", "unchanged",
                                             "conflicted", "skipped", "failed"};
        struct value report = value_map(&im->arena, 4), totals = value_map(&im->arena, 7);
        for (int i = 0; i < 7; i++)
            value_set(&im->arena, &totals, names[i], value_int(im->totals[i]));
        value_set(&im->arena, &report, "run", im->run_id[0] ? value_lit(im->run_id) : value_nil);
        struct value sources = value_array(&im->arena, (uint32_t)im->walk.n);
        for (size_t i = 0; i < im->walk.n; i++)
            if (im->reports[i].kind == VALUE_MAP)
                value_push(&im->arena, &sources, im->reports[i]);
        value_set(&im->arena, &report, "sources", sources);
        value_set(&im->arena, &report, "totals", totals);
        if (im->done > im->listed)
            value_set(&im->arena, &report, "left_out", value_int((int64_t)(im->done - im->listed)));
        request_answer(rq, &report);
    }
    walk_release(&im->walk);
    timer_free(im->timer);
    err_release(&im->fatal);
    arena_release(&im->arena);
    mem_free(im);
}

void import_advance(struct import *im) {
    bool ending = im->fatal.code != E_OK;
    if (!ending) {
        bool idle = !im->in_flight && im->at >= im->walk.n;
        if (import_group_full(im) || idle || im->timer_due)
            import_flush(im);
        size_t backlog = im->group_bytes + im->in_flight_bytes;
        bool room = im->in_flight < IMPORT_IN_FLIGHT + im->landing && backlog < IMPORT_IN_FLIGHT_BYTES &&
                    im->group_records < IMPORT_GROUP_MOST;
        if (!im->reading && room && (im->unread || im->at < im->walk.n))
            import_read_more(im);
    }
    while (ending && im->unread) {
        struct import_source *s = im->unread;
        im->unread = s->next;
        im->in_flight--;
        import_source_free(s);
    }
    if (im->in_flight || im->reading || im->writing)
        return;
    if (ending || (im->at >= im->walk.n && !im->group))
        finish(im);
}

static void landed(struct import_source *s) {
    struct import *im = s->import;
    im->in_flight--;
    im->in_flight_bytes -= s->len;
    s->call = NULL;
    if (im->fatal.code != E_OK)
        import_source_free(s);
    else if (s->err.code != E_OK || s->known || import_is_held(s))
        import_report_one(im, s);
    else
        import_group_add(im, s);
}

/* ---- the importer's turn ------------------------------------------------------------------------------------------- */

static void add_records(struct import_source *s, const struct value *items) {
    if (s->err.code != E_OK)
        return;
    bool held = import_is_held(s);
    for (size_t i = 0; value_is(items, VALUE_ARRAY) && i < items->len; i++) {
        const struct value *record = value_at(items, i);
        if (held || !value_eqs(value_get(record, "type"), "proposal"))
            value_push(&s->arena, &s->records, value_copy(&s->arena, record));
    }
    if (s->arena.used > IMPORT_RECORDS_BYTES + s->len)
        err_set(&s->err, E_DATA, "importer '%s' emits more than 64 MiB for '%s'", s->importer->name, s->file->shown);
}

static void imported(void *ctx, const struct value *result, const struct err *err) {
    struct import_source *s = ctx;
    struct import *im = s->import;
    if (err)
        err_copy(&s->err, err);
    else
        add_records(s, value_get(result, "records"));
    landed(s);
    import_advance(im);
}

static void describe_source(struct import_source *s, const char *what, const struct contribution *importer) {
    struct arena *a = &s->arena;
    struct value m = value_map(a, 9);
    const char *name = path_base(s->file->shown);
    size_t stem;
    const char *extension = path_extension(name, &stem);
    size_t folder_end = (size_t)(name - s->file->shown);
    while (folder_end && s->file->shown[folder_end - 1] == '/')
        folder_end--;
    size_t folder_start = folder_end;
    while (folder_start && s->file->shown[folder_start - 1] != '/')
        folder_start--;
    value_set(a, &m, "name", value_lit(name));
    value_set(a, &m, "stem", value_strn(a, name, stem));
    value_set(a, &m, "extension", value_lit(extension));
    value_set(a, &m, "path", value_lit(s->file->shown));
    value_set(a, &m, "folder", value_strn(a, s->file->shown + folder_start, folder_end - folder_start));
    value_set(a, &m, "bytes", value_int((int64_t)s->len));
    value_set(a, &m, "encoding", value_lit(s->encoding));
    value_set(a, &m, "lines", value_int((int64_t)s->lines));
    size_t most = !strcmp(what, "detect") ? 65536 : IMPORT_INLINE_BYTES;
    size_t n = s->len > most ? text_utf8_cut(s->text, s->len, most) : s->len;
    value_set(a, &m, "text", (struct value){.kind = VALUE_STR, .len = (uint32_t)n, .s = s->text});
    s->what = value_map(a, 5);
    value_set(a, &s->what, "kind", value_lit("importer"));
    value_set(a, &s->what, "name", value_lit(importer->name));
    value_set(a, &s->what, "what", value_lit(what));
    value_set(a, &s->what, "args", value_map(a, 0));
    value_set(a, &s->what, "source", m);
}

static void detected(void *ctx, const struct value *result, const struct err *err);

static struct call *call_importer(struct import_source *s, struct contribution *importer, const char *what,
                                  call_done *done) {
    s->detecting = done == detected;
    describe_source(s, what, importer);
    struct call *call =
        call_start(s->import->host, s->import->job, importer->plugin, &s->what, CALL_SOURCE_MS, done, s);
    call->source = s;
    return call;
}

static void detect_next(struct import_source *s);

static void detected(void *ctx, const struct value *result, const struct err *err) {
    struct import_source *s = ctx;
    struct contribution *asked = s->candidates[s->asked++];
    double score = err ? 0 : value_tofloat(value_get(result, "score"), 0);
    if (score > s->best) {
        s->best = score;
        s->importer = asked;
    }
    detect_next(s);
}

static void detect_next(struct import_source *s) {
    struct import *im = s->import;
    while (s->asked < s->ncandidates && !value_tobool(value_get(s->candidates[s->asked]->raw, "detect"), false))
        s->asked++;
    if (s->asked < s->ncandidates && im->fatal.code == E_OK) {
        s->call = call_importer(s, s->candidates[s->asked], "detect", detected);
        return;
    }
    if (s->importer && im->fatal.code == E_OK) {
        start_importer(s);
        return;
    }
    if (im->fatal.code == E_OK) {
        err_set(&s->err, E_DATA, "no importer knows what '%s' is", s->file->shown);
        err_hint(&s->err, "name one: --with markdown; lectern plugins lists them");
    }
    landed(s);
    import_advance(im);
}

static void start_importer(struct import_source *s) {
    s->call = call_importer(s, s->importer, "import", imported);
}

void import_was_read(struct import *im, struct import_source *list) {
    im->in_flight++; /* so that nothing ends it while we are in its list */
    im->reading = false;
    for (const struct import_source *s = list; s; s = s->next)
        im->landing += s->known;
    if (im->landing)
        import_advance(im); /* the next ones are read while these are reported */
    for (struct import_source *s = list, *next; s; s = next) {
        next = s->next;
        s->next = NULL;
        im->in_flight_bytes += s->len;
        if (s->err.code != E_OK || s->known || im->fatal.code != E_OK) {
            landed(s);
        } else if (s->given) {
            import_use_given(s);
            landed(s);
        } else if (s->fits) {
            s->importer = s->candidates[0];
            start_importer(s);
        } else {
            detect_next(s);
        }
    }
    im->landing = 0;
    im->in_flight--;
    import_advance(im);
}

/* ---- primitives ---------------------------------------------------------------------------------------------------- */

void import_emit(struct request *rq, const struct value *items) {
    struct import_source *s = (struct import_source *)(uintptr_t)rq->call->source;
    if (s->detecting) {
        request_failf(rq, E_PLUGIN, "detect only says how well it knows a source; import emits");
        return;
    }
    add_records(s, items);
    if (s->err.code != E_OK)
        request_fail(rq, &s->err);
    else
        request_answer(rq, &value_nil);
}

void import_warn(const struct call *call, const char *text, int64_t line) {
    struct import_source *s = (struct import_source *)(uintptr_t)call->source;
    struct value w = value_map(&s->arena, 2);
    value_set(&s->arena, &w, "message",
              value_strn(&s->arena, text, text_utf8_cut(text, strlen(text), ERR_MESSAGE_MAX)));
    value_set(&s->arena, &w, "line", line > 0 ? value_int(line) : value_nil);
    value_push(&s->arena, &s->warnings, w);
}

void import_source_read(struct request *rq) {
    const struct import_source *s = rq->call->source;
    if (!s) {
        request_failf(rq, E_DENIED, "source.read outside of an importer");
        return;
    }
    int64_t offset = value_toint(value_get(rq->params, "offset"), 0),
            n = value_toint(value_get(rq->params, "bytes"), IMPORT_INLINE_BYTES);
    if (offset < 0 || (size_t)offset > s->len)
        offset = (int64_t)s->len;
    if (n < 1 || n > IMPORT_INLINE_BYTES)
        n = IMPORT_INLINE_BYTES;
    size_t left = s->len - (size_t)offset,
           take = left > (size_t)n ? text_utf8_cut(s->text + offset, left, (size_t)n) : left;
    struct value v = {.kind = VALUE_STR, .len = (uint32_t)take, .s = s->text + offset};
    request_answer(rq, &v);
}

static void walk_work(void *ctx) {
    struct import *im = ctx;
    const struct value *paths = value_get(im->rq->params, "paths");
    for (size_t i = 0; i < paths->len; i++)
        walk_add(&im->walk, value_cstr(value_at(paths, i), ""));
}

static void walked(void *ctx) {
    struct import *im = ctx;
    im->reading = false;
    im->reports = arena_zalloc(&im->arena, (im->walk.n + 1) * sizeof *im->reports);
    import_advance(im);
}

static void cancel(struct job *job) {
    struct import *im = job->pipeline;
    atomic_store(&im->walk.stop, true);
    if (im->fatal.code == E_OK)
        err_copy(&im->fatal, &job->cancel_err);
}

static int check_paths(struct request *rq, struct err *err) {
    const struct value *paths = value_get(rq->params, "paths");
    if (!value_is(paths, VALUE_ARRAY))
        return err_set(err, E_USAGE, "'paths' wants a list of paths");
    for (size_t i = 0; i < paths->len; i++) {
        const char *path = value_cstr(value_at(paths, i), NULL);
        if (!path || *path != '/')
            return err_set(err, E_USAGE, "'paths' wants absolute paths");
        if (!job_may_path(rq->job, path, PATH_READ) && !import_pinned(rq, path))
            return err_set(err, E_DENIED, "plugin '%s' may not read '%s': nobody named it", rq->call->plugin->name,
                           path);
    }
    return 0;
}

static void on_timer(void *ctx) {
    struct import *im = ctx;
    im->timer_due = true;
    import_advance(im);
}

void import_run(struct request *rq) {
    struct err err;
    err_init(&err);
    const char *with = value_cstr(value_get(rq->params, "with"), NULL);
    struct contribution *importer = with ? registry_find(rq->host->registry, "importer", with) : NULL;
    const struct value *given = value_get(rq->params, "stdin");
    int rc =
        rq->job->pipeline ? err_set(&err, E_USAGE, "an import is running in this job already") : check_paths(rq, &err);
    bool attach = value_tobool(value_get(rq->params, "attach"), false);
    if (!rc && attach && !plugin_may(rq->call->plugin, "files.linked"))
        rc = err_set(&err, E_DENIED, "plugin '%s' may not read the files that notes link to", rq->call->plugin->name);
    if (!rc && with && !importer)
        rc = registry_unknown(rq->host->registry, "importer", with, &err);
    if (!rc && importer)
        rc = registry_usable(importer, &err);
    if (rc) {
        request_fail(rq, &err);
        return;
    }
    struct import *im = mem_alloc(sizeof *im);
    im->host = rq->host;
    im->rq = rq;
    im->job = rq->job;
    im->with = importer;
    im->explain = value_tobool(value_get(rq->params, "explain"), false) || rq->job->options.dry_run;
    im->copy = value_tobool(value_get(rq->params, "copy"), false);
    im->attach = attach;
    im->event = *value_get(rq->params, "event");
    im->stdin_bytes = value_nil;
    err_init(&im->fatal);
    arena_init(&im->arena);
    walk_init(&im->walk);
    im->group_last = &im->group;
    im->batch = IMPORT_BATCH;
    im->listed_most = job_root(im->job)->options.text && !im->explain ? IMPORT_LISTED_TEXT : IMPORT_LISTED;
    im->timer = timer_new(im->host->loop, on_timer, im);
    if (import_check_wishes(im, &err)) {
        request_fail(rq, &err);
        walk_release(&im->walk);
        timer_free(im->timer);
        arena_release(&im->arena);
        mem_free(im);
        return;
    }
    rq->job->pipeline = im;
    rq->job->pipeline_cancel = cancel;
    rq->call->effects = true;
    memcpy(im->run_id, job_root(rq->job)->run_id, sizeof im->run_id);
    if (value_is(given, VALUE_STR) || value_is(given, VALUE_BIN)) {
        im->stdin_bytes = *given;
        im->walk.files = mem_array(NULL, 1, sizeof *im->walk.files);
        im->walk.files[0] = (struct walk_file){.path = "-", .shown = "-", .root = -1, .named = true};
        im->walk.n = im->walk.cap = 1;
    }
    im->reading = true;
    loop_work(im->host->loop, LANE_FILE, walk_work, walked, im);
}
