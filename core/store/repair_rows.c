/* repair_rows.c - every row that can be read, table by table.
 *
 * The one idea: a table is read from its first row upwards until a page fails, from its last row downwards until one
 * fails, and the gap between is halved some times: a seek into it lands on pages that are whole. Keys must keep rising,
 * so a tree that bites its tail ends the walk. What no walk reached is left to repair_pages.c.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/repair_priv.h"

enum { SEEKS_MAX = 400, GAPS_MAX = 1024, ROWS_MAX = 100 * 1000 * 1000 };

struct gap {
    int64_t low, high; /* keys from LOW to HIGH were not seen */
};

struct saving {
    struct rescue *w;
    const struct table_info *t;  /* as the new store has it */
    bool has[TABLE_COLUMNS_MAX]; /* of the columns that the old one has too */
    sqlite3_stmt *insert;
    int64_t rows, dropped;
    bool broken; /* its tree is */
    struct gap gaps[GAPS_MAX];
    size_t first, ngaps;
    int seeks;
};

/* ---- one row ----------------------------------------------------------------------------------------------------- */

static bool plausible(const struct table_column *c, sqlite3_stmt *st, int i) {
    int type = sqlite3_column_type(st, i);
    switch (c->kind) {
    case COLUMN_INT:
        return type == SQLITE_INTEGER || (type == SQLITE_NULL && !c->required);
    case COLUMN_TEXT:
        return type == SQLITE_TEXT || (type == SQLITE_NULL && !c->required);
    case COLUMN_BLOB:
        return type == SQLITE_BLOB || (type == SQLITE_NULL && !c->required);
    default:
        return true;
    }
}

void rescue_bind_text(sqlite3_stmt *to, int i, const char *s, size_t n) {
    struct buf out = BUF_INIT;
    char utf8[4];
    size_t len;
    for (size_t at = 0; at < n; at += len) {
        uint32_t cp = text_utf8_next(s + at, n - at, &len);
        buf_add(&out, utf8, text_utf8_put(utf8, cp ? cp : 0xfffd));
    }
    sqlite3_bind_text64(to, i, out.data, out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    buf_release(&out);
}

static void bind_as_read(sqlite3_stmt *to, int i, sqlite3_stmt *from, int k) {
    size_t n;
    if (sqlite3_column_type(from, k) == SQLITE_TEXT) {
        const char *s = col_text(from, k, &n);
        if (text_utf8_valid(s, n) != n || memchr(s, '\0', n)) {
            rescue_bind_text(to, i, s, n);
            return;
        }
    }
    sqlite3_bind_value(to, i, sqlite3_column_value(from, k));
}

/* Columns of ST: the key first, then those of the table that the old one has. */
static int save_row(struct saving *s, sqlite3_stmt *st) {
    int k = 1;
    for (size_t i = 0; i < s->t->ncolumns; i++) {
        if (!s->has[i]) {
            continue;
        }
        if (!plausible(&s->t->columns[i], st, k)) {
            s->dropped++;
            return 0;
        }
        bind_as_read(s->insert, (int)i + 1, st, k++);
    }
    int rc = sqlite3_step(s->insert);
    s->rows += rc == SQLITE_DONE && sqlite3_changes(s->w->made.db.handle) > 0;
    s->dropped += (rc & 0xff) == SQLITE_CONSTRAINT;
    sqlite3_reset(s->insert);
    sqlite3_clear_bindings(s->insert);
    return rc == SQLITE_DONE || (rc & 0xff) == SQLITE_CONSTRAINT ? 0 : db_error(&s->w->made.db, rc, s->w->err);
}

/* ---- walks ------------------------------------------------------------------------------------------------------- */

static sqlite3_stmt *select_from(struct saving *s, const char *where, const char *order) {
    struct buf sql = BUF_INIT;
    struct err no;
    err_init(&no);
    buf_addf(&sql, "SELECT %s", s->t->rowid ? "rowid" : "0");
    for (size_t i = 0; i < s->t->ncolumns; i++) {
        if (s->has[i]) {
            buf_addf(&sql, ", \"%s\"", s->t->columns[i].name);
        }
    }
    buf_addf(&sql, " FROM \"%s\" NOT INDEXED %s ORDER BY %s", s->t->name, where, order);
    sqlite3_stmt *st = db_prepare(&s->w->old, sql.data, &no);
    err_release(&no);
    buf_release(&sql);
    return st;
}

struct walk {
    bool up;
    int64_t low, high; /* where to look; what is left of it afterwards */
    bool ended;        /* came to the other side */
};

static int walk_rows(struct saving *s, struct walk *w) {
    int64_t last = w->up ? w->low - 1 : w->high + 1;
    int rc = SQLITE_ERROR;
    sqlite3_stmt *st = select_from(s, "WHERE rowid BETWEEN ?1 AND ?2", w->up ? "rowid" : "rowid DESC");
    int failed = 0;
    s->seeks++;
    if (st) {
        bind_int(st, 1, w->low);
        bind_int(st, 2, w->high);
    }
    while (st && !failed && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        int64_t key = col_int(st, 0);
        if (w->up ? key <= last : key >= last) {
            rc = SQLITE_CORRUPT;
            break;
        }
        last = key;
        failed = save_row(s, st);
    }
    db_finish(st);
    w->ended = rc == SQLITE_DONE;
    s->broken = s->broken || !w->ended;
    *(w->up ? &w->low : &w->high) = w->up ? last + 1 : last - 1;
    return failed;
}

static void add_gap(struct saving *s, int64_t low, int64_t high) {
    if (low <= high && s->ngaps < GAPS_MAX) {
        s->gaps[(s->first + s->ngaps++) % GAPS_MAX] = (struct gap){low, high};
    }
}

/* What is in the gap, from both sides; and what stays unseen as smaller gaps. */
static int explore(struct saving *s, struct gap g) {
    struct walk up = {.up = true, .low = g.low, .high = g.high};
    int rc = walk_rows(s, &up);
    if (rc || up.ended || up.low > g.high) {
        return rc;
    }
    struct walk down = {.low = up.low, .high = g.high};
    rc = walk_rows(s, &down);
    if (rc || down.ended || down.high < up.low) {
        return rc;
    }
    int64_t middle = up.low + (down.high - up.low) / 2;
    if (down.high - up.low > 1) {
        add_gap(s, up.low, middle);
        add_gap(s, middle + 1, down.high);
    }
    return 0;
}

/* Nobody knows how far the keys go: each power of 16 gets its share of the seeks. */
static int save_by_rowid(struct saving *s) {
    int rc = 0;
    for (int bits = 0; bits < 60; bits += 4) {
        add_gap(s, INT64_C(1) << bits, (INT64_C(1) << (bits + 4)) - 1);
    }
    while (!rc && s->ngaps && s->seeks < SEEKS_MAX) {
        struct gap g = s->gaps[s->first];
        s->first = (s->first + 1) % GAPS_MAX;
        s->ngaps--;
        rc = explore(s, g);
    }
    return rc;
}

/* Without a number to halve: from both ends. What comes twice is saved once. */
static int save_by_key(struct saving *s) {
    struct buf down = BUF_INIT;
    int rc = 0;
    buf_adds(&down, s->t->order);
    for (char *c; (c = strchr(down.data, ',')) != NULL;) { /* "a", "b" -> "a" DESC; "b" DESC */
        *c = ';';
    }
    struct buf reversed = BUF_INIT;
    for (const char *c = down.data; *c; c++) {
        if (*c == ';') {
            buf_adds(&reversed, " DESC,");
        } else {
            buf_addc(&reversed, *c);
        }
    }
    buf_adds(&reversed, " DESC");
    const char *orders[] = {s->t->order, reversed.data};
    int ended = 0;
    for (int i = 0; i < 2 && !rc && !ended; i++) {
        sqlite3_stmt *st = select_from(s, "", orders[i]);
        int64_t seen = 0;
        int step = SQLITE_ERROR;
        while (st && !rc && seen++ < ROWS_MAX && (step = sqlite3_step(st)) == SQLITE_ROW) {
            rc = save_row(s, st);
        }
        ended = step == SQLITE_DONE;
        db_finish(st);
    }
    buf_release(&down);
    buf_release(&reversed);
    return rc;
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

sqlite3_stmt *rescue_insert(struct rescue *w, const struct table_info *t) {
    struct buf sql = BUF_INIT;
    buf_addf(&sql, "INSERT OR IGNORE INTO \"%s\" VALUES(", t->name);
    for (size_t i = 0; i < t->ncolumns; i++) {
        buf_addf(&sql, "%s?%zu", i ? "," : "", i + 1);
    }
    buf_addc(&sql, ')');
    sqlite3_stmt *st = db_prepare(&w->made.db, sql.data, w->err);
    buf_release(&sql);
    return st;
}

static int save_table(struct rescue *w, const struct table_info *t, const struct table_info *old, bool *broken) {
    struct saving *s = mem_alloc(sizeof *s);
    *s = (struct saving){.w = w, .t = t};
    for (size_t i = 0; old && i < t->ncolumns; i++) {
        for (size_t k = 0; k < old->ncolumns; k++) {
            s->has[i] = s->has[i] || strcmp(old->columns[k].name, t->columns[i].name) == 0;
        }
    }
    s->insert = old ? rescue_insert(w, t) : NULL;
    int rc = old && !s->insert ? -(int)w->err->code : 0;
    if (old && !rc) {
        rc = t->rowid ? save_by_rowid(s) : save_by_key(s);
    }
    *broken = !old || s->broken;
    value_set(w->arena, &w->found, arena_strdup(w->arena, t->name), value_int(s->rows));
    if (s->dropped) {
        rescue_lost(w, "%lld rows of %s that no longer made sense", (long long)s->dropped, t->name);
    }
    db_finish(s->insert);
    mem_free(s);
    return rc;
}

int rescue_rows(struct rescue *w) {
    struct arena a = ARENA_INIT;
    struct err no;
    struct table_info *mine = arena_alloc(&a, TABLES_MAX * sizeof *mine);
    struct table_info *theirs = arena_alloc(&a, TABLES_MAX * sizeof *theirs);
    size_t nmine = 0;
    size_t ntheirs = 0;
    bool broken[TABLES_MAX] = {false};
    bool any = false;
    err_init(&no);
    /* Triggers or views in a damaged list of tables are never run; its text is only parsed. */
    int rc = tables_read(&w->made.db, &a, mine, &nmine, w->err);
    tables_read(&w->old, &a, theirs, &ntheirs, &no);
    for (size_t i = 0; !rc && i < nmine; i++) {
        rc = keep_stopped(w->err);
        rc = rc ? rc : save_table(w, &mine[i], tables_find(theirs, ntheirs, mine[i].name), &broken[i]);
        any = any || broken[i];
    }
    rc = rc ? rc : keep_stopped(w->err);
    rc = rc || !any ? rc : rescue_pages(w, mine, nmine, broken);
    err_release(&no);
    arena_release(&a);
    return rc;
}
