/* names_event.c - find or make an event from what a person or a source calls it.
 *
 * The one idea: a year that is stated must agree, one that is not is never guessed. "SOSP 2017" is the event of that
 * name (or full name, or alias) and year; "SOSP" is one without a year, or one that is called just that in full. What
 * a map says beyond the name fills what the event lacks; what it has stays.
 */
#include <string.h>

#include "base/msgpack.h"
#include "store/form_priv.h"
#include "store/names_priv.h"
#include "store/store_priv.h"

enum { SPACE_EVENT = 1, SLUG_TRIES = 1000 };

/* ---- finding ----------------------------------------------------------------------------------------------------- */

static int by_slug(struct store *s, const char *text, size_t len, int64_t *n, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "SELECT n FROM t_event WHERE slug = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_text(st, 1, text, len);
    int rc = db_step(&s->db, st, err);
    *n = rc == 1 ? col_int(st, 0) : 0;
    db_done(&s->db, st);
    return rc < 0 ? rc : 0;
}

/* Rows of event, kind and deleted, by event: the first live one, else the first in the trash. *FULL: an event that is
 * called so in full or by an alias, when no other is called so at all. */
static int choose(struct store *s, sqlite3_stmt *st, int64_t *n, int64_t *full, struct err *err) {
    int64_t trashed = 0;
    int64_t last = 0;
    size_t count = 0;
    int rc;
    *n = *full = 0;
    while ((rc = db_step(&s->db, st, err)) == 1) {
        int64_t event = col_int(st, 0);
        count += event != last;
        last = event;
        *full = col_int(st, 1) != NAME_MAIN ? event : *full;
        if (col_null(st, 2) && !*n) {
            *n = event;
        } else if (!trashed) {
            trashed = event;
        }
    }
    db_done(&s->db, st);
    *n = *n ? *n : trashed;
    *full = count == 1 ? *full : 0;
    return rc;
}

static int in_year(struct store *s, const struct buf *key, int year, int64_t *n, struct err *err) {
    int64_t full;
    sqlite3_stmt *st = db_sql(&s->db,
                              "SELECT x.event, x.kind, e.deleted FROM event_name x CROSS JOIN t_event t ON t.n = "
                              "x.event AND "
                              "t.year IS ?2 CROSS JOIN entity e ON e.n = x.event WHERE x.key = ?1",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_text(st, 1, key->data, key->len);
    bind_int_or_null(st, 2, year);
    return choose(s, st, n, &full, err);
}

static int in_any_year(struct store *s, const struct buf *key, int64_t *n, int64_t *full, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db,
                              "SELECT x.event, x.kind, e.deleted FROM event_name x CROSS JOIN entity e ON e.n = "
                              "x.event "
                              "WHERE x.key = ?1",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_text(st, 1, key->data, key->len);
    return choose(s, st, n, full, err);
}

static int find_event(struct store *s, const char *text, size_t len, const char *name, int year, int64_t *n,
                      struct err *err) {
    struct buf key = BUF_INIT;
    int64_t other;
    int rc = by_slug(s, text, len, n, err);
    if (!rc && !*n) {
        names_key(name, strlen(name), &key);
        rc = in_year(s, &key, year, n, err);
    }
    if (!rc && !*n && year) { /* an alias may hold the year: "PLMW@POPL 2018" */
        names_key(text, len, &key);
        rc = in_any_year(s, &key, n, &other, err);
    } else if (!rc && !*n) { /* the full name of one event alone needs no year */
        rc = in_any_year(s, &key, &other, n, err);
    }
    buf_release(&key);
    return rc;
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

int names_free_slug(struct store *s, const char *name, int year, int64_t self, struct buf *out, struct err *err) {
    names_event_slug(name, year, out);
    size_t base = out->len;
    for (int i = 2; i < SLUG_TRIES; i++) {
        int64_t taken;
        int rc = by_slug(s, out->data, out->len, &taken, err);
        if (rc || !taken || taken == self) {
            return rc;
        }
        out->data[out->len = base] = '\0';
        buf_addf(out, "-%d", i);
    }
    struct uuid random = uuid4(); /* a thousand events of one name: any end will do */
    char digits[9];
    hex_encode(random.b, 4, digits);
    out->data[out->len = base] = '\0';
    buf_addf(out, "-%s", digits);
    return 0;
}

static int event_id(struct store *s, const struct buf *slug, struct uuid *id, struct err *err) {
    struct entity_row row;
    struct buf name = BUF_INIT;
    buf_addf(&name, "event:%s", slug->data);
    *id = uuid5(&uuid_space_lectern, name.data, name.len);
    buf_release(&name);
    int rc = entity_by_id(s, id, &row, err);
    if (rc == 1) {
        *id = uuid4();
    }
    return rc < 0 ? rc : 0;
}

static int make_event(struct store *s, const char *name, int year, const struct image *more, int64_t *n,
                      struct err *err) {
    struct image im = *more;
    struct entity_row row = {0};
    struct buf slug = BUF_INIT;
    struct uuid id;
    int rc = names_free_slug(s, name, year, 0, &slug, err);
    rc = rc ? rc : event_id(s, &slug, &id, err);
    image_set(&im, F_SLUG, value_litn(slug.data, slug.len));
    image_set(&im, F_NAME, value_lit(name));
    image_set(&im, F_YEAR, year ? value_int(year) : value_nil);
    rc = rc ? rc : change_make(s, ENTITY_EVENT, &id, &im, &row, err);
    *n = row.n;
    buf_release(&slug);
    return rc;
}

/* ---- a found one and what else is said about it ------------------------------------------------------------------ */

static const char *shown(struct arena *a, const struct value *v) {
    return value_is(v, VALUE_STR)   ? v->s
           : value_is(v, VALUE_INT) ? arena_printf(a, "%lld", (long long)v->i)
                                    : "something else";
}

static int fill_event(struct store *s, int64_t n, const struct image *more, struct arena *a, const char **warning,
                      struct err *err) {
    struct image old;
    struct image fill = {0};
    struct entity_row row;
    uint64_t changed;
    int rc = entity_by_n(s, n, &row, err);
    rc = rc < 0 ? rc : image_load(&s->db, ENTITY_EVENT, n, a, &old, err);
    for (int f = 0; !rc && f < F_COUNT; f++) {
        const struct value *had = image_get(&old, (enum field_id)f);
        const struct value *new = image_get(more, (enum field_id)f);
        if (new->kind == VALUE_NIL || f == F_SLUG || value_equal(had, new)) {
            continue;
        }
        if (had->kind == VALUE_NIL) {
            image_set(&fill, (enum field_id)f, *new);
        } else if (warning && fields[f].kind != FIELD_MAP) {
            *warning = arena_printf(a, "event '%s': %s is '%s' here and '%s' in the source", image_get(&old, F_SLUG)->s,
                                    fields[f].name, shown(a, had), shown(a, new));
        }
    }
    return rc || !fill.present ? rc : change_fields(s, &row, &fill, JOURNAL_UPDATE, &changed, err);
}

/* Bring it back where it is in the trash only. */
static int revive(struct store *s, int64_t n, struct err *err) {
    struct entity_row row;
    int rc = entity_by_n(s, n, &row, err);
    if (rc == 1 && row.type != ENTITY_EVENT) {
        return err_set(err, E_USAGE, "that id is %s, not an event", entity_a(row.type));
    }
    return rc < 1 ? rc : change_trash(s, &row, false, err);
}

/* ---- the door ---------------------------------------------------------------------------------------------------- */

static int by_uuid(struct store *s, const struct value *text, int64_t *n, struct err *err) {
    struct uuid id;
    struct entity_row row;
    *n = 0;
    if (!value_is(text, VALUE_STR) || !uuid_parse(text->s, text->len, &id)) {
        return 0;
    }
    int rc = entity_by_id(s, &id, &row, err);
    if (rc == 0) {
        return err_set(err, E_NOTFOUND, "there is no event '%s'", text->s);
    }
    *n = rc == 1 ? row.n : 0;
    return rc < 0 ? rc : 0;
}

/* What SPEC says besides name and year, in image form; *TEXT is what it is called, as one text. */
static int read_map(struct store *s, const struct value *spec, struct arena *a, struct image *more, struct value *text,
                    int *year, struct err *err) {
    static const enum field_id wanted[] = {F_FULL_NAME, F_SERIES, F_START, F_END, F_PLACE, F_URL, F_ALIASES, F_FIELDS};
    struct value v;
    int rc = form_value(ENTITY_EVENT, F_NAME, value_get(spec, "name"), a, text, err);
    rc = rc ? rc : form_value(ENTITY_EVENT, F_YEAR, value_get(spec, "year"), a, &v, err);
    *year = (int)value_toint(&v, 0);
    for (size_t i = 0; !rc && i < sizeof wanted / sizeof *wanted; i++) {
        const struct value *given = value_get(spec, fields[wanted[i]].name);
        if (!value_is(given, VALUE_NIL)) {
            rc = form_value(ENTITY_EVENT, wanted[i], given, a, &v, err);
            image_set(more, wanted[i], v);
        }
    }
    const struct value *parent = value_get(spec, "parent");
    if (!rc && !value_is(parent, VALUE_NIL)) {
        int64_t n;
        rc = names_event(s, parent, a, &n, NULL, err);
        image_set(more, F_PARENT, value_int(n));
    }
    if (!rc && !value_is(text, VALUE_STR)) {
        rc = err_set(err, E_USAGE, "an event wants a name");
    }
    return rc;
}

static int find_or_make(struct store *s, const struct value *text, int year, const struct image *more, struct arena *a,
                        int64_t *n, const char **warning, struct err *err) {
    struct buf name = BUF_INIT;
    int stated;
    names_split_event(text->s, text->len, &name, &stated);
    if (year && stated && stated != year) { /* "1984 Revisited", 2019: the digits are part of the name */
        buf_clear(&name);
        buf_add(&name, text->s, text->len);
        stated = 0;
    }
    size_t len = year && !stated ? 0 : text->len; /* with the year beside it, the text alone names nothing */
    int rc = find_event(s, text->s, len, name.data, year ? year : stated, n, err);
    if (!rc && *n) {
        rc = revive(s, *n, err);
        rc = rc || !more->present ? rc : fill_event(s, *n, more, a, warning, err);
    } else if (!rc) {
        rc = make_event(s, name.data, year ? year : stated, more, n, err);
    }
    buf_release(&name);
    return rc;
}

static int resolve(struct store *s, const struct value *spec, struct arena *a, int64_t *n, const char **warning,
                   struct err *err) {
    struct image more = {0};
    struct value text = *spec;
    int year = 0;
    bool is_map = value_is(spec, VALUE_MAP);
    int rc = by_uuid(s, is_map ? value_get(spec, "id") : spec, n, err);
    if (rc || *n) {
        return rc ? rc : revive(s, *n, err);
    }
    if (is_map) {
        rc = read_map(s, spec, a, &more, &text, &year, err);
    }
    return rc ? rc : find_or_make(s, &text, year, &more, a, n, warning, err);
}

int names_event(struct store *s, const struct value *spec, struct arena *a, int64_t *n, const char **warning,
                struct err *err) {
    struct buf key = BUF_INIT;
    msgpack_write(&key, spec);
    if (cache_get(&s->txn.names, SPACE_EVENT, key.data, key.len, n)) {
        buf_release(&key);
        return 0;
    }
    int rc = resolve(s, spec, a, n, warning, err);
    if (!rc) {
        cache_put(&s->txn.names, &s->txn.arena, SPACE_EVENT, key.data, key.len, *n);
    }
    buf_release(&key);
    return rc;
}
