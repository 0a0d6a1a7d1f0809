/* err.c - failures as data.
 *
 * The one idea: whatever bytes a message quotes, the result is one printable line of UTF-8 that fits its field, so that
 * it can go to a terminal, a log or a peer as it is. Messages are formatted beside the record first: a message may
 * quote the one it replaces.
 */
#include "base/err.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

struct code_info {
    const char *name;
    int status;
};

static const struct code_info codes[] = {
#define X(code, status, text) [code] = {text, status},
    LECTERN_ERRORS(X)
#undef X
};
enum { CODE_COUNT = sizeof codes / sizeof *codes };

static int known(enum err_code code) {
    return (unsigned)code < CODE_COUNT;
}

static void put_line(char *field, size_t size, const struct buf *raw) {
    struct buf line = BUF_INIT;
    text_safe(&line, raw->data, raw->len, false);
    size_t n = text_utf8_cut(line.data, line.len, size - 1);
    memcpy(field, line.data, n);
    field[n] = '\0';
    buf_release(&line);
}

static void put_format(char *field, size_t size, const char *format, va_list ap) {
    struct buf raw = BUF_INIT;
    buf_vaddf(&raw, format, ap);
    put_line(field, size, &raw);
    buf_release(&raw);
}

void err_init(struct err *err) {
    err->code = E_OK;
    err->message[0] = err->hint[0] = err->plugin[0] = err->at[0] = '\0';
    err->trace = NULL;
    err->column = 0;
}

void err_release(struct err *err) {
    mem_free(err->trace);
    err_init(err);
}

int err_set(struct err *err, enum err_code code, const char *format, ...) {
    if (!err) {
        return -(int)code;
    }
    va_list ap;
    va_start(ap, format);
    put_format(err->message, sizeof err->message, format, ap);
    va_end(ap);
    mem_free(err->trace);
    err->trace = NULL;
    err->code = code;
    err->column = 0;
    err->hint[0] = err->plugin[0] = err->at[0] = '\0';
    return -(int)code;
}

int err_hint(struct err *err, const char *format, ...) {
    if (!err) {
        return -E_INTERNAL; /* nobody listens, but a failure must not look like success */
    }
    va_list ap;
    va_start(ap, format);
    put_format(err->hint, sizeof err->hint, format, ap);
    va_end(ap);
    return -(int)err->code;
}

void err_prefix(struct err *err, const char *format, ...) {
    if (!err) {
        return;
    }
    struct buf raw = BUF_INIT;
    va_list ap;
    va_start(ap, format);
    buf_vaddf(&raw, format, ap);
    va_end(ap);
    buf_adds(&raw, ": ");
    buf_adds(&raw, err->message);
    put_line(err->message, sizeof err->message, &raw);
    buf_release(&raw);
}

void err_copy(struct err *to, const struct err *from) {
    if (to == from) {
        return;
    }
    mem_free(to->trace);
    *to = *from;
    to->trace = from->trace ? mem_strdup(from->trace) : NULL;
}

int err_status(enum err_code code) {
    return known(code) ? codes[code].status : codes[E_INTERNAL].status;
}

const char *err_name(enum err_code code) {
    return known(code) ? codes[code].name : codes[E_INTERNAL].name;
}

enum err_code err_code_of(const char *name, size_t n) {
    for (unsigned i = 0; i < CODE_COUNT; i++) {
        if (strlen(codes[i].name) == n && memcmp(codes[i].name, name, n) == 0) {
            return (enum err_code)i;
        }
    }
    return E_INTERNAL;
}
