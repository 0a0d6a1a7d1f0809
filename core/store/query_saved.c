/* query_saved.c - query:NAME in a query, and what is said of a value that a field cannot have.
 *
 * The one idea: a saved query is text that stands for itself in parentheses. It is kept as state of the plugin "find",
 * so saving one needs nothing of the store; how many one query may draw in is bounded, so they may name each other.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/query_priv.h"

enum { SAVED_MAX = 16, SAVED_DEPTH = 4, NAMES_MAX = 64 };

struct saving {
    struct db *db;
    struct arena *arena;
    struct err *err;
    int count;
};

int query_refuse(const struct query *value, const char *what, const char *hint, struct err *err) {
    size_t column = 1;
    for (size_t i = 0; i < value->column; i++) {
        column += ((unsigned char)value->source[i] & 0xc0) != 0x80;
    }
    err_set(err, E_USAGE, "'%.80s' %s, at column %zu of the query", value->text, what, column);
    snprintf(err->at, sizeof err->at, "column %zu", column);
    err_hint(err, "%s", hint);
    err->column = column;
    err->trace = mem_strdup(value->source);
    return -(int)E_USAGE;
}

static int unknown(struct saving *w, const struct query *value) {
    const char *names[NAMES_MAX];
    size_t count = 0;
    sqlite3_stmt *st =
        db_sql(w->db, "SELECT substr(key, 7) FROM state WHERE plugin = 'find' AND key GLOB 'query.*'", w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    while (count < NAMES_MAX && db_step(w->db, st, w->err) == 1) {
        size_t n;
        const char *name = col_text(st, 0, &n);
        names[count++] = arena_dup(w->arena, name, n);
    }
    db_done(w->db, st);
    const char *near = text_nearest(value->text, names, count);
    const char *hint = near ? arena_printf(w->arena, "did you mean 'query:%s'?", near)
                            : "'lectern query save NAME QUERY' saves one, 'lectern query list' shows them";
    return query_refuse(value, "is no saved query", hint, w->err);
}

/* The text saved under the name; NULL where there is none. */
static int saved_text(struct saving *w, const char *name, const char **out) {
    struct value v = value_nil;
    *out = NULL;
    sqlite3_stmt *st = db_sql(w->db, "SELECT value FROM state WHERE plugin = 'find' AND key = ?1", w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_str(st, 1, arena_printf(w->arena, "query.%s", name));
    int rc = db_step(w->db, st, w->err);
    rc = rc == 1 ? col_msgpack(w->db, st, 0, w->arena, &v, w->err) : rc;
    db_done(w->db, st);
    *out = value_cstr(&v, NULL);
    return rc;
}

static int expand(struct saving *w, const struct query **q, int depth);

static int replace(struct saving *w, const struct query **q, int depth) {
    const struct query *value = (*q)->left;
    const char *text = NULL;
    if (w->count++ >= SAVED_MAX || depth >= SAVED_DEPTH) {
        return query_refuse(value, "is one saved query too many in each other", "at most 16, four deep", w->err);
    }
    int rc = saved_text(w, value->text, &text);
    if (rc) {
        return rc;
    }
    if (!text) {
        return unknown(w, value);
    }
    *q = query_parse(w->arena, text, strlen(text));
    rc = expand(w, q, depth + 1);
    if (rc) {
        err_prefix(w->err, "in saved query '%.64s'", value->text);
    }
    return rc;
}

/* Trees are shared and constant: where something below changes, the node is a new one. */
static int expand(struct saving *w, const struct query **q, int depth) {
    const struct query *old = *q;
    if (old->node == QUERY_FIELD) {
        const struct query_field *f = query_field_of(query_fields, old->field, strlen(old->field));
        return f && f->flags & QUERY_SAVED ? replace(w, q, depth) : 0;
    }
    const struct query *left = old->left, *right = old->right;
    int rc = left ? expand(w, &left, depth) : 0;
    rc = rc || !right ? rc : expand(w, &right, depth);
    if (!rc && (left != old->left || right != old->right)) {
        struct query *new = arena_zalloc(w->arena, sizeof *new);
        *new = *old;
        new->left = left;
        new->right = right;
        *q = new;
    }
    return rc;
}

int query_expand_saved(struct db *db, const struct query **q, struct arena *a, struct err *err) {
    return expand(&(struct saving){.db = db, .arena = a, .err = err}, q, 0);
}
