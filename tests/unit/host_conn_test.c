/* One connection, and a peer that we play byte by byte: what it may send, in what pieces, and what becomes of us when it does worse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/conn.h"
#include "host_folder.h"

static struct loop *loop;
static struct conn *conn; /* NULL once closed */
static int peer = -1;
static struct arena a = ARENA_INIT;
static struct msgpack_limits small = {.bytes = 1000, .elements = 100, .depth = 8};

/* What the connection told us. */
static unsigned requests, notifications, closes, drains, replies;
static int64_t last_id;
static char last_method[64], last_text[64];
static enum err_code why_closed, reply_code;
static bool reply_has_result, answer_requests, close_in_request, closed_before_reply;

static void on_request(void *ctx, int64_t id, const char *method, const struct value *params) {
    (void)ctx;
    requests++;
    last_id = id;
    snprintf(last_method, sizeof last_method, "%s", method);
    snprintf(last_text, sizeof last_text, "%s", value_cstr(value_at(params, 0), ""));
    if (answer_requests)
        conn_answer(conn, id, value_at(params, 0));
    if (close_in_request) {
        conn_close(conn);
        conn = NULL;
    }
}

static void on_notification(void *ctx, const char *method, const struct value *params) {
    (void)ctx;
    (void)params;
    notifications++;
    snprintf(last_method, sizeof last_method, "%s", method);
}

static void on_closed(void *ctx, const struct err *why) {
    (void)ctx;
    closes++;
    why_closed = why->code;
    conn = NULL;
}

static void on_drained(void *ctx) {
    (void)ctx;
    drains++;
}

static void on_reply(void *ctx, const struct value *result, const struct err *err) {
    (void)ctx;
    replies++;
    closed_before_reply = closes > 0;
    reply_code = err ? err->code : E_OK;
    reply_has_result = value_is(result ? result : &value_nil, VALUE_MAP);
    snprintf(last_text, sizeof last_text, "%s", value_cstr(result ? result : &value_nil, ""));
}

static const struct conn_ops ops = {on_request, on_notification, on_closed, on_drained};

static void open_pair(const struct msgpack_limits *limits) {
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    peer = pair[1];
    fcntl(peer, F_SETFL, O_NONBLOCK);
    conn = conn_new(loop, pair[0], limits, &ops, NULL, NULL);
    assert_non_null(conn);
}

static void stop(void *ctx) {
    (void)ctx;
    loop_stop(loop);
}

/* Let the connection see what was sent. */
static void turn(void) {
    struct timer *t = timer_new(loop, stop, NULL);
    timer_start(t, 3);
    loop_run(loop);
    timer_free(t);
}

static int start(void **state) {
    (void)state;
    requests = notifications = closes = drains = replies = 0;
    why_closed = reply_code = E_OK;
    answer_requests = close_in_request = false;
    loop = loop_new();
    open_pair(&small);
    return 0;
}

static int done(void **state) {
    (void)state;
    conn_close(conn);
    conn = NULL;
    if (peer >= 0)
        close(peer);
    peer = -1;
    loop_free(loop);
    arena_release(&a);
    return 0;
}

static void send_bytes(const void *p, size_t n) {
    assert_int_equal(send(peer, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

static struct buf message(int64_t id, const char *method, const char *text) {
    struct buf b = BUF_INIT;
    struct value params = value_array(&a, 1);
    value_push(&a, &params, value_str(&a, text));
    if (id >= 0)
        rpc_write_request(&b, id, method);
    else
        rpc_write_notification(&b, method);
    msgpack_write(&b, &params);
    return b;
}

static void send_message(int64_t id, const char *method, const char *text) {
    struct buf b = message(id, method, text);
    send_bytes(b.data, b.len);
    buf_release(&b);
}

static size_t receive(char *p, size_t n) {
    ssize_t got = recv(peer, p, n, 0);
    return got > 0 ? (size_t)got : 0;
}

/* ---- in order ----------------------------------------------------------------------------------------------------- */

static void messages_arrive_in_any_pieces(void **state) {
    (void)state;
    struct buf b = message(7, "echo", "hello"), n = message(-1, "note", "x");
    buf_add(&b, n.data, n.len);
    answer_requests = true;
    for (size_t i = 0; i < b.len; i++) {
        send_bytes(b.data + i, 1);
        turn();
    }
    assert_int_equal(requests, 1);
    assert_int_equal(last_id, 7);
    assert_int_equal(notifications, 1);
    assert_string_equal(last_method, "note");
    for (int i = 0; i < 20; i++)
        send_bytes(b.data, b.len); /* many at once */
    turn();
    assert_int_equal(requests, 21);
    assert_int_equal(notifications, 21);
    buf_release(&b);
    buf_release(&n);
    char got[1000];
    struct buf want = BUF_INIT;
    struct value hello = value_lit("hello");
    for (int i = 0; i < 21; i++) {
        rpc_write_result(&want, 7);
        msgpack_write(&want, &hello);
    }
    assert_int_equal(receive(got, sizeof got), want.len);
    assert_memory_equal(got, want.data, want.len);
    buf_release(&want);
}

static int64_t ask(void) {
    struct value none = value_array(&a, 0);
    return conn_request(conn, "question", &none, on_reply, NULL);
}

static void send_result(int64_t id, const char *text) {
    struct buf b = BUF_INIT;
    struct value v = value_str(&a, text);
    rpc_write_result(&b, id);
    msgpack_write(&b, &v);
    send_bytes(b.data, b.len);
    buf_release(&b);
}

static void answers_find_their_question(void **state) {
    (void)state;
    int64_t first = ask(), second = ask();
    assert_int_not_equal(first, second);
    send_result(second, "two");
    turn();
    assert_int_equal(replies, 1);
    assert_string_equal(last_text, "two");
    send_result(first, "one");
    turn();
    assert_string_equal(last_text, "one");
    assert_int_equal(reply_code, E_OK);
}

static void answers_to_nothing_are_dropped(void **state) {
    (void)state;
    int64_t id = ask(), forgotten = ask();
    conn_forget(conn, forgotten);
    conn_forget(conn, forgotten);
    conn_forget(conn, 12345);
    send_result(id + 64, "forged");
    send_result(INT64_MAX, "forged");
    send_result(forgotten, "late");
    send_result(id, "mine");
    send_result(id, "again");
    turn();
    assert_int_equal(replies, 1);
    assert_string_equal(last_text, "mine");
    assert_int_equal(closes, 0);
}

static void a_failure_may_carry_its_details(void **state) {
    (void)state;
    int64_t id = ask();
    struct buf b = BUF_INIT;
    msgpack_write_array(&b, 4);
    msgpack_write_int(&b, 1);
    msgpack_write_int(&b, id);
    msgpack_write_str(&b, "E_DATA: bad", 11);
    msgpack_write_map(&b, 0);
    send_bytes(b.data, b.len);
    buf_release(&b);
    turn();
    assert_int_equal(replies, 1);
    assert_int_equal(reply_code, E_DATA);
    assert_true(reply_has_result);
}

/* ---- the end ------------------------------------------------------------------------------------------------------ */

static void an_end_answers_what_was_asked(void **state) {
    (void)state;
    ask();
    ask();
    send_bytes("\x94\x00", 2); /* half a message */
    turn();
    close(peer);
    peer = -1;
    turn();
    assert_int_equal(replies, 2);
    assert_int_equal(reply_code, E_PEER_KILLED);
    assert_false(closed_before_reply);
    assert_int_equal(closes, 1);
    assert_int_equal(why_closed, E_OK);
}

static void close_means_silence(void **state) {
    (void)state;
    ask();
    conn_close(conn);
    conn_close(conn);
    conn = NULL;
    send(peer, "\xc1", 1, MSG_NOSIGNAL);
    turn();
    assert_int_equal(replies + closes, 0);
    conn_close(NULL);
}

static void close_inside_a_callback(void **state) {
    (void)state;
    struct buf b = message(1, "one", "x"), second = message(2, "two", "x");
    buf_add(&b, second.data, second.len);
    ask();
    close_in_request = true;
    send_bytes(b.data, b.len);
    turn();
    assert_int_equal(requests, 1);
    assert_int_equal(replies + closes, 0);
    buf_release(&b);
    buf_release(&second);
}

static void finish_sends_what_there_is(void **state) {
    (void)state;
    char got[100];
    struct value v = value_lit("bye");
    conn_answer(conn, 1, &v);
    conn_finish(conn);
    conn = NULL;
    turn();
    assert_int_equal(receive(got, sizeof got), 1 + 1 + 1 + 1 + 4);
    assert_int_equal(recv(peer, got, sizeof got, 0), 0);
    assert_int_equal(closes, 0);
}

static void finish_where_nobody_reads(void **state) {
    (void)state;
    struct buf big = BUF_INIT;
    buf_pad(&big, 'x', 3 * 1024 * 1024);
    struct value v = value_litn(big.data, big.len);
    conn_answer(conn, 1, &v);
    conn_finish(conn);
    turn();
    close(peer);
    peer = -1;
    turn();
    conn = NULL;
    assert_int_equal(closes, 0);
    buf_release(&big);
}

/* ---- peers that break the rules ------------------------------------------------------------------------------------- */

static const struct {
    const char *bytes;
    size_t n;
} garbage[] = {
#define G(s)                                                                                                           \
    { s, sizeof s - 1 }
    G("\xc1"),                  /* never used */
    G("\xd4\x01\x01"),          /* an extension */
    G("hello"),                 /* not a message */
    G("\xc0"),                  /* nil */
    G("\x90"),                  /* an empty array */
    G("\x93\x00\x01\xa1x"),     /* a request of three */
    G("\x94\x05\x01\xa1x\x90"), /* an unknown kind */
    G("\x94\x00\xa1"
      "1\xa1x\x90"),                                            /* an id that is no number */
    G("\x94\x00\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xa1x\x90"), /* nor a float */
    G("\x94\x00\x01\x05\x90"),                                  /* a method that is no string */
    G("\x94\x00\x01\xa1x\x80"),                                 /* params that are no array */
    G("\x94\x00\x01\xa1x\xc0"),
    G("\x93\x02\xa1x\xa1y"),
    G("\x84\x00\x01\x02\x03\x04\x05\x06\x07"), /* a map */
    G("\xdb\xff\xff\xff\xff"),                 /* a string of 4 GiB */
    G("\xdd\xff\xff\xff\xff"),                 /* as many elements */
    G("\xdf\x7f\xff\xff\xff"),
    G("\xc6\x00\x00\x04\x00"), /* more than the limit, announced */
    G("\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91"), /* too deep */
    G("\x94\x01\xff\xc0\x01"),                                  /* an answer to a negative id */
    G("\x94\x00\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa1x\x90"), /* an id beyond int64 */
#undef G
};

static void garbage_ends_the_connection(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        closes = replies = 0;
        ask();
        send_bytes(garbage[i].bytes, garbage[i].n);
        turn();
        if (closes != 1 || why_closed != E_DATA || replies != 1)
            fail_msg("garbage %zu: closed %u times, code %d, %u replies", i, closes, (int)why_closed, replies);
        close(peer);
        open_pair(&small);
    }
    assert_int_equal(requests, 0);
}

static void too_much_is_refused_while_it_comes(void **state) {
    (void)state;
    struct buf b = message(1, "x", "");
    buf_release(&b);
    b = (struct buf)BUF_INIT;
    buf_add(&b, "\x94\x00\x01\xa1x\xdc\x00\xff", 8); /* 255 elements, one after the other */
    buf_pad(&b, 1, 255);
    send_bytes(b.data, b.len);
    turn();
    assert_int_equal(closes, 1);
    assert_int_equal(requests, 0);
    buf_release(&b);
}

/* Whole messages with some bytes changed, cut short or put together: never more than a lost connection. */
static void damaged_messages(void **state) {
    (void)state;
    unsigned seed = 1;
    answer_requests = true;
    for (int round = 0; round < 1500; round++) {
        struct buf b = message(round, "method", "some text"), n = message(-1, "note", "y");
        buf_add(&b, n.data, n.len);
        for (int k = rand_r(&seed) % 4; k >= 0; k--)
            b.data[(size_t)rand_r(&seed) % b.len] = (char)rand_r(&seed);
        if (round % 3 == 0)
            b.len = (size_t)rand_r(&seed) % b.len;
        if (conn)
            ask();
        send(peer, b.data, b.len, MSG_NOSIGNAL);
        struct timer *t = timer_new(loop, stop, NULL);
        timer_start(t, 0);
        loop_run(loop);
        timer_free(t);
        buf_release(&b);
        buf_release(&n);
        if (round % 7 == 0 || !conn) {
            conn_close(conn);
            close(peer);
            open_pair(&small);
        }
    }
    assert_true(requests > 0 && closes > 0);
}

/* ---- peers that do not read ------------------------------------------------------------------------------------------ */

static void who_does_not_read_is_not_heard(void **state) {
    (void)state;
    struct buf big = BUF_INIT;
    buf_pad(&big, 'x', CONN_HIGH + 1024 * 1024);
    struct value v = value_litn(big.data, big.len);
    conn_answer(conn, 1, &v);
    turn();
    assert_true(conn_pending(conn) > CONN_HIGH);
    send_message(2, "echo", "x");
    turn();
    assert_int_equal(requests, 0);
    assert_int_equal(drains, 0);
    char chunk[65536];
    for (int i = 0; i < 2000 && !requests; i++) {
        while (receive(chunk, sizeof chunk))
            continue;
        turn();
    }
    assert_int_equal(requests, 1);
    assert_int_equal(drains, 1);
    buf_release(&big);
}

static void who_does_not_read_and_dies_is_noticed(void **state) {
    (void)state;
    struct buf big = BUF_INIT;
    buf_pad(&big, 'x', CONN_HIGH + 1024 * 1024);
    struct value v = value_litn(big.data, big.len);
    conn_answer(conn, 1, &v);
    turn();
    close(peer);
    peer = -1;
    turn();
    assert_int_equal(closes, 1);
    buf_release(&big);
}

/* ---- listening ---------------------------------------------------------------------------------------------------- */

static struct conn *visitor;

static void arrived(void *ctx, struct listener *l) {
    struct err err;
    err_init(&err);
    visitor = conn_accept(l, &msgpack_limits_default, &ops, ctx, &err);
    loop_stop(loop);
}

/* Of the descriptors of this process, those that a program started now would inherit. */
static int inherited(void) {
    int n = 0;
    for (int fd = 3; fd < 64; fd++) {
        int flags = fcntl(fd, F_GETFD);
        n += flags >= 0 && !(flags & FD_CLOEXEC);
    }
    return n;
}

static void a_socket_is_listened_on(void **state) {
    (void)state;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    enter(NULL);
    snprintf(at.sun_path, sizeof at.sun_path, "%.80s/s.sock", home);
    struct listener *l = listener_new(loop, at.sun_path, arrived, NULL, NULL);
    assert_non_null(l);
    struct err err;
    err_init(&err);
    assert_null(listener_new(loop, at.sun_path, arrived, NULL, &err)); /* taken */
    assert_int_equal(err.code, E_CONFIG);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    int before = inherited();
    loop_run(loop);
    assert_non_null(visitor);
    assert_int_equal(inherited(), before); /* by a compartment */
    assert_int_equal(write(fd,
                           "\x93\x02\xa3"
                           "ack\x90",
                           7),
                     7);
    turn();
    assert_string_equal(last_method, "ack");
    conn_close(visitor);
    close(fd);
    listener_free(l);
    listener_free(NULL);
    turn();
    assert_int_not_equal(access(at.sun_path, F_OK), 0);
    leave(NULL);
}

static void descriptors_that_are_no_sockets(void **state) {
    (void)state;
    struct err err;
    err_init(&err);
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct conn *c = conn_new(loop, fd, &small, &ops, NULL, &err);
    if (!c) {
        assert_int_equal(err.code, E_INTERNAL);
        assert_int_equal(fcntl(fd, F_GETFD), -1); /* taken over, so closed */
    }
    conn_close(c);
    turn();
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, start, done)
    const struct CMUnitTest tests[] = {
        T(messages_arrive_in_any_pieces),
        T(answers_find_their_question),
        T(answers_to_nothing_are_dropped),
        T(a_failure_may_carry_its_details),
        T(an_end_answers_what_was_asked),
        T(close_means_silence),
        T(close_inside_a_callback),
        T(finish_sends_what_there_is),
        T(finish_where_nobody_reads),
        T(garbage_ends_the_connection),
        T(too_much_is_refused_while_it_comes),
        T(damaged_messages),
        T(who_does_not_read_is_not_heard),
        T(who_does_not_read_and_dies_is_noticed),
        T(a_socket_is_listened_on),
        T(descriptors_that_are_no_sockets),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
