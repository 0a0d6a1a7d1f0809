/* log.c - one line, one write.
 *
 * The one idea: a line is made in memory and written by a single call, so that lines of several programs on one
 * descriptor stay whole, and it is made safe as a whole, whoever wrote which part of it.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

enum { UNREAD = -1 };

static _Atomic int sink = STDERR_FILENO;
static _Atomic int threshold = UNREAD; /* LECTERN_LOG is looked at with the first line */

static const char *const names[] = {"debug", "info", "warn", "error"};

const char *log_level_name(enum log_level level) {
    return (unsigned)level <= LOG_ERROR ? names[level] : "error";
}

int log_level_of(const char *name, enum log_level *out) {
    for (unsigned i = 0; i <= LOG_ERROR; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

void log_to(int fd) {
    atomic_store(&sink, fd);
}

void log_threshold(enum log_level level) {
    atomic_store(&threshold, (int)level);
}

static int current_threshold(void) {
    int level = atomic_load(&threshold);
    if (level == UNREAD) {
        enum log_level wanted = LOG_WARN;
        const char *name = getenv("LECTERN_LOG");
        if (name) {
            log_level_of(name, &wanted);
        }
        level = (int)wanted;
        atomic_store(&threshold, level);
    }
    return level;
}

static void write_whole(int fd, const char *p, size_t n) {
    while (n > 0) {
        ssize_t written = write(fd, p, n);
        if (written < 0 && errno != EINTR) {
            return; /* there is nowhere left to say so */
        }
        p += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
    }
}

static void start_line(struct buf *line, enum log_level level, const char *who) {
    char now[CLOCK_TEXT];
    clock_rfc3339(clock_now_ms() / 1000 * 1000, now);
    buf_addf(line, "%s %s ", now, log_level_name(level));
    text_safe(line, who, strlen(who), false);
    buf_adds(line, ": ");
}

void log_write(enum log_level level, const char *who, const char *format, ...) {
    int fd = atomic_load(&sink);
    if (fd < 0 || (int)level < current_threshold()) {
        return;
    }
    struct buf text = BUF_INIT;
    struct buf line = BUF_INIT;
    va_list ap;
    va_start(ap, format);
    buf_vaddf(&text, format, ap);
    va_end(ap);
    start_line(&line, level, who);
    text_safe(&line, text.data, text.len, false);
    buf_addc(&line, '\n');
    write_whole(fd, line.data, line.len);
    buf_release(&text);
    buf_release(&line);
}
