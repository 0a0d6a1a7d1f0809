/* run.c - the run loop.
 *
 * The one idea: messages are handled one at a time and in order, and only three things may be awaited besides the
 * host: a signal, typed or piped input that the host asked for, and a person leaving the pager. Knows the names of the
 * messages and nothing of commands.
 */
#include "client/run.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/version.h"
#include "client/link.h"
#include "client/output.h"
#include "client/request.h"
#include "client/say.h"
#include "client/services.h"
#include "client/signals.h"

enum { TERMINATED_US = 1000 * 1000 };

struct run {
    const struct words *words;
    char cwd[PATH_MAX];
    struct link link;
    struct terminal terminal;
    struct output output;
    struct services services;
    uint64_t leave_us; /* after SIGTERM: when to stop waiting for the host, 0: not yet */
    bool answered;     /* hello was */
    bool done;
    int status;
};

static void finish(struct run *r, int status) {
    r->done = true;
    r->status = status;
}

/* ---- what the host says ---------------------------------------------------------------------------------------- */

static void on_out(struct run *r, const struct rpc *m) {
    int64_t fd = value_toint(value_at(m->params, 0), 0);
    const struct value *bytes = value_at(m->params, 1);
    bool text = bytes->kind == VALUE_STR || bytes->kind == VALUE_BIN;
    if ((fd == STDOUT_FILENO || fd == STDERR_FILENO) && text) {
        output_put(&r->output, (int)fd, bytes->s, bytes->len);
    }
}

static void on_progress(struct run *r, const struct rpc *m) {
    const struct value *text = value_at(m->params, 0);
    if (text->kind == VALUE_STR) {
        progress_set(&r->output.progress, text->s, text->len);
    }
}

static void on_notification(struct run *r, const struct rpc *m) {
    if (strcmp(m->method, "out") == 0) {
        on_out(r, m);
    } else if (strcmp(m->method, "progress") == 0) {
        on_progress(r, m);
    } else if (strcmp(m->method, "pager") == 0) {
        output_page(&r->output);
    }
}

/* A daemon that speaks another protocol can still be told to go, where its process can be seen (pid 0: it cannot). */
static int other_version(struct run *r, struct err *err) {
    bool stop = r->words->who == WORDS_DAEMON_STOP && !r->link.private_host && r->link.peer > 1;
    if (stop && kill(r->link.peer, SIGTERM) == 0) {
        return say_result("lectern stopped (pid %d)", (int)r->link.peer);
    }
    err_hint(err, "restart the daemon: lectern daemon stop");
    return say_error(err);
}

static void on_failure(struct run *r, const struct rpc *m) {
    struct err err;
    err_init(&err);
    rpc_error_to_err(m->error, &err);
    output_yield(&r->output);
    finish(r, err.code == E_VERSION ? other_version(r, &err) : say_error(&err));
    err_release(&err);
}

static void on_hello(struct run *r, const struct rpc *m) {
    r->answered = true;
    int64_t theirs = value_toint(value_get(m->result, "protocol"), 0);
    if (theirs == LECTERN_PROTOCOL) {
        return;
    }
    struct err err;
    err_init(&err);
    err_set(&err, E_VERSION, "the host speaks protocol %lld, this client %d", (long long)theirs, LECTERN_PROTOCOL);
    finish(r, other_version(r, &err));
    err_release(&err);
}

static void on_response(struct run *r, const struct rpc *m) {
    if (m->error->kind != VALUE_NIL) {
        on_failure(r, m);
    } else if (m->id == REQUEST_HELLO) {
        on_hello(r, m);
    } else if (m->id == REQUEST_RUN) {
        int64_t status = value_toint(value_get(m->result, "exit"), 70);
        finish(r, status >= 0 && status <= 255 ? (int)status : 70);
    }
}

/* Everything that has arrived. */
static void handle_messages(struct run *r) {
    struct err err;
    struct rpc m;
    int rc = 0;
    err_init(&err);
    while (!r->done && (rc = link_next(&r->link, &m, &err)) == 1) {
        if (m.type == RPC_RESPONSE) {
            on_response(r, &m);
        } else if (m.type == RPC_REQUEST) {
            services_handle(&r->services, &m);
        } else {
            on_notification(r, &m);
        }
        output_interrupted(&r->output);
    }
    if (rc < 0) {
        err.code = E_INTERNAL;
        err_prefix(&err, "the host broke the protocol");
        output_yield(&r->output);
        finish(r, say_error(&err));
    }
    err_release(&err);
}

/* ---- waiting --------------------------------------------------------------------------------------------------- */

enum { FROM_HOST, FROM_SIGNALS, FROM_PAGER, FROM_STDIN, FROM_TERMINAL, SOURCES };

static int timeout_ms(const struct run *r) {
    int ms = progress_timeout(&r->output.progress);
    if (r->leave_us == 0) {
        return ms;
    }
    uint64_t now = clock_mono_us();
    int left = now >= r->leave_us ? 0 : (int)((r->leave_us - now) / 1000 + 1);
    return ms >= 0 && ms < left ? ms : left;
}

static void send_request(struct run *r) {
    const struct request request = {r->words->count, r->words->all, r->cwd, &r->terminal, r->link.private_host};
    request_hello(&r->link.out);
    request_run(&r->link.out, &request);
    link_flush(&r->link);
}

/* A daemon that was about to end took the connection and never read the request, so it has done nothing: a private host
 * can. */
static bool start_over(struct run *r) {
    if (r->link.private_host || !r->link.unread || r->answered || r->link.cancelled) {
        return false;
    }
    struct err err;
    err_init(&err);
    link_release(&r->link, NULL);
    link_init(&r->link);
    if (link_start(&r->link, r->words, &err) == 0) {
        send_request(r);
    } else {
        finish(r, say_error(&err));
    }
    err_release(&err);
    return true;
}

static void on_host_end(struct run *r) {
    if (start_over(r)) {
        return;
    }
    output_yield(&r->output);
    int status;
    bool ours = r->link.private_host && !r->answered;
    link_release(&r->link, &status);
    if (ours && status > 0) {
        say_warning("lecternd ended with status %d before it answered", status);
        finish(r, status);
        return;
    }
    say_warning("the host ended unexpectedly (what was acknowledged is saved)");
    finish(r, 70);
}

static void on_signals(struct run *r) {
    signals_drain();
    /* the host hears that it is cancelled before it hears that there is no answer */
    bool leave = output_interrupted(&r->output);
    services_give_up(&r->services);
    if (leave && !signals_terminated()) {
        finish(r, 130);
    } else if (leave && r->leave_us == 0) {
        r->leave_us = clock_mono_us() + TERMINATED_US;
    }
}

static void wait_for_something(struct run *r) {
    struct pollfd fds[SOURCES] = {
        [FROM_HOST] = {.fd = r->link.fd, .events = POLLIN},
        [FROM_SIGNALS] = {.fd = signals_fd(), .events = POLLIN},
        [FROM_PAGER] = {.fd = r->output.pager.fd},
        [FROM_STDIN] = {.fd = services_stdin(&r->services), .events = POLLIN},
        [FROM_TERMINAL] = {.fd = services_prompt(&r->services), .events = POLLIN},
    };
    poll(fds, SOURCES, timeout_ms(r));
    if (fds[FROM_SIGNALS].revents) {
        on_signals(r);
    }
    if (fds[FROM_PAGER].revents && r->output.pager.pid != 0) {
        output_pager_left(&r->output);
    }
    if (fds[FROM_STDIN].revents) {
        services_read_stdin(&r->services);
    }
    if (fds[FROM_TERMINAL].revents && services_prompt(&r->services) >= 0) {
        services_read_prompt(&r->services);
    }
    if (r->leave_us != 0 && clock_mono_us() >= r->leave_us) {
        finish(r, 130);
    }
    if (!r->done && fds[FROM_HOST].revents && !link_fill(&r->link)) {
        on_host_end(r);
    }
    progress_draw(&r->output.progress);
}

static int loop(struct run *r) {
    for (;;) {
        handle_messages(r);
        if (r->done) {
            return r->status;
        }
        link_flush(&r->link);
        wait_for_something(r);
    }
}

/* ---- beginning and end ----------------------------------------------------------------------------------------- */

static int open_run(struct run *r, struct err *err) {
    if (!getcwd(r->cwd, sizeof r->cwd)) {
        err_set(err, E_INPUT, "cannot tell the current folder: %s", strerror(errno));
        return err_hint(err, "cd to a folder that exists");
    }
    int rc = link_open(&r->link, r->words, r->cwd, err);
    if (rc != 0) {
        return rc;
    }
    signals_start();
    send_request(r);
    return 0;
}

/* The person who closed the output, or whom the host heard cancelling, knows how it ended. */
static int exit_status(const struct run *r, int status) {
    if (r->output.failed) {
        return err_status(E_OUTPUT);
    }
    if (signals_interrupts() > 0 && r->output.closed) {
        return 130;
    }
    return r->output.closed && status == 130 ? 0 : status;
}

int run_words(const struct words *w) {
    struct run r;
    r.words = w;
    r.leave_us = 0;
    r.answered = r.done = false;
    r.status = 0;
    struct err err;
    err_init(&err);
    terminal_init(&r.terminal);
    link_init(&r.link);
    output_init(&r.output, &r.link, &r.terminal);
    services_init(&r.services, &r.link, &r.terminal, &r.output);
    int status = open_run(&r, &err) == 0 ? loop(&r) : say_error(&err);
    link_close(&r.link);
    output_yield(&r.output);
    status = exit_status(&r, status);
    services_release(&r.services);
    output_release(&r.output);
    link_release(&r.link, NULL);
    terminal_release(&r.terminal);
    err_release(&err);
    return status;
}
