/* objects_priv.h - rows to the contract's objects. Inside core/store only.
 *
 * objects_table.c says what each type's fields are, in their order, and where they come from; objects.c reads them, a
 * page at a time with one statement for each relation. An object is a map made in the caller's arena.
 */
#ifndef LECTERN_STORE_OBJECTS_PRIV_H
#define LECTERN_STORE_OBJECTS_PRIV_H

#include "store/db_priv.h"

/* ---- the table ------------------------------------------------------------------------------------------------- */

/* Types of objects: the entities, and tags, whose n is t_tag.id. */
enum { OBJECT_TAG = ENTITY_COUNT, OBJECT_TYPES };

/* Where a field's value comes from. The first group takes columns of the type's SELECT, in order; the others take
 * none. */
enum show_from {
    SHOW_TEXT,    /* 1 column */
    SHOW_INT,     /* 1 column */
    SHOW_UUID,    /* 1 column: BLOB(16) -> text */
    SHOW_HEX,     /* 1 column: BLOB -> hex digits */
    SHOW_INSTANT, /* 1 column: milliseconds -> RFC 3339 */
    SHOW_LINES,   /* 1 column: text -> array, one item a line */
    SHOW_EVENT,   /* 4 columns: id, slug, name, year */
    SHOW_PERSON,  /* 2 columns: id, name */
    SHOW_EXTRA,   /* none: from `extra`, an empty map where absent */
    SHOW_EXTRAS,  /* none: from `extra`, an empty array where absent */
    SHOW_LIST,    /* none: filled by a relation */
    SHOW_SUM,     /* none: filled by a relation */
    SHOW_BODY,    /* none: only when asked for, read last */
};

struct shown_field {
    const char *name;
    enum show_from from;
};

/* Rows that fill a SHOW_LIST or SHOW_SUM. The SQL takes the page as ?1, a JSON array of n, and gives first the index
 * in it. */
struct relation {
    const char *sql;
    const char *list;                                       /* field that gets row(), or NULL */
    struct value (*row)(struct arena *a, sqlite3_stmt *st); /* from column 1 on */
    const char *sum;                                        /* field that column SUM_AT is added to, or NULL */
    int sum_at;
};

/* SELECT: index in the page, id, created, updated, deleted, extra, then the columns of FIELDS; ?1 as above. */
struct object_type {
    const char *name;
    const char *select;
    const char *body; /* one text for n ?1, or NULL */
    const struct shown_field *fields;
    const struct relation *relations; /* up to one without sql */
};
extern const struct object_type object_types[OBJECT_TYPES];
int object_type_of(const char *name); /* or -1 */

/* ---- loading --------------------------------------------------------------------------------------------------- */

/* What a page may hold and what its objects carry. */
struct load {
    int type;
    bool body;
    size_t budget;              /* bytes after which no further object is added; 0: no limit */
    const struct value *fields; /* names of what they carry beside their id; NULL: everything */
};
/* Are all of FIELDS names of what a TYPE carries? -E_USAGE */
int objects_check_fields(int type, const struct value *fields, struct err *err);
/* Append the objects NS[0..COUNT), live or not, to the array ITEMS; a prefix of them where the budget ends it, but
 * ITEMS never stays empty for that. An n that is not there is an empty map. */
int objects_load(struct db *db, const struct load *load, const int64_t *ns, size_t count, struct arena *a,
                 struct value *items, struct err *err);
/* One entity. *OUT is nil where there is none, or it is in the trash and o->deleted is false. */
int object_load(struct db *db, int64_t n, const struct get_options *o, struct arena *a, struct value *out,
                struct err *err);
/* objects_rev.c: turn OUT, object N of TYPE as it is now at revision NOW, into what it was at revision REV.
 * -E_NOTFOUND. */
int object_at_revision(struct db *db, int type, int64_t n, int64_t now, int64_t rev, struct arena *a, struct value *out,
                       struct err *err);

/* objects_rev.c: put FIELDS (a map in image form) in the place of those that OBJECT, loaded for N, has. */
int object_with(struct db *db, int64_t n, const struct value *fields, struct arena *a, struct value *object,
                struct err *err);

/* Text of the shortest prefix of ID, of at least 8 digits, that no other entity has. */
int object_short(struct db *db, const struct uuid *id, struct arena *a, struct value *out, struct err *err);
/* Columns from I on; nil where SQL has NULL. */
struct value object_uuid(struct arena *a, sqlite3_stmt *st, int i);
struct value object_text(struct arena *a, sqlite3_stmt *st, int i);
struct value object_lines(struct arena *a, sqlite3_stmt *st, int i);  /* array, empty for NULL */
struct value object_event(struct arena *a, sqlite3_stmt *st, int i);  /* id, slug, name, year */
struct value object_person(struct arena *a, sqlite3_stmt *st, int i); /* id, name */
struct value object_instant(struct arena *a, int64_t ms);             /* whole seconds, as in the views */
size_t object_bytes(const struct value *v);                           /* about what V takes on the wire */
/* NS as a JSON array, in A. */
const char *objects_json(struct arena *a, const int64_t *ns, size_t count);

#endif
