/* churn SOCKET SECONDS CLIENTS SEED - many clients at a daemon, most of them rude.
 *
 * Each connection plays one part: a polite run; one that leaves, cancels, stops reading, sends half a message or garbage; many calls at
 * once. Who waits for an answer must get one within PATIENCE_S. Prints what happened; exits with 1 where somebody waited in vain. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msgpack.h"
#include "base/version.h"

enum { CLIENTS_MAX = 256, WORDS_MAX = 6, PATIENCE_S = 40 };

enum part { POLITE, LEAVES, CANCELS, LAZY, HALF, GARBAGE, CALLS, FLOOD, TWICE, MUTE, PARTS };
static const char *const part_names[PARTS] = {"polite", "leaves", "cancels", "lazy", "half", "garbage", "calls", "flood", "twice", "mute"};

static const char *const commands[][WORDS_MAX] = {
    {"churn.fast"}, {"churn.fast"}, {"churn.fast", "--json"}, {"churn.nap"}, {"churn.emit"}, {"churn.emit", "--json"}, {"churn.big"},
    {"churn.spin", "--timeout", "200ms"}, {"churn.nap", "--timeout", "10ms"}, {"churn.hog"}, {"churn.error"}, {"churn.nest", "3"},
    {"churn.nest", "30"}, {"churn.ask"}, {"churn.stdin"}, {"churn.edit"}, {"churn.log"}, {"churn.state"}, {"churn.deep"}, {"churn.lies"},
    {"churn-notes.put"}, {"churn-notes.put", "--dry-run"}, {"churn-notes.commit"}, {"churn-notes.both"}, {"list", "--json"},
    {"search", "churn"}, {"daemon", "status"}, {"--version"}, {"help"}, {"churn.fast", "--help"}, {"nonsense"}, {"churn.nest", "--x"},
    {"plugins"}, {"runs", "--json"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

struct client {
    int fd; /* -1: none */
    enum part part;
    const char *command;
    struct msgpack_stream in;
    struct buf out;
    uint64_t leave_us, cancel_us, since_us; /* 0: never */
    unsigned expected;                      /* answers still to come */
};

static struct client clients[CLIENTS_MAX];
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static unsigned seed, begun[PARTS], answered, failed, dropped, in_vain;
static uint64_t end_us;

static unsigned chance(unsigned n) {
    return (unsigned)rand_r(&seed) % n;
}

/* ---- what clients say ------------------------------------------------------------------------------------------------ */

static void add_hello(struct buf *out) {
    rpc_write_request(out, 1, "lectern.hello");
    msgpack_write_array(out, 1);
    msgpack_write_map(out, 1);
    msgpack_write_str(out, "role", 4);
    msgpack_write_str(out, "rpc", 3);
}

static void add_run(struct buf *out, int64_t id, const char *const *words) {
    uint32_t n = 0;
    while (n < WORDS_MAX && words[n]) n++;
    rpc_write_request(out, id, "run");
    msgpack_write_array(out, 1);
    msgpack_write_map(out, 6);
    msgpack_write_str(out, "argv", 4);
    msgpack_write_array(out, n);
    for (uint32_t i = 0; i < n; i++) msgpack_write_str(out, words[i], strlen(words[i]));
    msgpack_write_str(out, "cwd", 3);
    msgpack_write_str(out, "/tmp", 4);
    msgpack_write_str(out, "umask", 5);
    msgpack_write_int(out, 18);
    msgpack_write_str(out, "env", 3);
    msgpack_write_map(out, 1);
    msgpack_write_str(out, "EDITOR", 6);
    msgpack_write_str(out, "true", 4);
    msgpack_write_str(out, "tty", 3);
    msgpack_write_array(out, 3);
    for (int i = 0; i < 3; i++) msgpack_write_bool(out, chance(2));
    msgpack_write_str(out, "width", 5);
    msgpack_write_int(out, (int64_t)chance(200) - 20);
}

static void add_call(struct buf *out, int64_t id, const char *name) {
    rpc_write_request(out, id, chance(8) ? "lectern.call" : "lectern.describe");
    msgpack_write_array(out, 2);
    msgpack_write_str(out, name, strlen(name));
    msgpack_write_map(out, 0);
}

static void add_number(struct buf *out, const char *method, int64_t n) {
    rpc_write_notification(out, method);
    msgpack_write_array(out, 1);
    msgpack_write_int(out, n);
}

static void play(struct client *c) {
    static const char *const called[] = {"churn.fast", "churn.nap", "churn.error", "churn.emit", "churn.state", "list", "nonsense"};
    const char *const *words = commands[chance(COMMANDS)];
    uint64_t now = clock_mono_us();
    c->command = words[0];
    c->part = (enum part)chance(PARTS + 4);
    if (c->part >= PARTS) c->part = POLITE;
    begun[c->part]++;
    c->since_us = now;
    if (chance(2)) add_hello(&c->out), c->expected++;
    if (c->part == CALLS || c->part == FLOOD) {
        unsigned n = c->part == FLOOD ? 600 : 1 + chance(20);
        for (unsigned i = 0; i < n; i++) add_call(&c->out, 100 + i, called[c->part == FLOOD ? 0 : chance(sizeof called / sizeof *called)]);
        c->expected += n;
        if (chance(3) == 0) c->leave_us = now + 1 + chance(300000);
    } else {
        add_run(&c->out, 2, words);
        c->expected++;
        if (c->part == TWICE) add_run(&c->out, 3, commands[chance(COMMANDS)]), c->expected++;
    }
    if (c->part == LEAVES || c->part == LAZY || c->part == MUTE) c->leave_us = now + 1 + chance(400000);
    if (c->part == CANCELS) c->cancel_us = now + 1 + chance(200000);
    if (c->part == HALF) c->out.len = 1 + chance((unsigned)c->out.len - 1), c->leave_us = now + 1 + chance(100000);
    if (c->part == GARBAGE) {
        for (unsigned i = chance(20) + 1; i; i--) c->out.data[chance((unsigned)c->out.len)] = (char)chance(256);
        c->leave_us = now + 1 + chance(200000);
    }
}

/* ---- what they hear ---------------------------------------------------------------------------------------------------- */

static void answer(struct client *c, const struct rpc *r) {
    static char stuff[70000];
    rpc_write_result(&c->out, r->id);
    if (strcmp(r->method, "stdin") == 0) {
        if (chance(4)) msgpack_write_bin(&c->out, stuff, chance(sizeof stuff));
        else msgpack_write_nil(&c->out);
    } else if (strcmp(r->method, "exec") == 0) {
        msgpack_write_map(&c->out, 1);
        msgpack_write_str(&c->out, "status", 6);
        msgpack_write_int(&c->out, (int64_t)chance(2));
    } else if (chance(3)) {
        msgpack_write_str(&c->out, "yes", 3);
    } else {
        msgpack_write_int(&c->out, 7); /* nonsense */
    }
}

static void hear(struct client *c, const struct value *v) {
    struct rpc r;
    if (rpc_parse(v, &r, NULL)) {
        fprintf(stderr, "the daemon sent something that is no message\n");
        exit(1);
    }
    if (r.type == RPC_RESPONSE) {
        if (c->expected) c->expected--;
        if (value_is(r.error, VALUE_NIL)) answered++;
        else failed++;
    } else if (r.type == RPC_REQUEST) {
        if (c->part != MUTE) answer(c, &r);
    } else if (strcmp(r.method, "out") == 0 && c->part != LAZY) {
        add_number(&c->out, "ack", chance(50) ? value_at(r.params, 1)->len : (int64_t)chance(2000000) - 1000000);
    }
}

static void hang_up(struct client *c) {
    close(c->fd);
    msgpack_stream_release(&c->in);
    buf_release(&c->out);
    *c = (struct client){.fd = -1};
}

static void read_some(struct client *c) {
    static char chunk[65536];
    static struct arena a;
    struct value v;
    ssize_t n = recv(c->fd, chunk, sizeof chunk, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        if (c->part != GARBAGE && c->expected) dropped++;
        hang_up(c);
        return;
    }
    msgpack_stream_feed(&c->in, chunk, (size_t)n);
    while (msgpack_stream_next(&c->in, &a, &v, NULL) == 1) {
        hear(c, &v);
        arena_clear(&a);
    }
    arena_release(&a);
    if (!c->expected && c->part != GARBAGE) hang_up(c);
}

static void write_some(struct client *c) {
    size_t want = chance(4) ? c->out.len : 1 + chance((unsigned)c->out.len);
    ssize_t n = send(c->fd, c->out.data, want, MSG_NOSIGNAL);
    if (n > 0) buf_drop(&c->out, (size_t)n);
    else if (n < 0 && errno != EAGAIN && errno != EINTR) buf_clear(&c->out); /* reading says the rest */
}

static bool come(struct client *c) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
        if (fd >= 0) close(fd);
        return false;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    *c = (struct client){.fd = fd};
    msgpack_stream_init(&c->in, &msgpack_limits_default);
    buf_init(&c->out);
    play(c);
    return true;
}

static void watch(struct client *c, uint64_t now) {
    if (c->cancel_us && now >= c->cancel_us) {
        static const char *const reasons[] = {"interrupt", "terminated", "output closed", "output failed", ""};
        const char *reason = reasons[chance(5)];
        c->cancel_us = 0;
        rpc_write_notification(&c->out, "cancel");
        msgpack_write_array(&c->out, 1);
        msgpack_write_str(&c->out, reason, strlen(reason));
    }
    if (c->leave_us && now >= c->leave_us) {
        if (chance(3) == 0) shutdown(c->fd, SHUT_WR);
        hang_up(c);
    } else if (!c->leave_us && now > c->since_us + PATIENCE_S * 1000000ull) {
        fprintf(stderr, "%s waits in vain: '%s', %u answers to come\n", part_names[c->part], c->command, c->expected);
        in_vain++;
        hang_up(c);
    }
}

static unsigned turn(unsigned n, bool more) {
    struct pollfd polls[CLIENTS_MAX];
    unsigned open = 0;
    uint64_t now = clock_mono_us();
    for (unsigned i = 0; i < n; i++) {
        struct client *c = &clients[i];
        if (c->fd < 0 && more && chance(3) == 0 && !come(c) && errno != EAGAIN) exit(1);
        if (c->fd >= 0) watch(c, now);
        bool listens = c->fd >= 0 && (c->part != LAZY || chance(20) == 0);
        polls[i] = (struct pollfd){c->fd, (short)((listens ? POLLIN : 0) | (c->fd >= 0 && c->out.len ? POLLOUT : 0)), 0};
        open += c->fd >= 0;
    }
    poll(polls, n, 5);
    for (unsigned i = 0; i < n; i++) {
        if (clients[i].fd >= 0 && (polls[i].revents & POLLOUT)) write_some(&clients[i]);
        if (clients[i].fd >= 0 && (polls[i].revents & (POLLIN | POLLHUP | POLLERR))) read_some(&clients[i]);
    }
    return open;
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "usage: churn SOCKET SECONDS CLIENTS SEED\n"), 64;
    unsigned n = (unsigned)atoi(argv[3]);
    if (n > CLIENTS_MAX || strlen(argv[1]) >= sizeof address.sun_path) return 64;
    strcpy(address.sun_path, argv[1]);
    seed = (unsigned)atoi(argv[4]);
    for (unsigned i = 0; i < CLIENTS_MAX; i++) clients[i].fd = -1;
    end_us = clock_mono_us() + (uint64_t)atoi(argv[2]) * 1000000;
    while (turn(n, clock_mono_us() < end_us) || clock_mono_us() < end_us) continue;
    for (unsigned i = 0; i < PARTS; i++) printf("%s %u, ", part_names[i], begun[i]);
    printf("answered %u, refused %u, dropped %u, in vain %u\n", answered, failed, dropped, in_vain);
    return in_vain || dropped || !answered ? 1 : 0;
}
