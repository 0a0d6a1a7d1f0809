/* check.c - the invariants of the store, each looked at without writing.
 *
 * The one idea: most are one SQL statement that finds what must not be; the rest walk the sources and the index. A
 * check that fails says how many are wrong and names one, and the others still run.
 */
#include <stdio.h>
#include <string.h>

#include "store/grams_priv.h"
#include "store/keys_priv.h"
#include "store/objects_priv.h"
#include "store/read_priv.h"

/* SQL gives one n for each thing that is wrong. */
static const struct rule {
    const char *name, *wrong, *sql;
} rules[] = {
    {"entities", "without the row they should have",
     "SELECT e.n FROM entity e LEFT JOIN t_note a ON a.n = e.n LEFT JOIN t_talk b ON b.n = e.n LEFT JOIN t_event c ON "
     "c.n = e.n "
     "LEFT JOIN t_session d ON d.n = e.n LEFT JOIN t_person f ON f.n = e.n LEFT JOIN t_source g ON g.n = e.n "
     "WHERE length(e.id) <> 16 OR (CASE e.type WHEN 0 THEN a.n WHEN 1 THEN b.n WHEN 2 THEN c.n WHEN 3 THEN d.n WHEN 4 "
     "THEN f.n "
     "WHEN 5 THEN g.n END) IS NULL OR (a.n IS NOT NULL) + (b.n IS NOT NULL) + (c.n IS NOT NULL) + (d.n IS NOT NULL) + "
     "(f.n IS NOT NULL) + (g.n IS NOT NULL) <> 1"},
    {"keys", "that are not found by their id, or by the bytes that they were read from",
     "WITH key(k) AS (SELECT k FROM key_recent UNION ALL SELECT k FROM key_settled), wanted(n, k) AS (" KEYS_WANTED ") "
     "SELECT n FROM wanted w WHERE (SELECT count(*) FROM key_recent x WHERE x.k = w.k) + (SELECT count(*) FROM "
     "key_settled x WHERE x.k = w.k) <> 1 "
     "UNION SELECT k & 4294967295 FROM key WHERE k IS NOT (iif(k >> 32 & 1, (SELECT lectern_key(sha256, 1, n) FROM "
     "t_source WHERE n = k & 4294967295), (SELECT lectern_key(id, 0, n) FROM entity WHERE n = k & 4294967295)))"},
    {"ids", "with the id of another", "SELECT max(n) FROM entity GROUP BY id HAVING count(*) > 1"},
    {"rows", "without an entity",
     "SELECT n FROM (SELECT n FROM t_note UNION ALL SELECT n FROM t_talk UNION ALL SELECT n FROM t_event UNION ALL "
     "SELECT n FROM t_session "
     "UNION ALL SELECT n FROM t_person UNION ALL SELECT n FROM t_source) WHERE n NOT IN (SELECT n FROM entity)"},
    {"texts", "whose text is missing or newer than they are",
     "SELECT t.n FROM t_note t JOIN entity e ON e.n = t.n LEFT JOIN note_rev r ON r.k = (t.n << 20 | t.body_rev) "
     "WHERE r.k IS NULL OR t.body_rev > e.rev"},
    {"talks of notes", "that join what is no note to what is no talk",
     "SELECT x.note FROM note_talk x LEFT JOIN t_note t ON t.n = x.note LEFT JOIN t_talk k ON k.n = x.talk WHERE t.n "
     "IS NULL OR k.n IS NULL"},
    {"references", "that name something that is not there",
     "SELECT n FROM (SELECT n, event, 0 AS session, 0 AS author, 0 AS part_of FROM t_session UNION ALL SELECT n, "
     "event, session, 0, 0 "
     "FROM t_talk UNION ALL SELECT n, event, 0, author, part_of FROM t_note UNION ALL SELECT n, parent, 0, 0, 0 FROM "
     "t_event) "
     "WHERE (event > 0 AND event NOT IN (SELECT n FROM t_event)) OR (session > 0 AND session NOT IN (SELECT n FROM "
     "t_session)) OR "
     "(author > 0 AND author NOT IN (SELECT n FROM t_person)) OR (part_of > 0 AND part_of NOT IN (SELECT n FROM "
     "t_note))"},
    {"appearances", "of nobody or in nothing",
     "SELECT n FROM t_appearance WHERE person NOT IN (SELECT n FROM t_person) OR n NOT IN (SELECT n FROM entity WHERE "
     "type IN (0, 1))"},
    {"names", "without their own name among the names they are found by",
     "SELECT n FROM t_event t WHERE NOT EXISTS (SELECT 1 FROM event_name x WHERE x.event = t.n AND x.kind = 0 AND "
     "x.name = t.name) "
     "UNION ALL SELECT n FROM t_person t WHERE NOT EXISTS (SELECT 1 FROM person_name x WHERE x.person = t.n AND x.kind "
     "= 0 AND "
     "x.name = t.name)"},
    {"awards", "that belong to nothing", "SELECT owner FROM award WHERE owner NOT IN (SELECT n FROM entity)"},
    {"tags", "without a name, or on nothing",
     "SELECT n FROM tagging WHERE tag NOT IN (SELECT id FROM t_tag) OR n NOT IN (SELECT n FROM entity)"},
    {"origins", "from no source or of nothing",
     "SELECT n FROM origin WHERE source NOT IN (SELECT n FROM t_source) OR n NOT IN (SELECT n FROM entity)"},
    {"journal", "out of order, or of a run that is missing",
     "SELECT j.n FROM journal j LEFT JOIN journal p ON p.seq = j.prev LEFT JOIN t_run r ON r.n = j.run WHERE r.n IS "
     "NULL OR "
     "(j.prev IS NOT NULL AND (p.seq IS NULL OR p.n <> j.n OR p.seq >= j.seq OR p.rev >= j.rev OR p.run > j.run)) OR "
     "(j.prev IS NULL AND j.op <> 0)"},
    {"conflicts", "about nothing, or whose other text is missing",
     "SELECT c.n FROM conflict c WHERE c.n NOT IN (SELECT n FROM entity) OR (c.theirs_rev IS NOT NULL AND NOT EXISTS "
     "(SELECT 1 FROM note_rev r WHERE r.k = (c.n << 20 | c.theirs_rev)))"},
    {"attached", "content that nothing has, or that is missing",
     "SELECT n FROM attached WHERE n NOT IN (SELECT n FROM t_note) OR attachment NOT IN (SELECT k FROM t_attachment) "
     "UNION ALL SELECT k FROM t_attachment WHERE k NOT IN (SELECT attachment FROM attached)"},
    {"undone runs", "that name a run which is not there",
     "SELECT n FROM t_run WHERE undoes NOT IN (SELECT n FROM t_run) OR undone NOT IN (SELECT n FROM t_run)"},
    {"revisions", "whose newest change is not the one they name",
     "SELECT e.n FROM entity e LEFT JOIN journal j ON j.seq = e.seq WHERE j.seq IS NULL OR j.n <> e.n OR j.rev <> "
     "e.rev"},
};

struct checker {
    struct reader *r;
    struct arena *arena;
    struct value *out;
    struct err *err;
};

static void report(struct checker *c, const char *name, bool ok, const char *detail) {
    struct value v = value_map(c->arena, 3);
    value_set(c->arena, &v, "check", value_str(c->arena, name));
    value_set(c->arena, &v, "ok", value_bool(ok));
    value_set(c->arena, &v, "detail", value_str(c->arena, detail));
    value_push(c->arena, c->out, v);
}

/* What a damaged file makes impossible is a check that failed; the others still run. */
static int contained(struct checker *c, const char *name, int rc) {
    if (rc != -(int)E_STORE) {
        return rc;
    }
    report(c, name, false, c->err->message);
    err_release(c->err);
    return 0;
}

/* "note 0a1b2c3d", or the bare number where there is no such entity. */
static int describe(struct checker *c, int64_t n, struct buf *out) {
    sqlite3_stmt *st = db_sql(&c->r->db, "SELECT id, type FROM entity WHERE n = ?1", c->err);
    struct uuid id;
    if (!st) {
        return -(int)c->err->code;
    }
    bind_int(st, 1, n);
    int rc = db_step(&c->r->db, st, c->err);
    int64_t type = rc == 1 ? col_int(st, 1) : -1;
    if (rc == 1 && col_uuid(st, 0, &id) && type >= 0 && type < ENTITY_COUNT) {
        char text[UUID_TEXT + 1];
        uuid_text(&id, text);
        buf_addf(out, "%s %.8s", object_types[type].name, text);
    } else {
        buf_addf(out, "number %lld", (long long)n);
    }
    db_done(&c->r->db, st);
    return rc < 0 ? rc : 0;
}

static int check_rule(struct checker *c, const struct rule *rule) {
    struct buf detail = BUF_INIT;
    sqlite3_stmt *st = db_sql(&c->r->db, rule->sql, c->err);
    int64_t count = 0;
    int64_t first = 0;
    int rc = st ? 0 : -(int)c->err->code;
    while (st && (rc = db_step(&c->r->db, st, c->err)) == 1) {
        first = count++ ? first : col_int(st, 0);
    }
    db_done(&c->r->db, st);
    if (!rc && count) {
        buf_addf(&detail, "%lld %s, the first is ", (long long)count, rule->wrong);
        rc = describe(c, first, &detail);
    }
    if (!rc) {
        report(c, rule->name, count == 0, count ? detail.data : "as they should be");
    }
    buf_release(&detail);
    return contained(c, rule->name, rc);
}

/* What SQLite itself finds wrong with the file. */
static int check_file(struct checker *c) {
    struct buf detail = BUF_INIT;
    sqlite3_stmt *st = db_sql(&c->r->db, "PRAGMA integrity_check(4)", c->err);
    int rc = st ? 0 : -(int)c->err->code;
    while (st && (rc = db_step(&c->r->db, st, c->err)) == 1) {
        buf_addf(&detail, "%s%s", detail.len ? "; " : "", col_text(st, 0, NULL));
    }
    db_done(&c->r->db, st);
    if (!rc) {
        report(c, "file", strcmp(detail.data, "ok") == 0, detail.data);
    }
    buf_release(&detail);
    return contained(c, "file", rc);
}

static int check_search(struct checker *c) {
    struct buf detail = BUF_INIT;
    bool ok = false;
    int rc = check_index(c->r, &ok, &detail, c->err);
    if (!rc) {
        report(c, "search", ok, detail.data);
        buf_clear(&detail);
        rc = grams_check(c->r, &ok, &detail, c->err);
    }
    if (!rc) {
        report(c, "pieces", ok, detail.data);
    }
    buf_release(&detail);
    return contained(c, "search", rc);
}

/* Values that SQL cannot look into. */
static int check_by(struct checker *c, const char *name, const char *wrong,
                    int (*fn)(struct reader *, struct check_walk *, struct err *)) {
    struct buf detail = BUF_INIT;
    struct check_walk w = {0};
    int rc = fn(c->r, &w, c->err);
    if (!rc && w.bad) {
        buf_addf(&detail, "%lld of %lld %s, the first is of ", (long long)w.bad, (long long)w.seen, wrong);
        rc = describe(c, w.first, &detail);
    } else if (!rc) {
        buf_addf(&detail, "%lld as they should be", (long long)w.seen);
    }
    if (!rc) {
        report(c, name, w.bad == 0, detail.data);
    }
    buf_release(&detail);
    return contained(c, name, rc);
}

/* ---- sources --------------------------------------------------------------------------------------------------- */

struct source_row {
    int64_t n, bytes, bom, text_bytes;
    uint8_t sha[SHA256_BYTES];
    bool utf8;
};

#define SOURCE_COLUMNS                                                                                                 \
    "t.n, t.sha256, t.bytes, t.bom, t.text_bytes, t.encoding, EXISTS (SELECT 1 FROM origin o WHERE o.source = t.n "    \
    "AND o.state = 2) FROM t_source t"

static void read_source_row(sqlite3_stmt *st, struct source_row *s) {
    size_t len;
    const void *sha = col_blob(st, 1, &len);
    *s = (struct source_row){
        .n = col_int(st, 0), .bytes = col_int(st, 2), .bom = col_int(st, 3), .text_bytes = col_int(st, 4)};
    s->utf8 = strcmp(col_text(st, 5, NULL), "utf-8") == 0 && s->bom == 0 && s->bytes == s->text_bytes &&
              !col_int(st, 6); /* where something was purged, blanks stand for it */
    memcpy(s->sha, sha, len < sizeof s->sha ? len : sizeof s->sha);
}

/* The text of a source, and whether it is the file that was read: only UTF-8 without a BOM was stored as it was. */
static int compare_source(struct reader *r, const struct source_row *s, bool *ok, struct err *err) {
    struct buf text = BUF_INIT;
    uint8_t sha[SHA256_BYTES];
    int rc = source_assemble(&r->db, s->n, &text, err);
    *ok = !rc;
    if (!rc && s->utf8) {
        sha256(text.data, text.len, sha);
        *ok = memcmp(sha, s->sha, sizeof sha) == 0;
    }
    buf_release(&text);
    /* A tree in disorder has rows that are seen in passing and not found by their number. */
    if (rc == -(int)E_STORE || rc == -(int)E_NOTFOUND) {
        err_release(err);
        rc = 0;
    }
    return rc;
}

bool source_is_sound(struct reader *r, int64_t n) {
    struct err no;
    bool ok = false;
    err_init(&no);
    sqlite3_stmt *st = db_prepare(&r->db, "SELECT " SOURCE_COLUMNS " WHERE t.n = ?1", &no);
    if (st) {
        struct source_row s;
        bind_int(st, 1, n);
        if (db_step(&r->db, st, &no) == 1) {
            read_source_row(st, &s);
            ok = compare_source(r, &s, &ok, &no) == 0 && ok;
        }
    }
    db_finish(st);
    err_release(&no);
    return ok;
}

static int check_sources(struct checker *c) {
    struct buf detail = BUF_INIT;
    int64_t count = 0;
    int64_t bad = 0;
    int64_t first = 0;
    sqlite3_stmt *st = db_sql(&c->r->db, "SELECT " SOURCE_COLUMNS, c->err);
    int rc = st ? 0 : -(int)c->err->code;
    while (st && !rc && (rc = db_step(&c->r->db, st, c->err)) == 1) {
        struct source_row s;
        bool ok = false;
        read_source_row(st, &s);
        rc = reading_stopped(c->r, c->err);
        rc = rc ? rc : compare_source(c->r, &s, &ok, c->err);
        count++;
        first = ok || first ? first : s.n;
        bad += !ok;
    }
    db_done(&c->r->db, st);
    if (!rc && bad) {
        buf_addf(&detail, "%lld of %lld cannot be put together again, the first is ", (long long)bad, (long long)count);
        rc = describe(c, first, &detail);
    } else if (!rc) {
        buf_addf(&detail, "%lld put together again", (long long)count);
    }
    if (!rc) {
        report(c, "sources", bad == 0, detail.data);
    }
    buf_release(&detail);
    return contained(c, "sources", rc);
}

/* Each byte of a source belongs to one note at most. */
static int check_spans(struct checker *c) {
    static const char sql[] = "SELECT o.n, o.source, o.byte_start, o.byte_end FROM origin o JOIN t_note t ON t.n = o.n "
                              "WHERE o.byte_start IS NOT NULL AND "
                              "o.state = 0 ORDER BY o.source, o.byte_start, o.byte_end";
    struct buf detail = BUF_INIT;
    int64_t source = 0;
    int64_t end = 0;
    int64_t bad = 0;
    int64_t first = 0;
    sqlite3_stmt *st = db_sql(&c->r->db, sql, c->err);
    int rc = st ? 0 : -(int)c->err->code;
    while (st && (rc = db_step(&c->r->db, st, c->err)) == 1) {
        bool wrong = (col_int(st, 1) == source && col_int(st, 2) < end) || col_int(st, 3) < col_int(st, 2);
        first = wrong && !first ? col_int(st, 0) : first;
        bad += wrong;
        source = col_int(st, 1);
        end = col_int(st, 3);
    }
    db_done(&c->r->db, st);
    if (!rc && bad) {
        buf_addf(&detail, "%lld notes share bytes of a source with another, the first is ", (long long)bad);
        rc = describe(c, first, &detail);
    }
    if (!rc) {
        report(c, "spans", bad == 0, bad ? detail.data : "as they should be");
    }
    buf_release(&detail);
    return contained(c, "spans", rc);
}

int read_check(struct reader *r, struct arena *a, struct value *out, struct err *err) {
    struct checker c = {.r = r, .arena = a, .out = out, .err = err};
    *out = value_array(a, 0);
    int rc = reading_begin(r, err);
    rc = rc ? rc : check_file(&c);
    for (size_t i = 0; i < sizeof rules / sizeof *rules && !rc; i++) {
        rc = reading_stopped(r, err);
        rc = rc ? rc : check_rule(&c, &rules[i]);
    }
    rc = rc ? rc : check_by(&c, "bodies", "are no text, or have another number of words than they say", check_bodies);
    rc = rc ? rc : check_by(&c, "attachments", "are not what their SHA-256 says", check_attachments);
    rc = rc ? rc
            : check_by(&c, "packed", "cannot be unpacked, or name a text or an attachment that is missing",
                       check_packed);
    rc = rc ? rc : check_spans(&c);
    rc = rc ? rc : check_sources(&c);
    rc = rc ? rc : check_search(&c);
    reading_end(r);
    return rc;
}
