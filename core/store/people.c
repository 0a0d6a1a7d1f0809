/* people.c - two spellings of one person become one, and one that was two becomes two again.
 *
 * The one idea: who is meant is a reference in talks, notes, awards; merging changes these references, one journaled
 * change each, and keeps the other name as an alias, so the next import finds the right one. Nothing is guessed:
 * splitting gives back what the journal says was changed by a merge, and what the person names.
 */
#include <string.h>

#include "base/msgpack.h"
#include "store/journal_priv.h"
#include "store/names_priv.h"
#include "store/sync_priv.h"

static const enum field_id people_fields[] = {F_SPEAKERS, F_PEOPLE, F_AWARDS, F_AUTHOR};
enum { PEOPLE_FIELDS = sizeof people_fields / sizeof *people_fields };
#define BIT(f) (UINT64_C(1) << (f))
static const uint64_t all_fields = BIT(F_SPEAKERS) | BIT(F_PEOPLE) | BIT(F_AWARDS) | BIT(F_AUTHOR);

/* ---- references -------------------------------------------------------------------------------------------------- */

/* Column of the rows of F that holds a person. */
static size_t person_column(enum field_id f) {
    return f == F_AWARDS ? 3 : 0;
}

static bool is_person(const struct value *row, enum field_id f, int64_t n) {
    size_t at = person_column(f);
    return value_is(row, VALUE_ARRAY) && row->len > at && row->items[at].kind == VALUE_INT && row->items[at].i == n;
}

/* LIST with B where A was; where B is in it already, only once. *HAS: A was in it. */
static struct value replaced(struct arena *a, enum field_id f, const struct value *list, int64_t from, int64_t to,
                             bool *has) {
    struct value out = value_array(a, list->len);
    bool there = false;
    for (uint32_t i = 0; i < list->len; i++) {
        there |= f != F_AWARDS && is_person(&list->items[i], f, to);
    }
    for (uint32_t i = 0; i < list->len; i++) {
        struct value row = value_copy(a, &list->items[i]);
        if (is_person(&row, f, from)) {
            *has = true;
            row.items[person_column(f)] = value_int(to);
            if (there) {
                continue;
            }
        }
        value_push(a, &out, row);
    }
    return out.len ? out : value_nil;
}

/* FROM becomes TO in those fields of N that are in WHICH; in those in BESIDE both stand. */
struct where {
    uint64_t which, beside;
};

/* LIST with a row for TO behind the one of FROM. */
static struct value doubled(struct arena *a, const struct value *list, int64_t from, int64_t to, bool *has) {
    struct value out = value_array(a, list->len + 1);
    for (uint32_t i = 0; i < list->len; i++) {
        value_push(a, &out, list->items[i]);
        if (!*has && is_person(&list->items[i], F_SPEAKERS, from)) {
            struct value row = value_copy(a, &list->items[i]);
            row.items[0] = value_int(to);
            value_push(a, &out, row);
            *has = true;
        }
    }
    return out;
}

static int change_references(struct store *s, int64_t n, int64_t from, int64_t to, struct where where, struct arena *a,
                             struct value *done, struct err *err) {
    struct entity_row row;
    struct image old;
    struct image new = {0};
    uint64_t changed = 0;
    int rc = entity_by_n(s, n, &row, err);
    rc = rc == 1 ? image_load(&s->db, row.type, n, a, &old, err) : rc;
    for (size_t i = 0; i < PEOPLE_FIELDS && !rc; i++) {
        enum field_id f = people_fields[i];
        const struct value *v = image_get(&old, f);
        bool has = false;
        if (!(where.which & BIT(f))) {
            continue;
        }
        if (f == F_AUTHOR && value_is(v, VALUE_INT) && v->i == from) {
            image_set(&new, f, value_int(to));
        } else if (value_is(v, VALUE_ARRAY)) {
            bool beside = where.beside & BIT(f);
            struct value list = beside ? doubled(a, v, from, to, &has) : replaced(a, f, v, from, to, &has);
            if (has) {
                image_set(&new, f, list);
            }
        }
    }
    rc = rc || !new.present ? rc : change_fields(s, &row, &new, JOURNAL_UPDATE, &changed, err);
    return rc || !changed ? rc : done_add(s, &row, JOURNAL_UPDATE, a, done, err);
}

/* Everything that names PERSON, as an array of n. */
static int who_names(struct store *s, int64_t person, struct arena *a, struct value *out, struct err *err) {
    int rc;
    *out = value_array(a, 8);
    sqlite3_stmt *st = db_sql(&s->db,
                              "SELECT n FROM t_appearance WHERE person = ?1 UNION SELECT n FROM t_note WHERE author = "
                              "?1 UNION SELECT owner FROM award WHERE person = ?1",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, person);
    while ((rc = db_step(&s->db, st, err)) == 1) {
        value_push(a, out, value_int(col_int(st, 0)));
    }
    db_done(&s->db, st);
    return rc;
}

/* ---- merging ----------------------------------------------------------------------------------------------------- */

static void add_name(struct arena *a, struct value *names, const struct value *name, const struct value *own) {
    if (!value_is(name, VALUE_STR) || value_equal(name, own)) {
        return;
    }
    for (uint32_t i = 0; i < names->len; i++) {
        if (value_equal(&names->items[i], name)) {
            return;
        }
    }
    value_push(a, names, *name);
}

static void add_names(struct arena *a, struct value *names, const struct value *more, const struct value *own) {
    for (uint32_t i = 0; value_is(more, VALUE_ARRAY) && i < more->len; i++) {
        add_name(a, names, &more->items[i], own);
    }
}

/* The lines of MINE and those of THEIRS that are not among them. */
static struct value joined_lines(struct arena *a, const struct value *mine, const struct value *theirs) {
    struct buf all = BUF_INIT;
    buf_adds(&all, value_cstr(mine, ""));
    for (const char *p = value_cstr(theirs, ""); *p;) {
        size_t n = strcspn(p, "\n");
        const char *at = all.len ? all.data : "";
        bool known = false;
        while (*at && !known) {
            size_t len = strcspn(at, "\n");
            known = len == n && memcmp(at, p, n) == 0;
            at += at[len] ? len + 1 : len;
        }
        if (!known) {
            buf_adds(&all, all.len ? "\n" : "");
            buf_add(&all, p, n);
        }
        p += p[n] ? n + 1 : n;
    }
    struct value v = all.len ? value_strn(a, all.data, all.len) : value_nil;
    buf_release(&all);
    return v;
}

static int join_names(struct store *s, struct entity_row *row, const struct image *mine, const struct image *theirs,
                      struct arena *a, struct err *err) {
    struct image take = {0};
    struct value names = value_array(a, 4);
    const struct value *own = image_get(mine, F_NAME);
    uint64_t changed;
    add_names(a, &names, image_get(mine, F_ALIASES), own);
    add_name(a, &names, image_get(theirs, F_NAME), own);
    add_names(a, &names, image_get(theirs, F_ALIASES), own);
    image_set(&take, F_ALIASES, names.len ? names : value_nil);
    image_set(&take, F_AFFILIATIONS,
              joined_lines(a, image_get(mine, F_AFFILIATIONS), image_get(theirs, F_AFFILIATIONS)));
    if (value_is(image_get(theirs, F_AWARDS), VALUE_ARRAY)) {
        struct value awards = value_array(a, 4);
        const struct value *had = image_get(mine, F_AWARDS);
        for (uint32_t i = 0; value_is(had, VALUE_ARRAY) && i < had->len; i++) {
            value_push(a, &awards, had->items[i]);
        }
        for (uint32_t i = 0; i < image_get(theirs, F_AWARDS)->len; i++) {
            value_push(a, &awards, image_get(theirs, F_AWARDS)->items[i]);
        }
        image_set(&take, F_AWARDS, awards);
    }
    return change_fields(s, row, &take, JOURNAL_UPDATE, &changed, err);
}

static int other_person(struct store *s, const struct op *op, const struct entity_row *row, struct entity_row *other,
                        struct err *err) {
    const char *text = value_cstr(value_get(op->body, "with"), "");
    struct uuid id;
    int rc = uuid_parse(text, strlen(text), &id) ? entity_by_id(s, &id, other, err) : 0;
    if (rc == 0 || (rc == 1 && other->type != ENTITY_PERSON)) {
        return err_set(err, E_NOTFOUND, "there is no person '%.60s'", text);
    }
    if (rc == 1 && other->n == row->n) {
        return err_set(err, E_USAGE, "that is one person already");
    }
    return rc == 1 && other->deleted ? err_set(err, E_NOTFOUND, "that person is in the trash") : rc < 0 ? rc : 0;
}

int sync_merge_person(struct store *s, const struct op *op, struct entity_row *row, struct arena *a, struct value *done,
                      struct err *err) {
    struct entity_row other = {0};
    struct image mine;
    struct image theirs;
    struct value named;
    if (row->type != ENTITY_PERSON) {
        return err_set(err, E_USAGE, "only persons can be merged");
    }
    int rc = other_person(s, op, row, &other, err);
    rc = rc ? rc : image_load(&s->db, ENTITY_PERSON, row->n, a, &mine, err);
    rc = rc ? rc : image_load(&s->db, ENTITY_PERSON, other.n, a, &theirs, err);
    rc = rc ? rc : who_names(s, other.n, a, &named, err);
    for (uint32_t i = 0; !rc && i < named.len; i++) {
        struct where all = {all_fields, 0};
        rc = change_references(s, named.items[i].i, other.n, row->n, all, a, done, err);
    }
    rc = rc ? rc : join_names(s, row, &mine, &theirs, a, err);
    rc = rc ? rc : done_add(s, row, JOURNAL_UPDATE, a, done, err);
    rc = rc ? rc : change_trash(s, &other, true, err);
    return rc ? rc : done_add(s, &other, JOURNAL_DELETE, a, done, err);
}

/* ---- splitting --------------------------------------------------------------------------------------------------- */

static bool names_in(const struct value *v, enum field_id f, int64_t n) {
    if (f == F_AUTHOR) {
        return value_is(v, VALUE_INT) && v->i == n;
    }
    for (uint32_t i = 0; value_is(v, VALUE_ARRAY) && i < v->len; i++) {
        if (is_person(&v->items[i], f, n)) {
            return true;
        }
    }
    return false;
}

/* Where N named PERSON before, as its journal tells, and where OTHER stood beside. The newest word on each field. */
static int named_before(struct store *s, int64_t n, int64_t person, int64_t other, struct arena *a, struct where *where,
                        struct err *err) {
    struct journal_row row = {.seq = 0};
    int rc = journal_newest(&s->db, n, &row.seq, err);
    while (!rc && (rc = journal_read(&s->db, &row, a, err)) == 1) {
        for (size_t k = 0; k < PEOPLE_FIELDS; k++) {
            enum field_id f = people_fields[k];
            const struct value *v = value_get(&row.before, fields[f].name);
            if (!(where->which & BIT(f)) && names_in(v, f, person)) {
                where->which |= BIT(f);
                where->beside |= (f == F_SPEAKERS || f == F_PEOPLE) && names_in(v, f, other) ? BIT(f) : 0;
            }
        }
        row.seq = row.prev;
        rc = 0;
    }
    return rc < 0 ? rc : 0;
}

static int is_asked_for(struct store *s, const struct op *op, int64_t n, bool *yes, struct err *err) {
    const struct value *in = value_get(op->body, "in");
    struct entity_row row;
    char id[UUID_TEXT + 1];
    int rc = entity_by_n(s, n, &row, err);
    uuid_text(&row.id, id);
    for (uint32_t i = 0; rc == 1 && value_is(in, VALUE_ARRAY) && i < in->len; i++) {
        *yes |= value_eqs(&in->items[i], id);
    }
    return rc < 0 ? rc : 0;
}

/* The alias leaves ROW; -E_NOTFOUND where it is none. */
static int drop_alias(struct store *s, struct entity_row *row, const char *name, struct arena *a, struct err *err) {
    struct image mine;
    struct image take = {0};
    struct value left = value_array(a, 4);
    uint64_t changed = 0;
    int rc = image_load(&s->db, ENTITY_PERSON, row->n, a, &mine, err);
    const struct value *aliases = image_get(&mine, F_ALIASES);
    for (uint32_t i = 0; !rc && value_is(aliases, VALUE_ARRAY) && i < aliases->len; i++) {
        if (!value_eqs(&aliases->items[i], name)) {
            value_push(a, &left, aliases->items[i]);
        }
    }
    if (!rc && left.len == (value_is(aliases, VALUE_ARRAY) ? aliases->len : 0)) {
        err_set(err, E_NOTFOUND, "'%.60s' is no other name of '%s'", name, value_cstr(image_get(&mine, F_NAME), ""));
        return err_hint(err, "lectern show lists the names of a person");
    }
    image_set(&take, F_ALIASES, left.len ? left : value_nil);
    return rc ? rc : change_fields(s, row, &take, JOURNAL_UPDATE, &changed, err);
}

int sync_split_person(struct store *s, const struct op *op, struct entity_row *row, struct arena *a, struct value *done,
                      struct err *err) {
    const char *name = value_cstr(value_get(op->body, "name"), "");
    struct entity_row other = {0};
    struct value named;
    int64_t n = 0;
    if (row->type != ENTITY_PERSON) {
        return err_set(err, E_USAGE, "only persons can be split");
    }
    int rc = drop_alias(s, row, name, a, err);
    rc = rc ? rc : done_add(s, row, JOURNAL_UPDATE, a, done, err);
    rc = rc ? rc : names_person(s, name, strlen(name), &n, err); /* out of the trash, or made */
    if (!rc && n == row->n) {
        rc = err_set(err, E_USAGE, "'%.60s' is but another way to write the same name", name);
    }
    rc = rc ? rc : who_names(s, row->n, a, &named, err);
    for (uint32_t i = 0; !rc && i < named.len; i++) {
        bool asked = false;
        struct where where = {0, 0};
        rc = is_asked_for(s, op, named.items[i].i, &asked, err);
        rc = rc || asked ? rc : named_before(s, named.items[i].i, n, row->n, a, &where, err);
        where.which = asked ? all_fields : where.which;
        rc = rc || !where.which ? rc : change_references(s, named.items[i].i, row->n, n, where, a, done, err);
    }
    rc = rc ? rc : entity_by_n(s, n, &other, err);
    return rc < 0 ? rc : done_add(s, &other, JOURNAL_RESTORE, a, done, err);
}
