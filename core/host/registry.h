/* registry.h - what plugins offer: found, cached, looked up; no plugin code runs here.
 *
 * The cache (cache/registry-1) keeps what each plugin registered, by path, size, times and content hash. A plugin that is not in it runs once,
 * sealed and without a job, in a compartment that may only register. Looking up never touches the disk; refreshing stats the plugin files.
 */
#ifndef LECTERN_HOST_REGISTRY_H
#define LECTERN_HOST_REGISTRY_H

#include "host/host.h"
#include "host/plugin.h"
#include "host/spec.h"

struct registry;

struct contribution {
    const char *kind; /* "command", "importer", "summariser", "exporter" */
    const char *name;
    struct plugin *plugin;
    const struct value *raw;         /* as registered */
    const struct value *aliases;     /* its other names, or nil */
    const struct command_spec *spec; /* made when first asked for: contribution_spec */
};

struct registry *registry_new(struct host *h);
void registry_free(struct registry *r);
/* Bring it up to date, then call DONE(ctx) on the loop (at once, inside this call, when nothing has changed). */
void registry_refresh(struct registry *r, loop_fn *done, void *ctx);

/* By kind and name (aliases too), or "KIND:NAME" with KIND NULL; a name unique over all kinds will do. NULL: none. Contributions
 * of held or refused plugins are found; registry_usable says why they cannot run. */
struct contribution *registry_find(struct registry *r, const char *kind, const char *name);
int registry_usable(const struct contribution *c, struct err *err);
/* The parsed spec; NULL and ERR where the plugin registered nonsense (cannot happen for usable ones). */
const struct command_spec *contribution_spec(struct registry *r, struct contribution *c, struct err *err);

/* Contributions and plugins stay where they are while a job is running; who keeps one without a job holds on here meanwhile. */
void registry_hold(struct registry *r);
void registry_release(struct registry *r);

struct plugin **registry_plugins(struct registry *r, size_t *n);
struct contribution **registry_all(struct registry *r, size_t *n);    /* in order of plugins and registration */
struct plugin *registry_plugin(struct registry *r, const char *name); /* not shadowed; NULL: none */
/* Importer for the file NAME by data alone: contributions whose match fits, into OUT (at most MAX); returns how many. */
size_t registry_importers_for(struct registry *r, const char *name, struct contribution **out, size_t max);
/* Grants changed or files changed: the next refresh looks again. */
void registry_invalidate(struct registry *r);

/* "unknown summariser 'leed'; did you mean 'lead'?" */
int registry_unknown(struct registry *r, const char *kind, const char *name, struct err *err);

#endif
