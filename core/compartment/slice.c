/* slice.c - SIGALRM sets a count hook.
 *
 * The one idea: lua_sethook may be called from a signal handler, so a loop that never calls anything is still stopped,
 * and code that is not interrupted runs without any hook. The handler knows the running coroutine and nothing else.
 */
#include "compartment/slice.h"

#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

/* Shared with the signal handler. */
static struct {
    lua_Hook hook;
    lua_State *volatile running;
    volatile unsigned slices; /* begun so far */
    volatile unsigned seen;   /* of the last tick */
    volatile sig_atomic_t ticking;
} shared;

static void set_timer(int ms) {
    struct timeval tick = {.tv_sec = 0, .tv_usec = (suseconds_t)ms * 1000};
    struct itimerval timer = {.it_interval = tick, .it_value = tick};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* Setting a hook visits every call of the coroutine, and there may be many: not twice, or the signals of a deep
 * recursion leave no time for anything else. */
static void interrupt(lua_State *L) {
    if (lua_gethook(L) != shared.hook) {
        lua_sethook(L, shared.hook, LUA_MASKCOUNT, 1);
    }
}

static void on_tick(int signal) {
    (void)signal;
    lua_State *L = shared.running;
    if (!L) {
        shared.ticking = 0;
        set_timer(0);
        return;
    }
    if (shared.seen == shared.slices) {
        interrupt(L);
    }
    shared.seen = shared.slices;
}

void slice_init(lua_Hook hook) {
    shared.hook = hook;
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
}

void slice_enter(lua_State *L) {
    shared.slices++;
    shared.running = L;
    if (!shared.ticking) {
        shared.ticking = 1;
        set_timer(SLICE_TICK_MS);
    }
}

lua_State *slice_switch(lua_State *L) {
    lua_State *before = shared.running;
    shared.running = L;
    return before;
}

void slice_leave(void) {
    shared.running = NULL;
}

void slice_interrupt(lua_State *L) {
    if (L) {
        interrupt(L);
    }
    if (shared.running) {
        interrupt(shared.running);
    }
}
