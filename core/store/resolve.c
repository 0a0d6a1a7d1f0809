/* resolve.c - from what people type to the one thing they mean: ids by prefix, events by name.
 *
 * The one idea: one match is the answer; none says what is near; several are listed, so that the next try is the last.
 */
#include <string.h>

#include "base/text.h"
#include "store/keys_priv.h"
#include "store/names_priv.h"
#include "store/objects_priv.h"
#include "store/read_priv.h"

enum { MIN_DIGITS = 6, CANDIDATES = 8, NEAR_SLUGS = 2000, TITLE_BYTES = 60 };

/* ---- ids ------------------------------------------------------------------------------------------------------- */

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

size_t resolve_digits(const char *text, char digits[2 * UUID_BYTES + 1]) {
    size_t n = 0;
    for (; *text; text++) {
        if (*text == '-' && n > 0) {
            continue;
        }
        if (!is_hex(*text) || n == 2 * UUID_BYTES) {
            return 0;
        }
        digits[n++] = *text;
    }
    digits[n] = '\0';
    return n;
}

/* The smallest and the largest id that start with these digits. */
static void id_range(const char *digits, size_t n, struct uuid *low, struct uuid *high) {
    char text[2 * UUID_BYTES];
    memset(text, '0', sizeof text);
    memcpy(text, digits, n);
    hex_decode(text, sizeof text, low->b, sizeof low->b);
    memset(text, 'f', sizeof text);
    memcpy(text, digits, n);
    hex_decode(text, sizeof text, high->b, sizeof high->b);
}

struct id_candidates {
    size_t count;
    struct uuid id;
    int type;
    struct buf list;
};

static int add_id(struct reader *r, struct id_candidates *c, sqlite3_stmt *st, struct arena *a, struct err *err) {
    if (!col_uuid(st, 0, &c->id)) {
        return 0;
    }
    c->type = (int)col_int(st, 1);
    struct value shortest;
    int rc = object_short(&r->db, &c->id, a, &shortest, err);
    if (rc || c->count++ >= CANDIDATES) {
        return rc;
    }
    size_t len;
    const char *title = col_text(st, 2, &len);
    size_t cut = text_utf8_cut(title, len, TITLE_BYTES);
    const char *type = c->type >= 0 && c->type < ENTITY_COUNT ? object_types[c->type].name : "?";
    buf_addf(&c->list, "%s%s %s '%.*s%s'", c->list.len ? ", " : "", value_cstr(&shortest, ""), type, (int)cut, title,
             cut < len ? "..." : "");
    return 0;
}

static int find_ids(struct reader *r, const char *digits, size_t n, struct id_candidates *c, struct arena *a,
                    struct err *err) {
    static const char sql[] =
        "SELECT e.id, e.type, coalesce((SELECT title FROM t_talk t WHERE t.n = e.n), (SELECT title FROM t_note t WHERE "
        "t.n = e.n), "
        "(SELECT slug FROM t_event t WHERE t.n = e.n), (SELECT name FROM t_session t WHERE t.n = e.n), "
        "(SELECT name FROM t_person t WHERE t.n = e.n), (SELECT path FROM t_source t WHERE t.n = e.n)) "
        "FROM (" KEYS_BY_IDS("e.id, e.type, e.n") " ORDER BY 1 LIMIT 9) e";
    struct uuid low, high;
    id_range(digits, n, &low, &high);
    sqlite3_stmt *st = db_sql(&r->db, sql, err);
    if (!st) {
        return -(int)err->code;
    }
    keys_bind_ids(st, &low, &high);
    int rc;
    while ((rc = db_step(&r->db, st, err)) == 1 && (rc = add_id(r, c, st, a, err)) == 0) {
    }
    db_done(&r->db, st);
    return rc;
}

static bool has_decimal(const char *digits) {
    return strpbrk(digits, "0123456789") != NULL;
}

int resolve_id(struct reader *r, const char *text, struct uuid *id, enum entity *entity, struct err *err) {
    char digits[2 * UUID_BYTES + 1];
    size_t n = resolve_digits(text, digits);
    if (n > 0 && n < MIN_DIGITS && has_decimal(digits)) { /* without a digit it is rather a word: "add", "face" */
        return err_set(err, E_USAGE, "an id needs at least %d digits, '%s' has %d", MIN_DIGITS, text, (int)n);
    }
    if (n < MIN_DIGITS) {
        return err_set(err, E_NOTFOUND, "no id starts with '%s'", text);
    }
    struct id_candidates c = {.list = BUF_INIT};
    struct arena a = ARENA_INIT;
    int rc = find_ids(r, digits, n, &c, &a, err);
    if (!rc && c.count == 0) {
        rc = err_set(err, E_NOTFOUND, "no id starts with '%s'", text);
    } else if (!rc && c.count > 1) {
        rc =
            err_set(err, E_USAGE, "id '%s' is ambiguous: %s%s", text, c.list.data, c.count > CANDIDATES ? ", ..." : "");
        err_hint(err, "type more digits");
    } else if (!rc) {
        *id = c.id;
        *entity = (enum entity)c.type;
    }
    arena_release(&a);
    buf_release(&c.list);
    return rc;
}

int read_resolve_id(struct reader *r, const char *text, struct uuid *id, enum entity *entity, struct err *err) {
    int rc = reading_begin(r, err);
    if (!rc) {
        rc = resolve_id(r, text, id, entity, err);
    }
    reading_end(r);
    return rc;
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

struct events {
    int64_t ns[RESOLVE_EVENTS];
    size_t count;
};

static int collect_events(struct reader *r, sqlite3_stmt *st, struct events *e, struct err *err) {
    int rc;
    while ((rc = db_step(&r->db, st, err)) == 1) {
        if (e->count < RESOLVE_EVENTS) {
            e->ns[e->count] = col_int(st, 0);
        }
        e->count++;
    }
    db_done(&r->db, st);
    return rc;
}

static int by_slug(struct reader *r, const char *text, size_t len, struct events *e, struct err *err) {
    sqlite3_stmt *st = db_sql(&r->db,
                              "SELECT v.n FROM t_event v JOIN entity e ON e.n = v.n AND e.deleted IS NULL "
                              "WHERE v.slug = lower(?1)",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_text(st, 1, text, len);
    return collect_events(r, st, e, err);
}

/* YEAR 0: of any year. */
static int by_name(struct reader *r, const char *name, size_t len, int year, struct events *e, struct err *err) {
    struct buf key = BUF_INIT;
    text_key(&key, name, len);
    int rc = 0;
    sqlite3_stmt *st = key.len == 0 ? NULL
                                    : db_sql(&r->db,
                                             "SELECT DISTINCT v.n FROM event_name x JOIN t_event v ON v.n = x.event "
                                             "JOIN entity e ON e.n = v.n AND e.deleted IS NULL "
                                             "WHERE x.key = ?1 AND (?2 = 0 OR v.year = ?2) ORDER BY v.year DESC, v.n",
                                             err);
    if (st) {
        bind_text(st, 1, key.data, key.len);
        bind_int(st, 2, year);
        rc = collect_events(r, st, e, err);
    } else if (key.len > 0) {
        rc = -(int)err->code;
    }
    buf_release(&key);
    return rc;
}

int resolve_events(struct reader *r, const char *text, size_t len, int64_t *ns, size_t *count, struct err *err) {
    struct events e = {.count = 0};
    struct buf name = BUF_INIT;
    int year = 0;
    int rc = by_slug(r, text, len, &e, err);
    if (!rc && e.count == 0) {
        rc = by_name(r, text, len, 0, &e, err);
    }
    if (!rc && e.count == 0) {
        names_split_event(text, len, &name, &year);
        rc = by_name(r, name.data, name.len, year, &e, err);
    }
    buf_release(&name);
    memcpy(ns, e.ns, (e.count < RESOLVE_EVENTS ? e.count : RESOLVE_EVENTS) * sizeof *ns);
    *count = e.count;
    return rc;
}

/* An id or a prefix of one; what is no event is said to be none. */
static int by_id(struct reader *r, const char *text, int64_t *n, struct err *err) {
    char digits[2 * UUID_BYTES + 1];
    if (resolve_digits(text, digits) < MIN_DIGITS) {
        return 0;
    }
    struct id_candidates c = {.list = BUF_INIT};
    struct arena a = ARENA_INIT;
    int type = -1;
    int rc = find_ids(r, digits, strlen(digits), &c, &a, err);
    if (!rc && c.count > 1) {
        rc = err_set(err, E_USAGE, "id '%s' is ambiguous: %s", text, c.list.data);
    } else if (!rc && c.count == 1) {
        rc = reading_entity(r, &c.id, n, &type, err);
        if (rc == 1 && type != ENTITY_EVENT) {
            rc = err_set(err, E_USAGE, "'%s' is no event: %s", text, c.list.data);
        }
    }
    arena_release(&a);
    buf_release(&c.list);
    return rc;
}

/* The nearest of the newest slugs to TEXT, in A, or NULL. */
static int nearest_slug(struct reader *r, const char *text, struct arena *a, const char **out, struct err *err) {
    *out = NULL;
    sqlite3_stmt *st = db_sql(&r->db,
                              "SELECT v.slug FROM t_event v JOIN entity e ON e.n = v.n AND e.deleted IS NULL "
                              "ORDER BY v.n DESC LIMIT 2000",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    const char **slugs = arena_alloc(a, NEAR_SLUGS * sizeof *slugs);
    size_t count = 0;
    int rc;
    while ((rc = db_step(&r->db, st, err)) == 1 && count < NEAR_SLUGS) {
        slugs[count++] = arena_strdup(a, col_text(st, 0, NULL));
    }
    db_done(&r->db, st);
    struct buf slug = BUF_INIT;
    text_slug(&slug, text, strlen(text), 100);
    *out = text_nearest(slug.data, slugs, count);
    buf_release(&slug);
    return rc < 0 ? rc : 0;
}

static int no_event(struct reader *r, const char *text, struct arena *a, struct err *err) {
    const char *near;
    int rc = nearest_slug(r, text, a, &near, err);
    if (rc) {
        return rc;
    }
    if (near) {
        return err_set(err, E_NOTFOUND, "unknown event '%s'; did you mean '%s'?", text, near);
    }
    err_set(err, E_NOTFOUND, "unknown event '%s'", text);
    return err_hint(err, "lectern list --type event shows those there are");
}

static int many_events(struct reader *r, const char *text, const int64_t *ns, size_t count, struct err *err) {
    struct buf list = BUF_INIT;
    int rc = 0;
    for (size_t i = 0; i < count && i < CANDIDATES && !rc; i++) {
        sqlite3_stmt *st = db_sql(&r->db, "SELECT slug FROM t_event WHERE n = ?1", err);
        if (!st) {
            rc = -(int)err->code;
            break;
        }
        bind_int(st, 1, ns[i]);
        rc = db_step(&r->db, st, err);
        if (rc == 1) {
            buf_addf(&list, "%s%s", list.len ? ", " : "", col_text(st, 0, NULL));
        }
        rc = rc < 0 ? rc : 0;
        db_done(&r->db, st);
    }
    if (!rc) {
        rc = err_set(err, E_USAGE, "event '%s' is ambiguous: %s%s", text, list.data, count > CANDIDATES ? ", ..." : "");
        err_hint(err, "name the year, or take one of these");
    }
    buf_release(&list);
    return rc;
}

int resolve_event_object(struct reader *r, int64_t n, struct arena *a, struct value *out, struct err *err) {
    struct get_options o = {.body = false};
    int rc = object_load(&r->db, n, &o, a, out, err);
    return !rc && value_is(out, VALUE_NIL) ? err_set(err, E_NOTFOUND, "that event is in the trash") : rc;
}

static int resolve_event(struct reader *r, const char *text, struct arena *a, struct value *out, struct err *err) {
    int64_t ns[RESOLVE_EVENTS] = {0};
    size_t count = 0;
    int rc = resolve_events(r, text, strlen(text), ns, &count, err);
    if (rc) {
        return rc;
    }
    if (count > 1) {
        return many_events(r, text, ns, count, err);
    }
    if (count == 0) {
        rc = by_id(r, text, &ns[0], err);
        if (rc <= 0) {
            return rc < 0 ? rc : no_event(r, text, a, err);
        }
    }
    return resolve_event_object(r, ns[0], a, out, err);
}

int read_resolve_event(struct reader *r, const char *text, struct arena *a, struct value *out, struct err *err) {
    *out = value_nil;
    int rc = reading_begin(r, err);
    if (!rc) {
        rc = resolve_event(r, text, a, out, err);
    }
    reading_end(r);
    return rc;
}
