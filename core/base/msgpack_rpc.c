/* msgpack_rpc.c - the framing of MessagePack-RPC: [0, id, method, params], [1, id, error, result], [2, method, params].
 *
 * The one idea: a message is an array whose head is written first and whose last value the caller appends, so that
 * large results are encoded once, straight into the output. Errors travel as one string, because that is all that some
 * clients show. Knows nothing of who waits for which answer.
 */
#include <string.h>

#include "base/msgpack.h"

static int64_t id_of(const struct value *v) {
    return v->kind == VALUE_INT ? v->i : -1;
}

static bool method_name(const struct value *v) {
    return v->kind == VALUE_STR && v->len > 0 && strlen(v->s) == v->len;
}

static int parse_call(const struct value *method, const struct value *params, struct rpc *r, struct err *err) {
    if (!method_name(method)) {
        return err_set(err, E_DATA, "rpc message without a method name");
    }
    if (params->kind != VALUE_ARRAY) {
        return err_set(err, E_DATA, "rpc parameters of '%.64s' are a %s, not a list", method->s,
                       value_kind_name((enum value_kind)params->kind));
    }
    r->method = method->s;
    r->params = params;
    return 0;
}

static int parse_response(const struct value *v, struct rpc *r) {
    r->error = value_at(v, 2);
    r->result = value_at(v, 3);
    return 0;
}

int rpc_parse(const struct value *v, struct rpc *r, struct err *err) {
    int64_t type = v->kind == VALUE_ARRAY ? id_of(value_at(v, 0)) : -1;
    if (type < RPC_REQUEST || type > RPC_NOTIFICATION || v->len != (type == RPC_NOTIFICATION ? 3 : 4)) {
        return err_set(err, E_DATA, "message is not MessagePack-RPC");
    }
    *r = (struct rpc){.type = (enum rpc_type)type, .params = &value_nil, .error = &value_nil, .result = &value_nil};
    if (type == RPC_NOTIFICATION) {
        return parse_call(value_at(v, 1), value_at(v, 2), r, err);
    }
    r->id = id_of(value_at(v, 1));
    if (r->id < 0) {
        return err_set(err, E_DATA, "rpc message without a valid id");
    }
    return type == RPC_REQUEST ? parse_call(value_at(v, 2), value_at(v, 3), r, err) : parse_response(v, r);
}

static void write_head(struct buf *out, enum rpc_type type) {
    msgpack_write_array(out, type == RPC_NOTIFICATION ? 3 : 4);
    msgpack_write_int(out, type);
}

void rpc_write_request(struct buf *out, int64_t id, const char *method) {
    write_head(out, RPC_REQUEST);
    msgpack_write_int(out, id);
    msgpack_write_str(out, method, strlen(method));
}

void rpc_write_notification(struct buf *out, const char *method) {
    write_head(out, RPC_NOTIFICATION);
    msgpack_write_str(out, method, strlen(method));
}

void rpc_write_result(struct buf *out, int64_t id) {
    write_head(out, RPC_RESPONSE);
    msgpack_write_int(out, id);
    msgpack_write_nil(out);
}

void rpc_write_error(struct buf *out, int64_t id, const struct err *err) {
    struct buf text = BUF_INIT;
    buf_addf(&text, "%s: %s", err_name(err->code), err->message);
    if (err->hint[0]) {
        buf_addf(&text, "; %s", err->hint);
    }
    write_head(out, RPC_RESPONSE);
    msgpack_write_int(out, id);
    msgpack_write_str(out, text.data, text.len);
    msgpack_write_nil(out);
    buf_release(&text);
}

/* Other programs answer [code, "message"]; the first string in it is what a person can read. */
static const struct value *error_text(const struct value *error) {
    if (error->kind != VALUE_ARRAY) {
        return error;
    }
    for (uint32_t i = 0; i < error->len; i++) {
        if (error->items[i].kind == VALUE_STR) {
            return &error->items[i];
        }
    }
    return error;
}

void rpc_error_to_err(const struct value *error, struct err *err) {
    const char *text = value_cstr(error_text(error), NULL);
    if (!text) {
        err_set(err, E_INTERNAL, "peer failed without saying why");
        return;
    }
    const char *colon = strstr(text, ": ");
    if (strncmp(text, "E_", 2) != 0 || !colon) {
        err_set(err, E_INTERNAL, "%s", text);
        return;
    }
    enum err_code code = err_code_of(text, (size_t)(colon - text));
    err_set(err, code == E_OK ? E_INTERNAL : code, "%s", colon + 2);
}
