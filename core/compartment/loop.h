/* loop.h - the event loop of a compartment: the socket, the sleepers, the tasks. */
#ifndef LECTERN_COMPARTMENT_LOOP_H
#define LECTERN_COMPARTMENT_LOOP_H

#include "compartment/link.h"
#include "compartment/tasks.h"

struct loop;

/* Opens what it needs, so it has to be made before the process is sealed. NULL where it cannot. */
struct loop *loop_new(struct link *link, struct tasks *tasks);
/* Until the host closes the socket. */
void loop_run(struct loop *l);
void loop_free(struct loop *l);

#endif
