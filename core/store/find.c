/* find.c - lists of objects: filtered, sorted, a page at a time.
 *
 * The one idea: a page is a list of n, found by one statement, which objects.c then loads. The cursor is the id of the
 * last object: where the next page starts is worked out from that object's own sort value, so that things made or
 * deleted in between neither repeat nor hide others, and any id can be given.
 */
#include <stdlib.h>
#include <string.h>

#include "store/keys_priv.h"
#include "store/query_priv.h"
#include "store/read_priv.h"

struct finder {
    struct reader *r;
    const struct find *f;
    int type;
    struct arena *arena;
    struct query_sql qs;
    const char *sort; /* expression, or NULL for the order of creation */
    bool descending;
    struct err *err;
};

#define TRASH "(SELECT n FROM entity WHERE deleted IS NOT NULL)"

/* ---- the condition --------------------------------------------------------------------------------------------- */

static const char *const tables[OBJECT_TYPES] = {
    [ENTITY_TALK] = "t_talk t JOIN entity e ON e.n = t.n",
    [ENTITY_NOTE] = "t_note t JOIN entity e ON e.n = t.n",
    [ENTITY_EVENT] = "t_event t JOIN entity e ON e.n = t.n",
    [ENTITY_SESSION] = "t_session t JOIN entity e ON e.n = t.n",
    [ENTITY_PERSON] = "t_person t JOIN entity e ON e.n = t.n",
    [ENTITY_SOURCE] = "t_source t JOIN entity e ON e.n = t.n",
    [OBJECT_TAG] = "t_tag t",
};

/* Of event ?: %d is its number as a parameter. */
#define TALKS_OF_EVENT "(SELECT n FROM t_talk WHERE event = ?%d)"
static const char *const of_event[OBJECT_TYPES] = {
    [ENTITY_TALK] = "t.event = ?%d",
    [ENTITY_NOTE] =
        "(t.event = ?%d OR (t.event IS NULL AND t.n IN (SELECT note FROM note_talk WHERE talk IN " TALKS_OF_EVENT ")))",
    [ENTITY_EVENT] = "(t.n = ?%d OR t.parent = ?%d)",
    [ENTITY_SESSION] = "t.event = ?%d",
    [ENTITY_PERSON] = "t.n IN (SELECT person FROM t_appearance WHERE n IN " TALKS_OF_EVENT ")",
    [ENTITY_SOURCE] = "t.n IN (SELECT source FROM origin WHERE n IN " TALKS_OF_EVENT
                      " OR n IN (SELECT n FROM t_note WHERE event = ?%d))",
    [OBJECT_TAG] = "t.id IN (SELECT tag FROM tagging WHERE n IN " TALKS_OF_EVENT
                   " OR n IN (SELECT n FROM t_note WHERE event = ?%d))",
};

/* SQL with each %d replaced by NUMBER. */
static void add_numbered(struct buf *out, const char *sql, int number) {
    for (const char *hole; (hole = strstr(sql, "%d")) != NULL; sql = hole + 2) {
        buf_add(out, sql, (size_t)(hole - sql));
        buf_addf(out, "%d", number);
    }
    buf_adds(out, sql);
}

static int add_event(struct finder *w) {
    int64_t n;
    if (!w->f->event) {
        return 0;
    }
    int rc = reading_entity(w->r, w->f->event, &n, NULL, w->err);
    if (rc <= 0) {
        return rc < 0 ? rc : err_set(w->err, E_NOTFOUND, "that event is not in the store");
    }
    buf_adds(&w->qs.sql, " AND ");
    add_numbered(&w->qs.sql, of_event[w->type], query_bind(&w->qs, w->arena, value_int(n)));
    return 0;
}

static int add_kind(struct finder *w) {
    bool has_kind = w->type == ENTITY_TALK || w->type == ENTITY_NOTE;
    if (w->f->kind && !has_kind) {
        return err_set(w->err, E_USAGE, "a %s has no kind", object_types[w->type].name);
    }
    if (w->f->kind) {
        buf_addf(&w->qs.sql, " AND t.kind = ?%d", query_bind(&w->qs, w->arena, value_lit(w->f->kind)));
    } else if (w->type == ENTITY_TALK && !w->qs.names_mentions && !w->f->ids) {
        buf_adds(&w->qs.sql, " AND t.kind <> 'mention'");
    }
    return 0;
}

static int make_condition(struct finder *w) {
    const char *text = w->f->query ? w->f->query : "";
    const struct query *q = query_parse(w->arena, text, strlen(text));
    int rc = query_compile(&w->r->db, q, w->type, w->arena, &w->qs, w->err);
    rc = rc ? rc : add_kind(w);
    rc = rc ? rc : add_event(w);
    if (w->type == OBJECT_TAG) {
        buf_adds(&w->qs.sql, w->f->deleted ? " AND 0"
                                           : " AND EXISTS (SELECT 1 FROM tagging i WHERE i.tag = t.id AND "
                                             "i.n NOT IN " TRASH ")");
    } else {
        buf_adds(&w->qs.sql, w->f->deleted ? " AND e.deleted IS NOT NULL" : " AND e.deleted IS NULL");
    }
    return rc;
}

int find_set(struct reader *r, const struct find *f, struct arena *a, struct query_sql *qs, struct buf *set,
             struct err *err) {
    struct finder w = {.r = r, .f = f, .arena = a, .qs = QUERY_SQL_INIT, .err = err};
    w.type = object_type_of(f->type ? f->type : "talk");
    int rc = make_condition(&w);
    buf_addf(set, "SELECT t.rowid FROM %s WHERE %s", tables[w.type], w.qs.sql.data);
    *qs = w.qs;
    return rc;
}

/* ---- the cursor ------------------------------------------------------------------------------------------------ */

static int bad_cursor(struct finder *w) {
    return err_set(w->err, E_USAGE, "cannot go on after '%s': no %s has that id", w->f->after,
                   object_types[w->type].name);
}

static int cursor_number(struct finder *w, int64_t *n) {
    struct uuid id;
    enum entity entity;
    int rc;
    if (w->type != OBJECT_TAG) {
        rc = resolve_id(w->r, w->f->after, &id, &entity, w->err);
        rc = rc ? rc : reading_entity(w->r, &id, n, NULL, w->err);
        return rc < 0 ? rc : rc == 1 && (int)entity == w->type ? 0 : bad_cursor(w);
    }
    sqlite3_stmt *st = db_sql(&w->r->db, "SELECT id FROM t_tag WHERE name = ?1", w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_str(st, 1, w->f->after);
    rc = db_step(&w->r->db, st, w->err);
    *n = rc == 1 ? col_int(st, 0) : 0;
    db_done(&w->r->db, st);
    return rc == 1 ? 0 : rc < 0 ? rc : bad_cursor(w);
}

static int sort_value(struct finder *w, int64_t n, struct value *out) {
    struct buf sql = BUF_INIT;
    buf_addf(&sql, "SELECT %s FROM %s WHERE t.rowid = ?1", w->sort, tables[w->type]);
    sqlite3_stmt *st = db_prepare(&w->r->db, sql.data, w->err);
    buf_release(&sql);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, n);
    int rc = db_step(&w->r->db, st, w->err);
    *out = rc == 1 ? col_value(st, 0, w->arena) : value_nil;
    db_finish(st);
    return rc == 1 ? 0 : rc < 0 ? rc : bad_cursor(w);
}

static int add_cursor(struct finder *w) {
    int64_t n = 0;
    struct value v = {.kind = VALUE_NIL};
    if (!w->f->after) {
        return 0;
    }
    int rc = cursor_number(w, &n);
    if (rc) {
        return rc;
    }
    int at = query_bind(&w->qs, w->arena, value_int(n));
    if (!w->sort) {
        buf_addf(&w->qs.sql, " AND t.rowid %s ?%d", w->descending ? "<" : ">", at);
        return 0;
    }
    rc = sort_value(w, n, &v);
    if (rc) {
        return rc;
    }
    int value = query_bind(&w->qs, w->arena, v);
    const char *beyond = w->descending ? "<" : ">";
    buf_addf(&w->qs.sql, " AND (%s %s ?%d OR (%s = ?%d AND t.rowid %s ?%d))", w->sort, beyond, value, w->sort, value,
             beyond, at);
    return rc;
}

/* ---- a page ---------------------------------------------------------------------------------------------------- */

static int run_finder(struct finder *w, size_t limit, int64_t *ns, size_t *count) {
    struct buf sql = BUF_INIT;
    buf_addf(&sql, "%sSELECT t.rowid FROM %s WHERE %s", w->qs.with.data, tables[w->type], w->qs.sql.data);
    const char *direction = w->descending ? " DESC" : "";
    if (w->sort) {
        buf_addf(&sql, " ORDER BY %s%s, t.rowid%s LIMIT %d", w->sort, direction, direction, (int)limit);
    } else {
        buf_addf(&sql, " ORDER BY t.rowid%s LIMIT %d", direction, (int)limit);
    }
    sqlite3_stmt *st = db_prepare(&w->r->db, sql.data, w->err);
    buf_release(&sql);
    if (!st) {
        return -(int)w->err->code;
    }
    query_bind_all(&w->qs, st);
    int rc;
    *count = 0;
    while ((rc = db_step(&w->r->db, st, w->err)) == 1 && *count < limit) {
        ns[(*count)++] = col_int(st, 0);
    }
    db_finish(st);
    return rc < 0 ? rc : 0;
}

/* What the last item of a page is called, for the next one. */
static struct value cursor_of(const struct value *items) {
    const struct value *last = value_at(items, items->len - 1);
    const struct value *id = value_get(last, "id");
    return value_is(id, VALUE_STR) ? *id : *value_get(last, "name");
}

static struct value page_of(struct arena *a, struct value items, struct value after) {
    struct value page = value_map(a, 2);
    value_set(a, &page, "items", items);
    value_set(a, &page, "after", after);
    return page;
}

static size_t page_limit(const struct find *f) {
    return f->limit >= 0 && f->limit < READ_PAGE_ITEMS ? (size_t)f->limit : READ_PAGE_ITEMS;
}

static size_t page_budget(const struct find *f) {
    return f->budget ? f->budget : READ_PAGE_BYTES;
}

static int find_page(struct finder *w, struct value *out) {
    int64_t ns[READ_PAGE_ITEMS + 1];
    size_t count = 0;
    size_t limit = page_limit(w->f);
    struct value items = value_array(w->arena, (uint32_t)limit);
    int rc = find_sort(w->type, w->f->sort, w->arena, &w->sort, &w->descending, w->err);
    rc = rc ? rc : make_condition(w);
    rc = rc ? rc : add_cursor(w);
    rc = rc || limit == 0 ? rc : run_finder(w, limit + 1, ns, &count);
    if (!rc) {
        struct load load = {.type = w->type, .body = w->f->body, .budget = page_budget(w->f), .fields = w->f->fields};
        rc = objects_load(&w->r->db, &load, ns, count < limit ? count : limit, w->arena, &items, w->err);
    }
    bool more = items.len > 0 && items.len < count;
    *out = page_of(w->arena, items, more ? cursor_of(&items) : value_nil);
    return rc;
}

/* ---- given ids ------------------------------------------------------------------------------------------------- */

/* Does N pass the query, kind and event that were asked for beside the ids? */
static int passes(struct finder *w, int64_t n, bool *yes) {
    *yes = true;
    if (!w->f->query && !w->f->kind && !w->f->event) {
        return 0;
    }
    int64_t found;
    size_t count = 0;
    size_t cut = w->qs.sql.len;
    uint32_t binds = w->qs.binds.len;
    buf_addf(&w->qs.sql, " AND t.rowid = ?%d", query_bind(&w->qs, w->arena, value_int(n)));
    int rc = run_finder(w, 1, &found, &count);
    w->qs.sql.data[cut] = '\0';
    w->qs.sql.len = cut;
    w->qs.binds.len = binds;
    *yes = count == 1;
    return rc;
}

struct wanted {
    size_t at; /* among the ids */
    int64_t n;
    int type;
    bool deleted;
};

static int wanted_id(struct finder *w, const struct uuid *id, struct wanted *out) {
    sqlite3_stmt *st = db_sql(&w->r->db, KEYS_BY_ID("e.n, e.type, e.deleted IS NOT NULL"), w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    keys_bind_id(st, id);
    int rc = db_step(&w->r->db, st, w->err);
    if (rc == 1) {
        out->n = col_int(st, 0);
        out->type = (int)col_int(st, 1);
        out->deleted = col_int(st, 2) != 0;
    }
    db_done(&w->r->db, st);
    return rc;
}

/* 1 where the object of this id is asked for, 0 where it is not. */
static int is_wanted(struct finder *w, const struct uuid *id, struct wanted *x) {
    bool yes = true;
    int rc = wanted_id(w, id, x);
    if (rc <= 0 || x->type < 0 || x->type >= ENTITY_COUNT || x->deleted != w->f->deleted ||
        (w->f->type && x->type != w->type)) {
        return rc < 0 ? rc : 0;
    }
    rc = x->type == w->type ? passes(w, x->n, &yes) : 0;
    return rc ? rc : yes;
}

/* The cursor of a list of ids is "@" and the place to go on at: an id may be in it twice. */
static int first_id(struct finder *w, size_t *at) {
    char *end = NULL;
    *at = 0;
    if (!w->f->after) {
        return 0;
    }
    if (w->f->after[0] == '@') {
        *at = strtoul(w->f->after + 1, &end, 10);
    }
    return end && end > w->f->after + 1 && !*end ? 0 : bad_cursor(w);
}

/* Neighbours of one type are loaded together. Stops where the page is full. */
static int load_wanted(struct finder *w, const struct wanted *list, size_t count, struct value *items) {
    int64_t ns[READ_PAGE_ITEMS];
    size_t budget = page_budget(w->f);
    for (size_t i = 0, same; i < count; i += same) {
        for (same = 0; i + same < count && list[i + same].type == list[i].type; same++) {
            ns[same] = list[i + same].n;
        }
        struct load load = {.type = list[i].type, .body = w->f->body, .budget = budget, .fields = w->f->fields};
        uint32_t before = items->len;
        int rc = objects_load(&w->r->db, &load, ns, same, w->arena, items, w->err);
        if (rc || items->len - before < same) {
            return rc;
        }
        for (uint32_t k = before; k < items->len; k++) {
            size_t bytes = object_bytes(&items->items[k]);
            budget = bytes < budget ? budget - bytes : 1;
        }
    }
    return 0;
}

static int find_ids(struct finder *w, struct value *out) {
    struct wanted list[READ_PAGE_ITEMS];
    struct value items = value_array(w->arena, 0);
    size_t count = 0;
    size_t at = 0;
    int rc = make_condition(w);
    rc = rc ? rc : first_id(w, &at);
    for (; !rc && at < w->f->nids && count < page_limit(w->f); at++) {
        rc = reading_stopped(w->r, w->err);
        list[count] = (struct wanted){.at = at};
        rc = rc ? rc : is_wanted(w, &w->f->ids[at], &list[count]);
        count += rc == 1;
        rc = rc == 1 ? 0 : rc;
    }
    rc = rc ? rc : load_wanted(w, list, count, &items);
    at = items.len < count ? list[items.len].at : at;
    *out = page_of(w->arena, items, at < w->f->nids ? value_strf(w->arena, "@%zu", at) : value_nil);
    return rc;
}

int read_find(struct reader *r, const struct find *f, struct arena *a, struct value *out, struct err *err) {
    struct finder w = {.r = r, .f = f, .arena = a, .qs = QUERY_SQL_INIT, .err = err};
    *out = value_nil;
    w.type = object_type_of(f->type ? f->type : "talk");
    if (w.type < 0) {
        err_set(err, E_USAGE, "unknown type '%s'", f->type);
        return err_hint(err, "one of: talk, note, event, person, session, tag, source");
    }
    if (f->fields && f->type && objects_check_fields(w.type, f->fields, err)) {
        return -(int)err->code;
    }
    int rc = reading_begin(r, err);
    if (!rc) {
        rc = f->ids ? find_ids(&w, out) : find_page(&w, out);
    }
    reading_end(r);
    query_release(&w.qs);
    return rc;
}
