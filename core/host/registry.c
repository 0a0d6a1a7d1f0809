/* registry.c - the current generation of plugins and contributions, and how the next one is made.
 *
 * The one idea: a generation is immutable. Refreshing scans the folders, takes over what is unchanged from the last generation or the
 * cache, lets only what is new register in a compartment, and swaps. Old generations live until no job can point into them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "host/job.h"
#include "host/registry_priv.h"

enum { FRESH_US = 1000000 }; /* a daemon looks at the files at most once a second */

struct waiter {
    loop_fn *done;
    void *ctx;
    struct waiter *next;
};

struct registry {
    struct host *host;
    struct generation *now;  /* NULL before the first refresh */
    struct generation *next; /* being made, or NULL */
    struct generation *old;  /* may still be pointed into by jobs */
    struct waiter *waiters;
    size_t registering;
    uint64_t checked_us;
    bool invalid;
    unsigned held; /* registry_hold */
};

struct registering {
    struct registry *registry;
    struct plugin *plugin;
};

struct registry *registry_new(struct host *h) {
    struct registry *r = mem_alloc(sizeof *r);
    r->host = h;
    return r;
}

void registry_hold(struct registry *r) {
    r->held++;
}

void registry_release(struct registry *r) {
    r->held--;
}

static void bury(struct registry *r) {
    while (r->old) {
        struct generation *g = r->old;
        r->old = g->older;
        for (size_t i = 0; i < g->n; i++)
            err_release(&g->plugins[i]->err);
        arena_release(&g->arena);
        mem_free(g);
    }
}

void registry_free(struct registry *r) {
    if (!r)
        return;
    if (r->now) {
        r->now->older = r->old;
        r->old = r->now;
    }
    if (r->next) {
        r->next->older = r->old;
        r->old = r->next;
    }
    bury(r);
    while (r->waiters) {
        struct waiter *w = r->waiters;
        r->waiters = w->next;
        mem_free(w);
    }
    mem_free(r);
}

void registry_invalidate(struct registry *r) {
    r->invalid = true;
}

/* ---- making a generation ---------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int d = strcmp(x->kind, y->kind);
    return d ? d : strcmp(x->name, y->name);
}

/* Of equal names the one that may be used comes first: others are of plugins that were refused. */
static int by_key(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int d = by_name(x, y);
    if (d)
        return d;
    bool p = x->contribution->plugin->state == PLUGIN_REFUSED, q = y->contribution->plugin->state == PLUGIN_REFUSED;
    return p != q ? p - q : (x->order > y->order) - (x->order < y->order);
}

static void refuse(struct plugin *p, const struct contribution *second, const struct contribution *first) {
    const struct value *a = first->raw, *b = second->raw;
    p->state = PLUGIN_REFUSED;
    err_release(&p->err);
    err_set(&p->err, E_CONFIG, "%s '%s' is registered twice: %s:%lld and %s:%lld", second->kind, second->name,
            value_cstr(value_get(a, "file"), first->plugin->path), (long long)value_toint(value_get(a, "line"), 0),
            value_cstr(value_get(b, "file"), second->plugin->path), (long long)value_toint(value_get(b, "line"), 0));
}

static struct contribution *lookup(const struct generation *g, const char *kind, const char *name) {
    struct entry key = {.kind = kind, .name = name};
    struct entry *e = bsearch(&key, g->entries, g->nentries, sizeof *g->entries, by_name);
    while (e && e > g->entries && !by_name(e - 1, &key))
        e--;
    return e ? e->contribution : NULL;
}

/* C's I-th name: its own, then its aliases; NULL after the last. */
static const char *name_of(const struct contribution *c, size_t i) {
    if (!i)
        return c->name;
    return value_is(c->aliases, VALUE_ARRAY) && i <= c->aliases->len ? value_cstr(value_at(c->aliases, i - 1), "")
                                                                     : NULL;
}

static bool share_name(const struct contribution *a, const struct contribution *b) {
    const char *x, *y;
    for (size_t i = 0; (x = name_of(a, i)); i++)
        for (size_t k = 0; (y = name_of(b, k)); k++)
            if (!strcmp(x, y))
                return true;
    return false;
}

/* Is K's name, or one of its aliases, taken already? */
static struct contribution *taken(const struct generation *g, const struct contribution *k) {
    for (size_t i = 0; i < g->nall; i++)
        if (g->all[i]->plugin->state != PLUGIN_REFUSED && !strcmp(g->all[i]->kind, k->kind) && share_name(g->all[i], k))
            return g->all[i];
    return NULL;
}

/* Contributions of every plugin, first come first served; only `user`, which is scanned first, may take a name that a later one wants. */
static void collect(struct generation *g) {
    size_t most = 0, names = 0;
    for (size_t i = 0; i < g->n; i++)
        if (value_is(g->plugins[i]->contributions, VALUE_ARRAY))
            most += g->plugins[i]->contributions->len;
    g->all = arena_alloc(&g->arena, (most + 1) * sizeof *g->all);
    for (size_t i = 0; i < g->n; i++) {
        struct plugin *p = g->plugins[i];
        if (p->state == PLUGIN_SHADOWED || p->state == PLUGIN_REFUSED || !value_is(p->contributions, VALUE_ARRAY))
            continue;
        for (size_t k = 0; k < p->contributions->len; k++) {
            struct contribution *c = arena_zalloc(&g->arena, sizeof *c);
            c->raw = value_at(p->contributions, k);
            c->kind = value_cstr(value_get(c->raw, "kind"), "");
            c->name = value_cstr(value_get(c->raw, "name"), "");
            c->aliases = value_get(c->raw, "aliases");
            c->plugin = p;
            struct contribution *first = taken(g, c);
            if (first && first->plugin->home != HOME_USER)
                refuse(p, c, first);
            if (first)
                continue;
            g->all[g->nall++] = c;
            for (size_t j = 0; name_of(c, j); j++)
                names++;
        }
    }
    g->entries = arena_alloc(&g->arena, (names + 1) * sizeof *g->entries);
    for (size_t i = 0; i < g->nall; i++) {
        struct contribution *c = g->all[i];
        const char *name;
        for (size_t k = 0; (name = name_of(c, k)); k++)
            g->entries[g->nentries++] = (struct entry){c->kind, name, c, i};
    }
    qsort(g->entries, g->nentries, sizeof *g->entries, by_key);
}

static bool same_files(const struct plugin *a, const struct plugin *b) {
    if (strcmp(a->path, b->path) || a->nfiles != b->nfiles || a->shadowed_by != NULL || b->shadowed_by != NULL)
        return false;
    for (size_t i = 0; i < a->nfiles; i++) {
        const struct plugin_file *x = &a->files[i], *y = &b->files[i];
        if (strcmp(x->path, y->path) || x->size != y->size || x->mtime_ns != y->mtime_ns)
            return false;
    }
    return true;
}

static bool same_generation(const struct generation *a, const struct generation *b) {
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        bool shadows = a->plugins[i]->shadowed_by || b->plugins[i]->shadowed_by;
        if (shadows ? strcmp(a->plugins[i]->path, b->plugins[i]->path) != 0 : !same_files(a->plugins[i], b->plugins[i]))
            return false;
    }
    return true;
}

static void retire_changed(struct registry *r, const struct generation *was, const struct generation *is) {
    for (size_t i = 0; was && i < was->n; i++) {
        const struct plugin *p = was->plugins[i];
        bool kept = false;
        for (size_t k = 0; k < is->n && !kept; k++)
            kept = !strcmp(is->plugins[k]->path, p->path) && !strcmp(is->plugins[k]->hash, p->hash) &&
                   is->plugins[k]->state == p->state;
        if (!kept)
            supervisor_retire(r->host->supervisor, p->name);
    }
}

static void tell(struct registry *r) {
    struct waiter *w = r->waiters, *next;
    r->waiters = NULL;
    for (; w; w = next) {
        next = w->next;
        w->done(w->ctx);
        mem_free(w);
    }
}

static void swap(struct registry *r) {
    struct generation *g = r->next;
    r->next = NULL;
    grants_apply(g->plugins, g->n, &g->arena, &r->host->place, &r->host->tree);
    collect(g);
    retire_changed(r, r->now, g);
    if (r->now) {
        r->now->older = r->old;
        r->old = r->now;
    }
    r->now = g;
    r->invalid = false;
    if (g->dirty)
        registry_cache_write(r->host, g);
    if (!jobs_count(r->host->jobs) && !r->held)
        bury(r);
    tell(r);
}

/* ---- registering what is new ------------------------------------------------------------------------------------ */

static void registered(void *ctx, const struct value *result, const struct err *err) {
    struct registering *job = ctx;
    struct registry *r = job->registry;
    struct plugin *p = job->plugin;
    struct arena *a = &r->next->arena;
    struct err own;
    err_init(&own);
    if (err)
        err_copy(&own, err);
    else
        registry_check(p, result, &own);
    if (own.code != E_OK) {
        p->state = PLUGIN_REFUSED;
        err_copy(&p->err, &own);
        snprintf(p->err.plugin, sizeof p->err.plugin, "%s", p->name);
    } else {
        struct value *kept = arena_alloc(a, 3 * sizeof *kept);
        kept[0] = value_copy(a, value_get(result, "plugin"));
        kept[1] = value_copy(a, value_get(result, "contributions"));
        kept[2] = value_copy(a, value_get(result, "helpers"));
        p->info = &kept[0];
        p->contributions = &kept[1];
        p->helpers = &kept[2];
    }
    err_release(&own);
    mem_free(job);
    if (--r->registering == 0)
        swap(r);
}

static void start_registering(struct registry *r, struct plugin *p) {
    struct value sources;
    struct arena scratch = ARENA_INIT;
    r->next->dirty = true;
    if (plugin_read(p, &scratch, &sources, p->hash, &p->err)) {
        p->state = PLUGIN_REFUSED;
    } else if (!registry_cache_by_hash(r->next, p)) {
        struct registering *job = mem_alloc(sizeof *job);
        *job = (struct registering){r, p};
        r->registering++;
        supervisor_register(r->host->supervisor, p, registered, job);
    }
    arena_release(&scratch);
}

static void take_over(struct registry *r, struct plugin *p) {
    for (size_t i = 0; r->now && i < r->now->n; i++) {
        const struct plugin *was = r->now->plugins[i];
        if (!same_files(was, p) || !was->hash[0] || !registry_lasting(was))
            continue;
        struct arena *a = &r->next->arena;
        struct value *kept = arena_alloc(a, 3 * sizeof *kept);
        memcpy(p->hash, was->hash, sizeof p->hash);
        kept[0] = value_copy(a, was->info);
        kept[1] = value_copy(a, was->contributions);
        kept[2] = value_copy(a, was->helpers);
        p->info = &kept[0];
        p->contributions = &kept[1];
        p->helpers = &kept[2];
        if (value_is(p->contributions, VALUE_ARRAY))
            return; /* held or in conflict: judged anew */
        p->state = was->state;
        err_copy(&p->err, &was->err);
        return;
    }
}

static void make_next(struct registry *r) {
    struct generation *g = mem_alloc(sizeof *g);
    arena_init(&g->arena);
    g->plugins = plugin_scan(&g->arena, &r->host->place, &r->host->tree, r->host->plugin_path, &g->n);
    if (r->now && !r->invalid && same_generation(r->now, g)) {
        arena_release(&g->arena);
        mem_free(g);
        tell(r);
        return;
    }
    r->next = g;
    registry_cache_read(r->host, g);
    r->registering = 1; /* so that nothing swaps while we are still starting */
    for (size_t i = 0; i < g->n; i++) {
        struct plugin *p = g->plugins[i];
        if (p->state == PLUGIN_SHADOWED)
            continue;
        take_over(r, p);
        if (!p->hash[0] && !registry_cache_by_files(g, p))
            start_registering(r, p);
    }
    if (--r->registering == 0)
        swap(r);
}

void registry_refresh(struct registry *r, loop_fn *done, void *ctx) {
    uint64_t now = clock_mono_us();
    if (r->now && !r->next && !r->invalid && (now - r->checked_us < FRESH_US || (!r->host->daemon && r->checked_us))) {
        done(ctx);
        return;
    }
    struct waiter *w = mem_alloc(sizeof *w);
    *w = (struct waiter){done, ctx, NULL};
    struct waiter **at = &r->waiters;
    while (*at)
        at = &(*at)->next;
    *at = w;
    if (r->next)
        return;
    r->checked_us = now;
    make_next(r);
}

/* ---- asking ----------------------------------------------------------------------------------------------------- */

struct contribution *registry_find(struct registry *r, const char *kind, const char *name) {
    const struct generation *g = r->now;
    if (!g)
        return NULL;
    if (kind)
        return lookup(g, kind, name);
    const char *colon = strchr(name, ':');
    if (colon) {
        char own[16];
        if ((size_t)(colon - name) >= sizeof own)
            return NULL;
        memcpy(own, name, (size_t)(colon - name));
        own[colon - name] = '\0';
        return lookup(g, own, colon + 1);
    }
    struct contribution *found = lookup(g, "command", name);
    for (size_t i = 0; i < g->nentries && !found; i++)
        if (!strcmp(g->entries[i].name, name))
            found = g->entries[i].contribution;
    return found;
}

int registry_usable(const struct contribution *c, struct err *err) {
    if (c->plugin->state == PLUGIN_OK)
        return 0;
    err_copy(err, &c->plugin->err);
    if (err->code == E_OK)
        err_set(err, E_CONFIG, "plugin '%s' is %s", c->plugin->name, plugin_state_name(c->plugin->state));
    return -(int)err->code;
}

const struct command_spec *contribution_spec(struct registry *r, struct contribution *c, struct err *err) {
    if (!c->spec)
        spec_parse(&r->now->arena, c->plugin->name, c->raw, &c->spec, err);
    return c->spec;
}

struct plugin **registry_plugins(struct registry *r, size_t *n) {
    *n = r->now ? r->now->n : 0;
    return r->now ? r->now->plugins : NULL;
}

struct contribution **registry_all(struct registry *r, size_t *n) {
    *n = r->now ? r->now->nall : 0;
    return r->now ? r->now->all : NULL;
}

struct plugin *registry_plugin(struct registry *r, const char *name) {
    for (size_t i = 0; r->now && i < r->now->n; i++)
        if (r->now->plugins[i]->state != PLUGIN_SHADOWED && !strcmp(r->now->plugins[i]->name, name))
            return r->now->plugins[i];
    return NULL;
}

static bool matches(const struct value *raw, const char *name) {
    const struct value *extensions = value_get(raw, "extensions"), *names = value_get(raw, "names");
    for (size_t i = 0; value_is(names, VALUE_ARRAY) && i < names->len; i++)
        if (value_eqs(value_at(names, i), name))
            return true;
    size_t n = strlen(name);
    for (size_t i = 0; value_is(extensions, VALUE_ARRAY) && i < extensions->len; i++) {
        const struct value *e = value_at(extensions, i);
        if (!value_is(e, VALUE_STR) || e->len + 1 >= n)
            continue;
        if (name[n - e->len - 1] == '.' && !strcasecmp(name + n - e->len, e->s))
            return true;
    }
    return false;
}

size_t registry_importers_for(struct registry *r, const char *name, struct contribution **out, size_t max) {
    size_t n = 0;
    for (size_t i = 0; r->now && i < r->now->nall && n < max; i++) {
        struct contribution *c = r->now->all[i];
        if (!strcmp(c->kind, "importer") && c->plugin->state == PLUGIN_OK && matches(c->raw, name))
            out[n++] = c;
    }
    return n;
}

int registry_unknown(struct registry *r, const char *kind, const char *name, struct err *err) {
    const struct generation *g = r->now;
    const char **names = mem_array(NULL, (g ? g->nentries : 0) + 1, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; g && i < g->nentries; i++)
        if (!kind || !strcmp(g->entries[i].kind, kind))
            names[n++] = g->entries[i].name;
    const char *near = text_nearest(name, names, n);
    int rc = err_set(err, E_USAGE, near ? "unknown %s '%s'; did you mean '%s'?" : "unknown %s '%s'",
                     kind ? kind : "name", name, near);
    if (!near)
        err_hint(err,
                 kind && strcmp(kind, "command") ? "lectern apropos %s lists what there is"
                                                 : "lectern help lists the commands",
                 kind);
    mem_free(names);
    return rc;
}
