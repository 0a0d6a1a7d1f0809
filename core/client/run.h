/* run.h - one command from the first byte sent to the exit status. */
#ifndef LECTERN_CLIENT_RUN_H
#define LECTERN_CLIENT_RUN_H

#include "client/words.h"

/* Have the host run W and do what it asks meanwhile: copy output, read stdin, ask, run an editor. Returns the exit
 * status; everything there was to say has been said. */
int run_words(const struct words *w);

#endif
