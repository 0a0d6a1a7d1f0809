/* The framing of MessagePack-RPC: what is written is read, what is no message is refused, errors survive the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/msgpack.h"

struct wire {
    struct arena arena;
    struct buf out;
    struct value v;
    struct rpc r;
};

static int set_up(void **state) {
    static struct wire wire;
    arena_init(&wire.arena);
    buf_init(&wire.out);
    *state = &wire;
    return 0;
}

static int tear_down(void **state) {
    struct wire *w = *state;
    arena_release(&w->arena);
    buf_release(&w->out);
    return 0;
}

static int parse(struct wire *w) {
    assert_int_equal(msgpack_read(&w->arena, w->out.data, w->out.len, &msgpack_limits_default, &w->v, NULL), 0);
    return rpc_parse(&w->v, &w->r, NULL);
}

static void requests(void **state) {
    struct wire *w = *state;
    rpc_write_request(&w->out, 7, "run");
    msgpack_write_array(&w->out, 1);
    msgpack_write_str(&w->out, "list", 4);
    assert_int_equal(parse(w), 0);
    assert_int_equal(w->r.type, RPC_REQUEST);
    assert_int_equal(w->r.id, 7);
    assert_string_equal(w->r.method, "run");
    assert_true(value_eqs(value_at(w->r.params, 0), "list"));
}

static void notifications(void **state) {
    struct wire *w = *state;
    rpc_write_notification(&w->out, "cancel");
    msgpack_write_array(&w->out, 0);
    assert_int_equal(parse(w), 0);
    assert_int_equal(w->r.type, RPC_NOTIFICATION);
    assert_string_equal(w->r.method, "cancel");
    assert_int_equal(w->r.params->len, 0);
}

static void results(void **state) {
    struct wire *w = *state;
    rpc_write_result(&w->out, 5000000000);
    msgpack_write_bool(&w->out, true);
    assert_int_equal(parse(w), 0);
    assert_int_equal(w->r.type, RPC_RESPONSE);
    assert_true(w->r.id == 5000000000);
    assert_true(value_is(w->r.error, VALUE_NIL));
    assert_true(value_truthy(w->r.result));
}

static void errors_survive_the_wire(void **state) {
    struct wire *w = *state;
    struct err sent;
    struct err got;
    err_init(&sent);
    err_init(&got);
    err_set(&sent, E_NOTFOUND, "unknown event '%s'", "sosp-2107");
    err_hint(&sent, "did you mean 'sosp-2017'?");
    rpc_write_error(&w->out, 3, &sent);
    assert_int_equal(parse(w), 0);
    assert_int_equal(w->r.id, 3);
    assert_true(value_is(w->r.result, VALUE_NIL));
    assert_string_equal(value_cstr(w->r.error, ""), "E_NOTFOUND: unknown event 'sosp-2107'; did you mean 'sosp-2017'?");
    rpc_error_to_err(w->r.error, &got);
    assert_int_equal(got.code, E_NOTFOUND);
    assert_string_equal(got.message, "unknown event 'sosp-2107'; did you mean 'sosp-2017'?");
}

static void errors_of_others_are_told(void **state) {
    struct wire *w = *state;
    struct err e;
    err_init(&e);
    struct value pair = value_array(&w->arena, 0);
    value_push(&w->arena, &pair, value_int(0));
    value_push(&w->arena, &pair, value_lit("Vim:E492: Not an editor command"));
    const struct {
        struct value error;
        enum err_code code;
        const char *message;
    } rows[] = {
        {value_lit("E_BUSY: try again"), E_BUSY, "try again"},
        {value_lit("E_NEW_CODE: from the future"), E_INTERNAL, "from the future"},
        {value_lit("E_OK: success is no failure"), E_INTERNAL, "success is no failure"},
        {value_lit("just: text"), E_INTERNAL, "just: text"},
        {value_lit("E_USAGE"), E_INTERNAL, "E_USAGE"},
        {pair, E_INTERNAL, "Vim:E492: Not an editor command"},
        {value_int(5), E_INTERNAL, "peer failed without saying why"},
        {value_map(&w->arena, 0), E_INTERNAL, "peer failed without saying why"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rpc_error_to_err(&rows[i].error, &e);
        assert_int_equal(e.code, rows[i].code);
        assert_string_equal(e.message, rows[i].message);
    }
}

static void what_is_no_message_is_refused(void **state) {
    struct wire *w = *state;
    static const char *const rows[] = {
        "\x01",                      /* no array */
        "\x90",                      /* empty */
        "\x94\x03\x01\xa1m\x90",     /* type 3 */
        "\x94\xff\x01\xa1m\x90",     /* type -1 */
        "\x93\x00\x01\xa1m",         /* request of three */
        "\x94\x02\xa1m\x90\xc0",     /* notification of four */
        "\x94\x00\xff\xa1m\x90",     /* negative id */
        "\x94\x00\xa1x\xa1m\x90",    /* id is text */
        "\x94\x00\x01\x05\x90",      /* method is a number */
        "\x94\x00\x01\xa0\x90",      /* method is empty */
        "\x94\x00\x01\xa1m\x80",     /* params are a map */
        "\x93\x02\xa1m\xc0",         /* params are nil */
        "\x94\xa1\x30\x01\xa1m\x90", /* type is text */
    };
    static const size_t lengths[] = {1, 1, 6, 6, 5, 6, 6, 7, 5, 5, 6, 5, 7};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_clear(&w->out);
        buf_add(&w->out, rows[i], lengths[i]);
        assert_int_equal(parse(w), -E_DATA);
    }
    buf_clear(&w->out);
    buf_add(&w->out, "\x94\x00\x01\xa3m\0x\x90", 8); /* a NUL in the method would hide its end */
    assert_int_equal(parse(w), -E_DATA);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(notifications, set_up, tear_down),
        cmocka_unit_test_setup_teardown(results, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_survive_the_wire, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_of_others_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_message_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
