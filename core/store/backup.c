/* backup.c - copies of the store: on request, and before its schema changes; and bringing one back.
 *
 * The one idea: a copy is made of pages, in one read transaction over a connection of its own: writers go on, and what
 * comes out is the store as it was at one moment. A copy counts only when every invariant was checked in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "store/keep_priv.h"
#include "store/read_priv.h"

enum { CACHE_KIB = 1024, COPY_PAGES = 512, ASIDE_TRIES = 100, SCHEMA_POSSIBLE = 10000 };

void keep_temp_name(struct buf *out, const char *path, const char *what) {
    buf_clear(out);
    buf_addf(out, "%s.%s-%ld", path, what, (long)getpid());
}

void keep_aside_name(struct buf *out, const char *path, const char *what) {
    char at[CLOCK_TEXT];
    clock_rfc3339(clock_now_ms(), at);
    for (int i = 0; i < ASIDE_TRIES; i++) {
        buf_clear(out);
        buf_addf(out, "%s.%s-", path, what);
        for (const char *c = at; *c && *c != '.' && *c != 'Z'; c++) {
            if (*c != '-' && *c != ':') {
                buf_addc(out, *c);
            }
        }
        buf_addc(out, 'Z');
        if (i) {
            buf_addf(out, "-%d", i);
        }
        if (access(out->data, F_OK)) {
            return;
        }
    }
}

void keep_unlink(const char *path) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    struct buf name = BUF_INIT;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        buf_clear(&name);
        buf_addf(&name, "%s%s", path, ends[i]);
        unlink(name.data);
    }
    buf_release(&name);
}

int keep_open(struct db *db, const char *path, int flags, struct err *err) {
    struct stat st;
    *db = (struct db){.path = path}; /* what may be closed */
    if (stat(path, &st)) {
        return err_set(err, E_INPUT, "there is no store '%s'", path);
    }
    if (!S_ISREG(st.st_mode)) {
        return err_set(err, E_INPUT, "'%s' is not a regular file", path);
    }
    return keep_connect(db, path, flags, CACHE_KIB, err);
}

/* ---- pages ------------------------------------------------------------------------------------------------------- */

/* In steps, so that it can be given up; under one reading of FROM, so that all of them see the same moment. */
static int copy_pages(struct db *from, struct db *to, struct err *err) {
    int stopped = 0;
    int rc = SQLITE_OK;
    sqlite3_stmt *held = NULL;
    sqlite3_prepare_v2(from->handle, "SELECT 1 FROM sqlite_schema", -1, &held, NULL);
    if (held) {
        sqlite3_step(held); /* of a damaged file, too, pages can be copied */
    }
    sqlite3_backup *b = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    if (!b) {
        sqlite3_finalize(held);
        return db_error(to, sqlite3_errcode(to->handle), err);
    }
    while (rc == SQLITE_OK && !(stopped = keep_stopped(err))) {
        rc = sqlite3_backup_step(b, COPY_PAGES);
    }
    sqlite3_backup_finish(b);
    sqlite3_finalize(held);
    if (stopped || rc == SQLITE_DONE) {
        return stopped;
    }
    /* Whose fault it was: a full disk is the target's, damage the source's. */
    return db_error((rc & 0xff) == SQLITE_FULL || (rc & 0xff) == SQLITE_READONLY ? to : from, rc, err);
}

int keep_copy(struct db *from, const char *to, struct err *err) {
    struct db target;
    int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_set(err, E_OUTPUT, "cannot write '%s': %s", to, strerror(errno));
    }
    close(fd);
    int rc = db_open(&target, to, SQLITE_OPEN_READWRITE, CACHE_KIB, err);
    if (!rc) {
        sqlite3_exec(target.handle, "PRAGMA synchronous = OFF", NULL, NULL, NULL); /* keep_publish syncs it */
        rc = copy_pages(from, &target, err);
        /* One file, that a folder nobody may write to can hold. */
        if (!rc) {
            sqlite3_exec(target.handle, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
        }
        db_close(&target);
    }
    if (rc) {
        keep_unlink(to);
    }
    return rc;
}

int keep_publish(const char *temp, const char *file, struct err *err) {
    int fd = open(temp, O_RDWR | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!ok || rename(temp, file)) {
        return err_set(err, E_OUTPUT, "cannot write '%s': %s", file, strerror(errno));
    }
    store_sync_folder(file);
    return 0;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static int judge_checks(const char *file, const struct value *checks, struct err *err) {
    for (size_t i = 0; i < checks->len; i++) {
        const struct value *c = value_at(checks, i);
        if (!value_tobool(value_get(c, "ok"), false)) {
            return err_set(err, E_DATA, "'%s' is damaged: %s: %s", file, value_cstr(value_get(c, "check"), ""),
                           value_cstr(value_get(c, "detail"), ""));
        }
    }
    return 0;
}

/* Whose the file is, and a schema that there could be: SQLite itself cares for neither. */
static int check_head(struct db *db, struct err *err) {
    int64_t application = 0;
    int version = 0;
    int rc = db_int(db, "PRAGMA application_id", 0, &application, err);
    rc = rc ? rc : schema_version(db, &version, err);
    if (!rc && (application != SCHEMA_APPLICATION_ID || version < 1 || version > SCHEMA_POSSIBLE)) {
        rc = err_set(err, E_DATA, "'%s' is damaged: its head is not that of a store", db->path);
    }
    return rc;
}

int keep_verify(const char *file, int64_t *count, struct err *err) {
    struct reader r = {.taken = true};
    struct arena a = ARENA_INIT;
    struct value checks;
    *count = 0;
    int rc = keep_open(&r.db, file, SQLITE_OPEN_READONLY, err);
    if (rc) {
        return rc;
    }
    rc = check_head(&r.db, err);
    rc = rc ? rc : read_check(&r, &a, &checks, err);
    rc = rc ? rc : judge_checks(file, &checks, err);
    *count = rc ? 0 : checks.len;
    db_close(&r.db);
    arena_release(&a);
    return rc;
}

/* Whether FILE is one of ours, and of which schema. */
static int look_at(const char *file, int *version, struct err *err) {
    struct db db;
    int64_t application = 0;
    int rc = keep_open(&db, file, SQLITE_OPEN_READONLY, err);
    if (rc) {
        return rc;
    }
    rc = db_int(&db, "PRAGMA application_id", 0, &application, err);
    rc = rc ? rc : schema_version(&db, version, err);
    db_close(&db);
    if (rc == -(int)E_STORE || (!rc && application != SCHEMA_APPLICATION_ID)) {
        return err_set(err, E_DATA, "'%s' is no lectern store, or it is damaged", file);
    }
    if (!rc && *version > store_schema()) {
        err_set(err, E_CONFIG, "'%s' has schema %d, this lectern knows up to %d", file, *version, store_schema());
        return err_hint(err, "use the newer lectern that made it");
    }
    return rc;
}

static bool same_file(const char *a, const char *b) {
    struct stat x;
    struct stat y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* ---- backup ------------------------------------------------------------------------------------------------------ */

static int may_give_way(const char *path, const char *file, struct err *err) {
    struct stat st;
    int version;
    struct err no;
    if (same_file(path, file)) {
        return err_set(err, E_USAGE, "'%s' is the store itself", file);
    }
    if (lstat(file, &st)) {
        return 0;
    }
    err_init(&no);
    int rc = S_ISREG(st.st_mode) ? look_at(file, &version, &no) : -(int)E_DATA;
    err_release(&no);
    if (rc) {
        err_set(err, E_OUTPUT, "'%s' is there already and is no backup of a store", file);
        return err_hint(err, "name another file, or remove this one yourself");
    }
    return 0;
}

static void backup_report(const char *file, int64_t checks, struct arena *a, struct value *report) {
    struct stat st = {0};
    (void)!stat(file, &st);
    *report = value_map(a, 4);
    value_set(a, report, "path", value_str(a, file));
    value_set(a, report, "bytes", value_int(st.st_size));
    value_set(a, report, "schema", value_int(store_schema()));
    value_set(a, report, "checks", value_int(checks));
}

int keep_backup(const char *path, const char *file, struct arena *a, struct value *report, struct err *err) {
    struct buf temp = BUF_INIT;
    struct db db;
    int64_t checks = 0;
    int rc = may_give_way(path, file, err);
    rc = rc ? rc : keep_open(&db, path, SQLITE_OPEN_READONLY, err);
    if (rc) {
        return rc;
    }
    keep_temp_name(&temp, file, "part");
    unlink(temp.data);
    rc = keep_copy(&db, temp.data, err);
    db_close(&db);
    if (!rc) {
        rc = keep_verify(temp.data, &checks, err);
        if (rc == -(int)E_DATA) {
            rc = err_set(err, E_STORE, "the store is damaged, and so would its backup be: %s", err->message);
            err_hint(err, "lectern doctor --repair saves what can be read");
        }
    }
    rc = rc ? rc : keep_publish(temp.data, file, err);
    keep_unlink(temp.data);
    buf_release(&temp);
    if (!rc) {
        backup_report(file, checks, a, report);
    }
    return rc;
}

int keep_before_migration(struct db *db, int version, struct err *err) {
    struct buf file = BUF_INIT;
    struct buf temp = BUF_INIT;
    buf_addf(&file, "%s.schema-%d", db->path, version);
    keep_temp_name(&temp, file.data, "part");
    unlink(temp.data);
    int rc = keep_copy(db, temp.data, err);
    rc = rc ? rc : keep_publish(temp.data, file.data, err);
    if (rc) {
        err_prefix(err, "no backup could be made before the schema changes");
        err_hint(err, "nothing was changed; make room beside the store and try again");
        keep_unlink(temp.data);
    }
    buf_release(&file);
    buf_release(&temp);
    return rc;
}

/* ---- restore ----------------------------------------------------------------------------------------------------- */

static int bring_up_to_date(const char *file, int version, struct err *err) {
    struct db db;
    if (version == store_schema()) {
        return 0;
    }
    int rc = keep_connect(&db, file, SQLITE_OPEN_READWRITE, CACHE_KIB, err);
    rc = rc ? rc : schema_migrate(&db, err);
    db_close(&db);
    return rc;
}

/* A copy of FILE beside the store, checked and up to date. */
static int fetch(const char *file, const char *temp, struct err *err) {
    struct db db;
    int version = 0;
    int64_t checks;
    int rc = look_at(file, &version, err);
    rc = rc ? rc : keep_open(&db, file, SQLITE_OPEN_READONLY, err);
    if (rc) {
        return rc;
    }
    rc = keep_copy(&db, temp, err);
    db_close(&db);
    rc = rc ? rc : bring_up_to_date(temp, version, err);
    rc = rc ? rc : keep_verify(temp, &checks, err);
    if (rc == -(int)E_DATA || rc == -(int)E_STORE) {
        err_prefix(err, "cannot restore '%s'", file);
        err_hint(err, "the store is as it was; try another backup");
    }
    return rc;
}

int keep_restore(const char *path, const char *file, bool alone, struct arena *a, struct value *report,
                 struct err *err) {
    struct buf temp = BUF_INIT;
    struct replacing r = {.path = path, .what = "before-restore", .alone = alone, .kept = BUF_INIT};
    if (same_file(path, file)) {
        return err_set(err, E_USAGE, "'%s' is the store itself", file);
    }
    keep_temp_name(&temp, path, "restore");
    keep_unlink(temp.data);
    int rc = fetch(file, temp.data, err);
    r.from = temp.data;
    rc = rc ? rc : keep_replace(&r, err);
    if (!rc) {
        *report = value_map(a, 3);
        value_set(a, report, "path", value_str(a, path));
        value_set(a, report, "from", value_str(a, file));
        value_set(a, report, "kept", r.kept.len ? value_strn(a, r.kept.data, r.kept.len) : value_nil);
    }
    keep_unlink(temp.data);
    buf_release(&temp);
    buf_release(&r.kept);
    return rc;
}
