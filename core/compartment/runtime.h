/* runtime.h - the Lua modules that every plugin finds: share/lectern/lua/lectern, compiled by scripts/embed when the
 * program is built, so that a compartment starts without parsing them.
 */
#ifndef LECTERN_COMPARTMENT_RUNTIME_H
#define LECTERN_COMPARTMENT_RUNTIME_H

#include <stddef.h>

struct runtime_module {
    const char *name;           /* "lectern", "lectern._job" */
    const unsigned char *bytes; /* a chunk as string.dump makes it */
    size_t len;
};

/* In order of names; ends with a NULL name. */
extern const struct runtime_module runtime_modules[];

#endif
