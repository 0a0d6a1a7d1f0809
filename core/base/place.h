/* place.h - where things are: store, configuration, runtime folder, socket, share folder.
 *
 * Client and host compute the same places from the same environment; this is why it lives in base. Nothing is created.
 */
#ifndef LECTERN_BASE_PLACE_H
#define LECTERN_BASE_PLACE_H

#include "base/err.h"

/* Looks a variable up; returns NULL where unset or empty. The host passes the client's environment here. */
typedef const char *place_env(void *ctx, const char *name);
const char *place_getenv(void *ctx, const char *name); /* the process's own */

struct place {
    char *store;   /* absolute; the real path as far as it exists */
    char *config;  /* absolute */
    char *data;    /* XDG_DATA_HOME/lectern */
    char *cache;   /* XDG_CACHE_HOME/lectern */
    char *state;   /* XDG_STATE_HOME/lectern */
    char *runtime; /* XDG_RUNTIME_DIR/lectern, else state/run */
    char *socket;  /* runtime/<12 hex: a hash of store NUL config>.sock */
};
/* Where STORE or CONFIG is NULL: LECTERN_STORE, else data/notes.db; LECTERN_CONFIG, else XDG_CONFIG_HOME/lectern.
 * Relative names are taken from CWD (absolute); unset or relative XDG_*_HOME stand for their defaults beneath HOME.
 * -E_CONFIG where HOME is needed and unset, a name is empty, or the socket path would exceed 107 bytes; *P is then
 * empty. */
int place_find(struct place *p, place_env *env, void *ctx, const char *cwd, const char *store, const char *config,
               struct err *err);
void place_release(struct place *p);

/* The tree this program runs from, found from /proc/self/exe alone (an environment variable must not choose what code
 * runs): the nearest parent folder P (at most four up) that holds P/share/lectern/lua. In a source tree that is the
 * root (programs in build/bin or build/asan/bin), installed it is PREFIX. */
struct place_tree {
    char *bin;     /* folder of lectern, lecternd, lectern-compartment */
    char *modules; /* bin/../lib/lectern: the Lua C modules of the compartment (*.so) */
    char *share;   /* P/share/lectern: lua, samples, templates */
    char *plugins; /* bundled plugins: P/share/lectern/plugins when that exists, else P/plugins */
    char *grants;  /* their grants: P/share/lectern/grants when that exists, else P/config/grants */
};
int place_tree_find(struct place_tree *t, struct err *err); /* -E_CONFIG when there is no such folder */
void place_tree_release(struct place_tree *t);

#endif
