/* registry_priv.h - one generation of the registry, and its cache on disk. */
#ifndef LECTERN_HOST_REGISTRY_PRIV_H
#define LECTERN_HOST_REGISTRY_PRIV_H

#include "host/registry.h"

struct entry {
    const char *kind, *name; /* name or alias */
    struct contribution *contribution;
    size_t order; /* of registration */
};

struct generation {
    struct arena arena;
    struct plugin **plugins;
    size_t n;
    struct contribution **all;
    size_t nall;
    struct entry *entries; /* sorted by kind, name */
    size_t nentries;
    struct value cache; /* what the cache file held */
    bool dirty;         /* the cache file lacks something */
    struct generation *older;
};

void registry_cache_read(struct host *h, struct generation *g); /* g->cache; nil when absent or unusable */
/* Fill in what P registered from the cache; false when it is not there. */
bool registry_cache_by_files(struct generation *g, struct plugin *p);
bool registry_cache_by_hash(struct generation *g, struct plugin *p);
void registry_cache_write(struct host *h, const struct generation *g); /* a cache: failing is not an error */
/* RESULT is what P registered, {plugin, contributions, helpers}: 0, or -E_PLUGIN and the like. */
int registry_check(const struct plugin *p, const struct value *result, struct err *err);
/* Is what P registered, or why it was refused, true of its files rather than of a moment (no sandbox, out of processes)? */
bool registry_lasting(const struct plugin *p);

#endif
