/* services.c - the host's requests.
 *
 * The one idea: an answer is written where it is known and sent by whoever waits next, so nothing here blocks but a
 * program that the person is using. Knows nothing of how a run begins or ends.
 */
#include "client/services.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client/program.h"

enum { STDIN_BYTES = 64 * 1024, MOST_ARGUMENTS = 256 };

void services_init(struct services *s, struct link *link, struct terminal *terminal, struct output *output) {
    *s = (struct services){.link = link, .terminal = terminal, .output = output, .stdin_id = -1};
    prompt_init(&s->prompt);
}

void services_release(struct services *s) {
    prompt_release(&s->prompt);
}

static void answer_nil(struct services *s, int64_t id) {
    rpc_write_result(&s->link->out, id);
    msgpack_write_nil(&s->link->out);
}

static void answer_error(struct services *s, int64_t id, enum err_code code, const char *what) {
    struct err err;
    err_init(&err);
    err_set(&err, code, "%s", what);
    rpc_write_error(&s->link->out, id, &err);
    err_release(&err);
}

/* ---- standard input -------------------------------------------------------------------------------------------- */

static void on_stdin(struct services *s, const struct rpc *m) {
    if (s->stdin_id >= 0) {
        answer_error(s, m->id, E_USAGE, "stdin is being read already");
        return;
    }
    int64_t max = value_toint(value_at(m->params, 0), STDIN_BYTES);
    s->stdin_id = m->id;
    s->stdin_max = max > 0 && max < STDIN_BYTES ? (size_t)max : STDIN_BYTES;
}

int services_stdin(const struct services *s) {
    return s->stdin_id >= 0 ? STDIN_FILENO : -1;
}

void services_read_stdin(struct services *s) {
    static char bytes[STDIN_BYTES];
    ssize_t n = read(STDIN_FILENO, bytes, s->stdin_max);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (n > 0) {
        rpc_write_result(&s->link->out, s->stdin_id);
        msgpack_write_bin(&s->link->out, bytes, (size_t)n);
    } else if (n == 0 || errno == EIO) { /* EIO: the terminal is gone */
        answer_nil(s, s->stdin_id);
    } else {
        struct err err;
        err_init(&err);
        err_set(&err, E_INPUT, "cannot read standard input: %s", strerror(errno));
        rpc_write_error(&s->link->out, s->stdin_id, &err);
        err_release(&err);
    }
    s->stdin_id = -1;
}

/* ---- questions ------------------------------------------------------------------------------------------------- */

static void on_ask(struct services *s, const struct rpc *m) {
    if (prompt_fd(&s->prompt) >= 0) {
        answer_error(s, m->id, E_USAGE, "another question is being asked");
        return;
    }
    output_yield(s->output);
    if (s->link->cancelled || !prompt_open(&s->prompt, s->terminal, value_at(m->params, 0))) {
        answer_nil(s, m->id);
        return;
    }
    s->prompt.id = m->id;
    s->output->progress.held = true;
}

int services_prompt(const struct services *s) {
    return prompt_fd(&s->prompt);
}

static void close_prompt(struct services *s, bool unanswered) {
    prompt_close(&s->prompt, unanswered);
    s->output->progress.held = false;
    progress_passed(&s->output->progress, '\n');
}

void services_read_prompt(struct services *s) {
    const char *answer = NULL;
    enum prompt_result result = prompt_read(&s->prompt, &answer);
    if (result == PROMPT_MORE) {
        return;
    }
    if (result == PROMPT_ANSWER) {
        rpc_write_result(&s->link->out, s->prompt.id);
        msgpack_write_str(&s->link->out, answer, strlen(answer));
    } else {
        answer_nil(s, s->prompt.id);
    }
    close_prompt(s, result == PROMPT_NONE);
}

void services_give_up(struct services *s) {
    if (prompt_fd(&s->prompt) >= 0) {
        answer_nil(s, s->prompt.id);
        close_prompt(s, true);
    }
}

/* ---- programs -------------------------------------------------------------------------------------------------- */

static size_t program_words(const struct value *list, char *argv[MOST_ARGUMENTS]) {
    size_t n = 0;
    while (list->kind == VALUE_ARRAY && n < list->len && n + 1 < MOST_ARGUMENTS) {
        const char *word = value_cstr(value_at(list, n), NULL);
        if (!word) {
            return 0;
        }
        argv[n++] = (char *)word;
    }
    argv[n] = NULL;
    return n;
}

static void on_exec(struct services *s, const struct rpc *m) {
    const struct value *what = value_at(m->params, 0);
    char *argv[MOST_ARGUMENTS];
    if (program_words(value_get(what, "argv"), argv) == 0) {
        answer_error(s, m->id, E_USAGE, "exec needs argv, a list of strings");
        return;
    }
    struct err err;
    int status;
    err_init(&err);
    output_yield(s->output);
    if (program_run(argv, value_cstr(value_get(what, "cwd"), NULL), s->terminal, &status, &err) == 0) {
        rpc_write_result(&s->link->out, m->id);
        msgpack_write_map(&s->link->out, 1);
        msgpack_write_str(&s->link->out, "status", 6);
        msgpack_write_int(&s->link->out, status);
    } else {
        rpc_write_error(&s->link->out, m->id, &err);
    }
    err_release(&err);
}

void services_handle(struct services *s, const struct rpc *m) {
    if (strcmp(m->method, "stdin") == 0) {
        on_stdin(s, m);
    } else if (strcmp(m->method, "ask") == 0) {
        on_ask(s, m);
    } else if (strcmp(m->method, "exec") == 0) {
        on_exec(s, m);
    } else {
        answer_error(s, m->id, E_USAGE, "the client knows no such method");
    }
}
