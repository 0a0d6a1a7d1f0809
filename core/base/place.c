/* place.c - where things are.
 *
 * The one idea: the same environment and working folder give the same places, byte for byte, in whichever program asks,
 * because the socket's name is a hash of them: a client that computed another name would talk to another host. Nothing
 * is created here, and nothing is read but links.
 */
#include "base/place.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"

enum { MAX_LINKS = 40, PARENTS = 4 };

const char *place_getenv(void *ctx, const char *name) {
    (void)ctx;
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

struct asker {
    place_env *env;
    void *ctx;
    const char *cwd;
};

static const char *ask(const struct asker *a, const char *name) {
    const char *value = a->env(a->ctx, name);
    return value && value[0] ? value : NULL;
}

/* ---- the real path --------------------------------------------------------------------------------------------- */

/* Where the dangling link PATH leads, relative to its folder; NULL when it is no link. */
static char *link_target(const char *path) {
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target);
    if (n <= 0 || (size_t)n >= sizeof target) {
        return NULL;
    }
    struct buf dir = BUF_INIT;
    struct buf whole = BUF_INIT;
    target[n] = '\0';
    buf_add(&dir, path, (size_t)(path_base(path) - path));
    path_join(&whole, dir.data, target);
    buf_release(&dir);
    return buf_take(&whole);
}

/* Splits the last component of *HEAD off and puts it before *REST. */
static void move_last(struct buf *head, struct buf *rest) {
    struct buf joined = BUF_INIT;
    const char *base = path_base(head->data);
    path_join(&joined, base, rest->data);
    buf_release(rest);
    *rest = joined;
    size_t n = (size_t)(base - head->data);
    while (n > 1 && head->data[n - 1] == '/') {
        n--;
    }
    head->len = n;
    head->data[n] = '\0';
}

/* The real path of PATH (absolute) as far as it exists, and the rest as written. A link whose target is not there yet
 * counts as its target: that is where the file will be made. */
static char *real_as_far(const char *path) {
    struct buf head = BUF_INIT;
    struct buf rest = BUF_INIT;
    char *real;
    int links = 0;
    buf_adds(&head, path);
    while (!(real = realpath(head.data, NULL)) && head.len > 1) {
        char *target = links < MAX_LINKS ? link_target(head.data) : NULL;
        if (target) {
            links++;
            buf_clear(&head);
            buf_adds(&head, target);
            mem_free(target);
        } else {
            move_last(&head, &rest);
        }
    }
    struct buf whole = BUF_INIT;
    path_absolute(&whole, real ? real : "/", rest.data);
    free(real); /* realpath's own, from malloc */
    buf_release(&head);
    buf_release(&rest);
    return buf_take(&whole);
}

static char *absolute(const struct asker *a, const char *path) {
    struct buf out = BUF_INIT;
    path_absolute(&out, a->cwd, path);
    return buf_take(&out);
}

/* Unlike a cleaned path, a real one must see ".." after a link as the kernel does. What the kernel would not take for
 * its length is only cleaned. */
static char *real_from(const struct asker *a, const char *path) {
    struct buf whole = BUF_INIT;
    path_join(&whole, a->cwd, path);
    char *real = whole.len < PATH_MAX ? real_as_far(whole.data) : absolute(a, path);
    buf_release(&whole);
    return real;
}

static char *joined(const char *dir, const char *name) {
    struct buf out = BUF_INIT;
    path_join(&out, dir, name);
    return buf_take(&out);
}

/* ---- places ---------------------------------------------------------------------------------------------------- */

/* BASE/lectern, BASE being the variable where it is an absolute path, else HOME/FALLBACK. NULL when HOME is needed and
 * is not there. */
static char *base_folder(const struct asker *a, const char *variable, const char *fallback) {
    const char *base = ask(a, variable);
    const char *home = ask(a, "HOME");
    struct buf path = BUF_INIT;
    struct buf clean = BUF_INIT;
    if (base && base[0] == '/') {
        path_join(&path, base, "lectern");
    } else if (home) {
        path_join(&path, home, fallback);
        buf_adds(&path, "/lectern");
    } else {
        return NULL;
    }
    path_absolute(&clean, a->cwd, path.data);
    buf_release(&path);
    return buf_take(&clean);
}

static char *runtime_folder(const struct asker *a, const char *state) {
    const char *base = ask(a, "XDG_RUNTIME_DIR");
    if (!base || base[0] != '/') {
        return joined(state, "run");
    }
    struct buf path = BUF_INIT;
    path_join(&path, base, "lectern");
    char *clean = absolute(a, path.data);
    buf_release(&path);
    return clean;
}

static char *find_store(const struct asker *a, const char *store, const char *data) {
    const char *named = store ? store : ask(a, "LECTERN_STORE");
    if (named) {
        return real_from(a, named);
    }
    char *standard = joined(data, "notes.db");
    char *real = real_from(a, standard);
    mem_free(standard);
    return real;
}

static char *find_config(const struct asker *a, const char *config) {
    const char *named = config ? config : ask(a, "LECTERN_CONFIG");
    return named ? absolute(a, named) : base_folder(a, "XDG_CONFIG_HOME", ".config");
}

/* FNV-1a: tells a few paths apart, and costs the client's start nothing, unlike a library of digests. */
static uint64_t fnv(const char *p, size_t n) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ (unsigned char)p[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static char *find_socket(const struct place *p) {
    struct buf names = BUF_INIT;
    struct buf path = BUF_INIT;
    buf_add(&names, p->store, strlen(p->store) + 1);
    buf_adds(&names, p->config);
    buf_addf(&path, "%s/%012" PRIx64 ".sock", p->runtime, fnv(names.data, names.len) >> 16);
    buf_release(&names);
    return buf_take(&path);
}

static int check_names(const char *cwd, const char *store, const char *config, struct err *err) {
    if (cwd[0] != '/') {
        return err_set(err, E_CONFIG, "working folder '%s' is not an absolute path", cwd);
    }
    if ((store && !store[0]) || (config && !config[0])) {
        return err_set(err, E_CONFIG, "empty name for the %s; name a path or leave it out",
                       store && !store[0] ? "store" : "configuration folder");
    }
    return 0;
}

static int no_home(struct err *err) {
    err_set(err, E_CONFIG, "HOME is not set");
    err_hint(err, "set HOME, or XDG_DATA_HOME, XDG_CONFIG_HOME, XDG_CACHE_HOME and XDG_STATE_HOME");
    return -E_CONFIG;
}

static int fill(struct place *p, const struct asker *a, const char *store, const char *config, struct err *err) {
    p->data = base_folder(a, "XDG_DATA_HOME", ".local/share");
    p->cache = base_folder(a, "XDG_CACHE_HOME", ".cache");
    p->state = base_folder(a, "XDG_STATE_HOME", ".local/state");
    p->config = find_config(a, config);
    if (!p->data || !p->cache || !p->state || !p->config) {
        return no_home(err);
    }
    p->runtime = runtime_folder(a, p->state);
    p->store = find_store(a, store, p->data);
    p->socket = find_socket(p);
    if (strlen(p->socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        err_set(err, E_CONFIG, "socket path '%s' is longer than 107 bytes", p->socket);
        err_hint(err, "set XDG_RUNTIME_DIR to a shorter folder");
        return -E_CONFIG;
    }
    return 0;
}

int place_find(struct place *p, place_env *env, void *ctx, const char *cwd, const char *store, const char *config,
               struct err *err) {
    struct asker a = {env, ctx, cwd};
    *p = (struct place){0};
    int rc = check_names(cwd, store, config, err);
    if (rc == 0) {
        rc = fill(p, &a, store, config, err);
    }
    if (rc != 0) {
        place_release(p);
    }
    return rc;
}

void place_release(struct place *p) {
    mem_free(p->store);
    mem_free(p->config);
    mem_free(p->data);
    mem_free(p->cache);
    mem_free(p->state);
    mem_free(p->runtime);
    mem_free(p->socket);
    *p = (struct place){0};
}

/* ---- the tree -------------------------------------------------------------------------------------------------- */

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool holds(const char *dir, const char *name) {
    char *path = joined(dir, name);
    bool yes = is_folder(path);
    mem_free(path);
    return yes;
}

/* Cuts the last component off PATH; false at the root. */
static bool to_parent(char *path) {
    char *slash = strrchr(path, '/');
    if (!slash || path[1] == '\0') {
        return false;
    }
    slash[slash == path] = '\0';
    return true;
}

static char *program_folder(struct err *err) {
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) {
        err_set(err, E_CONFIG, "cannot tell where this program is: /proc is not mounted");
        return NULL;
    }
    path[n] = '\0';
    to_parent(path);
    return mem_strdup(path);
}

/* NAME (a folder or a file) in SHARE where that exists, as when installed; else OTHER of the root, as in a source tree. */
static char *bundled(const char *root, const char *share, const char *name, const char *other) {
    char *installed = joined(share, name);
    if (access(installed, F_OK) == 0) {
        return installed;
    }
    mem_free(installed);
    return joined(root, other);
}

static void fill_tree(struct place_tree *t, const char *root) {
    struct buf modules = BUF_INIT;
    path_absolute(&modules, t->bin, "../lib/lectern");
    t->modules = buf_take(&modules);
    t->share = joined(root, "share/lectern");
    t->plugins = bundled(root, t->share, "plugins", "plugins");
    t->grants = bundled(root, t->share, "grants", "config/grants");
}

int place_tree_find(struct place_tree *t, struct err *err) {
    *t = (struct place_tree){0};
    t->bin = program_folder(err);
    if (!t->bin) {
        return -E_CONFIG;
    }
    char *root = mem_strdup(t->bin);
    for (int i = 0; i < PARENTS && to_parent(root); i++) {
        if (holds(root, "share/lectern/lua")) {
            fill_tree(t, root);
            mem_free(root);
            return 0;
        }
    }
    mem_free(root);
    err_set(err, E_CONFIG, "no share/lectern/lua above '%s'", t->bin);
    err_hint(err, "install lectern whole, or run it from its source tree");
    place_tree_release(t);
    return -E_CONFIG;
}

void place_tree_release(struct place_tree *t) {
    mem_free(t->bin);
    mem_free(t->modules);
    mem_free(t->share);
    mem_free(t->plugins);
    mem_free(t->grants);
    *t = (struct place_tree){0};
}
