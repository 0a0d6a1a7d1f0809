/* fields.c - the table of fields and the words that stand in them. Data, and looking it up. */
#include "store/fields_priv.h"

#include <string.h>

#include "base/text.h"

#define N (1u << ENTITY_NOTE)
#define T (1u << ENTITY_TALK)
#define E (1u << ENTITY_EVENT)
#define S (1u << ENTITY_SESSION)
#define P (1u << ENTITY_PERSON)
#define O (1u << ENTITY_SOURCE)

const struct field fields[F_COUNT] = {
    [F_KIND] = {"kind", FIELD_ENUM, N | T},
    [F_TITLE] = {"title", FIELD_TITLE, N | T},
    [F_KIND_AS_WRITTEN] = {"kind_as_written", FIELD_LINE, T},
    [F_EVENT] = {"event", FIELD_EVENT, N | T | S},
    [F_SESSION] = {"session", FIELD_SESSION, T},
    [F_START] = {"start", FIELD_TIME, T | E | S},
    [F_END] = {"end", FIELD_TIME, T | E | S},
    [F_ROOM] = {"room", FIELD_LINE, T | S},
    [F_BUILDING] = {"building", FIELD_LINE, T},
    [F_URL] = {"url", FIELD_LINE, T | E},
    [F_SLIDES_URL] = {"slides_url", FIELD_LINE, T},
    [F_VIDEO_URL] = {"video_url", FIELD_LINE, T},
    [F_LANG] = {"lang", FIELD_LINE, N | T},
    [F_ABSTRACT] = {"abstract", FIELD_TEXT, T},
    [F_AUTHOR] = {"author", FIELD_PERSON, N},
    [F_PART_OF] = {"part_of", FIELD_NOTE, N},
    [F_ORD] = {"ord", FIELD_INT, N | S},
    [F_BODY] = {"body", FIELD_TEXT, N},
    [F_SLUG] = {"slug", FIELD_SLUG, E},
    [F_NAME] = {"name", FIELD_LINE, E | S | P},
    [F_FULL_NAME] = {"full_name", FIELD_LINE, E},
    [F_SERIES] = {"series", FIELD_LINE, E},
    [F_YEAR] = {"year", FIELD_YEAR, E},
    [F_PLACE] = {"place", FIELD_LINE, E},
    [F_PARENT] = {"parent", FIELD_EVENT, E},
    [F_AFFILIATIONS] = {"affiliations", FIELD_NAMES, P},
    [F_PATH] = {"path", FIELD_OWN, O},
    [F_IMPORTER] = {"importer", FIELD_OWN, O},
    [F_VERSION] = {"version", FIELD_OWN, O},
    [F_SHA256] = {"sha256", FIELD_OWN, O},
    [F_BYTES] = {"bytes", FIELD_OWN, O},
    [F_BOM] = {"bom", FIELD_OWN, O},
    [F_ENCODING] = {"encoding", FIELD_OWN, O},
    [F_TEXT_BYTES] = {"text_bytes", FIELD_OWN, O},
    [F_IMPORTED] = {"imported", FIELD_OWN, O},
    [F_COPY] = {"copy", FIELD_OWN, O},
    [F_GAPS_BYTES] = {"gaps_bytes", FIELD_OWN, O},
    [F_GAPS] = {"gaps", FIELD_OWN, O},
    [F_STAMP] = {"stamp", FIELD_OWN, O},
    [F_TALKS] = {"talks", FIELD_TALKS, N},
    [F_SPEAKERS] = {"speakers", FIELD_PEOPLE, T},
    [F_PEOPLE] = {"people", FIELD_PEOPLE, N},
    [F_AWARDS] = {"awards", FIELD_AWARDS, T | E | P},
    [F_ALIASES] = {"aliases", FIELD_NAMES, E | P},
    [F_TAGS] = {"tags", FIELD_TAGS, N | T},
    [F_ORIGINS] = {"origins", FIELD_OWN, O},
    [F_FIELDS] = {"fields", FIELD_MAP, N | T | E | S | P},
    [F_LINKS] = {"links", FIELD_MAPS, N | T},
    [F_QUESTIONS] = {"questions", FIELD_MAPS, N},
    [F_ATTACHMENTS] = {"attachments", FIELD_MAPS, N},
};

#undef N
#undef T
#undef E
#undef S
#undef P
#undef O

static const char *const entity_names[ENTITY_COUNT] = {"note", "talk", "event", "session", "person", "source"};
static const char *const note_kinds[] = {"note", "post", "programme", "digest", "scratch", NULL};
static const char *const talk_kinds[] = {"talk",   "keynote",   "tutorial", "paper",      "mention", "panel",
                                         "poster", "lightning", "demo",     "discussion", "other",   NULL};
static const char *const roles[] = {"speaker", "author", "presenter", "organiser", "panelist", NULL};
static const char *const shown_only[] = {"id",    "short", "type",    "created", "updated", "rev", "words",
                                         "notes", "talks", "sources", "count",   "deleted", NULL};

const char *entity_name(enum entity e) {
    return (unsigned)e < ENTITY_COUNT ? entity_names[e] : "thing";
}

const char *entity_a(enum entity e) {
    static const char *const names[ENTITY_COUNT] = {"a note",    "a talk",   "an event",
                                                    "a session", "a person", "a source"};
    return (unsigned)e < ENTITY_COUNT ? names[e] : "a thing";
}

int entity_of(const char *name, enum entity *out) {
    for (int e = 0; e < ENTITY_COUNT; e++) {
        if (strcmp(entity_names[e], name) == 0) {
            *out = (enum entity)e;
            return 0;
        }
    }
    return -1;
}

int field_of(enum entity entity, const char *name, enum field_id *out) {
    for (int f = 0; f < F_COUNT; f++) {
        if ((fields[f].entities >> entity & 1) && strcmp(fields[f].name, name) == 0) {
            *out = (enum field_id)f;
            return 0;
        }
    }
    return -1;
}

const char *const *field_choices(enum entity entity) {
    return entity == ENTITY_NOTE ? note_kinds : entity == ENTITY_TALK ? talk_kinds : NULL;
}

const char *const *field_roles(void) {
    return roles;
}

const char *field_nearest(enum entity entity, const char *word) {
    const char *names[F_COUNT];
    size_t count = 0;
    for (int f = 0; f < F_COUNT; f++) {
        if ((fields[f].entities >> entity & 1) && fields[f].kind != FIELD_OWN) {
            names[count++] = fields[f].name;
        }
    }
    return text_nearest(word, names, count);
}

bool field_is_shown_only(const char *name) {
    for (const char *const *s = shown_only; *s; s++) {
        if (strcmp(*s, name) == 0) {
            return true;
        }
    }
    return false;
}
