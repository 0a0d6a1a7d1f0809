/* repair.c - a damaged store into a sound one: copy what is there, save its rows, mend them, check, replace.
 *
 * The one idea: the damaged file is only read. A new store is filled beside it, and takes its place when every
 * invariant holds in it; then the damaged one is still there under another name.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/repair_priv.h"

enum { CACHE_KIB = 16 * 1024, LOST_MAX = 1000 };

void rescue_lost(struct rescue *w, const char *format, ...) {
    va_list ap;
    if (w->lost.len >= LOST_MAX) {
        return;
    }
    va_start(ap, format);
    value_push(w->arena, &w->lost, value_str(w->arena, arena_vprintf(w->arena, format, ap)));
    va_end(ap);
}

static int fill_new(struct rescue *w) {
    int rc = store_make_file(w->fresh.data, store_schema(), w->err);
    rc = rc ? rc : keep_connect(&w->made.db, w->fresh.data, SQLITE_OPEN_READWRITE, CACHE_KIB, w->err);
    rc = rc ? rc : db_ready(&w->made.db, w->err);
    rc = rc ? rc : db_exec(&w->made.db, "PRAGMA synchronous = OFF; BEGIN", w->err);
    rc = rc ? rc : rescue_rows(w);
    rc = rc ? rc : rescue_mend(w);
    rc = rc ? rc : tables_reindex(&w->made.db, w->err);
    rc = rc ? rc : db_int(&w->made.db, "SELECT count(*) FROM t_note", 0, &w->notes, w->err);
    rc = rc ? rc : db_exec(&w->made.db, "COMMIT", w->err);
    return rc ? rc : db_exec(&w->made.db, "PRAGMA journal_mode = DELETE", w->err);
}

static int make_new(struct rescue *w) {
    int64_t checks;
    int rc = rescue_copy(w);
    w->made.taken = true;
    rc = rc ? rc : keep_open(&w->old, w->work.data, SQLITE_OPEN_READWRITE, w->err);
    rc = rc ? rc : fill_new(w);
    db_close(&w->made.db);
    db_close(&w->old);
    return rc ? rc : keep_verify(w->fresh.data, &checks, w->err);
}

static void report_done(const struct rescue *w, bool repaired, const struct buf *kept, struct value *report) {
    struct arena *a = w->arena;
    *report = value_map(a, 5);
    value_set(a, report, "repaired", value_bool(repaired));
    value_set(a, report, "kept", kept && kept->len ? value_strn(a, kept->data, kept->len) : value_nil);
    value_set(a, report, "found", w->found);
    value_set(a, report, "lost", w->lost);
    value_set(a, report, "notes", value_int(w->notes));
}

static int repair(struct rescue *w, bool alone, struct value *report) {
    struct replacing r = {.path = w->path, .what = "damaged", .alone = alone, .kept = BUF_INIT};
    keep_temp_name(&w->work, w->path, "rescue");
    keep_temp_name(&w->fresh, w->path, "fresh");
    keep_unlink(w->work.data);
    keep_unlink(w->fresh.data);
    int rc = make_new(w);
    r.from = w->fresh.data;
    rc = rc ? rc : keep_replace(&r, w->err);
    if (rc) {
        err_prefix(w->err, "cannot repair '%s'", w->path);
    } else {
        report_done(w, true, &r.kept, report);
    }
    keep_unlink(w->work.data);
    keep_unlink(w->fresh.data);
    buf_release(&r.kept);
    return rc;
}

/* Why a store may fail its checks and yet be whole; damage may speak by any other code. */
static bool is_no_damage(int rc) {
    return rc == -(int)E_INPUT || rc == -(int)E_CONFIG || rc == -(int)E_BUSY || rc == -(int)E_CANCELLED;
}

int keep_repair(const char *path, bool alone, struct arena *a, struct value *report, struct err *err) {
    struct rescue w = {.path = path, .work = BUF_INIT, .fresh = BUF_INIT, .arena = a, .err = err};
    int64_t checks;
    struct stat st;
    w.found = value_map(a, 16);
    w.lost = value_array(a, 0);
    if (stat(path, &st)) {
        return err_set(err, E_INPUT, "there is no store '%s'", path);
    }
    int rc = keep_verify(path, &checks, err);
    if (rc == 0) {
        report_done(&w, false, NULL, report);
    } else if (!is_no_damage(rc)) {
        err_release(err);
        rc = repair(&w, alone, report);
    }
    buf_release(&w.work);
    buf_release(&w.fresh);
    return rc;
}
