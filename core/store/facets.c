/* facets.c - what is found, counted by event, speaker, year and the like.
 *
 * The one idea: the condition of a list gives a set of n; each facet is one SELECT of value and n over the tables that
 * the field lives in, joined to that set and grouped. Knows nothing of pages or of what an object looks like.
 */
#include <string.h>

#include "base/text.h"
#include "store/query_priv.h"
#include "store/read_priv.h"

enum { VALUES_MAX = 1000 };

/* SELECTs of (n, value) for objects of one type; "hits" is the set. */
static const struct facet {
    const char *name;
    const char *talks, *notes, *events, *persons, *sessions;
} facets[] = {
    {"event", "SELECT t.n, v.slug FROM hits h JOIN t_talk t ON t.n = h.n JOIN t_event v ON v.n = t.event",
     "SELECT h.n, v.slug FROM hits h JOIN t_note t ON t.n = h.n JOIN t_event v ON v.n = coalesce(t.event, (SELECT "
     "k.event "
     "FROM note_talk x JOIN t_talk k ON k.n = x.talk WHERE x.note = t.n ORDER BY x.talk LIMIT 1))",
     NULL,
     "SELECT h.n, v.slug FROM hits h JOIN t_appearance a ON a.person = h.n JOIN t_talk t ON t.n = a.n JOIN t_event v "
     "ON "
     "v.n = t.event",
     "SELECT h.n, v.slug FROM hits h JOIN t_session s ON s.n = h.n JOIN t_event v ON v.n = s.event"},
    {"series",
     "SELECT t.n, coalesce(v.series, v.name) FROM hits h JOIN t_talk t ON t.n = h.n JOIN t_event v ON v.n = t.event",
     NULL, "SELECT h.n, coalesce(v.series, v.name) FROM hits h JOIN t_event v ON v.n = h.n", NULL, NULL},
    {"year",
     "SELECT t.n, coalesce(v.year, substr(t.start, 1, 4)) FROM hits h JOIN t_talk t ON t.n = h.n LEFT JOIN t_event v "
     "ON "
     "v.n = t.event",
     "SELECT h.n, v.year FROM hits h JOIN t_note t ON t.n = h.n JOIN t_event v ON v.n = coalesce(t.event, (SELECT "
     "k.event "
     "FROM note_talk x JOIN t_talk k ON k.n = x.talk WHERE x.note = t.n ORDER BY x.talk LIMIT 1))",
     "SELECT h.n, v.year FROM hits h JOIN t_event v ON v.n = h.n", NULL,
     "SELECT h.n, v.year FROM hits h JOIN t_session s ON s.n = h.n JOIN t_event v ON v.n = s.event"},
    {"speaker", "SELECT h.n, p.name FROM hits h JOIN t_appearance a ON a.n = h.n JOIN t_person p ON p.n = a.person",
     "SELECT h.n, p.name FROM hits h JOIN note_talk x ON x.note = h.n JOIN t_appearance a ON a.n = x.talk JOIN "
     "t_person p "
     "ON p.n = a.person",
     NULL, NULL, NULL},
    {"author",
     "SELECT h.n, p.name FROM hits h JOIN note_talk x ON x.talk = h.n JOIN t_note t ON t.n = x.note JOIN t_person p ON "
     "p.n = t.author",
     "SELECT h.n, p.name FROM hits h JOIN t_note t ON t.n = h.n JOIN t_person p ON p.n = t.author", NULL, NULL, NULL},
    {"session", "SELECT h.n, s.name FROM hits h JOIN t_talk t ON t.n = h.n JOIN t_session s ON s.n = t.session", NULL,
     NULL, NULL, NULL},
    {"kind", "SELECT h.n, t.kind FROM hits h JOIN t_talk t ON t.n = h.n",
     "SELECT h.n, t.kind FROM hits h JOIN t_note t ON t.n = h.n", NULL, NULL, NULL},
    {"tag", "SELECT h.n, g.name FROM hits h JOIN tagging i ON i.n = h.n JOIN t_tag g ON g.id = i.tag",
     "SELECT h.n, g.name FROM hits h JOIN tagging i ON i.n = h.n JOIN t_tag g ON g.id = i.tag", NULL, NULL, NULL},
    {"lang", "SELECT h.n, t.lang FROM hits h JOIN t_talk t ON t.n = h.n",
     "SELECT h.n, t.lang FROM hits h JOIN t_note t ON t.n = h.n", NULL, NULL, NULL},
    {"room", "SELECT h.n, t.room FROM hits h JOIN t_talk t ON t.n = h.n", NULL, NULL, NULL,
     "SELECT h.n, t.room FROM hits h JOIN t_session t ON t.n = h.n"},
    {"importer", "SELECT h.n, s.importer FROM hits h JOIN origin o ON o.n = h.n JOIN t_source s ON s.n = o.source",
     "SELECT h.n, s.importer FROM hits h JOIN origin o ON o.n = h.n JOIN t_source s ON s.n = o.source", NULL, NULL,
     NULL},
    {"award", "SELECT h.n, w.name FROM hits h JOIN award w ON coalesce(w.talk, w.owner) = h.n", NULL, NULL, NULL, NULL},
};
enum { FACETS = sizeof facets / sizeof *facets };

static const char *facet_sql(const struct facet *f, int type) {
    switch (type) {
    case ENTITY_TALK:
        return f->talks;
    case ENTITY_NOTE:
        return f->notes;
    case ENTITY_EVENT:
        return f->events;
    case ENTITY_PERSON:
        return f->persons;
    case ENTITY_SESSION:
        return f->sessions;
    default:
        return NULL;
    }
}

static int unknown_facet(const char *name, int type, struct err *err) {
    const char *names[FACETS];
    struct buf list = BUF_INIT;
    size_t count = 0;
    for (size_t i = 0; i < FACETS; i++) {
        if (facet_sql(&facets[i], type)) {
            buf_addf(&list, "%s%s", count ? ", " : "", facets[i].name);
            names[count++] = facets[i].name;
        }
    }
    const char *near = text_nearest(name, names, count);
    const char *what = object_types[type].name;
    if (near) {
        err_set(err, E_USAGE, "a %s cannot be counted by '%s'; did you mean '%s'?", what, name, near);
    } else {
        err_set(err, E_USAGE, "a %s cannot be counted by '%s'", what, name);
    }
    int rc = err_hint(err, count ? "one of: %s" : "talks and notes can be counted%s", list.data);
    buf_release(&list);
    return rc;
}

static int count_one(struct reader *r, const struct query_sql *qs, const char *set, const char *values,
                     const char *name, int64_t limit, struct arena *a, struct value *out, struct err *err) {
    struct buf sql = BUF_INIT;
    buf_addf(&sql,
             "%s%s hits(n) AS (%s), pairs(n, value) AS (%s) SELECT value, count(DISTINCT n) FROM pairs WHERE value "
             "IS NOT NULL GROUP BY value ORDER BY 2 DESC, value LIMIT %lld",
             qs->with.len ? qs->with.data : "WITH", qs->with.len ? "," : "", set, values, (long long)limit);
    sqlite3_stmt *st = db_prepare(&r->db, sql.data, err);
    buf_release(&sql);
    if (!st) {
        return -(int)err->code;
    }
    query_bind_all(qs, st);
    int rc;
    while ((rc = db_step(&r->db, st, err)) == 1) {
        struct value row = value_map(a, 4);
        size_t n;
        const char *text = col_text(st, 0, &n);
        value_set(a, &row, "type", value_lit("facet"));
        value_set(a, &row, "field", value_str(a, name));
        value_set(a, &row, "value", value_strn(a, text, n));
        value_set(a, &row, "count", value_int(col_int(st, 1)));
        value_push(a, out, row);
    }
    db_finish(st);
    return rc;
}

static int count_all(struct reader *r, const struct find *f, const char *fields, int type, struct arena *a,
                     struct value *out, struct err *err) {
    struct query_sql qs = QUERY_SQL_INIT;
    struct buf set = BUF_INIT;
    int64_t limit = f->limit >= 0 && f->limit < VALUES_MAX ? f->limit : VALUES_MAX;
    int rc = find_set(r, f, a, &qs, &set, err);
    for (const char *at = fields; !rc && *at;) {
        size_t n = strcspn(at, ", ");
        const char *name = arena_dup(a, at, n);
        const char *values = NULL;
        for (size_t i = 0; i < FACETS; i++) {
            values = strcmp(facets[i].name, name) == 0 ? facet_sql(&facets[i], type) : values;
        }
        rc = n == 0   ? 0
             : values ? count_one(r, &qs, set.data, values, name, limit, a, out, err)
                      : unknown_facet(name, type, err);
        at += n;
        at += *at != '\0';
    }
    buf_release(&set);
    query_release(&qs);
    return rc;
}

int read_facets(struct reader *r, const struct find *f, const char *fields, struct arena *a, struct value *out,
                struct err *err) {
    int type = object_type_of(f->type ? f->type : "talk");
    *out = value_array(a, 16);
    if (type < 0) {
        return err_set(err, E_USAGE, "unknown type '%s'", f->type);
    }
    int rc = reading_begin(r, err);
    rc = rc ? rc : count_all(r, f, fields, type, a, out, err);
    reading_end(r);
    return rc;
}
