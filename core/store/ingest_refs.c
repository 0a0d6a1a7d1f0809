/* ingest_refs.c - the references in a record: names and maps of events, persons, awards, sessions.
 *
 * The one idea: what passes here cannot be refused later, so a source can be written straight into the transaction.
 * The few things only the store can judge (an id somebody wrote) make the source risky: it gets a savepoint.
 */
#include <string.h>

#include "base/text.h"
#include "store/form_priv.h"
#include "store/ingest_priv.h"

enum { TAG_MAX = 100, PARENTS_MAX = 4 };

static const char *const person_words[] = {"name", "role", "affiliations", "id"};
static const char *const award_words[] = {"name", "event", "talk", "person"};
static const char *const name_words[] = {"name", "id"};
static const char *const event_words[] = {"name",  "year", "full_name", "series", "aliases", "start", "end",
                                          "place", "url",  "parent",    "fields", "id",      "slug"};

static int check_words(const char *what, const struct value *map, const char *const *words, size_t count,
                       struct err *err) {
    for (size_t i = 0; i < map->len; i++) {
        const struct value *key = &map->pairs[i].key;
        size_t w = 0;
        while (w < count && !value_eqs(key, words[w])) {
            w++;
        }
        if (w == count) {
            const char *near = text_nearest(value_cstr(key, ""), words, count);
            err_set(err, E_DATA, "%s has no '%.60s'", what, value_cstr(key, "?"));
            return near ? err_hint(err, "did you mean '%s'?", near) : -(int)E_DATA;
        }
    }
    return 0;
}
#define CHECK_WORDS(what, map, words, err) check_words(what, map, words, sizeof(words) / sizeof *(words), err)

static int check_name(struct ingestion *g, const char *what, const struct value *v, struct err *err) {
    struct value line;
    int rc = form_kind(FIELD_LINE, "name", NULL, v, g->a, &line, err);
    if (!rc && !value_is(&line, VALUE_STR)) {
        rc = err_set(err, E_DATA, "%s wants a name", what);
    }
    return rc;
}

static bool looks_like_id(const struct value *v) {
    struct uuid id;
    return value_is(v, VALUE_STR) && uuid_parse(v->s, v->len, &id);
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

static int check_event(struct ingestion *g, const struct value *v, int depth, struct err *err);

static int check_event_map(struct ingestion *g, const struct value *map, int depth, struct err *err) {
    static const enum field_id plain[] = {F_YEAR, F_FULL_NAME, F_SERIES, F_ALIASES, F_START,
                                          F_END,  F_PLACE,     F_URL,    F_FIELDS};
    struct value ignored;
    const struct value *parent = value_get(map, "parent");
    int rc = 0;
    if (!value_is(value_get(map, "id"), VALUE_NIL)) {
        g->risky = true;
    } else {
        rc = check_name(g, "an event", value_get(map, "name"), err);
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain && !rc; i++) {
        rc = form_value(ENTITY_EVENT, plain[i], value_get(map, fields[plain[i]].name), g->a, &ignored, err);
    }
    if (!rc && !value_is(parent, VALUE_NIL)) {
        rc = depth < PARENTS_MAX ? check_event(g, parent, depth + 1, err)
                                 : err_set(err, E_DATA, "events are nested deeper than %d", PARENTS_MAX);
    }
    return rc;
}

static int check_event(struct ingestion *g, const struct value *v, int depth, struct err *err) {
    if (value_is(v, VALUE_MAP)) {
        int rc = CHECK_WORDS("an event", v, event_words, err);
        return rc ? rc : check_event_map(g, v, depth, err);
    }
    g->risky = g->risky || looks_like_id(v);
    return check_name(g, "an event", v, err);
}

/* ---- persons, awards, tags --------------------------------------------------------------------------------------- */

static int check_person(struct ingestion *g, const struct value *v, struct err *err) {
    struct value ignored;
    struct value lines;
    if (!value_is(v, VALUE_MAP)) {
        return check_name(g, "a person", v, err);
    }
    int rc = CHECK_WORDS("a person", v, person_words, err);
    if (!rc && !value_is(value_get(v, "id"), VALUE_NIL)) {
        g->risky = true;
    } else if (!rc) {
        rc = check_name(g, "a person", value_get(v, "name"), err);
    }
    rc = rc ? rc : form_kind(FIELD_ENUM, "role", field_roles(), value_get(v, "role"), g->a, &ignored, err);
    const struct value *affiliations = value_get(v, "affiliations");
    enum field_kind kind = value_is(affiliations, VALUE_STR) ? FIELD_LINE : FIELD_NAMES;
    return rc ? rc : form_kind(kind, "affiliations", NULL, affiliations, g->a, &lines, err);
}

static int check_award(struct ingestion *g, const struct value *v, struct err *err) {
    if (!value_is(v, VALUE_MAP)) {
        return check_name(g, "an award", v, err);
    }
    int rc = CHECK_WORDS("an award", v, award_words, err);
    rc = rc ? rc : check_name(g, "an award", value_get(v, "name"), err);
    if (!rc && !value_is(value_get(v, "event"), VALUE_NIL)) {
        rc = check_event(g, value_get(v, "event"), 0, err);
    }
    if (!rc && !value_is(value_get(v, "person"), VALUE_NIL)) {
        rc = check_person(g, value_get(v, "person"), err);
    }
    g->risky = g->risky || !value_is(value_get(v, "talk"), VALUE_NIL);
    return rc;
}

static int check_named(struct ingestion *g, const char *what, const struct value *v, struct err *err) {
    if (!value_is(v, VALUE_MAP)) {
        return check_name(g, what, v, err);
    }
    int rc = CHECK_WORDS(what, v, name_words, err);
    if (!rc && !value_is(value_get(v, "id"), VALUE_NIL)) {
        g->risky = true;
        return 0;
    }
    return rc ? rc : check_name(g, what, value_get(v, "name"), err);
}

static int check_tag(struct ingestion *g, const struct value *v, struct err *err) {
    (void)g;
    return v->len <= TAG_MAX ? 0 : err_set(err, E_DATA, "tag '%.40s...' is too long, at most %d bytes", v->s, TAG_MAX);
}

typedef int check_entry(struct ingestion *g, const struct value *v, struct err *err);

static int check_each(struct ingestion *g, const struct value *list, check_entry *check, struct err *err) {
    int rc = 0;
    for (size_t i = 0; value_is(list, VALUE_ARRAY) && i < list->len && !rc; i++) {
        rc = check(g, &list->items[i], err);
    }
    return rc;
}

/* ---- the door ---------------------------------------------------------------------------------------------------- */

static int check_field(struct ingestion *g, enum field_id f, const struct value *v, struct err *err) {
    switch (fields[f].kind) {
    case FIELD_EVENT:
        return check_event(g, v, 0, err);
    case FIELD_SESSION:
        return check_named(g, "a session", v, err);
    case FIELD_PERSON:
        return check_named(g, "a person", v, err);
    case FIELD_PEOPLE:
        return check_each(g, v, check_person, err);
    case FIELD_AWARDS:
        return check_each(g, v, check_award, err);
    case FIELD_TAGS:
        return check_each(g, v, check_tag, err);
    default:
        return 0;
    }
}

int ingest_check_refs(struct ingestion *g, const struct record *r, struct err *err) {
    int rc = 0;
    for (int f = 0; f < F_COUNT && !rc; f++) {
        if (image_has(&r->form, (enum field_id)f) && !form_is_plain(fields[f].kind)) {
            rc = check_field(g, (enum field_id)f, &r->form.v[f], err);
        }
    }
    return rc;
}
