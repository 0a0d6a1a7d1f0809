/* resolve.h - the second phase of reading arguments: what only the store can tell. */
#ifndef LECTERN_HOST_RESOLVE_H
#define LECTERN_HOST_RESOLVE_H

#include "host/args.h"
#include "host/host.h"

/* Replace what ARGS->refs point at: events by {"id","slug","name","year"}, talks, notes and persons by their full id. DONE(ctx, err) on
 * the loop, at once when there is nothing to look up; ERR NULL: fine. ARGS and A must live until then. */
typedef void resolve_done(void *ctx, const struct err *err);
void resolve_args(struct host *h, struct arena *a, struct args *args, resolve_done *done, void *ctx);

#endif
