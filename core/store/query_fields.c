/* query_fields.c - what the fields of the query language mean, in one table.
 *
 * A new field is one row (query_priv.h explains the columns and the tests in braces). A field says which talks and
 * which notes have it; events, persons, sessions, tags and sources then follow from those, unless the row says what it
 * means for them.
 */
#include <string.h>
#include <strings.h>

#include "store/query_priv.h"

#define APPEARING                                                                                                      \
    "SELECT a.n FROM person_name x CROSS JOIN t_appearance a ON a.person = x.person CROSS JOIN entity e ON e.n = a.n "
#define NAMED_PERSON "SELECT x.person FROM person_name x WHERE {key x.key x.name}"
#define NAMED_EVENT "SELECT x.event FROM event_name x WHERE {key x.key x.name}"
#define TAGGED "SELECT i.n FROM t_tag g JOIN tagging i ON i.tag = g.id WHERE {is g.name}"
#define FROM_SOURCE(test) "SELECT o.n FROM t_source s JOIN origin o ON o.source = s.n WHERE " test
#define BY_ID "t.rowid IN (SELECT e.n FROM entity e WHERE {id e.id})"
/* Notes that are shown as the one talk they belong to. */
#define ONE_TALK                                                                                                       \
    "SELECT x.note FROM note_talk x JOIN entity e ON e.n = x.talk AND e.deleted IS NULL GROUP BY x.note HAVING "       \
    "count(*) = 1"

/* When a note is about: the event's time; a note that nobody imported and that is about no talk has its own. */
#define DAY(instant) "strftime('%Y-%m-%dT%H:%M', " instant " / 1000, 'unixepoch')"
#define NOTE_DATES                                                                                                     \
    "SELECT n FROM (SELECT t.n AS n, coalesce(v.start, v.year, iif(EXISTS (SELECT 1 FROM origin o WHERE o.n = t.n) "   \
    "OR EXISTS (SELECT 1 FROM note_talk x WHERE x.note = t.n), NULL, " DAY(                                            \
        "e.created") ")) AS at FROM t_note t "                                                                         \
                     "JOIN entity e ON e.n = t.n LEFT JOIN t_event v ON v.n = t.event)"
#define DATED(instant) "SELECT n FROM (SELECT e.n AS n, " DAY(instant) " AS at FROM entity e) WHERE {date at}"
#define DATED_ROWS(set)                                                                                                \
    {                                                                                                                  \
        [ENTITY_EVENT] = "t.rowid IN (" set ")", [ENTITY_SESSION] = "t.rowid IN (" set ")",                            \
        [ENTITY_PERSON] = "t.rowid IN (" set ")", [ENTITY_SOURCE] = "t.rowid IN (" set ")",                            \
    }

const struct query_field query_fields[] = {
    {"title",
     NULL,
     QUERY_COLUMN | QUERY_NOTES_TOO,
     "SELECT n FROM t_talk WHERE {words title}",
     "SELECT n FROM t_note WHERE {words title}",
     NULL,
     {[ENTITY_EVENT] = "t.rowid IN (" NAMED_EVENT ")",
      [ENTITY_PERSON] = "t.rowid IN (" NAMED_PERSON ")",
      [ENTITY_SESSION] = "{words t.name}",
      [OBJECT_TAG] = "{has t.name}",
      [ENTITY_SOURCE] = "{has t.path}"}},
    {"body",
     NULL,
     QUERY_COLUMN | QUERY_TALKS_TOO,
     "SELECT n FROM t_talk WHERE {in abstract}",
     "SELECT m.n FROM t_note m JOIN note_rev r ON r.k = (m.n << 20 | m.body_rev) WHERE {in r.body}",
     NULL,
     {NULL}},
    {"event",
     "conference",
     QUERY_NOTES_TOO,
     "SELECT n FROM t_talk WHERE {event event}",
     "SELECT n FROM t_note WHERE {event event}",
     NULL,
     {[ENTITY_EVENT] = "{event t.rowid}", [ENTITY_SESSION] = "{event t.event}"}},
    {"speaker",
     "speakers",
     QUERY_NOTES_TOO,
     APPEARING "WHERE e.type = 1 AND {key x.key x.name}",
     NULL,
     NULL,
     {[ENTITY_PERSON] = "t.rowid IN (" NAMED_PERSON ")"}},
    {"person",
     "people",
     QUERY_NOTES_TOO | QUERY_TALKS_TOO,
     APPEARING "WHERE {key x.key x.name}",
     APPEARING "WHERE {key x.key x.name} UNION ALL SELECT n FROM t_note WHERE author IN (" NAMED_PERSON ")",
     NULL,
     {[ENTITY_PERSON] = "t.rowid IN (" NAMED_PERSON ")"}},
    {"author",
     NULL,
     QUERY_NOTES_TOO | QUERY_TALKS_TOO,
     APPEARING "WHERE e.type = 1 AND a.role = 'author' AND {key x.key x.name}",
     "SELECT n FROM t_note WHERE author IN (" NAMED_PERSON ")",
     NULL,
     {[ENTITY_PERSON] = "t.rowid IN (" NAMED_PERSON ")"}},
    {"affiliation",
     "affil",
     QUERY_NOTES_TOO,
     "SELECT n FROM t_appearance WHERE {words affiliations} UNION ALL SELECT a.n FROM t_person p JOIN t_appearance a "
     "ON a.person = p.n WHERE {words p.affiliations}",
     NULL,
     NULL,
     {[ENTITY_PERSON] =
          "({words t.affiliations} OR t.rowid IN (SELECT person FROM t_appearance WHERE {words affiliations}))"}},
    {"tag", "tags", QUERY_NOTES_TOO | QUERY_TALKS_TOO, TAGGED, TAGGED, NULL, {[OBJECT_TAG] = "{is t.name}"}},
    {"kind",
     NULL,
     0,
     NULL,
     NULL,
     "SELECT n FROM t_talk WHERE {is kind} UNION ALL SELECT n FROM t_note WHERE {is kind} AND n NOT IN (" ONE_TALK
     ") UNION ALL "
     "SELECT x.note FROM t_talk k JOIN note_talk x ON x.talk = k.n WHERE {is k.kind}",
     {[ENTITY_TALK] = "{is t.kind}", [ENTITY_NOTE] = "{is t.kind}"}},
    {"type",
     NULL,
     0,
     NULL,
     NULL,
     "SELECT n FROM t_talk WHERE {is 'talk'} UNION ALL SELECT n FROM t_note WHERE {is 'note'} AND n NOT IN (" ONE_TALK
     ") UNION ALL SELECT * FROM (" ONE_TALK ") WHERE {is 'talk'}",
     {[ENTITY_TALK] = "{is 'talk'}",
      [ENTITY_NOTE] = "{is 'note'}",
      [ENTITY_EVENT] = "{is 'event'}",
      [ENTITY_SESSION] = "{is 'session'}",
      [ENTITY_PERSON] = "{is 'person'}",
      [ENTITY_SOURCE] = "{is 'source'}",
      [OBJECT_TAG] = "{is 'tag'}"}},
    {"session",
     NULL,
     QUERY_NOTES_TOO,
     "SELECT k.n FROM t_session s JOIN t_talk k ON k.session = s.n WHERE {words s.name}",
     NULL,
     NULL,
     {[ENTITY_SESSION] = "{words t.name}"}},
    {"room",
     NULL,
     QUERY_NOTES_TOO,
     NULL,
     NULL,
     NULL,
     {[ENTITY_TALK] = "{words t.room}", [ENTITY_SESSION] = "{words t.room}"}},
    {"place",
     NULL,
     QUERY_NOTES_TOO,
     "SELECT k.n FROM t_event v JOIN t_talk k ON k.event = v.n WHERE {words v.place}",
     "SELECT k.n FROM t_event v JOIN t_note k ON k.event = v.n WHERE {words v.place}",
     NULL,
     {[ENTITY_EVENT] = "{words t.place}"}},
    {"series",
     NULL,
     QUERY_NOTES_TOO,
     "SELECT k.n FROM t_event v JOIN t_talk k ON k.event = v.n WHERE {is v.series}",
     "SELECT k.n FROM t_event v JOIN t_note k ON k.event = v.n WHERE {is v.series}",
     NULL,
     {[ENTITY_EVENT] = "{is t.series}"}},
    {"year",
     NULL,
     QUERY_NOTES_TOO,
     "SELECT k.n FROM t_talk k LEFT JOIN t_event v ON v.n = k.event WHERE {year "
     "coalesce(v.year,substr(k.start,1,4)+0)}",
     "SELECT k.n FROM t_event v JOIN t_note k ON k.event = v.n WHERE {year v.year}",
     NULL,
     {[ENTITY_EVENT] = "{year t.year}",
      [ENTITY_SESSION] = "t.event IN (SELECT v.n FROM t_event v WHERE {year v.year})"}},
    {"source",
     NULL,
     QUERY_TALKS_TOO,
     FROM_SOURCE("{has s.path} OR {is s.importer} OR s.n IN (SELECT n FROM entity e WHERE {id e.id})"),
     FROM_SOURCE("{has s.path} OR {is s.importer} OR s.n IN (SELECT n FROM entity e WHERE {id e.id})"),
     NULL,
     {[ENTITY_SOURCE] = "({has t.path} OR {is t.importer} OR " BY_ID ")"}},
    {"path",
     NULL,
     QUERY_TALKS_TOO,
     FROM_SOURCE("{has s.path}"),
     FROM_SOURCE("{has s.path}"),
     NULL,
     {[ENTITY_SOURCE] = "{has t.path}"}},
    {"importer",
     NULL,
     QUERY_TALKS_TOO,
     FROM_SOURCE("{is s.importer}"),
     FROM_SOURCE("{is s.importer}"),
     NULL,
     {[ENTITY_SOURCE] = "{is t.importer}"}},
    {"award",
     "awards",
     QUERY_NOTES_TOO,
     "SELECT coalesce(talk, owner) FROM award WHERE {words name}",
     NULL,
     NULL,
     {[ENTITY_EVENT] = "t.rowid IN (SELECT coalesce(event, owner) FROM award WHERE {words name})",
      [ENTITY_PERSON] = "t.rowid IN (SELECT coalesce(person, owner) FROM award WHERE {words name})"}},
    {"lang",
     "language",
     0,
     NULL,
     NULL,
     NULL,
     {[ENTITY_TALK] = "({is t.lang} OR {is substr(t.lang,1,2)})",
      [ENTITY_NOTE] = "({is t.lang} OR {is substr(t.lang,1,2)})"}},
    {"id",
     NULL,
     0,
     NULL,
     NULL,
     NULL,
     {[ENTITY_TALK] = BY_ID,
      [ENTITY_NOTE] = BY_ID,
      [ENTITY_EVENT] = BY_ID,
      [ENTITY_SESSION] = BY_ID,
      [ENTITY_PERSON] = BY_ID,
      [ENTITY_SOURCE] = BY_ID,
      [OBJECT_TAG] = "0"}},
    {"words",
     NULL,
     0,
     NULL,
     NULL,
     NULL,
     {[ENTITY_TALK] = "t.rowid IN (SELECT n FROM (SELECT x.talk AS n, sum(m.words) AS c FROM note_talk x JOIN t_note m "
                      "ON m.n = x.note JOIN entity e ON e.n = x.note AND e.deleted IS NULL GROUP BY x.talk) WHERE "
                      "{number c})",
      [ENTITY_NOTE] = "{number t.words}"}},
    {"date",
     NULL,
     QUERY_NOTES_TOO,
     "SELECT n FROM (SELECT k.n AS n, coalesce(k.start, v.start, v.year) AS at FROM t_talk k LEFT JOIN t_event v ON "
     "v.n "
     "= k.event) WHERE {date at}",
     NOTE_DATES " WHERE {date at}",
     NULL,
     {[ENTITY_EVENT] = "{date coalesce(t.start,t.year)}", [ENTITY_SESSION] = "{date t.start}"}},
    {"created", NULL, 0, DATED("e.created"), DATED("e.created"), NULL, DATED_ROWS(DATED("e.created"))},
    {"updated", NULL, 0, DATED("e.updated"), DATED("e.updated"), NULL, DATED_ROWS(DATED("e.updated"))},
    {"field",
     NULL,
     QUERY_DOTTED | QUERY_NOTES_TOO,
     NULL,
     NULL,
     NULL,
     {[ENTITY_TALK] = "{words lectern_field(t.extra,@)}",
      [ENTITY_NOTE] = "{words lectern_field(t.extra,@)}",
      [ENTITY_EVENT] = "{words lectern_field(t.extra,@)}"}},
    {"query", "saved", QUERY_SAVED, NULL, NULL, NULL, {NULL}},
    {"has", NULL, QUERY_NAMED, NULL, NULL, NULL, {NULL}},
    {"is", NULL, QUERY_NAMED, NULL, NULL, NULL, {NULL}},
    {NULL, NULL, 0, NULL, NULL, NULL, {NULL}},
};

/* Talks whose notes, or notes whose talks, have it are meant only where that is said. */
#define CONFLICTED "SELECT n FROM conflict WHERE resolved IS NULL"
#define ORPHANED "SELECT n FROM origin WHERE state = 1"
#define TEXTED "SELECT x.talk FROM note_talk x JOIN entity e ON e.n = x.note AND e.deleted IS NULL"
#define IMPORTED "SELECT n FROM origin"

const struct query_field query_has[] = {
    {"abstract", NULL, 0, NULL, NULL, NULL, {[ENTITY_TALK] = "t.abstract IS NOT NULL"}},
    {"note", "notes", 0, TEXTED, NULL, NULL, {NULL}},
    {"body", "text", 0, TEXTED, NULL, NULL, {[ENTITY_NOTE] = "t.words > 0"}},
    {"talk",
     "talks",
     0,
     NULL,
     "SELECT note FROM note_talk",
     NULL,
     {[ENTITY_EVENT] = "t.rowid IN (SELECT event FROM t_talk)"}},
    {"slides", NULL, QUERY_NOTES_TOO, NULL, NULL, NULL, {[ENTITY_TALK] = "t.slides_url IS NOT NULL"}},
    {"video", NULL, QUERY_NOTES_TOO, NULL, NULL, NULL, {[ENTITY_TALK] = "t.video_url IS NOT NULL"}},
    {"url",
     NULL,
     QUERY_NOTES_TOO,
     NULL,
     NULL,
     NULL,
     {[ENTITY_TALK] = "t.url IS NOT NULL", [ENTITY_EVENT] = "t.url IS NOT NULL"}},
    {"start",
     "time",
     QUERY_NOTES_TOO,
     NULL,
     NULL,
     NULL,
     {[ENTITY_TALK] = "t.start IS NOT NULL", [ENTITY_EVENT] = "t.start IS NOT NULL"}},
    {"room", NULL, QUERY_NOTES_TOO, NULL, NULL, NULL, {[ENTITY_TALK] = "t.room IS NOT NULL"}},
    {"session", NULL, QUERY_NOTES_TOO, NULL, NULL, NULL, {[ENTITY_TALK] = "t.session IS NOT NULL"}},
    {"event",
     NULL,
     QUERY_NOTES_TOO,
     NULL,
     NULL,
     NULL,
     {[ENTITY_TALK] = "t.event IS NOT NULL",
      [ENTITY_NOTE] = "(t.event IS NOT NULL OR t.n IN (SELECT x.note FROM note_talk x JOIN t_talk k ON k.n = x.talk "
                      "WHERE k.event IS NOT NULL))"}},
    {"speaker", "speakers", QUERY_NOTES_TOO, "SELECT n FROM t_appearance", NULL, NULL, {NULL}},
    {"author", NULL, QUERY_TALKS_TOO, NULL, NULL, NULL, {[ENTITY_NOTE] = "t.author IS NOT NULL"}},
    {"tag", "tags", QUERY_NOTES_TOO | QUERY_TALKS_TOO, "SELECT n FROM tagging", "SELECT n FROM tagging", NULL, {NULL}},
    {"award",
     "awards",
     QUERY_NOTES_TOO,
     "SELECT coalesce(talk, owner) FROM award",
     NULL,
     NULL,
     {[ENTITY_EVENT] = "t.rowid IN (SELECT coalesce(event, owner) FROM award)",
      [ENTITY_PERSON] = "t.rowid IN (SELECT coalesce(person, owner) FROM award)"}},
    {"question",
     "questions",
     QUERY_TALKS_TOO,
     NULL,
     NULL,
     NULL,
     {[ENTITY_NOTE] = "instr(t.extra, CAST('questions' AS BLOB))"}},
    {"link",
     "links",
     QUERY_TALKS_TOO,
     NULL,
     NULL,
     NULL,
     {[ENTITY_NOTE] = "instr(t.extra, CAST('links' AS BLOB))",
      [ENTITY_TALK] = "instr(t.extra, CAST('links' AS BLOB))"}},
    {"attachment",
     "attachments",
     QUERY_TALKS_TOO,
     NULL,
     NULL,
     NULL,
     {[ENTITY_NOTE] = "instr(t.extra, CAST('attachments' AS BLOB))"}},
    {"source", "sources", 0, IMPORTED, IMPORTED, NULL, {NULL}},
    {"conflict", "conflicted", QUERY_TALKS_TOO, CONFLICTED, CONFLICTED, NULL, {NULL}},
    {"orphaned", "orphan", 0, ORPHANED, ORPHANED, NULL, {NULL}},
    {"part", NULL, 0, NULL, NULL, NULL, {[ENTITY_NOTE] = "t.part_of IS NOT NULL"}},
    {NULL, NULL, 0, NULL, NULL, NULL, {NULL}},
};

/* Words without a field. Talks, notes and documents have the index, and that of pieces for what it cannot find. */
const struct query_field query_words = {
    "",
    NULL,
    QUERY_NOTES_TOO | QUERY_TALKS_TOO,
    NULL,
    NULL,
    NULL,
    {[ENTITY_EVENT] = "(t.rowid IN (" NAMED_EVENT ") OR {has t.slug} OR {words t.place})",
     [ENTITY_PERSON] = "(t.rowid IN (" NAMED_PERSON ") OR {words t.affiliations})",
     [ENTITY_SESSION] = "{words t.name}",
     [OBJECT_TAG] = "{has t.name}",
     [ENTITY_SOURCE] = "({has t.path} OR {is t.importer})"}};

static bool same_name(const char *name, const char *s, size_t n) {
    return name && strlen(name) == n && strncasecmp(name, s, n) == 0;
}

const struct query_field *query_field_of(const struct query_field *table, const char *name, size_t n) {
    for (const struct query_field *f = table; f->name; f++) {
        if (same_name(f->name, name, n) || same_name(f->also, name, n)) {
            return f;
        }
    }
    return NULL;
}
