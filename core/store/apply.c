/* apply.c - operations: each checked against what is there, brought into image form, and handed to change.c.
 *
 * The one idea: an operation that changes nothing leaves no trace, one that does is told in DONE. All or nothing is the
 * transaction's business. Where the operations come from, and who may send them, is the host's.
 */
#include <string.h>

#include "store/form_priv.h"
#include "store/objects_priv.h"
#include "store/refs_priv.h"
#include "store/sync_priv.h"

enum { SHORT_ID = 8 };

/* ---- telling ----------------------------------------------------------------------------------------------------- */

static const char *short_id(const struct uuid *id, char text[UUID_TEXT + 1]) {
    uuid_text(id, text);
    text[SHORT_ID] = '\0';
    return text;
}

int entity_title(struct store *s, const struct entity_row *row, struct arena *a, struct value *out, struct err *err) {
    static const char *const sql[ENTITY_COUNT] = {
        [ENTITY_NOTE] = "SELECT title FROM t_note WHERE n = ?1",
        [ENTITY_TALK] = "SELECT title FROM t_talk WHERE n = ?1",
        [ENTITY_EVENT] = "SELECT trim(name || ' ' || coalesce(year, '')) FROM t_event WHERE n = ?1",
        [ENTITY_SESSION] = "SELECT name FROM t_session WHERE n = ?1",
        [ENTITY_PERSON] = "SELECT name FROM t_person WHERE n = ?1",
        [ENTITY_SOURCE] = "SELECT path FROM t_source WHERE n = ?1",
    };
    *out = value_nil;
    sqlite3_stmt *st = db_sql(&s->db, sql[row->type], err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, row->n);
    int rc = db_step(&s->db, st, err);
    if (rc == 1) {
        *out = col_value(st, 0, a);
    }
    db_done(&s->db, st);
    return rc < 0 ? rc : 0;
}

int done_add(struct store *s, const struct entity_row *row, enum journal_op op, struct arena *a, struct value *done,
             struct err *err) {
    struct value item = value_map(a, 4);
    struct value title;
    char id[UUID_TEXT + 1];
    int rc = entity_title(s, row, a, &title, err);
    uuid_text(&row->id, id);
    value_set(a, &item, "op", value_lit(journal_op_name(op)));
    value_set(a, &item, "type", value_lit(entity_name(row->type)));
    value_set(a, &item, "id", value_str(a, id));
    value_set(a, &item, "title", title);
    value_push(a, done, item);
    return rc;
}

/* ---- what is there ----------------------------------------------------------------------------------------------- */

static int missing(const struct op *op, struct err *err) {
    char id[UUID_TEXT + 1];
    return err_set(err, E_NOTFOUND, "there is no %s '%s'", entity_name(op->entity), short_id(&op->id, id));
}

/* What was changed meanwhile goes with the refusal. */
static int stale(struct store *s, const struct op *op, const struct entity_row *row, const char *id, struct err *err) {
    struct arena a = ARENA_INIT;
    struct buf text = BUF_INIT;
    struct value diff = value_nil;
    struct err ignored;
    err_init(&ignored);
    if (op->base_rev > 0 && !object_diff(&s->db, row->n, op->base_rev, 0, &a, &diff, &ignored)) {
        differ_text(&diff, &text);
    }
    err_set(err, E_BUSY, "%s %s was changed meanwhile (revision %lld, yours is %lld)", entity_name(row->type), id,
            (long long)row->rev, (long long)op->base_rev);
    if (text.len) {
        err->trace = buf_take(&text);
    }
    err_release(&ignored);
    buf_release(&text);
    arena_release(&a);
    return err_hint(err, "lectern diff %s --rev %lld shows what; then repeat the change", id, (long long)op->base_rev);
}

static int check_row(struct store *s, const struct op *op, const struct entity_row *row, struct err *err) {
    char id[UUID_TEXT + 1];
    short_id(&op->id, id);
    if (row->type != op->entity) {
        return err_set(err, E_USAGE, "'%s' is %s, not %s", id, entity_a(row->type), entity_a(op->entity));
    }
    if (op->base_rev >= 0 && op->base_rev != row->rev) {
        return stale(s, op, row, id, err);
    }
    if (row->deleted && op->kind != OP_DELETE && op->kind != OP_RESTORE && op->kind != OP_PURGE) {
        err_set(err, E_NOTFOUND, "%s %s is in the trash", entity_name(row->type), id);
        return err_hint(err, "lectern restore %s brings it back", id);
    }
    return 0;
}

/* ---- operations -------------------------------------------------------------------------------------------------- */

static int put_new(struct store *s, const struct op *op, struct arena *a, struct value *done, struct err *err) {
    struct image im = {0};
    struct entity_row row = {0};
    int rc = refs_body(s, op->entity, NULL, op->body, a, &im, NULL, err);
    rc = rc ? rc : change_make(s, op->entity, &op->id, &im, &row, err);
    return rc ? rc : done_add(s, &row, JOURNAL_MAKE, a, done, err);
}

static int put_old(struct store *s, const struct op *op, struct entity_row *row, struct arena *a, struct value *done,
                   struct err *err) {
    struct image im = {0};
    uint64_t changed;
    int rc = refs_body(s, op->entity, row, op->body, a, &im, NULL, err);
    rc = rc ? rc : change_fields(s, row, &im, JOURNAL_UPDATE, &changed, err);
    return rc || !changed ? rc : done_add(s, row, JOURNAL_UPDATE, a, done, err);
}

static int trash(struct store *s, struct entity_row *row, bool into, struct arena *a, struct value *done,
                 struct err *err) {
    if ((row->deleted != 0) == into) {
        return 0;
    }
    int rc = change_trash(s, row, into, err);
    return rc ? rc : done_add(s, row, into ? JOURNAL_DELETE : JOURNAL_RESTORE, a, done, err);
}

static bool holds(const struct value *ids, int64_t id) {
    for (size_t i = 0; value_is(ids, VALUE_ARRAY) && i < ids->len; i++) {
        if (ids->items[i].i == id) {
            return true;
        }
    }
    return false;
}

/* OLD without REMOVE, and ADD. */
static struct value merge_tags(struct arena *a, const struct value *old, const struct value *add,
                               const struct value *remove) {
    struct value all = value_array(a, 8);
    for (size_t i = 0; value_is(old, VALUE_ARRAY) && i < old->len; i++) {
        if (!holds(remove, old->items[i].i)) {
            value_push(a, &all, old->items[i]);
        }
    }
    for (size_t i = 0; value_is(add, VALUE_ARRAY) && i < add->len; i++) {
        value_push(a, &all, add->items[i]);
    }
    return refs_sorted(all);
}

static int tag_names(struct store *s, const struct value *body, const char *key, struct arena *a, struct value *out,
                     struct err *err) {
    struct value names;
    int rc = form_kind(FIELD_TAGS, key, NULL, value_get(body, key), a, &names, err);
    *out = value_nil;
    return rc || value_is(&names, VALUE_NIL) ? rc : refs_tags(s, &names, a, out, err);
}

static int tag(struct store *s, const struct op *op, struct entity_row *row, struct arena *a, struct value *done,
               struct err *err) {
    struct image old;
    struct image new = {0};
    struct value add;
    struct value remove;
    uint64_t changed = 0;
    if (!(fields[F_TAGS].entities >> row->type & 1)) {
        return err_set(err, E_USAGE, "%s has no tags", entity_a(row->type));
    }
    int rc = tag_names(s, op->body, "add", a, &add, err);
    rc = rc ? rc : tag_names(s, op->body, "remove", a, &remove, err);
    rc = rc ? rc : image_load(&s->db, row->type, row->n, a, &old, err);
    if (!rc) {
        image_set(&new, F_TAGS, merge_tags(a, image_get(&old, F_TAGS), &add, &remove));
        rc = change_fields(s, row, &new, JOURNAL_TAG, &changed, err);
    }
    return rc || !changed ? rc : done_add(s, row, JOURNAL_TAG, a, done, err);
}

static int apply_one(struct store *s, const struct op *op, struct arena *a, struct value *done, struct err *err) {
    struct entity_row row = {0};
    int rc = entity_by_id(s, &op->id, &row, err);
    if (rc < 0) {
        return rc;
    }
    if (op->kind == OP_PUT && op->entity == ENTITY_SOURCE) {
        return err_set(err, E_USAGE, "a source is made by importing it");
    }
    if (rc == 0) {
        return op->kind == OP_PUT && op->base_rev <= 0 ? put_new(s, op, a, done, err) : missing(op, err);
    }
    rc = check_row(s, op, &row, err);
    if (rc) {
        return rc;
    }
    switch (op->kind) {
    case OP_PUT:
        return put_old(s, op, &row, a, done, err);
    case OP_DELETE:
        return trash(s, &row, true, a, done, err);
    case OP_RESTORE:
        return trash(s, &row, false, a, done, err);
    case OP_RESOLVE:
        return sync_resolve(s, op, &row, a, done, err);
    case OP_MERGE:
        return sync_merge_person(s, op, &row, a, done, err);
    case OP_SPLIT:
        return sync_split_person(s, op, &row, a, done, err);
    case OP_PURGE:
        return sync_purge(s, op, &row, a, done, err);
    default:
        return tag(s, op, &row, a, done, err);
    }
}

int store_apply(struct store *s, const struct op *ops, size_t n, struct arena *a, struct value *done, struct err *err) {
    int rc = txn_need(s, err);
    if (!value_is(done, VALUE_ARRAY)) {
        *done = value_array(a, (uint32_t)(n < 64 ? n : 64));
    }
    for (size_t i = 0; i < n && !rc; i++) {
        rc = apply_one(s, &ops[i], a, done, err);
    }
    return rc;
}

/* ---- looking from inside ----------------------------------------------------------------------------------------- */

int store_peek(struct store *s, const struct uuid *id, const struct get_options *o, struct arena *a, struct value *out,
               struct err *err) {
    struct entity_row row;
    *out = value_nil;
    int rc = entity_by_id(s, id, &row, err);
    return rc < 1 ? rc : object_load(&s->db, row.n, o, a, out, err);
}
