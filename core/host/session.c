/* session.c - one `run` of the shell client: from what was typed to the exit status.
 *
 * The one idea: the host renders, the client copies. Parsing, help, errors and results all end as bytes for stdout or stderr in one ordered queue
 * (session_io.c) that respects how fast the client reads.
 */
#include "host/session_priv.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/version.h"
#include "host/help.h"
#include "host/options.h"
#include "host/resolve.h"

enum { PROGRESS_BYTES = 512 };

void session_free(struct session *s) {
    if (s->peer)
        s->peer->session = NULL;
    session_io_release(s);
    session_edit_release(s);
    arena_release(&s->arena);
    mem_free(s);
}

void session_finish(struct session *s, int status) {
    s->exit = status;
    s->finished = true;
    session_pump(s);
}

static struct render_options render_options_of(const struct session *s) {
    return (struct render_options){
        .format = s->globals.json    ? RENDER_JSON
                  : s->globals.jsonl ? RENDER_JSONL
                                     : RENDER_TEXT,
        .terminal = s->tty[1],
        .color = s->color,
        .planned = s->globals.dry_run,
        .width = s->width,
        .columns = s->spec ? s->spec->columns : NULL,
        .ncolumns = s->spec ? s->spec->ncolumns : 0,
        .cwd = s->cwd,
    };
}

void session_fail(struct session *s, const struct err *err) {
    struct buf out = BUF_INIT;
    s->failed = true;
    bool quiet_cancel = err->code == E_CANCELLED && s->stdout_closed;
    if ((s->globals.json || s->globals.jsonl) && !quiet_cancel) {
        render_error_json(&out, err);
        session_out(s, 1, out.data, out.len);
    } else if (!quiet_cancel) {
        render_error(&out, err, s->color_err, s->globals.verbose, s->tty[2]);
        session_out(s, 2, out.data, out.len);
    }
    session_edit_keep(s);
    buf_release(&out);
    session_finish(s, err_status(err->code));
}

/* ---- the front of its job ---------------------------------------------------------------------------------------- */

/* `--format` of a command that has it as text: the items by that template, in place of a table. */
static const char *format_of(const struct session *s) {
    const struct arg_spec *arg = spec_arg(s->spec, "format");
    return arg && arg->flag && arg->type == ARG_STRING ? value_cstr(value_get(&s->args.map, "format"), NULL) : NULL;
}

static int print_items(struct session *s, const struct value *items, struct err *err) {
    struct buf out = BUF_INIT;
    struct render_options o = render_options_of(s);
    const char *format = o.format == RENDER_TEXT ? format_of(s) : NULL;
    char end = value_tobool(value_get(&s->args.map, "null"), false) ? '\0' : '\n';
    int rc = 0;
    o.continued = s->emitted;
    if (format)
        rc = render_format(&out, format, s->spec->returns, items, end, s->tty[1], err);
    else
        render_value(&out, s->spec->returns, items, &o);
    session_out(s, 1, out.data, out.len);
    buf_release(&out);
    return rc;
}

static void on_emit(void *ctx, struct request *rq, const struct value *items) {
    struct session *s = ctx;
    struct err err;
    struct value checked;
    err_init(&err);
    if (shape_check(s->spec->returns, items, &rq->arena, &checked, &err)) {
        err_prefix(&err, "command '%s'", s->spec->name);
        request_fail(rq, &err);
    } else if (s->globals.json && s->arena.used > JOB_BYTES) {
        request_failf(rq, E_PLUGIN, "a command returns at most %d MiB", JOB_BYTES >> 20);
    } else if (s->globals.json) {
        if (s->collected.kind != VALUE_ARRAY)
            s->collected = value_array(&s->arena, checked.len);
        for (size_t i = 0; i < checked.len; i++)
            value_push(&s->arena, &s->collected, value_copy(&s->arena, value_at(&checked, i)));
        request_answer(rq, &value_nil);
    } else {
        int rc = print_items(s, &checked, &err);
        s->emitted = true;
        if (rc)
            request_fail(rq, &err);
        else
            session_answer_when_room(s, rq);
    }
    err_release(&err);
}

static void on_write(void *ctx, struct request *rq, const char *text, size_t n) {
    struct session *s = ctx;
    s->emitted = true;
    if (s->tty[1]) {
        struct buf out = BUF_INIT;
        render_text(&out, text, n, s->color);
        session_out(s, 1, out.data, out.len);
        buf_release(&out);
    } else {
        session_out(s, 1, text, n);
    }
    session_answer_when_room(s, rq);
}

static void on_say(void *ctx, enum log_level level, const char *who, const char *text) {
    struct session *s = ctx;
    if (s->globals.quiet ? level < LOG_ERROR : level < (s->globals.verbose ? LOG_DEBUG : LOG_WARN))
        return;
    struct buf out = BUF_INIT;
    buf_addf(&out, "%s: %s: ", who, level == LOG_WARN ? "warning" : log_level_name(level));
    render_text(&out, text, strlen(text), s->color_err);
    buf_addc(&out, '\n');
    session_out(s, 2, out.data, out.len);
    buf_release(&out);
}

static void on_progress(void *ctx, double done, double total, const char *text) {
    struct session *s = ctx;
    if (!s->tty[2] || s->globals.quiet || !s->peer)
        return;
    if (conn_pending(s->peer->conn) > SESSION_CHUNK)
        return; /* a line that the next one replaces may get lost */
    struct buf line = BUF_INIT;
    struct arena a = ARENA_INIT;
    if (total > 0 && total < 1e15 && done >= 0 && done <= total)
        buf_addf(&line, "%.0f/%.0f  ", done, total);
    render_text(&line, text, text_utf8_cut(text, strlen(text), PROGRESS_BYTES), false);
    struct value params = value_array(&a, 1);
    value_push(&a, &params, value_litn(line.data, line.len));
    conn_notify(s->peer->conn, "progress", &params);
    arena_release(&a);
    buf_release(&line);
}

static const struct front front = {
    .emit = on_emit,
    .write = on_write,
    .say = on_say,
    .progress = on_progress,
    .ask = session_ask,
    .edit = session_edit,
    .edit_file = session_edit_file,
    .read_stdin = session_stdin,
    .open = session_open,
};

static void show_text(struct session *s, const char *text) {
    struct buf out = BUF_INIT;
    if (s->tty[1])
        render_text(&out, text, strlen(text), s->color);
    else
        buf_adds(&out, text);
    if (out.len && out.data[out.len - 1] != '\n')
        buf_addc(&out, '\n');
    session_out(s, 1, out.data, out.len);
    buf_release(&out);
}

static int show_value(struct session *s, const struct job_result *result, struct err *err) {
    const struct value *v = result->value;
    bool json = s->globals.json || s->globals.jsonl, nothing = value_is(v, VALUE_ARRAY) && !v->len;
    if (json && nothing && s->collected.kind == VALUE_ARRAY)
        v = &s->collected;
    if (!json && result->text && !format_of(s)) {
        show_text(s, result->text);
    } else if (!json && s->spec->returns->name && !strcmp(s->spec->returns->name, "run_report")) {
        struct buf out = BUF_INIT;
        struct render_options o = render_options_of(s);
        render_run_report(&out, v, s->globals.dry_run, &o);
        session_out(s, 1, out.data, out.len);
        buf_release(&out);
    } else if (!(s->emitted && nothing && !s->globals.json)) {
        return print_items(s, v, err);
    }
    return 0;
}

static void job_ended(void *ctx, struct job *job, const struct job_result *result) {
    struct session *s = ctx;
    struct err err;
    (void)job;
    s->job = NULL;
    session_requests_drop(s);
    err_init(&err);
    if (!s->peer)
        session_free(s);
    else if (result->err)
        session_fail(s, result->err);
    else if (show_value(s, result, &err))
        session_fail(s, &err);
    else
        session_finish(s, result->exit);
    err_release(&err);
}

static void start_job(struct session *s) {
    struct job_options o = {
        .dry_run = s->globals.dry_run,
        .verbose = s->globals.verbose,
        .interactive = s->tty[0] && s->tty[2],
        .color = s->color && !s->globals.json && !s->globals.jsonl,
        .text = !s->globals.json && !s->globals.jsonl,
        .tty = {s->tty[0], s->tty[1], s->tty[2]},
        .width = (int64_t)s->width,
        .timeout_ms = s->globals.timeout_ms > 0 ? s->globals.timeout_ms : 0,
        .umask = (unsigned)value_toint(value_get(s->params, "umask"), 077),
        .cwd = s->cwd,
    };
    bool page = s->spec->pager && s->tty[1] && !s->globals.no_pager && !s->globals.json && !s->globals.jsonl;
    if (page)
        conn_notify(s->peer->conn, "pager", &(struct value){.kind = VALUE_ARRAY});
    s->job = job_start(s->peer->host, s->command, &s->args, &o, &front, s, NULL, job_ended, s);
    if (s->cancelled)
        session_cancel(s, "");
}

static void resolved(void *ctx, const struct err *err) {
    struct session *s = ctx;
    struct registry *r = s->host->registry;
    struct err own;
    err_init(&own);
    if (!err && s->host->stopping)
        err_set(&own, E_UNAVAILABLE, "the host is ending");
    if (!s->peer)
        session_free(s);
    else if (err || own.code != E_OK)
        session_fail(s, err ? err : &own);
    else
        start_job(s);
    registry_release(r);
}

/* ---- from words to a command ------------------------------------------------------------------------------------- */

static const struct command_spec *lookup(void *ctx, const char *name) {
    struct session *s = ctx;
    struct contribution *c = registry_find(s->peer->host->registry, "command", name);
    return c ? contribution_spec(s->peer->host->registry, c, NULL) : NULL;
}

static void print_version(struct session *s) {
    struct buf out = BUF_INIT;
    if (s->globals.json || s->globals.jsonl) {
        struct value v = value_map(&s->arena, 4);
        value_set(&s->arena, &v, "version", value_lit(LECTERN_VERSION));
        value_set(&s->arena, &v, "contract", value_int(LECTERN_CONTRACT));
        value_set(&s->arena, &v, "api", value_int(LECTERN_API));
        value_set(&s->arena, &v, "schema", value_int(store_schema()));
        json_write(&out, &v);
        buf_addc(&out, '\n');
    } else {
        buf_addf(&out, "lectern %s\n", LECTERN_VERSION);
    }
    session_out(s, 1, out.data, out.len);
    buf_release(&out);
    session_finish(s, 0);
}

static void print_overview(struct session *s) {
    size_t n, k = 0;
    struct registry *r = s->peer->host->registry;
    struct contribution **all = registry_all(r, &n);
    const struct command_spec **specs = arena_alloc(&s->arena, (n + 1) * sizeof *specs);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(all[i]->kind, "command") || all[i]->plugin->state != PLUGIN_OK)
            continue;
        const struct command_spec *spec = contribution_spec(r, all[i], NULL);
        if (spec)
            specs[k++] = spec;
    }
    struct buf out = BUF_INIT;
    help_overview(&out, specs, k, s->width, s->color);
    session_out(s, 1, out.data, out.len);
    buf_release(&out);
    session_finish(s, 0);
}

static void print_help(struct session *s) {
    struct buf out = BUF_INIT;
    help_command(&out, s->spec, s->width, s->color);
    session_out(s, 1, out.data, out.len);
    buf_release(&out);
    session_finish(s, 0);
}

static int unknown_command(struct session *s, const char *const *words, size_t n, struct err *err) {
    size_t count;
    struct contribution **all = registry_all(s->peer->host->registry, &count);
    const char **names = arena_alloc(&s->arena, (count + 1) * sizeof *names);
    size_t k = 0;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(all[i]->kind, "command"))
            names[k++] = all[i]->name;
    args_unknown_command(words, n, names, k, err);
    struct plugin **plugins = registry_plugins(s->peer->host->registry, &count);
    for (size_t i = 0; i < count; i++) /* it may be one that did not load */
        if (plugins[i]->state == PLUGIN_REFUSED && !value_is(plugins[i]->contributions, VALUE_ARRAY))
            return err_hint(err, "plugin '%s' did not load: %s%s%s", plugins[i]->name, plugins[i]->err.message,
                            plugins[i]->err.at[0] ? ", " : "", plugins[i]->err.at);
    return -(int)err->code;
}

/* Globals, command, usable, arguments; prints by itself what needs no job. 1: done already. */
static int understand(struct session *s, struct err *err) {
    const char *const *words;
    size_t n, used;
    int rc = args_words(&s->arena, s->argv, &words, &n, err);
    if (!rc)
        rc = args_globals(words, n, &s->globals, &used, err);
    s->color =
        s->globals.color == ARGS_COLOR_ALWAYS || (s->globals.color == ARGS_COLOR_AUTO && s->tty[1] && !s->no_color);
    s->color_err =
        s->globals.color == ARGS_COLOR_ALWAYS || (s->globals.color == ARGS_COLOR_AUTO && s->tty[2] && !s->no_color);
    if (rc)
        return rc;
    words += used;
    n -= used;
    if (s->globals.version)
        return print_version(s), 1;
    if (!n)
        return print_overview(s), 1;
    s->spec = args_command(words, n, lookup, s, &used);
    if (!s->spec)
        return unknown_command(s, words, n, err);
    s->command = registry_find(s->peer->host->registry, "command", s->spec->name);
    s->spec = options_for_words(s->peer->host->registry, &s->arena, s->command, s->spec, words + used, n - used);
    rc = args_parse(&s->arena, s->spec, words + used, n - used, s->cwd, &s->globals, &s->args, err);
    if (rc)
        return rc;
    if (s->globals.help)
        return print_help(s), 1;
    return registry_usable(s->command, err);
}

static void registry_ready(void *ctx) {
    struct session *s = ctx;
    struct err err;
    if (!s->peer) {
        session_free(s);
        return;
    }
    err_init(&err);
    int rc = understand(s, &err);
    if (rc < 0) {
        session_fail(s, &err);
    } else if (!rc) {
        registry_hold(s->host->registry); /* the command, until its job is there */
        resolve_args(s->host, &s->arena, &s->args, resolved, s);
    }
    err_release(&err);
}

static const char *env_of(const struct session *s, const char *name) {
    const char *v = value_cstr(value_get(value_get(s->params, "env"), name), NULL);
    return v && *v ? v : NULL;
}

const char *session_env(const struct session *s, const char *name) {
    return env_of(s, name);
}

void session_start(struct peer *peer, int64_t id, const struct value *params) {
    struct err err;
    err_init(&err);
    if (peer->session) {
        err_set(&err, E_BUSY, "this connection is running a command already");
        conn_fail(peer->conn, id, &err);
        return;
    }
    if (peer->stranger)
        return; /* its hello was refused, and it waits for nothing else */
    struct session *s = mem_alloc(sizeof *s);
    arena_init(&s->arena);
    s->host = peer->host;
    s->peer = peer;
    s->id = id;
    struct value *copy = arena_alloc(&s->arena, sizeof *copy);
    *copy = value_copy(&s->arena, value_at(params, 0));
    s->params = copy;
    s->argv = value_get(copy, "argv");
    s->cwd = value_cstr(value_get(copy, "cwd"), "/");
    if (*s->cwd != '/')
        s->cwd = "/";
    int64_t width = value_toint(value_get(copy, "width"), 80);
    s->width = width < 1 ? 80 : width > 1000 ? 1000 : (size_t)width;
    for (size_t i = 0; i < 3; i++)
        s->tty[i] = value_tobool(value_at(value_get(copy, "tty"), i), false);
    const char *term = env_of(s, "TERM");
    s->no_color = env_of(s, "NO_COLOR") != NULL || (term && !strcmp(term, "dumb"));
    session_io_init(s);
    peer->session = s;
    registry_refresh(peer->host->registry, registry_ready, s);
}

void session_cancel(struct session *s, const char *reason) {
    struct err err;
    err_init(&err);
    s->cancelled = true;
    s->stdout_closed |= !strncmp(reason, "output ", 7); /* closed or failed: the client knows what to say */
    if (s->finished) {                                  /* nobody waits for the rest of it */
        session_drop_output(s);
        session_pump(s);
        return;
    }
    if (!s->job)
        return;
    err_set(&err, E_CANCELLED, "cancelled");
    job_cancel(s->job, &err);
}

void session_orphan(struct session *s) {
    s->peer = NULL;
    session_requests_drop(s);
    if (s->job)
        session_cancel(s, "");
    else if (s->finished)
        session_free(s);
}
