/* load.c - a dump back into an empty store.
 *
 * The one idea: the lines are a stranger's, so they fill a file beside the store; it takes the store's place only when
 * every value had its column's type and every invariant holds. Lines are read one at a time, each of bounded length.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/msgpack.h"
#include "store/keep_priv.h"

enum {
    LINE_MAX_BYTES = 96 * 1024 * 1024, /* the largest text of 16 MiB, every byte of it escaped */
    CHUNK = 256 * 1024,
    CACHE_KIB = 32 * 1024,
};

struct inserter {
    const struct table_info *table;
    sqlite3_stmt *st;
};

struct loading {
    struct db db;
    const char *name; /* of the input */
    int fd;
    struct buf in; /* read, from AT on not yet used */
    size_t at;
    bool ended;
    int64_t line, rows;
    int64_t schema;
    struct arena arena, row;
    struct table_info *tables;
    size_t ntables;
    struct inserter *inserters; /* one for each table */
    struct err *err;
};

static int bad_line(struct loading *l, const char *what) {
    return err_set(l->err, E_DATA, "%s:%lld: %s", l->name, (long long)l->line, what);
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static int read_more(struct loading *l) {
    buf_drop(&l->in, l->at);
    l->at = 0;
    if (l->in.len > LINE_MAX_BYTES) {
        l->line++;
        return bad_line(l, "a line that is too long");
    }
    buf_reserve(&l->in, CHUNK);
    ssize_t n;
    do {
        int rc = keep_wait(l->fd, l->err);
        if (rc) {
            return rc;
        }
        n = read(l->fd, l->in.data + l->in.len, CHUNK);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n < 0) {
        return err_set(l->err, E_INPUT, "cannot read '%s': %s", l->name, strerror(errno));
    }
    l->ended = n == 0;
    l->in.len += (size_t)n;
    l->in.data[l->in.len] = '\0';
    return 0;
}

/* 1 and the next line, 0 at the end. */
static int next_line(struct loading *l, const char **text, size_t *len) {
    size_t looked = 0;
    for (;;) {
        const char *start = l->in.data + l->at;
        size_t have = l->in.len - l->at;
        const char *end = memchr(start + looked, '\n', have - looked);
        if (end || (l->ended && have)) {
            *text = start;
            *len = end ? (size_t)(end - start) : have;
            l->at += *len + (end != NULL);
            l->line++;
            return 1;
        }
        if (l->ended) {
            return 0;
        }
        looked = have;
        int rc = read_more(l);
        if (rc) {
            return rc;
        }
    }
}

static int next_value(struct loading *l, struct value *out) {
    const char *text = "";
    size_t len = 0;
    arena_clear(&l->row);
    int rc = next_line(l, &text, &len);
    if (rc != 1) {
        return rc;
    }
    rc = json_read(&l->row, text, len, out, l->err);
    if (rc) {
        err_prefix(l->err, "%s:%lld", l->name, (long long)l->line);
    } else if (!value_is(out, VALUE_MAP)) {
        rc = bad_line(l, "not a JSON object");
    }
    return rc ? rc : 1;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* {"hex":".."} or {"pack":..} as the bytes they stand for. */
static int unpack_bytes(struct loading *l, const struct value *v, const char **p, size_t *n) {
    const struct value *hex = value_get(v, "hex");
    if (value_is(v, VALUE_MAP) && v->len == 1 && value_is(hex, VALUE_STR)) {
        char *bytes = arena_alloc(&l->row, hex->len / 2 + 1);
        int got = hex_decode(hex->s, hex->len, (uint8_t *)bytes, hex->len / 2);
        *p = bytes;
        *n = got < 0 ? 0 : (size_t)got;
        return got < 0 ? bad_line(l, "what should be hex digits is not") : 0;
    }
    if (value_is(v, VALUE_MAP) && v->len == 1 && value_eqs(&v->pairs[0].key, "pack")) {
        struct buf packed = BUF_INIT;
        msgpack_write(&packed, &v->pairs[0].val);
        *p = arena_dup(&l->row, packed.data, packed.len);
        *n = packed.len;
        buf_release(&packed);
        return 0;
    }
    return bad_line(l, "neither text, number, hex nor packed");
}

static bool fits(enum column_kind kind, const struct value *v) {
    switch (kind) {
    case COLUMN_INT:
        return v->kind == VALUE_INT;
    case COLUMN_REAL:
        return v->kind == VALUE_INT || v->kind == VALUE_FLOAT;
    case COLUMN_TEXT:
        return v->kind == VALUE_STR || v->kind == VALUE_MAP;
    case COLUMN_BLOB:
        return v->kind == VALUE_MAP;
    default:
        return v->kind != VALUE_ARRAY && v->kind != VALUE_BOOL;
    }
}

static int bind_column(struct loading *l, sqlite3_stmt *st, int i, const struct table_column *c,
                       const struct value *v) {
    const char *p = "";
    size_t n = 0;
    if (v->kind == VALUE_NIL) {
        return c->required ? err_set(l->err, E_DATA, "%s:%lld: '%s' is missing", l->name, (long long)l->line, c->name)
                           : 0;
    }
    if (!fits(c->kind, v)) {
        return err_set(l->err, E_DATA, "%s:%lld: '%s' cannot be a %s", l->name, (long long)l->line, c->name,
                       value_kind_name(v->kind));
    }
    if (v->kind == VALUE_INT) {
        bind_int(st, i, v->i);
    } else if (v->kind == VALUE_FLOAT) {
        bind_real(st, i, v->f);
    } else if (v->kind == VALUE_STR) {
        bind_text(st, i, v->s, v->len);
    } else {
        int rc = unpack_bytes(l, v, &p, &n);
        if (rc) {
            return rc;
        }
        if (c->kind == COLUMN_TEXT) {
            bind_text(st, i, p, n);
        } else {
            bind_blob(st, i, p, n);
        }
    }
    return 0;
}

static int unknown_column(struct loading *l, const struct table_info *t, const struct value *row) {
    for (size_t i = 0; i < row->len; i++) {
        bool known = false;
        for (size_t k = 0; k < t->ncolumns && !known; k++) {
            known = value_eqs(&row->pairs[i].key, t->columns[k].name);
        }
        if (!known) {
            return err_set(l->err, E_DATA, "%s:%lld: '%s' has no column '%s'", l->name, (long long)l->line, t->name,
                           value_cstr(&row->pairs[i].key, "?"));
        }
    }
    return 0;
}

static sqlite3_stmt *insert_into(struct loading *l, struct inserter *in) {
    struct buf sql = BUF_INIT;
    if (in->st) {
        return in->st;
    }
    buf_addf(&sql, "INSERT INTO \"%s\"(", in->table->name);
    for (size_t i = 0; i < in->table->ncolumns; i++) {
        buf_addf(&sql, "%s\"%s\"", i ? "," : "", in->table->columns[i].name);
    }
    buf_adds(&sql, ") VALUES(");
    for (size_t i = 0; i < in->table->ncolumns; i++) {
        buf_addf(&sql, "%s?%zu", i ? "," : "", i + 1);
    }
    buf_addc(&sql, ')');
    in->st = db_prepare(&l->db, sql.data, l->err);
    buf_release(&sql);
    return in->st;
}

static int load_row(struct loading *l, const struct value *line) {
    const struct value *row = value_get(line, "row");
    const char *name = value_cstr(value_get(line, "table"), NULL);
    const struct table_info *t = name ? tables_find(l->tables, l->ntables, name) : NULL;
    if (!t) {
        return err_set(l->err, E_DATA, "%s:%lld: there is no table '%s'", l->name, (long long)l->line,
                       name ? name : "");
    }
    if (!value_is(row, VALUE_MAP)) {
        return bad_line(l, "'row' should be an object");
    }
    int rc = unknown_column(l, t, row);
    sqlite3_stmt *st = rc ? NULL : insert_into(l, &l->inserters[t - l->tables]);
    if (!st) {
        return -(int)l->err->code;
    }
    for (size_t i = 0; i < t->ncolumns && !rc; i++) {
        rc = bind_column(l, st, (int)i + 1, &t->columns[i], value_get(row, t->columns[i].name));
    }
    if (!rc) {
        rc = db_step(&l->db, st, l->err);
        if (rc == -(int)E_USAGE) { /* twice the same, most likely */
            rc = err_set(l->err, E_DATA, "%s:%lld: %s", l->name, (long long)l->line, l->err->message);
        }
    }
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    l->rows++;
    return rc;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static int read_head(struct loading *l) {
    struct value head;
    int rc = next_value(l, &head);
    if (rc == 0 || (rc == 1 && !value_eqs(value_get(&head, "lectern"), "dump"))) {
        l->line = l->line ? l->line : 1;
        return bad_line(l, "this is no dump of a lectern store");
    }
    if (rc < 0) {
        return rc;
    }
    l->schema = value_toint(value_get(&head, "schema"), -1);
    int64_t format = value_toint(value_get(&head, "format"), -1);
    if (l->schema > store_schema() || format > 1) {
        err_set(l->err, E_CONFIG, "%s:1: a dump of format %d and schema %d; this lectern knows up to 1 and %d", l->name,
                (int)format, (int)l->schema, store_schema());
        return err_hint(l->err, "use the newer lectern that made it");
    }
    return l->schema >= 1 && format == 1 ? 0 : bad_line(l, "a head without format and schema");
}

static int load_rows(struct loading *l) {
    struct value line;
    int rc;
    while ((rc = next_value(l, &line)) == 1) {
        if (value_tobool(value_get(&line, "end"), false)) {
            if (value_toint(value_get(&line, "rows"), -1) != l->rows) {
                return bad_line(l, "the dump has another number of rows than its end says");
            }
            rc = next_value(l, &line);
            return rc == 1 ? bad_line(l, "something follows the end") : rc;
        }
        rc = keep_stopped(l->err);
        rc = rc ? rc : load_row(l, &line);
        if (rc) {
            return rc;
        }
    }
    if (rc == 0) {
        l->line++;
        rc = bad_line(l, "the dump ends here without its end: it was cut short");
    }
    return rc;
}

static int fill(struct loading *l) {
    /* Nobody has this file yet; keep_publish or the transaction that copies it makes it last. */
    int rc = db_exec(&l->db, "PRAGMA synchronous = OFF; BEGIN", l->err);
    rc = rc ? rc : tables_read(&l->db, &l->arena, l->tables, &l->ntables, l->err);
    for (size_t i = 0; i < l->ntables; i++) {
        l->inserters[i].table = &l->tables[i];
    }
    rc = rc ? rc : load_rows(l);
    for (size_t i = 0; i < l->ntables; i++) {
        sqlite3_finalize(l->inserters[i].st);
    }
    rc = rc ? rc : db_exec(&l->db, "COMMIT", l->err);
    if (!rc && l->schema < store_schema()) {
        rc = schema_migrate(&l->db, l->err);
    }
    rc = rc ? rc : tables_reindex(&l->db, l->err);
    return rc ? rc : db_exec(&l->db, "PRAGMA journal_mode = DELETE", l->err);
}

static int make_and_fill(struct loading *l, const char *temp) {
    int rc = read_head(l);
    rc = rc ? rc : store_make_file(temp, (int)l->schema, l->err);
    if (rc) {
        return rc;
    }
    rc = keep_connect(&l->db, temp, SQLITE_OPEN_READWRITE, CACHE_KIB, l->err);
    rc = rc ? rc : db_ready(&l->db, l->err);
    rc = rc ? rc : fill(l);
    db_close(&l->db);
    return rc;
}

static int load_into(struct loading *l, const char *path, int64_t *checks) {
    struct buf temp = BUF_INIT;
    struct replacing r = {.path = path, .kept = BUF_INIT};
    keep_temp_name(&temp, path, "load");
    keep_unlink(temp.data);
    int rc = make_and_fill(l, temp.data);
    rc = rc ? rc : keep_verify(temp.data, checks, l->err);
    if (rc == -(int)E_DATA && *checks == 0 && l->err->hint[0] == '\0') {
        err_hint(l->err, "nothing was loaded");
    }
    r.from = temp.data;
    rc = rc ? rc : keep_replace(&r, l->err);
    keep_unlink(temp.data);
    buf_release(&temp);
    buf_release(&r.kept);
    return rc;
}

int keep_load(const char *path, int fd, const char *name, struct arena *a, struct value *report, struct err *err) {
    struct loading l = {.name = name, .fd = fd, .in = BUF_INIT, .err = err};
    int64_t checks = 0;
    arena_init(&l.arena);
    arena_init(&l.row);
    l.tables = arena_alloc(&l.arena, TABLES_MAX * sizeof *l.tables);
    l.inserters = arena_zalloc(&l.arena, TABLES_MAX * sizeof *l.inserters);
    int rc = load_into(&l, path, &checks);
    if (!rc) {
        *report = value_map(a, 3);
        value_set(a, report, "rows", value_int(l.rows));
        value_set(a, report, "schema", value_int(l.schema));
        value_set(a, report, "checks", value_int(checks));
    }
    buf_release(&l.in);
    arena_release(&l.arena);
    arena_release(&l.row);
    return rc;
}
