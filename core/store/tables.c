/* tables.c - the tables of a store as the file itself describes them.
 *
 * The one idea: dump, load and repair treat every table alike, so they ask SQLite what there is; a table that a later
 * schema adds is dumped without a word here. What is made from the rest (the index) is no table in this sense.
 */
#include <string.h>
#include <strings.h>

#include "store/keep_priv.h"
#include "store/keys_priv.h"

static enum column_kind kind_of(const char *declared) {
    static const struct {
        const char *name;
        enum column_kind kind;
    } kinds[] = {{"INTEGER", COLUMN_INT}, {"TEXT", COLUMN_TEXT}, {"BLOB", COLUMN_BLOB}, {"REAL", COLUMN_REAL}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcasecmp(declared, kinds[i].name) == 0) {
            return kinds[i].kind;
        }
    }
    return COLUMN_ANY;
}

static const char *quoted(struct arena *a, const char *name) {
    return arena_printf(a, "\"%s\"", name); /* of the schema, which is ours: tables_read refuses a quote in it */
}

static void add_to_order(struct arena *a, struct table_info *t, const char *column) {
    t->order = t->order ? arena_printf(a, "%s, %s", t->order, quoted(a, column)) : quoted(a, column);
}

static int read_columns(struct db *db, struct arena *a, struct table_info *t, struct err *err) {
    sqlite3_stmt *st = db_sql(db, "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1) ORDER BY cid", err);
    int keys[TABLE_COLUMNS_MAX] = {0};
    int nkeys = 0;
    int rc;
    if (!st) {
        return -(int)err->code;
    }
    bind_str(st, 1, t->name);
    while ((rc = db_step(db, st, err)) == 1 && t->ncolumns < TABLE_COLUMNS_MAX) {
        struct table_column *c = &t->columns[t->ncolumns];
        int pk = (int)col_int(st, 3);
        c->name = arena_strdup(a, col_text(st, 0, NULL));
        c->kind = kind_of(col_text(st, 1, NULL));
        c->required = col_int(st, 2) || pk;
        if (pk > 0 && pk <= TABLE_COLUMNS_MAX) {
            keys[pk - 1] = (int)t->ncolumns;
            nkeys = pk > nkeys ? pk : nkeys;
        }
        t->ncolumns++;
        rc = strchr(c->name, '"') ? err_set(err, E_STORE, "store '%s' is damaged: a column has no name", db->path) : 0;
        if (rc) {
            break;
        }
    }
    db_done(db, st);
    for (int i = 0; !rc && i < nkeys; i++) {
        add_to_order(a, t, t->columns[keys[i]].name);
    }
    t->order = t->order ? t->order : "rowid";
    return rc < 0 ? rc : 0;
}

int tables_read(struct db *db, struct arena *a, struct table_info *out, size_t *n, struct err *err) {
    sqlite3_stmt *st = db_sql(db,
                              "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
                              "name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND instr(name, '\"') = 0 AND "
                              "name NOT IN ('grams_upto', 'key_recent', 'key_settled') ORDER BY name",
                              err);
    int rc;
    *n = 0;
    if (!st) {
        return -(int)err->code;
    }
    while ((rc = db_step(db, st, err)) == 1 && *n < TABLES_MAX) {
        struct table_info *t = &out[*n];
        *t = (struct table_info){.name = arena_strdup(a, col_text(st, 0, NULL)), .rowid = !col_int(st, 1)};
        rc = read_columns(db, a, t, err);
        if (rc) {
            break;
        }
        ++*n;
    }
    db_done(db, st);
    return rc < 0 ? rc : 0;
}

const struct table_info *tables_find(const struct table_info *tables, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(tables[i].name, name) == 0) {
            return &tables[i];
        }
    }
    return NULL;
}

int tables_reindex(struct db *db, struct err *err) {
    int rc = keys_rebuild(db, err);
    return rc ? rc
              : db_exec(db,
                        "INSERT INTO fts(fts) VALUES('rebuild'); INSERT INTO grams(grams) VALUES('delete-all'); "
                        "UPDATE grams_upto SET n = 0",
                        err);
}
