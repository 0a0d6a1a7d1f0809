/* find_sort.c - what lists can be sorted by.
 *
 * A new order is one row: its name, and for each type that has it an SQL expression over the row, called t, and its
 * entity, called e. Unknown comes last in both directions.
 */
#include <string.h>

#include "base/text.h"
#include "store/query_priv.h"
#include "store/read_priv.h"

#define TALK_WORDS                                                                                                     \
    "(SELECT sum(m.words) FROM note_talk x JOIN t_note m ON m.n = x.note JOIN entity d ON d.n = m.n AND d.deleted IS " \
    "NULL "                                                                                                            \
    "WHERE x.talk = t.n)"
#define TRASH "(SELECT n FROM entity WHERE deleted IS NOT NULL)"
#define EVENT_YEAR "(SELECT v.year FROM t_event v WHERE v.n = t.event)"

static const struct sort {
    const char *name;
    bool text;
    const char *by[OBJECT_TYPES];
} sorts[] = {
    {"title",
     true,
     {[ENTITY_TALK] = "t.title",
      [ENTITY_NOTE] = "t.title",
      [ENTITY_EVENT] = "t.name",
      [ENTITY_PERSON] = "t.name",
      [ENTITY_SESSION] = "t.name",
      [OBJECT_TAG] = "t.name",
      [ENTITY_SOURCE] = "t.path"}},
    {"name",
     true,
     {[ENTITY_TALK] = "t.title",
      [ENTITY_NOTE] = "t.title",
      [ENTITY_EVENT] = "t.name",
      [ENTITY_PERSON] = "t.name",
      [ENTITY_SESSION] = "t.name",
      [OBJECT_TAG] = "t.name",
      [ENTITY_SOURCE] = "t.path"}},
    {"created",
     false,
     {"t.rowid", "t.rowid", "t.rowid", "t.rowid", "t.rowid", "t.rowid",
      "t.rowid"}}, /* numbers are given in that order */
    {"updated", false, {"e.updated", "e.updated", "e.updated", "e.updated", "e.updated", "e.updated", NULL}},
    {"start", true, {[ENTITY_TALK] = "t.start", [ENTITY_EVENT] = "t.start", [ENTITY_SESSION] = "t.start"}},
    {"words", false, {[ENTITY_TALK] = TALK_WORDS, [ENTITY_NOTE] = "t.words"}},
    {"year",
     false,
     {[ENTITY_TALK] = EVENT_YEAR,
      [ENTITY_NOTE] = EVENT_YEAR,
      [ENTITY_EVENT] = "t.year",
      [ENTITY_SESSION] = EVENT_YEAR}},
    {"kind", true, {[ENTITY_TALK] = "t.kind", [ENTITY_NOTE] = "t.kind"}},
    {"event",
     true,
     {[ENTITY_TALK] = "(SELECT v.slug FROM t_event v WHERE v.n = t.event)",
      [ENTITY_NOTE] = "(SELECT v.slug FROM t_event v WHERE v.n = t.event)",
      [ENTITY_SESSION] = "(SELECT v.slug FROM t_event v WHERE v.n = t.event)"}},
    {"session", true, {[ENTITY_TALK] = "(SELECT s.name FROM t_session s WHERE s.n = t.session)"}},
    {"speaker",
     true,
     {[ENTITY_TALK] = "(SELECT p.name FROM t_appearance a JOIN t_person p ON p.n = a.person WHERE a.n = "
                      "t.n ORDER BY a.ord LIMIT 1)"}},
    {"author", true, {[ENTITY_NOTE] = "(SELECT p.name FROM t_person p WHERE p.n = t.author)"}},
    {"room", true, {[ENTITY_TALK] = "t.room", [ENTITY_SESSION] = "t.room"}},
    {"lang", true, {[ENTITY_TALK] = "t.lang", [ENTITY_NOTE] = "t.lang"}},
    {"end", true, {[ENTITY_TALK] = "t.\"end\"", [ENTITY_EVENT] = "t.\"end\"", [ENTITY_SESSION] = "t.\"end\""}},
    {"slug", true, {[ENTITY_EVENT] = "t.slug"}},
    {"series", true, {[ENTITY_EVENT] = "t.series"}},
    {"place", true, {[ENTITY_EVENT] = "t.place"}},
    {"path", true, {[ENTITY_SOURCE] = "t.path"}},
    {"importer", true, {[ENTITY_SOURCE] = "t.importer"}},
    {"imported", false, {[ENTITY_SOURCE] = "t.imported"}},
    {"bytes", false, {[ENTITY_SOURCE] = "t.bytes"}},
    {"rev", false, {"e.rev", "e.rev", "e.rev", "e.rev", "e.rev", "e.rev", NULL}},
    {"ord", false, {[ENTITY_NOTE] = "t.ord", [ENTITY_SESSION] = "t.ord"}},
    {"count",
     false,
     {[OBJECT_TAG] = "(SELECT count(*) FROM tagging i WHERE i.tag = t.id AND i.n NOT IN " TRASH ")",
      [ENTITY_EVENT] =
          "(SELECT count(*) FROM t_talk k WHERE k.event = t.n AND k.kind <> 'mention' AND k.n NOT IN " TRASH ")",
      [ENTITY_PERSON] =
          "(SELECT count(DISTINCT k.n) FROM t_appearance a JOIN t_talk k ON k.n = a.n WHERE a.person = t.n "
          "AND k.kind <> 'mention' AND k.n NOT IN " TRASH ")"}},
};
enum { SORTS = sizeof sorts / sizeof *sorts };

static int unknown_sort(int type, const char *name, struct err *err) {
    struct buf list = BUF_INIT;
    const char *names[SORTS];
    size_t count = 0;
    for (size_t i = 0; i < SORTS; i++) {
        if (sorts[i].by[type]) {
            names[count++] = sorts[i].name;
            buf_addf(&list, "%s%s", list.len ? ", " : "", sorts[i].name);
        }
    }
    const char *near = text_nearest(name, names, count);
    const char *what = object_types[type].name;
    if (near) {
        err_set(err, E_USAGE, "a %s cannot be sorted by '%s'; did you mean '%s'?", what, name, near);
    } else {
        err_set(err, E_USAGE, "a %s cannot be sorted by '%s'", what, name);
    }
    int rc = err_hint(err, "one of: %s; with ':desc' the other way round", list.data);
    buf_release(&list);
    return rc;
}

int find_sort(int type, const char *text, struct arena *a, const char **expression, bool *descending, struct err *err) {
    if (!text || !*text) {
        return 0;
    }
    size_t n = strcspn(text, ":");
    const char *name = arena_dup(a, text, n);
    *descending = strcmp(text + n, ":desc") == 0;
    if (text[n] && !*descending && strcmp(text + n, ":asc") != 0) {
        return err_set(err, E_USAGE, "sort order '%s' is neither 'asc' nor 'desc'", text + n + 1);
    }
    for (size_t i = 0; i < SORTS; i++) {
        if (strcmp(sorts[i].name, name) == 0 && sorts[i].by[type]) {
            if (strcmp(name, "created") != 0) {
                const char *last = sorts[i].text ? (*descending ? "''" : "char(1114111)")
                                                 : (*descending ? "-1" : "9223372036854775807");
                *expression = arena_printf(a, "coalesce(%s, %s)%s", sorts[i].by[type], last,
                                           sorts[i].text ? " COLLATE NOCASE" : "");
            }
            return 0;
        }
    }
    return unknown_sort(type, name, err);
}
