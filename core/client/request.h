/* request.h - what the client says first: hello and run, in one write. */
#ifndef LECTERN_CLIENT_REQUEST_H
#define LECTERN_CLIENT_REQUEST_H

#include <stdbool.h>

#include "base/buf.h"
#include "client/terminal.h"

enum { REQUEST_HELLO = 1, REQUEST_RUN = 2 }; /* ids of our requests */

struct request {
    int argc;
    char **argv; /* everything after the program's name */
    const char *cwd;
    const struct terminal *terminal;
    bool private_host;
};

void request_hello(struct buf *out);
void request_run(struct buf *out, const struct request *r);
/* Whether the host is told the variable that ENTRY ("NAME=value") sets; *N is the length of the name. */
bool request_tells(const char *entry, size_t *n);

#endif
