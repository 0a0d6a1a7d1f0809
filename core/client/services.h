/* services.h - what the host may ask of the client while a command runs: standard input, an answer, a program.
 *
 * One of each kind at a time. Standard input and answers are awaited by the run loop, which polls the descriptors given
 * here and calls the reader of the one that is ready; a program is run to its end at once, because it has the terminal.
 */
#ifndef LECTERN_CLIENT_SERVICES_H
#define LECTERN_CLIENT_SERVICES_H

#include "client/link.h"
#include "client/output.h"
#include "client/prompt.h"
#include "client/terminal.h"

struct services {
    struct link *link;
    struct terminal *terminal;
    struct output *output;
    struct prompt prompt;
    int64_t stdin_id; /* of the request that waits for stdin, -1: none */
    size_t stdin_max;
};

void services_init(struct services *s, struct link *link, struct terminal *terminal, struct output *output);
void services_release(struct services *s);
/* Do what the request M asks, or begin to. What is not known is answered with an error. */
void services_handle(struct services *s, const struct rpc *m);

int services_stdin(const struct services *s);  /* to poll; -1 when nothing is awaited */
int services_prompt(const struct services *s); /* the same */
void services_read_stdin(struct services *s);
void services_read_prompt(struct services *s);
/* The run is cancelled: an open question is answered with nothing. */
void services_give_up(struct services *s);

#endif
