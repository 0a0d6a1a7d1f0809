/* walk.c - folders to files. Everything is opened relative to a descriptor of the folder above, so that nothing can be swapped under us. */
#include "host/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "host/ignore.h"

void walk_init(struct walk *w) {
    *w = (struct walk){0};
    arena_init(&w->arena);
}

void walk_release(struct walk *w) {
    for (size_t i = 0; i < w->nroots; i++)
        close(w->roots[i]);
    for (size_t i = 0; i < w->n; i++)
        if (w->files[i].err)
            err_release(w->files[i].err);
    mem_free(w->roots);
    mem_free(w->files);
    arena_release(&w->arena);
    *w = (struct walk){0};
}

static struct walk_file *push(struct walk *w, const char *path) {
    if (w->n == w->cap)
        w->files = mem_array(w->files, w->cap = w->cap ? 2 * w->cap : 64, sizeof *w->files);
    struct walk_file *f = &w->files[w->n++];
    *f = (struct walk_file){.path = arena_strdup(&w->arena, path), .root = -1};
    f->shown = f->path;
    size_t n = strlen(path);
    if (text_utf8_valid(path, n) == n)
        return f;
    struct buf shown = BUF_INIT;
    text_safe(&shown, path, n, false);
    f->shown = arena_strdup(&w->arena, shown.data);
    buf_release(&shown);
    return f;
}

static struct err *failed(struct walk *w, struct walk_file *f) {
    f->err = arena_alloc(&w->arena, sizeof *f->err);
    err_init(f->err);
    return f->err;
}

struct folder {
    struct walk *walk;
    const char *root_path;
    int root;
    const struct ignore *rules;
};

static void walk_folder(struct folder *in, int dirfd, const char *rel, unsigned depth);

static void visit(struct folder *in, int dirfd, const char *rel, const char *name, unsigned char type, unsigned depth) {
    struct walk *w = in->walk;
    struct buf path = BUF_INIT;
    struct stat st;
    if (type == DT_UNKNOWN && !fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
        type = S_ISDIR(st.st_mode) ? DT_DIR : S_ISREG(st.st_mode) ? DT_REG : DT_LNK;
    buf_addf(&path, "%s%s%s", rel, *rel ? "/" : "", name);
    if (!ignore_match(in->rules, path.data, type == DT_DIR)) {
        if (type == DT_REG && w->n < WALK_FILES) {
            struct buf whole = BUF_INIT;
            buf_addf(&whole, "%s/%s", in->root_path, path.data);
            struct walk_file *f = push(w, whole.data);
            f->rel = f->path + strlen(in->root_path) + 1;
            f->root = in->root;
            buf_release(&whole);
        } else if (type == DT_DIR && depth < WALK_DEPTH) {
            int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (fd >= 0)
                walk_folder(in, fd, path.data, depth + 1);
        }
    }
    buf_release(&path);
}

/* Takes over DIRFD. */
static void walk_folder(struct folder *in, int dirfd, const char *rel, unsigned depth) {
    struct dirent **list;
    const struct ignore *above = in->rules;
    in->rules = ignore_read(&in->walk->arena, above, dirfd, rel);
    int n = scandirat(dirfd, ".", &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (list[i]->d_name[0] != '.' && !atomic_load(&in->walk->stop))
            visit(in, dirfd, rel, list[i]->d_name, list[i]->d_type, depth);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    in->rules = above;
    close(dirfd);
}

void walk_add(struct walk *w, const char *path) {
    struct stat st;
    size_t before = w->n;
    if (stat(path, &st)) {
        struct walk_file *f = push(w, path);
        f->named = true;
        err_set(failed(w, f), E_INPUT, errno == ENOENT ? "no such file or folder: '%s'" : "cannot look at '%s'", path);
        return;
    }
    if (!S_ISDIR(st.st_mode)) {
        push(w, path)->named = true;
        return;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), root = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0 || root < 0) {
        struct walk_file *f = push(w, path);
        f->named = true;
        err_set(failed(w, f), E_INPUT, "cannot open the folder '%s': %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return;
    }
    w->roots = mem_array(w->roots, w->nroots + 1, sizeof *w->roots);
    w->roots[w->nroots++] = root;
    struct folder in = {.walk = w, .root_path = strcmp(path, "/") ? path : "", .root = (int)w->nroots - 1};
    walk_folder(&in, fd, "", 0);
    if (w->n == before) {
        struct walk_file *f = push(w, path);
        f->named = true;
        err_set(failed(w, f), E_INPUT, "the folder '%s' holds no files", path);
    }
}
