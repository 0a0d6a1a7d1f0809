/* pager.h - long output, a screen at a time.
 *
 * Started with the first bytes, so that a command without output never shows one. $LECTERN_PAGER, else $PAGER, run by
 * the shell because people put options in them, else less where the terminal is up to it; "" and "cat" mean none. A
 * pager that cannot be run gives back what it was fed, and the output goes to the terminal as it would have without it.
 */
#ifndef LECTERN_CLIENT_PAGER_H
#define LECTERN_CLIENT_PAGER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

struct pager {
    bool wanted;   /* and not started yet */
    pid_t pid;     /* 0: none runs */
    int fd;        /* feeds it; -1: closed */
    bool kept_all; /* KEPT is everything it was fed */
    struct buf kept;
};

void pager_init(struct pager *p);
/* Start it if it is wanted. True when one runs. */
bool pager_start(struct pager *p);
/* Remember what was fed, for pager_finish. */
void pager_fed(struct pager *p, const char *s, size_t n);
/* Close the feed and wait until the person leaves. True when there was no such program after all: KEPT is to be shown
 * by other means. False also when none runs. */
bool pager_finish(struct pager *p);
void pager_release(struct pager *p);

#endif
