/* objects.c - loads a page of objects, as objects_table.c describes them.
 *
 * The one idea: all maps of a page are made from one SELECT with their fields already in place, then each relation
 * fills its slots from one statement for the whole page, so a page costs a dozen statements however long it is. Long
 * texts come last, one by one, until the page is full. It does not know what a query is, nor who asks.
 */
#include <string.h>

#include "store/objects_priv.h"

enum { COLUMN_ID = 1, COLUMN_CREATED, COLUMN_UPDATED, COLUMN_DELETED, COLUMN_EXTRA, COLUMN_FIRST };
/* Objects loaded at once: few enough that little is loaded in vain where the budget ends the page. */
enum { PART = 32 };
enum { COMMON_FIELDS = 5, FIELDS_MAX = 32 };

/* ---- fields ---------------------------------------------------------------------------------------------------- */

static struct value instant_at(struct arena *a, sqlite3_stmt *st, int i) {
    return col_null(st, i) ? value_nil : object_instant(a, col_int(st, i));
}

static struct value hex_at(struct arena *a, sqlite3_stmt *st, int i) {
    size_t len;
    const void *p = col_blob(st, i, &len);
    char *text = arena_alloc(a, 2 * len + 1);
    hex_encode(p, len, text);
    return value_litn(text, 2 * len);
}

/* ---- a page ---------------------------------------------------------------------------------------------------- */

struct page {
    struct db *db;
    const struct object_type *type;
    bool body;
    const struct value *fields; /* NULL: all */
    int places[FIELDS_MAX];     /* of the type's fields, by their index, in each object; -1: left out */
    uint32_t npairs;            /* of each object, at most */
    bool kind, short_id, created, updated;
    struct arena *arena;
    const char *list; /* the page as JSON */
    size_t count;
    struct value *objects; /* COUNT maps, empty where there is no such row */
    struct err *err;
};

const char *objects_json(struct arena *a, const int64_t *ns, size_t count) {
    char *text = arena_alloc(a, count * 21 + 3);
    char *p = text;
    *p++ = '[';
    for (size_t i = 0; i < count; i++) {
        char digits[20];
        size_t n = 0;
        uint64_t v = ns[i] > 0 ? (uint64_t)ns[i] : 0;
        do {
            digits[n++] = (char)('0' + v % 10);
            v /= 10;
        } while (v);
        while (n) {
            *p++ = digits[--n];
        }
        *p++ = ',';
    }
    p -= count > 0;
    *p++ = ']';
    *p = '\0';
    return text;
}

static sqlite3_stmt *page_statement(struct page *p, const char *sql) {
    sqlite3_stmt *st = db_sql(p->db, sql, p->err);
    if (st) {
        bind_str(st, 1, p->list);
    }
    return st;
}

/* The object that a row is about, by its first column. */
static struct value *object_of_row(struct page *p, sqlite3_stmt *st) {
    int64_t at = col_int(st, 0);
    return at >= 0 && (size_t)at < p->count && p->objects[at].len ? &p->objects[at] : NULL;
}

static struct value extra_value(const struct value *extra, const char *name, struct value fallback) {
    const struct value *v = value_get(extra, name);
    return v->kind == fallback.kind ? *v : fallback;
}

/* The value of a field whose columns, if it has any, start at I. */
static struct value field_value(struct page *p, sqlite3_stmt *st, const struct shown_field *f,
                                const struct value *extra, int i) {
    switch (f->from) {
    case SHOW_TEXT:
        return object_text(p->arena, st, i);
    case SHOW_INT:
        return col_value(st, i, p->arena);
    case SHOW_UUID:
        return object_uuid(p->arena, st, i);
    case SHOW_HEX:
        return hex_at(p->arena, st, i);
    case SHOW_INSTANT:
        return instant_at(p->arena, st, i);
    case SHOW_LINES:
        return object_lines(p->arena, st, i);
    case SHOW_EVENT:
        return object_event(p->arena, st, i);
    case SHOW_PERSON:
        return object_person(p->arena, st, i);
    case SHOW_EXTRA:
        return extra_value(extra, f->name, value_map(p->arena, 0));
    case SHOW_EXTRAS:
        return extra_value(extra, f->name, value_array(p->arena, 0));
    case SHOW_LIST:
        return value_array(p->arena, 0);
    case SHOW_SUM:
        return value_int(0);
    case SHOW_BODY:
        return value_nil;
    }
    return value_nil;
}

static int columns_of(enum show_from from) {
    return from == SHOW_EVENT ? 4 : from == SHOW_PERSON ? 2 : from < SHOW_EXTRA ? 1 : 0;
}

/* Keys are known to differ: no search as in value_set. */
static void add_pair(struct value *map, const char *key, struct value v) {
    map->pairs[map->len++] = (struct pair){.key = value_lit(key), .val = v};
}

static bool names_field(const struct value *fields, const char *name) {
    for (uint32_t i = 0; i < fields->len; i++) {
        if (value_eqs(&fields->items[i], name)) {
            return true;
        }
    }
    return false;
}

static bool is_field(const struct object_type *type, const struct value *name) {
    static const char *const common[COMMON_FIELDS] = {"type", "id", "short", "created", "updated"};
    for (size_t i = 0; i < COMMON_FIELDS; i++) {
        if (value_eqs(name, common[i])) {
            return true;
        }
    }
    for (const struct shown_field *f = type->fields; f->name; f++) {
        if (value_eqs(name, f->name)) {
            return true;
        }
    }
    return false;
}

int objects_check_fields(int type, const struct value *fields, struct err *err) {
    for (uint32_t i = 0; i < fields->len; i++) {
        const struct value *name = &fields->items[i];
        if (!is_field(&object_types[type], name)) {
            return err_set(err, E_USAGE, "a %s has no field '%s'", object_types[type].name, value_cstr(name, "?"));
        }
    }
    return 0;
}

static bool shows(const struct page *p, const char *name) {
    return !p->fields || names_field(p->fields, name);
}

/* What the objects of the page carry, and where: they are all alike. */
static void lay_out(struct page *p) {
    p->kind = shows(p, "type");
    p->short_id = shows(p, "short");
    p->created = shows(p, "created");
    p->updated = shows(p, "updated");
    int place = 1 + p->kind + p->short_id + p->created + p->updated;
    for (int i = 0; p->type->fields[i].name && i < FIELDS_MAX; i++) {
        const struct shown_field *f = &p->type->fields[i];
        bool shown = shows(p, f->name) && (f->from != SHOW_BODY || p->body);
        p->places[i] = shown ? place++ : -1;
    }
    p->npairs = (uint32_t)place + 1;
}

static int add_short(struct page *p, sqlite3_stmt *st, struct value *map) {
    struct uuid id;
    struct value shortest = value_nil;
    int rc = col_uuid(st, COLUMN_ID, &id) ? object_short(p->db, &id, p->arena, &shortest, p->err) : 0;
    add_pair(map, "short", shortest);
    return rc;
}

static void add_instants(struct page *p, sqlite3_stmt *st, struct value *map) {
    struct value created = p->created || p->updated ? instant_at(p->arena, st, COLUMN_CREATED) : value_nil;
    bool changed = col_int(st, COLUMN_CREATED) != col_int(st, COLUMN_UPDATED);
    if (p->created) {
        add_pair(map, "created", created);
    }
    if (p->updated) {
        add_pair(map, "updated", changed ? instant_at(p->arena, st, COLUMN_UPDATED) : created);
    }
}

static int make_object(struct page *p, sqlite3_stmt *st, struct value *out) {
    struct value map = value_map(p->arena, p->npairs);
    struct value extra;
    int rc = col_msgpack(p->db, st, COLUMN_EXTRA, p->arena, &extra, p->err);
    if (p->kind) {
        add_pair(&map, "type", value_lit(p->type->name));
    }
    add_pair(&map, "id", object_uuid(p->arena, st, COLUMN_ID));
    rc = rc || !p->short_id ? rc : add_short(p, st, &map);
    if (rc) {
        return rc;
    }
    add_instants(p, st, &map);
    int column = COLUMN_FIRST;
    for (int i = 0; p->type->fields[i].name; i++) {
        const struct shown_field *f = &p->type->fields[i];
        if (p->places[i] >= 0) {
            add_pair(&map, f->name, field_value(p, st, f, &extra, column));
        }
        column += columns_of(f->from);
    }
    if (!col_null(st, COLUMN_DELETED)) {
        add_pair(&map, "deleted", instant_at(p->arena, st, COLUMN_DELETED));
    }
    *out = map;
    return 0;
}

static int load_rows(struct page *p) {
    sqlite3_stmt *st = page_statement(p, p->type->select);
    if (!st) {
        return -(int)p->err->code;
    }
    int rc;
    while ((rc = db_step(p->db, st, p->err)) == 1) {
        int64_t at = col_int(st, 0);
        rc = at >= 0 && (size_t)at < p->count ? make_object(p, st, &p->objects[at]) : 0;
        if (rc) {
            break;
        }
    }
    db_done(p->db, st);
    return rc;
}

/* Place of a field in the objects of the page; -1 where they lack it. */
static int place_of(const struct page *p, const char *field) {
    for (int i = 0; field && p->type->fields[i].name; i++) {
        if (strcmp(p->type->fields[i].name, field) == 0) {
            return p->places[i];
        }
    }
    return -1;
}

static int load_relation(struct page *p, const struct relation *r) {
    int list = place_of(p, r->list);
    int sum = place_of(p, r->sum);
    if (list < 0 && sum < 0) {
        return 0;
    }
    sqlite3_stmt *st = page_statement(p, r->sql);
    if (!st) {
        return -(int)p->err->code;
    }
    int rc;
    while ((rc = db_step(p->db, st, p->err)) == 1) {
        struct value *object = object_of_row(p, st);
        if (object && list >= 0) {
            value_push(p->arena, &object->pairs[list].val, r->row(p->arena, st));
        }
        if (object && sum >= 0) {
            object->pairs[sum].val.i += col_int(st, r->sum_at);
        }
    }
    db_done(p->db, st);
    return rc;
}

static int load_body(struct page *p, int64_t n, struct value *object) {
    int place = -1;
    for (const struct shown_field *f = p->type->fields; f->name && place < 0; f++) {
        place = f->from == SHOW_BODY ? place_of(p, f->name) : -1;
    }
    if (place < 0) {
        return 0;
    }
    sqlite3_stmt *st = db_sql(p->db, p->type->body, p->err);
    if (!st) {
        return -(int)p->err->code;
    }
    bind_int(st, 1, n);
    int rc = db_step(p->db, st, p->err);
    if (rc == 1 && object->len) {
        object->pairs[place].val = object_text(p->arena, st, 0);
    }
    db_done(p->db, st);
    return rc < 0 ? rc : 0;
}

static int load_page(struct page *p) {
    int rc = load_rows(p);
    for (const struct relation *r = p->type->relations; r->sql && !rc; r++) {
        rc = load_relation(p, r);
    }
    return rc;
}

/* A part of a page; *FULL when the budget ended it. */
static int load_part(struct page *p, const int64_t *ns, size_t budget, size_t *used, struct value *items, bool *full) {
    p->list = objects_json(p->arena, ns, p->count);
    p->objects = arena_alloc(p->arena, p->count * sizeof *p->objects);
    for (size_t i = 0; i < p->count; i++) {
        p->objects[i] = value_map(p->arena, 0);
    }
    int rc = load_page(p);
    for (size_t i = 0; i < p->count && !rc && !*full; i++) {
        rc = p->body ? load_body(p, ns[i], &p->objects[i]) : 0;
        *used += budget ? object_bytes(&p->objects[i]) : 0;
        *full = items->len > 0 && *used > budget;
        if (!rc && !*full) {
            value_push(p->arena, items, p->objects[i]);
        }
    }
    return rc;
}

int objects_load(struct db *db, const struct load *load, const int64_t *ns, size_t count, struct arena *a,
                 struct value *items, struct err *err) {
    struct page p = {.db = db, .type = &object_types[load->type], .arena = a, .err = err};
    size_t used = 0;
    bool full = false;
    int rc = 0;
    p.body = load->body && p.type->body;
    p.fields = load->type == OBJECT_TAG ? NULL : load->fields; /* a tag is its name and how often it is there */
    lay_out(&p);
    for (size_t i = 0; i < count && !rc && !full; i += p.count) {
        p.count = count - i < PART ? count - i : PART;
        rc = load_part(&p, ns + i, load->budget, &used, items, &full);
    }
    return rc;
}

/* ---- one object ------------------------------------------------------------------------------------------------ */

struct found {
    int type;
    int64_t rev;
    bool deleted;
};

static int find_entity(struct db *db, int64_t n, struct found *f, struct err *err) {
    sqlite3_stmt *st = db_sql(db, "SELECT type, rev, deleted IS NOT NULL FROM entity WHERE n = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    int rc = db_step(db, st, err);
    if (rc == 1) {
        *f = (struct found){(int)col_int(st, 0), col_int(st, 1), col_int(st, 2) != 0};
        if (f->type < 0 || f->type >= ENTITY_COUNT) {
            rc = err_set(err, E_STORE, "store '%s' is damaged: entity %lld is of type %d", db->path, (long long)n,
                         f->type);
        }
    }
    db_done(db, st);
    return rc;
}

int object_load(struct db *db, int64_t n, const struct get_options *o, struct arena *a, struct value *out,
                struct err *err) {
    struct found f = {0, 0, false};
    *out = value_nil;
    int rc = find_entity(db, n, &f, err);
    if (rc <= 0 || (f.deleted && !o->deleted)) {
        return rc < 0 ? rc : 0;
    }
    struct value items = value_array(a, 1);
    struct load load = {.type = f.type, .body = o->body, .fields = o->rev ? NULL : o->fields};
    rc = objects_load(db, &load, &n, 1, a, &items, err);
    if (rc || items.items[0].len == 0) {
        return rc;
    }
    *out = items.items[0];
    return o->rev ? object_at_revision(db, f.type, n, f.rev, o->rev, a, out, err) : 0;
}
