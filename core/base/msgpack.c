/* msgpack.c - values from MessagePack, whole or as a stream; heads are read by libmpack's tokenizer.
 *
 * The one idea: bytes are scanned before anything is built. The scan walks tokens with a counter per open container and
 * knows at each header how much is still announced, so a lie is refused where it is told; it never goes back, so a
 * value that arrives in many pieces is looked at once. Only a value known to be whole is built, into an arena sized by
 * what is really there. Strings are skipped and copied by us: the tokenizer only sees heads, of nine bytes at most.
 * Knows nothing of what the messages mean.
 */
#include "base/msgpack.h"

#include <stdbool.h>
/* after stdbool.h: it defines bool as something else otherwise */
#include <mpack.h>
#include <string.h>

#include "base/mem.h"

enum { KEPT_STORAGE = 256 * 1024 };

const struct msgpack_limits msgpack_limits_default = {20u * 1024 * 1024, 1000 * 1000, 32};

/* ---- scanning -------------------------------------------------------------------------------------------------- */

/* How far one value has been walked. LEFT[0] counts the value itself, LEFT[d] what container d still expects. */
struct msgpack_scan {
    size_t bytes;     /* walked */
    size_t skip;      /* bytes of the string at hand that are still to be walked */
    size_t announced; /* values seen or promised by a head */
    unsigned depth;   /* open containers */
    bool started;
    bool broken; /* the peer lied; nothing after that is looked at */
    size_t left[];
};

static struct msgpack_scan *new_scan(const struct msgpack_limits *limits) {
    return mem_alloc(sizeof(struct msgpack_scan) + ((size_t)limits->depth + 1) * sizeof(size_t));
}

static void restart_scan(struct msgpack_scan *scan) {
    scan->bytes = scan->skip = 0;
    scan->announced = 1;
    scan->depth = 0;
    scan->left[0] = 1;
    scan->started = true;
}

static void set_token(mpack_token_t *token, mpack_token_type_t type, unsigned number) {
    token->type = type;
    token->length = type == MPACK_TOKEN_UINT || type == MPACK_TOKEN_SINT ? 1 : number;
    token->data.value.lo = number;
    token->data.value.hi = 0;
}

/* Heads of one byte, which most are: a third of the time of reading would go into calls for them. */
static bool short_head(unsigned char c, mpack_token_t *token) {
    if (c < 0x80) {
        set_token(token, MPACK_TOKEN_UINT, c);
    } else if (c < 0x90) {
        set_token(token, MPACK_TOKEN_MAP, c & 15);
    } else if (c < 0xa0) {
        set_token(token, MPACK_TOKEN_ARRAY, c & 15);
    } else if (c < 0xc0) {
        set_token(token, MPACK_TOKEN_STR, c & 31);
    } else if (c >= 0xe0) {
        set_token(token, MPACK_TOKEN_SINT, c);
    } else {
        return false;
    }
    return true;
}

/* The head at *P; 1 and *P moved past it, 0 when more bytes are needed, -1 when it is none. */
static int next_head(const char **p, size_t *n, mpack_token_t *token) {
    if (*n == 0) {
        return 0;
    }
    if (short_head((unsigned char)**p, token)) {
        (*p)++;
        (*n)--;
        return 1;
    }
    mpack_tokbuf_t state;
    mpack_tokbuf_init(&state);
    const char *at = *p;
    size_t left = *n > MPACK_MAX_TOKEN_LEN ? MPACK_MAX_TOKEN_LEN : *n;
    size_t had = left;
    int status = mpack_read(&state, &at, &left, token);
    if (status != MPACK_OK) {
        return status == MPACK_EOF ? 0 : -1;
    }
    *p += had - left;
    *n -= had - left;
    return 1;
}

static int refuse(struct msgpack_scan *scan, struct err *err, const char *what, size_t limit) {
    scan->broken = true;
    return err_set(err, E_DATA, "message has %s (limit %zu)", what, limit);
}

static int scan_container(struct msgpack_scan *scan, size_t values, const struct msgpack_limits *limits,
                          struct err *err) {
    if (scan->depth >= limits->depth) {
        return refuse(scan, err, "too many levels of nesting", limits->depth);
    }
    if (values > limits->elements || scan->announced + values > limits->elements) {
        return refuse(scan, err, "too many elements", limits->elements);
    }
    scan->announced += values;
    scan->left[++scan->depth] = values;
    return 0;
}

static int scan_token(struct msgpack_scan *scan, const mpack_token_t *token, const struct msgpack_limits *limits,
                      struct err *err) {
    scan->left[scan->depth]--;
    switch (token->type) {
    case MPACK_TOKEN_UINT:
        if (token->length == 8 && token->data.value.hi > INT32_MAX) {
            scan->broken = true;
            return err_set(err, E_DATA, "message has an integer above 9223372036854775807");
        }
        return 0;
    case MPACK_TOKEN_STR:
    case MPACK_TOKEN_BIN:
        scan->skip = token->length;
        return 0;
    case MPACK_TOKEN_ARRAY:
        return scan_container(scan, token->length, limits, err);
    case MPACK_TOKEN_MAP:
        return scan_container(scan, 2 * (size_t)token->length, limits, err);
    case MPACK_TOKEN_NIL:
    case MPACK_TOKEN_BOOLEAN:
    case MPACK_TOKEN_SINT:
    case MPACK_TOKEN_FLOAT:
        return 0;
    default:
        scan->broken = true;
        return err_set(err, E_DATA, "message has an extension type, which lectern does not use");
    }
}

/* A string that cannot fit is refused by its head. */
static int check_bytes(struct msgpack_scan *scan, const struct msgpack_limits *limits, struct err *err) {
    if (scan->bytes > limits->bytes || scan->skip > limits->bytes - scan->bytes) {
        return refuse(scan, err, "too many bytes", limits->bytes);
    }
    return 0;
}

static bool scan_finished(struct msgpack_scan *scan) {
    while (scan->depth > 0 && scan->left[scan->depth] == 0) {
        scan->depth--;
    }
    return scan->depth == 0 && scan->left[0] == 0;
}

static size_t skip_bytes(struct msgpack_scan *scan, size_t n) {
    size_t skipped = scan->skip < n ? scan->skip : n;
    scan->skip -= skipped;
    scan->bytes += skipped;
    return skipped;
}

/* Walk on over P[0..N), which follow the bytes walked so far. 1: the value ends at scan->bytes; 0: more is needed. */
static int scan_on(struct msgpack_scan *scan, const char *p, size_t n, const struct msgpack_limits *limits,
                   struct err *err) {
    for (;;) {
        size_t skipped = skip_bytes(scan, n);
        p += skipped;
        n -= skipped;
        if (scan->skip > 0) {
            return 0;
        }
        if (scan_finished(scan)) {
            return 1;
        }
        const char *head = p;
        mpack_token_t token;
        int got = next_head(&p, &n, &token);
        if (got == 0) {
            return 0;
        }
        if (got < 0) {
            scan->broken = true;
            return err_set(err, E_DATA, "message is not MessagePack (byte 0x%02x)", (unsigned char)*head);
        }
        scan->bytes += (size_t)(p - head);
        int rc = scan_token(scan, &token, limits, err);
        if (rc == 0) {
            rc = check_bytes(scan, limits, err);
        }
        if (rc != 0) {
            return rc;
        }
    }
}

/* ---- building -------------------------------------------------------------------------------------------------- */

/* One open container: the values it still takes. A map's storage is keys and values in turn. */
struct frame {
    struct value *v;
    size_t next;
    size_t count;
};

static struct value *next_slot(struct frame *frame) {
    size_t i = frame->next++;
    if (frame->v->kind == VALUE_ARRAY) {
        return &frame->v->items[i];
    }
    struct pair *pair = &frame->v->pairs[i / 2];
    return i % 2 ? &pair->val : &pair->key;
}

static struct value copied(struct arena *a, enum value_kind kind, const char **p, size_t *n, uint32_t len) {
    struct value v = {.kind = (uint8_t)kind, .len = len, .s = arena_dup(a, *p, len)};
    *p += len;
    *n -= len;
    return v;
}

/* The value that a scanned head begins; containers come with their storage, to be filled. */
static struct value value_of(struct arena *a, const mpack_token_t *token, const char **p, size_t *n) {
    struct value v;
    switch (token->type) {
    case MPACK_TOKEN_BOOLEAN:
        return value_bool(mpack_unpack_boolean(*token) != 0);
    case MPACK_TOKEN_UINT:
        return value_int((int64_t)mpack_unpack_uint(*token));
    case MPACK_TOKEN_SINT:
        return value_int((int64_t)mpack_unpack_sint(*token));
    case MPACK_TOKEN_FLOAT:
        return value_float(mpack_unpack_float(*token));
    case MPACK_TOKEN_STR:
        return copied(a, VALUE_STR, p, n, token->length);
    case MPACK_TOKEN_BIN:
        return copied(a, VALUE_BIN, p, n, token->length);
    case MPACK_TOKEN_ARRAY:
        v = value_array(a, token->length);
        break;
    case MPACK_TOKEN_MAP:
        v = value_map(a, token->length);
        break;
    default:
        return value_nil;
    }
    v.len = v.cap;
    return v;
}

/* Build the one value of P[0..N), which the scan found whole. */
static void build(struct arena *a, const char *p, size_t n, unsigned depth, struct value *root) {
    struct frame *stack = arena_alloc(a, ((size_t)depth + 1) * sizeof *stack);
    struct value *slot = root;
    unsigned top = 0;
    mpack_token_t token;
    while (next_head(&p, &n, &token) == 1) {
        *slot = value_of(a, &token, &p, &n);
        if (slot->kind >= VALUE_ARRAY && slot->len > 0) {
            size_t count = slot->kind == VALUE_MAP ? 2 * (size_t)slot->len : slot->len;
            stack[top++] = (struct frame){slot, 0, count};
        }
        while (top > 0 && stack[top - 1].next == stack[top - 1].count) {
            top--;
        }
        if (top == 0) {
            return;
        }
        slot = next_slot(&stack[top - 1]);
    }
}

int msgpack_read(struct arena *a, const void *p, size_t n, const struct msgpack_limits *limits, struct value *v,
                 struct err *err) {
    struct msgpack_scan *scan = new_scan(limits);
    restart_scan(scan);
    int rc = scan_on(scan, p, n, limits, err);
    if (rc == 0) {
        rc = err_set(err, E_DATA, "message is cut short after %zu bytes", n);
    } else if (rc == 1 && scan->bytes < n) {
        rc = err_set(err, E_DATA, "message is followed by %zu bytes too many", n - scan->bytes);
    } else if (rc == 1) {
        build(a, p, n, limits->depth, v);
        rc = 0;
    }
    mem_free(scan);
    return rc;
}

/* ---- the stream ------------------------------------------------------------------------------------------------ */

void msgpack_stream_init(struct msgpack_stream *s, const struct msgpack_limits *limits) {
    buf_init(&s->in);
    s->at = 0;
    s->limits = *limits;
    s->scan = new_scan(limits);
}

void msgpack_stream_release(struct msgpack_stream *s) {
    buf_release(&s->in);
    mem_free(s->scan);
    s->scan = NULL;
    s->at = 0;
}

/* What was consumed is dropped once it is the larger part, so each byte is moved at most once on average; and an idle
 * peer does not hold on to the storage of the largest message it ever sent. */
static void drop_consumed(struct msgpack_stream *s) {
    if (s->at == s->in.len && s->in.cap > KEPT_STORAGE) {
        buf_release(&s->in);
    } else if (s->at >= s->in.len - s->at) {
        buf_drop(&s->in, s->at);
    } else {
        return;
    }
    s->at = 0;
}

void msgpack_stream_feed(struct msgpack_stream *s, const void *p, size_t n) {
    if (!s->scan->broken) {
        drop_consumed(s);
        buf_add(&s->in, p, n);
    }
}

int msgpack_stream_next(struct msgpack_stream *s, struct arena *a, struct value *v, struct err *err) {
    struct msgpack_scan *scan = s->scan;
    if (scan->broken) {
        return err_set(err, E_DATA, "peer broke the protocol earlier");
    }
    if (!scan->started) {
        restart_scan(scan);
    }
    size_t walked = s->at + scan->bytes;
    int rc = scan_on(scan, s->in.data + walked, s->in.len - walked, &s->limits, err);
    if (rc == 1) {
        build(a, s->in.data + s->at, scan->bytes, s->limits.depth, v);
        s->at += scan->bytes;
        scan->started = false;
    }
    return rc;
}
