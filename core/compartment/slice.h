/* slice.h - the clock that interrupts Lua.
 *
 * A timer signal ticks every SLICE_TICK_MS while Lua runs and stops by itself when none does, so a call costs no system
 * call for it and idle code pays nothing. A slice that is still running at its second tick gets the hook: the next Lua
 * instruction calls it, once for each tick. The hook decides what to do; see tasks.c.
 *
 * There is one clock in a process, because there is one signal. Only the thread that calls slice_init may run Lua.
 */
#ifndef LECTERN_COMPARTMENT_SLICE_H
#define LECTERN_COMPARTMENT_SLICE_H

#include <lua.h>

enum { SLICE_TICK_MS = 5 };

void slice_init(lua_Hook hook);
/* From now on L runs; a new slice begins. */
void slice_enter(lua_State *L);
/* A coroutine of the same slice goes on in place of the one before, which is returned. */
lua_State *slice_switch(lua_State *L);
/* No Lua runs. */
void slice_leave(void);
/* Call the hook before the next instruction of what runs now, and of L (may be NULL). */
void slice_interrupt(lua_State *L);

#endif
