/* replace.c - the last step of restoring, loading and repairing: a whole store takes the place of another.
 *
 * The one idea: an open store is overwritten page by page in one of its own transactions, so that hosts which have it
 * open see the old one or the new one, and a crash leaves the old one. Only where SQLite cannot open what is there is
 * the file itself moved, and then nobody may have it open: the lock that every connection holds is asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/keep_priv.h"

enum {
    CACHE_KIB = 4096,
    TRIES = 20,
    /* Where SQLite's own locks are (https://www.sqlite.org/fileformat.html has no say in it: os_unix.c fixes them). */
    LOCK_BYTE = 0x40000000,
    LOCK_BYTES = 512,
};

/* ---- by a transaction -------------------------------------------------------------------------------------------- */

static int still_empty(struct db *db, struct err *err) {
    int64_t n = 0;
    int rc = db_int(db,
                    "SELECT (SELECT count(*) FROM entity) + (SELECT count(*) FROM state) + (SELECT count(*) FROM t_run "
                    "WHERE operations > 0)",
                    0, &n, err);
    if (!rc && n) {
        err_set(err, E_USAGE, "store '%s' is not empty: it holds %lld things", db->path, (long long)n);
        return err_hint(err, "name a new store with --store FILE");
    }
    return rc;
}

/* -E_BUSY when somebody wrote to the store since SINCE: what was kept aside is older than what would be lost. */
static int overwrite(struct db *watch, int64_t since, struct db *from, struct db *to, struct err *err) {
    int64_t now = -1;
    sqlite3_backup *b = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    if (!b) {
        return db_error(to, sqlite3_errcode(to->handle), err);
    }
    int step = sqlite3_backup_step(b, 1); /* takes the lock of writing */
    int rc = 0;
    if (step == SQLITE_OK || step == SQLITE_DONE) {
        rc = db_int(watch, "PRAGMA data_version", -1, &now, err);
        if (!rc && now != since) {
            rc = err_set(err, E_BUSY, "store '%s' is being written to", to->path);
        }
        if (!rc && step == SQLITE_OK) {
            step = sqlite3_backup_step(b, -1);
        }
    }
    sqlite3_backup_finish(b); /* unfinished: takes everything back */
    return rc ? rc : step == SQLITE_DONE ? 0 : db_error(to, step, err);
}

static int keep_aside(struct replacing *r, struct db *watch, struct err *err) {
    if (!r->what) {
        return still_empty(watch, err);
    }
    if (r->kept.len) {
        keep_unlink(r->kept.data);
    }
    keep_aside_name(&r->kept, r->path, r->what);
    return keep_copy(watch, r->kept.data, err);
}

static int try_once(struct replacing *r, struct db *watch, struct db *from, struct db *to, struct err *err) {
    int64_t since = -1;
    int rc = db_int(watch, "PRAGMA data_version", -1, &since, err);
    rc = rc ? rc : keep_aside(r, watch, err);
    return rc ? rc : overwrite(watch, since, from, to, err);
}

static int by_transaction(struct replacing *r, struct err *err) {
    struct db watch;
    struct db from;
    struct db to = {.path = r->path};
    int version;
    int rc = keep_open(&watch, r->path, SQLITE_OPEN_READONLY, err);
    rc = rc ? rc : schema_version(&watch, &version, err);
    if (rc) {
        db_close(&watch);
        return rc;
    }
    rc = keep_open(&from, r->from, SQLITE_OPEN_READONLY, err);
    if (!rc) {
        rc = keep_open(&to, r->path, SQLITE_OPEN_READWRITE, err);
        rc = rc ? rc : db_ready(&to, err);
        /* A backup that somebody put in the store's place has another journal: who writes shuts out who watches. */
        rc = rc ? rc : db_exec(&to, "PRAGMA journal_mode = WAL", err);
        for (int i = 0; !rc && i < TRIES; i++) {
            rc = try_once(r, &watch, &from, &to, err);
            if (rc != -(int)E_BUSY || i + 1 == TRIES) {
                break;
            }
            rc = 0;
        }
    }
    db_close(&from);
    db_close(&watch);
    db_close(&to); /* last: it may write, and so takes the log along */
    return rc;
}

/* ---- by renaming ------------------------------------------------------------------------------------------------- */

/* The descriptor that holds the lock, or negative: somebody has the store open. */
static int lock_out(const char *path, struct err *err) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = LOCK_BYTES};
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return err_set(err, E_STORE, "cannot open '%s': %s", path, strerror(errno));
    }
    if (fcntl(fd, F_OFD_SETLK, &lock)) {
        close(fd);
        err_set(err, E_BUSY, "another program has the store '%s' open", path);
        return err_hint(err, "end it first (lectern daemon stop), then try again");
    }
    return fd;
}

static void move_log(const char *path, const char *kept, const char *end) {
    struct buf from = BUF_INIT;
    struct buf to = BUF_INIT;
    buf_addf(&from, "%s%s", path, end);
    buf_addf(&to, "%s%s", kept, end);
    rename(from.data, to.data);
    buf_release(&from);
    buf_release(&to);
}

/* The new file becomes a second name of itself beside the store, synced, before the old one moves: between the two
 * renames there is no store, and after a crash there both are found beside its place. */
static int by_renaming(struct replacing *r, struct err *err) {
    int lock = lock_out(r->path, err);
    if (lock < 0) {
        return lock;
    }
    keep_aside_name(&r->kept, r->path, r->what ? r->what : "damaged");
    int rc = 0;
    move_log(r->path, r->kept.data, "-wal");
    move_log(r->path, r->kept.data, "-shm");
    if (rename(r->path, r->kept.data)) {
        rc = err_set(err, E_OUTPUT, "cannot move '%s' aside: %s", r->path, strerror(errno));
    }
    rc = rc ? rc : keep_publish(r->from, r->path, err);
    if (rc) { /* as it was */
        rename(r->kept.data, r->path);
        move_log(r->kept.data, r->path, "-wal");
        buf_clear(&r->kept);
    }
    close(lock);
    return rc;
}

int keep_replace(struct replacing *r, struct err *err) {
    struct stat st;
    if (stat(r->path, &st) && errno == ENOENT) {
        return keep_publish(r->from, r->path, err);
    }
    int rc = by_transaction(r, err);
    if (rc != -(int)E_STORE && rc != -(int)E_INTERNAL) {
        return rc;
    }
    if (!r->alone) {
        err_set(err, E_BUSY, "store '%s' is too damaged to be replaced while it is open", r->path);
        return err_hint(err, "lectern daemon stop, then the same again");
    }
    if (r->kept.len) {
        keep_unlink(r->kept.data);
        buf_clear(&r->kept);
    }
    err_release(err);
    return by_renaming(r, err);
}
