/* repair_pages.c - rows of pages that no tree leads to any more.
 *
 * The one idea: a leaf page says that it is one, where its rows are and how long; what a row is made of tells whose it
 * was. So each page of the file is looked at by itself (https://www.sqlite.org/fileformat.html sections 1.6 and 2), for
 * those tables alone whose tree was found broken. Every number in a page is checked against the page.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/repair_priv.h"

enum {
    PAGE = 8192,
    LEAF = 0x0d,
    HEAD_BYTES = 100,
    LOCAL_MAX = PAGE - 35,
    LOCAL_MIN = (PAGE - 12) * 32 / 255 - 23,
    CELLS_MAX = PAGE / 4,
    PAYLOAD_MAX = 64 * 1024 * 1024,
};
#define INSTANT_MIN INT64_C(100000000000) /* of the columns that are one; no other number of ours is as large */

struct field_at {
    uint64_t type; /* serial type */
    const unsigned char *p;
};

struct scanning {
    struct rescue *w;
    int fd;
    int64_t npages;
    const struct table_info *tables;
    size_t ntables;
    const bool *wanted; /* of the tables */
    sqlite3_stmt *insert[TABLES_MAX];
    int64_t saved[TABLES_MAX];
    unsigned char page[PAGE];
    struct buf payload;
    struct field_at fields[TABLE_COLUMNS_MAX];
    size_t nfields;
};

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

static unsigned two_bytes(const unsigned char *p) {
    return (unsigned)p[0] << 8 | p[1];
}

static int64_t signed_bytes(const unsigned char *p, size_t n) {
    uint64_t v = n && (p[0] & 0x80) ? UINT64_MAX : 0;
    for (size_t i = 0; i < n; i++) {
        v = v << 8 | p[i];
    }
    return (int64_t)v;
}

/* Bytes it took, 0 where it does not end before END. */
static size_t varint(const unsigned char *p, const unsigned char *end, uint64_t *out) {
    uint64_t v = 0;
    for (size_t i = 0; i < 9 && p + i < end; i++) {
        if (i == 8) {
            *out = v << 8 | p[i];
            return 9;
        }
        v = v << 7 | (p[i] & 0x7f);
        if (!(p[i] & 0x80)) {
            *out = v;
            return i + 1;
        }
    }
    return 0;
}

/* ---- a row's bytes ----------------------------------------------------------------------------------------------- */

/* The rest of a long row, from page to page. */
static bool read_overflow(struct scanning *s, int64_t no, size_t size) {
    unsigned char page[PAGE];
    while (s->payload.len < size) {
        size_t want = size - s->payload.len < PAGE - 4 ? size - s->payload.len : PAGE - 4;
        if (no < 1 || no > s->npages || pread(s->fd, page, sizeof page, (off_t)(no - 1) * PAGE) != PAGE) {
            return false;
        }
        buf_add(&s->payload, page + 4, want);
        no = signed_bytes(page, 4);
    }
    return true;
}

static bool read_payload(struct scanning *s, const unsigned char *cell, int64_t *rowid) {
    const unsigned char *end = s->page + PAGE;
    uint64_t size;
    uint64_t key;
    size_t n = varint(cell, end, &size);
    size_t m = n ? varint(cell + n, end, &key) : 0;
    if (!m || size > PAYLOAD_MAX || size > (uint64_t)s->npages * PAGE) {
        return false;
    }
    const unsigned char *p = cell + n + m;
    size_t local = (size_t)size;
    if (size > LOCAL_MAX) {
        local = LOCAL_MIN + (size - LOCAL_MIN) % (PAGE - 4);
        local = local > LOCAL_MAX ? LOCAL_MIN : local;
    }
    if (local + (local < size ? 4 : 0) > (size_t)(end - p)) {
        return false;
    }
    *rowid = (int64_t)key;
    buf_clear(&s->payload);
    buf_add(&s->payload, p, local);
    return local == size || read_overflow(s, signed_bytes(p + local, 4), (size_t)size);
}

static size_t bytes_of(uint64_t type) {
    static const size_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    return type < 12 ? sizes[type] : (size_t)((type - 12) / 2);
}

static bool split(struct scanning *s) {
    const unsigned char *start = (const unsigned char *)s->payload.data;
    const unsigned char *end = start + s->payload.len;
    uint64_t head;
    size_t n = varint(start, end, &head);
    if (!n || head > s->payload.len) {
        return false;
    }
    const unsigned char *at = start + n;
    const unsigned char *value = start + head;
    for (s->nfields = 0; at < start + head; s->nfields++) {
        uint64_t type;
        n = varint(at, start + head, &type);
        if (!n || s->nfields == TABLE_COLUMNS_MAX || type == 10 || type == 11 || type > 2 * (uint64_t)PAYLOAD_MAX ||
            bytes_of(type) > (size_t)(end - value)) {
            return false;
        }
        s->fields[s->nfields] = (struct field_at){type, value};
        value += bytes_of(type);
        at += n;
    }
    return value == end;
}

/* ---- whose it is ------------------------------------------------------------------------------------------------- */

static bool is_int(uint64_t type) {
    return (type >= 1 && type <= 6) || type == 8 || type == 9;
}

static int64_t int_of(const struct field_at *f) {
    return f->type == 8 ? 0 : f->type == 9 ? 1 : signed_bytes(f->p, bytes_of(f->type));
}

static bool is_instant(const char *column) {
    static const char *const names[] = {"at", "created", "updated", "started", "imported"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(column, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool could_be(const struct table_column *c, const struct field_at *f) {
    if (f->type == 0) {
        return !c->required;
    }
    switch (c->kind) {
    case COLUMN_INT:
        return is_int(f->type) && (!is_instant(c->name) || int_of(f) > INSTANT_MIN);
    case COLUMN_TEXT:
        return f->type >= 13 && f->type % 2 == 1;
    case COLUMN_BLOB:
        return f->type >= 12 && f->type % 2 == 0;
    default:
        return false;
    }
}

/* The first column is the row's number, kept as nothing. Texts and tags look alike, but not their numbers. */
static bool is_row_of(const struct scanning *s, const struct table_info *t, int64_t rowid) {
    bool ok = t->rowid && s->nfields == t->ncolumns && s->fields[0].type == 0 && rowid > 0;
    for (size_t i = 1; ok && i < t->ncolumns; i++) {
        ok = could_be(&t->columns[i], &s->fields[i]);
    }
    bool text = strcmp(t->name, "note_rev") == 0;
    bool tag = strcmp(t->name, "t_tag") == 0;
    return ok && !(text && rowid < 1 << REV_BITS) && !(tag && rowid >= 1 << REV_BITS);
}

static void save(struct scanning *s, size_t table, int64_t rowid) {
    sqlite3_stmt *st = s->insert[table];
    sqlite3_bind_int64(st, 1, rowid);
    for (size_t i = 1; i < s->nfields; i++) {
        const struct field_at *f = &s->fields[i];
        int n = (int)bytes_of(f->type);
        int at = (int)i + 1;
        if (is_int(f->type)) {
            sqlite3_bind_int64(st, at, int_of(f));
        } else if (f->type >= 12 && f->type % 2) {
            rescue_bind_text(st, at, (const char *)f->p, (size_t)n);
        } else if (f->type >= 12) {
            sqlite3_bind_blob(st, at, f->p, n, SQLITE_TRANSIENT);
        }
    }
    s->saved[table] += sqlite3_step(st) == SQLITE_DONE && sqlite3_changes(s->w->made.db.handle) > 0;
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
}

static void look_at_row(struct scanning *s, int64_t rowid) {
    for (size_t i = 0; i < s->ntables; i++) {
        if (s->insert[i] && is_row_of(s, &s->tables[i], rowid)) {
            save(s, i, rowid);
            return;
        }
    }
}

/* ---- pages ------------------------------------------------------------------------------------------------------- */

static void look_at_page(struct scanning *s, int64_t no) {
    const unsigned char *head = s->page + (no == 1 ? HEAD_BYTES : 0);
    unsigned cells = two_bytes(head + 3);
    if (head[0] != LEAF || cells > CELLS_MAX) {
        return;
    }
    for (unsigned i = 0; i < cells && head + 8 + 2 * i + 2 <= s->page + PAGE; i++) {
        unsigned at = two_bytes(head + 8 + 2 * i);
        int64_t rowid;
        if (at >= 8 && at < PAGE && read_payload(s, s->page + at, &rowid) && split(s)) {
            look_at_row(s, rowid);
        }
    }
}

static int scan(struct scanning *s) {
    struct stat st;
    if (fstat(s->fd, &st)) {
        return 0;
    }
    s->npages = st.st_size / PAGE;
    for (int64_t no = 1; no <= s->npages; no++) {
        if (pread(s->fd, s->page, PAGE, (off_t)(no - 1) * PAGE) == PAGE) {
            look_at_page(s, no);
        }
    }
    return 0;
}

int rescue_pages(struct rescue *w, const struct table_info *tables, size_t n, const bool *wanted) {
    struct scanning *s = mem_alloc(sizeof *s);
    int rc = 0;
    *s = (struct scanning){.w = w, .tables = tables, .ntables = n, .wanted = wanted, .payload = BUF_INIT};
    s->fd = open(w->work.data, O_RDONLY | O_CLOEXEC);
    for (size_t i = 0; !rc && i < n; i++) {
        s->insert[i] = wanted[i] && tables[i].rowid ? rescue_insert(w, &tables[i]) : NULL;
        rc = wanted[i] && tables[i].rowid && !s->insert[i] ? -(int)w->err->code : 0;
    }
    rc = rc || s->fd < 0 ? rc : scan(s);
    for (size_t i = 0; i < n; i++) {
        int64_t before = value_toint(value_get(&w->found, tables[i].name), 0);
        value_set(w->arena, &w->found, arena_strdup(w->arena, tables[i].name), value_int(before + s->saved[i]));
        db_finish(s->insert[i]);
    }
    if (s->fd >= 0) {
        close(s->fd);
    }
    buf_release(&s->payload);
    mem_free(s);
    return rc;
}
