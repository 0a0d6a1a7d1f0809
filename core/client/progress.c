/* progress.c - the progress line.
 *
 * The one idea: setting only remembers; drawing happens from the loop when it is time, so a plugin that reports a
 * thousand times a second costs ten writes.
 */
#include "client/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "client/signals.h"
#include "client/terminal.h"

enum { INTERVAL_US = 100 * 1000, LONGEST_TEXT = 1024, FALLBACK_COLUMNS = 80 };

static const char erase_line[] = "\r\033[K";

void progress_init(struct progress *p, bool enabled) {
    *p = (struct progress){.enabled = enabled, .last_us = enabled ? clock_mono_us() : 0};
    buf_init(&p->text);
}

void progress_release(struct progress *p) {
    progress_erase(p);
    buf_release(&p->text);
}

static void put(const char *s, size_t n) {
    ssize_t written = write(STDERR_FILENO, s, n);
    (void)written;
}

void progress_fit(struct buf *out, const char *text, size_t n, size_t columns) {
    struct buf safe = BUF_INIT;
    text_safe(&safe, text, n, false);
    size_t at = 0;
    size_t used = 0;
    while (at < safe.len) {
        size_t len;
        text_utf8_next(safe.data + at, safe.len - at, &len);
        size_t width = text_width(safe.data + at, len);
        if (used + width > columns) {
            break;
        }
        used += width;
        at += len;
    }
    buf_add(out, safe.data, at);
    buf_release(&safe);
}

void progress_set(struct progress *p, const char *text, size_t n) {
    if (!p->enabled) {
        return;
    }
    buf_clear(&p->text);
    buf_add(&p->text, text, text_utf8_cut(text, n, LONGEST_TEXT));
    p->waiting = n > 0;
    if (n == 0) {
        progress_erase(p);
    }
}

int progress_timeout(const struct progress *p) {
    if (!p->waiting || p->midline || p->held) {
        return -1;
    }
    uint64_t passed = clock_mono_us() - p->last_us;
    return passed >= INTERVAL_US ? 0 : (int)((INTERVAL_US - passed) / 1000 + 1);
}

/* The width is asked for each time: windows are resized. The last column stays free, or some terminals wrap. */
static size_t columns_now(void) {
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return (known ? size.ws_col : FALLBACK_COLUMNS) - 1;
}

void progress_draw(struct progress *p) {
    if (progress_timeout(p) != 0) {
        return;
    }
    p->waiting = false;
    p->last_us = clock_mono_us();
    if (!terminal_foreground(STDERR_FILENO)) {
        return;
    }
    struct buf line = BUF_INIT;
    buf_adds(&line, erase_line);
    progress_fit(&line, p->text.data, p->text.len, columns_now());
    p->drawn = true;
    signals_last_words(erase_line);
    put(line.data, line.len);
    buf_release(&line);
}

void progress_erase(struct progress *p) {
    if (!p->drawn) {
        return;
    }
    put(erase_line, sizeof erase_line - 1);
    p->drawn = false;
    p->waiting = p->text.len > 0;
    signals_last_words(NULL);
}

void progress_passed(struct progress *p, char last) {
    p->midline = last != '\n';
}
