/* schema.c - the tables, and how an older file becomes a newer one.
 *
 * Migration i (counted from 1) takes schema i-1 to schema i; a new file runs them all. A migration that was released
 * is never edited: change the schema by appending one. Everything runs in one transaction, so a file has one schema or
 * the other.
 *
 * Words used in the columns: an `n` is the small number of an entity, given in order of creation and never used again;
 * it is the rowid of `entity`, of the entity's own table t_TYPE and of its document in the search index. Instants are
 * milliseconds since 1970 (UTC); conference times are text in the contract's form, never with a guessed zone.
 */
#include <stdio.h>

#include "store/db_priv.h"

/* Columns of the documented views. */
#define ID(column)                                                                                                     \
    "lower(substr(hex(" column "),1,8)||'-'||substr(hex(" column "),9,4)||'-'||substr(hex(" column                     \
    "),13,4)||'-'||substr(hex(" column "),17,4)||'-'||substr(hex(" column "),21))"
#define INSTANT(column) "strftime('%Y-%m-%dT%H:%M:%SZ', " column " / 1000, 'unixepoch')"
#define TAGS "(SELECT group_concat(g.name, ' ') FROM tagging i JOIN t_tag g ON g.id = i.tag WHERE i.n = t.n)"
#define LIVE(table) " FROM " table " t JOIN entity e ON e.n = t.n AND e.deleted IS NULL "

static const char *const schema_1[] = {
    /* Every note, talk, event, session, person and source. deleted: instant it went to the trash, NULL while live.
     * rev: 1 when made, +1 by every change. seq: newest journal row about it; journal.prev leads to the older ones,
     * newest first. */
    "CREATE TABLE entity(n INTEGER PRIMARY KEY, id BLOB NOT NULL, type INTEGER NOT NULL, rev INTEGER NOT NULL, "
    " seq INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, deleted INTEGER)",
    "CREATE UNIQUE INDEX entity_by_id ON entity(id)",
    "CREATE INDEX entity_in_trash ON entity(deleted) WHERE deleted IS NOT NULL",

    /* In these tables: event, session, author, part_of, parent are n; extra is NULL or a MessagePack map with any of
     * "fields" (map), "links", "questions", "attachments" (arrays of maps), each absent where empty. */

    /* body_rev: the revision whose text is the current body, row rev_key(n, body_rev) of note_rev; not always
     * entity.rev, since a change of the title has no text and an undone edit goes back to the older text. NULL event:
     * that of its talk. */
    "CREATE TABLE t_note(n INTEGER PRIMARY KEY, kind TEXT NOT NULL, title TEXT, author INTEGER, event INTEGER, "
    "part_of INTEGER, "
    " ord INTEGER, lang TEXT, words INTEGER NOT NULL, body_rev INTEGER NOT NULL, extra BLOB)",
    "CREATE INDEX note_by_event ON t_note(event) WHERE event IS NOT NULL",
    "CREATE INDEX note_by_author ON t_note(author) WHERE author IS NOT NULL",
    "CREATE INDEX note_by_part_of ON t_note(part_of, ord) WHERE part_of IS NOT NULL",
    /* Texts, append-only. k = n << 20 | rev: neighbours in the file, and a plain rowid. */
    "CREATE TABLE note_rev(k INTEGER PRIMARY KEY, body TEXT NOT NULL)",

    "CREATE TABLE t_talk(n INTEGER PRIMARY KEY, kind TEXT NOT NULL, kind_as_written TEXT, title TEXT NOT NULL, "
    "event INTEGER, "
    " session INTEGER, start TEXT, \"end\" TEXT, room TEXT, building TEXT, url TEXT, slides_url TEXT, video_url TEXT, "
    " lang TEXT, extra BLOB, abstract TEXT)",
    "CREATE INDEX talk_by_event ON t_talk(event)",
    "CREATE INDEX talk_by_session ON t_talk(session) WHERE session IS NOT NULL",

    /* slug: unique among the live and the trash. */
    "CREATE TABLE t_event(n INTEGER PRIMARY KEY, slug TEXT NOT NULL, name TEXT NOT NULL, full_name TEXT, series TEXT, "
    " year INTEGER, start TEXT, \"end\" TEXT, place TEXT, url TEXT, parent INTEGER, extra BLOB)",
    "CREATE UNIQUE INDEX event_by_slug ON t_event(slug)",
    "CREATE INDEX event_by_parent ON t_event(parent) WHERE parent IS NOT NULL",
    /* Ways to call an event: its name, full name (ord 0) and aliases (ord 0, 1 ...), all without the year. kind: enum
     * name_kind. key: text_key(name). The names of t_event are repeated here for the lookup by key. */
    "CREATE TABLE event_name(key TEXT NOT NULL, event INTEGER NOT NULL, kind INTEGER NOT NULL, ord INTEGER NOT NULL, "
    " name TEXT NOT NULL, PRIMARY KEY(key, event, kind, ord)) WITHOUT ROWID",
    "CREATE INDEX event_name_by_event ON event_name(event, kind, ord)",

    "CREATE TABLE t_session(n INTEGER PRIMARY KEY, event INTEGER, name TEXT NOT NULL, start TEXT, \"end\" TEXT, "
    "room TEXT, "
    " ord INTEGER, extra BLOB)",
    "CREATE INDEX session_by_event ON t_session(event, name)",

    /* affiliations: what was said about the person as such, one a line; those of a talk are in appearance. */
    "CREATE TABLE t_person(n INTEGER PRIMARY KEY, name TEXT NOT NULL, affiliations TEXT, extra BLOB)",
    "CREATE TABLE person_name(key TEXT NOT NULL, person INTEGER NOT NULL, kind INTEGER NOT NULL, ord INTEGER NOT NULL, "
    " name TEXT NOT NULL, PRIMARY KEY(key, person, kind, ord)) WITHOUT ROWID",
    "CREATE INDEX person_name_by_person ON person_name(person, kind, ord)",

    /* Who appears in a talk (speakers) or is named in a note (people); n is of that one, affiliations one a line. */
    "CREATE TABLE t_appearance(n INTEGER NOT NULL, ord INTEGER NOT NULL, person INTEGER NOT NULL, role TEXT, "
    " affiliations TEXT, PRIMARY KEY(n, ord)) WITHOUT ROWID",
    "CREATE INDEX appearance_by_person ON t_appearance(person, n)",

    /* An award belongs to a talk, an event or a person (owner: whose list it stands in), and may name the others. */
    "CREATE TABLE award(owner INTEGER NOT NULL, ord INTEGER NOT NULL, name TEXT NOT NULL, event INTEGER, talk INTEGER, "
    " person INTEGER, PRIMARY KEY(owner, ord)) WITHOUT ROWID",
    "CREATE INDEX award_by_event ON award(event) WHERE event IS NOT NULL",
    "CREATE INDEX award_by_talk ON award(talk) WHERE talk IS NOT NULL",
    "CREATE INDEX award_by_person ON award(person) WHERE person IS NOT NULL",

    "CREATE TABLE note_talk(note INTEGER NOT NULL, talk INTEGER NOT NULL, PRIMARY KEY(note, talk)) WITHOUT ROWID",
    "CREATE INDEX note_talk_by_talk ON note_talk(talk, note)",

    /* The first spelling of a tag is kept; it is the same tag in any case (of ASCII letters). */
    "CREATE TABLE t_tag(id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE)",
    "CREATE UNIQUE INDEX tag_by_name ON t_tag(name)",
    "CREATE TABLE tagging(n INTEGER NOT NULL, tag INTEGER NOT NULL, PRIMARY KEY(n, tag)) WITHOUT ROWID",
    "CREATE INDEX tagging_by_tag ON tagging(tag, n)",

    /* A file (or standard input) as it was imported last. bytes and sha256 are of the raw file, bom the bytes dropped
     * before its text, text_bytes of the decoded text. gaps: what no note's body repeats, in order, see origin;
     * deflated (zlib) when length(gaps) <> gaps_bytes, NULL when there is none. copy: made by `import --copy`. */
    "CREATE TABLE t_source(n INTEGER PRIMARY KEY, path TEXT NOT NULL, importer TEXT NOT NULL, version TEXT NOT NULL, "
    " sha256 BLOB NOT NULL, bytes INTEGER NOT NULL, bom INTEGER NOT NULL, encoding TEXT NOT NULL, "
    "text_bytes INTEGER NOT NULL, "
    " imported INTEGER NOT NULL, copy INTEGER NOT NULL, gaps_bytes INTEGER NOT NULL, gaps BLOB)",
    "CREATE INDEX source_by_path ON t_source(path)",
    "CREATE INDEX source_by_sha256 ON t_source(substr(sha256, 1, 6))",
    /* What came from where. byte_start..byte_end and lines: the span in the decoded text; body_start..body_end: the
     * part of the text that equals the body note_rev[rev_key(n, rev)] byte for byte (NULL: no such part). The text of
     * a source is its gaps with these bodies put in at their places. rev: note: the revision that holds the imported
     * text; others: entity.rev after the import. That is the base of the next import. key: as the importer gave it,
     * else NULL. print: fingerprint of the record, to see whether upstream changed. state: ORIGIN_ORPHANED where it is
     * gone upstream. */
    "CREATE TABLE origin(source INTEGER NOT NULL, n INTEGER NOT NULL, state INTEGER NOT NULL, rev INTEGER NOT NULL, "
    " byte_start INTEGER, byte_end INTEGER, line_start INTEGER, line_end INTEGER, body_start INTEGER, "
    "body_end INTEGER, "
    " print INTEGER NOT NULL, key TEXT, PRIMARY KEY(source, n)) WITHOUT ROWID",
    "CREATE INDEX origin_by_n ON origin(n, source)",
    /* Changed here and upstream: mine was kept. theirs: MessagePack map of the fields as they are upstream; for a body
     * theirs_rev is the revision of note_rev that holds it. */
    "CREATE TABLE conflict(id INTEGER PRIMARY KEY, n INTEGER NOT NULL, source INTEGER NOT NULL, run INTEGER NOT NULL, "
    " at INTEGER NOT NULL, mine_rev INTEGER NOT NULL, theirs_rev INTEGER, theirs BLOB, resolved INTEGER)",
    "CREATE INDEX conflict_by_n ON conflict(n)",

    /* A command that wrote (or, operations 0, only read). args: MessagePack map. Times: us is CPU of the plugin, time
     * in the store, time waiting; NULL unknown. undoes: the run this one reverts; undone: the run that reverted this
     * one. */
    "CREATE TABLE t_run(n INTEGER PRIMARY KEY, id BLOB NOT NULL, command TEXT NOT NULL, plugin TEXT, "
    "plugin_hash TEXT, args BLOB, "
    " started INTEGER NOT NULL, duration_ms INTEGER, plugin_cpu_us INTEGER, store_us INTEGER, waiting_us INTEGER, "
    " status TEXT NOT NULL, operations INTEGER NOT NULL, undoes INTEGER, undone INTEGER)",
    "CREATE UNIQUE INDEX run_by_id ON t_run(id)",
    /* Every change of an entity, in order. op: enum journal_op. rev: entity.rev after it. prev: the journal row before
     * this one about the same n, NULL for the first. before: MessagePack map of the fields that changed with their
     * values before, as image.c describes them (references are n, a body is its body_rev); NULL for what was made,
     * deleted or restored. */
    "CREATE TABLE journal(seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, n INTEGER NOT NULL, op INTEGER NOT NULL, "
    " rev INTEGER NOT NULL, at INTEGER NOT NULL, source INTEGER, prev INTEGER, before BLOB)",
    "CREATE INDEX journal_by_run ON journal(run)",

    "CREATE TABLE state(plugin TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY(plugin, "
    "key)) WITHOUT ROWID",
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID",

    /* What is searched: each live note, and each live talk that no live note is about (its abstract is the body). A
     * note is found by its talks' titles, speakers, tags and abstracts too. index.c keeps fts equal to this view; rowid
     * is n. */
    "CREATE VIEW doc(n, title, speakers, tags, body) AS "
    "SELECT t.n, "
    " coalesce(t.title, '') || coalesce((SELECT char(10) || group_concat(k.title, char(10)) FROM note_talk x "
    "  JOIN entity d ON d.n = x.talk AND d.deleted IS NULL JOIN t_talk k ON k.n = x.talk AND k.title IS NOT t.title "
    "  WHERE x.note = t.n), ''), "
    " coalesce((SELECT group_concat(p.name, char(10)) FROM note_talk x JOIN entity d ON d.n = x.talk AND d.deleted "
    "IS NULL "
    "  JOIN t_appearance a ON a.n = x.talk JOIN t_person p ON p.n = a.person WHERE x.note = t.n), ''), "
    " coalesce((SELECT group_concat(g.name, char(10)) FROM tagging i JOIN t_tag g ON g.id = i.tag WHERE i.n = t.n), "
    "'') || "
    " coalesce((SELECT char(10) || group_concat(g.name, char(10)) FROM note_talk x "
    "  JOIN entity d ON d.n = x.talk AND d.deleted IS NULL JOIN tagging i ON i.n = x.talk JOIN t_tag g ON g.id = i.tag "
    "  WHERE x.note = t.n AND NOT EXISTS (SELECT 1 FROM tagging o WHERE o.n = t.n AND o.tag = i.tag)), ''), "
    " r.body || coalesce((SELECT char(10) || group_concat(k.abstract, char(10)) FROM note_talk x "
    "  JOIN entity d ON d.n = x.talk AND d.deleted IS NULL JOIN t_talk k ON k.n = x.talk "
    "  WHERE x.note = t.n AND k.abstract IS NOT NULL AND instr(r.body, k.abstract) = 0), '') "
    "FROM t_note t JOIN entity e ON e.n = t.n AND e.deleted IS NULL JOIN note_rev r ON r.k = (t.n << 20 | t.body_rev) "
    "UNION ALL "
    "SELECT t.n, t.title, "
    " coalesce((SELECT group_concat(p.name, char(10)) FROM t_appearance a JOIN t_person p ON p.n = a.person WHERE "
    "a.n = t.n), ''), "
    " coalesce((SELECT group_concat(g.name, char(10)) FROM tagging i JOIN t_tag g ON g.id = i.tag WHERE i.n = t.n), "
    "''), "
    " coalesce(t.abstract, '') "
    "FROM t_talk t JOIN entity e ON e.n = t.n AND e.deleted IS NULL WHERE NOT EXISTS (SELECT 1 FROM note_talk x "
    " JOIN entity d ON d.n = x.note AND d.deleted IS NULL WHERE x.talk = t.n)",
    "CREATE VIRTUAL TABLE fts USING fts5(title, speakers, tags, body, content='doc', content_rowid='n', "
    " tokenize='porter unicode61 remove_diacritics 2')",
    /* A transaction's words are collected before they become a segment, and segments wait a little to be merged: with
     * the defaults a tenth of an import goes into merging. */
    "INSERT INTO fts(fts, rank) VALUES('hashsize', 33554432)",
    "INSERT INTO fts(fts, rank) VALUES('automerge', 8)",

    /* The views that `lectern sql` documents: live things only, ids as text, times as RFC 3339, `n` to join them by. */
    "CREATE VIEW note AS SELECT t.n, " ID(
        "e.id") " AS id, t.kind, t.title, a.name AS author, v.slug AS event, t.part_of, "
                " t.ord, t.lang, t.words, " TAGS " AS tags, e.rev, " INSTANT("e.created") " AS created, " INSTANT(
                    "e.updated") " AS updated, "
                                 " r.body" LIVE("t_note") "JOIN note_rev r ON r.k = (t.n << 20 | t.body_rev) LEFT JOIN "
                                                          "t_person a ON a.n = t.author "
                                                          " LEFT JOIN t_event v ON v.n = coalesce(t.event, (SELECT "
                                                          "k.event FROM note_talk x JOIN t_talk k ON k.n = x.talk "
                                                          "  WHERE x.note = t.n ORDER BY x.talk LIMIT 1))",
    "CREATE VIEW talk AS SELECT t.n, " ID(
        "e.id") " AS id, t.kind, t.kind_as_written, t.title, v.slug AS event, v.year AS year, "
                " s.name AS session, "
                " (SELECT group_concat(p.name, ', ') FROM t_appearance a JOIN t_person p ON p.n = a.person WHERE a.n = "
                "t.n) AS "
                "speakers, "
                " t.start, t.\"end\", t.room, t.building, t.url, t.slides_url, t.video_url, t.lang, " TAGS " AS tags, "
                " coalesce((SELECT sum(m.words) FROM note_talk x JOIN t_note m ON m.n = x.note JOIN entity d ON d.n = "
                "m.n AND "
                "  d.deleted IS NULL WHERE x.talk = t.n), 0) AS words, "
                " e.rev, " INSTANT("e.created") " AS created, " INSTANT("e.updated") " AS updated, t.abstract" LIVE(
                    "t_talk") "LEFT JOIN t_event v ON v.n = t.event LEFT JOIN t_session s ON s.n = t.session",
    "CREATE VIEW event AS SELECT t.n, " ID(
        "e.id") " AS id, t.slug, t.name, t.full_name, t.series, t.year, t.start, t.\"end\", "
                " t.place, t.url, t.parent, e.rev, " INSTANT("e.created") " AS created, " INSTANT(
                    "e.updated") " AS updated" LIVE("t_event"),
    "CREATE VIEW session AS SELECT t.n, " ID("e.id") " AS id, v.slug AS event, t.name, t.start, t.\"end\", t.room, "
                                                     "t.ord, e.rev, " INSTANT("e.created") " AS created, " INSTANT(
                                                         "e.updated") " AS updated" LIVE("t_session") "LEFT JOIN "
                                                                                                      "t_event v ON "
                                                                                                      "v.n = t.event",
    "CREATE VIEW person AS SELECT t.n, " ID("e.id") " AS id, t.name, t.affiliations, e.rev, " INSTANT(
        "e.created") " AS created, " INSTANT("e.updated") " AS updated" LIVE("t_person"),
    /* talk, note and person are n of the views of that name; one of talk and note is NULL. */
    "CREATE VIEW appearance AS SELECT iif(e.type = 1, t.n, NULL) AS talk, iif(e.type = 0, t.n, NULL) AS note, "
    "t.person, "
    " p.name, t.role, t.affiliations, t.ord" LIVE("t_appearance") "JOIN t_person p ON p.n = t.person",
    /* One row for each tag of each talk and note. */
    "CREATE VIEW tag AS SELECT g.name, iif(e.type = 1, t.n, NULL) AS talk, iif(e.type = 0, t.n, NULL) AS note" LIVE(
        "tagging") "JOIN t_tag g ON g.id = t.tag",
    "CREATE VIEW source AS SELECT t.n, " ID(
        "e.id") " AS id, t.path, t.importer, t.version, lower(hex(t.sha256)) AS sha256, "
                " t.bytes, t.encoding, " INSTANT("t.imported") " AS imported" LIVE("t_source"),
    "CREATE VIEW run AS SELECT t.n, " ID("t.id") " AS id, t.command, t.plugin, " INSTANT(
        "t.started") " AS started, "
                     " t.duration_ms, t.status, t.operations, t.undone IS NOT NULL AS undone FROM t_run t",
    NULL,
};

static const char *const schema_2[] = {
    /* The revision of note_rev that mine and theirs both come from: what they clash in is computed from the three. A
     * row with resolved 0 was never open: it only keeps what the source said where that did not become ours. */
    "ALTER TABLE conflict ADD COLUMN base_rev INTEGER",
    "CREATE INDEX conflict_open ON conflict(n) WHERE resolved IS NULL",
    NULL,
};

/* What a text of document t begins with: nothing in English, and where no language is said; see tokenizer.c. */
#define PLAIN "iif(t.lang IS NULL OR t.lang LIKE 'en%', '', char(2))"

static const char *const schema_3[] = {
    /* What the file's entry in its folder looked like when these bytes were read (see import_read.c), NULL where that is no
     * evidence. Equal: the file need not be read to know that it did not change. */
    "ALTER TABLE t_source ADD COLUMN stamp INTEGER",
    /* The content of files that notes have, each once. */
    "CREATE TABLE t_attachment(k INTEGER PRIMARY KEY, sha256 BLOB NOT NULL, content BLOB NOT NULL)",
    "CREATE UNIQUE INDEX attachment_by_sha256 ON t_attachment(sha256)",
    /* Which note has it, or had it in a revision that one can go back to. What it is called there: "attachments" of
     * t_note.extra, maps with the hash as "sha256". */
    "CREATE TABLE attached(n INTEGER NOT NULL, attachment INTEGER NOT NULL, PRIMARY KEY(n, attachment)) WITHOUT ROWID",
    "CREATE INDEX attached_by_attachment ON attached(attachment)",
    /* The search index stems English alone; doc is as it was, but for the mark. */
    "DROP TABLE fts",
    "DROP VIEW doc",
    "CREATE VIEW doc(n, title, speakers, tags, body) AS "
    "SELECT t.n, " PLAIN
    " || coalesce(t.title, '') || coalesce((SELECT char(10) || group_concat(k.title, char(10)) FROM note_talk x "
    "  JOIN entity d ON d.n = x.talk AND d.deleted IS NULL JOIN t_talk k ON k.n = x.talk AND k.title IS NOT t.title "
    "  WHERE x.note = t.n), ''), "
    " " PLAIN
    " || coalesce((SELECT group_concat(p.name, char(10)) FROM note_talk x JOIN entity d ON d.n = x.talk AND d.deleted "
    "IS NULL "
    "  JOIN t_appearance a ON a.n = x.talk JOIN t_person p ON p.n = a.person WHERE x.note = t.n), ''), "
    " " PLAIN
    " || coalesce((SELECT group_concat(g.name, char(10)) FROM tagging i JOIN t_tag g ON g.id = i.tag WHERE i.n = t.n), "
    "'') || "
    " coalesce((SELECT char(10) || group_concat(g.name, char(10)) FROM note_talk x "
    "  JOIN entity d ON d.n = x.talk AND d.deleted IS NULL JOIN tagging i ON i.n = x.talk JOIN t_tag g ON g.id = i.tag "
    "  WHERE x.note = t.n AND NOT EXISTS (SELECT 1 FROM tagging o WHERE o.n = t.n AND o.tag = i.tag)), ''), "
    " " PLAIN " || r.body || coalesce((SELECT char(10) || group_concat(k.abstract, char(10)) FROM note_talk x "
    "  JOIN entity d ON d.n = x.talk AND d.deleted IS NULL JOIN t_talk k ON k.n = x.talk "
    "  WHERE x.note = t.n AND k.abstract IS NOT NULL AND instr(r.body, k.abstract) = 0), '') "
    "FROM t_note t JOIN entity e ON e.n = t.n AND e.deleted IS NULL JOIN note_rev r ON r.k = (t.n << 20 | t.body_rev) "
    "UNION ALL "
    "SELECT t.n, " PLAIN " || t.title, "
    " " PLAIN
    " || coalesce((SELECT group_concat(p.name, char(10)) FROM t_appearance a JOIN t_person p ON p.n = a.person WHERE "
    "a.n = t.n), ''), "
    " " PLAIN
    " || coalesce((SELECT group_concat(g.name, char(10)) FROM tagging i JOIN t_tag g ON g.id = i.tag WHERE i.n = t.n), "
    "''), "
    " " PLAIN " || coalesce(t.abstract, '') "
    "FROM t_talk t JOIN entity e ON e.n = t.n AND e.deleted IS NULL WHERE NOT EXISTS (SELECT 1 FROM note_talk x "
    " JOIN entity d ON d.n = x.note AND d.deleted IS NULL WHERE x.talk = t.n)",
    "CREATE VIRTUAL TABLE fts USING fts5(title, speakers, tags, body, content='doc', content_rowid='n', "
    " tokenize='lectern')",
    "INSERT INTO fts(fts, rank) VALUES('hashsize', 33554432)",
    "INSERT INTO fts(fts, rank) VALUES('automerge', 8)",
    "INSERT INTO fts(fts) VALUES('rebuild')",
    /* The pieces of all documents up to grams_upto.n, for what stands inside of words and in scripts without spaces; see
     * grams_priv.h. A piece is a word of five letters and digits. */
    "CREATE VIRTUAL TABLE grams USING fts5(text, content='', columnsize=0, detail=none, tokenize='ascii')",
    "INSERT INTO grams(grams, rank) VALUES('hashsize', 8388608)",
    "INSERT INTO grams(grams, rank) VALUES('automerge', 8)",
    "CREATE TABLE grams_upto(n INTEGER NOT NULL)",
    "INSERT INTO grams_upto VALUES(0)",
    NULL,
};

static const char *const schema_4[] = {
    /* Where an id, or a SHA-256 of t_source, is to be looked for: k is in one of two, see keys_priv.h. */
    "CREATE TABLE key_recent(k INTEGER PRIMARY KEY)",
    "CREATE TABLE key_settled(k INTEGER PRIMARY KEY)",
    "INSERT INTO key_settled(k) SELECT lectern_key(id, 0, n) FROM entity UNION ALL SELECT lectern_key(sha256, 1, n) "
    "FROM t_source WHERE length(sha256) >= 4 ORDER BY 1",
    "DROP INDEX entity_by_id",
    "DROP INDEX source_by_sha256",
    NULL,
};

static const char *const *const migrations[] = {schema_1, schema_2, schema_3, schema_4};
enum { NEWEST = sizeof migrations / sizeof *migrations };

int store_schema(void) {
    return NEWEST;
}

const char *journal_op_name(enum journal_op op) {
    static const char *const names[] = {"make",     "update",   "delete",  "restore", "tag",
                                        "conflict", "upstream", "resolve", "purge"};
    return op <= JOURNAL_PURGE ? names[op] : "update";
}

static int run_migrations(struct db *db, int from, int to, struct err *err) {
    int rc = 0;
    for (int i = from; i < to && !rc; i++) {
        for (const char *const *sql = migrations[i]; *sql && !rc; sql++) {
            rc = db_exec(db, *sql, err);
        }
    }
    return rc;
}

static int set_numbers(struct db *db, int version, struct err *err) {
    char sql[160];
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d;", SCHEMA_APPLICATION_ID, version);
    return db_exec(db, sql, err);
}

/* Asked without the help of db_sql, which would read the whole schema first: this is on the way of every start. */
int schema_version(struct db *db, int *version, struct err *err) {
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &st, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(st);
        *version = rc == SQLITE_ROW ? sqlite3_column_int(st, 0) : 0;
    }
    sqlite3_finalize(st);
    return rc == SQLITE_ROW ? 0 : db_error(db, rc, err);
}

int schema_migrate(struct db *db, struct err *err) {
    return schema_migrate_to(db, NEWEST, err);
}

int schema_migrate_to(struct db *db, int to, struct err *err) {
    int from = 0;
    int rc = db_ready(db, err); /* its modes cannot be set inside a transaction */
    rc = rc ? rc : db_exec(db, "BEGIN EXCLUSIVE", err);
    if (rc) {
        return rc;
    }
    rc = schema_version(db, &from, err);
    if (!rc) {
        rc = run_migrations(db, from, to, err);
    }
    if (!rc) {
        rc = set_numbers(db, to, err);
    }
    if (!rc) {
        rc = db_exec(db, "COMMIT", err);
    }
    if (rc) {
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    }
    return rc;
}
