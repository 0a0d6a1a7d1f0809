/* fakehost.c - a host that plays one scene, for the tests of the client.
 *
 * Installed as lecternd beside a copy of lectern. It speaks the wire protocol and nothing else: the first word after
 * the globals names a scene below. FAKE_START makes it misbehave before it listens, FAKE_SERVE=close makes it hang up
 * on everybody, FAKE_PROTOCOL speak another protocol. It gives up after 20 seconds without a message, so that no test
 * can hang on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/msgpack.h"
#include "base/place.h"
#include "base/version.h"
#include "fakehost_wire.h"

static void pause_ms(int ms) {
    struct timespec t = {ms / 1000, (ms % 1000) * 1000000L};
    nanosleep(&t, NULL);
}

static const char *word(size_t i) {
    return i < h.count ? h.words[i] : "";
}

/* ---- scenes ---------------------------------------------------------------------------------------------------- */

/* As little as a command can do: two bytes, in one write with the answer. */
static void scene_two(void) {
    struct buf b = BUF_INIT;
    rpc_write_notification(&b, "out");
    msgpack_write_array(&b, 2);
    msgpack_write_int(&b, 1);
    msgpack_write_str(&b, "2\n", 2);
    put_exit(&b, 0);
    transmit(&b);
    buf_release(&b);
}

static void scene_exit(void) {
    finish(atoi(word(1)));
}

static void scene_facts(void) {
    struct buf b = BUF_INIT;
    json_write(&b, h.params);
    buf_addc(&b, '\n');
    out(1, b.data, b.len);
    buf_release(&b);
    finish(0);
}

static void scene_order(void) {
    char line[32];
    for (int i = 1; i <= atoi(word(1)); i++) {
        snprintf(line, sizeof line, "%d\n", i);
        outs(i % 2 ? 1 : 2, line);
    }
    finish(0);
}

/* flood BYTES: a counting pattern, until done or cancelled. */
static void scene_flood(void) {
    long long left = atoll(word(1));
    char bytes[PIECE];
    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 63; i < sizeof bytes; i += 64) {
        bytes[i] = '\n';
    }
    for (; left > 0 && !h.cancelled; left -= PIECE) {
        out(1, bytes, left < PIECE ? (size_t)left : PIECE);
    }
    char line[96];
    snprintf(line, sizeof line, "most unacknowledged: %zu%s%s\n", h.most_unacked, h.cancelled ? ", cancelled: " : "",
             h.cancelled ? h.cancelled : "");
    outs(2, line);
    finish(h.cancelled ? 130 : 0);
}

static void scene_wait(void) {
    outs(2, "waiting\n");
    while (!h.cancelled) {
        take_notification();
    }
    outs(2, "cancelled: ");
    outs(2, h.cancelled);
    outs(2, "\n");
    finish(130);
}

/* Never answers; leaves a mark when the client has hung up. */
static void mark_end(void) {
    FILE *f = fopen(word(1), "w");
    if (f) {
        fputs("gone\n", f);
        fclose(f);
    }
}

static void scene_stubborn(void) {
    outs(2, "waiting\n");
    atexit(mark_end);
    char bytes[512];
    while (read(h.fd, bytes, sizeof bytes) > 0) {
    }
    exit(0);
}

static void begin_ask(struct buf *b) {
    rpc_write_request(b, h.next_id, "ask");
    msgpack_write_array(b, 1);
    size_t choices = h.count > 3 ? h.count - 3 : 0;
    msgpack_write_map(b, 1u + (*word(2) ? 1u : 0u) + (choices ? 1u : 0u));
    msgpack_write_str(b, "text", 4);
    msgpack_write_str(b, word(1), strlen(word(1)));
    if (*word(2)) {
        msgpack_write_str(b, "default", 7);
        msgpack_write_str(b, word(2), strlen(word(2)));
    }
    if (choices) {
        msgpack_write_str(b, "choices", 7);
        msgpack_write_array(b, (uint32_t)choices);
        for (size_t i = 3; i < h.count; i++) {
            msgpack_write_str(b, h.words[i], strlen(h.words[i]));
        }
    }
}

/* ask TEXT [DEFAULT [CHOICE...]] */
static void scene_ask(void) {
    struct buf b = BUF_INIT;
    begin_ask(&b);
    struct rpc m = ask_client(&b, h.next_id++);
    buf_addf(&b, "answer=<%s>\n", value_cstr(m.result, "nil"));
    out(1, b.data, b.len);
    buf_release(&b);
    finish(h.cancelled ? 130 : 0);
}

/* Asks and goes away without waiting for the answer, like a deadline. */
static void scene_deadline(void) {
    struct buf b = BUF_INIT;
    begin_ask(&b);
    rpc_write_request(&b, h.next_id + 1, "stdin");
    msgpack_write_array(&b, 1);
    msgpack_write_int(&b, 1000);
    transmit(&b);
    pause_ms(100);
    finish(124);
    buf_release(&b);
}

/* One piece of stdin into P, at most MAX; 0 at its end. */
static size_t read_client(char *p, size_t max) {
    struct buf b = BUF_INIT;
    rpc_write_request(&b, h.next_id, "stdin");
    msgpack_write_array(&b, 1);
    msgpack_write_int(&b, (int64_t)max);
    struct rpc m = ask_client(&b, h.next_id++);
    buf_release(&b);
    if (m.error->kind != VALUE_NIL) {
        outs(2, value_cstr(m.error, "?"));
        return 0;
    }
    if (m.result->kind != VALUE_BIN) {
        return 0;
    }
    memcpy(p, m.result->s, m.result->len);
    return m.result->len;
}

static void scene_cat(void) {
    char bytes[PIECE];
    size_t n;
    while ((n = read_client(bytes, sizeof bytes)) > 0) {
        out(1, bytes, n);
    }
    finish(0);
}

/* Sums stdin. */
static void scene_count(void) {
    char bytes[64 * 1024];
    unsigned long long total = 0;
    for (size_t n; (n = read_client(bytes, sizeof bytes)) > 0;) {
        total += n;
    }
    char line[64];
    snprintf(line, sizeof line, "%llu\n", total);
    outs(1, line);
    finish(0);
}

/* exec WORDS... */
static void scene_exec(void) {
    struct buf b = BUF_INIT;
    rpc_write_request(&b, h.next_id, "exec");
    msgpack_write_array(&b, 1);
    msgpack_write_map(&b, 2);
    msgpack_write_str(&b, "argv", 4);
    msgpack_write_array(&b, (uint32_t)h.count - 1);
    for (size_t i = 1; i < h.count; i++) {
        msgpack_write_str(&b, h.words[i], strlen(h.words[i]));
    }
    msgpack_write_str(&b, "cwd", 3);
    const char *cwd = value_cstr(value_get(h.params, "cwd"), "/");
    msgpack_write_str(&b, cwd, strlen(cwd));
    struct rpc m = ask_client(&b, h.next_id++);
    buf_addf(&b, "status=%lld %s\n", (long long)value_toint(value_get(m.result, "status"), -1),
             value_cstr(m.error, ""));
    out(1, b.data, b.len);
    buf_release(&b);
    finish(h.cancelled ? 130 : 0);
}

/* page LINES [wait] */
static void scene_page(void) {
    notify("pager", NULL);
    char line[32];
    for (int i = 1; i <= atoi(word(1)) && !h.cancelled; i++) {
        snprintf(line, sizeof line, "line %d\n", i);
        outs(1, line);
    }
    while (*word(2) && !h.cancelled) {
        take_notification();
    }
    finish(h.cancelled ? 130 : 0);
}

/* progress UPDATES: two milliseconds each, then a line of output. */
static void scene_progress(void) {
    char text[64];
    for (int i = 1; i <= atoi(word(1)); i++) {
        snprintf(text, sizeof text, "step %d %s", i, word(2));
        notify("progress", text);
        pause_ms(2);
    }
    outs(1, "result\n");
    finish(0);
}

/* Progress and a message while a question is open. */
static void scene_busyask(void) {
    struct buf b = BUF_INIT;
    h.words[1] = "Go?";
    h.count = 2;
    begin_ask(&b);
    transmit(&b);
    notify("progress", "step 1");
    struct rpc m = take();
    buf_addf(&b, "answer=<%s>\n", value_cstr(m.result, "nil"));
    out(1, b.data, b.len);
    buf_release(&b);
    finish(0);
}

static void scene_die(void) {
    outs(1, "partial\n");
    _exit(3);
}

static void scene_garbage(void) {
    struct buf b = BUF_INIT;
    buf_add(&b, "\xc1\xc1\xc1\xc1", 4);
    transmit(&b);
    buf_release(&b);
    pause_ms(200);
}

static void scene_unknown(void) {
    struct buf b = BUF_INIT;
    rpc_write_request(&b, h.next_id, "no.such.method");
    msgpack_write_array(&b, 0);
    struct rpc m = ask_client(&b, h.next_id++);
    buf_addf(&b, "%s\n", value_cstr(m.error, "none"));
    out(1, b.data, b.len);
    buf_release(&b);
    finish(0);
}

/* fail: run itself fails, as for a peer that may not run commands */
static void scene_fail(void) {
    struct buf b = BUF_INIT;
    struct err err;
    err_init(&err);
    err_set(&err, E_DENIED, "no command for you");
    rpc_write_error(&b, h.run_id, &err);
    transmit(&b);
    err_release(&err);
    buf_release(&b);
}

static const struct {
    const char *name;
    void (*play)(void);
} scenes[] = {
    {"two", scene_two},           {"exit", scene_exit},         {"facts", scene_facts},       {"order", scene_order},
    {"flood", scene_flood},       {"wait", scene_wait},         {"stubborn", scene_stubborn}, {"ask", scene_ask},
    {"deadline", scene_deadline}, {"cat", scene_cat},           {"count", scene_count},       {"exec", scene_exec},
    {"page", scene_page},         {"progress", scene_progress}, {"busyask", scene_busyask},   {"die", scene_die},
    {"garbage", scene_garbage},   {"unknown", scene_unknown},   {"fail", scene_fail},
};

static void play(void) {
    const struct value *argv = value_get(h.params, "argv");
    size_t scene_at = 0;
    while (scene_at < argv->len && value_cstr(value_at(argv, scene_at), "-")[0] == '-') {
        scene_at++;
    }
    h.count = argv->len - scene_at;
    h.words = arena_zalloc(&h.kept, (h.count + 2) * sizeof *h.words);
    for (size_t i = 0; i < h.count; i++) {
        h.words[i] = value_cstr(value_at(argv, scene_at + i), "");
    }
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        if (strcmp(scenes[i].name, word(0)) == 0) {
            scenes[i].play();
            return;
        }
    }
    scene_facts();
}

/* ---- connections ----------------------------------------------------------------------------------------------- */

static bool greet(const struct rpc *m, struct buf *b) {
    const char *protocol = getenv("FAKE_PROTOCOL");
    if (protocol && strcmp(protocol, "refuse") == 0) {
        struct err err;
        err_init(&err);
        err_set(&err, E_VERSION, "this daemon is version 9.9, the client %s",
                value_cstr(value_get(value_at(m->params, 0), "version"), "?"));
        rpc_write_error(b, m->id, &err);
        err_release(&err);
        return false;
    }
    rpc_write_result(b, m->id);
    msgpack_write_map(b, 1);
    msgpack_write_str(b, "protocol", 8);
    msgpack_write_int(b, protocol ? atoi(protocol) : LECTERN_PROTOCOL);
    return true;
}

static void serve(int fd) {
    h.fd = fd;
    h.next_id = 1;
    buf_init(&h.first);
    h.unacked = h.most_unacked = 0;
    h.cancelled = NULL;
    msgpack_stream_init(&h.in, &msgpack_limits_default);
    struct rpc hello = take();
    bool welcome = greet(&hello, &h.first);
    struct rpc run = take();
    h.run_id = run.id;
    struct value params = value_copy(&h.kept, value_at(run.params, 0));
    h.params = &params;
    if (welcome) {
        play();
    } else {
        take();
    }
    msgpack_stream_release(&h.in);
    arena_clear(&h.kept);
    buf_release(&h.first);
    close(fd);
}

/* The lock is held until the process ends: of two that start at once, one listens. */
static int listen_at(const char *path) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    char lock[sizeof a.sun_path + 8];
    snprintf(lock, sizeof lock, "%s.lock", path);
    if (flock(open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600), LOCK_EX | LOCK_NB) != 0) {
        fprintf(stderr, "fakehost: another one listens at '%s'\n", path);
        exit(75);
    }
    const char *how = getenv("FAKE_START");
    if (how && strcmp(how, "slow") == 0) {
        pause_ms(300);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(path);
    strncpy(a.sun_path, path, sizeof a.sun_path - 1);
    if (bind(fd, (const struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 64) != 0) {
        perror(path);
        exit(75);
    }
    return fd;
}

static void daemon_loop(const struct place *p) {
    mkdir(p->runtime, 0700);
    int listener = listen_at(p->socket);
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        struct pollfd ready = {.fd = listener, .events = POLLIN};
        if (poll(&ready, 1, 3 * PATIENCE_MS) != 1) {
            exit(0);
        }
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) {
            continue;
        }
        const char *how = getenv("FAKE_SERVE");
        if (how && strcmp(how, "close") == 0) {
            close(fd);
            continue;
        }
        /* A scene may end its process. FAKE_ONE=1 is for timing: no fork. */
        if (getenv("FAKE_ONE")) {
            serve(fd);
        } else if (fork() == 0) {
            close(listener);
            serve(fd);
            _exit(0);
        } else {
            close(fd);
        }
    }
}

static void misbehave(void) {
    const char *how = getenv("FAKE_START");
    if (how && strcmp(how, "refuse") == 0) {
        fputs("lecternd: init.lua is no plugin\n", stderr);
        exit(78);
    }
    if (how && strcmp(how, "crash") == 0) {
        raise(SIGKILL);
    }
}

int main(int argc, char **argv) {
    const char *store = NULL, *config = NULL;
    int private_fd = -1;
    for (int i = 1; i < argc; i++) {
        if (i + 1 < argc && strcmp(argv[i], "--private") == 0) {
            private_fd = atoi(argv[++i]);
        } else if (i + 1 < argc && strcmp(argv[i], "--store") == 0) {
            store = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--config") == 0) {
            config = argv[++i];
        }
    }
    if (getenv("FAKE_ARGV")) {
        for (int i = 0; i < argc; i++) {
            fprintf(stderr, "<%s>", argv[i]);
        }
        fputc('\n', stderr);
        return 0;
    }
    misbehave();
    if (private_fd >= 0) {
        serve(private_fd);
        return 0;
    }
    struct place p = {0};
    struct err err;
    char cwd[4096];
    err_init(&err);
    if (place_find(&p, place_getenv, NULL, getcwd(cwd, sizeof cwd), store, config, &err) != 0) {
        fprintf(stderr, "fakehost: %s\n", err.message);
        return err_status(err.code);
    }
    daemon_loop(&p);
    return 0;
}
