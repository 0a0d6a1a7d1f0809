/* store_disk.h - a disk between SQLite and the files, for tests: it fails when told to, and remembers what was written.
 *
 * disk_install makes it SQLite's default. Failing: the Nth read, write, sync or open from now on fails, once or for ever.
 * Remembering: every write, truncation, sync and deletion in order, with the data, so that a power cut at any place can
 * be played: what was synced stays, of the rest each sector may or may not have arrived, in any order.
 */
#ifndef LECTERN_TESTS_STORE_DISK_H
#define LECTERN_TESTS_STORE_DISK_H

#include <execinfo.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum disk_kind { DISK_READ, DISK_WRITE, DISK_SYNC, DISK_OPEN, DISK_ALLOC, DISK_KINDS };
enum { DISK_SECTOR = 512, DISK_FILES = 8 };

struct disk_event {
    enum { EVENT_WRITE, EVENT_TRUNCATE, EVENT_SYNC, EVENT_DELETE, EVENT_MARK } kind;
    int file;   /* of disk.names */
    int64_t at; /* place, new size, or the number of the mark */
    unsigned char *data;
    size_t len;
};

static struct {
    sqlite3_vfs vfs, *real;
    sqlite3_mem_methods malloc;
    /* failing */
    enum disk_kind kind;
    long countdown; /* 0: nothing fails */
    bool for_ever, full;
    long failed; /* how often it did */
    /* remembering */
    bool recording;
    char names[DISK_FILES][128];
    struct disk_event *events;
    size_t nevents, cap;
} disk;

struct disk_file {
    sqlite3_file base;
    int id; /* of names; -1: not remembered */
    sqlite3_file *real;
};

static inline bool disk_fails(enum disk_kind kind) {
    if (!disk.countdown || disk.kind != kind) {
        return false;
    }
    if (disk.countdown > 1) {
        disk.countdown--;
        return false;
    }
    disk.countdown = disk.for_ever ? 1 : 0;
    disk.failed++;
    return true;
}

static inline void disk_fail(enum disk_kind kind, long nth, bool for_ever) {
    disk.kind = kind;
    disk.countdown = nth;
    disk.for_ever = for_ever;
    disk.failed = 0;
}

static inline struct disk_event *disk_event(int kind, int file, int64_t at) {
    static struct disk_event none;
    if (!disk.recording || file < 0) {
        return &none;
    }
    if (disk.nevents == disk.cap) {
        disk.cap = disk.cap ? 2 * disk.cap : 1024;
        disk.events = mem_array(disk.events, disk.cap, sizeof *disk.events);
    }
    struct disk_event *e = &disk.events[disk.nevents++];
    *e = (struct disk_event){.kind = kind, .file = file, .at = at};
    return e;
}

static inline void disk_mark(int64_t number) {
    disk_event(EVENT_MARK, 0, number);
}

static inline int disk_name(const char *name) {
    if (!name) {
        return -1;
    }
    for (int i = 0; i < DISK_FILES; i++) {
        if (!disk.names[i][0]) {
            snprintf(disk.names[i], sizeof disk.names[i], "%s", name);
        }
        if (strcmp(disk.names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

/* ---- a file ------------------------------------------------------------------------------------------------------------ */

#define DISK_REAL(f) (((struct disk_file *)(f))->real)

static int disk_close(sqlite3_file *f) {
    sqlite3_file *real = DISK_REAL(f);
    int rc = real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
    return rc;
}

static int disk_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) {
    return disk_fails(DISK_READ) ? SQLITE_IOERR_READ : DISK_REAL(f)->pMethods->xRead(DISK_REAL(f), p, n, at);
}

static int disk_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
    if (disk_fails(DISK_WRITE)) {
        /* Half of it arrives, as from a disk that fills up. */
        DISK_REAL(f)->pMethods->xWrite(DISK_REAL(f), p, n / 2, at);
        return disk.full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
    struct disk_event *e = disk_event(EVENT_WRITE, ((struct disk_file *)f)->id, at);
    if (disk.recording && ((struct disk_file *)f)->id >= 0) {
        e->len = (size_t)n;
        e->data = mem_alloc(e->len);
        memcpy(e->data, p, e->len);
    }
    return DISK_REAL(f)->pMethods->xWrite(DISK_REAL(f), p, n, at);
}

static int disk_truncate(sqlite3_file *f, sqlite3_int64 size) {
    if (disk_fails(DISK_WRITE)) {
        return SQLITE_IOERR_TRUNCATE;
    }
    disk_event(EVENT_TRUNCATE, ((struct disk_file *)f)->id, size);
    return DISK_REAL(f)->pMethods->xTruncate(DISK_REAL(f), size);
}

static int disk_sync(sqlite3_file *f, int flags) {
    if (disk_fails(DISK_SYNC)) {
        return SQLITE_IOERR_FSYNC;
    }
    disk_event(EVENT_SYNC, ((struct disk_file *)f)->id, 0);
    return DISK_REAL(f)->pMethods->xSync(DISK_REAL(f), flags);
}

static int disk_size(sqlite3_file *f, sqlite3_int64 *size) {
    return DISK_REAL(f)->pMethods->xFileSize(DISK_REAL(f), size);
}
static int disk_lock(sqlite3_file *f, int how) {
    return DISK_REAL(f)->pMethods->xLock(DISK_REAL(f), how);
}
static int disk_unlock(sqlite3_file *f, int how) {
    return DISK_REAL(f)->pMethods->xUnlock(DISK_REAL(f), how);
}
static int disk_reserved(sqlite3_file *f, int *yes) {
    return DISK_REAL(f)->pMethods->xCheckReservedLock(DISK_REAL(f), yes);
}
static int disk_control(sqlite3_file *f, int op, void *arg) {
    return DISK_REAL(f)->pMethods->xFileControl(DISK_REAL(f), op, arg);
}
static int disk_sector(sqlite3_file *f) {
    (void)f;
    return DISK_SECTOR;
}
/* None of the promises that a file system may make: power may fail in the middle of a sector's neighbour. */
static int disk_device(sqlite3_file *f) {
    (void)f;
    return 0;
}
static int disk_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **p) {
    return DISK_REAL(f)->pMethods->xShmMap(DISK_REAL(f), page, size, extend, p);
}
static int disk_shm_lock(sqlite3_file *f, int offset, int n, int flags) {
    return DISK_REAL(f)->pMethods->xShmLock(DISK_REAL(f), offset, n, flags);
}
static void disk_shm_barrier(sqlite3_file *f) {
    DISK_REAL(f)->pMethods->xShmBarrier(DISK_REAL(f));
}
static int disk_shm_unmap(sqlite3_file *f, int remove) {
    return DISK_REAL(f)->pMethods->xShmUnmap(DISK_REAL(f), remove);
}

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_reserved,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_device,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static int disk_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out) {
    struct disk_file *d = (struct disk_file *)f;
    (void)v;
    *d = (struct disk_file){.id = -1, .real = (sqlite3_file *)(d + 1)};
    if (disk_fails(DISK_OPEN)) {
        return SQLITE_CANTOPEN;
    }
    int rc = disk.real->xOpen(disk.real, name, d->real, flags, out);
    if (d->real->pMethods) {
        d->base.pMethods = &disk_methods;
        d->id = disk.recording ? disk_name(name) : -1;
    }
    return rc;
}

static int disk_delete(sqlite3_vfs *v, const char *name, int sync) {
    (void)v;
    if (disk.recording) {
        disk_event(EVENT_DELETE, disk_name(name), 0);
    }
    return disk.real->xDelete(disk.real, name, sync);
}

/* ---- memory ------------------------------------------------------------------------------------------------------------ */

/* ---- ways to an allocation ------------------------------------------------------------------------------------------------
 *
 * A command allocates some ten thousand times, most of them by a way through the program that it took before: what follows a
 * failure there is known already. disk_trace_on counts allocations, and keeps the numbers of those that came by a new way.
 */
enum { WAY_FRAMES = 8, WAYS = 1 << 14 };
static struct {
    bool on;
    long count;
    uint64_t seen[WAYS]; /* hashes of calls; 0: free */
    long fresh[WAYS];
    size_t nfresh;
} ways;

static inline void disk_trace_on(void) {
    memset(&ways, 0, sizeof ways);
    ways.on = true;
}

static inline void disk_trace(void) {
    void *frames[WAY_FRAMES];
    uint64_t hash = 0xcbf29ce484222325;
    ways.on = false; /* it allocates, too */
    int n = backtrace(frames, WAY_FRAMES);
    ways.on = true;
    for (int i = 0; i < n; i++) {
        hash = (hash ^ (uint64_t)(uintptr_t)frames[i]) * 0x100000001b3;
    }
    ways.count++;
    size_t at = hash % WAYS;
    while (ways.seen[at] && ways.seen[at] != hash) {
        at = (at + 1) % WAYS;
    }
    if (!ways.seen[at] && ways.nfresh < WAYS / 2) {
        ways.seen[at] = hash;
        ways.fresh[ways.nfresh++] = ways.count;
    }
}

static void *disk_malloc(int n) {
    if (ways.on) {
        disk_trace();
    }
    return disk_fails(DISK_ALLOC) ? NULL : disk.malloc.xMalloc(n);
}
static void *disk_realloc(void *p, int n) {
    if (ways.on) {
        disk_trace();
    }
    return disk_fails(DISK_ALLOC) ? NULL : disk.malloc.xRealloc(p, n);
}

/* Before SQLite is used at all. */
static inline void disk_install(void) {
    sqlite3_mem_methods mine;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &disk.malloc);
    mine = disk.malloc;
    mine.xMalloc = disk_malloc;
    mine.xRealloc = disk_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &mine);
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "test-disk";
    disk.vfs.szOsFile = (int)sizeof(struct disk_file) + disk.real->szOsFile;
    disk.vfs.xOpen = disk_open;
    disk.vfs.xDelete = disk_delete;
    sqlite3_vfs_register(&disk.vfs, 1);
}

static inline void disk_record(bool on) {
    disk.recording = on;
}

static inline void disk_forget(void) {
    for (size_t i = 0; i < disk.nevents; i++) {
        mem_free(disk.events[i].data);
    }
    mem_free(disk.events);
    disk.events = NULL;
    disk.nevents = disk.cap = 0;
    memset(disk.names, 0, sizeof disk.names);
}

/* ---- a power cut ------------------------------------------------------------------------------------------------------- */

/* A file as it would be found. */
struct disk_image {
    unsigned char *data;
    size_t len, cap;
    bool exists;
};

static inline void image_resize(struct disk_image *im, size_t len) {
    if (len > im->cap) {
        im->cap = 2 * len;
        im->data = mem_array(im->data, im->cap, 1);
    }
    if (len > im->len) {
        memset(im->data + im->len, 0, len - im->len);
    }
    im->len = len;
}

static inline void image_put(struct disk_image *im, int64_t at, const unsigned char *p, size_t n) {
    im->exists = true;
    if ((size_t)at + n > im->len) {
        image_resize(im, (size_t)at + n);
    }
    memcpy(im->data + at, p, n);
}

static inline void image_apply(struct disk_image *im, const struct disk_event *e) {
    if (e->kind == EVENT_WRITE) {
        image_put(im, e->at, e->data, e->len);
    } else if (e->kind == EVENT_TRUNCATE) {
        image_resize(im, (size_t)e->at);
        im->exists = true;
    } else if (e->kind == EVENT_DELETE) {
        im->len = 0;
        im->exists = false;
    }
}

/* Of a write that was not synced: all of it, nothing, or some of its sectors. */
static inline void image_apply_some(struct disk_image *im, const struct disk_event *e, unsigned *seed) {
    int fate = rand_r(seed) % 4;
    if (fate == 0) {
        return;
    }
    if (fate == 1 || e->kind != EVENT_WRITE) {
        image_apply(im, e);
        return;
    }
    for (size_t at = 0; at < e->len; at += DISK_SECTOR) {
        size_t n = e->len - at < DISK_SECTOR ? e->len - at : DISK_SECTOR;
        if (rand_r(seed) % 2) {
            image_put(im, e->at + (int64_t)at, e->data + at, n);
        }
    }
}

/* FILE after a cut before event CUT. Deletions are taken as done: SQLite syncs the folder for those that matter. */
static inline void disk_cut(int file, size_t cut, struct disk_image *im, unsigned *seed) {
    size_t synced = 0;
    for (size_t i = 0; i < cut; i++) {
        if (disk.events[i].file == file && (disk.events[i].kind == EVENT_SYNC || disk.events[i].kind == EVENT_DELETE)) {
            synced = i + 1;
        }
    }
    for (size_t i = 0; i < synced; i++) {
        if (disk.events[i].file == file && disk.events[i].kind != EVENT_MARK) {
            image_apply(im, &disk.events[i]);
        }
    }
    size_t *rest = mem_alloc((cut - synced + 1) * sizeof *rest);
    size_t n = 0;
    for (size_t i = synced; i < cut; i++) {
        if (disk.events[i].file == file && disk.events[i].kind != EVENT_MARK) {
            rest[n++] = i;
        }
    }
    for (size_t i = n; i > 1; i--) { /* in any order */
        size_t k = (size_t)rand_r(seed) % i;
        size_t swap = rest[i - 1];
        rest[i - 1] = rest[k];
        rest[k] = swap;
    }
    for (size_t i = 0; i < n; i++) {
        image_apply_some(im, &disk.events[rest[i]], seed);
    }
    mem_free(rest);
}

static inline void image_write(const struct disk_image *im, const char *path) {
    unlink(path);
    if (im->exists) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd < 0 || write(fd, im->data, im->len) != (ssize_t)im->len) {
            abort();
        }
        close(fd);
    }
}

static inline void image_read(struct disk_image *im, const char *path) {
    struct stat st;
    int fd = open(path, O_RDONLY);
    im->len = 0;
    im->exists = fd >= 0 && fstat(fd, &st) == 0;
    if (im->exists) {
        image_resize(im, (size_t)st.st_size);
        if (pread(fd, im->data, im->len, 0) != (ssize_t)im->len) {
            abort();
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}

#endif
