/* progress.h - the one line on stderr that says how far it is; a terminal only.
 *
 * Shown at most ten times a second and not within the first tenth; always erased before anything else is written to
 * the terminal, never drawn behind an unfinished line, never by a background process.
 */
#ifndef LECTERN_CLIENT_PROGRESS_H
#define LECTERN_CLIENT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct progress {
    bool enabled;
    bool drawn;       /* there is a line on the terminal */
    bool waiting;     /* TEXT is newer than what is drawn */
    bool midline;     /* the cursor is behind other output */
    bool held;        /* the line is somebody else's: set while a question is open */
    uint64_t last_us; /* when it was drawn */
    struct buf text;
};

void progress_init(struct progress *p, bool enabled);
void progress_release(struct progress *p); /* erases */
/* The line is now TEXT; "" removes it. */
void progress_set(struct progress *p, const char *text, size_t n);
/* Draw what waits, if it is time. */
void progress_draw(struct progress *p);
/* Milliseconds until something is to be drawn, -1 when nothing waits. */
int progress_timeout(const struct progress *p);
void progress_erase(struct progress *p);
/* Other output went to the terminal and ended with LAST. */
void progress_passed(struct progress *p, char last);
/* TEXT made safe, on one line, cut to COLUMNS. Appended to OUT. */
void progress_fit(struct buf *out, const char *text, size_t n, size_t columns);

#endif
