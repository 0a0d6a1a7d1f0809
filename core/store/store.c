/* store.c - the file and its connections: make it, look before touching it, open, lend readers, close.
 *
 * The one idea: the first 100 bytes of a file say whose it is and which schema it has, and they are read before SQLite
 * may write anything. A new file is made whole beside its place and then linked into it, so nobody ever sees half a
 * store.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "store/keep_priv.h"
#include "store/store_priv.h"

enum {
    HEADER_BYTES = 100, /* https://www.sqlite.org/fileformat.html section 1.3 */
    HEADER_WAL_AT = 18,
    HEADER_VERSION_AT = 60,
    HEADER_APPLICATION_AT = 68,
    WRITER_CACHE_KIB = 1024,
    READER_CACHE_KIB = 1024,
    BULK_CACHE_KIB = 64 * 1024,
    BULK_CHECKPOINT_PAGES = 32000, /* a log of 256 MiB: a page that several groups change goes into the file once */
    CHECKPOINT_PAGES = 1000,
    UNSAFE_TRIES = 300,
    UNSAFE_PAUSE_US = 10000,
};

struct header {
    bool exists, empty, wal;
    int64_t version;
};

static pthread_once_t configured = PTHREAD_ONCE_INIT;

/* Every connection is used by one thread at a time, and nobody asks SQLite how much memory it has. What a savepoint
 * may have to take back is one source's worth of pages: kept in memory, not in temporary files. */
static void configure(void) {
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0); /* no pages in advance: most commands look at a few */
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static uint32_t big_endian(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int judge_header(const char *path, const unsigned char *p, ssize_t n, struct header *h, struct err *err) {
    static const char magic[16] = "SQLite format 3";
    if (n == 0) {
        h->empty = true;
        return 0;
    }
    bool whole = n == HEADER_BYTES && memcmp(p, magic, sizeof magic) == 0;
    h->version = whole ? (int32_t)big_endian(p + HEADER_VERSION_AT) : 0;
    if (h->version < 1 || big_endian(p + HEADER_APPLICATION_AT) != SCHEMA_APPLICATION_ID) {
        err_set(err, E_STORE, "'%s' is no lectern store, or it is damaged; it was left as it is", path);
        return err_hint(err, "name another file with --store, or restore a backup");
    }
    h->wal = p[HEADER_WAL_AT] == 2 && p[HEADER_WAL_AT + 1] == 2;
    return 0;
}

static int read_header(const char *path, struct header *h, struct err *err) {
    unsigned char bytes[HEADER_BYTES];
    struct stat st;
    *h = (struct header){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        return 0;
    }
    if (fd < 0 || fstat(fd, &st) < 0) {
        int rc = err_set(err, E_STORE, "cannot read store '%s': %s", path, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return rc;
    }
    if (!S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(err, E_STORE, "store '%s' is not a regular file", path);
    }
    h->exists = true;
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    close(fd);
    return n < 0 ? err_set(err, E_STORE, "cannot read store '%s': %s", path, strerror(errno))
                 : judge_header(path, bytes, n, h, err);
}

static int judge_version(const char *path, int64_t version, bool migrate, struct err *err) {
    if (version > store_schema()) {
        err_set(err, E_CONFIG, "store '%s' has schema %d, this lectern knows up to %d", path, (int)version,
                store_schema());
        return err_hint(err, "use the newer lectern that made it");
    }
    if (version < store_schema() && !migrate) {
        err_set(err, E_BUSY, "store '%s' has schema %d and must be brought to %d first", path, (int)version,
                store_schema());
        return err_hint(err, "stop the other lectern that has it open (lectern daemon stop), then try again");
    }
    return 0;
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

static int make_folder(const char *path, struct err *err) {
    char *folder = mem_strdup(path);
    char *slash = strrchr(folder, '/');
    int rc = 0;
    if (slash && slash != folder) {
        *slash = '\0';
        if (path_mkdirs(folder, 0700, NULL))
            rc = err_set(err, E_STORE, "cannot make the folder '%s' for the store", folder);
    }
    mem_free(folder);
    return rc;
}

void store_sync_folder(const char *path) {
    char *folder = mem_strdup(path);
    char *slash = strrchr(folder, '/');
    slash[slash == folder ? 1 : 0] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    mem_free(folder);
}

static int fill_new(const char *path, int schema, struct err *err) {
    struct db db;
    int rc = db_open(&db, path, SQLITE_OPEN_READWRITE, WRITER_CACHE_KIB, err);
    if (rc) {
        return rc;
    }
    /* A note and its index entries are larger than a page of 4 KiB: an import is a tenth faster with this size. */
    rc = db_exec(&db, "PRAGMA page_size = 8192", err);
    rc = rc ? rc : schema_migrate_to(&db, schema, err);
    rc = rc ? rc : db_exec(&db, "PRAGMA journal_mode = WAL", err);
    db_close(&db);
    return rc;
}

/* Another program that makes the same store at the same time may win: then theirs is used. */
static int put_in_place(const char *made, const char *path, struct err *err) {
    if (renameat2(AT_FDCWD, made, AT_FDCWD, path, RENAME_NOREPLACE) == 0) {
        store_sync_folder(path);
        return 0;
    }
    if (errno == EINVAL || errno == ENOSYS) {
        if (link(made, path) == 0 || errno == EEXIST) {
            store_sync_folder(path);
            return 0;
        }
    }
    return errno == EEXIST ? 0 : err_set(err, E_STORE, "cannot make store '%s': %s", path, strerror(errno));
}

int store_make_file(const char *path, int schema, struct err *err) {
    pthread_once(&configured, configure);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_set(err, E_STORE, "cannot make store '%s': %s", path, strerror(errno));
    }
    close(fd);
    int rc = fill_new(path, schema, err);
    if (rc) {
        unlink(path);
    }
    return rc;
}

static int make_store(const char *path, struct err *err) {
    struct buf made = BUF_INIT;
    int rc = make_folder(path, err);
    if (rc) {
        return rc;
    }
    buf_addf(&made, "%s.new-%ld", path, (long)getpid());
    rc = store_make_file(made.data, store_schema(), err);
    if (!rc) {
        rc = put_in_place(made.data, path, err);
        unlink(made.data);
    }
    buf_release(&made);
    return rc;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* What the header of a WAL file says may be behind what its log says: ask SQLite. */
static int check_open(struct store *s, const struct store_options *o, struct err *err) {
    int version;
    int rc = schema_version(&s->db, &version, err);
    if (rc) {
        return rc;
    }
    rc = judge_version(s->path, version, o->migrate || version == 0, err);
    if (rc) {
        sqlite3_db_config(s->db.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    } else if (version < store_schema()) {
        rc = version ? keep_before_migration(&s->db, version, err) : 0;
        rc = rc ? rc : schema_migrate(&s->db, err);
    }
    return rc;
}

/* The mode stays what it is while somebody else has the file open. */
static bool journal_in_memory(struct store *s, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "PRAGMA journal_mode = MEMORY", err);
    bool done = st && db_step(&s->db, st, err) == 1 && strcmp(col_text(st, 0, NULL), "memory") == 0;
    if (st) {
        db_done(&s->db, st);
    }
    return done;
}

/* Unsafe: a journal that dies with the process; see also store_commit. */
static int set_journal(struct store *s, bool wal, struct err *err) {
    if (!s->unsafe) {
        return wal ? 0 : db_exec(&s->db, "PRAGMA journal_mode = WAL", err);
    }
    int rc = db_ready(&s->db, err);
    for (int i = 0; !rc && !journal_in_memory(s, err); i++) {
        if (i == UNSAFE_TRIES) {
            return err_set(err, E_BUSY, "store '%s' is in use: its journal cannot be turned off", s->path);
        }
        usleep(UNSAFE_PAUSE_US);
    }
    return rc ? rc : db_exec(&s->db, "PRAGMA synchronous = OFF", err);
}

static int open_file(struct store *s, const struct store_options *o, struct err *err) {
    struct header h;
    int rc = read_header(s->path, &h, err);
    if (!rc && !h.exists) {
        if (!o->create) {
            err_set(err, E_INPUT, "there is no store '%s'", s->path);
            return err_hint(err, "it is made by the first command that writes");
        }
        rc = make_store(s->path, err);
        if (!rc) {
            rc = read_header(s->path, &h, err);
        }
    }
    if (!rc && !h.empty) {
        rc = judge_version(s->path, h.version, true, err);
    }
    if (!rc) {
        rc = db_open(&s->db, s->path, SQLITE_OPEN_READWRITE, WRITER_CACHE_KIB, err);
    }
    if (!rc) {
        rc = check_open(s, o, err);
    }
    return rc ? rc : set_journal(s, h.wal, err);
}

int store_open(const char *path, const struct store_options *options, struct store **out, struct err *err) {
    *out = NULL;
    pthread_once(&configured, configure);
    struct store *s = mem_alloc(sizeof *s);
    struct buf absolute = BUF_INIT;
    char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
    path_absolute(&absolute, cwd ? cwd : "/", path);
    free(cwd);
    s->path = buf_take(&absolute);
    s->unsafe = options->unsafe;
    s->data_version = -1;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->given, NULL);
    arena_init(&s->txn.arena);
    arena_init(&s->scratch);
    s->postings = postings_new();
    int rc = open_file(s, options, err);
    if (rc) {
        store_close(s);
        return rc;
    }
    *out = s;
    return 0;
}

void store_close(struct store *s) {
    if (!s) {
        return;
    }
    store_rollback(s);
    for (size_t i = 0; i < STORE_READERS; i++) {
        if (s->readers[i]) {
            db_close(&s->readers[i]->db);
            mem_free(s->readers[i]);
        }
    }
    db_close(&s->db);
    arena_release(&s->txn.arena);
    arena_release(&s->scratch);
    postings_free(s->postings);
    pthread_cond_destroy(&s->given);
    pthread_mutex_destroy(&s->lock);
    mem_free(s->path);
    mem_free(s);
}

bool store_changed_elsewhere(struct store *s) {
    int64_t now;
    struct err no;
    err_init(&no);
    bool failed = db_int(&s->db, "PRAGMA data_version", -1, &now, &no) != 0;
    err_release(&no);
    bool changed = failed || (s->data_version >= 0 && now != s->data_version);
    s->data_version = now;
    return changed;
}

void store_bulk(struct store *s, bool on) {
    char sql[96];
    struct err no;
    if (on == s->bulk) {
        return;
    }
    s->bulk = on;
    err_init(&no);
    if (db_ready(&s->db, &no) == 0) {
        snprintf(sql, sizeof sql, "PRAGMA cache_size = -%d; PRAGMA wal_autocheckpoint = %d",
                 on ? BULK_CACHE_KIB : WRITER_CACHE_KIB, on ? BULK_CHECKPOINT_PAGES : CHECKPOINT_PAGES);
        sqlite3_exec(s->db.handle, sql, NULL, NULL, NULL);
        if (!on) {
            sqlite3_db_release_memory(s->db.handle);
            arena_release(&s->txn.arena);
            arena_release(&s->scratch);
            malloc_trim(0);
        }
    }
    err_release(&no);
}

void store_relax(struct store *s) {
    if (postings_bytes(s->postings) > 0) {
        postings_drop(s->postings);
        malloc_trim(0);
    }
}

/* ---- readers ----------------------------------------------------------------------------------------------------- */

/* A free one, or a place for a new one; with the lock held. */
static struct reader *find_reader(struct store *s, size_t *empty) {
    *empty = STORE_READERS;
    for (size_t i = 0; i < STORE_READERS; i++) {
        if (!s->readers[i]) {
            *empty = *empty == STORE_READERS ? i : *empty;
        } else if (!s->readers[i]->taken) {
            return s->readers[i];
        }
    }
    return NULL;
}

/* Opened by the thread that takes it, outside the lock. What goes wrong is said by the first statement, which tries
 * again. */
static void open_reader(struct reader *r) {
    struct err no;
    err_init(&no);
    db_open(&r->db, r->store->path, SQLITE_OPEN_READONLY, READER_CACHE_KIB, &no);
    err_release(&no);
}

struct reader *store_reader_take(struct store *s) {
    size_t empty;
    bool fresh = false;
    pthread_mutex_lock(&s->lock);
    struct reader *r = find_reader(s, &empty);
    while (!r && empty == STORE_READERS) {
        pthread_cond_wait(&s->given, &s->lock);
        r = find_reader(s, &empty);
    }
    if (!r) {
        r = s->readers[empty] = mem_alloc(sizeof *r);
        r->store = s;
        fresh = true;
    }
    r->taken = true;
    pthread_mutex_unlock(&s->lock);
    if (fresh) {
        open_reader(r);
    }
    atomic_store(&r->db.interrupted, false);
    return r;
}

void store_reader_give(struct reader *r) {
    struct store *s = r->store;
    pthread_mutex_lock(&s->lock);
    r->taken = false;
    pthread_cond_signal(&s->given);
    pthread_mutex_unlock(&s->lock);
}

void reader_interrupt(struct reader *r) {
    atomic_store(&r->db.interrupted, true);
    if (r->db.handle) {
        sqlite3_interrupt(r->db.handle);
    }
}
