/* ledger.h - what ran: jobs that only read are remembered here and written later, in bulk.
 *
 * A run that wrote is recorded by its own transaction. Recording each reading run would cost more than the run, so they go to a ring in memory,
 * written with 5 s of delay and at the end.
 */
#ifndef LECTERN_HOST_LEDGER_H
#define LECTERN_HOST_LEDGER_H

#include "host/host.h"

struct job;
struct ledger *ledger_new(struct host *h);
/* A job ended; ERR NULL: well. */
void ledger_note(struct ledger *l, struct job *job, const struct err *err);
/* Write what is there (a task on the store); DONE(ctx) afterwards, at once when there is nothing. */
void ledger_flush(struct ledger *l, loop_fn *done, void *ctx);
void ledger_free(struct ledger *l);

#endif
