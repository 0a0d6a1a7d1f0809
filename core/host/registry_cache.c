/* registry_cache.c - what plugins registered, on disk, so that a start runs none of them.
 *
 * One MessagePack map {api, version, made_by, plugins: [{name, path, files: [[module, path, size, mtime_ns]], hash, info, contributions, helpers,
 * error?}]} after a checksum of it, replaced by rename. Anything odd about it means: as if it were absent.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/msgpack.h"
#include "base/path.h"
#include "base/version.h"
#include "host/registry_priv.h"

/* What registers plugins, the runtime in it: another one may register differently. */
static int64_t made_by(const struct host *h) {
    struct buf path = BUF_INIT;
    struct stat st;
    int64_t sum = 0;
    path_join(&path, h->tree.bin, "lectern-compartment");
    if (!stat(path.data, &st))
        sum = st.st_mtim.tv_sec * 1000003 + st.st_mtim.tv_nsec;
    buf_release(&path);
    return sum;
}

enum { CACHE_BYTES = 64 * 1024 * 1024, SUM_BYTES = 8 };

/* FNV-1a over words of eight bytes: finds damage, at the speed of memory. */
static void checksum(const char *p, size_t n, char out[SUM_BYTES]) {
    uint64_t sum = 0xcbf29ce484222325u ^ n, word;
    for (; n; p += sizeof word, n -= sizeof word) {
        word = 0;
        memcpy(&word, p, n < sizeof word ? n : sizeof word);
        sum = (sum ^ word) * 0x100000001b3u;
        if (n < sizeof word)
            break;
    }
    memcpy(out, &sum, SUM_BYTES);
}

static void cache_path(struct buf *out, const struct host *h) {
    char name[32];
    snprintf(name, sizeof name, "registry-%d", LECTERN_API);
    path_join(out, h->place.cache, name);
}

void registry_cache_read(struct host *h, struct generation *g) {
    struct buf path = BUF_INIT, bytes = BUF_INIT;
    struct msgpack_limits limits = {.bytes = CACHE_BYTES, .elements = 4 * 1024 * 1024, .depth = 32};
    char sum[SUM_BYTES] = {0};
    cache_path(&path, h);
    g->cache = value_nil;
    if (!path_read(path.data, &bytes, CACHE_BYTES, NULL) && bytes.len > SUM_BYTES) {
        struct value v;
        checksum(bytes.data + SUM_BYTES, bytes.len - SUM_BYTES, sum);
        if (!memcmp(bytes.data, sum, SUM_BYTES) &&
            !msgpack_read(&g->arena, bytes.data + SUM_BYTES, bytes.len - SUM_BYTES, &limits, &v, NULL) &&
            value_eqs(value_get(&v, "version"), LECTERN_VERSION) &&
            value_toint(value_get(&v, "made_by"), -1) == made_by(h))
            g->cache = *value_get(&v, "plugins");
    }
    buf_release(&path);
    buf_release(&bytes);
}

static bool same_files(const struct value *entry, const struct plugin *p) {
    const struct value *files = value_get(entry, "files");
    if (!value_is(files, VALUE_ARRAY) || files->len != p->nfiles)
        return false;
    for (size_t i = 0; i < p->nfiles; i++) {
        const struct value *f = value_at(files, i);
        if (!value_eqs(value_at(f, 0), p->files[i].module) || !value_eqs(value_at(f, 1), p->files[i].path))
            return false;
        if (value_toint(value_at(f, 2), -1) != p->files[i].size ||
            value_toint(value_at(f, 3), -1) != p->files[i].mtime_ns)
            return false;
    }
    return true;
}

static bool fill(struct plugin *p, const struct value *entry) {
    const char *hash = value_cstr(value_get(entry, "hash"), "");
    if (strlen(hash) != PLUGIN_HASH_TEXT)
        return false;
    memcpy(p->hash, hash, sizeof p->hash);
    p->info = value_get(entry, "info");
    p->contributions = value_get(entry, "contributions");
    p->helpers = value_get(entry, "helpers");
    const struct value *error = value_get(entry, "error");
    if (value_is(error, VALUE_MAP)) {
        const char *code = value_cstr(value_get(error, "code"), "E_PLUGIN");
        p->state = PLUGIN_REFUSED;
        err_set(&p->err, err_code_of(code, strlen(code)), "%s", value_cstr(value_get(error, "message"), "refused"));
        snprintf(p->err.hint, sizeof p->err.hint, "%s", value_cstr(value_get(error, "hint"), ""));
        snprintf(p->err.at, sizeof p->err.at, "%s", value_cstr(value_get(error, "at"), ""));
        snprintf(p->err.plugin, sizeof p->err.plugin, "%s", p->name);
    }
    return true;
}

bool registry_cache_by_files(struct generation *g, struct plugin *p) {
    for (size_t i = 0; value_is(&g->cache, VALUE_ARRAY) && i < g->cache.len; i++) {
        const struct value *e = value_at(&g->cache, i);
        if (value_eqs(value_get(e, "path"), p->path) && same_files(e, p))
            return fill(p, e);
    }
    return false;
}

bool registry_cache_by_hash(struct generation *g, struct plugin *p) {
    for (size_t i = 0; value_is(&g->cache, VALUE_ARRAY) && i < g->cache.len; i++) {
        const struct value *e = value_at(&g->cache, i);
        if (value_eqs(value_get(e, "path"), p->path) && value_eqs(value_get(e, "hash"), p->hash) &&
            !value_is(value_get(e, "error"), VALUE_MAP))
            return fill(p, e);
    }
    return false;
}

bool registry_lasting(const struct plugin *p) {
    return p->state != PLUGIN_REFUSED || p->err.code == E_PLUGIN || p->err.code == E_CONFIG || p->err.code == E_USAGE;
}

static struct value entry_of(struct arena *a, const struct plugin *p) {
    struct value e = value_map(a, 8), files = value_array(a, (uint32_t)p->nfiles);
    for (size_t i = 0; i < p->nfiles; i++) {
        struct value f = value_array(a, 4);
        value_push(a, &f, value_lit(p->files[i].module));
        value_push(a, &f, value_lit(p->files[i].path));
        value_push(a, &f, value_int(p->files[i].size));
        value_push(a, &f, value_int(p->files[i].mtime_ns));
        value_push(a, &files, f);
    }
    value_set(a, &e, "name", value_lit(p->name));
    value_set(a, &e, "path", value_lit(p->path));
    value_set(a, &e, "files", files);
    value_set(a, &e, "hash", value_lit(p->hash));
    value_set(a, &e, "info", *p->info);
    value_set(a, &e, "contributions", *p->contributions);
    value_set(a, &e, "helpers", *p->helpers);
    if (!value_is(p->contributions, VALUE_ARRAY)) {
        struct value error = value_map(a, 4);
        value_set(a, &error, "code", value_lit(err_name(p->err.code)));
        value_set(a, &error, "message", value_lit(p->err.message));
        value_set(a, &error, "hint", value_lit(p->err.hint));
        value_set(a, &error, "at", value_lit(p->err.at));
        value_set(a, &e, "error", error);
    }
    return e;
}

void registry_cache_write(struct host *h, const struct generation *g) {
    struct arena a = ARENA_INIT;
    struct buf path = BUF_INIT, out = BUF_INIT;
    struct value all = value_map(&a, 3), list = value_array(&a, (uint32_t)g->n);
    for (size_t i = 0; i < g->n; i++)
        if (g->plugins[i]->state != PLUGIN_SHADOWED && g->plugins[i]->hash[0] && registry_lasting(g->plugins[i]))
            value_push(&a, &list, entry_of(&a, g->plugins[i]));
    value_set(&a, &all, "api", value_int(LECTERN_API));
    value_set(&a, &all, "version", value_lit(LECTERN_VERSION));
    value_set(&a, &all, "made_by", value_int(made_by(h)));
    value_set(&a, &all, "plugins", list);
    buf_pad(&out, '\0', SUM_BYTES);
    msgpack_write(&out, &all);
    checksum(out.data + SUM_BYTES, out.len - SUM_BYTES, out.data);
    cache_path(&path, h);
    if (!path_mkdirs(h->place.cache, 0700, NULL))
        path_write_atomic(path.data, out.data, out.len, 0600, NULL);
    buf_release(&path);
    buf_release(&out);
    arena_release(&a);
}
