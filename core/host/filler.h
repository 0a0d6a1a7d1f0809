/* filler.h - what a daemon does while nobody asks for anything: the store's index of pieces is filled, a step at a time.
 *
 * It starts a few seconds after the last job ended, rests at least as long as it works, and stops as soon as a job comes or
 * another process writes. A host that serves one command has no such time.
 */
#ifndef LECTERN_HOST_FILLER_H
#define LECTERN_HOST_FILLER_H

#include "host/host.h"

struct filler *filler_new(struct host *h);
void filler_rest(struct filler *f); /* the last job ended: from now on there may be time */
void filler_free(struct filler *f);

#endif
