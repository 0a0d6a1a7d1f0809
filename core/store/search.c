/* search.c - the best passages for some words.
 *
 * The one idea: rank first, show later. One statement gives the best documents by number; each is then turned into
 * what people know it as, the talk it is about where there is one, and only what is shown gets a snippet. Whatever the
 * words are, the number of statements depends on the limit alone.
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "store/read_priv.h"
#include "store/snippet.h"
#include "store/store_priv.h"

enum { HITS_MAX = 1000, NEEDLES_MAX = 64, DEPTH_MAX = 64 * 1024 };

struct searcher {
    struct reader *r;
    struct arena *arena;
    struct query_sql qs;
    struct snippet_words *words;          /* of the expression */
    const char *needles[NEEDLES_MAX + 1]; /* texts that the index cannot mark */
    size_t limit;
    const double *weights;
    int64_t after;  /* what comes up to this one was seen already; 0: nothing was */
    int64_t *shown; /* n of the hits so far, and of those before */
    size_t nshown, shown_cap;
    struct value hits;
    struct err *err;
};

/* ---- ranking --------------------------------------------------------------------------------------------------- */

/* Documents without words to rank by: live notes, and live talks without live notes, newest first. */
#define DOCUMENTS                                                                                                      \
    "SELECT t.n FROM entity t WHERE t.type IN (0, 1) AND t.deleted IS NULL AND (t.type = 0 OR NOT EXISTS (SELECT 1 "   \
    "FROM note_talk x JOIN entity d ON d.n = x.note AND d.deleted IS NULL WHERE x.talk = t.n)) AND "

static int newest(struct searcher *w, struct rank_top *top) {
    struct buf sql = BUF_INIT;
    buf_addf(&sql, "%s" DOCUMENTS "%s ORDER BY t.n DESC LIMIT %zu", w->qs.with.data, w->qs.sql.data, top->wanted);
    sqlite3_stmt *st = db_prepare(&w->r->db, sql.data, w->err);
    buf_release(&sql);
    if (!st) {
        return -(int)w->err->code;
    }
    query_bind_all(&w->qs, st);
    int rc;
    while ((rc = db_step(&w->r->db, st, w->err)) == 1 && top->count < top->wanted) {
        top->best[top->count++] = (struct ranked){0.0, col_int(st, 0)};
    }
    db_finish(st);
    return rc < 0 ? rc : 0;
}

/* The best documents, best first. */
static int rank(struct searcher *w, struct rank_top *top) {
    if (!w->qs.match) {
        return newest(w, top);
    }
    int rc = postings_rank(w->r->store->postings, &w->r->db, &w->qs, w->weights, top, w->err);
    return rc ? (rc < 0 ? rc : 0) : rank_scan(&w->r->db, &w->qs, w->weights, top, w->err);
}

/* ---- what a document is shown as ------------------------------------------------------------------------------- */

/* The one live talk of a note, else the document itself. */
static int shown_as(struct searcher *w, int64_t n, int64_t *as) {
    *as = n;
    sqlite3_stmt *st = db_sql(&w->r->db,
                              "SELECT count(*), min(x.talk) FROM note_talk x JOIN entity e ON e.n = x.talk "
                              "AND e.deleted IS NULL WHERE x.note = ?1",
                              w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, n);
    int rc = db_step(&w->r->db, st, w->err);
    if (rc == 1 && col_int(st, 0) == 1) {
        *as = col_int(st, 1);
    }
    db_done(&w->r->db, st);
    return rc < 0 ? rc : 0;
}

#define EVENT_OF(n) "LEFT JOIN t_event v ON v.n = " n " LEFT JOIN entity ve ON ve.n = v.n "
static const char talk_sql[] = "SELECT e.id, 'talk', t.kind, t.title, ve.id, v.slug, v.name, v.year FROM t_talk t "
                               "JOIN entity e ON e.n = t.n " EVENT_OF("t.event") "WHERE t.n = ?1";
static const char note_sql[] =
    "SELECT e.id, 'note', t.kind, t.title, ve.id, v.slug, v.name, v.year FROM t_note t JOIN entity e ON e.n = "
    "t.n " EVENT_OF(
        "coalesce(t.event, (SELECT k.event FROM note_talk x JOIN t_talk k ON k.n = x.talk WHERE x.note = t.n "
        "ORDER BY x.talk LIMIT 1))") "WHERE t.n = ?1";

/* 1 when N was a row of the statement's table. */
static int add_head(struct searcher *w, const char *sql, int64_t n, struct value *hit) {
    static const char *const names[] = {"type", "kind", "title"};
    sqlite3_stmt *st = db_sql(&w->r->db, sql, w->err);
    struct uuid id;
    struct value shortest;
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, n);
    int rc = db_step(&w->r->db, st, w->err);
    if (rc == 1 && col_uuid(st, 0, &id)) {
        value_set(w->arena, hit, "id", object_uuid(w->arena, st, 0));
        int failed = object_short(&w->r->db, &id, w->arena, &shortest, w->err);
        rc = failed ? failed : rc;
        value_set(w->arena, hit, "short", shortest);
        for (int i = 0; i < 3; i++) {
            value_set(w->arena, hit, names[i], object_text(w->arena, st, i + 1));
        }
        value_set(w->arena, hit, "event", object_event(w->arena, st, 4));
    }
    db_done(&w->r->db, st);
    return rc;
}

static int add_speakers(struct searcher *w, int64_t n, struct value *hit) {
    struct value list = value_array(w->arena, 0);
    sqlite3_stmt *st = db_sql(&w->r->db,
                              "SELECT e.id, p.name, a.role, a.affiliations FROM t_appearance a CROSS JOIN t_person p "
                              "ON p.n = a.person CROSS JOIN entity e ON e.n = a.person WHERE a.n = ?1",
                              w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, n);
    int rc;
    while ((rc = db_step(&w->r->db, st, w->err)) == 1) {
        struct value v = value_map(w->arena, 4);
        value_set(w->arena, &v, "id", object_uuid(w->arena, st, 0));
        value_set(w->arena, &v, "name", object_text(w->arena, st, 1));
        struct value role = object_text(w->arena, st, 2);
        value_set(w->arena, &v, "role", value_is(&role, VALUE_NIL) ? value_lit("speaker") : role);
        value_set(w->arena, &v, "affiliations", object_lines(w->arena, st, 3));
        value_push(w->arena, &list, v);
    }
    db_done(&w->r->db, st);
    value_set(w->arena, hit, "speakers", list);
    return rc;
}

/* ---- snippets -------------------------------------------------------------------------------------------------- */

static int snippet_of(struct searcher *w, int64_t n, struct snippet *s) {
    size_t len;
    sqlite3_stmt *st = db_sql(&w->r->db, "SELECT body FROM doc WHERE n = ?1", w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, n);
    int rc = db_step(&w->r->db, st, w->err);
    if (rc == 1) {
        const char *text = col_text(st, 0, &len);
        size_t mark = len && text[0] == TOKENIZER_PLAIN;
        if (w->words) {
            snippet_of_words(s, w->words, text, len);
        } else {
            snippet_around(s, text + mark, len - mark, w->needles);
        }
    }
    db_done(&w->r->db, st);
    return rc < 0 ? rc : 0;
}

static int add_snippet(struct searcher *w, int64_t n, struct value *hit) {
    struct snippet s = {.text = BUF_INIT, .count = 0};
    int rc = snippet_of(w, n, &s);
    value_set(w->arena, hit, "snippet", value_strn(w->arena, s.text.data, s.text.len));
    value_set(w->arena, hit, "matches", snippet_matches(&s, w->arena));
    buf_release(&s.text);
    return rc;
}

/* ---- hits ------------------------------------------------------------------------------------------------------ */

static int note_id(struct searcher *w, int64_t n, int64_t as, struct value *hit) {
    sqlite3_stmt *st = db_sql(&w->r->db, "SELECT id FROM entity WHERE n = ?1 AND type = 0", w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    struct value id = value_nil;
    bind_int(st, 1, n);
    int rc = n == as && value_eqs(value_get(hit, "type"), "talk") ? 0 : db_step(&w->r->db, st, w->err);
    if (rc == 1) {
        id = object_uuid(w->arena, st, 0);
    }
    db_done(&w->r->db, st);
    value_set(w->arena, hit, "note", id);
    return rc < 0 ? rc : 0;
}

static int make_hit(struct searcher *w, const struct ranked *doc, int64_t as, struct value *hit) {
    *hit = value_map(w->arena, 11);
    int rc = add_head(w, talk_sql, as, hit);
    rc = rc ? rc : add_head(w, note_sql, as, hit);
    if (rc <= 0) {
        return rc;
    }
    bool talk = value_eqs(value_get(hit, "type"), "talk");
    value_set(w->arena, hit, "speakers", value_array(w->arena, 0));
    rc = talk ? add_speakers(w, as, hit) : 0;
    double score = doc->score;
    value_set(w->arena, hit, "score", value_float(round(score * 1e4) / 1e4 + 0.0));
    rc = rc ? rc : add_snippet(w, doc->n, hit);
    rc = rc ? rc : note_id(w, doc->n, as, hit);
    return rc ? rc : 1;
}

static bool is_shown(const struct searcher *w, int64_t n) {
    for (size_t i = 0; i < w->nshown; i++) {
        if (w->shown[i] == n) {
            return true;
        }
    }
    return false;
}

static void remember_shown(struct searcher *w, int64_t n) {
    if (w->nshown == w->shown_cap) {
        int64_t *more = arena_alloc(w->arena, (w->shown_cap * 2 + 32) * sizeof *more);
        if (w->nshown) {
            memcpy(more, w->shown, w->nshown * sizeof *more);
        }
        w->shown = more;
        w->shown_cap = w->shown_cap * 2 + 32;
    }
    w->shown[w->nshown++] = n;
}

static int add_hit(struct searcher *w, const struct ranked *doc) {
    int64_t as;
    struct value hit;
    int rc = reading_stopped(w->r, w->err);
    rc = rc ? rc : shown_as(w, doc->n, &as);
    if (rc || is_shown(w, as)) {
        return rc;
    }
    remember_shown(w, as);
    if (w->after) {
        w->after = as == w->after ? 0 : w->after;
        return 0;
    }
    rc = make_hit(w, doc, as, &hit);
    if (rc == 1) {
        value_push(w->arena, &w->hits, hit);
    }
    return rc < 0 ? rc : 0;
}

/* Several notes of one talk are one hit: where too few are left of the best, more are asked for. */
static int collect(struct searcher *w) {
    size_t ask = w->limit + w->limit / 2 + 8 + (w->after ? HITS_MAX / 4 : 0);
    size_t used = 0;
    for (;;) {
        struct arena scratch = ARENA_INIT;
        struct rank_top top = {.wanted = ask, .best = arena_alloc(&scratch, ask * sizeof *top.best)};
        int rc = rank(w, &top);
        for (; !rc && used < top.count && w->hits.len < w->limit; used++) {
            rc = add_hit(w, &top.best[used]);
        }
        arena_release(&scratch);
        if (rc || w->hits.len >= w->limit || top.count < ask || ask > DEPTH_MAX) {
            return rc;
        }
        ask *= 4;
    }
}

/* Positive texts that are looked for as they stand. */
static void collect_needles(struct searcher *w, const struct query *q, size_t *count) {
    switch (q->node) {
    case QUERY_AND:
    case QUERY_OR:
        collect_needles(w, q->left, count);
        collect_needles(w, q->right, count);
        break;
    case QUERY_FIELD:
        if (strcmp(q->field, "body") == 0) {
            collect_needles(w, q->left, count);
        }
        break;
    case QUERY_WORD:
    case QUERY_PHRASE:
    case QUERY_PREFIX:
    case QUERY_INSIDE:
        if (*count < NEEDLES_MAX) {
            struct buf folded = BUF_INIT;
            text_fold(&folded, q->text, strlen(q->text));
            w->needles[(*count)++] = arena_dup(w->arena, folded.data ? folded.data : "", folded.len);
            buf_release(&folded);
        }
        break;
    default:
        break;
    }
}

static int find_after(struct searcher *w, const char *text) {
    struct uuid id;
    enum entity entity;
    int rc = resolve_id(w->r, text, &id, &entity, w->err);
    rc = rc ? rc : reading_entity(w->r, &id, &w->after, NULL, w->err);
    return rc < 0 ? rc : 0;
}

static int search(struct searcher *w, const struct search *s) {
    const struct query *q = query_parse(w->arena, s->query, strlen(s->query));
    size_t needles = 0;
    int rc = query_compile(&w->r->db, q, QUERY_DOCS, w->arena, &w->qs, w->err);
    rc = rc || !s->after ? rc : find_after(w, s->after);
    if (rc || w->limit == 0) {
        return rc;
    }
    if (w->qs.tree) {
        w->words = snippet_words_new(&w->r->db, w->qs.tree);
    } else {
        collect_needles(w, q, &needles);
    }
    rc = collect(w);
    if (!rc && w->after) {
        rc = err_set(w->err, E_USAGE, "cannot go on after '%s': it is not among the hits", s->after);
    }
    return rc;
}

int read_search_for(struct reader *r, const struct search *s, struct arena *a, struct value *hits, struct err *err) {
    struct searcher w = {.r = r, .arena = a, .qs = QUERY_SQL_INIT, .err = err};
    w.weights = s->weights ? s->weights : rank_weights;
    w.limit = s->limit >= 0 && s->limit < HITS_MAX ? (size_t)s->limit : HITS_MAX;
    w.hits = value_array(a, (uint32_t)(w.limit < 16 ? w.limit : 16));
    int rc = reading_begin(r, err);
    if (!rc) {
        rc = search(&w, s);
    }
    reading_end(r);
    query_release(&w.qs);
    snippet_words_free(w.words);
    *hits = w.hits;
    return rc;
}

int read_search(struct reader *r, const char *query, int64_t limit, struct arena *a, struct value *hits,
                struct err *err) {
    struct search s = {.query = query, .limit = limit};
    return read_search_for(r, &s, a, hits, err);
}
