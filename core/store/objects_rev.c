/* objects_rev.c - an object as it was at an earlier revision.
 *
 * The one idea: start from what it is now and walk the journal back, putting in place what each change says was there
 * before. Values come in image form (image_priv.h), where things are numbers; here they get their names again.
 */
#include <string.h>

#include "base/text.h"
#include "store/journal_priv.h"
#include "store/objects_priv.h"

int journal_newest(struct db *db, int64_t n, int64_t *seq, struct err *err) {
    *seq = 0;
    sqlite3_stmt *st = db_sql(db, "SELECT seq FROM entity WHERE n = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    int rc = db_step(db, st, err);
    if (rc == 1) {
        *seq = col_int(st, 0);
    }
    db_done(db, st);
    return rc < 0 ? rc : 0;
}

int journal_read(struct db *db, struct journal_row *row, struct arena *a, struct err *err) {
    if (row->seq <= 0) {
        return 0;
    }
    sqlite3_stmt *st = db_sql(db, "SELECT run, rev, at, prev, op, before FROM journal WHERE seq = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, row->seq);
    int rc = db_step(db, st, err);
    if (rc == 1) {
        row->run = col_int(st, 0);
        row->rev = col_int(st, 1);
        row->at = col_int(st, 2);
        row->prev = col_int(st, 3) < row->seq ? col_int(st, 3) : 0; /* only ever backwards, whatever the file says */
        row->op = (enum journal_op)col_int(st, 4);
        int damaged = col_msgpack(db, st, 5, a, &row->before, err);
        rc = damaged ? damaged : rc;
    }
    db_done(db, st);
    return rc;
}

/* ---- image form to the contract's ------------------------------------------------------------------------------ */

struct restorer {
    struct db *db;
    struct arena *arena;
    struct err *err;
    int type;
    int64_t n;
    struct value *object;
};

enum reference { REF_ID, REF_EVENT, REF_PERSON, REF_SESSION, REF_TALK, REF_TAG };

static struct value reference_row(struct restorer *w, enum reference how, sqlite3_stmt *st) {
    switch (how) {
    case REF_EVENT:
        return object_event(w->arena, st, 0);
    case REF_PERSON:
        return object_person(w->arena, st, 0);
    case REF_TALK: {
        struct value ref = value_map(w->arena, 2);
        value_set(w->arena, &ref, "id", object_uuid(w->arena, st, 0));
        value_set(w->arena, &ref, "title", object_text(w->arena, st, 1));
        return ref;
    }
    case REF_ID:
        return object_uuid(w->arena, st, 0);
    default:
        return object_text(w->arena, st, 0);
    }
}

/* What number V means; nil for nil and for what is not there any more. */
static int reference(struct restorer *w, enum reference how, const struct value *v, struct value *out) {
    static const char *const sql[] = {
        [REF_ID] = "SELECT id FROM entity WHERE n = ?1",
        [REF_EVENT] = "SELECT e.id, v.slug, v.name, v.year FROM t_event v JOIN entity e ON e.n = v.n WHERE v.n = ?1",
        [REF_PERSON] = "SELECT e.id, p.name FROM t_person p JOIN entity e ON e.n = p.n WHERE p.n = ?1",
        [REF_SESSION] = "SELECT name FROM t_session WHERE n = ?1",
        [REF_TALK] = "SELECT e.id, t.title FROM t_talk t JOIN entity e ON e.n = t.n WHERE t.n = ?1",
        [REF_TAG] = "SELECT name FROM t_tag WHERE id = ?1",
    };
    *out = value_nil;
    if (!value_is(v, VALUE_INT)) {
        return 0;
    }
    sqlite3_stmt *st = db_sql(w->db, sql[how], w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, v->i);
    int rc = db_step(w->db, st, w->err);
    if (rc == 1) {
        *out = reference_row(w, how, st);
    }
    db_done(w->db, st);
    return rc < 0 ? rc : 0;
}

static int references(struct restorer *w, enum reference how, const struct value *list, struct value *out) {
    int rc = 0;
    *out = value_array(w->arena, 0);
    for (uint32_t i = 0; !rc && value_is(list, VALUE_ARRAY) && i < list->len; i++) {
        struct value ref;
        rc = reference(w, how, value_at(list, i), &ref);
        if (!rc && !value_is(&ref, VALUE_NIL)) {
            value_push(w->arena, out, ref);
        }
    }
    return rc;
}

static struct value lines(struct restorer *w, const struct value *text) {
    struct value list = value_array(w->arena, 0);
    for (const char *s = value_cstr(text, ""); *s;) {
        size_t n = strcspn(s, "\n");
        value_push(w->arena, &list, value_strn(w->arena, s, n));
        s += n + (s[n] == '\n');
    }
    return list;
}

/* [person, role, affiliations] */
static int appearances(struct restorer *w, const struct value *list, bool speakers, struct value *out) {
    int rc = 0;
    *out = value_array(w->arena, 0);
    for (uint32_t i = 0; !rc && value_is(list, VALUE_ARRAY) && i < list->len; i++) {
        const struct value *row = value_at(list, i);
        struct value v;
        rc = reference(w, REF_PERSON, value_at(row, 0), &v);
        if (!rc && value_is(&v, VALUE_MAP)) {
            bool unsaid = speakers && value_is(value_at(row, 1), VALUE_NIL);
            value_set(w->arena, &v, "role", unsaid ? value_lit("speaker") : *value_at(row, 1));
            if (speakers) {
                value_set(w->arena, &v, "affiliations", lines(w, value_at(row, 2)));
            }
            value_push(w->arena, out, v);
        }
    }
    return rc;
}

/* [name, event, talk, person]: whose list it is decides which of them are shown. */
static int awards(struct restorer *w, const struct value *list, struct value *out) {
    static const struct {
        const char *name;
        enum reference how;
    } parts[] = {{"event", REF_EVENT}, {"talk", REF_TALK}, {"person", REF_PERSON}};
    int rc = 0;
    *out = value_array(w->arena, 0);
    for (uint32_t i = 0; !rc && value_is(list, VALUE_ARRAY) && i < list->len; i++) {
        const struct value *row = value_at(list, i);
        struct value v = value_map(w->arena, 3);
        value_set(w->arena, &v, "name", *value_at(row, 0));
        for (size_t p = 0; p < 3 && !rc; p++) {
            struct value ref;
            bool own = (w->type == ENTITY_TALK && p > 0) || (w->type == ENTITY_EVENT && p == 0) ||
                       (w->type == ENTITY_PERSON && p == 2);
            rc = reference(w, parts[p].how, value_at(row, p + 1), &ref);
            if (!own) {
                value_set(w->arena, &v, parts[p].name, ref);
            }
        }
        value_push(w->arena, out, v);
    }
    return rc;
}

/* ---- putting it back ------------------------------------------------------------------------------------------- */

static struct value *slot_of(struct restorer *w, const char *name) {
    for (uint32_t i = 0; i < w->object->len; i++) {
        if (value_eqs(&w->object->pairs[i].key, name)) {
            return &w->object->pairs[i].val;
        }
    }
    return NULL;
}

/* A body is the revision that holds its text; the number of words goes with it. */
static int put_body(struct restorer *w, const struct value *rev) {
    struct value *body = slot_of(w, "body");
    struct value *words = slot_of(w, "words");
    sqlite3_stmt *st = db_sql(w->db, "SELECT body FROM note_rev WHERE k = ?1", w->err);
    if (!st) {
        return -(int)w->err->code;
    }
    bind_int(st, 1, rev_key(w->n, value_toint(rev, 0)));
    int rc = db_step(w->db, st, w->err);
    if (rc == 1) {
        size_t len;
        const char *text = col_text(st, 0, &len);
        if (body) {
            *body = value_strn(w->arena, text, len);
        }
        if (words) {
            *words = value_int((int64_t)text_count_words(text, len));
        }
    }
    db_done(w->db, st);
    return rc < 0 ? rc : 0;
}

static int put_field(struct restorer *w, const char *name, const struct value *v) {
    static const struct {
        const char *name;
        enum reference how;
        bool list;
    } refs[] = {{"event", REF_EVENT, false}, {"session", REF_SESSION, false}, {"author", REF_PERSON, false},
                {"part_of", REF_ID, false},  {"parent", REF_ID, false},       {"talks", REF_ID, true},
                {"tags", REF_TAG, true}};
    struct value *slot = slot_of(w, name);
    if (strcmp(name, "body") == 0) {
        return put_body(w, v);
    }
    if (!slot || strcmp(name, "sources") == 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++) {
        if (strcmp(refs[i].name, name) == 0 && !(w->type == ENTITY_EVENT && refs[i].list)) {
            return refs[i].list ? references(w, refs[i].how, v, slot) : reference(w, refs[i].how, v, slot);
        }
    }
    if (strcmp(name, "speakers") == 0 || strcmp(name, "people") == 0) {
        return appearances(w, v, name[0] == 's', slot);
    }
    if (strcmp(name, "awards") == 0) {
        return awards(w, v, slot);
    }
    if (strcmp(name, "affiliations") == 0) {
        *slot = lines(w, v);
    } else if (value_is(v, VALUE_NIL) && (value_is(slot, VALUE_ARRAY) || value_is(slot, VALUE_MAP))) {
        *slot = value_is(slot, VALUE_ARRAY) ? value_array(w->arena, 0) : value_map(w->arena, 0);
    } else {
        *slot = *v;
    }
    return 0;
}

static int put_all(struct restorer *w, const struct value *before) {
    int rc = 0;
    for (uint32_t i = 0; !rc && value_is(before, VALUE_MAP) && i < before->len; i++) {
        rc = put_field(w, value_cstr(&before->pairs[i].key, ""), &before->pairs[i].val);
    }
    return rc;
}

int object_with(struct db *db, int64_t n, const struct value *fields, struct arena *a, struct value *object,
                struct err *err) {
    int type = object_type_of(value_cstr(value_get(object, "type"), ""));
    struct restorer w = {.db = db, .arena = a, .err = err, .type = type, .n = n, .object = object};
    return type < 0 ? 0 : put_all(&w, fields);
}

int object_at_revision(struct db *db, int type, int64_t n, int64_t now, int64_t rev, struct arena *a, struct value *out,
                       struct err *err) {
    struct restorer w = {.db = db, .arena = a, .err = err, .type = type, .n = n, .object = out};
    struct journal_row row = {.seq = 0};
    if (rev < 1 || rev > now) {
        return err_set(err, E_NOTFOUND, "%s %s has no revision %lld; the newest is %lld", object_types[type].name,
                       value_cstr(value_get(out, "short"), ""), (long long)rev, (long long)now);
    }
    int rc = journal_newest(db, n, &row.seq, err);
    while (!rc && (rc = journal_read(db, &row, a, err)) == 1 && row.rev > rev) {
        rc = put_all(&w, &row.before);
        row.seq = row.prev;
    }
    struct value *shown = slot_of(&w, "rev");
    struct value *updated = slot_of(&w, "updated");
    if (rc >= 0 && shown) {
        *shown = value_int(rev);
    }
    if (rc == 1 && updated) {
        *updated = object_instant(a, row.at);
    }
    return rc < 0 ? rc : 0;
}
