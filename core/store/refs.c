/* refs.c - what people write where a thing is meant: names and ids to n.
 *
 * The one idea: each kind of reference has one function from its contract form to its image form; plain fields pass
 * through form.c. Nothing is changed here except that events, persons, sessions and tags nobody has heard of are made.
 */
#include "store/refs_priv.h"

#include <stdlib.h>
#include <string.h>

#include "store/form_priv.h"
#include "store/names_priv.h"

enum { TAG_MAX = 100, PARENTS_MAX = 16 };

/* ---- single references ------------------------------------------------------------------------------------------- */

static int by_id(struct store *s, enum entity type, const struct value *text, int64_t *n, struct err *err) {
    struct uuid id;
    struct entity_row row;
    if (!value_is(text, VALUE_STR) || !uuid_parse(text->s, text->len, &id)) {
        return err_set(err, E_USAGE, "%s is named by its id here, not '%.60s'", entity_a(type), value_cstr(text, "?"));
    }
    int rc = entity_by_id(s, &id, &row, err);
    if (rc == 0 || (rc == 1 && row.type != type)) {
        return err_set(err, E_NOTFOUND, "there is no %s '%s'", entity_name(type), text->s);
    }
    *n = row.n;
    return rc < 0 ? rc : 0;
}

static int person(struct store *s, const struct value *v, struct arena *a, int64_t *n, struct err *err) {
    const struct value *id = value_get(v, "id");
    const struct value *name = value_is(v, VALUE_MAP) ? value_get(v, "name") : v;
    struct value line;
    if (value_is(id, VALUE_STR)) {
        return by_id(s, ENTITY_PERSON, id, n, err);
    }
    int rc = form_kind(FIELD_LINE, "name", NULL, name, a, &line, err);
    if (!rc && !value_is(&line, VALUE_STR)) {
        rc = err_set(err, E_USAGE, "a person wants a name");
    }
    return rc ? rc : names_person(s, line.s, line.len, n, err);
}

static int session(struct store *s, const struct value *v, int64_t event, struct arena *a, int64_t *n,
                   struct err *err) {
    const struct value *id = value_get(v, "id");
    const struct value *name = value_is(v, VALUE_MAP) ? value_get(v, "name") : v;
    struct value line;
    if (value_is(id, VALUE_STR)) {
        return by_id(s, ENTITY_SESSION, id, n, err);
    }
    int rc = form_kind(FIELD_LINE, "session", NULL, name, a, &line, err);
    if (!rc && !value_is(&line, VALUE_STR)) {
        rc = err_set(err, E_USAGE, "a session wants a name");
    }
    return rc ? rc : names_session(s, event, line.s, line.len, n, err);
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

static int compare_ints(const void *a, const void *b) {
    int64_t x = ((const struct value *)a)->i;
    int64_t y = ((const struct value *)b)->i;
    return (x > y) - (x < y);
}

struct value refs_sorted(struct value items) {
    uint32_t kept = 0;
    if (!items.len) {
        return value_nil;
    }
    qsort(items.items, items.len, sizeof *items.items, compare_ints);
    for (uint32_t i = 0; i < items.len; i++) {
        if (!kept || items.items[kept - 1].i != items.items[i].i) {
            items.items[kept++] = items.items[i];
        }
    }
    items.len = kept;
    return items;
}

int refs_tags(struct store *s, const struct value *names, struct arena *a, struct value *out, struct err *err) {
    struct value ids = value_array(a, names->len);
    for (size_t i = 0; value_is(names, VALUE_ARRAY) && i < names->len; i++) {
        const struct value *v = &names->items[i];
        const char *name = v->s;
        size_t len = v->len;
        int64_t id;
        while (len && (*name == '#' || *name == ' ')) {
            name++, len--;
        }
        if (len > TAG_MAX) {
            return err_set(err, E_USAGE, "tag '%.40s...' is too long, at most %d bytes", name, TAG_MAX);
        }
        int rc = len ? names_tag(s, name, len, &id, err) : 0;
        if (rc) {
            return rc;
        }
        if (len) {
            value_push(a, &ids, value_int(id));
        }
    }
    *out = refs_sorted(ids);
    return 0;
}

static int talks(struct store *s, const struct value *list, struct arena *a, struct value *out, struct err *err) {
    struct value ns = value_array(a, list->len);
    for (size_t i = 0; i < list->len; i++) {
        int64_t n;
        int rc = by_id(s, ENTITY_TALK, &list->items[i], &n, err);
        if (rc) {
            return rc;
        }
        value_push(a, &ns, value_int(n));
    }
    *out = refs_sorted(ns);
    return 0;
}

static bool has_person(const struct value *rows, const struct value *row) {
    for (size_t i = 0; i < rows->len; i++) {
        if (value_at(&rows->items[i], 0)->i == row->items[0].i &&
            value_equal(value_at(&rows->items[i], 1), &row->items[1])) {
            return true;
        }
    }
    return false;
}

/* A list of names, or a single one standing alone, to lines. */
static int lines_of(const struct value *list, struct arena *a, struct value *out, struct err *err) {
    struct value one = *list;
    if (value_is(list, VALUE_STR)) {
        one = value_array(a, 1);
        value_push(a, &one, *list);
    }
    return form_value(ENTITY_PERSON, F_AFFILIATIONS, &one, a, out, err);
}

static int people(struct store *s, const struct value *list, struct arena *a, struct value *out, struct err *err) {
    struct value rows = value_array(a, list->len);
    for (size_t i = 0; i < list->len; i++) {
        const struct value *v = &list->items[i];
        struct value row = value_array(a, 3);
        struct value role;
        struct value affiliations;
        int64_t n;
        int rc = person(s, v, a, &n, err);
        rc = rc ? rc : form_kind(FIELD_ENUM, "role", field_roles(), value_get(v, "role"), a, &role, err);
        rc = rc ? rc : lines_of(value_get(v, "affiliations"), a, &affiliations, err);
        if (rc) {
            return rc;
        }
        value_push(a, &row, value_int(n));
        value_push(a, &row, role);
        value_push(a, &row, affiliations);
        if (!has_person(&rows, &row)) {
            value_push(a, &rows, row);
        }
    }
    *out = rows.len ? rows : value_nil;
    return 0;
}

static int award(struct store *s, const struct value *v, struct arena *a, struct value *row, struct err *err) {
    const struct value *name = value_is(v, VALUE_MAP) ? value_get(v, "name") : v;
    const struct value *event = value_get(v, "event");
    const struct value *talk = value_get(v, "talk");
    const struct value *who = value_get(v, "person");
    struct value line;
    int64_t n = 0;
    int rc = form_kind(FIELD_LINE, "name", NULL, name, a, &line, err);
    if (!rc && !value_is(&line, VALUE_STR)) {
        rc = err_set(err, E_USAGE, "an award wants a name");
    }
    value_push(a, row, line);
    if (!rc && !value_is(event, VALUE_NIL)) {
        rc = names_event(s, event, a, &n, NULL, err);
    }
    value_push(a, row, value_is(event, VALUE_NIL) ? value_nil : value_int(n));
    if (!rc && !value_is(talk, VALUE_NIL)) {
        rc = by_id(s, ENTITY_TALK, value_is(talk, VALUE_MAP) ? value_get(talk, "id") : talk, &n, err);
    }
    value_push(a, row, value_is(talk, VALUE_NIL) ? value_nil : value_int(n));
    if (!rc && !value_is(who, VALUE_NIL)) {
        rc = person(s, who, a, &n, err);
    }
    value_push(a, row, value_is(who, VALUE_NIL) ? value_nil : value_int(n));
    return rc;
}

static int awards(struct store *s, const struct value *list, struct arena *a, struct value *out, struct err *err) {
    struct value rows = value_array(a, list->len);
    for (size_t i = 0; i < list->len; i++) {
        struct value row = value_array(a, 4);
        int rc = award(s, &list->items[i], a, &row, err);
        if (rc) {
            return rc;
        }
        value_push(a, &rows, row);
    }
    *out = rows.len ? rows : value_nil;
    return 0;
}

/* ---- any field --------------------------------------------------------------------------------------------------- */

int refs_field(struct store *s, enum field_id f, const struct value *v, int64_t event, struct arena *a,
               struct value *out, const char **warning, struct err *err) {
    int64_t n = 0;
    int rc = 0;
    if (value_is(v, VALUE_NIL) || form_is_plain(fields[f].kind)) {
        *out = *v;
        return 0;
    }
    switch (fields[f].kind) {
    case FIELD_TAGS:
        return refs_tags(s, v, a, out, err);
    case FIELD_TALKS:
        return talks(s, v, a, out, err);
    case FIELD_PEOPLE:
        return people(s, v, a, out, err);
    case FIELD_AWARDS:
        return awards(s, v, a, out, err);
    case FIELD_EVENT:
        rc = names_event(s, v, a, &n, warning, err);
        break;
    case FIELD_SESSION:
        rc = session(s, v, event, a, &n, err);
        break;
    case FIELD_PERSON:
        rc = person(s, v, a, &n, err);
        break;
    default:
        rc = by_id(s, ENTITY_NOTE, value_is(v, VALUE_MAP) ? value_get(v, "id") : v, &n, err);
    }
    *out = value_int(n);
    return rc;
}

/* ---- a whole body ------------------------------------------------------------------------------------------------ */

static int unknown_field(enum entity type, const char *name, struct err *err) {
    if (field_is_shown_only(name)) {
        return err_set(err, E_USAGE, "field '%s' of %s follows from other things; it cannot be set", name,
                       entity_a(type));
    }
    const char *near = field_nearest(type, name);
    err_set(err, E_USAGE, "%s has no field '%.60s'", entity_a(type), name);
    return near ? err_hint(err, "did you mean '%s'?", near) : -(int)err->code;
}

/* The event that a session named in BODY belongs to: the one in BODY, else that of the talk as it is. */
static int event_for_session(struct store *s, const struct entity_row *row, const struct image *im, int64_t *event,
                             struct err *err) {
    *event = value_toint(image_get(im, F_EVENT), 0);
    if (image_has(im, F_EVENT) || !row) {
        return 0;
    }
    sqlite3_stmt *st = db_sql(&s->db, "SELECT event FROM t_talk WHERE n = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, row->n);
    int rc = db_step(&s->db, st, err);
    *event = rc == 1 ? col_int(st, 0) : 0;
    db_done(&s->db, st);
    return rc < 0 ? rc : 0;
}

static int one_field(struct store *s, enum entity type, const struct entity_row *row, enum field_id f,
                     const struct value *given, struct arena *a, struct image *im, const char **warning,
                     struct err *err) {
    struct value v;
    int64_t event = 0;
    int rc = form_value(type, f, given, a, &v, err);
    if (!rc && f == F_SESSION && !value_is(&v, VALUE_NIL)) {
        rc = event_for_session(s, row, im, &event, err);
    }
    rc = rc ? rc : refs_field(s, f, &v, event, a, &v, warning, err);
    if (!rc) {
        image_set(im, f, v);
    }
    return rc;
}

/* The session last: it needs to know the event. */
static int all_fields(struct store *s, enum entity type, const struct entity_row *row, const struct value *body,
                      struct arena *a, struct image *im, const char **warning, struct err *err) {
    const struct value *later = NULL;
    enum field_id f;
    int rc = 0;
    for (size_t i = 0; i < body->len && !rc; i++) {
        const struct pair *p = &body->pairs[i];
        if (!value_is(&p->key, VALUE_STR)) {
            rc = err_set(err, E_USAGE, "the fields of %s want names", entity_a(type));
        } else if (field_of(type, p->key.s, &f)) {
            rc = unknown_field(type, p->key.s, err);
        } else if (f == F_SESSION) {
            later = &p->val;
        } else {
            rc = one_field(s, type, row, f, &p->val, a, im, warning, err);
        }
    }
    return rc || !later ? rc : one_field(s, type, row, F_SESSION, later, a, im, warning, err);
}

/* ---- what must be there ------------------------------------------------------------------------------------------ */

static int default_event(struct store *s, struct arena *a, struct image *im, struct err *err) {
    struct buf text = BUF_INIT;
    const struct value *name = image_get(im, F_NAME);
    int year = (int)value_toint(image_get(im, F_YEAR), 0);
    if (!image_has(im, F_YEAR)) {
        names_split_event(name->s, name->len, &text, &year);
        image_set(im, F_NAME, value_strn(a, text.data, text.len));
        image_set(im, F_YEAR, year ? value_int(year) : value_nil);
    }
    int rc = 0;
    if (value_is(image_get(im, F_SLUG), VALUE_NIL)) {
        rc = names_free_slug(s, image_get(im, F_NAME)->s, year, 0, &text, err);
        image_set(im, F_SLUG, value_strn(a, text.data, text.len));
    }
    buf_release(&text);
    return rc;
}

static int slug_is_free(struct store *s, const struct entity_row *row, const struct value *slug, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "SELECT n FROM t_event WHERE slug = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_text(st, 1, slug->s, slug->len);
    int rc = db_step(&s->db, st, err);
    int64_t taken = rc == 1 ? col_int(st, 0) : 0;
    db_done(&s->db, st);
    if (rc == 1 && (!row || row->n != taken)) {
        return err_set(err, E_USAGE, "slug '%s' is taken by another event", slug->s);
    }
    return rc < 0 ? rc : 0;
}

/* An event may not lie inside itself. */
static int check_parent(struct store *s, const struct entity_row *row, int64_t parent, struct err *err) {
    for (int i = 0; parent && i < PARENTS_MAX; i++) {
        if (row && parent == row->n) {
            return err_set(err, E_USAGE, "an event cannot be part of itself");
        }
        sqlite3_stmt *st = db_sql(&s->db, "SELECT parent FROM t_event WHERE n = ?1", err);
        if (!st) {
            return -(int)err->code;
        }
        bind_int(st, 1, parent);
        int rc = db_step(&s->db, st, err);
        parent = rc == 1 ? col_int(st, 0) : 0;
        db_done(&s->db, st);
        if (rc < 0) {
            return rc;
        }
    }
    return parent ? err_set(err, E_USAGE, "events are nested deeper than %d", PARENTS_MAX) : 0;
}

/* Fields that are never empty: refused where the body empties them, filled in or asked for where it is new. */
static int check_needed(enum entity type, bool fresh, struct image *im, struct err *err) {
    enum field_id needed = type == ENTITY_TALK ? F_TITLE : F_NAME;
    if (type != ENTITY_NOTE && (fresh || image_has(im, needed)) && value_is(image_get(im, needed), VALUE_NIL)) {
        return err_set(err, E_USAGE, "%s wants a %s", entity_a(type), fields[needed].name);
    }
    if (field_choices(type) && (fresh || image_has(im, F_KIND)) && value_is(image_get(im, F_KIND), VALUE_NIL)) {
        image_set(im, F_KIND, value_lit(type == ENTITY_TALK ? "talk" : "note"));
    }
    if (type == ENTITY_EVENT && !fresh && image_has(im, F_SLUG) && value_is(image_get(im, F_SLUG), VALUE_NIL)) {
        return err_set(err, E_USAGE, "an event wants a slug");
    }
    return 0;
}

int refs_body(struct store *s, enum entity type, const struct entity_row *row, const struct value *body,
              struct arena *a, struct image *im, const char **warning, struct err *err) {
    if (!value_is(body, VALUE_MAP)) {
        return err_set(err, E_USAGE, "%s wants a map of fields, not %s", entity_a(type), value_kind_name(body->kind));
    }
    int rc = all_fields(s, type, row, body, a, im, warning, err);
    rc = rc ? rc : check_needed(type, !row, im, err);
    if (!rc && row && value_toint(image_get(im, F_PART_OF), 0) == row->n) {
        rc = err_set(err, E_USAGE, "a note cannot be part of itself");
    }
    if (rc || type != ENTITY_EVENT) {
        return rc;
    }
    rc = row ? 0 : default_event(s, a, im, err);
    if (!rc && value_is(image_get(im, F_SLUG), VALUE_STR)) {
        rc = slug_is_free(s, row, image_get(im, F_SLUG), err);
    }
    return rc ? rc : check_parent(s, row, value_toint(image_get(im, F_PARENT), 0), err);
}
