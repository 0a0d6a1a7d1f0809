/* api_job.c - primitives on the job itself: results as they come, questions, other commands. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "host/api.h"
#include "host/import.h"
#include "host/options.h"
#include "host/outfile.h"
#include "host/resolve.h"

/* ---- results and questions --------------------------------------------------------------------------------------- */

static void job_emit(struct request *rq) {
    const struct value *items = value_get(rq->params, "items");
    struct job *job = rq->job;
    if (!value_is(items, VALUE_ARRAY)) {
        request_failf(rq, E_USAGE, "'items' wants a list");
    } else if (rq->call->source) {
        import_emit(rq, items);
    } else if (!job->parent && job->front->emit) {
        job->front->emit(job->front_ctx, rq, items);
    } else if (job->arena.used > JOB_BYTES) {
        request_failf(rq, E_PLUGIN, "a command returns at most %d MiB", JOB_BYTES >> 20);
    } else {
        if (job->emitted.kind != VALUE_ARRAY)
            job->emitted = value_array(&job->arena, items->len);
        for (size_t i = 0; i < items->len; i++)
            value_push(&job->arena, &job->emitted, value_copy(&job->arena, value_at(items, i)));
        request_answer(rq, &value_nil);
    }
}

static void committed(void *ctx, const struct err *err) {
    struct request *rq = ctx;
    if (err) {
        request_fail(rq, err);
        return;
    }
    struct value report = rq->job ? job_report(rq->job, &rq->arena) : value_nil;
    request_answer(rq, &report);
}

static void job_commit(struct request *rq) {
    struct job *root = job_root(rq->job);
    if (root->applying)
        request_failf(rq, E_BUSY, "this job is committing already");
    else if (root->cancelled)
        request_fail(rq, &root->cancel_err);
    else
        job_apply(root, committed, rq);
}

/* Hand a question to whoever started the root job; where nobody is, the answer is nil. */
#define ASK_FRONT(name, member)                                                                                        \
    static void name(struct request *rq) {                                                                             \
        struct job *root = job_root(rq->job);                                                                          \
        if (root->front->member)                                                                                       \
            root->front->member(root->front_ctx, rq);                                                                  \
        else                                                                                                           \
            request_answer(rq, &value_nil);                                                                            \
    }
ASK_FRONT(job_ask, ask)
ASK_FRONT(job_edit, edit)
ASK_FRONT(job_stdin, read_stdin)
ASK_FRONT(job_open, open)

static void job_write(struct request *rq) {
    const struct value *text = value_get(rq->params, "text");
    struct job *root = job_root(rq->job);
    if (!value_is(text, VALUE_STR) && !value_is(text, VALUE_BIN))
        request_failf(rq, E_USAGE, "'text' wants a string");
    else if (rq->job == root && root->front->write)
        root->front->write(root->front_ctx, rq, text->s, text->len);
    else
        request_answer(rq, &value_nil);
}

/* ---- files that the person named ----------------------------------------------------------------------------------- */

enum { READ_BYTES = 16 * 1024 * 1024 };

struct file_read {
    struct request *rq;
    const char *path;
    const char *named; /* what the person named: PATH, or a folder above it */
    struct buf bytes;
    struct err err;
};

/* What was named is opened wherever it leads; what a plugin finds below it must really lie there. */
static int open_file(struct file_read *f) {
    size_t n = strlen(f->named);
    if (!strcmp(f->path, f->named))
        return path_open_named(f->path, true, &f->err);
    int root = open(f->named, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return err_set(&f->err, E_INPUT, "cannot open the folder '%s'", f->named);
    int fd = path_open_beneath(root, f->path + n + (f->named[n - 1] != '/'), O_RDONLY, 0, &f->err);
    close(root);
    return fd;
}

static void read_file(void *ctx) {
    struct file_read *f = ctx;
    int fd = open_file(f);
    if (fd < 0)
        return;
    path_read_fd(fd, &f->bytes, READ_BYTES, &f->err);
    close(fd);
}

static void file_was_read(void *ctx) {
    struct file_read *f = ctx;
    struct value bytes = {.kind = VALUE_STR, .len = (uint32_t)f->bytes.len, .s = f->bytes.data};
    struct buf owned = f->bytes;
    struct err err = f->err;
    if (err.code != E_OK)
        request_fail(f->rq, &err);
    else
        request_answer(f->rq, &bytes);
    buf_release(&owned);
    err_release(&err);
}

static void job_read(struct request *rq) {
    const char *path = param_text(rq, "path", true);
    if (!path)
        return;
    const char *named = job_path_named(rq->job, path, PATH_READ);
    if (!named) {
        request_failf(rq, E_DENIED, "plugin '%s' may not read '%s': nobody named it", rq->call->plugin->name, path);
        return;
    }
    struct file_read *f = arena_zalloc(&rq->arena, sizeof *f);
    f->rq = rq;
    f->path = path;
    f->named = arena_strdup(&rq->arena, named);
    buf_init(&f->bytes);
    err_init(&f->err);
    loop_work(rq->host->loop, LANE_FILE, read_file, file_was_read, f);
}

struct file_save {
    struct request *rq;
    const char *path;
    const struct value *text;
    bool replace;
    unsigned mask;
    struct err err;
};

/* What stands there already may be all that there is of a person's work. */
static int may_replace(struct file_save *f) {
    struct stat st;
    if (f->replace || stat(f->path, &st) || !S_ISREG(st.st_mode))
        return 0;
    struct buf there = BUF_INIT;
    int rc = path_read(f->path, &there, READ_BYTES, NULL);
    bool same = !rc && there.len == f->text->len && !memcmp(there.data, f->text->s, there.len);
    buf_release(&there);
    return same ? 0 : err_set(&f->err, E_OUTPUT, "'%s' is there already and is left alone", f->path);
}

static void save_file(void *ctx) {
    struct file_save *f = ctx;
    struct outfile *out = may_replace(f) ? NULL : outfile_new(f->path, false, f->mask, &f->err);
    if (out && !outfile_write(out, f->text->s, f->text->len, &f->err))
        outfile_commit(out, &f->err);
    outfile_free(out);
}

static void file_was_saved(void *ctx) {
    struct file_save *f = ctx;
    struct err err = f->err;
    if (err.code != E_OK)
        request_fail(f->rq, &err);
    else
        request_answer(f->rq, &value_nil);
    err_release(&err);
}

/* A dry run too: the file is what it was asked for. A folder that was named is no file: exporters write there. */
static void job_save(struct request *rq) {
    const char *path = param_text(rq, "path", true);
    if (!path)
        return;
    const struct value *text = value_get(rq->params, "text");
    const char *named = job_path_named(rq->job, path, PATH_WRITE);
    if (!named || strcmp(named, path) != 0) {
        request_failf(rq, E_DENIED, "plugin '%s' may not write '%s': nobody named it", rq->call->plugin->name, path);
        return;
    }
    if (!value_is(text, VALUE_STR) && !value_is(text, VALUE_BIN)) {
        request_failf(rq, E_USAGE, "'text' wants a string");
        return;
    }
    struct file_save *f = arena_zalloc(&rq->arena, sizeof *f);
    f->rq = rq;
    f->path = path;
    f->text = text;
    f->replace = value_tobool(value_get(rq->params, "replace"), false);
    f->mask = rq->job->options.umask;
    err_init(&f->err);
    loop_work(rq->host->loop, LANE_FILE, save_file, file_was_saved, f);
}

/* ---- another command, inside this job ------------------------------------------------------------------------------ */

struct nested {
    struct request *rq;
    struct contribution *command;
    struct args args;
    struct job *job;
};

static void nested_say(void *ctx, enum log_level level, const char *who, const char *text) {
    struct job *root = ctx;
    if (root->front->say)
        root->front->say(root->front_ctx, level, who, text);
}

static const struct front nested_front = {.say = nested_say};

static void nested_done(void *ctx, struct job *job, const struct job_result *result) {
    struct nested *n = ctx;
    (void)job;
    if (result->err)
        request_fail(n->rq, result->err);
    else
        request_answer(n->rq, result->value);
}

static void nested_start(void *ctx, const struct err *err) {
    struct nested *n = ctx;
    struct request *rq = n->rq;
    if (err) {
        request_fail(rq, err);
    } else if (!rq->job) {
        request_answer(rq, &value_nil);
    } else {
        job_start(rq->host, n->command, &n->args, &rq->job->options, &nested_front, job_root(rq->job), rq->job,
                  nested_done, n);
    }
}

enum { NESTING_MAX = 16 };

static void call_command(struct request *rq) {
    struct err err;
    err_init(&err);
    const char *name = param_text(rq, "name", true);
    if (!name)
        return;
    unsigned depth = 0;
    for (struct job *j = rq->job; j; j = j->parent)
        depth++;
    struct nested *n = arena_zalloc(&rq->arena, sizeof *n);
    n->rq = rq;
    n->command = registry_find(rq->host->registry, "command", name);
    const struct command_spec *spec = NULL;
    int rc = 0;
    if (depth > NESTING_MAX)
        rc = err_set(&err, E_PLUGIN, "commands call each other more than %d deep", NESTING_MAX);
    else if (!n->command)
        rc = registry_unknown(rq->host->registry, "command", name, &err);
    if (!rc)
        rc = registry_usable(n->command, &err);
    if (!rc && !(spec = contribution_spec(rq->host->registry, n->command, &err)))
        rc = -(int)err.code;
    if (!rc)
        spec = options_for_values(rq->host->registry, &rq->arena, n->command, spec, value_get(rq->params, "args"));
    if (!rc)
        rc = args_from_value(&rq->arena, spec, value_get(rq->params, "args"), rq->job->options.cwd, &n->args, &err);
    if (!rc) {
        n->args.npaths = 0; /* only a person's naming a path grants it */
        resolve_args(rq->host, &rq->arena, &n->args, nested_start, n);
    } else {
        request_fail(rq, &err);
    }
    err_release(&err);
}

/* ---- evaluating ---------------------------------------------------------------------------------------------------- */

static void evaluated(void *ctx, const struct value *result, const struct err *err) {
    struct request *rq = ctx;
    if (err)
        request_fail(rq, err);
    else
        request_answer(rq, value_get(result, "value"));
}

static void host_eval(struct request *rq) {
    const char *code = param_text(rq, "code", true), *name = "user";
    if (!code)
        return;
    if (value_is(value_get(rq->params, "plugin"), VALUE_STR))
        name = value_get(rq->params, "plugin")->s;
    struct plugin *plugin = registry_plugin(rq->host->registry, name);
    if (!plugin && !strcmp(name, "user"))
        plugin = rq->call->plugin; /* no init.lua: the plugin that asks will do */
    if (!plugin) {
        request_failf(rq, E_USAGE, "unknown plugin '%s'; lectern plugins lists them", name);
        return;
    }
    if (plugin->state != PLUGIN_OK) {
        request_fail(rq, &plugin->err);
        return;
    }
    struct value *what = arena_alloc(&rq->arena, sizeof *what);
    *what = value_map(&rq->arena, 4);
    value_set(&rq->arena, what, "kind", value_lit("eval"));
    value_set(&rq->arena, what, "name", value_lit("eval"));
    value_set(&rq->arena, what, "what", value_lit("run"));
    value_set(&rq->arena, what, "code", value_lit(code));
    call_start(rq->host, rq->job, plugin, what, CALL_COMMAND_MS, evaluated, rq);
}

const struct primitive api_job[] = {
    {"job.emit", NULL, OUTSIDE_EFFECT, job_emit, "{items}", "nil",
     "results of a command, or records of an importer, as they come"},
    {"job.commit", "notes.write", OUTSIDE_EFFECT, job_commit, "{}", "{run, operations}",
     "apply what was collected so far"},
    {"job.ask", NULL, OUTSIDE_EFFECT, job_ask, "{text, choices?, default?}", "string or nil",
     "ask the person; nil where there is none"},
    {"job.edit", NULL, OUTSIDE_EFFECT, job_edit, "{text, name}", "string or nil", "the person's editor on this text"},
    {"job.stdin", NULL, OUTSIDE_EFFECT, job_stdin, "{max?}", "bytes or nil", "more of standard input; nil at its end"},
    {"job.open", NULL, true, job_open, "{url}", "{status} or nil", "open an http address in the person's browser"},
    {"job.read", NULL, NO_EFFECT, job_read, "{path}", "bytes", "a file that the person named, at most 16 MiB"},
    {"job.save", NULL, OUTSIDE_EFFECT, job_save, "{path, text, replace?}", "nil",
     "write a file that the person named to be written; one that is there only with replace"},
    {"job.write", NULL, OUTSIDE_EFFECT, job_write, "{text}", "nil", "text for standard output, as it comes"},
    {"call", NULL, JOB_EFFECT, call_command, "{name, args}", "value", "another command, inside this job"},
    {"host.eval", "eval", OUTSIDE_EFFECT, host_eval, "{code, plugin?}", "value",
     "evaluate Lua in plugin user, or the one named"},
};
const size_t api_job_count = sizeof api_job / sizeof *api_job;
