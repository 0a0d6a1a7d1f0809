/* suggest_value.c - the nearest value for a field of a query whose own value is nowhere.
 *
 * The one idea: whether a value is nowhere is asked as the query asks it. What it is compared with are the names that
 * people see, whole and word by word, until the time is over.
 */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/query_priv.h"
#include "store/read_priv.h"

#define LIVE_NAME(table, of)                                                                                           \
    "SELECT x.name FROM " table " x JOIN entity e ON e.n = x." of " AND e.deleted IS NULL ORDER BY x." of

static const struct {
    const char *field, *names;
} sources[] = {
    {"event", "SELECT t.slug FROM t_event t JOIN entity e ON e.n = t.n AND e.deleted IS NULL UNION ALL "
              "SELECT x.name FROM event_name x JOIN entity e ON e.n = x.event AND e.deleted IS NULL"},
    {"series", "SELECT series FROM t_event WHERE series IS NOT NULL"},
    {"speaker", LIVE_NAME("person_name", "person")},
    {"person", LIVE_NAME("person_name", "person")},
    {"author", LIVE_NAME("person_name", "person")},
    {"affiliation", "SELECT affiliations FROM t_appearance WHERE affiliations IS NOT NULL UNION ALL "
                    "SELECT affiliations FROM t_person WHERE affiliations IS NOT NULL"},
    {"session", LIVE_NAME("t_session", "n")},
    {"tag", "SELECT name FROM t_tag ORDER BY id"},
    {"award", "SELECT name FROM award"},
    {"kind", "SELECT kind FROM t_talk GROUP BY kind UNION SELECT kind FROM t_note GROUP BY kind"},
    {"importer", "SELECT importer FROM t_source GROUP BY importer"},
};

static const char *names_of(const char *field) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(sources[i].field, field) == 0) {
            return sources[i].names;
        }
    }
    return NULL;
}

/* Does any talk or note have it? */
static int is_somewhere(struct reader *r, const struct query *q, struct arena *a, bool *yes, struct err *err) {
    struct query_sql qs;
    struct buf sql = BUF_INIT;
    int rc = query_compile(&r->db, q, QUERY_DOCS, a, &qs, err);
    *yes = true;
    if (!rc) {
        buf_addf(&sql, "%sSELECT 1 FROM entity t WHERE t.type IN (0, 1) AND t.deleted IS NULL AND %s LIMIT 1",
                 qs.with.data ? qs.with.data : "", qs.sql.data);
        sqlite3_stmt *st = db_prepare(&r->db, sql.data, err);
        rc = st ? 0 : -(int)err->code;
        if (st) {
            query_bind_all(&qs, st);
            rc = db_step(&r->db, st, err);
            *yes = rc == 1;
            db_finish(st);
        }
    }
    query_release(&qs);
    buf_release(&sql);
    return rc < 0 ? rc : 0;
}

struct nearest_value {
    struct arena *arena;
    struct buf wanted; /* its key */
    unsigned distance; /* of the best so far; what is as near as that comes too late */
    const char *best;
};

static void consider(struct nearest_value *near, const char *s, size_t n) {
    struct buf key = BUF_INIT;
    text_key(&key, s, n);
    size_t longer = key.len > near->wanted.len ? key.len - near->wanted.len : near->wanted.len - key.len;
    if (key.len && longer < 4 * near->distance) { /* a character has four bytes at most */
        unsigned d = text_distance(near->wanted.data, key.data, near->distance);
        if (d > 0 && d < near->distance) {
            near->distance = d;
            near->best = arena_dup(near->arena, s, n);
        }
    }
    buf_release(&key);
}

/* A name, each of its lines, and their words. */
static void consider_name(struct nearest_value *near, const char *s, size_t n) {
    for (size_t at = 0; at < n;) {
        size_t line = strcspn(s + at, "\n");
        consider(near, s + at, line);
        for (size_t word = at; word < at + line && memchr(s + at, ' ', line);) {
            size_t len = strcspn(s + word, " \n");
            consider(near, s + word, len);
            word += len + 1;
        }
        at += line + 1;
    }
}

int suggest_value(struct reader *r, const struct query *q, struct arena *a, uint64_t deadline, const char **better,
                  struct err *err) {
    struct nearest_value near = {.arena = a, .wanted = BUF_INIT};
    const char *names = names_of(q->field);
    bool somewhere = true;
    *better = NULL;
    text_key(&near.wanted, q->text, strlen(q->text));
    bool plain = q->left->node == QUERY_WORD || q->left->node == QUERY_PHRASE;
    int rc = names && plain && near.wanted.len > 2 ? is_somewhere(r, q, a, &somewhere, err) : 0;
    near.distance = near.wanted.len < 5 ? 2 : 3;
    sqlite3_stmt *st = rc || somewhere ? NULL : db_prepare(&r->db, names, err);
    rc = rc || somewhere ? rc : st ? 0 : -(int)err->code;
    for (int i = 0; st && !rc && (rc = db_step(&r->db, st, err)) == 1; i++) {
        size_t n;
        const char *name = col_text(st, 0, &n);
        consider_name(&near, name, n);
        rc = 0;
        if (i % 64 == 63 && clock_mono_us() > deadline) {
            break;
        }
    }
    db_finish(st);
    buf_release(&near.wanted);
    if (near.best && !rc) {
        bool quoted = strpbrk(near.best, " ()*\t") != NULL && !strchr(near.best, '"');
        *better = quoted ? arena_printf(a, "\"%s\"", near.best) : near.best;
    }
    return rc < 0 ? rc : 0;
}
