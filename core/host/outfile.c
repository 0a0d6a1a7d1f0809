/* outfile.c - written beside, synced, renamed. */
#include "host/outfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"

static const char mark[] = ".lectern-export";

struct outfile {
    struct buf path, temp;
    bool folder, committed;
    unsigned mask;
    int fd;    /* file being written, -1: none */
    int dirfd; /* of the temporary folder */
};

static int failed(struct err *err, const char *what, const char *path) {
    int rc = err_set(err, E_OUTPUT, "cannot %s '%s': %s", what, path, strerror(errno));
    return rc;
}

static bool marked(const char *folder) {
    struct buf path = BUF_INIT;
    struct stat st;
    path_join(&path, folder, mark);
    bool yes = !lstat(path.data, &st) && S_ISREG(st.st_mode);
    buf_release(&path);
    return yes;
}

static bool empty(const char *folder) {
    DIR *d = opendir(folder);
    bool none = d != NULL;
    for (struct dirent *e; none && (e = readdir(d));)
        none = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..");
    if (d)
        closedir(d);
    return none;
}

/* May what is at the folder's place give way? Asked before the work and again before the rename. */
static int check_place(const struct outfile *o, struct err *err) {
    struct stat st;
    if (lstat(o->path.data, &st))
        return 0;
    if (!S_ISDIR(st.st_mode))
        return err_set(err, E_OUTPUT, "'%s' is there already and is no folder", o->path.data);
    if (marked(o->path.data) || empty(o->path.data))
        return 0;
    int rc = err_set(err, E_OUTPUT, "the folder '%s' was not made by lectern and is left alone", o->path.data);
    if (err)
        err_hint(err, "choose another folder, or remove this one yourself");
    return rc;
}

static int make_folder(struct outfile *o, struct err *err) {
    int rc = check_place(o, err);
    if (rc)
        return rc;
    if (mkdir(o->temp.data, 0777))
        return failed(err, "make the folder", o->temp.data);
    chmod(o->temp.data, 0777 & ~o->mask);
    o->dirfd = open(o->temp.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (o->dirfd < 0)
        return failed(err, "open", o->temp.data);
    int fd = openat(o->dirfd, mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return failed(err, "write in", o->temp.data);
    close(fd);
    return 0;
}

static int make_file(struct outfile *o, struct err *err) {
    struct stat st;
    if (!stat(o->path.data, &st)) {
        if (S_ISDIR(st.st_mode))
            return err_set(err, E_OUTPUT, "'%s' is a folder; name a file in it", o->path.data);
        if (!S_ISREG(st.st_mode))
            return err_set(err, E_OUTPUT, "'%s' is no regular file; leave the name out and redirect", o->path.data);
    }
    o->fd = open(o->temp.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return o->fd < 0 ? failed(err, "write", o->path.data) : 0;
}

struct outfile *outfile_new(const char *path, bool folder, unsigned mask, struct err *err) {
    struct outfile *o = mem_alloc(sizeof *o);
    struct uuid id = uuid4();
    char text[UUID_TEXT + 1];
    buf_init(&o->path);
    buf_init(&o->temp);
    o->fd = o->dirfd = -1;
    o->folder = folder;
    o->mask = mask & 0777;
    uuid_text(&id, text);
    buf_adds(&o->path, path);
    while (o->path.len > 1 && o->path.data[o->path.len - 1] == '/')
        o->path.data[--o->path.len] = '\0';
    buf_addf(&o->temp, "%s.%.8s.part", o->path.data, text);
    if (!(folder ? make_folder(o, err) : make_file(o, err)))
        return o;
    outfile_free(o);
    return NULL;
}

bool outfile_good_name(const char *name) {
    unsigned depth = 0;
    size_t len = strlen(name), width;
    if (!len || len > 255 || name[len - 1] == '/' || text_utf8_valid(name, len) != len)
        return false;
    for (size_t i = 0; i < len; i += width)
        if (text_is_control(text_utf8_next(name + i, len - i, &width)))
            return false;
    for (const char *at = name; *at;) {
        size_t n = strcspn(at, "/");
        if (!n || *at == '.' || ++depth > 4)
            return false;
        at += n + (at[n] == '/');
    }
    return true;
}

static int finish_file(struct outfile *o, struct err *err) {
    if (o->fd < 0)
        return 0;
    fchmod(o->fd, 0666 & ~o->mask);
    int rc = o->folder ? 0 : fsync(o->fd);
    if (close(o->fd))
        rc = -1;
    o->fd = -1;
    return rc ? failed(err, "write", o->path.data) : 0;
}

int outfile_next(struct outfile *o, const char *name, struct err *err) {
    if (!o->folder)
        return err_set(err, E_PLUGIN, "this exporter writes one file; declare many = true to write a folder");
    if (!outfile_good_name(name))
        return err_set(err, E_PLUGIN, "'%s' is no name for a file of an export", name);
    int rc = finish_file(o, err);
    if (rc)
        return rc;
    struct buf dir = BUF_INIT;
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        buf_clear(&dir);
        buf_add(&dir, name, (size_t)(slash - name));
        if (!mkdirat(o->dirfd, dir.data, 0777) && fchmodat(o->dirfd, dir.data, 0777 & ~o->mask, 0))
            rc = failed(err, "open to others", name);
    }
    buf_release(&dir);
    if (rc)
        return rc;
    o->fd = openat(o->dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (o->fd >= 0)
        return 0;
    return errno == EEXIST ? err_set(err, E_PLUGIN, "the exporter writes '%s' twice", name)
                           : failed(err, "write", name);
}

int outfile_write(struct outfile *o, const void *p, size_t n, struct err *err) {
    if (o->fd < 0)
        return err_set(err, E_PLUGIN, "the exporter writes before it named a file (out:file)");
    for (const char *at = p; n;) {
        ssize_t w = write(o->fd, at, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return failed(err, "write", o->path.data);
        at += w;
        n -= (size_t)w;
    }
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_tree(const char *path) {
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int outfile_commit(struct outfile *o, struct err *err) {
    int rc = finish_file(o, err);
    if (rc)
        return rc;
    struct buf old = BUF_INIT;
    if (o->folder) {
        rc = check_place(o, err);
        if (rc)
            return rc;
        buf_addf(&old, "%s.old", o->temp.data);
        if (rename(o->path.data, old.data))
            buf_clear(&old);
    }
    if (rename(o->temp.data, o->path.data)) {
        rc = failed(err, "put in place", o->path.data);
        if (old.len)
            rename(old.data, o->path.data);
    } else {
        o->committed = true;
        if (old.len)
            remove_tree(old.data);
    }
    buf_release(&old);
    return rc;
}

void outfile_free(struct outfile *o) {
    if (!o)
        return;
    if (o->fd >= 0)
        close(o->fd);
    if (o->dirfd >= 0)
        close(o->dirfd);
    if (!o->committed && o->folder && o->temp.len)
        remove_tree(o->temp.data);
    else if (!o->committed && o->temp.len)
        unlink(o->temp.data);
    buf_release(&o->path);
    buf_release(&o->temp);
    mem_free(o);
}
