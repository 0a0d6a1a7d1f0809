/* objects_table.c - what the objects of the contract are made of, in one table.
 *
 * The one idea: a field is a row here, in the order of the JSON, and the columns of the type's SELECT follow the same
 * order. A relation reads the related rows of a whole page at once; its first column says whose they are. References to
 * things in the trash stay: what was said about a talk does not change when its event is thrown away.
 */
#include <string.h>

#include "store/objects_priv.h"

/* Every SELECT starts with the page in its order, and with what all entities have. */
#define PAGE "json_each(?1) j CROSS JOIN "
#define OF "SELECT j.key, e.id, e.created, e.updated, e.deleted, "
#define FROM(table) " FROM " PAGE table " t ON t.n = j.value CROSS JOIN entity e ON e.n = t.n "
#define EVENT "ve.id, v.slug, v.name, v.year, "
#define JOIN_EVENT(n) "LEFT JOIN t_event v ON v.n = " n " LEFT JOIN entity ve ON ve.n = v.n "

/* Small and indexed: cheaper to keep at hand than to look at every entity that is counted. */
#define TRASH "(SELECT n FROM entity WHERE deleted IS NOT NULL)"

/* ---- rows of relations ----------------------------------------------------------------------------------------- */

/* Id and title of a talk. */
static struct value talk_ref(struct arena *a, sqlite3_stmt *st, int i) {
    if (col_null(st, i)) {
        return value_nil;
    }
    struct value ref = value_map(a, 2);
    value_set(a, &ref, "id", object_uuid(a, st, i));
    value_set(a, &ref, "title", object_text(a, st, i + 1));
    return ref;
}

static struct value id_row(struct arena *a, sqlite3_stmt *st) {
    return object_uuid(a, st, 1);
}

static struct value text_row(struct arena *a, sqlite3_stmt *st) {
    return object_text(a, st, 1);
}

static struct value speaker_row(struct arena *a, sqlite3_stmt *st) {
    struct value v = value_map(a, 4);
    value_set(a, &v, "id", object_uuid(a, st, 1));
    value_set(a, &v, "name", object_text(a, st, 2));
    struct value role = object_text(a, st, 3);
    value_set(a, &v, "role", value_is(&role, VALUE_NIL) ? value_lit("speaker") : role); /* what is not said otherwise */
    value_set(a, &v, "affiliations", object_lines(a, st, 4));
    return v;
}

static struct value participant_row(struct arena *a, sqlite3_stmt *st) {
    struct value v = value_map(a, 3);
    value_set(a, &v, "id", object_uuid(a, st, 1));
    value_set(a, &v, "name", object_text(a, st, 2));
    value_set(a, &v, "role", object_text(a, st, 3));
    return v;
}

static struct value award_row(struct arena *a, sqlite3_stmt *st) {
    struct value v = value_map(a, 3);
    value_set(a, &v, "name", object_text(a, st, 1));
    value_set(a, &v, "event", object_event(a, st, 2));
    return v;
}

static struct value person_award_row(struct arena *a, sqlite3_stmt *st) {
    struct value v = award_row(a, st);
    value_set(a, &v, "talk", talk_ref(a, st, 6));
    return v;
}

static struct value event_award_row(struct arena *a, sqlite3_stmt *st) {
    struct value v = value_map(a, 3);
    value_set(a, &v, "name", object_text(a, st, 1));
    value_set(a, &v, "talk", talk_ref(a, st, 2));
    value_set(a, &v, "person", object_person(a, st, 4));
    return v;
}

static struct value origin_row(struct arena *a, sqlite3_stmt *st) {
    static const char *const spans[] = {"byte_start", "byte_end", "line_start", "line_end"};
    struct value v = value_map(a, 9);
    value_set(a, &v, "id", object_uuid(a, st, 1));
    value_set(a, &v, "path", object_text(a, st, 2));
    value_set(a, &v, "importer", object_text(a, st, 3));
    for (int i = 0; i < 4; i++) {
        value_set(a, &v, spans[i], col_value(st, 4 + i, a));
    }
    value_set(a, &v, "encoding", object_text(a, st, 8));
    value_set(a, &v, "orphaned", value_bool(col_int(st, 9) == ORIGIN_ORPHANED));
    return v;
}

/* ---- relations that several types have ------------------------------------------------------------------------- */

#define TAGS                                                                                                           \
    {                                                                                                                  \
        "SELECT j.key, g.name FROM " PAGE "tagging i ON i.n = j.value CROSS JOIN t_tag g ON g.id = i.tag", "tags",     \
            text_row, NULL, 0                                                                                          \
    }
#define SOURCES                                                                                                        \
    {                                                                                                                  \
        "SELECT j.key, e.id, s.path, s.importer, o.byte_start, o.byte_end, o.line_start, o.line_end, s.encoding, "     \
        "o.state "                                                                                                     \
        "FROM " PAGE                                                                                                   \
        "origin o ON o.n = j.value CROSS JOIN t_source s ON s.n = o.source CROSS JOIN entity e ON e.n = o.source "     \
        "WHERE e.deleted IS NULL",                                                                                     \
            "sources", origin_row, NULL, 0                                                                             \
    }
#define APPEARANCES(list, row)                                                                                         \
    {                                                                                                                  \
        "SELECT j.key, e.id, p.name, a.role, a.affiliations FROM " PAGE "t_appearance a ON a.n = j.value "             \
        "CROSS JOIN t_person p ON p.n = a.person CROSS JOIN entity e ON e.n = a.person",                               \
            list, row, NULL, 0                                                                                         \
    }
#define COUNT(field, sql)                                                                                              \
    { sql, NULL, NULL, field, 1 }
/* "conflict" where something waits for a decision, "orphaned" where no source holds it any more. */
#define MARKS                                                                                                          \
    {                                                                                                                  \
        "SELECT j.key, 'conflict' FROM " PAGE "conflict c ON c.n = j.value WHERE c.resolved IS NULL GROUP BY j.key "   \
        "UNION ALL SELECT j.key, 'orphaned' FROM " PAGE                                                                \
        "origin o ON o.n = j.value CROSS JOIN entity e ON e.n = o.source AND e.deleted IS NULL GROUP BY j.key "        \
        "HAVING min(o.state) = 1",                                                                                     \
            "marks", text_row, NULL, 0                                                                                 \
    }
#define END                                                                                                            \
    { NULL, NULL, NULL, NULL, 0 }

/* ---- talk ------------------------------------------------------------------------------------------------------ */

static const struct shown_field talk_fields[] = {
    {"kind", SHOW_TEXT},
    {"kind_as_written", SHOW_TEXT},
    {"title", SHOW_TEXT},
    {"event", SHOW_EVENT},
    {"session", SHOW_TEXT},
    {"speakers", SHOW_LIST},
    {"awards", SHOW_LIST},
    {"start", SHOW_TEXT},
    {"end", SHOW_TEXT},
    {"room", SHOW_TEXT},
    {"building", SHOW_TEXT},
    {"url", SHOW_TEXT},
    {"slides_url", SHOW_TEXT},
    {"video_url", SHOW_TEXT},
    {"abstract", SHOW_BODY},
    {"lang", SHOW_TEXT},
    {"tags", SHOW_LIST},
    {"fields", SHOW_EXTRA},
    {"links", SHOW_EXTRAS},
    {"notes", SHOW_LIST},
    {"words", SHOW_SUM},
    {"rev", SHOW_INT},
    {"marks", SHOW_LIST},
    {"sources", SHOW_LIST},
    {NULL, 0},
};

static const struct relation talk_relations[] = {
    APPEARANCES("speakers", speaker_row),
    {"SELECT j.key, w.name, " EVENT "0 FROM " PAGE "award w ON w.owner = j.value " JOIN_EVENT("w.event"), "awards",
     award_row, NULL, 0},
    TAGS,
    {"SELECT j.key, e.id, m.words FROM " PAGE "note_talk x ON x.talk = j.value CROSS JOIN entity e ON e.n = x.note "
     "CROSS JOIN t_note m ON m.n = x.note WHERE e.deleted IS NULL",
     "notes", id_row, "words", 2},
    MARKS,
    SOURCES,
    END,
};

/* ---- note ------------------------------------------------------------------------------------------------------ */

static const struct shown_field note_fields[] = {
    {"kind", SHOW_TEXT},    {"title", SHOW_TEXT},       {"author", SHOW_PERSON}, {"event", SHOW_EVENT},
    {"talks", SHOW_LIST},   {"part_of", SHOW_UUID},     {"ord", SHOW_INT},       {"body", SHOW_BODY},
    {"lang", SHOW_TEXT},    {"words", SHOW_INT},        {"tags", SHOW_LIST},     {"fields", SHOW_EXTRA},
    {"links", SHOW_EXTRAS}, {"questions", SHOW_EXTRAS}, {"people", SHOW_LIST},   {"attachments", SHOW_EXTRAS},
    {"rev", SHOW_INT},      {"marks", SHOW_LIST},       {"sources", SHOW_LIST},  {NULL, 0},
};

static const struct relation note_relations[] = {
    {"SELECT j.key, e.id FROM " PAGE "note_talk x ON x.note = j.value CROSS JOIN entity e ON e.n = x.talk "
     "WHERE e.deleted IS NULL",
     "talks", id_row, NULL, 0},
    TAGS,
    APPEARANCES("people", participant_row),
    MARKS,
    SOURCES,
    END,
};

/* ---- event ----------------------------------------------------------------------------------------------------- */

static const struct shown_field event_fields[] = {
    {"slug", SHOW_TEXT},
    {"name", SHOW_TEXT},
    {"full_name", SHOW_TEXT},
    {"series", SHOW_TEXT},
    {"aliases", SHOW_LIST},
    {"year", SHOW_INT},
    {"start", SHOW_TEXT},
    {"end", SHOW_TEXT},
    {"place", SHOW_TEXT},
    {"url", SHOW_TEXT},
    {"parent", SHOW_UUID},
    {"awards", SHOW_LIST},
    {"talks", SHOW_SUM},
    {"notes", SHOW_SUM},
    {"fields", SHOW_EXTRA},
    {"rev", SHOW_INT},
    {NULL, 0},
};

static const struct relation event_relations[] = {
    {"SELECT j.key, x.name FROM " PAGE "event_name x ON x.event = j.value WHERE x.kind = 2 ORDER BY j.key, x.ord",
     "aliases", text_row, NULL, 0},
    {"SELECT j.key, w.name, te.id, t.title, pe.id, p.name FROM " PAGE "award w ON w.owner = j.value "
     "LEFT JOIN t_talk t ON t.n = w.talk LEFT JOIN entity te ON te.n = w.talk "
     "LEFT JOIN t_person p ON p.n = w.person LEFT JOIN entity pe ON pe.n = w.person",
     "awards", event_award_row, NULL, 0},
    COUNT("talks", "SELECT j.key, count(*) FROM " PAGE
                   "t_talk t ON t.event = j.value WHERE t.kind <> 'mention' AND t.n NOT IN " TRASH " GROUP BY j.key"),
    /* A note without an event of its own is of its talks' event. */
    COUNT("notes", "SELECT j.key, count(*) FROM " PAGE "t_note t ON t.event = j.value WHERE t.n NOT IN " TRASH
                   " GROUP BY j.key"),
    COUNT("notes", "SELECT j.key, count(DISTINCT x.note) FROM " PAGE "t_talk k ON k.event = j.value "
                   "CROSS JOIN note_talk x ON x.talk = k.n CROSS JOIN t_note t ON t.n = x.note "
                   "WHERE t.event IS NULL AND x.note NOT IN " TRASH " GROUP BY j.key"),
    END,
};

/* ---- session, person, source, tag ------------------------------------------------------------------------------ */

static const struct shown_field session_fields[] = {
    {"name", SHOW_TEXT}, {"event", SHOW_EVENT}, {"start", SHOW_TEXT}, {"end", SHOW_TEXT},
    {"room", SHOW_TEXT}, {"ord", SHOW_INT},     {"rev", SHOW_INT},    {NULL, 0},
};

static const struct shown_field person_fields[] = {
    {"name", SHOW_TEXT},
    {"aliases", SHOW_LIST},
    {"affiliations", SHOW_LINES},
    {"awards", SHOW_LIST},
    {"talks", SHOW_SUM},
    {"rev", SHOW_INT},
    {NULL, 0},
};

static const struct relation person_relations[] = {
    {"SELECT j.key, x.name FROM " PAGE "person_name x ON x.person = j.value WHERE x.kind = 2 ORDER BY j.key, x.ord",
     "aliases", text_row, NULL, 0},
    {"SELECT j.key, w.name, " EVENT "te.id, t.title FROM " PAGE
     "award w ON w.owner = j.value OR w.person = j.value " JOIN_EVENT(
         "coalesce(w.event, w.owner)") "LEFT JOIN t_talk t ON t.n = coalesce(w.talk, w.owner) LEFT JOIN entity te ON "
                                       "te.n = t.n",
     "awards", person_award_row, NULL, 0},
    COUNT("talks",
          "SELECT j.key, count(DISTINCT t.n) FROM " PAGE "t_appearance a ON a.person = j.value "
          "CROSS JOIN t_talk t ON t.n = a.n WHERE t.kind <> 'mention' AND t.n NOT IN " TRASH " GROUP BY j.key"),
    END,
};

static const struct shown_field source_fields[] = {
    {"path", SHOW_TEXT},     {"sha256", SHOW_HEX},       {"bytes", SHOW_INT}, {"encoding", SHOW_TEXT},
    {"importer", SHOW_TEXT}, {"imported", SHOW_INSTANT}, {NULL, 0},
};

static const struct shown_field tag_fields[] = {{"name", SHOW_TEXT}, {"count", SHOW_INT}, {NULL, 0}};

static const struct relation no_relations[] = {END};

/* ---- the types ------------------------------------------------------------------------------------------------- */

const struct object_type object_types[OBJECT_TYPES] = {
    [ENTITY_TALK] = {"talk",
                     OF "t.extra, t.kind, t.kind_as_written, t.title, " EVENT "s.name, t.start, t.\"end\", t.room, "
                        "t.building, t.url, t.slides_url, t.video_url, t.lang, e.rev" FROM("t_talk")
                            JOIN_EVENT("t.event") "LEFT JOIN t_session s ON s.n = t.session",
                     "SELECT abstract FROM t_talk WHERE n = ?1", talk_fields, talk_relations},
    [ENTITY_NOTE] =
        {"note",
         OF "t.extra, t.kind, t.title, ae.id, p.name, " EVENT "pe.id, t.ord, t.lang, t.words, e.rev" FROM(
             "t_note") "LEFT JOIN t_person p ON p.n = t.author LEFT JOIN entity ae ON ae.n = p.n "
                       "LEFT JOIN entity pe ON pe.n = t.part_of " JOIN_EVENT(
                           "coalesce(t.event, (SELECT k.event FROM note_talk x JOIN t_talk k ON k.n = x.talk "
                           "WHERE x.note = t.n ORDER BY x.talk LIMIT 1))"),
         "SELECT r.body FROM t_note t JOIN note_rev r ON r.k = (t.n << 20 | t.body_rev) WHERE t.n = ?1", note_fields,
         note_relations},
    [ENTITY_EVENT] = {"event",
                      OF "t.extra, t.slug, t.name, t.full_name, t.series, t.year, t.start, t.\"end\", t.place, t.url, "
                         "pe.id, e.rev" FROM("t_event") "LEFT JOIN entity pe ON pe.n = t.parent",
                      NULL, event_fields, event_relations},
    [ENTITY_SESSION] = {"session",
                        OF "t.extra, t.name, " EVENT "t.start, t.\"end\", t.room, t.ord, e.rev" FROM("t_session")
                            JOIN_EVENT("t.event"),
                        NULL, session_fields, no_relations},
    [ENTITY_PERSON] = {"person", OF "t.extra, t.name, t.affiliations, e.rev" FROM("t_person"), NULL, person_fields,
                       person_relations},
    [ENTITY_SOURCE] = {"source",
                       OF "NULL, t.path, t.sha256, t.bytes, t.encoding, t.importer, t.imported" FROM("t_source"), NULL,
                       source_fields, no_relations},
    [OBJECT_TAG] =
        {"tag",
         "SELECT j.key, NULL, NULL, NULL, NULL, NULL, g.name, (SELECT count(*) FROM tagging i WHERE i.tag = g.id "
         "AND i.n NOT IN " TRASH ") FROM " PAGE "t_tag g ON g.id = j.value",
         NULL, tag_fields, no_relations},
};

int object_type_of(const char *name) {
    for (int i = 0; i < OBJECT_TYPES; i++) {
        if (strcmp(object_types[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}
