/* repair_mend.c - rows that survived are made to agree with each other again.
 *
 * The one idea: texts are what counts. A text without its note gets a note, a note without its entity an entity; what
 * refers to something that is lost lets go of it; a history that has a hole is replaced by one line that says so. Each
 * step is one statement over the new store, in an order in which none undoes what an earlier one did.
 */
#include <stdio.h>
#include <string.h>

#include "store/repair_priv.h"
#include "store/read_priv.h"

struct step {
    const char *lost; /* "%lld ..." where rows of it are a loss */
    const char *sql;
};

#define ALL_ROWS                                                                                                       \
    "(SELECT n FROM t_note UNION SELECT n FROM t_talk UNION SELECT n FROM t_event UNION SELECT n FROM t_session "      \
    "UNION "                                                                                                           \
    "SELECT n FROM t_person UNION SELECT n FROM t_source)"
#define OF_TYPE(table, type)                                                                                           \
    { NULL, "DELETE FROM " table " WHERE n IN (SELECT n FROM entity WHERE type <> " type ")" }
#define ENTITY_FOR(table, type, rev)                                                                                   \
    {                                                                                                                  \
        "%lld things had lost their id and got a new one",                                                             \
            "INSERT INTO entity(n, id, type, rev, seq, created, updated) SELECT n, randomblob(16), " type ", " rev     \
            ", 0, rescue_now(), rescue_now() FROM " table " WHERE n NOT IN (SELECT n FROM entity)"                     \
    }
#define LET_GO(table, column, of)                                                                                      \
    { NULL, "UPDATE " table " SET " column " = NULL WHERE " column " NOT IN (SELECT n FROM " of ")" }

/* ---- things and texts -------------------------------------------------------------------------------------------- */

static const struct step things[] = {
    {NULL, "DELETE FROM entity WHERE length(id) <> 16 OR type NOT BETWEEN 0 AND 5 OR rev < 1 OR n < 1"},
    {NULL, "DELETE FROM entity WHERE n NOT IN (SELECT min(n) FROM entity GROUP BY id)"},
    /* A text that nobody can have: the number of its note is impossible. */
    {"%lld texts without a possible number", "DELETE FROM note_rev WHERE k >> 20 < 1 OR (k & 1048575) < 1"},
    {"%lld notes whose text alone could be read",
     "INSERT INTO t_note(n, kind, words, body_rev) SELECT k >> 20, 'note', 0, max(k & 1048575) FROM note_rev WHERE "
     "k >> 20 NOT IN " ALL_ROWS " GROUP BY k >> 20"},
    {NULL,
     "UPDATE entity SET type = CASE WHEN n IN (SELECT n FROM t_note) THEN 0 WHEN n IN (SELECT n FROM t_talk) THEN 1 "
     "WHEN n IN (SELECT n FROM t_event) THEN 2 WHEN n IN (SELECT n FROM t_session) THEN 3 WHEN n IN (SELECT n FROM "
     "t_person) THEN 4 WHEN n IN (SELECT n FROM t_source) THEN 5 ELSE type END"},
    OF_TYPE("t_note", "0"),
    OF_TYPE("t_talk", "1"),
    OF_TYPE("t_event", "2"),
    OF_TYPE("t_session", "3"),
    OF_TYPE("t_person", "4"),
    OF_TYPE("t_source", "5"),
    ENTITY_FOR("t_note", "0", "body_rev"),
    ENTITY_FOR("t_talk", "1", "1"),
    ENTITY_FOR("t_event", "2", "1"),
    ENTITY_FOR("t_session", "3", "1"),
    ENTITY_FOR("t_person", "4", "1"),
    ENTITY_FOR("t_source", "5", "1"),
    {"%lld notes whose newest text is gone: an older one stands in",
     "UPDATE t_note SET body_rev = (SELECT max(k & 1048575) FROM note_rev WHERE k BETWEEN n << 20 AND (n << 20) + "
     "1048575) WHERE NOT EXISTS (SELECT 1 FROM note_rev WHERE k = (n << 20 | body_rev)) AND EXISTS (SELECT 1 FROM "
     "note_rev WHERE k BETWEEN n << 20 AND (n << 20) + 1048575)"},
    {NULL, "UPDATE t_note SET body_rev = 1 WHERE NOT EXISTS (SELECT 1 FROM note_rev WHERE k = (n << 20 | body_rev))"},
    {"%lld notes whose text is gone: the rest of them is there",
     "INSERT INTO note_rev(k, body) SELECT n << 20 | body_rev, '' FROM t_note WHERE NOT EXISTS (SELECT 1 FROM note_rev "
     "WHERE k = (n << 20 | body_rev))"},
    {NULL,
     "UPDATE entity SET rev = (SELECT body_rev FROM t_note t WHERE t.n = entity.n) WHERE type = 0 AND rev < (SELECT "
     "body_rev FROM t_note t WHERE t.n = entity.n)"},
    {"%lld things of which only the id is left", "DELETE FROM entity WHERE n NOT IN " ALL_ROWS},
    {NULL, "UPDATE t_note SET words = (SELECT rescue_words(body) FROM note_rev WHERE k = (n << 20 | body_rev))"},
    {NULL, "UPDATE t_note SET extra = NULL WHERE NOT rescue_packed(extra)"},
    {NULL, "DELETE FROM attached WHERE n NOT IN (SELECT n FROM t_note)"},
    {"%lld attachments were damaged, or of notes that are lost",
     "DELETE FROM t_attachment WHERE rescue_sha256(content) IS NOT sha256 OR k NOT IN (SELECT attachment FROM "
     "attached)"},
    {NULL, "DELETE FROM attached WHERE attachment NOT IN (SELECT k FROM t_attachment)"},
    {"%lld notes had attachments whose content is gone",
     "UPDATE t_note SET extra = rescue_without(n, extra) WHERE NOT rescue_attached(n, extra)"},
    {NULL, "UPDATE t_talk SET extra = NULL WHERE NOT rescue_packed(extra)"},
    {NULL, "UPDATE t_event SET extra = NULL WHERE NOT rescue_packed(extra)"},
    {NULL, "UPDATE t_session SET extra = NULL WHERE NOT rescue_packed(extra)"},
    {NULL, "UPDATE t_person SET extra = NULL WHERE NOT rescue_packed(extra)"},
};

/* ---- references -------------------------------------------------------------------------------------------------- */

static const struct step references[] = {
    LET_GO("t_note", "author", "t_person"),
    LET_GO("t_note", "event", "t_event"),
    LET_GO("t_note", "part_of", "t_note"),
    LET_GO("t_talk", "event", "t_event"),
    LET_GO("t_talk", "session", "t_session"),
    LET_GO("t_session", "event", "t_event"),
    LET_GO("t_event", "parent", "t_event"),
    LET_GO("award", "event", "t_event"),
    LET_GO("award", "talk", "t_talk"),
    LET_GO("award", "person", "t_person"),
    {NULL, "DELETE FROM award WHERE owner NOT IN (SELECT n FROM entity)"},
    {"%lld joints between notes and talks",
     "DELETE FROM note_talk WHERE note NOT IN (SELECT n FROM t_note) OR talk NOT "
     "IN (SELECT n FROM t_talk)"},
    {"%lld speakers of talks", "DELETE FROM t_appearance WHERE person NOT IN (SELECT n FROM t_person) OR n NOT IN "
                               "(SELECT n FROM entity WHERE type IN (0, 1))"},
    {"%lld tags of things", "DELETE FROM tagging WHERE tag NOT IN (SELECT id FROM t_tag) OR n NOT IN (SELECT n FROM "
                            "entity)"},
    {NULL, "DELETE FROM event_name WHERE event NOT IN (SELECT n FROM t_event)"},
    {NULL, "DELETE FROM event_name WHERE kind = 0 AND name <> (SELECT t.name FROM t_event t WHERE t.n = event)"},
    {NULL, "INSERT OR IGNORE INTO event_name(key, event, kind, ord, name) SELECT rescue_key(name), n, 0, 0, name FROM "
           "t_event t WHERE NOT EXISTS (SELECT 1 FROM event_name x WHERE x.event = t.n AND x.kind = 0)"},
    {NULL, "DELETE FROM person_name WHERE person NOT IN (SELECT n FROM t_person)"},
    {NULL, "DELETE FROM person_name WHERE kind = 0 AND name <> (SELECT t.name FROM t_person t WHERE t.n = person)"},
    {NULL,
     "INSERT OR IGNORE INTO person_name(key, person, kind, ord, name) SELECT rescue_key(name), n, 0, 0, name FROM "
     "t_person t WHERE NOT EXISTS (SELECT 1 FROM person_name x WHERE x.person = t.n AND x.kind = 0)"},
    {"%lld places of origin",
     "DELETE FROM origin WHERE source NOT IN (SELECT n FROM t_source) OR n NOT IN (SELECT n FROM "
     "entity)"},
    {"%lld conflicts", "DELETE FROM conflict WHERE n NOT IN (SELECT n FROM entity) OR source NOT IN (SELECT n FROM "
                       "t_source) OR NOT rescue_packed(theirs) OR NOT rescue_attached(n, theirs) OR (theirs_rev IS NOT "
                       "NULL AND NOT EXISTS (SELECT 1 FROM "
                       "note_rev WHERE k = (n << 20 | theirs_rev)))"},
    {NULL, "DELETE FROM state WHERE NOT rescue_packed(value)"},
};

/* ---- history ----------------------------------------------------------------------------------------------------- */

/* Whoever has a hole in its journal: out of order, without its beginning or end, or with a row that cannot be read. */
#define HOLES                                                                                                          \
    "SELECT j.n FROM journal j LEFT JOIN journal p ON p.seq = j.prev WHERE NOT rescue_packed(j.before) OR (j.before "  \
    "IS NOT NULL AND NOT EXISTS (SELECT 1 FROM note_rev WHERE k = (j.n << 20 | rescue_body(j.before))) AND "           \
    "rescue_body(j.before) > 0) OR NOT rescue_attached(j.n, j.before) OR "                                             \
    "(j.prev IS NOT NULL AND (p.seq IS NULL OR p.n <> j.n OR p.seq >= j.seq OR p.rev >= j.rev OR p.run > j.run)) OR "  \
    "(j.prev IS NULL AND j.op <> 0) UNION SELECT e.n FROM entity e LEFT JOIN journal j ON j.seq = e.seq "              \
    "WHERE j.seq IS NULL OR j.n <> e.n OR j.rev <> e.rev"

static const struct step history[] = {
    {NULL, "DELETE FROM journal WHERE n NOT IN (SELECT n FROM entity)"},
    {NULL, "CREATE TEMP TABLE rescue_hole(n INTEGER PRIMARY KEY)"},
    {"%lld things lost their history: it starts anew with what they are now",
     "INSERT OR IGNORE INTO rescue_hole " HOLES},
    {NULL, "DELETE FROM journal WHERE n IN (SELECT n FROM rescue_hole)"},
    {NULL, "UPDATE t_run SET args = NULL WHERE NOT rescue_packed(args)"},
    {NULL, "DELETE FROM t_run WHERE length(id) <> 16"},
    {"%lld runs are known by their changes alone",
     "INSERT INTO t_run(n, id, command, started, status, operations) SELECT run, randomblob(16), 'unknown', min(at), "
     "'done', count(*) FROM journal WHERE run NOT IN (SELECT n FROM t_run) GROUP BY run"},
    {NULL, "INSERT INTO t_run(n, id, command, started, status, operations) SELECT 1 + max(coalesce((SELECT max(n) FROM "
           "t_run), 0), coalesce((SELECT max(run) FROM journal), 0)), randomblob(16), 'doctor', rescue_now(), 'done', "
           "count(*) FROM rescue_hole HAVING count(*) > 0"},
    {NULL,
     "INSERT INTO journal(seq, run, n, op, rev, at) SELECT coalesce((SELECT max(seq) FROM journal), 0) + row_number() "
     "OVER (ORDER BY h.n), (SELECT max(n) FROM t_run), h.n, 0, e.rev, rescue_now() FROM rescue_hole h JOIN entity e "
     "ON e.n = h.n"},
    {NULL, "UPDATE entity SET seq = (SELECT max(seq) FROM journal j WHERE j.n = entity.n) WHERE n IN (SELECT n FROM "
           "rescue_hole)"},
    {NULL, "UPDATE t_run SET undone = NULL WHERE undone NOT IN (SELECT n FROM t_run)"},
    {NULL, "UPDATE t_run SET undoes = NULL WHERE undoes NOT IN (SELECT n FROM t_run)"},
    {NULL, "DELETE FROM conflict WHERE run NOT IN (SELECT n FROM t_run)"},
    {NULL, "DROP TABLE rescue_hole"},
};

/* ---- sources ----------------------------------------------------------------------------------------------------- */

static const struct step forget_sources[] = {
    {NULL, "DELETE FROM origin WHERE source IN (SELECT n FROM rescue_source)"},
    {NULL, "DELETE FROM conflict WHERE source IN (SELECT n FROM rescue_source)"},
    {NULL, "UPDATE journal SET source = NULL WHERE source IN (SELECT n FROM rescue_source)"},
    {"%lld files that were imported are forgotten: importing them again compares them anew",
     "DELETE FROM t_source WHERE n IN (SELECT n FROM rescue_source)"},
    {NULL, "DELETE FROM entity WHERE n IN (SELECT n FROM rescue_source)"},
    {NULL, "DELETE FROM tagging WHERE n IN (SELECT n FROM rescue_source)"},
    {NULL, "DELETE FROM journal WHERE n IN (SELECT n FROM rescue_source)"},
    {NULL, "DROP TABLE rescue_source"},
};

/* ---- running them ------------------------------------------------------------------------------------------------ */

static int take(struct rescue *w, const struct step *steps, size_t n) {
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        int64_t before = sqlite3_total_changes64(w->made.db.handle);
        rc = db_exec(&w->made.db, steps[i].sql, w->err);
        int64_t rows = sqlite3_total_changes64(w->made.db.handle) - before;
        if (!rc && rows && steps[i].lost) {
            char line[160];
            snprintf(line, sizeof line, "%lld", (long long)rows);
            rescue_lost(w, "%s%s", line, steps[i].lost + strlen("%lld"));
        }
    }
    return rc;
}

/* Sources that cannot be put together, and those whose notes overlap, into rescue_source. */
static int find_broken_sources(struct rescue *w) {
    static const char overlaps[] =
        "INSERT OR IGNORE INTO rescue_source SELECT o.source FROM origin o JOIN origin x ON x.source = o.source AND "
        "x.n "
        "<> o.n JOIN t_note a ON a.n = o.n JOIN t_note b ON b.n = x.n WHERE o.state = 0 AND x.state = 0 AND "
        "(o.byte_end < o.byte_start OR (x.byte_start >= o.byte_start AND x.byte_start < o.byte_end))";
    int rc = db_exec(&w->made.db, "CREATE TEMP TABLE rescue_source(n INTEGER PRIMARY KEY)", w->err);
    rc = rc ? rc : db_exec(&w->made.db, overlaps, w->err);
    sqlite3_stmt *st = rc ? NULL : db_prepare(&w->made.db, "SELECT n FROM t_source", w->err);
    sqlite3_stmt *put = st ? db_prepare(&w->made.db, "INSERT OR IGNORE INTO rescue_source VALUES(?1)", w->err) : NULL;
    while (put && (rc = db_step(&w->made.db, st, w->err)) == 1) {
        if (!source_is_sound(&w->made, col_int(st, 0))) {
            bind_int(put, 1, col_int(st, 0));
            sqlite3_step(put);
            sqlite3_reset(put);
        }
    }
    db_finish(put);
    db_finish(st);
    return rc;
}

int rescue_mend(struct rescue *w) {
    rescue_functions(&w->made.db);
    int rc = take(w, things, sizeof things / sizeof *things);
    rc = rc ? rc : take(w, references, sizeof references / sizeof *references);
    rc = rc ? rc : find_broken_sources(w);
    rc = rc ? rc : take(w, forget_sources, sizeof forget_sources / sizeof *forget_sources);
    return rc ? rc : take(w, history, sizeof history / sizeof *history);
}
