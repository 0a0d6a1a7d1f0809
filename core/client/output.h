/* output.h - the host's bytes to stdout and stderr, complete and in order.
 *
 * Writes block: the host holds back what was not acknowledged, so a slow reader slows the plugin and nothing piles up
 * here. A reader of stdout that went away cancels the run quietly; any other failure of stdout is reported once,
 * cancels the run and makes the exit status 73. What fails on stderr is dropped.
 */
#ifndef LECTERN_CLIENT_OUTPUT_H
#define LECTERN_CLIENT_OUTPUT_H

#include "client/link.h"
#include "client/pager.h"
#include "client/progress.h"
#include "client/terminal.h"

struct output {
    struct link *link;
    const struct terminal *terminal;
    struct progress progress;
    struct pager pager;
    size_t unacked; /* bytes written and not yet acknowledged */
    bool closed;    /* nobody reads stdout any more */
    bool failed;    /* stdout could not be written */
};

void output_init(struct output *o, struct link *link, const struct terminal *terminal);
void output_release(struct output *o);
/* Write N bytes to FD (1 or 2) and acknowledge them. */
void output_put(struct output *o, int fd, const char *p, size_t n);
/* Page what follows, if stdout is a terminal. */
void output_page(struct output *o);
/* The terminal is wanted for something else, or the run is over: wait for the pager, take the progress line away. */
void output_yield(struct output *o);
/* The person left the pager before the end; polled, because a quiet command would not notice by writing. */
void output_pager_left(struct output *o);
/* Tell the host why to stop if a signal came. True when the client should stop waiting for readers as well. */
bool output_interrupted(struct output *o);

#endif
