/* history.c - what changed, when and by which run.
 *
 * The one idea: a journal row says what was there before it, so walking back from now tells title and text of every
 * revision without loading any of them.
 */
#include <string.h>

#include "store/journal_priv.h"
#include "store/objects_priv.h"
#include "store/read_priv.h"

enum { REVISIONS_MAX = 10000, RUNS_MAX = 10000 };

struct walk {
    struct reader *r;
    struct arena *arena;
    int64_t n;
    int type;
    struct value title;
    int64_t body_rev; /* 0: no body */
    struct err *err;
};

static int start_walk(struct walk *w) {
    static const char *const sql[ENTITY_COUNT] = {
        [ENTITY_NOTE] = "SELECT title, body_rev FROM t_note WHERE n = ?1",
        [ENTITY_TALK] = "SELECT title, 0 FROM t_talk WHERE n = ?1",
        [ENTITY_EVENT] = "SELECT name, 0 FROM t_event WHERE n = ?1",
        [ENTITY_SESSION] = "SELECT name, 0 FROM t_session WHERE n = ?1",
        [ENTITY_PERSON] = "SELECT name, 0 FROM t_person WHERE n = ?1",
        [ENTITY_SOURCE] = "SELECT path, 0 FROM t_source WHERE n = ?1",
    };
    sqlite3_stmt *st = w->type >= 0 && w->type < ENTITY_COUNT ? db_sql(&w->r->db, sql[w->type], w->err) : NULL;
    if (!st) {
        return w->type >= 0 && w->type < ENTITY_COUNT ? -(int)w->err->code
                                                      : err_set(w->err, E_STORE, "damaged store: unknown type");
    }
    bind_int(st, 1, w->n);
    int rc = db_step(&w->r->db, st, w->err);
    if (rc == 1) {
        w->title = object_text(w->arena, st, 0);
        w->body_rev = col_int(st, 1);
    }
    db_done(&w->r->db, st);
    return rc < 0 ? rc : 0;
}

static int body_bytes(struct walk *w, struct value *out) {
    *out = value_nil;
    if (w->body_rev <= 0) {
        return 0;
    }
    sqlite3_stmt *st = db_sql(&w->r->db, "SELECT length(CAST(body AS BLOB)) FROM note_rev WHERE k = ?1", w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, rev_key(w->n, w->body_rev));
    int rc = db_step(&w->r->db, st, w->err);
    if (rc == 1) {
        *out = value_int(col_int(st, 0));
    }
    db_done(&w->r->db, st);
    return rc < 0 ? rc : 0;
}

static int add_run(struct walk *w, int64_t run, struct value *entry) {
    static const char *const names[] = {"run", "command", "plugin"};
    sqlite3_stmt *st = db_sql(&w->r->db, "SELECT id, command, plugin FROM t_run WHERE n = ?1", w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, run);
    int rc = db_step(&w->r->db, st, w->err);
    for (int i = 0; i < 3; i++) {
        struct value v = rc != 1 ? value_nil : i == 0 ? object_uuid(w->arena, st, 0) : object_text(w->arena, st, i);
        value_set(w->arena, entry, names[i], v);
    }
    db_done(&w->r->db, st);
    return rc < 0 ? rc : 0;
}

static struct value changed_fields(struct walk *w, const struct value *before) {
    struct value list = value_array(w->arena, 0);
    for (uint32_t i = 0; value_is(before, VALUE_MAP) && i < before->len; i++) {
        value_push(w->arena, &list, before->pairs[i].key);
    }
    return list;
}

/* From what is true after this change to what was before it. */
static void step_back(struct walk *w, const struct value *before) {
    static const char *const titles[] = {"title", "name", "path"};
    for (uint32_t i = 0; value_is(before, VALUE_MAP) && i < before->len; i++) {
        const struct pair *p = &before->pairs[i];
        for (size_t k = 0; k < sizeof titles / sizeof *titles; k++) {
            if (value_eqs(&p->key, titles[k])) {
                w->title = p->val;
            }
        }
        if (value_eqs(&p->key, "body")) {
            w->body_rev = value_toint(&p->val, 0);
        }
    }
}

static int add_revision(struct walk *w, const struct journal_row *row, struct value *list) {
    struct value entry = value_map(w->arena, 9);
    struct value bytes;
    value_set(w->arena, &entry, "rev", value_int(row->rev));
    value_set(w->arena, &entry, "at", object_instant(w->arena, row->at));
    int rc = add_run(w, row->run, &entry);
    rc = rc ? rc : body_bytes(w, &bytes);
    if (rc) {
        return rc;
    }
    value_set(w->arena, &entry, "op", value_lit(journal_op_name(row->op)));
    value_set(w->arena, &entry, "title", w->title);
    value_set(w->arena, &entry, "bytes", bytes);
    value_set(w->arena, &entry, "changed", changed_fields(w, &row->before));
    value_push(w->arena, list, entry);
    step_back(w, &row->before);
    return 0;
}

static int walk_back(struct walk *w, struct value *list) {
    struct journal_row row = {.seq = 0};
    int rc = start_walk(w);
    rc = rc ? rc : journal_newest(&w->r->db, w->n, &row.seq, w->err);
    while (!rc && list->len < REVISIONS_MAX) {
        rc = reading_stopped(w->r, w->err);
        rc = rc ? rc : journal_read(&w->r->db, &row, w->arena, w->err);
        if (rc != 1) {
            return rc;
        }
        rc = add_revision(w, &row, list);
        row.seq = row.prev;
    }
    return rc;
}

int read_history(struct reader *r, const struct uuid *id, struct arena *a, struct value *out, struct err *err) {
    struct walk w = {.r = r, .arena = a, .err = err};
    *out = value_array(a, 0);
    int rc = reading_begin(r, err);
    rc = rc ? rc : reading_entity(r, id, &w.n, &w.type, err);
    if (rc == 1) {
        rc = walk_back(&w, out);
    }
    reading_end(r);
    return rc;
}

static struct value run_row(struct arena *a, sqlite3_stmt *st) {
    struct value v = value_map(a, 8);
    value_set(a, &v, "id", object_uuid(a, st, 0));
    value_set(a, &v, "command", object_text(a, st, 1));
    value_set(a, &v, "plugin", object_text(a, st, 2));
    value_set(a, &v, "started", object_instant(a, col_int(st, 3)));
    value_set(a, &v, "duration_ms", col_value(st, 4, a));
    value_set(a, &v, "status", object_text(a, st, 5));
    value_set(a, &v, "operations", value_int(col_int(st, 6)));
    value_set(a, &v, "undone", value_bool(!col_null(st, 7)));
    return v;
}

int read_runs(struct reader *r, int64_t limit, struct arena *a, struct value *out, struct err *err) {
    *out = value_array(a, 0);
    sqlite3_stmt *st = db_sql(&r->db,
                              "SELECT id, command, plugin, started, duration_ms, status, operations, undone FROM t_run "
                              "ORDER BY n DESC LIMIT ?1",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, limit >= 0 && limit < RUNS_MAX ? limit : RUNS_MAX);
    int rc;
    while ((rc = db_step(&r->db, st, err)) == 1) {
        value_push(a, out, run_row(a, st));
    }
    db_done(&r->db, st);
    return rc;
}
