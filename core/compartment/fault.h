/* fault.h - what went wrong in Lua, in the form the host reports it.
 *
 * Whatever was raised (a string, a table with a message, nil, anything) becomes {message, code, hint, at, trace}: at is
 * "file:line" of the plugin's own code, trace the calls that led there. Errors raised by lectern are tables of the
 * class below with the same fields, so that a plugin that catches one can look at its code.
 */
#ifndef LECTERN_COMPARTMENT_FAULT_H
#define LECTERN_COMPARTMENT_FAULT_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum { FAULT_MESSAGE_MAX = 4096, FAULT_TRACE_MAX = 8192 };

struct fault {
    struct buf message, hint, at, trace;
    char code[24]; /* "E_PLUGIN" */
};
void fault_init(struct fault *f);
void fault_release(struct fault *f);
void fault_clear(struct fault *f);
void fault_set(struct fault *f, const char *code, const char *message, const char *hint);
/* Fill F from the error value at INDEX of L, whose call stack is still that of the error. May run a __tostring. */
void fault_capture(lua_State *L, int index, struct fault *f);
/* Fill in only where L is now, if F does not know yet. */
void fault_locate(lua_State *L, struct fault *f);
/* Append the failed response to the request ID. */
void fault_write(const struct fault *f, int64_t id, struct buf *out);

/* Registers the class of lectern's errors. */
void fault_open(lua_State *L);
/* Push an error of that class; AT is where the plugin is now. HINT may be NULL. */
void fault_push(lua_State *L, const char *code, const char *message, size_t n, const char *hint);
/* Raise one. */
int fault_raise(lua_State *L, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "file" and line of the innermost code of the plugin at LEVEL or above, pushed as two values; false and nothing pushed
 * where there is none. */
bool fault_where(lua_State *L, int level);

#endif
