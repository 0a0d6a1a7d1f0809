/* repair_file.c - a copy of the damaged file in which SQLite finds its tables.
 *
 * The one idea: a store's tables are made in the same order in every store, so where a head or the list of tables is
 * gone, those of a new store say where they were.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/repair_priv.h"

enum { CHUNK = 1024 * 1024, HEAD_BYTES = 100, SCHEMA_PAGES_MAX = 64, PAGE = 8192 };

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

static int copy_bytes(const char *from, const char *to, bool required, struct err *err) {
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        return required ? err_set(err, E_STORE, "cannot read '%s': %s", from, strerror(errno)) : 0;
    }
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int rc = out < 0 ? err_set(err, E_OUTPUT, "cannot write '%s': %s", to, strerror(errno)) : 0;
    char *chunk = mem_alloc(CHUNK);
    ssize_t n;
    while (!rc && (n = read(in, chunk, CHUNK)) != 0) {
        /* A file that cannot be read to its end is saved as far as it can. */
        if (n < 0) {
            break;
        }
        rc = write(out, chunk, (size_t)n) == n ? 0
                                               : err_set(err, E_OUTPUT, "cannot write '%s': %s", to, strerror(errno));
    }
    mem_free(chunk);
    close(in);
    if (out >= 0) {
        close(out);
    }
    return rc;
}

static int copy_raw(struct rescue *w) {
    struct buf from = BUF_INIT;
    struct buf to = BUF_INIT;
    buf_addf(&from, "%s-wal", w->path);
    buf_addf(&to, "%s-wal", w->work.data);
    int rc = copy_bytes(w->path, w->work.data, true, w->err);
    rc = rc ? rc : copy_bytes(from.data, to.data, false, w->err);
    buf_release(&from);
    buf_release(&to);
    return rc;
}

/* By SQLite where it can still read pages: it knows of the log. */
static int copy_pages(struct rescue *w) {
    struct db db;
    struct err no;
    err_init(&no);
    int rc = keep_open(&db, w->path, SQLITE_OPEN_READONLY, &no);
    rc = rc ? rc : keep_copy(&db, w->work.data, &no);
    db_close(&db);
    err_release(&no);
    return rc;
}

/* ---- does it have its tables? ------------------------------------------------------------------------------------ */

static bool readable(struct rescue *w) {
    struct db db;
    struct err no;
    struct arena a = ARENA_INIT;
    struct table_info *tables = arena_alloc(&a, TABLES_MAX * sizeof *tables);
    size_t n = 0;
    err_init(&no);
    int rc = keep_open(&db, w->work.data, SQLITE_OPEN_READWRITE, &no);
    rc = rc ? rc : tables_read(&db, &a, tables, &n, &no);
    bool whole = !rc && tables_find(tables, n, "entity") && tables_find(tables, n, "t_note") &&
                 tables_find(tables, n, "note_rev") && tables_find(tables, n, "journal");
    db_close(&db);
    err_release(&no);
    arena_release(&a);
    return whole;
}

/* ---- grafting ---------------------------------------------------------------------------------------------------- */

/* Pages that hold the list of tables, in a new store. */
static int schema_pages(const char *model, int64_t *pages, size_t *n, struct err *err) {
    struct db db;
    int rc = keep_open(&db, model, SQLITE_OPEN_READONLY, err);
    sqlite3_stmt *st = rc ? NULL : db_prepare(&db, "SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'", err);
    rc = rc ? rc : st ? 0 : -(int)err->code;
    while (st && *n < SCHEMA_PAGES_MAX && (rc = db_step(&db, st, err)) == 1) {
        pages[(*n)++] = col_int(st, 0);
    }
    db_finish(st);
    db_close(&db);
    return rc < 0 ? rc : 0;
}

static void put_size(unsigned char *head, int64_t pages) {
    for (int i = 0; i < 4; i++) {
        head[28 + i] = (unsigned char)(pages >> (24 - 8 * i));
    }
    memset(head + 32, 0, 8); /* no free pages */
    head[18] = head[19] = 1; /* no log */
}

/* Put page NO of MODEL into WORK; the head gets the size of WORK. */
static int graft_page(int model, int work, int64_t no, int64_t size) {
    unsigned char page[PAGE];
    off_t at = (off_t)(no - 1) * PAGE;
    if (pread(model, page, sizeof page, at) != PAGE) {
        return -1;
    }
    if (no == 1) {
        put_size(page, size);
    }
    return pwrite(work, page, sizeof page, at) == PAGE ? 0 : -1;
}

static int graft(struct rescue *w, const char *model) {
    int64_t pages[SCHEMA_PAGES_MAX];
    size_t n = 0;
    struct stat st;
    int rc = schema_pages(model, pages, &n, w->err);
    if (rc) {
        return rc;
    }
    int from = open(model, O_RDONLY | O_CLOEXEC);
    int to = open(w->work.data, O_RDWR | O_CLOEXEC);
    struct stat least;
    bool ok = from >= 0 && to >= 0 && fstat(to, &st) == 0 && fstat(from, &least) == 0;
    /* What is missing at the end, of a page or of all that every store has, is filled up with nothing. */
    int64_t bytes = ok ? (st.st_size > least.st_size ? st.st_size : least.st_size) : 0;
    int64_t size = (bytes + PAGE - 1) / PAGE;
    ok = ok && ftruncate(to, (off_t)size * PAGE) == 0;
    for (size_t i = 0; ok && i < n; i++) {
        ok = graft_page(from, to, pages[i], size) == 0;
    }
    if (from >= 0) {
        close(from);
    }
    if (to >= 0) {
        close(to);
    }
    return ok ? 0 : err_set(w->err, E_OUTPUT, "cannot write '%s': %s", w->work.data, strerror(errno));
}

static int graft_schema(struct rescue *w) {
    struct buf model = BUF_INIT;
    struct buf log = BUF_INIT;
    struct db db;
    keep_temp_name(&model, w->path, "model");
    keep_unlink(model.data);
    int rc = store_make_file(model.data, store_schema(), w->err);
    /* Its log goes into the file. */
    rc = rc ? rc : keep_open(&db, model.data, SQLITE_OPEN_READWRITE, w->err);
    if (!rc) {
        rc = db_exec(&db, "PRAGMA journal_mode = DELETE", w->err);
        db_close(&db);
    }
    buf_addf(&log, "%s-wal", w->work.data);
    unlink(log.data); /* of a file that is another now */
    rc = rc ? rc : graft(w, model.data);
    rescue_lost(w, "the head of the file: that of a new store was put in its place");
    keep_unlink(model.data);
    buf_release(&model);
    buf_release(&log);
    return rc;
}

int rescue_copy(struct rescue *w) {
    int rc = copy_pages(w) ? copy_raw(w) : 0;
    if (!rc && !readable(w)) {
        keep_unlink(w->work.data);
        rc = copy_raw(w);
        rc = rc ? rc : graft_schema(w);
    }
    return rc;
}
