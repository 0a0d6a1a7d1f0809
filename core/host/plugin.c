/* plugin.c - finding plugins on disk.
 *
 * Looking must never run anything: names and times come from readdir and stat, contents are read only to be hashed and sent.
 */
#include "host/plugin.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"

struct scan {
    struct arena *arena;
    struct plugin **items;
    size_t n, cap;
};

const char *plugin_state_name(enum plugin_state s) {
    static const char *const names[] = {"ok", "held", "refused", "shadowed"};
    return names[s];
}

static bool good_name(const char *s, size_t n) {
    if (!n || n > 48 || s[0] < 'a' || s[0] > 'z')
        return false;
    if (n == 4 && !memcmp(s, "user", n))
        return false; /* that is CONFIG/init.lua, which holds every grant */
    for (size_t i = 0; i < n; i++)
        if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') || s[i] == '-'))
            return false;
    return true;
}

static bool add_file(struct arena *a, struct plugin *p, const char *module, const char *path) {
    struct stat st;
    if (p->nfiles == PLUGIN_FILES_MAX || stat(path, &st) || !S_ISREG(st.st_mode))
        return false;
    if (!p->files)
        p->files = arena_alloc(a, PLUGIN_FILES_MAX * sizeof *p->files);
    p->files[p->nfiles++] = (struct plugin_file){
        .module = arena_strdup(a, module),
        .path = arena_strdup(a, path),
        .size = st.st_size,
        .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
    };
    return true;
}

/* The other Lua files of a folder plugin, "lib/x.lua" as module "NAME.lib.x"; spec/ holds tests. */
static void add_folder(struct arena *a, struct plugin *p, const char *dir, const char *module, unsigned depth) {
    struct dirent **list;
    int n = depth > 3 ? -1 : scandir(dir, &list, NULL, alphasort);
    struct buf path = BUF_INIT;
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name;
        size_t stem, len = strlen(name);
        path_join(&path, dir, name);
        if (name[0] == '.' || strchr(name, ' ')) {
            /* hidden */
        } else if (list[i]->d_type == DT_DIR) {
            if (strcmp(name, "spec"))
                add_folder(a, p, path.data, arena_printf(a, "%s.%s", module, name), depth + 1);
        } else if (len > 4 && !strcmp(path_extension(name, &stem), "lua") &&
                   !(depth == 0 && !strcmp(name, "init.lua"))) {
            add_file(a, p, arena_printf(a, "%s.%.*s", module, (int)stem, name), path.data);
        }
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    buf_release(&path);
}

static struct plugin *append(struct scan *s, const char *name, const char *path, enum plugin_home home) {
    struct plugin *p = arena_zalloc(s->arena, sizeof *p);
    p->name = name;
    p->home = home;
    p->info = p->contributions = p->helpers = p->granted = &value_nil;
    err_init(&p->err);
    if (!add_file(s->arena, p, name, path))
        return NULL;
    p->path = p->files[0].path;
    for (size_t i = 0; i < s->n && !p->shadowed_by; i++)
        if (!strcmp(s->items[i]->name, name))
            p->shadowed_by = s->items[i];
    if (p->shadowed_by)
        p->state = PLUGIN_SHADOWED;
    if (s->n == s->cap)
        s->items = mem_array(s->items, s->cap = s->cap ? 2 * s->cap : 32, sizeof *s->items);
    s->items[s->n++] = p;
    return p;
}

static void scan_folder(struct scan *s, const char *dir, enum plugin_home home) {
    struct dirent **list;
    int n = scandir(dir, &list, NULL, alphasort);
    struct buf path = BUF_INIT;
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name;
        size_t stem;
        const char *extension = path_extension(name, &stem);
        path_join(&path, dir, name);
        if (!strcmp(extension, "lua") && good_name(name, stem)) {
            append(s, arena_dup(s->arena, name, stem), path.data, home);
        } else if (!*extension && good_name(name, strlen(name))) {
            buf_adds(&path, "/init.lua");
            char *own = arena_strdup(s->arena, name);
            struct plugin *p = append(s, own, path.data, home);
            if (p) {
                path_join(&path, dir, name);
                add_folder(s->arena, p, path.data, own, 0);
            }
        }
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    buf_release(&path);
}

struct plugin **plugin_scan(struct arena *a, const struct place *place, const struct place_tree *tree,
                            const char *extra, size_t *n) {
    struct scan s = {.arena = a};
    struct buf path = BUF_INIT;
    path_join(&path, place->config, "init.lua");
    append(&s, "user", path.data, HOME_USER);
    for (const char *at = extra; at && *at;) {
        size_t len = strcspn(at, ":");
        buf_clear(&path);
        buf_add(&path, at, len);
        if (len)
            scan_folder(&s, path.data, HOME_PATH);
        at += len + (at[len] == ':');
    }
    path_join(&path, place->config, "plugins");
    scan_folder(&s, path.data, HOME_CONFIG);
    path_join(&path, place->data, "plugins");
    scan_folder(&s, path.data, HOME_DATA);
    scan_folder(&s, tree->plugins, HOME_BUNDLED);
    buf_release(&path);
    struct plugin **items = arena_alloc(a, (s.n + 1) * sizeof *items);
    if (s.n)
        memcpy(items, s.items, s.n * sizeof *items);
    mem_free(s.items);
    *n = s.n;
    return items;
}

int plugin_read(const struct plugin *p, struct arena *a, struct value *sources, char hash[PLUGIN_HASH_TEXT + 1],
                struct err *err) {
    struct buf all = BUF_INIT, file = BUF_INIT;
    int rc = 0;
    *sources = value_map(a, (uint32_t)p->nfiles);
    for (size_t i = 0; i < p->nfiles && !rc; i++) {
        buf_clear(&file);
        rc = path_read(p->files[i].path, &file, PLUGIN_FILE_BYTES, err);
        if (rc)
            break;
        value_set(a, sources, p->files[i].module, value_strn(a, file.data, file.len));
        buf_addf(&all, "%s\n%zu\n", p->files[i].module, file.len);
        buf_add(&all, file.data, file.len);
    }
    if (!rc) {
        uint8_t digest[SHA256_BYTES];
        sha256(all.data, all.len, digest);
        hex_encode(digest, sizeof digest, hash);
    }
    buf_release(&all);
    buf_release(&file);
    return rc;
}

const char *plugin_version(const struct plugin *p) {
    return value_cstr(value_get(p->info, "version"), "");
}
