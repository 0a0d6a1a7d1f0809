/* facts.c - what can be told of a store without reading it through: for the doctor, who asks it of damaged ones too. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/path.h"
#include "store/keep_priv.h"

enum { KEPT_MAX = 100 };

static int64_t size_of(const char *path, const char *end) {
    struct buf name = BUF_INIT;
    struct stat st;
    buf_addf(&name, "%s%s", path, end);
    int64_t n = stat(name.data, &st) ? 0 : st.st_size;
    buf_release(&name);
    return n;
}

/* Copies that were put aside: the store's name and one of our words. */
static void add_kept(const char *folder, const char *path, struct arena *a, struct value *kept) {
    static const char *const words[] = {".before-restore-", ".damaged-", ".schema-"};
    const char *base = path_base(path);
    size_t len = strlen(base);
    DIR *d = opendir(folder);
    for (struct dirent *e; d && kept->len < KEPT_MAX && (e = readdir(d));) {
        for (size_t i = 0; strncmp(e->d_name, base, len) == 0 && i < sizeof words / sizeof *words; i++) {
            bool log = strstr(e->d_name, "-wal") || strstr(e->d_name, "-shm") || strstr(e->d_name, ".part-");
            if (!log && strncmp(e->d_name + len, words[i], strlen(words[i])) == 0) {
                value_push(a, kept, value_strf(a, "%s/%s", folder, e->d_name));
            }
        }
    }
    if (d) {
        closedir(d);
    }
}

static int open_and_ask(const char *path, int *version, struct err *err) {
    struct db db;
    int64_t application = 0;
    int rc = keep_open(&db, path, SQLITE_OPEN_READONLY, err);
    rc = rc ? rc : schema_version(&db, version, err);
    rc = rc ? rc : db_int(&db, "PRAGMA application_id", 0, &application, err);
    if (!rc && application != SCHEMA_APPLICATION_ID) {
        rc = err_set(err, E_STORE, "'%s' is no lectern store, or it is damaged", path);
    }
    db_close(&db);
    return rc;
}

int keep_facts(const char *path, struct arena *a, struct value *report, struct err *err) {
    struct statvfs room = {0};
    struct stat st;
    struct err own;
    int version = 0;
    (void)err;
    bool exists = stat(path, &st) == 0;
    struct value kept = value_array(a, 0);
    char *folder = arena_strdup(a, path);
    char *slash = strrchr(folder, '/');
    slash[slash == folder] = '\0';
    add_kept(folder, path, a, &kept);
    err_init(&own);
    int rc = exists ? open_and_ask(path, &version, &own) : 0;
    (void)!statvfs(folder, &room);
    *report = value_map(a, 12);
    value_set(a, report, "path", value_str(a, path));
    value_set(a, report, "exists", value_bool(exists));
    value_set(a, report, "bytes", value_int(exists ? st.st_size : 0));
    value_set(a, report, "wal_bytes", value_int(size_of(path, "-wal")));
    value_set(a, report, "schema", exists && !rc ? value_int(version) : value_nil);
    value_set(a, report, "newest", value_int(store_schema()));
    value_set(a, report, "opens", value_bool(exists && !rc));
    value_set(a, report, "error", rc ? value_str(a, own.message) : value_nil);
    value_set(a, report, "writable", value_bool(access(exists ? path : folder, W_OK) == 0));
    value_set(a, report, "free_bytes", value_int((int64_t)(room.f_bavail * room.f_frsize)));
    value_set(a, report, "kept", kept);
    err_release(&own);
    return 0;
}
