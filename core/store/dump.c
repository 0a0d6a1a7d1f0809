/* dump.c - the store as JSON lines.
 *
 * The one idea: a row is a map of its columns, tables by name and rows by key, in one read transaction: equal content
 * gives equal bytes. Packed columns are shown as what they hold wherever that can be packed again into the very same
 * bytes, else as hex; so nothing is lost in either form.
 */
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/msgpack.h"
#include "base/text.h"
#include "store/keep_priv.h"

enum { PACKED_MAX = 64 * 1024 * 1024, FLUSH_BYTES = 256 * 1024 };

struct dumping {
    struct db db;
    struct arena arena; /* of the tables */
    struct arena row;
    struct buf out;
    keep_write *write;
    void *ctx;
    int64_t rows;
    struct err *err;
};

static int flush(struct dumping *d) {
    int rc = d->out.len ? d->write(d->ctx, d->out.data, d->out.len, d->err) : 0;
    buf_clear(&d->out);
    return rc;
}

static void write_hex(struct buf *out, const void *p, size_t n) {
    char *hex = mem_alloc(2 * n + 1);
    hex_encode(p, n, hex);
    buf_adds(out, "{\"hex\":\"");
    buf_add(out, hex, 2 * n);
    buf_adds(out, "\"}");
    mem_free(hex);
}

/* Ids and digests in the form that people know them in, packed maps as maps. */
static void write_blob(struct dumping *d, const void *p, size_t n) {
    struct msgpack_limits limits = msgpack_limits_default;
    struct buf json = BUF_INIT;
    struct buf again = BUF_INIT;
    struct value v;
    struct value back;
    struct err no;
    err_init(&no);
    limits.bytes = PACKED_MAX;
    if (n != UUID_BYTES && n != SHA256_BYTES && msgpack_read(&d->row, p, n, &limits, &v, &no) == 0) {
        json_write(&json, &v);
        if (json_read(&d->row, json.data, json.len, &back, &no) == 0) {
            msgpack_write(&again, &back);
        }
    }
    err_release(&no);
    if (n && again.len == n && memcmp(again.data, p, n) == 0) {
        buf_adds(&d->out, "{\"pack\":");
        buf_add(&d->out, json.data, json.len);
        buf_addc(&d->out, '}');
    } else {
        write_hex(&d->out, p, n);
    }
    buf_release(&json);
    buf_release(&again);
}

static void write_text(struct dumping *d, const char *s, size_t n) {
    if (text_utf8_valid(s, n) == n) {
        json_write_str(&d->out, s, n);
    } else {
        write_hex(&d->out, s, n);
    }
}

static void write_column(struct dumping *d, sqlite3_stmt *st, int i) {
    struct value v;
    size_t n;
    const char *text;
    const void *blob;
    switch (sqlite3_column_type(st, i)) {
    case SQLITE_TEXT:
        text = col_text(st, i, &n);
        write_text(d, text, n);
        break;
    case SQLITE_BLOB:
        blob = col_blob(st, i, &n);
        write_blob(d, blob, n);
        break;
    default:
        v = col_value(st, i, &d->row);
        json_write(&d->out, &v);
    }
}

static void write_row(struct dumping *d, const struct table_info *t, sqlite3_stmt *st) {
    const char *comma = "";
    buf_addf(&d->out, "{\"table\":\"%s\",\"row\":{", t->name);
    for (size_t i = 0; i < t->ncolumns; i++) {
        if (col_null(st, (int)i)) {
            continue;
        }
        buf_adds(&d->out, comma);
        json_write_str(&d->out, t->columns[i].name, strlen(t->columns[i].name));
        buf_addc(&d->out, ':');
        write_column(d, st, (int)i);
        comma = ",";
    }
    buf_adds(&d->out, "}}\n");
    d->rows++;
}

/* Runs that only read are a log of looking, kept for a while: not what the store is for. */
static const char *which(const struct table_info *t) {
    return strcmp(t->name, "t_run") == 0 ? " WHERE operations > 0" : "";
}

static int dump_table(struct dumping *d, const struct table_info *t) {
    struct buf sql = BUF_INIT;
    buf_adds(&sql, "SELECT ");
    for (size_t i = 0; i < t->ncolumns; i++) {
        buf_addf(&sql, "%s\"%s\"", i ? ", " : "", t->columns[i].name);
    }
    buf_addf(&sql, " FROM \"%s\"%s ORDER BY %s", t->name, which(t), t->order);
    sqlite3_stmt *st = db_prepare(&d->db, sql.data, d->err);
    int rc = st ? 0 : -(int)d->err->code;
    while (st && (rc = db_step(&d->db, st, d->err)) == 1) {
        write_row(d, t, st);
        arena_clear(&d->row);
        rc = d->out.len > FLUSH_BYTES ? flush(d) : 0;
        if (rc) {
            break;
        }
    }
    db_finish(st);
    buf_release(&sql);
    return rc;
}

static int dump_all(struct dumping *d) {
    struct table_info *tables = arena_alloc(&d->arena, TABLES_MAX * sizeof *tables);
    size_t n = 0;
    int version = 0;
    int rc = db_ready(&d->db, d->err);
    rc = rc ? rc : db_exec(&d->db, "BEGIN", d->err);
    rc = rc ? rc : schema_version(&d->db, &version, d->err);
    rc = rc ? rc : tables_read(&d->db, &d->arena, tables, &n, d->err);
    buf_addf(&d->out, "{\"lectern\":\"dump\",\"format\":1,\"schema\":%d}\n", version);
    for (size_t i = 0; i < n && !rc; i++) {
        rc = dump_table(d, &tables[i]);
    }
    buf_addf(&d->out, "{\"end\":true,\"rows\":%lld}\n", (long long)d->rows);
    return rc ? rc : flush(d);
}

int keep_dump(const char *path, keep_write *write, void *ctx, int64_t *rows, struct err *err) {
    struct dumping d = {.write = write, .ctx = ctx, .err = err, .out = BUF_INIT};
    arena_init(&d.arena);
    arena_init(&d.row);
    int rc = keep_open(&d.db, path, SQLITE_OPEN_READONLY, err);
    rc = rc ? rc : dump_all(&d);
    *rows = d.rows;
    db_close(&d.db);
    buf_release(&d.out);
    arena_release(&d.row);
    arena_release(&d.arena);
    return rc;
}
