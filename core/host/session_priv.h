/* session_priv.h - one run of the shell client: session.c decides, session_io.c talks to the client. */
#ifndef LECTERN_HOST_SESSION_PRIV_H
#define LECTERN_HOST_SESSION_PRIV_H

#include "host/api.h"
#include "host/args.h"
#include "host/job.h"
#include "host/peers.h"
#include "host/render.h"

enum { SESSION_WINDOW = 256 * 1024, SESSION_CHUNK = 64 * 1024 };

struct segment {
    int fd;
    struct buf bytes;
    size_t at; /* sent so far */
    struct segment *next;
};

struct waiting {
    struct request *rq;
    struct session *session; /* NULL: it ended */
    struct waiting *next;
};

struct session {
    struct host *host;
    struct peer *peer; /* NULL: it left */
    int64_t id;
    struct arena arena;
    const struct value *params, *argv;
    const char *cwd;
    bool tty[3], no_color, color, color_err;
    size_t width;
    struct args_globals globals;
    struct contribution *command;
    const struct command_spec *spec;
    struct args args;
    struct job *job;
    struct value collected; /* emitted items, for --json */
    bool emitted, cancelled, finished, failed, stdout_closed;
    int exit;
    struct segment *first, **last; /* output not sent yet */
    size_t unacked;
    struct waiting *waiting; /* emitters to be answered when there is room */
    char *edit_path;         /* the person's text, until it is safe */
};

void session_io_init(struct session *s);
void session_io_release(struct session *s);
void session_out(struct session *s, int fd, const char *p, size_t n);
void session_pump(
    struct session *s); /* send what the window allows; answer `run` and free S once all is sent and it has finished */
void session_drop_output(struct session *s); /* what was not sent yet */
void session_answer_when_room(struct session *s, struct request *rq);
void session_requests_drop(struct session *s); /* their job is over */
void session_ask(void *ctx, struct request *rq);
void session_edit(void *ctx, struct request *rq);
void session_edit_file(void *ctx, struct request *rq, const struct value *file);
void session_stdin(void *ctx, struct request *rq);
void session_open(void *ctx, struct request *rq);
void session_edit_keep(struct session *s);    /* it failed: say where the person's text is */
void session_edit_release(struct session *s); /* remove the file, unless kept */
const char *session_env(const struct session *s, const char *name);
void session_finish(struct session *s, int status);
void session_fail(struct session *s, const struct err *err);
void session_free(struct session *s);

#endif
