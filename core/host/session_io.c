/* session_io.c - bytes and questions between a session and its client: an ordered output queue with credits, stdin on demand, editors. */
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "host/session_priv.h"

enum { EDIT_BYTES = 16 * 1024 * 1024 };

void session_io_init(struct session *s) {
    s->last = &s->first;
}

void session_drop_output(struct session *s) {
    while (s->first) {
        struct segment *g = s->first;
        s->first = g->next;
        buf_release(&g->bytes);
        mem_free(g);
    }
    s->last = &s->first;
}

void session_io_release(struct session *s) {
    session_drop_output(s);
    session_requests_drop(s);
}

static void send_chunk(struct session *s, struct segment *g, size_t n) {
    struct arena a = ARENA_INIT;
    struct value params = value_array(&a, 2);
    value_push(&a, &params, value_int(g->fd));
    value_push(&a, &params, (struct value){.kind = VALUE_BIN, .len = (uint32_t)n, .s = g->bytes.data + g->at});
    conn_notify(s->peer->conn, "out", &params);
    arena_release(&a);
    g->at += n;
    s->unacked += n;
}

static void answer_waiting(struct session *s) {
    while (s->waiting && !s->first && s->unacked < SESSION_WINDOW) {
        struct waiting *w = s->waiting;
        struct request *rq = w->rq;
        s->waiting = w->next;
        mem_free(w);
        request_answer(rq, &value_nil);
    }
}

void session_pump(struct session *s) {
    if (!s->peer) {
        session_drop_output(s);
        if (s->finished && !s->job)
            session_free(s);
        return;
    }
    while (s->first && s->unacked < SESSION_WINDOW) {
        struct segment *g = s->first;
        size_t room = SESSION_WINDOW - s->unacked, n = g->bytes.len - g->at;
        if (n > SESSION_CHUNK)
            n = SESSION_CHUNK;
        if (n > room)
            n = room;
        send_chunk(s, g, n);
        if (g->at < g->bytes.len)
            continue;
        s->first = g->next;
        if (!s->first)
            s->last = &s->first;
        buf_release(&g->bytes);
        mem_free(g);
    }
    answer_waiting(s);
    if (!s->finished || s->first)
        return;
    struct arena a = ARENA_INIT;
    struct value result = value_map(&a, 2);
    value_set(&a, &result, "exit", value_int(s->exit));
    value_set(&a, &result, "error", value_nil);
    conn_answer(s->peer->conn, s->id, &result);
    arena_release(&a);
    session_free(s);
}

void session_out(struct session *s, int fd, const char *p, size_t n) {
    if (!n || !s->peer || (fd == 1 && s->stdout_closed))
        return;
    struct segment *tail = s->first;
    while (tail && tail->next)
        tail = tail->next;
    if (!tail || tail->fd != fd || tail->bytes.len > SESSION_WINDOW) {
        struct segment *g = mem_alloc(sizeof *g);
        g->fd = fd;
        buf_init(&g->bytes);
        *s->last = g;
        s->last = &g->next;
        tail = g;
    }
    buf_add(&tail->bytes, p, n);
    if (!s->finished)
        session_pump(s);
}

void session_ack(struct session *s, const struct value *params) {
    int64_t n = value_toint(value_at(params, 0), 0);
    s->unacked -= n > 0 && (size_t)n <= s->unacked ? (size_t)n : s->unacked;
    session_pump(s);
}

void session_answer_when_room(struct session *s, struct request *rq) {
    if (!s->peer || (!s->first && s->unacked < SESSION_WINDOW)) {
        request_answer(rq, &value_nil);
        return;
    }
    struct waiting *w = mem_alloc(sizeof *w), **at = &s->waiting;
    *w = (struct waiting){.rq = rq, .session = s};
    while (*at)
        at = &(*at)->next;
    *at = w;
}

void session_requests_drop(struct session *s) {
    while (s->waiting) {
        struct waiting *w = s->waiting;
        s->waiting = w->next;
        request_answer(w->rq, &value_nil);
        mem_free(w);
    }
}

/* ---- questions ---------------------------------------------------------------------------------------------------- */

static void passed_on(void *ctx, const struct value *result, const struct err *err) {
    struct request *rq = ctx;
    if (err)
        request_fail(rq, err);
    else
        request_answer(rq, result);
}

static void pass_on(struct session *s, struct request *rq, const char *method, struct value param) {
    struct value params = value_array(&rq->arena, 1);
    value_push(&rq->arena, &params, param);
    if (s->peer)
        conn_request(s->peer->conn, method, &params, passed_on, rq);
    else
        request_answer(rq, &value_nil);
}

void session_ask(void *ctx, struct request *rq) {
    pass_on(ctx, rq, "ask", *rq->params);
}

/* Addresses open in the person's own browser; anything else could start any program. */
void session_open(void *ctx, struct request *rq) {
    struct session *s = ctx;
    struct arena *a = &rq->arena;
    const char *url = param_text(rq, "url", true);
    if (!url)
        return;
    if (strncmp(url, "https://", 8) && strncmp(url, "http://", 7)) {
        request_failf(rq, E_USAGE, "only http and https addresses are opened, not '%s'", url);
        return;
    }
    struct value argv = value_array(a, 2), m = value_map(a, 2);
    value_push(a, &argv, value_lit("xdg-open"));
    value_push(a, &argv, value_lit(url));
    value_set(a, &m, "argv", argv);
    value_set(a, &m, "cwd", value_lit(s->cwd));
    pass_on(s, rq, "exec", m);
}

void session_stdin(void *ctx, struct request *rq) {
    int64_t max = value_toint(value_get(rq->params, "max"), SESSION_CHUNK);
    if (max < 1 || max > 1024 * 1024)
        max = 1024 * 1024;
    pass_on(ctx, rq, "stdin", value_int(max));
}

/* ---- editors ------------------------------------------------------------------------------------------------------ */

void session_edit_keep(struct session *s) {
    if (!s->edit_path)
        return;
    struct buf line = BUF_INIT;
    buf_addf(&line, "your text is kept in %s\n", s->edit_path);
    session_out(s, 2, line.data, line.len);
    buf_release(&line);
    mem_free(s->edit_path);
    s->edit_path = NULL;
}

void session_edit_release(struct session *s) {
    if (!s->edit_path)
        return;
    if (s->finished && s->peer)
        unlink(s->edit_path); /* else the person left in the middle: their text stays */
    mem_free(s->edit_path);
    s->edit_path = NULL;
}

static const char *session_editor(const struct session *s) {
    const char *editor = session_env(s, "VISUAL");
    if (!editor)
        editor = session_env(s, "EDITOR");
    return editor ? editor : "vi";
}

struct editing {
    struct request *rq;
    struct session *session;
    const struct value *file; /* theirs, or NULL */
};

/* Is the word NAME among WORDS, which stand between blanks? */
static bool among(const char *name, size_t n, const char *words) {
    for (const char *p = words; n && (p = strstr(p, name)) != NULL; p++) {
        if (p[-1] == ' ' && p[n] == ' ')
            return true;
    }
    return false;
}

/* "$1", or how this editor is told the line as well. */
static const char *editor_place(const struct session *s, struct arena *a, int64_t line) {
    const char *editor = session_editor(s);
    size_t n = strcspn(editor, " ");
    const char *name = path_base(arena_dup(a, editor, n));
    if (line < 2)
        return "\"$1\"";
    if (among(name, strlen(name), " vi vim nvim view nano pico emacs emacsclient jmacs joe micro kak mg ne vis "))
        return "+\"$2\" \"$1\"";
    if (among(name, strlen(name), " code codium vscodium "))
        return "--goto \"$1:$2\"";
    if (among(name, strlen(name), " hx helix subl zed "))
        return "\"$1:$2\"";
    return "\"$1\"";
}

static void run_editor(struct session *s, struct arena *a, const char *path, int64_t line,
                       void (*done)(void *ctx, const struct value *result, const struct err *err), struct editing *e) {
    struct value argv = value_array(a, 6), m = value_map(a, 2), params = value_array(a, 1);
    value_push(a, &argv, value_lit("sh"));
    value_push(a, &argv, value_lit("-c"));
    value_push(a, &argv, value_strf(a, "%s %s", session_editor(s), editor_place(s, a, line)));
    value_push(a, &argv, value_lit("lectern-edit"));
    value_push(a, &argv, value_lit(path));
    value_push(a, &argv, value_strf(a, "%lld", (long long)line));
    value_set(a, &m, "argv", argv);
    value_set(a, &m, "cwd", value_lit(s->cwd));
    value_push(a, &params, m);
    conn_request(s->peer->conn, "exec", &params, done, e);
}

static void edited(void *ctx, const struct value *result, const struct err *err) {
    struct editing *e = ctx;
    struct request *rq = e->rq;
    struct buf text = BUF_INIT;
    struct err own;
    err_init(&own);
    int64_t status = value_toint(value_get(result, "status"), -1);
    if (!rq->call) {
        request_answer(rq, &value_nil); /* the session may be gone too */
    } else if (err) {
        request_fail(rq, err);
    } else if (status == 127) {
        request_failf(rq, E_UNAVAILABLE, "the editor '%s' was not found; set EDITOR to one that is there",
                      session_editor(e->session));
    } else if (status != 0) {
        request_failf(rq, E_CANCELLED, "the editor ended with status %lld: nothing was changed", (long long)status);
    } else if (e->file) {
        request_answer(rq, e->file);
    } else if (path_read(e->session->edit_path, &text, EDIT_BYTES, &own)) {
        request_fail(rq, &own);
    } else if (text_utf8_valid(text.data, text.len) != text.len) {
        request_failf(rq, E_DATA, "what the editor saved is not UTF-8");
    } else {
        struct value v = value_litn(text.data, text.len);
        request_answer(rq, &v);
    }
    buf_release(&text);
    err_release(&own);
}

/* The text in a file of our own, then the person's editor on it, in their terminal. */
void session_edit(void *ctx, struct request *rq) {
    struct session *s = ctx;
    struct err err;
    struct buf path = BUF_INIT;
    char id[UUID_TEXT + 1];
    struct uuid unique = uuid4();
    if (!s->peer) {
        request_answer(rq, &value_nil);
        return;
    }
    const char *text = param_text(rq, "text", true);
    if (!text)
        return;
    err_init(&err);
    uuid_text(&unique, id);
    session_edit_release(s);
    path_join(&path, s->peer->host->place.runtime, "edit-");
    buf_addf(&path, "%.8s-", id);
    const char *name = value_cstr(value_get(rq->params, "name"), "note.md");
    size_t stem;
    const char *extension = path_extension(path_base(name), &stem);
    text_slug(&path, path_base(name), stem, 40);
    buf_addc(&path, '.');
    if (*extension)
        text_slug(&path, extension, strlen(extension), 16);
    else
        buf_adds(&path, "md");
    int rc = path_mkdirs(s->peer->host->place.runtime, 0700, &err);
    if (!rc)
        rc = path_write_atomic(path.data, text, value_get(rq->params, "text")->len, 0600, &err);
    if (rc) {
        request_fail(rq, &err);
    } else {
        s->edit_path = buf_take(&path);
        struct editing *e = arena_alloc(&rq->arena, sizeof *e);
        *e = (struct editing){rq, s, NULL};
        run_editor(s, &rq->arena, s->edit_path, 0, edited, e);
    }
    buf_release(&path);
    err_release(&err);
}

void session_edit_file(void *ctx, struct request *rq, const struct value *file) {
    struct session *s = ctx;
    if (!s->peer) {
        request_answer(rq, &value_nil);
        return;
    }
    struct editing *e = arena_alloc(&rq->arena, sizeof *e);
    *e = (struct editing){rq, s, file};
    run_editor(s, &rq->arena, value_cstr(value_get(file, "path"), ""), value_toint(value_get(file, "line"), 0), edited,
               e);
}
