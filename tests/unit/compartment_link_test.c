/* compartment_link_test.c - the socket: messages in pieces and heaps, a peer that lies, is slow, or is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compartment/link.h"

struct fixture {
    struct link link;
    int peer;
    int messages;
    int64_t ids;
    char last[64];
};

static void on_message(void *ctx, const struct message *m) {
    struct fixture *f = ctx;
    f->messages++;
    f->ids += m->id;
    assert_true(m->method_len < sizeof f->last);
    memcpy(f->last, m->method ? m->method : "response", m->method ? m->method_len : 9);
    f->last[m->method ? m->method_len : 8] = '\0';
}

static int setup(void **state) {
    static struct fixture f;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    f = (struct fixture){.peer = fds[1]};
    link_init(&f.link, fds[0], on_message, &f);
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    close(f->link.fd);
    if (f->peer >= 0) {
        close(f->peer);
    }
    link_release(&f->link);
    return 0;
}

static void send_bytes(struct fixture *f, const void *p, size_t n) {
    assert_int_equal(write(f->peer, p, n), (ssize_t)n);
    link_read(&f->link);
}

static void test_three_kinds(void **state) {
    struct fixture *f = *state;
    struct buf b = BUF_INIT;
    rpc_write_request(&b, 5, "load");
    msgpack_write_array(&b, 0);
    rpc_write_result(&b, 6);
    msgpack_write_nil(&b);
    rpc_write_notification(&b, "cancel");
    msgpack_write_array(&b, 0);
    send_bytes(f, b.data, b.len);
    assert_int_equal(f->messages, 3);
    assert_int_equal(f->ids, 11);
    assert_string_equal(f->last, "cancel");
    assert_false(f->link.closed);
    buf_release(&b);
}

static void test_byte_by_byte(void **state) {
    struct fixture *f = *state;
    struct buf b = BUF_INIT;
    for (int i = 0; i < 3; i++) {
        rpc_write_request(&b, i, "call");
        msgpack_write_array(&b, 1);
        msgpack_write_str(&b, "parameter", 9);
    }
    for (size_t i = 0; i < b.len; i++) {
        send_bytes(f, b.data + i, 1);
    }
    assert_int_equal(f->messages, 3);
    buf_release(&b);
}

static void broken(struct fixture *f, const char *bytes, size_t n) {
    send_bytes(f, bytes, n);
    assert_true(f->link.closed);
    assert_int_equal(f->messages, 0);
}

static void test_not_messagepack(void **state) {
    broken(*state, "\xc1", 1);
}

static void test_not_rpc(void **state) {
    broken(*state, "\xa5hello", 6);
}

static void test_wrong_type(void **state) {
    broken(*state, "\x94\x05\x01\xa1x\x90", 6);
}

static void test_wrong_length(void **state) {
    broken(*state, "\x93\x00\x01\xa1x", 5);
}

static void test_wrong_id(void **state) {
    broken(*state, "\x94\x00\xa1x\xa1x\x90", 7);
}

static void test_announces_too_much(void **state) {
    broken(*state, "\xdb\xff\xff\xff\xff", 5);
}

static void test_peer_gone(void **state) {
    struct fixture *f = *state;
    close(f->peer);
    f->peer = -1;
    link_read(&f->link);
    assert_true(f->link.closed);
    buf_adds(&f->link.out, "nobody reads this");
    assert_true(link_flush(&f->link)); /* and nobody is killed by it */
}

static void test_slow_peer(void **state) {
    struct fixture *f = *state;
    enum { BYTES = 4 << 20 };
    buf_pad(&f->link.out, 'x', BYTES);
    assert_false(link_flush(&f->link));
    pid_t pid = fork();
    if (pid == 0) {
        static char bytes[65536];
        size_t got = 0;
        close(f->link.fd);
        while (got < BYTES) {
            usleep(100);
            ssize_t n = read(f->peer, bytes, sizeof bytes);
            if (n <= 0) {
                _exit(1);
            }
            got += (size_t)n;
        }
        struct buf b = BUF_INIT;
        rpc_write_notification(&b, "thanks");
        msgpack_write_array(&b, 0);
        _exit(write(f->peer, b.data, b.len) < 0);
    }
    link_settle(&f->link); /* until little is left */
    assert_true(f->link.out.len - f->link.sent <= 1 << 20);
    link_wait(&f->link, 5000); /* until all is sent and something came */
    assert_int_equal(f->messages, 1);
    assert_string_equal(f->last, "thanks");
    int status;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
}

static void test_waits_no_longer_than_told(void **state) {
    struct fixture *f = *state;
    link_wait(&f->link, 1);
    assert_false(link_read_or_wait(&f->link));
    assert_false(f->link.closed);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_three_kinds),
        TEST(test_byte_by_byte),
        TEST(test_not_messagepack),
        TEST(test_not_rpc),
        TEST(test_wrong_type),
        TEST(test_wrong_length),
        TEST(test_wrong_id),
        TEST(test_announces_too_much),
        TEST(test_peer_gone),
        TEST(test_slow_peer),
        TEST(test_waits_no_longer_than_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
