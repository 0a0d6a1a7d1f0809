/* fields_priv.h - every field of every entity, once: its name, what may stand in it, who has it.
 *
 * Both what people write (contract form: "event" is a slug, "speakers" are names) and what is stored (image form:
 * references are n) use these names; see image_priv.h for the latter.
 */
#ifndef LECTERN_STORE_FIELDS_PRIV_H
#define LECTERN_STORE_FIELDS_PRIV_H

#include "store/store.h"

enum field_id {
    /* one column each, named as the field */
    F_KIND,
    F_TITLE,
    F_KIND_AS_WRITTEN,
    F_EVENT,
    F_SESSION,
    F_START,
    F_END,
    F_ROOM,
    F_BUILDING,
    F_URL,
    F_SLIDES_URL,
    F_VIDEO_URL,
    F_LANG,
    F_ABSTRACT,
    F_AUTHOR,
    F_PART_OF,
    F_ORD,
    F_BODY,
    F_SLUG,
    F_NAME,
    F_FULL_NAME,
    F_SERIES,
    F_YEAR,
    F_PLACE,
    F_PARENT,
    F_AFFILIATIONS,
    F_PATH,
    F_IMPORTER,
    F_VERSION,
    F_SHA256,
    F_BYTES,
    F_BOM,
    F_ENCODING,
    F_TEXT_BYTES,
    F_IMPORTED,
    F_COPY,
    F_GAPS_BYTES,
    F_GAPS,
    F_STAMP,
    /* rows of other tables */
    F_TALKS,
    F_SPEAKERS,
    F_PEOPLE,
    F_AWARDS,
    F_ALIASES,
    F_TAGS,
    F_ORIGINS,
    /* kept together in the column `extra` */
    F_FIELDS,
    F_LINKS,
    F_QUESTIONS,
    F_ATTACHMENTS,
    F_COUNT
};

enum field_kind {
    FIELD_LINE,  /* text, one line, trimmed, at most FIELD_LINE_MAX bytes */
    FIELD_TITLE, /* the same without a final full stop; not empty where the entity must have one */
    FIELD_TEXT,  /* text, at most FIELD_TEXT_MAX bytes */
    FIELD_TIME,  /* conference time */
    FIELD_INT,
    FIELD_YEAR,
    FIELD_ENUM, /* one of field_choices() */
    FIELD_SLUG,
    FIELD_EVENT,   /* reference: slug, "NAME YEAR", id, or map */
    FIELD_SESSION, /* reference: name, or map with id or name */
    FIELD_PERSON,  /* reference: name, or map with id or name */
    FIELD_NOTE,    /* reference: id */
    FIELD_TALKS,   /* list of ids */
    FIELD_PEOPLE,  /* list of names or {name, role, affiliations} */
    FIELD_AWARDS,  /* list of names or {name, event, talk, person} */
    FIELD_NAMES,   /* list of lines */
    FIELD_TAGS,
    FIELD_MAP,  /* free map */
    FIELD_MAPS, /* list of maps; a string stands for {"url"} (links) or {"q"} (questions) */
    FIELD_OWN,  /* set by the store alone */
};
enum { FIELD_LINE_MAX = 1000, FIELD_TEXT_MAX = 16 * 1024 * 1024, FIELD_LIST_MAX = 4096, FIELD_DEPTH_MAX = 24 };

struct field {
    const char *name;
    enum field_kind kind;
    unsigned entities; /* 1 << ENTITY_x of each that has it */
};
extern const struct field fields[F_COUNT];

const char *entity_a(enum entity e); /* "an event", for messages */
/* The field NAME of ENTITY: 0 and *OUT, or -1. */
int field_of(enum entity entity, const char *name, enum field_id *out);
/* What KIND may be (NULL-terminated), or NULL where the entity has no kinds. */
const char *const *field_choices(enum entity entity);
const char *const *field_roles(void);
/* The nearest name to WORD among the fields of ENTITY, or NULL. */
const char *field_nearest(enum entity entity, const char *word);
/* True for what objects show but nobody sets: "id", "rev", "words" ... */
bool field_is_shown_only(const char *name);

#endif
