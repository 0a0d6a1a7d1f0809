/* say.c - one line, one write, no stdio. */
#include "client/say.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

/* What cannot be written to stderr has nobody left to be told. */
static int write_line(int fd, struct buf *line) {
    buf_addc(line, '\n');
    ssize_t n;
    do {
        n = write(fd, line->data, line->len);
    } while (n < 0 && errno == EINTR);
    int error = n == (ssize_t)line->len ? 0 : errno;
    buf_release(line);
    return error;
}

int say_error(const struct err *err) {
    struct buf line = BUF_INIT;
    buf_addf(&line, "lectern: %s%s%s", err->message, err->hint[0] ? "; " : "", err->hint);
    write_line(STDERR_FILENO, &line);
    return err_status(err->code);
}

void say_warning(const char *format, ...) {
    struct buf line = BUF_INIT;
    va_list ap;
    va_start(ap, format);
    buf_adds(&line, "lectern: ");
    buf_vaddf(&line, format, ap);
    va_end(ap);
    write_line(STDERR_FILENO, &line);
}

int say_result(const char *format, ...) {
    struct buf line = BUF_INIT;
    va_list ap;
    va_start(ap, format);
    buf_vaddf(&line, format, ap);
    va_end(ap);
    int error = write_line(STDOUT_FILENO, &line);
    if (error == 0 || error == EPIPE) {
        return 0;
    }
    say_warning("cannot write output: %s", strerror(error));
    return err_status(E_OUTPUT);
}
